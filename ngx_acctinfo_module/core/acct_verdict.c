
/*
 * Copyright (C) the ngx_acctinfo_module authors
 */


#include <stdlib.h>

#include "acct_unicode.h"
#include "acct_verdict.h"


#define ACCT_NOWHERE     UINT64_MAX


/* What was decided of a match */

typedef enum {
    ACCT_ITEM_WAITS = 0,
    ACCT_ITEM_COUNTED,
    ACCT_ITEM_DROPPED
} acct_item_e;


/*
 * A use of a rule found in a view: a match, or what cancels one or must stand
 * beside it.
 */

typedef struct {
    const acct_use_t     *use;
    uint64_t              start;        /* in the view */
    uint64_t              end;
    uint64_t              from;         /* in the original value */
    uint64_t              to;
    uint64_t              chars;        /* characters of the view before it */
    uint32_t              nchars;       /* its own */
    uint8_t               right;        /* acct_edge_e */
    uint8_t               evasive;
    uint8_t               state;        /* acct_item_e */
    acct_str_t            literal;      /* none of a pattern */
    int32_t               weight;       /* of a rule that weighs: the sum */
    uint32_t              least;
} acct_item_t;


/* The terms that stand near a match, of neighbours that ask for several */

typedef struct {
    const acct_item_t    *elts[ACCT_NEAR_MAX * ACCT_LEAST_MAX];
    unsigned              n;
} acct_picks_t;


typedef struct {
    acct_item_t          *elts;
    size_t                n;
    size_t                size;
    uint64_t              first;        /* the first letter or digit of the
                                           view, or ACCT_NOWHERE */
    uint64_t              chars;        /* characters up to the end of the
                                           last window */
    unsigned              slots;        /* of its scale: a bit for each rule
                                           that is asked for */
    acct_weighing_t      *weighing;     /* NULL until one is */
} acct_items_t;


/* Whether a relation holds at an edge of a match, as far as can be seen */

typedef enum {
    ACCT_EDGE_JOINED = 0,
    ACCT_EDGE_FREE,
    ACCT_EDGE_UNKNOWN
} acct_edge_e;


typedef struct {
    uint32_t              round;
    uint32_t              looked;       /* the round in which a match of the
                                           rule was found */
    uint64_t              end;
} acct_cover_t;


/* Which uses of a hit are asked for */

typedef enum {
    ACCT_LOOK_ALL = 0,
    ACCT_LOOK_MATCHES,                  /* and their rules are noted */
    ACCT_LOOK_OTHERS                    /* of the rules that were */
} acct_look_e;


struct acct_sieve_s {
    const acct_alloc_t   *alloc;
    acct_sieve_field_t    field;

    acct_items_t          views[ACCT_VIEWS];
    acct_hits_t           hits;

    acct_cover_t         *cover;        /* a row for each rule */
    size_t                ncover;
    uint32_t              round;

    acct_text_t          *fold;         /* of vouched names */
    acct_buf_t            name;
};


static int acct_sieve_hits(acct_sieve_t *s, acct_scratch_t *scratch,
    const acct_window_t *w, acct_look_e look);
static int acct_sieve_hit(acct_sieve_t *s, acct_scratch_t *scratch,
    const acct_window_t *w, const acct_hit_t *hit, acct_look_e look,
    size_t *floor);
static int acct_sieve_cover(acct_sieve_t *s);
static int acct_sieve_add(acct_sieve_t *s, const acct_window_t *w,
    const acct_hit_t *hit, const acct_use_t *use, size_t start);
static int acct_sieve_decide(acct_sieve_t *s, const acct_window_t *w,
    acct_tally_t *tally);
static void acct_sieve_trace(const acct_sieve_t *s, const acct_item_t *item,
    const acct_rule_t *rule, acct_trace_e outcome);
static unsigned acct_sieve_slots(const acct_sieve_t *s, unsigned view);
static int acct_sieve_weigh(acct_sieve_t *s, const acct_window_t *w,
    acct_tally_t *tally);


acct_sieve_t *
acct_sieve_create(const acct_alloc_t *a)
{
    acct_sieve_t  *s;

    s = acct_calloc(a, sizeof(acct_sieve_t));

    if (s) {
        s->alloc = a;
        s->hits.alloc = a;
        acct_buf_init(&s->name, a, ACCT_TERM_MAX * 6);
    }

    return s;
}


void
acct_sieve_destroy(acct_sieve_t *s)
{
    unsigned  i;

    if (s == NULL) {
        return;
    }

    for (i = 0; i < ACCT_VIEWS; i++) {
        acct_free(s->alloc, s->views[i].elts);
        acct_weighing_destroy(s->views[i].weighing);
    }

    acct_text_destroy(s->fold);
    acct_buf_free(&s->name);
    acct_free(s->alloc, s->hits.elts);
    acct_free(s->alloc, s->cover);
    acct_free(s->alloc, s);
}


void
acct_sieve_begin(acct_sieve_t *s, const acct_sieve_field_t *field)
{
    unsigned  i;

    s->field = *field;

    for (i = 0; i < ACCT_VIEWS; i++) {
        s->views[i].n = 0;
        s->views[i].first = ACCT_NOWHERE;
        s->views[i].chars = 0;
        s->views[i].slots = acct_sieve_slots(s, i);
    }
}


static uint64_t
acct_sieve_chars(const uint8_t *p, size_t n)
{
    size_t    i;
    uint64_t  chars;

    chars = 0;

    for (i = 0; i < n; i++) {
        chars += (p[i] & 0xc0) != 0x80;
    }

    return chars;
}


/* the character at i with its class; whole characters only, so it is there */

static acct_cc_t
acct_sieve_char(const acct_window_t *w, size_t i)
{
    uint32_t  c;

    c = w->data[i];

    if (c >= 0x80) {
        (void) acct_utf8_read(w->data + i, w->len - i, &c);
    }

    return acct_classed(c);
}


