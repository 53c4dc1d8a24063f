
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acct_ruleset.h: rules -> databases, views -> matches.
 *
 * A rule set is what is bad: the rules of one path and their databases.  It
 * is immutable and shared; a scratch is what a scan needs besides, one for
 * each worker or thread.  Hyperscan is known to this room alone.
 */


#ifndef ACCT_RULESET_H_INCLUDED
#define ACCT_RULESET_H_INCLUDED


#include "acct_base.h"
#include "acct_pack.h"
#include "acct_policy.h"
#include "acct_shape.h"
#include "acct_text.h"
#include "acct_weigh.h"


typedef struct acct_ruleset_s  acct_ruleset_t;


/* What must stand near a match, or must not */

typedef struct {
    uint8_t               side;         /* acct_side_e */
    uint8_t               gap;          /* characters between, at most */
    uint8_t               least;        /* different terms, 1 or more */
    uint8_t               action;       /* of unless: what it leaves */
} acct_neighbour_t;


/* A rule as a match points to it; lives as long as its rule set */

typedef struct {
    acct_str_t            id;
    acct_str_t            message;
    acct_str_t            category;
    acct_str_t            reason;
    acct_view_e           view;
    acct_action_e         action;
    acct_action_e         evasive;      /* what the evasive spelling gets */
    unsigned              level;        /* 1 to 3 */
    unsigned              trial;
    unsigned              weighs;       /* it looks for weights */
    uint64_t              fields;       /* which of the rule set's field names
                                           it reads; 0 is every field */
    acct_neighbour_t      near[ACCT_NEAR_MAX];
    unsigned              beside;       /* a bit for each that must stand
                                           near */
    unsigned              unless;       /* and for each that must not */
    const acct_strs_t    *exempt;       /* verified classes that it excuses */
} acct_rule_t;


/*
 * A use of a literal or a pattern by a rule.  Several rules may use the same
 * one; it is searched for once.
 */

typedef enum {
    ACCT_USE_EXCEPT = 0,                /* cancels what it covers */
    ACCT_USE_NEAR,                      /* must stand near, or must not */
    ACCT_USE_MATCH
} acct_use_e;


typedef struct {
    uint32_t              rule;         /* index in the rule set */
    uint8_t               kind;         /* acct_use_e */
    uint8_t               where;        /* acct_where_e, never the default */
    uint8_t               side;         /* of this term alone; ACCT_SIDE_RULE
                                           is the rule's own */
    uint8_t               near;         /* which of the rule's neighbours */
    uint8_t               roster;       /* a name that somebody may bear */
    uint8_t               unmasked;     /* a form that counts where the masks
                                           are off */
    const acct_shape_t   *shape;        /* whose check it must pass, or NULL */
} acct_use_t;


/* What a scan reports: the bytes [.., end) of the window, uses by index */

typedef struct {
    uint32_t              id;           /* literal or pattern of the view */
    uint32_t              pattern;      /* 1: a pattern, its start unknown */
    uint32_t              end;
} acct_hit_t;


typedef struct acct_scratch_s  acct_scratch_t;


acct_scratch_t *acct_scratch_create(const acct_alloc_t *a);
void acct_scratch_destroy(acct_scratch_t *s);


/*
 * Fits the scratch to a rule set; costs a comparison when that was done
 * before.  May be called at any time between two scans.
 */

int acct_scratch_fit(acct_scratch_t *s, const acct_ruleset_t *rs);

size_t acct_scratch_size(const acct_scratch_t *s);            /* bytes */


/*
 * Loading (acct_load.c).
 *
 * The path is a pack, a folder of packs, or a compiled file.  A rule set with
 * the same content and serial that somebody holds already is shared.  The
 * caller gets a reference and gives it back by release().  NULL: the
 * diagnostics say why, and memory is one of the reasons.
 *
 * build() makes a rule set of packs that the caller has loaded, and owns them
 * if it succeeds; it is not entered into the registry.  portable databases run
 * on every processor that the library runs on; else the one at hand is meant.
 * Images, if there are any, are opened in place of compiling: they must have
 * been made of the same packs.
 */

typedef enum {
    ACCT_IMAGE_WORDS = 0,
    ACCT_IMAGE_PATTERNS,
    ACCT_IMAGE_ANCHORED,
    ACCT_IMAGE_WIDTHS,                  /* of the patterns: pairs of u32 */
    ACCT_IMAGES
} acct_image_e;

typedef struct {
    acct_str_t            image[ACCT_VIEWS][ACCT_IMAGES];
} acct_images_t;

/*
 * How many threads may compile at once, at most 8, in all that is built from
 * now on; one, the caller's, unless this is called: a server wants none.  They
 * are gone when a build returns, and take no signal.
 */

void acct_ruleset_threads(unsigned n);

