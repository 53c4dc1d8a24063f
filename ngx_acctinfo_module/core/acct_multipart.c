
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acct_multipart.c: reader: multipart/form-data (RFC 7578, RFC 2046).
 *
 * Parsers differ most here.  What they agree on is read; where some of them
 * would find another field, or another end of a value, either all of it is
 * shown to the sink or the body is malformed.
 */


#include "acct_reader.h"


#define ACCT_BOUNDARY_MAX      200
#define ACCT_PART_CHARSET      32


typedef enum {
    ACCT_PART_NONE = 0,         /* no boundary: nothing can be read */
    ACCT_PART_OUTSIDE,          /* before the first part, behind the last */
    ACCT_PART_DELIMITER,        /* behind "--boundary" */
    ACCT_PART_LINE,             /* the rest of its line */
    ACCT_PART_HEADER,
    ACCT_PART_BODY
} acct_part_state_e;


/* Where a delimiter began */

typedef enum {
    ACCT_AT_LINE = 0,           /* behind CR and LF, or at the very start */
    ACCT_AT_BARE,               /* behind LF alone */
    ACCT_AT_MIDDLE
} acct_part_at_e;


typedef enum {
    ACCT_TRANSFER_NONE = 0,
    ACCT_TRANSFER_BASE64,
    ACCT_TRANSFER_QUOTED,
    ACCT_TRANSFER_OTHER
} acct_transfer_e;


/* What a backslash in a name is */

typedef enum {
    ACCT_BACKSLASH_QUOTES = 0,  /* an escape before a quote or itself */
    ACCT_BACKSLASH_KEPT,
    ACCT_BACKSLASH_DROPPED
} acct_backslash_e;


typedef struct acct_multipart_s  acct_multipart_t;

struct acct_multipart_s {
    acct_multipart_t     *parent;      /* of parts in a part */
    acct_multipart_t     *child;
    size_t                taken;       /* of the buffer, when it stopped */
    acct_part_state_e     state;
    unsigned              doubt:1;     /* about the boundary itself */
    unsigned              mixed:1;     /* parts may have no name: related, or
                                          mixed, but not a form's */
    unsigned              final:1;     /* the last delimiter was met */
    unsigned              inside:1;    /* the delimiter ends a part */
    unsigned              start:1;     /* of the body; no byte yet */
    unsigned              closing:2;   /* behind the last delimiter's "--",
                                          and 2 behind a CR there */
    unsigned              failing:1;   /* fail is made */
    unsigned              behind;      /* the byte behind a delimiter, if one
                                          more is needed */

    uint8_t              *delim;       /* CR LF "--" boundary */
    size_t                ndelim;
    size_t                from;        /* delim[from] to delim[matched - 1] */
    size_t                matched;     /*   are held */
    size_t                middle;      /* of "--boundary" within a line */
    uint8_t              *fail;
    acct_part_at_e        at;
    uint8_t               last[2];     /* bytes before, the nearest first */
    unsigned              stray;       /* how much of text and an empty line
                                          stands outside of parts */

    /* a part's header */

    size_t                nheader;
    size_t                nline;       /* of the line that comes in */
    size_t                line;        /* where it begins in header */
    acct_buf_t            header;
    acct_buf_t            filename;    /* of the part whose header it is */
    unsigned              long_header:1;
    unsigned              cr:1;

    /* a part */

    unsigned              failed:1;    /* out of memory in a header */
    unsigned              disposition:1;
    unsigned              named:1;
    unsigned              plain:1;     /* by "name=" */
    unsigned              file:1;
    unsigned              single:1;
    unsigned              asked:1;
    unsigned              capture:1;   /* it is _charset_ */
    unsigned              typed:1;     /* it is said to be JSON, */
    unsigned              foreign:1;   /* or what holds fields unseen */
    unsigned              below:2;     /* a wire goes on below it */
    unsigned              coded:1;     /* JSON in it is not ASCII alone, and
                                          in another charset */
    unsigned              encoded:1;   /* it has had a transfer encoding */
    unsigned              ncapture;
    acct_transfer_e       transfer;
    unsigned              charset;
    unsigned              outer;       /* the body's own */
    uint64_t              fields;
    uint64_t             *hits;
    uint64_t             *states;      /* at JSON in it */
    uint64_t             *named_states;
    acct_json_t          *json;
    acct_value_t          raw;
    acct_value_t          decoded;

    unsigned              padded:1;    /* base64 had its "=", */
    unsigned              broken:1;    /* and went on */
    uint32_t              bits;        /* of base64, or what of "=XX" came */
    unsigned              nbits;

    size_t                nkey;
    uint8_t              *norm;
    uint8_t               key[ACCT_KEY_MAX];
    uint8_t               charset_name[ACCT_PART_CHARSET];
};


static int acct_multipart_begin(acct_body_t *b, acct_str_t type);
static int acct_multipart_feed(acct_body_t *b, const uint8_t *p, size_t n);
static int acct_multipart_end(acct_body_t *b);
static void acct_multipart_destroy(acct_body_t *b);
static acct_multipart_t *acct_multipart_create(acct_body_t *b,
    acct_str_t type);
static void acct_multipart_free(acct_body_t *b, acct_multipart_t *m);
static int acct_part_feed(acct_body_t *b, acct_multipart_t *m,
    const uint8_t *p, size_t n);
static int acct_part_finish(acct_body_t *b, acct_multipart_t *m);
static acct_str_t acct_boundary_find(acct_str_t type, unsigned *doubt);
static unsigned acct_boundary_odd(acct_str_t type, const acct_param_t *param);
static size_t acct_part_fail(acct_multipart_t *m, size_t k);
static const uint8_t *acct_part_outside(acct_multipart_t *m, const uint8_t *p,
    const uint8_t *end);
static unsigned acct_part_stray(acct_multipart_t *m, const uint8_t *p,
    const uint8_t *end);
static int acct_part_delimiter(acct_body_t *b, acct_multipart_t *m,
    uint8_t c, unsigned *again);
static int acct_part_refuse(acct_body_t *b, acct_multipart_t *m);
static int acct_part_end(acct_body_t *b, acct_multipart_t *m,
    const uint8_t *p, size_t n);
static void acct_part_reset(acct_body_t *b, acct_multipart_t *m);
static int acct_part_header(acct_body_t *b, acct_multipart_t *m,
    const uint8_t **pp, const uint8_t *end);
static size_t acct_part_plain(acct_body_t *b, acct_multipart_t *m,
    const uint8_t *p, const uint8_t *end);
static int acct_part_line(acct_body_t *b, acct_multipart_t *m);
static void acct_part_field(acct_body_t *b, acct_multipart_t *m,
    acct_str_t line);
static unsigned acct_part_hidden(acct_str_t name, acct_str_t value);
static void acct_part_disposition(acct_body_t *b, acct_multipart_t *m,
    acct_str_t value);
static void acct_part_within(acct_body_t *b, acct_multipart_t *m,
    const acct_param_t *param);
static unsigned acct_part_word(acct_str_t text, size_t i);
static void acct_part_inner(acct_body_t *b, acct_multipart_t *m,
    acct_str_t text);
static void acct_part_name(acct_body_t *b, acct_multipart_t *m,
    const acct_param_t *param);
static void acct_part_said(acct_body_t *b, acct_multipart_t *m,
    acct_str_t value);
static int acct_part_convert(acct_body_t *b, acct_buf_t *out,
    unsigned charset, acct_str_t text);
static int acct_part_converted(acct_body_t *b, void *ctx, const uint8_t *p,
    size_t n);
static void acct_part_stripped(acct_body_t *b, acct_multipart_t *m,
    acct_str_t text);
static acct_str_t acct_part_trimmed(acct_body_t *b, acct_multipart_t *m,
    acct_str_t text);
static unsigned acct_part_special(uint8_t c);
static acct_str_t acct_part_strip(acct_str_t s);
static void acct_part_extended(acct_body_t *b, acct_multipart_t *m,
    acct_str_t text);
static void acct_part_lookup(acct_body_t *b, acct_multipart_t *m,
    acct_str_t text, acct_backslash_e mode);
static void acct_part_filename(acct_multipart_t *m,
    const acct_param_t *param);
static void acct_part_type(acct_body_t *b, acct_multipart_t *m,
    acct_str_t value);
static void acct_part_nested(acct_body_t *b, acct_multipart_t *m,
    acct_str_t type);
static void acct_part_transfer(acct_multipart_t *m, acct_str_t value);
static int acct_part_body(acct_body_t *b, acct_multipart_t *m);
static int acct_part_text(acct_body_t *b, acct_multipart_t *m,
    const uint8_t **pp, const uint8_t *end);
