
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * The text room against the files of Unicode 15.0.0: NormalizationTest,
 * CaseFolding, and every code point there is.
 */


#include "text.h"
#include "tap.h"


#define FOLDER     "/usr/share/unicode"
#define COLUMNS    5
#define MAX        1024
#define STRINGS    20000


/* NUL for a code point that is not assigned; the full decomposition else */

typedef struct {
    uint8_t               assigned;
    uint8_t               n;
    uint32_t              to[4];
} char_t;


static char_t  *chars;


typedef struct {
    acct_text_t          *text;
    acct_buf_t            out[2];
} rig_t;


static FILE *
open_data(const char *name)
{
    char         command[512];
    const char  *folder;
    size_t       len;

    folder = getenv("UCD");
    folder = folder ? folder : FOLDER;
    len = strlen(name);

    if (len > 4 && strcmp(name + len - 4, ".bz2") == 0) {
        snprintf(command, sizeof(command), "bzip2 -dc '%s/%s'", folder, name);
        return popen(command, "r");
    }

    snprintf(command, sizeof(command), "%s/%s", folder, name);

    return fopen(command, "r");
}


/* "0061 0301" as UTF-8 */

static size_t
code_points(const char *s, uint8_t *out)
{
    char    *end;
    size_t   n;

    for (n = 0; /* void */ ; s = end) {
        unsigned long  c = strtoul(s, &end, 16);

        if (end == s) {
            return n;
        }

        n += acct_utf8_write(out + n, (uint32_t) c);
    }
}


static const acct_buf_t *
render(rig_t *rig, unsigned which, acct_view_e view, const uint8_t *p,
    size_t n)
{
    acct_str_t  value;

    value.data = p;
    value.len = n;

    rig->out[which].len = 0;

    if (acct_text_render(rig->text, view, value, &rig->out[which], NULL)
        != ACCT_OK)
    {
        abort();
    }

    return &rig->out[which];
}


static int
equal(const acct_buf_t *a, const acct_buf_t *b)
{
    return a->len == b->len
           && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}


static void
test_utf8(void)
{
    int        good;
    size_t     i, k, n, want;
    uint8_t    p[4];
    uint32_t   c, d;

    good = 1;

    for (c = 0; c <= 0x10ffff; c++) {
        n = acct_utf8_write(p, c);

        if (c >= 0xd800 && c <= 0xdfff) {
            good = good && acct_utf8_read(p, n, &d) == -1;
            continue;
        }

        good = good && acct_utf8_read(p, n, &d) == (int) n && d == c
               && acct_utf8_whole(p, n) == n;

        for (k = 1; k < n; k++) {
            good = good && acct_utf8_read(p, k, &d) == 0
                   && acct_utf8_whole(p, k) == 0;
        }
    }

    ok(good, "UTF-8: every code point out and in, and cut");

    /* table 3-7 of Unicode, in other words */

    good = 1;

    for (i = 0; i < 0x10000; i++) {
        p[0] = (uint8_t) (i >> 8);
        p[1] = (uint8_t) i;

        if (p[0] < 0x80) {
            want = 9;

        } else if (p[0] < 0xc2 || p[0] > 0xf4) {
            want = 0;

        } else if ((p[1] & 0xc0) != 0x80
                   || (p[0] == 0xe0 && p[1] < 0xa0)
                   || (p[0] == 0xed && p[1] > 0x9f)
                   || (p[0] == 0xf0 && p[1] < 0x90)
                   || (p[0] == 0xf4 && p[1] > 0x8f))
        {
            want = 0;

        } else {
            want = p[0] < 0xe0 ? 2 : 1;
        }

        n = (size_t) acct_utf8_read(p, 2, &d);

        good = good && (want == 9 ? n == 1 : want == 2 ? n == 2
                                           : want == 1 ? n == 0
                                                       : n == (size_t) -1);
    }

    ok(good, "UTF-8: every pair of bytes");
}


static int
read_chars(void)
{
    FILE         *f;
    char          line[1024], *field[6], *p, *end;
    unsigned      i, k;
    uint32_t      c, first, parts[2], nparts;
    char_t       *x;

    chars = calloc(0x110000, sizeof(char_t));
    f = open_data("UnicodeData.txt");

    if (chars == NULL || f == NULL) {
        return 0;
    }

    first = 0;

    while (fgets(line, sizeof(line), f) != NULL) {

        for (i = 0, p = line; i < 6; i++) {
            field[i] = p;
            p = strchr(p, ';');

            if (p == NULL) {
                return 0;
            }

            *p++ = '\0';
        }

        c = (uint32_t) strtoul(field[0], NULL, 16);

        if (strstr(field[1], "First>") != NULL) {
            first = c;
        }

        if (strstr(field[1], "Last>") != NULL) {
            for ( /* void */ ; first < c; first++) {
                chars[first].assigned = strcmp(field[2], "Cs") != 0;
            }
        }

        chars[c].assigned = strcmp(field[2], "Cs") != 0;

        if (field[5][0] == '\0' || field[5][0] == '<') {
            continue;
        }

        parts[1] = 0;
        nparts = 0;

        for (p = field[5]; nparts < 2; p = end) {
            uint32_t  v = (uint32_t) strtoul(p, &end, 16);

            if (end == p) {
                break;
            }

            parts[nparts++] = v;
        }

        /* kept as one step; opened to the end by decompose() */

        x = &chars[c];
        x->n = (uint8_t) nparts;

        for (k = 0; k < nparts; k++) {
            x->to[k] = parts[k];
        }
    }

    fclose(f);

    return 1;
}


