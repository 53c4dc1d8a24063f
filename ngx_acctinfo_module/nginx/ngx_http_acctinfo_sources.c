
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * Where the value of a variable comes from.
 *
 * Directives that fill one variable from a text with others (map, set and
 * their like) tell nobody afterwards: what they made of their arguments is
 * private.  So while the configuration is read, each of them passes through
 * here first, its arguments are noted, and the directive goes on as ever.
 */


#include "ngx_http_acctinfo.h"


typedef char *(*ngx_http_acctinfo_set_pt)(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


/* A directive, and at which places its source and its target stand */

typedef struct {
    ngx_str_t                  name;
    ngx_uint_t                 source;
    ngx_uint_t                 target;

    ngx_command_t             *cmd;        /* while it passes through here */
    ngx_http_acctinfo_set_pt   set;
} ngx_http_acctinfo_filler_t;


typedef struct {
    ngx_http_acctinfo_filler_t  *filler;
    ngx_str_t                    source;
    ngx_str_t                    target;
    ngx_str_t                    file;
    ngx_uint_t                   line;
    ngx_uint_t                   seen;      /* in the search that goes on */
} ngx_http_acctinfo_fill_t;


/* A directive of ours whose texts must not come from the client */

typedef struct {
    ngx_str_t                    directive;
    ngx_str_t                    text;
    ngx_str_t                    file;
    ngx_uint_t                   line;
} ngx_http_acctinfo_trust_t;


static char *ngx_http_acctinfo_fill(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static void ngx_http_acctinfo_sources_release(void *data);
static ngx_uint_t ngx_http_acctinfo_next_variable(u_char **p, u_char *last,
    ngx_str_t *name);
static ngx_uint_t ngx_http_acctinfo_from_client(ngx_str_t *name);
static ngx_http_acctinfo_fill_t *ngx_http_acctinfo_search(ngx_array_t *fills,
    ngx_str_t *text, ngx_http_acctinfo_fill_t *from, ngx_str_t *name);


static ngx_http_acctinfo_filler_t  ngx_http_acctinfo_fillers[] = {
    { ngx_string("map"), 1, 2, NULL, NULL },
    { ngx_string("set"), 2, 1, NULL, NULL },
    { ngx_string("auth_request_set"), 2, 1, NULL, NULL },
    { ngx_string("split_clients"), 1, 2, NULL, NULL },
    { ngx_null_string, 0, 0, NULL, NULL }
};


/* variables that hold what the client wrote; with "_" a family of them */

static ngx_str_t  ngx_http_acctinfo_client_variables[] = {
    ngx_string("http_"),
    ngx_string("arg_"),
    ngx_string("cookie_"),
    ngx_string("args"),
    ngx_string("query_string"),
    ngx_string("request"),
    ngx_string("request_uri"),
    ngx_string("request_body"),
    ngx_string("request_method"),
    ngx_string("request_filename"),
    ngx_string("uri"),
    ngx_string("document_uri"),
    ngx_string("content_type"),
    ngx_string("host"),
    ngx_string("ssl_server_name"),
    ngx_null_string
};


/* Before the http block is read */

ngx_int_t
ngx_http_acctinfo_sources_begin(ngx_conf_t *cf)
{
    ngx_uint_t                      i;
    ngx_command_t                  *cmd;
    ngx_pool_cleanup_t             *cln;
    ngx_http_acctinfo_filler_t     *f;
    ngx_http_acctinfo_main_conf_t  *amcf;

    amcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_acctinfo_module);

    if (ngx_array_init(&amcf->fills, cf->pool, 4,
                       sizeof(ngx_http_acctinfo_fill_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_array_init(&amcf->trusts, cf->pool, 4,
                       sizeof(ngx_http_acctinfo_trust_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* also where the configuration breaks off: a module may be unloaded then */

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    cln->handler = ngx_http_acctinfo_sources_release;

    for (i = 0; cf->cycle->modules[i]; i++) {

        cmd = cf->cycle->modules[i]->commands;

        if (cf->cycle->modules[i]->type != NGX_HTTP_MODULE || cmd == NULL) {
            continue;
        }

        for ( /* void */ ; cmd->name.len; cmd++) {

            for (f = ngx_http_acctinfo_fillers; f->name.len; f++) {

                if (f->cmd == NULL && cmd->name.len == f->name.len
                    && ngx_strcmp(cmd->name.data, f->name.data) == 0)
                {
                    f->cmd = cmd;
                    f->set = cmd->set;
                    cmd->set = ngx_http_acctinfo_fill;
                }
            }
        }
    }

    return NGX_OK;
}


static void
ngx_http_acctinfo_sources_release(void *data)
{
    ngx_http_acctinfo_filler_t  *f;

    for (f = ngx_http_acctinfo_fillers; f->name.len; f++) {

        if (f->cmd) {
            f->cmd->set = f->set;
            f->cmd = NULL;
        }
    }
}


static char *
ngx_http_acctinfo_fill(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t                      *value;
    ngx_http_acctinfo_fill_t       *fill;
    ngx_http_acctinfo_filler_t     *f;
    ngx_http_acctinfo_main_conf_t  *amcf;

    for (f = ngx_http_acctinfo_fillers; f->name.len; f++) {
        if (f->cmd == cmd) {
            break;
        }
    }

    amcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_acctinfo_module);

    fill = ngx_array_push(&amcf->fills);
    if (fill == NULL) {
        return NGX_CONF_ERROR;
    }

    value = cf->args->elts;

    fill->filler = f;
    fill->source = value[f->source];
    fill->target = value[f->target];
    fill->file = cf->conf_file->file.name;
    fill->line = cf->conf_file->line;
    fill->seen = 0;

    if (fill->target.len && fill->target.data[0] == '$') {
        fill->target.data++;
        fill->target.len--;
    }

    return f->set(cf, cmd, conf);
}


/* Says that what a text of this directive holds must not be the client's */

ngx_int_t
ngx_http_acctinfo_trust(ngx_conf_t *cf, ngx_str_t *directive, ngx_str_t *text)
{
    ngx_http_acctinfo_trust_t      *trust;
    ngx_http_acctinfo_main_conf_t  *amcf;

    amcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_acctinfo_module);

    trust = ngx_array_push(&amcf->trusts);
    if (trust == NULL) {
        return NGX_ERROR;
    }

    trust->directive = *directive;
    trust->text = *text;
    trust->file = cf->conf_file->file.name;
    trust->line = cf->conf_file->line;

    return NGX_OK;
}


/* When the http block was read: a map may stand behind what it is used in */

ngx_int_t
ngx_http_acctinfo_sources_end(ngx_conf_t *cf)
{
    ngx_str_t                       name;
    ngx_uint_t                      i, n;
    ngx_http_acctinfo_fill_t       *fill, *found;
    ngx_http_acctinfo_trust_t      *trust;
    ngx_http_acctinfo_main_conf_t  *amcf;

    ngx_http_acctinfo_sources_release(NULL);

    amcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_acctinfo_module);

    trust = amcf->trusts.elts;
    fill = amcf->fills.elts;

    for (i = 0; i < amcf->trusts.nelts; i++) {

        for (n = 0; n < amcf->fills.nelts; n++) {
            fill[n].seen = 0;
        }

        ngx_str_null(&name);

        found = ngx_http_acctinfo_search(&amcf->fills, &trust[i].text, NULL,
                                         &name);

        if (name.len == 0) {
            continue;
        }

        if (found) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "\"%V\" in %V:%ui: \"%V\" in %V:%ui fills \"$%V\" "
                          "from \"$%V\", which is what the client says of "
                          "itself, and nobody is verified by that",
                          &trust[i].directive, &trust[i].file, trust[i].line,
                          &found->filler->name, &found->file, found->line,
                          &found->target, &name);

        } else {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "\"%V\": \"$%V\" is what the client says of itself, "
                          "and nobody is verified by that in %V:%ui",
                          &trust[i].directive, &name, &trust[i].file,
                          trust[i].line);
        }

        return NGX_ERROR;
    }

    return NGX_OK;
}


