package PrivateNginx;

# An nginx of a test's own, for what Test::Nginx cannot do: raw sockets with
# several answers, HTTP/2 on old versions, several workers.
#
#     my $nginx = PrivateNginx->new(<<'EOC');
#         server { listen 127.0.0.1:%PORT0%; ... }
#     EOC
#
# %PORT0% to %PORT7% are ports of the run, %DATA% is t/data, %APP% the
# application of t/lib/app.conf, %APPDIR% its folder, %DIR% one that goes when
# the test ends.

use strict;
use warnings;

use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use IO::Select;
use IO::Socket::INET;
use Time::HiRes qw(sleep time);


sub new {
    my ($class, $http, %opt) = @_;

    my $dir = tempdir(CLEANUP => 0);
    chmod 0755, $dir;

    my $self = bless { dir => $dir, owner => $$,
                       seen => -s $ENV{TEST_NGINX_APP_LOG} // 0 }, $class;

    my $main = $opt{main} // '';

    if ($ENV{ACCTINFO_MODULE}) {
        $main = "load_module $ENV{ACCTINFO_MODULE};\n$main";
    }

    my $workers = $opt{workers} // 1;
    my $level = $opt{level} // 'debug';

    my $conf = <<EOC;
$main
worker_processes $workers;
pid $dir/nginx.pid;
error_log $dir/error.log $level;
events {
}

http {
    client_body_temp_path temp_body;
    proxy_temp_path temp_proxy;
    fastcgi_temp_path temp_fastcgi;
    uwsgi_temp_path temp_uwsgi;
    scgi_temp_path temp_scgi;

    access_log $dir/access.log;

    upstream app {
        server 127.0.0.1:$ENV{TEST_NGINX_APP_PORT};
    }

    acctinfo_rules $ENV{TEST_NGINX_DATA}/rules/suite.json;
    acctinfo_field name username nickname;
    acctinfo_field profile bio;

$http
}
EOC

    $conf =~ s/%PORT(\d)%/$self->port($1)/ge;
    $conf =~ s/%DATA%/$ENV{TEST_NGINX_DATA}/g;
    $conf =~ s/%APP%/127.0.0.1:$ENV{TEST_NGINX_APP_PORT}/g;
    $conf =~ s/%APPDIR%/$ENV{TEST_NGINX_APP_DIR}/g;
    $conf =~ s/%DIR%/$dir/g;

    open my $out, '>', "$dir/nginx.conf" or die $!;
    print $out $conf;
    close $out;

    $self->run() == 0 or die "nginx did not start:\n" . $self->log();

    return $self;
}


sub run {
    my ($self, @args) = @_;

    return system($ENV{TEST_NGINX_BINARY}, '-e', "$self->{dir}/error.log",
                  '-p', $self->{dir}, '-c', "$self->{dir}/nginx.conf", @args);
}


sub port {
    my ($self, $n) = @_;

    return $ENV{TEST_NGINX_PRIVATE_PORT} + ($n // 0);
}


sub dir { return $_[0]{dir} }


sub log    { return slurp("$_[0]{dir}/error.log") }
sub access { return slurp("$_[0]{dir}/access.log") }


# What reached the application since the last call, or since the beginning of
# the test: other tests of the run have the same application.  It writes its
# log after its answer, so we wait for what is known to be there.

sub contacts {
    my ($self, $known) = @_;

    my $all;

    for (1 .. 500) {
        $all = slurp($ENV{TEST_NGINX_APP_LOG});
        last if substr($all, $self->{seen}) =~ $known;
        sleep 0.01;
    }

    my $new = substr($all, $self->{seen});

    $self->{seen} = length $all;

    return $new;
}


sub connect {
    my ($self, $n) = @_;

    return IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                 PeerPort => $self->port($n))
           // die "no connection: $!";
}


# Sends the pieces, waits between them, and returns all that comes back until
# the connection ends or nothing has come for "quiet" seconds.  Before piece
# number "await" it waits for the beginning of an answer, however long that
# takes a busy machine.

sub raw {
    my ($self, $pieces, %opt) = @_;

    local $SIG{PIPE} = 'IGNORE';

    my $s = $self->connect($opt{port});
    my $got = '';

    for my $i (0 .. $#$pieces) {
        if (defined $opt{await} && $i == $opt{await}) {
            IO::Select->new($s)->can_read(10);
        }

        sleep($opt{delay} // 0.02) if $i;

        my $data = $pieces->[$i];

        while (length $data) {
            my $n = syswrite($s, $data);

            if (!defined $n) {
                $self->{broken} = "$!";
                last;
            }

            substr($data, 0, $n) = '';
        }
    }

    shutdown($s, 1) if $opt{shutdown};

    my $select = IO::Select->new($s);

    $self->{ended} = 0;

    while ($select->can_read($opt{quiet} // 1)) {
        my $n = sysread($s, my $buf, 65536);

        if (!defined $n || $n == 0) {
            $self->{ended} = 1;
            last;
        }

        $got .= $buf;
    }

    close $s;

    return $got;
}


# the statuses of the answers in a stream, in order

sub statuses {
    my ($got) = @_;

    return join ' ', $got =~ m{^HTTP/1\.[01] (\d+)}mg;
}


sub slurp {
    my ($file) = @_;

    open my $in, '<', $file or return '';
    binmode $in;
    local $/;

    return <$in> // '';
}


# nginx appends, so an emptied log begins anew

sub truncate {
    my ($self, $file) = @_;

    CORE::truncate($file, 0);
}


sub stop {
    my ($self) = @_;

    my $pid = slurp("$self->{dir}/nginx.pid");

    if ($pid =~ /^(\d+)/) {
        $pid = $1;
        kill 'QUIT', $pid;

        for (1 .. 200) {
            last if !kill 0, $pid;
            kill 'TERM', $pid if $_ == 100;
            sleep 0.02;
        }
    }
}


sub DESTROY {
    my ($self) = @_;

    return if $self->{owner} != $$;

    local $?;

    $self->stop();
    remove_tree($self->{dir});
}


1;
