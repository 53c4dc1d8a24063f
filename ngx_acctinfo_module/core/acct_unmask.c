
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acct_unmask.c: what people read through, and no view folds, because how a
 * character is read depends on those around it.
 *
 * The characters of base come by here.  At the first that a mask is on, the
 * reading opens: a second lane, which gets what stood before it and all that
 * comes after it, with the masks off.  A value that wears none, and most wear
 * none, costs a look at its sets.
 *
 * It is decided stretch by stretch: stretches are of so many characters and end
 * with a word, or nearly so, wherever batches end.  Of what stands before the
 * first mask the end is kept, more than a pattern may be wide.
 */


#include "acct_lane.h"


/* Of a stretch the end is left to the next one, from the last space on */

#define ACCT_UNMASK_STRETCH    256
#define ACCT_UNMASK_OPEN       64

/* What is kept before a mask */

#define ACCT_UNMASK_KEPT       1024

#define ACCT_UNMASK_CELLS                                                     \
    (1 + ACCT_UNMASK_KEPT + 2 * ACCT_UNMASK_STRETCH + ACCT_CHARS)

/* Separators between two letters that are drawn apart; and how far from the
   edge of a batch a character may be that is part of a chain across it */

#define ACCT_UNMASK_APART      3
#define ACCT_UNMASK_EDGE       (4 * (ACCT_UNMASK_APART + 1))

/* A letter drawn out, at most */

#define ACCT_UNMASK_REPEATS    16

#define ACCT_UNMASK_GONE       0xffffffffu


struct acct_unmask_s {
    acct_second_pt        open;
    void                 *ctx;
    acct_text_t          *second;      /* of the open reading */

    /* the first one is what stood before all that is held, and is not its own;
       what stands before "from" is decided */

    size_t                n;
    size_t                from;
    size_t                end;         /* of the stretch */
    size_t                worn;        /* behind it no mask is worn */

    unsigned              begun;       /* a batch has been seen */
    unsigned              han;
    unsigned              marked;      /* Latin letters with marks */
    unsigned              bits;        /* for the next character */
    unsigned              changed;
    unsigned              gone;        /* some are, and are still there */
    acct_form_e           fold;        /* of a word of a rule */

    uint8_t               kind[ACCT_UNMASK_CELLS + ACCT_BLOCK];
    acct_cc_t             cc[ACCT_UNMASK_CELLS + ACCT_BLOCK];
    acct_origin_t         origin[ACCT_UNMASK_CELLS + ACCT_BLOCK];
};


/* What a character is to a mask */

typedef enum {
    ACCT_KIND_BREAK = 0,
    ACCT_KIND_ASCII,                   /* a letter */
    ACCT_KIND_LATIN,                   /* any other Latin letter */
    ACCT_KIND_CYRILLIC,
    ACCT_KIND_GREEK,
    ACCT_KIND_DIGIT,
    ACCT_KIND_SIGN,                    /* one that stands for a letter */
    ACCT_KIND_HAN,
    ACCT_KIND_KANA,
    ACCT_KIND_HANGUL,
    ACCT_KIND_MARK,
    ACCT_KIND_REGIONAL,                /* half a flag */
    ACCT_KIND_OTHER                    /* letters and digits of other scripts */
} acct_kind_e;


/* Kinds of which a word is made; and those beside which it is one of theirs */

#define acct_kind_bit(k)       (1u << (k))

#define ACCT_KINDS_LETTER                                                     \
    (acct_kind_bit(ACCT_KIND_ASCII) | acct_kind_bit(ACCT_KIND_LATIN)          \
     | acct_kind_bit(ACCT_KIND_CYRILLIC) | acct_kind_bit(ACCT_KIND_GREEK))

#define ACCT_KINDS_FIGURE                                                     \
    (acct_kind_bit(ACCT_KIND_DIGIT) | acct_kind_bit(ACCT_KIND_SIGN))

#define ACCT_KINDS_WORD        (ACCT_KINDS_LETTER | ACCT_KINDS_FIGURE)

/* Letters that may be written in two ways */

#define ACCT_KINDS_EVEN                                                       \
    (acct_kind_bit(ACCT_KIND_CYRILLIC) | acct_kind_bit(ACCT_KIND_MARK)        \
     | acct_kind_bit(ACCT_KIND_HAN) | acct_kind_bit(ACCT_KIND_OTHER))

#define ACCT_KINDS_EAST                                                       \
    (acct_kind_bit(ACCT_KIND_HAN) | acct_kind_bit(ACCT_KIND_KANA)             \
     | acct_kind_bit(ACCT_KIND_HANGUL))


typedef struct {
    size_t                start;
    size_t                end;
    unsigned              latin;       /* how many letters are ASCII */
    unsigned              marked;      /* other Latin letters */
    unsigned              native;      /* Cyrillic or Greek ones */
    unsigned              own;         /* one of which Latin has no like */
    unsigned              strict;      /* each of which is like a Latin one */
    unsigned              east;        /* it touches Han, kana or Hangul */
    const uint16_t       *letters;     /* of the native script, for ASCII */
} acct_word_t;


