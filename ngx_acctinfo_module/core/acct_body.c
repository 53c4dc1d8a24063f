
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acct_body.c: chooses a reader, and serves all of them.
 */


#include "acct_reader.h"


/* What a text may be encoded in; all but the first are not ours to trust */

typedef enum {
    ACCT_ENC_UTF8 = 0,
    ACCT_ENC_UTF16BE,
    ACCT_ENC_UTF16LE,
    ACCT_ENC_UTF32BE,
    ACCT_ENC_UTF32LE
} acct_encoding_e;


static void acct_body_forget(acct_body_t *b);
static const acct_reader_t *acct_body_plain(const acct_body_t *b,
    const acct_body_info_t *info);
static int acct_body_first(acct_body_t *b);
static int acct_body_sniff(acct_body_t *b, const uint8_t **p, size_t *n,
    unsigned last);
static size_t acct_sniff_mark(acct_body_t *b, const uint8_t *p, size_t n);
static int acct_body_read(acct_body_t *b, const uint8_t *p, size_t n);
static int acct_body_converted(acct_body_t *b, void *ctx, const uint8_t *p,
    size_t n);
static int acct_body_tail(acct_body_t *b);
static int acct_body_convert(acct_body_t *b, const uint8_t *p, size_t n);
static int acct_body_leave(acct_body_t *b, int rc);
static void acct_body_flags(acct_body_t *b, uint32_t flags);
static void acct_value_note(acct_body_t *b, acct_value_t *v, const uint8_t *p,
    size_t n);
static void acct_value_unlink(acct_body_t *b, acct_value_t *v);
static int acct_value_raw(acct_body_t *b, acct_value_t *v, const uint8_t *p,
    size_t n);
static int acct_value_last(acct_body_t *b, acct_value_t *v, const uint8_t *p,
    size_t n);
static int acct_value_put(acct_body_t *b, void *ctx, const uint8_t *p,
    size_t n);
static int acct_type_match(acct_str_t type, acct_str_t row);
static unsigned acct_type_odd(const acct_body_t *b, acct_str_t type);


static const acct_reader_t  acct_reader_none = {
    .name = acct_string("none")
};


static const acct_reader_t  *acct_readers[] = {
    &acct_reader_json,
    &acct_reader_form,
    &acct_reader_multipart,
    &acct_reader_none
};


/* The readers' own types; "+json" is any type with that suffix (RFC 6839) */

static const struct {
    acct_str_t            type;
    const acct_reader_t  *reader;
} acct_readers_types[] = {
    { acct_string("application/json"), &acct_reader_json },
    { acct_string("text/json"), &acct_reader_json },
    { acct_string("application/x-ndjson"), &acct_reader_ndjson },
    { acct_string("application/ndjson"), &acct_reader_ndjson },
    { acct_string("application/jsonl"), &acct_reader_ndjson },
    { acct_string("application/x-jsonlines"), &acct_reader_ndjson },
    { acct_string("application/json-patch+json"), &acct_reader_patch },
    { acct_string("+json"), &acct_reader_json },
    { acct_string("application/x-www-form-urlencoded"), &acct_reader_form },
    { acct_string("multipart/form-data"), &acct_reader_multipart },
    { acct_string("multipart/related"), &acct_reader_multipart },
    { acct_string("multipart/mixed"), &acct_reader_multipart }
};


static const struct {
    acct_str_t            mark;
    acct_encoding_e       encoding;
} acct_marks[] = {
    { acct_string("\x00\x00\xfe\xff"), ACCT_ENC_UTF32BE },
    { acct_string("\xff\xfe\x00\x00"), ACCT_ENC_UTF32LE },
    { acct_string("\xfe\xff"),         ACCT_ENC_UTF16BE },
    { acct_string("\xff\xfe"),         ACCT_ENC_UTF16LE },
    { acct_string("\xef\xbb\xbf"),     ACCT_ENC_UTF8 }
};


/* A pattern of a text's first bytes without a mark: 0, or anything but 0 */

static const struct {
    unsigned              len;
    uint8_t               zero[4];
    acct_encoding_e       encoding;
} acct_patterns[] = {
    { 4, { 1, 1, 1, 0 }, ACCT_ENC_UTF32BE },
    { 4, { 0, 1, 1, 1 }, ACCT_ENC_UTF32LE },
    { 4, { 1, 0, 1, 0 }, ACCT_ENC_UTF16BE },
    { 4, { 0, 1, 0, 1 }, ACCT_ENC_UTF16LE },
    { 2, { 1, 0, 0, 0 }, ACCT_ENC_UTF16BE },
    { 2, { 0, 1, 0, 0 }, ACCT_ENC_UTF16LE }
};


