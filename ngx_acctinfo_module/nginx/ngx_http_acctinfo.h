
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * ngx_http_acctinfo.h: what the files of the glue share.
 *
 *     ..._module.c      directives, configuration, start-up
 *     ..._request.c     two doors in (reading, replay), one way out
 *     ..._check.c       "may I have this name?"
 *     ..._headers.c     the client's copies of our header, and our mark
 *     ..._refusal.c     the answer to a refused request
 *     ..._values.c      what of the values goes into the record
 *     ..._variables.c   $acctinfo_*
 *     ..._messages.c    what a refused person is told
 *     ..._metrics.c     shared counters, and pages that show them
 *     ..._verified.c    who the account is known to be
 *     ..._places.c      the effective map of each location, at start
 *     ..._sources.c     where the value of a variable comes from
 *
 * nginx's types stop here: what goes into the core are slices and numbers.
 */


#ifndef _NGX_HTTP_ACCTINFO_H_INCLUDED_
#define _NGX_HTTP_ACCTINFO_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "acctinfo.h"


/* acctinfo off | on | dry_run; the number is a row of the modes' table */

#define NGX_HTTP_ACCTINFO_OFF          0
#define NGX_HTTP_ACCTINFO_ON           1
#define NGX_HTTP_ACCTINFO_DRY_RUN      2


#define NGX_HTTP_ACCTINFO_REFUSE       0
#define NGX_HTTP_ACCTINFO_FORWARD      1

#define NGX_HTTP_ACCTINFO_FAIL_REJECT  0
#define NGX_HTTP_ACCTINFO_FAIL_PASS    1

#define NGX_HTTP_ACCTINFO_VALUES_NONE  0
#define NGX_HTTP_ACCTINFO_VALUES_HASH  1
#define NGX_HTTP_ACCTINFO_VALUES_MATCH 2
#define NGX_HTTP_ACCTINFO_VALUES_FULL  3


/* What the zone of acctinfo_zone holds, and the row of a rule in it */

typedef struct ngx_http_acctinfo_zone_s  ngx_http_acctinfo_zone_t;
typedef struct ngx_http_acctinfo_row_s  ngx_http_acctinfo_row_t;


/* Messages in one language */

typedef struct ngx_http_acctinfo_language_s  ngx_http_acctinfo_language_t;


/* A rule set of this configuration; each path is loaded once */

typedef struct {
    ngx_str_t                      path;
    acct_ruleset_t                *ruleset;

    time_t                         loaded;     /* with a zone only */
    ngx_http_acctinfo_row_t      **rows;       /* likewise; by rule */
    size_t                         first;      /* likewise; of nrules */
} ngx_http_acctinfo_ruleset_t;


/* A wire as configured; index is a variable's or NGX_CONF_UNSET */

typedef struct {
    ngx_str_t                      field;
    ngx_str_t                      text;
    ngx_int_t                      index;
    ngx_uint_t                     policy_field;
} ngx_http_acctinfo_wire_t;


/* One name of acctinfo_flag and others; what is set for it, if anything */

typedef struct {
    ngx_str_t                      name;
    ngx_str_t                      action;
    size_t                         value;
} ngx_http_acctinfo_setting_t;


/* A line of acctinfo_verified; named if it has a second argument */

typedef struct {
    ngx_http_complex_value_t       class;
    ngx_http_complex_value_t       names;
    ngx_uint_t                     named;
} ngx_http_acctinfo_verified_t;


typedef struct ngx_http_acctinfo_loc_conf_s  ngx_http_acctinfo_loc_conf_t;

struct ngx_http_acctinfo_loc_conf_s {
    ngx_uint_t                     mode;
    ngx_http_complex_value_t      *mode_value;

    ngx_array_t                   *rules;      /* of acct_ruleset_t * */
    ngx_array_t                   *methods;    /* of ngx_str_t */
    ngx_array_t                   *verified;   /* of ..._verified_t */

    ngx_uint_t                     values;
    ngx_uint_t                     sample;     /* so many of sample_of */
    ngx_uint_t                     sample_of;  /* 0: all */

    ngx_uint_t                     check;      /* is not inherited */
    ngx_uint_t                     metrics;    /* likewise; a format */
    ngx_uint_t                     verify;
    ngx_uint_t                     failure;
    ngx_uint_t                     status;
    ngx_str_t                      rules_url;

    /* what a policy is made of */

    ngx_array_t                   *wires;      /* of ..._wire_t */
    ngx_array_t                   *flags;      /* of ..._setting_t */
    ngx_array_t                   *limits;     /* likewise */
    ngx_array_t                   *hands;      /* likewise */
    ngx_array_t                   *types;      /* likewise */
    ngx_array_t                   *charsets;   /* likewise */
    ngx_array_t                   *codings;    /* likewise */
    ngx_uint_t                     exact;
    ngx_uint_t                     act;
    ngx_uint_t                     watch;

