
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * What the views cost, always beside a plain scalar validation of the same
 * bytes in the same run.
 *
 *     text [rounds]
 *
 * Each figure is the median over the rounds of the mean processor time of a
 * text; 256 different texts are rendered in turn, so that no branch learns one
 * by heart.  The last row of those is scanned besides: with 10 000 words in
 * han, 1 000 in bare, 1 000 in latin and 100 patterns each in digits and base,
 * of which hardly any is found.
 *
 * Then each step by itself: a text of 120 characters that is nothing but what
 * the step acts on, rendered in the step's view, beside a text of as many
 * characters on which it does not act.
 */


#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "acct_pack.h"
#include "acct_ruleset.h"
#include "acct_text.h"
#include "acct_unicode.h"


#define TEXTS        256
#define ROUNDS       61


typedef enum {
    CHINESE = 0,                       /* common characters, nothing else */
    LATIN,                             /* words of small letters */
    MIXED                              /* Chinese with punctuation, a word or
                                          a number now and then */
} kind_e;


typedef struct {
    const char           *name;
    unsigned              characters;
    kind_e                kind;
    unsigned              texts;
} sample_t;


static const sample_t  samples[] = {
    { "120 Chinese characters", 120, CHINESE, TEXTS },
    { "40 Chinese characters", 40, CHINESE, TEXTS },
    { "name of 12 characters", 12, CHINESE, TEXTS },
    { "120 mixed characters", 120, MIXED, TEXTS },
    { "120 Latin letters", 120, LATIN, TEXTS },
    { "name of 12 letters", 12, LATIN, TEXTS },
    { "1 MB of Chinese", 349525, CHINESE, 1 },
    { "1 MB of mixed text", 400000, MIXED, 1 },
    { "1 MB of Latin", 1048576, LATIN, 1 }
};

#define SAMPLES  (sizeof(samples) / sizeof(samples[0]))


typedef struct {
    const char           *name;
    unsigned              views;
    acct_window_pt        handler;
    unsigned              masks;       /* are looked for, and what stands
                                          behind them is rendered too */
} set_t;


static int nothing(void *ctx, const acct_window_t *w);
static int scan(void *ctx, const acct_window_t *w);


#define V(v)  acct_view_bit(ACCT_VIEW_##v)

static const set_t  sets[] = {
    { "raw",    V(RAW), nothing, 0 },
    { "base",   V(BASE), nothing, 0 },
    { "bare",   V(BARE), nothing, 0 },
    { "han",    V(HAN), nothing, 0 },
    { "latin",  V(LATIN), nothing, 0 },
    { "digits", V(DIGITS), nothing, 0 },
    { "sound",  V(SOUND), nothing, 0 },
    { "all seven", V(RAW)|V(BASE)|V(BARE)|V(HAN)|V(LATIN)|V(DIGITS)|V(SOUND),
      nothing, 0 },
    { "base bare han latin digits",
      V(BASE)|V(BARE)|V(HAN)|V(LATIN)|V(DIGITS), nothing, 0 },
    { "the same five, and scanned",
      V(BASE)|V(BARE)|V(HAN)|V(LATIN)|V(DIGITS), scan, 0 },
    { "and with the masks off",
      V(BASE)|V(BARE)|V(HAN)|V(LATIN)|V(DIGITS), scan, 1 }
};

#define SETS  (sizeof(sets) / sizeof(sets[0]))


/*
 * What each step acts on, and something like it that the step leaves alone; in
 * the order of the steps' table.
 */

typedef struct {
    const char           *acts;
    const char           *idle;
} step_t;


