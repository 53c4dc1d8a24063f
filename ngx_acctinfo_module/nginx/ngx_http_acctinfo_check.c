
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acctinfo_check: "may I have this name?"  The pre-content handler has
 * inspected the request as any other; here it is said what came of it, and
 * nothing that a guesser could learn a rule from.
 */


#include "ngx_http_acctinfo.h"


#define NGX_HTTP_ACCTINFO_CHECK_MAX   4096


static ngx_int_t ngx_http_acctinfo_check_handler(ngx_http_request_t *r);
static int ngx_http_acctinfo_check_answer(ngx_http_request_t *r,
    ngx_http_acctinfo_ctx_t *ctx, ngx_http_acctinfo_language_t *language,
    acct_buf_t *b);


char *
ngx_http_acctinfo_set_check(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_acctinfo_loc_conf_t *alcf = conf;

    ngx_http_core_loc_conf_t  *clcf;

    if (alcf->check) {
        return "is duplicate";
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_acctinfo_check_handler;

    alcf->check = 1;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_acctinfo_check_handler(ngx_http_request_t *r)
{
    ngx_int_t                      rc;
    ngx_str_t                      type;
    acct_buf_t                     b;
    ngx_table_elt_t               *h;
    ngx_http_complex_value_t       cv;
    ngx_http_acctinfo_ctx_t       *ctx;
    ngx_http_acctinfo_language_t  *language;
    ngx_http_acctinfo_loc_conf_t  *alcf;

    alcf = ngx_http_get_module_loc_conf(r, ngx_http_acctinfo_module);
    ctx = ngx_http_acctinfo_get_ctx(r);

    if (ctx == NULL || ctx->conf != alcf || !ctx->concluded) {

        /*
         * A subrequest, or a method that is not inspected, has no answer; what
         * a variable has turned off would be let pass
         */

        if (r != r->main
            || ngx_http_acctinfo_mode(r, alcf) != NGX_HTTP_ACCTINFO_OFF)
        {
            return NGX_HTTP_NOT_ALLOWED;
        }

        rc = ngx_http_discard_request_body(r);

        if (rc != NGX_OK) {
            return rc;
        }

        ctx = NULL;
    }

    acct_buf_init(&b, &acct_heap,
                  NGX_HTTP_ACCTINFO_CHECK_MAX + alcf->rules_url.len);

    rc = NGX_HTTP_INTERNAL_SERVER_ERROR;
    language = ngx_http_acctinfo_find_language(r);

    if (ngx_http_acctinfo_check_answer(r, ctx, language, &b) != ACCT_OK) {
        goto done;
    }

    ngx_memzero(&cv, sizeof(ngx_http_complex_value_t));

    cv.value.len = b.len;
    cv.value.data = ngx_pnalloc(r->pool, b.len);
    if (cv.value.data == NULL) {
        goto done;
    }

    ngx_memcpy(cv.value.data, b.data, b.len);

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        goto done;
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));

    h->hash = 1;
    ngx_str_set(&h->key, "Cache-Control");
    ngx_str_set(&h->value, "no-store");

    if (ngx_http_acctinfo_answer_language(r, language, "Accept-Language")
        != NGX_OK)
    {
        goto done;
    }

    ngx_str_set(&type, "application/json");

    rc = ngx_http_send_response(r, NGX_HTTP_OK, &type, &cv);

done:

    acct_buf_free(&b);

    return rc;
}


static int
ngx_http_acctinfo_check_answer(ngx_http_request_t *r,
    ngx_http_acctinfo_ctx_t *ctx, ngx_http_acctinfo_language_t *language,
    acct_buf_t *b)
{
    int            rc;
    ngx_str_t      id, detail;
    acct_action_e  action;

    id = ngx_http_acctinfo_id(r);
    action = ctx ? ctx->done : ACCT_PASS;

    rc = acct_buf_append(b, "{\"action\":", sizeof("{\"action\":") - 1);

    if (rc == ACCT_OK) {
        rc = acct_report_string(b, acct_actions[action]);
    }

    /* in dry run there may be a reason, but nothing that it is given for */

    if (rc == ACCT_OK && action != ACCT_PASS) {
        rc = ngx_http_acctinfo_member(b, "reason",
                                      ngx_http_acctinfo_str(&ctx->reason));
    }

    if (rc == ACCT_OK && action != ACCT_PASS) {
        rc = ngx_http_acctinfo_member(b, "field",
                                      ngx_http_acctinfo_decided_field(ctx));
    }

    /* what is tagged is taken, so there is nothing to ask of anybody */

    if (rc == ACCT_OK && action > ACCT_TAG) {
        detail = ngx_http_acctinfo_find_message(language, &ctx->reason);
        rc = ngx_http_acctinfo_member(b, "detail",
                                      ngx_http_acctinfo_str(&detail));
    }

    /* the form most likely asks with a name that is misspelt */

    if (rc == ACCT_OK && ctx && ctx->inspect
        && acct_inspect_met(ctx->inspect) == 0)
    {
        rc = acct_buf_append(b, ",\"fields\":0", sizeof(",\"fields\":0") - 1);
    }

    if (rc == ACCT_OK) {
        rc = ngx_http_acctinfo_member(b, "id", ngx_http_acctinfo_str(&id));
    }

    if (rc == ACCT_OK && action != ACCT_PASS) {
        rc = ngx_http_acctinfo_member(b, "rules",
                                ngx_http_acctinfo_str(&ctx->conf->rules_url));
    }

    if (rc == ACCT_OK) {
        rc = acct_buf_append(b, "}\n", 2);
    }

    return rc;
}
