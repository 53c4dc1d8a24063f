
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acct_policy.h: where to look, and what an oddity means.
 *
 * The tables of actions, flags and limits, and the policy: logical field
 * names and how each is spelled on the wire, limits, the operator's hand.
 */


#ifndef ACCT_POLICY_H_INCLUDED
#define ACCT_POLICY_H_INCLUDED


#include "acct_base.h"
#include "acct_body.h"


/* Actions, weakest first; the strongest wins */

typedef enum {
    ACCT_PASS = 0,
    ACCT_TAG,
    ACCT_VERIFY,
    ACCT_REJECT,
    ACCT_ACTIONS
} acct_action_e;


/* What the operator's hand may say of a rule besides an action */

#define ACCT_HAND_OFF      (ACCT_ACTIONS)
#define ACCT_HAND_TRIAL    (ACCT_ACTIONS + 1)


extern const acct_str_t  acct_actions[ACCT_ACTIONS];


/* The action of a name, or ACCT_ACTIONS */

unsigned acct_action_find(acct_str_t name);


/*
 * Rows of the flags' table.  Body flags say that the reading is doubtful; text
 * flags are raised by steps of a view, the last two by what is drawn in a
 * value (acct_drawn.h), and are evidence only.
 */

typedef enum {
    ACCT_FLAG_MALFORMED = 0,
    ACCT_FLAG_TRUNCATED,
    ACCT_FLAG_DUPLICATE_FIELD,
    ACCT_FLAG_BAD_UTF8,
    ACCT_FLAG_BAD_CHARSET,
    ACCT_FLAG_TOO_DEEP,
    ACCT_FLAG_TOO_MANY,
    ACCT_FLAG_TOO_LONG,
    ACCT_FLAG_UNKNOWN_TYPE,
    ACCT_FLAG_COMPRESSED,
    ACCT_FLAG_CONTROL,
    ACCT_FLAG_INVISIBLE,
    ACCT_FLAG_BIDI,
    ACCT_FLAG_MARKS,
    ACCT_FLAG_MIXED_SCRIPT,
    ACCT_FLAG_DATA_URI,
    ACCT_FLAG_DRAWING,
    ACCT_FLAGS
} acct_flag_e;


#define acct_flag_bit(f)   (1u << (f))


typedef struct {
    acct_str_t            name;
    acct_action_e         action;       /* by default */
    unsigned              status;       /* of a refusal for its sake */
    unsigned              text;         /* raised by a step of a view */
} acct_flag_t;


extern const acct_flag_t  acct_flags[ACCT_FLAGS];

unsigned acct_flag_find(acct_str_t name);              /* or ACCT_FLAGS */


/* Rows of the limits' table */

typedef enum {
    ACCT_LIMIT_DEPTH = 0,       /* of nesting: too_deep beyond */
    ACCT_LIMIT_KEYS,            /* keys, parameters or parts of a body:
                                   too_many */
    ACCT_LIMIT_OCCURRENCES,     /* values of watched fields: too_many */
    ACCT_LIMIT_LENGTH,          /* bytes of one watched value: too_long */
    ACCT_LIMIT_PART_HEADER,     /* bytes of a part's header: too_long */
    ACCT_LIMIT_RATIO,           /* bytes that one byte of a compressed body
                                   may become: too_long */
    ACCT_LIMIT_INFLATED,        /* bytes of a body, inflated: too_long */
    ACCT_LIMITS
} acct_limit_e;


typedef struct {
    acct_str_t            name;
    size_t                value;        /* by default */
    size_t                min;
    size_t                max;
    size_t                offset;       /* in acct_body_limits_t */
} acct_limit_t;


extern const acct_limit_t  acct_limits[ACCT_LIMITS];

unsigned acct_limit_find(acct_str_t name);             /* or ACCT_LIMITS */


/*
 * The policy of a location or of a command.
 *
 * Made by create(), filled by the setters in any order, closed by ready();
 * after that it is read only.  Everything it holds comes from the allocator
 * given; strings are copied.  The setters return ACCT_OK, or ACCT_ERROR when
 * out of memory, or ACCT_DONE when an argument is not known or out of range
 * (nothing was changed then, and the caller says so in its own words).
 */

#define ACCT_FIELDS_MAX      64
#define ACCT_FIELD_NAME_MAX  64        /* bytes */

/*
 * The joined field: the values of one request with a line feed between, in
 * the order of the policy's fields.  No wire spells it.
 */

#define ACCT_FIELD_JOINED    0xffff

extern const acct_str_t  acct_joined;  /* its name */


typedef struct acct_policy_s  acct_policy_t;

struct acct_policy_s {
    const acct_alloc_t   *alloc;

    acct_str_t            fields[ACCT_FIELDS_MAX];
    unsigned              nfields;

    acct_wire_t          *wires;
    size_t                nwires;
    size_t                awires;

    acct_wires_t         *compiled;     /* set by ready() */
    acct_body_limits_t    limits;
    acct_body_options_t   options;
    acct_type_t          *types;
    size_t                atypes;
    acct_charset_t       *charsets;
    size_t                acharsets;

    unsigned              exact;        /* keys */
    unsigned              trial;        /* trial rules act as if stable */

    unsigned              act;          /* levels */
    unsigned              watch;

    acct_action_e         flags[ACCT_FLAGS];

    struct acct_hand_s   *hands;        /* sorted by rule id */
    size_t                nhands;
    size_t                ahands;
};


typedef struct acct_hand_s {
    acct_str_t            rule;
    unsigned              action;       /* or ACCT_HAND_OFF, ACCT_HAND_TRIAL */
} acct_hand_t;


acct_policy_t *acct_policy_create(const acct_alloc_t *a);
void acct_policy_destroy(acct_policy_t *p);

/* The index of a field, made if it is new; ACCT_FIELDS_MAX when full */

unsigned acct_policy_field(acct_policy_t *p, acct_str_t field);
unsigned acct_policy_field_find(const acct_policy_t *p, acct_str_t field);

/* its name, or that of the joined field */

acct_str_t acct_policy_field_name(const acct_policy_t *p, unsigned field);

int acct_policy_wire(acct_policy_t *p, acct_str_t field, acct_str_t wire);
int acct_policy_flag(acct_policy_t *p, acct_str_t flag, acct_str_t action);
int acct_policy_limit(acct_policy_t *p, acct_str_t name, size_t value);
int acct_policy_rule(acct_policy_t *p, acct_str_t rule, acct_str_t action);

/* a media type's reader: "json", "form", "multipart" or "none" */

int acct_policy_type(acct_policy_t *p, acct_str_t type, acct_str_t reader);

/* a content coding that is undone before reading: "gzip" or "deflate" */

int acct_policy_decode(acct_policy_t *p, acct_str_t coding);

/*
 * A charset that is converted before reading where it is declared; ACCT_DONE
 * also for UTF-16 and others that do not keep ASCII's bytes
 */

int acct_policy_charset(acct_policy_t *p, acct_str_t name);

int acct_policy_level(acct_policy_t *p, unsigned act, unsigned watch);

int acct_policy_ready(acct_policy_t *p);

/* The operator's hand on a rule: an action, off or trial; -1 where none */

int acct_policy_hand(const acct_policy_t *p, acct_str_t rule);


#endif /* ACCT_POLICY_H_INCLUDED */
