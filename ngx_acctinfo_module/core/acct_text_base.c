
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * raw -> base.
 */


#include "acct_lane.h"


static const uint8_t *acct_base_run(acct_text_t *t, const uint8_t *start,
    const uint8_t *end, uint64_t pos);
static void acct_base_char(acct_text_t *t, uint32_t c, acct_origin_t o);
static void acct_base_starter(acct_text_t *t, acct_cc_t cc, acct_origin_t o);
static void acct_base_special(acct_text_t *t, uint32_t c, uint32_t head,
    acct_origin_t o);
static void acct_base_stray(acct_text_t *t);
static void acct_base_regionals(acct_text_t *t);
static void acct_base_drop(acct_text_t *t, unsigned what, acct_origin_t o);
static unsigned acct_base_bridge(acct_text_t *t, acct_cc_t cc);
static void acct_base_touch(acct_text_t *t, acct_origin_t o);
static void acct_base_close(acct_text_t *t);
static int acct_base_loose(acct_text_t *t, uint32_t mark);
static uint32_t acct_base_letter(acct_text_t *t);


/* whether c is one of the 26 letters from first on */

static inline unsigned
acct_base_within(uint32_t c, uint32_t first)
{
    return c - first < 26;
}


int
acct_text_base(acct_text_t *t, const uint8_t *p, size_t n)
{
    int             rc, len;
    uint32_t        c;
    const uint8_t  *start, *end;

    start = p;
    end = p + n;

    while (p < end) {

        if (t->base.n >= ACCT_BATCH) {
            rc = acct_base_flush(t, 0);

            if (rc != ACCT_OK) {
                return rc;
            }
        }

        if (!(t->nmarks | t->nregional | t->pend | t->stray)) {
            p = acct_base_run(t, p, end, t->pos + (uint64_t) (p - start));

            if (p == end || t->base.n >= ACCT_BATCH) {
                continue;
            }
        }

        len = acct_utf8_read(p, (size_t) (end - p), &c);

        if (len <= 0) {
            t->flags |= acct_flag_bit(ACCT_FLAG_BAD_UTF8);
            len = len ? -len : (int) (end - p);
            c = ACCT_REPLACEMENT;
        }

        acct_base_char(t, c, acct_origin(t->pos + (uint64_t) (p - start), len,
                                         0));
        t->small = acct_base_within(c, 'a');
        p += len;
    }

    return ACCT_OK;
}


/* Whether a word of bytes may hold one below a space, or DEL: never missed */

static inline unsigned
acct_base_odd(uint64_t word)
{
    uint64_t  del, ones;

    ones = 0x0101010101010101;
    del = word ^ (0x7f * ones);

    return (((word - 0x20 * ones) & ~word) | ((del - ones) & ~del))
           & (0x80 * ones) ? 1 : 0;
}


/* Which bytes of a word are capitals of ASCII, by their highest bit */

static inline uint64_t
acct_base_capitals(uint64_t word)
{
    uint64_t  ones, seven;

    ones = 0x0101010101010101;
    seven = word & (0x7f * ones);

    return (seven + (0x80 - 'A') * ones) & ~(seven + (0x7f - 'Z') * ones)
           & ~word & (0x80 * ones);
}


/* whether a small letter stands before p, in the run or before its start */

static inline unsigned
acct_base_small(const acct_text_t *t, const uint8_t *start, const uint8_t *p)
{
    return p > start ? acct_base_within(p[-1], 'a') : t->small;
}


/* marks those of n bytes that are capitals behind a small letter */

static void
acct_base_case(const uint8_t *p, size_t n, unsigned small,
    acct_origin_t *origin)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        if (small && acct_base_within(p[i], 'A')) {
            origin[i] |= ACCT_ORIGIN_CASE;
        }

        small = acct_base_within(p[i], 'a');
    }
}


/*
 * Characters that become one each, which none before them composes with:
 * nearly all of nearly every text.  Stops at the first other one.  ASCII goes
 * a word at a time, and may go past the end of the batch by less than one.
 */

