
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acct_pack.h: rule packs -> checked rules, with diagnostics.
 *
 * A pack is a JSON file; a folder of packs is one rule set.  Reading is
 * strict: what is not known, not of its type or not there is an error with
 * its file and line.  The attributes of a rule stand in one table.
 */


#ifndef ACCT_PACK_H_INCLUDED
#define ACCT_PACK_H_INCLUDED


#include "acct_base.h"
#include "acct_policy.h"
#include "acct_text.h"


/* Where a match must stand; the default depends on the term */

typedef enum {
    ACCT_WHERE_DEFAULT = 0,
    ACCT_WHERE_ANYWHERE,
    ACCT_WHERE_WORD,
    ACCT_WHERE_WHOLE
} acct_where_e;


typedef enum {
    ACCT_SIDE_RULE = 0,
    ACCT_SIDE_EITHER,
    ACCT_SIDE_BEFORE,
    ACCT_SIDE_AFTER
} acct_side_e;


typedef enum {
    ACCT_STAGE_STABLE = 0,
    ACCT_STAGE_TRIAL,
    ACCT_STAGE_RETIRED
} acct_stage_e;


typedef struct {
    acct_str_t           *elts;
    size_t                n;
} acct_strs_t;


/* A word, a roster's entry, a regex or an exception, as written */

typedef struct {
    acct_str_t            text;
    const char           *file;
    unsigned              line;
    unsigned              where;        /* acct_where_e of this term alone */
    unsigned              side;         /* acct_side_e of this term alone */
    int                   weight;       /* of weights: what it says for the
                                           rule, or against; 0: not given */
    acct_str_t            until;        /* of an exception: its last day */
} acct_term_t;


typedef struct {
    acct_term_t          *elts;
    size_t                n;
    size_t                size;
} acct_terms_t;


/* What must stand near a match, or must not */

#define ACCT_NEAR_MAX        8          /* of one rule */
#define ACCT_LEAST_MAX       8          /* terms that one may ask for */

typedef struct {
    acct_terms_t          terms;
    unsigned              side;         /* acct_side_e */
    unsigned              gap;          /* characters between, at most */
    unsigned              least;        /* so many different terms of it */
    unsigned              unless;       /* 1: it must not */
    unsigned              action;       /* of unless: the most that the rule
                                           does beside it; ACCT_PASS excuses */
    acct_str_t            note;
} acct_near_t;


/* An example; action is ACCT_ACTIONS where it names none */

typedef struct {
    acct_str_t            text;
    acct_str_t            field;        /* empty: the first that the rule
                                           reads, else name */
    unsigned              action;
    unsigned              line;
} acct_example_t;


typedef struct {
    acct_example_t       *elts;
    size_t                n;
} acct_examples_t;


typedef struct {
    acct_str_t            id;
    acct_str_t            message;
    acct_str_t            category;
    acct_str_t            reason;
    acct_strs_t           basis;
    acct_strs_t           fields;
    unsigned              view;         /* ACCT_VIEWS: not given */

    acct_terms_t          words;        /* words and lists */
    acct_terms_t          roster;
    acct_terms_t          regex;
    acct_terms_t          shape;        /* names of acct_shape.h */
    acct_terms_t          weights;
    unsigned              least;        /* what they must add up to; 0: not
                                           given */

    unsigned              where;
    acct_near_t           near[ACCT_NEAR_MAX];
    unsigned              nnear;        /* beside and unless, as they stand */
    acct_terms_t          except;
    acct_strs_t           exempt;

    unsigned              action;       /* ACCT_ACTIONS: not given */
    unsigned              evasive;      /* likewise */
    unsigned              level;
    unsigned              stage;
    acct_str_t            review_by;

    acct_strs_t           source;
    acct_strs_t           false_alarms;

    acct_examples_t       match;
    acct_examples_t       pass;

    const char           *file;
    unsigned              line;
    uint32_t              given;        /* attributes that were given, by
                                           their row */
} acct_pack_rule_t;


/* A pack or a list as it was read; the name is relative to the rule set */

typedef struct {
    acct_str_t            name;
    acct_str_t            content;
} acct_file_t;


typedef struct acct_packs_s  acct_packs_t;

struct acct_packs_s {
    acct_pack_rule_t     *rules;        /* in the order of their ids */
    size_t                nrules;
    size_t                arules;
    size_t                npacks;

    char                  digest[65];   /* SHA-256 over packs and lists */
    acct_str_t            serial;

    acct_file_t          *files;        /* in the order of their names */
    size_t                nfiles;

    struct acct_chunk_s  *chunks;       /* all strings and arrays live here */
};


/*
 * Characters.  A gap and a term of half a window's overlap, which is the
 * longest, fit into the overlap whatever the characters are.
 */

#define ACCT_GAP_MAX         128
#define ACCT_TERM_MAX        1024       /* bytes as written */
#define ACCT_ID_MAX          64


/*
 * The attributes' table, in canonical order; the linter walks it, the manual
 * is checked against it.
 */

#define ACCT_ATTR_LOAD       1u    /* a rule does not load without it */
#define ACCT_ATTR_LINT       2u    /* a rule does not lint without it */
#define ACCT_ATTR_LOOK       8u    /* one of these at least: what to look for */

/* What a value looks like */

typedef enum {
    ACCT_KIND_STRING = 0,
    ACCT_KIND_STRINGS,                  /* one, or an array of them */
    ACCT_KIND_WORD,                     /* of a closed vocabulary */
    ACCT_KIND_LEVEL,
    ACCT_KIND_DATE,
    ACCT_KIND_ROSTER,
    ACCT_KIND_WEIGHTS,
    ACCT_KIND_BESIDE,
    ACCT_KIND_UNLESS,
    ACCT_KIND_EXCEPT,
    ACCT_KIND_EXAMPLES
} acct_kind_e;

typedef struct {
    const char           *name;
    unsigned              flags;
    acct_kind_e           kind;
    const char           *purpose;
} acct_attribute_t;

const acct_attribute_t *acct_attribute(size_t i);     /* NULL past the last */

/* The k-th word that the i-th attribute takes; NULL past the last */

const char *acct_attribute_word(size_t i, size_t k);


/*
 * Loads a pack or a folder of packs.  With lint set, what only lint asks for
 * is an error too (examples both ways, known words of the vocabularies, a
 * note with each exception); without, it is let pass.  NULL when a pack is
 * unsound: the diagnostics say why.
 */

acct_packs_t *acct_packs_load(const char *path, unsigned lint,
    acct_diags_t *diags);

/* Several paths as one rule set: no id may be in two of them */

acct_packs_t *acct_packs_load_all(const char *const *paths, size_t n,
    unsigned lint, acct_diags_t *diags);

/*
 * Files that were read before, as a compiled file holds them; they are copied.
 * path is what diagnostics name.
 */

acct_packs_t *acct_packs_parse(const char *path, const acct_file_t *files,
    size_t n, acct_str_t serial, acct_diags_t *diags);

void acct_packs_free(acct_packs_t *packs);

/* whether a date of the form YYYY-MM-DD lies before today (UTC) */

int acct_date_past(acct_str_t date);


/* memory that lives as long as the packs do; NULL on failure */

void *acct_packs_alloc(acct_packs_t *packs, size_t size);



#endif /* ACCT_PACK_H_INCLUDED */
