
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
#include "acct_policy.h"
#include "acct_verdict.h"
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
                             "me@example.com \xd0\xbf"
                             "0\xd0\xb4 s.u.p.p.o.r.t\","
                             "\"nick\":\"Admin Zhang\"}";

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


/* what an observer is told, until it answers stop */

typedef struct {
    unsigned              opened;
    unsigned              closed;
    unsigned              flags;
    size_t                bytes;
    unsigned              events;
    unsigned              stop;         /* the event that is an error */
} watcher_t;


static int
watch(watcher_t *w)
{
    return ++w->events == w->stop ? ACCT_ERROR : ACCT_OK;
}


static int
watch_open(void *ctx, const acct_value_info_t *info, unsigned *slot)
{
    watcher_t  *w = ctx;

    (void) info;

    *slot = 0;
    w->opened++;

    return watch(w);
}


static int
watch_data(void *ctx, unsigned slot, const uint8_t *p, size_t n)
{
    watcher_t  *w = ctx;

    (void) slot;
    (void) p;

    w->bytes += n;

    return watch(w);
}


static int
watch_close(void *ctx, unsigned slot, const uint8_t *p, size_t n)
{
    watcher_t  *w = ctx;

    (void) slot;
    (void) p;

    w->bytes += n;
    w->closed++;

    return watch(w);
}


static void
watch_flag(void *ctx, unsigned flag)
{
    watcher_t  *w = ctx;

    w->flags |= acct_flag_bit(flag);
}


static const acct_body_sink_t  watcher = {
    watch_open, watch_data, watch_close, watch_flag
};


static acct_inspect_t *
begin(acct_str_t type)
{
    acct_inspect_t    *in;
    acct_body_info_t   info;

    in = acct_inspect_create(&acct_heap, policy, &ruleset, 1, workspace);

    if (in == NULL) {
        abort();
    }

    memset(&info, 0, sizeof(acct_body_info_t));

    info.type = type;
    info.length = -1;

    if (type.len && acct_inspect_begin(in, &info) != ACCT_OK) {
        abort();
    }

    return in;
}


/* a verdict that is reached ends the reading, but not for who looks on */

static void
observing(void)
{
    int                    rc;
    unsigned               i, slot;
    watcher_t              w;
    acct_str_t             none = acct_null_string;
    acct_inspect_t        *in;
    acct_body_info_t       info;
    const acct_verdict_t  *v;

    static const char  body[] =
        "{\"nick\":\"\xe5\xae\x98\xe6\x96\xb9\",\"bio\":\"x\","
        "\"bio\":\"yz\"} junk";

    memset(&info, 0, sizeof(acct_body_info_t));
    memset(&w, 0, sizeof(watcher_t));

    in = begin(acct_str("application/json"));
    rc = acct_inspect_feed(in, (const uint8_t *) body, sizeof(body) - 1);
    v = acct_inspect_verdict(in);

    ok(rc == ACCT_DONE && v->action == ACCT_REJECT && v->flags == 0
       && acct_inspect_met(in) == 1, "a reject ends the reading");

    ok(acct_inspect_feed(in, (const uint8_t *) body, 1) == ACCT_DONE
       && acct_inspect_end(in) == ACCT_DONE
       && acct_inspect_begin(in, &info) == ACCT_DONE
       && acct_inspect_query(in, acct_str("nick=x")) == ACCT_DONE
       && acct_inspect_value_open(in, 0, none, &slot) == ACCT_DONE
       && acct_inspect_value(in, 0, none, acct_str("x")) == ACCT_DONE,
       "and nothing more is taken");

    acct_inspect_destroy(in);

    in = begin(none);
    acct_inspect_observe(in, &watcher, &w);
    info.type = acct_str("application/json");
    rc = acct_inspect_begin(in, &info);

    for (i = 0; i < sizeof(body) - 1 && rc == ACCT_OK; i++) {
        rc = acct_inspect_feed(in, (const uint8_t *) body + i, 1);
    }

    rc = rc == ACCT_OK ? acct_inspect_end(in) : rc;
    v = acct_inspect_verdict(in);

    ok(rc == ACCT_OK && v->action == ACCT_REJECT && v->flags == 0,
       "an observer is told on, and the verdict stays what it was there");
    ok(w.opened == 3 && w.closed == 3 && w.bytes == 9
       && w.flags == (acct_flag_bit(ACCT_FLAG_DUPLICATE_FIELD)
                      | acct_flag_bit(ACCT_FLAG_MALFORMED)),
       "it was told of all values and flags");

    acct_inspect_destroy(in);

    for (i = 1; i < 9; i++) {
        memset(&w, 0, sizeof(watcher_t));
        w.stop = i;

        in = begin(none);
        acct_inspect_observe(in, &watcher, &w);
        rc = acct_inspect_begin(in, &info);

        for (slot = 0; slot < sizeof(body) - 1 && rc == ACCT_OK; slot++) {
            rc = acct_inspect_feed(in, (const uint8_t *) body + slot, 1);
        }

        acct_inspect_destroy(in);

        if (rc != ACCT_ERROR) {
            break;
        }
    }

    ok(i == 9, "an observer's error is one at each of its events");
}


