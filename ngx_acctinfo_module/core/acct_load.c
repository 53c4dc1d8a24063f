
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * A path -> a rule set: packs that are compiled, or a compiled file.
 */


#include <stdlib.h>

#include "acct_compiled.h"
#include "acct_ruleset.h"


/*
 * The registry: rule sets that somebody holds, so that the same content is
 * loaded once for all who name it.  Rule sets are loaded and released by one
 * thread, the one that reads the configuration; this is the only thing in the
 * core that belongs to the process.
 */

typedef struct acct_entry_s  acct_entry_t;

struct acct_entry_s {
    acct_ruleset_t       *rs;
    acct_entry_t         *next;
};


static acct_entry_t  *acct_registry;


static acct_ruleset_t *
acct_registry_find(const acct_packs_t *packs)
{
    acct_entry_t        *e;
    const acct_packs_t  *known;

    for (e = acct_registry; e; e = e->next) {
        known = acct_ruleset_packs(e->rs);

        if (memcmp(known->digest, packs->digest, sizeof(packs->digest)) == 0
            && acct_str_eq(known->serial, packs->serial))
        {
            return e->rs;
        }
    }

    return NULL;
}


static void
acct_registry_gone(const acct_ruleset_t *rs)
{
    acct_entry_t  *e, **p;

    for (p = &acct_registry; *p; p = &(*p)->next) {
        e = *p;

        if (e->rs == rs) {
            *p = e->next;
            free(e);
            return;
        }
    }
}


/* one that cannot be entered is loaded all the same, and not shared */

static void
acct_registry_add(acct_ruleset_t *rs)
{
    acct_entry_t  *e;

    e = malloc(sizeof(acct_entry_t));

    if (e == NULL) {
        return;
    }

    e->rs = rs;
    e->next = acct_registry;
    acct_registry = e;

    acct_ruleset_watch(rs, acct_registry_gone);
}


/* a compiled file is told by its first bytes, whatever its name */

acct_ruleset_t *
acct_ruleset_load(const char *path, acct_diags_t *diags)
{
    acct_packs_t     *packs;
    acct_images_t     images;
    acct_ruleset_t   *rs;
    acct_compiled_t  *file;

    file = NULL;

    if (acct_compiled_is(path)) {
        file = acct_compiled_open(path, diags);
        packs = file ? acct_compiled_packs(file, diags) : NULL;

    } else {
        packs = acct_packs_load(path, 0, diags);
    }

    if (packs == NULL) {
        acct_compiled_close(file);
        return NULL;
    }

    rs = acct_registry_find(packs);

    if (rs) {
        acct_packs_free(packs);
        acct_compiled_close(file);
        acct_ruleset_retain(rs);

        return rs;
    }

    if (file && acct_compiled_images(file, &images, diags) == ACCT_OK) {
        rs = acct_ruleset_build(packs, 0, &images, diags);

    } else if (file == NULL || acct_compiled_foreign(file)) {
        rs = acct_ruleset_build(packs, 0, NULL, diags);
    }

    acct_compiled_close(file);

    if (rs == NULL) {
        acct_packs_free(packs);
        return NULL;
    }

    acct_registry_add(rs);

    return rs;
}
