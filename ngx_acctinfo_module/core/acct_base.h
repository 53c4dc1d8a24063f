
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acct_base.h: what every room of the core stands on.
 *
 * Slices, the allocator hook, bounded buffers, outcomes and diagnostics.
 */


#ifndef ACCT_BASE_H_INCLUDED
#define ACCT_BASE_H_INCLUDED


#include <stddef.h>
#include <stdint.h>
#include <string.h>


/*
 * Outcomes.  A function of the core that can fail returns one of these.
 *
 * ACCT_ERROR is always our own failure (memory, a scan that broke, a file):
 * what a sender does wrong is a flag in the verdict, what a maintainer does
 * wrong is a diagnostic.
 */

#define ACCT_OK       0
#define ACCT_DONE     1      /* the rest is not wanted: the verdict stands */
#define ACCT_ERROR   -1


/* A slice: borrowed bytes, not zero-terminated; data may be NULL if len is 0 */

typedef struct {
    const uint8_t        *data;
    size_t                len;
} acct_str_t;


#define acct_string(s)     { (const uint8_t *) s, sizeof(s) - 1 }
#define acct_null_string   { NULL, 0 }


static inline acct_str_t
acct_str(const char *s)
{
    acct_str_t  str;

    str.data = (const uint8_t *) s;
    str.len = (s == NULL) ? 0 : strlen(s);

    return str;
}


static inline int
acct_str_eq(acct_str_t a, acct_str_t b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}


/* bytes first, then length: the order in which rule ids are sorted */

int acct_str_cmp(acct_str_t a, acct_str_t b);


/*
 * The allocator hook.
 *
 * alloc returns memory aligned for any object, or NULL; free takes what alloc
 * gave (never NULL).  An owner keeps the pointer to its hook, so the hook
 * outlives what was made with it.
 */

typedef struct {
    void               *(*alloc)(void *ctx, size_t size);
    void                (*free)(void *ctx, void *p);
    void                 *ctx;
} acct_alloc_t;


/* malloc and free */

extern const acct_alloc_t  acct_heap;


void *acct_alloc(const acct_alloc_t *a, size_t size);
void *acct_calloc(const acct_alloc_t *a, size_t size);
void acct_free(const acct_alloc_t *a, void *p);       /* p may be NULL */


/* n objects of the size given, zeroed; NULL too when n * size overflows */

void *acct_array(const acct_alloc_t *a, size_t n, size_t size);


/* A copy of s, zero-terminated beyond its length; data is NULL on failure */

acct_str_t acct_str_dup(const acct_alloc_t *a, acct_str_t s);


/*
 * A growing buffer with a bound.
 *
 * Zeroed, with alloc and max set, it is empty and ready.  It never holds more
 * than max bytes; what would not fit is not taken, and that is an ACCT_ERROR.
 */

typedef struct {
    uint8_t              *data;
    size_t                len;
    size_t                size;
    size_t                max;
    const acct_alloc_t   *alloc;
} acct_buf_t;


void acct_buf_init(acct_buf_t *b, const acct_alloc_t *a, size_t max);
int acct_buf_reserve(acct_buf_t *b, size_t n);
int acct_buf_append(acct_buf_t *b, const void *p, size_t n);
void acct_buf_free(acct_buf_t *b);


/*
 * Diagnostics: what a maintainer did wrong, as one sentence with its place.
 *
 * Every member is borrowed for the time of the call.  line counts from 1 and
 * is 0 where there is none; rule and attribute may be empty.
 */

typedef enum {
    ACCT_DIAG_INFO = 0,
    ACCT_DIAG_WARNING,
    ACCT_DIAG_ERROR
} acct_severity_e;


typedef struct {
    acct_severity_e       severity;
    const char           *file;
    unsigned              line;
    acct_str_t            rule;
    const char           *attribute;
    const char           *text;
} acct_diag_t;


typedef struct {
    void                (*handler)(void *ctx, const acct_diag_t *d);
    void                 *ctx;
    unsigned              errors;        /* counted by acct_diag() */
    unsigned              warnings;
} acct_diags_t;


/*
 * Reports one diagnostic; text is a printf format and is cut at 512 bytes.
 * d may be NULL, then nobody listens.
 */

void acct_diag(acct_diags_t *d, acct_severity_e severity, const char *file,
    unsigned line, acct_str_t rule, const char *attribute, const char *fmt, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 7, 8)))
#endif
    ;


/*
 * Writes a diagnostic as "file:line: rule: attribute: severity: sentence",
 * leaving out what is not known.  The result is zero-terminated and cut at
 * size; returns its length.
 */

size_t acct_diag_format(char *buf, size_t size, const acct_diag_t *d);


#endif /* ACCT_BASE_H_INCLUDED */
