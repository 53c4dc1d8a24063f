
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acctinfo: the core on the command line.
 */


#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli.h"


#define CLI_BUFFER      (256 * 1024)


static const cli_command_t  cli_commands[] = {

    { "lint", "[--cost] RULES...",
      "check packs; each finding as file:line: rule: attribute: ...",
      CLI_LINT, cli_lint },

    { "test", "RULES... [--ordinary PATH]",
      "run every rule's examples, then the ordinary texts; TAP",
      CLI_TEST, cli_test },

    { "compile", "-o FILE RULES...",
      "write rules and their databases as one file",
      CLI_COMPILE, cli_compile },

    { "show", "FILE",
      "say what is in a compiled file",
      CLI_SHOW, cli_show },

    { "scan", "[-r RULES] [-f FIELD] [--ndjson] [policy options] [FILE]",
      "one value a line in, one verdict a line out",
      CLI_SCAN, cli_scan },

    { "inspect", "[-r RULES] -t CONTENT-TYPE [-F FIELD=WIRE[,WIRE...]]... "
      "[-q QUERY] [-e CONTENT-ENCODING] [--keys loose|exact] [--values] "
      "[--batch] [policy options] [FILE]",
      "one request body in, one verdict out",
      CLI_INSPECT, cli_inspect },

    { "explain", "[-r RULES] [-f FIELD | -t CONTENT-TYPE ...] [FILE]",
      "the input of scan or of inspect, told to a person",
      CLI_EXPLAIN, cli_explain },

    { "diff", "[--trial] [-f FIELD] [-l ACT] [--html FILE] OLD NEW",
      "the values on standard input whose verdict differs",
      CLI_DIFF, cli_diff },

    { "fmt", "[--check] PACK...",
      "write packs in their one form, or name those that are not in it",
      CLI_FMT, cli_fmt },

    { "import", "--from txt|csv|tsv|json [--encoding NAME] [--column N] "
      "[--ordinary PATH] -v VIEW -o LIST FILE",
      "make a list of an existing one, with a triage",
      CLI_IMPORT, cli_import },

    { "schema", "",
      "print a JSON Schema of packs, for editors",
      CLI_SCHEMA, cli_schema },

    { "view", "-v VIEW [--offsets | --masks] [FILE]",
      "one value a line in, that view of it a line out",
      CLI_VIEW, cli_view }
};


#define CLI_COMMANDS    (sizeof(cli_commands) / sizeof(cli_commands[0]))
#define CLI_BODY        (CLI_INSPECT | CLI_EXPLAIN)
#define CLI_POLICY      (CLI_SCAN | CLI_INSPECT | CLI_EXPLAIN)


typedef struct {
    const char           *name;         /* "-x" or "--xyz" */
    const char           *arg;          /* NULL: takes none */
    unsigned              commands;
    int                 (*set)(cli_t *cli, const char *value);
    size_t                offset;
    const char           *purpose;
} cli_option_t;


static int cli_set_string(cli_t *cli, const char *value);
static int cli_set_rules(cli_t *cli, const char *value);
static int cli_set_wires(cli_t *cli, const char *value);
static int cli_set_keys(cli_t *cli, const char *value);
static int cli_set_level(cli_t *cli, const char *value);
static int cli_set_rule(cli_t *cli, const char *value);
static int cli_set_flag(cli_t *cli, const char *value);
static int cli_set_limit(cli_t *cli, const char *value);
static int cli_set_type(cli_t *cli, const char *value);
static int cli_set_decode(cli_t *cli, const char *value);
static int cli_set_charset(cli_t *cli, const char *value);
static int cli_set_verified(cli_t *cli, const char *value);
static int cli_set_trial(cli_t *cli, const char *value);
static int cli_set_switch(cli_t *cli, const char *value);


