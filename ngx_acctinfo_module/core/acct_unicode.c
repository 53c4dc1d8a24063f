
/*
 * Copyright (C) the ngx_acctinfo_module authors
 */


#include "acct_unicode.h"
#include "acctinfo.h"


/* Unicode 15.0, table 3-7: what may follow each lead byte */

typedef struct {
    uint8_t               first;
    uint8_t               last;
    uint8_t               low;         /* of the second byte */
    uint8_t               high;
    uint8_t               len;
} acct_utf8_row_t;


static const acct_utf8_row_t  acct_utf8_rows[] = {
    { 0xc2, 0xdf, 0x80, 0xbf, 2 },
    { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
    { 0xe1, 0xec, 0x80, 0xbf, 3 },
    { 0xed, 0xed, 0x80, 0x9f, 3 },
    { 0xee, 0xef, 0x80, 0xbf, 3 },
    { 0xf0, 0xf0, 0x90, 0xbf, 4 },
    { 0xf1, 0xf3, 0x80, 0xbf, 4 },
    { 0xf4, 0xf4, 0x80, 0x8f, 4 }
};


#define ACCT_UTF8_ROWS  (sizeof(acct_utf8_rows) / sizeof(acct_utf8_rows[0]))


const char *
acct_unicode_version(void)
{
    return ACCT_UNICODE_VERSION;
}


int
acct_utf8_read(const uint8_t *p, size_t n, uint32_t *c)
{
    size_t                  i;
    const acct_utf8_row_t  *row;

    if (p[0] < 0x80) {
        *c = p[0];
        return 1;
    }

    for (i = 0; i < ACCT_UTF8_ROWS; i++) {
        if (p[0] <= acct_utf8_rows[i].last) {
            break;
        }
    }

    row = &acct_utf8_rows[i];

    if (i == ACCT_UTF8_ROWS || p[0] < row->first) {
        return -1;
    }

    if (n == 1) {
        return 0;
    }

    if (p[1] < row->low || p[1] > row->high) {
        return -1;
    }

    *c = ((uint32_t) (p[0] & (0x7f >> row->len)) << 6) | (p[1] & 0x3f);

    for (i = 2; i < row->len; i++) {
        if (i == n) {
            return 0;
        }

        if ((p[i] & 0xc0) != 0x80) {
            return -(int) i;
        }

        *c = (*c << 6) | (p[i] & 0x3f);
    }

    return row->len;
}


size_t
acct_utf8_whole(const uint8_t *p, size_t n)
{
    size_t    k;
    uint32_t  c;

    for (k = 1; k < ACCT_UTF8_MAX && k <= n; k++) {
        if ((p[n - k] & 0xc0) != 0x80) {
            return acct_utf8_read(p + n - k, k, &c) == 0 ? n - k : n;
        }
    }

    return n;
}


/* Unicode 15.0, section 3.12 */

#define ACCT_HANGUL_S   0xac00
#define ACCT_HANGUL_L   0x1100
#define ACCT_HANGUL_V   0x1161
#define ACCT_HANGUL_T   0x11a7
#define ACCT_HANGUL_LN  19
#define ACCT_HANGUL_VN  21
#define ACCT_HANGUL_TN  28


#define acct_nelts(a)   (sizeof(a) / sizeof((a)[0]))


static uint32_t acct_row(const uint32_t *rows, size_t n, uint32_t c);


acct_cc_t
acct_classed(uint32_t c)
{
    unsigned         cls;
    const uint32_t  *r;

    cls = acct_class(c);

    if (cls != ACCT_CLASS_SPECIAL) {
        return acct_cc(c, cls);
    }

    r = acct_base_record(c);

    if (r[0] & (ACCT_BASE_SELF | ACCT_BASE_FLAG)) {
        return c | (r[0] & 0xff000000);
    }

    return (r[0] & ACCT_BASE_LEN) == 1 ? r[1] : acct_cc(c, 0);
}


uint32_t
acct_compose(uint32_t a, uint32_t b)
{
    size_t    low, high, i;
    uint64_t  key;

    if (a - ACCT_HANGUL_L < ACCT_HANGUL_LN
        && b - ACCT_HANGUL_V < ACCT_HANGUL_VN)
    {
        return ACCT_HANGUL_S + ((a - ACCT_HANGUL_L) * ACCT_HANGUL_VN
                                + b - ACCT_HANGUL_V) * ACCT_HANGUL_TN;
    }

    if (a - ACCT_HANGUL_S < ACCT_HANGUL_LN * ACCT_HANGUL_VN * ACCT_HANGUL_TN
        && (a - ACCT_HANGUL_S) % ACCT_HANGUL_TN == 0
        && b - ACCT_HANGUL_T - 1 < ACCT_HANGUL_TN - 1)
    {
        return a + b - ACCT_HANGUL_T;
    }

    key = ((uint64_t) a << 21) | b;
    low = 0;
    high = acct_nelts(acct_pairs);

    while (low < high) {
        i = (low + high) / 2;

        if (acct_pairs[i] >> 21 < key) {
            low = i + 1;

        } else {
            high = i;
        }
    }

    if (low < acct_nelts(acct_pairs) && acct_pairs[low] >> 21 == key) {
        return acct_pairs[low] & 0x1fffff;
    }

    return 0;
}


int
acct_decompose(uint32_t c, uint32_t *a, uint32_t *b)
{
    size_t    low, high, i;
    uint64_t  pair;

    low = 0;
    high = acct_nelts(acct_pairs_order);

    while (low < high) {
        i = (low + high) / 2;

        if ((acct_pairs[acct_pairs_order[i]] & 0x1fffff) < c) {
            low = i + 1;

        } else {
            high = i;
        }
    }

    if (low == acct_nelts(acct_pairs_order)) {
        return 0;
    }

    pair = acct_pairs[acct_pairs_order[low]];

    if ((pair & 0x1fffff) != c) {
        return 0;
    }

    *a = (uint32_t) (pair >> 42);
    *b = (uint32_t) (pair >> 21) & 0x1fffff;

    return 1;
}


/* rows are a code point of the BMP above 16 bits of value, in order */

static uint32_t
acct_row(const uint32_t *rows, size_t n, uint32_t c)
{
    size_t  low, high, i;

    low = 0;
    high = n;

    while (low < high) {
        i = (low + high) / 2;

        if (rows[i] >> 16 < c) {
            low = i + 1;

        } else {
            high = i;
        }
    }

    return low < n && rows[low] >> 16 == c ? rows[low] & 0xffff : 0;
}


uint32_t
acct_stroke(uint32_t c)
{
    return acct_row(acct_strokes, acct_nelts(acct_strokes), c);
}


uint32_t
acct_unmask_same(uint32_t c)
{
    return acct_row(acct_unmask_even, acct_nelts(acct_unmask_even), c);
}


uint32_t
acct_unmask_worn(uint32_t c)
{
    return acct_row(acct_unmask_masked, acct_nelts(acct_unmask_masked), c);
}


uint32_t
acct_unmask_kana(uint32_t c)
{
    return acct_row(acct_unmask_drawn, acct_nelts(acct_unmask_drawn), c);
}


unsigned
acct_digit(uint32_t c)
{
    size_t    low, high, i;
    uint32_t  run, k;

    if (c - '0' < 10) {
        return c - '0';
    }

    /* the last run that does not begin after c */

    low = 0;
    high = acct_nelts(acct_digit_runs);

    while (low < high) {
        i = (low + high) / 2;

        if (acct_digit_runs[i] >> 9 <= c) {
            low = i + 1;

        } else {
            high = i;
        }
    }

    if (low == 0) {
        return ACCT_DIGIT_NONE;
    }

    run = acct_digit_runs[low - 1];
    k = c - (run >> 9);

    if (k > ((run >> 5) & 0x0f)) {
        return ACCT_DIGIT_NONE;
    }

    return (((run >> 1) & 0x0f) + k) | (run & 1 ? ACCT_DIGIT_WORD : 0);
}
