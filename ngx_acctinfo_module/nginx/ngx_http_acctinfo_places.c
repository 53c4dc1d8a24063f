
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * The effective map of each watched location, told at start: its fields and
 * rule sets, and of the other directives what is not the default, in the words
 * in which it would be configured.
 */


#include "ngx_http_acctinfo.h"


/* A line that is written piece by piece; it is cut where it is too long */

typedef struct {
    ngx_log_t                     *log;
    u_char                        *last;
    u_char                         text[NGX_MAX_CONF_ERRSTR];
} ngx_http_acctinfo_line_t;


static void ngx_http_acctinfo_log_place(ngx_log_t *log,
    ngx_http_acctinfo_place_t *place);
static void ngx_http_acctinfo_log_fields(ngx_http_acctinfo_line_t *line,
    ngx_http_acctinfo_loc_conf_t *conf);
static void ngx_http_acctinfo_log_policy(ngx_http_acctinfo_line_t *line,
    ngx_http_acctinfo_loc_conf_t *conf);
static void ngx_http_acctinfo_log_request(ngx_http_acctinfo_line_t *line,
    ngx_http_acctinfo_loc_conf_t *conf);
static void ngx_http_acctinfo_log_names(ngx_http_acctinfo_line_t *line,
    char *directive, ngx_array_t *list);
static void ngx_http_acctinfo_log_settings(ngx_http_acctinfo_line_t *line,
    char *directive, ngx_array_t *list);
static void ngx_http_acctinfo_put(ngx_http_acctinfo_line_t *line,
    const char *fmt, ...);
static void ngx_http_acctinfo_end_line(ngx_http_acctinfo_line_t *line);


void
ngx_http_acctinfo_log_places(ngx_cycle_t *cycle)
{
    ngx_uint_t                      i;
    ngx_http_acctinfo_place_t      *place;
    ngx_http_acctinfo_main_conf_t  *amcf;

    amcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_acctinfo_module);

    if (amcf == NULL || amcf->places.nelts == 0
        || cycle->log->log_level < NGX_LOG_INFO)
    {
        return;
    }

    ngx_log_error(NGX_LOG_INFO, cycle->log, 0,
                  "acctinfo: version %s, nginx %s, Hyperscan %s, Unicode %s",
                  ACCTINFO_VERSION, NGINX_VERSION, acct_engine_version(),
                  acct_unicode_version());

    ngx_log_error(NGX_LOG_INFO, cycle->log, 0,
                  "acctinfo: %ui locations, %ui policies, %ui rule sets",
                  amcf->places.nelts, amcf->policies, amcf->rulesets.nelts);

    place = amcf->places.elts;

    for (i = 0; i < amcf->places.nelts; i++) {
        ngx_http_acctinfo_log_place(cycle->log, &place[i]);
    }
}


static void
ngx_http_acctinfo_log_place(ngx_log_t *log, ngx_http_acctinfo_place_t *place)
{
    ngx_str_t                      mode, serial;
    ngx_uint_t                     i;
    acct_ruleset_t               **rs;
    ngx_http_acctinfo_line_t       line;
    ngx_http_acctinfo_loc_conf_t  *conf;

    conf = place->conf;
    mode = conf->mode_value ? conf->mode_value->value
                            : ngx_http_acctinfo_modes[conf->mode];

    ngx_log_error(NGX_LOG_INFO, log, 0,
                  "acctinfo: \"%V\" in location \"%V\" of server \"%V\" "
                  "in %s:%ui",
                  &mode, &place->location, &place->server, place->file,
                  place->line);

    line.log = log;
    line.last = line.text;

    ngx_http_acctinfo_log_fields(&line, conf);

    rs = conf->rules->elts;

    for (i = 0; i < conf->rules->nelts; i++) {
        serial = ngx_http_acctinfo_ngx_str(acct_ruleset_serial(rs[i]));

        ngx_http_acctinfo_put(&line, "rule set %V, %uz rules", &serial,
                              acct_ruleset_count(rs[i]));
        ngx_http_acctinfo_end_line(&line);
    }

    ngx_http_acctinfo_log_policy(&line, conf);
    ngx_http_acctinfo_log_request(&line, conf);
}


static void
ngx_http_acctinfo_log_fields(ngx_http_acctinfo_line_t *line,
    ngx_http_acctinfo_loc_conf_t *conf)
{
    ngx_str_t                 *field;
    ngx_uint_t                 i, n;
    ngx_http_acctinfo_wire_t  *wire;

    wire = conf->wires->elts;

    for (n = 0; n < conf->source->policy->nfields; n++) {
        field = NULL;

        for (i = 0; i < conf->wires->nelts; i++) {

            if (wire[i].policy_field != n) {
                continue;
            }

            if (field == NULL) {
                field = &wire[i].field;
                ngx_http_acctinfo_put(line, "%V = %V", field, &wire[i].text);

            } else {
                ngx_http_acctinfo_put(line, ", %V", &wire[i].text);
            }
        }

        ngx_http_acctinfo_end_line(line);
    }
}


/* how a body is read, and what is looked for */

