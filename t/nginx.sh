#!/bin/sh
# Runs suites of the module by prove, each in an nginx of its own:
#
#   t/nginx.sh [PROVE-OPTION...] [FILE.t...]      all t/*.t without a file
#
# The environment may name another module (ACCTINFO_MODULE; "none" where it is
# linked into nginx), another nginx (TEST_NGINX_BINARY), and one for the
# application behind it (TEST_NGINX_APP_BINARY).  Ports and folders are free
# ones, so checkouts beside each other do not meet; prove's jobs must be one,
# for Test::Nginx has one port a run.

set -eu

cd "$(dirname "$0")/.."

module=${ACCTINFO_MODULE:-$PWD/build/ngx_http_acctinfo_module.so}

if [ "$module" = none ]; then
    module=

elif [ ! -f "$module" ]; then
    echo "$0: there is no $module: run make first" >&2
    exit 2
fi

TEST_NGINX_BINARY=${TEST_NGINX_BINARY:-$(PATH=$PATH:/usr/sbin:/sbin \
                                         command -v nginx)}

# a folder that workers of another user may search
dir=$(mktemp -d)
chmod 755 "$dir"
app=$dir/app
mkdir "$app"
trap '[ ! -f "$app/nginx.pid" ] || kill "$(cat "$app/nginx.pid")"
      rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM

# a block of ports of which all are free now
port=$(perl -MIO::Socket::INET -e '
    TRY: for (1 .. 100) {
        my $base = 10000 + 10 * int(rand(2000));
        my @held;
        for my $port ($base .. $base + 9) {
            push @held, IO::Socket::INET->new(LocalAddr => "127.0.0.1",
                LocalPort => $port, Listen => 1) || next TRY;
        }
        print $base;
        exit 0;
    }
    die "no free ports\n"')

sed "s/PORT/$((port + 1))/; s,DIR,$app," t/lib/app.conf > "$app/nginx.conf"
"${TEST_NGINX_APP_BINARY:-$TEST_NGINX_BINARY}" -e "$app/error.log" \
    -p "$app" -c "$app/nginx.conf"

export TEST_NGINX_BINARY
export TEST_NGINX_LOAD_MODULES="$module"
export TEST_NGINX_SERVROOT="$dir/servroot"
export TEST_NGINX_PORT="$port"
export TEST_NGINX_APP_PORT=$((port + 1))
export TEST_NGINX_APP_DIR="$app"
export TEST_NGINX_APP_LOG="$app/contact.log"
export TEST_NGINX_PRIVATE_PORT=$((port + 2))
export TEST_NGINX_DATA="$PWD/t/data"
export ACCTINFO_MODULE="$module"

options=
while [ $# -gt 0 ]; do
    case $1 in
        -*) options="$options $1"; shift ;;
        *) break ;;
    esac
done

[ $# -gt 0 ] || set -- t/*.t

# shellcheck disable=SC2086
prove -It/lib $options "$@"
