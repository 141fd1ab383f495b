#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The doctor: every finding is provoked, here or in tests/can/test_doctor.py, where hardware is needed."""
import contextlib
import fcntl
import json
import os
import pty
import re
import signal
import socket
import subprocess
import termios
import threading
import time
import tty

from harness import TOP, XCOMTOP, Case, Terminal, dial, environment, free_port, main, order

NOBODY = 65534


def findings_table():
    """The names in the program's table, and how bad each is."""
    with open(os.path.join(TOP, "src", "cmd", "findings.c"), encoding="utf-8") as file:
        return dict(re.findall(r'\{"([a-z-]+)",\s*GRADE_([A-Z]+)', file.read()))


class Doctor(Case):
    def doctor(self, *arguments, status=0, **more):
        done = self.run_xcomtop("doctor", "--format", "jsonl", *arguments, status=status, **more)
        self.rows = [json.loads(line) for line in done.stdout.splitlines()]
        self.stderr = done.stderr
        return [row["finding"] for row in self.rows]

    def seen(self, finding):
        """What was seen of a finding, which must be there once."""
        seen = [row["seen"] for row in self.rows if row["finding"] == finding]
        self.assertEqual(len(seen), 1, f"{finding} in {self.rows}")
        return seen[0]

    def todo(self, finding):
        """What to do about a finding, which must be there once."""
        self.seen(finding)
        return next(row["todo"] for row in self.rows if row["finding"] == finding)

    def at(self, *arguments, status=0, link=(), now=True, more=()):
        """The doctor's findings at a simulator over TCP."""
        clock = ["--clock", time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())] if now else []
        port = self.sim("--tcp-listen", "0", *clock, *arguments).port
        self.link = f"127.0.0.1:{port}"
        return self.doctor(self.link, *link, status=status, **dict(more))

    def assertHas(self, found, *findings):
        for finding in findings:
            self.assertIn(finding, found, self.rows)


class Server:
    """A TCP server that does with each connection what it is told to."""

    def __init__(self, case, serve):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.serve = serve
        case.addCleanup(self.socket.close)
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        with contextlib.suppress(OSError):
            while True:
                peer, _ = self.socket.accept()
                with peer, contextlib.suppress(OSError):
                    self.serve(peer)


