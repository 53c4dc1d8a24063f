
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acct_reader.h: what the readers of acct_body.h share among themselves.
 *
 * The compiled wires, the normal form of a form's names, open values, and the
 * row that each reader has in the readers' table.  Nobody else includes this.
 */


#ifndef ACCT_READER_H_INCLUDED
#define ACCT_READER_H_INCLUDED


#include "acct_base.h"
#include "acct_body.h"
#include "acct_policy.h"


/* Sets of small numbers */

#define acct_set_words(n)      (((n) + 63) / 64)
#define acct_set_add(s, i)     ((s)[(i) / 64] |= (uint64_t) 1 << ((i) % 64))


/*
 * A form field's name: a wire's text in the normal form of acct_norm_t, or as
 * it was written if keys are exact.  Wires that spell the same name share it.
 */

typedef struct {
    acct_str_t            text;
    uint64_t              fields;
    unsigned              glob;        /* ACCT_GLOB stands for a "**" */
    uint32_t              next;        /* of its mark, from 1; none of a glob */
} acct_name_t;


/*
 * A form field below which JSON may hold a wire's field: the beginning of a
 * wire, in the same normal form, and the state behind it.
 */

typedef struct {
    acct_str_t            text;
    unsigned              glob;
    uint32_t              state;
} acct_stem_t;


#define ACCT_GLOB              0xff    /* never a byte of UTF-8 */
#define ACCT_MARKS_MAX         512


typedef struct {
    acct_str_t            text;
    acct_str_t            bare;        /* without its "_" and "-" */
    uint32_t              next;        /* of its mark, from 1 */
    uint32_t              next_bare;   /* likewise, of its bare mark */
} acct_key_t;


/*
 * JSON paths are one machine of numbered states.  A state waits for a key, an
 * array's element, anything ("**"), or is the end of a wire; the state after
 * it has the next number.  A set of states is that many 64-bit words.
 */

struct acct_wires_s {
    const acct_alloc_t   *alloc;
    unsigned              exact;

    acct_name_t          *names;
    size_t                nnames;
    size_t                name_words;
    size_t                name_max;
    uint32_t              name_first[ACCT_MARKS_MAX];  /* by acct_mark(),
                                                          from 1 */
    unsigned              globs;

    acct_key_t           *keys;        /* distinct, folded unless exact */
    size_t                nkeys;
    size_t                key_max;
    uint32_t              key_first[ACCT_MARKS_MAX];
    uint32_t              key_first_bare[ACCT_MARKS_MAX];
                                       /* none if exact */
    unsigned              anys;        /* there is a "**" */

    acct_stem_t          *stems;
    size_t                nstems;
    uint64_t              stem_marks[ACCT_MARKS_MAX / 64];

    size_t                nstates;
    size_t                words;
    uint64_t             *start;
    uint64_t             *any;
    uint64_t             *array;
    uint64_t             *accept;
    uint64_t             *by_key;      /* a set for each key */
    uint64_t             *field;       /* of an accepting state: its bit */
    uint32_t             *name;        /* and its form name */
};


/*
 * The sets of states one step on: by the key (nkeys: none of ours), or by an
 * array's element.  to and from differ.
 */

void acct_path_key(const acct_wires_t *w, uint64_t *to, const uint64_t *from,
    size_t key);
void acct_path_element(const acct_wires_t *w, uint64_t *to,
    const uint64_t *from);
uint64_t acct_path_fields(const acct_wires_t *w, const uint64_t *set);
int acct_path_empty(const acct_wires_t *w, const uint64_t *set);


/*
 * The number of a JSON key, compared as the wires say; nkeys if not ours.
 * Unless keys are exact, "user-name" and "userName" are "user_name" as well, as
 * Java's fastjson matches them: smart is set then.  maybe() is whether it may be
 * one of ours, or "__proto__", where there is no "**"; long() asks it of a key
 * that is too long to be held, by its first bytes.
 */

size_t acct_key_find(const acct_wires_t *w, const uint8_t *p, size_t n,
    unsigned *smart);
int acct_key_long(const acct_wires_t *w, const uint8_t *p, size_t n);
int acct_key_maybe(const acct_wires_t *w, const uint8_t *p, size_t n);


