
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * For each view at most three databases: the words, by the literal API; the
 * patterns; and, asked only after a hit, those patterns once more with an
 * anchor before them that vary in width and must begin at an edge, for then
 * one may match from a given place though a later one is its latest start.
 *
 * A database is always opened from its serialised image, also when it was
 * compiled a moment ago, so that a compiled file takes the same path.
 */


#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include <hs/hs.h>

#include "acct_ruleset.h"
#include "acct_unicode.h"


#define ACCT_RULESET_WIDTH      ACCT_OVERLAP


/* A literal, or a pattern with its widths */

typedef struct {
    uint32_t              min;
    uint32_t              max;
    uint32_t              use;          /* its first use */
    uint32_t              nuses;
    uint32_t              nmatches;     /* of them, and they come first */
    acct_str_t            text;
} acct_probe_t;


typedef struct {
    hs_database_t        *words;
    hs_database_t        *patterns;
    hs_database_t        *anchored;

    acct_probe_t         *literals;
    uint32_t              nliterals;
    acct_probe_t         *regexes;
    uint32_t              nregexes;

    acct_use_t           *uses;
    uint32_t              nuses;

    acct_scale_t         *scale;        /* NULL: no rule weighs */
    size_t                nweights;
    acct_use_t            weighed[ACCT_WEIGH_RULES_MAX];
    const acct_terms_t   *terms[ACCT_WEIGH_RULES_MAX];
} acct_ruleset_view_t;


struct acct_ruleset_s {
    unsigned              refs;
    uint64_t              id;           /* never given twice in a process */
    acct_ruleset_gone_pt  gone;

    acct_packs_t         *packs;        /* owns all strings */

    acct_rule_t          *rules;        /* in the order of their ids */
    size_t                nrules;

    acct_str_t            fields[64];
    unsigned              nfields;
    unsigned              common;       /* views of rules for every field */
    unsigned              special[64];  /* of rules for the field */

    acct_ruleset_view_t   views[ACCT_VIEWS];
};


/* The ids of rule sets that a scratch was fitted to */

struct acct_scratch_s {
    hs_scratch_t         *hs;
    uint64_t             *fitted;
    size_t                n;
    size_t                size;
    const acct_alloc_t   *alloc;
};


/* What is searched for, while a view is being built */

typedef struct {
    acct_str_t            text;
    acct_use_t            use;
    const acct_term_t    *term;
} acct_want_t;


typedef struct {
    acct_want_t          *elts;
    size_t                n;
    size_t                size;
} acct_wants_t;


/*
 * A database to be compiled: no job needs another, nor anything of the build,
 * while it runs.
 */

typedef struct {
    hs_database_t       **place;
    const acct_wants_t   *wants;
    size_t                n;
    const char          **exprs;
    size_t               *lens;
    size_t               *first;       /* of the wants with that text */
    unsigned             *ids;
    unsigned             *flags;       /* NULL: literals */
    unsigned              portable;

    hs_database_t        *db;
    hs_error_t            rc;
    hs_compile_error_t   *error;
} acct_job_t;


typedef struct {
    acct_job_t          **jobs;
    size_t                n;
    atomic_size_t         next;
} acct_crew_t;


#define ACCT_BUILD_JOBS     (ACCT_VIEWS * 3)
#define ACCT_BUILD_THREADS  8

/* A pattern costs as much as so many words, more or less */

#define ACCT_BUILD_PATTERN  400


typedef struct {
    acct_ruleset_t       *rs;
    acct_diags_t         *diags;
    acct_text_t          *text;
    acct_buf_t            buf;
    acct_job_t            jobs[ACCT_BUILD_JOBS];
    size_t                njobs;
    acct_wants_t          words[ACCT_VIEWS];
    acct_wants_t          patterns[ACCT_VIEWS];
    unsigned              portable;
    const acct_images_t  *images;
    acct_packs_t         *arena;        /* folded words, each as often as it
                                           is wanted */
    unsigned              failed;
} acct_build_t;


typedef struct {
    acct_hits_t          *hits;
    size_t                seen;
    uint32_t              pattern;
    uint32_t              ids;          /* below this they are ours */
} acct_scan_t;


/* The question of a bisection: does this id end at this place? */

typedef struct {
    unsigned              id;
    unsigned long long    end;
    unsigned              found;
} acct_probe_scan_t;


static void acct_ruleset_free(acct_ruleset_t *rs);


/* the last id that was given, in this process */

static uint64_t  acct_ruleset_last;

/* how many threads compile */

static unsigned  acct_build_threads = 1;


void
acct_ruleset_threads(unsigned n)
{
    acct_build_threads = n < 1 ? 1
                         : n < ACCT_BUILD_THREADS ? n : ACCT_BUILD_THREADS;
}


const char *
acct_engine_version(void)
{
    return hs_version();
}


static void
acct_build_no_memory(acct_build_t *b)
{
    acct_str_t  none = acct_null_string;

    b->failed = 1;
    acct_diag(b->diags, ACCT_DIAG_ERROR, NULL, 0, none, NULL, "out of memory");
}


static acct_want_t *
acct_build_want(acct_build_t *b, acct_wants_t *wants)
{
    size_t        size;
    acct_want_t  *elts;

    if (wants->n == wants->size) {
        size = wants->size ? wants->size * 2 : 64;
        elts = realloc(wants->elts, size * sizeof(acct_want_t));

        if (elts == NULL) {
            acct_build_no_memory(b);
            return NULL;
        }

        wants->elts = elts;
        wants->size = size;
    }

    memset(&wants->elts[wants->n], 0, sizeof(acct_want_t));

    return &wants->elts[wants->n++];
}


/* the letters that the relation word is the default for */

static int
acct_ruleset_latin(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= 0xc0 && c < 0x250 && c != 0xd7 && c != 0xf7)
           || (c >= 0x1e00 && c < 0x1f00)
           || (c >= 0x2c60 && c < 0x2c80) || (c >= 0xa722 && c < 0xa800);
}


/*
 * The relation of a term that names none: a word of Latin letters and digits
 * must stand as a word, for names are full of such pieces; in other scripts
 * words are not set apart.
 */

static unsigned
acct_ruleset_where(const acct_pack_rule_t *r, const acct_term_t *t,
    acct_str_t folded)
{
    int       n;
    size_t    i;
    uint32_t  c;
    unsigned  letters;

    if (t->where != ACCT_WHERE_DEFAULT) {
        return t->where;
    }

    if (r->where != ACCT_WHERE_DEFAULT) {
        return r->where;
    }

    letters = 0;

    for (i = 0; i < folded.len; i += (size_t) n) {
        n = acct_utf8_read(folded.data + i, folded.len - i, &c);

        if (n <= 0) {
            return ACCT_WHERE_ANYWHERE;
        }

        if (acct_ruleset_latin(c) || (c >= '0' && c <= '9')) {
            letters++;

        } else if (c >= 0x80 && (c < 0x2000 || (c >= 0x2e80 && c < 0x1f000)
                                 || c >= 0x20000))
        {
            return ACCT_WHERE_ANYWHERE;
        }
    }

    return letters ? ACCT_WHERE_WORD : ACCT_WHERE_ANYWHERE;
}


