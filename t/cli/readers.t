#!/usr/bin/perl

# How bodies are read: the options that say so, and what they refuse.

use strict;
use warnings;

use lib 't/lib';
use Acctinfo::Command;

run_blocks(\*DATA);

__DATA__

=== a media type's reader (a form that begins like JSON is read as JSON too)
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["甲乙"],"action":"tag"}]}
--- shell: for r in json form none; do printf '{"name":"甲乙"}' | $A inspect -r $R -t text/plain --type text/plain=$r; done; printf 'name=甲乙' | $A inspect -r $R -t a/b+c --type +c=form
--- verdicts
tag T-1 name:bare:T-1[0,6]
tag T-1 name:bare:T-1[0,6]
pass -
tag T-1 name:bare:T-1[0,6]

=== a reader that is none
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["甲乙"],"action":"tag"}]}
--- run: inspect -r $R -t text/plain --type text/plain=xml
--- status: 2
--- err
acctinfo: --type text/plain=xml: the reader must be json, form, multipart or none

=== compressed bodies, in one piece and in two members
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["甲乙"],"action":"tag"}]}
--- shell: printf '{"name":"甲乙"}' | gzip > $R/z; (printf '{"name":' | gzip; printf '"甲乙"}' | gzip) > $R/y; for d in gzip deflate deflate,gzip; do $A inspect -r $R/pack.json -t application/json -e gzip --decode $d $R/z; done; $A inspect -r $R/pack.json -t application/json -e x-gzip --decode gzip $R/y
--- verdicts
tag T-1 name:bare:T-1[0,6]
pass - {compressed}
tag T-1 name:bare:T-1[0,6]
tag T-1 name:bare:T-1[0,6]

=== a coding that is not known, and limits of inflating
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["甲乙"],"action":"tag"}]}
--- shell: $A inspect -r $R -t application/json --decode gzip,br </dev/null; printf '{"name":"甲乙","x":"%02000d"}' 1 | gzip > $R/z; $A inspect -r $R/pack.json -t application/json -e gzip --decode gzip --limit inflated=1024 $R/z
--- err
acctinfo: --decode gzip,br: a coding must be gzip or deflate
--- verdicts
tag T-1 name:bare:T-1[0,6] {too_long}

=== a wire longer than a key may be
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["甲乙"],"action":"tag"}]}
--- shell: $A inspect -r $R -t application/json -F name=$(printf %0256d 1) </dev/null; $A inspect -r $R -t application/json -F name=$(printf %0257d 1) </dev/null
--- status: 2
--- verdicts
pass -
--- err_like
a field's name has 1 to 64 bytes, a wire at most 256, and there are 64 fields at most$

=== charsets: named and declared, declared only, neither
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["甲乙"],"action":"tag"}]}
--- shell: b='name=%%BC%%D7%%D2%%D2'; for c in GBK big5,gb2312 big5; do printf "$b" | $A inspect -r $R -t 'application/x-www-form-urlencoded; charset=gbk' --charset $c; done; printf "$b" | $A inspect -r $R -t application/x-www-form-urlencoded --charset gbk
--- verdicts
tag T-1 name:bare:T-1[0,6]
tag T-1 name:bare:T-1[0,6]
pass - {bad_utf8,bad_charset}
pass - {bad_utf8}

=== charsets that cannot be named
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["甲乙"],"action":"tag"}]}
--- shell: for c in gbk,utf-16 utf-7 iso-2022-jp no-such gbk//IGNORE ''; do $A inspect -r $R -t application/json --charset "$c" </dev/null; done; true
--- err
acctinfo: --charset gbk,utf-16: no such charset, or ASCII's bytes are not the same in it
acctinfo: --charset utf-7: no such charset, or ASCII's bytes are not the same in it
acctinfo: --charset iso-2022-jp: no such charset, or ASCII's bytes are not the same in it
acctinfo: --charset no-such: no such charset, or ASCII's bytes are not the same in it
acctinfo: --charset gbk//IGNORE: no such charset, or ASCII's bytes are not the same in it
acctinfo: --charset : no such charset, or ASCII's bytes are not the same in it

=== escapes in a form's value are read as well
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["甲乙"],"action":"tag"}]}
--- shell: for v in '%26%2330002%3B%26%23x4e59%3B' '%25E7%2594%25B2%25E4%25B9%2599' '%5Cu7532%5Cu4e59'; do printf %s "name=$v" | $A inspect -r $R -t application/x-www-form-urlencoded; done
--- verdicts
tag T-1 name:bare:T-1[0,6]
tag T-1 name:bare:T-1[0,6]
tag T-1 name:bare:T-1[0,6]

=== a picture in a value is a flag, and what it does is the operator's to say
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["甲乙"],"action":"tag"}]}
--- shell: for f in x=1 name=data:image/png,x 'signature=%E2%96%88%E2%96%91%E2%96%88%E2%96%91%E2%96%88%E2%96%91%0A%E2%96%88%E2%96%91%E2%96%88%E2%96%91%E2%96%88%E2%96%91&name=%E2%96%93'; do printf "$(echo "$f" | sed s/%/%%/g)" | $A inspect -r $R -t application/x-www-form-urlencoded; done; printf '{"x":"data:a/b,c"}\n' | $A scan -r $R --ndjson
--- verdicts
pass -
pass - {data_uri}
pass - {drawing}
pass - {data_uri}
