#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Several real programs on one link: one has it, the others ask through that one, and one of them follows it when
it ends, however it ends."""
import csv
import os
import re
import shutil
import signal
import subprocess
import unittest

from harness import XCOMTOP, Case, environment, free_port, main, order
from test_screens import Tmux


class Shared(Case):
    def setUp(self):
        super().setUp()
        self.port = self.sim("--tcp-listen", "0", "--control", self.path("control")).port
        self.link = ["-c", f"127.0.0.1:{self.port}"]

    def start(self, *arguments, link=None, env=None):
        process = subprocess.Popen([XCOMTOP, *(link or self.link), *arguments], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   env=environment(self.home, **(env or {})))
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.kill()
        process.wait(10)
        process.stdout.close()
        process.stderr.close()

    def log(self, name, *arguments, **more):
        """A log that has written a row."""
        process = self.start("log", "--output", self.path(name), "--every", "1s", "--select", "XT1:3000,BSP:7002",
                             *arguments, **more)
        self.wait_for(lambda: self.rows(name) or process.poll() is not None)
        return process

    def rows(self, name):
        """Those that have a value."""
        try:
            with open(self.path(name), newline="", encoding="utf-8") as file:
                return [row for row in list(csv.reader(file))[1:] if row[1]]
        except FileNotFoundError:
            return []

    def goes_on(self, name):
        count = len(self.rows(name))
        self.wait_for(lambda: len(self.rows(name)) >= count + 2)

    def command(self, *arguments, link=None, **more):
        return self.run_xcomtop(*(link or self.link), *arguments, **more)

    def through(self, link=None):
        """Through which process a command asks; None: its own."""
        done = self.command("scan", link=link)
        self.assertIn("XT1", done.stdout)
        found = re.search(r"through xcomtop \(pid (\d+)\) that holds (\S+)", done.stderr)
        return int(found[1]) if found else None

    def requests(self):
        return int(order(self.path("control"), "writes")[0].split()[1])


class Beside(Shared):
    def test_commands_beside_a_log(self):
        log = self.log("a.csv", "--trace", self.path("trace"))
        self.assertEqual(self.through(), log.pid)
        done = self.command("read", "XT1", "3000", "--trace", self.path("none"))
        self.assertIn("Battery voltage", done.stdout)
        self.assertIn(f"none gets no bytes: they go through xcomtop (pid {log.pid})", done.stderr)
        self.assertIn("runs with 45 A", self.command("write", "XT1", "1138", "45", "--yes").stdout)
        self.assertIn("ram XT1:1138 1", order(self.path("control"), "writes"))
        self.assertIn("Battery", self.command("--once").stdout)
        self.command("backup", self.path("a.backup"), "--devices", "XT1")
        self.goes_on("a.csv")
        log.terminate()
        self.assertEqual(log.wait(10), 0)
        # One question at a time, whoever asks, and as if it were one program.
        self.check_trace("trace")
        with open(self.path("none"), encoding="utf-8") as file:
            self.assertNotRegex(file.read(), "(?m)^[^#]")
        self.assertIsNone(self.through())
        self.assertEqual(os.listdir(self.path("xcomtop")), [])

    def test_one_name_however_it_is_written(self):
        tty = self.path("tty")
        self.sim("--pty", tty)
        self.write(".config/xcomtop/xcomtop.conf", f"[home]\nlink = serial:{tty}?baud=38400&parity=even\n")
        log = self.log("a.csv", link=["--site", "home"])
        self.assertEqual(self.through(["-c", f"serial:{tty}"]), log.pid)
        self.assertEqual(self.through(["-c", tty]), log.pid)
        self.assertEqual(self.through(["--site", "home"]), log.pid)

    def test_read_only_at_both_ends(self):
        log = self.log("a.csv", "--read-only")
        self.assertEqual(self.through(), log.pid)
        done = self.command("write", "XT1", "1138", "45", "--yes", status=1)
        self.assertIn(f"xcomtop (pid {log.pid}), which has the link, was started read-only", done.stderr)
        self.assertIn("read-only", self.command("--once").stdout.splitlines()[0])
        self.assertEqual(self.requests(), 0)
        self.end(log)
        log = self.log("b.csv")
        done = self.command("write", "XT1", "1138", "45", "--yes", "--read-only", status=1)
        self.assertIn("read-only", done.stderr)
        self.assertEqual(self.requests(), 0)
        self.command("write", "XT1", "1138", "45", "--yes")
        self.assertEqual(self.requests(), 1)

    def test_without_a_common_place(self):
        port = free_port()
        link = ["-c", f"tcp-listen:127.0.0.1:{port}"]
        os.mkdir(self.path("other"), 0o700)
        log = self.start("log", "--output", self.path("a.csv"), "--every", "1s", "--select", "XT1:3000", link=link)
        self.sim("--tcp-connect", f"127.0.0.1:{port}", wait=False)
        self.wait_for(lambda: self.rows("a.csv"))
        done = self.command("read", "XT1", "3000", link=link, env={"XDG_RUNTIME_DIR": self.path("other")}, status=3)
        self.assertIn(f"port {port} is in use by xcomtop (pid {log.pid})", done.stderr)


class Following(Shared):
    def test_after_a_kill(self):
        first = self.log("a.csv")
        second = self.log("b.csv", "--trace", self.path("trace"))
        self.assertEqual(self.through(), first.pid)
        first.kill()
        first.wait(10)
        self.goes_on("b.csv")
        self.assertEqual(self.through(), second.pid)
        # And the first, started again, is the guest.
        first = self.log("a.csv")
        self.goes_on("a.csv")
        self.assertEqual(self.through(), second.pid)
        second.terminate()
        second.wait(10)
        self.check_trace("trace")
        self.goes_on("a.csv")
        self.assertEqual(self.through(), first.pid)

    def test_after_a_stop(self):
        first = self.log("a.csv")
        second = self.log("b.csv")
        self.assertEqual(self.through(), first.pid)
        first.send_signal(signal.SIGTSTP)
        self.goes_on("b.csv")
        self.assertEqual(self.through(), second.pid)
        first.send_signal(signal.SIGCONT)
        self.goes_on("a.csv")
        self.assertEqual(self.through(), second.pid)
        # One that can't say goodbye is given up, and told.
        second.send_signal(signal.SIGSTOP)
        done = self.command("read", "XT1", "3000", status=3)
        self.assertIn(f"xcomtop (pid {second.pid}) holds the link but says nothing: is it suspended?", done.stderr)
        second.send_signal(signal.SIGCONT)
        self.goes_on("b.csv")
        self.goes_on("a.csv")

    def test_races(self):
        names = [f"{i}.csv" for i in range(5)]
        logs = {}
        for name in names:
            process = self.start("log", "--output", self.path(name), "--every", "1s", "--select", "XT1:3000")
            logs[process.pid] = process, name
        for _ in range(3):
            for _, name in logs.values():
                self.wait_for(lambda n=name: len(self.rows(n)) >= 2)
                self.goes_on(name)
            pid = self.through()
            self.assertIn(pid, logs)
            process, _ = logs.pop(pid)
            process.kill()
            process.wait(10)

    def test_a_write_whose_way_is_gone(self):
        log = self.log("a.csv")
        # The write is done, and its answer takes its time.
        order(self.path("control"), "mute XT1:1138")
        before = self.requests()
        write = self.start("write", "XT1", "1138", "45", "--yes")
        self.wait_for(lambda: self.requests() > before)
        log.kill()
        log.wait(10)
        _, stderr = write.communicate(timeout=60)
        self.assertEqual(write.returncode, 5, stderr)


@unittest.skipUnless(shutil.which("tmux"), "tmux is missing")
class Screens(Tmux):
    def test_beside_a_log_and_stopped(self):
        port = self.sim("--tcp-listen", "0").port
        self.start("-c", f"127.0.0.1:{port}", markers=("XT1", "live"))
        screens = self.program()
        log = subprocess.Popen([XCOMTOP, "-c", f"127.0.0.1:{port}", "log", "--output", self.path("a.csv"), "--every",
                                "1s", "--select", "XT1:3000", "--format", "jsonl"], env=self.env,
                               stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(log.wait)
        self.addCleanup(log.kill)
        self.wait_for(lambda: self.count() >= 2)
        done = self.run_xcomtop("-c", f"127.0.0.1:{port}", "scan")
        self.assertIn(f"through xcomtop (pid {screens}) that holds tcp:127.0.0.1:{port}", done.stderr)
        # Stopped, the screens can't serve: the log has the link then, and keeps it.
        self.keys("C-z")
        count = self.count()
        self.wait_for(lambda: self.count() >= count + 3)
        done = self.run_xcomtop("-c", f"127.0.0.1:{port}", "scan")
        self.assertIn(f"through xcomtop (pid {log.pid}) that holds", done.stderr)
        self.type("fg")
        self.see("XT1", "live")
        self.keys("0")
        self.see(f"through xcomtop (pid {log.pid}): connected to")
        self.keys("q")
        self.see("shell>", absent=("Traffic",))

    def test_what_comes_unasked_comes_to_all(self):
        self.sim("--slcan", self.path("can"), "--install", "xt=1", "--control", self.path("control"))
        link = f"slcan:{self.path('can')}"
        log = subprocess.Popen([XCOMTOP, "-c", link, "log", "--output", self.path("a.csv"), "--every", "1s", "--select",
                                "XT1:3000", "--format", "jsonl"], env=self.env, stdin=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
        self.addCleanup(log.wait)
        self.addCleanup(log.kill)
        self.wait_for(self.count)
        self.start("-c", link, markers=("XT1", "live", "none since the start"))
        order(self.path("control"), "message 3 XT1")
        self.see("AC-In synchronization")
        self.keys("0")
        self.see(f"through xcomtop (pid {log.pid}):", "active")  # the bus, as the log sees it
        self.keys("q")
        self.ended(0)

    def count(self):
        try:
            with open(self.path("a.csv"), encoding="utf-8") as file:
                return len(re.findall(r'"XT1:3000":\d', file.read()))
        except FileNotFoundError:
            return 0


if __name__ == "__main__":
    main()
