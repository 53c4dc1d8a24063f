
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acct_json.c: reader: JSON (RFC 8259).
 *
 * The whole grammar is kept to, whatever is watched.  What breaks it raises
 * malformed once, and is then read as the more tolerant of parsers read it:
 * comments and commas too many are passed over, other quotes and bare words
 * are taken, a further value is read like the first.
 */


#include "acct_reader.h"


typedef enum {
    ACCT_JSON_SPACE = 0,        /* between tokens */
    ACCT_JSON_STRING,
    ACCT_JSON_ESCAPE,
    ACCT_JSON_UNICODE,
    ACCT_JSON_TOKEN,
    ACCT_JSON_SLASH,
    ACCT_JSON_LINE,
    ACCT_JSON_BLOCK,
    ACCT_JSON_STAR
} acct_json_state_e;


/* What may come next */

typedef enum {
    ACCT_EXPECT_VALUE = 0,
    ACCT_EXPECT_FIRST,          /* a value, or the end of the array */
    ACCT_EXPECT_FIRST_KEY,      /* a key, or the end of the object */
    ACCT_EXPECT_KEY,
    ACCT_EXPECT_COLON,
    ACCT_EXPECT_COMMA,          /* or the end of what is open */
    ACCT_EXPECT_END
} acct_json_expect_e;


/* What a string or a bare token is */

typedef enum {
    ACCT_ROLE_SKIP = 0,
    ACCT_ROLE_KEY,
    ACCT_ROLE_VALUE
} acct_json_role_e;


/* A token: where its number or its word stands */

typedef enum {
    ACCT_NUMBER_MINUS = 0,
    ACCT_NUMBER_ZERO,
    ACCT_NUMBER_INT,
    ACCT_NUMBER_DOT,
    ACCT_NUMBER_FRAC,
    ACCT_NUMBER_E,
    ACCT_NUMBER_SIGN,
    ACCT_NUMBER_EXP,
    ACCT_NUMBER_STATES,
    ACCT_TOKEN_WORD = ACCT_NUMBER_STATES,
    ACCT_TOKEN_BAD
} acct_json_token_e;


typedef enum {
    ACCT_CHAR_OTHER = 0,        /* these are a token's */
    ACCT_CHAR_DIGIT,
    ACCT_CHAR_NULL,
    ACCT_CHAR_POINT,
    ACCT_CHAR_E,
    ACCT_CHAR_PLUS,
    ACCT_CHAR_MINUS,
    ACCT_CHAR_SPACE,            /* these end one */
    ACCT_CHAR_QUOTE,
    ACCT_CHAR_OPEN,
    ACCT_CHAR_CLOSE,
    ACCT_CHAR_COLON,
    ACCT_CHAR_COMMA,
    ACCT_CHAR_SLASH
} acct_json_char_e;


#define ACCT_JSON_OUT          128


/*
 * A level of nesting is a row of 64-bit words: what it inherits, what it is,
 * the states at it (of an array: at its elements), the key states met in it.
 */

#define ACCT_LEVEL_FIELDS      0
#define ACCT_LEVEL_KIND        1
#define ACCT_LEVEL_SETS        2

#define ACCT_LEVEL_ARRAY       1       /* bit of the kind */
#define ACCT_LEVEL_SAVED       2       /* the key before it is kept; its
                                          length is above these bits */
#define ACCT_LEVEL_SKIP        4       /* no key of the object counts */
#define ACCT_LEVEL_SHIFT       3


/* Bytes of a JSON Pointer */

#define ACCT_JSON_POINTER      1024


/* Whether the value of a patch's "path" is awaited, or comes */

typedef enum {
    ACCT_POINTER_NONE = 0,
    ACCT_POINTER_DUE,
    ACCT_POINTER_STRING
} acct_json_pointer_e;


struct acct_json_s {
    unsigned              state;
    unsigned              expect;
    unsigned              role;
    unsigned              after;       /* what may follow a whole text */

    unsigned              inner:1;     /* the whole is told by another */
    unsigned              quiet:1;
    unsigned              patch:1;
    unsigned              pathed:1;    /* a patch's operation has had its */
    unsigned              valued:1;    /* path, its value */
    unsigned              pointing;

    uint8_t               quote;
    uint8_t               digits;      /* of a \u */
    uint8_t               token;
    uint8_t               word;        /* of acct_json_words */
    uint8_t               at;          /* how much of it has come */
    uint8_t               held;        /* a "null" is not told of yet */
    uint16_t              code;
    uint32_t              high;        /* a surrogate that waits */

    size_t                depth;
    size_t                nlevels;
    size_t                stride;
    uint64_t             *levels;

    uint64_t              fields;      /* of the value that comes next, */
    uint64_t             *next;        /* the states at it, */
    uint64_t             *hits;        /* and its names, if single */
    unsigned              none;        /* next is empty for certain */
    unsigned              single;
    acct_value_t          value;

    acct_buf_t            saved;       /* keys that come back behind an
                                          object in an array */
    size_t                nkey;        /* may exceed size */
    size_t                size;
    uint8_t              *key;

    size_t                taken;       /* of the buffer, when it stopped */
    uint64_t             *start;       /* the states at a whole text, */
    uint64_t             *target;      /* at a pointer's end, */
    uint64_t             *step;        /* and one step before */
    uint64_t              pointed;     /* the fields there */
    acct_buf_t            pointer;
};


/* What is decoded is gathered here while a buffer is read */

typedef struct {
    size_t                len;
    uint8_t               data[ACCT_JSON_OUT];
} acct_json_out_t;


static int acct_json_feed(acct_body_t *b, const uint8_t *p, size_t n);
static int acct_json_end(acct_body_t *b);
static void acct_json_destroy(acct_body_t *b);
static acct_json_t *acct_json_create(acct_body_t *b, const uint64_t *start);
static void acct_json_odd(acct_body_t *b, acct_json_t *j, unsigned flag);
static unsigned acct_json_patched(const acct_json_t *j);
static void acct_json_operation(acct_body_t *b, acct_json_t *j,
    const uint8_t *p, size_t n);
static int acct_json_pointer_add(acct_json_t *j, const uint8_t *p, size_t n);
static void acct_json_pointer(acct_body_t *b, acct_json_t *j);
static int acct_json_structure(acct_body_t *b, acct_json_t *j, uint8_t c,
    unsigned class);
