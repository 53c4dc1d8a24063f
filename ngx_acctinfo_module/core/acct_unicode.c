
/*
 * Copyright (C) the ngx_acctinfo_module authors
 */


#include "acct_unicode.h"


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