static const uint8_t *acct_part_find(const acct_multipart_t *m,
    const uint8_t *p, const uint8_t *end, unsigned line);
static int acct_part_same(const acct_multipart_t *m, const uint8_t *p,
    const uint8_t *q, unsigned line);
static int acct_part_held(acct_body_t *b, acct_multipart_t *m);
static int acct_part_pass(acct_body_t *b, acct_multipart_t *m,
    const uint8_t *p, size_t n);
static int acct_part_json(acct_body_t *b, acct_multipart_t *m,
    const uint8_t *p, size_t *n);
static size_t acct_part_middle(acct_body_t *b, acct_multipart_t *m,
    const uint8_t *p, size_t n, unsigned clean);
static int acct_part_data(acct_body_t *b, acct_multipart_t *m,
    const uint8_t *p, size_t n, unsigned clean);
static int acct_part_decode(acct_body_t *b, acct_multipart_t *m,
    const uint8_t *p, size_t n, unsigned last);
static size_t acct_part_base64(acct_multipart_t *m, uint8_t c, uint8_t *out);
static size_t acct_part_quoted(acct_multipart_t *m, uint8_t c, uint8_t *out);


const acct_reader_t  acct_reader_multipart = {
    .name = acct_string("multipart"),
    .begin = acct_multipart_begin,
    .feed = acct_multipart_feed,
    .end = acct_multipart_end,
    .destroy = acct_multipart_destroy
};


static const struct {
    const char           *name;
    acct_transfer_e       transfer;
} acct_transfers[] = {
    { "7bit",             ACCT_TRANSFER_NONE },
    { "8bit",             ACCT_TRANSFER_NONE },
    { "binary",           ACCT_TRANSFER_NONE },
    { "base64",           ACCT_TRANSFER_BASE64 },
    { "quoted-printable", ACCT_TRANSFER_QUOTED }
};


/* beginnings of types in which nobody looks for fields */

static const char  *acct_part_opaque[] = {
    "image/", "audio/", "video/", "font/", "text/plain",
    "application/octet-stream"
};


static int
acct_multipart_begin(acct_body_t *b, acct_str_t type)
{
    b->state = acct_multipart_create(b, type);

    return b->state ? ACCT_OK : ACCT_ERROR;
}


static acct_multipart_t *
acct_multipart_create(acct_body_t *b, acct_str_t type)
{
    size_t             hits, norm, n, words;
    uint8_t           *p;
    unsigned           doubt;
    acct_str_t         boundary, rest;
    acct_multipart_t  *m;

    boundary = acct_boundary_find(type, &doubt);

    if (boundary.len > ACCT_BOUNDARY_MAX) {
        boundary.len = 0;
    }

    words = b->wires->words;
    hits = (b->wires->name_words + 2 * words) * sizeof(uint64_t);
    norm = acct_norm_size(b->wires);
    n = boundary.len + 4;

    m = acct_calloc(b->alloc,
                    sizeof(acct_multipart_t) + hits + norm + 2 * n);

    if (m == NULL) {
        return NULL;
    }

    p = (uint8_t *) (m + 1);

    m->hits = (uint64_t *) p;
    m->states = m->hits + b->wires->name_words;
    m->named_states = m->states + words;
    m->norm = p + hits;
    m->delim = m->norm + norm;
    m->fail = m->delim + n;
    m->ndelim = n;

    acct_buf_init(&m->header, b->alloc, b->limits->part_header + 1);
    acct_buf_init(&m->filename, b->alloc, ACCT_KEY_MAX);

    if (boundary.len == 0) {
        return m;
    }

    memcpy(m->delim, "\r\n--", 4);
    memcpy(m->delim + 4, boundary.data, boundary.len);

    m->state = ACCT_PART_OUTSIDE;
    m->doubt = doubt;
    m->start = 1;
    m->outer = b->charset;

    rest = type;
    rest = acct_type_essence(&rest);
    m->mixed = acct_str_is(rest, "multipart/related")
               || acct_str_is(rest, "multipart/mixed");

    return m;
}


static void
acct_multipart_destroy(acct_body_t *b)
{
    acct_multipart_free(b, b->state);
}


static void
acct_multipart_free(acct_body_t *b, acct_multipart_t *m)
{
    if (m->child) {
        acct_multipart_free(b, m->child);
    }

    if (m->json) {
        acct_json_free(b, m->json);
    }

    acct_buf_free(&m->header);
    acct_buf_free(&m->filename);
    acct_free(b->alloc, m);
}


/*
 * The boundary, the first if there are two.  It is doubtful where parsers of
 * the field take it from different places: PHP from what follows the first
 * "boundary" of the whole field, up to a comma; others by the grammar.
 */

static acct_str_t
acct_boundary_find(acct_str_t type, unsigned *doubt)
{
    acct_str_t    rest, boundary = acct_null_string;
    acct_param_t  param;

    *doubt = 0;

    rest = type;

    while (rest.len && rest.data[0] != ';') {
        rest.data++;
        rest.len--;
    }

    while (acct_param_next(&rest, &param, 1)) {

        /* some take the spaces out of a name first */

        *doubt |= param.gap;

        if (param.name.len < 8) {
            continue;
        }

        if (!acct_str_is(param.name, "boundary")) {
            if (acct_str_ieq((acct_str_t) { param.name.data, 8 }, "boundary"))
            {
                *doubt = 1;
            }

            continue;
        }

        if (boundary.data) {
            *doubt |= !acct_str_eq(boundary, param.value);
            continue;
        }

        boundary = param.value;
        *doubt |= acct_boundary_odd(type, &param);
    }

    return boundary;
}


static unsigned
acct_boundary_odd(acct_str_t type, const acct_param_t *param)
{
    size_t   i;
    uint8_t  c;

    if (param->odd || param->spaced || param->escaped) {
        return 1;
    }

    for (i = 0; i < param->value.len; i++) {
        c = param->value.data[i];

        if (c < 0x20 || c > 0x7e || c == ';' || c == '"'
            || (c == ',' && !param->quoted)
            || (c == ' ' && (!param->quoted || i + 1 == param->value.len)))
        {
            return 1;
        }
    }

    return !acct_str_has(&type, "boundary")
           || type.data != param->name.data + param->name.len;
}


/*
 * How much of "--boundary" still matches where k bytes of it did and the next
 * does not (Knuth, Morris and Pratt).  Few bodies ever ask.
 */

static size_t
acct_part_fail(acct_multipart_t *m, size_t k)
{
    size_t          i, n, at;
    const uint8_t  *p;

    if (k == 1) {
        return 0;
    }

    if (!m->failing) {
        p = m->delim + 2;
        n = m->ndelim - 2;
        at = 0;

        for (i = 1; i < n; i++) {
            while (at && p[at] != p[i]) {
                at = m->fail[at - 1];
            }

            at += (p[at] == p[i]);
            m->fail[i] = (uint8_t) at;
        }

        m->failing = 1;
    }

    return m->fail[k - 1];
}


static int
acct_multipart_feed(acct_body_t *b, const uint8_t *p, size_t n)
{
    acct_multipart_t  *m;

    m = b->state;

    if (m->state == ACCT_PART_NONE) {
        return acct_body_bound(b, ACCT_FLAG_MALFORMED);
    }

    return acct_part_feed(b, m, p, n);
}


static int
acct_multipart_end(acct_body_t *b)
{
    return acct_part_finish(b, b->state);
}


static int
acct_part_feed(acct_body_t *b, acct_multipart_t *m, const uint8_t *p,
    size_t n)
{
    int             rc;
    unsigned        again;
    const uint8_t  *q, *end;

    end = p + n;

    if (m->doubt) {
        acct_body_flag(b, ACCT_FLAG_MALFORMED);
        m->doubt = 0;
    }

    rc = ACCT_OK;

    while (p < end && rc == ACCT_OK) {

        switch (m->state) {

        case ACCT_PART_NONE:
            return ACCT_DONE;

        case ACCT_PART_OUTSIDE:
            if (m->closing == 1 && *p == '\r') {
                m->closing = 2;

            } else if (m->closing == 2
                       || (m->closing && *p != ' ' && *p != '\t'))
            {
                m->closing = 0;

                /* no delimiter for those who look at the whole line */

                if (*p != '\n') {
                    acct_body_flag(b, ACCT_FLAG_MALFORMED);
                }
            }

            q = p;
            p = acct_part_outside(m, p, m->closing ? p + 1 : end);

            if (acct_part_stray(m, q, p)) {
                acct_body_flag(b, ACCT_FLAG_MALFORMED);
            }

            break;

        case ACCT_PART_DELIMITER:
            rc = acct_part_delimiter(b, m, *p, &again);
            p += !again;
            break;

        case ACCT_PART_LINE:
            q = memchr(p, '\n', (size_t) (end - p));

            p = q ? q + 1 : end;
            m->state = q ? ACCT_PART_HEADER : ACCT_PART_LINE;
            break;

        case ACCT_PART_HEADER:
            rc = acct_part_header(b, m, &p, end);
            break;

        case ACCT_PART_BODY:
            rc = acct_part_text(b, m, &p, end);
            break;
        }
    }

    m->taken = n - (size_t) (end - p);

    return rc;
}


