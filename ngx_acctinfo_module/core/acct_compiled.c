
/*
 * Copyright (C) the ngx_acctinfo_module authors
 */


#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <openssl/evp.h>

#include "acct_compiled.h"
#include "acct_unicode_data.h"


#define ACCT_HEADER         64
#define ACCT_ENTRY          24
#define ACCT_VERSION        1

/* The version of Unicode, and of what we make of it: where a file's differs,
   its databases are of other words, and are made anew from its packs */

#define ACCT_TABLES         ACCT_UNICODE_VERSION ", 2"
#define ACCT_SECTIONS_MAX   256
#define ACCT_FILES_MAX      8192


static const uint8_t  acct_magic[8] = { 'a', 'c', 'c', 't', 'i', 'n', 'f',
                                        'o' };


struct acct_compiled_s {
    const char           *path;
    uint8_t              *data;
    size_t                len;
    uint32_t              nsections;
    char                  digest[65];
};


/* The sections that hold images, by the image */

static const unsigned  acct_image_sections[ACCT_IMAGES] = {
    ACCT_SECTION_WORDS,
    ACCT_SECTION_PATTERNS,
    ACCT_SECTION_ANCHORED,
    ACCT_SECTION_WIDTHS
};


static void
acct_put32(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t) v;
    p[1] = (uint8_t) (v >> 8);
    p[2] = (uint8_t) (v >> 16);
    p[3] = (uint8_t) (v >> 24);
}


static void
acct_put64(uint8_t *p, uint64_t v)
{
    acct_put32(p, (uint32_t) v);
    acct_put32(p + 4, (uint32_t) (v >> 32));
}


static uint32_t
acct_get32(const uint8_t *p)
{
    return (uint32_t) p[0] | (uint32_t) p[1] << 8 | (uint32_t) p[2] << 16
           | (uint32_t) p[3] << 24;
}


static uint64_t
acct_get64(const uint8_t *p)
{
    return acct_get32(p) | (uint64_t) acct_get32(p + 4) << 32;
}


static int
acct_sha256(const uint8_t *p, size_t n, uint8_t sum[32])
{
    unsigned  len;

    return EVP_Digest(p, n, sum, &len, EVP_sha256(), NULL) == 1 && len == 32
           ? ACCT_OK : ACCT_ERROR;
}


/* a section begins: pads, and notes the offset in its entry */

static int
acct_section_begin(acct_buf_t *out, uint32_t *n, unsigned type, unsigned view)
{
    uint8_t               *entry;
    static const uint8_t   zero[8];

    if (*n == ACCT_SECTIONS_MAX
        || acct_buf_append(out, zero, (8 - out->len % 8) % 8) != ACCT_OK)
    {
        return ACCT_ERROR;
    }

    entry = out->data + ACCT_HEADER + (size_t) *n * ACCT_ENTRY;

    acct_put32(entry, type);
    acct_put32(entry + 4, view);
    acct_put64(entry + 8, out->len);

    return ACCT_OK;
}


/* and ends: one that is empty is left out */

static void
acct_section_end(acct_buf_t *out, uint32_t *n)
{
    uint8_t   *entry;
    uint64_t   len;

    entry = out->data + ACCT_HEADER + (size_t) *n * ACCT_ENTRY;
    len = out->len - acct_get64(entry + 8);

    if (len) {
        acct_put64(entry + 16, len);
        (*n)++;
    }
}


static int
acct_section_text(acct_buf_t *out, uint32_t *n, unsigned type, acct_str_t text)
{
    if (acct_section_begin(out, n, type, 0) != ACCT_OK
        || acct_buf_append(out, text.data, text.len) != ACCT_OK)
    {
        return ACCT_ERROR;
    }

    acct_section_end(out, n);

    return ACCT_OK;
}


static int
acct_section_files(acct_buf_t *out, uint32_t *n, const acct_packs_t *packs)
{
    size_t              i;
    uint8_t             head[8];
    const acct_file_t  *f;

    if (acct_section_begin(out, n, ACCT_SECTION_FILES, 0) != ACCT_OK) {
        return ACCT_ERROR;
    }

    for (i = 0; i < packs->nfiles; i++) {
        f = &packs->files[i];

        acct_put32(head, (uint32_t) f->name.len);
        acct_put32(head + 4, (uint32_t) f->content.len);

        if (acct_buf_append(out, head, 8) != ACCT_OK
            || acct_buf_append(out, f->name.data, f->name.len) != ACCT_OK
            || acct_buf_append(out, f->content.data, f->content.len)
               != ACCT_OK)
        {
            return ACCT_ERROR;
        }
    }

    acct_section_end(out, n);

    return ACCT_OK;
}


/*
 * The table of sections has room for as many as there can be while the file
 * is written; then it is moved together, and the offsets with it.
 */

