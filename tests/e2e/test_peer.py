#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""xcomtop against a gateway, and xcomsim against a client, that were written independently (peer.py)."""
import json
import math
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import unittest

import peer

BUILD = os.environ.get("top_builddir", ".")
XCOMTOP, XCOMSIM = os.path.join(BUILD, "xcomtop"), os.path.join(BUILD, "xcomsim")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class PeerGateway(unittest.TestCase):
    """Our client, somebody else's gateway."""

    def run_against(self, gateway, *arguments, status=0):
        with socket.create_server(("127.0.0.1", 0)) as listener, tempfile.TemporaryDirectory() as home:
            def serve():
                try:
                    while True:
                        connection, _ = listener.accept()
                        with connection:
                            gateway.serve(connection)
                except OSError:
                    pass
            threading.Thread(target=serve, daemon=True).start()
            done = subprocess.run([XCOMTOP, "-c", f"tcp:127.0.0.1:{listener.getsockname()[1]}", *arguments],
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
                                  env={"HOME": home, "LC_ALL": "C.UTF-8", "TZ": "UTC", "COLUMNS": "80", **{
                                      k: v for k, v in os.environ.items() if "SAN" in k}})
            listener.shutdown(socket.SHUT_RDWR)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def scan(self, gateway):
        done = self.run_against(gateway, "scan", "--format", "jsonl")
        return {row["device"]: row for row in map(json.loads, done.stdout.splitlines())}

    def test_everything_is_found_whatever_absent_devices_answer(self):
        for absent in ("nan", "zero", "master", "error"):
            for multi in ("any", "strict", 0x11):
                with self.subTest(absent=absent, multi=multi):
                    found = self.scan(peer.Gateway(peer.installation(), absent=absent, multi=multi))
                    self.assertEqual(set(found) - {"XCOM"}, {"XT1", "XT2", "VT1", "BSP"})
                    self.assertEqual(found["XT2"]["address"], 102)
                    self.assertEqual(found["XT2"]["firmware"], "1.6.74")
                    self.assertEqual(found["XT2"]["fid"].lower(), "12340066")

    def test_a_bms_is_told_from_a_bsp(self):
        for multi in ("any", 0x11):
            with self.subTest(multi=multi):
                found = self.scan(peer.Gateway(peer.installation(bsp=False, bms=True), multi=multi))
                self.assertIn("BMS", found)
                self.assertNotIn("BSP", found)

    def test_few_questions_find_the_installation(self):
        gateway = peer.Gateway(peer.installation(xt=3, vt=2))
        self.scan(gateway)
        self.assertLessEqual(len(gateway.requests), 12, [r[:5] for r in gateway.requests])

    def test_multi_infos_may_be_unknown_in_many_ways(self):
        for code in (0x01, 0x12, 0x21, 0x22, 0x26, 0x2A, 0x2C, 0x2E):
            with self.subTest(code=code):
                gateway = peer.Gateway(peer.installation(), multi=code)
                done = self.run_against(gateway, "--once")
                self.assertIn("1.50 kW", done.stdout)  # the loads: a sum
                self.assertLess(sum(request[2] == peer.MULTI for request in gateway.requests), 16)

    def test_noise_other_masters_and_single_bytes_do_no_harm(self):
        for quirks in (["chatty", "slow"], ["shared"], ["twice"], ["shared", "twice", "chatty"]):
            with self.subTest(quirks=quirks):
                found = self.scan(peer.Gateway(peer.installation(), quirks=quirks))
                self.assertIn("VT1", found)
                done = self.run_against(peer.Gateway(peer.installation(), quirks=quirks), "read", "XT*", "3000",
                                        "--format", "jsonl")
                self.assertEqual([json.loads(row)["value"] for row in done.stdout.splitlines()], [52.75, 53.0])

    def test_values_are_what_the_gateway_holds(self):
        done = self.run_against(peer.Gateway(peer.installation()), "read", "XT2", "3000", "3028", "3136",
                                "--format", "jsonl")
        rows = {row["id"]: row for row in map(json.loads, done.stdout.splitlines())}
        self.assertEqual(rows[3000]["value"], 53.0)
        self.assertEqual(rows[3028]["text"], "Charger")
        self.assertEqual(rows[3136]["value"], 1.0)

    def test_enums_may_come_as_floats(self):
        done = self.run_against(peer.Gateway(peer.installation(), quirks=["floats"]), "read", "XT1", "3028")
        self.assertIn("Charger", done.stdout)

    def test_numbers_that_are_too_wide_are_not_cut(self):
        values = {**peer.installation(), (101, 3136): 3.4e38, (101, 3000): -1e9}
        done = self.run_against(peer.Gateway(values), "--once")
        self.assertIn("####", done.stdout)
        self.assertNotIn("0000000", done.stdout)

    def test_limits_and_levels_are_read_from_the_device(self):
        gateway = peer.Gateway(peer.installation())
        for part, value in (("value", 60.0), ("min", 0.0), ("max", 200.0), ("level", 16.0)):
            with self.subTest(part=part):
                done = self.run_against(gateway, "read", "XT1", "1138", "--part", part, "--format", "jsonl")
                self.assertEqual(json.loads(done.stdout)["value"], value)

    def test_sums_come_from_the_gateway_or_from_each_device(self):
        for multi in ("any", 0x11):
            with self.subTest(multi=multi):
                done = self.run_against(peer.Gateway(peer.installation(), multi=multi), "read", "XT.sum", "3136",
                                        "--format", "jsonl")
                self.assertEqual(json.loads(done.stdout)["value"], 1.5)

    def test_a_refusal_is_told_in_words(self):
        done = self.run_against(peer.Gateway(peer.installation()), "read", "XT1", "3021", status=1)
        self.assertIn("0x22", done.stdout + done.stderr)
        done = self.run_against(peer.Gateway(peer.installation()), "read", "XT9", "3000", status=1)
        self.assertIn("0x02", done.stdout + done.stderr)

    def test_once_shows_the_whole_installation(self):
        for multi in ("any", 0x11):
            with self.subTest(multi=multi):
                done = self.run_against(peer.Gateway(peer.installation(), multi=multi), "--once")
                for text in ("XT1", "XT2", "VT1", "Charger", "81"):
                    self.assertIn(text, done.stdout)

    def test_what_was_written_is_read_from_flash(self):
        gateway = peer.Gateway(peer.installation())
        gateway.write([101], 1140, peer.FLASH, struct.pack("<f", 55.25))
        gateway.write([101], 1140, peer.RAM, struct.pack("<f", 50.0))
        for device, part, value in (("XT1", "value", 55.25), ("XT1", "ram", 55.25), ("XT1", "min", 40.0),
                                    ("XT1", "max", 62.25), ("XT1", "level", 0x20), ("XT2", "value", 54.5)):
            with self.subTest(device=device, part=part):
                done = self.run_against(gateway, "read", device, "1140", "--part", part, "--format", "jsonl")
                self.assertEqual(json.loads(done.stdout)["value"], value)


