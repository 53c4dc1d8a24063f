
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * base -> bare, han, sound, latin, digits.
 */


#include "acct_lane.h"


static int acct_text_bare(acct_text_t *t, size_t n, unsigned last,
    acct_cc_t all, acct_cc_t any);
static size_t acct_han_run(acct_text_t *t, size_t i);
static int acct_text_han(acct_text_t *t, unsigned last, acct_cc_t any);
static void acct_han_put(acct_text_t *t, acct_cc_t cc, acct_origin_t o);
static int acct_text_sound(acct_text_t *t, size_t n);
static size_t acct_latin_word(acct_text_t *t, size_t i, size_t n,
    unsigned last);
static int acct_text_latin(acct_text_t *t, size_t n, unsigned last,
    acct_cc_t all, acct_cc_t any);
static void acct_latin_token(acct_text_t *t);
static void acct_latin_fold(acct_text_t *t, size_t from, size_t to);
static size_t acct_digits_skip(acct_text_t *t, size_t i, size_t n,
    unsigned last);
static int acct_text_digits(acct_text_t *t, size_t n, unsigned last);
static void acct_digits_token(acct_text_t *t);
static void acct_digits_put(acct_text_t *t, acct_cc_t cc, acct_origin_t o);


/* n characters of base into all that is made from it */

int
acct_text_views(acct_text_t *t, size_t n, unsigned last)
{
    int            rc;
    size_t         i;
    acct_cc_t      all, any;
    acct_chars_t  *base;

    base = &t->base;
    t->same = NULL;

    if (t->views & acct_view_bit(ACCT_VIEW_BASE)) {
        rc = acct_pane_write(t, ACCT_VIEW_BASE, base->cc, base->origin, n);

        if (rc != ACCT_OK) {
            return rc;
        }
    }

    /* what all characters are, and any of them: a name is letters as a rule */

    all = acct_cc(0, 0xff);
    any = 0;

    for (i = 0; i < n; i++) {
        all &= base->cc[i];
        any |= base->cc[i];
    }

    if (t->made & acct_view_bit(ACCT_VIEW_BARE)) {
        rc = acct_text_bare(t, n, last, all, any);

        if (rc != ACCT_OK) {
            return rc;
        }
    }

    if (t->made & acct_view_bit(ACCT_VIEW_LATIN)) {
        rc = acct_text_latin(t, n, last, all, any);

        if (rc != ACCT_OK) {
            return rc;
        }
    }

    if (t->made & acct_view_bit(ACCT_VIEW_DIGITS)) {
        rc = acct_text_digits(t, n, last);

        if (rc != ACCT_OK) {
            return rc;
        }
    }

    return ACCT_OK;
}


/*
 * The bits that a character leaves to the next when it is dropped: what was
 * hidden before it or altered in it, and itself.
 */

static inline unsigned
acct_dropped(acct_cc_t cc, acct_origin_t o, unsigned hidden)
{
    if (acct_cc_group(cc) != ACCT_CLASS_SPACE
        || (o & (ACCT_ORIGIN_HIDDEN | ACCT_ORIGIN_ALTERED)))
    {
        return ACCT_ORIGIN_GAP | hidden;
    }

    return ACCT_ORIGIN_GAP;
}


