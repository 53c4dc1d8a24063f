
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acct_form.c: reader: application/x-www-form-urlencoded, and query strings.
 *
 * The URL Standard, section 5.1, and what applications do beyond it: some take
 * ";" for a separator as well.  So a text has two readings from its first ";"
 * to the next "&": one in which the ";" is a character, and one in which it
 * ends a pair.  Up to there the two are one and the same pair.
 *
 * Many an application decodes JSON whatever the body's type says (Go's, as a
 * rule), so that a body which begins like JSON is read as JSON besides.
 */


#include "acct_reader.h"


/* What of a value's beginning is kept for the second reading, in raw bytes */

#define ACCT_FORM_REPLAY       4096

#define ACCT_FORM_CHARSET      32


/* Bytes at which the reading of a pair stops, each in its own set */

#define ACCT_STOP_PAIR         1       /* "&", ";" */
#define ACCT_STOP_NAME         2       /* "=" */
#define ACCT_STOP_CODE         4       /* "%", "+" */


/* A name that is not in UTF-8, converted */

typedef struct {
    acct_conv_t           conv;
    acct_norm_t           norm;
    uint64_t             *states;
} acct_said_t;


typedef struct {
    unsigned              value:1;     /* behind the "=" */
    unsigned              any:1;       /* the pair has a byte */
    unsigned              idle:1;      /* nobody wants it */
    unsigned              asked:1;     /* value.hashed is to be compared */
    unsigned              charset:1;   /* the value of _charset_ */
    unsigned              below:2;     /* a value that begins like JSON is */
    unsigned              array:1;     /* it is one of several by its name */
    unsigned              odd:1;       /* its JSON is not ASCII alone, and in
                                          another charset */
    unsigned              cut:1;       /* more stands behind the name's "]" */
    unsigned              closed:1;    /* the value is just behind a "]" */
    unsigned              coded;       /* the charset of the name */
    unsigned              ncharset;

    unsigned              nhold;       /* of an escape that is not complete */
    uint8_t               hold[6];
    uint32_t              high;        /* %uD83D, waiting for %uDE00 */

    uint64_t              fields;
    acct_value_t          text;
    acct_norm_t           norm;
    uint64_t             *hits;
    uint64_t             *states;      /* below the name */
    acct_said_t          *said;        /* NULL for those in UTF-8 */
    acct_json_t          *json;

    size_t                nkey;
    uint8_t               key[ACCT_KEY_MAX];
    uint8_t               charset_name[ACCT_FORM_CHARSET];
} acct_pair_t;


typedef struct {
    acct_pair_t          *a;           /* ";" is a character */
    acct_pair_t          *b;           /* ";" is a separator; NULL at first */
    unsigned              split;       /* the two differ now */
    unsigned              lost;        /* the replay does not hold it all */
    acct_buf_t            replay;
    unsigned              begun;       /* a byte but blanks has come */
    unsigned              coded;       /* JSON is not ASCII alone, and in
                                          another charset */
    acct_json_t          *json;        /* the whole as JSON, if not NULL */
    uint64_t             *seen;        /* by b's reading */
} acct_form_t;


static int acct_form_feed(acct_body_t *b, const uint8_t *p, size_t n);
static int acct_form_end(acct_body_t *b);
static void acct_form_destroy(acct_body_t *b);
static int acct_form_pairs(acct_body_t *b, acct_form_t *f, const uint8_t *p,
    const uint8_t *end);
static int acct_form_json(acct_body_t *b, acct_form_t *f, const uint8_t *p,
    const uint8_t *end);
static const uint8_t *acct_form_idle(acct_body_t *b, acct_pair_t *pair,
    const uint8_t *p, const uint8_t *end);
static const uint8_t *acct_form_until(const uint8_t *p, const uint8_t *end,
    uint8_t stops);
static acct_form_t *acct_form_create(acct_body_t *b);
static acct_pair_t *acct_pair_create(acct_body_t *b);
static unsigned acct_pair_tells(const acct_pair_t *pair);
static void acct_pair_reset(acct_body_t *b, acct_pair_t *pair);
static int acct_form_one(acct_body_t *b, acct_form_t *f, const uint8_t *p,
    const uint8_t *q, int c);
static int acct_form_keeps(acct_form_t *f, size_t n);
static int acct_form_two(acct_body_t *b, acct_form_t *f, const uint8_t *p,
    const uint8_t *q, int c);
static int acct_form_split(acct_body_t *b, acct_form_t *f, const uint8_t *p,
    const uint8_t *q);
static int acct_pair_equals(acct_body_t *b, acct_form_t *f, acct_pair_t *pair,
    const uint8_t *p, const uint8_t *q);
