
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * base -> bare, han, sound, latin, digits.
 */


#include "acct_lane.h"


static void acct_text_sets(acct_text_t *t, size_t n);
static int acct_text_bare(acct_text_t *t, size_t n, unsigned last);
static size_t acct_han_run(acct_text_t *t, size_t i);
static int acct_text_han(acct_text_t *t, unsigned last);
static int acct_han_ascii(acct_text_t *t, size_t n, unsigned last);
static void acct_han_put(acct_text_t *t, acct_cc_t cc, acct_origin_t o);
static int acct_text_sound(acct_text_t *t, size_t n);
static int acct_text_latin(acct_text_t *t, size_t n, unsigned last,
    unsigned bits);
static unsigned acct_latin_bare(acct_text_t *t, size_t i, size_t end,
    size_t n);
static void acct_latin_plain(acct_text_t *t, size_t i, size_t n);
static void acct_latin_gather(acct_text_t *t, size_t i, size_t n);
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
    unsigned       bits;
    acct_chars_t  *base;

    base = &t->base;
    bits = t->bare_bits;
    t->same.pane = NULL;

    if (t->form != ACCT_FORM_PLAIN) {
        rc = acct_unmask_fold(t, &n);

        if (rc != ACCT_OK) {
            return rc;
        }
    }

    if (t->unmasks || (t->made & ~(acct_view_bit(ACCT_VIEW_RAW)
                                   | acct_view_bit(ACCT_VIEW_BASE))))
    {
        acct_text_sets(t, n);
    }

    if (t->unmasks) {
        rc = acct_unmask_batch(t, n, last);

        if (rc != ACCT_OK) {
            return rc;
        }
    }

    if (t->views & acct_view_bit(ACCT_VIEW_BASE)) {
        rc = acct_pane_write(t, ACCT_VIEW_BASE, base->cc, base->origin, n);

        if (rc != ACCT_OK) {
            return rc;
        }
    }

    if (t->made & acct_view_bit(ACCT_VIEW_BARE)) {
        rc = acct_text_bare(t, n, last);

        if (rc != ACCT_OK) {
            return rc;
        }
    }

    if (t->made & acct_view_bit(ACCT_VIEW_LATIN)) {
        rc = acct_text_latin(t, n, last, bits);

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


/* What stands where in the batch: the views walk over sets, not characters */

static void
acct_text_sets(acct_text_t *t, size_t n)
{
    size_t        i, k, at;
    uint8_t      *bytes, *classes;
    uint64_t      below;
    unsigned      keep, odd, token, latin, number, digits, fold, high, map, all;
    acct_sets_t  *sets;

    sets = &t->sets;
    sets->ell = 0;
    all = 0;
    map = 0;

    for (i = 0; i < n; i += ACCT_BLOCK) {
        acct_block_split(t->base.cc + i, t->bytes + i, t->classes + i);
    }

    for (i = 0; i < n; i += ACCT_BLOCK) {
        bytes = t->bytes + i;
        classes = t->classes + i;

        keep = acct_block_with(classes, ACCT_CLASS_KEEP);
        token = acct_block_with(classes, ACCT_CLASS_TOKEN);
        digits = acct_block_with(classes, ACCT_CLASS_DIGIT);
        high = acct_block_with(bytes, 0x80);
        odd = 0;
        latin = 0;
        fold = 0;

        map |= acct_block_with(classes, ACCT_CLASS_MAP);
        all |= n - i < ACCT_BLOCK ? high & ((1u << (n - i)) - 1) : high;

        if (keep != 0xffff) {
            odd = 0xffff & ~keep;
            digits |= acct_block_are(bytes, '-');

            if (!acct_block_evasive(t->base.origin + i)) {
                odd &= ~acct_block_group(classes, ACCT_CLASS_SPACE);

            } else {
                for (k = 0; k < ACCT_BLOCK; k++) {
                    if (acct_dropped(t->base.cc[i + k], t->base.origin[i + k],
                                     ACCT_ORIGIN_HIDDEN) == ACCT_ORIGIN_GAP)
                    {
                        odd &= ~(1u << k);
                    }
                }
            }
        }

        if (token) {
            latin = acct_block_group(classes, ACCT_CLASS_LATIN);
            number = acct_block_group(classes, ACCT_CLASS_NUMBER);
            digits |= acct_block_are(bytes, '|');
            sets->ell |= acct_block_are(bytes, 'l');

            /* a word is plain that is of ASCII letters, or of ASCII digits,
               and has no letter thrice and no pair that is drawn like one */

            fold = ~(latin | number) | high;
            fold |= latin & acct_block_same(bytes, bytes + 1)
                    & acct_block_same(bytes + 1, bytes + 2);
            fold |= acct_block_are(bytes, 'r') & acct_block_are(bytes + 1, 'n');
            fold |= acct_block_are(bytes, 'v') & acct_block_are(bytes + 1, 'v');
            fold |= latin & acct_block_group(classes + 1, ACCT_CLASS_NUMBER);
            fold |= number & acct_block_group(classes + 1, ACCT_CLASS_LATIN);
            fold &= token;
        }

        k = i / 64;
        at = i % 64;

        if (at == 0) {
            sets->keep[k] = keep;
            sets->odd[k] = odd;
            sets->token[k] = token;
            sets->fold[k] = fold;
            sets->latin[k] = latin;
            sets->number[k] = digits;
            continue;
        }

        sets->keep[k] |= (uint64_t) keep << at;
        sets->odd[k] |= (uint64_t) odd << at;
        sets->token[k] |= (uint64_t) token << at;
        sets->fold[k] |= (uint64_t) fold << at;
        sets->latin[k] |= (uint64_t) latin << at;
        sets->number[k] |= (uint64_t) digits << at;
    }

    /* what stands behind the last one was of another batch */

    k = n / 64;

    if (n % 64) {
        below = ((uint64_t) 1 << n % 64) - 1;
        sets->keep[k] &= below;
        sets->odd[k] &= below;
        sets->token[k] &= below;
        sets->fold[k] &= below;
        sets->latin[k] &= below;
        sets->number[k] &= below;
    }

    sets->ascii = all == 0;
    sets->map = map;
    sets->kept = acct_set_none(sets->keep, 0, n) == n;
}


/*
 * What is kept of base from i up to n, in runs of whole blocks, for a word
 * seldom has more than one: as characters to cc, or as bytes to p.  A run bears
 * the bits of what was dropped before it.  Returns how many there were.
 */

static inline __attribute__((always_inline)) size_t
acct_keep(const acct_text_t *t, size_t i, size_t n, unsigned hidden,
    uint8_t *p, acct_cc_t *cc, acct_origin_t *origin, unsigned *dropped)
{
    size_t          k, run, end, copied, kept;
    uint64_t        keep, odd;
    unsigned        bits;

    bits = *dropped;
    kept = 0;

    while (i < n) {

        /* 64 of them, or what there is up to the next word of the sets */

        end = (i | 63) + 1 < n ? (i | 63) + 1 : n;
        keep = t->sets.keep[i / 64] >> i % 64;
        odd = t->sets.odd[i / 64] >> i % 64;

        while (i < end) {
            run = keep ? (size_t) __builtin_ctzll(keep) : 64;
            run = run < end - i ? run : end - i;

            if (run) {
                k = 64 - run;
                bits |= ACCT_ORIGIN_GAP | (odd << k ? hidden : 0);
                i += run;

                if (i == end) {
                    break;
                }

                keep >>= run;
                odd >>= run;
            }

            run = ~keep ? (size_t) __builtin_ctzll(~keep) : 64;
            run = run < end - i ? run : end - i;

            for (copied = 0; copied < run; copied += ACCT_BLOCK) {
                if (cc) {
                    memcpy(cc + kept + copied, t->base.cc + i + copied,
                           ACCT_BLOCK * sizeof(acct_cc_t));

                } else {
                    memcpy(p + kept + copied, t->bytes + i + copied,
                           ACCT_BLOCK);
                }

                memcpy(origin + kept + copied, t->base.origin + i + copied,
                       ACCT_BLOCK * sizeof(acct_origin_t));
            }

            origin[kept] |= bits;
            bits = 0;
            kept += run;
            i += run;

            keep = run < 64 ? keep >> run : 0;
            odd = run < 64 ? odd >> run : 0;
        }
    }

    *dropped = bits;

    return kept;
}


static void
acct_keep_chars(const acct_text_t *t, size_t i, size_t n, unsigned hidden,
    acct_chars_t *out, unsigned *bits)
{
    out->n += acct_keep(t, i, n, hidden, NULL, out->cc + out->n,
                        out->origin + out->n, bits);
}


/* Likewise of a batch that is ASCII, into a window */

static size_t
acct_keep_bytes(const acct_text_t *t, size_t i, size_t n, unsigned hidden,
    acct_pane_t *pane, unsigned *bits)
{
    size_t  kept;

    kept = acct_keep(t, i, n, hidden, pane->data + pane->len, NULL,
                     pane->origin + pane->len, bits);
    pane->len += kept;

    return kept;
}


static int
acct_text_bare(acct_text_t *t, size_t n, unsigned last)
{
    int            rc;
    size_t         before;
    acct_pane_t   *pane;
    acct_same_t    written;
    acct_chars_t  *base, *bare;

    base = &t->base;
    bare = &t->bare;

    if (t->sets.ascii && bare->n == 0
        && (t->views & acct_view_bit(ACCT_VIEW_BARE)))
    {
        pane = t->panes[ACCT_VIEW_BARE];

        t->same.pane = pane;
        t->same.start = pane->offset + pane->len;
        t->same.len = acct_keep_bytes(t, 0, n, acct_step(DROP), pane,
                                      &t->bare_bits);

        rc = acct_pane_settle(t, ACCT_VIEW_BARE);

        if (rc != ACCT_OK || !(t->made & acct_view_bit(ACCT_VIEW_HAN))) {
            return rc;
        }

        return acct_han_ascii(t, n, last);
    }

    before = bare->n;

    if (t->bare_bits == 0 && t->sets.kept) {
        memcpy(bare->cc + before, base->cc, n * sizeof(acct_cc_t));
        memcpy(bare->origin + before, base->origin,
               n * sizeof(acct_origin_t));
        bare->n += n;

    } else {
        acct_keep_chars(t, 0, n, acct_step(DROP), bare, &t->bare_bits);
        t->same.pane = NULL;
    }

    if (t->views & acct_view_bit(ACCT_VIEW_BARE)) {
        rc = acct_pane_again(t, ACCT_VIEW_BARE, bare->cc + before,
                             bare->origin + before, bare->n - before);

        if (rc != ACCT_OK) {
            return rc;
        }
    }

    if (!(t->made & acct_view_bit(ACCT_VIEW_HAN))) {
        bare->n = 0;
        return ACCT_OK;
    }

    /* what latin, which is made from base again, may copy */

    written = t->same;
    rc = acct_text_han(t, last);
    t->same = written;

    return rc;
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
 * Characters from the i-th of bare on up to a kana that may be a stroke, none
 * of which is Han and equal to the one before it: nearly all of nearly every
 * text.  Returns how many there were.
 */

static size_t
acct_han_run(acct_text_t *t, size_t i)
{
    size_t                k, n, block, kana;
    unsigned              group;
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
    kana = 0;

    for (k = 0; k < n; /* void */ ) {

        while (n - k >= ACCT_BLOCK && in[k] != before
               && acct_block_quiet(in + k))
        {
            memcpy(out + k, in + k, ACCT_BLOCK * sizeof(acct_cc_t));
            memcpy(out_origin + k, in_origin + k,
                   ACCT_BLOCK * sizeof(acct_origin_t));
            k += ACCT_BLOCK;
            before = in[k - 1];
        }

        /* letter by letter, and no branch for whether it is Han */

        block = n - k < ACCT_BLOCK ? n : k + ACCT_BLOCK;

        for ( /* void */ ; k < block; k++) {
            cc = in[k];
            o = in_origin[k];
            group = acct_cc_group(cc);

            if (acct_cc_is(cc, ACCT_CLASS_MAP)) {

                if (group == ACCT_CLASS_HAN) {
                    acct_han_map(&cc, &o);

                } else if (acct_is_kana(cc)) {
                    goto done;
                }
            }

            if ((group == ACCT_CLASS_HAN) & (cc == before)) {
                goto done;
            }

            kana = acct_is_kana(cc) ? k + 1 : kana;
            before = cc;
            out[k] = cc;
            out_origin[k] = o;
        }
    }

done:

    if (kana) {
        t->kana_pos = t->han_pos + kana;
    }

    if (k) {
        t->run_before = k == 1 && t->run > 1 ? (t->flat ? 3 : 2) : 0;
        t->run = acct_cc_group(out[k - 1]) == ACCT_CLASS_HAN;
        t->flat = 0;
        t->han.n += k;
        t->han_pos += k;
        t->han_before = acct_cc_group(in[k - 1]);
    }

    return k;
}


/*
 * A batch that is ASCII, and in the window of bare: what was kept back before
 * it is decided, and itself is the same in han and in sound.  It is shorter
 * than the overlap, so that it is still there.
 */

static int
acct_han_ascii(acct_text_t *t, size_t n, unsigned last)
{
    int            rc;
    acct_chars_t  *han;

    han = &t->han;

    if (han->n && (last || t->same.len)) {

        if (t->views & acct_view_bit(ACCT_VIEW_HAN)) {
            acct_pane_put(t->panes[ACCT_VIEW_HAN], han->cc, han->origin,
                          han->n);
        }

        rc = acct_text_sound(t, han->n);

        if (rc != ACCT_OK) {
            return rc;
        }

        han->n = 0;
    }

    if (t->same.len) {
        while (!acct_set_has(t->sets.keep, n - 1)) {
            n--;
        }

        t->han_before = acct_cc_group(t->base.cc[n - 1]);
        t->han_pos += t->same.len;
        t->run = 0;
    }

    if (t->views & acct_view_bit(ACCT_VIEW_HAN)) {
        rc = acct_pane_again(t, ACCT_VIEW_HAN, NULL, NULL, 0);

        if (rc != ACCT_OK) {
            return rc;
        }
    }

    if (t->views & acct_view_bit(ACCT_VIEW_SOUND)) {
        return acct_pane_again(t, ACCT_VIEW_SOUND, NULL, NULL, 0);
    }

    return ACCT_OK;
}


static int
acct_text_han(acct_text_t *t, unsigned last)
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

    same = han->n == 0 && last && !t->sets.map;

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
        t->same.pane = NULL;
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
 * READING: letters go into the window as they stand in the table, as many as
 * there could be, which is quicker than to count.  A gap stands before the
 * first of them alone.
 */

static int
acct_text_sound(acct_text_t *t, size_t n)
{
    int             rc;
    size_t          i, from;
    uint8_t        *p;
    unsigned        len;
    acct_cc_t       cc;
    acct_pane_t    *pane;
    acct_chars_t   *han;
    acct_origin_t   o, *origin;
    const uint8_t  *letters, *full;

    if (!(t->views & acct_view_bit(ACCT_VIEW_SOUND))) {
        return ACCT_OK;
    }

    pane = t->panes[ACCT_VIEW_SOUND];
    han = &t->han;
    full = pane->data + ACCT_WINDOW_SIZE;
    i = 0;

    while (i < n) {
        p = pane->data + pane->len;
        origin = pane->origin + pane->len;

        for ( /* void */ ; i < n && p <= full; i++) {
            cc = han->cc[i];

            if (acct_cc_char(cc) < 0x80) {
                *p++ = (uint8_t) acct_cc_char(cc);
                *origin++ = han->origin[i];
                continue;
            }

            if (acct_cc_group(cc) != ACCT_CLASS_HAN) {
                break;
            }

            len = acct_reading(acct_cc_char(cc), &letters);

            if (len == 0) {
                break;
            }

            memcpy(p, letters, 8);

            o = han->origin[i];
            acct_block_syllable(origin,
                                o & ~(acct_origin_t) (ACCT_ORIGIN_GAP
                                                      | ACCT_ORIGIN_HIDDEN
                                                      | ACCT_ORIGIN_CASE));
            origin[0] = o;

            p += len;
            origin += len;
        }

        pane->len = (size_t) (p - pane->data);

        /* what has no reading stands there itself */

        for (from = i; i < n; i++) {
            cc = han->cc[i];

            if (acct_cc_group(cc) == ACCT_CLASS_HAN
                && acct_reading(acct_cc_char(cc), &letters))
            {
                break;
            }

            if (acct_cc_group(cc) == ACCT_CLASS_LATIN
                && acct_cc_is(cc, ACCT_CLASS_MAP))
            {
                cc = acct_strip_marks(acct_cc_char(cc));
                han->cc[i] = acct_classed(cc);
            }
        }

        acct_pane_put(pane, han->cc + from, han->origin + from, i - from);

        if (p > full) {
            rc = acct_pane_settle(t, ACCT_VIEW_SOUND);

            if (rc != ACCT_OK) {
                return rc;
            }
        }
    }

    return acct_pane_settle(t, ACCT_VIEW_SOUND);
}


static int
acct_text_latin(acct_text_t *t, size_t n, unsigned last, unsigned bits)
{
    size_t              i, end, from, to;
    acct_chars_t       *base, *out;
    const acct_sets_t  *sets;

    base = &t->base;
    sets = &t->sets;
    out = &t->out;
    out->n = 0;
    i = 0;

    /* a token that the batch before this one left unfinished */

    if (t->ntoken) {
        i = acct_set_none(sets->token, 0, n);
        acct_latin_gather(t, 0, i);

        if (i < n || last) {
            acct_latin_token(t);
        }

        bits = i ? 0 : bits;

    } else if (t->latin_bits == 0 && sets->kept
               && acct_set_next(sets->token, 0, n) == n)
    {
        return acct_pane_again(t, ACCT_VIEW_LATIN, base->cc, base->origin, n);
    }

    /* and the one that this one does */

    end = n;

    while (!last && end > i && acct_set_has(sets->token, end - 1)) {
        end--;
    }

    if (i < end && bits == t->latin_bits
        && acct_set_next(sets->fold, 0, n) == n
        && acct_latin_bare(t, i, end, n))
    {
        i = end;
    }

    while (i < end) {
        to = acct_set_next(sets->fold, i, end);
        from = to;

        while (from > i && from < end && acct_set_has(sets->token, from - 1)) {
            from--;
        }

        if (from > i) {
            acct_latin_plain(t, i, from);
        }

        if (from < end) {
            to = acct_set_none(sets->token, to, end);
            acct_latin_gather(t, from, to);
            acct_latin_token(t);
        }

        i = to;
    }

    if (end < n) {
        acct_latin_gather(t, end, n);
    }

    acct_pane_put(t->panes[ACCT_VIEW_LATIN], out->cc, out->origin, out->n);

    return acct_pane_settle(t, ACCT_VIEW_LATIN);
}


/*
 * All words of the batch are plain: from i up to end latin is what bare has
 * written, but for l.  What stands before and behind are letters of tokens, a
 * byte each.
 */

static unsigned
acct_latin_bare(acct_text_t *t, size_t i, size_t end, size_t n)
{
    size_t              from, len, k;
    acct_pane_t        *pane;
    acct_chars_t       *out;
    const acct_same_t  *bare;

    bare = &t->same;
    out = &t->out;

    if (bare->pane == NULL || bare->start < bare->pane->offset
        || (bare->pane != t->panes[ACCT_VIEW_BARE] && !t->sets.kept)
        || acct_step(DROP) != acct_step(LATIN_DROP))
    {
        return 0;
    }

    pane = t->panes[ACCT_VIEW_LATIN];

    acct_pane_put(pane, out->cc, out->origin, out->n);
    out->n = 0;

    from = (size_t) (bare->start - bare->pane->offset) + i;
    len = bare->len - i - (n - end);

    memcpy(pane->data + pane->len, bare->pane->data + from, len);
    memcpy(pane->origin + pane->len, bare->pane->origin + from,
           len * sizeof(acct_origin_t));

    if (t->sets.ell) {
        for (k = 0; k < len; k += ACCT_BLOCK) {
            acct_block_put(pane->data + pane->len + k, 'l', 'i');
        }
    }

    pane->len += len;

    /* what was dropped behind the last one */

    for (k = end; k > i && !acct_set_has(t->sets.keep, k - 1); k--) {
        /* void */
    }

    if (k > i) {
        t->latin_bits = 0;
    }

    if (k < end) {
        t->latin_bits |= ACCT_ORIGIN_GAP;

        if (acct_set_next(t->sets.odd, k, end) < end) {
            t->latin_bits |= acct_step(LATIN_DROP);
        }
    }

    return 1;
}


/*
 * Words in which there is nothing to fold but l, and what stands between: most
 * of most text.  What ASCII there is goes into the window at once, behind what
 * waits in out.
 */

static void
acct_latin_plain(acct_text_t *t, size_t i, size_t n)
{
    size_t         k, len;
    acct_cc_t      l;
    acct_pane_t   *pane;
    acct_chars_t  *out;

    out = &t->out;

    if (!t->sets.ascii) {
        k = out->n;
        acct_keep_chars(t, i, n, acct_step(LATIN_DROP), out, &t->latin_bits);

        if (t->sets.ell) {
            l = acct_base_ascii['l'];

            for ( /* void */ ; k < out->n; k++) {
                out->cc[k] = out->cc[k] == l ? acct_base_ascii['i']
                                             : out->cc[k];
            }
        }

        return;
    }

    pane = t->panes[ACCT_VIEW_LATIN];

    acct_pane_put(pane, out->cc, out->origin, out->n);
    out->n = 0;

    k = pane->len;
    len = k + acct_keep_bytes(t, i, n, acct_step(LATIN_DROP), pane,
                              &t->latin_bits);

    for ( /* void */ ; k < len; k += ACCT_BLOCK) {
        acct_block_put(pane->data + k, 'l', 'i');
    }
}


/* Characters of a token; one that is too long is two */

static void
acct_latin_gather(acct_text_t *t, size_t i, size_t n)
{
    for ( /* void */ ; i < n; i++) {

        if (t->ntoken == ACCT_TOKEN) {
            acct_latin_token(t);
        }

        t->token[t->ntoken] = t->base.cc[i];
        t->token_origin[t->ntoken++] = t->base.origin[i];
    }
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
    size_t              k, to;
    const acct_sets_t  *sets;

    sets = &t->sets;
    to = acct_set_next(sets->number, i, n);

    if (to < n ? acct_cc_char(t->base.cc[to]) != '-' : !last) {

        /* a token that has begun with a letter is no number */

        k = to;

        while (k > i && acct_set_has(sets->latin, k - 1)) {
            k--;
        }

        if (k > i) {
            t->spoilt = 0;
        }

        if (k > i || !t->spoilt) {
            to = k;
        }
    }

    if (acct_set_none(sets->keep, i, to) < to) {
        t->digits_bits |= ACCT_ORIGIN_GAP;

        if (acct_set_next(sets->odd, i, to) < to) {
            t->digits_bits |= acct_step(FILLER);
        }
    }

    return to - i;
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

        if (t->filler && t->ndigits == 0) {
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

    acct_pane_put(t->panes[ACCT_VIEW_DIGITS], t->out.cc, t->out.origin,
                  t->out.n);

    return acct_pane_settle(t, ACCT_VIEW_DIGITS);
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