static int acct_unmask_create(acct_text_t *t);
static int acct_unmask_stretch(acct_unmask_t *u, unsigned last);
static void acct_unmask_forget(acct_unmask_t *u, size_t n);
static unsigned acct_unmask_wears(acct_text_t *t, size_t n, unsigned last);
static unsigned acct_unmask_sets(const acct_sets_t *sets, size_t n);
static inline uint64_t acct_unmask_apart_set(uint64_t set, uint64_t next);
static unsigned acct_unmask_edges(const acct_text_t *t, size_t n);
static void acct_unmask_take(acct_unmask_t *u, const acct_cc_t *cc,
    const acct_origin_t *origin, size_t n);
static size_t acct_unmask_steps(acct_unmask_t *u, size_t to);
static unsigned acct_unmask_kinds(acct_unmask_t *u);
static size_t acct_unmask_close(acct_unmask_t *u, size_t to);
static int acct_unmask_hand(acct_unmask_t *u, size_t n);
static void acct_unmask_flags(acct_unmask_t *u, size_t from, size_t to);
static void acct_unmask_marks(acct_unmask_t *u, size_t from, size_t to);
static void acct_unmask_letters(acct_unmask_t *u, size_t from, size_t to);
static void acct_unmask_han(acct_unmask_t *u, size_t i);
static void acct_unmask_syllables(acct_unmask_t *u, size_t from, size_t to);
static void acct_unmask_apart(acct_unmask_t *u, size_t from, size_t to);
static void acct_unmask_words(acct_unmask_t *u, size_t from, size_t to);
static void acct_unmask_strokes(acct_unmask_t *u, size_t from, size_t to);
static unsigned acct_unmask_alone(const acct_unmask_t *u, size_t i, size_t to);
static size_t acct_unmask_chain(const acct_unmask_t *u, size_t i, size_t to,
    size_t n, unsigned *letters);
static unsigned acct_unmask_foreign(const acct_unmask_t *u);
static size_t acct_unmask_word(const acct_unmask_t *u, size_t i, size_t to,
    acct_word_t *word);
static void acct_unmask_repeats(acct_unmask_t *u, const acct_word_t *word);
static void acct_unmask_native(acct_unmask_t *u, const acct_word_t *word);
static void acct_unmask_latin(acct_unmask_t *u, const acct_word_t *word);
static unsigned acct_unmask_figure(const acct_unmask_t *u,
    const acct_word_t *word, size_t i);


/*
 * Steps, and the kinds of which one must be there for a step to do anything.
 * A later one sees what those before it have left.
 */

static const struct {
    void                (*handler)(acct_unmask_t *u, size_t from, size_t to);
    unsigned              kinds;
} acct_unmask_steps_table[] = {
    { acct_unmask_flags,     acct_kind_bit(ACCT_KIND_REGIONAL) },
    { acct_unmask_marks,     acct_kind_bit(ACCT_KIND_MARK) },
    { acct_unmask_letters,   ACCT_KINDS_EVEN },
    { acct_unmask_syllables, acct_kind_bit(ACCT_KIND_HANGUL) },
    { acct_unmask_apart,     ~0u },
    { acct_unmask_words,     ACCT_KINDS_WORD },
    { acct_unmask_strokes,   acct_kind_bit(ACCT_KIND_KANA) }
};


#define acct_unmask_nsteps                                                    \
    (sizeof(acct_unmask_steps_table) / sizeof(acct_unmask_steps_table[0]))


static inline acct_kind_e
acct_kind(acct_cc_t cc)
{
    uint32_t  c;

    c = acct_cc_char(cc);

    switch (acct_cc_group(cc)) {

    case ACCT_CLASS_LATIN:
        return c < 0x80 ? ACCT_KIND_ASCII : ACCT_KIND_LATIN;

    case ACCT_CLASS_CYRILLIC:
        return ACCT_KIND_CYRILLIC;

    case ACCT_CLASS_GREEK:
        return ACCT_KIND_GREEK;

    case ACCT_CLASS_HAN:
        return ACCT_KIND_HAN;

    case ACCT_CLASS_KANA:
        return ACCT_KIND_KANA;

    case ACCT_CLASS_HANGUL:
        return ACCT_KIND_HANGUL;

    case ACCT_CLASS_MARK:
        return ACCT_KIND_MARK;

    case ACCT_CLASS_NUMBER:
        return c < 0x80 ? ACCT_KIND_DIGIT : ACCT_KIND_OTHER;

    case ACCT_CLASS_SYMBOL:
        return c < 0x80 ? (acct_leet[c] ? ACCT_KIND_SIGN : ACCT_KIND_BREAK)
               : c - ACCT_REGIONAL_A < 26 ? ACCT_KIND_REGIONAL
               : ACCT_KIND_BREAK;

    case ACCT_CLASS_SPACE:
        return ACCT_KIND_BREAK;

    default: /* LETTER, BOPOMOFO */
        return ACCT_KIND_OTHER;
    }
}

#define acct_kind_in(u, i, kinds)  (acct_kind_bit((u)->kind[i]) & (kinds))


int
acct_text_unmask(acct_text_t *t, acct_second_pt open, void *ctx)
{
    if (t->unmask == NULL && acct_unmask_create(t) != ACCT_OK) {
        return ACCT_ERROR;
    }

    t->unmask->open = open;
    t->unmask->ctx = ctx;
    t->unmasks = 1;

    return ACCT_OK;
}


