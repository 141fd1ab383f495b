#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The program on a CAN bus with an Xcom-CAN, inside the virtual machine."""
import json
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["top_srcdir"], "tests", "e2e"))
from harness import Case, main  # noqa: E402
from xcom_can import FLASH, RAM, XcomCan  # noqa: E402

# Halves of identities and firmware 1.6.22, as 3130/3131 and so on tell them.
XTENDER = {3000: 51.5, 3124: 1.0, 3130: 0x0100, 3131: 0x0616, 3156: 0x0102, 3157: 0x0304}
PARAMETERS = {1138: [60, 0, 90], 1140: [54.4, 38, 68], 1550: [1, 0, 1], 1628: [0, 0, 1],
              1629: [60, 10, 300]}


class Commands(Case):
    def setUp(self):
        super().setUp()
        second = dict(XTENDER)
        second[3157] = 0x0305
        self.gateway = XcomCan("vcan0", {101: dict(XTENDER), 102: second},
                               {101: {n: list(p) for n, p in PARAMETERS.items()},
                                102: {n: list(p) for n, p in PARAMETERS.items()}})
        self.addCleanup(self.gateway.close)

    def can(self, *words, **more):
        return self.run_xcomtop("-c", "vcan0", *words, **more)

    def test_scan(self):
        # Absent devices and groups meet silence.
        done = self.can("scan", "--format", "jsonl")
        found = [json.loads(line)["device"] for line in done.stdout.splitlines()]
        self.assertEqual(found, ["XT1", "XT2"])

    def test_read(self):
        done = self.can("read", "XT2", "3000", "1138", "--format", "jsonl")
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([row["value"] for row in rows], [51.5, 60])
        self.assertEqual(self.gateway.strangers, [])

    def test_write(self):
        self.can("write", "XT1", "1138", "45", "--yes")
        self.can("write", "XT2", "1140", "54", "--flash", "--confirm", "flash")
        self.assertEqual(self.gateway.writes, [(101, 1138, RAM, 45), (102, 1140, FLASH, 54)])
        done = self.can("write", "XT1", "1138", "95", "--yes", status=1)
        self.assertIn("above this device's maximum", done.stderr)
        self.assertEqual(len(self.gateway.writes), 2)

    def test_nobody(self):
        self.gateway.infos.clear()
        done = self.can("scan", status=3)
        self.assertIn("no answer", done.stderr)


if __name__ == "__main__":
    subprocess.run("ip link add vcan0 type vcan && ip link set vcan0 up", shell=True, check=True)
    main()
