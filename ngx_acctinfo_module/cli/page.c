
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acctinfo diff --html: one page that a reviewer reads.
 *
 * Nothing is loaded from elsewhere, so that it can be attached to a review and
 * opened anywhere.  Values are whatever people wrote: they are escaped, what
 * cannot be seen is shown by its code point, and each stands in a <bdi>, so
 * that a right-to-left mark in one cannot turn the page around.
 */


#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "acct_unicode.h"
#include "cli.h"
#include "cli_page.h"


static const char  cli_page_head[] =
"<!DOCTYPE html>\n"
"<html lang=\"en\">\n"
"<head>\n"
"<meta charset=\"utf-8\">\n"
"<meta name=\"viewport\" content=\"width=device-width\">\n"
"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
"style-src 'unsafe-inline'\">\n"
"<title>acctinfo diff</title>\n"
"<style>\n"
":root { color-scheme: light dark; --pass: #2e7d46; --tag: #8a6d00;\n"
"        --verify: #b35400; --reject: #b3261e; --bar: #7a9cc6;\n"
"        --line: #8884; }\n"
"@media (prefers-color-scheme: dark) { :root { --pass: #6fcf8a;\n"
"        --tag: #e3c45a; --verify: #f2a35e; --reject: #ff8a80;\n"
"        --bar: #4d6f9c; } }\n"
"body { font: 15px/1.5 system-ui, sans-serif; margin: 2em auto;\n"
"       max-width: 64em; padding: 0 1em; }\n"
"table { border-collapse: collapse; width: 100%; }\n"
"th, td { text-align: left; padding: .3em .8em .3em 0; vertical-align: top;\n"
"         border-bottom: 1px solid var(--line); }\n"
"td.n { text-align: right; font-variant-numeric: tabular-nums; }\n"
"td.bar { width: 40%; }\n"
".bar div { background: var(--bar); height: 1em; border-radius: 2px; }\n"
"bdi { white-space: pre-wrap; overflow-wrap: anywhere; }\n"
".pass { color: var(--pass); } .tag { color: var(--tag); }\n"
".verify { color: var(--verify); } .reject { color: var(--reject); }\n"
".pass, .tag, .verify, .reject { font-weight: 600; }\n"
"code, .u { font-family: ui-monospace, monospace; font-size: .85em; }\n"
".u { border: 1px solid var(--line); border-radius: 3px; padding: 0 .2em; }\n"
"</style>\n"
"</head>\n"
"<body>\n"
"<h1>What changes</h1>\n";


void
cli_page_init(cli_page_t *p)
{
    memset(p, 0, sizeof(cli_page_t));
}


void
cli_page_free(cli_page_t *p)
{
    unsigned  i;

    for (i = 0; i < p->n; i++) {
        free(p->rows[i].value);
    }

    p->n = 0;
}


/*
 * Which values matter most: the greater the step from one action to the other,
 * and within one rule's change the first ones, so that one rule with a
 * thousand values does not hide the others.
 */

int
cli_page_add(cli_page_t *p, acct_str_t value, acct_str_t id, unsigned was,
    unsigned is, size_t nth)
{
    unsigned         i;
    long             weight;
    uint8_t         *copy;
    cli_page_row_t  *row;

    weight = 16 * (long) (was > is ? was - is : is - was) + (is > was);
    weight -= (long) (nth > 4096 ? 4096 : nth);

    if (p->n == CLI_PAGE_VALUES && weight <= p->rows[p->n - 1].weight) {
        return CLI_OK;
    }

    if (value.len > CLI_PAGE_LENGTH) {
        value.len = CLI_PAGE_LENGTH;
    }

    copy = malloc(value.len + 1);

    if (copy == NULL) {
        return cli_error("out of memory");
    }

    if (value.len) {
        memcpy(copy, value.data, value.len);
    }

    if (p->n == CLI_PAGE_VALUES) {
        free(p->rows[--p->n].value);
    }

    for (i = p->n++; i && p->rows[i - 1].weight < weight; i--) {
        p->rows[i] = p->rows[i - 1];
    }

    row = &p->rows[i];

    row->value = copy;
    row->len = value.len;
    row->id = id;
    row->was = was;
    row->is = is;
    row->weight = weight;

    return CLI_OK;
}


