#!/usr/bin/perl

# What is found where a value's masks are off: counted once, in the bytes of
# the value, under the same relations.

use strict;
use warnings;

use lib 't/lib';
use Acctinfo::Command;

run_blocks(\*DATA);

__DATA__

=== a word behind a mask: its span in the value; evasive where the mask is
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["поддержка"],"action":"tag",
  "evasive":"reject"}]}
--- run: scan -r $R
--- in
поддержка
пoддержкa
п0ддержка
- поддержк@а
п о д д е р ж к а
--- verdicts
tag T-1 name:bare:T-1[0,18]
reject! T-1 name:bare:T-1[0,16]
reject! T-1 name:bare:T-1[0,17]
reject! T-1 name:bare:T-1[2,21]
tag T-1 name:bare:T-1[0,26]

=== what is found with the masks on is not found again
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["微信"],"action":"reject"},
 {"id":"T-2","view":"latin","words":["admin"],"action":"tag"},
 {"id":"T-3","view":"base","words":["admin"],"action":"tag"}]}
--- run: scan -r $R
--- in
微信 f4票
微.信.号
аdmin
a.d.m.i.n 微信
--- verdicts
reject T-1 name:bare:T-1[0,6]
reject! T-1 name:bare:T-1[0,7]
tag! T-3 name:base:T-3[0,6] name:latin:T-2[0,6] {mixed_script}
reject T-1 name:base:T-3[0,9] name:latin:T-2[0,9] name:bare:T-1[10,16]

=== a word is written in one of its two ways
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["دعم","پشتیبانی","адмін"],
  "action":"reject"}]}
--- run: scan -r $R
--- in
دعم
دَعـم
پشتيباني
پشتیبانی
админ
адмін
адм1н
أدعمه
--- verdicts
reject T-1 name:bare:T-1[0,6]
reject T-1 name:bare:T-1[0,10]
reject T-1 name:bare:T-1[0,16]
reject T-1 name:bare:T-1[0,16]
reject T-1 name:bare:T-1[0,10]
reject T-1 name:bare:T-1[0,10]
reject! T-1 name:bare:T-1[0,9]
reject T-1 name:bare:T-1[2,8]

=== relations hold there too: whole, beside, what excuses, levels
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["админ"],"where":"whole",
  "action":"reject"},
 {"id":"T-2","view":"han","words":["fa票"],"action":"verify",
  "beside":[{"words":["代开"],"gap":4}]},
 {"id":"T-3","view":"bare","words":["касса"],"action":"tag","level":2}]}
--- run: scan -r $R -l 1,2
--- in
адмиH
я адмиH
代开f4票
f4票
кa3casса
кaссa ждёт
--- verdicts
reject! T-1 name:bare:T-1[0,9]
pass -
verify! T-2 name:han:T-2[6,11]
pass -
pass -
pass - watched name:bare:T-3[0,8](tag)

=== raw is what was written
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"raw","words":["support"],"action":"tag"}]}
--- run: scan -r $R
--- in
s.u.p.p.o.r.t
support
--- verdicts
pass -
tag T-1 name:raw:T-1[0,7]

=== a mask far behind, and what stands beside it
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["поддержка"],"action":"reject",
  "beside":[{"words":["банка"],"gap":8}]}]}
--- shell: { for i in $(seq 900); do printf 'слово '; done; echo 'пoддержкa бaнка'; } | $A scan -r $R | tr -d ' '
--- out_like
"action":"reject".*"span":\[9900,9916\]

=== view --masks: what is read with them off; explain tells it
--- run: view -v bare --masks
--- in
Пoддержкa
f4票 s|u|p
user1234
--- out
поддержка
fa票sup
user1234

=== explain tells what is read there, and which match is of that
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["админ"],"action":"reject"}]}
--- run: explain -r $R -f name
--- in
адм1н
--- out_like
unmasked админ
.*in bare \[0,9\], its masks off: reject, evasive
