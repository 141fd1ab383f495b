#!/bin/sh
# SPDX-License-Identifier: MIT
# The checker of traces finds what it should, and nothing else.
command -v python3 >/dev/null 2>&1 || exit 77
exec python3 "${top_srcdir:-.}/tests/e2e/scomcheck.py" --self-test
