#!/usr/bin/perl

# The verdict is a function of the request's bytes and the rule set, never of
# how the network cut them: the record that nginx writes for a body that came
# whole, in pieces, chunked, or was replayed from a temporary file, less what
# nginx adds to it, is the line of the command for the same body.

use strict;
use warnings;

use File::Temp ();
use JSON::PP;
use MIME::Base64 qw(encode_base64);
use Test::More;
use Time::HiRes qw(sleep);
use lib 't/lib';
use PrivateNginx;


my $acctinfo = $ENV{ACCTINFO} // 'build/acctinfo';

if (!-x $acctinfo) {
    BAIL_OUT("there is no $acctinfo: run make first");
}


# ---- the bodies -----------------------------------------------------------

my $form = 'application/x-www-form-urlencoded';
my $json = 'application/json';
my $multi = 'multipart/form-data; boundary=XyZ';


sub multipart {
    my $body = '';

    while (@_) {
        my ($name, $value) = splice(@_, 0, 2);

        $body .= "--XyZ\r\nContent-Disposition: form-data; name=\"$name\""
                 . ($name eq 'avatar' ? "; filename=\"a.png\"\r\n"
                                        . 'Content-Type: image/png' : '')
                 . "\r\n\r\n$value\r\n";
    }

    return "$body--XyZ--\r\n";
}


my $picture = join('', map { chr($_ * 7 % 256) } 1 .. 3000);
my $long = 'tea and cake, ' x 700;

# type, body, query

my @cases = (
    [ $form, 'username=alice&bio=tea' ],
    [ $form, 'username=zhongyang' ],
    [ $form, 'a=1&b=2&username=it+is+zhongyang&bio=jiawo' ],
    [ $form, 'bio=jiawo&username=zhongyang&bio2=x' ],
    [ $form, 'username=zh%6Fngyang&x=1' ],
    [ $form, 'bio=jiawo+and+jiawo+again&username=alice' ],
    [ $form, 'username=a+lawyer&bio=jiawo' ],
    [ $form, 'username=shichang&bio=erji' ],
    [ $form, 'username=%E4%B8%AD%E5%A4%AEzhongyang' ],
    [ $form, 'username=%E4%B8%AD%E5%A4%AE&bio=%F0%9F%98%80jiawo' ],
    [ $form, 'username=alice&username=bob' ],
    [ $form, 'username=alice&nickname=zhongyang' ],
    [ $form, 'username=al%FFice' ],
    [ $form, 'username=al%zzice&bio=%' ],
    [ $form, '' ],
    [ $form, '&&==&username' ],
    [ $form, "bio=${long}jiawo&username=alice" ],
    [ $form, "bio=${long}zhongyang&username=alice" ],
    [ $form, "bio=${long}jiawo${long}zhongyang${long}" ],
    [ $form, 'x=' . ('y' x 20000) . '&username=zhongyang' ],
    [ $form, 'x=1', 'username=zhongyang' ],
    [ $form, 'username=zhongyang', 'bio=jiawo' ],
    [ $form, 'username=alice', 'username=bob' ],
    [ $form, 'username=alice', 'username=alice&x=%zz' ],
    [ $json, '{"username":"alice","bio":"tea"}' ],
    [ $json, '{"username":"zhongyang"}' ],
    [ $json, '{"a":[1,2,{"b":null}],"username":"is zhongyang","bio":"jiawo"}' ],
    [ $json, '{"username":"zhong\u0079\u0061ng"}' ],
    [ $json, '{"bio":"\ud83d\ude00 jiawo","username":"\u4e2d\u592e"}' ],
    [ $json, "{\"username\":\"\xe4\xb8\xad\xe5\xa4\xae zhongyang\"}" ],
    [ $json, '{"username":["alice","zhongyang","lawyer"]}' ],
    [ $json, '{"username":{"first":"zhong","last":"yang"},"bio":"jiawo"}' ],
    [ $json, '{"username":"alice","username":"bob"}' ],
    [ $json, '{"username":"alice"' ],
    [ $json, '{"username":"alice"]' ],
    [ $json, '{"username":"al' . "\xff" . 'ice"}' ],
    [ $json, '{"username":12345,"bio":true}' ],
    [ $json, "  \n[{\"username\":\"zhongyang\"}]  " ],
    [ $json, "{\"bio\":\"$long jiawo\",\"username\":\"zhongyang\"}" ],
    [ $json, '{"x":' . ('[' x 100) . (']' x 100) . '}' ],
    [ 'application/json; charset=utf-8', '{"bio":"jiawo"}', 'a=1' ],
    [ $multi, multipart('username', 'alice', 'bio', 'tea') ],
    [ $multi, multipart('username', 'zhongyang') ],
    [ $multi, multipart('avatar', $picture, 'username', 'zhongyang') ],
    [ $multi, multipart('avatar', $picture, 'bio', 'jiawo') ],
    [ $multi, multipart('bio', "$long jiawo $long", 'username', 'lawyer') ],
    [ $multi, multipart('username', 'alice', 'username', 'bob') ],
    [ $multi, multipart('username', "zhong\r\n--Xyyang") ],
    [ $multi, substr(multipart('username', 'alice', 'bio', 'jiawo'), 0, -9) ],
    [ $multi, "preamble\r\n" . multipart('bio', 'jiawo') . 'epilogue' ],
    [ 'text/plain', 'username=zhongyang' ],
    [ 'text/plain', 'x=1', 'username=zhongyang' ],
);


