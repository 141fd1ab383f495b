#!/bin/sh
# The doctor at real serial ports, CAN interfaces and adapters, in a virtual machine; skipped where
# there is none.
exec "$top_srcdir/tests/vm/run-in-vm.sh" -t 300 -s -m vcan -m can_raw -m vhci-hcd -m ucan \
    "$top_srcdir/tests/can/adapters.py" 2 python3 -B "$top_srcdir/tests/can/test_doctor.py"
