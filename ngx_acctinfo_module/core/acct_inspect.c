
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * The corridor: the body room pushes the values of watched fields to the sink
 * here; a value goes through a lane, which renders it into views; each window
 * of a view goes through a sieve for each rule set; what the sieves let pass
 * is tallied, and the tally joins the verdict when the value closes.
 */


#include "acctinfo.h"
#include "acct_drawn.h"


/*
 * Bytes of an open value that wait for more before a lane is borrowed: a
 * request that waits in the middle of an ordinary value holds no lane.
 */

#define ACCT_VALUE_BUFFER    4096


/*
 * The joined field: so much of each value, so many values, so much in all.
 * What is smuggled across fields is short.
 */

#define ACCT_JOINED_VALUE    1024
#define ACCT_JOINED_PARTS    64
#define ACCT_JOINED_MAX      16384


typedef struct acct_lane_s  acct_lane_t;

struct acct_lane_s {
    acct_lane_t          *next;         /* free lanes */
    acct_lane_t          *second;       /* of the same value, masks off */
    acct_text_t          *text;
    acct_tally_t          tally;

    acct_scratch_t       *scratch;
    unsigned              n;
    unsigned              views[ACCT_RULESETS_MAX];
    acct_sieve_t         *sieves[ACCT_RULESETS_MAX];
};


struct acct_workspace_s {
    const acct_alloc_t   *alloc;
    acct_scratch_t       *scratch;
    acct_lane_t          *free;
};


typedef struct {
    acct_inspect_t       *inspect;
    unsigned              open;
    unsigned              field;
    uint32_t              occurrence;
    unsigned              slot;         /* the observer's */
    size_t                left;         /* of a caller's value: bytes before
                                           it is too long */
    acct_buf_t            buf;
    acct_buf_t            head;         /* what the joined field takes of it */
    acct_drawn_t          drawn;
    acct_lane_t          *lane;
} acct_value_t;


/* A closed value that waits for the joined field */

typedef struct {
    unsigned              field;
    uint32_t              occurrence;
    size_t                start;
    size_t                len;
} acct_piece_t;


typedef struct {
    acct_buf_t            text;
    unsigned              n;
    acct_piece_t          pieces[ACCT_JOINED_PARTS];
} acct_joined_t;


struct acct_inspect_s {
    const acct_alloc_t   *alloc;
    const acct_policy_t  *policy;
    acct_workspace_t     *workspace;
    acct_body_t          *body;

    unsigned              n;
    acct_ruleset_t       *rulesets[ACCT_RULESETS_MAX];

    acct_verdict_t        verdict;
    uint32_t              occurrences;
    acct_value_t         *slots[ACCT_SLOTS];

    unsigned              joins;        /* a rule reads the joined field */
    acct_joined_t        *joined;

    acct_vouch_t         *vouches;
    unsigned              nvouches;

    const acct_body_sink_t  *observer;
    void                 *observer_ctx;

    acct_trace_pt         trace;
    void                 *trace_ctx;

    unsigned              done;         /* nothing more is read */
    unsigned              frozen;       /* read on, but the verdict stands */
};


static int acct_inspect_open(void *ctx, const acct_value_info_t *info,
    unsigned *slot);
static int acct_inspect_data(void *ctx, unsigned slot, const uint8_t *p,
    size_t n);
static int acct_inspect_close(void *ctx, unsigned slot, const uint8_t *p,
    size_t n);
static void acct_inspect_flag(void *ctx, unsigned flag);


static const acct_body_sink_t  acct_inspect_sink = {
    acct_inspect_open,
    acct_inspect_data,
    acct_inspect_close,
    acct_inspect_flag
};


acct_workspace_t *
acct_workspace_create(const acct_alloc_t *a)
{
    acct_workspace_t  *ws;

    ws = acct_calloc(a, sizeof(acct_workspace_t));

    if (ws == NULL) {
        return NULL;
    }

    ws->alloc = a;
    ws->scratch = acct_scratch_create(a);

    if (ws->scratch == NULL) {
        acct_free(a, ws);
        return NULL;
    }

    return ws;
}


