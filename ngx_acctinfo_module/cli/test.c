
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acctinfo test: every rule's own examples, then the ordinary texts; TAP.
 *
 * An example is tried with every level and trial rules acting, and asks for
 * its own rule: whether it matched, and which action it took.  A rule without
 * which each of its examples would get what it gets is not needed: it could be
 * deleted, and nothing would fail.  An ordinary text is tried as it would be
 * by default, and asks that nothing acts.
 */


#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "cli.h"


#define CLI_FAILURES_SHOWN    20        /* of one file of ordinary texts */


typedef struct {
    cli_t                *cli;
    acct_ruleset_t       *rs;
    acct_inspect_t       *in;           /* under cli->policy */
    const acct_pack_rule_t  *rule;      /* whose failure is told */
    unsigned              tests;
    unsigned              failures;
} cli_test_t;


static void
cli_test_result(cli_test_t *t, int passed, const char *name, size_t n)
{
    printf("%sok %u - %.*s\n", passed ? "" : "not ", ++t->tests, (int) n, name);

    t->failures += !passed;
}


/*
 * The strongest action of a rule's matches in a verdict, or of those of all
 * the others that act wherever it does; ACCT_ACTIONS where there is none.
 * Weights are learned anew now and then: they take no rule's place.
 */

static unsigned
cli_test_action(const acct_verdict_t *v, const acct_pack_rule_t *r,
    unsigned others)
{
    unsigned              i, action;
    const acct_match_t   *m;

    action = ACCT_ACTIONS;

    for (i = 0; i < v->matches.n; i++) {
        m = acct_matches_get(v, &v->matches, i);

        if (others ? m->rule->level > r->level || m->rule->trial
                     || m->rule->weighs || acct_str_eq(m->rule->id, r->id)
                   : !acct_str_eq(m->rule->id, r->id))
        {
            continue;
        }

        if (action == ACCT_ACTIONS || m->action > action) {
            action = m->action;
        }
    }

    return action;
}


/* An example for "joined" holds the values of a request, one a line */

static int
cli_test_joined(cli_test_t *t, acct_str_t value)
{
    size_t          n;
    unsigned        i, field;
    const uint8_t  *lf;

    static const acct_str_t  fields[] = {
        acct_string("name"), acct_string("signature"), acct_string("profile")
    };

    acct_inspect_reset(t->in);

    for (i = 0; value.len; i += i < 2) {
        lf = memchr(value.data, '\n', value.len);
        n = lf ? (size_t) (lf - value.data) : value.len;
        field = acct_policy_field(t->cli->policy, fields[i]);

        if (field == ACCT_FIELDS_MAX) {
            return cli_error("too many names of fields");
        }

        if (acct_inspect_value(t->in, field, fields[i],
                               (acct_str_t) { value.data, n })
            == ACCT_ERROR)
        {
            return cli_error("out of memory, or the scan failed");
        }

        n += lf != NULL;
        value.data += n;
        value.len -= n;
    }

    if (acct_inspect_end(t->in) == ACCT_ERROR) {
        return cli_error("out of memory, or the scan failed");
    }

    return CLI_OK;
}


static int
cli_test_value(cli_test_t *t, acct_str_t field, acct_str_t value)
{
    unsigned  i;

    if (acct_str_eq(field, acct_joined)) {
        return cli_test_joined(t, value);
    }

    i = acct_policy_field(t->cli->policy, field);

    if (i == ACCT_FIELDS_MAX) {
        return cli_error("too many names of fields");
    }

    acct_inspect_reset(t->in);

    if (acct_inspect_value(t->in, i, field, value) == ACCT_ERROR) {
        return cli_error("out of memory, or the scan failed");
    }

    return CLI_OK;
}


static int
cli_test_name(acct_buf_t *name, const acct_pack_rule_t *r, const char *what,
    acct_str_t text)
{
    name->len = 0;

    if (acct_buf_append(name, r->id.data, r->id.len) != ACCT_OK
        || acct_buf_append(name, " ", 1) != ACCT_OK
        || acct_buf_append(name, what, strlen(what)) != ACCT_OK
        || acct_buf_append(name, " ", 1) != ACCT_OK
        || acct_report_string(name, text) != ACCT_OK)
    {
        return cli_error("out of memory");
    }

    return CLI_OK;
}


/* where the rule came near what it was tried on, and why it did not match */

