
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acctinfo lint: what a pack's reader cannot see from one attribute alone.
 * The packs are read strictly, built into a rule set, and then each term is
 * looked at as its view shows it.
 */


#include <unistd.h>

#include "cli.h"


typedef struct {
    acct_diags_t         *diags;
    acct_text_t          *text;
    acct_buf_t            buf;          /* the fold of the term at hand */
    acct_buf_t            other;
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


static void
cli_lint_terms(cli_lint_t *l, const acct_pack_rule_t *r,
    const acct_terms_t *terms, const char *attribute)
{
    size_t              i, j;
    unsigned            where;
    const acct_term_t  *t;

    for (i = 0; i < terms->n; i++) {
        t = &terms->elts[i];
        where = t->where ? t->where : r->where;

        if (cli_lint_fold(l, &l->buf, r->view, t->text) == 1
            && where != ACCT_WHERE_WHOLE)
        {
            acct_diag(l->diags, ACCT_DIAG_ERROR, t->file, t->line, r->id,
                      attribute, "\"%s\" folds to one character in the view "
                      "%s; only \"where\": \"whole\" may look for that",
                      (const char *) t->text.data,
                      (const char *) acct_views[r->view].name.data);
        }

        /* long lists are sorted and checked by import; here a look is enough */

        for (j = i + 1; j < terms->n && j < i + 1000; j++) {
            if (terms->elts[j].text.len > 4 * l->buf.len + 16) {
                continue;
            }

            (void) cli_lint_fold(l, &l->other, r->view, terms->elts[j].text);

            if (l->other.len == l->buf.len
                && memcmp(l->other.data, l->buf.data, l->buf.len) == 0)
            {
                acct_diag(l->diags, ACCT_DIAG_WARNING, terms->elts[j].file,
                          terms->elts[j].line, r->id, attribute,
                          "\"%s\" is in the view %s what \"%s\" is (line %u)",
                          (const char *) terms->elts[j].text.data,
                          (const char *) acct_views[r->view].name.data,
                          (const char *) t->text.data, t->line);
            }
        }
    }
}


/* an exception that holds none of its rule's words can never cover one */

static void
cli_lint_except(cli_lint_t *l, const acct_pack_rule_t *r)
{
    size_t               i, j, k;
    unsigned             found;
    const acct_terms_t  *terms[2];

    if (r->regex.n) {
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


static void
cli_lint_rules(cli_lint_t *l, const acct_packs_t *packs)
{
    size_t                   i;
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

        cli_lint_terms(l, r, &r->words, "words");
        cli_lint_terms(l, r, &r->roster, "roster");
        cli_lint_except(l, r);
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
    acct_buf_init(&l.other, &acct_heap, 8 * ACCT_TERM_MAX);

    for (i = 0; i < cli->nargs; i++) {
        packs = acct_packs_load(cli->args[i], 1, &diags);

        if (packs == NULL) {
            continue;
        }

        cli_lint_rules(&l, packs);

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

    return diags.errors + diags.warnings ? CLI_FINDINGS : CLI_OK;
}
