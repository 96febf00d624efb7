"""Reads ratings.db as anybody may, and proves its chain by a second, independent reading of the format laid down in
docs/GUARANTEES.md: what the daemon hashes wrongly it cannot confirm here."""

import hashlib
import os
import sqlite3
import struct

from case import CaseFailed, expect, expect_equal

# EventKind and Verdict in Sources/Feedback.
RATING = 1
HEALTH = 9
CONFIGURATION = 10
COUNTED = 1

# Optional fields of an event in the order of its canonical bytes.
OPTIONAL = ["button", "survey", "survey_version", "question", "scale", "value", "code", "language", "verdict",
            "rules_version", "replaces", "context", "detail"]


def rows(state, where="1"):
    """Events as dictionaries, in the order of their sequence numbers; none while there is no journal yet."""
    path = f"{state}/ratings.db"
    if not os.path.exists(path):
        return []
    try:
        return _select(path, f"SELECT * FROM events WHERE {where} ORDER BY seq")
    except sqlite3.OperationalError as error:
        if "no such table" in str(error) or "unable to open" in str(error):
            return []
        raise


def expect_sound(state):
    """Numbers without a gap from 1, the chain right from the first event to the last; returns all events."""
    events = rows(state)
    expect_equal([event["seq"] for event in events], list(range(1, len(events) + 1)), "sequence numbers")
    (about,) = _select(f"{state}/ratings.db", "SELECT device, epoch, genesis FROM journal")
    chain = hashlib.sha256(
        b"feedback-kiosk journal genesis v1\0" + _text(about["device"]) + _text(about["epoch"])).digest()
    expect_equal(about["genesis"], chain, "first chain value")
    for event in events:
        chain = hashlib.sha256(chain + _canonical_bytes(event)).digest()
        if event["chain"] != chain:
            raise CaseFailed(f"the chain breaks at event {event['seq']}")
    return events


def epoch(state):
    return _select(f"{state}/ratings.db", "SELECT epoch FROM journal")[0]["epoch"]


def _select(path, statement):
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
    database.row_factory = sqlite3.Row
    try:
        return [dict(row) for row in database.execute(statement)]
    finally:
        database.close()


def _text(text):
    data = text.encode()
    return struct.pack(">I", len(data)) + data


def _canonical_bytes(event):
    data = struct.pack(">B7q", 1, event["seq"], event["boot"], event["kind"], event["boottime_ns"], event["wall_ms"],
                       event["clock_state"], event["visit"])
    present = 0
    fields = b""
    for bit, name in enumerate(OPTIONAL):
        value = event[name]
        if value is None:
            continue
        present |= 1 << bit
        fields += _text(value) if isinstance(value, str) else struct.pack(">q", value)
    return data + struct.pack(">H", present) + fields


def counted(events):
    """Buttons of the ratings that count, in order: a later event may have withdrawn one."""
    withdrawn = {event["replaces"] for event in events if event["replaces"] is not None}
    return [event["button"] for event in events
            if event["kind"] == RATING and event["verdict"] == COUNTED and event["seq"] not in withdrawn]
