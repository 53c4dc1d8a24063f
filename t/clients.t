#!/usr/bin/perl

# Clients that are slow, leave early, or never send what they promised; and
# the application behind FastCGI, which is told of a body in more places.

use strict;
use warnings;

use IO::Select;
use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(sleep time);
use lib 't/lib';
use PrivateNginx;


my $nginx = PrivateNginx->new(<<'EOC', workers => 2);
    log_format r escape=none '$status <$acctinfo_action> $acctinfo_record';

    server {
        listen 127.0.0.1:%PORT0%;
        access_log %DIR%/record.log r;
        client_body_timeout 500ms;
        client_header_timeout 5s;
        lingering_timeout 1s;

        location /r {
            acctinfo on;
            proxy_pass http://app;
        }

        location /slow {
            acctinfo on;
            client_body_timeout 5s;
            proxy_pass http://app;
        }

        location /replay {
            client_body_buffer_size 1k;
            error_page 502 = @watched;
            proxy_pass http://127.0.0.1:1;
        }

        location @watched {
            acctinfo on;
            proxy_pass http://app;
        }

        location /status {
            stub_status;
        }

        location /fcgi {
            acctinfo on;
            error_page 403 = @fcgi;
            fastcgi_pass 127.0.0.1:%PORT1%;
            fastcgi_param REQUEST_METHOD $request_method;
            fastcgi_param CONTENT_LENGTH $content_length;
            fastcgi_param CONTENT_TYPE $content_type;
            fastcgi_param QUERY_STRING $query_string;
        }

        location @fcgi {
            fastcgi_pass 127.0.0.1:%PORT1%;
            fastcgi_param REQUEST_METHOD $request_method;
            fastcgi_param CONTENT_LENGTH $content_length;
            fastcgi_param CONTENT_TYPE $content_type;
            fastcgi_param QUERY_STRING $query_string;
        }
    }
EOC

my $type = "Content-Type: application/x-www-form-urlencoded\r\n";
my $record = $nginx->dir . '/record.log';


sub head {
    my ($uri, $length) = @_;

    return "POST $uri HTTP/1.1\r\nHost: a\r\nConnection: close\r\n$type"
           . "Content-Length: $length\r\n\r\n";
}


# connections that are open, but for the one that asks

sub active {
    my $got = $nginx->raw([ "GET /status HTTP/1.0\r\n\r\n" ]);

    return $got =~ /^Active connections: (\d+)/m ? $1 - 1 : 'unknown';
}


sub settled {
    for (1 .. 250) {
        return 1 if active() eq '0';
        sleep 0.02;
    }

    return 0;
}


# one byte at a time

{
    my $body = 'username=zhongyang';

    my $got = $nginx->raw([ head('/slow', length $body), split //, $body ],
                          delay => 0.005);

    is(PrivateNginx::statuses($got), 403, 'a byte at a time, condemned');

    $body = 'username=alice';
    $got = $nginx->raw([ head('/slow', length $body), split //, $body ],
                       delay => 0.005);

    like($got, qr/^mark: action=pass.*^body: username=alice$/ms,
         'a byte at a time, honest');
}


# gone in the middle

{
    my $s = $nginx->connect();

    print $s head('/r', 100), 'username=ali';
    $s->flush();
    sleep 0.1;
    close $s;

    ok(settled(), 'a client that left is forgotten');
    like(PrivateNginx::slurp($record), qr/^400 <-?> ?-?$/m,
         'and nothing was decided');
}


# nothing more comes

{
    my $began = time;
    my $got = $nginx->raw([ head('/r', 100), 'username=ali' ], quiet => 5);

    cmp_ok(time - $began, '<', 4, 'a body that does not come is given up');
    ok($nginx->{ended}, 'its connection is closed');
    like(PrivateNginx::slurp($record), qr/^408 <-?> ?-?$/m,
         'and nothing was decided');
}


# refused early, and then the client neither sends nor leaves

{
    my $s = $nginx->connect();

    print $s head('/r', 100000), 'username=zhongyang&';
    $s->flush();

    my $select = IO::Select->new($s);
    my $got = '';

    while ($select->can_read(5)) {
        sysread($s, $got, 65536, length $got) or last;
    }

    like($got, qr/^HTTP\/1\.1 403 .*\}\n\z/s,
         'refused early: the answer comes while the client is silent');
    ok(settled(), 'and the connection is given up after lingering_timeout');

    close $s;
}


# many at once, half of them condemned, in two workers

{
    my @open;

    for my $i (1 .. 100) {
        my $s = $nginx->connect();
        my $body = $i % 2 ? 'username=zhongyang' : 'username=alicealice';

        print $s head('/slow', length $body), substr($body, 0, 12);
        $s->flush();
        push @open, [ $s, substr($body, 12), $i % 2 ? 403 : 200 ];
    }

    my $right = 0;

    for my $o (@open) {
        my ($s, $rest, $status) = @$o;

        print $s $rest;
        $s->flush();

        my $got = do { local $/; <$s> } // '';

        $right++ if PrivateNginx::statuses($got) eq $status;
    }

    is($right, 100, 'a hundred at once, each with its own verdict');
    ok(settled(), 'and all are gone');
}


# gone while a body is replayed, at every stage of it

{
    my $body = 'x=' . ('y' x 900_000) . '&username=zhongyang';
    my $head = head('/replay', length $body);

    for my $i (1 .. 40) {
        my $s = $nginx->connect();

        print $s $head, $body;
        $s->flush();
        sleep 0.0005 * $i;
        close $s;
    }

    ok(settled(), 'clients that left during a replay are forgotten');

    is(PrivateNginx::statuses($nginx->raw([ $head . $body ], quiet => 5)), 403,
       'and one that stays has its answer');
}


# FastCGI: a responder that tells its parameters and standard input

my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
                                     LocalPort => $nginx->port(1),
                                     ReuseAddr => 1, Listen => 10)
               // die "no responder: $!";

