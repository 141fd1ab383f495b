#!/bin/sh
# bench_can on SocketCAN, in a virtual machine; a line that says why not where there is none.
"$top_srcdir/tests/vm/run-in-vm.sh" -m vcan -m can_raw sh -c \
    'ip link add vcan0 type vcan && ip link set vcan0 up && exec "$0" vcan0' \
    "$top_builddir/tests/bench/bench_can" || [ $? = 77 ]