#define acct_build_error(b, r, t, attr, ...)                                  \
    do {                                                                      \
        (b)->failed = 1;                                                      \
        acct_diag((b)->diags, ACCT_DIAG_ERROR, (t)->file, (t)->line,          \
                  (r)->id, attr, __VA_ARGS__);                                \
    } while (0)


/*
 * A word of a rule as its view folds it: a want with what it is used for, of
 * which text is from now on
 */

static int
acct_build_word(acct_build_t *b, const acct_pack_rule_t *r,
    const acct_term_t *t, acct_str_t *text, const acct_use_t *use)
{
    uint8_t      *p;
    acct_want_t  *want;

    p = acct_packs_alloc(b->arena, text->len);
    want = acct_build_want(b, &b->words[r->view]);

    if (p == NULL || want == NULL) {
        acct_build_no_memory(b);
        return ACCT_ERROR;
    }

    memcpy(p, text->data, text->len);
    text->data = p;

    want->text = *text;
    want->term = t;
    want->use = *use;
    want->use.where = (uint8_t) (use->kind == ACCT_USE_EXCEPT
                                 ? ACCT_WHERE_ANYWHERE
                                 : acct_ruleset_where(r, t, want->text));

    if (use->kind == ACCT_USE_NEAR && t->where == ACCT_WHERE_DEFAULT
        && want->use.where == ACCT_WHERE_WHOLE)
    {
        want->use.where = ACCT_WHERE_WORD;
    }

    return ACCT_OK;
}


/*
 * Folds the words of a rule and notes their uses, in each form of theirs that
 * differs from those before it.
 */

static void
acct_build_words(acct_build_t *b, const acct_pack_rule_t *r, uint32_t rule,
    const acct_terms_t *terms, unsigned kind, unsigned near,
    const char *attribute)
{
    size_t              i;
    unsigned            form, k;
    acct_use_t          use;
    acct_str_t          forms[ACCT_FORMS];
    const acct_term_t  *t;

    memset(&use, 0, sizeof(acct_use_t));

    use.rule = rule;
    use.kind = (uint8_t) kind;
    use.near = (uint8_t) near;
    use.roster = terms == &r->roster;

    for (i = 0; i < terms->n; i++) {
        t = &terms->elts[i];
        use.side = (uint8_t) t->side;

        for (form = 0; form < ACCT_FORMS; form++) {
            b->buf.len = 0;

            if (acct_text_render_form(b->text, r->view, t->text,
                                      (acct_form_e) form, &b->buf)
                != ACCT_OK)
            {
                acct_build_no_memory(b);
                return;
            }

            if (b->buf.len == 0 && form == ACCT_FORM_PLAIN) {
                acct_build_error(b, r, t, attribute,
                                 "\"%s\" folds to nothing in the view %s",
                                 (const char *) t->text.data,
                                 (const char *) acct_views[r->view].name.data);
            }

            if (b->buf.len > ACCT_RULESET_WIDTH / 2) {
                acct_build_error(b, r, t, attribute,
                                 "is longer than %d bytes in the view %s",
                                 ACCT_RULESET_WIDTH / 2,
                                 (const char *) acct_views[r->view].name.data);
                break;
            }

            forms[form].data = b->buf.data;
            forms[form].len = b->buf.len;

            for (k = 0; k < form && !acct_str_eq(forms[k], forms[form]); k++) {
                /* void */
            }

            if (k < form) {
                forms[form] = forms[k];
            }

            if (b->buf.len == 0 || k < form) {
                continue;
            }

            use.unmasked = form == ACCT_FORM_UNMASKED;

            if (acct_build_word(b, r, t, &forms[form], &use) != ACCT_OK) {
                return;
            }

            /* what is raw wears whatever it wears */

            if (r->view == ACCT_VIEW_RAW) {
                break;
            }
        }
    }
}


/*
 * Whether a view can hold a character: the views are idempotent for single
 * characters, so it can if the view of the character is the character.  The
 * breaker of digits is the one exception.
 */

static int
acct_build_image(acct_build_t *b, unsigned view, const uint8_t *p, size_t n)
{
    uint32_t    c;
    acct_str_t  s;

    if (view == ACCT_VIEW_DIGITS && n == 1 && *p == '_') {
        return 1;
    }

    /* a mark stands by its letter, and is dropped alone */

    if (acct_utf8_read(p, n, &c) > 0
        && acct_cc_group(acct_classed(c)) == ACCT_CLASS_MARK)
    {
        return 1;
    }

    s.data = p;
    s.len = n;
    b->buf.len = 0;

    if (acct_text_render(b->text, view, s, &b->buf, NULL) != ACCT_OK) {
        acct_build_no_memory(b);
        return 1;
    }

    return b->buf.len == n && memcmp(b->buf.data, p, n) == 0;
}


/*
 * What of a pattern is ours to refuse or to know before the library sees it:
 * anchors and flags (relations are not patterns), characters that the view
 * never has (outside of classes), and whether it must be read as UTF-8.
 * Returns NULL, or the sentence that says what is wrong.
 */

static const char *
acct_build_regex(acct_build_t *b, unsigned view, acct_str_t re, unsigned *utf8,
    char *text, size_t size)
{
    int             n;
    size_t          i, len;
    uint32_t        c;
    const uint8_t  *p;

    p = re.data;
    len = re.len;
    *utf8 = 0;

    for (i = 0; i < len; /* void */ ) {

        n = acct_utf8_read(p + i, len - i, &c);

        if (n <= 0) {
            return "is not UTF-8";
        }

        if (c >= 0x80) {
            *utf8 = 1;
        }

        switch (c) {

        case '\\':
            if (i + 1 == len) {
                return "ends with a backslash";
            }

            if (strchr("bBAzZG", p[i + 1])) {
                return "has an anchor or a boundary; say where instead";
            }

            if (strchr("DSWPpXxNRHVhvCcQo", p[i + 1])) {
                *utf8 = 1;
            }

            i += 2;

            if ((p[i - 1] < '0' || p[i - 1] > '9')
                && (p[i - 1] < 'a' || p[i - 1] > 'z')
                && (p[i - 1] < 'A' || p[i - 1] > 'Z')
                && p[i - 1] < 0x80
                && !acct_build_image(b, view, p + i - 1, 1))
            {
                snprintf(text, size, "looks for \"%c\", which the view never "
                         "has: it can never match", p[i - 1]);
                return text;
            }

            continue;

        case '^':
        case '$':
            return "has an anchor or a boundary; say where instead";

        case '(':
            if (i + 1 < len && p[i + 1] == '?'
                && (i + 2 == len || p[i + 2] != ':'))
            {
                return "has flags or look-around; only (?: is taken";
            }

            i += (i + 1 < len && p[i + 1] == '?') ? 3 : 1;
            continue;

        case '[':
            i++;

            if (i < len && p[i] == '^') {
                *utf8 = 1;
                i++;
            }

            if (i < len && p[i] == ']') {
                i++;
            }

            while (i < len && p[i] != ']') {
                if (p[i] >= 0x80) {
                    *utf8 = 1;
                }

                if (p[i] == '[' && i + 1 < len && p[i + 1] == ':') {
                    while (i + 1 < len && !(p[i] == ':' && p[i + 1] == ']')) {
                        i++;
                    }
                }

                i += (p[i] == '\\' && i + 1 < len) ? 2 : 1;
            }

            i++;
            continue;

        case '{':
            while (i < len && p[i] != '}') {
                i++;
            }

            i++;
            continue;

        case '.':
            *utf8 = 1;
            i++;
            continue;

        case ')':
        case '|':
        case '*':
        case '+':
        case '?':
            i++;
            continue;

        default:
            if (!acct_build_image(b, view, p + i, (size_t) n)) {
                snprintf(text, size, "looks for \"%.*s\", which the view never "
                         "has: it can never match", n, (const char *) p + i);
                return text;
            }

            i += (size_t) n;
        }
    }

    return NULL;
}


