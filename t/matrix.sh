#!/bin/sh
# The module's suites on other nginx versions and another matching library:
#
#   t/matrix.sh [CASE...]      CASE is LIBRARY/RELEASE, such as
#                              hyperscan/bookworm vectorscan/sid
#
# nginx is built from the original tarball that a Debian release carries; where
# there is none to be had it is the release's own binary, unpacked with the
# libraries that it wants.  The matching library is the one of the machine or
# an unpacked package.  Nothing is installed.  Everything lies in build/matrix
# and is kept for the next run.
# Prints a table at the end; exit 1 if a case failed.

set -u

cd "$(dirname "$0")/.."
root=$PWD
work=$root/build/matrix
mkdir -p "$work"

[ $# -gt 0 ] || set -- hyperscan/bookworm hyperscan/trixie hyperscan/sid \
                       vectorscan/bookworm

t/install.sh gcc make dpkg-dev libpcre2-dev libssl-dev zlib1g-dev \
             libhyperscan-dev libjansson-dev >&2

. t/lib/source.sh

# the release's own nginx, with its own loader and libraries

nginx_binary() {
    x=$work/binary-$1
    [ ! -x "$x/nginx" ] || return 0

    mkdir -p "$x"
    # shellcheck disable=SC2086
    (cd "$x" && apt-get $o -qq download nginx nginx-dev libssl3t64 \
        libpcre2-8-0 libc6 libcrypt1 zlib1g \
     && for p in *.deb; do dpkg -x "$p" .; done) || return 1

    unpacked "$x" usr/sbin/nginx > "$x/nginx"
    chmod +x "$x/nginx"
}

# a client for HTTP/3, which this release's curl is not

http3_client() {
    c=$work/client
    [ ! -x "$c/curl" ] || return 0

    rm -rf "$c"
    mkdir -p "$c"
    apt_lists sid || return 1
    # shellcheck disable=SC2086,SC2046
    (cd "$c" && apt-get $o -qq download $(apt-cache $o depends --recurse \
         --no-recommends --no-suggests --no-conflicts --no-breaks \
         --no-replaces --no-enhances curl \
         | grep '^[a-z]' | grep -v -e debconf -e '^perl' | sort -u) \
     && for p in *.deb; do dpkg -x "$p" .; done) > /dev/null || return 1

    unpacked "$c" usr/bin/curl > "$c/curl"
    chmod +x "$c/curl"
}

# a script that runs an unpacked program with its own loader and libraries

unpacked() {
    l=$(dirname "$(find "$1/usr/lib" -name 'ld-linux-*.so.2' | head -n 1)")
    echo "#!/bin/sh"
    echo "exec $l/$(basename "$l"/ld-linux-*.so.2) --library-path" \
         "$l:/usr/lib/$(basename "$l") $1/$2 \"\$@\""
}

nginx_of() {
    if nginx_source "$1" "$work/nginx-$1"; then
        nginx=$work/nginx-$1/objs/nginx
        source=$work/nginx-$1
    elif nginx_binary "$1"; then
        nginx=$work/binary-$1/nginx
        source=$work/binary-$1/usr/share/nginx/src
    else
        return 1
    fi
}

library() {
    case $1 in
        hyperscan) HS_INC=; HS_LIB= ;;
        vectorscan)
            v=$work/vectorscan
            if [ ! -d "$v/usr" ]; then
                mkdir -p "$v"
                (cd "$v" && apt-get -qq -o APT::Sandbox::User=root download \
                    libvectorscan-dev libvectorscan5 \
                 && for p in *.deb; do dpkg -x "$p" .; done) || return 1
            fi
            l=$(dirname "$(find "$v/usr/lib" -name libhs.so | head -n 1)")
            HS_INC=-I$v/usr/include
            HS_LIB="-L$l -Wl,-rpath,$l" ;;
        *) echo "unknown library $1" >&2; return 1 ;;
    esac
    export HS_INC HS_LIB
}

if http3_client; then
    export ACCTINFO_CURL3="$work/client/curl"
fi

table=
failed=0

for case in "$@"; do
    lib=${case%/*}
    release=${case#*/}
    log=$work/$lib-$release.log

    nginx=
    if nginx_of "$release" && library "$lib" \
       && make -s B="build/matrix/$lib-$release" NGINX_SRC="$source" \
            HS_INC="$HS_INC" HS_LIB="$HS_LIB" all > "$log" 2>&1 \
       && TEST_NGINX_BINARY=$nginx \
          ACCTINFO=$work/$lib-$release/acctinfo \
          ACCTINFO_MODULE=$work/$lib-$release/ngx_http_acctinfo_module.so \
          t/nginx.sh --directives >> "$log" 2>&1
    then
        result=$(sed -n 's/^\(Files=[0-9]*, Tests=[0-9]*\).*/\1/p' "$log")
    else
        result="FAILED, see $log"
        failed=1
    fi

    version=$("${nginx:-false}" -v 2>&1 | sed 's/.*[/: ]//')
    table="$table$(printf '%-22s %-14s %s' "$case" "$version" "$result")
"
done

printf '%s' "$table"
exit $failed
