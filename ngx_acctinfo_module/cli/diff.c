
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acctinfo diff: the values whose verdict differs between two rule sets.
 *
 * Each is a line of JSON on standard output; how many there are, by the rule
 * that made the difference, is on standard error, and in a page if one is
 * asked for.
 */


#include <stdlib.h>

#include "cli.h"
#include "cli_page.h"


typedef struct {
    cli_t                *cli;
    acct_policy_t        *policies[2];
    acct_inspect_t       *in[2];
    unsigned              field;
    size_t                lines;
    size_t                differ;
    acct_buf_t            out;
    cli_page_t            page;

    cli_change_t         *changes;
    size_t                n;
    size_t                size;
} cli_diff_t;


/* counts a change; *nth is how often it was met before */

static int
cli_diff_count(cli_diff_t *d, acct_str_t id, unsigned was, unsigned is,
    size_t *nth)
{
    size_t         i, size;
    cli_change_t  *c;

    for (i = 0; i < d->n; i++) {
        c = &d->changes[i];

        if (acct_str_eq(c->id, id) && c->was == was && c->is == is) {
            *nth = c->n++;
            return CLI_OK;
        }
    }

    if (d->n == d->size) {
        size = d->size ? d->size * 2 : 32;
        c = realloc(d->changes, size * sizeof(cli_change_t));

        if (c == NULL) {
            return cli_error("out of memory");
        }

        d->changes = c;
        d->size = size;
    }

    c = &d->changes[d->n++];

    c->id = id;
    c->was = was;
    c->is = is;
    c->n = 1;
    *nth = 0;

    return CLI_OK;
}


static int
cli_diff_cmp(const void *one, const void *two)
{
    const cli_change_t  *a, *b;

    a = one;
    b = two;

    if (a->n != b->n) {
        return a->n > b->n ? -1 : 1;
    }

    return acct_str_cmp(a->id, b->id);
}


static int
cli_diff_side(acct_buf_t *out, const char *name, const acct_verdict_t *v)
{
    int  n;
    char buf[64];

    n = snprintf(buf, sizeof(buf), ",\"%s\":{\"action\":\"%s\",\"rule\":", name,
                 (const char *) acct_actions[v->action].data);

    if (acct_buf_append(out, buf, (size_t) n) != ACCT_OK) {
        return ACCT_ERROR;
    }

    if (v->decider.rule == NULL) {
        return acct_buf_append(out, "null}", 5);
    }

    if (acct_report_string(out, v->decider.rule->id) != ACCT_OK) {
        return ACCT_ERROR;
    }

    return acct_buf_append(out, "}", 1);
}


static int
cli_diff_value(void *ctx, acct_str_t value)
{
    size_t                 nth;
    unsigned               i;
    acct_buf_t            *out;
    acct_str_t             id = acct_null_string;
    cli_diff_t            *d;
    const acct_rule_t     *a, *b;
    const acct_verdict_t  *v[2];

    d = ctx;
    out = &d->out;
    nth = 0;

    for (i = 0; i < 2; i++) {
        acct_inspect_reset(d->in[i]);

        if (acct_inspect_value(d->in[i], d->field, id, value) == ACCT_ERROR) {
            return cli_error("out of memory, or the scan failed");
        }

        v[i] = acct_inspect_verdict(d->in[i]);
    }

    d->lines++;

    a = v[0]->decider.rule;
    b = v[1]->decider.rule;

    if (v[0]->action == v[1]->action
        && (a == NULL) == (b == NULL)
        && (a == NULL || acct_str_eq(a->id, b->id)))
    {
        return CLI_OK;
    }

    d->differ++;

    /* the new rule did it, or the old one that is gone or weaker */

    id = b && (a == NULL || v[1]->action >= v[0]->action) ? b->id : a->id;

    out->len = 0;

    if (acct_buf_append(out, "{\"value\":", 9) != ACCT_OK
        || acct_report_string(out, value) != ACCT_OK
        || cli_diff_side(out, "old", v[0]) != ACCT_OK
        || cli_diff_side(out, "new", v[1]) != ACCT_OK
        || acct_buf_append(out, ",\"by\":", 6) != ACCT_OK
        || acct_report_string(out, id) != ACCT_OK
        || acct_buf_append(out, "}\n", 2) != ACCT_OK)
    {
        return cli_error("out of memory");
    }

    if (cli_write(out) != CLI_OK) {
        return CLI_USAGE;
    }

    if (cli_diff_count(d, id, v[0]->action, v[1]->action, &nth) != CLI_OK) {
        return CLI_USAGE;
    }

    return d->cli->html ? cli_page_add(&d->page, value, id, v[0]->action,
                                       v[1]->action, nth)
                        : CLI_OK;
}


