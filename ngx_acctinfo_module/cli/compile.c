
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acctinfo compile and acctinfo show: the compiled file, written and read.
 */


#include <errno.h>
#include <limits.h>
#include <unistd.h>

#include "acct_compiled.h"
#include "cli.h"


/* A file is there whole or not at all, for nginx may be about to load it */

static int
cli_compile_write(const char *path, const acct_buf_t *out)
{
    int    err;
    char   tmp[PATH_MAX];
    FILE  *f;

    if (snprintf(tmp, sizeof(tmp), "%s.%ld.tmp", path, (long) getpid())
        >= (int) sizeof(tmp))
    {
        return cli_error("%s: the path is too long", path);
    }

    f = fopen(tmp, "wb");

    if (f == NULL) {
        return cli_error("%s: %s", tmp, strerror(errno));
    }

    err = 0;

    if (fwrite(out->data, 1, out->len, f) != out->len
        || fflush(f) != 0 || fsync(fileno(f)) != 0)
    {
        err = errno;
    }

    if (fclose(f) != 0 && err == 0) {
        err = errno;
    }

    if (err == 0 && rename(tmp, path) != 0) {
        err = errno;
    }

    if (err) {
        unlink(tmp);
        return cli_error("%s: %s", path, strerror(err));
    }

    return CLI_OK;
}


int
cli_compile(cli_t *cli)
{
    int              rc;
    acct_buf_t       out;
    acct_diags_t     diags = { cli_diag, NULL, 0, 0 };
    acct_packs_t    *packs;
    acct_ruleset_t  *rs;

    if (cli->nargs == 0 || cli->output == NULL) {
        return cli_error("compile: -o FILE and RULES are needed");
    }

    packs = acct_packs_load_all((const char *const *) cli->args,
                                (size_t) cli->nargs, 0, &diags);
    if (packs == NULL) {
        return CLI_USAGE;
    }

    rs = acct_ruleset_build(packs, 1, NULL, &diags);

    if (rs == NULL) {
        acct_packs_free(packs);
        return CLI_USAGE;
    }

    acct_buf_init(&out, &acct_heap, ACCT_COMPILED_MAX);

    if (acct_compiled_write(&out, rs) != ACCT_OK) {
        rc = cli_error("out of memory, or the file would be larger than 1 GB");

    } else {
        rc = cli_compile_write(cli->output, &out);
    }

    acct_buf_free(&out);
    acct_ruleset_release(rs);

    return rc;
}


int
cli_show(cli_t *cli)
{
    size_t                     i, total;
    unsigned                   view;
    acct_str_t                 s;
    acct_diags_t               diags = { cli_diag, NULL, 0, 0 };
    acct_packs_t              *packs;
    acct_ruleset_t            *rs;
    acct_compiled_t           *file;
    acct_ruleset_view_info_t   info;

    if (cli->nargs != 1) {
        return cli_error("show: one FILE is needed");
    }

    file = acct_compiled_open(cli->args[0], &diags);

    if (file == NULL) {
        return CLI_USAGE;
    }

    packs = acct_compiled_packs(file, &diags);

    if (packs == NULL) {
        acct_compiled_close(file);
        return CLI_USAGE;
    }

    s = acct_compiled_section(file, ACCT_SECTION_LIBRARY, 0);

    printf("serial    %.*s\n", (int) packs->serial.len,
           (const char *) packs->serial.data);
    printf("packs     %s\n", packs->digest);
    printf("file      %s\n", acct_compiled_digest(file));
    printf("library   %.*s%s\n", (int) s.len, (const char *) s.data,
           acct_compiled_foreign(file) ? " (not the one here)" : "");

    s = acct_compiled_section(file, ACCT_SECTION_TABLES, 0);

    printf("tables    Unicode %.*s\n", (int) s.len, (const char *) s.data);

    for (i = 0, total = 0; i < packs->nfiles; i++) {
        printf("%-9s %.*s, %zu bytes\n", i ? "" : "files",
               (int) packs->files[i].name.len,
               (const char *) packs->files[i].name.data,
               packs->files[i].content.len);
    }

    printf("rules     %zu\n", packs->nrules);

    acct_packs_free(packs);
    acct_compiled_close(file);

    rs = acct_ruleset_load(cli->args[0], &diags);

    if (rs == NULL) {
        return CLI_USAGE;
    }

    for (view = 0; view < ACCT_VIEWS; view++) {
        acct_ruleset_view_info(rs, view, &info);

        if (info.uses == 0 && info.weights == 0) {
            continue;
        }

        printf("%-9s %zu words, %zu patterns, %zu weights, %zu bytes\n",
               (const char *) acct_views[view].name.data, info.words,
               info.patterns, info.weights, info.bytes);

        total += info.bytes;
    }

    printf("databases %zu bytes\n", total);

    acct_ruleset_release(rs);

    return CLI_OK;
}
