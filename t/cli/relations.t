#!/usr/bin/perl

# Matches -> verdict: where, except, beside, evasive, order, levels, stages.

use strict;
use warnings;

use lib 't/lib';
use Acctinfo::Command;

run_blocks(\*DATA);

__DATA__

=== anywhere: a Han word needs no boundary
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["微信"],"action":"reject"}]}
--- run: scan -r $R
--- in
加微信吧
微.信
卫星
--- verdicts
reject T-1 name:bare:T-1[3,9]
reject! T-1 name:bare:T-1[0,7]
pass -

=== a space inside a span is not evasive, a sign is
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["微信"],"action":"tag","evasive":"reject"}]}
--- run: scan -r $R
--- in
微 信
微❤信
❤微信
微信❤
--- verdicts
tag T-1 name:bare:T-1[0,7]
reject! T-1 name:bare:T-1[0,9]
tag T-1 name:bare:T-1[3,9]
tag T-1 name:bare:T-1[0,6]

=== word is the default of Latin and digit words
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"base","words":["admin","911"],"action":"reject"}]}
--- run: scan -r $R
--- in
admin
the admin!
Padmini
admin2
my_admin
管理admin员
Administrator
e-admin
9110
call 911
--- verdicts
reject T-1 name:base:T-1[0,5]
reject T-1 name:base:T-1[4,9]
pass -
pass -
reject T-1 name:base:T-1[3,8]
reject T-1 name:base:T-1[6,11]
pass -
reject T-1 name:base:T-1[2,7]
pass -
reject T-1 name:base:T-1[5,8]

=== a capital behind a small letter begins a word, as far as it can be seen
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"base","words":["help"],"action":"reject"},
 {"id":"T-2","view":"latin","words":["mint"],"action":"reject"},
 {"id":"T-3","view":"bare","words":["adm"],"action":"tag"}]}
--- run: scan -r $R
--- in
BankHelp
HelpBank
BankHelpers
bankhelp
BANKHELP
BankhelP
Bank1Help
TheMintBar
himint
ÉcoleHelp
éHelp
a\u0301Help
rAdm in
--- verdicts
reject T-1 name:base:T-1[4,8]
reject T-1 name:base:T-1[0,4]
pass -
pass -
pass -
pass -
pass -
reject T-2 name:latin:T-2[3,7]
pass -
reject T-1 name:base:T-1[6,10]
pass -
pass -
tag T-3 name:bare:T-3[1,4]

=== a gap is a boundary in bare
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["admin"],"action":"reject"}]}
--- run: scan -r $R
--- in
a d m i n
my dad mint
x admin y
--- verdicts
reject T-1 name:bare:T-1[0,9]
pass -
reject T-1 name:bare:T-1[2,7]

=== the default does not hold where the rule says anywhere, or a script sets no words apart
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"base","words":["admin"],"where":"anywhere","action":"reject"},
 {"id":"T-2","view":"bare","words":["加v"],"action":"tag"}]}
--- run: scan -r $R
--- in
Padmini
加vabc
--- verdicts
reject T-1 name:base:T-1[1,6]
tag T-2 name:bare:T-2[0,4]

=== word asked for of a Han word looks at Han neighbours alone
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"base","words":["官方"],"where":"word","action":"reject"}]}
--- run: scan -r $R
--- in
官方
x官方y
官方2
大官方
官方客服
--- verdicts
reject T-1 name:base:T-1[0,6]
reject T-1 name:base:T-1[1,7]
reject T-1 name:base:T-1[0,6]
pass -
pass -

=== whole: the whole value, or the whole but for decoration
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"base","words":["root"],"where":"whole","action":"reject"},
 {"id":"T-2","view":"base","regex":"sys[a-z]{2,5}","where":"whole","action":"verify"}]}
--- run: scan -r $R
--- in
root
【ROOT】★
root1
the root
-sysop-
sysopera
sysoperator
a sysop
--- verdicts
reject T-1 name:base:T-1[0,4]
reject T-1 name:base:T-1[3,7]
pass -
pass -
verify T-2 name:base:T-2[1,6]
verify T-2 name:base:T-2[0,8]
pass -
pass -

