
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * Counters that all workers share, and the pages that show them.
 *
 * A request only adds to counters.  The rows of rules are made when the
 * configuration is loaded, by the one process that does that, and are never
 * taken away: so no request needs a lock, and workers of the configuration
 * before go on counting in the same rows.
 */


#include "ngx_http_acctinfo.h"


#define NGX_HTTP_ACCTINFO_BUCKETS      12
#define NGX_HTTP_ACCTINFO_FAILURES     4
#define NGX_HTTP_ACCTINFO_WORKERS      256
#define NGX_HTTP_ACCTINFO_LOADED       64
#define NGX_HTTP_ACCTINFO_TOP          100

#define NGX_HTTP_ACCTINFO_LINE         2048
#define NGX_HTTP_ACCTINFO_PAGE         (1024 * 1024)
#define NGX_HTTP_ACCTINFO_ROW_TEXT     512


/* How a rule's match counted */

#define NGX_HTTP_ACCTINFO_HIT_ON       0
#define NGX_HTTP_ACCTINFO_HIT_DRY_RUN  1
#define NGX_HTTP_ACCTINFO_HIT_TRIAL    2
#define NGX_HTTP_ACCTINFO_HIT_WATCHED  3
#define NGX_HTTP_ACCTINFO_HITS         4


struct ngx_http_acctinfo_row_s {
    ngx_atomic_t                  hits[NGX_HTTP_ACCTINFO_HITS];
    size_t                        len;
    u_char                        id[ACCT_ID_MAX];
};


/* When a rule set with this digest was loaded first */

typedef struct {
    time_t                        time;
    u_char                        digest[64];
} ngx_http_acctinfo_loaded_t;


typedef struct {
    ngx_atomic_t                  pid;        /* 0: free */
    ngx_uint_t                    generation;
} ngx_http_acctinfo_worker_t;


struct ngx_http_acctinfo_zone_s {
    ngx_atomic_t                  done[ACCT_ACTIONS];
    ngx_atomic_t                  said[ACCT_ACTIONS];
    ngx_atomic_t                  modes[2];
    ngx_atomic_t                  flags[ACCT_FLAGS];
    ngx_atomic_t                  failures[NGX_HTTP_ACCTINFO_FAILURES];
    ngx_atomic_t                  refused;
    ngx_atomic_t                  unfinished;
    ngx_atomic_t                  bytes;

    ngx_atomic_t                  time[NGX_HTTP_ACCTINFO_BUCKETS + 1];
    ngx_atomic_t                  spent;      /* ns */

    ngx_uint_t                    generation;
    ngx_http_acctinfo_worker_t    workers[NGX_HTTP_ACCTINFO_WORKERS];
    ngx_http_acctinfo_loaded_t    loaded[NGX_HTTP_ACCTINFO_LOADED];

    ngx_uint_t                    size;
    ngx_atomic_t                  used;
    ngx_http_acctinfo_row_t      *rows;       /* the first takes what has no
                                                 row of its own */
};


typedef ngx_str_t (*ngx_http_acctinfo_name_pt)(ngx_uint_t i);


/* Counters that differ by one word; without a label there is but one */

typedef struct {
    char                         *name;
    char                         *label;
    char                         *help;
    ngx_uint_t                    n;
    ngx_http_acctinfo_name_pt     word;
    size_t                        offset;
} ngx_http_acctinfo_family_t;


typedef struct {
    ngx_http_acctinfo_main_conf_t *conf;
    ngx_http_acctinfo_zone_t      *zone;
    acct_buf_t                     out;
} ngx_http_acctinfo_page_t;


typedef int (*ngx_http_acctinfo_page_pt)(ngx_http_acctinfo_page_t *page);


typedef struct {
    ngx_str_t                     name;
    ngx_str_t                     type;
    ngx_http_acctinfo_page_pt     handler;
} ngx_http_acctinfo_format_t;


static ngx_int_t ngx_http_acctinfo_init_zone(ngx_shm_zone_t *shm_zone,
    void *data);
static ngx_http_acctinfo_zone_t *ngx_http_acctinfo_create_zone(
    ngx_slab_pool_t *pool);
static ngx_int_t ngx_http_acctinfo_init_rows(
    ngx_http_acctinfo_main_conf_t *amcf, ngx_log_t *log);
static ngx_http_acctinfo_row_t *ngx_http_acctinfo_find_row(
    ngx_http_acctinfo_zone_t *zone, ngx_uint_t *index, ngx_uint_t mask,
    acct_str_t id);
static time_t ngx_http_acctinfo_find_loaded(
    ngx_http_acctinfo_main_conf_t *amcf, ngx_uint_t n);

static ngx_int_t ngx_http_acctinfo_log_handler(ngx_http_request_t *r);
static void ngx_http_acctinfo_count(ngx_http_request_t *r,
    ngx_http_acctinfo_ctx_t *ctx, ngx_http_acctinfo_zone_t *zone);
static void ngx_http_acctinfo_count_rules(ngx_http_acctinfo_ctx_t *ctx);
static void ngx_http_acctinfo_note(void *data, const acct_trace_t *trace);
static ngx_uint_t ngx_http_acctinfo_hit(ngx_http_acctinfo_ctx_t *ctx,
    const acct_rule_t *rule);

static ngx_int_t ngx_http_acctinfo_metrics_handler(ngx_http_request_t *r);
static int ngx_http_acctinfo_prometheus(ngx_http_acctinfo_page_t *page);
static int ngx_http_acctinfo_prometheus_rulesets(
    ngx_http_acctinfo_page_t *page);
static int ngx_http_acctinfo_json(ngx_http_acctinfo_page_t *page);
static int ngx_http_acctinfo_html(ngx_http_acctinfo_page_t *page);
static int ngx_http_acctinfo_html_bar(ngx_http_acctinfo_page_t *page,
    ngx_str_t *name, ngx_atomic_uint_t value, ngx_atomic_uint_t max);
static int ngx_http_acctinfo_html_rules(ngx_http_acctinfo_page_t *page);
static int ngx_libc_cdecl ngx_http_acctinfo_cmp_rows(const void *one,
    const void *two);
static int ngx_http_acctinfo_put(ngx_http_acctinfo_page_t *page,
    const char *fmt, ...);
static ngx_uint_t ngx_http_acctinfo_same(ngx_http_acctinfo_main_conf_t *amcf,
    ngx_uint_t n);
static ngx_uint_t ngx_http_acctinfo_workers(ngx_http_acctinfo_zone_t *zone,
    ngx_uint_t *generations, ngx_uint_t *counts);

static ngx_str_t ngx_http_acctinfo_action_word(ngx_uint_t i);
static ngx_str_t ngx_http_acctinfo_mode_word(ngx_uint_t i);
static ngx_str_t ngx_http_acctinfo_flag_word(ngx_uint_t i);
static ngx_str_t ngx_http_acctinfo_failure_word(ngx_uint_t i);