static void
acct_build_want_pattern(acct_build_t *b, const acct_pack_rule_t *r,
    uint32_t rule, const acct_term_t *t)
{
    acct_want_t  *want;

    want = acct_build_want(b, &b->patterns[r->view]);

    if (want == NULL) {
        return;
    }

    want->text = t->text;
    want->term = t;
    want->use.rule = rule;
    want->use.kind = ACCT_USE_MATCH;
    want->use.where = (uint8_t) (r->where ? r->where : ACCT_WHERE_ANYWHERE);
}


static void
acct_build_patterns(acct_build_t *b, const acct_pack_rule_t *r, uint32_t rule)
{
    char                text[128];
    size_t              i;
    unsigned            utf8;
    const char         *error;
    hs_error_t          rc;
    hs_expr_info_t     *info;
    hs_compile_error_t *ce;
    const acct_term_t  *t;

    for (i = 0; i < r->regex.n; i++) {
        t = &r->regex.elts[i];

        if (strlen((const char *) t->text.data) != t->text.len) {
            acct_build_error(b, r, t, "regex", "holds a NUL");
            continue;
        }

        error = acct_build_regex(b, r->view, t->text, &utf8, text,
                                 sizeof(text));
        if (error) {
            acct_build_error(b, r, t, "regex", "%s", error);
            continue;
        }

        /* a compiled file has the widths, checked when it was made */

        if (b->images) {
            acct_build_want_pattern(b, r, rule, t);
            continue;
        }

        info = NULL;
        ce = NULL;
        rc = hs_expression_info((const char *) t->text.data,
                                utf8 ? HS_FLAG_UTF8 : 0, &info, &ce);

        if (rc != HS_SUCCESS) {
            acct_build_error(b, r, t, "regex", "%s",
                             ce ? ce->message : "does not compile");
            hs_free_compile_error(ce);
            continue;
        }

        if (info->min_width == 0) {
            acct_build_error(b, r, t, "regex", "matches the empty text");

        } else if (info->max_width > ACCT_RULESET_WIDTH) {
            acct_build_error(b, r, t, "regex", "may match more than %d bytes "
                             "of the view", ACCT_RULESET_WIDTH);

        } else {
            acct_build_want_pattern(b, r, rule, t);
        }

        free(info);
    }
}


/* The rows of the shapes that a rule names; their patterns are known sound */

static void
acct_build_shapes(acct_build_t *b, const acct_pack_rule_t *r, uint32_t rule)
{
    size_t               i, k;
    unsigned             known, found;
    acct_want_t         *want;
    const acct_term_t   *t;
    const acct_shape_t  *shape;

    for (i = 0; i < r->shape.n; i++) {
        t = &r->shape.elts[i];
        known = 0;
        found = 0;

        for (k = 0; (shape = acct_shape(k)) != NULL; k++) {

            if (!acct_str_eq(acct_str(shape->name), t->text)) {
                continue;
            }

            known = 1;

            if (shape->view != r->view) {
                continue;
            }

            found = 1;
            want = acct_build_want(b, &b->patterns[r->view]);

            if (want == NULL) {
                return;
            }

            want->text = acct_str(shape->regex);
            want->term = t;
            want->use.rule = rule;
            want->use.kind = ACCT_USE_MATCH;
            want->use.where = (uint8_t) (r->where ? r->where : shape->where);
            want->use.shape = shape->check ? shape : NULL;
        }

        if (!found) {
            acct_build_error(b, r, t, "shape", "there is no shape \"%s\"%s%s",
                             (const char *) t->text.data,
                             known ? " in the view " : "",
                             known
                             ? (const char *) acct_views[r->view].name.data
                             : "");
        }
    }
}


/*
 * A term of weights folds without the "_" that stand for its edges.  Terms have
 * one form: what may be written in two ways counts as it is written.
 */

static acct_term_taken_e
acct_build_weight(acct_build_t *b, const acct_pack_rule_t *r,
    const acct_term_t *t, unsigned slot)
{
    unsigned    before, behind;
    acct_str_t  text;

    text = t->text;
    before = text.len && text.data[0] == '_';

    text.data += before;
    text.len -= before;

    behind = text.len && text.data[text.len - 1] == '_';

    text.len -= behind;
    b->buf.len = 0;

    if ((before && acct_buf_append(&b->buf, "_", 1) != ACCT_OK)
        || acct_text_render(b->text, r->view, text, &b->buf, NULL) != ACCT_OK
        || (behind && acct_buf_append(&b->buf, "_", 1) != ACCT_OK))
    {
        return ACCT_TERM_NO_MEMORY;
    }

    text.data = b->buf.data;
    text.len = b->buf.len;

    return acct_scale_term(b->rs->views[r->view].scale, slot, text, t->weight);
}


/* the slot of a rule before it that has the same terms, or -1 */

static int
acct_build_weights_same(const acct_ruleset_view_t *v,
    const acct_terms_t *terms)
{
    int                  slot;
    size_t               i;
    const acct_terms_t  *other;

    for (slot = 0; slot < (int) acct_scale_rules(v->scale); slot++) {
        other = v->terms[slot];

        for (i = 0; i < terms->n && other->n == terms->n; i++) {
            if (terms->elts[i].weight != other->elts[i].weight
                || !acct_str_eq(terms->elts[i].text, other->elts[i].text))
            {
                break;
            }
        }

        if (i == terms->n) {
            return slot;
        }
    }

    return -1;
}