=== a pattern of varying width as a word: the longest from a boundary to a boundary
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"digits","regex":"[0-9]{7,11}","where":"word","action":"reject"}]}
--- run: scan -r $R
--- in
13800001234
138000012345
扣扣 1234567
--- verdicts
reject T-1 name:digits:T-1[0,11]
pass -
reject T-1 name:digits:T-1[7,14]

=== a pattern once per start, with its last end
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"base","regex":"微信.{0,5}[a-z0-9]{4,8}","action":"reject"}]}
--- run: scan -r $R
--- in
加微信：abcdef
微信微信abcd
--- verdicts
reject T-1 name:base:T-1[3,18]
reject T-1 name:base:T-1[6,16]

=== covers: an exception cancels the occurrence that it contains, no other
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["微信"],"action":"reject",
  "except":[{"words":["微信支付","安徽信息"],"note":"payment"}]},
 {"id":"T-2","view":"bare","words":["徽信"],"action":"tag",
  "except":[{"word":"安徽信息","note":"place"}]}]}
--- run: scan -r $R
--- in
支持微信支付
微信支付,微信abc
微 信 支 付
安徽信息工程学院
校徽信息
--- verdicts
pass -
reject T-1 name:bare:T-1[13,19]
pass -
pass -
tag T-2 name:bare:T-2[3,9]

=== an exception excuses its own rule alone
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["微信"],"action":"reject",
  "except":[{"words":["微信支付"],"note":"payment"}]},
 {"id":"T-2","view":"bare","words":["微信"],"action":"tag"}]}
--- run: scan -r $R
--- in
微信支付
--- verdicts
tag T-2 name:bare:T-2[0,6]

=== beside: within the gap, on the side asked for
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["小米","华为"],"action":"reject",
  "beside":{"words":["官方","客服"],"side":"after","gap":2}},
 {"id":"T-2","view":"bare","words":["银行"],"action":"verify",
  "beside":{"words":["官方"],"gap":1}}]}
--- run: scan -r $R
--- in
小米官方
小米的官方
小米手机的官方
官方小米
华为客服
小米
官方银行
银行之官方
银行里的官方
--- verdicts
reject T-1 name:bare:T-1[0,6]
reject T-1 name:bare:T-1[0,6]
pass -
pass -
reject T-1 name:bare:T-1[0,6]
pass -
verify T-2 name:bare:T-2[6,12]
verify T-2 name:bare:T-2[0,6]
pass -

=== beside twice: each must stand near
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["发票"],"action":"reject",
  "beside":[{"words":["代开","出售"],"gap":4},
            {"words":["电话","加"],"side":"after","gap":8}]}]}
--- run: scan -r $R
--- in
代开各类发票电话联系
代开各类发票
发票电话联系
电话代开发票
发票出售的事请加我
出售的东西都有发票,不必再打电话
出售的东西都没有发票,不必再打电话
--- verdicts
reject T-1 name:bare:T-1[12,18]
pass -
pass -
pass -
reject T-1 name:bare:T-1[0,6]
pass -
pass -

=== beside: as many different ones as least says, none over another
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"han","words":["日结","押金","名额","押金全退","可退","先付"],
  "action":"verify",
  "beside":{"words":["日结","押金","名额","押金全退","可退","先付"],"least":2,"gap":6}}]}
--- run: scan -r $R
--- in
日结名额先付
日结，要押金，名额少
日结名额
日结日结日结
日结日结押金
日结押金押金
日结押金全退
日结押金和押金全退
押金全退名额可退
日结一二三四五六七名额先付
一二三四五先付一二三四五六名额一二三四五六日结
一二三四五先付一二三四五六名额一二三四五六七日结
--- verdicts
verify T-1 name:han:T-1[0,6] name:han:T-1[6,12] name:han:T-1[12,18]
verify T-1 name:han:T-1[0,6] name:han:T-1[12,18] name:han:T-1[21,27]
pass -
pass -
pass -
pass -
pass -
verify T-1 name:han:T-1[0,6] name:han:T-1[6,12] name:han:T-1[15,27]
verify T-1 name:han:T-1[0,6] name:han:T-1[0,12] name:han:T-1[12,18] name:han:T-1[18,24]
pass -
verify T-1 name:han:T-1[39,45]
pass -

