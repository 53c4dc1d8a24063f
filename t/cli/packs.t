#!/usr/bin/perl

# Packs: what is refused, and the sentence that says so.

use strict;
use warnings;

use lib 't/lib';
use Acctinfo::Command;

run_blocks(\*DATA);

__DATA__

=== a sound pack lints in silence
--- pack
{"pack":"demo","prefix":"D","note":"of no use","rules":[
 {"id":"D-1","message":"a word","category":"contact","reason":"contact_info",
  "basis":"art. 8(6)","view":"bare","words":["微信"],
  "except":[{"words":["微信支付"],"note":"a service","ticket":"#1"}],
  "action":"reject","source":"own","false_alarms":"shops",
  "match":["微信",{"value":"加微信","field":"profile","action":"reject"}],
  "pass":["卫星","微信支付"],"note":"n"}]}
--- run: lint $R
--- out
--- err

=== not JSON
--- pack
{"pack":"demo","prefix":"D",
 "rules":[}
--- run: lint $R
--- status: 1
--- err_like
^R/pack.json:2: error: .*unexpected token near '}'

=== a duplicate key
--- pack
{"pack":"demo","prefix":"D","rules":[
 {"id":"D-1",
  "id":"D-2"}]}
--- run: lint $R
--- status: 1
--- err_like
^R/pack.json:3: error: duplicate object key

=== an unknown attribute names the nearest
--- pack
{"pack":"demo","prefix":"D","rules":[
 {"id":"D-1","view":"bare","words":["甲乙"],"action":"tag",
  "exeptions":[],
  "excpet":[]}]}
--- run: scan -r $R
--- status: 2
--- err
R/pack.json:3: D-1: error: unknown attribute "exeptions"
R/pack.json:4: D-1: error: unknown attribute "excpet", did you mean "except"?

=== an unknown key of the pack
--- pack
{"pack":"demo","prefix":"D","rule":[]}
--- run: scan -r $R
--- status: 2
--- err
R/pack.json:1: error: unknown key "rule", did you mean "rules"?
R/pack.json:1: error: the pack's "rules" must be an array

=== what a rule cannot be without
--- pack
{"pack":"demo","prefix":"D","rules":[
 {"id":"D-1"}]}
--- run: scan -r $R
--- status: 2
--- err
R/pack.json:2: D-1: view: error: is missing
R/pack.json:2: D-1: action: error: is missing
R/pack.json:2: D-1: error: looks for nothing: no words, list, roster, regex, shape or weights

=== what it does not lint without
--- pack
{"pack":"demo","prefix":"D","rules":[
 {"id":"D-1","view":"bare","action":"tag","words":["甲乙"],"match":[],
  "pass":["丙"]}]}
--- run: lint $R
--- status: 1
--- err
R/pack.json:2: D-1: message: error: is missing
R/pack.json:2: D-1: category: error: is missing
R/pack.json:2: D-1: reason: error: is missing
R/pack.json:2: D-1: basis: error: is missing
R/pack.json:2: D-1: match: error: holds no example

=== words of closed vocabularies
--- pack
{"pack":"demo","prefix":"D","rules":[
 {"id":"D-1","message":"m","category":"contcat","reason":"because","basis":"b",
  "view":"bare","action":"tag","words":["甲乙"],"match":["甲乙"],"pass":["丙"]}]}
--- run: lint $R
--- status: 1
--- err
R/pack.json:2: D-1: category: error: unknown word "contcat", did you mean "contact"?
R/pack.json:2: D-1: reason: error: unknown word "because"

=== names of views, actions, stages, places
--- pack
{"pack":"demo","prefix":"D","rules":[
 {"id":"D-1","view":"bar","action":"deny","words":["甲乙"],"where":"start",
  "stage":"beta","level":4,"review_by":"2026-02-30"}]}
--- run: scan -r $R
--- status: 2
--- err
R/pack.json:2: D-1: view: error: "bar" is none of raw, base, bare, han, latin, digits, sound
R/pack.json:2: D-1: action: error: "deny" is none of tag, verify, reject
R/pack.json:2: D-1: where: error: "start" is none of anywhere, word, whole
R/pack.json:3: D-1: stage: error: "beta" is none of stable, trial, retired
R/pack.json:3: D-1: level: error: must be 1, 2 or 3
R/pack.json:3: D-1: review_by: error: "2026-02-30" is no date of the form YYYY-MM-DD

=== types
--- pack
{"pack":"demo","prefix":"D","rules":[
 {"id":"D-1","view":"bare","action":"tag","words":"甲乙","fields":{},
  "message":1,
  "match":[1]},
 7]}
--- run: scan -r $R
--- status: 2
--- err
R/pack.json:2: D-1: fields: error: must be a string or an array of strings, is an object
R/pack.json:3: D-1: message: error: must be a string, is a number
R/pack.json:4: D-1: match: error: an example is a string or an object, not a number
R/pack.json:5: error: a rule must be an object, is a number

=== an id has its pack's prefix, and is used once in a rule set
--- pack
{"pack":"a","prefix":"A","rules":[
 {"id":"A-1","view":"bare","action":"tag","words":["甲乙"]},
 {"id":"B-1","view":"bare","action":"tag","words":["甲乙"]}]}
--- file two.json
{"pack":"b","prefix":"A","rules":[
 {"id":"A-1","view":"bare","action":"tag","words":["甲乙"]}]}
--- run: scan -r $R
--- status: 2
--- err
R/pack.json:3: B-1: id: error: must be "A-" and letters, digits, "-", "_" or ".", of 64 bytes at most
R/two.json:2: A-1: id: error: is used already in R/pack.json:2

=== an id in two rule sets
--- file a/p.json
{"pack":"a","prefix":"A","rules":[
 {"id":"A-1","view":"bare","action":"tag","words":["甲乙"]}]}
--- file b/p.json
{"pack":"b","prefix":"A","rules":[
 {"id":"A-1","view":"bare","action":"tag","words":["丙丁"]}]}
--- run: scan -r $R/a -r $R/b
--- status: 2
--- err
acctinfo: the rule A-1 is in R/a and in R/b

=== serials of several rule sets, VERSION and digest
--- file a/p.json
{"pack":"a","prefix":"A","rules":[
 {"id":"A-1","view":"bare","action":"tag","words":["甲乙"]}]}
--- file a/VERSION
2026.11.24-1
--- file b/p.json
{"pack":"b","prefix":"B","rules":[
 {"id":"B-1","view":"bare","action":"tag","words":["丙丁"]}]}
--- run: scan -r $R/a -r $R/b
--- in
甲乙
--- out_like
"ruleset":"2026\.11\.24-1,[0-9a-f]{12}"

=== VERSION is one line of its form
--- pack
{"pack":"a","prefix":"A","rules":[]}
--- file VERSION
1.0
--- run: scan -r $R
--- status: 2
--- err
R/VERSION:1: error: must be one line of the form YYYY.MM.DD-N

=== a folder without packs, a path that is not there
--- file notes.txt
nothing
--- shell: $A scan -r $R || $A scan -r $R/none
--- status: 2
--- err
R: error: the folder holds no packs (*.json)
R/none: error: cannot open: No such file or directory

=== lists: terms, comments, places of mistakes
--- pack
{"pack":"a","prefix":"A","rules":[
 {"id":"A-1","view":"bare","action":"tag","list":"lists/w.txt"}]}
--- file lists/w.txt
# a comment
甲乙
丙丁	where=nowhere
--- run: scan -r $R
--- status: 2
--- err
R/lists/w.txt:3: A-1: list: error: unknown value in "where=nowhere"

=== a list that is not UTF-8
--- pack
{"pack":"a","prefix":"A","rules":[
 {"id":"A-1","view":"bare","action":"tag","list":"w.txt"}]}
--- shell: printf 'ok\n\377\376\n' > $R/w.txt; $A scan -r $R
--- status: 2
--- err_like
^R/w.txt:2: A-1: list: error: is not UTF-8$

=== a list does not leave the folder of its pack
--- pack
{"pack":"a","prefix":"A","rules":[
 {"id":"A-1","view":"bare","action":"tag","list":"../w.txt"},
 {"id":"A-2","view":"bare","action":"tag","list":"/etc/hostname"},
 {"id":"A-3","view":"bare","action":"tag","list":"a/../../w.txt"},
 {"id":"A-4","view":"bare","action":"tag","list":"none.txt"}]}
--- run: scan -r $R
--- status: 2
--- err
R/pack.json:2: A-1: list: error: "../w.txt" leaves the folder of the pack
R/pack.json:3: A-2: list: error: "/etc/hostname" leaves the folder of the pack
R/pack.json:4: A-3: list: error: "a/../../w.txt" leaves the folder of the pack
R/pack.json:5: A-4: list: error: cannot open "R/none.txt": No such file or directory

=== nor by a link
--- pack
{"pack":"a","prefix":"A","rules":[
 {"id":"A-1","view":"bare","action":"tag","list":"w.txt"}]}
--- shell: ln -s /etc/passwd $R/w.txt; $A scan -r $R
--- status: 2
--- err_like
^R/pack.json:2: A-1: list: error: "w.txt" leaves the folder of the pack$

=== a word that folds to nothing
--- pack
{"pack":"a","prefix":"A","rules":[
 {"id":"A-1","view":"bare","action":"tag","words":["甲乙",
   "❤"]}]}
--- run: scan -r $R
--- status: 2
--- err
R/pack.json:3: A-1: words: error: "❤" folds to nothing in the view bare

=== a word that folds to one character lints only as the whole value
--- pack
{"pack":"a","prefix":"A","rules":[
 {"id":"A-1","message":"m","category":"contact","reason":"contact_info",
  "basis":"b","view":"bare","action":"tag","words":["V❤"],"match":["v"],
  "pass":["x"]},
 {"id":"A-2","message":"m","category":"contact","reason":"contact_info",
  "basis":"b","view":"bare","action":"tag","words":["V❤"],"where":"whole",
  "match":["v"],"pass":["x"]}]}
--- run: lint $R
--- status: 1
--- err
R/pack.json:3: A-1: words: error: "V❤" folds to one character in the view bare; only "where": "whole" may look for that

=== two words that are one
--- pack
{"pack":"a","prefix":"A","rules":[
 {"id":"A-1","message":"m","category":"contact","reason":"contact_info",
  "basis":"b","view":"base","action":"tag","words":["Vip","ＶＩＰ"],
  "match":["vip"],"pass":["x"]}]}
--- run: lint $R
--- status: 1
--- err
R/pack.json:3: A-1: words: warning: "ＶＩＰ" is in the view base what "Vip" is (line 3)

=== an exception has a note
--- pack
{"pack":"a","prefix":"A","rules":[
 {"id":"A-1","message":"m","category":"contact","reason":"contact_info",
  "basis":"b","view":"bare","action":"tag","words":["微信"],
  "except":["微信支付"],"match":["微信"],"pass":["x"]}]}
--- run: lint $R
--- status: 1
--- err
R/pack.json:4: A-1: except: error: an exception has no note

=== and holds a word of its rule
--- pack
{"pack":"a","prefix":"A","rules":[
 {"id":"A-1","message":"m","category":"contact","reason":"contact_info",
  "basis":"b","view":"bare","action":"tag","words":["微信"],
  "except":[{"words":["卫星"],"note":"n"}],"match":["微信"],"pass":["x"]}]}
--- run: lint $R
--- status: 1
--- err
R/pack.json:4: A-1: except: warning: "卫星" is needed by none of the rule's examples
R/pack.json:4: A-1: except: error: "卫星" holds none of the rule's words in the view bare: it can never cover a match

=== an unknown key in an exception, in beside
--- pack
{"pack":"a","prefix":"A","rules":[
 {"id":"A-1","view":"bare","action":"tag","words":["微信"],
  "except":[{"wrods":["微信支付"]}]},
 {"id":"A-2","view":"bare","action":"tag","words":["微信"],
  "beside":{"words":["支付"],"gap":999}},
 {"id":"A-3","view":"bare","action":"tag","words":["微信"],"beside":{"gap":1}}]}
--- run: scan -r $R
--- status: 2
--- err
R/pack.json:3: A-1: except: error: unknown key "wrods", did you mean "words"?
R/pack.json:5: A-2: beside: error: gap must be a number of characters, 0 to 128
R/pack.json:6: A-3: beside: error: names neither list nor words

=== least and action of a neighbour
--- pack
{"pack":"a","prefix":"A","rules":[
 {"id":"A-1","view":"bare","action":"tag","words":["微信"],
  "beside":{"words":["支付","红包"],"gap":9,"least":9}},
 {"id":"A-2","view":"bare","action":"tag","words":["微信"],
  "beside":{"words":["支付","红包"],"gap":9,"least":3}},
 {"id":"A-3","view":"bare","action":"tag","words":["微信"],
  "beside":{"words":["支付"],"gap":9,"least":0}},
 {"id":"A-4","view":"bare","action":"tag","words":["微信"],
  "beside":{"words":["支付"],"gap":9,"action":"tag"}},
 {"id":"A-5","view":"bare","action":"tag","words":["微信"],
  "unless":{"words":["支付"],"gap":9,"action":"refuse","note":"n"}},
 {"id":"A-6","view":"bare","action":"tag","words":["微信"],
  "unless":{"words":["支付"],"gap":9,"action":"reject","note":"n"}}]}
--- run: scan -r $R
--- status: 2
--- err
R/pack.json:3: A-1: beside: error: least must be a number of terms, 1 to 8
R/pack.json:5: A-2: beside: error: has fewer terms than least asks for
R/pack.json:7: A-3: beside: error: least must be a number of terms, 1 to 8
R/pack.json:9: A-4: beside: error: action is for unless: the rule has its own
R/pack.json:11: A-5: unless: error: action is none of pass, tag, verify, reject
R/pack.json:13: A-6: unless: error: action must be tag or verify: what is near weakens

=== patterns: anchors, flags, look-around, the empty text, too wide
--- pack
{"pack":"a","prefix":"A","rules":[
 {"id":"A-1","view":"base","action":"tag","regex":"^ab"},
 {"id":"A-2","view":"base","action":"tag","regex":"\\bab"},
 {"id":"A-3","view":"base","action":"tag","regex":"(?i)ab"},
 {"id":"A-4","view":"base","action":"tag","regex":"(?=ab)c"},
 {"id":"A-5","view":"base","action":"tag","regex":"a*"},
 {"id":"A-6","view":"base","action":"tag","regex":"a.*b"},
 {"id":"A-7","view":"base","action":"tag","regex":"a(b"}]}
--- run: scan -r $R
--- status: 2
--- err_like
^R/pack.json:2: A-1: regex: error: has an anchor or a boundary; say where instead$
^R/pack.json:3: A-2: regex: error: has an anchor or a boundary; say where instead$
^R/pack.json:4: A-3: regex: error: has flags or look-around; only \(\?: is taken$
^R/pack.json:5: A-4: regex: error: has flags or look-around; only \(\?: is taken$
^R/pack.json:6: A-5: regex: error: matches the empty text$
^R/pack.json:7: A-6: regex: error: may match more than 1024 bytes of the view$
^R/pack.json:8: A-7: regex: error: \S+

=== patterns that can never match in their view
--- pack
{"pack":"a","prefix":"A","rules":[
 {"id":"A-1","view":"base","action":"tag","regex":"Ab"},
 {"id":"A-2","view":"bare","action":"tag","regex":"ab\\.com"},
 {"id":"A-3","view":"latin","action":"tag","regex":"paypal"},
 {"id":"A-4","view":"han","action":"tag","regex":"微信號"},
 {"id":"A-5","view":"digits","action":"tag","regex":"[0-9](?:_?[0-9]){6,15}"}]}
--- run: scan -r $R
--- status: 2
--- err
R/pack.json:2: A-1: regex: error: looks for "A", which the view never has: it can never match
R/pack.json:3: A-2: regex: error: looks for ".", which the view never has: it can never match
R/pack.json:4: A-3: regex: error: looks for "l", which the view never has: it can never match
R/pack.json:5: A-4: regex: error: looks for "號", which the view never has: it can never match

=== words that only make sense as a word, or not at all
--- pack
{"pack":"a","prefix":"A","rules":[
 {"id":"A-1","message":"m","category":"contact","reason":"contact_info",
  "basis":"b","view":"digits","action":"tag","words":["qq123","110","12345"],
  "match":["12345"],"pass":["x"]},
 {"id":"A-2","message":"m","category":"contact","reason":"contact_info",
  "basis":"b","view":"latin","action":"tag","words":["007"],"match":["007"],
  "pass":["x"]},
 {"id":"A-3","message":"m","category":"contact","reason":"contact_info",
  "basis":"b","view":"latin","action":"tag","words":["admin!"],
  "match":["admin!"],"pass":["x"]},
 {"id":"A-4","message":"m","category":"contact","reason":"contact_info",
  "basis":"b","view":"han","action":"tag","words":["エエ商"],"match":["エエ商"],
  "pass":["x"]}]}
--- run: lint $R
--- status: 1
--- err_like
^R/pack.json:3: A-1: words: error: "qq123" is not digits alone: in the view digits it must be a word or the whole$
^R/pack.json:3: A-1: words: error: "110" is shorter than 5 digits: in the view digits it must be a word or the whole$
^R/pack.json:6: A-2: words: error: "007" is digits alone, which are letters in a mixed word of the view latin; look for it in digits$

=== a word within a word is said, and is no finding
--- pack
{"pack":"a","prefix":"A","rules":[
 {"id":"A-1","message":"m","category":"contact","reason":"contact_info",
  "basis":"b","view":"bare","action":"tag","words":["加微","加微信"],
  "match":["加微"],"pass":["x"]}]}
--- run: lint $R
--- err
R/pack.json:3: A-1: words: info: "加微信" holds "加微" (line 3), which finds it

=== test: examples both ways, with their actions
--- pack
{"pack":"a","prefix":"A","rules":[
 {"id":"A-1","view":"bare","action":"tag","evasive":"reject","words":["微信"],
  "match":["微信",{"value":"微.信","action":"reject"},{"value":"微.信","action":"tag"},
           "卫星"],
  "pass":["卫星","加微信"]}]}
--- shell: $A test $R | grep -v '^#'
--- out
ok 1 - A-1 match "微信"
ok 2 - A-1 match "微.信"
not ok 3 - A-1 match "微.信"
not ok 4 - A-1 match "卫星"
ok 5 - A-1 pass "卫星"
not ok 6 - A-1 pass "加微信"
1..6

=== test: why an example fails
--- pack
{"pack":"a","prefix":"A","rules":[
 {"id":"A-1","view":"han","action":"tag","words":["國安"],
  "beside":{"words":["官方"],"gap":2},
  "match":["国·安官方","国安甲乙丙官方"],
  "unless":{"words":["迷"],"gap":1,"note":"fans"},"pass":["国安迷官方"]},
 {"id":"A-2","view":"bare","action":"tag","words":["微信"],
  "except":[{"words":["微信支付"],"note":"n"}],
  "match":["微信支付","微信"],"pass":["卫星"]}]}
--- shell: $A test $R | grep '^not\|^# view\|^#  '
--- out
not ok 2 - A-1 match "国安甲乙丙官方"
# view han: 国安甲乙丙官方
#   a word of it is there at [0,6], but nothing that it asks for stands beside it
not ok 4 - A-2 match "微信支付"
# view bare: 微信支付
#   a word of it is there at [0,6], but an exception covers it

=== test: a rule that its examples do not need
--- pack
{"pack":"a","prefix":"A","rules":[
 {"id":"A-1","view":"bare","action":"tag","words":["微信号","企鹅"],
  "match":["微信号","微信号abc"],"pass":["卫星"]},
 {"id":"A-2","view":"bare","action":"verify","words":["微信"],
  "match":["微信","微信号"],"pass":["卫星"]},
 {"id":"A-3","view":"bare","action":"reject","words":["微信号码"],
  "match":["微信号码"],"pass":["卫星"]},
 {"id":"A-4","view":"bare","action":"tag","level":2,"words":["企鹅号"],
  "match":["企鹅号"],"pass":["卫星"]},
 {"id":"A-5","view":"bare","action":"tag","words":["飞机号"],
  "match":["飞机号"],"pass":["卫星"]},
 {"id":"A-6","view":"bare","action":"verify","stage":"trial","words":["飞机"],
  "match":["飞机"],"pass":["卫星"]},
 {"id":"A-7","view":"bare","action":"tag","words":["电报号"],
  "match":["电报号"],"pass":["卫星"]},
 {"id":"A-8","view":"bare","action":"tag","level":2,"words":["电报"],
  "match":["电报"],"pass":["卫星"]}]}
--- shell: $A test $R | grep '^not\|needed'
--- out
not ok 3 - A-1
# R/pack.json:2: the rule is not needed: without it each of its examples would get the same from others
not ok 11 - A-4
# R/pack.json:8: the rule is not needed: without it each of its examples would get the same from others

=== test: ordinary texts
--- pack
{"pack":"a","prefix":"A","rules":[
 {"id":"A-1","view":"bare","action":"tag","fields":["profile"],"words":["微信"],
  "match":["微信"],"pass":["卫星"]}]}
--- file ordinary/names.txt
# names
微信
--- file ordinary/profiles.txt
# field: profile
微信
卫星
--- run: test $R
--- status: 1
--- out
ok 1 - A-1 match "微信"
ok 2 - A-1 pass "卫星"
ok 3 - R/ordinary/names.txt: 0 of 1 ordinary lines touched
# 微信: tag by A-1
not ok 4 - R/ordinary/profiles.txt: 1 of 2 ordinary lines touched
1..4

=== lint --cost: every rule, the dearest first, and all together
--- pack
{"pack":"a","prefix":"A","rules":[
 {"id":"A-1","message":"m","category":"contact","reason":"contact_info",
  "basis":"b","view":"bare","action":"tag","words":["微信"],"match":["微信"],
  "pass":["x"]},
 {"id":"A-2","message":"m","category":"contact","reason":"contact_info",
  "basis":"b","view":"base","action":"tag","regex":"a[0-9]{0,20}b[0-9]{0,20}c",
  "match":["abc"],"pass":["x"]}]}
--- shell: $A lint --cost $R | awk '{ print $1, ($3 > 0), ($4 > 0) }' | sed -n '3,$p'
--- out
A-2 1 1
A-1 1 1
all 1 1

=== marks that stay by their letters may stand in a pattern
--- pack
{"pack":"a","prefix":"A","rules":[
 {"id":"A-1","view":"base","action":"tag","regex":"ไลน์[a-z]{2,4}"}]}
--- run: scan -r $R
--- in
แอดไลน์abc
--- verdicts
tag A-1 name:base:A-1[9,24]

=== a NUL in a pack: an error, and an end
--- shell: printf '{"pack":"t","prefix":"T","rules":[ 0\0 ]}' > $R/n.json; timeout 60 $A lint $R/n.json
--- status: 1
--- err_like
n.json:1: .*error
