#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The checker of traces finds what it should, and nothing else."""
import datetime
import struct
import sys

from scomcheck import (BUSY, DATALOG, FIELD, GATEWAY, GUID, INFO, MULTI, PARAMETER, READ, SCREEN, WRITE, Frame, Judge,
                       Row, checksum, judge)

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
NUMBER = Row("float", "number", set())
TABLE = {("xt", INFO, 3000): NUMBER, ("xt", INFO, 3010): Row("short_enum", "enum", {0, 1, 2}),
         ("xt", INFO, 3156): NUMBER, ("xt", PARAMETER, 1138): NUMBER,
         ("xt", PARAMETER, 1551): Row("bool", "bool", {0, 1}),
         ("xt", PARAMETER, 1545): Row("long_enum", "enum_1bit", {0, 1, 4}),
         ("xt", PARAMETER, 1205): Row("long_enum", "weekdays", set()),
         ("xt", PARAMETER, 1206): Row("int32", "minutes_of_day", set()),
         ("xt", PARAMETER, 1399): Row("int32", "signal", set()),
         ("rcc", PARAMETER, 5002): Row("int32", "date", set()),
         ("rcc", PARAMETER, 5012): Row("none", "level", set()),
         ("rcc", PARAMETER, 5104): Row("int32", "signal", set()),
         ("bsp", PARAMETER, 6001): NUMBER, ("bms", PARAMETER, 6001): Row("bool", "bool", {0, 1})}


def make(kind, number, prop, data=b"", answer=None, service=READ, at=101, flags=0, source=1):
    """A request, or with answer (its service_flags) an answer."""
    ends = (source, at) if answer is None else (at, source)
    header = struct.pack("<BIIH", flags, *ends, len(data) + 10)
    body = struct.pack("<BBHIH", answer or 0, service, kind, number, prop) + data
    return b"\xAA" + header + checksum(header) + body + checksum(body)


def written(number, value, prop=5, at=101):
    """A write request and how it is answered when it is done."""
    data = {float: lambda v: struct.pack("<f", v), int: lambda v: struct.pack("<i", v),
            bytes: bytes}[type(value)](value)
    return (make(PARAMETER, number, prop, data, service=WRITE, at=at),
            make(PARAMETER, number, prop, answer=2, service=WRITE, at=at))


def looked(number, at=101, prop=5):
    return (make(PARAMETER, number, prop, at=at), make(PARAMETER, number, prop, bytes(4), 2, at=at))