static size_t
acct_sieve_before(const acct_window_t *w, size_t i)
{
    for (i--; i > 0 && (w->data[i] & 0xc0) == 0x80; i--) { /* void */ }

    return i;
}


static size_t
acct_sieve_after(const acct_window_t *w, size_t i)
{
    for (i++; i < w->len && (w->data[i] & 0xc0) == 0x80; i++) { /* void */ }

    return i;
}


/*
 * Whether two neighbours belong to one word: letters of one script, digits,
 * and digits beside letters of the scripts that set words apart by spaces.
 * A mark belongs to the letter before it.
 */

static int
acct_sieve_joined(acct_cc_t a, acct_cc_t b)
{
    unsigned  x, y;

    if (!acct_cc_is(a, ACCT_CLASS_KEEP) || !acct_cc_is(b, ACCT_CLASS_KEEP)) {
        return 0;
    }

    x = acct_cc_group(a);
    y = acct_cc_group(b);

    if (y == ACCT_CLASS_MARK || x == ACCT_CLASS_MARK) {
        return 1;
    }

    if (x == ACCT_CLASS_NUMBER || y == ACCT_CLASS_NUMBER) {

        if (x == y) {
            return 1;
        }

        x = x == ACCT_CLASS_NUMBER ? y : x;

        return x != ACCT_CLASS_HAN && x != ACCT_CLASS_KANA
               && x != ACCT_CLASS_BOPOMOFO;
    }

    if (x != y) {
        return 0;
    }

    return x != ACCT_CLASS_LETTER
           || acct_script(acct_cc_char(a)) == acct_script(acct_cc_char(b));
}


/* the edge at place i of the window: before the character there */

static acct_edge_e
acct_sieve_edge(const acct_window_t *w, size_t i, unsigned where)
{
    size_t         before;
    acct_cc_t      a, b;
    acct_origin_t  x, y;

    if (i == w->len) {
        return w->last ? ACCT_EDGE_FREE : ACCT_EDGE_UNKNOWN;
    }

    if (i == 0) {
        return ACCT_EDGE_FREE;
    }

    before = acct_sieve_before(w, i);

    if (w->view == ACCT_VIEW_SOUND) {
        x = w->origin[before];
        y = w->origin[i];

        if (acct_origin_start(x) == acct_origin_start(y)) {
            return ACCT_EDGE_JOINED;
        }
    }

    if (where != ACCT_WHERE_WORD || w->view == ACCT_VIEW_SOUND) {
        return ACCT_EDGE_FREE;
    }

    a = acct_sieve_char(w, before);
    b = acct_sieve_char(w, i);

    if (w->view == ACCT_VIEW_DIGITS) {
        return acct_cc_group(a) == ACCT_CLASS_NUMBER
               && acct_cc_group(b) == ACCT_CLASS_NUMBER
               ? ACCT_EDGE_JOINED : ACCT_EDGE_FREE;
    }

    if (w->origin[i] & (ACCT_ORIGIN_GAP | ACCT_ORIGIN_CASE)) {
        return ACCT_EDGE_FREE;
    }

    return acct_sieve_joined(a, b) ? ACCT_EDGE_JOINED : ACCT_EDGE_FREE;
}


/*
 * What is not decoration: a letter, a digit, a mark.  In digits the breaker
 * stands for other text.
 */

static size_t
acct_sieve_word(const acct_window_t *w, size_t i)
{
    while (i < w->len) {
        if (acct_cc_is(acct_sieve_char(w, i), ACCT_CLASS_KEEP)
            || (w->view == ACCT_VIEW_DIGITS && w->data[i] == '_'))
        {
            return i;
        }

        i = acct_sieve_after(w, i);
    }

    return i;
}


static int
acct_sieve_add(acct_sieve_t *s, const acct_window_t *w, const acct_hit_t *hit,
    const acct_use_t *use, size_t start)
{
    size_t              i, end, size;
    uint64_t            to;
    acct_item_t        *item, *elts;
    acct_items_t       *items;
    acct_origin_t       origin;
    const acct_rule_t  *rule;

    end = hit->end;
    items = &s->views[w->view];

    if (use->shape
        && !use->shape->check(w->data + start, w->origin + start, end - start))
    {
        acct_sieve_trace(s, NULL, acct_use_rule(s->field.ruleset, use),
                         ACCT_TRACE_CHECK);
        return ACCT_OK;
    }

    if (items->n == items->size) {
        size = items->size ? items->size * 2 : 16;
        elts = acct_array(s->alloc, size, sizeof(acct_item_t));

        if (elts == NULL) {
            return ACCT_ERROR;
        }

        if (items->n) {
            memcpy(elts, items->elts, items->n * sizeof(acct_item_t));
        }

        acct_free(s->alloc, items->elts);

        items->elts = elts;
        items->size = size;
    }

    item = &items->elts[items->n++];

    item->use = use;
    item->start = w->offset + start;
    item->end = w->offset + end;
    item->from = UINT64_MAX;
    item->to = 0;
    item->evasive = 0;
    item->chars = 0;
    item->nchars = 0;
    item->right = ACCT_EDGE_UNKNOWN;
    item->state = ACCT_ITEM_WAITS;
    item->literal = acct_ruleset_literal(s->field.ruleset, w->view, hit);
    item->weight = 0;
    item->least = 0;

    for (i = start; i < end; i = acct_sieve_after(w, i)) {
        origin = w->origin[i];
        to = acct_origin_end(origin);

        if (acct_origin_start(origin) < item->from) {
            item->from = acct_origin_start(origin);
        }

        if (to > item->to) {
            item->to = to;
        }

        if ((origin & ACCT_ORIGIN_ALTERED)
            || (i != start && (origin & ACCT_ORIGIN_HIDDEN)))
        {
            item->evasive = 1;
        }
    }

    rule = acct_use_rule(s->field.ruleset, use);

    if (rule->beside | rule->unless) {
        item->chars = items->chars
                      - acct_sieve_chars(w->data + start, w->len - start);
        item->nchars = (uint32_t) acct_sieve_chars(w->data + start,
                                                   end - start);
    }

    return ACCT_OK;
}


