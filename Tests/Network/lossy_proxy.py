#!/usr/bin/env python3
"""A TCP proxy that does to requests and replies what bad networks do.

    lossy_proxy.py --to 127.0.0.1:8480 --lose-requests 0.3 --lose-replies 0.3

Prints `listening on HOST:PORT` and, when it is ended by SIGTERM or SIGINT or has served its time, one line of JSON with
what it did. It knows nothing of HTTP or TLS: a request is what the client sends until the server speaks, a reply what the
server then sends until the client speaks again. With TLS that makes the handshake an exchange of its own, which can be
lost like any other.

For each request one of these is chosen by chance:

    lose       it is swallowed; the client sees the connection closed, or silence
    cut        a part of it reaches the server, then both ends are closed or reset
    late       the client sees the connection closed; the whole request reaches the server later, perhaps after its repetition
    delay      it waits, so that requests of other connections overtake it

and for each reply:

    lose       the server has answered; the client sees the connection closed, or silence
    cut        a part of it reaches the client
    half       a part of it reaches the client, then the end of what will come; what the client still says reaches nobody
    delay      it waits

Connections are numbered as they come, and each has its own random numbers, made from the seed and its number. So a client
with one connection at a time meets the same network again.
"""

import argparse
import collections
import json
import random
import select
import signal
import socket
import struct
import threading
import time

CHUNK = 65_536
LONGEST_LATE = 4 << 20
# The client says nothing for so long, and what it sent is taken for complete.
QUIET_SECONDS = 0.03


class Over(Exception):
    """This connection is at its end."""


class Connection:
    """One client's connection and the one to the server that belongs to it, in a thread of its own."""

    def __init__(self, options, count, number, client):
        self.options, self.count, self.client = options, count, client
        self.chance = random.Random(f"{options.seed} {number}")
        self.server = None

    def run(self):
        try:
            self.server = socket.create_connection(self.options.to, timeout=self.options.idle)
            self.client.settimeout(self.options.idle)
            speaker = None
            while True:
                side, data = self.next(speaker)
                if side is not speaker:
                    speaker = side
                    self.begin(side, data)
                (self.server if side is self.client else self.client).sendall(data)
        except (Over, OSError):
            pass
        finally:
            self.client.close()
            if self.server:
                self.server.close()

    def next(self, speaker):
        """What is said next, and by which side."""
        ready, _, _ = select.select([self.client, self.server], [], [], self.options.idle)
        if not ready:
            raise Over
        # Who is speaking finishes first.
        side = speaker if speaker in ready else ready[0]
        data = side.recv(CHUNK)
        if not data:
            raise Over
        return side, data

    def begin(self, side, data):
        """Decides what happens to the request or the reply that begins with `data`. Returns if it passes."""
        is_request = side is self.client
        name = "requests" if is_request else "replies"
        fate = self.fate(is_request)
        self.count(name)
        self.count(f"{name} {fate}")
        if fate == "delay":
            time.sleep(self.chance.uniform(0, self.options.longest_delay))
        elif fate == "lose":
            # The end of the connection at once, or after a silence.
            if self.chance.random() < 0.5:
                self.swallow(self.client, self.options.silence)
            self.end(self.client)
        elif fate == "late":
            self.deliver_late(data)
        elif fate in ("cut", "half"):
            listener = self.server if is_request else self.client
            listener.sendall(data[:self.chance.randrange(len(data))])
            if fate == "half":
                listener.shutdown(socket.SHUT_WR)
                self.swallow(listener, self.options.silence)
            self.end(listener)

    def fate(self, is_request):
        options = self.options
        if self.chance.random() < (options.lose_requests if is_request else options.lose_replies):
            return "lose"
        # The others share what is not lost.
        throw = self.chance.random()
        for name, probability in (("cut", options.cut), ("late" if is_request else "half",
                                  options.late if is_request else options.half), ("delay", options.delay)):
            if throw < probability:
                return name
            throw -= probability
        return "pass"

    def deliver_late(self, data):
        """Takes the whole request, closes the client's end, and brings the request to the server a while later."""
        parts = [data]
        while sum(map(len, parts)) < LONGEST_LATE and select.select([self.client], [], [], QUIET_SECONDS)[0]:
            parts.append(self.client.recv(CHUNK))
            if not parts[-1]:
                break
        self.client.close()
        time.sleep(self.chance.uniform(0, self.options.longest_late))
        self.server.sendall(b"".join(parts))
        if self.swallow(self.server, 5, enough=1):
            self.count("late requests answered")
        raise Over

    @staticmethod
    def swallow(side, seconds, enough=1 << 40):
        """Reads and forgets until the other end closes, the time is over or it is enough. Returns how many bytes came."""
        limit, size = time.monotonic() + seconds, 0
        while size < enough and select.select([side], [], [], max(0, limit - time.monotonic()))[0]:
            data = side.recv(CHUNK)
            if not data:
                break
            size += len(data)
        return size

    def end(self, side):
        """Closes one end, in every other case with a reset, and the other with it."""
        if self.chance.random() < 0.5:
            side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.count("resets")
        raise Over


