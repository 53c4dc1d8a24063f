
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acctinfo explain: the input of scan, or of inspect if -t is given, told to a
 * person: the values, what each view makes of them, what was found, what came
 * near, and what was decided.
 */


#include <stdlib.h>
#include <unistd.h>

#include "cli.h"


#define CLI_EXPLAIN_MAX    ((size_t) 1 << 26)
#define CLI_EXPLAIN_TERMS  256          /* of one value that are remembered */
#define CLI_EXPLAIN_SHOWN  12           /* of a rule: those that say the most */


typedef struct {
    cli_t                *cli;
    acct_inspect_t       *in;
    acct_text_t          *text;
    acct_text_t          *second;
    acct_buf_t            values[ACCT_SLOTS];
    unsigned              fields[ACCT_SLOTS];
    unsigned              open;
    acct_buf_t            view;
    acct_trace_t          terms[CLI_EXPLAIN_TERMS];
    unsigned              nterms;
    const acct_buf_t     *value;        /* that was closed last */
    unsigned              colour;
} cli_explain_t;


static const cli_outcome_t  cli_outcomes[] = {
    { "found", "\033[1m", "" },
    { "found", "", ", excused by what is vouched for" },
    { "found", "", ", but its level or the operator passes it over" },
    { "near", "\033[2m", ", but letters or digits stand against it" },
    { "near", "\033[2m", ", but an exception covers it" },
    { "near", "\033[2m", ", but nothing that it asks for stands beside it" },
    { "near", "\033[2m", ", but what excuses it stands near" },
    { "near", "\033[2m", ", but its check does not hold" },
    { "near", "\033[2m", ", within one field, which has reported it" },
    { "near", "\033[2m", ", too light" },
    { "weighed", "\033[2m", "" }
};


static int cli_explain_open(void *ctx, const acct_value_info_t *info,
    unsigned *slot);
static int cli_explain_data(void *ctx, unsigned slot, const uint8_t *p,
    size_t n);
static int cli_explain_close(void *ctx, unsigned slot, const uint8_t *p,
    size_t n);


static const acct_body_sink_t  cli_explain_sink = {
    cli_explain_open, cli_explain_data, cli_explain_close, NULL
};


static const char *
cli_colour(const cli_explain_t *x, const char *colour)
{
    return x->colour ? colour : "";
}


/* text for a terminal: control characters are shown, not obeyed */

static void
cli_explain_print(const uint8_t *p, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        if (p[i] < 0x20 || p[i] == 0x7f) {
            printf("\\x%02x", p[i]);

        } else {
            putchar(p[i]);
        }
    }
}


static int
cli_explain_open(void *ctx, const acct_value_info_t *info, unsigned *slot)
{
    unsigned        i;
    acct_str_t      name;
    cli_explain_t  *x;

    x = ctx;

    for (i = 0; x->open & (1u << i); i++) { /* void */ }

    if (i == ACCT_SLOTS) {
        return ACCT_ERROR;
    }

    x->open |= 1u << i;
    x->fields[i] = info->field;
    x->values[i].len = 0;
    x->nterms = 0;
    *slot = i;

    name = acct_policy_field_name(x->cli->policy, info->field);

    if (x->cli->type) {
        printf("%sfield%s     %.*s, from %s\"", cli_colour(x, "\033[36m"),
               cli_colour(x, "\033[0m"), (int) name.len,
               (const char *) name.data, info->query ? "the query's " : "");
        cli_explain_print(info->key.data, info->key.len);
        printf("\"%s\n", info->filename.data ? ", a file's part" : "");
    }

    return ACCT_OK;
}


static int
cli_explain_data(void *ctx, unsigned slot, const uint8_t *p, size_t n)
{
    cli_explain_t  *x;

    x = ctx;

    return acct_buf_append(&x->values[slot], p, n);
}


/* every view that some rule reads for the field */

static int
cli_explain_close(void *ctx, unsigned slot, const uint8_t *p, size_t n)
{
    uint64_t        mask;
    unsigned        i, views, view, evasive, worn;
    acct_str_t      name, value;
    cli_explain_t  *x;

    x = ctx;
    x->open &= ~(1u << slot);

    if (acct_buf_append(&x->values[slot], p, n) != ACCT_OK) {
        return ACCT_ERROR;
    }

    x->value = &x->values[slot];
    value.data = x->value->data;
    value.len = x->value->len;
    name = acct_policy_field_name(x->cli->policy, x->fields[slot]);

    printf("%-10.*s", (int) name.len, (const char *) name.data);
    cli_explain_print(value.data, value.len);
    putchar('\n');

    if (acct_inspect_verdict(x->in)->action == ACCT_REJECT) {
        printf("  not scanned: a field before it was refused\n");
        return ACCT_OK;
    }

    views = 0;

    for (i = 0; i < x->cli->nsets; i++) {
        views |= acct_ruleset_views(x->cli->sets[i], name, &mask);
    }

    for (view = 0; view < ACCT_VIEWS; view++) {

        if (!(views & acct_view_bit(view))) {
            continue;
        }

        x->view.len = 0;

        if (acct_text_render(x->text, view, value, &x->view, &evasive)
            != ACCT_OK)
        {
            return ACCT_ERROR;
        }

        printf("  %-8s", (const char *) acct_views[view].name.data);
        cli_explain_print(x->view.data, x->view.len);
        printf("%s\n", evasive ? "   (evasive)" : "");
    }

    x->view.len = 0;

    if (acct_text_render_unmasked(x->text, x->second, ACCT_VIEW_BASE, value,
                                  &x->view, &worn)
        != ACCT_OK)
    {
        return ACCT_ERROR;
    }

    if (worn) {
        printf("  unmasked ");
        cli_explain_print(x->view.data, x->view.len);
        putchar('\n');
    }

    return ACCT_OK;
}