static ngx_http_acctinfo_format_t  ngx_http_acctinfo_formats[] = {
    { ngx_string("prometheus"),
      ngx_string("text/plain; version=0.0.4; charset=utf-8"),
      ngx_http_acctinfo_prometheus },

    { ngx_string("json"),
      ngx_string("application/json"),
      ngx_http_acctinfo_json },

    { ngx_string("html"),
      ngx_string("text/html; charset=utf-8"),
      ngx_http_acctinfo_html },

    { ngx_null_string, ngx_null_string, NULL }
};


static ngx_http_acctinfo_family_t  ngx_http_acctinfo_families[] = {

    { "requests", "action", "Inspected requests by what was done.",
      ACCT_ACTIONS, ngx_http_acctinfo_action_word,
      offsetof(ngx_http_acctinfo_zone_t, done) },

    { "verdicts", "verdict", "Inspected requests by what the rules said.",
      ACCT_ACTIONS, ngx_http_acctinfo_action_word,
      offsetof(ngx_http_acctinfo_zone_t, said) },

    { "mode_requests", "mode", "Inspected requests by mode.",
      2, ngx_http_acctinfo_mode_word,
      offsetof(ngx_http_acctinfo_zone_t, modes) },

    { "flags", "flag", "Inspected requests by what was odd about them.",
      ACCT_FLAGS, ngx_http_acctinfo_flag_word,
      offsetof(ngx_http_acctinfo_zone_t, flags) },

    { "failures", "failure", "Inspections that failed, by cause.",
      NGX_HTTP_ACCTINFO_FAILURES, ngx_http_acctinfo_failure_word,
      offsetof(ngx_http_acctinfo_zone_t, failures) },

    { "refused", NULL, "Requests that were refused.",
      1, NULL, offsetof(ngx_http_acctinfo_zone_t, refused) },

    { "unfinished", NULL,
      "Requests that ended before their body did, without a verdict.",
      1, NULL, offsetof(ngx_http_acctinfo_zone_t, unfinished) },

    { "body_bytes", NULL, "Bytes of bodies that were inspected.",
      1, NULL, offsetof(ngx_http_acctinfo_zone_t, bytes) },

    { NULL, NULL, NULL, 0, NULL, 0 }
};


/* upper bounds in ns, and as they are written */

static const struct {
    uint64_t   ns;
    char      *text;
} ngx_http_acctinfo_buckets[NGX_HTTP_ACCTINFO_BUCKETS] = {
    { 10000,     "0.00001" },
    { 25000,     "0.000025" },
    { 50000,     "0.00005" },
    { 100000,    "0.0001" },
    { 250000,    "0.00025" },
    { 500000,    "0.0005" },
    { 1000000,   "0.001" },
    { 2500000,   "0.0025" },
    { 5000000,   "0.005" },
    { 10000000,  "0.01" },
    { 100000000, "0.1" },
    { 1000000000, "1" }
};


/* the words that ngx_http_acctinfo_fail() is called with */

static ngx_str_t  ngx_http_acctinfo_failure_words[] = {
    ngx_string("memory"),
    ngx_string("inspection"),
    ngx_string("body"),
    ngx_string("other")
};


static ngx_str_t  ngx_http_acctinfo_hit_words[] = {
    ngx_string("on"),
    ngx_string("dry_run"),
    ngx_string("trial"),
    ngx_string("watched")
};


char *
ngx_http_acctinfo_set_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_acctinfo_main_conf_t *amcf = conf;

    ssize_t     size;
    ngx_str_t  *value;

    if (amcf->shm_zone) {
        return "is duplicate";
    }

    value = cf->args->elts;

    size = ngx_parse_size(&value[2]);

    if (size == NGX_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid zone size \"%V\"",
                           &value[2]);
        return NGX_CONF_ERROR;
    }

    if (size < (ssize_t) (8 * ngx_pagesize)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "zone \"%V\" is too small, it must be at least %uz "
                           "bytes", &value[1], 8 * ngx_pagesize);
        return NGX_CONF_ERROR;
    }

    amcf->shm_zone = ngx_shared_memory_add(cf, &value[1], size,
                                           &ngx_http_acctinfo_module);
    if (amcf->shm_zone == NULL) {
        return NGX_CONF_ERROR;
    }

    if (amcf->shm_zone->data) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "zone \"%V\" is duplicate",
                           &value[1]);
        return NGX_CONF_ERROR;
    }

    amcf->pool = cf->pool;

    amcf->shm_zone->init = ngx_http_acctinfo_init_zone;
    amcf->shm_zone->data = amcf;

    return NGX_CONF_OK;
}


char *
ngx_http_acctinfo_set_metrics(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_acctinfo_loc_conf_t *alcf = conf;

    ngx_str_t                      *value;
    ngx_uint_t                      i;
    ngx_http_core_loc_conf_t       *clcf;
    ngx_http_acctinfo_main_conf_t  *amcf;

    if (alcf->metrics) {
        return "is duplicate";
    }

    value = cf->args->elts;

    for (i = 0; ngx_http_acctinfo_formats[i].name.len; i++) {
        if (ngx_strcmp(ngx_http_acctinfo_formats[i].name.data, value[1].data)
            == 0)
        {
            break;
        }
    }

    if (ngx_http_acctinfo_formats[i].name.len == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid format \"%V\", it must be "
                           "\"prometheus\", \"json\" or \"html\"", &value[1]);
        return NGX_CONF_ERROR;
    }

    alcf->metrics = i + 1;

    amcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_acctinfo_module);
    amcf->shown = 1;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_acctinfo_metrics_handler;

    return NGX_CONF_OK;
}


ngx_int_t
ngx_http_acctinfo_metrics_init(ngx_conf_t *cf)
{
    ngx_http_handler_pt            *h;
    ngx_http_core_main_conf_t      *cmcf;
    ngx_http_acctinfo_main_conf_t  *amcf;

    amcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_acctinfo_module);

    if (amcf->shm_zone == NULL) {

        if (amcf->shown) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "\"acctinfo_metrics\" has nothing to show without "
                          "\"acctinfo_zone\"");
            return NGX_ERROR;
        }

        return NGX_OK;
    }

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_LOG_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_acctinfo_log_handler;

    return NGX_OK;
}


