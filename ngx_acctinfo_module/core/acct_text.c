
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * A value's bytes are decoded and folded into characters of base, which are
 * gathered in batches; from a batch of base the other views are made, each
 * stage handing its characters to the next.  A stage keeps back what it cannot
 * decide yet, and every such bound counts characters of the value: feeds leave
 * no trace in what comes out.
 */


#include "acct_text.h"
#include "acct_policy.h"
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


/* The window of a view */

typedef struct {
    size_t                len;
    size_t                seen;
    uint64_t              offset;
    uint8_t               data[ACCT_WINDOW_SIZE];
    acct_origin_t         origin[ACCT_WINDOW_SIZE];
} acct_pane_t;


/* Characters on their way from one stage to the next */

#define ACCT_CHARS         (ACCT_BATCH + ACCT_ROOM + ACCT_TOKEN)

typedef struct {
    size_t                n;
    acct_cc_t             cc[ACCT_CHARS];
    acct_origin_t         origin[ACCT_CHARS];
} acct_chars_t;


typedef struct {
    acct_cc_t             cc;
    unsigned              ccc;
    unsigned              nonspacing;
    acct_origin_t         origin;
} acct_mark_t;


struct acct_text_s {
    const acct_alloc_t   *alloc;

    acct_window_pt        handler;
    void                 *ctx;

    unsigned              views;       /* asked for */
    unsigned              made;        /* and what they are made from */
    uint32_t              flags;
    uint64_t              pos;         /* of the next byte, in the value */

    unsigned              npending;
    uint8_t               pending[ACCT_UTF8_MAX];

    /* base: the last character may still compose with marks */

    unsigned              nmarks;
    unsigned              nregional;
    unsigned              pend;
    uint32_t              letter;      /* before a mark that stands as a
                                          starter at the end of base */
    uint32_t              stray;       /* a loose mark that is a starter, and
                                          could compose to what is no mark */
    acct_origin_t         stray_origin;

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

    acct_chars_t          base;
    acct_chars_t          bare;
    acct_chars_t          han;
    acct_chars_t          out;         /* of latin, digits and sound */

    acct_pane_t          *panes[ACCT_VIEWS];
};


static int acct_text_bytes(acct_text_t *t, const uint8_t *p, size_t n);
static int acct_text_raw(acct_text_t *t, const uint8_t *p, size_t n);
static int acct_text_base(acct_text_t *t, const uint8_t *p, size_t n);
static const uint8_t *acct_base_run(acct_text_t *t, const uint8_t *start,
    const uint8_t *end, uint64_t pos);
static void acct_base_char(acct_text_t *t, uint32_t c, acct_origin_t o);
static void acct_base_starter(acct_text_t *t, acct_cc_t cc, acct_origin_t o);
static void acct_base_special(acct_text_t *t, uint32_t c, uint32_t head,
    acct_origin_t o);
static void acct_base_stray(acct_text_t *t);
static void acct_base_regionals(acct_text_t *t);
static void acct_base_drop(acct_text_t *t, unsigned what, acct_origin_t o);
static unsigned acct_base_bridge(acct_text_t *t, acct_cc_t cc);
static void acct_base_touch(acct_text_t *t, acct_origin_t o);
static void acct_base_close(acct_text_t *t);
static int acct_base_loose(acct_text_t *t, uint32_t mark);
static uint32_t acct_base_letter(acct_text_t *t);
static int acct_base_flush(acct_text_t *t, unsigned last);
static int acct_text_views(acct_text_t *t, size_t n, unsigned last);
static int acct_text_bare(acct_text_t *t, size_t n, unsigned last);
static int acct_text_han(acct_text_t *t, unsigned last);
static void acct_han_put(acct_text_t *t, acct_cc_t cc, acct_origin_t o);
static int acct_text_sound(acct_text_t *t, size_t n);
static int acct_text_latin(acct_text_t *t, size_t n, unsigned last);
static void acct_latin_token(acct_text_t *t);
static void acct_latin_fold(acct_text_t *t, size_t from, size_t to);
static int acct_text_digits(acct_text_t *t, size_t n, unsigned last);
static void acct_digits_token(acct_text_t *t);
static void acct_digits_put(acct_text_t *t, acct_cc_t cc, acct_origin_t o);
static acct_origin_t acct_origin_cover(acct_origin_t a, acct_origin_t b);
static int acct_pane_write(acct_text_t *t, acct_view_e view,
    const acct_cc_t *cc, const acct_origin_t *origin, size_t n);
static int acct_pane_deliver(acct_text_t *t, acct_view_e view, unsigned last,
    unsigned trailing);
static void acct_pane_slide(acct_pane_t *pane);
static int acct_text_rendered(void *ctx, const acct_window_t *w);


const acct_view_t  acct_views[ACCT_VIEWS] = {
    { acct_string("raw"),    ACCT_VIEW_RAW,  1, 3 },
    { acct_string("base"),   ACCT_VIEW_RAW,  1, ACCT_GROWTH_BASE },
    { acct_string("bare"),   ACCT_VIEW_BASE, 1, ACCT_GROWTH_BARE },
    { acct_string("han"),    ACCT_VIEW_BARE, 1, ACCT_GROWTH_HAN },
    { acct_string("latin"),  ACCT_VIEW_BASE, 1, ACCT_GROWTH_LATIN },
    { acct_string("digits"), ACCT_VIEW_BASE, 1, ACCT_GROWTH_DIGITS },
    { acct_string("sound"),  ACCT_VIEW_HAN,  1, ACCT_GROWTH_SOUND }
};


#define ALTERED  ACCT_ORIGIN_ALTERED
#define HIDDEN   ACCT_ORIGIN_HIDDEN