static void
acct_build_weights(acct_build_t *b, const acct_pack_rule_t *r, uint32_t rule)
{
    int                   slot, same;
    size_t                i;
    acct_term_t           t;
    const acct_term_t    *term;
    acct_ruleset_view_t  *v;

    if (r->weights.n == 0) {
        return;
    }

    t.file = r->file;
    t.line = r->line;

    if (r->view != ACCT_VIEW_BARE && r->view != ACCT_VIEW_HAN
        && r->view != ACCT_VIEW_LATIN)
    {
        acct_build_error(b, r, &t, "weights",
                         "reads bare, han or latin, not %s",
                         (const char *) acct_views[r->view].name.data);
        return;
    }

    v = &b->rs->views[r->view];

    if (v->scale == NULL) {
        v->scale = acct_scale_create();

        if (v->scale == NULL) {
            acct_build_no_memory(b);
            return;
        }
    }

    same = acct_build_weights_same(v, &r->weights);
    slot = acct_scale_rule(v->scale, rule, r->least, same);

    if (slot == ACCT_ERROR) {
        acct_build_error(b, r, &t, "weights",
                         "at most %d rules of a view weigh",
                         ACCT_WEIGH_RULES_MAX);
        return;
    }

    v->weighed[slot].rule = rule;
    v->weighed[slot].kind = ACCT_USE_MATCH;
    v->terms[slot] = &r->weights;

    if (same >= 0) {
        return;
    }

    v->nweights += r->weights.n;

    for (i = 0; i < r->weights.n; i++) {
        term = &r->weights.elts[i];

        switch (acct_build_weight(b, r, term, (unsigned) slot)) {

        case ACCT_TERM_TAKEN:
            break;

        case ACCT_TERM_TWICE:
            acct_build_error(b, r, term, "weights",
                             "\"%s\" is in the weights twice",
                             (const char *) term->text.data);
            break;

        case ACCT_TERM_LONG:
            acct_build_error(b, r, term, "weights",
                             "\"%s\" is longer than %d characters",
                             (const char *) term->text.data,
                             ACCT_WEIGH_TERM_MAX);
            break;

        case ACCT_TERM_EMPTY:
            acct_build_error(b, r, term, "weights",
                             "\"%s\" folds to nothing in the view %s",
                             (const char *) term->text.data,
                             (const char *) acct_views[r->view].name.data);
            break;

        default:
            acct_build_no_memory(b);
            return;
        }
    }
}


static uint64_t
acct_build_field(acct_build_t *b, const acct_pack_rule_t *r, acct_str_t name)
{
    unsigned         i;
    acct_term_t      t;
    acct_ruleset_t  *rs;

    rs = b->rs;

    for (i = 0; i < rs->nfields; i++) {
        if (acct_str_eq(rs->fields[i], name)) {
            break;
        }
    }

    if (i == 64) {
        t.file = r->file;
        t.line = r->line;
        acct_build_error(b, r, &t, "fields",
                         "a rule set knows at most 64 names of fields");
        return 0;
    }

    if (i == rs->nfields) {
        rs->fields[rs->nfields++] = name;
    }

    rs->special[i] |= acct_view_bit(r->view);

    return (uint64_t) 1 << i;
}


static void
acct_build_rule(acct_build_t *b, const acct_pack_rule_t *r)
{
    size_t              i;
    uint32_t            index;
    acct_term_t         t;
    acct_rule_t        *rule;
    const acct_near_t  *near;

    if (r->stage == ACCT_STAGE_RETIRED) {
        return;
    }

    if (!acct_views[r->view].built) {
        t.file = r->file;
        t.line = r->line;
        acct_build_error(b, r, &t, "view", "the view %s is not there yet",
                         (const char *) acct_views[r->view].name.data);
        return;
    }

    index = (uint32_t) b->rs->nrules;
    rule = &b->rs->rules[b->rs->nrules++];

    rule->id = r->id;
    rule->message = r->message;
    rule->category = r->category;
    rule->reason = r->reason;
    rule->view = r->view;
    rule->action = r->action;
    rule->evasive = r->evasive == ACCT_ACTIONS ? r->action : r->evasive;
    rule->level = r->level;
    rule->trial = r->stage == ACCT_STAGE_TRIAL;
    rule->weighs = r->weights.n != 0;
    rule->exempt = &r->exempt;

    for (i = 0; i < r->fields.n; i++) {
        rule->fields |= acct_build_field(b, r, r->fields.elts[i]);
    }

    if (r->fields.n == 0) {
        b->rs->common |= acct_view_bit(r->view);
    }

    acct_build_words(b, r, index, &r->words, ACCT_USE_MATCH, 0, "words");
    acct_build_words(b, r, index, &r->roster, ACCT_USE_MATCH, 0,
                     "roster");

    for (i = 0; i < r->nnear; i++) {
        near = &r->near[i];

        rule->near[i].side = (uint8_t) near->side;
        rule->near[i].gap = (uint8_t) near->gap;
        rule->near[i].least = (uint8_t) near->least;
        rule->near[i].action = (uint8_t) near->action;

        if (near->unless) {
            rule->unless |= 1u << i;

        } else {
            rule->beside |= 1u << i;
        }

        acct_build_words(b, r, index, &near->terms, ACCT_USE_NEAR,
                         (unsigned) i, near->unless ? "unless" : "beside");
    }

    acct_build_words(b, r, index, &r->except, ACCT_USE_EXCEPT, 0,
                     "except");
    acct_build_patterns(b, r, index);
    acct_build_shapes(b, r, index);
    acct_build_weights(b, r, index);
}


/* equal texts together, each text's matches first, uses by rule and kind */

static int
acct_want_cmp(const void *one, const void *two)
{
    int                 rc;
    const acct_want_t  *a, *b;

    a = one;
    b = two;

    rc = acct_str_cmp(a->text, b->text);

    if (rc != 0) {
        return rc;
    }

    rc = (b->use.kind == ACCT_USE_MATCH) - (a->use.kind == ACCT_USE_MATCH);

    if (rc != 0) {
        return rc;
    }

    if (a->use.rule != b->use.rule) {
        return a->use.rule < b->use.rule ? -1 : 1;
    }

    if (a->use.kind != b->use.kind) {
        return a->use.kind < b->use.kind ? -1 : 1;
    }

    if (a->use.near != b->use.near) {
        return a->use.near < b->use.near ? -1 : 1;
    }

    return (a->use.where > b->use.where) - (a->use.where < b->use.where);
}


static int
acct_use_same(const acct_use_t *a, const acct_use_t *b)
{
    return a->rule == b->rule && a->kind == b->kind && a->where == b->where
           && a->side == b->side && a->near == b->near
           && a->roster == b->roster && a->shape == b->shape;
}


/* a text that outlives the build */

static acct_str_t
acct_build_keep(acct_build_t *b, acct_str_t text)
{
    uint8_t  *p;

    p = acct_packs_alloc(b->rs->packs, text.len);

    if (p == NULL) {
        acct_build_no_memory(b);
        return (acct_str_t) acct_null_string;
    }

    memcpy(p, text.data, text.len);
    text.data = p;

    return text;
}


/* Sorts the wants and makes probes of them: one for each different text */

static acct_probe_t *
acct_build_probes(acct_build_t *b, acct_ruleset_view_t *v, acct_wants_t *wants,
    uint32_t *n)
{
    size_t         i;
    acct_use_t    *use;
    acct_want_t   *w;
    acct_probe_t  *probes, *probe;

    *n = 0;

    if (wants->n == 0) {
        return NULL;
    }

    qsort(wants->elts, wants->n, sizeof(acct_want_t), acct_want_cmp);

    probes = calloc(wants->n, sizeof(acct_probe_t));

    if (probes == NULL) {
        acct_build_no_memory(b);
        return NULL;
    }

    probe = NULL;

    for (i = 0; i < wants->n; i++) {
        w = &wants->elts[i];

        if (i == 0 || !acct_str_eq(w->text, w[-1].text)) {
            probe = &probes[(*n)++];
            probe->use = v->nuses;
            probe->min = (uint32_t) w->text.len;
            probe->max = (uint32_t) w->text.len;
            probe->text = acct_build_keep(b, w->text);

        } else if (acct_use_same(&w->use, &v->uses[v->nuses - 1])) {
            continue;
        }

        use = &v->uses[v->nuses++];
        *use = w->use;
        probe->nuses++;
        probe->nmatches += use->kind == ACCT_USE_MATCH;
    }

    return probes;
}


