
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * The lane: windows, origins, flags, evasion, failures.
 */


#include "text.h"
#include "tap.h"


#define STRINGS   6000
#define PIECES    40
#define LONG      30000
#define KANA      20
#define SHIFT     270


static size_t
cut_bytes(void *ctx, size_t left)
{
    (void) ctx;
    (void) left;

    return 1;
}


static size_t
cut_anywhere(void *ctx, size_t left)
{
    return chance(ctx, left < 40 ? (uint32_t) left + 1 : 40);
}


static int
same(acct_text_t *t, unsigned views, const uint8_t *p, size_t n,
    size_t (*cut)(void *ctx, size_t left), void *ctx,
    const renderings_t *whole, const char *name)
{
    int           good;
    const char   *what;
    renderings_t  all;

    render_all(t, views, p, n, cut, ctx, &all);

    what = differs(whole, &all);
    good = all.rc == ACCT_OK && all.broken == NULL && what == NULL;

    if (views == ALL_VIEWS && all.flags != whole->flags) {
        what = "flags";
        good = 0;
    }

    if (!good) {
        ok(0, "%s: %s%s", name, all.broken ? all.broken : "",
           what ? what : "");
    }

    renderings_free(&all);

    return good;
}


static void
test_streaming(acct_text_t *t)
{
    int            good;
    size_t         n, i;
    uint8_t       *p;
    uint64_t       seed;
    unsigned       v;
    renderings_t   whole;

    p = malloc((size_t) LONG * 64);
    seed = 20261124;
    good = p != NULL;

    for (i = 0; good && i < STRINGS; i++) {
        n = hostile_string(&seed, 1 + chance(&seed, PIECES), p);

        render_all(t, ALL_VIEWS, p, n, NULL, NULL, &whole);

        good = whole.rc == ACCT_OK && whole.broken == NULL
               && same(t, ALL_VIEWS, p, n, cut_bytes, NULL, &whole, "bytes")
               && same(t, ALL_VIEWS, p, n, cut_anywhere, &seed, &whole, "cuts");

        for (v = 0; good && v < ACCT_VIEWS; v++) {
            good = same(t, 1u << v, p, n, NULL, NULL, &whole, "one view");
        }

        v = chance(&seed, ALL_VIEWS + 1);
        good = good && same(t, v, p, n, NULL, NULL, &whole, "some views")
               && same(t, v, p, n, cut_anywhere, &seed, &whole, "some, cut");

        if (!good) {
            for (n = n > 200 ? 200 : n, v = 0; v < n; v++) {
                printf("%s\\x%02x", v ? "" : "# ", p[v]);
            }

            printf("\n");
        }

        renderings_free(&whole);
    }

    ok(good, "%d hostile strings: cuts and the views asked for leave no trace",
       STRINGS);

    for (i = 0; good && i < 12; i++) {
        n = hostile_string(&seed, LONG, p);

        render_all(t, ALL_VIEWS, p, n, NULL, NULL, &whole);

        good = whole.rc == ACCT_OK && whole.broken == NULL
               && whole.view[ACCT_VIEW_RAW].windows > 10
               && same(t, ALL_VIEWS, p, n, cut_bytes, NULL, &whole, "bytes")
               && same(t, ALL_VIEWS, p, n, cut_anywhere, &seed, &whole, "cuts");

        if (whole.broken) {
            diag("%s", whole.broken);
        }

        renderings_free(&whole);
    }

    ok(good, "long hostile strings: windows keep their promises");

    /* letters of four bytes: the most that a batch can write to a window */

    for (i = 0; good && i < 40; i++) {
        memset(p, ' ', i);

        for (n = i; n < 40000; n += 4) {
            memcpy(p + n, n & 4 ? "\xf0\xa0\x80\x80" : "\xf0\xa0\x80\x81",
                   4);
        }

        render_all(t, ALL_VIEWS & ~(1u << ACCT_VIEW_SOUND), p, n, NULL, NULL,
                   &whole);

        for (v = 0; good && v < ACCT_VIEWS; v++) {
            good = same(t, 1u << v, p, n, NULL, NULL, &whole, "one view");
        }

        renderings_free(&whole);
    }

    ok(good, "long letters: windows and views");

    free(p);
}


