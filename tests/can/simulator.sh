#!/bin/sh
# xcomsim as an Xcom-CAN on SocketCAN, in a virtual machine; skipped where there is none. python3-can
# is the system's.
exec "$top_srcdir/tests/vm/run-in-vm.sh" -m vcan -m can_raw /usr/bin/python3 -B \
    "$top_srcdir/tests/can/test_simulator.py" can
