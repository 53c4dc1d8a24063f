#!/usr/bin/perl

# fmt and schema: the one form of a pack, and what an editor is told of it.

use strict;
use warnings;

use lib 't/lib';
use Acctinfo::Command;

run_blocks(\*DATA);

__DATA__

=== the order of the tables, one line where it fits, escapes for what is not seen
--- pack
{"rules":[{"pass":["x"],"match":["微\u200b信",{"value":"a\u0301b","action":"tag"}],
"words":["一二三四五六七八九十","一二三四五六七八九十一","一二三四五六七八九十二","一二三四五六七八九十三","一二三四五六七八九十四","一二三四五六七八九十五"],
"action":"tag","view":"bare","id":"A-1","extra":1}],"prefix":"A","note":"n","pack":"a"}
--- shell: $A fmt $R/pack.json && cat $R/pack.json && $A fmt --check $R/pack.json
--- out
{
  "pack": "a",
  "prefix": "A",
  "note": "n",
  "rules": [

    {
      "id": "A-1",
      "view": "bare",
      "words": [
        "一二三四五六七八九十",
        "一二三四五六七八九十一",
        "一二三四五六七八九十二",
        "一二三四五六七八九十三",
        "一二三四五六七八九十四",
        "一二三四五六七八九十五"
      ],
      "action": "tag",
      "match": ["微\u200b信", { "value": "a\u0301b", "action": "tag" }],
      "pass": ["x"],
      "extra": 1
    }
  ]
}

=== --check names what is not in its form, and changes nothing
--- pack
{"prefix":"A","pack":"a","rules":[]}
--- shell: $A fmt --check $R/pack.json; rc=$?; cat $R/pack.json; exit $rc
--- status: 1
--- out
R/pack.json
{"prefix":"A","pack":"a","rules":[]}

=== names of many scripts stay as they are
--- pack
{"pack":"a","prefix":"A","rules":[{"id":"A-1","pass":["คนไทย","नमस्ते","שָׁלוֹם","👨‍👩‍👧"]}]}
--- shell: $A fmt $R/pack.json; grep pass $R/pack.json
--- out
      "pass": ["คนไทย", "नमस्ते", "שָׁלוֹם", "👨\u200d👩\u200d👧"]

=== a pack that is no JSON is not touched
--- pack
{"pack":
--- shell: $A fmt $R/pack.json; rc=$?; cat $R/pack.json; exit $rc
--- status: 2
--- out
{"pack":

=== the schema is JSON, and knows each attribute with its words
--- shell: $A schema | perl -MJSON::PP -0777 -ne '$s = decode_json($_); $r = $s->{q($defs)}{rule}; print join(",", @{$r->{required}}), "\n", join(",", @{$r->{properties}{view}{enum}}), "\n", scalar(keys %{$r->{properties}}), "\n"'
--- out
id,message,category,reason,basis,view,action,match,pass
raw,base,bare,han,latin,digits,sound
28
