
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * Weights: what each case weighs, and any value in any pieces against a
 * reading of it that takes its time: all symbols first, then each stretch by
 * itself, then each term in it.
 */


#include <stdlib.h>
#include <string.h>

#include "acct_text.h"
#include "acct_weigh.h"
#include "tap.h"


#define VALUE_MAX    24000
#define TERMS        24


typedef struct {
    const char           *text;
    int                   weight;
} term_t;


typedef struct {
    acct_weighing_t      *weighing;
    char                  told[512];
    size_t                ntold;
} feed_t;


static uint64_t  seed = 88172645463325252ull;


static uint32_t
chance(uint32_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;

    return (uint32_t) (seed >> 33) % n;
}


static void
told(void *ctx, unsigned sum, int32_t weight, uint64_t start, uint64_t end)
{
    feed_t  *f = ctx;

    f->ntold += (size_t) snprintf(f->told + f->ntold,
                                  sizeof(f->told) - f->ntold,
                                  "%s%u:%d[%u,%u]", f->ntold ? " " : "", sum,
                                  (int) weight, (unsigned) start,
                                  (unsigned) end);

    if (f->ntold >= sizeof(f->told)) {
        f->ntold = sizeof(f->told) - 1;
    }
}


static int
window(void *ctx, const acct_window_t *w)
{
    feed_t  *f = ctx;

    acct_weighing_window(f->weighing, w, told, f);

    return ACCT_OK;
}


/* a value in pieces of at most so many bytes; 0 is whole */

static void
weigh(acct_text_t *t, feed_t *f, const acct_scale_t *scale, const char *value,
    size_t len, size_t most)
{
    size_t          i, n;
    const uint8_t  *p;

    acct_weighing_begin(f->weighing, scale);

    f->ntold = 0;
    f->told[0] = '\0';
    p = (const uint8_t *) value;

    (void) acct_text_begin(t, acct_view_bit(ACCT_VIEW_HAN), window, f);

    for (i = 0; i < len; i += n) {
        n = most ? 1 + chance((uint32_t) most) : len;
        n = n < len - i ? n : len - i;

        (void) acct_text_feed(t, p + i, n);
    }

    (void) acct_text_end(t);
}


/* the first rule */

static const term_t  terms[] = {
    { "casino", 3 }, { "_casino_", 20 }, { "_cas", 2 }, { "ino_", 1 },
    { "\xe6\x8f\x90\xe7\x8e\xb0", 14 }, { "\xe7\xbe\xa4", 9 },
    { "_\xe7\xbe\xa4_", 5 }, { "000", 4 }, { "\xe8\x80\x81\xe5\xb8\x88", -8 },
    { "\xd9\x8b\xd9\x8e", 7 }, { "_", 0 }
};


static const struct {
    const char           *idea;
    const char           *value;
    int                   sum;          /* of the first rule */
    const char           *told;
} cases[] = {

    { "a word", "casino", 26, "0:2[0,3] 0:3[0,6] 0:20[0,6] 0:1[3,6]" },
    { "nothing", "", 0, "" },
    { "no term", "hello", 0, "" },
    { "a word between others", "the CASINO!", 26,
      "0:2[4,7] 0:3[4,10] 0:20[4,10] 0:1[7,10]" },
    { "within a word", "xcasinox", 3, "0:3[1,7]" },
    { "behind a small letter", "myCasino", 26,
      "0:2[2,5] 0:3[2,8] 0:20[2,8] 0:1[5,8]" },
    { "said twice", "casino casino", 26,
      "0:2[0,3] 0:3[0,6] 0:20[0,6] 0:1[3,6]" },
    { "any digits", "12345", 4, "0:4[0,3]" },
    { "Han in Han", "\xe8\xbf\x9b\xe7\xbe\xa4\xe5\x90\xa7", 9, "0:9[3,6]" },
    { "Han alone", "\xe7\xbe\xa4", 14, "0:9[0,3] 0:5[0,3]" },
    { "no edge between Han", "\xe8\xbf\x9b \xe7\xbe\xa4 \xe5\x90\xa7", 9,
      "0:9[4,7]" },
    { "spaces within Han", "\xe6\x8f\x90 \xe7\x8e\xb0", 14, "0:14[0,7]" },
    { "for and against", "\xe6\x8f\x90\xe7\x8e\xb0\xe8\x80\x81\xe5\xb8\x88", 6,
      "0:14[0,6] 0:-8[6,12]" },
    { "marks that were put in order",
      "\xd8\xa8\xd9\x8e\xd9\x8f\xd9\x8b", 7, "0:7[2,8]" },
    { "against alone", "\xe8\x80\x81\xe5\xb8\x88", 0, "0:-8[0,6]" },
};


