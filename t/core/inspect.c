
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * The corridor: the line of a verdict is a function of the request's bytes,
 * never of how they were cut.
 *
 * Each request of t/data/requests.ndjson and each body of t/data/body goes
 * through the shipped rules whole, byte by byte and cut in two at every
 * place; each line must equal the first, spans included.  One allocator that
 * fails now and then must give an error or the line, never another.  And what
 * a request holds while it waits for more is small.
 */


#include <dirent.h>
#include <stdlib.h>

#include <jansson.h>

#include "acctinfo.h"
#include "tap.h"


typedef struct {
    char                 *type;         /* NULL: none */
    char                 *encoding;
    char                 *query;
    uint8_t              *body;
    size_t                len;
} request_t;


static acct_ruleset_t    *ruleset;
static acct_policy_t     *policy;
static acct_workspace_t  *workspace;


/* an allocator that fails at the n-th call and keeps count of what is held */

static size_t  calls, failing, held, held_bytes;


static void *
failing_alloc(void *ctx, size_t size)
{
    size_t  *p;

    (void) ctx;

    if (++calls == failing) {
        return NULL;
    }

    p = malloc(size + 16);

    if (p == NULL) {
        abort();
    }

    p[0] = size;

    held++;
    held_bytes += size;

    return p + 16 / sizeof(size_t);
}


static void
failing_free(void *ctx, void *p)
{
    size_t  *q;

    (void) ctx;

    q = (size_t *) p - 16 / sizeof(size_t);

    held--;
    held_bytes -= q[0];

    free(q);
}


static const acct_alloc_t  failing_heap = { failing_alloc, failing_free, NULL };


static int
feed(acct_inspect_t *in, const request_t *r, const uint8_t *p, size_t n)
{
    int       rc;
    uint8_t  *copy;

    (void) r;

    /* a copy of its own size, so that the sanitizer sees what reads beyond */

    copy = malloc(n ? n : 1);

    if (copy == NULL) {
        abort();
    }

    memcpy(copy, p, n);
    rc = acct_inspect_feed(in, copy, n);
    free(copy);

    return rc;
}


/* the line for one cutting: pieces of step bytes, or two cut at a place */

static int
line(acct_inspect_t *in, const request_t *r, size_t step, size_t cut,
    acct_buf_t *out)
{
    int               rc;
    size_t            i, n;
    acct_str_t        extra = acct_null_string;
    acct_body_info_t  info;

    acct_inspect_reset(in);

    memset(&info, 0, sizeof(acct_body_info_t));

    info.length = (int64_t) r->len;

    if (r->type) {
        info.type = acct_str(r->type);
    }

    if (r->encoding) {
        info.encoding = acct_str(r->encoding);
    }

    rc = ACCT_OK;

    if (r->query) {
        rc = acct_inspect_query(in, acct_str(r->query));
    }

    if (rc == ACCT_OK) {
        rc = acct_inspect_begin(in, &info);
    }

    for (i = 0; i < r->len && rc == ACCT_OK; i += n) {
        n = step ? step : (i == 0 && cut ? cut : r->len - i);
        n = n < r->len - i ? n : r->len - i;
        rc = feed(in, r, r->body + i, n);
    }

    if (rc == ACCT_OK) {
        rc = acct_inspect_end(in);
    }

    if (rc == ACCT_ERROR) {
        return rc;
    }

    out->len = 0;

    return acct_report(out, in, extra);
}


static int
same(const acct_buf_t *a, const acct_buf_t *b)
{
    return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}


/* 0 if all cuttings of a request agree */

