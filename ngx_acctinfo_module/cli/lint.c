
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acctinfo lint: what a pack's reader cannot see from one attribute alone.
 * The packs are read strictly, built into a rule set, and then each term is
 * looked at as its view shows it.
 */


#include <stdlib.h>
#include <unistd.h>

#include "cli.h"


typedef struct {
    acct_diags_t         *diags;
    acct_text_t          *text;
    acct_buf_t            buf;          /* the fold of the term at hand */
    acct_buf_t            other;
    acct_buf_t            line;
} cli_lint_t;


/* characters of the fold of a term; 0 when it could not be made */

static size_t
cli_lint_fold(cli_lint_t *l, acct_buf_t *buf, unsigned view, acct_str_t text)
{
    size_t  i, n;

    buf->len = 0;

    if (acct_text_render(l->text, view, text, buf, NULL) != ACCT_OK) {
        return 0;
    }

    for (i = 0, n = 0; i < buf->len; i++) {
        n += (buf->data[i] & 0xc0) != 0x80;
    }

    return n;
}


/* whether the fold of a term, in l->buf, is in the view of some text */

static int
cli_lint_finds(cli_lint_t *l, unsigned view, const char *before,
    acct_str_t text, const char *after)
{
    int         rc;
    acct_str_t  whole;

    l->line.len = 0;

    if (acct_buf_append(&l->line, before, strlen(before)) != ACCT_OK
        || acct_buf_append(&l->line, text.data, text.len) != ACCT_OK
        || acct_buf_append(&l->line, after, strlen(after)) != ACCT_OK)
    {
        return 1;
    }

    whole.data = l->line.data;
    whole.len = l->line.len;

    l->other.len = 0;
    rc = acct_text_render(l->text, view, whole, &l->other, NULL);

    return rc != ACCT_OK
           || memmem(l->other.data, l->other.len, l->buf.data, l->buf.len)
              != NULL;
}


#define cli_lint_say(l, severity, r, t, attribute, ...)                       \
    acct_diag((l)->diags, severity, (t)->file, (t)->line, (r)->id, attribute, \
              __VA_ARGS__)


/*
 * One term as its view shows it: it must be more than one character, unless
 * it is a neighbour, which has a match to stand by, and no letter that words
 * are made of; and it must find itself between other letters.  latin reads a
 * token as a whole, so there a space stands between.
 */

static void
cli_lint_term(cli_lint_t *l, const acct_pack_rule_t *r, const acct_term_t *t,
    const char *attribute, unsigned neighbour)
{
    size_t       i, n;
    unsigned     where, letters;
    const char  *text, *view;

    text = (const char *) t->text.data;
    view = (const char *) acct_views[r->view].name.data;
    where = t->where ? t->where : r->where;
    n = cli_lint_fold(l, &l->buf, r->view, t->text);

    if (n == 0 || where == ACCT_WHERE_WHOLE) {
        return;
    }

    if (n == 1 && !(neighbour && l->buf.len > 2)) {
        cli_lint_say(l, ACCT_DIAG_ERROR, r, t, attribute, "\"%s\" folds to one "
                     "character in the view %s; only \"where\": \"whole\" may "
                     "look for that", text, view);
        return;
    }

    for (i = 0, letters = 0; i < l->buf.len; i++) {
        letters += l->buf.data[i] < '0' || l->buf.data[i] > '9';
    }

    if (r->view == ACCT_VIEW_DIGITS && where != ACCT_WHERE_WORD
        && (letters || n < 5))
    {
        cli_lint_say(l, ACCT_DIAG_ERROR, r, t, attribute, "\"%s\" is %s: in "
                     "the view digits it must be a word or the whole", text,
                     letters ? "not digits alone" : "shorter than 5 digits");
        return;
    }

    if (r->view == ACCT_VIEW_LATIN && letters == 0) {
        cli_lint_say(l, ACCT_DIAG_ERROR, r, t, attribute, "\"%s\" is digits "
                     "alone, which are letters in a mixed word of the view "
                     "latin; look for it in digits", text);
        return;
    }

    if (!cli_lint_finds(l, r->view, "\xe7\x94\xb2 ", t->text,
                        " \xe4\xb9\x99")
        || (r->view != ACCT_VIEW_LATIN
            && !cli_lint_finds(l, r->view, "\xe7\x94\xb2", t->text,
                               "\xe4\xb9\x99")))
    {
        cli_lint_say(l, ACCT_DIAG_ERROR, r, t, attribute, "\"%s\" does not "
                     "find itself in the view %s: its fold depends on what "
                     "stands beside it", text, view);
    }
}