static int acct_pair_named(acct_body_t *b, acct_form_t *f, acct_pair_t *pair,
    const acct_pair_t *from);
static int acct_pair_open(acct_body_t *b, acct_pair_t *pair, unsigned single);
static int acct_pair_end(acct_body_t *b, acct_form_t *f, acct_pair_t *pair,
    const uint8_t *p, const uint8_t *q);
static int acct_pair_text(acct_body_t *b, acct_pair_t *pair, const uint8_t *p,
    const uint8_t *end, unsigned last);
static void acct_pair_bracket(acct_pair_t *pair, const uint8_t *p, size_t n);
static int acct_pair_json(acct_body_t *b, acct_pair_t *pair, const uint8_t *p,
    size_t *n, unsigned last);
static int acct_pair_put(acct_body_t *b, acct_pair_t *pair, const uint8_t *p,
    size_t n, unsigned last);
static acct_said_t *acct_said_create(acct_body_t *b);
static int acct_pair_said(acct_body_t *b, void *ctx, const uint8_t *p,
    size_t n);
static void acct_pair_key(acct_pair_t *pair, const uint8_t *p, size_t n);
static int acct_pair_key_add(acct_body_t *b, acct_pair_t *pair,
    const uint8_t *p, size_t n);
static int acct_pair_name(acct_body_t *b, acct_pair_t *pair, const uint8_t *p,
    const uint8_t *end);
static int acct_pair_name_end(acct_body_t *b, acct_pair_t *pair);
static size_t acct_pair_escape(acct_pair_t *pair, uint8_t c, uint8_t *out,
    unsigned *bad, unsigned *again);
static size_t acct_pair_unhold(acct_pair_t *pair, uint8_t *out);


const acct_reader_t  acct_reader_form = {
    .name = acct_string("form"),
    .sniff = 1,
    .bare = 4,
    .feed = acct_form_feed,
    .end = acct_form_end,
    .destroy = acct_form_destroy
};


static const uint8_t  acct_form_stops[256] = {
    ['&'] = ACCT_STOP_PAIR,
    [';'] = ACCT_STOP_PAIR,
    ['='] = ACCT_STOP_NAME,
    ['%'] = ACCT_STOP_CODE,
    ['+'] = ACCT_STOP_CODE
};


/*
 * Most pairs are nobody's, which their name says as it stands.  Such a pair is
 * idle behind its "=", which is returned past; it holds what a reset one does.
 */

static const uint8_t *
acct_form_idle(acct_body_t *b, acct_pair_t *pair, const uint8_t *p,
    const uint8_t *end)
{
    const uint8_t  *q;

    for (q = p; q < end && acct_norm_plain[*q]; q++) { /* void */ }

    if (q < end && *q == '=' && pair->coded == ACCT_CHARSET_UTF8
        && !acct_name_maybe(b->wires, p, (size_t) (q - p)))
    {
        pair->value = 1;
        pair->idle = 1;
    }

    return q + 1;
}


static const uint8_t *
acct_form_until(const uint8_t *p, const uint8_t *end, uint8_t stops)
{
    unsigned      i;
    acct_lanes_t  x;

    while (end - p >= ACCT_LANES) {
        x = acct_lanes_load(p);

        if (stops == ACCT_STOP_CODE) {
            x = (acct_lanes_t) ((x == '%') | (x == '+'));

        } else if (stops == ACCT_STOP_PAIR) {
            x = (acct_lanes_t) ((x == '&') | (x == ';'));

        } else {
            x = (acct_lanes_t) ((x == '&') | (x == ';') | (x == '='));
        }

        i = acct_lanes_first(x);
        p += i;

        if (i < ACCT_LANES) {
            return p;
        }
    }

    while (p < end && !(acct_form_stops[*p] & stops)) {
        p++;
    }

    return p;
}


static int
acct_form_feed(acct_body_t *b, const uint8_t *p, size_t n)
{
    acct_form_t    *f;
    const uint8_t  *q, *end;

    f = b->state;

    if (f == NULL) {
        f = acct_form_create(b);

        if (f == NULL) {
            return ACCT_ERROR;
        }

        f->begun = b->query;
    }

    end = p + n;

    if (!f->begun) {

        for (q = p; q < end && (*q == ' ' || (*q >= '\t' && *q <= '\r')); q++) {
            /* void */
        }

        f->begun = (q < end);

        if (f->begun && acct_json_begins(*q)) {
            f->json = acct_json_inner(b, b->wires->start, 1);

            if (f->json == NULL) {
                return ACCT_ERROR;
            }
        }
    }

    return f->json ? acct_form_json(b, f, p, end)
                   : acct_form_pairs(b, f, p, end);
}