static const cli_option_t  cli_options[] = {

    { "-r", "RULES", CLI_POLICY, cli_set_rules, 0,
      "a pack, a folder of packs, or a compiled file" },

    { "-f", "FIELD", CLI_SCAN | CLI_EXPLAIN | CLI_DIFF, cli_set_string,
      offsetof(cli_t, field),
      "the field that the lines are values of (name)" },

    { "--ndjson", NULL, CLI_SCAN, cli_set_switch, offsetof(cli_t, ndjson),
      "lines are JSON objects of fields" },

    { "-t", "CONTENT-TYPE", CLI_BODY, cli_set_string, offsetof(cli_t, type),
      "the body's media type; '' is a request without one" },

    { "-F", "FIELD=WIRE[,WIRE...]", CLI_BODY, cli_set_wires, 0,
      "how a field is spelled in the body" },

    { "-q", "QUERY", CLI_BODY, cli_set_string, offsetof(cli_t, query),
      "the query of the request" },

    { "-e", "CONTENT-ENCODING", CLI_BODY, cli_set_string,
      offsetof(cli_t, encoding), "the body's content encoding" },

    { "--keys", "loose|exact", CLI_BODY, cli_set_keys, 0,
      "how keys are compared (loose)" },

    { "--values", NULL, CLI_INSPECT, cli_set_switch, offsetof(cli_t, values),
      "show every value of every watched field" },

    { "--batch", NULL, CLI_INSPECT, cli_set_switch, offsetof(cli_t, batch),
      "lines are JSON objects: type, encoding, query, body (base64)" },

    { "-v", "VIEW", CLI_VIEW | CLI_IMPORT, cli_set_string,
      offsetof(cli_t, view),
      "raw, base, bare, ..." },

    { "-o", "FILE", CLI_COMPILE | CLI_IMPORT, cli_set_string,
      offsetof(cli_t, output),
      "where to write" },

    { "--offsets", NULL, CLI_VIEW, cli_set_switch, offsetof(cli_t, offsets),
      "show where each character of the view came from, and why" },

    { "--masks", NULL, CLI_VIEW, cli_set_switch, offsetof(cli_t, masks),
      "show what is read there with the masks off" },

    { "--from", "FORMAT", CLI_IMPORT, cli_set_string, offsetof(cli_t, from),
      "txt, csv, tsv or json" },

    { "--html", "FILE", CLI_DIFF, cli_set_string, offsetof(cli_t, html),
      "write a page that a reviewer reads, too" },

    { "--encoding", "NAME", CLI_IMPORT, cli_set_string,
      offsetof(cli_t, encoding), "of the file, as iconv names it (UTF-8)" },

    { "--column", "N", CLI_IMPORT, cli_set_string, offsetof(cli_t, column),
      "the column of a table, or the member of objects" },

    { "--cost", NULL, CLI_LINT, cli_set_switch, offsetof(cli_t, cost),
      "show what each rule costs, the dearest first" },

    { "--check", NULL, CLI_FMT, cli_set_switch, offsetof(cli_t, check),
      "change nothing; exit 1 if something would be" },

    { "--ordinary", "PATH", CLI_TEST | CLI_IMPORT, cli_set_string,
      offsetof(cli_t, ordinary),
      "a file or folder of texts that no rule may touch" },

    { "-l", "ACT[,WATCH]", CLI_POLICY | CLI_DIFF, cli_set_level, 0,
      "act on rules up to one level, watch up to another (1)" },

    { "--rule", "ID=ACTION", CLI_POLICY, cli_set_rule, 0,
      "off, trial, tag, verify or reject for one rule" },

    { "--flag", "FLAG=ACTION", CLI_POLICY, cli_set_flag, 0,
      "pass, tag or reject for a flag" },

    { "--limit", "NAME=VALUE", CLI_POLICY, cli_set_limit, 0,
      "a bound of the readers" },

    { "--type", "MEDIA-TYPE=READER", CLI_BODY, cli_set_type, 0,
      "json, form, multipart or none for a media type; +SUFFIX for many" },

    { "--charset", "NAME[,NAME...]", CLI_BODY, cli_set_charset, 0,
      "charsets that are converted to UTF-8 where they are declared" },

    { "--decode", "NAME[,NAME...]", CLI_BODY, cli_set_decode, 0,
      "content codings that are undone before reading: gzip, deflate" },

    { "--verified", "CLASS[=NAME,...]", CLI_POLICY, cli_set_verified, 0,
      "what the account is known to be, and the names that it bears" },

    { "--trial", NULL, CLI_POLICY | CLI_DIFF, cli_set_trial, 0,
      "trial rules act as if stable" }
};


#define CLI_OPTIONS     (sizeof(cli_options) / sizeof(cli_options[0]))


/* the row that is being set; options are read by one thread, once */

static const cli_option_t  *cli_option;


int
cli_error(const char *fmt, ...)
{
    va_list  args;

    fprintf(stderr, "acctinfo: ");

    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);

    fputc('\n', stderr);

    return CLI_USAGE;
}


void
cli_diag(void *ctx, const acct_diag_t *d)
{
    char  buf[2048];

    (void) ctx;

    acct_diag_format(buf, sizeof(buf), d);
    fprintf(stderr, "%s\n", buf);
}


