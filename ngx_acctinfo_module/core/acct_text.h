
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acct_text.h: fields -> views.
 *
 * A view is one normalised rendering of a field's value.  The table of views
 * says from which view each is made and by which steps; the table of steps
 * says what each does and whether what it does is evasion.
 *
 * A lane (acct_text_t) renders one value at a time into all the views that
 * are asked for.  It is a push machine: begin, any number of feeds of any
 * cut, end.  What it delivers is a function of the value and of the views
 * asked for, never of the cuts.
 */


#ifndef ACCT_TEXT_H_INCLUDED
#define ACCT_TEXT_H_INCLUDED


#include "acct_base.h"


/* Rows of the views' table, in the order in which matches are ordered */

typedef enum {
    ACCT_VIEW_RAW = 0,
    ACCT_VIEW_BASE,
    ACCT_VIEW_BARE,
    ACCT_VIEW_HAN,
    ACCT_VIEW_LATIN,
    ACCT_VIEW_DIGITS,
    ACCT_VIEW_SOUND,
    ACCT_VIEWS
} acct_view_e;


#define acct_view_bit(v)       (1u << (v))


typedef struct {
    acct_str_t            name;
    acct_view_e           from;         /* the view it is made from */
    unsigned              built;        /* 0: the row is kept, the view is not
                                           there yet */
    unsigned              growth;       /* bytes out a byte in, at most */
} acct_view_t;


extern const acct_view_t  acct_views[ACCT_VIEWS];


/* The row of a name, or ACCT_VIEWS */

acct_view_e acct_view_find(acct_str_t name);


/*
 * Rows of the steps' table: what each step does to a value, from which data,
 * and what of it is evasion.  Evasion is a property of a step: the code takes
 * the bits that a step leaves on an origin from here.
 */

typedef enum {
    ACCT_STEP_DECODE = 0,
    ACCT_STEP_FLAGS,
    ACCT_STEP_PLAIN,
    ACCT_STEP_RADICALS,
    ACCT_STEP_CONTROLS,
    ACCT_STEP_SPACES,
    ACCT_STEP_CASEFOLD,
    ACCT_STEP_INVISIBLE,
    ACCT_STEP_ENCLOSING,
    ACCT_STEP_COMPOSE,
    ACCT_STEP_LOOSE,
    ACCT_STEP_DROP,
    ACCT_STEP_STROKES,
    ACCT_STEP_SIMPLIFY,
    ACCT_STEP_VARIANTS,
    ACCT_STEP_ALIKE,
    ACCT_STEP_SQUEEZE,
    ACCT_STEP_STRIP,
    ACCT_STEP_LOOKALIKES,
    ACCT_STEP_REPEATS,
    ACCT_STEP_LEET,
    ACCT_STEP_PAIRS,
    ACCT_STEP_LATIN_DROP,
    ACCT_STEP_NUMERALS,
    ACCT_STEP_DIGIT_WORDS,
    ACCT_STEP_ROUND,
    ACCT_STEP_FILLER,
    ACCT_STEP_READING,
    ACCT_STEPS
} acct_step_e;


typedef struct {
    acct_str_t            name;
    acct_view_e           view;         /* the view in whose making it stands */
    unsigned              evasive;      /* ACCT_ORIGIN_ALTERED or
                                           ACCT_ORIGIN_HIDDEN where it is an
                                           evasion, else 0 */
    const char           *when;         /* it is: always if NULL */
    const char           *source;       /* of its data; NULL: code alone */
} acct_step_t;


extern const acct_step_t  acct_steps[ACCT_STEPS];


/*
 * Where a character of a view came from.
 *
 *   bits 63..26   offset of its first byte in the original value
 *   bits 25..4    length of the original bytes that made it, at most
 *                 ACCT_ORIGIN_LEN_MAX (what was dropped between a letter and
 *                 a mark that composed with it counts, and so do marks and
 *                 enclosing marks that were dropped from the letter itself;
 *                 what was dropped before the character does not)
 *   bit 3         case: it was a capital of ASCII behind a small letter
 *   bit 2         altered: an evasive step made the character what it is
 *   bit 1         hidden: something was dropped evasively between the
 *                 character before it and it
 *   bit 0         gap: something was dropped between the character before it
 *                 and it
 *
 * A span is evasive if any of its characters is altered, or any but its first
 * has something hidden before it: what was dropped before a match lies
 * outside of it.
 *
 * Several characters of a view may share one origin (a squared word, a
 * reading): a character's edge is where the offset changes.  Offsets may go
 * backwards now and then, where marks were put in order: the span of a match
 * runs from the least offset to the greatest end over its characters.
 */

typedef uint64_t  acct_origin_t;

#define ACCT_ORIGIN_GAP           1u
#define ACCT_ORIGIN_HIDDEN        2u
#define ACCT_ORIGIN_ALTERED       4u
#define ACCT_ORIGIN_CASE          8u
#define ACCT_ORIGIN_LEN_MAX       0x3fffffu

