
/*
 * Copyright (C) the ngx_acctinfo_module authors
 */


#include "acct_drawn.h"
#include "acct_policy.h"


static void acct_drawn_uri(acct_drawn_t *d, uint8_t c);
static uint8_t acct_drawn_word(uint8_t c);
static void acct_drawn_char(acct_drawn_t *d, uint32_t c);
static void acct_drawn_line(acct_drawn_t *d);


/*
 * Unicode's charts of what is made for drawing with, and the squares that
 * people draw with.  Of Braille those with the dots 7 and 8, which pictures
 * need and texts for the blind hardly have.  Lines and frames (2500 to 257F)
 * are ornaments.
 */

static const struct {
    uint32_t              first;
    uint32_t              last;
} acct_drawn_blocks[] = {
    { 0x2580,  0x259f },       /* Block Elements */
    { 0x25a0,  0x25a1 },       /* squares */
    { 0x25aa,  0x25ab },
    { 0x25fb,  0x25fe },
    { 0x2840,  0x28ff },       /* Braille Patterns */
    { 0x2b1b,  0x2b1c },       /* large squares */
    { 0x1cc00, 0x1cebf },      /* Symbols for Legacy Computing Supplement */
    { 0x1f7e5, 0x1f7eb },      /* coloured squares */
    { 0x1fb00, 0x1fb9f }       /* Symbols for Legacy Computing */
};


#define acct_ndrawn_blocks                                                    \
    (sizeof(acct_drawn_blocks) / sizeof(acct_drawn_blocks[0]))


/*
 * Where "data:" begins, a line ends, and what a character of the blocks or a
 * line separator begins with: all else only stands before one of them.
 */

static const uint8_t  acct_drawn_stops[256] = {
    ['\n'] = 1, ['\r'] = 1, ['D'] = 1, ['d'] = 1, [0xe2] = 1, [0xf0] = 1
};


/* ill-formed bytes are no characters, and draw nothing */

void
acct_drawn_feed(acct_drawn_t *d, const uint8_t *p, size_t n)
{
    size_t   i, start;
    uint8_t  c;

    for (i = 0; i < n; i++) {

        if (d->uri == 0 && d->need == 0) {
            start = i;

            while (i < n && !acct_drawn_stops[p[i]]) {
                i++;
            }

            if (i > start) {
                d->any = 1;
                d->word = acct_drawn_word(p[i - 1]);
            }

            if (i == n) {
                break;
            }
        }

        c = p[i];

        acct_drawn_uri(d, c);

        if (c < 0x80) {
            d->need = 0;

            if (c == '\n' || c == '\r') {
                acct_drawn_line(d);

            } else {
                d->any = 1;
            }

            continue;
        }

        d->any = 1;

        if (c >= 0xc0) {
            d->need = c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
            d->c = c & (0x3fu >> d->need);
            continue;
        }

        if (d->need) {
            d->c = d->c << 6 | (c & 0x3f);

            if (--d->need == 0) {
                acct_drawn_char(d, d->c);
            }
        }
    }
}


uint32_t
acct_drawn_end(acct_drawn_t *d)
{
    acct_drawn_line(d);

    return d->flags;
}


static void
acct_drawn_uri(acct_drawn_t *d, uint8_t c)
{
    uint8_t  small, word;

    static const char  scheme[] = "data:";
    static const char  marks[] = "!#$%&'*+-./;=\"^_";

    small = (c >= 'A' && c <= 'Z') ? c | 0x20 : c;
    word = acct_drawn_word(c);

    if (d->uri < sizeof(scheme) - 1) {

        if (c == '\t' || c == '\n' || c == '\r') {
            d->word &= (d->uri != 0);
            return;
        }

        if (small == (uint8_t) scheme[d->uri] && (d->uri || !d->word)) {
            d->uri++;
            d->ntype = 0;
            d->typed = 0;

        } else {
            d->uri = (small == 'd' && !d->word);
        }

        d->word = word;

        return;
    }

    if (c == '\t' || c == '\n' || c == '\r') {
        return;
    }

    if (c == ',' && d->typed) {
        d->flags |= acct_flag_bit(ACCT_FLAG_DATA_URI);
    }

    if ((!word && (c == '\0' || strchr(marks, c) == NULL))
        || ++d->ntype > ACCT_DRAWN_TYPE)
    {
        d->uri = 0;
        d->word = word;
        return;
    }

    d->typed |= (c == '/' || c == ';');
}


static uint8_t
acct_drawn_word(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9');
}


static void
acct_drawn_char(acct_drawn_t *d, uint32_t c)
{
    size_t  i;

    if (c == 0x2028 || c == 0x2029) {
        acct_drawn_line(d);
        return;
    }

    if (c < acct_drawn_blocks[0].first) {
        return;
    }

    for (i = 0; i < acct_ndrawn_blocks; i++) {
        if (c >= acct_drawn_blocks[i].first && c <= acct_drawn_blocks[i].last)
        {
            d->turns += (d->last && d->last != c);
            d->blocks++;
            d->last = c;
            break;
        }
    }
}


static void
acct_drawn_line(acct_drawn_t *d)
{
    if (!d->any) {
        return;
    }

    d->all_blocks += d->blocks;
    d->all_turns += d->turns;

    if (d->blocks >= ACCT_DRAWN_BLOCKS && d->turns >= ACCT_DRAWN_TURNS) {
        d->lines += (d->lines < ACCT_DRAWN_LINES);

    } else {
        d->lines = 0;
    }

    if (d->lines == ACCT_DRAWN_LINES
        || (d->all_blocks >= ACCT_DRAWN_ALL_BLOCKS
            && d->all_turns >= ACCT_DRAWN_ALL_TURNS))
    {
        d->flags |= acct_flag_bit(ACCT_FLAG_DRAWING);
    }

    d->blocks = 0;
    d->turns = 0;
    d->last = 0;
    d->any = 0;
}
