
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acctinfo lint --cost: what each rule costs, as if it stood alone: bytes of
 * its databases, bytes of scratch that they want, time to compile them.  Words
 * share a database with the other words of their view, so together they cost
 * less; a pattern that costs much alone costs much in company.
 */


#include <stdlib.h>
#include <time.h>

#include "cli.h"


#define CLI_DEAREST    10


typedef struct {
    acct_str_t            id;
    size_t                terms;
    size_t                bytes;
    size_t                scratch;
    double                ms;
} cli_cost_t;


static int
cli_cost_cmp(const void *one, const void *two)
{
    const cli_cost_t  *a, *b;

    a = one;
    b = two;

    if (a->bytes != b->bytes) {
        return a->bytes > b->bytes ? -1 : 1;
    }

    return acct_str_cmp(a->id, b->id);
}


static double
cli_cost_clock(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);

    return (double) ts.tv_sec * 1e3 + (double) ts.tv_nsec / 1e6;
}


/* packs of n rules that borrow their texts from others */

static acct_ruleset_t *
cli_cost_build(const acct_pack_rule_t *rules, size_t n, acct_diags_t *diags)
{
    acct_packs_t    *packs;
    acct_ruleset_t  *rs;

    packs = calloc(1, sizeof(acct_packs_t));

    if (packs) {
        packs->rules = calloc(n, sizeof(acct_pack_rule_t));
    }

    if (packs == NULL || packs->rules == NULL) {
        acct_packs_free(packs);
        cli_error("out of memory");
        return NULL;
    }

    memcpy(packs->rules, rules, n * sizeof(acct_pack_rule_t));
    packs->nrules = n;

    rs = acct_ruleset_build(packs, 0, NULL, diags);

    if (rs == NULL) {
        acct_packs_free(packs);
    }

    return rs;
}


static int
cli_cost_of(cli_cost_t *cost, const acct_pack_rule_t *rules, size_t n,
    acct_diags_t *diags)
{
    double                     before;
    unsigned                   view;
    acct_ruleset_t            *rs;
    acct_scratch_t            *scratch;
    acct_ruleset_view_info_t   info;

    memset(cost, 0, sizeof(cli_cost_t));

    before = cli_cost_clock();
    rs = cli_cost_build(rules, n, diags);
    cost->ms = cli_cost_clock() - before;

    scratch = acct_scratch_create(&acct_heap);

    if (rs == NULL || scratch == NULL
        || acct_scratch_fit(scratch, rs) != ACCT_OK)
    {
        acct_ruleset_release(rs);
        acct_scratch_destroy(scratch);
        return CLI_USAGE;
    }

    for (view = 0; view < ACCT_VIEWS; view++) {
        acct_ruleset_view_info(rs, view, &info);
        cost->bytes += info.bytes;
        cost->terms += info.words + info.patterns + info.weights;
    }

    cost->scratch = acct_scratch_size(scratch);

    acct_ruleset_release(rs);
    acct_scratch_destroy(scratch);

    return CLI_OK;
}


static void
cli_cost_print(const cli_cost_t *c)
{
    printf("%-16.*s %8zu %12zu %10zu %10.1f\n", (int) c->id.len,
           (const char *) c->id.data, c->terms, c->bytes, c->scratch, c->ms);
}


int
cli_cost(const acct_packs_t *packs, acct_diags_t *diags)
{
    int          rc;
    size_t       i, n;
    cli_cost_t   all, *costs;

    costs = calloc(packs->nrules + 1, sizeof(cli_cost_t));

    if (costs == NULL) {
        return cli_error("out of memory");
    }

    rc = CLI_OK;

    for (i = 0, n = 0; i < packs->nrules && rc == CLI_OK; i++) {
        if (packs->rules[i].stage == ACCT_STAGE_RETIRED) {
            continue;
        }

        rc = cli_cost_of(&costs[n], &packs->rules[i], 1, diags);
        costs[n++].id = packs->rules[i].id;
    }

    if (rc == CLI_OK && packs->nrules) {
        rc = cli_cost_of(&all, packs->rules, packs->nrules, diags);
    }

    if (rc == CLI_OK && n) {
        qsort(costs, n, sizeof(cli_cost_t), cli_cost_cmp);

        printf("%-16s %8s %12s %10s %10s\n", "rule, alone", "terms", "database",
               "scratch", "compile");
        printf("%-16s %8s %12s %10s %10s\n", "", "", "bytes", "bytes", "ms");

        for (i = 0; i < n; i++) {
            if (i == CLI_DEAREST) {
                printf("these are the ten dearest\n");
            }

            cli_cost_print(&costs[i]);
        }

        all.id = acct_str("all together");
        cli_cost_print(&all);
    }

    free(costs);

    return rc;
}
