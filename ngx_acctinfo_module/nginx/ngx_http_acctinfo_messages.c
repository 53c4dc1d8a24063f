
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * What a refused person is told, and in which language and form: texts from
 * a file of the operator's or from those built in, chosen by Accept-Language
 * and Accept (RFC 9110, 12.5).
 */


#include "ngx_http_acctinfo.h"


#define NGX_HTTP_ACCTINFO_MESSAGES_SIZE   65536
#define NGX_HTTP_ACCTINFO_MESSAGE_MAX     1024
#define NGX_HTTP_ACCTINFO_LANGUAGES_MAX   64
#define NGX_HTTP_ACCTINFO_RANGES_MAX      64

#define NGX_HTTP_ACCTINFO_QUALITY         1000


typedef struct {
    ngx_str_t    name;
    ngx_str_t    text;
} ngx_http_acctinfo_message_t;


struct ngx_http_acctinfo_language_s {
    ngx_str_t    tag;
    ngx_array_t  messages;    /* of ngx_http_acctinfo_message_t */
};


static char *ngx_http_acctinfo_parse_messages(ngx_conf_t *cf,
    ngx_http_acctinfo_main_conf_t *amcf, ngx_str_t *file, ngx_str_t text);
static ngx_int_t ngx_http_acctinfo_parse_message(ngx_conf_t *cf,
    ngx_http_acctinfo_main_conf_t *amcf, ngx_str_t *line);
static ngx_uint_t ngx_http_acctinfo_word_valid(ngx_str_t *s);
static ngx_uint_t ngx_http_acctinfo_utf8_valid(ngx_str_t *s);
static ngx_str_t ngx_http_acctinfo_strip(u_char *p, u_char *last);
static ngx_uint_t ngx_http_acctinfo_next_range(u_char **p, u_char *last,
    ngx_str_t *range, ngx_uint_t *quality);
static ngx_uint_t ngx_http_acctinfo_speaks(ngx_str_t *tag, ngx_str_t *range);
static ngx_uint_t ngx_http_acctinfo_media_quality(acct_str_t *accept,
    char *type, size_t main);


/* read as a file is */

static ngx_str_t  ngx_http_acctinfo_messages_builtin = ngx_string(
    "[en]\n"
    "title = This was not accepted\n"
    "rules = The rules for names and profiles\n"
    "default = Something in it is not allowed here. Please change it and try"
        " again.\n"
    "verification_required = This is open to verified accounts only. Please"
        " verify your account first.\n"
    "impersonation_official = It could be taken for an authority or its staff."
        " Please choose something else.\n"
    "impersonation_media = It could be taken for a news organisation. Please"
        " choose something else.\n"
    "impersonation_org = It could be taken for an organisation that you have"
        " not shown to be. Please choose something else.\n"
    "impersonation_platform = It could be taken for this site or its staff."
        " Please choose something else.\n"
    "impersonation_person = It could be taken for somebody else. Please choose"
        " something else.\n"
    "contact_info = Contact details do not belong there. Please leave them"
        " out.\n"
    "malformed = The request could not be read. Please try again.\n"
    "truncated = The request could not be read. Please try again.\n"
    "duplicate_field = The request could not be read. Please try again.\n"
    "bad_utf8 = The request could not be read. Please try again.\n"
    "bad_charset = The request could not be read. Please try again.\n"
    "too_deep = The request could not be read. Please try again.\n"
    "too_many = The request could not be read. Please try again.\n"
    "unknown_type = The request could not be read. Please try again.\n"
    "compressed = The request could not be read. Please try again.\n"
    "too_long = It is too long. Please shorten it.\n"
    "failure = It could not be checked just now. Please try again later.\n"
    "\n"
    "[zh-CN]\n"
    "title = 提交未通过\n"
    "rules = 账号名称与资料规则\n"
    "default = 其中含有不允许的内容，请修改后重试。\n"
    "verification_required = 该内容仅限已认证账号使用，请先完成认证。\n"
    "impersonation_official = 可能被误认为政府机关或其工作人员，请更换。\n"
    "impersonation_media = 可能被误认为新闻媒体，请更换。\n"
    "impersonation_org = 可能被误认为未经认证的机构，请更换。\n"
    "impersonation_platform = 可能被误认为本平台或其工作人员，请更换。\n"
    "impersonation_person = 可能被误认为他人，请更换。\n"
    "contact_info = 此处不得填写联系方式，请删除。\n"
    "malformed = 无法读取该请求，请重试。\n"
    "truncated = 无法读取该请求，请重试。\n"
    "duplicate_field = 无法读取该请求，请重试。\n"
    "bad_utf8 = 无法读取该请求，请重试。\n"
    "bad_charset = 无法读取该请求，请重试。\n"
    "too_deep = 无法读取该请求，请重试。\n"
    "too_many = 无法读取该请求，请重试。\n"
    "unknown_type = 无法读取该请求，请重试。\n"
    "compressed = 无法读取该请求，请重试。\n"
    "too_long = 内容过长，请缩短。\n"
    "failure = 暂时无法检查，请稍后重试。\n");