/* What of a converted value's bytes is kept: no text is UTF-8 for so long by
   chance */

#define ACCT_VALUE_RAW         4096


#define acct_nelts(a)          (sizeof(a) / sizeof((a)[0]))


acct_body_t *
acct_body_create(const acct_alloc_t *a, const acct_wires_t *wires,
    const acct_body_limits_t *limits, const acct_body_sink_t *sink, void *ctx)
{
    acct_body_t  *b;

    b = acct_calloc(a, sizeof(acct_body_t)
                       + 2 * wires->name_words * sizeof(uint64_t));

    if (b == NULL) {
        return NULL;
    }

    b->alloc = a;
    b->wires = wires;
    b->limits = limits;
    b->sink = sink;
    b->ctx = ctx;

    b->seen = (uint64_t *) (b + 1);
    b->asked = b->seen + wires->name_words;

    return b;
}


void
acct_body_destroy(acct_body_t *b)
{
    if (b == NULL) {
        return;
    }

    acct_body_forget(b);

    acct_conv_close(b);
    acct_inflate_destroy(b);

    acct_free(b->alloc, b->query_values);
    acct_free(b->alloc, b);
}


/* values that a failure left open are the reader's own, but for what they hold;
   a second reading stands before its value, which it belongs to */

static void
acct_body_forget(acct_body_t *b)
{
    acct_value_t  *v;

    for (v = b->values; v; v = v->next) {
        acct_buf_free(&v->raw);
        acct_again_destroy(b, v);
    }

    b->values = NULL;

    if (b->state) {
        b->reader->destroy(b);
        b->state = NULL;
    }
}


void
acct_body_options(acct_body_t *b, const acct_body_options_t *options)
{
    b->options = *options;
}


const acct_reader_t *
acct_reader_find(acct_str_t name)
{
    size_t  i;

    for (i = 0; i < acct_nelts(acct_readers); i++) {
        if (acct_str_eq(acct_readers[i]->name, name)) {
            return acct_readers[i];
        }
    }

    return NULL;
}


/* a query is a form that has neither a mark in front nor an encoding */

int
acct_body_query(acct_body_t *b, const uint8_t *p, size_t n)
{
    int  rc;

    if (b->rc != ACCT_OK || n == 0) {
        return b->rc;
    }

    b->query = 1;
    b->reader = &acct_reader_form;

    rc = b->reader->feed(b, p, n);

    if (rc == ACCT_OK) {
        rc = b->reader->end(b);
    }

    rc = acct_body_leave(b, rc);

    acct_body_forget(b);

    b->reader = NULL;
    b->query = 0;
    b->keys = 0;
    b->charset = ACCT_CHARSET_UTF8;

    memset(b->seen, 0, b->wires->name_words * sizeof(uint64_t));

    return rc;
}


int
acct_body_begin(acct_body_t *b, const acct_body_info_t *info)
{
    acct_str_t    rest;
    acct_param_t  param;

    if (b->rc != ACCT_OK) {
        return b->rc;
    }

    b->reader = acct_body_plain(b, info);

    if (b->reader) {
        b->sniffing = b->reader->sniff;
        return ACCT_OK;
    }

    rest = info->type;
    b->reader = acct_body_reader(b, acct_type_essence(&rest));

    if (b->reader == &acct_reader_none) {
        return ACCT_OK;
    }

    if (b->reader == NULL) {
        b->refuse |= acct_flag_bit(ACCT_FLAG_UNKNOWN_TYPE);
    }

    b->coding = acct_encoding_find(info->encoding);

    if (b->coding & ~b->options.decode) {
        b->refuse |= acct_flag_bit(ACCT_FLAG_COMPRESSED);
    }

    if (b->refuse) {
        return info->length > 0 ? acct_body_first(b) : ACCT_OK;
    }

    b->odd = acct_type_odd(b, info->type);

    while (acct_param_next(&rest, &param, 1)) {
        acct_charset_param(b, &param, &b->charset);

        if (b->charset != ACCT_CHARSET_UTF8) {
            break;
        }
    }

    if (b->reader->whole && b->charset >= ACCT_CHARSET_NAMED) {
        acct_conv_init(&b->whole, b->charset);
        b->charset = ACCT_CHARSET_UTF8;
    }

    b->sniffing = b->reader->sniff;

    if (b->reader->begin) {
        return acct_body_leave(b, b->reader->begin(b, info->type));
    }

    return ACCT_OK;
}


/* the reader of what most requests say, where nothing else is to be asked */