static acct_scale_t *
scale_of_cases(void)
{
    size_t         i;
    acct_scale_t  *scale;

    scale = acct_scale_create();

    (void) acct_scale_rule(scale, 0, 10, -1);
    (void) acct_scale_rule(scale, 1, 10, -1);

    for (i = 0; terms[i].weight; i++) {
        if (acct_scale_term(scale, 0, acct_str(terms[i].text), terms[i].weight)
            != ACCT_TERM_TAKEN)
        {
            return NULL;
        }
    }

    return scale;
}


static void
scales(void)
{
    unsigned       i;
    acct_scale_t  *scale;

    scale = acct_scale_create();

    for (i = 0; i < ACCT_WEIGH_RULES_MAX; i++) {
        if (acct_scale_rule(scale, 100 + i, 7 + i, i == 5 ? 3 : -1)
            != (int) i)
        {
            break;
        }
    }

    ok(i == ACCT_WEIGH_RULES_MAX && acct_scale_rules(scale) == i,
       "as many rules as there may be");
    ok(acct_scale_rule(scale, 1, 1, -1) == ACCT_ERROR, "and no more");
    ok(acct_scale_rule_at(scale, 3) == 103 && acct_scale_least(scale, 3) == 10,
       "each has its number");

    ok(acct_scale_sum(scale, 5) == acct_scale_sum(scale, 3)
       && acct_scale_sum(scale, 6) != acct_scale_sum(scale, 5),
       "two of them share a sum");

    ok(acct_scale_term(scale, 0, acct_str("ab"), 5) == ACCT_TERM_TAKEN
       && acct_scale_term(scale, 1, acct_str("ab"), 6) == ACCT_TERM_TAKEN,
       "two rules have a term");
    ok(acct_scale_term(scale, 0, acct_str("ab"), 5) == ACCT_TERM_TWICE,
       "a rule has it once");
    ok(acct_scale_term(scale, 0, acct_str("_a1_"), 5) == ACCT_TERM_TAKEN
       && acct_scale_term(scale, 0, acct_str("_a2_"), 5) == ACCT_TERM_TWICE,
       "all digits are one");
    ok(acct_scale_term(scale, 0, acct_str("__"), 5) == ACCT_TERM_EMPTY
       && acct_scale_term(scale, 0, acct_str(""), 5) == ACCT_TERM_EMPTY,
       "edges alone are no term");
    ok(acct_scale_term(scale, 0, acct_str("abcdefghijklmnop"), 5)
       == ACCT_TERM_TAKEN
       && acct_scale_term(scale, 0, acct_str("abcdefghijklmnopq"), 5)
          == ACCT_TERM_LONG, "the longest term, and a longer one");

    acct_scale_destroy(scale);
    acct_scale_destroy(NULL);
}


static void
weights(acct_text_t *t, feed_t *f)
{
    char                  value[600];
    size_t                i, n;
    acct_scale_t         *scale;
    const acct_weight_t  *w;

    scale = scale_of_cases();

    if (!ok(scale != NULL, "a scale")) {
        return;
    }

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        n = strlen(cases[i].value);

        weigh(t, f, scale, cases[i].value, n, 0);

        w = acct_weighing_result(f->weighing, 0);

        ok(w->sum == cases[i].sum, "%s: weighs %d", cases[i].idea,
           (int) w->sum);
        ok(strcmp(f->told, cases[i].told) == 0, "%s: %s", cases[i].idea,
           f->told);

        weigh(t, f, scale, cases[i].value, n, 1);

        ok(acct_weighing_result(f->weighing, 0)->sum == cases[i].sum,
           "%s: byte by byte", cases[i].idea);
        ok(acct_weighing_result(f->weighing, 1)->sum == 0,
           "%s: nothing for the other rule", cases[i].idea);
    }

    /* what is against it far away takes nothing; what is near does */

    memset(value, 'x', sizeof(value));
    memcpy(value, "\xe8\x80\x81\xe5\xb8\x88", 6);
    memcpy(value + 300, "casino", 6);
    value[299] = ' ';
    value[306] = ' ';

    weigh(t, f, scale, value, 400, 7);
    w = acct_weighing_result(f->weighing, 0);

    ok(w->sum == 26 && w->start == 300 && w->end == 306,
       "far from what speaks against it");

    memcpy(value + 290, "\xe8\x80\x81\xe5\xb8\x88", 6);
    weigh(t, f, scale, value, 400, 7);

    ok(acct_weighing_result(f->weighing, 0)->sum == 18,
       "near what speaks against it");

    /* far apart they are two */

    memset(value, 'x', sizeof(value));
    memcpy(value, "\xe6\x8f\x90\xe7\x8e\xb0", 6);
    memcpy(value + 400, "\xe7\xbe\xa4", 3);
    weigh(t, f, scale, value, 500, 0);

    ok(acct_weighing_result(f->weighing, 0)->sum == 14, "two that stand apart");

    weigh(t, f, scale, "\xe6\x8f\x90.\xe7\x8e\xb0", 7, 0);
    ok(acct_weighing_result(f->weighing, 0)->evasive,
       "a sign within is evasive");

    weigh(t, f, scale, ".\xe6\x8f\x90\xe7\x8e\xb0", 7, 0);
    ok(!acct_weighing_result(f->weighing, 0)->evasive, "one before is not");

    acct_scale_destroy(scale);
}