static ngx_int_t
ngx_http_acctinfo_init_zone(ngx_shm_zone_t *shm_zone, void *data)
{
    ngx_http_acctinfo_main_conf_t *old = data;

    ngx_uint_t                      i;
    ngx_slab_pool_t                *pool;
    ngx_http_acctinfo_main_conf_t  *amcf;

    amcf = shm_zone->data;
    pool = (ngx_slab_pool_t *) shm_zone->shm.addr;

    if (old) {
        amcf->zone = old->zone;

    } else if (shm_zone->shm.exists) {
        amcf->zone = pool->data;

    } else {
        amcf->zone = ngx_http_acctinfo_create_zone(pool);
        if (amcf->zone == NULL) {
            ngx_log_error(NGX_LOG_EMERG, shm_zone->shm.log, 0,
                          "acctinfo: zone \"%V\" is too small",
                          &shm_zone->shm.name);
            return NGX_ERROR;
        }

        pool->data = amcf->zone;
    }

    amcf->generation = ++amcf->zone->generation;

    /* a process without a master goes on as its own next worker */

    for (i = 0; i < NGX_HTTP_ACCTINFO_WORKERS; i++) {
        if (amcf->zone->workers[i].pid == (ngx_atomic_uint_t) ngx_pid) {
            amcf->zone->workers[i].generation = amcf->generation;
        }
    }

    return ngx_http_acctinfo_init_rows(amcf, shm_zone->shm.log);
}


/* as many rows as there is room for */

static ngx_http_acctinfo_zone_t *
ngx_http_acctinfo_create_zone(ngx_slab_pool_t *pool)
{
    size_t                     n;
    ngx_http_acctinfo_zone_t  *zone;

    pool->log_nomem = 0;

    zone = ngx_slab_calloc(pool, sizeof(ngx_http_acctinfo_zone_t));
    if (zone == NULL) {
        return NULL;
    }

    n = (pool->end - pool->start) / sizeof(ngx_http_acctinfo_row_t);

    while (n > 1) {
        zone->rows = ngx_slab_calloc(pool,
                                     n * sizeof(ngx_http_acctinfo_row_t));
        if (zone->rows) {
            break;
        }

        n -= ngx_min(ngx_pagesize / sizeof(ngx_http_acctinfo_row_t), n - 1);
    }

    if (zone->rows == NULL) {
        return NULL;
    }

    ngx_memcpy(zone->rows[0].id, "overflow", sizeof("overflow") - 1);
    zone->rows[0].len = sizeof("overflow") - 1;

    zone->size = n;
    zone->used = 1;

    return zone;
}


static ngx_int_t
ngx_http_acctinfo_init_rows(ngx_http_acctinfo_main_conf_t *amcf,
    ngx_log_t *log)
{
    size_t                         n;
    ngx_uint_t                     i, k, mask, left, *index;
    acct_str_t                     id;
    ngx_http_acctinfo_row_t       *row;
    ngx_http_acctinfo_zone_t      *zone;
    ngx_http_acctinfo_ruleset_t   *rs;

    zone = amcf->zone;

    /* rows by their ids, at most half full */

    for (mask = 1; mask < 2 * zone->size; mask <<= 1) { /* void */ }

    index = ngx_calloc(mask * sizeof(ngx_uint_t), log);
    if (index == NULL) {
        return NGX_ERROR;
    }

    mask--;

    for (i = 1; i < zone->used; i++) {
        row = &zone->rows[i];

        k = ngx_hash_key(row->id, row->len) & mask;

        while (index[k]) {
            k = (k + 1) & mask;
        }

        index[k] = i;
    }

    left = 0;
    rs = amcf->rulesets.elts;

    for (i = 0; i < amcf->rulesets.nelts; i++) {
        n = acct_ruleset_count(rs[i].ruleset);

        rs[i].first = amcf->nrules;
        amcf->nrules += n;

        rs[i].loaded = ngx_http_acctinfo_find_loaded(amcf, i);
        rs[i].rows = ngx_palloc(amcf->pool, ngx_max(n, 1)
                                         * sizeof(ngx_http_acctinfo_row_t *));
        if (rs[i].rows == NULL) {
            ngx_free(index);
            return NGX_ERROR;
        }

        for (k = 0; k < n; k++) {
            id = acct_ruleset_rule(rs[i].ruleset, k)->id;

            rs[i].rows[k] = ngx_http_acctinfo_find_row(zone, index, mask, id);

            if (rs[i].rows[k] == zone->rows) {
                left++;
            }
        }
    }

    ngx_free(index);

    if (left) {
        ngx_log_error(NGX_LOG_WARN, log, 0,
                      "acctinfo: zone \"%V\" is full, %ui rules share the row "
                      "\"overflow\"", &amcf->shm_zone->shm.name, left);
    }

    return NGX_OK;
}


/* finds the row of a rule, or makes it, or else yields the first */

static ngx_http_acctinfo_row_t *
ngx_http_acctinfo_find_row(ngx_http_acctinfo_zone_t *zone, ngx_uint_t *index,
    ngx_uint_t mask, acct_str_t id)
{
    ngx_uint_t                k;
    ngx_http_acctinfo_row_t  *row;

    k = ngx_hash_key((u_char *) id.data, id.len) & mask;

    while (index[k]) {
        row = &zone->rows[index[k]];

        if (row->len == id.len && ngx_memcmp(row->id, id.data, id.len) == 0) {
            return row;
        }

        k = (k + 1) & mask;
    }

    if (zone->used == zone->size || id.len > ACCT_ID_MAX) {
        return zone->rows;
    }

    row = &zone->rows[zone->used];

    ngx_memcpy(row->id, id.data, id.len);
    row->len = id.len;

    index[k] = zone->used;

    /* a worker that shows the rows must not see one that is half made */

    ngx_memory_barrier();

    zone->used++;

    return row;
}


/* a full table gives up the entry that has been there longest */

static time_t
ngx_http_acctinfo_find_loaded(ngx_http_acctinfo_main_conf_t *amcf,
    ngx_uint_t n)
{
    ngx_uint_t                    i;
    acct_str_t                    digest;
    ngx_http_acctinfo_loaded_t   *l, *oldest;
    ngx_http_acctinfo_ruleset_t  *rs;

    rs = amcf->rulesets.elts;
    digest = acct_ruleset_digest(rs[n].ruleset);

    l = amcf->zone->loaded;
    oldest = l;

    if (digest.len != sizeof(l->digest)) {
        return ngx_time();
    }

    for (i = 0; i < NGX_HTTP_ACCTINFO_LOADED; i++) {

        if (l[i].time
            && ngx_memcmp(l[i].digest, digest.data, digest.len) == 0)
        {
            return l[i].time;
        }

        if (l[i].time < oldest->time) {
            oldest = &l[i];
        }
    }

    ngx_memcpy(oldest->digest, digest.data, digest.len);
    oldest->time = ngx_time();

    return oldest->time;
}


/*
 * A worker that was killed could not give its slot back, so a slot whose
 * process is gone is free as well.
 */

void
ngx_http_acctinfo_worker_begin(ngx_http_acctinfo_main_conf_t *amcf)
{
    ngx_uint_t                   i;
    ngx_atomic_uint_t            pid;
    ngx_http_acctinfo_worker_t  *w;

    if (amcf->zone == NULL) {
        return;
    }

    w = amcf->zone->workers;

    for (i = 0; i < NGX_HTTP_ACCTINFO_WORKERS; i++) {
        pid = w[i].pid;

        if (pid && (kill((pid_t) pid, 0) == 0 || ngx_errno != ESRCH)) {
            continue;
        }

        if (ngx_atomic_cmp_set(&w[i].pid, pid, (ngx_atomic_uint_t) ngx_pid)) {
            w[i].generation = amcf->generation;
            return;
        }
    }
}