# and what the core's own cases bring: every body of a reader's folder that
# can be sent as it is

for my $file (glob "$ENV{TEST_NGINX_DATA}/body/{form,json,multipart}/*.txt") {
    my $text = PrivateNginx::slurp($file);
    (my $raw = $file) =~ s/txt$/body/;

    my ($type) = $text =~ /^type: ([\x21-\x7e][\x20-\x7e]*)$/m or next;

    next if !-f $raw || $text =~ /^(?:encoding|query):/m;

    push @cases, [ $type, PrivateNginx::slurp($raw) ];

    last if @cases >= 800;
}

cmp_ok(scalar @cases, '>=', 52, 'cases: ' . @cases);


# ---- the command ----------------------------------------------------------

my $dir = File::Temp::tempdir(CLEANUP => 1);

open my $in, '>', "$dir/batch" or die $!;

for my $case (@cases) {
    my ($type, $body, $query) = @$case;

    print $in encode_json({ type => $type, body => encode_base64($body, ''),
                            defined $query ? (query => $query) : () }), "\n";
}

close $in;

my @expected = split /\n/, qx($acctinfo inspect --batch -t '' \\
    -r $ENV{TEST_NGINX_DATA}/rules/suite.json \\
    -F name=username,nickname -F profile=bio < $dir/batch);

is($?, 0, 'the command ran');
is(scalar @expected, scalar @cases, 'and wrote a line for each');

BAIL_OUT('nothing to compare with') if @expected != @cases;


# ---- nginx ----------------------------------------------------------------

my $nginx = PrivateNginx->new(<<'EOC', level => 'error');
    log_format record escape=none '$acctinfo_record';

    server {
        listen 127.0.0.1:%PORT0%;
        access_log %DIR%/record.log record;
        client_max_body_size 10m;
        keepalive_requests 100000;

        location /read {
            acctinfo on;
            client_body_buffer_size 1k;
            error_page 405 =200 /ok;
        }

        # nothing listens there, so the body is read and then redirected

        location /replay {
            client_body_in_file_only clean;
            error_page 502 = @watched;
            proxy_pass http://127.0.0.1:1;
        }

        location @watched {
            acctinfo on;
            rewrite ^ /ok break;
            error_page 405 =200 /ok;
        }

        location /ok {
            return 200 ok;
        }
    }
