
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * The answer to a refused request: the operator's error_page, or else a page
 * for a browser's form, or a problem as RFC 9457 describes it.  It names the
 * reason, a problem the field too; what matched, and what was looked for, is
 * in the record alone.
 */


#include "ngx_http_acctinfo.h"


#define NGX_HTTP_ACCTINFO_ANSWER_MAX   16384


static void ngx_http_acctinfo_withdraw(ngx_http_request_t *r);
static ngx_buf_t *ngx_http_acctinfo_problem(ngx_http_request_t *r,
    ngx_http_acctinfo_ctx_t *ctx);
static ngx_buf_t *ngx_http_acctinfo_page(ngx_http_request_t *r,
    ngx_http_acctinfo_ctx_t *ctx);
static u_char *ngx_http_acctinfo_html_text(u_char *p, ngx_str_t *text);
static ngx_int_t ngx_http_acctinfo_answer_header(ngx_http_request_t *r,
    char *name, ngx_str_t value);
static ngx_http_acctinfo_ctx_t *ngx_http_acctinfo_armed(ngx_http_request_t *r);
static ngx_int_t ngx_http_acctinfo_header_filter(ngx_http_request_t *r);
static ngx_int_t ngx_http_acctinfo_body_filter(ngx_http_request_t *r,
    ngx_chain_t *in);


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;
static ngx_http_output_body_filter_pt    ngx_http_next_body_filter;


/*
 * With the type "about:blank" the title is the status phrase (RFC 9457,
 * 4.2.1); the phrases are those of RFC 9110 and of the registry.
 */

static const struct {
    ngx_uint_t   status;
    acct_str_t   title;
} ngx_http_acctinfo_titles[] = {
    { 400, acct_string("Bad Request") },
    { 403, acct_string("Forbidden") },
    { 404, acct_string("Not Found") },
    { 406, acct_string("Not Acceptable") },
    { 409, acct_string("Conflict") },
    { 410, acct_string("Gone") },
    { 415, acct_string("Unsupported Media Type") },
    { 418, acct_string("I'm a teapot") },
    { 422, acct_string("Unprocessable Content") },
    { 423, acct_string("Locked") },
    { 428, acct_string("Precondition Required") },
    { 429, acct_string("Too Many Requests") },
    { 451, acct_string("Unavailable For Legal Reasons") },
    { 500, acct_string("Internal Server Error") },
    { 501, acct_string("Not Implemented") },
    { 503, acct_string("Service Unavailable") },
    { 0,   acct_string("Request Refused") }
};


ngx_int_t
ngx_http_acctinfo_refuse(ngx_http_request_t *r, ngx_http_acctinfo_ctx_t *ctx)
{
    ngx_str_t  rule;

    ngx_str_set(&rule, "-");

    if (ctx->decision.rule) {
        rule = ngx_http_acctinfo_ngx_str(ctx->decision.rule->id);
    }

    ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                  "acctinfo refused the request with %ui, "
                  "rule: %V, reason: %V",
                  ctx->status, &rule, &ctx->reason);

    ctx->refused = 1;
    ctx->language = ngx_http_acctinfo_find_language(r);
    ctx->html = ngx_http_acctinfo_wants_html(r);
    ctx->answer = ctx->html ? ngx_http_acctinfo_page(r, ctx)
                            : ngx_http_acctinfo_problem(r, ctx);

    ngx_http_acctinfo_withdraw(r);

    return ctx->status;
}


/*
 * Nobody gets this request's content: not even an application that makes the
 * error page.  The log keeps the request line and $request_uri.
 */

static void
ngx_http_acctinfo_withdraw(ngx_http_request_t *r)
{
    if (r->request_body) {
        r->request_body->bufs = NULL;
        r->request_body->temp_file = NULL;
    }

    r->headers_in.content_length_n = 0;
    r->headers_in.chunked = 0;

    ngx_http_acctinfo_remove_body_headers(r);

    ngx_str_null(&r->args);

    /* else proxy_pass would send the URI as it came, arguments included */

    r->valid_unparsed_uri = 0;
}


