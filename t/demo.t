#!/usr/bin/perl

# The demonstration: it passes, it fails when the module is off, and make run's
# part answers and leaves nothing behind.

use strict;
use warnings;

use File::Temp 'tempdir';
use POSIX ':sys_wait_h';
use Test::More;

my $demo = '/usr/bin/python3 t/demo/demo.py';
my $tmp = tempdir(CLEANUP => 1);
chmod 0755, $tmp;                                # workers have another user
$ENV{TMPDIR} = $tmp;

my $out = `$demo demo 2>&1`;
is($? >> 8, 0, 'one request of each kind comes out as it must') or diag($out);
like($out, qr/^refused early in an upload\s+403/m, 'one of them early');

$out = `$demo demo --off 2>&1`;
is($? >> 8, 1, 'with acctinfo off the checks fail') or diag($out);
like($out, qr/FAILED: the application got bytes of it/,
    'for the application gets what must be refused');
like($out, qr/FAILED: the mark is not/, 'and nothing is marked');

# make run, on a port of its own choice

my $pid = fork();
die $! unless defined $pid;

if ($pid == 0) {
    open STDOUT, '>', "$tmp/out";
    open STDERR, '>&', \*STDOUT;
    exec "exec $demo run";
}

my ($url, $text);
for (1 .. 600) {
    select undef, undef, undef, 0.1;
    open my $fh, '<', "$tmp/out" or next;
    local $/;
    $text = <$fh>;
    last if $text && $text =~ /Ctrl-C/;
}

($url) = $text =~ m{(http://127\.0\.0\.1:\d+/)};
ok($url, 'it says where it listens') or diag($text);

for my $line ($text =~ /^  (curl .*)$/mg) {
    my $status = $line =~ /Alice/ ? 200 : 403;
    like(`$line 2>&1`, qr{^HTTP/1.1 $status}m, $line);
}

kill INT => $pid;

for (1 .. 300) {
    last if waitpid($pid, WNOHANG) == $pid;
    select undef, undef, undef, 0.1;
    kill KILL => $pid if $_ == 299;
}

is($? >> 8, 0, 'Ctrl-C ends it');
is_deeply([ glob "$tmp/acctinfo-demo-*" ], [], 'and nothing is left behind');

done_testing();