class Writes:
    """What a gateway does with writes, whoever wrote it: the tests of both. They have one with XT1 to XT3 on three
    phases and VT1; restart(), version() and flash_writes() are their own."""

    def test_flash_and_ram(self):
        ask, read, write = self.client.ask, self.client.read, self.client.write
        before = read(101, 1107)
        self.assertEqual(write(101, 1107, 20.0, part=peer.RAM), 0)
        self.assertEqual((read(101, 1107), read(101, 1107, part=peer.RAM)), (before, before))
        self.assertEqual(write(101, 1107, 24.0), 0)
        self.assertEqual(read(101, 1107), 24.0)
        self.assertEqual(read(102, 1107), before)
        self.restart(101)
        self.assertEqual(read(101, 1107), 24.0)
        self.assertEqual(ask(101, peer.WRITE, peer.PARAMETER, 1107, peer.FLASH, struct.pack("<f", 25.0)), (None, b""))

    def test_numbers_are_kept_as_fixed_point(self):
        self.assertEqual(self.client.write(101, 1140, 55.3), 0)
        kept = self.client.read(101, 1140)
        self.assertNotEqual(kept, struct.unpack("<f", struct.pack("<f", 55.3))[0])
        self.assertAlmostEqual(kept, 55.3, delta=0.004)

    def test_limits_are_the_devices(self):
        for number, form, step in ((1107, "float", 0.5), (1140, "float", 0.5), (1206, "int", 1)):
            low, high = (self.client.read(101, number, form, part) for part in (peer.MIN, peer.MAX))
            before = self.client.read(101, number, form)
            self.assertEqual(self.client.write(101, number, low - step, form), 0x27)
            self.assertEqual(self.client.write(101, number, high + step, form, peer.RAM), 0x28)
            self.assertEqual(self.client.read(101, number, form), before)
            self.assertEqual(self.client.write(101, number, low, form), 0)
            self.assertAlmostEqual(self.client.read(101, number, form), low, delta=0.004)
            self.assertEqual(self.client.write(101, number, high, form), 0)

    def test_levels(self):
        self.assertEqual(self.client.read(101, 1138, part=peer.LEVEL), 0x10)
        self.assertEqual(self.client.read(101, 1140, part=peer.LEVEL), 0x20)

    def test_refusals(self):
        write = self.client.write
        self.assertEqual(write(101, 1107, b"\0"), 0x24)
        self.assertEqual(write(101, 1124, 1, "int"), 0x24)
        self.assertEqual(write(101, 1107, math.nan), 0x26)
        self.assertEqual(write(101, 1107, math.inf), 0x26)
        self.assertEqual(write(101, 1124, b"\2"), 0x26)
        self.assertEqual(write(101, 1545, 3, "enum"), 0x26)
        self.assertEqual(write(101, 1399, 2, "int"), 0x26)
        self.assertEqual(write(101, 1399, 0, "int"), 0x26)
        self.assertEqual(write(101, 1205, 128, "enum"), 0x28)
        self.assertEqual(write(101, 1107, 20.0, part=peer.MIN), 0x25)
        self.assertEqual(write(101, 1107, 20.0, part=peer.MAX), 0x25)
        self.assertEqual(write(101, 1107, 20.0, part=9), 0x23)
        self.assertEqual(write(101, 1999, 20.0), 0x22)
        self.assertEqual(write(109, 1107, 20.0), 0x02)
        self.assertEqual(write(0, 1107, 20.0), 0x02)
        self.assertEqual(write(500, 5101, 1, "enum"), 0x02)
        self.assertEqual(self.client.ask(101, peer.WRITE, peer.INFO, 3000, 1, bytes(4))[0], 0x25)
        self.assertEqual(self.client.ask(100, peer.READ, peer.PARAMETER, 1107, peer.FLASH)[0], 0x2D)

    def test_other_forms(self):
        for number, value, form in ((1124, False, "bool"), (1545, 0, "enum"), (1205, 0x1F, "enum"), (1206, 821, "int")):
            self.assertEqual(self.client.write(101, number, value, form), 0)
            self.assertEqual(self.client.read(101, number, form), value)

    def test_phases_and_families(self):
        for value, address, reached in ((10.0, 100, {101, 102, 103}), (11.0, 191, {101}), (12.0, 192, {102}),
                                        (13.0, 193, {103})):
            self.assertEqual(self.client.write(address, 1107, value), 0)
            self.assertEqual({at for at in (101, 102, 103) if self.client.read(at, 1107) == value}, reached)
        self.assertEqual(self.client.write(300, 10002, 44.0), 0)
        self.assertEqual(self.client.read(301, 10002), 44.0)

    def test_old_firmware_knows_no_ram(self):
        self.version(102, "1.6.11")
        self.assertEqual(self.client.write(102, 1107, 20.0, part=peer.RAM), 0x23)
        self.assertEqual(self.client.write(102, 1107, 21.0), 0)
        self.version(102, "1.6.12")
        self.assertEqual(self.client.write(102, 1107, 20.0, part=peer.RAM), 0)
        self.version(301, "1.6.13")
        self.assertEqual(self.client.write(301, 10002, 20.0, part=peer.RAM), 0x23)

    def test_nothing_is_stored_where_flash_is_off(self):
        before = self.client.read(103, 1140)
        self.assertEqual(self.client.write(103, 1550, False, "bool"), 0)
        self.assertEqual(self.client.read(103, 1550, "bool"), False)
        self.assertEqual(self.client.write(103, 1140, 50.0), 0)
        self.assertEqual(self.client.read(103, 1140), before)
        self.assertEqual(self.client.write(103, 1550, True, "bool"), 0)
        self.assertEqual(self.client.write(103, 1140, 50.0), 0)
        self.assertEqual(self.client.read(103, 1140), 50.0)

    def test_flash_writes_are_counted(self):
        before = self.flash_writes(101, 1138)
        self.client.write(101, 1138, 30.0, part=peer.RAM)
        self.client.write(101, 1138, 1e6)
        self.client.read(101, 1138)
        self.assertEqual(self.flash_writes(101, 1138), before)
        self.client.write(101, 1138, 30.0)
        self.client.write(100, 1138, 31.0)
        self.assertEqual(self.flash_writes(101, 1138), before + 2)

    def test_what_can_go_wrong(self):
        write, read = self.client.write, self.client.read
        self.assertEqual(write(101, 1138, 30.0), 0)
        for upset, answer, value in (("0x13", 0x13, 30.0), ("0x2B", 0x2B, 30.0), ("0x03", 0x03, 30.0),
                                     ("done 0x03", 0x03, 40.0), ("lost", None, 30.0), ("silent", None, 40.0)):
            with self.subTest(upset=upset):
                self.upset(101, 1138, upset)
                self.assertEqual(write(101, 1138, 40.0, patience=0.5 if answer is None else 5), answer)
                self.assertEqual(read(101, 1138), value)
                self.assertEqual(write(101, 1138, 30.0), 0)