static int
acct_text_bare(acct_text_t *t, size_t n, unsigned last, acct_cc_t all,
    acct_cc_t any)
{
    int                   rc;
    size_t                i, before, written_len;
    unsigned              bits, same;
    acct_cc_t             cc, *out;
    acct_chars_t         *base, *bare;
    acct_origin_t        *origin;
    const acct_pane_t    *written;

    base = &t->base;
    bare = &t->bare;

    before = bare->n;
    out = bare->cc + before;
    origin = bare->origin + before;
    bits = t->bare_bits;
    same = bits == 0 && acct_cc_is(all, ACCT_CLASS_KEEP);

    if (same) {
        memcpy(out, base->cc, n * sizeof(acct_cc_t));
        memcpy(origin, base->origin, n * sizeof(acct_origin_t));
        out += n;

    } else {

        for (i = 0; i < n; i++) {
            cc = base->cc[i];

            if (!acct_cc_is(cc, ACCT_CLASS_KEEP)) {
                bits |= acct_dropped(cc, base->origin[i], acct_step(DROP));
                continue;
            }

            *out++ = cc;
            *origin++ = base->origin[i] | bits;
            bits = 0;
        }

        t->bare_bits = bits;
        t->same = NULL;
    }

    bare->n = (size_t) (out - bare->cc);

    if (t->views & acct_view_bit(ACCT_VIEW_BARE)) {
        rc = acct_pane_again(t, ACCT_VIEW_BARE, bare->cc + before,
                             bare->origin + before, bare->n - before);

        if (rc != ACCT_OK) {
            return rc;
        }
    }

    /* what latin, which is made from base again, may copy */

    written = same ? t->same : NULL;
    written_len = t->same_len;

    if (t->made & acct_view_bit(ACCT_VIEW_HAN)) {
        rc = acct_text_han(t, last, any);

        if (rc != ACCT_OK) {
            return rc;
        }

    } else {
        bare->n = 0;
    }

    t->same = written;
    t->same_len = written_len;

    return ACCT_OK;
}


#define acct_is_kana(cc)                                                      \
    (acct_cc_group(cc) == ACCT_CLASS_KANA                                     \
     || acct_cc_group(cc) == ACCT_CLASS_BOPOMOFO)


/* SIMPLIFY, VARIANTS, ALIKE: their chains are closed in one table */

static inline void
acct_han_map(acct_cc_t *cc, acct_origin_t *o)
{
    uint32_t  c;

    c = acct_han(acct_cc_char(*cc));

    if (c == 0) {
        return;
    }

    if (c & ACCT_HAN_ALIKE) {
        *o |= acct_step(ALIKE);
        c &= ~ACCT_HAN_ALIKE;
    }

    *cc = acct_cc(c, acct_class(c));
}


/*
 * Characters from the i-th of bare on up to a kana, none of which is Han and
 * equal to the one before it: nearly all of nearly every text.  Returns how
 * many there were.
 */

static size_t
acct_han_run(acct_text_t *t, size_t i)
{
    size_t                k, n;
    acct_cc_t             cc, before, *out;
    acct_origin_t         o, *out_origin;
    const acct_cc_t      *in;
    const acct_origin_t  *in_origin;

    in = t->bare.cc + i;
    in_origin = t->bare.origin + i;
    out = t->han.cc + t->han.n;
    out_origin = t->han.origin + t->han.n;

    before = t->run ? out[-1] : 0;
    n = t->bare.n - i;

    for (k = 0; k < n; k++) {
        cc = in[k];
        o = in_origin[k];

        if (acct_cc_group(cc) == ACCT_CLASS_HAN) {

            if (acct_cc_is(cc, ACCT_CLASS_MAP)) {
                acct_han_map(&cc, &o);
            }

            if (cc == before) {
                break;
            }

            before = cc;

        } else {

            if (acct_is_kana(cc)) {
                break;
            }

            before = 0;
        }

        out[k] = cc;
        out_origin[k] = o;
    }

    if (k) {
        t->run_before = k == 1 && t->run > 1 ? (t->flat ? 3 : 2) : 0;
        t->run = before != 0;
        t->flat = 0;
        t->han.n += k;
        t->han_pos += k;
        t->han_before = acct_cc_group(in[k - 1]);
    }

    return k;
}


