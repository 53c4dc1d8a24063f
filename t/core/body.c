
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * Every case of t/data/body, read whole, byte by byte, cut in two at every
 * place and in random pieces, each piece against an unreadable page; with the
 * allocator failing at each of its calls, with a sink that has enough at each
 * of its events, and with one that fails at each piece of a value.
 */


#include <dirent.h>
#include <sys/stat.h>

#include "tap.h"
#include "body_case.h"


#define CASES                  "t/data/body"
#define CUTS_MAX               3000


typedef struct {
    size_t                first;       /* cut() for two pieces */
    uint32_t              seed;        /* or for random ones, of up to most */
    size_t                most;
} cuts_t;


static guard_t  guard;


static char *
file_read(const char *path, size_t *n)
{
    FILE    *f;
    text_t   t;
    char     buf[4096];
    size_t   len;

    f = fopen(path, "rb");

    if (f == NULL) {
        return NULL;
    }

    memset(&t, 0, sizeof(text_t));
    text_add(&t, NULL, 0);

    while ((len = fread(buf, 1, sizeof(buf), f)) > 0) {
        text_add(&t, buf, len);
    }

    fclose(f);

    *n = t.len;

    return t.data;
}


/* undoes \xHH in place; a backslash before anything else is itself */

static size_t
unescape(char *s)
{
    char      *p, *q;
    unsigned   c;

    for (p = q = s; *p; ) {
        if (p[0] == '\\' && p[1] == 'x' && sscanf(p + 2, "%2x", &c) == 1) {
            *q++ = (char) c;
            p += 4;

        } else {
            *q++ = *p++;
        }
    }

    *q = '\0';

    return (size_t) (q - s);
}


/* reads the head of a sidecar; returns the events, or NULL */

static char *
case_parse(body_case_t *c, char *text, char *error, size_t size)
{
    char         *line, *next, *value;
    size_t        n;
    unsigned      i;
    acct_type_t  *type;

    memset(c, 0, sizeof(body_case_t));

    for (i = 0; i < ACCT_LIMITS; i++) {
        *(size_t *) ((char *) &c->limits + acct_limits[i].offset)
            = acct_limits[i].value;
    }

    for (line = text; *line; line = next) {
        next = strchr(line, '\n');

        if (next == NULL) {
            snprintf(error, size, "no empty line behind the head");
            return NULL;
        }

        *next++ = '\0';

        if (*line == '\0') {
            return next;
        }

        if (*line == '#') {
            continue;
        }

        value = strchr(line, ':');

        if (value == NULL) {
            snprintf(error, size, "no colon: %s", line);
            return NULL;
        }

        *value++ = '\0';
        value += (*value == ' ');
        n = unescape(value);

        if (strcmp(line, "type") == 0) {
            c->type = value;

        } else if (strcmp(line, "encoding") == 0) {
            c->encoding = value;

        } else if (strcmp(line, "query") == 0) {
            c->query = value;
            c->nquery = n;

        } else if (strcmp(line, "keys") == 0) {
            c->exact = strcmp(value, "exact") == 0;

        } else if (strcmp(line, "decode") == 0) {
            i = acct_decode_find(acct_str(value));

            if (i == 0) {
                snprintf(error, size, "no such coding: %s", value);
                return NULL;
            }

            c->options.decode |= i;

        } else if (strcmp(line, "charset") == 0
                   && c->options.ncharsets < CASE_TYPES)
        {
            i = c->options.ncharsets;

            if (acct_charset_init(&c->charsets[i], acct_str(value))
                != ACCT_OK)
            {
                snprintf(error, size, "no such charset: %s", value);
                return NULL;
            }

            c->options.charsets = c->charsets;
            c->options.ncharsets++;

        } else if (strncmp(line, "map ", 4) == 0
                   && c->options.ntypes < CASE_TYPES)
        {
            type = &c->types[c->options.ntypes++];
            type->type = acct_str(line + 4);
            type->reader = acct_reader_find(acct_str(value));
            c->options.types = c->types;

            if (type->reader == NULL) {
                snprintf(error, size, "no such reader: %s", value);
                return NULL;
            }

        } else if (strncmp(line, "limit ", 6) == 0) {
            i = acct_limit_find(acct_str(line + 6));

            if (i == ACCT_LIMITS) {
                snprintf(error, size, "no such limit: %s", line + 6);
                return NULL;
            }

            *(size_t *) ((char *) &c->limits + acct_limits[i].offset)
                = (size_t) atoi(value);

        } else if (strncmp(line, "wire ", 5) == 0
                   && c->nwires < CASE_WIRES)
        {
            for (i = 0; i < c->nfields; i++) {
                if (strcmp(c->fields[i], line + 5) == 0) {
                    break;
                }
            }

            if (i == c->nfields) {
                c->fields[c->nfields++] = line + 5;
            }

            c->wires[c->nwires].field = i;
            c->wires[c->nwires].text.data = (uint8_t *) value;
            c->wires[c->nwires++].text.len = n;

        } else {
            snprintf(error, size, "unknown: %s", line);
            return NULL;
        }
    }

    snprintf(error, size, "no events");

    return NULL;
}