static void
cli_test_trace(void *ctx, const acct_trace_t *trace)
{
    cli_test_t *t = ctx;

    if (!acct_str_eq(trace->rule->id, t->rule->id)
        || trace->outcome == ACCT_TRACE_WEIGHED)
    {
        return;
    }

    if (trace->least) {
        printf("#   its terms weigh %d of %u", (int) trace->weight,
               trace->least);

    } else {
        printf("#   a word of it is there");
    }

    if (trace->end) {
        printf(" at [%llu,%llu]%s", (unsigned long long) trace->start,
               (unsigned long long) trace->end,
               trace->evasive ? ", evasive" : "");
    }

    printf("%s\n", cli_outcome(trace)->why);
}


static int
cli_test_tell(cli_test_t *t, const acct_pack_rule_t *r, acct_str_t field,
    acct_str_t value, acct_buf_t *buf)
{
    int           rc;
    acct_text_t  *text;

    t->rule = r;
    buf->len = 0;

    if (acct_report(buf, t->in, (acct_str_t) acct_null_string) == ACCT_OK) {
        printf("# %.*s\n", (int) buf->len, (const char *) buf->data);
    }

    buf->len = 0;
    text = acct_text_create(&acct_heap);

    if (text && acct_text_render(text, r->view, value, buf, NULL) == ACCT_OK) {
        printf("# view %s: %.*s\n",
               (const char *) acct_views[r->view].name.data, (int) buf->len,
               (const char *) buf->data);
    }

    acct_text_destroy(text);

    acct_inspect_trace(t->in, cli_test_trace, t);
    rc = cli_test_value(t, field, value);
    acct_inspect_trace(t->in, NULL, NULL);

    return rc;
}


static int
cli_test_examples(cli_test_t *t, const acct_pack_rule_t *r,
    const acct_examples_t *examples, unsigned match, acct_buf_t *name)
{
    int                    passed;
    size_t                 i;
    unsigned               action, others, needed;
    acct_str_t             field;
    const acct_verdict_t  *v;
    const acct_example_t  *e;

    needed = 0;

    for (i = 0; i < examples->n; i++) {
        e = &examples->elts[i];
        field = e->field;

        if (field.len == 0) {
            field = r->fields.n ? r->fields.elts[0] : acct_str("name");
        }

        if (cli_test_value(t, field, e->text) != CLI_OK
            || cli_test_name(name, r, match ? "match" : "pass", e->text)
               != CLI_OK)
        {
            return CLI_USAGE;
        }

        v = acct_inspect_verdict(t->in);
        action = cli_test_action(v, r, 0);
        others = cli_test_action(v, r, 1);
        needed |= others == ACCT_ACTIONS || others < action;

        passed = match ? action != ACCT_ACTIONS : action == ACCT_ACTIONS;

        if (match && passed && e->action != ACCT_ACTIONS) {
            passed = action == e->action;

        } else if (passed && e->action != ACCT_ACTIONS) {
            passed = v->action == e->action;
        }

        cli_test_result(t, passed, (const char *) name->data, name->len);

        if (passed) {
            continue;
        }

        printf("# %s:%u: the rule %s%s, expected %s%s\n", r->file, e->line,
               action == ACCT_ACTIONS ? "did not match" : "matched: ",
               action == ACCT_ACTIONS ? ""
               : (const char *) acct_actions[action].data,
               match ? "a match" : "no match",
               e->action == ACCT_ACTIONS ? "" : " and another action");

        if (cli_test_tell(t, r, field, e->text, name) != CLI_OK) {
            return CLI_USAGE;
        }
    }

    if (match && !needed) {
        cli_test_result(t, 0, (const char *) r->id.data, r->id.len);
        printf("# %s:%u: the rule is not needed: without it each of its "
               "examples would get the same from others\n", r->file, r->line);
    }

    return CLI_OK;
}


/* "# field: NAME" at the head of a file says what its lines are */

static int
cli_test_comment(acct_str_t line, acct_str_t *field, char *buf, size_t size)
{
    static const acct_str_t  head = acct_string("# field: ");

    if (line.len == 0 || line.data[0] != '#') {
        return 0;
    }

    if (line.len > head.len && line.len - head.len < size
        && memcmp(line.data, head.data, head.len) == 0)
    {
        memcpy(buf, line.data + head.len, line.len - head.len);
        field->data = (const uint8_t *) buf;
        field->len = line.len - head.len;
    }

    return 1;
}


typedef struct {
    cli_test_t           *test;
    acct_str_t            field;
    char                  buf[ACCT_FIELD_NAME_MAX + 1];
    size_t                lines;
    size_t                touched;
} cli_ordinary_t;


