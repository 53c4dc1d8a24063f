
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acct_decode.c: content codings, undone before the reader (RFC 9110, section
 * 8.4.1).
 *
 * The body goes to zlib in blocks of one size, counted from its first byte:
 * zlib reads ahead as far as a buffer goes, and where a bound is met or an
 * error seen would otherwise depend on how the network cut the body.
 */


#include <zlib.h>

#include "acct_reader.h"


#define ACCT_INFLATE_BLOCK     512
#define ACCT_INFLATE_OUT       4096

/* no ratio is asked for before so much has come out */

#define ACCT_INFLATE_FREE      65536


struct acct_inflate_s {
    z_stream              stream;
    unsigned              coding;
    unsigned              open:1;      /* the stream is made */
    unsigned              whole:1;     /* a member ended, no byte since */
    unsigned              over:1;      /* what follows is nobody's */
    size_t                in;
    size_t                out;
    size_t                nblock;
    uint8_t               block[ACCT_INFLATE_BLOCK];
};


static int acct_inflate_block(acct_body_t *b, const uint8_t *p, size_t n);
static int acct_inflate_open(acct_body_t *b, const uint8_t *p, size_t n);
static int acct_inflate_told(acct_body_t *b, acct_inflate_t *f,
    const uint8_t *p, size_t n);
static void *acct_inflate_alloc(void *ctx, unsigned n, unsigned size);
static void acct_inflate_free(void *ctx, void *p);


static const struct {
    const char           *coding;
    const char           *name;        /* in a policy */
    unsigned              decode;
} acct_codings[] = {
    { "gzip",    "gzip",    ACCT_DECODE_GZIP },
    { "x-gzip",  NULL,      ACCT_DECODE_GZIP },
    { "deflate", "deflate", ACCT_DECODE_DEFLATE }
};


#define acct_ncodings          (sizeof(acct_codings) / sizeof(acct_codings[0]))


unsigned
acct_decode_find(acct_str_t name)
{
    size_t  i;

    for (i = 0; i < acct_ncodings; i++) {
        if (acct_codings[i].name
            && acct_str_eq(name, acct_str(acct_codings[i].name)))
        {
            return acct_codings[i].decode;
        }
    }

    return 0;
}


/* a list of codings, of which "identity" is none; more than one is another */

unsigned
acct_encoding_find(acct_str_t encoding)
{
    size_t      i, n;
    unsigned    found;
    acct_str_t  coding;

    found = ACCT_DECODE_NONE;

    while (encoding.len) {
        n = 0;

        while (n < encoding.len && encoding.data[n] != ',') {
            n++;
        }

        coding.data = encoding.data;
        coding.len = n;
        coding = acct_trim(coding);

        n += (n < encoding.len);
        encoding.data += n;
        encoding.len -= n;

        if (coding.len == 0 || acct_str_ieq(coding, "identity")) {
            continue;
        }

        for (i = 0; i < acct_ncodings; i++) {
            if (acct_str_ieq(coding, acct_codings[i].coding)) {
                break;
            }
        }

        if (i == acct_ncodings || found != ACCT_DECODE_NONE) {
            return ACCT_DECODE_OTHER;
        }

        found = acct_codings[i].decode;
    }

    return found;
}


int
acct_inflate_feed(acct_body_t *b, const uint8_t *p, size_t n)
{
    int              rc;
    size_t           take;
    acct_inflate_t  *f;

    f = b->inflate;

    if (f == NULL) {
        f = acct_calloc(b->alloc, sizeof(acct_inflate_t));

        if (f == NULL) {
            return ACCT_ERROR;
        }

        f->coding = b->coding;
        b->inflate = f;
    }

    rc = ACCT_OK;

    while (n && rc == ACCT_OK) {

        if (f->nblock == 0 && n >= ACCT_INFLATE_BLOCK) {
            take = ACCT_INFLATE_BLOCK;
            rc = acct_inflate_block(b, p, take);

        } else {
            take = ACCT_INFLATE_BLOCK - f->nblock;
            take = take < n ? take : n;

            memcpy(f->block + f->nblock, p, take);
            f->nblock += take;

            if (f->nblock == ACCT_INFLATE_BLOCK) {
                f->nblock = 0;
                rc = acct_inflate_block(b, f->block, ACCT_INFLATE_BLOCK);
            }
        }

        p += take;
        n -= take;
    }

    return rc;
}


