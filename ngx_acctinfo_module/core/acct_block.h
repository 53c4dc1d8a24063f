
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acct_block.h: inside the text room, what is done to sixteen characters at a
 * time.  Each function stands here twice, for SSE2 and in plain C; a test
 * holds the one against the other.  With ACCT_PLAIN the plain one is taken.
 *
 * All of them read and write whole blocks: whoever calls has room for a block
 * behind what counts.
 */


#ifndef ACCT_BLOCK_H_INCLUDED
#define ACCT_BLOCK_H_INCLUDED


#include "acct_text.h"
#include "acct_unicode.h"


#if (defined __SSE2__ && !defined ACCT_PLAIN)

#define ACCT_SSE2  1

#include <emmintrin.h>

#define acct_load(p)      _mm_loadu_si128((const __m128i *) (p))
#define acct_store(p, v)  _mm_storeu_si128((__m128i *) (p), (v))

#endif


#define ACCT_BLOCK        16


/* What a block of characters is to UTF-8 */

typedef enum {
    ACCT_BLOCK_LONG = 0,                /* there is one of four bytes */
    ACCT_BLOCK_MIXED,
    ACCT_BLOCK_ASCII,
    ACCT_BLOCK_THREE                    /* of three bytes each */
} acct_block_e;


static inline acct_block_e
acct_block_kind_plain(const acct_cc_t *cc)
{
    unsigned  i, ascii, three, four;
    uint32_t  c;

    ascii = 0;
    three = 0;
    four = 0;

    for (i = 0; i < ACCT_BLOCK; i++) {
        c = acct_cc_char(cc[i]);
        ascii += c < 0x80;
        three += c >= 0x800 && c < 0x10000;
        four += c >= 0x10000;
    }

    return ascii == ACCT_BLOCK ? ACCT_BLOCK_ASCII
           : three == ACCT_BLOCK ? ACCT_BLOCK_THREE
           : four ? ACCT_BLOCK_LONG : ACCT_BLOCK_MIXED;
}


/* The characters as bytes, 0xff at most; and their classes */

static inline void
acct_block_split_plain(const acct_cc_t *cc, uint8_t *bytes, uint8_t *classes)
{
    unsigned  i;
    uint32_t  c;

    for (i = 0; i < ACCT_BLOCK; i++) {
        c = acct_cc_char(cc[i]);
        bytes[i] = (uint8_t) (c < 0xff ? c : 0xff);
        classes[i] = (uint8_t) (cc[i] >> 24);
    }
}


/* Four characters of three bytes each into twelve bytes; sixteen are written */

static inline void
acct_block_three_plain(const acct_cc_t *cc, uint8_t *p)
{
    unsigned  i;

    for (i = 0; i < 4; i++) {
        p += acct_utf8_write(p, acct_cc_char(cc[i]));
    }
}


/* Characters below U+10000 as UTF-8, each the first bytes of a word; lengths */

static inline void
acct_block_words_plain(const acct_cc_t *cc, uint32_t *words, uint32_t *len)
{
    unsigned  i;

    for (i = 0; i < ACCT_BLOCK; i++) {
        words[i] = acct_utf8_word(acct_cc_char(cc[i]), &len[i]);
    }
}


/*
 * Whether nothing in the block is for han to act on: no character has a row of
 * the tables, none is kana or bopomofo, none equals the one behind it.
 */

static inline unsigned
acct_block_quiet_plain(const acct_cc_t *cc)
{
    unsigned  i, group;

    for (i = 0; i < ACCT_BLOCK; i++) {
        group = acct_cc_group(cc[i]);

        if (acct_cc_is(cc[i], ACCT_CLASS_MAP) || cc[i] == cc[i + 1]
            || group == ACCT_CLASS_KANA || group == ACCT_CLASS_BOPOMOFO)
        {
            return 0;
        }
    }

    return 1;
}


/* Sets of the block's bytes, a bit each: those that are v; the same in both;
   of group g; with a bit of their class */

static inline unsigned
acct_block_are_plain(const uint8_t *p, uint8_t v)
{
    unsigned  i, set;

    for (i = 0, set = 0; i < ACCT_BLOCK; i++) {
        set |= (unsigned) (p[i] == v) << i;
    }

    return set;
}