def own_addresses():
    """What the kernel says of this computer's addresses that a Moxa can dial, IPv4 first; None: not known."""
    try:
        out = subprocess.run(["ip", "-json", "address", "show", "up"], capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    found = [info for one in json.loads(out or "[]") if "LOOPBACK" not in one.get("flags", ())
             for info in one.get("addr_info", [])]
    return [info["local"] for family in ("inet", "inet6") for info in found
            if info.get("family") == family and info["scope"] != "host"
            and (family == "inet" or info["scope"] != "link")]


def echo(peer):
    while data := peer.recv(4096):
        peer.sendall(data)


def swallow(peer):
    while peer.recv(4096):
        pass


def babble(peer):
    while peer.recv(4096):
        peer.sendall(b"login: \r\nPassword: \r\n")


class Table(Doctor):
    def test_every_finding_is_provoked_somewhere(self):
        provoked = ""
        for path in ("e2e/test_doctor.py", "can/test_doctor.py"):
            with open(os.path.join(TOP, "tests", path), encoding="utf-8") as file:
                provoked += file.read()
        names = findings_table()
        self.assertGreater(len(names), 40)
        for name in names:
            self.assertTrue(f'"{name}"' in provoked, f"no test provokes {name}")

    def test_every_finding_is_in_the_man_page(self):
        with open(os.path.join(TOP, "doc", "xcomtop.1"), encoding="utf-8") as file:
            page = file.read().replace("\\-", "-")
        for name in findings_table():
            self.assertTrue(f"\n.It Cm {name}\n" in page, name)


class Ports(Doctor):
    def open_pty(self):
        master, slave = pty.openpty()
        tty.setraw(slave)
        self.addCleanup(os.close, master)
        return master, slave, os.ttyname(slave)

    def test_list(self):
        self.write(".config/xcomtop/xcomtop.conf", "[emosson]\nlink = 192.0.2.1:4001\n[chalet]\nlink = :4001\n")
        found = self.doctor(status=0)
        self.assertTrue({"port", "no-ports"} & {*found})
        self.assertTrue({"interface", "no-interfaces"} & {*found})
        self.assertEqual(found[-1], "not-asked")
        self.assertIn("xcomtop doctor :4001", self.todo("not-asked"))
        self.assertIn("xcomtop doctor --site emosson, xcomtop doctor --site chalet", self.todo("not-asked"))
        self.assertIn("xcomtop: listening on port 4001 for 5 s", self.stderr)
        if "in-use" not in found:
            self.assertHas(found, "addresses")
            self.assertRegex(self.seen("addresses"), "reached at [0-9a-f]|no address")

    def test_a_moxa_that_dials_in_meanwhile_is_told_and_not_asked(self):
        got = []

        def keep(peer):
            with contextlib.suppress(OSError):
                got.append(peer.recv(100))

        dial(4001, keep)
        found = self.doctor(status=0)
        if "in-use" in found:
            self.skipTest("port 4001 is another program's")
        self.assertIn("connected from 127.0.0.1", self.seen("dialled-in"))
        self.assertEqual(b"".join(got), b"")

    def test_nothing_wrong_is_not_said_when_nothing_was_asked(self):
        done = self.run_xcomtop("doctor")
        self.assertNotIn("Nothing is wrong", done.stdout)

    def test_missing(self):
        self.doctor("/dev/ttyUSB99", status=3)
        self.assertIn("/dev/ttyUSB99: no such device", self.seen("missing"))

    def test_no_permission(self):
        _, slave, path = self.open_pty()
        os.close(slave)
        if os.geteuid() == 0:
            os.chown(path, 0, 20)  # dialout's number on Debian
            os.chmod(path, 0o660)
            os.chmod(self.home, 0o755)

            def become_nobody():
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
        else:
            os.chmod(path, 0)
            become_nobody = None
        self.doctor(path, status=3, preexec_fn=become_nobody)
        self.assertIn("permission denied", self.seen("no-permission"))
        if become_nobody:
            self.assertIn("group dialout", self.seen("no-permission"))
            self.assertIn("the group that is named", self.todo("no-permission"))
            os.chmod(path, 0o600)
            self.doctor(path, status=3, preexec_fn=become_nobody)
            self.assertIn("udev", self.todo("no-permission"))

    def test_locked_by_another_program(self):
        _, slave, path = self.open_pty()
        fcntl.flock(slave, fcntl.LOCK_EX)
        self.addCleanup(os.close, slave)
        self.doctor(path, status=3)
        self.assertIn(f"(pid {os.getpid()})", self.seen("in-use"))

    def test_wrong_kind(self):
        path = self.write("ttyUSB0", "not a port")
        self.assertEqual(self.doctor(path, status=3), ["wrong-kind"])

    def test_silent(self):
        _, slave, path = self.open_pty()
        self.addCleanup(os.close, slave)
        self.assertEqual(self.doctor(path, "--timeout", "500ms", status=3), ["port", "silent"])
        self.assertEqual(self.rows[0]["seen"], "a pseudo terminal")
        self.assertIn("no speed and parity to try", self.seen("silent"))

    def test_vanished(self):
        master, _, path = self.open_pty()
        process = subprocess.Popen([XCOMTOP, "doctor", path, "--format", "jsonl"], stdout=subprocess.PIPE,
                                   env=environment(self.home))
        self.assertTrue(os.read(master, 100))  # it has asked
        os.dup2(os.open("/dev/null", os.O_RDWR), master)
        out, _ = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 3)
        self.assertEqual([json.loads(line)["finding"] for line in out.splitlines()], ["port", "missing"])


