#!/usr/bin/perl

# HTTP/3, where this nginx has it and a client is at hand: curl, or another
# one that ACCTINFO_CURL3 names (make matrix has Debian sid's).

use strict;
use warnings;

use File::Temp qw(tempdir);
use Test::More;
use lib 't/lib';
use PrivateNginx;


my $curl = $ENV{ACCTINFO_CURL3} // 'curl';

plan skip_all => 'this nginx has no HTTP/3'
    if `$ENV{TEST_NGINX_BINARY} -V 2>&1` !~ /--with-http_v3_module/;

plan skip_all => 'there is no client for HTTP/3: curl has none, and '
                 . 'ACCTINFO_CURL3 names no other'
    if `$curl --version 2>/dev/null` !~ /\bHTTP3\b/;


my $dir = tempdir(CLEANUP => 1);

system("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
       . " -keyout $dir/key.pem -out $dir/cert.pem >/dev/null 2>&1") == 0
    or die 'no certificate';

chmod 0755, $dir;

(my $conf = <<'EOC') =~ s/%CERT%/$dir/g;
    log_format r escape=none '$server_protocol $connection $status $request_length $acctinfo_record';

    server {
        listen 127.0.0.1:%PORT0% quic;
        ssl_certificate %CERT%/cert.pem;
        ssl_certificate_key %CERT%/key.pem;
        access_log %DIR%/record.log r;
        client_max_body_size 0;

        location / {
            acctinfo on;
            proxy_pass http://app;
        }

        location /page {
            acctinfo on;
            error_page 403 /told;
            proxy_pass http://app;
        }

        location /told {
            proxy_pass http://app;
        }
    }
EOC

my $nginx = PrivateNginx->new($conf);
my $url = 'https://127.0.0.1:' . $nginx->port(0);
my $form = "-H 'Content-Type: application/x-www-form-urlencoded'";


sub h3 {
    my ($args) = @_;

    return `$curl -s -k --http3-only --max-time 20 $args 2>&1`;
}


sub file {
    my ($name, $text) = @_;

    open my $f, '>', "$dir/$name" or die $!;
    print $f $text;
    close $f;

    return "\@$dir/$name";
}


my $told = "-w 'status %{http_code}, HTTP/%{http_version}, sent %{size_upload}, "
           . "connects %{num_connects}\\n'";

like(h3("$told -d 'username=alice&bio=jiawo' $url/a"),
     qr/^mark: action=tag.*^body: username=alice&bio=jiawo\n.*^status 200, HTTP\/3/ms,
     'honest');

like(h3("$told -i -d username=zhongyang $url/a"),
     qr/^HTTP\/3 403.*^content-type: application\/problem\+json.*^status 403/ms,
     'condemned');

like(h3("$told '$url/a?username=zhongyang'"), qr/^status 403, HTTP\/3/m,
     'condemned by its arguments');

# a value that two frames share, the second of them late

sub pieces {
    my ($first, $second) = @_;

    my $send = "$curl -s -k --http3-only --max-time 20 $told $form -X POST -T -";

    return `(printf '%s' '$first'; sleep 0.3; printf '%s' '$second') | $send $url/a 2>&1`;
}

like(pieces('bio=tea&username=zhong', 'yang'),
     qr/"reason":"impersonation_official".*^status 403, HTTP\/3/ms,
     'condemned, in two pieces');

like(pieces('bio=tea&username=', 'alice'),
     qr/^body: bio=tea&username=alice\n.*^status 200, HTTP\/3/ms,
     'honest, in two pieces');

# a long one, passed whole

my $long = 'x=' . ('y' x 300_000) . '&username=alice';

like(h3("$told --data-binary " . file('long', $long) . " $url/long"),
     qr/^length: (\d+), arrived: \1\n.*^status 200/ms, 'a long body, honest');

like(h3("$told --data-binary " . file('bad', "${long}&nick=1&nickname=zhongyang")
        . " $url/a"), qr/^status 403, HTTP\/3/m, 'a long body, condemned late');

# refused in the middle of an upload: the stream ends, the connection lives

my $big = file('big', 'username=zhongyang&x=' . ('y' x 20_000_000));
my $got = h3("$told --data-binary $big $url/a --next -s -k --http3-only"
             . " --max-time 20 $told -d username=alice $url/a");

my @lines = $got =~ /^status (\d+), HTTP\/3, sent (\d+), connects (\d+)$/mg;

is($lines[0], 403, 'refused early, of 20 MB');
cmp_ok($lines[1], '<', 10_000_000, "of which $lines[1] bytes were sent");
is($lines[3], 200, 'the next request passes');
is($lines[5], 0, 'on the same connection');

# an error page of the application's learns nothing

$got = h3("$told -d 'username=zhongyang&secret=1' '$url/page?a=1'");

like($got, qr/^line: GET \/told$/m, 'an error page is asked for');
like($got, qr/^mark: action=reject/m, 'it is told of the refusal');
unlike($got, qr/zhongyang|secret|a=1/, 'and neither of body nor of arguments');

like(PrivateNginx::slurp($nginx->dir . '/record.log'),
     qr/^HTTP\/3\.0 \d+ 403 .*"action":"reject"/m, 'the record');

ok($nginx->log() !~ /\[(?:alert|emerg|crit)\]/, 'nothing alarming logged');

done_testing();