int
acct_compiled_write(acct_buf_t *out, const acct_ruleset_t *rs)
{
    size_t                room, table, shift;
    uint8_t              *entry, sum[32];
    uint32_t              i, n, count;
    unsigned              view, image;

    count = 4 + ACCT_VIEWS * ACCT_IMAGES;
    room = ACCT_HEADER + (size_t) count * ACCT_ENTRY;

    out->len = 0;

    if (acct_buf_reserve(out, room) != ACCT_OK) {
        return ACCT_ERROR;
    }

    memset(out->data, 0, room);
    out->len = room;
    n = 0;

    if (acct_section_files(out, &n, acct_ruleset_packs(rs)) != ACCT_OK
        || acct_section_text(out, &n, ACCT_SECTION_SERIAL,
                             acct_ruleset_serial(rs)) != ACCT_OK
        || acct_section_text(out, &n, ACCT_SECTION_LIBRARY,
                             acct_str(acct_engine_version())) != ACCT_OK
        || acct_section_text(out, &n, ACCT_SECTION_TABLES,
                             acct_str(ACCT_TABLES)) != ACCT_OK)
    {
        return ACCT_ERROR;
    }

    for (view = 0; view < ACCT_VIEWS; view++) {
        for (image = 0; image < ACCT_IMAGES; image++) {
            if (acct_section_begin(out, &n, acct_image_sections[image], view)
                != ACCT_OK
                || acct_ruleset_image(rs, view, image, out) != ACCT_OK)
            {
                return ACCT_ERROR;
            }

            acct_section_end(out, &n);
        }
    }

    table = ACCT_HEADER + (size_t) n * ACCT_ENTRY;
    shift = room - ((table + 7) & ~(size_t) 7);

    for (i = 0; i < n; i++) {
        entry = out->data + ACCT_HEADER + (size_t) i * ACCT_ENTRY;
        acct_put64(entry + 8, acct_get64(entry + 8) - shift);
    }

    /* what the table no longer needs is zero, the padding too */

    memset(out->data + table, 0, room - table);
    memmove(out->data + room - shift, out->data + room, out->len - room);
    out->len -= shift;

    memcpy(out->data, acct_magic, sizeof(acct_magic));
    acct_put32(out->data + 8, ACCT_VERSION);
    acct_put32(out->data + 12, n);
    acct_put64(out->data + 16, out->len);

    if (acct_sha256(out->data + ACCT_HEADER, out->len - ACCT_HEADER, sum)
        != ACCT_OK)
    {
        return ACCT_ERROR;
    }

    memcpy(out->data + 24, sum, 32);

    return ACCT_OK;
}


unsigned
acct_compiled_is(const char *path)
{
    FILE     *f;
    uint8_t   head[sizeof(acct_magic)];
    size_t    n;

    f = fopen(path, "rb");

    if (f == NULL) {
        return 0;
    }

    n = fread(head, 1, sizeof(head), f);
    fclose(f);

    return n == sizeof(head) && memcmp(head, acct_magic, sizeof(head)) == 0;
}


/* The envelope; returns NULL, or the sentence that says what is wrong */

static const char *
acct_compiled_check(acct_compiled_t *file)
{
    size_t         i;
    uint8_t        sum[32];
    uint64_t       offset, len, last;
    const uint8_t *entry;

    if (file->len < ACCT_HEADER
        || memcmp(file->data, acct_magic, sizeof(acct_magic)) != 0)
    {
        return "is not a compiled file";
    }

    if (acct_get32(file->data + 8) != ACCT_VERSION) {
        return "has a format of another version: make it again with acctinfo "
               "compile";
    }

    if (acct_get64(file->data + 16) != file->len) {
        return "is cut short, or longer than it says";
    }

    if (acct_get64(file->data + 56) != 0) {
        return "has something in its header that is not known here";
    }

    file->nsections = acct_get32(file->data + 12);

    if (file->nsections > ACCT_SECTIONS_MAX
        || file->nsections * (size_t) ACCT_ENTRY > file->len - ACCT_HEADER)
    {
        return "has a table of sections that does not fit";
    }

    if (acct_sha256(file->data + ACCT_HEADER, file->len - ACCT_HEADER, sum)
        != ACCT_OK)
    {
        return "cannot be checked: out of memory";
    }

    for (i = 0; i < 32; i++) {
        snprintf(file->digest + 2 * i, 3, "%02x", sum[i]);
    }

    if (memcmp(sum, file->data + 24, 32) != 0) {
        return "is damaged: its digest is another";
    }

    last = ACCT_HEADER + (uint64_t) file->nsections * ACCT_ENTRY;

    for (i = 0; i < file->nsections; i++) {
        entry = file->data + ACCT_HEADER + i * ACCT_ENTRY;
        offset = acct_get64(entry + 8);
        len = acct_get64(entry + 16);

        if (offset < last || offset % 8 || offset > file->len
            || len > file->len - offset || len == 0)
        {
            return "has a section out of its place";
        }

        last = offset + len;
    }

    return NULL;
}


