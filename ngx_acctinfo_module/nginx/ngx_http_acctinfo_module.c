
/*
 * Copyright (C) the ngx_acctinfo_module authors
 */


#include "ngx_http_acctinfo.h"


#define NGX_HTTP_ACCTINFO_HEADER  "X-Acctinfo"


static char *ngx_http_acctinfo_set_mode(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_acctinfo_set_rules(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_acctinfo_set_field(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_acctinfo_set_methods(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_acctinfo_set_level(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_acctinfo_set_rule(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_acctinfo_set_flag(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_acctinfo_set_limit(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_acctinfo_set_type(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_acctinfo_set_names(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_acctinfo_set_header(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_acctinfo_check_status(ngx_conf_t *cf, void *post,
    void *data);
static char *ngx_http_acctinfo_check_url(ngx_conf_t *cf, void *post,
    void *data);

static ngx_array_t *ngx_http_acctinfo_list(ngx_conf_t *cf, ngx_array_t **list,
    size_t size);
static char *ngx_http_acctinfo_settings(ngx_conf_t *cf, ngx_array_t **list);
static acct_ruleset_t *ngx_http_acctinfo_load(ngx_conf_t *cf,
    ngx_str_t *path);
static void ngx_http_acctinfo_diag(void *ctx, const acct_diag_t *d);
static ngx_int_t ngx_http_acctinfo_check_rules(ngx_conf_t *cf,
    ngx_array_t *rules);

static void *ngx_http_acctinfo_create_main_conf(ngx_conf_t *cf);
static char *ngx_http_acctinfo_init_main_conf(ngx_conf_t *cf, void *conf);
static void *ngx_http_acctinfo_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_acctinfo_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);
static char *ngx_http_acctinfo_watch(ngx_conf_t *cf,
    ngx_http_acctinfo_loc_conf_t *conf);
static acct_policy_t *ngx_http_acctinfo_create_policy(ngx_conf_t *cf,
    ngx_http_acctinfo_loc_conf_t *conf);
static ngx_int_t ngx_http_acctinfo_fill_policy(ngx_conf_t *cf,
    ngx_http_acctinfo_loc_conf_t *conf, acct_policy_t *policy);
static void ngx_http_acctinfo_check_hands(ngx_conf_t *cf,
    ngx_http_acctinfo_loc_conf_t *conf);

static ngx_int_t ngx_http_acctinfo_preconfiguration(ngx_conf_t *cf);
static ngx_int_t ngx_http_acctinfo_postconfiguration(ngx_conf_t *cf);
static ngx_int_t ngx_http_acctinfo_init_module(ngx_cycle_t *cycle);
static ngx_int_t ngx_http_acctinfo_init_process(ngx_cycle_t *cycle);
static void ngx_http_acctinfo_exit_process(ngx_cycle_t *cycle);

static void ngx_http_acctinfo_cleanup_ruleset(void *data);
static void ngx_http_acctinfo_cleanup_policy(void *data);
static void ngx_http_acctinfo_cleanup_workspace(void *data);


const ngx_str_t  ngx_http_acctinfo_modes[] = {
    ngx_string("off"),
    ngx_string("on"),
    ngx_string("dry_run"),
    ngx_null_string
};


static ngx_conf_enum_t  ngx_http_acctinfo_keys[] = {
    { ngx_string("loose"), 0 },
    { ngx_string("exact"), 1 },
    { ngx_null_string, 0 }
};


static ngx_conf_enum_t  ngx_http_acctinfo_verify[] = {
    { ngx_string("refuse"), NGX_HTTP_ACCTINFO_REFUSE },
    { ngx_string("forward"), NGX_HTTP_ACCTINFO_FORWARD },
    { ngx_null_string, 0 }
};


static ngx_conf_enum_t  ngx_http_acctinfo_failure[] = {
    { ngx_string("reject"), NGX_HTTP_ACCTINFO_FAIL_REJECT },
    { ngx_string("pass"), NGX_HTTP_ACCTINFO_FAIL_PASS },
    { ngx_null_string, 0 }
};


/* Directives that are lists of names, and how the core takes each */

typedef struct {
    size_t       offset;
    int        (*set)(acct_policy_t *policy, acct_str_t name);
    char        *expected;
} ngx_http_acctinfo_names_t;


static ngx_http_acctinfo_names_t  ngx_http_acctinfo_charset_names = {
    offsetof(ngx_http_acctinfo_loc_conf_t, charsets),
    acct_policy_charset,
    "it must be a charset that keeps the bytes of ASCII"
};


static ngx_http_acctinfo_names_t  ngx_http_acctinfo_decode_names = {
    offsetof(ngx_http_acctinfo_loc_conf_t, codings),
    acct_policy_decode,
    "it must be \"gzip\" or \"deflate\""
};


static ngx_conf_post_t  ngx_http_acctinfo_status_post = {
    ngx_http_acctinfo_check_status
};


static ngx_conf_post_t  ngx_http_acctinfo_url_post = {
    ngx_http_acctinfo_check_url
};


static ngx_command_t  ngx_http_acctinfo_commands[] = {

    { ngx_string("acctinfo"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_HTTP_LIF_CONF
                        |NGX_CONF_TAKE1,
      ngx_http_acctinfo_set_mode,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("acctinfo_rules"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_acctinfo_set_rules,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("acctinfo_field"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_2MORE,
      ngx_http_acctinfo_set_field,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("acctinfo_keys"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_acctinfo_loc_conf_t, exact),
      &ngx_http_acctinfo_keys },

    { ngx_string("acctinfo_methods"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_acctinfo_set_methods,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("acctinfo_verified"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE12,
      ngx_http_acctinfo_set_verified,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("acctinfo_level"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE12,
      ngx_http_acctinfo_set_level,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("acctinfo_rule"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_2MORE,
      ngx_http_acctinfo_set_rule,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("acctinfo_flag"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_2MORE,
      ngx_http_acctinfo_set_flag,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("acctinfo_limit"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE2,
      ngx_http_acctinfo_set_limit,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("acctinfo_type"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE2,
      ngx_http_acctinfo_set_type,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("acctinfo_charset"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_acctinfo_set_names,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      &ngx_http_acctinfo_charset_names },

    { ngx_string("acctinfo_decode"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_acctinfo_set_names,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      &ngx_http_acctinfo_decode_names },

    { ngx_string("acctinfo_verify"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_acctinfo_loc_conf_t, verify),
      &ngx_http_acctinfo_verify },

    { ngx_string("acctinfo_failure"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_acctinfo_loc_conf_t, failure),
      &ngx_http_acctinfo_failure },

    { ngx_string("acctinfo_status"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_num_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_acctinfo_loc_conf_t, status),
      &ngx_http_acctinfo_status_post },

    { ngx_string("acctinfo_rules_url"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_str_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_acctinfo_loc_conf_t, rules_url),
      &ngx_http_acctinfo_url_post },

    { ngx_string("acctinfo_values"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE12,
      ngx_http_acctinfo_set_values,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("acctinfo_hash_key"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_acctinfo_set_hash_key,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("acctinfo_check"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_acctinfo_set_check,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("acctinfo_messages"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_acctinfo_set_messages,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("acctinfo_zone"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE2,
      ngx_http_acctinfo_set_zone,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("acctinfo_metrics"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_acctinfo_set_metrics,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("acctinfo_header"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_acctinfo_set_header,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_acctinfo_module_ctx = {
    ngx_http_acctinfo_preconfiguration,    /* preconfiguration */
    ngx_http_acctinfo_postconfiguration,   /* postconfiguration */

    ngx_http_acctinfo_create_main_conf,    /* create main configuration */
    ngx_http_acctinfo_init_main_conf,      /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_acctinfo_create_loc_conf,     /* create location configuration */
    ngx_http_acctinfo_merge_loc_conf       /* merge location configuration */
};


ngx_module_t  ngx_http_acctinfo_module = {
    NGX_MODULE_V1,
    &ngx_http_acctinfo_module_ctx,         /* module context */
    ngx_http_acctinfo_commands,            /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    ngx_http_acctinfo_init_module,         /* init module */
    ngx_http_acctinfo_init_process,        /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    ngx_http_acctinfo_exit_process,        /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


acct_workspace_t *
ngx_http_acctinfo_workspace(ngx_http_acctinfo_main_conf_t *amcf)
{
    /*
     * init_process() makes it for the workers; but a process without a master
     * that has reloaded its configuration does not come there again
     */

    if (amcf->workspace == NULL) {
        amcf->workspace = acct_workspace_create(&acct_heap);
    }

    return amcf->workspace;
}


static void *
ngx_http_acctinfo_create_main_conf(ngx_conf_t *cf)
{
    ngx_pool_cleanup_t             *cln;
    ngx_http_acctinfo_main_conf_t  *amcf;

    amcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_acctinfo_main_conf_t));
    if (amcf == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     amcf->header = { 0, NULL };
     *     amcf->header_lowcase = { 0, NULL };
     *     amcf->strip = { 0, NULL };
     *     amcf->policies = 0;
     *     amcf->languages = { NULL, 0, 0, 0, NULL };
     *     amcf->fills = { NULL, 0, 0, 0, NULL };
     *     amcf->trusts = { NULL, 0, 0, 0, NULL };
     *     amcf->key_id = { 0, NULL };
     *     amcf->key = { 0, NULL };
     *     amcf->shm_zone = NULL;
     *     amcf->zone = NULL;
     *     amcf->shown = 0;
     *     amcf->nrules = 0;
     *     amcf->workspace = NULL;
     *     amcf->lane = NULL;
     */

    amcf->push = NGX_CONF_UNSET;

    if (ngx_array_init(&amcf->rulesets, cf->pool, 4,
                       sizeof(ngx_http_acctinfo_ruleset_t))
        != NGX_OK)
    {
        return NULL;
    }

    if (ngx_array_init(&amcf->places, cf->pool, 4,
                       sizeof(ngx_http_acctinfo_place_t))
        != NGX_OK)
    {
        return NULL;
    }

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        return NULL;
    }

    cln->handler = ngx_http_acctinfo_cleanup_workspace;
    cln->data = amcf;

    return amcf;
}


static char *
ngx_http_acctinfo_init_main_conf(ngx_conf_t *cf, void *conf)
{
    ngx_http_acctinfo_main_conf_t *amcf = conf;

    size_t  i;
    u_char  ch;

    ngx_conf_init_value(amcf->push, 1);

    /* with "off" nothing is pushed, and forgeries of the default are removed */

    if (amcf->header.len == 0) {
        ngx_str_set(&amcf->header, NGX_HTTP_ACCTINFO_HEADER);
    }

    amcf->header_lowcase.len = amcf->header.len;
    amcf->header_lowcase.data = ngx_pnalloc(cf->pool, amcf->header.len);
    if (amcf->header_lowcase.data == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_strlow(amcf->header_lowcase.data, amcf->header.data, amcf->header.len);

    amcf->strip.len = amcf->header.len;
    amcf->strip.data = ngx_pstrdup(cf->pool, &amcf->header_lowcase);
    if (amcf->strip.data == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 0; i < amcf->strip.len; i++) {
        ch = amcf->strip.data[i];

        if (!((ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9'))) {
            amcf->strip.data[i] = '-';
        }
    }

    return ngx_http_acctinfo_init_messages(cf, amcf);
}


static void *
ngx_http_acctinfo_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_acctinfo_loc_conf_t  *conf;

    conf = ngx_pcalloc(cf->pool, sizeof(ngx_http_acctinfo_loc_conf_t));
    if (conf == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     conf->mode_value = NULL;
     *     conf->sample = 0;
     *     conf->sample_of = 0;
     *     conf->check = 0;
     *     conf->metrics = 0;
     *     conf->rules_url = { 0, NULL };
     *     conf->policy = NULL;
     */

    conf->mode = NGX_CONF_UNSET_UINT;

    conf->rules = NGX_CONF_UNSET_PTR;
    conf->methods = NGX_CONF_UNSET_PTR;
    conf->verified = NGX_CONF_UNSET_PTR;

    conf->values = NGX_CONF_UNSET_UINT;
    conf->verify = NGX_CONF_UNSET_UINT;
    conf->failure = NGX_CONF_UNSET_UINT;
    conf->status = NGX_CONF_UNSET_UINT;

    conf->wires = NGX_CONF_UNSET_PTR;
    conf->flags = NGX_CONF_UNSET_PTR;
    conf->limits = NGX_CONF_UNSET_PTR;
    conf->hands = NGX_CONF_UNSET_PTR;
    conf->types = NGX_CONF_UNSET_PTR;
    conf->charsets = NGX_CONF_UNSET_PTR;
    conf->codings = NGX_CONF_UNSET_PTR;
    conf->exact = NGX_CONF_UNSET_UINT;
    conf->act = NGX_CONF_UNSET_UINT;
    conf->watch = NGX_CONF_UNSET_UINT;

    conf->source = conf;

    return conf;
}


static char *
ngx_http_acctinfo_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_acctinfo_loc_conf_t *prev = parent;
    ngx_http_acctinfo_loc_conf_t *conf = child;

    ngx_http_acctinfo_main_conf_t  *amcf;

    if (conf->wires == NGX_CONF_UNSET_PTR
        && conf->flags == NGX_CONF_UNSET_PTR
        && conf->limits == NGX_CONF_UNSET_PTR
        && conf->hands == NGX_CONF_UNSET_PTR
        && conf->types == NGX_CONF_UNSET_PTR
        && conf->charsets == NGX_CONF_UNSET_PTR
        && conf->codings == NGX_CONF_UNSET_PTR
        && conf->exact == NGX_CONF_UNSET_UINT
        && conf->act == NGX_CONF_UNSET_UINT)
    {
        conf->source = prev->source;
    }

    if (conf->check && conf->mode == NGX_HTTP_ACCTINFO_OFF) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"acctinfo_check\" stands where \"acctinfo\" is off, "
                      "and would have no answer");
        return NGX_CONF_ERROR;
    }

    if (conf->mode == NGX_CONF_UNSET_UINT) {
        conf->mode_value = prev->mode_value;
    }

    ngx_conf_merge_uint_value(conf->mode, prev->mode, NGX_HTTP_ACCTINFO_OFF);

    if (conf->check && conf->mode == NGX_HTTP_ACCTINFO_OFF) {
        conf->mode = NGX_HTTP_ACCTINFO_ON;
    }

    ngx_conf_merge_ptr_value(conf->rules, prev->rules, NULL);
    ngx_conf_merge_ptr_value(conf->methods, prev->methods, NULL);
    ngx_conf_merge_ptr_value(conf->verified, prev->verified, NULL);

    if (conf->values == NGX_CONF_UNSET_UINT) {
        conf->sample = prev->sample;
        conf->sample_of = prev->sample_of;
    }

    amcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_acctinfo_module);

    ngx_conf_merge_uint_value(conf->values, prev->values,
                              amcf->key_id.len ? NGX_HTTP_ACCTINFO_VALUES_HASH
                                              : NGX_HTTP_ACCTINFO_VALUES_NONE);

    if (conf->values == NGX_HTTP_ACCTINFO_VALUES_HASH
        && amcf->key_id.len == 0)
    {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"acctinfo_values hash\" needs \"acctinfo_hash_key\"");
        return NGX_CONF_ERROR;
    }

    ngx_conf_merge_uint_value(conf->verify, prev->verify,
                              NGX_HTTP_ACCTINFO_REFUSE);
    ngx_conf_merge_uint_value(conf->failure, prev->failure,
                              NGX_HTTP_ACCTINFO_FAIL_REJECT);
    ngx_conf_merge_uint_value(conf->status, prev->status,
                              NGX_HTTP_FORBIDDEN);
    ngx_conf_merge_str_value(conf->rules_url, prev->rules_url, "");

    ngx_conf_merge_ptr_value(conf->wires, prev->wires, NULL);
    ngx_conf_merge_ptr_value(conf->flags, prev->flags, NULL);
    ngx_conf_merge_ptr_value(conf->limits, prev->limits, NULL);
    ngx_conf_merge_ptr_value(conf->hands, prev->hands, NULL);
    ngx_conf_merge_ptr_value(conf->types, prev->types, NULL);
    ngx_conf_merge_ptr_value(conf->charsets, prev->charsets, NULL);
    ngx_conf_merge_ptr_value(conf->codings, prev->codings, NULL);
    ngx_conf_merge_uint_value(conf->exact, prev->exact, 0);
    ngx_conf_merge_uint_value(conf->act, prev->act, 1);
    ngx_conf_merge_uint_value(conf->watch, prev->watch, 1);

    if (conf->mode == NGX_HTTP_ACCTINFO_OFF) {
        return NGX_CONF_OK;
    }

    return ngx_http_acctinfo_watch(cf, conf);
}


static char *
ngx_http_acctinfo_watch(ngx_conf_t *cf, ngx_http_acctinfo_loc_conf_t *conf)
{
    ngx_http_core_loc_conf_t       *clcf;
    ngx_http_core_srv_conf_t       *cscf;
    ngx_http_acctinfo_place_t      *place;
    ngx_http_acctinfo_main_conf_t  *amcf;

    amcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_acctinfo_module);
    cscf = ngx_http_conf_get_module_srv_conf(cf, ngx_http_core_module);
    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    place = ngx_array_push(&amcf->places);
    if (place == NULL) {
        return NGX_CONF_ERROR;
    }

    place->location = clcf->name;
    place->server = cscf->server_name;
    place->file = cscf->file_name;
    place->line = cscf->line;
    place->conf = conf;

    if (conf->rules == NULL || conf->rules->nelts == 0) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"acctinfo\" is on without \"acctinfo_rules\" "
                      "in location \"%V\" of server \"%V\" in %s:%ui",
                      &place->location, &place->server, place->file,
                      place->line);
        return NGX_CONF_ERROR;
    }

    if (conf->wires == NULL || conf->wires->nelts == 0) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"acctinfo\" is on without \"acctinfo_field\" "
                      "in location \"%V\" of server \"%V\" in %s:%ui",
                      &place->location, &place->server, place->file,
                      place->line);
        return NGX_CONF_ERROR;
    }

    if (conf->source->policy == NULL) {
        conf->source->policy = ngx_http_acctinfo_create_policy(cf, conf);

        if (conf->source->policy == NULL) {
            return NGX_CONF_ERROR;
        }

        ngx_http_acctinfo_check_hands(cf, conf);
    }

    return NGX_CONF_OK;
}


static acct_policy_t *
ngx_http_acctinfo_create_policy(ngx_conf_t *cf,
    ngx_http_acctinfo_loc_conf_t *conf)
{
    acct_policy_t                  *policy;
    ngx_pool_cleanup_t             *cln;
    ngx_http_acctinfo_main_conf_t  *amcf;

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        return NULL;
    }

    policy = acct_policy_create(&acct_heap);

    if (policy == NULL) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "acctinfo: no memory for a policy");
        return NULL;
    }

    cln->handler = ngx_http_acctinfo_cleanup_policy;
    cln->data = policy;

    amcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_acctinfo_module);
    amcf->policies++;

    if (ngx_http_acctinfo_fill_policy(cf, conf, policy) != NGX_OK) {
        return NULL;
    }

    return policy;
}


static ngx_int_t
ngx_http_acctinfo_fill_policy(ngx_conf_t *cf,
    ngx_http_acctinfo_loc_conf_t *conf, acct_policy_t *policy)
{
    int                           rc;
    ngx_str_t                    *bad;
    ngx_uint_t                    i;
    ngx_http_acctinfo_wire_t     *wire;
    ngx_http_acctinfo_setting_t  *s;

    rc = ACCT_OK;
    bad = NULL;
    wire = conf->wires->elts;

    for (i = 0; rc == ACCT_OK && i < conf->wires->nelts; i++) {
        bad = &wire[i].field;

        if (wire[i].index == NGX_CONF_UNSET) {
            rc = acct_policy_wire(policy, ngx_http_acctinfo_str(bad),
                                  ngx_http_acctinfo_str(&wire[i].text));
        }

        /* the field's place is that of its first wire, be it a variable */

        if (rc == ACCT_OK) {
            wire[i].policy_field = acct_policy_field(policy,
                                                   ngx_http_acctinfo_str(bad));

            if (wire[i].policy_field == ACCT_FIELDS_MAX) {
                rc = (policy->nfields == ACCT_FIELDS_MAX) ? ACCT_DONE
                                                          : ACCT_ERROR;
            }
        }
    }

    if (rc == ACCT_DONE) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "acctinfo: field \"%V\" is one too many, "
                      "a location watches at most %d fields",
                      bad, ACCT_FIELDS_MAX);
        return NGX_ERROR;
    }

    s = conf->flags ? conf->flags->elts : NULL;

    for (i = 0; rc == ACCT_OK && s && i < conf->flags->nelts; i++) {
        rc = acct_policy_flag(policy, ngx_http_acctinfo_str(&s[i].name),
                              ngx_http_acctinfo_str(&s[i].action));
    }

    s = conf->limits ? conf->limits->elts : NULL;

    for (i = 0; rc == ACCT_OK && s && i < conf->limits->nelts; i++) {
        rc = acct_policy_limit(policy, ngx_http_acctinfo_str(&s[i].name),
                               s[i].value);
    }

    s = conf->hands ? conf->hands->elts : NULL;

    for (i = 0; rc == ACCT_OK && s && i < conf->hands->nelts; i++) {
        rc = acct_policy_rule(policy, ngx_http_acctinfo_str(&s[i].name),
                              ngx_http_acctinfo_str(&s[i].action));
    }

    s = conf->types ? conf->types->elts : NULL;

    for (i = 0; rc == ACCT_OK && s && i < conf->types->nelts; i++) {
        rc = acct_policy_type(policy, ngx_http_acctinfo_str(&s[i].name),
                              ngx_http_acctinfo_str(&s[i].action));
    }

    s = conf->charsets ? conf->charsets->elts : NULL;

    for (i = 0; rc == ACCT_OK && s && i < conf->charsets->nelts; i++) {
        rc = acct_policy_charset(policy, ngx_http_acctinfo_str(&s[i].name));
    }

    s = conf->codings ? conf->codings->elts : NULL;

    for (i = 0; rc == ACCT_OK && s && i < conf->codings->nelts; i++) {
        rc = acct_policy_decode(policy, ngx_http_acctinfo_str(&s[i].name));
    }

    policy->exact = conf->exact;

    if (rc == ACCT_OK) {
        rc = acct_policy_level(policy, conf->act, conf->watch);
    }

    if (rc == ACCT_OK) {
        rc = acct_policy_ready(policy);
    }

    if (rc != ACCT_OK) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "acctinfo: a policy could not be made");
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* a hand on a rule that is not there is most likely a slip of the pen */

static void
ngx_http_acctinfo_check_hands(ngx_conf_t *cf,
    ngx_http_acctinfo_loc_conf_t *conf)
{
    acct_ruleset_t               **rs;
    ngx_uint_t                     i, j;
    ngx_http_acctinfo_setting_t   *hand;

    if (conf->hands == NULL) {
        return;
    }

    hand = conf->hands->elts;
    rs = conf->rules->elts;

    for (i = 0; i < conf->hands->nelts; i++) {

        for (j = 0; j < conf->rules->nelts; j++) {
            if (acct_ruleset_find(rs[j], ngx_http_acctinfo_str(&hand[i].name)))
            {
                break;
            }
        }

        if (j == conf->rules->nelts) {
            ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                          "\"acctinfo_rule\": there is no rule \"%V\" in the "
                          "rule sets of this location", &hand[i].name);
        }
    }
}


static char *
ngx_http_acctinfo_set_mode(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_acctinfo_loc_conf_t *alcf = conf;

    ngx_str_t                         *value;
    ngx_uint_t                         i;
    ngx_http_compile_complex_value_t   ccv;

    if (alcf->mode != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    value = cf->args->elts;

    for (i = 0; ngx_http_acctinfo_modes[i].len; i++) {
        if (value[1].len == ngx_http_acctinfo_modes[i].len
            && ngx_strcmp(value[1].data, ngx_http_acctinfo_modes[i].data) == 0)
        {
            alcf->mode = i;
            return NGX_CONF_OK;
        }
    }

    if (ngx_http_script_variables_count(&value[1]) == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\", it must be \"off\", \"on\", "
                           "\"dry_run\" or a variable", &value[1]);
        return NGX_CONF_ERROR;
    }

    alcf->mode_value = ngx_palloc(cf->pool, sizeof(ngx_http_complex_value_t));
    if (alcf->mode_value == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = &value[1];
    ccv.complex_value = alcf->mode_value;

    if (ngx_http_compile_complex_value(&ccv) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    alcf->mode = NGX_HTTP_ACCTINFO_ON;

    return NGX_CONF_OK;
}


static ngx_array_t *
ngx_http_acctinfo_list(ngx_conf_t *cf, ngx_array_t **list, size_t size)
{
    if (*list == NGX_CONF_UNSET_PTR) {
        *list = ngx_array_create(cf->pool, 4, size);
    }

    return *list;
}


static char *
ngx_http_acctinfo_set_rules(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_acctinfo_loc_conf_t *alcf = conf;

    ngx_str_t       *value;
    ngx_uint_t       i;
    acct_ruleset_t  *ruleset, **rs;

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "off") == 0) {

        if (cf->args->nelts != 2) {
            return "has paths beside \"off\"";
        }

        if (alcf->rules != NGX_CONF_UNSET_PTR) {
            return "is duplicate";
        }

        alcf->rules = NULL;

        return NGX_CONF_OK;
    }

    if (alcf->rules == NULL) {
        return "has paths beside \"off\"";
    }

    if (ngx_http_acctinfo_list(cf, &alcf->rules, sizeof(acct_ruleset_t *))
        == NULL)
    {
        return NGX_CONF_ERROR;
    }

    for (i = 1; i < cf->args->nelts; i++) {

        if (alcf->rules->nelts == ACCT_RULESETS_MAX) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "a location has at most %d rule sets",
                               ACCT_RULESETS_MAX);
            return NGX_CONF_ERROR;
        }

        ruleset = ngx_http_acctinfo_load(cf, &value[i]);
        if (ruleset == NULL) {
            return NGX_CONF_ERROR;
        }

        rs = ngx_array_push(alcf->rules);
        if (rs == NULL) {
            return NGX_CONF_ERROR;
        }

        *rs = ruleset;
    }

    if (ngx_http_acctinfo_check_rules(cf, alcf->rules) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/* a rule id names one rule in the record and in the operator's hand */

static ngx_int_t
ngx_http_acctinfo_check_rules(ngx_conf_t *cf, ngx_array_t *rules)
{
    size_t            n;
    ngx_str_t         id;
    ngx_uint_t        i, j;
    acct_ruleset_t  **rs;

    rs = rules->elts;

    for (i = 0; i < rules->nelts; i++) {
        for (j = i + 1; j < rules->nelts; j++) {
            for (n = 0; n < acct_ruleset_count(rs[i]); n++) {

                if (acct_ruleset_find(rs[j], acct_ruleset_rule(rs[i], n)->id)
                    == NULL)
                {
                    continue;
                }

                id = ngx_http_acctinfo_ngx_str(acct_ruleset_rule(rs[i],
                                                                 n)->id);

                ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                                   "rule \"%V\" is in two of the rule sets",
                                   &id);
                return NGX_ERROR;
            }
        }
    }

    return NGX_OK;
}


static acct_ruleset_t *
ngx_http_acctinfo_load(ngx_conf_t *cf, ngx_str_t *path)
{
    ngx_str_t                       name;
    ngx_uint_t                      i;
    acct_diags_t                    diags;
    ngx_pool_cleanup_t             *cln;
    ngx_http_acctinfo_ruleset_t    *rs;
    ngx_http_acctinfo_main_conf_t  *amcf;

    amcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_acctinfo_module);

    name = *path;

    if (ngx_conf_full_name(cf->cycle, &name, 1) != NGX_OK) {
        return NULL;
    }

    rs = amcf->rulesets.elts;

    for (i = 0; i < amcf->rulesets.nelts; i++) {
        if (rs[i].path.len == name.len
            && ngx_strncmp(rs[i].path.data, name.data, name.len) == 0)
        {
            return rs[i].ruleset;
        }
    }

    rs = ngx_array_push(&amcf->rulesets);
    if (rs == NULL) {
        return NULL;
    }

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        return NULL;
    }

    ngx_memzero(&diags, sizeof(acct_diags_t));

    diags.handler = ngx_http_acctinfo_diag;
    diags.ctx = cf;

    ngx_memzero(rs, sizeof(ngx_http_acctinfo_ruleset_t));

    rs->path = name;
    rs->ruleset = acct_ruleset_load((char *) name.data, &diags);

    if (rs->ruleset == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the rules in \"%V\" could not be loaded", &name);
        return NULL;
    }

    cln->handler = ngx_http_acctinfo_cleanup_ruleset;
    cln->data = rs->ruleset;

    return rs->ruleset;
}


static void
ngx_http_acctinfo_diag(void *ctx, const acct_diag_t *d)
{
    ngx_conf_t *cf = ctx;

    char        text[NGX_MAX_CONF_ERRSTR];
    ngx_uint_t  level;

    level = (d->severity == ACCT_DIAG_ERROR) ? NGX_LOG_EMERG
            : (d->severity == ACCT_DIAG_WARNING) ? NGX_LOG_WARN
            : NGX_LOG_INFO;

    acct_diag_format(text, sizeof(text), d);

    ngx_conf_log_error(level, cf, 0, "%s", text);
}


static char *
ngx_http_acctinfo_set_field(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_acctinfo_loc_conf_t *alcf = conf;

    ngx_str_t                 *value, name;
    ngx_uint_t                 i;
    ngx_http_acctinfo_wire_t  *wire;

    value = cf->args->elts;

    if (value[1].len == 0) {
        return "has an empty field name";
    }

    if (ngx_http_acctinfo_list(cf, &alcf->wires,
                               sizeof(ngx_http_acctinfo_wire_t))
        == NULL)
    {
        return NGX_CONF_ERROR;
    }

    for (i = 2; i < cf->args->nelts; i++) {

        wire = ngx_array_push(alcf->wires);
        if (wire == NULL) {
            return NGX_CONF_ERROR;
        }

        wire->field = value[1];
        wire->text = value[i];
        wire->index = NGX_CONF_UNSET;
        wire->policy_field = 0;

        if (value[i].len == 0 || value[i].data[0] != '$') {
            continue;
        }

        name.len = value[i].len - 1;
        name.data = value[i].data + 1;

        if (name.len == 0) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid variable name in wire \"%V\"",
                               &value[i]);
            return NGX_CONF_ERROR;
        }

        wire->index = ngx_http_get_variable_index(cf, &name);
        if (wire->index == NGX_ERROR) {
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_acctinfo_set_methods(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_acctinfo_loc_conf_t *alcf = conf;

    ngx_str_t   *value, *method;
    ngx_uint_t   i, n;

    if (alcf->methods != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "any") == 0) {
        alcf->methods = NULL;
        return NGX_CONF_OK;
    }

    if (ngx_http_acctinfo_list(cf, &alcf->methods, sizeof(ngx_str_t))
        == NULL)
    {
        return NGX_CONF_ERROR;
    }

    for (i = 1; i < cf->args->nelts; i++) {

        /* methods are case-sensitive, and nginx reads these of them */

        for (n = 0; n < value[i].len; n++) {
            if (!((value[i].data[n] >= 'A' && value[i].data[n] <= 'Z')
                  || value[i].data[n] == '_' || value[i].data[n] == '-'))
            {
                break;
            }
        }

        if (n == 0 || n < value[i].len) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid method \"%V\"", &value[i]);
            return NGX_CONF_ERROR;
        }

        method = ngx_array_push(alcf->methods);
        if (method == NULL) {
            return NGX_CONF_ERROR;
        }

        *method = value[i];
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_acctinfo_set_level(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_acctinfo_loc_conf_t *alcf = conf;

    ngx_str_t   *value;
    ngx_int_t    level[2];
    ngx_uint_t   i;

    if (alcf->act != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    value = cf->args->elts;
    level[1] = 0;

    for (i = 1; i < cf->args->nelts; i++) {
        level[i - 1] = ngx_atoi(value[i].data, value[i].len);

        if (level[i - 1] == NGX_ERROR || level[i - 1] > 3) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid level \"%V\", it must be from 0 to 3",
                               &value[i]);
            return NGX_CONF_ERROR;
        }
    }

    if (cf->args->nelts == 2) {
        level[1] = level[0];
    }

    if (level[1] < level[0]) {
        return "watches less than it acts on";
    }

    alcf->act = level[0];
    alcf->watch = level[1];

    return NGX_CONF_OK;
}


/* NAME... ACTION */

static char *
ngx_http_acctinfo_settings(ngx_conf_t *cf, ngx_array_t **list)
{
    ngx_str_t                    *value;
    ngx_uint_t                    i, n;
    ngx_http_acctinfo_setting_t  *s;

    if (ngx_http_acctinfo_list(cf, list, sizeof(ngx_http_acctinfo_setting_t))
        == NULL)
    {
        return NGX_CONF_ERROR;
    }

    value = cf->args->elts;
    n = cf->args->nelts - 1;

    for (i = 1; i < n; i++) {

        s = ngx_array_push(*list);
        if (s == NULL) {
            return NGX_CONF_ERROR;
        }

        s->name = value[i];
        s->action = value[n];
        s->value = 0;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_acctinfo_set_rule(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_acctinfo_loc_conf_t *alcf = conf;

    ngx_str_t   *value, *last;
    ngx_uint_t   i;

    static ngx_str_t  actions[] = {
        ngx_string("off"),
        ngx_string("trial"),
        ngx_string("tag"),
        ngx_string("verify"),
        ngx_string("reject"),
        ngx_null_string
    };

    value = cf->args->elts;
    last = &value[cf->args->nelts - 1];

    for (i = 0; actions[i].len; i++) {
        if (ngx_strcmp(actions[i].data, last->data) == 0) {
            return ngx_http_acctinfo_settings(cf, &alcf->hands);
        }
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid action \"%V\" of a rule, it must be \"off\", "
                       "\"trial\", \"tag\", \"verify\" or \"reject\"", last);

    return NGX_CONF_ERROR;
}


static char *
ngx_http_acctinfo_set_flag(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_acctinfo_loc_conf_t *alcf = conf;

    ngx_str_t   *value, *last;
    ngx_uint_t   i, action;

    value = cf->args->elts;
    last = &value[cf->args->nelts - 1];

    for (i = 1; i < cf->args->nelts - 1; i++) {
        if (acct_flag_find(ngx_http_acctinfo_str(&value[i])) == ACCT_FLAGS) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "unknown flag \"%V\"",
                               &value[i]);
            return NGX_CONF_ERROR;
        }
    }

    action = acct_action_find(ngx_http_acctinfo_str(last));

    if (action == ACCT_ACTIONS || action == ACCT_VERIFY) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid action \"%V\" of a flag, it must be "
                           "\"pass\", \"tag\" or \"reject\"", last);
        return NGX_CONF_ERROR;
    }

    return ngx_http_acctinfo_settings(cf, &alcf->flags);
}


static char *
ngx_http_acctinfo_set_limit(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_acctinfo_loc_conf_t *alcf = conf;

    ssize_t                       size;
    ngx_str_t                    *value;
    ngx_uint_t                    i;
    ngx_http_acctinfo_setting_t  *s;

    value = cf->args->elts;

    i = acct_limit_find(ngx_http_acctinfo_str(&value[1]));

    if (i == ACCT_LIMITS) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "unknown limit \"%V\"",
                           &value[1]);
        return NGX_CONF_ERROR;
    }

    size = ngx_parse_size(&value[2]);

    if (size == NGX_ERROR
        || (size_t) size < acct_limits[i].min
        || (size_t) size > acct_limits[i].max)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\" of limit \"%V\", "
                           "it must be from %uz to %uz",
                           &value[2], &value[1], acct_limits[i].min,
                           acct_limits[i].max);
        return NGX_CONF_ERROR;
    }

    if (ngx_http_acctinfo_list(cf, &alcf->limits,
                               sizeof(ngx_http_acctinfo_setting_t))
        == NULL)
    {
        return NGX_CONF_ERROR;
    }

    s = ngx_array_push(alcf->limits);
    if (s == NULL) {
        return NGX_CONF_ERROR;
    }

    s->name = value[1];
    ngx_str_null(&s->action);
    s->value = size;

    return NGX_CONF_OK;
}


static char *
ngx_http_acctinfo_set_type(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_acctinfo_loc_conf_t *alcf = conf;

    u_char      *p;
    ngx_str_t   *value;

    value = cf->args->elts;
    p = ngx_strlchr(value[1].data, value[1].data + value[1].len, '/');

    if ((p == NULL && (value[1].len < 2 || value[1].data[0] != '+'))
        || ngx_strlchr(value[1].data, value[1].data + value[1].len, ';'))
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid media type \"%V\", it must be of the form "
                           "\"text/plain\" or \"+json\"", &value[1]);
        return NGX_CONF_ERROR;
    }

    if (acct_reader_find(ngx_http_acctinfo_str(&value[2])) == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid reader \"%V\", it must be \"json\", "
                           "\"form\", \"multipart\" or \"none\"", &value[2]);
        return NGX_CONF_ERROR;
    }

    return ngx_http_acctinfo_settings(cf, &alcf->types);
}


/* NAME... | off */

static char *
ngx_http_acctinfo_set_names(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char  *p = conf;

    int                            rc;
    ngx_str_t                     *value;
    ngx_uint_t                     i;
    ngx_array_t                  **list;
    acct_policy_t                 *policy;
    ngx_http_acctinfo_names_t     *names;
    ngx_http_acctinfo_setting_t   *s;

    names = cmd->post;
    list = (ngx_array_t **) (p + names->offset);

    if (*list != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "off") == 0) {
        *list = NULL;
        return NGX_CONF_OK;
    }

    if (ngx_http_acctinfo_list(cf, list, sizeof(ngx_http_acctinfo_setting_t))
        == NULL)
    {
        return NGX_CONF_ERROR;
    }

    for (i = 1; i < cf->args->nelts; i++) {

        /* what a name is good for is known by trying it */

        policy = acct_policy_create(&acct_heap);
        if (policy == NULL) {
            return NGX_CONF_ERROR;
        }

        rc = names->set(policy, ngx_http_acctinfo_str(&value[i]));

        acct_policy_destroy(policy);

        if (rc == ACCT_ERROR) {
            return NGX_CONF_ERROR;
        }

        if (rc == ACCT_DONE) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid value \"%V\", %s",
                               &value[i], names->expected);
            return NGX_CONF_ERROR;
        }

        s = ngx_array_push(*list);
        if (s == NULL) {
            return NGX_CONF_ERROR;
        }

        ngx_memzero(s, sizeof(ngx_http_acctinfo_setting_t));

        s->name = value[i];
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_acctinfo_set_header(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_acctinfo_main_conf_t *amcf = conf;

    u_char      *p, *last, ch;
    ngx_str_t   *value;

    if (amcf->push != NGX_CONF_UNSET) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "off") == 0) {
        amcf->push = 0;
        return NGX_CONF_OK;
    }

    p = value[1].data;
    last = p + value[1].len;

    while (p < last) {
        ch = ngx_tolower(*p);

        if (!((ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9')
              || ch == '-'))
        {
            break;
        }

        p++;
    }

    if (value[1].len == 0 || p < last) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid header name \"%V\", it must be of letters, "
                           "digits and \"-\"", &value[1]);
        return NGX_CONF_ERROR;
    }

    amcf->push = 1;
    amcf->header = value[1];

    return NGX_CONF_OK;
}


