
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acctinfo fmt: the one form of a pack.
 *
 * Keys of the pack and attributes of a rule stand in the order of their
 * tables; what fits on a line of 80 characters stands on one, else each
 * element has its own; characters that nobody can see are written as escapes.
 */


#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include <jansson.h>

#include "cli.h"


#define CLI_FMT_WIDTH    80
#define CLI_FMT_MAX      ((size_t) 1 << 27)


/* Invisible, turning, and combining without a script of their own */

static const struct {
    uint32_t              first;
    uint32_t              last;
} cli_fmt_unseen[] = {
    { 0x0000, 0x001f }, { 0x007f, 0x009f }, { 0x00ad, 0x00ad },
    { 0x0300, 0x036f }, { 0x061c, 0x061c }, { 0x115f, 0x1160 },
    { 0x17b4, 0x17b5 }, { 0x180b, 0x180f }, { 0x1ab0, 0x1aff },
    { 0x1dc0, 0x1dff }, { 0x200b, 0x200f }, { 0x2028, 0x202e },
    { 0x2060, 0x206f }, { 0x20d0, 0x20ff }, { 0x2800, 0x2800 },
    { 0x3164, 0x3164 }, { 0xabed, 0xabed }, { 0xfe00, 0xfe0f },
    { 0xfe20, 0xfe2f }, { 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 },
    { 0xfff0, 0xfffb }, { 0xe0000, 0xe0fff }
};


static const char  *cli_fmt_pack[] = {
    "pack", "prefix", "note", "rules", NULL
};


typedef struct {
    acct_buf_t            out;
    acct_buf_t            line;         /* one value on one line */
    unsigned              failed;
} cli_fmt_t;


static void cli_fmt_value(cli_fmt_t *f, json_t *v, unsigned indent,
    size_t before, unsigned rule);


static void
cli_fmt_add(cli_fmt_t *f, acct_buf_t *to, const char *p, size_t n)
{
    if (acct_buf_append(to, p, n) != ACCT_OK) {
        f->failed = 1;
    }
}


static void
cli_fmt_text(cli_fmt_t *f, acct_buf_t *to, const char *s)
{
    cli_fmt_add(f, to, s, strlen(s));
}


static size_t
cli_fmt_char(const char *p, uint32_t *c)
{
    const uint8_t  *u;

    u = (const uint8_t *) p;

    if (u[0] < 0x80) {
        *c = u[0];
        return 1;
    }

    if (u[0] < 0xe0) {
        *c = (u[0] & 0x1fu) << 6 | (u[1] & 0x3fu);
        return 2;
    }

    if (u[0] < 0xf0) {
        *c = (u[0] & 0x0fu) << 12 | (u[1] & 0x3fu) << 6 | (u[2] & 0x3fu);
        return 3;
    }

    *c = (u[0] & 0x07u) << 18 | (u[1] & 0x3fu) << 12 | (u[2] & 0x3fu) << 6
         | (u[3] & 0x3fu);

    return 4;
}


static unsigned
cli_fmt_is_unseen(uint32_t c)
{
    size_t  i;

    for (i = 0; i < sizeof(cli_fmt_unseen) / sizeof(cli_fmt_unseen[0]); i++) {
        if (c >= cli_fmt_unseen[i].first && c <= cli_fmt_unseen[i].last) {
            return 1;
        }
    }

    return 0;
}


/* jansson gives UTF-8 that is well formed */

static void
cli_fmt_string(cli_fmt_t *f, acct_buf_t *to, const char *p, size_t n)
{
    char      esc[16];
    size_t    i, len;
    uint32_t  c;

    cli_fmt_text(f, to, "\"");

    for (i = 0; i < n; i += len) {
        len = cli_fmt_char(p + i, &c);

        if (c == '"' || c == '\\') {
            snprintf(esc, sizeof(esc), "\\%c", (int) c);
            cli_fmt_text(f, to, esc);

        } else if (!cli_fmt_is_unseen(c)) {
            cli_fmt_add(f, to, p + i, len);

        } else if (c < 0x10000) {
            snprintf(esc, sizeof(esc), "\\u%04x", (unsigned) c);
            cli_fmt_text(f, to, esc);

        } else {
            c -= 0x10000;
            snprintf(esc, sizeof(esc), "\\u%04x\\u%04x",
                     (unsigned) (0xd800 + (c >> 10)),
                     (unsigned) (0xdc00 + (c & 0x3ff)));
            cli_fmt_text(f, to, esc);
        }
    }

    cli_fmt_text(f, to, "\"");
}


