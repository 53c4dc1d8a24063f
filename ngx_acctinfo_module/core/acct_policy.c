
/*
 * Copyright (C) the ngx_acctinfo_module authors
 */


#include "acct_policy.h"


static int acct_policy_grow(const acct_alloc_t *a, void **elts, size_t n,
    size_t *size, size_t elt);
static size_t acct_policy_hand_place(const acct_policy_t *p, acct_str_t rule);


const acct_str_t  acct_actions[ACCT_ACTIONS] = {
    acct_string("pass"),
    acct_string("tag"),
    acct_string("verify"),
    acct_string("reject")
};


const acct_str_t  acct_joined = acct_string("joined");


const acct_flag_t  acct_flags[ACCT_FLAGS] = {
    { acct_string("malformed"),       ACCT_REJECT, 400, 0 },
    { acct_string("truncated"),       ACCT_REJECT, 400, 0 },
    { acct_string("duplicate_field"), ACCT_REJECT, 400, 0 },
    { acct_string("bad_utf8"),        ACCT_REJECT, 400, 0 },
    { acct_string("bad_charset"),     ACCT_REJECT, 400, 0 },
    { acct_string("too_deep"),        ACCT_REJECT, 400, 0 },
    { acct_string("too_many"),        ACCT_REJECT, 400, 0 },
    { acct_string("too_long"),        ACCT_REJECT, 400, 0 },
    { acct_string("unknown_type"),    ACCT_REJECT, 415, 0 },
    { acct_string("compressed"),      ACCT_REJECT, 415, 0 },
    { acct_string("control"),         ACCT_PASS,   400, 1 },
    { acct_string("invisible"),       ACCT_PASS,   400, 1 },
    { acct_string("bidi"),            ACCT_PASS,   400, 1 },
    { acct_string("marks"),           ACCT_PASS,   400, 1 },
    { acct_string("mixed_script"),    ACCT_PASS,   400, 1 },
    { acct_string("data_uri"),        ACCT_PASS,   400, 0 },
    { acct_string("drawing"),         ACCT_PASS,   400, 0 }
};


const acct_limit_t  acct_limits[ACCT_LIMITS] = {
    { acct_string("depth"), 64, 1, 1024,
      offsetof(acct_body_limits_t, depth) },
    { acct_string("keys"), 10000, 1, 1000000,
      offsetof(acct_body_limits_t, keys) },
    { acct_string("occurrences"), 256, 1, 65536,
      offsetof(acct_body_limits_t, occurrences) },
    { acct_string("length"), 65536, 16, 1073741824,
      offsetof(acct_body_limits_t, length) },
    { acct_string("part_header"), 8192, 64, 65536,
      offsetof(acct_body_limits_t, part_header) },
    { acct_string("ratio"), 100, 1, 10000,
      offsetof(acct_body_limits_t, ratio) },
    { acct_string("inflated"), 67108864, 1024, 1073741824,
      offsetof(acct_body_limits_t, inflated) }
};


#define acct_policy_limit_at(p, i)                                            \
    ((size_t *) ((char *) &(p)->limits + acct_limits[i].offset))


/* the operator's hand: an action, and two words more */

static const struct {
    acct_str_t            name;
    unsigned              action;
} acct_hands[] = {
    { acct_string("off"),    ACCT_HAND_OFF },
    { acct_string("trial"),  ACCT_HAND_TRIAL },
    { acct_string("tag"),    ACCT_TAG },
    { acct_string("verify"), ACCT_VERIFY },
    { acct_string("reject"), ACCT_REJECT }
};


unsigned
acct_action_find(acct_str_t name)
{
    unsigned  i;

    for (i = 0; i < ACCT_ACTIONS; i++) {
        if (acct_str_eq(acct_actions[i], name)) {
            break;
        }
    }

    return i;
}


unsigned
acct_flag_find(acct_str_t name)
{
    unsigned  i;

    for (i = 0; i < ACCT_FLAGS; i++) {
        if (acct_str_eq(acct_flags[i].name, name)) {
            break;
        }
    }

    return i;
}


unsigned
acct_limit_find(acct_str_t name)
{
    unsigned  i;

    for (i = 0; i < ACCT_LIMITS; i++) {
        if (acct_str_eq(acct_limits[i].name, name)) {
            break;
        }
    }

    return i;
}


acct_policy_t *
acct_policy_create(const acct_alloc_t *a)
{
    unsigned        i;
    acct_policy_t  *p;

    p = acct_calloc(a, sizeof(acct_policy_t));

    if (p == NULL) {
        return NULL;
    }

    p->alloc = a;
    p->act = 1;
    p->watch = 1;

    for (i = 0; i < ACCT_FLAGS; i++) {
        p->flags[i] = acct_flags[i].action;
    }

    for (i = 0; i < ACCT_LIMITS; i++) {
        *acct_policy_limit_at(p, i) = acct_limits[i].value;
    }

    return p;
}