int
acct_workspace_fit(acct_workspace_t *ws, const acct_ruleset_t *rs)
{
    return acct_scratch_fit(ws->scratch, rs);
}


static void
acct_lane_destroy(acct_lane_t *lane, const acct_alloc_t *a)
{
    unsigned  i;

    for (i = 0; i < ACCT_RULESETS_MAX; i++) {
        acct_sieve_destroy(lane->sieves[i]);
    }

    acct_text_destroy(lane->text);
    acct_free(a, lane);
}


void
acct_workspace_destroy(acct_workspace_t *ws)
{
    acct_lane_t  *lane;

    if (ws == NULL) {
        return;
    }

    while (ws->free) {
        lane = ws->free;
        ws->free = lane->next;
        acct_lane_destroy(lane, ws->alloc);
    }

    acct_scratch_destroy(ws->scratch);
    acct_free(ws->alloc, ws);
}


static acct_lane_t *
acct_lane_borrow(acct_workspace_t *ws)
{
    acct_lane_t  *lane;

    lane = ws->free;

    if (lane) {
        ws->free = lane->next;
        return lane;
    }

    lane = acct_calloc(ws->alloc, sizeof(acct_lane_t));

    if (lane == NULL) {
        return NULL;
    }

    lane->text = acct_text_create(ws->alloc);

    if (lane->text == NULL) {
        acct_free(ws->alloc, lane);
        return NULL;
    }

    return lane;
}


static void
acct_lane_return(acct_workspace_t *ws, acct_lane_t *lane)
{
    if (lane->second) {
        acct_lane_return(ws, lane->second);
        lane->second = NULL;
    }

    lane->next = ws->free;
    ws->free = lane;
}


static int
acct_lane_window(void *ctx, const acct_window_t *w)
{
    unsigned      i;
    acct_lane_t  *lane;

    lane = ctx;

    for (i = 0; i < lane->n; i++) {

        if (!(lane->views[i] & acct_view_bit(w->view))) {
            continue;
        }

        if (acct_sieve_window(lane->sieves[i], lane->scratch, w, &lane->tally)
            != ACCT_OK)
        {
            return ACCT_ERROR;
        }
    }

    return ACCT_OK;
}


/*
 * A text flag that the operator gave an action is looked for even where no
 * rule reads a view that raises it.
 */

static unsigned
acct_inspect_flag_views(const acct_policy_t *p)
{
    unsigned  i, views;

    views = 0;

    for (i = 0; i < ACCT_FLAGS; i++) {
        if (acct_flags[i].text && p->flags[i] != ACCT_PASS) {
            views |= acct_view_bit(i == ACCT_FLAG_MIXED_SCRIPT
                                   && acct_views[ACCT_VIEW_LATIN].built
                                   ? ACCT_VIEW_LATIN : ACCT_VIEW_BASE);
        }
    }

    return views;
}


/*
 * A lane for a value, or for its reading with the masks off behind the first
 * one; the place where it stands owns it.
 */

