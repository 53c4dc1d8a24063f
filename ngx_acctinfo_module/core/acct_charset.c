
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acct_charset.c: what a declared charset lets us expect, and the conversion
 * of those that a policy names to UTF-8.
 */


#include <errno.h>
#include <iconv.h>

#include "acct_reader.h"


#define ACCT_CONV_OUT          256


/*
 * Labels of the WHATWG Encoding Standard, and what reads them all; a label
 * that is not here is iconv's own name of a charset.
 */

static const struct {
    const char           *label;
    const char           *code;
} acct_labels[] = {
    { "utf-8",             "UTF-8" },
    { "utf8",              "UTF-8" },
    { "unicode-1-1-utf-8", "UTF-8" },
    { "us-ascii",          "UTF-8" },
    { "ascii",             "UTF-8" },
    { "iso-8859-1",        "CP1252" },
    { "iso8859-1",         "CP1252" },
    { "iso_8859-1",        "CP1252" },
    { "latin1",            "CP1252" },
    { "windows-1252",      "CP1252" },
    { "cp1252",            "CP1252" },
    { "gb18030",           "GB18030" },
    { "gbk",               "GB18030" },
    { "x-gbk",             "GB18030" },
    { "cp936",             "GB18030" },
    { "windows-936",       "GB18030" },
    { "gb2312",            "GB18030" },
    { "gb_2312-80",        "GB18030" },
    { "csgb2312",          "GB18030" },
    { "chinese",           "GB18030" },
    { "big5",              "BIG5-HKSCS" },
    { "big5-hkscs",        "BIG5-HKSCS" },
    { "cn-big5",           "BIG5-HKSCS" },
    { "x-x-big5",          "BIG5-HKSCS" },
    { "csbig5",            "BIG5-HKSCS" },
    { "shift_jis",         "CP932" },
    { "shift-jis",         "CP932" },
    { "sjis",              "CP932" },
    { "x-sjis",            "CP932" },
    { "ms_kanji",          "CP932" },
    { "csshiftjis",        "CP932" },
    { "windows-31j",       "CP932" },
    { "cp932",             "CP932" },
    { "euc-jp",            "EUC-JP" },
    { "x-euc-jp",          "EUC-JP" },
    { "euc-kr",            "CP949" },
    { "windows-949",       "CP949" },
    { "cp949",             "CP949" },
    { "ks_c_5601-1987",    "CP949" },
    { "ksc5601",           "CP949" },
    { "korean",            "CP949" }
};


#define acct_nlabels           (sizeof(acct_labels) / sizeof(acct_labels[0]))

#define ACCT_CODE_UTF8         "UTF-8"
#define ACCT_CODE_LATIN        "CP1252"


static unsigned acct_charset_plain(iconv_t cd);
static int acct_conv_open(acct_body_t *b, unsigned charset);
static size_t acct_conv_char(acct_body_t *b, acct_conv_t *c, unsigned last,
    uint8_t *out);


static const char *
acct_label_code(acct_str_t label)
{
    size_t  i;

    for (i = 0; i < acct_nlabels; i++) {
        if (acct_str_ieq(label, acct_labels[i].label)) {
            return acct_labels[i].code;
        }
    }

    return NULL;
}


/*
 * The descriptor is kept open as long as the policy is there, so that iconv
 * has what it needs for those that are opened while bodies are read, even
 * behind a chroot.
 */

int
acct_charset_init(acct_charset_t *c, acct_str_t name)
{
    size_t       i;
    iconv_t      cd;
    const char  *code;

    if (name.len == 0 || name.len >= sizeof(c->name)) {
        return ACCT_DONE;
    }

    memset(c, 0, sizeof(acct_charset_t));

    for (i = 0; i < name.len; i++) {
        c->name[i] = (char) name.data[i];

        if (c->name[i] >= 'A' && c->name[i] <= 'Z') {
            c->name[i] |= 0x20;
        }

        /* iconv knows suffixes, behind a slash */

        if (c->name[i] <= ' ' || c->name[i] == '/') {
            return ACCT_DONE;
        }
    }

    code = acct_label_code(name);
    c->code = code ? code : c->name;

    if (strcmp(c->code, ACCT_CODE_UTF8) == 0) {
        return ACCT_OK;
    }

    cd = iconv_open(ACCT_CODE_UTF8, c->code);

    if (cd == (iconv_t) -1) {
        return (errno == ENOMEM) ? ACCT_ERROR : ACCT_DONE;
    }

    if (!acct_charset_plain(cd)) {
        (void) iconv_close(cd);
        return ACCT_DONE;
    }

    c->kept = cd;

    return ACCT_OK;
}


