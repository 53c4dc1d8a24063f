#!/usr/bin/perl

# HTTP/2: the body comes through the same filter, and a refusal ends the
# stream and not the connection.

use strict;
use warnings;

use Test::More;
use lib 't/lib';
use H2;
use PrivateNginx;


my $version = qx($ENV{TEST_NGINX_BINARY} -v 2>&1) =~ m{nginx/1\.(\d+)\.(\d+)}
              ? $1 * 1000 + $2 : 0;

# the old form of the directive warns since 1.25.1

my $listen = $version >= 25001 ? "listen 127.0.0.1:%PORT0%;\n http2 on;"
                               : 'listen 127.0.0.1:%PORT0% http2;';

my $nginx = PrivateNginx->new(<<"EOC");
    log_format r escape=none '\$request_id \$acctinfo_record';

    server {
        $listen
        access_log %DIR%/access.log r;
        client_max_body_size 10m;

        location /r {
            acctinfo on;
            proxy_pass http://app;
        }

        location /long {
            acctinfo on;
            client_body_buffer_size 4k;
            proxy_pass http://app;
        }

        location /page {
            acctinfo on;
            error_page 403 = \@app;
            proxy_pass http://127.0.0.1:1;
        }

        location \@app {
            proxy_pass http://app;
        }

        location /replay {
            error_page 502 = \@watched;
            client_body_buffer_size 4k;
            proxy_pass http://127.0.0.1:1;
        }

        location \@watched {
            acctinfo on;
            proxy_pass http://app;
        }

        location /accel {
            proxy_request_buffering off;
            proxy_http_version 1.1;
            proxy_pass http://app;
        }

        location /inner {
            internal;
            acctinfo on;
            proxy_pass http://app;
        }
    }
EOC

my $h2 = H2->new($nginx->port());


# One request on the connection that all share; what came of it, as text.