    /*
     * The outermost configuration with the same policy settings as this one:
     * it holds the policy for all that inherit, and it is made when the first
     * of them is watched.
     */

    ngx_http_acctinfo_loc_conf_t  *source;
    acct_policy_t                 *policy;     /* of a source only */
};


/* A watched location, for the log at start */

typedef struct {
    ngx_str_t                      location;
    ngx_str_t                      server;
    u_char                        *file;
    ngx_uint_t                     line;
    ngx_http_acctinfo_loc_conf_t  *conf;
} ngx_http_acctinfo_place_t;


typedef struct {
    ngx_str_t                      header;     /* empty if off */
    ngx_str_t                      header_lowcase;
    ngx_str_t                      strip;      /* lower case, "-" for others */
    ngx_flag_t                     push;

    ngx_array_t                    rulesets;   /* of ..._ruleset_t */
    ngx_array_t                    places;     /* of ..._place_t */
    ngx_uint_t                     policies;   /* made, for the log */
    ngx_int_t                      request_id; /* the variable's index */

    ngx_array_t                    languages;  /* of ..._language_t */

    ngx_array_t                    fills;      /* of ..._fill_t */
    ngx_array_t                    trusts;     /* of ..._trust_t */

    ngx_str_t                      key_id;     /* of acctinfo_hash_key */
    ngx_str_t                      key;

    ngx_shm_zone_t                *shm_zone;
    ngx_http_acctinfo_zone_t      *zone;
    ngx_uint_t                     generation; /* in the zone's counting */
    ngx_uint_t                     shown;      /* there is acctinfo_metrics */
    size_t                         nrules;     /* of all rule sets */
    ngx_pool_t                    *pool;

    acct_workspace_t              *workspace;  /* of this process */
    acct_text_t                   *lane;       /* likewise; for hashes */
} ngx_http_acctinfo_main_conf_t;


/* The values of a request that are kept for its record */

typedef struct ngx_http_acctinfo_values_s  ngx_http_acctinfo_values_t;


/* How far the body of a request is */

typedef enum {
    NGX_HTTP_ACCTINFO_READING = 0,             /* comes through the filter */
    NGX_HTTP_ACCTINFO_REPLAYING,               /* is read back in slices */
    NGX_HTTP_ACCTINFO_COMPLETE
} ngx_http_acctinfo_state_e;


typedef struct {
    ngx_http_acctinfo_loc_conf_t  *conf;
    acct_inspect_t                *inspect;

    ngx_http_acctinfo_state_e      state;
    int                            rc;         /* of the core's last call */
    ngx_uint_t                     mode;
    ngx_str_t                      failure;    /* empty: none of ours */

    /* set by conclude() */

    acct_decision_t                decision;
    acct_action_e                  done;
    ngx_uint_t                     status;     /* of the refusal, or 0 */
    ngx_uint_t                     would;      /* what dry run held back */
    ngx_str_t                      reason;     /* of what was done */

    ngx_table_elt_t               *mark;
    ngx_buf_t                     *answer;
    ngx_http_acctinfo_language_t  *language;   /* of the answer */
    ngx_uint_t                     html;       /* the answer is a page */

    ngx_http_acctinfo_values_t    *values;
    ngx_uint_t                     occurrences;

    /* which rules matched, for the counters of a zone */

    ngx_http_acctinfo_main_conf_t *amcf;
    u_char                        *notes;      /* bits; NULL before the first */

    uint64_t                       spent;      /* ns in the core */
    off_t                          received;

    /* of a replay */

    ngx_chain_t                   *in;
    off_t                          offset;
    u_char                        *slice;
    ngx_event_t                    event;

    unsigned                       observed:1;
    unsigned                       ended:1;
    unsigned                       concluded:1;
    unsigned                       refused:1;
    unsigned                       sent:1;
} ngx_http_acctinfo_ctx_t;


ngx_int_t ngx_http_acctinfo_handler(ngx_http_request_t *r);
ngx_int_t ngx_http_acctinfo_post_read_handler(ngx_http_request_t *r);
ngx_int_t ngx_http_acctinfo_request_init(ngx_conf_t *cf);
ngx_int_t ngx_http_acctinfo_refusal_init(ngx_conf_t *cf);
ngx_int_t ngx_http_acctinfo_add_variables(ngx_conf_t *cf);


/*
 * The context, found again after an internal redirect has cleared it; for a
 * subrequest that of the main request.  NULL if the request is not inspected.
 */

ngx_http_acctinfo_ctx_t *ngx_http_acctinfo_get_ctx(ngx_http_request_t *r);

/* The workspace of this process, made when it is first needed */

acct_workspace_t *ngx_http_acctinfo_workspace(
    ngx_http_acctinfo_main_conf_t *amcf);

/* Pushes the mark, or mends the one pushed before */

ngx_int_t ngx_http_acctinfo_mark(ngx_http_request_t *r,
    ngx_http_acctinfo_ctx_t *ctx);

/* Removes the headers that tell of a body */

