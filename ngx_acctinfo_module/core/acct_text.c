
/*
 * Copyright (C) the ngx_acctinfo_module authors
 */


#include "acct_lane.h"


static int acct_text_bytes(acct_text_t *t, const uint8_t *p, size_t n);
static int acct_text_raw(acct_text_t *t, const uint8_t *p, size_t n);
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

        if (*p < 0x80) {
            pane->origin[pane->len] = acct_origin(pos, 1, 0);
            pane->data[pane->len++] = *p;
            len = 1;
            continue;
        }

        if (end - p > 3) {
            c = acct_utf8_three(p);

            if (c - 0xd800 >= 0x800 && c) {
                pane->origin[pane->len] = acct_origin(pos, 3, 0);
                memcpy(pane->data + pane->len, p, 4);
                pane->len += 3;
                len = 3;
                continue;
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


static inline int
acct_all_ascii(const acct_cc_t *cc)
{
    return acct_cc_char(cc[0] | cc[1] | cc[2] | cc[3]
                        | cc[4] | cc[5] | cc[6] | cc[7]) < 0x80;
}


int
acct_pane_write(acct_text_t *t, acct_view_e view, const acct_cc_t *cc,
    const acct_origin_t *origin, size_t n)
{
    int               rc;
    size_t            k;
    uint8_t          *p;
    uint32_t          c;
    uint64_t          start;
    acct_pane_t      *pane;
    acct_origin_t    *o;
    const acct_cc_t  *end;

    pane = t->panes[view];
    start = pane->offset + pane->len;

    while (n) {

        if (pane->len > ACCT_WINDOW_SIZE - ACCT_UTF8_MAX) {
            rc = acct_pane_deliver(t, view, 0, 0);

            if (rc != ACCT_OK) {
                return rc;
            }
        }

        k = (ACCT_WINDOW_SIZE - pane->len) / ACCT_UTF8_MAX;
        k = k < n ? k : n;
        n -= k;

        p = pane->data + pane->len;
        o = pane->origin + pane->len;

        end = cc + k;

        while (cc < end) {
            c = acct_cc_char(*cc);

            if (c >= 0x800 && c < 0x10000) {

                do {
                    *o = *origin++;
                    acct_utf8_write(p, c);
                    p += 3;
                    o += 3;

                    if (++cc == end) {
                        break;
                    }

                    c = acct_cc_char(*cc);

                } while (c >= 0x800 && c < 0x10000);

            } else if (c < 0x80) {

                while (end - cc >= 8 && acct_all_ascii(cc)) {
                    memcpy(o, origin, 8 * sizeof(acct_origin_t));

                    for (k = 0; k < 8; k++) {
                        p[k] = (uint8_t) cc[k];
                    }

                    cc += 8;
                    origin += 8;
                    o += 8;
                    p += 8;
                }

                if (cc == end) {
                    break;
                }

                c = acct_cc_char(*cc);

                if (c >= 0x80) {
                    continue;
                }

                do {
                    *o++ = *origin++;
                    *p++ = (uint8_t) c;

                    if (++cc == end) {
                        break;
                    }

                    c = acct_cc_char(*cc);

                } while (c < 0x80);

            } else {
                *o = *origin++;
                k = acct_utf8_write(p, c);
                p += k;
                o += k;
                cc++;
            }
        }

        pane->len = (size_t) (p - pane->data);
    }

    t->same = start >= pane->offset ? pane : NULL;
    t->same_len = (size_t) (pane->offset + pane->len - start);

    return ACCT_OK;
}


int
acct_pane_again(acct_text_t *t, acct_view_e view, const acct_cc_t *cc,
    const acct_origin_t *origin, size_t n)
{
    size_t        from;
    acct_pane_t  *pane;

    pane = t->panes[view];

    if (t->same == NULL || pane->len > ACCT_WINDOW_SIZE - ACCT_UTF8_MAX
        || t->same_len > ACCT_WINDOW_SIZE - ACCT_UTF8_MAX - pane->len)
    {
        return acct_pane_write(t, view, cc, origin, n);
    }

    from = t->same->len - t->same_len;

    memcpy(pane->data + pane->len, t->same->data + from, t->same_len);
    memcpy(pane->origin + pane->len, t->same->origin + from,
           t->same_len * sizeof(acct_origin_t));

    pane->len += t->same_len;

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
