
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * A pack is read twice.  jansson says whether it is JSON and yields the
 * values; a walk over the same text notes the line of each of them, which
 * jansson does not keep.  Both keep the order of the text, so the two trees
 * are walked side by side.
 */


#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>
#include <openssl/evp.h>

#include "acct_pack.h"
#include "acct_weigh.h"


#define ACCT_PACK_FILE_MAX     (64 * 1024 * 1024)
#define ACCT_PACK_FILES_MAX    4096
#define ACCT_PACK_CHUNK        (64 * 1024 - 64)


typedef struct acct_chunk_s  acct_chunk_t;

struct acct_chunk_s {
    acct_chunk_t         *next;
    size_t                used;
    size_t                size;
};


/* A list as it was read: its terms are shared by all that name it */

typedef struct acct_list_s  acct_list_t;

struct acct_list_s {
    acct_list_t          *next;
    const char           *path;
    const char           *name;
    acct_terms_t          terms;
};


/* The line of a value; child and next are indices, 0 is none */

typedef struct {
    unsigned              line;
    uint32_t              child;
    uint32_t              next;
} acct_line_t;


typedef struct {
    const char           *p;
    const char           *end;
    unsigned              line;

    acct_line_t          *nodes;
    uint32_t              n;
    uint32_t              size;
} acct_lines_t;


typedef struct {
    acct_packs_t         *packs;
    acct_diags_t         *diags;
    unsigned              lint;

    const char           *folder;       /* of the packs; NULL: they come from
                                           an archive */
    const acct_file_t    *archive;
    size_t                narchive;
    const char           *dir;          /* before the names of files */
    const char           *file;         /* the pack at hand */
    acct_str_t            prefix;
    acct_str_t            rule;         /* id of the rule at hand */

    acct_lines_t          lines;

    acct_file_t          *files;        /* all that make the digest */
    size_t                nfiles;
    size_t                afiles;

    acct_list_t          *lists;        /* that were read, for the next that
                                           names them */

    unsigned              failed;
} acct_pack_ctx_t;


typedef struct acct_attr_s  acct_attr_t;

struct acct_attr_s {
    acct_attribute_t      pub;
    void                (*set)(acct_pack_ctx_t *c, const acct_attr_t *attr,
                               acct_pack_rule_t *r, json_t *value,
                               uint32_t node);
    size_t                offset;
    const void           *words;        /* a vocabulary */
};


typedef struct {
    const char           *name;
    unsigned              value;
} acct_name_t;


static void acct_pack_string(acct_pack_ctx_t *c, const acct_attr_t *attr,
    acct_pack_rule_t *r, json_t *value, uint32_t node);
static void acct_pack_strings(acct_pack_ctx_t *c, const acct_attr_t *attr,
    acct_pack_rule_t *r, json_t *value, uint32_t node);
static void acct_pack_word(acct_pack_ctx_t *c, const acct_attr_t *attr,
    acct_pack_rule_t *r, json_t *value, uint32_t node);
static void acct_pack_enum(acct_pack_ctx_t *c, const acct_attr_t *attr,
    acct_pack_rule_t *r, json_t *value, uint32_t node);
static void acct_pack_level(acct_pack_ctx_t *c, const acct_attr_t *attr,
    acct_pack_rule_t *r, json_t *value, uint32_t node);
static void acct_pack_date(acct_pack_ctx_t *c, const acct_attr_t *attr,
    acct_pack_rule_t *r, json_t *value, uint32_t node);
static void acct_pack_terms(acct_pack_ctx_t *c, const acct_attr_t *attr,
    acct_pack_rule_t *r, json_t *value, uint32_t node);
static void acct_pack_lists(acct_pack_ctx_t *c, const acct_attr_t *attr,
    acct_pack_rule_t *r, json_t *value, uint32_t node);
static void acct_pack_roster(acct_pack_ctx_t *c, const acct_attr_t *attr,
    acct_pack_rule_t *r, json_t *value, uint32_t node);
static void acct_pack_near(acct_pack_ctx_t *c, const acct_attr_t *attr,
    acct_pack_rule_t *r, json_t *value, uint32_t node);
static void acct_pack_weights(acct_pack_ctx_t *c, const acct_attr_t *attr,
    acct_pack_rule_t *r, json_t *value, uint32_t node);
static void acct_pack_except(acct_pack_ctx_t *c, const acct_attr_t *attr,
    acct_pack_rule_t *r, json_t *value, uint32_t node);
static void acct_pack_examples(acct_pack_ctx_t *c, const acct_attr_t *attr,
    acct_pack_rule_t *r, json_t *value, uint32_t node);
static void acct_pack_note(acct_pack_ctx_t *c, const acct_attr_t *attr,
    acct_pack_rule_t *r, json_t *value, uint32_t node);


/* Closed vocabularies */

static const char  *acct_categories[] = {
    "impersonation", "media", "enterprise", "platform", "badge", "occupation",
    "place", "restricted", "contact", "solicitation", "gambling", "fraud",
    "drugs", "weapons", "abuse", "threat", "prohibited", "claim", "account",
    "operator", NULL
};


static const char  *acct_reasons[] = {
    "bad_encoding", "too_long", "mixed_script", "impersonation_official",
    "impersonation_media", "impersonation_org", "impersonation_platform",
    "impersonation_person", "badge_spoof", "restricted_term", "place_name",
    "occupation_unverified", "licence_required", "contact_info",
    "external_link", "off_platform", "misleading_claim", "solicitation",
    "gambling", "fraud", "drugs_weapons", "abuse_threat",
    "closed_account_related", "prohibited_content", "operator_rule", NULL
};


static const acct_name_t  acct_where_names[] = {
    { "anywhere", ACCT_WHERE_ANYWHERE },
    { "word", ACCT_WHERE_WORD },
    { "whole", ACCT_WHERE_WHOLE },
    { NULL, 0 }
};


static const acct_name_t  acct_side_names[] = {
    { "either", ACCT_SIDE_EITHER },
    { "before", ACCT_SIDE_BEFORE },
    { "after", ACCT_SIDE_AFTER },
    { NULL, 0 }
};


static const acct_name_t  acct_action_names[] = {
    { "tag", ACCT_TAG },
    { "verify", ACCT_VERIFY },
    { "reject", ACCT_REJECT },
    { NULL, 0 }
};


static const acct_name_t  acct_stage_names[] = {
    { "stable", ACCT_STAGE_STABLE },
    { "trial", ACCT_STAGE_TRIAL },
    { "retired", ACCT_STAGE_RETIRED },
    { NULL, 0 }
};


static const acct_name_t  acct_view_names[] = {
    { "raw", ACCT_VIEW_RAW },
    { "base", ACCT_VIEW_BASE },
    { "bare", ACCT_VIEW_BARE },
    { "han", ACCT_VIEW_HAN },
    { "latin", ACCT_VIEW_LATIN },
    { "digits", ACCT_VIEW_DIGITS },
    { "sound", ACCT_VIEW_SOUND },
    { NULL, 0 }
};


#define acct_rule_offset(m)    offsetof(acct_pack_rule_t, m)


/* The attributes of a rule, in their canonical order */

static const acct_attr_t  acct_attrs[] = {

    { { "id", ACCT_ATTR_LOAD, ACCT_KIND_STRING,
        "identity: the pack's prefix, a dash, a number" },
      acct_pack_string, acct_rule_offset(id), NULL },

    { { "message", ACCT_ATTR_LINT, ACCT_KIND_STRING,
        "one sentence that tells a colleague what the rule catches" },
      acct_pack_string, acct_rule_offset(message), NULL },

    { { "category", ACCT_ATTR_LINT, ACCT_KIND_WORD,
        "a word of the closed list of categories" },
      acct_pack_word, acct_rule_offset(category), acct_categories },

    { { "reason", ACCT_ATTR_LINT, ACCT_KIND_WORD,
        "a word of the closed list of reasons; the applicant is told it" },
      acct_pack_word, acct_rule_offset(reason), acct_reasons },

    { { "basis", ACCT_ATTR_LINT, ACCT_KIND_STRINGS,
        "the article or policy that the rule serves" },
      acct_pack_strings, acct_rule_offset(basis), NULL },

    { { "fields", 0, ACCT_KIND_STRINGS,
        "the fields it reads; all of them where none is named" },
      acct_pack_strings, acct_rule_offset(fields), NULL },

    { { "view", ACCT_ATTR_LOAD, ACCT_KIND_WORD,
        "the form of the text that it reads" },
      acct_pack_enum, acct_rule_offset(view), acct_view_names },

    { { "words", ACCT_ATTR_LOOK, ACCT_KIND_STRINGS,
        "what it looks for: plain words" },
      acct_pack_terms, acct_rule_offset(words), NULL },

    { { "list", ACCT_ATTR_LOOK, ACCT_KIND_STRINGS,
        "what it looks for: lists of words, as paths" },
      acct_pack_lists, acct_rule_offset(words), NULL },

    { { "roster", ACCT_ATTR_LOOK, ACCT_KIND_ROSTER,
        "what it looks for: names that somebody may bear" },
      acct_pack_roster, acct_rule_offset(roster), NULL },

    { { "regex", ACCT_ATTR_LOOK, ACCT_KIND_STRINGS,
        "what it looks for: patterns" },
      acct_pack_terms, acct_rule_offset(regex), NULL },

    { { "shape", ACCT_ATTR_LOOK, ACCT_KIND_STRINGS,
        "what it looks for: named shapes, such as cn_mobile" },
      acct_pack_terms, acct_rule_offset(shape), NULL },

    { { "weights", ACCT_ATTR_LOOK, ACCT_KIND_WEIGHTS,
        "what it looks for: terms that add up" },
      acct_pack_weights, 0, NULL },

    { { "where", 0, ACCT_KIND_WORD,
        "whole, word or anywhere" },
      acct_pack_enum, acct_rule_offset(where), acct_where_names },

    { { "beside", 0, ACCT_KIND_BESIDE,
        "what must stand near: one, or an array of which each must" },
      acct_pack_near, 0, NULL },

    { { "unless", 0, ACCT_KIND_UNLESS,
        "what must not stand near" },
      acct_pack_near, 1, NULL },

    { { "except", 0, ACCT_KIND_EXCEPT,
        "what excuses a match that it covers" },
      acct_pack_except, acct_rule_offset(except), NULL },

    { { "exempt", 0, ACCT_KIND_STRINGS,
        "verified classes that it excuses" },
      acct_pack_strings, acct_rule_offset(exempt), NULL },

    { { "action", ACCT_ATTR_LOAD, ACCT_KIND_WORD,
        "tag, verify or reject" },
      acct_pack_enum, acct_rule_offset(action), acct_action_names },

    { { "evasive", 0, ACCT_KIND_WORD,
        "the action for an evasive spelling" },
      acct_pack_enum, acct_rule_offset(evasive), acct_action_names },

    { { "level", 0, ACCT_KIND_LEVEL,
        "1 to 3: how much risk of false alarm it brings" },
      acct_pack_level, acct_rule_offset(level), NULL },

    { { "stage", 0, ACCT_KIND_WORD,
        "trial, stable or retired" },
      acct_pack_enum, acct_rule_offset(stage), acct_stage_names },

    { { "review_by", 0, ACCT_KIND_DATE,
        "the date by which to look at it again; past it the rule only tags" },
      acct_pack_date, acct_rule_offset(review_by), NULL },

    { { "source", 0, ACCT_KIND_STRINGS,
        "where it comes from" },
      acct_pack_strings, acct_rule_offset(source), NULL },

    { { "false_alarms", 0, ACCT_KIND_STRINGS,
        "whom it might hurt" },
      acct_pack_strings, acct_rule_offset(false_alarms), NULL },

    { { "match", ACCT_ATTR_LINT, ACCT_KIND_EXAMPLES,
        "examples that it must match" },
      acct_pack_examples, acct_rule_offset(match), NULL },

    { { "pass", ACCT_ATTR_LINT, ACCT_KIND_EXAMPLES,
        "examples that it must not match" },
      acct_pack_examples, acct_rule_offset(pass), NULL },

    { { "note", 0, ACCT_KIND_STRING,
        "for whoever reads the pack" },
      acct_pack_note, 0, NULL }
};