/*
 * The normal form of a form field's name, made as its bytes come: leading
 * blanks dropped (spaces by PHP, line ends by Perl's HTTP::Body), and ";" (by
 * python-multipart, to which it is no separator further on), and "?" (by
 * JavaScript's URLSearchParams, as it begins a query), and "!" (by Spring, to
 * which it marks a default); quotes around a segment likewise; bracket segments
 * that are empty or all digits dropped; "[", "." and space made "_", the
 * matching "]" dropped; folded.  PHP ends a name at a zero byte, and at what
 * follows a "]" unless it is a "[" that is closed: cut is that second reading.
 * Others are acct_name_more()'s.  Exact names are taken as they are.
 */

#define ACCT_NORM_NO_CUT       SIZE_MAX
#define ACCT_NORM_GLOB_MAX     512     /* more than any wire's name */

typedef struct {
    uint8_t              *buf;
    size_t                size;
    size_t                len;         /* may exceed size: then the rest was
                                          counted, not kept */
    size_t                cut;
    size_t                segment;
    size_t                dot;         /* the last one, outside brackets */
    unsigned              exact:1;
    unsigned              started:1;
    unsigned              bracket:1;
    unsigned              digits:1;
    unsigned              closed:1;
    unsigned              later:1;     /* brackets were closed before */
    unsigned              deep:1;      /* it has a dot or a bracket */
    unsigned              dotted:1;    /* the last segment begins with a dot */
    unsigned              placed:1;    /* one that does was all digits */
    unsigned              array:1;     /* a bracket segment was dropped */
    unsigned              odd:1;       /* brackets that are no segment's */
} acct_norm_t;


/* where it ends if nothing follows: at an open bracket behind a closed one */

#define acct_norm_end(n)                                                      \
    (((n)->bracket && (n)->later) ? (n)->segment : (n)->len)

/* whether brackets are odd, or have something behind them */

#define acct_norm_odd(n)                                                      \
    ((n)->odd || (n)->bracket || (n)->cut != ACCT_NORM_NO_CUT)

/* whether a number behind a dot may be a place in an array */

#define acct_norm_place(n)                                                    \
    ((n)->placed || ((n)->dotted && (n)->digits && (n)->len > (n)->dot + 1))


size_t acct_norm_size(const acct_wires_t *w);
void acct_norm_init(acct_norm_t *n, const acct_wires_t *w, uint8_t *buf);
void acct_norm_reset(acct_norm_t *n);
void acct_norm_add(acct_norm_t *n, const uint8_t *p, size_t len);


/*
 * The fields that a finished name spells; adds the names hit to the set, if
 * there is one, but for globs, whose names are many.  A text that is in a
 * charset but UTF-8 has its names in it too; they are compared as they came,
 * and once more as what acct_conv_name() makes of them.
 */

uint64_t acct_name_find(const acct_wires_t *w, const acct_norm_t *n,
    uint64_t *hits);


/*
 * Whether a name of plain bytes alone, which are its normal form but for their
 * case, may be a wire's or a stem's, or one that begins with "_".  Most are
 * not.
 */

extern const uint8_t  acct_norm_plain[256];

int acct_name_maybe(const acct_wires_t *w, const uint8_t *p, size_t n);


/*
 * The same for further readings of a name that has segments, from its bytes.
 * qs, where it is told to allow dots, takes a number behind one for a place in
 * an array.  And a segment "__proto__" is the object itself to a script that
 * copies it by Object.assign().  doubt is the fields of acct_name_tokens(), or
 * all where the name is too long for an answer.
 */

uint64_t acct_name_more(const acct_wires_t *w, const acct_norm_t *n,
    const uint8_t *p, size_t len, uint64_t *hits, uint64_t *doubt);


/*
 * The same for a name with odd brackets as Ruby's Rack takes it, "[a]", "a]"
 * and "a[[b" alike: what stands between any brackets, but for digits.  And as
 * qs does, to which what follows a "]" is nothing.
 */

uint64_t acct_name_tokens(const acct_wires_t *w, const uint8_t *p, size_t n);


/*
 * What a Content-Type's charset parameter, or a part's, lets us expect; from
 * NAMED on they are the policy's charsets, in their order.
 */

#define ACCT_CHARSET_UTF8      0       /* or ASCII, or nothing said */
#define ACCT_CHARSET_LATIN     1       /* as ASCII as long as no byte is
                                          above 7F */
#define ACCT_CHARSET_OTHER     2
#define ACCT_CHARSET_NAMED     3

/* whether names in it say something else than their bytes do in UTF-8 */