my $pid = fork() // die $!;

if ($pid == 0) {
    respond() while 1;
}


sub record {
    my ($s) = @_;

    my $in = '';

    while (length $in < 8) {
        sysread($s, $in, 8 - length $in, length $in) or return;
    }

    my (undef, $type, undef, $length, $padding) = unpack('CCnnC', $in);
    my $content = '';

    while (length $content < $length + $padding) {
        sysread($s, $content, $length + $padding - length $content,
                length $content) or return;
    }

    return ($type, substr($content, 0, $length));
}


sub respond {
    my $s = $listener->accept() or return;
    my ($params, $stdin) = ('', '');

    while (my ($type, $content) = record($s)) {

        if ($type == 4) {
            $params .= $content;

        } elsif ($type == 5) {
            last if $content eq '';
            $stdin .= $content;
        }
    }

    my @told;

    while (length $params) {
        my @len;

        for (0, 1) {
            my $n = ord substr($params, 0, 1);

            if ($n < 128) {
                substr($params, 0, 1) = '';

            } else {
                $n = unpack('N', substr($params, 0, 4, '')) & 0x7fffffff;
            }

            push @len, $n;
        }

        my $name = substr($params, 0, $len[0], '');

        push @told, "$name=" . substr($params, 0, $len[1], '');
    }

    my $text = "Content-Type: text/plain\r\n\r\n"
               . join('', map { "$_\n" } sort @told) . "stdin=$stdin\n";

    print $s pack('CCnnCC', 1, 6, 1, length $text, 0, 0), $text,
             pack('CCnnCC', 1, 3, 1, 8, 0, 0), "\0" x 8;
    close $s;
}


{
    my $body = 'username=alice&bio=jiawo';
    my $got = $nginx->raw([ head('/fcgi?a=1', length $body) . $body ]);

    like($got, qr/^CONTENT_LENGTH=24$/m, 'FastCGI: the length');
    like($got, qr/^HTTP_X_ACCTINFO=action=tag, rule="SUI-0002", /m,
         'FastCGI: the mark');
    like($got, qr/^stdin=username=alice&bio=jiawo$/m, 'FastCGI: the body');

    $body = 'username=zhongyang';
    $got = $nginx->raw([ head('/fcgi?a=1', length $body) . $body ]);

    like($got, qr/^HTTP_X_ACCTINFO=action=reject, /m,
         'FastCGI: an error page is told of the refusal');
    like($got, qr/^CONTENT_LENGTH=0?$/m, 'FastCGI: but of no length');
    unlike($got, qr/^HTTP_CONTENT_LENGTH=/m, 'FastCGI: not as a header either');
    like($got, qr/^QUERY_STRING=$/m, 'FastCGI: of no arguments');
    like($got, qr/^stdin=$/m, 'FastCGI: and of no body');

    my $chunked = "POST /fcgi HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                  . "${type}Transfer-Encoding: chunked\r\n\r\n12\r\n"
                  . "$body\r\n0\r\n\r\n";

    unlike($nginx->raw([ $chunked ]), qr/^HTTP_TRANSFER_ENCODING=|zhongyang/m,
           'FastCGI: nor of the chunks that it came in');
}

kill 'TERM', $pid;
waitpid($pid, 0);

ok($nginx->log() !~ /\[(?:alert|emerg|crit)\]/, 'nothing alarming logged');

done_testing();