static size_t
cut_whole(void *ctx, size_t at)
{
    (void) ctx;
    (void) at;

    return SIZE_MAX;
}


static size_t
cut_bytes(void *ctx, size_t at)
{
    (void) ctx;
    (void) at;

    return 1;
}


static size_t
cut_two(void *ctx, size_t at)
{
    return at ? SIZE_MAX : ((cuts_t *) ctx)->first;
}


static size_t
cut_random(void *ctx, size_t at)
{
    cuts_t  *cuts;

    (void) at;

    cuts = ctx;
    cuts->seed = cuts->seed * 1664525 + 1013904223;

    return 1 + (cuts->seed >> 8) % cuts->most;
}


/* one reading; true if it told what was expected */

static int
same(const body_case_t *c, const char *want, const uint8_t *body, size_t n,
    unsigned known, cut_pt cut, void *ctx, const char *how, size_t where)
{
    int            rc, passed;
    told_t         t;
    counter_t      count;
    acct_alloc_t   a = { counter_alloc, counter_free, &count };

    memset(&t, 0, sizeof(told_t));
    memset(&count, 0, sizeof(counter_t));

    rc = body_read(c, &a, &t, &guard, body, n, known, cut, ctx);

    passed = rc != ACCT_ERROR && !t.wrong && count.live == 0
             && strcmp(t.out.data, want) == 0;

    if (!passed) {
        diag("%s %zu: returned %d%s%s", how, where, rc,
             t.wrong ? ", wrong use of the sink" : "",
             count.live ? ", memory left" : "");
        diag("     got:\n%s", t.out.data);
        diag("expected:\n%s", want);
    }

    told_free(&t);

    return passed;
}


static int
same_all(const body_case_t *c, const char *want, const uint8_t *body,
    size_t n)
{
    size_t  i, step;
    cuts_t  cuts;

    if (!same(c, want, body, n, 0, cut_whole, NULL, "whole", 0)
        || !same(c, want, body, n, 1, cut_whole, NULL, "length known", 0)
        || !same(c, want, body, n, 0, cut_bytes, NULL, "bytes", 0))
    {
        return 0;
    }

    step = n / CUTS_MAX + 1;

    for (i = 1; i < n; i += step) {
        cuts.first = i;

        if (!same(c, want, body, n, 0, cut_two, &cuts, "cut at", i)) {
            return 0;
        }
    }

    for (i = 1; i <= 12; i++) {
        cuts.seed = (uint32_t) i;
        cuts.most = 1 + (size_t) i * i;

        if (!same(c, want, body, n, 0, cut_random, &cuts, "random cut", i)) {
            return 0;
        }
    }

    return 1;
}


/*
 * Out of memory at any allocation is our failure, unless all was told already,
 * and leaves nothing behind.
 */