static int acct_json_idle(acct_body_t *b, acct_json_t *j, const uint8_t **pp,
    const uint8_t *end);
static int acct_json_role(acct_body_t *b, acct_json_t *j);
static const uint64_t *acct_json_target(acct_body_t *b, acct_json_t *j,
    uint64_t *fields);
static int acct_json_push(acct_body_t *b, acct_json_t *j, unsigned array);
static int acct_json_pop(acct_json_t *j);
static int acct_json_open(acct_body_t *b, acct_json_t *j);
static int acct_json_closed(acct_body_t *b, acct_json_t *j);
static const uint8_t *acct_json_until(const uint8_t *p, const uint8_t *end,
    uint8_t quote);
static int acct_json_string(acct_body_t *b, acct_json_t *j,
    acct_json_out_t *out, const uint8_t **pp, const uint8_t *end);
static int acct_json_string_end(acct_body_t *b, acct_json_t *j,
    acct_json_out_t *out, const uint8_t *p, size_t n);
static int acct_json_escape(acct_body_t *b, acct_json_t *j,
    acct_json_out_t *out, uint8_t c);
static int acct_json_unicode(acct_body_t *b, acct_json_t *j,
    acct_json_out_t *out);
static int acct_json_lone(acct_body_t *b, acct_json_t *j,
    acct_json_out_t *out);
static int acct_json_put(acct_body_t *b, acct_json_t *j,
    acct_json_out_t *out, const uint8_t *p, size_t n);
static int acct_json_flush(acct_body_t *b, acct_json_t *j,
    acct_json_out_t *out);
static void acct_json_none(acct_body_t *b, acct_json_t *j);
static void acct_json_key_add(acct_json_t *j, const uint8_t *p, size_t n);
static void acct_json_key_end(acct_body_t *b, acct_json_t *j,
    const uint8_t *p, size_t n);
static int acct_json_token_begin(acct_body_t *b, acct_json_t *j, uint8_t c);
static int acct_json_token(acct_body_t *b, acct_json_t *j, const uint8_t **pp,
    const uint8_t *end);
static int acct_json_token_tell(acct_body_t *b, acct_json_t *j);
static int acct_json_token_end(acct_body_t *b, acct_json_t *j,
    const uint8_t *p, size_t n, unsigned flag);


const acct_reader_t  acct_reader_json = {
    .name = acct_string("json"),
    .sniff = 1,
    .bare = 2,
    .whole = 1,
    .feed = acct_json_feed,
    .end = acct_json_end,
    .destroy = acct_json_destroy
};


/* a text a line (https://github.com/ndjson/ndjson-spec) */

const acct_reader_t  acct_reader_ndjson = {
    .name = acct_string("ndjson"),
    .sniff = 1,
    .bare = 2,
    .whole = 1,
    .feed = acct_json_feed,
    .end = acct_json_end,
    .destroy = acct_json_destroy
};


/* RFC 6902: what "value" is, "path" has said before it */

const acct_reader_t  acct_reader_patch = {
    .name = acct_string("json-patch"),
    .sniff = 1,
    .bare = 2,
    .whole = 1,
    .feed = acct_json_feed,
    .end = acct_json_end,
    .destroy = acct_json_destroy
};


static const uint8_t  acct_json_chars[256] = {
    ['\t'] = ACCT_CHAR_SPACE, ['\n'] = ACCT_CHAR_SPACE,
    ['\r'] = ACCT_CHAR_SPACE, [' '] = ACCT_CHAR_SPACE,
    ['"'] = ACCT_CHAR_QUOTE, ['\''] = ACCT_CHAR_QUOTE,
    ['{'] = ACCT_CHAR_OPEN, ['['] = ACCT_CHAR_OPEN,
    ['}'] = ACCT_CHAR_CLOSE, [']'] = ACCT_CHAR_CLOSE,
    [':'] = ACCT_CHAR_COLON, [','] = ACCT_CHAR_COMMA,
    ['/'] = ACCT_CHAR_SLASH,
    ['0'] = ACCT_CHAR_NULL,
    ['1'] = ACCT_CHAR_DIGIT, ['2'] = ACCT_CHAR_DIGIT,
    ['3'] = ACCT_CHAR_DIGIT, ['4'] = ACCT_CHAR_DIGIT,
    ['5'] = ACCT_CHAR_DIGIT, ['6'] = ACCT_CHAR_DIGIT,
    ['7'] = ACCT_CHAR_DIGIT, ['8'] = ACCT_CHAR_DIGIT,
    ['9'] = ACCT_CHAR_DIGIT,
    ['.'] = ACCT_CHAR_POINT,
    ['e'] = ACCT_CHAR_E, ['E'] = ACCT_CHAR_E,
    ['+'] = ACCT_CHAR_PLUS, ['-'] = ACCT_CHAR_MINUS
};


/* RFC 8259, section 6: the state behind each character, BAD being none */

#define ACCT_BAD               ACCT_TOKEN_BAD

static const uint8_t  acct_json_number[ACCT_NUMBER_STATES][7] = {

    /* other, 1 to 9, 0, ".", "e", "+", "-" */

    /* MINUS */
    { ACCT_BAD, ACCT_NUMBER_INT, ACCT_NUMBER_ZERO, ACCT_BAD, ACCT_BAD,
      ACCT_BAD, ACCT_BAD },

    /* ZERO */
    { ACCT_BAD, ACCT_BAD, ACCT_BAD, ACCT_NUMBER_DOT, ACCT_NUMBER_E,
      ACCT_BAD, ACCT_BAD },

    /* INT */
    { ACCT_BAD, ACCT_NUMBER_INT, ACCT_NUMBER_INT, ACCT_NUMBER_DOT,
      ACCT_NUMBER_E, ACCT_BAD, ACCT_BAD },

    /* DOT */
    { ACCT_BAD, ACCT_NUMBER_FRAC, ACCT_NUMBER_FRAC, ACCT_BAD, ACCT_BAD,
      ACCT_BAD, ACCT_BAD },

    /* FRAC */
    { ACCT_BAD, ACCT_NUMBER_FRAC, ACCT_NUMBER_FRAC, ACCT_BAD, ACCT_NUMBER_E,
      ACCT_BAD, ACCT_BAD },

    /* E */
    { ACCT_BAD, ACCT_NUMBER_EXP, ACCT_NUMBER_EXP, ACCT_BAD, ACCT_BAD,
      ACCT_NUMBER_SIGN, ACCT_NUMBER_SIGN },

    /* SIGN */
    { ACCT_BAD, ACCT_NUMBER_EXP, ACCT_NUMBER_EXP, ACCT_BAD, ACCT_BAD,
      ACCT_BAD, ACCT_BAD },

    /* EXP */
    { ACCT_BAD, ACCT_NUMBER_EXP, ACCT_NUMBER_EXP, ACCT_BAD, ACCT_BAD,
      ACCT_BAD, ACCT_BAD }
};


