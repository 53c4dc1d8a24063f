
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acct_unicode.h: UTF-8 in and out.
 */


#ifndef ACCT_UNICODE_H_INCLUDED
#define ACCT_UNICODE_H_INCLUDED


#include "acct_base.h"


#define ACCT_UTF8_MAX        4
#define ACCT_REPLACEMENT     0xfffd


/*
 * Reads one character of the n > 0 bytes at p.
 *
 *   > 0   its length; *c is the code point
 *   0     the bytes are the beginning of a character, and more are needed
 *   < 0   minus the length of an ill-formed piece: the maximal subpart of
 *         Unicode 15.0, section 3.9, that is replaced by one U+FFFD
 */

int acct_utf8_read(const uint8_t *p, size_t n, uint32_t *c);


/* The length without a last character that is only begun */

size_t acct_utf8_whole(const uint8_t *p, size_t n);


/* Writes a scalar value, at most ACCT_UTF8_MAX bytes; returns its length */

static inline unsigned
acct_utf8_write(uint8_t *p, uint32_t c)
{
    if (c < 0x80) {
        p[0] = (uint8_t) c;
        return 1;
    }

    if (c < 0x800) {
        p[0] = (uint8_t) (0xc0 | (c >> 6));
        p[1] = (uint8_t) (0x80 | (c & 0x3f));
        return 2;
    }

    if (c < 0x10000) {
        p[0] = (uint8_t) (0xe0 | (c >> 12));
        p[1] = (uint8_t) (0x80 | ((c >> 6) & 0x3f));
        p[2] = (uint8_t) (0x80 | (c & 0x3f));
        return 3;
    }

    p[0] = (uint8_t) (0xf0 | (c >> 18));
    p[1] = (uint8_t) (0x80 | ((c >> 12) & 0x3f));
    p[2] = (uint8_t) (0x80 | ((c >> 6) & 0x3f));
    p[3] = (uint8_t) (0x80 | (c & 0x3f));

    return 4;
}


#endif /* ACCT_UNICODE_H_INCLUDED */
