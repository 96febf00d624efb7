#!/usr/bin/env python3
"""Makes journals of events as a kiosk would write them, as large as wanted and the same for the same seed.

    synthetic.py --events 10000 [--device NAME] [--seed N] [--epochs N] > journal.cloudevents.json

The bytes are those of the module `Wire` (docs/WIRE.md): the order of members, no white space, one event a line.
"""

import argparse
import hashlib
import json
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "docs/examples/upstream"))
import kiosk_events  # noqa: E402

# After `boot`, one of each kind, so that a short journal has all; then by chance.
FIRST = (0, 0, 0.8, 0.85, 0.9, 0.95, 0.965, 0.975, 0.985, 0.992, 0.997)
FACES = ("very-unhappy", "unhappy", "neutral", "happy", "very-happy")
ORDER = ("visit", *kiosk_events.OPTIONAL, "boot", "boottime_ns", "wall_ms", "clock", "genesis", "previous_chain", "chain")


def events(count, device="kiosk-test", seed=1, epochs=1):
    """Yields the JSON text of each event, `count` in all."""
    chance = random.Random(seed)
    for number in range(epochs):
        epoch = hashlib.sha256(f"{device} {seed} {number}".encode()).hexdigest()[:32]
        yield from one_epoch(chance, device, epoch, count // epochs + (number < count % epochs))


def one_epoch(chance, device, epoch, count):
    boot, now, since_boot = 1, 1_795_000_000_000, 5_000_000_000
    genesis = previous = kiosk_events.genesis(device, epoch)
    visit = 1
    for sequence in range(1, count + 1):
        passed = chance.randint(200, 60_000)
        now, since_boot = now + passed, since_boot + passed * 1_000_000
        if sequence > 1 and chance.random() < 0.001:
            boot, since_boot = boot + 1, 5_000_000_000
        kind, members = content(chance, sequence, since_boot)
        if kind != "rating" and members.get("verdict"):
            members["visit"] = visit
        visit = members.setdefault("visit", sequence)
        data = members | {
            "boot": boot, "boottime_ns": str(since_boot), "wall_ms": now,
            "clock": "synchronised" if sequence > 3 else "unsynchronised", "genesis": genesis, "previous_chain": previous,
        }
        previous = data["chain"] = kiosk_events.link(previous, sequence, kind, data)
        yield json.dumps({
            "specversion": "1.0", "id": f"{epoch}-{sequence}", "source": f"/kiosks/{device}", "type": f"kiosk.{kind}.v1",
            "time": kiosk_events.timestamp(now), "sequence": f"{sequence:019}", "datacontenttype": "application/json",
            "data": {name: data[name] for name in ORDER if name in data},
        }, ensure_ascii=False, separators=(",", ":"))


def content(chance, sequence, since_boot):
    """A kind, and the members that say what happened."""
    judged = {"verdict": "counted", "rules_version": 2}
    survey = {"survey": "loyalty", "survey_version": 3}
    throw = FIRST[sequence - 1] if sequence <= len(FIRST) else chance.random()
    if since_boot == 5_000_000_000 or sequence == 1:
        return "clock", {"code": "boot", "detail": f"{chance.getrandbits(128):032x}"}
    if throw < 0.70:
        value = chance.choices(range(1, 6), (5, 6, 10, 30, 49))[0]
        members = survey | judged | {"button": FACES[value - 1], "question": "overall", "scale": "faces-5", "value": value}
        if chance.random() < 0.1:
            members["verdict"] = chance.choice(list(kiosk_events.VERDICTS))
        if chance.random() < 0.03 and sequence > 2:
            members["replaces"] = sequence - 1
        if chance.random() < 0.1:
            members["context"] = f"employee=e{chance.randint(1, 9)};service_point=till-{chance.randint(1, 4)}"
        return "rating", members
    if throw < 0.82:
        members = {"button": "slow", "question": "why", "value": chance.randint(1, 6), "language": "de"}
        return "reason", survey | judged | members
    if throw < 0.88:
        return "answer", survey | judged | {"button": "happy", "question": "tidy", "scale": "ces2-7", "value": 6}
    if throw < 0.92:
        return "skip", survey | {"question": "why", "code": "timeout"}
    if throw < 0.96:
        return "contact", judged | {"button": "door"}
    if throw < 0.97:
        after = chance.randint(5_000, 600_000)
        return "request", {"button": "staff-here", "code": "closed", "value": after, "detail": "call"}
    if throw < 0.98:
        return "activity", {"button": "seller-1", "code": "start", "context": "seller=anna-7"}
    if throw < 0.99:
        return "clock", {"code": "anchor"}
    if throw < 0.995:
        # A quotation mark, a line feed and letters that are no ASCII.
        return "health", {"code": "output-failed", "detail": 'lamp "grün"\nis dark'}
    return "config", {"survey": "loyalty", "survey_version": 3, "code": "loaded", "detail": "d4f2805af0b17f22"}


def delivered(event, carries_chain):
    """The event, parsed, as a kiosk delivers it: without what a server can do without (docs/WIRE.md)."""
    data = dict(event["data"])
    is_trusted = data["clock"] == "synchronised"
    left_out = {"genesis", "previous_chain"}
    if data["visit"] == int(event["sequence"]):
        left_out.add("visit")
    if is_trusted and not event["type"].startswith("kiosk.clock."):
        left_out.add("boottime_ns")
    if is_trusted and "time" in event:
        left_out.add("wall_ms")
    if not carries_chain:
        left_out.add("chain")
    lean = {name: value for name, value in event.items() if name != "datacontenttype"}
    return lean | {"data": {name: value for name, value in data.items() if name not in left_out}}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, required=True)
    parser.add_argument("--device", default="kiosk-test")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=1)
    options = parser.parse_args()
    print("[")
    comma = ""
    for text in events(options.events, options.device, options.seed, options.epochs):
        print(f"{comma}{text}", end="")
        comma = ",\n"
    print("\n]")


if __name__ == "__main__":
    main()
