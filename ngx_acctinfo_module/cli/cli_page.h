
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * cli_page.h: the page that diff --html writes.
 */


#ifndef CLI_PAGE_H_INCLUDED
#define CLI_PAGE_H_INCLUDED


#include "cli.h"


#define CLI_PAGE_VALUES   100
#define CLI_PAGE_LENGTH   2000          /* bytes of a value that are shown */


/* How often a rule changed one action into another */

typedef struct {
    acct_str_t            id;
    unsigned              was;          /* the action before, and now */
    unsigned              is;
    size_t                n;
} cli_change_t;


typedef struct {
    uint8_t              *value;        /* a copy */
    size_t                len;
    acct_str_t            id;           /* the rule set's */
    unsigned              was;
    unsigned              is;
    long                  weight;
} cli_page_row_t;


typedef struct {
    cli_page_row_t        rows[CLI_PAGE_VALUES];   /* the weightiest first */
    unsigned              n;
} cli_page_t;


void cli_page_init(cli_page_t *p);
void cli_page_free(cli_page_t *p);


/*
 * A value that differs, the nth of its change, from 0.  Kept, as a copy, if it
 * is among those that matter most.
 */

int cli_page_add(cli_page_t *p, acct_str_t value, acct_str_t id, unsigned was,
    unsigned is, size_t nth);


/* Writes the page; changes are in order, the most frequent first */

int cli_page_write(const cli_page_t *p, const char *path,
    const char *const *names, const cli_change_t *changes, size_t n,
    size_t differ, size_t lines);


#endif /* CLI_PAGE_H_INCLUDED */