const acct_step_t  acct_steps[ACCT_STEPS] = {

    { acct_string("decode"), ACCT_VIEW_RAW, ALTERED,
      "an ill-formed piece, seen in base", NULL },

    { acct_string("flags"), ACCT_VIEW_BASE, ALTERED,
      "letters that are no flags", "emoji/emoji-sequences.txt" },

    { acct_string("plain"), ACCT_VIEW_BASE, ALTERED,
      "a line without \"even\"", "plain.txt" },

    { acct_string("radicals"), ACCT_VIEW_BASE, ALTERED, NULL,
      "EquivalentUnifiedIdeograph.txt" },

    { acct_string("controls"), ACCT_VIEW_BASE, HIDDEN,
      "between two letters or digits", "UnicodeData.txt" },

    { acct_string("spaces"), ACCT_VIEW_BASE, 0, NULL, "UnicodeData.txt" },

    { acct_string("casefold"), ACCT_VIEW_BASE, ALTERED,
      "a font, circled, super, sub, square, small or compat form",
      "DerivedNormalizationProps.txt" },

    { acct_string("invisible"), ACCT_VIEW_BASE, HIDDEN,
      "between two letters or digits that it does not join or part",
      "DerivedCoreProperties.txt, plain.txt" },

    { acct_string("enclosing"), ACCT_VIEW_BASE, ALTERED, NULL,
      "UnicodeData.txt" },

    { acct_string("compose"), ACCT_VIEW_BASE, 0, NULL, "UnicodeData.txt" },

    { acct_string("loose"), ACCT_VIEW_BASE, ALTERED,
      "but the dot that i has already", "Scripts.txt" },

    { acct_string("drop"), ACCT_VIEW_BARE, HIDDEN, "but a space",
      "UnicodeData.txt" },

    { acct_string("strokes"), ACCT_VIEW_HAN, ALTERED, NULL, "han.txt" },

    { acct_string("simplify"), ACCT_VIEW_HAN, 0, NULL,
      "Unihan_Variants.txt" },

    { acct_string("variants"), ACCT_VIEW_HAN, 0, NULL, "han.txt" },

    { acct_string("alike"), ACCT_VIEW_HAN, ALTERED, NULL, "han.txt" },

    { acct_string("squeeze"), ACCT_VIEW_HAN, ALTERED, NULL, NULL },

    { acct_string("strip"), ACCT_VIEW_LATIN, 0, NULL, "UnicodeData.txt" },

    { acct_string("lookalikes"), ACCT_VIEW_LATIN, ALTERED,
      "a line without \"even\"", "latin.txt" },

    { acct_string("repeats"), ACCT_VIEW_LATIN, ALTERED, NULL, NULL },

    { acct_string("leet"), ACCT_VIEW_LATIN, ALTERED,
      "a line without \"even\"", "leet.txt" },

    { acct_string("pairs"), ACCT_VIEW_LATIN, ALTERED, NULL, NULL },

    { acct_string("drop"), ACCT_VIEW_LATIN, HIDDEN, "but a space",
      "UnicodeData.txt" },

    { acct_string("numerals"), ACCT_VIEW_DIGITS, 0, NULL,
      "UnicodeData.txt, Unihan_NumericValues.txt" },

    { acct_string("words"), ACCT_VIEW_DIGITS, ALTERED,
      "a line without \"even\"", "digits.txt" },

    { acct_string("round"), ACCT_VIEW_DIGITS, ALTERED, NULL, NULL },

    { acct_string("filler"), ACCT_VIEW_DIGITS, HIDDEN,
      "but spaces and one hyphen in a row", NULL },

    { acct_string("reading"), ACCT_VIEW_SOUND, 0, NULL,
      "Unihan_Readings.txt" }
};

#undef ALTERED
#undef HIDDEN


#define acct_step(s)   (acct_steps[ACCT_STEP_##s].evasive)


acct_view_e
acct_view_find(acct_str_t name)
{
    unsigned  i;

    for (i = 0; i < ACCT_VIEWS; i++) {
        if (acct_str_eq(acct_views[i].name, name)) {
            break;
        }
    }

    return (acct_view_e) i;
}


acct_text_t *
acct_text_create(const acct_alloc_t *a)
{
    acct_text_t  *t;

    t = acct_calloc(a, sizeof(acct_text_t));

    if (t) {
        t->alloc = a;
    }

    return t;
}


void
acct_text_destroy(acct_text_t *t)
{
    unsigned  i;

    if (t == NULL) {
        return;
    }

    for (i = 0; i < ACCT_VIEWS; i++) {
        acct_free(t->alloc, t->panes[i]);
    }

    acct_free(t->alloc, t);
}


int
acct_text_begin(acct_text_t *t, unsigned views, acct_window_pt handler,
    void *ctx)
{
    unsigned      i;
    acct_pane_t  *pane;

    t->handler = handler;
    t->ctx = ctx;
    t->views = views;
    t->made = 0;
    t->flags = 0;
    t->pos = 0;
    t->npending = 0;

    t->nmarks = 0;
    t->nregional = 0;
    t->pend = 0;
    t->letter = 0;
    t->stray = 0;

    t->bare_bits = 0;
    t->latin_bits = 0;
    t->digits_bits = 0;

    t->han_pos = 0;
    t->kana_pos = 0;
    t->han_before = ACCT_CLASS_SYMBOL;
    t->run = 0;
    t->run_before = 0;
    t->flat = 0;

    t->ntoken = 0;
    t->ndigits = 0;
    t->spoilt = 0;
    t->filler = 0;
    t->hyphens = 0;

    t->base.n = 0;
    t->bare.n = 0;
    t->han.n = 0;
    t->out.n = 0;

    /* a view is made from one above it in the table */

    for (i = ACCT_VIEWS; i-- > 0; /* void */ ) {
        if (!((views | t->made) & acct_view_bit(i))) {
            continue;
        }

        if (i != ACCT_VIEW_RAW) {
            t->made |= acct_view_bit(i) | acct_view_bit(acct_views[i].from);
        }

        if (!(views & acct_view_bit(i))) {
            continue;
        }

        pane = t->panes[i];

        if (pane == NULL) {
            pane = acct_alloc(t->alloc, sizeof(acct_pane_t));

            if (pane == NULL) {
                return ACCT_ERROR;
            }

            t->panes[i] = pane;
        }

        pane->len = 0;
        pane->seen = 0;
        pane->offset = 0;
    }

    return ACCT_OK;
}


int
acct_text_feed(acct_text_t *t, const uint8_t *p, size_t n)
{
    int       rc;
    size_t    whole;
    uint32_t  c;

    /* a character that the last cut left unfinished */

    while (t->npending && n) {
        t->pending[t->npending++] = *p++;
        n--;

        rc = acct_utf8_read(t->pending, t->npending, &c);

        if (rc == 0) {
            continue;
        }

        if (rc < 0) {

            /* all but the byte just added were good: it begins anew */

            p--;
            n++;
            t->npending--;
        }

        rc = acct_text_bytes(t, t->pending, t->npending);

        if (rc != ACCT_OK) {
            return rc;
        }

        t->npending = 0;
    }

    if (n == 0) {
        return ACCT_OK;
    }

    whole = acct_utf8_whole(p, n);

    memcpy(t->pending, p + whole, n - whole);
    t->npending = (unsigned) (n - whole);

    return acct_text_bytes(t, p, whole);
}


int
acct_text_end(acct_text_t *t)
{
    int       rc;
    unsigned  i, trailing;

    rc = acct_text_bytes(t, t->pending, t->npending);

    if (rc != ACCT_OK) {
        return rc;
    }

    t->npending = 0;

    if (t->made & acct_view_bit(ACCT_VIEW_BASE)) {
        rc = acct_base_flush(t, 1);

        if (rc != ACCT_OK) {
            return rc;
        }
    }

    for (i = 0; i < ACCT_VIEWS; i++) {
        if (!(t->views & acct_view_bit(i))) {
            continue;
        }

        switch (i) {

        case ACCT_VIEW_RAW:
            trailing = 0;
            break;

        case ACCT_VIEW_BASE:
            trailing = t->pend;
            break;

        case ACCT_VIEW_LATIN:
            trailing = t->pend | t->latin_bits;
            break;

        case ACCT_VIEW_DIGITS:
            trailing = t->pend | t->digits_bits;
            break;

        default: /* bare and what is made from it */
            trailing = t->pend | t->bare_bits;
            break;
        }

        rc = acct_pane_deliver(t, (acct_view_e) i, 1, trailing);

        if (rc != ACCT_OK) {
            return rc;
        }
    }

    return ACCT_OK;
}


uint32_t
acct_text_flags(const acct_text_t *t)
{
    return t->flags;
}