/*
 * Two readings, of which neither goes ahead of the other; but in a run in which
 * the pair cannot tell anything.
 */

static int
acct_form_json(acct_body_t *b, acct_form_t *f, const uint8_t *p,
    const uint8_t *end)
{
    int             rc;
    const uint8_t  *q, *percent;

    rc = ACCT_OK;

    for ( /* void */ ; p < end && rc == ACCT_OK; p = q) {
        q = p;

        if (!f->split && f->a->fields == 0 && !f->a->below
            && f->a->nhold == 0 && f->a->high == 0)
        {
            q = acct_form_until(p, end, ACCT_STOP_PAIR | ACCT_STOP_NAME);
            percent = memchr(p, '%', (size_t) (q - p));
            q = percent ? percent : q;
        }

        q += (q == p);

        rc = acct_json_text(b, f->json, p, (size_t) (q - p));

        if (rc == ACCT_OK) {
            rc = acct_form_pairs(b, f, p, q);
        }

        for ( /* void */ ; p < q && b->charset >= ACCT_CHARSET_NAMED; p++) {
            f->coded |= (*p >= 0x80);
        }
    }

    return rc;
}


static int
acct_form_pairs(acct_body_t *b, acct_form_t *f, const uint8_t *p,
    const uint8_t *end)
{
    int             c, rc;
    acct_pair_t    *pair;
    const uint8_t  *q;

    while (p < end) {
        pair = f->split ? f->b : f->a;

        if (pair->idle) {

            /* nobody wants the value, up to where another pair begins */

            q = acct_form_until(p, end, ACCT_STOP_PAIR);

            if (q == end) {
                break;
            }

            pair->idle = 0;

            if (*q == '&') {
                pair->value = 0;
                p = q + 1;
                continue;
            }

            p = q;
        }

        if (!pair->value && !pair->any && !f->split) {
            q = acct_form_idle(b, pair, p, end);

            if (pair->idle) {
                if (acct_body_count(b) != ACCT_OK) {
                    return ACCT_DONE;
                }

                p = q;
                continue;
            }
        }

        q = acct_form_until(p, end, pair->value ? ACCT_STOP_PAIR
                                          : ACCT_STOP_PAIR | ACCT_STOP_NAME);
        c = (q < end) ? *q : -1;

        rc = f->split ? acct_form_two(b, f, p, q, c)
                      : acct_form_one(b, f, p, q, c);

        if (rc != ACCT_OK) {
            return rc;
        }

        p = q + 1;
    }

    return ACCT_OK;
}


static int
acct_form_end(acct_body_t *b)
{
    int           rc;
    acct_form_t  *f;

    f = b->state;

    if (f == NULL) {
        return ACCT_OK;
    }

    if (f->coded) {
        acct_body_flag(b, ACCT_FLAG_BAD_CHARSET);
    }

    rc = f->json ? acct_json_finish(b, f->json) : ACCT_OK;

    if (rc == ACCT_OK) {
        rc = acct_pair_end(b, f, f->a, NULL, NULL);
    }

    if (rc == ACCT_OK && f->split) {
        rc = acct_pair_end(b, f, f->b, NULL, NULL);
    }

    return rc;
}


static void
acct_form_destroy(acct_body_t *b)
{
    acct_form_t  *f;

    f = b->state;

    acct_buf_free(&f->replay);

    if (f->json) {
        acct_json_free(b, f->json);
    }

    if (f->a->json) {
        acct_json_free(b, f->a->json);
    }

    acct_free(b->alloc, f->a->said);
    acct_free(b->alloc, f->a);

    if (f->b) {
        acct_free(b->alloc, f->b->said);
        acct_free(b->alloc, f->b);
    }

    acct_free(b->alloc, f);
}


static acct_form_t *
acct_form_create(acct_body_t *b)
{
    size_t        size;
    acct_form_t  *f;

    size = b->wires->name_words * sizeof(uint64_t);

    f = acct_calloc(b->alloc, sizeof(acct_form_t) + size);

    if (f == NULL) {
        return NULL;
    }

    f->seen = (uint64_t *) (f + 1);
    f->a = acct_pair_create(b);

    if (f->a == NULL) {
        acct_free(b->alloc, f);
        return NULL;
    }

    acct_buf_init(&f->replay, b->alloc, ACCT_FORM_REPLAY);

    b->state = f;

    return f;
}


