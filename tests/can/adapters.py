#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Emulated USB CAN adapters on one bus, for run-in-vm.sh: the kernel's own driver (ucan) talks to
them through vhci_hcd, so that bit timing, error states, bus-off, restarts and unplugging are real.

    adapters.py COUNT COMMAND [ARGUMENT]…       as root, with the modules vhci-hcd and ucan

The bus: a frame that no other started adapter of the same bit rate can acknowledge makes its sender
error-passive, and is tried until one can; with two bit rates on the bus the sender goes bus-off.
COMMAND steers them by lines to the FIFO named in $CAN_ADAPTERS:
    busoff N | warning N | passive N | active N | unplug N | plug N | deaf N | hearing N
A deaf adapter acknowledges nothing. Each line is answered by one byte to $CAN_ADAPTERS.done.

Formats: USB/IP (Documentation/usb/usbip_protocol.rst), UCAN (drivers/net/can/usb/ucan.c)."""
import os
import selectors
import socket
import struct
import subprocess
import sys
import tempfile

VHCI = "/sys/devices/platform/vhci_hcd.0"
SPEED_HIGH = 3

# USB/IP
CMD_SUBMIT, CMD_UNLINK, RET_SUBMIT, RET_UNLINK = 1, 2, 3, 4
HEADER_SIZE = 48
STALL, RESET = -32, -104

# UCAN
START, STOP, RESET_CONTROLLER, GET, SET_BITTIMING, RESTART = 0, 1, 4, 5, 7, 8
TX_COMPLETE, RX = 1, 2
TX_FIFO = 8

# linux/can/error.h
ERROR_FLAG, CONTROLLER, NO_ACK, BUS_OFF, RESTARTED = 0x20000000, 0x4, 0x20, 0x40, 0x100
STATES = {"warning": (0x08, 96), "passive": (0x20, 128), "active": (0x40, 0)}

DEVICE_DESCRIPTOR = struct.pack("<BBHBBBBHHHBBBB", 18, 1, 0x200, 0xFF, 0xFF, 0xFF, 64, 0x2294, 0x425B,
                                0x100, 0, 0, 0, 1)
ENDPOINTS = (struct.pack("<BBBBBBBBB", 9, 4, 0, 0, 2, 0xFF, 0xFF, 0xFF, 0)
             + struct.pack("<BBBBHB", 7, 5, 0x81, 2, 512, 0)
             + struct.pack("<BBBBHB", 7, 5, 0x02, 2, 512, 0))
CONFIGURATION = struct.pack("<BBHBBBBB", 9, 2, 9 + len(ENDPOINTS), 1, 1, 0, 0x80, 50) + ENDPOINTS
# 8 MHz, divided by 16 at most: 20 kbit/s is the slowest.
DEVICE_INFO = struct.pack("<IBBBBBBHIIHHH", 8000000, TX_FIFO, 4, 1, 16, 1, 8, 1, 1, 16, 0x1F, 0, 1)


class Adapter:
    def __init__(self, number, bus):
        self.number, self.bus = number, bus
        self.deaf = False
        self.socket = None

    def plug(self, selector):
        self.socket, kernels = socket.socketpair()
        self.stream = b""
        self.waiting = []   # requests for what comes in
        self.incoming = []  # what comes in
        self.unsent = []    # frames that aren't acknowledged yet: (echo number, identifier, body)
        self.started = self.off = self.passive = False
        self.timing = None
        with open(VHCI + "/attach", "w") as file:
            file.write(f"{self.number} {kernels.fileno()} {0x10002 + self.number} {SPEED_HIGH}")
        kernels.close()
        selector.register(self.socket, selectors.EVENT_READ, self)

    def unplug(self, selector):
        selector.unregister(self.socket)
        with open(VHCI + "/detach", "w") as file:
            file.write(str(self.number))
        self.socket.close()
        self.socket = None
        self.started = False

    # --- USB -----------------------------------------------------------------------------------

    def answer(self, sequence, status, data=b"", length=None):
        head = struct.pack(">IIIIIiiiiI8x", RET_SUBMIT, sequence, 0, 0, 0, status,
                           len(data) if length is None else length, 0, 0, 0)
        self.socket.sendall(head + data)

    def on_readable(self):
        self.stream += self.socket.recv(65536)
        while len(self.stream) >= HEADER_SIZE:
            command, sequence, _, to_host, endpoint, third, length = struct.unpack(">IIIIIIi", self.stream[:28])
            if command == CMD_UNLINK:
                self.stream = self.stream[HEADER_SIZE:]
                found = third != 0 and self.forget(struct.unpack(">I", struct.pack(">I", third))[0])
                self.socket.sendall(struct.pack(">IIIIIi24x", RET_UNLINK, sequence, 0, 0, 0, RESET if found else 0))
                continue
            end = HEADER_SIZE + (0 if to_host else length)
            if len(self.stream) < end:
                return
            setup, out = self.stream[40:48], self.stream[HEADER_SIZE:end]
            self.stream = self.stream[end:]
            self.submit(sequence, endpoint, to_host, length, setup, out)

    def forget(self, sequence):
        found = sequence in self.waiting
        if found:
            self.waiting.remove(sequence)
        return found

    def submit(self, sequence, endpoint, to_host, length, setup, out):
        if endpoint == 0:
            status, data = self.control(setup, out)
            data = data[:length]
            self.answer(sequence, status, data if to_host else b"", len(data) if to_host else len(out))
        elif to_host:
            self.waiting.append(sequence)
            self.deliver()
        else:
            self.answer(sequence, 0, length=len(out))
            self.on_frame(out)

    def control(self, setup, out):
        kind, request, value, _, _ = struct.unpack("<BBHHH", setup)
        if kind & 0x60 == 0:  # standard
            if request == 6:  # descriptors
                wanted = {1: DEVICE_DESCRIPTOR, 2: CONFIGURATION}.get(value >> 8)
                return (0, wanted) if wanted else (STALL, b"")
            return 0, b"\0\0" if request == 0 else b""
        if kind == 0xC0:
            return 0, b"emulated"
        if kind == 0xC1 and request == GET:
            return 0, struct.pack("<I", 3) if value == 1 else DEVICE_INFO
        if kind == 0x41 and self.steer(request, out):
            return 0, b""
        return STALL, b""

    # --- The adapter ---------------------------------------------------------------------------

    def steer(self, request, out):
        if request == START:
            self.started, self.off, self.passive = True, False, False
            self.bus.flush()
        elif request in (STOP, RESET_CONTROLLER):
            self.started = self.off = False
            self.incoming, self.unsent = [], []
        elif request == SET_BITTIMING:
            self.timing = out[:8]
        elif request == RESTART:
            self.off = self.passive = False
            self.tell_error(RESTARTED)
        else:
            return False
        return True

    def deliver(self):
        while self.waiting and self.incoming:
            self.answer(self.waiting.pop(0), 0, self.incoming.pop(0))

    def bring(self, kind, subtype, body):
        self.incoming.append(struct.pack("<HBB", 4 + len(body), kind, subtype) + body)
        self.deliver()

    def receive(self, identifier, body):
        self.bring(RX, 0, struct.pack("<I", identifier) + body)

    def complete(self, echo, sent):
        self.bring(TX_COMPLETE, 0, bytes([echo, 1 if sent else 0]))

    def tell_error(self, what, data=bytes(8)):
        self.receive(ERROR_FLAG | what, data)

    def enter(self, state, more=0):
        flag, errors = STATES[state]
        self.passive = state == "passive"
        self.tell_error(CONTROLLER | more, bytes([0, flag, 0, 0, 0, 0, errors, 0]))

    def go_off(self):
        self.off = True
        self.tell_error(BUS_OFF)
        for echo, _, _ in self.unsent:
            self.complete(echo, False)
        self.unsent = []

    def on_frame(self, out):
        length, _, echo, identifier = struct.unpack("<HBBI", out[:8])
        if self.off or not self.started:
            self.complete(echo, False)
            return
        self.unsent.append((echo, identifier, out[8:length]))
        self.bus.flush()

    def flush(self):
        while self.unsent and self.started and not self.off:
            others = [a for a in self.bus.adapters
                      if a is not self and a.socket and a.started and not a.off and not a.deaf]
            if not others:
                if not self.passive:
                    self.enter("passive", NO_ACK)
                return
            if any(a.timing != self.timing for a in others):
                self.go_off()
                return
            echo, identifier, body = self.unsent.pop(0)
            for other in others:
                other.receive(identifier, body)
            self.complete(echo, True)
            if self.passive:
                self.enter("active")


class Bus:
    def __init__(self, count):
        self.selector = selectors.DefaultSelector()
        self.adapters = [Adapter(number, self) for number in range(count)]
        for adapter in self.adapters:
            self.plug(adapter)

    def flush(self):
        for adapter in self.adapters:
            if adapter.socket:
                adapter.flush()

    def plug(self, adapter):
        """One by one, until its interface is there: the names come in order."""
        before = len(os.listdir("/sys/class/net"))
        adapter.plug(self.selector)
        while len(os.listdir("/sys/class/net")) == before:
            self.serve(0.02)

    def serve(self, seconds):
        for key, _ in self.selector.select(seconds):
            if key.data:
                key.data.on_readable()

    def obey(self, line):
        verb, number = line.split()
        adapter = self.adapters[int(number)]
        if verb == "busoff":
            adapter.go_off()
        elif verb in STATES:
            adapter.enter(verb)
        elif verb == "unplug":
            adapter.unplug(self.selector)
        elif verb == "plug":
            self.plug(adapter)
        elif verb in ("deaf", "hearing"):
            adapter.deaf = verb == "deaf"
            self.flush()
        else:
            sys.exit(f"adapters.py: unknown word {verb}")


def main():
    count, command = int(sys.argv[1]), sys.argv[2:]
    fifo = os.path.join(tempfile.mkdtemp(), "adapters")
    os.mkfifo(fifo)
    os.mkfifo(fifo + ".done")
    orders, done = (os.open(name, os.O_RDWR | os.O_NONBLOCK) for name in (fifo, fifo + ".done"))
    bus = Bus(count)
    bus.selector.register(orders, selectors.EVENT_READ, None)
    child = subprocess.Popen(command, env=dict(os.environ, CAN_ADAPTERS=fifo))
    while child.poll() is None:
        bus.serve(0.05)
        try:
            lines = os.read(orders, 4096).decode().splitlines()
        except BlockingIOError:
            continue
        for line in lines:
            bus.obey(line)
            os.write(done, b".")
    sys.stdout.flush()
    os._exit(child.returncode if child.returncode >= 0 else 1)  # the kernel still holds the adapters


if __name__ == "__main__":
    main()