EOC

my $log = $nginx->dir . '/record.log';


# what nginx adds stands behind the core's members

sub less_nginx {
    my ($line) = @_;

    $line =~ s/,"time":"[^"]*","id":"[0-9a-f]{32}","mode":"on",.*\}$/}/s;

    return $line;
}


# records by the name that the request's path has

sub records {
    my %records;

    for (1 .. 50) {
        %records = map { m{"uri":"/(?:read|replay)/(\d+)"} ? ($1 => $_) : () }
                   split /\n/, PrivateNginx::slurp($log);

        last if keys %records >= $_[0];
        sleep 0.1;
    }

    return \%records;
}


sub cuts {
    my ($body, $n) = @_;

    my @places = sort { $a <=> $b }
                 map { int($_ * length($body) / ($n + 1)) } 1 .. $n;
    my @pieces;
    my $from = 0;

    for my $place (@places, length $body) {
        push @pieces, substr($body, $from, $place - $from)
            if $place > $from;
        $from = $place;
    }

    return @pieces;
}


my $number = 0;

sub head {
    my ($door, $case, $framing) = @_;

    my ($type, undef, $query) = @$case;

    return "POST /$door/" . $number++ . (defined $query ? "?$query" : '')
           . " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
           . "Content-Type: $type\r\n$framing\r\n\r\n";
}


sub with_length {
    my ($door, $case, $cut) = @_;

    my $head = head($door, $case, 'Content-Length: ' . length $case->[1]);

    return $cut ? ($head, cuts($case->[1], $cut)) : ($head . $case->[1]);
}


sub chunked {
    my ($door, $case, $cut) = @_;

    return (head($door, $case, 'Transfer-Encoding: chunked'),
            (map { sprintf("%x\r\n%s\r\n", length $_, $_) }
                 cuts($case->[1], $cut)),
            "0\r\n\r\n");
}


my @ways = (
    [ 'whole', sub { with_length('read', $_[0], 0) } ],
    [ 'cut at ten places', sub { with_length('read', $_[0], 10) } ],
    [ 'chunked', sub { chunked('read', $_[0], 10) } ],
    [ 'replayed from a file', sub { with_length('replay', $_[0], 0) } ],
    [ 'replayed, chunked before', sub { chunked('replay', $_[0], 3) } ],
);

for my $way (@ways) {
    my ($name, $make) = @$way;

    $number = 0;

    my $statuses = '';
    my $n = 0;

    # the many cases of the core's go by two doors: cut, and replayed

    my $all = $name =~ /^(?:cut at ten|replayed from)/;
    my @these = $all ? @cases : @cases[0 .. 51];

    for my $case (@these) {
        my $got = $nginx->raw([ $make->($case) ], delay => 0.0015,
                              quiet => 5);

        $statuses .= PrivateNginx::statuses($got) . "\n";
    }

    my $records = records(scalar @these);
    my @wrong;

    for my $i (0 .. $#these) {
        my $line = less_nginx($records->{$i} // '(no record)');

        push @wrong, $i if $line ne $expected[$i];
    }

    ok(!@wrong, "$name: " . @these . ' records are the command\'s');

    for my $i (@wrong > 5 ? @wrong[0 .. 4] : @wrong) {
        diag("case $i, $cases[$i][0]:\n  nginx   ",
             less_nginx($records->{$i} // '(no record)'),
             "\n  command $expected[$i]");
    }

    # and the answer is what the record says

    cmp_ok(scalar(() = $statuses =~ /^403$/mg), '>', 10, "$name: refusals");
    cmp_ok(scalar(() = $statuses =~ /^40[05]$|^200$/mg), '>', 10,
           "$name: others");

    $nginx->truncate($log);
}

unlike($nginx->log(), qr/\[(?:alert|emerg|crit)\]|acctinfo failed/,
       'nothing alarming logged');

done_testing();
