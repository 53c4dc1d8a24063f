
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * libFuzzer's entry for the body room.
 *
 * The input's first four bytes choose the type, the policy, the cut and the
 * length of the query; the rest is the query and the body.  What must hold of
 * any input: two cuts of it tell the same, nothing fails, values are opened
 * and closed rightly, no bound of the policy is passed, memory stays small.
 */


#include "body_case.h"


/* A request's own memory: a row for each thing that may grow */

#define FUZZ_PEAK              (16 * 1024)
#define FUZZ_AGAIN             (6 * 1024)      /* each value's other readings */
#define FUZZ_INFLATE           (48 * 1024)


int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);


typedef struct {
    size_t                step;
    uint32_t              seed;
} fuzz_cut_t;


static const char  *fuzz_types[] = {
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=b",
    "multipart/form-data; boundary=----WebKitFormBoundaryA0",
    "application/json; charset=iso-8859-1",
    "multipart/form-data; boundary=\"--\"; charset=latin1",
    "application/x-www-form-urlencoded; charset=gbk",
    "application/x-www-form-urlencoded; charset=shift_jis",
    "application/json; charset=gb18030",
    "multipart/form-data; boundary=b; charset=big5",
    "application/x-ndjson",
    "application/json-patch+json",
    "multipart/related; boundary=b",
    NULL
};


static const struct {
    const char           *field;
    const char           *wire;
} fuzz_wires[] = {
    { "name",  "name" },
    { "name",  "username" },
    { "name",  "user.name" },
    { "sign",  "signature" },
    { "sign",  "name" },
    { "title", "items[].title" },
    { "nick",  "**.nick" },
    { "bio",   "a.**.b" },
    { "deep",  "in.x[].y" },
    { "empty", "" },
    { "name",  "\xe6\x98\xb5\xe7\xa7\xb0" },
    { "deep",  "\xe6\x98\xb5.\xe7\xa7\xb0" }
};


static size_t
fuzz_cut(void *ctx, size_t at)
{
    fuzz_cut_t  *cut;

    (void) at;

    cut = ctx;

    if (cut->step) {
        return cut->step;
    }

    cut->seed = cut->seed * 1664525 + 1013904223;

    return 1 + (cut->seed >> 8) % (1 + (cut->seed >> 28) * 8);
}


static void
fuzz_fail(const char *what, told_t *a, told_t *b)
{
    fprintf(stderr, "%s\n--- whole\n%s--- cut\n%s", what, a->out.data,
            b ? b->out.data : "");
    abort();
}


int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    int            rc1, rc2;
    char          *s, word[64];
    size_t         i, nquery, big;
    told_t         whole, cut;
    unsigned       k, nvalues;
    counter_t      count;
    fuzz_cut_t     how;
    body_case_t    c;
    acct_alloc_t   a = { counter_alloc, counter_free, &count };

    static guard_t         guard;
    static acct_charset_t  charsets[2];

    static const char  *named[] = { "gbk", "shift_jis" };

    if (n < 4 || n > 60000) {
        return 0;
    }

    if (guard.end == NULL) {
        guard_init(&guard, 1 << 16);

        for (i = 0; i < 2; i++) {
            if (acct_charset_init(&charsets[i], acct_str(named[i]))
                != ACCT_OK)
            {
                abort();
            }
        }
    }

    memset(&c, 0, sizeof(body_case_t));

    c.type = fuzz_types[p[0] % (sizeof(fuzz_types) / sizeof(fuzz_types[0]))];
    c.exact = p[1] & 1;
    c.encoding = (p[1] & 128) ? "deflate" : (p[1] & 64) ? "gzip" : NULL;

    c.options.decode = ACCT_DECODE_GZIP | ACCT_DECODE_DEFLATE;
    c.options.charsets = charsets;
    c.options.ncharsets = 2;

    for (i = 0; i < ACCT_LIMITS; i++) {
        *(size_t *) ((char *) &c.limits + acct_limits[i].offset)
            = acct_limits[i].value;
    }

    c.limits.depth = (p[1] & 2) ? 4 : 64;
    c.limits.occurrences = (p[1] & 4) ? 3 : 256;
    c.limits.length = (p[1] & 8) ? 16 : 65536;
    c.limits.part_header = (p[1] & 16) ? 64 : 8192;
    c.limits.keys = (p[1] & 32) ? 3 : 10000;

    for (i = 0; i < sizeof(fuzz_wires) / sizeof(fuzz_wires[0]); i++) {
        for (k = 0; k < c.nfields; k++) {
            if (strcmp(c.fields[k], fuzz_wires[i].field) == 0) {
                break;
            }
        }

        if (k == c.nfields) {
            c.fields[c.nfields++] = fuzz_wires[i].field;
        }

        c.wires[c.nwires].field = k;
        c.wires[c.nwires++].text = acct_str(fuzz_wires[i].wire);
    }

    nquery = p[3] % 32;
    how.step = p[2] & 1;
    how.seed = p[2];

    p += 4;
    n -= 4;

    if (nquery && nquery < n) {
        c.query = (const char *) p;
        c.nquery = nquery;
        p += nquery;
        n -= nquery;
    }

    memset(&count, 0, sizeof(counter_t));
    memset(&whole, 0, sizeof(told_t));
    memset(&cut, 0, sizeof(told_t));

    big = (fuzz_cut_t) { SIZE_MAX, 0 }.step;

    rc1 = body_read(&c, &a, &whole, &guard, p, n, 1, fuzz_cut,
                    &(fuzz_cut_t) { big, 0 });
    rc2 = body_read(&c, &a, &cut, &guard, p, n, 0, fuzz_cut, &how);

    if (rc1 != rc2 || strcmp(whole.out.data, cut.out.data) != 0) {
        fuzz_fail("two cuts differ", &whole, &cut);
    }

    if (rc1 == ACCT_ERROR || whole.wrong || cut.wrong) {
        fuzz_fail("an error, or the sink used wrongly", &whole, NULL);
    }

    if (count.live) {
        fuzz_fail("memory left", &whole, NULL);
    }

    if (count.peak > FUZZ_PEAK + c.limits.part_header
                     + 2 * c.limits.depth * ACCT_KEY_MAX
                     + ACCT_SLOTS * FUZZ_AGAIN
                     + (c.encoding ? FUZZ_INFLATE : 0))
    {
        fuzz_fail("too much memory", &whole, NULL);
    }

    nvalues = whole.opened;

    if (nvalues > c.limits.occurrences) {
        fuzz_fail("more values than the limit", &whole, NULL);
    }

    for (i = 0; i < ACCT_SLOTS; i++) {
        if (whole.slots[i].number) {
            fuzz_fail("a value was left open", &whole, NULL);
        }
    }

    /* a flag comes once */

    for (i = 0; i < ACCT_FLAGS; i++) {
        snprintf(word, sizeof(word), "flag %.*s\n",
                 (int) acct_flags[i].name.len,
                 (const char *) acct_flags[i].name.data);

        s = strstr(whole.out.data, word);

        if (s == whole.out.data || (s && s[-1] == '\n')) {
            s = strstr(s + 1, word);

            if (s && s[-1] == '\n') {
                fuzz_fail("a flag twice", &whole, NULL);
            }
        }
    }

    told_free(&whole);
    told_free(&cut);

    return 0;
}
