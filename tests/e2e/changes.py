# SPDX-License-Identifier: MIT
"""What the tests of changes share: the real xcomtop on a pseudo terminal, and a simulator that is told what goes
wrong and asked what it has done."""
import fcntl
import json
import os
import pty
import re
import select
import socket
import subprocess
import termios
import time

from harness import XCOMTOP, Case, environment

GUID = re.compile(r"GUID is ([0-9A-F]{32})")


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
            return os.read(self.master, 4096).decode() or None
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


class Change(Case):
    installation = "xt=3,vt=2,vs=1,bsp"
    faults = ()

    def setUp(self):
        super().setUp()
        self.start()

    def start(self, *arguments):
        faults = [word for fault in self.faults for word in ("--fault", fault)]
        self.port = self.sim("--install", self.installation, "--tcp-listen", "0", "--control",
                             self.path("control"), *faults, *arguments).port
        self.link = ["-c", f"127.0.0.1:{self.port}"]

    def command(self, text):
        """To the simulator's control socket; the lines before its ok."""
        with socket.socket(socket.AF_UNIX) as control:
            control.connect(self.path("control"))
            control.sendall(text.encode() + b"\n")
            answer = b""
            while not re.search(rb"(?m)^(ok|error.*)\n\Z", answer):
                answer += control.recv(4096)
        lines = answer.decode().splitlines()
        self.assertEqual(lines[-1], "ok")
        return lines[:-1]

    def written(self):
        """What the devices have done, without the count of requests."""
        return sorted(line for line in self.command("writes") if not line.startswith("requests"))

    def requests(self):
        return int(self.command("writes")[0].split()[1])

    def write(self, *arguments, status=0, **more):
        return self.run_xcomtop(*self.link, "write", *arguments, "--trace", self.path("trace"), status=status,
                                **more)

    def ask(self, *arguments):
        return Terminal(self, *self.link, "write", *arguments, "--trace", self.path("trace"))

    def records(self, *arguments):
        done = self.run_xcomtop("writes", "--format", "jsonl", *arguments)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def guid(self):
        return GUID.search(self.run_xcomtop(*self.link, "-v", "scan").stderr)[1]
