#!/bin/sh
# Builds for the Raspberry Pi with Debian's cross compilers and runs the unit tests under qemu-user:
#   tests/nightly/cross.sh [arm64] [armhf]
# but for those of links: they try the kernel, which qemu-user stands in for only in part.
# Installs compilers and qemu-user (as root, or through sudo). The other architecture's libraries are
# unpacked below build/ARCHITECTURE/root, where the programs are, too: installed they would have to
# be of the same versions as this computer's own.
set -eu
cd "$(dirname "$0")/../.."

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# The packages that hold the libraries of an architecture, by what the -dev packages depend on.
packages_of() {
    development=
    for library in ncurses serialport socketcan inih sqlite3 cmocka; do
        development="$development lib$library-dev:$1"
    done
    # shellcheck disable=SC2086  # a list of words
    needed=$(apt-cache depends --important $development |
        sed -n 's/^.*Depends: \(lib[^:]*\).*/\1/p' | grep -v '^libc6' | sort -u)
    for library in libc6 libgcc-s1 $needed; do
        development="$development $library:$1"
    done
    echo "$development"
}

# unpack ARCHITECTURE: into build/ARCHITECTURE/root.
unpack() {
    if ! dpkg --print-foreign-architectures | grep -qx "$1"; then
        as_root dpkg --add-architecture "$1"
        # What it lacks shows when it is needed.
        as_root apt-get update -qq || true
    fi
    rm -rf "build/$1/root" "build/$1/packages"
    mkdir -p "build/$1/root" "build/$1/packages"
    # shellcheck disable=SC2046  # a list of words
    (cd "build/$1/packages" && apt-get download -qq $(packages_of "$1"))
    for package in "build/$1/packages"/*.deb; do
        dpkg -x "$package" "build/$1/root"
    done
}

# The kernel runs another architecture's programs where qemu is registered for them; elsewhere, as in
# most containers, the tests are given to it.
cross() {
    architecture=$1 triplet=$2 qemu=$3
    echo "== $architecture"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
        "gcc-$triplet" qemu-user make autoconf automake pkg-config >/dev/null
    [ -x configure ] || ./bootstrap
    unpack "$architecture"
    (
        cd "build/$architecture"
        root=$PWD/root
        libraries=$root/usr/lib/$triplet:$root/lib/$triplet
        ../../configure --quiet --enable-werror --host="$triplet" \
            PKG_CONFIG_LIBDIR="$root/usr/lib/$triplet/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$root" \
            CPPFLAGS="-isystem $root/usr/include" \
            LDFLAGS="-L$root/usr/lib/$triplet -L$root/lib/$triplet -Wl,-rpath-link,$libraries"
        make --quiet -j"$(nproc)"
        file=$(head -c 20 xcomtop | od -An -tx1 -j18 -N2)
        echo "xcomtop of $architecture: machine$file"
        unit=$(printf 'include Makefile\nunit:\n\t@echo $(filter-out tests/unit/test_link%%,$(filter tests/unit/test_%%,$(check_PROGRAMS)))\n' |
            make -s -f - unit)
        # shellcheck disable=SC2086
        make --quiet -j"$(nproc)" -k check check_PROGRAMS="$unit" check_SCRIPTS= TESTS="$unit" \
            LOG_COMPILER="$qemu -L $root"
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