static int
acct_inspect_borrow(acct_inspect_t *in, acct_value_t *value,
    const acct_part_t *parts, unsigned nparts, acct_lane_t **place,
    const acct_verdict_t *first)
{
    unsigned             i, views;
    acct_lane_t         *lane;
    acct_sieve_field_t   field;

    lane = acct_lane_borrow(in->workspace);

    if (lane == NULL) {
        return ACCT_ERROR;
    }

    *place = lane;

    lane->n = in->n;
    lane->scratch = in->workspace->scratch;

    acct_tally_init(&lane->tally);

    field.policy = in->policy;
    field.trace = in->trace;
    field.trace_ctx = in->trace_ctx;
    field.field = value->field;
    field.occurrence = value->occurrence;

    field.parts = parts;
    field.nparts = nparts;
    field.vouches = in->vouches;
    field.nvouches = in->nvouches;
    field.first = first;

    views = nparts || first ? 0 : acct_inspect_flag_views(in->policy);

    for (i = 0; i < in->n; i++) {
        field.ruleset = in->rulesets[i];

        if (acct_scratch_fit(lane->scratch, field.ruleset) != ACCT_OK) {
            return ACCT_ERROR;
        }

        if (lane->sieves[i] == NULL) {
            lane->sieves[i] = acct_sieve_create(in->workspace->alloc);

            if (lane->sieves[i] == NULL) {
                return ACCT_ERROR;
            }
        }

        lane->views[i] = acct_ruleset_views(field.ruleset,
                                   acct_policy_field_name(in->policy,
                                                          value->field),
                                   &field.mask);

        if (first) {
            lane->views[i] &= ~acct_view_bit(ACCT_VIEW_RAW);
        }

        views |= lane->views[i];

        acct_sieve_begin(lane->sieves[i], &field);
    }

    return acct_text_begin(lane->text, views, acct_lane_window, lane);
}


static int
acct_inspect_second(void *ctx, acct_text_t **text)
{
    acct_value_t  *value;

    value = ctx;

    if (acct_inspect_borrow(value->inspect, value, NULL, 0,
                            &value->lane->second,
                            &value->lane->tally.verdict)
        != ACCT_OK)
    {
        return ACCT_ERROR;
    }

    *text = value->lane->second->text;

    return ACCT_OK;
}


static int
acct_inspect_lane(acct_inspect_t *in, acct_value_t *value)
{
    if (acct_inspect_borrow(in, value, NULL, 0, &value->lane, NULL)
        != ACCT_OK)
    {
        return ACCT_ERROR;
    }

    value->inspect = in;

    return acct_text_unmask(value->lane->text, acct_inspect_second, value);
}


static int
acct_inspect_open(void *ctx, const acct_value_info_t *info, unsigned *slot)
{
    unsigned         i;
    acct_value_t    *value;
    acct_inspect_t  *in;

    in = ctx;

    for (i = 0; i < ACCT_SLOTS; i++) {
        if (in->slots[i] == NULL || !in->slots[i]->open) {
            break;
        }
    }

    if (i == ACCT_SLOTS) {
        return ACCT_ERROR;
    }

    value = in->slots[i];

    if (value == NULL) {
        value = acct_calloc(in->alloc, sizeof(acct_value_t));

        if (value == NULL) {
            return ACCT_ERROR;
        }

        acct_buf_init(&value->buf, in->alloc, ACCT_VALUE_BUFFER);
        acct_buf_init(&value->head, in->alloc, ACCT_JOINED_VALUE);
        in->slots[i] = value;
    }

    value->open = 1;
    value->field = info->field;
    value->occurrence = in->occurrences++;

    memset(&value->drawn, 0, sizeof(acct_drawn_t));

    *slot = i;

    if (in->observer) {
        return in->observer->open(in->observer_ctx, info, &value->slot);
    }

    return ACCT_OK;
}


static int
acct_inspect_text(acct_inspect_t *in, acct_value_t *value, const uint8_t *p,
    size_t n)
{
    if (value->lane == NULL) {

        if (acct_inspect_lane(in, value) != ACCT_OK) {
            return ACCT_ERROR;
        }

        if (value->buf.len
            && acct_text_feed(value->lane->text, value->buf.data,
                              value->buf.len)
               != ACCT_OK)
        {
            return ACCT_ERROR;
        }

        acct_buf_free(&value->buf);
    }

    return n ? acct_text_feed(value->lane->text, p, n) : ACCT_OK;
}


/* the beginning of a value, for the joined field */

static int
acct_inspect_keep(acct_value_t *value, const uint8_t *p, size_t n)
{
    size_t  left;

    left = ACCT_JOINED_VALUE - value->head.len;

    return acct_buf_append(&value->head, p, n < left ? n : left);
}