#define ASCII_20   "plain words, a 2024. "
#define ASCII_100  ASCII_20 ASCII_20 ASCII_20 ASCII_20 ASCII_20
#define ASCII_300  ASCII_100 ASCII_100 ASCII_100

static const acct_str_t  far[] = {
    acct_string("\xe5\xae\x98\xe5\xae\x98\xe6\x96\xb9\xe6\x96\xb9"
                "\xe5\xae\xa2\xe5\xae\xa2\xe6\x9c\x8d\xe6\x9c\x8d"),
    acct_string("\xe5\xae\x98\xe5\xae\x98\xe5\xae\x98\xe6\x96\xb9"
                "\xe6\x9c\x8d\xe6\x9c\x8d"),
    acct_string(".rnicrosoft vvechat aaadmin. adm1n $upport!! paypal."),
    acct_string(".oo138123456, 138OOOO12l4, oil, oil 12, ol123456 x"),
    acct_string("\xe3\x82\xa8\xe5\x95\x86\xe9\x93\xb6\xe8\xa1\x8c"
                "\xe5\x95\x86\xe9\x93\xb6\xe8\xa1\x8c\xe5\x95\x86"
                "\xe9\x93\xb6\xe8\xa1\x8c\xe5\x95\x86\xe9\x93\xb6"
                "\xe8\xa1\x8c\xe5\x95\x86\xe9\x93\xb6\xe8\xa1\x8c"
                "\xe3\x81\x8b"),
    acct_string("e\xcc\x81\xcc\xa3x\xe2\x80\x8by\xe1\x84\x92\xe1\x85\xa1"
                "\xe1\x86\xab\xe3\x82\xab\xe3\x82\x99"),
    acct_string("\xf0\x9f\x87\xa8\xf0\x9f\x87\xb3\xf0\x9f\x87\xa8"
                "\xf0\x9f\x87\xb3\xf0\x9f\x87\xbb"),
    acct_string("a--1-b-2--3 - 4/5_6"),
    acct_string("\xe5\xae\x98\xe5\xae\x98" ASCII_300
                "\xe5\xae\x98\xe5\xae\x98\xe6\x96\xb9\xe6\x96\xb9"),
    acct_string("\xe5\xae\x98\xe5\xae\x98\xe5\xae\x98" ASCII_300
                "\xe5\xae\x98" ASCII_300 "\xe3\x82\xa8\xe5\x95\x86")
};

#define FAR  (sizeof(far) / sizeof(far[0]))


/*
 * Views are made in batches of characters of base; wherever a batch ends, the
 * rest of a value is the same.  The prefix is of two Han characters in turn.
 */

static void
test_batches(acct_text_t *t)
{
    int             good;
    size_t          n, k, i, from, to, head;
    uint8_t        *p;
    uint64_t        seed;
    unsigned        v, s;
    rendering_t    *a, *b;
    renderings_t    first, other;

    p = malloc(3 * (SHIFT + KANA) + PIECES * 16 * 64);

    if (p == NULL) {
        abort();
    }

    seed = 256;
    good = 1;

    for (s = 0; good && s < 40; s++) {
        uint8_t  tail[PIECES * 16 * 64];

        /* then what looks ahead farther than such a string goes */

        if (s < FAR) {
            memcpy(tail, far[s].data, far[s].len);
            n = far[s].len;

        } else {
            n = hostile_string(&seed, PIECES * 8, tail);
        }

        for (k = KANA; good && k < KANA + SHIFT; k += s < FAR ? 1 : 1 + s % 7) {

            for (i = 0; i < k; i++) {
                memcpy(p + 3 * i,
                       i % 2 ? "\xe5\xa4\xa9" : "\xe5\x9c\xb0", 3);
            }

            memcpy(p + 3 * k, tail, n);

            render_all(t, ALL_VIEWS, p, 3 * k + n, NULL, NULL, &other);

            if (k == KANA) {
                first = other;
                continue;
            }

            for (v = 0; good && v < ACCT_VIEWS; v++) {
                a = &first.view[v];
                b = &other.view[v];
                to = b->len;

                /* from the end, as far as the shorter one is not prefix */

                head = v == ACCT_VIEW_DIGITS ? 1 : 5 * KANA;

                for (from = a->len; good && from > head; /* void */ ) {
                    from--;
                    to--;

                    good = a->data[from] == b->data[to]
                           && (a->origin[from] == 0
                               || (a->origin[from] & 7)
                                  == (b->origin[to] & 7));

                    if (good && a->origin[from]) {
                        good = acct_origin_start(a->origin[from])
                               + 3 * (k - KANA)
                               == acct_origin_start(b->origin[to])
                               && acct_origin_len(a->origin[from])
                                  == acct_origin_len(b->origin[to]);
                    }
                }

                if (!good) {
                    diag("string %u, prefix %u, view %u: byte %u", s,
                         (unsigned) k, v, (unsigned) from);
                }
            }

            renderings_free(&other);
        }

        renderings_free(&first);
    }

    ok(good, "where a batch ends leaves no trace");

    free(p);
}