/*
 * Terms of one rule that are the same in its view, or one of which is part of
 * another, which is then never needed.  The folds are made once.
 */

#define CLI_LINT_PAIRS    3000


static void
cli_lint_pairs(cli_lint_t *l, const acct_pack_rule_t *r,
    const acct_terms_t *terms, const char *attribute)
{
    size_t               i, j, n, *end;
    unsigned             where;
    acct_buf_t           folds;
    const uint8_t       *a, *b;
    const acct_term_t   *t, *u;

    n = terms->n < CLI_LINT_PAIRS ? terms->n : CLI_LINT_PAIRS;
    end = calloc(n + 1, sizeof(size_t));

    acct_buf_init(&folds, &acct_heap, (size_t) 1 << 26);

    for (i = 0; end && i < n; i++) {
        (void) cli_lint_fold(l, &l->buf, r->view, terms->elts[i].text);
        (void) acct_buf_append(&folds, l->buf.data, l->buf.len);
        end[i + 1] = folds.len;
    }

    for (i = 0; end && i < n; i++) {
        t = &terms->elts[i];
        where = t->where ? t->where : r->where;
        a = folds.data + end[i];

        for (j = 0; j < n; j++) {
            u = &terms->elts[j];
            b = folds.data + end[j];

            if (i == j || end[i + 1] - end[i] > end[j + 1] - end[j]
                || end[i + 1] == end[i])
            {
                continue;
            }

            if (end[i + 1] - end[i] == end[j + 1] - end[j]) {

                if (i < j && memcmp(a, b, end[i + 1] - end[i]) == 0) {
                    cli_lint_say(l, ACCT_DIAG_WARNING, r, u, attribute,
                                 "\"%s\" is in the view %s what \"%s\" is "
                                 "(line %u)", (const char *) u->text.data,
                                 (const char *) acct_views[r->view].name.data,
                                 (const char *) t->text.data, t->line);
                }

                continue;
            }

            /* words of letters that are set apart stand as words */

            if (where > ACCT_WHERE_ANYWHERE || a[0] < 0x80
                || memmem(b, end[j + 1] - end[j], a, end[i + 1] - end[i])
                   == NULL)
            {
                continue;
            }

            cli_lint_say(l, ACCT_DIAG_INFO, r, u, attribute,
                         "\"%s\" holds \"%s\" (line %u), which finds it",
                         (const char *) u->text.data,
                         (const char *) t->text.data, t->line);
        }
    }

    free(end);
    acct_buf_free(&folds);
}


static void
cli_lint_terms(cli_lint_t *l, const acct_pack_rule_t *r,
    const acct_terms_t *terms, const char *attribute, unsigned pairs,
    unsigned neighbour)
{
    size_t  i;

    for (i = 0; i < terms->n; i++) {
        cli_lint_term(l, r, &terms->elts[i], attribute, neighbour);
    }

    if (pairs) {
        cli_lint_pairs(l, r, terms, attribute);
    }
}


/* an exception that no example needs is one that nobody would miss */

static void
cli_lint_needed(cli_lint_t *l, const acct_pack_rule_t *r, const acct_term_t *t)
{
    size_t                   i, k, n;
    const acct_examples_t   *examples[2];

    examples[0] = &r->pass;
    examples[1] = &r->match;

    n = cli_lint_fold(l, &l->buf, r->view, t->text);

    for (k = 0; k < 2 && n; k++) {
        for (i = 0; i < examples[k]->n; i++) {
            if (cli_lint_finds(l, r->view, "", examples[k]->elts[i].text, "")) {
                return;
            }
        }
    }

    cli_lint_say(l, ACCT_DIAG_WARNING, r, t, "except", "\"%s\" is needed by "
                 "none of the rule's examples", (const char *) t->text.data);
}


/* an exception that holds none of its rule's words can never cover one */

