
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acctinfo_values: what of the values themselves goes into the record.
 *
 * Values are kept until the record is written, the first of a request and of
 * each its beginning.  They go nowhere else, and never into the error log.
 */


#include "ngx_http_acctinfo.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>


#define NGX_HTTP_ACCTINFO_VALUES_MAX   16
#define NGX_HTTP_ACCTINFO_VALUE_MAX    4096

#define NGX_HTTP_ACCTINFO_KEYS_SIZE    65536
#define NGX_HTTP_ACCTINFO_KEY_ID_MAX   64
#define NGX_HTTP_ACCTINFO_KEY_MIN      16      /* bytes */
#define NGX_HTTP_ACCTINFO_KEY_MAX      128


typedef struct {
    unsigned                       field;
    ngx_uint_t                     occurrence;
    ngx_uint_t                     cut;
    acct_buf_t                     buf;
} ngx_http_acctinfo_value_t;


struct ngx_http_acctinfo_values_s {
    ngx_http_acctinfo_value_t      elts[NGX_HTTP_ACCTINFO_VALUES_MAX];
    ngx_uint_t                     n;
    ngx_http_acctinfo_value_t     *slots[ACCT_SLOTS];
};


static int ngx_http_acctinfo_value_open(void *ctx,
    const acct_value_info_t *info, unsigned *slot);
static int ngx_http_acctinfo_value_data(void *ctx, unsigned slot,
    const uint8_t *p, size_t n);
static int ngx_http_acctinfo_value_close(void *ctx, unsigned slot,
    const uint8_t *p, size_t n);

static int ngx_http_acctinfo_hash_member(ngx_http_request_t *r,
    ngx_http_acctinfo_value_t *value, acct_buf_t *b);
static int ngx_http_acctinfo_match_members(ngx_http_acctinfo_ctx_t *ctx,
    const acct_matches_t *m, acct_buf_t *b, ngx_uint_t *n);
static acct_str_t ngx_http_acctinfo_value_text(
    ngx_http_acctinfo_value_t *value);
static int ngx_http_acctinfo_text_member(acct_buf_t *b, char *name,
    acct_str_t value);
static int ngx_http_acctinfo_object(ngx_http_acctinfo_ctx_t *ctx,
    unsigned field, acct_buf_t *b, ngx_uint_t *n);

static ngx_int_t ngx_http_acctinfo_parse_key(ngx_conf_t *cf,
    ngx_http_acctinfo_main_conf_t *amcf, ngx_str_t *line);
static ngx_int_t ngx_http_acctinfo_hex(u_char ch);


static const acct_body_sink_t  ngx_http_acctinfo_observer = {
    ngx_http_acctinfo_value_open,
    ngx_http_acctinfo_value_data,
    ngx_http_acctinfo_value_close,
    NULL
};


ngx_str_t  ngx_http_acctinfo_values_words[] = {
    ngx_string("none"),
    ngx_string("hash"),
    ngx_string("match"),
    ngx_string("full"),
    ngx_null_string
};


char *
ngx_http_acctinfo_set_values(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_acctinfo_loc_conf_t *alcf = conf;

    u_char      *p, *last;
    ngx_int_t    some, of;
    ngx_str_t   *value;
    ngx_uint_t   i;

    if (alcf->values != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    value = cf->args->elts;

    for (i = 0; ngx_http_acctinfo_values_words[i].len; i++) {
        if (ngx_strcmp(ngx_http_acctinfo_values_words[i].data, value[1].data)
            == 0)
        {
            break;
        }
    }

    if (ngx_http_acctinfo_values_words[i].len == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\", it must be \"none\", "
                           "\"hash\", \"match\" or \"full\"", &value[1]);
        return NGX_CONF_ERROR;
    }

    alcf->values = i;

    if (cf->args->nelts == 2) {
        return NGX_CONF_OK;
    }

    some = NGX_ERROR;
    of = NGX_ERROR;

    if (i == NGX_HTTP_ACCTINFO_VALUES_MATCH
        && ngx_strncmp(value[2].data, "sample=", 7) == 0)
    {
        last = value[2].data + value[2].len;
        p = ngx_strlchr(value[2].data, last, '/');

        if (p) {
            some = ngx_atoi(value[2].data + 7, p - value[2].data - 7);
            of = ngx_atoi(p + 1, last - p - 1);
        }
    }

    if (some == NGX_ERROR || of <= 0 || some > of || of > 1000000) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\", \"match\" alone takes "
                           "one, of the form \"sample=1/100\"", &value[2]);
        return NGX_CONF_ERROR;
    }

    alcf->sample = some;
    alcf->sample_of = of;

    return NGX_CONF_OK;
}


