
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acctinfo inspect: one request body in, one verdict out.
 */


#include <errno.h>
#include <stdlib.h>

#include <jansson.h>

#include "cli.h"


#define CLI_VALUES_MAX    ((size_t) 1 << 30)
#define CLI_BATCH_MAX     ((size_t) 1 << 30)


/* What --values gathers of one value; slots as the core numbers them */

typedef struct {
    acct_buf_t            head;         /* its member up to the value */
    acct_buf_t            value;
} cli_value_t;


typedef struct {
    acct_policy_t        *policy;
    unsigned              open;         /* a bit for each slot in use */
    cli_value_t           slots[ACCT_SLOTS];

    size_t                n;            /* values begun */
    size_t                size;
    acct_buf_t           *done;         /* in the order in which they began */
    size_t                order[ACCT_SLOTS];
} cli_values_t;


static int cli_values_open(void *ctx, const acct_value_info_t *info,
    unsigned *slot);
static int cli_values_data(void *ctx, unsigned slot, const uint8_t *p,
    size_t n);
static int cli_values_close(void *ctx, unsigned slot, const uint8_t *p,
    size_t n);


static const acct_body_sink_t  cli_values_sink = {
    cli_values_open, cli_values_data, cli_values_close, NULL
};


#define cli_text(out, s)    acct_buf_append(out, s, sizeof(s) - 1)


static int
cli_values_open(void *ctx, const acct_value_info_t *info, unsigned *slot)
{
    size_t         size;
    unsigned       i;
    acct_buf_t    *done;
    cli_value_t   *v;
    cli_values_t  *values;

    values = ctx;

    for (i = 0; values->open & (1u << i); i++) { /* void */ }

    if (i == ACCT_SLOTS) {
        return ACCT_ERROR;
    }

    if (values->n == values->size) {
        size = values->size ? values->size * 2 : 16;
        done = realloc(values->done, size * sizeof(acct_buf_t));

        if (done == NULL) {
            return ACCT_ERROR;
        }

        values->done = done;
        values->size = size;
    }

    acct_buf_init(&values->done[values->n], &acct_heap, CLI_VALUES_MAX);

    values->order[i] = values->n++;
    values->open |= 1u << i;
    *slot = i;

    v = &values->slots[i];

    v->value.len = 0;
    v->head.len = 0;

    if (cli_text(&v->head, "{\"field\":") != ACCT_OK
        || acct_report_string(&v->head, values->policy->fields[info->field])
           != ACCT_OK
        || cli_text(&v->head, ",\"key\":") != ACCT_OK
        || acct_report_string(&v->head, info->key) != ACCT_OK)
    {
        return ACCT_ERROR;
    }

    if (info->filename.data
        && (cli_text(&v->head, ",\"filename\":") != ACCT_OK
            || acct_report_string(&v->head, info->filename) != ACCT_OK))
    {
        return ACCT_ERROR;
    }

    return cli_text(&v->head, ",\"value\":");
}


static int
cli_values_data(void *ctx, unsigned slot, const uint8_t *p, size_t n)
{
    cli_values_t  *values;

    values = ctx;

    return acct_buf_append(&values->slots[slot].value, p, n);
}


static int
cli_values_close(void *ctx, unsigned slot, const uint8_t *p, size_t n)
{
    acct_str_t     s;
    acct_buf_t    *done;
    cli_value_t   *v;
    cli_values_t  *values;

    values = ctx;
    v = &values->slots[slot];
    values->open &= ~(1u << slot);

    if (acct_buf_append(&v->value, p, n) != ACCT_OK) {
        return ACCT_ERROR;
    }

    s.data = v->value.data;
    s.len = v->value.len;

    done = &values->done[values->order[slot]];

    if (acct_buf_append(done, v->head.data, v->head.len) != ACCT_OK
        || acct_report_string(done, s) != ACCT_OK)
    {
        return ACCT_ERROR;
    }

    return cli_text(done, "}");
}


static void
cli_values_init(cli_values_t *values, acct_policy_t *policy)
{
    unsigned  i;

    memset(values, 0, sizeof(cli_values_t));

    values->policy = policy;

    for (i = 0; i < ACCT_SLOTS; i++) {
        acct_buf_init(&values->slots[i].head, &acct_heap, 65536);
        acct_buf_init(&values->slots[i].value, &acct_heap, CLI_VALUES_MAX);
    }
}


