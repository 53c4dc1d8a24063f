package H2;

# A small HTTP/2 client that sends single frames (RFC 9113), for what no
# ready-made one can be made to do: a body cut at will, and a look at what
# becomes of the stream and of the connection.

use strict;
use warnings;

use IO::Select;
use IO::Socket::INET;
use Time::HiRes qw(sleep);


use constant {
    DATA => 0, HEADERS => 1, RST_STREAM => 3, SETTINGS => 4, PING => 6,
    GOAWAY => 7, WINDOW_UPDATE => 8, CONTINUATION => 9,

    END_STREAM => 1, ACK => 1, END_HEADERS => 4,
};


# the statuses of HPACK's static table (RFC 7541, appendix A)

my %status = (8 => 200, 9 => 204, 10 => 206, 11 => 304, 12 => 400, 13 => 404,
              14 => 500);


sub new {
    my ($class, $port) = @_;

    my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port)
            // die "no connection: $!";

    my $self = bless { s => $s, in => '', next => 1, streams => {},
                       window => 65535, initial => 65535 }, $class;

    $self->write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    $self->frame(SETTINGS, 0, 0, '');

    return $self;
}


sub write {
    my ($self, $data) = @_;

    local $SIG{PIPE} = 'IGNORE';

    while (length $data) {
        my $n = syswrite($self->{s}, $data);

        if (!defined $n) {
            $self->{broken} = "$!";
            return;
        }

        substr($data, 0, $n) = '';
    }
}


sub frame {
    my ($self, $type, $flags, $sid, $payload) = @_;

    $self->write(substr(pack('N', length $payload), 1)
                 . pack('CCN', $type, $flags, $sid) . $payload);
}


# a string of at most 126 bytes, and a header with a literal name

sub string { return chr(length $_[0]) . $_[0] }
sub header { return "\0" . string($_[0]) . string($_[1]) }


# Opens a stream; returns its id.  Headers are given as pairs, all literal.

sub open {
    my ($self, $method, $path, %opt) = @_;

    my $sid = $self->{next};
    $self->{next} += 2;

    my @headers = (':method', $method, ':scheme', 'http', ':path', $path,
                   ':authority', 'a', @{ $opt{headers} // [] });
    my $block = '';

    while (@headers) {
        my ($name, $value) = splice(@headers, 0, 2);
        $block .= header($name, $value);
    }

    $self->{streams}{$sid} = { status => '', body => '', rst => undef,
                               ended => 0, window => $self->{initial} };

    $self->frame(HEADERS, END_HEADERS | ($opt{end} ? END_STREAM : 0), $sid,
                 $block);

    return $sid;
}


# Sends a piece of a body, in frames that the windows allow; stops when the
# stream was ended by the other side.

sub data {
    my ($self, $sid, $data, $end) = @_;

    my $st = $self->{streams}{$sid};

    while (1) {
        my $n = length $data;

        $n = 16384 if $n > 16384;
        $n = $self->{window} if $n > $self->{window};
        $n = $st->{window} if $n > $st->{window};

        if ($n <= 0 && length $data) {
            $self->read(1, sub { $st->{ended} || $self->{goaway}
                                 || ($self->{window} > 0
                                     && $st->{window} > 0) });
            return if $st->{ended} || defined $st->{rst} || $self->{goaway};
            return if $self->{window} <= 0 || $st->{window} <= 0;
            next;
        }

        my $piece = substr($data, 0, $n, '');
        my $last = !length $data;

        $self->frame(DATA, $end && $last ? END_STREAM : 0, $sid, $piece);
        $self->{window} -= $n;
        $st->{window} -= $n;

        $self->read(0);

        last if $last || defined $st->{rst};
    }
}


# Reads frames until the condition holds or nothing comes for so long.

sub read {
    my ($self, $quiet, $done) = @_;

    my $select = IO::Select->new($self->{s});

    while (1) {
        while ($self->parse()) { }

        return 1 if $done && $done->();

        if (!$select->can_read($quiet)) {
            return 0;
        }

        my $n = sysread($self->{s}, $self->{in}, 65536, length $self->{in});

        if (!$n) {
            $self->{closed} = 1;
            while ($self->parse()) { }
            return 0;
        }
    }
}


sub parse {
    my ($self) = @_;

    return 0 if length $self->{in} < 9;

    my ($a, $b, $type, $flags, $sid) = unpack('CnCCN', $self->{in});
    my $len = ($a << 16) + $b;

    return 0 if length $self->{in} < 9 + $len;

    my $payload = substr($self->{in}, 9, $len);
    substr($self->{in}, 0, 9 + $len) = '';
    $sid &= 0x7fffffff;

    my $st = $self->{streams}{$sid} // {};

    if ($type == HEADERS) {
        $st->{block} = $payload;

        # nginx may begin with a change of the table's size

        (my $block = $payload) =~ s/^[\x20-\x3f]//;
        my $first = ord $block;

        $st->{status} = $first & 0x80 ? $status{$first & 0x7f} // '?'
                        : substr($block, 2, 3);

    } elsif ($type == DATA) {
        $st->{body} .= $payload;

        if ($len) {
            $self->frame(WINDOW_UPDATE, 0, 0, pack('N', $len));
            $self->frame(WINDOW_UPDATE, 0, $sid, pack('N', $len))
                unless $flags & END_STREAM;
        }

    } elsif ($type == RST_STREAM) {
        $st->{rst} = unpack('N', $payload);
        $st->{ended} = 1;

    } elsif ($type == SETTINGS && !($flags & ACK)) {

        while (length $payload) {
            my ($id, $value) = unpack('nN', substr($payload, 0, 6, ''));

            if ($id == 4) {
                $_->{window} += $value - $self->{initial}
                    for values %{ $self->{streams} };
                $self->{initial} = $value;
            }
        }

        $self->frame(SETTINGS, ACK, 0, '');

    } elsif ($type == WINDOW_UPDATE) {
        my $more = unpack('N', $payload);

        if ($sid) {
            $st->{window} += $more;

        } else {
            $self->{window} += $more;
        }

    } elsif ($type == GOAWAY) {
        $self->{goaway} = 1;
    }

    if (($type == DATA || $type == HEADERS) && $flags & END_STREAM) {
        $st->{ended} = 1;
    }

    return 1;
}


# Waits for the end of a stream's answer and returns the stream.

sub answer {
    my ($self, $sid) = @_;

    my $st = $self->{streams}{$sid};

    $self->read(5, sub { $st->{ended} });

    return $st;
}


# A whole request: pieces of a body, and the answer.

sub request {
    my ($self, $method, $path, %opt) = @_;

    my $body = $opt{body};
    my $pieces = ref $body ? $body : defined $body ? [ $body ] : [];
    my @headers = @{ $opt{headers} // [] };

    if (@$pieces) {
        push @headers, 'content-type',
             $opt{type} // 'application/x-www-form-urlencoded';

        if (!$opt{unknown}) {
            push @headers, 'content-length', length join '', @$pieces;
        }
    }

    my $sid = $self->open($method, $path, headers => \@headers,
                          end => !@$pieces);

    for my $i (0 .. $#$pieces) {
        sleep($opt{delay} // 0.02);
        $self->read(0);

        last if $self->{streams}{$sid}{ended};

        $self->data($sid, $pieces->[$i], $i == $#$pieces);
    }

    return $self->answer($sid);
}


1;