static ngx_buf_t *
ngx_http_acctinfo_problem(ngx_http_request_t *r, ngx_http_acctinfo_ctx_t *ctx)
{
    int          rc;
    u_char      *p;
    ngx_str_t    id, detail;
    ngx_buf_t   *b;
    ngx_uint_t   i;
    acct_buf_t   json;
    acct_str_t   type, field;
    u_char       status[sizeof(",\"status\":") + NGX_INT_T_LEN];

    for (i = 0; ngx_http_acctinfo_titles[i].status; i++) {
        if (ngx_http_acctinfo_titles[i].status == ctx->status) {
            break;
        }
    }

    id = ngx_http_acctinfo_id(r);
    type = acct_str("about:blank");

    field = ngx_http_acctinfo_decided_field(ctx);
    detail = ngx_http_acctinfo_find_message(ctx->language, &ctx->reason);

    acct_buf_init(&json, &acct_heap,
                  NGX_HTTP_ACCTINFO_ANSWER_MAX + ctx->conf->rules_url.len
                  + 6 * field.len);

    rc = acct_buf_append(&json, "{\"type\":", sizeof("{\"type\":") - 1);

    if (rc == ACCT_OK) {
        rc = acct_report_string(&json, type);
    }

    if (rc == ACCT_OK) {
        rc = ngx_http_acctinfo_member(&json, "title",
                                      ngx_http_acctinfo_titles[i].title);
    }

    if (rc == ACCT_OK) {
        p = ngx_sprintf(status, ",\"status\":%ui", ctx->status);
        rc = acct_buf_append(&json, status, p - status);
    }

    if (rc == ACCT_OK) {
        rc = ngx_http_acctinfo_member(&json, "detail",
                                      ngx_http_acctinfo_str(&detail));
    }

    if (rc == ACCT_OK) {
        rc = ngx_http_acctinfo_member(&json, "id", ngx_http_acctinfo_str(&id));
    }

    if (rc == ACCT_OK) {
        rc = ngx_http_acctinfo_member(&json, "reason",
                                      ngx_http_acctinfo_str(&ctx->reason));
    }

    if (rc == ACCT_OK) {
        rc = ngx_http_acctinfo_member(&json, "field", field);
    }

    if (rc == ACCT_OK) {
        rc = ngx_http_acctinfo_member(&json, "rules",
                                ngx_http_acctinfo_str(&ctx->conf->rules_url));
    }

    if (rc == ACCT_OK) {
        rc = acct_buf_append(&json, "}\n", 2);
    }

    b = NULL;

    if (rc == ACCT_OK) {
        b = ngx_create_temp_buf(r->pool, json.len);
    }

    if (b) {
        b->last = ngx_cpymem(b->last, json.data, json.len);
        b->last_buf = 1;
        b->last_in_chain = 1;
    }

    acct_buf_free(&json);

    return b;
}


/* for who sent a form by a browser, without a script of the site */

static ngx_buf_t *
ngx_http_acctinfo_page(ngx_http_request_t *r, ngx_http_acctinfo_ctx_t *ctx)
{
    size_t      len;
    ngx_str_t   id, tag, title, text, rules, url;
    ngx_buf_t  *b;

    static ngx_str_t  title_name = ngx_string("title");
    static ngx_str_t  rules_name = ngx_string("rules");

    tag = ngx_http_acctinfo_language_tag(ctx->language);
    title = ngx_http_acctinfo_find_message(ctx->language, &title_name);
    text = ngx_http_acctinfo_find_message(ctx->language, &ctx->reason);
    rules = ngx_http_acctinfo_find_message(ctx->language, &rules_name);

    url = ctx->conf->rules_url;
    id = ngx_http_acctinfo_id(r);

    /* no character is longer than "&quot;" when it is escaped */

    len = 1024 + 6 * (tag.len + 2 * title.len + text.len + rules.len + url.len
                      + id.len);

    b = ngx_create_temp_buf(r->pool, len);
    if (b == NULL) {
        return NULL;
    }

    b->last = ngx_sprintf(b->last,
        "<!DOCTYPE html>\n"
        "<html lang=\"%V\"><head><meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n<title>",
        &tag);

    b->last = ngx_http_acctinfo_html_text(b->last, &title);

    b->last = ngx_sprintf(b->last,
        "</title>\n"
        "<style>body{font:18px/1.5 system-ui,sans-serif;margin:3rem auto;"
        "padding:0 1rem;max-width:36rem}</style></head>\n<body>\n<h1>");

    b->last = ngx_http_acctinfo_html_text(b->last, &title);
    b->last = ngx_sprintf(b->last, "</h1>\n<p>");
    b->last = ngx_http_acctinfo_html_text(b->last, &text);
    b->last = ngx_sprintf(b->last, "</p>\n");

    if (url.len) {
        b->last = ngx_sprintf(b->last, "<p><a href=\"");
        b->last = ngx_http_acctinfo_html_text(b->last, &url);
        b->last = ngx_sprintf(b->last, "\">");
        b->last = ngx_http_acctinfo_html_text(b->last, &rules);
        b->last = ngx_sprintf(b->last, "</a></p>\n");
    }

    b->last = ngx_sprintf(b->last, "<p><small>");
    b->last = ngx_http_acctinfo_html_text(b->last, &id);
    b->last = ngx_sprintf(b->last, "</small></p>\n</body></html>\n");

    b->last_buf = 1;
    b->last_in_chain = 1;

    return b;
}