static int
acct_text_han(acct_text_t *t, unsigned last, acct_cc_t any)
{
    int             rc;
    size_t          i, k, n, keep;
    unsigned        alone, same;
    uint32_t        to;
    acct_cc_t       cc;
    acct_chars_t   *bare, *han;
    acct_origin_t   o;

    bare = &t->bare;
    han = &t->han;
    n = bare->n;

    same = han->n == 0 && last && !acct_cc_is(any, ACCT_CLASS_MAP);

    for (i = 0; i < n; i++) {
        i += acct_han_run(t, i);

        if (i == n) {
            break;
        }

        same = 0;

        cc = bare->cc[i];
        o = bare->origin[i];

        if (acct_is_kana(cc)) {
            to = acct_cc_is(cc, ACCT_CLASS_MAP)
                 ? acct_stroke(acct_cc_char(cc)) : 0;

            alone = to != 0
                    && (t->kana_pos == 0
                        || t->han_pos + 1 - t->kana_pos > ACCT_KANA);

            if (alone) {
                if (!last && n - i <= ACCT_KANA) {
                    break;
                }

                for (k = 1; k <= ACCT_KANA && i + k < n; k++) {
                    if (acct_is_kana(bare->cc[i + k])) {
                        alone = 0;
                        break;
                    }
                }
            }

            if (alone
                && (t->han_before == ACCT_CLASS_HAN
                    || (i + 1 < n
                        && acct_cc_group(bare->cc[i + 1]) == ACCT_CLASS_HAN)))
            {
                t->han_before = ACCT_CLASS_KANA;
                acct_han_put(t, acct_classed(to), o | acct_step(STROKES));

            } else {
                t->han_before = ACCT_CLASS_KANA;
                acct_han_put(t, cc, o);
            }

            t->kana_pos = ++t->han_pos;
            continue;
        }

        t->han_pos++;
        t->han_before = acct_cc_group(cc);

        if (acct_cc_is(cc, ACCT_CLASS_MAP)
            && acct_cc_group(cc) == ACCT_CLASS_HAN)
        {
            acct_han_map(&cc, &o);
        }

        acct_han_put(t, cc, o);
    }

    bare->n = n - i;

    if (bare->n) {
        memmove(bare->cc, bare->cc + i, bare->n * sizeof(acct_cc_t));
        memmove(bare->origin, bare->origin + i,
                bare->n * sizeof(acct_origin_t));
    }

    /* a doubled character that the next one may still halve stays */

    keep = last ? 0 : (han->n < ACCT_SQUEEZE ? han->n : ACCT_SQUEEZE);
    n = han->n - keep;

    if (!same) {
        t->same = NULL;
    }

    if (t->views & acct_view_bit(ACCT_VIEW_HAN)) {
        rc = acct_pane_again(t, ACCT_VIEW_HAN, han->cc, han->origin, n);

        if (rc != ACCT_OK) {
            return rc;
        }
    }

    if (t->made & acct_view_bit(ACCT_VIEW_SOUND)) {
        rc = acct_text_sound(t, n);

        if (rc != ACCT_OK) {
            return rc;
        }
    }

    if (n) {
        memmove(han->cc, han->cc + n, keep * sizeof(acct_cc_t));
        memmove(han->origin, han->origin + n, keep * sizeof(acct_origin_t));
    }

    han->n = keep;

    return ACCT_OK;
}


/*
 * SQUEEZE: a run of three or more equal Han characters is one, and so are two
 * doubled ones side by side.  A run that is one already is "flat".
 */

static void
acct_han_put(acct_text_t *t, acct_cc_t cc, acct_origin_t o)
{
    size_t          n;
    acct_cc_t      *out;
    acct_origin_t  *origin;

    out = t->han.cc;
    origin = t->han.origin;
    n = t->han.n;

    if (acct_cc_group(cc) != ACCT_CLASS_HAN) {
        t->run = 0;

    } else if (t->run == 0 || out[n - 1] != cc) {
        t->run_before = t->run > 1 ? (t->flat ? 3 : 2) : 0;
        t->run = 1;
        t->flat = 0;

    } else if (t->flat) {
        origin[n - 1] = acct_origin_cover(origin[n - 1], o);
        return;

    } else if (t->run == 1 && t->run_before == 0) {
        t->run = 2;

    } else {

        if (t->run == 2) {
            origin[n - 2] = acct_origin_cover(origin[n - 2], origin[n - 1]);
            n--;

        } else if (t->run_before == 2) {

            /* the doubled one before this one */

            origin[n - 3] = acct_origin_cover(origin[n - 3], origin[n - 2])
                            | acct_step(SQUEEZE);
            origin[n - 2] = origin[n - 1];
            out[n - 2] = cc;
            n--;
        }

        origin[n - 1] = acct_origin_cover(origin[n - 1], o)
                        | acct_step(SQUEEZE);
        t->han.n = n;
        t->run = 2;
        t->flat = 1;

        return;
    }

    out[n] = cc;
    origin[n] = o;
    t->han.n = n + 1;
}


/*
 * READING: letters go into the window as they stand in the table; a window
 * that is nearly full, and what is no Han, goes the way of all views.
 */

