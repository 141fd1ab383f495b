#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Judges both ends of a SCOM link by what went over it. Written from the protocol's description
alone; it shares nothing with the C code and believes no word of the trace but times, directions
and bytes.

usage: scomcheck.py [--faults] [--print] [--datapoints FILE] TRACE
       scomcheck.py --self-test

A trace, as xcomtop --trace writes it, has a line for each piece of bytes as it came; pieces may
end anywhere:
    2026-11-21T14:00:00.123456Z > AA 00 01 ...    sent by the client
    2026-11-21T14:00:00.140000Z < AA 34 65 ...    received; what follows two blanks and # is skipped
    # link: lost                                  the link's state changed: what was under way is void
    # anything else                               skipped

--faults  silence, corrupt, truncated, late, duplicate and foreign frames are on purpose: they are
          no violations, but the client must still keep to the protocol
--print   tells every frame in words
Exit status: 0 fine, 1 violations, one a line, 2 usage or not a trace.
"""
import csv
import datetime
import os
import re
import struct
import sys

READ, WRITE = 1, 2
INFO, PARAMETER, MESSAGE, GUID, FIELD, MULTI, SCREEN, DATALOG = 1, 2, 3, 4, 5, 0x0A, 0x100, 0x101
OBJECTS = {INFO: "user info", PARAMETER: "parameter", MESSAGE: "message", GUID: "GUID",
           FIELD: "datalog field", MULTI: "multi infos", SCREEN: "screen", DATALOG: "datalog"}
PROPERTIES = {PARAMETER: {5: "value", 6: "min", 7: "max", 8: "level", 13: "unsaved value"},
              DATALOG: {0x21: "start", 0x22: "datablock", 0x23: "ack+continue",
                        0x24: "nack+retry", 0x25: "abort", 0x26: "finish"}}
ERRORS = {1: "INVALID_FRAME", 2: "DEVICE_NOT_FOUND", 3: "RESPONSE_TIMEOUT",
          0x11: "SERVICE_NOT_SUPPORTED", 0x12: "INVALID_SERVICE_ARGUMENT", 0x13: "GATEWAY_BUSY",
          0x21: "TYPE_NOT_SUPPORTED", 0x22: "OBJECT_ID_NOT_FOUND", 0x23: "PROPERTY_NOT_SUPPORTED",
          0x24: "INVALID_DATA_LENGTH", 0x25: "PROPERTY_IS_READ_ONLY", 0x26: "INVALID_DATA",
          0x27: "DATA_TOO_SMALL", 0x28: "DATA_TOO_BIG", 0x29: "WRITE_PROPERTY_FAILED",
          0x2A: "READ_PROPERTY_FAILED", 0x2B: "ACCESS_DENIED", 0x2C: "OBJECT_NOT_SUPPORTED",
          0x2D: "MULTICAST_READ_NOT_SUPPORTED", 0x2E: "OBJECT_PROPERTY_INVALID",
          0x2F: "FILE_OR_DIR_NOT_PRESENT", 0x30: "FILE_CORRUPTED", 0x81: "INVALID_SHELL_ARG"}
SIZES = {"bool": 1, "short_enum": 2, "long_enum": 4, "int32": 4, "float": 4}
FAMILIES = {"xt": [*range(101, 110), 191, 192, 193, 100], "vt": [*range(301, 316), 300],
            "rcc": [501], "bsp": [601, 600], "bms": [601, 600], "vs": [*range(701, 716), 700]}
MULTICAST = {100, 300, 500, 600, 700}
ADDRESSES = {address for family in FAMILIES.values() for address in family} | MULTICAST
GATEWAY = 501
LONGEST_DATA = 2048
ANSWER_TIME = 2.0   # "an answer can take up to 2 s"


def checksum(data):
    a, b = 0xFF, 0
    for byte in data:
        a = (a + byte) & 0xFF
        b = (b + a) & 0xFF
    return bytes((a, b))


class Frame:
    """A frame whose checksums are right."""

    def __init__(self, raw, time):
        self.raw, self.time = raw, time
        self.flags, self.source, self.destination = struct.unpack_from("<BII", raw, 1)
        (self.service_flags, self.service, self.kind, self.id,
         self.property) = struct.unpack_from("<BBHIH", raw, 14)
        self.data = raw[24:-2]

    def __str__(self):
        kind = OBJECTS.get(self.kind, f"object type {self.kind:#06x}")
        prop = PROPERTIES.get(self.kind, {}).get(self.property, f"property {self.property}")
        verb = {READ: "read", WRITE: "write"}.get(self.service, f"service {self.service}")
        role = "error answer" if self.service_flags & 1 else (
            "answer" if self.service_flags & 2 else "request")
        text = f"{self.source} to {self.destination}: {role}: {verb} {kind} {self.id}, {prop}"
        if self.service_flags & 2:
            text += f", frame flags {self.flags:#04x}"
        if self.service_flags & 1 and len(self.data) == 2:
            code = int.from_bytes(self.data, "little")
            return f"{text}: {ERRORS.get(code, 'unknown error')} ({code:#04x})"
        if self.kind == MULTI:
            return text + "".join(f"; {item}" for item in multi_words(self))
        if self.data and len(self.data) <= 32:
            text += f": {self.data.hex(' ')}"
            if len(self.data) == 4:
                text += f" (float {struct.unpack('<f', self.data)[0]:.9g}," \
                        f" integer {int.from_bytes(self.data, 'little', signed=True)})"
        elif self.data:
            text += f": {len(self.data)} bytes"
        return text


def multi_items(frame):
    """(number, aggregation, value or None) of a request or an answer; None if the length is wrong."""
    answer = bool(frame.service_flags & 2)
    size, data = (7, frame.data[8:]) if answer else (3, frame.data)
    if (answer and len(frame.data) < 8) or len(data) % size or not 1 <= len(data) // size <= 76:
        return None
    return [struct.unpack_from("<HBf" if answer else "<HB", data, at) + (() if answer else (None,))
            for at in range(0, len(data), size)]


def multi_words(frame):
    items = multi_items(frame)
    if items is None:
        yield f"{len(frame.data)} bytes"
        return
    if frame.service_flags & 2:
        flags, clock = struct.unpack_from("<II", frame.data)
        when = datetime.datetime.fromtimestamp(clock, datetime.timezone.utc)
        yield f"flags {flags:#x}, {when:%Y-%m-%d %H:%M:%S}"
    for number, aggregation, value in items:
        how = {0: "master", 0xFD: "average", 0xFE: "sum"}.get(aggregation, f"device {aggregation}")
        yield f"{number} {how}" + ("" if value is None else f" = {value:.9g}")


class Stream:
    """The bytes of one direction, to frames. Complains through report(time, text)."""

    def __init__(self, name, report):
        self.name, self.report = name, report
        self.buffer, self.behind_frame, self.skipped = b"", True, 0

    def add(self, data, time):
        self.buffer += data
        while True:
            if self.behind_frame:   # a Moxa's packing puts CR LF there
                self.buffer = self.buffer.lstrip(b"\r\n")
            if not self.buffer:
                break
            if self.buffer[0] != 0xAA:
                self.skip(None, time)
                continue
            if len(self.buffer) < 14:
                break
            if checksum(self.buffer[1:12]) != self.buffer[12:14]:
                self.skip("header checksum wrong", time)
                continue
            length = int.from_bytes(self.buffer[10:12], "little")
            if not 10 <= length <= LONGEST_DATA:
                self.skip(f"data_length {length}", time)
                continue
            if len(self.buffer) < length + 16:
                break
            if checksum(self.buffer[14:14 + length]) != self.buffer[14 + length:16 + length]:
                self.skip("data checksum wrong", time)
                continue
            self.end_of_skipped(time)
            raw, self.buffer = self.buffer[:length + 16], self.buffer[length + 16:]
            self.behind_frame = True
            yield Frame(raw, time)

    def skip(self, why, time):
        if why:
            self.report(time, f"{self.name}: {why}: {self.buffer[:26].hex(' ').upper()}")
        self.buffer, self.behind_frame = self.buffer[1:], False
        self.skipped += 1

    def end_of_skipped(self, time):
        if self.skipped:
            self.report(time, f"{self.name}: {self.skipped} bytes that belong to no frame")
        self.skipped = 0

    def give_up(self, time):
        """What has begun won't be completed: frames that it may have swallowed."""
        if self.buffer:
            self.report(time, f"{self.name}: a frame was cut short after {len(self.buffer)} bytes")
        while self.buffer:
            self.skip(None, time)
            yield from self.add(b"", time)
        self.end_of_skipped(time)