/* a value has closed: a piece of the joined field */

static int
acct_inspect_piece(acct_inspect_t *in, acct_value_t *value)
{
    acct_piece_t   *piece;
    acct_joined_t  *j;

    if (value->head.len == 0) {
        return ACCT_OK;
    }

    if (in->joined == NULL) {
        in->joined = acct_calloc(in->alloc, sizeof(acct_joined_t));

        if (in->joined == NULL) {
            return ACCT_ERROR;
        }

        acct_buf_init(&in->joined->text, in->alloc, ACCT_JOINED_MAX);
    }

    j = in->joined;

    if (j->n < ACCT_JOINED_PARTS
        && value->head.len <= ACCT_JOINED_MAX - j->text.len)
    {
        piece = &j->pieces[j->n++];

        piece->field = value->field;
        piece->occurrence = value->occurrence;
        piece->start = j->text.len;
        piece->len = value->head.len;

        if (acct_buf_append(&j->text, value->head.data, value->head.len)
            != ACCT_OK)
        {
            return ACCT_ERROR;
        }
    }

    value->head.len = 0;

    return ACCT_OK;
}


static int
acct_inspect_data(void *ctx, unsigned slot, const uint8_t *p, size_t n)
{
    int              rc;
    acct_value_t    *value;
    acct_inspect_t  *in;

    in = ctx;
    value = in->slots[slot];

    if (in->observer) {
        rc = in->observer->data(in->observer_ctx, value->slot, p, n);

        if (rc != ACCT_OK) {
            return rc;
        }
    }

    if (in->frozen || n == 0) {
        return ACCT_OK;
    }

    acct_drawn_feed(&value->drawn, p, n);

    if (in->joins && acct_inspect_keep(value, p, n) != ACCT_OK) {
        return ACCT_ERROR;
    }

    if (value->lane == NULL && n <= ACCT_VALUE_BUFFER - value->buf.len) {
        return acct_buf_append(&value->buf, p, n);
    }

    return acct_inspect_text(in, value, p, n);
}


/* the end of a value's text: its tally joins the verdict */

static int
acct_inspect_merge(acct_inspect_t *in, acct_value_t *value)
{
    int           rc;
    acct_lane_t  *lane;

    lane = value->lane;

    if (acct_text_end(lane->text) != ACCT_OK) {
        return ACCT_ERROR;
    }

    if (value->field != ACCT_FIELD_JOINED) {
        lane->tally.verdict.flags = acct_text_flags(lane->text)
                                    | acct_drawn_end(&value->drawn);
    }

    rc = acct_verdict_merge(&in->verdict, in->alloc, &lane->tally.verdict);

    if (rc == ACCT_OK && lane->second) {
        rc = acct_text_end(lane->second->text);

        if (rc == ACCT_OK) {
            rc = acct_verdict_merge(&in->verdict, in->alloc,
                                    &lane->second->tally.verdict);
        }
    }

    acct_lane_return(in->workspace, lane);
    value->lane = NULL;

    return rc;
}


/*
 * The joined field comes after all others, when none of them reached reject:
 * its text is made of the pieces in the order of the policy's fields.
 */

