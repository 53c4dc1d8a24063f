
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acct_drawn.h: what in a value is drawn and not written.
 *
 * A picture in a data URI, and a picture made of block characters: a QR code,
 * letters.  No view reads them; two flags say that they are there.
 */


#ifndef ACCT_DRAWN_H_INCLUDED
#define ACCT_DRAWN_H_INCLUDED


#include "acct_base.h"


/*
 * data_uri: "data:" in any case, not behind a letter or digit, then at most so
 * many bytes and a comma; among them are a "/" or a ";", and none that no
 * media type has.  Tabs and line ends count as nothing, as in any URL.
 */

#define ACCT_DRAWN_TYPE        128


/*
 * drawing: a line is drawn when it has so many block characters, and so often
 * one that differs from the one before it.  So many drawn lines in a row,
 * empty ones left out, are a drawing, and so is a value that has so many in
 * all.  A bar of progress turns once, a bar that hides a name never; a row of
 * five squares is a game's.
 */

#define ACCT_DRAWN_BLOCKS      6
#define ACCT_DRAWN_TURNS       2
#define ACCT_DRAWN_LINES       2

#define ACCT_DRAWN_ALL_BLOCKS  64
#define ACCT_DRAWN_ALL_TURNS   16


typedef struct {
    size_t                blocks;      /* of the line, */
    size_t                turns;
    size_t                all_blocks;  /* and of the lines before it */
    size_t                all_turns;
    uint32_t              last;        /* the block before, in the line */
    uint32_t              c;           /* a character, of which some bytes */
    uint32_t              flags;
    uint8_t               need;        /*   are yet to come */
    uint8_t               lines;       /* drawn ones in a row */
    uint8_t               any;         /* the line is not empty */
    uint8_t               word;        /* behind a letter or digit */
    uint8_t               uri;         /* bytes of "data:" */
    uint8_t               ntype;       /* and those behind it */
    uint8_t               typed;       /* a "/" or a ";" among them */
} acct_drawn_t;


/* Zeroed it is ready.  feed() takes any pieces; end() brings the flags */

void acct_drawn_feed(acct_drawn_t *d, const uint8_t *p, size_t n);
uint32_t acct_drawn_end(acct_drawn_t *d);


#endif /* ACCT_DRAWN_H_INCLUDED */
