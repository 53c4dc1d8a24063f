
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * Characters into windows.
 */


#include "acct_lane.h"


static int acct_pane_window(acct_text_t *t, acct_view_e view, size_t len,
    unsigned last, unsigned trailing);


void
acct_pane_put(acct_pane_t *pane, const acct_cc_t *cc,
    const acct_origin_t *origin, size_t n)
{
    size_t            k, left;
    unsigned          i, kind;
    uint8_t          *p, classes[ACCT_BLOCK];
    uint32_t          words[ACCT_BLOCK], len[ACCT_BLOCK];
    acct_origin_t    *o;

    p = pane->data + pane->len;
    o = pane->origin + pane->len;

    for (left = n; left; left -= k, cc += k, origin += k) {

        k = left < ACCT_BLOCK ? left : ACCT_BLOCK;
        kind = acct_block_kind(cc);

        if (kind == ACCT_BLOCK_MIXED) {
            acct_block_words(cc, words, len);

            for (i = 0; i < k; i++) {
                memcpy(p, &words[i], sizeof(words[i]));
                *o = origin[i];
                p += len[i];
                o += len[i];
            }

        } else if (kind == ACCT_BLOCK_THREE) {

            for (i = 0; i < k; i += 4) {
                acct_block_three(cc + i, p + 3 * i);
                o[3 * i] = origin[i];
                o[3 * i + 3] = origin[i + 1];
                o[3 * i + 6] = origin[i + 2];
                o[3 * i + 9] = origin[i + 3];
            }

            p += 3 * k;
            o += 3 * k;

        } else if (kind == ACCT_BLOCK_ASCII) {
            acct_block_split(cc, p, classes);
            memcpy(o, origin, ACCT_BLOCK * sizeof(acct_origin_t));
            p += k;
            o += k;

        } else {

            for (i = 0; i < k; i++) {
                *o = origin[i];
                len[0] = acct_utf8_write(p, acct_cc_char(cc[i]));
                p += len[0];
                o += len[0];
            }
        }
    }

    pane->len = (size_t) (p - pane->data);
}


int
acct_pane_write(acct_text_t *t, acct_view_e view, const acct_cc_t *cc,
    const acct_origin_t *origin, size_t n)
{
    acct_pane_t  *pane;

    pane = t->panes[view];

    t->same.pane = pane;
    t->same.start = pane->offset + pane->len;

    acct_pane_put(pane, cc, origin, n);

    t->same.len = (size_t) (pane->offset + pane->len - t->same.start);

    return acct_pane_settle(t, view);
}


int
acct_pane_again(acct_text_t *t, acct_view_e view, const acct_cc_t *cc,
    const acct_origin_t *origin, size_t n)
{
    size_t              from;
    acct_pane_t        *pane;
    const acct_same_t  *same;

    same = &t->same;

    /* a window that has moved on keeps the overlap alone */

    if (same->pane == NULL || same->start < same->pane->offset) {
        return acct_pane_write(t, view, cc, origin, n);
    }

    pane = t->panes[view];
    from = (size_t) (same->start - same->pane->offset);

    memcpy(pane->data + pane->len, same->pane->data + from, same->len);
    memcpy(pane->origin + pane->len, same->pane->origin + from,
           same->len * sizeof(acct_origin_t));

    pane->len += same->len;

    return acct_pane_settle(t, view);
}


/*
 * A window is full when another character of the longest might not fit, and is
 * delivered when there is another one: the first that begins behind that.
 */

int
acct_pane_settle(acct_text_t *t, acct_view_e view)
{
    int           rc;
    size_t        i;
    acct_pane_t  *pane;

    pane = t->panes[view];

    while (pane->len > ACCT_WINDOW_SIZE - ACCT_UTF8_MAX) {

        for (i = ACCT_WINDOW_SIZE - ACCT_UTF8_MAX + 1; i < pane->len; i++) {
            if ((pane->data[i] & 0xc0) != 0x80) {
                break;
            }
        }

        if (i >= pane->len) {
            break;
        }

        rc = acct_pane_window(t, view, i, 0, 0);

        if (rc != ACCT_OK) {
            return rc;
        }

        /* the last ACCT_OVERLAP bytes, the character they cut, one more */

        pane->seen = i;
        i -= ACCT_OVERLAP;

        do {
            i--;
        } while ((pane->data[i] & 0xc0) == 0x80);

        pane->seen -= i;
        pane->offset += i;
        pane->len -= i;

        memmove(pane->data, pane->data + i, pane->len);
        memmove(pane->origin, pane->origin + i,
                pane->len * sizeof(acct_origin_t));
    }

    return ACCT_OK;
}


int
acct_pane_deliver(acct_text_t *t, acct_view_e view, unsigned trailing)
{
    return acct_pane_window(t, view, t->panes[view]->len, 1, trailing);
}


static int
acct_pane_window(acct_text_t *t, acct_view_e view, size_t len, unsigned last,
    unsigned trailing)
{
    acct_pane_t    *pane;
    acct_window_t   w;

    pane = t->panes[view];

    w.view = view;
    w.data = pane->data;
    w.len = len;
    w.origin = pane->origin;
    w.seen = pane->seen;
    w.offset = pane->offset;
    w.last = last;
    w.trailing = trailing & (ACCT_ORIGIN_GAP | ACCT_ORIGIN_HIDDEN);

    return t->handler(t->ctx, &w);
}
