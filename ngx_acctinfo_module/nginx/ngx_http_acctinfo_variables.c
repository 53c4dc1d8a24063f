
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * $acctinfo_*: what came of a request.  None can be cached, since one that is
 * asked for too early (by "set") is not the one that the log wants.
 */


#include <openssl/rand.h>

#include "ngx_http_acctinfo.h"


/* ids that a worker asks for at once */

#define NGX_HTTP_ACCTINFO_IDS  64


static ngx_int_t ngx_http_acctinfo_word_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_acctinfo_report_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_acctinfo_random_id(ngx_http_request_t *r,
    ngx_http_variable_value_t *v);
static ngx_int_t ngx_http_acctinfo_id_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_acctinfo_time_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_acctinfo_matched_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);

static acct_str_t ngx_http_acctinfo_action(ngx_http_acctinfo_ctx_t *ctx);
static acct_str_t ngx_http_acctinfo_verdict(ngx_http_acctinfo_ctx_t *ctx);
static acct_str_t ngx_http_acctinfo_rule(ngx_http_acctinfo_ctx_t *ctx);
static acct_str_t ngx_http_acctinfo_reason(ngx_http_acctinfo_ctx_t *ctx);

static int ngx_http_acctinfo_flags(ngx_http_request_t *r,
    ngx_http_acctinfo_ctx_t *ctx, acct_buf_t *b);
static int ngx_http_acctinfo_matches(ngx_http_request_t *r,
    ngx_http_acctinfo_ctx_t *ctx, acct_buf_t *b);
static int ngx_http_acctinfo_ruleset(ngx_http_request_t *r,
    ngx_http_acctinfo_ctx_t *ctx, acct_buf_t *b);
static int ngx_http_acctinfo_record(ngx_http_request_t *r,
    ngx_http_acctinfo_ctx_t *ctx, acct_buf_t *b);
static int ngx_http_acctinfo_particulars(ngx_http_request_t *r,
    ngx_http_acctinfo_ctx_t *ctx, acct_buf_t *b);

static int ngx_http_acctinfo_string_member(acct_buf_t *b, char *name,
    acct_str_t value);
static int ngx_http_acctinfo_number_member(acct_buf_t *b, char *name,
    off_t value);


typedef acct_str_t (*ngx_http_acctinfo_word_pt)(ngx_http_acctinfo_ctx_t *ctx);
typedef int (*ngx_http_acctinfo_report_pt)(ngx_http_request_t *r,
    ngx_http_acctinfo_ctx_t *ctx, acct_buf_t *b);


static ngx_http_variable_t  ngx_http_acctinfo_vars[] = {

    { ngx_string("acctinfo_action"), NULL,
      ngx_http_acctinfo_word_variable,
      (uintptr_t) ngx_http_acctinfo_action,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("acctinfo_verdict"), NULL,
      ngx_http_acctinfo_word_variable,
      (uintptr_t) ngx_http_acctinfo_verdict,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("acctinfo_rule"), NULL,
      ngx_http_acctinfo_word_variable,
      (uintptr_t) ngx_http_acctinfo_rule,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("acctinfo_reason"), NULL,
      ngx_http_acctinfo_word_variable,
      (uintptr_t) ngx_http_acctinfo_reason,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("acctinfo_flags"), NULL,
      ngx_http_acctinfo_report_variable,
      (uintptr_t) ngx_http_acctinfo_flags,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("acctinfo_matches"), NULL,
      ngx_http_acctinfo_report_variable,
      (uintptr_t) ngx_http_acctinfo_matches,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("acctinfo_id"), NULL,
      ngx_http_acctinfo_id_variable, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("acctinfo_ruleset"), NULL,
      ngx_http_acctinfo_report_variable,
      (uintptr_t) ngx_http_acctinfo_ruleset,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("acctinfo_time"), NULL,
      ngx_http_acctinfo_time_variable, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("acctinfo_matched"), NULL,
      ngx_http_acctinfo_matched_variable, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("acctinfo_record"), NULL,
      ngx_http_acctinfo_report_variable,
      (uintptr_t) ngx_http_acctinfo_record,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

      ngx_http_null_variable
};


/* a row of acct_actions or a string of a rule set: lives longer than we do */

static ngx_int_t
ngx_http_acctinfo_word_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_acctinfo_word_pt  handler = (ngx_http_acctinfo_word_pt) data;

    acct_str_t                word;
    ngx_http_acctinfo_ctx_t  *ctx;

    ctx = ngx_http_acctinfo_get_ctx(r);

    if (ctx == NULL || !ctx->concluded) {
        v->not_found = 1;
        return NGX_OK;
    }

    word = handler(ctx);

    if (word.len == 0) {
        v->not_found = 1;
        return NGX_OK;
    }

    v->len = word.len;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;
    v->data = (u_char *) word.data;

    return NGX_OK;
}