static int
acct_part_finish(acct_body_t *b, acct_multipart_t *m)
{
    int  rc;

    rc = ACCT_OK;

    switch (m->state) {

    case ACCT_PART_BODY:
        rc = acct_part_held(b, m);

        if (rc == ACCT_OK) {
            rc = acct_part_end(b, m, NULL, 0);
        }

        break;

    case ACCT_PART_DELIMITER:
        if (m->inside) {
            rc = acct_part_end(b, m, NULL, 0);
        }

        break;

    default:
        break;
    }

    if (rc == ACCT_OK
        && !(m->final && m->state == ACCT_PART_OUTSIDE))
    {
        acct_body_flag(b, ACCT_FLAG_TRUNCATED);
    }

    return rc;
}


/*
 * A preamble or an epilogue is nobody's, but a delimiter in it is somebody's:
 * parsers look for it at lines, or anywhere, and also behind the last one.
 */

static const uint8_t *
acct_part_outside(acct_multipart_t *m, const uint8_t *p, const uint8_t *end)
{
    size_t          k, n;
    uint8_t         c;
    const uint8_t  *q, *needle;

    needle = m->delim + 2;
    n = m->ndelim - 2;

    while (p < end) {
        k = m->matched;

        if (k == 0) {
            q = memchr(p, '-', (size_t) (end - p));

            if (q == NULL) {
                q = end;
            }

            if (q - p > 1) {
                m->last[1] = q[-2];
                m->last[0] = q[-1];

            } else if (q - p == 1) {
                m->last[1] = m->last[0];
                m->last[0] = q[-1];
            }

            m->start &= (q == p);
            p = q;

            if (p == end) {
                break;
            }

            m->at = m->start ? ACCT_AT_LINE
                    : m->last[0] != '\n' ? ACCT_AT_MIDDLE
                    : m->last[1] == '\r' ? ACCT_AT_LINE : ACCT_AT_BARE;

            m->start = 0;
            m->last[0] = '-';

            if ((size_t) (end - p) >= n && memcmp(p, needle, n) == 0) {
                m->last[1] = needle[n - 2];
                m->last[0] = needle[n - 1];
                p += n;
                goto found;
            }

            m->matched = 1;
            p++;
            continue;
        }

        c = *p++;

        while (k && needle[k] != c) {
            k = acct_part_fail(m, k);
            m->at = ACCT_AT_MIDDLE;
        }

        if (needle[k] == c) {
            k++;
        }

        m->matched = k;
        m->last[1] = m->last[0];
        m->last[0] = c;

        if (k == n) {
            goto found;
        }
    }

    return p;

found:

    m->matched = 0;
    m->inside = 0;
    m->behind = 0;
    m->state = ACCT_PART_DELIMITER;

    return p;
}


/*
 * Django reads what stands outside of parts like a part, if it has something
 * and then an empty line.
 */

static unsigned
acct_part_stray(acct_multipart_t *m, const uint8_t *p, const uint8_t *end)
{
    static const uint8_t  empty[] = "?\r\n\r\n";

    for ( /* void */ ; p < end; p++) {

        if (m->stray && *p == empty[m->stray]) {
            m->stray++;

            if (m->stray == sizeof(empty) - 1) {
                m->stray = 1;
                return 1;
            }

        } else if (*p != '\r' && *p != '\n') {
            m->stray = 1;

        } else if (m->stray) {
            m->stray = (*p == '\r') ? 2 : 1;
        }
    }

    return 0;
}


/* what stands behind "--boundary" says whether it is a delimiter at all */

static int
acct_part_delimiter(acct_body_t *b, acct_multipart_t *m, uint8_t c,
    unsigned *again)
{
    int  rc;

    *again = 0;

    if (m->behind == 0) {

        if (c == '\r' || c == '-') {
            m->behind = c;
            return ACCT_OK;
        }

        if (c != '\n' && c != ' ' && c != '\t') {
            *again = 1;
            return acct_part_refuse(b, m);
        }

    } else if (c != (m->behind == '\r' ? '\n' : '-')) {
        *again = 1;
        return acct_part_refuse(b, m);
    }

    if (m->inside) {
        rc = acct_part_end(b, m, NULL, 0);

        if (rc != ACCT_OK) {
            return rc;
        }
    }

    /* LF alone, padding (RFC 2046, 5.1.1), a part behind the last: not all
       parsers see a delimiter here */

    if (m->at != ACCT_AT_LINE || m->behind == 0 || m->final) {
        acct_body_flag(b, ACCT_FLAG_MALFORMED);
    }

    acct_part_reset(b, m);

    if (m->behind == '-') {
        m->final = 1;
        m->closing = 1;
        m->stray = 0;
        m->start = 0;
        m->last[0] = '-';
        m->matched = 0;
        m->state = ACCT_PART_OUTSIDE;
        return ACCT_OK;
    }

    m->state = (m->behind == '\r' || c == '\n') ? ACCT_PART_HEADER
                                                : ACCT_PART_LINE;

    return ACCT_OK;
}


/* a line that only begins like a delimiter is text, for some */

static int
acct_part_refuse(acct_body_t *b, acct_multipart_t *m)
{
    int      rc;
    uint8_t  c;

    acct_body_flag(b, ACCT_FLAG_MALFORMED);

    c = (uint8_t) m->behind;

    if (!m->inside) {
        m->state = ACCT_PART_OUTSIDE;
        m->matched = 0;
        m->last[0] = c ? c : 'x';
        return ACCT_OK;
    }

    m->state = ACCT_PART_BODY;

    rc = acct_part_held(b, m);

    if (rc == ACCT_OK && c) {
        rc = acct_part_data(b, m, &c, 1, 0);
    }

    return rc;
}


/* the part's last bytes, which come by this call alone if there are no other */

static int
acct_part_end(acct_body_t *b, acct_multipart_t *m, const uint8_t *p, size_t n)
{
    int         rc;
    size_t      met;
    acct_str_t  name;

    if (m->capture || m->child || m->below) {
        rc = acct_part_data(b, m, p, n, 1);

        if (rc == ACCT_OK && m->child) {
            rc = acct_part_finish(b, m->child);
        }

        if (rc == ACCT_OK && m->json) {

            if (m->coded) {
                acct_body_flag(b, ACCT_FLAG_BAD_CHARSET);
            }

            rc = acct_json_finish(b, m->json);
        }

        if (rc != ACCT_OK) {
            return rc;
        }

        n = 0;
    }

    if (m->capture) {
        name.data = m->charset_name;
        name.len = m->ncapture;

        acct_body_charset(b, name, &m->outer);
    }

    met = acct_part_middle(b, m, p, n, 1);

    if (met) {
        rc = acct_part_pass(b, m, p, met - 1);

        if (rc != ACCT_OK) {
            return rc;
        }

        acct_body_flag(b, ACCT_FLAG_MALFORMED);

        p += met - 1;
        n -= met - 1;
    }

    if (m->fields == 0) {
        return ACCT_OK;
    }

    rc = acct_value_close(b, &m->raw, p, n);

    if (rc == ACCT_OK && m->transfer != ACCT_TRANSFER_NONE) {
        rc = acct_part_decode(b, m, p, n, 1);
    }

    if (m->broken) {
        acct_body_flag(b, ACCT_FLAG_MALFORMED);
    }

    if (rc == ACCT_OK && m->asked) {
        rc = acct_names_compare(b, m->hits, &m->raw);
    }

    m->fields = 0;

    return rc;
}


