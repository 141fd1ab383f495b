#!/bin/sh
# xcomsim as an Xcom-CAN behind a serial-line adapter, on a pseudo terminal. python3-can is the
# system's.
/usr/bin/python3 -c "import can, serial" || { echo "skipped: no python3-can and python3-serial"; exit 77; }
exec /usr/bin/python3 -B "$top_srcdir/tests/can/test_simulator.py" slcan
