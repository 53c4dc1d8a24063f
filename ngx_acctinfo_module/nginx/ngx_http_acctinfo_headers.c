
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * Our header is our word to the application: the client's copies of it are
 * removed, and our own is pushed once.
 */


#include "ngx_http_acctinfo.h"


typedef ngx_uint_t (*ngx_http_acctinfo_header_pt)(ngx_http_request_t *r,
    ngx_str_t *key);


static ngx_uint_t ngx_http_acctinfo_forged(ngx_http_request_t *r,
    ngx_str_t *key);
static ngx_uint_t ngx_http_acctinfo_of_body(ngx_http_request_t *r,
    ngx_str_t *key);
static ngx_int_t ngx_http_acctinfo_remove_headers(ngx_http_request_t *r,
    ngx_http_acctinfo_header_pt which);
static ngx_int_t ngx_http_acctinfo_remove(ngx_http_request_t *r,
    ngx_list_part_t *prev, ngx_list_part_t *part, ngx_uint_t i);
static u_char *ngx_http_acctinfo_mark_string(u_char *p, char *name,
    ngx_str_t *value);


/*
 * In the first phase of all, and in every server: a location that is off, or
 * the subrequest of auth_request, may ask the same application.
 */

ngx_int_t
ngx_http_acctinfo_post_read_handler(ngx_http_request_t *r)
{
    if (r != r->main) {
        return NGX_DECLINED;
    }

    if (ngx_http_acctinfo_remove_headers(r, ngx_http_acctinfo_forged)
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return NGX_DECLINED;
}


/*
 * FastCGI and its like make a parameter of every header, so those that tell
 * of a body go with it.  Out of memory they stay, and the body goes alone.
 */

void
ngx_http_acctinfo_remove_body_headers(ngx_http_request_t *r)
{
    (void) ngx_http_acctinfo_remove_headers(r, ngx_http_acctinfo_of_body);

    r->headers_in.content_length = NULL;
    r->headers_in.transfer_encoding = NULL;
}


static ngx_int_t
ngx_http_acctinfo_remove_headers(ngx_http_request_t *r,
    ngx_http_acctinfo_header_pt which)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part, *prev;
    ngx_table_elt_t  *h;

    prev = NULL;
    part = &r->headers_in.headers.part;

    for ( ;; ) {

    again:

        h = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (!which(r, &h[i].key)) {
                continue;
            }

            ngx_log_debug1(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                           "acctinfo removes header \"%V\"", &h[i].key);

            if (ngx_http_acctinfo_remove(r, prev, part, i) != NGX_OK) {
                return NGX_ERROR;
            }

            goto again;
        }

        if (part->next == NULL) {
            break;
        }

        /* a part that became empty is not in the list any more */

        if (part->nelts) {
            prev = part;
        }

        part = part->next;
    }

    return NGX_OK;
}