int
acct_inflate_end(acct_body_t *b)
{
    int              rc;
    size_t           n;
    acct_inflate_t  *f;

    f = b->inflate;

    n = f->nblock;

    rc = n ? acct_inflate_block(b, f->block, n) : ACCT_OK;

    if (rc == ACCT_OK && !f->whole && !f->over) {
        acct_body_flag(b, ACCT_FLAG_TRUNCATED);
    }

    return rc;
}


int
acct_inflate_empty(const acct_body_t *b)
{
    return b->inflate->out == 0;
}


void
acct_inflate_destroy(acct_body_t *b)
{
    if (b->inflate == NULL) {
        return;
    }

    if (b->inflate->open) {
        (void) inflateEnd(&b->inflate->stream);
    }

    acct_free(b->alloc, b->inflate);
}


/*
 * RFC 1952, section 2.2: members may follow one another.  What else follows a
 * stream some programs ignore and some refuse.  Behind an error nothing can be
 * read.
 */

static int
acct_inflate_block(acct_body_t *b, const uint8_t *p, size_t n)
{
    int              rc, status;
    size_t           before;
    uint8_t          out[ACCT_INFLATE_OUT];
    acct_inflate_t  *f;

    f = b->inflate;

    if (!f->open && acct_inflate_open(b, p, n) != ACCT_OK) {
        return ACCT_ERROR;
    }

    f->stream.next_in = (uint8_t *) p;
    f->stream.avail_in = (unsigned) n;

    while (!f->over) {

        if (f->whole) {

            if (f->stream.avail_in == 0) {
                break;
            }

            if (f->coding != ACCT_DECODE_GZIP
                || *f->stream.next_in != 0x1f)
            {
                acct_body_flag(b, ACCT_FLAG_MALFORMED);
                f->over = 1;
                break;
            }

            (void) inflateReset(&f->stream);
            f->whole = 0;
        }

        before = f->stream.avail_in;

        f->stream.next_out = out;
        f->stream.avail_out = sizeof(out);

        status = inflate(&f->stream, Z_NO_FLUSH);

        f->in += before - f->stream.avail_in;

        rc = acct_inflate_told(b, f, out, sizeof(out) - f->stream.avail_out);

        if (rc != ACCT_OK) {
            return rc;
        }

        switch (status) {

        case Z_STREAM_END:
            f->whole = 1;
            break;

        case Z_OK:
            break;

        case Z_BUF_ERROR:
            return ACCT_OK;

        case Z_MEM_ERROR:
            return ACCT_ERROR;

        default:
            return acct_body_bound(b, ACCT_FLAG_MALFORMED);
        }
    }

    return ACCT_OK;
}


/*
 * "deflate" is the zlib format (RFC 9110, section 8.4.1.2), and is sent without
 * its two bytes of header too (RFC 1950, section 2.2 tells them apart).
 */

static int
acct_inflate_open(acct_body_t *b, const uint8_t *p, size_t n)
{
    int              bits;
    acct_inflate_t  *f;

    f = b->inflate;

    if (f->coding == ACCT_DECODE_GZIP) {
        bits = MAX_WBITS + 16;

    } else if ((p[0] & 0x0f) == Z_DEFLATED && p[0] >> 4 <= 7
               && (n == 1 || ((unsigned) p[0] << 8 | p[1]) % 31 == 0))
    {
        bits = MAX_WBITS;

    } else {
        bits = -MAX_WBITS;
    }

    f->stream.zalloc = acct_inflate_alloc;
    f->stream.zfree = acct_inflate_free;
    f->stream.opaque = (void *) b->alloc;

    if (inflateInit2(&f->stream, bits) != Z_OK) {
        return ACCT_ERROR;
    }

    f->open = 1;

    return ACCT_OK;
}


static int
acct_inflate_told(acct_body_t *b, acct_inflate_t *f, const uint8_t *p,
    size_t n)
{
    int       rc;
    size_t    left;
    unsigned  bound;

    left = b->limits->inflated - f->out;
    bound = (n > left);

    if (bound) {
        n = left;
    }

    f->out += n;

    rc = n ? acct_body_text(b, p, n) : ACCT_OK;

    if (rc != ACCT_OK) {
        return rc;
    }

    if (bound
        || (f->out > ACCT_INFLATE_FREE
            && f->out / b->limits->ratio > f->in))
    {
        return acct_body_bound(b, ACCT_FLAG_TOO_LONG);
    }

    return ACCT_OK;
}


static void *
acct_inflate_alloc(void *ctx, unsigned n, unsigned size)
{
    return acct_array(ctx, n, size);
}


static void
acct_inflate_free(void *ctx, void *p)
{
    acct_free(ctx, p);
}