static const uint8_t *
acct_base_run(acct_text_t *t, const uint8_t *start, const uint8_t *end,
    uint64_t pos)
{
    size_t            n;
    unsigned          i, kind, len;
    uint32_t          c, head;
    uint64_t          word;
    acct_cc_t        *cc, *cc_end;
    acct_origin_t    *origin, o, three;
    const uint8_t    *p;
    const uint32_t   *r;

    cc = t->base.cc + t->base.n;
    cc_end = t->base.cc + ACCT_BATCH;
    origin = t->base.origin + t->base.n;
    o = acct_origin(pos, 0, 0);

    for (p = start; p < end && cc < cc_end; p += len) {

        len = 0;

        if (*p < 0x80) {
            n = 8;

            while (n == 8 && end - p >= 8 && cc < cc_end) {
                memcpy(&word, p, 8);

                if (acct_base_odd(word)) {
                    break;
                }

                for (i = 0; i < 8; i++) {
                    cc[i] = acct_base_ascii[p[i] & 0x7f];
                }

                acct_block_origins(origin, o + acct_origin(p - start, 1, 0));

                n = acct_utf8_ascii(word);

                if (acct_base_capitals(word)) {
                    acct_base_case(p, n, acct_base_small(t, start, p), origin);
                }

                cc += n;
                origin += n;
                p += n;
            }

            for (i = 0; i < 8 && p < end && *p < 0x80 && cc < cc_end; i++) {
                c = acct_base_ascii[*p];

                if (c == 0) {
                    goto done;
                }

                *cc++ = c;
                *origin = o + acct_origin(p - start, 1, 0);
                acct_base_case(p, 1, acct_base_small(t, start, p), origin);
                origin++;
                p++;
            }

            continue;
        }

        /* Chinese text: no bound to check but one */

        n = (size_t) (end - p) / 3;
        n = n < (size_t) (cc_end - cc) ? n : (size_t) (cc_end - cc);
        three = o + acct_origin(p - start, 3, 0);

        for ( /* void */ ; n > 1; n--, p += 3) {
            c = acct_utf8_three(p);

            if (c == 0) {
                break;
            }

            kind = acct_class_kind(c);

            if (kind == ACCT_CLASS_SPECIAL) {
                r = acct_base_record(c);

                if (r[0] != (ACCT_BASE_PLAIN | 1)) {
                    break;
                }

                *cc++ = r[1];

            } else {
                *cc++ = c + acct_class_add[kind];
            }

            *origin++ = three;
            three += acct_origin(3, 0, 0);
        }

        /* letters of two bytes, and what becomes one of them */

        while (end - p > 1 && cc < cc_end && acct_utf8_is_two(p)) {
            kind = acct_class_kind((p[0] & 0x1fu) << 6 | (p[1] & 0x3f));

            if (kind == ACCT_CLASS_SPECIAL) {
                break;
            }

            *cc++ = ((p[0] & 0x1fu) << 6 | (p[1] & 0x3f))
                    + acct_class_add[kind];
            *origin++ = o + acct_origin(p - start, 2, 0);
            p += 2;
        }

        if (p == end || cc == cc_end) {
            break;
        }

        if (*p < 0x80) {
            continue;
        }

        if ((*p & 0xf0) == 0xe0) {

            if (end - p < 3 || (((p[1] ^ 0x80) | (p[2] ^ 0x80)) & 0xc0)) {
                break;
            }

            c = ((p[0] & 0x0fu) << 12) | ((p[1] & 0x3fu) << 6)
                | (p[2] & 0x3f);

            if (c < 0x800) {
                break;
            }

            len = 3;

        } else if (*p < 0xe0) {

            if (*p < 0xc2 || end - p < 2 || (p[1] & 0xc0) != 0x80) {
                break;
            }

            c = ((p[0] & 0x1fu) << 6) | (p[1] & 0x3f);
            len = 2;

        } else {

            if (end - p < 4
                || (((p[1] ^ 0x80) | (p[2] ^ 0x80) | (p[3] ^ 0x80)) & 0xc0))
            {
                break;
            }

            c = ((p[0] & 0x0fu) << 18) | ((p[1] & 0x3fu) << 12)
                | ((p[2] & 0x3fu) << 6) | (p[3] & 0x3f);

            if (c - 0x10000 >= 0x100000) {
                break;
            }

            len = 4;
        }

        /* a surrogate has a record of its own, that is not PLAIN */

        kind = acct_class_kind(c);

        if (kind != ACCT_CLASS_SPECIAL) {
            *cc++ = c + acct_class_add[kind];
            *origin++ = o + acct_origin(p - start, len, 0);
            continue;
        }

        r = acct_base_record(c);
        head = r[0] & ~(uint32_t) ACCT_BASE_ALTERED;

        if (head != (ACCT_BASE_PLAIN | 1)) {
            break;
        }

        *cc++ = r[1];
        *origin++ = o + acct_origin(p - start, len,
                                    r[0] == head ? 0 : acct_step(CASEFOLD));
    }

done:

    t->small = acct_base_small(t, start, p);
    t->base.n = (size_t) (cc - t->base.cc);

    return p;
}