static void
ngx_http_acctinfo_log_policy(ngx_http_acctinfo_line_t *line,
    ngx_http_acctinfo_loc_conf_t *conf)
{
    size_t          value;
    ngx_str_t       name;
    ngx_uint_t      i;
    acct_policy_t  *policy;

    policy = conf->source->policy;

    if (conf->exact) {
        ngx_http_acctinfo_put(line, "acctinfo_keys exact");
        ngx_http_acctinfo_end_line(line);
    }

    ngx_http_acctinfo_log_settings(line, "acctinfo_type", conf->types);
    ngx_http_acctinfo_log_names(line, "acctinfo_charset", conf->charsets);
    ngx_http_acctinfo_log_names(line, "acctinfo_decode", conf->codings);

    for (i = 0; i < ACCT_LIMITS; i++) {
        value = *(size_t *) ((u_char *) &policy->limits
                             + acct_limits[i].offset);

        if (value != acct_limits[i].value) {
            name = ngx_http_acctinfo_ngx_str(acct_limits[i].name);

            ngx_http_acctinfo_put(line, "acctinfo_limit %V %uz", &name, value);
            ngx_http_acctinfo_end_line(line);
        }
    }

    if (conf->act != 1 || conf->watch != 1) {
        ngx_http_acctinfo_put(line, "acctinfo_level %ui %ui", conf->act,
                              conf->watch);
        ngx_http_acctinfo_end_line(line);
    }

    ngx_http_acctinfo_log_settings(line, "acctinfo_rule", conf->hands);
    ngx_http_acctinfo_log_settings(line, "acctinfo_flag", conf->flags);
}


/* which requests, from whom, and what comes of them */

static void
ngx_http_acctinfo_log_request(ngx_http_acctinfo_line_t *line,
    ngx_http_acctinfo_loc_conf_t *conf)
{
    ngx_str_t                     *method;
    ngx_uint_t                     i;
    ngx_http_acctinfo_verified_t  *v;

    if (conf->methods) {
        method = conf->methods->elts;

        ngx_http_acctinfo_put(line, "acctinfo_methods");

        for (i = 0; i < conf->methods->nelts; i++) {
            ngx_http_acctinfo_put(line, " %V", &method[i]);
        }

        ngx_http_acctinfo_end_line(line);
    }

    if (conf->verified) {
        v = conf->verified->elts;

        for (i = 0; i < conf->verified->nelts; i++) {
            ngx_http_acctinfo_put(line, "acctinfo_verified %V",
                                  &v[i].class.value);

            if (v[i].named) {
                ngx_http_acctinfo_put(line, " \"%V\"", &v[i].names.value);
            }

            ngx_http_acctinfo_end_line(line);
        }
    }

    if (conf->check) {
        ngx_http_acctinfo_put(line, "acctinfo_check");
        ngx_http_acctinfo_end_line(line);
    }

    if (conf->verify == NGX_HTTP_ACCTINFO_FORWARD) {
        ngx_http_acctinfo_put(line, "acctinfo_verify forward");
        ngx_http_acctinfo_end_line(line);
    }

    if (conf->failure == NGX_HTTP_ACCTINFO_FAIL_PASS) {
        ngx_http_acctinfo_put(line, "acctinfo_failure pass");
        ngx_http_acctinfo_end_line(line);
    }

    if (conf->status != NGX_HTTP_FORBIDDEN) {
        ngx_http_acctinfo_put(line, "acctinfo_status %ui", conf->status);
        ngx_http_acctinfo_end_line(line);
    }

    if (conf->rules_url.len) {
        ngx_http_acctinfo_put(line, "acctinfo_rules_url %V", &conf->rules_url);
        ngx_http_acctinfo_end_line(line);
    }

    if (conf->values != NGX_HTTP_ACCTINFO_VALUES_NONE) {
        ngx_http_acctinfo_put(line, "acctinfo_values %V",
                              &ngx_http_acctinfo_values_words[conf->values]);

        if (conf->sample_of) {
            ngx_http_acctinfo_put(line, " sample=%ui/%ui", conf->sample,
                                  conf->sample_of);
        }

        ngx_http_acctinfo_end_line(line);
    }
}


/* settings that are names alone */

static void
ngx_http_acctinfo_log_names(ngx_http_acctinfo_line_t *line, char *directive,
    ngx_array_t *list)
{
    ngx_uint_t                    i;
    ngx_http_acctinfo_setting_t  *s;

    if (list == NULL) {
        return;
    }

    ngx_http_acctinfo_put(line, "%s", directive);

    s = list->elts;

    for (i = 0; i < list->nelts; i++) {
        ngx_http_acctinfo_put(line, " %V", &s[i].name);
    }

    ngx_http_acctinfo_end_line(line);
}


/* names with an action each */

static void
ngx_http_acctinfo_log_settings(ngx_http_acctinfo_line_t *line,
    char *directive, ngx_array_t *list)
{
    ngx_uint_t                    i;
    ngx_http_acctinfo_setting_t  *s;

    if (list == NULL) {
        return;
    }

    s = list->elts;

    for (i = 0; i < list->nelts; i++) {
        ngx_http_acctinfo_put(line, "%s %V %V", directive, &s[i].name,
                              &s[i].action);
        ngx_http_acctinfo_end_line(line);
    }
}


static void
ngx_http_acctinfo_put(ngx_http_acctinfo_line_t *line, const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);
    line->last = ngx_vslprintf(line->last, line->text + sizeof(line->text),
                               fmt, args);
    va_end(args);
}


static void
ngx_http_acctinfo_end_line(ngx_http_acctinfo_line_t *line)
{
    if (line->last != line->text) {
        ngx_log_error(NGX_LOG_INFO, line->log, 0, "acctinfo:     %*s",
                      (size_t) (line->last - line->text), line->text);
    }

    line->last = line->text;
}