static acct_pair_t *
acct_pair_create(acct_body_t *b)
{
    size_t        size;
    acct_pair_t  *pair;

    size = (b->wires->name_words + b->wires->words) * sizeof(uint64_t);

    pair = acct_calloc(b->alloc, sizeof(acct_pair_t) + size
                                 + acct_norm_size(b->wires));

    if (pair == NULL) {
        return NULL;
    }

    pair->hits = (uint64_t *) (pair + 1);
    pair->states = pair->hits + b->wires->name_words;

    pair->coded = b->charset;

    acct_norm_init(&pair->norm, b->wires, (uint8_t *) pair->hits + size);

    return pair;
}


static void
acct_pair_reset(acct_body_t *b, acct_pair_t *pair)
{
    pair->value = 0;
    pair->any = 0;
    pair->idle = 0;
    pair->asked = 0;
    pair->charset = 0;
    pair->below = 0;
    pair->coded = b->charset;
    pair->nhold = 0;
    pair->high = 0;
    pair->fields = 0;
    pair->nkey = 0;

    memset(pair->hits, 0, b->wires->name_words * sizeof(uint64_t));

    acct_norm_reset(&pair->norm);

    if (pair->said) {
        acct_norm_reset(&pair->said->norm);
        acct_conv_init(&pair->said->conv, b->charset);
    }
}


/* the bytes from p to q, and the separator c at q, or -1 at the buffer's end */

static int
acct_form_one(acct_body_t *b, acct_form_t *f, const uint8_t *p,
    const uint8_t *q, int c)
{
    int           rc;
    acct_pair_t  *a;

    a = f->a;

    switch (c) {

    case '&':
        return acct_pair_end(b, f, a, p, q);

    case ';':
        return acct_form_split(b, f, p, q);

    case '=':
        f->replay.len = 0;
        f->lost = 0;

        return acct_pair_equals(b, f, a, p, q);
    }

    rc = acct_pair_text(b, a, p, q, 0);

    if (rc != ACCT_OK || !a->value || a->fields == 0
        || !acct_form_keeps(f, (size_t) (q - p)))
    {
        return rc;
    }

    return acct_buf_append(&f->replay, p, (size_t) (q - p));
}


/* whether n bytes more of a value can be read a second time */

static int
acct_form_keeps(acct_form_t *f, size_t n)
{
    if (!f->lost && n > ACCT_FORM_REPLAY - f->replay.len) {
        f->lost = 1;
        acct_buf_free(&f->replay);
    }

    return !f->lost;
}


/*
 * The first ";" of a pair.  The pair goes on for the one reading and is
 * complete for the other, which is told to the sink now, from the bytes that
 * were kept.  A beginning too long to be kept is doubtful.
 */

static int
acct_form_split(acct_body_t *b, acct_form_t *f, const uint8_t *p,
    const uint8_t *q)
{
    int             rc;
    acct_pair_t    *a, *s;

    static const uint8_t  semicolon[] = { ';' };

    if (f->b == NULL) {
        f->b = acct_pair_create(b);

        if (f->b == NULL) {
            return ACCT_ERROR;
        }
    }

    a = f->a;
    s = f->b;

    rc = acct_pair_text(b, a, p, q, 0);

    if (rc != ACCT_OK) {
        return rc;
    }

    f->split = 1;

    acct_pair_reset(b, s);

    s->nkey = a->nkey;
    memcpy(s->key, a->key, a->nkey);

    if (!a->value && a->any) {
        rc = acct_pair_name_end(b, a);

        if (rc == ACCT_OK) {
            s->nkey = a->nkey;
            memcpy(s->key, a->key, a->nkey);

            rc = acct_pair_named(b, f, s, a);
        }

        if (rc == ACCT_OK) {
            rc = acct_pair_open(b, s, !s->array);
        }

        if (rc == ACCT_OK) {
            rc = acct_pair_end(b, f, s, NULL, NULL);
        }

    } else if (a->fields && !acct_form_keeps(f, (size_t) (q - p))) {
        acct_body_flag(b, ACCT_FLAG_MALFORMED);

    } else if (a->fields) {
        s->fields = a->fields;

        rc = acct_pair_open(b, s, 0);

        if (rc == ACCT_OK && f->replay.len) {
            rc = acct_pair_text(b, s, f->replay.data,
                                f->replay.data + f->replay.len, 0);
        }

        if (rc == ACCT_OK) {
            rc = acct_pair_end(b, f, s, p, q);
        }
    }

    if (rc != ACCT_OK) {
        return rc;
    }

    acct_pair_reset(b, s);

    return acct_pair_text(b, a, semicolon, semicolon + 1, 0);
}


/* a name may tell a flag at any byte, as a value that is read may */

static unsigned
acct_pair_tells(const acct_pair_t *pair)
{
    return !pair->value || pair->fields || pair->below;
}


/*
 * Both readings at once.  Each takes the bytes before either takes the
 * separator, so that the order of what they tell is that of the bytes.
 */