static size_t
decompose(uint32_t c, uint8_t *out)
{
    size_t    n;
    unsigned  i, l, v, t;

    if (c >= 0xac00 && c < 0xac00 + 11172) {
        l = 0x1100 + (c - 0xac00) / 588;
        v = 0x1161 + (c - 0xac00) % 588 / 28;
        t = 0x11a7 + (c - 0xac00) % 28;

        n = acct_utf8_write(out, l);
        n += acct_utf8_write(out + n, v);

        return n + (t == 0x11a7 ? 0 : acct_utf8_write(out + n, t));
    }

    if (chars[c].n == 0) {
        return acct_utf8_write(out, c);
    }

    for (n = 0, i = 0; i < chars[c].n; i++) {
        n += decompose(chars[c].to[i], out + n);
    }

    return n;
}


static void
test_chars(rig_t *rig)
{
    int                good;
    size_t             n, m;
    uint8_t            p[8], q[64], copy[MAX];
    uint32_t           c;
    unsigned           v, bad[4], assigned;
    const acct_buf_t  *a, *b;

    memset(bad, 0, sizeof(bad));
    assigned = 0;

    for (c = 0; c <= 0x10ffff; c++) {

        if (c >= 0xd800 && c <= 0xdfff) {
            continue;
        }

        n = acct_utf8_write(p, c);

        for (v = 0; v < ACCT_VIEWS; v++) {
            a = render(rig, 0, (acct_view_e) v, p, n);

            good = a->len <= n * acct_views[v].growth;

            if (v == ACCT_VIEW_BASE) {
                good = good && a->len <= ACCT_FOLD_BYTES;
            }

            if (!good && bad[0]++ < 5) {
                diag("U+%04X grows in view %u", c, v);
            }
        }

        if (!chars[c].assigned) {
            continue;
        }

        assigned++;

        a = render(rig, 0, ACCT_VIEW_BASE, p, n);
        memcpy(copy, a->data, a->len);
        b = render(rig, 1, ACCT_VIEW_BASE, copy, a->len);

        if (!equal(a, b) && bad[1]++ < 5) {
            diag("U+%04X: base is not idempotent", c);
        }

        m = decompose(c, q);

        for (v = ACCT_VIEW_BASE; v < ACCT_VIEWS; v++) {
            a = render(rig, 0, (acct_view_e) v, p, n);
            b = render(rig, 1, (acct_view_e) v, q, m);

            if (!equal(a, b) && bad[2]++ < 5) {
                diag("U+%04X: view %u is not that of the decomposed", c, v);
            }
        }
    }

    ok(bad[0] == 0, "no code point grows more than the views' table says");
    ok(bad[1] == 0, "base is idempotent over %u assigned code points",
       assigned);
    ok(bad[2] == 0, "every view of them is that of their decomposition");
    ok(assigned > 280000, "there were code points");
}


static void
test_ill_formed(rig_t *rig)
{
    int        good;
    unsigned   v, b;
    uint8_t    p[1];

    good = 1;

    for (b = 0x80; b < 0x100; b++) {
        p[0] = (uint8_t) b;

        for (v = 0; v < ACCT_VIEWS; v++) {
            good = good && render(rig, 0, (acct_view_e) v, p, 1)->len
                           <= acct_views[v].growth;
        }
    }

    ok(good, "nor does an ill-formed byte");
}


static void
test_normalization(rig_t *rig)
{
    FILE              *f;
    char               line[MAX], *p;
    size_t             n[COLUMNS];
    uint8_t            column[COLUMNS][MAX];
    unsigned           i, from, lines, bad;
    const acct_buf_t  *a, *b;

    f = open_data("NormalizationTest.txt.bz2");
    lines = 0;
    bad = 0;

    while (f != NULL && fgets(line, sizeof(line), f) != NULL) {

        if (line[0] == '#' || line[0] == '@' || line[0] == '\n') {
            continue;
        }

        if (strstr(line, "FDFA") != NULL) {
            continue;
        }

        lines++;

        for (i = 0, p = line; i < COLUMNS; i++) {
            n[i] = code_points(p, column[i]);
            p = strchr(p, ';') + 1;
        }

        /* U+0345 folds to a letter, out of order: UAX #44, NFKC_CF */

        line[strcspn(line, ";")] = '\0';
        from = strstr(line, "0345") != NULL;

        a = render(rig, 0, ACCT_VIEW_BASE, column[from], n[from]);

        for (i = from + 1; i < COLUMNS; i++) {
            b = render(rig, 1, ACCT_VIEW_BASE, column[i], n[i]);

            if (!equal(a, b) && bad++ < 5) {
                diag("column %u of %s", i + 1, line);
            }
        }
    }

    if (f != NULL) {
        pclose(f);
    }

    ok(bad == 0, "NormalizationTest: base of all columns is equal");
    ok(lines > 19000, "in %u lines", lines);
}


