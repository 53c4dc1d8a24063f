#!/usr/bin/perl

# What nginx tells when it starts, with a master and workers: versions, the
# map of each watched location, warnings, reloads.

use strict;
use warnings;

use Test::More;
use Time::HiRes qw(sleep);
use lib 't/lib';
use PrivateNginx;


my $nginx = PrivateNginx->new(<<'EOC', level => 'info', workers => 2);
    server {
        listen 127.0.0.1:%PORT0%;
        server_name accounts.example;

        location /r {
            acctinfo on;
            proxy_pass http://app;
        }

        location /s {
            acctinfo $arg_mode;
            acctinfo_rules %DATA%/rules/suite.json %DATA%/rules/other.json;
            acctinfo_field signature sign $http_x_sign;
            acctinfo_rule OTH-0001 SUI-9999 tag;
            proxy_pass http://app;
        }

        location /all {
            acctinfo dry_run;
            acctinfo_keys exact;
            acctinfo_type text/plain form;
            acctinfo_type +own json;
            acctinfo_charset gbk big5;
            acctinfo_decode gzip;
            acctinfo_limit length 100;
            acctinfo_limit depth 64;
            acctinfo_limit length 1k;
            acctinfo_level 1 3;
            acctinfo_rule SUI-0002 SUI-0003 off;
            acctinfo_flag malformed truncated tag;
            acctinfo_methods POST PUT;
            acctinfo_verified official;
            acctinfo_verified $remote_user "$ssl_client_s_dn,x";
            acctinfo_verify forward;
            acctinfo_failure pass;
            acctinfo_status 422;
            acctinfo_rules_url https://example.com/rules;
            acctinfo_values match sample=1/100;
            proxy_pass http://app;
        }

        location /off {
            proxy_pass http://app;
        }
    }
EOC

sub re { my $re = join '', @_; return qr/$re/ }


my $log = $nginx->log();

like($log, re(q{\[info\].*acctinfo: version \d+\.\d+\.\d+, nginx \d+\.\d+\.\d+, },
        q{Hyperscan \d+\.\d+\.\d+.*, Unicode \d+\.\d+\.\d+\n}), 'versions');
like($log, re(q{acctinfo: "on" in location "/r" of server "accounts\.example" },
        q{in \S+nginx\.conf:\d+\n},
        q{.*acctinfo:     name = username, nickname\n},
        q{.*acctinfo:     profile = bio\n},
        q{.*acctinfo:     rule set [0-9a-f]{12}, 5 rules\n}),
     'the map of a location that inherits');
like($log, re(q{acctinfo: "\$arg_mode" in location "/s" .*\n},
        q{.*acctinfo:     signature = sign, \$http_x_sign\n},
        q{.*acctinfo:     rule set [0-9a-f]{12}, 5 rules\n},
        q{.*acctinfo:     rule set [0-9a-f]{12}, 1 rules\n}),
     'the map of one with settings of its own');

my ($all) = $log =~ m{in location "/all" of .*\n((?:.*acctinfo:     .*\n)+)};

$all =~ s/rule set [0-9a-f]{12},/rule set SERIAL,/;

is_deeply([ $all =~ /acctinfo:     (.*)\n/g ],
          [ split /\n/, <<'EOC' ], 'the map of one that differs in everything');
name = username, nickname
profile = bio
rule set SERIAL, 5 rules
acctinfo_keys exact
acctinfo_type text/plain form
acctinfo_type +own json
acctinfo_charset gbk big5
acctinfo_decode gzip
acctinfo_limit length 1024
acctinfo_level 1 3
acctinfo_rule SUI-0002 off
acctinfo_rule SUI-0003 off
acctinfo_flag malformed tag
acctinfo_flag truncated tag
acctinfo_methods POST PUT
acctinfo_verified official
acctinfo_verified $remote_user "$ssl_client_s_dn,x"
acctinfo_verify forward
acctinfo_failure pass
acctinfo_status 422
acctinfo_rules_url https://example.com/rules
acctinfo_values match sample=1/100
EOC
unlike($log, qr{in location "/off"}, 'nothing of one that is off');


# nginx -t

my $out = qx($ENV{TEST_NGINX_BINARY} -t -e stderr -p @{[ $nginx->dir ]} \\
             -c @{[ $nginx->dir ]}/nginx.conf 2>&1);

