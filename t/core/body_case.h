
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * body_case.h: one body read in one way, and what the sink was told, as text.
 *
 * The text is that of the cases in t/data/body (see the README there).  Both
 * the harness and the fuzzer stand on this.
 */


#ifndef BODY_CASE_H_INCLUDED
#define BODY_CASE_H_INCLUDED


#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acct_body.h"
#include "acct_policy.h"
#include "guard.h"


#define CASE_WIRES             64
#define CASE_TYPES             8


typedef struct {
    const char           *type;        /* NULL: none */
    const char           *encoding;
    const char           *query;
    size_t                nquery;
    unsigned              exact;
    acct_body_limits_t    limits;
    acct_body_options_t   options;
    acct_type_t           types[CASE_TYPES];
    acct_charset_t        charsets[CASE_TYPES];
    acct_wire_t           wires[CASE_WIRES];
    size_t                nwires;
    const char           *fields[ACCT_FIELDS_MAX];
    unsigned              nfields;
} body_case_t;


/* An allocator that counts, and fails at the given call */

typedef struct {
    size_t                calls;
    size_t                fail;        /* 0: never */
    size_t                live;
    size_t                bytes;
    size_t                peak;
} counter_t;


typedef struct {
    char                 *data;
    size_t                len;
    size_t                size;
} text_t;


typedef struct {
    unsigned              number;      /* of the value, from 1; 0: free */
    size_t                mark;        /* where its line begins in out */
    text_t                value;
} slot_t;


typedef struct {
    const body_case_t    *c;
    text_t                out;
    slot_t                slots[ACCT_SLOTS];
    unsigned              opened;
    unsigned              events;
    unsigned              stop;        /* answer DONE at this event; 0: never */
    unsigned              pieces;      /* of values, by data() */
    unsigned              fail;        /* answer ERROR at this piece; 0: never */
    unsigned              wrong;       /* the sink was told nonsense */
} told_t;


static void *
counter_alloc(void *ctx, size_t size)
{
    size_t     *p;
    counter_t  *n;

    n = ctx;
    n->calls++;

    if (n->calls == n->fail) {
        return NULL;
    }

    p = malloc(size + 16);

    if (p == NULL) {
        abort();
    }

    memset(p, 0x5a, size + 16);

    p[0] = size;

    n->live++;
    n->bytes += size;

    if (n->bytes > n->peak) {
        n->peak = n->bytes;
    }

    return (char *) p + 16;
}


static void
counter_free(void *ctx, void *p)
{
    size_t     *q;
    counter_t  *n;

    n = ctx;
    q = (size_t *) ((char *) p - 16);

    n->live--;
    n->bytes -= q[0];

    free(q);
}


static void
text_add(text_t *t, const void *p, size_t n)
{
    if (t->len + n + 1 > t->size) {
        t->size = (t->len + n + 1) * 2;
        t->data = realloc(t->data, t->size);

        if (t->data == NULL) {
            abort();
        }
    }

    if (n) {
        memcpy(t->data + t->len, p, n);
    }

    t->len += n;
    t->data[t->len] = '\0';
}


static void
text_print(text_t *t, const char *s)
{
    text_add(t, s, strlen(s));
}


/* the length of a well-formed character, or 0 (Unicode 15.0, table 3-7) */

static size_t
text_char(const uint8_t *p, size_t n)
{
    size_t   i, len;
    uint8_t  low, high;

    if (p[0] < 0x80) {
        return 1;
    }

    if (p[0] < 0xc2 || p[0] > 0xf4) {
        return 0;
    }

    len = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;

    if (n < len) {
        return 0;
    }

    low = p[0] == 0xe0 ? 0xa0 : p[0] == 0xf0 ? 0x90 : 0x80;
    high = p[0] == 0xed ? 0x9f : p[0] == 0xf4 ? 0x8f : 0xbf;

    for (i = 1; i < len; i++) {
        if (p[i] < low || p[i] > high) {
            return 0;
        }

        low = 0x80;
        high = 0xbf;
    }

    return len;
}


static void
text_quote(text_t *t, const uint8_t *p, size_t n)
{
    char    buf[8];
    size_t  i, len;

    text_print(t, "\"");

    for (i = 0; i < n; i += len) {
        len = text_char(p + i, n - i);

        if (len == 1 && (p[i] == '"' || p[i] == '\\')) {
            snprintf(buf, sizeof(buf), "\\%c", p[i]);
            text_print(t, buf);

        } else if (len == 0 || (len == 1 && (p[i] < 0x20 || p[i] == 0x7f))) {
            len = 1;
            snprintf(buf, sizeof(buf), "\\x%02x", p[i]);
            text_print(t, buf);

        } else {
            text_add(t, p + i, len);
        }
    }

    text_print(t, "\"");
}


static int
told_event(told_t *t)
{
    t->events++;

    return t->events == t->stop ? ACCT_DONE : ACCT_OK;
}


