"""Events of a feedback kiosk: read from JSON, checked in form, and proven by their chain values.

The form is that of docs/openapi/events.yaml, delivered or exported; the bytes that a chain value is computed over are in
docs/GUARANTEES.md, "Canonical bytes". Nothing here touches a network or a file, so that it can be used in any server.
"""

import datetime
import functools
import hashlib
import json
import re
import struct
import typing

KINDS = {
    "rating": 1, "reason": 2, "answer": 3, "request": 4, "skip": 5,
    "activity": 6, "contact": 7, "clock": 8, "health": 9, "config": 10,
}
VERDICTS = {
    "counted": 1, "repeat": 2, "burst": 3, "chord": 4, "held": 5, "closed": 6, "superseded": 7, "service": 8,
    "passed-by": 9,
}
CLOCKS = {"implausible": 0, "unsynchronised": 1, "synchronised": 2}

# The optional members in the order of their bits in the canonical bytes.
OPTIONAL = (
    "button", "survey", "survey_version", "question", "scale", "value", "code", "language", "verdict",
    "rules_version", "replaces", "context", "detail",
)
TEXTS = ("button", "survey", "question", "scale", "code", "language", "context", "detail")
LOWEST = {
    "visit": 1, "boot": 1, "wall_ms": -(1 << 63), "survey_version": 1, "value": -(1 << 63), "rules_version": 0,
    "replaces": 1,
}
BASES = ("trusted", "anchored", "bounded")
NEEDED = ("boot", "clock")
# Without these an event cannot be checked by itself: delivered events have them not, exported ones do.
PROVING = ("visit", "boottime_ns", "wall_ms", "genesis", "chain")
NEEDED_BY_KIND = {
    "rating": ("button", "verdict", "rules_version"), "reason": ("button", "verdict", "rules_version"),
    "answer": ("button", "verdict", "rules_version"), "contact": ("button", "verdict", "rules_version"),
    "request": ("code",), "skip": ("code",), "activity": ("code",), "clock": ("code",), "health": ("code",),
    "config": ("code",),
}

LONGEST_TEXT = 65_536
LARGEST = (1 << 63) - 1
LONGEST_BATCH = 500

DEVICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
EVENT_ID = re.compile(r"([0-9a-f]{32})-([1-9][0-9]{0,18})")
SOURCE = re.compile(r"/kiosks/([A-Za-z0-9][A-Za-z0-9._-]{0,63})")
TYPE = re.compile(r"kiosk\.([a-z][a-z0-9-]{0,31})\.v([1-9][0-9]{0,2})")
TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
SEQUENCE = re.compile(r"[0-9]{19}")
NANOSECONDS = re.compile(r"-?[0-9]{1,19}")
CHAIN = re.compile(r"[0-9a-f]{64}")
OTHERS = (
    ("boottime_ns", NANOSECONDS), ("genesis", CHAIN), ("previous_chain", CHAIN), ("chain", CHAIN), ("time_earliest", TIME),
    ("time_latest", TIME),
)
EPOCH_START = datetime.datetime(1970, 1, 1)

# What a chain value says about its event.
PROVEN, UNPROVEN, BROKEN, UNKNOWN, UNCHECKED = "proven", "unproven", "broken", "unknown", "unchecked"


class Refusal(Exception):
    """Why a request or an event is not taken, in the words of the answer."""

    def __init__(self, status, code, detail, event=None, index=None, hint=None, headers=()):
        super().__init__(detail)
        self.status, self.code, self.detail, self.hint = status, code, detail, hint
        self.event, self.index, self.headers = event, index, dict(headers)


class Event(typing.NamedTuple):
    source: str
    device: str
    epoch: str
    sequence: int
    type: str
    # None for a kind or version that is not known here.
    kind: str | None
    chain: str | None
    previous_chain: str | None
    # "proven": the chain value fits. "unproven": not everything is there that it was computed over. "broken": it does not
    # fit. "unknown": a type that is not known here. "unchecked": nobody has looked.
    proof: str
    time: str | None
    data: dict
    # The event's JSON as it came.
    text: str

    @property
    def id(self):
        return f"{self.epoch}-{self.sequence}"


def refuse_constant(name):
    raise ValueError(f"{name} is not JSON")


DECODER = json.JSONDecoder(parse_constant=refuse_constant)
SPACE = re.compile(r"[ \t\r\n]*")


def read_json(body):
    """A whole JSON text in UTF-8."""
    try:
        text = body.decode("utf-8")
        value, end = DECODER.raw_decode(text, SPACE.match(text).end())
        if SPACE.match(text, end).end() != len(text):
            raise ValueError("something follows the JSON text")
        # A lone surrogate (\ud800) is no character and could be stored by nobody.
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise Refusal(400, "malformed", f"not JSON: {error}") from None
    return value