/* whether a token may end in the state; a word is asked by its length */

static const uint8_t  acct_json_complete[ACCT_TOKEN_BAD + 1] = {
    [ACCT_NUMBER_ZERO] = 1,
    [ACCT_NUMBER_INT] = 1,
    [ACCT_NUMBER_FRAC] = 1,
    [ACCT_NUMBER_EXP] = 1
};


#define ACCT_WORD_NULL         0

static const acct_str_t  acct_json_words[] = {
    acct_string("null"),
    acct_string("true"),
    acct_string("false")
};


static const uint8_t  acct_json_escapes[256] = {
    ['"'] = '"', ['\\'] = '\\', ['/'] = '/', ['b'] = '\b', ['f'] = '\f',
    ['n'] = '\n', ['r'] = '\r', ['t'] = '\t'
};


#define acct_json_level(j, i)  ((j)->levels + (i) * (j)->stride)
#define acct_json_top(j)       acct_json_level(j, (j)->depth - 1)


static int
acct_json_feed(acct_body_t *b, const uint8_t *p, size_t n)
{
    acct_json_t  *j;

    j = b->state;

    if (j == NULL) {
        j = acct_json_create(b, b->wires->start);

        if (j == NULL) {
            return ACCT_ERROR;
        }

        j->patch = (b->reader == &acct_reader_patch);
        j->after = (b->reader == &acct_reader_ndjson) ? ACCT_EXPECT_VALUE
                                                      : ACCT_EXPECT_END;
        b->state = j;
    }

    return acct_json_text(b, j, p, n);
}


static int
acct_json_end(acct_body_t *b)
{
    if (b->state == NULL) {
        acct_body_flag(b, ACCT_FLAG_TRUNCATED);
        return ACCT_OK;
    }

    return acct_json_finish(b, b->state);
}


static void
acct_json_destroy(acct_body_t *b)
{
    acct_json_free(b, b->state);
}


acct_json_t *
acct_json_inner(acct_body_t *b, const uint64_t *start, unsigned quiet)
{
    acct_json_t  *j;

    j = acct_json_create(b, start);

    if (j) {
        j->inner = 1;
        j->quiet = quiet;
        j->after = ACCT_EXPECT_END;
    }

    return j;
}


size_t
acct_json_taken(const acct_json_t *j)
{
    return j->taken;
}


int
acct_json_text(acct_body_t *b, acct_json_t *j, const uint8_t *p, size_t n)
{
    int               rc;
    uint8_t           c;
    acct_json_out_t   out;
    const uint8_t    *end;

    out.len = 0;
    end = p + n;
    rc = ACCT_OK;

    while (p < end && rc == ACCT_OK) {

        switch (j->state) {

        case ACCT_JSON_SPACE:
            c = *p;

            if (acct_json_chars[c] == ACCT_CHAR_SPACE) {
                p++;
                break;
            }

            if (acct_json_chars[c] < ACCT_CHAR_SPACE) {
                rc = acct_json_token_begin(b, j, c);
                break;
            }

            if (c == '"' && (j->expect == ACCT_EXPECT_KEY
                             || j->expect == ACCT_EXPECT_FIRST_KEY))
            {
                rc = acct_json_idle(b, j, &p, end);

                if (rc != ACCT_OK || *p != '"') {
                    break;
                }
            }

            p++;
            rc = acct_json_structure(b, j, c, acct_json_chars[c]);
            break;

        case ACCT_JSON_STRING:
            rc = acct_json_string(b, j, &out, &p, end);
            break;

        case ACCT_JSON_ESCAPE:
            rc = acct_json_escape(b, j, &out, *p++);
            break;

        case ACCT_JSON_UNICODE:
            if (acct_hex(*p) < 0) {
                acct_json_odd(b, j, ACCT_FLAG_MALFORMED);
                j->state = ACCT_JSON_STRING;
                break;
            }

            j->code = (uint16_t) (j->code << 4 | acct_hex(*p++));

            if (++j->digits == 4) {
                rc = acct_json_unicode(b, j, &out);
            }

            break;

        case ACCT_JSON_TOKEN:
            rc = acct_json_token(b, j, &p, end);
            break;

        case ACCT_JSON_SLASH:
            c = *p;

            if (c == '/' || c == '*') {
                p++;
            }

            j->state = (c == '/') ? ACCT_JSON_LINE
                       : (c == '*') ? ACCT_JSON_BLOCK : ACCT_JSON_SPACE;
            break;

        case ACCT_JSON_LINE:
            c = *p++;

            if (c == '\n' || c == '\r') {
                j->state = ACCT_JSON_SPACE;
            }

            break;

        case ACCT_JSON_BLOCK:
            if (*p++ == '*') {
                j->state = ACCT_JSON_STAR;
            }

            break;

        case ACCT_JSON_STAR:
            c = *p++;

            if (c != '*') {
                j->state = (c == '/') ? ACCT_JSON_SPACE : ACCT_JSON_BLOCK;
            }

            break;
        }
    }

    j->taken = n - (size_t) (end - p);

    return rc == ACCT_OK ? acct_json_flush(b, j, &out) : rc;
}


int
acct_json_finish(acct_body_t *b, acct_json_t *j)
{
    int               rc;
    acct_json_out_t   out;

    rc = ACCT_OK;

    switch (j->state) {

    case ACCT_JSON_STRING:
    case ACCT_JSON_ESCAPE:
    case ACCT_JSON_UNICODE:
        out.len = 0;
        rc = acct_json_string_end(b, j, &out, NULL, 0);
        j->expect = ACCT_EXPECT_COMMA;
        break;

    case ACCT_JSON_TOKEN:
        rc = acct_json_token_end(b, j, NULL, 0, ACCT_FLAG_TRUNCATED);
        break;
    }

    if (rc == ACCT_OK && (j->depth || j->expect != j->after)) {
        acct_json_odd(b, j, ACCT_FLAG_TRUNCATED);
    }

    return rc;
}


