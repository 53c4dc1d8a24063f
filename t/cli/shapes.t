#!/usr/bin/perl

# The named shapes: what each takes and what it leaves.

use strict;
use warnings;

use lib 't/lib';
use Acctinfo::Command;

run_blocks(\*DATA);

__DATA__

=== cn_mobile
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"digits","shape":"cn_mobile","action":"reject"}]}
--- run: scan -r $R
--- in
13800001234
+86 138-0000-1234
一三八零零零零一二三四
12800001234
138000012345
2026年9月12日
--- verdicts
reject T-1 name:digits:T-1[0,11]
reject T-1 name:digits:T-1[1,17]
reject T-1 name:digits:T-1[0,33]
pass -
pass -
pass -

=== cn_mobile: a private address or a date is none, but only as it is written
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"digits","shape":"cn_mobile","action":"reject"}]}
--- run: scan -r $R
--- in
192.168.11.100
172.16.254.103
172.31.254.103
13.11.2024 9.30
192 168 11 100
192-168-11-100
192.168.011.10
192.168.1.1000
172.32.254.103
138.225.123.45
138 001 123 45
138/001/123/45
13 11 2024 9 30
13.11.2024 930
13.13.2024 9.30
13.11.2024 9.61
19216811100
--- verdicts
pass -
pass -
pass -
pass -
reject T-1 name:digits:T-1[0,14]
reject T-1 name:digits:T-1[0,14]
reject! T-1 name:digits:T-1[0,14]
reject! T-1 name:digits:T-1[0,14]
reject! T-1 name:digits:T-1[0,14]
reject! T-1 name:digits:T-1[0,14]
reject T-1 name:digits:T-1[0,14]
reject! T-1 name:digits:T-1[0,14]
reject T-1 name:digits:T-1[0,15]
reject! T-1 name:digits:T-1[0,14]
reject! T-1 name:digits:T-1[0,15]
reject! T-1 name:digits:T-1[0,15]
reject T-1 name:digits:T-1[0,11]

=== cn_landline and international_number
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"digits","shape":"cn_landline","action":"reject"},
 {"id":"T-2","view":"base","shape":["international_number"],"action":"reject"}]}
--- run: scan -r $R
--- in
（0571）8888 6666
010-62345678
+44 20 7946 0958
+1
1+2 3456789012345678901
0571-1234
--- verdicts
reject! T-1 name:digits:T-1[3,19]
reject T-1 name:digits:T-1[0,12]
reject T-2 name:base:T-2[0,16]
pass -
pass -
pass -

=== messenger_id in both its views
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"han","shape":"messenger_id","action":"reject"},
 {"id":"T-2","view":"base","shape":"messenger_id","action":"reject"}]}
--- run: scan -r $R
--- in
加微信abc12345
薇.信 abc_12345
加vx abc12345
微信: abcdefg
qq：10001234
candyman2000
line dance 2024
airline7788990
稍微信任一下
支持微信支付
--- verdicts
reject T-1 name:han:T-1[3,17]
reject! T-1 name:han:T-1[0,17]
reject T-1 name:han:T-1[3,14]
reject T-2 name:base:T-2[0,15]
reject T-2 name:base:T-2[0,13] name:han:T-1[0,13]
pass -
pass -
pass -
pass -
pass -

=== email, web_address, domain
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"base","shape":"email","action":"reject"},
 {"id":"T-2","view":"base","shape":"web_address","action":"verify"},
 {"id":"T-3","view":"base","shape":"domain","action":"tag"}]}
--- run: scan -r $R
--- in
me@example.org
邮箱abc艾特example点com
me@example.notatld
https://example.museum/
example。cn
mastodon.fan
Node.js
3.14
--- shell: $A scan -r $R | sed 's/,"match_count.*//'
--- out
{"action":"reject","rule":"T-1","reason":null,"category":null,"evasive":false
{"action":"reject","rule":"T-1","reason":null,"category":null,"evasive":false
{"action":"pass","rule":null,"reason":null,"category":null,"evasive":false
{"action":"verify","rule":"T-2","reason":null,"category":null,"evasive":false
{"action":"verify","rule":"T-2","reason":null,"category":null,"evasive":false
{"action":"tag","rule":"T-3","reason":null,"category":null,"evasive":false
{"action":"pass","rule":null,"reason":null,"category":null,"evasive":false
{"action":"pass","rule":null,"reason":null,"category":null,"evasive":false

=== cn_identity and cn_credit_code: the check characters count
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"base","shape":"cn_identity","action":"reject"},
 {"id":"T-2","view":"base","shape":"cn_credit_code","action":"reject"}]}
--- run: scan -r $R
--- in
11010519491231002X
110105194912310021
91350100M000100Y43
91350100M000100Y44
--- verdicts
reject T-1 name:base:T-1[0,18]
pass -
reject T-2 name:base:T-2[0,18]
pass -

=== a shape that is not there, or not in that view
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"base","shape":"phone","action":"reject"},
 {"id":"T-2","view":"base","shape":"cn_mobile","action":"reject"}]}
--- run: scan -r $R
--- status: 2
--- err
R/pack.json:2: T-1: shape: error: there is no shape "phone"
R/pack.json:3: T-2: shape: error: there is no shape "cn_mobile" in the view base
