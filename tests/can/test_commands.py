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
from test_screens import Tmux  # noqa: E402
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
        self.assertEqual(done.stderr, "xcomtop: no answer on vcan0: is the Xcom-CAN on, is the bus terminated at "
                         "both ends, and do its switches fit? 6-8: the bus's bit rate; 1-4: off on off off "
                         "(exclusive) or off on off on (tolerant: other devices share the bus)\n")

    def test_source(self):
        for words, client in (([], 0), (["--source", "0"], 0), (["--source", "1023"], 1023)):
            self.gateway.clients.clear()
            self.can("read", "XT1", "3000", *words)
            self.assertEqual(self.gateway.clients, {client})

    def test_what_it_lacks(self):
        self.assertIn("the gateway has no GUID\n", self.can("scan", "-v", "--devices", "XT1").stderr)
        done = self.can("read", "XT1", "1138", "--part", "level", status=1)
        self.assertIn("not supported by this gateway", done.stdout)
        done = self.can("read", "XT.sum", "3137", "--devices", "XT1,XT2", status=1)
        self.assertIn("OBJECT_ID_NOT_FOUND", done.stdout)

    def test_backup(self):
        file, both = self.path("all.xcom"), ("--devices", "XT1,XT2")  # looks for no others, which takes a while
        done = self.can("backup", file, status=4)  # the simulated devices have few parameters
        self.assertIn("XCOM is left out", done.stderr)
        with open(file, encoding="utf-8") as saved:
            text = saved.read()
        self.assertIn("fid = 01020304\n", text)
        self.assertIn("fid = 01020305\n", text)
        self.assertNotIn("guid", text.lower())
        self.assertNotIn("[XCOM]", text)
        self.can("compare", file, "live", *both)
        # They have changed places, and one has another current: each is known by its FID.
        self.gateway.infos = {101: self.gateway.infos[102], 102: self.gateway.infos[101]}
        self.gateway.parameters[102][1138][0] = 50
        done = self.can("compare", file, "live", *both, "--format", "jsonl", status=1)
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([row["device"] for row in rows if row.get("id") == 1138], ["XT1"])
        done = self.can("restore", file, *both, "--confirm", "restore")
        self.assertIn("XT1 of the file is XT2 now", done.stderr)
        self.assertEqual(self.gateway.writes, [(102, 1138, FLASH, 60)])


class Screens(Tmux):
    def test_link_view(self):
        gateway = XcomCan("vcan0", {101: dict(XTENDER)}, {})
        self.addCleanup(gateway.close)
        self.start("-c", "vcan0", markers=("XT1", "none since the start"))
        gateway.notify(101, 3, 0)
        self.see("synchronization in progress (003)", "1 since the start")
        self.keys("0")
        self.see("CAN bus         unknown", "gateway GUID    this gateway has none", "frames sent",
                 "1  only while we listen", absent=("SCOM", "SD card", "restart"))
        self.keys("q")
        self.ended()


if __name__ == "__main__":
    subprocess.run("ip link add vcan0 type vcan && ip link set vcan0 up", shell=True, check=True)
    main()