static void
cli_values_reset(cli_values_t *values)
{
    size_t  i;

    for (i = 0; i < values->n; i++) {
        acct_buf_free(&values->done[i]);
    }

    values->n = 0;
    values->open = 0;
}


static void
cli_values_free(cli_values_t *values)
{
    unsigned  i;

    cli_values_reset(values);

    for (i = 0; i < ACCT_SLOTS; i++) {
        acct_buf_free(&values->slots[i].head);
        acct_buf_free(&values->slots[i].value);
    }

    free(values->done);
}


/* a value that the body's end cut short never closed: it has no member */

static int
cli_values_extra(cli_values_t *values, acct_buf_t *extra)
{
    size_t  i, n;

    extra->len = 0;

    if (cli_text(extra, ",\"fields\":[") != ACCT_OK) {
        return ACCT_ERROR;
    }

    for (i = 0, n = 0; i < values->n; i++) {
        if (values->done[i].len == 0) {
            continue;
        }

        if ((n++ && cli_text(extra, ",") != ACCT_OK)
            || acct_buf_append(extra, values->done[i].data,
                               values->done[i].len)
               != ACCT_OK)
        {
            return ACCT_ERROR;
        }
    }

    return cli_text(extra, "]");
}


typedef struct {
    cli_t                *cli;
    acct_inspect_t       *in;
    cli_values_t          values;
    acct_buf_t            extra;
    acct_buf_t            out;
    size_t                number;       /* of the batch's line */
} cli_inspect_t;


static int
cli_inspect_line(cli_inspect_t *ci)
{
    acct_str_t  extra = acct_null_string;

    if (ci->cli->values) {
        if (cli_values_extra(&ci->values, &ci->extra) != ACCT_OK) {
            return cli_error("out of memory");
        }

        extra.data = ci->extra.data;
        extra.len = ci->extra.len;
    }

    return cli_report(&ci->out, ci->in, extra);
}


static int
cli_inspect_begin(cli_inspect_t *ci, acct_str_t type, acct_str_t encoding,
    acct_str_t query, int64_t length)
{
    int               rc;
    acct_body_info_t  info;

    acct_inspect_reset(ci->in);
    cli_values_reset(&ci->values);

    memset(&info, 0, sizeof(acct_body_info_t));

    info.type = type;
    info.encoding = encoding;
    info.length = length;

    rc = ACCT_OK;

    if (query.data) {
        rc = acct_inspect_query(ci->in, query);
    }

    return rc == ACCT_OK ? acct_inspect_begin(ci->in, &info) : rc;
}


static int
cli_inspect_one(cli_inspect_t *ci, FILE *f)
{
    int          rc;
    size_t       n;
    uint8_t     *buf;
    acct_str_t   type, encoding;

    buf = malloc(65536);

    if (buf == NULL) {
        return cli_error("out of memory");
    }

    /* an empty type is a request without one */

    type = acct_str(ci->cli->type);
    encoding = acct_str(ci->cli->encoding);

    if (type.len == 0) {
        type.data = NULL;
    }

    if (encoding.len == 0) {
        encoding.data = NULL;
    }

    rc = cli_inspect_begin(ci, type, encoding, acct_str(ci->cli->query), -1);

    while (rc == ACCT_OK) {
        n = fread(buf, 1, 65536, f);

        if (n == 0) {
            if (ferror(f)) {
                free(buf);
                return cli_error("input: %s", strerror(errno));
            }

            rc = acct_inspect_end(ci->in);
            break;
        }

        rc = acct_inspect_feed(ci->in, buf, n);
    }

    free(buf);

    if (rc == ACCT_ERROR) {
        return cli_error("out of memory, or the scan failed");
    }

    return cli_inspect_line(ci);
}


/* RFC 4648, section 4; the result is never longer than the text */