void
acct_json_free(acct_body_t *b, acct_json_t *j)
{
    acct_buf_free(&j->saved);
    acct_buf_free(&j->pointer);
    acct_free(b->alloc, j->levels);
    acct_free(b->alloc, j);
}


static acct_json_t *
acct_json_create(acct_body_t *b, const uint64_t *start)
{
    size_t        size, sets, words;
    acct_json_t  *j;

    size = 3 * b->wires->key_max + 1;

    if (size < ACCT_KEY_MAX) {
        size = ACCT_KEY_MAX;
    }

    words = b->wires->words;
    sets = (4 * words + b->wires->name_words) * sizeof(uint64_t);

    j = acct_calloc(b->alloc, sizeof(acct_json_t) + sets + size);

    if (j == NULL) {
        return NULL;
    }

    j->stride = ACCT_LEVEL_SETS + 2 * words;
    j->size = size;
    j->start = (uint64_t *) (j + 1);
    j->next = j->start + words;
    j->target = j->next + words;
    j->step = j->target + words;
    j->hits = j->step + words;
    j->key = (uint8_t *) (j->hits + b->wires->name_words);

    memcpy(j->start, start, words * sizeof(uint64_t));

    acct_buf_init(&j->saved, b->alloc, b->limits->depth * ACCT_KEY_MAX);
    acct_buf_init(&j->pointer, b->alloc, ACCT_JSON_POINTER);

    return j;
}


/* what breaks the grammar; a text that may as well be none is no doubt */

static void
acct_json_odd(acct_body_t *b, acct_json_t *j, unsigned flag)
{
    if (!j->quiet) {
        acct_body_flag(b, flag);
    }
}


static int
acct_json_structure(acct_body_t *b, acct_json_t *j, uint8_t c, unsigned class)
{
    unsigned  array, expect, fine;

    expect = j->expect;

    switch (class) {

    case ACCT_CHAR_QUOTE:
        if (c != '"') {
            acct_json_odd(b, j, ACCT_FLAG_MALFORMED);
        }

        j->quote = c;
        j->high = 0;
        j->state = ACCT_JSON_STRING;

        if (acct_json_role(b, j) != ACCT_OK) {
            return ACCT_DONE;
        }

        if (j->role != ACCT_ROLE_VALUE) {
            return ACCT_OK;
        }

        if (j->pointing == ACCT_POINTER_DUE) {
            j->pointing = ACCT_POINTER_STRING;
            j->pointer.len = 0;
        }

        return acct_json_open(b, j);

    case ACCT_CHAR_OPEN:
        if (expect == ACCT_EXPECT_FIRST_KEY || expect == ACCT_EXPECT_KEY
            || (expect == ACCT_EXPECT_COMMA
                && !(acct_json_top(j)[ACCT_LEVEL_KIND] & ACCT_LEVEL_ARRAY)))
        {
            /* nothing names it, but it stands in what may be watched */

            acct_json_none(b, j);
            j->fields = acct_json_top(j)[ACCT_LEVEL_FIELDS];
        }

        if (expect != ACCT_EXPECT_VALUE && expect != ACCT_EXPECT_FIRST) {
            acct_json_odd(b, j, ACCT_FLAG_MALFORMED);
        }

        return acct_json_push(b, j, c == '[');

    case ACCT_CHAR_CLOSE:
        if (j->depth == 0) {
            acct_json_odd(b, j, ACCT_FLAG_MALFORMED);
            return ACCT_OK;
        }

        array = (unsigned) acct_json_top(j)[ACCT_LEVEL_KIND]
                & ACCT_LEVEL_ARRAY;

        fine = (expect == ACCT_EXPECT_COMMA
                || expect == (array ? ACCT_EXPECT_FIRST
                                    : ACCT_EXPECT_FIRST_KEY));

        if (!fine || c != (array ? ']' : '}')) {
            acct_json_odd(b, j, ACCT_FLAG_MALFORMED);
        }

        return acct_json_pop(j);

    case ACCT_CHAR_COLON:
        if (expect != ACCT_EXPECT_COLON) {
            acct_json_odd(b, j, ACCT_FLAG_MALFORMED);
            return ACCT_OK;
        }

        j->expect = ACCT_EXPECT_VALUE;

        return ACCT_OK;

    case ACCT_CHAR_COMMA:
        if (expect != ACCT_EXPECT_COMMA) {
            acct_json_odd(b, j, ACCT_FLAG_MALFORMED);
        }

        if (j->depth) {
            array = (unsigned) acct_json_top(j)[ACCT_LEVEL_KIND]
                    & ACCT_LEVEL_ARRAY;

            j->expect = array ? ACCT_EXPECT_VALUE : ACCT_EXPECT_KEY;
        }

        return ACCT_OK;

    default: /* ACCT_CHAR_SLASH */
        acct_json_odd(b, j, ACCT_FLAG_MALFORMED);
        j->state = ACCT_JSON_SLASH;

        return ACCT_OK;
    }
}


/*
 * Most members are nobody's, and strings.  Those that lie whole in the buffer,
 * with a comma behind them, are passed by; nothing is left of them but that a
 * key is due.
 */

static int
acct_json_idle(acct_body_t *b, acct_json_t *j, const uint8_t **pp,
    const uint8_t *end)
{
    const uint8_t   *p, *q, *r;
    const uint64_t  *top;

    top = acct_json_top(j);

    if (top[ACCT_LEVEL_FIELDS] || j->patch || b->wires->anys) {
        return ACCT_OK;
    }

    p = *pp;

    for ( ;; ) {
        q = acct_json_until(p + 1, end, '"');

        if (end - q < 4 || q[0] != '"' || q[1] != ':') {
            break;
        }

        r = q + 2 + (q[2] == ' ');

        if (*r != '"'
            || (!(top[ACCT_LEVEL_KIND] & ACCT_LEVEL_SKIP)
                && acct_key_maybe(b->wires, p + 1, (size_t) (q - p) - 1)))
        {
            break;
        }

        r = acct_json_until(r + 1, end, '"');

        if (end - r < 4 || r[0] != '"' || r[1] != ',') {
            break;
        }

        r += 2 + (r[2] == ' ');

        if (*r != '"') {
            break;
        }

        if (acct_body_count(b) != ACCT_OK) {
            *pp = p + 1;
            return ACCT_DONE;
        }

        p = r;
    }

    if (p != *pp) {
        acct_json_none(b, j);

        j->fields = 0;
        j->single = 0;
        j->value.nslots = 0;
        j->nkey = 0;
        j->role = ACCT_ROLE_SKIP;
        j->expect = ACCT_EXPECT_KEY;

        *pp = p;
    }

    return ACCT_OK;
}


