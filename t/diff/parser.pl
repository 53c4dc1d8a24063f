#!/usr/bin/perl

# Perl's parsers: CGI, HTTP::Body, Mojolicious.

use strict;
use warnings;

use CGI;
use HTTP::Body;
use JSON::PP;
use MIME::Base64 qw(decode_base64 encode_base64);
use Mojo::Message::Request;

$| = 1;
$SIG{__WARN__} = sub { };

my @out;

sub add {
    my ($who, $key, $value) = @_;

    if (ref $value eq 'ARRAY') {
        add($who, $key, $_) for @$value;
        return;
    }

    return if ref $value || !defined $value || !defined $key;

    utf8::encode($value) if utf8::is_utf8($value);
    utf8::decode($key) unless utf8::is_utf8($key);

    push @out, [$who, $key, encode_base64($value, '')];
}

sub slurp {
    open(my $f, '<:raw', $_[0]) or return;
    local $/;
    return scalar <$f>;
}

sub by_cgi {
    my ($type, $body) = @_;

    local %ENV = (%ENV, REQUEST_METHOD => 'POST', CONTENT_TYPE => $type,
                  CONTENT_LENGTH => length $body);

    CGI::initialize_globals();

    local *STDIN;
    open(STDIN, '<:raw', \$body) or die;

    my $q = CGI->new;

    for my $key ($q->multi_param) {
        for my $value ($q->multi_param($key)) {
            if (ref $value) {
                local $/;
                $value = <$value>;
            }

            add('CGI.pm', "$key", defined $value ? "$value" : undef);
        }
    }
}

sub by_http_body {
    my ($type, $body) = @_;

    my $b = HTTP::Body->new($type, length $body);
    $b->cleanup(1);
    $b->add($body);

    add('HTTP::Body', $_, $b->param->{$_}) for keys %{$b->param};

    for my $key (keys %{$b->upload}) {
        my $u = $b->upload->{$key};
        add('HTTP::Body', $key, slurp($_->{tempname}))
            for ref $u eq 'ARRAY' ? @$u : $u;
    }
}

sub by_mojo {
    my ($type, $body) = @_;

    my $r = Mojo::Message::Request->new;

    $r->parse("POST / HTTP/1.1\r\nHost: h\r\nContent-Type: $type\r\n"
              . "Content-Length: " . length($body) . "\r\n\r\n" . $body);

    my $pairs = $r->body_params->pairs;

    for (my $i = 0; $i < @$pairs; $i += 2) {
        add('mojo', $pairs->[$i], $pairs->[$i + 1]);
    }

    add('mojo', $_->name, $_->slurp) for @{$r->uploads};
}

while (my $line = <STDIN>) {
    chomp $line;

    my ($type, $body) = map { decode_base64($_) } split / /, $line, 2;
    $body = '' unless defined $body;

    @out = ();

    for my $by (\&by_cgi, \&by_http_body, \&by_mojo) {
        eval { local $SIG{ALRM} = sub { die }; alarm 2; $by->($type, $body); };
        alarm 0;
    }

    print encode_json(\@out), "\n";
}
