
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acct_body.h: bytes -> fields.
 *
 * Chooses a reader by the content type, finds the watched fields in what it
 * reads, and pushes their values, decoded, to a sink.
 */


#ifndef ACCT_BODY_H_INCLUDED
#define ACCT_BODY_H_INCLUDED


#include "acct_base.h"


/*
 * A wire as the operator wrote it: a form field's name or a dotted JSON path
 * ("user.name", "items[].title", "**.nickname"; "\." is a literal dot), and
 * the policy's index of the field that it spells.
 */

typedef struct {
    acct_str_t            text;
    unsigned              field;
} acct_wire_t;


/*
 * Wires compiled for all readers.  Immutable; the strings are copied.  With
 * exact set, keys are compared byte by byte, else loosely.  NULL on failure,
 * and for a field that is not below ACCT_WIRE_FIELDS or a wire that is longer
 * than ACCT_KEY_MAX bytes.
 */

#define ACCT_WIRE_FIELDS   64


typedef struct acct_wires_s  acct_wires_t;

acct_wires_t *acct_wires_create(const acct_alloc_t *a, const acct_wire_t *wires,
    size_t n, unsigned exact);
void acct_wires_destroy(acct_wires_t *w);


/* Bounds; each is a row of the limits' table in acct_policy.h */

typedef struct {
    size_t                depth;
    size_t                keys;
    size_t                occurrences;
    size_t                length;
    size_t                part_header;
    size_t                ratio;
    size_t                inflated;
} acct_body_limits_t;


/*
 * What the sink is told of a value when it opens.  Borrowed for the time of
 * the call.
 */

typedef struct {
    unsigned              field;       /* the policy's index */
    acct_str_t            key;         /* the name as decoded from the body
                                          (JSON: the nearest key), cut at
                                          ACCT_KEY_MAX bytes */
    acct_str_t            filename;    /* of a file's part; data is NULL where
                                          there is none */
    unsigned              query;       /* it stood in the query */
} acct_value_info_t;


#define ACCT_KEY_MAX       256


/*
 * Values that are open at the same time (two fields that share a wire, two
 * readings of one text) have different slots, below ACCT_SLOTS.
 */

#define ACCT_SLOTS         16


/*
 * The sink.  open sets *slot.  data and close bring the value's bytes, after
 * all decoding; close brings the last piece, so a value that lay whole in one
 * buffer comes by close alone, uncopied.  Values are opened in the order in
 * which they begin in the body; a second reading of a text opens where it
 * parts from the first (a ";" in a form's value).  Any return but ACCT_OK ends
 * the reading, and feed() returns it; values that are open then stay open,
 * but at a bound they are closed first.
 *
 * flag raises a flag, by its row; a reader raises it at the byte where it is
 * known, never ahead of the values that end before that byte.
 */

typedef struct {
    int                 (*open)(void *ctx, const acct_value_info_t *info,
                                unsigned *slot);   /* below ACCT_SLOTS */
    int                 (*data)(void *ctx, unsigned slot, const uint8_t *p,
                                size_t n);
    int                 (*close)(void *ctx, unsigned slot, const uint8_t *p,
                                 size_t n);
    void                (*flag)(void *ctx, unsigned flag);
} acct_body_sink_t;


/* What is known of a request before its body */

typedef struct {
    acct_str_t            type;        /* Content-Type as sent; data is NULL
                                          without one */
    acct_str_t            encoding;    /* Content-Encoding, likewise */
    int64_t               length;      /* of the body; -1 if not known yet */
} acct_body_info_t;


/*
 * A policy's own map from media types to readers: "json", "form" and
 * "multipart" by name, or "none" for a body that is not to be read.  A type
 * is compared without its parameters and without regard to case; one that
 * begins with "+" is any type with that suffix.
 */

typedef struct acct_reader_s  acct_reader_t;

typedef struct {
    acct_str_t            type;
    const acct_reader_t  *reader;
} acct_type_t;


/* The reader of a name, or NULL */

const acct_reader_t *acct_reader_find(acct_str_t name);