/* values that the caller hands in by itself */

static void
values(void)
{
    int                    rc;
    char                  *text;
    size_t                 n, wrong;
    unsigned               i, slot, slots[ACCT_SLOTS];
    acct_str_t             none = acct_null_string;
    acct_inspect_t        *in;
    acct_ruleset_t        *many[ACCT_RULESETS_MAX + 1];
    acct_workspace_t      *ws;
    const acct_verdict_t  *v;

    for (i = 0; i <= ACCT_RULESETS_MAX; i++) {
        many[i] = ruleset;
    }

    in = acct_inspect_create(&acct_heap, policy, many, ACCT_RULESETS_MAX,
                             workspace);
    ok(in != NULL, "as many rule sets as may be");
    acct_inspect_destroy(in);

    ok(acct_inspect_create(&acct_heap, policy, many, ACCT_RULESETS_MAX + 1,
                           workspace) == NULL, "and no more");

    in = begin(none);
    v = acct_inspect_verdict(in);
    rc = ACCT_OK;

    for (i = 0; i < ACCT_SLOTS && rc == ACCT_OK; i++) {
        rc = acct_inspect_value_open(in, 0, none, &slots[i]);
    }

    ok(rc == ACCT_OK
       && acct_inspect_value_open(in, 0, none, &slot) == ACCT_ERROR,
       "as many values are open as there are slots, and no more");

    acct_inspect_reset(in);

    n = policy->limits.length;
    text = malloc(n + 1);

    if (text == NULL) {
        abort();
    }

    memset(text, 'a', n + 1);

    rc = acct_inspect_value(in, 0, none, (acct_str_t) { (uint8_t *) text, n });
    ok(rc == ACCT_OK && v->flags == 0, "a value of the length that may be");

    acct_inspect_reset(in);

    (void) acct_inspect_value_open(in, 0, none, &slot);
    (void) acct_inspect_value_data(in, slot, (uint8_t *) text, n);
    rc = acct_inspect_value_data(in, slot, (uint8_t *) text, 1);
    ok(rc == ACCT_OK && v->flags == acct_flag_bit(ACCT_FLAG_TOO_LONG),
       "one byte more is too long");
    rc = acct_inspect_value_close(in, slot, (uint8_t *) text, 1);
    ok(rc == ACCT_OK && acct_inspect_end(in) == ACCT_OK, "and is read on");

    acct_inspect_reset(in);

    /* the joined field: a channel in one, an id in the next */

    rc = acct_inspect_value(in, acct_policy_field_find(policy,
                                                       acct_str("signature")),
                            none, acct_str("abc12345"));
    (void) acct_inspect_value(in, 0, none, acct_str("\xe5\x8a\xa0V"));
    ok(rc == ACCT_OK && acct_inspect_end(in) == ACCT_OK
       && v->action == ACCT_REJECT && v->decider.field == ACCT_FIELD_JOINED,
       "two values are joined in the fields' order");

    acct_inspect_reset(in);

    for (i = 0; i < 64; i++) {
        (void) acct_inspect_value(in, 0, none, acct_str("y"));
    }

    (void) acct_inspect_value(in, 0, none, acct_str("\xe5\x8a\xa0V"));
    (void) acct_inspect_value(in, 1, none, acct_str("abc12345"));
    ok(acct_inspect_end(in) == ACCT_OK && v->action != ACCT_REJECT,
       "those beyond the 64th are not");

    acct_inspect_reset(in);

    for (i = 0; i < 16; i++) {
        (void) acct_inspect_value(in, 0, none,
                                  (acct_str_t) { (uint8_t *) text, 1024 });
    }

    (void) acct_inspect_value(in, 0, none, acct_str("\xe5\x8a\xa0V"));
    (void) acct_inspect_value(in, 1, none, acct_str("abc12345"));
    ok(acct_inspect_end(in) == ACCT_OK && v->action != ACCT_REJECT,
       "nor those beyond 16 KB of text");

    acct_inspect_destroy(in);

    /* and each allocation failing once */

    wrong = 0;

    for (n = 1; n < 10000; n++) {
        calls = 0;
        failing = n;
        held = 0;

        ws = acct_workspace_create(&failing_heap);
        in = ws ? acct_inspect_create(&failing_heap, policy, &ruleset, 1, ws)
                : NULL;
        rc = in ? acct_inspect_vouch(in, acct_str("official"), none)
                : ACCT_ERROR;
        rc = rc == ACCT_OK ? acct_inspect_vouch(in, acct_str("brand"),
                                                acct_str("x")) : rc;
        rc = rc == ACCT_OK ? acct_inspect_value_open(in, 0, none, &slot) : rc;
        rc = rc == ACCT_OK ? acct_inspect_value_data(in, slot,
                                                     (uint8_t *) text, 5000)
                           : rc;
        rc = rc == ACCT_OK ? acct_inspect_value_close(in, slot, NULL, 0) : rc;
        rc = rc == ACCT_OK ? acct_inspect_value(in, 1, none, acct_str("x"))
                           : rc;
        rc = rc == ACCT_OK ? acct_inspect_value(in, 0, none, acct_str("y"))
                           : rc;
        rc = rc == ACCT_OK ? acct_inspect_end(in) : rc;

        wrong += (rc == ACCT_OK && calls >= failing)
                 || (in && rc == ACCT_OK
                     && acct_inspect_verdict(in)->action != ACCT_PASS);

        acct_inspect_destroy(in);
        acct_workspace_destroy(ws);

        wrong += (held != 0);

        if (calls < failing) {
            break;
        }
    }

    ok(n > 10 && calls < failing && wrong == 0,
       "an allocation that fails is an error at each of %zu", n - 1);

    free(text);
}


