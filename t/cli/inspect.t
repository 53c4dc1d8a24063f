#!/usr/bin/perl

# inspect: a body in, a verdict out, and all that says how it is read.

use strict;
use warnings;

use lib 't/lib';
use Acctinfo::Command;

run_blocks(\*DATA);

__DATA__

=== the wires without -F
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["甲乙"],"action":"tag"}]}
--- run: inspect -r $R -t application/x-www-form-urlencoded --values
--- in eval
"username=a&Nick=b&user[name]=c&sign=d&bio=e&about=f&other=g&display_name=h"
--- verdicts
pass - name/username=<a> name/Nick=<b> name/user[name]=<c> signature/sign=<d> profile/bio=<e> profile/about=<f> name/display_name=<h>

=== -F adds up, and replaces the defaults; commas, backslashes and equal signs
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["甲乙"],"action":"tag"}]}
--- run: inspect -r $R -t application/x-www-form-urlencoded --values --keys exact -F 'name=a\,b,c=d' -F 'name=e\\f' -F x=
--- in eval
"a,b=1&c%3Dd=2&e%5Cf=3&=4&username=5"
--- verdicts
pass - name/a,b=<1> name/c=d=<2> name/e\f=<3> x/=<4>

=== exact keys are bytes; a form's wire is literal, dots and brackets included
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["甲乙"],"action":"tag"}]}
--- run: inspect -r $R -t application/x-www-form-urlencoded --values --keys exact -F 'name=user.name,n[]'
--- in eval
"user.name=1&user[name]=2&User.name=3&n[]=4&n=5"
--- verdicts
pass - name/user.name=<1> name/n[]=<4>

=== JSON: paths, shapes, escapes, early end
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["甲乙"],"action":"reject"}]}
--- run: inspect -r $R -t 'application/json; charset=utf-8' --values -F name=user.name,items[].title
--- in
{"user":{"name":"\u7532\u4e59\ud83d\ude00","x":1},"items":[{"title":1.50},{"title":[true,null]}]}
--- verdicts
reject T-1 name:bare:T-1[0,6] name/name=<甲乙😀> name/title=<1.50> name/title=<true>

=== the query comes first, and is looked for whatever the body is
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["甲乙"],"action":"reject"}]}
--- run: inspect -r $R -t '' -q 'a=1&name=%E7%94%B2%E4%B9%99'
--- in
--- verdicts
reject T-1 name:bare:T-1[0,6]

=== flags known from the headers
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["甲乙"],"action":"reject"}]}
--- shell: for t in text/plain '' application/json; do printf x | $A inspect -r $R -t "$t"; printf '' | $A inspect -r $R -t "$t"; done; printf x | $A inspect -r $R -t application/json -e gzip; printf '{}' | $A inspect -r $R -t application/json -e identity
--- verdicts
pass - {unknown_type}
pass -
pass - {unknown_type}
pass -
pass - {malformed}
pass -
pass - {compressed}
pass -

=== a body that breaks is flagged, and what was read is scanned
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["甲乙"],"action":"tag"}]}
--- shell: printf '{"name":"甲乙","bio":"' | $A inspect -r $R -t application/json; printf '{"name":"a","name":"甲乙"}' | $A inspect -r $R -t application/json
--- verdicts
tag T-1 name:bare:T-1[0,6] {truncated}
tag T-1 name:bare:T-1[0,6] {duplicate_field}

=== limits
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["甲乙"],"action":"tag"}]}
--- shell: printf '{"a":{"b":{"name":"甲乙"}}}' | $A inspect -r $R -t application/json --limit depth=2; printf '{"name":"xxxxxxxxxxxxxxxxxx甲乙"}' | $A inspect -r $R -t application/json --limit length=16; printf 'a=1&b=2&name=x' | $A inspect -r $R -t application/x-www-form-urlencoded --limit keys=2
--- verdicts
pass - {too_deep}
tag T-1 name:bare:T-1[18,24] {too_long}
pass - {too_many}

=== a batch: a line each, with the type of -t where the line has none
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["甲乙"],"action":"reject"}]}
--- run: inspect -r $R --batch -t application/json
--- in
{"type":"application/x-www-form-urlencoded","body":"bmFtZT0lRTclOTQlQjIlRTQlQjklOTk="}
{"body":"eyJuYW1lIjoi55Sy5LmZIn0="}
{"type":"application/json","encoding":"gzip","query":"name=x","body":"eHg="}
{"type":"text/plain"}
--- verdicts
reject T-1 name:bare:T-1[0,6]
reject T-1 name:bare:T-1[0,6]
pass - {compressed}
pass -

=== a line of a batch that cannot be read
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["甲乙"],"action":"reject"}]}
--- run: inspect -r $R --batch
--- in
{"body":"***"}
--- status: 2
--- err
acctinfo: line 1: the body is not base64

=== usage
--- shell: $A inspect; $A scan -r /nonexistent/rules < /dev/null; $A scan --flag x=y; $A scan -l 4; $A scan --limit depth=0; $A scan --rule X=deny; $A frob; $A inspect -t a -z
--- status: 2
--- err_like
inspect: -t CONTENT-TYPE is missing
/nonexistent/rules: error: cannot open: No such file or directory
--flag x=y: no such flag, or the action is none of pass, tag and reject
-l 4: must be ACT\[,WATCH\]
--limit depth=0: no such limit, or the value is out of its range
--rule X=deny: the action must be off, trial, tag, verify or reject
unknown command frob
inspect: unknown option -z