#define ACCT_ATTRS     (sizeof(acct_attrs) / sizeof(acct_attrs[0]))


static const char  *acct_pack_keys[] = {
    "pack", "prefix", "note", "rules", NULL
};


#define acct_pack_error(c, node, attr, ...)                                   \
    acct_pack_report(c, ACCT_DIAG_ERROR, node, attr, __VA_ARGS__)


#define acct_pack_report(c, severity, node, attr, ...)                        \
    do {                                                                      \
        if ((severity) == ACCT_DIAG_ERROR) {                                  \
            (c)->failed = 1;                                                  \
        }                                                                     \
                                                                              \
        acct_diag((c)->diags, severity, (c)->file, acct_pack_line(c, node),   \
                  (c)->rule, attr, __VA_ARGS__);                              \
    } while (0)


static unsigned
acct_pack_line(acct_pack_ctx_t *c, uint32_t node)
{
    return node < c->lines.n ? c->lines.nodes[node].line : 0;
}


static void
acct_pack_no_memory(acct_pack_ctx_t *c)
{
    acct_str_t  none = acct_null_string;

    c->failed = 1;
    acct_diag(c->diags, ACCT_DIAG_ERROR, c->file, 0, none, NULL,
              "out of memory");
}


void *
acct_packs_alloc(acct_packs_t *packs, size_t size)
{
    void          *p;
    size_t         need;
    acct_chunk_t  *chunk;

    if (size > SIZE_MAX / 2) {
        return NULL;
    }

    need = (size + 15) & ~(size_t) 15;
    chunk = packs->chunks;

    if (chunk == NULL || chunk->size - chunk->used < need) {
        size = need > ACCT_PACK_CHUNK ? need : ACCT_PACK_CHUNK;
        chunk = malloc(sizeof(acct_chunk_t) + 16 + size);

        if (chunk == NULL) {
            return NULL;
        }

        chunk->used = 0;
        chunk->size = size;
        chunk->next = packs->chunks;
        packs->chunks = chunk;
    }

    p = (char *) chunk + ((sizeof(acct_chunk_t) + 15) & ~(size_t) 15)
        + chunk->used;
    chunk->used += need;

    memset(p, 0, need);

    return p;
}


static acct_str_t
acct_packs_dup(acct_packs_t *packs, const char *p, size_t n)
{
    uint8_t     *d;
    acct_str_t   s = acct_null_string;

    d = acct_packs_alloc(packs, n + 1);

    if (d) {
        if (n) {
            memcpy(d, p, n);
        }

        s.data = d;
        s.len = n;
    }

    return s;
}


void
acct_packs_free(acct_packs_t *packs)
{
    acct_chunk_t  *chunk, *next;

    if (packs == NULL) {
        return;
    }

    for (chunk = packs->chunks; chunk; chunk = next) {
        next = chunk->next;
        free(chunk);
    }

    free(packs->rules);
    free(packs);
}


const acct_attribute_t *
acct_attribute(size_t i)
{
    return i < ACCT_ATTRS ? &acct_attrs[i].pub : NULL;
}


const char *
acct_attribute_word(size_t i, size_t k)
{
    size_t              n;
    const acct_name_t  *names;
    const char *const  *words;

    if (i >= ACCT_ATTRS || acct_attrs[i].words == NULL) {
        return NULL;
    }

    /* a walk, for the last of each table is a NULL */

    if (acct_attrs[i].set == acct_pack_enum) {
        names = acct_attrs[i].words;

        for (n = 0; names[n].name && n < k; n++) { /* void */ }

        return names[n].name;
    }

    words = acct_attrs[i].words;

    for (n = 0; words[n] && n < k; n++) { /* void */ }

    return words[n];
}


/* whether a rule has any of the attributes that say what it looks for */

static unsigned
acct_pack_looks(const acct_pack_rule_t *r)
{
    size_t  i;

    for (i = 0; i < ACCT_ATTRS; i++) {
        if ((r->given & (1u << i))
            && (acct_attrs[i].pub.flags & ACCT_ATTR_LOOK))
        {
            return 1;
        }
    }

    return 0;
}


/* how many letters must change; beyond 3 nobody meant that word */

static unsigned
acct_pack_distance(const char *a, const char *b)
{
    size_t    i, j, la, lb;
    unsigned  row[32], prev, cur, best;

    la = strlen(a);
    lb = strlen(b);

    if (la > 31 || lb > 31) {
        return UINT_MAX;
    }

    for (j = 0; j <= lb; j++) {
        row[j] = (unsigned) j;
    }

    for (i = 1; i <= la; i++) {
        prev = row[0];
        row[0] = (unsigned) i;

        for (j = 1; j <= lb; j++) {
            cur = row[j];
            best = prev + (a[i - 1] != b[j - 1]);

            if (row[j] + 1 < best) {
                best = row[j] + 1;
            }

            if (row[j - 1] + 1 < best) {
                best = row[j - 1] + 1;
            }

            row[j] = best;
            prev = cur;
        }
    }

    return row[lb];
}


/* ", did you mean \"x\"?" for the nearest of a list of names */

static const char *
acct_pack_nearest(const char *name, const char *const *names, size_t stride,
    size_t n, char *buf, size_t size)
{
    size_t       i;
    unsigned     d, best;
    const char  *s, *nearest;

    best = 4;
    nearest = NULL;

    for (i = 0; i < n; i++) {
        s = *(const char *const *) ((const char *) names + i * stride);
        d = acct_pack_distance(name, s);

        if (d < best) {
            best = d;
            nearest = s;
        }
    }

    buf[0] = '\0';

    if (nearest && best < strlen(nearest)) {
        snprintf(buf, size, ", did you mean \"%s\"?", nearest);
    }

    return buf;
}


/*
 * The line walk.  The text is known to be JSON, so there is nothing to check
 * but the end; jansson refuses nesting deeper than 2048.
 */

static void
acct_lines_space(acct_lines_t *l)
{
    for ( /* void */ ; l->p < l->end; l->p++) {
        if (*l->p == '\n') {
            l->line++;

        } else if (*l->p != ' ' && *l->p != '\t' && *l->p != '\r') {
            return;
        }
    }
}


static void
acct_lines_string(acct_lines_t *l)
{
    for (l->p++; l->p < l->end && *l->p != '"'; l->p++) {
        if (*l->p == '\\') {
            l->p++;
        }
    }

    l->p++;
}


/* a new node; 0 is no node and the outcome of a failure */

static uint32_t
acct_lines_add(acct_lines_t *l, unsigned line)
{
    uint32_t      size;
    acct_line_t  *nodes;

    if (l->n == l->size) {
        size = l->size ? l->size * 2 : 256;
        nodes = realloc(l->nodes, size * sizeof(acct_line_t));

        if (nodes == NULL) {
            return 0;
        }

        l->nodes = nodes;
        l->size = size;
    }

    l->nodes[l->n].line = line;
    l->nodes[l->n].child = 0;
    l->nodes[l->n].next = 0;

    return l->n++;
}


static uint32_t
acct_lines_value(acct_lines_t *l, unsigned line)
{
    char      close;
    uint32_t  node, child, last;
    unsigned  at;

    node = acct_lines_add(l, line ? line : l->line);

    if (node == 0) {
        return 0;
    }

    if (l->p >= l->end) {
        return node;
    }

    if (*l->p == '"') {
        acct_lines_string(l);
        return node;
    }

    if (*l->p != '{' && *l->p != '[') {

        /* whatever stands there, it is stepped over: a NUL too */

        do {
            l->p++;
        } while (l->p < l->end && memchr(",]} \t\r\n", *l->p, 7) == NULL);

        return node;
    }

    close = *l->p == '{' ? '}' : ']';
    last = 0;
    l->p++;

    for ( ;; ) {
        acct_lines_space(l);

        if (l->p >= l->end) {
            return node;
        }

        if (*l->p == close) {
            l->p++;
            return node;
        }

        if (*l->p == ',') {
            l->p++;
            continue;
        }

        at = 0;

        if (close == '}') {
            at = l->line;
            acct_lines_string(l);
            acct_lines_space(l);
            l->p++;                             /* the colon */
            acct_lines_space(l);
        }

        child = acct_lines_value(l, at);

        if (child == 0) {
            return 0;
        }

        if (last) {
            l->nodes[last].next = child;

        } else {
            l->nodes[node].child = child;
        }

        last = child;
    }
}


/* node 0 is none, so that a child of 0 ends a walk; 1 is the root */

static int
acct_lines_read(acct_lines_t *l, const char *p, size_t n)
{
    l->p = p;
    l->end = p + n;
    l->line = 1;
    l->n = 0;

    (void) acct_lines_add(l, 0);

    if (l->n == 0) {
        return ACCT_ERROR;
    }

    acct_lines_space(l);

    return acct_lines_value(l, 0) ? ACCT_OK : ACCT_ERROR;
}


