
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * Every line of t/data/masks.tsv: a value, the view in which it is read with
 * its masks off, what stands there ("-": it wears none), whether that is an
 * evasion, and what the line is for.  A value is read whole, byte by byte and
 * cut at every place, alone and behind more text than is kept.
 */


#include <stdlib.h>

#include "text.h"
#include "tap.h"


#define DATA        "t/data/masks.tsv"
#define COLUMNS     5
#define MAX         4096


static acct_text_t  *lane, *second;


static size_t
byte_by_byte(void *ctx, size_t left)
{
    (void) ctx;
    (void) left;

    return 1;
}


/* one cut, at the place that ctx says */

static size_t
cut_at(void *ctx, size_t left)
{
    size_t  n, *at = ctx;

    n = *at ? *at : left;
    *at = 0;

    return n;
}


static size_t
unescape(const char *s, uint8_t *out)
{
    char    *end;
    size_t   n;

    for (n = 0; *s; /* void */ ) {

        if (s[0] == '\\' && s[1] == 'u' && s[2] == '{') {
            n += acct_utf8_write(out + n,
                                 (uint32_t) strtoul(s + 3, &end, 16));
            s = end + 1;

        } else {
            out[n++] = (uint8_t) *s++;
        }
    }

    return n;
}


static unsigned
is_evasive(const rendering_t *r)
{
    size_t  i;

    for (i = 0; i < r->len; i++) {
        if (r->origin[i] & (ACCT_ORIGIN_ALTERED | ACCT_ORIGIN_HIDDEN)) {
            return 1;
        }
    }

    return 0;
}


static unsigned
origins_hold(const rendering_t *r, size_t size)
{
    size_t  i;

    for (i = 0; i < r->len; i++) {
        if ((r->data[i] & 0xc0) != 0x80
            && (acct_origin_len(r->origin[i]) == 0
                || acct_origin_end(r->origin[i]) > size))
        {
            return 0;
        }
    }

    return 1;
}


static void
run_line(unsigned number, char *line)
{
    char          *column[COLUMNS], *p;
    size_t         i, at, n, len;
    uint8_t        value[MAX], want[MAX];
    unsigned       opened, views, same;
    acct_view_e    view;
    rendering_t   *r;
    renderings_t   first, whole, other, plain;

    for (i = 0, p = line; i < COLUMNS; i++) {
        column[i] = p;
        p = strchr(p, '\t');

        if (p == NULL) {
            break;
        }

        *p++ = '\0';
    }

    if (i != COLUMNS - 1) {
        ok(0, "%u: has not %d columns", number, COLUMNS);
        return;
    }

    view = acct_view_find(acct_str(column[1]));

    if (view == ACCT_VIEWS || view == ACCT_VIEW_RAW) {
        ok(0, "%u: no view", number);
        return;
    }

    n = unescape(column[0], value);
    len = unescape(column[2], want);
    views = acct_view_bit(view);

    opened = render_both(lane, second, views, value, n, NULL, NULL, &first,
                         &whole);
    r = &whole.view[view];

    if (strcmp(column[2], "-") == 0) {
        ok(opened == 0, "%u: %s wears no mask: %s", number, column[0],
           column[4]);

    } else if (ok(opened == 1 && whole.rc == ACCT_OK,
                  "%u: %s wears a mask", number, column[0]))
    {
        is_bytes(r->data, r->len, want, len, column[4]);
        ok(is_evasive(r) == (strcmp(column[3], "yes") == 0),
           "%u: evasive: %s", number, column[3]);
        ok(origins_hold(r, n), "%u: origins", number);
    }

    render_all(lane, views, value, n, NULL, NULL, &plain);
    ok(differs(&plain, &first) == NULL,
       "%u: what is seen with the masks on stays", number);
    renderings_free(&plain);
    renderings_free(&first);

    same = render_both(lane, second, views, value, n, byte_by_byte, NULL,
                       &first, &other) == opened
           && differs(&whole, &other) == NULL;

    renderings_free(&first);
    renderings_free(&other);

    for (i = 1; i < n; i++) {
        at = i;
        same &= render_both(lane, second, views, value, n, cut_at, &at, &first,
                            &other) == opened
                && differs(&whole, &other) == NULL;
        renderings_free(&first);
        renderings_free(&other);
    }

    ok(same, "%u: the same for all cuts", number);

    renderings_free(&whole);
}