static int
acct_inspect_join(acct_inspect_t *in)
{
    int             rc;
    size_t          len;
    unsigned        i, k, n;
    acct_buf_t      text;
    acct_part_t     parts[ACCT_JOINED_PARTS];
    acct_value_t    value;
    acct_piece_t   *piece, last;
    acct_joined_t  *j;

    j = in->joined;

    if (j == NULL || j->n < 2 || in->frozen
        || in->verdict.action == ACCT_REJECT)
    {
        return ACCT_OK;
    }

    /* few and nearly in order already */

    for (i = 1; i < j->n; i++) {
        last = j->pieces[i];

        for (k = i; k > 0; k--) {
            piece = &j->pieces[k - 1];

            if (piece->field < last.field
                || (piece->field == last.field
                    && piece->occurrence < last.occurrence))
            {
                break;
            }

            j->pieces[k] = *piece;
        }

        j->pieces[k] = last;
    }

    acct_buf_init(&text, in->alloc, ACCT_JOINED_MAX + ACCT_JOINED_PARTS);
    memset(&value, 0, sizeof(acct_value_t));

    value.field = ACCT_FIELD_JOINED;
    value.occurrence = in->occurrences++;

    n = j->n;
    len = 0;
    rc = ACCT_OK;

    for (i = 0; i < n && rc == ACCT_OK; i++) {
        piece = &j->pieces[i];

        if (i) {
            rc = acct_buf_append(&text, "\n", 1);
            len++;
        }

        parts[i].start = len;
        len += piece->len;
        parts[i].end = len;

        if (rc == ACCT_OK) {
            rc = acct_buf_append(&text, j->text.data + piece->start,
                                 piece->len);
        }
    }

    j->n = 0;
    j->text.len = 0;

    if (rc == ACCT_OK) {
        rc = acct_inspect_borrow(in, &value, parts, n, &value.lane, NULL);
    }

    if (rc == ACCT_OK) {
        rc = acct_text_feed(value.lane->text, text.data, text.len);
    }

    if (rc == ACCT_OK) {
        rc = acct_inspect_merge(in, &value);
    }

    if (value.lane) {
        acct_lane_return(in->workspace, value.lane);
    }

    acct_buf_free(&text);

    return rc;
}


static int
acct_inspect_close(void *ctx, unsigned slot, const uint8_t *p, size_t n)
{
    int              rc;
    acct_value_t    *value;
    acct_inspect_t  *in;

    in = ctx;
    value = in->slots[slot];
    value->open = 0;

    if (in->observer) {
        rc = in->observer->close(in->observer_ctx, value->slot, p, n);

        if (rc != ACCT_OK) {
            return rc;
        }
    }

    if (in->frozen) {
        return ACCT_OK;
    }

    acct_drawn_feed(&value->drawn, p, n);

    if (in->joins
        && ((n && acct_inspect_keep(value, p, n) != ACCT_OK)
            || acct_inspect_piece(in, value) != ACCT_OK))
    {
        return ACCT_ERROR;
    }

    if (acct_inspect_text(in, value, p, n) != ACCT_OK
        || acct_inspect_merge(in, value) != ACCT_OK)
    {
        return ACCT_ERROR;
    }

    if (in->verdict.action != ACCT_REJECT) {
        return ACCT_OK;
    }

    if (in->observer) {
        in->frozen = 1;
        return ACCT_OK;
    }

    return ACCT_DONE;
}


static void
acct_inspect_flag(void *ctx, unsigned flag)
{
    acct_inspect_t  *in;

    in = ctx;

    if (in->observer && in->observer->flag) {
        in->observer->flag(in->observer_ctx, flag);
    }

    if (!in->frozen) {
        in->verdict.flags |= acct_flag_bit(flag);
    }
}


acct_inspect_t *
acct_inspect_create(const acct_alloc_t *a, const acct_policy_t *policy,
    acct_ruleset_t *const *rulesets, unsigned n, acct_workspace_t *ws)
{
    unsigned         i;
    uint64_t         mask;
    acct_inspect_t  *in;

    if (n > ACCT_RULESETS_MAX) {
        return NULL;
    }

    in = acct_calloc(a, sizeof(acct_inspect_t));

    if (in == NULL) {
        return NULL;
    }

    in->alloc = a;
    in->policy = policy;
    in->workspace = ws;

    for (i = 0; i < n; i++) {
        in->rulesets[i] = rulesets[i];
        in->joins |= acct_ruleset_views(rulesets[i], acct_joined, &mask);
        acct_ruleset_retain(rulesets[i]);
    }

    in->n = n;

    return in;
}