static uint32_t
acct_lines_child(acct_pack_ctx_t *c, uint32_t node)
{
    return node < c->lines.n ? c->lines.nodes[node].child : 0;
}


static uint32_t
acct_lines_next(acct_pack_ctx_t *c, uint32_t node)
{
    return node < c->lines.n ? c->lines.nodes[node].next : 0;
}


static acct_str_t
acct_pack_archived(acct_pack_ctx_t *c, const char *name, unsigned line,
    const char *attribute)
{
    size_t      i;
    acct_str_t  none = acct_null_string;

    for (i = 0; i < c->narchive; i++) {
        if (acct_str_eq(c->archive[i].name, acct_str(name))) {
            return acct_packs_dup(c->packs,
                                  (const char *) c->archive[i].content.data,
                                  c->archive[i].content.len);
        }
    }

    c->failed = 1;
    acct_diag(c->diags, ACCT_DIAG_ERROR, c->file, line, c->rule, attribute,
              "\"%s\" is not in the compiled file", name);

    return none;
}


/* The whole of a file into the packs' memory; data is NULL on failure */

static acct_str_t
acct_pack_read(acct_pack_ctx_t *c, const char *path, const char *file,
    unsigned line, const char *attribute)
{
    int          err;
    FILE        *f;
    char        *p;
    size_t       n;
    struct stat  st;
    acct_str_t   s = acct_null_string;

    f = fopen(path, "rb");

    if (f == NULL || fstat(fileno(f), &st) == -1) {
        err = errno;
        c->failed = 1;
        acct_diag(c->diags, ACCT_DIAG_ERROR, file, line, c->rule, attribute,
                  "cannot open \"%s\": %s", path, strerror(err));
        goto done;
    }

    if (!S_ISREG(st.st_mode) || st.st_size > ACCT_PACK_FILE_MAX) {
        c->failed = 1;
        acct_diag(c->diags, ACCT_DIAG_ERROR, file, line, c->rule, attribute,
                  "\"%s\" is %s", path, S_ISREG(st.st_mode)
                  ? "larger than 64 MB" : "not a regular file");
        goto done;
    }

    p = acct_packs_alloc(c->packs, (size_t) st.st_size + 1);

    if (p == NULL) {
        acct_pack_no_memory(c);
        goto done;
    }

    n = fread(p, 1, (size_t) st.st_size, f);

    if (n != (size_t) st.st_size || fgetc(f) != EOF) {
        c->failed = 1;
        acct_diag(c->diags, ACCT_DIAG_ERROR, file, line, c->rule, attribute,
                  "\"%s\" changed while it was read", path);
        goto done;
    }

    s.data = (uint8_t *) p;
    s.len = n;

done:

    if (f) {
        fclose(f);
    }

    return s;
}


/* Notes a file for the digest; a file that is read twice counts once */

static int
acct_pack_note_file(acct_pack_ctx_t *c, const char *name, acct_str_t content)
{
    size_t        i;
    acct_file_t  *files;

    for (i = 0; i < c->nfiles; i++) {
        if (acct_str_eq(c->files[i].name, acct_str(name))) {
            return ACCT_OK;
        }
    }

    if (c->nfiles == c->afiles) {
        files = realloc(c->files, (c->afiles + 32) * sizeof(acct_file_t));

        if (files == NULL) {
            return ACCT_ERROR;
        }

        c->files = files;
        c->afiles += 32;
    }

    c->files[c->nfiles].name = acct_packs_dup(c->packs, name, strlen(name));
    c->files[c->nfiles].content = content;

    if (c->files[c->nfiles].name.data == NULL) {
        return ACCT_ERROR;
    }

    c->nfiles++;

    return ACCT_OK;
}


static const char *
acct_pack_type(json_t *value)
{
    switch (json_typeof(value)) {

    case JSON_OBJECT:
        return "an object";

    case JSON_ARRAY:
        return "an array";

    case JSON_STRING:
        return "a string";

    case JSON_INTEGER:
    case JSON_REAL:
        return "a number";

    case JSON_NULL:
        return "null";

    default:
        return "true or false";
    }
}


static int
acct_pack_get_string(acct_pack_ctx_t *c, const char *attribute, json_t *value,
    uint32_t node, acct_str_t *s)
{
    if (!json_is_string(value)) {
        acct_pack_error(c, node, attribute, "must be a string, is %s",
                        acct_pack_type(value));
        return ACCT_ERROR;
    }

    *s = acct_packs_dup(c->packs, json_string_value(value),
                        json_string_length(value));

    if (s->data == NULL) {
        acct_pack_no_memory(c);
        return ACCT_ERROR;
    }

    if (s->len == 0) {
        acct_pack_error(c, node, attribute, "is empty");
        return ACCT_ERROR;
    }

    return ACCT_OK;
}


static void
acct_pack_string(acct_pack_ctx_t *c, const acct_attr_t *attr,
    acct_pack_rule_t *r, json_t *value, uint32_t node)
{
    acct_str_t  s;

    if (acct_pack_get_string(c, attr->pub.name, value, node, &s) == ACCT_OK) {
        *(acct_str_t *) ((char *) r + attr->offset) = s;
    }
}


/* one string, or an array of them */

static int
acct_pack_get_strings(acct_pack_ctx_t *c, const char *attribute, json_t *value,
    uint32_t node, acct_strs_t *strs)
{
    size_t    i, n;
    uint32_t  child;

    if (!json_is_string(value) && !json_is_array(value)) {
        acct_pack_error(c, node, attribute,
                        "must be a string or an array of strings, is %s",
                        acct_pack_type(value));
        return ACCT_ERROR;
    }

    n = json_is_array(value) ? json_array_size(value) : 1;

    if (n == 0) {
        acct_pack_error(c, node, attribute, "is empty");
        return ACCT_ERROR;
    }

    strs->elts = acct_packs_alloc(c->packs, n * sizeof(acct_str_t));

    if (strs->elts == NULL) {
        acct_pack_no_memory(c);
        return ACCT_ERROR;
    }

    if (json_is_string(value)) {
        strs->n = 1;
        return acct_pack_get_string(c, attribute, value, node, strs->elts);
    }

    child = acct_lines_child(c, node);

    for (i = 0; i < n; i++) {
        if (acct_pack_get_string(c, attribute, json_array_get(value, i), child,
                                 &strs->elts[strs->n])
            != ACCT_OK)
        {
            return ACCT_ERROR;
        }

        strs->n++;
        child = acct_lines_next(c, child);
    }

    return ACCT_OK;
}


static void
acct_pack_strings(acct_pack_ctx_t *c, const acct_attr_t *attr,
    acct_pack_rule_t *r, json_t *value, uint32_t node)
{
    (void) acct_pack_get_strings(c, attr->pub.name, value, node,
                                 (acct_strs_t *) ((char *) r + attr->offset));
}


/* a word of a closed vocabulary: an unknown one is lint's business */

static void
acct_pack_word(acct_pack_ctx_t *c, const acct_attr_t *attr,
    acct_pack_rule_t *r, json_t *value, uint32_t node)
{
    size_t              i;
    char                hint[64];
    acct_str_t          s;
    const char *const  *words;

    if (acct_pack_get_string(c, attr->pub.name, value, node, &s) != ACCT_OK) {
        return;
    }

    if (s.len > ACCT_ID_MAX) {
        acct_pack_error(c, node, attr->pub.name, "is longer than %d bytes",
                        ACCT_ID_MAX);
        return;
    }

    *(acct_str_t *) ((char *) r + attr->offset) = s;

    words = attr->words;

    for (i = 0; words[i]; i++) {
        if (acct_str_eq(acct_str(words[i]), s)) {
            return;
        }
    }

    if (c->lint) {
        acct_pack_error(c, node, attr->pub.name, "unknown word \"%s\"%s",
                        (const char *) s.data,
                        acct_pack_nearest((const char *) s.data, words,
                                          sizeof(char *), i, hint,
                                          sizeof(hint)));
    }
}


static int
acct_pack_get_enum(acct_pack_ctx_t *c, const char *attribute,
    const acct_name_t *names, json_t *value, uint32_t node, unsigned *e)
{
    size_t      i, n;
    char        all[128];
    acct_str_t  s;

    if (acct_pack_get_string(c, attribute, value, node, &s) != ACCT_OK) {
        return ACCT_ERROR;
    }

    n = 0;
    all[0] = '\0';

    for (i = 0; names[i].name; i++) {
        if (acct_str_eq(acct_str(names[i].name), s)) {
            *e = names[i].value;
            return ACCT_OK;
        }

        n += (size_t) snprintf(all + n, sizeof(all) - n, "%s%s",
                               i ? ", " : "", names[i].name);
    }

    acct_pack_error(c, node, attribute, "\"%s\" is none of %s",
                    (const char *) s.data, all);

    return ACCT_ERROR;
}


static void
acct_pack_enum(acct_pack_ctx_t *c, const acct_attr_t *attr,
    acct_pack_rule_t *r, json_t *value, uint32_t node)
{
    (void) acct_pack_get_enum(c, attr->pub.name, attr->words, value, node,
                              (unsigned *) ((char *) r + attr->offset));
}


static void
acct_pack_level(acct_pack_ctx_t *c, const acct_attr_t *attr,
    acct_pack_rule_t *r, json_t *value, uint32_t node)
{
    if (!json_is_integer(value) || json_integer_value(value) < 1
        || json_integer_value(value) > 3)
    {
        acct_pack_error(c, node, attr->pub.name, "must be 1, 2 or 3");
        return;
    }

    r->level = (unsigned) json_integer_value(value);
}


static int
acct_pack_get_date(acct_pack_ctx_t *c, const char *attribute, json_t *value,
    uint32_t node, acct_str_t *s)
{
    char                         end;
    int                          y, m, d, days;
    static const unsigned char   month[] = { 31, 29, 31, 30, 31, 30, 31, 31,
                                             30, 31, 30, 31 };

    if (acct_pack_get_string(c, attribute, value, node, s) != ACCT_OK) {
        return ACCT_ERROR;
    }

    if (s->len == 10
        && sscanf((const char *) s->data, "%4d-%2d-%2d%c", &y, &m, &d, &end)
           == 3
        && m >= 1 && m <= 12)
    {
        days = month[m - 1];

        if (m == 2 && (y % 4 != 0 || (y % 100 == 0 && y % 400 != 0))) {
            days = 28;
        }

        if (d >= 1 && d <= days) {
            return ACCT_OK;
        }
    }

    acct_pack_error(c, node, attribute,
                    "\"%s\" is no date of the form YYYY-MM-DD",
                    (const char *) s->data);

    return ACCT_ERROR;
}


