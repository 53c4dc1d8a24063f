
/*
 * Copyright (C) the ngx_acctinfo_module authors
 */


#include "acct_pack.h"
#include "acct_shape.h"


static int acct_shape_mobile(const uint8_t *p,
    const acct_origin_t *origin, size_t n);
static int acct_shape_number(const uint8_t *p,
    const acct_origin_t *origin, size_t n);
static int acct_shape_tld(const uint8_t *p,
    const acct_origin_t *origin, size_t n);
static int acct_shape_identity(const uint8_t *p,
    const acct_origin_t *origin, size_t n);
static int acct_shape_credit(const uint8_t *p,
    const acct_origin_t *origin, size_t n);


/* domains under which most of what is smuggled stands */

#define ACCT_COMMON_TLDS                                                      \
    "(?:com|net|org|cn|cc|info|biz|top|vip|xyz|shop|store|site|online|club|"  \
    "icu|ltd|io|tv|app|link|live|win|bet|fun|pro|tk|ru|co|me|hk|tw|la)"

/* a dot, and what people write for it; an at sign likewise */

#define ACCT_DOT  " ?(?:\\.|点|丶|\\(\\.\\)|\\[\\.\\]|\\(dot\\)|\\[dot\\]| dot ) ?"
#define ACCT_AT   " ?(?:@|艾特|爱特|\\(at\\)|\\[at\\]| at ) ?"

/* words for messengers: those that may stand in the middle of a text */

#define ACCT_CHANNELS                                                         \
    "(?:微信|威信|维信|危信|伟信|卫信|围信|惟信|徽信|微芯|薇芯|企微|绿泡泡|"  \
    "扣扣|叩叩|抠抠|电报|飞机号|纸飞机|抖音|快手|小红书|[vq]信|q群|q裙)"

/* and those that must stand as words */

#define ACCT_CHANNELS_LATIN                                                   \
    "(?:wx|vx|weixin|wechat|qq|telegram|whatsapp|line|kakao|skype|snapchat|"  \
    "instagram|insta|ig|tg|dy|ks|xhs)"

/* of these, those that are no words of a language: an id may follow at once */

#define ACCT_CHANNELS_ODD                                                     \
    "(?:wx|vx|weixin|wechat|qq|telegram|whatsapp|tg)"

#define ACCT_ID_WORD    "(?:号|id|账号|号码|码)?(?:是|为)?"
#define ACCT_ID         "(?:[a-z][a-z0-9]{0,18}[0-9]{2,18}|[1-9][0-9]{4,11})"
#define ACCT_ID_COLON   "(?: ?(?:号|id|账号|号码|码|number))? ?[:=@是为-]{1,2} ?@?"
#define ACCT_ID_LOOSE   "[a-z0-9][a-z0-9_.-]{4,31}"


