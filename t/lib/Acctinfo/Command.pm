package Acctinfo::Command;

# Tests of the command as paragraphs.  A suite is
#
#     use lib 't/lib';
#     use Acctinfo::Command;
#     run_blocks(\*DATA);
#
# and its blocks are
#
#     === a title
#     --- pack                  a pack, written to a folder that $R stands for
#     { "pack": ... }           (more files: "--- file NAME")
#     --- run: scan -r $R -l 1  the command line, as a shell reads it
#     --- shell: ...            a line for the shell, with the command as $A
#     --- in                    standard input; "--- in eval" is a Perl string
#     ...
#     --- status: 0             expected, 0 without
#     --- out                   standard output, exactly
#     --- err                   standard error, exactly ($R is shown as R)
#     --- out_like / err_like   a regular expression a line, each must match
#     --- verdicts              each verdict line in short:
#                               ACTION RULE FIELD:VIEW:RULE[START,END] ... {FLAGS}
#
# Each block gives one test for each expectation.

use strict;
use warnings;

use Exporter 'import';
use File::Temp 'tempdir';
use JSON::PP;
use Test::More;

our @EXPORT = qw(run_blocks run_command short_verdict);

my $binary = $ENV{ACCTINFO} || 'build/san/acctinfo';
my $json = JSON::PP->new->utf8;


sub blocks {
    my ($fh) = @_;
    my (@blocks, $block, $section);

    while (my $line = <$fh>) {
        if ($line =~ /^=== (.*)/) {
            push @blocks, $block = { title => $1, files => [] };
            undef $section;

        } elsif ($line =~ /^--- file (\S+)$/) {
            push @{$block->{files}}, [ $1, '' ];
            $section = \$block->{files}[-1][1];

        } elsif ($line =~ /^--- pack$/) {
            push @{$block->{files}}, [ 'pack.json', '' ];
            $section = \$block->{files}[-1][1];

        } elsif ($line =~ /^--- (\w+): (.*)/) {
            $block->{$1} = $2;
            undef $section;

        } elsif ($line =~ /^--- (\w+)( eval)?$/) {
            $block->{$1} = '';
            $block->{eval}{$1} = 1 if $2;
            $section = \$block->{$1};

        } elsif ($section) {
            $$section .= $line;

        } elsif ($line =~ /\S/ && $line !~ /^#/) {
            die "stray line: $line";
        }
    }

    for my $b (@blocks) {

        # the blank line before the next block belongs to nobody

        s/(?:\A|\n)\K\n+\z// for values %$b, map { $_->[1] } @{$b->{files}};

        for my $name (keys %{$b->{eval} || {}}) {
            $b->{$name} = eval $b->{$name};
            die "$b->{title}: $name: $@" if $@;
        }
    }

    return @blocks;
}


# status, output and error of a command line; $R is a folder

sub run_command {
    my ($line, $in, $r) = @_;
    my $dir = tempdir(CLEANUP => 1);

    open my $fh, '>:raw', "$dir/in" or die $!;
    print $fh defined $in ? $in : '';
    close $fh;

    local $ENV{R} = $r;
    local $ENV{A} = $binary;
    local $ENV{ACCTINFO_RULES} = '';
    local $ENV{ASAN_OPTIONS} = 'detect_leaks=1';

    system('sh', '-c', "{ $line; } <$dir/in >$dir/out 2>$dir/err");
    my $status = $? & 127 ? "signal " . ($? & 127) : $? >> 8;

    my @text = map {
        open my $f, '<:raw', "$dir/$_" or die $!;
        local $/;
        my $text = <$f>;
        defined $text ? $text : '';
    } 'out', 'err';

    return ($status, @text);
}


sub short_verdict {
    my ($line) = @_;
    my $v = eval { $json->decode($line) } or return "not JSON: $line";

    my $list = sub {
        join '', map {
            " $_->{field}:$_->{view}:$_->{rule}\[$_->{span}[0],$_->{span}[1]]"
            . ($_->{pack_action} ? "($_->{pack_action})" : '')
        } @{$_[0]};
    };

    my $short = $v->{action} . ($v->{evasive} ? '!' : '');
    $short .= ' ' . ($v->{rule} || '-') . $list->($v->{matches});
    $short .= " of $v->{match_count}"
        if $v->{match_count} != @{$v->{matches}};
    $short .= ' watched' . $list->($v->{watched}) if @{$v->{watched}};
    $short .= ' {' . join(',', @{$v->{flags}}) . '}' if @{$v->{flags}};
    $short .= join '', map { " $_->{field}/$_->{key}=<$_->{value}>" }
        @{$v->{fields}} if $v->{fields};

    utf8::encode($short);

    return $short;
}


sub run_blocks {
    my ($fh) = @_;

    for my $b (blocks($fh)) {
        my $r = tempdir(CLEANUP => 1);

        for my $file (@{$b->{files}}) {
            my ($name, $text) = @$file;
            if ($name =~ m{(.*)/}) {
                system('mkdir', '-p', "$r/$1");
            }
            open my $f, '>:raw', "$r/$name" or die $!;
            print $f $text;
            close $f;
        }

        my $line = defined $b->{shell} ? $b->{shell} : "$binary $b->{run}";
        my ($status, $out, $err) = run_command($line, $b->{in}, $r);
        $_ =~ s/\Q$r\E/R/g for $out, $err;

        is($status, $b->{status} || 0, "$b->{title}: status")
            or diag($err);

        is($out, $b->{out}, "$b->{title}: output") if defined $b->{out};
        is($err, $b->{err}, "$b->{title}: error") if defined $b->{err};

        for my $want (split /\n/, defined $b->{out_like} ? $b->{out_like} : '') {
            like($out, qr/$want/m, "$b->{title}: output like $want");
        }

        for my $want (split /\n/, defined $b->{err_like} ? $b->{err_like} : '') {
            like($err, qr/$want/m, "$b->{title}: error like $want");
        }

        if (defined $b->{verdicts}) {
            my $got = join '', map { short_verdict($_) . "\n" }
                split /\n/, $out;
            is($got, $b->{verdicts}, "$b->{title}: verdicts");
        }
    }

    done_testing();
}


1;
