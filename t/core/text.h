
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * text.h: what the tests and the fuzzer of the text room share.  A value is
 * rendered into a set of views, cut as wanted, and all that was delivered is
 * gathered: bytes, origins and the promises of the windows.
 */


#ifndef TEXT_H_INCLUDED
#define TEXT_H_INCLUDED


#include <stdio.h>
#include <stdlib.h>

#include "acct_policy.h"
#include "acct_text.h"
#include "acct_unicode.h"


#define ALL_VIEWS  ((1u << ACCT_VIEWS) - 1)


typedef struct {
    uint8_t              *data;
    acct_origin_t        *origin;
    size_t                len;
    size_t                size;
    unsigned              windows;
    unsigned              last;
    unsigned              trailing;
    uint64_t              cuts;        /* where windows ended, as a sum */
} rendering_t;


typedef struct {
    rendering_t           view[ACCT_VIEWS];
    uint32_t              flags;
    int                   rc;
    const char           *broken;      /* a promise of the windows, or NULL */
} renderings_t;


__attribute__((unused))
static int
gather(void *ctx, const acct_window_t *w)
{
    renderings_t *all = ctx;

    size_t        i, start;
    rendering_t  *r;

    r = &all->view[w->view];

    if (w->data == NULL || w->len > ACCT_WINDOW + ACCT_OVERLAP) {
        all->broken = "a window is no longer than its bound";
    }

    if (w->len && (w->data[0] & 0xc0) == 0x80) {
        all->broken = "a window begins with a character";
    }

    if (acct_utf8_whole(w->data, w->len) != w->len) {
        all->broken = "a window ends with a character";
    }

    if (r->last) {
        all->broken = "there is one last window, and nothing after it";
    }

    if (r->windows == 0 ? (w->seen != 0 || w->offset != 0)
                        : (w->seen <= ACCT_OVERLAP || w->seen >= w->len))
    {
        all->broken = "a window repeats the overlap and a character more";
    }

    if (w->offset + w->seen != r->len) {
        all->broken = "a window begins where the one before it ended";

    } else if (w->seen && memcmp(r->data + w->offset, w->data, w->seen) != 0) {
        all->broken = "a window repeats what was there";
    }

    for (i = 0; i < w->seen && w->offset + w->seen == r->len; i++) {
        if ((w->data[i] & 0xc0) != 0x80
            && r->origin[w->offset + i] != w->origin[i])
        {
            all->broken = "a window repeats the origins";
        }
    }

    start = w->seen < w->len ? w->seen : w->len;

    if (r->len + (w->len - start) > r->size) {
        r->size = (r->size + w->len) * 2;
        r->data = realloc(r->data, r->size);
        r->origin = realloc(r->origin, r->size * sizeof(acct_origin_t));

        if (r->data == NULL || r->origin == NULL) {
            abort();
        }
    }

    for (i = start; i < w->len; i++) {
        r->data[r->len] = w->data[i];
        r->origin[r->len] = (w->data[i] & 0xc0) != 0x80 ? w->origin[i] : 0;
        r->len++;
    }

    r->windows++;
    r->last = w->last;
    r->cuts = r->cuts * 31 + r->len;

    if (w->last) {
        r->trailing = w->trailing;
    }

    return ACCT_OK;
}


__attribute__((unused))
static void
renderings_free(renderings_t *all)
{
    unsigned  i;

    for (i = 0; i < ACCT_VIEWS; i++) {
        free(all->view[i].data);
        free(all->view[i].origin);
    }

    memset(all, 0, sizeof(renderings_t));
}


/* cut(ctx, left) is the length of the next feed; NULL feeds it whole */

__attribute__((unused))
static void
render_all(acct_text_t *t, unsigned views, const uint8_t *p, size_t n,
    size_t (*cut)(void *ctx, size_t left), void *ctx, renderings_t *all)
{
    size_t    k;
    unsigned  i;

    memset(all, 0, sizeof(renderings_t));

    all->rc = acct_text_begin(t, views, gather, all);

    while (n && all->rc == ACCT_OK) {
        k = cut ? cut(ctx, n) : n;
        k = k < n ? k : n;
        all->rc = acct_text_feed(t, p, k);
        p += k;
        n -= k;
    }

    if (all->rc == ACCT_OK) {
        all->rc = acct_text_end(t);
    }

    all->flags = acct_text_flags(t);

    for (i = 0; i < ACCT_VIEWS; i++) {
        if (((views >> i) & 1) != all->view[i].last) {
            all->broken = "each view asked for has a last window";
        }
    }
}


/* Likewise with a second lane for what stands behind masks: second is empty
   and its lane not begun where the value wears none */

typedef struct {
    acct_text_t          *text;
    unsigned              views;
    unsigned              opened;
    renderings_t         *all;
} second_t;


__attribute__((unused))
static int
second_open(void *ctx, acct_text_t **text)
{
    second_t  *second;

    second = ctx;
    second->opened++;
    *text = second->text;

    return acct_text_begin(second->text, second->views, gather, second->all);
}