/* bytes in which no character is cut, or whose last one stays unfinished */

static int
acct_text_bytes(acct_text_t *t, const uint8_t *p, size_t n)
{
    int  rc;

    if (n == 0) {
        return ACCT_OK;
    }

    if (t->views & acct_view_bit(ACCT_VIEW_RAW)) {
        rc = acct_text_raw(t, p, n);

        if (rc != ACCT_OK) {
            return rc;
        }
    }

    if (t->made & acct_view_bit(ACCT_VIEW_BASE)) {
        rc = acct_text_base(t, p, n);

        if (rc != ACCT_OK) {
            return rc;
        }
    }

    t->pos += n;

    return ACCT_OK;
}


static int
acct_text_raw(acct_text_t *t, const uint8_t *p, size_t n)
{
    int             rc, len;
    uint32_t        c;
    uint64_t        pos;
    acct_pane_t    *pane;
    const uint8_t  *end;

    pane = t->panes[ACCT_VIEW_RAW];
    pos = t->pos;

    for (end = p + n; p < end; p += len, pos += (unsigned) len) {

        if (pane->len > ACCT_WINDOW_SIZE - ACCT_UTF8_MAX) {
            rc = acct_pane_deliver(t, ACCT_VIEW_RAW, 0, 0);

            if (rc != ACCT_OK) {
                return rc;
            }
        }

        len = acct_utf8_read(p, (size_t) (end - p), &c);

        if (len <= 0) {
            t->flags |= acct_flag_bit(ACCT_FLAG_BAD_UTF8);
            len = len ? -len : (int) (end - p);
            c = ACCT_REPLACEMENT;
        }

        pane->origin[pane->len] = acct_origin(pos, len, 0);
        pane->len += acct_utf8_write(pane->data + pane->len, c);
    }

    return ACCT_OK;
}


static int
acct_text_base(acct_text_t *t, const uint8_t *p, size_t n)
{
    int             rc, len;
    uint32_t        c;
    const uint8_t  *start, *end;

    start = p;
    end = p + n;

    while (p < end) {

        if (t->base.n >= ACCT_BATCH) {
            rc = acct_base_flush(t, 0);

            if (rc != ACCT_OK) {
                return rc;
            }
        }

        if (!(t->nmarks | t->nregional | t->pend | t->stray)) {
            p = acct_base_run(t, p, end, t->pos + (uint64_t) (p - start));

            if (p == end || t->base.n >= ACCT_BATCH) {
                continue;
            }
        }

        len = acct_utf8_read(p, (size_t) (end - p), &c);

        if (len <= 0) {
            t->flags |= acct_flag_bit(ACCT_FLAG_BAD_UTF8);
            len = len ? -len : (int) (end - p);
            c = ACCT_REPLACEMENT;
        }

        acct_base_char(t, c, acct_origin(t->pos + (uint64_t) (p - start), len,
                                         0));
        p += len;
    }

    return ACCT_OK;
}


/*
 * Characters that become one each, which none before them composes with:
 * nearly all of nearly every text.  Stops at the first other one.
 */

static const uint8_t *
acct_base_run(acct_text_t *t, const uint8_t *start, const uint8_t *end,
    uint64_t pos)
{
    unsigned          value, len, bits;
    uint32_t          c, head;
    acct_cc_t        *cc, *cc_end;
    const uint8_t    *p;
    acct_origin_t    *origin;
    const uint32_t   *r;

    cc = t->base.cc + t->base.n;
    cc_end = t->base.cc + ACCT_BATCH;
    origin = t->base.origin + t->base.n;

    for (p = start; p < end && cc < cc_end; p += len) {

        if (*p < 0x80) {
            c = acct_base_ascii[*p];

            if (c == 0) {
                break;
            }

            len = 1;
            *cc++ = c;
            *origin++ = acct_origin(pos + (uint64_t) (p - start), 1, 0);
            continue;
        }

        if (*p < 0xe0) {
            if (*p < 0xc2 || end - p < 2 || (p[1] & 0xc0) != 0x80) {
                break;
            }

            c = ((p[0] & 0x1fu) << 6) | (p[1] & 0x3f);
            len = 2;

        } else if (*p < 0xf0) {
            if (end - p < 3
                || (p[1] & 0xc0) != 0x80 || (p[2] & 0xc0) != 0x80)
            {
                break;
            }

            c = ((p[0] & 0x0fu) << 12) | ((p[1] & 0x3fu) << 6)
                | (p[2] & 0x3f);
            len = 3;

            if (c < 0x800 || c - 0xd800 < 0x800) {
                break;
            }

        } else {
            if (end - p < 4
                || (p[1] & 0xc0) != 0x80 || (p[2] & 0xc0) != 0x80
                || (p[3] & 0xc0) != 0x80)
            {
                break;
            }

            c = ((p[0] & 0x0fu) << 18) | ((p[1] & 0x3fu) << 12)
                | ((p[2] & 0x3fu) << 6) | (p[3] & 0x3f);
            len = 4;

            if (c - 0x10000 >= 0x100000) {
                break;
            }
        }

        value = acct_base_value(c);
        bits = 0;

        if (value < 256) {
            c = acct_cc(c, value);

        } else {
            r = acct_base_record(value);
            head = r[0];

            if (head & ACCT_BASE_ALTERED) {
                bits = ACCT_ORIGIN_ALTERED;
                head &= ~ACCT_BASE_ALTERED;
            }

            if (head != (ACCT_BASE_PLAIN | 1)) {
                break;
            }

            c = r[1];
        }

        *cc++ = c;
        *origin++ = acct_origin(pos + (uint64_t) (p - start), len, bits);
    }

    t->base.n = (size_t) (cc - t->base.cc);

    return p;
}


/* any character of the value, by its row of the base table */

static void
acct_base_char(acct_text_t *t, uint32_t c, acct_origin_t o)
{
    unsigned         value, i, n;
    const uint32_t  *r, *again;

    value = acct_base_value(c);

    if (value < 256) {
        acct_base_starter(t, acct_cc(c, value), o);
        return;
    }

    r = acct_base_record(value);

    if (r[0] & ACCT_BASE_FLAG) {
        t->regional[t->nregional] = (uint8_t) (c - ACCT_REGIONAL_A);
        t->regional_origin[t->nregional++] = o;

        if (t->nregional == ACCT_REGIONALS) {
            acct_base_regionals(t);
        }

        return;
    }

    if (t->nregional) {
        acct_base_regionals(t);
    }

    if (r[0] & ACCT_BASE_DROP) {
        acct_base_drop(t, (r[0] >> 16) & 0xff, o);
        return;
    }

    if (r[0] & ACCT_BASE_SELF) {
        acct_base_special(t, c, r[0], o);
        return;
    }

    /* PLAIN, RADICALS, SPACES and CASEFOLD: the generator chose the row */

    if (r[0] & ACCT_BASE_ALTERED) {
        o |= acct_step(CASEFOLD);
    }

    n = r[0] & ACCT_BASE_LEN;

    for (i = 1; i <= n; i++) {
        c = acct_cc_char(r[i]);
        value = acct_base_value(c);

        if (value >= 256) {
            again = acct_base_record(value);

            if (again[0] & ACCT_BASE_SELF) {
                acct_base_special(t, c, again[0], o);
                continue;
            }
        }

        acct_base_starter(t, r[i], o);
    }
}