class Judge:
    """Both ends of a link. faults: what may go wrong between them has been made to."""

    def __init__(self, formats, faults, say=None):
        self.formats, self.faults, self.say = formats, faults, say
        self.violations, self.requests, self.answers, self.ignored = [], 0, 0, 0
        self.sent = Stream("sent", self.violation)
        self.received = Stream("received", self.fault)
        self.outstanding = self.source = None
        self.transfer_silent = False    # a datalog request got no answer

    def violation(self, time, text):
        self.violations.append(f"{time:%H:%M:%S.%f} {text}")

    def fault(self, time, text):
        if self.faults:
            self.ignored += 1
        else:
            self.violation(time, text)

    def chunk(self, time, direction, data):
        if direction == ">":
            for frame in self.received.give_up(time) if self.received.buffer else ():
                self.answer(frame)
            for frame in self.sent.add(data, time):
                self.request(frame)
        else:
            if self.sent.buffer:
                self.fault(time, "received: bytes in the middle of a request")
            for frame in self.received.add(data, time):
                self.answer(frame)

    def link_changed(self, time):
        for frame in self.received.give_up(time):
            self.answer(frame)
        if self.sent.buffer or self.outstanding:
            self.fault(time, "the link changed with a request under way")
        self.sent.buffer = b""
        self.transfer_silent |= bool(self.outstanding and self.outstanding.kind == DATALOG)
        self.outstanding = None

    def end(self, time):
        self.sent.end_of_skipped(time)
        self.received.end_of_skipped(time)
        if self.requests == 0:
            self.violation(time, "no request in this trace: nothing was judged")

    # --- The client ---

    def request(self, frame):
        self.requests += 1
        if self.say:
            self.say(f"{frame.time:%H:%M:%S.%f} > {frame}")
        waiting = self.outstanding
        if waiting:
            age = (frame.time - waiting.time).total_seconds()
            self.transfer_silent |= waiting.kind == DATALOG
            if age < ANSWER_TIME:
                self.violation(frame.time, f"sent {age:.3f} s behind a request that isn't answered:"
                                           f" {frame}")
            else:
                self.fault(frame.time, f"no answer in {age:.3f} s to: {waiting}")
        self.outstanding = frame
        for wrong in self.wrong_in_request(frame):
            self.violation(frame.time, f"{wrong}: {frame}")

    def wrong_in_request(self, f):
        if f.flags:
            yield f"frame_flags {f.flags:#04x} in a request"
        if f.service_flags:
            yield f"service_flags {f.service_flags:#04x} in a request"
        if f.service not in (READ, WRITE):
            yield f"service {f.service}"
        if f.source == 0 or f.source in ADDRESSES:
            yield f"source address {f.source}"
        if self.source not in (None, f.source):
            yield f"source address {f.source} after {self.source}"
        self.source = f.source
        if f.destination not in ADDRESSES:
            yield f"destination {f.destination}"
        if f.destination in MULTICAST and f.service == READ:
            yield "multicast addresses are for writing"
        if f.kind not in OBJECTS:
            yield f"object type {f.kind:#06x}"
            return
        if f.kind not in (INFO, PARAMETER) and f.destination != GATEWAY:
            yield "only the gateway has this object"
        if f.service == WRITE and f.kind not in (PARAMETER, FIELD):
            yield "this object can't be written"
        yield from getattr(self, f"wrong_{OBJECTS[f.kind].split()[-1]}")(f)

    @staticmethod
    def wrong_unless(f, ids, properties, sizes):
        if ids is not None and f.id not in ids:
            yield f"object_id {f.id}"
        if properties is not None and f.property not in properties:
            yield f"property {f.property}"
        if len(f.data) not in sizes:
            yield f"{len(f.data)} bytes of data"

    def wrong_info(self, f):
        yield from self.wrong_unless(f, None, {1}, {0})

    def wrong_parameter(self, f):
        write = f.service == WRITE
        yield from self.wrong_unless(f, None, {5, 13} if write else {5, 6, 7, 8, 13},
                                     self.value_sizes(f) if write else {0})
        if write and self.value_sizes(f) == {1} and f.data not in (b"\0", b"\1"):
            yield "a BOOL is 0 or 1"

    def wrong_message(self, f):
        yield from self.wrong_unless(f, None, {0}, {0})

    def wrong_GUID(self, f):
        yield from self.wrong_unless(f, {0}, {0}, {0})

    def wrong_field(self, f):
        if f.service != WRITE:
            yield "this object is for writing only"
        yield from self.wrong_unless(f, None, {1}, range(251))

    def wrong_infos(self, f):
        yield from self.wrong_unless(f, {1}, None, range(3, 76 * 3 + 1, 3))
        for number, aggregation, _ in multi_items(f) or ():
            if aggregation > 15 and aggregation not in (0xFD, 0xFE):
                yield f"aggregation {aggregation:#04x} of {number}"

    def wrong_screen(self, f):
        yield from self.wrong_unless(f, {0, 0x10, 0x20, 0x40, 0x80}, {0}, {0})

    def wrong_datalog(self, f):
        name = f.id == 2 and f.property == 0x21
        yield from self.wrong_unless(f, {1, 2}, {0x21, 0x23, 0x24, 0x25}, {13} if name else {0})
        if name and not re.fullmatch(rb"LG\d{6}\.CSV\n", f.data):
            yield "a file's name is LGyymmdd.CSV and 0x0A"
        if self.transfer_silent and f.property in (0x23, 0x24):
            yield "after silence a transfer is aborted and begun again"
        self.transfer_silent = False

    # --- The gateway ---

    def answer(self, frame):
        if self.say:
            self.say(f"{frame.time:%H:%M:%S.%f} < {frame}")
        request = self.outstanding
        why = "nothing was asked" if request is None else self.mismatch(request, frame)
        if why:
            self.fault(frame.time, f"{why}: {frame}")
            return
        self.answers += 1
        self.outstanding = None
        age = (frame.time - request.time).total_seconds()
        if age > ANSWER_TIME:
            self.fault(frame.time, f"answered after {age:.3f} s: {frame}")
        for wrong in self.wrong_in_answer(request, frame):
            self.violation(frame.time, f"{wrong}: {frame}")

    @staticmethod
    def mismatch(asked, f):
        if not f.service_flags & 2:
            return "not an answer"
        if (f.source, f.destination) != (asked.destination, asked.source):
            return "addresses aren't those of the request"
        if (f.service, f.kind, f.id) != (asked.service, asked.kind, asked.id):
            return "not the object that was asked for"
        moves = {0x21: (0x22, 0x26), 0x23: (0x22, 0x26), 0x24: (0x22, 0x26), 0x25: (0x26,)}
        if f.property == asked.property or (f.kind == DATALOG and not f.service_flags & 1 and
                                            f.property in moves.get(asked.property, ())):
            return None
        return "not the property that was asked for"

    def wrong_in_answer(self, asked, f):
        if f.flags & 0xC0:
            yield f"reserved frame_flags {f.flags:#04x}"
        if f.service_flags & ~3:
            yield f"service_flags {f.service_flags:#04x}"
        if f.service_flags & 1:
            if len(f.data) != 2 or int.from_bytes(f.data, "little") not in ERRORS:
                yield "an error answer has a known code of two bytes"
            return
        sizes = {INFO: self.value_sizes(f), PARAMETER: self.value_sizes(f), MESSAGE: {18},
                 GUID: {16}, FIELD: {0}, MULTI: {8 + len(asked.data) // 3 * 7},
                 SCREEN: range(2, LONGEST_DATA, 2), DATALOG: range(513)}.get(f.kind)
        if sizes is None:
            return
        if f.service == WRITE:
            sizes = {0}
        elif f.kind == DATALOG and f.property == 0x22:
            sizes = {512} if f.id == 2 else range(1, 513)
        elif f.kind == DATALOG and asked.property == 0x25:
            sizes = {0}
        if len(f.data) not in sizes:
            yield f"{len(f.data)} bytes of data"
            return
        if f.kind == MULTI and f.service == READ:
            wanted = [item[:2] for item in multi_items(asked) or ()]
            if [item[:2] for item in multi_items(f) or ()] != wanted:
                yield "not the list that was asked for"
        if f.kind == PARAMETER and sizes == {1} and f.data not in (b"\0", b"\1"):
            yield "a BOOL is 0 or 1"
        if f.kind == DATALOG and f.property not in (0x22, 0x26):
            yield "a transfer goes on with a datablock or ends with finish"
        whole = asked.property == 0x21 and f.property == 0x26
        if f.kind == DATALOG and f.id == 1 and whole and not re.fullmatch(
                rb"(LG\d{6}\.CSV[\r\n])*", f.data):
            yield "a directory is names LGyymmdd.CSV, each with its end of line"

    def value_sizes(self, f):
        """Sizes that the value of an info or parameter may have on the wire."""
        device = f.destination if f.destination in ADDRESSES else f.source
        if f.kind == PARAMETER and f.property == 8:
            return {2, 4}
        known = {SIZES[self.formats[family, f.kind, f.id]] for family, at in FAMILIES.items()
                 if device in at and (family, f.kind, f.id) in self.formats}
        return known or {1, 2, 4}


def read_formats(path):
    with open(path, newline="", encoding="utf-8") as file:
        return {(row["family"], INFO if row["kind"] == "info" else PARAMETER, int(row["id"])):
                row["format"] for row in csv.DictReader(file) if row["format"] in SIZES}


LINE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) ([<>])((?: [0-9A-Fa-f]{2})+)\s*(?:  #.*)?")


def judge(lines, judge_of):
    """Gives the lines of a trace to a Judge. ValueError for what isn't a trace."""
    time = before = datetime.datetime(1970, 1, 1)
    for number, line in enumerate(lines, 1):
        line = line.rstrip("\n")
        if line.startswith("#") or not line:
            if judge_of.say and line:
                judge_of.say(f"{'':15} {line}")
            if line.startswith("# link"):
                judge_of.link_changed(time)
            continue
        match = LINE.fullmatch(line)
        if not match:
            raise ValueError(f"line {number} isn't of a trace: {line[:60]!r}")
        time = datetime.datetime.strptime(match[1], "%Y-%m-%dT%H:%M:%S.%fZ")
        if time < before:
            judge_of.fault(time, f"line {number}: the time went back")
        before = time
        judge_of.chunk(time, match[2], bytes.fromhex(match[3]))
    judge_of.end(time)
    return judge_of


# --- Self-test -----------------------------------------------------------------------------------

EXAMPLES = """
AA 00 01 00 00 00 65 00 00 00 0A 00 6F 71 00 01 01 00 B8 0B 00 00 01 00 C5 90
AA 34 65 00 00 00 01 00 00 00 0E 00 A7 45 02 01 01 00 B8 0B 00 00 01 00 00 C0 45 41 0D CB
AA 00 01 00 00 00 65 00 00 00 0A 00 6F 71 00 01 02 00 72 04 00 00 05 00 7D D9
AA 34 65 00 00 00 01 00 00 00 0E 00 A7 45 02 01 02 00 72 04 00 00 05 00 00 00 70 42 31 0B
AA 00 01 00 00 00 65 00 00 00 0E 00 73 79 00 02 02 00 72 04 00 00 05 00 00 00 40 41 FF 9B
AA 34 65 00 00 00 01 00 00 00 0A 00 A3 3D 02 02 02 00 72 04 00 00 05 00 80 F6
AA 00 01 00 00 00 F5 01 00 00 0A 00 00 D6 00 01 03 00 00 00 00 00 00 00 03 17
AA 34 F5 01 00 00 01 00 00 00 1C 00 46 0A 02 01 03 00 00 00 00 00 00 00 D0 03 00 00 10 00 69 00 00 00 82 AD 9E 59 00 00 00 00 77 60
AA 00 01 00 00 00 F5 01 00 00 0A 00 00 D6 00 01 01 01 01 00 00 00 21 00 24 56
AA 27 F5 01 00 00 01 00 00 00 24 00 41 8B 02 01 01 01 01 00 00 00 26 00 4C 47 31 37 31 30 31 30 2E 43 53 56 0A 4C 47 31 37 31 30 31 31 2E 43 53 56 0A EE C9
AA 00 01 00 00 00 F5 01 00 00 0A 00 00 D6 00 01 04 00 00 00 00 00 00 00 04 1F
AA 23 F5 01 00 00 01 00 00 00 1A 00 33 4B 02 01 04 00 00 00 00 00 00 00 3A D0 1B 0B 58 C9 32 BA EC 4D 35 28 61 3D 7D 40 34 A3
"""
EXAMPLE_FORMATS = {("xt", INFO, 3000): "float", ("xt", PARAMETER, 1138): "float",
                   ("xt", INFO, 3010): "short_enum", ("xt", PARAMETER, 1551): "bool"}


def make(kind, number, prop, data=b"", answer=None, service=READ, at=101, flags=0, source=1):
    """A request, or with answer (its service_flags) an answer."""
    ends = (source, at) if answer is None else (at, source)
    header = struct.pack("<BIIH", flags, *ends, len(data) + 10)
    body = struct.pack("<BBHIH", answer or 0, service, kind, number, prop) + data
    return b"\xAA" + header + checksum(header) + body + checksum(body)


def self_test():
    examples = [bytes.fromhex(line) for line in EXAMPLES.split("\n") if line]
    ask, tell = examples[0], examples[1]
    number = struct.pack("<f", 1.5)
    item = struct.pack("<HB", 3000, 0xFE)
    multi = make(MULTI, 1, 7, item, at=GATEWAY)
    multi_answer = struct.pack("<II", 0x21, 0) + item + number
    start = make(DATALOG, 2, 0x21, b"LG171010.CSV\n", at=GATEWAY)
    more = make(DATALOG, 2, 0x23, at=GATEWAY)
    other = make(INFO, 3010, 1)
    cut = tell[:-5]

    def verdict(steps, faults=False):
        """steps: (seconds, direction, bytes) or a comment."""
        begin, lines = datetime.datetime(2026, 11, 21, 14), []
        for step in steps:
            if isinstance(step, str):
                lines.append(step)
                continue
            time = begin + datetime.timedelta(seconds=step[0])
            lines.append(f"{time:%Y-%m-%dT%H:%M:%S.%f}Z {step[1]} {step[2].hex(' ').upper()}  # words")
        return judge(lines, Judge(EXAMPLE_FORMATS, faults)).violations

    def turns(*frames):
        return [(i / 10, "><"[i % 2], frame) for i, frame in enumerate(frames)]

    fine = {
        "examples": turns(*examples),
        "bytes one by one": [(i / 10, d, bytes([b])) for i, d, f in turns(*examples) for b in f],
        "CR LF between": turns(ask, tell + b"\r\n", ask, tell + b"\r\n"),
        "error answer": turns(ask, make(INFO, 3000, 1, b"\x02\0", answer=3)),
        "multi infos": turns(multi, make(MULTI, 1, 7, multi_answer, 2, at=GATEWAY)),
        "link": ["# link: up", *turns(ask, tell), "# link: lost", (9, ">", ask), (9.1, "<", tell)],
        "file": turns(start, make(DATALOG, 2, 0x22, bytes(512), 2, at=GATEWAY), more,
                      make(DATALOG, 2, 0x26, b"x", 2, at=GATEWAY)),
        "not answered at the end": turns(ask),
    }
    # What --faults forgives.
    forgiven = {
        "corrupt data": turns(ask, tell[:-3] + b"\0" + tell[-2:], ask, tell)[:2],
        "corrupt header": turns(ask, tell[:3] + b"\1" + tell[4:]),
        "garbage": turns(ask, b"\xFF\xAA\x01" + tell),
        "truncated": [(0, ">", ask), (0.1, "<", cut), (3, ">", ask), (3.1, "<", tell)],
        "silence": [(0, ">", ask), (3, ">", ask), (3.1, "<", tell)],
        "late": [(0, ">", ask), (2.5, "<", tell)],
        "twice": turns(ask, tell) + [(0.2, "<", tell)],
        "foreign": turns(ask, make(INFO, 3000, 1, number, 2, source=9), other)[:2],
        "another device": turns(ask, make(INFO, 3000, 1, number, 2, at=102)),
        "another number": turns(ask, make(INFO, 3001, 1, number, 2)),
        "another property": turns(examples[2], make(PARAMETER, 1138, 6, number, 2)),
        "a request as answer": turns(ask, ask),
        "bytes within a request": [(0, ">", ask[:9]), (0.1, "<", tell), (0.2, ">", ask[9:])],
        "lost in a request": turns(ask) + ["# link: lost"],
    }
    # What nothing forgives.
    wrong = {
        "two at a time": [(0, ">", ask), (0.5, ">", other)],
        "flags in a request": turns(make(INFO, 3000, 1, flags=1)),
        "answer flag in a request": turns(make(INFO, 3000, 1, answer=2, at=1, source=101)),
        "data in a read": turns(make(INFO, 3000, 1, number)),
        "info property": turns(make(INFO, 3000, 5)),
        "read of a multicast": turns(make(INFO, 3000, 1, at=100)),
        "broadcast": turns(make(PARAMETER, 1138, 13, number, service=WRITE, at=0)),
        "address": turns(make(INFO, 3000, 1, at=110)),
        "write of a limit": turns(make(PARAMETER, 1138, 6, number, service=WRITE)),
        "write of another size": turns(make(PARAMETER, 1138, 5, b"\1", service=WRITE)),
        "write of an info": turns(make(INFO, 3000, 1, number, service=WRITE)),
        "multi elsewhere": turns(make(MULTI, 1, 7, item)),
        "multi length": turns(make(MULTI, 1, 7, item + b"x", at=GATEWAY)),
        "multi aggregation": turns(make(MULTI, 1, 7, b"\xB8\x0B\x10", at=GATEWAY)),
        "77 infos": turns(make(MULTI, 1, 7, item * 77, at=GATEWAY)),
        "key": turns(make(SCREEN, 0x30, 0, at=GATEWAY)),
        "two sources": turns(ask, tell, make(INFO, 3000, 1, source=2)),
        "corrupt request": turns(ask[:-1] + b"\0"),
        "service": turns(make(INFO, 3000, 1, service=3)),
        "source": turns(make(INFO, 3000, 1, source=101, at=102)),
        "write of the GUID": turns(make(GUID, 0, 0, at=GATEWAY, service=WRITE)),
        "BOOL of 2": turns(make(PARAMETER, 1551, 13, b"\2", service=WRITE)),
        "BOOL answer of 2": turns(make(PARAMETER, 1551, 5),
                                  make(PARAMETER, 1551, 5, b"\2", 2)),
        "read of the datalog field": turns(make(FIELD, 0, 1, at=GATEWAY)),
        "file name": turns(make(DATALOG, 2, 0x21, b"LG171010.CSV\r", at=GATEWAY)),
        "service flags": turns(ask, make(INFO, 3000, 1, number, 6)),
        "transfer that starts": turns(start, make(DATALOG, 2, 0x21, b"", 2, at=GATEWAY)),
        "directory": turns(make(DATALOG, 1, 0x21, at=GATEWAY),
                           make(DATALOG, 1, 0x26, b"LG171010.CSV", 2, at=GATEWAY)),
        "object": turns(make(9, 0, 0, at=GATEWAY)),
        "reserved flags": turns(ask, make(INFO, 3000, 1, number, 2, flags=0x80)),
        "answer of another size": turns(ask, make(INFO, 3000, 1, b"\1\0", 2)),
        "enum of another size": turns(other, make(INFO, 3010, 1, number, 2)),
        "unknown error": turns(ask, make(INFO, 3000, 1, b"\x07\0", 3)),
        "short error": turns(ask, make(INFO, 3000, 1, b"\x02", 3)),
        "write answered with data": turns(examples[4], make(PARAMETER, 1138, 5, number, 2, WRITE)),
        "another list": turns(multi, make(MULTI, 1, 7, multi_answer[:8] + b"\xB9" +
                                          multi_answer[9:], 2, at=GATEWAY)),
        "shorter list": turns(make(MULTI, 1, 7, item * 2, at=GATEWAY),
                              make(MULTI, 1, 7, multi_answer, 2, at=GATEWAY)),
        "ack+continue after silence": [(0, ">", start), (3, ">", more)],
        "short block": turns(start, make(DATALOG, 2, 0x22, bytes(100), 2, at=GATEWAY)),
        "nothing": [],
    }
    failed = []
    for name, steps in fine.items():
        failed += [f"{name}: {v}" for faults in (False, True) for v in verdict(steps, faults)]
    for name, steps in forgiven.items():
        if not verdict(steps):
            failed.append(f"{name}: not found")
        failed += [f"{name}: with --faults: {v}" for v in verdict(steps, True)]
    for name, steps in wrong.items():
        failed += [f"{name}: not found" for faults in (False, True) if not verdict(steps, faults)]
    words = {tell: "(float 12.359375, integer 1095090176)", multi: "; 3000 sum",
             make(MULTI, 1, 7, multi_answer, 2, at=GATEWAY):
                 "flags 0x21, 1970-01-01 00:00:00; 3000 sum = 1.5",
             make(MULTI, 1, 7, b"\0", at=GATEWAY): "; 1 bytes",
             make(INFO, 3000, 1, b"\x02\0", 3): "DEVICE_NOT_FOUND (0x02)"}
    failed += [f"words: {Frame(frame, None)}" for frame, end in words.items()
               if not str(Frame(frame, None)).endswith(end)]
    for text in failed:
        print(f"self-test: {text}")
    print(f"self-test: {len(fine) + len(forgiven) + len(wrong)} traces, {len(failed)} failures")
    return 1 if failed else 0


def main(arguments):
    beside = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../data/datapoints.csv")
    faults = printing = False
    formats_file = beside if os.path.exists(beside) else None
    if arguments == ["--self-test"]:
        return self_test()
    while arguments and arguments[0].startswith("--"):
        option = arguments.pop(0)
        if option == "--faults":
            faults = True
        elif option == "--print":
            printing = True
        elif option == "--datapoints" and arguments:
            formats_file = arguments.pop(0)
        else:
            arguments = []
    if len(arguments) != 1:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    try:
        formats = read_formats(formats_file) if formats_file else {}
        with open(arguments[0], encoding="utf-8", errors="replace") as file:
            result = judge(file, Judge(formats, faults, print if printing else None))
    except (OSError, ValueError, KeyError) as error:
        print(f"scomcheck: {error}", file=sys.stderr)
        return 2
    for text in result.violations:
        print(text)
    print(f"{result.requests} requests, {result.answers} answers, {result.ignored} faults let pass,"
          f" {len(result.violations)} violations")
    return 1 if result.violations else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