static void
acct_pack_date(acct_pack_ctx_t *c, const acct_attr_t *attr,
    acct_pack_rule_t *r, json_t *value, uint32_t node)
{
    acct_str_t  date;

    if (acct_pack_get_date(c, attr->pub.name, value, node, &date) == ACCT_OK) {
        *(acct_str_t *) ((char *) r + attr->offset) = date;
    }
}


int
acct_date_past(acct_str_t date)
{
    char       today[16];
    time_t     now;
    struct tm  tm;

    now = time(NULL);

    if (gmtime_r(&now, &tm) == NULL
        || strftime(today, sizeof(today), "%Y-%m-%d", &tm) != 10)
    {
        return 0;
    }

    return date.len == 10 && memcmp(date.data, today, 10) < 0;
}


static acct_term_t *
acct_pack_add_term(acct_pack_ctx_t *c, acct_terms_t *terms, acct_str_t text,
    const char *file, unsigned line)
{
    size_t        size;
    acct_term_t  *elts;

    if (terms->n == terms->size) {
        size = terms->size ? terms->size * 2 : 4;
        elts = acct_packs_alloc(c->packs, size * sizeof(acct_term_t));

        if (elts == NULL) {
            acct_pack_no_memory(c);
            return NULL;
        }

        if (terms->n) {
            memcpy(elts, terms->elts, terms->n * sizeof(acct_term_t));
        }

        terms->elts = elts;
        terms->size = size;
    }

    elts = &terms->elts[terms->n++];

    elts->text = text;
    elts->file = file;
    elts->line = line;
    elts->where = ACCT_WHERE_DEFAULT;
    elts->side = ACCT_SIDE_RULE;
    elts->weight = 0;
    elts->until.data = NULL;
    elts->until.len = 0;

    return elts;
}


/* one string, or an array of them, each a term with its line */

static int
acct_pack_get_terms(acct_pack_ctx_t *c, const char *attribute, json_t *value,
    uint32_t node, acct_terms_t *terms)
{
    size_t       i, n;
    uint32_t     child;
    acct_strs_t  strs = { NULL, 0 };

    if (acct_pack_get_strings(c, attribute, value, node, &strs) != ACCT_OK) {
        return ACCT_ERROR;
    }

    n = strs.n;
    child = json_is_array(value) ? acct_lines_child(c, node) : node;

    for (i = 0; i < n; i++) {
        if (strs.elts[i].len > ACCT_TERM_MAX) {
            acct_pack_error(c, child, attribute,
                            "is longer than %d bytes", ACCT_TERM_MAX);
            return ACCT_ERROR;
        }

        if (acct_pack_add_term(c, terms, strs.elts[i], c->file,
                               acct_pack_line(c, child))
            == NULL)
        {
            return ACCT_ERROR;
        }

        child = acct_lines_next(c, child);
    }

    return ACCT_OK;
}


static void
acct_pack_terms(acct_pack_ctx_t *c, const acct_attr_t *attr,
    acct_pack_rule_t *r, json_t *value, uint32_t node)
{
    (void) acct_pack_get_terms(c, attr->pub.name, value, node,
                               (acct_terms_t *) ((char *) r + attr->offset));
}


/* strict UTF-8 (RFC 3629); a list that is not could never be matched */

static int
acct_pack_utf8(const uint8_t *p, size_t n)
{
    size_t    i, len;
    uint32_t  ch;

    for (i = 0; i < n; i += len) {
        if (p[i] < 0x80) {
            len = 1;
            continue;
        }

        len = p[i] >= 0xf0 ? 4 : p[i] >= 0xe0 ? 3 : 2;

        if (p[i] < 0xc2 || p[i] > 0xf4 || n - i < len
            || (p[i + 1] & 0xc0) != 0x80
            || (len > 2 && (p[i + 2] & 0xc0) != 0x80)
            || (len > 3 && (p[i + 3] & 0xc0) != 0x80))
        {
            return 0;
        }

        ch = ((uint32_t) p[i] << 8) | p[i + 1];

        if ((ch >= 0xe080 && ch < 0xe0a0) || (ch >= 0xeda0 && ch < 0xee00)
            || (ch >= 0xf080 && ch < 0xf090) || ch >= 0xf490)
        {
            return 0;
        }
    }

    return 1;
}


/* a weight, as a list or a pack has it; 0 if it is none */

static int
acct_pack_weight(const char *s)
{
    long   n;
    char  *end;

    errno = 0;
    n = strtol(s, &end, 10);

    return errno || end == s || *end != '\0' || n < -ACCT_WEIGHT_MAX
           || n > ACCT_WEIGHT_MAX ? 0 : (int) n;
}


/*
 * "side=after", "where=whole": what narrows a term of a list.  "weight=-12":
 * what it says.
 */

static int
acct_pack_list_option(acct_pack_ctx_t *c, acct_term_t *term, const char *option)
{
    size_t              i, n;
    unsigned           *value;
    const char         *eq;
    const acct_name_t  *names;

    static const struct {
        const char         *name;
        const acct_name_t  *names;
        size_t              offset;
    } options[] = {
        { "where", acct_where_names, offsetof(acct_term_t, where) },
        { "side", acct_side_names, offsetof(acct_term_t, side) }
    };

    eq = strchr(option, '=');
    n = eq ? (size_t) (eq - option) : strlen(option);

    if (eq && n == 6 && memcmp(option, "weight", n) == 0) {
        term->weight = acct_pack_weight(eq + 1);

        if (term->weight) {
            return ACCT_OK;
        }

        c->failed = 1;
        acct_diag(c->diags, ACCT_DIAG_ERROR, term->file, term->line, c->rule,
                  "list", "\"%s\" is no number from -%d to %d, or 0", option,
                  ACCT_WEIGHT_MAX, ACCT_WEIGHT_MAX);
        return ACCT_ERROR;
    }

    for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        if (eq && strlen(options[i].name) == n
            && memcmp(options[i].name, option, n) == 0)
        {
            break;
        }
    }

    if (i == sizeof(options) / sizeof(options[0])) {
        c->failed = 1;
        acct_diag(c->diags, ACCT_DIAG_ERROR, term->file, term->line, c->rule,
                  "list", "\"%s\" after the tab is none of where=..., "
                  "side=..., weight=...", option);
        return ACCT_ERROR;
    }

    value = (unsigned *) ((char *) term + options[i].offset);

    for (names = options[i].names; names->name; names++) {
        if (strcmp(names->name, eq + 1) == 0) {
            *value = names->value;
            return ACCT_OK;
        }
    }

    c->failed = 1;
    acct_diag(c->diags, ACCT_DIAG_ERROR, term->file, term->line, c->rule,
              "list", "unknown value in \"%s\"", option);

    return ACCT_ERROR;
}


static int
acct_pack_list_line(acct_pack_ctx_t *c, acct_terms_t *terms, const char *file,
    unsigned line, const char *p, size_t n)
{
    size_t        i;
    char         *option;
    acct_str_t    text;
    acct_term_t  *term;

    while (n && (p[n - 1] == '\r' || p[n - 1] == ' ' || p[n - 1] == '\t')) {
        n--;
    }

    while (n && *p == ' ') {
        p++;
        n--;
    }

    if (n == 0 || *p == '#') {
        return ACCT_OK;
    }

    for (i = 0; i < n && p[i] != '\t'; i++) { /* void */ }

    text = acct_packs_dup(c->packs, p, i);

    if (text.data == NULL) {
        acct_pack_no_memory(c);
        return ACCT_ERROR;
    }

    if (!acct_pack_utf8(text.data, text.len) || text.len > ACCT_TERM_MAX
        || text.len == 0)
    {
        c->failed = 1;
        acct_diag(c->diags, ACCT_DIAG_ERROR, file, line, c->rule, "list",
                  "%s", text.len == 0 ? "no term before the tab"
                  : text.len > ACCT_TERM_MAX ? "is longer than 1024 bytes"
                  : "is not UTF-8");
        return ACCT_ERROR;
    }

    term = acct_pack_add_term(c, terms, text, file, line);

    if (term == NULL) {
        return ACCT_ERROR;
    }

    while (i < n) {
        p += i;
        n -= i;

        while (n && (*p == '\t' || *p == ' ')) {
            p++;
            n--;
        }

        for (i = 0; i < n && p[i] != '\t' && p[i] != ' '; i++) { /* void */ }

        if (i == 0) {
            break;
        }

        option = (char *) acct_packs_dup(c->packs, p, i).data;

        if (option == NULL) {
            acct_pack_no_memory(c);
            return ACCT_ERROR;
        }

        if (acct_pack_list_option(c, term, option) != ACCT_OK) {
            return ACCT_ERROR;
        }
    }

    return ACCT_OK;
}


/* what comes first is shared as it is; the next term moves to an own array */

static int
acct_pack_share(acct_pack_ctx_t *c, acct_terms_t *terms,
    const acct_terms_t *from)
{
    size_t        i;
    acct_term_t  *t;

    if (terms->n == 0) {
        terms->elts = from->elts;
        terms->n = from->n;
        terms->size = from->n;
        return ACCT_OK;
    }

    for (i = 0; i < from->n; i++) {
        t = acct_pack_add_term(c, terms, from->elts[i].text,
                               from->elts[i].file, from->elts[i].line);
        if (t == NULL) {
            return ACCT_ERROR;
        }

        *t = from->elts[i];
    }

    return ACCT_OK;
}


static int
acct_pack_list_read(acct_pack_ctx_t *c, const char *attribute,
    acct_list_t *list, uint32_t node)
{
    unsigned     line;
    const char  *p, *end, *nl;
    acct_str_t   content;

    content = c->folder ? acct_pack_read(c, list->path, c->file,
                                         acct_pack_line(c, node), attribute)
                        : acct_pack_archived(c, list->name,
                                             acct_pack_line(c, node),
                                             attribute);
    if (content.data == NULL) {
        return ACCT_ERROR;
    }

    if (acct_pack_note_file(c, list->name, content) != ACCT_OK) {
        acct_pack_no_memory(c);
        return ACCT_ERROR;
    }

    line = 0;
    p = (const char *) content.data;
    end = p + content.len;

    if (content.len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
        p += 3;
    }

    for ( /* void */ ; p < end; p = nl + 1) {
        nl = memchr(p, '\n', (size_t) (end - p));

        if (nl == NULL) {
            nl = end;
        }

        if (acct_pack_list_line(c, &list->terms, list->path, ++line, p,
                                (size_t) (nl - p))
            != ACCT_OK)
        {
            return ACCT_ERROR;
        }
    }

    return ACCT_OK;
}