/* a key a line, "id:hex"; the first is used, so a new one is put before it */

char *
ngx_http_acctinfo_set_hash_key(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_acctinfo_main_conf_t *amcf = conf;

    char             *rv;
    u_char           *buf, *p, *last, *end;
    ssize_t           n;
    ngx_fd_t          fd;
    ngx_str_t        *value, line;
    ngx_uint_t        i;
    ngx_file_info_t   fi;

    if (amcf->key_id.len) {
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

    rv = NGX_CONF_ERROR;
    n = -1;

    buf = ngx_alloc(NGX_HTTP_ACCTINFO_KEYS_SIZE, cf->log);

    if (buf) {
        n = ngx_read_fd(fd, buf, NGX_HTTP_ACCTINFO_KEYS_SIZE);
    }

    if (n == -1 || n == NGX_HTTP_ACCTINFO_KEYS_SIZE
        || ngx_fd_info(fd, &fi) == NGX_FILE_ERROR)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the keys in \"%V\" could not be read", &value[1]);
        goto done;
    }

    if (ngx_file_access(&fi) & S_IROTH) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "everybody may read the keys in \"%V\"", &value[1]);
    }

    p = buf;
    last = buf + n;

    for (i = 1; p < last; i++) {
        end = ngx_strlchr(p, last, '\n');

        if (end == NULL) {
            end = last;
        }

        line.data = p;
        line.len = end - p;

        p = end + 1;

        while (line.len && (line.data[line.len - 1] == '\r'
                            || line.data[line.len - 1] == ' '))
        {
            line.len--;
        }

        if (line.len == 0 || line.data[0] == '#') {
            continue;
        }

        /* nothing of the line goes into the message */

        if (ngx_http_acctinfo_parse_key(cf, amcf, &line) != NGX_OK) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "line %ui of \"%V\" is no key: it must be an "
                               "id, \":\" and from %d to %d bytes as hex "
                               "digits", i, &value[1],
                               NGX_HTTP_ACCTINFO_KEY_MIN,
                               NGX_HTTP_ACCTINFO_KEY_MAX);
            goto done;
        }
    }

    if (amcf->key_id.len == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "there is no key in \"%V\"",
                           &value[1]);
        goto done;
    }

    rv = NGX_CONF_OK;

done:

    if (buf) {
        OPENSSL_cleanse(buf, NGX_HTTP_ACCTINFO_KEYS_SIZE);
        ngx_free(buf);
    }

    if (ngx_close_file(fd) == NGX_FILE_ERROR) {
        ngx_log_error(NGX_LOG_ALERT, cf->log, ngx_errno,
                      ngx_close_file_n " \"%V\" failed", &value[1]);
    }

    return rv;
}