/* any character of the value, by its row of the base table */

static void
acct_base_char(acct_text_t *t, uint32_t c, acct_origin_t o)
{
    unsigned         cls, i, n;
    uint32_t         head;
    const uint32_t  *r;

    cls = acct_class(c);

    if (cls != ACCT_CLASS_SPECIAL) {
        acct_base_starter(t, acct_cc(c, cls), o);
        return;
    }

    r = acct_base_record(c);

    if (r[0] & ACCT_BASE_FLAG) {
        t->regional[t->nregional] = (uint8_t) (c - ACCT_REGIONAL_A);
        t->regional_origin[t->nregional++] = o;

        if (t->nregional == ACCT_REGIONALS) {
            acct_base_regionals(t);
        }

        return;
    }

    if (t->nregional) {
        acct_base_regionals(t);
    }

    if (r[0] & ACCT_BASE_DROP) {
        acct_base_drop(t, (r[0] >> 16) & 0xff, o);
        return;
    }

    if (r[0] & ACCT_BASE_SELF) {
        acct_base_special(t, c, r[0], o);
        return;
    }

    /* PLAIN, RADICALS, SPACES and CASEFOLD: the generator chose the row */

    if (r[0] & ACCT_BASE_ALTERED) {
        o |= acct_step(CASEFOLD);
    }

    n = r[0] & ACCT_BASE_LEN;

    for (i = 1; i <= n; i++) {
        c = acct_cc_char(r[i]);
        head = acct_base_head(c);

        if (head & ACCT_BASE_SELF) {
            acct_base_special(t, c, head, o);

        } else {
            acct_base_starter(t, r[i], o);
        }
    }
}


static void
acct_base_starter(acct_text_t *t, acct_cc_t cc, acct_origin_t o)
{
    if (t->nregional) {
        acct_base_regionals(t);
    }

    if (t->stray) {
        acct_base_stray(t);
    }

    if (t->nmarks) {
        acct_base_close(t);
    }

    if (t->pend) {
        o |= acct_base_bridge(t, cc);
    }

    t->base.cc[t->base.n] = cc;
    t->base.origin[t->base.n++] = o;
}


/* a mark, or a starter that may compose with the one before it */

static void
acct_base_special(acct_text_t *t, uint32_t c, uint32_t head, acct_origin_t o)
{
    size_t         n;
    unsigned       ccc;
    uint32_t       composed, letter;
    acct_cc_t      cc;
    acct_mark_t   *m;

    cc = c | (head & 0xff000000);
    ccc = (head >> 16) & 0xff;

    if (t->stray) {
        composed = acct_compose(t->stray, c);

        if (composed) {
            o = acct_origin_cover(t->stray_origin, o);
            t->stray = 0;
            acct_base_char(t, composed, o);
            return;
        }

        acct_base_stray(t);
    }

    if (t->pend) {
        o |= acct_base_bridge(t, cc);
    }

    if (ccc) {

        /* past the bound they stand as at the beginning of a value */

        if (t->nmarks == ACCT_MARKS) {
            t->flags |= acct_flag_bit(ACCT_FLAG_MARKS);
            acct_base_touch(t, o | acct_step(LOOSE));
            return;
        }

        m = &t->marks[t->nmarks++];
        m->cc = cc;
        m->ccc = ccc;
        m->nonspacing = head & ACCT_BASE_NONSPACING;
        m->origin = o;

        return;
    }

    letter = 0;

    if (head & ACCT_BASE_NONSPACING) {
        if (acct_base_loose(t, c)) {
            t->stray = c;
            t->stray_origin = o;

            if (!(head & ACCT_BASE_FIRST)) {
                acct_base_stray(t);
            }

            return;
        }

        letter = acct_base_letter(t);
    }

    n = t->base.n;

    if (t->nmarks) {
        acct_base_close(t);
    }

    /* UAX #15, D115: nothing stands between the two */

    if ((head & ACCT_BASE_SECOND) && n && n == t->base.n) {
        composed = acct_compose(acct_cc_char(t->base.cc[n - 1]), c);

        if (composed) {
            t->base.cc[n - 1] = acct_classed(composed);
            t->base.origin[n - 1] = acct_origin_cover(t->base.origin[n - 1],
                                                      o);
            return;
        }
    }

    t->letter = letter;

    t->base.cc[t->base.n] = cc;
    t->base.origin[t->base.n++] = o;
}


