#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A second opinion on the protocol: a small SCOM gateway and client, written from the specification alone.

It shares nothing with the C code, so that xcomtop and xcomsim can't agree on something that isn't written there.
Used by test_peer.py.
"""
import socket
import struct
import time

READ, WRITE = 1, 2
INFO, PARAMETER, MESSAGE, GUID, MULTI = 1, 2, 3, 4, 0x0A


def checksum(data):
    a, b = 0xFF, 0
    for byte in data:
        a = (a + byte) % 256
        b = (b + a) % 256
    return bytes((a, b))


def frame(source, destination, data, flags=0):
    header = struct.pack("<BIIH", flags, source, destination, len(data))
    return b"\xAA" + header + checksum(header) + data + checksum(data)


def service(flags, number, object_type, object_id, property_id, data=b""):
    return struct.pack("<BBHIH", flags, number, object_type, object_id, property_id) + data


class Stream:
    """Frames out of a socket's bytes."""

    def __init__(self, connection):
        self.connection, self.bytes = connection, b""

    def frame(self):
        """The next good frame as (flags, source, destination, data), None at the end."""
        while True:
            start = self.bytes.find(b"\xAA")
            if start < 0:
                self.bytes = b""
            else:
                self.bytes = self.bytes[start:]
            if len(self.bytes) >= 14:
                flags, source, destination, length = struct.unpack("<BIIH", self.bytes[1:12])
                if checksum(self.bytes[1:12]) != self.bytes[12:14] or length > 2048:
                    self.bytes = self.bytes[1:]
                    continue
                if len(self.bytes) >= 16 + length:
                    data, check = self.bytes[14:14 + length], self.bytes[14 + length:16 + length]
                    if checksum(data) != check:
                        self.bytes = self.bytes[1:]
                        continue
                    self.bytes = self.bytes[16 + length:]
                    return flags, source, destination, data
            more = self.connection.recv(4096)
            if not more:
                return None
            self.bytes += more


# What the gateway's devices hold: (address, info) → value. Enums are marked by an int.
def installation(xt=2, vt=1, bsp=True, bms=False):
    values = {}
    for i in range(1, xt + 1):
        values.update({(100 + i, 3000): 52.5 + i / 4, (100 + i, 3136): 0.5 * i, (100 + i, 3137): 0.25 * i,
                       (100 + i, 3028): 2, (100 + i, 3124): 256.0, (100 + i, 3125): 4000.0, (100 + i, 3127): 48.0,
                       (100 + i, 3089): float(1 << (i - 1)) if i < 4 else 4.0,
                       (100 + i, 3130): float(1 << 8), (100 + i, 3131): float(6 << 8 | 74),
                       (100 + i, 3156): 4660.0, (100 + i, 3157): 100.0 + i})
    for i in range(1, vt + 1):
        values.update({(300 + i, 11000): 52.75, (300 + i, 11004): 1.25, (300 + i, 11015): 0,
                       (300 + i, 11047): 9079.0, (300 + i, 11050): float(1 << 8), (300 + i, 11051): float(6 << 8 | 74),
                       (300 + i, 11067): 4661.0, (300 + i, 11068): 200.0 + i})
    if bsp:
        values.update({(601, 7000): 53.0, (601, 7001): 20.0, (601, 7002): 81.5, (601, 7034): 10241.0,
                       (601, 7048): 4662.0, (601, 7049): 300.0})
    if bms:
        values.update({(601, 7000): 53.0, (601, 7001): 20.0, (601, 7002): 81.5, (601, 7061): 56.5,
                       (601, 7054): 1.0})
    return values


