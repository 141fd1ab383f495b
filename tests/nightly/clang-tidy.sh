#!/bin/sh
# The checks of .clang-tidy.
# Packages: clang-tidy-14
. "$(dirname "$0")/common.inc"
# shellcheck disable=SC2086  # a list of words
sources | xargs -P "$(nproc)" -I{} clang-tidy-14 --quiet {} -- $compiled_with
