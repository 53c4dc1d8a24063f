
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * The terms of a scale stand in two tries.  Those that begin with an edge are
 * in one of words, and each word of a value is one walk through it, a step a
 * symbol.  The others are in one of ends, last symbol first, and every symbol
 * that ends any of them is the start of a walk back along what was read.  The
 * branches of all nodes are in one hash table.
 */


#include <stdlib.h>

#include "acct_unicode.h"
#include "acct_weigh.h"


#define ACCT_SCALE_BRANCHES   256       /* at first; a power of two */

#define ACCT_WEIGH_RING       16        /* ACCT_WEIGH_TERM_MAX at least */

/*
 * Where each term stood last: more of them than a stretch holds, as a rule.
 * Where it holds more still, the oldest of some is forgotten, and may count
 * again.
 */

#define ACCT_WEIGH_KNOWN      1024
#define ACCT_WEIGH_PROBES     8

/* The roots, to which no branch leads */

#define ACCT_SCALE_ENDS       0
#define ACCT_SCALE_WORDS      1

/*
 * From a node by a symbol.  All that a walk asks for is here, so that it
 * touches one line of memory a step.
 */

typedef struct {
    uint64_t              key;          /* the parent and the symbol */
    uint32_t              node;         /* 0: no branch */
    uint32_t              loads;        /* index + 1; 0: no term ends here */
} acct_branch_t;


/* what a term weighs in one sum; next is an index + 1, 0 is none */

typedef struct {
    uint32_t              next;
    int16_t               weight;
    uint16_t              sum;
} acct_load_t;


typedef struct {
    uint32_t              rule;
    uint32_t              least;
    unsigned              sum;
} acct_scale_rule_t;


struct acct_scale_s {
    acct_branch_t        *branches;
    uint32_t              nbranches;
    uint32_t              mask;         /* of the hash */
    uint64_t              ends[16];     /* a bit for symbols that end a term */

    acct_load_t          *loads;
    uint32_t              nloads;
    uint32_t              aloads;

    acct_scale_rule_t     rules[ACCT_WEIGH_RULES_MAX];
    unsigned              nrules;
    unsigned              nsums;
};


/* A stretch being weighed: two of them overlap at any time */

typedef struct {
    uint32_t              start;        /* the place of its first symbol */
    unsigned              open;
    acct_weight_t         sums[ACCT_WEIGH_RULES_MAX];
} acct_stretch_t;


typedef struct {
    uint32_t              node;
    uint32_t              place;
} acct_known_t;


typedef struct {
    acct_weigh_trace_pt   trace;
    void                 *ctx;
} acct_weigh_told_t;


struct acct_weighing_s {
    const acct_alloc_t   *alloc;
    const acct_scale_t   *scale;

    uint32_t              first;        /* the place of the value's first
                                           symbol */
    uint32_t              place;        /* of the next one */
    uint32_t              edge;         /* of the last edge */
    uint32_t              word;         /* the node that was reached from there;
                                           0: no term goes on so */
    uint32_t              altered;      /* behind the last that an evasive step
                                           made what it is */
    uint32_t              hidden;       /* of the last that had something
                                           hidden before it */
    unsigned              close;        /* the last character was of Han or
                                           kana */
    uint32_t              symbols[ACCT_WEIGH_RING];
    acct_origin_t         origins[ACCT_WEIGH_RING];

    acct_stretch_t        stretches[2];
    acct_weight_t         best[ACCT_WEIGH_RULES_MAX];

    acct_known_t          known[ACCT_WEIGH_KNOWN];
};


acct_scale_t *
acct_scale_create(void)
{
    acct_scale_t  *scale;

    scale = calloc(1, sizeof(acct_scale_t));

    if (scale == NULL) {
        return NULL;
    }

    scale->mask = ACCT_SCALE_BRANCHES - 1;
    scale->branches = calloc(ACCT_SCALE_BRANCHES, sizeof(acct_branch_t));

    if (scale->branches == NULL) {
        free(scale);
        return NULL;
    }

    return scale;
}


void
acct_scale_destroy(acct_scale_t *scale)
{
    if (scale == NULL) {
        return;
    }

    free(scale->branches);
    free(scale->loads);
    free(scale);
}


int
acct_scale_rule(acct_scale_t *scale, uint32_t rule, uint32_t least, int same)
{
    acct_scale_rule_t  *r;

    if (scale->nrules == ACCT_WEIGH_RULES_MAX) {
        return ACCT_ERROR;
    }

    r = &scale->rules[scale->nrules];

    r->rule = rule;
    r->least = least;
    r->sum = same < 0 ? scale->nsums++ : scale->rules[same].sum;

    return (int) scale->nrules++;
}


static inline uint64_t
acct_branch_key(uint32_t parent, uint32_t symbol)
{
    return (uint64_t) parent << 32 | symbol;
}