char *
ngx_http_acctinfo_set_messages(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_acctinfo_main_conf_t *amcf = conf;

    ssize_t     n;
    ngx_fd_t    fd;
    ngx_str_t  *value, text;

    if (amcf->languages.nelts) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_conf_full_name(cf->cycle, &value[1], 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    fd = ngx_open_file(value[1].data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_open_file_n " \"%V\" failed", &value[1]);
        return NGX_CONF_ERROR;
    }

    n = -1;

    text.data = ngx_pnalloc(cf->pool, NGX_HTTP_ACCTINFO_MESSAGES_SIZE);

    if (text.data) {
        n = ngx_read_fd(fd, text.data, NGX_HTTP_ACCTINFO_MESSAGES_SIZE);
    }

    if (ngx_close_file(fd) == NGX_FILE_ERROR) {
        ngx_log_error(NGX_LOG_ALERT, cf->log, ngx_errno,
                      ngx_close_file_n " \"%V\" failed", &value[1]);
    }

    if (n == -1 || n == NGX_HTTP_ACCTINFO_MESSAGES_SIZE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the messages in \"%V\" could not be read, or are "
                           "longer than %d bytes", &value[1],
                           NGX_HTTP_ACCTINFO_MESSAGES_SIZE - 1);
        return NGX_CONF_ERROR;
    }

    text.len = n;

    return ngx_http_acctinfo_parse_messages(cf, amcf, &value[1], text);
}


char *
ngx_http_acctinfo_init_messages(ngx_conf_t *cf,
    ngx_http_acctinfo_main_conf_t *amcf)
{
    ngx_str_t  file = ngx_string("built in");

    if (amcf->languages.nelts) {
        return NGX_CONF_OK;
    }

    return ngx_http_acctinfo_parse_messages(cf, amcf, &file,
                                          ngx_http_acctinfo_messages_builtin);
}


/* "[tag]" begins a language, the first is for who asks for none of them */

static char *
ngx_http_acctinfo_parse_messages(ngx_conf_t *cf,
    ngx_http_acctinfo_main_conf_t *amcf, ngx_str_t *file, ngx_str_t text)
{
    u_char      *p, *last, *end;
    ngx_str_t    line;
    ngx_uint_t   i;

    p = text.data;
    last = p + text.len;

    for (i = 1; p < last; i++) {
        end = ngx_strlchr(p, last, '\n');

        if (end == NULL) {
            end = last;
        }

        line = ngx_http_acctinfo_strip(p, end);
        p = end + 1;

        if (line.len == 0 || line.data[0] == '#') {
            continue;
        }

        if (ngx_http_acctinfo_parse_message(cf, amcf, &line) != NGX_OK) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "line %ui of \"%V\" is no message: it must be "
                               "\"[language]\", or \"reason = text\" below "
                               "one, in UTF-8 and shorter than %d bytes",
                               i, file, NGX_HTTP_ACCTINFO_MESSAGE_MAX);
            return NGX_CONF_ERROR;
        }
    }

    if (amcf->languages.nelts == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "there are no messages in \"%V\"", file);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_acctinfo_parse_message(ngx_conf_t *cf,
    ngx_http_acctinfo_main_conf_t *amcf, ngx_str_t *line)
{
    u_char                        *p, *last;
    ngx_str_t                      name, text;
    ngx_http_acctinfo_message_t   *m;
    ngx_http_acctinfo_language_t  *l;

    last = line->data + line->len;

    if (line->data[0] == '[') {

        if (line->len < 3 || last[-1] != ']') {
            return NGX_ERROR;
        }

        name = ngx_http_acctinfo_strip(line->data + 1, last - 1);

        if (!ngx_http_acctinfo_word_valid(&name)
            || amcf->languages.nelts == NGX_HTTP_ACCTINFO_LANGUAGES_MAX)
        {
            return NGX_ERROR;
        }

        if (amcf->languages.elts == NULL
            && ngx_array_init(&amcf->languages, cf->pool, 2,
                              sizeof(ngx_http_acctinfo_language_t))
               != NGX_OK)
        {
            return NGX_ERROR;
        }

        l = ngx_array_push(&amcf->languages);
        if (l == NULL) {
            return NGX_ERROR;
        }

        l->tag = name;

        return ngx_array_init(&l->messages, cf->pool, 16,
                              sizeof(ngx_http_acctinfo_message_t));
    }

    p = ngx_strlchr(line->data, last, '=');

    if (p == NULL || amcf->languages.nelts == 0) {
        return NGX_ERROR;
    }

    name = ngx_http_acctinfo_strip(line->data, p);
    text = ngx_http_acctinfo_strip(p + 1, last);

    if (!ngx_http_acctinfo_word_valid(&name)
        || text.len == 0 || text.len >= NGX_HTTP_ACCTINFO_MESSAGE_MAX
        || !ngx_http_acctinfo_utf8_valid(&text))
    {
        return NGX_ERROR;
    }

    l = amcf->languages.elts;
    l += amcf->languages.nelts - 1;

    m = ngx_array_push(&l->messages);
    if (m == NULL) {
        return NGX_ERROR;
    }

    m->name = name;
    m->text = text;

    return NGX_OK;
}