class Network(Doctor):
    def test_unknown_host(self):
        self.assertEqual(self.doctor("xcom.invalid:4001", status=3), ["unknown-host"])

    def test_refused(self):
        port = free_port()
        self.assertEqual(self.doctor(f"127.0.0.1:{port}", status=3), ["refused"])
        self.assertIn(f"use tcp-listen:{port}", self.todo("refused"))

    def test_hung_up(self):
        port = Server(self, lambda peer: None).port
        self.assertEqual(self.doctor(f"127.0.0.1:{port}", status=3), ["hung-up"])

    def test_silent_network(self):
        port = Server(self, swallow).port
        self.assertEqual(self.doctor(f"127.0.0.1:{port}", "--timeout", "500ms", status=3), ["silent-network"])

    def test_noise(self):
        port = Server(self, babble).port
        self.assertEqual(self.doctor(f"127.0.0.1:{port}", "--timeout", "500ms", status=3), ["noise"])
        self.assertIn("its serial settings", self.todo("noise"))

    def test_echo(self):
        port = Server(self, echo).port
        self.assertEqual(self.doctor(f"127.0.0.1:{port}", "--timeout", "500ms", status=3), ["echo"])
        port = free_port()
        found = self.doctor(f"udp:127.0.0.1:{port}", "--timeout", "500ms", status=3)
        self.assertEqual(found, ["echo"])

    def test_not_opened(self):
        self.assertEqual(self.doctor("/dev/null/ttyUSB0", status=3), ["not-opened"])

    def test_nobody_dials_in(self):
        self.assertEqual(self.doctor(f":{free_port()}", "--wait", "1s", status=3), ["not-dialled", "anyone"])
        # Where nobody else can.
        port = free_port()
        self.assertEqual(self.doctor(f"tcp-listen:127.0.0.1:{port}", "--wait", "1s", status=3), ["not-dialled"])
        self.assertIn("127.0.0.1 is for programs on this computer", self.todo("not-dialled"))
        self.assertIn(f"write the LINK as :{port}", self.todo("not-dialled"))

    def test_where_the_moxa_can_dial_in(self):
        port = free_port()
        self.assertHas(self.doctor(f":{port}", "--wait", "1s", status=3), "not-dialled")
        addresses = own_addresses()
        if addresses is not None:
            for address in addresses[:4]:
                self.assertIn(address, self.todo("not-dialled"))
            self.assertIn(f"port {port})" if addresses else "no address", self.todo("not-dialled"))
        # Without networks.
        done = subprocess.run(["unshare", "--net", "--map-root-user", XCOMTOP, "doctor", f":{port}", "--wait", "1s",
                               "--format", "jsonl"], capture_output=True, text=True, env=environment(self.home))
        if done.returncode != 3:
            self.skipTest(f"no network of its own: {done.stderr}")
        self.assertIn("no address that a Moxa could dial", json.loads(done.stdout.splitlines()[0])["todo"])

    def test_somebody_else_dials_in(self):
        port = free_port()
        self.sim("--tcp-connect", f"127.0.0.1:{port}", wait=False)
        found = self.doctor(f":{port}", "--allow", "192.0.2.1", "--wait", "2s", status=3)
        self.assertEqual(found, ["not-allowed"])
        self.assertIn("refused 127.0.0.1", self.seen("not-allowed"))

    def test_the_moxa_dials_in(self):
        port = free_port()
        self.sim("--tcp-connect", f"127.0.0.1:{port}", "--clock",
                 time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime()), wait=False)
        self.assertHas(self.doctor(f":{port}"), "dialled-in", "answers", "anyone")
        self.assertIn("connected from 127.0.0.1", self.seen("dialled-in"))

    def test_dialled_in_but_silent(self):
        port = free_port()
        dial(port, swallow)
        found = self.doctor(f"tcp-listen:127.0.0.1:{port}", "--allow", "127.0.0.1", "--timeout", "500ms",
                            "--wait", "10s", status=3)
        self.assertEqual(found, ["dialled-in", "silent-network"])

    def test_dialled_in_and_gone(self):
        port = free_port()
        dial(port, lambda peer: None)
        found = self.doctor(f"tcp-listen:127.0.0.1:{port}", "--allow", "127.0.0.1", "--wait", "3s", status=3)
        self.assertEqual(found, ["hung-up"])
        self.assertRegex(self.seen("hung-up"), r"127\.0\.0\.1 (closed the connection|lost)")
        self.assertIn("dials in again", self.todo("hung-up"))

    def test_answered_and_gone(self):
        port = free_port()
        sim = self.sim("--tcp-connect", f"127.0.0.1:{port}", "--latency", "200ms", "--control", self.path("control"),
                       wait=False)

        def kill_after_some():
            self.wait_for(lambda: os.path.exists(self.path("control")))
            self.wait_for(lambda: int(order(self.path("control"), "status")[0].split()[1]) >= 6)
            sim.kill()
        threading.Thread(target=kill_after_some, daemon=True).start()
        found = self.doctor(f"tcp-listen:127.0.0.1:{port}", "--allow", "127.0.0.1", "--wait", "10s", status=1)
        self.assertHas(found, "answers", "hung-up")
        self.assertTrue({"unfinished", "not-checked"} & set(found), found)
        self.assertRegex(self.seen("hung-up"), r"127\.0\.0\.1 (closed the connection|lost)")

    def test_port_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            began = time.monotonic()
            found = self.doctor(f"tcp-listen:127.0.0.1:{taken.getsockname()[1]}", "--wait", "20s", status=3)
            self.assertLess(time.monotonic() - began, 15)  # it doesn't wait for a port that it can't have
        self.assertEqual(found, ["in-use"])
        self.assertIn(f"(pid {os.getpid()})", self.seen("in-use"))
        self.assertIn("home automation", self.todo("in-use"))