static int
cli_set_string(cli_t *cli, const char *value)
{
    *(const char **) ((char *) cli + cli_option->offset) = value;

    return CLI_OK;
}


static int
cli_set_switch(cli_t *cli, const char *value)
{
    (void) value;

    *(unsigned *) ((char *) cli + cli_option->offset) = 1;

    return CLI_OK;
}


static int
cli_set_rules(cli_t *cli, const char *value)
{
    if (cli->nrules == CLI_RULES_MAX) {
        return cli_error("more than %d rule sets", CLI_RULES_MAX);
    }

    cli->rules[cli->nrules++] = value;

    return CLI_OK;
}


/* FIELD=WIRE[,WIRE...]: split at the first "="; "\," and "\\" are literal */

static int
cli_set_wires(cli_t *cli, const char *value)
{
    int          rc;
    char        *wire;
    size_t       n;
    acct_str_t   field, text;
    const char  *p;

    p = strchr(value, '=');

    if (p == NULL) {
        return cli_error("-F %s: must be FIELD=WIRE[,WIRE...]", value);
    }

    field.data = (const uint8_t *) value;
    field.len = (size_t) (p - value);

    wire = malloc(strlen(p) + 1);

    if (wire == NULL) {
        return cli_error("out of memory");
    }

    n = 0;
    rc = ACCT_OK;

    for (p++; rc == ACCT_OK; p++) {

        if (*p == '\\' && (p[1] == ',' || p[1] == '\\')) {
            wire[n++] = *++p;
            continue;
        }

        if (*p != ',' && *p != '\0') {
            wire[n++] = *p;
            continue;
        }

        text.data = (const uint8_t *) wire;
        text.len = n;
        rc = acct_policy_wire(cli->policy, field, text);
        n = 0;

        if (*p == '\0') {
            break;
        }
    }

    free(wire);
    cli->wires = 1;

    if (rc != ACCT_OK) {
        return cli_error("-F %s: %s", value, rc == ACCT_ERROR
                         ? "out of memory"
                         : "a field's name has 1 to 64 bytes, a wire at most "
                           "256, and there are 64 fields at most");
    }

    return CLI_OK;
}


static int
cli_set_keys(cli_t *cli, const char *value)
{
    if (strcmp(value, "loose") != 0 && strcmp(value, "exact") != 0) {
        return cli_error("--keys %s: must be loose or exact", value);
    }

    cli->policy->exact = *value == 'e';

    return CLI_OK;
}


static int
cli_set_level(cli_t *cli, const char *value)
{
    char      end;
    int       n;
    unsigned  act, watch;

    n = sscanf(value, "%1u,%1u%c", &act, &watch, &end);

    if (n == 1 && value[1] == '\0') {
        watch = act;
        n = 2;
    }

    if (n != 2 || acct_policy_level(cli->policy, act, watch) != ACCT_OK) {
        return cli_error("-l %s: must be ACT[,WATCH], levels from 0 to 3, "
                         "WATCH not below ACT", value);
    }

    return CLI_OK;
}


/* NAME=VALUE, split at the last "=" */

static int
cli_pair(const char *value, acct_str_t *name, acct_str_t *arg)
{
    const char  *eq;

    eq = strrchr(value, '=');

    if (eq == NULL || eq == value) {
        return cli_error("%s %s: must be %s", cli_option->name, value,
                         cli_option->arg);
    }

    name->data = (const uint8_t *) value;
    name->len = (size_t) (eq - value);
    *arg = acct_str(eq + 1);

    return CLI_OK;
}


static int
cli_pair_result(int rc, const char *value, const char *expected)
{
    if (rc == ACCT_OK) {
        return CLI_OK;
    }

    return cli_error("%s %s: %s", cli_option->name, value,
                     rc == ACCT_ERROR ? "out of memory" : expected);
}


static int
cli_set_rule(cli_t *cli, const char *value)
{
    acct_str_t  id, action;

    if (cli_pair(value, &id, &action) != CLI_OK) {
        return CLI_USAGE;
    }

    return cli_pair_result(acct_policy_rule(cli->policy, id, action), value,
                           "the action must be off, trial, tag, verify or "
                           "reject");
}


static int
cli_set_flag(cli_t *cli, const char *value)
{
    acct_str_t  flag, action;

    if (cli_pair(value, &flag, &action) != CLI_OK) {
        return CLI_USAGE;
    }

    return cli_pair_result(acct_policy_flag(cli->policy, flag, action), value,
                           "no such flag, or the action is none of pass, tag "
                           "and reject");
}