acct_compiled_t *
acct_compiled_open(const char *path, acct_diags_t *diags)
{
    FILE             *f;
    acct_str_t        none = acct_null_string;
    const char       *error;
    struct stat       st;
    acct_compiled_t  *file;

    error = NULL;
    f = fopen(path, "rb");
    file = calloc(1, sizeof(acct_compiled_t));

    if (f == NULL || fstat(fileno(f), &st) == -1) {
        error = strerror(errno);

    } else if (file == NULL) {
        error = "out of memory";

    } else if (!S_ISREG(st.st_mode)
               || (uint64_t) st.st_size > ACCT_COMPILED_MAX)
    {
        error = "is no regular file, or larger than 1 GB";

    } else {
        file->path = path;
        file->len = (size_t) st.st_size;
        file->data = malloc(file->len + 1);

        if (file->data == NULL) {
            error = "out of memory";

        } else if (fread(file->data, 1, file->len, f) != file->len
                   || fgetc(f) != EOF)
        {
            error = "changed while it was read";

        } else {
            error = acct_compiled_check(file);
        }
    }

    if (f) {
        fclose(f);
    }

    if (error) {
        acct_diag(diags, ACCT_DIAG_ERROR, path, 0, none, NULL, "%s", error);
        acct_compiled_close(file);
        return NULL;
    }

    return file;
}


void
acct_compiled_close(acct_compiled_t *file)
{
    if (file) {
        free(file->data);
        free(file);
    }
}


acct_str_t
acct_compiled_section(const acct_compiled_t *file, unsigned type,
    unsigned view)
{
    size_t          i;
    acct_str_t      s = acct_null_string;
    const uint8_t  *entry;

    for (i = 0; i < file->nsections; i++) {
        entry = file->data + ACCT_HEADER + i * ACCT_ENTRY;

        if (acct_get32(entry) == type && acct_get32(entry + 4) == view) {
            s.data = file->data + acct_get64(entry + 8);
            s.len = (size_t) acct_get64(entry + 16);
            break;
        }
    }

    return s;
}


const char *
acct_compiled_digest(const acct_compiled_t *file)
{
    return file->digest;
}


acct_packs_t *
acct_compiled_packs(const acct_compiled_t *file, acct_diags_t *diags)
{
    size_t         n, name, content;
    acct_str_t     s, serial, none = acct_null_string;
    acct_file_t   *files;
    acct_packs_t  *packs;

    s = acct_compiled_section(file, ACCT_SECTION_FILES, 0);
    serial = acct_compiled_section(file, ACCT_SECTION_SERIAL, 0);

    files = calloc(ACCT_FILES_MAX, sizeof(acct_file_t));

    if (files == NULL) {
        acct_diag(diags, ACCT_DIAG_ERROR, file->path, 0, none, NULL,
                  "out of memory");
        return NULL;
    }

    for (n = 0; s.len; n++) {

        name = s.len < 8 ? 0 : acct_get32(s.data);
        content = s.len < 8 ? 0 : acct_get32(s.data + 4);

        if (s.len < 8 || n == ACCT_FILES_MAX || name == 0
            || name > s.len - 8 || content > s.len - 8 - name)
        {
            acct_diag(diags, ACCT_DIAG_ERROR, file->path, 0, none, NULL,
                      "its packs are damaged");
            free(files);
            return NULL;
        }

        files[n].name.data = s.data + 8;
        files[n].name.len = name;
        files[n].content.data = s.data + 8 + name;
        files[n].content.len = content;

        s.data += 8 + name + content;
        s.len -= 8 + name + content;
    }

    if (serial.len > 64) {
        serial.len = 64;
    }

    packs = acct_packs_parse(file->path, files, n, serial, diags);

    free(files);

    return packs;
}


unsigned
acct_compiled_foreign(const acct_compiled_t *file)
{
    acct_str_t  library, tables;

    library = acct_compiled_section(file, ACCT_SECTION_LIBRARY, 0);
    tables = acct_compiled_section(file, ACCT_SECTION_TABLES, 0);

    return !acct_str_eq(library, acct_str(acct_engine_version()))
           || !acct_str_eq(tables, acct_str(ACCT_TABLES));
}


int
acct_compiled_images(const acct_compiled_t *file, acct_images_t *images,
    acct_diags_t *diags)
{
    unsigned    view, image;
    acct_str_t  library, none = acct_null_string;

    if (acct_compiled_foreign(file)) {
        library = acct_compiled_section(file, ACCT_SECTION_LIBRARY, 0);

        acct_diag(diags, ACCT_DIAG_WARNING, file->path, 0, none, NULL,
                  "was made with another library (%.*s, here is %s): its "
                  "databases are made anew from its packs, which takes longer; "
                  "make it again with acctinfo compile",
                  library.len > 64 ? 64 : (int) library.len,
                  library.data ? (const char *) library.data : "",
                  acct_engine_version());

        return ACCT_ERROR;
    }

    for (view = 0; view < ACCT_VIEWS; view++) {
        for (image = 0; image < ACCT_IMAGES; image++) {
            images->image[view][image] =
                acct_compiled_section(file, acct_image_sections[image], view);
        }
    }

    return ACCT_OK;
}
