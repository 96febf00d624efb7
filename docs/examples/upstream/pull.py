#!/usr/bin/env python3
"""Fetches events from a kiosk that serves them (docs/openapi/device.yaml) and prints them as JSON lines or CSV.

    pull.py --url https://kiosk-0042.local:8443 --consumer head-office --token-file token --state kiosk-0042.json
    pull.py … --format csv --output kiosk-0042.csv          goes on for ever, and goes on where it stopped
    pull.py … --once                                         ends when there is nothing more

What has been fetched and how far it is stands in the state file. With --output, a crash at any moment neither loses an
event nor writes one twice: what is beyond the last noted length is cut off at the next start. What is
missing and what does not fit its chain value is told on standard error, and the exit code of --once is then 3.

Needs Python 3.11 or later and nothing else.
"""

import argparse
import csv
import io
import json
import os
import pathlib
import random
import ssl
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import kiosk_events
from http_service import unpacked
from kiosk_events import BROKEN, Refusal

LARGEST_ANSWER = 16 << 20
LONGEST_PAUSE = 300
COLUMNS = (
    "device", "epoch", "sequence", "kind", "time", "clock", "visit", "button", "survey", "survey_version", "question",
    "scale", "value", "code", "language", "verdict", "rules_version", "replaces", "context", "detail", "boot",
    "boottime_ns", "wall_ms", "chain",
)


class Refused(Exception):
    """The kiosk will not have us; trying again does not help."""


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        # The token would go along to wherever it points.
        return None


class Kiosk:
    def __init__(self, options):
        self.url, self.timeout = options.url.rstrip("/"), options.wait + 30
        context = ssl.create_default_context(cafile=options.ca)
        if options.certificate:
            context.load_cert_chain(*options.certificate)
        self.opener = urllib.request.build_opener(NoRedirect, urllib.request.HTTPSHandler(context=context))
        self.headers = {"Accept-Encoding": "gzip"}
        if options.token_file:
            self.headers["Authorization"] = "Bearer " + pathlib.Path(options.token_file).read_text().strip()

    def ask(self, path, body=None, **query):
        """The answer's body and its headers."""
        query = {name: value for name, value in query.items() if value is not None}
        request = urllib.request.Request(
            self.url + path + ("?" + urllib.parse.urlencode(query) if query else ""), headers=self.headers,
            data=body if body is None else json.dumps(body).encode(), method="GET" if body is None else "PUT")
        if body is not None:
            request.add_header("Content-Type", "application/json")
        try:
            with self.opener.open(request, timeout=self.timeout) as answer:
                data = answer.read(LARGEST_ANSWER + 1)
                if len(data) > LARGEST_ANSWER:
                    raise OSError("the answer is too large")
                if answer.headers.get("Content-Encoding") == "gzip":
                    data = unpacked(data, LARGEST_ANSWER)
                return data, answer.headers
        except urllib.error.HTTPError as error:
            words = error.read(10_000).decode("utf-8", "replace")
            if error.code in (408, 429) or error.code >= 500:
                raise Again(f"{error.code}: {words}", error.headers.get("Retry-After")) from None
            raise Refused(f"{error.code}: {words}") from None


class Again(OSError):
    """It did not work now. `after`: what the kiosk says about when it may."""

    def __init__(self, words, after):
        super().__init__(words)
        self.after = int(after) if after and after.isdigit() and len(after) < 6 else None