#define acct_charset_names(c)                                                 \
    ((c) == ACCT_CHARSET_LATIN || (c) >= ACCT_CHARSET_NAMED)


/*
 * A conversion to UTF-8, what of a character has come.  bad is set at a byte
 * that is no character's; U+FFFD stands for it.
 */

typedef struct {
    unsigned              charset;
    unsigned              nhold;
    unsigned              again:1;     /* what is held was not looked at */
    unsigned              bad:1;
    uint8_t               hold[8];
} acct_conv_t;


#define ACCT_CONV_MAX          32      /* bytes that a hold may become */


/* Whether bytes are well-formed UTF-8 and not ASCII alone; zeroed at first */

typedef struct {
    unsigned              need;
    unsigned              bad:1;
    unsigned              any:1;
    uint8_t               low;
    uint8_t               high;
} acct_valid_t;


/*
 * JSON below a finished name: the states, in set; 0 if there are none, else a
 * bit of ACCT_BELOW_.
 */

#define ACCT_BELOW_WIRE        1       /* a wire names this field */
#define ACCT_BELOW_ANY         2       /* a "**" takes any */

unsigned acct_name_below(const acct_wires_t *w, const acct_norm_t *n,
    uint64_t *set);


/* An open value: one text, a slot for each field that wants it */

typedef struct acct_value_s  acct_value_t;
typedef struct acct_again_s  acct_again_t;

struct acct_value_s {
    acct_value_t         *next;
    uint64_t              fields;
    acct_str_t            key;
    size_t                len;
    size_t                zeros;       /* bytes that are 0 */
    uint64_t              hash;        /* of its bytes, if hashed */
    uint32_t              flags;       /* to be raised as it closes */
    unsigned              hashed;
    unsigned              twice;       /* its escapes are a second reading */
    acct_again_t         *again;       /* that reading */

    acct_conv_t           conv;        /* of a named charset: */
    acct_valid_t          valid;       /* its bytes as they came, */
    acct_buf_t            raw;         /* as long as they are UTF-8 */
    unsigned              lost;        /* and not too many */

    unsigned              nslots;      /* 0: nobody wants it */
    uint8_t               slots[ACCT_SLOTS];
};


/* A value of the query, kept to be compared with the body's */

typedef struct {
    uint64_t              hash;
    size_t                len;
} acct_seen_t;


/* A row of the readers' table; "none" has no functions */

struct acct_reader_s {
    acct_str_t            name;
    unsigned              sniff;       /* text in one of Unicode's encodings */
    unsigned              bare;        /* and recognised without a mark, by
                                          so many bytes */
    unsigned              whole;       /* a charset is undone before it */
    int                 (*begin)(acct_body_t *b, acct_str_t type);
    int                 (*feed)(acct_body_t *b, const uint8_t *p, size_t n);
    int                 (*end)(acct_body_t *b);
    void                (*destroy)(acct_body_t *b);
};


extern const acct_reader_t  acct_reader_json;
extern const acct_reader_t  acct_reader_ndjson;
extern const acct_reader_t  acct_reader_patch;
extern const acct_reader_t  acct_reader_form;
extern const acct_reader_t  acct_reader_multipart;


typedef struct acct_inflate_s  acct_inflate_t;


struct acct_body_s {
    const acct_alloc_t        *alloc;
    const acct_wires_t        *wires;
    const acct_body_limits_t  *limits;
    const acct_body_sink_t    *sink;
    void                      *ctx;

    const acct_reader_t       *reader;
    void                      *state;     /* the reader's, NULL at first */

    acct_body_options_t        options;
    unsigned                   coding;    /* the body's, to be undone */
    acct_inflate_t            *inflate;

    uint32_t                   flags;     /* raised so far */
    uint32_t                   refuse;    /* to be raised at the first byte */
    int                        rc;        /* why it ended, or ACCT_OK */
    unsigned                   bound:1;
    unsigned                   query:1;
    unsigned                   begun:1;   /* the first byte has come */
    unsigned                   odd:1;     /* its type may be another's */

    unsigned                   charset;
    unsigned                   spoken;    /* a value of the body was told */
    acct_conv_t                whole;     /* of the body before its reader */
    acct_valid_t               valid;     /* and its bytes as they came */
    void                      *conv;      /* iconv's descriptor */
    unsigned                   conv_charset;

    size_t                     keys;
    size_t                     occurrences;
    unsigned                   nslots;    /* open now */
    acct_value_t              *values;    /* likewise */

