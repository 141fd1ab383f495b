#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Small things over the wire with the real xcomtop: a device that flashes, the installation's clock."""
import csv
import io
import time

from changes import Change
from harness import main


class Asked(Change):
    def status(self, name):
        return int(dict(line.split() for line in self.command("status"))[name])


class Blink(Asked):
    def blink(self, device, status=0, *more):
        return self.run_xcomtop(*self.link, "blink", device, "--trace", self.path("trace"), *more, status=status)

    def test_names_and_what_they_are_on_the_wire(self):
        for name, address in (("XT2", 102), ("xt", 100), ("XT*", 100), ("L1", 191), ("VT2", 302), ("VS", 700),
                              ("BSP", 601), ("103", 103)):
            self.blink(name)
            self.assertEqual(self.status("flashing"), address, name)
            self.check_trace("trace")
        self.assertEqual(self.blink("off").stdout, "no LEDs flash any more\n")
        self.assertEqual(self.status("flashing"), 0)
        self.assertIn("flash for 45 s", self.blink("XT1").stdout)
        self.blink("0")
        self.assertEqual(self.status("flashing"), 0)

    def test_ram_only_and_recorded(self):
        self.blink("XT2")
        self.assertEqual(self.written(), ["ram XCOM:5119 1"])
        record, = self.records()
        self.assertEqual((record["device"], record["id"], record["part"], record["new"], record["result"]),
                         ("XCOM", 5119, "ram", 102, "written"))

    def test_a_device_that_is_not_there(self):
        for name in ("XT8", "VS2"):
            self.assertIn(f"there is no {name};", self.blink(name, 1).stderr)
        self.assertEqual(self.requests(), 0)
        self.assertEqual(self.records(), [])

    def test_a_gateway_that_may_not_know_ram(self):
        self.command("multi off")
        self.assertIn("RAM", self.blink("XT2", 1).stderr)
        self.assertEqual(self.requests(), 0)

    def test_what_is_no_device(self):
        for name in ("XT10", "XT.sum", "5119", ""):
            self.assertIn("expected a device", self.blink(name, 2).stderr)

    def test_read_only(self):
        self.assertIn("read-only", self.blink("XT2", 1, "--read-only").stderr)
        self.assertEqual(self.requests(), 0)

    def test_an_unknown_outcome(self):
        self.command("mute XCOM:5119")
        self.blink("XT2", 5, "--timeout", "300ms")


class BlinkOfOne(Asked):
    installation = "xt=1"

    def test_a_family_that_is_not_there(self):
        for name in ("VS", "BSP"):
            done = self.run_xcomtop(*self.link, "blink", name, status=1)
            self.assertIn(f"there is no {name};", done.stderr)
        self.assertEqual(self.requests(), 0)


class Clock(Asked):
    def start(self, *arguments):
        super().start("--clock", "2026-11-21 14:00:00", *arguments)

    def test_tells(self):
        done = self.run_xcomtop(*self.link, "clock", "--format", "csv")
        row, = csv.DictReader(io.StringIO(done.stdout))
        self.assertRegex(row["installation"], r"\A2026-11-21 14:00:0\d\Z")
        ours = time.mktime(time.strptime(row["computer"], "%Y-%m-%d %H:%M:%S")) - time.timezone  # TZ is UTC there
        self.assertTrue(abs(ours - time.time()) < 10)
        self.assertTrue(abs(1795269600 - ours - int(row["ahead_s"])) < 10)
        self.assertEqual(self.written(), [])

    def test_set(self):
        self.assertIn("confirm", self.run_xcomtop(*self.link, "clock", "--set", status=1).stderr)
        self.assertEqual(self.requests(), 0)
        done = self.run_xcomtop(*self.link, "clock", "--set", "--confirm", "clock")
        self.assertIn("the installation's clock is set to", done.stdout)
        self.assertTrue(abs(self.status("clock") - time.time()) < 10)
        row, = csv.DictReader(io.StringIO(self.run_xcomtop(*self.link, "clock", "--format", "csv").stdout))
        self.assertTrue(abs(int(row["ahead_s"])) < 5)
        self.assertEqual([(r["device"], r["id"], r["result"]) for r in self.records()], [("XCOM", 5002, "written")])


main()
