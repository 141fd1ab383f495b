#!/bin/sh
# The unit tests under valgrind: no byte is used that was never set, none is lost.
# Packages: valgrind
. "$(dirname "$0")/common.inc"
configured plain
# Not those of real sockets, which wait for others only so long, and of real lines, where a program
# under valgrind has another name: they are run with sanitizers (./bootstrap check).
tests=$(cd tests/unit && ls test_*.c | sed 's/\.c$//' | grep -v -x -e test_link -e test_link_serial)
# shellcheck disable=SC2046,SC2086  # lists of words
make --quiet "$jobs" -C $nightly/plain $(printf 'tests/unit/%s ' $tests)
top_srcdir=$PWD top_builddir=$PWD/$nightly/plain
export top_srcdir top_builddir nightly
# shellcheck disable=SC2016  # for the inner shell
printf '%s\n' $tests | xargs -P "$(nproc)" -I{} sh -c '
    valgrind --quiet --error-exitcode=99 --leak-check=full --show-leak-kinds=definite,indirect \
        --errors-for-leak-kinds=definite,indirect "$nightly/plain/tests/unit/{}" \
        >"$nightly/{}.log" 2>&1 && exit
    echo "{}: exit status $?"
    grep -e "^==" -e "^\[  FAILED" "$nightly/{}.log"
    exit 1'
