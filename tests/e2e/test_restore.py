#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""restore, copy and writes --undo: the real xcomtop against the real xcomsim. What is planned, asked, written,
left out and told, whatever devices, lines and persons do meanwhile."""
import csv
import io
import itertools
import json
import os
import re
import signal
import subprocess
import time

from harness import XCOMTOP, Case, Terminal, environment, free_port, main, order

FAST = ["--latency", "0", "--baud", "0"]
SLOW = ["--latency", "4ms", "--baud", "0"]
KEYS = ["device", "address", "id", "name", "old", "new", "unit", "result", "text"]
YES = ("--confirm", "restore")
# What devices have otherwise than their backup, in the order of writing.
CHANGED = {("XT1", 1138): (55, 60), ("XT2", 1107): (20, 32), ("VT1", 10002): (40, 80), ("XCOM", 5000): (2, 0),
           ("XT1", 1124): ("no", "yes")}


class Sim:
    """A simulated installation with its control socket."""

    def __init__(self, case, *arguments, speed=FAST):
        self.case, self.control = case, case.path(f"control{id(self)}")
        # Not just any port: it is to be the same after a disconnection.
        self.process = case.sim("--tcp-listen", str(free_port()), "--control", self.control, *speed, *arguments)
        self.link = ["-c", f"127.0.0.1:{self.process.port}"]

    def ask(self, command):
        """The lines before the ok."""
        return order(self.control, command)

    def do(self, *commands):
        for command in commands:
            self.ask(command)

    def change(self, settings=tuple(CHANGED)):
        for device, number in settings:
            self.do(f"set {device} {number} {CHANGED[device, number][0]}")

    @property
    def requests(self):
        return int(self.ask("writes")[0].split()[1])

    @property
    def written(self):
        return sorted(line for line in self.ask("writes") if not line.startswith("requests"))


class Base(Case):
    def start(self, *arguments, **more):
        self.at = Sim(self, *arguments, **more)
        return self.at

    def backup(self, *arguments, at=None, name="a.txt"):
        self.run_xcomtop(*(at or self.at).link, "backup", self.path(name), *arguments)

    def text(self, name="a.txt"):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def arguments(self, *arguments, at=None, name="a.txt"):
        return [*(at or self.at).link, "restore", self.path(name), *arguments, "--trace", self.path("trace")]

    def restore(self, *arguments, at=None, name="a.txt", **more):
        return self.run_xcomtop(*self.arguments(*arguments, at=at, name=name), **more)

    def rows(self, done):
        return [json.loads(line) for line in done.stdout.splitlines()]

    def same(self, *arguments):
        """The devices are as in the file."""
        self.run_xcomtop(*self.at.link, "compare", self.path("a.txt"), *arguments)

    def begin(self, *arguments):
        process = subprocess.Popen([XCOMTOP, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, env=environment(self.home))

        def end():
            if process.poll() is None:
                process.kill()
            process.wait(10)
            process.stdout.close()
            process.stderr.close()
        self.addCleanup(end)
        return process

    def records(self, *arguments):
        done = self.run_xcomtop("writes", "--format", "jsonl", *arguments)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def reads(self, trace="trace"):
        with open(self.path(trace), encoding="utf-8") as file:
            return sum(" > AA" in line for line in file)


# --- A plan that is shown, asked about, carried out, reported --------------------------------------------


class Plan(Base):
    def setUp(self):
        super().setUp()
        self.start()
        self.backup()
        self.at.change()

    def test_it_is_shown_asked_about_carried_out_and_reported(self):
        term = Terminal(self, *self.arguments())
        seen = term.see("Write all of this? Type restore to go on: ")
        rows = [line.split() for line in seen.replace("\r\n", "\n").splitlines() if "→" in line]
        self.assertEqual([(row[0], int(row[1])) for row in rows], list(CHANGED))
        self.assertRegex(seen, r"XT1 +1138 +Battery charge current +55 A → 60 A\s")
        self.assertRegex(seen, r"XT1 +1124 +Inverter allowed +no → yes +! With no the inverter stops: ")
        self.assertIn("xcomtop: 5 to change in flash (XT1 2, XT2 1, VT1 1, XCOM 1), 0 left out, 1741 as they should be",
                      seen)
        self.assertIn("xcomtop: ! 1 of them can stop, restart, reset, erase or endanger something: they come last",
                      seen)
        self.assertEqual(self.at.requests, 0)
        term.type("restore\n")
        stdout, seen = term.end(0)
        self.assertEqual([line.split()[:2] for line in stdout.splitlines()],
                         [[device, str(number)] for device, number in CHANGED])
        self.assertRegex(stdout, r"XT1 +1138 +Battery charge current +55 A → 60 A +XT1 has stored 60 A\n")
        self.assertIn("xcomtop: 5 written\r\n", seen)
        self.assertEqual(self.at.requests, 5)
        self.check_trace("trace")
        self.same()
        self.assertEqual([(r["device"], r["id"]) for r in self.records()], list(CHANGED))
        self.assertEqual({(r["part"], r["result"]) for r in self.records()}, {("value", "written")})

    def test_everything_else_is_no(self):
        for answer in ("\n", "y\n", "yes\n", "flash\n", "Restore\n", "restore \n", "restored\n", "\x04",
                       "x" * 300 + "\n"):
            term = Terminal(self, *self.arguments())
            term.see("go on: ")
            term.type(answer)
            stdout, seen = term.end(1)
            self.assertEqual(stdout, "")
            self.assertIn("nothing was written", seen)
        self.assertEqual(self.at.requests, 0)
        self.assertEqual(self.records(), [])

    def test_ctrl_c_and_a_terminal_that_goes_away_write_nothing(self):
        for end, number in (("\x03", signal.SIGINT), (None, signal.SIGHUP)):
            term = Terminal(self, *self.arguments())
            term.see("go on: ")
            if end:
                term.type(end)
            else:
                term.hang_up()
            self.assertEqual(term.end(128 + number)[0], "")
        self.assertEqual(self.at.requests, 0)

    def test_without_a_terminal_only_the_plan_is_made(self):
        for words, says in (((), "there is no terminal to ask on; --confirm restore says yes"),
                            (("--confirm", "flash"), "--confirm flash: the word asked for is restore"),
                            (("--format", "jsonl"), "--confirm restore says yes")):
            done = self.restore(*words, status=1)
            self.assertIn(says, done.stderr)
            self.assertIn("5 to change in flash", done.stderr)
            self.assertEqual(done.stdout, "")
        self.assertEqual(self.at.requests, 0)
        self.check_trace("trace")

    def test_again_there_is_nothing_to_do(self):
        self.restore(*YES)
        requests = self.at.requests
        for words in ((), YES, ("--devices", "XT1,VT1"), ("--only", "1138")):
            done = self.restore(*words)
            self.assertEqual(done.stdout, "")
            self.assertEqual(done.stderr, "xcomtop: nothing to restore: the devices have the settings of the file\n")
        self.assertEqual(self.at.requests, requests)

    def test_devices_and_numbers_are_chosen(self):
        def planned(*words, status=1):
            done = self.restore(*words, status=status)
            return [(device, int(number)) for device, number in re.findall(r"(?m)^(\w+) +(\d+) ", done.stderr)]
        self.assertEqual(planned("--devices", "XT1"), [("XT1", 1138), ("XT1", 1124)])
        self.assertEqual(planned("--devices", "XT2,xcom"), [("XT2", 1107), ("XCOM", 5000)])
        self.assertEqual(planned("--only", "1138"), [("XT1", 1138)])
        self.assertEqual(planned("--only", "1107,1130-1138,10002"), [("XT1", 1138), ("XT2", 1107), ("VT1", 10002)])
        self.assertEqual(planned("--only", "1-65535"), list(CHANGED))
        self.assertEqual(planned("--only", "1138", "--devices", "XT2", status=0), [])
        for words, says in ((("--only", "1413"), "nothing to restore: .*a.txt has no such settings"),  # a menu, a
                            (("--only", "1395"), "no such settings"),  # signal, a number of nothing
                            (("--only", "9"), "no such settings"),
                            (("--devices", "XT9", "--only", "1138"), r"a\.txt has no XT9")):
            self.assertRegex(self.restore(*words, *YES, status=1).stderr, says)
        done = self.restore("--devices", "XT2,XT9", *YES, status=4)
        self.assertRegex(done.stderr, r"a\.txt has no XT9")
        self.assertEqual(self.at.written, ["flash XT2:1107 1"])

    def test_lists_that_are_none(self):
        for words in ("", ",", "1138,", ",1138", "1138,,1140", "1140-1138", "1138-", "-1138", "1138 1140", "1138, 1140",
                      "0", "65536", "1e3", "+1138", "XT1", "1-2-3", "11381138113811381138"):
            done = self.run_xcomtop("-c", "127.0.0.1:1", "restore", self.path("a.txt"), f"--only={words}", status=2)
            self.assertRegex(done.stderr, r"\Axcomtop: --only: expected numbers like 1138,1140-1145, not '")
        for words in ("XT10", "XT*", "XT", "L1", "XT1,,XT2", "XT1 XT2"):
            done = self.run_xcomtop("-c", "127.0.0.1:1", "restore", self.path("a.txt"), "--devices", words, status=2)
            self.assertIn("--devices: there is no device '", done.stderr)
        self.run_xcomtop("restore", status=2)
        self.run_xcomtop("--demo", "restore", "a", "b", status=2)
        for option in ("--flash", "--yes", "--limits", "--undo=1"):
            self.run_xcomtop("--demo", "restore", self.path("a.txt"), option, status=2)

    def test_formats(self):
        self.at.do("deny VT1:10002 0x25")
        done = self.restore(*YES, "--format", "jsonl", "--devices", "XT1,VT1", status=4)
        rows = self.rows(done)
        self.assertTrue(all(list(row) == KEYS for row in rows))
        self.assertEqual(rows[0], {"device": "XT1", "address": 101, "id": 1138, "name": "Battery charge current",
                                   "old": 55, "new": 60, "unit": "Adc", "result": "written",
                                   "text": "XT1 has stored 60 A"})
        self.assertEqual([(row["device"], row["id"], row["result"]) for row in rows],
                         [("XT1", 1138, "written"), ("VT1", 10002, "refused"), ("XT1", 1124, "written")])
        self.assertIn("0x25", rows[1]["text"])
        self.at.do("deny VT1:10002 never", "set XT2 1138 70")
        # What is left out has its row too.
        with open(self.path("b.txt"), "w", encoding="utf-8") as file:
            file.write(self.text().replace("\n10002 = 80 ", "\n10002 = 800 ", 1))
        done = self.restore(*YES, "--format", "csv", name="b.txt", status=4)
        self.assertTrue(done.stdout.startswith(",".join(KEYS) + "\n"))
        rows = list(csv.DictReader(io.StringIO(done.stdout)))
        self.assertEqual([(row["device"], row["id"], row["result"]) for row in rows],
                         [("XT2", "1107", "written"), ("XT2", "1138", "written"), ("VT1", "10002", "left out"),
                          ("XCOM", "5000", "written")])
        self.assertIn("is above this device's maximum", rows[2]["text"])

    def test_ascii(self):
        done = self.restore(*YES, "--ascii", status=0)
        self.assertTrue(done.stdout.isascii() and done.stderr.isascii())
        self.assertIn("55 A -> 60 A", done.stdout)


# --- What is not written ---------------------------------------------------------------------------------


class Refusals(Base):
    def test_read_only(self):
        self.start()
        self.backup()
        self.at.change()
        config = {"XDG_CONFIG_HOME": self.path("config")}
        self.write("config/xcomtop/xcomtop.conf", "read-only = yes\n")
        for words, env in ((("--read-only",), {}), ((), {"XCOMTOP_READ_ONLY": "1"}), ((), config)):
            done = self.restore(*YES, *words, status=1, env=env)
            self.assertEqual(done.stderr, "xcomtop: nothing is written: the program was started read-only\n")
            done = self.run_xcomtop(*self.at.link, "copy", "XT1", "XT2", "--confirm", "copy", *words, status=1, env=env)
            self.assertIn("read-only", done.stderr)
        self.assertEqual(self.at.requests, 0)

    def test_nowhere_to_record(self):
        self.start()
        self.backup()
        self.at.change()
        nowhere = {"XDG_STATE_HOME": self.path("a.txt")}
        done = self.restore(*YES, status=1, env=nowhere)
        self.assertRegex(done.stderr,
                         r"\Axcomtop: it can't be recorded, so it isn't written: .*/records\.sqlite: .*\n\Z")
        self.assertLess(self.reads(), 3)  # and minutes aren't spent first
        self.assertEqual(self.at.requests, 0)
        done = self.restore(*YES, "--unrecorded", env=nowhere)
        self.assertIn("this change isn't recorded", done.stderr)
        self.same()

    def test_another_voltage(self):
        self.start("--install", "xt=1,vt=1")
        self.backup()
        half = Sim(self, "--install", "xt=1,vt=1,volts=24")
        done = self.restore(*YES, at=half, status=4, name="a.txt")
        self.assertRegex(done.stderr, r"! XT1: the model was XT\w \d+-48, is XT\w \d+-24\n")
        for device in ("XT1", "VT1"):
            self.assertRegex(done.stderr, "! %s: was this saved with another battery voltage\\? .*: "
                                          "[0-9.]+ V in the file, [0-9.]+ V now\n" % device)
        self.assertRegex(done.stderr, r"XT1 +1140 +Floating voltage +27\.\d+ V → 54\.\d+ V +left out for now: "
                                      r"54\.\d+ V is above this device's maximum, 36\.0 V; tried again at the end\n")
        rows = [line for line in done.stdout.splitlines() if re.match(r"XT1 +1140 ", line)]
        self.assertRegex(rows[0], r"left out: 54\.\d+ V is above this device's maximum, 36\.0 V\Z")
        self.assertGreater(done.stdout.count("left out: "), 20)
        self.assertFalse([line for line in half.written if "XT1:1140" in line])

    def test_nothing_fits(self):
        self.start("--install", "xt=1")
        self.write("a.txt", "[backup]\nformat = 1\n[XT1]\n1140 = 200\n1138 = 500\n[end]\ncomplete = yes\n")
        done = self.restore(status=1)  # nobody is asked
        self.assertEqual(done.stdout, "")
        self.assertIn("0 to change in flash, 2 left out, 0 as they should be", done.stderr)
        self.assertNotIn("tried again", done.stderr)
        rows = self.rows(self.restore("--format", "jsonl", status=1))
        self.assertEqual([row["result"] for row in rows], ["left out", "left out"])
        self.assertEqual(self.at.requests, 0)

    def test_limits_that_depend_on_other_settings(self):
        self.start("--install", "xt=2,limits=device")
        self.backup()
        # Floating can't be above absorption, nor absorption below floating.
        self.at.do("set XT1 1140 50", "set XT1 1156 52", "set XT2 1156 62", "set XT2 1140 60")
        done = self.restore(*YES)
        self.assertRegex(done.stderr, r"XT1 +1140 .* left out for now: 54\.\d+ V is above this device's maximum, "
                                      r"52\.0 V; tried again at the end\n")
        self.assertRegex(done.stderr, r"XT2 +1156 .* left out for now: 57\.\d+ V is below this device's minimum, "
                                      r"60\.0 V; ")
        self.assertRegex(done.stderr, r"\nxcomtop: 2 to change in flash \(XT1 1, XT2 1\), 2 left out, ")
        self.assertRegex(done.stderr, r"\nxcomtop: 4 written\n")
        self.same()
        self.assertEqual(self.at.requests, 4)
        self.check_trace("trace")

    def test_what_the_device_refuses_is_tried_once_more_at_the_end(self):
        self.start("--install", "xt=2")
        self.backup()
        self.at.do("set XT1 1138 55", "set XT1 1107 20", "set XT2 1138 55", "deny XT1:1138 0x28 1",
                   "deny XT2:1138 0x28")
        done = self.restore(*YES, "--format", "jsonl", status=4)
        self.assertEqual([(row["device"], row["id"], row["result"]) for row in self.rows(done)],
                         [("XT1", 1107, "written"), ("XT1", 1138, "written"), ("XT2", 1138, "refused")])
        # Of XT2 nothing else was written that it could depend on.
        self.assertEqual([(r["device"], r["id"], r["result"]) for r in self.records()],
                         [("XT1", 1107, "written"), ("XT1", 1138, "refused"), ("XT2", 1138, "refused"),
                          ("XT1", 1138, "written")])
        self.assertEqual(self.at.requests, 4)
        self.check_trace("trace")

    def test_what_can_not_be_read_is_told(self):
        self.start("--install", "xt=1")
        self.backup()
        self.at.do("set XT1 1107 20", "error 0x2B XT1:1138", "error 0x22 XT1:1139")
        done = self.restore(*YES, status=4)
        self.assertRegex(done.stdout, r"XT1 +1138 +Battery charge current +60 A +left out: XT1 doesn't tell .*0x2B")
        self.assertRegex(done.stdout, r"XT1 +1139 .* left out: XT1 doesn't tell .*0x22")
        self.assertRegex(done.stdout, r"XT1 +1107 .* XT1 has stored 32 A")

    def test_a_device_that_stores_nothing(self):
        self.start("--install", "xt=2")
        self.backup()
        self.at.do("set XT1 1138 55", "set XT1 1550 no", "set XT2 1138 55")
        done = self.restore(*YES, status=4)
        self.assertRegex(done.stdout, r"XT1 +1138 .* left out: XT1 doesn't save parameters in flash at present")
        # Saving is switched on again, as it was; then the same command does the rest.
        self.assertEqual(self.at.written, ["flash XT1:1550 1", "flash XT2:1138 1"])
        done = self.restore(*YES)
        self.assertRegex(done.stdout, r"XT1 +1138 .* XT1 has stored 60 A")

    def test_unknown_outcomes_are_not_sent_again(self):
        self.start("--install", "xt=2")
        self.backup()
        self.at.do("set XT1 1107 20", "set XT1 1138 55", "set XT2 1107 20", "set XT2 1138 55",
                   "drop XT1:1107 1", "doubt XT1:1138 0x29 1")
        done = self.restore(*YES, "--timeout", "2100ms", "--format", "jsonl", status=5)
        # What reads back as it was asked for was written.
        self.assertEqual([(row["device"], row["id"], row["result"]) for row in self.rows(done)],
                         [("XT1", 1107, "unknown"), ("XT1", 1138, "written"), ("XT2", 1107, "written"),
                          ("XT2", 1138, "written")])
        self.assertEqual(self.at.requests, 4)
        self.check_trace("trace", "--faults")
        self.restore(*YES)
        self.same()

    def test_what_changes_between_plan_and_writing_is_left_alone(self):
        self.start("--install", "xt=3")
        self.backup()
        for device in ("XT1", "XT2", "XT3"):
            self.at.do(f"set {device} 1138 55")
        term = Terminal(self, *self.arguments())
        term.see("go on: ")
        self.at.do("set XT1 1138 50", "swap XT2 XT3")
        term.type("restore\n")
        stdout, seen = term.end(1)
        self.assertRegex(stdout, r"XT1 .* nothing was sent: meanwhile XT1 has changed from 55 A to 50 A\n")
        self.assertRegex(stdout, r"XT2 .* nothing was sent: XT2 is another device than before\n")
        self.assertIn("0 written, 3 failed", seen)
        self.assertEqual(self.at.requests, 0)

    def test_another_installation_at_the_link_ends_it(self):
        self.start("--install", "xt=3")
        self.backup()
        for device in ("XT1", "XT2", "XT3"):
            self.at.do(f"set {device} 1138 55")
        term = Terminal(self, *self.arguments("-v"))
        term.see("go on: ")
        port = self.at.process.port
        Case.stop(self.at.process)
        other = self.sim("--tcp-listen", str(port), "--install", "xt=3", "--seed", "2", "--control", self.path("other"))
        self.assertEqual(other.port, port)
        term.seen = ""
        term.see("connected to")
        term.type("restore\n")
        stdout, seen = term.end(1)
        self.assertRegex(stdout, r"\AXT1 +1138 .* another installation answers than before[^\n]*\n\Z")
        self.assertIn("0 written, 1 failed, 2 not begun", seen)
        self.assertEqual(order(self.path("other"), "writes")[0], "requests 0")

    def test_a_sites_name_that_meant_another_installation(self):
        self.start("--install", "xt=1")
        self.backup()
        self.at.do("set XT1 1138 55")
        other = Sim(self, "--seed", "2", "--install", "xt=1")
        config = ".config/xcomtop/xcomtop.conf"
        self.write(config, f"[here]\nlink = {other.link[1]}\n")
        self.run_xcomtop("write", "XT1", "1138", "50", "--yes")
        self.write(config, f"[here]\nlink = {self.at.link[1]}\n")
        done = self.run_xcomtop("restore", self.path("a.txt"), *YES, status=1)
        self.assertIn("! the last write recorded for here went to another installation: is this the right one?",
                      done.stderr)
        self.assertIn("--confirm restore: the word asked for is site", done.stderr)
        self.assertEqual(self.at.requests, 0)
        self.run_xcomtop("restore", self.path("a.txt"), "--confirm", "site")
        self.assertEqual(self.at.requests, 1)


# --- Which device ----------------------------------------------------------------------------------------


class Devices(Base):
    def setUp(self):
        super().setUp()
        self.start()
        self.backup()

    def test_one_that_is_missing(self):
        self.at.do("set XT2 1138 55", "set XT3 1138 55", "gone XT2")
        done = self.restore(*YES, status=4)
        self.assertRegex(done.stderr, r"(?m)^xcomtop: XT2 of the file, with FID \w{8}, isn't there: left out$")
        self.assertEqual(self.at.written, ["flash XT3:1138 1"])
        done = self.restore("--devices", "XT2", *YES, status=1)
        self.assertIn("isn't there", done.stderr)
        self.assertNotIn("nothing to restore", done.stderr)

    def test_one_that_has_another_number(self):
        self.at.do("set XT1 1138 55", "set XT2 1107 20", "swap XT1 XT2")
        done = self.restore(*YES)
        self.assertIn("xcomtop: XT1 of the file is XT2 now\n", done.stderr)
        self.assertIn("xcomtop: XT2 of the file is XT1 now\n", done.stderr)
        self.assertEqual(self.at.written, ["flash XT1:1107 1", "flash XT2:1138 1"])
        self.run_xcomtop(*self.at.link, "compare", self.path("a.txt"), status=1)  # moved, no more
        # Named, it is the one of that name now; who isn't asked isn't there.
        self.at.do("set XT2 1138 55")
        done = self.restore("--devices", "XT1", *YES, status=1)
        self.assertRegex(done.stderr, r"XT1 of the file, with FID \w{8}, isn't there: left out")
        self.restore("--devices", "XT1,XT2", *YES)
        self.assertIn("flash XT2:1138 2", self.at.written)

    def test_one_that_another_replaces_while_it_is_read(self):
        self.start("--install", "xt=2", speed=SLOW)
        self.backup()
        process = self.begin(*self.arguments(*YES, "-v"))
        self.wait_for(lambda: re.search(r" [2-4]\d %", process.stderr.readline()))
        self.at.do("swap XT1 XT2", "disconnect 100ms")
        self.assertEqual(process.wait(60), 1)
        self.assertRegex(process.stderr.read(), r"xcomtop: XT\d is another device now, with FID \w{8} instead of \w{8}\n")
        self.assertEqual(self.at.requests, 0)

    def test_a_gateway_that_is_lost_while_it_is_read(self):
        self.start("--install", "xt=2", speed=SLOW)
        self.backup()
        process = self.begin(*self.arguments(*YES, "-v", "--timeout", "200ms"))
        self.wait_for(lambda: re.search(r" [2-4]\d %", process.stderr.readline()))
        self.at.do("disconnect 20s")
        self.assertEqual(process.wait(60), 3)

    def test_one_in_the_place_of_another(self):
        self.at.do("set XT1 1138 55")
        text = self.text()
        self.write("b.txt", re.sub(r"(\[XT1\]\nfid = )\w+", r"\g<1>00000001", text))
        done = self.restore(*YES, name="b.txt")
        self.assertRegex(done.stderr, r"! XT1 is another device than the one that was saved: FID 00000001 then, \w{8} now\n")
        self.assertEqual(self.at.written, ["flash XT1:1138 1"])
        # XT1 has come from another place, where nobody is now: it keeps its own settings.
        fids = re.findall(r"\[XT[12]\]\nfid = (\w+)", text)
        self.write("c.txt", text.replace(f"[XT1]\nfid = {fids[0]}", "[XT1]\nfid = 00000001")
                   .replace(f"[XT2]\nfid = {fids[1]}", f"[XT2]\nfid = {fids[0]}").replace("1138 = 60", "1138 = 61"))
        done = self.restore(*YES, "--only", "1138", name="c.txt", status=4)
        self.assertIn("XT1 of the file, with FID 00000001, isn't there", done.stderr)
        self.assertIn("XT2 of the file is XT1 now", done.stderr)

    def test_another_installation_s_backup(self):
        other = Sim(self, "--seed", "2")
        other.do("set XT1 1138 55")
        done = self.restore(*YES, "--only", "1138", at=other)
        for device in ("XT1", "XT2", "XT3", "VT1", "VS1", "BSP"):
            if device.startswith("XT"):
                self.assertIn(f"! {device} is another device than the one that was saved: FID ", done.stderr)
        self.assertRegex(done.stderr, r"! the gateway is another one than when this was saved: GUID \w{32} then, \w{32} now")
        self.assertEqual(other.written, ["flash XT1:1138 1"])

    def test_a_bms(self):
        at = self.start("--install", "xt=1,bms")
        self.backup(name="bms.txt")
        at.do("set BMS 6070 20")
        self.restore(*YES, "--devices", "BSP", name="bms.txt")
        self.assertEqual(at.written, ["flash BMS:6070 1"])


# --- Interruptions ---------------------------------------------------------------------------------------


class Interrupted(Base):
    """Each setting is written once in all, whatever ends the first attempts."""
    saved = {1107: 32, 1138: 60, 1139: -3, 1140: 54.4, 1143: 49.9, 1156: 57.6}
    found = {1107: 20, 1138: 55, 1139: -4, 1140: 53, 1143: 55, 1156: 57}
    settings = list(itertools.product(("XT1", "XT2", "XT3"), saved))

    def prepare(self, speed=SLOW):
        self.start("--install", "xt=3", speed=speed)
        lines = "".join(f"{number} = {value}\n" for number, value in self.saved.items())
        self.write("a.txt", "[backup]\nformat = 1\n" + "".join(f"[XT{i}]\nbattery = 48\n{lines}" for i in (1, 2, 3)) +
                   "[end]\ncomplete = yes\n")
        for device, number in self.settings:
            self.at.do(f"set {device} {number} {self.found[number]}")

    def begin_restore(self, *arguments):
        self.prepare()
        process = self.begin(*self.arguments(*YES, *arguments))
        self.wait_for(lambda: self.at.requests >= 5 or process.poll() is not None)
        return process

    def finish(self):
        done = self.restore(*YES)
        self.same()
        self.assertEqual(self.at.written, sorted(f"flash {device}:{number} 1" for device, number in self.settings))
        return done

    def interrupt(self, number):
        process = self.begin_restore()
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 128 + number)
        written, left = map(int, re.search(r"xcomtop: (\d+) written, (\d+) not begun; the same command goes on with what "
                                           r"still differs\n", stderr).groups())
        self.assertEqual((written + left, len(stdout.splitlines())), (18, written))
        self.assertEqual(self.at.requests, written)
        self.check_trace("trace")
        self.assertIn(f"{left} to change in flash", self.finish().stderr)

    def test_by_ctrl_c(self):
        self.interrupt(signal.SIGINT)

    def test_by_another_signal(self):
        self.interrupt(signal.SIGTERM)

    def test_by_a_kill(self):
        process = self.begin_restore()
        process.kill()
        process.wait(10)
        time.sleep(0.1)  # what is on the line arrives
        self.finish()
        results = [record["result"] for record in self.records()]
        self.assertEqual(results.count("written"), 18 - results.count("pending") if len(results) == 18 else 18)
        self.assertLessEqual(results.count("pending"), 1)

    def test_before_anything_is_written(self):
        self.prepare(speed=["--latency", "15ms", "--baud", "0"])
        # While devices are looked for; and while it is looked at what they have and allow: values are read in less
        # time than two lines of progress take.
        for marker, times in (("connected", 1), ("%", 4)):
            process = self.begin(*self.arguments(*YES, "-v"))
            told = ""
            while told.count(marker) < times and (line := process.stderr.readline()):
                told += line
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(20), 128 + signal.SIGINT, told)
            self.assertNotIn("written", told + process.stderr.read())
        self.assertEqual(self.at.requests, 0)

    def test_by_a_link_that_comes_back(self):
        process = self.begin_restore()
        self.at.do("disconnect 1s")
        stdout, stderr = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, stderr)
        self.assertIn("18 written", stderr)
        self.assertEqual(len(stdout.splitlines()), 18)
        self.assertEqual(self.at.requests, 18)
        self.check_trace("trace", "--faults")
        self.same()

    def test_by_a_gateway_that_is_gone_for_long(self):
        process = self.begin_restore("--timeout", "300ms")
        self.at.do("disconnect 7s")
        _, stderr = process.communicate(timeout=90)
        # One that was sent is looked for as long as a Moxa needs to start.
        self.assertIn(process.returncode, (3, 5), stderr)
        self.assertRegex(stderr, r"\d+ written.*, \d+ not begun; the same command goes on")
        self.restore(*YES, "--wait", "20s")
        self.same()
        self.assertEqual(self.at.requests, 18)

    def test_by_a_gateway_that_falls_silent(self):
        process = self.begin_restore("--timeout", "300ms")
        self.at.do("lose always")
        _, stderr = process.communicate(timeout=60)
        self.assertIn(process.returncode, (3, 5), stderr)
        self.assertRegex(stderr, r"\d+ not begun; the same command goes on")
        self.at.do("clear")
        self.restore(*YES)
        self.same()

    def test_what_is_under_way_when_nobody_can_wait_is_unknown(self):
        self.prepare()
        self.at.do("mute XT1:1138")
        process = self.begin(*self.arguments(*YES, "--format", "jsonl"))
        self.wait_for(lambda: self.at.requests >= 2)
        self.at.do("disconnect 60s")
        time.sleep(0.2)  # it is told of it
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 128 + signal.SIGINT)
        self.assertIn("1 written, 1 of unknown outcome, 16 not begun; the same command goes on", stderr)
        rows = [json.loads(line) for line in stdout.splitlines()]
        self.assertEqual([row["result"] for row in rows], ["written", "unknown"] + 16 * ["not sent"])
        self.assertEqual([row["text"] for row in rows[1:3]],
                         ["ended while it was being written: it isn't known whether it was", "not begun"])
        self.assertIn(self.records()[-1]["result"], ("pending", "unknown", "written"))

    def test_by_a_device_that_restarts(self):
        process = self.begin_restore()
        self.at.do("reset XT3 2s")
        stdout, stderr = process.communicate(timeout=60)
        self.assertIn(process.returncode, (0, 4), stderr)
        stored = [line.split()[0] for line in stdout.splitlines() if "has stored" in line]
        self.assertEqual((stored.count("XT1"), stored.count("XT2")), (6, 6))
        time.sleep(2.2)
        self.finish()

    def test_progress_on_a_terminal(self):
        self.prepare(speed=["--latency", "35ms", "--baud", "0"])
        term = Terminal(self, *self.arguments())
        term.see("looking at XT")
        term.see("go on: ")
        term.type("restore\n")
        term.see("writing to XT2")
        _, seen = term.end(0)
        self.assertRegex(seen, r"looking at XT\d +\[#+\.+\]  \d+ of 18  \d+ %  0:0\d left")
        self.assertRegex(seen, r"writing to XT\d +\[#+\.+\]  \d+ of 18  \d+ %")
        self.assertTrue(all(len(line) < 80 for line in re.split(r"[\r\n]", seen) if "%" in line))
        # Nothing of it stays.
        self.assertRegex(seen, r"\r +\rxcomtop: 18 written\r\n\Z")


# --- Files -----------------------------------------------------------------------------------------------


class Files(Base):
    def test_files_that_are_no_backup(self):
        self.start("--install", "xt=1")
        self.backup()
        whole = self.text()

        def refuse(text, says):
            done = self.restore(*YES, name=os.path.basename(self.write("x", text)), status=1)
            self.assertEqual(done.stdout, "")
            self.assertRegex(done.stderr, rf"\Axcomtop: [^\n]*{says}[^\n]*\n\Z")
            self.assertTrue(done.stderr[:-1].isprintable())
        refuse("", "x:1: expected a backup of xcomtop")
        refuse("\0" * 100, r"x:\d: ")
        refuse("x" * 100000, "x:1: ")
        refuse(whole[:len(whole) // 2], r"x:\d+: ")
        refuse(whole.replace("complete = yes", "complete = no"), "isn't complete")
        refuse(whole.replace("\n1138 = 60 ", "\n1138 = 60\n1138 = 61 ", 1), r"x:\d+: 1138 is there twice in \[XT1\]")
        refuse(whole.replace("\n1138 = 60 ", "\n1138 = nan ", 1), r"x:\d+: 1138: expected a number")
        refuse(whole.replace("\n1138 = 60 ", "\n1395 = 1\n", 1), "Xtender has no setting '1395'")
        refuse(whole.replace("\n1138 = 60 ", "\n1138 = \x1b[2J ", 1), r"x:\d+: .*\\x1B")
        refuse(whole.replace("[XT1]", "[XT1\x1b]0;x\x07]"), r"x:\d+: ")
        fid = re.search(r"\[XT1\]\nfid = (\w+)", whole)[1]
        refuse(whole.replace("[end]", f"[XT2]\nfid = {fid}\n1138 = 50\n[end]"),
               rf"x:\d+: fid: {fid} is there twice")
        self.assertIn("No such file", self.restore(*YES, name="none", status=1).stderr)
        self.assertRegex(self.restore(*YES, name="", status=1).stderr, "Is a directory|directory")
        self.assertEqual(self.at.requests, 0)

    def test_hostile_texts_are_harmless(self):
        self.start("--install", "xt=1")
        self.backup()
        self.at.do("set XT1 1138 55")
        text = re.sub(r"(?m)^model = .*$", "model = \x1b]0;evil\x07\x9b2J", self.text())
        text = re.sub(r"(?m)^firmware = .*$", "firmware = 1.2.3\u202eevil", text)
        self.write("b.txt", text)
        done = self.restore(name="b.txt", status=1)
        self.assertNotIn("\x1b", done.stderr)
        self.assertNotIn("\x07", done.stderr)
        self.assertIn("\\x1B", done.stderr)

    def test_values_that_are_none_of_the_device_s(self):
        self.start("--install", "xt=1")
        self.write("a.txt", "[backup]\nformat = 1\n[XT1]\n1552 = 3\n1138 = 100000000000\n1206 = 99999\n1205 = 999\n1107 = 20\n"
                            "[end]\ncomplete = yes\n")
        done = self.restore(*YES, status=4)
        for number in (1552, 1138, 1206):
            self.assertRegex(done.stdout, rf"(?m)^XT1 +{number} .* left out: ")
        self.assertIn("XT1:1107 1", " ".join(self.at.written))
        self.assertNotRegex(" ".join(self.at.written), "1552|1138|1206")

    def test_from_a_pipe(self):
        self.start("--install", "xt=1")
        self.backup()
        self.at.do("set XT1 1138 55")
        done = subprocess.run([XCOMTOP, *self.at.link, "restore", "/dev/stdin", *YES], capture_output=True, timeout=20,
                              input=self.text().encode(), env=environment(self.home), check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.at.written, ["flash XT1:1138 1"])


# --- copy ------------------------------------------------------------------------------------------------


class Copy(Base):
    def setUp(self):
        super().setUp()
        self.start()
        self.at.do("set XT1 1138 55", "set XT1 1107 20", "set XT1 1124 no")

    def copy(self, *arguments, **more):
        return self.run_xcomtop(*self.at.link, "copy", *arguments, "--trace", self.path("trace"), **more)

    def test_to_one_in_ram(self):
        done = self.copy("XT1", "XT2", "--confirm", "copy")
        self.assertEqual(self.at.written, ["ram XT2:1107 1", "ram XT2:1124 1", "ram XT2:1138 1"])
        self.assertRegex(done.stdout, r"XT2 +1138 +Battery charge current +60 A → 55 A +XT2 runs with 55 A from now on")
        self.assertIn("3 to change in RAM (XT2 3)", done.stderr)
        self.check_trace("trace")
        self.assertEqual({(r["device"], r["part"], r["result"]) for r in self.records()}, {("XT2", "ram", "written")})

    def test_to_several_in_flash(self):
        self.at.do("set XT3 1138 55")
        done = self.copy("xt1", "XT2," * 16 + "103", "--flash", "--confirm", "copy", "--format", "jsonl")
        self.assertEqual([(row["device"], row["id"], row["old"], row["new"], row["result"]) for row in self.rows(done)],
                         [("XT2", 1107, 32, 20, "written"), ("XT2", 1138, 60, 55, "written"),
                          ("XT3", 1107, 32, 20, "written"), ("XT2", 1124, 1, 0, "written"),
                          ("XT3", 1124, 1, 0, "written")])
        self.check_trace("trace")
        done = self.copy("XT1", "XT*", "--flash", "--confirm", "copy")
        self.assertIn("nothing to copy: the settings are the same", done.stderr)
        self.assertEqual(self.at.requests, 5)

    def test_to_all_others(self):
        self.copy("XT1", "XT*", "--only", "1138", "--confirm", "copy")
        self.assertEqual(self.at.written, ["ram XT2:1138 1", "ram XT3:1138 1"])
        self.at.do("set VT2 10002 40")
        self.copy("VT2", "vt*", "--flash", "--confirm", "copy")
        self.assertIn("flash VT1:10002 1", self.at.written)

    def test_models_are_told(self):
        self.at.do("firmware XT3 1.6.50")
        done = self.copy("XT1", "XT3", status=1)
        self.assertRegex(done.stderr, r"! XT3 is another model than XT1: XT\w \d+-48, not XT\w \d+-48\n")
        self.assertRegex(done.stderr, r"XT1 has firmware \S+, XT3 has 1\.6\.50\n")

    def test_the_word(self):
        term = Terminal(self, *self.at.link, "copy", "XT1", "XT2")
        seen = term.see("Type copy to go on: ")
        self.assertRegex(seen, r"XT2 +1124 .* yes → no +! With no the inverter stops")
        term.type("restore\n")
        term.end(1)
        self.assertEqual(self.at.requests, 0)
        term = Terminal(self, *self.at.link, "copy", "XT1", "XT2", "--flash")
        term.see("3 to change in flash")
        term.see("Type copy to go on: ")
        term.type("copy\n")
        stdout, _ = term.end(0)
        self.assertIn("XT2 has stored 55 A", stdout)

    def test_wrong_words(self):
        for words, says in ((("XT1",), "needs FROM TO"), (("XT1", "VT1"), "'VT1' isn't another device of the family; "
                            r"expected names like XT2,XT3, or XT\*"), (("XT1", "XT1"), "'XT1' isn't another"),
                            (("XT1", "XT2,XT1"), "'XT1' isn't another"), (("XT1", ""), "'' isn't another"),
                            (("XT1", "XT2,"), "'' isn't another"), (("XT1", "VT*"), "isn't another"),
                            (("XT1", "XT"), "'XT' isn't another"), (("XT1", "L1"), "'L1' isn't another"),
                            (("XT1", "XT.sum"), "isn't another"), (("XT*", "XT2"), "isn't a device"),
                            (("L1", "XT2"), "'L1' isn't a device"), (("BSP", "BMS"), "only one of its kind"),
                            (("XCOM", "XCOM"), "only one of its kind"), (("\x1b[2J", "XT1"), r"'\\x1B\[2J' isn't"),
                            (("XT1", "XT2", "XT3"), "doesn't know what to do with 'XT3'"),
                            (("XT1", "XT2", "--only", "x"), "--only: expected"),
                            (("XT1", "XT2", "--yes"), "'copy' takes no --yes")):
            done = self.run_xcomtop("-c", "127.0.0.1:1", "copy", *words, status=2)
            self.assertRegex(done.stderr, says)

    def test_devices_that_are_not_there(self):
        for words, says in ((("XT1", "XT9"), "there is no XT9"), (("XT8", "XT1"), "there is no XT8"),
                            (("XT1", "XT2,XT9"), "there is no XT9"), (("VS1", "VS*"), "there is no other VarioString"),
                            (("VS2", "VS*"), "there is no VS2")):
            self.assertIn(says, self.copy(*words, "--confirm", "copy", status=1).stderr)
        self.at.do("gone XT2", "missing silence")
        done = self.copy("XT1", "XT2,XT3", "--confirm", "copy", "--timeout", "200ms", status=1)
        self.assertIn("there is no XT2", done.stderr)
        self.assertEqual(self.at.requests, 0)
        self.copy("XT1", "XT*", "--confirm", "copy", "--timeout", "200ms")
        self.assertFalse([line for line in self.at.written if "XT2" in line])

    def test_a_device_that_goes_in_the_middle(self):
        self.at.do("missing silence")
        term = Terminal(self, *self.at.link, "copy", "XT1", "XT2,XT3", "--timeout", "200ms")
        term.see("Type copy to go on: ")
        self.at.do("gone XT2")
        term.type("copy\n")
        stdout, seen = term.end(4)
        self.assertRegex(stdout, r"XT2 .* (no answer when XT2 was asked|XT2 doesn't answer any more)")
        self.assertEqual(self.at.written, ["ram XT3:1107 1", "ram XT3:1124 1", "ram XT3:1138 1"])

    def test_what_can_not_be_read_of_the_first_is_told(self):
        self.at.do("error 0x2B XT1:1138")
        done = self.copy("XT1", "XT2", "--confirm", "copy", status=4)
        self.assertIn("1 settings of XT1 couldn't be read and are left out", done.stderr)
        self.assertEqual(self.at.written, ["ram XT2:1107 1", "ram XT2:1124 1"])
        self.at.do("clear", "error 0x2B XT2:1138")
        done = self.copy("XT1", "XT2", "--confirm", "copy", "--flash", status=4)
        self.assertRegex(done.stdout, r"XT2 +1138 .* left out: XT2 doesn't tell .*0x2B")

    def test_a_watchdog_refuses_ram(self):
        self.at.do("set XT2 1628 yes")
        done = self.copy("XT1", "XT2,XT3", "--confirm", "copy", "--only", "1138", status=4)
        self.assertRegex(done.stdout, r"XT2 .* left out: XT2's watchdog is on")
        self.assertEqual(self.at.written, ["ram XT3:1138 1"])


# --- writes --undo ---------------------------------------------------------------------------------------


class Undo(Base):
    def setUp(self):
        super().setUp()
        self.start()

    def set(self, *arguments, **more):
        word = ("--confirm", "flash") if "--flash" in arguments else ("--yes",)
        return self.run_xcomtop(*self.at.link, "write", *arguments, *word, **more)

    def undo(self, number, *arguments, at=None, **more):
        return self.run_xcomtop(*(at or self.at).link, "writes", "--undo", str(number), *arguments, "--trace",
                                self.path("trace"), **more)

    def test_in_flash_and_in_ram(self):
        self.set("XT1", "1138", "45", "--flash")
        self.set("XT2", "1138", "46")
        self.assertIn("no terminal to ask on; --confirm flash says yes", self.undo(1, "--yes", status=1).stderr)
        done = self.undo(1, "--confirm", "flash")
        self.assertEqual(done.stdout, "XT1 has stored 60 A\n")
        self.assertIn("XT1 1138 Battery charge current: 45 A to 60 A in flash (1 write recorded here", done.stderr)
        self.check_trace("trace")
        self.assertEqual(self.undo(2, "--yes").stdout, "XT2 runs with 60 A from now on, until it restarts\n")
        self.assertEqual([(r["device"], r["part"], r["old"], r["new"], r["undo"]) for r in self.records()],
                         [("XT1", "value", 60, 45, None), ("XT2", "ram", 60, 46, None), ("XT1", "value", 45, 60, 1),
                          ("XT2", "ram", 60, 60, 2)])
        # Twice; and what took it back is taken back.
        self.assertIn("XT1 has 60 A in flash already: there is nothing to write",
                      self.undo(1, "--confirm", "flash").stderr)
        self.assertEqual(len(self.records()), 4)
        self.assertEqual(self.undo(3, "--confirm", "flash").stdout, "XT1 has stored 45 A\n")

    def test_each_device_of_a_family(self):
        self.run_xcomtop(*self.at.link, "write", "XT", "1138", "45", "--flash", "--confirm", "flash")
        self.assertEqual(self.undo(2, "--confirm", "flash").stdout, "XT2 has stored 60 A\n")
        self.assertIn("flash XT2:1138 2", self.at.written)

    def test_a_device_with_another_number(self):
        self.set("XT1", "1138", "45", "--flash")
        self.at.do("swap XT1 XT3")
        done = self.undo(1, "--confirm", "flash", "--format", "jsonl")
        self.assertEqual([(r["device"], r["address"], r["new"]) for r in self.rows(done)], [("XT3", 103, 60)])
        self.assertEqual(self.at.written, ["flash XT3:1138 2"])

    def test_a_device_without_an_identity(self):
        self.at.do("error 0x22 XT3:3156", "error 0x22 XT3:3157")  # no FID
        self.set("XT3", "1138", "45", "--flash")
        self.assertIn("/103", self.records()[0]["fid"])
        self.assertEqual(self.undo(1, "--confirm", "flash").stdout, "XT3 has stored 60 A\n")

    def test_the_gateway_and_a_bms(self):
        self.set("XCOM", "5000", "2", "--flash")
        self.assertEqual(self.undo(1, "--confirm", "flash").stdout, "XCOM has stored 0\n")
        other = Sim(self, "--seed", "2")
        done = self.undo(1, "--confirm", "flash", at=other, status=1)
        self.assertIn("XCOM is another device now than the one that was written to", done.stderr)
        bms = Sim(self, "--install", "xt=1,bms")
        self.run_xcomtop(*bms.link, "write", "BMS", "6062", "90", "--flash", "--confirm", "flash")
        self.undo(3, "--confirm", "flash", at=bms)
        self.assertEqual(bms.written, ["flash BMS:6062 2"])

    def test_a_device_that_is_gone(self):
        self.set("XT1", "1138", "45", "--flash")
        self.at.do("gone XT1")
        self.assertRegex(self.undo(1, "--confirm", "flash", status=1).stderr,
                         r"the device that was written to, XT1 then, with the FID \w{8}, isn't there")

    def test_another_installation(self):
        self.set("XT1", "1138", "45", "--flash")
        other = Sim(self, "--seed", "2")
        self.assertIn("isn't there", self.undo(1, "--confirm", "flash", at=other, status=1).stderr)
        self.assertEqual(other.requests, 0)

    def test_where_nobody_may_be_looked_for(self):
        self.set("XT1", "1138", "45", "--flash")
        self.at.do("multi off", "watchdog on")
        done = self.undo(1, "--confirm", "flash", status=1)
        self.assertIn("watchdog", done.stderr)
        self.assertNotIn("isn't there", done.stderr)
        self.undo(1, "--confirm", "flash", "--devices", "XT1")

    def test_what_can_not_be_taken_back(self):
        self.run_xcomtop(*self.at.link, "write", "XT1", "1467", "send", "--confirm", "restart")
        self.at.do("deny XT1:1138 0x25 1")
        self.set("XT1", "1138", "45", "--flash", status=1)
        self.run_xcomtop(*self.at.link, "write", "XCOM", "5002", "now", "--confirm", "clock")
        requests = self.at.requests
        for number, says in ((1, "write 1 can't be taken back: it isn't a setting"),
                             (2, "write 2 can't be taken back: it was refused"),
                             (3, "write 3 can't be taken back: it isn't a setting"),
                             (4, "there is no record of a write 4")):
            self.assertIn(says, self.undo(number, "--yes", status=1).stderr)
        self.assertEqual(self.at.requests, requests)

    def test_one_whose_outcome_isn_t_known(self):
        self.at.do("mute XT1:1138 1")
        self.set("XT1", "1138", "45", "--timeout", "300ms", status=5)
        self.assertEqual(self.undo(1, "--yes").stdout, "XT1 runs with 60 A from now on, until it restarts\n")

    def test_what_it_does_not_take(self):
        for words in (("XT1",), ("--last", "1"), ("--since", "1h"), ("--flash",)):
            done = self.undo(1, *words, status=2)
            self.assertIn("--undo takes no DEVICE, --last, --since or --flash", done.stderr)
        for number in ("0", "-1", "x", "99999999999", ""):
            self.run_xcomtop("--demo", "writes", f"--undo={number}", status=2)
        self.assertIn("there is no record of a write 1", self.run_xcomtop("writes", "--undo", "1", status=1).stderr)

    def test_read_only(self):
        self.set("XT1", "1138", "45", "--flash")
        requests = self.at.requests
        done = self.undo(1, "--confirm", "flash", "--read-only", status=1)
        self.assertIn("read-only", done.stderr)
        self.assertEqual(self.at.requests, requests)


if __name__ == "__main__":
    main()
