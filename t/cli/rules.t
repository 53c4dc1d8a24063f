#!/usr/bin/perl

# The shipped rules: they lint, their own examples and the ordinary texts hold,
# and the probe set comes out as it must.  Two hundred thousand ordinary lines
# and forty thousand terms go through the command as it is shipped, the probes
# through the sanitized one.

use strict;
use warnings;

use lib 't/lib';
use Acctinfo::Command;
use JSON::PP;
use Test::More;

my $a = $ENV{ACCTINFO} || 'build/san/acctinfo';

my ($status, $out, $err) = run_command("build/acctinfo lint rules");
is($status, 0, 'the shipped rules lint') or diag($err);

($status, $out, $err) = run_command('build/acctinfo fmt --check rules/*.json');
is($status, 0, 'they are in their one form') or diag("not so: $out");

($status, $out, $err) = run_command("build/acctinfo test rules");
is($status, 0, 'their examples and the ordinary texts hold')
    or diag(join "\n", grep { !/^ok/ } split /\n/, $out);
cmp_ok(($out =~ /^1\.\.(\d+)$/m)[0], '>', 100, 'and they are many');

($status, $out, $err) = run_command('t/disguises.py');
is($status, 0, 'and what a machine disguises is refused all the same')
    or diag($out . $err);

my $lines = 0;
for my $file (glob 'rules/ordinary/*.txt') {
    open my $fh, '<', $file or die $!;
    $lines += grep { !/^#/ } <$fh>;
}
cmp_ok($lines, '>=', 500, 'five hundred ordinary lines at least');

open my $fh, '<:raw', 't/data/probes.tsv' or die $!;
my @probes;
while (my $line = <$fh>) {
    chomp $line;
    next if $line =~ /^#/;
    my ($want, $value) = split /\t/, $line, 2;
    $value =~ s/\\x(..)/chr hex $1/ge;
    $value =~ s/\\u\{(\w+)\}/my $c = chr hex $1; utf8::encode($c); $c/ge;
    push @probes, [ $want, $value ];
}

($status, $out, $err) = run_command("$a scan -r rules -l 2",
    join '', map { "$_->[1]\n" } @probes);
is($status, 0, 'the probes are scanned') or diag($err);

my %allowed = (
    hit => { tag => 1, verify => 1, reject => 1 },
    'atmost-tag' => { pass => 1, tag => 1 },
    map { $_ => { $_ => 1 } } qw(pass tag verify reject)
);

my @got = split /\n/, $out;
is(@got, @probes, 'a verdict for each');

for my $i (0 .. $#probes) {
    my ($want, $value) = @{$probes[$i]};
    my $action = JSON::PP->new->utf8->decode($got[$i])->{action};
    ok($allowed{$want}{$action}, "$want: $value")
        or diag("got $action: $got[$i]");
}

done_testing();
