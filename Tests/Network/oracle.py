#!/usr/bin/env python3
"""Compares what a kiosk recorded with what a server has: is everything there, and nothing else?

    oracle.py --journal journal.json --store events.db [--journal …] [--expect N]

A journal is a file of `kioskctl journal export` (cloudevents or jsonl), or the kiosk's own `ratings.db`, or one that was
salvaged. The store is that of docs/examples/upstream/receiver.py, or a file of events, one CloudEvent a line.

Prints one line of JSON:

    recorded    distinct events in the journals
    distinct    distinct events at the server
    missing     recorded, but not at the server
    invented    at the server, but never recorded
    altered     at both, but a member that both have differs
    conflicts   events that came with two contents
    chains      events at the server whose chain value was delivered, and compared
    again       how often an event came once more: harmless

Ends with 0 when nothing is missing, invented, altered or in conflict, else with 3, and names the first of each.
"""

import argparse
import json
import pathlib
import sqlite3
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "docs/examples/upstream"))
import kiosk_events  # noqa: E402

NAMES = {"kind": kiosk_events.KINDS, "verdict": kiosk_events.VERDICTS, "clock_state": kiosk_events.CLOCKS}
COLUMNS = ("button", "survey", "survey_version", "question", "scale", "value", "code", "language", "rules_version",
           "replaces", "context", "detail", "visit", "boot", "wall_ms")


def read_only(path):
    return sqlite3.connect(f"file:{pathlib.Path(path).absolute()}?mode=ro", uri=True)


def is_database(path):
    with open(path, "rb") as file:
        return file.read(15) == b"SQLite format 3"


def recorded(path):
    """(source, epoch, sequence) and the facts of every event in a journal."""
    if not is_database(path):
        for event in exported(path):
            yield name_of(event), kiosk_events.facts(event)
        return
    database = read_only(path)
    database.row_factory = sqlite3.Row
    journal = database.execute("SELECT device, epoch FROM journal").fetchone()
    names = {column: {number: name for name, number in known.items()} for column, known in NAMES.items()}
    for row in database.execute("SELECT * FROM events"):
        data = {name: row[name] for name in COLUMNS if row[name] is not None}
        if row["verdict"] is not None:
            data["verdict"] = names["verdict"][row["verdict"]]
        data |= {"boottime_ns": str(row["boottime_ns"]), "clock": names["clock_state"][row["clock_state"]],
                 "chain": row["chain"].hex()}
        event = {"type": f"kiosk.{names['kind'][row['kind']]}.v1", "sequence": f"{row['seq']:019}", "data": data}
        time = kiosk_events.timestamp(row["wall_ms"])
        yield (f"/kiosks/{journal['device']}", journal["epoch"], row["seq"]), kiosk_events.facts(
            event | ({"time": time} if time else {}))


def exported(path):
    """The events of a file with one a line, as CloudEvents, in whichever of the two forms they are."""
    with open(path, encoding="utf-8") as file:
        for line in file:
            line = line.strip().rstrip(",")
            if line in ("[", "]", ""):
                continue
            event = json.loads(line)
            if "specversion" not in event:
                event = {
                    "id": f"{event['epoch']}-{event['sequence']}", "source": f"/kiosks/{event['device']}",
                    "type": f"kiosk.{event['kind']}.v1", "sequence": f"{event['sequence']:019}", "data": event,
                } | ({"time": event["time"]} if "time" in event else {})
            yield event


def name_of(event):
    epoch, sequence = event["id"].split("-")
    return event["source"], epoch, int(sequence)


def received(path):
    """Name, facts and number of deliveries of everything a server has, and the names of what came with two contents."""
    if not is_database(path):
        return [(name_of(event), kiosk_events.facts(event), 1) for event in exported(path)], []
    database = read_only(path)
    events = []
    for source, epoch, sequence, chain, deliveries, text in database.execute(
            "SELECT source, epoch, sequence, chain, deliveries, event FROM events"):
        facts = kiosk_events.facts(json.loads(text))
        # It may have come with a later delivery.
        events.append(((source, epoch, sequence), facts | ({"chain": chain} if chain else {}), deliveries))
    return events, database.execute("SELECT source, epoch, sequence FROM conflicts").fetchall()


def compare(journals, store):
    """The counts, and the first of what is wrong in words."""
    wanted = {}
    for journal in journals:
        wanted.update(recorded(journal))
    events, conflicts = received(store)
    found = {name: facts for name, facts, _ in events}
    again = sum(deliveries - 1 for _, _, deliveries in events) + len(events) - len(found)
    missing = sorted(wanted.keys() - found.keys())
    invented = sorted(found.keys() - wanted.keys())
    altered = sorted(
        name for name in wanted.keys() & found.keys()
        if any(wanted[name].get(member, value) != value for member, value in found[name].items()))
    counts = {
        "recorded": len(wanted), "distinct": len(found), "missing": len(missing), "invented": len(invented),
        "altered": len(altered), "conflicts": len(conflicts),
        "chains": sum("chain" in found[name] for name in wanted.keys() & found.keys()), "again": again,
    }
    words = [f"{what}: {source} {epoch}-{sequence}" for what, names in
             (("missing", missing), ("invented", invented), ("altered", altered), ("in conflict", conflicts))
             for source, epoch, sequence in names[:1]]
    return counts, words


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--journal", action="append", required=True, metavar="FILE")
    parser.add_argument("--store", required=True, metavar="FILE")
    parser.add_argument("--expect", type=int, metavar="N", help="so many events must have been recorded")
    options = parser.parse_args()
    counts, words = compare(options.journal, options.store)
    if options.expect is not None and counts["recorded"] != options.expect:
        words.append(f"{options.expect} recorded events were expected")
    print(json.dumps(counts))
    for line in words:
        print(line, file=sys.stderr)
    return 3 if words else 0


if __name__ == "__main__":
    sys.exit(main())