static int
acct_unmask_create(acct_text_t *t)
{
    t->unmask = acct_calloc(t->alloc, sizeof(acct_unmask_t));

    acct_unmask_begin(t);

    return t->unmask ? ACCT_OK : ACCT_ERROR;
}


void
acct_unmask_begin(acct_text_t *t)
{
    acct_unmask_t  *u;

    u = t->unmask;

    if (u) {
        u->second = NULL;
        u->n = 1;
        u->from = 1;
        u->worn = 0;
        u->begun = 0;
        u->han = 0;
        u->marked = 0;
        u->bits = 0;
        u->changed = 0;
        u->fold = ACCT_FORM_PLAIN;
        u->cc[0] = acct_base_ascii[' '];
        u->origin[0] = 0;
    }
}


/* n characters of base, whose sets are made */

int
acct_unmask_batch(acct_text_t *t, size_t n, unsigned last)
{
    int             rc;
    unsigned        worn;
    acct_unmask_t  *u;

    u = t->unmask;
    worn = acct_unmask_wears(t, n, last);

    if (!worn && !u->begun && last) {
        return ACCT_OK;
    }

    u->begun = 1;

    acct_unmask_take(u, t->base.cc, t->base.origin, n);

    if (worn) {
        u->worn = u->n;
    }

    while (u->n - u->from >= ACCT_UNMASK_STRETCH || (last && u->from < u->n)) {
        rc = acct_unmask_stretch(u, last);

        if (rc != ACCT_OK) {
            return rc;
        }
    }

    return ACCT_OK;
}


static int
acct_unmask_stretch(acct_unmask_t *u, unsigned last)
{
    size_t  to, least, k;

    to = u->n;

    if (to - u->from >= ACCT_UNMASK_STRETCH) {
        to = u->from + ACCT_UNMASK_STRETCH;
        last = 0;
    }

    u->end = to;

    if (!last) {
        least = to - ACCT_UNMASK_OPEN;

        while (to > least && acct_cc_group(u->cc[to - 1]) != ACCT_CLASS_SPACE) {
            to--;
        }
    }

    u->origin[u->from] |= u->bits;
    u->bits = 0;

    if (u->from < u->worn) {
        to = acct_unmask_steps(u, to);
    }

    u->from = to;

    if (u->second == NULL && u->changed) {
        if (u->open(u->ctx, &u->second) != ACCT_OK) {
            return ACCT_ERROR;
        }
    }

    if (u->second) {
        return acct_unmask_hand(u, to);
    }

    if (to > 1 + ACCT_UNMASK_KEPT) {
        k = to - 1 - ACCT_UNMASK_KEPT;
        acct_unmask_forget(u, k);
    }

    return ACCT_OK;
}


/* The first n of what is held are gone */

static void
acct_unmask_forget(acct_unmask_t *u, size_t n)
{
    u->n -= n;
    u->from -= n;
    u->worn = u->worn > n ? u->worn - n : 0;

    memmove(u->cc, u->cc + n, u->n * sizeof(acct_cc_t));
    memmove(u->origin, u->origin + n, u->n * sizeof(acct_origin_t));
}


/* Two ways to write a letter made one, for the words of rules */

int
acct_unmask_fold(acct_text_t *t, size_t *n)
{
    acct_unmask_t  *u;

    if (t->unmask == NULL && acct_unmask_create(t) != ACCT_OK) {
        return ACCT_ERROR;
    }

    acct_unmask_begin(t);
    u = t->unmask;

    acct_unmask_take(u, t->base.cc, t->base.origin, *n);

    u->end = u->n;
    u->fold = t->form;
    (void) acct_unmask_kinds(u);
    acct_unmask_letters(u, 1, u->n);

    *n = acct_unmask_close(u, u->n) - 1;

    memcpy(t->base.cc, u->cc + 1, *n * sizeof(acct_cc_t));
    memcpy(t->base.origin, u->origin + 1, *n * sizeof(acct_origin_t));

    return ACCT_OK;
}


/*
 * Whether a mask may be worn in a batch, and no less than that, whatever its
 * neighbours hold: letters of scripts that are written in several ways, Han
 * that is not simplified, signs that may be flags, a letter thrice, a letter
 * with marks where there is Han; and what the sets tell.
 */

static unsigned
acct_unmask_wears(acct_text_t *t, size_t n, unsigned last)
{
    size_t           i;
    unsigned         keep, below, han, latin, scripts, thrice;
    acct_unmask_t   *u;
    const uint8_t   *classes, *bytes;

    u = t->unmask;
    scripts = 0;
    thrice = 0;

    for (i = 0; i < n; i += ACCT_BLOCK) {
        bytes = t->bytes + i;
        classes = t->classes + i;
        below = n - i < ACCT_BLOCK ? (1u << (n - i)) - 1 : 0xffff;

        han = acct_block_group(classes, ACCT_CLASS_HAN) & below;
        latin = acct_block_group(classes, ACCT_CLASS_LATIN) & below;
        keep = acct_block_with(classes, ACCT_CLASS_KEEP)
               & ~(han | latin | acct_block_group(classes, ACCT_CLASS_NUMBER));

        keep |= acct_block_group(classes, ACCT_CLASS_SYMBOL)
                & acct_block_are(bytes, 0xff);

        scripts |= (keep & below)
                   | (han & acct_block_with(classes, ACCT_CLASS_MAP));
        thrice |= latin & acct_block_same(bytes, bytes + 1)
                  & acct_block_same(bytes + 1, bytes + 2);

        u->marked |= latin & acct_block_with(bytes, 0x80);
        u->han |= han;
    }

    if (scripts || thrice || (u->han && u->marked)) {
        return 1;
    }

    return acct_unmask_sets(&t->sets, n)
           || ((u->begun || !last) && acct_unmask_edges(t, n));
}


