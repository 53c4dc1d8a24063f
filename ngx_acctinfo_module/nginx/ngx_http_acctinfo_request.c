
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * Two doors in, one way out.
 *
 * On its first visit the handler either asks nginx to read the body, which
 * the filter below then feeds to the inspection, or replays a body that was
 * read before.  On its second visit the verdict is known.
 */


#include "ngx_http_acctinfo.h"


/* a replay yields to the event loop after so many bytes */

#define NGX_HTTP_ACCTINFO_TURN   65536
#define NGX_HTTP_ACCTINFO_SLICE  8192


static ngx_http_acctinfo_ctx_t *ngx_http_acctinfo_create_ctx(
    ngx_http_request_t *r);
static void ngx_http_acctinfo_cleanup(void *data);
static void ngx_http_acctinfo_restart(ngx_http_acctinfo_ctx_t *ctx);

static ngx_uint_t ngx_http_acctinfo_wanted(ngx_http_request_t *r,
    ngx_http_acctinfo_loc_conf_t *alcf);

static void ngx_http_acctinfo_begin(ngx_http_request_t *r,
    ngx_http_acctinfo_ctx_t *ctx);
static int ngx_http_acctinfo_values(ngx_http_request_t *r,
    ngx_http_acctinfo_ctx_t *ctx);
static int ngx_http_acctinfo_settled(ngx_http_acctinfo_ctx_t *ctx, int rc);
static void ngx_http_acctinfo_feed(ngx_http_request_t *r,
    ngx_http_acctinfo_ctx_t *ctx, u_char *p, size_t n);
static void ngx_http_acctinfo_end(ngx_http_request_t *r,
    ngx_http_acctinfo_ctx_t *ctx);
static void ngx_http_acctinfo_fail(ngx_http_request_t *r,
    ngx_http_acctinfo_ctx_t *ctx, char *failure);

static ngx_int_t ngx_http_acctinfo_read(ngx_http_request_t *r,
    ngx_http_acctinfo_ctx_t *ctx);
static void ngx_http_acctinfo_body_handler(ngx_http_request_t *r);
static ngx_int_t ngx_http_acctinfo_request_body_filter(ngx_http_request_t *r,
    ngx_chain_t *in);

static ngx_int_t ngx_http_acctinfo_replay(ngx_http_request_t *r,
    ngx_http_acctinfo_ctx_t *ctx);
static ngx_int_t ngx_http_acctinfo_replay_turn(ngx_http_request_t *r,
    ngx_http_acctinfo_ctx_t *ctx);
static void ngx_http_acctinfo_replay_handler(ngx_event_t *ev);

static ngx_int_t ngx_http_acctinfo_answer(ngx_http_request_t *r,
    ngx_http_acctinfo_ctx_t *ctx);
static void ngx_http_acctinfo_conclude(ngx_http_request_t *r,
    ngx_http_acctinfo_ctx_t *ctx);

static uint64_t ngx_http_acctinfo_clock(void);


static ngx_http_request_body_filter_pt  ngx_http_next_request_body_filter;