def main():
    examples = [bytes.fromhex(line) for line in EXAMPLES.split("\n") if line]
    ask, tell = examples[0], examples[1]
    number = struct.pack("<f", 1.5)
    item = struct.pack("<HB", 3000, 0xFE)
    multi = make(MULTI, 1, 7, item, at=GATEWAY)
    multi_answer = struct.pack("<II", 0x21, 0) + item + number
    start = make(DATALOG, 2, 0x21, b"LG171010.CSV\n", at=GATEWAY)
    more = make(DATALOG, 2, 0x23, at=GATEWAY)
    nack, abort = (make(DATALOG, 2, prop, at=GATEWAY) for prop in (0x24, 0x25))
    block = make(DATALOG, 2, 0x22, bytes(512), 2, at=GATEWAY)
    last = make(DATALOG, 2, 0x26, b"x", 2, at=GATEWAY)
    aborted = make(DATALOG, 2, 0x26, b"", 2, at=GATEWAY)
    spoiled = block[:-1] + bytes((block[-1] ^ 1,))
    listing, listing_more = (make(DATALOG, 1, prop, at=GATEWAY) for prop in (0x21, 0x23))
    names = b"LG171010.CSV\n" * 40
    waiting = make(DATALOG, 2, 0x23, bytes((BUSY, 0)), 3, at=GATEWAY)
    other = make(INFO, 3010, 1)
    cut = tell[:-5]
    put, done = written(1138, 1.5)
    signal, signal_done = written(1399, 1)
    fid = (make(INFO, 3156, 1), make(INFO, 3156, 1, number, 2))
    guid = (make(GUID, 0, 0, at=GATEWAY), make(GUID, 0, 0, bytes(16), 2, at=GATEWAY))
    restarted, restarted_done = written(5104, 1, at=GATEWAY)
    refused = {code: make(PARAMETER, 1138, 5, bytes((code, 0)), 3, WRITE) for code in (BUSY, 0x03, 0x29)}

    def verdict(steps, faults=False):
        """steps: (seconds, direction, bytes) or a comment."""
        begin, lines = datetime.datetime(2026, 11, 21, 14), []
        for step in steps:
            if isinstance(step, str):
                lines.append(step)
                continue
            time = begin + datetime.timedelta(seconds=step[0])
            lines.append(f"{time:%Y-%m-%dT%H:%M:%S.%f}Z {step[1]} {step[2].hex(' ').upper()}  # words")
        return judge(lines, Judge(TABLE, faults)).violations

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
        "others between blocks": turns(start, block, ask, tell, more, block, ask, tell, more, last),
        "one file, then another": turns(start, last, start, last),
        "abort": turns(start, block, more, block, abort, aborted, start, last),
        "busy in the middle": turns(start, block, more, waiting, more, last),
        "names over two blocks": turns(listing, make(DATALOG, 1, 0x22, names[:512], 2, at=GATEWAY), listing_more,
                                       make(DATALOG, 1, 0x26, names[512:], 2, at=GATEWAY)),
        "no such file, another one": turns(start, make(DATALOG, 2, 0x21, b"\x2F\0", 3, at=GATEWAY), start, last),
        "not answered at the end": turns(ask),
        "writes of every kind": turns(
            *written(1138, -1.5), *written(1551, b"\1"), *written(1545, 4), *written(1205, 127),
            *written(1206, 1440), signal, signal_done, *written(5002, 1782043200, at=GATEWAY),
            *written(6001, 1.5, at=601), *written(6001, b"\0", at=601)),
        "writes to many": turns(*(frame for at in (100, 191, 193) for frame in written(1138, 1.5, at=at))),
        "the same for RAM, and to another": turns(put, done, *written(1138, 1.5, 13), *written(1138, 1.5, at=102)),
        "again when it was busy": turns(put, refused[BUSY], put, refused[BUSY], put, done),
        "again behind a look": turns(put, done, *looked(1138), put, refused[0x29], *looked(1138), put, done),
        "a family again behind a look": turns(*2 * (*written(1138, 1.5, at=100), *looked(1138, 103))),
        "a signal again behind the FID": turns(signal, signal_done, *fid, signal, signal_done),
        "a signal again behind the GUID": turns(restarted, restarted_done, *guid, restarted, restarted_done),
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
        "a corrupt block": turns(start, spoiled, nack, block, more, last),
        "a corrupt block twice": turns(start, block, more, spoiled, nack, spoiled, nack, last),
        "a file begun again": [(0, ">", start), (0.1, "<", block), (0.2, ">", more), (5, ">", abort), (5.1, "<", aborted),
                               (5.2, ">", start), (5.3, "<", last)],
        "a write behind silence": [(0, ">", ask), (3, ">", put), (3.1, "<", done)],
        "a write behind silence and more": [(0, ">", other), (3, ">", ask), (3.1, "<", tell), (6.1, ">", put),
                                            (6.2, "<", done)],
        "two writes behind silence": [(0, ">", ask), (3, ">", put), (3.1, "<", done), (3.2, ">", written(1138, 2.5)[0]),
                                      (3.3, "<", done)],
        "a write behind a repeated read": [(0, ">", ask), (3, ">", ask), (3.1, "<", tell), (3.2, ">", put),
                                           (3.3, "<", done)],
        "a write behind repeated infos": [(0, ">", multi), (3, ">", make(MULTI, 1, 8, item, at=GATEWAY)),
                                          (3.1, "<", make(MULTI, 1, 8, multi_answer, 2, at=GATEWAY)),
                                          (3.2, ">", put), (3.3, "<", done)],
        "a write on a new link": [*turns(ask), "# link: lost", (1, ">", put), (1.1, "<", done)],
        "a write behind others' traffic": [(0, ">", ask), (2.9, "<", make(INFO, 3000, 1, number, 2, source=9)),
                                           (3, ">", put), (3.1, "<", done)],
        "a write behind an unknown one": [(0, ">", put), (6, ">", looked(1138)[0]), (6.1, "<", looked(1138)[1]),
                                          (9.2, ">", put), (9.3, "<", done)],
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
        "nack+retry of a good block": turns(start, block, nack, block),
        "nack+retry of an earlier one": turns(start, spoiled, nack, block, more, block, nack, block),
        "ack+continue of nothing": turns(more, block),
        "ack+continue behind the end": turns(start, last, more, block),
        "ack+continue of another": turns(start, block, listing_more, make(DATALOG, 1, 0x22, names[:512], 2, at=GATEWAY)),
        "ack+continue behind an error": turns(start, block, more, make(DATALOG, 2, 0x23, b"\x30\0", 3, at=GATEWAY), more,
                                              block),
        "ack+continue on a new link": ["# link: up", *turns(start, block), "# link: lost", (2, ">", more), (2.1, "<", block)],
        "ack+continue behind an abort": turns(start, block, abort, aborted, more, block),
        "a file within another": turns(start, block, start, block),
        "names cut short": turns(listing, make(DATALOG, 1, 0x22, names[:512], 2, at=GATEWAY), listing_more,
                                 make(DATALOG, 1, 0x26, names[512:-5], 2, at=GATEWAY)),
        "short block": turns(start, make(DATALOG, 2, 0x22, bytes(100), 2, at=GATEWAY)),
        "nothing": [],
        "write to nobody": turns(*written(5104, 1, at=500)),
        "write of nothing known": turns(*written(1139, 1.5)),
        "write to another family": turns(*written(1138, 1.5, at=301)),
        "write of what SCOM doesn't carry": turns(*written(5012, 16, at=GATEWAY)),
        "write of not a number": turns(*written(1138, float("nan"))),
        "write of infinity": turns(*written(1138, float("inf"))),
        "signal of 0": turns(*written(1399, 0)),
        "signal of 2": turns(*written(1399, 2)),
        "signal as a float": turns(*written(1399, 1.0)),
        "signal of one byte": turns(*written(1399, b"\1")),
        "no option": turns(*written(1545, 2)),
        "eighth day": turns(*written(1205, 128)),
        "behind midnight": turns(*written(1206, 1441)),
        "before the day": turns(*written(1206, -1)),
        "before the beginning": turns(*written(5002, -1, at=GATEWAY)),
        "neither battery's": turns(*written(6001, b"\2", at=601)),
        "write of a level": turns(*written(1138, b"\x10\0", 8)),
        "again": turns(put, done, put, done),
        "again behind something else": turns(put, done, *fid, ask, tell, *looked(1138, 102), put, done),
        "again though it failed": turns(put, refused[0x29], put, done),
        "again though it timed out": turns(put, refused[0x03], put, done),
        "again behind a look elsewhere": turns(put, done, *looked(1140), put, done),
        "again behind a refused look": turns(put, done, looked(1138)[0], make(PARAMETER, 1138, 5, b"\x2A\0", 3),
                                             put, done),
        "again behind silence": [(0, ">", put), (6, ">", put), (6.1, "<", done)],
        "again on a new link": [*turns(put), "# link: lost", (9, ">", put), (9.1, "<", done)],
        "a family again": turns(*2 * (*written(1138, 1.5, at=100), *looked(1138, 301))),
        "signal again": turns(signal, signal_done, signal, signal_done),
        "signal again behind another info": turns(signal, signal_done, ask, tell, signal, signal_done),
        "signal again behind the gateway's GUID": turns(signal, signal_done, *guid, signal, signal_done),
        "signal again behind another's FID": turns(signal, signal_done, make(INFO, 3156, 1, at=102),
                                                   make(INFO, 3156, 1, number, 2, at=102), signal, signal_done),
        "too soon behind silence": [(0, ">", ask), (2.5, ">", put), (2.6, "<", done)],
        "too soon behind traffic": [(0, ">", other), (3, ">", ask), (3.1, "<", tell), (3.2, ">", put),
                                    (3.3, "<", done)],
        "too soon behind a late answer": [(0, ">", ask), (3, ">", other), (3.1, "<", make(INFO, 3010, 1, b"\1\0", 2)),
                                          (6, "<", tell), (6.5, ">", put), (6.6, "<", done)],
        "too soon behind an unanswered write": [(0, ">", put), (3, ">", looked(1138)[0]), (3.1, "<", looked(1138)[1]),
                                                (3.2, ">", written(1138, 2.5)[0]), (3.3, "<", done)],
        "too soon on a link that was lost later": [
            *turns(put), (4, "<", make(INFO, 3000, 1, number, 2, source=9)), "# link: lost",
            (5, ">", written(1138, 2.5)[0]), (5.1, "<", done)],
        "too soon on a new link": [*turns(put), "# link: lost", (0.5, ">", written(1138, 2.5)[0]), (0.6, "<", done)],
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
        print(text)
    print(f"{len(fine) + len(forgiven) + len(wrong)} traces, {len(failed)} failures")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