static const acct_reader_t *
acct_body_plain(const acct_body_t *b, const acct_body_info_t *info)
{
    size_t  i;

    static const struct {
        acct_str_t            type;
        const acct_reader_t  *reader;
    } plain[] = {
        { acct_string("application/json"), &acct_reader_json },
        { acct_string("application/x-www-form-urlencoded"), &acct_reader_form }
    };

    if (b->options.ntypes || info->encoding.len) {
        return NULL;
    }

    for (i = 0; i < acct_nelts(plain); i++) {
        if (acct_str_eq(plain[i].type, info->type)) {
            return plain[i].reader;
        }
    }

    return NULL;
}


int
acct_body_feed(acct_body_t *b, const uint8_t *p, size_t n)
{
    int  rc;

    if (b->rc != ACCT_OK || n == 0 || b->reader == &acct_reader_none) {
        return b->rc;
    }

    if (!b->begun) {
        rc = acct_body_first(b);

        if (rc != ACCT_OK) {
            return rc;
        }
    }

    if (b->coding) {
        return acct_body_leave(b, acct_inflate_feed(b, p, n));
    }

    return acct_body_text(b, p, n);
}


int
acct_body_text(acct_body_t *b, const uint8_t *p, size_t n)
{
    int  rc;

    if (b->sniffing) {
        rc = acct_body_sniff(b, &p, &n, 0);

        if (rc != ACCT_OK || n == 0) {
            return rc;
        }
    }

    return acct_body_leave(b, acct_body_read(b, p, n));
}


int
acct_body_end(acct_body_t *b)
{
    int             rc;
    size_t          n;
    const uint8_t  *p;

    if (b->rc != ACCT_OK || !b->begun || b->reader == &acct_reader_none) {
        return b->rc;
    }

    if (b->coding) {
        rc = acct_body_leave(b, acct_inflate_end(b));

        if (rc != ACCT_OK || acct_inflate_empty(b)) {
            return rc;
        }
    }

    if (b->sniffing) {
        p = NULL;
        n = 0;

        rc = acct_body_sniff(b, &p, &n, 1);

        if (rc != ACCT_OK) {
            return rc;
        }
    }

    if (b->nhead) {

        /* half a character of UTF-16 or UTF-32 */

        acct_body_flag(b, ACCT_FLAG_TRUNCATED);
    }

    rc = acct_body_leave(b, acct_body_tail(b));

    return rc == ACCT_OK ? acct_body_leave(b, b->reader->end(b)) : rc;
}


/* what was known before the body, and is said as soon as there is one */

static int
acct_body_first(acct_body_t *b)
{
    b->begun = 1;

    if (b->refuse) {
        acct_body_flags(b, b->refuse);

        b->rc = ACCT_DONE;
        return ACCT_DONE;
    }

    if (b->odd) {
        acct_body_flag(b, ACCT_FLAG_MALFORMED);
    }

    if (b->charset == ACCT_CHARSET_OTHER) {
        acct_body_flag(b, ACCT_FLAG_BAD_CHARSET);
    }

    return ACCT_OK;
}


/*
 * The encoding of a text shows in its first four bytes at most.  A mark of
 * UTF-8 is passed over in silence, as parsers do (RFC 8259, section 8.1 lets
 * them); anything but UTF-8 is a flag, and is read on in UTF-8.
 */

static int
acct_body_sniff(acct_body_t *b, const uint8_t **p, size_t *n, unsigned last)
{
    int       rc;
    size_t    skip, take;
    uint8_t   head[4];
    unsigned  nhead;

    if (b->nhead == 0 && *n >= sizeof(b->head)) {
        b->sniffing = 0;

        skip = acct_sniff_mark(b, *p, sizeof(b->head));

        *p += skip;
        *n -= skip;

        return ACCT_OK;
    }

    take = sizeof(b->head) - b->nhead;

    if (take > *n) {
        take = *n;
    }

    if (take) {
        memcpy(b->head + b->nhead, *p, take);

        b->nhead += (unsigned) take;
        *p += take;
        *n -= take;
    }

    if (b->nhead < sizeof(b->head) && !last) {
        return ACCT_OK;
    }

    b->sniffing = 0;

    nhead = b->nhead;
    memcpy(head, b->head, sizeof(head));
    b->nhead = 0;

    skip = acct_sniff_mark(b, head, nhead);

    rc = (skip < nhead) ? acct_body_read(b, head + skip, nhead - skip)
                        : ACCT_OK;

    return acct_body_leave(b, rc);
}