static void
acct_part_reset(acct_body_t *b, acct_multipart_t *m)
{
    b->charset = m->outer;

    if (m->child) {
        acct_multipart_free(b, m->child);
        m->child = NULL;
    }

    if (m->json) {
        acct_json_free(b, m->json);
        m->json = NULL;
    }

    m->nheader = 0;
    m->nline = 0;
    m->line = 0;
    m->header.len = 0;
    m->long_header = 0;
    m->cr = 0;

    m->failed = 0;
    m->disposition = 0;
    m->named = 0;
    m->plain = 0;
    m->file = 0;
    m->single = 1;
    m->asked = 0;
    m->capture = 0;
    m->typed = 0;
    m->foreign = 0;
    m->padded = 0;
    m->broken = 0;
    m->below = 0;
    m->coded = 0;
    m->ncapture = 0;
    m->encoded = 0;
    m->transfer = ACCT_TRANSFER_NONE;
    m->charset = ACCT_CHARSET_UTF8;
    m->fields = 0;
    m->bits = 0;
    m->nbits = 0;
    m->nkey = 0;
    m->filename.len = 0;

    memset(m->hits, 0, b->wires->name_words * sizeof(uint64_t));
    memset(m->states, 0, b->wires->words * sizeof(uint64_t));
}


/*
 * Gathers a header's lines.  The field before the line is held as well, for
 * the line may go on with it (RFC 5322, section 2.2.3).  A header beyond its
 * bound says no more than it has said, and is passed over to its blank line.
 */

static int
acct_part_header(acct_body_t *b, acct_multipart_t *m, const uint8_t **pp,
    const uint8_t *end)
{
    size_t          n;
    unsigned        whole;
    const uint8_t  *p, *q;

    p = *pp;

    if (m->nheader == 0 && m->nline == 0 && !m->long_header) {
        n = acct_part_plain(b, m, p, end);

        if (n) {
            *pp = p + n;
            return acct_part_body(b, m);
        }
    }

    q = memchr(p, '\n', (size_t) (end - p));
    whole = (q != NULL);
    n = (size_t) ((whole ? q : end) - p);

    *pp = whole ? q + 1 : end;

    if (n) {
        m->cr = (p[n - 1] == '\r');
        m->nline += n;
    }

    if (!m->long_header) {

        if (n + whole > b->limits->part_header - m->nheader) {
            acct_body_flag(b, ACCT_FLAG_TOO_LONG);
            m->long_header = 1;

            if (m->line) {
                acct_part_field(b, m,
                                (acct_str_t) { m->header.data, m->line });
            }

        } else {
            m->nheader += n + whole;

            if (acct_buf_append(&m->header, p, n) != ACCT_OK) {
                return ACCT_ERROR;
            }
        }
    }

    return whole ? acct_part_line(b, m) : ACCT_OK;
}


/*
 * Most headers are of one field, spelled in one way.  Returns the length of
 * such a header that lies whole in the buffer, or 0.
 */

static size_t
acct_part_plain(acct_body_t *b, acct_multipart_t *m, const uint8_t *p,
    const uint8_t *end)
{
    size_t          n;
    acct_str_t      name;
    const uint8_t  *q;

    static const acct_str_t  front =
        acct_string("Content-Disposition: form-data; name=\"");
    static const acct_str_t  back = acct_string("\"\r\n\r\n");

    if ((size_t) (end - p) < front.len
        || memcmp(p, front.data, front.len) != 0
        || m->outer != ACCT_CHARSET_UTF8)
    {
        return 0;
    }

    for (q = p + front.len; q < end && acct_norm_plain[*q]; q++) {
        /* void */
    }

    if ((size_t) (end - q) < back.len || memcmp(q, back.data, back.len) != 0) {
        return 0;
    }

    n = (size_t) (q - p) + back.len;

    if (n > b->limits->part_header) {
        return 0;
    }

    name.data = p + front.len;
    name.len = (size_t) (q - name.data);

    m->disposition = 1;

    acct_part_lookup(b, m, name, ACCT_BACKSLASH_KEPT);

    return n;
}


static int
acct_part_line(acct_body_t *b, acct_multipart_t *m)
{
    size_t       i, n, ndash;
    uint8_t     *line;
    unsigned     blank, quotes;
    acct_str_t   field;

    blank = (m->nline == m->cr);

    if (!m->cr) {

        /* LF alone ends a line for some */

        acct_body_flag(b, ACCT_FLAG_MALFORMED);
    }

    n = m->header.len - m->line - (m->long_header ? 0 : m->cr);

    m->nline = 0;
    m->cr = 0;

    field.data = m->header.data;
    field.len = m->line;

    if (m->long_header) {
        return blank ? acct_part_body(b, m) : ACCT_OK;
    }

    if (blank) {
        if (field.len) {
            acct_part_field(b, m, field);
        }

        return acct_part_body(b, m);
    }

    line = m->header.data + m->line;

    if (line[0] == ' ' || line[0] == '\t') {

        /* Perl's HTTP::Body takes the space away, even within quotes */

        quotes = 0;

        for (i = 0; i < m->line; i++) {
            quotes ^= (m->header.data[i] == '"');
        }

        if (m->line == 0 || quotes) {
            acct_body_flag(b, ACCT_FLAG_MALFORMED);
        }

        m->line += n;
        m->header.len = m->line;

        return ACCT_OK;
    }

    if (field.len) {
        acct_part_field(b, m, field);
    }

    ndash = m->ndelim - 2;

    if (n >= ndash && memcmp(line, m->delim + 2, ndash) == 0) {

        /* a part that is all header; for some it goes on */

        acct_body_flag(b, ACCT_FLAG_MALFORMED);

        if (n >= ndash + 2 && memcmp(line + ndash, "--", 2) == 0) {
            m->final = 1;
            m->matched = 0;
            m->last[0] = '\n';
            m->last[1] = '\r';
            m->state = ACCT_PART_OUTSIDE;
        }

        acct_part_reset(b, m);

        return ACCT_OK;
    }

    memmove(m->header.data, line, n);

    m->header.len = n;
    m->line = n;

    return ACCT_OK;
}


static void
acct_part_field(acct_body_t *b, acct_multipart_t *m, acct_str_t line)
{
    size_t          i;
    acct_str_t      name;
    const uint8_t  *colon;

    colon = memchr(line.data, ':', line.len);

    if (colon == NULL
        || memchr(line.data, '\r', line.len) != NULL
        || memchr(line.data, '\0', line.len) != NULL)
    {
        acct_body_flag(b, ACCT_FLAG_MALFORMED);
    }

    if (colon == NULL) {
        return;
    }

    name.data = line.data;
    name.len = (size_t) (colon - line.data);

    for (i = 0; i < name.len; i++) {

        /* Python's email takes such a line for the text's first */

        if (name.data[i] <= ' ' || name.data[i] > 0x7e) {
            acct_body_flag(b, ACCT_FLAG_MALFORMED);
            break;
        }
    }

    line.len -= name.len + 1;
    line.data = colon + 1;

    if (acct_part_hidden(name, line)) {
        acct_body_flag(b, ACCT_FLAG_MALFORMED);
    }

    name = acct_trim(name);

    if (acct_str_is(name, "content-disposition")) {
        acct_part_disposition(b, m, line);

    } else if (acct_str_is(name, "content-type")) {
        acct_part_type(b, m, line);

    } else if (acct_str_is(name, "content-transfer-encoding")) {
        acct_part_transfer(m, acct_trim(line));

    } else if (acct_str_is(name, "content-id")) {

        /* a name to Rack, if there is no other */

        acct_part_inner(b, m, acct_trim(line));
    }
}


/* Ruby's Rack finds "Content-Disposition:" anywhere in a header */

static unsigned
acct_part_hidden(acct_str_t name, acct_str_t value)
{
    static const char  word[] = "content-disposition";

    return (name.len >= sizeof(word) && acct_str_has(&name, word))
           || (value.len && memchr(value.data, ':', value.len) != NULL
               && acct_str_has(&value, word));
}


/*
 * Some parsers take a backslash for what it is (old browsers sent whole paths
 * in filename), others as an escape, and so they differ in where a string
 * ends.  Both readings are asked for names; only the first is asked for more.
 */

