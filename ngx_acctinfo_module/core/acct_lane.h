
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acct_lane.h: inside the text room.
 *
 * A value's bytes are decoded and folded into characters of base, which are
 * gathered in batches; from a batch of base the other views are made, each
 * stage handing its characters to the next.  A stage keeps back what it cannot
 * decide yet, and every such bound counts characters of the value: feeds leave
 * no trace in what comes out.
 *
 *     acct_text.c        the lane, raw
 *     acct_text_pane.c   windows
 *     acct_text_base.c   raw -> base
 *     acct_text_views.c  base -> bare, han, sound, latin, digits
 *     acct_unmask.c      base -> what stands there without its masks
 *
 * What nearly all text is goes in blocks and runs (acct_block.h); what is rare
 * goes a character at a time.
 */


#ifndef ACCT_LANE_H_INCLUDED
#define ACCT_LANE_H_INCLUDED


#include "acct_block.h"
#include "acct_policy.h"
#include "acct_text.h"
#include "acct_unicode.h"


#define ACCT_WINDOW_SIZE   (ACCT_WINDOW + ACCT_OVERLAP)

/* Characters in a batch of base, and how far looking ahead may go */

#define ACCT_BATCH         256
#define ACCT_MARKS         30           /* on one starter */
#define ACCT_MARKS_MANY    4            /* more raise the flag */
#define ACCT_DECOMPOSED    4            /* marks in a precomposed starter */
#define ACCT_REGIONALS     32           /* in one run */
#define ACCT_KANA          16           /* around a stroke */
#define ACCT_SQUEEZE       3            /* a doubled character and the next */
#define ACCT_TOKEN         64

/* The most that one character of the value can add to base */

#define ACCT_ROOM          (ACCT_FOLD_CHARS + ACCT_REGIONALS + ACCT_MARKS     \
                            + ACCT_DECOMPOSED)

#define ACCT_REGIONAL_A    0x1f1e6
#define ACCT_COMBINING_DOT 0x0307


/* What was dropped since the last character of base */

#define ACCT_PEND_GAP      ACCT_ORIGIN_GAP
#define ACCT_PEND_HIDDEN   ACCT_ORIGIN_HIDDEN   /* whatever comes next */
#define ACCT_PEND_OTHER    4u           /* evasive between two letters */
#define ACCT_PEND_JOINER   8u           /* likewise, but not where they join */
#define ACCT_PEND_SELECTOR 16u          /* likewise; and nothing else */


/*
 * Characters on their way from one stage to the next.  Stages copy whole
 * blocks: there is room for one behind the last character.
 */

#define ACCT_CHARS         (ACCT_BATCH + ACCT_ROOM + ACCT_TOKEN)

typedef struct {
    size_t                n;
    acct_cc_t             cc[ACCT_CHARS + ACCT_BLOCK];
    acct_origin_t         origin[ACCT_CHARS + ACCT_BLOCK];
} acct_chars_t;


/*
 * The window of a view.  What a batch adds to it is written without a look at
 * its end, and cut into windows afterwards.
 */

#define ACCT_PANE_SIZE     (ACCT_WINDOW_SIZE + ACCT_CHARS * ACCT_UTF8_MAX     \
                            + ACCT_BLOCK)

typedef struct {
    size_t                len;
    size_t                seen;
    uint64_t              offset;
    uint8_t               data[ACCT_PANE_SIZE];
    acct_origin_t         origin[ACCT_PANE_SIZE];
} acct_pane_t;


/* What a batch added to a window: offsets of the view; NULL: nothing */

typedef struct {
    const acct_pane_t    *pane;
    uint64_t              start;
    size_t                len;
} acct_same_t;


/*
 * What stands where in a batch of base: a bit a character, and none behind the
 * last.
 */

#define ACCT_SET           ((ACCT_CHARS + 63) / 64)

typedef struct {
    uint64_t              keep[ACCT_SET];
    uint64_t              odd[ACCT_SET];       /* is dropped, and is evasion */
    uint64_t              token[ACCT_SET];
    uint64_t              fold[ACCT_SET];      /* in whose token latin has
                                                  more to do than l to i */
    uint64_t              latin[ACCT_SET];     /* letters */
    uint64_t              number[ACCT_SET];    /* digits, and what digits looks
                                                  at besides: - and | */
    unsigned              ascii;               /* all are */
    unsigned              kept;                /* all are */
    unsigned              map;                 /* some may have a row */
    unsigned              ell;                 /* some are l */
} acct_sets_t;


/* From the i-th character on, the first in a set, or not in it; n if none is */

static inline size_t
acct_set_first(const uint64_t *set, size_t i, size_t n, uint64_t flip)
{
    uint64_t  word;

    if (i >= n) {
        return n;
    }

    word = (set[i / 64] ^ flip) >> i % 64;

    if (word) {
        i += (size_t) __builtin_ctzll(word);
        return i < n ? i : n;
    }

    for (i = i / 64 + 1; i * 64 < n; i++) {
        word = set[i] ^ flip;

        if (word) {
            i = i * 64 + (size_t) __builtin_ctzll(word);
            return i < n ? i : n;
        }
    }

    return n;
}

#define acct_set_next(set, i, n)  acct_set_first(set, i, n, 0)
#define acct_set_none(set, i, n)  acct_set_first(set, i, n, ~(uint64_t) 0)
#define acct_set_has(set, i)      ((set)[(i) / 64] >> (i) % 64 & 1)


typedef struct {
    acct_cc_t             cc;
    unsigned              ccc;
    unsigned              nonspacing;
    acct_origin_t         origin;
} acct_mark_t;