static char *
ngx_http_acctinfo_check_status(ngx_conf_t *cf, void *post, void *data)
{
    ngx_int_t *status = data;

    /* 401 and 408 promise what we do not do; 444 and from 494 are nginx's */

    if (*status < 400 || *status > 599
        || *status == NGX_HTTP_UNAUTHORIZED
        || *status == NGX_HTTP_REQUEST_TIME_OUT
        || *status == NGX_HTTP_CLOSE
        || (*status >= NGX_HTTP_NGINX_CODES && *status < 500))
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid status %i, it must be an error that a "
                           "refusal may have, from 400 to 599", *status);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/* the URL goes into a JSON string and, later, into a page */

static char *
ngx_http_acctinfo_check_url(ngx_conf_t *cf, void *post, void *data)
{
    ngx_str_t *url = data;

    size_t  i;

    for (i = 0; i < url->len; i++) {
        if (url->data[i] <= ' ' || url->data[i] >= 0x7f
            || ngx_strchr("\"<>\\^`{|}", url->data[i]) != NULL)
        {
            break;
        }
    }

    if (url->len == 0 || i < url->len) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid URL \"%V\"", url);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_acctinfo_preconfiguration(ngx_conf_t *cf)
{
    if (ngx_http_acctinfo_sources_begin(cf) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_acctinfo_add_variables(cf);
}


static ngx_int_t
ngx_http_acctinfo_postconfiguration(ngx_conf_t *cf)
{
    ngx_str_t                       name;
    ngx_http_acctinfo_main_conf_t  *amcf;

    if (ngx_http_acctinfo_sources_end(cf) != NGX_OK) {
        return NGX_ERROR;
    }

    amcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_acctinfo_module);

    ngx_str_set(&name, "request_id");

    amcf->request_id = ngx_http_get_variable_index(cf, &name);
    if (amcf->request_id == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (ngx_http_acctinfo_metrics_init(cf) != NGX_OK) {
        return NGX_ERROR;
    }

    if (amcf->places.nelts == 0) {
        return NGX_OK;
    }

    if (ngx_http_acctinfo_request_init(cf) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_acctinfo_refusal_init(cf);
}


static ngx_int_t
ngx_http_acctinfo_init_module(ngx_cycle_t *cycle)
{
    ngx_http_acctinfo_log_places(cycle);

    return NGX_OK;
}


/* scratch is fitted to all rule sets here, so that no request pays for it */

static ngx_int_t
ngx_http_acctinfo_init_process(ngx_cycle_t *cycle)
{
    ngx_uint_t                      i;
    acct_workspace_t               *ws;
    ngx_http_acctinfo_ruleset_t    *rs;
    ngx_http_acctinfo_main_conf_t  *amcf;

    if (ngx_process != NGX_PROCESS_WORKER && ngx_process != NGX_PROCESS_SINGLE)
    {
        return NGX_OK;
    }

    amcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_acctinfo_module);

    if (amcf == NULL) {
        return NGX_OK;
    }

    ngx_http_acctinfo_worker_begin(amcf);

    if (amcf->places.nelts == 0) {
        return NGX_OK;
    }

    ws = ngx_http_acctinfo_workspace(amcf);

    if (ws == NULL) {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, 0,
                      "acctinfo: no memory for a workspace");
        return NGX_ERROR;
    }

    rs = amcf->rulesets.elts;

    for (i = 0; i < amcf->rulesets.nelts; i++) {
        if (acct_workspace_fit(ws, rs[i].ruleset) != ACCT_OK) {
            ngx_log_error(NGX_LOG_EMERG, cycle->log, 0,
                          "acctinfo: no memory for scratch");
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static void
ngx_http_acctinfo_exit_process(ngx_cycle_t *cycle)
{
    ngx_http_acctinfo_main_conf_t  *amcf;

    amcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_acctinfo_module);

    if (amcf) {
        ngx_http_acctinfo_worker_end(amcf);
    }
}


/*
 * Configuration pools are destroyed in the master when a reload has replaced
 * them, and in every worker at its exit.  There, giving memory back piece by
 * piece would only unshare the pages; a leak checker wants to see it though.
 */

#if (NGX_DEBUG_PALLOC)
#define ngx_http_acctinfo_frees()  1
#else
#define ngx_http_acctinfo_frees()  (ngx_process != NGX_PROCESS_WORKER)
#endif


static void
ngx_http_acctinfo_cleanup_ruleset(void *data)
{
    if (ngx_http_acctinfo_frees()) {
        acct_ruleset_release(data);
    }
}


static void
ngx_http_acctinfo_cleanup_policy(void *data)
{
    if (ngx_http_acctinfo_frees()) {
        acct_policy_destroy(data);
    }
}


static void
ngx_http_acctinfo_cleanup_workspace(void *data)
{
    ngx_http_acctinfo_main_conf_t *amcf = data;

    if (amcf->workspace) {
        acct_workspace_destroy(amcf->workspace);
    }

    if (amcf->lane) {
        acct_text_destroy(amcf->lane);
    }
}
