
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * Who the account is known to be.  That is for the operator's own services to
 * say (auth_request_set, a JWT's claim), and never for the client.
 */


#include "ngx_http_acctinfo.h"


/* each name is folded and compared at each match of a roster's rule */

#define NGX_HTTP_ACCTINFO_NAMES_MAX   64


static ngx_int_t ngx_http_acctinfo_compile(ngx_conf_t *cf, ngx_str_t *value,
    ngx_http_complex_value_t *cv);
static int ngx_http_acctinfo_vouch_names(ngx_http_request_t *r,
    ngx_http_acctinfo_ctx_t *ctx, ngx_str_t *class, ngx_str_t *names);
static ngx_str_t ngx_http_acctinfo_trim(ngx_str_t s);


char *
ngx_http_acctinfo_set_verified(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_acctinfo_loc_conf_t *alcf = conf;

    ngx_str_t                     *value;
    ngx_uint_t                     i;
    ngx_http_acctinfo_verified_t  *verified;

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "off") == 0) {

        if (cf->args->nelts != 2) {
            return "has names beside \"off\"";
        }

        if (alcf->verified != NGX_CONF_UNSET_PTR) {
            return "is duplicate";
        }

        alcf->verified = NULL;

        return NGX_CONF_OK;
    }

    if (alcf->verified == NULL) {
        return "has a class beside \"off\"";
    }

    if (value[1].len == 0) {
        return "has an empty class";
    }

    for (i = 1; i < cf->args->nelts; i++) {
        if (ngx_http_acctinfo_trust(cf, &value[0], &value[i]) != NGX_OK) {
            return NGX_CONF_ERROR;
        }
    }

    if (alcf->verified == NGX_CONF_UNSET_PTR) {
        alcf->verified = ngx_array_create(cf->pool, 2,
                                        sizeof(ngx_http_acctinfo_verified_t));
        if (alcf->verified == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    verified = ngx_array_push(alcf->verified);
    if (verified == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(verified, sizeof(ngx_http_acctinfo_verified_t));

    if (ngx_http_acctinfo_compile(cf, &value[1], &verified->class) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (cf->args->nelts == 3) {
        verified->named = 1;

        if (ngx_http_acctinfo_compile(cf, &value[2], &verified->names)
            != NGX_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_acctinfo_compile(ngx_conf_t *cf, ngx_str_t *value,
    ngx_http_complex_value_t *cv)
{
    ngx_http_compile_complex_value_t  ccv;

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = value;
    ccv.complex_value = cv;

    return ngx_http_compile_complex_value(&ccv);
}


/*
 * An empty class says nothing.  A class that the configuration itself writes
 * out is vouched for by its names, so with names that came out empty it says
 * nothing either: else everybody would be verified.
 */

int
ngx_http_acctinfo_vouch(ngx_http_request_t *r, ngx_http_acctinfo_ctx_t *ctx)
{
    int                            rc;
    ngx_str_t                      class, names;
    ngx_uint_t                     i;
    acct_str_t                     none = acct_null_string;
    ngx_array_t                   *list;
    ngx_http_acctinfo_verified_t  *v;

    list = ctx->conf->verified;

    if (list == NULL) {
        return ACCT_OK;
    }

    v = list->elts;

    for (i = 0; i < list->nelts; i++) {
        ngx_str_null(&names);

        if (ngx_http_complex_value(r, &v[i].class, &class) != NGX_OK
            || (v[i].named
                && ngx_http_complex_value(r, &v[i].names, &names) != NGX_OK))
        {
            return ACCT_ERROR;
        }

        class = ngx_http_acctinfo_trim(class);
        names = ngx_http_acctinfo_trim(names);

        if (class.len == 0) {
            continue;
        }

        if (names.len) {
            rc = ngx_http_acctinfo_vouch_names(r, ctx, &class, &names);

        } else if (v[i].named && v[i].class.lengths == NULL) {
            continue;

        } else {
            rc = acct_inspect_vouch(ctx->inspect,
                                    ngx_http_acctinfo_str(&class), none);
        }

        if (rc != ACCT_OK) {
            return rc;
        }
    }

    return ACCT_OK;
}


/* names with commas between; "\," and "\\" are a literal comma, a backslash */

static int
ngx_http_acctinfo_vouch_names(ngx_http_request_t *r,
    ngx_http_acctinfo_ctx_t *ctx, ngx_str_t *class, ngx_str_t *names)
{
    int          rc;
    u_char      *p, *last, *text;
    ngx_str_t    name;
    ngx_uint_t   n;

    text = ngx_pnalloc(r->pool, names->len);
    if (text == NULL) {
        return ACCT_ERROR;
    }

    n = 0;
    p = names->data;
    last = p + names->len;

    while (p < last) {
        name.data = text;
        name.len = 0;

        while (p < last && *p != ',') {

            if (*p == '\\' && last - p > 1 && (p[1] == ',' || p[1] == '\\')) {
                p++;
            }

            name.data[name.len++] = *p++;
        }

        p++;

        name = ngx_http_acctinfo_trim(name);

        if (name.len == 0) {
            continue;
        }

        if (n++ == NGX_HTTP_ACCTINFO_NAMES_MAX) {
            ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                          "acctinfo: of the names of a verified account only "
                          "the first %d count", NGX_HTTP_ACCTINFO_NAMES_MAX);
            break;
        }

        rc = acct_inspect_vouch(ctx->inspect, ngx_http_acctinfo_str(class),
                                ngx_http_acctinfo_str(&name));
        if (rc != ACCT_OK) {
            return rc;
        }
    }

    return ACCT_OK;
}


static ngx_str_t
ngx_http_acctinfo_trim(ngx_str_t s)
{
    while (s.len && (s.data[0] == ' ' || s.data[0] == '\t')) {
        s.data++;
        s.len--;
    }

    while (s.len
           && (s.data[s.len - 1] == ' ' || s.data[s.len - 1] == '\t'))
    {
        s.len--;
    }

    return s;
}
