
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acct_wires.c: how fields are spelled, compiled for the readers.
 */


#include "acct_reader.h"


/* What most names that are not ours differ in: their length, and their first
   and last bytes, folded */

#define ACCT_KEY_HIGH          0x10000000

#define acct_mark_has(s, i)    ((s)[(i) / 64] & ((uint64_t) 1 << ((i) % 64)))


/* One step of a JSON path */

typedef enum {
    ACCT_STEP_KEY = 0,
    ACCT_STEP_ELEMENT,
    ACCT_STEP_ANY
} acct_step_e;


/*
 * A walk over a path.  Each call of acct_path_next() brings one step; a key's
 * text is collected in buf, which has room for the whole wire.
 */

typedef struct {
    acct_str_t            rest;
    uint8_t              *buf;
    size_t                len;
    unsigned              more;        /* a segment begins at rest */
    unsigned              inside;      /* its "[]" are due */
} acct_walk_t;


static unsigned acct_mark(const uint8_t *p, size_t n);
static unsigned acct_mark_of(size_t n, uint8_t first, uint8_t last);
static int acct_path_next(acct_walk_t *walk, acct_step_e *step);
static size_t acct_path_brackets(acct_str_t s);
static int acct_wires_paths(acct_wires_t *w, const acct_wire_t *wires,
    size_t n, uint8_t *buf);
static int acct_wires_names(acct_wires_t *w, const acct_wire_t *wires,
    size_t n, uint8_t *buf);
static int acct_wires_stem(acct_wires_t *w, const acct_wire_t *wire,
    const acct_walk_t *walk, size_t state);
static unsigned acct_wire_escape(acct_str_t text, size_t i);
static size_t acct_wire_name(const acct_wires_t *w, acct_str_t text,
    uint8_t *buf, uint8_t *norm, unsigned *glob);
static size_t acct_key_fold(uint8_t *dst, const uint8_t *src, size_t n);
static size_t acct_key_shorten(uint8_t *dst, const uint8_t *src, size_t n);
static size_t acct_key_strip(uint8_t *dst, size_t size, const uint8_t *src,
    size_t n);
static size_t acct_key_normal(const acct_wires_t *w, uint8_t *dst,
    const uint8_t *p, size_t n, unsigned high);
static unsigned acct_key_odd(const uint8_t *p, size_t n);
static int acct_wires_key(acct_wires_t *w, acct_str_t text);
static unsigned acct_name_digits(acct_str_t s);
static size_t acct_name_rewrite(uint8_t *to, size_t size, const uint8_t *p,
    size_t n, unsigned *other);
static void acct_path_close(const acct_wires_t *w, uint64_t *set);
static int acct_glob_match(acct_str_t glob, const uint8_t *p, size_t n);
static uint64_t acct_name_match(const acct_wires_t *w, const uint8_t *p,
    size_t n, uint64_t *hits);
static void acct_norm_one(acct_norm_t *n, uint8_t c);
static void acct_norm_put(acct_norm_t *n, uint8_t c);


/* What most names are made of, folded; the others take the longer way */

const uint8_t  acct_norm_plain[256] = {
    ['0'] = '0', ['1'] = '1', ['2'] = '2', ['3'] = '3', ['4'] = '4',
    ['5'] = '5', ['6'] = '6', ['7'] = '7', ['8'] = '8', ['9'] = '9',
    ['A'] = 'a', ['B'] = 'b', ['C'] = 'c', ['D'] = 'd', ['E'] = 'e',
    ['F'] = 'f', ['G'] = 'g', ['H'] = 'h', ['I'] = 'i', ['J'] = 'j',
    ['K'] = 'k', ['L'] = 'l', ['M'] = 'm', ['N'] = 'n', ['O'] = 'o',
    ['P'] = 'p', ['Q'] = 'q', ['R'] = 'r', ['S'] = 's', ['T'] = 't',
    ['U'] = 'u', ['V'] = 'v', ['W'] = 'w', ['X'] = 'x', ['Y'] = 'y',
    ['Z'] = 'z',
    ['a'] = 'a', ['b'] = 'b', ['c'] = 'c', ['d'] = 'd', ['e'] = 'e',
    ['f'] = 'f', ['g'] = 'g', ['h'] = 'h', ['i'] = 'i', ['j'] = 'j',
    ['k'] = 'k', ['l'] = 'l', ['m'] = 'm', ['n'] = 'n', ['o'] = 'o',
    ['p'] = 'p', ['q'] = 'q', ['r'] = 'r', ['s'] = 's', ['t'] = 't',
    ['u'] = 'u', ['v'] = 'v', ['w'] = 'w', ['x'] = 'x', ['y'] = 'y',
    ['z'] = 'z',
    ['_'] = '_'
};


static unsigned
acct_mark(const uint8_t *p, size_t n)
{
    return n ? acct_mark_of(n, p[0], p[n - 1]) : 0;
}