class PeerWrites(Writes, unittest.TestCase):
    """Somebody else's gateway and client between themselves: they have to be right to judge ours."""

    def setUp(self):
        self.gateway = peer.Gateway(peer.installation(xt=3))
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        self.client = peer.Client("127.0.0.1", listener.getsockname()[1])
        connection, _ = listener.accept()
        self.addCleanup(connection.close)
        thread = threading.Thread(target=self.gateway.serve, args=(connection,), daemon=True)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.client.close)

    def restart(self, address):
        self.gateway.restart(address)

    def version(self, address, text):
        x, y, z = map(int, text.split("."))
        first = 3130 if address < 200 else 11050
        self.gateway.values.update({(address, first): float(x << 8), (address, first + 1): float(y << 8 | z)})

    def flash_writes(self, address, number):
        return self.gateway.parameters[address, number].flash_writes

    def upset(self, address, number, what):
        self.gateway.upsets[address, number] = [int(what, 0) if what.startswith("0x") else what]


class SimWrites(Writes, unittest.TestCase):
    """Our simulator, somebody else's client. """

    NAMES = {101: "XT1", 102: "XT2", 103: "XT3", 301: "VT1"}

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        path = os.path.join(scratch.name, "control")
        sim = subprocess.Popen([XCOMSIM, "--tcp-listen", "0", "--install", "xt=3,vt=1", "--control", path,
                                "--latency", "0"], stdout=subprocess.PIPE)
        self.addCleanup(sim.stdout.close)
        self.addCleanup(sim.wait)
        self.addCleanup(sim.terminate)
        port = int(sim.stdout.readline().rsplit(b":", 1)[1])
        self.client = peer.Client("127.0.0.1", port)
        self.addCleanup(self.client.close)
        self.control = socket.socket(socket.AF_UNIX)
        self.addCleanup(self.control.close)
        self.control.settimeout(20)
        self.control.connect(path)

    def command(self, text):
        self.control.sendall(text.encode() + b"\n")
        answer = b""
        while not answer.endswith(b"ok\n"):
            answer += self.control.recv(4096)
            self.assertNotIn(b"error", answer)
        return answer.decode()

    def restart(self, address):
        self.command(f"reset {self.NAMES[address]} 0")

    def version(self, address, text):
        self.command(f"firmware {self.NAMES[address]} {text}")

    def flash_writes(self, address, number):
        counts = dict(line.rsplit(" ", 1) for line in self.command("writes").splitlines()[:-1])
        return int(counts.get(f"flash {self.NAMES[address]}:{number}", 0))

    def upset(self, address, number, what):
        at = f"{self.NAMES[address]}:{number}"
        command = {"lost": f"drop {at}", "silent": f"mute {at}"}.get(what) or (
            f"doubt {at} {what.split()[1]}" if what.startswith("done") else f"deny {at} {what} 1")
        self.command(command)


