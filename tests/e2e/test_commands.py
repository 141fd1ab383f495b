#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The commands of the real xcomtop against the real xcomsim, over every kind of link."""
import contextlib
import csv
import io
import json
import os
import signal
import socket
import subprocess
import time

from harness import XCOMTOP, Case, dial, environment, free_port, main, order

DEVICES = ["XT1", "XT2", "XT3", "VT1", "VT2", "VS1", "BSP"]


def rows(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


class Links(Case):
    def scan(self, *link):
        done = self.run_xcomtop(*link, "scan", "--format", "jsonl", "--trace", self.path("trace"))
        self.assertEqual([row["device"] for row in rows(done) if row["device"] != "XCOM"], DEVICES)
        self.check_trace("trace")

    def read(self, *link):
        done = self.run_xcomtop(*link, "read", "XT1", "3000", "--trace", self.path("trace"))
        self.assertRegex(done.stdout, r"^XT1 +3000 +Battery voltage +\d\d\.\d\d +V\n$")
        self.check_trace("trace")

    def look(self, *link):
        self.scan(*link)
        self.read(*link)

    def test_pseudo_terminal(self):
        self.sim("--pty", self.path("tty"), "--baud", "115200")
        self.look("-c", f"serial:{self.path('tty')}?baud=115200&parity=none")
        self.look("-c", f"serial:{self.path('tty')}")

    def test_tcp(self):
        port = self.sim("--tcp-listen", "0").port
        self.look("-c", f"127.0.0.1:{port}")
        self.look("-c", f"tcp:127.0.0.1:{port}")

    def test_tcp_dialling_in(self):
        port = free_port()
        self.sim("--tcp-connect", f"127.0.0.1:{port}", wait=False)
        self.look("-c", f"tcp-listen:127.0.0.1:{port}")
        self.look("-c", f":{port}", "--allow", "127.0.0.1")

    def test_udp(self):
        # One simulator each: it needs a moment after a client that went away.
        for command in (self.scan, self.read):
            theirs = self.sim("--udp-listen", "0").port
            command("-c", f"udp:127.0.0.1:{theirs}?local={free_port(socket.SOCK_DGRAM)}")

    def test_demonstration(self):
        self.look("--demo")
        self.look("-c", "demo:xt=3,vt=2,vs=1,bsp")


class Reading(Case):
    def setUp(self):
        super().setUp()
        self.port = self.sim("--tcp-listen", "0").port

    def read(self, *arguments, status=0):
        return self.run_xcomtop("-c", f"127.0.0.1:{self.port}", "read", *arguments, "--format", "jsonl",
                                "--trace", self.path("trace"), status=status)

    def test_values(self):
        got = rows(self.read("XT1,BSP", "3000", "7002", status=4))
        self.assertEqual([(r["device"], r["id"], r["quality"]) for r in got],
                         [("XT1", 3000, "fresh"), ("XT1", 7002, "refused"),
                          ("BSP", 3000, "refused"), ("BSP", 7002, "fresh")])
        self.assertEqual(list(got[0]), ["time", "device", "address", "family", "id", "part", "name",
                                        "value", "unit", "text", "quality"])
        self.assertTrue(40 < got[0]["value"] < 65)
        self.assertIsNone(got[1]["value"])
        self.assertIn("0x22", got[1]["text"])
        self.check_trace("trace")

    def test_only_what_is_needed_is_asked(self):
        self.read("XT2", "3000", "3028")
        with open(self.path("trace"), encoding="utf-8") as trace:
            self.assertEqual(sum(" > AA" in line for line in trace), 2)

    def test_each_and_together(self):
        got = rows(self.read("XT*,XT.sum", "3136"))
        self.assertEqual([r["device"] for r in got], ["XT1", "XT2", "XT3", "XT.sum"])
        self.assertAlmostEqual(sum(r["value"] for r in got[:3]), got[3]["value"], delta=0.3)
        got = rows(self.read("VT.avg", "11000"))
        self.assertTrue(40 < got[0]["value"] < 65)
        self.check_trace("trace")

    def test_an_average_leaves_devices_without_a_sensor_out(self):
        got = rows(self.read("XT*,XT.avg", "3001"))
        self.assertEqual([r["quality"] for r in got], ["fresh", "absent", "absent", "fresh"])
        self.assertAlmostEqual(got[3]["value"], got[0]["value"], delta=0.3)
        got = rows(self.read("VT.avg", "11005"))
        self.assertEqual([(r["value"], r["quality"]) for r in got], [(None, "absent")])

    def test_parts_of_parameters(self):
        limits = {part: rows(self.read("XT1", "1138", "--part", part))[0] for part in
                  ("value", "ram", "min", "max", "level")}
        self.assertTrue(limits["min"]["value"] <= limits["value"]["value"] <= limits["max"]["value"])
        self.assertEqual(limits["level"]["text"], "basic")
        self.assertEqual(limits["max"]["part"], "max")

    def test_phases_addresses_ranges_and_the_gateway(self):
        self.assertEqual(rows(self.read("L2", "3000"))[0]["address"], 192)
        self.assertEqual(rows(self.read("102", "3000"))[0]["device"], "XT2")
        self.assertEqual(rows(self.read("601", "7002"))[0]["device"], "BSP")
        self.assertEqual([r["id"] for r in rows(self.read("XT1", "3000-3003"))], [3000, 3001, 3002, 3003])
        self.assertEqual(rows(self.read("XCOM", "5101"))[0]["address"], 501)

    def test_numbers_that_are_not_in_the_tables(self):
        for arguments, object_type in ((("3999",), 1), (("1999",), 2), (("3999", "--parameter"), 2),
                                       (("1999", "--info"), 1)):
            got = rows(self.read("XT1", *arguments, status=1))
            self.assertEqual(got[0]["quality"], "refused")
            with open(self.path("trace"), encoding="utf-8") as trace:
                sent = next(line for line in trace if " > " in line).split(" > ")[1].split()
            self.assertEqual(sent[16], f"{object_type:02X}")

    def test_what_is_refused(self):
        self.assertIn("0x02", self.read("XT9", "3000", status=1).stdout)
        self.read("VT9", "11000", status=1)

    def test_csv(self):
        done = self.run_xcomtop("-c", f"127.0.0.1:{self.port}", "read", "XT1", "3000", "--format", "csv")
        self.assertNotIn("\r", done.stdout)
        got = list(csv.DictReader(io.StringIO(done.stdout)))
        self.assertEqual(got[0]["device"], "XT1")
        self.assertTrue(40 < float(got[0]["value"]) < 65)

    def test_once(self):
        done = self.run_xcomtop("-c", f"127.0.0.1:{self.port}", "--once", env={"COLUMNS": "80"})
        for device in DEVICES:
            self.assertIn(device, done.stdout)
        self.assertNotIn("\x1b", done.stdout)
        self.assertTrue(all(len(line) <= 80 for line in done.stdout.splitlines()))
        # The messages are a part of it: the flag is set, and they have been read.
        self.assertRegex(done.stdout, r"Messages.* in all")

    def test_a_trace_can_be_decoded(self):
        self.read("XT1", "3000")
        done = self.run_xcomtop("decode", self.path("trace"))
        self.assertIn("request: read info 3000 Battery voltage, value\n", done.stdout)
        self.assertRegex(done.stdout, r"answer: read info 3000 Battery voltage, value = \d+\.\d+ V")
        done = self.run_xcomtop("decode", self.path("trace"), "--format", "jsonl")
        self.assertEqual([r["direction"] for r in rows(done)], ["request", "answer"])

    def test_named_devices_only(self):
        done = self.run_xcomtop("-c", f"127.0.0.1:{self.port}", "scan", "--devices", "XT2,BSP",
                                "--trace", self.path("trace"), "--format", "jsonl")
        self.assertEqual([r["device"] for r in rows(done) if r["device"] != "XCOM"], ["XT2", "BSP"])
        self.check_trace("trace")

    def test_no_question_is_under_way_at_the_end(self):
        for command in ("scan", "--once"):
            self.run_xcomtop("-c", f"127.0.0.1:{self.port}", command, "--trace", self.path("trace"))
            with open(self.path("trace"), encoding="utf-8") as trace:
                sent = [line.split()[1] for line in trace if line.split()[1] in ("<", ">")]
            self.assertEqual(sent[-1], "<", command)

    def test_messages_stay_unread_where_none_are_shown(self):
        self.run_xcomtop("-c", f"127.0.0.1:{self.port}", "scan", "--trace", self.path("trace"))
        decoded = self.run_xcomtop("decode", self.path("trace")).stdout
        self.assertIn("message pending", decoded)
        self.assertNotIn("read message", decoded)

    def test_verbose_tells_on_stderr(self):
        done = self.run_xcomtop("-c", f"127.0.0.1:{self.port}", "-v", "scan")
        self.assertRegex(done.stderr, r"xcomtop: connected")
        self.assertRegex(done.stderr, r"GUID is [0-9a-f]{32}\n")


class Faults(Case):
    """The line is bad: the results are right all the same, or missing."""

    def test_a_hole_in_the_numbering(self):
        port = self.sim("--tcp-listen", "0", "--fault", "gone XT2").port
        done = self.run_xcomtop("-c", f"127.0.0.1:{port}", "read", "XT*", "3000", "--format", "jsonl")
        self.assertEqual([r["device"] for r in rows(done)], ["XT1", "XT3"])

    def test_a_device_that_goes_while_once_looks_is_told_as_gone(self):
        control = self.path("control")
        port = self.sim("--tcp-listen", "0", "--install", "xt=3,no-multi", "--latency", "40ms", "--control", control).port
        process = subprocess.Popen([XCOMTOP, "-c", f"127.0.0.1:{port}", "--once"], stdout=subprocess.PIPE, text=True,
                                   env={**environment(self.home), "COLUMNS": "100"})
        self.wait_for(lambda: int(order(control, "status")[0].split()[1]) >= 20)
        order(control, "gone XT2")
        out, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0)
        self.assertRegex(out, r"(?m)^ XT2 .* ! gone$")
        self.assertIn("! XT2 gone", out)

    def test_noise_and_lost_answers(self):
        port = self.sim("--tcp-listen", "0", "--fault", "garbage 20", "--fault", "lose 1").port
        done = self.run_xcomtop("-c", f"127.0.0.1:{port}", "read", "XT1", "3000", "3028",
                                "--trace", self.path("trace"))
        self.assertIn("Battery voltage", done.stdout)
        self.check_trace("trace", "--faults")

    def test_a_gateway_without_multi_infos(self):
        port = self.sim("--install", "xt=2,bsp,no-multi", "--tcp-listen", "0").port
        done = self.run_xcomtop("-c", f"127.0.0.1:{port}", "read", "XT*,XT.sum", "3136", "--format", "jsonl")
        self.assertEqual([r["device"] for r in rows(done)], ["XT1", "XT2", "XT.sum"])

    def test_a_watchdog_that_forbids_looking(self):
        port = self.sim("--install", "xt=2,no-multi", "--tcp-listen", "0", "--fault", "watchdog on").port
        done = self.run_xcomtop("-c", f"127.0.0.1:{port}", "scan", status=1)
        self.assertRegex(done.stderr, r"watchdog \(5095\) is on: name the devices with --devices")
        done = self.run_xcomtop("-c", f"127.0.0.1:{port}", "scan", "--devices", "XT1")
        self.assertIn("XT1", done.stdout)

    def test_a_bms(self):
        port = self.sim("--install", "xt=1,bms", "--tcp-listen", "0").port
        done = self.run_xcomtop("-c", f"127.0.0.1:{port}", "read", "601", "7002", "--format", "jsonl")
        self.assertEqual((rows(done)[0]["device"], rows(done)[0]["family"]), ("BMS", "BMS"))