static int
cli_base64(const char *p, size_t n, uint8_t *out, size_t *len)
{
    size_t       i, k;
    uint32_t     bits;
    unsigned     have;
    const char  *at;

    static const char  alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    while (n && p[n - 1] == '=') {
        n--;
    }

    bits = 0;
    have = 0;
    k = 0;

    for (i = 0; i < n; i++) {
        at = p[i] ? strchr(alphabet, p[i]) : NULL;

        if (at == NULL) {
            return ACCT_ERROR;
        }

        bits = (bits << 6) | (uint32_t) (at - alphabet);
        have += 6;

        if (have >= 8) {
            have -= 8;
            out[k++] = (uint8_t) (bits >> have);
        }
    }

    *len = k;

    return ACCT_OK;
}


static acct_str_t
cli_batch_member(json_t *root, const char *name)
{
    json_t      *v;
    acct_str_t   s = acct_null_string;

    v = json_object_get(root, name);

    if (json_is_string(v)) {
        s.data = (const uint8_t *) json_string_value(v);
        s.len = json_string_length(v);
    }

    return s;
}


static int
cli_batch_line(void *ctx, acct_str_t line)
{
    int           rc;
    size_t        n, number;
    json_t       *root;
    uint8_t      *data;
    acct_str_t    type, encoding, query, body;
    json_error_t  error;
    cli_inspect_t *ci;

    ci = ctx;
    number = ++ci->number;

    root = json_loadb((const char *) line.data, line.len, JSON_ALLOW_NUL,
                      &error);

    if (!json_is_object(root)) {
        json_decref(root);
        return cli_error("line %zu: %s", number,
                         root ? "not an object" : error.text);
    }

    type = cli_batch_member(root, "type");
    encoding = cli_batch_member(root, "encoding");
    query = cli_batch_member(root, "query");
    body = cli_batch_member(root, "body");

    if (type.data == NULL && ci->cli->type) {
        type = acct_str(ci->cli->type);
    }

    if (type.len == 0) {
        type.data = NULL;
    }

    if (encoding.len == 0) {
        encoding.data = NULL;
    }

    data = malloc(body.len + 1);

    if (data == NULL) {
        json_decref(root);
        return cli_error("out of memory");
    }

    if (cli_base64((const char *) body.data, body.len, data, &n) != ACCT_OK) {
        free(data);
        json_decref(root);
        return cli_error("line %zu: the body is not base64", number);
    }

    rc = cli_inspect_begin(ci, type, encoding, query, (int64_t) n);

    if (rc == ACCT_OK && n) {
        rc = acct_inspect_feed(ci->in, data, n);
    }

    if (rc == ACCT_OK) {
        rc = acct_inspect_end(ci->in);
    }

    free(data);
    json_decref(root);

    if (rc == ACCT_ERROR) {
        return cli_error("out of memory, or the scan failed");
    }

    return cli_inspect_line(ci);
}


int
cli_inspect(cli_t *cli)
{
    int            rc;
    FILE          *f;
    cli_inspect_t  ci;

    if (cli->type == NULL && !cli->batch) {
        return cli_error("inspect: -t CONTENT-TYPE is missing");
    }

    rc = cli_open(cli);

    if (rc != CLI_OK) {
        return rc;
    }

    f = cli_input(cli);

    if (f == NULL) {
        return CLI_USAGE;
    }

    ci.cli = cli;
    ci.number = 0;

    cli_values_init(&ci.values, cli->policy);
    acct_buf_init(&ci.extra, &acct_heap, CLI_VALUES_MAX);
    acct_buf_init(&ci.out, &acct_heap, CLI_VALUES_MAX + ACCT_REPORT_MAX);

    ci.in = cli_inspection(cli);

    if (ci.in == NULL) {
        rc = CLI_USAGE;

    } else {
        if (cli->values) {
            acct_inspect_observe(ci.in, &cli_values_sink, &ci.values);
        }

        rc = cli->batch ? cli_each_line(f, "input", CLI_BATCH_MAX,
                                        cli_batch_line, &ci)
                        : cli_inspect_one(&ci, f);
    }

    acct_inspect_destroy(ci.in);
    cli_values_free(&ci.values);
    acct_buf_free(&ci.extra);
    acct_buf_free(&ci.out);

    if (f != stdin) {
        fclose(f);
    }

    return rc;
}
