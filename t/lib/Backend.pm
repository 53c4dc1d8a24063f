package Backend;

# Applications behind nginx that speak another protocol than HTTP.  Each is a
# process that listens on a port and answers one connection after the other;
# uwsgi and SCGI answer with their parameters, a line each, and the body.
#
#     my $backend = Backend->new($port, \&Backend::uwsgi);

use strict;
use warnings;

use IO::Socket::INET;


sub new {
    my ($class, $port, $handler) = @_;

    my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
                                         LocalPort => $port, ReuseAddr => 1,
                                         Listen => 10)
                   // die "no listener: $!";

    my $pid = fork() // die $!;

    if ($pid == 0) {
        while (1) {
            my $s = $listener->accept() or next;

            $handler->($s);
            close $s;
        }
    }

    return bless { pid => $pid, owner => $$ }, $class;
}


sub DESTROY {
    my ($self) = @_;

    return if $self->{owner} != $$;

    local $?;

    kill 'TERM', $self->{pid};
    waitpid($self->{pid}, 0);
}


# so many bytes, or fewer if there are no more

sub take {
    my ($s, $n) = @_;

    my $data = '';

    while (length $data < $n) {
        sysread($s, $data, $n - length $data, length $data) or last;
    }

    return $data;
}


sub answer {
    my ($s, $params, $length) = @_;

    my $body = take($s, $length || 0);
    my $text = join('', map { "$_\n" } sort @$params) . "stdin=$body\n";

    print $s "Status: 200 OK\r\nContent-Type: text/plain\r\n\r\n$text";
}


sub uwsgi {
    my ($s) = @_;

    my (undef, $size) = unpack('CvC', take($s, 4));
    my $block = take($s, $size // 0);
    my (@params, $length);

    while (length $block) {
        my ($name, $value) = unpack('v/a v/a', $block);

        substr($block, 0, 4 + length($name) + length $value) = '';

        push @params, "$name=$value";
        $length = $value if $name eq 'CONTENT_LENGTH';
    }

    answer($s, \@params, $length);
}


sub scgi {
    my ($s) = @_;

    my $size = '';

    while (sysread($s, my $ch, 1)) {
        last if $ch eq ':';
        $size .= $ch;
    }

    my @list = split /\0/, take($s, $size), -1;
    my (@params, $length);

    take($s, 1);

    while (@list > 1) {
        my ($name, $value) = splice(@list, 0, 2);

        push @params, "$name=$value";
        $length = $value if $name eq 'CONTENT_LENGTH';
    }

    answer($s, \@params, $length);
}


# tells what it was asked, and then repeats whatever comes

sub websocket {
    my ($s) = @_;

    my $head = '';

    while ($head !~ /\r\n\r\n/) {
        sysread($s, $head, 65536, length $head) or return;
    }

    my ($mark) = $head =~ /^X-Acctinfo: (.*?)\r$/mi;

    syswrite($s, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                 . "Connection: upgrade\r\nX-Mark: " . ($mark // 'none')
                 . "\r\n\r\n");

    while (sysread($s, my $data, 65536)) {
        syswrite($s, $data);
    }
}


1;