static unsigned
acct_mark_of(size_t n, uint8_t first, uint8_t last)
{
    return (unsigned) (n * 29 + (first | 0x20) + 7 * (last | 0x20))
           % ACCT_MARKS_MAX;
}


acct_wires_t *
acct_wires_create(const acct_alloc_t *a, const acct_wire_t *wires, size_t n,
    unsigned exact)
{
    size_t         i, max;
    uint8_t       *buf;
    acct_wires_t  *w;

    max = 0;

    for (i = 0; i < n; i++) {
        if (wires[i].field >= ACCT_WIRE_FIELDS
            || wires[i].text.len > ACCT_KEY_MAX)
        {
            return NULL;
        }

        if (wires[i].text.len > max) {
            max = wires[i].text.len;
        }
    }

    w = acct_calloc(a, sizeof(acct_wires_t));

    if (w == NULL) {
        return NULL;
    }

    w->alloc = a;
    w->exact = exact;

    buf = acct_alloc(a, 2 * max + 2);

    if (buf == NULL
        || acct_wires_names(w, wires, n, buf) != ACCT_OK
        || acct_wires_paths(w, wires, n, buf) != ACCT_OK)
    {
        acct_free(a, buf);
        acct_wires_destroy(w);
        return NULL;
    }

    acct_free(a, buf);

    return w;
}


void
acct_wires_destroy(acct_wires_t *w)
{
    size_t  i;

    if (w == NULL) {
        return;
    }

    for (i = 0; i < w->nnames; i++) {
        acct_free(w->alloc, (void *) w->names[i].text.data);
    }

    for (i = 0; i < w->nkeys; i++) {
        acct_free(w->alloc, (void *) w->keys[i].text.data);
        acct_free(w->alloc, (void *) w->keys[i].bare.data);
    }

    for (i = 0; i < w->nstems; i++) {
        acct_free(w->alloc, (void *) w->stems[i].text.data);
    }

    acct_free(w->alloc, w->stems);
    acct_free(w->alloc, w->names);
    acct_free(w->alloc, w->keys);
    acct_free(w->alloc, w->start);
    acct_free(w->alloc, w->field);
    acct_free(w->alloc, w->name);
    acct_free(w->alloc, w);
}


static int
acct_wires_names(acct_wires_t *w, const acct_wire_t *wires, size_t n,
    uint8_t *buf)
{
    size_t        i, k, len;
    unsigned      glob;
    uint8_t      *norm;
    uint32_t     *first;
    acct_str_t    text;
    acct_name_t  *name;

    w->names = acct_array(w->alloc, n ? n : 1, sizeof(acct_name_t));
    w->name = acct_array(w->alloc, n ? n : 1, sizeof(uint32_t));

    if (w->names == NULL || w->name == NULL) {
        return ACCT_ERROR;
    }

    for (i = 0; i < n; i++) {
        norm = buf + wires[i].text.len + 1;
        len = acct_wire_name(w, wires[i].text, buf, norm, &glob);

        text.data = norm;
        text.len = len;

        for (k = 0; k < w->nnames; k++) {
            if (acct_str_eq(w->names[k].text, text)) {
                break;
            }
        }

        name = &w->names[k];

        if (k == w->nnames) {
            name->text = acct_str_dup(w->alloc, text);

            if (name->text.data == NULL) {
                return ACCT_ERROR;
            }

            name->glob = glob;
            w->globs |= glob;
            w->nnames++;

            if (!glob) {
                first = &w->name_first[acct_mark(text.data, text.len)];
                name->next = *first;
                *first = (uint32_t) w->nnames;
            }

            if (len > w->name_max) {
                w->name_max = len;
            }
        }

        name->fields |= (uint64_t) 1 << wires[i].field;
        w->name[i] = (uint32_t) k;
    }

    w->name_words = acct_set_words(w->nnames ? w->nnames : 1);

    return ACCT_OK;
}


/* "\." is a dot that ends no segment, and "\\" a backslash */

static unsigned
acct_wire_escape(acct_str_t text, size_t i)
{
    return text.data[i] == '\\' && text.len - i > 1
           && (text.data[i + 1] == '.' || text.data[i + 1] == '\\');
}


/*
 * A wire as a form's name: a segment "**" is a glob, but in exact names, which
 * know escapes only.
 */

static size_t
acct_wire_name(const acct_wires_t *w, acct_str_t text, uint8_t *buf,
    uint8_t *norm, unsigned *glob)
{
    size_t       i, len, left;
    unsigned     fresh;
    acct_norm_t  form;

    *glob = 0;
    len = 0;
    fresh = 1;

    for (i = 0; i < text.len; i++) {
        left = text.len - i;

        if (acct_wire_escape(text, i)) {
            i++;
            fresh = 0;

        } else if (!w->exact && fresh
                   && left >= 2 && memcmp(&text.data[i], "**", 2) == 0
                   && (left == 2 || text.data[i + 2] == '.'))
        {
            buf[len++] = ACCT_GLOB;
            *glob = 1;
            i++;
            continue;

        } else {
            fresh = (text.data[i] == '.');
        }

        buf[len++] = text.data[i];
    }

    memset(&form, 0, sizeof(acct_norm_t));

    form.buf = norm;
    form.size = len;
    form.exact = w->exact;

    acct_norm_reset(&form);

    acct_norm_add(&form, buf, len);

    return form.len;
}


