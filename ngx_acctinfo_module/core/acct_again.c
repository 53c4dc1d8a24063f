
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acct_again.c: second readings of a value.
 *
 * What a form brings as "&#24494;", "%E5%BE%AE" (once more encoded) or
 * "\u5FAE" stands as text in the value, and many an application shows or
 * decodes it later.  At the first such escape a second value opens, with what
 * stood before it, in which all of them are undone.  Of a long value it holds
 * the end only: at least what a pattern may be wide.
 */


#include "acct_reader.h"


#define ACCT_AGAIN_KEPT        4096
#define ACCT_AGAIN_TAIL        1024
#define ACCT_AGAIN_HOLD        32


struct acct_again_s {
    acct_value_t          value;
    acct_buf_t            kept;        /* what stood before the first escape */
    unsigned              open:1;
    unsigned              rescan:1;    /* what is held is to be read again */
    unsigned              nhold;
    uint8_t               hold[ACCT_AGAIN_HOLD];
};


typedef enum {
    ACCT_ESCAPE_NONE = 0,
    ACCT_ESCAPE_MORE,
    ACCT_ESCAPE_CHAR
} acct_escape_e;


static acct_again_t *acct_again_create(acct_body_t *b, acct_value_t *v);
static const uint8_t *acct_again_until(const uint8_t *p, const uint8_t *end);
static int acct_again_put(acct_body_t *b, acct_again_t *g, const uint8_t *p,
    size_t n);
static int acct_again_open(acct_body_t *b, acct_value_t *v, acct_again_t *g);
static acct_escape_e acct_escape(const uint8_t *p, size_t n, unsigned last,
    size_t *used, uint8_t *out, size_t *len);
static acct_escape_e acct_escape_percent(const uint8_t *p, size_t n,
    size_t *used, uint8_t *out, size_t *len);
static acct_escape_e acct_escape_unit(const uint8_t *p, size_t n,
    size_t *used, uint32_t *c);
static acct_escape_e acct_escape_entity(const uint8_t *p, size_t n,
    unsigned last, size_t *used, uint32_t *c);


/* HTML, section 13.5: those that could part a word, a name or an address */

static const struct {
    acct_str_t            name;
    uint16_t              c;
} acct_entities[] = {
    { acct_string("amp"),            '&' },
    { acct_string("lt"),             '<' },
    { acct_string("gt"),             '>' },
    { acct_string("quot"),           '"' },
    { acct_string("apos"),           '\'' },
    { acct_string("commat"),         '@' },
    { acct_string("period"),         '.' },
    { acct_string("colon"),          ':' },
    { acct_string("comma"),          ',' },
    { acct_string("sol"),            '/' },
    { acct_string("num"),            '#' },
    { acct_string("plus"),           '+' },
    { acct_string("lowbar"),         '_' },
    { acct_string("Tab"),            '\t' },
    { acct_string("NewLine"),        '\n' },
    { acct_string("nbsp"),           0x00a0 },
    { acct_string("shy"),            0x00ad },
    { acct_string("middot"),         0x00b7 },
    { acct_string("ensp"),           0x2002 },
    { acct_string("emsp"),           0x2003 },
    { acct_string("thinsp"),         0x2009 },
    { acct_string("ZeroWidthSpace"), 0x200b },
    { acct_string("zwnj"),           0x200c },
    { acct_string("zwj"),            0x200d },
    { acct_string("hyphen"),         0x2010 },
    { acct_string("ndash"),          0x2013 },
    { acct_string("mdash"),          0x2014 }
};


#define acct_nentities                                                        \
    (sizeof(acct_entities) / sizeof(acct_entities[0]))


static acct_again_t *
acct_again_create(acct_body_t *b, acct_value_t *v)
{
    acct_again_t  *g;

    g = acct_calloc(b->alloc, sizeof(acct_again_t));

    if (g == NULL) {
        return NULL;
    }

    acct_buf_init(&g->kept, b->alloc, ACCT_AGAIN_KEPT);

    v->again = g;

    return g;
}


void
acct_again_destroy(acct_body_t *b, acct_value_t *v)
{
    if (v->again) {
        acct_buf_free(&v->again->kept);
        acct_free(b->alloc, v->again);
        v->again = NULL;
    }
}


static const uint8_t *
acct_again_until(const uint8_t *p, const uint8_t *end)
{
    while (p < end && *p != '%' && *p != '&' && *p != '\\') {
        p++;
    }

    return p;
}


/*
 * Reads a piece of v, the last one perhaps.  Where the second value opens, v is
 * told what came before it, so that a bound met there finds the same whatever
 * the pieces are; p and n are what is left to tell.
 */

