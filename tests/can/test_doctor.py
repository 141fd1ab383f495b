#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The doctor at real serial ports and CAN interfaces, inside the virtual machine: can0 and can1 are the adapters
of adapters.py on one bus."""
import contextlib
import os
import select
import subprocess
import sys
import termios
import threading
import tty

sys.path.insert(0, os.path.join(os.environ["top_srcdir"], "tests", "e2e"))
from harness import XCOMTOP, environment, main  # noqa: E402
from test_doctor import Doctor  # noqa: E402


def run(command):
    subprocess.run(command, shell=True, check=True)


def steer(line):
    """One of adapters.py's lines, and until it is done."""
    if not hasattr(steer, "orders"):
        steer.orders = open(os.environ["CAN_ADAPTERS"], "w", encoding="ascii")
        steer.done = open(os.environ["CAN_ADAPTERS"] + ".done", "rb", buffering=0)
    print(line, file=steer.orders, flush=True)
    assert steer.done.read(1)


def open_port(path):
    """Without waiting for a carrier, which the cable lacks."""
    port = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    tty.setraw(port)
    flags = termios.tcgetattr(port)
    flags[2] |= termios.CLOCAL
    termios.tcsetattr(port, termios.TCSANOW, flags)
    os.set_blocking(port, True)
    return port