static acct_str_t
ngx_http_acctinfo_action(ngx_http_acctinfo_ctx_t *ctx)
{
    return acct_actions[ctx->done];
}


/* what the rules said, before flags, dry run and failures */

static acct_str_t
ngx_http_acctinfo_verdict(ngx_http_acctinfo_ctx_t *ctx)
{
    acct_str_t  none = acct_null_string;

    if (ctx->inspect == NULL) {
        return none;
    }

    return acct_actions[acct_inspect_verdict(ctx->inspect)->action];
}


static acct_str_t
ngx_http_acctinfo_rule(ngx_http_acctinfo_ctx_t *ctx)
{
    acct_str_t  none = acct_null_string;

    return ctx->decision.rule ? ctx->decision.rule->id : none;
}


static acct_str_t
ngx_http_acctinfo_reason(ngx_http_acctinfo_ctx_t *ctx)
{
    if (ctx->decision.reason.len) {
        return ctx->decision.reason;
    }

    return ngx_http_acctinfo_str(&ctx->reason);
}


static ngx_int_t
ngx_http_acctinfo_report_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_acctinfo_report_pt  handler = (ngx_http_acctinfo_report_pt) data;

    int                       rc;
    acct_buf_t                b;
    ngx_http_acctinfo_ctx_t  *ctx;

    ctx = ngx_http_acctinfo_get_ctx(r);

    if (ctx == NULL || !ctx->concluded || ctx->inspect == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    acct_buf_init(&b, &acct_heap, NGX_MAX_INT32_VALUE);

    rc = handler(r, ctx, &b);

    if (rc != ACCT_OK) {
        acct_buf_free(&b);
        return NGX_ERROR;
    }

    if (b.len == 0) {
        acct_buf_free(&b);
        v->not_found = 1;
        return NGX_OK;
    }

    v->data = ngx_pnalloc(r->pool, b.len);
    if (v->data == NULL) {
        acct_buf_free(&b);
        return NGX_ERROR;
    }

    ngx_memcpy(v->data, b.data, b.len);

    v->len = b.len;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;

    acct_buf_free(&b);

    return NGX_OK;
}


static int
ngx_http_acctinfo_flags(ngx_http_request_t *r, ngx_http_acctinfo_ctx_t *ctx,
    acct_buf_t *b)
{
    return acct_report_flags(b, acct_inspect_verdict(ctx->inspect)->flags);
}


static int
ngx_http_acctinfo_matches(ngx_http_request_t *r, ngx_http_acctinfo_ctx_t *ctx,
    acct_buf_t *b)
{
    return acct_report_matches(b, ctx->inspect);
}


static int
ngx_http_acctinfo_ruleset(ngx_http_request_t *r, ngx_http_acctinfo_ctx_t *ctx,
    acct_buf_t *b)
{
    return acct_report_ruleset(b, ctx->inspect);
}


static int
ngx_http_acctinfo_record(ngx_http_request_t *r, ngx_http_acctinfo_ctx_t *ctx,
    acct_buf_t *b)
{
    int         rc;
    acct_buf_t  extra;
    acct_str_t  text;

    acct_buf_init(&extra, &acct_heap, NGX_MAX_INT32_VALUE);

    rc = ngx_http_acctinfo_particulars(r, ctx, &extra);

    if (rc == ACCT_OK) {
        text.data = extra.data;
        text.len = extra.len;

        rc = acct_report(b, ctx->inspect, text);
    }

    acct_buf_free(&extra);

    return rc;
}


/*
 * What nginx adds to the core's record.  Of the URI only the path: arguments
 * may hold what the record must not.
 */