class Proxy:
    def __init__(self, options):
        self.options = options
        self.counts = collections.Counter()
        self.lock = threading.Lock()
        self.places = threading.BoundedSemaphore(options.most_connections)

    def count(self, name):
        with self.lock:
            self.counts[name] += 1

    def run(self):
        listener = socket.create_server(self.options.listen, backlog=128)
        host, port = listener.getsockname()[:2]
        print(f"listening on {host}:{port}", flush=True)
        # Waited for, not handled: a handler could come while the thread it interrupts holds the lock that it needs.
        ends = {signal.SIGINT, signal.SIGTERM}
        signal.pthread_sigmask(signal.SIG_BLOCK, ends)
        threading.Thread(target=self.accept, args=[listener], daemon=True).start()
        signal.sigtimedwait(ends, self.options.seconds)
        listener.close()
        with self.lock:
            print(json.dumps(dict(sorted(self.counts.items()))), flush=True)

    def accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.count("connections")
            if not self.places.acquire(blocking=False):
                self.count("connections refused")
                client.close()
                continue
            threading.Thread(target=self.serve, args=[self.counts["connections"], client], daemon=True).start()

    def serve(self, number, client):
        try:
            Connection(self.options, self.count, number, client).run()
        finally:
            self.places.release()


def address(text):
    host, _, port = text.rpartition(":")
    return host or "127.0.0.1", int(port)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", type=address, required=True, metavar="HOST:PORT")
    parser.add_argument("--listen", type=address, default=("127.0.0.1", 0), metavar="HOST:PORT", help="default: any free port")
    parser.add_argument("--lose-requests", type=float, default=0.3, metavar="P", help="default: 0.3")
    parser.add_argument("--lose-replies", type=float, default=0.3, metavar="P", help="default: 0.3")
    parser.add_argument("--cut", type=float, default=0.05, metavar="P", help="of what is not lost; default: 0.05")
    parser.add_argument("--late", type=float, default=0.05, metavar="P", help="default: 0.05")
    parser.add_argument("--half", type=float, default=0.05, metavar="P", help="default: 0.05")
    parser.add_argument("--delay", type=float, default=0.1, metavar="P", help="default: 0.1")
    parser.add_argument("--longest-delay", type=float, default=0.2, metavar="S", help="default: 0.2")
    parser.add_argument("--longest-late", type=float, default=2, metavar="S", help="default: 2")
    parser.add_argument("--silence", type=float, default=0.2, metavar="S", help="before a lost one is closed; default: 0.2")
    parser.add_argument("--idle", type=float, default=60, metavar="S", help="ended after so long; default: 60")
    parser.add_argument("--most-connections", type=int, default=200, metavar="N", help="more are closed at once; default: 200")
    parser.add_argument("--seconds", type=float, default=600, metavar="S", help="end after so long; default: 600")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    Proxy(parser.parse_args()).run()


if __name__ == "__main__":
    main()
