#!/bin/sh
# clang's analyzer over the programs.
# Packages: clang-tools-14
. "$(dirname "$0")/common.inc"
mkdir -p $nightly/scan-build
cd $nightly/scan-build
[ -f Makefile ] || scan-build-14 ../../../configure --quiet
make --quiet clean
scan-build-14 --status-bugs -o found make --quiet "$jobs" xcomtop xcomsim