static ngx_str_t
ngx_http_acctinfo_strip(u_char *p, u_char *last)
{
    ngx_str_t  s;

    while (p < last && (*p == ' ' || *p == '\t')) {
        p++;
    }

    while (p < last
           && (last[-1] == ' ' || last[-1] == '\t' || last[-1] == '\r'))
    {
        last--;
    }

    s.data = p;
    s.len = last - p;

    return s;
}


static ngx_uint_t
ngx_http_acctinfo_word_valid(ngx_str_t *s)
{
    size_t  i;
    u_char  ch;

    for (i = 0; i < s->len; i++) {
        ch = ngx_tolower(s->data[i]);

        if (!((ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9')
              || ch == '_' || ch == '-'))
        {
            return 0;
        }
    }

    return s->len > 0 && s->len <= 64;
}


static ngx_uint_t
ngx_http_acctinfo_utf8_valid(ngx_str_t *s)
{
    u_char  *p, *last;

    p = s->data;
    last = p + s->len;

    while (p < last) {
        if (*p < 0x80) {
            p++;

        } else if (ngx_utf8_decode(&p, last - p) > 0x10ffff) {
            return 0;
        }
    }

    return 1;
}


/*
 * The language that a request asks for most.  A range speaks for a tag that
 * it begins (RFC 4647, 3.3.1), and for one that begins it (3.4), so both "zh"
 * and "zh-TW" find "zh" and "zh" finds "zh-CN".
 */

ngx_http_acctinfo_language_t *
ngx_http_acctinfo_find_language(ngx_http_request_t *r)
{
    u_char                         *p, *last;
    ngx_str_t                       name, range;
    acct_str_t                      accept;
    ngx_uint_t                      i, n, quality, best;
    ngx_http_acctinfo_language_t   *l, *found;
    ngx_http_acctinfo_main_conf_t  *amcf;

    amcf = ngx_http_get_module_main_conf(r, ngx_http_acctinfo_module);

    l = amcf->languages.elts;
    found = l;

    ngx_str_set(&name, "accept-language");

    if (ngx_http_acctinfo_field_value(r, &name, &accept) != NGX_OK) {
        return found;
    }

    n = 0;
    best = 0;

    p = (u_char *) accept.data;
    last = p + accept.len;

    while (n++ < NGX_HTTP_ACCTINFO_RANGES_MAX
           && ngx_http_acctinfo_next_range(&p, last, &range, &quality))
    {
        if (quality <= best) {
            continue;
        }

        for (i = 0; i < amcf->languages.nelts; i++) {
            if (ngx_http_acctinfo_speaks(&l[i].tag, &range)) {
                found = &l[i];
                best = quality;
                break;
            }
        }
    }

    return found;
}


static ngx_uint_t
ngx_http_acctinfo_speaks(ngx_str_t *tag, ngx_str_t *range)
{
    size_t  n;

    if (range->len == 1 && range->data[0] == '*') {
        return 1;
    }

    n = ngx_min(tag->len, range->len);

    if (n == 0 || ngx_strncasecmp(tag->data, range->data, n) != 0) {
        return 0;
    }

    return (tag->len == n || tag->data[n] == '-')
           && (range->len == n || range->data[n] == '-');
}


/*
 * The next of a list of ranges with weights (RFC 9110, 12.4.2).  A weight that
 * is not understood is 0: what a client writes wrongly, it does not get.
 */

static ngx_uint_t
ngx_http_acctinfo_next_range(u_char **p, u_char *last, ngx_str_t *range,
    ngx_uint_t *quality)
{
    u_char     *end, *semi;
    ngx_str_t   item, weight;
    ngx_int_t   n;

    do {
        if (*p >= last) {
            return 0;
        }

        end = ngx_strlchr(*p, last, ',');

        if (end == NULL) {
            end = last;
        }

        item = ngx_http_acctinfo_strip(*p, end);
        *p = end + 1;

    } while (item.len == 0);

    *quality = NGX_HTTP_ACCTINFO_QUALITY;

    end = item.data + item.len;
    semi = ngx_strlchr(item.data, end, ';');

    *range = ngx_http_acctinfo_strip(item.data, semi ? semi : end);

    while (semi) {
        item.data = semi + 1;
        semi = ngx_strlchr(item.data, end, ';');

        weight = ngx_http_acctinfo_strip(item.data, semi ? semi : end);

        if (weight.len < 2 || ngx_tolower(weight.data[0]) != 'q'
            || weight.data[1] != '=')
        {
            continue;
        }

        n = ngx_atofp(weight.data + 2, weight.len - 2, 3);

        *quality = (n == NGX_ERROR || n > NGX_HTTP_ACCTINFO_QUALITY) ? 0 : n;
    }

    return 1;
}


/* whether a page is asked for more than a problem in JSON */

ngx_uint_t
ngx_http_acctinfo_wants_html(ngx_http_request_t *r)
{
    ngx_str_t   name;
    acct_str_t  accept;
    ngx_uint_t  html, json, problem;

    ngx_str_set(&name, "accept");

    if (ngx_http_acctinfo_field_value(r, &name, &accept) != NGX_OK) {
        return 0;
    }

    html = ngx_http_acctinfo_media_quality(&accept, "text/html", 5);
    json = ngx_http_acctinfo_media_quality(&accept, "application/json", 12);
    problem = ngx_http_acctinfo_media_quality(&accept,
                                              "application/problem+json", 12);

    return html > json && html > problem;
}


/* the weight of the most specific range (RFC 9110, 12.5.1) */

static ngx_uint_t
ngx_http_acctinfo_media_quality(acct_str_t *accept, char *type, size_t main)
{
    u_char      *p, *last;
    ngx_str_t    range;
    ngx_uint_t   n, quality, found, specific, best;

    n = 0;
    found = 0;
    best = 0;

    p = (u_char *) accept->data;
    last = p + accept->len;

    while (n++ < NGX_HTTP_ACCTINFO_RANGES_MAX
           && ngx_http_acctinfo_next_range(&p, last, &range, &quality))
    {
        specific = 0;

        if (range.len == ngx_strlen(type)
            && ngx_strncasecmp(range.data, (u_char *) type, range.len) == 0)
        {
            specific = 3;

        } else if (range.len == main + 1
                   && ngx_strncasecmp(range.data, (u_char *) type, main) == 0
                   && range.data[main] == '*')
        {
            specific = 2;

        } else if (range.len == 3
                   && ngx_strncmp(range.data, "*/*", 3) == 0)
        {
            specific = 1;
        }

        if (specific > best) {
            best = specific;
            found = quality;
        }
    }

    return found;
}


ngx_str_t
ngx_http_acctinfo_language_tag(ngx_http_acctinfo_language_t *l)
{
    return l->tag;
}


/* the message of a name, or the default one; empty where there is neither */

ngx_str_t
ngx_http_acctinfo_find_message(ngx_http_acctinfo_language_t *l,
    ngx_str_t *name)
{
    ngx_str_t                     text, fallback = ngx_string("default");
    ngx_uint_t                    i;
    ngx_http_acctinfo_message_t  *m;

    ngx_str_null(&text);

    m = l->messages.elts;

    for (i = 0; i < l->messages.nelts; i++) {

        if (m[i].name.len == name->len
            && ngx_strncmp(m[i].name.data, name->data, name->len) == 0)
        {
            return m[i].text;
        }

        if (m[i].name.len == fallback.len
            && ngx_strncmp(m[i].name.data, fallback.data, fallback.len) == 0)
        {
            text = m[i].text;
        }
    }

    return text;
}