class State:
    """What is known between two runs. Replaced as a whole, so that a crash leaves the old or the new one."""

    def __init__(self, path):
        self.path = path
        self.cursor, self.length, self.epochs = None, 0, {}
        try:
            kept = json.loads(pathlib.Path(path).read_text())
            self.cursor, self.length, self.epochs = kept["cursor"], kept["length"], kept["epochs"]
        except FileNotFoundError:
            pass

    def save(self):
        text = json.dumps({"cursor": self.cursor, "length": self.length, "epochs": self.epochs})
        with open(self.path + ".new", "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(self.path + ".new", self.path)
        directory = os.open(os.path.dirname(os.path.abspath(self.path)), os.O_RDONLY)
        os.fsync(directory)
        os.close(directory)

    def check(self, event):
        """Whether the event proves itself and follows the last one of its epoch; words where it does not."""
        findings = []
        last, chain = self.epochs.get(event.epoch, (0, None))
        if event.proof == BROKEN:
            findings.append("was changed: its chain value does not fit")
        if event.sequence > last + 1:
            findings.append(f"events {last + 1} to {event.sequence - 1} before it are missing")
        elif event.sequence == last + 1 and None not in (chain, event.previous_chain) and chain != event.previous_chain:
            findings.append("does not follow the event before it: one of the two was exchanged")
        if event.sequence > last:
            self.epochs[event.epoch] = (event.sequence, event.chain)
        return [f"{event.source}#{event.id}: {words}" for words in findings]


class Output:
    """Where the events go. A file is cut back to the length that the state knows."""

    def __init__(self, path, form, length):
        self.form = form
        self.file = open(path, "ab") if path else None
        if self.file:
            size = self.file.seek(0, os.SEEK_END)
            if size < length or (length == 0 and size > 0):
                raise Refused(f"{path} is not what the state file was made for; name another file, or remove both")
            self.file.truncate(length)
        self.needs_header = form == "csv" and length == 0

    def write(self, events):
        text = io.StringIO(newline="")
        if self.form == "csv":
            rows = csv.writer(text)
            if self.needs_header:
                rows.writerow(COLUMNS)
            rows.writerows(row(event) for event in events)
        else:
            text.writelines(event.text + "\n" for event in events)
        self.needs_header = False
        data = text.getvalue().encode("utf-8")
        if self.file is None:
            sys.stdout.buffer.write(data)
            sys.stdout.flush()
            return 0
        self.file.write(data)
        self.file.flush()
        os.fsync(self.file.fileno())
        return self.file.seek(0, os.SEEK_END)


def row(event):
    members = event.data | {
        "device": event.device, "epoch": event.epoch, "sequence": event.sequence,
        "kind": event.type.split(".")[1], "time": event.time, "visit": event.data.get("visit", event.sequence),
    }
    # A spreadsheet would take a text that begins so for a formula, and run it.
    return ["'" + value if isinstance(value, str) and value[:1] in tuple("=+-@\t\r") and name != "boottime_ns" else value
            for name, value in ((name, members.get(name)) for name in COLUMNS)]


def fetch(options, kiosk, state, output):
    """Fetches for ever, or until there is nothing more. True: everything proved itself."""
    all_well, pause, confirmed = True, 1, None
    # Long polling only once everything has been read.
    wait = 0
    while True:
        try:
            body, headers = kiosk.ask("/v1/events", after=state.cursor, limit=options.limit, wait=wait)
            events = kiosk_events.read_batch(body)
            if events:
                if not headers["Kiosk-Cursor"]:
                    raise ValueError("the answer has no Kiosk-Cursor")
                for event in events:
                    for words in state.check(event):
                        all_well = False
                        print(words, file=sys.stderr)
                state.length = output.write(events)
                state.cursor = headers["Kiosk-Cursor"]
                state.save()
            if state.cursor and state.cursor != confirmed:
                # Only what is on our disk.
                kiosk.ask(f"/v1/consumers/{options.consumer}/cursor", {"cursor": state.cursor})
                confirmed = state.cursor
            if not events and options.once:
                return all_well
            pause, wait = 1, 0 if events else options.wait
        except (OSError, Refusal, ValueError) as error:
            # A random part of it, so that many who were cut off together do not come back together.
            seconds = getattr(error, "after", None) or random.uniform(0, pause)
            print(f"{options.url}: {error}; again in {seconds:.1f} s", file=sys.stderr)
            time.sleep(seconds)
            pause = min(pause * 2, LONGEST_PAUSE)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", required=True, help="the kiosk, without /v1")
    parser.add_argument("--consumer", required=True, metavar="NAME", help="our name, as the kiosk's configuration has it")
    parser.add_argument("--state", required=True, metavar="FILE", help="where it is noted how far we are; made if missing")
    parser.add_argument("--token-file", metavar="FILE", help="our token; command lines can be read by everybody")
    parser.add_argument("--certificate", nargs=2, metavar=("CERTIFICATE", "KEY"), help="or a client certificate")
    parser.add_argument("--ca", metavar="FILE", help="trust this CA only; without it, the system's")
    parser.add_argument("--format", choices=("jsonl", "csv"), default="jsonl", help="default: jsonl, a CloudEvent a line")
    parser.add_argument("--output", metavar="FILE", help="added to; without it, standard output")
    parser.add_argument("--limit", type=int, default=500, metavar="N", help="events in one answer, 1 to 500")
    parser.add_argument("--wait", type=int, default=30, metavar="S", help="how long the kiosk may wait for the next event")
    parser.add_argument("--once", action="store_true", help="end when there is nothing more")
    options = parser.parse_args()
    try:
        state = State(options.state)
        return 0 if fetch(options, Kiosk(options), state, Output(options.output, options.format, state.length)) else 3
    except Refused as error:
        print(f"pull.py: refused: {error}", file=sys.stderr)
        return 1
    except (KeyError, ValueError, OSError) as error:
        # Only reading files comes here; what goes wrong in the network is tried again.
        print(f"pull.py: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