acct_ruleset_t *acct_ruleset_load(const char *path, acct_diags_t *diags);
acct_ruleset_t *acct_ruleset_build(acct_packs_t *packs, unsigned portable,
    const acct_images_t *images, acct_diags_t *diags);

/*
 * The image of one database as the library itself writes it, appended to out;
 * nothing is appended where there is none.
 */

int acct_ruleset_image(const acct_ruleset_t *rs, unsigned view, unsigned image,
    acct_buf_t *out);
void acct_ruleset_retain(acct_ruleset_t *rs);
void acct_ruleset_release(acct_ruleset_t *rs);

/* Whoever keeps a list of rule sets is told of one that nobody holds more */

typedef void (*acct_ruleset_gone_pt)(const acct_ruleset_t *rs);

void acct_ruleset_watch(acct_ruleset_t *rs, acct_ruleset_gone_pt gone);


/*
 * The scale of a view, NULL where no rule of it weighs; and the use of a rule
 * on it, which is that of a match.
 */

const acct_scale_t *acct_ruleset_scale(const acct_ruleset_t *rs,
    acct_view_e view);
const acct_use_t *acct_ruleset_scale_use(const acct_ruleset_t *rs,
    acct_view_e view, unsigned slot);


/* What is known of one: for the log, the record, the command */

acct_str_t acct_ruleset_serial(const acct_ruleset_t *rs);
acct_str_t acct_ruleset_digest(const acct_ruleset_t *rs);      /* 64 hex */
const acct_packs_t *acct_ruleset_packs(const acct_ruleset_t *rs);
size_t acct_ruleset_count(const acct_ruleset_t *rs);
const acct_rule_t *acct_ruleset_rule(const acct_ruleset_t *rs, size_t i);
const acct_rule_t *acct_ruleset_find(const acct_ruleset_t *rs, acct_str_t id);

typedef struct {
    size_t                words;        /* literals */
    size_t                patterns;
    size_t                uses;
    size_t                weights;      /* terms that weigh */
    size_t                bytes;        /* of its databases and its scale */
} acct_ruleset_view_info_t;

void acct_ruleset_view_info(const acct_ruleset_t *rs, acct_view_e view,
    acct_ruleset_view_info_t *info);

const char *acct_engine_version(void);  /* of the matching library */


/*
 * The views that the rules for a field read, as a set of acct_view_bit()s.
 * *mask receives the bit of the field for acct_rule_t.fields, 0 if no rule
 * names it.  The joined field is read by those rules alone that name it.
 */

unsigned acct_ruleset_views(const acct_ruleset_t *rs, acct_str_t field,
    uint64_t *mask);


/*
 * Scans one window.  Hits are appended to the vector, which grows by its
 * allocator; hits that end within the first "seen" bytes are left out.
 */

typedef struct {
    acct_hit_t           *elts;
    size_t                n;
    size_t                size;
    const acct_alloc_t   *alloc;
} acct_hits_t;

int acct_ruleset_scan(const acct_ruleset_t *rs, acct_scratch_t *s,
    const acct_window_t *w, acct_hits_t *hits);


/*
 * The n uses of a hit: matches of them are ACCT_USE_MATCH and come first; each
 * part is in the order of rule ids.
 */

const acct_use_t *acct_ruleset_uses(const acct_ruleset_t *rs, acct_view_e view,
    const acct_hit_t *hit, size_t *n, size_t *matches);


/*
 * Where a hit begins: exact for literals and patterns of one width.  For
 * others the latest start at which the pattern still matches up to the hit's
 * end.  floor is an offset that the start is known not to lie before (0 if
 * nothing is known).
 */

int acct_ruleset_start(const acct_ruleset_t *rs, acct_scratch_t *s,
    const acct_window_t *w, const acct_hit_t *hit, size_t floor,
    size_t *start);


/*
 * Whether a pattern matches exactly the bytes [start, end) of the window;
 * for relations that ask for a given start.
 */

int acct_ruleset_exact(const acct_ruleset_t *rs, acct_scratch_t *s,
    const acct_window_t *w, const acct_hit_t *hit, size_t start,
    unsigned *matches);

/* A literal as its view shows it; empty for a pattern */

acct_str_t acct_ruleset_literal(const acct_ruleset_t *rs, acct_view_e view,
    const acct_hit_t *hit);

/* least and greatest width of what a hit's literal or pattern matches */

void acct_ruleset_width(const acct_ruleset_t *rs, acct_view_e view,
    const acct_hit_t *hit, size_t *min, size_t *max);


/* The rule of a use */

static inline const acct_rule_t *
acct_use_rule(const acct_ruleset_t *rs, const acct_use_t *use)
{
    return acct_ruleset_rule(rs, use->rule);
}


#endif /* ACCT_RULESET_H_INCLUDED */
