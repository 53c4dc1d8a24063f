#!/usr/bin/perl

# A real Prometheus scrapes the counters, and answers questions about them.

use strict;
use warnings;

use File::Temp qw(tempdir);
use JSON::PP;
use Test::More;
use Time::HiRes qw(sleep);
use lib 't/lib';
use PrivateNginx;


my $prometheus = (grep { -x } map { "$_/prometheus" } split /:/, $ENV{PATH})[0];

plan skip_all => 'there is no prometheus' if !$prometheus;


my $nginx = PrivateNginx->new(<<'EOC', workers => 2, level => 'info');
    acctinfo_zone counters 1m;

    server {
        listen 127.0.0.1:%PORT0%;

        location /r {
            acctinfo on;
            proxy_pass http://app;
        }

        location /metrics {
            acctinfo_metrics prometheus;
        }
    }
EOC

my $dir = tempdir(CLEANUP => 1);
my $port = $nginx->port(1);

open my $f, '>', "$dir/prometheus.yml" or die $!;
print $f <<"EOC";
global:
  scrape_interval: 250ms
  scrape_timeout: 250ms
scrape_configs:
  - job_name: acctinfo
    static_configs:
      - targets: ['127.0.0.1:@{[ $nginx->port(0) ]}']
EOC
close $f;

my $pid = fork() // die $!;

if ($pid == 0) {
    open STDOUT, '>', "$dir/log";
    open STDERR, '>&', \*STDOUT;
    exec $prometheus, "--config.file=$dir/prometheus.yml",
         "--storage.tsdb.path=$dir/data",
         "--web.listen-address=127.0.0.1:$port";
    exit 1;
}

END {
    local $?;

    if ($pid) {
        kill 'TERM', $pid;
        waitpid($pid, 0);
    }
}


# the value of an expression that yields one, or nothing

sub query {
    my ($expr) = @_;

    my $text = `curl -s -G --max-time 5 --data-urlencode 'query=$expr' \\
                http://127.0.0.1:$port/api/v1/query`;
    my $j = eval { decode_json($text) } // return;
    my $r = $j->{data}{result} // return;

    return @$r == 1 ? $r->[0]{value}[1] : undef;
}


sub becomes {
    my ($expr, $want, $name) = @_;

    my $got;

    for (1 .. 200) {
        $got = query($expr);
        last if defined $got && $got == $want;
        sleep 0.1;
    }

    is($got, $want, $name)
        or diag(PrivateNginx::slurp("$dir/log") =~ /(.{0,2000})\z/s);
}


sub ask {
    system("curl -s -o $dir/got http://127.0.0.1:" . $nginx->port(0) . $_[0]);
}


becomes('up{job="acctinfo"}', 1, 'it is scraped');

# rates need a counter's first value, so that stands before the first request

becomes('acctinfo_rule_hits_total{rule="SUI-0001",mode="on"}', 0,
        'a rule that never matched is there');

ask('/r?username=zhongyang') for 1 .. 3;
ask('/r?bio=jiawo') for 1 .. 2;
ask('/r?username=alice');

becomes('acctinfo_requests_total{action="reject"}', 3, 'refused');
becomes('sum(acctinfo_requests_total)', 6, 'all');
becomes('acctinfo_rule_hits_total{rule="SUI-0002",mode="on"}', 2, 'a rule');
becomes('acctinfo_inspection_seconds_count', 6, 'the histogram');
becomes('sum(acctinfo_workers)', 2, 'workers');

my $half = query('histogram_quantile(0.5, acctinfo_inspection_seconds_bucket)');

ok(defined $half && $half > 0 && $half < 1, 'a quantile: ' . ($half // 'none'));

my $rise = query('sum(increase(acctinfo_requests_total[1m]))');

ok(defined $rise && $rise > 0, 'an increase: ' . ($rise // 'none'));

my $errors = () = PrivateNginx::slurp("$dir/log") =~ /level=(?:warn|error)/g;

is($errors, 0, 'it has nothing to complain of')
    or diag(PrivateNginx::slurp("$dir/log"));

done_testing();