static int
acct_form_two(acct_body_t *b, acct_form_t *f, const uint8_t *p,
    const uint8_t *q, int c)
{
    int     rc;
    size_t  n;

    rc = ACCT_OK;

    while (p < q && rc == ACCT_OK) {

        /* where both may tell at any byte, neither goes ahead */

        n = (acct_pair_tells(f->a) && acct_pair_tells(f->b))
            ? 1 : (size_t) (q - p);

        rc = acct_pair_text(b, f->a, p, p + n, 0);

        if (rc == ACCT_OK) {
            rc = acct_pair_text(b, f->b, p, p + n, 0);
        }

        p += n;
    }

    if (rc != ACCT_OK) {
        return rc;
    }

    switch (c) {

    case '&':
        rc = acct_pair_end(b, f, f->a, q, q);

        if (rc == ACCT_OK) {
            rc = acct_pair_end(b, f, f->b, q, q);
        }

        f->split = 0;
        break;

    case ';':
        rc = acct_pair_text(b, f->a, q, q + 1, 0);

        if (rc == ACCT_OK) {
            rc = acct_pair_end(b, f, f->b, q, q);
        }

        break;

    case '=':
        rc = f->a->value ? acct_pair_text(b, f->a, q, q + 1, 0)
                         : acct_pair_equals(b, f, f->a, q, q);

        if (rc == ACCT_OK) {
            rc = acct_pair_equals(b, f, f->b, q, q);
        }

        break;
    }

    return rc;
}


static int
acct_pair_equals(acct_body_t *b, acct_form_t *f, acct_pair_t *pair,
    const uint8_t *p, const uint8_t *q)
{
    int  rc;

    rc = acct_pair_text(b, pair, p, q, 0);

    if (rc != ACCT_OK) {
        return rc;
    }

    rc = acct_pair_name_end(b, pair);

    if (rc == ACCT_OK) {
        rc = acct_pair_named(b, f, pair, pair);
    }

    return rc == ACCT_OK ? acct_pair_open(b, pair, !pair->array) : rc;
}


/* a name is complete; from is another pair where the two share it */

static int
acct_pair_named(acct_body_t *b, acct_form_t *f, acct_pair_t *pair,
    const acct_pair_t *from)
{
    size_t              i;
    uint64_t            doubt;
    acct_str_t          key;
    acct_said_t        *said;
    const acct_norm_t  *norm, *more;

    if (acct_body_count(b) != ACCT_OK) {
        return ACCT_DONE;
    }

    norm = &from->norm;
    said = acct_charset_names(from->coded) ? from->said : NULL;

    pair->fields = acct_name_find(b->wires, norm, pair->hits);
    pair->array = norm->array || acct_norm_place(norm);
    pair->cut = (norm->cut != ACCT_NORM_NO_CUT);
    pair->closed = 0;

    if (said) {
        pair->fields |= acct_name_find(b->wires, &said->norm, pair->hits);
        pair->array |= said->norm.array || acct_norm_place(&said->norm);
    }

    more = (said && said->norm.deep) ? &said->norm : norm;

    if (more->deep || acct_norm_odd(more)) {
        pair->fields |= acct_name_more(b->wires, more, from->key, from->nkey,
                                       pair->hits, &doubt);

        if (from->nkey == ACCT_KEY_MAX && acct_norm_odd(more)) {
            doubt = UINT64_MAX;
        }

        if (doubt & ~pair->fields) {
            acct_body_flag(b, ACCT_FLAG_MALFORMED);
        }
    }

    if (b->wires->globs
        && (norm->len > norm->size
            || (said && said->norm.len > said->norm.size)))
    {
        acct_body_flag(b, ACCT_FLAG_TOO_LONG);
    }

    if (pair->fields && !pair->array) {

        if (!f->split || pair == f->a) {
            acct_names_twice(b, b->seen, pair->hits);
        }

        if (!f->split || pair == f->b) {
            acct_names_twice(b, f->seen, pair->hits);
        }
    }

    key.data = pair->key;
    key.len = pair->nkey;

    pair->charset = (unsigned) acct_str_is(key, "_charset_");

    /* JSON has no ";" between its texts: only one reading can hold it */

    if (pair == f->a) {
        pair->below = acct_name_below(b->wires, norm, pair->states);

        if (said) {
            pair->below |= acct_name_below(b->wires, &said->norm,
                                           said->states);

            for (i = 0; i < b->wires->words; i++) {
                pair->states[i] |= said->states[i];
            }
        }
    }

    return ACCT_OK;
}


