
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * What is done to sixteen characters at a time, in vectors and in plain C:
 * both do the same.  And what the text room takes for granted of the tables.
 */


#include "acct_block.h"
#include "text.h"
#include "tap.h"


#define TIMES  200000


/* a character with its class, of a kind that many in a block share */

static acct_cc_t
any(uint64_t *seed, unsigned kind)
{
    uint32_t  c;

    switch (chance(seed, 16) ? kind : chance(seed, 6)) {

    case 0:
        c = chance(seed, 0x80);
        break;

    case 1:
        c = chance(seed, 4) ? 'a' + chance(seed, 26) : ' ';
        break;

    case 2:
        c = 0x4e00 + chance(seed, chance(seed, 2) ? 4 : 0x5200);
        break;

    case 3:
        c = 0x80 + chance(seed, 0x780);
        break;

    case 4:
        c = 0x3000 + chance(seed, 0x200);
        break;

    default:
        c = chance(seed, 0x110000);
        break;
    }

    return chance(seed, 8) ? acct_classed(c) : acct_cc(c, chance(seed, 256));
}


static void
test_characters(void)
{
    int            good;
    uint8_t        p[2][64], classes[2][ACCT_BLOCK];
    uint32_t       words[2][ACCT_BLOCK], len[2][ACCT_BLOCK];
    uint64_t       seed;
    unsigned       i, k, kind, kinds[ACCT_BLOCK_THREE + 1], quiet;
    acct_cc_t      cc[ACCT_BLOCK + 1];

    seed = 16;
    good = 1;
    quiet = 0;
    memset(kinds, 0, sizeof(kinds));

    for (i = 0; good && i < TIMES; i++) {
        kind = chance(&seed, 6);

        for (k = 0; k < ACCT_BLOCK + 1; k++) {
            cc[k] = any(&seed, kind);
        }

        kind = acct_block_kind_plain(cc);
        kinds[kind]++;
        good = acct_block_kind(cc) == kind;

        acct_block_split(cc, p[0], classes[0]);
        acct_block_split_plain(cc, p[1], classes[1]);
        good = good && memcmp(p[0], p[1], ACCT_BLOCK) == 0
               && memcmp(classes[0], classes[1], ACCT_BLOCK) == 0;

        good = good && acct_block_quiet(cc) == acct_block_quiet_plain(cc);
        quiet += acct_block_quiet(cc);

        if (kind == ACCT_BLOCK_THREE) {
            acct_block_three(cc, p[0]);
            acct_block_three_plain(cc, p[1]);
            good = good && memcmp(p[0], p[1], 12) == 0;
        }

        if (kind != ACCT_BLOCK_LONG) {
            acct_block_words(cc, words[0], len[0]);
            acct_block_words_plain(cc, words[1], len[1]);

            for (k = 0; k < ACCT_BLOCK; k++) {
                good = good && len[0][k] == len[1][k]
                       && memcmp(&words[0][k], &words[1][k], len[0][k]) == 0;
            }
        }
    }

    ok(good && kinds[ACCT_BLOCK_LONG] && kinds[ACCT_BLOCK_MIXED]
       && kinds[ACCT_BLOCK_ASCII] && kinds[ACCT_BLOCK_THREE] && quiet,
       "blocks of characters");
}