/* whether the string or token that begins is a key, and who wants it */

static int
acct_json_role(acct_body_t *b, acct_json_t *j)
{
    unsigned   key;
    uint64_t  *top;

    key = 0;

    switch (j->expect) {

    case ACCT_EXPECT_VALUE:
    case ACCT_EXPECT_FIRST:
        break;

    case ACCT_EXPECT_FIRST_KEY:
    case ACCT_EXPECT_KEY:
        key = 1;
        break;

    case ACCT_EXPECT_COMMA:
        key = !(acct_json_top(j)[ACCT_LEVEL_KIND] & ACCT_LEVEL_ARRAY);

        /* fall through */

    default:
        acct_json_odd(b, j, ACCT_FLAG_MALFORMED);
    }

    if (!key) {
        j->role = ACCT_ROLE_VALUE;
        return ACCT_OK;
    }

    top = acct_json_top(j);

    j->expect = ACCT_EXPECT_KEY;
    j->role = (top[ACCT_LEVEL_KIND] & ACCT_LEVEL_SKIP) ? ACCT_ROLE_SKIP
                                                       : ACCT_ROLE_KEY;
    j->nkey = 0;

    return acct_body_count(b);
}


/* the states and the fields of a value that begins here */

static const uint64_t *
acct_json_target(acct_body_t *b, acct_json_t *j, uint64_t *fields)
{
    uint64_t  *top;

    if (j->depth == 0) {
        *fields = j->inner ? 0 : acct_path_fields(b->wires, j->start);
        return j->start;
    }

    top = acct_json_top(j);

    if (top[ACCT_LEVEL_KIND] & ACCT_LEVEL_ARRAY) {
        *fields = top[ACCT_LEVEL_FIELDS];
        return top + ACCT_LEVEL_SETS;
    }

    *fields = j->fields;

    return j->next;
}


static int
acct_json_push(acct_body_t *b, acct_json_t *j, unsigned array)
{
    size_t           n, words;
    uint64_t        *p, *level, fields, kind;
    const uint64_t  *set;

    if (j->depth == b->limits->depth) {
        return acct_body_bound(b, ACCT_FLAG_TOO_DEEP);
    }

    words = b->wires->words;

    if (j->depth == j->nlevels) {
        n = j->nlevels ? j->nlevels * 2 : 4;

        if (n > b->limits->depth) {
            n = b->limits->depth;
        }

        p = acct_array(b->alloc, n, j->stride * sizeof(uint64_t));

        if (p == NULL) {
            return ACCT_ERROR;
        }

        if (j->levels) {
            memcpy(p, j->levels, j->nlevels * j->stride * sizeof(uint64_t));
            acct_free(b->alloc, j->levels);
        }

        j->levels = p;
        j->nlevels = n;
    }

    set = acct_json_target(b, j, &fields);
    level = acct_json_level(j, j->depth);
    kind = array ? ACCT_LEVEL_ARRAY : 0;

    if (array) {
        acct_path_element(b->wires, level + ACCT_LEVEL_SETS, set);
        fields |= acct_path_fields(b->wires, level + ACCT_LEVEL_SETS);

    } else {
        memcpy(level + ACCT_LEVEL_SETS, set, words * sizeof(uint64_t));

        if (j->depth
            && (acct_json_top(j)[ACCT_LEVEL_KIND] & ACCT_LEVEL_ARRAY)
            && (fields || !acct_path_empty(b->wires, set)))
        {
            n = j->nkey < ACCT_KEY_MAX ? j->nkey : ACCT_KEY_MAX;

            if (acct_buf_append(&j->saved, j->key, n) != ACCT_OK) {
                return ACCT_ERROR;
            }

            kind |= ACCT_LEVEL_SAVED | (uint64_t) n << ACCT_LEVEL_SHIFT;
        }

        if (b->wires->exact) {
            fields = 0;
        }
    }

    memset(level + ACCT_LEVEL_SETS + words, 0, words * sizeof(uint64_t));

    level[ACCT_LEVEL_FIELDS] = fields;
    level[ACCT_LEVEL_KIND] = kind;

    j->depth++;

    if (!array && fields == 0 && acct_path_empty(b->wires, set)
        && !acct_json_patched(j))
    {
        level[ACCT_LEVEL_KIND] |= ACCT_LEVEL_SKIP;
    }

    if (j->depth == 2) {
        j->pathed = 0;
        j->valued = 0;
        j->pointed = 0;
        memset(j->target, 0, words * sizeof(uint64_t));
    }

    j->pointing = ACCT_POINTER_NONE;
    j->expect = array ? ACCT_EXPECT_FIRST : ACCT_EXPECT_FIRST_KEY;

    return ACCT_OK;
}


static int
acct_json_pop(acct_json_t *j)
{
    uint64_t  kind;

    kind = acct_json_top(j)[ACCT_LEVEL_KIND];

    if (kind & ACCT_LEVEL_SAVED) {
        j->nkey = (size_t) (kind >> ACCT_LEVEL_SHIFT);
        j->saved.len -= j->nkey;

        if (j->nkey) {
            memcpy(j->key, j->saved.data + j->saved.len, j->nkey);
        }
    }

    j->depth--;
    j->expect = j->depth ? ACCT_EXPECT_COMMA : j->after;

    return ACCT_OK;
}


/*
 * A scalar begins.  It answers the query's value of the same wire only where
 * it stands alone: an array's elements are "name[]".
 */

static int
acct_json_open(acct_body_t *b, acct_json_t *j)
{
    size_t           k, s;
    uint64_t         bits, fields;
    acct_str_t       key;
    const uint64_t  *set;

    set = acct_json_target(b, j, &fields);

    j->value.hashed = 0;
    j->single = 0;

    if (fields == 0) {
        j->value.nslots = 0;
        j->role = ACCT_ROLE_SKIP;
        return ACCT_OK;
    }

    if (b->query_values && set == j->next) {
        memset(j->hits, 0, b->wires->name_words * sizeof(uint64_t));

        for (k = 0; k < b->wires->words; k++) {
            for (bits = set[k] & b->wires->accept[k]; bits; bits &= bits - 1) {
                s = k * 64 + (size_t) __builtin_ctzll(bits);
                acct_set_add(j->hits, b->wires->name[s]);
            }
        }

        j->single = acct_names_keep(b, j->hits);
        j->value.hashed = j->single;
    }

    key.data = j->key;
    key.len = (j->depth == 0) ? 0
              : (j->nkey < ACCT_KEY_MAX) ? j->nkey : ACCT_KEY_MAX;

    return acct_value_open(b, &j->value, fields, key, NULL);
}


