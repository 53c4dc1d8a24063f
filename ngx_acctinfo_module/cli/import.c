
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acctinfo import: an existing list made into one of ours, with a triage.
 *
 * What is written is a list that loads: a term once, as it was written first.
 * What a maintainer must look at before it may act stands in the list as a
 * comment and in the report: terms that fold to one character, and above all
 * those that hit ordinary texts, worst first.
 */


#include <errno.h>
#include <iconv.h>
#include <stdlib.h>

#include <jansson.h>

#include "cli.h"


#define CLI_IMPORT_MAX      ((size_t) 1 << 28)
#define CLI_IMPORT_SHOWN    50
#define CLI_IMPORT_EXAMPLES 3


typedef enum {
    CLI_TERM_GOOD = 0,
    CLI_TERM_EMPTY,
    CLI_TERM_CHARACTER,
    CLI_TERM_DUPLICATE,
    CLI_TERM_LONG
} cli_term_e;


typedef struct {
    acct_str_t            text;
    acct_str_t            fold;
    cli_term_e            state;
    size_t                order;        /* as it was read */
    size_t                hits;         /* of ordinary lines */
    acct_str_t            inside;       /* another term that holds this one */
    acct_str_t            examples[CLI_IMPORT_EXAMPLES];
} cli_import_term_t;


typedef struct {
    cli_t                *cli;
    acct_view_e           view;
    acct_packs_t         *arena;        /* memory for texts */

    cli_import_term_t    *terms;
    size_t                n;
    size_t                size;

    cli_import_term_t   **found;        /* by the literal's id */
    size_t                nfound;

    acct_ruleset_t       *rs;
    acct_scratch_t       *scratch;
    acct_text_t          *text;
    acct_hits_t           hits;
    acct_str_t            line;         /* the ordinary line at hand */
    cli_import_term_t    *self;         /* or the term */
    size_t                lines;
} cli_import_t;


static int
cli_import_add(cli_import_t *im, const char *p, size_t n)
{
    size_t              size;
    uint8_t            *copy;
    cli_import_term_t  *terms;

    while (n && (p[n - 1] == '\r' || p[n - 1] == ' ' || p[n - 1] == '\t')) {
        n--;
    }

    while (n && (*p == ' ' || *p == '\t')) {
        p++;
        n--;
    }

    if (n == 0) {
        return CLI_OK;
    }

    if (im->n == im->size) {
        size = im->size ? im->size * 2 : 1024;
        terms = realloc(im->terms, size * sizeof(cli_import_term_t));

        if (terms == NULL) {
            return cli_error("out of memory");
        }

        im->terms = terms;
        im->size = size;
    }

    copy = acct_packs_alloc(im->arena, n + 1);

    if (copy == NULL) {
        return cli_error("out of memory");
    }

    memcpy(copy, p, n);
    memset(&im->terms[im->n], 0, sizeof(cli_import_term_t));

    im->terms[im->n].text.data = copy;
    im->terms[im->n].text.len = n;
    im->terms[im->n].order = im->n;
    im->n++;

    return CLI_OK;
}


/* The file in UTF-8; what cannot be converted is an error with its place */

static int
cli_import_read(cli_import_t *im, const char *path, acct_buf_t *out)
{
    int         rc;
    char        raw[65536 + 16], utf8[4 * 65536], *in, *to;
    FILE       *f;
    size_t      n, left, room, offset, kept;
    iconv_t     cd;

    f = fopen(path, "rb");

    if (f == NULL) {
        return cli_error("%s: %s", path, strerror(errno));
    }

    cd = (iconv_t) -1;

    if (im->cli->encoding) {
        cd = iconv_open("UTF-8", im->cli->encoding);

        if (cd == (iconv_t) -1) {
            fclose(f);
            return cli_error("--encoding %s: unknown", im->cli->encoding);
        }
    }

    rc = CLI_OK;
    kept = 0;
    offset = 0;

    while (rc == CLI_OK && (n = fread(raw + kept, 1, 65536, f)) > 0) {

        if (cd == (iconv_t) -1) {
            rc = acct_buf_append(out, raw, n) == ACCT_OK
                 ? CLI_OK : cli_error("%s: larger than 256 MB", path);
            continue;
        }

        in = raw;
        left = kept + n;
        to = utf8;
        room = sizeof(utf8);

        if (iconv(cd, &in, &left, &to, &room) == (size_t) -1
            && (errno == EILSEQ || left > 16))
        {
            rc = cli_error("%s: byte %zu is not %s", path,
                           offset + (size_t) (in - raw), im->cli->encoding);
            break;
        }

        offset += (size_t) (in - raw);
        memmove(raw, in, left);
        kept = left;

        if (acct_buf_append(out, utf8, sizeof(utf8) - room) != ACCT_OK) {
            rc = cli_error("%s: larger than 256 MB", path);
        }
    }

    if (rc == CLI_OK && kept && cd != (iconv_t) -1) {
        rc = cli_error("%s: ends in the middle of a character", path);
    }

    if (cd != (iconv_t) -1) {
        iconv_close(cd);
    }

    fclose(f);

    return rc;
}