/*
 * The start of a pattern's match that satisfies the relation on the left.
 * Patterns of varying width may match from several places up to one end: the
 * latest that satisfies is taken.  *found is 0 where none does.
 */

static int
acct_sieve_start(acct_sieve_t *s, acct_scratch_t *scratch,
    const acct_window_t *w, const acct_hit_t *hit, unsigned where,
    size_t latest, size_t *start, unsigned *found)
{
    size_t                 i, min, max, lowest;
    const acct_ruleset_t  *rs;

    rs = s->field.ruleset;

    acct_ruleset_width(rs, w->view, hit, &min, &max);

    lowest = hit->end > max ? hit->end - max : 0;

    for (i = latest; /* void */ ; i = acct_sieve_before(w, i)) {

        if (where == ACCT_WHERE_WHOLE
            ? w->offset + i <= s->views[w->view].first
            : acct_sieve_edge(w, i, where) == ACCT_EDGE_FREE)
        {
            *found = 1;

            if (i != latest
                && acct_ruleset_exact(rs, scratch, w, hit, i, found)
                   != ACCT_OK)
            {
                return ACCT_ERROR;
            }

            if (*found) {
                *start = i;
                return ACCT_OK;
            }
        }

        if (i <= lowest || i == 0) {
            break;
        }
    }

    *found = 0;

    return ACCT_OK;
}


static int
acct_sieve_hit(acct_sieve_t *s, acct_scratch_t *scratch,
    const acct_window_t *w, const acct_hit_t *hit, acct_look_e look,
    size_t *floor)
{
    size_t                 i, n, matches, start, latest, min, max;
    unsigned               found, where;
    const acct_use_t      *uses;
    const acct_rule_t     *rule;
    const acct_ruleset_t  *rs;

    rs = s->field.ruleset;
    uses = acct_ruleset_uses(rs, w->view, hit, &n, &matches);
    n = look == ACCT_LOOK_MATCHES ? matches : n;
    latest = SIZE_MAX;

    acct_ruleset_width(rs, w->view, hit, &min, &max);

    for (i = look == ACCT_LOOK_OTHERS ? matches : 0; i < n; i++) {

        if (look == ACCT_LOOK_OTHERS
            && s->cover[uses[i].rule].looked != s->round)
        {
            continue;
        }

        rule = acct_use_rule(rs, &uses[i]);
        where = uses[i].where;

        if (rule->fields ? !(rule->fields & s->field.mask)
                         : s->field.nparts != 0)
        {
            continue;
        }

        if (uses[i].unmasked && s->field.first == NULL) {
            continue;
        }

        if (uses[i].kind != ACCT_USE_EXCEPT
            && acct_sieve_edge(w, hit->end, where) == ACCT_EDGE_JOINED)
        {
            if (uses[i].kind == ACCT_USE_MATCH) {
                acct_sieve_trace(s, NULL, rule, ACCT_TRACE_EDGE);
            }

            continue;
        }

        if (latest == SIZE_MAX) {
            if (acct_ruleset_start(rs, scratch, w, hit, *floor, &latest)
                != ACCT_OK)
            {
                return ACCT_ERROR;
            }

            *floor = latest;
        }

        start = latest;

        if (uses[i].kind != ACCT_USE_EXCEPT) {

            if (min == max) {
                found = where == ACCT_WHERE_WHOLE
                        ? w->offset + start <= s->views[w->view].first
                        : acct_sieve_edge(w, start, where) == ACCT_EDGE_FREE;

            } else if (acct_sieve_start(s, scratch, w, hit, where, latest,
                                        &start, &found)
                       != ACCT_OK)
            {
                return ACCT_ERROR;
            }

            if (!found) {
                if (uses[i].kind == ACCT_USE_MATCH) {
                    acct_sieve_trace(s, NULL, rule, ACCT_TRACE_EDGE);
                }

                continue;
            }
        }

        if (acct_sieve_add(s, w, hit, &uses[i], start) != ACCT_OK) {
            return ACCT_ERROR;
        }

        if (look == ACCT_LOOK_MATCHES) {
            s->cover[uses[i].rule].looked = s->round;
        }
    }

    return ACCT_OK;
}


static int
acct_sieve_hits(acct_sieve_t *s, acct_scratch_t *scratch,
    const acct_window_t *w, acct_look_e look)
{
    size_t             i, floor;
    const acct_hit_t  *hit;

    /*
     * hits of one pattern come in the order of their ends, and the latest
     * start never goes back, so the one before is a floor for the next
     */

    floor = 0;

    for (i = 0; i < s->hits.n; i++) {
        hit = &s->hits.elts[i];

        if (i == 0 || hit->id != hit[-1].id || hit->pattern != hit[-1].pattern)
        {
            floor = 0;
        }

        if (acct_sieve_hit(s, scratch, w, hit, look, &floor) != ACCT_OK) {
            return ACCT_ERROR;
        }
    }

    return ACCT_OK;
}


/*
 * What is to stand near a match, or cancels one, is of no use without it.
 * Where the whole view is at hand, matches are looked for first, and the rest
 * for their rules alone: of an ordinary value, for none.
 */

static int
acct_sieve_whole(acct_sieve_t *s, acct_scratch_t *scratch,
    const acct_window_t *w)
{
    if (acct_sieve_cover(s) != ACCT_OK
        || acct_sieve_hits(s, scratch, w, ACCT_LOOK_MATCHES) != ACCT_OK)
    {
        return ACCT_ERROR;
    }

    return s->views[w->view].n
           ? acct_sieve_hits(s, scratch, w, ACCT_LOOK_OTHERS) : ACCT_OK;
}


