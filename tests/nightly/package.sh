#!/bin/sh
# The Debian packages: they are built from what is committed (without their tests: check has run
# them), lintian says nothing, and what is installed is all gone when they are purged.
# Packages: bash-completion debhelper dpkg-dev fakeroot lintian mandoc pkg-config tmux
. "$(dirname "$0")/common.inc"
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# What has our names, wherever programs put something.
ours() {
    find /etc /lib /usr /var -xdev -name '*xcom*' ! -path "$PWD/*" 2>/dev/null | sort
}

work=$nightly/package
rm -rf "$work"
mkdir -p "$work/xcomtop"
git archive HEAD | tar -x -C "$work/xcomtop"
(cd "$work/xcomtop" && DEB_BUILD_OPTIONS=nocheck dpkg-buildpackage --build=binary --no-sign)
lintian --fail-on=error,warning,info "$work"/*.changes

! dpkg-query -W xcomtop >/dev/null 2>&1 || { echo 'xcomtop is installed here: not tried' && exit 0; }
before=$(ours)
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y "./$work"/xcomtop_*.deb "./$work"/xcomsim_*.deb
xcomtop --version
xcomsim --version
xcomtop --demo --once >/dev/null
as_root env DEBIAN_FRONTEND=noninteractive apt-get purge -qq -y xcomtop xcomsim
after=$(ours)
[ "$before" = "$after" ] || { echo 'left behind:' && echo "$after" && exit 1; }