void
acct_charset_done(acct_charset_t *c)
{
    if (c->kept) {
        (void) iconv_close(c->kept);
        c->kept = NULL;
    }
}


/*
 * In UTF-16, UTF-7 or ISO-2022 the bytes of a form's separators and of JSON's
 * marks may be parts of other characters: nothing could be read as it comes.
 */

static unsigned
acct_charset_plain(iconv_t cd)
{
    char      in, out[16];
    char     *p, *q;
    size_t    n, left;
    unsigned  c;

    for (c = 0; c < 0x80; c++) {
        in = (char) c;
        p = &in;
        q = out;
        n = 1;
        left = sizeof(out);

        if (iconv(cd, &p, &n, &q, &left) == (size_t) -1
            || iconv(cd, NULL, NULL, &q, &left) == (size_t) -1
            || q - out != 1 || out[0] != in)
        {
            return 0;
        }
    }

    return 1;
}


unsigned
acct_charset_find(const acct_body_t *b, acct_str_t name)
{
    size_t                 i;
    const char            *code;
    const acct_charset_t  *c;

    name = acct_trim(name);

    if (name.len == 0) {
        return ACCT_CHARSET_UTF8;
    }

    code = acct_label_code(name);

    if (code && strcmp(code, ACCT_CODE_UTF8) == 0) {
        return ACCT_CHARSET_UTF8;
    }

    for (i = 0; i < b->options.ncharsets; i++) {
        c = &b->options.charsets[i];

        if ((code && strcmp(c->code, code) == 0)
            || acct_str_ieq(name, c->name))
        {
            return ACCT_CHARSET_NAMED + (unsigned) i;
        }
    }

    return (code && strcmp(code, ACCT_CODE_LATIN) == 0) ? ACCT_CHARSET_LATIN
                                                        : ACCT_CHARSET_OTHER;
}


void
acct_conv_init(acct_conv_t *c, unsigned charset)
{
    memset(c, 0, sizeof(acct_conv_t));

    c->charset = charset;
}


/*
 * One character at a time, each from the initial state: what iconv holds back
 * to join it to a character that follows would depend on how the body was
 * cut.  Bytes of ASCII are what they are (acct_charset_plain() saw to it), also
 * behind a broken character, so that no quote is lost in one.
 */

int
acct_conv_text(acct_body_t *b, acct_conv_t *c, const uint8_t *p, size_t n,
    unsigned last, acct_conv_pt handler, void *ctx)
{
    int             rc;
    size_t          n1, len;
    uint8_t         out[ACCT_CONV_OUT];
    unsigned        bad;
    const uint8_t  *q, *end;

    static const uint8_t  nothing[1];

    if (n == 0) {
        p = nothing;
    }

    if (acct_conv_open(b, c->charset) != ACCT_OK) {
        return ACCT_ERROR;
    }

    end = p + n;
    len = 0;

    while (p < end || (last && c->nhold)) {

        if (len > sizeof(out) - ACCT_CONV_MAX) {
            rc = handler(b, ctx, out, len);

            if (rc != ACCT_OK) {
                return rc;
            }

            len = 0;
        }

        q = p;

        if (c->nhold == 0) {
            while (q < end && *q < 0x80) {
                q++;
            }
        }

        if (q == p) {

            if (p < end && !c->again) {
                c->hold[c->nhold++] = *p++;
            }

            bad = c->bad;
            n1 = acct_conv_char(b, c, last && p == end, out + len);

            if (c->bad != bad && len) {

                /* the handler may end the reading before it comes so far */

                c->bad = 0;
                rc = handler(b, ctx, out, len);

                if (rc != ACCT_OK) {
                    return rc;
                }

                c->bad = 1;
                memmove(out, out + len, n1);
                len = 0;
            }

            len += n1;
            continue;
        }

        if ((size_t) (q - p) <= sizeof(out) - len) {
            memcpy(out + len, p, (size_t) (q - p));
            len += (size_t) (q - p);
            p = q;
            continue;
        }

        rc = len ? handler(b, ctx, out, len) : ACCT_OK;

        if (rc == ACCT_OK) {
            rc = handler(b, ctx, p, (size_t) (q - p));
        }

        if (rc != ACCT_OK) {
            return rc;
        }

        len = 0;
        p = q;
    }

    return len ? handler(b, ctx, out, len) : ACCT_OK;
}


