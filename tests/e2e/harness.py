# SPDX-License-Identifier: MIT
"""What the end-to-end tests share: the real programs, in an environment of their own."""
import contextlib
import fcntl
import os
import pty
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import threading
import time
import unittest

TOP = os.environ.get("top_srcdir", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
BUILD = os.environ.get("top_builddir", ".")
XCOMTOP = os.path.abspath(os.path.join(BUILD, "xcomtop"))
XCOMSIM = os.path.abspath(os.path.join(BUILD, "xcomsim"))
CHECKER = os.path.join(TOP, "tests", "e2e", "scomcheck.py")
SUPPRESSIONS = os.path.join(os.path.abspath(TOP), "tests", "lsan.supp")
INSTALLATION = ["--install", "xt=3,vt=2,vs=1,bsp", "--clock", "2026-06-21 12:00:00", "--seed", "1"]
SKIP = 77


def environment(home, **more):
    kept = {k: v for k, v in os.environ.items() if "SAN_" in k or k == "PATH"}
    kept.setdefault("LSAN_OPTIONS", f"print_suppressions=0:suppressions={SUPPRESSIONS}")
    return {**kept, "HOME": home, "XDG_RUNTIME_DIR": home, "LC_ALL": "C.UTF-8", "TZ": "UTC", "TERM": "xterm-256color", **more}


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def order(control, *commands):
    """Gives a simulator commands through its control socket; the lines before the last one's ok."""
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(20)
        peer.connect(control)
        for command in commands:
            peer.sendall(command.encode() + b"\n")
            answer = b""
            while not re.search(rb"(?m)^(ok|error.*)\n\Z", answer):
                answer += peer.recv(65536)
            lines = answer.decode().splitlines()
            assert lines[-1] == "ok", f"{command}: {lines[-1]}"
    return lines[:-1]


def dial(port, serve):
    """As a Moxa does: connects as soon as somebody listens there, and does with the connection what it is told."""
    def run():
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)) as peer:
                serve(peer)
                return
            time.sleep(0.05)

    threading.Thread(target=run, daemon=True).start()


class Case(unittest.TestCase):
    def setUp(self):
        self.home = tempfile.mkdtemp(prefix="xcomtop-e2e-")
        self.addCleanup(shutil.rmtree, self.home)

    def path(self, name):
        return os.path.join(self.home, name)

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def sim(self, *arguments, wait=True):
        """Starts xcomsim; it is ended after the test. Returns the process once it is ready, with the
        port that it listens on (0 was asked for: any free one)."""
        process = subprocess.Popen([XCOMSIM, *INSTALLATION, *arguments], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, env=environment(self.home))
        self.addCleanup(self.stop, process)
        if wait:
            ready = process.stdout.readline().decode()
            self.assertIn("ready", ready)
            digits = ready.strip().rsplit(" ", 1)[-1].rsplit(":", 1)[-1]
            process.port = int(digits) if digits.isdigit() else None
        return process

    @staticmethod
    def stop(process):
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(10)
        process.stdout.close()

    def run_xcomtop(self, *arguments, status=0, env=None, **more):
        done = subprocess.run([XCOMTOP, *arguments], stdin=more.pop("stdin", subprocess.DEVNULL),
                              capture_output=True, text=True, timeout=60,
                              env=environment(self.home, **(env or {})), **more)
        self.assertEqual(done.returncode, status, f"{arguments}\n{done.stdout}{done.stderr}")
        return done

    def start_program(self, *arguments):
        """xcomtop, which goes on until it is ended; what it prints goes nowhere."""
        process = subprocess.Popen([XCOMTOP, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, env=environment(self.home))

        def end():
            if process.poll() is None:
                process.kill()
            process.wait(10)

        self.addCleanup(end)
        return process

    def check_trace(self, name, *arguments):
        """The independent checker judges what went over the wire."""
        done = subprocess.run([sys.executable, CHECKER, *arguments, self.path(name)],
                              capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def wait_for(self, what, seconds=20):
        """Asks what() until it is true; what it returned last, otherwise, fails the test."""
        end = time.monotonic() + seconds
        while not (last := what()):
            if time.monotonic() > end:
                self.fail(f"still {last!r} after {seconds} s")
            time.sleep(0.02)
        return last


class Terminal:
    """xcomtop on a pseudo terminal of its own: standard input and error are the terminal, standard output
    is a pipe."""

    def __init__(self, case, *arguments):
        self.case, self.master = case, None
        self.master, slave = pty.openpty()

        def own_terminal():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen([XCOMTOP, *arguments], stdin=slave, stdout=subprocess.PIPE, stderr=slave,
                                        env=environment(case.home), preexec_fn=own_terminal)
        os.close(slave)
        self.seen = ""
        case.addCleanup(self.close)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        self.process.stdout.close()
        self.hang_up()

    def hang_up(self):
        if self.master is not None:
            os.close(self.master)
            self.master = None

    def read(self, seconds):
        """What comes within that time; "" when nothing does, None at the end."""
        if not select.select([self.master], [], [], seconds)[0]:
            return ""
        try:
            return os.read(self.master, 4096).decode(errors="replace") or None
        except OSError:  # Linux: the other end was closed
            return None

    def see(self, marker, seconds=20):
        end = time.monotonic() + seconds
        while marker not in self.seen:
            more = self.read(0.1)
            if more is None or time.monotonic() > end:
                self.case.fail(f"no {marker!r} in {self.seen!r}")
            self.seen += more
        return self.seen

    def type(self, text):
        os.write(self.master, text.encode())

    def end(self, status):
        """Waits for the end; what was printed and what the terminal has shown."""
        stdout, _ = self.process.communicate(timeout=60)
        while self.master is not None and (more := self.read(0.1)):
            self.seen += more
        self.case.assertEqual(self.process.returncode, status, f"{stdout}\n{self.seen}")
        return stdout.decode(), self.seen


def main():
    for program in (XCOMTOP, XCOMSIM):
        if not os.access(program, os.X_OK):
            print(f"{program} isn't built")
            sys.exit(SKIP)
    unittest.main(argv=[sys.argv[0], "-v", *sys.argv[1:]])