static void
acct_base_starter(acct_text_t *t, acct_cc_t cc, acct_origin_t o)
{
    if (t->nregional) {
        acct_base_regionals(t);
    }

    if (t->stray) {
        acct_base_stray(t);
    }

    if (t->nmarks) {
        acct_base_close(t);
    }

    if (t->pend) {
        o |= acct_base_bridge(t, cc);
    }

    t->base.cc[t->base.n] = cc;
    t->base.origin[t->base.n++] = o;
}


/* a mark, or a starter that may compose with the one before it */

static void
acct_base_special(acct_text_t *t, uint32_t c, uint32_t head, acct_origin_t o)
{
    size_t         n;
    unsigned       ccc;
    uint32_t       composed, letter;
    acct_cc_t      cc;
    acct_mark_t   *m;

    cc = c | (head & 0xff000000);
    ccc = (head >> 16) & 0xff;

    if (t->stray) {
        composed = acct_compose(t->stray, c);

        if (composed) {
            o = acct_origin_cover(t->stray_origin, o);
            t->stray = 0;
            acct_base_char(t, composed, o);
            return;
        }

        acct_base_stray(t);
    }

    if (t->pend) {
        o |= acct_base_bridge(t, cc);
    }

    if (ccc) {

        /* past the bound they stand as at the beginning of a value */

        if (t->nmarks == ACCT_MARKS) {
            t->flags |= acct_flag_bit(ACCT_FLAG_MARKS);
            acct_base_touch(t, o | acct_step(LOOSE));
            return;
        }

        m = &t->marks[t->nmarks++];
        m->cc = cc;
        m->ccc = ccc;
        m->nonspacing = head & ACCT_BASE_NONSPACING;
        m->origin = o;

        return;
    }

    letter = 0;

    if (head & ACCT_BASE_NONSPACING) {
        if (acct_base_loose(t, c)) {
            t->stray = c;
            t->stray_origin = o;

            if (!(head & ACCT_BASE_FIRST)) {
                acct_base_stray(t);
            }

            return;
        }

        letter = acct_base_letter(t);
    }

    n = t->base.n;

    if (t->nmarks) {
        acct_base_close(t);
    }

    /* UAX #15, D115: nothing stands between the two */

    if ((head & ACCT_BASE_SECOND) && n && n == t->base.n) {
        composed = acct_compose(acct_cc_char(t->base.cc[n - 1]), c);

        if (composed) {
            t->base.cc[n - 1] = acct_classed(composed);
            t->base.origin[n - 1] = acct_origin_cover(t->base.origin[n - 1],
                                                      o);
            return;
        }
    }

    t->letter = letter;

    t->base.cc[t->base.n] = cc;
    t->base.origin[t->base.n++] = o;
}


static void
acct_base_stray(acct_text_t *t)
{
    t->stray = 0;
    t->flags |= acct_flag_bit(ACCT_FLAG_MARKS);

    acct_base_touch(t, t->stray_origin | acct_step(LOOSE));
}


/* UTS #51: a run of regional indicators, flags all of it or letters */

static void
acct_base_regionals(acct_text_t *t)
{
    unsigned   i, n, pair, flags;
    uint32_t   c;

    n = t->nregional;
    t->nregional = 0;

    flags = n % 2 == 0;

    for (i = 0; flags && i < n; i += 2) {
        pair = t->regional[i] * 26u + t->regional[i + 1];
        flags = (acct_flag_pairs[pair >> 3] >> (pair & 7)) & 1;
    }

    for (i = 0; i < n; i++) {
        if (flags) {
            c = ACCT_REGIONAL_A + t->regional[i];
            acct_base_starter(t, acct_cc(c, ACCT_CLASS_SYMBOL),
                              t->regional_origin[i]);

        } else {
            acct_base_starter(t, acct_base_ascii['a' + t->regional[i]],
                              t->regional_origin[i] | acct_step(FLAGS));
        }
    }
}


static void
acct_base_drop(acct_text_t *t, unsigned what, acct_origin_t o)
{
    if (what & ACCT_DROP_ENCLOSING) {

        /* a keycap's selector is part of it */

        if ((t->pend & ~ACCT_PEND_GAP) == ACCT_PEND_SELECTOR) {
            t->pend = 0;
        }

        acct_base_touch(t, o | acct_step(ENCLOSING));
        return;
    }

    if (what & ACCT_DROP_CONTROL) {
        t->flags |= acct_flag_bit(ACCT_FLAG_CONTROL);
    }

    if (what & ACCT_DROP_BIDI) {
        t->flags |= acct_flag_bit(ACCT_FLAG_BIDI);
    }

    t->pend |= ACCT_PEND_GAP;

    if (what & ACCT_DROP_JOINER) {
        t->pend |= ACCT_PEND_JOINER;

    } else if (what & ACCT_DROP_SELECTOR) {
        t->pend |= ACCT_PEND_SELECTOR;

    } else {
        t->pend |= ACCT_PEND_OTHER;
    }
}


/* what the dropped means, now that it is known what stands after it */

static unsigned
acct_base_bridge(acct_text_t *t, acct_cc_t cc)
{
    unsigned   bits, pend;
    acct_cc_t  before;

    pend = t->pend;
    t->pend = 0;

    bits = pend & (ACCT_PEND_GAP | ACCT_PEND_HIDDEN);

    if (!(pend & ~(ACCT_PEND_GAP | ACCT_PEND_HIDDEN)) || t->base.n == 0) {
        return bits;
    }

    before = t->base.cc[t->base.n - 1];

    if (!acct_cc_is(before, ACCT_CLASS_KEEP)
        || !acct_cc_is(cc, ACCT_CLASS_KEEP))
    {
        return bits;
    }

    if ((pend & (ACCT_PEND_OTHER | ACCT_PEND_SELECTOR | ACCT_PEND_JOINER))
        == ACCT_PEND_JOINER
        && (acct_script_bits(acct_base_letter(t)) & ACCT_SCRIPT_JOINS)
        && (acct_script_bits(acct_cc_char(cc))
            & (ACCT_SCRIPT_JOINS | ACCT_SCRIPT_INHERITED)))
    {
        return bits;
    }

    t->flags |= acct_flag_bit(ACCT_FLAG_INVISIBLE);

    return bits | acct_step(INVISIBLE);
}


/* what is dropped from a character, and not between it and the next */

static void
acct_base_touch(acct_text_t *t, acct_origin_t o)
{
    acct_origin_t  *last;

    if (t->base.n == 0) {
        t->pend |= ACCT_PEND_GAP | ACCT_PEND_HIDDEN;
        return;
    }

    last = &t->base.origin[t->base.n - 1];
    *last = acct_origin_cover(*last, o);
}


/*
 * UAX #15: canonical order and composition of the marks that were gathered,
 * with the starter before them; then the loose ones go.
 */

