#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The log as a service: what its manager is told over a socket, and its unit."""
import os
import shutil
import signal
import socket
import subprocess
import time

from harness import BUILD, XCOMTOP, Case, environment, free_port, main


class Service(Case):
    def setUp(self):
        super().setUp()
        self.port = free_port()
        self.heard = []

    def listen(self, name):
        """The manager's end. name: as in NOTIFY_SOCKET."""
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.manager.close)
        self.manager.bind("\0" + name[1:] if name.startswith("@") else name)
        self.manager.settimeout(0.05)
        return {"NOTIFY_SOCKET": name}

    def start(self, told, *more):
        self.process = subprocess.Popen(
            [XCOMTOP, "-c", f"127.0.0.1:{self.port}", "log", "--output", self.path("a.csv"), "--every", "1s",
             "--select", "XT1:3000", *more],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=environment(self.home, **told))
        self.addCleanup(self.end)

    def end(self):
        self.process.kill()
        self.process.wait(10)

    def hear(self):
        while True:
            try:
                self.heard.append(self.manager.recv(4096).decode())
            except TimeoutError:
                return self.heard

    def hears(self, wanted, count=1):
        self.wait_for(lambda: sum(wanted in text for text in self.hear()) >= count, 20)

    def test_a_service_has_started_before_its_gateway_is_there(self):
        self.start(self.listen(self.path("notify")))
        self.hears("READY=1")
        self.hears("STATUS=waiting for the gateway")
        self.assertEqual(self.heard.count("READY=1"), 1)
        self.assertEqual([text for text in self.heard if "WATCHDOG" in text], [])  # nobody wants it
        self.process.send_signal(signal.SIGTERM)
        self.hears("STOPPING=1")
        self.assertEqual(self.process.wait(10), 0)  # else systemd says that it has failed

    def test_rows_and_their_absence_are_told(self):
        sim = self.sim("--tcp-listen", str(self.port))
        self.start(self.listen(f"@xcomtop-test-{os.getpid()}-{self.port}"))
        self.hears("STATUS=1 row in ")
        self.hears("STATUS=2 rows in " + self.path("a.csv") + ", the last of 2")
        sim.kill()
        self.hears("STATUS=no values: ")

    def test_the_watchdog_is_fed_by_the_loop(self):
        told = {**self.listen(self.path("notify")), "WATCHDOG_USEC": "400000"}
        self.start(told)
        self.hears("WATCHDOG=1", 5)
        self.process.send_signal(signal.SIGSTOP)
        time.sleep(0.1)
        self.hear()
        before = self.heard.count("WATCHDOG=1")
        time.sleep(1)
        self.assertEqual(self.hear().count("WATCHDOG=1"), before)
        self.process.send_signal(signal.SIGCONT)
        self.hears("WATCHDOG=1", before + 2)

    def test_another_processs_watchdog(self):
        self.start({**self.listen(self.path("notify")), "WATCHDOG_USEC": "200000", "WATCHDOG_PID": "1"})
        self.hears("READY=1")
        time.sleep(0.6)
        self.assertNotIn("WATCHDOG=1", self.hear())

    def test_nobody_listens(self):
        self.sim("--tcp-listen", str(self.port))
        for where in (self.path("nothing"), "@nothing", "relative", "@", "", "/" + 200 * "x"):
            self.start({"NOTIFY_SOCKET": where, "WATCHDOG_USEC": "1e9"}, "--count", "1")
            self.assertEqual(self.process.wait(30), 0, where)

    def test_the_unit(self):
        if not shutil.which("systemd-analyze"):
            return
        with open(os.path.join(BUILD, "data", "xcomtop-log@.service"), encoding="utf-8") as file:
            text = file.read()
        installed, = [line.split()[0] for line in text.split("ExecStart=")[1:]]
        for name in ("xcomtop-log@.service", "xcomtop-log@hut.service"):
            with open(self.path(name), "w", encoding="utf-8") as file:
                file.write(text.replace(installed, os.path.abspath(XCOMTOP)))
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", self.path("xcomtop-log@hut.service")],
                              capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""))


main()
