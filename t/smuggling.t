#!/usr/bin/perl

# What comes behind a refusal on the same connection: the rest of a refused
# body is never taken for a request, and a request behind a whole body is
# answered as itself.

use strict;
use warnings;

use Test::More;
use lib 't/lib';
use PrivateNginx;


my $nginx = PrivateNginx->new(<<'EOC');
    server {
        listen 127.0.0.1:%PORT0%;

        location /r {
            acctinfo on;
            client_max_body_size 10m;
            proxy_pass http://app;
        }

        location /s422 {
            acctinfo on;
            acctinfo_status 422;
            proxy_pass http://app;
        }

        location /s400 {
            acctinfo on;
            acctinfo_status 400;
            proxy_pass http://app;
        }

        location /dry {
            acctinfo dry_run;
            proxy_pass http://app;
        }

        location /second {
            return 200 "second served\n";
        }
    }
EOC

my $type = "Content-Type: application/x-www-form-urlencoded\r\n";
my $second = "GET /second HTTP/1.1\r\nHost: a\r\n\r\n";
my $last = "GET /second?last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";


sub post {
    my ($uri, $length) = @_;

    return "POST $uri HTTP/1.1\r\nHost: a\r\n${type}Content-Length: $length"
           . "\r\n\r\n";
}


sub chunk { return sprintf("%x\r\n%s\r\n", length $_[0], $_[0]) }


# refused on the first piece, and the rest spells a request

for my $case ([ '/r', 403 ], [ '/s422', 422 ], [ '/s400', 400 ]) {
    my ($uri, $status) = @$case;

    my $first = 'username=zhongyang&';
    my $rest = $second;

    my $got = $nginx->raw([ post($uri, length($first . $rest)) . $first,
                            $rest ], await => 1);

    is(PrivateNginx::statuses($got), $status,
       "$status, early: the rest of the body is not served");
    like($got, qr/^Connection: close/mi, "$status, early: the last answer");
    like($got, qr/"reason":"impersonation_official"/,
         "$status, early: the answer arrived");

    # a client that sends on after the answer must find somebody who listens:
    # a reset may overtake the answer

    $nginx->{broken} = undef;

    $got = $nginx->raw([ post($uri, 2000) . $first, 'x' x 10, 'x' x 10,
                         'x' x 10 ], await => 1, delay => 0.1);

    is($nginx->{broken}, undef, "$status, early: the client can send its rest");

    $got = $nginx->raw([ post($uri, length($first . $rest)), $first, $rest ],
                       await => 2);

    is(PrivateNginx::statuses($got), $status,
       "$status, early, nothing pre-read: the rest is not served");

    $got = $nginx->raw([ "POST $uri HTTP/1.1\r\nHost: a\r\n${type}"
                         . "Transfer-Encoding: chunked\r\n\r\n"
                         . chunk($first), chunk($rest), chunk('') ],
                       await => 1);

    is(PrivateNginx::statuses($got), $status,
       "$status, early, chunked: the rest is not served");

    # much more than a buffer, from a client that does not listen meanwhile

    my $long = $second x 20000;

    $got = $nginx->raw([ post($uri, length($first . $long)) . $first, $long ],
                       await => 1);

    is(PrivateNginx::statuses($got), $status,
       "$status, early, a long rest: nothing of it is served");
}


# the same in the query: nothing of the body has been seen

{
    my $got = $nginx->raw([ post('/r?username=zhongyang', length $second),
                            $second ], await => 1);

    is(PrivateNginx::statuses($got), 403,
       'refused by the query: the body is not served');

    $got = $nginx->raw([ post('/r?username=zhongyang', length $second)
                         . $second . $last ]);

    is(PrivateNginx::statuses($got), '403 200',
       'refused by the query, all pre-read: what is behind is served once');
    like($got, qr/second served/, '... as itself');
}


# by its type, in the header

{
    my $got = $nginx->raw([ "POST /r HTTP/1.1\r\nHost: a\r\n"
                            . "Content-Type: text/plain\r\nContent-Length: "
                            . length($second) . "\r\n\r\n", $second ],
                          await => 1);

    is(PrivateNginx::statuses($got), 415,
       'refused by its type: the body is not served');
}


# the whole body is there: the connection lives on

for my $case ([ '/r', 403 ], [ '/s422', 422 ]) {
    my ($uri, $status) = @$case;
    my $body = 'username=zhongyang';

    my $got = $nginx->raw([ post($uri, length $body) . $body, $last ]);

    is(PrivateNginx::statuses($got), "$status 200",
       "$status, a whole body: the connection is used again");

    $got = $nginx->raw([ post($uri, length $body) . $body . $last ]);

    is(PrivateNginx::statuses($got), "$status 200",
       "$status, a whole body: what is pipelined behind is answered");

    $got = $nginx->raw([ post($uri, length $body) . $body
                         . post($uri, length $body) . $body . $last ]);

    is(PrivateNginx::statuses($got), "$status $status 200",
       "$status, twice: each is refused and the third answered");

    $got = $nginx->raw([ post($uri, length $body), substr($body, 0, 9),
                         substr($body, 9) . $last ]);

    is(PrivateNginx::statuses($got), "$status 200",
       "$status, condemned by the last piece: what is behind is answered");

    $got = $nginx->raw([ "POST $uri HTTP/1.1\r\nHost: a\r\n${type}"
                         . "Transfer-Encoding: chunked\r\n\r\n"
                         . chunk($body) . chunk('') . $last ]);

    is(PrivateNginx::statuses($got), "$status 200",
       "$status, a whole chunked body: what is behind is answered");
}


# a pass keeps its connection as well

{
    my $body = 'username=alice';
    my $got = $nginx->raw([ post('/r', length $body) . $body . $last ]);

    is(PrivateNginx::statuses($got), '200 200', 'a pass and what is behind');

    $body = 'username=zhongyang&x=' . ('y' x 30000);
    $got = $nginx->raw([ post('/dry', length $body) . substr($body, 0, 30),
                         substr($body, 30) . $last ]);

    is(PrivateNginx::statuses($got), '200 200',
       'dry run reads the body to its end');
}


# nobody has seen a refused body

my $contacts = $nginx->contacts(qr{^POST /dry}m);

ok($contacts !~ m{^\S+ /(?:r|s422|s400)\b.*zhongyang}m,
   'the application has seen no refused body');
ok($contacts !~ m{/second}, 'nor a request out of one');
ok($contacts =~ m{^POST /dry .*zhongyang}m, 'but what dry run let through');

ok($nginx->log() !~ /\[(?:alert|emerg|crit)\]/, 'nothing alarming logged');

done_testing();
