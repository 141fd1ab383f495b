#!/bin/sh
# gcc's analyzer over the programs.
. "$(dirname "$0")/common.inc"
configured gcc-analyzer --enable-werror CC=gcc CFLAGS='-O1 -g -fanalyzer'
make --quiet -k "$jobs" -C $nightly/gcc-analyzer xcomtop xcomsim