static inline uint32_t
acct_branch_hash(uint64_t key)
{
    return (uint32_t) (key * 0x9e3779b97f4a7c15ull >> 32);
}


/* the branch with the key, or the empty one that ends the search for it */

static inline const acct_branch_t *
acct_scale_find(const acct_scale_t *scale, uint64_t key)
{
    uint32_t              i;
    const acct_branch_t  *b;

    for (i = acct_branch_hash(key); /* void */ ; i++) {
        b = &scale->branches[i & scale->mask];

        if (b->key == key || b->node == 0) {
            return b;
        }
    }
}


static void
acct_scale_put(acct_branch_t *branches, uint32_t mask, const acct_branch_t *b)
{
    uint32_t  i;

    i = acct_branch_hash(b->key);

    while (branches[i & mask].node) {
        i++;
    }

    branches[i & mask] = *b;
}


/* half of the table stays empty, so that a walk ends soon */

static int
acct_scale_grow(acct_scale_t *scale)
{
    uint32_t        i, mask;
    acct_branch_t  *branches;

    if (scale->nbranches < (scale->mask + 1) / 2) {
        return ACCT_OK;
    }

    mask = scale->mask * 2 + 1;
    branches = calloc((size_t) mask + 1, sizeof(acct_branch_t));

    if (branches == NULL) {
        return ACCT_ERROR;
    }

    for (i = 0; i <= scale->mask; i++) {
        if (scale->branches[i].node) {
            acct_scale_put(branches, mask, &scale->branches[i]);
        }
    }

    free(scale->branches);

    scale->branches = branches;
    scale->mask = mask;

    return ACCT_OK;
}


/* the branch that is there, or a new one; NULL when there is no memory */

static acct_branch_t *
acct_scale_branch(acct_scale_t *scale, uint64_t key)
{
    acct_branch_t  *b;

    b = (acct_branch_t *) acct_scale_find(scale, key);

    if (b->node) {
        return b;
    }

    if (acct_scale_grow(scale) != ACCT_OK) {
        return NULL;
    }

    b = (acct_branch_t *) acct_scale_find(scale, key);

    b->key = key;
    b->node = ACCT_SCALE_WORDS + ++scale->nbranches;
    b->loads = 0;

    return b;
}


/* a set of symbols, of which it has some too many */

static inline void
acct_scale_set(uint64_t *set, uint32_t symbol)
{
    set[symbol >> 6 & 15] |= (uint64_t) 1 << (symbol & 63);
}


static inline unsigned
acct_scale_has(const uint64_t *set, uint32_t symbol)
{
    return set[symbol >> 6 & 15] >> (symbol & 63) & 1;
}


static inline uint32_t
acct_weigh_symbol(uint32_t c)
{
    return c >= '0' && c <= '9' ? '0' : c;
}


static acct_term_taken_e
acct_scale_load(acct_scale_t *scale, acct_branch_t *branch, unsigned sum,
    int32_t weight)
{
    uint32_t      i, size;
    acct_load_t  *loads, *load;

    for (i = branch->loads; i; i = scale->loads[i - 1].next) {
        if (scale->loads[i - 1].sum == sum) {
            return ACCT_TERM_TWICE;
        }
    }

    if (scale->nloads == scale->aloads) {
        size = scale->aloads ? scale->aloads * 2 : 64;
        loads = realloc(scale->loads, size * sizeof(acct_load_t));

        if (loads == NULL) {
            return ACCT_TERM_NO_MEMORY;
        }

        scale->loads = loads;
        scale->aloads = size;
    }

    load = &scale->loads[scale->nloads++];

    load->sum = (uint16_t) sum;
    load->weight = (int16_t) weight;
    load->next = branch->loads;
    branch->loads = scale->nloads;

    return ACCT_TERM_TAKEN;
}


acct_term_taken_e
acct_scale_term(acct_scale_t *scale, unsigned slot, acct_str_t folded,
    int32_t weight)
{
    int             len;
    size_t          i;
    uint32_t        c, node, symbols[ACCT_WEIGH_TERM_MAX];
    unsigned        k, n, letters, word;
    acct_branch_t  *branch;

    n = 0;
    letters = 0;
    branch = NULL;

    for (i = 0; i < folded.len; i += (size_t) len) {
        len = acct_utf8_read(folded.data + i, folded.len - i, &c);

        if (len <= 0 || n == ACCT_WEIGH_TERM_MAX) {
            return ACCT_TERM_LONG;
        }

        symbols[n++] = acct_weigh_symbol(c);
        letters += c != ACCT_WEIGH_EDGE;
    }

    if (letters == 0) {
        return ACCT_TERM_EMPTY;
    }

    word = symbols[0] == ACCT_WEIGH_EDGE;
    node = word ? ACCT_SCALE_WORDS : ACCT_SCALE_ENDS;

    if (!word) {
        acct_scale_set(scale->ends, symbols[n - 1]);
    }

    for (k = word; k < n; k++) {
        branch = acct_scale_branch(scale,
                                   acct_branch_key(node, word ? symbols[k]
                                                   : symbols[n - 1 - k]));
        if (branch == NULL) {
            return ACCT_TERM_NO_MEMORY;
        }

        node = branch->node;
    }

    return acct_scale_load(scale, branch, scale->rules[slot].sum, weight);
}