/*
 * A batch of ASCII between a Han character that ends the one before it and a
 * kana that begins the next: the kana touches letters, and is no stroke.
 */

static void
test_between(acct_text_t *t)
{
    int            good;
    size_t         m, n, i;
    uint8_t        p[3 * 270 + 600];
    rendering_t   *r;
    renderings_t   all;

    good = 1;

    for (m = 250; good && m < 262; m++) {

        for (i = 0; i < m; i++) {
            memcpy(p + 3 * i, i % 2 ? "\xe5\xa4\xa9" : "\xe5\x9c\xb0", 3);
        }

        for (n = 240; good && n < 530; n++) {
            /* a control, so that words are not read eight at a time and some
               batch does end with a Han character */

            memset(p + 3 * m, 'a', n);
            p[3 * m + 1] = '\n';
            memcpy(p + 3 * m + n, "\xe3\x82\xa8.", 4);

            render_all(t, ALL_VIEWS, p, 3 * m + n + 4, NULL, NULL, &all);

            r = &all.view[ACCT_VIEW_HAN];
            good = r->len == 3 * m + n + 2
                   && memcmp(r->data + r->len - 3, "\xe3\x82\xa8", 3) == 0;

            renderings_free(&all);
        }
    }

    ok(good, "a batch of ASCII stands between Han and kana");
}


/*
 * What a piece of text is made of.  Of the kinds that a text may be, each is a
 * range of these: Han, words that latin leaves alone, ASCII, all.
 */

static const acct_str_t  pieces[] = {

    acct_string("\xe5\xbe\xae\xe4\xbf\xa1"),
    acct_string("\xe5\x9c\x8b\xe7\xbe\xa4"), acct_string("\xe4\xb8\x80"),
    acct_string("\xef\xbc\x8c"),

    acct_string("small"), acct_string("hello"), acct_string("plain"),
    acct_string(" 2024 "), acct_string("-"), acct_string("--"),
    acct_string(" "), acct_string(" "), acct_string(", "), acct_string("\t"),

    acct_string("turn"), acct_string("vvow"), acct_string("sooo"),
    acct_string("adm1n"), acct_string("138o0l3812"), acct_string("|"),
    acct_string("!"), acct_string(" ill"),

    acct_string("\xc3\xa9t\xc3\xa9"), acct_string("\xd0\xb0\xd0\xbc"),
    acct_string("\xe2\x80\x99"), acct_string("\xf0\x9f\x90\xa7")
};

#define WORDS  (sizeof(pieces) / sizeof(pieces[0]))

static const unsigned  kinds[][2] = {
    { 4, 14 }, { 0, 14 }, { 4, 22 }, { 0, WORDS }
};

#define KINDS  (sizeof(kinds) / sizeof(kinds[0]))


/*
 * A text is its pieces, one after another: what was made of each by itself, in
 * a batch of its own, is what is made of all of them in one.  Between two
 * pieces stands a full stop; a "_" of digits may go on behind it, and what was
 * dropped is told of the first character.
 */

static int
piece_holds(acct_view_e view, const rendering_t *whole, size_t *at,
    const rendering_t *piece, size_t start)
{
    int            good;
    size_t         i, k;
    acct_origin_t  a, b;

    i = view == ACCT_VIEW_DIGITS && *at && piece->len
        && whole->data[*at - 1] == '_' && piece->data[0] == '_';
    good = 1;

    for (k = i; good && k < piece->len; k++, (*at)++) {
        good = *at < whole->len && whole->data[*at] == piece->data[k];

        if (!good || (piece->data[k] & 0xc0) == 0x80) {
            continue;
        }

        a = whole->origin[*at];
        b = piece->origin[k];

        good = acct_origin_start(a) == acct_origin_start(b) + start
               && acct_origin_len(a) == acct_origin_len(b)
               && (k == i || ((a ^ b) & 7) == 0);
    }

    return good;
}