/* figures between letters, or before two of them; letters that stand apart */

static unsigned
acct_unmask_sets(const acct_sets_t *sets, size_t n)
{
    size_t    k, words;
    uint64_t  figures, letters, word, before, behind, letter, next, one, two;
    uint64_t  lone[ACCT_SET + 2];

    words = (n + 63) / 64;
    behind = 0;
    before = 0;

    for (k = 0; k < words; k++) {
        next = k + 1 < words ? sets->keep[k + 1] : 0;
        lone[k] = sets->keep[k]
                  & ~(sets->keep[k] << 1 | (k ? sets->keep[k - 1] >> 63 : 0))
                  & ~(sets->keep[k] >> 1 | next << 63);

        figures = sets->token[k] & ~sets->latin[k];

        if (figures) {
            letters = sets->keep[k] & ~figures;
            word = letters | figures;

            letter = letters << 1 | before;
            next = k + 1 < words
                   ? sets->keep[k + 1]
                     & ~(sets->token[k + 1] & ~sets->latin[k + 1]) : 0;

            one = letters >> 1 | next << 63;
            two = letters >> 2 | next << 62;

            if (figures & ((letter & (one | two)) | (one & two
                                                     & ~(word << 1 | behind))))
            {
                return 1;
            }
        }

        before = (sets->keep[k] & ~figures) >> 63;
        behind = (sets->keep[k] | figures) >> 63;
    }

    lone[words] = 0;
    lone[words + 1] = 0;

    for (k = 0; k < words; k++) {
        one = lone[k] & acct_unmask_apart_set(lone[k], lone[k + 1]);
        two = lone[k + 1] & acct_unmask_apart_set(lone[k + 1], lone[k + 2]);

        if (lone[k] & acct_unmask_apart_set(one, two)) {
            return 1;
        }
    }

    return 0;
}


/* What stands so far before one of a set as the next letter of a chain may */

static inline uint64_t
acct_unmask_apart_set(uint64_t set, uint64_t next)
{
    uint64_t  all;

#define acct_unmask_at(i)  (set >> (i) | next << (64 - (i)))

    all = acct_unmask_at(2) | acct_unmask_at(3) | acct_unmask_at(4)
          | acct_unmask_at(6) | acct_unmask_at(8);

#undef acct_unmask_at

    return all;
}


/* At the edges of a batch nobody knows what stands beside it */

static unsigned
acct_unmask_edges(const acct_text_t *t, size_t n)
{
    size_t              i;
    const acct_sets_t  *sets;

    sets = &t->sets;

    for (i = 0; i < n; i++) {

        if (i == ACCT_UNMASK_EDGE && n > 2 * ACCT_UNMASK_EDGE) {
            i = n - ACCT_UNMASK_EDGE;
        }

        if ((acct_set_has(sets->token, i) && !acct_set_has(sets->latin, i))
            || (acct_set_has(sets->keep, i)
                && (i + 1 == n || !acct_set_has(sets->keep, i + 1))
                && (i == 0 || !acct_set_has(sets->keep, i - 1)))
            || (acct_set_has(sets->latin, i)
                && (i + 1 == n || t->bytes[i] == t->bytes[i + 1])))
        {
            return 1;
        }
    }

    return 0;
}


static void
acct_unmask_take(acct_unmask_t *u, const acct_cc_t *cc,
    const acct_origin_t *origin, size_t n)
{
    memcpy(u->cc + u->n, cc, n * sizeof(acct_cc_t));
    memcpy(u->origin + u->n, origin, n * sizeof(acct_origin_t));

    u->n += n;
}


/* All steps from where the last ones ended; where what they left ends */

static size_t
acct_unmask_steps(acct_unmask_t *u, size_t to)
{
    unsigned  i, kinds, before;

    kinds = acct_unmask_kinds(u);
    before = u->changed;
    u->changed = 0;

    for (i = 0; i < acct_unmask_nsteps; i++) {

        if (!(acct_unmask_steps_table[i].kinds & kinds)) {
            continue;
        }

        u->gone = 0;
        acct_unmask_steps_table[i].handler(u, u->from, to);

        if (u->gone) {
            to = acct_unmask_close(u, to);
        }

        /* a step may leave kinds that were not there */

        if (u->changed) {
            kinds = ~0u;
        }
    }

    u->changed |= before;

    return to;
}


/* What kind each character of the stretch is of, and all that there are */

static unsigned
acct_unmask_kinds(acct_unmask_t *u)
{
    size_t    i;
    unsigned  kinds;

    kinds = 0;

    u->kind[u->from - 1] = (uint8_t) acct_kind(u->cc[u->from - 1]);

    for (i = u->from; i < u->end; i++) {
        u->kind[i] = (uint8_t) acct_kind(u->cc[i]);
        kinds |= acct_kind_bit(u->kind[i]);
    }

    return kinds;
}


