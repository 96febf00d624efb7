"""Answers that no good server gives, on demand: for tests of whoever sends events.

`--misbehave 503@0.2 --misbehave drop-reply@0.1` does each with its probability; `--script 503,ok,drop-reply` does one for each
batch in turn, and after the last all is well. Only batches of events are answered so.
"""

import json
import random
import re
import secrets
import time

from http_service import Hangup
from kiosk_events import Refusal

NAMES = {
    "NNN": "answer with this status, nothing is stored; 429/7 and 503/7 add Retry-After: 7",
    "drop-request": "close the connection, nothing is stored",
    "drop-reply": "store, then close the connection without an answer",
    "cut-reply": "store, then send half of the answer",
    "delay=S": "store, then answer S seconds late",
    "duplicate": "take the batch twice, as if the network had brought it twice",
    "partial": "store and acknowledge the first half of the batch only",
    "lie": "acknowledge, but store nothing: a control for tests, which must notice",
    "refuse=N": "from now on answer 422 to batches that hold event N of this one (from 0), and name it",
    "refuse-unnamed=N": "the same without naming it",
    "ahead": "store, but acknowledge an event after the last one",
    "foreign": "store, but acknowledge an event of another epoch",
    "garbage": "store, then answer something that is not HTTP",
    "nonsense": "store, then answer 200 with a body that is not JSON",
    "huge": "store, then answer with a body of 100 MB",
    "endless": "store, then answer with a body that never ends",
    "slow": "store, then answer one byte a second",
    "redirect": "answer 307 to another address, nothing is stored",
}
FORM = re.compile(r"([2-5][0-9]{2}(?:/[0-9]+)?|[a-z]+(?:-[a-z]+)*)(=[0-9]+(?:\.[0-9]+)?)?(@[01](?:\.[0-9]+)?)?")


class Misbehaviour:
    def __init__(self, chances=(), script="", seed=1):
        self.chances = [self.parsed(text) for text in chances]
        self.script = [self.parsed(text)[:2] for text in script.split(",") if text]
        self.random = random.Random(seed)
        self.counts = {}
        # Events that are refused from now on, and whether the answer names them.
        self.refused = {}

    @staticmethod
    def parsed(text):
        """(name, value, probability) of `delay=0.5@0.3`."""
        match = FORM.fullmatch(text)
        name, value, probability = match.groups() if match else ("", None, None)
        form = "NNN" if name[:1].isdigit() else name + ("=S" if name == "delay" else "=N" if value else "")
        if form not in NAMES and (name, value) != ("ok", None):
            raise ValueError(f"{text}: not one of " + ", ".join(NAMES))
        return name, float((value or "=0")[1:]), float((probability or "@1")[1:])

    def next(self):
        """What to do with this batch: (name, value). For one thread at a time."""
        if self.script:
            chosen = self.script.pop(0)
        else:
            chosen = ("ok", 0.0)
            # A throw for each, whatever came out before, so that a run is repeated by its seed.
            for name, value, probability in self.chances:
                if self.random.random() < probability and chosen[0] == "ok":
                    chosen = (name, value)
        self.counts[chosen[0]] = self.counts.get(chosen[0], 0) + 1
        return chosen

    def before(self, handler, deed, value):
        """What is done before the batch is looked at. True: it has been answered."""
        if deed == "drop-request":
            raise Hangup
        elif deed == "redirect":
            handler.send(307, headers={"Location": "http://192.0.2.1/v1/events"})
            return True
        elif deed[0].isdigit():
            status, _, after = deed.partition("/")
            if int(status) >= 400:
                raise Refusal(int(status), "unavailable", "misbehaving as told",
                              headers={"Retry-After": after} if after else {})
            handler.send(int(status))
            return True
        return False

    def instead(self, deed, value, events):
        """What is stored, and how often."""
        if deed in ("refuse", "refuse-unnamed") and int(value) < len(events):
            self.refused[events[int(value)].id] = deed == "refuse"
        for index, event in enumerate(events):
            if event.id in self.refused:
                named = {"event": event.id, "index": index} if self.refused[event.id] else {}
                raise Refusal(422, "contradiction", "an event is refused, as told", **named)
        if deed == "partial":
            events = events[:(len(events) + 1) // 2]
        return events, {"lie": 0, "duplicate": 2}.get(deed, 1)

    def after(self, handler, deed, value, answer):
        """What is done when it is stored. True: it has been answered."""
        if deed == "delay":
            time.sleep(value)
        elif deed == "ahead" and "acked" in answer:
            epoch, number = answer["acked"].split("-")
            answer["acked"] = f"{epoch}-{int(number) + 1000}"
        elif deed == "foreign":
            answer["acked"] = f"{secrets.token_hex(16)}-1"
        elif deed == "drop-reply":
            raise Hangup
        parts = self.strange_answer(deed, json.dumps(answer).encode("utf-8"))
        if parts is None:
            return False
        for part in parts:
            handler.wfile.write(part)
            handler.wfile.flush()
        raise Hangup

    @staticmethod
    def strange_answer(deed, body):
        """The bytes of an answer that is not as it should be, in parts; None: nothing strange."""
        def head(length):
            return f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n".encode()

        def slowly(data):
            for byte in data:
                time.sleep(1)
                yield bytes([byte])

        def long(size):
            yield head(size) + b'{"acked":"'
            for _ in range((size - 10) // 65_536):
                yield b"a" * 65_536
            yield b"a" * ((size - 10) % 65_536)

        if deed == "garbage":
            return [secrets.token_bytes(500)]
        if deed == "nonsense":
            return [head(9), b'{"acked":']
        if deed == "cut-reply":
            return [head(len(body)), body[:len(body) // 2]]
        if deed == "slow":
            return slowly(head(len(body)) + body)
        if deed in ("huge", "endless"):
            return long(100_000_000 if deed == "huge" else 1 << 50)
        return None
