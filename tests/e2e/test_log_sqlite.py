#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Logs in SQLite by the real xcomtop, what export makes of them, and why values are missing."""
import contextlib
import csv
import glob
import gzip
import json
import os
import signal
import sqlite3
import time
import unittest

from harness import Case, free_port, order

VALUES = "XT*:3136,XT.sum:3136,BSP:7002,XT9:3000"


class LogSqlite(Case):
    def setUp(self):
        super().setUp()
        self.port = free_port()
        self.sim("--tcp-listen", str(self.port), "--latency", "1ms", "--control", self.path("control"))
        self.file = self.path("a.sqlite")

    def arguments(self, *more):
        return ["-c", f"127.0.0.1:{self.port}", "log", "--output", self.file, "--every", "1s", "--select", VALUES,
                "--format", "sqlite", *more]

    def log(self, *more, status=0):
        return self.run_xcomtop(*self.arguments(*more), status=status)

    def ask(self, sql, path=None):
        with contextlib.closing(sqlite3.connect(f"file:{path or self.file}?mode=ro", uri=True)) as file:
            return file.execute(sql).fetchall()

    def count(self, table):
        try:
            return self.ask(f"SELECT count(*) FROM {table}")[0][0]
        except sqlite3.OperationalError:  # it is being made
            return 0

    def test_tables(self):
        self.log("--count", "3", "--why")
        self.assertEqual(os.stat(self.file).st_mode & 0o777, 0o600)
        self.assertEqual(self.ask("SELECT DISTINCT name FROM devices ORDER BY name"),
                         [("BSP",), ("XT.sum",), ("XT1",), ("XT2",), ("XT3",), ("XT9",)])
        rows = self.ask("SELECT time, device, id, value, why FROM readings ORDER BY time")
        self.assertEqual(len({row[0] for row in rows}), 3)
        self.assertEqual({row[4] for row in rows if row[3] is None}, {"not there"})
        self.assertEqual({row[1] for row in rows if row[3] is None}, {"XT9"})
        sums = dict(self.ask("SELECT time, value FROM readings WHERE device = 'XT.sum'"))
        for time, total in sums.items():
            parts = [row[3] for row in rows if row[0] == time and row[2] == 3136 and row[1] != "XT.sum"]
            self.assertAlmostEqual(total, sum(parts), places=2)
        # Without --why nothing is kept of what is missing.
        self.log("--count", "2")
        self.assertEqual(self.ask("SELECT count(*) FROM samples WHERE value IS NULL"), [(3,)])

    def test_what_is_kept_beside_the_samples_fits_them(self):
        self.log("--count", "4")
        kept = self.ask("SELECT width, series, sum(count), min(min), max(max) FROM spans GROUP BY width, series")
        told = {row[0]: row[1:] for row in
                self.ask("SELECT series, count(value), min(value), max(value) FROM samples GROUP BY series")}
        self.assertEqual({row[0] for row in kept}, {300000000, 3600000000})
        for width, series, *numbers in kept:
            self.assertEqual(tuple(numbers), told[series], f"{width}")

    def test_export_gives_what_csv_would(self):
        self.log("--count", "3")
        done = self.run_xcomtop("export", self.file)
        header, *rows = csv.reader(done.stdout.splitlines())
        self.assertEqual(header, ["time", *(f"XT{i}:3136 Output active power [kW]" for i in (1, 2, 3)),
                                  "XT.sum:3136 Output active power [kW]", "BSP:7002 State of Charge [%]",
                                  "XT9:3000 Battery voltage [V]"])
        self.assertEqual(len(rows), 3)
        self.assertEqual({row[6] for row in rows}, {""})
        stored = self.ask("SELECT value FROM readings WHERE device = 'XT1' ORDER BY time")
        self.assertEqual([round(float(row[1]), 5) for row in rows], [round(value, 5) for value, in stored])
        done = self.run_xcomtop("export", self.file, "--select", "BSP:7002", "--every", "1h", "--format", "jsonl")
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual({tuple(line) for line in lines}, {("time", "BSP:7002")})
        self.assertIn(len(lines), (1, 2))  # the hour may have ended
        done = self.run_xcomtop("export", self.file, "--output", self.path("b.csv"))
        self.assertEqual(done.stdout, "")
        with open(self.path("b.csv"), encoding="utf-8") as file:
            self.assertEqual(len(file.readlines()), 4)
        done = self.run_xcomtop("export", self.file, "--output", self.path("b.csv"), status=1)
        self.assertIn("File exists", done.stderr)
        self.run_xcomtop("export", self.path("none"), status=1)
        done = self.run_xcomtop("export", self.path("b.csv"), status=1)
        self.assertIn("this is a log in CSV; one in SQLite is needed", done.stderr)
        for content, says in (("", "the file is empty"), ("notes\n" * 100, "this is no log of xcomtop\n")):
            with open(self.path("other"), "w", encoding="utf-8") as file:
                file.write(content)
            self.assertIn(says, self.run_xcomtop("export", self.path("other"), status=1).stderr)
        done = self.run_xcomtop("export", self.file, "--select", "XT7:3136", status=1)
        self.assertIn("; there is XT1:3136, XT2:3136, XT3:3136, XT.sum:3136\n", done.stderr)
        self.assertIn("nothing of that", self.run_xcomtop("export", self.file, "--select", "VS1:15000", status=1).stderr)

    def test_export_of_a_time_in_which_there_is_nothing(self):
        self.log("--count", "2")
        first, last = (time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at / 1e6))
                       for at in self.ask("SELECT min(time), max(time) FROM samples")[0])
        for arguments, says in (
                (("--until", "2026-01-02"), "nothing before 2026-01-02 00:00:00"),
                (("--since", "2100-01-02"), "nothing from 2100-01-02 00:00:00 on"),
                (("--since", "2026-01-01", "--until", "2026-01-02 12:30"),
                 "nothing between 2026-01-01 00:00:00 and 2026-01-02 12:30:00"),
                (("--since", "2100-01-02", "--select", "XT1:3136"),
                 "nothing of these values from 2100-01-02 00:00:00 on"),
                (("--select", "XT9:3000"), "nothing of these values")):
            for more in ((), ("--format", "jsonl"), ("--output", self.path("b.csv"))):
                done = self.run_xcomtop("export", self.file, *arguments, *more, status=1)
                self.assertEqual(done.stdout, "")
                self.assertEqual(done.stderr, f"xcomtop: {self.file} holds {says}; what it holds is from {first} to {last}\n")
        self.assertFalse(os.path.exists(self.path("b.csv")))

    def test_a_second_one_is_refused_and_readers_are_not(self):
        process = self.start_program(*self.arguments())
        self.wait_for(lambda: self.count("samples") > 0)
        self.assertIn("another program is writing it",
                      self.run_xcomtop("--demo", "log", "--output", self.file, "--format", "sqlite", status=1).stderr)
        self.assertGreater(self.run_xcomtop("export", self.file).stdout.count("\n"), 1)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(10), 0)
        self.assertFalse(os.path.exists(self.file + "-wal"))  # everything is in the one file

    def test_moved_and_rotated(self):
        process = self.start_program(*self.arguments("--rotate", "1k", "--rotate-keep", "2", "--sync", "1s"))
        self.wait_for(lambda: len(glob.glob(self.file + ".*.gz")) == 2, 30)
        os.rename(self.file, self.path("moved"))
        process.send_signal(signal.SIGHUP)
        self.wait_for(lambda: os.path.exists(self.file), 10)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(10), 0)
        whole = self.path("whole.sqlite")
        with gzip.open(sorted(glob.glob(self.file + ".*.gz"))[-1]) as packed, open(whole, "wb") as file:
            file.write(packed.read())
        self.assertEqual(self.ask("PRAGMA integrity_check", whole), [("ok",)])
        self.assertGreater(self.ask("SELECT count(*) FROM samples", whole)[0][0], 0)

    def test_history_follows_devices_that_change_their_numbers(self):
        process = self.start_program(*self.arguments())
        self.wait_for(lambda: self.count("samples") > 0)
        keys = dict(self.ask("SELECT name, key FROM devices"))
        order(self.path("control"), "swap XT1 XT3", "disconnect 2s")  # as after an installer's work
        self.wait_for(lambda: dict(self.ask("SELECT name, key FROM devices"))["XT1"] == keys["XT3"], 60)
        self.assertEqual(dict(self.ask("SELECT name, key FROM devices"))["XT3"], keys["XT1"])
        process.send_signal(signal.SIGTERM)
        process.wait(10)

    def test_messages_are_there(self):
        order(self.path("control"), "message 16 XT2")
        process = self.start_program(*self.arguments())
        self.wait_for(lambda: self.count("messages") > 1, 30)
        self.assertIn(("XT2", 16), self.ask("SELECT device, number FROM messages"))
        process.send_signal(signal.SIGTERM)
        process.wait(10)

    def test_why_in_csv(self):
        done = self.run_xcomtop("-c", f"127.0.0.1:{self.port}", "log", "--output", "-", "--every", "1s", "--count", "2",
                                "--select", "XT1:3000,XT9:3000", "--why")
        header, *rows = csv.reader(done.stdout.splitlines())
        self.assertEqual(header[2], "XT1:3000 why")
        self.assertEqual([row[2:] for row in rows], 2 * [["", "", "not there"]])

    def test_bad_input(self):
        self.file = "-"
        self.assertIn("can't go to stdout", self.log(status=2).stderr)
        done = self.run_xcomtop("--demo", "scan", "--format", "sqlite", status=2)
        self.assertIn("expected text|csv|jsonl, not 'sqlite'", done.stderr)


if __name__ == "__main__":
    unittest.main()