class Gateway:
    """Answers one connection at a time. absent: what a multi-info gives for what isn't there: nan, zero, master,
    error; multi: the error code if multi-infos aren't known, "strict" to refuse every property but 1; quirks: a set
    of "chatty" (CR LF and noise between frames), "slow" (bytes one at a time), "shared" (another master's questions
    and answers come by), "twice" (every answer), "floats" (enums in single reads too)."""

    def __init__(self, values, absent="nan", multi="any", quirks=()):
        self.values, self.absent, self.multi, self.quirks = values, absent, multi, set(quirks)
        self.requests = []

    def base(self, number):
        return {3: 101, 7: 601, 11: 301, 15: 701}.get(number // 1000, 0)

    def error(self, code):
        return struct.pack("<H", code)

    def answer(self, destination, number, object_type, object_id, property_id, data):
        """(error?, property data) for a request."""
        if number not in (READ, WRITE):
            return True, self.error(0x11)
        if object_type == MULTI:
            if isinstance(self.multi, int):
                return True, self.error(self.multi)
            if self.multi == "strict" and property_id != 1:
                return True, self.error(0x23)
            return self.multi_infos(data)
        if object_type == GUID and destination == 501:
            return False, bytes(range(16))
        if destination == 501 and object_type == PARAMETER:
            if object_id == 5002 and property_id == 5:
                return False, struct.pack("<i", 1782000000)
            if object_id == 5095 and property_id == 5:
                return False, b"\0"
            return True, self.error(0x22)
        if destination in (191, 192, 193):
            destination -= 90
        if not any(address == destination for address, _ in self.values):
            return True, self.error(0x02)
        if object_type == INFO:
            if (destination, object_id) not in self.values:
                return True, self.error(0x22 if destination != 601 else 0x26)
            value = self.values[destination, object_id]
            short = isinstance(value, int) and "floats" not in self.quirks
            return False, struct.pack("<H" if short else "<f", value)
        if object_type == PARAMETER and object_id == 1138:
            limits = {5: 60.0, 6: 0.0, 7: 200.0, 13: 60.0}
            if property_id == 8:
                return False, struct.pack("<H", 0x10)
            if property_id in limits and number == READ:
                return False, struct.pack("<f", limits[property_id])
            return True, self.error(0x23)
        return True, self.error(0x22)

    def multi_infos(self, data):
        if not data or len(data) % 3 or len(data) > 228:
            return True, self.error(0x24)
        flags = 0
        for bit, base in ((5, 101), (6, 601), (7, 301), (8, 701)):
            flags |= any(base <= address < base + 20 for address, _ in self.values) << bit
        out = struct.pack("<II", flags, 1782000000)
        for i in range(0, len(data), 3):
            number, aggregation = struct.unpack("<HB", data[i:i + 3])
            base = self.base(number)
            family = [v for (address, info), v in self.values.items()
                      if info == number and base <= address < base + 20]
            if aggregation in (0xFD, 0xFE):
                value = sum(family) / (len(family) if aggregation == 0xFD else 1) if family else None
            else:
                value = self.values.get((base + max(aggregation, 1) - 1, number))
            if value is None:
                if self.absent == "error":
                    return True, self.error(0x02)
                value = {"nan": float("nan"), "zero": 0.0,
                         "master": self.values.get((base, number), float("nan"))}[self.absent]
            out += struct.pack("<HBf", number, aggregation, value)
        return False, out

    def serve(self, connection):
        stream = Stream(connection)
        while (got := stream.frame()) is not None:
            _, source, destination, data = got
            if len(data) < 10:
                continue
            flags, number, object_type, object_id, property_id = struct.unpack("<BBHIH", data[:10])
            if flags & 2:
                continue
            self.requests.append((destination, number, object_type, object_id, property_id, data[10:]))
            failed, payload = self.answer(destination, number, object_type, object_id, property_id, data[10:])
            reply = frame(destination, source,
                          service(3 if failed else 2, number, object_type, object_id, property_id, payload), 0x34)
            if "shared" in self.quirks:
                theirs = struct.pack("<BBHIH", 0, READ, object_type, object_id, property_id)
                reply = (frame(9, destination, theirs) + frame(destination, 9, b"\x02" + theirs[1:] + b"\0\0\x80\x7F")
                         + reply)
            if "twice" in self.quirks:
                reply += reply
            if "chatty" in self.quirks:
                reply = b"\xFF\xAA\x00" + reply + b"\r\n"
            if "slow" in self.quirks:
                for byte in reply:
                    connection.sendall(bytes((byte,)))
            else:
                connection.sendall(reply)


class Client:
    """Asks a gateway, one question at a time."""

    def __init__(self, host, port, source=1):
        for _ in range(100):
            try:
                self.connection = socket.create_connection((host, port), 5)
                break
            except OSError:
                time.sleep(0.05)
        self.connection.settimeout(5)
        self.stream, self.source = Stream(self.connection), source

    def ask(self, destination, number, object_type, object_id, property_id, data=b""):
        """(error code or None, property data); raises on an answer that doesn't fit."""
        self.connection.sendall(frame(self.source, destination,
                                      service(0, number, object_type, object_id, property_id, data)))
        flags, source, target, got = self.stream.frame()
        assert (source, target) == (destination, self.source), (source, target)
        head = struct.unpack("<BBHIH", got[:10])
        assert head[1:] == (number, object_type, object_id, property_id), head
        assert head[0] in (2, 3) and flags & 0xC0 == 0, (head, flags)
        if head[0] == 3:
            return struct.unpack("<H", got[10:12])[0], b""
        return None, got[10:]

    def close(self):
        self.connection.close()
