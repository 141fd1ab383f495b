#!/bin/sh
# Each class of fault on SocketCAN, in a virtual machine; skipped where there is none.
exec "$top_srcdir/tests/vm/run-in-vm.sh" -t 400 -m vcan -m can_raw python3 -B \
    "$top_srcdir/tests/e2e/test_reliability.py"
