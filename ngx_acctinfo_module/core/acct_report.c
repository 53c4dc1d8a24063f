
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * A line stays within its bound because what makes it up does: at most 32
 * matches, each with a rule's id and a field's name of bounded length.
 */


#include <inttypes.h>
#include <stdio.h>

#include "acctinfo.h"
#include "acct_unicode.h"


#define acct_report_text(out, s)   acct_buf_append(out, s, sizeof(s) - 1)


int
acct_report_string(acct_buf_t *out, acct_str_t s)
{
    int             n;
    char            esc[8];
    size_t          i, plain;
    uint32_t        c;
    const uint8_t  *p;

    if (acct_report_text(out, "\"") != ACCT_OK) {
        return ACCT_ERROR;
    }

    p = s.data;
    plain = 0;

    for (i = 0; i < s.len; /* void */ ) {
        c = p[i];

        if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
            i++;
            continue;
        }

        n = 1;

        if (c >= 0x80) {
            n = acct_utf8_read(p + i, s.len - i, &c);

            if (n > 0) {
                i += (size_t) n;
                continue;
            }

            n = n < 0 ? -n : (int) (s.len - i);
            memcpy(esc, "\xef\xbf\xbd", 4);

        } else if (c == '"' || c == '\\') {
            esc[0] = '\\';
            esc[1] = (char) c;
            esc[2] = '\0';

        } else if (c == '\n') {
            memcpy(esc, "\\n", 3);

        } else if (c == '\t') {
            memcpy(esc, "\\t", 3);

        } else if (c == '\r') {
            memcpy(esc, "\\r", 3);

        } else {
            snprintf(esc, sizeof(esc), "\\u%04x", (unsigned) c);
        }

        if (acct_buf_append(out, p + plain, i - plain) != ACCT_OK
            || acct_buf_append(out, esc, strlen(esc)) != ACCT_OK)
        {
            return ACCT_ERROR;
        }

        i += (size_t) n;
        plain = i;
    }

    if (s.len > plain
        && acct_buf_append(out, p + plain, s.len - plain) != ACCT_OK)
    {
        return ACCT_ERROR;
    }

    return acct_report_text(out, "\"");
}


static int
acct_report_or_null(acct_buf_t *out, acct_str_t s)
{
    return s.len ? acct_report_string(out, s) : acct_report_text(out, "null");
}


static int
acct_report_match(acct_buf_t *out, const acct_policy_t *p,
    const acct_match_t *m)
{
    int         n;
    char        buf[128];
    acct_str_t  view;

    view = acct_views[m->rule->view].name;

    n = snprintf(buf, sizeof(buf),
                 ",\"view\":\"%.*s\",\"span\":[%" PRIu64 ",%" PRIu64 "]",
                 (int) view.len, (const char *) view.data, m->start, m->end);

    if (acct_report_text(out, "{\"rule\":") != ACCT_OK
        || acct_report_string(out, m->rule->id) != ACCT_OK
        || acct_report_text(out, ",\"field\":") != ACCT_OK
        || acct_report_string(out, acct_policy_field_name(p, m->field))
           != ACCT_OK
        || acct_buf_append(out, buf, (size_t) n) != ACCT_OK)
    {
        return ACCT_ERROR;
    }

    if (m->watched || m->action != m->pack_action) {
        n = snprintf(buf, sizeof(buf), ",\"pack_action\":\"%s\"",
                     (const char *) acct_actions[m->pack_action].data);

        if (acct_buf_append(out, buf, (size_t) n) != ACCT_OK) {
            return ACCT_ERROR;
        }
    }

    return acct_report_text(out, "}");
}


static int
acct_report_list(acct_buf_t *out, const acct_inspect_t *in,
    const acct_matches_t *m)
{
    unsigned               i;
    const acct_verdict_t  *v;

    v = acct_inspect_verdict(in);

    if (acct_report_text(out, "[") != ACCT_OK) {
        return ACCT_ERROR;
    }

    for (i = 0; i < m->n; i++) {
        if ((i && acct_report_text(out, ",") != ACCT_OK)
            || acct_report_match(out, acct_inspect_policy(in),
                                 acct_matches_get(v, m, i))
               != ACCT_OK)
        {
            return ACCT_ERROR;
        }
    }

    return acct_report_text(out, "]");
}


