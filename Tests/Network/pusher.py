#!/usr/bin/env python3
"""A tiny device: pushes the events of a file to a server as docs/openapi/upstream.yaml says, so that proxy, receiver and
oracle can be tried without a kiosk.

    pusher.py --url http://127.0.0.1:8480 --token-file token --journal journal.json

Keeps to the rules of the contract: gzip, batches of one epoch, 413 halves, Retry-After, a refused event is set aside, an
acknowledgement that makes no sense is none, back-off with full jitter (with short limits, for tests). `--careless` is the
control: it sends each batch once and takes everything for delivered. Prints one line of JSON with what it did.
"""

import argparse
import collections
import gzip
import http.client
import json
import pathlib
import random
import ssl
import sys
import time
import urllib.parse

import synthetic

LARGEST_ANSWER = 64 << 10


class Pusher:
    def __init__(self, options):
        self.options = options
        self.address = urllib.parse.urlsplit(options.url)
        self.token = pathlib.Path(options.token_file).read_text().strip()
        self.chance = random.Random(options.seed)
        self.limit = time.monotonic() + options.seconds
        self.connection = None
        self.counts = collections.Counter()
        self.set_aside = []
        self.offered = None

    def send(self, batch):
        """Status, headers and body of the answer; OSError where there was none."""
        if self.connection is None:
            host, port = self.address.hostname, self.address.port
            if self.address.scheme == "https":
                context = ssl.create_default_context(cafile=self.options.ca)
                self.connection = http.client.HTTPSConnection(host, port, timeout=self.options.timeout, context=context)
            else:
                self.connection = http.client.HTTPConnection(host, port, timeout=self.options.timeout)
        body = gzip.compress(self.body(batch).encode("utf-8"), 6)
        self.counts["bytes"] += len(body)
        try:
            self.connection.request("POST", self.address.path.rstrip("/") + "/v1/events", body, {
                "Content-Type": "application/cloudevents-batch+json", "Content-Encoding": "gzip",
                "Authorization": "Bearer " + self.token})
            answer = self.connection.getresponse()
            data = answer.read(LARGEST_ANSWER + 1)
            if len(data) > LARGEST_ANSWER:
                raise OSError("an answer without end")
            if answer.length:
                # Less than the answer promised: nobody knows what the rest said.
                raise OSError("half an answer")
            return answer.status, answer.headers, data
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            self.connection = None
            raise OSError(str(error)) from None

    def body(self, batch):
        if self.options.exported:
            events = [event for _, event in batch]
        else:
            events = [synthetic.delivered(event, place == len(batch)) for place, (_, event) in enumerate(batch, 1)]
        return json.dumps(events, ensure_ascii=False, separators=(",", ":"))

    def push(self, events):
        """Delivers all of them, in order. `events` are (id, parsed JSON)."""
        place, size, failures = 0, self.options.batch, 0
        while place < len(events):
            batch = self.batch(events, place, size)
            self.counts["requests"] += 1
            try:
                status, headers, body = self.send(batch)
                done = self.delivered(batch, status, body)
            except OSError:
                self.counts["no answer"] += 1
                status, headers, done = None, {}, 0
            if self.options.careless:
                place += len(batch)
                continue
            if done:
                place, failures, size = place + done, 0, min(self.options.batch, size * 2)
                continue
            if status in (401, 403) or (status is not None and 300 <= status < 400):
                sys.exit(f"the server refuses this device: {status} {body[:500]!r}")
            if status is not None and 400 <= status < 500 and status not in (408, 425, 429):
                bad = self.refused(batch, status, body)
                if bad is None:
                    size = max(1, len(batch) // 2)
                    continue
                # What is before the bad event goes first, then it is passed over.
                self.set_aside.append(batch[bad][0])
                del events[place + bad]
                continue
            failures += 1
            if time.monotonic() > self.limit:
                sys.exit(f"not delivered within {self.options.seconds} s: {len(events) - place} events are left")
            self.wait(failures, headers.get("Retry-After"))
        return self.counts

    @staticmethod
    def batch(events, place, size):
        epoch = events[place][0].split("-")[0]
        return [event for event in events[place:place + size] if event[0].startswith(epoch + "-")]

    def delivered(self, batch, status, body):
        """How many events of the batch are."""
        if not 200 <= status < 300:
            self.counts[f"status {status}"] += 1
            return 0
        try:
            answer = json.loads(body) if body else {}
            acked = answer.get("acked")
            self.offered = answer.get("configuration", {}).get("version", self.offered)
        except (ValueError, AttributeError):
            self.counts["nonsense"] += 1
            return 0
        names = [name for name, _ in batch]
        if acked is None:
            return len(batch)
        if acked not in names:
            self.counts["wrong acknowledgements"] += 1
            return 0
        return names.index(acked) + 1

    @staticmethod
    def refused(batch, status, body):
        """The place of the one event that is refused; None where nobody knows yet."""
        try:
            named = json.loads(body).get("event") if status != 413 else None
        except (ValueError, AttributeError):
            named = None
        names = [name for name, _ in batch]
        if named in names:
            return names.index(named)
        return 0 if len(batch) == 1 else None

    def wait(self, failures, after):
        self.counts["waits"] += 1
        if after and after.isdigit():
            time.sleep(min(int(after), self.options.longest_pause * 10))
        else:
            time.sleep(self.chance.uniform(0, min(self.options.longest_pause, 0.01 * 2 ** min(failures, 20))))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", required=True)
    parser.add_argument("--token-file", required=True, metavar="FILE")
    parser.add_argument("--journal", required=True, metavar="FILE", help="CloudEvents, one a line")
    parser.add_argument("--ca", metavar="FILE")
    parser.add_argument("--batch", type=int, default=500, metavar="N")
    parser.add_argument("--timeout", type=float, default=5, metavar="S")
    parser.add_argument("--longest-pause", type=float, default=0.2, metavar="S")
    parser.add_argument("--seconds", type=float, default=120, metavar="S", help="give up after so long")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--exported", action="store_true", help="send the events whole, with all chain values")
    parser.add_argument("--careless", action="store_true", help="the control: send each batch once, whatever comes of it")
    options = parser.parse_args()
    events = []
    for line in pathlib.Path(options.journal).read_text("utf-8").split("\n"):
        text = line.rstrip(",")
        if text not in ("[", "]", ""):
            event = json.loads(text)
            events.append((event["id"], event))
    pusher = Pusher(options)
    counts = pusher.push(events)
    print(json.dumps({**counts, "set aside": pusher.set_aside, "offered": pusher.offered}))


if __name__ == "__main__":
    main()