static void
acct_base_close(acct_text_t *t)
{
    size_t          n;
    unsigned        i, k, ccc, same, starter;
    uint32_t        a, b, s, composed, letter;
    acct_mark_t    *m, one;
    acct_origin_t   so, *last;

    m = t->marks;
    n = t->nmarks;
    t->nmarks = 0;

    starter = t->base.n != 0;
    last = starter ? &t->base.origin[t->base.n - 1] : NULL;
    s = 0;
    so = 0;

    if (starter) {
        s = acct_cc_char(t->base.cc[t->base.n - 1]);
        so = *last;

        for (i = 0; i < ACCT_DECOMPOSED; i++) {
            if (!acct_decompose(s, &a, &b)) {
                break;
            }

            k = acct_base_value(b);
            ccc = k < 256 ? 0 : (acct_base_record(k)[0] >> 16) & 0xff;

            if (ccc == 0) {
                break;
            }

            memmove(m + 1, m, n * sizeof(acct_mark_t));

            m[0].cc = acct_classed(b);
            m[0].ccc = ccc;
            m[0].nonspacing = acct_base_record(k)[0] & ACCT_BASE_NONSPACING;
            m[0].origin = so;

            n++;
            s = a;
        }
    }

    if (n > ACCT_MARKS_MANY) {
        t->flags |= acct_flag_bit(ACCT_FLAG_MARKS);
    }

    for (i = 1; i < n; i++) {
        one = m[i];

        for (k = i; k > 0 && m[k - 1].ccc > one.ccc; k--) {
            m[k] = m[k - 1];
        }

        m[k] = one;
    }

    if (starter) {
        for (i = 0, k = 0, ccc = 0; i < n; i++) {
            composed = m[i].ccc > ccc
                       ? acct_compose(s, acct_cc_char(m[i].cc)) : 0;

            if (composed) {
                s = composed;
                *last = acct_origin_cover(*last, m[i].origin);

            } else {
                ccc = m[i].ccc;
                m[k++] = m[i];
            }
        }

        n = k;
        t->base.cc[t->base.n - 1] = acct_classed(s);
    }

    letter = acct_base_letter(t);

    for (i = 0; i < n; i++) {
        if (m[i].nonspacing && acct_base_loose(t, acct_cc_char(m[i].cc))) {

            /* what folding a capital left over, or could have, is no sign */

            same = starter
                   && (acct_origin_start(m[i].origin) == acct_origin_start(so)
                       || (s == 'i'
                           && acct_cc_char(m[i].cc) == ACCT_COMBINING_DOT));

            if (!same) {
                t->flags |= acct_flag_bit(ACCT_FLAG_MARKS);
                m[i].origin |= acct_step(LOOSE);
            }

            if (starter) {
                *last = acct_origin_cover(*last, m[i].origin);

            } else {
                acct_base_touch(t, m[i].origin);
            }

            m[i].ccc = 0;
        }
    }

    for (i = 0; i < n; i++) {
        if (m[i].ccc) {
            t->base.cc[t->base.n] = m[i].cc;
            t->base.origin[t->base.n++] = m[i].origin;
        }
    }

    t->letter = letter;
}


static int
acct_base_loose(acct_text_t *t, uint32_t mark)
{
    unsigned  script, bits, mark_script;
    uint32_t  letter;

    letter = acct_base_letter(t);

    if (letter == 0) {
        return 1;
    }

    script = acct_script(letter);
    bits = acct_scripts[script];

    if ((bits & ACCT_SCRIPT_KANA) && (mark == 0x3099 || mark == 0x309a)) {
        return 0;
    }

    mark_script = acct_script(mark);

    return (bits & ACCT_SCRIPT_LOOSE)
           || (!(acct_scripts[mark_script] & ACCT_SCRIPT_INHERITED)
               && mark_script != script);
}


/* the last character that is no mark of category Mn; 0 if there is none */

static uint32_t
acct_base_letter(acct_text_t *t)
{
    unsigned  value;
    uint32_t  c;

    if (t->base.n == 0) {
        return 0;
    }

    c = acct_cc_char(t->base.cc[t->base.n - 1]);
    value = acct_base_value(c);

    if (value < 256
        || !(acct_base_record(value)[0] & ACCT_BASE_NONSPACING))
    {
        return c;
    }

    return t->letter;
}


static int
acct_base_flush(acct_text_t *t, unsigned last)
{
    int            rc;
    size_t         n;
    acct_chars_t  *base;

    base = &t->base;

    if (last) {
        if (t->nregional) {
            acct_base_regionals(t);
        }

        if (t->stray) {
            acct_base_stray(t);
        }

        if (t->nmarks) {
            acct_base_close(t);
        }
    }

    /* the last character may still compose, and is looked back at */

    n = base->n - (last || base->n == 0 ? 0 : 1);

    rc = acct_text_views(t, n, last);

    base->n -= n;

    if (base->n) {
        base->cc[0] = base->cc[n];
        base->origin[0] = base->origin[n];
    }

    return rc;
}


/* n characters of base into all that is made from it */

static int
acct_text_views(acct_text_t *t, size_t n, unsigned last)
{
    int            rc;
    acct_chars_t  *base;

    base = &t->base;

    if (t->views & acct_view_bit(ACCT_VIEW_BASE)) {
        rc = acct_pane_write(t, ACCT_VIEW_BASE, base->cc, base->origin, n);

        if (rc != ACCT_OK) {
            return rc;
        }
    }

    if (t->made & acct_view_bit(ACCT_VIEW_BARE)) {
        rc = acct_text_bare(t, n, last);

        if (rc != ACCT_OK) {
            return rc;
        }
    }

    if (t->made & acct_view_bit(ACCT_VIEW_LATIN)) {
        rc = acct_text_latin(t, n, last);

        if (rc != ACCT_OK) {
            return rc;
        }
    }

    if (t->made & acct_view_bit(ACCT_VIEW_DIGITS)) {
        rc = acct_text_digits(t, n, last);

        if (rc != ACCT_OK) {
            return rc;
        }
    }

    return ACCT_OK;
}


/*
 * The bits that a character leaves to the next when it is dropped: what was
 * hidden before it or altered in it, and itself.
 */

static inline unsigned
acct_dropped(acct_cc_t cc, acct_origin_t o, unsigned hidden)
{
    if (acct_cc_group(cc) != ACCT_CLASS_SPACE
        || (o & (ACCT_ORIGIN_HIDDEN | ACCT_ORIGIN_ALTERED)))
    {
        return ACCT_ORIGIN_GAP | hidden;
    }

    return ACCT_ORIGIN_GAP;
}


static int
acct_text_bare(acct_text_t *t, size_t n, unsigned last)
{
    int             rc;
    size_t          i, before;
    unsigned        bits;
    acct_cc_t       cc, *out;
    acct_chars_t   *base, *bare;
    acct_origin_t  *origin;

    base = &t->base;
    bare = &t->bare;

    before = bare->n;
    out = bare->cc + before;
    origin = bare->origin + before;
    bits = t->bare_bits;

    for (i = 0; i < n; i++) {
        cc = base->cc[i];

        if (acct_cc_is(cc, ACCT_CLASS_KEEP)) {
            *out++ = cc;
            *origin++ = base->origin[i] | bits;
            bits = 0;

        } else {
            bits |= acct_dropped(cc, base->origin[i], acct_step(DROP));
        }
    }

    t->bare_bits = bits;
    bare->n = (size_t) (out - bare->cc);

    if (t->views & acct_view_bit(ACCT_VIEW_BARE)) {
        rc = acct_pane_write(t, ACCT_VIEW_BARE, bare->cc + before,
                             bare->origin + before, bare->n - before);

        if (rc != ACCT_OK) {
            return rc;
        }
    }

    if (t->made & acct_view_bit(ACCT_VIEW_HAN)) {
        return acct_text_han(t, last);
    }

    bare->n = 0;

    return ACCT_OK;
}