static int
acct_wires_paths(acct_wires_t *w, const acct_wire_t *wires, size_t n,
    uint8_t *buf)
{
    int           rc;
    size_t        i, k, s, nkeys, nstates;
    uint32_t     *name;
    acct_str_t    key;
    acct_step_e   step;
    acct_walk_t   walk;

    nkeys = 0;
    nstates = 0;

    memset(&walk, 0, sizeof(acct_walk_t));
    walk.buf = buf;

    for (i = 0; i < n; i++) {
        walk.rest = wires[i].text;
        walk.more = 1;

        while (acct_path_next(&walk, &step)) {
            nkeys += (step == ACCT_STEP_KEY);
            nstates++;
        }

        nstates++;
    }

    w->nstates = nstates;
    w->words = acct_set_words(nstates ? nstates : 1);

    w->keys = acct_array(w->alloc, nkeys ? nkeys : 1, sizeof(acct_key_t));
    w->start = acct_array(w->alloc, (4 + nkeys) * w->words, sizeof(uint64_t));
    w->field = acct_array(w->alloc, nstates ? nstates : 1, sizeof(uint64_t));
    name = acct_array(w->alloc, nstates ? nstates : 1, sizeof(uint32_t));
    w->stems = acct_array(w->alloc, nstates ? nstates : 1,
                          sizeof(acct_stem_t));

    if (w->stems == NULL || w->keys == NULL || w->start == NULL
        || w->field == NULL || name == NULL)
    {
        acct_free(w->alloc, name);
        return ACCT_ERROR;
    }

    w->any = w->start + w->words;
    w->array = w->any + w->words;
    w->accept = w->array + w->words;
    w->by_key = w->accept + w->words;

    rc = ACCT_OK;
    s = 0;

    for (i = 0; i < n; i++) {
        walk.rest = wires[i].text;
        walk.more = 1;

        acct_set_add(w->start, s);

        while (acct_path_next(&walk, &step)) {

            switch (step) {

            case ACCT_STEP_KEY:
                key.data = buf;
                key.len = w->exact ? walk.len
                                   : acct_key_fold(buf, buf, walk.len);

                for (k = 0; k < w->nkeys; k++) {
                    if (acct_str_eq(w->keys[k].text, key)) {
                        break;
                    }
                }

                if (k == w->nkeys) {
                    if (acct_wires_key(w, key) != ACCT_OK) {
                        rc = ACCT_ERROR;
                        break;
                    }
                }

                acct_set_add(w->by_key + k * w->words, s);
                break;

            case ACCT_STEP_ELEMENT:
                acct_set_add(w->array, s);
                break;

            case ACCT_STEP_ANY:
                acct_set_add(w->any, s);
                w->anys = 1;
                break;
            }

            s++;

            if (rc == ACCT_OK) {
                rc = acct_wires_stem(w, &wires[i], &walk, s);
            }
        }

        acct_set_add(w->accept, s);
        w->field[s] = (uint64_t) 1 << wires[i].field;
        name[s] = w->name[i];
        s++;
    }

    acct_path_close(w, w->start);

    acct_free(w->alloc, w->name);
    w->name = name;

    return rc;
}


/* one key more, the walk's own text */

static int
acct_wires_key(acct_wires_t *w, acct_str_t text)
{
    uint8_t      buf[ACCT_KEY_MAX];
    uint32_t    *first;
    acct_str_t   bare;
    acct_key_t  *key;

    bare.data = buf;
    bare.len = w->exact ? 0 : acct_key_strip(buf, sizeof(buf), text.data,
                                             text.len);

    key = &w->keys[w->nkeys++];

    key->text = acct_str_dup(w->alloc, text);
    key->bare = acct_str_dup(w->alloc, bare);

    if (key->text.data == NULL || key->bare.data == NULL) {
        return ACCT_ERROR;
    }

    first = &w->key_first[acct_mark(text.data, text.len)];
    key->next = *first;
    *first = (uint32_t) w->nkeys;

    if (bare.len) {
        first = &w->key_first_bare[acct_mark(bare.data, bare.len)];
        key->next_bare = *first;
        *first = (uint32_t) w->nkeys;
    }

    if (text.len > w->key_max) {
        w->key_max = text.len;
    }

    return ACCT_OK;
}


/* what of a wire is behind the walk is a stem, if anything is before it */

