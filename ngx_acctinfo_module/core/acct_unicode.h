
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acct_unicode.h: UTF-8 in and out, and what the tables say of a character.
 *
 * The tables are made by unicode/tables.py; only this room includes them.
 */


#ifndef ACCT_UNICODE_H_INCLUDED
#define ACCT_UNICODE_H_INCLUDED


#include "acct_base.h"
#include "acct_unicode_data.h"


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


/*
 * One character of three bytes, of which four can be read, without a table:
 * the code point, or 0 if that is not what stands there.  A surrogate comes
 * through; acct_class() says ACCT_CLASS_SPECIAL of it.
 */

static inline uint32_t
acct_utf8_three(const uint8_t *p)
{
    uint32_t  c;

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    memcpy(&c, p, sizeof(c));

    if ((c & 0xc0c0f0) != 0x8080e0) {
        return 0;
    }

    c = ((c & 0x0f) << 12) | ((c >> 2) & 0xfc0) | ((c >> 16) & 0x3f);
#else
    if ((p[0] & 0xf0) != 0xe0 || (((p[1] ^ 0x80) | (p[2] ^ 0x80)) & 0xc0)) {
        return 0;
    }

    c = ((p[0] & 0x0fu) << 12) | ((p[1] & 0x3fu) << 6) | (p[2] & 0x3f);
#endif

    return c < 0x800 ? 0 : c;
}


/* Whether a character of three bytes stands there, of which four can be read:
   no surrogate, and none that is too long */

static inline unsigned
acct_utf8_is_three(const uint8_t *p)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint32_t  c, rest;

    memcpy(&c, p, sizeof(c));
    rest = c & 0x00200f;

    return (c & 0xc0c0f0) == 0x8080e0 && rest != 0 && rest != 0x00200d;
#else
    uint32_t  c;

    c = acct_utf8_three(p);

    return c != 0 && c - 0xd800 >= 0x800;
#endif
}


/* Likewise one of two bytes, of which both can be read */

static inline int
acct_utf8_is_two(const uint8_t *p)
{
    return (p[0] & 0xe0) == 0xc0 && p[0] >= 0xc2 && (p[1] & 0xc0) == 0x80;
}


/* How many of the first bytes of a word are ASCII, in the order of memory */

static inline unsigned
acct_utf8_ascii(uint64_t word)
{
    word &= 0x8080808080808080;

    if (word == 0) {
        return 8;
    }

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return (unsigned) __builtin_ctzll(word) / 8;
#else
    return (unsigned) __builtin_clzll(word) / 8;
#endif
}


/* The length without a last character that is only begun */

size_t acct_utf8_whole(const uint8_t *p, size_t n);


/*
 * Writes a scalar value, at most ACCT_UTF8_MAX bytes; returns its length.  p
 * has room for ACCT_UTF8_MAX, whatever the length: three bytes go out in one
 * store.
 */

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
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        c = 0x8080e0 | (c >> 12) | ((c << 2) & 0x3f00)
            | ((c & 0x3f) << 16);
        memcpy(p, &c, sizeof(c));
#else
        p[0] = (uint8_t) (0xe0 | (c >> 12));
        p[1] = (uint8_t) (0x80 | ((c >> 6) & 0x3f));
        p[2] = (uint8_t) (0x80 | (c & 0x3f));
#endif
        return 3;
    }

    p[0] = (uint8_t) (0xf0 | (c >> 18));
    p[1] = (uint8_t) (0x80 | ((c >> 12) & 0x3f));
    p[2] = (uint8_t) (0x80 | ((c >> 6) & 0x3f));
    p[3] = (uint8_t) (0x80 | (c & 0x3f));

    return 4;
}


/*
 * Likewise, as a word whose first bytes in memory are the character's, and
 * without a branch but for the rarest.
 */

static inline uint32_t
acct_utf8_word(uint32_t c, unsigned *len)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint32_t  two, three, is_two, is_three;

    if (c < 0x10000) {
        two = 0x80c0 | (c >> 6) | ((c & 0x3f) << 8);
        three = 0x8080e0 | (c >> 12) | ((c << 2) & 0x3f00)
            | ((c & 0x3f) << 16);

        is_two = 0 - (uint32_t) (c >= 0x80);
        is_three = 0 - (uint32_t) (c >= 0x800);

        *len = 1 - is_two - is_three;

        return c ^ ((c ^ two) & is_two) ^ ((two ^ three) & is_three);
    }
#endif

    {
        uint8_t   p[ACCT_UTF8_MAX] = { 0 };
        uint32_t  word;

        *len = acct_utf8_write(p, c);
        memcpy(&word, p, sizeof(word));

        return word;
    }
}


/*
 * A character with its class: the code point, and above it the class byte,
 * whose parts are a group (ACCT_CLASS_SYMBOL ..) and the bits
 *
 *   KEEP     a letter, digit or mark: bare keeps it
 *   DIGIT    acct_digit() has its value
 *   MAP      acct_strip(), acct_lookalike(), acct_han() or acct_stroke() may
 *            have a row for it; without the bit they have none
 *   TOKEN    it may belong to a token of latin
 */

typedef uint32_t  acct_cc_t;

#define acct_cc(c, cls)     ((uint32_t) (c) | ((uint32_t) (cls) << 24))
#define acct_cc_char(cc)    ((cc) & 0x1fffff)
#define acct_cc_is(cc, bit) ((cc) & ((uint32_t) (bit) << 24))
#define acct_cc_group(cc)   (((cc) >> 24) & ACCT_CLASS_GROUP)