static int
cli_test_line(void *ctx, acct_str_t value)
{
    cli_ordinary_t        *o;
    const acct_verdict_t  *v;

    o = ctx;

    if (cli_test_comment(value, &o->field, o->buf, sizeof(o->buf))) {
        return CLI_OK;
    }

    if (cli_test_value(o->test, o->field, value) != CLI_OK) {
        return CLI_USAGE;
    }

    o->lines++;
    v = acct_inspect_verdict(o->test->in);

    if (v->action != ACCT_PASS && o->touched++ < CLI_FAILURES_SHOWN) {
        printf("# %.*s: %s by %.*s\n", (int) value.len,
               (const char *) value.data,
               (const char *) acct_actions[v->action].data,
               (int) v->decider.rule->id.len,
               (const char *) v->decider.rule->id.data);
    }

    return CLI_OK;
}


static int
cli_test_file(void *ctx, const char *path)
{
    int              rc;
    FILE            *f;
    cli_test_t      *t;
    cli_ordinary_t   o;

    t = ctx;
    f = fopen(path, "rb");

    if (f == NULL) {
        return cli_error("%s: %s", path, strerror(errno));
    }

    memset(&o, 0, sizeof(cli_ordinary_t));

    o.test = t;
    o.field = acct_str("name");

    rc = cli_each_line(f, path, 1024 * 1024, cli_test_line, &o);

    fclose(f);

    if (rc != CLI_OK) {
        return rc;
    }

    if (o.touched > CLI_FAILURES_SHOWN) {
        printf("# and %zu more\n", o.touched - CLI_FAILURES_SHOWN);
    }

    printf("%sok %u - %s: %zu of %zu ordinary lines touched\n",
           o.touched ? "not " : "", ++t->tests, path, o.touched, o.lines);

    t->failures += o.touched != 0;

    return CLI_OK;
}


/* a folder of packs may bring its own ordinary texts */

static int
cli_test_rules(cli_test_t *t, const char *path)
{
    int                  rc;
    char                 ordinary[PATH_MAX];
    size_t               i;
    unsigned             act, watch;
    acct_buf_t           name;
    acct_diags_t         diags = { cli_diag, NULL, 0, 0 };
    struct stat          st;
    acct_policy_t       *policy;
    const acct_packs_t  *packs;

    t->rs = acct_ruleset_load(path, &diags);

    if (t->rs == NULL) {
        return CLI_USAGE;
    }

    policy = t->cli->policy;
    act = policy->act;
    watch = policy->watch;

    t->in = acct_inspect_create(&acct_heap, policy, &t->rs, 1,
                                t->cli->workspace);
    if (t->in == NULL) {
        acct_ruleset_release(t->rs);
        return cli_error("out of memory");
    }

    acct_buf_init(&name, &acct_heap, 2 * ACCT_REPORT_MAX);

    packs = acct_ruleset_packs(t->rs);
    rc = CLI_OK;

    policy->trial = 1;
    (void) acct_policy_level(policy, 3, 3);

    for (i = 0; i < packs->nrules && rc == CLI_OK; i++) {
        if (packs->rules[i].stage == ACCT_STAGE_RETIRED) {
            continue;
        }

        rc = cli_test_examples(t, &packs->rules[i], &packs->rules[i].match, 1,
                               &name);
        if (rc == CLI_OK) {
            rc = cli_test_examples(t, &packs->rules[i], &packs->rules[i].pass,
                                   0, &name);
        }
    }

    policy->trial = 0;
    (void) acct_policy_level(policy, act, watch);

    snprintf(ordinary, sizeof(ordinary), "%s/ordinary", path);

    if (rc == CLI_OK && t->cli->ordinary) {
        rc = cli_each_text(t->cli->ordinary, cli_test_file, t);

    } else if (rc == CLI_OK && stat(ordinary, &st) == 0) {
        rc = cli_each_text(ordinary, cli_test_file, t);
    }

    acct_buf_free(&name);
    acct_inspect_destroy(t->in);
    acct_ruleset_release(t->rs);

    return rc;
}


int
cli_test(cli_t *cli)
{
    int         i, rc;
    cli_test_t  t;

    if (cli->nargs == 0) {
        return cli_error("test: RULES is missing");
    }

    memset(&t, 0, sizeof(cli_test_t));

    t.cli = cli;
    cli->workspace = acct_workspace_create(&acct_heap);

    if (cli->workspace == NULL || acct_policy_ready(cli->policy) != ACCT_OK) {
        return cli_error("out of memory");
    }

    rc = CLI_OK;

    for (i = 0; i < cli->nargs && rc == CLI_OK; i++) {
        rc = cli_test_rules(&t, cli->args[i]);
    }

    if (rc != CLI_OK) {
        printf("Bail out!\n");
        return rc;
    }

    printf("1..%u\n", t.tests);

    return t.failures ? CLI_FINDINGS : CLI_OK;
}