/*
 * Content codings that are undone.  acct_decode_find() knows "gzip" and
 * "deflate"; 0 for another name.
 */

#define ACCT_DECODE_GZIP       1
#define ACCT_DECODE_DEFLATE    2

unsigned acct_decode_find(acct_str_t name);


/*
 * A charset that bodies are taken in: init() is ACCT_DONE for one that iconv
 * does not know, or in which ASCII's bytes are something else (UTF-16, UTF-7,
 * ISO-2022), which cannot be read as it comes.
 */

typedef struct {
    char                  name[32];
    const char           *code;        /* iconv's name */
    void                 *kept;
} acct_charset_t;

int acct_charset_init(acct_charset_t *c, acct_str_t name);
void acct_charset_done(acct_charset_t *c);


/* What else a policy may say of how bodies are read; zeroed, it says nothing */

typedef struct {
    const acct_type_t    *types;
    size_t                ntypes;
    unsigned              decode;      /* bits of ACCT_DECODE_ */
    const acct_charset_t *charsets;
    size_t                ncharsets;
} acct_body_options_t;


/*
 * Charsets.  UTF-8 and ASCII are always taken.  A text that is declared (by
 * the body's Content-Type, by a part's, by the field "_charset_" before any
 * watched value) to be in a charset of the options is converted; a value and
 * its spans are what comes out.  A byte that is no character's becomes U+FFFD
 * and the text bad_charset.  Some applications do not look at what is
 * declared: where the bytes of a value are UTF-8 as they stand, that is a
 * second value behind it, and where a whole JSON text is, it is bad_charset.
 * Names of fields are compared as they came and as what they say.  JSON in a
 * field is not converted: bad_charset, if it is not ASCII alone.  And a value
 * is bad_charset whose zero bytes are two or more and a quarter of it, as they
 * are in UTF-16 and UTF-32 that nobody declared.
 *
 * Second readings of a form's value.  Where it holds "&#24494;", "%E5%BE%AE",
 * "\u5FAE" and the like, a second value in which these are undone opens behind
 * the first of them.
 */


/*
 * One request's reading.  wires, limits and sink outlive it; the ctx is
 * handed to the sink.
 *
 *     b = acct_body_create(alloc, wires, limits, sink, ctx);
 *     acct_body_query(b, query, len);              optional, whole, first
 *     acct_body_options(b, options);               optional; they outlive b
 *     acct_body_begin(b, info);                    chooses the reader
 *     acct_body_feed(b, p, n);                     any cut, any number
 *     acct_body_end(b);                            the body was complete
 *     acct_body_destroy(b);
 *
 * ACCT_OK: go on.  ACCT_DONE: nothing more is wanted, because the sink said
 * so or a bound was met that reading cannot go beyond (the flag is up); later
 * calls return ACCT_DONE as well.  ACCT_ERROR: our failure.
 *
 * begin() raises unknown_type and compressed when length says that there is a
 * body, and returns ACCT_DONE then; with an unknown length the first byte
 * fed does.  A body without bytes raises no flag.
 *
 * A body in one of the codings that the options name is inflated, up to the
 * limits ratio and inflated: too_long, and the end of the reading.  A stream
 * that breaks is malformed, and so is what follows a stream; one that is cut
 * is truncated.
 */

typedef struct acct_body_s  acct_body_t;

acct_body_t *acct_body_create(const acct_alloc_t *a, const acct_wires_t *wires,
    const acct_body_limits_t *limits, const acct_body_sink_t *sink, void *ctx);
void acct_body_destroy(acct_body_t *b);

void acct_body_options(acct_body_t *b, const acct_body_options_t *options);
int acct_body_query(acct_body_t *b, const uint8_t *p, size_t n);
int acct_body_begin(acct_body_t *b, const acct_body_info_t *info);
int acct_body_feed(acct_body_t *b, const uint8_t *p, size_t n);
int acct_body_end(acct_body_t *b);


#endif /* ACCT_BODY_H_INCLUDED */
