
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * libFuzzer's entry for packs and compiled files.
 *
 * The first byte chooses: a pack, a pack with a list, or a compiled file
 * whose digest is made to hold.  Whatever they hold, there is a rule set or a
 * diagnostic, and a rule set can be scanned with.
 */


#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "acct_compiled.h"
#include "acctinfo.h"


int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);


static unsigned  said;


static void
fuzz_diag(void *ctx, const acct_diag_t *d)
{
    char  buf[512];

    (void) ctx;

    said++;
    (void) acct_diag_format(buf, sizeof(buf), d);
}


static void
fuzz_scan(acct_ruleset_t *rs)
{
    acct_str_t         none = acct_null_string;
    acct_policy_t     *policy;
    acct_inspect_t    *in;
    acct_workspace_t  *ws;

    static const char  value[] = "Admin \xe5\xbe\xae.\xe4\xbf\xa1 13800001234 "
                                 "a@b.com \xe5\xae\x98\xe6\x96\xb9";

    policy = acct_policy_create(&acct_heap);
    ws = acct_workspace_create(&acct_heap);

    if (acct_policy_field(policy, acct_str("name")) != 0
        || acct_policy_ready(policy) != ACCT_OK)
    {
        abort();
    }

    in = acct_inspect_create(&acct_heap, policy, &rs, 1, ws);

    /* a database that is not of its packs may be refused while scanning */

    (void) acct_inspect_value(in, 0, none, acct_str(value));

    acct_inspect_destroy(in);
    acct_workspace_destroy(ws);
    acct_policy_destroy(policy);
}


static acct_ruleset_t *
fuzz_packs(const uint8_t *p, size_t n, unsigned list, acct_diags_t *diags)
{
    const uint8_t   *cut;
    acct_file_t      files[2];
    acct_packs_t    *packs;
    acct_ruleset_t  *rs;

    files[0].name = acct_str("p.json");
    files[0].content.data = p;
    files[0].content.len = n;
    files[1].name = acct_str("l.txt");
    files[1].content = acct_str("");

    cut = list ? memchr(p, 0, n) : NULL;

    if (cut) {
        files[0].content.len = (size_t) (cut - p);
        files[1].content.data = cut + 1;
        files[1].content.len = n - (size_t) (cut + 1 - p);
    }

    packs = acct_packs_parse("fuzz", files, 2, acct_str("1"), diags);

    if (packs == NULL) {
        return NULL;
    }

    rs = acct_ruleset_build(packs, 0, NULL, diags);

    if (rs == NULL) {
        acct_packs_free(packs);
    }

    return rs;
}


static acct_ruleset_t *
fuzz_compiled(const uint8_t *p, size_t n, acct_diags_t *diags)
{
    int              fd;
    char             path[64];
    uint8_t         *copy;
    unsigned         len;
    acct_ruleset_t  *rs;

    copy = malloc(n + 1);
    fd = memfd_create("fuzz", 0);

    if (copy == NULL || fd == -1) {
        abort();
    }

    memcpy(copy, p, n);

    if (n > 64) {
        EVP_Digest(copy + 64, n - 64, copy + 24, &len, EVP_sha256(), NULL);
    }

    if (write(fd, copy, n) != (ssize_t) n) {
        abort();
    }

    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    rs = acct_ruleset_load(path, diags);

    close(fd);
    free(copy);

    return rs;
}


int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    acct_diags_t     diags = { fuzz_diag, NULL, 0, 0 };
    acct_ruleset_t  *rs;

    if (n == 0) {
        return 0;
    }

    said = 0;

    rs = p[0] % 3 == 2 ? fuzz_compiled(p + 1, n - 1, &diags)
                       : fuzz_packs(p + 1, n - 1, p[0] % 3, &diags);

    if (rs == NULL && said == 0) {
        abort();                        /* refused without a sentence */
    }

    if (rs) {
        fuzz_scan(rs);
        acct_ruleset_release(rs);
    }

    return 0;
}
