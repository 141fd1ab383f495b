#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""xcomsim as an Xcom-CAN: with an independent client on python3-can, and with xcomtop.

    test_simulator.py can|slcan      can: as root, in the virtual machine"""
import contextlib
import json
import os
import subprocess
import sys
import threading
import unittest

sys.path.insert(0, os.path.join(os.environ["top_srcdir"], "tests", "e2e"))
import can  # noqa: E402
from client import FLASH, MAXIMUM, MINIMUM, RAM, Client, Refused  # noqa: E402
from harness import Case, main, order  # noqa: E402
from test_screens import Tmux  # noqa: E402

SLCAN = sys.argv.pop(1) == "slcan"


class Bus(Case):
    def start(self, *arguments):
        self.control = self.path("control")
        if SLCAN:
            where = ("--slcan", self.path("adapter"), "--bitrate", "250000")
            self.link = f"slcan:{self.path('adapter')}?bitrate=250000"
        else:
            where = ("--can", "vcan0")
            self.link = "can:vcan0"
        self.sim(*where, "--control", self.control, *arguments)

    def client(self, source=0):
        if SLCAN:
            bus = can.Bus(self.path("adapter"), interface="slcan", bitrate=250000)
        else:
            bus = can.Bus("vcan0", interface="socketcan")
        self.addCleanup(bus.shutdown)
        return Client(bus, source)

    def command(self, text):
        return order(self.control, text)

    def xcomtop(self, *words, **more):
        return self.run_xcomtop("-c", self.link, *words, **more)

    def rows(self, *words, **more):
        done = self.xcomtop(*words, "--format", "jsonl", **more)
        return [json.loads(line) for line in done.stdout.splitlines()]


class Screens(Tmux, Bus):
    def test_values_and_messages(self):
        Bus.start(self)
        Tmux.start(self, "-c", f"'{self.link}'")
        self.see("XT3", "BSP")
        self.command("message 16 XT2")
        self.see("(016)")
        self.keys("q")
        self.ended()


class Independent(Bus):
    def test_services(self):
        self.start()
        client = self.client()
        self.assertTrue(40 < client.info(101, 3000) < 60)
        self.assertEqual(client.read(101, 1138), 60)
        self.assertEqual((client.read(101, 1138, MINIMUM), client.read(101, 1138, MAXIMUM)), (0, 200))
        self.assertEqual(client.write(101, 1138, 45), 45)
        self.assertEqual(client.read(101, 1138, RAM), 60)  # flash
        client.write(100, 1138, 50, FLASH)
        self.assertEqual([client.read(d, 1138) for d in (101, 102, 103)], [50, 50, 50])
        for do, code in ((lambda: client.info(101, 1138), 0x22), (lambda: client.info(109, 3000), 0x02),
                         (lambda: client.write(101, 1138, 1000), 0x28),
                         (lambda: client.write(101, 1138, -1), 0x27),
                         (lambda: client.write(101, 1138, 1, MAXIMUM), 0x25),
                         (lambda: client.read(101, 1138, 8), 0x12), (lambda: client.info(100, 3000), 0x2D)):
            with self.assertRaises(Refused) as refused:
                do()
            self.assertEqual(refused.exception.code, code)
        self.assertEqual(client.others, [])

    def test_messages(self):
        self.start()
        client = self.client()
        client.info(101, 3000)
        self.command("message 16 XT2")
        client.listen(0.5)
        self.assertEqual(client.messages, [(102, 16, 0)])

    def test_tolerant_and_exclusive(self):
        foreign = can.Message(arbitration_id=0x123, is_extended_id=False, data=b"\1\2")
        self.start()
        client = self.client()
        client.bus.send(foreign)
        client.listen(0.3)
        self.assertEqual(client.others, [])
        self.assertIsNone(client.exchange(101, 0, b"\x0B\xB8\0", timeout=0.3))

    def test_exclusive(self):
        self.start("--mode", "exclusive")
        client = self.client()
        with self.assertRaises(Refused) as refused:
            client.exchange(101, 0, b"\x0B\xB8\0")
        self.assertEqual(refused.exception.code, 0x24)

    def test_another_source(self):
        self.start()
        self.assertTrue(40 < self.client(7).info(101, 3000) < 60)


class Program(Bus):
    def test_scan_read_write(self):
        self.start()
        self.assertEqual([row["device"] for row in self.rows("scan")],
                         ["XT1", "XT2", "XT3", "VT1", "VT2", "VS1", "BSP"])
        self.assertEqual([row["value"] for row in self.rows("read", "XT2", "1138", "1124")], [60, 1])
        self.xcomtop("write", "XT1", "1138", "45", "--yes")
        self.xcomtop("write", "XT", "1138", "50", "--flash", "--confirm", "flash")
        self.assertEqual([row["value"] for row in self.rows("read", "XT*", "1138")], [50, 50, 50])
        self.assertIn("flash XT3:1138 1", self.command("writes"))
        self.assertIn("violations 0", self.command("status"))

    def test_what_an_xcom_can_may_not_have(self):
        self.start()
        none = "an Xcom-CAN isn't known to have a clock or settings of its own"
        self.assertIn(none, self.xcomtop("read", "XCOM", "5002", status=3).stderr)
        self.assertIn(none, self.xcomtop("write", "XCOM", "5000", "1", "--yes", status=3).stderr)
        self.xcomtop("write", "XT1", "1138", "45", "--yes")
        done = self.xcomtop("write", "L1", "1138", "44", "--confirm", "all", status=5)
        self.assertIn("! an Xcom-CAN isn't known to take writes to a phase", done.stderr)
        done = self.xcomtop("writes", "--undo", "1", "--yes")
        self.assertIn("! it may have been written again since: number 2, 44 A in RAM", done.stderr)

    def test_backup_and_restore(self):
        self.start("--latency", "1ms")
        self.xcomtop("backup", self.path("a.txt"), "--devices", "VT1")
        self.xcomtop("write", "VT1", "10002", "40", "--flash", "--confirm", "flash")
        done = self.xcomtop("compare", self.path("a.txt"), "--devices", "VT1", status=1)
        self.assertRegex(done.stdout, r"VT1 +10002 .* 80 +40 ")
        self.xcomtop("restore", self.path("a.txt"), "--confirm", "restore")
        self.xcomtop("compare", self.path("a.txt"), "--devices", "VT1")

    @unittest.skipIf(SLCAN, "an adapter's bus has one client")
    def test_beside_another_master(self):
        self.beside_another_master("tolerant")

    @unittest.skipIf(SLCAN, "an adapter's bus has one client")
    def test_beside_another_master_in_exclusive_mode(self):
        self.beside_another_master("exclusive")

    def beside_another_master(self, mode):
        self.start("--mode", mode)
        with self.noise(self.client(7)):
            for _ in range(5):
                rows = self.rows("read", "XT2", "1138", "1124", "1107")
                self.assertEqual([row["value"] for row in rows], [60, 1, 32])
            self.assertEqual(len(self.rows("scan")), 7)

    @contextlib.contextmanager
    def noise(self, client):
        """Another master's questions, and frames of another protocol."""
        foreign = can.Message(arbitration_id=0x181, is_extended_id=False, data=b"12345678")
        ends = threading.Event()

        def make():
            while not ends.is_set():
                client.bus.send(foreign)
                client.exchange(102, 0, b"\x0B\xB8", timeout=0.3)

        thread = threading.Thread(target=make)
        thread.start()
        yield
        ends.set()
        thread.join()

    @unittest.skipUnless(SLCAN, "about an adapter's text")
    def test_text_in_pieces_with_timestamps(self):
        self.start("--fault", "fragment 3")
        with open(self.path("adapter"), "r+b", buffering=0) as port:
            port.write(b"Z1\r")
            self.assertEqual(port.read(1), b"\r")
        self.assertEqual([row["value"] for row in self.rows("read", "XT2", "1138", "1124")], [60, 1])

    @unittest.skipUnless(SLCAN, "about an adapter's bit rate")
    def test_another_bit_rate(self):
        self.start()
        self.link = self.link.replace("250000", "500000")
        self.assertIn("no answer", self.xcomtop("read", "XT1", "3000", status=3).stderr)

    def test_a_bad_line(self):
        self.start("--fault", "lose 10%", "--fault", "duplicate 10%", "--fault", "foreign 20%", "--fault",
                   "garbage 3 20%", "--fault", "truncate 5%")
        for _ in range(3):
            rows = self.rows("read", "XT1", *map(str, (1138, 1124, 1107, 1139, 1140)))
            self.assertEqual([row["value"] for row in rows[:3]], [60, 1, 32])



if __name__ == "__main__":
    if not SLCAN:
        subprocess.run("ip link add vcan0 type vcan && ip link set vcan0 up", shell=True, check=True)
    main()