static int
fails_all(const body_case_t *c, const char *want, const uint8_t *body,
    size_t n, cut_pt cut)
{
    int            rc, passed;
    size_t         i;
    told_t         t;
    counter_t      count;
    acct_alloc_t   a = { counter_alloc, counter_free, &count };

    for (i = 1; i < 1000; i++) {
        memset(&t, 0, sizeof(told_t));
        memset(&count, 0, sizeof(counter_t));
        count.fail = i;

        rc = body_read(c, &a, &t, &guard, body, n, 0, cut, NULL);

        passed = count.live == 0
                 && (rc == ACCT_ERROR
                     || (rc == ACCT_DONE && strcmp(t.out.data, want) == 0));

        told_free(&t);

        if (count.calls < i) {
            return 1;
        }

        if (!passed) {
            diag("allocation %zu failed: returned %d, %zu left", i, rc,
                 count.live);
            return 0;
        }
    }

    return 0;
}


/* a sink that has enough is told nothing more */

static int
stops_all(const body_case_t *c, const uint8_t *body, size_t n, cut_pt cut)
{
    int            rc, passed;
    told_t         t;
    unsigned       i, events;
    counter_t      count;
    acct_alloc_t   a = { counter_alloc, counter_free, &count };

    events = 1;

    for (i = 1; i <= events && i < 100; i++) {
        memset(&t, 0, sizeof(told_t));
        memset(&count, 0, sizeof(counter_t));
        t.stop = i;

        rc = body_read(c, &a, &t, &guard, body, n, 0, cut, NULL);

        events = t.events;
        passed = (events < i || (rc == ACCT_DONE && events == i))
                 && count.live == 0 && !t.wrong;

        told_free(&t);

        if (!passed) {
            diag("stopped at event %u: returned %d behind %u", i, rc, events);
            return 0;
        }

        events++;
    }

    return 1;
}


/* our failure in a value's middle is told on, and leaves nothing behind */

static int
breaks_all(const body_case_t *c, const uint8_t *body, size_t n, cut_pt cut)
{
    int            rc, passed;
    told_t         t;
    unsigned       i;
    counter_t      count;
    acct_alloc_t   a = { counter_alloc, counter_free, &count };

    for (i = 1; i < 200; i++) {
        memset(&t, 0, sizeof(told_t));
        memset(&count, 0, sizeof(counter_t));
        t.fail = i;

        rc = body_read(c, &a, &t, &guard, body, n, 0, cut, NULL);

        passed = count.live == 0 && !t.wrong
                 && (t.pieces < i || (rc == ACCT_ERROR && t.pieces == i));

        if (!passed) {
            diag("failed at piece %u: returned %d behind %u", i, rc, t.pieces);
        }

        told_free(&t);

        if (!passed) {
            return 0;
        }

        if (rc != ACCT_ERROR) {
            break;
        }
    }

    return 1;
}


/* what cannot be had is refused, and is no case of a body */

static void
setters(void)
{
    size_t          i;
    char            text[ACCT_KEY_MAX + 2];
    acct_wire_t     wire;
    acct_wires_t   *w;
    acct_charset_t  c;

    static const struct {
        const char  *name;
        int          rc;
    } charsets[] = {
        { "gbk", ACCT_OK },
        { "UTF-8", ACCT_OK },
        { "koi8-r", ACCT_OK },
        { "", ACCT_DONE },
        { "koi8 r", ACCT_DONE },
        { "koi8-r//", ACCT_DONE },
        { "no-such-charset", ACCT_DONE },
        { "a-name-that-is-longer-than-any-is", ACCT_DONE },
        { "utf-16", ACCT_DONE },
        { "utf-7", ACCT_DONE },
        { "iso-2022-jp", ACCT_DONE },
        { "cp037", ACCT_DONE },         /* EBCDIC: letters are others */
        { "shift_jisx0213", ACCT_DONE } /* and here one is two characters */
    };

    for (i = 0; i < sizeof(charsets) / sizeof(charsets[0]); i++) {
        memset(&c, 0, sizeof(acct_charset_t));

        ok(acct_charset_init(&c, acct_str(charsets[i].name))
           == charsets[i].rc, "a charset: %s", charsets[i].name);

        acct_charset_done(&c);
    }

    memset(text, 'x', sizeof(text));

    wire.field = 0;
    wire.text.data = (uint8_t *) text;
    wire.text.len = ACCT_KEY_MAX;

    w = acct_wires_create(&acct_heap, &wire, 1, 0);
    ok(w != NULL, "a wire as long as a key");
    acct_wires_destroy(w);

    wire.text.len = ACCT_KEY_MAX + 1;
    ok(acct_wires_create(&acct_heap, &wire, 1, 0) == NULL,
       "a wire longer than a key");

    wire.text.len = 1;
    wire.field = ACCT_WIRE_FIELDS;
    ok(acct_wires_create(&acct_heap, &wire, 1, 0) == NULL,
       "a field beyond the last");

    acct_wires_destroy(NULL);
    acct_body_destroy(NULL);

    ok(acct_reader_find(acct_str("xml")) == NULL, "a reader that is none");
    ok(acct_decode_find(acct_str("br")) == 0, "a coding that is none");
}


