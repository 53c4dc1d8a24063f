
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * Every line of t/data/views/ *.tsv: the input rendered into a view.
 */


#include <dirent.h>
#include <stdlib.h>

#include "acct_text.h"
#include "acct_unicode.h"
#include "tap.h"


#define FOLDER      "t/data/views"
#define COLUMNS     4
#define MAX         4096


static size_t
unescape(const char *s, size_t len, uint8_t *out)
{
    char      *end;
    size_t     i, n;
    uint32_t   c;

    for (i = 0, n = 0; i < len; /* void */ ) {

        if (s[i] == '\\' && i + 3 < len && s[i + 1] == 'x') {
            char  hex[3] = { s[i + 2], s[i + 3], '\0' };

            out[n++] = (uint8_t) strtoul(hex, NULL, 16);
            i += 4;

        } else if (s[i] == '\\' && i + 3 < len && s[i + 1] == 'u'
                   && s[i + 2] == '{')
        {
            c = (uint32_t) strtoul(s + i + 3, &end, 16);
            n += acct_utf8_write(out + n, c);
            i = (size_t) (end - s) + 1;

        } else {
            out[n++] = (uint8_t) s[i++];
        }
    }

    return n;
}


static void
run_line(acct_text_t *t, const char *file, unsigned number, char *line)
{
    char         *column[COLUMNS], *p;
    size_t        i, want_len;
    uint8_t       input[MAX], want[MAX];
    char          name[512];
    acct_buf_t    out;
    acct_str_t    value;
    acct_view_e   view;

    for (i = 0, p = line; i < COLUMNS; i++) {
        column[i] = p;
        p = strchr(p, '\t');

        if (p == NULL) {
            break;
        }

        *p++ = '\0';
    }

    if (i != COLUMNS - 1) {
        ok(0, "%s:%u: has not %d columns", file, number, COLUMNS);
        return;
    }

    view = acct_view_find(acct_str(column[1]));

    if (view == ACCT_VIEWS || strlen(column[0]) >= MAX) {
        ok(0, "%s:%u: no view, or too long", file, number);
        return;
    }

    value.data = input;
    value.len = unescape(column[0], strlen(column[0]), input);
    want_len = unescape(column[2], strlen(column[2]), want);

    acct_buf_init(&out, &acct_heap, MAX);

    snprintf(name, sizeof(name), "%s:%u: %s -> %s (%s)", file, number,
             column[0], column[1], column[3]);

    if (acct_text_render(t, view, value, &out, NULL) != ACCT_OK) {
        ok(0, "%s: renders", name);

    } else {
        is_bytes(out.data, out.len, want, want_len, name);
    }

    acct_buf_free(&out);
}


int
main(void)
{
    DIR            *dir;
    FILE           *f;
    char            path[512], line[MAX], *nl;
    unsigned        number, files;
    acct_text_t    *t;
    struct dirent  *entry;

    t = acct_text_create(&acct_heap);
    dir = opendir(FOLDER);

    if (t == NULL || dir == NULL) {
        ok(0, FOLDER ": opens");
        return done_testing();
    }

    files = 0;

    while ((entry = readdir(dir)) != NULL) {
        nl = strrchr(entry->d_name, '.');

        if (nl == NULL || strcmp(nl, ".tsv") != 0) {
            continue;
        }

        snprintf(path, sizeof(path), FOLDER "/%.200s", entry->d_name);
        f = fopen(path, "r");

        if (!ok(f != NULL, "%s: opens", path)) {
            continue;
        }

        files++;

        for (number = 1; fgets(line, sizeof(line), f) != NULL; number++) {
            nl = strchr(line, '\n');

            if (nl) {
                *nl = '\0';
            }

            if (line[0] != '\0' && line[0] != '#') {
                run_line(t, entry->d_name, number, line);
            }
        }

        fclose(f);
    }

    ok(files > 0, "there are files");

    closedir(dir);
    acct_text_destroy(t);

    return done_testing();
}
