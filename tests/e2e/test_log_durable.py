#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What is in a log stays there: 200 × kill -9 at random moments, and a disk that is full."""
import contextlib
import csv
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import unittest

from harness import Case, XCOMTOP, environment

KILLS, AT_ONCE = 200, 25
DISK = "1m"


def rows_of_csv(path):
    """Whole lines; what an interrupted program left of a last one isn't there yet or not any more."""
    with open(path, newline="", encoding="utf-8") as file:
        text = file.read()
    return list(csv.reader(text[:text.rfind("\n") + 1].splitlines()))


def rows_of_sqlite(path):
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        if not file.execute("SELECT 1 FROM sqlite_master WHERE name = 'samples'").fetchall():
            return []  # it was made this moment
        return file.execute("SELECT time, count(*), sum(value) FROM samples GROUP BY time ORDER BY time").fetchall()


class Durable(Case):
    def start(self, path, kind):
        return subprocess.Popen([XCOMTOP, "--demo", "log", "--output", path, "--every", "1s", "--format", kind],
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                env=environment(self.home))

    def kill_some(self, chance, kind, rows_of):
        """A round: so many loggers at once, each killed at a moment of its own; half of them near a row."""
        paths = [self.path(f"{i}.{kind}") for i in range(AT_ONCE)]
        before = [rows_of(path) if os.path.exists(path) else [] for path in paths]
        processes = [self.start(path, kind) for path in paths]
        now = time.time()
        moments = [int(now) + 2 + chance.random() / 10 if chance.random() < 0.5 else now + 1 + 1.5 * chance.random()
                   for _ in paths]
        for moment, process in sorted(zip(moments, processes), key=lambda pair: pair[0]):
            time.sleep(max(0, moment - time.time()))
            process.send_signal(signal.SIGKILL)
        for process in processes:
            process.wait(10)
        written = 0
        for path, former in zip(paths, before):
            rows = rows_of(path) if os.path.exists(path) else []
            self.assertEqual(rows[:len(former)], former, path)
            self.assertLessEqual(len({len(row) for row in rows}), 1, path)
            written += len(rows) - len(former)
        return written

    def kill_often(self, kind, rows_of):
        chance = random.Random(4711)
        written = sum(self.kill_some(chance, kind, rows_of) for _ in range(KILLS // AT_ONCE // 2))
        self.assertGreater(written, KILLS // 4)  # else it was no trial

    def test_kill_csv(self):
        self.kill_often("csv", rows_of_csv)

    def test_kill_sqlite(self):
        self.kill_often("sqlite", rows_of_sqlite)

    @staticmethod
    def fill(path):
        with open(path, "wb", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(bytes(1024)):
                pass

    def full_disk(self, kind, rows_of):
        """On a disk of our own, which is filled and emptied again beside the logger."""
        disk = self.path("disk")
        os.mkdir(disk)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "none", disk], check=True)
        path = os.path.join(disk, "log")
        # A row of all values is longer than what a filesystem has left in a file's last block.
        arguments = [XCOMTOP, "--demo", "log", "--preset", "all" if kind == "csv" else "overview", "--output", path, "--every", "1s", "--format", kind]
        process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, env=environment(self.home))
        try:
            os.set_blocking(process.stderr.fileno(), False)
            told = b""

            def says(text):
                nonlocal told
                told += process.stderr.read() or b""
                return text in told

            self.wait_for(lambda: os.path.exists(path) and len(rows_of(path)) >= 2, 30)
            before = rows_of(path)
            self.fill(os.path.join(disk, "ballast"))
            self.wait_for(lambda: says(b"rows are lost until that is over"), 30)
            self.assertEqual(rows_of(path)[:len(before)], before)
            between = len(rows_of(path))
            os.remove(os.path.join(disk, "ballast"))
            self.wait_for(lambda: says(b"rows are written again"), 30)
            self.wait_for(lambda: len(rows_of(path)) > between, 30)
            self.assertEqual(rows_of(path)[:len(before)], before)
            self.assertEqual(told.count(b"rows are lost"), 1)
            process.send_signal(signal.SIGTERM)
            process.wait(10)
        finally:
            process.kill()
            process.wait(10)
            process.stderr.close()
            subprocess.run(["umount", disk], check=True)

    def in_a_namespace(self, kind):
        if os.environ.get("XCOMTOP_OWN_MOUNTS"):
            self.full_disk(kind, rows_of_csv if kind == "csv" else rows_of_sqlite)
            return
        unshare = shutil.which("unshare")
        if not unshare or subprocess.run([unshare, "-rm", "true"], capture_output=True).returncode != 0:
            self.skipTest("no mounts of our own here")
        done = subprocess.run([unshare, "-rm", sys.executable, __file__, self.id().replace("__main__.", "")],
                              env={**os.environ, "XCOMTOP_OWN_MOUNTS": "1"}, capture_output=True, text=True,
                              timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_full_disk_csv(self):
        self.in_a_namespace("csv")

    def test_full_disk_sqlite(self):
        self.in_a_namespace("sqlite")


if __name__ == "__main__":
    unittest.main()
