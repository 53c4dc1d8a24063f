#!/usr/bin/perl

# A field of any length: what stands at the edge of a window is found as if it
# stood anywhere else, with its exceptions, its neighbours and its edges.
#
# A text that is nobody's business is put before the same piece, so long that
# the piece begins at each place around the windows' edges; the matches must be
# those of the piece alone, moved by the length.

use strict;
use warnings;

use lib 't/lib';
use Acctinfo::Command;
use File::Temp 'tempdir';
use JSON::PP;
use Test::More;

my $a = $ENV{ACCTINFO} || 'build/san/acctinfo';
my $r = tempdir(CLEANUP => 1);

open my $fh, '>', "$r/p.json" or die $!;
print $fh <<'EOP';
{"pack":"t","prefix":"T","rules":[
 {"id":"T-1","view":"bare","words":["微信"],"action":"tag","evasive":"verify",
  "except":[{"words":["微信支付"],"note":"n"}]},
 {"id":"T-2","view":"base","words":["admin"],"action":"tag"},
 {"id":"T-3","view":"base","words":["小米"],"action":"tag",
  "beside":{"words":["官方"],"gap":6}},
 {"id":"T-7","view":"base","words":["公安局"],"action":"tag",
  "beside":[{"words":["通知"],"gap":64},{"words":["涉嫌"],"gap":20}],
  "unless":{"words":["旁边"],"side":"after","gap":40,"note":"n"}},
 {"id":"T-8","view":"base","words":["甲乙","丙丁","戊己"],"action":"tag",
  "beside":{"words":["甲乙","丙丁","戊己"],"least":2,"gap":128}},
 {"id":"T-9","view":"han","words":["поддержка","fa票"],"action":"tag",
  "evasive":"verify"},
 {"id":"T-4","view":"base","regex":"v信.{0,20}[a-z0-9]{6,9}","action":"tag"},
 {"id":"T-5","view":"digits","regex":"[0-9]{7,11}","where":"word","action":"tag"},
 {"id":"T-6","view":"base","words":["sysop"],"where":"whole","action":"tag"}]}
EOP
close $fh;

my %pieces = (
    'an exception behind a word' => '微信支付 微信,微信支付',
    'evasion within'             => '微.信 微信',
    'words and their edges'      => 'admin padmini admin2 admin',
    'neighbours'                 => '小米手机的官方 小米xx 官方的小米',
    'two neighbours, and none that excuses' => '公安局通知你涉嫌 '
        . 'x' x 50 . ' 公安局' . 'x' x 18 . '涉嫌' . 'y' x 40 . '通知 '
        . 'z' x 70 . ' 公安局' . 'x' x 30 . '旁边涉嫌通知',
    'three different neighbours' => '甲乙 ' . 'x' x 125 . ' 丙丁 '
        . '字' x 120 . ' 戊己 ' . 'y' x 100 . ' 甲乙',
    'masks' => 'пoддержкa x f4票, п о д д е р ж к а',
    'patterns of varying width'  => 'v信:abcdef1234567 x v信 号abc123',
    'runs of digits'             => '13800001234 x 1380000123456 5551234',
    'what must be the whole'     => 'sysop',
);

# one scan for all: the piece alone, and behind each of the fillers

my @lengths = (0, map({ 4000 + $_ } 0 .. 200), map({ 5020 + $_ } 0 .. 130),
    map({ 8100 + $_ } 0 .. 120), map({ 9200 + $_ } 0 .. 40), 20000);

for my $name (sort keys %pieces) {
    for my $filler ('你', 'Ab c', '. ') {
        my $plain = $filler eq '. ';
        my (@lines, @offsets);

        for my $n (@lengths) {
            my $head = substr($filler x ($n / length($filler) + 1), 0,
                $filler eq '你' ? $n - $n % 3 : $n);
            $head .= ' ' if $n;
            push @lines, $head . $pieces{$name} . ' ' . substr($filler x 400, 0,
                $filler eq '你' ? 1200 : 800);
            push @offsets, length $head;
        }

        my ($status, $out, $err) = run_command("$a scan -r $r",
            join '', map { "$_\n" } @lines);
        my @got = split /\n/, $out;
        my ($want, $wrong) = (undef, '');

        for my $i (0 .. $#lines) {
            my $v = decode_json($got[$i]);
            my $matches = join ' ', $v->{action}, $v->{match_count}, map {
                $_->{rule} . '[' . ($_->{span}[0] - $offsets[$i]) . ','
                . ($_->{span}[1] - $offsets[$i]) . ']'
            } @{$v->{matches}};

            $want = $matches if $i == 0;
            next if $matches eq $want;

            # only decoration may stand before what must be the whole
            next if $name =~ /whole/ && !$plain && $i && $matches eq 'pass 0 ';

            $wrong = "behind $offsets[$i] bytes: $matches, not $want";
            last;
        }

        is($wrong, '', "$name behind '$filler'");
    }
}

done_testing();