unsigned
acct_scale_rules(const acct_scale_t *scale)
{
    return scale->nrules;
}


uint32_t
acct_scale_rule_at(const acct_scale_t *scale, unsigned slot)
{
    return scale->rules[slot].rule;
}


uint32_t
acct_scale_least(const acct_scale_t *scale, unsigned slot)
{
    return scale->rules[slot].least;
}


unsigned
acct_scale_sum(const acct_scale_t *scale, unsigned slot)
{
    return scale->rules[slot].sum;
}


size_t
acct_scale_size(const acct_scale_t *scale)
{
    return sizeof(acct_scale_t)
           + ((size_t) scale->mask + 1) * sizeof(acct_branch_t)
           + (size_t) scale->aloads * sizeof(acct_load_t);
}


acct_weighing_t *
acct_weighing_create(const acct_alloc_t *a)
{
    acct_weighing_t  *w;

    w = acct_calloc(a, sizeof(acct_weighing_t));

    if (w) {
        w->alloc = a;
        w->place = 1;
    }

    return w;
}


void
acct_weighing_destroy(acct_weighing_t *w)
{
    if (w) {
        acct_free(w->alloc, w);
    }
}


static void
acct_stretch_begin(acct_weighing_t *w, acct_stretch_t *s)
{
    unsigned  i;

    s->start = w->place;
    s->open = 1;

    for (i = 0; i < w->scale->nsums; i++) {
        s->sums[i].sum = 0;
        s->sums[i].evasive = 0;
        s->sums[i].start = UINT64_MAX;
        s->sums[i].end = 0;
    }
}


static void
acct_stretch_end(acct_weighing_t *w, acct_stretch_t *s)
{
    unsigned  i;

    if (!s->open) {
        return;
    }

    s->open = 0;

    for (i = 0; i < w->scale->nsums; i++) {
        if (s->sums[i].sum > w->best[i].sum) {
            w->best[i] = s->sums[i];
        }
    }
}


void
acct_weighing_begin(acct_weighing_t *w, const acct_scale_t *scale)
{
    w->scale = scale;
    w->close = 0;

    /*
     * A place is never the same again, so nothing of one value is known in the
     * next, until the numbers are used up; 0 is where no term stood.
     */

    if (w->place > UINT32_MAX / 2) {
        memset(w->known, 0, sizeof(w->known));
        w->place = 1;
    }

    w->first = w->place;

    w->word = 0;
    w->altered = 0;
    w->hidden = 0;

    memset(w->best, 0, scale->nsums * sizeof(acct_weight_t));

    w->stretches[0].open = 0;
    w->stretches[1].open = 0;
}


/* the place where a term stood before, and now this one; 0: not known */

static uint32_t
acct_weigh_known(acct_weighing_t *w, uint32_t node)
{
    uint32_t       i, before;
    unsigned       n;
    acct_known_t  *k, *oldest;

    oldest = NULL;
    i = node * 0x9e3779b1u >> 22;

    for (n = 0; n < ACCT_WEIGH_PROBES; n++, i++) {
        k = &w->known[i % ACCT_WEIGH_KNOWN];

        if (k->node == node) {
            before = k->place;
            k->place = w->place;
            return before;
        }

        if (oldest == NULL || k->place < oldest->place) {
            oldest = k;
        }
    }

    oldest->node = node;
    oldest->place = w->place;

    return 0;
}


/* a term of n symbols that ends with the last one */