void
acct_inspect_destroy(acct_inspect_t *in)
{
    unsigned       i;
    acct_value_t  *value;

    if (in == NULL) {
        return;
    }

    for (i = 0; i < ACCT_SLOTS; i++) {
        value = in->slots[i];

        if (value == NULL) {
            continue;
        }

        if (value->lane) {
            acct_lane_return(in->workspace, value->lane);
        }

        acct_buf_free(&value->buf);
        acct_buf_free(&value->head);
        acct_free(in->alloc, value);
    }

    if (in->joined) {
        acct_buf_free(&in->joined->text);
        acct_free(in->alloc, in->joined);
    }

    for (i = 0; i < in->nvouches; i++) {
        acct_free(in->alloc, (void *) in->vouches[i].class.data);
        acct_free(in->alloc, (void *) in->vouches[i].name.data);
    }

    acct_free(in->alloc, in->vouches);

    for (i = 0; i < in->n; i++) {
        acct_ruleset_release(in->rulesets[i]);
    }

    acct_body_destroy(in->body);
    acct_verdict_free(&in->verdict, in->alloc);
    acct_free(in->alloc, in);
}


int
acct_inspect_vouch(acct_inspect_t *in, acct_str_t class, acct_str_t name)
{
    acct_str_t     copy;
    acct_vouch_t  *v;

    v = acct_array(in->alloc, in->nvouches + 1, sizeof(acct_vouch_t));

    if (v == NULL) {
        return ACCT_ERROR;
    }

    if (in->nvouches) {
        memcpy(v, in->vouches, in->nvouches * sizeof(acct_vouch_t));
    }

    acct_free(in->alloc, in->vouches);
    in->vouches = v;

    v = &in->vouches[in->nvouches];
    copy = acct_str_dup(in->alloc, class);

    if (copy.data == NULL) {
        return ACCT_ERROR;
    }

    v->class = copy;
    in->nvouches++;

    if (name.data) {
        v->name = acct_str_dup(in->alloc, name);

        if (v->name.data == NULL) {
            return ACCT_ERROR;
        }
    }

    return ACCT_OK;
}


void
acct_inspect_raise(acct_inspect_t *in, unsigned flag)
{
    acct_inspect_flag(in, flag);
}


void
acct_inspect_reset(acct_inspect_t *in)
{
    unsigned       i;
    acct_value_t  *value;

    for (i = 0; i < ACCT_SLOTS; i++) {
        value = in->slots[i];

        if (value == NULL) {
            continue;
        }

        if (value->lane) {
            acct_lane_return(in->workspace, value->lane);
            value->lane = NULL;
        }

        value->open = 0;
        value->buf.len = 0;
        value->head.len = 0;
    }

    if (in->joined) {
        in->joined->n = 0;
        in->joined->text.len = 0;
    }

    acct_body_destroy(in->body);

    in->body = NULL;
    in->verdict.action = ACCT_PASS;
    in->verdict.decider.rule = NULL;
    in->verdict.matches.count = 0;
    in->verdict.matches.n = 0;
    in->verdict.watched.count = 0;
    in->verdict.watched.n = 0;
    in->verdict.flags = 0;
    in->occurrences = 0;
    in->done = 0;
    in->frozen = 0;
}


void
acct_inspect_observe(acct_inspect_t *in, const acct_body_sink_t *sink,
    void *ctx)
{
    in->observer = sink;
    in->observer_ctx = ctx;
}


/* a command that scans values never needs a reader */

static int
acct_inspect_body(acct_inspect_t *in)
{
    if (in->body == NULL) {
        in->body = acct_body_create(in->alloc, in->policy->compiled,
                                    &in->policy->limits, &acct_inspect_sink,
                                    in);

        if (in->body) {
            acct_body_options(in->body, &in->policy->options);
        }
    }

    return in->body ? ACCT_OK : ACCT_ERROR;
}


void
acct_inspect_trace(acct_inspect_t *in, acct_trace_pt trace, void *ctx)
{
    in->trace = trace;
    in->trace_ctx = ctx;
}