ngx_int_t
ngx_http_acctinfo_handler(ngx_http_request_t *r)
{
    ngx_uint_t                     mode;
    ngx_http_acctinfo_ctx_t       *ctx;
    ngx_http_acctinfo_loc_conf_t  *alcf;

    /* what a subrequest asks for was not written by the client */

    if (r != r->main) {
        return NGX_DECLINED;
    }

    alcf = ngx_http_get_module_loc_conf(r, ngx_http_acctinfo_module);

    if (alcf->mode == NGX_HTTP_ACCTINFO_OFF) {
        return NGX_DECLINED;
    }

    ctx = ngx_http_acctinfo_get_ctx(r);

    if (ctx) {

        if (ctx->state == NGX_HTTP_ACCTINFO_COMPLETE
            && (ctx->refused || ctx->conf == alcf))
        {
            return ngx_http_acctinfo_answer(r, ctx);
        }

        if (ctx->state != NGX_HTTP_ACCTINFO_COMPLETE) {
            return NGX_DONE;
        }
    }

    mode = ngx_http_acctinfo_mode(r, alcf);

    if (mode == NGX_HTTP_ACCTINFO_OFF
        || !ngx_http_acctinfo_wanted(r, alcf))
    {
        return NGX_DECLINED;
    }

    if (ctx == NULL) {
        ctx = ngx_http_acctinfo_create_ctx(r);
        if (ctx == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

    } else if (ctx->conf->source == alcf->source
               && ctx->conf->rules == alcf->rules
               && ctx->conf->values == alcf->values
               && ctx->conf->verified == NULL && alcf->verified == NULL)
    {
        /*
         * After a redirect the same question has the same answer.  Who the
         * account is known to be may be known better now than it was.
         */

        ngx_http_set_ctx(r, ctx, ngx_http_acctinfo_module);

        ctx->conf = alcf;
        ctx->mode = mode;
        ctx->concluded = 0;

        return ngx_http_acctinfo_answer(r, ctx);

    } else {
        ngx_http_acctinfo_restart(ctx);
    }

    ngx_http_set_ctx(r, ctx, ngx_http_acctinfo_module);

    ctx->conf = alcf;
    ctx->mode = mode;

    ngx_http_acctinfo_begin(r, ctx);

    if (r->request_body || r->discard_body) {
        return ngx_http_acctinfo_replay(r, ctx);
    }

    return ngx_http_acctinfo_read(r, ctx);
}


ngx_http_acctinfo_ctx_t *
ngx_http_acctinfo_get_ctx(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t       *cln;
    ngx_http_acctinfo_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r->main, ngx_http_acctinfo_module);

    if (ctx == NULL && (r->main->internal || r->main->filter_finalize)) {

        /* an internal redirect clears the contexts, the pool stays */

        for (cln = r->pool->cleanup; cln; cln = cln->next) {
            if (cln->handler == ngx_http_acctinfo_cleanup) {
                return cln->data;
            }
        }
    }

    return ctx;
}


static ngx_http_acctinfo_ctx_t *
ngx_http_acctinfo_create_ctx(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t       *cln;
    ngx_http_acctinfo_ctx_t  *ctx;

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_acctinfo_ctx_t));
    if (cln == NULL) {
        return NULL;
    }

    ctx = cln->data;
    ngx_memzero(ctx, sizeof(ngx_http_acctinfo_ctx_t));

    cln->handler = ngx_http_acctinfo_cleanup;

    return ctx;
}


static void
ngx_http_acctinfo_cleanup(void *data)
{
    ngx_http_acctinfo_ctx_t *ctx = data;

    if (ctx->event.posted) {
        ngx_delete_posted_event(&ctx->event);
    }

    acct_inspect_destroy(ctx->inspect);
    ngx_http_acctinfo_values_free(ctx);
    ngx_http_acctinfo_notes_free(ctx);
}


/* another location asks something else about the same request */

static void
ngx_http_acctinfo_restart(ngx_http_acctinfo_ctx_t *ctx)
{
    ngx_table_elt_t  *mark;

    acct_inspect_destroy(ctx->inspect);
    ngx_http_acctinfo_values_free(ctx);
    ngx_http_acctinfo_notes_free(ctx);

    mark = ctx->mark;

    ngx_memzero(ctx, sizeof(ngx_http_acctinfo_ctx_t));

    ctx->mark = mark;
}


ngx_uint_t
ngx_http_acctinfo_mode(ngx_http_request_t *r,
    ngx_http_acctinfo_loc_conf_t *alcf)
{
    ngx_str_t   value;
    ngx_uint_t  i;

    if (alcf->mode_value == NULL) {
        return alcf->mode;
    }

    if (ngx_http_complex_value(r, alcf->mode_value, &value) != NGX_OK) {
        return NGX_HTTP_ACCTINFO_ON;
    }

    for (i = 0; ngx_http_acctinfo_modes[i].len; i++) {
        if (value.len == ngx_http_acctinfo_modes[i].len
            && ngx_strncmp(value.data, ngx_http_acctinfo_modes[i].data,
                           value.len)
               == 0)
        {
            return i;
        }
    }

    return NGX_HTTP_ACCTINFO_ON;
}