static int
cli_set_limit(cli_t *cli, const char *value)
{
    char                *end;
    acct_str_t           name, arg;
    unsigned long long   n;

    if (cli_pair(value, &name, &arg) != CLI_OK) {
        return CLI_USAGE;
    }

    errno = 0;
    n = strtoull((const char *) arg.data, &end, 10);

    if (errno || *end != '\0' || arg.len == 0 || arg.data[0] == '-') {
        return cli_error("--limit %s: the value must be a number", value);
    }

    return cli_pair_result(acct_policy_limit(cli->policy, name, (size_t) n),
                           value, "no such limit, or the value is out of its "
                           "range");
}


static int
cli_set_type(cli_t *cli, const char *value)
{
    acct_str_t  type, reader;

    if (cli_pair(value, &type, &reader) != CLI_OK) {
        return CLI_USAGE;
    }

    return cli_pair_result(acct_policy_type(cli->policy, type, reader), value,
                           "the reader must be json, form, multipart or none");
}


/* NAME[,NAME...]: each goes to the setter */

static int
cli_set_list(cli_t *cli, const char *value,
    int (*set)(acct_policy_t *p, acct_str_t name), const char *expected)
{
    int          rc;
    acct_str_t   name;
    const char  *p;

    for (p = value; /* void */ ; p += name.len + 1) {
        name.data = (const uint8_t *) p;
        name.len = strcspn(p, ",");

        rc = set(cli->policy, name);

        if (rc != ACCT_OK || p[name.len] == '\0') {
            return cli_pair_result(rc, value, expected);
        }
    }
}


static int
cli_set_decode(cli_t *cli, const char *value)
{
    return cli_set_list(cli, value, acct_policy_decode,
                        "a coding must be gzip or deflate");
}


static int
cli_set_charset(cli_t *cli, const char *value)
{
    return cli_set_list(cli, value, acct_policy_charset,
                        "no such charset, or ASCII's bytes are not the same "
                        "in it");
}


static int
cli_set_verified(cli_t *cli, const char *value)
{
    if (*value == '\0' || *value == '=') {
        return cli_error("--verified %s: must be CLASS[=NAME,...]", value);
    }

    if (cli->nverified == CLI_VERIFIED_MAX) {
        return cli_error("--verified: more than %d classes", CLI_VERIFIED_MAX);
    }

    cli->verified[cli->nverified++] = value;

    return CLI_OK;
}


static int
cli_set_trial(cli_t *cli, const char *value)
{
    (void) value;

    cli->policy->trial = 1;

    return CLI_OK;
}


int
cli_default_wires(acct_policy_t *policy)
{
    size_t  i;

    static const char  *wires[][2] = {
        { "name", "username" }, { "name", "nickname" }, { "name", "nick" },
        { "name", "name" }, { "name", "display_name" },
        { "name", "screen_name" }, { "name", "user.name" },
        { "signature", "signature" }, { "signature", "sign" },
        { "profile", "profile" }, { "profile", "bio" }, { "profile", "about" },
        { "profile", "intro" }, { "profile", "description" }
    };

    for (i = 0; i < sizeof(wires) / sizeof(wires[0]); i++) {
        if (acct_policy_wire(policy, acct_str(wires[i][0]),
                             acct_str(wires[i][1]))
            != ACCT_OK)
        {
            return ACCT_ERROR;
        }
    }

    return ACCT_OK;
}


/*
 * Without -r: $ACCTINFO_RULES, else the rules beside the executable's folder,
 * else the system's; never the working directory.
 */

static int
cli_default_rules(cli_t *cli, char *buf, size_t size)
{
    char     exe[PATH_MAX];
    ssize_t  n;

    static const char  *system_rules = "/usr/share/acctinfo/rules";

    cli->rules[0] = getenv("ACCTINFO_RULES");
    cli->nrules = 1;

    if (cli->rules[0] && *cli->rules[0]) {
        return CLI_OK;
    }

    n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

    if (n > 0) {
        exe[n] = '\0';
        n = snprintf(buf, size, "%s/../rules", dirname(exe));

        if (n > 0 && (size_t) n < size && access(buf, R_OK) == 0) {
            cli->rules[0] = buf;
            return CLI_OK;
        }
    }

    cli->rules[0] = system_rules;

    if (access(system_rules, R_OK) != 0) {
        return cli_error("no rules: give -r RULES or set ACCTINFO_RULES");
    }

    return CLI_OK;
}