static const step_t  steps[] = {
    { "\xff\xff", "\xef\xbf\xbd\xef\xbf\xbd" },        /* decode */
    { "\xf0\x9f\x87\xbb\xf0\x9f\x87\xbd", "vx" },      /* flags */
    { "\xe2\x9d\xb6\xe2\x9d\xb8", "13" },             /* plain */
    { "\xe2\xbc\x88\xe2\xbc\x9d", "人口" },           /* radicals */
    { "a\x01", "ab" },                                /* controls */
    { "\xe3\x80\x80中", " 中" },                      /* spaces */
    { "\xef\xbc\xa1\xef\xbd\x82", "ab" },             /* casefold */
    { "微\xe2\x80\x8b", "微信" },                     /* invisible */
    { "v\xe2\x83\x9d", "vx" },                        /* enclosing */
    { "e\xcc\x81", "\xc3\xa9" "e" },                  /* compose */
    { "信\xcc\xb6", "信微" },                          /* loose */
    { "微.", "微信" },                                 /* drop */
    { "中\xe3\x82\xa8", "中工" },                      /* strokes */
    { "國臺", "国台" },                                /* simplify */
    { "証説", "证说" },                                /* variants */
    { "薇倌", "微官" },                                /* alike */
    { "微微", "微信" },                                /* squeeze */
    { "\xc3\xbc\xc3\xa9", "ue" },                      /* strip */
    { "a\xd0\xb0", "ab" },                             /* lookalikes */
    { "aaa b", "abc d" },                              /* repeats */
    { "4d m1", "ad mi" },                              /* leet */
    { "rn vv", "ra vo" },                              /* pairs */
    { "a.", "a " },                                    /* drop */
    { "三八", "13" },                                  /* numerals */
    { "幺洞", "一三" },                                /* words */
    { "138oo138o ", "138001380 " },                  /* round */
    { "1\xf0\x9f\x92\x9a", "13" },                      /* filler */
    { "微信", "wx" }                                   /* reading */
};


static uint64_t         sink;

static acct_ruleset_t  *rules;
static acct_scratch_t  *scratch;
static acct_hits_t      hits;

static acct_text_t     *second;
static unsigned         opened;


static int
open_second(void *ctx, acct_text_t **text)
{
    const set_t  *set = ctx;

    opened = 1;
    *text = second;

    return acct_text_begin(second, set->views, set->handler, NULL);
}


static int
render(acct_text_t *t, const set_t *set, const uint8_t *p, size_t n)
{
    opened = 0;

    return acct_text_begin(t, set->views, set->handler, NULL) == ACCT_OK
           && (!set->masks
               || acct_text_unmask(t, open_second, (void *) set) == ACCT_OK)
           && acct_text_feed(t, p, n) == ACCT_OK
           && acct_text_end(t) == ACCT_OK
           && (!opened || acct_text_end(second) == ACCT_OK);
}


static int
nothing(void *ctx, const acct_window_t *w)
{
    (void) ctx;

    sink += w->len;

    return ACCT_OK;
}


static int
scan(void *ctx, const acct_window_t *w)
{
    (void) ctx;

    hits.n = 0;
    sink += w->len;

    return acct_ruleset_scan(rules, scratch, w, &hits);
}


/* a validation as one writes it: a byte at a time, no vectors */

static int
valid(const uint8_t *p, size_t n)
{
    unsigned        k;
    uint32_t        c;
    const uint8_t  *end;

    for (end = p + n; p < end; p += k) {

        if (p[0] < 0x80) {
            k = 1;
            continue;
        }

        if (p[0] < 0xe0) {
            k = 2;
            c = p[0] & 0x1f;

        } else if (p[0] < 0xf0) {
            k = 3;
            c = p[0] & 0x0f;

        } else {
            k = 4;
            c = p[0] & 0x07;
        }

        if ((size_t) (end - p) < k) {
            return 0;
        }

        switch (k) {
        case 4:
            if ((p[3] & 0xc0) != 0x80) {
                return 0;
            }
            /* fall through */
        case 3:
            if ((p[2] & 0xc0) != 0x80) {
                return 0;
            }
            /* fall through */
        default:
            if ((p[1] & 0xc0) != 0x80) {
                return 0;
            }
        }

        c = (c << 6) | (p[1] & 0x3f);

        if (k > 2) {
            c = (c << 6) | (p[2] & 0x3f);
        }

        if (k > 3) {
            c = (c << 6) | (p[3] & 0x3f);
        }

        if (c < (k == 2 ? 0x80u : k == 3 ? 0x800u : 0x10000u)
            || c > 0x10ffff || c - 0xd800 < 0x800)
        {
            return 0;
        }
    }

    return 1;
}