static void
acct_part_disposition(acct_body_t *b, acct_multipart_t *m, acct_str_t value)
{
    unsigned      names;
    acct_str_t    rest, type;
    acct_param_t  param;

    rest = value;

    type = acct_type_essence(&rest);

    if (m->disposition
        || (m->parent == NULL && !m->mixed
            && !acct_str_is(type, "form-data")))
    {
        acct_body_flag(b, ACCT_FLAG_MALFORMED);
    }

    m->disposition = 1;

    acct_part_said(b, m, rest);

    memset(&param, 0, sizeof(acct_param_t));
    param.value = type;
    acct_part_within(b, m, &param);

    value = rest;
    names = 0;

    while (acct_param_next(&rest, &param, 1)) {

        if (param.odd || param.gap) {
            acct_body_flag(b, ACCT_FLAG_MALFORMED);
        }

        acct_part_within(b, m, &param);

        if (acct_str_is(param.name, "name")) {
            acct_part_name(b, m, &param);
            m->plain |= !param.spaced;

            if (names++) {
                acct_body_flag(b, ACCT_FLAG_MALFORMED);
            }

        } else if (acct_str_is(param.name, "name*")) {
            acct_part_extended(b, m, param.value);

        } else if (acct_str_is(param.name, "filename")) {
            acct_part_filename(m, &param);

        } else if (acct_str_is(param.name, "filename*")) {
            m->file = 1;

        } else if (param.name.len > 5
                   && acct_str_ieq((acct_str_t) { param.name.data, 5 },
                                   "name*"))
        {
            /* pieces of a name (RFC 2231), which few put together */

            acct_body_flag(b, ACCT_FLAG_MALFORMED);
        }
    }

    if (value.len == 0 || memchr(value.data, '\\', value.len) == NULL) {
        return;
    }

    while (acct_param_next(&value, &param, 0)) {
        if (acct_str_is(param.name, "name")) {
            acct_part_name(b, m, &param);
        }
    }
}


/*
 * Formidable, CGI.pm and Ruby's Rack look for "name=" by a pattern, and find it
 * at the end of a longer name, and in another parameter's value.
 */

static void
acct_part_within(acct_body_t *b, acct_multipart_t *m,
    const acct_param_t *param)
{
    size_t      i, k;
    acct_str_t  text, value;

    value = param->name;

    if (value.len > 4 && acct_part_word(value, value.len - 4)) {
        acct_part_inner(b, m, param->value);
    }

    value = param->value;

    if (value.len < 5 || memchr(value.data, '=', value.len) == NULL) {
        return;
    }

    for (i = 0; i + 4 < value.len; i++) {

        if (!acct_part_word(value, i)) {
            continue;
        }

        for (k = i + 4; k < value.len && value.data[k] == ' '; k++) {
            /* void */
        }

        if (k == value.len || value.data[k] != '=') {
            continue;
        }

        text.data = value.data + k + 1;
        text.len = value.len - k - 1;

        acct_part_inner(b, m, text);
    }
}


/* whether "name" stands there, with no letter, digit or "_" in front */

static unsigned
acct_part_word(acct_str_t text, size_t i)
{
    uint8_t  c;

    c = i ? text.data[i - 1] : ' ';

    return acct_str_ieq((acct_str_t) { text.data + i, 4 }, "name")
           && c != '_' && (uint8_t) (c - '0') > 9
           && (uint8_t) ((c | 0x20) - 'a') > 25;
}


static void
acct_part_inner(acct_body_t *b, acct_multipart_t *m, acct_str_t text)
{
    size_t    n;
    unsigned  named;

    named = m->named;
    m->named = 1;

    while (text.len && (text.data[0] == ' ' || text.data[0] == '"')) {
        text.data++;
        text.len--;
    }

    for (n = 0; n < text.len && text.data[n] != ';' && text.data[n] != '"';
         n++)
    {
        /* void */
    }

    text.len = n;
    acct_part_lookup(b, m, text, ACCT_BACKSLASH_KEPT);

    for (n = 0; n < text.len && text.data[n] > ' '
         && !acct_part_special(text.data[n]); n++)
    {
        /* void */
    }

    if (n < text.len) {
        text.len = n;
        acct_part_lookup(b, m, text, ACCT_BACKSLASH_KEPT);
    }

    m->named = named;
}


/*
 * Where the body is in another charset, so are its names.  A byte of a
 * character may look like a quote or a backslash, so that the whole is
 * converted before it is taken apart.
 */

static void
acct_part_said(acct_body_t *b, acct_multipart_t *m, acct_str_t value)
{
    unsigned      escapes;
    acct_buf_t    said;
    acct_str_t    rest;
    acct_param_t  param;

    if (!acct_charset_names(m->outer)) {
        return;
    }

    acct_buf_init(&said, b->alloc, ACCT_CONV_MAX * b->limits->part_header);

    if (acct_part_convert(b, &said, m->outer, value) != ACCT_OK) {
        m->failed = 1;
        acct_buf_free(&said);
        return;
    }

    for (escapes = 0; escapes < 2; escapes++) {
        rest.data = said.data;
        rest.len = said.len;

        while (acct_param_next(&rest, &param, !escapes)) {
            if (acct_str_is(param.name, "name")) {
                acct_part_name(b, m, &param);
            }
        }
    }

    acct_buf_free(&said);
}


static int
acct_part_convert(acct_body_t *b, acct_buf_t *out, unsigned charset,
    acct_str_t text)
{
    int          rc;
    acct_conv_t  conv;

    acct_conv_init(&conv, charset);

    rc = acct_conv_name(b, &conv, text.data, text.len, 0, acct_part_converted,
                        out);

    if (rc == ACCT_OK) {
        rc = acct_conv_name(b, &conv, NULL, 0, 1, acct_part_converted, out);
    }

    return rc;
}


static int
acct_part_converted(acct_body_t *b, void *ctx, const uint8_t *p, size_t n)
{
    (void) b;

    return acct_buf_append(ctx, p, n);
}


static void
acct_part_name(acct_body_t *b, acct_multipart_t *m, const acct_param_t *param)
{
    size_t      i;
    acct_str_t  text;

    text = param->value;

    if (!param->quoted) {

        /* PHP takes single quotes as well; others end at what is no token */

        for (i = 0; i < text.len; i++) {
            if (text.data[i] <= ' ' || text.data[i] == '\''
                || acct_part_special(text.data[i]))
            {
                acct_body_flag(b, ACCT_FLAG_MALFORMED);
                break;
            }
        }
    }

    if (text.len > 2 && text.data[0] == '=' && text.data[1] == '?') {

        /* an encoded word (RFC 2047), which Java's file upload decodes */

        acct_body_flag(b, ACCT_FLAG_MALFORMED);
    }

    acct_part_lookup(b, m, text, ACCT_BACKSLASH_QUOTES);

    if (text.len && param->quoted
        && (text.data[0] == '/' || text.data[0] == '\\'))
    {
        acct_part_stripped(b, m, text);
    }

    text = acct_part_trimmed(b, m, text);

    if (text.len && memchr(text.data, '\\', text.len) != NULL) {
        acct_part_lookup(b, m, text, ACCT_BACKSLASH_KEPT);
        acct_part_lookup(b, m, text, ACCT_BACKSLASH_DROPPED);
    }

    /* Perl's HTTP::Body ends it at a ";" or a quote */

    for (i = 0; i < text.len && text.data[i] != ';' && text.data[i] != '"';
         i++)
    {
        /* void */
    }

    if (i < text.len) {
        text.len = i;
        acct_part_lookup(b, m, text, ACCT_BACKSLASH_KEPT);
    }
}


/* aiohttp takes all of these off its front */

static void
acct_part_stripped(acct_body_t *b, acct_multipart_t *m, acct_str_t text)
{
    while (text.len && (text.data[0] == '/' || text.data[0] == '\\')) {
        text.data++;
        text.len--;
    }

    acct_part_lookup(b, m, text, ACCT_BACKSLASH_QUOTES);
}


/* Django strips a name, by Unicode's idea of a space */

static acct_str_t
acct_part_trimmed(acct_body_t *b, acct_multipart_t *m, acct_str_t text)
{
    size_t  n;

    n = text.len;
    text = acct_part_strip(text);

    if (text.len != n) {
        acct_part_lookup(b, m, text, ACCT_BACKSLASH_QUOTES);
    }

    return text;
}


/* RFC 2045, section 5.1: what ends a token for those who look */

static unsigned
acct_part_special(uint8_t c)
{
    return memchr("()<>@,;:\\\"/[]?=", c, 15) != NULL;
}