int
acct_report_matches(acct_buf_t *out, const acct_inspect_t *in)
{
    return acct_report_list(out, in, &acct_inspect_verdict(in)->matches);
}


int
acct_report_ruleset(acct_buf_t *out, const acct_inspect_t *in)
{
    unsigned                i, n;
    acct_str_t              s;
    acct_ruleset_t *const  *rs;

    n = acct_inspect_rulesets(in, &rs);

    for (i = 0; i < n; i++) {
        s = acct_ruleset_serial(rs[i]);

        if ((i && acct_report_text(out, ",") != ACCT_OK)
            || acct_buf_append(out, s.data, s.len) != ACCT_OK)
        {
            return ACCT_ERROR;
        }
    }

    return ACCT_OK;
}


static int
acct_report_words(acct_buf_t *out, uint32_t flags, const char *quote)
{
    size_t      n;
    unsigned    i, first;

    n = strlen(quote);
    first = 1;

    for (i = 0; i < ACCT_FLAGS; i++) {

        if (!(flags & acct_flag_bit(i))) {
            continue;
        }

        if ((!first && acct_report_text(out, ",") != ACCT_OK)
            || acct_buf_append(out, quote, n) != ACCT_OK
            || acct_buf_append(out, acct_flags[i].name.data,
                               acct_flags[i].name.len)
               != ACCT_OK
            || acct_buf_append(out, quote, n) != ACCT_OK)
        {
            return ACCT_ERROR;
        }

        first = 0;
    }

    return ACCT_OK;
}


int
acct_report_flags(acct_buf_t *out, uint32_t flags)
{
    return acct_report_words(out, flags, "");
}


int
acct_report(acct_buf_t *out, const acct_inspect_t *in, acct_str_t extra)
{
    int                    n;
    char                   buf[128];
    acct_str_t             rule, reason, category, serial;
    acct_buf_t             serials;
    const acct_verdict_t  *v;

    static const acct_str_t  none = acct_null_string;

    v = acct_inspect_verdict(in);

    rule = v->decider.rule ? v->decider.rule->id : none;
    reason = v->decider.rule ? v->decider.rule->reason : none;
    category = v->decider.rule ? v->decider.rule->category : none;

    n = snprintf(buf, sizeof(buf), ",\"evasive\":%s,\"match_count\":%" PRIu64
                 ",\"matches\":", v->decider.rule && v->decider.evasive
                 ? "true" : "false", v->matches.count);

    if (acct_report_text(out, "{\"action\":") != ACCT_OK
        || acct_report_string(out, acct_actions[v->action]) != ACCT_OK
        || acct_report_text(out, ",\"rule\":") != ACCT_OK
        || acct_report_or_null(out, rule) != ACCT_OK
        || acct_report_text(out, ",\"reason\":") != ACCT_OK
        || acct_report_or_null(out, reason) != ACCT_OK
        || acct_report_text(out, ",\"category\":") != ACCT_OK
        || acct_report_or_null(out, category) != ACCT_OK
        || acct_buf_append(out, buf, (size_t) n) != ACCT_OK
        || acct_report_matches(out, in) != ACCT_OK
        || acct_report_text(out, ",\"watched\":") != ACCT_OK
        || acct_report_list(out, in, &v->watched) != ACCT_OK
        || acct_report_text(out, ",\"flags\":[") != ACCT_OK
        || acct_report_words(out, v->flags, "\"") != ACCT_OK
        || acct_report_text(out, "],\"ruleset\":") != ACCT_OK)
    {
        return ACCT_ERROR;
    }

    acct_buf_init(&serials, out->alloc, ACCT_REPORT_MAX);

    if (acct_report_ruleset(&serials, in) != ACCT_OK) {
        acct_buf_free(&serials);
        return ACCT_ERROR;
    }

    serial.data = serials.data;
    serial.len = serials.len;

    n = acct_report_string(out, serial);

    acct_buf_free(&serials);

    if (n != ACCT_OK || acct_buf_append(out, extra.data, extra.len) != ACCT_OK)
    {
        return ACCT_ERROR;
    }

    return acct_report_text(out, "}");
}
