#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""keep of the real xcomtop: a value held in RAM over restarts, from the command line and the configuration."""
import signal
import subprocess
import time

from changes import Change
from harness import XCOMTOP, Case, Terminal, environment, main


class Keeping(Change):
    def keep(self, *arguments, env=None):
        process = subprocess.Popen([XCOMTOP, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, env=environment(self.home, **(env or {})))

        def kill():
            if process.poll() is None:
                process.kill()
            process.wait(10)
            process.stdout.close()
            process.stderr.close()

        self.addCleanup(kill)
        return process

    def end(self, process, how=signal.SIGTERM):
        process.send_signal(how)
        _, stderr = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 128 + how, stderr)

    def test_until_it_is_stopped_over_a_restart(self):
        process = self.keep(*self.link, "keep", "XT1", "1138", "45", "--yes", "--trace", self.path("trace"))
        self.assertRegex(process.stdout.readline(), r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  1138  XT1 runs with 45 A")
        self.assertEqual(self.written(), ["ram XT1:1138 1"])
        self.command("reset XT1 4s")
        self.assertRegex(process.stdout.readline(), "XT1 runs with 45 A")
        self.assertEqual(self.written(), ["ram XT1:1138 2"])
        self.end(process)
        self.check_trace("trace", "--faults")
        self.command("reset XT1 1s")
        time.sleep(1.5)
        self.assertEqual(self.written(), ["ram XT1:1138 2"])
        self.assertEqual([(r["part"], r["new"], r["result"]) for r in self.records()], 2 * [("ram", 45, "written")])

    def test_every_so_often(self):
        process = self.keep(*self.link, "keep", "XT1", "1139", "-4", "--every", "1s", "--yes")
        for _ in range(3):
            self.assertIn("XT1 runs with -4", process.stdout.readline())
        self.end(process, signal.SIGINT)
        self.assertTrue(self.requests() >= 3)

    def test_it_is_confirmed_like_any_other(self):
        for words, says in ((("XT1", "1138", "45"), "--yes says yes"),
                            (("XT", "1138", "45", "--yes"), "--confirm all says yes"),
                            (("XT1", "1124", "no", "--yes"), "--confirm stop says yes"),
                            (("XT1", "1138", "201", "--yes"), "above this device's maximum"),
                            (("XT9", "1138", "45", "--yes"), "there is no XT9"),
                            (("XT1", "1138", "45", "--yes", "--read-only"), "read-only")):
            done = self.run_xcomtop(*self.link, "keep", *words, status=1)
            self.assertRegex(done.stderr, says)
        for words, says in ((("XT1", "1467", "send"), "can't be kept"), (("XCOM", "5002", "now"), "can't be kept"),
                            (("XT1", "1138"), "needs DEVICE ID VALUE"), ((), "nothing to keep"),
                            (("XT1", "1138", "45", "--flash"), "takes no --flash")):
            done = self.run_xcomtop(*self.link, "keep", *words, "--yes", status=2)
            self.assertRegex(done.stderr, says)
        self.assertEqual(self.requests(), 0)
        term = Terminal(self, *self.link, "keep", "XT", "1138", "45")
        term.see("Type all to go on: ")
        term.type("all\n")
        self.assertIn(b"all 3 devices have it", term.process.stdout.readline())
        term.type("\x03")
        term.end(128 + signal.SIGINT)

    def test_a_watchdog_needs_a_short_period(self):
        self.command("set XT1 1628 yes")
        for words in ((), ("--every", "30s")):
            done = self.run_xcomtop(*self.link, "keep", "XT1", "1138", "45", "--yes", *words, status=1)
            self.assertIn("watchdog is on", done.stderr)
        # Ending it restarts the device: that is confirmed before it begins, and told when it ends.
        done = self.run_xcomtop(*self.link, "keep", "XT1", "1138", "45", "--yes", "--every", "29s", status=1)
        self.assertIn("--confirm restart", done.stderr)
        term = Terminal(self, *self.link, "keep", "XT1", "1138", "45", "--every", "29s")
        term.see("Type restart to go on: ")
        term.type("restart\n")
        self.assertIn(b"XT1 runs with", term.process.stdout.readline())
        term.type("\x03")
        term.see("! the watchdog of XT1 is on: it restarts 60 s after the last write")
        term.end(128 + signal.SIGINT)

    def configure(self, text):
        Case.write(self, ".config/xcomtop/xcomtop.conf", f"[here]\nlink = 127.0.0.1:{self.port}\n{text}")

    def test_what_the_configuration_keeps(self):
        self.configure(f"guid = {self.guid()}\nkeep = XT1 1138 45 10m | VT 10002 40\n")
        process = self.keep("keep")
        lines = sorted(process.stdout.readline() for _ in range(2))
        self.assertIn("  10002  all 2 devices have it", lines[1] + lines[0])
        self.assertIn("  1138  XT1 runs with 45 A", lines[0] + lines[1])
        self.assertEqual(self.written(), ["ram VT1:10002 1", "ram VT2:10002 1", "ram XT1:1138 1"])
        self.command("reset VT2 4s")
        self.assertIn("10002", process.stdout.readline())
        self.end(process)
        self.assertEqual({r["site"] for r in self.records()}, {"here"})

    def test_a_configured_gateway_that_another_has_replaced(self):
        self.configure(f"guid = {'0' * 32}\nkeep = XT1 1138 45\n")
        process = self.keep("keep")
        self.assertIn("! this is another installation than the one configured", process.stdout.readline())
        self.end(process)
        self.assertEqual(self.requests(), 0)

    def test_a_sites_name_that_meant_another_installation(self):
        self.configure("keep = XT1 1138 45\n")
        self.run_xcomtop("write", "XT1", "1138", "50", "--yes")
        other = self.sim("--seed", "2", "--tcp-listen", "0", "--control", self.path("other"))
        self.port = other.port
        self.configure("keep = XT1 1138 45\n")
        process = self.keep("keep")
        self.assertIn("! the last write recorded for here went to another installation", process.stdout.readline())
        self.end(process)
        self.assertEqual([r["new"] for r in self.records()], [50])

    def test_wrong_lines_in_the_configuration(self):
        for line, says in (("keep = XT1 1124 no", "1124 is dangerous"), ("keep = XT1 1467 send", "can be kept"),
                           ("keep = XT1", "expected DEVICE ID VALUE"), ("guid = 12", "expected 32 digits")):
            self.configure(line + "\n")
            done = self.run_xcomtop("keep", status=2)
            self.assertRegex(done.stderr, r"xcomtop\.conf:3: .*" + says)


if __name__ == "__main__":
    main()
