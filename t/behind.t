#!/usr/bin/perl

# The mark, the refusal and the body with applications behind uwsgi, SCGI and
# gRPC, with WebDAV and with WebSocket.  FastCGI is in t/clients.t.

use strict;
use warnings;

use Test::More;
use Time::HiRes qw(sleep);
use lib 't/lib';
use Backend;
use H2;
use PrivateNginx;


my $nginx = PrivateNginx->new(<<'EOC');
    underscores_in_headers on;

    uwsgi_param CONTENT_LENGTH $content_length;
    uwsgi_param QUERY_STRING $query_string;
    scgi_param CONTENT_LENGTH $content_length;
    scgi_param QUERY_STRING $query_string;

    server {
        listen 127.0.0.1:%PORT0%;
        listen 127.0.0.1:%PORT1% http2;

        location /uwsgi {
            acctinfo on;
            error_page 403 = @uwsgi;
            uwsgi_pass 127.0.0.1:%PORT2%;
        }

        location @uwsgi {
            uwsgi_pass 127.0.0.1:%PORT2%;
        }

        location /scgi {
            acctinfo on;
            error_page 403 = @scgi;
            scgi_pass 127.0.0.1:%PORT3%;
        }

        location @scgi {
            scgi_pass 127.0.0.1:%PORT3%;
        }

        location /mark {
            grpc_pass grpc://unix:%APPDIR%/h2.sock;
        }

        location /mark/typed {
            acctinfo on;
            acctinfo_type application/grpc none;
            grpc_pass grpc://unix:%APPDIR%/h2.sock;
        }

        location /grpc {
            acctinfo on;
            grpc_pass grpc://unix:%APPDIR%/h2.sock;
        }

        location /socket {
            acctinfo on;
            proxy_pass http://127.0.0.1:%PORT4%;
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection upgrade;
        }

        location /dav/ {
            acctinfo on;
            client_body_in_file_only clean;
            client_body_buffer_size 1k;
            root %DIR%;
            dav_methods PUT DELETE MKCOL COPY MOVE;
            create_full_put_path on;
        }
    }
EOC

my @backends = (Backend->new($nginx->port(2), \&Backend::uwsgi),
                Backend->new($nginx->port(3), \&Backend::scgi),
                Backend->new($nginx->port(4), \&Backend::websocket));

my $form = 'application/x-www-form-urlencoded';


