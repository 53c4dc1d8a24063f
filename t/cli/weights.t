#!/usr/bin/perl

# Weights: terms that add up.

use strict;
use warnings;

use lib 't/lib';
use Acctinfo::Command;

run_blocks(\*DATA);

__DATA__

=== what is enough matches, from the first term that speaks for it to the last
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"han","action":"tag",
  "weights":{"words":{"提现":14,"秒到":12,"群":9,"老师":-8},"least":26}}]}
--- run: scan -r $R
--- in
提现秒到
提现，很慢
很快提现，秒到的
老师说提现秒到
老师说提现秒到进群
提现提现提现
--- verdicts
tag T-1 name:han:T-1[0,12]
pass -
tag T-1 name:han:T-1[6,21]
pass -
tag T-1 name:han:T-1[9,27]
pass -

=== a rule with weights is evasive where one of its terms is
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"han","action":"tag","evasive":"reject",
  "weights":{"words":{"提现":14,"秒到":12},"least":20}}]}
--- run: scan -r $R
--- in
提·现秒到
提现·秒到
提 现秒到
--- verdicts
reject! T-1 name:han:T-1[0,14]
tag T-1 name:han:T-1[0,14]
tag T-1 name:han:T-1[0,13]

=== an underscore is an edge, a digit is any digit
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","action":"tag",
  "weights":{"words":{"_spin_":5,"win":3,"00_":2},"least":5}}]}
--- run: scan -r $R
--- in
free spin
spinning
winner 50
freeSpin now
win 1
--- verdicts
tag T-1 name:bare:T-1[5,9]
pass -
tag T-1 name:bare:T-1[0,9]
tag T-1 name:bare:T-1[4,8]
pass -

=== a list has a weight on each line
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"han","action":"tag",
  "weights":{"list":"w.txt","words":{"开户":7},"least":10}}]}
--- file w.txt
# for it
提现	weight=6
秒到	weight=5

老师	weight=-4
--- run: scan -r $R
--- in
提现秒到
提现开户
老师提现开户
--- verdicts
tag T-1 name:han:T-1[0,12]
tag T-1 name:han:T-1[0,12]
pass -

=== two rules of a view share terms and not sums; a field is asked for by name
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"han","action":"tag","fields":["profile"],
  "weights":{"words":{"提现":6,"秒到":5},"least":11}},
 {"id":"T-2","view":"han","action":"reject",
  "weights":{"words":{"提现":3,"秒到":5,"群":9},"least":17}}]}
--- run: scan -r $R --ndjson
--- in
{"name":"提现秒到","profile":"x"}
{"name":"x","profile":"提现秒到"}
{"name":"x","profile":"提现秒到群"}
--- verdicts
pass -
tag T-1 profile:han:T-1[0,12]
reject T-2 profile:han:T-1[0,12] profile:han:T-2[0,15]

=== two rules of the same terms ask for another sum; explain tells both
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","message":"m","view":"han","action":"tag","weights":{"words":{"提现":6,"秒到":5},"least":11}},
 {"id":"T-2","message":"n","view":"han","action":"reject","fields":"name","weights":{"words":{"提现":6,"秒到":5},"least":5}},
 {"id":"T-3","view":"han","action":"tag","weights":{"words":{"提现":6,"秒到":4},"least":99}}]}
--- run: explain -r $R
--- in
提现
提现秒到
--- out
name      提现
  han     提现
  near    T-1 in han [0,6], too light, weighs 6 of 11  m
           for it   提现 6
  found   T-2 in han [0,6]: reject, weighs 6 of 5  n
           for it   提现 6
  verdict reject by T-2 ()

name      提现秒到
  han     提现秒到
  found   T-1 in han [0,12]: tag, weighs 11 of 11  m
           for it   提现 6, 秒到 5
  found   T-2 in han [0,12]: reject, weighs 11 of 5  n
           for it   提现 6, 秒到 5
  verdict reject by T-2 ()

=== of rules of the same terms the one that asks for the most counts, if it acts and does as much
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"han","action":"tag","weights":{"words":{"提现":6,"秒到":5,"群":9},"least":5}},
 {"id":"T-2","view":"han","action":"tag","weights":{"words":{"提现":6,"秒到":5,"群":9},"least":11}},
 {"id":"T-3","view":"han","action":"tag","stage":"trial","weights":{"words":{"提现":6,"秒到":5,"群":9},"least":12}},
 {"id":"T-4","view":"han","action":"reject","weights":{"words":{"提现":6,"秒到":5,"群":9},"least":15}}]}
--- run: scan -r $R
--- in
提现
提现秒到
秒到群
提现群
提现秒到群
--- verdicts
tag T-1 name:han:T-1[0,6]
tag T-2 name:han:T-2[0,12]
tag T-2 name:han:T-2[0,9] watched name:han:T-3[0,9](tag)
reject T-4 name:han:T-4[0,9] watched name:han:T-3[0,9](tag)
reject T-4 name:han:T-4[0,15] watched name:han:T-3[0,15](tag)

=== levels, trial and the operator's hand are as for any rule
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"han","action":"tag","level":2,"weights":{"words":{"甲乙":6,"丙丁":5},"least":11}},
 {"id":"T-2","view":"han","action":"tag","stage":"trial","weights":{"words":{"甲乙":6,"戊己":5},"least":11}}]}
--- run: scan -r $R
--- in
甲乙丙丁
甲乙戊己
--- verdicts
pass -
pass - watched name:han:T-2[0,12](tag)

=== with its masks off a value is weighed again
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","action":"tag","weights":{"words":{"поддержка":6,"кошелька":5},"least":11}}]}
--- run: scan -r $R
--- in
Пoддеpжка кошелька
поддержка кошелька
--- verdicts
tag! T-1 name:bare:T-1[0,33]
tag T-1 name:bare:T-1[0,35]

