
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * The text room under libFuzzer.  The first two bytes choose the views and
 * the cuts, the rest is a value; what must hold of any value:
 *
 *   windows keep their promises, views are valid UTF-8 and within their growth;
 *   neither the cuts nor the views asked for leave a trace;
 *   base of base is base;
 *   origins lie in the value;
 *   all of this holds of what stands behind masks, and to look for it leaves
 *   no trace in what stands there.
 */


#include "../core/text.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void
must(int holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "broken: %s\n", what);
        abort();
    }
}


static size_t
cut_by_chance(void *ctx, size_t left)
{
    return chance(ctx, left < 24 ? (uint32_t) left + 1 : 24);
}


/* of each view: growth, valid UTF-8, origins within the value */

static void
promised(const renderings_t *all, size_t size)
{
    size_t              i, k;
    uint32_t            c;
    unsigned            v;
    const rendering_t  *r;

    for (v = 0; v < ACCT_VIEWS; v++) {
        r = &all->view[v];

        must(r->len <= size * acct_views[v].growth, "growth");

        for (i = 0; i < r->len; i += k) {
            k = (size_t) acct_utf8_read(r->data + i, r->len - i, &c);

            must(k >= 1 && k <= ACCT_UTF8_MAX, "valid UTF-8");
            must(acct_origin_len(r->origin[i]) > 0
                 && acct_origin_end(r->origin[i]) <= size, "origins");
        }
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t       seed;
    unsigned       views, opened;
    rendering_t   *r;
    renderings_t   whole, other, second, again;

    static acct_text_t  *t, *t2;

    if (t == NULL) {
        t = acct_text_create(&acct_heap);
        t2 = acct_text_create(&acct_heap);
        must(t != NULL && t2 != NULL, "memory");
    }

    if (size < 2) {
        return 0;
    }

    views = data[0] & ALL_VIEWS;
    seed = data[1] + 1u;
    data += 2;
    size -= 2;

    render_all(t, ALL_VIEWS, data, size, NULL, NULL, &whole);
    must(whole.rc == ACCT_OK && whole.broken == NULL, "a whole value");

    promised(&whole, size);

    render_all(t, views, data, size, cut_by_chance, &seed, &other);
    must(other.rc == ACCT_OK && other.broken == NULL, "a value in pieces");
    must(differs(&whole, &other) == NULL, "cuts and views leave no trace");
    must((other.flags & ~whole.flags) == 0, "flags");
    renderings_free(&other);

    r = &whole.view[ACCT_VIEW_BASE];

    render_all(t, 1u << ACCT_VIEW_BASE, r->data, r->len, NULL, NULL, &other);
    must(other.view[ACCT_VIEW_BASE].len == r->len
         && (r->len == 0
             || memcmp(other.view[ACCT_VIEW_BASE].data, r->data, r->len) == 0),
         "base is idempotent");
    renderings_free(&other);

    opened = render_both(t, t2, ALL_VIEWS, data, size, NULL, NULL, &other,
                         &second);
    must(opened <= 1 && other.rc == ACCT_OK && second.rc == ACCT_OK
         && second.broken == NULL, "masks");
    must(differs(&whole, &other) == NULL, "masks leave no trace");
    promised(&second, size);
    renderings_free(&other);

    must(render_both(t, t2, views | 1u << ACCT_VIEW_BASE, data, size,
                     cut_by_chance, &seed, &other, &again) == opened
         && again.rc == ACCT_OK && again.broken == NULL, "masks in pieces");
    must(differs(&second, &again) == NULL, "cuts and masks leave no trace");
    renderings_free(&other);
    renderings_free(&again);
    renderings_free(&second);

    renderings_free(&whole);

    return 0;
}
