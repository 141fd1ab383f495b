#!/bin/sh
# The serial link on real ports, in a virtual machine; skipped where there is none.
exec "$top_srcdir/tests/vm/run-in-vm.sh" -s "$top_builddir/tests/vm/test_serial_line"
