#!/usr/bin/env python3
"""A server that kiosks push their events to: the reference for docs/openapi/upstream.yaml.

    receiver.py serve --store events.db --listen 127.0.0.1:8480 --token kiosk-demo=try-this-token
    receiver.py code --store events.db --device kiosk-0042
    receiver.py devices --store events.db

Needs Python 3.11 or later and nothing else. It shows what a server must do and is used by the kiosk's own tests; for a
fleet, take something with more behind it. docs/UPSTREAM.md tells how to write one.
"""

import argparse
import itertools
import json
import pathlib
import re
import secrets
import signal
import sqlite3
import sys
import threading
import time
import tomllib

import audit
import kiosk_events
from http_service import server_context
from kiosk_events import Refusal
from misbehaviour import NAMES
from operations import Receiver
from store import Store

# Without the letters that look like digits.
CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def serve(options, store):
    for pair in options.token:
        store.add_token(*pair)
    context = server_context(*options.tls, options.client_ca) if options.tls else None
    server = Receiver(options, store, context)
    # Waited for, not handled: a handler could come while the thread it interrupts holds the lock that it needs.
    ends = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"listening on {server.url}", flush=True)
    signal.sigwait(ends)
    server.shutdown()
    print(json.dumps(server.totals | {"misbehaved": server.misbehaviour.counts}), flush=True)


def code(options, store):
    letters = "".join(secrets.choice(CODE_LETTERS) for _ in range(12))
    text = "-".join([letters[:4], letters[4:8], letters[8:]])
    store.add_code(text, options.device, options.touchpoint, options.valid * 3_600)
    print(text)


def offer(options, store):
    surveys = []
    for path in map(pathlib.Path, options.file):
        text = path.read_text("utf-8")
        surveys.append({"name": tomllib.loads(text).get("name", path.stem), "toml": text})
    content = {"version": options.version, "survey": options.survey, "scheduled": options.scheduled, "surveys": surveys}
    store.offer(options.device, content)
    print(f"{options.version} is on offer to {options.device}")


def devices(options, store):
    for name, touchpoint, gone, offered, outcome, events, again, last in store.overview():
        print(f"{name}: {events} events, {again} of them came again, last {last or 'never'}"
              + (f", at {touchpoint}" if touchpoint else "")
              + (f", configuration {offered} {outcome or 'on offer'}" if offered else "")
              + (f", out of service since {gone}" if gone else ""))


def verify(options, store):
    count = 0
    findings = audit.findings(store)
    if options.export:
        findings = itertools.chain(findings, audit.against_export(store, open(options.export, encoding="utf-8")))
    for name, words in findings:
        count += 1
        print(f"{name}: {words}")
    if count == 0:
        print("nothing is missing, changed or exchanged"
              + ("" if options.export else ", as far as shows without the journal"))
    return 3 if count else 0


def export(options, store):
    for text in store.export():
        print(text)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)

    def command(function, words):
        made = commands.add_parser(function.__name__, help=words, description=words)
        made.set_defaults(function=function)
        made.add_argument("--store", default="events.db", metavar="FILE", help="the SQLite file (default: events.db)")
        return made

    def pair(text):
        device, equals, token = text.partition("=")
        if not equals or not kiosk_events.DEVICE.fullmatch(device) or not re.fullmatch(r"[!-~]{1,4096}", token):
            raise argparse.ArgumentTypeError("write DEVICE=TOKEN")
        return device, token

    made = command(serve, "Receive events until interrupted; then print the totals.")
    made.add_argument("--listen", default="127.0.0.1:8480", metavar="HOST:PORT", help="port 0: any free one")
    made.add_argument("--prefix", default="", metavar="PATH", help="what stands before /v1")
    made.add_argument("--token", action="append", default=[], type=pair, metavar="DEVICE=TOKEN",
                      help="a device that is known without enrolment; may be given again")
    made.add_argument("--tls", nargs=2, metavar=("CERTIFICATE", "KEY"), help="serve HTTPS, with these PEM files")
    made.add_argument("--client-ca", metavar="FILE", help="take client certificates that this CA has issued")
    made.add_argument("--accept-common-name", action="store_true",
                      help="also certificates not issued here: the common name is the device")
    made.add_argument("--issue", nargs=2, metavar=("CERTIFICATE", "KEY"),
                      help="issue device certificates with this CA; needs the program openssl 3")
    made.add_argument("--enrolment-attempts", type=int, default=10, metavar="N",
                      help="wrong claim codes that an address may try in a minute (default: 10)")
    made.add_argument("--patience", type=float, default=30, metavar="S", help="a client that is silent so long is cut off")
    made.add_argument("--most-events", type=int, default=kiosk_events.LONGEST_BATCH, metavar="N",
                      help="take no more at once; fewer than the default is against the contract, for tests")
    made.add_argument("--unchecked", action="store_true",
                      help="store events without a look at their content and chain values: faster; verify looks then")
    made.add_argument("--quiet", action="store_true", help="do not log requests")
    made.add_argument("--misbehave", action="append", default=[], metavar="WHAT[=VALUE][@PROBABILITY]",
                      help="for tests, may be given again: " + "; ".join(f"{n}: {w}" for n, w in NAMES.items()))
    made.add_argument("--script", default="", metavar="WHAT,WHAT,…", help="so for one batch after the other; ok: not")
    made.add_argument("--seed", type=int, default=1, metavar="N", help="for the probabilities (default: 1)")

    made = command(code, "Make a one-time claim code and print it.")
    made.add_argument("--device", metavar="NAME", help="the name that the device gets; without it, what it wants")
    made.add_argument("--touchpoint", metavar="NAME", help="where it stands")
    made.add_argument("--valid", type=float, default=72, metavar="HOURS", help="default: 72")

    made = command(offer, "Offer surveys to a device.")
    made.add_argument("--device", required=True, metavar="NAME")
    made.add_argument("--version", required=True, metavar="NAME", help="a new one for each content")
    made.add_argument("--survey", required=True, metavar="NAME", help="what is asked when no other is in its time")
    made.add_argument("--scheduled", action="append", default=[], metavar="NAME", help="asked in its time; may be given again")
    made.add_argument("file", nargs="+", help="survey files (docs/CONFIGURATION.md)")

    command(devices, "List the devices, how much they have delivered and what became of their configuration.")
    made = command(verify, "Go through all events: changed, exchanged, missing between two others, contradicting.")
    made.add_argument("--export", metavar="FILE",
                      help="hold them against the kiosk's own journal: kioskctl journal export --format cloudevents")
    command(export, "Print all events, one CloudEvent a line, in the order in which they came.")

    options = parser.parse_args()
    try:
        return options.function(options, Store(options.store, time.time))
    except (Refusal, ValueError, OSError, sqlite3.Error) as error:
        print(f"receiver.py: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
