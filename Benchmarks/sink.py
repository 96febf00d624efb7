#!/usr/bin/env python3
"""A receiver that does no more than it must, so that what is measured is the kiosk: TLS, unpack, look at the numbers, answer.

    sink.py CERTIFICATE KEY [FILE]

Says `listening on …`; when it is ended (SIGTERM), what it has got, as JSON. Events must come in order without a gap: else it
answers 500 and says so at the end. What came is kept in memory, and in FILE at the end: each body after its length (4 bytes).
"""

import json
import re
import signal
import socket
import ssl
import struct
import sys
import time
import zlib

NUMBER = re.compile(rb'"id":"[0-9a-f]{32}-(\d+)"')
EPOCH = re.compile(rb'"id":"([0-9a-f]{32})-')


class Sink:
    def __init__(self):
        self.events, self.last = 0, {}
        self.head_bytes = self.body_bytes = self.plain_bytes = self.requests = self.wire_bytes = 0
        self.first = self.latest = None
        self.fault = None
        self.bodies = []

    def serve(self, connection):
        """One connection until it is closed."""
        buffer = b""
        while True:
            end = buffer.find(b"\r\n\r\n")
            while end < 0:
                part = connection.recv(262_144)
                if not part:
                    return
                buffer += part
                end = buffer.find(b"\r\n\r\n")
            if self.first is None:
                self.first = time.monotonic()
            head, length = buffer[:end + 4], 0
            for line in head.split(b"\r\n"):
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            parts, size = [buffer[end + 4:]], len(buffer) - end - 4
            while size < length:
                part = connection.recv(262_144)
                if not part:
                    return
                parts.append(part)
                size += len(part)
            data = b"".join(parts)
            body, buffer = data[:length], data[length:]
            connection.sendall(self.take(head, body))

    def take(self, head, body):
        plain = zlib.decompress(body, 31)
        epoch, numbers = EPOCH.search(plain)[1], [int(number) for number in NUMBER.findall(plain)]
        expected = self.last.get(epoch, 0) + 1
        if numbers != list(range(expected, expected + len(numbers))):
            self.fault = f"{numbers[:3]}… came where {expected} was next"
            return b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"
        self.last[epoch] = numbers[-1]
        self.events += len(numbers)
        self.requests += 1
        self.head_bytes += len(head)
        self.body_bytes += len(body)
        self.plain_bytes += len(plain)
        self.latest = time.monotonic()
        self.bodies.append(body)
        answer = b'{"acked":"%s-%d"}' % (epoch, numbers[-1])
        return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(answer), answer)


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    listener = socket.create_server(("127.0.0.1", 0))
    sink = Sink()

    def end(*_):
        raise SystemExit

    signal.signal(signal.SIGTERM, end)
    print(f"listening on https://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    try:
        while True:
            try:
                plain, _ = listener.accept()
                plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with context.wrap_socket(plain, server_side=True) as connection:
                    sink.serve(connection)
            except OSError as error:
                print(error, file=sys.stderr)
    except SystemExit:
        if len(sys.argv) == 4:
            with open(sys.argv[3], "wb") as file:
                for body in sink.bodies:
                    file.write(struct.pack(">I", len(body)) + body)
        seconds = (sink.latest or 0) - (sink.first or 0)
        print(json.dumps({name: value for name, value in vars(sink).items() if name not in ("last", "first", "latest", "bodies")}
                         | {"seconds": seconds}), flush=True)


if __name__ == "__main__":
    main()
