#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""xcomsim as a program: its links, control socket, trace, and what it says to bad input."""
import csv
import os
import re
import select
import signal
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import time
import unittest

import peer

BUILD = os.environ.get("top_builddir", ".")
SOURCE = os.environ.get("top_srcdir", ".")
XCOMSIM = os.path.join(BUILD, "xcomsim")
VOLTS = peer.frame(1, 101, peer.service(0, peer.READ, peer.INFO, 3000, 1))
PATIENCE = 20  # seconds until something that doesn't come is a failure


class Sim:
    def __init__(self, *arguments):
        self.process = subprocess.Popen([XCOMSIM, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        text=True)
        self.ready = self.process.stdout.readline().rstrip("\n")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.end()

    def end(self, number=signal.SIGTERM):
        """Ends it; its exit status and what it said on stderr."""
        self.process.send_signal(number)
        _, error = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, error


def read_answer(descriptor, send):
    """Sends the question and gathers bytes until its answer is whole."""
    send(VOLTS)
    data = b""
    end = time.monotonic() + PATIENCE
    while len(data) < 30 and time.monotonic() < end:
        if select.select([descriptor], [], [], 0.1)[0]:
            data += os.read(descriptor, 4096)
    return data


class Program(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.path = lambda name: os.path.join(self.scratch.name, name)

    def tearDown(self):
        self.scratch.cleanup()

    def judge(self, data):
        """The answer to VOLTS: framed right, between its devices, a believable voltage."""
        self.assertEqual(len(data), 30)
        self.assertEqual(data[0], 0xAA)
        self.assertEqual(peer.checksum(data[1:12]), data[12:14])
        self.assertEqual(peer.checksum(data[14:28]), data[28:30])
        self.assertEqual(struct.unpack("<II", data[2:10]), (101, 1))
        self.assertEqual(data[14:24], peer.service(2, peer.READ, peer.INFO, 3000, 1))
        self.assertTrue(40 < struct.unpack("<f", data[24:28])[0] < 65)

    # --- Links

    def test_a_pseudo_terminal_comes_and_goes(self):
        line = self.path("tty")
        with Sim("--pty", line) as sim:
            self.assertEqual(sim.ready, "xcomsim: ready on " + line)
            descriptor = os.open(line, os.O_RDWR | os.O_NOCTTY)
            began = time.monotonic()
            data = read_answer(descriptor, lambda bytes_: os.write(descriptor, bytes_))
            # 56 bytes at 38400 8E1 and 20 ms.
            self.assertGreaterEqual(time.monotonic() - began, 0.036)
            os.close(descriptor)
            self.judge(data)
            self.assertEqual(sim.end(), (0, ""))
        self.assertFalse(os.path.lexists(line))

    def test_tcp_listening(self):
        with Sim("--tcp-listen", "0") as sim:
            match = re.fullmatch(r"xcomsim: ready on 127\.0\.0\.1:(\d+)", sim.ready)
            self.assertTrue(match, sim.ready)
            for _ in range(2):  # and again
                with socket.create_connection(("127.0.0.1", int(match[1]))) as client:
                    self.judge(read_answer(client.fileno(), client.sendall))
            self.assertEqual(sim.end(signal.SIGINT), (0, ""))

    def test_tcp_dialling_out_and_again(self):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            listener.settimeout(PATIENCE)
            with Sim("--tcp-connect", f"127.0.0.1:{listener.getsockname()[1]}") as sim:
                self.assertIn("ready", sim.ready)
                for _ in range(2):
                    client, _ = listener.accept()
                    with client:
                        self.judge(read_answer(client.fileno(), client.sendall))

    def test_a_link_that_is_away_at_first(self):
        with Sim("--tcp-listen", "0", "--fault", "disconnect 100ms") as sim:
            self.assertIn("ready", sim.ready)
            self.assertEqual(sim.end(), (0, ""))

    def test_udp(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.bind(("127.0.0.1", 0))
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            with Sim("--udp", f"127.0.0.1:{client.getsockname()[1]}?local={port}") as sim:
                self.assertEqual(sim.ready, f"xcomsim: ready on udp port {port}")
                client.connect(("127.0.0.1", port))
                self.judge(read_answer(client.fileno(), client.send))

    def test_udp_listening(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            with Sim("--udp-listen", "0") as sim:
                port = int(re.fullmatch(r"xcomsim: ready on udp port (\d+)", sim.ready)[1])
                client.connect(("127.0.0.1", port))
                self.judge(read_answer(client.fileno(), client.send))

    def test_only_this_computer_is_let_in_unless_told_otherwise(self):
        # 127.0.0.2 is this computer, too, but another address.
        for listen in ("0", ":0"):
            with Sim("--tcp-listen", listen) as sim, socket.socket() as client:
                port = int(re.fullmatch(r"xcomsim: ready on 127\.0\.0\.1:(\d+)", sim.ready)[1])
                self.assertRaises(ConnectionRefusedError, client.connect, ("127.0.0.2", port))
            with Sim("--udp-listen", listen) as sim, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                client.connect(("127.0.0.2", int(sim.ready.split()[-1])))
                client.settimeout(10)
                client.send(b"?")
                self.assertRaises(ConnectionRefusedError, client.recv, 16)
        for address in ("0.0.0.0:0", "127.0.0.2:0"):
            with Sim("--tcp-listen", address) as sim, socket.socket() as client:
                client.connect(("127.0.0.2", int(sim.ready.split(":")[-1])))
        with Sim("--udp-listen", address) as sim, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.connect(("127.0.0.2", int(sim.ready.split()[-1])))
            self.judge(read_answer(client.fileno(), client.send))
        self.refused(3, "--udp-listen", "192.0.2.1:4001")

    def test_a_trace_is_private_and_follows_no_link(self):
        with Sim("--tcp-listen", "0", "--trace", self.path("trace")):
            self.assertEqual(stat.S_IMODE(os.stat(self.path("trace")).st_mode), 0o600)
        os.symlink(self.path("precious"), self.path("link"))
        self.refused(1, "--tcp-listen", "0", "--trace", self.path("link"))
        self.assertFalse(os.path.exists(self.path("precious")))

    # --- Control socket

    def command(self, control, text):
        control.sendall(text.encode() + b"\n")
        answer = b""
        while not answer.endswith(b"\n") or not answer.splitlines()[-1].startswith((b"ok", b"error")):
            more = control.recv(4096)
            if not more:
                break
            answer += more
        return answer.decode()

    def test_the_control_socket(self):
        path = self.path("control")
        with Sim("--tcp-listen", "0", "--control", path, "-v", "--clock", "2026-06-21 12:00:00") as sim:
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
            with socket.socket(socket.AF_UNIX) as control:
                control.settimeout(PATIENCE)
                control.connect(path)
                self.assertEqual(self.command(control, "gone XT1"), "ok\n")
                self.assertEqual(self.command(control, "gone XT7"),
                                 "error: this installation has no such device\n")
                self.assertEqual(self.command(control, "lose many"),
                                 "error: a count, a percentage like 2%, always or never was expected\n")
                client = peer.Client("127.0.0.1", int(sim.ready.rsplit(":", 1)[1]))
                self.assertEqual(client.ask(101, peer.READ, peer.INFO, 3000, 1)[0], 0x02)
                self.assertEqual(self.command(control, "back XT1"), "ok\n")
                self.assertIsNone(client.ask(101, peer.READ, peer.INFO, 3000, 1)[0])
                client.close()
                status = dict(line.split(" ", 1) for line in self.command(control, "status").splitlines()[:-1])
                self.assertEqual(status["requests"], "2")
                self.assertEqual(status["violations"], "0")
                self.assertTrue(1782043200 <= int(status["clock"]) < 1782043300)
                # Without end, and too much at once.
                control.sendall(b"x" * 600)
                self.assertIn(b"error", control.recv(4096))
            with socket.socket(socket.AF_UNIX) as control:
                control.settimeout(PATIENCE)
                control.connect(path)
                self.assertEqual(self.command(control, "clear"), "ok\n")
            second = subprocess.run([XCOMSIM, "--tcp-listen", "0", "--control", path], capture_output=True, text=True,
                                    timeout=PATIENCE)
            self.assertEqual(second.returncode, 1)
            self.assertEqual(sim.end()[0], 0)
        self.assertFalse(os.path.lexists(path))

    def test_writes_go_wrong_and_are_counted(self):
        path = self.path("control")
        with Sim("--tcp-listen", "0", "--control", path, "--install", "xt=2,volts=24,limits=device", "--fault",
                 "deny XT2:1140 0x25", "--latency", "0") as sim:
            client = peer.Client("127.0.0.1", int(sim.ready.rsplit(":", 1)[1]))
            with socket.socket(socket.AF_UNIX) as control:
                control.settimeout(PATIENCE)
                control.connect(path)
                self.assertEqual(self.command(control, "writes"), "requests 0\nok\n")
                self.assertEqual(client.write(101, 1140, 54.4), 0x28)
                self.assertEqual(client.write(101, 1140, 27.25), 0)
                self.assertEqual(client.write(101, 1140, 27.5, part=peer.RAM), 0)
                self.assertEqual(client.write(102, 1140, 27.25), 0x25)
                self.assertEqual(client.read(101, 1140), 27.25)
                self.assertEqual(client.write(101, 1415, 1, "int"), 0)
                self.assertEqual(self.command(control, "writes").splitlines(),
                                 ["requests 5", "flash XT1:1140 1", "ram XT1:1140 1", "done XT1:1415 1", "ok"])
                self.assertIn("\nwrites 5\n", self.command(control, "status"))
                # However long, it is one answer.
                for number in {int(row["id"]) for row in self.parameters("xt")}:
                    client.ask(101, peer.WRITE, peer.PARAMETER, number, peer.LEVEL, b"\x10\0")
                self.assertGreater(len(self.command(control, "writes").splitlines()), 350)
            client.close()

    @staticmethod
    def parameters(family):
        with open(os.path.join(SOURCE, "data/datapoints.csv"), newline="", encoding="utf-8") as file:
            return [row for row in csv.DictReader(file) if (row["family"], row["kind"]) == (family, "parameter")]

    def test_a_dead_socket_is_replaced_and_a_file_is_not(self):
        path = self.path("control")
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(path)
        with Sim("--tcp-listen", "0", "--control", path) as sim:
            self.assertIn("ready", sim.ready)
        with open(path, "w", encoding="utf-8") as file:
            file.write("precious")
        run = subprocess.run([XCOMSIM, "--tcp-listen", "0", "--control", path], capture_output=True, text=True,
                             timeout=PATIENCE)
        self.assertEqual((run.returncode, run.stdout), (1, ""))
        self.assertEqual(run.stderr, f"xcomsim: --control {path}: File exists\n")
        self.assertTrue(os.path.isfile(path))

    # --- Trace

    def test_the_trace_is_judged_well(self):
        path = self.path("trace")
        with Sim("--tcp-listen", "0", "--trace", path, "--latency", "0") as sim:
            client = peer.Client("127.0.0.1", int(sim.ready.rsplit(":", 1)[1]))
            for number in (3000, 3005, 3028, 2999):
                client.ask(101, peer.READ, peer.INFO, number, 1)
            client.ask(101, peer.WRITE, peer.PARAMETER, 1138, 13, struct.pack("<f", 12.0))
            client.ask(501, peer.READ, peer.MULTI, 1, 7, struct.pack("<HBHB", 3136, 0xFE, 7002, 0))
            client.close()
        with open(path, encoding="ascii") as trace:
            lines = [line for line in trace if not line.startswith("#")]
        self.assertEqual(len(lines), 12)
        for line in lines:
            self.assertRegex(line, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z [<>]( [0-9A-F]{2})+\n$")
        checker = os.path.join(SOURCE, "tests/e2e/scomcheck.py")
        run = subprocess.run([sys.executable, checker, path], capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(run.returncode, 0, run.stdout)
        self.assertIn("6 requests, 6 answers", run.stdout)

    # --- Bad input

    def refused(self, status, *arguments):
        run = subprocess.run([XCOMSIM, *arguments], capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(run.returncode, status, run)
        self.assertEqual(run.stdout, "")
        self.assertRegex(run.stderr, r"^xcomsim: [^\n]{8,}[^.\n]\n$")

    def test_bad_input_gets_one_line(self):
        line = self.path("tty")
        self.refused(2)
        self.refused(2, "--bogus")
        for arguments, says in ((("-xv",), "-x: unknown option"), (("-vx",), "-x: unknown option"),
                                (("--bogus",), "--bogus: unknown option"), (("--pty",), "--pty: it takes a value"),
                                (("--verbose=1",), "--verbose=1: it takes no value")):
            run = subprocess.run([XCOMSIM, *arguments], capture_output=True, text=True, timeout=PATIENCE)
            self.assertIn(f"xcomsim: {says}", run.stderr)
        self.refused(2, "--pty")
        self.refused(2, "--pty", line, "more")
        self.refused(2, "--pty", line, "--udp-listen", "4001")
        self.refused(2, "--pty", line, "--install", "xt=10")
        self.refused(2, "--pty", line, "--install", "volts=36")
        self.refused(2, "--pty", line, "--fault", "doubt XT1 0x13")
        self.refused(2, "--pty", line, "--install", "\x1b[31m")
        self.refused(2, "--pty", line, "--clock", "2026-02-30")
        self.refused(2, "--pty", line, "--baud", "fast")
        self.refused(2, "--pty", line, "--clock", "2026-02-31 12:00:00")
        self.refused(2, "--pty", line, "--latency", "20x")
        self.refused(2, "--pty", line, "--speed", "0")
        self.refused(2, "--pty", line, "--fault", "explode")
        self.refused(2, "--tcp-listen", "99999")
        self.refused(2, "--tcp-connect", "4001")
        self.refused(1, "--pty", line, "--trace", self.path("none/file"))
        self.refused(1, "--pty", line, "--control", self.path("none/socket"))
        self.refused(1, "--pty", line, "--control", self.path("x" * 120))
        self.refused(3, "--pty", self.path("none/tty"))
        self.refused(3, "--pty", self.scratch.name)
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            self.refused(3, "--tcp-listen", str(taken.getsockname()[1]))
        self.assertFalse(os.path.lexists(line))

    # --- Documents

    def test_help_and_manual_tell_everything(self):
        text = subprocess.run([XCOMSIM, "--help"], capture_output=True, text=True, check=True).stdout
        with open(os.path.join(SOURCE, "doc/xcomsim.1"), encoding="utf-8") as file:
            manual = file.read()
        self.assertTrue(all(len(line) < 80 for line in text.splitlines()))
        options = set(re.findall(r"--([a-z-]+)", text))
        self.assertGreaterEqual(len(options), 18)
        for option in options:
            self.assertIn("Fl Fl " + option, manual)
        commands = re.findall(r"^  ([a-z-]+) ", text.split("Commands (")[1], re.M)
        self.assertGreaterEqual(len(commands), 39)
        for command in commands:
            self.assertRegex(manual, rf"(?m)^\.It Cm {command}( |$)")
        version = subprocess.run([XCOMSIM, "--version"], capture_output=True, text=True, check=True).stdout
        self.assertRegex(version, r"^xcomsim \d+\.\d+\.\d+\n$")


if __name__ == "__main__":
    if not os.access(XCOMSIM, os.X_OK):
        sys.exit(77)
    unittest.main(argv=[sys.argv[0], "-v"])
