#!/usr/bin/perl

# acctinfo_zone and acctinfo_metrics: what is counted, in three formats, over
# reloads, with several workers, and in a zone that is full.

use strict;
use warnings;

use File::Temp qw(tempdir);
use JSON::PP;
use Test::More;
use Time::HiRes qw(sleep);
use lib 't/lib';
use PrivateNginx;


my $server = <<'EOC';
    acctinfo_zone counters SIZE;

    server {
        listen 127.0.0.1:%PORT0%;

        location /r {
            acctinfo on;
            acctinfo_level 1 2;
            proxy_pass http://app;
        }

        location /dry {
            acctinfo dry_run;
            proxy_pass http://app;
        }

        location /off {
            proxy_pass http://app;
        }

        location = /metrics/prometheus { acctinfo_metrics prometheus; }
        location = /metrics/json { acctinfo_metrics json; }
        location = /metrics/html { acctinfo_metrics html; }
    }
EOC

sub server { return $server =~ s/SIZE/$_[0]/r }


my ($nginx, $url);

sub begin {
    $nginx = PrivateNginx->new(@_);
    $url = 'http://127.0.0.1:' . $nginx->port(0);
}

sub get {
    my ($uri, @args) = @_;
    open my $fh, '-|', 'curl', '-s', @args, "$url$uri" or die $!;
    local $/;
    return scalar <$fh> // '';
}

sub status { return get(@_, '-o', '/dev/null', '-w', '%{http_code}') }
sub json   { return decode_json(get('/metrics/json')) }
sub row    { my ($j, $id) = @_;
             return (grep { $_->{rule} eq $id } @{ $j->{rules} })[0] }
sub post   { return status('/r', '--data-binary', $_[0]) }


# Prometheus' text format, version 0.0.4, read strictly: each family has its
# HELP and TYPE first, stands in one piece, and no sample comes twice.

sub prometheus {
    my ($text) = @_;
    my (%sample, %type, $family, @bad);

    push @bad, 'no line feed at the end' unless $text =~ /\n\z/;

    for (split /\n/, $text) {
        if (/^# HELP ([a-z_]+) \S/) {
            push @bad, "twice: $_" if exists $type{$1};
            $type{$1} = undef;
            $family = $1;

        } elsif (/^# TYPE ([a-z_]+) (counter|gauge|histogram)$/) {
            push @bad, "out of place: $_"
                unless $1 eq $family && !defined $type{$1};
            $type{$1} = $2;

        } elsif (/^([a-z_]+)(\{[a-z]+="[^"\\]*"(?:,[a-z]+="[^"\\]*")*\})?
                  \ (\d+(?:\.\d+)?)$/x)
        {
            my ($name, $labels, $value) = ($1, $2 // '', $3);
            my $own = $type{$family} eq 'histogram'
                      ? qr/^\Q$family\E_(bucket|sum|count)$/
                      : qr/^\Q$family\E$/;

            push @bad, "not of the family $family: $_" unless $name =~ $own;
            push @bad, "twice: $_" if exists $sample{"$name$labels"};
            push @bad, "a counter is a _total: $_"
                if $type{$family} eq 'counter' && $name !~ /_total$/;

            $sample{"$name$labels"} = $value;

        } else {
            push @bad, "not understood: $_";
        }
    }

    return (\%sample, \@bad);
}


# what is counted

begin(server('1m'));

is(status('/r?username=alice'), 200, 'pass');
is(status('/r?bio=jiawo'), 200, 'tag');
is(status('/r?username=lawyer'), 403, 'verify');
is(post('username=zhongyang'), 403, 'reject');
is(post('username=a&username=b'), 400, 'a flag');
is(status('/dry?username=zhongyang&nickname=zhongyang+zhongyang'), 200,
   'dry run');
is(status('/r?username=shichang+erji'), 200, 'trial and watched');
is(status('/off?username=zhongyang'), 200, 'off');

my ($sample, $bad) = prometheus(get('/metrics/prometheus'));

is_deeply($bad, [], 'the format is right') or diag(join "\n", @$bad);