static int
acct_inspect_result(acct_inspect_t *in, int rc)
{
    if (rc == ACCT_DONE) {
        in->done = 1;

        if (acct_inspect_join(in) != ACCT_OK) {
            return ACCT_ERROR;
        }
    }

    return rc;
}


int
acct_inspect_value_open(acct_inspect_t *in, unsigned field, acct_str_t key,
    unsigned *slot)
{
    int                rc;
    acct_value_info_t  info;

    if (in->done) {
        return ACCT_DONE;
    }

    memset(&info, 0, sizeof(acct_value_info_t));

    info.field = field;
    info.key = key;

    rc = acct_inspect_open(in, &info, slot);

    if (rc == ACCT_OK) {
        in->slots[*slot]->left = in->policy->limits.length;
    }

    return acct_inspect_result(in, rc);
}


/* too_long is the reader's to raise, and here nobody reads but the caller */

static void
acct_inspect_value_long(acct_inspect_t *in, unsigned slot, size_t n)
{
    acct_value_t  *value;

    value = in->slots[slot];

    if (n > value->left) {
        acct_inspect_flag(in, ACCT_FLAG_TOO_LONG);
        value->left = SIZE_MAX;

    } else if (value->left != SIZE_MAX) {
        value->left -= n;
    }
}


int
acct_inspect_value_data(acct_inspect_t *in, unsigned slot, const uint8_t *p,
    size_t n)
{
    acct_inspect_value_long(in, slot, n);

    return acct_inspect_data(in, slot, p, n);
}


int
acct_inspect_value_close(acct_inspect_t *in, unsigned slot, const uint8_t *p,
    size_t n)
{
    acct_inspect_value_long(in, slot, n);

    return acct_inspect_result(in, acct_inspect_close(in, slot, p, n));
}


int
acct_inspect_value(acct_inspect_t *in, unsigned field, acct_str_t key,
    acct_str_t value)
{
    int       rc;
    unsigned  slot;

    rc = acct_inspect_value_open(in, field, key, &slot);

    if (rc == ACCT_OK) {
        rc = acct_inspect_value_close(in, slot, value.data, value.len);
    }

    return rc;
}


int
acct_inspect_query(acct_inspect_t *in, acct_str_t query)
{
    if (in->done) {
        return ACCT_DONE;
    }

    if (acct_inspect_body(in) != ACCT_OK) {
        return ACCT_ERROR;
    }

    return acct_inspect_result(in, acct_body_query(in->body, query.data,
                                                   query.len));
}


int
acct_inspect_begin(acct_inspect_t *in, const acct_body_info_t *info)
{
    if (in->done) {
        return ACCT_DONE;
    }

    if (acct_inspect_body(in) != ACCT_OK) {
        return ACCT_ERROR;
    }

    return acct_inspect_result(in, acct_body_begin(in->body, info));
}


int
acct_inspect_feed(acct_inspect_t *in, const uint8_t *p, size_t n)
{
    if (in->done) {
        return ACCT_DONE;
    }

    return acct_inspect_result(in, acct_body_feed(in->body, p, n));
}


int
acct_inspect_end(acct_inspect_t *in)
{
    int  rc;

    if (in->done) {
        return ACCT_DONE;
    }

    rc = in->body ? acct_inspect_result(in, acct_body_end(in->body)) : ACCT_OK;

    if (rc == ACCT_OK) {
        rc = acct_inspect_join(in);
    }

    return rc;
}


const acct_verdict_t *
acct_inspect_verdict(const acct_inspect_t *in)
{
    return &in->verdict;
}


uint32_t
acct_inspect_met(const acct_inspect_t *in)
{
    return in->occurrences;
}


const acct_policy_t *
acct_inspect_policy(const acct_inspect_t *in)
{
    return in->policy;
}


unsigned
acct_inspect_rulesets(const acct_inspect_t *in,
    acct_ruleset_t *const **rulesets)
{
    *rulesets = in->rulesets;

    return in->n;
}