static int
ngx_http_acctinfo_particulars(ngx_http_request_t *r,
    ngx_http_acctinfo_ctx_t *ctx, acct_buf_t *b)
{
    int                        rc;
    u_char                    *p;
    ngx_str_t                  id, time, uri, elapsed;
    ngx_uint_t                 status;
    ngx_http_core_srv_conf_t  *cscf;
    u_char                     buf[sizeof("18446744073709.000000")];

    r = r->main;

    cscf = ngx_http_get_module_srv_conf(r, ngx_http_core_module);

    id = ngx_http_acctinfo_id(r);

    time.data = ngx_cached_http_log_iso8601.data;
    time.len = ngx_cached_http_log_iso8601.len;

    uri = r->unparsed_uri;
    p = ngx_strlchr(uri.data, uri.data + uri.len, '?');

    if (p) {
        uri.len = p - uri.data;
    }

    status = r->err_status ? r->err_status : r->headers_out.status;

    elapsed.data = buf;
    elapsed.len = ngx_sprintf(buf, "%uL.%06uL",
                              (uint64_t) (ctx->spent / 1000000000),
                              (uint64_t) (ctx->spent / 1000 % 1000000))
                  - buf;

    rc = ngx_http_acctinfo_string_member(b, "time",
                                         ngx_http_acctinfo_str(&time));

    if (rc == ACCT_OK) {
        rc = ngx_http_acctinfo_string_member(b, "id",
                                             ngx_http_acctinfo_str(&id));
    }

    if (rc == ACCT_OK) {
        rc = ngx_http_acctinfo_string_member(b, "mode",
                 ngx_http_acctinfo_str(&ngx_http_acctinfo_modes[ctx->mode]));
    }

    if (rc == ACCT_OK) {
        rc = ngx_http_acctinfo_string_member(b, "done",
                                             acct_actions[ctx->done]);
    }

    if (rc == ACCT_OK) {
        rc = ngx_http_acctinfo_string_member(b, "done_reason",
                                       ngx_http_acctinfo_str(&ctx->reason));
    }

    if (rc == ACCT_OK && ctx->failure.len) {
        rc = ngx_http_acctinfo_string_member(b, "failure",
                                       ngx_http_acctinfo_str(&ctx->failure));
    }

    if (rc == ACCT_OK && ctx->would) {
        rc = ngx_http_acctinfo_number_member(b, "would", ctx->would);
    }

    if (rc == ACCT_OK) {
        rc = ngx_http_acctinfo_number_member(b, "status", status);
    }

    if (rc == ACCT_OK) {
        rc = ngx_http_acctinfo_string_member(b, "server",
                                   ngx_http_acctinfo_str(&cscf->server_name));
    }

    if (rc == ACCT_OK) {
        rc = ngx_http_acctinfo_string_member(b, "method",
                                   ngx_http_acctinfo_str(&r->method_name));
    }

    if (rc == ACCT_OK) {
        rc = ngx_http_acctinfo_string_member(b, "uri",
                                             ngx_http_acctinfo_str(&uri));
    }

    if (rc == ACCT_OK) {
        rc = ngx_http_acctinfo_number_member(b, "body_bytes", ctx->received);
    }

    if (rc == ACCT_OK) {
        rc = acct_buf_append(b, ",\"elapsed\":", sizeof(",\"elapsed\":") - 1);
    }

    if (rc == ACCT_OK) {
        rc = acct_buf_append(b, elapsed.data, elapsed.len);
    }

    if (rc == ACCT_OK) {
        rc = ngx_http_acctinfo_values_member(r, ctx, b);
    }

    return rc;
}


/* null where there is no value, as in the core's own members */

static int
ngx_http_acctinfo_string_member(acct_buf_t *b, char *name, acct_str_t value)
{
    if (acct_buf_append(b, ",\"", 2) != ACCT_OK
        || acct_buf_append(b, name, ngx_strlen(name)) != ACCT_OK
        || acct_buf_append(b, "\":", 2) != ACCT_OK)
    {
        return ACCT_ERROR;
    }

    if (value.len == 0) {
        return acct_buf_append(b, "null", 4);
    }

    return acct_report_string(b, value);
}


