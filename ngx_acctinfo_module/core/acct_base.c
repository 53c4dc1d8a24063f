
/*
 * Copyright (C) the ngx_acctinfo_module authors
 */


#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "acct_base.h"


static void *acct_heap_alloc(void *ctx, size_t size);
static void acct_heap_free(void *ctx, void *p);


const acct_alloc_t  acct_heap = { acct_heap_alloc, acct_heap_free, NULL };


static const char  *acct_severities[] = { "info", "warning", "error" };


static void *
acct_heap_alloc(void *ctx, size_t size)
{
    (void) ctx;

    return malloc(size ? size : 1);
}


static void
acct_heap_free(void *ctx, void *p)
{
    (void) ctx;

    free(p);
}


int
acct_str_cmp(acct_str_t a, acct_str_t b)
{
    int     rc;
    size_t  n;

    n = a.len < b.len ? a.len : b.len;

    if (n) {
        rc = memcmp(a.data, b.data, n);

        if (rc != 0) {
            return rc;
        }
    }

    return (a.len > b.len) - (a.len < b.len);
}


void *
acct_alloc(const acct_alloc_t *a, size_t size)
{
    return a->alloc(a->ctx, size);
}


void *
acct_calloc(const acct_alloc_t *a, size_t size)
{
    void  *p;

    p = a->alloc(a->ctx, size);

    if (p) {
        memset(p, 0, size);
    }

    return p;
}


void *
acct_array(const acct_alloc_t *a, size_t n, size_t size)
{
    if (size && n > SIZE_MAX / size) {
        return NULL;
    }

    return acct_calloc(a, n * size);
}


void
acct_free(const acct_alloc_t *a, void *p)
{
    if (p) {
        a->free(a->ctx, p);
    }
}


acct_str_t
acct_str_dup(const acct_alloc_t *a, acct_str_t s)
{
    uint8_t     *p;
    acct_str_t   copy = acct_null_string;

    p = acct_alloc(a, s.len + 1);

    if (p == NULL) {
        return copy;
    }

    if (s.len) {
        memcpy(p, s.data, s.len);
    }

    p[s.len] = '\0';

    copy.data = p;
    copy.len = s.len;

    return copy;
}


void
acct_buf_init(acct_buf_t *b, const acct_alloc_t *a, size_t max)
{
    memset(b, 0, sizeof(acct_buf_t));

    b->alloc = a;
    b->max = max;
}


/* room for n bytes more; doubling keeps the copies linear in what was taken */

int
acct_buf_reserve(acct_buf_t *b, size_t n)
{
    size_t    size;
    uint8_t  *p;

    if (n > b->max - b->len) {
        return ACCT_ERROR;
    }

    if (n <= b->size - b->len) {
        return ACCT_OK;
    }

    size = b->size ? b->size : 64;

    while (size - b->len < n) {
        size = size > b->max / 2 ? b->max : size * 2;
    }

    p = acct_alloc(b->alloc, size);

    if (p == NULL) {
        return ACCT_ERROR;
    }

    if (b->len) {
        memcpy(p, b->data, b->len);
    }

    acct_free(b->alloc, b->data);

    b->data = p;
    b->size = size;

    return ACCT_OK;
}


int
acct_buf_append(acct_buf_t *b, const void *p, size_t n)
{
    if (n == 0) {
        return ACCT_OK;
    }

    if (acct_buf_reserve(b, n) != ACCT_OK) {
        return ACCT_ERROR;
    }

    memcpy(b->data + b->len, p, n);
    b->len += n;

    return ACCT_OK;
}


void
acct_buf_free(acct_buf_t *b)
{
    acct_free(b->alloc, b->data);

    b->data = NULL;
    b->len = 0;
    b->size = 0;
}


void
acct_diag(acct_diags_t *d, acct_severity_e severity, const char *file,
    unsigned line, acct_str_t rule, const char *attribute, const char *fmt, ...)
{
    char         text[512];
    va_list      args;
    acct_diag_t  diag;

    if (d == NULL) {
        return;
    }

    if (severity == ACCT_DIAG_ERROR) {
        d->errors++;

    } else if (severity == ACCT_DIAG_WARNING) {
        d->warnings++;
    }

    if (d->handler == NULL) {
        return;
    }

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);

    diag.severity = severity;
    diag.file = file;
    diag.line = line;
    diag.rule = rule;
    diag.attribute = attribute;
    diag.text = text;

    d->handler(d->ctx, &diag);
}


size_t
acct_diag_format(char *buf, size_t size, const acct_diag_t *d)
{
    int     n;
    char    line[16];
    size_t  len;

    line[0] = '\0';

    if (d->line) {
        snprintf(line, sizeof(line), ":%u", d->line);
    }

    n = snprintf(buf, size, "%s%s%s%.*s%s%s%s%s: %s",
                 d->file ? d->file : "", line, d->file ? ": " : "",
                 (int) d->rule.len,
                 d->rule.len ? (const char *) d->rule.data : "",
                 d->rule.len ? ": " : "",
                 d->attribute ? d->attribute : "", d->attribute ? ": " : "",
                 acct_severities[d->severity], d->text);

    len = n < 0 ? 0 : (size_t) n;

    return len < size ? len : size - 1;
}