#define acct_is_kana(cc)                                                      \
    (acct_cc_group(cc) == ACCT_CLASS_KANA                                     \
     || acct_cc_group(cc) == ACCT_CLASS_BOPOMOFO)


static int
acct_text_han(acct_text_t *t, unsigned last)
{
    int             rc;
    size_t          i, k, n, keep;
    unsigned        alone;
    uint32_t        c, to;
    acct_cc_t       cc;
    acct_chars_t   *bare, *han;
    acct_origin_t   o;

    bare = &t->bare;
    han = &t->han;
    n = bare->n;

    for (i = 0; i < n; i++) {
        cc = bare->cc[i];
        o = bare->origin[i];

        if (acct_is_kana(cc)) {
            to = acct_cc_is(cc, ACCT_CLASS_MAP)
                 ? acct_stroke(acct_cc_char(cc)) : 0;

            alone = to != 0
                    && (t->kana_pos == 0
                        || t->han_pos + 1 - t->kana_pos > ACCT_KANA);

            if (alone) {
                if (!last && n - i <= ACCT_KANA) {
                    break;
                }

                for (k = 1; k <= ACCT_KANA && i + k < n; k++) {
                    if (acct_is_kana(bare->cc[i + k])) {
                        alone = 0;
                        break;
                    }
                }
            }

            if (alone
                && (t->han_before == ACCT_CLASS_HAN
                    || (i + 1 < n
                        && acct_cc_group(bare->cc[i + 1]) == ACCT_CLASS_HAN)))
            {
                t->han_before = ACCT_CLASS_KANA;
                acct_han_put(t, acct_classed(to), o | acct_step(STROKES));

            } else {
                t->han_before = ACCT_CLASS_KANA;
                acct_han_put(t, cc, o);
            }

            t->kana_pos = ++t->han_pos;
            continue;
        }

        t->han_pos++;
        t->han_before = acct_cc_group(cc);

        if (acct_cc_is(cc, ACCT_CLASS_MAP)
            && acct_cc_group(cc) == ACCT_CLASS_HAN)
        {
            c = acct_han(acct_cc_char(cc));

            if (c) {
                if (c & ACCT_HAN_ALIKE) {
                    o |= acct_step(ALIKE);
                }

                cc = acct_classed(c & ~ACCT_HAN_ALIKE);
            }
        }

        acct_han_put(t, cc, o);
    }

    bare->n = n - i;

    if (bare->n) {
        memmove(bare->cc, bare->cc + i, bare->n * sizeof(acct_cc_t));
        memmove(bare->origin, bare->origin + i,
                bare->n * sizeof(acct_origin_t));
    }

    /* a doubled character that the next one may still halve stays */

    keep = last ? 0 : (han->n < ACCT_SQUEEZE ? han->n : ACCT_SQUEEZE);
    n = han->n - keep;

    if (t->views & acct_view_bit(ACCT_VIEW_HAN)) {
        rc = acct_pane_write(t, ACCT_VIEW_HAN, han->cc, han->origin, n);

        if (rc != ACCT_OK) {
            return rc;
        }
    }

    if (t->made & acct_view_bit(ACCT_VIEW_SOUND)) {
        rc = acct_text_sound(t, n);

        if (rc != ACCT_OK) {
            return rc;
        }
    }

    if (n) {
        memmove(han->cc, han->cc + n, keep * sizeof(acct_cc_t));
        memmove(han->origin, han->origin + n, keep * sizeof(acct_origin_t));
    }

    han->n = keep;

    return ACCT_OK;
}


/*
 * SQUEEZE: a run of three or more equal Han characters is one, and so are two
 * doubled ones side by side.  A run that is one already is "flat".
 */

static void
acct_han_put(acct_text_t *t, acct_cc_t cc, acct_origin_t o)
{
    size_t          n;
    acct_cc_t      *out;
    acct_origin_t  *origin;

    out = t->han.cc;
    origin = t->han.origin;
    n = t->han.n;

    if (acct_cc_group(cc) != ACCT_CLASS_HAN) {
        t->run = 0;

    } else if (t->run == 0 || out[n - 1] != cc) {
        t->run_before = t->run > 1 ? (t->flat ? 3 : 2) : 0;
        t->run = 1;
        t->flat = 0;

    } else if (t->flat) {
        origin[n - 1] = acct_origin_cover(origin[n - 1], o);
        return;

    } else if (t->run == 1 && t->run_before == 0) {
        t->run = 2;

    } else {

        if (t->run == 2) {
            origin[n - 2] = acct_origin_cover(origin[n - 2], origin[n - 1]);
            n--;

        } else if (t->run_before == 2) {

            /* the doubled one before this one */

            origin[n - 3] = acct_origin_cover(origin[n - 3], origin[n - 2])
                            | acct_step(SQUEEZE);
            origin[n - 2] = origin[n - 1];
            out[n - 2] = cc;
            n--;
        }

        origin[n - 1] = acct_origin_cover(origin[n - 1], o)
                        | acct_step(SQUEEZE);
        t->han.n = n;
        t->run = 2;
        t->flat = 1;

        return;
    }

    out[n] = cc;
    origin[n] = o;
    t->han.n = n + 1;
}


static int
acct_text_sound(acct_text_t *t, size_t n)
{
    int             rc;
    size_t          i;
    unsigned        k, len;
    acct_cc_t       cc;
    acct_chars_t   *han, *out;
    acct_origin_t   o;
    const uint8_t  *letters;

    han = &t->han;
    out = &t->out;
    out->n = 0;

    for (i = 0; i < n; i++) {
        cc = han->cc[i];
        o = han->origin[i];
        len = 0;

        switch (acct_cc_group(cc)) {

        case ACCT_CLASS_HAN:
            len = acct_reading(acct_cc_char(cc), &letters);
            break;

        case ACCT_CLASS_LATIN:
            if (acct_cc_is(cc, ACCT_CLASS_MAP)) {
                cc = acct_classed(acct_strip_marks(acct_cc_char(cc)));
            }
            break;
        }

        if (len == 0) {
            out->cc[out->n] = cc;
            out->origin[out->n++] = o;
        }

        for (k = 0; k < len; k++) {
            out->cc[out->n] = acct_base_ascii[letters[k]];
            out->origin[out->n++] = o;

            /* a gap stands before the first letter alone */

            o &= ~(acct_origin_t) (ACCT_ORIGIN_GAP | ACCT_ORIGIN_HIDDEN);
        }

        if (out->n > ACCT_BATCH || i + 1 == n) {
            rc = acct_pane_write(t, ACCT_VIEW_SOUND, out->cc, out->origin,
                                 out->n);

            if (rc != ACCT_OK) {
                return rc;
            }

            out->n = 0;
        }
    }

    return ACCT_OK;
}