static size_t
acct_sniff_mark(acct_body_t *b, const uint8_t *p, size_t n)
{
    size_t  i, k, skip;

    skip = 0;

    for (i = 0; i < n && p[i] && p[i] < 0x80; i++) { /* void */ }

    if (i == n) {
        return 0;
    }

    for (i = 0; i < acct_nelts(acct_marks); i++) {
        if (acct_marks[i].mark.len <= n
            && memcmp(acct_marks[i].mark.data, p, acct_marks[i].mark.len) == 0)
        {
            b->encoding = acct_marks[i].encoding;
            skip = acct_marks[i].mark.len;
            goto found;
        }
    }

    for (i = 0; i < acct_nelts(acct_patterns); i++) {
        if (acct_patterns[i].len > n || acct_patterns[i].len < b->reader->bare)
        {
            continue;
        }

        for (k = 0; k < acct_patterns[i].len; k++) {
            if ((p[k] == 0) != acct_patterns[i].zero[k]) {
                break;
            }
        }

        if (k == acct_patterns[i].len) {
            b->encoding = acct_patterns[i].encoding;
            goto found;
        }
    }

found:

    if (b->encoding != ACCT_ENC_UTF8
        || (skip && b->whole.charset != ACCT_CHARSET_UTF8))
    {
        acct_body_flag(b, ACCT_FLAG_BAD_CHARSET);
        b->whole.charset = ACCT_CHARSET_UTF8;
    }

    return skip;
}


static int
acct_body_read(acct_body_t *b, const uint8_t *p, size_t n)
{
    if (b->encoding != ACCT_ENC_UTF8) {
        return acct_body_convert(b, p, n);
    }

    if (b->whole.charset != ACCT_CHARSET_UTF8) {
        acct_valid_add(&b->valid, p, n);

        return acct_conv_text(b, &b->whole, p, n, 0, acct_body_converted,
                              NULL);
    }

    return b->reader->feed(b, p, n);
}


static int
acct_body_converted(acct_body_t *b, void *ctx, const uint8_t *p, size_t n)
{
    (void) ctx;

    return b->reader->feed(b, p, n);
}


/*
 * The end of a text that was converted as a whole.  What may be UTF-8 as well
 * some application has read as such.
 */

static int
acct_body_tail(acct_body_t *b)
{
    int  rc;

    if (b->whole.charset == ACCT_CHARSET_UTF8) {
        return ACCT_OK;
    }

    rc = acct_conv_text(b, &b->whole, NULL, 0, 1, acct_body_converted, NULL);

    if (rc == ACCT_OK && (b->whole.bad || acct_valid_utf8(&b->valid))) {
        acct_body_flag(b, ACCT_FLAG_BAD_CHARSET);
    }

    return rc;
}


static int
acct_body_convert(acct_body_t *b, const uint8_t *p, size_t n)
{
    int       rc;
    size_t    len, unit;
    uint8_t   out[256];
    uint32_t  c;

    unit = (b->encoding >= ACCT_ENC_UTF32BE) ? 4 : 2;
    len = 0;

    while (n) {
        b->head[b->nhead++] = *p++;
        n--;

        if (b->nhead < unit) {
            continue;
        }

        b->nhead = 0;

        switch (b->encoding) {

        case ACCT_ENC_UTF16BE:
            c = (uint32_t) b->head[0] << 8 | b->head[1];
            break;

        case ACCT_ENC_UTF16LE:
            c = (uint32_t) b->head[1] << 8 | b->head[0];
            break;

        case ACCT_ENC_UTF32BE:
            c = (uint32_t) b->head[0] << 24 | (uint32_t) b->head[1] << 16
                | (uint32_t) b->head[2] << 8 | b->head[3];
            break;

        default:
            c = (uint32_t) b->head[3] << 24 | (uint32_t) b->head[2] << 16
                | (uint32_t) b->head[1] << 8 | b->head[0];
        }

        if (b->high) {
            if (c >= 0xdc00 && c <= 0xdfff) {
                c = 0x10000 + ((b->high - 0xd800) << 10) + (c - 0xdc00);

            } else {
                len += acct_utf8_put(out + len, b->high);
            }

            b->high = 0;
        }

        if (unit == 2 && c >= 0xd800 && c <= 0xdbff) {
            b->high = c;

        } else {
            len += acct_utf8_put(out + len, c);
        }

        if (len > sizeof(out) - 8) {
            rc = b->reader->feed(b, out, len);

            if (rc != ACCT_OK) {
                return rc;
            }

            len = 0;
        }
    }

    return len ? b->reader->feed(b, out, len) : ACCT_OK;
}


/* a bound closes what is open, so that what was read can still be judged */

static int
acct_body_leave(acct_body_t *b, int rc)
{
    int            crc;
    acct_value_t  *v;

    if (rc == ACCT_DONE && b->bound) {

        while (b->values) {
            v = b->values;
            crc = acct_value_close(b, v, NULL, 0);

            if (crc != ACCT_OK) {
                rc = crc;
                break;
            }
        }
    }

    acct_conv_close(b);

    b->rc = rc;

    return rc;
}


