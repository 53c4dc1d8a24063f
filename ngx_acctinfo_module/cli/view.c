
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acctinfo view: one value a line in, one view of it a line out.
 */


#include "cli.h"


static int
cli_view_window(void *ctx, const acct_window_t *w)
{
    int            rc;
    size_t         i, n;
    acct_buf_t    *out;
    const uint8_t *p;

    out = ctx;
    p = w->data + w->seen;
    n = w->len - w->seen;

    rc = acct_buf_append(out, p, n);

    if (rc == ACCT_OK) {
        for (i = out->len - n; i < out->len; i++) {
            if (out->data[i] == '\n') {
                out->data[i] = ' ';
            }
        }
    }

    if (rc == ACCT_OK && w->last) {
        rc = acct_buf_append(out, "\n", 1);
    }

    if (rc != ACCT_OK) {
        return cli_error("out of memory");
    }

    return cli_write(out) == CLI_OK ? ACCT_OK : ACCT_ERROR;
}


/*
 * One character of a view: where it came from, what it was there, and the
 * views of the chain in which it became another.
 */

typedef struct {
    acct_text_t          *text;
    unsigned              view;
    acct_buf_t            views[ACCT_VIEWS];
    acct_buf_t            origins[ACCT_VIEWS];
} cli_offsets_t;


static int
cli_offsets_window(void *ctx, const acct_window_t *w)
{
    cli_offsets_t  *o;

    o = ctx;

    if (acct_buf_append(&o->views[w->view], w->data + w->seen,
                        w->len - w->seen) != ACCT_OK
        || acct_buf_append(&o->origins[w->view], w->origin + w->seen,
                           (w->len - w->seen) * sizeof(acct_origin_t))
           != ACCT_OK)
    {
        return ACCT_ERROR;
    }

    return ACCT_OK;
}


/* the characters of a view that came from the bytes [start, end) */

static acct_str_t
cli_offsets_at(const cli_offsets_t *o, unsigned view, uint64_t start,
    uint64_t end)
{
    size_t                i, first, last;
    acct_str_t            s = acct_null_string;
    acct_origin_t         origin;

    first = SIZE_MAX;
    last = 0;

    for (i = 0; i < o->views[view].len; i++) {

        if ((o->views[view].data[i] & 0xc0) == 0x80) {
            last = i + 1 > last && first != SIZE_MAX && last == i ? i + 1
                                                                  : last;
            continue;
        }

        memcpy(&origin, o->origins[view].data + i * sizeof(acct_origin_t),
               sizeof(acct_origin_t));

        if (acct_origin_start(origin) >= start
            && acct_origin_end(origin) <= end)
        {
            first = i < first ? i : first;
            last = i + 1;
        }
    }

    if (first != SIZE_MAX) {
        s.data = o->views[view].data + first;
        s.len = last - first;
    }

    return s;
}


static int
cli_offsets_line(void *ctx, acct_str_t value)
{
    int            n;
    size_t         i, len, links;
    unsigned       v, view, views, chain[ACCT_VIEWS];
    acct_str_t     a, b;
    const char    *sep;
    cli_offsets_t *o;
    acct_origin_t  origin;

    o = ctx;
    view = o->view;
    links = 0;
    views = acct_view_bit(ACCT_VIEW_RAW);

    for (v = view; v != ACCT_VIEW_RAW; v = acct_views[v].from) {
        chain[links++] = v;
        views |= acct_view_bit(v);
    }

    for (v = 0; v < ACCT_VIEWS; v++) {
        o->views[v].len = 0;
        o->origins[v].len = 0;
    }

    if (acct_text_begin(o->text, views, cli_offsets_window, o) != ACCT_OK
        || acct_text_feed(o->text, value.data, value.len) != ACCT_OK
        || acct_text_end(o->text) != ACCT_OK)
    {
        return cli_error("out of memory, or a line is longer than 16 MB");
    }

    for (i = 0; i < o->views[view].len; i += len) {

        for (len = 1; i + len < o->views[view].len
             && (o->views[view].data[i + len] & 0xc0) == 0x80; len++)
        {
            /* void */
        }

        memcpy(&origin, o->origins[view].data + i * sizeof(acct_origin_t),
               sizeof(acct_origin_t));

        a = cli_offsets_at(o, ACCT_VIEW_RAW, acct_origin_start(origin),
                           acct_origin_end(origin));

        n = printf("%.*s", (int) len, (const char *) o->views[view].data + i);

        printf("\t[%llu,%llu]\t%.*s",
               (unsigned long long) acct_origin_start(origin),
               (unsigned long long) acct_origin_end(origin), (int) a.len,
               (const char *) a.data);

        sep = "\t";

        for (n = (int) links - 1; n >= 0; n--) {
            b = cli_offsets_at(o, chain[n], acct_origin_start(origin),
                               acct_origin_end(origin));

            if (!acct_str_eq(a, b)) {
                printf("%sin %s", sep,
                       (const char *) acct_views[chain[n]].name.data);
                sep = ", ";
            }

            a = b;
        }

        if (origin & ACCT_ORIGIN_GAP) {
            printf("%sgap before", sep);
            sep = ", ";
        }

        if (origin & ACCT_ORIGIN_CASE) {
            printf("%sa capital behind a small letter", sep);
            sep = ", ";
        }

        if (origin & ACCT_ORIGIN_HIDDEN) {
            printf("%shidden before (evasive)", sep);
            sep = ", ";
        }

        if (origin & ACCT_ORIGIN_ALTERED) {
            printf("%saltered (evasive)", sep);
        }

        putchar('\n');
    }

    putchar('\n');

    return CLI_OK;
}