static int
check(const request_t *r, const char *name)
{
    int              rc;
    size_t           i;
    acct_buf_t       whole, other;
    acct_inspect_t  *in;

    acct_buf_init(&whole, &acct_heap, 2 * ACCT_REPORT_MAX);
    acct_buf_init(&other, &acct_heap, 2 * ACCT_REPORT_MAX);

    in = acct_inspect_create(&acct_heap, policy, &ruleset, 1, workspace);
    rc = in ? line(in, r, 0, 0, &whole) : ACCT_ERROR;

    if (rc == ACCT_OK) {
        rc = line(in, r, 1, 0, &other);
        i = 0;

        for ( ;; ) {
            if (rc != ACCT_OK || !same(&whole, &other)) {
                diag("%s: cut at %zu (0 is byte by byte)", name, i);
                diag("whole: %.*s", (int) whole.len, (char *) whole.data);
                diag("cut:   %.*s", (int) other.len, (char *) other.data);
                rc = ACCT_ERROR;
                break;
            }

            if (++i >= r->len) {
                break;
            }

            rc = line(in, r, 0, i, &other);
        }
    }

    acct_inspect_destroy(in);
    acct_buf_free(&whole);
    acct_buf_free(&other);

    return rc;
}


static char *
slurp(const char *path, size_t *len)
{
    long   n;
    char  *p;
    FILE  *f;

    f = fopen(path, "rb");

    if (f == NULL) {
        return NULL;
    }

    fseek(f, 0, SEEK_END);
    n = ftell(f);
    rewind(f);

    p = malloc((size_t) n + 1);

    if (p == NULL || fread(p, 1, (size_t) n, f) != (size_t) n) {
        abort();
    }

    fclose(f);

    p[n] = '\0';
    *len = (size_t) n;

    return p;
}


static size_t
base64(const char *s, uint8_t *out)
{
    size_t       n;
    uint32_t     bits;
    unsigned     have;
    const char  *at;

    static const char  alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (n = 0, bits = 0, have = 0; *s && *s != '='; s++) {
        at = strchr(alphabet, *s);
        bits = (bits << 6) | (uint32_t) (at - alphabet);
        have += 6;

        if (have >= 8) {
            have -= 8;
            out[n++] = (uint8_t) (bits >> have);
        }
    }

    return n;
}


static char *
member(json_t *root, const char *name)
{
    json_t  *v;

    v = json_object_get(root, name);

    return json_is_string(v) ? strdup(json_string_value(v)) : NULL;
}


static void
release(request_t *r)
{
    free(r->type);
    free(r->encoding);
    free(r->query);
    free(r->body);
}


static void
requests(const char *path, unsigned *n, unsigned *failed)
{
    char       *text, *p, *lf, *body, name[64];
    size_t      len;
    json_t     *root;
    request_t   r;

    text = slurp(path, &len);

    for (p = text; p && *p; p = lf + 1) {
        lf = strchr(p, '\n');
        *lf = '\0';

        root = json_loads(p, 0, NULL);
        body = member(root, "body");

        r.type = member(root, "type");
        r.encoding = member(root, "encoding");
        r.query = member(root, "query");
        r.body = malloc(strlen(body) + 1);
        r.len = base64(body, r.body);

        snprintf(name, sizeof(name), "request %u", ++*n);
        *failed += check(&r, name) != ACCT_OK;

        free(body);
        json_decref(root);
        release(&r);
    }

    free(text);
}


/* "type: x" at the beginning of a line of a case's sidecar, with its \xHH */

static char *
head(const char *text, const char *name)
{
    char        *value, *to;
    size_t       n;
    unsigned     byte;
    const char  *p, *end;

    n = strlen(name);
    end = strstr(text, "\n\n");

    for (p = text; p && (end == NULL || p < end); p = strchr(p, '\n')) {
        p += *p == '\n';

        if (strncmp(p, name, n) != 0 || strncmp(p + n, ": ", 2) != 0) {
            if (*p == '\0') {
                break;
            }

            continue;
        }

        p += n + 2;
        value = to = malloc(strcspn(p, "\n") + 1);

        for (n = strcspn(p, "\n"); n; n--, p++) {
            if (n >= 4 && sscanf(p, "\\x%2x", &byte) == 1) {
                *to++ = (char) byte;
                p += 3;
                n -= 3;

            } else {
                *to++ = *p;
            }
        }

        *to = '\0';

        return value;
    }

    return NULL;
}