static ngx_uint_t
ngx_http_acctinfo_wanted(ngx_http_request_t *r,
    ngx_http_acctinfo_loc_conf_t *alcf)
{
    ngx_str_t   *method;
    ngx_uint_t   i;

    if (alcf->methods == NULL) {
        return 1;
    }

    /*
     * a redirect may have turned the method into GET and left the body, so
     * then it is the body that counts
     */

    if (r->internal && r->request_body && r->request_body->bufs) {
        return 1;
    }

    method = alcf->methods->elts;

    for (i = 0; i < alcf->methods->nelts; i++) {
        if (r->method_name.len == method[i].len
            && ngx_strncmp(r->method_name.data, method[i].data, method[i].len)
               == 0)
        {
            return 1;
        }
    }

    return 0;
}


/* all that is known of the request before its body */

static void
ngx_http_acctinfo_begin(ngx_http_request_t *r, ngx_http_acctinfo_ctx_t *ctx)
{
    uint64_t                        clock;
    ngx_str_t                       name;
    acct_str_t                      query;
    acct_workspace_t               *ws;
    acct_body_info_t                info;
    ngx_http_acctinfo_loc_conf_t   *alcf;
    ngx_http_acctinfo_main_conf_t  *amcf;

    clock = ngx_http_acctinfo_clock();

    alcf = ctx->conf;
    amcf = ngx_http_get_module_main_conf(r, ngx_http_acctinfo_module);

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "acctinfo begin, mode:%ui body:%O",
                   ctx->mode, r->headers_in.content_length_n);

    ws = ngx_http_acctinfo_workspace(amcf);

    /*
     * from the heap and not from the request's pool: what a field needs comes
     * and goes many times in a long body
     */

    if (ws) {
        ctx->inspect = acct_inspect_create(&acct_heap, alcf->source->policy,
                                           alcf->rules->elts,
                                           alcf->rules->nelts, ws);
    }

    if (ctx->inspect == NULL) {
        ngx_http_acctinfo_fail(r, ctx, "memory");
        return;
    }

    ngx_http_acctinfo_values_begin(ctx);
    ngx_http_acctinfo_notes_begin(amcf, ctx);

    ctx->rc = ngx_http_acctinfo_vouch(r, ctx);

    if (ctx->rc == ACCT_OK) {
        ctx->rc = ngx_http_acctinfo_settled(ctx,
                                            ngx_http_acctinfo_values(r, ctx));
    }

    if (ctx->rc == ACCT_OK && r->args.len) {
        query = ngx_http_acctinfo_str(&r->args);
        ctx->rc = ngx_http_acctinfo_settled(ctx,
                                     acct_inspect_query(ctx->inspect, query));
    }

    if (ctx->rc == ACCT_OK) {
        ngx_memzero(&info, sizeof(acct_body_info_t));

        ngx_str_set(&name, "content-type");

        if (ngx_http_acctinfo_field_value(r, &name, &info.type) != NGX_OK) {
            ctx->rc = ACCT_ERROR;
        }

        ngx_str_set(&name, "content-encoding");

        if (ngx_http_acctinfo_field_value(r, &name, &info.encoding) != NGX_OK)
        {
            ctx->rc = ACCT_ERROR;
        }

        info.length = r->headers_in.content_length_n;

        if (ctx->rc == ACCT_OK) {
            ctx->rc = acct_inspect_begin(ctx->inspect, &info);
        }
    }

    if (ctx->rc == ACCT_ERROR) {
        ngx_http_acctinfo_fail(r, ctx, "inspection");
    }

    ctx->spent += ngx_http_acctinfo_clock() - clock;
}


/* wires that are variables; an empty one is a field that is not there */