/* what a browser would not show, or would let act on what stands around it */

static int
cli_page_hidden(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x34f
           || c == 0x61c || (c >= 0x115f && c <= 0x1160)
           || (c >= 0x17b4 && c <= 0x17b5) || (c >= 0x180b && c <= 0x180f)
           || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e)
           || (c >= 0x2060 && c <= 0x206f) || c == 0x2800 || c == 0x3164
           || (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff || c == 0xffa0
           || (c >= 0xfff0 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe0fff);
}


static void
cli_page_text(FILE *f, const uint8_t *p, size_t len)
{
    int       n;
    size_t    i;
    uint32_t  c;

    for (i = 0; i < len; i += (size_t) n) {
        n = acct_utf8_read(p + i, len - i, &c);

        if (n <= 0) {
            fprintf(f, "<span class=\"u\">%02X</span>", p[i]);
            n = 1;

        } else if (c == '<') {
            fputs("&lt;", f);

        } else if (c == '>') {
            fputs("&gt;", f);

        } else if (c == '&') {
            fputs("&amp;", f);

        } else if (c == '"') {
            fputs("&quot;", f);

        } else if (cli_page_hidden(c)) {
            fprintf(f, "<span class=\"u\">U+%04X</span>", (unsigned) c);

        } else {
            fwrite(p + i, 1, (size_t) n, f);
        }
    }
}


static void
cli_page_step(FILE *f, unsigned was, unsigned is)
{
    const char  *a, *b;

    a = (const char *) acct_actions[was].data;
    b = (const char *) acct_actions[is].data;

    fprintf(f, "<td><span class=\"%s\">%s</span> &rarr; "
            "<span class=\"%s\">%s</span></td>", a, a, b, b);
}


int
cli_page_write(const cli_page_t *p, const char *path, const char *const *names,
    const cli_change_t *changes, size_t n, size_t differ, size_t lines)
{
    int              rc;
    FILE            *f;
    size_t           i;
    const cli_page_row_t  *row;

    f = fopen(path, "wb");

    if (f == NULL) {
        return cli_error("%s: %s", path, strerror(errno));
    }

    fputs(cli_page_head, f);

    fputs("<p>From <code>", f);
    cli_page_text(f, (const uint8_t *) names[0], strlen(names[0]));
    fputs("</code> to <code>", f);
    cli_page_text(f, (const uint8_t *) names[1], strlen(names[1]));
    fprintf(f, "</code>: %zu of %zu values get another verdict.</p>\n", differ,
            lines);

    if (n) {
        fputs("<h2>By rule</h2>\n<table>\n<tr><th>rule</th><th>change</th>"
              "<th>values</th><th></th></tr>\n", f);
    }

    for (i = 0; i < n; i++) {
        fputs("<tr><td><code>", f);
        cli_page_text(f, changes[i].id.data, changes[i].id.len);
        fputs("</code></td>", f);
        cli_page_step(f, changes[i].was, changes[i].is);
        fprintf(f, "<td class=\"n\">%zu</td><td class=\"bar\">"
                "<div style=\"width:%.1f%%\"></div></td></tr>\n",
                changes[i].n, 100.0 * (double) changes[i].n
                              / (double) changes[0].n);
    }

    if (n) {
        fprintf(f, "</table>\n<h2>%s</h2>\n<table>\n<tr><th>value</th>"
                "<th>change</th><th>by</th></tr>\n",
                p->n < differ ? "The values that matter most"
                              : "The values");
    }

    for (i = 0; i < p->n; i++) {
        row = &p->rows[i];

        fputs("<tr><td><bdi>", f);
        cli_page_text(f, row->value, row->len);
        fprintf(f, "</bdi>%s</td>",
                row->len == CLI_PAGE_LENGTH ? " &hellip;" : "");
        cli_page_step(f, row->was, row->is);
        fputs("<td><code>", f);
        cli_page_text(f, row->id.data, row->id.len);
        fputs("</code></td></tr>\n", f);
    }

    fputs(n ? "</table>\n</body>\n</html>\n" : "</body>\n</html>\n", f);

    rc = ferror(f);

    if (fclose(f) != 0 || rc) {
        return cli_error("%s: cannot be written", path);
    }

    return CLI_OK;
}
