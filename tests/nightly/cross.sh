#!/bin/sh
# Builds for the Raspberry Pi with Debian's cross compilers and runs the unit tests under qemu-user:
#   tests/nightly/cross.sh [arm64] [armhf]
# but for those of links: they try the kernel, which qemu-user stands in for only in part.
# Installs what it needs (as root, or through sudo). The programs are left in build/ARCHITECTURE.
set -eu
cd "$(dirname "$0")/../.."

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# The kernel runs another architecture's programs where qemu is registered for them; elsewhere, as in
# most containers, the tests are given to it.
cross() {
    architecture=$1 triplet=$2 qemu=$3
    echo "== $architecture"
    if ! dpkg --print-foreign-architectures | grep -qx "$architecture"; then
        as_root dpkg --add-architecture "$architecture"
        as_root apt-get update -qq
    fi
    libraries=
    for library in libc6 libncurses libserialport libsocketcan libinih libsqlite3 libcmocka; do
        libraries="$libraries $library-dev:$architecture"
    done
    # shellcheck disable=SC2086  # a list of words
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
        "gcc-$triplet" qemu-user make autoconf automake pkg-config $libraries >/dev/null
    [ -x configure ] || ./bootstrap
    mkdir -p "build/$architecture"
    (
        cd "build/$architecture"
        ../../configure --quiet --enable-werror --host="$triplet" \
            PKG_CONFIG_LIBDIR="/usr/lib/$triplet/pkgconfig:/usr/share/pkgconfig"
        make --quiet -j"$(nproc)"
        file=$(head -c 20 xcomtop | od -An -tx1 -j18 -N2)
        echo "xcomtop of $architecture: machine$file"
        unit=$(printf 'include Makefile\nunit:\n\t@echo $(filter-out tests/unit/test_link%%,$(filter tests/unit/test_%%,$(check_PROGRAMS)))\n' |
            make -s -f - unit)
        # shellcheck disable=SC2086
        make --quiet -j"$(nproc)" -k check check_PROGRAMS="$unit" check_SCRIPTS= TESTS="$unit" \
            LOG_COMPILER="$qemu"
    )
}

for wanted in ${*:-arm64 armhf}; do
    case $wanted in
    arm64) cross arm64 aarch64-linux-gnu qemu-aarch64 ;;
    armhf) cross armhf arm-linux-gnueabihf qemu-arm ;;
    *)
        echo "cross.sh: unknown architecture '$wanted'; expected arm64 or armhf" >&2
        exit 2
        ;;
    esac
done