/* Latin-1 is in no policy, and iconv need not be asked */

int
acct_conv_name(acct_body_t *b, acct_conv_t *c, const uint8_t *p, size_t n,
    unsigned last, acct_conv_pt handler, void *ctx)
{
    int      rc;
    size_t   i, len;
    uint8_t  out[ACCT_CONV_OUT];

    if (c->charset >= ACCT_CHARSET_NAMED) {
        return acct_conv_text(b, c, p, n, last, handler, ctx);
    }

    len = 0;

    for (i = 0; i < n; i++) {

        if (len > sizeof(out) - 4) {
            rc = handler(b, ctx, out, len);

            if (rc != ACCT_OK) {
                return rc;
            }

            len = 0;
        }

        len += acct_utf8_put(out + len, p[i]);
    }

    return len ? handler(b, ctx, out, len) : ACCT_OK;
}


/*
 * What is held: a character, the beginning of one, or neither.  Then the first
 * byte is U+FFFD, and the bytes behind it are read again.
 */

static size_t
acct_conv_char(acct_body_t *b, acct_conv_t *c, unsigned last, uint8_t *out)
{
    char    *p, *q;
    size_t   n, left, len;

    c->again = 0;

    if (c->hold[0] < 0x80) {
        out[0] = c->hold[0];
        len = 1;
        n = c->nhold - 1u;

    } else {
        p = (char *) c->hold;
        q = (char *) out;
        n = c->nhold;
        left = ACCT_CONV_MAX;

        errno = 0;

        if (iconv(b->conv, &p, &n, &q, &left) == (size_t) -1 && errno == EINVAL
            && q == (char *) out && !last && n < sizeof(c->hold))
        {
            (void) iconv(b->conv, NULL, NULL, NULL, NULL);
            return 0;
        }

        (void) iconv(b->conv, NULL, NULL, &q, &left);

        len = (size_t) (q - (char *) out);

        if (len == 0) {
            c->bad = 1;
            len = acct_utf8_put(out, 0xfffd);
            n = c->nhold - 1u;
        }
    }

    memmove(c->hold, c->hold + c->nhold - n, n);

    c->nhold = (unsigned) n;
    c->again = (n != 0);

    return len;
}


static int
acct_conv_open(acct_body_t *b, unsigned charset)
{
    iconv_t  cd;

    if (b->conv && b->conv_charset == charset) {
        return ACCT_OK;
    }

    acct_conv_close(b);

    cd = iconv_open(ACCT_CODE_UTF8,
                    b->options.charsets[charset - ACCT_CHARSET_NAMED].code);

    if (cd == (iconv_t) -1) {
        return ACCT_ERROR;
    }

    b->conv = cd;
    b->conv_charset = charset;

    return ACCT_OK;
}


/* a descriptor holds up to 64 KB, so none is open while a request waits */

void
acct_conv_close(acct_body_t *b)
{
    if (b->conv) {
        (void) iconv_close(b->conv);
        b->conv = NULL;
    }
}


/* Unicode 15.0, table 3-7 */

void
acct_valid_add(acct_valid_t *v, const uint8_t *p, size_t n)
{
    uint8_t         c;
    const uint8_t  *end;

    for (end = p + n; p < end && !v->bad; p++) {
        c = *p;

        if (v->need) {
            v->bad = (c < v->low || c > v->high);
            v->need--;
            v->low = 0x80;
            v->high = 0xbf;

        } else if (c >= 0x80) {
            v->any = 1;
            v->bad = (c < 0xc2 || c > 0xf4);
            v->need = c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
            v->low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
            v->high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
        }
    }
}


unsigned
acct_valid_utf8(const acct_valid_t *v)
{
    return v->any && !v->bad && v->need == 0;
}