static void
cli_fmt_inline(cli_fmt_t *f, acct_buf_t *to, json_t *v)
{
    char        *s;
    size_t       i;
    json_t      *child;
    const char  *key, *sep;

    switch (json_typeof(v)) {

    case JSON_STRING:
        cli_fmt_string(f, to, json_string_value(v), json_string_length(v));
        break;

    case JSON_ARRAY:
        cli_fmt_text(f, to, "[");

        json_array_foreach(v, i, child) {
            cli_fmt_text(f, to, i ? ", " : "");
            cli_fmt_inline(f, to, child);
        }

        cli_fmt_text(f, to, "]");
        break;

    case JSON_OBJECT:
        cli_fmt_text(f, to, json_object_size(v) ? "{ " : "{");
        sep = "";

        json_object_foreach(v, key, child) {
            cli_fmt_text(f, to, sep);
            cli_fmt_string(f, to, key, strlen(key));
            cli_fmt_text(f, to, ": ");
            cli_fmt_inline(f, to, child);
            sep = ", ";
        }

        cli_fmt_text(f, to, json_object_size(v) ? " }" : "}");
        break;

    default:
        s = json_dumps(v, JSON_ENCODE_ANY);

        if (s == NULL) {
            f->failed = 1;
            return;
        }

        cli_fmt_text(f, to, s);
        free(s);
    }
}


static void
cli_fmt_break(cli_fmt_t *f, unsigned indent)
{
    cli_fmt_text(f, &f->out, "\n");

    while (indent--) {
        cli_fmt_text(f, &f->out, "  ");
    }
}


static void
cli_fmt_member(cli_fmt_t *f, const char *key, json_t *v, unsigned indent,
    unsigned first)
{
    size_t  before;

    if (!first) {
        cli_fmt_text(f, &f->out, ",");
    }

    cli_fmt_break(f, indent);

    before = f->out.len;
    cli_fmt_string(f, &f->out, key, strlen(key));
    cli_fmt_text(f, &f->out, ": ");

    cli_fmt_value(f, v, indent, f->out.len - before + 2 * indent,
                  indent == 1 && strcmp(key, "rules") == 0);
}


/* the members of a rule: by the attributes' table, then what is not in it */

static void
cli_fmt_rule(cli_fmt_t *f, json_t *rule, unsigned indent)
{
    size_t                   i;
    json_t                  *v;
    unsigned                 first;
    const char              *key;
    const acct_attribute_t  *a;

    cli_fmt_text(f, &f->out, "{");
    first = 1;

    for (i = 0; (a = acct_attribute(i)) != NULL; i++) {
        v = json_object_get(rule, a->name);

        if (v) {
            cli_fmt_member(f, a->name, v, indent + 1, first);
            first = 0;
        }
    }

    json_object_foreach(rule, key, v) {

        for (i = 0; (a = acct_attribute(i)) != NULL; i++) {
            if (strcmp(a->name, key) == 0) {
                break;
            }
        }

        if (a == NULL) {
            cli_fmt_member(f, key, v, indent + 1, first);
            first = 0;
        }
    }

    cli_fmt_break(f, indent);
    cli_fmt_text(f, &f->out, "}");
}


/* before: characters that stand on the line already */

static void
cli_fmt_value(cli_fmt_t *f, json_t *v, unsigned indent, size_t before,
    unsigned rules)
{
    size_t       i, chars;
    json_t      *child;
    unsigned     first;
    const char  *key;

    f->line.len = 0;
    cli_fmt_inline(f, &f->line, v);

    for (i = 0, chars = before; i < f->line.len; i++) {
        chars += (f->line.data[i] & 0xc0) != 0x80;
    }

    if (!rules && (chars < CLI_FMT_WIDTH
                   || (!json_is_array(v) && !json_is_object(v))))
    {
        cli_fmt_add(f, &f->out, (const char *) f->line.data, f->line.len);
        return;
    }

    if (json_is_array(v)) {
        cli_fmt_text(f, &f->out, "[");

        json_array_foreach(v, i, child) {
            cli_fmt_text(f, &f->out, i ? "," : "");

            if (rules) {
                cli_fmt_text(f, &f->out, "\n");
            }

            cli_fmt_break(f, indent + 1);

            if (rules && json_is_object(child)) {
                cli_fmt_rule(f, child, indent + 1);

            } else {
                cli_fmt_value(f, child, indent + 1, 2 * (indent + 1), 0);
            }
        }

        cli_fmt_break(f, indent);
        cli_fmt_text(f, &f->out, "]");

        return;
    }

    cli_fmt_text(f, &f->out, "{");
    first = 1;

    json_object_foreach(v, key, child) {
        cli_fmt_member(f, key, child, indent + 1, first);
        first = 0;
    }

    cli_fmt_break(f, indent);
    cli_fmt_text(f, &f->out, "}");
}