    unsigned                   sniffing;
    unsigned                   nhead;
    uint8_t                    head[4];
    unsigned                   encoding;  /* of acct_body.c's table */
    uint32_t                   high;      /* a surrogate that waits */

    uint64_t                  *seen;      /* names that came in this part */
    uint64_t                  *asked;     /* names that came in the query */
    acct_seen_t               *query_values;
};


/* The reader of a media type, by the policy's map and our own, or NULL */

const acct_reader_t *acct_body_reader(const acct_body_t *b, acct_str_t type);


/* Raises a flag, once; bound() besides ends the reading: returns ACCT_DONE */

void acct_body_flag(acct_body_t *b, unsigned flag);
int acct_body_bound(acct_body_t *b, unsigned flag);


/* Text of the body, all its codings undone; the rest of acct_body_feed() */

int acct_body_text(acct_body_t *b, const uint8_t *p, size_t n);


/*
 * Content codings.  find() says what a Content-Encoding asks for.  feed() and
 * end() hand what they inflate to acct_body_text(); empty() says that nothing
 * came out.
 */

#define ACCT_DECODE_NONE       0
#define ACCT_DECODE_OTHER      4       /* a bit that no policy has */

unsigned acct_encoding_find(acct_str_t encoding);
int acct_inflate_feed(acct_body_t *b, const uint8_t *p, size_t n);
int acct_inflate_end(acct_body_t *b);
int acct_inflate_empty(const acct_body_t *b);
void acct_inflate_destroy(acct_body_t *b);


/*
 * JSON in a field.  inner() begins at the states given; the whole text is not
 * a value.  Where nothing says that it is JSON, it is quiet about what breaks
 * the grammar.  text() takes any pieces, and where a bound stops it, taken()
 * is how much of the last it took.
 */

typedef struct acct_json_s  acct_json_t;

/* What an object or array begins with, or a comment before it, which parsers
   of Ruby and Java step over */

#define acct_json_begins(c)  ((c) == '{' || (c) == '[' || (c) == '/')

acct_json_t *acct_json_inner(acct_body_t *b, const uint64_t *start,
    unsigned quiet);
int acct_json_text(acct_body_t *b, acct_json_t *j, const uint8_t *p, size_t n);
size_t acct_json_taken(const acct_json_t *j);
int acct_json_finish(acct_body_t *b, acct_json_t *j);
void acct_json_free(acct_body_t *b, acct_json_t *j);


/* One key, parameter or part more */

int acct_body_count(acct_body_t *b);


/*
 * Values.  open() takes the set of fields and makes a slot for each; v->hashed
 * and v->twice are set before, and the key stays until close().  With nslots 0,
 * data() and close() do nothing.  pass() is for what was converted already.
 */

int acct_value_open(acct_body_t *b, acct_value_t *v, uint64_t fields,
    acct_str_t key, const acct_str_t *filename);
int acct_value_data(acct_body_t *b, acct_value_t *v, const uint8_t *p,
    size_t n);
int acct_value_pass(acct_body_t *b, acct_value_t *v, const uint8_t *p,
    size_t n);
int acct_value_close(acct_body_t *b, acct_value_t *v, const uint8_t *p,
    size_t n);


/*
 * Second readings of a value, in acct_again.c: feed() takes the next piece of
 * v, and may tell some of it; close() behind v; whole() tells another text as
 * one more value.
 */

int acct_again_feed(acct_body_t *b, acct_value_t *v, const uint8_t **p,
    size_t *n, unsigned last);
int acct_again_close(acct_body_t *b, acct_value_t *v);
int acct_again_whole(acct_body_t *b, acct_value_t *v, const uint8_t *p,
    size_t n);
void acct_again_destroy(acct_body_t *b, acct_value_t *v);


/*
 * Charsets.  conv_text() hands what it converts to the handler; the last piece
 * ends what is held.  conv_name() does so for names, which may be in Latin-1 as
 * well.  conv_close() comes before anybody waits.
 */

typedef int (*acct_conv_pt)(acct_body_t *b, void *ctx, const uint8_t *p,
    size_t n);

unsigned acct_charset_find(const acct_body_t *b, acct_str_t name);
int acct_conv_name(acct_body_t *b, acct_conv_t *c, const uint8_t *p, size_t n,
    unsigned last, acct_conv_pt handler, void *ctx);