/*
 * The database of an image.  A library refuses what another version, or
 * another processor's build of it, has written.
 */

static hs_database_t *
acct_build_open(acct_build_t *b, acct_str_t image)
{
    acct_str_t      none = acct_null_string;
    hs_error_t      rc;
    hs_database_t  *db;

    db = NULL;
    rc = hs_deserialize_database((const char *) image.data, image.len, &db);

    if (rc != HS_SUCCESS) {
        b->failed = 1;
        acct_diag(b->diags, ACCT_DIAG_ERROR, NULL, 0, none, NULL,
                  "this matching library cannot open the database (%s)",
                  rc == HS_DB_VERSION_ERROR ? "another version wrote it"
                  : rc == HS_DB_PLATFORM_ERROR ? "it is for another processor"
                  : rc == HS_NOMEM ? "out of memory" : "it is damaged");
        return NULL;
    }

    return db;
}


static hs_database_t *
acct_build_reopen(acct_build_t *b, hs_database_t *compiled)
{
    char           *bytes;
    size_t          n;
    acct_str_t      image;
    hs_database_t  *db;

    bytes = NULL;
    db = NULL;

    if (hs_serialize_database(compiled, &bytes, &n) == HS_SUCCESS) {
        image.data = (const uint8_t *) bytes;
        image.len = n;
        db = acct_build_open(b, image);

    } else {
        acct_build_no_memory(b);
    }

    free(bytes);
    hs_free_database(compiled);

    return db;
}


static void
acct_build_compile_error(acct_build_t *b, hs_compile_error_t *ce,
    const acct_wants_t *wants, const size_t *first, size_t n)
{
    acct_str_t          id = acct_null_string;
    const acct_want_t  *w;

    b->failed = 1;
    w = NULL;

    if (ce && ce->expression >= 0 && (size_t) ce->expression < n) {
        w = &wants->elts[first[ce->expression]];
        id = b->rs->rules[w->use.rule].id;
    }

    acct_diag(b->diags, ACCT_DIAG_ERROR, w ? w->term->file : NULL,
              w ? w->term->line : 0, id, w ? "regex" : NULL, "%s",
              ce ? ce->message : "the matching library failed");

    hs_free_compile_error(ce);
}


/* Whether it will ever be asked if a pattern matches from a given place */

static int
acct_build_asked(const acct_ruleset_view_t *v, const acct_probe_t *probe)
{
    uint32_t  i;

    if (probe->min == probe->max) {
        return 0;
    }

    for (i = 0; i < probe->nuses; i++) {
        if (v->uses[probe->use + i].where != ACCT_WHERE_ANYWHERE) {
            return 1;
        }
    }

    return 0;
}


static int
acct_build_anchors(const acct_ruleset_view_t *v)
{
    uint32_t  i;

    for (i = 0; i < v->nregexes; i++) {
        if (acct_build_asked(v, &v->regexes[i])) {
            return 1;
        }
    }

    return 0;
}


/*
 * A job that compiles the different texts of the wants, which are sorted: as
 * literals, or as patterns, plain or anchored.  An id is the text's place among
 * all.
 */

static void
acct_build_job(acct_build_t *b, const acct_ruleset_view_t *v,
    hs_database_t **place, const acct_wants_t *wants, size_t n,
    unsigned patterns, unsigned anchored)
{
    char         ignored[128];
    char        *copy;
    size_t       i, id, k;
    unsigned     utf8;
    acct_job_t  *job;

    job = &b->jobs[b->njobs++];

    job->place = place;
    job->wants = wants;
    job->portable = b->portable;

    job->exprs = calloc(n, sizeof(char *));
    job->lens = calloc(n, sizeof(size_t));
    job->first = calloc(n, sizeof(size_t));
    job->ids = calloc(n, sizeof(unsigned));
    job->flags = patterns ? calloc(n, sizeof(unsigned)) : NULL;

    if (!job->exprs || !job->lens || !job->first || !job->ids
        || (patterns && !job->flags))
    {
        acct_build_no_memory(b);
        return;
    }

    for (i = 0, id = 0, k = 0; i < wants->n; i++) {
        if (i && acct_str_eq(wants->elts[i].text, wants->elts[i - 1].text)) {
            continue;
        }

        if (anchored && !acct_build_asked(v, &v->regexes[id])) {
            id++;
            continue;
        }

        job->exprs[k] = (const char *) wants->elts[i].text.data;
        job->lens[k] = wants->elts[i].text.len;
        job->ids[k] = (unsigned) id++;
        job->first[k] = i;

        if (patterns) {
            (void) acct_build_regex(b, ACCT_VIEW_RAW, wants->elts[i].text,
                                    &utf8, ignored, sizeof(ignored));
            job->flags[k] = utf8 ? HS_FLAG_UTF8 : 0;
        }

        if (anchored) {
            copy = acct_packs_alloc(b->rs->packs,
                                    job->lens[k] + sizeof("^(?:)"));

            if (copy == NULL) {
                acct_build_no_memory(b);
                return;
            }

            snprintf(copy, job->lens[k] + sizeof("^(?:)"), "^(?:%s)",
                     job->exprs[k]);
            job->exprs[k] = copy;
        }

        k++;
    }

    job->n = k;
}


static void
acct_job_run(acct_job_t *job)
{
    const hs_platform_info_t  *platform;

    static const hs_platform_info_t  baseline = { HS_TUNE_FAMILY_GENERIC, 0,
                                                  0, 0 };

    platform = job->portable ? &baseline : NULL;

    if (job->flags) {
        job->rc = hs_compile_multi(job->exprs, job->flags, job->ids,
                                   (unsigned) job->n, HS_MODE_BLOCK, platform,
                                   &job->db, &job->error);
    } else {
        job->rc = hs_compile_lit_multi(job->exprs, NULL, job->ids, job->lens,
                                       (unsigned) job->n, HS_MODE_BLOCK,
                                       platform, &job->db, &job->error);
    }
}


static void *
acct_crew_work(void *data)
{
    size_t        i;
    acct_crew_t  *crew;

    crew = data;

    for ( ;; ) {
        i = atomic_fetch_add(&crew->next, 1);

        if (i >= crew->n) {
            return NULL;
        }

        acct_job_run(crew->jobs[i]);
    }
}


/* The dearest first, by as many threads as there may be besides this one */

