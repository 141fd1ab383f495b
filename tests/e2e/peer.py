#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A second opinion on the protocol: a small SCOM gateway and client, written from the specification alone.

It shares nothing with the C code, so that xcomtop and xcomsim can't agree on something that isn't written there.
Used by test_peer.py.
"""
import math
import socket
import struct
import time

READ, WRITE = 1, 2
INFO, PARAMETER, MESSAGE, GUID, MULTI = 1, 2, 3, 4, 0x0A
FLASH, MIN, MAX, LEVEL, RAM = 5, 6, 7, 8, 13
FORMATS = {"bool": "<?", "enum": "<I", "int": "<i", "float": "<f"}


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


class Parameter:
    """A parameter of one device. form: of FORMATS; options: the values of an enum; a signal triggers and stores
    nothing. FLOATs are kept in steps of 1/256."""

    def __init__(self, form, value, low=0, high=1, level=0x10, options=None, signal=False):
        self.form, self.flash, self.ram, self.low, self.high, self.level = form, value, None, low, high, level
        self.options, self.signal, self.triggered, self.flash_writes = options, signal, 0, 0

    def encode(self, value):
        return struct.pack(FORMATS[self.form], value)

    def running(self):
        return self.flash if self.ram is None else self.ram

    def judge(self, data):
        """(error code or 0, value) of written data."""
        if len(data) != struct.calcsize(FORMATS[self.form]):
            return 0x24, None
        if self.form == "bool" and data not in (b"\0", b"\1"):
            return 0x26, None
        value = struct.unpack(FORMATS[self.form], data)[0]
        if self.form == "float" and not math.isfinite(value):
            return 0x26, None
        if (self.signal and value != 1) or (self.options and value not in self.options):
            return 0x26, None
        return (0x27 if value < self.low else 0x28 if value > self.high else 0), value

    def write(self, value, stored):
        if self.form == "float":
            value = round(value * 256) / 256
        if self.signal:
            self.triggered += 1
        elif stored:
            self.flash, self.ram = value, None
            self.flash_writes += 1
        else:
            self.ram = value


def parameters(values):
    """(address, number) → Parameter for the devices of an installation(), and the gateway. Limits aren't those of
    the manufacturer's tables."""
    found = {(501, 5002): Parameter("int", 1782000000, 0, 0x7FFFFFFF), (501, 5095): Parameter("bool", False),
             (501, 5101): Parameter("enum", 1, 1, 4, 0x20, options=(1, 2, 4)),
             (501, 5104): Parameter("int", 0, signal=True)}
    for address in {address for address, _ in values}:
        if 101 <= address <= 109:
            found.update({(address, number): parameter for number, parameter in (
                (1107, Parameter("float", 32.0, 2.0, 40.0)), (1138, Parameter("float", 60.0, 0.0, 200.0)),
                (1140, Parameter("float", 54.5, 40.0, 62.25, 0x20)), (1124, Parameter("bool", True, level=0x20)),
                (1205, Parameter("enum", 0, 0, 127, 0x20)), (1206, Parameter("int", 420, 0, 1440, 0x20)),
                (1545, Parameter("enum", 1, 0, 1, 0x20, options=(0, 1))),
                (1399, Parameter("int", 0, signal=True)), (1550, Parameter("bool", True, level=0x30)),
                (1628, Parameter("bool", False, level=0x20)), (1629, Parameter("float", 60.0, 10.0, 300.0, 0x20)))})
        if 301 <= address <= 315:
            found.update({(address, 10002): Parameter("float", 80.0, 0.0, 80.0),
                          (address, 10058): Parameter("bool", True), (address, 10342): Parameter("bool", False),
                          (address, 10343): Parameter("float", 60.0, 10.0, 300.0)})
        if address == 601 and (601, 7034) in values:
            found[601, 6001] = Parameter("float", 110.0, 20.0, 2000.0)
    return found