void
acct_body_flag(acct_body_t *b, unsigned flag)
{
    if (!(b->flags & acct_flag_bit(flag))) {
        b->flags |= acct_flag_bit(flag);
        b->sink->flag(b->ctx, flag);
    }
}


static void
acct_body_flags(acct_body_t *b, uint32_t flags)
{
    unsigned  i;

    for (i = 0; flags; i++) {
        if (flags & acct_flag_bit(i)) {
            flags &= ~acct_flag_bit(i);
            acct_body_flag(b, i);
        }
    }
}


int
acct_body_bound(acct_body_t *b, unsigned flag)
{
    acct_body_flag(b, flag);
    b->bound = 1;

    return ACCT_DONE;
}


int
acct_body_count(acct_body_t *b)
{
    if (b->keys == b->limits->keys) {
        return acct_body_bound(b, ACCT_FLAG_TOO_MANY);
    }

    b->keys++;

    return ACCT_OK;
}


int
acct_value_open(acct_body_t *b, acct_value_t *v, uint64_t fields,
    acct_str_t key, const acct_str_t *filename)
{
    int                rc;
    unsigned           slot;
    acct_value_info_t  info;

    v->len = 0;
    v->zeros = 0;
    v->flags = 0;
    v->hash = 0xcbf29ce484222325;
    v->nslots = 0;

    if (fields == 0) {
        return ACCT_OK;
    }

    v->next = b->values;
    b->values = v;

    v->fields = fields;
    v->key = key;
    v->again = NULL;
    v->lost = 0;

    acct_conv_init(&v->conv, b->charset);
    memset(&v->valid, 0, sizeof(acct_valid_t));
    acct_buf_init(&v->raw, b->alloc, ACCT_VALUE_RAW);

    b->spoken |= !b->query;

    info.key = key;
    info.filename.data = filename ? filename->data : NULL;
    info.filename.len = filename ? filename->len : 0;
    info.query = b->query;

    for ( /* void */ ; fields; fields &= fields - 1) {

        if (b->occurrences == b->limits->occurrences
            || b->nslots == ACCT_SLOTS)
        {
            return acct_body_bound(b, ACCT_FLAG_TOO_MANY);
        }

        info.field = (unsigned) __builtin_ctzll(fields);

        rc = b->sink->open(b->ctx, &info, &slot);

        if (rc != ACCT_OK) {
            return rc;
        }

        v->slots[v->nslots++] = (uint8_t) slot;
        b->nslots++;
        b->occurrences++;
    }

    return ACCT_OK;
}


/*
 * What the bytes themselves tell is said as the value closes: how they came,
 * in one piece or gathered, must not show in the order of flags.
 */

static void
acct_value_note(acct_body_t *b, acct_value_t *v, const uint8_t *p, size_t n)
{
    size_t          i;
    const uint8_t  *q;

    if (n > b->limits->length || v->len > b->limits->length - n) {
        v->flags |= acct_flag_bit(ACCT_FLAG_TOO_LONG);
    }

    v->len += n;

    for (q = p; (q = memchr(q, 0, n - (size_t) (q - p))) != NULL; q++) {
        v->zeros++;
    }

    if (v->hashed) {
        for (i = 0; i < n; i++) {
            v->hash = (v->hash ^ p[i]) * 0x100000001b3;
        }
    }

    if (b->charset == ACCT_CHARSET_LATIN) {
        for (i = 0; i < n; i++) {
            if (p[i] >= 0x80) {
                v->flags |= acct_flag_bit(ACCT_FLAG_BAD_CHARSET);
                break;
            }
        }
    }
}


int
acct_value_data(acct_body_t *b, acct_value_t *v, const uint8_t *p, size_t n)
{
    int  rc;

    if (n == 0 || v->nslots == 0) {
        return ACCT_OK;
    }

    if (v->conv.charset < ACCT_CHARSET_NAMED) {
        return acct_value_put(b, v, p, n);
    }

    rc = acct_value_raw(b, v, p, n);

    return rc == ACCT_OK ? acct_conv_text(b, &v->conv, p, n, 0,
                                          acct_value_put, v)
                         : rc;
}


static int
acct_value_put(acct_body_t *b, void *ctx, const uint8_t *p, size_t n)
{
    int            rc;
    acct_value_t  *v;

    v = ctx;
    rc = v->twice ? acct_again_feed(b, v, &p, &n, 0) : ACCT_OK;

    return rc == ACCT_OK ? acct_value_pass(b, v, p, n) : rc;
}


