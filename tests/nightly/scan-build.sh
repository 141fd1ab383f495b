#!/bin/sh
# clang's analyzer over the programs, with the checkers that it doesn't use by itself.
# Packages: clang-tools-14
. "$(dirname "$0")/common.inc"
checkers='-enable-checker nullability -enable-checker unix.cstring.NotNullTerminated'
checkers="$checkers -enable-checker unix.cstring.OutOfBounds -enable-checker security.FloatLoopCounter"
mkdir -p $nightly/scan-build
cd $nightly/scan-build
[ -f Makefile ] || scan-build-14 ../../../configure --quiet
make --quiet clean
# shellcheck disable=SC2086  # a list of words
scan-build-14 --status-bugs -o found $checkers make --quiet "$jobs" xcomtop xcomsim