static acct_str_t
acct_part_strip(acct_str_t s)
{
    size_t  i, n;

    static const acct_str_t  spaces[] = {
        acct_string(" "), acct_string("\t"), acct_string("\n"),
        acct_string("\v"), acct_string("\f"), acct_string("\r"),
        acct_string("\x1c"), acct_string("\x1d"), acct_string("\x1e"),
        acct_string("\x1f"), acct_string("\xc2\x85"),
        acct_string("\xc2\xa0"), acct_string("\xe1\x9a\x80"),
        acct_string("\xe2\x80\x80"), acct_string("\xe2\x80\x81"),
        acct_string("\xe2\x80\x82"), acct_string("\xe2\x80\x83"),
        acct_string("\xe2\x80\x84"), acct_string("\xe2\x80\x85"),
        acct_string("\xe2\x80\x86"), acct_string("\xe2\x80\x87"),
        acct_string("\xe2\x80\x88"), acct_string("\xe2\x80\x89"),
        acct_string("\xe2\x80\x8a"), acct_string("\xe2\x80\xa8"),
        acct_string("\xe2\x80\xa9"), acct_string("\xe2\x80\xaf"),
        acct_string("\xe2\x81\x9f"), acct_string("\xe3\x80\x80"),
        acct_string("\xef\xbb\xbf")     /* undici, a mark in front */
    };

    /* the first byte and the last of these are never those of a letter of
       ASCII */

    if (s.len == 0
        || (s.data[0] > ' ' && s.data[0] < 0x80
            && s.data[s.len - 1] > ' ' && s.data[s.len - 1] < 0x80))
    {
        return s;
    }

    for (i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++) {
        n = spaces[i].len;

        if (s.len < n) {
            continue;
        }

        if (memcmp(s.data, spaces[i].data, n) == 0) {
            s.data += n;

        } else if (memcmp(s.data + s.len - n, spaces[i].data, n) != 0) {
            continue;
        }

        s.len -= n;
        i = SIZE_MAX;
    }

    return s;
}


/*
 * RFC 8187: charset'language'text, the text in percent signs.  One that has not
 * these quotes is taken as it stands by Django, and decoded by Tornado.
 */

static void
acct_part_extended(acct_body_t *b, acct_multipart_t *m, acct_str_t text)
{
    size_t       i, n;
    int          high, low;
    uint8_t      name[3 * ACCT_KEY_MAX];
    unsigned     quotes, charset;
    acct_buf_t   said;
    acct_str_t   label;

    label.data = text.data;
    label.len = 0;

    quotes = 0;
    n = 0;

    for (i = 0; i < text.len; i++) {
        if (text.data[i] == '\'') {
            label.len = quotes++ ? label.len : i;
            n = quotes == 2 ? i + 1 : n;
        }
    }

    if (quotes != 2) {
        acct_part_lookup(b, m, text, ACCT_BACKSLASH_KEPT);
    }

    for (i = 0; i < n; i++) {
        if (text.data[i] <= ' ' || acct_part_special(text.data[i])) {
            acct_body_flag(b, ACCT_FLAG_MALFORMED);
        }
    }

    if (n) {
        text.data += n;
        text.len -= n;
        n = 0;
    }

    for (i = 0; i < text.len && n < sizeof(name); i++) {

        if (text.data[i] <= ' ' || acct_part_special(text.data[i])) {
            acct_body_flag(b, ACCT_FLAG_MALFORMED);
        }

        if (text.data[i] == '%' && text.len - i > 2) {
            high = acct_hex(text.data[i + 1]);
            low = acct_hex(text.data[i + 2]);

            if (high >= 0 && low >= 0) {
                name[n++] = (uint8_t) (high << 4 | low);
                i += 2;
                continue;
            }
        }

        name[n++] = text.data[i];
    }

    text.data = name;
    text.len = n;

    charset = label.len ? acct_charset_find(b, label) : ACCT_CHARSET_UTF8;

    if (charset == ACCT_CHARSET_OTHER) {
        acct_body_flag(b, ACCT_FLAG_BAD_CHARSET);

    } else if (charset != ACCT_CHARSET_UTF8) {
        acct_buf_init(&said, b->alloc, ACCT_CONV_MAX * sizeof(name));

        if (acct_part_convert(b, &said, charset, text) == ACCT_OK) {
            acct_part_lookup(b, m, (acct_str_t) { said.data, said.len },
                             ACCT_BACKSLASH_KEPT);

        } else {
            m->failed = 1;
        }

        acct_buf_free(&said);
    }

    acct_part_lookup(b, m, text, ACCT_BACKSLASH_KEPT);
    acct_part_trimmed(b, m, text);
}


static void
acct_part_lookup(acct_body_t *b, acct_multipart_t *m, acct_str_t text,
    acct_backslash_e mode)
{
    size_t       i;
    uint8_t      c;
    uint64_t     fields, doubt;
    unsigned     told, below;
    acct_norm_t  norm;

    /* the key is the first name as most would read it */

    told = !m->named;

    for (i = 0; i < text.len && acct_norm_plain[text.data[i]]; i++) {
        /* void */
    }

    if (i == text.len && !acct_name_maybe(b->wires, text.data, i)) {

        /* most are nobody's; but parts in the part may go by its name */

        if (told) {
            m->nkey = i < ACCT_KEY_MAX ? i : ACCT_KEY_MAX;
            memcpy(m->key, text.data, m->nkey);
        }

        m->named = 1;
        return;
    }

    acct_norm_init(&norm, b->wires, m->norm);

    for (i = 0; i < text.len; i++) {
        c = text.data[i];

        if (c == '\\' && mode != ACCT_BACKSLASH_KEPT && i + 1 < text.len) {
            if (mode == ACCT_BACKSLASH_DROPPED
                || text.data[i + 1] == '"' || text.data[i + 1] == '\\')
            {
                c = text.data[++i];
            }
        }

        acct_norm_add(&norm, &c, 1);

        if (told && m->nkey < ACCT_KEY_MAX) {
            m->key[m->nkey++] = c;
        }
    }

    m->named = 1;

    if (b->wires->globs && norm.len > norm.size) {
        acct_body_flag(b, ACCT_FLAG_TOO_LONG);
    }

    below = acct_name_below(b->wires, &norm, m->named_states);

    if (below) {
        m->below |= below;

        for (i = 0; i < b->wires->words; i++) {
            m->states[i] |= m->named_states[i];
        }
    }

    fields = acct_name_find(b->wires, &norm, m->hits);

    if (norm.deep || acct_norm_odd(&norm)) {
        fields |= acct_name_more(b->wires, &norm, text.data, text.len,
                                 m->hits, &doubt);

        if (doubt & ~fields) {
            acct_body_flag(b, ACCT_FLAG_MALFORMED);
        }
    }

    if (fields && (norm.array || acct_norm_place(&norm))) {
        m->single = 0;
    }

    m->fields |= fields;
}


static void
acct_part_filename(acct_multipart_t *m, const acct_param_t *param)
{
    size_t      i;
    uint8_t     c;
    acct_str_t  text;

    text = param->value;

    m->file = 1;
    m->filename.len = 0;

    for (i = 0; i < text.len && m->filename.len < ACCT_KEY_MAX; i++) {
        c = text.data[i];

        if (param->quoted && c == '\\' && i + 1 < text.len
            && (text.data[i + 1] == '"' || text.data[i + 1] == '\\'))
        {
            c = text.data[++i];
        }

        if (acct_buf_append(&m->filename, &c, 1) != ACCT_OK) {
            m->failed = 1;
            return;
        }
    }
}


static void
acct_part_type(acct_body_t *b, acct_multipart_t *m, acct_str_t value)
{
    size_t        i;
    acct_str_t    type, whole, head;
    acct_param_t  param;

    whole = value;
    type = acct_type_essence(&value);

    if (type.len && memchr(type.data, '/', type.len) == NULL) {

        /* no type, but a name to Rack */

        acct_part_inner(b, m, type);
    }

    if (type.len > 10
        && acct_str_ieq((acct_str_t) { type.data, 10 }, "multipart/"))
    {
        acct_part_nested(b, m, whole);

    } else if (acct_type_multipart(whole)) {
        acct_body_flag(b, ACCT_FLAG_MALFORMED);
    }

    m->typed |= (acct_body_reader(b, type) == &acct_reader_json);

    for (i = 0; i < sizeof(acct_part_opaque) / sizeof(acct_part_opaque[0]);
         i++)
    {
        head.data = type.data;
        head.len = strlen(acct_part_opaque[i]);

        if (head.len <= type.len && acct_str_ieq(head, acct_part_opaque[i])) {
            break;
        }
    }

    m->foreign |= (i == sizeof(acct_part_opaque) / sizeof(acct_part_opaque[0]));

    while (acct_param_next(&value, &param, 1)) {
        if (m->charset != ACCT_CHARSET_OTHER) {
            acct_charset_param(b, &param, &m->charset);
        }
    }
}


/*
 * Parts in a part, as curl and old browsers send several files of one field
 * (RFC 2388, section 4.2).  Some applications take the whole for the field's
 * value, some each part in it for a value, under the name that it has or else
 * under the field's: all of these are shown.  Deeper, nobody goes.
 */