int
acct_value_pass(acct_body_t *b, acct_value_t *v, const uint8_t *p, size_t n)
{
    int       rc;
    unsigned  i;

    if (n == 0) {
        return ACCT_OK;
    }

    acct_value_note(b, v, p, n);

    for (i = 0; i < v->nslots; i++) {
        rc = b->sink->data(b->ctx, v->slots[i], p, n);

        if (rc != ACCT_OK) {
            return rc;
        }
    }

    return ACCT_OK;
}


/*
 * A value's last piece, and then its second readings.  They close behind it,
 * and at a bound before it.
 */

int
acct_value_close(acct_body_t *b, acct_value_t *v, const uint8_t *p, size_t n)
{
    int         rc;
    acct_str_t  raw;

    if (v->nslots) {
        rc = acct_value_last(b, v, p, n);

        if (rc != ACCT_OK) {
            return rc;
        }

        if (v->again) {
            rc = acct_again_close(b, v);

            if (rc != ACCT_OK) {
                return rc;
            }
        }

        if (!b->bound && v->raw.len && acct_valid_utf8(&v->valid)) {
            raw.data = v->raw.data;
            raw.len = v->raw.len;

            v->raw.len = 0;

            rc = acct_again_whole(b, v, raw.data, raw.len);

            if (rc != ACCT_OK) {
                return rc;
            }
        }
    }

    acct_value_unlink(b, v);

    return ACCT_OK;
}


static void
acct_value_unlink(acct_body_t *b, acct_value_t *v)
{
    acct_value_t  **link;

    for (link = &b->values; *link; link = &(*link)->next) {
        if (*link == v) {
            *link = v->next;

            acct_buf_free(&v->raw);
            acct_again_destroy(b, v);
            break;
        }
    }
}


/* the bytes of a value that is converted, as long as they are UTF-8 too */

static int
acct_value_raw(acct_body_t *b, acct_value_t *v, const uint8_t *p, size_t n)
{
    (void) b;

    acct_valid_add(&v->valid, p, n);

    if (v->valid.bad || v->lost) {
        acct_buf_free(&v->raw);
        return ACCT_OK;
    }

    if (n > ACCT_VALUE_RAW - v->raw.len) {
        v->lost = 1;
        acct_buf_free(&v->raw);
        return ACCT_OK;
    }

    return acct_buf_append(&v->raw, p, n);
}


static int
acct_value_last(acct_body_t *b, acct_value_t *v, const uint8_t *p, size_t n)
{
    int       rc;
    unsigned  i, nslots;

    static const uint8_t  nothing[1];

    if (n == 0) {
        p = nothing;
    }

    if (v->conv.charset >= ACCT_CHARSET_NAMED) {

        /* at a bound the bytes behind it may have been looked at, or not */

        if (!b->bound) {
            rc = acct_value_raw(b, v, p, n);

            if (rc == ACCT_OK) {
                rc = acct_conv_text(b, &v->conv, p, n, 1, acct_value_put, v);
            }

            if (rc != ACCT_OK) {
                return rc;
            }

            v->conv.bad |= (v->lost && acct_valid_utf8(&v->valid));
        }

        if (v->conv.bad) {
            v->flags |= acct_flag_bit(ACCT_FLAG_BAD_CHARSET);
        }

        n = 0;
    }

    if (v->twice) {
        rc = acct_again_feed(b, v, &p, &n, 1);

        if (rc != ACCT_OK) {
            return rc;
        }
    }

    acct_value_note(b, v, p, n);

    if (v->zeros > 1 && v->zeros * 4 >= v->len) {

        /* letters of UTF-16 or UTF-32 */

        v->flags |= acct_flag_bit(ACCT_FLAG_BAD_CHARSET);
    }

    acct_body_flags(b, v->flags);

    nslots = v->nslots;

    v->nslots = 0;
    b->nslots -= nslots;

    for (i = 0; i < nslots; i++) {
        rc = b->sink->close(b->ctx, v->slots[i], p, n);

        if (rc != ACCT_OK) {
            return rc;
        }
    }

    return ACCT_OK;
}


/* "charset*" and "charset*0" of RFC 2231 nobody writes, but werkzeug reads */

void
acct_charset_param(const acct_body_t *b, const acct_param_t *param,
    unsigned *charset)
{
    if (param->name.len < 7
        || !acct_str_ieq((acct_str_t) { param->name.data, 7 }, "charset"))
    {
        return;
    }

    if (param->name.len == 7) {
        *charset = acct_charset_find(b, param->value);

    } else if (param->name.data[7] == '*') {
        *charset = ACCT_CHARSET_OTHER;
    }
}


void
acct_body_charset(acct_body_t *b, acct_str_t name, unsigned *charset)
{
    unsigned  found;

    found = acct_charset_find(b, name);

    if (found == ACCT_CHARSET_UTF8
        || (found >= ACCT_CHARSET_NAMED && found == *charset))
    {
        return;
    }

    if (found < ACCT_CHARSET_NAMED || *charset != ACCT_CHARSET_UTF8
        || b->spoken)
    {
        acct_body_flag(b, ACCT_FLAG_BAD_CHARSET);
        return;
    }

    *charset = found;
}