static int
acct_json_closed(acct_body_t *b, acct_json_t *j)
{
    j->state = ACCT_JSON_SPACE;
    j->expect = j->depth ? ACCT_EXPECT_COMMA : j->after;

    if (j->pointing) {
        if (j->pointing == ACCT_POINTER_STRING) {
            acct_json_pointer(b, j);
        }

        j->pointing = ACCT_POINTER_NONE;
    }

    return j->single ? acct_names_compare(b, j->hits, &j->value) : ACCT_OK;
}


/* the first quote, backslash or control character, or the end */

static const uint8_t *
acct_json_until(const uint8_t *p, const uint8_t *end, uint8_t quote)
{
    uint64_t      w, q, s, c;
    unsigned      i;
    acct_lanes_t  x, quotes;

    const uint64_t  ones = 0x0101010101010101, tops = ones << 7;

    /* most strings are short; a byte of q or s is zero where it matched, and
       borrows only run upwards */

    if (end - p >= 8) {
        memcpy(&w, p, 8);

        q = w ^ (ones * quote);
        s = w ^ (ones * '\\');

        q = (q - ones) & ~q;
        s = (s - ones) & ~s;
        c = (w - ones * 0x20) & ~w;

        c = (q | s | c) & tops;

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        if (c) {
            return p + __builtin_ctzll(c) / 8;
        }

        p += 8;
#else
        p += c ? 0 : 8;
#endif
    }

    quotes = acct_lanes(quote);

    while (end - p >= ACCT_LANES) {
        x = acct_lanes_load(p);

        i = acct_lanes_first((acct_lanes_t) ((x == quotes) | (x == '\\')
                                             | (x < 0x20)));
        p += i;

        if (i < ACCT_LANES) {
            return p;
        }
    }

    while (p < end && *p != quote && *p != '\\' && *p >= 0x20) {
        p++;
    }

    return p;
}


static int
acct_json_string(acct_body_t *b, acct_json_t *j, acct_json_out_t *out,
    const uint8_t **pp, const uint8_t *end)
{
    int             rc;
    size_t          n;
    const uint8_t  *p, *q;

    p = *pp;
    q = acct_json_until(p, end, j->quote);
    n = (size_t) (q - p);

    if (j->high && (n || *q != '\\')) {
        rc = acct_json_lone(b, j, out);

        if (rc != ACCT_OK) {
            return rc;
        }
    }

    if (q < end && *q == j->quote) {
        *pp = q + 1;
        return acct_json_string_end(b, j, out, p, n);
    }

    rc = acct_json_put(b, j, out, p, n);

    if (rc != ACCT_OK) {
        return rc;
    }

    *pp = q;

    if (q == end) {
        return ACCT_OK;
    }

    *pp = q + 1;

    if (*q == '\\') {
        j->state = ACCT_JSON_ESCAPE;
        return ACCT_OK;
    }

    acct_json_odd(b, j, ACCT_FLAG_MALFORMED);

    return acct_json_put(b, j, out, q, 1);
}


/* the last n bytes of a string; p is NULL where the body ended in it */

static int
acct_json_string_end(acct_body_t *b, acct_json_t *j, acct_json_out_t *out,
    const uint8_t *p, size_t n)
{
    int  rc;

    if (j->high) {
        rc = acct_json_lone(b, j, out);

        if (rc != ACCT_OK) {
            return rc;
        }
    }

    if (j->expect == ACCT_EXPECT_KEY) {

        if (p) {
            acct_json_key_end(b, j, p, n);
        }

        return ACCT_OK;
    }

    if (j->role == ACCT_ROLE_SKIP && !j->pointing) {
        return acct_json_closed(b, j);
    }

    if (out->len) {
        rc = acct_json_put(b, j, out, p, n);

        if (rc != ACCT_OK) {
            return rc;
        }

        p = out->data;
        n = out->len;
        out->len = 0;

    } else if (j->pointing == ACCT_POINTER_STRING
               && acct_json_pointer_add(j, p, n) != ACCT_OK)
    {
        return ACCT_ERROR;
    }

    rc = acct_value_close(b, &j->value, p, n);

    return rc == ACCT_OK ? acct_json_closed(b, j) : rc;
}


static int
acct_json_escape(acct_body_t *b, acct_json_t *j, acct_json_out_t *out,
    uint8_t c)
{
    int  rc;

    if (c == 'u') {
        j->state = ACCT_JSON_UNICODE;
        j->digits = 0;
        j->code = 0;
        return ACCT_OK;
    }

    j->state = ACCT_JSON_STRING;

    if (j->high) {
        rc = acct_json_lone(b, j, out);

        if (rc != ACCT_OK) {
            return rc;
        }
    }

    if (acct_json_escapes[c]) {
        c = acct_json_escapes[c];

    } else {
        acct_json_odd(b, j, ACCT_FLAG_MALFORMED);
    }

    return acct_json_put(b, j, out, &c, 1);
}


static int
acct_json_unicode(acct_body_t *b, acct_json_t *j, acct_json_out_t *out)
{
    int       rc;
    size_t    n;
    uint8_t   buf[4];
    uint32_t  c;

    j->state = ACCT_JSON_STRING;
    c = j->code;

    if (j->high && c >= 0xdc00 && c <= 0xdfff) {
        c = 0x10000 + ((j->high - 0xd800) << 10) + (c - 0xdc00);
        j->high = 0;

    } else {

        if (j->high) {
            rc = acct_json_lone(b, j, out);

            if (rc != ACCT_OK) {
                return rc;
            }
        }

        if (c >= 0xd800 && c <= 0xdfff) {
            j->high = c;

            return c >= 0xdc00 ? acct_json_lone(b, j, out) : ACCT_OK;
        }
    }

    n = acct_utf8_put(buf, c);

    return acct_json_put(b, j, out, buf, n);
}