static void
acct_base_stray(acct_text_t *t)
{
    t->stray = 0;
    t->flags |= acct_flag_bit(ACCT_FLAG_MARKS);

    acct_base_touch(t, t->stray_origin | acct_step(LOOSE));
}


/* UTS #51: a run of regional indicators, flags all of it or letters */

static void
acct_base_regionals(acct_text_t *t)
{
    unsigned   i, n, pair, flags;
    uint32_t   c;

    n = t->nregional;
    t->nregional = 0;

    flags = n % 2 == 0;

    for (i = 0; flags && i < n; i += 2) {
        pair = t->regional[i] * 26u + t->regional[i + 1];
        flags = (acct_flag_pairs[pair >> 3] >> (pair & 7)) & 1;
    }

    for (i = 0; i < n; i++) {
        if (flags) {
            c = ACCT_REGIONAL_A + t->regional[i];
            acct_base_starter(t, acct_cc(c, ACCT_CLASS_SYMBOL),
                              t->regional_origin[i]);

        } else {
            acct_base_starter(t, acct_base_ascii['a' + t->regional[i]],
                              t->regional_origin[i] | acct_step(FLAGS));
        }
    }
}


static void
acct_base_drop(acct_text_t *t, unsigned what, acct_origin_t o)
{
    if (what & ACCT_DROP_ENCLOSING) {

        /* a keycap's selector is part of it */

        if ((t->pend & ~ACCT_PEND_GAP) == ACCT_PEND_SELECTOR) {
            t->pend = 0;
        }

        acct_base_touch(t, o | acct_step(ENCLOSING));
        return;
    }

    if (what & ACCT_DROP_CONTROL) {
        t->flags |= acct_flag_bit(ACCT_FLAG_CONTROL);
    }

    if (what & ACCT_DROP_BIDI) {
        t->flags |= acct_flag_bit(ACCT_FLAG_BIDI);
    }

    t->pend |= ACCT_PEND_GAP;

    if (what & ACCT_DROP_JOINER) {
        t->pend |= ACCT_PEND_JOINER;

    } else if (what & ACCT_DROP_SELECTOR) {
        t->pend |= ACCT_PEND_SELECTOR;

    } else {
        t->pend |= ACCT_PEND_OTHER;
    }
}


/* what the dropped means, now that it is known what stands after it */

static unsigned
acct_base_bridge(acct_text_t *t, acct_cc_t cc)
{
    unsigned   bits, pend;
    acct_cc_t  before;

    pend = t->pend;
    t->pend = 0;

    bits = pend & (ACCT_PEND_GAP | ACCT_PEND_HIDDEN);

    if (!(pend & ~(ACCT_PEND_GAP | ACCT_PEND_HIDDEN)) || t->base.n == 0) {
        return bits;
    }

    before = t->base.cc[t->base.n - 1];

    if (!acct_cc_is(before, ACCT_CLASS_KEEP)
        || !acct_cc_is(cc, ACCT_CLASS_KEEP))
    {
        return bits;
    }

    if ((pend & (ACCT_PEND_OTHER | ACCT_PEND_SELECTOR | ACCT_PEND_JOINER))
        == ACCT_PEND_JOINER
        && (acct_script_bits(acct_base_letter(t)) & ACCT_SCRIPT_JOINS)
        && (acct_script_bits(acct_cc_char(cc))
            & (ACCT_SCRIPT_JOINS | ACCT_SCRIPT_INHERITED)))
    {
        return bits;
    }

    t->flags |= acct_flag_bit(ACCT_FLAG_INVISIBLE);

    return bits | acct_step(INVISIBLE);
}


/* what is dropped from a character, and not between it and the next */

static void
acct_base_touch(acct_text_t *t, acct_origin_t o)
{
    acct_origin_t  *last;

    if (t->base.n == 0) {
        t->pend |= ACCT_PEND_GAP | ACCT_PEND_HIDDEN;
        return;
    }

    last = &t->base.origin[t->base.n - 1];
    *last = acct_origin_cover(*last, o);
}


/*
 * UAX #15: canonical order and composition of the marks that were gathered,
 * with the starter before them; then the loose ones go.
 */