static int
ngx_http_acctinfo_values(ngx_http_request_t *r, ngx_http_acctinfo_ctx_t *ctx)
{
    int                         rc;
    ngx_uint_t                  i;
    acct_str_t                  value;
    ngx_array_t                *wires;
    ngx_http_acctinfo_wire_t   *wire;
    ngx_http_variable_value_t  *vv;

    wires = ctx->conf->wires;
    wire = wires->elts;

    for (i = 0; i < wires->nelts; i++) {

        if (wire[i].index == NGX_CONF_UNSET) {
            continue;
        }

        vv = ngx_http_get_flushed_variable(r, wire[i].index);

        if (vv == NULL) {
            return ACCT_ERROR;
        }

        if (vv->not_found || vv->len == 0) {
            continue;
        }

        value.data = vv->data;
        value.len = vv->len;

        rc = acct_inspect_value(ctx->inspect, wire[i].policy_field,
                                ngx_http_acctinfo_str(&wire[i].text), value);

        if (rc != ACCT_OK) {
            return rc;
        }
    }

    return ACCT_OK;
}


/*
 * The value of a header of the request.  Of several with one name the
 * application may take any, so they are joined as RFC 9110, 5.3 says: then
 * no reader is chosen by one of them alone.
 */

ngx_int_t
ngx_http_acctinfo_field_value(ngx_http_request_t *r, ngx_str_t *name,
    acct_str_t *value)
{
    u_char           *p;
    size_t            len;
    ngx_uint_t        i, n;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    n = 0;
    len = 0;
    p = NULL;

    value->data = NULL;
    value->len = 0;

again:

    part = &r->headers_in.headers.part;
    h = part->elts;

    for (i = 0; /* void */ ; i++) {

        if (i >= part->nelts) {
            if (part->next == NULL) {
                break;
            }

            part = part->next;
            h = part->elts;
            i = 0;
        }

        if (h[i].hash == 0
            || h[i].key.len != name->len
            || ngx_strncasecmp(h[i].key.data, name->data, name->len) != 0)
        {
            continue;
        }

        if (p) {
            if (n++) {
                p = ngx_cpymem(p, ", ", 2);
            }

            p = ngx_cpymem(p, h[i].value.data, h[i].value.len);
            continue;
        }

        n++;
        len += h[i].value.len + 2;

        value->data = h[i].value.data;
        value->len = h[i].value.len;
    }

    if (p) {
        value->len = p - value->data;
        return NGX_OK;
    }

    if (n < 2) {
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    value->data = p;
    n = 0;

    goto again;
}


/*
 * For an observer the core reads to the end, with a verdict that stands; we
 * end as soon as we would without
 */

static int
ngx_http_acctinfo_settled(ngx_http_acctinfo_ctx_t *ctx, int rc)
{
    if (rc == ACCT_OK && ctx->observed
        && acct_inspect_verdict(ctx->inspect)->action == ACCT_REJECT)
    {
        return ACCT_DONE;
    }

    return rc;
}


static void
ngx_http_acctinfo_feed(ngx_http_request_t *r, ngx_http_acctinfo_ctx_t *ctx,
    u_char *p, size_t n)
{
    uint64_t  clock;

    ctx->received += n;

    if (ctx->rc != ACCT_OK || n == 0) {
        return;
    }

    clock = ngx_http_acctinfo_clock();

    ctx->rc = ngx_http_acctinfo_settled(ctx,
                                      acct_inspect_feed(ctx->inspect, p, n));

    ctx->spent += ngx_http_acctinfo_clock() - clock;

    if (ctx->rc == ACCT_ERROR) {
        ngx_http_acctinfo_fail(r, ctx, "inspection");
    }
}


/*
 * Here no byte of the body is to come any more: what was not seen, by
 * whichever door, must not pass
 */

static void
ngx_http_acctinfo_end(ngx_http_request_t *r, ngx_http_acctinfo_ctx_t *ctx)
{
    off_t     length;
    uint64_t  clock;

    if (ctx->ended) {
        return;
    }

    ctx->ended = 1;

    if (ctx->rc != ACCT_OK) {
        return;
    }

    /* the length of a chunked body is known when it was read to its end */

    length = r->headers_in.content_length_n;

    if ((length >= 0 && length != ctx->received)
        || (length < 0 && r->headers_in.chunked))
    {
        ngx_http_acctinfo_fail(r, ctx, "body");
        return;
    }

    clock = ngx_http_acctinfo_clock();

    ctx->rc = acct_inspect_end(ctx->inspect);

    ctx->spent += ngx_http_acctinfo_clock() - clock;

    if (ctx->rc == ACCT_ERROR) {
        ngx_http_acctinfo_fail(r, ctx, "inspection");
    }
}


/* the first failure is the cause */

static void
ngx_http_acctinfo_fail(ngx_http_request_t *r, ngx_http_acctinfo_ctx_t *ctx,
    char *failure)
{
    ctx->rc = ACCT_ERROR;

    if (ctx->failure.len == 0) {
        ctx->failure.data = (u_char *) failure;
        ctx->failure.len = ngx_strlen(failure);

        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "acctinfo failed: %V", &ctx->failure);
    }
}