/*
 * The base table.  A character whose class is not ACCT_CLASS_SPECIAL stays
 * itself, neither composes nor is a mark.  Any other has a record: a head of
 * ACCT_BASE_ flags, and ACCT_BASE_LEN characters with their classes.  Most of
 * either kind are one addition away from what they become.  In the head are
 *
 *   PLAIN      none of the characters composes with what stands before it
 *   ALTERED    the fold is an evasion
 *   SELF       the character stays itself; bits 31..24 have its class, bits
 *              23..16 its combining class
 *   FIRST      it may compose with what stands behind it (set with SELF)
 *   SECOND     it may compose with a starter before it
 *   NONSPACING a mark of category Mn
 *   OVERLAY    one that is dropped from any letter (set with SELF, in the
 *              place of LEN)
 *   DROP       it is dropped; bits 23..16 have the ACCT_DROP_ bits
 *   FLAG       a regional indicator
 */

#define ACCT_CLASS_SPECIAL   0xffu


/* What to add for the character that c becomes, with its class; or SPECIAL */

static inline unsigned
acct_class_kind(uint32_t c)
{
    return acct_class_leaf[acct_class_index[c >> 7] + (c & 0x7f)];
}


static inline unsigned
acct_class(uint32_t c)
{
    unsigned  kind;

    kind = acct_class_kind(c);

    return kind < ACCT_CLASS_STAY ? acct_class_add[kind] >> 24
                                  : ACCT_CLASS_SPECIAL;
}


static inline const uint32_t *
acct_base_record(uint32_t c)
{
    return acct_base_pool
           + acct_base_leaf[acct_base_index[c >> 7] + (c & 0x7f)];
}


/* The head of a character's record; 0 if it is not special */

static inline uint32_t
acct_base_head(uint32_t c)
{
    return acct_class(c) == ACCT_CLASS_SPECIAL ? acct_base_record(c)[0] : 0;
}


/* The character itself, with its class */

acct_cc_t acct_classed(uint32_t c);


/* The ACCT_SCRIPT_ bits of a character's script, and the script itself */

static inline unsigned
acct_script(uint32_t c)
{
    return acct_script_leaf[acct_script_index[c >> 7] + (c & 0x7f)];
}


static inline unsigned
acct_script_bits(uint32_t c)
{
    return acct_scripts[acct_script(c)];
}


/* The canonical composition of two characters, or 0 (UAX #15, Hangul too) */

uint32_t acct_compose(uint32_t a, uint32_t b);


/* The last canonical decomposition into two; 0 where there is none */

int acct_decompose(uint32_t c, uint32_t *a, uint32_t *b);


/* A Latin, Greek or Cyrillic letter without its marks; itself otherwise */

static inline uint32_t
acct_strip_marks(uint32_t c)
{
    uint32_t  v;

    if (c > 0xffff) {
        return c;
    }

    v = acct_strip_leaf[acct_strip_index[c >> 7] + (c & 0x7f)];

    return v ? v : c;
}


/* The small Latin letter that c looks like and ACCT_LOOKALIKE_ bits, or 0 */

#define ACCT_LOOKALIKE_STRICT  0x8000u
#define ACCT_LOOKALIKE_EVEN    0x4000u

static inline unsigned
acct_lookalike(uint32_t c)
{
    return c > 0xffff ? 0
           : acct_lookalike_leaf[acct_lookalike_index[c >> 7] + (c & 0x7f)];
}


/* The simplified form of a Han character, and ACCT_HAN_ALIKE; 0: itself */

#define ACCT_HAN_ALIKE         0x80000000u

static inline uint32_t
acct_han(uint32_t c)
{
    uint32_t  v;

    if (c < 0x3400 || c > 0xfaff) {
        return 0;
    }

    v = acct_han_leaf[acct_han_index[(c - 0x3400) >> 7]
                      + ((c - 0x3400) & 0x7f)];

    if (v == 0) {
        return 0;
    }

    return (0x3400 + (v & 0x7fff)) | (v & 0x8000 ? ACCT_HAN_ALIKE : 0);
}


/* The Han character that a kana letter may be a drawing of, or 0 */

uint32_t acct_stroke(uint32_t c);


/*
 * Behind a mask: the letter of a script that an ASCII character is written in
 * the place of (acct_unmask_cyrillic, acct_unmask_greek: 0 if there is none);
 * what a letter is another way to write, ACCT_UNMASK_NOTHING where it is left
 * out, or 0, and what it is in words of rules and words that wear a mask; the
 * katakana that a Han character is drawn like, or 0.
 */

#define ACCT_UNMASK_NOTHING    0xffffu

uint32_t acct_unmask_same(uint32_t c);
uint32_t acct_unmask_worn(uint32_t c);
uint32_t acct_unmask_kana(uint32_t c);


/* The value of a digit or numeral, and ACCT_DIGIT_WORD if it is an evasion */

#define ACCT_DIGIT_WORD        0x10u
#define ACCT_DIGIT_NONE        0xffu

unsigned acct_digit(uint32_t c);


/*
 * The toneless reading of a Han character: its length, 0 where none is known.
 * Eight bytes can be read at *letters.
 */

static inline unsigned
acct_reading(uint32_t c, const uint8_t **letters)
{
    c = c < 0x40000 ? c : 0;

    *letters = acct_syllables
               + 8 * acct_sound_leaf[acct_sound_index[c >> 7] * 128u
                                     + (c & 0x7f)];

    return (*letters)[7];
}


#endif /* ACCT_UNICODE_H_INCLUDED */