int
acct_sieve_window(acct_sieve_t *s, acct_scratch_t *scratch,
    const acct_window_t *w, acct_tally_t *tally)
{
    size_t                 i;
    acct_items_t          *items;
    const acct_ruleset_t  *rs;

    rs = s->field.ruleset;
    items = &s->views[w->view];

    s->hits.n = 0;

    if (acct_ruleset_scan(rs, scratch, w, &s->hits) != ACCT_OK) {
        return ACCT_ERROR;
    }

    if (items->slots && acct_sieve_weigh(s, w, tally) != ACCT_OK) {
        return ACCT_ERROR;
    }

    if (s->hits.n == 0 && items->n == 0 && w->last && w->offset == 0) {
        return ACCT_OK;
    }

    if (items->first == ACCT_NOWHERE) {
        i = acct_sieve_word(w, w->seen);

        if (i < w->len) {
            items->first = w->offset + i;
        }
    }

    items->chars += acct_sieve_chars(w->data + w->seen, w->len - w->seen);

    if ((w->last && w->offset == 0
         ? acct_sieve_whole(s, scratch, w)
         : acct_sieve_hits(s, scratch, w, ACCT_LOOK_ALL))
        != ACCT_OK)
    {
        return ACCT_ERROR;
    }

    if (items->n == 0) {
        return ACCT_OK;
    }

    return acct_sieve_decide(s, w, tally);
}


static void
acct_sieve_trace(const acct_sieve_t *s, const acct_item_t *item,
    const acct_rule_t *rule, acct_trace_e outcome)
{
    acct_trace_t  trace;

    /* what came near did so with the masks on as well */

    if (s->field.trace == NULL
        || (s->field.first && outcome != ACCT_TRACE_MATCHED
            && outcome != ACCT_TRACE_EXCUSED))
    {
        return;
    }

    trace.weight = item ? item->weight : 0;
    trace.least = item ? item->least : 0;
    trace.outcome = outcome;
    trace.rule = rule;
    trace.field = s->field.field;
    trace.start = item ? item->from : 0;
    trace.end = item ? item->to : 0;
    trace.evasive = item ? item->evasive : 0;
    trace.unmasked = s->field.first != NULL;

    s->field.trace(s->field.trace_ctx, &trace);
}


/* by start; what cancels goes before what it may cancel, long before short */

static int
acct_item_cmp(const void *one, const void *two)
{
    const acct_item_t  *a, *b;

    a = one;
    b = two;

    if (a->start != b->start) {
        return a->start < b->start ? -1 : 1;
    }

    if (a->use->kind != b->use->kind) {
        return a->use->kind < b->use->kind ? -1 : 1;
    }

    if (a->use->rule != b->use->rule) {
        return a->use->rule < b->use->rule ? -1 : 1;
    }

    return (a->end < b->end) - (a->end > b->end);
}


/*
 * The bit of a rule's neighbour that an item is, if it stands near enough a
 * match, on the side asked for; else 0.  What a term says of its side it says
 * of what must stand near.
 */

static unsigned
acct_sieve_neighbour(const acct_item_t *match, const acct_item_t *item,
    const acct_rule_t *rule)
{
    uint64_t                 between;
    unsigned                 before, bit, side;
    const acct_neighbour_t  *near;

    if (item->use->kind != ACCT_USE_NEAR
        || item->use->rule != match->use->rule)
    {
        return 0;
    }

    if (item->end <= match->start) {
        before = 1;
        between = match->chars - item->chars - item->nchars;

    } else if (item->start >= match->end) {
        before = 0;
        between = item->chars - match->chars - match->nchars;

    } else {
        return 0;
    }

    near = &rule->near[item->use->near];
    bit = 1u << item->use->near;
    side = near->side;

    if (item->use->side != ACCT_SIDE_RULE) {
        side = item->use->side;
    }

    if (match->use->side != ACCT_SIDE_RULE && (rule->beside & bit)) {
        side = match->use->side;
    }

    return between <= near->gap
           && (side == ACCT_SIDE_EITHER
               || side == (before ? ACCT_SIDE_BEFORE : ACCT_SIDE_AFTER))
           ? bit : 0;
}


static int
acct_item_same(const acct_item_t *one, const acct_item_t *two)
{
    return one->literal.data == two->literal.data;
}


/*
 * Whether the terms picked of a neighbour, with this one, are as many as it
 * asks for: different words, of which none lies over another or over the
 * match, so that one word said twice, or a longer word that holds a shorter
 * one, is one sign and not two.
 */

static unsigned
acct_sieve_pick(acct_picks_t *p, const acct_item_t *match,
    const acct_item_t *item, unsigned least)
{
    unsigned            i, n;
    const acct_item_t  *one;

    if (acct_item_same(item, match)) {
        return 0;
    }

    for (i = 0, n = 0; i < p->n; i++) {
        one = p->elts[i];

        if (one->use->near != item->use->near) {
            continue;
        }

        if (acct_item_same(item, one)
            || (item->start < one->end && one->start < item->end))
        {
            return 0;
        }

        n++;
    }

    if (n + 1 < least) {
        p->elts[p->n++] = item;
        return 0;
    }

    return 1;
}


/*
 * Which of its rule's neighbours stand near a match.  Items are in the order
 * of their starts, so they are looked for outwards from the match, as far as
 * the widest term and the gap reach, or until all are found.
 */