__attribute__((unused))
static unsigned
render_both(acct_text_t *t, acct_text_t *t2, unsigned views, const uint8_t *p,
    size_t n, size_t (*cut)(void *ctx, size_t left), void *ctx,
    renderings_t *first, renderings_t *all)
{
    size_t    k;
    second_t  second;

    memset(first, 0, sizeof(renderings_t));
    memset(all, 0, sizeof(renderings_t));

    second.text = t2;
    second.views = views & ~acct_view_bit(ACCT_VIEW_RAW);
    second.opened = 0;
    second.all = all;

    first->rc = acct_text_begin(t, views, gather, first);

    if (first->rc == ACCT_OK) {
        first->rc = acct_text_unmask(t, second_open, &second);
    }

    while (n && first->rc == ACCT_OK) {
        k = cut ? cut(ctx, n) : n;
        k = k < n ? k : n;
        first->rc = acct_text_feed(t, p, k);
        p += k;
        n -= k;
    }

    if (first->rc == ACCT_OK) {
        first->rc = acct_text_end(t);
    }

    if (second.opened && first->rc == ACCT_OK) {
        all->rc = acct_text_end(t2);
    }

    return second.opened;
}


/* NULL, or what differs between the views that both hold */

__attribute__((unused))
static const char *
differs(const renderings_t *a, const renderings_t *b)
{
    unsigned            i;
    const rendering_t  *x, *y;

    for (i = 0; i < ACCT_VIEWS; i++) {
        x = &a->view[i];
        y = &b->view[i];

        if (!x->last || !y->last) {
            continue;
        }

        if (x->len != y->len
            || (x->len && memcmp(x->data, y->data, x->len) != 0))
        {
            return "bytes";
        }

        if (x->len && memcmp(x->origin, y->origin,
                             x->len * sizeof(acct_origin_t)) != 0)
        {
            return "origins";
        }

        if (x->trailing != y->trailing) {
            return "trailing";
        }

        if (x->cuts != y->cuts || x->windows != y->windows) {
            return "windows";
        }
    }

    return NULL;
}


/* xorshift: the same strings on every machine */

__attribute__((unused))
static uint32_t
chance(uint64_t *seed, uint32_t below)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;

    return (uint32_t) ((*seed >> 16) % below);
}


/* Characters and bytes that each step is about; a NUL stands for itself */