static int
acct_wires_stem(acct_wires_t *w, const acct_wire_t *wire,
    const acct_walk_t *walk, size_t state)
{
    size_t        len;
    uint8_t       buf[2 * ACCT_KEY_MAX + 2];
    unsigned      glob;
    acct_str_t    text;
    acct_stem_t  *stem;

    if (walk->rest.len == 0) {
        return ACCT_OK;
    }

    text.data = wire->text.data;
    text.len = wire->text.len - walk->rest.len;

    len = acct_wire_name(w, text, buf, buf + text.len + 1, &glob);

    text.data = buf + text.len + 1;
    text.len = len;

    stem = &w->stems[w->nstems];

    stem->text = acct_str_dup(w->alloc, text);
    stem->glob = glob;
    stem->state = (uint32_t) state;

    if (stem->text.data == NULL) {
        return ACCT_ERROR;
    }

    acct_set_add(w->stem_marks, acct_mark(text.data, text.len));
    w->nstems++;

    return ACCT_OK;
}


/*
 * Segments end at a dot.  "[]", and "[0]" likewise, at a segment's end is a
 * step into an array's elements.
 */

static int
acct_path_next(acct_walk_t *walk, acct_step_e *step)
{
    size_t    n, keys;
    uint8_t   c;

    if (walk->inside && walk->rest.len && walk->rest.data[0] == '[') {
        n = 1;

        while (walk->rest.data[n] != ']') {
            n++;
        }

        walk->rest.data += n + 1;
        walk->rest.len -= n + 1;

        *step = ACCT_STEP_ELEMENT;

        return 1;
    }

    if (walk->inside && walk->rest.len) {
        walk->rest.data++;
        walk->rest.len--;
        walk->more = 1;
    }

    walk->inside = 0;

    if (!walk->more) {
        return 0;
    }

    walk->more = 0;
    walk->len = 0;

    n = 0;
    keys = 0;

    while (n < walk->rest.len) {
        c = walk->rest.data[n];

        if (acct_wire_escape(walk->rest, n)) {
            n++;
            keys = 1;
            c = walk->rest.data[n];

        } else if (c == '.') {
            break;

        } else if (c == '['
                   && acct_path_brackets((acct_str_t) {
                          walk->rest.data + n, walk->rest.len - n }))
        {
            break;
        }

        walk->buf[walk->len++] = c;
        n++;
    }

    walk->rest.data += n;
    walk->rest.len -= n;
    walk->inside = 1;

    if (walk->len == 2 && !keys && memcmp(walk->buf, "**", 2) == 0) {
        *step = ACCT_STEP_ANY;
        return 1;
    }

    if (n == 0 && walk->rest.len && walk->rest.data[0] == '[') {
        return acct_path_next(walk, step);
    }

    *step = ACCT_STEP_KEY;

    return 1;
}


/* whether s begins with "[]" or "[0]" pairs up to a dot or its end */

static size_t
acct_path_brackets(acct_str_t s)
{
    size_t  i;

    i = 0;

    while (i < s.len && s.data[i] == '[') {
        i++;

        while (i < s.len && s.data[i] >= '0' && s.data[i] <= '9') {
            i++;
        }

        if (i == s.len || s.data[i] != ']') {
            return 0;
        }

        i++;
    }

    return i == s.len || s.data[i] == '.';
}


/* "**" may stand for nothing; two of them in a row stand for one */

static void
acct_path_close(const acct_wires_t *w, uint64_t *set)
{
    size_t    i, k;
    uint64_t  carry, go, more;

    do {
        more = 0;
        carry = 0;

        for (k = 0; k < w->words; k++) {
            go = set[k] & w->any[k];
            i = (size_t) (go >> 63);
            go = (go << 1) | carry;
            carry = i;

            more |= go & ~set[k];
            set[k] |= go;
        }

    } while (more);
}


void
acct_path_key(const acct_wires_t *w, uint64_t *to, const uint64_t *from,
    size_t key)
{
    size_t           k;
    uint64_t         carry, go;
    const uint64_t  *at;

    at = w->by_key + key * w->words;
    carry = 0;

    for (k = 0; k < w->words; k++) {
        go = (key < w->nkeys) ? from[k] & at[k] : 0;
        to[k] = (go << 1) | carry | (from[k] & w->any[k]);
        carry = go >> 63;
    }

    if (w->anys) {
        acct_path_close(w, to);
    }
}


void
acct_path_element(const acct_wires_t *w, uint64_t *to, const uint64_t *from)
{
    size_t    k;
    uint64_t  carry, go;

    carry = 0;

    for (k = 0; k < w->words; k++) {
        go = from[k] & w->array[k];
        to[k] = (go << 1) | carry | (from[k] & w->any[k]);
        carry = go >> 63;
    }

    if (w->anys) {
        acct_path_close(w, to);
    }
}