static inline unsigned
acct_block_same_plain(const uint8_t *p, const uint8_t *q)
{
    unsigned  i, set;

    for (i = 0, set = 0; i < ACCT_BLOCK; i++) {
        set |= (unsigned) (p[i] == q[i]) << i;
    }

    return set;
}


static inline unsigned
acct_block_group_plain(const uint8_t *classes, uint8_t g)
{
    unsigned  i, set;

    for (i = 0, set = 0; i < ACCT_BLOCK; i++) {
        set |= (unsigned) ((classes[i] & ACCT_CLASS_GROUP) == g) << i;
    }

    return set;
}


static inline unsigned
acct_block_with_plain(const uint8_t *p, uint8_t bit)
{
    unsigned  i, set;

    for (i = 0, set = 0; i < ACCT_BLOCK; i++) {
        set |= (unsigned) ((p[i] & bit) != 0) << i;
    }

    return set;
}


/* One letter put in another's place */

static inline void
acct_block_put_plain(uint8_t *p, uint8_t from, uint8_t to)
{
    unsigned  i;

    for (i = 0; i < ACCT_BLOCK; i++) {
        p[i] = p[i] == from ? to : p[i];
    }
}


/* The origins of half a block of characters of one byte, from the first on */

static inline void
acct_block_origins_plain(acct_origin_t *origin, acct_origin_t first)
{
    unsigned  i;

    for (i = 0; i < ACCT_BLOCK / 2; i++) {
        origin[i] = first + acct_origin(i, 0, 0);
    }
}


/* One origin for each letter of a syllable */

static inline void
acct_block_syllable_plain(acct_origin_t *origin, acct_origin_t o)
{
    unsigned  i;

    for (i = 0; i < ACCT_SYLLABLE_MAX; i++) {
        origin[i] = o;
    }
}


/* Whether an evasive step left a bit on an origin */

static inline unsigned
acct_block_evasive_plain(const acct_origin_t *origin)
{
    unsigned       i;
    acct_origin_t  any;

    for (i = 0, any = 0; i < ACCT_BLOCK; i++) {
        any |= origin[i];
    }

    return (any & (ACCT_ORIGIN_HIDDEN | ACCT_ORIGIN_ALTERED)) != 0;
}


#if (ACCT_SSE2)


static inline acct_block_e
acct_block_kind(const acct_cc_t *cc)
{
    __m128i  a, b, c, d, any, mask, two, three;

    mask = _mm_set1_epi32(0x1fffff);

    a = _mm_and_si128(acct_load(cc), mask);
    b = _mm_and_si128(acct_load(cc + 4), mask);
    c = _mm_and_si128(acct_load(cc + 8), mask);
    d = _mm_and_si128(acct_load(cc + 12), mask);

    any = _mm_or_si128(_mm_or_si128(a, b), _mm_or_si128(c, d));

    if (_mm_movemask_epi8(_mm_cmpgt_epi32(any, _mm_set1_epi32(0x7f))) == 0) {
        return ACCT_BLOCK_ASCII;
    }

    if (_mm_movemask_epi8(_mm_cmpgt_epi32(any, _mm_set1_epi32(0xffff)))) {
        return ACCT_BLOCK_LONG;
    }

    two = _mm_set1_epi32(0x7ff);

    three = _mm_and_si128(_mm_and_si128(_mm_cmpgt_epi32(a, two),
                                        _mm_cmpgt_epi32(b, two)),
                          _mm_and_si128(_mm_cmpgt_epi32(c, two),
                                        _mm_cmpgt_epi32(d, two)));

    return _mm_movemask_epi8(three) == 0xffff ? ACCT_BLOCK_THREE
                                              : ACCT_BLOCK_MIXED;
}


/* both packs are of signed numbers, and saturate: 0x1fffff becomes 0xff */

