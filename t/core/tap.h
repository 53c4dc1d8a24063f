
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * tap.h: the few lines of TAP that a core test speaks.  A test calls ok() or
 * is_str() for each thing it checks and ends with "return done_testing();".
 */


#ifndef TAP_H_INCLUDED
#define TAP_H_INCLUDED


#include <stdarg.h>
#include <stdio.h>
#include <string.h>


static unsigned  tap_tests;
static unsigned  tap_failures;


__attribute__((format(printf, 2, 3), unused))
static int
ok(int passed, const char *fmt, ...)
{
    va_list  args;

    tap_tests++;

    if (!passed) {
        tap_failures++;
    }

    printf("%sok %u - ", passed ? "" : "not ", tap_tests);

    va_start(args, fmt);
    vprintf(fmt, args);
    va_end(args);

    putchar('\n');

    return passed;
}


__attribute__((format(printf, 1, 2), unused))
static void
diag(const char *fmt, ...)
{
    va_list  args;

    printf("# ");

    va_start(args, fmt);
    vprintf(fmt, args);
    va_end(args);

    putchar('\n');
}


__attribute__((unused))
static int
is_bytes(const void *got, size_t got_len, const void *want, size_t want_len,
    const char *name)
{
    int  passed;

    passed = got_len == want_len
             && (got_len == 0 || memcmp(got, want, got_len) == 0);

    if (!ok(passed, "%s", name)) {
        diag("     got: \"%.*s\"", (int) got_len, (const char *) got);
        diag("expected: \"%.*s\"", (int) want_len, (const char *) want);
    }

    return passed;
}


__attribute__((unused))
static int
is_str(const char *got, const char *want, const char *name)
{
    return is_bytes(got, strlen(got), want, strlen(want), name);
}


__attribute__((unused))
static int
done_testing(void)
{
    printf("1..%u\n", tap_tests);

    return tap_failures ? 1 : 0;
}


#endif /* TAP_H_INCLUDED */