class Site(Doctor):
    def test_all_is_well(self):
        found = self.at("--control", self.path("control"))
        self.assertEqual(found, ["answers", "devices", "restarted"])
        self.assertEqual(self.seen("devices"), "3 XT, 2 VT, 1 VS, 1 BSP")
        done = self.run_xcomtop("doctor", self.link)
        self.assertIn("Nothing is wrong.", done.stdout)

    def test_only_reads_are_sent(self):
        self.at(link=("--trace", self.path("trace")))
        self.check_trace("trace")
        with open(self.path("trace"), encoding="utf-8") as trace:
            services = [line.split()[2 + 15] for line in trace if " > AA" in line]
        self.assertEqual({*services}, {"01"})

    def test_line(self):
        hasty = ("--timeout", "1s", "--devices", "XT1")
        self.assertHas(self.at("--fault", "crlf always", link=hasty), "line-ends")
        self.assertHas(self.at("--fault", "corrupt 20%", link=hasty, status=1), "damaged")
        self.assertHas(self.at("--fault", "lose 20%", link=hasty, status=1), "lost-answers")
        self.assertHas(self.at("--fault", "busy 2", link=hasty), "busy")
        self.assertHas(self.at("--latency", "600ms", link=("--devices", "XT1")), "slow")

    def test_other_masters(self):
        found = self.at("--fault", "traffic 200ms")
        self.assertHas(found, "other-master")
        self.assertNotIn("same-address", found)
        self.assertRegex(self.seen("other-master"), r"from (501 to 77|77 to 501)$")
        self.assertHas(self.at("--fault", "foreign always", status=1), "same-address", "other-master")

    def test_another_master_is_all_that_is_heard(self):
        found = self.at("--fault", "traffic 200ms", "--fault", "lose always", link=("--timeout", "500ms"), status=3)
        self.assertEqual(found, ["other-master", "silent-network"])

    def test_devices(self):
        self.assertHas(self.at("--install", "xt=0", status=1), "no-devices")
        self.assertHas(self.at("--install", "no-multi", "--fault", "watchdog on"), "not-searched", "old-gateway",
                       "scom-watchdog")
        self.assertIn("with 60 s", self.seen("scom-watchdog"))
        self.assertHas(self.at("--fault", "firmware XT2 1.6.11", "--fault", "firmware VT1 1.6.13",
                               "--fault", "firmware XT3 1.6.12", "--fault", "firmware VS1 unreadable"),
                       "old-firmware", "unknown-firmware")
        self.assertEqual(self.seen("old-firmware"), "XT2 has 1.6.11, VT1 has 1.6.13")
        self.assertIn("VS1", self.seen("unknown-firmware"))
        self.assertHas(self.at("--fault", "set XT2 1628 yes", "--fault", "set VS1 14218 yes"), "device-watchdog")
        self.assertEqual(self.seen("device-watchdog"), "XT2, VS1: the watchdog is on")

    def test_what_could_not_be_checked(self):
        found = self.at("--control", self.path("control"), "--fault", "error 0x2A XCOM")
        self.assertHas(found, "answers", "devices", "not-checked")
        self.assertRegex(self.seen("not-checked"), r"the clock \(.*0x2A\); the SCOM watchdog .*; multi-infos ")
        done = self.run_xcomtop("doctor", self.link)
        self.assertNotIn("Nothing is wrong", done.stdout)

    def test_the_time_is_kept(self):
        began = time.monotonic()
        found = self.at("--fault", "busy always", link=("--wait", "8s", "--timeout", "1s"))
        self.assertLess(time.monotonic() - began, 9)
        self.assertHas(found, "unfinished", "busy")
        self.assertIn("which devices there are, the clock", self.seen("unfinished"))

    def test_unfinished(self):
        self.assertHas(self.at("--latency", "1500ms", link=("--wait", "4s")), "unfinished")

    def test_sd_card(self):
        self.assertHas(self.at("--fault", "sd full", status=1), "sd-full")
        self.assertHas(self.at("--fault", "sd absent"), "sd-missing")

    def test_clock(self):
        def at(offset, status=0):
            return self.at("--clock", time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + offset)),
                           now=False, status=status)

        self.assertNotIn("clock-drift", at(-30))
        self.assertHas(at(-120), "clock-drift")
        self.assertHas(at(7200, status=1), "clock-wrong")
        self.assertRegex(self.seen("clock-wrong"), r", (2 h 0 min|1 h 59 min) ahead of this computer's$")
        self.assertHas(self.at("--clock", "2026-06-21 00:10:00", now=False, status=1), "portal-hours", "clock-wrong")
        self.assertNotIn("portal-hours", self.at("--clock", "2026-06-21 01:10:00", now=False, status=1))


