
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * guard.h: bytes that end against an unreadable page, so that a read beyond
 * them is a crash at once, with or without a sanitizer.
 */


#ifndef GUARD_H_INCLUDED
#define GUARD_H_INCLUDED


#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>


typedef struct {
    uint8_t  *end;
    size_t    size;
} guard_t;


__attribute__((unused))
static void
guard_init(guard_t *g, size_t size)
{
    long      page;
    uint8_t  *p;

    page = sysconf(_SC_PAGESIZE);
    size = (size + (size_t) page) / (size_t) page * (size_t) page;

    p = mmap(NULL, size + (size_t) page, PROT_READ|PROT_WRITE,
             MAP_PRIVATE|MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED
        || mprotect(p + size, (size_t) page, PROT_NONE) != 0)
    {
        abort();
    }

    g->end = p + size;
    g->size = size;
}


/* a copy of n bytes that ends against the page; the one before is gone */

__attribute__((unused))
static const uint8_t *
guard_copy(guard_t *g, const uint8_t *p, size_t n)
{
    if (n > g->size) {
        abort();
    }

    memset(g->end - g->size, 0xa5, g->size < 4096 ? g->size : 4096);

    if (n) {
        memcpy(g->end - n, p, n);
    }

    return g->end - n;
}


#endif /* GUARD_H_INCLUDED */