static int
acct_text_sound(acct_text_t *t, size_t n)
{
    int             rc;
    size_t          i, k, len;
    acct_cc_t       cc;
    acct_pane_t    *pane;
    acct_chars_t   *han, *out;
    acct_origin_t   o, *origin;
    const uint8_t  *letters;

    if (!(t->views & acct_view_bit(ACCT_VIEW_SOUND))) {
        return ACCT_OK;
    }

    pane = t->panes[ACCT_VIEW_SOUND];
    han = &t->han;
    out = &t->out;
    out->n = 0;

    for (i = 0; i < n; i++) {
        cc = han->cc[i];
        o = han->origin[i];
        len = 0;

        if (acct_cc_group(cc) == ACCT_CLASS_HAN) {
            len = acct_reading(acct_cc_char(cc), &letters);

        } else if (acct_cc_group(cc) == ACCT_CLASS_LATIN
                   && acct_cc_is(cc, ACCT_CLASS_MAP))
        {
            cc = acct_classed(acct_strip_marks(acct_cc_char(cc)));
        }

        if (len == 0) {
            out->cc[out->n] = cc;
            out->origin[out->n++] = o;
            continue;
        }

        if (out->n) {
            rc = acct_pane_write(t, ACCT_VIEW_SOUND, out->cc, out->origin,
                                 out->n);

            if (rc != ACCT_OK) {
                return rc;
            }

            out->n = 0;
        }

        if (pane->len + ACCT_SYLLABLE_MAX > ACCT_WINDOW_SIZE - ACCT_UTF8_MAX) {

            for (k = 0; k < len; k++) {
                out->cc[k] = acct_base_ascii[letters[k]];
                out->origin[k] = o;
                o &= ~(acct_origin_t) (ACCT_ORIGIN_GAP | ACCT_ORIGIN_HIDDEN);
            }

            rc = acct_pane_write(t, ACCT_VIEW_SOUND, out->cc, out->origin,
                                 len);

            if (rc != ACCT_OK) {
                return rc;
            }

            continue;
        }

        /* as many letters as there could be, which is quicker than to count */

        memcpy(pane->data + pane->len, letters, ACCT_SYLLABLE_MAX);
        origin = pane->origin + pane->len;
        pane->len += len;

        /* a gap stands before the first letter alone */

        origin[0] = o;
        o &= ~(acct_origin_t) (ACCT_ORIGIN_GAP | ACCT_ORIGIN_HIDDEN);

        for (k = 1; k < ACCT_SYLLABLE_MAX; k++) {
            origin[k] = o;
        }
    }

    rc = acct_pane_write(t, ACCT_VIEW_SOUND, out->cc, out->origin, out->n);
    t->same = NULL;

    return rc;
}


/*
 * A token of ASCII letters, whole in the batch, in which there is nothing to
 * fold but letters one by one: most words.  Returns its length, or 0.
 */

static size_t
acct_latin_word(acct_text_t *t, size_t i, size_t n, unsigned last)
{
    size_t                k;
    unsigned              c;
    acct_cc_t             cc, one, two, *out;
    acct_origin_t        *out_origin;
    const acct_cc_t      *in;
    const acct_origin_t  *in_origin;

    in = t->base.cc + i;
    in_origin = t->base.origin + i;
    out = t->out.cc + t->out.n;
    out_origin = t->out.origin + t->out.n;
    n -= i;
    one = 0;
    two = 0;

    for (k = 0; k < n; k++) {
        cc = in[k];

        if (!acct_cc_is(cc, ACCT_CLASS_TOKEN)) {
            break;
        }

        if (acct_cc_char(cc) >= 0x80 || acct_cc_group(cc) != ACCT_CLASS_LATIN
            || (cc == one && (cc == two || cc == acct_base_ascii['v']))
            || (cc == acct_base_ascii['n'] && one == acct_base_ascii['r']))
        {
            return 0;
        }

        two = one;
        one = cc;

        c = acct_leet[acct_cc_char(cc)];
        out[k] = c ? acct_base_ascii[c & 0x7f] : cc;
        out_origin[k] = in_origin[k] | (c & 0x80 ? acct_step(LEET) : 0);
    }

    if (k > ACCT_TOKEN || (k == n && !last)) {
        return 0;
    }

    out_origin[0] |= t->latin_bits;
    t->latin_bits = 0;
    t->out.n += k;

    return k;
}


