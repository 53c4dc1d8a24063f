
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * What in a value is drawn and not written: each value whole, byte by byte and
 * cut in two at every place.
 */


#include <string.h>

#include "acct_drawn.h"
#include "acct_policy.h"
#include "tap.h"


#define NONE                   0
#define URI                    acct_flag_bit(ACCT_FLAG_DATA_URI)
#define DRAWING                acct_flag_bit(ACCT_FLAG_DRAWING)

#define X4(s)                  s s s s
#define X16(s)                 X4(X4(s))
#define X64(s)                 X4(X16(s))


static const struct {
    const char           *idea;
    const char           *value;
    uint32_t              flags;
} cases[] = {

    /* ordinary */

    { "nothing", "", NONE },
    { "a name", "Alice", NONE },
    { "a name with one block", "Al▓ice", NONE },
    { "a bar of progress", "▓▓▓▓▓▓░░░░ 60%", NONE },
    { "a long bar", X16("▓▓▓▓") X16("░░░░"), NONE },
    { "two bars", "▓▓▓▓▓░░░\n▓▓░░░░░░", NONE },
    { "a name that is hidden", X64("█") X64("█"), NONE },
    { "two lines that are hidden", X16("█") "\n" X16("█"), NONE },
    { "an ornament in one line", "▀▄▀▄▀▄ Bob ▄▀▄▀▄▀", NONE },
    { "stairs in one line", "▁▂▃▄▅▆▇█▇▆▅▄▃▂▁", NONE },
    { "a game's squares",
      "⬛🟨⬛⬛🟩\n🟩🟩⬛🟨⬛\n🟩🟩🟩🟩🟩", NONE },
    { "a frame", X16("━┃┏┓") "\n" X16("━┃┏┓"), NONE },
    { "Braille of six dots", "⠓⠑⠇⠇⠕ ⠺⠕⠗⠇⠙\n⠓⠑⠇⠇⠕ ⠺⠕⠗⠇⠙", NONE },
    { "drawn lines apart", "▀▄▀▄▀▄\nBob\n▀▄▀▄▀▄", NONE },
    { "five blocks a line", "█░█░█\n█░█░█", NONE },
    { "five, and one alone", "█░█░█\n█░█░█\n█", NONE },
    { "one turn a line", "█████░\n█████░", NONE },
    { "63 that turn", X16("▀▄▀") "▀▄▀▄▀▄▀▄▀▄▀▄▀▄▀", NONE },
    { "64 that turn 15 times",
      "▀▄▀▄▀▄▀▄▀▄▀▄▀▄▀▄" X16("▄▄▄"), NONE },

    /* drawn */

    { "two lines", "█░█ ▀▄▀\n▀▄▀ █░█", DRAWING },
    { "two lines, CR and LF", "█░█ ▀▄▀\r\n▀▄▀ █░█", DRAWING },
    { "an empty line between", "█░█ ▀▄▀\n\n▀▄▀ █░█", DRAWING },
    { "line separators", "█░█ ▀▄▀\xe2\x80\xa8▀▄▀ █░█", DRAWING },
    { "paragraph separators", "█░█ ▀▄▀\xe2\x80\xa9▀▄▀ █░█", DRAWING },
    { "behind text", "Bob\n█░█ ▀▄▀\n▀▄▀ █░█\nBob", DRAWING },
    { "six and two turns", "████░█\n████░█", DRAWING },
    { "squares", "⬛⬜⬛⬜⬛⬜\n⬛⬜⬛⬜⬛⬜", DRAWING },
    { "small squares", "▪▫□■◻◾\n▪▫□■◻◾", DRAWING },
    { "coloured squares", "🟥🟦🟧🟨🟩🟪🟫\n🟥🟦🟧🟨🟩🟪🟫", DRAWING },
    { "Braille of eight dots", "⣿⡇⢸⣿⡇⢸\n⣇⣸⣏⣹⣀⣀", DRAWING },
    { "sextants", "\xf0\x9f\xac\x80\xf0\x9f\xac\x81\xf0\x9f\xac\x82"
      "\xf0\x9f\xac\x80\xf0\x9f\xac\x81\xf0\x9f\xac\x82\n"
      "\xf0\x9f\xac\x80\xf0\x9f\xac\x81\xf0\x9f\xac\x82"
      "\xf0\x9f\xac\x80\xf0\x9f\xac\x81\xf0\x9f\xac\x82", DRAWING },
    { "octants", "\xf0\x9c\xb4\x80\xf0\x9c\xb4\x81\xf0\x9c\xb4\x82"
      "\xf0\x9c\xb4\x80\xf0\x9c\xb4\x81\xf0\x9c\xb4\x82\n"
      "\xf0\x9c\xb4\x80\xf0\x9c\xb4\x81\xf0\x9c\xb4\x82"
      "\xf0\x9c\xb4\x80\xf0\x9c\xb4\x81\xf0\x9c\xb4\x82", DRAWING },
    { "one long line", X16("▀▄▀▀"), DRAWING },
    { "64 that turn 16 times",
      "▀▄▀▄▀▄▀▄▀▄▀▄▀▄▀▄▀" X16("▀▀") "▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀", DRAWING },
    { "64 in lines that are not drawn",
      X16("▀▄▀▄\nBob\n"), DRAWING },

    /* ill-formed bytes draw nothing, and hide nothing */

    { "a byte that is missing", "\xe2\x96\xe2\x96\xe2\x96\xe2\x96", NONE },
    { "bytes too many",
      "█\x96░\x96█ ▀▄▀\n▀▄▀ █\xe2░█", DRAWING },
    { "a letter within", "\xe2\x96" "a\x88░█ ▀▄▀\n▀▄▀ █░█", NONE },

    /* data URIs */

    { "base64", "data:image/png;base64,iVBORw0KGgo=", URI },
    { "capitals", "DATA:IMAGE/PNG;BASE64,iVBORw0KGgo=", URI },
    { "behind a space", "see data:image/gif,x", URI },
    { "behind a quote", "<img src=\"data:image/svg+xml,%3Csvg", URI },
    { "behind Han", "图data:image/png;base64,iVBORw0KGgo=", URI },
    { "a type alone", "data:text/html,<b>", URI },
    { "no type", "data:;base64,SGk=", URI },
    { "a parameter", "data:text/plain;charset=utf-8,x", URI },
    { "a tab within", "da\tta:im\nage/png\r;base64,x", URI },
    { "d before it", "dd data:a/b,x", URI },
    { "behind a scheme that is none", "data data:data: data:a/b,", URI },
    { "the longest type", "data:a/" X64("b") X16("cd") X4("abcdefg") "ab,",
      URI },
    { "a type too long", "data:a/" X64("b") X16("cd") X4("abcdefg") "abc,",
      NONE },
    { "prose", "my data: a/b, c/d", NONE },
    { "neither type nor parameter", "data:x,y", NONE },
    { "nothing before the comma", "data:,y", NONE },
    { "no comma", "data:image/png", NONE },
    { "a comma behind a space", "data:image/png ,x", NONE },
    { "behind a letter", "metadata:image/png,x", NONE },
    { "behind a digit", "3data:image/png,x", NONE },
    { "a zero byte", "data:image/png\xc0\x80,x", NONE },
    { "a colon twice", "data::image/png,x", NONE },
    { "both", "data:a/b,\n█░█ ▀▄▀\n▀▄▀ █░█", URI | DRAWING }
};


static uint32_t
drawn(const char *s, size_t n, size_t cut, size_t step)
{
    size_t        i, len;
    acct_drawn_t  d;

    memset(&d, 0, sizeof(acct_drawn_t));

    for (i = 0; i < n; i += len) {
        len = step ? step : (i == 0 && cut) ? cut : n - i;
        acct_drawn_feed(&d, (const uint8_t *) s + i, len);
    }

    return acct_drawn_end(&d);
}


int
main(void)
{
    size_t    i, k, n;
    uint32_t  flags;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        n = strlen(cases[i].value);
        flags = drawn(cases[i].value, n, 0, 0);

        if (flags == cases[i].flags) {
            flags = drawn(cases[i].value, n, 0, 1);
        }

        for (k = 1; k < n && flags == cases[i].flags; k++) {
            flags = drawn(cases[i].value, n, k, 0);
        }

        ok(flags == cases[i].flags, "%s", cases[i].idea);
    }

    return done_testing();
}