/*
 * A list: its path is relative to the pack and may not leave the pack's
 * folder, neither by its text nor by a link.
 */

static int
acct_pack_list(acct_pack_ctx_t *c, const char *attribute, acct_str_t path,
    uint32_t node, acct_terms_t *terms)
{
    size_t        n;
    char         *full, *real, *home, *noted;
    const char   *name;
    acct_list_t  *list;

    name = (const char *) path.data;
    real = NULL;
    home = NULL;

    n = (c->folder ? strlen(c->folder) : 0) + strlen(c->dir) + path.len + 2;
    full = acct_packs_alloc(c->packs, n);
    noted = acct_packs_alloc(c->packs, n);

    if (full == NULL || noted == NULL) {
        acct_pack_no_memory(c);
        return ACCT_ERROR;
    }

    snprintf(full, n, "%s%s%s", c->folder ? c->folder : "",
             c->folder ? "/" : "", name);
    snprintf(noted, n, "%s%s", c->dir, name);

    if (strlen(name) != path.len || name[0] == '/'
        || strcmp(name, "..") == 0 || strncmp(name, "../", 3) == 0
        || strstr(name, "/../") != NULL
        || (path.len >= 3 && strcmp(name + path.len - 3, "/..") == 0))
    {
        acct_pack_error(c, node, attribute,
                        "\"%s\" leaves the folder of the pack", name);
        return ACCT_ERROR;
    }

    if (c->folder) {
        real = realpath(full, NULL);
        home = realpath(c->folder, NULL);
    }

    if (real && home) {
        n = strlen(home);

        if (strncmp(real, home, n) != 0 || (n > 1 && real[n] != '/')) {
            acct_pack_error(c, node, attribute,
                            "\"%s\" leaves the folder of the pack", name);
            free(real);
            free(home);
            return ACCT_ERROR;
        }
    }

    free(real);
    free(home);

    for (list = c->lists; list; list = list->next) {
        if (strcmp(list->path, full) == 0 && strcmp(list->name, noted) == 0) {
            return acct_pack_share(c, terms, &list->terms);
        }
    }

    list = acct_packs_alloc(c->packs, sizeof(acct_list_t));

    if (list == NULL) {
        acct_pack_no_memory(c);
        return ACCT_ERROR;
    }

    list->path = full;
    list->name = noted;

    if (acct_pack_list_read(c, attribute, list, node) != ACCT_OK) {
        return ACCT_ERROR;
    }

    if (list->terms.n == 0) {
        acct_pack_error(c, node, attribute, "\"%s\" holds no term", name);
        return ACCT_ERROR;
    }

    list->next = c->lists;
    c->lists = list;

    return acct_pack_share(c, terms, &list->terms);
}


static int
acct_pack_get_lists(acct_pack_ctx_t *c, const char *attribute, json_t *value,
    uint32_t node, acct_terms_t *terms)
{
    size_t       i;
    uint32_t     child;
    acct_strs_t  strs = { NULL, 0 };

    if (acct_pack_get_strings(c, attribute, value, node, &strs) != ACCT_OK) {
        return ACCT_ERROR;
    }

    child = json_is_array(value) ? acct_lines_child(c, node) : node;

    for (i = 0; i < strs.n; i++) {
        if (acct_pack_list(c, attribute, strs.elts[i], child, terms)
            != ACCT_OK)
        {
            return ACCT_ERROR;
        }

        child = acct_lines_next(c, child);
    }

    return ACCT_OK;
}


static void
acct_pack_lists(acct_pack_ctx_t *c, const acct_attr_t *attr,
    acct_pack_rule_t *r, json_t *value, uint32_t node)
{
    (void) acct_pack_get_lists(c, attr->pub.name, value, node,
                               (acct_terms_t *) ((char *) r + attr->offset));
}


/* a path, or the names themselves in an array */

static void
acct_pack_roster(acct_pack_ctx_t *c, const acct_attr_t *attr,
    acct_pack_rule_t *r, json_t *value, uint32_t node)
{
    if (json_is_string(value)) {
        acct_pack_lists(c, attr, r, value, node);

    } else {
        acct_pack_terms(c, attr, r, value, node);
    }
}


/*
 * The objects inside of a rule: a table of their keys.  note is allowed in
 * each of them.
 */

typedef struct {
    const char           *name;
    int                 (*set)(acct_pack_ctx_t *c, const char *attribute,
                               void *to, json_t *value, uint32_t node);
    size_t                offset;
} acct_pack_key_t;


static int
acct_pack_object(acct_pack_ctx_t *c, const char *attribute,
    const acct_pack_key_t *keys, size_t n, void *to, json_t *value,
    uint32_t node)
{
    char         hint[64];
    size_t       i;
    uint32_t     child;
    const char  *key;
    json_t      *v;

    child = acct_lines_child(c, node);

    json_object_foreach(value, key, v) {

        for (i = 0; i < n && strcmp(keys[i].name, key) != 0; i++) { /* void */ }

        if (i == n && strcmp(key, "note") == 0 && json_is_string(v)) {
            child = acct_lines_next(c, child);
            continue;
        }

        if (i == n) {
            acct_pack_error(c, child, attribute, "unknown key \"%s\"%s", key,
                            acct_pack_nearest(key, &keys[0].name,
                                              sizeof(acct_pack_key_t), n, hint,
                                              sizeof(hint)));
            return ACCT_ERROR;
        }

        if (keys[i].set(c, attribute, (char *) to + keys[i].offset, v, child)
            != ACCT_OK)
        {
            return ACCT_ERROR;
        }

        child = acct_lines_next(c, child);
    }

    return ACCT_OK;
}


static int
acct_pack_key_string(acct_pack_ctx_t *c, const char *attribute, void *to,
    json_t *value, uint32_t node)
{
    return acct_pack_get_string(c, attribute, value, node, to);
}


/* an example may be an empty value */

static int
acct_pack_key_text(acct_pack_ctx_t *c, const char *attribute, void *to,
    json_t *value, uint32_t node)
{
    acct_str_t  *s;

    if (!json_is_string(value)) {
        acct_pack_error(c, node, attribute, "must be a string, is %s",
                        acct_pack_type(value));
        return ACCT_ERROR;
    }

    s = to;
    *s = acct_packs_dup(c->packs, json_string_value(value),
                        json_string_length(value));

    if (s->data == NULL) {
        acct_pack_no_memory(c);
        return ACCT_ERROR;
    }

    return ACCT_OK;
}


static int
acct_pack_key_date(acct_pack_ctx_t *c, const char *attribute, void *to,
    json_t *value, uint32_t node)
{
    return acct_pack_get_date(c, attribute, value, node, to);
}


static int
acct_pack_key_terms(acct_pack_ctx_t *c, const char *attribute, void *to,
    json_t *value, uint32_t node)
{
    return acct_pack_get_terms(c, attribute, value, node, to);
}


static int
acct_pack_key_lists(acct_pack_ctx_t *c, const char *attribute, void *to,
    json_t *value, uint32_t node)
{
    return acct_pack_get_lists(c, attribute, value, node, to);
}


static int
acct_pack_key_side(acct_pack_ctx_t *c, const char *attribute, void *to,
    json_t *value, uint32_t node)
{
    return acct_pack_get_enum(c, attribute, acct_side_names, value, node, to);
}


/* examples may also say that they expect a pass of all the rules */

static int
acct_pack_key_action(acct_pack_ctx_t *c, const char *attribute, void *to,
    json_t *value, uint32_t node)
{
    unsigned  action;

    action = json_is_string(value)
             ? acct_action_find(acct_str(json_string_value(value)))
             : ACCT_ACTIONS;

    if (action == ACCT_ACTIONS) {
        acct_pack_error(c, node, attribute,
                        "action is none of pass, tag, verify, reject");
        return ACCT_ERROR;
    }

    *(unsigned *) to = action;

    return ACCT_OK;
}


static int
acct_pack_key_least(acct_pack_ctx_t *c, const char *attribute, void *to,
    json_t *value, uint32_t node)
{
    if (!json_is_integer(value) || json_integer_value(value) < 1
        || json_integer_value(value) > ACCT_LEAST_MAX)
    {
        acct_pack_error(c, node, attribute,
                        "least must be a number of terms, 1 to %d",
                        ACCT_LEAST_MAX);
        return ACCT_ERROR;
    }

    *(unsigned *) to = (unsigned) json_integer_value(value);

    return ACCT_OK;
}


static int
acct_pack_key_gap(acct_pack_ctx_t *c, const char *attribute, void *to,
    json_t *value, uint32_t node)
{
    if (!json_is_integer(value) || json_integer_value(value) < 0
        || json_integer_value(value) > ACCT_GAP_MAX)
    {
        acct_pack_error(c, node, attribute,
                        "gap must be a number of characters, 0 to %d",
                        ACCT_GAP_MAX);
        return ACCT_ERROR;
    }

    *(unsigned *) to = (unsigned) json_integer_value(value);

    return ACCT_OK;
}


/* { "casino": 14, "chess": -9 } */

static int
acct_pack_key_weights(acct_pack_ctx_t *c, const char *attribute, void *to,
    json_t *value, uint32_t node)
{
    json_int_t    n;
    uint32_t      child;
    json_t       *v;
    acct_str_t    text;
    const char   *key;
    acct_term_t  *term;

    if (!json_is_object(value)) {
        acct_pack_error(c, node, attribute,
                        "words must be an object of words with their weights, "
                        "is %s", acct_pack_type(value));
        return ACCT_ERROR;
    }

    child = acct_lines_child(c, node);

    json_object_foreach(value, key, v) {

        n = json_is_integer(v) ? json_integer_value(v) : 0;

        if (n == 0 || n < -ACCT_WEIGHT_MAX || n > ACCT_WEIGHT_MAX) {
            acct_pack_error(c, child, attribute,
                            "the weight of \"%s\" is no number from -%d to "
                            "%d, or 0", key, ACCT_WEIGHT_MAX, ACCT_WEIGHT_MAX);
            return ACCT_ERROR;
        }

        if (strlen(key) > ACCT_TERM_MAX) {
            acct_pack_error(c, child, attribute,
                            "is longer than %d bytes", ACCT_TERM_MAX);
            return ACCT_ERROR;
        }

        text = acct_packs_dup(c->packs, key, strlen(key));

        if (text.data == NULL) {
            acct_pack_no_memory(c);
            return ACCT_ERROR;
        }

        term = acct_pack_add_term(c, to, text, c->file,
                                  acct_pack_line(c, child));
        if (term == NULL) {
            return ACCT_ERROR;
        }

        term->weight = (int) n;

        child = acct_lines_next(c, child);
    }

    return ACCT_OK;
}