static const acct_shape_t  acct_shapes[] = {

    { "cn_mobile", ACCT_VIEW_DIGITS,
      "(?:86)?1[3-9][0-9]{9}", ACCT_WHERE_WORD, acct_shape_mobile,
      "a Chinese mobile number, 11 digits from 13 to 19, with 86 or without" },

    { "cn_landline", ACCT_VIEW_DIGITS,
      "0(?:10|2[0-9]|[3-9][0-9]{2})[2-8][0-9]{6,7}", ACCT_WHERE_WORD, NULL,
      "a Chinese landline number with its area code" },

    { "international_number", ACCT_VIEW_BASE,
      "\\+ ?[1-9][0-9 ()./-]{6,22}[0-9]", ACCT_WHERE_WORD, acct_shape_number,
      "a number as ITU-T E.164 has it: a plus sign and 8 to 15 digits" },

    { "messenger_id", ACCT_VIEW_HAN,
      ACCT_CHANNELS ACCT_ID_WORD ACCT_ID, ACCT_WHERE_ANYWHERE, NULL,
      "a word for a messenger and, next to it, an id with digits" },

    { "messenger_id", ACCT_VIEW_HAN,
      ACCT_CHANNELS_ODD ACCT_ID_WORD ACCT_ID, ACCT_WHERE_WORD, NULL,
      "the same after a word in Latin letters" },

    { "messenger_id", ACCT_VIEW_BASE,
      ACCT_CHANNELS ACCT_ID_COLON ACCT_ID_LOOSE, ACCT_WHERE_ANYWHERE, NULL,
      "a word for a messenger, a colon or the like, and an id" },

    { "messenger_id", ACCT_VIEW_BASE,
      ACCT_CHANNELS_LATIN ACCT_ID_COLON ACCT_ID_LOOSE, ACCT_WHERE_WORD, NULL,
      "the same after a word in Latin letters" },

    { "email", ACCT_VIEW_BASE,
      "[a-z0-9._%+-]{1,40}" ACCT_AT "[a-z0-9-]{1,40}"
      "(?:" ACCT_DOT "[a-z]{2,12}){1,3}", ACCT_WHERE_WORD, acct_shape_tld,
      "an e-mail address under a known top-level domain, also in words" },

    { "web_address", ACCT_VIEW_BASE,
      "(?:h(?:tt|xx)ps?:// ?[a-z0-9][a-z0-9.-]{0,60}|"
      "www ?\\. ?[a-z0-9-]{2,40} ?\\. ?[a-z]{2,12}|"
      "[a-z0-9-]{2,40}" ACCT_DOT ACCT_COMMON_TLDS ")",
      ACCT_WHERE_WORD, NULL,
      "a web address: a scheme, www, or a domain that is often smuggled" },

    { "domain", ACCT_VIEW_BASE,
      "[a-z0-9-]{2,40}(?:\\.[a-z0-9-]{2,40}){1,3}", ACCT_WHERE_WORD,
      acct_shape_tld,
      "any domain under a known top-level domain; catches Mr.Wang too" },

    { "digit_words", ACCT_VIEW_DIGITS,
      "[0-9](?:_?[0-9]){6,15}", ACCT_WHERE_WORD, NULL,
      "a run of digits with words between them; for review only" },

    { "cn_identity", ACCT_VIEW_BASE,
      "[1-9][0-9]{16}[0-9x]", ACCT_WHERE_WORD, acct_shape_identity,
      "an 18-digit identity number whose date and check digit hold "
      "(GB 11643)" },

    { "cn_credit_code", ACCT_VIEW_BASE,
      "[1-9a-hj-np-rtuw-y][1-9][0-9]{6}[0-9a-hj-np-rtuw-y]{10}",
      ACCT_WHERE_WORD, acct_shape_credit,
      "a unified social credit code whose check character holds (GB 32100)" }
};


#define ACCT_SHAPES    (sizeof(acct_shapes) / sizeof(acct_shapes[0]))


const acct_shape_t *
acct_shape(size_t i)
{
    return i < ACCT_SHAPES ? &acct_shapes[i] : NULL;
}


/*
 * Eleven digits that are a private address of the network (RFC 1918), or a day,
 * a month, a year and a time, are no telephone.  Only as they are written: no
 * number begins with a zero, and a sign stands between them, for with spaces or
 * hyphens a telephone may be cut at any place.
 */

#define ACCT_SHAPE_GROUPS  5