sub send_body {
    my ($method, $uri, $type, $body, $more) = @_;

    return $nginx->raw([ "$method $uri HTTP/1.1\r\nHost: a\r\n"
                         . "Connection: close\r\nContent-Type: $type\r\n"
                         . ($more // '') . 'Content-Length: ' . length($body)
                         . "\r\n\r\n$body" ], quiet => 5);
}


# uwsgi and SCGI, which fold a dash and an underscore

for my $kind ('uwsgi', 'scgi') {
    my $got = send_body('POST', "/$kind?a=1", $form, 'username=alice&bio=jiawo',
                        "X-Acctinfo: action=pass\r\nX_Acctinfo: forged\r\n");

    is(join(';', $got =~ /^HTTP_X_ACCTINFO.*?=action=(\w+), rule="SUI-0002"/mg),
       'tag', "$kind: the mark");
    is(() = $got =~ /^HTTP_X_ACCTINFO/mg, 1, "$kind: is there once");
    like($got, qr/^stdin=username=alice&bio=jiawo$/m, "$kind: and the body");

    $got = send_body('POST', "/$kind?a=1", $form, 'username=zhongyang');

    like($got, qr/^HTTP_X_ACCTINFO=action=reject, /m,
         "$kind: an error page is told of the refusal");
    like($got, qr/^CONTENT_LENGTH=0?$/m, "$kind: but of no length");
    unlike($got, qr/^HTTP_CONTENT_LENGTH=/m, "$kind: not as a header either");
    like($got, qr/^QUERY_STRING=$/m, "$kind: of no arguments");
    like($got, qr/^stdin=$/m, "$kind: and of no body");

    my $chunked = "POST /$kind HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                  . "Content-Type: $form\r\nTransfer-Encoding: chunked\r\n\r\n"
                  . "12\r\nusername=zhongyang\r\n0\r\n\r\n";

    unlike($nginx->raw([ $chunked ]), qr/^HTTP_TRANSFER_ENCODING=|zhongyang/m,
           "$kind: nor of the chunks that it came in");
}


# gRPC: another nginx answers, which tells the mark in its body

sub grpc {
    my ($path, $type, $body) = @_;

    my $h2 = H2->new($nginx->port(1));
    my $sid = $h2->open('POST', $path, headers => [ 'content-type', $type,
                                                    'te', 'trailers' ]);

    $h2->data($sid, $body, 1);
    $h2->read(5, sub { $h2->{streams}{$sid}{ended} });

    return ($h2->{streams}{$sid}{status}, $h2->{streams}{$sid}{body});
}


my $message = "\0" . pack('N/a', "\x0a\x05alice");

{
    my ($status, $body) = grpc('/mark', 'application/grpc', $message);

    is($status, 200, 'gRPC in a location beside ours');
    like($body, qr/^mark: $/m, 'is not inspected');

    ($status, $body) = grpc('/grpc', 'application/grpc', $message);

    is($status, 415, 'gRPC in a watched one: no reader for it');

    ($status, $body) = grpc('/mark/typed', 'application/grpc', $message);

    is($status, 200, 'with "acctinfo_type application/grpc none" it passes');
    like($body, qr/^mark: action=pass, id="[0-9a-f]{32}"$/m, 'with the mark');

    ($status, $body) = grpc('/grpc', 'application/json',
                            '{"username":"alice","bio":"jiawo"}');

    is($status, 200, 'JSON that is passed on by gRPC');
    like($body, qr/^mark: action=tag, rule="SUI-0002"/m, 'is read and marked');

    ($status, $body) = grpc('/grpc', 'application/json',
                            '{"username":"zhongyang"}');

    is($status, 403, 'and refused');
    is(() = $nginx->contacts(qr{/grpc}) =~ m{zhongyang}g, 0,
       'before the application saw it');
}


# WebSocket: the handshake is a request, what follows is not

{
    my $s = $nginx->connect();

    print $s "GET /socket?a=1 HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
             . "Connection: upgrade\r\nX-Acctinfo: forged\r\n\r\n";
    $s->flush();

    my $got = '';

    while ($got !~ /\r\n\r\n/) {
        sysread($s, $got, 65536, length $got) or last;
    }

    like($got, qr/^HTTP\/1\.1 101 /, 'WebSocket: the handshake passes');
    like($got, qr/^X-Mark: action=pass, id=/m, 'with the mark');

    for my $frame ("\x81\x8bmaskzhongyang", "\x82\x7e" . ('y' x 40000)) {
        syswrite($s, $frame);
        is(Backend::take($s, length $frame), $frame,
           'a frame goes to and fro, ' . length($frame) . ' bytes');
    }

    close $s;

    $got = $nginx->raw([ "GET /socket?username=zhongyang HTTP/1.1\r\nHost: a\r\n"
                         . "Upgrade: websocket\r\nConnection: upgrade\r\n\r\n" ]);

    is(PrivateNginx::statuses($got), 403, 'its arguments are read');
}


# WebDAV takes the body from its file

{
    my $dir = $nginx->dir;

    mkdir "$dir/dav";
    chmod 0777, "$dir/dav";

    my $json = '{"username":"alice","x":"' . ('y' x 20000) . '"}';
    my $got = send_body('PUT', '/dav/a.json', 'application/json', $json);

    is(PrivateNginx::statuses($got), 201, 'PUT, honest');
    is(PrivateNginx::slurp("$dir/dav/a.json"), $json, 'is stored whole');

    $got = send_body('PUT', '/dav/b.json', 'application/json',
                     '{"username":"zhongyang"}');

    is(PrivateNginx::statuses($got), 403, 'PUT, condemned');
    ok(!-e "$dir/dav/b.json", 'is not stored');

    $got = send_body('PUT', '/dav/a.json', 'application/json',
                     '{"x":"' . ('y' x 20000) . '","username":"zhongyang"}');

    is(PrivateNginx::statuses($got), 403, 'PUT over another, condemned late');
    is(PrivateNginx::slurp("$dir/dav/a.json"), $json, 'the other is kept');

    $got = $nginx->raw([ "DELETE /dav/a.json HTTP/1.1\r\nHost: a\r\n"
                         . "Connection: close\r\n\r\n" ]);

    is(PrivateNginx::statuses($got), 204, 'DELETE');
    is(() = glob("$dir/temp_body/*"), 0, 'no temporary file is left');
}

ok($nginx->log() !~ /\[(?:alert|emerg|crit)\]/, 'nothing alarming logged');

done_testing();
