"""Where the reference receiver keeps what it was sent: one SQLite file.

Events are kept by (source, epoch, sequence), so that a batch that comes twice changes nothing. What contradicts an event
that is here already is kept beside it (`conflicts`), for it is evidence of a journal that was changed or put back.
"""

import base64
import datetime
import hashlib
import hmac
import json
import secrets
import sqlite3
import ssl
import threading

import kiosk_events
from kiosk_events import Refusal

SCHEMA = """
CREATE TABLE IF NOT EXISTS secret (one INTEGER PRIMARY KEY CHECK (one = 1), value BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS devices (
  name TEXT PRIMARY KEY, touchpoint TEXT, software TEXT, board TEXT, public_key TEXT, enrolled_at TEXT NOT NULL,
  offered TEXT, decommissioned_at TEXT, reason TEXT, last_event TEXT, last_chain TEXT) STRICT;
CREATE TABLE IF NOT EXISTS claim_codes (
  hash TEXT PRIMARY KEY, device TEXT, touchpoint TEXT, expires REAL NOT NULL, request_id TEXT) STRICT;
CREATE TABLE IF NOT EXISTS requests (
  id TEXT PRIMARY KEY, device TEXT NOT NULL, purpose TEXT NOT NULL, public_key TEXT NOT NULL, certificate TEXT,
  previous_valid_until REAL) STRICT;
CREATE TABLE IF NOT EXISTS credentials (hash TEXT PRIMARY KEY, device TEXT NOT NULL, expires REAL) STRICT;
CREATE TABLE IF NOT EXISTS configurations (
  device TEXT NOT NULL, version TEXT NOT NULL, content TEXT NOT NULL, outcome TEXT, report TEXT,
  PRIMARY KEY (device, version)) STRICT;
CREATE TABLE IF NOT EXISTS events (
  arrival INTEGER PRIMARY KEY, source TEXT NOT NULL, epoch TEXT NOT NULL, sequence INTEGER NOT NULL, type TEXT NOT NULL,
  chain TEXT, previous_chain TEXT, proof TEXT NOT NULL, deliveries INTEGER NOT NULL, received_at TEXT NOT NULL,
  event TEXT NOT NULL, UNIQUE (source, epoch, sequence)) STRICT;
CREATE TABLE IF NOT EXISTS conflicts (
  source TEXT NOT NULL, epoch TEXT NOT NULL, sequence INTEGER NOT NULL, received_at TEXT NOT NULL, event TEXT NOT NULL,
  UNIQUE (source, epoch, sequence, event)) STRICT;
"""


def moment(seconds=None):
    now = datetime.datetime.now(datetime.timezone.utc)
    if seconds is not None:
        now = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return now.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def digest(kind, text):
    """What is kept of a token or a claim code: who reads the file can use neither."""
    return hashlib.sha256(f"{kind}\0{text}".encode("utf-8")).hexdigest()


def fingerprint(certificate):
    """How a certificate, in DER, is known."""
    return digest("certificate", hashlib.sha256(certificate).hexdigest())


def plain_code(code):
    """A claim code without what people add or leave out."""
    return code.replace("-", "").upper()


