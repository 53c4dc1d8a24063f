#!/usr/bin/perl

# explain and diff: what a person is told.

use strict;
use warnings;

use lib 't/lib';
use Acctinfo::Command;

run_blocks(\*DATA);

__DATA__

=== explain: views, what was found, what came near, the verdict
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","message":"channel","view":"bare","words":["微信"],"action":"tag","evasive":"reject",
  "reason":"contact_info","except":[{"words":["微信支付"],"note":"n"}]},
 {"id":"T-2","view":"base","words":["admin"],"action":"tag"},
 {"id":"T-3","view":"bare","words":["小米"],"action":"tag",
  "beside":{"words":["官方"],"gap":1}},
 {"id":"T-4","view":"bare","words":["小米"],"action":"tag","level":3},
 {"id":"T-5","view":"bare","words":["新闻"],"action":"tag","exempt":"media"}]}
--- run: explain -r $R --verified media
--- in
微.信 微信支付
Padmini
小米新闻
--- out
name      微.信 微信支付
  base    微.信 微信支付
  bare    微信微信支付   (evasive)
  found   T-1 in bare [0,7]: reject, evasive  channel
  near    T-1 in bare [8,14], but an exception covers it  channel
  verdict reject by T-1 (contact_info)

name      Padmini
  base    padmini
  bare    padmini
  near    T-2 in base, but letters or digits stand against it
  verdict pass

name      小米新闻
  base    小米新闻
  bare    小米新闻
  near    T-3 in bare [0,6], but nothing that it asks for stands beside it
  found   T-4 in bare [0,6], but its level or the operator passes it over
  found   T-5 in bare [6,12], excused by what is vouched for
  verdict pass

=== explain of a body shows the fields, and where it stopped
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["官方"],"action":"reject","reason":"contact_info"}]}
--- run: explain -r $R -t application/json -q nick=a
--- in
{"user":{"name":"\u5b98方"},"bio":"hi"}
--- out
field     name, from the query's "nick"
name      a
  bare    a
field     name, from "name"
name      官方
  bare    官方
  found   T-1 in bare [0,6]: reject
field     profile, from "bio"
profile   hi
  not scanned: a field before it was refused
  verdict reject by T-1 (contact_info)

=== explain shows control characters and does not obey them
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"raw","words":["xx"],"action":"tag"}]}
--- run: explain -r $R
--- in eval
"a\e[31mb\n"
--- out_like
^name      a\\x1b\[31mb$

=== diff: the values that differ, the rule that did it, a summary
--- file old/p.json
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["甲乙"],"action":"reject"},
 {"id":"T-2","view":"bare","words":["丙丁"],"action":"tag"}]}
--- file new/p.json
{"pack":"t","prefix":"T","rules":[
 {"id":"T-2","view":"bare","words":["丙丁"],"action":"reject"},
 {"id":"T-3","view":"bare","words":["戊己"],"action":"reject","stage":"trial"}]}
--- run: diff $R/old $R/new
--- in
甲乙
丙丁
戊己
x
--- status: 1
--- out
{"value":"甲乙","old":{"action":"reject","rule":"T-1"},"new":{"action":"pass","rule":null},"by":"T-1"}
{"value":"丙丁","old":{"action":"tag","rule":"T-2"},"new":{"action":"reject","rule":"T-2"},"by":"T-2"}
--- err
2 of 4 values differ
       1  T-1  reject -> pass
       1  T-2  tag -> reject

=== diff --trial lets the new set's trial rules act
--- file old/p.json
{"pack":"t","prefix":"T","rules":[
 {"id":"T-3","view":"bare","words":["戊己"],"action":"reject","stage":"trial"}]}
--- file new/p.json
{"pack":"t","prefix":"T","rules":[
 {"id":"T-3","view":"bare","words":["戊己"],"action":"reject","stage":"trial"}]}
--- run: diff --trial $R/old $R/new
--- in
戊己
--- status: 1
--- err
1 of 1 values differ
       1  T-3  pass -> reject

=== diff --html: a page that loads nothing and shows what cannot be seen
--- file old/p.json
{"pack":"t","prefix":"T","rules":[
 {"id":"T-2","view":"bare","words":["丙丁"],"action":"reject"}]}
--- file new/p.json
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["甲乙"],"action":"reject"},
 {"id":"T-2","view":"bare","words":["丙丁"],"action":"tag"}]}
--- shell: printf '<b>甲"乙\342\200\256&amp;\n甲乙\377\n丙丁\n' | $A diff --html $R/page $R/old $R/new >$R/out 2>&1; cat $R/page
--- out_like
<p>From <code>.*old</code> to <code>.*new</code>: 3 of 3 values get another verdict
<code>T-1</code></td><td><span class="pass">pass</span> &rarr; <span class="reject">reject</span></td><td class="n">2</td><td class="bar"><div style="width:100.0%">
<code>T-2</code></td><td><span class="reject">reject</span> &rarr; <span class="tag">tag</span></td><td class="n">1</td><td class="bar"><div style="width:50.0%">
<bdi>&lt;b&gt;甲&quot;乙<span class="u">U\+202E</span>&amp;amp;</bdi>
<bdi>甲乙<span class="u">FF</span></bdi>
\A(?s)(?!.*(?:src|href)=)

=== diff --html: a hundred values, of each rule some
--- file old/p.json
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["甲乙"],"action":"tag"}]}
--- file new/p.json
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["甲乙"],"action":"reject"},
 {"id":"T-2","view":"bare","words":["丙丁"],"action":"tag"}]}
--- shell: { for i in $(seq 300); do echo 甲乙$i; done; echo 丙丁; } | $A diff --html $R/page $R/old $R/new >/dev/null 2>&1; grep -c '<bdi>' $R/page; grep -c '<bdi>丙丁' $R/page
--- out
100
1

=== diff --html: a file that cannot be written
--- file old/p.json
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["甲乙"],"action":"tag"}]}
--- run: diff --html $R/none/page $R/old $R/old
--- in
甲乙
--- status: 2
--- err_like
none/page: No such file or directory

=== diff of a set with itself finds nothing
--- file old/p.json
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["戊己"],"action":"reject"}]}
--- run: diff $R/old $R/old
--- in
戊己
--- out
--- err
0 of 1 values differ