void
ngx_http_acctinfo_worker_end(ngx_http_acctinfo_main_conf_t *amcf)
{
    ngx_uint_t                   i;
    ngx_http_acctinfo_worker_t  *w;

    if (amcf->zone == NULL) {
        return;
    }

    w = amcf->zone->workers;

    for (i = 0; i < NGX_HTTP_ACCTINFO_WORKERS; i++) {
        (void) ngx_atomic_cmp_set(&w[i].pid, (ngx_atomic_uint_t) ngx_pid, 0);
    }
}


static ngx_int_t
ngx_http_acctinfo_log_handler(ngx_http_request_t *r)
{
    ngx_http_acctinfo_ctx_t        *ctx;
    ngx_http_acctinfo_main_conf_t  *amcf;

    if (r != r->main) {
        return NGX_OK;
    }

    ctx = ngx_http_acctinfo_get_ctx(r);

    if (ctx == NULL) {
        return NGX_OK;
    }

    amcf = ngx_http_get_module_main_conf(r, ngx_http_acctinfo_module);

    ngx_http_acctinfo_count(r, ctx, amcf->zone);

    return NGX_OK;
}


static void
ngx_http_acctinfo_count(ngx_http_request_t *r, ngx_http_acctinfo_ctx_t *ctx,
    ngx_http_acctinfo_zone_t *zone)
{
    ngx_str_t             *word;
    ngx_uint_t             i;
    const acct_verdict_t  *v;

    (void) ngx_atomic_fetch_add(&zone->bytes, ctx->received);

    if (!ctx->concluded) {
        (void) ngx_atomic_fetch_add(&zone->unfinished, 1);
        return;
    }

    (void) ngx_atomic_fetch_add(&zone->done[ctx->done], 1);
    (void) ngx_atomic_fetch_add(&zone->modes[ctx->mode - 1], 1);

    if (ctx->refused) {
        (void) ngx_atomic_fetch_add(&zone->refused, 1);
    }

    for (i = 0; i < NGX_HTTP_ACCTINFO_BUCKETS; i++) {
        if (ctx->spent <= ngx_http_acctinfo_buckets[i].ns) {
            break;
        }
    }

    (void) ngx_atomic_fetch_add(&zone->time[i], 1);
    (void) ngx_atomic_fetch_add(&zone->spent, ctx->spent);

    if (ctx->failure.len) {
        word = ngx_http_acctinfo_failure_words;

        for (i = 0; i < NGX_HTTP_ACCTINFO_FAILURES - 1; i++) {
            if (word[i].len == ctx->failure.len
                && ngx_memcmp(word[i].data, ctx->failure.data, word[i].len)
                   == 0)
            {
                break;
            }
        }

        (void) ngx_atomic_fetch_add(&zone->failures[i], 1);
    }

    if (ctx->inspect == NULL) {
        return;
    }

    v = acct_inspect_verdict(ctx->inspect);

    (void) ngx_atomic_fetch_add(&zone->said[v->action], 1);

    for (i = 0; i < ACCT_FLAGS; i++) {
        if (v->flags & acct_flag_bit(i)) {
            (void) ngx_atomic_fetch_add(&zone->flags[i], 1);
        }
    }

    ngx_http_acctinfo_count_rules(ctx);
}


/*
 * A verdict holds its first matches alone, so the rules are noted while they
 * match, a bit for each.
 */

void
ngx_http_acctinfo_notes_begin(ngx_http_acctinfo_main_conf_t *amcf,
    ngx_http_acctinfo_ctx_t *ctx)
{
    if (amcf->zone) {
        ctx->amcf = amcf;
        acct_inspect_trace(ctx->inspect, ngx_http_acctinfo_note, ctx);
    }
}


void
ngx_http_acctinfo_notes_free(ngx_http_acctinfo_ctx_t *ctx)
{
    acct_free(&acct_heap, ctx->notes);

    ctx->notes = NULL;
}


static void
ngx_http_acctinfo_note(void *data, const acct_trace_t *trace)
{
    ngx_http_acctinfo_ctx_t *ctx = data;

    size_t                        n;
    ngx_uint_t                    i;
    const acct_rule_t            *first;
    ngx_http_acctinfo_ruleset_t  *rs;

    if (trace->outcome != ACCT_TRACE_MATCHED
        && trace->outcome != ACCT_TRACE_EXCUSED)
    {
        return;
    }

    if (ctx->notes == NULL) {
        ctx->notes = acct_calloc(&acct_heap, ctx->amcf->nrules / 8 + 1);

        if (ctx->notes == NULL) {
            return;
        }
    }

    rs = ctx->amcf->rulesets.elts;

    for (i = 0; i < ctx->amcf->rulesets.nelts; i++) {
        n = acct_ruleset_count(rs[i].ruleset);

        if (n == 0) {
            continue;
        }

        first = acct_ruleset_rule(rs[i].ruleset, 0);

        if (trace->rule >= first && trace->rule < first + n) {
            n = rs[i].first + (trace->rule - first);
            ctx->notes[n / 8] |= (u_char) (1 << (n % 8));
            return;
        }
    }
}


/* a rule counts once for a request, however often it matched there */

static void
ngx_http_acctinfo_count_rules(ngx_http_acctinfo_ctx_t *ctx)
{
    size_t                        k, n, count;
    ngx_uint_t                    i, hit;
    const acct_verdict_t         *v;
    ngx_http_acctinfo_row_t      *row;
    ngx_http_acctinfo_ruleset_t  *rs;

    if (ctx->notes == NULL) {
        v = acct_inspect_verdict(ctx->inspect);

        /* there was no memory for notes */

        if (v->matches.count || v->watched.count) {
            hit = (ctx->mode == NGX_HTTP_ACCTINFO_DRY_RUN)
                  ? NGX_HTTP_ACCTINFO_HIT_DRY_RUN : NGX_HTTP_ACCTINFO_HIT_ON;

            (void) ngx_atomic_fetch_add(&ctx->amcf->zone->rows[0].hits[hit],
                                        1);
        }

        return;
    }

    rs = ctx->amcf->rulesets.elts;

    for (i = 0; i < ctx->amcf->rulesets.nelts; i++) {
        count = acct_ruleset_count(rs[i].ruleset);

        for (k = 0; k < count; k++) {
            n = rs[i].first + k;

            if (ctx->notes[n / 8] == 0) {
                k += 7 - n % 8;
                continue;
            }

            if (ctx->notes[n / 8] & (1 << (n % 8))) {
                row = rs[i].rows[k];
                hit = ngx_http_acctinfo_hit(ctx,
                                        acct_ruleset_rule(rs[i].ruleset, k));

                (void) ngx_atomic_fetch_add(&row->hits[hit], 1);
            }
        }
    }
}