int
acct_again_feed(acct_body_t *b, acct_value_t *v, const uint8_t **pp,
    size_t *n, unsigned last)
{
    int              rc;
    size_t           len, used;
    uint8_t          out[4];
    acct_again_t    *g;
    const uint8_t   *p, *q, *end;
    acct_escape_e    found;

    p = *pp;
    end = p + *n;
    g = v->again;

    if (b->bound && (g == NULL || !g->open)) {

        /* none may open any more, and v is to be closed */

        return ACCT_OK;
    }

    if (g == NULL) {

        if (last && acct_again_until(p, end) == end) {
            return ACCT_OK;
        }

        g = acct_again_create(b, v);

        if (g == NULL) {
            return ACCT_ERROR;
        }
    }

    while (p < end || (g->nhold && (last || g->rescan))) {

        if (g->nhold == 0) {
            q = acct_again_until(p, end);

            rc = acct_again_put(b, g, p, (size_t) (q - p));

            if (rc != ACCT_OK) {
                return rc;
            }

            p = q;

            if (p == end) {
                break;
            }

            g->rescan = 0;
        }

        if (!g->rescan && p < end) {
            g->hold[g->nhold++] = *p++;
        }

        found = acct_escape(g->hold, g->nhold, last && p == end, &used, out,
                            &len);
        g->rescan = 0;

        if (found == ACCT_ESCAPE_MORE) {
            continue;
        }

        if (found == ACCT_ESCAPE_NONE) {
            out[0] = g->hold[0];
            len = 1;
            used = 1;

        } else if (!g->open) {
            rc = acct_value_pass(b, v, *pp, (size_t) (p - *pp));

            *n -= (size_t) (p - *pp);
            *pp = p;

            if (rc == ACCT_OK) {
                rc = acct_again_open(b, v, g);
            }

            if (rc != ACCT_OK) {
                return rc;
            }
        }

        g->nhold -= (unsigned) used;
        g->rescan = (g->nhold != 0);

        memmove(g->hold, g->hold + used, g->nhold);

        rc = acct_again_put(b, g, out, len);

        if (rc != ACCT_OK) {
            return rc;
        }
    }

    return ACCT_OK;
}


int
acct_again_close(acct_body_t *b, acct_value_t *v)
{
    return acct_value_close(b, &v->again->value, NULL, 0);
}


/* a value of its own behind v, in one piece */

int
acct_again_whole(acct_body_t *b, acct_value_t *v, const uint8_t *p, size_t n)
{
    int            rc;
    acct_again_t  *g;

    g = v->again;

    if (g == NULL) {
        g = acct_again_create(b, v);

        if (g == NULL) {
            return ACCT_ERROR;
        }
    }

    acct_buf_free(&g->kept);

    rc = acct_again_open(b, v, g);

    return rc == ACCT_OK ? acct_value_close(b, &g->value, p, n) : rc;
}


static int
acct_again_put(acct_body_t *b, acct_again_t *g, const uint8_t *p, size_t n)
{
    size_t  take;

    if (g->open) {
        return acct_value_data(b, &g->value, p, n);
    }

    while (n) {
        take = ACCT_AGAIN_KEPT - g->kept.len;
        take = take < n ? take : n;

        if (acct_buf_append(&g->kept, p, take) != ACCT_OK) {
            return ACCT_ERROR;
        }

        p += take;
        n -= take;

        if (g->kept.len == ACCT_AGAIN_KEPT) {
            memmove(g->kept.data,
                    g->kept.data + ACCT_AGAIN_KEPT - ACCT_AGAIN_TAIL,
                    ACCT_AGAIN_TAIL);

            g->kept.len = ACCT_AGAIN_TAIL;
        }
    }

    return ACCT_OK;
}


static int
acct_again_open(acct_body_t *b, acct_value_t *v, acct_again_t *g)
{
    int  rc;

    g->open = 1;

    rc = acct_value_open(b, &g->value, v->fields, v->key, NULL);

    g->value.conv.charset = ACCT_CHARSET_UTF8;

    if (rc == ACCT_OK && g->kept.len) {
        rc = acct_value_data(b, &g->value, g->kept.data, g->kept.len);
    }

    acct_buf_free(&g->kept);

    return rc;
}


/*
 * Whether p, which begins with any byte, begins with an escape.  More is only
 * said of what is shorter than the hold.
 */

static acct_escape_e
acct_escape(const uint8_t *p, size_t n, unsigned last, size_t *used,
    uint8_t *out, size_t *len)
{
    uint32_t       c;
    acct_escape_e  found;

    *len = 0;
    c = 0;

    switch (p[0]) {

    case '%':
        if (n > 1 && (p[1] | 0x20) == 'u') {
            found = acct_escape_unit(p, n, used, &c);

        } else {
            found = acct_escape_percent(p, n, used, out, len);
        }

        break;

    case '\\':
        found = acct_escape_unit(p, n, used, &c);
        break;

    case '&':
        found = acct_escape_entity(p, n, last, used, &c);
        break;

    default:
        return ACCT_ESCAPE_NONE;
    }

    if (found == ACCT_ESCAPE_MORE && (last || n == ACCT_AGAIN_HOLD)) {
        return ACCT_ESCAPE_NONE;
    }

    if (found != ACCT_ESCAPE_CHAR || *len) {
        return found;
    }

    /* no application means a control character, or half of a pair */

    if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r')
        || (c >= 0x7f && c < 0xa0) || (c >= 0xd800 && c <= 0xdfff))
    {
        return ACCT_ESCAPE_NONE;
    }

    *len = acct_utf8_put(out, c);

    return ACCT_ESCAPE_CHAR;
}


