#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""backup and compare: the real xcomtop against the real xcomsim."""
import json
import os
import pty
import re
import signal
import stat
import subprocess
import time

from harness import XCOMTOP, Case, environment, free_port, main, order

FAST = ["--latency", "0", "--baud", "0"]
SLOW = ["--install", "xt=2,vs=1,bsp", "--latency", "2ms", "--baud", "0"]  # 900 settings in about 2 s


class Sim:
    """A simulated installation with its control socket."""

    def __init__(self, case, *arguments, speed=FAST):
        self.control = case.path(f"control{id(self)}")
        # Not just any port: it is to be the same after a disconnection.
        self.process = case.sim("--tcp-listen", str(free_port()), "--control", self.control, *speed, *arguments)
        self.link = ["-c", f"127.0.0.1:{self.process.port}"]

    def do(self, *commands):
        order(self.control, *commands)


class Base(Case):
    def backup(self, sim, name, *arguments, **more):
        return self.run_xcomtop(*sim.link, "backup", *arguments, self.path(name), **more)

    def compare(self, *arguments, status=0):
        return self.run_xcomtop("compare", *arguments, status=status)

    def text(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def section(self, name, section):
        """The settings of a device in a file, as texts by number."""
        text = self.text(name).split(f"\n[{section}]\n")[1].split("\n\n")[0]
        return dict(re.findall(r"^(\d+) = (.*?) *;", text, re.M))

    def begin(self, *arguments, **more):
        process = subprocess.Popen([XCOMTOP, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, env=environment(self.home), **more)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        return process

    def rows(self, done):
        return [json.loads(line) for line in done.stdout.splitlines()]

    def requests(self, trace, which=b""):
        with open(self.path(trace), encoding="utf-8") as file:
            return sum(" > AA" in line and which.hex(" ").upper() in line for line in file)


class Backup(Base):
    def test_everything_is_in_it(self):
        sim = Sim(self)
        done = self.backup(sim, "a.txt", "--trace", self.path("trace"))
        self.assertEqual((done.stdout, done.stderr), ("", ""))
        self.check_trace("trace")
        text = self.text("a.txt")
        self.assertEqual(re.findall(r"^\[(.*)\]$", text, re.M),
                         ["backup", "XT1", "XT2", "XT3", "VT1", "VT2", "VS1", "BSP", "XCOM", "end"])
        self.assertRegex(text, r"\n\[backup\]\nformat = 1\nprogram = xcomtop \d+\.\d+\.\d+\nguid = [0-9a-f]{32}\n")
        self.assertRegex(text, r"\n\[XT1\]\nfid = [0-9A-F]{8}\nmodel = XT\w \d+-48\nfirmware = \d+\.\d+\.\d+\n"
                         r"battery = 48 +; V  nominal \(info 3127\)\nac = 230 +; V  nominal \(info 3126\)\n"
                         r"read = 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC\n1551 = yes ")
        self.assertIn("\n1138 = 60                    ; Adc  Battery charge current\n", text)
        self.assertNotIn("not read", text)
        # As many as the tables have, but no signal, clock, level or blinking.
        settings = [len(self.section("a.txt", d)) for d in ("XT1", "XT3", "VT2", "VS1", "BSP", "XCOM")]
        self.assertEqual(settings, [346, 346, 246, 158, 21, 37])
        for number in (1415, 5002, 5012, 5045, 5119):
            self.assertNotRegex(text, rf"(?m)^{number} =")
        self.assertEqual(stat.S_IMODE(os.stat(self.path("a.txt")).st_mode), 0o600)
        self.assertEqual([name for name in os.listdir(self.home) if name.startswith("a.txt")], ["a.txt"])

    def test_two_of_the_same_differ_in_their_times_only(self):
        sim = Sim(self)
        self.backup(sim, "a.txt")
        self.backup(sim, "b.txt")
        plain = [re.sub(r"(?m)^read = .*", "", self.text(name)) for name in ("a.txt", "b.txt")]
        self.assertEqual(*plain)
        self.compare(self.path("a.txt"), self.path("b.txt"))
        # What has the name already is kept.
        before = self.text("a.txt")
        self.backup(sim, "a.txt")
        self.assertEqual(self.text("a.txt~"), before)

    def test_limits(self):
        sim = Sim(self, "--install", "xt=9,bsp")
        self.backup(sim, "a.txt", "--limits", "--trace", self.path("trace"))
        text = self.text("a.txt")
        self.assertIn("\n1138 = 0 to 200              ; Adc  Battery charge current\n", text)
        self.assertIn("\n1206 = 00:00 to 24:00        ; Start hour (AUX 1)\n", text)
        models = len(set(re.findall(r"(?m)^model = (XT.*\nfirmware = .*)", text)))
        self.assertLess(models, 9)
        self.assertEqual(len(re.findall(r"(?m)^\[limits XT", text)), models)
        # The least value of 1138: property 6.
        self.assertEqual(self.requests("trace", bytes([2, 0, 0x72, 4, 0, 0, 6, 0])), models)
        self.run_xcomtop("compare", self.path("a.txt"), self.path("a.txt"))

    def test_named_devices(self):
        sim = Sim(self)
        self.backup(sim, "a.txt", "--devices", "XT2,BSP")
        self.assertEqual(re.findall(r"^\[(.*)\]$", self.text("a.txt"), re.M), ["backup", "XT2", "BSP", "end"])
        done = self.backup(sim, "b.txt", "--devices", "XCOM,XT9", status=4)
        self.assertIn("there is no XT9", done.stderr)
        self.assertEqual(re.findall(r"^\[(.*)\]$", self.text("b.txt"), re.M), ["backup", "XCOM", "end"])
        self.backup(sim, "c.txt", "--devices", "XT9", status=1)
        self.assertFalse(os.path.exists(self.path("c.txt")))

    def test_a_bms(self):
        sim = Sim(self, "--install", "xt=1,bms")
        self.backup(sim, "a.txt")
        self.assertEqual(len(self.section("a.txt", "BMS")), 37)
        self.compare(*sim.link, self.path("a.txt"))

    def test_a_gateway_without_multi_infos(self):
        sim = Sim(self, "--install", "xt=1,no-multi")
        self.backup(sim, "a.txt")
        self.assertEqual(len(self.section("a.txt", "XT1")), 346)

    def test_reads_only(self):
        sim = Sim(self, "--install", "xt=1")
        self.backup(sim, "a.txt", "--read-only", "--trace", self.path("trace"))
        decoded = self.run_xcomtop("decode", self.path("trace")).stdout
        self.assertNotIn("write", decoded)
        self.assertNotIn("read message", decoded)
        self.run_xcomtop(*sim.link, "compare", self.path("a.txt"), env={"XCOMTOP_READ_ONLY": "1"})

    def test_refused_values_are_told_and_left_out(self):
        sim = Sim(self, "--fault", "error 0x2B XT1:1138", "--fault", "error 0x2A VT1:10002 1",
                  "--fault", "error 0x22 XCOM:5000")
        done = self.backup(sim, "a.txt", status=4)
        self.assertRegex(done.stderr, r"2 of \d+ settings couldn't be read; .*a\.txt says which and why")
        self.assertRegex(self.text("a.txt"), r"\n; 1138 not read: [a-z][^0-9]+ \(0x2B\); Battery charge current\n")
        self.assertNotIn("1138", self.section("a.txt", "XT1"))
        self.assertIn("10002", self.section("a.txt", "VT1"))  # tried again
        done = self.compare(*sim.link, self.path("a.txt"))  # asks only what is in the file
        sim.do("error 0x2B XT1:1107")
        done = self.compare(*sim.link, self.path("a.txt"), "--format", "jsonl", status=4)
        self.assertEqual([(r["id"], r["right_text"]) for r in self.rows(done)], [(1107, "--")])
        self.assertIn("0x2B", self.rows(done)[0]["remark"])

    def test_a_device_that_goes_away(self):
        sim = Sim(self, speed=SLOW)
        process = self.begin(*sim.link, "-v", "backup", self.path("a.txt"))
        self.wait_for(lambda: "%" in process.stderr.readline())
        sim.do("gone XT1", "gone VS1")
        self.assertEqual(process.wait(60), 4)
        told = process.stderr.read()
        self.assertIn("XT1 isn't there any more\n", told)
        self.assertIn("VS1 isn't there any more\n", told)
        self.assertRegex(self.text("a.txt"), r"\n; 14001 not read: the device isn't there any more; ")
        self.assertEqual(len(self.section("a.txt", "BSP")), 21)

    def test_what_cannot_be_written_is_told_at_once(self):
        def refuse(path, says, name="a.txt"):
            done = self.run_xcomtop("-c", "127.0.0.1:1", "backup", path, status=1)
            self.assertRegex(done.stderr, rf"\Axcomtop: [^\n]*{says}[^\n]*\n\Z")
        refuse(self.write("notes", "hello\n"), "is there already and is no backup")
        refuse(self.home, "is there already and is no backup")
        refuse("/dev/null", "is there already and is no backup")
        self.write("a.txt.part", "hello\n")
        refuse(self.path("a.txt"), r"a\.txt\.part:1: expected .*; remove .*a\.txt\.part to begin anew")
        os.unlink(self.path("a.txt.part"))
        os.symlink(self.path("notes"), self.path("a.txt.part"))
        refuse(self.path("a.txt"), "a symbolic link; remove")
        sim = Sim(self, "--install", "xt=1")
        done = self.run_xcomtop(*sim.link, "backup", "/nonexistent/a.txt", status=1)
        self.assertRegex(done.stderr, r"can't write /nonexistent/a\.txt\.part\.new: No such file")
        self.run_xcomtop("backup", status=2)
        self.run_xcomtop("--demo", "backup", "a", "b", status=2)
        self.run_xcomtop("--demo", "scan", "--limits", status=2)

    def test_no_answer(self):
        self.sim("--pty", self.path("tty"), "--fault", "lose 1000")
        done = self.run_xcomtop("-c", f"serial:{self.path('tty')}", "--timeout", "200ms", "backup",
                                self.path("a.txt"), status=3)
        self.assertIn("no answer", done.stderr)
        self.assertEqual([name for name in os.listdir(self.home) if name.startswith("a.txt")], [])

    def test_progress(self):
        sim = Sim(self, "--install", "xt=1", speed=["--latency", "8ms", "--baud", "0"])
        done = self.backup(sim, "a.txt", "-v")
        tenths = re.findall(r"(?m)^xcomtop: \d+ of \d+  (\d+) %", done.stderr)
        self.assertGreaterEqual(len(tenths), 8)
        self.assertRegex(done.stderr, r"  \d:\d\d left\n")
        self.assertRegex(done.stderr, r"383 settings of 2 devices are in .*a\.txt\n")
        # On a terminal: one line, four times a second at most, and nothing of it stays.
        ours, theirs = pty.openpty()
        began = time.monotonic()
        process = subprocess.Popen([XCOMTOP, *sim.link, "backup", self.path("a.txt")], stdin=subprocess.DEVNULL,
                                   stderr=theirs, env=environment(self.home))
        os.close(theirs)
        shown = b""
        try:
            while more := os.read(ours, 4096):
                shown += more
        except OSError:  # its end
            pass
        os.close(ours)
        self.assertEqual(process.wait(20), 0)
        lines = shown.decode().split("\r")
        drawn = [line for line in lines if "%" in line]
        self.assertRegex(drawn[-1], r"\A(?:XCOM|    )  \[#+\.*\]  \d+ of \d+  \d+ %  0:\d\d left *\Z")
        self.assertTrue(3 <= len(drawn) <= 4 * (time.monotonic() - began) + 1, len(drawn))
        self.assertTrue(all(len(line) < 80 for line in drawn))
        self.assertRegex(lines[-2], r"\Axcomtop: 383 settings of 2 devices are in ")


class Resuming(Base):
    def interrupt(self, sim, number, *arguments):
        """Begins a backup and ends it in the middle; what it said."""
        process = self.begin(*sim.link, "-v", "backup", self.path("a.txt"), *arguments)
        told = ""
        while not re.search(r" [2-8]\d %", told):
            line = process.stderr.readline()
            self.assertTrue(line, told)
            told += line
        process.send_signal(number)
        status = process.wait(20)
        self.assertEqual(status, -number if number == signal.SIGKILL else 128 + number)
        self.assertFalse(os.path.exists(self.path("a.txt")))
        return process.stderr.read()

    def test_it_goes_on_after_signals(self):
        sim = Sim(self, speed=SLOW)
        for number in (signal.SIGTERM, signal.SIGINT):
            told = self.interrupt(sim, number)
            have, every = map(int, re.search(r"(\d+) of (\d+) settings are in .*a\.txt\.part; the same command goes on",
                                             told).groups())
            self.assertTrue(every / 5 <= have < every)
            self.assertEqual(stat.S_IMODE(os.stat(self.path("a.txt.part")).st_mode), 0o600)
            self.assertIn("isn't complete", self.compare(self.path("a.txt.part"), self.path("x"), status=1).stderr)
            done = self.backup(sim, "a.txt", "--trace", self.path("trace"))
            self.assertIn(f"going on with {self.path('a.txt')}.part: {have} of {every} settings", done.stderr)
            self.assertLess(self.requests("trace"), every - have + 60)
            self.assertFalse(os.path.exists(self.path("a.txt.part")))
            self.compare(*sim.link, self.path("a.txt"))
            os.unlink(self.path("a.txt"))

    def test_it_goes_on_after_a_kill(self):
        sim = Sim(self, speed=SLOW)
        self.interrupt(sim, signal.SIGKILL)
        done = self.backup(sim, "a.txt")
        self.assertIn("going on with", done.stderr)
        self.compare(*sim.link, self.path("a.txt"))

    def test_a_gateway_that_is_lost(self):
        sim = Sim(self, speed=SLOW)
        process = self.begin(*sim.link, "-v", "--timeout", "300ms", "backup", self.path("a.txt"))
        self.wait_for(lambda: re.search(r" [1-6]\d %", process.stderr.readline()))
        sim.do("disconnect 4s")
        self.assertEqual(process.wait(20), 3)
        self.assertRegex(process.stderr.read(), r"\d+ of \d+ settings are in .*a\.txt\.part")
        done = self.backup(sim, "a.txt", "--wait", "20s")
        self.assertIn("going on with", done.stderr)
        self.compare(*sim.link, self.path("a.txt"))

    def test_a_link_that_comes_back_costs_nothing(self):
        sim = Sim(self, speed=SLOW)
        process = self.begin(*sim.link, "-v", "backup", self.path("a.txt"), "--trace", self.path("trace"))
        self.wait_for(lambda: re.search(r" [3-8]\d %", process.stderr.readline()))
        sim.do("disconnect 1s")
        self.assertEqual(process.wait(60), 0)
        every = len(re.findall(r"(?m)^\d+ = ", self.text("a.txt")))
        self.assertLess(self.requests("trace"), every + 100)
        self.check_trace("trace", "--faults")

    def test_another_installation_s_part(self):
        sim = Sim(self, speed=SLOW)
        self.interrupt(sim, signal.SIGTERM)
        part = self.text("a.txt.part")
        other = Sim(self, "--seed", "2")
        says = "is of a backup of another installation: .*; remove it to begin anew"
        self.assertRegex(self.backup(other, "a.txt", status=1).stderr, says)
        self.write("a.txt.part", re.sub(r"(?m)^guid = .*\n", "", part))
        self.assertRegex(self.backup(other, "a.txt", status=1).stderr, r"XT1 has FID \w+ there, \w+ here")
        sim.do("firmware XT2 1.6.50")
        self.write("a.txt.part", part)
        self.assertRegex(self.backup(sim, "a.txt", status=1).stderr, r"XT2 has firmware \S+ there, 1\.6\.50 here")
        done = self.backup(sim, "a.txt", "--devices", "XT1", status=1)
        self.assertRegex(done.stderr, r"a\.txt\.part has XT2, which --devices leaves out")
        self.assertEqual(self.text("a.txt.part"), part)
        self.assertFalse(os.path.exists(self.path("a.txt")))


class Compare(Base):
    def setUp(self):
        super().setUp()
        self.installation = Sim(self)
        self.backup(self.installation, "a.txt")

    def live(self, *arguments, status=0):
        return self.compare(*self.installation.link, self.path("a.txt"), *arguments, status=status)

    def test_the_same(self):
        done = self.live("--trace", self.path("trace"))
        self.assertRegex(done.stdout, r"\A +a\.txt +live\n\Z")
        self.check_trace("trace")
        self.assertEqual(self.live("--format", "jsonl").stdout, "")
        self.live("live", "-v")

    def test_what_differs(self):
        self.installation.do("set XT1 1138 55", "set VT2 10009 56.5", "set XT2 1552 Fast", "set XT1 1126 no")
        done = self.live(status=1)
        self.assertEqual([line.split() for line in done.stdout.splitlines()], [
            ["a.txt", "live"],
            ["XT1", "1138", "Battery", "charge", "current", "60", "55", "Adc"],
            ["XT1", "1126", "Smart-Boost", "allowed", "yes", "no"],
            ["XT2", "1552", "Type", "of", "detection", "of", "the", "grid", "loss", "(AC-In)", "Tolerant", "Fast"],
            ["VT2", "10009", "Absorption", "voltage", "57.601562", "56.5", "Vdc"]])
        got = self.rows(self.live("--format", "jsonl", status=1))
        self.assertEqual(got[0], {"device": "XT1", "right_device": "XT1", "family": "XT", "id": 1138,
                                  "name": "Battery charge current", "left": 60, "left_text": "60", "right": 55,
                                  "right_text": "55", "unit": "Adc", "remark": ""})
        self.assertEqual((got[2]["left"], got[2]["right"]), (2, 4))
        # The same from two files, and in the other order.
        self.backup(self.installation, "b.txt")
        both = [self.rows(self.compare(*map(self.path, names), "--format", "jsonl", status=1))
                for names in (("a.txt", "b.txt"), ("b.txt", "a.txt"))]
        self.assertEqual(both[0], got)
        self.assertEqual([(r["left"], r["right"]) for r in both[1]], [(r["right"], r["left"]) for r in got])
        changed = [line for line in subprocess.run(["diff", self.path("a.txt"), self.path("b.txt")], text=True,
                                                   capture_output=True, check=False).stdout.splitlines()
                   if line.startswith(">") and "read =" not in line]
        self.assertEqual(len(changed), 4)
        self.assertRegex(self.compare(*map(self.path, ("a.txt", "b.txt")), "--format", "csv", status=1).stdout,
                         r"\Adevice,right_device,family,id,name,left,left_text,right,right_text,unit,remark\n"
                         r"XT1,XT1,XT,1138,Battery charge current,60,60,55,55,Adc,\n")
        self.assertEqual(len(self.rows(self.live("--devices", "XT2", "--format", "jsonl", status=1))), 1)
        self.live("--devices", "BSP")

    def test_only_what_is_in_the_file_is_asked(self):
        self.write("few.txt", "[backup]\nformat = 1\n[XT1]\n1138 = 60\n1107 = 32\n[end]\ncomplete = yes\n")
        done = self.compare(*self.installation.link, self.path("few.txt"), "--devices", "XT1", "--trace",
                            self.path("trace"), "--format", "jsonl")
        self.assertEqual((done.stdout, done.stderr), ("", ""))
        parameters = self.requests("trace", bytes([0, 1, 2, 0])) - self.requests("trace", bytes([2, 0, 0xE7, 0x13]))
        self.assertEqual(parameters, 2)

    def test_devices_that_moved_are_missing_or_new(self):
        self.installation.do("swap XT1 XT2", "gone VS1", "set XT1 1138 44")  # what was XT2
        got = self.rows(self.live("--format", "jsonl", status=1))
        self.assertEqual([(r["device"], r["right_device"], r["id"], r["remark"]) for r in got],
                         [("XT1", "XT2", None, "moved"), ("XT2", "XT1", None, "moved"),
                          ("XT2", "XT1", 1138, ""), ("VS1", "", None, "missing")])
        self.installation.do("swap XT1 XT2", "set XT2 1138 60")
        text = self.text("a.txt")
        self.write("b.txt", text.replace(text[text.index("\n[VT2]"):text.index("\n[VS1]")], ""))
        got = self.rows(self.compare(self.path("b.txt"), self.path("a.txt"), "--format", "jsonl", status=1))
        self.assertEqual([(r["device"], r["remark"]) for r in got], [("VT2", "new")])
        # Another device in the place of one is compared with it.
        self.write("c.txt", re.sub(r"(\[XT1\]\nfid = )\w+", r"\g<1>00000001", text))
        done = self.compare(self.path("c.txt"), self.path("a.txt"))
        self.assertRegex(done.stderr, r"XT1: the FID was 00000001, is \w{8}\n")

    def test_defaults(self):
        done = self.compare(self.path("a.txt"), "defaults", "--devices", "XT1,VT1,VS1")
        self.assertEqual(len(done.stdout.splitlines()), 1)
        text = self.text("a.txt").replace("\n1138 = 60 ", "\n1138 = 61 ", 1)
        # Half the voltage, half of what depends on it.
        self.write("b.txt", re.sub(r"(\[XT3\][^[]*?battery = )48", r"\g<1>24", text))
        got = self.rows(self.compare(self.path("b.txt"), "defaults", "--format", "jsonl", status=1))
        self.assertEqual([(r["device"], r["left"], r["right"]) for r in got if r["id"] == 1138], [("XT1", 61, 60)])
        halves = [r for r in got if r["device"] == "XT3"]
        self.assertGreater(len(halves), 20)
        self.assertTrue(all(abs(r["left"] - 2 * r["right"]) < 0.01 for r in halves))

    def test_files_that_are_none(self):
        def refuse(text, says):
            done = self.compare(self.write("x", text), self.path("a.txt"), status=1)
            self.assertEqual(done.stdout, "")
            self.assertRegex(done.stderr, rf"\Axcomtop: [^\n]*{says}[^\n]*\n\Z")
            self.assertTrue(done.stderr.isprintable() or done.stderr[:-1].isprintable())
        refuse("", "x:1: expected a backup of xcomtop")
        refuse("[backup]\nformat = 99\n", "x:2: this is a backup of format 99")
        refuse("[backup]\nformat = 1\n[XT1]\n\x1b[2J = 1\n", r"x:4: Xtender has no setting '\\x1B")
        refuse("[backup]\nformat = 1\n[\x1b]0;x\x07]\n1 = 1\n", r"x:\d: ")
        whole = self.text("a.txt")
        refuse(whole[:len(whole) // 2], r"x:\d+: ")
        refuse(whole.replace("\n[end]\ncomplete = yes\n", "\n"), r"x:\d+: the file isn't whole")
        self.assertIn("No such file", self.compare(self.path("none"), "defaults", status=1).stderr)
        self.assertIn("No such file", self.compare(self.path("a.txt"), self.path("none"), status=1).stderr)
        self.run_xcomtop("compare", self.path("a.txt"), status=2)  # no link
        self.run_xcomtop("compare", status=2)

    def test_from_a_pipe(self):
        done = subprocess.run([XCOMTOP, "compare", "/dev/stdin", self.path("a.txt")], capture_output=True, timeout=20,
                              input=self.text("a.txt").encode(), env=environment(self.home), check=False)
        self.assertEqual((done.returncode, done.stderr), (0, b""))


if __name__ == "__main__":
    main()