static int
acct_text_latin(acct_text_t *t, size_t n, unsigned last)
{
    size_t         i;
    acct_cc_t      cc;
    acct_chars_t  *base, *out;

    base = &t->base;
    out = &t->out;
    out->n = 0;

    for (i = 0; i < n; i++) {
        cc = base->cc[i];

        if (acct_cc_is(cc, ACCT_CLASS_TOKEN)) {
            if (t->ntoken == ACCT_TOKEN) {
                acct_latin_token(t);
            }

            t->token[t->ntoken] = cc;
            t->token_origin[t->ntoken++] = base->origin[i];
            continue;
        }

        if (t->ntoken) {
            acct_latin_token(t);
        }

        if (acct_cc_is(cc, ACCT_CLASS_KEEP)) {
            out->cc[out->n] = cc;
            out->origin[out->n++] = base->origin[i] | t->latin_bits;
            t->latin_bits = 0;

        } else {
            t->latin_bits |= acct_dropped(cc, base->origin[i],
                                          acct_step(LATIN_DROP));
        }
    }

    if (last && t->ntoken) {
        acct_latin_token(t);
    }

    return acct_pane_write(t, ACCT_VIEW_LATIN, out->cc, out->origin, out->n);
}


/* a letter of a token: neither a digit nor a sign */

static inline int
acct_is_letter(acct_cc_t cc)
{
    unsigned  group;

    group = acct_cc_group(cc);

    return group != ACCT_CLASS_NUMBER && group != ACCT_CLASS_SYMBOL;
}


static void
acct_latin_token(acct_text_t *t)
{
    size_t          i, k, n, run;
    unsigned        latin, leet, other;
    uint32_t        c;
    acct_cc_t      *cc;
    acct_chars_t   *out;
    acct_origin_t  *o;

    cc = t->token;
    o = t->token_origin;
    n = t->ntoken;
    t->ntoken = 0;
    other = 0;

    /* STRIP, LOOKALIKES: letters between digits and signs */

    for (i = 0; i < n; i++) {
        if (acct_cc_char(cc[i]) >= 0x80) {
            other = 1;

            if (acct_cc_is(cc[i], ACCT_CLASS_MAP)) {
                cc[i] = acct_classed(acct_strip_marks(acct_cc_char(cc[i])));
            }
        }
    }

    if (other) {
        for (i = 0; i < n; i = k + 1) {
            for (k = i; k < n; k++) {
                if (acct_cc_char(cc[k]) < 0x80 && !acct_is_letter(cc[k])) {
                    break;
                }
            }

            if (k > i) {
                acct_latin_fold(t, i, k);
            }
        }
    }

    /* REPEATS: three or more of one letter are one */

    latin = 0;

    for (i = 0, k = 0; i < n; i += run) {
        c = acct_cc_char(cc[i]);
        run = 1;

        if (acct_cc_group(cc[i]) == ACCT_CLASS_LATIN) {
            latin = 1;

            if (c < 0x80) {
                while (i + run < n && cc[i + run] == cc[i]) {
                    run++;
                }
            }
        }

        cc[k] = cc[i];
        o[k] = o[i];

        if (run >= 3) {
            o[k] = acct_origin_cover(o[i], o[i + run - 1])
                   | acct_step(REPEATS);

        } else if (run == 2) {
            cc[++k] = cc[i + 1];
            o[k] = o[i + 1];
        }

        k++;
    }

    n = k;

    /* LEET, where there is a letter; signs at the end are punctuation */

    k = n;

    if (latin) {
        while (k > 0 && acct_cc_group(cc[k - 1]) == ACCT_CLASS_SYMBOL) {
            k--;
        }

        for (i = 0; i < k; i++) {
            c = acct_cc_char(cc[i]);
            leet = c < 0x80 ? acct_leet[c] : 0;

            if (leet) {
                cc[i] = acct_base_ascii[leet & 0x7f];

                if (leet & 0x80) {
                    o[i] |= acct_step(LEET);
                }
            }
        }
    }

    /* PAIRS, and out */

    out = &t->out;

    for (i = 0; i < n; i++) {
        if (!acct_cc_is(cc[i], ACCT_CLASS_KEEP)) {
            t->latin_bits |= acct_dropped(cc[i], o[i], acct_step(LATIN_DROP));
            continue;
        }

        if (i + 1 < n) {
            c = 0;

            if (cc[i] == acct_base_ascii['r']
                && cc[i + 1] == acct_base_ascii['n'])
            {
                c = 'm';

            } else if (cc[i] == acct_base_ascii['v']
                       && cc[i + 1] == acct_base_ascii['v'])
            {
                c = 'w';
            }

            if (c) {
                i++;
                cc[i] = acct_base_ascii[c];
                o[i] = acct_origin_cover(o[i - 1], o[i]) | acct_step(PAIRS);
            }
        }

        out->cc[out->n] = cc[i];
        out->origin[out->n++] = o[i] | t->latin_bits;
        t->latin_bits = 0;
    }
}


/*
 * LOOKALIKES: a word is folded if it holds an ASCII letter, or if every
 * letter of it is drawn as a Latin one, so that a word of another script stays.
 */

static void
acct_latin_fold(acct_text_t *t, size_t from, size_t to)
{
    size_t      i;
    unsigned    ascii, strict, row;
    uint32_t    c;
    acct_cc_t  *cc;

    cc = t->token;
    ascii = 0;
    strict = 1;

    for (i = from; i < to; i++) {
        c = acct_cc_char(cc[i]);

        if (c < 0x80) {
            ascii = 1;
            continue;
        }

        row = acct_cc_is(cc[i], ACCT_CLASS_MAP) ? acct_lookalike(c) : 0;

        if (!(row & ACCT_LOOKALIKE_STRICT)) {
            strict = 0;
        }
    }

    if (!ascii && !strict) {
        return;
    }

    for (i = from; i < to; i++) {
        c = acct_cc_char(cc[i]);

        if (c < 0x80 || !acct_cc_is(cc[i], ACCT_CLASS_MAP)) {
            continue;
        }

        row = acct_lookalike(c);

        if (row == 0) {
            continue;
        }

        if (!(row & ACCT_LOOKALIKE_EVEN)) {
            t->token_origin[i] |= acct_step(LOOKALIKES);

            if (acct_cc_group(cc[i]) != ACCT_CLASS_LATIN
                && acct_is_letter(cc[i]))
            {
                t->flags |= acct_flag_bit(ACCT_FLAG_MIXED_SCRIPT);
            }
        }

        cc[i] = acct_base_ascii[row & 0x7f];
    }
}


#define acct_is_round(c)  ((c) == 'o' || (c) == 'l' || (c) == 'i' || (c) == '|')