class Slcan(Doctor):
    def test_no_adapter(self):
        master, slave = pty.openpty()
        tty.setraw(slave)
        self.addCleanup(os.close, master)
        self.addCleanup(os.close, slave)
        found = self.doctor(f"slcan:{os.ttyname(slave)}", "--timeout", "300ms", "--wait", "10s", status=3)
        self.assertEqual(found, ["port", "no-adapter"])
        self.assertIn(os.ttyname(slave), self.seen("no-adapter"))

    def test_no_adapter_through_another_xcomtop(self):
        master, slave = pty.openpty()
        tty.setraw(slave)
        self.addCleanup(os.close, master)
        link = f"slcan:{os.ttyname(slave)}"
        self.addCleanup(os.close, slave)
        log = subprocess.Popen([XCOMTOP, "-c", link, "--timeout", "300ms", "log", "--output", self.path("log.csv"),
                                "--select", "XT1:3000"], stderr=subprocess.DEVNULL, env=environment(self.home))
        self.addCleanup(log.wait)
        self.addCleanup(log.kill)
        self.assertTrue(os.read(master, 100))  # it has the port
        found = self.doctor(link, "--timeout", "300ms", "--wait", "10s", status=3)
        self.assertEqual(found, ["port", "no-adapter"])

    def test_in_use(self):
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        self.addCleanup(os.close, slave)
        fcntl.flock(slave, fcntl.LOCK_EX)
        self.assertEqual(self.doctor(f"slcan:{os.ttyname(slave)}", "--wait", "10s", status=3), ["port", "in-use"])

    def slcan(self, *arguments, status=0, source=(), rate=125000):
        path = self.path("can")
        sim = self.sim("--slcan", path, "--install", "xt=1", *arguments)
        found = self.doctor(f"slcan:{path}?bitrate={rate}", "--wait", "20s", "--devices", "XT1", *source,
                            status=status)
        self.stop(sim)
        return found

    def test_quiet_bus(self):
        self.assertHas(self.slcan(), "port", "bus-quiet", "answers", "devices")

    def test_another_client(self):
        found = self.slcan("--fault", "traffic 300ms")
        self.assertHas(found, "bus", "other-master", "answers")
        self.assertNotIn("exclusive", found)
        self.assertEqual(self.seen("other-master"), "a client with the address 77, asks 101")

    def test_same_address(self):
        found = self.slcan("--fault", "traffic 300ms", source=("--source", "77"), status=1)
        self.assertEqual(found, ["port", "bus", "same-address"])  # and it isn't asked

    def test_exclusive(self):
        self.assertHas(self.slcan("--fault", "traffic 300ms", "--mode", "exclusive"), "exclusive")

    def test_another_bit_rate(self):
        found = self.slcan("--fault", "traffic 300ms", rate=250000, status=3)
        self.assertEqual(found, ["port", "bus-quiet", "silent-bus"])
        todo = [row["todo"] for row in self.rows if row["finding"] == "silent-bus"]
        self.assertIn("6-8: 101 for 250 kbit/s", todo[0])
        self.assertIn("another bit rate than bitrate=250000: try another one, or without it", todo[0])


