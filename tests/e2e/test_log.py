#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The log of the real xcomtop: whole rows whatever ends it, one writer, files that are moved away, a gateway that
goes and comes."""
import csv
import glob
import gzip
import json
import os
import re
import signal
import subprocess
import time

from harness import XCOMTOP, Case, Terminal, environment, free_port, main, order


class Log(Case):
    def setUp(self):
        super().setUp()
        self.port = free_port()
        self.sim("--tcp-listen", str(self.port), "--control", self.path("control"))
        self.file = self.path("a.csv")

    def arguments(self, *more):
        return ["-c", f"127.0.0.1:{self.port}", "log", "--output", self.file, "--every", "1s", "--select",
                "XT1:3000,XT*:3136,XT.sum:3136,BSP:7002", *more]

    def log(self, *more, status=0):
        return self.run_xcomtop(*self.arguments(*more), status=status)

    def start(self, *more):
        process = subprocess.Popen([XCOMTOP, *self.arguments(*more)], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment(self.home))
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.kill()
        process.wait(10)
        process.stderr.close()

    def rows(self, path=None):
        try:
            with open(path or self.file, newline="", encoding="utf-8") as file:
                return list(csv.reader(file))
        except FileNotFoundError:
            return []

    def test_rows(self):
        self.log("--count", "3")
        header, *rows = self.rows()
        self.assertEqual(header, ["time", "XT1:3000 Battery voltage [V]", "XT1:3136 Output active power [kW]",
                                  "XT2:3136 Output active power [kW]", "XT3:3136 Output active power [kW]",
                                  "XT.sum:3136 Output active power [kW]", "BSP:7002 State of Charge [%]"])
        self.assertEqual(len(rows), 3)
        for row in rows:
            self.assertRegex(row[0], r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.0\d\d\+00:00\Z")  # at the second
            values = [float(field) for field in row[1:]]
            self.assertTrue(40 < values[0] < 60)
            self.assertAlmostEqual(sum(values[1:4]), values[4], 1)
        # The next run goes on.
        self.log("--count", "1")
        self.assertEqual(len(self.rows()), 5)
        self.assertEqual(self.rows()[0], header)
        self.assertEqual(os.stat(self.file).st_mode & 0o777, 0o600)

    def test_json_lines_on_stdout(self):
        self.file = "-"
        done = self.log("--format", "jsonl", "--count", "2")
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([list(row) for row in rows],
                         2 * [["time", "XT1:3000", "XT1:3136", "XT2:3136", "XT3:3136", "XT.sum:3136", "BSP:7002"]])

    def test_the_files_name_says_its_format(self):
        for name, begins in (("a.jsonl", b'{"time":"'), ("a.sqlite", b"SQLite format 3"), ("a.log", b"time,")):
            self.file = self.path(name)
            self.log("--count", "1")
            with open(self.file, "rb") as file:
                self.assertTrue(file.read().startswith(begins), name)
        self.file = self.path("b.sqlite")
        self.log("--count", "1", "--format", "csv")
        with open(self.file, "rb") as file:
            self.assertTrue(file.read().startswith(b"time,"))

    def test_nobody_reads(self):
        read, write = os.pipe()
        os.set_blocking(write, False)
        with self.assertRaises(BlockingIOError):
            while True:
                os.write(write, bytes(4096))
        os.set_blocking(write, True)
        self.file = "-"
        process = subprocess.Popen([XCOMTOP, *self.arguments()], stdin=subprocess.DEVNULL, stdout=write,
                                   stderr=subprocess.PIPE, env=environment(self.home))
        self.addCleanup(os.close, read)
        self.addCleanup(self.end, process)
        os.close(write)
        self.wait_for(lambda: b"nobody reads: rows are lost" in self.told(process))
        process.send_signal(signal.SIGTERM)
        self.wait_for(lambda: process.poll() is not None, 10)

    def configure(self, text):
        os.makedirs(self.path(".config/xcomtop"), exist_ok=True)
        with open(self.path(".config/xcomtop/xcomtop.conf"), "w", encoding="utf-8") as file:
            file.write(text)

    def test_from_the_configuration_alone(self):
        self.configure(f"preset-mine = XT1:3000,\n  BSP:7002\n[hut]\nlink = 127.0.0.1:{self.port}\n"
                       f"log-output = {self.file}\nlog-every = 1s\nlog-preset = mine\nlog-rotate = 10M\n")
        self.run_xcomtop("--site", "hut", "log", "--count", "2")
        self.assertEqual(self.rows()[0], ["time", "XT1:3000 Battery voltage [V]", "BSP:7002 State of Charge [%]"])
        self.assertEqual(len(self.rows()), 3)
        # What is typed comes before it, and what is left open doesn't.
        self.run_xcomtop("--site", "hut", "log", "--count", "1", "--select", "XT1:3136", "--rotate-keep", "2")
        self.assertEqual(self.rows()[0], ["time", "XT1:3136 Output active power [kW]"])
        done = self.run_xcomtop("--site", "hut", "log", "--preset", "yours", status=2)
        self.assertIn("there is no preset 'yours'; there are overview, all, mine", done.stderr)
        # Other commands have no use for it.
        self.assertIn("XT1", self.run_xcomtop("--site", "hut", "read", "XT1", "3000").stdout)

    def test_other_columns(self):
        self.log("--count", "1")
        before = self.rows()
        done = self.run_xcomtop("-c", f"127.0.0.1:{self.port}", "log", "--output", self.file, "--select", "XT1:3000",
                                "--every", "1s", "--count", "1")
        former = re.search(r"has other columns: it is (\S+) now", done.stderr)[1]
        self.assertEqual(self.rows(former), before)
        self.assertEqual(len(self.rows()), 2)

    def test_killed_and_torn(self):
        process = self.start()
        self.wait_for(lambda: len(self.rows()) >= 3)
        process.kill()
        process.wait(10)
        whole = self.rows()
        self.assertEqual({len(row) for row in whole}, {7})
        with open(self.file, "a", encoding="utf-8") as file:
            file.write("2026-06-21T12:00:00.000+00:00,5")
        done = self.log("--count", "1")
        self.assertIn("a.csv: the last line wasn't whole: 31 bytes cut off", done.stderr)
        self.assertEqual(self.rows()[:len(whole)], whole)
        self.assertEqual(len(self.rows()), len(whole) + 1)

    def test_a_second_one_is_refused(self):
        self.start()
        self.wait_for(self.rows)
        # This gateway answers one program at a time; the demonstration is another one.
        done = self.run_xcomtop("--demo", "log", "--output", self.file, "--every", "1s", status=1)
        self.assertIn("another program is writing it", done.stderr)

    def test_moved_away(self):
        process = self.start()
        self.wait_for(lambda: len(self.rows()) >= 2)
        os.rename(self.file, self.path("b.csv"))
        process.send_signal(signal.SIGHUP)
        self.wait_for(lambda: len(self.rows()) >= 3)
        self.assertEqual(self.rows()[0], self.rows(self.path("b.csv"))[0])
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(10), 0)
        self.assertEqual({len(row) for row in self.rows()}, {7})

    def test_rotation(self):
        self.log("--count", "1")
        os.utime(self.file, (0, 0))  # of another day
        process = self.start("--rotate", "daily")
        self.wait_for(lambda: glob.glob(self.path("a.csv.*.gz")) and self.rows())
        process.send_signal(signal.SIGTERM)
        process.wait(10)
        with gzip.open(glob.glob(self.path("a.csv.*.gz"))[0], "rt", encoding="utf-8") as file:
            compressed = list(csv.reader(file))
        self.assertEqual(len(compressed), 2)
        self.assertEqual(glob.glob(self.path("a.csv.*T??????")), [])
        self.log("--count", "3", "--rotate", "1k", "--rotate-keep", "1")
        self.assertEqual(len([name for name in os.listdir(self.home) if name.startswith("a.csv.")]), 1)
        self.assertEqual(self.rows()[0], compressed[0])

    def test_a_gateway_that_goes_and_comes(self):
        process = self.start("--timeout", "300ms")
        self.wait_for(lambda: len(self.rows()) >= 2)
        order(self.path("control"), "disconnect 3s")
        self.wait_for(lambda: len(self.rows()) >= 2 and b"no values: " in self.told(process), 30)
        before = len(self.rows())
        self.wait_for(lambda: len(self.rows()) > before, 30)
        # A gap is a gap: no row has an empty beginning and an old end.
        self.assertFalse([row for row in self.rows() if not any(row[1:])])

    def told(self, process):
        os.set_blocking(process.stderr.fileno(), False)
        self.heard = getattr(self, "heard", b"") + (process.stderr.read() or b"")
        return self.heard

    def test_a_gateway_that_comes_late(self):
        late = free_port()
        process = subprocess.Popen([XCOMTOP, "-c", f"127.0.0.1:{late}", "log", "--output", self.file, "--every", "1s"],
                                   stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment(self.home))
        self.addCleanup(self.end, process)
        time.sleep(1)  # nobody is there
        self.assertIsNone(process.poll())
        self.sim("--tcp-listen", str(late))
        self.wait_for(lambda: len(self.rows()) >= 2, 40)

    def test_a_device_that_is_not_there(self):
        self.log("--count", "1")
        before = self.rows()
        arguments = ("-c", f"127.0.0.1:{self.port}", "log", "--output", self.file, "--every", "1s", "--count", "1")
        done = self.run_xcomtop(*arguments, "--select", "XT7:3000", "--wait", "3s", status=3)
        self.assertIn("XT7 isn't there (yet): waiting for a first value", done.stderr)
        self.assertIn("no device of the selection was found", done.stderr)
        self.assertEqual(self.rows(), before)
        self.assertEqual(glob.glob(self.file + ".*"), [])
        done = self.run_xcomtop(*arguments, "--select", "XT1:3000,XT7:3000", "--wait", "3s")
        self.assertEqual(done.stderr.count("XT7 isn't there (yet): its column stays empty"), 1)
        self.assertNotIn("no values", done.stderr)

    def test_with_wait_somebody_must_answer(self):
        done = self.run_xcomtop("-c", f"127.0.0.1:{free_port()}", "log", "--output", self.file, "--wait", "1s", status=3)
        self.assertIn("refused", done.stderr)
        self.assertEqual(self.rows(), [])

    def test_what_is_no_log(self):
        with open(self.file, "w", encoding="utf-8") as file:
            file.write("notes\n")
        self.assertIn("this is no log of this format", self.log(status=1).stderr)
        self.assertEqual(self.rows(), [["notes"]])
        self.assertEqual(glob.glob(self.file + ".*"), [])

    def test_on_a_terminal(self):
        terminal = Terminal(self, *self.arguments("--count", "2"))
        terminal.see("; Ctrl-C ends")
        self.assertRegex(terminal.seen, r"logging \d+ values every 1 s to ")
        terminal.see("2 rows in ")

    def test_bad_input(self):
        for arguments, says in ((("log",), "log needs --output FILE"),
                                (("log", "--output", "x", "--every", "500ms"), "--every 0.5s: expected 1s to 1h"),
                                (("log", "--output", "x", "--every", "2h"), "expected 1s to 1h"),
                                (("log", "--output", "x", "--format", "text"), "expected csv|jsonl|sqlite, not 'text'"),
                                (("log", "--output", "x", "--rotate", "10"), "expected daily, hourly or a size"),
                                (("log", "--output", "x", "--rotate-keep", "3"), "goes with --rotate"),
                                (("log", "--output", "x", "--count", "0"), "expected a number of rows"),
                                (("log", "--output", "x", "--select", "XT1"), "expected values like XT1:3000"),
                                (("log", "--output", "x", "--select", "XT1:3000", "--preset", "all"),
                                 "give either --select or --preset")):
            done = self.run_xcomtop("--demo", *arguments, status=2)
            self.assertIn(says, done.stderr)
        done = self.run_xcomtop("--demo", "log", "--output", self.path("no/where"), status=1)
        self.assertIn("no/where: No such file or directory", done.stderr)
        done = self.run_xcomtop("--demo", "log", "--output", "/dev/null", status=1)
        self.assertIn("/dev/null: it isn't a file", done.stderr)


if __name__ == "__main__":
    main()