/* half of a pair: U+FFFD, and doubtful where the text is watched */

static int
acct_json_lone(acct_body_t *b, acct_json_t *j, acct_json_out_t *out)
{
    size_t   n;
    uint8_t  buf[4];

    if (j->role == ACCT_ROLE_VALUE) {
        acct_body_flag(b, ACCT_FLAG_BAD_UTF8);
    }

    n = acct_utf8_put(buf, j->high);
    j->high = 0;

    return acct_json_put(b, j, out, buf, n);
}


/* a piece of a string's text; short ones are gathered if some wait already */

static int
acct_json_put(acct_body_t *b, acct_json_t *j, acct_json_out_t *out,
    const uint8_t *p, size_t n)
{
    int  rc;

    if (j->pointing == ACCT_POINTER_STRING
        && acct_json_pointer_add(j, p, n) != ACCT_OK)
    {
        return ACCT_ERROR;
    }

    if (n == 0 || j->role == ACCT_ROLE_SKIP) {
        return ACCT_OK;
    }

    if (j->role == ACCT_ROLE_KEY) {
        acct_json_key_add(j, p, n);
        return ACCT_OK;
    }

    if (n > 16 || n > ACCT_JSON_OUT - out->len) {
        rc = acct_json_flush(b, j, out);

        if (rc != ACCT_OK) {
            return rc;
        }
    }

    if (n > 16) {
        return acct_value_data(b, &j->value, p, n);
    }

    memcpy(out->data + out->len, p, n);
    out->len += n;

    return ACCT_OK;
}


static int
acct_json_flush(acct_body_t *b, acct_json_t *j, acct_json_out_t *out)
{
    size_t  n;

    n = out->len;
    out->len = 0;

    return acct_value_data(b, &j->value, out->data, n);
}


static void
acct_json_key_add(acct_json_t *j, const uint8_t *p, size_t n)
{
    size_t  take;

    if (j->nkey < j->size) {
        take = j->size - j->nkey;
        take = take < n ? take : n;

        if (take) {
            memcpy(j->key + j->nkey, p, take);
        }
    }

    j->nkey += n;
}


/* no state at what comes next */

static void
acct_json_none(acct_body_t *b, acct_json_t *j)
{
    if (!j->none) {
        memset(j->next, 0, b->wires->words * sizeof(uint64_t));
        j->none = 1;
    }
}


/*
 * A key ends; a key that lies whole in the buffer is copied only if what it
 * names may hold something watched.
 */

static void
acct_json_key_end(acct_body_t *b, acct_json_t *j, const uint8_t *p, size_t n)
{
    size_t               k, i, words;
    uint64_t            *top, *set, *seen, twice, met;
    unsigned             smart;
    const acct_wires_t  *w;

    static const char  proto[] = "__proto__";

    j->state = ACCT_JSON_SPACE;
    j->expect = ACCT_EXPECT_COLON;

    w = b->wires;
    words = w->words;
    top = acct_json_top(j);

    if (j->role == ACCT_ROLE_SKIP) {
        acct_json_none(b, j);
        j->fields = 0;
        return;
    }

    set = top + ACCT_LEVEL_SETS;
    seen = set + words;

    if (j->nkey) {
        acct_json_key_add(j, p, n);
        p = j->key;
        n = j->nkey;
    }

    smart = 0;
    k = w->nkeys;

    if (n <= j->size) {
        k = acct_key_find(w, p, n, &smart);

    } else if (acct_key_long(w, p, j->size)) {
        acct_json_odd(b, j, ACCT_FLAG_MALFORMED);
    }

    j->fields = top[ACCT_LEVEL_FIELDS];

    if (k < w->nkeys || w->anys) {
        acct_path_key(w, j->next, set, k);
        j->fields |= acct_path_fields(w, j->next);
        j->none = 0;

    } else {
        acct_json_none(b, j);
    }

    if (n == sizeof(proto) - 1 && memcmp(p, proto, n) == 0) {

        /* the object itself, to a script that copies it by Object.assign() */

        for (i = 0; i < words; i++) {
            j->next[i] |= set[i];
        }

        j->none = 0;
    }

    if (k < w->nkeys && !smart) {
        twice = 0;

        for (i = 0; i < words; i++) {
            met = set[i] & w->by_key[k * words + i];
            twice |= met & seen[i];
            seen[i] |= met;
        }

        if (twice) {
            acct_body_flag(b, ACCT_FLAG_DUPLICATE_FIELD);
        }
    }

    if (acct_json_patched(j)) {
        acct_json_operation(b, j, p, n);
    }

    if (p != j->key && (j->fields || !j->none)) {
        j->nkey = 0;
        acct_json_key_add(j, p, n);
    }
}


/* whether the object that is open is one of a patch's operations */

static unsigned
acct_json_patched(const acct_json_t *j)
{
    return j->patch && j->depth == 2
           && (acct_json_level(j, 0)[ACCT_LEVEL_KIND] & ACCT_LEVEL_ARRAY)
           && !(acct_json_level(j, 1)[ACCT_LEVEL_KIND] & ACCT_LEVEL_ARRAY);
}


/*
 * RFC 6902, section 4: members stand in any order, but a value in front of its
 * path has gone by when the path comes: that is doubtful.
 */

static void
acct_json_operation(acct_body_t *b, acct_json_t *j, const uint8_t *p,
    size_t n)
{
    size_t      i;
    acct_str_t  key;

    key.data = p;
    key.len = n;

    if (acct_str_ieq(key, "path")) {

        if (j->valued || j->pathed) {
            acct_json_odd(b, j, ACCT_FLAG_MALFORMED);
        }

        j->pathed = 1;
        j->pointing = ACCT_POINTER_DUE;

    } else if (acct_str_ieq(key, "value")) {

        for (i = 0; i < b->wires->words; i++) {
            j->next[i] |= j->target[i];
        }

        j->fields |= j->pointed;
        j->none = 0;
        j->valued = 1;
    }
}


/* beyond its bound it is counted by one byte more, and looked for no more */

static int
acct_json_pointer_add(acct_json_t *j, const uint8_t *p, size_t n)
{
    size_t  left;

    left = ACCT_JSON_POINTER - j->pointer.len;

    return acct_buf_append(&j->pointer, p, n < left ? n : left);
}


/*
 * RFC 6901, section 3 and 4.  A token of digits, or "-", is an element or a
 * key; some programs do without the first "/".
 */