/*
 * Two rule sets of which each reads another view, and a flag that acts though
 * no rule asks for the view that raises it.
 */

static void
views(void)
{
    acct_str_t             none = acct_null_string;
    acct_policy_t         *p;
    acct_inspect_t        *in;
    acct_ruleset_t        *both[2];
    const acct_verdict_t  *v;

    static const char  mixed[] = "\xd0\xb0" "dmin";

    both[0] = acct_ruleset_load("t/data/rules/suite.json", NULL);
    both[1] = acct_ruleset_load("t/data/rules/other.json", NULL);
    p = acct_policy_create(&acct_heap);

    if (!ok(p && both[0] && both[1] && acct_policy_field(p, acct_str("name"))
            == 0 && acct_policy_ready(p) == ACCT_OK, "two small rule sets"))
    {
        return;
    }

    in = acct_inspect_create(&acct_heap, p, both, 1, workspace);
    v = acct_inspect_verdict(in);
    (void) acct_inspect_value(in, 0, none, acct_str(mixed));

    ok(acct_inspect_end(in) == ACCT_OK
       && !(v->flags & acct_flag_bit(ACCT_FLAG_MIXED_SCRIPT)),
       "no rule asks for the view that sees two scripts");
    acct_inspect_destroy(in);

    ok(acct_policy_flag(p, acct_str("mixed_script"), acct_str("tag"))
       == ACCT_OK
       && acct_policy_flag(p, acct_str("bidi"), acct_str("reject"))
          == ACCT_OK, "flags that act");

    in = acct_inspect_create(&acct_heap, p, both, 2, workspace);
    v = acct_inspect_verdict(in);
    (void) acct_inspect_value(in, 0, none, acct_str(mixed));

    ok(acct_inspect_end(in) == ACCT_OK
       && (v->flags & acct_flag_bit(ACCT_FLAG_MIXED_SCRIPT)),
       "a flag that acts is looked for all the same");
    acct_inspect_destroy(in);

    /* the shipped rules read other views than a small set of plain words */

    both[1] = (acct_ruleset_release(both[1]), ruleset);
    acct_ruleset_retain(ruleset);

    in = acct_inspect_create(&acct_heap, p, both, 2, workspace);
    v = acct_inspect_verdict(in);
    (void) acct_inspect_value(in, 0, none, acct_str("zhongyang"));

    ok(v->action == ACCT_REJECT && v->matches.count == 1,
       "each rule set sees its own views");
    acct_inspect_destroy(in);

    acct_ruleset_release(both[0]);
    acct_ruleset_release(both[1]);
    acct_policy_destroy(p);
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
    observing();
    values();
    views();

    acct_ruleset_release(ruleset);
    acct_policy_destroy(policy);
    acct_workspace_destroy(workspace);

    return done_testing();
}