/* one field of a line of CSV (RFC 4180) or TSV; quoted fields may hold lines */

static int
cli_import_table(cli_import_t *im, const char *p, const char *end, char sep)
{
    int         rc;
    char        c;
    size_t      column, want;
    unsigned    quoted;
    acct_buf_t  field;

    want = im->cli->column ? strtoul(im->cli->column, NULL, 10) : 1;

    if (want == 0) {
        return cli_error("--column %s: must be a number from 1",
                         im->cli->column);
    }

    acct_buf_init(&field, &acct_heap, CLI_IMPORT_MAX);

    rc = CLI_OK;
    column = 1;
    quoted = 0;

    for ( /* void */ ; p <= end && rc == CLI_OK; p++) {
        c = p < end ? *p : '\n';

        if (quoted && p < end) {
            if (c != '"') {
                rc = acct_buf_append(&field, &c, 1);

            } else if (p + 1 < end && p[1] == '"') {
                rc = acct_buf_append(&field, p++, 1);

            } else {
                quoted = 0;
            }

            continue;
        }

        if (c == '"' && sep == ',' && field.len == 0) {
            quoted = 1;
            continue;
        }

        if (c != sep && c != '\n') {
            rc = acct_buf_append(&field, &c, 1);
            continue;
        }

        if (column == want) {
            rc = cli_import_add(im, (const char *) field.data, field.len);
        }

        field.len = 0;
        column = c == '\n' ? 1 : column + 1;
    }

    acct_buf_free(&field);

    return rc;
}


static int
cli_import_json(cli_import_t *im, json_t *v)
{
    int      rc;
    void    *iter;
    size_t   i;
    json_t  *child;

    if (json_is_string(v)) {
        return cli_import_add(im, json_string_value(v),
                              json_string_length(v));
    }

    rc = CLI_OK;

    if (json_is_array(v)) {
        json_array_foreach(v, i, child) {
            rc = cli_import_json(im, child);

            if (rc != CLI_OK) {
                break;
            }
        }

        return rc;
    }

    /* of objects the member that --column names, or all of them */

    for (iter = json_object_iter(v); iter && rc == CLI_OK;
         iter = json_object_iter_next(v, iter))
    {
        if (im->cli->column == NULL
            || strcmp(im->cli->column, json_object_iter_key(iter)) == 0
            || !json_is_string(json_object_iter_value(iter)))
        {
            rc = cli_import_json(im, json_object_iter_value(iter));
        }
    }

    return rc;
}


static int
cli_import_parse(cli_import_t *im, const acct_buf_t *buf)
{
    int           rc;
    json_t       *root;
    const char   *p, *end, *lf;
    json_error_t  error;

    p = (const char *) buf->data;
    end = p + buf->len;

    if (buf->len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
        p += 3;
    }

    if (strcmp(im->cli->from, "csv") == 0) {
        return cli_import_table(im, p, end, ',');
    }

    if (strcmp(im->cli->from, "tsv") == 0) {
        return cli_import_table(im, p, end, '\t');
    }

    if (strcmp(im->cli->from, "json") == 0) {
        root = json_loadb(p, (size_t) (end - p), JSON_DECODE_ANY, &error);

        if (root == NULL) {
            return cli_error("line %d: %s", error.line, error.text);
        }

        rc = cli_import_json(im, root);
        json_decref(root);

        return rc;
    }

    for (rc = CLI_OK; p < end && rc == CLI_OK; p = lf + 1) {
        lf = memchr(p, '\n', (size_t) (end - p));
        lf = lf ? lf : end;

        if (*p != '#') {
            rc = cli_import_add(im, p, (size_t) (lf - p));
        }
    }

    return rc;
}


static int
cli_import_cmp(const void *one, const void *two)
{
    int                       rc;
    const cli_import_term_t  *a, *b;

    a = one;
    b = two;
    rc = acct_str_cmp(a->fold, b->fold);

    return rc ? rc : (a->order > b->order) - (a->order < b->order);
}


