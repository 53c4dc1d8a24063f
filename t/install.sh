#!/bin/sh
# Installs what dpkg misses of the packages named, as root or by sudo.
# No service is started by it: a policy-rc.d that forbids that stands in
# place during the call (only if there is none already).
#
#   t/install.sh PACKAGE...          Debian packages
#   t/install.sh --test-nginx        Test::Nginx, from a newer Debian if need be

set -eu

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

install_packages() {
    missing=
    for p in "$@"; do
        case $(dpkg -s "$p" 2>/dev/null | sed -n 's/^Status: //p') in
            *" installed") ;;
            *) missing="$missing $p" ;;
        esac
    done

    [ -n "$missing" ] || return 0

    echo "installing:$missing" >&2

    policy=/usr/sbin/policy-rc.d
    made=no
    if [ ! -e "$policy" ]; then
        made=yes
        trap 'as_root rm -f "$policy"' EXIT
        trap 'exit 130' INT TERM
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
    fi

    apt="env DEBIAN_FRONTEND=noninteractive apt-get -qq
         -o DPkg::Lock::Timeout=300 -o APT::Update::Error-Mode=any"

    # the lists may be old or absent: try with what there is, then afresh
    # shellcheck disable=SC2086
    as_root $apt install -y --no-install-recommends $missing >/dev/null 2>&1 \
    || { as_root $apt update >/dev/null
         as_root $apt install -y --no-install-recommends $missing >/dev/null; }

    if [ $made = yes ]; then
        as_root rm -f "$policy"
        trap - EXIT INT TERM
    fi
}

# Test::Nginx is packaged in Debian's newer releases only.  The package comes
# through package lists of its own, which touch none of the machine's.
install_test_nginx() {
    perl -MTest::Nginx::Socket -e1 2>/dev/null && return 0

    install_packages libtest-base-perl liblist-moreutils-perl \
        libtext-diff-perl liburi-perl libhttp-message-perl libwww-perl \
        libio-socket-ssl-perl libtimedate-perl libtest-longstring-perl || :

    if apt-cache policy libtest-nginx-perl 2>/dev/null | grep -q 'Candidate: [0-9]'
    then
        install_packages libtest-nginx-perl
        return 0
    fi

    d=$(mktemp -d)
    chmod 755 "$d"
    mkdir -p "$d/lists/partial" "$d/cache/archives/partial"

    codename=$(. /etc/os-release; echo "$VERSION_CODENAME")
    uri=$(apt-get indextargets --format '$(REPO_URI)' "Codename: $codename" \
          | sort -u | head -n 1)

    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]" \
         "$uri sid main" > "$d/sid.list"

    o="-o APT::Sandbox::User=root -o Dir::Etc::sourcelist=$d/sid.list
       -o Dir::Etc::sourceparts=/dev/null -o Dir::State::Lists=$d/lists
       -o Dir::Cache=$d/cache"

    # shellcheck disable=SC2086
    as_root apt-get $o -qq update
    # shellcheck disable=SC2086
    (cd "$d" && as_root apt-get $o -qq download libtest-nginx-perl)
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y \
        --no-install-recommends "$d"/libtest-nginx-perl_*.deb >/dev/null
    as_root rm -rf "$d"

    perl -MTest::Nginx::Socket -e1
}

case ${1-} in
    --test-nginx) install_test_nginx ;;
    *) install_packages "$@" ;;
esac