class PeerClient(unittest.TestCase):
    """Our simulator, somebody else's client."""

    @classmethod
    def setUpClass(cls):
        port = free_port()
        cls.sim = subprocess.Popen([XCOMSIM, "--tcp-listen", str(port), "--install", "xt=3,vt=2,bsp",
                                    "--clock", "2026-06-21 12:00:00"], stdout=subprocess.PIPE)
        cls.sim.stdout.readline()
        cls.client = peer.Client("127.0.0.1", port)

    @classmethod
    def tearDownClass(cls):
        cls.client.close()
        cls.sim.terminate()
        cls.sim.wait()
        cls.sim.stdout.close()

    def info(self, address, number):
        error, data = self.client.ask(address, peer.READ, peer.INFO, number, 1)
        self.assertIsNone(error)
        return struct.unpack("<f" if len(data) == 4 else "<H", data)[0]

    def test_infos(self):
        self.assertTrue(40 < self.info(101, 3000) < 65)
        self.assertIn(self.info(101, 3028), range(7))
        self.assertTrue(0 <= self.info(601, 7002) <= 100)

    def test_a_phase_answers_with_its_master(self):
        self.assertAlmostEqual(self.info(191, 3000), self.info(101, 3000), delta=0.2)

    def test_parameters_and_their_parts(self):
        values = {}
        for part in (5, 6, 7, 13):
            error, data = self.client.ask(101, peer.READ, peer.PARAMETER, 1138, part)
            self.assertIsNone(error)
            values[part] = struct.unpack("<f", data)[0]
        self.assertTrue(values[6] <= values[5] <= values[7])
        error, data = self.client.ask(101, peer.READ, peer.PARAMETER, 1138, 8)
        self.assertIsNone(error)
        self.assertEqual(struct.unpack("<H", data)[0], 0x10)

    def test_refusals(self):
        ask = self.client.ask
        self.assertEqual(ask(109, peer.READ, peer.INFO, 3000, 1)[0], 0x02)
        self.assertEqual(ask(101, peer.READ, peer.INFO, 2999, 1)[0], 0x22)
        self.assertEqual(ask(101, peer.READ, peer.INFO, 3000, 9)[0], 0x23)
        self.assertEqual(ask(101, peer.READ, 0x77, 3000, 1)[0], 0x21)
        self.assertEqual(ask(101, 7, peer.INFO, 3000, 1)[0], 0x11)
        self.assertEqual(ask(101, peer.WRITE, peer.PARAMETER, 1138, 5, struct.pack("<f", 1e6))[0], 0x28)
        self.assertEqual(ask(101, peer.WRITE, peer.PARAMETER, 1138, 5, struct.pack("<f", -5))[0], 0x27)
        self.assertEqual(ask(101, peer.WRITE, peer.PARAMETER, 1138, 5, b"\0")[0], 0x24)
        self.assertEqual(ask(100, peer.READ, peer.INFO, 3000, 1)[0], 0x2D)

    def test_multi_infos(self):
        items = [(3000, 1), (3136, 0xFE), (3136, 1), (3136, 2), (3136, 3), (7002, 0), (3000, 9)]
        data = b"".join(struct.pack("<HB", *item) for item in items)
        error, got = self.client.ask(501, peer.READ, peer.MULTI, 1, 1, data)
        self.assertIsNone(error)
        self.assertEqual(len(got), 8 + 7 * len(items))
        self.assertEqual(struct.unpack("<I", got[:4])[0] & 0x1E0, 0x0E0)
        values = []
        for i, item in enumerate(items):
            number, aggregation, value = struct.unpack("<HBf", got[8 + 7 * i:15 + 7 * i])
            self.assertEqual((number, aggregation), item)
            values.append(value)
        self.assertAlmostEqual(values[1], sum(values[2:5]), places=2)
        self.assertTrue(math.isnan(values[6]))

    def test_messages_and_guid(self):
        error, data = self.client.ask(501, peer.READ, peer.MESSAGE, 0, 0)
        self.assertIsNone(error)
        self.assertEqual(len(data), 18)
        error, data = self.client.ask(501, peer.READ, peer.GUID, 0, 0)
        self.assertIsNone(error)
        self.assertEqual(len(data), 16)


if __name__ == "__main__":
    for program in (XCOMTOP, XCOMSIM):
        if not os.access(program, os.X_OK):
            sys.exit(77)
    unittest.main(argv=[sys.argv[0], "-v"])