static void
test_pieces(acct_text_t *t)
{
    int            good;
    size_t         n, i, k, len[400], at[ACCT_VIEWS];
    uint8_t       *p;
    uint64_t       seed;
    unsigned       v, round, from, to;
    renderings_t   whole, one;

    p = malloc(400 * 16 * 16);

    if (p == NULL) {
        abort();
    }

    seed = 26;
    good = 1;

    for (round = 0; good && round < 60; round++) {
        n = 0;

        from = kinds[round % KINDS][0];
        to = kinds[round % KINDS][1];

        for (i = 0; i < 400; i++) {
            len[i] = n;
            p[n++] = "xq"[chance(&seed, 2)];

            for (k = chance(&seed, 12); k; k--) {
                v = from + chance(&seed, to - from);
                memcpy(p + n, pieces[v].data, pieces[v].len);
                n += pieces[v].len;
            }

            len[i] = n - len[i];
            p[n++] = '.';
        }

        render_all(t, ALL_VIEWS, p, n, NULL, NULL, &whole);
        memset(at, 0, sizeof(at));

        for (i = 0, n = 0; good && i < 400; i++) {
            render_all(t, ALL_VIEWS, p + n, len[i], NULL, NULL, &one);

            for (v = ACCT_VIEW_BARE; good && v < ACCT_VIEWS; v++) {
                good = piece_holds((acct_view_e) v, &whole.view[v], &at[v],
                                   &one.view[v], n);

                if (!good) {
                    diag("round %u, piece %u, %s: %.*s", round, (unsigned) i,
                         (const char *) acct_views[v].name.data,
                         (int) len[i], p + n);
                }
            }

            n += len[i] + 1;
            renderings_free(&one);
        }

        for (v = ACCT_VIEW_BARE; good && v < ACCT_VIEWS; v++) {
            good = at[v] == whole.view[v].len;
        }

        renderings_free(&whole);
    }

    ok(good, "a text is its pieces, one after another");

    free(p);
}


/*
 * A span of a view, rendered alone, gives what stood in the view; for base
 * and bare, whose steps do not look at neighbours but for marks.
 */

static int
span_holds(acct_text_t *t, unsigned v, const uint8_t *p, size_t n,
    const rendering_t *r, uint64_t *seed)
{
    int            good;
    size_t         from, to, i;
    uint32_t       c;
    uint64_t       start, end, len;
    renderings_t   all;
    rendering_t   *alone;

    if (r->len == 0) {
        return 1;
    }

    from = chance(seed, (uint32_t) r->len);
    to = from + 1 + chance(seed, (uint32_t) (r->len - from));

    /* a mark stands or falls with its letter */

    while (from > 0
           && ((r->data[from] & 0xc0) == 0x80
               || (acct_utf8_read(r->data + from, r->len - from, &c) > 0
                   && acct_cc_group(acct_classed(c)) == ACCT_CLASS_MARK)))
    {
        from--;
    }

    while (to < r->len && (r->data[to] & 0xc0) == 0x80) {
        to++;
    }

    start = UINT64_MAX;
    end = 0;

    for (i = from; i < to; i++) {
        if ((r->data[i] & 0xc0) == 0x80) {
            continue;
        }

        if (acct_origin_start(r->origin[i]) < start) {
            start = acct_origin_start(r->origin[i]);
        }

        if (acct_origin_end(r->origin[i]) > end) {
            end = acct_origin_end(r->origin[i]);
        }
    }

    len = end - start;
    good = end <= n && start < end;

    /* at edges that are a character's of the original, if it is valid */

    if (good && ((p[start] & 0xc0) == 0x80
                 || (end < n && (p[end] & 0xc0) == 0x80)))
    {
        good = 0;
    }

    if (!good) {
        return 0;
    }

    render_all(t, 1u << v, p + start, (size_t) len, NULL, NULL, &all);

    alone = &all.view[v];
    good = alone->len >= to - from
           && memmem(alone->data, alone->len, r->data + from, to - from)
              != NULL;

    if (!good) {
        diag("span %u..%u of %s, view %u..%u", (unsigned) start,
             (unsigned) end, (const char *) acct_views[v].name.data,
             (unsigned) from, (unsigned) to);
    }

    renderings_free(&all);

    return good;
}


