# nginx's source as a Debian release carries it; read by t/matrix.sh and
# t/checked.sh, which set $work: a folder that is kept for the next run.

# package lists of a release, which touch none of the machine's; sets $o

apt_lists() {
    d=$work/apt-$1
    codename=$(. /etc/os-release; echo "$VERSION_CODENAME")
    uri=$(apt-get indextargets --format '$(REPO_URI)' "Codename: $codename" \
          | sort -u | head -n 1)

    mkdir -p "$d/lists/partial" "$d/cache/archives/partial"
    key=/usr/share/keyrings/debian-archive-keyring.gpg
    { echo "deb [signed-by=$key] $uri $1 main"
      echo "deb-src [signed-by=$key] $uri $1 main"; } > "$d/sources.list"
    o="-o APT::Sandbox::User=root -o Dir::Etc::sourcelist=$d/sources.list
       -o Dir::Etc::sourceparts=/dev/null -o Dir::State::Lists=$d/lists
       -o Dir::Cache=$d/cache"
    # shellcheck disable=SC2086
    apt-get $o -qq update
}

# nginx_source RELEASE FOLDER [CONFIGURE-OPTION...]: builds nginx there

nginx_source() {
    release=$1
    src=$2
    shift 2

    [ ! -x "$src/objs/nginx" ] || return 0

    rm -rf "$src" "$work/src-$release"
    mkdir -p "$work/src-$release"
    apt_lists "$release" || return 1
    # shellcheck disable=SC2086
    (cd "$work/src-$release" && apt-get $o -qq source --download-only nginx)

    # a mirror may have dropped the packaging and kept the original

    tarball=$(ls "$work/src-$release"/nginx_*.orig.tar.* 2>/dev/null \
              | grep -v '\.asc$' | head -n 1)
    [ -n "$tarball" ] || { echo "$release: no source of nginx" >&2; return 1; }
    mkdir -p "$src"
    tar -xf "$tarball" -C "$src" --strip-components=1 || return 1
    [ -x "$src/configure" ] || ln -sf auto/configure "$src/configure"

    # from 1.25 on

    if (cd "$src" && ./configure --help) | grep -q with-http_v3_module; then
        set -- --with-http_v3_module "$@"
    fi

    (cd "$src" && ./configure --with-compat --with-debug --with-threads \
        --with-http_ssl_module --with-http_v2_module \
        --with-http_auth_request_module --with-http_realip_module \
        --with-http_dav_module --with-http_stub_status_module "$@" \
        && make -j2) > "$src.log" 2>&1
}