static void
cli_fmt_root(cli_fmt_t *f, json_t *root)
{
    size_t       i;
    json_t      *v;
    unsigned     first;
    const char  *key;

    f->out.len = 0;
    first = 1;

    cli_fmt_text(f, &f->out, "{");

    for (i = 0; cli_fmt_pack[i]; i++) {
        v = json_object_get(root, cli_fmt_pack[i]);

        if (v) {
            cli_fmt_member(f, cli_fmt_pack[i], v, 1, first);
            first = 0;
        }
    }

    json_object_foreach(root, key, v) {

        for (i = 0; cli_fmt_pack[i]; i++) {
            if (strcmp(cli_fmt_pack[i], key) == 0) {
                break;
            }
        }

        if (cli_fmt_pack[i] == NULL) {
            cli_fmt_member(f, key, v, 1, first);
            first = 0;
        }
    }

    cli_fmt_text(f, &f->out, "\n}\n");
}


static int
cli_fmt_file(cli_t *cli, cli_fmt_t *f, const char *path)
{
    int            err;
    char           tmp[PATH_MAX];
    FILE          *file;
    json_t        *root;
    size_t         n;
    char           buf[16384];
    json_error_t   error;

    file = fopen(path, "rb");

    if (file == NULL) {
        return cli_error("%s: %s", path, strerror(errno));
    }

    f->line.len = 0;

    while ((n = fread(buf, 1, sizeof(buf), file)) > 0) {
        cli_fmt_add(f, &f->line, buf, n);
    }

    err = ferror(file);
    fclose(file);

    if (err || f->failed) {
        return cli_error("%s: cannot be read", path);
    }

    root = json_loadb((const char *) f->line.data, f->line.len,
                      JSON_REJECT_DUPLICATES, &error);

    if (!json_is_object(root)) {
        json_decref(root);
        return cli_error("%s:%d: %s", path, error.line,
                         root ? "not an object" : error.text);
    }

    file = fopen(path, "rb");
    cli_fmt_root(f, root);
    json_decref(root);

    if (file == NULL || f->failed) {
        if (file) {
            fclose(file);
        }

        return cli_error("%s: out of memory", path);
    }

    for (n = 0; n < f->out.len; n++) {
        if (fgetc(file) != f->out.data[n]) {
            break;
        }
    }

    err = n == f->out.len && fgetc(file) == EOF;
    fclose(file);

    if (err) {
        return CLI_OK;                          /* it is as it should be */
    }

    if (cli->check) {
        printf("%s\n", path);
        return CLI_FINDINGS;
    }

    if (snprintf(tmp, sizeof(tmp), "%s.%ld.tmp", path, (long) getpid())
        >= (int) sizeof(tmp))
    {
        return cli_error("%s: the path is too long", path);
    }

    file = fopen(tmp, "wb");

    if (file == NULL) {
        return cli_error("%s: %s", tmp, strerror(errno));
    }

    err = fwrite(f->out.data, 1, f->out.len, file) != f->out.len;
    err |= fclose(file) != 0;

    if (err || rename(tmp, path) != 0) {
        unlink(tmp);
        return cli_error("%s: %s", path, strerror(errno));
    }

    return CLI_OK;
}


int
cli_fmt(cli_t *cli)
{
    int        i, rc, result;
    cli_fmt_t  f;

    if (cli->nargs == 0) {
        return cli_error("fmt: PACK is missing");
    }

    memset(&f, 0, sizeof(cli_fmt_t));

    acct_buf_init(&f.out, &acct_heap, CLI_FMT_MAX);
    acct_buf_init(&f.line, &acct_heap, CLI_FMT_MAX);

    result = CLI_OK;

    for (i = 0; i < cli->nargs; i++) {
        rc = cli_fmt_file(cli, &f, cli->args[i]);
        result = rc > result ? rc : result;
    }

    acct_buf_free(&f.out);
    acct_buf_free(&f.line);

    return result;
}