static void
acct_part_nested(acct_body_t *b, acct_multipart_t *m, acct_str_t type)
{
    if (m->parent || m->child) {
        acct_body_flag(b, ACCT_FLAG_MALFORMED);
        return;
    }

    m->child = acct_multipart_create(b, type);

    if (m->child == NULL) {
        m->failed = 1;
        return;
    }

    if (m->child->state == ACCT_PART_NONE) {
        acct_body_flag(b, ACCT_FLAG_MALFORMED);
        acct_multipart_free(b, m->child);
        m->child = NULL;
        return;
    }

    m->child->parent = m;
}


static void
acct_part_transfer(acct_multipart_t *m, acct_str_t value)
{
    size_t           i;
    acct_transfer_e  transfer;

    transfer = ACCT_TRANSFER_OTHER;

    for (i = 0; i < sizeof(acct_transfers) / sizeof(acct_transfers[0]); i++) {
        if (acct_str_ieq(value, acct_transfers[i].name)) {
            transfer = acct_transfers[i].transfer;
        }
    }

    /* of two, some take the first */

    m->transfer = (m->encoded && transfer != m->transfer)
                  ? ACCT_TRANSFER_OTHER : transfer;
    m->encoded = 1;
}


/*
 * The blank line.  A value whose transfer encoding is to be undone is shown as
 * it stands too: RFC 7578, section 4.7 forbids such encodings, and many
 * applications ignore them.
 */

static int
acct_part_body(acct_body_t *b, acct_multipart_t *m)
{
    int         rc;
    acct_str_t  key, filename;

    static const uint8_t  nothing[1];

    if (m->failed) {
        return ACCT_ERROR;
    }

    if (m->file && !m->plain && !m->parent) {

        /* a name to Ruby's Rack, where it finds no other */

        filename.data = m->filename.data;
        filename.len = m->filename.len;

        acct_part_inner(b, m, filename);
    }

    if (m->parent) {

        if (!m->named) {
            m->fields = m->parent->fields;
            m->single = 0;
            m->nkey = m->parent->nkey;
            memcpy(m->key, m->parent->key, m->nkey);
        }

    } else if (m->mixed && !m->named) {

        /* a part without a name is a body of its own */

        if (m->foreign && !m->typed && !m->child) {
            acct_body_flag(b, ACCT_FLAG_UNKNOWN_TYPE);
        }

        if (m->typed) {
            memcpy(m->states, b->wires->start,
                   b->wires->words * sizeof(uint64_t));
            m->below = ACCT_BELOW_WIRE;
        }

    } else if (!m->disposition || !m->named
               || (m->nkey == 0 && (m->file || m->foreign)))
    {
        /* where a name is empty, Rack takes the file's or the type */

        acct_body_flag(b, ACCT_FLAG_MALFORMED);
    }

    if (m->transfer == ACCT_TRANSFER_BASE64
        || m->transfer == ACCT_TRANSFER_QUOTED || (m->file && !m->typed)
        || m->child)
    {
        m->below = 0;
    }

    rc = acct_body_count(b);

    if (rc != ACCT_OK) {
        return rc;
    }

    /* "--boundary" right here ends the part for some parsers; the line end
       in front of it is the header's */

    m->state = ACCT_PART_BODY;
    m->from = 2;
    m->matched = 2;
    m->middle = 0;

    acct_buf_free(&m->header);

    key.data = m->key;
    key.len = m->nkey;

    m->capture = (unsigned) acct_str_is(key, "_charset_");

    if (m->child) {
        m->child->outer = b->charset;
    }

    if (m->fields == 0) {
        acct_buf_free(&m->filename);
        return ACCT_OK;
    }

    filename.len = m->filename.len;
    filename.data = filename.len ? m->filename.data : nothing;

    if (m->single) {
        acct_names_twice(b, b->seen, m->hits);
    }

    m->asked = m->single && acct_names_keep(b, m->hits);

    m->raw.hashed = m->asked;
    m->raw.twice = !m->file && !m->child
                   && m->transfer == ACCT_TRANSFER_NONE;
    m->decoded.hashed = 0;

    if (m->charset == ACCT_CHARSET_OTHER) {
        acct_body_flag(b, ACCT_FLAG_BAD_CHARSET);

    } else if (b->charset == ACCT_CHARSET_UTF8) {
        b->charset = m->charset;
    }

    if (m->transfer == ACCT_TRANSFER_OTHER) {
        acct_body_flag(b, ACCT_FLAG_MALFORMED);
        m->transfer = ACCT_TRANSFER_NONE;
    }

    rc = acct_value_open(b, &m->raw, m->fields, key,
                         m->file ? &filename : NULL);

    if (rc == ACCT_OK && m->transfer != ACCT_TRANSFER_NONE) {
        rc = acct_value_open(b, &m->decoded, m->fields, key,
                             m->file ? &filename : NULL);
    }

    acct_buf_free(&m->filename);

    return rc;
}


/*
 * A part's text up to its delimiter.  What may yet become one is not passed on
 * but held, as a number of the delimiter's own bytes.
 */

static int
acct_part_text(acct_body_t *b, acct_multipart_t *m, const uint8_t **pp,
    const uint8_t *end)
{
    int             rc;
    size_t          n, cr, len;
    unsigned        doubtful;
    const uint8_t  *p, *q, *behind;

    p = *pp;

    while (m->matched) {

        if (p == end) {
            *pp = p;
            return ACCT_OK;
        }

        if (*p != m->delim[m->matched]) {
            rc = acct_part_held(b, m);

            if (rc != ACCT_OK) {
                return rc;
            }

            break;
        }

        p++;

        if (++m->matched == m->ndelim) {
            *pp = p;

            m->at = m->from ? ACCT_AT_BARE : ACCT_AT_LINE;
            m->inside = 1;
            m->behind = 0;
            m->state = ACCT_PART_DELIMITER;

            return ACCT_OK;
        }
    }

    n = m->ndelim - 2;

    /* once the body is doubtful, one in the middle of a line is only text */

    doubtful = b->flags & acct_flag_bit(ACCT_FLAG_MALFORMED);
    q = acct_part_find(m, p, end, doubtful);

    if (q) {

        if (q > p && q[-1] == '\n') {
            goto found;
        }

        *pp = q + n;

        return acct_part_data(b, m, p, (size_t) (q + n - p), 0);
    }

    /* none in whole; one may begin in what is left */

    len = (size_t) (end - p) < n ? (size_t) (end - p) : n;
    q = end;
    *pp = end;

    while (len && *--q != '\n') {
        len--;
    }

    if (len && memcmp(q, m->delim + 1, (size_t) (end - q)) == 0) {
        cr = (q > p && q[-1] == '\r');
        m->from = 1 - cr;
        m->matched = (size_t) (end - q) + 1;

        return acct_part_data(b, m, p, (size_t) (q - p) - cr, 1);
    }

    if (end[-1] == '\r') {
        end--;
        m->from = 0;
        m->matched = 1;
    }

    return acct_part_data(b, m, p, (size_t) (end - p), 1);

found:

    behind = q + n;
    q--;
    cr = (q > p && q[-1] == '\r');

    m->at = cr ? ACCT_AT_LINE : ACCT_AT_BARE;
    m->from = 1 - cr;
    m->matched = m->ndelim;
    m->inside = 1;
    m->behind = 0;
    m->state = ACCT_PART_DELIMITER;

    n = (size_t) (q - p) - cr;
    *pp = behind;

    if (end - behind >= 2
        && (memcmp(behind, "\r\n", 2) == 0 || memcmp(behind, "--", 2) == 0))
    {
        /* surely one, so the value may end with what is in hand */

        m->inside = 0;

        return acct_part_end(b, m, p, n);
    }

    return acct_part_data(b, m, p, n, 1);
}


/*
 * The first "--boundary" that lies whole between p and end, or the first of a
 * line.  Its last two bytes are looked for, at 16 places at a time: of all its
 * bytes they are the ones that other text has most rarely.
 */

static const uint8_t *
acct_part_find(const acct_multipart_t *m, const uint8_t *p,
    const uint8_t *end, unsigned line)
{
    size_t          n;
    unsigned        i;
    acct_lanes_t    a, b, met;
    const uint8_t  *q, *needle;

    needle = m->delim + 2;
    n = m->ndelim - 2;

    if ((size_t) (end - p) < n) {
        return NULL;
    }

    a = acct_lanes(needle[n - 2]);
    b = acct_lanes(needle[n - 1]);

    q = p + n - 2;

    while ((size_t) (end - q) > ACCT_LANES) {
        met = (acct_lanes_t) ((acct_lanes_load(q) == a)
                              & (acct_lanes_load(q + 1) == b));

        for (i = acct_lanes_first(met); i < ACCT_LANES; i++) {
            if (met[i] && acct_part_same(m, p, q + i + 2 - n, line)) {
                return q + i + 2 - n;
            }
        }

        q += ACCT_LANES;
    }

    for ( /* void */ ; q + 1 < end; q++) {
        if (q[0] == needle[n - 2] && acct_part_same(m, p, q + 2 - n, line)) {
            return q + 2 - n;
        }
    }

    return NULL;
}


