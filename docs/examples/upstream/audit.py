"""Looks for what is not as it should be in what was delivered. Each finding is an event's name and words."""

import itertools
import json

import kiosk_events
from kiosk_events import BROKEN, UNCHECKED, Refusal


def findings(store):
    """What shows by itself: gaps, events that were changed or exchanged, and those that came with two contents."""
    for source, rows in itertools.groupby(store.stored(), key=lambda row: row[0]):
        for name, words in kiosk_events.walk(looked_at(*row[1:]) for row in rows):
            yield f"{source}#{name}", words
    for source, epoch, sequence in store.conflicts():
        yield f"{source}#{epoch}-{sequence}", "came a second time with another content"


def looked_at(epoch, sequence, chain, previous, proof, text):
    """What nobody checked when it came is checked now."""
    if proof == UNCHECKED:
        try:
            proof = kiosk_events.read_event(json.loads(text), text).proof
        except Refusal:
            proof = BROKEN
    return epoch, sequence, chain, previous, proof


def against_export(store, lines):
    """What shows with an export of the kiosk's journal in hand (`kioskctl journal export --format cloudevents`): whether the
    export proves itself, and whether everything that was delivered is in it as it was delivered. The chain values noted
    at delivery are what makes it a proof: whoever changes the journal afterwards cannot change these."""
    newest = {}
    last = None
    for event in read_export(lines):
        name = (event.source, event.epoch, event.sequence)
        spelled = f"{event.source}#{event.id}"
        newest[name[:2]] = event.sequence
        if event.proof == BROKEN:
            yield spelled, "of the export was changed: its chain value does not fit"
        if last and last.epoch == event.epoch:
            if event.sequence != last.sequence + 1:
                yield spelled, f"of the export does not follow event {last.sequence}"
            elif event.previous_chain not in (None, last.chain):
                yield spelled, "of the export does not follow the event before it: one of the two was exchanged"
        last = event
        known = store.event(*name)
        if known is None:
            # Not delivered yet; if it were between others, it would show without the export.
            continue
        text, chain = known
        differs = kiosk_events.contradiction(json.loads(event.text), json.loads(text))
        if chain not in (None, event.chain):
            differs = "chain"
        if differs:
            yield spelled, f"was delivered with another {differs}"
    for source, epoch, sequence, *_ in store.stored():
        if sequence > newest.get((source, epoch), sequence):
            yield f"{source}#{epoch}-{sequence}", "was delivered, and the export ends before it"


def read_export(lines):
    for line in lines:
        text = line.strip().rstrip(",")
        if text not in ("[", "]", ""):
            yield kiosk_events.read_event(json.loads(text), text)