my %want = (
    'requests_total{action="pass"}'            => 3,
    'requests_total{action="tag"}'             => 1,
    'requests_total{action="verify"}'          => 1,
    'requests_total{action="reject"}'          => 2,
    'verdicts_total{verdict="pass"}'           => 3,
    'verdicts_total{verdict="tag"}'            => 1,
    'verdicts_total{verdict="verify"}'         => 1,
    'verdicts_total{verdict="reject"}'         => 2,
    'mode_requests_total{mode="on"}'           => 6,
    'mode_requests_total{mode="dry_run"}'      => 1,
    'flags_total{flag="duplicate_field"}'      => 1,
    'flags_total{flag="malformed"}'            => 0,
    'failures_total{failure="memory"}'         => 0,
    'refused_total'                            => 3,
    'unfinished_total'                         => 0,
    'body_bytes_total'                         => 39,
    'rule_hits_total{rule="SUI-0001",mode="on"}'      => 1,
    'rule_hits_total{rule="SUI-0001",mode="dry_run"}' => 1,
    'rule_hits_total{rule="SUI-0002",mode="on"}'      => 1,
    'rule_hits_total{rule="SUI-0003",mode="on"}'      => 1,
    'rule_hits_total{rule="SUI-0004",mode="on"}'      => 0,
    'rule_hits_total{rule="SUI-0004",mode="trial"}'   => 1,
    'rule_hits_total{rule="SUI-0005",mode="watched"}' => 1,
    'rule_hits_total{rule="overflow",mode="on"}'      => 0,
    'inspection_seconds_count'                        => 7,
    'inspection_seconds_bucket{le="+Inf"}'            => 7,
    'zone_rows_used'                                  => 6,
);

is($sample->{"acctinfo_$_"}, $want{$_}, $_) for sort keys %want;

ok($sample->{acctinfo_inspection_seconds_sum} > 0, 'time passes');