typedef struct acct_unmask_s  acct_unmask_t;


struct acct_text_s {
    const acct_alloc_t   *alloc;
    acct_unmask_t        *unmask;      /* NULL before it is first asked for */
    unsigned              unmasks;     /* base is shown to it */
    acct_form_e           form;        /* of a word of a rule */

    acct_window_pt        handler;
    void                 *ctx;

    unsigned              views;       /* asked for */
    unsigned              made;        /* and what they are made from */
    uint32_t              flags;
    uint64_t              pos;         /* of the next byte, in the value */

    unsigned              npending;
    uint8_t               pending[ACCT_UTF8_MAX];

    /* base: the last character may still compose with marks */

    unsigned              small;       /* behind a small letter of ASCII */
    unsigned              nmarks;
    unsigned              nregional;
    unsigned              pend;
    uint32_t              letter;      /* before a mark that stands as a
                                          starter at the end of base */
    uint32_t              stray;       /* a loose mark that is a starter, and
                                          could compose to what is no mark */
    acct_origin_t         stray_origin;

    /* what the last view wrote of this batch, to be copied where the next is
       the same */

    acct_same_t           same;

    /* bits for the next character of each view */

    unsigned              bare_bits;
    unsigned              latin_bits;
    unsigned              digits_bits;

    /* han */

    uint64_t              han_pos;     /* in bare */
    uint64_t              kana_pos;    /* behind the last kana, or 0 */
    unsigned              han_before;  /* the group of the last one */
    unsigned              run;         /* of the last Han character */
    unsigned              run_before;  /* of the one before that run */
    unsigned              flat;        /* the run stands as one character */

    /* latin: a token; digits: likewise */

    unsigned              ntoken;
    unsigned              ndigits;
    unsigned              spoilt;      /* the digits token has a letter */
    unsigned              filler;      /* the last in digits is the filler */
    unsigned              hyphens;     /* dropped in a row */

    acct_mark_t           marks[ACCT_MARKS + ACCT_DECOMPOSED];
    acct_origin_t         regional_origin[ACCT_REGIONALS];
    uint8_t               regional[ACCT_REGIONALS];

    acct_cc_t             token[ACCT_TOKEN];
    acct_origin_t         token_origin[ACCT_TOKEN];
    acct_cc_t             digit[ACCT_TOKEN];
    acct_origin_t         digit_origin[ACCT_TOKEN];

    acct_sets_t           sets;        /* of base */
    uint8_t               bytes[ACCT_CHARS + ACCT_BLOCK];  /* likewise */
    uint8_t               classes[ACCT_CHARS + ACCT_BLOCK];

    acct_chars_t          base;
    acct_chars_t          bare;
    acct_chars_t          han;
    acct_chars_t          out;         /* of latin, digits and sound */

    acct_pane_t          *panes[ACCT_VIEWS];
};


#define acct_step(s)   (acct_steps[ACCT_STEP_##s].evasive)


/* n bytes of the value into base, and batches of base into all the rest */

int acct_text_base(acct_text_t *t, const uint8_t *p, size_t n);
int acct_base_flush(acct_text_t *t, unsigned last);
int acct_text_views(acct_text_t *t, size_t n, unsigned last);

/*
 * Masks: the state is forgotten, is shown a batch whose sets are made, or makes
 * one of what may be written in two ways.
 */

void acct_unmask_begin(acct_text_t *t);
int acct_unmask_batch(acct_text_t *t, size_t n, unsigned last);
int acct_unmask_fold(acct_text_t *t, size_t *n);

/*
 * Characters into the window of a view, behind what stands there.  No more
 * than ACCT_CHARS go in between two settle()s.
 */

void acct_pane_put(acct_pane_t *pane, const acct_cc_t *cc,
    const acct_origin_t *origin, size_t n);

/* Delivers what is full; the last window is deliver()'s */

int acct_pane_settle(acct_text_t *t, acct_view_e view);
int acct_pane_deliver(acct_text_t *t, acct_view_e view, unsigned trailing);

/*
 * All of a view for a batch: write() leaves behind what again() copies, which
 * is told the same characters for where there is nothing to copy.
 */

int acct_pane_write(acct_text_t *t, acct_view_e view, const acct_cc_t *cc,
    const acct_origin_t *origin, size_t n);
int acct_pane_again(acct_text_t *t, acct_view_e view, const acct_cc_t *cc,
    const acct_origin_t *origin, size_t n);


/*
 * The origin of what two characters became, in the order of the view: from the
 * first byte of either to the last; what was hidden between them alters it.
 */

static inline acct_origin_t
acct_origin_cover(acct_origin_t a, acct_origin_t b)
{
    uint64_t  start, end, len;
    unsigned  bits;

    start = acct_origin_start(a) < acct_origin_start(b)
            ? acct_origin_start(a) : acct_origin_start(b);
    end = acct_origin_end(a) > acct_origin_end(b)
          ? acct_origin_end(a) : acct_origin_end(b);

    len = end - start;

    if (len > ACCT_ORIGIN_LEN_MAX) {
        len = ACCT_ORIGIN_LEN_MAX;
    }

    bits = (unsigned) (a & (ACCT_ORIGIN_GAP | ACCT_ORIGIN_HIDDEN
                            | ACCT_ORIGIN_ALTERED | ACCT_ORIGIN_CASE));

    if (b & (ACCT_ORIGIN_HIDDEN | ACCT_ORIGIN_ALTERED)) {
        bits |= ACCT_ORIGIN_ALTERED;
    }

    return acct_origin(start, len, bits);
}


#endif /* ACCT_LANE_H_INCLUDED */