=== beside: each of two that ask for several; some with one
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"han","words":["客服"],"action":"verify",
  "beside":[{"words":["退款","验证码","转账"],"least":2,"gap":20},
            {"words":["支付宝","京东","银行"],"least":2,"side":"before","gap":9}]}]}
--- run: scan -r $R
--- in
支付宝京东客服退款验证码
京东客服退款验证码
支付宝京东客服退款
客服支付宝京东退款验证码
--- verdicts
verify T-1 name:han:T-1[15,21]
pass -
pass -
pass -

=== unless with an action leaves no more than that
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"han","words":["客服"],"action":"reject","evasive":"reject",
  "unless":[{"words":["谨防","当心"],"gap":6,"action":"tag","note":"they warn"},
            {"words":["不是"],"side":"before","gap":0,"note":"a denial"},
            {"words":["前"],"side":"before","gap":0,"action":"verify","note":"n"}]},
 {"id":"T-2","view":"han","words":["小二"],"action":"tag",
  "unless":{"words":["谨防"],"gap":6,"action":"verify","note":"n"}}]}
--- run: scan -r $R
--- in
客服
谨防客服
谨防假的客服诈骗
客.服谨防
不是客服，谨防
前客服
当心前客服
谨防小二
--- verdicts
reject T-1 name:han:T-1[0,6]
tag T-1 name:han:T-1[6,12]
tag T-1 name:han:T-1[12,18]
tag! T-1 name:han:T-1[0,7]
pass -
verify T-1 name:han:T-1[3,9]
tag T-1 name:han:T-1[9,15]
tag T-2 name:han:T-2[6,12]

=== unless: what must not stand near, of one character too
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["公安局"],"action":"reject",
  "unless":{"words":["旁边","的"],"side":"after","gap":0,"note":"a place"}},
 {"id":"T-2","view":"bare","words":["央视"],"action":"verify",
  "beside":{"words":["新闻"],"gap":4},
  "unless":[{"words":["迷"],"gap":6,"note":"fans"},
            {"words":["非"],"side":"before","gap":0,"note":"a denial"}]}]}
--- run: scan -r $R
--- in
公安局
公安局旁边的面馆
公安局的猫
公安局是旁边
旁边公安局
公安局旁边就是公安局
央视新闻
央视新闻迷
非央视新闻
非常央视新闻
央视
--- verdicts
reject T-1 name:bare:T-1[0,9]
pass -
pass -
reject T-1 name:bare:T-1[0,9]
reject T-1 name:bare:T-1[6,15]
reject T-1 name:bare:T-1[21,30]
verify T-2 name:bare:T-2[0,6]
pass -
pass -
verify T-2 name:bare:T-2[6,12]
pass -

=== unless: without a note it does not lint
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","message":"m","category":"contact","reason":"contact_info",
  "basis":"art. 8","view":"bare","words":["公安局"],"action":"reject",
  "unless":{"words":["旁边"],"gap":0},
  "match":["公安局"],"pass":["公安局旁边"]}]}
--- run: lint $R
--- status: 1
--- err_like
unless: error: what excuses has no note

=== a term of a list may narrow its rule
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","list":"lists/brands.txt","action":"reject",
  "beside":{"words":["官方"],"gap":2}}]}
--- file lists/brands.txt
# brands
小米	side=after
华为
--- run: scan -r $R
--- in
官方小米
小米官方
官方华为
--- verdicts
pass -
reject T-1 name:bare:T-1[0,6]
reject T-1 name:bare:T-1[6,12]

