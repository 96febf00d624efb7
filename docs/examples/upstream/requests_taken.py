"""The form of the requests other than batches, as docs/openapi/upstream.yaml has it."""

import re

import kiosk_events
from kiosk_events import Refusal

PEM = r"(?=[\s\S]{{80,{1}}}\Z)-----BEGIN {0}-----\r?\n[A-Za-z0-9+/=\r\n]+-----END {0}-----\s*"
DEVICE = kiosk_events.DEVICE.pattern
VERSION = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"


def text(most):
    return r"[\s\S]{0," + str(most) + "}"


# Each member with its form, the pattern of a whole text or a type, and whether it is needed.
ROTATION = {
    "request_id": (r"[0-9a-f]{32}", True),
    "public_key": (PEM.format("PUBLIC KEY", 2000), True),
    "certificate_request": (PEM.format("CERTIFICATE REQUEST", 8000), False),
}
ENROLMENT = ROTATION | {
    "claim_code": (r"[0-9A-Za-z-]{8,64}", True), "device": (DEVICE, False), "software": (text(100), False),
    "board": (text(100), False),
}
REPORT = {
    "version": (VERSION, True), "outcome": (r"applied|refused", True), "fingerprint": (r"[0-9a-f]{16}", False),
    "problems": (list, False),
}
PROBLEM = {
    "file": (text(200), False), "line": (int, False), "column": (int, False), "message": (text(2000), True),
    "hint": (text(2000), False),
}
DECOMMISSIONING = {
    "reason": (text(1000), False), "last_event": (kiosk_events.EVENT_ID.pattern, False),
    "last_chain": (kiosk_events.CHAIN.pattern, False),
}


def check(value, members, place="the body"):
    """Whether a JSON value has the members that it must have. Those that nobody knows are passed over."""
    if not isinstance(value, dict):
        raise Refusal(400, "malformed", f"{place} must be a JSON object")
    for name, (form, needed) in members.items():
        if name not in value:
            if needed:
                raise Refusal(400, "malformed", f"{name} is missing in {place}")
            continue
        member = value[name]
        if isinstance(form, str):
            fits = isinstance(member, str) and re.fullmatch(form, member)
        elif form is int:
            number = kiosk_events.whole(member)
            fits = number is not None and 1 <= number <= 1_000_000
        else:
            fits = isinstance(member, list) and len(member) <= 50
        if not fits:
            raise Refusal(400, "malformed", f"{name} in {place} is not as it must be")
    return value