static unsigned
acct_sieve_neighbours(const acct_items_t *items, size_t m,
    const acct_rule_t *rule)
{
    size_t              i;
    unsigned            all, bit, found, least;
    acct_picks_t        picks;
    const acct_item_t  *match, *item;

    match = &items->elts[m];
    all = rule->beside | rule->unless;
    found = 0;
    picks.n = 0;

    for (i = m; i-- > 0 && found != all; /* void */ ) {
        item = &items->elts[i];

        if (item->start + ACCT_OVERLAP < match->start) {
            break;
        }

        bit = acct_sieve_neighbour(match, item, rule) & ~found;

        if (bit) {
            least = rule->near[item->use->near].least;
            found |= least == 1 || acct_sieve_pick(&picks, match, item, least)
                     ? bit : 0;
        }
    }

    for (i = m + 1; i < items->n && found != all; i++) {
        item = &items->elts[i];

        if (item->start > match->end + ACCT_GAP_MAX * ACCT_UTF8_MAX) {
            break;
        }

        bit = acct_sieve_neighbour(match, item, rule) & ~found;

        if (bit) {
            least = rule->near[item->use->near].least;
            found |= least == 1 || acct_sieve_pick(&picks, match, item, least)
                     ? bit : 0;
        }
    }

    return found;
}


/*
 * Whether what is vouched for excuses a match: a class excuses the rules that
 * say so, but a roster's entry only for whom it names.  The name is folded as
 * the entry was.
 */

static int
acct_sieve_excused(acct_sieve_t *s, const acct_item_t *item,
    const acct_rule_t *rule, unsigned *excused)
{
    size_t               i;
    unsigned             k;
    const acct_vouch_t  *v;

    *excused = 0;

    for (k = 0; k < s->field.nvouches; k++) {
        v = &s->field.vouches[k];

        for (i = 0; i < rule->exempt->n; i++) {
            if (acct_str_eq(rule->exempt->elts[i], v->class)) {
                break;
            }
        }

        if (i == rule->exempt->n) {
            continue;
        }

        if (!item->use->roster) {
            *excused = 1;
            return ACCT_OK;
        }

        if (v->name.data == NULL || v->name.len > ACCT_TERM_MAX) {
            continue;
        }

        if (s->fold == NULL) {
            s->fold = acct_text_create(s->alloc);

            if (s->fold == NULL) {
                return ACCT_ERROR;
            }
        }

        s->name.len = 0;

        if (acct_text_render(s->fold, rule->view, v->name, &s->name, NULL)
            != ACCT_OK)
        {
            return ACCT_ERROR;
        }

        if (s->name.len == item->literal.len && s->name.len
            && memcmp(s->name.data, item->literal.data, s->name.len) == 0)
        {
            *excused = 1;
            return ACCT_OK;
        }
    }

    return ACCT_OK;
}


/*
 * Level, stage and the operator's hand, in that order of weakness: whoever
 * names a rule in the configuration means that rule.  Returns 0 where the
 * match counts nowhere.
 */

static int
acct_sieve_action(const acct_policy_t *p, const acct_rule_t *rule,
    acct_match_t *match, unsigned *watched)
{
    int  hand;

    *watched = 0;

    hand = acct_policy_hand(p, rule->id);

    if (hand == ACCT_HAND_OFF) {
        return 0;
    }

    if (hand == ACCT_HAND_TRIAL) {
        *watched = 1;
        return 1;
    }

    if (hand >= 0) {
        match->action = (uint8_t) hand;
        return 1;
    }

    if (rule->level > p->act) {
        *watched = 1;
        return rule->level <= p->watch;
    }

    *watched = rule->trial && !p->trial;

    return 1;
}


/* the order of matches */

static int
acct_match_cmp(const acct_match_t *a, const acct_match_t *b)
{
    if (a->occurrence != b->occurrence) {
        return a->occurrence < b->occurrence ? -1 : 1;
    }

    if (a->start != b->start) {
        return a->start < b->start ? -1 : 1;
    }

    if (a->end != b->end) {
        return a->end < b->end ? -1 : 1;
    }

    if (a->rule->view != b->rule->view) {
        return a->rule->view < b->rule->view ? -1 : 1;
    }

    return acct_str_cmp(a->rule->id, b->rule->id);
}


/* keeps the first ACCT_MATCHES_MAX in their order */

static void
acct_matches_insert(acct_matches_t *m, const acct_match_t *match)
{
    unsigned  i;

    i = m->n;

    if (i == ACCT_MATCHES_MAX) {
        if (acct_match_cmp(match, &m->elts[i - 1]) >= 0) {
            return;
        }

        i--;

    } else {
        m->n++;
    }

    while (i && acct_match_cmp(match, &m->elts[i - 1]) < 0) {
        m->elts[i] = m->elts[i - 1];
        i--;
    }

    m->elts[i] = *match;
}


static void
acct_verdict_decider(acct_verdict_t *v, const acct_match_t *match)
{
    if (match->action == ACCT_PASS) {
        return;
    }

    if (v->decider.rule == NULL || match->action > v->decider.action
        || (match->action == v->decider.action
            && acct_match_cmp(match, &v->decider) < 0))
    {
        v->decider = *match;
        v->action = match->action;
    }
}


/* what lies in one part of the joined field was reported there */

static int
acct_sieve_within(const acct_sieve_t *s, const acct_item_t *item)
{
    unsigned  i;

    for (i = 0; i < s->field.nparts; i++) {
        if (item->from >= s->field.parts[i].start
            && item->to <= s->field.parts[i].end)
        {
            return 1;
        }
    }

    return 0;
}


/* what the first reading of a value has found, as far as it is recorded */

static int
acct_sieve_known(const acct_sieve_t *s, const acct_item_t *item,
    const acct_rule_t *rule)
{
    unsigned               i, k;
    const acct_match_t    *match;
    const acct_matches_t  *lists[2];

    if (s->field.first == NULL) {
        return 0;
    }

    match = &s->field.first->decider;

    if (match->rule == rule && match->start < item->to
        && item->from < match->end)
    {
        return 1;
    }

    lists[0] = &s->field.first->matches;
    lists[1] = &s->field.first->watched;

    for (k = 0; k < 2; k++) {
        for (i = 0; i < lists[k]->n; i++) {
            match = &lists[k]->elts[i];

            if (match->rule == rule && match->start < item->to
                && item->from < match->end)
            {
                return 1;
            }
        }
    }

    return 0;
}