static void
bodies(const char *folder, unsigned *n, unsigned *failed)
{
    int              i, k;
    char             path[4096], *text;
    size_t           len;
    request_t        r;
    struct dirent  **names;

    k = scandir(folder, &names, NULL, alphasort);

    for (i = 0; i < k; i++) {
        len = strlen(names[i]->d_name);

        snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);

        if (len > 5 && strcmp(names[i]->d_name + len - 5, ".body") == 0) {
            r.body = (uint8_t *) slurp(path, &r.len);

            strcpy(path + strlen(path) - 5, ".txt");
            text = slurp(path, &len);

            if (r.body && text && r.len < 4096) {
                r.type = head(text, "type");
                r.encoding = head(text, "encoding");
                r.query = head(text, "query");

                ++*n;
                *failed += check(&r, path) != ACCT_OK;

                release(&r);

            } else {
                free(r.body);
            }

            free(text);

        } else if (names[i]->d_type == DT_DIR && names[i]->d_name[0] != '.') {
            bodies(path, n, failed);
        }

        free(names[i]);
    }

    free(names);
}


/* each allocation fails in its turn: an error, or the line; nothing is lost */

static void
sweep(void)
{
    int                rc, wrong;
    size_t             n;
    request_t          r;
    acct_buf_t         want, got;
    acct_inspect_t    *in;
    acct_workspace_t  *ws;

    static char     type[] = "application/json";
    static uint8_t  body[] = "{\"user\":{\"name\":\"a\\u5b98\\u65b9\","
                             "\"id\":[{\"x\":1}]},\"bio\":\"V\xe2\x9d\xa4 "
                             "me@example.com\",\"nick\":\"Admin Zhang\"}";

    memset(&r, 0, sizeof(request_t));

    r.type = type;
    r.body = body;
    r.len = sizeof(body) - 1;

    acct_buf_init(&want, &acct_heap, ACCT_REPORT_MAX);
    acct_buf_init(&got, &acct_heap, ACCT_REPORT_MAX);

    in = acct_inspect_create(&acct_heap, policy, &ruleset, 1, workspace);
    (void) line(in, &r, 7, 0, &want);
    acct_inspect_destroy(in);

    wrong = 0;

    for (n = 1; n < 10000; n++) {
        calls = 0;
        failing = n;
        held = 0;

        ws = acct_workspace_create(&failing_heap);
        in = ws ? acct_inspect_create(&failing_heap, policy, &ruleset, 1, ws)
                : NULL;
        rc = in ? line(in, &r, 7, 0, &got) : ACCT_ERROR;

        acct_inspect_destroy(in);
        acct_workspace_destroy(ws);

        if (held != 0 || (rc == ACCT_OK && !same(&want, &got))) {
            diag("allocation %zu: rc %d, %zu held", n, rc, held);
            wrong++;
        }

        if (calls < failing) {
            break;
        }
    }

    ok(n > 10 && calls < failing, "the sweep reached its end: %zu allocations",
       n - 1);
    ok(wrong == 0, "each failed allocation is an error, and nothing leaks");

    acct_buf_free(&want);
    acct_buf_free(&got);
}


/*
 * Ten thousand slow senders must cost little more than what they sent: so many
 * bytes are held by a request that waits, its rule sets and lanes being the
 * worker's.
 */

#define BOUNDARY               "----WebKitFormBoundary7MA4YWxkTrZu0gW"
#define MULTIPART              "multipart/form-data; boundary=" BOUNDARY
#define PART(name)             "--" BOUNDARY "\r\nContent-Disposition: "       \
                               "form-data; name=\"" name "\"\r\n\r\n"
#define FILE_PART(name)        "--" BOUNDARY "\r\nContent-Disposition: "       \
                               "form-data; name=\"" name "\"; filename="      \
                               "\"a.png\"\r\nContent-Type: image/png\r\n\r\n"