/* what a value is made of, and terms too: few, so that they meet */

static const char *const  pieces[] = {
    "a", "b", "c", "A", "B", "7", "1", " ", ".", "\xe7\xbe\xa4",
    "\xe6\x8f\x90", "\xe7\x8e\xb0", "\xe3\x82\xab", "\xd0\xb6"
};

#define PIECES   (sizeof(pieces) / sizeof(pieces[0]))


typedef struct {
    uint32_t              symbols[VALUE_MAX + 2];
    size_t                n;
} symbols_t;


static unsigned
close_of(uint32_t c)
{
    return (c >= 0x2e80 && c < 0xa000) || (c >= 0x3040 && c < 0x3100);
}


static int
symbol(void *ctx, const acct_window_t *w)
{
    int         len;
    size_t      i;
    uint32_t    c;
    symbols_t  *s;

    s = ctx;

    for (i = w->seen; i < w->len; i += (size_t) len) {
        c = w->data[i];
        len = c < 0x80 ? 1 : c < 0xe0 ? 2 : 3;

        if (len == 2) {
            c = (c & 0x1f) << 6 | (w->data[i + 1] & 0x3f);

        } else if (len == 3) {
            c = (c & 0x0f) << 12 | (uint32_t) (w->data[i + 1] & 0x3f) << 6
                | (w->data[i + 2] & 0x3f);
        }

        if (s->n == 0
            || ((w->origin[i] & (ACCT_ORIGIN_GAP | ACCT_ORIGIN_CASE))
                && !(close_of(c) && close_of(s->symbols[s->n - 1]))))
        {
            s->symbols[s->n++] = '_';
        }

        s->symbols[s->n++] = c >= '0' && c <= '9' ? '0' : c;
    }

    if (w->last && s->n) {
        s->symbols[s->n++] = '_';
    }

    return ACCT_OK;
}


static int
slowly(const symbols_t *s, uint32_t (*of)[ACCT_WEIGH_TERM_MAX],
    const size_t *len, const int *weight)
{
    int     sum, best;
    size_t  from, to, i, k;

    best = 0;

    for (from = 0; from < s->n; from += ACCT_WEIGH_STEP) {
        to = from + ACCT_WEIGH_STRETCH < s->n ? from + ACCT_WEIGH_STRETCH
                                              : s->n;
        sum = 0;

        for (k = 0; k < TERMS; k++) {
            for (i = from; i < to; i++) {
                if (len[k] && i + 1 >= len[k]
                    && memcmp(&s->symbols[i + 1 - len[k]], of[k],
                              len[k] * sizeof(uint32_t)) == 0)
                {
                    sum += weight[k];
                    break;
                }
            }
        }

        if (sum > best) {
            best = sum;
        }
    }

    return best;
}