class Store:
    """One connection for all threads; each method is one transaction, on disk when it returns."""

    def __init__(self, path, clock):
        self.clock = clock
        self.lock = threading.Lock()
        self.database = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=10)
        self.database.execute("PRAGMA journal_mode = WAL")
        # An event is acknowledged when this returns: it must survive a power cut.
        self.database.execute("PRAGMA synchronous = FULL")
        with self:
            for statement in SCHEMA.split(";\n"):
                self.database.execute(statement)
            self.database.execute("INSERT OR IGNORE INTO secret VALUES (1, ?)", [secrets.token_bytes(32)])

    def __enter__(self):
        self.lock.acquire()
        try:
            self.database.execute("BEGIN IMMEDIATE")
        except BaseException:
            self.lock.release()
            raise
        return self

    def __exit__(self, kind, *_):
        try:
            self.database.execute("COMMIT" if kind is None else "ROLLBACK")
        finally:
            self.lock.release()

    def one(self, query, *values):
        return self.database.execute(query, values).fetchone()

    # MARK: events

    def take(self, source, events):
        """Keeps the events of one batch, all of one source."""
        with self:
            here = {}
            for epoch in {event.epoch for event in events}:
                numbers = [event.sequence for event in events if event.epoch == epoch]
                rows = self.database.execute(
                    "SELECT sequence, event FROM events WHERE source = ? AND epoch = ? AND sequence IN "
                    f"({','.join('?' * len(numbers))})", [source, epoch, *numbers])
                here.update({(epoch, sequence): text for sequence, text in rows})
            new, again, conflicts = [], [], []
            now = moment()
            for event in events:
                name = (event.epoch, event.sequence)
                text = here.setdefault(name, event.text)
                # The very same object: nothing of that name was there before.
                if text is event.text:
                    new.append((source, *name, event.type, event.chain, event.previous_chain, event.proof, now, text))
                elif text == event.text or not kiosk_events.contradiction(json.loads(text), json.loads(event.text)):
                    again.append((event.chain, event.previous_chain, source, *name))
                else:
                    conflicts.append((source, *name, now, event.text))
            self.database.executemany("INSERT INTO events VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?)", new)
            self.database.executemany(
                "UPDATE events SET deliveries = deliveries + 1, chain = coalesce(chain, ?), "
                "previous_chain = coalesce(previous_chain, ?) WHERE source = ? AND epoch = ? AND sequence = ?", again)
            self.database.executemany("INSERT OR IGNORE INTO conflicts VALUES (?, ?, ?, ?, ?)", conflicts)
        return len(new), len(again), len(conflicts)

    def stored(self):
        """All events in the order of source, epoch and number: (source, epoch, sequence, chain, previous_chain, proof,
        event)."""
        last = ("", "", 0)
        while True:
            with self:
                rows = self.database.execute(
                    "SELECT source, epoch, sequence, chain, previous_chain, proof, event FROM events "
                    "WHERE (source, epoch, sequence) > (?, ?, ?) ORDER BY source, epoch, sequence LIMIT 1000",
                    last).fetchall()
            if not rows:
                return
            last = rows[-1][:3]
            yield from rows

    def event(self, source, epoch, sequence):
        """An event's JSON and the chain value that was noted with it; None: it is not here."""
        with self:
            return self.one("SELECT event, chain FROM events WHERE source = ? AND epoch = ? AND sequence = ?",
                            source, epoch, sequence)

    def conflicts(self):
        with self:
            return self.database.execute("SELECT source, epoch, sequence FROM conflicts").fetchall()

    # MARK: devices

    def add_code(self, code, device, touchpoint, seconds):
        with self:
            self.database.execute(
                "INSERT INTO claim_codes VALUES (?, ?, ?, ?, NULL)",
                [digest("claim code", plain_code(code)), device, touchpoint, self.clock() + seconds])

    def enrol(self, request, certify):
        """Answers an enrolment. `certify` makes a certificate for a name, or returns None. Returns the answer and whether
        it is the first."""
        with self:
            code = self.one("SELECT hash, device, touchpoint, expires, request_id FROM claim_codes WHERE hash = ?",
                            digest("claim code", plain_code(request["claim_code"])))
            if code is None:
                raise Refusal(403, "claim-code-unknown", "there is no such claim code", hint="compare it letter by letter")
            key, code_device, touchpoint, expires, used_by = code
            if used_by is not None:
                answer = self.repeated(request, "enrolment") if used_by == request["request_id"] else None
                if answer is None:
                    raise Refusal(409, "claim-code-used", "this claim code has been used", hint="ask for another one")
                return self.enrolled(answer), False
            if expires < self.clock():
                raise Refusal(403, "claim-code-expired", f"this claim code was valid until {moment(expires)}",
                              hint="ask for another one; is the server's clock right?")
            wanted = request.get("device")
            if code_device and wanted not in (None, code_device):
                raise Refusal(409, "device-name-differs", f"this claim code is for the device {code_device}")
            device = code_device or wanted or "kiosk-" + secrets.token_hex(4)
            existing = self.one("SELECT decommissioned_at FROM devices WHERE name = ?", device)
            # A code that was made for the name lets new hardware take its place.
            if existing and not code_device:
                raise Refusal(409, "device-name-taken", f"there is a device {device} already", hint="choose another name")
            self.refuse_known(request)
            certificate = certify(device, request)
            self.database.execute("DELETE FROM credentials WHERE device = ?", [device])
            self.database.execute(
                "INSERT INTO devices (name, touchpoint, software, board, public_key, enrolled_at) "
                "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET touchpoint = excluded.touchpoint, "
                "software = excluded.software, board = excluded.board, public_key = excluded.public_key, "
                "enrolled_at = excluded.enrolled_at, decommissioned_at = NULL",
                [device, touchpoint, request.get("software"), request.get("board"), request["public_key"], moment()])
            self.database.execute("UPDATE claim_codes SET request_id = ? WHERE hash = ?", [request["request_id"], key])
            return self.enrolled(self.credentials(device, request, "enrolment", certificate, None)), True

    def rotate(self, device, request, certify, overlap):
        with self:
            answer = self.repeated(request, "rotation", device)
            if answer is not None:
                return answer, False
            self.refuse_known(request)
            certificate = certify(device, request)
            until = self.clock() + overlap
            self.database.execute(
                "UPDATE credentials SET expires = min(coalesce(expires, ?), ?) WHERE device = ?", [until, until, device])
            self.database.execute("UPDATE devices SET public_key = ? WHERE name = ?", [request["public_key"], device])
            return self.credentials(device, request, "rotation", certificate, until), True

    def refuse_known(self, request):
        if self.one("SELECT 1 FROM requests WHERE id = ?", request["request_id"]):
            raise Refusal(409, "request-id-used", "this request_id was used for something else",
                          hint="make a new one for each enrolment and each rotation")

    def repeated(self, request, purpose, device=None):
        """The answer to a request that was answered before; None when it is another one."""
        row = self.one("SELECT device, public_key, certificate, previous_valid_until FROM requests "
                       "WHERE id = ? AND purpose = ?", request["request_id"], purpose)
        if row is None or row[1] != request["public_key"] or device not in (None, row[0]):
            return None
        return self.answer(row[0], request, purpose, row[2], row[3])

    def credentials(self, device, request, purpose, certificate, until):
        self.database.execute(
            "INSERT INTO requests VALUES (?, ?, ?, ?, ?, ?)",
            [request["request_id"], device, purpose, request["public_key"], certificate, until])
        answer = self.answer(device, request, purpose, certificate, until)
        known = [digest("token", answer["token"])]
        if certificate:
            known.append(fingerprint(ssl.PEM_cert_to_DER_cert(certificate)))
        self.database.executemany("INSERT INTO credentials VALUES (?, ?, NULL)", [(hash, device) for hash in known])
        return answer

    def answer(self, device, request, purpose, certificate, until):
        # Worked out and not kept: the same request gets the same token, and the file holds none.
        (secret,) = self.one("SELECT value FROM secret")
        words = "\0".join([purpose, device, request["request_id"], request["public_key"]])
        token = hmac.digest(secret, words.encode("utf-8"), "sha256")
        answer = {"device": device, "token": base64.urlsafe_b64encode(token).decode().rstrip("=")}
        if certificate:
            answer["certificate"] = certificate
        if until is not None:
            answer["previous_valid_until"] = moment(until)
        return answer

    def enrolled(self, answer):
        touchpoint, offered = self.one("SELECT touchpoint, offered FROM devices WHERE name = ?", answer["device"])
        if touchpoint:
            answer["touchpoint"] = touchpoint
        if offered:
            answer["configuration"] = {"version": offered}
        return answer

    def add_token(self, device, token):
        """A device that is known without enrolment."""
        with self:
            self.database.execute("INSERT OR IGNORE INTO devices (name, enrolled_at) VALUES (?, ?)", [device, moment()])
            self.database.execute("INSERT OR REPLACE INTO credentials VALUES (?, ?, NULL)",
                                  [digest("token", token), device])

    def device_of(self, credential):
        """Whose token or certificate that is, by its digest."""
        with self:
            row = self.one("SELECT device, expires FROM credentials WHERE hash = ?", credential)
            return None if row is None or (row[1] is not None and row[1] < self.clock()) else row[0]

    def device(self, name):
        """(configuration on offer unless the device has reported on it, when it was decommissioned); None: unknown."""
        with self:
            return self.one(
                "SELECT CASE WHEN outcome IS NULL THEN offered END, decommissioned_at FROM devices "
                "LEFT JOIN configurations ON device = name AND version = offered WHERE name = ?", name)

    def decommission(self, device, request):
        with self:
            self.database.execute(
                "UPDATE devices SET decommissioned_at = ?, reason = ?, last_event = ?, last_chain = ? "
                "WHERE name = ? AND decommissioned_at IS NULL",
                [moment(), request.get("reason"), request.get("last_event"), request.get("last_chain"), device])

    # MARK: configurations

    def offer(self, device, content):
        with self:
            if not self.one("SELECT 1 FROM devices WHERE name = ?", device):
                raise Refusal(404, "not-found", f"there is no device {device}")
            text = json.dumps(content, ensure_ascii=False)
            known = self.one("SELECT content FROM configurations WHERE device = ? AND version = ?",
                             device, content["version"])
            if known and known[0] != text:
                raise Refusal(409, "version-used", f"version {content['version']} has another content: take a new one")
            self.database.execute("INSERT OR IGNORE INTO configurations VALUES (?, ?, ?, NULL, NULL)",
                                  [device, content["version"], text])
            self.database.execute("UPDATE devices SET offered = ? WHERE name = ?", [content["version"], device])

    def configuration(self, device):
        """Version and content on offer; None: none."""
        with self:
            return self.one("SELECT version, content FROM configurations JOIN devices ON device = name "
                            "AND version = offered WHERE device = ?", device)

    def report(self, device, report):
        with self:
            changed = self.database.execute(
                "UPDATE configurations SET outcome = ?, report = ? WHERE device = ? AND version = ?",
                [report["outcome"], json.dumps(report, ensure_ascii=False), device, report["version"]])
            if changed.rowcount == 0:
                raise Refusal(404, "no-configuration", f"version {report['version']} was never on offer to {device}")

    # MARK: for people

    def overview(self):
        with self:
            return self.database.execute(
                "SELECT d.name, d.touchpoint, d.decommissioned_at, d.offered, c.outcome, count(e.arrival), "
                "coalesce(sum(e.deliveries - 1), 0), max(e.received_at) FROM devices d "
                "LEFT JOIN configurations c ON c.device = d.name AND c.version = d.offered "
                "LEFT JOIN events e ON e.source = '/kiosks/' || d.name GROUP BY d.name ORDER BY d.name").fetchall()

    def export(self):
        """All events as they came, in the order of arrival, in portions so that nobody waits for the reader."""
        last = 0
        while True:
            with self:
                rows = self.database.execute(
                    "SELECT arrival, event FROM events WHERE arrival > ? ORDER BY arrival LIMIT 1000", [last]).fetchall()
            if not rows:
                return
            last = rows[-1][0]
            yield from (text for _, text in rows)
