# SPDX-License-Identifier: MIT
"""A simulated Xcom-CAN in tolerant mode on a SocketCAN interface, written from the definition of the
public protocol alone; it shares no code with the program."""
import socket
import struct
import threading

INFO, READ, WRITE, MESSAGE = range(4)
FLASH, MINIMUM, MAXIMUM, RAM = 0, 1, 2, 4
NOT_FOUND, TOO_SMALL, TOO_BIG, SERVICE_ARGUMENT = 0x22, 0x27, 0x28, 0x12
EVERYBODY = 500
EXTENDED = 0x80000000


class XcomCan:
    """infos: {address: {number: value}}; parameters: {address: {number: [value, min, max]}}."""

    def __init__(self, interface, infos, parameters):
        self.infos, self.parameters = infos, parameters
        self.ram = {}
        self.writes = []     # (address, parameter, part, value)
        self.strangers = []  # frames that don't fit the protocol
        self.clients = set()  # addresses of those who asked
        self.socket = socket.socket(socket.AF_CAN, socket.SOCK_RAW, socket.CAN_RAW)
        self.socket.bind((interface,))
        self.socket.settimeout(0.2)
        self.ends = threading.Event()
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def close(self):
        self.ends.set()
        self.thread.join()
        self.socket.close()

    def send(self, to, source, service, error, payload):
        identifier = to << 19 | source << 9 | service << 6 | error
        self.socket.send(struct.pack("=IB3x8s", identifier | EXTENDED, len(payload), payload))

    def notify(self, source, message, value):
        self.send(EVERYBODY, source, MESSAGE, 0, struct.pack(">HI", message, value))

    def serve(self):
        while not self.ends.is_set():
            try:
                frame = self.socket.recv(16)
            except socket.timeout:
                continue
            identifier, length, payload = struct.unpack("=IB3x8s", frame)
            self.take(identifier, payload[:length])

    def take(self, identifier, payload):
        device, client = identifier >> 19 & 0x3FF, identifier >> 9 & 0x3FF
        service, flags = identifier >> 6 & 7, identifier & 0x3F
        expected = {INFO: 2, READ: 3, WRITE: 7}.get(service)
        if not identifier & EXTENDED or flags or len(payload) != expected:
            self.strangers.append((identifier, payload))
            return
        self.clients.add(client)
        if device not in self.infos:
            return
        number = struct.unpack(">H", payload[:2])[0]
        error, value = self.do(device, service, number, payload)
        if error:
            self.send(client, device, service, 1, struct.pack(">HI", number, error))
        else:
            self.send(client, device, service, 0,
                      payload[:2 if service == INFO else 3] + struct.pack(">f", value))

    def do(self, device, service, number, payload):
        if service == INFO:
            value = self.infos[device].get(number)
            return (NOT_FOUND, None) if value is None else (None, value)
        parameter = self.parameters.get(device, {}).get(number)
        part = payload[2]
        if parameter is None:
            return NOT_FOUND, None
        if service == READ:
            at = {FLASH: 0, RAM: 0, MINIMUM: 1, MAXIMUM: 2}.get(part)
            return (SERVICE_ARGUMENT, None) if at is None else (None, parameter[at])
        value = struct.unpack(">f", payload[3:])[0]
        if part not in (FLASH, RAM):
            return SERVICE_ARGUMENT, None
        if value < parameter[1]:
            return TOO_SMALL, None
        if value > parameter[2]:
            return TOO_BIG, None
        self.writes.append((device, number, part, value))
        if part == FLASH:
            parameter[0] = value
        return None, value
