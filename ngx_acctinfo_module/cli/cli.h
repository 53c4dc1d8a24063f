
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * cli.h: what the commands of acctinfo share.
 */


#ifndef CLI_H_INCLUDED
#define CLI_H_INCLUDED


#include <stdio.h>

#include "acctinfo.h"


/* Exit status, a fixed surface */

#define CLI_OK          0
#define CLI_FINDINGS    1       /* lint, test, diff */
#define CLI_USAGE       2       /* or a file that cannot be read */


#define CLI_RULES_MAX   ACCT_RULESETS_MAX
#define CLI_VERIFIED_MAX  16


/* Everything the options say; a command reads what its row allows */

typedef struct {
    const char           *command;

    const char           *rules[CLI_RULES_MAX];
    unsigned              nrules;

    acct_policy_t        *policy;
    unsigned              wires;        /* -F was given */

    const char           *field;
    const char           *view;
    const char           *type;
    const char           *encoding;
    const char           *query;
    const char           *ordinary;
    const char           *output;
    const char           *from;
    const char           *column;
    const char           *html;
    const char           *verified[CLI_VERIFIED_MAX];
    unsigned              nverified;
    unsigned              offsets;
    unsigned              masks;
    unsigned              check;
    unsigned              cost;
    unsigned              ndjson;
    unsigned              values;
    unsigned              batch;

    char                **args;         /* what is left */
    int                   nargs;

    acct_ruleset_t       *sets[CLI_RULES_MAX];
    unsigned              nsets;
    acct_workspace_t     *workspace;
} cli_t;


typedef struct {
    const char           *name;
    const char           *args;
    const char           *purpose;
    unsigned              bit;          /* for the options' table */
    int                 (*run)(cli_t *cli);
} cli_command_t;


#define CLI_LINT        0x01u
#define CLI_TEST        0x02u
#define CLI_SCAN        0x04u
#define CLI_INSPECT     0x08u
#define CLI_VIEW        0x10u
#define CLI_COMPILE     0x20u
#define CLI_SHOW        0x40u
#define CLI_EXPLAIN     0x80u
#define CLI_DIFF        0x100u
#define CLI_SCHEMA      0x200u
#define CLI_FMT         0x400u
#define CLI_IMPORT      0x800u


int cli_lint(cli_t *cli);
int cli_test(cli_t *cli);
int cli_scan(cli_t *cli);
int cli_inspect(cli_t *cli);
int cli_view(cli_t *cli);
int cli_compile(cli_t *cli);
int cli_show(cli_t *cli);
int cli_explain(cli_t *cli);
int cli_diff(cli_t *cli);
int cli_schema(cli_t *cli);
int cli_fmt(cli_t *cli);
int cli_import(cli_t *cli);


/* "acctinfo: ..." on standard error; returns CLI_USAGE */

int cli_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));


/* What each rule costs, on standard output */

int cli_cost(const acct_packs_t *packs, acct_diags_t *diags);


/* Diagnostics on standard error, one a line; ctx is not used */

void cli_diag(void *ctx, const acct_diag_t *d);


/*
 * Loads the rule sets of -r or the default ones, closes the policy, makes the
 * workspace.  CLI_OK, or what to exit with.
 */

int cli_open(cli_t *cli);
void cli_close(cli_t *cli);


/* An inspection under the options, or NULL: was told */

acct_inspect_t *cli_inspection(cli_t *cli);


/* The default wires of the logical fields */

int cli_default_wires(acct_policy_t *policy);


/* The input: the one FILE that is left, or standard input; NULL: was told */

FILE *cli_input(cli_t *cli);


/*
 * Writes the verdict of an inspection as a line.  out is reused; extra as in
 * acct_report().
 */

int cli_report(acct_buf_t *out, const acct_inspect_t *in, acct_str_t extra);


/* The same for a whole buffer of text; CLI_USAGE when it cannot be written */

int cli_write(acct_buf_t *out);


/*
 * Lines of any length, in pieces.  next() yields a piece and whether it ends
 * a line; a file's last line need not end with LF.
 */

typedef struct {
    FILE                 *f;
    uint8_t              *buf;
    size_t                pos;
    size_t                len;
    unsigned              begun;        /* a line has been begun */
    unsigned              eof;
} cli_lines_t;


int cli_lines_open(cli_lines_t *l, FILE *f);
void cli_lines_close(cli_lines_t *l);

/* 1: a piece; 0: the end of the file; -1: an error, told */

int cli_lines_next(cli_lines_t *l, acct_str_t *piece, unsigned *end);


/*
 * Whole lines, of at most max bytes: each is handed over without its end.
 * name is what an error names.  Any return but CLI_OK ends it.
 */

typedef int (*cli_line_pt)(void *ctx, acct_str_t line);

int cli_each_line(FILE *f, const char *name, size_t max, cli_line_pt handler,
    void *ctx);


/* The one file, or the *.txt of a folder in the order of their names */

typedef int (*cli_file_pt)(void *ctx, const char *path);

int cli_each_text(const char *path, cli_file_pt handler, void *ctx);


/* How to tell what became of something that a rule looks for */

typedef struct {
    const char           *word;
    const char           *colour;
    const char           *why;          /* begins with a comma, or is empty */
} cli_outcome_t;

const cli_outcome_t *cli_outcome(const acct_trace_t *t);


#endif /* CLI_H_INCLUDED */
