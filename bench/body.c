
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * What a reader costs: nanoseconds a body and gigabytes a second, beside
 * memchr() over the same bytes in the same run, for a byte that is not there.
 *
 * Rounds of the reader and of memchr() alternate; the least time of each is
 * told, for what disturbs a measurement only makes it longer.
 */


#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "acct_body.h"


#define ROUNDS                 15
#define ROUND_NS               20e6


typedef struct {
    const char           *name;
    const char           *type;
    uint8_t              *data;
    size_t                len;
} bench_t;


static size_t         values;
static volatile size_t  sum;


static int
bench_open(void *ctx, const acct_value_info_t *info, unsigned *slot)
{
    (void) ctx;
    (void) info;

    *slot = 0;

    return ACCT_OK;
}


static int
bench_data(void *ctx, unsigned slot, const uint8_t *p, size_t n)
{
    (void) ctx;
    (void) slot;
    (void) p;

    sum += n;

    return ACCT_OK;
}


static int
bench_close(void *ctx, unsigned slot, const uint8_t *p, size_t n)
{
    values++;

    return bench_data(ctx, slot, p, n);
}


static void
bench_flag(void *ctx, unsigned flag)
{
    (void) ctx;

    fprintf(stderr, "flag %u\n", flag);
    exit(1);
}


static const acct_body_sink_t  bench_sink = {
    bench_open, bench_data, bench_close, bench_flag
};


static double
now(void)
{
    struct timespec  t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);

    return (double) t.tv_sec * 1e9 + (double) t.tv_nsec;
}


static void
add(bench_t *b, const void *p, size_t n)
{
    b->data = realloc(b->data, b->len + n);

    if (b->data == NULL) {
        abort();
    }

    memcpy(b->data + b->len, p, n);
    b->len += n;
}


static void
print(bench_t *b, const char *s)
{
    add(b, s, strlen(s));
}


static void
bench_json(bench_t *b, size_t keys)
{
    char    buf[64];
    size_t  i;

    print(b, "{\"username\":\"\xe5\xb0\x8f\xe6\x98\x8e\",\"email\":"
             "\"xiaoming@example.org\",\"signature\":\"\xe4\xbd\xa0"
             "\xe5\xa5\xbd \\ud83d\\ude00\",\"agree\":true,\"age\":31");

    for (i = 0; i < keys; i++) {
        snprintf(buf, sizeof(buf), ",\"setting_%zu\":\"value of %zu\"", i,
                 i * 7);
        print(b, buf);
    }

    print(b, "}");
}


static void
bench_part(bench_t *b, const char *name, const char *more)
{
    print(b, "------WebKitFormBoundary7MA4YWxkTrZu0gW\r\n"
             "Content-Disposition: form-data; name=\"");
    print(b, name);
    print(b, "\"");
    print(b, more);
    print(b, "\r\n\r\n");
}


static void
bench_multipart(bench_t *b, size_t size, unsigned text)
{
    size_t    i;
    uint8_t  *p;
    uint32_t  seed;

    bench_part(b, "username", "");
    print(b, "\xe5\xb0\x8f\xe6\x98\x8e\r\n");
    bench_part(b, "avatar", "; filename=\"a.png\"\r\n"
                            "Content-Type: image/png");

    p = malloc(size);

    if (p == NULL) {
        abort();
    }

    seed = 1;

    for (i = 0; i < size; i++) {
        seed = seed * 1664525 + 1013904223;
        p[i] = text ? (i % 2 ? '\n' : '\r') : (uint8_t) ((seed >> 24) % 0xfe);
    }

    add(b, p, size);
    free(p);

    print(b, "\r\n");
    bench_part(b, "signature", "");
    print(b, "hello\r\n------WebKitFormBoundary7MA4YWxkTrZu0gW--\r\n");
}


static void
bench_fields(bench_t *b)
{
    size_t  i;

    static const char  *fields[][2] = {
        { "csrf", "4b1f0c2d9e8a7b6c5d4e3f2a1b0c9d8e" },
        { "username", "\xe5\xb0\x8f\xe6\x98\x8e" },
        { "email", "xiaoming@example.org" },
        { "signature", "\xe4\xbd\xa0\xe5\xa5\xbd" },
        { "agree", "on" },
        { "lang", "zh-CN" }
    };

    for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        bench_part(b, fields[i][0], "");
        print(b, fields[i][1]);
        print(b, "\r\n");
    }

    print(b, "------WebKitFormBoundary7MA4YWxkTrZu0gW--\r\n");
}


static void
bench_form(bench_t *b)
{
    print(b, "csrf=4b1f0c2d9e8a7b6c5d4e3f2a1b0c9d8e&lang=zh-CN&username="
             "%E5%B0%8F%E6%98%8E&email=xiaoming%40example.org&signature="
             "%E4%BD%A0%E5%A5%BD%EF%BC%8C%E4%B8%96%E7%95%8C+%F0%9F%98%80"
             "%0D%0A%E7%AC%AC%E4%BA%8C%E8%A1%8C&agree=on&next=%2Fwelcome"
             "%3Fa%3D1%26b%3D2&referrer=https%3A%2F%2Fexample.org%2Fsignup"
             "&timezone=Asia%2FShanghai&device=desktop&theme=dark&ref=5a5a"
             "&utm_source=search&utm_campaign=autumn&captcha=7f3a");
}