uint64_t
acct_path_fields(const acct_wires_t *w, const uint64_t *set)
{
    size_t    k;
    uint64_t  bits, fields;

    fields = 0;

    for (k = 0; k < w->words; k++) {
        for (bits = set[k] & w->accept[k]; bits; bits &= bits - 1) {
            fields |= w->field[k * 64 + (size_t) __builtin_ctzll(bits)];
        }
    }

    return fields;
}


int
acct_path_empty(const acct_wires_t *w, const uint64_t *set)
{
    size_t    k;
    uint64_t  bits;

    bits = 0;

    for (k = 0; k < w->words; k++) {
        bits |= set[k];
    }

    return bits == 0;
}


/*
 * Keys that an application could take for one another: ASCII letters of either
 * case, and the two letters beyond ASCII that simple case folding brings into
 * it (Unicode's CaseFolding.txt, 017F and 212A).
 */

static size_t
acct_key_fold(uint8_t *dst, const uint8_t *src, size_t n)
{
    size_t   i, len;
    uint8_t  c;

    len = 0;

    for (i = 0; i < n; i++) {
        c = src[i];

        if (c >= 'A' && c <= 'Z') {
            c |= 0x20;

        } else if (c == 0xc5 && n - i > 1 && src[i + 1] == 0xbf) {
            c = 's';
            i++;

        } else if (c == 0xe2 && n - i > 2 && src[i + 1] == 0x84
                   && src[i + 2] == 0xaa)
        {
            c = 'k';
            i += 2;
        }

        dst[len++] = c;
    }

    return len;
}


/*
 * Characters in more bytes than they need, which UTF-8 forbids: Java's Jackson
 * decodes two bytes, and three, without asking whether fewer would do.
 */

static size_t
acct_key_shorten(uint8_t *dst, const uint8_t *src, size_t n)
{
    size_t    i, len;
    uint32_t  c;

    len = 0;

    for (i = 0; i < n; i++) {
        c = src[i];

        if ((c == 0xc0 || c == 0xc1) && n - i > 1
            && (src[i + 1] & 0xc0) == 0x80)
        {
            c = (c & 1) << 6 | (src[i + 1] & 0x3f);
            i++;

        } else if (c == 0xe0 && n - i > 2 && (src[i + 1] & 0xe0) == 0x80
                   && (src[i + 2] & 0xc0) == 0x80)
        {
            c = (src[i + 1] & 0x1fu) << 6 | (src[i + 2] & 0x3f);
            i += 2;

        } else {
            dst[len++] = (uint8_t) c;
            continue;
        }

        len += acct_utf8_put(dst + len, c);
    }

    return len;
}


/* a key without its "_" and "-"; no more than size bytes of it are written */

static size_t
acct_key_strip(uint8_t *dst, size_t size, const uint8_t *src, size_t n)
{
    size_t  i, len;

    len = 0;

    for (i = 0; i < n; i++) {
        if (src[i] == '_' || src[i] == '-') {
            continue;
        }

        if (len < size) {
            dst[len] = src[i];
        }

        len++;
    }

    return len;
}


size_t
acct_key_find(const acct_wires_t *w, const uint8_t *p, size_t n,
    unsigned *smart)
{
    size_t             len;
    uint8_t            buf[3 * ACCT_KEY_MAX];
    uint32_t           k;
    unsigned           high;
    const acct_str_t  *key;

    *smart = 0;

    if (!acct_key_maybe(w, p, n)) {
        return w->nkeys;
    }

    high = acct_key_odd(p, n) >= ACCT_KEY_HIGH;

    if (n <= 3 * w->key_max) {
        len = acct_key_normal(w, buf, p, n, high);

        for (k = w->key_first[acct_mark(buf, len)]; k;
             k = w->keys[k - 1].next)
        {
            key = &w->keys[k - 1].text;

            if (key->len == len
                && (len == 0 || memcmp(key->data, buf, len) == 0))
            {
                return k - 1;
            }
        }
    }

    if (w->exact) {
        return w->nkeys;
    }

    len = acct_key_strip(buf, sizeof(buf), p, n);

    if (len > sizeof(buf)) {
        return w->nkeys;
    }

    len = acct_key_normal(w, buf, buf, len, high);

    for (k = w->key_first_bare[acct_mark(buf, len)]; k;
         k = w->keys[k - 1].next_bare)
    {
        key = &w->keys[k - 1].bare;

        if (key->len == len && memcmp(key->data, buf, len) == 0) {
            *smart = 1;
            return k - 1;
        }
    }

    return w->nkeys;
}


static size_t
acct_key_normal(const acct_wires_t *w, uint8_t *dst, const uint8_t *p,
    size_t n, unsigned high)
{
    if (high) {
        n = acct_key_shorten(dst, p, n);
        p = dst;
    }

    if (!w->exact) {
        return acct_key_fold(dst, p, n);
    }

    if (n && p != dst) {
        memcpy(dst, p, n);
    }

    return n;
}


