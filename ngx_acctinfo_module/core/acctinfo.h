
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acctinfo.h: the front door of the core, and the only header that those who
 * use it include.
 *
 *     bytes -> fields -> views -> matches -> verdict
 *
 * Three things go in: a rule set (what is bad), a policy (where to look and
 * what an oddity means) and a workspace (what scanning needs).  One comes
 * out: a verdict.  The verdict is a function of the request's bytes, the rule
 * sets and the policy, never of how the bytes were cut.
 *
 *     rs = acct_ruleset_load("rules", &diags);
 *
 *     policy = acct_policy_create(&acct_heap);
 *     acct_policy_wire(policy, field, wire);  ...
 *     acct_policy_ready(policy);
 *
 *     ws = acct_workspace_create(&acct_heap);
 *
 *     in = acct_inspect_create(&acct_heap, policy, &rs, 1, ws);
 *     acct_inspect_query(in, query);
 *     acct_inspect_begin(in, &info);
 *     acct_inspect_feed(in, data, len);  ...
 *     acct_inspect_end(in);
 *     verdict = acct_inspect_verdict(in);
 *     acct_inspect_destroy(in);
 */


#ifndef ACCTINFO_H_INCLUDED
#define ACCTINFO_H_INCLUDED


#include "acct_base.h"
#include "acct_body.h"
#include "acct_policy.h"
#include "acct_text.h"
#include "acct_pack.h"
#include "acct_ruleset.h"
#include "acct_verdict.h"


#define ACCTINFO_VERSION    "0.1.0"

const char *acct_unicode_version(void);        /* of the tables built in */


/*
 * What a worker process or a thread scans with: scratch, lanes.  Never
 * shared; used by any number of inspections in turn, also interleaved.
 */

typedef struct acct_workspace_s  acct_workspace_t;

acct_workspace_t *acct_workspace_create(const acct_alloc_t *a);
void acct_workspace_destroy(acct_workspace_t *ws);


/*
 * Fits the workspace to a rule set ahead of the first request, so that no
 * request pays for it.  Without, the first that meets the rule set does.
 */

int acct_workspace_fit(acct_workspace_t *ws, const acct_ruleset_t *rs);


/*
 * One request's inspection, from its first byte to its verdict.
 *
 * The inspection holds a reference of each rule set from create() to
 * destroy(); policy, workspace and allocator outlive it.  At most
 * ACCT_RULESETS_MAX rule sets.  NULL: out of memory.
 */

#define ACCT_RULESETS_MAX   16


typedef struct acct_inspect_s  acct_inspect_t;

acct_inspect_t *acct_inspect_create(const acct_alloc_t *a,
    const acct_policy_t *policy, acct_ruleset_t *const *rulesets, unsigned n,
    acct_workspace_t *ws);
void acct_inspect_destroy(acct_inspect_t *in);


/*
 * The calls, in this order: value() for what is known without the body (wires
 * that are nginx variables; the command's scan), query(), begin(), feed() any
 * number of times, end().  Each but begin and end is optional.
 *
 * ACCT_OK: go on.  ACCT_DONE: the verdict stands, nothing more is read; later
 * calls return it again.  ACCT_ERROR: our own failure; there is no verdict.
 */

int acct_inspect_value(acct_inspect_t *in, unsigned field, acct_str_t key,
    acct_str_t value);

/* the same in pieces; close() brings the last */

int acct_inspect_value_open(acct_inspect_t *in, unsigned field, acct_str_t key,
    unsigned *slot);
int acct_inspect_value_data(acct_inspect_t *in, unsigned slot,
    const uint8_t *p, size_t n);
int acct_inspect_value_close(acct_inspect_t *in, unsigned slot,
    const uint8_t *p, size_t n);

int acct_inspect_query(acct_inspect_t *in, acct_str_t query);
int acct_inspect_begin(acct_inspect_t *in, const acct_body_info_t *info);
int acct_inspect_feed(acct_inspect_t *in, const uint8_t *p, size_t n);
int acct_inspect_end(acct_inspect_t *in);


/*
 * What the account is known to be, from whoever is trusted to know: a class,
 * and a name that it rightfully bears if name.data is not NULL.  Both are
 * copied.  May be called many times, before the first value; reset() keeps
 * what was said.
 */

int acct_inspect_vouch(acct_inspect_t *in, acct_str_t class, acct_str_t name);


/* A flag that the caller has to raise, by its row */

void acct_inspect_raise(acct_inspect_t *in, unsigned flag);


/* Makes an inspection ready for another request under the same policy */

void acct_inspect_reset(acct_inspect_t *in);


/* Valid until destroy(); complete when end() was called or DONE returned */

const acct_verdict_t *acct_inspect_verdict(const acct_inspect_t *in);

/* How many values of watched fields were met */

uint32_t acct_inspect_met(const acct_inspect_t *in);


/*
 * An observer is told of every value of every watched field, in the order
 * met.  With one, the body is read to its end even after a field has reached
 * reject, and the verdict stays what it was there.  Slots are as in
 * acct_body_sink_t; the observer's flag may be NULL.
 */

void acct_inspect_observe(acct_inspect_t *in, const acct_body_sink_t *sink,
    void *ctx);


/* A tracer is told of everything that a rule looks for and that was found */

void acct_inspect_trace(acct_inspect_t *in, acct_trace_pt trace, void *ctx);


/*
 * The verdict as one line of JSON, without the line's end, appended to out.
 * Members in extra, if it is not empty, are put before the closing brace as
 * they are (",\"time\":1"), so that a caller adds its own particulars.
 * ACCT_ERROR: out of memory, or over out's bound.  A line is never longer
 * than ACCT_REPORT_MAX bytes without extra.
 */

#define ACCT_REPORT_MAX     65536

int acct_report(acct_buf_t *out, const acct_inspect_t *in, acct_str_t extra);

/* The matches alone, as the JSON array that stands in the line */

int acct_report_matches(acct_buf_t *out, const acct_inspect_t *in);

/* The serials of the inspection's rule sets, joined by commas */

int acct_report_ruleset(acct_buf_t *out, const acct_inspect_t *in);

/* The words of a set of flags, joined by commas */

int acct_report_flags(acct_buf_t *out, uint32_t flags);

/* s as a JSON string with its quotes; ill-formed bytes become U+FFFD */

int acct_report_string(acct_buf_t *out, acct_str_t s);

/* What an inspection was made with */

const acct_policy_t *acct_inspect_policy(const acct_inspect_t *in);
unsigned acct_inspect_rulesets(const acct_inspect_t *in,
    acct_ruleset_t *const **rulesets);


#endif /* ACCTINFO_H_INCLUDED */