static int
acct_sieve_match(acct_sieve_t *s, const acct_item_t *item,
    const acct_rule_t *rule, acct_action_e most, acct_tally_t *tally)
{
    unsigned         watched, excused;
    acct_match_t     match;
    acct_matches_t  *matches;

    match.rule = rule;
    match.occurrence = s->field.occurrence;
    match.field = (uint16_t) s->field.field;
    match.start = item->from;
    match.end = item->to;
    match.evasive = item->evasive;
    match.pack_action = (uint8_t) (item->evasive ? rule->evasive
                                                 : rule->action);

    if (match.pack_action > most) {
        match.pack_action = (uint8_t) most;
    }

    match.action = match.pack_action;

    if (acct_sieve_known(s, item, rule)) {
        return ACCT_OK;
    }

    if (acct_sieve_within(s, item)) {
        acct_sieve_trace(s, item, rule, ACCT_TRACE_PART);
        return ACCT_OK;
    }

    /* a rule that reads other fields too does no more than tag across them */

    if (s->field.nparts && rule->fields != s->field.mask
        && match.action > ACCT_TAG)
    {
        match.action = ACCT_TAG;
    }

    if (!acct_sieve_action(s->field.policy, rule, &match, &watched)) {
        acct_sieve_trace(s, item, rule, ACCT_TRACE_IGNORED);
        return ACCT_OK;
    }

    excused = 0;

    if (s->field.nvouches && rule->exempt->n) {
        if (acct_sieve_excused(s, item, rule, &excused) != ACCT_OK) {
            return ACCT_ERROR;
        }

        if (excused) {
            match.action = ACCT_PASS;
        }
    }

    acct_sieve_trace(s, item, rule, excused ? ACCT_TRACE_EXCUSED
                                            : ACCT_TRACE_MATCHED);

    match.watched = (uint8_t) watched;

    matches = watched ? &tally->verdict.watched : &tally->verdict.matches;
    matches->count++;

    acct_matches_insert(matches, &match);

    if (!watched) {
        acct_verdict_decider(&tally->verdict, &match);
    }

    return ACCT_OK;
}


/* the rules of a view that weigh, and that have a say about the field */

static unsigned
acct_sieve_slots(const acct_sieve_t *s, unsigned view)
{
    unsigned             i, slots, watched;
    acct_match_t         match;
    const acct_rule_t   *rule;
    const acct_scale_t  *scale;

    scale = acct_ruleset_scale(s->field.ruleset, view);

    if (scale == NULL) {
        return 0;
    }

    slots = 0;

    for (i = 0; i < acct_scale_rules(scale); i++) {
        rule = acct_ruleset_rule(s->field.ruleset,
                                 acct_scale_rule_at(scale, i));

        if (rule->fields ? !(rule->fields & s->field.mask)
                         : s->field.nparts != 0)
        {
            continue;
        }

        if (s->field.trace
            || acct_sieve_action(s->field.policy, rule, &match, &watched))
        {
            slots |= 1u << i;
        }
    }

    return slots;
}


typedef struct {
    const acct_sieve_t   *sieve;
    acct_view_e           view;
} acct_sieve_weighed_t;


static void
acct_sieve_weighed(void *ctx, unsigned sum, int32_t weight, uint64_t start,
    uint64_t end)
{
    unsigned                     i;
    acct_trace_t                 trace;
    const acct_sieve_t          *s;
    const acct_scale_t          *scale;
    const acct_sieve_weighed_t  *weighed;

    weighed = ctx;
    s = weighed->sieve;
    scale = acct_ruleset_scale(s->field.ruleset, weighed->view);

    trace.outcome = ACCT_TRACE_WEIGHED;
    trace.field = s->field.field;
    trace.start = start;
    trace.end = end;
    trace.evasive = 0;
    trace.unmasked = s->field.first != NULL;
    trace.weight = weight;
    trace.least = 0;

    for (i = 0; i < acct_scale_rules(scale); i++) {
        if ((s->views[weighed->view].slots & (1u << i))
            && acct_scale_sum(scale, i) == sum)
        {
            trace.rule = acct_ruleset_rule(s->field.ruleset,
                                           acct_scale_rule_at(scale, i));
            s->field.trace(s->field.trace_ctx, &trace);
        }
    }
}


/*
 * Of rules that weigh the same terms, one that asks for less says nothing new
 * where another acts that asks for more, and does as much.
 */

static unsigned
acct_sieve_outdone(const acct_sieve_t *s, const acct_scale_t *scale,
    unsigned slots, unsigned slot, int32_t sum)
{
    unsigned            i, watched;
    acct_match_t        match, other;
    const acct_rule_t  *rule, *one;

    one = acct_ruleset_rule(s->field.ruleset, acct_scale_rule_at(scale, slot));
    match.action = (uint8_t) one->action;

    if (!acct_sieve_action(s->field.policy, one, &match, &watched) || watched) {
        return 0;
    }

    for (i = 0; i < acct_scale_rules(scale); i++) {

        if (!(slots & (1u << i))
            || acct_scale_sum(scale, i) != acct_scale_sum(scale, slot)
            || acct_scale_least(scale, i) <= acct_scale_least(scale, slot)
            || sum < (int64_t) acct_scale_least(scale, i))
        {
            continue;
        }

        rule = acct_ruleset_rule(s->field.ruleset,
                                 acct_scale_rule_at(scale, i));
        other.action = (uint8_t) rule->action;

        if (acct_sieve_action(s->field.policy, rule, &other, &watched)
            && !watched && other.action >= match.action)
        {
            return 1;
        }
    }

    return 0;
}


/*
 * What adds up needs no neighbour and no exception: it is decided when the
 * value has ended.
 */

