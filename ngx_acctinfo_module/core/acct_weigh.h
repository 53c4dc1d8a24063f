
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acct_weigh.h: weights, for what no word says alone.
 *
 * Some texts are told by many small signs and not by one.  Each term of a
 * rule's weights speaks for the rule or against it; what it says counts once,
 * however often it stands there; the rule matches where the sum is enough.
 *
 * A scale is the terms of all the rules of a view: it belongs to a rule set,
 * is filled once, and is immutable and shared after that.  A weighing is the
 * state for one value; it belongs to a sieve and is reused.
 */


#ifndef ACCT_WEIGH_H_INCLUDED
#define ACCT_WEIGH_H_INCLUDED


#include "acct_base.h"
#include "acct_text.h"


/*
 * A view is read as symbols: its characters, any digit as '0', and an edge at
 * either end and where letters are set apart (by anything between them, and by
 * a capital behind a small letter); but never between two characters of Han or
 * kana, which are not written apart.
 *
 * A sum is that of a stretch of ACCT_WEIGH_STRETCH symbols; a stretch begins at
 * every ACCT_WEIGH_STEP-th.  So it is bounded what honest words can weigh up,
 * and a value of any length is weighed as it streams by.
 */

#define ACCT_WEIGH_EDGE       ((uint32_t) '_')
#define ACCT_WEIGH_STRETCH    128
#define ACCT_WEIGH_STEP       64

#define ACCT_WEIGH_TERM_MAX   16        /* symbols of a term */
#define ACCT_WEIGH_RULES_MAX  16        /* rules of one view that weigh */
#define ACCT_WEIGHT_MAX       1000      /* of a term, for or against */
#define ACCT_WEIGH_LEAST_MAX  10000


typedef struct acct_scale_s  acct_scale_t;


/* NULL: out of memory */

acct_scale_t *acct_scale_create(void);
void acct_scale_destroy(acct_scale_t *scale);     /* NULL is let pass */

/*
 * A rule that weighs: its slot on the scale, or ACCT_ERROR when the scale has
 * ACCT_WEIGH_RULES_MAX of them.  Rules that weigh the same terms and ask for
 * another sum share one: same is the slot of such a rule, or -1.
 */

int acct_scale_rule(acct_scale_t *scale, uint32_t rule, uint32_t least,
    int same);

/*
 * A term as its view folds it, with "_" before or behind where an edge must be;
 * for the rule of the slot and for all that share with it.
 */

typedef enum {
    ACCT_TERM_TAKEN = 0,
    ACCT_TERM_TWICE,                    /* the rule has it already */
    ACCT_TERM_LONG,                     /* more than ACCT_WEIGH_TERM_MAX */
    ACCT_TERM_EMPTY,                    /* no symbol but edges */
    ACCT_TERM_NO_MEMORY
} acct_term_taken_e;

acct_term_taken_e acct_scale_term(acct_scale_t *scale, unsigned slot,
    acct_str_t folded, int32_t weight);

unsigned acct_scale_rules(const acct_scale_t *scale);
uint32_t acct_scale_rule_at(const acct_scale_t *scale, unsigned slot);
uint32_t acct_scale_least(const acct_scale_t *scale, unsigned slot);
unsigned acct_scale_sum(const acct_scale_t *scale, unsigned slot);
size_t acct_scale_size(const acct_scale_t *scale);            /* bytes */


/* What became of one rule: the heaviest stretch */

typedef struct {
    int32_t               sum;
    uint32_t              evasive;      /* whether any of it is altered, or
                                           has something hidden before it */
    uint64_t              start;        /* bytes of the original value, from */
    uint64_t              end;          /* the first term that speaks for it
                                           to the last */
} acct_weight_t;


/* A term that counted in a sum, for whoever wants to know why */

typedef void (*acct_weigh_trace_pt)(void *ctx, unsigned sum, int32_t weight,
    uint64_t start, uint64_t end);


typedef struct acct_weighing_s  acct_weighing_t;


acct_weighing_t *acct_weighing_create(const acct_alloc_t *a);
void acct_weighing_destroy(acct_weighing_t *w);

void acct_weighing_begin(acct_weighing_t *w, const acct_scale_t *scale);

/* trace may be NULL; it is told a term once for each stretch that counts it */

void acct_weighing_window(acct_weighing_t *w, const acct_window_t *window,
    acct_weigh_trace_pt trace, void *ctx);

/* after the last window; sum is 0 where nothing spoke for the rule */

const acct_weight_t *acct_weighing_result(const acct_weighing_t *w,
    unsigned slot);


#endif /* ACCT_WEIGH_H_INCLUDED */