static int
cli_view_offsets(FILE *f, acct_text_t *text, unsigned view)
{
    int            rc;
    unsigned       v;
    cli_offsets_t  o;

    o.text = text;
    o.view = view;

    for (v = 0; v < ACCT_VIEWS; v++) {
        acct_buf_init(&o.views[v], &acct_heap, (size_t) 6 << 24);
        acct_buf_init(&o.origins[v], &acct_heap, (size_t) 48 << 24);
    }

    rc = cli_each_line(f, "input", (size_t) 1 << 24, cli_offsets_line, &o);

    for (v = 0; v < ACCT_VIEWS; v++) {
        acct_buf_free(&o.views[v]);
        acct_buf_free(&o.origins[v]);
    }

    return rc;
}


/* A view of each line with its masks off; of one that wears none the view */

typedef struct {
    acct_text_t          *text;
    acct_text_t          *second;
    acct_view_e           view;
    acct_buf_t            out;
} cli_masks_t;


static int
cli_masks_line(void *ctx, acct_str_t value)
{
    int           rc;
    size_t        i;
    unsigned      worn;
    cli_masks_t  *m;

    m = ctx;
    m->out.len = 0;

    rc = acct_text_render_unmasked(m->text, m->second, m->view, value, &m->out,
                                   &worn);

    if (rc == ACCT_OK && !worn) {
        rc = acct_text_render(m->text, m->view, value, &m->out, NULL);
    }

    if (rc != ACCT_OK) {
        return cli_error("out of memory, or a line is longer than 16 MB");
    }

    for (i = 0; i < m->out.len; i++) {
        if (m->out.data[i] == '\n') {
            m->out.data[i] = ' ';
        }
    }

    if (acct_buf_append(&m->out, "\n", 1) != ACCT_OK) {
        return cli_error("out of memory");
    }

    return cli_write(&m->out);
}


static int
cli_view_masks(FILE *f, acct_text_t *text, acct_view_e view)
{
    int          rc;
    cli_masks_t  m;

    m.text = text;
    m.second = acct_text_create(&acct_heap);
    m.view = view;

    acct_buf_init(&m.out, &acct_heap, (size_t) 6 << 24);

    rc = m.second ? cli_each_line(f, "input", (size_t) 1 << 24, cli_masks_line,
                                  &m)
                  : cli_error("out of memory");

    acct_text_destroy(m.second);
    acct_buf_free(&m.out);

    return rc;
}


int
cli_view(cli_t *cli)
{
    int           rc, more;
    FILE         *f;
    unsigned      end, begun;
    acct_buf_t    out;
    acct_str_t    piece;
    cli_lines_t   lines;
    acct_text_t  *text;
    acct_view_e   view;

    if (cli->view == NULL) {
        return cli_error("view: -v VIEW is missing");
    }

    view = acct_view_find(acct_str(cli->view));

    if (view == ACCT_VIEWS) {
        return cli_error("view: unknown view %s", cli->view);
    }

    if (!acct_views[view].built) {
        return cli_error("view: the view %s is not there yet", cli->view);
    }

    f = cli_input(cli);

    if (f == NULL) {
        return CLI_USAGE;
    }

    text = acct_text_create(&acct_heap);

    if (text && (cli->offsets || cli->masks)) {
        rc = cli->offsets ? cli_view_offsets(f, text, view)
                          : cli_view_masks(f, text, view);
        acct_text_destroy(text);

        if (f != stdin) {
            fclose(f);
        }

        return rc;
    }

    if (cli_lines_open(&lines, f) != CLI_OK) {
        acct_text_destroy(text);
        return CLI_USAGE;
    }

    acct_buf_init(&out, &acct_heap, 64 * 1024);

    rc = text ? CLI_OK : cli_error("out of memory");
    begun = 0;

    while (rc == CLI_OK) {
        more = cli_lines_next(&lines, &piece, &end);

        if (more <= 0) {
            rc = more ? CLI_USAGE : CLI_OK;
            break;
        }

        if (!begun
            && acct_text_begin(text, acct_view_bit(view), cli_view_window, &out)
               != ACCT_OK)
        {
            rc = cli_error("out of memory");
            break;
        }

        begun = !end;

        if (acct_text_feed(text, piece.data, piece.len) != ACCT_OK
            || (end && acct_text_end(text) != ACCT_OK))
        {
            rc = CLI_USAGE;
        }
    }

    acct_text_destroy(text);
    acct_buf_free(&out);
    cli_lines_close(&lines);

    if (f != stdin) {
        fclose(f);
    }

    return rc;
}