static int
acct_part_same(const acct_multipart_t *m, const uint8_t *p, const uint8_t *q,
    unsigned line)
{
    return (!line || (q > p && q[-1] == '\n'))
           && memcmp(q, m->delim + 2, m->ndelim - 2) == 0;
}


static int
acct_part_held(acct_body_t *b, acct_multipart_t *m)
{
    size_t  from, n;

    from = m->from;
    n = m->matched - from;

    m->from = 0;
    m->matched = 0;

    return acct_part_data(b, m, m->delim + from, n, 0);
}


static int
acct_part_data(acct_body_t *b, acct_multipart_t *m, const uint8_t *p,
    size_t n, unsigned clean)
{
    int     rc;
    size_t  met;

    met = acct_part_middle(b, m, p, n, clean);

    if (met) {

        /* what parts in the part tell before it comes before the flag */

        rc = acct_part_pass(b, m, p, met - 1);

        if (rc != ACCT_OK) {
            return rc;
        }

        acct_body_flag(b, ACCT_FLAG_MALFORMED);

        p += met - 1;
        n -= met - 1;
    }

    return acct_part_pass(b, m, p, n);
}


/*
 * JSON in a part.  One that is said to be JSON is held to it; another is read
 * where it begins like JSON.  n is cut to what came before a bound.  In another
 * charset the bytes of a character may look like JSON's own: that is doubtful,
 * and said as the part ends.
 */

static int
acct_part_json(acct_body_t *b, acct_multipart_t *m, const uint8_t *p,
    size_t *n)
{
    int     rc;
    size_t  i, k;

    i = 0;

    if (m->json == NULL) {

        while (i < *n && (p[i] == ' ' || (p[i] >= '\t' && p[i] <= '\r'))) {
            i++;
        }

        if (i == *n) {
            return ACCT_OK;
        }

        if (!m->typed && !acct_json_begins(p[i])) {
            m->below = 0;
            return ACCT_OK;
        }

        m->json = acct_json_inner(b, m->states, !m->typed
                                  && (!(m->below & ACCT_BELOW_WIRE)
                                      || p[i] == '/'));

        if (m->json == NULL) {
            return ACCT_ERROR;
        }

        m->raw.twice = 0;
    }

    if (b->charset >= ACCT_CHARSET_NAMED) {
        for (k = i; k < *n; k++) {
            m->coded |= (p[k] >= 0x80);
        }
    }

    rc = acct_json_text(b, m->json, p + i, *n - i);

    if (rc != ACCT_OK) {
        *n = i + acct_json_taken(m->json);
    }

    return rc;
}


static int
acct_part_pass(acct_body_t *b, acct_multipart_t *m, const uint8_t *p,
    size_t n)
{
    int     rc, inner;
    size_t  take;

    if (n == 0) {
        return ACCT_OK;
    }

    if (m->capture) {
        take = sizeof(m->charset_name) - m->ncapture;
        take = take < n ? take : n;

        if (take) {
            memcpy(m->charset_name + m->ncapture, p, take);
            m->ncapture += (unsigned) take;
        }
    }

    inner = m->below ? acct_part_json(b, m, p, &n) : ACCT_OK;

    if (inner != ACCT_OK && !b->bound) {
        return inner;
    }

    if (inner == ACCT_OK && m->child) {
        inner = acct_part_feed(b, m->child, p, n);

        if (inner != ACCT_OK) {

            if (!b->bound) {
                return inner;
            }

            /* the whole is told up to the byte where the bound was met */

            n = m->child->taken;
        }
    }

    if (m->fields == 0) {
        return inner;
    }

    rc = acct_value_data(b, &m->raw, p, n);

    if (rc == ACCT_OK && m->transfer != ACCT_TRANSFER_NONE) {
        rc = acct_part_decode(b, m, p, n, 0);
    }

    return rc == ACCT_OK ? inner : rc;
}


/*
 * Django takes "--boundary" for a delimiter anywhere in a line, and what
 * follows it for a part.  Returns how many bytes of p end with one, or 0.  Once
 * the body is doubtful nobody need look.  In clean bytes none lies whole, so
 * that only what goes over their edges is looked at.
 */

static size_t
acct_part_middle(acct_body_t *b, acct_multipart_t *m, const uint8_t *p,
    size_t n, unsigned clean)
{
    size_t          i, k, len;
    const uint8_t  *q, *needle;

    if (n == 0 || (b->flags & acct_flag_bit(ACCT_FLAG_MALFORMED))) {
        return 0;
    }

    needle = m->delim + 2;
    len = m->ndelim - 2;
    k = m->middle;

    for (i = 0; i < n; i++) {

        if (k == 0) {
            i = (clean && n - i >= len) ? n - len + 1 : i;
            q = memchr(p + i, needle[0], n - i);

            if (q == NULL) {
                break;
            }

            i = (size_t) (q - p);
        }

        while (k && needle[k] != p[i]) {
            k = acct_part_fail(m, k);
        }

        k += (needle[k] == p[i]);

        if (k == len) {
            return i + 1;
        }
    }

    m->middle = k;

    return 0;
}


static int
acct_part_decode(acct_body_t *b, acct_multipart_t *m, const uint8_t *p,
    size_t n, unsigned last)
{
    int      rc;
    size_t   i, len;
    uint8_t  out[128];

    len = 0;

    for (i = 0; i < n; i++) {
        len += (m->transfer == ACCT_TRANSFER_BASE64)
               ? acct_part_base64(m, p[i], out + len)
               : acct_part_quoted(m, p[i], out + len);

        if (len > sizeof(out) - 8) {
            rc = acct_value_data(b, &m->decoded, out, len);

            if (rc != ACCT_OK) {
                return rc;
            }

            len = 0;
        }
    }

    if (!last) {
        return acct_value_data(b, &m->decoded, out, len);
    }

    if (m->transfer == ACCT_TRANSFER_QUOTED && m->nbits > 1
        && m->bits != '\r')
    {
        /* a "=" at the very end breaks a line and says nothing */

        out[len++] = '=';
        out[len++] = (uint8_t) m->bits;
    }

    return acct_value_close(b, &m->decoded, out, len);
}


/* RFC 2045, section 6.8: what is not of the alphabet is passed over */

static size_t
acct_part_base64(acct_multipart_t *m, uint8_t c, uint8_t *out)
{
    uint32_t  v;

    if (c >= 'A' && c <= 'Z') {
        v = c - 'A';

    } else if (c >= 'a' && c <= 'z') {
        v = c - 'a' + 26;

    } else if (c >= '0' && c <= '9') {
        v = c - '0' + 52;

    } else if (c == '+' || c == '-') {
        v = 62;

    } else if (c == '/' || c == '_') {
        v = 63;

    } else {

        if (c == '=') {
            m->nbits = 0;
            m->padded = 1;
        }

        return 0;
    }

    /* some decoders end at the padding, and some read on in various ways */

    m->broken |= m->padded;

    m->bits = m->bits << 6 | v;
    m->nbits += 6;

    if (m->nbits < 8) {
        return 0;
    }

    m->nbits -= 8;
    out[0] = (uint8_t) (m->bits >> m->nbits);

    return 1;
}


/* RFC 2045, section 6.7; nbits is how many bytes behind the "=" were awaited */

static size_t
acct_part_quoted(acct_multipart_t *m, uint8_t c, uint8_t *out)
{
    size_t  n;

    if (m->nbits == 0) {
        if (c == '=') {
            m->nbits = 1;
            return 0;
        }

        out[0] = c;
        return 1;
    }

    if (m->nbits == 1) {

        if (c == '\n') {
            m->nbits = 0;
            return 0;
        }

        if (c == '\r' || acct_hex(c) >= 0) {
            m->bits = c;
            m->nbits = 2;
            return 0;
        }

        out[0] = '=';
        m->nbits = 0;
        n = 1;

    } else {
        m->nbits = 0;

        if (m->bits == '\r' && c == '\n') {
            return 0;
        }

        if (m->bits != '\r' && acct_hex(c) >= 0) {
            out[0] = (uint8_t) (acct_hex((uint8_t) m->bits) << 4
                                | acct_hex(c));
            return 1;
        }

        out[0] = '=';
        out[1] = (uint8_t) m->bits;
        n = 2;
    }

    return n + acct_part_quoted(m, c, out + n);
}