const cli_outcome_t *
cli_outcome(const acct_trace_t *t)
{
    return &cli_outcomes[t->outcome];
}


static int
cli_explain_heavier(const void *one, const void *two)
{
    int                  a, b;
    const acct_trace_t  *s, *t;

    s = one;
    t = two;
    a = abs(s->weight);
    b = abs(t->weight);

    return a != b ? b - a : (s->start > t->start) - (s->start < t->start);
}


/* what spoke for a rule that weighs and against it, the heaviest first */

static void
cli_explain_terms(cli_explain_t *x, const acct_trace_t *t)
{
    unsigned             i, n, shown, against;
    const acct_trace_t  *term;

    if (x->value == NULL) {
        return;
    }

    qsort(x->terms, x->nterms, sizeof(acct_trace_t), cli_explain_heavier);

    for (against = 0; against < 2; against++) {

        for (i = 0, n = 0, shown = 0; i < x->nterms; i++) {
            term = &x->terms[i];

            if (term->rule != t->rule || term->unmasked != t->unmasked
                || (term->weight < 0) != (against != 0)
                || term->end > x->value->len)
            {
                continue;
            }

            if (++n > CLI_EXPLAIN_SHOWN) {
                continue;
            }

            printf("%s", shown++ ? ", " : against ? "           against  "
                                                  : "           for it   ");
            cli_explain_print(x->value->data + term->start,
                              (size_t) (term->end - term->start));
            printf(" %d", (int) term->weight);
        }

        if (n > CLI_EXPLAIN_SHOWN) {
            printf(", and %u more", n - CLI_EXPLAIN_SHOWN);
        }

        if (n) {
            putchar('\n');
        }
    }
}


static void
cli_explain_trace(void *ctx, const acct_trace_t *t)
{
    cli_explain_t        *x;
    const acct_rule_t    *r;
    const cli_outcome_t  *o;

    x = ctx;

    if (t->outcome == ACCT_TRACE_WEIGHED) {
        if (x->nterms < CLI_EXPLAIN_TERMS) {
            x->terms[x->nterms++] = *t;
        }

        return;
    }

    r = t->rule;
    o = cli_outcome(t);

    printf("  %s%-8s%.*s in %s", cli_colour(x, o->colour), o->word,
           (int) r->id.len, (const char *) r->id.data,
           (const char *) acct_views[r->view].name.data);

    if (t->end) {
        printf(" [%llu,%llu]", (unsigned long long) t->start,
               (unsigned long long) t->end);
    }

    if (t->unmasked) {
        printf(", its masks off");
    }

    if (t->outcome == ACCT_TRACE_MATCHED) {
        printf(": %s%s%s", (const char *) acct_actions[t->evasive ? r->evasive
                                                       : r->action].data,
               t->evasive ? ", evasive" : "", r->trial ? ", on trial" : "");
    }

    printf("%s", o->why);

    if (t->least) {
        printf(", weighs %d of %u", (int) t->weight, t->least);
    }

    if (r->message.len) {
        printf("  %.*s", (int) r->message.len, (const char *) r->message.data);
    }

    printf("%s\n", cli_colour(x, *o->colour ? "\033[0m" : ""));

    if (t->least) {
        cli_explain_terms(x, t);
    }
}


static void
cli_explain_verdict(const cli_explain_t *x)
{
    acct_buf_t             flags;
    acct_decision_t        d;
    const acct_verdict_t  *v;

    v = acct_inspect_verdict(x->in);

    acct_decide(v, x->cli->policy, &d);
    acct_buf_init(&flags, &acct_heap, ACCT_REPORT_MAX);
    (void) acct_report_flags(&flags, v->flags);

    printf("  %s%-8s%s", cli_colour(x, v->action == ACCT_REJECT ? "\033[31m"
                                      : v->action == ACCT_PASS ? "\033[32m"
                                      : "\033[33m"),
           "verdict", (const char *) acct_actions[v->action].data);

    if (v->decider.rule) {
        printf(" by %.*s (%.*s)", (int) v->decider.rule->id.len,
               (const char *) v->decider.rule->id.data,
               (int) v->decider.rule->reason.len,
               v->decider.rule->reason.len
               ? (const char *) v->decider.rule->reason.data : "");
    }

    printf("%s", cli_colour(x, "\033[0m"));

    if (flags.len) {
        printf("; flags %.*s", (int) flags.len, (const char *) flags.data);
    }

    if (d.status) {
        printf("; refused with %u for %.*s", d.status, (int) d.reason.len,
               (const char *) d.reason.data);
    }

    printf("\n");

    acct_buf_free(&flags);
}