static void
test_spans(acct_text_t *t)
{
    int            good;
    size_t         n, i;
    uint8_t        p[PIECES * 64];
    uint64_t       seed;
    unsigned       v;
    uint32_t       c;
    renderings_t   all, again;

    seed = 42;
    good = 1;

    for (i = 0; good && i < STRINGS; i++) {
        n = hostile_string(&seed, 1 + chance(&seed, PIECES), p);

        /* made valid, so that edges can be told */

        render_all(t, 1u << ACCT_VIEW_RAW, p, n, NULL, NULL, &again);
        n = again.view[ACCT_VIEW_RAW].len;
        memcpy(p, again.view[ACCT_VIEW_RAW].data, n);
        renderings_free(&again);

        /* letters of a run of regional indicators depend on the whole run */

        if (memmem(p, n, "\xf0\x9f\x87", 3) != NULL) {
            continue;
        }

        render_all(t, ALL_VIEWS, p, n, NULL, NULL, &all);

        for (v = ACCT_VIEW_RAW; good && v <= ACCT_VIEW_BARE; v++) {
            good = span_holds(t, v, p, n, &all.view[v], &seed);
        }

        if (!good) {
            for (v = 0; v < n; /* void */ ) {
                v += (unsigned) acct_utf8_read(p + v, n - v, &c);
                printf("%sU+%04X", v < 5 ? "# " : " ", c);
            }

            printf("\n");
        }

        renderings_free(&all);
    }

    ok(good, "a span lies on characters and gives what matched");
}


/* what each step raises and what of it is evasion */

typedef struct {
    const char           *input;
    const char           *view;
    unsigned              evasive;
    uint32_t              flags;
} evasion_t;


#define F(f)  acct_flag_bit(ACCT_FLAG_##f)