static int
told_open(void *ctx, const acct_value_info_t *info, unsigned *slot)
{
    char       buf[32];
    told_t    *t;
    unsigned   i;

    t = ctx;

    for (i = 0; i < ACCT_SLOTS && t->slots[i].number; i++) { /* void */ }

    if (i == ACCT_SLOTS || info->field >= t->c->nfields) {
        t->wrong = 1;
        return ACCT_ERROR;
    }

    *slot = i;

    t->slots[i].number = ++t->opened;
    t->slots[i].mark = t->out.len;
    t->slots[i].value.len = 0;

    snprintf(buf, sizeof(buf), "open %u ", t->opened);
    text_print(&t->out, buf);
    text_print(&t->out, t->c->fields[info->field]);
    text_print(&t->out, " ");
    text_quote(&t->out, info->key.data, info->key.len);

    if (info->filename.data) {
        text_print(&t->out, " file ");
        text_quote(&t->out, info->filename.data, info->filename.len);
    }

    if (info->query) {
        text_print(&t->out, " query");
    }

    text_print(&t->out, "\n");

    return told_event(t);
}


static int
told_data(void *ctx, unsigned slot, const uint8_t *p, size_t n)
{
    told_t  *t;

    t = ctx;

    if (slot >= ACCT_SLOTS || t->slots[slot].number == 0 || n == 0) {
        t->wrong = 1;
        return ACCT_ERROR;
    }

    text_add(&t->slots[slot].value, p, n);

    return ++t->pieces == t->fail ? ACCT_ERROR : ACCT_OK;
}


/* "value ..." is an open and its close with nothing between them */

static int
told_close(void *ctx, unsigned slot, const uint8_t *p, size_t n)
{
    char      buf[32];
    char     *line;
    size_t    skip, len;
    slot_t   *s;
    told_t   *t;

    t = ctx;

    if (slot >= ACCT_SLOTS || t->slots[slot].number == 0) {
        t->wrong = 1;
        return ACCT_ERROR;
    }

    s = &t->slots[slot];

    text_add(&s->value, p, n);

    len = (size_t) snprintf(buf, sizeof(buf), "open %u ", s->number);
    line = t->out.data + s->mark;

    if (strchr(line, '\n') == t->out.data + t->out.len - 1) {
        skip = len - 6;
        memcpy(line, "value ", 6);
        memmove(line + 6, line + len, strlen(line + len) + 1);
        t->out.len -= skip + 1;
        text_print(&t->out, " ");

    } else {
        snprintf(buf, sizeof(buf), "close %u ", s->number);
        text_print(&t->out, buf);
    }

    text_quote(&t->out, (uint8_t *) s->value.data, s->value.len);
    text_print(&t->out, "\n");

    s->number = 0;

    return told_event(t);
}


static void
told_flag(void *ctx, unsigned flag)
{
    told_t  *t;

    t = ctx;

    text_print(&t->out, "flag ");
    text_add(&t->out, acct_flags[flag].name.data, acct_flags[flag].name.len);
    text_print(&t->out, "\n");
}


/* what a case holds besides the text it was made of */

static inline void
case_free(body_case_t *c)
{
    size_t  i;

    for (i = 0; i < c->options.ncharsets; i++) {
        acct_charset_done(&c->charsets[i]);
    }
}


static void
told_free(told_t *t)
{
    unsigned  i;

    for (i = 0; i < ACCT_SLOTS; i++) {
        free(t->slots[i].value.data);
    }

    free(t->out.data);
    memset(t, 0, sizeof(told_t));
}


/* The next piece is this long; the body's end cuts it */

typedef size_t (*cut_pt)(void *ctx, size_t at);


static const acct_body_sink_t  told_sink = {
    told_open, told_data, told_close, told_flag
};


/*
 * Reads a body; returns what the reading returned.  Told is zeroed before and
 * holds the text after, with "done" where the reading ended early.
 */

static int
body_read(const body_case_t *c, const acct_alloc_t *a, told_t *t, guard_t *g,
    const uint8_t *body, size_t n, unsigned known, cut_pt cut, void *ctx)
{
    int                 rc;
    size_t              at, len;
    acct_body_t        *b;
    acct_wires_t       *w;
    acct_body_info_t    info;

    t->c = c;
    text_add(&t->out, NULL, 0);

    w = acct_wires_create(a, c->wires, c->nwires, c->exact);

    if (w == NULL) {
        return ACCT_ERROR;
    }

    b = acct_body_create(a, w, &c->limits, &told_sink, t);

    if (b == NULL) {
        acct_wires_destroy(w);
        return ACCT_ERROR;
    }

    acct_body_options(b, &c->options);

    rc = ACCT_OK;

    if (c->query) {
        rc = acct_body_query(b, guard_copy(g, (uint8_t *) c->query, c->nquery),
                             c->nquery);
    }

    info.type = acct_str(c->type);
    info.encoding = acct_str(c->encoding);
    info.length = known ? (int64_t) n : -1;

    if (rc == ACCT_OK) {
        rc = acct_body_begin(b, &info);
    }

    for (at = 0; at < n && rc == ACCT_OK; at += len) {
        len = cut(ctx, at);
        len = len < n - at ? len : n - at;

        rc = acct_body_feed(b, guard_copy(g, body + at, len), len);
    }

    if (rc == ACCT_OK) {
        guard_copy(g, NULL, 0);
        rc = acct_body_end(b);
    }

    if (rc == ACCT_DONE) {
        text_print(&t->out, "done\n");

        if (acct_body_query(b, (uint8_t *) "x", 1) != ACCT_DONE
            || acct_body_begin(b, &info) != ACCT_DONE
            || acct_body_feed(b, (uint8_t *) "x", 1) != ACCT_DONE
            || acct_body_end(b) != ACCT_DONE)
        {
            t->wrong = 1;
        }
    }

    acct_body_destroy(b);
    acct_wires_destroy(w);

    return rc;
}


#endif /* BODY_CASE_H_INCLUDED */