static int
acct_shape_mobile(const uint8_t *p, const acct_origin_t *origin, size_t n)
{
    size_t    i, groups;
    unsigned  number[ACCT_SHAPE_GROUPS], octets, zeros, signs;

    groups = 0;
    octets = 0;
    zeros = 0;
    signs = 0;

    for (i = 0; i < n; i++) {

        if (i == 0 || (origin[i] & ACCT_ORIGIN_GAP)) {

            if (groups == ACCT_SHAPE_GROUPS) {
                return 1;
            }

            if (i && (origin[i] & ACCT_ORIGIN_HIDDEN)) {
                signs |= 1u << groups;
            }

            zeros |= (unsigned) (p[i] == '0') << groups;
            number[groups++] = 0;
        }

        number[groups - 1] = number[groups - 1] * 10 + (p[i] - 48u);
    }

    if (groups == 4 && zeros == 0 && signs == 0xe) {

        for (i = 0; i < groups; i++) {
            octets += number[i] <= 255;
        }

        return octets != groups
               || !((number[0] == 192 && number[1] == 168)
                    || (number[0] == 172 && number[1] >= 16
                        && number[1] <= 31));
    }

    if (groups == 5 && (zeros & 0x7) == 0 && (signs & 0x6) == 0x6) {
        return number[0] > 31 || number[1] > 12 || number[2] < 1900
               || number[2] > 2099 || number[3] > 23 || number[4] > 59;
    }

    return 1;
}


/* ITU-T E.164, 6.1: at most 15 digits; fewer than 8 nobody calls */

static int
acct_shape_number(const uint8_t *p, const acct_origin_t *origin, size_t n)
{
    size_t  i, digits;

    (void) origin;

    for (i = 0, digits = 0; i < n; i++) {
        digits += p[i] >= '0' && p[i] <= '9';
    }

    return digits >= 8 && digits <= 15;
}


/* the last label is a top-level domain */

static int
acct_shape_tld(const uint8_t *p, const acct_origin_t *origin, size_t n)
{
    int     rc;
    size_t  lo, hi, mid, k;

    (void) origin;

    for (k = n; k && p[k - 1] >= 'a' && p[k - 1] <= 'z'; k--) { /* void */ }

    p += k;
    n -= k;

    lo = 0;
    hi = acct_tlds_n;

    while (lo < hi) {
        mid = lo + (hi - lo) / 2;
        rc = acct_str_cmp(acct_str(acct_tlds[mid]),
                          (acct_str_t) { p, n });

        if (rc == 0) {
            return 1;
        }

        if (rc < 0) {
            lo = mid + 1;

        } else {
            hi = mid;
        }
    }

    return 0;
}


/* GB 11643: a date of birth, and ISO 7064 MOD 11-2 over all 18 */

static int
acct_shape_identity(const uint8_t *p, const acct_origin_t *origin, size_t n)
{
    size_t    i;
    unsigned  sum, year, month, day;

    (void) origin;

    if (n != 18) {
        return 0;
    }

#define acct_digits2(i)  ((p[i] - '0') * 10u + (p[(i) + 1] - '0'))

    year = acct_digits2(6) * 100 + acct_digits2(8);
    month = acct_digits2(10);
    day = acct_digits2(12);

    if (year < 1900 || year > 2099 || month < 1 || month > 12 || day < 1
        || day > 31)
    {
        return 0;
    }

    for (i = 0, sum = 0; i < 17; i++) {
        sum = (sum + (p[i] - '0')) * 2 % 11;
    }

    return (sum + (p[17] == 'x' ? 10u : p[17] - 48u)) % 11 == 1;
}


/* GB 32100: 18 characters, weights 3^i mod 31 */

static int
acct_shape_credit(const uint8_t *p, const acct_origin_t *origin, size_t n)
{
    size_t       i;
    unsigned     sum, weight, digits;
    const char  *at;

    static const char  alphabet[] = "0123456789abcdefghjklmnpqrtuwxy";

    (void) origin;

    if (n != 18) {
        return 0;
    }

    sum = 0;
    weight = 1;
    digits = 0;

    for (i = 0; i < 17; i++) {
        at = strchr(alphabet, p[i]);

        if (at == NULL) {
            return 0;
        }

        digits += p[i] <= '9';
        sum += (unsigned) (at - alphabet) * weight;
        weight = weight * 3 % 31;
    }

    at = strchr(alphabet, p[17]);

    return at != NULL && digits >= 8
           && (unsigned) (at - alphabet) == (31 - sum % 31) % 31;
}