static ngx_int_t
ngx_http_acctinfo_read(ngx_http_request_t *r, ngx_http_acctinfo_ctx_t *ctx)
{
    ngx_int_t  rc;

    ctx->state = NGX_HTTP_ACCTINFO_READING;

    if (ctx->rc != ACCT_OK) {
        ngx_http_acctinfo_conclude(r, ctx);

        /* no invitation to send a body that is refused already */

        if (ctx->status) {
            r->expect_tested = 1;
        }
    }

    rc = ngx_http_read_client_request_body(r, ngx_http_acctinfo_body_handler);

    /* the request may be gone from here on */

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        return rc;
    }

    ngx_http_finalize_request(r, NGX_DONE);

    return NGX_DONE;
}


static void
ngx_http_acctinfo_body_handler(ngx_http_request_t *r)
{
    ngx_http_acctinfo_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_acctinfo_module);

    ctx->state = NGX_HTTP_ACCTINFO_COMPLETE;

    r->preserve_body = 1;

    r->write_event_handler = ngx_http_core_run_phases;
    ngx_http_core_run_phases(r);
}


/*
 * Feeds what comes to the inspection that our handler began, and to no other:
 * a body that somebody else reads is replayed when our turn comes.  Nothing
 * is changed and nothing held back.
 */

static ngx_int_t
ngx_http_acctinfo_request_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_buf_t                *b;
    ngx_uint_t                last;
    ngx_chain_t              *cl;
    ngx_http_acctinfo_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_acctinfo_module);

    if (ctx == NULL || ctx->state != NGX_HTTP_ACCTINFO_READING) {
        return ngx_http_next_request_body_filter(r, in);
    }

    last = 0;

    for (cl = in; cl; cl = cl->next) {
        b = cl->buf;

        ngx_log_debug3(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                       "acctinfo body buf:%uz last:%d rc:%d",
                       (size_t) (b->last - b->pos), b->last_buf, ctx->rc);

        ngx_http_acctinfo_feed(r, ctx, b->pos, b->last - b->pos);

        if (b->last_buf) {
            last = 1;
        }
    }

    /*
     * When the whole body is here the second visit decides: the connection
     * then stays in use, and a request behind the body is answered as itself
     */

    if (ctx->rc == ACCT_OK || last) {
        return ngx_http_next_request_body_filter(r, in);
    }

    if (!ctx->concluded) {
        ngx_http_acctinfo_conclude(r, ctx);
    }

    if (ctx->status == 0) {
        return ngx_http_next_request_body_filter(r, in);
    }

    /*
     * What still comes of the body must not be taken for a request.  While
     * reading_body is set, finalisation lingers with 400 also, so that the
     * answer is not lost in a reset
     */

    r->keepalive = 0;
    r->reading_body = 1;

    ctx->state = NGX_HTTP_ACCTINFO_COMPLETE;

    return ngx_http_acctinfo_refuse(r, ctx);
}


