
/*
 * Copyright (C) the ngx_acctinfo_module authors
 */


#include "acct_text.h"
#include "acct_policy.h"
#include "acct_unicode.h"


#define ACCT_WINDOW_SIZE   (ACCT_WINDOW + ACCT_OVERLAP)


/* The window of a view */

typedef struct {
    size_t                len;
    size_t                seen;
    uint64_t              offset;
    uint8_t               data[ACCT_WINDOW_SIZE];
    acct_origin_t         origin[ACCT_WINDOW_SIZE];
} acct_pane_t;


struct acct_text_s {
    const acct_alloc_t   *alloc;

    acct_window_pt        handler;
    void                 *ctx;

    unsigned              views;       /* asked for */
    uint32_t              flags;
    uint64_t              pos;         /* of the next byte, in the value */

    unsigned              npending;
    uint8_t               pending[ACCT_UTF8_MAX];

    acct_pane_t          *panes[ACCT_VIEWS];
};


static int acct_text_bytes(acct_text_t *t, const uint8_t *p, size_t n);
static int acct_text_raw(acct_text_t *t, const uint8_t *p, size_t n);
static int acct_pane_deliver(acct_text_t *t, acct_view_e view, unsigned last,
    unsigned trailing);
static void acct_pane_slide(acct_pane_t *pane);
static int acct_text_rendered(void *ctx, const acct_window_t *w);


const acct_view_t  acct_views[ACCT_VIEWS] = {
    { acct_string("raw"),    ACCT_VIEW_RAW,  1, 3 },
    { acct_string("base"),   ACCT_VIEW_RAW,  0, 6 },
    { acct_string("bare"),   ACCT_VIEW_BASE, 0, 6 },
    { acct_string("han"),    ACCT_VIEW_BARE, 0, 6 },
    { acct_string("latin"),  ACCT_VIEW_BASE, 0, 6 },
    { acct_string("digits"), ACCT_VIEW_BASE, 0, 1 },
    { acct_string("sound"),  ACCT_VIEW_HAN,  0, 6 }
};


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
    t->flags = 0;
    t->pos = 0;
    t->npending = 0;

    for (i = 0; i < ACCT_VIEWS; i++) {
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
    unsigned  i;

    rc = acct_text_bytes(t, t->pending, t->npending);

    if (rc != ACCT_OK) {
        return rc;
    }

    t->npending = 0;

    for (i = 0; i < ACCT_VIEWS; i++) {
        if (t->views & acct_view_bit(i)) {
            rc = acct_pane_deliver(t, (acct_view_e) i, 1, 0);

            if (rc != ACCT_OK) {
                return rc;
            }
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

    if (t->views & acct_view_bit(ACCT_VIEW_RAW)) {
        rc = acct_text_raw(t, p, n);

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
    w.trailing = trailing;

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