static const evasion_t  evasions[] = {
    { "\xe5\xbe\xae\xe4\xbf\xa1", "han", 0, 0 },
    { "\xef\xbc\xb6\xef\xbc\xb8", "base", 0, 0 },              /* wide */
    { "VX", "base", 0, 0 },
    { "\xe3\x80\x80" "a", "base", 0, 0 },
    { "\xe2\x93\xa5", "base", 1, 0 },                         /* circle */
    { "\xf0\x9d\x93\xa5", "base", 1, 0 },                     /* font */
    { "\xc2\xb9", "base", 1, 0 },                             /* super */
    { "\xe3\x8e\x8f", "base", 1, 0 },                         /* square */
    { "\xe2\xbc\x88", "base", 1, 0 },                         /* compat */
    { "\xe2\xba\xa0", "base", 1, 0 },                         /* radical */
    { "\xef\xa4\x8a", "base", 0, 0 },                         /* U+F90A */
    { "\xe2\x9d\xb6", "base", 1, 0 },
    { "\xe3\x80\x82", "base", 0, 0 },
    { "\xf0\x9f\x87\xbb", "base", 1, 0 },
    { "\xf0\x9f\x87\xa8\xf0\x9f\x87\xb3", "base", 0, 0 },
    { "v\xe2\x83\x9dx", "base", 1, 0 },
    { "1\xef\xb8\x8f\xe2\x83\xa3" "2", "base", 1, 0 },
    { "\xe5\xbe\xae\xcc\xb6", "base", 1, F(MARKS) },
    { "\xd7\xa9\xcc\xb6", "base", 1, F(MARKS) },
    { "\xd7\xa9\xd7\x81", "base", 0, 0 },
    { "\xc4\xb0", "base", 0, 0 },
    { "i\xcc\x87", "base", 0, 0 },
    { "e\xcc\x81", "base", 0, 0 },
    { "a\x01" "b", "base", 1, F(CONTROL)|F(INVISIBLE) },
    { "a \x01 b", "base", 0, F(CONTROL) },
    { "\xe5\xbe\xae\xe2\x80\x8b\xe4\xbf\xa1", "base", 1, F(INVISIBLE) },
    { "\xe2\x80\x8b\xe4\xbf\xa1", "base", 0, 0 },
    { "\xe4\xbf\xa1\xe2\x80\x8b", "base", 0, 0 },
    { "\xe4\xbf\xa1\xe2\xa0\x80 a", "base", 0, 0 },
    { "\xe2\x80\xae\xe4\xbf\xa1", "base", 0, F(BIDI) },
    { "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9", "base", 0, 0 },
    { "\xd9\x85\xe2\x80\x8c\xd8\xae", "base", 0, 0 },         /* ZWNJ */
    { "\xd9\x85\xe2\x80\x8b\xd8\xae", "base", 1, F(INVISIBLE) },
    { "\xe0\xa4\x95\xe0\xa5\x8d\xe2\x80\x8d\xe0\xa4\xb7", "base", 0, 0 },
    { "a\xe2\x80\x8d" "b", "base", 1, F(INVISIBLE) },
    { "\xff", "base", 1, F(BAD_UTF8) },
    { "\xe5\xbe", "raw", 0, F(BAD_UTF8) },
    { "a b", "bare", 0, 0 },
    { "a.b", "bare", 1, 0 },
    { "\xe5\x9c\x8b", "han", 0, 0 },
    { "\xe8\xa8\xbc", "han", 0, 0 },
    { "\xe8\x96\x87", "han", 1, 0 },
    { "\xe5\xb3\xae", "han", 1, 0 },                        /* U+5CEE */
    { "\xe7\xbe\xa3", "han", 0, 0 },                        /* U+7FA3 */
    { "\xe3\x82\xa8\xe5\x95\x86", "han", 1, 0 },
    { "\xe5\xae\x98\xe5\xae\x98\xe6\x96\xb9\xe6\x96\xb9", "han", 1, 0 },
    { "\xe5\xa6\x88\xe5\xa6\x88", "han", 0, 0 },
    { "M\xc3\xbcller", "latin", 0, 0 },
    { "\xc5\x81ukasz", "latin", 0, 0 },
    { "\xd0\xb0" "dmin", "latin", 1, F(MIXED_SCRIPT) },
    { "\xd0\xb2\xd0\xbe\xd1\x82", "latin", 0, 0 },
    { "adm1n", "latin", 1, 0 },
    { "small", "latin", 0, 0 },
    { "aaaa", "latin", 1, 0 },
    { "barn", "latin", 1, 0 },
    { "138 0000-1234", "digits", 0, 0 },
    { "138--0000", "digits", 1, 0 },
    { "138/0000", "digits", 1, 0 },
    { "\xd9\xa1\xd9\xa3", "digits", 0, 0 },
    { "\xe4\xb8\x80\xe4\xb8\x89", "digits", 0, 0 },
    { "\xe6\xb4\x9e", "digits", 1, 0 },
    { "138OOOO", "digits", 1, 0 },
};

#define EVASIONS  (sizeof(evasions) / sizeof(evasions[0]))


static void
test_evasions(acct_text_t *t)
{
    int               rc;
    size_t            i;
    uint32_t          flags;
    unsigned          evasive;
    acct_buf_t        out;
    acct_view_e       view;
    const evasion_t  *e;

    for (i = 0; i < EVASIONS; i++) {
        e = &evasions[i];
        view = acct_view_find(acct_str(e->view));

        acct_buf_init(&out, &acct_heap, 4096);
        evasive = 7;

        rc = acct_text_render(t, view, acct_str(e->input), &out, &evasive);
        flags = acct_text_flags(t);

        ok(rc == ACCT_OK && evasive == e->evasive && flags == e->flags,
           "%s of %s: evasive %u, flags %x (are %u, %x)", e->view, e->input,
           e->evasive, e->flags, evasive, flags);

        acct_buf_free(&out);
    }
}


/* origins: value, view, and start, end and bits of each character */

typedef struct {
    unsigned              start;
    unsigned              end;
    unsigned              bits;
} place_t;


typedef struct {
    const char           *input;
    acct_view_e           view;
    const char           *output;
    place_t               place[6];
    unsigned              trailing;
} origins_t;