void acct_conv_init(acct_conv_t *c, unsigned charset);
int acct_conv_text(acct_body_t *b, acct_conv_t *c, const uint8_t *p, size_t n,
    unsigned last, acct_conv_pt handler, void *ctx);
void acct_conv_close(acct_body_t *b);

void acct_valid_add(acct_valid_t *v, const uint8_t *p, size_t n);
unsigned acct_valid_utf8(const acct_valid_t *v);


/* The form field "_charset_" says what it is written in (HTML, 4.10.21.5) */

void acct_body_charset(acct_body_t *b, acct_str_t name, unsigned *charset);


/*
 * Names that come twice in one body, and in the query and the body with
 * different values.  twice() is told of each hit as its name ends; keeps()
 * says whether the value must be hashed for compare(), which is told of it
 * as it ends.
 */

void acct_names_twice(acct_body_t *b, uint64_t *seen, const uint64_t *hits);
int acct_names_keep(acct_body_t *b, const uint64_t *hits);
int acct_names_compare(acct_body_t *b, const uint64_t *hits,
    const acct_value_t *v);


/* The value of a hexadecimal digit, or -1 */

static inline int
acct_hex(uint8_t c)
{
    if ((uint8_t) (c - '0') < 10) {
        return c - '0';
    }

    c |= 0x20;

    return (uint8_t) (c - 'a') < 6 ? c - 'a' + 10 : -1;
}


/*
 * Sixteen bytes at a time, where a run is searched for its end.  A comparison
 * makes a lane 0 or 0xff; first() is the number of the first lane that is not
 * 0, or ACCT_LANES.
 */

typedef uint8_t  acct_lanes_t __attribute__((vector_size(16)));

#define ACCT_LANES             16

#define acct_lanes(c)          ((acct_lanes_t) { 0 } + (uint8_t) (c))


static inline acct_lanes_t
acct_lanes_load(const uint8_t *p)
{
    acct_lanes_t  x;

    memcpy(&x, p, ACCT_LANES);

    return x;
}


static inline unsigned
acct_lanes_first(acct_lanes_t x)
{
    uint64_t  half[2];

    memcpy(half, &x, ACCT_LANES);

    if (!(half[0] | half[1])) {
        return ACCT_LANES;
    }

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return half[0] ? (unsigned) __builtin_ctzll(half[0]) / 8
                   : 8 + (unsigned) __builtin_ctzll(half[1]) / 8;
#else
    return half[0] ? (unsigned) __builtin_clzll(half[0]) / 8
                   : 8 + (unsigned) __builtin_clzll(half[1]) / 8;
#endif
}


/* Writes a character as UTF-8, a surrogate as U+FFFD; returns its length */

size_t acct_utf8_put(uint8_t *p, uint32_t c);

/*
 * A header field's value: acct_type_essence() takes off what stands before the
 * first ";", then acct_param_next() one parameter at a time, and 0 when none
 * is left.  In quotes a backslash takes the next character, if escapes is set.
 */

typedef struct {
    acct_str_t            name;
    acct_str_t            value;       /* as it stands, without the quotes */
    unsigned              quoted:1;
    unsigned              escaped:1;   /* quoted, and holds a backslash */
    unsigned              spaced:1;    /* space beside the "=" */
    unsigned              gap:1;       /* space within the name */
    unsigned              odd:1;       /* no "=", an open quote, or bytes
                                          behind the closing one */
} acct_param_t;

acct_str_t acct_type_essence(acct_str_t *rest);
int acct_param_next(acct_str_t *rest, acct_param_t *param, unsigned escapes);
acct_str_t acct_trim(acct_str_t s);

/* what a Content-Type's parameter says of the charset, if anything */

void acct_charset_param(const acct_body_t *b, const acct_param_t *param,
    unsigned *charset);

/* b is in small letters; is() takes a literal, and asks for the length first */

int acct_str_ieq(acct_str_t a, const char *b);

#define acct_str_is(a, b)                                                     \
    ((a).len == sizeof(b) - 1 && acct_str_ieq(a, b))

/* whether the word is in the text, which is cut to what is behind it then */

int acct_str_has(acct_str_t *text, const char *word);

/*
 * Whether a type's text has "multipart" and then "boundary" anywhere: Perl's
 * Mojolicious asks for no more.
 */

int acct_type_multipart(acct_str_t type);


#endif /* ACCT_READER_H_INCLUDED */