/* What is gone leaves its bits to what stands behind it */

static size_t
acct_unmask_close(acct_unmask_t *u, size_t to)
{
    size_t    i, k;
    unsigned  bits;

    bits = 0;
    k = u->from;

    for (i = k; i < to; i++) {
        if (u->cc[i] == ACCT_UNMASK_GONE) {
            bits |= (unsigned) u->origin[i]
                    & (ACCT_ORIGIN_GAP | ACCT_ORIGIN_HIDDEN);
            continue;
        }

        u->cc[k] = u->cc[i];
        u->kind[k] = u->kind[i];
        u->origin[k++] = u->origin[i] | bits;
        bits = 0;
    }

    u->bits |= bits;

    if (k < to) {
        memmove(u->kind + k, u->kind + to, u->end - to);
        memmove(u->cc + k, u->cc + to, (u->n - to) * sizeof(acct_cc_t));
        memmove(u->origin + k, u->origin + to,
                (u->n - to) * sizeof(acct_origin_t));

        u->n -= to - k;
        u->end -= to - k;
        u->worn -= u->worn < to - k ? u->worn : to - k;
    }

    return k;
}


/* What is held up to the n-th, to the second lane */

static int
acct_unmask_hand(acct_unmask_t *u, size_t n)
{
    int           rc;
    size_t        i, len;
    acct_text_t  *second;

    second = u->second;

    for (i = 1; i < n; i += len) {

        if (second->base.n >= ACCT_BATCH) {
            rc = acct_base_flush(second, 0);

            if (rc != ACCT_OK) {
                return rc;
            }
        }

        len = ACCT_BATCH - second->base.n;
        len = len < n - i ? len : n - i;

        memcpy(second->base.cc + second->base.n, u->cc + i,
               len * sizeof(acct_cc_t));
        memcpy(second->base.origin + second->base.n, u->origin + i,
               len * sizeof(acct_origin_t));

        second->base.n += len;
    }

    acct_unmask_forget(u, n - 1);

    return ACCT_OK;
}


/*
 * A character is gone; bits say what that leaves to the next, which knows of
 * its own gap besides.
 */

static inline void
acct_unmask_drop(acct_unmask_t *u, size_t i, unsigned bits)
{
    u->cc[i] = ACCT_UNMASK_GONE;
    u->kind[i] = ACCT_KIND_BREAK;
    u->origin[i] |= bits;
    u->changed = 1;
    u->gone = 1;
}


/* A character is another one, and that is evasion if bits say so */

static inline void
acct_unmask_put(acct_unmask_t *u, size_t i, uint32_t c, unsigned bits)
{
    u->cc[i] = acct_classed(c);
    u->kind[i] = (uint8_t) acct_kind(u->cc[i]);
    u->origin[i] |= bits;
    u->changed = 1;
}


/* UTS #51: two flags and more in a row may be letters all the same */

static void
acct_unmask_flags(acct_unmask_t *u, size_t from, size_t to)
{
    size_t    i, k;
    uint32_t  c;

    for (i = from; i < to; i = k + 1) {

        for (k = i; k < to; k++) {
            c = acct_cc_char(u->cc[k]) - ACCT_REGIONAL_A;

            if (c >= 26) {
                break;
            }
        }

        if (k - i < 4) {
            continue;
        }

        for ( /* void */ ; i < k; i++) {
            c = acct_cc_char(u->cc[i]) - ACCT_REGIONAL_A;
            acct_unmask_put(u, i, 'a' + c, ACCT_ORIGIN_ALTERED);
        }
    }
}


/* Marks of the blocks of combining marks belong to no orthography but those
   that base has left them to: here they stand on letters of other scripts */

static void
acct_unmask_marks(acct_unmask_t *u, size_t from, size_t to)
{
    size_t    i;
    uint32_t  c;

    for (i = from; i < to; i++) {

        if (u->kind[i] != ACCT_KIND_MARK) {
            continue;
        }

        c = acct_cc_char(u->cc[i]);

        if ((c >= 0x300 && c < 0x370) || (c >= 0x1ab0 && c < 0x1b00)
            || (c >= 0x1dc0 && c < 0x1e00) || (c >= 0x20d0 && c < 0x2100)
            || (c >= 0xfe20 && c < 0xfe30))
        {
            u->origin[i - 1] |= ACCT_ORIGIN_ALTERED;
            acct_unmask_drop(u, i, 0);
        }
    }
}


/*
 * The simplified form of a character: in han it is so already, and for all that
 * reads another view it is here.
 */

static void
acct_unmask_han(acct_unmask_t *u, size_t i)
{
    uint32_t  c;

    c = acct_cc_is(u->cc[i], ACCT_CLASS_MAP) && u->fold != ACCT_FORM_SECOND
        ? acct_han(acct_cc_char(u->cc[i])) : 0;

    if (c && !(c & ACCT_HAN_ALIKE)) {
        acct_unmask_put(u, i, c, 0);
    }
}


/* Two ways to write a letter; of Cyrillic ones, in a word of theirs alone */