static void
test_case_folding(rig_t *rig)
{
    FILE              *f;
    char               line[MAX], *p, *status;
    size_t             n, m;
    uint8_t            from[MAX], to[MAX];
    unsigned           lines, bad;
    const acct_buf_t  *a, *b;

    f = open_data("CaseFolding.txt");
    lines = 0;
    bad = 0;

    while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
        p = strchr(line, ';');

        if (line[0] == '#' || p == NULL) {
            continue;
        }

        status = p + 2;
        n = code_points(line, from);
        m = code_points(status + 2, to);

        if (*status != 'C' && *status != 'F') {
            continue;
        }

        lines++;

        a = render(rig, 0, ACCT_VIEW_BASE, from, n);
        b = render(rig, 1, ACCT_VIEW_BASE, to, m);

        if (!equal(a, b) && bad++ < 5) {
            diag("%s", line);
        }
    }

    if (f != NULL) {
        fclose(f);
    }

    ok(bad == 0, "CaseFolding: base of a character is that of its fold");
    ok(lines > 1500, "in %u lines", lines);
}


/*
 * Of hostile strings: base is idempotent, and is that of the decomposed
 * string.  U+0345 is not among the pieces, but U+1FB7 has it inside.
 */

static void
test_hostile(rig_t *rig)
{
    int                len;
    size_t             n, m, i;
    uint8_t            p[40 * 64], q[40 * 256], copy[40 * 256];
    uint64_t           seed;
    uint32_t           c;
    unsigned           k, bad[2], v;
    const acct_buf_t  *a, *b;

    seed = 15;
    bad[0] = 0;
    bad[1] = 0;

    for (k = 0; k < STRINGS; k++) {
        n = hostile_string(&seed, 1 + chance(&seed, 40), p);

        a = render(rig, 0, ACCT_VIEW_BASE, p, n);
        memcpy(copy, a->data, a->len);
        b = render(rig, 1, ACCT_VIEW_BASE, copy, a->len);

        if (!equal(a, b) && bad[0]++ < 3) {
            diag("not idempotent:");

            for (i = 0; i < n; i += (size_t) (len > 0 ? len : 1)) {
                len = acct_utf8_read(p + i, n - i, &c);
                diag("  U+%04X", len > 0 ? c : 0xfffd);
            }
        }

        for (i = 0, m = 0; i < n; /* void */ ) {
            len = acct_utf8_read(p + i, n - i, &c);

            if (len > 0) {
                m += decompose(c, q + m);
                i += (size_t) len;

            } else {
                len = len ? -len : (int) (n - i);
                memcpy(q + m, p + i, (size_t) len);
                m += (size_t) len;
                i += (size_t) len;
            }
        }

        for (v = ACCT_VIEW_BASE; v < ACCT_VIEWS; v++) {

            /* the alpha with U+0345 inside has its iota in another order */

            if (memmem(p, n, "\xe1\xbe\xb7", 3) != NULL) {
                break;
            }

            a = render(rig, 0, (acct_view_e) v, p, n);
            b = render(rig, 1, (acct_view_e) v, q, m);

            if (!equal(a, b) && bad[1]++ < 3) {
                diag("view %u is not that of the decomposed:", v);

                for (i = 0; i < n; i += (size_t) (len > 0 ? len : 1)) {
                    len = acct_utf8_read(p + i, n - i, &c);
                    diag("  U+%04X", len > 0 ? c : 0xfffd);
                }
            }
        }
    }

    ok(bad[0] == 0, "hostile strings: base is idempotent");
    ok(bad[1] == 0, "hostile strings: every view is that of the decomposed");
}


int
main(void)
{
    rig_t  rig;

    rig.text = acct_text_create(&acct_heap);
    acct_buf_init(&rig.out[0], &acct_heap, 1 << 20);
    acct_buf_init(&rig.out[1], &acct_heap, 1 << 20);

    if (rig.text == NULL) {
        abort();
    }

    test_utf8();

    if (ok(read_chars(), "UnicodeData.txt is read (package unicode-data)")) {
        test_chars(&rig);
        test_hostile(&rig);
    }

    test_ill_formed(&rig);
    test_normalization(&rig);
    test_case_folding(&rig);

    acct_buf_free(&rig.out[0]);
    acct_buf_free(&rig.out[1]);
    acct_text_destroy(rig.text);
    free(chars);

    return done_testing();
}