is($?, 0, 'nginx -t succeeds');
like($out, re(q{\[warn\].*"acctinfo_rule": there is no rule "SUI-9999" in the },
        q{rule sets of this location}), 'a hand on no rule is a warning');
unlike($out, qr/OTH-0001/, 'a hand on a rule is none');


sub status {
    my ($request) = @_;

    return PrivateNginx::statuses($nginx->raw(
        [ "GET $request HTTP/1.0\r\nHost: a\r\n\r\n" ]));
}


is(status('/r?username=zhongyang'), 403, 'a worker refuses');
is(status('/r?username=alice'), 200, 'and passes');


# a reload takes the new settings, and one that fails leaves the old

my $file = $nginx->dir . '/nginx.conf';
my $conf = PrivateNginx::slurp($file);


sub write_conf {
    open my $f, '>', $file or die $!;
    print $f $_[0];
    close $f;
}


sub wait_for {
    my ($code) = @_;

    for (1 .. 150) {
        return 1 if $code->();
        sleep 0.02;
    }

    return 0;
}


# the workers that go may still take a connection beside those that come, so
# the new settings hold when ten answers in a row say so

sub settled {
    my ($status) = @_;

    return wait_for(sub {
        for (1 .. 10) {
            return 0 if status('/r?username=zhongyang') ne $status;
            sleep 0.02;
        }

        return 1;
    });
}


(my $other = $conf) =~ s{acctinfo on;}{acctinfo on; acctinfo_rule SUI-0001 tag;};

write_conf($other);
$nginx->run('-s', 'reload');

ok(settled(200), 'a reload takes the new settings');

(my $bad = $conf) =~ s{suite\.json}{unsound.json}g;

write_conf($bad);
$nginx->run('-s', 'reload');

ok(wait_for(sub { $nginx->log() =~ /unsound\.json" could not be loaded/ }),
   'a reload with an unsound pack fails');
is(status('/r?username=zhongyang'), 200, 'and the old settings are served');

write_conf($conf);
$nginx->run('-s', 'reload');

ok(settled(403), 'the next one takes the settings again');


# what fills a variable is noted anew at each reading, also after one that broke
# off while it was noted

($bad = $conf) =~ s{acctinfo on;}{acctinfo on; acctinfo_verified \$trusted;};
$bad =~ s{(server \{)}{map \$http_x_class \$trusted { default official; } $1};

for my $n (1, 2) {
    write_conf($bad =~ s{suite\.json}{unsound.json}gr);
    $nginx->run('-s', 'reload');
    sleep 0.3;

    write_conf($bad);
    $nginx->run('-s', 'reload');

    ok(wait_for(sub {
           my @told = $nginx->log() =~ /fills "\$trusted" from "\$http_x_class"/g;
           @told >= $n;
       }), "a reload that would trust the client fails, $n");
}

is(status('/r?username=zhongyang'), 403, 'and the old settings are served');

write_conf($conf);
$nginx->run('-s', 'reload');
settled(403);


# a request that began before a reload ends with the rules it began with

my $s = $nginx->connect();
my $body = 'username=zhongyang';

print $s "POST /r HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
         . "Content-Type: application/x-www-form-urlencoded\r\n"
         . 'Content-Length: ' . length($body) . "\r\n\r\n"
         . substr($body, 0, 12);
$s->flush();
sleep 0.1;

write_conf($other);
$nginx->run('-s', 'reload');

ok(settled(200), 'reloaded');

print $s substr($body, 12);
$s->flush();

my $got = do { local $/; <$s> };

like($got, qr{^HTTP/1\.1 403 }, 'what began before ended as it began');


# two thousand servers that inherit cost one policy

(my $many = $conf) =~ s{(\n\}\s*)$}{
    join('', map { "\nserver { listen 127.0.0.1:" . $nginx->port(1)
                   . "; server_name s$_; location / { acctinfo on; "
                   . "proxy_pass http://app; } }" } 1 .. 2000) . $1}e;

write_conf($many);

$out = qx($ENV{TEST_NGINX_BINARY} -t -e stderr \\
          -p @{[ $nginx->dir ]} -c $file 2>&1);

is($?, 0, 'two thousand servers');

my ($policies) = $nginx->log() =~ /acctinfo: .*2003 locations, (\d+) policies/;

is($policies, 3, '... have the policies of their three kinds');

unlike($nginx->log(), qr/\[(?:alert|crit)\]/, 'nothing alarming logged');

done_testing();
