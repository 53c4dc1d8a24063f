
/*
 * Copyright (C) the ngx_acctinfo_module authors
 */


#include "acct_lane.h"


static int acct_text_bytes(acct_text_t *t, const uint8_t *p, size_t n);
static int acct_text_raw(acct_text_t *t, const uint8_t *p, size_t n);
static int acct_text_rendering(acct_text_t *t, acct_view_e view,
    acct_str_t value, acct_buf_t *out, unsigned *evasive, acct_form_e form);
static int acct_text_rendered(void *ctx, const acct_window_t *w);
static int acct_text_worn(void *ctx, acct_text_t **second);


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
      "but the dot that i has already", "Scripts.txt, plain.txt" },

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

    acct_free(t->alloc, t->unmask);
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
    t->small = 0;
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

    t->unmasks = 0;
    t->form = ACCT_FORM_PLAIN;
    acct_unmask_begin(t);

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

        rc = acct_pane_deliver(t, (acct_view_e) i, trailing);

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
    size_t          k;
    uint8_t        *out;
    uint32_t        c;
    uint64_t        word;
    acct_pane_t    *pane;
    acct_origin_t   o, *origin;
    const uint8_t  *end, *start, *full;

    pane = t->panes[ACCT_VIEW_RAW];
    o = acct_origin(t->pos, 0, 0);
    start = p;
    end = p + n;

    /* a character behind a full window, so that it is delivered */

    full = pane->data + ACCT_WINDOW_SIZE + 1;

    while (p < end) {
        out = pane->data + pane->len;
        origin = pane->origin + pane->len;

        while (p < end && out < full) {

            while (end - p >= 8 && out < full) {
                memcpy(&word, p, 8);
                k = acct_utf8_ascii(word);

                if (k == 0) {
                    break;
                }

                memcpy(out, p, 8);
                acct_block_origins(origin, o + acct_origin(p - start, 1, 0));
                out += k;
                origin += k;
                p += k;

                if (k < 8) {
                    break;
                }
            }

            while (end - p > 3 && out < full && acct_utf8_is_three(p)) {
                memcpy(out, p, 4);
                *origin = o + acct_origin(p - start, 3, 0);
                out += 3;
                origin += 3;
                p += 3;
            }

            while (end - p > 1 && out < full && acct_utf8_is_two(p)) {
                memcpy(out, p, 2);
                *origin = o + acct_origin(p - start, 2, 0);
                out += 2;
                origin += 2;
                p += 2;
            }

            if (p == end || out >= full
                || (*p < 0x80 && end - p >= 8))
            {
                continue;
            }

            len = acct_utf8_read(p, (size_t) (end - p), &c);

            if (len <= 0) {
                t->flags |= acct_flag_bit(ACCT_FLAG_BAD_UTF8);
                len = len ? -len : (int) (end - p);
                c = ACCT_REPLACEMENT;
            }

            *origin = o + acct_origin(p - start, len, 0);
            k = acct_utf8_write(out, c);
            out += k;
            origin += k;
            p += len;
        }

        pane->len = (size_t) (out - pane->data);

        rc = acct_pane_settle(t, ACCT_VIEW_RAW);

        if (rc != ACCT_OK) {
            return rc;
        }
    }

    return ACCT_OK;
}


typedef struct {
    acct_buf_t           *out;         /* NULL: nothing is kept */
    unsigned              bits;
    acct_text_t          *second;
    acct_view_e           view;
    unsigned              worn;
} acct_rendering_t;


int
acct_text_render(acct_text_t *t, acct_view_e view, acct_str_t value,
    acct_buf_t *out, unsigned *evasive)
{
    return acct_text_rendering(t, view, value, out, evasive, ACCT_FORM_PLAIN);
}


int
acct_text_render_form(acct_text_t *t, acct_view_e view, acct_str_t value,
    acct_form_e form, acct_buf_t *out)
{
    return acct_text_rendering(t, view, value, out, NULL, form);
}


static int
acct_text_rendering(acct_text_t *t, acct_view_e view, acct_str_t value,
    acct_buf_t *out, unsigned *evasive, acct_form_e form)
{
    int               rc;
    acct_rendering_t  r;

    r.out = out;
    r.bits = 0;

    rc = acct_text_begin(t, acct_view_bit(view), acct_text_rendered, &r);
    t->form = form;

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

    if (r->out == NULL) {
        return ACCT_OK;
    }

    for (i = w->seen; i < w->len; i++) {
        if ((w->data[i] & 0xc0) != 0x80) {
            r->bits |= (unsigned) w->origin[i];
        }
    }

    r->bits |= w->trailing;

    return acct_buf_append(r->out, w->data + w->seen, w->len - w->seen);
}


static int
acct_text_worn(void *ctx, acct_text_t **second)
{
    acct_rendering_t *r = ctx;

    r->worn = 1;
    *second = r->second;

    return acct_text_begin(r->second, acct_view_bit(r->view),
                           acct_text_rendered, r);
}


int
acct_text_render_unmasked(acct_text_t *t, acct_text_t *second,
    acct_view_e view, acct_str_t value, acct_buf_t *out, unsigned *worn)
{
    int               rc;
    acct_rendering_t  r, none;

    memset(&r, 0, sizeof(acct_rendering_t));
    memset(&none, 0, sizeof(acct_rendering_t));

    r.out = out;
    r.second = second;
    r.view = view;

    rc = acct_text_begin(t, acct_view_bit(ACCT_VIEW_BASE), acct_text_rendered,
                         &none);

    if (rc == ACCT_OK) {
        rc = acct_text_unmask(t, acct_text_worn, &r);
    }

    if (rc == ACCT_OK) {
        rc = acct_text_feed(t, value.data, value.len);
    }

    if (rc == ACCT_OK) {
        rc = acct_text_end(t);
    }

    if (rc == ACCT_OK && r.worn) {
        rc = acct_text_end(second);
    }

    *worn = r.worn;

    return rc;
}