static void
acct_unmask_letters(acct_unmask_t *u, size_t from, size_t to)
{
    size_t       i, k;
    uint32_t     c;
    acct_word_t  word;

    for (i = from; i < to; i = k) {
        k = acct_unmask_word(u, i, to, &word);

        if (k > i && word.latin + word.marked) {
            continue;
        }

        k = k > i ? k : i + 1;

        for ( /* void */ ; i < k; i++) {

            if (!acct_kind_in(u, i, ACCT_KINDS_EVEN)) {
                continue;
            }

            if (u->kind[i] == ACCT_KIND_HAN) {
                acct_unmask_han(u, i);
                continue;
            }

            c = acct_unmask_same(acct_cc_char(u->cc[i]));

            if (c == 0 && u->fold != ACCT_FORM_PLAIN) {
                c = acct_unmask_worn(acct_cc_char(u->cc[i]));
            }

            if (c == ACCT_UNMASK_NOTHING) {
                acct_unmask_drop(u, i, 0);

            } else if (c) {
                acct_unmask_put(u, i, c, 0);
            }
        }
    }
}


/* Unicode 15.0, section 3.12: the last consonant of a syllable, where it was
   written as a letter of its own */

static void
acct_unmask_syllables(acct_unmask_t *u, size_t from, size_t to)
{
    size_t    i;
    uint32_t  c, jamo;

    static const uint8_t  finals[] = {
        1, 2, 4, 7, 0, 8, 16, 17, 0, 19, 20, 21, 22, 0, 23, 24, 25, 26, 27
    };

    for (i = from; i + 1 < to; i++) {
        c = acct_cc_char(u->cc[i]) - 0xac00;
        jamo = acct_cc_char(u->cc[i + 1]) - 0x1100;

        if (c < 11172 && c % 28 == 0 && jamo < sizeof(finals) && finals[jamo]
            && u->cc[i] != ACCT_UNMASK_GONE
            && !(u->origin[i + 1] & ACCT_ORIGIN_GAP))
        {
            u->origin[i] = acct_origin_cover(u->origin[i], u->origin[i + 1]);
            acct_unmask_put(u, i, 0xac00 + c + finals[jamo],
                            ACCT_ORIGIN_ALTERED);
            acct_unmask_drop(u, i + 1, 0);
        }
    }
}


/*
 * Letters that stand apart, with the same between any two: three of them at
 * least, or two with a sign between them that a view would take for a letter.
 * Among them may be other characters, drawn apart with the rest.
 */

static void
acct_unmask_apart(acct_unmask_t *u, size_t from, size_t to)
{
    size_t    i, k, n, len, best, apart;
    unsigned  bits, letters, most;

    for (i = from; i < to; i += best) {
        best = 1;
        apart = 0;
        most = 2;

        if (!acct_unmask_alone(u, i, to)) {
            continue;
        }

        for (n = 1; n <= ACCT_UNMASK_APART && i + n < to
             && !acct_cc_is(u->cc[i + n], ACCT_CLASS_KEEP); n++)
        {
            len = acct_unmask_chain(u, i, to, n, &letters);

            if (letters > most
                || (letters == 2 && apart == 0 && len == 3
                    && acct_cc_char(u->cc[i + 1]) == '|'))
            {
                most = letters;
                best = len;
                apart = n;
            }
        }

        if (apart == 0) {
            continue;
        }

        bits = acct_cc_group(u->cc[i + 1]) == ACCT_CLASS_SPACE
               ? 0 : ACCT_ORIGIN_HIDDEN;

        for (k = 1; k < best; k++) {
            if (k % (apart + 1)) {
                acct_unmask_drop(u, i + k, bits);
            }
        }
    }
}


/* A letter or digit that may begin a chain */

static unsigned
acct_unmask_alone(const acct_unmask_t *u, size_t i, size_t to)
{
    return i + 2 < to
           && acct_cc_is(u->cc[i], ACCT_CLASS_KEEP)
           && !acct_cc_is(u->cc[i + 1], ACCT_CLASS_KEEP)
           && !acct_cc_is(u->cc[i - 1], ACCT_CLASS_KEEP);
}


/*
 * How many characters a chain has that begins at i, with the n behind it
 * between any two; and how many letters and digits are in it.  It ends with
 * one of them, behind which no other stands.  Another character may be drawn
 * apart with them, but not two in a row.
 */

static size_t
acct_unmask_chain(const acct_unmask_t *u, size_t i, size_t to, size_t n,
    unsigned *letters)
{
    size_t     k, len;
    unsigned   others;
    acct_cc_t  cc;

    *letters = 1;
    others = 0;
    len = 1;

    for (k = i + n + 1; k < to; k += n + 1) {
        cc = u->cc[k];

        if (memcmp(&u->cc[k - n], &u->cc[i + 1], n * sizeof(acct_cc_t)) != 0
            || acct_cc_group(cc) == ACCT_CLASS_SPACE)
        {
            break;
        }

        if (!acct_cc_is(cc, ACCT_CLASS_KEEP)) {
            if (others++) {
                break;
            }

            continue;
        }

        if (k + 1 < u->end && acct_cc_is(u->cc[k + 1], ACCT_CLASS_KEEP)) {
            break;
        }

        others = 0;
        len = k + 1 - i;
        *letters += 1;
    }

    return len;
}