static int
cli_explain_values(cli_explain_t *x, FILE *f)
{
    int          rc, more;
    unsigned     field, slot, end, begun, shown;
    acct_str_t   name, piece;
    cli_lines_t  lines;

    if (cli_lines_open(&lines, f) != CLI_OK) {
        return CLI_USAGE;
    }

    shown = 0;
    name = acct_str(x->cli->field ? x->cli->field : "name");
    field = acct_policy_field_find(x->cli->policy, name);
    begun = 0;
    slot = 0;

    for ( ;; ) {
        more = cli_lines_next(&lines, &piece, &end);

        if (more <= 0) {
            rc = more ? CLI_USAGE : CLI_OK;
            break;
        }

        rc = ACCT_OK;

        if (!begun) {
            if (shown) {
                putchar('\n');
            }

            acct_inspect_reset(x->in);
            rc = acct_inspect_value_open(x->in, field, name, &slot);
        }

        begun = !end;

        if (rc == ACCT_OK) {
            rc = end ? acct_inspect_value_close(x->in, slot, piece.data,
                                                piece.len)
                     : acct_inspect_value_data(x->in, slot, piece.data,
                                               piece.len);
        }

        if (rc == ACCT_ERROR) {
            rc = cli_error("out of memory, or a value is longer than 64 MB");
            break;
        }

        if (end) {
            cli_explain_verdict(x);
            shown = 1;
        }
    }

    cli_lines_close(&lines);

    return rc;
}


static int
cli_explain_body(cli_explain_t *x, FILE *f)
{
    int               rc;
    size_t            n;
    uint8_t           buf[16384];
    acct_str_t        type, encoding;
    acct_body_info_t  info;

    type = acct_str(x->cli->type);
    encoding = acct_str(x->cli->encoding);

    memset(&info, 0, sizeof(acct_body_info_t));

    info.length = -1;

    if (type.len) {
        info.type = type;
    }

    if (encoding.len) {
        info.encoding = encoding;
    }

    rc = ACCT_OK;

    if (x->cli->query) {
        rc = acct_inspect_query(x->in, acct_str(x->cli->query));
    }

    if (rc == ACCT_OK) {
        rc = acct_inspect_begin(x->in, &info);
    }

    while (rc == ACCT_OK) {
        n = fread(buf, 1, sizeof(buf), f);

        if (n == 0) {
            rc = acct_inspect_end(x->in);
            break;
        }

        rc = acct_inspect_feed(x->in, buf, n);
    }

    if (rc == ACCT_ERROR) {
        return cli_error("out of memory, or a value is longer than 64 MB");
    }

    cli_explain_verdict(x);

    return CLI_OK;
}


int
cli_explain(cli_t *cli)
{
    int            rc;
    FILE          *f;
    unsigned       i;
    cli_explain_t  x;

    if (cli->field
        && acct_policy_field(cli->policy, acct_str(cli->field))
           == ACCT_FIELDS_MAX)
    {
        return cli_error("-f %s: not a field's name", cli->field);
    }

    rc = cli_open(cli);

    if (rc != CLI_OK) {
        return rc;
    }

    f = cli_input(cli);

    if (f == NULL) {
        return CLI_USAGE;
    }

    memset(&x, 0, sizeof(cli_explain_t));

    x.cli = cli;
    x.colour = isatty(STDOUT_FILENO) != 0;
    x.text = acct_text_create(&acct_heap);
    x.second = acct_text_create(&acct_heap);
    x.in = x.text && x.second ? cli_inspection(cli) : NULL;

    acct_buf_init(&x.view, &acct_heap, 6 * CLI_EXPLAIN_MAX);

    for (i = 0; i < ACCT_SLOTS; i++) {
        acct_buf_init(&x.values[i], &acct_heap, CLI_EXPLAIN_MAX);
    }

    if (x.in) {
        acct_inspect_observe(x.in, &cli_explain_sink, &x);
        acct_inspect_trace(x.in, cli_explain_trace, &x);

        rc = cli->type ? cli_explain_body(&x, f) : cli_explain_values(&x, f);

    } else {
        rc = CLI_USAGE;
    }

    for (i = 0; i < ACCT_SLOTS; i++) {
        acct_buf_free(&x.values[i]);
    }

    acct_buf_free(&x.view);
    acct_inspect_destroy(x.in);
    acct_text_destroy(x.text);
    acct_text_destroy(x.second);

    if (f != stdin) {
        fclose(f);
    }

    return rc;
}