static int
acct_text_latin(acct_text_t *t, size_t n, unsigned last, acct_cc_t all,
    acct_cc_t any)
{
    size_t         i, k;
    acct_cc_t      cc;
    acct_chars_t  *base, *out;

    base = &t->base;
    out = &t->out;
    out->n = 0;

    if (acct_cc_is(all, ACCT_CLASS_KEEP) && !acct_cc_is(any, ACCT_CLASS_TOKEN)
        && t->ntoken == 0 && t->latin_bits == 0)
    {
        return acct_pane_again(t, ACCT_VIEW_LATIN, base->cc, base->origin, n);
    }

    for (i = 0; i < n; i++) {
        cc = base->cc[i];

        if (acct_cc_is(cc, ACCT_CLASS_TOKEN)) {

            if (t->ntoken == 0) {
                k = acct_latin_word(t, i, n, last);

                if (k) {
                    i += k - 1;
                    continue;
                }
            }

            if (t->ntoken == ACCT_TOKEN) {
                acct_latin_token(t);
            }

            t->token[t->ntoken] = cc;
            t->token_origin[t->ntoken++] = base->origin[i];
            continue;
        }

        if (t->ntoken) {
            acct_latin_token(t);
        }

        if (acct_cc_is(cc, ACCT_CLASS_KEEP)) {
            out->cc[out->n] = cc;
            out->origin[out->n++] = base->origin[i] | t->latin_bits;
            t->latin_bits = 0;

        } else {
            t->latin_bits |= acct_dropped(cc, base->origin[i],
                                          acct_step(LATIN_DROP));
        }
    }

    if (last && t->ntoken) {
        acct_latin_token(t);
    }

    return acct_pane_write(t, ACCT_VIEW_LATIN, out->cc, out->origin, out->n);
}


/* a letter of a token: neither a digit nor a sign */

static inline int
acct_is_letter(acct_cc_t cc)
{
    unsigned  group;

    group = acct_cc_group(cc);

    return group != ACCT_CLASS_NUMBER && group != ACCT_CLASS_SYMBOL;
}


static void
acct_latin_token(acct_text_t *t)
{
    size_t          i, k, n, run;
    unsigned        latin, leet, other;
    uint32_t        c;
    acct_cc_t      *cc;
    acct_chars_t   *out;
    acct_origin_t  *o;

    cc = t->token;
    o = t->token_origin;
    n = t->ntoken;
    t->ntoken = 0;
    other = 0;

    /* STRIP, LOOKALIKES: letters between digits and signs */

    for (i = 0; i < n; i++) {
        if (acct_cc_char(cc[i]) >= 0x80) {
            other = 1;

            if (acct_cc_is(cc[i], ACCT_CLASS_MAP)) {
                cc[i] = acct_classed(acct_strip_marks(acct_cc_char(cc[i])));
            }
        }
    }

    if (other) {
        for (i = 0; i < n; i = k + 1) {
            for (k = i; k < n; k++) {
                if (acct_cc_char(cc[k]) < 0x80 && !acct_is_letter(cc[k])) {
                    break;
                }
            }

            if (k > i) {
                acct_latin_fold(t, i, k);
            }
        }
    }

    /* REPEATS: three or more of one letter are one */

    latin = 0;

    for (i = 0, k = 0; i < n; i += run) {
        c = acct_cc_char(cc[i]);
        run = 1;

        if (acct_cc_group(cc[i]) == ACCT_CLASS_LATIN) {
            latin = 1;

            if (c < 0x80) {
                while (i + run < n && cc[i + run] == cc[i]) {
                    run++;
                }
            }
        }

        cc[k] = cc[i];
        o[k] = o[i];

        if (run >= 3) {
            o[k] = acct_origin_cover(o[i], o[i + run - 1])
                   | acct_step(REPEATS);

        } else if (run == 2) {
            cc[++k] = cc[i + 1];
            o[k] = o[i + 1];
        }

        k++;
    }

    n = k;

    /* LEET, where there is a letter; signs at the end are punctuation */

    k = n;

    if (latin) {
        while (k > 0 && acct_cc_group(cc[k - 1]) == ACCT_CLASS_SYMBOL) {
            k--;
        }

        for (i = 0; i < k; i++) {
            c = acct_cc_char(cc[i]);
            leet = c < 0x80 ? acct_leet[c] : 0;

            if (leet) {
                cc[i] = acct_base_ascii[leet & 0x7f];

                if (leet & 0x80) {
                    o[i] |= acct_step(LEET);
                }
            }
        }
    }

    /* PAIRS, and out */

    out = &t->out;

    for (i = 0; i < n; i++) {
        if (!acct_cc_is(cc[i], ACCT_CLASS_KEEP)) {
            t->latin_bits |= acct_dropped(cc[i], o[i], acct_step(LATIN_DROP));
            continue;
        }

        if (i + 1 < n) {
            c = 0;

            if (cc[i] == acct_base_ascii['r']
                && cc[i + 1] == acct_base_ascii['n'])
            {
                c = 'm';

            } else if (cc[i] == acct_base_ascii['v']
                       && cc[i + 1] == acct_base_ascii['v'])
            {
                c = 'w';
            }

            if (c) {
                i++;
                cc[i] = acct_base_ascii[c];
                o[i] = acct_origin_cover(o[i - 1], o[i]) | acct_step(PAIRS);
            }
        }

        out->cc[out->n] = cc[i];
        out->origin[out->n++] = o[i] | t->latin_bits;
        t->latin_bits = 0;
    }
}