static void
acct_unmask_words(acct_unmask_t *u, size_t from, size_t to)
{
    size_t       i, k;
    uint32_t     c;
    unsigned     native, foreign;
    acct_word_t  word;

    foreign = acct_unmask_foreign(u);

    for (i = from; i < to; i = k) {
        k = acct_unmask_word(u, i, to, &word);

        if (k == i) {
            k = i + 1;
            continue;
        }

        if (word.latin + word.marked + word.native == 0) {
            continue;
        }

        /* a word of the native script, if all of it can be read so and more
           of it is, or some of it cannot be read otherwise */

        native = word.native && word.marked == 0
                 && (word.own || word.native > word.latin);

        for ( /* void */ ; i < k && native && word.latin; i++) {
            c = acct_cc_char(u->cc[i]);

            native = u->kind[i] != ACCT_KIND_ASCII
                     || word.letters[c];
        }

        if (word.latin + word.marked == 0 && (foreign || word.strict)
            && (foreign || word.east))
        {
            native = 0;
        }

        if (native) {
            acct_unmask_native(u, &word);

        } else {
            acct_unmask_latin(u, &word);
        }

        acct_unmask_repeats(u, &word);
    }
}


/*
 * Whether a stretch has letters of Latin or the East, and each Cyrillic or
 * Greek one has its like in Latin: what such a text has of them is drawn for
 * Latin.
 */

static unsigned
acct_unmask_foreign(const acct_unmask_t *u)
{
    size_t    i;
    unsigned  others;

    others = 0;

    for (i = u->from; i < u->end; i++) {

        switch (u->kind[i]) {

        case ACCT_KIND_CYRILLIC:
        case ACCT_KIND_GREEK:
            if (acct_lookalike(acct_strip_marks(acct_cc_char(u->cc[i]))) == 0) {
                return 0;
            }

            break;

        case ACCT_KIND_ASCII:
        case ACCT_KIND_LATIN:
        case ACCT_KIND_HAN:
        case ACCT_KIND_KANA:
        case ACCT_KIND_HANGUL:
            others = 1;
            break;

        default:
            break;
        }
    }

    return others;
}


/* The word that begins at i; where it ends, i if there is none */

static size_t
acct_unmask_word(const acct_unmask_t *u, size_t i, size_t to, acct_word_t *word)
{
    size_t       k;
    unsigned     row, greek;
    acct_kind_e  kind;

    memset(word, 0, sizeof(acct_word_t));

    greek = 0;
    word->strict = 1;

    for (k = i; k < to; k++) {

        if (k > i && (u->origin[k] & ACCT_ORIGIN_GAP)) {
            break;
        }

        kind = (acct_kind_e) u->kind[k];

        if (!(acct_kind_bit(kind) & ACCT_KINDS_WORD)) {
            break;
        }

        switch (kind) {

        case ACCT_KIND_ASCII:
            word->latin++;
            break;

        case ACCT_KIND_LATIN:
            word->marked++;
            break;

        case ACCT_KIND_CYRILLIC:
        case ACCT_KIND_GREEK:
            row = acct_lookalike(acct_strip_marks(acct_cc_char(u->cc[k])));

            word->native++;
            greek += kind == ACCT_KIND_GREEK;
            word->own |= row == 0;
            word->strict &= (row & ACCT_LOOKALIKE_STRICT) != 0;
            break;

        default:
            break;
        }
    }

    word->start = i;
    word->end = k;
    word->letters = greek * 2 > word->native ? acct_unmask_greek
                                             : acct_unmask_cyrillic;

    word->east = (!(u->origin[i] & ACCT_ORIGIN_GAP)
                  && acct_kind_in(u, i - 1, ACCT_KINDS_EAST))
                 || (k < u->end && !(u->origin[k] & ACCT_ORIGIN_GAP)
                     && acct_kind_in(u, k, ACCT_KINDS_EAST));

    return k;
}


/* A letter thrice and more is one, but for what no word is drawn out to */

static void
acct_unmask_repeats(acct_unmask_t *u, const acct_word_t *word)
{
    size_t  i, k;

    for (i = word->start; i < word->end; i = k) {

        for (k = i + 1; k < word->end && u->cc[k] == u->cc[i]; k++) {
            /* void */
        }

        if (k - i < 3 || k - i > ACCT_UNMASK_REPEATS
            || !acct_kind_in(u, i, ACCT_KINDS_LETTER)
            || u->cc[i - 1] == u->cc[i]
            || (k < u->end && u->cc[k] == u->cc[i]))
        {
            continue;
        }

        u->origin[i] = acct_origin_cover(u->origin[i], u->origin[k - 1])
                       | ACCT_ORIGIN_ALTERED;

        while (++i < k) {
            acct_unmask_drop(u, i, 0);
        }
    }
}


/* ASCII in a Cyrillic or Greek word */

static void
acct_unmask_native(acct_unmask_t *u, const acct_word_t *word)
{
    size_t    i;
    uint32_t  c;
    unsigned  masked;

    masked = 0;

    for (i = word->start; i < word->end; i++) {
        c = acct_cc_char(u->cc[i]);

        if (c < 0x80 && word->letters[c]
            && (u->kind[i] == ACCT_KIND_ASCII
                || acct_unmask_figure(u, word, i)))
        {
            acct_unmask_put(u, i, word->letters[c], ACCT_ORIGIN_ALTERED);
            masked = 1;
        }
    }

    for (i = word->start; masked && i < word->end; i++) {
        c = acct_unmask_worn(acct_cc_char(u->cc[i]));

        if (c) {
            acct_unmask_put(u, i, c, 0);
        }
    }
}