=== order of matches: start, end, view, rule
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-9","view":"raw","words":["ab"],"where":"anywhere","action":"tag"},
 {"id":"T-2","view":"base","words":["ab","abc"],"where":"anywhere","action":"tag"},
 {"id":"T-1","view":"base","words":["ab","b"],"where":"anywhere","action":"tag"}]}
--- run: scan -r $R
--- in
xabc
--- verdicts
tag T-9 name:raw:T-9[1,3] name:base:T-1[1,3] name:base:T-2[1,3] name:base:T-2[1,4] name:base:T-1[2,3]

=== the strongest decides, the first of the strongest; sixteen are shown and the decider
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"base","words":["a"],"where":"anywhere","action":"tag"},
 {"id":"T-2","view":"base","words":["b"],"where":"anywhere","action":"reject"}]}
--- run: scan -r $R
--- in
abab
aaaaaaaaaaaaaaaaaaaab
--- verdicts
reject T-2 name:base:T-1[0,1] name:base:T-2[1,2] name:base:T-1[2,3] name:base:T-2[3,4]
reject T-2 name:base:T-1[0,1] name:base:T-1[1,2] name:base:T-1[2,3] name:base:T-1[3,4] name:base:T-1[4,5] name:base:T-1[5,6] name:base:T-1[6,7] name:base:T-1[7,8] name:base:T-1[8,9] name:base:T-1[9,10] name:base:T-1[10,11] name:base:T-1[11,12] name:base:T-1[12,13] name:base:T-1[13,14] name:base:T-1[14,15] name:base:T-2[20,21] of 21

=== stage trial is watched, retired loads nothing
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["微信"],"action":"reject","stage":"trial"},
 {"id":"T-2","view":"bare","words":["微信"],"action":"reject","stage":"retired"}]}
--- run: scan -r $R
--- in
微信
--- verdicts
pass - watched name:bare:T-1[0,6](reject)

=== --trial lets trial rules act
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["微信"],"action":"reject","stage":"trial"}]}
--- run: scan -r $R --trial
--- in
微信
--- verdicts
reject T-1 name:bare:T-1[0,6]

=== levels: acted on, watched, neither
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["甲乙"],"action":"tag"},
 {"id":"T-2","view":"bare","words":["甲乙"],"action":"reject","level":2},
 {"id":"T-3","view":"bare","words":["甲乙"],"action":"reject","level":3}]}
--- run: scan -r $R -l 1,2
--- in
甲乙
--- verdicts
tag T-1 name:bare:T-1[0,6] watched name:bare:T-2[0,6](reject)

=== the operator's hand
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["甲乙"],"action":"reject"},
 {"id":"T-2","view":"bare","words":["甲乙"],"action":"tag"},
 {"id":"T-3","view":"bare","words":["甲乙"],"action":"reject"},
 {"id":"T-4","view":"bare","words":["甲乙"],"action":"reject"}]}
--- run: scan -r $R --rule T-1=tag --rule T-2=verify --rule T-3=off --rule T-4=trial
--- in
甲乙
--- verdicts
verify T-2 name:bare:T-1[0,6](reject) name:bare:T-2[0,6](tag) watched name:bare:T-4[0,6](reject)

=== a rule reads the fields that it names
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","fields":["name"],"words":["甲乙"],"action":"reject"},
 {"id":"T-2","view":"bare","fields":["signature","profile"],"words":["甲乙"],"action":"tag"},
 {"id":"T-3","view":"bare","words":["丙丁"],"action":"tag"}]}
--- run: scan -r $R --ndjson
--- in
{"signature":"甲乙","profile":"丙丁","name":"甲乙"}
{"profile":["甲乙",1,null,{"x":"甲乙"}],"other":"甲乙丙丁"}
{"name":
[]
--- verdicts
reject T-1 signature:bare:T-2[0,6] profile:bare:T-3[0,6] name:bare:T-1[0,6]
tag T-2 profile:bare:T-2[0,6] profile:bare:T-2[0,6] other:bare:T-3[6,12]
pass - {malformed}
pass - {malformed}

=== scan: an empty line is an empty value, a CR is part of it, the last line may lack its LF
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"raw","words":["x\r"],"where":"anywhere","action":"reject"}]}
--- run: scan -r $R
--- in eval
"\nx\r\nx"
--- verdicts
pass -
reject T-1 name:raw:T-1[0,2]
pass -