static ngx_uint_t
ngx_http_acctinfo_of_body(ngx_http_request_t *r, ngx_str_t *key)
{
    ngx_uint_t  i;

    static ngx_str_t  names[] = {
        ngx_string("Content-Length"),
        ngx_string("Transfer-Encoding"),
        ngx_null_string
    };

    for (i = 0; names[i].len; i++) {
        if (key->len == names[i].len
            && ngx_strncasecmp(key->data, names[i].data, key->len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


/*
 * Applications take "_" and, by CGI's habit, other characters for "-", so
 * whatever is not a letter or a digit counts as that.
 */

static ngx_uint_t
ngx_http_acctinfo_forged(ngx_http_request_t *r, ngx_str_t *key)
{
    size_t                          i;
    u_char                          ch;
    ngx_http_acctinfo_main_conf_t  *amcf;

    amcf = ngx_http_get_module_main_conf(r, ngx_http_acctinfo_module);

    if (key->len < amcf->strip.len) {
        return 0;
    }

    for (i = 0; i < key->len && i <= amcf->strip.len; i++) {
        ch = ngx_tolower(key->data[i]);

        if (!((ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9'))) {
            ch = '-';
        }

        if (i == amcf->strip.len) {
            return ch == '-';
        }

        if (ch != amcf->strip.data[i]) {
            return 0;
        }
    }

    return 1;
}


/*
 * Elements must stay where they are, since r->headers_in points to many of
 * them; so the part is split around the one that goes.
 */

static ngx_int_t
ngx_http_acctinfo_remove(ngx_http_request_t *r, ngx_list_part_t *prev,
    ngx_list_part_t *part, ngx_uint_t i)
{
    ngx_list_t       *list;
    ngx_list_part_t  *tail;
    ngx_table_elt_t  *h;

    list = &r->headers_in.headers;
    h = part->elts;

    if (i == part->nelts - 1) {
        part->nelts--;

        /*
         * nginx looks at the first element of every part but the first
         * without looking whether there is one
         */

        if (part->nelts == 0) {

            if (prev) {
                prev->next = part->next;

                if (list->last == part) {
                    list->last = prev;
                }

            } else if (part->next) {
                tail = part->next;

                if (list->last == tail) {
                    list->last = part;
                }

                *part = *tail;
            }
        }

    } else if (i == 0) {
        part->elts = &h[1];
        part->nelts--;

    } else {
        tail = ngx_palloc(r->pool, sizeof(ngx_list_part_t));
        if (tail == NULL) {
            return NGX_ERROR;
        }

        tail->elts = &h[i + 1];
        tail->nelts = part->nelts - i - 1;
        tail->next = part->next;

        part->nelts = i;
        part->next = tail;

        if (list->last == part) {
            list->last = tail;
        }
    }

    /*
     * The next push must open a new part: a shortened one has no room where
     * the list believes it to be.  A part that is empty now has room for the
     * one that went, and parts of no element must not be made.
     */

    list->nalloc = ngx_max(list->last->nelts, 1);

    return NGX_OK;
}


/*
 * A dictionary of RFC 9651:
 *
 *     action=tag, rule="IMP-0007", reason=impersonation_official, id="9f3c"
 *
 * "said" stands where the operator's mode did less than was decided.
 */

ngx_int_t
ngx_http_acctinfo_mark(ngx_http_request_t *r, ngx_http_acctinfo_ctx_t *ctx)
{
    u_char                         *p;
    size_t                          len;
    ngx_str_t                       id, rule, done, said, reason;
    ngx_table_elt_t                *h;
    acct_decision_t                *d;
    ngx_http_acctinfo_main_conf_t  *amcf;

    amcf = ngx_http_get_module_main_conf(r, ngx_http_acctinfo_module);

    if (!amcf->push) {
        return NGX_OK;
    }

    d = &ctx->decision;

    id = ngx_http_acctinfo_id(r);
    done = ngx_http_acctinfo_ngx_str(acct_actions[ctx->done]);
    said = ngx_http_acctinfo_ngx_str(acct_actions[d->action]);
    reason = ngx_http_acctinfo_ngx_str(d->reason);

    ngx_str_null(&rule);

    if (d->rule) {
        rule = ngx_http_acctinfo_ngx_str(d->rule->id);
    }

    /* in a string two characters are escaped, so it doubles at most */

    len = sizeof("action=, said=, rule=\"\", reason=, failure=, id=\"\"")
          + done.len + said.len + 2 * rule.len + reason.len
          + ctx->failure.len + 2 * id.len;

    p = ngx_pnalloc(r->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    h = ctx->mark;

    if (h == NULL) {
        h = ngx_list_push(&r->headers_in.headers);
        if (h == NULL) {
            return NGX_ERROR;
        }

        ngx_memzero(h, sizeof(ngx_table_elt_t));

        h->key = amcf->header;
        h->lowcase_key = amcf->header_lowcase.data;
        h->hash = ngx_hash_key(amcf->header_lowcase.data,
                               amcf->header_lowcase.len);

        ctx->mark = h;
    }

    h->value.data = p;

    p = ngx_sprintf(p, "action=%V", &done);

    if (d->action > ctx->done) {
        p = ngx_sprintf(p, ", said=%V", &said);
    }

    if (rule.len) {
        p = ngx_http_acctinfo_mark_string(p, "rule", &rule);
    }

    if (reason.len) {
        p = ngx_sprintf(p, ", reason=%V", &reason);
    }

    if (ctx->failure.len) {
        p = ngx_sprintf(p, ", failure=%V", &ctx->failure);
    }

    if (id.len) {
        p = ngx_http_acctinfo_mark_string(p, "id", &id);
    }

    h->value.len = p - h->value.data;
    *p = '\0';

    return NGX_OK;
}


static u_char *
ngx_http_acctinfo_mark_string(u_char *p, char *name, ngx_str_t *value)
{
    size_t  i;

    p = ngx_sprintf(p, ", %s=\"", name);

    for (i = 0; i < value->len; i++) {

        if (value->data[i] == '"' || value->data[i] == '\\') {
            *p++ = '\\';
        }

        *p++ = value->data[i];
    }

    *p++ = '"';

    return p;
}