int
acct_key_long(const acct_wires_t *w, const uint8_t *p, size_t n)
{
    return !w->exact && acct_key_strip(NULL, 0, p, n) <= 3 * w->key_max;
}


int
acct_key_maybe(const acct_wires_t *w, const uint8_t *p, size_t n)
{
    unsigned  mark, odd;

    mark = acct_mark(p, n);

    if (w->key_first[mark] || w->key_first_bare[mark]) {
        return 1;
    }

    odd = acct_key_odd(p, n);

    if (odd < ACCT_KEY_HIGH) {
        return odd && !w->exact
               && w->key_first_bare[acct_mark_of(n - odd, p[0], p[n - 1])];
    }

    return 1;
}


/*
 * How many "_" and "-" it has, and ACCT_KEY_HIGH besides if it has a byte
 * beyond ASCII, or one of them in front or behind.
 */

static unsigned
acct_key_odd(const uint8_t *p, size_t n)
{
    size_t    i;
    uint64_t  word, high, bar, dash;
    unsigned  odd;

    const uint64_t  ones = 0x0101010101010101, lows = ones * 0x7f;

    high = 0;
    odd = 0;

    for (i = 0; n - i >= 8; i += 8) {
        memcpy(&word, p + i, 8);

        high |= word;

        /* the top bit of a byte that is neither stays clear */

        bar = ~((((word ^ (ones * '_')) & lows) + lows) | word | lows);
        dash = ~((((word ^ (ones * '-')) & lows) + lows) | word | lows);

        odd += (unsigned) (((bar | dash) >> 7) * ones >> 56);
    }

    for ( /* void */ ; i < n; i++) {
        high |= p[i];
        odd += (p[i] == '_') | (p[i] == '-');
    }

    if ((high & ~lows)
        || (n && (p[0] == '_' || p[0] == '-' || p[n - 1] == '_'
                  || p[n - 1] == '-')))
    {
        odd += ACCT_KEY_HIGH;
    }

    return odd;
}


/* room for the longest name and for a letter of it that is yet to be folded */

size_t
acct_norm_size(const acct_wires_t *w)
{
    return w->globs ? ACCT_NORM_GLOB_MAX : w->name_max + 4;
}


void
acct_norm_init(acct_norm_t *n, const acct_wires_t *w, uint8_t *buf)
{
    memset(n, 0, sizeof(acct_norm_t));

    n->buf = buf;
    n->size = acct_norm_size(w);
    n->exact = w->exact;

    acct_norm_reset(n);
}


void
acct_norm_reset(acct_norm_t *n)
{
    n->len = 0;
    n->cut = ACCT_NORM_NO_CUT;
    n->started = 0;
    n->bracket = 0;
    n->digits = 0;
    n->closed = 0;
    n->later = 0;
    n->deep = 0;
    n->dotted = 0;
    n->placed = 0;
    n->array = 0;
    n->odd = 0;
}


void
acct_norm_add(acct_norm_t *n, const uint8_t *p, size_t len)
{
    size_t     i, k, room;
    uint8_t    c, *q;
    unsigned   digits;

    if (n->exact) {
        room = n->len < n->size ? n->size - n->len : 0;
        room = room < len ? room : len;

        if (room) {
            memcpy(n->buf + n->len, p, room);
        }

        n->len += len;
        return;
    }

    for (i = 0; i < len; i++) {

        if (n->started && !n->closed && n->len < n->size) {
            room = n->size - n->len;
            room = room < len - i ? room : len - i;
            q = n->buf + n->len;
            digits = 1;

            for (k = 0; k < room; k++) {
                c = acct_norm_plain[p[i + k]];

                if (c == 0) {
                    break;
                }

                q[k] = c;
                digits &= (c <= '9');
            }

            n->digits &= digits;
            n->len += k;
            i += k;

            if (i == len) {
                break;
            }
        }

        acct_norm_one(n, p[i]);
    }
}