static int
acct_pair_open(acct_body_t *b, acct_pair_t *pair, unsigned single)
{
    acct_str_t  key;

    key.data = pair->key;
    key.len = pair->nkey;

    pair->value = 1;
    pair->ncharset = 0;
    pair->asked = single && pair->fields && acct_names_keep(b, pair->hits);
    pair->text.hashed = pair->asked;
    pair->text.twice = 1;

    return acct_value_open(b, &pair->text, pair->fields, key, NULL);
}


/* the last bytes of a pair; one without "=" is a name with an empty value */

static int
acct_pair_end(acct_body_t *b, acct_form_t *f, acct_pair_t *pair,
    const uint8_t *p, const uint8_t *q)
{
    int         rc;
    acct_str_t  name;

    if (!pair->value) {

        if (p == q && !pair->any) {
            return ACCT_OK;
        }

        rc = acct_pair_equals(b, f, pair, p, q);

        if (rc != ACCT_OK) {
            return rc;
        }

        p = q;
    }

    rc = acct_pair_text(b, pair, p, q, 1);

    if (rc != ACCT_OK) {
        return rc;
    }

    if (pair->charset) {
        name.data = pair->charset_name;
        name.len = pair->ncharset;

        acct_body_charset(b, name, &b->charset);
    }

    if (pair->asked) {
        rc = acct_names_compare(b, pair->hits, &pair->text);
    }

    acct_pair_reset(b, pair);

    return rc;
}


static int
acct_pair_text(acct_body_t *b, acct_pair_t *pair, const uint8_t *p,
    const uint8_t *end, unsigned last)
{
    int             rc;
    size_t          n, len;
    uint8_t         out[128];
    unsigned        bad, again;
    const uint8_t  *q;

    if (!pair->value) {
        return acct_pair_name(b, pair, p, end);
    }

    if (pair->fields == 0 && !pair->charset && !pair->below) {
        return ACCT_OK;
    }

    len = 0;

    while (p < end) {

        if (pair->nhold == 0 && pair->high == 0) {
            q = (acct_form_stops[*p] & ACCT_STOP_CODE)
                ? p : acct_form_until(p, end, ACCT_STOP_CODE);
            n = (size_t) (q - p);

            /* runs too short to be worth a call of their own are gathered */

            if (n > 16 || (n && len == 0 && q == end)
                || n > sizeof(out) - len)
            {
                rc = acct_pair_put(b, pair, out, len, 0);

                if (rc != ACCT_OK) {
                    return rc;
                }

                rc = acct_pair_put(b, pair, p, n, last && q == end);

                if (rc != ACCT_OK || (last && q == end)) {
                    return rc;
                }

                len = 0;
                p = q;
                continue;
            }

            if (n) {
                memcpy(out + len, p, n);
                len += n;
                p = q;
                continue;
            }
        }

        if (len > sizeof(out) - 16) {
            rc = acct_pair_put(b, pair, out, len, 0);

            if (rc != ACCT_OK) {
                return rc;
            }

            len = 0;
        }

        if (pair->nhold) {
            n = acct_pair_escape(pair, *p, out + len, &bad, &again);

            if (bad && pair->fields) {

                /* what was decoded before it comes before the flag */

                rc = acct_pair_put(b, pair, out, len, 0);

                if (rc != ACCT_OK) {
                    return rc;
                }

                memmove(out, out + len, n);
                len = 0;

                acct_body_flag(b, ACCT_FLAG_MALFORMED);
            }

            len += n;

            p += !again;
            continue;
        }

        if (*p == '%') {

            if (end - p > 2 && pair->high == 0 && acct_hex(p[1]) >= 0
                && acct_hex(p[2]) >= 0)
            {
                out[len++] = (uint8_t) (acct_hex(p[1]) << 4 | acct_hex(p[2]));
                p += 3;
                continue;
            }

            pair->hold[0] = *p++;
            pair->nhold = 1;
            continue;
        }

        if (pair->high) {
            len += acct_utf8_put(out + len, pair->high);
            pair->high = 0;
            continue;
        }

        out[len++] = ' ';
        p++;
    }

    if (!last) {
        return acct_pair_put(b, pair, out, len, 0);
    }

    if (len > sizeof(out) - 16 || (len && pair->nhold)) {
        rc = acct_pair_put(b, pair, out, len, 0);

        if (rc != ACCT_OK) {
            return rc;
        }

        len = 0;
    }

    if (pair->nhold && pair->fields) {
        acct_body_flag(b, ACCT_FLAG_MALFORMED);
    }

    len += acct_pair_unhold(pair, out + len);

    return acct_pair_put(b, pair, out, len, 1);
}


