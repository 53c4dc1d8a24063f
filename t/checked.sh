#!/bin/sh
# The module's suites in an nginx that watches its own memory:
#
#   t/checked.sh asan [FILE.t...]
#   t/checked.sh valgrind [FILE.t...]
#
# nginx is built from the original tarball of the Debian release that this is,
# with its pools turned into plain allocations (NGX_DEBUG_PALLOC) and the
# module linked in: so an overrun within a pool is seen too.  Under asan the
# allocator of t/lib/fault.c is linked in as well.  Everything lies in
# build/checked and is kept for the next run.  Exit 1 if a check failed or
# anything was reported.

set -eu

cd "$(dirname "$0")/.."
root=$PWD
work=$root/build/checked
tool=${1-}

case $tool in
    asan|valgrind) shift ;;
    *) echo "usage: $0 asan|valgrind [FILE.t...]" >&2; exit 2 ;;
esac

mkdir -p "$work"

t/install.sh gcc make dpkg-dev libpcre2-dev libssl-dev zlib1g-dev \
             libhyperscan-dev libjansson-dev nginx >&2
[ "$tool" != valgrind ] || t/install.sh valgrind libc6-dbg >&2

. t/lib/source.sh

release=$(. /etc/os-release; echo "$VERSION_CODENAME")
cc="-O1 -g -fno-omit-frame-pointer -DNGX_DEBUG_PALLOC=1 -Wno-error"
ld=

if [ "$tool" = asan ]; then
    # nginx copies no bytes from NULL in many places, which harms nobody

    san="-fsanitize=address,undefined -fno-sanitize=nonnull-attribute"
    cc="$cc $san"
    ld="$san $work/fault.o -ldl -Wl,--wrap=malloc,--wrap=calloc"
    ld="$ld -Wl,--wrap=posix_memalign"
    gcc -O1 -g -DACCTINFO_WRAP -c -o "$work/fault.o" t/lib/fault.c
fi

nginx=$work/nginx-$tool

# objects are kept as long as the list of sources is the same

s=ngx_acctinfo_module
stamp="$cc $ld $(echo $s/core/*.c $s/nginx/*.c)"

if [ ! -f "$nginx/objs/Makefile" ] \
   || [ "$stamp" != "$(cat "$nginx.stamp" 2>/dev/null)" ]
then
    rm -rf "$nginx"
    echo "$stamp" > "$nginx.stamp"
    nginx_source "$release" "$nginx" --add-module="$root" \
        --with-cc-opt="$cc" --with-ld-opt="$ld" \
    || { tail "$nginx.log" >&2; exit 2; }
fi

make -s -C "$nginx" -f objs/Makefile binary > "$nginx.log" 2>&1 \
|| { tail "$nginx.log" >&2; exit 2; }

reports=$work/reports-$tool
rm -rf "$reports"
mkdir -p "$reports"
chmod 1777 "$reports"

# what nginx itself keeps until its process ends

printf 'leak:ngx_event_process_init\nleak:ngx_regex_malloc\n' \
    > "$work/asan.supp"

case $tool in
    asan)
        o="log_path=$reports/asan:detect_stack_use_after_return=1"
        run="env ASAN_OPTIONS=$o:strict_string_checks=1
             LSAN_OPTIONS=suppressions=$work/asan.supp:print_suppressions=0
             UBSAN_OPTIONS=log_path=$reports/asan:print_stacktrace=1"
        [ $# -gt 0 ] || set -- t/*.t ;;

    valgrind)
        run="valgrind -q --leak-check=full --show-leak-kinds=definite
             --num-callers=25 --log-file=$reports/valgrind.%p"

        # faults are made in the other round, and the rest is about time
        # shellcheck disable=SC2046
        [ $# -gt 0 ] || set -- $(ls t/*.t | grep -v -e t/failure.t \
                                     -e t/demo.t) ;;
esac

# It is run by a wrapper: Test::Nginx has a way of its own with the variables,
# and a daemon that is slow to write down its process id is lost to it.

TEST_NGINX_BINARY=$work/$tool.sh
{
    echo "#!/bin/sh"
    echo "run='"$run" $nginx/objs/nginx'"
    cat <<'EOF'

case " $* " in
    *" -t "* | *" -s "* | *" -V "* | *" -v "*)
        # its end is that of the process, and nothing is given back
        run=$(echo "$run" | sed 's/ASAN_OPTIONS=/&detect_leaks=0:/;
                                 s/--leak-check=full/--leak-check=no/')
        exec $run "$@" ;;

    *"daemon off"*)
        exec $run "$@" ;;
esac

$run "$@" || exit

while [ $# -gt 1 ]; do
    [ "$1" != -c ] || conf=$2
    shift
done

pid=$(sed -n 's/^ *pid  *\(.*\);/\1/p' "$conf" | head -n 1)

for i in 1 2 3 4 5 6 7 8 9 10; do
    [ ! -s "$pid" ] || break
    sleep 0.2
done
EOF
} > "$TEST_NGINX_BINARY"
chmod +x "$TEST_NGINX_BINARY"

export TEST_NGINX_BINARY
export ACCTINFO_MODULE=none ACCTINFO="$root/build/acctinfo"
export TEST_NGINX_APP_BINARY="$(PATH=$PATH:/usr/sbin:/sbin command -v nginx)"
export ACCTINFO_CHECKED="$tool"

failed=0
t/nginx.sh --directives "$@" || failed=1

# a leak, or undefined behaviour, that none of our files has a part in is
# nginx's own

ours=$(grep -l -r -e "ngx_acctinfo_module/" -e "ERROR: AddressSanitizer" \
           -e "^==[0-9]*== Invalid" -e "^==[0-9]*== .*uninitialised" \
           "$reports" || :)

for f in $ours; do
    echo "--- $f"
    head -n 60 "$f"
    failed=1
done

echo "reports: $(ls "$reports" | wc -l) files," \
     "$(echo $ours | wc -w) of the module"
exit $failed