static u_char *
ngx_http_acctinfo_html_text(u_char *p, ngx_str_t *text)
{
    return (u_char *) ngx_escape_html(p, text->data, text->len);
}


acct_str_t
ngx_http_acctinfo_decided_field(ngx_http_acctinfo_ctx_t *ctx)
{
    acct_str_t             none = acct_null_string;
    const acct_verdict_t  *v;

    if (ctx->decision.rule == NULL) {
        return none;
    }

    v = acct_inspect_verdict(ctx->inspect);

    return acct_policy_field_name(ctx->conf->source->policy,
                                  v->decider.field);
}


int
ngx_http_acctinfo_member(acct_buf_t *b, char *name, acct_str_t value)
{
    if (value.len == 0) {
        return ACCT_OK;
    }

    if (acct_buf_append(b, ",\"", 2) != ACCT_OK
        || acct_buf_append(b, name, ngx_strlen(name)) != ACCT_OK
        || acct_buf_append(b, "\":", 2) != ACCT_OK)
    {
        return ACCT_ERROR;
    }

    return acct_report_string(b, value);
}


/*
 * The context where the refusal was, and only there: a redirect to an error
 * page clears it, and then the page is the operator's.
 */

static ngx_http_acctinfo_ctx_t *
ngx_http_acctinfo_armed(ngx_http_request_t *r)
{
    ngx_http_acctinfo_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_acctinfo_module);

    return (ctx && ctx->refused && ctx->answer) ? ctx : NULL;
}


static ngx_int_t
ngx_http_acctinfo_answer_header(ngx_http_request_t *r, char *name,
    ngx_str_t value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));

    h->hash = 1;
    h->key.data = (u_char *) name;
    h->key.len = ngx_strlen(name);
    h->value = value;

    return NGX_OK;
}


ngx_int_t
ngx_http_acctinfo_answer_language(ngx_http_request_t *r,
    ngx_http_acctinfo_language_t *l, char *vary)
{
    ngx_str_t  value;

    value.data = (u_char *) vary;
    value.len = ngx_strlen(vary);

    if (ngx_http_acctinfo_answer_header(r, "Content-Language",
                                        ngx_http_acctinfo_language_tag(l))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_acctinfo_answer_header(r, "Vary", value);
}


static ngx_int_t
ngx_http_acctinfo_header_filter(ngx_http_request_t *r)
{
    ngx_http_acctinfo_ctx_t  *ctx;

    ctx = ngx_http_acctinfo_armed(r);

    if (ctx == NULL) {
        return ngx_http_next_header_filter(r);
    }

    if (ngx_http_acctinfo_answer_language(r, ctx->language,
                                          "Accept, Accept-Language")
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ctx->html) {
        ngx_str_set(&r->headers_out.content_type, "text/html; charset=utf-8");

    } else {
        ngx_str_set(&r->headers_out.content_type, "application/problem+json");
    }

    r->headers_out.content_type_len = r->headers_out.content_type.len;
    r->headers_out.content_type_lowcase = NULL;
    ngx_str_null(&r->headers_out.charset);

    ngx_http_clear_content_length(r);
    ngx_http_clear_accept_ranges(r);
    ngx_http_clear_last_modified(r);
    ngx_http_clear_etag(r);

    r->headers_out.content_length_n = ngx_buf_size(ctx->answer);

    return ngx_http_next_header_filter(r);
}


static ngx_int_t
ngx_http_acctinfo_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_buf_t                *b;
    ngx_chain_t              *cl, out;
    ngx_http_acctinfo_ctx_t  *ctx;

    ctx = ngx_http_acctinfo_armed(r);

    if (ctx == NULL || in == NULL) {
        return ngx_http_next_body_filter(r, in);
    }

    /* the page of nginx's own is passed over */

    for (cl = in; cl; cl = cl->next) {
        b = cl->buf;
        b->pos = b->last;
        b->file_pos = b->file_last;
    }

    if (ctx->sent) {
        return ngx_http_next_body_filter(r, NULL);
    }

    ctx->sent = 1;

    out.buf = ctx->answer;
    out.next = NULL;

    return ngx_http_next_body_filter(r, &out);
}


ngx_int_t
ngx_http_acctinfo_refusal_init(ngx_conf_t *cf)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_acctinfo_header_filter;

    ngx_http_next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx_http_acctinfo_body_filter;

    return NGX_OK;
}
