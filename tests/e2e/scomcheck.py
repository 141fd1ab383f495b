#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Judges both ends of a SCOM link by what went over it. Written from the protocol's description
alone; it shares nothing with the C code and believes no word of the trace but times, directions
and bytes.

usage: scomcheck.py [--faults] [--print] [--datapoints FILE] TRACE

A trace, as xcomtop --trace writes it, has a line for each piece of bytes as it came; pieces may
end anywhere:
    2026-11-21T14:00:00.123456Z > AA 00 01 ...    sent by the client
    2026-11-21T14:00:00.140000Z < AA 34 65 ...    received; what follows two blanks and # is skipped
    # link: lost                                  the link's state changed: what was under way is void
    # anything else                               skipped

--faults  silence, corrupt, truncated, late, duplicate and foreign frames are on purpose: they are
          no violations, but the client must still keep to the protocol
--print   tells every frame in words
A write is judged by the tables (data/datapoints.csv): an existing parameter, its format, a value
that it can have; the device's own limits are the device's matter. The same write is sent again
only after a busy answer, or after a look: an answered read of the parameter (of a signal: of the
device's FID or the GUID). After a request that found no answer, 3 s without traffic of the
client's own come before a write.
A datalog transfer goes on from block to block. A block is asked for again only when it came with a
wrong data checksum; after silence, an error but busy, and on another link the transfer is aborted
before another one begins.

Exit status: 0 fine, 1 violations, one a line, 2 usage or not a trace.
"""
import collections
import csv
import datetime
import math
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
MULTICAST = {100, 300, 600, 700}
PHASES = {191, 192, 193}
ADDRESSES = {address for family in FAMILIES.values() for address in family} | MULTICAST
GATEWAY = 501
LONGEST_DATA = 2048
ANSWER_TIME = 2.0   # "an answer can take up to 2 s"
QUIET = 2.99        # before a write behind silence; 3 s, with clocks as they are
BUSY = 0x13
# Infos that say who a device is: the halves of its FID.
IDENTITY = {3156, 3157, 7048, 7049, 11067, 11068, 15102, 15103}
# What the tables say of a value.
Row = collections.namedtuple("Row", "format encoding options")


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
        self.corrupt = False    # a frame with a good header and a wrong data checksum has come

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
                self.corrupt = True
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


def why_not(row, data):
    """Why data can't be written to what the row is about; None if it can."""
    if row.format not in SIZES:
        return "this value can't be written over SCOM"
    if len(data) != SIZES[row.format]:
        return f"{len(data)} bytes of data"
    if row.format == "float":
        number = struct.unpack("<f", data)[0]
        return None if math.isfinite(number) else "not a number"
    number = int.from_bytes(data, "little", signed=row.format == "int32")
    possible = {"bool": range(2), "signal": range(1, 2), "weekdays": range(128),
                "minutes_of_day": range(1441), "date": range(1 << 31), "enum": row.options,
                "enum_1bit": row.options}.get(row.encoding)
    if possible is not None and number not in possible:
        return f"a {row.encoding} can't be {number}"
    return None


class Writes:
    """Whether the client looks before it writes."""

    def __init__(self, is_signal):
        self.is_signal = is_signal
        self.blind = set()          # (destination, id, property, data): nobody has looked since
        self.unsettled = False      # a request found no answer
        self.traffic = None         # time of the client's last own traffic

    @staticmethod
    def reached(destination):
        for at in FAMILIES.values():
            if destination in at and destination in MULTICAST | PHASES:
                return at
        return [destination]

    def unanswered(self, request, following):
        """A request found no answer before the following one, or (None) before the link changed."""
        again = following is not None and request.service == READ and (
            request.raw == following.raw or
            # Multi-infos vary their tag.
            request.kind == following.kind == MULTI and request.data == following.data)
        on_a_dead_link = following is None and request.service == READ
        if not again and not on_a_dead_link:
            self.unsettled = True

    def wrong(self, frame):
        """What is wrong with sending this write now."""
        quiet = math.inf
        if self.traffic is not None:
            quiet = (frame.time - self.traffic).total_seconds()
        if self.unsettled and quiet < QUIET:
            yield f"written {quiet:.3f} s behind traffic after an unanswered request"
        self.unsettled = False
        key = frame.destination, frame.id, frame.property, frame.data
        if frame.kind == PARAMETER:
            if key in self.blind:
                yield "written again without a look"
            self.blind.add(key)

    def answered(self, request, answer):
        failed = bool(answer.service_flags & 1)
        if request.service == WRITE and failed and answer.data == bytes((BUSY, 0)):
            self.blind.discard((request.destination, request.id, request.property, request.data))
        if request.service == READ and not failed:
            self.blind = {key for key in self.blind if not self.is_look(request, key)}

    def is_look(self, read, key):
        destination, number = key[:2]
        at = self.reached(destination)
        if read.kind == PARAMETER:
            return read.id == number and read.destination in at
        if not self.is_signal(destination, number):
            return False
        if read.kind == GUID:   # of a gateway, or a battery behind it
            return destination in (GATEWAY, 600, 601)
        return read.kind == INFO and read.id in IDENTITY and read.destination in at


class Transfer:
    """The one datalog transfer that a gateway can have open. Blocks have no number, so that both ends
    must know without one which is next."""

    def __init__(self):
        self.object = None      # 1 or 2; None: none is open
        self.ended = False      # with its last block
        self.lost = False       # nobody knows which block is next
        self.content = b""

    def silent(self):
        self.lost = self.object is not None

    def wrong_in_request(self, f, corrupt):
        if f.property == 0x21:
            if self.object and not self.ended:
                yield "a transfer is aborted before another one begins"
            self.object, self.ended, self.lost, self.content = f.id, False, False, b""
        elif f.property == 0x25:
            self.object, self.lost = None, False
        elif self.lost:
            yield "after silence a transfer is aborted and begun again"
        elif f.id != self.object:
            yield "no such transfer is open"
        elif f.property == 0x23 and self.ended:
            yield "ack+continue behind the last block"
        elif f.property == 0x24 and not corrupt:
            yield "nack+retry without a block that was corrupt"

    def wrong_in_answer(self, asked, f):
        if f.service_flags & 1:
            busy = f.data == bytes((BUSY, 0))
            if asked.property == 0x21:
                self.object = None
            elif not busy:
                self.silent()
            return
        if asked.property == 0x25:
            return
        if f.property not in (0x22, 0x26):
            yield "a transfer goes on with a datablock or ends with finish"
        self.content += f.data
        self.ended = f.property == 0x26
        if self.ended and f.id == 1 and not re.fullmatch(rb"(LG\d{6}\.CSV[\r\n])*", self.content):
            yield "a directory is names LGyymmdd.CSV, each with its end of line"


class Judge:
    """Both ends of a link. faults: what may go wrong between them has been made to."""

    def __init__(self, rows, faults, say=None):
        self.table, self.faults, self.say = rows, faults, say
        self.writes = Writes(lambda *at: any(r.encoding == "signal" for r in self.rows(PARAMETER, *at)))
        self.violations, self.requests, self.answers, self.ignored = [], 0, 0, 0
        self.sent = Stream("sent", self.violation)
        self.received = Stream("received", self.fault)
        self.outstanding = self.source = None
        self.transfer = Transfer()

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
        if self.outstanding:
            self.writes.unanswered(self.outstanding, None)
            self.writes.traffic = time
        self.outstanding = None
        self.transfer.silent()

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
        corrupt, self.received.corrupt = self.received.corrupt, False
        # A block that came corrupt is an answer, too.
        if waiting and corrupt and waiting.kind == frame.kind == DATALOG and frame.property == 0x24:
            waiting = None
        if waiting:
            age = (frame.time - waiting.time).total_seconds()
            if waiting.kind == DATALOG:
                self.transfer.silent()
            self.writes.unanswered(waiting, frame)
            if age < ANSWER_TIME:
                self.violation(frame.time, f"sent {age:.3f} s behind a request that isn't answered:"
                                           f" {frame}")
            else:
                self.fault(frame.time, f"no answer in {age:.3f} s to: {waiting}")
        self.outstanding = frame
        for wrong in self.wrong_in_request(frame):
            self.violation(frame.time, f"{wrong}: {frame}")
        for wrong in self.transfer.wrong_in_request(frame, corrupt) if frame.kind == DATALOG else ():
            self.violation(frame.time, f"{wrong}: {frame}")
        for wrong in self.writes.wrong(frame) if frame.service == WRITE else ():
            self.violation(frame.time, f"{wrong}: {frame}")
        self.writes.traffic = frame.time

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
        if f.service == READ:
            yield from self.wrong_unless(f, None, {5, 6, 7, 8, 13}, {0})
            return
        yield from self.wrong_unless(f, None, {5, 13}, {1, 2, 4})
        rows = self.rows(PARAMETER, f.destination, f.id)
        reasons = [why_not(row, f.data) for row in rows]
        if rows and None not in reasons:    # a battery's family isn't known
            yield reasons[0]
        if self.table and not rows:
            yield "no parameter of the tables"

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

    # --- The gateway ---

    def answer(self, frame):
        if self.say:
            self.say(f"{frame.time:%H:%M:%S.%f} < {frame}")
        request = self.outstanding
        if frame.destination == self.source:
            self.writes.traffic = frame.time
        why = "nothing was asked" if request is None else self.mismatch(request, frame)
        if why:
            self.fault(frame.time, f"{why}: {frame}")
            return
        self.answers += 1
        self.outstanding = None
        self.writes.answered(request, frame)
        age = (frame.time - request.time).total_seconds()
        if age > ANSWER_TIME:
            self.fault(frame.time, f"answered after {age:.3f} s: {frame}")
        for wrong in self.wrong_in_answer(request, frame):
            self.violation(frame.time, f"{wrong}: {frame}")
        for wrong in self.transfer.wrong_in_answer(request, frame) if frame.kind == DATALOG else ():
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

    def rows(self, kind, device, number):
        """The rows of the tables for an info or parameter: more than one at 601, none if unknown."""
        return [self.table[family, kind, number] for family, at in FAMILIES.items()
                if device in at and (family, kind, number) in self.table]

    def value_sizes(self, f):
        """Sizes that the value of an info or parameter may have on the wire."""
        device = f.destination if f.destination in ADDRESSES else f.source
        if f.kind == PARAMETER and f.property == 8:
            return {2, 4}
        known = {SIZES[row.format] for row in self.rows(f.kind, device, f.id) if row.format in SIZES}
        return known or {1, 2, 4}


def read_rows(path):
    """The infos and parameters of datapoints.csv: (family, object type, number) → Row."""
    with open(path, newline="", encoding="utf-8") as file:
        return {(row["family"], {"info": INFO, "parameter": PARAMETER}[row["kind"]], int(row["id"])):
                Row(row["format"], row["encoding"],
                    {int(option.split(":")[0]) for option in row["options"].split("|") if option})
                for row in csv.DictReader(file) if row["kind"] != "menu"}


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


def main(arguments):
    beside = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../data/datapoints.csv")
    faults = printing = False
    rows_file = beside if os.path.exists(beside) else None
    while arguments and arguments[0].startswith("--"):
        option = arguments.pop(0)
        if option == "--faults":
            faults = True
        elif option == "--print":
            printing = True
        elif option == "--datapoints" and arguments:
            rows_file = arguments.pop(0)
        else:
            arguments = []
    if len(arguments) != 1:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    try:
        rows = read_rows(rows_file) if rows_file else {}
        with open(arguments[0], encoding="utf-8", errors="replace") as file:
            result = judge(file, Judge(rows, faults, print if printing else None))
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