class Program(Doctor):
    def test_several_links(self):
        good = f"127.0.0.1:{self.sim('--tcp-listen', '0').port}"
        self.doctor(good, "/dev/ttyUSB99", "--demo", status=3)
        self.assertEqual({row["subject"] for row in self.rows}, {"demo:", good, "/dev/ttyUSB99"})

    def test_the_trace_has_all_links(self):
        self.write("trace", "of a former run\n")
        links = [f"127.0.0.1:{self.sim('--tcp-listen', '0').port}" for _ in range(2)]
        # The first of them isn't there, and begins no trace.
        self.doctor("/dev/ttyUSB99", *links, "--trace", self.path("trace"), status=3)
        with open(self.path("trace"), encoding="utf-8") as file:
            trace = file.read()
        self.assertNotIn("former", trace)
        for link in links:
            self.assertIn(f"connected to {link}", trace)

    def test_a_pipe_is_no_trace(self):
        os.mkfifo(self.path("pipe"))
        done = self.run_xcomtop("doctor", "demo:", "--trace", self.path("pipe"), status=1)
        self.assertIn("pipe: it isn't a file", done.stderr)

    def test_wrong_usage(self):
        done = self.run_xcomtop("doctor", "nonsense", status=2)
        self.assertIn("xcomtop: nonsense: ", done.stderr)
        self.run_xcomtop("doctor", "--site", "emosson", status=2)

    def test_site(self):
        port = self.sim("--tcp-listen", "0").port
        self.write(".config/xcomtop/xcomtop.conf", f"[emosson]\nlink = 127.0.0.1:{port}\nallow = 192.0.2.1\n")
        self.assertHas(self.doctor("--site", "emosson", status=1), "answers")
        # Nothing is connected to that nobody named.
        self.assertNotIn("answers", self.doctor())

    def test_progress_and_interruption(self):
        terminal = Terminal(self, "doctor", f"tcp-listen:127.0.0.1:{free_port()}")
        terminal.see("waiting")
        terminal.process.send_signal(signal.SIGINT)
        terminal.end(128 + signal.SIGINT)

    def test_the_progress_is_taken_away_before_a_finding(self):
        port = self.sim("--tcp-listen", "0", "--latency", "300ms").port
        both = self.path("both")  # the terminal and the output, in their order
        with open(both, "wb") as file:
            script = ["script", "-qefc", f"{XCOMTOP} doctor 127.0.0.1:{port} --devices XT1", "/dev/null"]
            subprocess.run(script, stdin=subprocess.DEVNULL, stdout=file, timeout=60, env=environment(self.home))
        with open(both, encoding="utf-8", newline="") as file:
            shown = file.read().replace("\r\n", "\n")
        self.assertIn("asking [", shown)
        for line in shown.split("\n"):
            self.assertEqual(line.split("\r")[-1].count("["), 0, line)  # nothing stands before or behind

    def test_width(self):
        done = self.run_xcomtop("doctor", "/dev/ttyUSB99", "--ascii", status=3)
        self.assertLessEqual(max(len(line) for line in done.stdout.splitlines()), 80)
        self.assertIn("1 problem, 0 hints.", done.stdout)


if __name__ == "__main__":
    main()