#define GAP      ACCT_ORIGIN_GAP
#define HIDDEN   ACCT_ORIGIN_HIDDEN
#define ALTERED  ACCT_ORIGIN_ALTERED

static const origins_t  origins[] = {

    { "a\xff" "b", ACCT_VIEW_RAW, "a\xef\xbf\xbd" "b",
      { { 0, 1, 0 }, { 1, 2, 0 }, { 2, 3, 0 } }, 0 },

    { "e\xcc\x81x", ACCT_VIEW_BASE, "\xc3\xa9x",
      { { 0, 3, 0 }, { 3, 4, 0 } }, 0 },

    { "e\xe2\x80\x8b\xcc\x81x", ACCT_VIEW_BASE, "\xc3\xa9x",
      { { 0, 6, ALTERED }, { 6, 7, 0 } }, 0 },

    { "\xe2\x80\x8b" "ab", ACCT_VIEW_BASE, "ab",
      { { 3, 4, GAP }, { 4, 5, 0 } }, 0 },

    { "a\xe2\x80\x8b" "b\xe2\x80\x8b", ACCT_VIEW_BASE, "ab",
      { { 0, 1, 0 }, { 4, 5, GAP | HIDDEN } }, GAP },

    { "\xe3\x8e\x8f", ACCT_VIEW_BASE, "kg",
      { { 0, 3, ALTERED }, { 0, 3, ALTERED } }, 0 },

    { "v\xcc\xb6x", ACCT_VIEW_BASE, "vx",
      { { 0, 3, ALTERED }, { 3, 4, 0 } }, 0 },

    { "a.b c", ACCT_VIEW_BARE, "abc",
      { { 0, 1, 0 }, { 2, 3, GAP | HIDDEN }, { 4, 5, GAP } }, 0 },

    { "-a-", ACCT_VIEW_BARE, "a", { { 1, 2, GAP | HIDDEN } }, GAP | HIDDEN },

    { "\xe5\xae\x98\xe5\xae\x98\xe6\x96\xb9\xe6\x96\xb9", ACCT_VIEW_HAN,
      "\xe5\xae\x98\xe6\x96\xb9",
      { { 0, 6, ALTERED }, { 6, 12, ALTERED } }, 0 },

    { "rnx", ACCT_VIEW_LATIN, "mx", { { 0, 2, ALTERED }, { 2, 3, 0 } }, 0 },

    { "aaa!", ACCT_VIEW_LATIN, "a", { { 0, 3, ALTERED } }, GAP | HIDDEN },

    { "a1 2", ACCT_VIEW_DIGITS, "_12",
      { { 0, 1, 0 }, { 1, 2, 0 }, { 3, 4, GAP } }, 0 },

    { "\xe5\xbe\xae", ACCT_VIEW_SOUND, "wei",
      { { 0, 3, 0 }, { 0, 3, 0 }, { 0, 3, 0 } }, 0 },

    { "a \xcc\xb6" "b", ACCT_VIEW_BARE, "ab",
      { { 0, 1, 0 }, { 4, 5, GAP | HIDDEN } }, 0 },

    { "1 \xcc\xb6" "2", ACCT_VIEW_DIGITS, "12",
      { { 0, 1, 0 }, { 4, 5, GAP | HIDDEN } }, 0 },

    { "\xe3\x80\x82", ACCT_VIEW_BARE, "", { { 0, 0, 0 } }, GAP | HIDDEN }
};

#define ORIGINS  (sizeof(origins) / sizeof(origins[0]))


static void
test_origins(acct_text_t *t)
{
    int                good;
    size_t             i, k, n;
    acct_origin_t      o;
    renderings_t       all;
    rendering_t       *r;
    const origins_t   *want;

    for (i = 0; i < ORIGINS; i++) {
        want = &origins[i];

        render_all(t, 1u << want->view, (const uint8_t *) want->input,
                   strlen(want->input), NULL, NULL, &all);

        r = &all.view[want->view];

        good = is_bytes(r->data, r->len, want->output, strlen(want->output),
                        want->output);

        for (k = 0, n = 0; good && k < r->len; k++) {
            if ((r->data[k] & 0xc0) == 0x80) {
                continue;
            }

            o = r->origin[k];

            if (acct_origin_start(o) != want->place[n].start
                || acct_origin_end(o) != want->place[n].end
                || (o & (GAP | HIDDEN | ALTERED)) != want->place[n].bits)
            {
                diag("character %u: %u..%u bits %u", (unsigned) n,
                     (unsigned) acct_origin_start(o),
                     (unsigned) acct_origin_end(o), (unsigned) (o & 7));
                good = 0;
            }

            n++;
        }

        ok(good && r->trailing == want->trailing,
           "%s: origins; trailing %u", want->output, r->trailing);

        renderings_free(&all);
    }
}