/* folds all terms and sorts them; the first of equal folds stays */

static int
cli_import_fold(cli_import_t *im)
{
    size_t              i, k, chars;
    uint8_t            *copy;
    acct_buf_t          buf;
    cli_import_term_t  *t;

    acct_buf_init(&buf, &acct_heap, 8 * ACCT_TERM_MAX);

    for (i = 0; i < im->n; i++) {
        t = &im->terms[i];

        if (t->text.len > ACCT_TERM_MAX) {
            t->state = CLI_TERM_LONG;
            continue;
        }

        buf.len = 0;

        if (acct_text_render(im->text, im->view, t->text, &buf, NULL)
            != ACCT_OK)
        {
            acct_buf_free(&buf);
            return cli_error("out of memory");
        }

        for (k = 0, chars = 0; k < buf.len; k++) {
            chars += (buf.data[k] & 0xc0) != 0x80;
        }

        t->state = chars == 0 ? CLI_TERM_EMPTY
                   : chars == 1 ? CLI_TERM_CHARACTER
                   : buf.len > ACCT_OVERLAP / 2 ? CLI_TERM_LONG
                   : CLI_TERM_GOOD;

        copy = acct_packs_alloc(im->arena, buf.len + 1);

        if (copy == NULL) {
            acct_buf_free(&buf);
            return cli_error("out of memory");
        }

        if (buf.len) {
            memcpy(copy, buf.data, buf.len);
        }

        t->fold.data = copy;
        t->fold.len = buf.len;
    }

    acct_buf_free(&buf);

    if (im->n) {
        qsort(im->terms, im->n, sizeof(cli_import_term_t), cli_import_cmp);
    }

    for (i = 1; i < im->n; i++) {
        t = &im->terms[i];

        if (t->state == CLI_TERM_GOOD && acct_str_eq(t->fold, t[-1].fold)) {
            t->state = CLI_TERM_DUPLICATE;
        }
    }

    return CLI_OK;
}


/*
 * A rule set of the good terms.  Its literals are numbered in the order of
 * their folds, which is the order of the terms here.
 */

static int
cli_import_ruleset(cli_import_t *im)
{
    size_t          i;
    acct_buf_t      list;
    acct_diags_t    diags = { cli_diag, NULL, 0, 0 };
    acct_file_t     files[2];
    acct_packs_t   *packs;
    char            pack[256];

    acct_buf_init(&list, &acct_heap, CLI_IMPORT_MAX);

    im->found = calloc(im->n + 1, sizeof(cli_import_term_t *));

    if (im->found == NULL) {
        return cli_error("out of memory");
    }

    for (i = 0; i < im->n; i++) {
        if (im->terms[i].state != CLI_TERM_GOOD) {
            continue;
        }

        im->found[im->nfound++] = &im->terms[i];

        if (acct_buf_append(&list, im->terms[i].text.data,
                            im->terms[i].text.len) != ACCT_OK
            || acct_buf_append(&list, "\n", 1) != ACCT_OK)
        {
            acct_buf_free(&list);
            return cli_error("out of memory");
        }
    }

    if (im->nfound == 0) {
        acct_buf_free(&list);
        return CLI_OK;
    }

    snprintf(pack, sizeof(pack), "{\"pack\":\"i\",\"prefix\":\"I\",\"rules\":[{"
             "\"id\":\"I-1\",\"view\":\"%s\",\"list\":\"l.txt\",\"action\":"
             "\"tag\"}]}", (const char *) acct_views[im->view].name.data);

    files[0].name = acct_str("p.json");
    files[0].content = acct_str(pack);
    files[1].name = acct_str("l.txt");
    files[1].content.data = list.data;
    files[1].content.len = list.len;

    packs = acct_packs_parse("import", files, 2, acct_str("0"), &diags);

    acct_buf_free(&list);

    if (packs == NULL) {
        return CLI_USAGE;
    }

    im->rs = acct_ruleset_build(packs, 0, NULL, &diags);

    if (im->rs == NULL) {
        acct_packs_free(packs);
        return CLI_USAGE;
    }

    return acct_scratch_fit(im->scratch, im->rs) == ACCT_OK
           ? CLI_OK : cli_error("out of memory");
}


/* Latin letters and digits stand as words, as the rule's default has it */