def read_batch(body, is_checked=True, most=LONGEST_BATCH):
    """The events of a CloudEvents JSON batch. The first one that is none of ours is named in the refusal. Not checked:
    only what names an event is looked at."""
    try:
        text = body.decode("utf-8")
    except ValueError as error:
        raise Refusal(400, "malformed", f"not UTF-8: {error}") from None
    events = []
    for index, (value, start, end) in enumerate(elements(text)):
        if index >= most:
            raise Refusal(413, "too-large", f"more than {most} events")
        try:
            events.append(read_event(value, text[start:end], is_checked))
        except Refusal as refusal:
            refusal.index = index
            identifier = value.get("id") if isinstance(value, dict) else None
            if isinstance(identifier, str) and EVENT_ID.fullmatch(identifier):
                refusal.event = identifier
            raise
    return events


def elements(text):
    """The elements of a JSON array with their places in the text, so that each can be kept as it came."""
    def skip(place):
        return SPACE.match(text, place).end()

    place = skip(0)
    if text[place:place + 1] != "[":
        raise Refusal(400, "malformed", "not a JSON array")
    place = skip(place + 1)
    first = True
    while text[place:place + 1] != "]":
        if not first:
            if text[place:place + 1] != ",":
                raise Refusal(400, "malformed", f"no comma or ] at character {place}")
            place = skip(place + 1)
        first = False
        try:
            value, end = DECODER.raw_decode(text, place)
        except (ValueError, RecursionError) as error:
            raise Refusal(400, "malformed", f"not JSON: {error}") from None
        yield value, place, end
        place = skip(end)
    if skip(place + 1) != len(text):
        raise Refusal(400, "malformed", "something follows the array")


def read_event(value, text, is_checked=True):
    """Checks one event, a parsed JSON value, against docs/openapi/events.yaml."""
    if not isinstance(value, dict):
        raise Refusal(400, "malformed", "an event is a JSON object")
    identity = matched(value, "id", EVENT_ID)
    source = matched(value, "source", SOURCE)
    kind_and_version = matched(value, "type", TYPE)
    written = matched(value, "sequence", SEQUENCE).group()
    if value.get("specversion") != "1.0":
        raise Refusal(400, "malformed", "specversion must be 1.0")
    if value.get("datacontenttype", "application/json") != "application/json":
        raise Refusal(400, "malformed", "datacontenttype must be application/json")
    if "time" in value:
        matched(value, "time", TIME)
    data = value.get("data")
    if not isinstance(data, dict):
        raise Refusal(400, "malformed", "data must be a JSON object")
    if "\\u" in text:
        # A lone surrogate (\ud800) is no character: nobody could store it.
        try:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
        except ValueError:
            raise Refusal(400, "malformed", "a text holds half a character") from None
    sequence = int(identity.group(2))
    if sequence > LARGEST:
        raise Refusal(400, "malformed", "the sequence number in id is too large")
    if int(written) != sequence:
        raise Refusal(422, "contradiction", f"sequence {written} is not the number in id, {sequence}")

    kind = kind_and_version.group(1)
    known = kind in KINDS and kind_and_version.group(2) == "1"
    device, epoch = source.group(1), identity.group(1)
    proven, chain, previous = UNKNOWN, None, None
    if known and is_checked:
        check_data(kind, data)
        # Of a clock that nobody vouched for, `time` tells what was worked out.
        if data["clock"] == "synchronised" and "wall_ms" in data and value.get("time") != timestamp(data["wall_ms"]):
            raise Refusal(422, "contradiction", f"time {value.get('time')} is not the moment of wall_ms")
        proven = proof(device, epoch, sequence, kind, data)
        chain, previous = data.get("chain"), data.get("previous_chain")
    elif known:
        proven = UNCHECKED
        chain, previous = (str(data[name]) if name in data else None for name in ("chain", "previous_chain"))
    return Event(source.group(), device, epoch, sequence, kind_and_version.group(), kind if known else None, chain,
                 previous, proven, value.get("time"), data, text)


def matched(value, name, pattern):
    text = value.get(name)
    match = pattern.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise Refusal(400, "malformed", f"{name} is missing, or not as it must be")
    return match


def check_data(kind, data):
    """Whether the members of `data` are what this kind has. Members that nobody knows are passed over."""
    for name in NEEDED + NEEDED_BY_KIND.get(kind, ()):
        if name not in data:
            raise Refusal(400, "malformed", f"data.{name} is missing")
    for name, lowest in LOWEST.items():
        if name in data:
            number = data[name] = whole(data[name])
            if number is None or not lowest <= number <= LARGEST:
                raise Refusal(400, "malformed", f"data.{name} must be a whole number from {lowest} to {LARGEST}")
    for name in TEXTS:
        text = data.get(name, "")
        if not isinstance(text, str) or len(text) > LONGEST_TEXT:
            raise Refusal(400, "malformed", f"data.{name} must be a text of at most {LONGEST_TEXT} characters")
    if not isinstance(data["clock"], str) or data["clock"] not in CLOCKS:
        raise Refusal(400, "malformed", "data.clock is none of " + ", ".join(CLOCKS))
    verdict = data.get("verdict", "counted")
    if not isinstance(verdict, str) or verdict not in VERDICTS:
        raise Refusal(400, "malformed", "data.verdict is none of " + ", ".join(VERDICTS))
    if data.get("time_basis", "trusted") not in BASES:
        raise Refusal(400, "malformed", "data.time_basis is none of " + ", ".join(BASES))
    for name, pattern in OTHERS:
        if name in data:
            matched(data, name, pattern)
    if not -LARGEST - 1 <= int(data.get("boottime_ns", 0)) <= LARGEST:
        raise Refusal(400, "malformed", "data.boottime_ns is too large")