static inline void
acct_block_split(const acct_cc_t *cc, uint8_t *bytes, uint8_t *classes)
{
    __m128i  a, b, c, d, mask;

    mask = _mm_set1_epi32(0x1fffff);

    a = acct_load(cc);
    b = acct_load(cc + 4);
    c = acct_load(cc + 8);
    d = acct_load(cc + 12);

    acct_store(classes,
               _mm_packus_epi16(_mm_packs_epi32(_mm_srli_epi32(a, 24),
                                                _mm_srli_epi32(b, 24)),
                                _mm_packs_epi32(_mm_srli_epi32(c, 24),
                                                _mm_srli_epi32(d, 24))));

    acct_store(bytes,
               _mm_packus_epi16(_mm_packs_epi32(_mm_and_si128(a, mask),
                                                _mm_and_si128(b, mask)),
                                _mm_packs_epi32(_mm_and_si128(c, mask),
                                                _mm_and_si128(d, mask))));
}


static inline void
acct_block_three(const acct_cc_t *cc, uint8_t *p)
{
    __m128i  c, e;

    c = _mm_and_si128(acct_load(cc), _mm_set1_epi32(0xffff));

    e = _mm_or_si128(_mm_or_si128(_mm_set1_epi32(0x8080e0),
                                  _mm_srli_epi32(c, 12)),
                     _mm_or_si128(_mm_and_si128(_mm_slli_epi32(c, 2),
                                                _mm_set1_epi32(0x3f00)),
                                  _mm_slli_epi32(
                                      _mm_and_si128(c, _mm_set1_epi32(0x3f)),
                                      16)));

    /* two of three bytes into six, in each half */

    e = _mm_or_si128(_mm_and_si128(e, _mm_set_epi32(0, -1, 0, -1)),
                     _mm_slli_epi64(_mm_srli_epi64(e, 32), 24));

    _mm_storel_epi64((__m128i *) p, e);
    _mm_storel_epi64((__m128i *) (p + 6), _mm_unpackhi_epi64(e, e));
}


static inline void
acct_block_words(const acct_cc_t *cc, uint32_t *words, uint32_t *len)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    unsigned  i;
    __m128i   c, low, two, three, is_two, is_three;

    for (i = 0; i < ACCT_BLOCK; i += 4) {
        c = _mm_and_si128(acct_load(cc + i), _mm_set1_epi32(0xffff));
        low = _mm_and_si128(c, _mm_set1_epi32(0x3f));

        two = _mm_or_si128(_mm_set1_epi32(0x80c0),
                           _mm_or_si128(_mm_srli_epi32(c, 6),
                                        _mm_slli_epi32(low, 8)));

        three = _mm_or_si128(_mm_or_si128(_mm_set1_epi32(0x8080e0),
                                          _mm_srli_epi32(c, 12)),
                             _mm_or_si128(_mm_and_si128(
                                              _mm_slli_epi32(c, 2),
                                              _mm_set1_epi32(0x3f00)),
                                          _mm_slli_epi32(low, 16)));

        is_two = _mm_cmpgt_epi32(c, _mm_set1_epi32(0x7f));
        is_three = _mm_cmpgt_epi32(c, _mm_set1_epi32(0x7ff));

        acct_store(len + i, _mm_sub_epi32(_mm_sub_epi32(_mm_set1_epi32(1),
                                                        is_two), is_three));

        two = _mm_xor_si128(c, _mm_and_si128(_mm_xor_si128(c, two), is_two));
        three = _mm_and_si128(_mm_xor_si128(two, three), is_three);

        acct_store(words + i, _mm_xor_si128(two, three));
    }
#else
    acct_block_words_plain(cc, words, len);
#endif
}


static inline unsigned
acct_block_quiet(const acct_cc_t *cc)
{
    unsigned  i;
    __m128i   v, g, loud, group, kana, bopomofo, map;

    loud = _mm_setzero_si128();
    group = _mm_set1_epi32(ACCT_CLASS_GROUP << 24);
    kana = _mm_set1_epi32(ACCT_CLASS_KANA << 24);
    bopomofo = _mm_set1_epi32(ACCT_CLASS_BOPOMOFO << 24);
    map = _mm_set1_epi32(ACCT_CLASS_MAP << 24);

    for (i = 0; i < ACCT_BLOCK; i += 4) {
        v = acct_load(cc + i);
        g = _mm_and_si128(v, group);

        loud = _mm_or_si128(loud, _mm_cmpeq_epi32(v, acct_load(cc + i + 1)));
        loud = _mm_or_si128(loud, _mm_cmpeq_epi32(g, kana));
        loud = _mm_or_si128(loud, _mm_cmpeq_epi32(g, bopomofo));
        loud = _mm_or_si128(loud, _mm_and_si128(v, map));
    }

    return _mm_movemask_epi8(_mm_cmpeq_epi32(loud, _mm_setzero_si128()))
           == 0xffff;
}


