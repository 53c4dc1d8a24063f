
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * Lines in pieces, lines as a whole, files of a folder.
 */


#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "cli.h"


#define CLI_BUFFER      (256 * 1024)


int
cli_lines_open(cli_lines_t *l, FILE *f)
{
    memset(l, 0, sizeof(cli_lines_t));

    l->f = f;
    l->buf = malloc(CLI_BUFFER);

    if (l->buf == NULL) {
        return cli_error("out of memory");
    }

    return CLI_OK;
}


void
cli_lines_close(cli_lines_t *l)
{
    free(l->buf);
}


int
cli_lines_next(cli_lines_t *l, acct_str_t *piece, unsigned *end)
{
    uint8_t  *lf;

    if (l->pos == l->len && !l->eof) {
        l->pos = 0;
        l->len = fread(l->buf, 1, CLI_BUFFER, l->f);

        if (l->len == 0) {
            if (ferror(l->f)) {
                cli_error("input: %s", strerror(errno));
                return -1;
            }

            l->eof = 1;
        }
    }

    piece->data = l->buf + l->pos;
    piece->len = l->len - l->pos;
    *end = 0;

    if (l->eof) {
        if (!l->begun) {
            return 0;
        }

        l->begun = 0;
        *end = 1;

        return 1;
    }

    lf = memchr(piece->data, '\n', piece->len);

    if (lf) {
        piece->len = (size_t) (lf - piece->data);
        l->pos += piece->len + 1;
        l->begun = 0;
        *end = 1;

    } else {
        l->pos = l->len;
        l->begun = 1;
    }

    return 1;
}


int
cli_each_line(FILE *f, const char *name, size_t max, cli_line_pt handler,
    void *ctx)
{
    int          rc, more;
    unsigned     end;
    acct_buf_t   line;
    acct_str_t   piece;
    cli_lines_t  lines;

    if (cli_lines_open(&lines, f) != CLI_OK) {
        return CLI_USAGE;
    }

    acct_buf_init(&line, &acct_heap, max);
    rc = CLI_OK;

    while (rc == CLI_OK) {
        more = cli_lines_next(&lines, &piece, &end);

        if (more <= 0) {
            rc = more ? CLI_USAGE : CLI_OK;
            break;
        }

        if (acct_buf_append(&line, piece.data, piece.len) != ACCT_OK) {
            rc = cli_error("%s: out of memory, or a line is longer than %zu "
                           "bytes", name, max);

        } else if (end) {
            piece.data = line.data;
            piece.len = line.len;
            line.len = 0;
            rc = handler(ctx, piece);
        }
    }

    acct_buf_free(&line);
    cli_lines_close(&lines);

    return rc;
}


static int
cli_is_text(const struct dirent *de)
{
    size_t  n;

    n = strlen(de->d_name);

    return n > 4 && de->d_name[0] != '.'
           && strcmp(de->d_name + n - 4, ".txt") == 0;
}


int
cli_each_text(const char *path, cli_file_pt handler, void *ctx)
{
    int              i, n, rc;
    char             file[PATH_MAX];
    struct stat      st;
    struct dirent  **names;

    if (stat(path, &st) == -1) {
        return cli_error("%s: %s", path, strerror(errno));
    }

    if (!S_ISDIR(st.st_mode)) {
        return handler(ctx, path);
    }

    n = scandir(path, &names, cli_is_text, alphasort);

    if (n < 0) {
        return cli_error("%s: %s", path, strerror(errno));
    }

    rc = CLI_OK;

    for (i = 0; i < n; i++) {
        if (rc == CLI_OK) {
            snprintf(file, sizeof(file), "%s/%s", path, names[i]->d_name);
            rc = handler(ctx, file);
        }

        free(names[i]);
    }

    free(names);

    return rc;
}
