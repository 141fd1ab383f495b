#!/bin/sh
# The CAN link on two controllers of one bus, in a virtual machine; skipped where there is none.
[ "${STRICT-}" = 1 ] || { echo "skipped: takes a while, runs with STRICT=1"; exit 77; }
exec "$top_srcdir/tests/vm/run-in-vm.sh" -c 2 "$top_builddir/tests/can/test_controllers"