static void
acct_weigh_add(acct_weighing_t *w, uint32_t loads, uint32_t n, uint32_t before,
    const acct_weigh_told_t *told)
{
    unsigned            k, evasive, traced;
    uint32_t            i, first, last;
    uint64_t            start, end;
    acct_weight_t      *sum;
    acct_origin_t       a, b;
    acct_stretch_t     *s;
    const acct_load_t  *load;

    last = w->place;
    first = last - n + 1;

    last -= w->symbols[last % ACCT_WEIGH_RING] == ACCT_WEIGH_EDGE;
    first += w->symbols[first % ACCT_WEIGH_RING] == ACCT_WEIGH_EDGE;

    /* marks that were put in order may stand before what they follow */

    a = w->origins[first % ACCT_WEIGH_RING];
    b = w->origins[last % ACCT_WEIGH_RING];

    start = acct_origin_start(acct_origin_start(a) < acct_origin_start(b)
                              ? a : b);
    end = acct_origin_end(acct_origin_end(a) > acct_origin_end(b) ? a : b);

    evasive = w->altered > first || w->hidden > first;

    traced = 0;

    for (k = 0; k < 2; k++) {
        s = &w->stretches[k];

        if (!s->open || before >= s->start) {
            continue;
        }

        for (i = loads; i; i = load->next) {
            load = &w->scale->loads[i - 1];
            sum = &s->sums[load->sum];

            sum->sum += load->weight;

            if (load->weight > 0) {
                sum->evasive |= evasive;

                if (start < sum->start) {
                    sum->start = start;
                }

                if (end > sum->end) {
                    sum->end = end;
                }
            }

            if (told->trace && !traced) {
                told->trace(told->ctx, load->sum, load->weight, start, end);
            }
        }

        traced = 1;
    }
}


static void
acct_weigh_put(acct_weighing_t *w, uint32_t symbol, acct_origin_t origin,
    const acct_weigh_told_t *told)
{
    uint32_t              at, n, node, place;
    acct_stretch_t       *s;
    const acct_scale_t   *scale;
    const acct_branch_t  *b;

    scale = w->scale;
    place = w->place - w->first;

    if (place % ACCT_WEIGH_STEP == 0) {
        s = &w->stretches[place / ACCT_WEIGH_STEP % 2];

        acct_stretch_end(w, s);
        acct_stretch_begin(w, s);
    }

    w->symbols[w->place % ACCT_WEIGH_RING] = symbol;
    w->origins[w->place % ACCT_WEIGH_RING] = origin;

    if (symbol != ACCT_WEIGH_EDGE) {

        if (origin & ACCT_ORIGIN_ALTERED) {
            w->altered = w->place + 1;
        }

        if (origin & ACCT_ORIGIN_HIDDEN) {
            w->hidden = w->place;
        }
    }

    if (w->word) {
        b = acct_scale_find(scale, acct_branch_key(w->word, symbol));
        w->word = b->node;

        if (b->loads) {
            acct_weigh_add(w, b->loads, w->place - w->edge + 1,
                           acct_weigh_known(w, b->node), told);
        }
    }

    if (acct_scale_has(scale->ends, symbol)) {
        node = ACCT_SCALE_ENDS;

        for (n = 0; n < ACCT_WEIGH_TERM_MAX && n <= place; n++) {
            at = (w->place - n) % ACCT_WEIGH_RING;
            b = acct_scale_find(scale, acct_branch_key(node, w->symbols[at]));
            node = b->node;

            if (node == 0) {
                break;
            }

            if (b->loads) {
                acct_weigh_add(w, b->loads, n + 1, acct_weigh_known(w, node),
                               told);
            }
        }
    }

    if (symbol == ACCT_WEIGH_EDGE) {
        w->word = ACCT_SCALE_WORDS;
        w->edge = w->place;
    }

    w->place++;
}


/* of Han or kana, between which there is no edge */

static inline unsigned
acct_weigh_close(uint32_t c)
{
    unsigned  group;

    if (c < 0x2e80) {
        return 0;
    }

    group = acct_cc_group(acct_classed(c));

    return group == ACCT_CLASS_HAN || group == ACCT_CLASS_KANA;
}


void
acct_weighing_window(acct_weighing_t *w, const acct_window_t *window,
    acct_weigh_trace_pt trace, void *ctx)
{
    int                len;
    size_t             i;
    uint32_t           c;
    unsigned           close;
    acct_origin_t      o;
    acct_weigh_told_t  told;

    told.trace = trace;
    told.ctx = ctx;

    for (i = window->seen; i < window->len; i += (size_t) len) {
        len = acct_utf8_read(window->data + i, window->len - i, &c);

        if (len <= 0) {
            break;
        }

        o = window->origin[i];
        close = acct_weigh_close(c);

        if (w->place == w->first
            || ((o & (ACCT_ORIGIN_GAP | ACCT_ORIGIN_CASE))
                && !(close && w->close)))
        {
            acct_weigh_put(w, ACCT_WEIGH_EDGE, o, &told);
        }

        acct_weigh_put(w, acct_weigh_symbol(c), o, &told);

        w->close = close;
    }

    if (!window->last) {
        return;
    }

    if (w->place != w->first) {
        acct_weigh_put(w, ACCT_WEIGH_EDGE, 0, &told);
    }

    for (i = 0; i < 2; i++) {
        acct_stretch_end(w, &w->stretches[i]);
    }
}


const acct_weight_t *
acct_weighing_result(const acct_weighing_t *w, unsigned slot)
{
    return &w->best[w->scale->rules[slot].sum];
}