class Gateway:
    """Answers one connection at a time. absent: what a multi-info gives for what isn't there: nan, zero, master,
    error; multi: the error code if multi-infos aren't known, "strict" to refuse every property but 1; quirks: a set
    of "chatty" (CR LF and noise between frames), "slow" (bytes one at a time), "shared" (another master's questions
    and answers come by), "twice" (every answer), "floats" (enums in single reads too).

    upsets: what the next writes to (address, number) meet, in turn: an error code (nothing is done), "done CODE" (it
    is, though the code is answered), "lost" (nothing is done) or "silent" (it is done), without an answer."""

    def __init__(self, values, absent="nan", multi="any", quirks=()):
        self.values, self.absent, self.multi, self.quirks = values, absent, multi, set(quirks)
        self.parameters = parameters(values)
        self.requests, self.upsets = [], {}

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
        reached = self.reached(destination)
        if not reached:
            return True, self.error(0x02)
        if destination % 100 == 0 and number == READ:
            return True, self.error(0x2D)
        destination = reached[0]
        if object_type == INFO:
            if number == WRITE:
                return True, self.error(0x25)
            if (destination, object_id) not in self.values:
                return True, self.error(0x22 if destination != 601 else 0x26)
            value = self.values[destination, object_id]
            short = isinstance(value, int) and "floats" not in self.quirks
            return False, struct.pack("<H" if short else "<f", value)
        if object_type == PARAMETER:
            if (destination, object_id) not in self.parameters:
                return True, self.error(0x22)
            if number == WRITE:
                return self.write(reached, object_id, property_id, data)
            return self.read_parameter(self.parameters[destination, object_id], property_id)
        return True, self.error(0x22)

    def reached(self, destination):
        """The devices at an address, a phase's or a family's."""
        there = sorted({address for address, _ in self.values} | {501})
        if destination in (100, 300, 600, 700):
            return [address for address in there if destination < address < destination + 20]
        if destination in (191, 192, 193):
            return [address for address in there if self.values.get((address, 3089)) == 1 << destination - 191]
        return [destination] if destination in there else []

    def read_parameter(self, parameter, part):
        if part == LEVEL:
            return False, struct.pack("<H", parameter.level)
        # What runs in RAM can't be read.
        value = {FLASH: parameter.flash, RAM: parameter.flash, MIN: parameter.low, MAX: parameter.high}.get(part)
        return (True, self.error(0x23)) if value is None else (False, parameter.encode(value))

    def knows_ram(self, address):
        high, low, least = {1: (3130, 3131, 12), 3: (11050, 11051, 14)}.get(address // 100, (0, 0, 0))
        version = int(self.values.get((address, high), 1 << 8)), int(self.values.get((address, low), 99 << 8))
        return version >= (1 << 8, 6 << 8 | least)

    def write(self, reached, number, part, data):
        """Each of the devices by itself; the first error is the answer, None if there is none."""
        errors, answered = [], True
        for address in reached:
            code, heard = self.write_one(address, self.parameters[address, number], number, part, data)
            errors.append(code)
            answered &= heard
        if not answered:
            return None
        code = next(filter(None, errors), 0)
        return (True, self.error(code)) if code else (False, b"")

    def write_one(self, address, parameter, number, part, data):
        """(error code or 0, whether it is answered)"""
        code, value = parameter.judge(data)
        if part in (MIN, MAX):
            code = 0x25
        elif part not in (FLASH, RAM) or (part == RAM and not self.knows_ram(address)):
            code = 0x23
        upsets = self.upsets.get((address, number))
        upset = upsets.pop(0) if upsets else None
        if upset == "lost":
            return 0, False
        if isinstance(upset, int):
            return upset, True
        saved = self.parameters.get((address, {1: 1550, 3: 10058}.get(address // 100)))
        if not code:
            parameter.write(value, part == FLASH and (saved is None or saved is parameter or saved.running()))
        if isinstance(upset, str) and upset.startswith("done"):
            code = int(upset.split()[1], 0)
        return code, upset != "silent"

    def restart(self, address):
        """What was in RAM is lost."""
        for (at, _), parameter in self.parameters.items():
            if at == address:
                parameter.ram = None

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
            answer = self.answer(destination, number, object_type, object_id, property_id, data[10:])
            if answer is None:
                continue
            failed, payload = answer
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

    def read(self, destination, number, form="float", part=FLASH):
        """The value of a parameter's part."""
        error, data = self.ask(destination, READ, PARAMETER, number, part)
        assert error is None, hex(error)
        return struct.unpack("<H" if part == LEVEL else FORMATS[form], data)[0]

    def write(self, destination, number, value, form="float", part=FLASH, patience=5):
        """The error code of a write, 0 when it is done, None when no answer comes in time. A value of bytes is sent
        as it is."""
        data = value if isinstance(value, bytes) else struct.pack(FORMATS[form], value)
        self.connection.settimeout(patience)
        try:
            return self.ask(destination, WRITE, PARAMETER, number, part, data)[0] or 0
        except socket.timeout:
            return None
        finally:
            self.connection.settimeout(5)

    def close(self):
        self.connection.close()
