#!/bin/sh
# The CAN link on USB adapters that adapters.py emulates, in a virtual machine; skipped where there
# is none.
[ "${STRICT-}" = 1 ] || { echo "skipped: takes a while, runs with STRICT=1"; exit 77; }
exec "$top_srcdir/tests/vm/run-in-vm.sh" -m vhci-hcd -m ucan -m can_raw \
    "$top_srcdir/tests/can/adapters.py" 2 "$top_builddir/tests/can/test_adapters"