static void
acct_json_pointer(acct_body_t *b, acct_json_t *j)
{
    size_t               i, k, n, from, words;
    uint8_t             *p;
    unsigned             digits, smart;
    uint64_t             fields;
    const acct_wires_t  *w;

    w = b->wires;
    words = w->words;
    p = j->pointer.data;
    n = j->pointer.len;

    if (n == ACCT_JSON_POINTER) {
        acct_body_flag(b, ACCT_FLAG_TOO_LONG);
        return;
    }

    memcpy(j->target, j->start, words * sizeof(uint64_t));
    fields = 0;
    i = (n && p[0] == '/');

    while (i < n || (i == n && n && p[n - 1] == '/')) {
        from = i;
        k = i;
        digits = 1;

        for ( /* void */ ; i < n && p[i] != '/'; i++) {

            if (p[i] == '~' && n - i > 1 && (p[i + 1] == '0'
                                             || p[i + 1] == '1'))
            {
                p[k++] = p[++i] == '0' ? '~' : '/';
                digits = 0;
                continue;
            }

            digits &= (p[i] == '-' || (p[i] >= '0' && p[i] <= '9'));
            p[k++] = p[i];
        }

        memcpy(j->step, j->target, words * sizeof(uint64_t));

        if (digits) {
            acct_path_element(w, j->next, j->step);
            j->none = 0;

        } else {
            acct_json_none(b, j);
        }

        acct_path_key(w, j->target, j->step,
                      acct_key_find(w, p + from, k - from, &smart));

        for (k = 0; k < words; k++) {
            j->target[k] |= j->next[k];
        }

        fields = acct_path_fields(w, j->target)
                 | ((digits || !w->exact) ? fields : 0);

        i++;
    }

    j->pointed = fields;
}


static int
acct_json_token_begin(acct_body_t *b, acct_json_t *j, uint8_t c)
{
    unsigned  i;

    j->state = ACCT_JSON_TOKEN;
    j->token = ACCT_TOKEN_BAD;
    j->at = 0;
    j->held = 0;

    if (acct_json_role(b, j) != ACCT_OK) {
        return ACCT_DONE;
    }

    if (j->role == ACCT_ROLE_VALUE) {

        switch (acct_json_chars[c]) {

        case ACCT_CHAR_MINUS:
        case ACCT_CHAR_DIGIT:
        case ACCT_CHAR_NULL:

            /* the first character is read again as one behind a minus */

            j->token = ACCT_NUMBER_MINUS;
            j->at = (c == '-');
            break;

        default:
            for (i = 0; i < 3; i++) {
                if (acct_json_words[i].data[0] == c) {
                    j->token = ACCT_TOKEN_WORD;
                    j->word = (uint8_t) i;
                }
            }
        }
    }

    if (j->token == ACCT_TOKEN_BAD) {
        acct_json_odd(b, j, ACCT_FLAG_MALFORMED);
    }

    if (j->role != ACCT_ROLE_VALUE) {
        return ACCT_OK;
    }

    if (j->token == ACCT_TOKEN_WORD && j->word == ACCT_WORD_NULL) {
        j->held = 1;
        return ACCT_OK;
    }

    return acct_json_open(b, j);
}


static int
acct_json_token(acct_body_t *b, acct_json_t *j, const uint8_t **pp,
    const uint8_t *end)
{
    int                rc;
    size_t             n;
    uint8_t            c;
    const uint8_t     *p, *q;
    const acct_str_t  *word;

    p = *pp;

    for (q = p; q < end; q++) {
        c = acct_json_chars[*q];

        if (c >= ACCT_CHAR_SPACE) {
            break;
        }

        if (j->token == ACCT_TOKEN_BAD) {
            continue;
        }

        if (j->token == ACCT_TOKEN_WORD) {
            word = &acct_json_words[j->word];

            if (j->at < word->len && word->data[j->at] == *q) {
                j->at++;
                continue;
            }

        } else {

            if (j->token == ACCT_NUMBER_MINUS && j->at) {
                j->at = 0;
                continue;
            }

            j->token = acct_json_number[j->token][c];

            if (j->token != ACCT_TOKEN_BAD) {
                continue;
            }
        }

        j->token = ACCT_TOKEN_BAD;

        if (j->held) {

            /* no null; what was held is told before this byte */

            rc = acct_json_token_tell(b, j);

            if (rc != ACCT_OK) {
                return rc;
            }

            p = q;
        }

        acct_json_odd(b, j, ACCT_FLAG_MALFORMED);
    }

    n = (size_t) (q - p);
    *pp = q;

    if (q < end) {
        return acct_json_token_end(b, j, p, n, ACCT_FLAG_MALFORMED);
    }

    if (j->held) {
        return ACCT_OK;
    }

    if (j->expect == ACCT_EXPECT_KEY) {
        if (j->role == ACCT_ROLE_KEY) {
            acct_json_key_add(j, p, n);
        }

        return ACCT_OK;
    }

    return acct_value_data(b, &j->value, p, n);
}


/* what looked like a null so far is a value after all */

static int
acct_json_token_tell(acct_body_t *b, acct_json_t *j)
{
    int  rc;

    j->held = 0;

    rc = acct_json_open(b, j);

    if (rc == ACCT_OK) {
        rc = acct_value_data(b, &j->value,
                             acct_json_words[ACCT_WORD_NULL].data, j->at);
    }

    return rc;
}


static int
acct_json_token_end(acct_body_t *b, acct_json_t *j, const uint8_t *p,
    size_t n, unsigned flag)
{
    int       rc;
    unsigned  complete;

    if (j->expect == ACCT_EXPECT_KEY) {

        if (p) {
            acct_json_key_end(b, j, p, n);
        }

        return ACCT_OK;
    }

    complete = (j->token == ACCT_TOKEN_WORD)
               ? j->at == acct_json_words[j->word].len
               : acct_json_complete[j->token];

    if (j->held) {

        if (complete) {
            j->value.nslots = 0;
            j->single = 0;
            return acct_json_closed(b, j);
        }

        rc = acct_json_token_tell(b, j);

        if (rc != ACCT_OK) {
            return rc;
        }

        n = 0;
    }

    if (!complete && j->token != ACCT_TOKEN_BAD) {
        acct_json_odd(b, j, flag);
    }

    rc = acct_value_close(b, &j->value, p, n);

    return rc == ACCT_OK ? acct_json_closed(b, j) : rc;
}