void ngx_http_acctinfo_remove_body_headers(ngx_http_request_t *r);

/*
 * Takes the request's body and arguments away, arms the answer and returns
 * the status for the phase engine or the body filter to return.
 */

ngx_int_t ngx_http_acctinfo_refuse(ngx_http_request_t *r,
    ngx_http_acctinfo_ctx_t *ctx);

ngx_int_t ngx_http_acctinfo_metrics_init(ngx_conf_t *cf);
void ngx_http_acctinfo_worker_begin(ngx_http_acctinfo_main_conf_t *amcf);
void ngx_http_acctinfo_worker_end(ngx_http_acctinfo_main_conf_t *amcf);

/* Sees to it that rules are noted as they match, where there is a zone */

void ngx_http_acctinfo_notes_begin(ngx_http_acctinfo_main_conf_t *amcf,
    ngx_http_acctinfo_ctx_t *ctx);
void ngx_http_acctinfo_notes_free(ngx_http_acctinfo_ctx_t *ctx);


/* Tells in the log, at info, what each watched location does */

void ngx_http_acctinfo_log_places(ngx_cycle_t *cycle);


/* Sees to it that the inspection tells of values, where they are asked for */

void ngx_http_acctinfo_values_begin(ngx_http_acctinfo_ctx_t *ctx);
void ngx_http_acctinfo_values_free(ngx_http_acctinfo_ctx_t *ctx);
int ngx_http_acctinfo_values_member(ngx_http_request_t *r,
    ngx_http_acctinfo_ctx_t *ctx, acct_buf_t *b);


/* The form and the language of an answer, by what the request accepts */

char *ngx_http_acctinfo_init_messages(ngx_conf_t *cf,
    ngx_http_acctinfo_main_conf_t *amcf);
ngx_uint_t ngx_http_acctinfo_wants_html(ngx_http_request_t *r);
ngx_http_acctinfo_language_t *ngx_http_acctinfo_find_language(
    ngx_http_request_t *r);
ngx_str_t ngx_http_acctinfo_language_tag(ngx_http_acctinfo_language_t *l);
ngx_str_t ngx_http_acctinfo_find_message(ngx_http_acctinfo_language_t *l,
    ngx_str_t *name);

/* Says in the answer's header what language it is in, and what chose it */

ngx_int_t ngx_http_acctinfo_answer_language(ngx_http_request_t *r,
    ngx_http_acctinfo_language_t *l, char *vary);

/* A header of the request; several of one name are joined by commas */

ngx_int_t ngx_http_acctinfo_field_value(ngx_http_request_t *r, ngx_str_t *name,
    acct_str_t *value);


/* Setters of directives that stand beside what they set */

char *ngx_http_acctinfo_set_messages(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_acctinfo_set_values(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_acctinfo_set_hash_key(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_acctinfo_set_zone(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_acctinfo_set_metrics(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_acctinfo_set_check(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_acctinfo_set_verified(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/*
 * Whether what a directive trusts comes from the client: begin() before the
 * http block is read, trust() at each such text, end() after the block.
 */

ngx_int_t ngx_http_acctinfo_sources_begin(ngx_conf_t *cf);
ngx_int_t ngx_http_acctinfo_trust(ngx_conf_t *cf, ngx_str_t *directive,
    ngx_str_t *text);
ngx_int_t ngx_http_acctinfo_sources_end(ngx_conf_t *cf);

/* Tells the inspection who the account is known to be; before any value */

int ngx_http_acctinfo_vouch(ngx_http_request_t *r,
    ngx_http_acctinfo_ctx_t *ctx);

/* What acctinfo says for this request */

ngx_uint_t ngx_http_acctinfo_mode(ngx_http_request_t *r,
    ngx_http_acctinfo_loc_conf_t *alcf);

/* The name of the field whose match decided; empty where none did */

acct_str_t ngx_http_acctinfo_decided_field(ngx_http_acctinfo_ctx_t *ctx);

/* ",\"name\":value"; a member without a value is left out */

int ngx_http_acctinfo_member(acct_buf_t *b, char *name, acct_str_t value);

/* $request_id; empty if out of memory */

ngx_str_t ngx_http_acctinfo_id(ngx_http_request_t *r);


static ngx_inline acct_str_t
ngx_http_acctinfo_str(const ngx_str_t *s)
{
    acct_str_t  str;

    str.data = s->data;
    str.len = s->len;

    return str;
}


static ngx_inline ngx_str_t
ngx_http_acctinfo_ngx_str(acct_str_t s)
{
    ngx_str_t  str;

    str.data = (u_char *) s.data;
    str.len = s.len;

    return str;
}


extern ngx_module_t  ngx_http_acctinfo_module;
extern const ngx_str_t  ngx_http_acctinfo_modes[];
extern ngx_str_t  ngx_http_acctinfo_values_words[];


#endif /* _NGX_HTTP_ACCTINFO_H_INCLUDED_ */