/*
 * LOOKALIKES: a word is folded if it holds an ASCII letter, or if every
 * letter of it is drawn as a Latin one, so that a word of another script stays.
 */

static void
acct_latin_fold(acct_text_t *t, size_t from, size_t to)
{
    size_t      i;
    unsigned    ascii, strict, row;
    uint32_t    c;
    acct_cc_t  *cc;

    cc = t->token;
    ascii = 0;
    strict = 1;

    for (i = from; i < to; i++) {
        c = acct_cc_char(cc[i]);

        if (c < 0x80) {
            ascii = 1;
            continue;
        }

        row = acct_cc_is(cc[i], ACCT_CLASS_MAP) ? acct_lookalike(c) : 0;

        if (!(row & ACCT_LOOKALIKE_STRICT)) {
            strict = 0;
        }
    }

    if (!ascii && !strict) {
        return;
    }

    for (i = from; i < to; i++) {
        c = acct_cc_char(cc[i]);

        if (c < 0x80 || !acct_cc_is(cc[i], ACCT_CLASS_MAP)) {
            continue;
        }

        row = acct_lookalike(c);

        if (row == 0) {
            continue;
        }

        if (!(row & ACCT_LOOKALIKE_EVEN)) {
            t->token_origin[i] |= acct_step(LOOKALIKES);

            if (acct_cc_group(cc[i]) != ACCT_CLASS_LATIN
                && acct_is_letter(cc[i]))
            {
                t->flags |= acct_flag_bit(ACCT_FLAG_MIXED_SCRIPT);
            }
        }

        cc[i] = acct_base_ascii[row & 0x7f];
    }
}


#define acct_is_round(c)  ((c) == 'o' || (c) == 'l' || (c) == 'i' || (c) == '|')


/*
 * From the i-th character of base on, what leaves nothing behind a filler:
 * letters that are no digits and what is dropped, up to the token that a digit
 * stands in.  Returns how many there were.
 */

static size_t
acct_digits_skip(acct_text_t *t, size_t i, size_t n, unsigned last)
{
    size_t                k, token;
    unsigned              bits;
    acct_cc_t             cc;
    const acct_cc_t      *in;
    const acct_origin_t  *origin;

    in = t->base.cc + i;
    origin = t->base.origin + i;
    bits = t->digits_bits;
    n -= i;
    token = 0;

    for (k = 0; k < n; k++) {
        cc = in[k];

        if (acct_cc_group(cc) == ACCT_CLASS_LATIN) {
            continue;
        }

        if (acct_cc_is(cc, ACCT_CLASS_TOKEN | ACCT_CLASS_DIGIT)) {
            break;
        }

        if (!acct_cc_is(cc, ACCT_CLASS_KEEP)) {

            if (acct_cc_char(cc) == '-') {
                break;
            }

            bits |= acct_dropped(cc, origin[k], acct_step(FILLER));
        }

        token = k + 1;
    }

    t->digits_bits = bits;

    return k == n && last ? n : token;
}