my ($info) = grep { /^acctinfo_ruleset_rules\{/ } keys %$sample;
like($info // '', qr/serial="[0-9a-f]{12}",digest="[0-9a-f]{64}"/,
     'a rule set by serial and digest');
is($sample->{$info // ''}, 5, 'and its rules');

my ($loaded) = grep { /^acctinfo_ruleset_loaded/ } keys %$sample;
cmp_ok(abs(time - $sample->{$loaded}), '<', 60, 'loaded just now');

my @buckets = map { $sample->{"acctinfo_inspection_seconds_bucket{le=\"$_\"}"} }
              qw(0.00001 0.000025 0.00005 0.0001 0.00025 0.0005 0.001 0.0025
                 0.005 0.01 0.1 1 +Inf);
is_deeply(\@buckets, [ sort { $a <=> $b } @buckets ], 'the buckets add up');

SKIP: {
    my $promtool = (grep { -x } map { "$_/promtool" } split /:/, $ENV{PATH})[0]
        or skip 'promtool is not there', 1;

    open my $fh, '|-', "$promtool check metrics >" . $nginx->dir()
        . '/promtool 2>&1' or die $!;
    print $fh get('/metrics/prometheus');
    close $fh;
    is($?, 0, 'promtool check metrics')
        or diag(PrivateNginx::slurp($nginx->dir() . '/promtool'));
}

like(get('/metrics/prometheus', '-I'),
     qr{^Content-Type: text/plain; version=0\.0\.4; charset=utf-8\r$}m,
     'its type');


# the same as JSON

my $j = json();

is_deeply($j->{requests}, { pass => 3, tag => 1, verify => 1, reject => 2 },
          'JSON: requests');
is($j->{refused}, 3, 'JSON: refused');
is_deeply(row($j, 'SUI-0001'),
          { rule => 'SUI-0001', on => 1, dry_run => 1, trial => 0,
            watched => 0 }, 'JSON: a rule');
is($j->{rulesets}[0]{rules}, 5, 'JSON: a rule set');
cmp_ok($j->{rulesets}[0]{age}, '<', 60, 'JSON: its age');
is($j->{inspection_seconds}{count}, 7, 'JSON: the histogram');
is($j->{inspection_seconds}{buckets}[-1]{le}, undef, 'JSON: +Inf is null');


# and for eyes

my $html = get('/metrics/html');

like($html, qr{\A<!DOCTYPE html>.*</html>\n\z}s, 'HTML');
unlike($html, qr{\b(?:https?:|src=|<script|<link|\@import|url\()},
       'HTML: needs nothing from elsewhere');
like($html, qr{prefers-color-scheme:dark}, 'HTML: light and dark');
like($html, qr{<tr><th>SUI-0001, 1 dry_run</th><td class="n">2</td><td><svg },
     'HTML: the busiest rule');
like($html, qr{<th>reject</th><td class="n">2</td><td><svg [^>]*><rect width="200" },
     'HTML: a bar of two thirds');

my @open = $html =~ m{<(\w+)[^>/]*>}g;
my (%open, %close);
$open{$_}++ for $html =~ m{<(html|head|title|style|body|h1|h2|table|tr|th|td|svg)\b}g;
$close{$_}++ for $html =~ m{</(\w+)>}g;
is_deeply(\%close, \%open, 'HTML: what is opened is closed');

is(status('/metrics/html', '-X', 'POST'), 405, 'only GET and HEAD');
is(get('/metrics/json', '-I') =~ /^Cache-Control: no-store\r$/m, 1,
   'it is not to be stored');


# a client that leaves in the middle has no verdict

my $s = $nginx->connect();
print $s "POST /r HTTP/1.1\r\nHost: a\r\nContent-Length: 90\r\n"
       . "Content-Type: application/x-www-form-urlencoded\r\n\r\nusername=";
sleep 0.2;
close $s;

for (1 .. 100) {
    last if json()->{unfinished};
    sleep 0.05;
}

$j = json();
is($j->{unfinished}, 1, 'a client that left is counted');
is($j->{inspection_seconds}{count}, 7, 'and is no inspection');


# of one request every rule counts, once, also beyond the matches that are
# recorded; what a field after the condemned one holds was not read

post('username=' . join('+', ('lawyer') x 20) . '&bio=jiawo+jiawo+erji');

my $k = json();

is(row($k, 'SUI-0003')->{on}, row($j, 'SUI-0003')->{on} + 1, 'the first rule');
is(row($k, 'SUI-0002')->{on}, row($j, 'SUI-0002')->{on} + 1,
   'one whose match is the twenty-first');

post('username=' . join('+', ('shichang') x 20) . '+zhongyang&bio=jiawo');

my $l = json();

is(row($l, 'SUI-0004')->{trial}, row($j, 'SUI-0004')->{trial} + 1,
   'one on trial');
is(row($l, 'SUI-0001')->{on}, row($j, 'SUI-0001')->{on} + 1,
   'the one that condemned');
is(row($l, 'SUI-0002')->{on}, row($k, 'SUI-0002')->{on},
   'none of what stands behind it');
is(row($l, 'overflow')->{on}, 0, 'and none is nobody\'s');

undef $nginx;


# several workers count together, and reloads do not forget

begin(server('1m'), workers => 3, level => 'info');

post('username=zhongyang') for 1 .. 30;

$j = json();
is($j->{requests}{reject}, 30, 'three workers count together');
is_deeply($j->{workers}, [ { generation => 1, count => 3 } ],
          'three workers');

# a request that spans the reload is counted by the worker before it

$s = $nginx->connect();
print $s "POST /r HTTP/1.1\r\nHost: a\r\nContent-Length: 18\r\n"
       . "Content-Type: application/x-www-form-urlencoded\r\n\r\nusername=";
sleep 0.2;

my $since = $j->{rulesets}[0]{loaded};
sleep 1.1;

is($nginx->run('-s', 'reload'), 0, 'reload');

# workers come and go one by one, and any of them may answer

for (1 .. 200) {
    $j = json();
    my %count = map { $_->{generation} => $_->{count} } @{ $j->{workers} };
    last if $j->{generation} == 2 && ($count{2} // 0) == 3
            && ($count{1} // 0) == 1;
    sleep 0.05;
}

is($j->{generation}, 2, 'another configuration');
is($j->{requests}{reject}, 30, 'the counters are kept');
is(row($j, 'SUI-0001')->{on}, 30, 'those of rules as well');
is($j->{rulesets}[0]{loaded}, $since, 'the rule set is not younger');
is_deeply([ sort { $a->{generation} <=> $b->{generation} } @{ $j->{workers} } ],
          [ { generation => 1, count => 1 }, { generation => 2, count => 3 } ],
          'a worker of before ends its request');

print $s 'zhongyang';
like(scalar <$s>, qr/ 403 /, 'it is refused');
close $s;

for (1 .. 100) {
    $j = json();
    last if @{ $j->{workers} } == 1;
    sleep 0.05;
}

is_deeply($j->{workers}, [ { generation => 2, count => 3 } ], 'and has gone');
is($j->{requests}{reject}, 31, 'its request is counted');


# a worker that is killed leaves its slot to the next

sub workers {
    my ($master) = PrivateNginx::slurp($nginx->dir() . '/nginx.pid') =~ /(\d+)/;

    return grep { PrivateNginx::slurp("/proc/$_/stat") =~ /\) \S $master / }
           map { m{(\d+)} } glob '/proc/[0-9]*';
}

my ($pid) = workers();
kill KILL => $pid;

for (1 .. 100) {
    $j = eval { json() } or next;
    last if $j->{workers}[0]{count} == 3 && !grep { $_ == $pid } workers();
    sleep 0.05;
}

is_deeply($j->{workers}, [ { generation => 2, count => 3 } ],
          'three workers after one was killed');
is($j->{requests}{reject}, 31, 'and nothing forgotten');

undef $nginx;


# a zone that is full: the rules beyond share a row, and no request is lost

my $pack = { pack => 'many', prefix => 'MNY', rules => [] };

for my $i (1 .. 600) {
    push @{ $pack->{rules} }, {
        id => sprintf('MNY-%04d', $i), message => 'A word of many.',
        category => 'contact', reason => 'contact_info', basis => ['suite'],
        view => 'raw', words => [ sprintf 'word%04d', $i ],
        where => 'anywhere', action => 'tag',
        match => [ { text => sprintf 'a word%04d', $i } ],
        pass => [ { text => 'nothing' } ],
    };
}

my $dir = tempdir(CLEANUP => 1);
chmod 0755, $dir;

open my $fh, '>', "$dir/many.json" or die $!;
print $fh JSON::PP->new->canonical->encode($pack);
close $fh;

begin(server('48k') =~ s/(listen .*)/$1\n        acctinfo_rules $dir\/many.json;/r,
      level => 'info');

like($nginx->log(), qr/acctinfo: zone "counters" is full, \d+ rules share/,
     'a full zone is told of');

is(status('/r?bio=word0001'), 200, 'a rule with a row');
is(status('/r?bio=word0600'), 200, 'a rule without');
is(status('/r?bio=word0599'), 200, 'another');

$j = json();
is($j->{requests}{tag}, 3, 'all requests are counted');
is(row($j, 'MNY-0001')->{on}, 1, 'a row of its own');
is(row($j, 'MNY-0600'), undef, 'no row');
is(row($j, 'overflow')->{on}, 2, 'the row of the others');
is($j->{zone}{used}, $j->{zone}{rows}, 'the zone is full');

undef $nginx;


# each rule of several rule sets is counted as itself, and as the operator's
# hand, its level and what the account is known to be say

begin(server('1m') =~ s{(location /off)}{
    location /all {
        acctinfo on;
        acctinfo_rules %DATA%/rules/suite.json $dir/many.json
                       %DATA%/rules/verified.json;
        acctinfo_rule SUI-0001 trial;
        acctinfo_rule SUI-0005 tag;
        acctinfo_verified official;
        proxy_pass http://app;
    }

    $1}r, level => 'info');

my $all = join '+', map { sprintf 'word%04d', $_ } 1 .. 20, 596;

status("/all?bio=$all");
status('/all?bio=word0009') for 1 .. 3;
status('/all?username=zhongyang');
status('/all?username=erji');

$j = json();

my @hits = map { row($j, sprintf 'MNY-%04d', $_)->{on} } 1 .. 24, 596;

is("@hits", join(' ', (1) x 8, 4, (1) x 11, (0) x 4, 1),
   'rules of the second set, each as itself');
is_deeply(row($j, 'SUI-0001'), { rule => 'SUI-0001', on => 0, dry_run => 0,
          trial => 1, watched => 0 }, 'a rule that the operator tries');
is(row($j, 'SUI-0005')->{on}, 1, 'one of a higher level that he names');
is(row($j, 'VER-0001')->{on}, 1, 'one that the account is excused from');
is(row($j, 'VER-0002')->{on}, 0, 'and its neighbour is not');

# the time stands in the buckets that it belongs to

my ($low, $high, $least, $most, $below) = (0, 0, 0, 0, 0);

for my $b (@{ $j->{inspection_seconds}{buckets} }) {
    my $n = $b->{count} - $below;

    $high = $b->{le} // 3600;
    $least += $n * $low;
    $most += $n * $high;
    $below = $b->{count};
    $low = $high;
}

my $sum = $j->{inspection_seconds}{sum};

ok($sum > $least && $sum <= $most,
   "time stands in its buckets: $least < $sum <= $most");

# the busiest first, and of the least something is seen

my $s2 = $nginx->connect();

print $s2 join('', ("GET /all?bio=word0007 HTTP/1.1\r\nHost: a\r\n\r\n") x 800);
$s2->flush();

for (1 .. 200) {
    last if row(json(), 'MNY-0007')->{on} == 801;
    sleep 0.05;
}

close $s2;

$html = get('/metrics/html');

my @order = $html =~ /<th>(MNY-\d+|SUI-\d+|VER-\d+)/g;

is("@order[0, 1]", 'MNY-0007 MNY-0009', 'HTML: the busiest rules first');
like($html, qr{<th>MNY-0001</th><td class="n">1</td><td><svg [^>]*><rect width="1" },
     'HTML: a bar of one in eight hundred');

undef $nginx;

done_testing();