static void
acct_build_run(acct_build_t *b)
{
    size_t        i, k, n;
    sigset_t      all, old;
    pthread_t     threads[ACCT_BUILD_THREADS];
    acct_job_t   *jobs[ACCT_BUILD_JOBS], *job;
    acct_crew_t   crew;

#define acct_job_weight(job)                                                  \
    ((job)->n * ((job)->flags ? ACCT_BUILD_PATTERN : 1))

    for (i = 0; i < b->njobs; i++) {
        job = &b->jobs[i];

        for (k = i; k > 0
             && acct_job_weight(jobs[k - 1]) < acct_job_weight(job); k--)
        {
            jobs[k] = jobs[k - 1];
        }

        jobs[k] = job;
    }

    crew.jobs = jobs;
    crew.n = b->njobs;
    atomic_init(&crew.next, 0);

    n = acct_build_threads < b->njobs ? acct_build_threads : b->njobs;

    /* signals are for the threads of whoever calls */

    sigfillset(&all);
    (void) pthread_sigmask(SIG_BLOCK, &all, &old);

    for (i = 0; i + 1 < n; i++) {
        if (pthread_create(&threads[i], NULL, acct_crew_work, &crew) != 0) {
            break;
        }
    }

    (void) pthread_sigmask(SIG_SETMASK, &old, NULL);

    (void) acct_crew_work(&crew);

    while (i) {
        (void) pthread_join(threads[--i], NULL);
    }

    for (i = 0; i < b->njobs; i++) {
        job = &b->jobs[i];

        if (job->rc != HS_SUCCESS) {
            acct_build_compile_error(b, job->error, job->wants, job->first,
                                     job->n);

        } else {
            *job->place = acct_build_reopen(b, job->db);
        }
    }
}


static void
acct_build_jobs_free(acct_build_t *b)
{
    size_t       i;
    acct_job_t  *job;

    for (i = 0; i < b->njobs; i++) {
        job = &b->jobs[i];

        free(job->exprs);
        free(job->lens);
        free(job->first);
        free(job->ids);
        free(job->flags);
    }
}


static void
acct_build_widths(acct_build_t *b, const acct_wants_t *wants,
    acct_probe_t *probes)
{
    char                 ignored[128];
    size_t               i, k;
    unsigned             utf8;
    hs_expr_info_t      *info;
    hs_compile_error_t  *ce;

    for (i = 0, k = 0; i < wants->n; i++) {
        if (i && acct_str_eq(wants->elts[i].text, wants->elts[i - 1].text)) {
            continue;
        }

        (void) acct_build_regex(b, ACCT_VIEW_RAW, wants->elts[i].text, &utf8,
                                ignored, sizeof(ignored));

        info = NULL;
        ce = NULL;

        if (hs_expression_info((const char *) wants->elts[i].text.data,
                               utf8 ? HS_FLAG_UTF8 : 0, &info, &ce)
            == HS_SUCCESS)
        {
            probes[k].min = info->min_width;
            probes[k].max = info->max_width;

        } else {
            acct_build_no_memory(b);
        }

        free(info);
        hs_free_compile_error(ce);
        k++;
    }
}


/* The widths and databases of a view from a compiled file */

static void
acct_build_view_images(acct_build_t *b, acct_ruleset_view_t *v, unsigned view)
{
    int                anchors;
    size_t             i;
    acct_str_t         none = acct_null_string;
    const acct_str_t  *image;

    image = b->images->image[view];

    if ((v->nliterals != 0) != (image[ACCT_IMAGE_WORDS].len != 0)
        || (v->nregexes != 0) != (image[ACCT_IMAGE_PATTERNS].len != 0)
        || image[ACCT_IMAGE_WIDTHS].len != v->nregexes * 8)
    {
        b->failed = 1;
        acct_diag(b->diags, ACCT_DIAG_ERROR, NULL, 0, none, NULL,
                  "the databases are not those of the packs");
        return;
    }

    for (i = 0; i < v->nregexes; i++) {
        memcpy(&v->regexes[i].min, image[ACCT_IMAGE_WIDTHS].data + 8 * i, 4);
        memcpy(&v->regexes[i].max, image[ACCT_IMAGE_WIDTHS].data + 8 * i + 4,
               4);

        if (v->regexes[i].min == 0 || v->regexes[i].min > v->regexes[i].max
            || v->regexes[i].max > ACCT_RULESET_WIDTH)
        {
            b->failed = 1;
            acct_diag(b->diags, ACCT_DIAG_ERROR, NULL, 0, none, NULL,
                      "the width of a pattern is out of its range");
            return;
        }
    }

    anchors = acct_build_anchors(v);

    if (anchors != (image[ACCT_IMAGE_ANCHORED].len != 0)) {
        b->failed = 1;
        acct_diag(b->diags, ACCT_DIAG_ERROR, NULL, 0, none, NULL,
                  "the databases are not those of the packs");
        return;
    }

    if (v->nliterals) {
        v->words = acct_build_open(b, image[ACCT_IMAGE_WORDS]);
    }

    if (v->nregexes && !b->failed) {
        v->patterns = acct_build_open(b, image[ACCT_IMAGE_PATTERNS]);
    }

    if (anchors && !b->failed) {
        v->anchored = acct_build_open(b, image[ACCT_IMAGE_ANCHORED]);
    }
}


static void
acct_build_view(acct_build_t *b, unsigned view)
{
    size_t                n;
    acct_ruleset_view_t  *v;

    v = &b->rs->views[view];
    n = b->words[view].n + b->patterns[view].n;

    if (n == 0) {
        return;
    }

    v->uses = calloc(n, sizeof(acct_use_t));

    if (v->uses == NULL) {
        acct_build_no_memory(b);
        return;
    }

    v->literals = acct_build_probes(b, v, &b->words[view], &v->nliterals);
    v->regexes = acct_build_probes(b, v, &b->patterns[view], &v->nregexes);

    if (b->failed) {
        return;
    }

    if (b->images) {
        acct_build_view_images(b, v, view);
        return;
    }

    if (v->nliterals) {
        acct_build_job(b, v, &v->words, &b->words[view], v->nliterals, 0, 0);
    }

    if (v->nregexes) {
        acct_build_widths(b, &b->patterns[view], v->regexes);

        acct_build_job(b, v, &v->patterns, &b->patterns[view], v->nregexes, 1,
                       0);

        if (acct_build_anchors(v)) {
            acct_build_job(b, v, &v->anchored, &b->patterns[view],
                           v->nregexes, 1, 1);
        }
    }
}


acct_ruleset_t *
acct_ruleset_build(acct_packs_t *packs, unsigned portable,
    const acct_images_t *images, acct_diags_t *diags)
{
    size_t           i;
    unsigned         view;
    acct_build_t     b;
    acct_ruleset_t  *rs;

    memset(&b, 0, sizeof(acct_build_t));

    b.diags = diags;
    b.portable = portable;
    b.images = images;
    acct_buf_init(&b.buf, &acct_heap, ACCT_TERM_MAX * 8);

    rs = calloc(1, sizeof(acct_ruleset_t));
    b.rs = rs;
    b.text = acct_text_create(&acct_heap);
    b.arena = calloc(1, sizeof(acct_packs_t));

    if (rs) {
        rs->rules = calloc(packs->nrules ? packs->nrules : 1,
                           sizeof(acct_rule_t));
    }

    if (rs == NULL || b.text == NULL || b.arena == NULL || rs->rules == NULL) {
        acct_build_no_memory(&b);
        goto done;
    }

    rs->refs = 1;
    rs->packs = packs;
    rs->id = ++acct_ruleset_last;

    for (i = 0; i < packs->nrules; i++) {
        acct_build_rule(&b, &packs->rules[i]);
    }

    for (view = 0; view < ACCT_VIEWS && !b.failed; view++) {
        acct_build_view(&b, view);
    }

    if (!b.failed) {
        acct_build_run(&b);
    }

done:

    acct_build_jobs_free(&b);

    for (view = 0; view < ACCT_VIEWS; view++) {
        free(b.words[view].elts);
        free(b.patterns[view].elts);
    }

    acct_text_destroy(b.text);
    acct_buf_free(&b.buf);
    acct_packs_free(b.arena);

#if defined(__GLIBC__)

    /* a build leaves tens of megabytes free, which every worker would keep */

    malloc_trim(0);

#endif

    if (b.failed && rs) {
        rs->packs = NULL;                       /* still the caller's */
        acct_ruleset_free(rs);
        return NULL;
    }

    return rs;
}