static int
acct_pack_key_sum(acct_pack_ctx_t *c, const char *attribute, void *to,
    json_t *value, uint32_t node)
{
    if (!json_is_integer(value) || json_integer_value(value) < 1
        || json_integer_value(value) > ACCT_WEIGH_LEAST_MAX)
    {
        acct_pack_error(c, node, attribute,
                        "least must be a number, 1 to %d",
                        ACCT_WEIGH_LEAST_MAX);
        return ACCT_ERROR;
    }

    *(unsigned *) to = (unsigned) json_integer_value(value);

    return ACCT_OK;
}


static void
acct_pack_weights(acct_pack_ctx_t *c, const acct_attr_t *attr,
    acct_pack_rule_t *r, json_t *value, uint32_t node)
{
    size_t              i;
    const acct_term_t  *t;

    static const acct_pack_key_t  keys[] = {
        { "list", acct_pack_key_lists, offsetof(acct_pack_rule_t, weights) },
        { "words", acct_pack_key_weights,
          offsetof(acct_pack_rule_t, weights) },
        { "least", acct_pack_key_sum, offsetof(acct_pack_rule_t, least) }
    };

    if (!json_is_object(value)) {
        acct_pack_error(c, node, attr->pub.name,
                        "must be an object with list or words, and least, is "
                        "%s", acct_pack_type(value));
        return;
    }

    if (acct_pack_object(c, attr->pub.name, keys,
                         sizeof(keys) / sizeof(keys[0]), r, value, node)
        != ACCT_OK)
    {
        return;
    }

    if (r->weights.n == 0) {
        acct_pack_error(c, node, attr->pub.name,
                        "names neither list nor words");
        return;
    }

    if (r->least == 0) {
        acct_pack_error(c, node, attr->pub.name,
                        "least is missing: what the weights must add up to");
        return;
    }

    for (i = 0; i < r->weights.n; i++) {
        t = &r->weights.elts[i];

        if (t->weight == 0) {
            c->failed = 1;
            acct_diag(c->diags, ACCT_DIAG_ERROR, t->file, t->line, c->rule,
                      attr->pub.name, "\"%s\" has no weight",
                      (const char *) t->text.data);
        }
    }
}


/*
 * beside and unless are read alike; the attribute's row says which it is.  Like
 * an exception, what excuses has a note.
 */

static void
acct_pack_near_one(acct_pack_ctx_t *c, const acct_attr_t *attr,
    acct_pack_rule_t *r, json_t *value, uint32_t node)
{
    acct_near_t  *near;

    static const acct_pack_key_t  keys[] = {
        { "list", acct_pack_key_lists, offsetof(acct_near_t, terms) },
        { "words", acct_pack_key_terms, offsetof(acct_near_t, terms) },
        { "side", acct_pack_key_side, offsetof(acct_near_t, side) },
        { "gap", acct_pack_key_gap, offsetof(acct_near_t, gap) },
        { "least", acct_pack_key_least, offsetof(acct_near_t, least) },
        { "action", acct_pack_key_action, offsetof(acct_near_t, action) },
        { "note", acct_pack_key_string, offsetof(acct_near_t, note) }
    };

    if (r->nnear == ACCT_NEAR_MAX) {
        acct_pack_error(c, node, attr->pub.name,
                        "a rule has at most %d of beside and unless",
                        ACCT_NEAR_MAX);
        return;
    }

    near = &r->near[r->nnear];
    near->side = ACCT_SIDE_EITHER;
    near->least = 1;
    near->unless = (unsigned) attr->offset;
    near->action = ACCT_PASS;

    if (json_is_string(value)) {
        if (acct_pack_get_lists(c, attr->pub.name, value, node, &near->terms)
            != ACCT_OK)
        {
            return;
        }

    } else if (json_is_object(value)) {
        if (acct_pack_object(c, attr->pub.name, keys,
                             sizeof(keys) / sizeof(keys[0]), near, value, node)
            != ACCT_OK)
        {
            return;
        }

    } else {
        acct_pack_error(c, node, attr->pub.name,
                        "must be an object with list or words, is %s",
                        acct_pack_type(value));
        return;
    }

    if (near->terms.n == 0) {
        acct_pack_error(c, node, attr->pub.name,
                        "names neither list nor words");
        return;
    }

    if (near->terms.n < near->least) {
        acct_pack_error(c, node, attr->pub.name,
                        "has fewer terms than least asks for");
        return;
    }

    if (near->action == ACCT_REJECT) {
        acct_pack_error(c, node, attr->pub.name,
                        "action must be tag or verify: what is near weakens");
        return;
    }

    if (!near->unless && near->action != ACCT_PASS) {
        acct_pack_error(c, node, attr->pub.name,
                        "action is for unless: the rule has its own");
        return;
    }

    if (c->lint && near->unless && near->note.len == 0) {
        acct_pack_error(c, node, attr->pub.name, "what excuses has no note");
    }

    r->nnear++;
}


static void
acct_pack_near(acct_pack_ctx_t *c, const acct_attr_t *attr,
    acct_pack_rule_t *r, json_t *value, uint32_t node)
{
    size_t    i;
    uint32_t  child;

    if (!json_is_array(value)) {
        acct_pack_near_one(c, attr, r, value, node);
        return;
    }

    child = acct_lines_child(c, node);

    for (i = 0; i < json_array_size(value); i++) {
        acct_pack_near_one(c, attr, r, json_array_get(value, i), child);
        child = acct_lines_next(c, child);
    }
}


/*
 * Exceptions.  Each has a note: whoever finds it in a year must know why it
 * is there.
 */

typedef struct {
    acct_terms_t          terms;
    acct_str_t            note;
    acct_str_t            ticket;
    acct_str_t            until;
} acct_except_t;


static void
acct_pack_except_one(acct_pack_ctx_t *c, const acct_attr_t *attr,
    acct_pack_rule_t *r, json_t *value, uint32_t node)
{
    size_t         i;
    acct_term_t   *term;
    acct_except_t  e;

    static const acct_pack_key_t  keys[] = {
        { "word", acct_pack_key_terms, offsetof(acct_except_t, terms) },
        { "words", acct_pack_key_terms, offsetof(acct_except_t, terms) },
        { "list", acct_pack_key_lists, offsetof(acct_except_t, terms) },
        { "note", acct_pack_key_string, offsetof(acct_except_t, note) },
        { "ticket", acct_pack_key_string, offsetof(acct_except_t, ticket) },
        { "until", acct_pack_key_date, offsetof(acct_except_t, until) }
    };

    memset(&e, 0, sizeof(acct_except_t));

    if (json_is_string(value)) {
        if (acct_pack_get_terms(c, attr->pub.name, value, node, &e.terms)
            != ACCT_OK)
        {
            return;
        }

    } else if (json_is_object(value)) {
        if (acct_pack_object(c, attr->pub.name, keys,
                             sizeof(keys) / sizeof(keys[0]), &e, value, node)
            != ACCT_OK)
        {
            return;
        }

    } else {
        acct_pack_error(c, node, attr->pub.name,
                        "must be an object with words and note, is %s",
                        acct_pack_type(value));
        return;
    }

    if (e.terms.n == 0) {
        acct_pack_error(c, node, attr->pub.name,
                        "an exception names neither words nor a list");
        return;
    }

    if (c->lint && e.note.len == 0) {
        acct_pack_error(c, node, attr->pub.name, "an exception has no note");
    }

    if (e.until.len && acct_date_past(e.until)) {
        acct_pack_report(c, ACCT_DIAG_WARNING, node, attr->pub.name,
                         "has ended on %s and excuses nothing any more",
                         (const char *) e.until.data);
        return;
    }

    for (i = 0; i < e.terms.n; i++) {
        term = acct_pack_add_term(c, &r->except, e.terms.elts[i].text,
                                  e.terms.elts[i].file,
                                  e.terms.elts[i].line);
        if (term == NULL) {
            return;
        }

        term->until = e.until;
    }
}


static void
acct_pack_except(acct_pack_ctx_t *c, const acct_attr_t *attr,
    acct_pack_rule_t *r, json_t *value, uint32_t node)
{
    size_t    i;
    uint32_t  child;

    if (!json_is_array(value)) {
        acct_pack_except_one(c, attr, r, value, node);
        return;
    }

    child = acct_lines_child(c, node);

    for (i = 0; i < json_array_size(value); i++) {
        acct_pack_except_one(c, attr, r, json_array_get(value, i), child);
        child = acct_lines_next(c, child);
    }
}


static int
acct_pack_example(acct_pack_ctx_t *c, const acct_attr_t *attr,
    acct_example_t *e, json_t *value, uint32_t node)
{
    static const acct_pack_key_t  keys[] = {
        { "value", acct_pack_key_text, offsetof(acct_example_t, text) },
        { "text", acct_pack_key_text, offsetof(acct_example_t, text) },
        { "field", acct_pack_key_string, offsetof(acct_example_t, field) },
        { "action", acct_pack_key_action, offsetof(acct_example_t, action) }
    };

    e->action = ACCT_ACTIONS;
    e->line = acct_pack_line(c, node);

    if (json_is_string(value)) {
        return acct_pack_key_text(c, attr->pub.name, &e->text, value, node);
    }

    if (!json_is_object(value)) {
        acct_pack_error(c, node, attr->pub.name,
                        "an example is a string or an object, not %s",
                        acct_pack_type(value));
        return ACCT_ERROR;
    }

    if (acct_pack_object(c, attr->pub.name, keys,
                         sizeof(keys) / sizeof(keys[0]), e, value, node)
        != ACCT_OK)
    {
        return ACCT_ERROR;
    }

    if (e->text.data == NULL) {
        acct_pack_error(c, node, attr->pub.name, "an example has no value");
        return ACCT_ERROR;
    }

    return ACCT_OK;
}


static void
acct_pack_examples(acct_pack_ctx_t *c, const acct_attr_t *attr,
    acct_pack_rule_t *r, json_t *value, uint32_t node)
{
    size_t            i, n;
    uint32_t          child;
    acct_examples_t  *examples;

    examples = (acct_examples_t *) ((char *) r + attr->offset);

    n = json_is_array(value) ? json_array_size(value) : 1;

    examples->elts = acct_packs_alloc(c->packs, n * sizeof(acct_example_t));

    if (examples->elts == NULL) {
        acct_pack_no_memory(c);
        return;
    }

    if (!json_is_array(value)) {
        examples->n = acct_pack_example(c, attr, examples->elts, value, node)
                      == ACCT_OK;
        return;
    }

    child = acct_lines_child(c, node);

    for (i = 0; i < n; i++) {
        if (acct_pack_example(c, attr, &examples->elts[i],
                              json_array_get(value, i), child)
            != ACCT_OK)
        {
            return;
        }

        examples->n++;
        child = acct_lines_next(c, child);
    }
}


