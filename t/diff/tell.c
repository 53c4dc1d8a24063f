
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * The body room's side of the differential suite: a request a line (type and
 * body, in base64), what was told of it a line, as
 *
 *     FLAG,FLAG FIELD:KEY:TEXT FIELD:KEY:TEXT
 *
 * with key and text in base64.
 */


#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acct_body.h"
#include "acct_policy.h"


#define LINE_MAX_SIZE          (1 << 20)


typedef struct {
    unsigned              used;
    unsigned              field;
    uint8_t               key[ACCT_KEY_MAX];
    size_t                nkey;
    uint8_t              *text;
    size_t                ntext;
} tell_slot_t;


static tell_slot_t   slots[ACCT_SLOTS];
static unsigned      flags;
static char         *out;
static size_t        nout;


static const struct {
    const char           *field;
    const char           *wire;
} wires[] = {
    { "name", "name" },
    { "name", "username" },
    { "sign", "signature" },
    { "user", "user.name" }
};

#define NWIRES                 (sizeof(wires) / sizeof(wires[0]))


static const char  base64[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";


static void
print(const char *s, size_t n)
{
    out = realloc(out, nout + n + 1);

    if (out == NULL) {
        abort();
    }

    memcpy(out + nout, s, n);
    nout += n;
}


static void
print_base64(const uint8_t *p, size_t n)
{
    char      quad[4];
    size_t    i;
    uint32_t  v;

    for (i = 0; i < n; i += 3) {
        v = (uint32_t) p[i] << 16;
        v |= i + 1 < n ? (uint32_t) p[i + 1] << 8 : 0;
        v |= i + 2 < n ? p[i + 2] : 0;

        quad[0] = base64[v >> 18];
        quad[1] = base64[v >> 12 & 63];
        quad[2] = i + 1 < n ? base64[v >> 6 & 63] : '=';
        quad[3] = i + 2 < n ? base64[v & 63] : '=';

        print(quad, 4);
    }
}


static size_t
read_base64(char *s, uint8_t *to)
{
    size_t       n;
    uint32_t     v;
    unsigned     bits;
    const char  *at;

    n = 0;
    v = 0;
    bits = 0;

    for ( /* void */ ; *s && (at = strchr(base64, *s)) != NULL; s++) {
        v = v << 6 | (uint32_t) (at - base64);
        bits += 6;

        if (bits >= 8) {
            bits -= 8;
            to[n++] = (uint8_t) (v >> bits);
        }
    }

    to[n] = '\0';

    return n;
}


static int
tell_open(void *ctx, const acct_value_info_t *info, unsigned *slot)
{
    unsigned  i;

    (void) ctx;

    for (i = 0; i < ACCT_SLOTS && slots[i].used; i++) { /* void */ }

    if (i == ACCT_SLOTS) {
        return ACCT_ERROR;
    }

    slots[i].used = 1;
    slots[i].field = info->field;
    slots[i].nkey = info->key.len;
    slots[i].ntext = 0;
    memcpy(slots[i].key, info->key.data, info->key.len);

    *slot = i;

    return ACCT_OK;
}


static int
tell_data(void *ctx, unsigned slot, const uint8_t *p, size_t n)
{
    tell_slot_t  *s;

    (void) ctx;

    s = &slots[slot];
    s->text = realloc(s->text, s->ntext + n + 1);

    if (s->text == NULL) {
        return ACCT_ERROR;
    }

    if (n) {
        memcpy(s->text + s->ntext, p, n);
    }

    s->ntext += n;

    return ACCT_OK;
}


static int
tell_close(void *ctx, unsigned slot, const uint8_t *p, size_t n)
{
    tell_slot_t  *s;

    if (tell_data(ctx, slot, p, n) != ACCT_OK) {
        return ACCT_ERROR;
    }

    s = &slots[slot];
    s->used = 0;

    print(" ", 1);
    print(wires[s->field].field, strlen(wires[s->field].field));
    print(":", 1);
    print_base64(s->key, s->nkey);
    print(":", 1);
    print_base64(s->text, s->ntext);

    return ACCT_OK;
}


static void
tell_flag(void *ctx, unsigned flag)
{
    (void) ctx;

    flags |= acct_flag_bit(flag);
}


int
main(void)
{
    char               *line, *body;
    size_t              i, n;
    uint8_t            *type, *data;
    acct_body_t        *b;
    acct_wire_t         list[NWIRES];
    acct_wires_t       *w;
    acct_body_info_t    info;

    static const acct_body_sink_t    sink = {
        tell_open, tell_data, tell_close, tell_flag
    };
    static const acct_body_limits_t  limits = {
        64, 10000, 256, 65536, 8192, 100, 1 << 26
    };

    for (i = 0; i < NWIRES; i++) {
        list[i].text = acct_str(wires[i].wire);
        list[i].field = (unsigned) i;
    }

    w = acct_wires_create(&acct_heap, list, NWIRES, 0);
    line = malloc(LINE_MAX_SIZE);
    type = malloc(LINE_MAX_SIZE);
    data = malloc(LINE_MAX_SIZE);

    if (w == NULL || line == NULL || type == NULL || data == NULL) {
        return 1;
    }

    while (fgets(line, LINE_MAX_SIZE, stdin)) {
        body = strchr(line, ' ');

        if (body == NULL) {
            return 1;
        }

        *body++ = '\0';

        info.type.data = type;
        info.type.len = read_base64(line, type);
        info.encoding = acct_str(NULL);
        n = read_base64(body, data);
        info.length = (int64_t) n;

        flags = 0;
        nout = 0;

        for (i = 0; i < ACCT_SLOTS; i++) {
            slots[i].used = 0;
        }

        b = acct_body_create(&acct_heap, w, &limits, &sink, NULL);

        if (b == NULL
            || acct_body_begin(b, &info) == ACCT_ERROR
            || acct_body_feed(b, data, n) == ACCT_ERROR
            || acct_body_end(b) == ACCT_ERROR)
        {
            return 1;
        }

        acct_body_destroy(b);

        for (i = 0; i < ACCT_FLAGS; i++) {
            if (flags & acct_flag_bit(i)) {
                printf("%.*s,", (int) acct_flags[i].name.len,
                       (const char *) acct_flags[i].name.data);
            }
        }

        printf("%.*s\n", (int) nout, nout ? out : "");
        fflush(stdout);
    }

    for (i = 0; i < ACCT_SLOTS; i++) {
        free(slots[i].text);
    }

    free(line);
    free(type);
    free(data);
    free(out);

    acct_wires_destroy(w);

    return 0;
}