/* level, stage and the operator's hand say how a rule's matches count */

static ngx_uint_t
ngx_http_acctinfo_hit(ngx_http_acctinfo_ctx_t *ctx, const acct_rule_t *rule)
{
    int                   hand;
    const acct_policy_t  *policy;

    policy = ctx->conf->source->policy;
    hand = acct_policy_hand(policy, rule->id);

    if (hand == ACCT_HAND_TRIAL || (hand < 0 && rule->trial)) {
        return NGX_HTTP_ACCTINFO_HIT_TRIAL;
    }

    if (hand < 0 && rule->level > policy->act) {
        return NGX_HTTP_ACCTINFO_HIT_WATCHED;
    }

    return (ctx->mode == NGX_HTTP_ACCTINFO_DRY_RUN)
           ? NGX_HTTP_ACCTINFO_HIT_DRY_RUN : NGX_HTTP_ACCTINFO_HIT_ON;
}


static ngx_int_t
ngx_http_acctinfo_metrics_handler(ngx_http_request_t *r)
{
    ngx_int_t                      rc;
    ngx_table_elt_t               *h;
    ngx_http_complex_value_t       cv;
    ngx_http_acctinfo_page_t       page;
    ngx_http_acctinfo_format_t    *format;
    ngx_http_acctinfo_loc_conf_t  *alcf;

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return NGX_HTTP_NOT_ALLOWED;
    }

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    alcf = ngx_http_get_module_loc_conf(r, ngx_http_acctinfo_module);
    format = &ngx_http_acctinfo_formats[alcf->metrics - 1];

    page.conf = ngx_http_get_module_main_conf(r, ngx_http_acctinfo_module);
    page.zone = page.conf->zone;

    acct_buf_init(&page.out, &acct_heap,
                  NGX_HTTP_ACCTINFO_PAGE
                  + page.zone->used * NGX_HTTP_ACCTINFO_ROW_TEXT
                  + page.conf->rulesets.nelts * NGX_HTTP_ACCTINFO_LINE);

    rc = NGX_HTTP_INTERNAL_SERVER_ERROR;

    if (format->handler(&page) != ACCT_OK) {
        goto done;
    }

    ngx_memzero(&cv, sizeof(ngx_http_complex_value_t));

    cv.value.len = page.out.len;
    cv.value.data = ngx_pnalloc(r->pool, page.out.len);
    if (cv.value.data == NULL) {
        goto done;
    }

    ngx_memcpy(cv.value.data, page.out.data, page.out.len);

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        goto done;
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));

    h->hash = 1;
    ngx_str_set(&h->key, "Cache-Control");
    ngx_str_set(&h->value, "no-store");

    rc = ngx_http_send_response(r, NGX_HTTP_OK, &format->type, &cv);

done:

    acct_buf_free(&page.out);

    return rc;
}


static int
ngx_http_acctinfo_put(ngx_http_acctinfo_page_t *page, const char *fmt, ...)
{
    u_char   *p, buf[NGX_HTTP_ACCTINFO_LINE];
    va_list   args;

    va_start(args, fmt);
    p = ngx_vslprintf(buf, buf + sizeof(buf), fmt, args);
    va_end(args);

    return acct_buf_append(&page->out, buf, p - buf);
}


/* the same rule set by two paths is shown once */

static ngx_uint_t
ngx_http_acctinfo_same(ngx_http_acctinfo_main_conf_t *amcf, ngx_uint_t n)
{
    ngx_uint_t                    i;
    ngx_http_acctinfo_ruleset_t  *rs;

    rs = amcf->rulesets.elts;

    for (i = 0; i < n; i++) {
        if (acct_str_eq(acct_ruleset_digest(rs[i].ruleset),
                        acct_ruleset_digest(rs[n].ruleset))
            && acct_str_eq(acct_ruleset_serial(rs[i].ruleset),
                           acct_ruleset_serial(rs[n].ruleset)))
        {
            return 1;
        }
    }

    return 0;
}


/* living workers by the configuration that they run; a handful of kinds */

static ngx_uint_t
ngx_http_acctinfo_workers(ngx_http_acctinfo_zone_t *zone,
    ngx_uint_t *generations, ngx_uint_t *counts)
{
    ngx_uint_t                   i, k, n;
    ngx_atomic_uint_t            pid;
    ngx_http_acctinfo_worker_t  *w;

    n = 0;
    w = zone->workers;

    for (i = 0; i < NGX_HTTP_ACCTINFO_WORKERS; i++) {
        pid = w[i].pid;

        if (pid == 0 || (kill((pid_t) pid, 0) == -1 && ngx_errno == ESRCH)) {
            continue;
        }

        for (k = 0; k < n; k++) {
            if (generations[k] == w[i].generation) {
                break;
            }
        }

        if (k == n) {
            generations[n] = w[i].generation;
            counts[n++] = 0;
        }

        counts[k]++;
    }

    return n;
}


/* the text format of Prometheus, version 0.0.4 */

static int
ngx_http_acctinfo_prometheus(ngx_http_acctinfo_page_t *page)
{
    ngx_str_t                    word;
    ngx_uint_t                   i, k;
    ngx_atomic_t                *value;
    ngx_atomic_uint_t            sum;
    ngx_http_acctinfo_row_t     *row;
    ngx_http_acctinfo_family_t  *f;

    for (f = ngx_http_acctinfo_families; f->name; f++) {
        value = (ngx_atomic_t *) ((u_char *) page->zone + f->offset);

        if (ngx_http_acctinfo_put(page, "# HELP acctinfo_%s_total %s\n"
                                        "# TYPE acctinfo_%s_total counter\n",
                                  f->name, f->help, f->name)
            != ACCT_OK)
        {
            return ACCT_ERROR;
        }

        for (i = 0; i < f->n; i++) {

            if (f->label == NULL) {
                if (ngx_http_acctinfo_put(page, "acctinfo_%s_total %uA\n",
                                          f->name, value[i])
                    != ACCT_OK)
                {
                    return ACCT_ERROR;
                }

                continue;
            }

            word = f->word(i);

            if (ngx_http_acctinfo_put(page,
                                      "acctinfo_%s_total{%s=\"%V\"} %uA\n",
                                      f->name, f->label, &word, value[i])
                != ACCT_OK)
            {
                return ACCT_ERROR;
            }
        }
    }

    if (ngx_http_acctinfo_put(page,
            "# HELP acctinfo_inspection_seconds "
            "Time that an inspection spent in the core.\n"
            "# TYPE acctinfo_inspection_seconds histogram\n")
        != ACCT_OK)
    {
        return ACCT_ERROR;
    }

    sum = 0;

    for (i = 0; i <= NGX_HTTP_ACCTINFO_BUCKETS; i++) {
        sum += page->zone->time[i];

        if (ngx_http_acctinfo_put(page,
                "acctinfo_inspection_seconds_bucket{le=\"%s\"} %uA\n",
                i < NGX_HTTP_ACCTINFO_BUCKETS
                ? ngx_http_acctinfo_buckets[i].text : "+Inf", sum)
            != ACCT_OK)
        {
            return ACCT_ERROR;
        }
    }

    if (ngx_http_acctinfo_put(page,
            "acctinfo_inspection_seconds_sum %uA.%09uA\n"
            "acctinfo_inspection_seconds_count %uA\n"
            "# HELP acctinfo_rule_hits_total Requests in which a rule matched, "
            "by how that counted; the rule \"overflow\" is all that had no "
            "room.\n"
            "# TYPE acctinfo_rule_hits_total counter\n",
            page->zone->spent / 1000000000, page->zone->spent % 1000000000,
            sum)
        != ACCT_OK)
    {
        return ACCT_ERROR;
    }

    for (i = 0; i < page->zone->used; i++) {
        row = &page->zone->rows[i];

        for (k = 0; k < NGX_HTTP_ACCTINFO_HITS; k++) {

            /* a rule that is silent is told of once */

            if (k && row->hits[k] == 0) {
                continue;
            }

            if (ngx_http_acctinfo_put(page,
                    "acctinfo_rule_hits_total{rule=\"%*s\",mode=\"%V\"} %uA\n",
                    row->len, row->id, &ngx_http_acctinfo_hit_words[k],
                    row->hits[k])
                != ACCT_OK)
            {
                return ACCT_ERROR;
            }
        }
    }

    return ngx_http_acctinfo_prometheus_rulesets(page);
}


