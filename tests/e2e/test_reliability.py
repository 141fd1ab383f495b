#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each class of fault once on every kind of real link, all at the same time: what the logger writes is what the
devices have, and it goes on to its end. (Every fault, with what it costs: tests/unit/test_reliability.c.) SocketCAN's
turn is in a virtual machine: tests/can/reliability.sh."""
import json
import os
import socket
import subprocess
import threading
import unittest

from harness import Case, XCOMTOP, environment, free_port

# Numbers that never change: any other is a wrong one.
IDENTITIES = "XT*:3124,3130,3131,3156,3157,VT*:11047,11067,VS1:15074,BSP:7034"
ROWS = 5

FAULTS = {
    "none": [],
    "loss": ["lose 10%"],
    "delay": ["late 10% 4s"],
    "repetition": ["duplicate 30%"],
    "noise": ["corrupt 5%", "garbage 20 10%", "truncate 5%", "fragment 7"],
    "strangers": ["foreign 30%"],
    "refusal": ["busy 10%", "error 0x2A XT2 20%"],
    "interruption": ["disconnect 2s"],
}
NOT_ON_CAN = ("corrupt", "fragment", "disconnect")
IN_VM = "XCOMTOP_IN_VM" in os.environ
LIMIT = 240 if IN_VM else 60  # seconds for one run: emulated, all of them share one slow processor


class Reliability(Case):
    def links(self):
        """Name, what xcomsim is told, and the LINK of xcomtop, anew at each call."""
        number = len(os.listdir(self.home))
        if IN_VM:
            os.mkdir(self.path(f"n{number}"))
            bus = f"vcan{number}"
            subprocess.run(["ip", "link", "add", "dev", bus, "type", "vcan"], check=True)
            subprocess.run(["ip", "link", "set", bus, "up"], check=True)
            yield "can", ["--can", bus], f"can:{bus}"
            return
        os.mkdir(self.path(f"n{number}"))
        line, port, local = self.path(f"line{number}"), free_port(), free_port(socket.SOCK_DGRAM)
        yield "serial", ["--pty", line], f"serial:{line}"
        yield "slcan", ["--slcan", line + "-can"], f"slcan:{line}-can"
        yield "tcp", ["--tcp-listen", str(port)], f"tcp:127.0.0.1:{port}"
        port = free_port()
        yield "tcp-listen", ["--tcp-connect", f"127.0.0.1:{port}"], f"tcp-listen:127.0.0.1:{port}"
        yield "udp", ["--udp-listen", str(local)], f"udp:127.0.0.1:{local}?local={free_port(socket.SOCK_DGRAM)}"

    def start(self, link, environment_of):
        return subprocess.Popen([XCOMTOP, "-c", link, "log", "--output", "-", "--format", "jsonl", "--every", "1s",
                                 "--count", str(ROWS), "--select", IDENTITIES, "--timeout", "1s"],
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                env=environment_of)

    @staticmethod
    def interrupt(link):
        """Takes a CAN interface down for 2 s, as the simulator does with other links."""
        def change(state):
            subprocess.run(["ip", "link", "set", link.removeprefix("can:"), state], check=True)

        def away():
            change("down")
            threading.Timer(2, change, ["up"]).start()

        threading.Timer(2, away).start()

    def test_every_fault_on_every_link(self):
        runs = []
        for name, faults in FAULTS.items():
            for kind, arguments, link in self.links():
                given = [fault for fault in faults if "can" not in kind or not fault.startswith(NOT_ON_CAN)]
                if faults and not given and kind != "can":
                    continue
                options = [word for fault in given for word in ("--fault", fault)]
                self.sim(*arguments, *options)
                runs.append((f"{name} on {kind}", self.start(link, environment(self.home))))
                if faults and not given:
                    self.interrupt(link)
        truth = None
        for name, process in runs:
            try:
                out, told = process.communicate(timeout=LIMIT)
            except subprocess.TimeoutExpired:
                process.kill()
                self.fail(f"{name} didn't come to an end: {process.communicate()}")
            self.assertEqual(process.returncode, 0, f"{name}: {told}")
            rows = [json.loads(line) for line in out.splitlines()]
            self.assertEqual(len(rows), ROWS, name)
            truth = truth or {key: value for key, value in rows[-1].items() if key != "time"}
            self.assertNotIn(None, truth.values(), name)
            for row in rows:
                wrong = {key: value for key, value in row.items()
                         if key != "time" and value is not None and value != truth[key]}
                self.assertEqual(wrong, {}, name)
            self.assertTrue(any(row[key] is not None for row in rows for key in truth), name)


if __name__ == "__main__":
    unittest.main()