/* a body that was read before our turn, from where it lies now */

static ngx_int_t
ngx_http_acctinfo_replay(ngx_http_request_t *r, ngx_http_acctinfo_ctx_t *ctx)
{
    ngx_int_t  rc;

    ctx->state = NGX_HTTP_ACCTINFO_REPLAYING;

    if (r->request_body) {
        ctx->in = r->request_body->bufs;
    }

    rc = ngx_http_acctinfo_replay_turn(r, ctx);

    if (rc != NGX_AGAIN) {
        return ngx_http_acctinfo_answer(r, ctx);
    }

    ctx->event.handler = ngx_http_acctinfo_replay_handler;
    ctx->event.data = r;
    ctx->event.log = r->connection->log;

    r->read_event_handler = ngx_http_test_reading;
    r->write_event_handler = ngx_http_request_empty_handler;

    ngx_post_event(&ctx->event, &ngx_posted_next_events);

    return NGX_DONE;
}


static void
ngx_http_acctinfo_replay_handler(ngx_event_t *ev)
{
    ngx_connection_t         *c;
    ngx_http_request_t       *r;
    ngx_http_acctinfo_ctx_t  *ctx;

    r = ev->data;
    c = r->connection;

    ctx = ngx_http_get_module_ctx(r, ngx_http_acctinfo_module);

    ngx_http_set_log_request(c->log, r);

    if (ngx_http_acctinfo_replay_turn(r, ctx) == NGX_AGAIN) {
        ngx_post_event(ev, &ngx_posted_next_events);
        return;
    }

    r->read_event_handler = ngx_http_block_reading;
    r->write_event_handler = ngx_http_core_run_phases;

    ngx_http_core_run_phases(r);

    ngx_http_run_posted_requests(c);
}


/* NGX_AGAIN: there is more; else the state is complete */

static ngx_int_t
ngx_http_acctinfo_replay_turn(ngx_http_request_t *r,
    ngx_http_acctinfo_ctx_t *ctx)
{
    off_t       length;
    size_t      turn, size;
    ssize_t     n;
    ngx_buf_t  *b;

    for (turn = 0; ctx->in && ctx->rc == ACCT_OK; turn += size) {

        if (turn >= NGX_HTTP_ACCTINFO_TURN) {
            ngx_log_debug1(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                           "acctinfo replay goes on at %O", ctx->received);
            return NGX_AGAIN;
        }

        b = ctx->in->buf;

        length = (b->in_file ? b->file_last - b->file_pos : b->last - b->pos)
                 - ctx->offset;

        size = ngx_min(length, NGX_HTTP_ACCTINFO_SLICE);

        if (size == 0) {
            ctx->in = ctx->in->next;
            ctx->offset = 0;
            continue;
        }

        if (b->in_file) {

            if (ctx->slice == NULL) {
                ctx->slice = ngx_pnalloc(r->pool, NGX_HTTP_ACCTINFO_SLICE);
                if (ctx->slice == NULL) {
                    ngx_http_acctinfo_fail(r, ctx, "memory");
                    break;
                }
            }

            n = ngx_read_file(b->file, ctx->slice, size,
                              b->file_pos + ctx->offset);

            if (n <= 0) {
                ngx_http_acctinfo_fail(r, ctx, "body");
                break;
            }

            size = n;
            ngx_http_acctinfo_feed(r, ctx, ctx->slice, size);

        } else {
            ngx_http_acctinfo_feed(r, ctx, b->pos + ctx->offset, size);
        }

        ctx->offset += size;
    }

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "acctinfo replayed:%O rc:%d", ctx->received, ctx->rc);

    /* somebody else reads it still, and hands it on unbuffered */

    if (ctx->rc == ACCT_OK && r->reading_body) {
        ngx_http_acctinfo_fail(r, ctx, "body");
    }

    ngx_http_acctinfo_end(r, ctx);

    ctx->state = NGX_HTTP_ACCTINFO_COMPLETE;

    return NGX_OK;
}