void
acct_names_twice(acct_body_t *b, uint64_t *seen, const uint64_t *hits)
{
    size_t    i;
    uint64_t  twice;

    twice = 0;

    for (i = 0; i < b->wires->name_words; i++) {
        twice |= seen[i] & hits[i];
        seen[i] |= hits[i];
    }

    if (twice) {
        acct_body_flag(b, ACCT_FLAG_DUPLICATE_FIELD);
    }
}


int
acct_names_keep(acct_body_t *b, const uint64_t *hits)
{
    size_t    i;
    uint64_t  any;

    any = 0;

    for (i = 0; i < b->wires->name_words; i++) {
        any |= hits[i] & (b->query ? UINT64_MAX : b->asked[i]);
    }

    return any != 0;
}


int
acct_names_compare(acct_body_t *b, const uint64_t *hits, const acct_value_t *v)
{
    size_t        i, k;
    uint64_t      bits;
    acct_seen_t  *seen;

    if (b->query && b->query_values == NULL) {
        b->query_values = acct_array(b->alloc, b->wires->nnames,
                                     sizeof(acct_seen_t));

        if (b->query_values == NULL) {
            return ACCT_ERROR;
        }
    }

    for (i = 0; i < b->wires->name_words; i++) {
        bits = b->query ? hits[i] & ~b->asked[i] : hits[i] & b->asked[i];

        if (b->query) {
            b->asked[i] |= bits;
        }

        for ( /* void */ ; bits; bits &= bits - 1) {
            k = i * 64 + (size_t) __builtin_ctzll(bits);
            seen = &b->query_values[k];

            if (b->query) {
                seen->hash = v->hash;
                seen->len = v->len;

            } else if (seen->hash != v->hash || seen->len != v->len) {
                acct_body_flag(b, ACCT_FLAG_DUPLICATE_FIELD);
            }
        }
    }

    return ACCT_OK;
}


size_t
acct_utf8_put(uint8_t *p, uint32_t c)
{
    if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) {
        c = 0xfffd;
    }

    if (c < 0x80) {
        p[0] = (uint8_t) c;
        return 1;
    }

    if (c < 0x800) {
        p[0] = (uint8_t) (0xc0 | c >> 6);
        p[1] = (uint8_t) (0x80 | (c & 0x3f));
        return 2;
    }

    if (c < 0x10000) {
        p[0] = (uint8_t) (0xe0 | c >> 12);
        p[1] = (uint8_t) (0x80 | (c >> 6 & 0x3f));
        p[2] = (uint8_t) (0x80 | (c & 0x3f));
        return 3;
    }

    p[0] = (uint8_t) (0xf0 | c >> 18);
    p[1] = (uint8_t) (0x80 | (c >> 12 & 0x3f));
    p[2] = (uint8_t) (0x80 | (c >> 6 & 0x3f));
    p[3] = (uint8_t) (0x80 | (c & 0x3f));

    return 4;
}


acct_str_t
acct_trim(acct_str_t s)
{
    while (s.len && (s.data[0] == ' ' || s.data[0] == '\t')) {
        s.data++;
        s.len--;
    }

    while (s.len && (s.data[s.len - 1] == ' ' || s.data[s.len - 1] == '\t')) {
        s.len--;
    }

    return s;
}


int
acct_str_ieq(acct_str_t a, const char *b)
{
    size_t   i;
    uint8_t  c;

    for (i = 0; i < a.len; i++) {
        c = a.data[i];

        if (b[i] == '\0'
            || (c != (uint8_t) b[i]
                && !(c >= 'A' && c <= 'Z' && (c | 0x20) == (uint8_t) b[i])))
        {
            return 0;
        }
    }

    return b[i] == '\0';
}


/* takes the type off a Content-Type and leaves its parameters */

acct_str_t
acct_type_essence(acct_str_t *type)
{
    size_t      n;
    acct_str_t  essence;

    n = 0;

    while (n < type->len && type->data[n] != ';') {
        n++;
    }

    essence.data = type->data;
    essence.len = n;

    if (type->data) {
        type->data += n;
    }

    type->len -= n;

    return acct_trim(essence);
}


int
acct_type_multipart(acct_str_t type)
{
    return acct_str_has(&type, "multipart")
           && acct_str_has(&type, "boundary");
}