static void
waiting(void)
{
    int                rc;
    size_t             i, n, at, len;
    uint8_t            piece[16384];
    request_t          r;
    acct_inspect_t    *in;
    acct_body_info_t   info;

    static const struct {
        const char    *where;
        const char    *type;
        const char    *text;
        size_t         more;           /* bytes of something behind it */
        size_t         most;
    } rows[] = {
        { "JSON, before its first field", "application/json",
          "{\"email\":\"a@b.c\",\"settings\":{\"x\":[1,2]},", 0, 2048 },
        { "JSON, in the middle of a name", "application/json",
          "{\"username\":\"Alice", 0, 2560 },
        { "JSON, in a string of 5 MB", "application/json",
          "{\"avatar\":\"", 5 << 20, 2048 },
        { "a form, before its first field",
          "application/x-www-form-urlencoded", "email=a%40b.c&x=1&", 0, 2048 },
        { "a form, in the middle of a name",
          "application/x-www-form-urlencoded", "username=Alice", 0, 2560 },
        { "multipart, before its first field", MULTIPART,
          PART("email") "a@b.c\r\n", 0, 2048 },
        { "multipart, in the header of a part", MULTIPART,
          "--" BOUNDARY "\r\nContent-Disposition: form-data; na", 0, 2048 },
        { "multipart, in the middle of a name", MULTIPART,
          PART("username") "Alice", 0, 2560 },
        { "multipart, in a file of 5 MB", MULTIPART,
          FILE_PART("avatar"), 5 << 20, 2048 },
        { "multipart, in a file of 5 MB that is watched", MULTIPART,
          FILE_PART("profile"), 5 << 20, 3584 }
    };

    failing = 0;

    memset(piece, 'x', sizeof(piece));
    memset(&r, 0, sizeof(request_t));

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        held_bytes = 0;

        memset(&info, 0, sizeof(acct_body_info_t));

        info.type = acct_str(rows[i].type);
        info.length = 10 << 20;

        in = acct_inspect_create(&failing_heap, policy, &ruleset, 1,
                                 workspace);
        rc = acct_inspect_begin(in, &info);

        if (rc == ACCT_OK) {
            rc = feed(in, &r, (const uint8_t *) rows[i].text,
                      strlen(rows[i].text));
        }

        len = 0;

        for (at = 0; at < rows[i].more && rc == ACCT_OK; at += n) {
            n = rows[i].more - at;
            n = n < sizeof(piece) ? n : sizeof(piece);
            rc = feed(in, &r, piece, n);
            len = held_bytes > len ? held_bytes : len;
        }

        len = held_bytes > len ? held_bytes : len;

        ok(rc == ACCT_OK && len <= rows[i].most,
           "%s: %zu bytes are held, at most %zu", rows[i].where, len,
           rows[i].most);

        acct_inspect_destroy(in);
    }
}


int
main(void)
{
    size_t    i;
    unsigned  n, failed;

    static const char  *wires[][2] = {
        { "name", "username" }, { "name", "nick" }, { "name", "nickname" },
        { "name", "name" }, { "name", "user.name" },
        { "signature", "signature" }, { "signature", "sign" },
        { "profile", "profile" }, { "profile", "bio" }, { "profile", "about" }
    };

    ruleset = acct_ruleset_load("rules", NULL);
    policy = acct_policy_create(&acct_heap);
    workspace = acct_workspace_create(&acct_heap);

    if (!ok(ruleset && policy && workspace, "the shipped rules load")) {
        return done_testing();
    }

    for (i = 0; i < sizeof(wires) / sizeof(wires[0]); i++) {
        (void) acct_policy_wire(policy, acct_str(wires[i][0]),
                                acct_str(wires[i][1]));
    }

    ok(acct_policy_level(policy, 2, 3) == ACCT_OK
       && acct_policy_ready(policy) == ACCT_OK, "the policy is ready");

    n = failed = 0;
    requests("t/data/requests.ndjson", &n, &failed);
    ok(n >= 900 && failed == 0,
       "%u requests: one line for all cuts, %u differ", n, failed);

    n = failed = 0;
    bodies("t/data/body", &n, &failed);
    ok(n >= 300 && failed == 0, "%u bodies: one line for all cuts, %u differ",
       n, failed);

    sweep();
    waiting();

    acct_ruleset_release(ruleset);
    acct_policy_destroy(policy);
    acct_workspace_destroy(workspace);

    return done_testing();
}