int
cli_open(cli_t *cli)
{
    char          path[PATH_MAX + 16];
    size_t        k;
    unsigned      i, j;
    acct_str_t    id;
    acct_diags_t  diags = { cli_diag, NULL, 0, 0 };

    if (cli->nrules == 0
        && cli_default_rules(cli, path, sizeof(path)) != CLI_OK)
    {
        return CLI_USAGE;
    }

    for (i = 0; i < cli->nrules; i++) {
        cli->sets[i] = acct_ruleset_load(cli->rules[i], &diags);

        if (cli->sets[i] == NULL) {
            return CLI_USAGE;
        }

        cli->nsets++;
    }

    for (i = 1; i < cli->nsets; i++) {
        for (k = 0; k < acct_ruleset_count(cli->sets[i]); k++) {
            id = acct_ruleset_rule(cli->sets[i], k)->id;

            for (j = 0; j < i; j++) {
                if (acct_ruleset_find(cli->sets[j], id)) {
                    return cli_error("the rule %s is in %s and in %s",
                                     (const char *) id.data, cli->rules[j],
                                     cli->rules[i]);
                }
            }
        }
    }

    if (!cli->wires && cli_default_wires(cli->policy) != ACCT_OK) {
        return cli_error("out of memory");
    }

    if (acct_policy_ready(cli->policy) != ACCT_OK) {
        return cli_error("out of memory");
    }

    cli->workspace = acct_workspace_create(&acct_heap);

    if (cli->workspace == NULL) {
        return cli_error("out of memory");
    }

    return CLI_OK;
}


/* CLASS[=NAME,...]: one vouch for each name; "\," and "\\" are literal */

static int
cli_vouch(acct_inspect_t *in, const char *value)
{
    int          rc;
    char        *name;
    size_t       n;
    acct_str_t   class, text;
    const char  *p;

    text.data = NULL;
    text.len = 0;

    p = strchr(value, '=');

    class.data = (const uint8_t *) value;
    class.len = p ? (size_t) (p - value) : strlen(value);

    if (p == NULL) {
        return acct_inspect_vouch(in, class, text);
    }

    name = malloc(strlen(p) + 1);

    if (name == NULL) {
        return ACCT_ERROR;
    }

    n = 0;
    rc = ACCT_OK;

    for (p++; rc == ACCT_OK; p++) {

        if (*p == '\\' && (p[1] == ',' || p[1] == '\\')) {
            name[n++] = *++p;
            continue;
        }

        if (*p != ',' && *p != '\0') {
            name[n++] = *p;
            continue;
        }

        text.data = (const uint8_t *) name;
        text.len = n;
        rc = acct_inspect_vouch(in, class, text);
        n = 0;

        if (*p == '\0') {
            break;
        }
    }

    free(name);

    return rc;
}


acct_inspect_t *
cli_inspection(cli_t *cli)
{
    unsigned         i;
    acct_inspect_t  *in;

    in = acct_inspect_create(&acct_heap, cli->policy, cli->sets, cli->nsets,
                             cli->workspace);

    for (i = 0; in && i < cli->nverified; i++) {
        if (cli_vouch(in, cli->verified[i]) != ACCT_OK) {
            acct_inspect_destroy(in);
            in = NULL;
        }
    }

    if (in == NULL) {
        cli_error("out of memory");
    }

    return in;
}


void
cli_close(cli_t *cli)
{
    unsigned  i;

    for (i = 0; i < cli->nsets; i++) {
        acct_ruleset_release(cli->sets[i]);
    }

    acct_workspace_destroy(cli->workspace);
    acct_policy_destroy(cli->policy);
}


FILE *
cli_input(cli_t *cli)
{
    FILE  *f;

    if (cli->nargs == 0) {
        return stdin;
    }

    if (cli->nargs > 1) {
        cli_error("%s: one FILE at most", cli->command);
        return NULL;
    }

    f = fopen(cli->args[0], "rb");

    if (f == NULL) {
        cli_error("%s: %s", cli->args[0], strerror(errno));
    }

    return f;
}


int
cli_write(acct_buf_t *out)
{
    if (out->len && fwrite(out->data, 1, out->len, stdout) != out->len) {
        return cli_error("standard output: %s", strerror(errno));
    }

    out->len = 0;

    return CLI_OK;
}


