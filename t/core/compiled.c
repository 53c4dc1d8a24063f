
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * The compiled file: it gives the verdicts of its packs, is written the same
 * twice, and is refused when it is broken: cut at every place, any byte
 * changed, and, with a digest that holds, each number of its envelope wrong.
 */


#include <stdlib.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "acct_compiled.h"
#include "acctinfo.h"
#include "tap.h"


static const char  pack[] =
    "{\"pack\":\"t\",\"prefix\":\"T\",\"rules\":["
    "{\"id\":\"T-1\",\"view\":\"bare\",\"list\":\"words.txt\","
    "\"action\":\"reject\"},"
    "{\"id\":\"T-2\",\"view\":\"digits\",\"regex\":\"1[3-9][0-9]{9,11}\","
    "\"action\":\"tag\"}]}";

static const char  words[] = "\xe5\xae\x98\xe6\x96\xb9\nadmin\n";

static char  folder[] = "/tmp/acctinfo-test-XXXXXX";
static char  path[64], pack_path[64], words_path[64];


static void
put(const char *name, const void *p, size_t n)
{
    FILE  *f;

    f = fopen(name, "wb");

    if (f == NULL || fwrite(p, 1, n, f) != n || fclose(f) != 0) {
        abort();
    }
}


/* the digest made to hold again */

static void
seal(uint8_t *p, size_t n)
{
    unsigned  len;

    if (n > 64) {
        EVP_Digest(p + 64, n - 64, p + 24, &len, EVP_sha256(), NULL);
    }
}


/* 1 if the file loads; it must never do anything else but load or not */

static int
loads(const uint8_t *p, size_t n)
{
    acct_ruleset_t  *rs;

    put(path, p, n);
    rs = acct_ruleset_load(path, NULL);
    acct_ruleset_release(rs);

    return rs != NULL;
}


static void
line(acct_ruleset_t *rs, const char *value, acct_buf_t *out)
{
    acct_str_t         none = acct_null_string;
    acct_policy_t     *policy;
    acct_inspect_t    *in;
    acct_workspace_t  *ws;

    policy = acct_policy_create(&acct_heap);
    ws = acct_workspace_create(&acct_heap);

    (void) acct_policy_field(policy, acct_str("name"));
    (void) acct_policy_ready(policy);

    in = acct_inspect_create(&acct_heap, policy, &rs, 1, ws);

    (void) acct_inspect_value(in, 0, none, acct_str(value));

    out->len = 0;
    (void) acct_report(out, in, none);

    acct_inspect_destroy(in);
    acct_workspace_destroy(ws);
    acct_policy_destroy(policy);
}


int
main(void)
{
    size_t           i, k, n, accepted;
    uint8_t         *copy;
    acct_buf_t       file, twice, a, b;
    acct_packs_t    *packs;
    acct_ruleset_t  *rs, *from;

    static const char  *values[] = {
        "\xe5\xae\x98\xe6\x96\xb9", "admin", "Padmini", "13800001234"
    };

    static const uint32_t  numbers[] = {
        0, 1, 2, 7, 8, 63, 64, 65, 255, 256, 257, 0x7fffffff, 0xffffffff
    };

    if (mkdtemp(folder) == NULL) {
        abort();
    }

    snprintf(path, sizeof(path), "%s/file", folder);
    snprintf(pack_path, sizeof(pack_path), "%s/t.json", folder);
    snprintf(words_path, sizeof(words_path), "%s/words.txt", folder);

    put(pack_path, pack, sizeof(pack) - 1);
    put(words_path, words, sizeof(words) - 1);

    acct_buf_init(&file, &acct_heap, ACCT_COMPILED_MAX);
    acct_buf_init(&twice, &acct_heap, ACCT_COMPILED_MAX);
    acct_buf_init(&a, &acct_heap, ACCT_REPORT_MAX);
    acct_buf_init(&b, &acct_heap, ACCT_REPORT_MAX);

    packs = acct_packs_load(pack_path, 0, NULL);
    rs = packs ? acct_ruleset_build(packs, 1, NULL, NULL) : NULL;

    if (!ok(rs && acct_compiled_write(&file, rs) == ACCT_OK,
            "a pack is compiled"))
    {
        return done_testing();
    }

    ok(acct_compiled_write(&twice, rs) == ACCT_OK && twice.len == file.len
       && memcmp(twice.data, file.data, file.len) == 0, "the same twice");

    unlink(pack_path);
    unlink(words_path);
    put(path, file.data, file.len);

    from = acct_ruleset_load(path, NULL);
    ok(from != NULL, "it loads without the packs' files");

    for (i = 0; from && i < sizeof(values) / sizeof(values[0]); i++) {
        line(rs, values[i], &a);
        line(from, values[i], &b);
        is_bytes(b.data, b.len, a.data, a.len, values[i]);
    }

    ok(from == acct_ruleset_load(path, NULL), "loaded again it is the same");

    acct_ruleset_release(from);
    acct_ruleset_release(from);

    /* one byte less, and so on: the end matters everywhere */

    for (n = 0, accepted = 0; n < file.len; n += n < 2000 ? 1 : 97) {
        accepted += loads(file.data, n);
    }

    ok(accepted == 0, "cut at any place it is refused");

    copy = malloc(file.len + 8);

    if (copy == NULL) {
        abort();
    }

    memcpy(copy, file.data, file.len);
    memset(copy + file.len, 0, 8);
    ok(loads(copy, file.len + 8) == 0, "and with bytes after its end");

    for (i = 0, accepted = 0; i < file.len; i += i < 2000 ? 1 : 97) {
        copy[i] ^= 0x10;
        accepted += loads(copy, file.len);
        copy[i] ^= 0x10;
    }

    ok(accepted == 0, "with any byte changed it is refused");

    /* each number of the envelope wrong, under a digest that holds */

    n = 64 + 24 * (size_t) copy[12];

    for (i = 8; i + 4 <= n; i += 4) {
        for (k = 0; k < sizeof(numbers) / sizeof(numbers[0]); k++) {
            memcpy(copy, file.data, file.len);
            memcpy(copy + i, &numbers[k], 4);

            if (i < 24 || i >= 56) {
                seal(copy, file.len);
            }

            (void) loads(copy, file.len);
        }
    }

    ok(1, "a wrong number of the envelope does no harm");

    /* the lengths of the packs inside, and the packs themselves */

    for (i = n; i < n + 400 && i < file.len; i++) {
        memcpy(copy, file.data, file.len);
        copy[i] ^= 0x41;
        seal(copy, file.len);
        (void) loads(copy, file.len);
    }

    ok(1, "nor does a pack that was changed");

    free(copy);
    acct_ruleset_release(rs);
    acct_buf_free(&file);
    acct_buf_free(&twice);
    acct_buf_free(&a);
    acct_buf_free(&b);

    unlink(path);
    rmdir(folder);

    return done_testing();
}