static void
bench_long_json(bench_t *b, size_t size)
{
    size_t  i;

    print(b, "{\"avatar\":\"");

    for (i = 0; i < size / 16; i++) {
        print(b, "iVBORw0KGgoAAAAN");
    }

    print(b, "\",\"username\":\"x\"}");
}


static void
bench_one(const acct_wires_t *w, const acct_body_limits_t *limits,
    const bench_t *b)
{
    size_t              at, n;
    acct_body_t        *body;
    acct_body_info_t    info;

    info.type = acct_str(b->type);
    info.encoding = acct_str(NULL);
    info.length = (int64_t) b->len;

    body = acct_body_create(&acct_heap, w, limits, &bench_sink, NULL);

    if (body == NULL || acct_body_begin(body, &info) != ACCT_OK) {
        abort();
    }

    /* nginx's buffer for a body's pieces */

    for (at = 0; at < b->len; at += n) {
        n = b->len - at < 16384 ? b->len - at : 16384;

        if (acct_body_feed(body, b->data + at, n) != ACCT_OK) {
            abort();
        }
    }

    if (acct_body_end(body) != ACCT_OK) {
        abort();
    }

    acct_body_destroy(body);
}


/* with an argument, only the bodies whose name begins like it */

int
main(int argc, char **argv)
{
    double         t, reader, scan, best_reader, best_scan;
    size_t         i, k, n, r, runs, nwires;
    acct_wires_t  *w;
    acct_wire_t    wires[16];

    static bench_t  bodies[] = {
        { "JSON 300 B", "application/json", NULL, 0 },
        { "JSON 2 KB", "application/json", NULL, 0 },
        { "JSON, a string of 1 MB", "application/json", NULL, 0 },
        { "form 400 B", "application/x-www-form-urlencoded", NULL, 0 },
        { "multipart 700 B", "multipart/form-data; boundary="
          "----WebKitFormBoundary7MA4YWxkTrZu0gW", NULL, 0 },
        { "multipart 200 KB", "multipart/form-data; boundary="
          "----WebKitFormBoundary7MA4YWxkTrZu0gW", NULL, 0 },
        { "multipart 5 MB", "multipart/form-data; boundary="
          "----WebKitFormBoundary7MA4YWxkTrZu0gW", NULL, 0 },
        { "multipart 5 MB of CR LF", "multipart/form-data; boundary="
          "----WebKitFormBoundary7MA4YWxkTrZu0gW", NULL, 0 }
    };

    static const acct_body_limits_t  limits = {
        64, 10000, 256, 65536, 8192, 100, 1 << 26
    };

    static const char  *names[] = {
        "username", "nickname", "nick", "name", "display_name",
        "screen_name", "user.name", "signature", "sign", "profile", "bio",
        "about", "intro", "description"
    };

    nwires = sizeof(names) / sizeof(names[0]);

    for (i = 0; i < nwires; i++) {
        wires[i].text = acct_str(names[i]);
        wires[i].field = i < 7 ? 0 : i < 9 ? 1 : 2;
    }

    w = acct_wires_create(&acct_heap, wires, nwires, 0);

    if (w == NULL) {
        abort();
    }

    bench_json(&bodies[0], 7);
    bench_json(&bodies[1], 70);
    bench_long_json(&bodies[2], 1 << 20);
    bench_form(&bodies[3]);
    bench_fields(&bodies[4]);
    bench_multipart(&bodies[5], 200 * 1024, 0);
    bench_multipart(&bodies[6], 5 * 1024 * 1024, 0);
    bench_multipart(&bodies[7], 5 * 1024 * 1024, 1);

    n = sizeof(bodies) / sizeof(bodies[0]);

    printf("%-26s %9s %12s %9s %9s %12s %8s\n", "body", "bytes", "ns", "ns/B",
           "GB/s", "memchr GB/s", "ratio");

    for (i = 0; i < n; i++) {

        if (argc > 1
            && strncmp(bodies[i].name, argv[1], strlen(argv[1])) != 0)
        {
            free(bodies[i].data);
            continue;
        }

        best_reader = 1e18;
        best_scan = 1e18;

        t = now();
        bench_one(w, &limits, &bodies[i]);
        runs = 1 + (size_t) (ROUND_NS / (now() - t + 1));

        if (runs > 100000) {
            runs = 100000;
        }

        for (k = 0; k < ROUNDS; k++) {
            t = now();

            for (r = 0; r < runs; r++) {
                bench_one(w, &limits, &bodies[i]);
            }

            reader = (now() - t) / (double) runs;

            t = now();

            for (r = 0; r < runs; r++) {
                sum += memchr(bodies[i].data, r & 1 ? 0xff : 0xfe,
                              bodies[i].len) != NULL;
            }

            scan = (now() - t) / (double) runs;

            best_reader = reader < best_reader ? reader : best_reader;
            best_scan = scan < best_scan ? scan : best_scan;
        }

        printf("%-26s %9zu %12.0f %9.3f %9.2f %12.2f %8.1f\n", bodies[i].name,
               bodies[i].len, best_reader,
               best_reader / (double) bodies[i].len,
               (double) bodies[i].len / best_reader,
               (double) bodies[i].len / best_scan, best_reader / best_scan);

        free(bodies[i].data);
    }

    printf("values told: %zu\n", values);

    acct_wires_destroy(w);

    return 0;
}