static void
acct_pack_note(acct_pack_ctx_t *c, const acct_attr_t *attr,
    acct_pack_rule_t *r, json_t *value, uint32_t node)
{
    (void) r;

    if (!json_is_string(value)) {
        acct_pack_error(c, node, attr->pub.name, "must be a string, is %s",
                        acct_pack_type(value));
    }
}


static int
acct_pack_id_valid(acct_pack_ctx_t *c, acct_str_t id)
{
    size_t  i;

    if (id.len > ACCT_ID_MAX || id.len < c->prefix.len + 2
        || memcmp(id.data, c->prefix.data, c->prefix.len) != 0
        || id.data[c->prefix.len] != '-')
    {
        return 0;
    }

    for (i = 0; i < id.len; i++) {
        if (!(id.data[i] >= '0' && id.data[i] <= '9')
            && !(id.data[i] >= 'A' && id.data[i] <= 'Z')
            && !(id.data[i] >= 'a' && id.data[i] <= 'z')
            && strchr("-_.", id.data[i]) == NULL)
        {
            return 0;
        }
    }

    return 1;
}


static void
acct_pack_rule(acct_pack_ctx_t *c, json_t *value, uint32_t node)
{
    char               hint[64];
    size_t             i, j;
    json_t            *v;
    uint32_t           child;
    const char        *key;
    acct_pack_rule_t  *r;

    c->rule.len = 0;

    if (!json_is_object(value)) {
        acct_pack_error(c, node, NULL, "a rule must be an object, is %s",
                        acct_pack_type(value));
        return;
    }

    if (c->packs->nrules == c->packs->arules) {
        i = c->packs->arules ? c->packs->arules * 2 : 64;
        r = realloc(c->packs->rules, i * sizeof(acct_pack_rule_t));

        if (r == NULL) {
            acct_pack_no_memory(c);
            return;
        }

        c->packs->rules = r;
        c->packs->arules = i;
    }

    r = &c->packs->rules[c->packs->nrules];

    memset(r, 0, sizeof(acct_pack_rule_t));

    r->file = c->file;
    r->line = acct_pack_line(c, node);
    r->view = ACCT_VIEWS;
    r->action = ACCT_ACTIONS;
    r->evasive = ACCT_ACTIONS;
    r->level = 1;

    v = json_object_get(value, "id");

    if (json_is_string(v)) {
        c->rule = acct_packs_dup(c->packs, json_string_value(v),
                                 json_string_length(v));
    }

    child = acct_lines_child(c, node);

    json_object_foreach(value, key, v) {

        for (i = 0; i < ACCT_ATTRS; i++) {
            if (strcmp(acct_attrs[i].pub.name, key) == 0) {
                break;
            }
        }

        if (i == ACCT_ATTRS) {
            acct_pack_error(c, child, NULL, "unknown attribute \"%s\"%s", key,
                            acct_pack_nearest(key, &acct_attrs[0].pub.name,
                                              sizeof(acct_attr_t), ACCT_ATTRS,
                                              hint, sizeof(hint)));

        } else {
            r->given |= 1u << i;
            acct_attrs[i].set(c, &acct_attrs[i], r, v, child);

        }

        child = acct_lines_next(c, child);
    }

    for (i = 0; i < ACCT_ATTRS; i++) {
        if (r->given & (1u << i)) {
            continue;
        }

        if ((acct_attrs[i].pub.flags & ACCT_ATTR_LOAD)
            || (c->lint && (acct_attrs[i].pub.flags & ACCT_ATTR_LINT)))
        {
            acct_pack_error(c, node, acct_attrs[i].pub.name, "is missing");
        }
    }

    if (r->id.len && !acct_pack_id_valid(c, r->id)) {
        acct_pack_error(c, node, "id",
                        "must be \"%s-\" and letters, digits, \"-\", \"_\" "
                        "or \".\", of 64 bytes at most",
                        (const char *) c->prefix.data);
    }

    if (!acct_pack_looks(r) && r->stage != ACCT_STAGE_RETIRED) {
        acct_pack_error(c, node, NULL,
                        "looks for nothing: no words, list, roster, regex, "
                        "shape or weights");
    }

    if (r->weights.n
        && (r->words.n || r->roster.n || r->regex.n || r->shape.n || r->nnear
            || r->except.n || r->where != ACCT_WHERE_DEFAULT))
    {
        acct_pack_error(c, node, "weights",
                        "stands alone: no words, list, roster, regex, shape, "
                        "where, beside, unless or except");
    }

    if (r->review_by.len && acct_date_past(r->review_by)) {
        acct_pack_report(c, ACCT_DIAG_WARNING, node, "review_by",
                         "has passed: the rule only tags until somebody looks "
                         "at it");

        r->action = ACCT_TAG;
        r->evasive = ACCT_ACTIONS;
    }

    if (c->lint) {
        for (j = 0; j < 2; j++) {
            key = j ? "pass" : "match";

            for (i = 0; strcmp(acct_attrs[i].pub.name, key) != 0; i++) {
                /* void */
            }

            if ((r->given & (1u << i)) && (j ? r->pass.n : r->match.n) == 0) {
                acct_pack_error(c, node, key, "holds no example");
            }
        }
    }

    c->packs->nrules++;
}


static acct_str_t
acct_pack_head(acct_pack_ctx_t *c, json_t *root, const char *key)
{
    json_t      *v;
    acct_str_t   s = acct_null_string;

    v = json_object_get(root, key);

    if (!json_is_string(v) || json_string_length(v) == 0) {
        acct_pack_error(c, 1, NULL, "the pack's \"%s\" %s", key,
                        v ? "must be a string" : "is missing");
        return s;
    }

    return acct_packs_dup(c->packs, json_string_value(v),
                          json_string_length(v));
}


static void
acct_pack_file(acct_pack_ctx_t *c, const char *path, const char *name)
{
    char           hint[64], *noted;
    size_t         i, n;
    json_t        *root, *v;
    uint32_t       child, rule;
    const char    *key;
    acct_str_t     content;
    json_error_t   error;

    c->file = path;
    c->rule.len = 0;
    c->lines.n = 0;

    n = strlen(c->dir) + strlen(name) + 1;
    noted = acct_packs_alloc(c->packs, n);

    if (noted == NULL) {
        acct_pack_no_memory(c);
        return;
    }

    snprintf(noted, n, "%s%s", c->dir, name);

    content = c->folder ? acct_pack_read(c, path, path, 0, NULL)
                        : acct_pack_archived(c, noted, 0, NULL);

    if (content.data == NULL) {
        return;
    }

    if (acct_pack_note_file(c, noted, content) != ACCT_OK) {
        acct_pack_no_memory(c);
        return;
    }

    root = json_loadb((const char *) content.data, content.len,
                      JSON_REJECT_DUPLICATES, &error);

    if (root == NULL) {
        c->failed = 1;
        acct_diag(c->diags, ACCT_DIAG_ERROR, path,
                  error.line > 0 ? (unsigned) error.line : 0, c->rule, NULL,
                  "%s", error.text);
        return;
    }

    if (acct_lines_read(&c->lines, (const char *) content.data, content.len)
        != ACCT_OK)
    {
        acct_pack_no_memory(c);
        json_decref(root);
        return;
    }

    if (!json_is_object(root)) {
        acct_pack_error(c, 1, NULL, "a pack must be an object, is %s",
                        acct_pack_type(root));
        json_decref(root);
        return;
    }

    rule = 0;
    child = acct_lines_child(c, 1);

    json_object_foreach(root, key, v) {

        for (i = 0; acct_pack_keys[i]; i++) {
            if (strcmp(acct_pack_keys[i], key) == 0) {
                break;
            }
        }

        if (acct_pack_keys[i] == NULL) {
            acct_pack_error(c, child, NULL, "unknown key \"%s\"%s", key,
                            acct_pack_nearest(key, acct_pack_keys,
                                              sizeof(char *), i, hint,
                                              sizeof(hint)));
        }

        if (strcmp(key, "rules") == 0) {
            rule = child;
        }

        child = acct_lines_next(c, child);
    }

    (void) acct_pack_head(c, root, "pack");
    c->prefix = acct_pack_head(c, root, "prefix");

    v = json_object_get(root, "rules");

    if (!json_is_array(v)) {
        acct_pack_error(c, rule ? rule : 1, NULL,
                        "the pack's \"rules\" must be an array");

    } else if (c->prefix.data) {
        n = json_array_size(v);
        rule = acct_lines_child(c, rule);

        for (i = 0; i < n; i++) {
            acct_pack_rule(c, json_array_get(v, i), rule);
            rule = acct_lines_next(c, rule);
        }
    }

    c->rule.len = 0;
    c->packs->npacks++;

    json_decref(root);
}


static int
acct_pack_rule_cmp(const void *one, const void *two)
{
    int                      rc;
    const acct_pack_rule_t  *a, *b;

    a = one;
    b = two;

    rc = acct_str_cmp(a->id, b->id);

    if (rc != 0) {
        return rc;
    }

    rc = strcmp(a->file, b->file);

    return rc ? rc : (a->line > b->line) - (a->line < b->line);
}


static int
acct_pack_file_cmp(const void *one, const void *two)
{
    const acct_file_t  *a, *b;

    a = one;
    b = two;

    return acct_str_cmp(a->name, b->name);
}


/*
 * The digest is taken over every file by name, length and content, in the
 * order of the names, so it does not depend on where the folder stands.
 */

static int
acct_pack_digest(acct_pack_ctx_t *c)
{
    int            rc;
    char           head[32];
    size_t         i;
    unsigned       n;
    EVP_MD_CTX    *md;
    unsigned char  sum[EVP_MAX_MD_SIZE];

    if (c->nfiles) {
        qsort(c->files, c->nfiles, sizeof(acct_file_t), acct_pack_file_cmp);
    }

    md = EVP_MD_CTX_new();

    if (md == NULL) {
        return ACCT_ERROR;
    }

    rc = EVP_DigestInit_ex(md, EVP_sha256(), NULL);

    for (i = 0; i < c->nfiles; i++) {
        n = (unsigned) snprintf(head, sizeof(head), "%zu:%zu:",
                                c->files[i].name.len,
                                c->files[i].content.len);

        rc = rc && EVP_DigestUpdate(md, head, n)
             && EVP_DigestUpdate(md, c->files[i].name.data,
                                 c->files[i].name.len)
             && EVP_DigestUpdate(md, c->files[i].content.data,
                                 c->files[i].content.len);
    }

    rc = rc && EVP_DigestFinal_ex(md, sum, &n);

    EVP_MD_CTX_free(md);

    if (!rc || n != 32) {
        return ACCT_ERROR;
    }

    for (i = 0; i < 32; i++) {
        snprintf(c->packs->digest + 2 * i, 3, "%02x", sum[i]);
    }

    return ACCT_OK;
}


