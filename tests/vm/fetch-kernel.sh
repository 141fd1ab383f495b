#!/bin/sh
# Fetches (doesn't install) Debian's kernel for run-in-vm.sh: about 70 MB, 400 MB unpacked.
#   tests/vm/fetch-kernel.sh [DIRECTORY]     default: $XCOMTOP_VM, or ~/.cache/xcomtop-vm
# Needs a Debian system. The cloud kernel, which such systems often run, lacks 9p and USB.
set -eu
dir=${1:-${XCOMTOP_VM:-$HOME/.cache/xcomtop-vm}}
arch=$(dpkg --print-architecture)
package=$(apt-cache depends "linux-image-$arch" | awk '/Depends:/ { print $2; exit }')
mkdir -p "$dir"
work=$(mktemp -d "$dir/fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
(cd "$work" && apt-get -o APT::Sandbox::User=root download "$package")
dpkg -x "$work"/*.deb "$work/root"
rm -rf "$dir/boot" "$dir/lib"
mv "$work/root/boot" "$work/root/lib" "$dir/"
echo "$package is in $dir"