void
acct_policy_destroy(acct_policy_t *p)
{
    size_t               i;
    const acct_alloc_t  *a;

    if (p == NULL) {
        return;
    }

    a = p->alloc;

    for (i = 0; i < p->nfields; i++) {
        acct_free(a, (void *) p->fields[i].data);
    }

    for (i = 0; i < p->nwires; i++) {
        acct_free(a, (void *) p->wires[i].text.data);
    }

    for (i = 0; i < p->nhands; i++) {
        acct_free(a, (void *) p->hands[i].rule.data);
    }

    for (i = 0; i < p->options.ntypes; i++) {
        acct_free(a, (void *) p->types[i].type.data);
    }

    if (p->compiled) {
        acct_wires_destroy(p->compiled);
    }

    acct_free(a, p->wires);
    acct_free(a, p->hands);
    for (i = 0; i < p->options.ncharsets; i++) {
        acct_charset_done(&p->charsets[i]);
    }

    acct_free(a, p->types);
    acct_free(a, p->charsets);
    acct_free(a, p);
}


unsigned
acct_policy_field_find(const acct_policy_t *p, acct_str_t field)
{
    unsigned  i;

    for (i = 0; i < p->nfields; i++) {
        if (acct_str_eq(p->fields[i], field)) {
            return i;
        }
    }

    return ACCT_FIELDS_MAX;
}


unsigned
acct_policy_field(acct_policy_t *p, acct_str_t field)
{
    unsigned    i;
    acct_str_t  copy;

    i = acct_policy_field_find(p, field);

    if (i < ACCT_FIELDS_MAX || p->nfields == ACCT_FIELDS_MAX
        || field.len == 0 || field.len > ACCT_FIELD_NAME_MAX
        || acct_str_eq(field, acct_joined))
    {
        return i;
    }

    copy = acct_str_dup(p->alloc, field);

    if (copy.data == NULL) {
        return ACCT_FIELDS_MAX;
    }

    p->fields[p->nfields] = copy;

    return p->nfields++;
}


acct_str_t
acct_policy_field_name(const acct_policy_t *p, unsigned field)
{
    return field == ACCT_FIELD_JOINED ? acct_joined : p->fields[field];
}


static int
acct_policy_grow(const acct_alloc_t *a, void **elts, size_t n, size_t *size,
    size_t elt)
{
    void    *p;
    size_t   more;

    if (n < *size) {
        return ACCT_OK;
    }

    more = *size ? *size * 2 : 8;
    p = acct_array(a, more, elt);

    if (p == NULL) {
        return ACCT_ERROR;
    }

    if (n) {
        memcpy(p, *elts, n * elt);
    }

    acct_free(a, *elts);

    *elts = p;
    *size = more;

    return ACCT_OK;
}


int
acct_policy_wire(acct_policy_t *p, acct_str_t field, acct_str_t wire)
{
    unsigned    i;
    acct_str_t  text;

    if (field.len == 0 || field.len > ACCT_FIELD_NAME_MAX
        || wire.len > ACCT_KEY_MAX
        || acct_str_eq(field, acct_joined)
        || (acct_policy_field_find(p, field) == ACCT_FIELDS_MAX
            && p->nfields == ACCT_FIELDS_MAX))
    {
        return ACCT_DONE;
    }

    i = acct_policy_field(p, field);

    if (i == ACCT_FIELDS_MAX
        || acct_policy_grow(p->alloc, (void **) &p->wires, p->nwires,
                            &p->awires, sizeof(acct_wire_t))
           != ACCT_OK)
    {
        return ACCT_ERROR;
    }

    text = acct_str_dup(p->alloc, wire);

    if (text.data == NULL) {
        return ACCT_ERROR;
    }

    p->wires[p->nwires].text = text;
    p->wires[p->nwires].field = i;
    p->nwires++;

    return ACCT_OK;
}


int
acct_policy_flag(acct_policy_t *p, acct_str_t flag, acct_str_t action)
{
    unsigned  i, act;

    i = acct_flag_find(flag);
    act = acct_action_find(action);

    if (i == ACCT_FLAGS || act == ACCT_ACTIONS || act == ACCT_VERIFY) {
        return ACCT_DONE;
    }

    p->flags[i] = act;

    return ACCT_OK;
}


int
acct_policy_limit(acct_policy_t *p, acct_str_t name, size_t value)
{
    unsigned  i;

    i = acct_limit_find(name);

    if (i == ACCT_LIMITS
        || value < acct_limits[i].min || value > acct_limits[i].max)
    {
        return ACCT_DONE;
    }

    *acct_policy_limit_at(p, i) = value;

    return ACCT_OK;
}