static int
acct_sieve_weigh(acct_sieve_t *s, const acct_window_t *w, acct_tally_t *tally)
{
    unsigned               i;
    acct_item_t            item;
    acct_items_t          *items;
    const acct_rule_t     *rule;
    const acct_scale_t    *scale;
    const acct_weight_t   *weight;
    acct_sieve_weighed_t   weighed;

    items = &s->views[w->view];
    scale = acct_ruleset_scale(s->field.ruleset, w->view);

    if (items->weighing == NULL) {
        items->weighing = acct_weighing_create(s->alloc);

        if (items->weighing == NULL) {
            return ACCT_ERROR;
        }
    }

    if (w->offset == 0 && w->seen == 0) {
        acct_weighing_begin(items->weighing, scale);
    }

    weighed.sieve = s;
    weighed.view = w->view;

    acct_weighing_window(items->weighing, w,
                         s->field.trace ? acct_sieve_weighed : NULL, &weighed);

    if (!w->last) {
        return ACCT_OK;
    }

    for (i = 0; i < acct_scale_rules(scale); i++) {

        if (!(items->slots & (1u << i))) {
            continue;
        }

        weight = acct_weighing_result(items->weighing, i);

        memset(&item, 0, sizeof(acct_item_t));

        item.use = acct_ruleset_scale_use(s->field.ruleset, w->view, i);
        item.from = weight->start;
        item.to = weight->end;
        item.evasive = (uint8_t) weight->evasive;
        item.weight = weight->sum;
        item.least = acct_scale_least(scale, i);

        rule = acct_use_rule(s->field.ruleset, item.use);

        if (weight->sum >= (int64_t) item.least) {

            if (acct_sieve_outdone(s, scale, items->slots, i, weight->sum)) {
                continue;
            }

            if (acct_sieve_match(s, &item, rule, ACCT_REJECT, tally)
                != ACCT_OK)
            {
                return ACCT_ERROR;
            }

        } else if (weight->sum * 2 >= (int64_t) item.least) {
            acct_sieve_trace(s, &item, rule, ACCT_TRACE_LIGHT);
        }
    }

    return ACCT_OK;
}


/* The most that a rule may do beside what stands near: ACCT_PASS excuses */

static acct_action_e
acct_rule_most(const acct_rule_t *rule, unsigned found)
{
    unsigned       i;
    acct_action_e  most;

    most = ACCT_REJECT;

    for (i = 0; rule->unless & found & ~((1u << i) - 1); i++) {
        if ((rule->unless & found & (1u << i)) && rule->near[i].action < most)
        {
            most = rule->near[i].action;
        }
    }

    return most;
}


static int
acct_sieve_cover(acct_sieve_t *s)
{
    size_t         n;
    acct_cover_t  *cover;

    n = acct_ruleset_count(s->field.ruleset);

    if (n > s->ncover) {
        cover = acct_array(s->alloc, n, sizeof(acct_cover_t));

        if (cover == NULL) {
            return ACCT_ERROR;
        }

        acct_free(s->alloc, s->cover);

        s->cover = cover;
        s->ncover = n;
        s->round = 0;
    }

    if (++s->round == 0) {
        memset(s->cover, 0, s->ncover * sizeof(acct_cover_t));
        s->round = 1;
    }

    return ACCT_OK;
}


/*
 * A pattern counts once per start, with the longest end that holds, and longer
 * ends of the same start go before this one.  What one of them forbids: it was
 * counted, or it waits itself.
 */

static acct_item_e
acct_sieve_longer(const acct_items_t *items, size_t i, uint64_t limit)
{
    const acct_item_t  *item, *longer;

    item = &items->elts[i];

    while (i-- > 0) {
        longer = &items->elts[i];

        if (longer->start != item->start
            || longer->use->kind != ACCT_USE_MATCH
            || longer->use->rule != item->use->rule)
        {
            break;
        }

        if (longer->use != item->use) {
            continue;
        }

        if (longer->end > limit) {
            return ACCT_ITEM_WAITS;
        }

        if (longer->state == ACCT_ITEM_COUNTED) {
            return ACCT_ITEM_DROPPED;
        }
    }

    return item->end > limit ? ACCT_ITEM_WAITS : ACCT_ITEM_COUNTED;
}


/* the right edge, as soon as it can be seen; it may be gone when it is asked */

static void
acct_sieve_right(const acct_window_t *w, acct_item_t *item)
{
    size_t  place;

    if (item->use->where == ACCT_WHERE_WHOLE) {
        place = item->end > w->offset ? (size_t) (item->end - w->offset) : 0;

        item->right = acct_sieve_word(w, place) < w->len ? ACCT_EDGE_JOINED
                      : w->last ? ACCT_EDGE_FREE : ACCT_EDGE_UNKNOWN;
        return;
    }

    if (item->right == ACCT_EDGE_UNKNOWN && item->end >= w->offset) {
        item->right = (uint8_t) acct_sieve_edge(w, (size_t) (item->end
                                                             - w->offset),
                                                item->use->where);
    }
}


/*
 * Decides what nothing that is still to come can change: a match that ends
 * ACCT_OVERLAP bytes before the end of what was seen, since an exception that
 * covers it and a neighbour that stands beside it end before that; and a
 * shorter match together with the longer ones from its start.  What cancels or
 * stands beside is kept as long as an undecided match can need it.
 */