int
cli_diff(cli_t *cli)
{
    int            rc;
    size_t         i;
    cli_diff_t     d;
    acct_str_t     name;
    const char    *names[2];
    cli_change_t  *c;

    if (cli->nargs != 2) {
        return cli_error("diff: OLD and NEW are needed");
    }

    memset(&d, 0, sizeof(cli_diff_t));
    cli_page_init(&d.page);

    d.cli = cli;
    names[0] = cli->args[0];
    names[1] = cli->args[1];
    name = acct_str(cli->field ? cli->field : "name");
    d.field = acct_policy_field(cli->policy, name);

    if (d.field == ACCT_FIELDS_MAX) {
        return cli_error("-f %s: not a field's name", cli->field);
    }

    cli->rules[0] = cli->args[0];
    cli->nrules = 1;
    cli->nargs = 1;

    rc = cli_open(cli);

    if (rc != CLI_OK) {
        return rc;
    }

    /* the other set stands beside it, not with it: ids may be in both */

    cli->rules[0] = cli->args[1];
    cli->sets[1] = acct_ruleset_load(cli->args[1], &(acct_diags_t)
                                     { cli_diag, NULL, 0, 0 });
    if (cli->sets[1] == NULL) {
        return CLI_USAGE;
    }

    cli->nsets = 2;

    /* trial rules act in the new set alone, if at all */

    d.policies[0] = acct_policy_create(&acct_heap);

    if (d.policies[0] == NULL
        || acct_policy_field(d.policies[0], name) == ACCT_FIELDS_MAX
        || acct_policy_level(d.policies[0], cli->policy->act,
                             cli->policy->watch) != ACCT_OK
        || acct_policy_ready(d.policies[0]) != ACCT_OK)
    {
        acct_policy_destroy(d.policies[0]);
        return cli_error("out of memory");
    }

    d.field = 0;
    d.policies[1] = cli->policy;

    for (i = 0; i < 2; i++) {
        d.in[i] = acct_inspect_create(&acct_heap, d.policies[i], &cli->sets[i],
                                      1, cli->workspace);
    }

    acct_buf_init(&d.out, &acct_heap, (size_t) 1 << 29);

    rc = d.in[0] && d.in[1]
         ? cli_each_line(stdin, "input", (size_t) 1 << 26, cli_diff_value, &d)
         : cli_error("out of memory");

    if (d.n) {
        qsort(d.changes, d.n, sizeof(cli_change_t), cli_diff_cmp);
    }

    if (rc == CLI_OK) {
        fprintf(stderr, "%zu of %zu values differ\n", d.differ, d.lines);
    }

    for (i = 0; i < d.n && rc == CLI_OK; i++) {
        c = &d.changes[i];

        fprintf(stderr, "%8zu  %.*s  %s -> %s\n", c->n, (int) c->id.len,
                (const char *) c->id.data,
                (const char *) acct_actions[c->was].data,
                (const char *) acct_actions[c->is].data);
    }

    if (rc == CLI_OK && cli->html) {
        rc = cli_page_write(&d.page, cli->html, names, d.changes, d.n,
                            d.differ, d.lines);
    }

    acct_buf_free(&d.out);
    cli_page_free(&d.page);
    free(d.changes);
    acct_inspect_destroy(d.in[0]);
    acct_inspect_destroy(d.in[1]);
    acct_policy_destroy(d.policies[0]);

    return rc == CLI_OK && d.differ ? CLI_FINDINGS : rc;
}
