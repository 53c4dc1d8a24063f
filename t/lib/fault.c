
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * fault.c: makes the n-th allocation of the module fail.
 *
 * Preloaded into nginx by t/failure.t.  A shared file tells which: a call of
 * malloc() and its like that comes out of the module's own code (armed: 1), or
 * out of nginx's as well (armed: 2), is counted, and the one whose turn it is
 * fails.
 *
 * An address sanitizer has its own malloc(), so there it is linked in, with
 * ACCTINFO_WRAP and the linker's --wrap (t/checked.sh).
 */


#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>


typedef struct {
    int32_t    armed;
    int32_t    fail;          /* the number of the call, from 1 */
    int32_t    calls;
} fault_t;


static fault_t    *fault;
static uintptr_t   lo, hi;           /* the module's code */
static uintptr_t   nginx_lo, nginx_hi;


#ifdef ACCTINFO_WRAP

#define fault_name(name)  __wrap_##name
#define fault_malloc      __real_malloc
#define fault_calloc      __real_calloc

extern void *__real_malloc(size_t size);
extern void *__real_calloc(size_t n, size_t size);
extern int __real_posix_memalign(void **p, size_t alignment, size_t size);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
int __wrap_posix_memalign(void **p, size_t alignment, size_t size);

#else

#define fault_name(name)  name
#define fault_malloc      __libc_malloc
#define fault_calloc      __libc_calloc

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

#endif


static int
fault_module(struct dl_phdr_info *info, size_t size, void *data)
{
    int         i;
    uintptr_t  *from, *to;

    (void) size;
    (void) data;

    if (strstr(info->dlpi_name, "ngx_http_acctinfo_module")) {
        from = &lo;
        to = &hi;

    } else if (info->dlpi_name[0] == '\0') {
        from = &nginx_lo;
        to = &nginx_hi;

    } else {
        return 0;
    }

    for (i = 0; i < info->dlpi_phnum; i++) {
        if (info->dlpi_phdr[i].p_type == PT_LOAD
            && info->dlpi_phdr[i].p_flags & PF_X)
        {
            *from = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
            *to = *from + info->dlpi_phdr[i].p_memsz;
        }
    }

    return 0;
}


__attribute__((constructor))
static void
fault_init(void)
{
    int          fd;
    void        *p;
    const char  *file;

    file = getenv("ACCTINFO_FAULT");

    if (file == NULL) {
        return;
    }

    fd = open(file, O_RDWR);

    if (fd == -1) {
        return;
    }

    p = mmap(NULL, sizeof(fault_t), PROT_READ|PROT_WRITE, MAP_SHARED, fd, 0);

    close(fd);

    if (p != MAP_FAILED) {
        fault = p;
    }
}


static int
fault_here(uintptr_t caller)
{
    if (fault == NULL || !fault->armed) {
        return 0;
    }

    if (nginx_lo == 0) {
        dl_iterate_phdr(fault_module, NULL);
    }

    if ((caller < lo || caller >= hi)
        && (fault->armed < 2 || caller < nginx_lo || caller >= nginx_hi))
    {
        return 0;
    }

    return ++fault->calls == fault->fail;
}


void *
fault_name(malloc)(size_t size)
{
    if (fault_here((uintptr_t) __builtin_return_address(0))) {
        return NULL;
    }

    return fault_malloc(size);
}


void *
fault_name(calloc)(size_t n, size_t size)
{
    if (fault_here((uintptr_t) __builtin_return_address(0))) {
        return NULL;
    }

    return fault_calloc(n, size);
}


int
fault_name(posix_memalign)(void **p, size_t alignment, size_t size)
{
    if (fault_here((uintptr_t) __builtin_return_address(0))) {
        return ENOMEM;
    }

#ifdef ACCTINFO_WRAP

    return __real_posix_memalign(p, alignment, size);

#else

    *p = __libc_memalign(alignment, size);

    return *p ? 0 : ENOMEM;

#endif
}