static void
acct_norm_one(acct_norm_t *n, uint8_t c)
{
    if (!n->started) {
        if (c == ' ' || c == ';' || c == '?' || c == '!'
            || (c >= '\t' && c <= '\r'))
        {
            return;
        }

        n->started = 1;
    }

    if ((c == '\0' || (n->closed && c != '['))
        && n->cut == ACCT_NORM_NO_CUT)
    {
        n->cut = acct_norm_end(n);
    }

    n->later |= n->closed;
    n->closed = 0;

    if (n->bracket && n->len == n->segment + 1
        && (c == ' ' || c == '\'' || c == '"' || (c >= '\t' && c <= '\r')))
    {
        /* blanks in front of a segment are nothing to PHP, and quotes around
           it nothing to Spring */

        return;
    }

    switch (c) {

    case '[':
        n->odd |= (n->bracket || n->len == 0);
        n->placed = acct_norm_place(n);
        n->deep = 1;
        n->dotted = 0;

        if (!n->bracket) {
            n->bracket = 1;
            n->digits = 1;
            n->segment = n->len;

        } else {
            n->digits = 0;
        }

        acct_norm_put(n, '_');
        break;

    case ']':
        if (!n->bracket) {
            n->odd = 1;
            n->digits = 0;
            acct_norm_put(n, c);
            break;
        }

        if (n->digits) {
            n->len = n->segment;
            n->array = 1;

        } else if (n->len <= n->size && (n->buf[n->len - 1] == '\''
                                         || n->buf[n->len - 1] == '"'))
        {
            n->len--;
        }

        n->bracket = 0;
        n->closed = 1;
        break;

    case '.':
        n->deep = 1;

        if (n->bracket) {
            n->digits = 0;

        } else {
            n->placed = acct_norm_place(n);
            n->dotted = 1;
            n->digits = 1;
            n->dot = n->len;
        }

        acct_norm_put(n, '_');
        break;

    case ' ':
        n->digits = 0;
        acct_norm_put(n, '_');
        break;

    default:
        if (c < '0' || c > '9') {
            n->digits = 0;
        }

        acct_norm_put(n, c);
    }
}


static void
acct_norm_put(acct_norm_t *n, uint8_t c)
{
    size_t    len;
    uint8_t  *p;

    if (c >= 'A' && c <= 'Z') {
        c |= 0x20;
    }

    len = n->len++;

    if (len >= n->size) {
        return;
    }

    p = n->buf;
    p[len] = c;

    if (c == 0xbf && len >= 1 && p[len - 1] == 0xc5) {
        p[len - 1] = 's';
        n->len = len;

    } else if (c == 0xaa && len >= 2 && p[len - 1] == 0x84
               && p[len - 2] == 0xe2)
    {
        p[len - 2] = 'k';
        n->len = len - 1;
    }
}


int
acct_name_maybe(const acct_wires_t *w, const uint8_t *p, size_t n)
{
    unsigned  mark;

    if (n == 0 || p[0] == '_' || w->globs || w->anys) {
        return 1;
    }

    mark = acct_mark(p, n);

    return w->name_first[mark] || acct_mark_has(w->stem_marks, mark);
}


uint64_t
acct_name_find(const acct_wires_t *w, const acct_norm_t *n, uint64_t *hits)
{
    uint64_t  fields;

    fields = 0;

    if (n->len <= n->size) {
        fields |= acct_name_match(w, n->buf, n->len, hits);
    }

    if (n->cut <= n->size) {
        fields |= acct_name_match(w, n->buf, n->cut, hits);
    }

    if (n->bracket && acct_norm_end(n) <= n->size) {
        fields |= acct_name_match(w, n->buf, acct_norm_end(n), hits);
    }

    return fields;
}


uint64_t
acct_name_more(const acct_wires_t *w, const acct_norm_t *n, const uint8_t *p,
    size_t len, uint64_t *hits, uint64_t *doubt)
{
    size_t       size;
    uint8_t      buf[ACCT_NORM_GLOB_MAX], text[ACCT_KEY_MAX];
    unsigned     other;
    acct_norm_t  norm;

    other = acct_norm_odd(n);
    *doubt = other ? acct_name_tokens(w, p, len) : 0;

    if (!n->deep) {
        return 0;
    }

    size = acct_name_rewrite(text, sizeof(text), p, len, &other);

    if (!other) {
        return 0;
    }

    if (size > sizeof(text) || len >= ACCT_KEY_MAX) {
        *doubt = UINT64_MAX;
        return 0;
    }

    acct_norm_init(&norm, w, buf);
    acct_norm_add(&norm, text, size);

    if (acct_norm_odd(&norm)) {
        *doubt |= acct_name_tokens(w, text, size);
    }

    return acct_name_find(w, &norm, hits);
}


/*
 * ".a" is made "[a]", and what comes first has neither; other is set where that
 * may be another name.  Returns the length, of which no more than size is
 * written.
 */

static size_t
acct_name_rewrite(uint8_t *to, size_t size, const uint8_t *p, size_t n,
    unsigned *other)
{
    size_t       i, k, len, next;
    uint8_t      mark;
    unsigned     wrap;
    acct_str_t   s;

    static const acct_str_t  proto = acct_string("__proto__");

    len = 0;

    for (i = 0; i < n; i = next) {
        mark = (p[i] == '.' || p[i] == '[') ? p[i] : '\0';
        k = i + (mark != '\0');

        s.data = p + k;

        while (k < n
               && (mark == '[' ? p[k] != ']' : p[k] != '.' && p[k] != '['))
        {
            k++;
        }

        s.len = (size_t) (p + k - s.data);
        next = k + (mark == '[' && k < n);

        if (acct_str_eq(s, proto)) {
            *other = 1;
            continue;
        }

        wrap = (len && mark == '.' && s.len);

        if (mark == '.' && (!wrap || acct_name_digits(s))) {
            *other = 1;
        }

        if (len && !wrap) {
            s.data = p + i;
            s.len = next - i;
        }

        len += s.len + 2 * wrap;

        if (len > size) {
            continue;
        }

        if (wrap) {
            *to++ = '[';
        }

        if (s.len) {
            memcpy(to, s.data, s.len);
            to += s.len;
        }

        if (wrap) {
            *to++ = ']';
        }
    }

    return len;
}