static int
acct_pair_put(acct_body_t *b, acct_pair_t *pair, const uint8_t *p, size_t n,
    unsigned last)
{
    int     rc, inner;
    size_t  take;

    if (pair->charset) {
        take = sizeof(pair->charset_name) - pair->ncharset;

        if (take > n) {
            take = n;
        }

        if (take) {
            memcpy(pair->charset_name + pair->ncharset, p, take);
            pair->ncharset += (unsigned) take;
        }
    }

    inner = pair->below ? acct_pair_json(b, pair, p, &n, last) : ACCT_OK;

    if (pair->cut && pair->fields) {
        acct_pair_bracket(pair, p, n);
    }

    if (inner != ACCT_OK) {
        rc = b->bound ? acct_value_data(b, &pair->text, p, n) : ACCT_OK;

        return rc == ACCT_OK ? inner : rc;
    }

    return last ? acct_value_close(b, &pair->text, p, n)
                : acct_value_data(b, &pair->text, p, n);
}


/*
 * qs takes the first "]=" for a name's end, or else the first "=": behind
 * "user[name]x" one may stand in what others take for the value.
 */

static void
acct_pair_bracket(acct_pair_t *pair, const uint8_t *p, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        if (p[i] == '=' && pair->closed) {
            pair->text.flags |= acct_flag_bit(ACCT_FLAG_MALFORMED);
        }

        pair->closed = (p[i] == ']');
    }
}


/*
 * JSON in a field, before the field's own value: a bound that is met in it
 * leaves in n how much of the piece the value may have.  In another charset
 * the bytes of a character may look like JSON's own, which is doubtful.
 */

static int
acct_pair_json(acct_body_t *b, acct_pair_t *pair, const uint8_t *p,
    size_t *n, unsigned last)
{
    int     rc;
    size_t  i, k;

    i = 0;

    if (pair->json == NULL) {

        while (i < *n && (p[i] == ' ' || (p[i] >= '\t' && p[i] <= '\r'))) {
            i++;
        }

        if (i == *n) {
            return ACCT_OK;
        }

        if (!acct_json_begins(p[i])) {
            pair->below = 0;
            return ACCT_OK;
        }

        pair->json = acct_json_inner(b, pair->states,
                                     !(pair->below & ACCT_BELOW_WIRE)
                                     || p[i] == '/');

        if (pair->json == NULL) {
            return ACCT_ERROR;
        }

        pair->text.twice = 0;
        pair->odd = 0;
    }

    if (b->charset >= ACCT_CHARSET_NAMED) {
        for (k = i; k < *n; k++) {
            pair->odd |= (p[k] >= 0x80);
        }
    }

    rc = acct_json_text(b, pair->json, p + i, *n - i);

    if (rc != ACCT_OK) {
        *n = i + acct_json_taken(pair->json);
        return rc;
    }

    if (!last) {
        return ACCT_OK;
    }

    if (pair->odd) {
        acct_body_flag(b, ACCT_FLAG_BAD_CHARSET);
    }

    rc = acct_json_finish(b, pair->json);

    if (rc == ACCT_OK) {
        acct_json_free(b, pair->json);
        pair->json = NULL;
        pair->below = 0;
    }

    return rc;
}


static acct_said_t *
acct_said_create(acct_body_t *b)
{
    size_t        size;
    acct_said_t  *said;

    size = b->wires->words * sizeof(uint64_t);

    said = acct_calloc(b->alloc, sizeof(acct_said_t) + size
                                 + acct_norm_size(b->wires));

    if (said) {
        said->states = (uint64_t *) (said + 1);

        acct_norm_init(&said->norm, b->wires,
                       (uint8_t *) said->states + size);
    }

    return said;
}


static int
acct_pair_said(acct_body_t *b, void *ctx, const uint8_t *p, size_t n)
{
    acct_pair_t  *pair;

    (void) b;

    pair = ctx;

    acct_pair_key(pair, p, n);
    acct_norm_add(&pair->said->norm, p, n);

    return ACCT_OK;
}


static void
acct_pair_key(acct_pair_t *pair, const uint8_t *p, size_t n)
{
    size_t  take;

    take = ACCT_KEY_MAX - pair->nkey;
    take = take < n ? take : n;

    if (take) {
        memcpy(pair->key + pair->nkey, p, take);
        pair->nkey += take;
    }
}


/* a name that is in another charset is compared as it came, and as it reads */

static int
acct_pair_key_add(acct_body_t *b, acct_pair_t *pair, const uint8_t *p,
    size_t n)
{
    acct_norm_add(&pair->norm, p, n);

    if (!acct_charset_names(pair->coded)) {
        acct_pair_key(pair, p, n);
        return ACCT_OK;
    }

    if (pair->said == NULL) {
        pair->said = acct_said_create(b);

        if (pair->said == NULL) {
            return ACCT_ERROR;
        }

        acct_conv_init(&pair->said->conv, pair->coded);
    }

    return acct_conv_name(b, &pair->said->conv, p, n, 0, acct_pair_said, pair);
}