static void
cli_lint_except(cli_lint_t *l, const acct_pack_rule_t *r)
{
    size_t               i, j, k;
    unsigned             found;
    const acct_terms_t  *terms[2];

    for (i = 0; i < r->except.n; i++) {
        cli_lint_needed(l, r, &r->except.elts[i]);
    }

    if (r->regex.n || r->shape.n) {
        return;
    }

    terms[0] = &r->words;
    terms[1] = &r->roster;

    for (i = 0; i < r->except.n; i++) {

        if (cli_lint_fold(l, &l->buf, r->view, r->except.elts[i].text) == 0) {
            continue;
        }

        found = 0;

        for (k = 0; k < 2 && !found; k++) {
            for (j = 0; j < terms[k]->n && !found; j++) {
                (void) cli_lint_fold(l, &l->other, r->view,
                                     terms[k]->elts[j].text);

                found = l->other.len && l->other.len <= l->buf.len
                        && memmem(l->buf.data, l->buf.len, l->other.data,
                                  l->other.len) != NULL;
            }
        }

        if (!found) {
            acct_diag(l->diags, ACCT_DIAG_ERROR, r->except.elts[i].file,
                      r->except.elts[i].line, r->id, "except",
                      "\"%s\" holds none of the rule's words in the view %s: "
                      "it can never cover a match",
                      (const char *) r->except.elts[i].text.data,
                      (const char *) acct_views[r->view].name.data);
        }
    }
}


/* all that speaks for a rule, in one stretch, must be enough */

static void
cli_lint_weights(cli_lint_t *l, const acct_pack_rule_t *r)
{
    size_t   i;
    int64_t  sum;

    for (i = 0, sum = 0; i < r->weights.n; i++) {
        sum += r->weights.elts[i].weight > 0 ? r->weights.elts[i].weight : 0;
    }

    if (r->weights.n && sum < (int64_t) r->least) {
        acct_diag(l->diags, ACCT_DIAG_ERROR, r->file, r->line, r->id,
                  "weights", "all that speaks for the rule adds up to %lld: it "
                  "can never match", (long long) sum);
    }
}


static void
cli_lint_rules(cli_lint_t *l, const acct_packs_t *packs)
{
    size_t                   i;
    unsigned                 k;
    const acct_pack_rule_t  *r;

    for (i = 0; i < packs->nrules; i++) {
        r = &packs->rules[i];

        if (r->stage == ACCT_STAGE_RETIRED || !acct_views[r->view].built) {
            continue;
        }

        if (r->view == ACCT_VIEW_SOUND
            && (r->action != ACCT_TAG
                || (r->evasive != ACCT_ACTIONS && r->evasive != ACCT_TAG)))
        {
            acct_diag(l->diags, ACCT_DIAG_ERROR, r->file, r->line, r->id,
                      "action", "a rule that reads the view sound may only "
                      "tag");
        }

        cli_lint_terms(l, r, &r->words, "words", r->nnear == 0, 0);
        cli_lint_terms(l, r, &r->roster, "roster", 0, 0);

        for (k = 0; k < r->nnear; k++) {
            cli_lint_terms(l, r, &r->near[k].terms,
                           r->near[k].unless ? "unless" : "beside", 0, 1);
        }

        cli_lint_except(l, r);
        cli_lint_weights(l, r);
    }
}


int
cli_lint(cli_t *cli)
{
    int              i;
    cli_lint_t       l;
    acct_packs_t    *packs;
    acct_diags_t     diags = { cli_diag, NULL, 0, 0 };
    acct_ruleset_t  *rs;

    if (cli->nargs == 0) {
        return cli_error("lint: RULES is missing");
    }

    for (i = 0; i < cli->nargs; i++) {
        if (access(cli->args[i], R_OK) != 0) {
            return cli_error("%s: cannot be read", cli->args[i]);
        }
    }

    l.diags = &diags;
    l.text = acct_text_create(&acct_heap);

    if (l.text == NULL) {
        return cli_error("out of memory");
    }

    acct_buf_init(&l.buf, &acct_heap, 8 * ACCT_TERM_MAX);
    acct_buf_init(&l.other, &acct_heap, (size_t) 1 << 26);
    acct_buf_init(&l.line, &acct_heap, (size_t) 1 << 26);

    for (i = 0; i < cli->nargs; i++) {
        packs = acct_packs_load(cli->args[i], 1, &diags);

        if (packs == NULL) {
            continue;
        }

        cli_lint_rules(&l, packs);

        if (cli->cost && diags.errors == 0
            && cli_cost(packs, &diags) != CLI_OK)
        {
            acct_packs_free(packs);
            continue;
        }

        rs = acct_ruleset_build(packs, 0, NULL, &diags);

        if (rs) {
            acct_ruleset_release(rs);

        } else {
            acct_packs_free(packs);
        }
    }

    acct_text_destroy(l.text);
    acct_buf_free(&l.buf);
    acct_buf_free(&l.other);
    acct_buf_free(&l.line);

    return diags.errors + diags.warnings ? CLI_FINDINGS : CLI_OK;
}