static unsigned
acct_name_digits(acct_str_t s)
{
    size_t  i;

    for (i = 0; i < s.len && s.data[i] >= '0' && s.data[i] <= '9'; i++) {
        /* void */
    }

    return i && i == s.len;
}


uint64_t
acct_name_tokens(const acct_wires_t *w, const uint8_t *p, size_t n)
{
    size_t       i, from;
    uint8_t      buf[ACCT_NORM_GLOB_MAX];
    uint64_t     fields;
    unsigned     digits, strict;
    acct_norm_t  norm;

    fields = 0;

    for (strict = 0; strict < 2; strict++) {

        acct_norm_init(&norm, w, buf);

        from = 0;
        digits = 1;

        for (i = 0; i <= n; i++) {

            if (i < n && p[i] != '[' && p[i] != ']') {
                digits &= (p[i] >= '0' && p[i] <= '9');
                continue;
            }

            if (i > from && (!digits || norm.len == 0)
                && !(strict && from && p[from - 1] == ']'))
            {
                if (norm.len) {
                    acct_norm_add(&norm, (const uint8_t *) "_", 1);
                }

                acct_norm_add(&norm, p + from, i - from);
            }

            from = i + 1;
            digits = 1;
        }

        fields |= acct_name_find(w, &norm, NULL);
    }

    return fields;
}


unsigned
acct_name_below(const acct_wires_t *w, const acct_norm_t *n, uint64_t *set)
{
    size_t              i;
    unsigned            below;
    const acct_stem_t  *stem;

    if (w->nstems == 0) {
        return 0;
    }

    below = 0;

    memset(set, 0, w->words * sizeof(uint64_t));

    if (!w->globs && !w->anys && n->len <= n->size
        && !acct_mark_has(w->stem_marks, acct_mark(n->buf, n->len)))
    {
        return 0;
    }

    for (i = 0; n->len <= n->size && i < w->nstems; i++) {
        stem = &w->stems[i];

        if (stem->glob ? acct_glob_match(stem->text, n->buf, n->len)
                       : (stem->text.len == n->len
                          && memcmp(stem->text.data, n->buf, n->len) == 0))
        {
            acct_set_add(set, stem->state);
            below |= stem->glob ? ACCT_BELOW_ANY : ACCT_BELOW_WIRE;
        }
    }

    for (i = 0; w->anys && i < w->words; i++) {

        if (w->start[i] & w->any[i]) {
            set[i] |= w->start[i] & w->any[i];
            below |= ACCT_BELOW_ANY;
        }
    }

    if (below && w->anys) {
        acct_path_close(w, set);
    }

    return below;
}


static uint64_t
acct_name_match(const acct_wires_t *w, const uint8_t *p, size_t n,
    uint64_t *hits)
{
    size_t              i;
    uint32_t            k;
    uint64_t            fields;
    const acct_name_t  *name;

    fields = 0;

    for (k = w->name_first[acct_mark(p, n)]; k; k = name->next) {
        name = &w->names[k - 1];

        if (name->text.len == n
            && (n == 0 || memcmp(name->text.data, p, n) == 0))
        {
            if (hits) {
                acct_set_add(hits, k - 1);
            }

            fields |= name->fields;
        }
    }

    for (i = 0; w->globs && i < w->nnames; i++) {
        name = &w->names[i];

        if (name->glob && acct_glob_match(name->text, p, n)) {
            fields |= name->fields;
        }
    }

    return fields;
}


/*
 * A glob at the end of a name takes all that is left; any other takes with the
 * "_" behind it nothing, or whole segments.  Going back to the last glob only
 * is enough, as with any "*".
 */

static int
acct_glob_match(acct_str_t glob, const uint8_t *p, size_t n)
{
    size_t  g, i, back, from;

    g = 0;
    i = 0;
    back = SIZE_MAX;
    from = 0;

    for ( ;; ) {

        if (g < glob.len && glob.data[g] == ACCT_GLOB) {
            if (g + 1 == glob.len) {
                return 1;
            }

            g += 2;
            back = g;
            from = i;
            continue;
        }

        if (g == glob.len && i == n) {
            return 1;
        }

        if (g < glob.len && i < n && glob.data[g] == p[i]) {
            g++;
            i++;
            continue;
        }

        if (back == SIZE_MAX) {
            return 0;
        }

        while (from < n && p[from] != '_') {
            from++;
        }

        if (from == n) {
            return 0;
        }

        from++;
        i = from;
        g = back;
    }
}