/* a serial is of digits, dots and dashes, a digest of hex digits */

static int
ngx_http_acctinfo_prometheus_rulesets(ngx_http_acctinfo_page_t *page)
{
    ngx_str_t                     serial, digest;
    ngx_uint_t                    i, k, n;
    ngx_uint_t                    counts[NGX_HTTP_ACCTINFO_WORKERS];
    ngx_uint_t                    generations[NGX_HTTP_ACCTINFO_WORKERS];
    ngx_http_acctinfo_ruleset_t  *rs;

    static const struct {
        char   *name;
        char   *help;
    } gauges[] = {
        { "ruleset_info", "Rule sets of this configuration." },
        { "ruleset_rules", "Rules in a rule set." },
        { "ruleset_loaded_timestamp_seconds",
          "When a rule set was loaded first." }
    };

    rs = page->conf->rulesets.elts;

    for (k = 0; k < 3; k++) {

        if (ngx_http_acctinfo_put(page, "# HELP acctinfo_%s %s\n"
                                        "# TYPE acctinfo_%s gauge\n",
                                  gauges[k].name, gauges[k].help,
                                  gauges[k].name)
            != ACCT_OK)
        {
            return ACCT_ERROR;
        }

        for (i = 0; i < page->conf->rulesets.nelts; i++) {

            if (ngx_http_acctinfo_same(page->conf, i)) {
                continue;
            }

            serial = ngx_http_acctinfo_ngx_str(
                                         acct_ruleset_serial(rs[i].ruleset));
            digest = ngx_http_acctinfo_ngx_str(
                                         acct_ruleset_digest(rs[i].ruleset));

            if (ngx_http_acctinfo_put(page,
                    "acctinfo_%s{serial=\"%V\",digest=\"%V\"} %T\n",
                    gauges[k].name, &serial, &digest,
                    k == 0 ? (time_t) 1
                    : k == 1 ? (time_t) acct_ruleset_count(rs[i].ruleset)
                    : rs[i].loaded)
                != ACCT_OK)
            {
                return ACCT_ERROR;
            }
        }
    }

    if (ngx_http_acctinfo_put(page,
            "# HELP acctinfo_workers Worker processes, by the configuration "
            "that they run.\n"
            "# TYPE acctinfo_workers gauge\n")
        != ACCT_OK)
    {
        return ACCT_ERROR;
    }

    n = ngx_http_acctinfo_workers(page->zone, generations, counts);

    for (i = 0; i < n; i++) {
        if (ngx_http_acctinfo_put(page,
                                  "acctinfo_workers{generation=\"%ui\"} %ui\n",
                                  generations[i], counts[i])
            != ACCT_OK)
        {
            return ACCT_ERROR;
        }
    }

    return ngx_http_acctinfo_put(page,
            "# HELP acctinfo_generation The configuration of this answer.\n"
            "# TYPE acctinfo_generation gauge\n"
            "acctinfo_generation %ui\n"
            "# HELP acctinfo_zone_rows Rows that the zone has room for.\n"
            "# TYPE acctinfo_zone_rows gauge\n"
            "acctinfo_zone_rows %ui\n"
            "# HELP acctinfo_zone_rows_used Rows in use.\n"
            "# TYPE acctinfo_zone_rows_used gauge\n"
            "acctinfo_zone_rows_used %uA\n",
            page->conf->generation, page->zone->size, page->zone->used);
}