static const acct_str_t  hostile[] = {
    acct_string("a"), acct_string("e"), acct_string("o"), acct_string("l"),
    acct_string("i"), acct_string("r"), acct_string("n"), acct_string("v"),
    acct_string("I"), acct_string("N"), acct_string("0"), acct_string("1"),
    acct_string("3"), acct_string("7"), acct_string("@"), acct_string("$"),
    acct_string("|"), acct_string("!"), acct_string(" "), acct_string("."),
    acct_string("-"), acct_string("\t"), acct_string("\0"),
    acct_string("\x7f"), acct_string("\n"),
    acct_string("\xff"), acct_string("\xe5"), acct_string("\xe5\xbe"),
    acct_string("\xf0\x9f"), acct_string("\x80"), acct_string("\xc0\xaf"),
    acct_string("\xed\xa0\x80"), acct_string("\xf4\x90\x80\x80"),
    acct_string("\xe5\xbe\xae"),            /* U+5FAE */
    acct_string("\xe4\xbf\xa1"),            /* U+4FE1 */
    acct_string("\xe5\x9c\x8b"),            /* U+570B: simplified */
    acct_string("\xe8\x96\x87"),            /* U+8587: looks like U+5FAE */
    acct_string("\xe4\xb8\x80"),            /* U+4E00: a digit */
    acct_string("\xe6\xb4\x9e"),            /* U+6D1E: a digit word */
    acct_string("\xe3\x80\x87"),            /* U+3007 */
    acct_string("\xe3\x82\xa8"),            /* U+30A8: a stroke */
    acct_string("\xe3\x83\x8b"),            /* U+30CB: a stroke */
    acct_string("\xe3\x83\xbc"),            /* U+30FC: a stroke */
    acct_string("\xe3\x84\xa8"),            /* U+3128: a stroke */
    acct_string("\xe3\x81\x8b"),            /* U+304B */
    acct_string("\xe3\x82\x99"),            /* U+3099 */
    acct_string("\xef\xbd\xb6"),            /* U+FF76 */
    acct_string("\xef\xbe\x9e"),            /* U+FF9E */
    acct_string("\xe1\x84\x92"),            /* U+1112 */
    acct_string("\xe1\x85\xa1"),            /* U+1161 */
    acct_string("\xe1\x86\xab"),            /* U+11AB */
    acct_string("\xed\x95\x98"),            /* U+D558 */
    acct_string("\xcc\x80"),                /* U+0300 */
    acct_string("\xcc\x81"),                /* U+0301 */
    acct_string("\xcc\x87"),                /* U+0307 */
    acct_string("\xcc\xa3"),                /* U+0323 */
    acct_string("\xcc\xa7"),                /* U+0327 */
    acct_string("\xcc\xb6"),                /* U+0336 */
    acct_string("\xcc\x9b"),                /* U+031B */
    acct_string("\xe1\xba\xad"),            /* U+1EAD */
    acct_string("\xc3\xa9"),                /* U+00E9 */
    acct_string("\xc4\xb0"),                /* U+0130 */
    acct_string("\xc3\x9f"),                /* U+00DF */
    acct_string("\xe2\x83\x9d"),            /* U+20DD */
    acct_string("\xe2\x83\xa3"),            /* U+20E3 */
    acct_string("\xea\xaf\xad"),            /* U+ABED */
    acct_string("\xd0\xb0"),                /* U+0430 */
    acct_string("\xd0\xb9"),                /* U+0439 */
    acct_string("\xd1\x85"),                /* U+0445 */
    acct_string("\xce\xb1"),                /* U+03B1 */
    acct_string("\xe1\xbe\xb7"),            /* U+1FB7 */
    acct_string("\xea\x93\xa6"),            /* U+A4E6 */
    acct_string("\xc3\x97"),                /* U+00D7 */
    acct_string("\xc5\x82"),                /* U+0142 */
    acct_string("\xd8\xa7"),                /* U+0627 */
    acct_string("\xd9\x93"),                /* U+0653 */
    acct_string("\xd9\x91"),                /* U+0651 */
    acct_string("\xd7\xa9"),                /* U+05E9 */
    acct_string("\xd7\x81"),                /* U+05C1 */
    acct_string("\xe0\xa4\xb9"),            /* U+0939 */
    acct_string("\xe0\xa4\xbf"),            /* U+093F */
    acct_string("\xe0\xa5\x8d"),            /* U+094D */
    acct_string("\xe0\xa5\x81"),            /* U+0941 */
    acct_string("\xe0\xb8\x97"),            /* U+0E17 */
    acct_string("\xe0\xb8\xb1"),            /* U+0E31 */
    acct_string("\xe0\xb8\xb8"),            /* U+0E38 */
    acct_string("\xe0\xb8\xb3"),            /* U+0E33 */
    acct_string("\xe1\x80\xa5"),            /* U+1025 */
    acct_string("\xe1\x80\xae"),            /* U+102E */
    acct_string("\xe1\x82\xaf"),            /* U+10AF */
    acct_string("\xe0\xb2\x95"),            /* U+0C95 */
    acct_string("\xe0\xb2\xbf"),            /* U+0CBF */
    acct_string("\xe0\xb3\x86"),            /* U+0CC6 */
    acct_string("\xe0\xb3\x82"),            /* U+0CC2 */
    acct_string("\xe0\xb3\x95"),            /* U+0CD5 */
    acct_string("\xd5\xb8"),                /* U+0578 */
    acct_string("\xe2\x80\x8b"),            /* U+200B */
    acct_string("\xe2\x80\x8c"),            /* U+200C */
    acct_string("\xe2\x80\x8d"),            /* U+200D */
    acct_string("\xe2\x80\xae"),            /* U+202E */
    acct_string("\xef\xb8\x8f"),            /* U+FE0F */
    acct_string("\xe2\xa0\x80"),            /* U+2800 */
    acct_string("\xf0\x9f\x87\xa8"),        /* U+1F1E8 */
    acct_string("\xf0\x9f\x87\xb3"),        /* U+1F1F3 */
    acct_string("\xf0\x9f\x87\xbb"),        /* U+1F1FB */
    acct_string("\xf0\x9f\x90\xa7"),        /* U+1F427 */
    acct_string("\xf0\x9f\x86\x97"),        /* U+1F197 */
    acct_string("\xe2\x9d\xb6"),            /* U+2776 */
    acct_string("\xe3\x80\x82"),            /* U+3002 */
    acct_string("\xe2\xba\xa0"),            /* U+2EA0 */
    acct_string("\xe3\x8c\x96"),            /* U+3316 */
    acct_string("\xef\xbf\xbd"),            /* U+FFFD */
    acct_string("\xef\xb7\xba"),            /* U+FDFA */
    acct_string("\xf0\x9d\x85\xa5"),        /* U+1D165 */
    acct_string("\xf0\x9d\x93\xa5"),        /* U+1D4E5 */
    acct_string("\xf0\xa0\x80\x80")         /* U+20000 */
};

#define HOSTILE  (sizeof(hostile) / sizeof(hostile[0]))


/* n pieces, some of them repeated; p has room for 16 bytes a piece */

__attribute__((unused))
static size_t
hostile_string(uint64_t *seed, size_t n, uint8_t *p)
{
    size_t             len;
    uint32_t           k, times;
    const acct_str_t  *h;

    /* a string draws from few pieces, so that they meet */

    uint32_t  few[8];

    for (k = 0; k < 8; k++) {
        few[k] = chance(seed, HOSTILE);
    }

    for (len = 0; n; n--) {
        h = &hostile[chance(seed, 4) ? few[chance(seed, 8)]
                                     : chance(seed, HOSTILE)];
        times = chance(seed, 12) ? 1 : 1 + chance(seed, 4);

        while (times--) {
            memcpy(p + len, h->data, h->len);
            len += h->len;
        }
    }

    return len;
}


#endif /* TEXT_H_INCLUDED */