static uint32_t
chance(uint64_t *seed, uint32_t below)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;

    return (uint32_t) ((*seed >> 16) % below);
}


/* the 3755 common characters of GB 2312, its first level */

static uint32_t  common[3755];


static int
read_common(void)
{
    char      in[2], *from, *to;
    size_t    n, i, left, room;
    uint8_t   out[4];
    iconv_t   cd;

    cd = iconv_open("UTF-8", "GB2312");

    if (cd == (iconv_t) -1) {
        return 0;
    }

    for (n = 0, i = 0; n < 3755; i++) {
        in[0] = (char) (0xb0 + i / 94);
        in[1] = (char) (0xa1 + i % 94);
        from = in;
        to = (char *) out;
        left = 2;
        room = 4;

        if (iconv(cd, &from, &left, &to, &room) != (size_t) -1
            && acct_utf8_read(out, 4 - room, &common[n]) > 0)
        {
            n++;
        }
    }

    iconv_close(cd);

    return 1;
}


static size_t
make_text(const sample_t *s, uint64_t *seed, uint8_t *p)
{
    size_t    n;
    unsigned  i, word, digit;

    word = 0;
    digit = 0;

    for (n = 0, i = 0; i < s->characters; i++) {

        if (s->kind == MIXED) {

            if (word) {
                word--;
                p[n++] = (uint8_t) (digit ? "0123456789"[chance(seed, 10)]
                                          : "etaoinshrdl"[chance(seed, 11)]);
                continue;
            }

            switch (chance(seed, 24)) {

            case 0:
                n += acct_utf8_write(p + n, 0xff0c);
                continue;

            case 1:
                n += acct_utf8_write(p + n, 0x3002);
                continue;

            case 2:
                digit = chance(seed, 3) == 0;
                word = 2 + chance(seed, 7);
                p[n++] = ' ';
                continue;
            }
        }

        if (s->kind == LATIN) {
            if (word == 0) {
                word = 4 + chance(seed, 7);

                if (i) {
                    p[n++] = ' ';
                    continue;
                }
            }

            word--;
            p[n++] = (uint8_t) ("etaoinshrdlcumwfgypbvk"[chance(seed, 22)]);
            continue;
        }

        n += acct_utf8_write(p + n, common[chance(seed, 3755)]);
    }

    return n;
}


/* a word as the page of the measurements draws them */

static size_t
make_word(uint64_t *seed, uint8_t *p)
{
    size_t    n;
    unsigned  i;

    n = 0;

    if (chance(seed, 5)) {
        for (i = 2 + chance(seed, 5); i; i--) {
            n += acct_utf8_write(p + n, common[chance(seed, 3755)]);
        }

    } else {
        for (i = 4 + chance(seed, 7); i; i--) {
            p[n++] = (uint8_t) ("abcdefghijkmnopqrstuvwxyz"[chance(seed, 25)]);
        }
    }

    p[n] = '\0';

    return n;
}


