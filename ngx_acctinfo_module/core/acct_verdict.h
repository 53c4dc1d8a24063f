
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acct_verdict.h: matches -> verdict.
 *
 * Relations between spans, the order of matches, and the one decider.
 */


#ifndef ACCT_VERDICT_H_INCLUDED
#define ACCT_VERDICT_H_INCLUDED


#include "acct_base.h"
#include "acct_policy.h"
#include "acct_ruleset.h"
#include "acct_text.h"


#define ACCT_MATCHES_MAX     16


/*
 * A match that survived the relations.  rule lives as long as its rule set,
 * of which the verdict's owner holds a reference.
 */

typedef struct {
    const acct_rule_t    *rule;
    uint32_t              occurrence;   /* of a field, in the order met */
    uint16_t              field;        /* the policy's index */
    uint8_t               action;       /* acct_action_e */
    uint8_t               pack_action;  /* what the pack says, before level,
                                           stage and the operator's hand */
    uint8_t               evasive;
    uint8_t               watched;
    uint64_t              start;        /* bytes of the original value */
    uint64_t              end;
} acct_match_t;


/* Matches in their order, at most ACCT_MATCHES_MAX of them */

typedef struct {
    uint64_t              count;        /* of all, recorded or not */
    unsigned              n;
    acct_match_t         *elts;         /* NULL before the first */
} acct_matches_t;


/*
 * What came of a request.  Matches are ordered by field occurrence, start,
 * end, view and rule id.
 */

typedef struct {
    acct_action_e         action;       /* what the rules said */
    acct_match_t          decider;      /* rule is NULL where no rule decided */
    acct_matches_t        matches;
    acct_matches_t        watched;      /* trial rules, watched levels */
    uint32_t              flags;        /* acct_flag_bit()s */
} acct_verdict_t;


/*
 * The i-th match to show, i < m->n: the decider is shown in the last place
 * where it would not be shown otherwise.
 */

const acct_match_t *acct_matches_get(const acct_verdict_t *v,
    const acct_matches_t *m, unsigned i);


/*
 * A tally gathers the matches of one value until it closes; then it is
 * merged into the verdict.  Zeroed is empty.
 */

typedef struct {
    acct_verdict_t        verdict;
    acct_match_t          matches[ACCT_MATCHES_MAX];
    acct_match_t          watched[ACCT_MATCHES_MAX];
} acct_tally_t;


void acct_tally_init(acct_tally_t *t);

/*
 * verdict's arrays come from the allocator when they are first needed; a
 * verdict is freed by acct_verdict_free().
 */

int acct_verdict_merge(acct_verdict_t *v, const acct_alloc_t *a,
    const acct_verdict_t *from);
void acct_verdict_free(acct_verdict_t *v, const acct_alloc_t *a);


/*
 * One field's value against one rule set: the matches that wait for their
 * relations, view by view.
 *
 * A match is decided when the view has moved ACCT_OVERLAP bytes past it: by
 * then all that may cover it, or stand beside it, has been seen.  The state
 * is kept in a struct of the workspace and reused.
 */

typedef struct acct_sieve_s  acct_sieve_t;

acct_sieve_t *acct_sieve_create(const acct_alloc_t *a);
void acct_sieve_destroy(acct_sieve_t *s);

/* A part of the joined field: bytes [start, end) of its text */

typedef struct {
    uint64_t              start;
    uint64_t              end;
} acct_part_t;


/*
 * What the account is known to be, by whoever is trusted to know: a class,
 * and a name if data is not NULL.
 */

typedef struct {
    acct_str_t            class;
    acct_str_t            name;
} acct_vouch_t;


/*
 * What became of something that a rule looks for and that was found: for
 * whoever wants to know why.
 */

typedef enum {
    ACCT_TRACE_MATCHED = 0,
    ACCT_TRACE_EXCUSED,                 /* what is vouched for excuses it */
    ACCT_TRACE_IGNORED,                 /* by level, or by the operator */
    ACCT_TRACE_EDGE,                    /* it is no word, or not the whole */
    ACCT_TRACE_COVERED,                 /* an exception covers it */
    ACCT_TRACE_ALONE,                   /* nothing stands beside it */
    ACCT_TRACE_UNLESS,                  /* what excuses it stands near */
    ACCT_TRACE_CHECK,                   /* its shape's check does not hold */
    ACCT_TRACE_PART,                    /* one part of the joined field holds
                                           it, and has reported it */
    ACCT_TRACE_LIGHT,                   /* half of what the rule's weights must
                                           add up to is there, not all */
    ACCT_TRACE_WEIGHED                  /* one of its terms counts; what comes
                                           of it is told at the value's end */
} acct_trace_e;


typedef struct {
    acct_trace_e          outcome;
    const acct_rule_t    *rule;
    unsigned              field;
    uint64_t              start;        /* in the value; end is 0 where the
                                           start was not looked for */
    uint64_t              end;
    unsigned              evasive;
    unsigned              unmasked;     /* read with its masks off */
    int32_t               weight;       /* of a rule that weighs: the term's,
                                           or the sum */
    uint32_t              least;        /* and what it must add up to; 0 of
                                           another rule */
} acct_trace_t;


typedef void (*acct_trace_pt)(void *ctx, const acct_trace_t *trace);


typedef struct {
    const acct_policy_t  *policy;
    const acct_ruleset_t *ruleset;
    acct_trace_pt         trace;        /* may be NULL */
    void                 *trace_ctx;
    uint64_t              mask;         /* the field's bit in the rule set */
    unsigned              field;
    uint32_t              occurrence;
    const acct_part_t    *parts;        /* of the joined field */
    unsigned              nparts;       /* 0: another field */
    const acct_vouch_t   *vouches;
    unsigned              nvouches;
    const acct_verdict_t *first;        /* of the same value: what it holds is
                                           not found again where the masks are
                                           off; NULL: they are on */
} acct_sieve_field_t;

void acct_sieve_begin(acct_sieve_t *s, const acct_sieve_field_t *field);

/* Scans a window and moves what is decided into the tally */

int acct_sieve_window(acct_sieve_t *s, acct_scratch_t *scratch,
    const acct_window_t *w, acct_tally_t *tally);


/*
 * Who decided, and what is to be done: the rules' verdict and the flags under
 * a policy.  A rule's reject decides before a flag's; among flags that refuse
 * 415 goes before 400, then the order of their table.
 */

typedef struct {
    acct_action_e         action;
    unsigned              status;       /* of a refusal by a flag; 0 if a rule
                                           decided */
    acct_str_t            reason;       /* the rule's reason or the flag's
                                           word; empty for pass */
    const acct_rule_t    *rule;
} acct_decision_t;

void acct_decide(const acct_verdict_t *v, const acct_policy_t *p,
    acct_decision_t *d);


#endif /* ACCT_VERDICT_H_INCLUDED */
