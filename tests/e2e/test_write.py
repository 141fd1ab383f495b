#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Changing parameters with the real xcomtop: what a person is asked on a real terminal, what scripts get, and what
is left of it whenever and however it ends."""
import csv
import io
import json
import os
import random
import re
import signal
import subprocess
import time

from changes import Change
from harness import XCOMTOP, Case, environment, free_port, main

KEYS = ["n", "time", "device", "address", "fid", "id", "part", "old", "new", "result", "name", "unit",
        "error", "read_back", "site", "who", "undo"]


# --- A person at a terminal ------------------------------------------------------------------------------


class Prompts(Change):
    def test_ram_with_y(self):
        term = self.ask("XT1", "1138", "45")
        term.see("Write? [y/N] ")
        self.assertEqual(self.requests(), 0)
        term.type("y\n")
        stdout, seen = term.end(0)
        self.assertIn("XT1 1138 Battery charge current: 60 A to 45 A in RAM, until it restarts", seen)
        self.assertEqual(stdout, "XT1 runs with 45 A from now on, until it restarts\n")
        self.assertEqual(self.written(), ["ram XT1:1138 1"])
        self.assertEqual(self.requests(), 1)
        self.check_trace("trace")
        record, = self.records()
        self.assertEqual((record["device"], record["id"], record["part"], record["old"], record["new"],
                          record["result"]), ("XT1", 1138, "ram", 60, 45, "written"))

    def test_other_ways_to_say_yes(self):
        for answer in ("Y\n", "yes\n", "YES\n"):
            term = self.ask("XT1", "1138", "45")
            term.see("[y/N] ")
            term.type(answer)
            term.end(0)

    def test_everything_else_is_no(self):
        for answer in ("n\n", "\n", "\x04", "yes please\n", "ja\n", " y\n", "45\n", "y" * 300 + "\n"):
            term = self.ask("XT1", "1138", "45")
            term.see("[y/N] ")
            term.type(answer)
            stdout, seen = term.end(1)
            self.assertEqual(stdout, "")
            self.assertIn("nothing was written", seen)
        self.assertEqual(self.requests(), 0)
        self.assertEqual(self.records(), [])

    def test_what_was_typed_before_the_question_is_no_answer(self):
        term = self.ask("XT1", "1138", "45")
        term.type("y\ny\n")
        term.see("[y/N] ")
        term.read(0.5)
        self.assertIsNone(term.process.poll())
        self.assertEqual(self.requests(), 0)
        term.type("n\n")
        term.end(1)
        self.assertEqual(self.requests(), 0)

    def test_flash_needs_its_word(self):
        for answer in ("y\n", "yes\n", "\n", "Flash\n", "flash \n", "flashh\n", "all\n"):
            term = self.ask("XT1", "1138", "45", "--flash")
            term.see("Type flash to go on: ")
            term.type(answer)
            term.end(1)
        self.assertEqual(self.requests(), 0)
        term = self.ask("XT1", "1138", "45", "--flash", "--yes")  # which doesn't replace it
        term.see("Type flash to go on: ")
        term.type("flash\n")
        stdout, seen = term.end(0)
        self.assertIn("in flash (0 writes recorded here, 1000 guaranteed)", seen)
        self.assertEqual(stdout, "XT1 has stored 45 A\n")
        self.assertEqual(self.written(), ["flash XT1:1138 1"])
        term = self.ask("XT1", "1138", "46", "--flash")
        self.assertIn("(1 write recorded here", term.see("go on: "))
        term.type("\x04")
        term.end(1)

    def test_a_family_needs_its_word(self):
        term = self.ask("XT", "1138", "45")
        seen = term.see("Type all to go on: ")
        for device in ("XT1", "XT2", "XT3"):
            self.assertIn(f"{device} 1138 Battery charge current: 60 A to 45 A in RAM", seen)
        term.type("all\n")
        stdout, _ = term.end(0)
        self.assertRegex(stdout, "^all 3 devices have it")
        self.assertEqual(self.requests(), 1)
        self.assertEqual(self.written(), [f"ram XT{i}:1138 1" for i in (1, 2, 3)])
        self.check_trace("trace")

    def test_what_is_dangerous_needs_its_word_and_says_why(self):
        for words, word in ((("XT1", "1124", "no"), "stop"), (("XT1", "1467", "send"), "restart"),
                            (("VT1", "10200", "send"), "erase"), (("XT1", "1395", "send"), "reset"),
                            (("XT1", "1286", "230"), "danger")):
            term = self.ask(*words)
            self.assertIn("xcomtop: ! ", term.see(f"Type {word} to go on: "))
            term.type(word + "\n")
            term.end(0)
        self.assertEqual(self.requests(), 5)

    def test_the_clock(self):
        term = self.ask("XCOM", "5002", "now")
        term.see("Type clock to go on: ")
        term.type("clock\n")
        before = time.time()
        stdout, _ = term.end(0)
        said = re.search(r"clock is set to (\S+ \S+)", stdout)[1]
        said = time.mktime(time.strptime(said, "%Y-%m-%d %H:%M:%S")) - time.timezone  # TZ is UTC there
        self.assertTrue(before - 2 <= said <= time.time() + 2, stdout)
        clock = int(dict(line.split() for line in self.command("status"))["clock"])
        self.assertTrue(abs(clock - time.time()) < 5)

    def test_ctrl_c_writes_nothing(self):
        for words in (("XT1", "1138", "45"), ("XT1", "1138", "45", "--flash")):
            term = self.ask(*words)
            term.see("rite?")
            term.type("\x03")
            stdout, _ = term.end(128 + signal.SIGINT)
            self.assertEqual(stdout, "")
        self.assertEqual(self.requests(), 0)

    def test_a_terminal_that_goes_away_writes_nothing(self):
        term = self.ask("XT1", "1138", "45")
        term.see("[y/N] ")
        term.hang_up()
        term.end(128 + signal.SIGHUP)
        self.assertEqual(self.requests(), 0)
        self.assertEqual(self.records(), [])

    def test_a_gateway_that_goes_away_meanwhile_gets_nothing(self):
        term = self.ask("XT1", "1138", "45")
        term.see("[y/N] ")
        self.command("disconnect 60s")
        time.sleep(0.2)  # it is told of it
        term.type("y\n")
        _, seen = term.end(3)
        self.assertIn("nothing was sent: the connection was lost", seen)
        self.assertEqual(self.requests(), 0)

    def test_what_has_changed_meanwhile_stops_it(self):
        for change, says in (("set XT1 1138 50", "meanwhile XT1 has changed from 60 A to 50 A"),
                             ("swap XT1 XT2", "XT1 is another device than before")):
            term = self.ask("XT1", "1138", "45")
            term.see("[y/N] ")
            self.command(change)
            term.type("y\n")
            _, seen = term.end(1)
            self.assertIn("nothing was sent", seen)
            self.assertIn(says, seen)
        self.assertEqual(self.requests(), 0)


# --- Scripts ---------------------------------------------------------------------------------------------


class Scripts(Change):
    def refuse(self, *arguments, status, says, **more):
        """One clear line on stderr, nothing on stdout, nothing sent."""
        done = self.write(*arguments, status=status, **more)
        self.assertEqual(done.stdout, "")
        self.assertRegex(done.stderr, says)
        self.assertEqual(self.requests(), 0)
        return done

    def test_without_a_terminal_nothing_is_confirmed(self):
        self.refuse("XT1", "1138", "45", status=1, says="no terminal to ask on; --yes says yes")
        self.refuse("XT1", "1138", "45", "--flash", status=1, says="--confirm flash says yes")
        self.refuse("XT1", "1138", "45", "--flash", "--yes", status=1, says="--confirm flash says yes")
        self.refuse("XT", "1138", "45", "--yes", status=1, says="--confirm all says yes")
        self.refuse("XT1", "1124", "no", "--yes", "--confirm", "flash", status=1,
                    says="--confirm flash: the word asked for is stop")
        self.refuse("XT1", "1138", "45", "--confirm", "flash", status=1, says="--yes says yes")
        # An answer on a pipe is none.
        with subprocess.Popen(["echo", "y"], stdout=subprocess.PIPE) as echo:
            self.refuse("XT1", "1138", "45", status=1, says="no terminal", stdin=echo.stdout)

    def test_what_an_earlier_run_wrote_to_ram_is_told(self):
        self.write("XT1", "1138", "45", "--yes")
        done = self.write("XT1", "1138", "50", "--yes")
        self.assertRegex(done.stderr, "! 45 A was written to XT1's RAM on .*: unless it has restarted since, that runs")
        done = self.write("XT1", "1138", "60", "--yes")
        self.assertIn("! 50 A was written to XT1's RAM on", done.stderr)
        done = self.write("XT1", "1138", "50", "--flash", "--confirm", "flash")
        self.assertNotIn("was written to XT1's RAM", done.stderr)

    def test_yes_and_confirm(self):
        self.write("XT1", "1138", "45", "--yes")
        self.check_trace("trace")
        self.write("XT1", "1138", "46", "--flash", "--confirm", "flash")
        self.check_trace("trace")
        self.write("VT", "10002", "40", "--confirm", "all")
        self.write("L2", "1138", "47", "--confirm", "all")
        self.write("XT1", "1467", "send", "--confirm", "restart")
        self.write("XCOM", "5104", "send", "--yes")
        self.check_trace("trace")
        self.assertEqual(self.written(), ["done XCOM:5104 1", "done XT1:1467 1", "flash XT1:1138 1",
                                          "ram VT1:10002 1", "ram VT2:10002 1", "ram XT1:1138 1", "ram XT2:1138 1"])
        self.assertEqual(self.requests(), 6)
        self.assertEqual([r["result"] for r in self.records()], 7 * ["written"])

    def test_values(self):
        for words, new in ((("XT1", "1139", "-4"), -4), (("XT1", "1138", "45.5"), 45.5),
                           (("XT1", "1138", "46 A"), 46), (("XT1", "1138", "47Adc"), 47),
                           (("XT1", "1155", "no"), 0), (("XT1", "1205", "MO,WE,SU"), 0x45),
                           (("XT1", "1206", "13:41"), 821), (("VT1", "10075", "OC ratio"), 2),
                           (("VT1", "10075", "4"), 4), (("XCOM", "5000", "2"), 2)):
            self.write(*words, "--yes")
            self.assertEqual(self.records("--last", "1")[0]["new"], new)
            self.check_trace("trace")

    def test_what_is_no_value(self):
        for value in ("nan", "NaN", "inf", "-inf", "infinity", "0x10", "1e400", "", " ", "45 V", "A", "--", "1_0"):
            done = self.run_xcomtop(*self.link, "write", "--yes", "--", "XT1", "1138", value, status=2)
            self.assertIn("expected a number", done.stderr)
        self.refuse("XT1", "1138", "-x", status=2, says="-x")
        done = self.run_xcomtop(*self.link, "write", "VT1", "10001", "36V", status=2)
        self.assertIn("'36V': expected one of its options, by label or number\n", done.stderr)
        self.assertIn("  4  24V\n", done.stderr)
        self.refuse("XT1", "1206", "24:01", status=2, says="expected a time like 13:41")
        self.refuse("XT1", "1206", "821", status=2, says="expected a time like 13:41")
        self.refuse("XT1", "1155", "2", status=2, says="expected yes or no")
        self.refuse("XT1", "1552", "quick", status=2, says="one of its options")
        self.refuse("XT1", "1552", "3", "--yes", status=1, says="one of its options")
        self.refuse("XT1", "1467", "1", status=2, says="expected the word send")
        self.refuse("XCOM", "5002", "yesterday", status=2, says="or now")
        self.refuse("XT1", "1138", "now", status=2, says="expected a number")

    def test_what_is_no_parameter(self):
        self.refuse("XT10", "1138", "45", status=2, says="'XT10' isn't something to write to")
        self.refuse("XT*", "1138", "45", status=2, says=r"'XT\*' isn't something to write to")
        self.refuse("XT.sum", "1138", "45", status=2, says="isn't something to write to")
        self.refuse("0", "1138", "45", status=2, says="'0' isn't something to write to")
        self.refuse("XT1", "9999", "45", status=2, says="XT has no parameter 9999")
        self.refuse("VT1", "1138", "45", status=2, says="VT has no parameter 1138")
        self.refuse("BMS", "6057", "8", status=2, says="BMS has no parameter 6057")
        self.refuse("XT1", "charge", "45", status=2, says="xcomtop list charge")
        self.refuse("XT1", "3000", "45", status=2, says="3000 is a user info: only parameters can be written")
        self.refuse("XT1", "1100", "45", status=2, says="1100 is a menu: only parameters can be written")
        self.refuse("XCOM", "5012", "16", status=2, says="5012 can't be read or written over this protocol")
        self.refuse("XT1", "1138", status=2, says="'write' needs DEVICE ID VALUE")
        # Wrong usage is told without a gateway.
        done = self.run_xcomtop("-c", f"127.0.0.1:{free_port()}", "write", "XT1", "3000", "45", status=2)
        self.assertIn("user info", done.stderr)

    def test_what_the_devices_forbid(self):
        self.refuse("XT1", "1138", "201", "--yes", status=1, says="201 A is above this device's maximum, 200 A")
        self.refuse("XT1", "1138", "-1", "--yes", status=1, says="-1 A is below this device's minimum, 0 A")
        self.refuse("XT9", "1138", "45", "--yes", status=1, says="there is no XT9")
        self.refuse("XT", "1138", "45", "--devices", "XT1", "--confirm", "all", status=1,
                    says="also those that aren't among the devices named")
        self.command("firmware XT1 1.6.11")
        self.refuse("XT1", "1138", "45", "--yes", status=1, says="1.6.11, is too old for RAM writes")
        self.command("firmware XT1 unreadable")
        self.refuse("XT1", "1138", "45", "--yes", status=1, says="doesn't tell its firmware")
        self.command("clear")
        self.command("firmware XT1 1.6.74")
        self.command("set XT1 1628 yes")
        self.refuse("XT1", "1138", "45", "--yes", status=1, says="watchdog is on")
        self.command("set XT1 1550 no")
        self.refuse("XT1", "1138", "45", "--flash", "--confirm", "flash", status=1, says="nothing would be stored")
        self.assertEqual(self.records(), [])

    def test_read_only(self):
        self.refuse("XT1", "1138", "45", "--yes", "--read-only", status=1, says="read-only")
        self.refuse("XT1", "1138", "45", "--yes", status=1, says="read-only", env={"XCOMTOP_READ_ONLY": "1"})
        self.write_configuration("read-only = yes\n")
        self.refuse("--site", "here", "XT1", "1138", "45", "--yes", status=1, says="read-only")

    def write_configuration(self, more):
        self.write_file(".config/xcomtop/xcomtop.conf", f"[here]\nlink = 127.0.0.1:{self.port}\n{more}")

    def write_file(self, name, text):
        Case.write(self, name, text)

    def test_only_the_gateway_that_was_named(self):
        guid = self.guid()
        self.write("XT1", "1138", "45", "--yes", "--guid", guid)
        self.write("XT1", "1138", "46", "--yes", "--guid", guid.upper())
        dashes = "-".join((guid[:8], guid[8:12], guid[12:16], guid[16:20], guid[20:]))
        self.write("XT1", "1138", "45", "--yes", "--guid", dashes)
        other = "0" * 32
        done = self.write("XT1", "1138", "47", "--yes", "--guid", other, status=1)
        self.assertIn("another installation than the one configured", done.stderr)
        self.write_configuration(f"guid = {other}\n")
        done = self.run_xcomtop("--site", "here", "write", "XT1", "1138", "47", "--yes", status=1)
        self.assertIn("another installation than the one configured", done.stderr)
        self.assertEqual(self.requests(), 3)

    def test_another_installation_under_the_same_name(self):
        self.write_configuration("")
        self.run_xcomtop("--site", "here", "write", "XT1", "1138", "45", "--yes")
        other = self.sim("--seed", "2", "--tcp-listen", "0")
        self.write_file(".config/xcomtop/xcomtop.conf", f"[here]\nlink = 127.0.0.1:{other.port}\n")
        done = self.run_xcomtop("--site", "here", "write", "XT1", "1138", "45", "--yes", status=1)
        self.assertIn("the last write recorded for here went to another installation", done.stderr)
        self.assertIn("--confirm site", done.stderr)
        self.run_xcomtop("--site", "here", "write", "XT1", "1138", "45", "--confirm", "site")
        self.run_xcomtop("--site", "here", "write", "XT1", "1138", "46", "--yes")

    def test_columns(self):
        done = self.write("XT1", "1138", "45", "--yes", "--format", "jsonl")
        row = json.loads(done.stdout)
        self.assertEqual(list(row), KEYS)
        self.assertEqual({k: row[k] for k in ("n", "device", "address", "id", "part", "old", "new", "result", "name",
                                              "unit", "error", "read_back", "undo")},
                         {"n": 1, "device": "XT1", "address": 101, "id": 1138, "part": "ram", "old": 60, "new": 45,
                          "result": "written", "name": "Battery charge current", "unit": "Adc", "error": None,
                          "read_back": None, "undo": None})
        done = self.write("XT", "1138", "50", "--flash", "--confirm", "flash", "--format", "csv")
        self.assertNotIn("\r", done.stdout)
        rows = list(csv.DictReader(io.StringIO(done.stdout)))
        self.assertEqual(list(rows[0]), KEYS)
        self.assertEqual([(r["device"], r["part"], r["read_back"], r["result"]) for r in rows],
                         [(f"XT{i}", "value", "50", "written") for i in (1, 2, 3)])
        # A refusal is a row too, and a line.
        self.command("deny XT1:1138 0x2B 1")
        done = self.write("XT1", "1138", "51", "--yes", "--format", "jsonl", status=1)
        row = json.loads(done.stdout)
        self.assertEqual((row["result"], row["error"]), ("refused", 0x2B))
        self.assertIn("XT1 refused it", done.stderr)
        # Nothing could be asked: nothing is a row.
        self.assertEqual(self.write("XT1", "1138", "999", "--yes", "--format", "csv", status=1).stdout, "")

    def test_undo(self):
        self.write("XT1", "1138", "45", "--flash", "--confirm", "flash")
        self.run_xcomtop(*self.link, "writes", "--undo", "1", "--confirm", "flash")
        self.assertEqual([(r["new"], r["undo"]) for r in self.records()], [(45, None), (60, 1)])
        self.assertEqual(self.written(), ["flash XT1:1138 2"])


class Outcomes(Change):
    """Whatever the line does: one request, and an exit status that tells what is known."""

    def once(self, *arguments, status, says):
        before = self.requests()
        done = self.write(*arguments, status=status)
        self.assertRegex(done.stdout + done.stderr, says)
        self.assertEqual(self.requests(), before + 1)
        self.check_trace("trace", "--faults")
        return self.records("--last", "1")[0]["result"]

    def test_refused(self):
        self.command("deny XT1:1138 0x25 1")
        self.assertEqual(self.once("XT1", "1138", "45", "--yes", status=1, says="XT1 refused it: .*0x25"), "refused")

    def test_unknown(self):
        flash = ("XT1", "1138", "45", "--flash", "--confirm", "flash")
        ram = ("XT1", "1138", "45", "--yes")
        for fault, words, timeout, status, says, result in (
                ("mute XT1:1138 1", ram, "2100ms", 5, "it isn't known whether XT1 has it", "unknown"),
                ("drop XT1:1138 1", flash, "2100ms", 5, "no answer came; it reads back as 60 A", "unknown"),
                ("doubt XT1:1138 0x29 1", ram, "2100ms", 5, "0x29", "unknown"),
                ("deny XT1:1138 0x03 1", ram, "2500ms", 5, "0x03", "unknown"),
                ("mute XT1:1138 1", flash, "2100ms", 0, "XT1 has stored 45 A", "written")):
            self.command(fault)
            self.assertEqual(self.once(*words, "--timeout", timeout, status=status, says=says), result, fault)

    def test_partly(self):
        self.command("refusals hidden")
        self.command("deny XT2:1138 0x2B 1")
        self.once("XT", "1138", "45", "--flash", "--confirm", "flash", status=4,
                  says="2 of 3 devices have it; XT2 took 45 A, but reads back as 60 A")

    def test_of_some_it_is_unknown(self):
        self.command("deny XT2:1138 0x2B 1")
        self.once("XT", "1138", "45", "--flash", "--confirm", "flash", status=5,
                  says="2 of 3 devices have it; it isn't known whether XT2 has it")

    def test_no_link_or_no_answer(self):
        done = self.run_xcomtop("-c", f"127.0.0.1:{free_port()}", "write", "XT1", "1138", "45", "--yes", status=3)
        self.assertIn("refused", done.stderr)
        self.command("missing silence")
        self.command("gone XT1")
        done = self.write("XT1", "1138", "45", "--yes", "--timeout", "300ms", status=3)
        self.assertIn("no answer when XT1 was asked", done.stderr)
        self.assertEqual(self.requests(), 0)

    def test_a_program_that_is_told_to_end_while_it_writes(self):
        self.command("late always 400ms")
        with subprocess.Popen([XCOMTOP, *self.link, "write", "XT1", "1138", "45", "--yes"],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=environment(self.home)) as process:
            self.wait_for(lambda: self.requests() == 1)
            process.send_signal(signal.SIGTERM)
            stdout, _ = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 128 + signal.SIGTERM)
        self.assertIn(b"XT1 runs with 45 A", stdout)
        self.assertEqual(self.records()[0]["result"], "written")


# --- Records ---------------------------------------------------------------------------------------------


class Records(Change):
    def test_nowhere_to_record(self):
        Case.write(self, "file", "")
        nowhere = {"XDG_STATE_HOME": self.path("file")}
        done = self.write("XT1", "1138", "45", "--yes", status=1, env=nowhere)
        self.assertRegex(done.stderr, r"it can't be recorded, so it isn't written: .*/records\.sqlite")
        self.assertEqual(self.requests(), 0)
        done = self.write("XT1", "1138", "45", "--yes", "--unrecorded", env=nowhere)
        self.assertIn("this change isn't recorded", done.stderr)
        self.assertEqual(self.requests(), 1)

    def test_a_full_disk(self):
        small = self.path("small")
        os.mkdir(small)
        if os.getuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", small],
                                              stderr=subprocess.DEVNULL, check=False).returncode != 0:
            self.skipTest("needs to be allowed to mount")
        self.addCleanup(subprocess.run, ["umount", small], check=False)
        state = {"XDG_STATE_HOME": small}
        self.write("XT1", "1138", "45", "--yes", env=state)
        filler = os.open(os.path.join(small, "filler"), os.O_WRONLY | os.O_CREAT)
        try:
            while True:
                os.write(filler, bytes(512))
        except OSError:
            os.close(filler)
        done = self.write("XT1", "1138", "46", "--yes", status=1, env=state)
        self.assertIn("the disk is full", done.stderr)
        self.assertEqual(self.requests(), 1)
        os.remove(os.path.join(small, "filler"))
        self.write("XT1", "1138", "46", "--yes", env=state)
        done = self.run_xcomtop("writes", "--format", "jsonl", env=state)
        self.assertEqual([json.loads(line)["new"] for line in done.stdout.splitlines()], [45, 46])

    def test_two_programs_at_a_time(self):
        second = self.sim("--seed", "2", "--tcp-listen", "0")
        links = (self.link, ["-c", f"127.0.0.1:{second.port}"])
        processes = []
        for value in range(40, 52):
            for link in links:
                processes.append(subprocess.Popen(
                    [XCOMTOP, *link, "write", "XT1", "1138", str(value), "--yes"], stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(self.home)))
            # One gateway answers one program at a time.
            for process in processes[-2:]:
                _, stderr = process.communicate(timeout=60)
                self.assertEqual(process.returncode, 0, stderr)
        records = self.records()
        self.assertEqual(len({r["n"] for r in records}), 24)
        self.assertEqual({r["result"] for r in records}, {"written"})
        self.assertEqual(sorted(r["new"] for r in records), sorted(2 * list(range(40, 52))))


class Killed(Change):
    """kill -9 at any moment: what reached the gateway is recorded, and the record can be read."""

    def start(self, *arguments):
        self.sim("--pty", self.path("tty"), "--baud", "115200", "--latency", "5ms", "--control",
                 self.path("control"), *arguments)
        self.link = ["-c", f"serial:{self.path('tty')}?baud=115200&parity=none"]

    def run_for(self, value, seconds):
        """How long it took; killed after that many seconds."""
        begin = time.monotonic()
        with subprocess.Popen([XCOMTOP, *self.link, "write", "XT1", "1138", str(value), "--flash", "--confirm",
                               "flash"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, env=environment(self.home)) as process:
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.kill()
        return time.monotonic() - begin

    def test_at_many_moments(self):
        chance = random.Random(1)
        whole = self.run_for(59, 30)
        sent = {59}
        for i in range(45):
            value = 61 + i
            before = self.requests()
            # Mostly near the end, where it is recorded and sent.
            self.run_for(value, whole * chance.triangular(0.3, 1.1, 0.8))
            time.sleep(0.05)  # what is on the line arrives
            after = self.requests()
            self.assertTrue(after - before <= 1)
            if after > before:
                sent.add(value)
        records = self.records()
        self.assertTrue(sent <= {r["new"] for r in records})
        self.assertTrue({r["result"] for r in records} <= {"written", "pending"})
        results = {r["new"]: r["result"] for r in records}
        self.assertTrue(all(value in sent for value, result in results.items() if result == "written"))
        self.assertTrue(5 < len(sent) < 46, len(sent))  # both were met
        self.run_for(50, 30)
        self.assertEqual(self.records("--last", "1")[0]["result"], "written")


if __name__ == "__main__":
    main()