class Serial(Doctor):
    def test_list(self):
        self.doctor()
        by_name = {row["subject"]: row["seen"] for row in self.rows if row["finding"] == "port"}
        self.assertIn("/dev/ttyS1", by_name)
        self.assertIn("QEMU", by_name["/dev/ttyUSB0"])  # its maker
        # Places that the kernel has for ports that aren't there.
        self.assertNotIn("/dev/ttyS3", by_name)

    def test_no_ports(self):
        # As if there were none: their directory is covered.
        run("mount -t tmpfs none /sys/class/tty")
        self.addCleanup(run, "umount /sys/class/tty")
        self.assertIn("no-ports", self.doctor())

    def test_in_use(self):
        self.addCleanup(os.close, open_port("/dev/ttyUSB0"))
        self.doctor("/dev/ttyUSB0", status=3)
        self.assertIn(f"(pid {os.getpid()})", self.seen("in-use"))
        self.doctor()
        self.assertIn(f"(pid {os.getpid()})", self.seen("in-use"))

    def test_shared_with_another_xcomtop(self):
        self.serve()
        log = subprocess.Popen([XCOMTOP, "-c", "/dev/ttyUSB0", "log", "--output", self.path("log.csv"), "--every", "1s",
                                "--select", "XT1:3000"], env=environment(self.home), stderr=subprocess.DEVNULL)
        self.addCleanup(log.wait)
        self.addCleanup(log.kill)
        self.wait_for(lambda: os.path.exists(self.path("log.csv")))
        self.assertHas(self.doctor("/dev/ttyUSB0", "--devices", "XT1", status=1), "port", "answers", "devices")
        self.assertIn(f"through xcomtop (pid {log.pid})", self.seen("answers"))
        # Under another name it isn't known to be the same.
        os.symlink("/dev/ttyUSB0", self.path("tty-usb"))
        self.assertEqual(self.doctor(self.path("tty-usb"), status=3), ["port", "in-use"])
        self.assertIn(f"in use by xcomtop (pid {log.pid}): stop it, or give the LINK just as", self.seen("in-use"))

    def serve(self, baud=None, parity=0):
        """The simulator behind /dev/ttyS1, as far as /dev/ttyUSB0 at the other end is set as it should be;
        without baud however it is."""
        self.sim("--pty", self.path("tty"), "--baud", "0", "--install", "xt=1")
        line, sim = open_port("/dev/ttyS1"), open_port(self.path("tty"))

        def fits():
            port = os.open("/dev/ttyUSB0", os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
            flags, speed = termios.tcgetattr(port)[2], termios.tcgetattr(port)[4]
            os.close(port)
            return speed == baud and flags & (termios.PARENB | termios.PARODD) == parity

        over, end = os.pipe()

        def copy():
            with contextlib.suppress(OSError):  # the end of the simulator
                while over not in (ready := select.select([line, sim, over], [], [])[0]):
                    if line in ready:
                        data = os.read(line, 4096)
                        if baud is None or fits():
                            os.write(sim, data)
                    if sim in ready:
                        os.write(line, os.read(sim, 4096))

        def stop():
            os.close(end)
            thread.join(5)
            for port in (line, sim, over):
                os.close(port)

        thread = threading.Thread(target=copy, daemon=True)
        thread.start()
        self.addCleanup(stop)

    def test_wrong_settings(self):
        self.serve(termios.B115200, 0)
        found = self.doctor("serial:/dev/ttyUSB0?baud=38400&parity=even", "--devices", "XT1", status=1)
        self.assertEqual(found[:3], ["port", "wrong-settings", "answers"])
        self.assertIn("no answer at 38400 8E1, but /dev/ttyUSB0 is open at 115200 8N1",
                      self.seen("wrong-settings"))

    def test_others_are_tried_when_one_setting_is_given(self):
        self.serve(termios.B115200, 0)
        found = self.doctor("serial:/dev/ttyUSB0?baud=9600", "--devices", "XT1", status=1)
        self.assertEqual(found[:3], ["port", "wrong-settings", "answers"])
        self.assertIn("no answer at 9600 8E1, 9600 8N1, but /dev/ttyUSB0 is open at 115200 8N1",
                      self.seen("wrong-settings"))

    def test_silent(self):
        # Open at the other end, or the emulated cable may stay blocked by what nobody took.
        self.addCleanup(os.close, open_port("/dev/ttyS1"))
        found = self.doctor("/dev/ttyUSB0", "--timeout", "500ms", status=3)
        self.assertEqual(found, ["port", "silent"])
        self.assertEqual(self.seen("silent"), "nothing at all came back at 38400 8E1, 38400 8N1, 115200 8E1, "
                         "115200 8N1")
        self.doctor("serial:/dev/ttyUSB0?baud=9600&parity=odd", "--timeout", "500ms", status=3)
        self.assertEqual(self.seen("silent"), "nothing at all came back at 9600 8O1, 38400 8E1, 38400 8N1, "
                         "115200 8E1, 115200 8N1")

    def test_noise(self):
        port, over = open_port("/dev/ttyS1"), threading.Event()

        def babble():
            while not over.is_set():
                if select.select([port], [], [], 0.1)[0]:
                    os.read(port, 4096)
                    os.write(port, b"login: ")
            os.close(port)

        babbler = threading.Thread(target=babble)
        babbler.start()
        self.addCleanup(babbler.join)
        self.addCleanup(over.set)
        self.doctor("serial:/dev/ttyUSB0?baud=9600", "--timeout", "500ms", status=3)
        self.assertRegex(self.seen("noise"), r"none of them is an answer; tried were 9600 8E1, 9600 8N1, 38400 8E1, "
                         "38400 8N1, 115200 8E1, 115200 8N1$")


class Network(Doctor):
    def test_unreachable(self):
        self.assertEqual(self.doctor("192.0.2.1:4001", status=3), ["unreachable"])


class Can(Doctor):
    def setUp(self):
        super().setUp()
        run("ip link set vcan0 up")
        self.addCleanup(run, "ip link set can0 down; ip link set can1 down")

    def test_list(self):
        run("ip link set can0 up type can bitrate 250000")
        self.doctor()
        seen = {row["subject"]: row["seen"] for row in self.rows if row["finding"] == "interface"}
        self.assertEqual(seen, {"can0": "up at 250000 bit/s, bus active", "can1": "down", "vcan0": "up, virtual"})

    def test_what_is_up_is_listened_to_without_a_link(self):
        self.sim("--can", "vcan0", "--install", "xt=1", "--fault", "traffic 300ms")
        found = self.doctor()
        self.assertIn("bus", found)
        self.assertIn("other-master", found)
        self.assertIn("xcomtop: listening on vcan0 for 3 s, without sending", self.stderr)
        self.assertIn("xcomtop doctor vcan0", self.todo("not-asked"))

    def test_down(self):
        run("ip link set vcan0 down")
        self.assertEqual(self.doctor("vcan0", status=3), ["interface", "interface-down"])
        self.assertIn("sudo ip link set vcan0 up", self.seen("interface-down"))

    def test_settings(self):
        self.assertEqual(self.doctor("can:vcan0?bitrate=250000", status=3), ["interface", "settings-refused"])
        run("ip link set can0 up type can bitrate 125000")
        self.assertEqual(self.doctor("can:can0?bitrate=250000", status=3), ["interface", "settings-refused"])
        self.assertIn("up at 125000 bit/s, not 250000", self.seen("settings-refused"))

    def test_listen_only(self):
        run("ip link set can0 up type can bitrate 250000 listen-only on")
        self.assertEqual(self.doctor("can0", status=3), ["interface", "listen-only"])
        run("ip link set can0 down; ip link set can0 type can listen-only off")

    def test_bus(self):
        self.sim("--can", "vcan0", "--install", "xt=1", "--fault", "traffic 300ms", "--mode", "exclusive")
        found = self.doctor("vcan0", "--devices", "XT1")
        self.assertEqual(found[:6], ["interface", "bus", "exclusive", "other-master", "answers", "devices"])

    def test_nothing_is_sent_on_a_bus_that_another_asks_with_our_address(self):
        self.sim("--can", "vcan0", "--install", "xt=1", "--fault", "traffic 300ms", "--control",
                 self.path("control"))
        found = self.doctor("vcan0", "--source", "77", status=1)
        self.assertEqual(found, ["interface", "bus", "same-address"])

    def test_bus_errors(self):
        run("ip link set can0 up type can bitrate 250000; ip link set can1 up type can bitrate 250000")
        steer("passive 0")
        found = self.doctor("can0", "--wait", "6s", status=3)
        self.assertEqual(found[:2], ["interface", "bus-errors"])
        self.assertIn("the bus is passive", self.seen("bus-errors"))
        self.assertIn("silent-bus", found)
        steer("active 0")


if __name__ == "__main__":
    run("ip link add vcan0 type vcan")
    main()