int
acct_policy_type(acct_policy_t *p, acct_str_t type, acct_str_t reader)
{
    size_t                n;
    acct_str_t            copy;
    const acct_reader_t  *r;

    r = acct_reader_find(reader);

    if (r == NULL || type.len == 0) {
        return ACCT_DONE;
    }

    n = p->options.ntypes;

    if (acct_policy_grow(p->alloc, (void **) &p->types, n, &p->atypes,
                         sizeof(acct_type_t))
        != ACCT_OK)
    {
        return ACCT_ERROR;
    }

    p->options.types = p->types;

    copy = acct_str_dup(p->alloc, type);

    if (copy.data == NULL) {
        return ACCT_ERROR;
    }

    p->types[n].type = copy;
    p->types[n].reader = r;
    p->options.ntypes = n + 1;

    return ACCT_OK;
}


int
acct_policy_decode(acct_policy_t *p, acct_str_t coding)
{
    unsigned  decode;

    decode = acct_decode_find(coding);

    if (decode == 0) {
        return ACCT_DONE;
    }

    p->options.decode |= decode;

    return ACCT_OK;
}


int
acct_policy_charset(acct_policy_t *p, acct_str_t name)
{
    int     rc;
    size_t  i, n;

    n = p->options.ncharsets;

    if (acct_policy_grow(p->alloc, (void **) &p->charsets, n, &p->acharsets,
                         sizeof(acct_charset_t))
        != ACCT_OK)
    {
        return ACCT_ERROR;
    }

    p->options.charsets = p->charsets;

    rc = acct_charset_init(&p->charsets[n], name);

    if (rc != ACCT_OK) {
        return rc;
    }

    /* a row more would never be found behind one that reads the same */

    for (i = 0; i < n; i++) {
        if (strcmp(p->charsets[i].name, p->charsets[n].name) == 0) {
            acct_charset_done(&p->charsets[n]);
            return ACCT_OK;
        }
    }

    p->options.ncharsets = n + 1;

    return ACCT_OK;
}


int
acct_policy_level(acct_policy_t *p, unsigned act, unsigned watch)
{
    if (act > 3 || watch > 3 || watch < act) {
        return ACCT_DONE;
    }

    p->act = act;
    p->watch = watch;

    return ACCT_OK;
}


/* the place of a rule among the hands, or the place where it would stand */

static size_t
acct_policy_hand_place(const acct_policy_t *p, acct_str_t rule)
{
    size_t  lo, hi, mid;

    lo = 0;
    hi = p->nhands;

    while (lo < hi) {
        mid = lo + (hi - lo) / 2;

        if (acct_str_cmp(p->hands[mid].rule, rule) < 0) {
            lo = mid + 1;

        } else {
            hi = mid;
        }
    }

    return lo;
}


int
acct_policy_rule(acct_policy_t *p, acct_str_t rule, acct_str_t action)
{
    size_t      i, place;
    acct_str_t  copy;

    for (i = 0; i < sizeof(acct_hands) / sizeof(acct_hands[0]); i++) {
        if (acct_str_eq(acct_hands[i].name, action)) {
            break;
        }
    }

    if (i == sizeof(acct_hands) / sizeof(acct_hands[0])) {
        return ACCT_DONE;
    }

    place = acct_policy_hand_place(p, rule);

    if (place == p->nhands || !acct_str_eq(p->hands[place].rule, rule)) {

        if (acct_policy_grow(p->alloc, (void **) &p->hands, p->nhands,
                             &p->ahands, sizeof(acct_hand_t))
            != ACCT_OK)
        {
            return ACCT_ERROR;
        }

        copy = acct_str_dup(p->alloc, rule);

        if (copy.data == NULL) {
            return ACCT_ERROR;
        }

        memmove(&p->hands[place + 1], &p->hands[place],
                (p->nhands - place) * sizeof(acct_hand_t));

        p->hands[place].rule = copy;
        p->nhands++;
    }

    p->hands[place].action = acct_hands[i].action;

    return ACCT_OK;
}


int
acct_policy_ready(acct_policy_t *p)
{
    if (p->compiled) {
        acct_wires_destroy(p->compiled);
    }

    p->compiled = acct_wires_create(p->alloc, p->wires, p->nwires, p->exact);

    return p->compiled ? ACCT_OK : ACCT_ERROR;
}


int
acct_policy_hand(const acct_policy_t *p, acct_str_t rule)
{
    size_t  place;

    if (p->nhands == 0) {
        return -1;
    }

    place = acct_policy_hand_place(p, rule);

    if (place == p->nhands || !acct_str_eq(p->hands[place].rule, rule)) {
        return -1;
    }

    return (int) p->hands[place].action;
}
