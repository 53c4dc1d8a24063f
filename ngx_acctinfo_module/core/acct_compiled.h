
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acct_compiled.h: the compiled file: what was tested, as it is deployed.
 *
 * An envelope around the packs themselves and the databases that were made of
 * them.  Numbers are little-endian, sections begin at multiples of 8.
 *
 *     header      64 bytes
 *       magic       "acctinfo"
 *       u32         format version, 1
 *       u32         number of sections
 *       u64         length of the file
 *       32 bytes    SHA-256 of all that follows the header
 *       8 bytes     zero
 *     sections    24 bytes each: u32 type, u32 view, u64 offset, u64 length;
 *                 in the order of their offsets, not overlapping
 *
 * A section of a type that a reader does not know is passed over: room for a
 * proof and signatures.
 *
 * A file that was changed since it was written is refused by its digest; that
 * is no protection from whoever can write a digest too.
 */


#ifndef ACCT_COMPILED_H_INCLUDED
#define ACCT_COMPILED_H_INCLUDED


#include "acct_base.h"
#include "acct_pack.h"
#include "acct_ruleset.h"


typedef enum {
    ACCT_SECTION_FILES = 1,             /* packs and lists: u32 name length,
                                           u32 content length, name, content;
                                           one after another */
    ACCT_SECTION_SERIAL,
    ACCT_SECTION_LIBRARY,               /* acct_engine_version() */
    ACCT_SECTION_TABLES,                /* version of the Unicode tables */
    ACCT_SECTION_WORDS,                 /* images, one a view */
    ACCT_SECTION_PATTERNS,
    ACCT_SECTION_ANCHORED,
    ACCT_SECTION_WIDTHS,
    ACCT_SECTION_PROOF = 16,            /* to come */
    ACCT_SECTION_SIGNATURE
} acct_section_e;


#define ACCT_COMPILED_MAX      ((size_t) 1 << 30)


/* Writes a rule set, which was built portable, to out */

int acct_compiled_write(acct_buf_t *out, const acct_ruleset_t *rs);


typedef struct acct_compiled_s  acct_compiled_t;

/* Whether the file begins as a compiled one does */

unsigned acct_compiled_is(const char *path);

/*
 * Opens a file and checks its envelope: lengths, sections, digest.  NULL: the
 * diagnostics say what is wrong.  close() takes NULL.
 */

acct_compiled_t *acct_compiled_open(const char *path, acct_diags_t *diags);
void acct_compiled_close(acct_compiled_t *file);

/* Its packs; the caller frees them */

acct_packs_t *acct_compiled_packs(const acct_compiled_t *file,
    acct_diags_t *diags);

/*
 * Its databases, borrowed from the file.  ACCT_ERROR when they cannot be used
 * here: foreign() then says whether another library, or other tables, made
 * them, so that they may be made anew from the packs (a warning was given).
 */

int acct_compiled_images(const acct_compiled_t *file, acct_images_t *images,
    acct_diags_t *diags);
unsigned acct_compiled_foreign(const acct_compiled_t *file);


/* A section as it stands; data is NULL where there is none */

acct_str_t acct_compiled_section(const acct_compiled_t *file, unsigned type,
    unsigned view);

/* The digest of the envelope, 64 hex digits, zero-terminated */

const char *acct_compiled_digest(const acct_compiled_t *file);


#endif /* ACCT_COMPILED_H_INCLUDED */