/* failures */

typedef struct {
    unsigned              left;
    int                   live;
} scarce_t;


static void *
scarce_alloc(void *ctx, size_t size)
{
    scarce_t *s = ctx;

    if (s->left == 0) {
        return NULL;
    }

    s->left--;
    s->live++;

    return malloc(size);
}


static void
scarce_free(void *ctx, void *p)
{
    scarce_t *s = ctx;

    s->live--;
    free(p);
}


static int
refuse(void *ctx, const acct_window_t *w)
{
    unsigned *n = ctx;

    (void) w;

    (*n)++;

    return ACCT_DONE;
}


static void
test_failures(void)
{
    int            good;
    uint8_t       *p;
    unsigned       i, n;
    scarce_t       scarce;
    acct_alloc_t   hook;
    acct_text_t   *t;

    hook.alloc = scarce_alloc;
    hook.free = scarce_free;
    hook.ctx = &scarce;
    good = 1;

    for (i = 0; i <= ACCT_VIEWS + 1; i++) {
        scarce.left = i;
        scarce.live = 0;

        t = acct_text_create(&hook);

        if (i == 0) {
            good = good && t == NULL;
            continue;
        }

        n = 0;
        good = good && t != NULL
               && acct_text_begin(t, ALL_VIEWS, refuse, &n)
                  == (i <= ACCT_VIEWS ? ACCT_ERROR : ACCT_OK);

        acct_text_destroy(t);
        good = good && scarce.live == 0;
    }

    ok(good, "out of memory is told, and nothing is lost");

    scarce.left = 3;
    t = acct_text_create(&hook);
    n = 0;
    p = calloc(1, 20000);

    if (t == NULL || p == NULL) {
        abort();
    }

    memset(p, 'a', 20000);

    ok(acct_text_begin(t, 1u << ACCT_VIEW_RAW, refuse, &n) == ACCT_OK
       && acct_text_feed(t, p, 20000) == ACCT_DONE && n == 1,
       "what the handler says ends a feed");

    n = 0;

    ok(acct_text_begin(t, 1u << ACCT_VIEW_BASE, refuse, &n) == ACCT_OK
       && acct_text_feed(t, p, 20) == ACCT_OK && n == 0
       && acct_text_end(t) == ACCT_DONE && n == 1,
       "and an end");

    ok(acct_text_begin(t, 1u << ACCT_VIEW_BASE, refuse, &n) == ACCT_OK
       && scarce.left == 0, "a lane keeps its windows");

    acct_text_destroy(t);
    free(p);
}


static void
test_tables(void)
{
    unsigned  i;

    for (i = 0; i < ACCT_VIEWS; i++) {
        ok(acct_view_find(acct_views[i].name) == i
           && acct_views[i].built == 1
           && (i == ACCT_VIEW_RAW || acct_views[i].from < i),
           "view %s", (const char *) acct_views[i].name.data);
    }

    ok(acct_view_find(acct_str("none")) == ACCT_VIEWS, "no such view");

    for (i = 0; i < ACCT_STEPS; i++) {
        ok(acct_steps[i].name.len != 0
           && acct_steps[i].view < ACCT_VIEWS
           && (acct_steps[i].evasive || acct_steps[i].when == NULL),
           "step %s", (const char *) acct_steps[i].name.data);
    }
}


int
main(void)
{
    acct_text_t  *t;

    t = acct_text_create(&acct_heap);

    if (t == NULL) {
        abort();
    }

    test_tables();
    test_origins(t);
    test_evasions(t);
    test_spans(t);
    test_streaming(t);
    test_batches(t);
    test_between(t);
    test_pieces(t);

    acct_text_destroy(t);

    test_failures();

    return done_testing();
}
