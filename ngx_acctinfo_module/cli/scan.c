
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acctinfo scan: one value a line in, one verdict a line out.
 */


#include <jansson.h>

#include "cli.h"


#define CLI_OBJECT_MAX    (64 * 1024 * 1024)


static const acct_str_t  cli_nothing = acct_null_string;


/* Lines are values of one field, of any length, passed on as they come */

static int
cli_scan_values(cli_t *cli, acct_inspect_t *in, cli_lines_t *lines,
    acct_buf_t *out)
{
    int         rc, more;
    unsigned    field, slot, end, begun;
    acct_str_t  name, piece;

    name = acct_str(cli->field ? cli->field : "name");
    field = acct_policy_field_find(cli->policy, name);
    begun = 0;
    slot = 0;

    for ( ;; ) {
        more = cli_lines_next(lines, &piece, &end);

        if (more <= 0) {
            return more ? CLI_USAGE : CLI_OK;
        }

        rc = ACCT_OK;

        if (!begun) {
            acct_inspect_reset(in);
            rc = acct_inspect_value_open(in, field, name, &slot);
        }

        begun = !end;

        if (rc == ACCT_OK) {
            rc = end ? acct_inspect_value_close(in, slot, piece.data,
                                                piece.len)
                     : acct_inspect_value_data(in, slot, piece.data,
                                               piece.len);
        }

        if (rc == ACCT_ERROR) {
            return cli_error("out of memory, or the scan failed");
        }

        if (end && cli_report(out, in, cli_nothing) != CLI_OK) {
            return CLI_USAGE;
        }
    }
}


/* A field's value in an object, in the shapes that the JSON reader takes */

static int
cli_scan_json(acct_inspect_t *in, unsigned field, acct_str_t key, json_t *v)
{
    int          rc;
    char        *number;
    size_t       i;
    json_t      *child;
    acct_str_t   text;
    const char  *name;

    switch (json_typeof(v)) {

    case JSON_STRING:
        text.data = (const uint8_t *) json_string_value(v);
        text.len = json_string_length(v);

        return acct_inspect_value(in, field, key, text);

    case JSON_TRUE:
    case JSON_FALSE:
        return acct_inspect_value(in, field, key,
                                  acct_str(json_is_true(v) ? "true" : "false"));

    case JSON_INTEGER:
    case JSON_REAL:
        number = json_dumps(v, JSON_ENCODE_ANY);

        if (number == NULL) {
            return ACCT_ERROR;
        }

        rc = acct_inspect_value(in, field, key, acct_str(number));
        free(number);

        return rc;

    case JSON_ARRAY:
        json_array_foreach(v, i, child) {
            rc = cli_scan_json(in, field, key, child);

            if (rc != ACCT_OK) {
                return rc;
            }
        }

        return ACCT_OK;

    case JSON_OBJECT:
        json_object_foreach(v, name, child) {
            rc = cli_scan_json(in, field, acct_str(name), child);

            if (rc != ACCT_OK) {
                return rc;
            }
        }

        return ACCT_OK;

    default:
        return ACCT_OK;
    }
}


static int
cli_scan_object(cli_t *cli, acct_inspect_t *in, const acct_buf_t *line)
{
    int          rc;
    json_t      *root, *v;
    unsigned     field;
    const char  *key;

    acct_inspect_reset(in);

    root = json_loadb((const char *) line->data, line->len,
                      JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);

    if (!json_is_object(root)) {
        acct_inspect_raise(in, ACCT_FLAG_MALFORMED);
        json_decref(root);
        return ACCT_OK;
    }

    rc = ACCT_OK;

    json_object_foreach(root, key, v) {

        field = acct_policy_field(cli->policy, acct_str(key));

        if (field == ACCT_FIELDS_MAX) {
            acct_inspect_raise(in, ACCT_FLAG_TOO_MANY);
            break;
        }

        rc = cli_scan_json(in, field, acct_str(key), v);

        if (rc != ACCT_OK) {
            break;
        }
    }

    json_decref(root);

    return rc == ACCT_OK ? acct_inspect_end(in) : rc;
}


static int
cli_scan_objects(cli_t *cli, acct_inspect_t *in, cli_lines_t *lines,
    acct_buf_t *out)
{
    int         rc, more;
    unsigned    end, overlong;
    acct_str_t  piece;
    acct_buf_t  line;

    acct_buf_init(&line, &acct_heap, CLI_OBJECT_MAX);

    rc = CLI_OK;
    overlong = 0;

    while (rc == CLI_OK) {
        more = cli_lines_next(lines, &piece, &end);

        if (more <= 0) {
            rc = more ? CLI_USAGE : CLI_OK;
            break;
        }

        if (!overlong
            && acct_buf_append(&line, piece.data, piece.len) != ACCT_OK)
        {
            overlong = 1;
        }

        if (!end) {
            continue;
        }

        if (overlong) {
            acct_inspect_reset(in);
            acct_inspect_raise(in, ACCT_FLAG_TOO_LONG);

        } else if (cli_scan_object(cli, in, &line) == ACCT_ERROR) {
            rc = cli_error("out of memory, or the scan failed");
            break;
        }

        line.len = 0;
        overlong = 0;
        rc = cli_report(out, in, cli_nothing);
    }

    acct_buf_free(&line);

    return rc;
}


int
cli_scan(cli_t *cli)
{
    int              rc;
    FILE            *f;
    acct_buf_t       out;
    cli_lines_t      lines;
    acct_inspect_t  *in;

    if (cli->field
        && acct_policy_field(cli->policy, acct_str(cli->field))
           == ACCT_FIELDS_MAX)
    {
        return cli_error("-f %s: not a field's name", cli->field);
    }

    rc = cli_open(cli);

    if (rc != CLI_OK) {
        return rc;
    }

    f = cli_input(cli);

    if (f == NULL || cli_lines_open(&lines, f) != CLI_OK) {
        return CLI_USAGE;
    }

    acct_buf_init(&out, &acct_heap, 2 * ACCT_REPORT_MAX);

    in = cli_inspection(cli);

    if (in == NULL) {
        rc = CLI_USAGE;

    } else if (cli->ndjson) {
        rc = cli_scan_objects(cli, in, &lines, &out);

    } else {
        rc = cli_scan_values(cli, in, &lines, &out);
    }

    acct_inspect_destroy(in);
    acct_buf_free(&out);
    cli_lines_close(&lines);

    if (f != stdin) {
        fclose(f);
    }

    return rc;
}