static int
acct_sieve_decide(acct_sieve_t *s, const acct_window_t *w, acct_tally_t *tally)
{
    size_t              i, kept;
    uint64_t            limit, seen;
    unsigned            found;
    acct_item_t        *item;
    acct_items_t       *items;
    acct_cover_t       *cover;
    acct_action_e       most;
    const acct_rule_t  *rule;

    items = &s->views[w->view];
    seen = w->offset + w->len;

    if (w->last) {
        limit = UINT64_MAX;

    } else {
        limit = seen > ACCT_OVERLAP ? seen - ACCT_OVERLAP : 0;
    }

    if (acct_sieve_cover(s) != ACCT_OK) {
        return ACCT_ERROR;
    }

    if (items->n > 1) {
        qsort(items->elts, items->n, sizeof(acct_item_t), acct_item_cmp);
    }

    for (i = 0; i < items->n; i++) {
        item = &items->elts[i];
        cover = &s->cover[item->use->rule];

        if (item->use->kind == ACCT_USE_EXCEPT) {

            if (cover->round != s->round || cover->end < item->end) {
                cover->round = s->round;
                cover->end = item->end;
            }

            continue;
        }

        if (item->use->kind != ACCT_USE_MATCH) {
            continue;
        }

        acct_sieve_right(w, item);

        item->state = (uint8_t) acct_sieve_longer(items, i, limit);

        if (item->state != ACCT_ITEM_COUNTED) {
            continue;
        }

        item->state = ACCT_ITEM_DROPPED;
        rule = acct_use_rule(s->field.ruleset, item->use);

        if (cover->round == s->round && cover->end >= item->end) {
            acct_sieve_trace(s, item, rule, ACCT_TRACE_COVERED);
            continue;
        }

        if (item->right == ACCT_EDGE_UNKNOWN) {
            item->state = ACCT_ITEM_WAITS;      /* for the end of the value */
            continue;
        }

        if (item->right == ACCT_EDGE_JOINED) {
            acct_sieve_trace(s, item, rule, ACCT_TRACE_EDGE);
            continue;
        }

        most = ACCT_REJECT;

        if (rule->beside | rule->unless) {
            found = acct_sieve_neighbours(items, i, rule);

            if (rule->beside & ~found) {
                acct_sieve_trace(s, item, rule, ACCT_TRACE_ALONE);
                continue;
            }

            most = acct_rule_most(rule, found);

            if (most == ACCT_PASS) {
                acct_sieve_trace(s, item, rule, ACCT_TRACE_UNLESS);
                continue;
            }
        }

        if (acct_sieve_match(s, item, rule, most, tally) != ACCT_OK) {
            return ACCT_ERROR;
        }

        item->state = ACCT_ITEM_COUNTED;
    }

    for (i = 0, kept = 0; i < items->n; i++) {
        item = &items->elts[i];

        if (w->last) {
            break;
        }

        switch (item->use->kind) {

        case ACCT_USE_EXCEPT:
            if (item->end + ACCT_OVERLAP <= limit) {
                continue;
            }

            break;

        case ACCT_USE_NEAR:
            if (item->end + 2 * ACCT_OVERLAP <= limit) {
                continue;
            }

            break;

        default:
            if (item->state != ACCT_ITEM_WAITS) {
                continue;
            }
        }

        items->elts[kept++] = *item;
    }

    items->n = kept;

    return ACCT_OK;
}


void
acct_tally_init(acct_tally_t *t)
{
    memset(&t->verdict, 0, sizeof(acct_verdict_t));

    t->verdict.matches.elts = t->matches;
    t->verdict.watched.elts = t->watched;
}


static int
acct_verdict_merge_matches(acct_matches_t *m, const acct_alloc_t *a,
    const acct_matches_t *from)
{
    unsigned  i;

    if (from->count == 0) {
        return ACCT_OK;
    }

    if (m->elts == NULL) {
        m->elts = acct_array(a, ACCT_MATCHES_MAX, sizeof(acct_match_t));

        if (m->elts == NULL) {
            return ACCT_ERROR;
        }
    }

    for (i = 0; i < from->n; i++) {
        acct_matches_insert(m, &from->elts[i]);
    }

    m->count += from->count;

    return ACCT_OK;
}


int
acct_verdict_merge(acct_verdict_t *v, const acct_alloc_t *a,
    const acct_verdict_t *from)
{
    v->flags |= from->flags;

    if (acct_verdict_merge_matches(&v->matches, a, &from->matches) != ACCT_OK
        || acct_verdict_merge_matches(&v->watched, a, &from->watched)
           != ACCT_OK)
    {
        return ACCT_ERROR;
    }

    if (from->decider.rule) {
        acct_verdict_decider(v, &from->decider);
    }

    return ACCT_OK;
}


void
acct_verdict_free(acct_verdict_t *v, const acct_alloc_t *a)
{
    acct_free(a, v->matches.elts);
    acct_free(a, v->watched.elts);

    memset(v, 0, sizeof(acct_verdict_t));
}


const acct_match_t *
acct_matches_get(const acct_verdict_t *v, const acct_matches_t *m, unsigned i)
{
    unsigned  k;

    if (m != &v->matches || i != ACCT_MATCHES_MAX - 1) {
        return &m->elts[i];
    }

    for (k = 0; k < m->n; k++) {
        if (acct_match_cmp(&m->elts[k], &v->decider) == 0) {
            return &m->elts[i];
        }
    }

    return &v->decider;
}


void
acct_decide(const acct_verdict_t *v, const acct_policy_t *p,
    acct_decision_t *d)
{
    unsigned  i, tagged;

    memset(d, 0, sizeof(acct_decision_t));

    d->action = v->action;

    if (v->decider.rule) {
        d->rule = v->decider.rule;
        d->reason = d->rule->reason;
    }

    if (v->action == ACCT_REJECT || v->flags == 0) {
        return;
    }

    tagged = ACCT_FLAGS;

    for (i = 0; i < ACCT_FLAGS; i++) {

        if (!(v->flags & acct_flag_bit(i))) {
            continue;
        }

        if (p->flags[i] == ACCT_REJECT && acct_flags[i].status > d->status) {
            d->action = ACCT_REJECT;
            d->status = acct_flags[i].status;
            d->reason = acct_flags[i].name;
            d->rule = NULL;
        }

        if (p->flags[i] == ACCT_TAG && tagged == ACCT_FLAGS) {
            tagged = i;
        }
    }

    if (d->action == ACCT_PASS && tagged != ACCT_FLAGS) {
        d->action = ACCT_TAG;
        d->reason = acct_flags[tagged].name;
    }
}