def whole(number):
    """A number of JSON as an int; None for what is none. JSON knows no difference between 7 and 7.0."""
    if type(number) is int:
        return number
    return int(number) if type(number) is float and number.is_integer() else None


def timestamp(milliseconds):
    """The `time` of an event; None beyond the years 1 to 9999."""
    try:
        moment = EPOCH_START + datetime.timedelta(milliseconds=milliseconds)
    except OverflowError:
        return None
    return moment.isoformat(timespec="milliseconds") + "Z"


# MARK: the chain

@functools.lru_cache(maxsize=10_000)
def genesis(device, epoch):
    """What the chain of an epoch begins with, as hexadecimal digits."""
    return hashlib.sha256(
        b"feedback-kiosk journal genesis v1\0" + counted(device) + counted(epoch)).hexdigest()


def counted(text):
    encoded = text.encode("utf-8")
    return struct.pack(">I", len(encoded)) + encoded


def canonical_bytes(sequence, kind, data):
    """The bytes of an event that its chain value is computed over, version 1."""
    present, fields = 0, []
    for bit, name in enumerate(OPTIONAL):
        value = data.get(name)
        if value is None:
            continue
        present |= 1 << bit
        if name == "verdict":
            value = VERDICTS[value]
        fields.append(counted(value) if isinstance(value, str) else struct.pack(">q", value))
    return struct.pack(
        ">BqqqqqqqH", 1, sequence, data["boot"], KINDS[kind], int(data["boottime_ns"]), data["wall_ms"],
        CLOCKS[data["clock"]], data["visit"], present) + b"".join(fields)


def link(previous, sequence, kind, data):
    """The chain value of an event that follows the one with the value `previous`, as hexadecimal digits."""
    return hashlib.sha256(bytes.fromhex(previous) + canonical_bytes(sequence, kind, data)).hexdigest()


def proof(device, epoch, sequence, kind, data):
    if data.get("genesis", genesis(device, epoch)) != genesis(device, epoch):
        return BROKEN
    previous = data.get("previous_chain")
    if previous is None or any(name not in data for name in PROVING):
        return UNPROVEN
    if sequence == 1 and previous != data["genesis"]:
        return BROKEN
    return PROVEN if link(previous, sequence, kind, data) == data["chain"] else BROKEN


def facts(event):
    """What an event says that is the same whenever and in whichever form it comes: members by their names. `event` is the
    parsed JSON of one that is known here."""
    data = event["data"]
    told = {name: data.get(name) for name in OPTIONAL} | {
        "type": event["type"], "visit": data.get("visit", int(event["sequence"])), "boot": data.get("boot"),
        "clock": data.get("clock"),
    }
    told |= {name: data[name] for name in ("boottime_ns", "wall_ms", "genesis", "previous_chain", "chain") if name in data}
    if told["clock"] == "synchronised":
        # Then it is a stamp; else it may be known better each time.
        told["time"] = event.get("time")
    return told


def contradiction(one, other):
    """The name of the first member in which two deliveries of an event contradict each other; None: in none."""
    if TYPE.fullmatch(one["type"]).group(1) not in KINDS or not one["type"].endswith(".v1"):
        return None if one == other else "data"
    one, other = facts(one), facts(other)
    return next((name for name in one if name in other and one[name] != other[name]), None)


def walk(events):
    """Goes through events of one device in the order of epoch and number, and tells what is not as it should be: pairs of
    an event's id and words. `events` are (epoch, sequence, chain, previous_chain, proof)."""
    last_epoch = last_sequence = last_chain = None
    for epoch, sequence, chain, previous, proven in events:
        name = f"{epoch}-{sequence}"
        before = last_sequence if epoch == last_epoch else 0
        if proven == BROKEN:
            yield name, "was changed: its chain value does not fit"
        if sequence > before + 1:
            yield name, f"events {before + 1} to {sequence - 1} before it are missing"
        elif epoch == last_epoch and None not in (previous, last_chain) and previous != last_chain:
            yield name, "does not follow the event before it: one of the two was exchanged"
        last_epoch, last_sequence, last_chain = epoch, sequence, chain