static int
make_rules(uint64_t *seed)
{
    char          *p, *text;
    uint8_t        word[64];
    unsigned       i, k;
    acct_file_t    file;
    acct_diags_t   diags;
    acct_packs_t  *packs;

    static const struct {
        const char  *id;
        const char  *view;
        unsigned     words;
    } looks[] = {
        { "B-1", "han", 10000 }, { "B-2", "bare", 1000 },
        { "B-3", "latin", 1000 }
    };

    text = malloc(1 << 20);

    if (text == NULL) {
        return 0;
    }

    p = text;
    p += sprintf(p, "{\"pack\":\"bench\",\"prefix\":\"B\",\"rules\":[");

    for (i = 0; i < 3; i++) {
        p += sprintf(p, "{\"id\":\"%s\",\"view\":\"%s\",\"action\":\"reject\""
                        ",\"words\":[", looks[i].id, looks[i].view);

        for (k = 0; k < looks[i].words; k++) {

            do {
                make_word(seed, word);
            } while (i == 2 && word[0] >= 0x80);

            p += sprintf(p, "%s\"%s\"", k ? "," : "", (char *) word);
        }

        p += sprintf(p, "]},");
    }

    p += sprintf(p, "{\"id\":\"B-4\",\"view\":\"digits\",\"action\":\"reject\""
                    ",\"regex\":[");

    for (k = 0; k < 100; k++) {
        p += sprintf(p, "%s\"9%02u[0-9]{%u}7%03u\"", k ? "," : "", k,
                     6 + chance(seed, 4), chance(seed, 1000));
    }

    p += sprintf(p, "]},{\"id\":\"B-5\",\"view\":\"base\","
                    "\"action\":\"reject\",\"regex\":[");

    for (k = 0; k < 100; k++) {

        do {
            make_word(seed, word);
        } while (word[0] >= 0x80);

        p += sprintf(p, "%s\"[0-9a-z]{2,8}@%s\\\\.(?:com|net)\"",
                     k ? "," : "", (char *) word);
    }

    p += sprintf(p, "]}]}");

    file.name = acct_str("bench.json");
    file.content.data = (uint8_t *) text;
    file.content.len = (size_t) (p - text);

    memset(&diags, 0, sizeof(diags));

    packs = acct_packs_parse("bench", &file, 1, acct_str(""), &diags);
    rules = packs ? acct_ruleset_build(packs, 0, NULL, &diags) : NULL;
    scratch = acct_scratch_create(&acct_heap);
    hits.alloc = &acct_heap;

    free(text);

    return rules != NULL && scratch != NULL
           && acct_scratch_fit(scratch, rules) == ACCT_OK;
}


static double
now(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);

    return (double) ts.tv_sec * 1e9 + (double) ts.tv_nsec;
}


static int
order(const void *a, const void *b)
{
    double  x = *(const double *) a, y = *(const double *) b;

    return (x > y) - (x < y);
}


static double
median(double *v, size_t n)
{
    qsort(v, n, sizeof(double), order);

    return v[n / 2];
}


static int
measure(acct_text_t *t, unsigned view, const uint8_t *p, size_t n,
    double *cost)
{
    double    start, times[21];
    unsigned  i, k;

    for (i = 0; i < 21; i++) {
        start = now();

        for (k = 0; k < 2000; k++) {
            if (acct_text_begin(t, view, nothing, NULL) != ACCT_OK
                || acct_text_feed(t, p, n) != ACCT_OK
                || acct_text_end(t) != ACCT_OK)
            {
                return 0;
            }
        }

        times[i] = (now() - start) / 2000;
    }

    *cost = median(times, 21);

    return 1;
}


static size_t
repeat(const char *unit, uint8_t *p, unsigned characters)
{
    int       len;
    size_t    n, k;
    uint32_t  c;

    for (n = 0; characters; /* void */ ) {
        for (k = 0; unit[k] && characters; k += (size_t) len, characters--) {
            len = acct_utf8_read((const uint8_t *) unit + k, strlen(unit + k),
                                 &c);
            len = len > 0 ? len : 1;
            memcpy(p + n, unit + k, (size_t) len);
            n += (size_t) len;
        }
    }

    return n;
}


