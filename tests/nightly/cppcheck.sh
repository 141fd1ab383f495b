#!/bin/sh
# Packages: cppcheck
. "$(dirname "$0")/common.inc"
# shellcheck disable=SC2046,SC2086  # lists of words
cppcheck --quiet "$jobs" --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
    --suppress=missingIncludeSystem --std=c11 --include=$nightly/plain/config.h -Isrc $(sources)
