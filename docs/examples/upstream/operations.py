"""What a server of docs/openapi/upstream.yaml does, a function for each operation."""

import json
import threading
import time

import kiosk_events
from certificates import Issuer
from http_service import Handler, Service
from kiosk_events import Refusal
from misbehaviour import Misbehaviour
from requests_taken import DECOMMISSIONING, ENROLMENT, PROBLEM, REPORT, ROTATION, check
from store import digest, fingerprint

BATCH_BYTES = 8 << 20
REQUEST_BYTES = 64 << 10
OVERLAP_SECONDS = 7 * 86_400


class Receiver(Service):
    """`options` are those of `receiver.py serve`."""

    def __init__(self, options, store, context):
        self.options, self.store = options, store
        self.issuer = Issuer(*options.issue or ())
        self.misbehaviour = Misbehaviour(options.misbehave, options.script, options.seed)
        self.lock = threading.Lock()
        self.totals = {"batches": 0, "events": 0, "new": 0, "again": 0, "conflicts": 0, "refused": 0}
        # When wrong claim codes came, by address.
        self.wrong_codes = {}
        super().__init__(options.listen, Operations, context, options.prefix, options.quiet, options.patience)

    def count(self, **numbers):
        with self.lock:
            for name, number in numbers.items():
                self.totals[name] += number

    def may_try_code(self, address, was_wrong=False):
        now = time.monotonic()
        with self.lock:
            recent = [moment for moment in self.wrong_codes.pop(address, []) if moment > now - 60]
            if was_wrong:
                recent.append(now)
            if recent:
                self.wrong_codes[address] = recent
            return len(recent) < self.options.enrolment_attempts


class Operations(Handler):
    ROUTES = [
        (r"/v1/events", {"POST": "receive"}),
        (r"/v1/enrolments", {"POST": "enrol"}),
        (r"/v1/devices/([^/]+)/credentials", {"POST": "rotate"}),
        (r"/v1/devices/([^/]+)/configuration", {"GET": "configuration"}),
        (r"/v1/devices/([^/]+)/configuration/report", {"PUT": "report"}),
        (r"/v1/devices/([^/]+)/decommission", {"POST": "decommission"}),
    ]

    def receive(self):
        device, offered = self.known_device()
        body = self.body("application/cloudevents-batch+json", BATCH_BYTES)
        options, misbehaviour = self.server.options, self.server.misbehaviour
        with self.server.lock:
            deed, value = misbehaviour.next()
        if misbehaviour.before(self, deed, value):
            return
        events = kiosk_events.read_batch(body, not options.unchecked, options.most_events)
        source = f"/kiosks/{device}"
        for index, event in enumerate(events):
            if event.source != source:
                raise Refusal(403, "wrong-device", f"{event.source} was sent by {device}", event.id, index)
        events, times = misbehaviour.instead(deed, value, events)
        for _ in range(times):
            new, again, conflicts = self.server.store.take(source, events)
            self.server.count(batches=1, events=len(events), new=new, again=again, conflicts=conflicts)
        # Only now: everything is on disk.
        answer = {"acked": events[-1].id} if events else {}
        if offered:
            answer["configuration"] = {"version": offered}
        if not misbehaviour.after(self, deed, value, answer):
            self.send(200, answer)

    def enrol(self):
        address = self.client_address[0]
        if not self.server.may_try_code(address):
            raise Refusal(429, "too-many-requests", "too many wrong claim codes", headers={"Retry-After": "60"})
        request = self.json_body(ENROLMENT)
        try:
            answer, is_new = self.server.store.enrol(request, self.server.issuer)
        except Refusal as refusal:
            if refusal.status == 403:
                self.server.may_try_code(address, was_wrong=True)
            raise
        self.send(201 if is_new else 200, answer)

    def rotate(self, named):
        device, _ = self.known_device(named)
        request = self.json_body(ROTATION)
        answer, is_new = self.server.store.rotate(device, request, self.server.issuer, OVERLAP_SECONDS)
        self.send(201 if is_new else 200, answer)

    def configuration(self, named):
        device, _ = self.known_device(named)
        found = self.server.store.configuration(device)
        if found is None:
            raise Refusal(404, "no-configuration", f"nothing is on offer to {device}")
        version, content = found
        tag = f'"{version}"'
        if self.headers.get("If-None-Match") == tag:
            return self.send(304, headers={"ETag": tag})
        self.send(200, json.loads(content), headers={"ETag": tag})

    def report(self, named):
        device, _ = self.known_device(named)
        report = self.json_body(REPORT)
        for place, problem in enumerate(report.get("problems", [])):
            check(problem, PROBLEM, f"problem {place}")
        self.server.store.report(device, report)
        self.send(204)

    def decommission(self, named):
        device, _ = self.known_device(named, may_be_gone=True)
        self.server.store.decommission(device, self.json_body(DECOMMISSIONING))
        self.send(204)

    # MARK: what they share

    def known_device(self, named=None, may_be_gone=False):
        """Who asks, by token or certificate, and the configuration it has not reported on. `named` is the device in the
        path, which must be the same."""
        device = None
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        certificate = self.connection.getpeercert(binary_form=True) if self.server.context else None
        if scheme.lower() == "bearer":
            device = self.server.store.device_of(digest("token", token.strip()))
        elif certificate:
            device = self.server.store.device_of(fingerprint(certificate))
            if device is None and self.server.options.accept_common_name:
                device = common_name(self.connection.getpeercert())
        record = self.server.store.device(device)
        if record is None:
            raise Refusal(401, "unauthorized", "no token or certificate of a device that is known here",
                          hint="enrol the device with a claim code", headers={"WWW-Authenticate": "Bearer"})
        offered, gone_since = record
        if named is not None and named != device:
            raise Refusal(403, "wrong-device", f"this token or certificate belongs to {device}")
        if gone_since and not may_be_gone:
            raise Refusal(403, "decommissioned", f"{device} was taken out of service at {gone_since}")
        return device, offered

    def json_body(self, members):
        return check(kiosk_events.read_json(self.body("application/json", REQUEST_BYTES)), members)

    def refuse(self, refusal):
        self.server.count(refused=1)
        super().refuse(refusal)


def common_name(certificate):
    for part in (certificate or {}).get("subject", ()):
        for name, value in part:
            if name == "commonName":
                return value
    return None