static int
acct_pair_name(acct_body_t *b, acct_pair_t *pair, const uint8_t *p,
    const uint8_t *end)
{
    int             rc;
    size_t          n;
    uint8_t         c, out[16];
    unsigned        bad, again;
    const uint8_t  *q;

    pair->any |= (p < end);

    rc = ACCT_OK;

    while (p < end && rc == ACCT_OK) {

        if (pair->nhold == 0 && pair->high == 0) {
            q = acct_form_until(p, end, ACCT_STOP_CODE);

            if (q > p) {
                rc = acct_pair_key_add(b, pair, p, (size_t) (q - p));
                p = q;
                continue;
            }
        }

        c = *p;

        if (pair->nhold) {
            n = acct_pair_escape(pair, c, out, &bad, &again);

            if (bad && !again && n && out[n - 1] < 0x80) {

                /* "%u005B" is a bracket to few; no script writes it so */

                acct_body_flag(b, ACCT_FLAG_MALFORMED);
            }

            rc = acct_pair_key_add(b, pair, out, n);
            p += !again;
            continue;
        }

        p++;

        if (c == '%') {
            pair->hold[0] = c;
            pair->nhold = 1;
            continue;
        }

        n = 0;

        if (pair->high) {
            n = acct_utf8_put(out, pair->high);
            pair->high = 0;
        }

        out[n++] = (c == '+') ? ' ' : c;

        rc = acct_pair_key_add(b, pair, out, n);
    }

    return rc;
}


static int
acct_pair_name_end(acct_body_t *b, acct_pair_t *pair)
{
    int      rc;
    size_t   n;
    uint8_t  out[16];

    n = acct_pair_unhold(pair, out);
    rc = acct_pair_key_add(b, pair, out, n);

    if (rc == ACCT_OK && acct_charset_names(pair->coded)) {
        rc = acct_conv_name(b, &pair->said->conv, NULL, 0, 1, acct_pair_said,
                            pair);
    }

    return rc;
}


/*
 * One byte more of an escape.  %u and four digits is what escape() of old
 * scripts writes and old servers read; it stands in no form of today, so it is
 * decoded and bad.  Other digits that are none leave the text as it is, and
 * the byte is read again.
 */

static size_t
acct_pair_escape(acct_pair_t *pair, uint8_t c, uint8_t *out, unsigned *bad,
    unsigned *again)
{
    int       hex;
    size_t    n;
    uint32_t  ch;
    unsigned  i;

    *bad = 0;
    *again = 0;

    hex = acct_hex(c);

    if (hex < 0 && !(pair->nhold == 1 && (c == 'u' || c == 'U'))) {
        *bad = 1;
        *again = 1;

        return acct_pair_unhold(pair, out);
    }

    pair->hold[pair->nhold++] = c;

    n = 0;

    if (acct_hex(pair->hold[1]) >= 0) {

        if (pair->nhold == 3) {
            if (pair->high) {
                n = acct_utf8_put(out, pair->high);
                pair->high = 0;
            }

            out[n++] = (uint8_t) (acct_hex(pair->hold[1]) << 4 | hex);
            pair->nhold = 0;
        }

        return n;
    }

    if (pair->nhold < 6) {
        return 0;
    }

    *bad = 1;
    ch = 0;

    for (i = 2; i < 6; i++) {
        ch = ch << 4 | (uint32_t) acct_hex(pair->hold[i]);
    }

    pair->nhold = 0;

    if (pair->high && ch >= 0xdc00 && ch <= 0xdfff) {
        ch = 0x10000 + ((pair->high - 0xd800) << 10) + (ch - 0xdc00);

    } else if (pair->high) {
        n = acct_utf8_put(out, pair->high);
    }

    pair->high = 0;

    if (ch >= 0xd800 && ch <= 0xdbff) {
        pair->high = ch;
        return n;
    }

    return n + acct_utf8_put(out + n, ch);
}


/* what waits is taken as it stands; at most 3 + 6 bytes */

static size_t
acct_pair_unhold(acct_pair_t *pair, uint8_t *out)
{
    size_t  n;

    n = 0;

    if (pair->high) {
        n = acct_utf8_put(out, pair->high);
        pair->high = 0;
    }

    if (pair->nhold) {
        memcpy(out + n, pair->hold, pair->nhold);
        n += pair->nhold;
        pair->nhold = 0;
    }

    return n;
}