class BadInput(Case):
    def refuse(self, *arguments, status, says, **more):
        """One clear line on stderr, nothing on stdout, and the exit status."""
        done = self.run_xcomtop(*arguments, status=status, **more)
        self.assertEqual(done.stdout, "")
        self.assertRegex(done.stderr, r"\Axcomtop: [^\n]+\n\Z")
        self.assertRegex(done.stderr, says)

    def test_nothing_to_connect_to(self):
        self.refuse(status=2, says="--connect.*--demo")
        self.refuse("scan", status=2, says="--connect.*--demo")

    def test_unknown_words(self):
        self.refuse("-c", "carrier-pigeon:", "scan", status=2, says="carrier-pigeon")
        self.refuse("-c", "demo:xt=99", "scan", status=2, says="xt")
        self.refuse("--demo", "read", "XT10", "3000", status=2, says="no device 'XT10'")
        self.refuse("--demo", "read", "110", "3000", status=2, says="no device '110'")
        self.refuse("--demo", "read", "XT", "3000", status=2, says=r"XT\*")
        self.refuse("--demo", "read", "XT1", "voltage", status=2, says="xcomtop list voltage")
        self.refuse("--demo", "read", "XT1", "70000", status=2, says="70000")
        self.refuse("--demo", "read", "XT1", "1100", status=2, says="menu")
        self.refuse("--demo", "read", "XT1", "3000", "--part", "min", status=2, says="is an info")
        self.refuse("--demo", "read", "XT.sum", "3000", status=2, says="XT.avg")
        self.refuse("--demo", "read", "XT.sum", "3028", status=2, says="no sum")
        self.refuse("--demo", "scan", "--devices", "XT1,FOO", status=2, says="FOO")
        self.refuse("--demo", "scan", "--devices", "", status=2, says="there is none in it")
        self.refuse("--demo", "--fromat", "csv", "scan", status=2, says="--format")
        self.refuse("--demo", "scna", status=2, says="scan")
        self.refuse("--demo", "--source", "101", "scan", status=2, says="101")
        self.refuse("--demo", "--source", "0", "scan", status=2, says="--source 0: that is for CAN")
        self.refuse("-c", "can0", "--source", "1024", "scan", status=2, says="addresses go from 0 to 1023")
        self.refuse("-c", "can0", "--source", "500", "scan", status=2, says="500 is the address of devices")
        self.refuse("describe", "9998", status=1, says="9998")
        self.refuse("describe", "XT1", status=2, says="number")
        self.refuse("list", "xyzzyplugh", status=1, says="nothing")
        self.refuse("decode", "zz", status=1, says="zz")
        self.refuse("decode", "AA00", status=1, says="no whole frame")
        self.refuse("help", "fly", status=2, says="fly")
        self.refuse("--demo", "--allow", "10.0.0.1", "scan", status=2, says="listens")
        self.refuse("-c", ":4001", "--allow", "moxa", "scan", status=2, says="moxa")

    def test_text_from_outside_is_harmless(self):
        self.refuse("\x1b[2J\n", status=2, says=r"\\x1B\[2J\\x0A")
        self.refuse("--demo", "read", "\x1b]0;x\x07", "1", status=2, says=r"\\x1B")
        self.refuse("decode", "\x1b[31m", status=1, says=r"\\x1B")

    def test_can_frames_that_cannot_be(self):
        for frame in ("0000CA00#0", "0000CA00#0G", "123##100", "800#", "80000000#00", "can0 123 [1] 00 00",
                      "123#\x1b[31m"):
            self.refuse("decode", frame, status=1, says="is no CAN frame: its ID has")
            self.refuse("decode", self.write("seen", f"\n{frame}\n"), status=1, says="seen:2: ")
        for frame, why in (("7FF#0001", "11-bit frame"), ("03280000#0B", "wrong length"), ("03280000#R2", "remote frame"),
                           ("03280002#0BB8", "unknown flags")):
            done = self.run_xcomtop("decode", frame, status=1)
            self.assertEqual(done.stdout, f"{frame}: no frame of the Xcom-CAN ({why})\n")
            self.assertEqual(done.stderr, "xcomtop: there is no frame of the Xcom-CAN\n")
        self.refuse("decode", "0BB84145C000", status=1, says="a frame on CAN is written ID#DATA")
        self.refuse("decode", "00CA00#0BB8", status=1, says="neither a frame nor a file")

    def test_no_terminal(self):
        self.refuse("--demo", status=2, says="--once")

    def test_ports(self):
        self.refuse("-c", "/dev/ttyUSB99", "scan", status=3, says="/dev/ttyUSB99")
        self.refuse("-c", self.write("a file", ""), "scan", status=3, says="a file")
        self.refuse("-c", f"tcp:127.0.0.1:{free_port()}", "scan", status=3, says="refused")
        self.refuse("-c", f"tcp:127.0.0.1:{free_port()}", "read", "XT1", "3000", status=3, says="refused")
        self.refuse("-c", f"tcp:127.0.0.1:{free_port()}", "--once", status=3, says="refused")

    def test_a_port_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            self.refuse("-c", f"tcp-listen:127.0.0.1:{port}", "scan", status=3, says="in use")

    def test_a_port_that_is_not_permitted(self):
        if os.getuid() != 0:
            self.skipTest("needs root to become somebody else")
        port = self.path("tty")
        os.mknod(port, 0o600 | 0o020000, os.makedev(4, 64))
        os.chmod(self.home, 0o755)
        done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", XCOMTOP, "-c",
                               port, "scan"], capture_output=True, text=True, timeout=30,
                              stdin=subprocess.DEVNULL, env=environment(self.home))
        if "setpriv" in done.stderr or "error while loading" in done.stderr or done.returncode in (126, 127):
            self.skipTest("the build can't be run by others")
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertRegex(done.stderr, r"(?i)\Axcomtop: [^\n]*permi[^\n]*\n\Z")

    def test_nobody_dials_in(self):
        self.refuse("-c", f"tcp-listen:127.0.0.1:{free_port()}", "--wait", "300ms", "scan", status=3,
                    says="no Moxa has dialled in")

    def test_somebody_dials_in_and_leaves(self):
        port = free_port()
        dial(port, lambda peer: None)
        self.refuse("-c", f"tcp-listen:127.0.0.1:{port}", "--wait", "2s", "scan", status=3,
                    says=r"waiting for the Moxa .*; (127\.0\.0\.1 closed the connection"
                         r"|connection from 127\.0\.0\.1 lost)")

    def test_a_port_open_to_anybody_is_told(self):
        port = free_port()
        done = self.run_xcomtop("-c", f":{port}", "--wait", "300ms", "scan", status=3)
        self.assertRegex(done.stderr, rf"\Axcomtop: whoever reaches port {port} is taken for your gateway; --allow "
                         r"ADDRESS [^\n]*\nxcomtop: no Moxa has dialled in[^\n]*\n\Z")
        self.refuse("-c", f":{port}", "--allow", "192.0.2.1", "--wait", "300ms", "scan", status=3,
                    says="no Moxa has dialled in")

    def test_somebody_else_dials_in(self):
        port = free_port()
        self.sim("--tcp-connect", f"127.0.0.1:{port}", wait=False)
        self.refuse("-c", f":{port}", "--allow", "192.0.2.1", "--wait", "3s", "scan", status=3,
                    says=r"nobody who is allowed .*; refused 127\.0\.0\.1 \(not allowed\).* --allow")

    def test_a_silent_line(self):
        self.sim("--pty", self.path("tty"), "--fault", "lose 1000")
        line = f"serial:{self.path('tty')}"
        for command in (["scan"], ["read", "XT1", "3000"], ["--once"]):
            self.refuse("-c", line, "--timeout", "200ms", *command, status=3, says="no answer")

    def test_files(self):
        self.refuse("--demo", "--trace", "/nonexistent/trace", "scan", status=1, says="/nonexistent/trace")
        os.symlink(self.path("precious"), self.path("link"))
        self.refuse("--demo", "--trace", self.path("link"), "scan", status=1, says="link: a symbolic link isn't followed")
        self.assertFalse(os.path.exists(self.path("precious")))
        self.run_xcomtop("-c", "demo:xt=1", "scan", "--trace", self.path("bytes"))
        self.assertEqual(os.stat(self.path("bytes")).st_mode & 0o777, 0o600)
        self.refuse("decode", "/nonexistent", status=1, says="/nonexistent")
        self.refuse("decode", self.write("notes", "hello\n"), status=1, says="notes:1: 'hello'")
        # A trace may come from anybody: its times don't reach the terminal unseen.
        trace = self.write("trace", "\x1b[2J2026-11-21T14:00:00Z < AA 00\n")
        self.refuse("decode", trace, status=1, says=r"trace:1: '\\x1B\[2J2026")

    def test_results_that_cannot_be_written(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            for arguments in (["list"], ["--help"], ["describe", "3000"], ["--demo", "scan"],
                              ["--demo", "log", "--output", "-", "--every", "1s", "--count", "3"]):
                done = subprocess.run([XCOMTOP, *arguments], stdout=full, stderr=subprocess.PIPE, text=True,
                                      stdin=subprocess.DEVNULL, env=environment(self.home), timeout=30)
                self.assertEqual(done.returncode, 1, arguments)
                self.assertRegex(done.stderr, r"\Axcomtop: can't write[^\n]+No space[^\n]+\n\Z")

    def test_a_reader_that_went_away(self):
        end, ours = os.pipe()
        os.close(end)
        done = subprocess.run([XCOMTOP, "list"], stdout=ours, stderr=subprocess.PIPE, text=True,
                              stdin=subprocess.DEVNULL, env=environment(self.home), timeout=30)
        os.close(ours)
        self.assertEqual((done.returncode, done.stderr), (128 + signal.SIGPIPE, ""))

    def test_configuration(self):
        self.refuse("--site", "home", "scan", status=2, says="there is no .*xcomtop.conf")
        self.write(".config/xcomtop/xcomtop.conf", "[home]\nlnik = x\n")
        self.refuse("scan", status=2, says=r"xcomtop.conf:2: there is no key 'lnik'; did you mean link\?")
        self.write(".config/xcomtop/xcomtop.conf", "[home]\nlink = demo:xt=1\n")
        self.refuse("--site", "hoem", "scan", status=2, says="no site 'hoem'; it has home")
        self.assertIn("XT1", self.run_xcomtop("scan").stdout)
        self.assertIn("XT1", self.run_xcomtop("--site", "home", "scan").stdout)


class Ends(Case):
    def test_signals(self):
        port = free_port()
        for number in (signal.SIGINT, signal.SIGTERM):
            process = subprocess.Popen([XCOMTOP, "-v", "-c", f"tcp-listen:127.0.0.1:{port}", "scan"],
                                       stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                       stdin=subprocess.DEVNULL, env=environment(self.home))
            process.stderr.readline()
            process.send_signal(number)
            self.assertEqual(process.wait(10), 128 + number)
            process.stderr.close()


class Unread(Case):
    def test_keep_goes_on_when_nobody_reads_what_it_prints(self):
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        os.set_blocking(writer, False)
        for size in (4096, 1):
            with contextlib.suppress(BlockingIOError):
                while True:
                    os.write(writer, size * b"x")
        os.set_blocking(writer, True)
        process = subprocess.Popen([XCOMTOP, "--demo", "keep", "XT1", "1139", "-4", "--every", "1s", "--yes"],
                                   stdin=subprocess.DEVNULL, stdout=writer, env=environment(self.home))
        os.close(writer)
        self.addCleanup(process.wait, 10)
        self.addCleanup(process.kill)
        limit = time.monotonic() + 30
        while len(rows(self.run_xcomtop("--demo", "writes", "--format", "jsonl"))) < 4:
            self.assertLess(time.monotonic(), limit)
            time.sleep(0.5)


class NoLink(Case):
    def test_help(self):
        self.assertIn("--connect LINK", self.run_xcomtop("--help").stdout)
        self.assertEqual(self.run_xcomtop("help", "read").stdout, self.run_xcomtop("read", "--help").stdout)
        self.assertRegex(self.run_xcomtop("--version").stdout, r"\Axcomtop \d+\.\d+\.\d+\n"
                         r"ncurses \d[^,]*, libserialport \d[^,]*, inih \w+, SQLite \d[^,]*\n\Z")

    def test_list(self):
        done = self.run_xcomtop("list", "XT", "battery", "voltage")
        self.assertIn("3000", done.stdout)
        self.assertNotIn("11000", done.stdout)
        got = rows(self.run_xcomtop("list", "--format", "jsonl"))
        self.assertEqual(len(got), 1400)

    def test_describe(self):
        text = self.run_xcomtop("describe", "1138").stdout
        for word in ("XT 1138", "Battery charge current", "basic", "60", "200", "BASIC SETTINGS"):
            self.assertIn(word, text)
        both = self.run_xcomtop("describe", "7002").stdout
        self.assertIn("BSP 7002", both)
        self.assertIn("BMS 7002", both)
        self.assertNotIn("BSP", self.run_xcomtop("describe", "BMS", "7002").stdout)
        self.assertEqual(rows(self.run_xcomtop("describe", "XT1", "3028", "--format", "jsonl"))[0]["id"], 3028)

    def test_describe_tells_what_a_change_does(self):
        text = self.run_xcomtop("describe", "1462").stdout
        self.assertIn("effect       danger: Independent Xtenders", text)
        self.assertIn("see          1468 Reset of all the inverters", text)
        got = rows(self.run_xcomtop("describe", "1462", "--format", "jsonl"))[0]
        self.assertEqual((got["effect"], got["refers"]), ("danger", "1468 Reset of all the inverters"))
        self.assertIn("Independent Xtenders", got["effect_reason"])
        self.assertNotIn("effect ", self.run_xcomtop("describe", "1138").stdout)
        self.assertRegex(self.run_xcomtop("describe", "1138", "--format", "csv").stdout, "none,,\n$")

    def test_decode(self):
        frame = ("AA 34 65 00 00 00 01 00 00 00 0E 00 A7 45 02 01 01 00 B8 0B 00 00 01 00 00 C0 45 41 0D CB")
        expected = self.run_xcomtop("decode", frame).stdout
        self.assertIn("101 XT1 → 1  answer: read info 3000 Battery voltage, value = 12.36 V", expected)
        for same in (frame.split(), [frame.replace(" ", "").lower()], [frame.replace(" ", ",0x")]):
            self.assertEqual(self.run_xcomtop("decode", *same).stdout, expected)
        done = self.run_xcomtop("decode", "-", stdin=None, input=f"00 11 {frame}\r\n{frame}\n")
        self.assertEqual(done.stdout, 2 * expected)
        self.assertIn("2 bytes belong to no frame", done.stderr)

    # The examples of reference can.md, and what else passes on a bus.
    CAN = (("03280000#0BB8", "0 → 101 XT1  request: read info 3000 Battery voltage, value"),
           ("0000CA00#0BB84145C000", "101 XT1 → 0  answer: read info 3000 Battery voltage, value = 12.36 V"),
           ("03280040#050602", "0 → 101 XT1  request: read parameter 1286 AC Output voltage, maximum"),
           ("03280080#05060443660000",
            "0 → 101 XT1  request: write parameter 1286 AC Output voltage, value in RAM = 230 Vac"),
           ("0000CA81#050600000028", "101 XT1 → 0  error: write parameter 1286 AC Output voltage\n"
            "    error 0x28 DATA_TOO_BIG: the value is above the maximum the device allows"),
           ("0FA0D2C0#001000000000", "105 XT5 → 500 all RCC: messages  notification: message 16 = "
            "warning: Fan error detected (value 0)"))

    def test_decode_can_frames(self):
        expected = [f"{words}\n    {frame}\n" for frame, words in self.CAN]
        frames = [frame for frame, _ in self.CAN]
        for frame, words in zip(frames, expected):
            self.assertEqual(self.run_xcomtop("decode", frame).stdout, words)
        self.assertEqual(self.run_xcomtop("decode", *frames).stdout, "".join(expected))
        log = "".join(f"(1436509052.249713) can0 {frame}\n" for frame in frames)
        self.assertEqual(self.run_xcomtop("decode", "-", stdin=None, input=log).stdout,
                         "".join(f"1436509052.249713  {words}" for words in expected))
        seen = "# a bus\r\n  can0  0000CA00   [6]  0B B8 41 45 C0 00\r\n  can0  7FF   [2]  00 01\n"
        done = self.run_xcomtop("decode", self.write("seen", seen))
        self.assertEqual(done.stdout, f"# a bus\n{expected[1]}7FF#0001: no frame of the Xcom-CAN (11-bit frame)\n")
        line = "can0  0000CA00   [6]  0B B8 41 45 C0 00"
        self.assertEqual(self.run_xcomtop("decode", line).stdout, expected[1])
        got = rows(self.run_xcomtop("decode", "--format", "jsonl", *frames, "7FF#0001"))
        self.assertEqual([r["direction"] for r in got],
                         ["request", "answer", "request", "request", "error", "notification", "other"])
        self.assertEqual((got[1]["id"], got[1]["item"], got[1]["value"]), (3000, "3000 Battery voltage", "12.36 V"))
        self.assertIn("11-bit frame", got[6]["remark"])

    def test_decode_a_trace_of_can(self):
        def record(frame):
            identifier, data = frame.split("#")
            data = bytes.fromhex(data)
            return (int(identifier, 16) | 1 << 31).to_bytes(4, "big") + bytes([len(data), 0, 0, 0]) + data.ljust(8, b"\0")

        def line(sign, data):
            return f"2026-11-21T14:00:00.123456Z {sign} {data.hex(' ').upper()}\n"

        words = [f"2026-11-21T14:00:00.123456Z  {words}\n    {frame}\n" for frame, words in self.CAN]
        question, answer = (record(frame) for frame, _ in self.CAN[:2])
        trace = "# link: connected\n" + line(">", question) + line("<", answer) + "# answer\n"
        done = self.run_xcomtop("decode", self.write("trace", trace))
        self.assertEqual(done.stdout, f"# link: connected\n{words[0]}{words[1]}# answer\n")
        self.assertEqual(done.stderr, "")
        # Several in a line, and a line that was cut: the rest is read nevertheless.
        trace = line(">", question + answer) + line("<", answer[:-1]) + line("<", answer)
        done = self.run_xcomtop("decode", self.write("trace", trace))
        self.assertEqual(done.stdout, words[0] + 2 * words[1])
        self.assertIn("15 bytes belong to no frame", done.stderr)
        # Where no address tells a write from its answer, the direction does.
        write = record("00080480#05060443660000")
        for sign, direction in ((">", "request"), ("<", "answer")):
            done = self.run_xcomtop("decode", self.write("trace", line(sign, write)))
            self.assertIn(f"  2 → 1  {direction}: write ", done.stdout)
        # Sixteen bytes in the midst of a SCOM frame aren't CAN, whatever they look like.
        scom = bytes.fromhex("AA0065000000010000000A006E6D020101000B0000000000") + bytes(16)
        trace = line("<", scom[:-16]) + line("<", scom[-16:])
        done = self.run_xcomtop("decode", self.write("trace", trace), status=1)
        self.assertEqual(done.stdout, "")
        self.assertIn("no frame: the header's checksum", done.stderr)
        done = self.run_xcomtop("decode", self.write("trace", line("<", bytes(16))), status=1)
        self.assertIn("  000#: no frame of the Xcom-CAN (11-bit frame)", done.stdout)

    def test_ascii(self):
        for more in ({"env": {"LC_ALL": "C"}}, {}):
            arguments = ["describe", "3001"] + ([] if more else ["--ascii"])
            self.assertTrue(self.run_xcomtop(*arguments, **more).stdout.isascii())
        self.assertIn("°C", self.run_xcomtop("describe", "3001").stdout)

    def test_locales_that_this_computer_does_not_have(self):
        for locale, ascii in (("xx_XX.UTF-8", False), ("UTF-8", False), ("xx_XX.ISO-8859-1", True)):
            text = self.run_xcomtop("describe", "3001", env={"LC_ALL": locale}).stdout
            self.assertEqual(text.isascii(), ascii, locale)


if __name__ == "__main__":
    main()