static int
ngx_http_acctinfo_number_member(acct_buf_t *b, char *name, off_t value)
{
    u_char  *p, buf[NGX_OFF_T_LEN];

    if (acct_buf_append(b, ",\"", 2) != ACCT_OK
        || acct_buf_append(b, name, ngx_strlen(name)) != ACCT_OK
        || acct_buf_append(b, "\":", 2) != ACCT_OK)
    {
        return ACCT_ERROR;
    }

    p = ngx_sprintf(buf, "%O", value);

    return acct_buf_append(b, buf, p - buf);
}


/*
 * Sixteen random bytes cost a system call and several locks each time they are
 * asked for one by one, more than the inspection of a name.  So a worker asks
 * for many ids at once, and an id that nobody has read yet is put where nginx
 * would have put its own.
 */

ngx_str_t
ngx_http_acctinfo_id(ngx_http_request_t *r)
{
    ngx_str_t                       id;
    ngx_http_variable_value_t      *vv;
    ngx_http_acctinfo_main_conf_t  *amcf;

    amcf = ngx_http_get_module_main_conf(r, ngx_http_acctinfo_module);

    ngx_str_null(&id);

    vv = &r->main->variables[amcf->request_id];

    if (!vv->valid && !vv->not_found
        && ngx_http_acctinfo_random_id(r->main, vv) != NGX_OK)
    {
        vv = ngx_http_get_indexed_variable(r->main, amcf->request_id);
    }

    if (vv && !vv->not_found) {
        id.data = vv->data;
        id.len = vv->len;
    }

    return id;
}


static ngx_int_t
ngx_http_acctinfo_random_id(ngx_http_request_t *r,
    ngx_http_variable_value_t *v)
{
    u_char             *p;

    static ngx_uint_t   left;
    static u_char       ids[NGX_HTTP_ACCTINFO_IDS][16];

    p = ngx_pnalloc(r->pool, 32);
    if (p == NULL) {
        return NGX_ERROR;
    }

    if (left == 0) {
        if (RAND_bytes(&ids[0][0], sizeof(ids)) != 1) {
            return NGX_ERROR;
        }

        left = NGX_HTTP_ACCTINFO_IDS;
    }

    ngx_hex_dump(p, ids[--left], 16);

    v->len = 32;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;
    v->data = p;

    return NGX_OK;
}


static ngx_int_t
ngx_http_acctinfo_id_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t  id;

    if (ngx_http_acctinfo_get_ctx(r) == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    id = ngx_http_acctinfo_id(r);

    v->len = id.len;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = (id.len == 0);
    v->data = id.data;

    return NGX_OK;
}


/* seconds spent in the core, with the accuracy that they have */

static ngx_int_t
ngx_http_acctinfo_time_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    u_char                   *p;
    ngx_http_acctinfo_ctx_t  *ctx;

    ctx = ngx_http_acctinfo_get_ctx(r);

    if (ctx == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, NGX_INT64_LEN + sizeof(".000000"));
    if (p == NULL) {
        return NGX_ERROR;
    }

    v->len = ngx_sprintf(p, "%uL.%06uL",
                         (uint64_t) (ctx->spent / 1000000000),
                         (uint64_t) (ctx->spent / 1000 % 1000000))
             - p;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;
    v->data = p;

    return NGX_OK;
}


/* for "access_log ... if=": whatever an auditor wants to see */

static ngx_int_t
ngx_http_acctinfo_matched_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_uint_t                matched;
    const acct_verdict_t     *verdict;
    ngx_http_acctinfo_ctx_t  *ctx;

    ctx = ngx_http_acctinfo_get_ctx(r);
    matched = 0;

    if (ctx && ctx->concluded) {
        matched = ctx->done != ACCT_PASS || ctx->decision.action != ACCT_PASS
                  || ctx->failure.len;

        if (ctx->inspect) {
            verdict = acct_inspect_verdict(ctx->inspect);
            matched = matched || verdict->matches.count
                      || verdict->watched.count;
        }
    }

    v->len = matched ? 1 : 0;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;
    v->data = (u_char *) "1";

    return NGX_OK;
}


ngx_int_t
ngx_http_acctinfo_add_variables(ngx_conf_t *cf)
{
    ngx_http_variable_t  *var, *v;

    for (v = ngx_http_acctinfo_vars; v->name.len; v++) {
        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}