static inline unsigned
acct_block_are(const uint8_t *p, uint8_t v)
{
    return (unsigned) _mm_movemask_epi8(_mm_cmpeq_epi8(
                                        acct_load(p),
                                        _mm_set1_epi8((char) v)));
}


static inline unsigned
acct_block_same(const uint8_t *p, const uint8_t *q)
{
    return (unsigned) _mm_movemask_epi8(_mm_cmpeq_epi8(acct_load(p),
                                                       acct_load(q)));
}


static inline unsigned
acct_block_group(const uint8_t *classes, uint8_t g)
{
    return (unsigned) _mm_movemask_epi8(_mm_cmpeq_epi8(
                          _mm_and_si128(acct_load(classes),
                                        _mm_set1_epi8(ACCT_CLASS_GROUP)),
                          _mm_set1_epi8((char) g)));
}


static inline unsigned
acct_block_with(const uint8_t *p, uint8_t bit)
{
    return 0xffff & ~(unsigned) _mm_movemask_epi8(_mm_cmpeq_epi8(
                                    _mm_and_si128(acct_load(p),
                                                  _mm_set1_epi8((char) bit)),
                                    _mm_setzero_si128()));
}


static inline void
acct_block_put(uint8_t *p, uint8_t from, uint8_t to)
{
    __m128i  v;

    v = acct_load(p);

    acct_store(p, _mm_xor_si128(v, _mm_and_si128(
                      _mm_cmpeq_epi8(v, _mm_set1_epi8((char) from)),
                      _mm_set1_epi8((char) (from ^ to)))));
}


static inline void
acct_block_origins(acct_origin_t *origin, acct_origin_t first)
{
    __m128i  o, two;

    o = _mm_set_epi64x((long long) (first + acct_origin(1, 0, 0)),
                       (long long) first);
    two = _mm_set_epi64x(acct_origin(2, 0, 0), acct_origin(2, 0, 0));

    acct_store(origin, o);
    o = _mm_add_epi64(o, two);
    acct_store(origin + 2, o);
    o = _mm_add_epi64(o, two);
    acct_store(origin + 4, o);
    o = _mm_add_epi64(o, two);
    acct_store(origin + 6, o);
}


static inline void
acct_block_syllable(acct_origin_t *origin, acct_origin_t o)
{
    unsigned  i;
    __m128i   v;

    v = _mm_set1_epi64x((long long) o);

    for (i = 0; i < ACCT_SYLLABLE_MAX; i += 2) {
        acct_store(origin + i, v);
    }
}


static inline unsigned
acct_block_evasive(const acct_origin_t *origin)
{
    unsigned  i;
    __m128i   any;

    any = acct_load(origin);

    for (i = 2; i < ACCT_BLOCK; i += 2) {
        any = _mm_or_si128(any, acct_load(origin + i));
    }

    any = _mm_or_si128(any, _mm_unpackhi_epi64(any, any));

    return ((unsigned) _mm_cvtsi128_si32(any)
            & (ACCT_ORIGIN_HIDDEN | ACCT_ORIGIN_ALTERED)) != 0;
}


#else

#define acct_block_kind     acct_block_kind_plain
#define acct_block_split    acct_block_split_plain
#define acct_block_three    acct_block_three_plain
#define acct_block_words    acct_block_words_plain
#define acct_block_quiet    acct_block_quiet_plain
#define acct_block_are      acct_block_are_plain
#define acct_block_same     acct_block_same_plain
#define acct_block_group    acct_block_group_plain
#define acct_block_with     acct_block_with_plain
#define acct_block_put      acct_block_put_plain
#define acct_block_origins  acct_block_origins_plain
#define acct_block_syllable acct_block_syllable_plain
#define acct_block_evasive  acct_block_evasive_plain

#endif


#endif /* ACCT_BLOCK_H_INCLUDED */
