#!/usr/bin/env python3
"""Serves the events of a file as docs/openapi/device.yaml says, so that pull clients and the checks of that contract can
be tried without a kiosk.

    stand_in_kiosk.py --journal journal.json --token head-office=secret

The file may grow while it is served; a line is an event. `--fail P` breaks off answers by chance.
"""

import argparse
import gzip
import json
import pathlib
import random
import re
import signal
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "docs/examples/upstream"))
import kiosk_events  # noqa: E402
import synthetic  # noqa: E402
from http_service import Handler, Hangup, Service  # noqa: E402
from kiosk_events import Refusal  # noqa: E402

CURSOR = re.compile(r"([0-9a-f]{32})-([0-9]{1,9})")
METRICS = "# HELP kiosk_events_total Events recorded.\n# TYPE kiosk_events_total counter\nkiosk_events_total {}\n"


class Kiosk(Service):
    def __init__(self, options):
        self.options = options
        self.consumers = dict(options.token)
        self.confirmed = {}
        self.events = []
        self.read = 0
        self.lock = threading.Lock()
        self.chance = random.Random(options.seed)
        # A cursor is the number of events before it, with a mark of this journal.
        self.mark = kiosk_events.genesis("stand-in", str(options.journal))[:32]
        super().__init__(options.listen, Operations, quiet=True)

    def newest(self):
        """All events so far."""
        with self.lock, open(self.options.journal, encoding="utf-8") as file:
            file.seek(self.read)
            while (line := file.readline()).endswith("\n"):
                self.read = file.tell()
                text = line.strip().rstrip(",")
                if text not in ("[", "]", ""):
                    self.events.append(json.loads(text))
            return self.events


class Operations(Handler):
    ROUTES = [
        (r"/v1/events", {"GET": "read_events"}),
        (r"/v1/consumers/([^/]+)/cursor", {"GET": "get_cursor", "PUT": "put_cursor"}),
        (r"/v1/status", {"GET": "status"}),
        (r"/healthz", {"GET": "health"}),
        (r"/metrics", {"GET": "metrics"}),
    ]

    def read_events(self):
        self.consumer("events")
        query = urllib.parse.parse_qs(self.query, keep_blank_values=True)
        after = self.place(query["after"][-1]) if "after" in query else 0
        limit = self.number(query, "limit", 1, 500, 500)
        end = time.monotonic() + self.number(query, "wait", 0, 60, 0)
        while len(events := self.server.newest()) <= after and time.monotonic() < end:
            time.sleep(0.05)
        batch = events[after:after + limit]
        # Of one epoch.
        batch = [event for event in batch if event["id"][:32] == batch[0]["id"][:32]]
        if self.server.chance.random() < self.server.options.fail:
            raise Hangup
        lean = [synthetic.delivered(event, number == len(batch)) for number, event in enumerate(batch, 1)]
        body = json.dumps(lean, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
        headers = {} if not batch and "after" not in query else {"Kiosk-Cursor": f"{self.server.mark}-{after + len(batch)}"}
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            body, headers["Content-Encoding"] = gzip.compress(body), "gzip"
        self.send(200, body, "application/cloudevents-batch+json", headers)

    def get_cursor(self, name):
        self.consumer("events", name)
        self.answer_cursor(name)

    def put_cursor(self, name):
        self.consumer("events", name)
        request = kiosk_events.read_json(self.body("application/json", 4096))
        if not isinstance(request, dict) or not isinstance(request.get("cursor"), str):
            raise Refusal(400, "malformed", "cursor is missing")
        place = self.place(request["cursor"])
        if place > len(self.server.newest()):
            raise Refusal(422, "cursor-ahead", "not recorded yet")
        with self.server.lock:
            self.server.confirmed[name] = max(place, self.server.confirmed.get(name, 0))
        self.answer_cursor(name)

    def answer_cursor(self, name):
        place = self.server.confirmed.get(name)
        answer = {"consumer": name, "waiting_events": len(self.server.newest()) - (place or 0)}
        if place is not None:
            answer["cursor"] = f"{self.server.mark}-{place}"
        self.send(200, answer)

    def status(self):
        self.consumer("status")
        self.send(200, {
            "device": "kiosk-test", "version": "0", "time": kiosk_events.timestamp(int(time.time() * 1000)),
            "clock": "synchronised", "capture": {"running": True}, "journal": {"readable": True}, "push": {"state": "off"},
            "consumers": [{"consumer": name} for name in self.server.confirmed], "health": [],
        })

    def health(self):
        self.send(200, {"status": "ok"})

    def metrics(self):
        self.consumer("metrics")
        text = METRICS.format(len(self.server.newest()))
        self.send(200, text.encode(), "text/plain; version=0.0.4; charset=utf-8")

    def consumer(self, scope, named=None):
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        known = [name for name, secret in self.server.consumers.items() if secret == token.strip()]
        if scheme.lower() != "bearer" or not known:
            raise Refusal(401, "unauthorized", "no token that is known", headers={"WWW-Authenticate": "Bearer"})
        if named is not None and named != known[0]:
            raise Refusal(403, "wrong-consumer", f"this token belongs to {known[0]}")
        return known[0]

    def place(self, cursor):
        match = CURSOR.fullmatch(cursor)
        if match is None or match.group(1) != self.server.mark:
            raise Refusal(422, "cursor-unusable", "not a cursor of this kiosk")
        return int(match.group(2))

    @staticmethod
    def number(query, name, lowest, highest, default):
        text = query.get(name, [str(default)])[-1]
        if not re.fullmatch(r"[0-9]{1,4}", text) or not lowest <= int(text) <= highest:
            raise Refusal(400, "malformed", f"{name} must be a number from {lowest} to {highest}")
        return int(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--journal", required=True, metavar="FILE")
    parser.add_argument("--listen", default="127.0.0.1:0", metavar="HOST:PORT")
    parser.add_argument("--token", action="append", default=[], metavar="CONSUMER=TOKEN",
                        type=lambda text: tuple(text.split("=", 1)))
    parser.add_argument("--fail", type=float, default=0, metavar="P")
    parser.add_argument("--seed", type=int, default=1)
    server = Kiosk(parser.parse_args())
    ends = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"listening on {server.url}", flush=True)
    signal.sigwait(ends)


if __name__ == "__main__":
    main()