static int
acct_text_digits(acct_text_t *t, size_t n, unsigned last)
{
    size_t          i;
    uint32_t        c;
    acct_cc_t       cc;
    acct_chars_t   *base;
    acct_origin_t   o;

    base = &t->base;
    t->out.n = 0;

    for (i = 0; i < n; i++) {
        cc = base->cc[i];
        o = base->origin[i];
        c = acct_cc_char(cc);

        if (acct_cc_is(cc, ACCT_CLASS_DIGIT) || acct_is_round(c)) {

            if (t->spoilt) {
                acct_digits_put(t, cc, o);
                continue;
            }

            if (t->ndigits == ACCT_TOKEN) {
                acct_digits_token(t);
            }

            t->digit[t->ndigits] = cc;
            t->digit_origin[t->ndigits++] = o;
            continue;
        }

        if (t->ndigits) {
            if (acct_cc_group(cc) == ACCT_CLASS_LATIN) {
                t->spoilt = 1;
            }

            acct_digits_token(t);
        }

        t->spoilt = acct_cc_group(cc) == ACCT_CLASS_LATIN;

        acct_digits_put(t, cc, o);
    }

    if (last && t->ndigits) {
        acct_digits_token(t);
    }

    return acct_pane_write(t, ACCT_VIEW_DIGITS, t->out.cc, t->out.origin,
                           t->out.n);
}


/* ROUND: o, l, i and | are digits among digits */

static void
acct_digits_token(acct_text_t *t)
{
    size_t     i, n, digits;
    uint32_t   c;

    n = t->ndigits;
    t->ndigits = 0;
    digits = 0;

    if (n >= 7 && !t->spoilt) {
        for (i = 0; i < n; i++) {
            digits += acct_cc_is(t->digit[i], ACCT_CLASS_DIGIT) != 0;
        }
    }

    for (i = 0; i < n; i++) {
        c = acct_cc_char(t->digit[i]);

        if (digits * 3 >= n && acct_is_round(c)) {
            acct_digits_put(t, acct_base_ascii[c == 'o' ? '0' : '1'],
                            t->digit_origin[i] | acct_step(ROUND));

        } else {
            acct_digits_put(t, t->digit[i], t->digit_origin[i]);
        }
    }
}


/* NUMERALS, DIGIT_WORDS, FILLER: a character on its own */

static void
acct_digits_put(acct_text_t *t, acct_cc_t cc, acct_origin_t o)
{
    unsigned       digit;
    acct_chars_t  *out;

    out = &t->out;

    if (acct_cc_is(cc, ACCT_CLASS_DIGIT)) {
        digit = acct_digit(acct_cc_char(cc));

        if (digit & ACCT_DIGIT_WORD) {
            o |= acct_step(DIGIT_WORDS);
        }

        out->cc[out->n] = acct_base_ascii['0' + (digit & 0x0f)];
        t->filler = 0;

    } else if (acct_cc_is(cc, ACCT_CLASS_KEEP)) {

        if (acct_cc_group(cc) == ACCT_CLASS_MARK || t->filler) {
            return;
        }

        out->cc[out->n] = acct_base_ascii['_'];
        t->filler = 1;

    } else {

        if (acct_cc_char(cc) == '-' && t->hyphens++ == 0
            && !(o & (ACCT_ORIGIN_HIDDEN | ACCT_ORIGIN_ALTERED)))
        {
            t->digits_bits |= ACCT_ORIGIN_GAP;

        } else {
            t->digits_bits |= acct_dropped(cc, o, acct_step(FILLER));
        }

        return;
    }

    out->origin[out->n++] = o | t->digits_bits;
    t->digits_bits = 0;
    t->hyphens = 0;
}


/*
 * The origin of what two characters became, in the order of the view: from the
 * first byte of either to the last; what was hidden between them alters it.
 */

static acct_origin_t
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
                            | ACCT_ORIGIN_ALTERED));

    if (b & (ACCT_ORIGIN_HIDDEN | ACCT_ORIGIN_ALTERED)) {
        bits |= ACCT_ORIGIN_ALTERED;
    }

    return acct_origin(start, len, bits);
}


static int
acct_pane_write(acct_text_t *t, acct_view_e view, const acct_cc_t *cc,
    const acct_origin_t *origin, size_t n)
{
    int             rc;
    size_t          i, k;
    uint8_t        *p;
    acct_pane_t    *pane;

    pane = t->panes[view];

    while (n) {

        if (pane->len > ACCT_WINDOW_SIZE - ACCT_UTF8_MAX) {
            rc = acct_pane_deliver(t, view, 0, 0);

            if (rc != ACCT_OK) {
                return rc;
            }
        }

        k = (ACCT_WINDOW_SIZE - pane->len) / ACCT_UTF8_MAX;
        k = k < n ? k : n;
        p = pane->data + pane->len;

        for (i = 0; i < k; i++) {
            pane->origin[p - pane->data] = origin[i];
            p += acct_utf8_write(p, acct_cc_char(cc[i]));
        }

        pane->len = (size_t) (p - pane->data);
        cc += k;
        origin += k;
        n -= k;
    }

    return ACCT_OK;
}


static int
acct_pane_deliver(acct_text_t *t, acct_view_e view, unsigned last,
    unsigned trailing)
{
    int             rc;
    acct_pane_t    *pane;
    acct_window_t   w;

    pane = t->panes[view];

    w.view = view;
    w.data = pane->data;
    w.len = pane->len;
    w.origin = pane->origin;
    w.seen = pane->seen;
    w.offset = pane->offset;
    w.last = last;
    w.trailing = trailing & (ACCT_ORIGIN_GAP | ACCT_ORIGIN_HIDDEN);

    rc = t->handler(t->ctx, &w);

    if (rc == ACCT_OK && !last) {
        acct_pane_slide(pane);
    }

    return rc;
}


/* the last ACCT_OVERLAP bytes, the character they cut, and one more */

static void
acct_pane_slide(acct_pane_t *pane)
{
    size_t  i;

    i = pane->len - ACCT_OVERLAP;

    do {
        i--;
    } while ((pane->data[i] & 0xc0) == 0x80);

    pane->offset += i;
    pane->len -= i;
    pane->seen = pane->len;

    memmove(pane->data, pane->data + i, pane->len);
    memmove(pane->origin, pane->origin + i,
            pane->len * sizeof(acct_origin_t));
}


typedef struct {
    acct_buf_t           *out;
    unsigned              bits;
} acct_rendering_t;


int
acct_text_render(acct_text_t *t, acct_view_e view, acct_str_t value,
    acct_buf_t *out, unsigned *evasive)
{
    int               rc;
    acct_rendering_t  r;

    r.out = out;
    r.bits = 0;

    rc = acct_text_begin(t, acct_view_bit(view), acct_text_rendered, &r);

    if (rc == ACCT_OK) {
        rc = acct_text_feed(t, value.data, value.len);
    }

    if (rc == ACCT_OK) {
        rc = acct_text_end(t);
    }

    if (evasive) {
        *evasive = (r.bits & (ACCT_ORIGIN_ALTERED | ACCT_ORIGIN_HIDDEN))
                   != 0;
    }

    return rc;
}


static int
acct_text_rendered(void *ctx, const acct_window_t *w)
{
    acct_rendering_t *r = ctx;

    size_t  i;

    for (i = w->seen; i < w->len; i++) {
        if ((w->data[i] & 0xc0) != 0x80) {
            r->bits |= (unsigned) w->origin[i];
        }
    }

    r->bits |= w->trailing;

    return acct_buf_append(r->out, w->data + w->seen, w->len - w->seen);
}