static int
cli_import_stands(const acct_window_t *w, size_t start, size_t end)
{
    unsigned  a, b;

#define cli_plain(c)  (((c) >= 'a' && (c) <= 'z') || ((c) >= '0' && (c) <= '9'))

    a = start && cli_plain(w->data[start]) && cli_plain(w->data[start - 1])
        && !(w->origin[start] & (ACCT_ORIGIN_GAP | ACCT_ORIGIN_CASE));
    b = end < w->len && cli_plain(w->data[end]) && cli_plain(w->data[end - 1])
        && !(w->origin[end] & (ACCT_ORIGIN_GAP | ACCT_ORIGIN_CASE));

    return !a && !b;
}


static int
cli_import_window(void *ctx, const acct_window_t *w)
{
    size_t              i;
    acct_hit_t         *hit;
    cli_import_t       *im;
    cli_import_term_t  *t;

    im = ctx;
    im->hits.n = 0;

    if (acct_ruleset_scan(im->rs, im->scratch, w, &im->hits) != ACCT_OK) {
        return ACCT_ERROR;
    }

    for (i = 0; i < im->hits.n; i++) {
        hit = &im->hits.elts[i];
        t = im->found[hit->id];

        if (!cli_import_stands(w, hit->end - t->fold.len, hit->end)) {
            continue;
        }

        if (im->self) {
            if (t != im->self && t->inside.data == NULL) {
                t->inside = im->self->text;
            }

            continue;
        }

        if (t->hits < CLI_IMPORT_EXAMPLES) {
            t->examples[t->hits].len = im->line.len;
            t->examples[t->hits].data = acct_packs_alloc(im->arena,
                                                         im->line.len + 1);

            if (t->examples[t->hits].data == NULL) {
                return ACCT_ERROR;
            }

            memcpy((void *) t->examples[t->hits].data, im->line.data,
                   im->line.len);
        }

        t->hits++;
    }

    return ACCT_OK;
}


static int
cli_import_scan(cli_import_t *im, acct_str_t value)
{
    im->line = value;

    if (acct_text_begin(im->text, acct_view_bit(im->view), cli_import_window,
                        im) != ACCT_OK
        || acct_text_feed(im->text, value.data, value.len) != ACCT_OK
        || acct_text_end(im->text) != ACCT_OK)
    {
        return cli_error("out of memory, or the scan failed");
    }

    return CLI_OK;
}


static int
cli_import_ordinary_line(void *ctx, acct_str_t value)
{
    cli_import_t  *im;

    im = ctx;

    if (value.len == 0 || value.data[0] == '#') {
        return CLI_OK;
    }

    im->lines++;

    return cli_import_scan(im, value);
}


static int
cli_import_ordinary(void *ctx, const char *path)
{
    int    rc;
    FILE  *f;

    f = fopen(path, "rb");

    if (f == NULL) {
        return cli_error("%s: %s", path, strerror(errno));
    }

    rc = cli_each_line(f, path, 1024 * 1024, cli_import_ordinary_line, ctx);

    fclose(f);

    return rc;
}


static int
cli_import_worst(const void *one, const void *two)
{
    const cli_import_term_t  *a, *b;

    a = one;
    b = two;

    if (a->hits != b->hits) {
        return a->hits > b->hits ? -1 : 1;
    }

    return (a->order > b->order) - (a->order < b->order);
}


static int
cli_import_order(const void *one, const void *two)
{
    const cli_import_term_t  *a, *b;

    a = one;
    b = two;

    return (a->order > b->order) - (a->order < b->order);
}


static void
cli_import_report(cli_import_t *im)
{
    size_t              i, k, count[CLI_TERM_LONG + 1], inside, hit;
    cli_import_term_t  *t;

    memset(count, 0, sizeof(count));
    inside = 0;
    hit = 0;

    for (i = 0; i < im->n; i++) {
        t = &im->terms[i];
        count[t->state]++;
        inside += t->inside.data != NULL;
        hit += t->hits != 0;
    }

    fprintf(stderr, "%zu terms: %zu good, %zu the same as another in the view "
            "%s, %zu fold to nothing, %zu to one character, %zu too long\n",
            im->n, count[CLI_TERM_GOOD], count[CLI_TERM_DUPLICATE],
            (const char *) acct_views[im->view].name.data,
            count[CLI_TERM_EMPTY], count[CLI_TERM_CHARACTER],
            count[CLI_TERM_LONG]);
    fprintf(stderr, "%zu stand within another term; %zu hit some of %zu "
            "ordinary texts\n", inside, hit, im->lines);

    if (im->n) {
        qsort(im->terms, im->n, sizeof(cli_import_term_t), cli_import_worst);
    }

    for (i = 0; i < im->n && i < CLI_IMPORT_SHOWN; i++) {
        t = &im->terms[i];

        if (t->hits == 0) {
            break;
        }

        fprintf(stderr, "%8zu  %.*s:", t->hits, (int) t->text.len,
                (const char *) t->text.data);

        for (k = 0; k < t->hits && k < CLI_IMPORT_EXAMPLES; k++) {
            fprintf(stderr, "%s %.*s", k ? ";" : "",
                    (int) t->examples[k].len,
                    (const char *) t->examples[k].data);
        }

        fputc('\n', stderr);
    }
}


