"""Events: their form, and what their chain values prove."""

import json
import random
import time

import kiosk_events
import synthetic
from cases_descriptions import schema
from harness import NETWORK, ROOT, SEED, case, expect, expect_equal, journal, lines, oracle
from live_kiosk import LiveKiosk

KIOSK = NETWORK / "fixtures/exported.json"


MEMBERS = {*kiosk_events.OPTIONAL, *kiosk_events.PROVING, "boot", "clock", "previous_chain"}


def check_exported(text):
    """Every event of an export: the schema, nothing undescribed, and its chain value."""
    exported = schema("ExportedEvent")
    events = [json.loads(line) for line in text]
    for event in events:
        problems = list(exported.iter_errors(event))
        expect(not problems, f"{event['id']}: {problems[:1]}")
        beyond = event["data"].keys() - MEMBERS
        expect(not beyond, f"{event['id']} has members that nobody has described: {beyond}")
        proof = kiosk_events.read_event(json.loads(json.dumps(event)), json.dumps(event)).proof
        expect_equal(proof, kiosk_events.PROVEN, f"{event['id']}")
    rows = [(event["id"][:32], int(event["sequence"]), event["data"]["chain"], event["data"].get("previous_chain"),
             kiosk_events.PROVEN) for event in events]
    expect_equal(list(kiosk_events.walk(rows)), [], "findings along the chain")
    return events


@case("the chain values are those of docs/GUARANTEES.md")
def vectors(_):
    epoch = "00112233445566778899aabbccddeeff"
    genesis = kiosk_events.genesis("kiosk-1", epoch)
    expect_equal(genesis, "206b215037d4a1e6ae35f00d6960690ca8ae37681d4d2c68a71bfa96412e951c", "genesis")
    data = {"boot": 1, "boottime_ns": "5000000000", "wall_ms": 1_700_000_000_123, "clock": "unsynchronised", "visit": 1,
            "code": "boot", "detail": "0f0e"}
    expect_equal(kiosk_events.link(genesis, 1, "clock", data),
                 "360804d7b0918c061ec912866771f728027ba90a6dbc385002162f2c3777aa6c", "event 1")
    words = (ROOT / "docs/GUARANTEES.md").read_text("utf-8")
    expect(genesis in words, "docs/GUARANTEES.md names another genesis")


@case("events that a kiosk exported are as described, to the last member, and prove themselves")
def fixture(_):
    events = check_exported(lines(KIOSK))
    kinds = {event["type"] for event in events}
    return f"{len(events)} events of {len(kinds)} kinds"


@case("events of the kioskd that was built here are as described, and the journal says the same as its export")
def live(directory):
    with LiveKiosk(directory) as kiosk:
        kiosk.day(SEED)
    database, path = kiosk.state / "ratings.db", directory / "export.json"
    kiosk.export("jsonl", path)
    flat = oracle(database, path)
    kiosk.export("cloudevents", path)
    events = check_exported(lines(path))
    for found in (flat, oracle(database, path)):
        expect_equal((found["recorded"], found["chains"]), (len(events), len(events)), "events compared")
    kinds = {event["type"].split(".")[1] for event in events}
    expect_equal(kinds, set(kiosk_events.KINDS), "kinds")
    return f"{len(events)} events of {len(kinds)} kinds"


@case("invented journals are as described, exported and delivered, and prove themselves")
def invented(directory):
    events = check_exported(lines(journal(directory, 300, "--epochs", 1)))
    batch = schema("Batch")
    lean = [synthetic.delivered(event, number % 100 == 99) for number, event in enumerate(events)]
    for start in range(0, len(lean), 300):
        problems = list(batch.iter_errors(lean[start:start + 300]))
        expect(not problems, f"{problems[:1]}")
    for event, whole in zip(lean, events):
        expect_equal(kiosk_events.contradiction(event, whole), None, f"{whole['id']} in its two forms")
    kinds = {event["type"] for event in events}
    expect_equal(len(kinds), 10, "kinds")


@case("whatever single member of an exported event is changed, it shows")
def changed(_):
    other = {"boottime_ns": "7", "clock": "implausible", "verdict": "burst", "chain": "0" * 64, "previous_chain": "1" * 64,
             "genesis": "2" * 64}
    tried = 0
    for line in lines(KIOSK):
        event = json.loads(line)
        for name, value in event["data"].items():
            new = other.get(name, value + 1 if isinstance(value, int) else value + "x")
            new = "chord" if new == value else new
            for data in ({**event["data"], name: new}, {n: v for n, v in event["data"].items() if n != name}):
                tried += 1
                changed_event = {**event, "data": data}
                try:
                    proof = kiosk_events.read_event(changed_event, json.dumps(changed_event)).proof
                except kiosk_events.Refusal:
                    continue
                # Without them it cannot be told, which is no proof either.
                is_lean = name in kiosk_events.PROVING + ("previous_chain",) and name not in data
                wanted = kiosk_events.UNPROVEN if is_lean else kiosk_events.BROKEN
                expect_equal(proof, wanted, f"{event['id']} with {name} changed")
        for name, value in (("id", f"{'0' * 32}-{int(event['sequence'])}"), ("source", "/kiosks/other"),
                            ("type", "kiosk.answer.v1" if "answer" not in event["type"] else "kiosk.rating.v1")):
            tried += 1
            changed_event = {**event, name: value}
            try:
                proof = kiosk_events.read_event(changed_event, json.dumps(changed_event)).proof
            except kiosk_events.Refusal:
                continue
            expect_equal(proof, kiosk_events.BROKEN, f"{event['id']} with another {name}")
    return f"{tried} changes"


@case("batches that are mutated at random are taken or refused with words, and nothing else happens")
def mutated(_):
    chance = random.Random(SEED)
    whole = ("[" + ",".join(lines(KIOSK)) + "]").encode("utf-8")
    taken = refused = 0
    end = time.monotonic() + 10
    for _ in range(4_000):
        body = bytearray(whole)
        for _ in range(chance.choice((1, 1, 2, 8))):
            place = chance.randrange(len(body))
            deed = chance.randrange(4)
            if deed == 0:
                body[place] = chance.randrange(256)
            elif deed == 1:
                del body[place:place + chance.randrange(1, 200)]
            elif deed == 2:
                body[place:place] = bytes(body[chance.randrange(len(body)):][:chance.randrange(1, 100)])
            else:
                body[place:place] = chance.choice((
                    b'"\\ud800"', b"1e999", b"-0", b"NaN", b"[" * 3000, b"9" * 5000, b"null", b"\\u0000", b"{}", b"\xff",
                    b"true", b'""', b"1.5"))
        try:
            kiosk_events.read_batch(bytes(body))
            taken += 1
        except kiosk_events.Refusal as refusal:
            expect(refusal.status in (400, 413, 422) and refusal.detail, f"{refusal.status} {refusal.detail}")
            refused += 1
        if time.monotonic() > end:
            break
    expect(refused > 200 and taken > 2, f"{taken} taken, {refused} refused")
    return f"{taken} taken, {refused} refused"
