#!/bin/sh
# The CAN link on virtual interfaces, in a virtual machine; skipped where there is none. With echo
# a frame comes back to its sender when it leaves, as with a controller, and not before.
exec "$top_srcdir/tests/vm/run-in-vm.sh" -m "vcan echo=1" -m can_raw -m sch_tbf \
    "$top_builddir/tests/can/test_vcan"