static int
cli_import_write(cli_import_t *im, const char *source)
{
    FILE               *f;
    size_t              i;
    cli_import_term_t  *t;

    f = fopen(im->cli->output, "wb");

    if (f == NULL) {
        return cli_error("%s: %s", im->cli->output, strerror(errno));
    }

    if (im->n) {
        qsort(im->terms, im->n, sizeof(cli_import_term_t), cli_import_order);
    }

    fprintf(f, "# Made by acctinfo import from %s, for the view %s.\n"
            "# Say here where it came from, and under which licence.\n",
            strrchr(source, '/') ? strrchr(source, '/') + 1 : source,
            (const char *) acct_views[im->view].name.data);

    for (i = 0; i < im->n; i++) {
        t = &im->terms[i];

        if (t->state == CLI_TERM_CHARACTER) {
            fprintf(f, "# one character: ");

        } else if (t->state != CLI_TERM_GOOD) {
            continue;

        } else if (t->hits) {
            fprintf(f, "# hits %zu ordinary texts: ", t->hits);
        }

        fprintf(f, "%.*s\n", (int) t->text.len, (const char *) t->text.data);
    }

    if (fclose(f) != 0) {
        return cli_error("%s: %s", im->cli->output, strerror(errno));
    }

    return CLI_OK;
}


int
cli_import(cli_t *cli)
{
    int           rc;
    size_t        i;
    acct_buf_t    buf;
    cli_import_t  im;

    if (cli->nargs != 1 || cli->output == NULL || cli->view == NULL
        || cli->from == NULL)
    {
        return cli_error("import: --from FORMAT, -v VIEW, -o LIST and one FILE "
                         "are needed");
    }

    if (strcmp(cli->from, "txt") != 0 && strcmp(cli->from, "csv") != 0
        && strcmp(cli->from, "tsv") != 0 && strcmp(cli->from, "json") != 0)
    {
        return cli_error("--from %s: must be txt, csv, tsv or json", cli->from);
    }

    memset(&im, 0, sizeof(cli_import_t));

    im.cli = cli;
    im.view = acct_view_find(acct_str(cli->view));

    if (im.view == ACCT_VIEWS) {
        return cli_error("-v %s: unknown view", cli->view);
    }

    im.arena = calloc(1, sizeof(acct_packs_t));
    im.text = acct_text_create(&acct_heap);
    im.scratch = acct_scratch_create(&acct_heap);
    im.hits.alloc = &acct_heap;

    acct_buf_init(&buf, &acct_heap, CLI_IMPORT_MAX);

    rc = im.arena && im.text && im.scratch ? CLI_OK
                                           : cli_error("out of memory");
    if (rc == CLI_OK) {
        rc = cli_import_read(&im, cli->args[0], &buf);
    }

    if (rc == CLI_OK) {
        rc = cli_import_parse(&im, &buf);
    }

    if (rc == CLI_OK) {
        rc = cli_import_fold(&im);
    }

    if (rc == CLI_OK) {
        rc = cli_import_ruleset(&im);
    }

    for (i = 0; rc == CLI_OK && i < im.nfound; i++) {
        im.self = im.found[i];
        rc = cli_import_scan(&im, im.self->text);
    }

    im.self = NULL;

    if (rc == CLI_OK && im.rs && cli->ordinary) {
        rc = cli_each_text(cli->ordinary, cli_import_ordinary, &im);
    }

    if (rc == CLI_OK) {
        cli_import_report(&im);
        rc = cli_import_write(&im, cli->args[0]);
    }

    acct_buf_free(&buf);
    acct_free(&acct_heap, im.hits.elts);
    acct_ruleset_release(im.rs);
    acct_scratch_destroy(im.scratch);
    acct_text_destroy(im.text);
    acct_packs_free(im.arena);
    free(im.terms);
    free(im.found);

    return rc;
}