#define acct_origin(start, len, bits)                                         \
    (((acct_origin_t) (start) << 26) | ((acct_origin_t) (len) << 4) | (bits))
#define acct_origin_start(o)      ((uint64_t) ((o) >> 26))
#define acct_origin_len(o)                                                    \
    ((uint32_t) (((o) >> 4) & ACCT_ORIGIN_LEN_MAX))
#define acct_origin_end(o)        (acct_origin_start(o) + acct_origin_len(o))


/*
 * Windows.
 *
 * A view is delivered in windows of at most ACCT_WINDOW + ACCT_OVERLAP bytes
 * of view, cut at characters, at places that depend on the view alone.  Each
 * window but the first begins with a repetition of the last bytes of the one
 * before ("seen": at least ACCT_OVERLAP bytes and one character more, so that
 * a match of up to ACCT_OVERLAP bytes that ends after them lies in the window
 * together with the character before it).
 *
 * The last window of a view has "last" set; every view asked for has exactly
 * one, be it empty, when end() returns.  data and origin are borrowed for the
 * time of the call.
 */

#define ACCT_WINDOW      4096
#define ACCT_OVERLAP     1024


typedef struct {
    acct_view_e           view;
    const uint8_t        *data;        /* whole characters of valid UTF-8; not
                                          NULL even if len is 0 */
    size_t                len;
    const acct_origin_t  *origin;      /* an entry for each byte of data; only
                                          those of a character's first byte
                                          are set */
    size_t                seen;        /* bytes of data delivered before */
    uint64_t              offset;      /* of data[0] in the view */
    unsigned              last;
    unsigned              trailing;    /* with last: ACCT_ORIGIN_GAP and
                                          ACCT_ORIGIN_HIDDEN of what was
                                          dropped after the last character */
} acct_window_t;


/* Anything but ACCT_OK ends the rendering; feed() or end() return it */

typedef int (*acct_window_pt)(void *ctx, const acct_window_t *w);


typedef struct acct_text_s  acct_text_t;


/*
 * A lane.  Buffers of a view are allocated when it is first asked for and
 * kept; a lane is reused for one value after another.  NULL on failure.
 */

acct_text_t *acct_text_create(const acct_alloc_t *a);
void acct_text_destroy(acct_text_t *t);


/*
 * Begins a value; views is a set of acct_view_bit()s.  A value that was begun
 * and not ended is forgotten.  ACCT_ERROR: out of memory.
 */

int acct_text_begin(acct_text_t *t, unsigned views, acct_window_pt handler,
    void *ctx);

int acct_text_feed(acct_text_t *t, const uint8_t *p, size_t n);
int acct_text_end(acct_text_t *t);


/*
 * Masks.  What people read through depends on what stands around it: a letter
 * of another script within a word, letters drawn apart, points and stretching
 * that a word is read without.  At the first mask open() is called, once at
 * most and from within feed() or end(): it gives a second lane that has begun,
 * for views made from base, and that the caller ends after the first.  It
 * renders the value, or the end of a long one and all that follows, with the
 * masks off; its origins are those of the value, and its flags say nothing.
 * After begin(); ACCT_ERROR: out of memory.
 */

typedef int (*acct_second_pt)(void *ctx, acct_text_t **second);

int acct_text_unmask(acct_text_t *t, acct_second_pt open, void *ctx);


/*
 * The flags that the steps raised for the value since begin(), as a set of
 * acct_flag_bit()s (acct_policy.h): bad_utf8 always; control, invisible,
 * bidi, marks if base or a view made from it was asked for; mixed_script if
 * latin was.
 */

uint32_t acct_text_flags(const acct_text_t *t);


/*
 * Renders a whole value into one view and appends it to out.  This is how a
 * rule's own literals are folded: the same machine, once.  evasive, if not
 * NULL, is set to whether any step was evasive.
 */

int acct_text_render(acct_text_t *t, acct_view_e view, acct_str_t value,
    acct_buf_t *out, unsigned *evasive);

/*
 * The forms of a word of a rule.  What may be written in two ways is one in the
 * second (unicode/unmask.txt, "even" and "masked"), and besides Han is
 * simplified in the third, which is how the word stands where masks are off.
 */

typedef enum {
    ACCT_FORM_PLAIN = 0,
    ACCT_FORM_SECOND,
    ACCT_FORM_UNMASKED,
    ACCT_FORMS
} acct_form_e;

int acct_text_render_form(acct_text_t *t, acct_view_e view, acct_str_t value,
    acct_form_e form, acct_buf_t *out);

/*
 * Likewise with the masks off, which takes a second lane: *worn says whether
 * the value wears any, and nothing is appended where it does not.
 */

int acct_text_render_unmasked(acct_text_t *t, acct_text_t *second,
    acct_view_e view, acct_str_t value, acct_buf_t *out, unsigned *worn);


#endif /* ACCT_TEXT_H_INCLUDED */