static ngx_int_t
ngx_http_acctinfo_parse_key(ngx_conf_t *cf,
    ngx_http_acctinfo_main_conf_t *amcf, ngx_str_t *line)
{
    size_t      i, n;
    u_char     *p, ch, key[NGX_HTTP_ACCTINFO_KEY_MAX];
    ngx_int_t   high, low;

    p = ngx_strlchr(line->data, line->data + line->len, ':');

    if (p == NULL) {
        return NGX_ERROR;
    }

    n = p - line->data;

    if (n == 0 || n > NGX_HTTP_ACCTINFO_KEY_ID_MAX) {
        return NGX_ERROR;
    }

    for (i = 0; i < n; i++) {
        ch = ngx_tolower(line->data[i]);

        if (!((ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9')
              || ch == '.' || ch == '_' || ch == '-'))
        {
            return NGX_ERROR;
        }
    }

    p++;
    n = line->len - n - 1;

    if (n % 2 || n / 2 < NGX_HTTP_ACCTINFO_KEY_MIN
        || n / 2 > NGX_HTTP_ACCTINFO_KEY_MAX)
    {
        return NGX_ERROR;
    }

    for (i = 0; i < n; i += 2) {
        high = ngx_http_acctinfo_hex(p[i]);
        low = ngx_http_acctinfo_hex(p[i + 1]);

        if (high == NGX_ERROR || low == NGX_ERROR) {
            return NGX_ERROR;
        }

        key[i / 2] = (u_char) (high << 4 | low);
    }

    if (amcf->key_id.len) {
        return NGX_OK;
    }

    amcf->key_id.len = p - 1 - line->data;
    amcf->key_id.data = ngx_pnalloc(cf->pool, amcf->key_id.len);
    amcf->key.len = n / 2;
    amcf->key.data = ngx_pnalloc(cf->pool, amcf->key.len);

    if (amcf->key_id.data == NULL || amcf->key.data == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(amcf->key_id.data, line->data, amcf->key_id.len);
    ngx_memcpy(amcf->key.data, key, amcf->key.len);

    OPENSSL_cleanse(key, sizeof(key));

    return NGX_OK;
}


static ngx_int_t
ngx_http_acctinfo_hex(u_char ch)
{
    if (ch >= '0' && ch <= '9') {
        return ch - '0';
    }

    ch = ngx_tolower(ch);

    return (ch >= 'a' && ch <= 'f') ? ch - 'a' + 10 : NGX_ERROR;
}


void
ngx_http_acctinfo_values_begin(ngx_http_acctinfo_ctx_t *ctx)
{
    ngx_http_acctinfo_loc_conf_t  *alcf;

    alcf = ctx->conf;

    if (alcf->values == NGX_HTTP_ACCTINFO_VALUES_NONE) {
        return;
    }

    if (alcf->values == NGX_HTTP_ACCTINFO_VALUES_MATCH && alcf->sample_of
        && (ngx_uint_t) ngx_random() % alcf->sample_of >= alcf->sample)
    {
        return;
    }

    ctx->observed = 1;

    acct_inspect_observe(ctx->inspect, &ngx_http_acctinfo_observer, ctx);
}


void
ngx_http_acctinfo_values_free(ngx_http_acctinfo_ctx_t *ctx)
{
    ngx_uint_t                   i;
    ngx_http_acctinfo_values_t  *values;

    values = ctx->values;

    if (values == NULL) {
        return;
    }

    for (i = 0; i < values->n; i++) {
        acct_buf_free(&values->elts[i].buf);
    }

    acct_free(&acct_heap, values);

    ctx->values = NULL;
}


/*
 * The core goes on reading for an observer when the verdict stands already.
 * How far it comes depends on the cut of the input, so what it reads then is
 * not looked at.
 */

static int
ngx_http_acctinfo_value_open(void *data, const acct_value_info_t *info,
    unsigned *slot)
{
    ngx_http_acctinfo_ctx_t *ctx = data;

    ngx_uint_t                   i, occurrence;
    ngx_http_acctinfo_value_t   *value;
    ngx_http_acctinfo_values_t  *values;

    *slot = ACCT_SLOTS;

    occurrence = ctx->occurrences++;

    if (occurrence >= NGX_HTTP_ACCTINFO_VALUES_MAX
        || acct_inspect_verdict(ctx->inspect)->action == ACCT_REJECT)
    {
        return ACCT_OK;
    }

    values = ctx->values;

    if (values == NULL) {
        values = acct_calloc(&acct_heap, sizeof(ngx_http_acctinfo_values_t));

        if (values == NULL) {
            return ACCT_ERROR;
        }

        ctx->values = values;
    }

    for (i = 0; i < ACCT_SLOTS; i++) {
        if (values->slots[i] == NULL) {
            break;
        }
    }

    if (i == ACCT_SLOTS) {
        return ACCT_ERROR;
    }

    value = &values->elts[values->n++];

    value->field = info->field;
    value->occurrence = occurrence;

    acct_buf_init(&value->buf, &acct_heap, NGX_HTTP_ACCTINFO_VALUE_MAX);

    values->slots[i] = value;
    *slot = i;

    return ACCT_OK;
}


static int
ngx_http_acctinfo_value_data(void *data, unsigned slot, const uint8_t *p,
    size_t n)
{
    ngx_http_acctinfo_ctx_t *ctx = data;

    size_t                      left;
    ngx_http_acctinfo_value_t  *value;

    if (slot == ACCT_SLOTS || n == 0
        || acct_inspect_verdict(ctx->inspect)->action == ACCT_REJECT)
    {
        return ACCT_OK;
    }

    value = ctx->values->slots[slot];
    left = NGX_HTTP_ACCTINFO_VALUE_MAX - value->buf.len;

    if (n > left) {
        value->cut = 1;
        n = left;
    }

    return n ? acct_buf_append(&value->buf, p, n) : ACCT_OK;
}


static int
ngx_http_acctinfo_value_close(void *data, unsigned slot, const uint8_t *p,
    size_t n)
{
    ngx_http_acctinfo_ctx_t *ctx = data;

    int                          rc;
    ngx_http_acctinfo_value_t   *value;
    ngx_http_acctinfo_values_t  *values;

    if (slot == ACCT_SLOTS) {
        return ACCT_OK;
    }

    rc = ngx_http_acctinfo_value_data(ctx, slot, p, n);

    values = ctx->values;
    value = values->slots[slot];
    values->slots[slot] = NULL;

    /* one that was open when another was condemned was not seen whole */

    if (acct_inspect_verdict(ctx->inspect)->action == ACCT_REJECT) {
        value->buf.len = 0;
        value->occurrence = NGX_HTTP_ACCTINFO_VALUES_MAX;
    }

    return rc;
}


/* ",\"values\":[...]" */

int
ngx_http_acctinfo_values_member(ngx_http_request_t *r,
    ngx_http_acctinfo_ctx_t *ctx, acct_buf_t *b)
{
    int                          rc;
    ngx_uint_t                   i, k, n;
    const acct_verdict_t        *v;
    ngx_http_acctinfo_value_t   *value;
    ngx_http_acctinfo_values_t  *values;

    if (!ctx->observed) {
        return ACCT_OK;
    }

    rc = acct_buf_append(b, ",\"values\":[", sizeof(",\"values\":[") - 1);

    n = 0;
    values = ctx->values;

    if (ctx->conf->values == NGX_HTTP_ACCTINFO_VALUES_MATCH) {
        v = acct_inspect_verdict(ctx->inspect);

        if (rc == ACCT_OK) {
            rc = ngx_http_acctinfo_match_members(ctx, &v->matches, b, &n);
        }

        if (rc == ACCT_OK) {
            rc = ngx_http_acctinfo_match_members(ctx, &v->watched, b, &n);
        }

        values = NULL;
    }

    for (i = 0; rc == ACCT_OK && values && i < values->n; i++) {
        value = &values->elts[i];

        for (k = 0; k < ACCT_SLOTS; k++) {
            if (values->slots[k] == value) {
                break;
            }
        }

        if (k < ACCT_SLOTS
            || value->occurrence == NGX_HTTP_ACCTINFO_VALUES_MAX)
        {
            continue;
        }

        rc = ngx_http_acctinfo_object(ctx, value->field, b, &n);

        if (rc == ACCT_OK) {
            rc = (ctx->conf->values == NGX_HTTP_ACCTINFO_VALUES_HASH)
                 ? ngx_http_acctinfo_hash_member(r, value, b)
                 : ngx_http_acctinfo_text_member(b, "value",
                                         ngx_http_acctinfo_value_text(value));
        }

        if (rc == ACCT_OK && value->cut) {
            rc = acct_buf_append(b, ",\"cut\":true",
                                 sizeof(",\"cut\":true") - 1);
        }

        if (rc == ACCT_OK) {
            rc = acct_buf_append(b, "}", 1);
        }
    }

    if (rc == ACCT_OK) {
        rc = acct_buf_append(b, "]", 1);
    }

    return rc;
}


/* opens the n-th object */

static int
ngx_http_acctinfo_object(ngx_http_acctinfo_ctx_t *ctx, unsigned field,
    acct_buf_t *b, ngx_uint_t *n)
{
    acct_str_t  name;

    name = acct_policy_field_name(ctx->conf->source->policy, field);

    if (((*n)++ && acct_buf_append(b, ",", 1) != ACCT_OK)
        || acct_buf_append(b, "{\"field\":", sizeof("{\"field\":") - 1)
           != ACCT_OK)
    {
        return ACCT_ERROR;
    }

    return acct_report_string(b, name);
}


/* a value that was cut ends with a whole character */

static acct_str_t
ngx_http_acctinfo_value_text(ngx_http_acctinfo_value_t *value)
{
    acct_str_t  text;

    text.data = value->buf.data;
    text.len = value->buf.len;

    if (value->cut) {

        while (text.len && (text.data[text.len - 1] & 0xc0) == 0x80) {
            text.len--;
        }

        if (text.len && text.data[text.len - 1] >= 0xc0) {
            text.len--;
        }
    }

    return text;
}


/*
 * HMAC-SHA-256 (RFC 2104, FIPS 180-4) of the value's base view: who has the
 * key finds a name again, in whatever capitals and widths it was written.
 */

static int
ngx_http_acctinfo_hash_member(ngx_http_request_t *r,
    ngx_http_acctinfo_value_t *value, acct_buf_t *b)
{
    int                             rc;
    u_char                          md[EVP_MAX_MD_SIZE];
    u_char                          hex[2 * EVP_MAX_MD_SIZE];
    unsigned                        len;
    acct_buf_t                      view;
    acct_str_t                      hash;
    ngx_http_acctinfo_main_conf_t  *amcf;

    amcf = ngx_http_get_module_main_conf(r, ngx_http_acctinfo_module);

    if (amcf->lane == NULL) {
        amcf->lane = acct_text_create(&acct_heap);

        if (amcf->lane == NULL) {
            return ACCT_ERROR;
        }
    }

    acct_buf_init(&view, &acct_heap, NGX_MAX_INT32_VALUE);

    rc = acct_text_render(amcf->lane, ACCT_VIEW_BASE,
                          ngx_http_acctinfo_value_text(value), &view, NULL);

    if (rc == ACCT_OK
        && HMAC(EVP_sha256(), amcf->key.data, (int) amcf->key.len,
                view.data ? view.data : (u_char *) "", view.len, md, &len)
           == NULL)
    {
        rc = ACCT_ERROR;
    }

    acct_buf_free(&view);

    if (rc != ACCT_OK) {
        return ACCT_ERROR;
    }

    hash.data = hex;
    hash.len = ngx_hex_dump(hex, md, len) - hex;

    if (ngx_http_acctinfo_text_member(b, "hash", hash) != ACCT_OK) {
        return ACCT_ERROR;
    }

    return ngx_http_acctinfo_text_member(b, "key",
                                         ngx_http_acctinfo_str(&amcf->key_id));
}


/* of each recorded match the bytes of its span, as far as they were kept */

static int
ngx_http_acctinfo_match_members(ngx_http_acctinfo_ctx_t *ctx,
    const acct_matches_t *m, acct_buf_t *b, ngx_uint_t *n)
{
    unsigned                     i;
    ngx_uint_t                   k;
    acct_str_t                   piece;
    const acct_match_t          *match;
    const acct_verdict_t        *v;
    ngx_http_acctinfo_value_t   *value;
    ngx_http_acctinfo_values_t  *values;

    v = acct_inspect_verdict(ctx->inspect);
    values = ctx->values;

    for (i = 0; values && i < m->n; i++) {
        match = acct_matches_get(v, m, i);

        for (k = 0; k < values->n; k++) {
            if (values->elts[k].occurrence == match->occurrence) {
                break;
            }
        }

        /* the joined field is no value of its own */

        if (k == values->n || match->field == ACCT_FIELD_JOINED) {
            continue;
        }

        value = &values->elts[k];

        if (match->end > value->buf.len || match->start > match->end) {
            continue;
        }

        piece.data = value->buf.data + match->start;
        piece.len = match->end - match->start;

        if (ngx_http_acctinfo_object(ctx, match->field, b, n) != ACCT_OK
            || ngx_http_acctinfo_text_member(b, "rule", match->rule->id)
               != ACCT_OK
            || ngx_http_acctinfo_text_member(b, "match", piece) != ACCT_OK
            || acct_buf_append(b, "}", 1) != ACCT_OK)
        {
            return ACCT_ERROR;
        }
    }

    return ACCT_OK;
}


/* unlike those of other members, a value may be empty and is still told */

static int
ngx_http_acctinfo_text_member(acct_buf_t *b, char *name, acct_str_t value)
{
    if (acct_buf_append(b, ",\"", 2) != ACCT_OK
        || acct_buf_append(b, name, ngx_strlen(name)) != ACCT_OK
        || acct_buf_append(b, "\":", 2) != ACCT_OK)
    {
        return ACCT_ERROR;
    }

    return acct_report_string(b, value);
}
