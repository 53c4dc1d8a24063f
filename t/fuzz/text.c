
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * The text room under libFuzzer.  The first two bytes choose the views and
 * the cuts, the rest is a value; what must hold of any value:
 *
 *   windows keep their promises, views are valid UTF-8 and within their growth;
 *   neither the cuts nor the views asked for leave a trace;
 *   base of base is base;
 *   origins lie in the value.
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


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t         i, k;
    uint32_t       c;
    uint64_t       seed;
    unsigned       v, views;
    rendering_t   *r;
    renderings_t   whole, other;

    static acct_text_t  *t;

    if (t == NULL) {
        t = acct_text_create(&acct_heap);
        must(t != NULL, "memory");
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

    for (v = 0; v < ACCT_VIEWS; v++) {
        r = &whole.view[v];

        must(r->len <= size * acct_views[v].growth, "growth");

        for (i = 0; i < r->len; i += k) {
            k = (size_t) acct_utf8_read(r->data + i, r->len - i, &c);

            must(k >= 1 && k <= ACCT_UTF8_MAX, "valid UTF-8");
            must(acct_origin_len(r->origin[i]) > 0
                 && acct_origin_end(r->origin[i]) <= size, "origins");
        }
    }

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

    renderings_free(&whole);

    return 0;
}