/* a mask far behind the beginning, across batches, and what is kept of that */

static void
run_long(void)
{
    size_t         i, n, at;
    uint8_t        value[65536];
    unsigned       opened;
    rendering_t   *r;
    renderings_t   first, whole, other;

    for (n = 0; n < 40000; n += 10) {
        memcpy(value + n, "some words", 10);
        value[n] = (uint8_t) ('a' + n / 10 % 26);
    }

    memcpy(value + n, " пodдep", 10);
    n += 10;
    memcpy(value + n, "жka f0und", 10);
    n += 10;

    opened = render_both(lane, second, acct_view_bit(ACCT_VIEW_BASE), value, n,
                         NULL, NULL, &first, &whole);
    r = &whole.view[ACCT_VIEW_BASE];

    ok(opened == 1 && r->len > 1024 && r->len < 3000,
       "behind a long text its end is read, %zu bytes", r->len);
    ok(r->len > 6 && memcmp(r->data + r->len - 6, " found", 6) == 0,
       "with its masks off");

    renderings_free(&first);

    for (i = 0; i < 200; i++) {
        at = n - 200 + i;
        (void) render_both(lane, second, acct_view_bit(ACCT_VIEW_BASE), value,
                           n, cut_at, &at, &first, &other);

        if (differs(&whole, &other)) {
            break;
        }

        renderings_free(&first);
        renderings_free(&other);
    }

    ok(i == 200, "however it is cut");

    renderings_free(&whole);
}


/* the second form of a word is what the text becomes */

static void
run_even(void)
{
    size_t        i;
    acct_buf_t    buf;

    static const struct {
        const char  *word;
        const char  *form;
    } words[] = {
        { "شهادات مزورة", "شهادات مزوره" },
        { "پشتیبانی",     "پشتيباني" },
        { "адмін",        "админ" },
        { "ещё",          "еще" },
        { "s3x",          "s3x" },
        { "a.b.c",        "a.b.c" },
        { "微信",         "微信" },
        { "點com",        "點com" },
        { "薇信",         "薇信" }
    };

    acct_buf_init(&buf, &acct_heap, MAX);

    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        buf.len = 0;

        ok(acct_text_render_form(lane, ACCT_VIEW_BASE,
                                 acct_str(words[i].word),
                                 ACCT_FORM_SECOND, &buf)
           == ACCT_OK, "%s renders", words[i].word);
        is_bytes(buf.data, buf.len, words[i].form, strlen(words[i].form),
                 words[i].word);
    }

    buf.len = 0;

    ok(acct_text_render_form(lane, ACCT_VIEW_BASE, acct_str("點com"),
                             ACCT_FORM_UNMASKED, &buf)
       == ACCT_OK, "and where masks are off");
    is_bytes(buf.data, buf.len, "点com", strlen("点com"), "Han is simplified");

    acct_buf_free(&buf);
}


int
main(void)
{
    FILE      *f;
    char       line[MAX], *nl;
    unsigned   number;

    lane = acct_text_create(&acct_heap);
    second = acct_text_create(&acct_heap);
    f = fopen(DATA, "r");

    if (!ok(lane && second && f, DATA ": opens")) {
        return done_testing();
    }

    for (number = 1; fgets(line, sizeof(line), f) != NULL; number++) {
        nl = strchr(line, '\n');

        if (nl) {
            *nl = '\0';
        }

        if (line[0] != '\0' && line[0] != '#') {
            run_line(number, line);
        }
    }

    fclose(f);

    run_long();
    run_even();

    acct_text_destroy(lane);
    acct_text_destroy(second);

    return done_testing();
}