static int
acct_text_digits(acct_text_t *t, size_t n, unsigned last)
{
    size_t          i;
    uint32_t        c;
    acct_cc_t       cc;
    acct_chars_t   *base;
    acct_origin_t   o;

    base = &t->base;
    t->out.n = 0;

    for (i = 0; i < n; i++) {

        if (t->filler && t->ndigits == 0 && !t->spoilt) {
            i += acct_digits_skip(t, i, n, last);

            if (i == n) {
                break;
            }
        }

        cc = base->cc[i];
        o = base->origin[i];
        c = acct_cc_char(cc);

        if (acct_cc_is(cc, ACCT_CLASS_DIGIT) || acct_is_round(c)) {

            if (t->spoilt) {
                acct_digits_put(t, cc, o);
                continue;
            }

            if (t->ndigits == ACCT_TOKEN) {
                acct_digits_token(t);
            }

            t->digit[t->ndigits] = cc;
            t->digit_origin[t->ndigits++] = o;
            continue;
        }

        if (t->ndigits) {
            if (acct_cc_group(cc) == ACCT_CLASS_LATIN) {
                t->spoilt = 1;
            }

            acct_digits_token(t);
        }

        t->spoilt = acct_cc_group(cc) == ACCT_CLASS_LATIN;

        acct_digits_put(t, cc, o);
    }

    if (last && t->ndigits) {
        acct_digits_token(t);
    }

    return acct_pane_write(t, ACCT_VIEW_DIGITS, t->out.cc, t->out.origin,
                           t->out.n);
}


/* ROUND: o, l, i and | are digits among digits */

static void
acct_digits_token(acct_text_t *t)
{
    size_t     i, n, digits;
    uint32_t   c;

    n = t->ndigits;
    t->ndigits = 0;
    digits = 0;

    if (n >= 7 && !t->spoilt) {
        for (i = 0; i < n; i++) {
            digits += acct_cc_is(t->digit[i], ACCT_CLASS_DIGIT) != 0;
        }
    }

    for (i = 0; i < n; i++) {
        c = acct_cc_char(t->digit[i]);

        if (digits * 3 >= n && acct_is_round(c)) {
            acct_digits_put(t, acct_base_ascii[c == 'o' ? '0' : '1'],
                            t->digit_origin[i] | acct_step(ROUND));

        } else {
            acct_digits_put(t, t->digit[i], t->digit_origin[i]);
        }
    }
}


/* NUMERALS, DIGIT_WORDS, FILLER: a character on its own */

static void
acct_digits_put(acct_text_t *t, acct_cc_t cc, acct_origin_t o)
{
    unsigned       digit;
    acct_chars_t  *out;

    out = &t->out;

    if (acct_cc_is(cc, ACCT_CLASS_DIGIT)) {
        digit = acct_digit(acct_cc_char(cc));

        if (digit & ACCT_DIGIT_WORD) {
            o |= acct_step(DIGIT_WORDS);
        }

        out->cc[out->n] = acct_base_ascii['0' + (digit & 0x0f)];
        t->filler = 0;

    } else if (acct_cc_is(cc, ACCT_CLASS_KEEP)) {

        if (acct_cc_group(cc) == ACCT_CLASS_MARK || t->filler) {
            return;
        }

        out->cc[out->n] = acct_base_ascii['_'];
        t->filler = 1;

    } else {

        if (acct_cc_char(cc) == '-' && t->hyphens++ == 0
            && !(o & (ACCT_ORIGIN_HIDDEN | ACCT_ORIGIN_ALTERED)))
        {
            t->digits_bits |= ACCT_ORIGIN_GAP;

        } else {
            t->digits_bits |= acct_dropped(cc, o, acct_step(FILLER));
        }

        return;
    }

    out->origin[out->n++] = o | t->digits_bits;
    t->digits_bits = 0;
    t->hyphens = 0;
}
