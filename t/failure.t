#!/usr/bin/perl

# What is our own fault: each allocation of the module, and then each of nginx
# as well, fails in the middle of a request, one after the other.  Whatever
# comes of it, a condemned request does not pass, an honest one is never taken
# for a bad one, no tag is lost, and the next request finds a worker in good
# health.
#
# In an nginx that is built with -DNGX_DEBUG_PALLOC=1, and the module linked
# in, every little piece of a pool is an allocation of its own.

use strict;
use warnings;

use File::Temp qw(tempdir);
use Test::More;
use Time::HiRes qw(sleep);
use lib 't/lib';
use PrivateNginx;


my $dir = tempdir(CLEANUP => 1);
my $cc = $ENV{CC} // 'cc';

# t/checked.sh has it linked in, where an address sanitizer is

my $preload = ($ENV{ACCTINFO_CHECKED} // '') ne 'asan';

if ($preload) {
    system("$cc -O1 -fno-builtin -shared -fPIC -o $dir/fault.so"
           . " t/lib/fault.c -ldl")
        == 0 or BAIL_OUT("t/lib/fault.c was not compiled");
}

chmod 0755, $dir;

open my $f, '>', "$dir/fault" or die $!;
print $f pack('l3', 0, 0, 0);
close $f;
chmod 0666, "$dir/fault";


my $nginx;

{
    local $ENV{LD_PRELOAD} = "$dir/fault.so" if $preload;
    local $ENV{ACCTINFO_FAULT} = "$dir/fault";

    $nginx = PrivateNginx->new(<<'EOC', level => 'error');
        log_format r escape=none '$acctinfo_record';
        acctinfo_hash_key %DATA%/keys/two.txt;
        acctinfo_zone counters 1m;

        server {
            listen 127.0.0.1:%PORT0%;
            access_log %DIR%/record.log r;
            set $acctinfo_none "";

            location /reject {
                acctinfo on;
                acctinfo_values full;
                proxy_pass http://app;
            }

            location /pass {
                acctinfo on;
                acctinfo_verified official $acctinfo_none;
                acctinfo_values hash;
                acctinfo_failure pass;
                proxy_pass http://app;
            }

            location /dry {
                acctinfo dry_run;
                proxy_pass http://app;
            }
        }
EOC
}


sub arm {
    my ($armed, $fail) = @_;

    open my $f, '+<', "$dir/fault" or die $!;
    syswrite $f, pack('l3', $armed, $fail, 0);
    close $f;
}


sub calls {
    open my $f, '<', "$dir/fault" or die $!;
    sysread $f, my $data, 12;
    close $f;

    return (unpack 'l3', $data)[2];
}


# A request, which is over when it was logged: that may be after the answer,
# and there too memory is asked for.

sub post {
    my ($uri, $type, $body) = @_;

    my $length = length $body;
    my $log = $nginx->dir . '/record.log';
    my $size = -s $log // 0;

    my $got = $nginx->raw([ "POST $uri HTTP/1.1\r\nHost: a\r\n"
                            . "Connection: close\r\nContent-Type: $type\r\n"
                            . "Content-Length: $length\r\n\r\n$body" ],
                          quiet => 5);

    for (1 .. ($got eq '' ? 50 : 500)) {
        last if (-s $log // 0) != $size;
        sleep 0.002;
    }

    return $got;
}


my $form = 'application/x-www-form-urlencoded';
my $json = 'application/json';
my $multi = 'multipart/form-data; boundary=x';

sub part {
    return "--x\r\nContent-Disposition: form-data; name=\"username\"\r\n\r\n"
           . "$_[0]\r\n--x--\r\n";
}


my @bodies = (
    [ 'form', $form, 'a=1&username=NAME&bio=tea' ],
    [ 'json', $json, '{"a":[1,{"b":2}],"username":"NAME","bio":"tea"}' ],
    [ 'multipart', $multi, part('NAME') ],
    [ 'a long value', $form, 'username=' . ('tea ' x 3000) . 'NAME' ],
);

# Where the module is linked into nginx the two cannot be told apart, and the
# second part below has them all.

for my $b ($ENV{ACCTINFO_MODULE} ? @bodies : ()) {
    my ($name, $type, $text) = @$b;

    for my $uri ('/reject', '/pass', '/dry') {
        for my $bad (0, 1) {
            my $who = $bad ? 'condemned' : 'honest';
            (my $body = $text) =~ s/NAME/$bad ? 'zhongyang' : 'alice'/e;

            # how many there are, when none fails

            post($uri, $type, $body);
            arm(1, 0);

            my $fine = post($uri, $type, $body);

            my $calls = calls();

            arm(0, 0);

            my %seen;
            my @wrong;

            for my $n (1 .. $calls) {
                arm(1, $n);

                my $got = post($uri, $type, $body);

                arm(0, 0);

                my $status = PrivateNginx::statuses($got);
                my ($mark) = $got =~ /^mark: (.*)$/m;
                my $what = $status . (defined $mark
                           ? $mark =~ /failure=(\w+)/ ? " $1" : ' marked'
                           : '');

                $seen{$what}++;

                # what may come of a failure, by what the operator said; a
                # failure after the answer (in the record, for the log)
                # leaves it as it was

                my %may = $uri eq '/reject'
                              ? $bad ? (403 => 1, 500 => 1)
                                     : (500 => 1, '200 marked' => 1)
                        : $uri eq '/pass'
                              ? $bad ? (403 => 1, 500 => 1, '200 memory' => 1,
                                        '200 inspection' => 1)
                                     : ('200 memory' => 1, 500 => 1,
                                        '200 inspection' => 1,
                                        '200 marked' => 1)
                              : ('200 memory' => 1, '200 inspection' => 1,
                                 '200 marked' => 1, 500 => 1);

                push @wrong, "$n: $what" if !$may{$what};
            }

            ok(!@wrong, "$name, $uri, $who: $calls allocations: "
                        . join(', ', map { "$_ ($seen{$_})" } sort keys %seen))
                or diag(join "\n", @wrong);

            cmp_ok($calls, '>', 2, "$name, $uri, $who: they were counted");

            is(PrivateNginx::statuses(post($uri, $type, $body)),
               PrivateNginx::statuses($fine),
               "$name, $uri, $who: the worker is in good health");
        }
    }
}

# After a failure the connection is read on where the body ended, or not at
# all: what stands behind the body is answered as itself, and the rest of a
# body, which spells a request here and may come after the answer, never is.

for my $uri ($ENV{ACCTINFO_MODULE} ? ('/reject', '/pass') : ()) {
    my $first = part('alice');
    my $rest = "about\r\n\r\nGET /dry?smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
               . "\r\n--x--\r\n";

    $first =~ s/--\r\n\z/\r\nContent-Disposition: form-data; name="about"\r\n\r\n/;

    my $length = length($first) + length $rest;
    my $head = "POST $uri HTTP/1.1\r\nHost: a\r\nContent-Type: $multi\r\n"
               . "Content-Length: $length\r\n\r\n";
    my $next = "GET /dry?next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

    post($uri, $multi, "$first$rest");
    arm(1, 0);
    post($uri, $multi, "$first$rest");

    my $calls = calls();

    arm(0, 0);

    for my $cut (0, 1) {
        my @pieces = $cut ? ("$head$first", "$rest$next")
                          : ("$head$first$rest$next");
        my %seen;
        my @wrong;

        for my $n (1 .. $calls) {
            arm(1, $n);

            my $got = $nginx->raw(\@pieces, quiet => 5);

            arm(0, 0);

            my $what = join ', ', PrivateNginx::statuses($got),
                                  $got =~ m{^line: (\S+ \S+)}mg;

            $seen{$what}++;

            push @wrong, "$n: $what"
                if $what !~ m{^(?:500|500\ 200,\ GET\ /dry\?next
                               |200\ 200,\ POST\ $uri,\ GET\ /dry\?next)$}x;
        }

        ok(!@wrong, "$uri " . ($cut ? 'in two pieces' : 'at once')
                    . ', and a request behind it: '
                    . join('; ', map { "'$_' ($seen{$_})" } sort keys %seen))
            or diag(join "\n", @wrong);
    }
}

# nginx's own allocations too: here there may be no answer at all

for my $case ([ '/reject', 'zhongyang', qr/^(?:403|500|)$/ ],
              [ '/reject', 'alice', qr/^(?:500|502||200 marked)$/ ],
              [ '/reject', 'jiawo', qr/^(?:500|502||200 tagged)$/ ],
              [ '/pass', 'zhongyang',
                qr/^(?:403|500||200 (?:memory|inspection))$/ ],
              [ '/pass', 'jiawo',
                qr/^(?:500|502||200 (?:tagged|memory|inspection))$/ ])
{
    my ($uri, $value, $may) = @$case;
    my $body = "username=$value&bio=tea";
    my $n = 0;
    my %seen;
    my @wrong;

    post($uri, $form, $body);

    while (++$n < 3000) {
        arm(2, $n);

        my $got = post($uri, $form, $body);
        my $calls = calls();

        arm(0, 0);

        my $status = PrivateNginx::statuses($got);
        my ($mark) = $got =~ /^mark: (.*)$/m;
        my $what = $status . (!defined $mark ? ''
                              : $mark =~ /failure=(\w+)/ ? " $1"
                              : $mark =~ /action=tag/ ? ' tagged'
                              : $mark =~ /action=pass/ ? ' marked'
                              : ' unmarked');

        $seen{$what}++;
        push @wrong, "$n: $what" if $what !~ $may;

        last if $calls < $n;
    }

    ok(!@wrong, "all allocations, $uri, $value: "
                . join(', ', map { "'$_' ($seen{$_})" } sort keys %seen))
        or diag(join "\n", @wrong);

    cmp_ok($n, '>', 10, "all allocations, $uri, $value: $n of them");
}

my $log = $nginx->log();

like($log, qr/acctinfo failed: (?:memory|inspection)/, 'failures are logged');
unlike($log, qr/\[alert\]|exited on signal/, 'and no worker died');

done_testing();