static int
bench_steps(acct_text_t *t)
{
    size_t              i, n[2];
    double              cost[2], times[21], start, plain;
    unsigned            j, k, view;
    uint8_t             text[2][120 * 4];
    const acct_step_t  *step;

    if (sizeof(steps) / sizeof(steps[0]) != ACCT_STEPS) {
        return 0;
    }

    printf("each step, on 120 characters of what it acts on\n"
           "  %-18s %10s %10s %12s %8s\n", "", "acts, ns", "idle, ns",
           "a character", "/ valid");

    for (i = 0; i < ACCT_STEPS; i++) {
        step = &acct_steps[i];
        view = acct_view_bit(step->view);

        n[0] = repeat(steps[i].acts, text[0], 120);
        n[1] = repeat(steps[i].idle, text[1], 120);

        for (k = 0; k < 2; k++) {
            if (!measure(t, view, text[k], n[k], &cost[k])) {
                return 0;
            }
        }

        for (k = 0; k < 21; k++) {
            start = now();

            for (j = 0; j < 2000; j++) {
                sink += (uint64_t) valid(text[1], n[1]);
                __asm__ volatile("" ::: "memory");
            }

            times[k] = (now() - start) / 2000;
        }

        plain = median(times, 21);

        printf("  %-6s %-11s %10.0f %10.0f %9.2f ns %8.2f\n",
               (const char *) acct_views[step->view].name.data,
               (const char *) step->name.data, cost[0], cost[1],
               (cost[0] - cost[1]) / 120, (cost[0] - cost[1]) / plain);
    }

    return 1;
}


int
main(int argc, char **argv)
{
    double            start, *times, plain, cost;
    size_t            i, k, j, r, rounds, bytes, *len;
    uint8_t         **text;
    uint64_t          seed;
    acct_text_t      *t;
    const sample_t   *s;

    rounds = argc > 1 ? (size_t) atoi(argv[1]) : ROUNDS;
    seed = 1;

    t = acct_text_create(&acct_heap);
    second = acct_text_create(&acct_heap);
    times = calloc((SETS + 1) * (rounds ? rounds : 1), sizeof(double));
    text = calloc(TEXTS, sizeof(uint8_t *));
    len = calloc(TEXTS, sizeof(size_t));

    if (t == NULL || second == NULL || times == NULL || text == NULL
        || len == NULL || !rounds
        || !read_common() || !make_rules(&seed))
    {
        return 2;
    }

    for (i = 0; i < SAMPLES; i++) {
        s = &samples[i];
        bytes = 0;

        for (k = 0; k < s->texts; k++) {
            text[k] = malloc(s->characters * 4);

            if (text[k] == NULL) {
                return 2;
            }

            len[k] = make_text(s, &seed, text[k]);
            bytes += len[k];
        }

        /* in turn, so that all see the same weather */

        for (r = 0; r < rounds; r++) {
            start = now();

            for (k = 0; k < s->texts; k++) {
                sink += (uint64_t) valid(text[k], len[k]);
            }

            times[r] = (now() - start) / s->texts;

            for (j = 0; j < SETS; j++) {
                start = now();

                for (k = 0; k < s->texts; k++) {
                    if (!render(t, &sets[j], text[k], len[k])) {
                        return 2;
                    }
                }

                times[(j + 1) * rounds + r] = (now() - start) / s->texts;
            }
        }

        plain = median(times, rounds);

        printf("%s (%zu bytes)\n", s->name, bytes / s->texts);
        printf("  %-28s %12.0f ns\n", "validation", plain);

        for (j = 0; j < SETS; j++) {
            cost = median(times + (j + 1) * rounds, rounds);

            printf("  %-28s %12.0f ns %7.2f x %8.0f MB/s\n", sets[j].name,
                   cost, cost / plain,
                   (double) bytes / s->texts / cost * 1000);
        }

        for (k = 0; k < s->texts; k++) {
            free(text[k]);
        }
    }

    if (!bench_steps(t)) {
        return 2;
    }

    acct_text_destroy(t);
    acct_text_destroy(second);
    acct_scratch_destroy(scratch);
    acct_ruleset_release(rules);
    free(hits.elts);
    free(times);
    free(text);
    free(len);

    return sink == 0;
}
