#!/bin/sh
# The program with a simulated Xcom-CAN, in a virtual machine; skipped where there is none.
exec "$top_srcdir/tests/vm/run-in-vm.sh" -t 300 -m vcan -m can_raw python3 -B \
    "$top_srcdir/tests/can/test_commands.py"