static void
by_chance(acct_text_t *t, feed_t *f)
{
    int            weight[TERMS], quick, slow;
    char           text[64];
    size_t         i, k, n, round, len[TERMS], wrong;
    uint32_t       of[TERMS][ACCT_WEIGH_TERM_MAX];
    acct_scale_t  *scale;

    static char       value[VALUE_MAX];
    static symbols_t  s;

    wrong = 0;

    for (round = 0; round < 400; round++) {
        scale = acct_scale_create();
        (void) acct_scale_rule(scale, 0, 1, -1);
        (void) acct_scale_rule(scale, 1, 1, -1);

        for (k = 0; k < TERMS; k++) {
            text[0] = '\0';

            if (chance(4) == 0) {
                strcat(text, "_");
            }

            for (n = 1 + chance(4); n; n--) {
                strcat(text, pieces[chance(PIECES - 7)]);
                strcat(text, chance(3) ? "" : pieces[9 + chance(5)]);
            }

            for (i = 0, n = 0; text[i]; i++) {
                if (text[i] != ' ' && text[i] != '.') {
                    text[n++] = (char) (text[i] >= 'A' && text[i] <= 'Z'
                                        ? text[i] + 32 : text[i]);
                }
            }

            text[n] = '\0';

            if (chance(4) == 0) {
                strcat(text, "_");
            }

            weight[k] = 1 + (int) chance(20) - (int) chance(14);
            len[k] = 0;

            if (weight[k] == 0
                || acct_scale_term(scale, 0, acct_str(text), weight[k])
                   != ACCT_TERM_TAKEN)
            {
                continue;
            }

            for (i = 0; text[i]; i += n) {
                n = (uint8_t) text[i] < 0x80 ? 1
                    : (uint8_t) text[i] < 0xe0 ? 2 : 3;
                of[k][len[k]] = (uint8_t) text[i];

                if (n == 2) {
                    of[k][len[k]] = ((uint8_t) text[i] & 0x1fu) << 6
                                    | ((uint8_t) text[i + 1] & 0x3fu);
                } else if (n == 3) {
                    of[k][len[k]] = ((uint8_t) text[i] & 0x0fu) << 12
                                    | ((uint8_t) text[i + 1] & 0x3fu) << 6
                                    | ((uint8_t) text[i + 2] & 0x3fu);
                }

                if (of[k][len[k]] >= '0' && of[k][len[k]] <= '9') {
                    of[k][len[k]] = '0';
                }

                len[k]++;
            }
        }

        value[0] = '\0';

        for (n = 0, k = chance(round % 4 ? 300 : 6000); k; k--) {
            i = round % 4 || chance(32) == 0 ? chance(PIECES) : 13;
            memcpy(value + n, pieces[i], strlen(pieces[i]));
            n += strlen(pieces[i]);
        }

        s.n = 0;
        (void) acct_text_begin(t, acct_view_bit(ACCT_VIEW_HAN), symbol, &s);
        (void) acct_text_feed(t, (const uint8_t *) value, n);
        (void) acct_text_end(t);

        slow = slowly(&s, of, len, weight);

        weigh(t, f, scale, value, n, 0);
        quick = acct_weighing_result(f->weighing, 0)->sum;
        wrong += quick != slow;

        weigh(t, f, scale, value, n, 1 + chance(900));
        wrong += acct_weighing_result(f->weighing, 0)->sum != quick;

        acct_scale_destroy(scale);
    }

    ok(wrong == 0, "400 scales and values: %u differ", (unsigned) wrong);
}


/* as many terms at once as there may be: none is forgotten or counts twice */

static void
many(acct_text_t *t, feed_t *f)
{
    int            sum, best;
    char           term[3];
    size_t         i, round, from, n, wrong;
    acct_scale_t  *scale;

    static char     value[4000];
    static uint8_t  had[26][26];

    scale = acct_scale_create();
    (void) acct_scale_rule(scale, 0, 1, -1);

    for (i = 0; i < 26 * 26; i++) {
        term[0] = (char) ('a' + i / 26);
        term[1] = (char) ('a' + i % 26);
        term[2] = '\0';
        (void) acct_scale_term(scale, 0, acct_str(term), 1);
    }

    wrong = 0;

    for (round = 0; round < 200; round++) {
        n = 2 + chance(sizeof(value) - 2);

        for (i = 0; i < n; i++) {
            value[i] = (char) ('a' + (chance(26) + i % 2) % 26);

            /* runs of three and more are squeezed by the view */

            if (i && value[i] == value[i - 1]) {
                value[i] = (char) ('a' + (value[i] - 'a' + 1) % 26);
            }
        }

        best = 0;

        /* place 0 is the edge before the first letter, n + 1 the last */

        for (from = 0; from < n + 2; from += ACCT_WEIGH_STEP) {
            memset(had, 0, sizeof(had));
            sum = 0;

            for (i = from; i < from + ACCT_WEIGH_STRETCH && i <= n; i++) {
                if (i >= 2 && !had[value[i - 2] - 'a'][value[i - 1] - 'a']) {
                    had[value[i - 2] - 'a'][value[i - 1] - 'a'] = 1;
                    sum++;
                }
            }

            best = sum > best ? sum : best;
        }

        weigh(t, f, scale, value, n, 1 + chance(900));
        wrong += acct_weighing_result(f->weighing, 0)->sum != best;
    }

    ok(wrong == 0, "676 terms, 200 values: %u differ", (unsigned) wrong);

    acct_scale_destroy(scale);
}


int
main(void)
{
    feed_t        f;
    acct_text_t  *t;

    memset(&f, 0, sizeof(feed_t));

    t = acct_text_create(&acct_heap);
    f.weighing = acct_weighing_create(&acct_heap);

    if (!ok(t && f.weighing, "memory")) {
        return done_testing();
    }

    scales();
    weights(t, &f);
    by_chance(t, &f);
    many(t, &f);

    acct_weighing_destroy(f.weighing);
    acct_weighing_destroy(NULL);
    acct_text_destroy(t);

    return done_testing();
}