sub told {
    my ($path, %opt) = @_;

    my $st = $h2->request($opt{method} // 'POST', $path, %opt);

    return "$st->{status}\n$st->{body}";
}


my $reject = qr/^403\n\{"type":"about:blank",.*"reason":"impersonation_official"/;

like(told('/r', body => 'username=alice&bio=jiawo'),
     qr/^200\n.*mark: action=tag, rule="SUI-0002".*
body: username=alice&bio=jiawo\n\z/s, 'tagged');
like(told('/r', body => 'username=zhongyang'), $reject, 'refused');
like(told('/r?username=zhongyang', method => 'GET'), $reject,
     'refused by the query');
like(told('/r?username=zhongyang', body => 'x=1'), $reject,
     'refused by the query, with a body');
like(told('/r', type => 'text/plain', body => 'x=1'), qr/^415\n/,
     'refused by its type');
like(told('/r', type => 'application/json', body => '{"bio":"alice"}'),
     qr/^200\n.*mark: action=pass/s, 'JSON');


# cut by frames, with and without a length

for my $unknown (0, 1) {
    my $how = $unknown ? 'unknown length' : 'known length';

    like(told('/r', body => [ 'username=zhong', 'yang', '&x=1' ],
              unknown => $unknown), $reject, "$how: the word cut by a frame");
    like(told('/r', body => [ 'usern', 'ame=al', 'ice' ],
              unknown => $unknown),
         qr/^200\n.*mark: action=pass.*body: username=alice\n/s,
         "$how: honest, in frames");
    like(told('/r', body => [ 'username=alice', '' ], unknown => $unknown),
         qr/^200\n.*mark: action=pass.*body: username=alice\n/s,
         "$how: an empty frame ends it");
    like(told('/r', body => [ 'username=zhongyang', '' ],
              unknown => $unknown), $reject,
         "$how: condemned, then an empty frame");
}


# an early refusal ends the stream after its answer, with NO_ERROR

{
    my $st = $h2->request('POST', '/r', body => [ 'username=zhongyang&',
                                                  'x' x 10, 'x' x 10 ]);

    is($st->{status}, 403, 'early');

    $h2->read(0.5, sub { defined $st->{rst} });

    is($st->{rst}, 0, 'early: then RST_STREAM with NO_ERROR');
    like("$st->{status}\n$st->{body}", qr/$reject.*\}\n\z/,
         'early: the answer was whole');
}

like(told('/r', body => 'username=alice'), qr/^200\n/,
     'the connection lives on');


# other streams go on while one is refused

{
    my @headers = ('content-type', 'application/x-www-form-urlencoded');

    my $good = $h2->open('POST', '/r', headers => \@headers);
    my $bad = $h2->open('POST', '/r', headers => \@headers);

    $h2->data($good, 'username=al', 0);
    $h2->data($bad, 'username=zhongyang&', 0);

    is($h2->answer($bad)->{status}, 403, 'one stream is refused');

    $h2->data($good, 'ice', 1);

    is($h2->answer($good)->{status}, 200, 'the one beside it is served');
}


# long bodies

my $late = 'x=' . ('y' x 500_000) . '&username=zhongyang';
my $early = 'username=zhongyang&x=' . ('y' x 500_000);
my $honest = 'username=alice&x=' . ('y' x 500_000);

like(told('/long', body => $late), qr/^403\n/, 'a long body, late');
like(told('/long', body => $early), qr/^403\n/, 'a long body, early');
like(told('/long', body => $honest), qr/^200\nlength: 500017, arrived: 500017/,
     'a long honest body');
like(told('/long', body => $honest, unknown => 1),
     qr/^200\nlength: 500017, arrived: 500017/,
     'a long honest body of unknown length');


# an error page that is proxied

my $empty = qr/^200\n.*mark: action=reject, .*\nlength: 0?\nbody: \n\z/s;

like(told('/page', body => 'username=zhongyang'), $empty,
     'error_page does not deliver, late');
like(told('/page', body => $early), $empty,
     'error_page does not deliver, early');
like(told('/page', body => [ 'username=zhongyang&', 'x=1' ], unknown => 1),
     $empty, 'error_page does not deliver, unknown length');


# replay

for my $unknown (0, 1) {
    my $how = $unknown ? 'unknown length' : 'known length';

    like(told('/replay', body => 'username=zhongyang', unknown => $unknown),
         $reject, "$how: replay from memory");
    like(told('/replay', body => $late, unknown => $unknown), $reject,
         "$how: replay from a file");
    like(told('/replay', body => [ 'username=al', 'ice' ],
              unknown => $unknown),
         qr/^200\n.*mark: action=pass.*body: username=alice\n/s,
         "$how: replay, honest");
}


# A body that was handed on unbuffered is gone, be it to its end or not, and
# where no length was given nothing but its having been read tells of it.

for my $uri ('/accel', '/accel-late') {
    for my $unknown (0, 1) {
        my $how = $unknown ? 'unknown length' : 'known length';

        like(told($uri, body => [ 'username=zhongyang&', 'x' x 200_000,
                                  'x' x 10 ], unknown => $unknown),
             qr/^500\n.*"reason":"failure"/,
             "$uri, $how: a body out of reach is our failure");
    }

    like(told($uri, method => 'GET'), qr/^200\n.*mark: action=pass/s,
         "$uri: no body is none");
}


# forged headers

like(told('/r?bio=jiawo', method => 'GET',
          headers => [ 'x-acctinfo', 'action=pass',
                       'x-acctinfo-action', 'pass' ]),
     qr/mark: action=tag, rule="SUI-0002", reason=contact_info, id="[0-9a-f]{32}"\n/,
     'a forged header is removed');


# a client that leaves in the middle

{
    my $other = H2->new($nginx->port());

    $other->open('POST', '/r', headers => [ 'content-type',
        'application/x-www-form-urlencoded', 'content-length', 100 ]);
    $other->read(0.1);

    close $other->{s};
}

like(told('/r', body => 'username=alice'), qr/^200\n/, 'others go on');

ok(!$h2->{goaway}, 'all this on one connection');

unlike($nginx->log(), qr/\[(?:alert|emerg|crit)\]/, 'nothing alarming logged');
# but for what was asked of it before our turn

told('/r?last', method => 'GET');

my @seen = grep { /zhongyang/ && !m{^POST /accel} }
           split /\n/, $nginx->contacts(qr{^GET /r\?last}m);

is(scalar @seen, 0, 'the application has seen no refused body');

done_testing();
