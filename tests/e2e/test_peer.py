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

    def test_flash_and_ram_are_kept_apart(self):
        ask = self.client.ask
        self.assertEqual(ask(101, peer.WRITE, peer.PARAMETER, 1138, 13, struct.pack("<f", 12.0)), (None, b""))
        self.assertNotEqual(struct.unpack("<f", ask(101, peer.READ, peer.PARAMETER, 1138, 5)[1])[0], 12.0)
        self.assertEqual(ask(101, peer.WRITE, peer.PARAMETER, 1138, 5, struct.pack("<f", 14.0)), (None, b""))
        self.assertAlmostEqual(struct.unpack("<f", ask(101, peer.READ, peer.PARAMETER, 1138, 5)[1])[0], 14.0, 1)

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