/* the one way out */

static ngx_int_t
ngx_http_acctinfo_answer(ngx_http_request_t *r, ngx_http_acctinfo_ctx_t *ctx)
{
    /* what was refused stays refused, and an error page is on its way */

    if (ctx->refused) {
        return NGX_DECLINED;
    }

    if (!ctx->concluded) {
        ngx_http_acctinfo_end(r, ctx);
        ngx_http_acctinfo_conclude(r, ctx);
    }

    if (ctx->status == 0) {
        return NGX_DECLINED;
    }

    return ngx_http_acctinfo_refuse(r, ctx);
}


/* verdict, flags and failures of our own -> what nginx does */

static void
ngx_http_acctinfo_conclude(ngx_http_request_t *r, ngx_http_acctinfo_ctx_t *ctx)
{
    ngx_uint_t                     status;
    acct_action_e                  done;
    acct_decision_t               *d;
    ngx_http_acctinfo_loc_conf_t  *alcf;

    alcf = ctx->conf;
    d = &ctx->decision;

    ngx_memzero(d, sizeof(acct_decision_t));

    if (ctx->inspect) {
        acct_decide(acct_inspect_verdict(ctx->inspect), alcf->source->policy,
                    d);
    }

    /*
     * A failure does not excuse what a rule has condemned.  A flag may be of
     * the failure's making, so it does not count.
     */

    if (ctx->failure.len && d->rule == NULL) {
        ngx_memzero(d, sizeof(acct_decision_t));
    }

    done = d->action;
    status = 0;
    ctx->reason = ngx_http_acctinfo_ngx_str(d->reason);

    switch (d->action) {

    case ACCT_REJECT:
        status = d->status ? d->status : alcf->status;
        break;

    case ACCT_VERIFY:

        if (alcf->verify == NGX_HTTP_ACCTINFO_REFUSE) {
            status = NGX_HTTP_FORBIDDEN;
            ngx_str_set(&ctx->reason, "verification_required");

        } else {
            done = ACCT_TAG;
        }

        break;

    default:
        break;
    }

    if (ctx->failure.len && status == 0
        && alcf->failure == NGX_HTTP_ACCTINFO_FAIL_REJECT)
    {
        done = ACCT_REJECT;
        status = NGX_HTTP_INTERNAL_SERVER_ERROR;
        ngx_str_set(&ctx->reason, "failure");

    } else if (alcf->check) {

        /* the content handler tells it */

        status = 0;
    }

    ctx->would = 0;

    if (ctx->mode == NGX_HTTP_ACCTINFO_DRY_RUN) {
        ctx->would = status;
        status = 0;
        done = ACCT_PASS;
    }

    ctx->done = done;
    ctx->status = status;
    ctx->concluded = 1;

    ngx_log_debug3(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "acctinfo concluded, decision:%d done:%d status:%ui",
                   d->action, done, status);

    if (ngx_http_acctinfo_mark(r, ctx) != NGX_OK
        && ctx->mode != NGX_HTTP_ACCTINFO_DRY_RUN)
    {
        /* better no request than one that has lost its tag */

        ngx_http_acctinfo_fail(r, ctx, "memory");

        ctx->done = ACCT_REJECT;
        ctx->status = NGX_HTTP_INTERNAL_SERVER_ERROR;
        ngx_str_set(&ctx->reason, "failure");
    }
}


static uint64_t
ngx_http_acctinfo_clock(void)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return (uint64_t) ts.tv_sec * 1000000000 + ts.tv_nsec;
}


ngx_int_t
ngx_http_acctinfo_request_init(ngx_conf_t *cf)
{
    ngx_http_handler_pt        *h;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_POST_READ_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_acctinfo_post_read_handler;

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_PRECONTENT_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_acctinfo_handler;

    ngx_http_next_request_body_filter = ngx_http_top_request_body_filter;
    ngx_http_top_request_body_filter = ngx_http_acctinfo_request_body_filter;

    return NGX_OK;
}
