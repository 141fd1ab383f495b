#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""writes --undo: the real xcomtop against the real xcomsim. What is planned, asked, written,
left out and told, whatever devices, lines and persons do meanwhile."""
import json
import os
import re
import socket
import subprocess

from harness import XCOMTOP, Case, environment, free_port, main

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
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(20)
            control.connect(self.control)
            control.sendall(command.encode() + b"\n")
            answer = b""
            while not re.search(rb"(?m)^(ok|error.*)\n\Z", answer):
                answer += control.recv(65536)
        lines = answer.decode().splitlines()
        self.case.assertEqual(lines[-1], "ok", command)
        return lines[:-1]

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
        self.assertIn("XT1 1138 Battery charge current: 45 A to 60 A in flash (1 writes recorded here", done.stderr)
        self.check_trace("trace")
        self.assertEqual(self.undo(2, "--yes").stdout, "XT2 runs with 60 A from now on, until it restarts\n")
        self.assertEqual([(r["device"], r["part"], r["old"], r["new"], r["undo"]) for r in self.records()],
                         [("XT1", "value", 60, 45, None), ("XT2", "ram", 60, 46, None), ("XT1", "value", 45, 60, 1),
                          ("XT2", "ram", 60, 60, 2)])
        # Twice; and what took it back is taken back.
        self.assertIn("that is what it has already", self.undo(1, "--confirm", "flash").stderr)
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
        self.run_xcomtop(*self.at.link, "write", "XCOM", "5002", "now", "--confirm", "restart")
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
