
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

    if (f == NULL || cli_lines_open(&lines, f) != CLI_OK) {
        return CLI_USAGE;
    }

    acct_buf_init(&out, &acct_heap, 64 * 1024);
    text = acct_text_create(&acct_heap);

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
