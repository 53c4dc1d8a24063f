
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acct_shape.h: the shapes that a maintainer names and does not write by
 * hand: numbers, addresses, ids.
 *
 * A shape is a pattern in one view, where it must stand, and a check that
 * what was found must pass besides, if the shape has one (check digits, the
 * list of top-level domains).  A name may have several rows: the rule's view
 * chooses, and all that remain are looked for.
 */


#ifndef ACCT_SHAPE_H_INCLUDED
#define ACCT_SHAPE_H_INCLUDED


#include "acct_base.h"
#include "acct_text.h"


typedef struct {
    const char           *name;
    acct_view_e           view;
    const char           *regex;
    unsigned              where;        /* acct_where_e */
    int                 (*check)(const uint8_t *p,
                            const acct_origin_t *origin, size_t n);
    const char           *purpose;
} acct_shape_t;


/* The i-th row, or NULL past the last */

const acct_shape_t *acct_shape(size_t i);


/* Made from Debian's list of public suffixes: sorted, lower case */

extern const char *const  acct_tlds[];
extern const size_t  acct_tlds_n;


#endif /* ACCT_SHAPE_H_INCLUDED */