=== explain tells what spoke for it and what against
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","message":"an offer","view":"han","action":"tag",
  "weights":{"words":{"提现":14,"秒到":12,"群":9,"老师":-8},"least":26}}]}
--- run: explain -r $R
--- in
提现秒到
老师提 现进群
老师好
--- out
name      提现秒到
  han     提现秒到
  found   T-1 in han [0,12]: tag, weighs 26 of 26  an offer
           for it   提现 14, 秒到 12
  verdict tag by T-1 ()

name      老师提 现进群
  han     老师提现进群
  near    T-1 in han [6,19], too light, weighs 15 of 26  an offer
           for it   提 现 14, 群 9
           against  老师 -8
  verdict pass

name      老师好
  han     老师好
  verdict pass

=== a failing example tells what it weighs
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","message":"m","category":"gambling","reason":"gambling","basis":"b","view":"han",
  "action":"tag","weights":{"words":{"提现":14,"秒到":12},"least":26},
  "match":["提现了"],"pass":["老师"]}]}
--- run: test $R
--- status: 1
--- out_like
^#   its terms weigh 14 of 26 at \[0,6\], too light$

=== what cannot be
--- pack
{"pack":"demo","prefix":"D","rules":[
 {"id":"D-1","view":"han","action":"tag","weights":"w.txt"},
 {"id":"D-2","view":"han","action":"tag","weights":{"words":{"甲":1}}},
 {"id":"D-3","view":"han","action":"tag","weights":{"least":3}},
 {"id":"D-4","view":"han","action":"tag","weights":{"words":{"甲":0},"least":3}},
 {"id":"D-5","view":"han","action":"tag","weights":{"words":{"甲":1001},"least":3}},
 {"id":"D-6","view":"han","action":"tag","weights":{"words":["甲"],"least":3}},
 {"id":"D-7","view":"han","action":"tag","weights":{"words":{"甲":2},"least":0}},
 {"id":"D-8","view":"han","action":"tag","weights":{"words":{"甲":2},"leest":1}},
 {"id":"D-9","view":"han","action":"tag","weights":{"words":{"甲":2},"least":1},"words":"乙"},
 {"id":"D-A","view":"han","action":"tag","weights":{"words":{"甲":2},"least":1},"where":"word"},
 {"id":"D-B","view":"han","action":"tag","weights":{"list":"w.txt","least":1}},
 {"id":"D-C","view":"han","action":"tag","weights":{"list":"v.txt","least":1}}]}
--- file w.txt
甲	weight=1
乙
--- file v.txt
甲	weight=x
--- run: scan -r $R
--- status: 2
--- err
R/pack.json:2: D-1: weights: error: must be an object with list or words, and least, is a string
R/pack.json:3: D-2: weights: error: least is missing: what the weights must add up to
R/pack.json:4: D-3: weights: error: names neither list nor words
R/pack.json:5: D-4: weights: error: the weight of "甲" is no number from -1000 to 1000, or 0
R/pack.json:6: D-5: weights: error: the weight of "甲" is no number from -1000 to 1000, or 0
R/pack.json:7: D-6: weights: error: words must be an object of words with their weights, is an array
R/pack.json:8: D-7: weights: error: least must be a number, 1 to 10000
R/pack.json:9: D-8: weights: error: unknown key "leest", did you mean "least"?
R/pack.json:10: D-9: weights: error: stands alone: no words, list, roster, regex, shape, where, beside, unless or except
R/pack.json:11: D-A: weights: error: stands alone: no words, list, roster, regex, shape, where, beside, unless or except
R/w.txt:2: D-B: weights: error: "乙" has no weight
R/v.txt:1: D-C: list: error: "weight=x" is no number from -1000 to 1000, or 0

=== what a scale does not take
--- pack
{"pack":"demo","prefix":"D","rules":[
 {"id":"D-1","view":"digits","action":"tag","weights":{"words":{"1":3},"least":1}},
 {"id":"D-2","view":"han","action":"tag","weights":{"words":{"甲乙":3,"甲 乙":2},"least":1}},
 {"id":"D-3","view":"han","action":"tag","weights":{"words":{"__":3},"least":1}},
 {"id":"D-4","view":"han","action":"tag","weights":{"words":{"abcdefghijklmnopq":3},"least":1}}]}
--- run: scan -r $R
--- status: 2
--- err
R/pack.json:2: D-1: weights: error: reads bare, han or latin, not digits
R/pack.json:3: D-2: weights: error: "甲 乙" is in the weights twice
R/pack.json:4: D-3: weights: error: "__" folds to nothing in the view han
R/pack.json:5: D-4: weights: error: "abcdefghijklmnopq" is longer than 16 characters

=== lint: what can never be enough
--- pack
{"pack":"demo","prefix":"D","rules":[
 {"id":"D-1","message":"m","category":"gambling","reason":"gambling","basis":"b","view":"han",
  "action":"tag","weights":{"words":{"甲":3,"乙":2,"丙":-9},"least":6},"match":["甲乙"],"pass":["丙"]}]}
--- run: lint $R
--- status: 1
--- err
R/pack.json:2: D-1: weights: error: all that speaks for the rule adds up to 5: it can never match

=== a compiled file weighs like its packs
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"han","action":"tag",
  "weights":{"words":{"提现":14,"秒到":12},"least":26}}]}
--- shell: $A compile -o $R/out.acct $R && $A scan -r $R/out.acct
--- in
提现秒到
--- verdicts
tag T-1 name:han:T-1[0,12]
