# SPDX-License-Identifier: MIT
"""A client of the public protocol on python3-can, written from its definition alone; it shares no code
with the programs."""
import struct
import time

import can

INFO, READ, WRITE, MESSAGE = range(4)
FLASH, MINIMUM, MAXIMUM, RAM = 0, 1, 2, 4


class Refused(Exception):
    def __init__(self, code):
        super().__init__(f"error 0x{code:02X}")
        self.code = code


class Client:
    def __init__(self, bus, source=0):
        self.bus, self.source = bus, source
        self.messages = []  # (device, message, value)
        self.others = []    # frames that aren't for us

    def exchange(self, device, service, payload, timeout=1.0):
        """The answer's payload; None when there was none in time."""
        identifier = device << 19 | self.source << 9 | service << 6
        self.bus.send(can.Message(arbitration_id=identifier, is_extended_id=True, data=payload))
        end = time.monotonic() + timeout
        while (left := end - time.monotonic()) > 0:
            frame = self.bus.recv(left)
            answer = frame and self.take(frame)
            if not answer or answer[:2] != (device, service) or answer[3][:2] != payload[:2]:
                continue
            if answer[2]:
                raise Refused(struct.unpack(">HI", answer[3])[1])
            return answer[3]
        return None

    def take(self, frame):
        """(device, service, error, payload) of an answer for us."""
        if not frame.is_extended_id or frame.is_remote_frame or frame.is_error_frame:
            self.others.append(frame)
            return None
        identifier = frame.arbitration_id
        to, device = identifier >> 19 & 0x3FF, identifier >> 9 & 0x3FF
        service, flags = identifier >> 6 & 7, identifier & 0x3F
        if to == 500 and service == MESSAGE and len(frame.data) == 6:
            self.messages.append((device, *struct.unpack(">HI", frame.data)))
        elif to == self.source and flags in (0, 1):
            return device, service, flags, bytes(frame.data)
        else:
            self.others.append(frame)
        return None

    def listen(self, seconds):
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            frame = self.bus.recv(left)
            if frame:
                self.take(frame)

    @staticmethod
    def value(payload, echoed):
        if payload is None:
            return None
        assert payload[:len(echoed)] == echoed and len(payload) == len(echoed) + 4, payload.hex()
        return struct.unpack(">f", payload[-4:])[0]

    def info(self, device, number):
        payload = struct.pack(">H", number)
        return self.value(self.exchange(device, INFO, payload), payload)

    def read(self, device, number, part=FLASH):
        payload = struct.pack(">HB", number, part)
        return self.value(self.exchange(device, READ, payload), payload)

    def write(self, device, number, value, part=RAM):
        payload = struct.pack(">HBf", number, part, value)
        return self.value(self.exchange(device, WRITE, payload), payload[:3])