static void
acct_base_close(acct_text_t *t)
{
    size_t          n;
    unsigned        i, k, ccc, same, starter;
    uint32_t        a, b, s, head, composed, letter;
    acct_mark_t    *m, one;
    acct_origin_t   so, *last;

    m = t->marks;
    n = t->nmarks;
    t->nmarks = 0;

    starter = t->base.n != 0;
    last = starter ? &t->base.origin[t->base.n - 1] : NULL;
    s = 0;
    so = 0;

    if (starter) {
        s = acct_cc_char(t->base.cc[t->base.n - 1]);
        so = *last;

        for (i = 0; i < ACCT_DECOMPOSED; i++) {
            if (!acct_decompose(s, &a, &b)) {
                break;
            }

            head = acct_base_head(b);
            ccc = (head >> 16) & 0xff;

            if (ccc == 0) {
                break;
            }

            memmove(m + 1, m, n * sizeof(acct_mark_t));

            m[0].cc = acct_classed(b);
            m[0].ccc = ccc;
            m[0].nonspacing = head & ACCT_BASE_NONSPACING;
            m[0].origin = so;

            n++;
            s = a;
        }
    }

    if (n > ACCT_MARKS_MANY) {
        t->flags |= acct_flag_bit(ACCT_FLAG_MARKS);
    }

    for (i = 1; i < n; i++) {
        one = m[i];

        for (k = i; k > 0 && m[k - 1].ccc > one.ccc; k--) {
            m[k] = m[k - 1];
        }

        m[k] = one;
    }

    if (starter) {
        for (i = 0, k = 0, ccc = 0; i < n; i++) {
            composed = m[i].ccc > ccc
                       ? acct_compose(s, acct_cc_char(m[i].cc)) : 0;

            if (composed) {
                s = composed;
                *last = acct_origin_cover(*last, m[i].origin);

            } else {
                ccc = m[i].ccc;
                m[k++] = m[i];
            }
        }

        n = k;
        t->base.cc[t->base.n - 1] = acct_classed(s);
    }

    letter = acct_base_letter(t);

    for (i = 0; i < n; i++) {
        if (m[i].nonspacing && acct_base_loose(t, acct_cc_char(m[i].cc))) {

            /* what folding a capital left over, or could have, is no sign */

            same = starter
                   && (acct_origin_start(m[i].origin) == acct_origin_start(so)
                       || (s == 'i'
                           && acct_cc_char(m[i].cc) == ACCT_COMBINING_DOT));

            if (!same) {
                t->flags |= acct_flag_bit(ACCT_FLAG_MARKS);
                m[i].origin |= acct_step(LOOSE);
            }

            if (starter) {
                *last = acct_origin_cover(*last, m[i].origin);

            } else {
                acct_base_touch(t, m[i].origin);
            }

            m[i].ccc = 0;
        }
    }

    for (i = 0; i < n; i++) {
        if (m[i].ccc) {
            t->base.cc[t->base.n] = m[i].cc;
            t->base.origin[t->base.n++] = m[i].origin;
        }
    }

    t->letter = letter;
}


static int
acct_base_loose(acct_text_t *t, uint32_t mark)
{
    unsigned  script, bits, mark_script, overlay;
    uint32_t  letter;

    letter = acct_base_letter(t);
    overlay = ACCT_BASE_SELF | ACCT_BASE_OVERLAY;

    if (letter == 0 || (acct_base_head(mark) & overlay) == overlay) {
        return 1;
    }

    script = acct_script(letter);
    bits = acct_scripts[script];

    if ((bits & ACCT_SCRIPT_KANA) && (mark == 0x3099 || mark == 0x309a)) {
        return 0;
    }

    mark_script = acct_script(mark);

    return (bits & ACCT_SCRIPT_LOOSE)
           || (!(acct_scripts[mark_script] & ACCT_SCRIPT_INHERITED)
               && mark_script != script);
}


/* the last character that is no mark of category Mn; 0 if there is none */

static uint32_t
acct_base_letter(acct_text_t *t)
{
    uint32_t  c;

    if (t->base.n == 0) {
        return 0;
    }

    c = acct_cc_char(t->base.cc[t->base.n - 1]);

    return acct_base_head(c) & ACCT_BASE_NONSPACING ? t->letter : c;
}


int
acct_base_flush(acct_text_t *t, unsigned last)
{
    int            rc;
    size_t         n;
    acct_chars_t  *base;

    base = &t->base;

    if (last) {
        if (t->nregional) {
            acct_base_regionals(t);
        }

        if (t->stray) {
            acct_base_stray(t);
        }

        if (t->nmarks) {
            acct_base_close(t);
        }
    }

    /* the last character may still compose, and is looked back at */

    n = base->n - (last || base->n == 0 ? 0 : 1);

    rc = acct_text_views(t, n, last);

    base->n -= n;

    if (base->n) {
        base->cc[0] = base->cc[n];
        base->origin[0] = base->origin[n];
    }

    return rc;
}