/* Letters of other scripts, digits and signs in a word of ASCII letters */

static void
acct_unmask_latin(acct_unmask_t *u, const acct_word_t *word)
{
    size_t       i;
    uint32_t     c, row;
    acct_kind_e  kind;

    for (i = word->start; i < word->end; i++) {
        kind = (acct_kind_e) u->kind[i];
        c = acct_cc_char(u->cc[i]);

        switch (kind) {

        case ACCT_KIND_CYRILLIC:
        case ACCT_KIND_GREEK:
            row = acct_lookalike(acct_strip_marks(c));

            if (row) {
                acct_unmask_put(u, i, row & 0x7f,
                                row & ACCT_LOOKALIKE_EVEN
                                ? 0 : ACCT_ORIGIN_ALTERED);
            }

            break;

        case ACCT_KIND_LATIN:
            row = acct_lookalike(acct_strip_marks(c));

            if (!word->east) {
                break;
            }

            if (row) {
                acct_unmask_put(u, i, row & 0x7f, ACCT_ORIGIN_ALTERED);

            } else if (acct_strip_marks(c) < 0x80) {
                acct_unmask_put(u, i, acct_strip_marks(c), 0);
            }

            break;

        case ACCT_KIND_DIGIT:
        case ACCT_KIND_SIGN:
            row = acct_leet[c];

            if (row && acct_unmask_figure(u, word, i)) {
                acct_unmask_put(u, i, row & 0x7f, ACCT_ORIGIN_ALTERED);
            }

            break;

        default:
            break;
        }
    }
}


/*
 * Whether a digit or sign stands where a letter is expected: one or two of
 * them between letters, or between a letter and Han; or one before two letters
 * at the beginning of a word.
 */

static unsigned
acct_unmask_figure(const acct_unmask_t *u, const acct_word_t *word, size_t i)
{
    size_t    a, b;
    unsigned  before, after;

    for (a = i; a > word->start
         && acct_kind_in(u, a - 1, ACCT_KINDS_FIGURE); a--)
    {
        /* void */
    }

    for (b = i + 1; b < word->end
         && acct_kind_in(u, b, ACCT_KINDS_FIGURE); b++)
    {
        /* void */
    }

    if (b - a > 2) {
        return 0;
    }

    if (a == word->start) {
        before = 0;

        if (b - a == 1 && word->end - b > 1
            && acct_kind_in(u, b + 1, ACCT_KINDS_LETTER))
        {
            return 1;
        }

    } else {
        before = 1;
    }

    if (a == word->start && !(u->origin[a] & ACCT_ORIGIN_GAP)) {
        before = acct_kind_in(u, a - 1, ACCT_KINDS_EAST) != 0;
    }

    after = b < word->end
            || (b < u->end && !(u->origin[b] & ACCT_ORIGIN_GAP)
                && acct_kind_in(u, b, ACCT_KINDS_EAST));

    return before && after && (a > word->start || b < word->end);
}


static inline unsigned
acct_is_katakana(acct_cc_t cc)
{
    uint32_t  c;

    c = acct_cc_char(cc);

    return c >= 0x30a1 && c < 0x30fd && acct_cc_is(cc, ACCT_CLASS_KEEP);
}


static inline unsigned
acct_is_hiragana(acct_cc_t cc)
{
    uint32_t  c;

    c = acct_cc_char(cc);

    return c >= 0x3041 && c < 0x3097;
}


/*
 * Han characters drawn like katakana, behind one and before one or the end of
 * a word; and hiragana with the long mark, which belongs to katakana.
 */

static void
acct_unmask_strokes(acct_unmask_t *u, size_t from, size_t to)
{
    size_t       i, k;
    uint32_t     kana;
    unsigned     mark;
    acct_kind_e  after;

    for (i = from; i < to; i++) {

        if (u->kind[i] != ACCT_KIND_HAN
            || !acct_is_katakana(u->cc[i - 1]))
        {
            continue;
        }

        kana = acct_unmask_kana(acct_cc_char(u->cc[i]));
        after = i + 1 < u->end ? (acct_kind_e) u->kind[i + 1]
                               : ACCT_KIND_BREAK;

        if (kana && (after == ACCT_KIND_BREAK
                     || acct_is_katakana(u->cc[i + 1])
                     || acct_unmask_kana(acct_cc_char(u->cc[i + 1]))))
        {
            acct_unmask_put(u, i, kana, ACCT_ORIGIN_ALTERED);
        }
    }

    for (i = from; i < to; i = k) {
        mark = 0;

        for (k = i; k < to && (acct_is_hiragana(u->cc[k])
                               || (k > i && acct_cc_char(u->cc[k]) == 0x30fc));
             k++)
        {
            mark |= acct_cc_char(u->cc[k]) == 0x30fc;
        }

        if (mark && k - i >= 3) {
            for ( /* void */ ; i < k; i++) {
                if (acct_is_hiragana(u->cc[i])) {
                    acct_unmask_put(u, i, acct_cc_char(u->cc[i]) + 0x60, 0);
                }
            }
        }

        k = k > i ? k : i + 1;
    }
}