static void
acct_ruleset_free(acct_ruleset_t *rs)
{
    unsigned              i;
    acct_ruleset_view_t  *v;

    for (i = 0; i < ACCT_VIEWS; i++) {
        v = &rs->views[i];

        hs_free_database(v->words);
        hs_free_database(v->patterns);
        hs_free_database(v->anchored);

        free(v->literals);
        free(v->regexes);
        free(v->uses);
        acct_scale_destroy(v->scale);
    }

    acct_packs_free(rs->packs);

    free(rs->rules);
    free(rs);
}


int
acct_ruleset_image(const acct_ruleset_t *rs, unsigned view, unsigned image,
    acct_buf_t *out)
{
    int                         rc;
    char                       *bytes;
    size_t                      n, i;
    const hs_database_t        *db;
    const acct_ruleset_view_t  *v;

    v = &rs->views[view];

    if (image == ACCT_IMAGE_WIDTHS) {
        for (i = 0; i < v->nregexes; i++) {
            if (acct_buf_append(out, &v->regexes[i].min, 4) != ACCT_OK
                || acct_buf_append(out, &v->regexes[i].max, 4) != ACCT_OK)
            {
                return ACCT_ERROR;
            }
        }

        return ACCT_OK;
    }

    db = image == ACCT_IMAGE_WORDS ? v->words
         : image == ACCT_IMAGE_PATTERNS ? v->patterns : v->anchored;

    if (db == NULL) {
        return ACCT_OK;
    }

    if (hs_serialize_database(db, &bytes, &n) != HS_SUCCESS) {
        return ACCT_ERROR;
    }

    rc = acct_buf_append(out, bytes, n);
    free(bytes);

    return rc;
}


void
acct_ruleset_retain(acct_ruleset_t *rs)
{
    rs->refs++;
}


void
acct_ruleset_release(acct_ruleset_t *rs)
{
    if (rs == NULL || --rs->refs) {
        return;
    }

    if (rs->gone) {
        rs->gone(rs);
    }

    acct_ruleset_free(rs);
}


void
acct_ruleset_watch(acct_ruleset_t *rs, acct_ruleset_gone_pt gone)
{
    rs->gone = gone;
}


acct_str_t
acct_ruleset_serial(const acct_ruleset_t *rs)
{
    return rs->packs->serial;
}


acct_str_t
acct_ruleset_digest(const acct_ruleset_t *rs)
{
    return acct_str(rs->packs->digest);
}


const acct_packs_t *
acct_ruleset_packs(const acct_ruleset_t *rs)
{
    return rs->packs;
}


size_t
acct_ruleset_count(const acct_ruleset_t *rs)
{
    return rs->nrules;
}


const acct_rule_t *
acct_ruleset_rule(const acct_ruleset_t *rs, size_t i)
{
    return &rs->rules[i];
}


const acct_rule_t *
acct_ruleset_find(const acct_ruleset_t *rs, acct_str_t id)
{
    int     rc;
    size_t  lo, hi, mid;

    lo = 0;
    hi = rs->nrules;

    while (lo < hi) {
        mid = lo + (hi - lo) / 2;
        rc = acct_str_cmp(rs->rules[mid].id, id);

        if (rc == 0) {
            return &rs->rules[mid];
        }

        if (rc < 0) {
            lo = mid + 1;

        } else {
            hi = mid;
        }
    }

    return NULL;
}


void
acct_ruleset_view_info(const acct_ruleset_t *rs, acct_view_e view,
    acct_ruleset_view_info_t *info)
{
    size_t                      n;
    unsigned                    i;
    hs_database_t              *db[3];
    const acct_ruleset_view_t  *v;

    v = &rs->views[view];

    info->words = v->nliterals;
    info->patterns = v->nregexes;
    info->uses = v->nuses;
    info->weights = v->nweights;
    info->bytes = v->scale ? acct_scale_size(v->scale) : 0;

    db[0] = v->words;
    db[1] = v->patterns;
    db[2] = v->anchored;

    for (i = 0; i < 3; i++) {
        if (db[i] && hs_database_size(db[i], &n) == HS_SUCCESS) {
            info->bytes += n;
        }
    }
}


unsigned
acct_ruleset_views(const acct_ruleset_t *rs, acct_str_t field, uint64_t *mask)
{
    unsigned  i;

    for (i = 0; i < rs->nfields; i++) {
        if (acct_str_eq(rs->fields[i], field)) {
            *mask = (uint64_t) 1 << i;
            return (acct_str_eq(field, acct_joined) ? 0 : rs->common)
                   | rs->special[i];
        }
    }

    *mask = 0;

    return acct_str_eq(field, acct_joined) ? 0 : rs->common;
}


const acct_scale_t *
acct_ruleset_scale(const acct_ruleset_t *rs, acct_view_e view)
{
    return rs->views[view].scale;
}


const acct_use_t *
acct_ruleset_scale_use(const acct_ruleset_t *rs, acct_view_e view,
    unsigned slot)
{
    return &rs->views[view].weighed[slot];
}


acct_scratch_t *
acct_scratch_create(const acct_alloc_t *a)
{
    acct_scratch_t  *s;

    s = acct_calloc(a, sizeof(acct_scratch_t));

    if (s) {
        s->alloc = a;
    }

    return s;
}


void
acct_scratch_destroy(acct_scratch_t *s)
{
    if (s == NULL) {
        return;
    }

    hs_free_scratch(s->hs);

    acct_free(s->alloc, s->fitted);
    acct_free(s->alloc, s);
}


int
acct_scratch_fit(acct_scratch_t *s, const acct_ruleset_t *rs)
{
    size_t                      i, size;
    uint64_t                   *fitted;
    const acct_ruleset_view_t  *v;

    for (i = 0; i < s->n; i++) {
        if (s->fitted[i] == rs->id) {
            return ACCT_OK;
        }
    }

    for (i = 0; i < ACCT_VIEWS; i++) {
        v = &rs->views[i];

        if ((v->words && hs_alloc_scratch(v->words, &s->hs) != HS_SUCCESS)
            || (v->patterns
                && hs_alloc_scratch(v->patterns, &s->hs) != HS_SUCCESS)
            || (v->anchored
                && hs_alloc_scratch(v->anchored, &s->hs) != HS_SUCCESS))
        {
            return ACCT_ERROR;
        }
    }

    if (s->n == s->size) {
        size = s->size ? s->size * 2 : 8;
        fitted = acct_array(s->alloc, size, sizeof(uint64_t));

        if (fitted == NULL) {
            return ACCT_ERROR;
        }

        if (s->n) {
            memcpy(fitted, s->fitted, s->n * sizeof(uint64_t));
        }

        acct_free(s->alloc, s->fitted);

        s->fitted = fitted;
        s->size = size;
    }

    s->fitted[s->n++] = rs->id;

    return ACCT_OK;
}


