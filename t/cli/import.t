#!/usr/bin/perl

# import: an existing list made into one of ours, with a triage.

use strict;
use warnings;

use lib 't/lib';
use Acctinfo::Command;

run_blocks(\*DATA);

__DATA__

=== txt: duplicates after folding, terms within terms, what folds away, ordinary hits
--- file list.txt
微信
微.信
❤
V❤
加微信
大麻
# a comment
--- file ordinary/a.txt
# a comment with 大麻
大麻烦
大麻布
小麻烦
--- shell: $A import --from txt -v bare --ordinary $R/ordinary -o $R/out.txt $R/list.txt; cat $R/out.txt
--- out
# Made by acctinfo import from list.txt, for the view bare.
# Say here where it came from, and under which licence.
微信
# one character: V❤
加微信
# hits 2 ordinary texts: 大麻
--- err
6 terms: 3 good, 1 the same as another in the view bare, 1 fold to nothing, 1 to one character, 0 too long
1 stand within another term; 1 hit some of 3 ordinary texts
       2  大麻: 大麻烦; 大麻布

=== csv: quotes, a column; words of Latin letters stand as words
--- file list.csv
id,word
1,"ad""min, x"
2,admin
--- file o.txt
Padmini
admin of cats
--- shell: $A import --from csv --column 2 -v base --ordinary $R/o.txt -o $R/out.txt $R/list.csv; grep -v '^#' $R/out.txt
--- out
word
ad"min, x
--- err_like
^       1  admin: admin of cats$

=== json: strings, and the named member of objects
--- file list.json
["甲乙",{"word":"丙丁","note":"no"},{"list":[{"word":"戊己"}]}]
--- shell: $A import --from json --column word -v bare -o $R/out.txt $R/list.json 2>/dev/null; grep -v '^#' $R/out.txt
--- out
甲乙
丙丁
戊己

=== encodings
--- shell: printf '\316\242\320\305\n\271\331\267\275\n' > $R/l; $A import --from txt --encoding gb18030 -v bare -o $R/out.txt $R/l 2>/dev/null; grep -v '^#' $R/out.txt
--- out
微信
官方

=== bytes that are not of the encoding are told with their place
--- shell: printf 'ab\377\377' > $R/l; $A import --from txt --encoding gb2312 -v bare -o $R/out.txt $R/l
--- status: 2
--- err_like
byte 2 is not gb2312

=== usage
--- run: import --from xml -v bare -o x y
--- status: 2
--- err
acctinfo: --from xml: must be txt, csv, tsv or json
