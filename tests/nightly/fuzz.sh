#!/bin/sh
# Each fuzz target for $NIGHTLY_SECONDS.
. "$(dirname "$0")/common.inc"
tests/fuzz/run "${NIGHTLY_SECONDS-600}"