/*
 * Looks for a variable of the client's in a text, and in what fills the text's
 * own variables.  Each fill is looked at once, so chains may be circles.
 * name is empty where there is none; the fill is the one that reads it.
 */

static ngx_http_acctinfo_fill_t *
ngx_http_acctinfo_search(ngx_array_t *fills, ngx_str_t *text,
    ngx_http_acctinfo_fill_t *from, ngx_str_t *name)
{
    u_char                    *p, *last;
    ngx_str_t                  var;
    ngx_uint_t                 i;
    ngx_http_acctinfo_fill_t  *fill, *found;

    p = text->data;
    last = p + text->len;

    while (ngx_http_acctinfo_next_variable(&p, last, &var)) {

        if (ngx_http_acctinfo_from_client(&var)) {
            *name = var;
            return from;
        }

        fill = fills->elts;

        for (i = 0; i < fills->nelts; i++) {

            if (fill[i].seen || fill[i].target.len != var.len
                || ngx_strncasecmp(fill[i].target.data, var.data, var.len)
                   != 0)
            {
                continue;
            }

            fill[i].seen = 1;

            found = ngx_http_acctinfo_search(fills, &fill[i].source, &fill[i],
                                             name);
            if (name->len) {
                return found;
            }
        }
    }

    return NULL;
}


static ngx_uint_t
ngx_http_acctinfo_next_variable(u_char **p, u_char *last, ngx_str_t *name)
{
    while (*p < last) {

        if (*(*p)++ != '$') {
            continue;
        }

        if (*p < last && **p == '{') {
            (*p)++;
        }

        name->data = *p;

        while (*p < last
               && ((**p >= 'a' && **p <= 'z') || (**p >= 'A' && **p <= 'Z')
                   || (**p >= '0' && **p <= '9') || **p == '_'))
        {
            (*p)++;
        }

        name->len = *p - name->data;

        if (name->len) {
            return 1;
        }
    }

    return 0;
}


static ngx_uint_t
ngx_http_acctinfo_from_client(ngx_str_t *name)
{
    ngx_str_t   *v;

    for (v = ngx_http_acctinfo_client_variables; v->len; v++) {

        if (name->len < v->len
            || ngx_strncasecmp(name->data, v->data, v->len) != 0)
        {
            continue;
        }

        if (name->len == v->len || v->data[v->len - 1] == '_') {
            return 1;
        }
    }

    return 0;
}