static int
ngx_http_acctinfo_json(ngx_http_acctinfo_page_t *page)
{
    char                         *comma;
    ngx_str_t                     word, serial, digest;
    ngx_uint_t                    i, k, n;
    ngx_uint_t                    counts[NGX_HTTP_ACCTINFO_WORKERS];
    ngx_uint_t                    generations[NGX_HTTP_ACCTINFO_WORKERS];
    ngx_atomic_t                 *value;
    ngx_atomic_uint_t             sum;
    ngx_http_acctinfo_row_t      *row;
    ngx_http_acctinfo_family_t   *f;
    ngx_http_acctinfo_ruleset_t  *rs;

    comma = "{";

    for (f = ngx_http_acctinfo_families; f->name; f++) {
        value = (ngx_atomic_t *) ((u_char *) page->zone + f->offset);

        if (f->label == NULL) {
            if (ngx_http_acctinfo_put(page, "%s\"%s\":%uA", comma, f->name,
                                      value[0])
                != ACCT_OK)
            {
                return ACCT_ERROR;
            }

            continue;
        }

        if (ngx_http_acctinfo_put(page, "%s\"%s\":{", comma, f->name)
            != ACCT_OK)
        {
            return ACCT_ERROR;
        }

        for (i = 0; i < f->n; i++) {
            word = f->word(i);

            if (ngx_http_acctinfo_put(page, "%s\"%V\":%uA", i ? "," : "",
                                      &word, value[i])
                != ACCT_OK)
            {
                return ACCT_ERROR;
            }
        }

        if (ngx_http_acctinfo_put(page, "}") != ACCT_OK) {
            return ACCT_ERROR;
        }

        comma = ",\n";
    }

    if (ngx_http_acctinfo_put(page, ",\n\"inspection_seconds\":{\"buckets\":[")
        != ACCT_OK)
    {
        return ACCT_ERROR;
    }

    sum = 0;

    for (i = 0; i <= NGX_HTTP_ACCTINFO_BUCKETS; i++) {
        sum += page->zone->time[i];

        if (ngx_http_acctinfo_put(page, "%s{\"le\":%s,\"count\":%uA}",
                i ? "," : "",
                i < NGX_HTTP_ACCTINFO_BUCKETS
                ? ngx_http_acctinfo_buckets[i].text : "null", sum)
            != ACCT_OK)
        {
            return ACCT_ERROR;
        }
    }

    if (ngx_http_acctinfo_put(page,
            "],\"sum\":%uA.%09uA,\"count\":%uA},\n\"rules\":[",
            page->zone->spent / 1000000000, page->zone->spent % 1000000000,
            sum)
        != ACCT_OK)
    {
        return ACCT_ERROR;
    }

    for (i = 0; i < page->zone->used; i++) {
        row = &page->zone->rows[i];

        if (ngx_http_acctinfo_put(page, "%s{\"rule\":\"%*s\"", i ? ",\n" : "",
                                  row->len, row->id)
            != ACCT_OK)
        {
            return ACCT_ERROR;
        }

        for (k = 0; k < NGX_HTTP_ACCTINFO_HITS; k++) {
            if (ngx_http_acctinfo_put(page, ",\"%V\":%uA",
                                      &ngx_http_acctinfo_hit_words[k],
                                      row->hits[k])
                != ACCT_OK)
            {
                return ACCT_ERROR;
            }
        }

        if (ngx_http_acctinfo_put(page, "}") != ACCT_OK) {
            return ACCT_ERROR;
        }
    }

    if (ngx_http_acctinfo_put(page, "],\n\"rulesets\":[") != ACCT_OK) {
        return ACCT_ERROR;
    }

    comma = "";
    rs = page->conf->rulesets.elts;

    for (i = 0; i < page->conf->rulesets.nelts; i++) {

        if (ngx_http_acctinfo_same(page->conf, i)) {
            continue;
        }

        serial = ngx_http_acctinfo_ngx_str(acct_ruleset_serial(rs[i].ruleset));
        digest = ngx_http_acctinfo_ngx_str(acct_ruleset_digest(rs[i].ruleset));

        if (ngx_http_acctinfo_put(page,
                "%s{\"serial\":\"%V\",\"digest\":\"%V\",\"rules\":%uz,"
                "\"loaded\":%T,\"age\":%T}",
                comma, &serial, &digest, acct_ruleset_count(rs[i].ruleset),
                rs[i].loaded, ngx_time() - rs[i].loaded)
            != ACCT_OK)
        {
            return ACCT_ERROR;
        }

        comma = ",";
    }

    if (ngx_http_acctinfo_put(page, "],\n\"workers\":[") != ACCT_OK) {
        return ACCT_ERROR;
    }

    n = ngx_http_acctinfo_workers(page->zone, generations, counts);

    for (i = 0; i < n; i++) {
        if (ngx_http_acctinfo_put(page,
                                  "%s{\"generation\":%ui,\"count\":%ui}",
                                  i ? "," : "", generations[i], counts[i])
            != ACCT_OK)
        {
            return ACCT_ERROR;
        }
    }

    return ngx_http_acctinfo_put(page,
            "],\n\"generation\":%ui,\"zone\":{\"rows\":%ui,\"used\":%uA}}\n",
            page->conf->generation, page->zone->size, page->zone->used);
}


/* one page that needs nothing from anywhere else */

static int
ngx_http_acctinfo_html(ngx_http_acctinfo_page_t *page)
{
    ngx_str_t                     word, serial;
    ngx_uint_t                    i, n;
    ngx_uint_t                    counts[NGX_HTTP_ACCTINFO_WORKERS];
    ngx_uint_t                    generations[NGX_HTTP_ACCTINFO_WORKERS];
    ngx_atomic_t                 *value;
    ngx_atomic_uint_t             max;
    ngx_http_acctinfo_family_t   *f;
    ngx_http_acctinfo_ruleset_t  *rs;

    if (ngx_http_acctinfo_put(page,
            "<!DOCTYPE html>\n"
            "<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
            "<meta name=\"viewport\" content=\"width=device-width\">\n"
            "<meta name=\"color-scheme\" content=\"light dark\">\n"
            "<title>acctinfo</title>\n"
            "<style>\n"
            ":root{color-scheme:light dark;--bar:#2a6fb0}\n"
            "@media (prefers-color-scheme:dark){:root{--bar:#7fb4e6}}\n"
            "body{font:15px/1.4 system-ui,sans-serif;margin:1.5rem auto;"
            "padding:0 1rem;max-width:60rem}\n"
            "h2{font-size:1rem;margin:1.5rem 0 .3rem}\n"
            "table{border-collapse:collapse;width:100%%}\n"
            "th,td{text-align:left;font-weight:normal;padding:.1rem .5rem}\n"
            "th{width:18rem}\n"
            "td.n{text-align:right;width:8rem;"
            "font-variant-numeric:tabular-nums}\n"
            "rect{fill:var(--bar)}\n"
            "</style></head><body>\n<h1>acctinfo</h1>\n")
        != ACCT_OK)
    {
        return ACCT_ERROR;
    }

    /* a number alone has no bar */

    if (ngx_http_acctinfo_put(page, "<table>\n") != ACCT_OK) {
        return ACCT_ERROR;
    }

    for (f = ngx_http_acctinfo_families; f->name; f++) {
        value = (ngx_atomic_t *) ((u_char *) page->zone + f->offset);

        if (f->label == NULL
            && ngx_http_acctinfo_put(page, "<tr><td>%s</td>"
                                     "<td class=\"n\">%uA</td></tr>\n",
                                     f->help, value[0])
               != ACCT_OK)
        {
            return ACCT_ERROR;
        }
    }

    if (ngx_http_acctinfo_put(page, "</table>\n") != ACCT_OK) {
        return ACCT_ERROR;
    }

    for (f = ngx_http_acctinfo_families; f->name; f++) {
        value = (ngx_atomic_t *) ((u_char *) page->zone + f->offset);

        if (f->label == NULL) {
            continue;
        }

        if (ngx_http_acctinfo_put(page, "<h2>%s</h2>\n<table>\n", f->help)
            != ACCT_OK)
        {
            return ACCT_ERROR;
        }

        max = 0;

        for (i = 0; i < f->n; i++) {
            max = ngx_max(max, value[i]);
        }

        for (i = 0; i < f->n; i++) {
            word = f->word(i);

            if (ngx_http_acctinfo_html_bar(page, &word, value[i], max)
                != ACCT_OK)
            {
                return ACCT_ERROR;
            }
        }

        if (ngx_http_acctinfo_put(page, "</table>\n") != ACCT_OK) {
            return ACCT_ERROR;
        }
    }

    if (ngx_http_acctinfo_put(page, "<h2>Seconds that an inspection spent in "
                                    "the core, at most.</h2>\n<table>\n")
        != ACCT_OK)
    {
        return ACCT_ERROR;
    }

    max = 0;

    for (i = 0; i <= NGX_HTTP_ACCTINFO_BUCKETS; i++) {
        max = ngx_max(max, page->zone->time[i]);
    }

    for (i = 0; i <= NGX_HTTP_ACCTINFO_BUCKETS; i++) {
        word.data = (u_char *) (i < NGX_HTTP_ACCTINFO_BUCKETS
                                ? ngx_http_acctinfo_buckets[i].text : "more");
        word.len = ngx_strlen(word.data);

        if (ngx_http_acctinfo_html_bar(page, &word, page->zone->time[i], max)
            != ACCT_OK)
        {
            return ACCT_ERROR;
        }
    }

    if (ngx_http_acctinfo_put(page, "</table>\n") != ACCT_OK
        || ngx_http_acctinfo_html_rules(page) != ACCT_OK
        || ngx_http_acctinfo_put(page, "<h2>Rule sets.</h2>\n<table>\n")
           != ACCT_OK)
    {
        return ACCT_ERROR;
    }

    rs = page->conf->rulesets.elts;

    for (i = 0; i < page->conf->rulesets.nelts; i++) {

        if (ngx_http_acctinfo_same(page->conf, i)) {
            continue;
        }

        serial = ngx_http_acctinfo_ngx_str(acct_ruleset_serial(rs[i].ruleset));

        if (ngx_http_acctinfo_put(page,
                "<tr><th>%V</th><td class=\"n\">%uz rules</td>"
                "<td>loaded %T seconds ago</td></tr>\n",
                &serial, acct_ruleset_count(rs[i].ruleset),
                ngx_time() - rs[i].loaded)
            != ACCT_OK)
        {
            return ACCT_ERROR;
        }
    }

    if (ngx_http_acctinfo_put(page, "</table>\n<h2>Workers, by the "
                              "configuration that they run; this is %ui."
                              "</h2>\n<table>\n", page->conf->generation)
        != ACCT_OK)
    {
        return ACCT_ERROR;
    }

    n = ngx_http_acctinfo_workers(page->zone, generations, counts);

    for (i = 0; i < n; i++) {
        if (ngx_http_acctinfo_put(page,
                "<tr><th>%ui</th><td class=\"n\">%ui</td><td></td></tr>\n",
                generations[i], counts[i])
            != ACCT_OK)
        {
            return ACCT_ERROR;
        }
    }

    return ngx_http_acctinfo_put(page, "</table>\n</body></html>\n");
}