int
cli_report(acct_buf_t *out, const acct_inspect_t *in, acct_str_t extra)
{
    out->len = 0;

    if (acct_report(out, in, extra) != ACCT_OK
        || acct_buf_append(out, "\n", 1) != ACCT_OK)
    {
        return cli_error("out of memory");
    }

    return cli_write(out);
}


static int
cli_usage(FILE *f)
{
    size_t               i;
    const cli_option_t  *o;

    fprintf(f, "acctinfo " ACCTINFO_VERSION ": account information, checked\n"
            "\nusage:\n");

    for (i = 0; i < CLI_COMMANDS; i++) {
        fprintf(f, "  acctinfo %s %s\n      %s\n", cli_commands[i].name,
                cli_commands[i].args, cli_commands[i].purpose);
    }

    fprintf(f, "\noptions:\n");

    for (i = 0; i < CLI_OPTIONS; i++) {
        o = &cli_options[i];
        fprintf(f, "  %s %s\n      %s\n", o->name, o->arg ? o->arg : "",
                o->purpose);
    }

    fprintf(f, "\nexit status: 0 done, 1 findings, 2 usage or a file that "
            "cannot be read\n");

    return f == stdout ? CLI_OK : CLI_USAGE;
}


/* "-xVALUE", "-x VALUE", "--xyz=VALUE", "--xyz VALUE" */

static int
cli_parse(cli_t *cli, const cli_command_t *command, int argc, char **argv)
{
    int                  i;
    size_t               k, n;
    const char          *arg, *value;
    const cli_option_t  *o;

    for (i = 0; i < argc; i++) {
        arg = argv[i];

        if (strcmp(arg, "--") == 0) {
            for (i++; i < argc; i++) {
                cli->args[cli->nargs++] = argv[i];
            }

            break;
        }

        if (arg[0] != '-' || arg[1] == '\0') {
            cli->args[cli->nargs++] = argv[i];
            continue;
        }

        o = NULL;

        for (k = 0; k < CLI_OPTIONS; k++) {
            o = &cli_options[k];
            n = strlen(o->name);

            if ((o->commands & command->bit)
                && strncmp(o->name, arg, n) == 0
                && (arg[n] == '\0'
                    || (o->arg && (o->name[1] != '-' || arg[n] == '='))))
            {
                break;
            }
        }

        if (k == CLI_OPTIONS) {
            return cli_error("%s: unknown option %s", command->name, arg);
        }

        value = NULL;

        if (o->arg) {
            n = strlen(o->name);

            if (arg[n] != '\0') {
                value = arg + n + (o->name[1] == '-');

            } else if (++i < argc) {
                value = argv[i];

            } else {
                return cli_error("%s: %s needs %s", command->name, o->name,
                                 o->arg);
            }
        }

        cli_option = o;

        if (o->set(cli, value) != CLI_OK) {
            return CLI_USAGE;
        }
    }

    return CLI_OK;
}


int
main(int argc, char **argv)
{
    int     rc;
    long    n;
    size_t  i;
    cli_t   cli;

    if (argc < 2) {
        return cli_usage(stderr);
    }

    n = sysconf(_SC_NPROCESSORS_ONLN);
    acct_ruleset_threads(n > 0 ? (unsigned) n : 1);

    if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0
        || strcmp(argv[1], "-h") == 0)
    {
        return cli_usage(stdout);
    }

    if (strcmp(argv[1], "--version") == 0) {
        printf("acctinfo %s, Hyperscan %s\n", ACCTINFO_VERSION,
               acct_engine_version());
        return CLI_OK;
    }

    for (i = 0; i < CLI_COMMANDS; i++) {
        if (strcmp(cli_commands[i].name, argv[1]) == 0) {
            break;
        }
    }

    if (i == CLI_COMMANDS) {
        cli_error("unknown command %s", argv[1]);
        return cli_usage(stderr);
    }

    memset(&cli, 0, sizeof(cli_t));

    cli.command = argv[1];
    cli.policy = acct_policy_create(&acct_heap);
    cli.args = calloc((size_t) argc, sizeof(char *));

    if (cli.policy == NULL || cli.args == NULL) {
        return cli_error("out of memory");
    }

    setvbuf(stdout, NULL, _IOFBF, CLI_BUFFER);

    rc = cli_parse(&cli, &cli_commands[i], argc - 2, argv + 2);

    if (rc == CLI_OK) {
        rc = cli_commands[i].run(&cli);
    }

    cli_close(&cli);
    free(cli.args);

    if (fflush(stdout) != 0 && rc == CLI_OK) {
        rc = cli_error("standard output: %s", strerror(errno));
    }

    return rc;
}
