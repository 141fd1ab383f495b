#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The record of writes, as xcomtop writes lists it."""
import csv
import datetime
import io
import json
import os
import re
import subprocess
import sys

from harness import BUILD, SKIP, Case, environment, main

MAKE_RECORDS = os.path.abspath(os.path.join(BUILD, "tests", "e2e", "make_records"))
REAL = ".local/state/xcomtop/records.sqlite"
DEMO = ".local/state/xcomtop/demo-records.sqlite"
KEYS = ["n", "time", "device", "address", "fid", "id", "part", "old", "new", "result", "name", "unit",
        "error", "read_back", "site", "who", "undo"]


class Writes(Case):
    def make(self, name=REAL):
        subprocess.run([MAKE_RECORDS, self.path(name)], check=True, env=environment(self.home))

    def numbers(self, *arguments, **more):
        done = self.run_xcomtop("writes", *arguments, "--format", "jsonl", **more)
        return [json.loads(line)["n"] for line in done.stdout.splitlines()]

    def refuse(self, *arguments, status, says, **more):
        done = self.run_xcomtop("writes", *arguments, status=status, **more)
        self.assertRegex(done.stderr, r"\Axcomtop: [^\n]+\n\Z")
        self.assertRegex(done.stderr, says)
        return done

    def assert_printable(self, text):
        """Nothing that a terminal would take as an order."""
        self.assertEqual(re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e]", text), [])

    def test_no_records_yet(self):
        done = self.refuse(status=0, says="nothing has been written yet: there is no .*/records.sqlite")
        self.assertEqual(done.stdout, "")
        done = self.refuse("--format", "csv", status=0, says="nothing has been written yet")
        self.assertEqual(done.stdout, ",".join(KEYS) + "\n")
        # Looking leaves nothing behind.
        self.assertEqual(os.listdir(self.home), [])

    def test_text(self):
        self.make()
        done = self.run_xcomtop("writes", env={"TZ": "CET-1CEST,M3.5.0,M10.5.0/3"})
        self.assertEqual(done.stderr, "")
        lines = done.stdout.splitlines()
        self.assertEqual(len(lines), 9)
        for line, expected in zip(lines, (
                r"1  2026-11-21 15:00:00  XT1 +1138  Battery charge current +60 A → 45 A +RAM +written",
                r"2  2026-11-21 16:00:00  XT1 +1247  .* 46\.8 V → 47\.13 V +flash  written, "
                r"reads back as 47\.125 V",
                r"3  .* XT2 +1138  .* -- → 50 A +flash  not as asked for, reads back as 60 A",
                r"4  .* L2 +1124  Inverter allowed +yes → no +RAM +refused \(this value can be read but "
                r"not written\)",
                r"5  .* VT1 +10001  .* Automatic → 12V +flash  not sent",
                r"6  .* XT1 +1468  .* send +RAM +no clear answer: it may have been done "
                r"\(the device did not answer the gateway\)",
                r"7  .* BSP +6001  .* 100 Ah → 110 Ah +flash  not completed: it may have been done",
                r"8  .* XT\\x1B\[2J  65000  \(not in the tables\) +1\.000 → 1\.500 +flash  "
                r"refused \(error 0x99\), takes back 2",
                r"9  .* XT3 +1202  .* Automatic → Manual ON +flash  written")):
            self.assertRegex(line, rf"\A{expected}  +\S+\Z")
        self.assert_printable(done.stdout)
        # Aligned: the parts stand one below the other.
        self.assertEqual(len({re.search("RAM|flash", line).start() for line in lines}), 1)

    def test_ascii(self):
        self.make()
        for done in (self.run_xcomtop("writes", "--ascii"), self.run_xcomtop("writes", env={"LC_ALL": "C"})):
            self.assertTrue(done.stdout.isascii())
            self.assertIn("60 A -> 45 A", done.stdout)

    def test_json_lines(self):
        self.make()
        done = self.run_xcomtop("writes", "--format", "jsonl")
        self.assert_printable(done.stdout)
        got = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertTrue(all(list(row) == KEYS for row in got))
        self.assertEqual(got[1], {
            "n": 2, "time": "2026-11-21T15:00:00.000+00:00", "device": "XT1", "address": 101,
            "fid": "0BADF00D", "id": 1247, "part": "value", "old": 46.8, "new": 47.13, "result": "written",
            "name": "Battery voltage 1 (AUX 1)", "unit": "Vdc", "error": None, "read_back": 47.125,
            "site": "emosson", "who": "anna", "undo": None})
        self.assertEqual([row["result"] for row in got], ["written", "written", "differs", "refused",
                                                          "not sent", "unknown", "pending", "refused",
                                                          "written"])
        self.assertEqual([row["part"] for row in got[:3]], ["ram", "value", "value"])
        self.assertEqual((got[2]["old"], got[3]["error"], got[7]["undo"]), (None, 0x25, 2))
        # The text is what it was, only escaped.
        self.assertEqual((got[7]["who"], got[7]["site"]), ("eve\x1b]0;owned\a\n", 'a,"b"\x9b2J\u202e'))
        self.assertEqual((got[7]["name"], got[7]["unit"]), (None, None))

    def test_csv(self):
        self.make()
        done = self.run_xcomtop("writes", "--format", "csv")
        self.assert_printable(done.stdout)
        got = list(csv.DictReader(io.StringIO(done.stdout)))
        self.assertEqual(list(got[0]), KEYS)
        self.assertEqual([row["n"] for row in got], list("123456789"))
        self.assertEqual((got[2]["old"], got[2]["new"], got[2]["read_back"]), ("", "50", "60"))
        self.assertEqual((got[7]["who"], got[7]["site"]),
                         (r"eve\x1B]0;owned\x07\x0A", r'a,"b"\x9B2J\u202E'))

    def test_filters(self):
        self.make()
        self.assertEqual(self.numbers("XT1"), [1, 2, 6])
        self.assertEqual(self.numbers("101"), [1, 2, 6])
        self.assertEqual(self.numbers("xt"), [1, 2, 3, 4, 6, 8, 9])
        self.assertEqual(self.numbers("XT*", "1138"), [1, 3])
        self.assertEqual(self.numbers("L2"), [4])
        self.assertEqual(self.numbers("BSP"), [7])
        self.assertEqual(self.numbers("XT1", "1138"), [1])
        self.assertEqual(self.numbers("--flash"), [2, 3, 5, 7, 8, 9])
        self.assertEqual(self.numbers("--last", "2"), [8, 9])
        self.assertEqual(self.numbers("XT", "--last", "2", "--flash"), [8, 9])
        self.assertEqual(self.numbers("--site", "emosson"), [1, 2])
        self.assertEqual(self.numbers("--since", "2026-11-21 19:00"), [6, 7, 8, 9])
        self.assertEqual(self.numbers("--since", "2026-11-21T19:00:01"), [7, 8, 9])
        self.assertEqual(self.numbers("--since", "2026-11-21"), [1, 2, 3, 4, 5, 6, 7, 8, 9])
        self.assertEqual(self.numbers("--since", "2026-11-21 19:00", env={"TZ": "CET-1"}), [5, 6, 7, 8, 9])
        done = self.refuse("VS1", status=0, says="no record of a write fits")
        self.assertEqual(done.stdout, "")

    def test_since_an_age(self):
        self.make()
        hours = (datetime.datetime.now().timestamp() - 1795269600) / 3600
        if hours < 0:
            # The records are from the future, as seen by this computer's clock.
            self.assertEqual(self.numbers("--since", "2h"), [1, 2, 3, 4, 5, 6, 7, 8, 9])
        else:
            self.assertEqual(self.numbers("--since", f"{hours - 2.5:.3f}h"), [4, 5, 6, 7, 8, 9])

    def test_the_demonstration_has_its_own(self):
        self.make(DEMO)
        self.refuse(status=0, says="nothing has been written yet")
        self.refuse("-c", "127.0.0.1:4001", status=0, says="nothing has been written yet")
        for link in (["--demo"], ["-c", "demo:xt=2"], ["-c", "demo"]):
            self.assertEqual(self.numbers(*link, "--last", "1"), [9])

    def test_wrong_usage(self):
        self.refuse("XT10", status=2, says="no device 'XT10'")
        self.refuse("XT.sum", status=2, says="no device 'XT.sum'")
        self.refuse("XT1", "voltage", status=2, says="xcomtop list voltage")
        self.refuse("XT1", "1138", "1140", status=2, says="1140")
        self.refuse("--last", "0", status=2, says="a number like 10")
        for since in ("yesterday", "2026", "3", "2026-02-30", "2026-11-21 25:00", "2026-11-21Z", ""):
            self.refuse("--since", since, status=2, says="a date like")

    def test_a_file_that_is_none(self):
        self.write(REAL, "these are no records\n" * 100)
        done = self.refuse(status=1, says="records.sqlite: this is no file of records")
        self.assertEqual(done.stdout, "")
        os.remove(self.path(REAL))
        os.symlink(self.path("elsewhere"), self.path(REAL))
        self.write("elsewhere", "")
        self.refuse(status=1, says="symbolic link")
        hostile = self.path("a\x1b[31m\nb")
        self.write("a\x1b[31m\nb/xcomtop/records.sqlite", "these are no records\n" * 100)
        self.refuse(status=1, says=r"a\\x1B\[31m\\x0Ab/", env={"XDG_STATE_HOME": hostile})


if __name__ == "__main__":
    if not os.access(MAKE_RECORDS, os.X_OK):
        print(f"{MAKE_RECORDS} isn't built")
        sys.exit(SKIP)
    main()