static void
test_sets(void)
{
    int            good;
    uint8_t        p[2][ACCT_BLOCK + 2], v, w;
    uint64_t       seed;
    unsigned       i, k;
    acct_origin_t  origin[2][ACCT_BLOCK];

    seed = 17;
    good = 1;

    for (i = 0; good && i < TIMES; i++) {

        for (k = 0; k < ACCT_BLOCK + 2; k++) {
            p[0][k] = (uint8_t) chance(&seed, i % 2 ? 256 : 4);
        }

        memcpy(p[1], p[0], ACCT_BLOCK);
        v = (uint8_t) chance(&seed, i % 2 ? 256 : 4);
        w = (uint8_t) (1u << chance(&seed, 8));

        good = acct_block_are(p[0], v) == acct_block_are_plain(p[0], v)
               && acct_block_same(p[0], p[0] + 1)
                  == acct_block_same_plain(p[0], p[0] + 1)
               && acct_block_group(p[0], v & ACCT_CLASS_GROUP)
                  == acct_block_group_plain(p[0], v & ACCT_CLASS_GROUP)
               && acct_block_with(p[0], w) == acct_block_with_plain(p[0], w);

        acct_block_put(p[0], v, w);
        acct_block_put_plain(p[1], v, w);
        good = good && memcmp(p[0], p[1], ACCT_BLOCK) == 0;

        for (k = 0; k < ACCT_BLOCK; k++) {
            origin[0][k] = acct_origin(chance(&seed, 1000), 3,
                                       i % 8 == k % 8 ? chance(&seed, 8) : 0);
        }

        good = good && acct_block_evasive(origin[0])
                       == acct_block_evasive_plain(origin[0]);

        acct_block_origins(origin[0], acct_origin(i, 1, 0));
        acct_block_origins_plain(origin[1], acct_origin(i, 1, 0));
        good = good && memcmp(origin[0], origin[1],
                              ACCT_BLOCK / 2 * sizeof(acct_origin_t)) == 0;

        acct_block_syllable(origin[0], acct_origin(i, 3, 1));
        acct_block_syllable_plain(origin[1], acct_origin(i, 3, 1));
        good = good && memcmp(origin[0], origin[1],
                              ACCT_SYLLABLE_MAX * sizeof(acct_origin_t)) == 0;
    }

    ok(good, "blocks of bytes and origins");
}


/* what is read of UTF-8 in haste, against what is read with care */

static void
test_utf8(void)
{
    int       good;
    uint8_t   p[8];
    uint32_t  c, word;
    uint64_t  seed;
    unsigned  i, k, len, three;

    seed = 18;
    good = 1;
    three = 0;

    for (i = 0; good && i < 4 * TIMES; i++) {

        for (k = 0; k < 8; k++) {
            p[k] = (uint8_t) (chance(&seed, 4)
                              ? (k % 3 ? 0x80 + chance(&seed, 64)
                                       : 0xe0 + chance(&seed, 16))
                              : chance(&seed, 256));
        }

        len = acct_utf8_read(p, 4, &c) == 3;
        three += len;
        good = (unsigned) acct_utf8_is_three(p) == len
               && (!len || acct_utf8_three(p) == c);

        for (k = 0; k < 8 && p[k] < 0x80; k++) {
            /* void */
        }

        {
            uint64_t  eight;

            memcpy(&eight, p, sizeof(eight));
            good = good && acct_utf8_ascii(eight) == k;
        }
    }

    ok(good && three, "three bytes, and ASCII");

    good = 1;

    for (c = 0; good && c < 0x110000; c++) {
        word = acct_utf8_word(c, &len);
        good = len == acct_utf8_write(p, c) && memcmp(&word, p, len) == 0;
    }

    ok(good, "every character as a word");
}


/* latin folds a plain word by its one even letter, without a look at leet */

static void
test_tables(void)
{
    int       good;
    unsigned  c, groups;

    good = acct_leet['l'] == 'i';

    for (c = 'a'; c <= 'z'; c++) {
        good = good && (c == 'l' || acct_leet[c] == 0)
               && acct_base_ascii[c]
                  == acct_cc(c, ACCT_CLASS_LATIN | ACCT_CLASS_KEEP
                                | ACCT_CLASS_TOKEN);
    }

    ok(good, "of letters leet has l alone, and classes are as latin expects");

    groups = 0;

    for (c = 0; c < 0x80; c++) {
        if (acct_base_ascii[c] == 0) {
            good = good && (c < 0x20 || c == 0x7f);
            continue;
        }

        groups |= 1u << acct_cc_group(acct_base_ascii[c]);
        good = good && !acct_cc_is(acct_base_ascii[c], ACCT_CLASS_MAP);
    }

    ok(good && groups == (1u << ACCT_CLASS_SYMBOL | 1u << ACCT_CLASS_SPACE
                          | 1u << ACCT_CLASS_LATIN | 1u << ACCT_CLASS_NUMBER),
       "ASCII has no row in the tables, and is dropped only as a control");
}


int
main(void)
{
    test_characters();
    test_sets();
    test_utf8();
    test_tables();

    return done_testing();
}
