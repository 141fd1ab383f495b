#!/bin/sh
# SPDX-License-Identifier: MIT
# xcomsim as a program: links, control socket, trace, bad input.
command -v python3 >/dev/null 2>&1 || exit 77
exec python3 "${top_srcdir:-.}/tests/e2e/test_xcomsim.py"