=== ill-formed bytes are flagged and cost nothing else
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["微信"],"action":"reject"}]}
--- run: scan -r $R
--- in eval
"\xe5\xbe\xae\xff\xe4\xbf\xa1\n\xe5\xbe"
--- verdicts
reject! T-1 name:bare:T-1[0,7] {bad_utf8}
pass - {bad_utf8}

=== the joined field: what no field holds alone; only rules that name it read it
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","fields":["joined"],"regex":"加v[a-z]{2,8}[0-9]{3,8}","action":"reject"},
 {"id":"T-2","view":"bare","fields":["name","joined"],"words":["官方客服"],"action":"reject"},
 {"id":"T-3","view":"bare","words":["信任"],"action":"tag"}]}
--- run: scan -r $R --ndjson
--- in
{"name":"加V","signature":"abc12345"}
{"signature":"abc12345","name":"加V"}
{"name":"小微","signature":"信任"}
{"name":"官方","signature":"客服"}
{"name":"加Vabc12345","signature":"x"}
{"name":"加V","x":"","signature":"abc12345"}
--- verdicts
reject T-1 joined:bare:T-1[0,13]
reject T-1 joined:bare:T-1[0,13]
tag T-3 signature:bare:T-3[0,6]
tag T-2 joined:bare:T-2[0,13](reject)
pass -
reject T-1 joined:bare:T-1[0,13]

=== exempt: a class excuses the rules that say so, and no others
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["新闻"],"action":"reject","exempt":["media","gov"]},
 {"id":"T-2","view":"bare","words":["新闻"],"action":"tag","exempt":["gov"]},
 {"id":"T-3","view":"bare","words":["微信"],"action":"reject"}]}
--- run: scan -r $R --verified media=某报
--- in
新闻
新闻微信
--- verdicts
tag T-2 name:bare:T-1[0,6](reject) name:bare:T-2[0,6]
reject T-3 name:bare:T-1[0,6](reject) name:bare:T-2[0,6] name:bare:T-3[6,12]

=== a roster's entry is excused for the name that equals it, however written
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"han","roster":["工商银行","建设银行"],"action":"reject","exempt":"enterprise"}]}
--- run: scan -r $R --verified 'enterprise=工商銀行,某店'
--- in
工商银行
工·商·银·行
建设银行
--- verdicts
pass - name:han:T-1[0,12](reject)
pass - name:han:T-1[0,18](reject)
reject T-1 name:han:T-1[0,12]

=== a class without the name excuses no entry
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"han","roster":["工商银行"],"action":"reject","exempt":"enterprise"}]}
--- run: scan -r $R --verified enterprise
--- in
工商银行
--- verdicts
reject T-1 name:han:T-1[0,12]

=== past its review_by a rule only tags; an exception past its end excuses nothing
--- pack
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["甲乙"],"action":"reject","review_by":"2020-01-01"},
 {"id":"T-2","view":"bare","words":["丙丁"],"action":"reject","review_by":"2999-01-01",
  "except":[{"words":["丙丁戊"],"note":"n","until":"2020-01-01"},
            {"words":["丙丁己"],"note":"n","until":"2999-01-01"}]}]}
--- run: scan -r $R
--- in
甲乙
丙丁戊
丙丁己
--- verdicts
tag T-1 name:bare:T-1[0,6]
reject T-2 name:bare:T-2[0,6]
pass -
--- err
R/pack.json:2: T-1: review_by: warning: has passed: the rule only tags until somebody looks at it
R/pack.json:4: T-2: except: warning: has ended on 2020-01-01 and excuses nothing any more