/* a whole character; "100%de" is no escape */

static acct_escape_e
acct_escape_percent(const uint8_t *p, size_t n, size_t *used, uint8_t *out,
    size_t *len)
{
    int           high, low;
    size_t        i;
    acct_valid_t  valid;

    memset(&valid, 0, sizeof(acct_valid_t));

    for (i = 0; i == 0 || valid.need; i++) {

        if (n - 3 * i == 0) {
            return ACCT_ESCAPE_MORE;
        }

        if (p[3 * i] != '%') {
            return ACCT_ESCAPE_NONE;
        }

        high = n - 3 * i > 1 ? acct_hex(p[3 * i + 1]) : 0;
        low = n - 3 * i > 2 ? acct_hex(p[3 * i + 2]) : 0;

        if (high < 0 || low < 0) {
            return ACCT_ESCAPE_NONE;
        }

        if (n - 3 * i < 3) {
            return ACCT_ESCAPE_MORE;
        }

        out[i] = (uint8_t) (high << 4 | low);

        acct_valid_add(&valid, out + i, 1);

        if (valid.bad) {
            return ACCT_ESCAPE_NONE;
        }
    }

    if (i == 1 && (out[0] == 0x7f || (out[0] < 0x20 && out[0] != '\t'
                                      && out[0] != '\n' && out[0] != '\r')))
    {
        return ACCT_ESCAPE_NONE;
    }

    *used = 3 * i;
    *len = i;

    return ACCT_ESCAPE_CHAR;
}


/* "\uXXXX", "\xXX" and "%uXXXX", the first two of a pair together */

static acct_escape_e
acct_escape_unit(const uint8_t *p, size_t n, size_t *used, uint32_t *c)
{
    size_t         i, more;
    unsigned       digits;
    uint32_t       low;
    acct_escape_e  found;

    if (n == 1) {
        return ACCT_ESCAPE_MORE;
    }

    if ((p[1] | 0x20) != 'u' && !(p[0] == '\\' && (p[1] | 0x20) == 'x')) {
        return ACCT_ESCAPE_NONE;
    }

    digits = ((p[1] | 0x20) == 'x') ? 2 : 4;
    *c = 0;

    for (i = 2; i < 2 + digits; i++) {

        if (i == n) {
            return ACCT_ESCAPE_MORE;
        }

        if (acct_hex(p[i]) < 0) {
            return ACCT_ESCAPE_NONE;
        }

        *c = *c << 4 | (uint32_t) acct_hex(p[i]);
    }

    *used = i;

    if (*c < 0xd800 || *c > 0xdbff) {
        return ACCT_ESCAPE_CHAR;
    }

    if (n == i) {
        return ACCT_ESCAPE_MORE;
    }

    if (p[i] != p[0]) {
        return ACCT_ESCAPE_NONE;
    }

    found = acct_escape_unit(p + i, n - i, &more, &low);

    if (found != ACCT_ESCAPE_CHAR) {
        return found;
    }

    if (low < 0xdc00 || low > 0xdfff) {
        return ACCT_ESCAPE_NONE;
    }

    *c = 0x10000 + ((*c - 0xd800) << 10) + (low - 0xdc00);
    *used += more;

    return ACCT_ESCAPE_CHAR;
}


/* HTML, section 13.2.5.72 on: a number may end without its ";" */

static acct_escape_e
acct_escape_entity(const uint8_t *p, size_t n, unsigned last, size_t *used,
    uint32_t *c)
{
    int         digit;
    size_t      i, from;
    unsigned    hex;
    acct_str_t  name;

    if (n == 1) {
        return ACCT_ESCAPE_MORE;
    }

    if (p[1] != '#') {

        for (i = 1; i < n && p[i] != ';'; i++) {
            if ((uint8_t) ((p[i] | 0x20) - 'a') > 25) {
                return ACCT_ESCAPE_NONE;
            }
        }

        if (i == n) {
            return ACCT_ESCAPE_MORE;
        }

        name.data = p + 1;
        name.len = i - 1;
        *used = i + 1;

        for (i = 0; i < acct_nentities; i++) {
            if (acct_str_eq(acct_entities[i].name, name)) {
                *c = acct_entities[i].c;
                return ACCT_ESCAPE_CHAR;
            }
        }

        return ACCT_ESCAPE_NONE;
    }

    if (n == 2) {
        return ACCT_ESCAPE_MORE;
    }

    hex = ((p[2] | 0x20) == 'x');
    from = 2 + hex;
    *c = 0;

    for (i = from; i < n; i++) {
        digit = acct_hex(p[i]);

        if (digit < 0 || (!hex && digit > 9)) {
            break;
        }

        *c = *c * (hex ? 16 : 10) + (uint32_t) digit;

        if (*c > 0x10ffff) {
            return ACCT_ESCAPE_NONE;
        }
    }

    if (i == n && !last) {
        return ACCT_ESCAPE_MORE;
    }

    if (i == from) {
        return ACCT_ESCAPE_NONE;
    }

    *used = i + (i < n && p[i] == ';');

    return ACCT_ESCAPE_CHAR;
}