int
acct_str_has(acct_str_t *text, const char *word)
{
    size_t      n;
    acct_str_t  at;

    n = strlen(word);

    while (text->len >= n) {
        at.data = text->data;
        at.len = n;

        if ((at.data[0] | 0x20) == word[0] && acct_str_ieq(at, word)) {
            text->data += n;
            text->len -= n;
            return 1;
        }

        text->data++;
        text->len--;
    }

    return 0;
}


/*
 * Whether somebody may take the type for another than its reader's: Tornado and
 * CGI.pm look at how it begins, Mojolicious, HTTP::Body and formidable for a
 * word in it.  What the policy itself maps to a reader is a whole type, and no
 * more is asked of it.
 */

static unsigned
acct_type_odd(const acct_body_t *b, acct_str_t type)
{
    acct_str_t  rest, essence;

    if (b->reader == &acct_reader_multipart) {
        rest = type;
        return acct_str_has(&rest, "urlencoded");
    }

    rest = type;

    if (acct_type_multipart(rest)) {
        return 1;
    }

    essence = acct_type_essence(&rest);

    if (b->reader == &acct_reader_form) {
        return acct_str_has(&rest, "json");
    }

    return acct_str_has(&rest, "urlencoded")
           || (!acct_str_is(essence, "application/x-www-form-urlencoded")
               && acct_str_has(&essence, "urlencoded"));
}


static int
acct_type_match(acct_str_t type, acct_str_t row)
{
    size_t   i;
    uint8_t  a, b;

    if (row.len && row.data[0] == '+') {
        if (type.len <= row.len) {
            return 0;
        }

        type.data += type.len - row.len;
        type.len = row.len;
    }

    if (type.len != row.len || type.len == 0) {
        return 0;
    }

    for (i = 0; i < type.len; i++) {
        a = type.data[i];
        b = row.data[i];

        a |= (a >= 'A' && a <= 'Z') ? 0x20 : 0;
        b |= (b >= 'A' && b <= 'Z') ? 0x20 : 0;

        if (a != b) {
            return 0;
        }
    }

    return 1;
}


const acct_reader_t *
acct_body_reader(const acct_body_t *b, acct_str_t type)
{
    size_t  i;

    for (i = 0; i < b->options.ntypes; i++) {
        if (acct_type_match(type, b->options.types[i].type)) {
            return b->options.types[i].reader;
        }
    }

    for (i = 0; i < acct_nelts(acct_readers_types); i++) {
        if (acct_type_match(type, acct_readers_types[i].type)) {
            return acct_readers_types[i].reader;
        }
    }

    return NULL;
}


/*
 * RFC 9110, section 5.6.6, and what is sent besides: a parameter ends at the
 * next ";" outside of quotes.
 */

int
acct_param_next(acct_str_t *rest, acct_param_t *param, unsigned escapes)
{
    size_t      i, n;
    acct_str_t  s, part;

    s = *rest;

    memset(param, 0, sizeof(acct_param_t));

    while (s.len && (s.data[0] == ';' || s.data[0] == ' '
                     || s.data[0] == '\t'))
    {
        s.data++;
        s.len--;
    }

    if (s.len == 0) {
        *rest = s;
        return 0;
    }

    for (n = 0; n < s.len && s.data[n] != ';' && s.data[n] != '='; n++) {
        /* void */
    }

    part.data = s.data;
    part.len = n;
    param->name = acct_trim(part);
    param->spaced = (param->name.len != n);
    param->gap = (memchr(s.data, ' ', param->name.len) != NULL
                  || memchr(s.data, '\t', param->name.len) != NULL);

    s.data += n;
    s.len -= n;

    if (s.len == 0 || s.data[0] == ';') {
        param->odd = 1;
        *rest = s;
        return 1;
    }

    s.data++;
    s.len--;

    while (s.len && (s.data[0] == ' ' || s.data[0] == '\t')) {
        s.data++;
        s.len--;
        param->spaced = 1;
    }

    if (s.len && s.data[0] == '"') {
        param->quoted = 1;

        for (i = 1; i < s.len && s.data[i] != '"'; i++) {
            if (escapes && s.data[i] == '\\' && i + 1 < s.len) {
                param->escaped = 1;
                i++;
            }
        }

        param->value.data = s.data + 1;
        param->value.len = i - 1;

        if (i == s.len) {
            param->odd = 1;

        } else {
            i++;
        }

        for (n = i; n < s.len && s.data[n] != ';'; n++) {
            if (s.data[n] != ' ' && s.data[n] != '\t') {
                param->odd = 1;
            }
        }

    } else {
        for (n = 0; n < s.len && s.data[n] != ';'; n++) { /* void */ }

        part.data = s.data;
        part.len = n;
        param->value = acct_trim(part);
    }

    s.data += n;
    s.len -= n;

    *rest = s;

    return 1;
}
