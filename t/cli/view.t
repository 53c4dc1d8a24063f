#!/usr/bin/perl

# view: what a view makes of each line, and where each character came from.

use strict;
use warnings;

use lib 't/lib';
use Acctinfo::Command;

run_blocks(\*DATA);

__DATA__

=== a view of each line
--- run: view -v han
--- in
官·方
證券

E e
--- out
官方
证券

ee

=== the last line may lack its end; raw keeps what was written but for ill-formed bytes
--- run: view -v raw
--- in eval
"a\r\nb\xffc"
--- out eval
"a\r\nb\xef\xbf\xbdc\n"

=== offsets: where from, in which view, what was dropped
--- run: view -v han --offsets
--- in
官·方薇Ⅴ
--- out eval
"官\t[0,3]\t官\n方\t[5,8]\t方\tgap before, hidden before (evasive)\n"
. "微\t[8,11]\t薇\tin han, altered (evasive)\nv\t[11,14]\tⅤ\tin base, altered (evasive)\n\n"

=== a view that is not there
--- run: view -v hand
--- status: 2
--- err
acctinfo: view: unknown view hand

=== and none
--- run: view
--- status: 2
--- err
acctinfo: view: -v VIEW is missing
