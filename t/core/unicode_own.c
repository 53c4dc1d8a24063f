
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * Our own tables in ngx_acctinfo_module/unicode/: every line takes effect, and
 * is an evasion or not as it says.
 */


#include "text.h"
#include "tap.h"


#define FOLDER   "ngx_acctinfo_module/unicode"
#define MAX      256


/* what stands around the form, and around what it becomes */

typedef struct {
    const char           *file;
    const char           *word;        /* lines that have it; NULL: have none */
    acct_view_e           view;
    const char           *before;
    const char           *after;
    unsigned              evasive;     /* unless the line says "even" */
    unsigned              same;        /* it becomes that, or stays apart */
} own_t;


static const own_t  owns[] = {
    { "plain.txt",  NULL,     ACCT_VIEW_BASE,   "", "", 1, 1 },
    { "plain.txt",  "even",   ACCT_VIEW_BASE,   "", "", 0, 1 },
    { "plain.txt",  "keep",   ACCT_VIEW_BASE,   "", "", 0, 1 },
    { "han.txt",    NULL,     ACCT_VIEW_HAN,    "a", "b", 0, 1 },
    { "han.txt",    "alike",  ACCT_VIEW_HAN,    "a", "b", 1, 1 },
    { "han.txt",    "stroke", ACCT_VIEW_HAN,
      "\xe5\x95\x86", "\xe9\x93\xb6", 1, 1 },
    { "latin.txt",  NULL,     ACCT_VIEW_LATIN,  "q", "z", 1, 1 },
    { "latin.txt",  NULL,     ACCT_VIEW_LATIN,  "", "", 0, 0 },
    { "latin.txt",  "strict", ACCT_VIEW_LATIN,  "q", "z", 1, 1 },
    { "latin.txt",  "strict", ACCT_VIEW_LATIN,  "", "", 1, 1 },
    { "leet.txt",   NULL,     ACCT_VIEW_LATIN,  "q", "z", 1, 1 },
    { "leet.txt",   NULL,     ACCT_VIEW_LATIN,  "", "", 0, 0 },
    { "leet.txt",   "even",   ACCT_VIEW_LATIN,  "q", "z", 0, 1 },
    { "digits.txt", NULL,     ACCT_VIEW_DIGITS, "1", "2", 1, 1 },
    { "digits.txt", "even",   ACCT_VIEW_DIGITS, "1", "2", 0, 1 }
};

#define OWNS  (sizeof(owns) / sizeof(owns[0]))


static int
has(const char *words, const char *word)
{
    return words != NULL && strstr(words, word) != NULL;
}


static void
run_own(acct_text_t *t, const own_t *own)
{
    int          good, none;
    FILE        *f;
    char         line[1024], form[MAX], plain[MAX], *column[4], *words, *p;
    unsigned     i, number, lines, bad, evasive, even;
    acct_buf_t   a, b;

    snprintf(line, sizeof(line), "%s/%s", FOLDER, own->file);
    f = fopen(line, "r");

    acct_buf_init(&a, &acct_heap, MAX);
    acct_buf_init(&b, &acct_heap, MAX);
    lines = 0;
    bad = 0;

    for (number = 1; f && fgets(line, sizeof(line), f) != NULL; number++) {

        line[strcspn(line, "\n")] = '\0';

        if (line[0] == '#' || line[0] == '\0') {
            continue;
        }

        words = NULL;

        for (i = 0, p = line; i < 4 && p != NULL; i++) {
            column[i] = p;
            p = strchr(p, '\t');

            if (p) {
                *p++ = '\0';
            }
        }

        words = p;

        if (i != 4) {
            bad++;
            continue;
        }

        /* "even" beside another word is a word of its own */

        even = has(words, "even");
        none = words == NULL || strcmp(words, "even") == 0;

        if (own->word == NULL
            ? words != NULL
            : strcmp(own->word, "even") == 0 ? !(even && none)
                                             : !has(words, own->word))
        {
            continue;
        }

        lines++;

        if (strcmp(column[2], "-") == 0) {
            column[3] = "";
        }

        snprintf(form, sizeof(form), "%s%s%s", own->before, column[1],
                 own->after);
        snprintf(plain, sizeof(plain), "%s%s%s", own->before, column[3],
                 own->after);

        a.len = 0;
        b.len = 0;

        if (acct_text_render(t, own->view, acct_str(plain), &b, NULL)
            != ACCT_OK
            || acct_text_render(t, own->view, acct_str(form), &a, &evasive)
               != ACCT_OK)
        {
            abort();
        }

        good = (a.len == b.len
                && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0))
               == (own->same != 0);

        /* what is dropped at an end hides nothing */

        if (own->same && column[3][0] != '\0') {
            good = good && evasive == (own->evasive && !even);
        }

        if (!good && bad++ < 5) {
            diag("%s:%u: %s gives \"%.*s\", evasive %u", own->file, number,
                 form, (int) a.len, (const char *) a.data, evasive);
        }
    }

    if (f) {
        fclose(f);
    }

    ok(f && lines && bad == 0, "%s: %u lines %s%s%s", own->file, lines,
       own->same ? "fold" : "stay apart", own->word ? ": " : "",
       own->word ? own->word : "");

    acct_buf_free(&a);
    acct_buf_free(&b);
}


int
main(void)
{
    size_t        i;
    acct_text_t  *t;

    t = acct_text_create(&acct_heap);

    if (t == NULL) {
        abort();
    }

    for (i = 0; i < OWNS; i++) {
        run_own(t, &owns[i]);
    }

    acct_text_destroy(t);

    return done_testing();
}