static void
case_run(const char *format, const char *name)
{
    char          path[512], error[256];
    char         *text, *want;
    size_t        n, ntext;
    uint8_t      *body;
    body_case_t   c;

    memset(&c, 0, sizeof(body_case_t));

    snprintf(path, sizeof(path), CASES "/%s/%s.txt", format, name);
    text = file_read(path, &ntext);

    snprintf(path, sizeof(path), CASES "/%s/%s.body", format, name);
    body = (uint8_t *) file_read(path, &n);

    snprintf(error, sizeof(error), "a file is missing");
    want = (text && body) ? case_parse(&c, text, error, sizeof(error)) : NULL;

    if (want == NULL) {
        ok(0, "%s/%s: %s", format, name, error);

    } else {
        ok(same_all(&c, want, body, n)
           && fails_all(&c, want, body, n, cut_bytes)
           && fails_all(&c, want, body, n, cut_whole)
           && stops_all(&c, body, n, cut_bytes)
           && stops_all(&c, body, n, cut_whole)
           && breaks_all(&c, body, n, cut_bytes)
           && breaks_all(&c, body, n, cut_whole),
           "%s/%s", format, name);
    }

    case_free(&c);
    free(text);
    free(body);
}


static int
entry_cmp(const void *a, const void *b)
{
    return strcmp(*(char *const *) a, *(char *const *) b);
}


/* the names in a folder that end as given, without that ending, sorted */

static char **
folder(const char *path, const char *ending, size_t *n)
{
    DIR            *dir;
    char          **names;
    size_t          len, size;
    struct dirent  *e;

    names = NULL;
    size = 0;
    *n = 0;

    dir = opendir(path);

    if (dir == NULL) {
        return NULL;
    }

    while ((e = readdir(dir)) != NULL) {
        len = strlen(e->d_name);

        if (e->d_name[0] == '.' || len < strlen(ending)
            || strcmp(e->d_name + len - strlen(ending), ending) != 0)
        {
            continue;
        }

        if (*n == size) {
            size = size ? size * 2 : 64;
            names = realloc(names, size * sizeof(char *));

            if (names == NULL) {
                abort();
            }
        }

        names[(*n)++] = strndup(e->d_name, len - strlen(ending));
    }

    closedir(dir);

    if (names) {
        qsort(names, *n, sizeof(char *), entry_cmp);
    }

    return names;
}


/* with arguments FORMAT and NAME runs one case only */

int
main(int argc, char **argv)
{
    char    path[512];
    char  **formats, **names;
    size_t  i, k, nformats, nnames;

    guard_init(&guard, 1 << 20);

    if (argc == 3) {
        case_run(argv[1], argv[2]);
        return done_testing();
    }

    setters();

    formats = folder(CASES, "", &nformats);

    for (i = 0; i < nformats; i++) {
        snprintf(path, sizeof(path), CASES "/%s", formats[i]);
        names = folder(path, ".body", &nnames);

        for (k = 0; k < nnames; k++) {
            case_run(formats[i], names[k]);
            free(names[k]);
        }

        free(names);
        free(formats[i]);
    }

    free(formats);

    ok(tap_tests > 100, "there are cases");

    return done_testing();
}