size_t
acct_scratch_size(const acct_scratch_t *s)
{
    size_t  n;

    return s->hs && hs_scratch_size(s->hs, &n) == HS_SUCCESS ? n : 0;
}


static int
acct_scan_match(unsigned int id, unsigned long long from,
    unsigned long long to, unsigned int flags, void *ctx)
{
    size_t        size;
    acct_hit_t   *elts, *hit;
    acct_hits_t  *hits;
    acct_scan_t  *scan;

    (void) from;
    (void) flags;

    scan = ctx;

    if (to <= scan->seen) {
        return 0;
    }

    /* a database that is not of these packs must not lead astray */

    if (id >= scan->ids) {
        return 1;
    }

    hits = scan->hits;

    if (hits->n == hits->size) {
        size = hits->size ? hits->size * 2 : 64;
        elts = acct_array(hits->alloc, size, sizeof(acct_hit_t));

        if (elts == NULL) {
            return 1;
        }

        if (hits->n) {
            memcpy(elts, hits->elts, hits->n * sizeof(acct_hit_t));
        }

        acct_free(hits->alloc, hits->elts);

        hits->elts = elts;
        hits->size = size;
    }

    hit = &hits->elts[hits->n++];

    hit->id = id;
    hit->pattern = scan->pattern;
    hit->end = (uint32_t) to;

    return 0;
}


int
acct_ruleset_scan(const acct_ruleset_t *rs, acct_scratch_t *s,
    const acct_window_t *w, acct_hits_t *hits)
{
    acct_scan_t                 scan;
    hs_error_t                  rc;
    const acct_ruleset_view_t  *v;

    v = &rs->views[w->view];

    if (w->len == 0) {
        return ACCT_OK;
    }

    scan.hits = hits;
    scan.seen = w->seen;

    if (v->words) {
        scan.pattern = 0;
        scan.ids = v->nliterals;
        rc = hs_scan(v->words, (const char *) w->data, (unsigned) w->len, 0,
                     s->hs, acct_scan_match, &scan);

        if (rc != HS_SUCCESS) {
            return ACCT_ERROR;
        }
    }

    if (v->patterns) {
        scan.pattern = 1;
        scan.ids = v->nregexes;
        rc = hs_scan(v->patterns, (const char *) w->data, (unsigned) w->len, 0,
                     s->hs, acct_scan_match, &scan);

        if (rc != HS_SUCCESS) {
            return ACCT_ERROR;
        }
    }

    return ACCT_OK;
}


static const acct_probe_t *
acct_ruleset_probe(const acct_ruleset_t *rs, acct_view_e view,
    const acct_hit_t *hit)
{
    const acct_ruleset_view_t  *v;

    v = &rs->views[view];

    return hit->pattern ? &v->regexes[hit->id] : &v->literals[hit->id];
}


const acct_use_t *
acct_ruleset_uses(const acct_ruleset_t *rs, acct_view_e view,
    const acct_hit_t *hit, size_t *n, size_t *matches)
{
    const acct_probe_t  *probe;

    probe = acct_ruleset_probe(rs, view, hit);
    *n = probe->nuses;
    *matches = probe->nmatches;

    return &rs->views[view].uses[probe->use];
}


acct_str_t
acct_ruleset_literal(const acct_ruleset_t *rs, acct_view_e view,
    const acct_hit_t *hit)
{
    static const acct_str_t  none = acct_null_string;

    return hit->pattern ? none : acct_ruleset_probe(rs, view, hit)->text;
}


void
acct_ruleset_width(const acct_ruleset_t *rs, acct_view_e view,
    const acct_hit_t *hit, size_t *min, size_t *max)
{
    const acct_probe_t  *probe;

    probe = acct_ruleset_probe(rs, view, hit);

    *min = probe->min;
    *max = probe->max;
}


static int
acct_probe_match(unsigned int id, unsigned long long from,
    unsigned long long to, unsigned int flags, void *ctx)
{
    acct_probe_scan_t  *scan;

    (void) from;
    (void) flags;

    scan = ctx;

    if (id == scan->id && to == scan->end) {
        scan->found = 1;
        return 1;
    }

    return 0;
}


static int
acct_ruleset_ask(const hs_database_t *db, acct_scratch_t *s,
    const acct_window_t *w, const acct_hit_t *hit, size_t start,
    unsigned *found)
{
    hs_error_t         rc;
    acct_probe_scan_t  scan;

    scan.id = hit->id;
    scan.end = hit->end - start;
    scan.found = 0;

    rc = hs_scan(db, (const char *) w->data + start,
                 (unsigned) (hit->end - start), 0, s->hs, acct_probe_match,
                 &scan);

    *found = scan.found;

    return (rc == HS_SUCCESS || rc == HS_SCAN_TERMINATED) ? ACCT_OK
                                                          : ACCT_ERROR;
}


int
acct_ruleset_exact(const acct_ruleset_t *rs, acct_scratch_t *s,
    const acct_window_t *w, const acct_hit_t *hit, size_t start,
    unsigned *matches)
{
    return acct_ruleset_ask(rs->views[w->view].anchored, s, w, hit, start,
                            matches);
}


/*
 * "Scanning [s, end) reports this pattern at end" is true for every s up to
 * the latest start and false after it, since patterns have no anchors.  So
 * the latest start is found by bisection, over the starts of characters.
 */

int
acct_ruleset_start(const acct_ruleset_t *rs, acct_scratch_t *s,
    const acct_window_t *w, const acct_hit_t *hit, size_t floor, size_t *start)
{
    size_t               lo, hi, mid;
    unsigned             found;
    const acct_probe_t  *probe;
    const hs_database_t *db;

    probe = acct_ruleset_probe(rs, w->view, hit);

    if (probe->min == probe->max) {
        *start = hit->end - probe->min;
        return ACCT_OK;
    }

    db = rs->views[w->view].patterns;

    lo = hit->end > probe->max ? hit->end - probe->max : 0;
    lo = lo > floor ? lo : floor;
    hi = hit->end - probe->min;

    while (lo < hi && (w->data[lo] & 0xc0) == 0x80) {
        lo++;
    }

    while (hi > lo && (w->data[hi] & 0xc0) == 0x80) {
        hi--;
    }

    /* lo reports; the answer is at lo or between it and hi */

    while (lo < hi) {
        mid = lo + (hi - lo) / 2 + 1;

        while (mid < hi && (w->data[mid] & 0xc0) == 0x80) {
            mid++;
        }

        if (acct_ruleset_ask(db, s, w, hit, mid, &found) != ACCT_OK) {
            return ACCT_ERROR;
        }

        if (found) {
            lo = mid;
            continue;
        }

        for (mid--; mid > lo && (w->data[mid] & 0xc0) == 0x80; mid--) {
            /* void */
        }

        hi = mid;
    }

    *start = lo;

    return ACCT_OK;
}