/* VERSION holds one line, YYYY.MM.DD-N; without it the digest is the serial */

static int
acct_pack_serial(acct_pack_ctx_t *c, const char *folder)
{
    int          y, m, d, k, used;
    char        *path;
    size_t       n;
    const char  *p;
    acct_str_t   s;

    c->packs->serial = acct_packs_dup(c->packs, c->packs->digest, 12);

    if (c->packs->serial.data == NULL) {
        return ACCT_ERROR;
    }

    if (folder == NULL) {
        return ACCT_OK;
    }

    n = strlen(folder) + sizeof("/VERSION");
    path = acct_packs_alloc(c->packs, n);

    if (path == NULL) {
        return ACCT_ERROR;
    }

    snprintf(path, n, "%s/VERSION", folder);

    if (access(path, F_OK) != 0) {
        return ACCT_OK;
    }

    s = acct_pack_read(c, path, path, 0, NULL);

    if (s.data == NULL) {
        return ACCT_OK;
    }

    p = (const char *) s.data;

    while (s.len && (p[s.len - 1] == '\n' || p[s.len - 1] == '\r')) {
        s.len--;
    }

    used = -1;
    k = -1;

    if (s.len > 32 || memchr(p, '\n', s.len) != NULL
        || sscanf(p, "%4d.%2d.%2d-%6d%n", &y, &m, &d, &k, &used) != 4
        || (size_t) used != s.len || m < 1 || m > 12 || d < 1 || d > 31
        || k < 0)
    {
        c->failed = 1;
        acct_diag(c->diags, ACCT_DIAG_ERROR, path, 1, c->rule, NULL,
                  "must be one line of the form YYYY.MM.DD-N");
        return ACCT_OK;
    }

    c->packs->serial = acct_packs_dup(c->packs, p, s.len);

    return c->packs->serial.data ? ACCT_OK : ACCT_ERROR;
}


static int
acct_pack_name_cmp(const void *one, const void *two)
{
    return strcmp(*(char *const *) one, *(char *const *) two);
}


static void
acct_pack_folder(acct_pack_ctx_t *c, const char *folder)
{
    DIR            *dir;
    char           *path, **names;
    size_t          i, n, len;
    struct dirent  *de;

    n = 0;
    dir = NULL;
    c->file = folder;

    names = acct_packs_alloc(c->packs, ACCT_PACK_FILES_MAX * sizeof(char *));

    if (names == NULL) {
        acct_pack_no_memory(c);
        return;
    }

    dir = opendir(folder);

    if (dir == NULL) {
        acct_pack_error(c, 0, NULL, "cannot open the folder: %s",
                        strerror(errno));
        return;
    }

    while ((de = readdir(dir)) != NULL) {
        len = strlen(de->d_name);

        if (len < 6 || de->d_name[0] == '.'
            || strcmp(de->d_name + len - 5, ".json") != 0)
        {
            continue;
        }

        if (n == ACCT_PACK_FILES_MAX) {
            acct_pack_error(c, 0, NULL, "holds more than %d packs",
                            ACCT_PACK_FILES_MAX);
            break;
        }

        names[n] = (char *) acct_packs_dup(c->packs, de->d_name, len).data;

        if (names[n] == NULL) {
            acct_pack_no_memory(c);
            break;
        }

        n++;
    }

    closedir(dir);

    if (n == 0 && !c->failed) {
        acct_pack_error(c, 0, NULL, "the folder holds no packs (*.json)");
    }

    qsort(names, n, sizeof(char *), acct_pack_name_cmp);

    for (i = 0; i < n; i++) {
        len = strlen(folder) + 1 + strlen(names[i]) + 1;
        path = acct_packs_alloc(c->packs, len);

        if (path == NULL) {
            acct_pack_no_memory(c);
            return;
        }

        snprintf(path, len, "%s/%s", folder, names[i]);
        acct_pack_file(c, path, names[i]);
    }
}


/* One path: a pack, or a folder of packs.  Returns whether it is a folder */

static unsigned
acct_pack_path(acct_pack_ctx_t *c, const char *path)
{
    char         *copy, *slash;
    size_t        n;
    struct stat   st;

    n = strlen(path);

    while (n > 1 && path[n - 1] == '/') {
        n--;
    }

    copy = (char *) acct_packs_dup(c->packs, path, n).data;

    if (copy == NULL) {
        acct_pack_no_memory(c);
        return 0;
    }

    c->file = copy;
    c->rule.len = 0;
    c->lines.n = 0;

    if (stat(copy, &st) == -1) {
        acct_pack_error(c, 0, NULL, "cannot open: %s", strerror(errno));
        return 0;
    }

    if (S_ISDIR(st.st_mode)) {
        c->folder = copy;
        acct_pack_folder(c, copy);
        return 1;
    }

    slash = strrchr(copy, '/');

    if (slash == NULL) {
        c->folder = ".";

    } else if (slash == copy) {
        c->folder = "/";

    } else {
        c->folder = (char *) acct_packs_dup(c->packs, copy,
                                            (size_t) (slash - copy)).data;
    }

    if (c->folder == NULL) {
        acct_pack_no_memory(c);
        return 0;
    }

    acct_pack_file(c, copy, slash ? slash + 1 : copy);

    return 0;
}


/* What all ways of loading end with: order, unique ids, digest, files */

static void
acct_packs_finish(acct_pack_ctx_t *c)
{
    size_t             i;
    acct_packs_t      *packs;
    acct_pack_rule_t  *a, *b;

    packs = c->packs;

    if (packs->nrules) {
        qsort(packs->rules, packs->nrules, sizeof(acct_pack_rule_t),
              acct_pack_rule_cmp);
    }

    for (i = 1; i < packs->nrules; i++) {
        a = &packs->rules[i - 1];
        b = &packs->rules[i];

        if (b->id.len && acct_str_eq(a->id, b->id)) {
            c->failed = 1;
            acct_diag(c->diags, ACCT_DIAG_ERROR, b->file, b->line, b->id, "id",
                      "is used already in %s:%u", a->file, a->line);
        }
    }

    if (acct_pack_digest(c) != ACCT_OK) {
        acct_pack_no_memory(c);
        return;
    }

    packs->nfiles = c->nfiles;
    packs->files = acct_packs_alloc(packs, (c->nfiles + 1)
                                           * sizeof(acct_file_t));

    if (packs->files == NULL) {
        acct_pack_no_memory(c);
        return;
    }

    if (c->nfiles) {
        memcpy(packs->files, c->files, c->nfiles * sizeof(acct_file_t));
    }
}


static acct_packs_t *
acct_packs_result(acct_pack_ctx_t *c)
{
    free(c->lines.nodes);
    free(c->files);

    if (c->failed) {
        acct_packs_free(c->packs);
        return NULL;
    }

    return c->packs;
}


acct_packs_t *
acct_packs_load_all(const char *const *paths, size_t n, unsigned lint,
    acct_diags_t *diags)
{
    char             dir[24], *copy;
    size_t           i;
    unsigned         folder;
    acct_pack_ctx_t  c;

    memset(&c, 0, sizeof(acct_pack_ctx_t));

    c.diags = diags;
    c.lint = lint;
    c.dir = "";
    c.packs = calloc(1, sizeof(acct_packs_t));

    if (c.packs == NULL) {
        acct_pack_no_memory(&c);
        return NULL;
    }

    folder = 0;

    for (i = 0; i < n; i++) {

        if (n > 1) {
            snprintf(dir, sizeof(dir), "%zu/", i);
            copy = (char *) acct_packs_dup(c.packs, dir, strlen(dir)).data;

            if (copy == NULL) {
                acct_pack_no_memory(&c);
                break;
            }

            c.dir = copy;
        }

        folder = acct_pack_path(&c, paths[i]);
    }

    acct_packs_finish(&c);

    if (acct_pack_serial(&c, folder && n == 1 ? c.folder : NULL) != ACCT_OK) {
        acct_pack_no_memory(&c);
    }

    return acct_packs_result(&c);
}


acct_packs_t *
acct_packs_load(const char *path, unsigned lint, acct_diags_t *diags)
{
    return acct_packs_load_all(&path, 1, lint, diags);
}


acct_packs_t *
acct_packs_parse(const char *path, const acct_file_t *files, size_t n,
    acct_str_t serial, acct_diags_t *diags)
{
    char             *name, *dir;
    size_t            i, k;
    const char       *slash;
    acct_pack_ctx_t   c;

    memset(&c, 0, sizeof(acct_pack_ctx_t));

    c.diags = diags;
    c.archive = files;
    c.narchive = n;
    c.packs = calloc(1, sizeof(acct_packs_t));

    if (c.packs == NULL) {
        acct_pack_no_memory(&c);
        return NULL;
    }

    for (i = 0; i < n && !c.failed; i++) {
        name = (char *) acct_packs_dup(c.packs, (const char *)
                                       files[i].name.data, files[i].name.len)
                                       .data;
        if (name == NULL) {
            acct_pack_no_memory(&c);
            break;
        }

        k = strlen(name);

        if (k < 6 || strcmp(name + k - 5, ".json") != 0) {
            continue;
        }

        slash = strrchr(name, '/');
        k = slash ? (size_t) (slash + 1 - name) : 0;

        /* packs stand at the top, or in the numbered folder of their path */

        if (k && strspn(name, "0123456789") != k - 1) {
            continue;
        }

        dir = (char *) acct_packs_dup(c.packs, name, k).data;
        c.file = path;

        if (dir == NULL) {
            acct_pack_no_memory(&c);
            break;
        }

        c.dir = dir;
        acct_pack_file(&c, name, name + k);
    }

    acct_packs_finish(&c);

    c.packs->serial = acct_packs_dup(c.packs, (const char *) serial.data,
                                     serial.len);

    if (c.packs->serial.data == NULL) {
        acct_pack_no_memory(&c);
    }

    return acct_packs_result(&c);
}