static int
ngx_http_acctinfo_html_bar(ngx_http_acctinfo_page_t *page, ngx_str_t *name,
    ngx_atomic_uint_t value, ngx_atomic_uint_t max)
{
    ngx_uint_t  width;

    /* of any value but 0 something can be seen */

    width = max ? (ngx_uint_t) (300.0 * value / max) : 0;

    if (value && width == 0) {
        width = 1;
    }

    return ngx_http_acctinfo_put(page,
            "<tr><th>%V</th><td class=\"n\">%uA</td><td>"
            "<svg width=\"300\" height=\"12\" aria-hidden=\"true\">"
            "<rect width=\"%ui\" height=\"12\"/></svg></td></tr>\n",
            name, value, width);
}


/* those that matched, the busiest first */

static int
ngx_http_acctinfo_html_rules(ngx_http_acctinfo_page_t *page)
{
    int                        rc;
    ngx_str_t                  name;
    ngx_uint_t                 i, k, n, used;
    ngx_atomic_uint_t          max, total;
    ngx_http_acctinfo_row_t   *rows, *row;
    u_char                     text[ACCT_ID_MAX + 128];

    used = page->zone->used;

    rows = acct_array(&acct_heap, used, sizeof(ngx_http_acctinfo_row_t));
    if (rows == NULL) {
        return ACCT_ERROR;
    }

    /* a copy: the counters go on while it is sorted */

    n = 0;

    for (i = 0; i < used; i++) {
        rows[n] = page->zone->rows[i];

        total = 0;

        for (k = 0; k < NGX_HTTP_ACCTINFO_HITS; k++) {
            total += rows[n].hits[k];
        }

        n += (total != 0);
    }

    ngx_qsort(rows, n, sizeof(ngx_http_acctinfo_row_t),
              ngx_http_acctinfo_cmp_rows);

    rc = ngx_http_acctinfo_put(page, "<h2>Requests in which a rule matched: "
                               "%ui of %ui rows, the busiest first.</h2>\n"
                               "<table>\n", n, used);
    max = 0;

    for (i = 0; rc == ACCT_OK && i < ngx_min(n, NGX_HTTP_ACCTINFO_TOP); i++) {
        row = &rows[i];

        name.data = text;
        name.len = ngx_sprintf(text, "%*s", row->len, row->id) - text;

        total = 0;

        for (k = 0; k < NGX_HTTP_ACCTINFO_HITS; k++) {

            if (row->hits[k] == 0) {
                continue;
            }

            total += row->hits[k];

            if (k) {
                name.len = ngx_sprintf(text + name.len, ", %uA %V",
                                       row->hits[k],
                                       &ngx_http_acctinfo_hit_words[k])
                           - text;
            }
        }

        if (i == 0) {
            max = total;
        }

        rc = ngx_http_acctinfo_html_bar(page, &name, total, max);
    }

    if (rc == ACCT_OK) {
        rc = ngx_http_acctinfo_put(page, "</table>\n");
    }

    acct_free(&acct_heap, rows);

    return rc;
}


static int ngx_libc_cdecl
ngx_http_acctinfo_cmp_rows(const void *one, const void *two)
{
    const ngx_http_acctinfo_row_t  *first = one;
    const ngx_http_acctinfo_row_t  *second = two;

    ngx_uint_t         k;
    ngx_atomic_uint_t  a, b;

    a = 0;
    b = 0;

    for (k = 0; k < NGX_HTTP_ACCTINFO_HITS; k++) {
        a += first->hits[k];
        b += second->hits[k];
    }

    return (a < b) - (a > b);
}


static ngx_str_t
ngx_http_acctinfo_action_word(ngx_uint_t i)
{
    return ngx_http_acctinfo_ngx_str(acct_actions[i]);
}


static ngx_str_t
ngx_http_acctinfo_mode_word(ngx_uint_t i)
{
    return ngx_http_acctinfo_modes[i + 1];
}


static ngx_str_t
ngx_http_acctinfo_flag_word(ngx_uint_t i)
{
    return ngx_http_acctinfo_ngx_str(acct_flags[i].name);
}


static ngx_str_t
ngx_http_acctinfo_failure_word(ngx_uint_t i)
{
    return ngx_http_acctinfo_failure_words[i];
}
