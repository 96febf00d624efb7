"""The reference receiver, operation by operation, and what it does with requests that are not as they should be."""

import datetime
import gzip
import json
import re
import secrets

import kiosk_events
import synthetic
from cases_descriptions import schema
from harness import (EXAMPLES, NETWORK, ROOT, TOKEN, Client, admin, case, client_context, device_key, expect, expect_equal,
                     journal, lines, make_ca, make_certificate, openssl, receiver, run)

KIOSK = NETWORK / "fixtures/exported.json"
SURVEYS = sorted((ROOT / "docs/examples/simulated-five-faces/surveys").glob("*.toml"))


def events(count, **options):
    return [json.loads(text) for text in synthetic.events(count, **options)]


def conforms(value, name):
    problems = list(schema(name, "upstream.yaml").iter_errors(value))
    expect(not problems, f"{name}: {problems[:1]}")
    return value


def enrolment(code, public_key, **members):
    return {"claim_code": code, "request_id": secrets.token_hex(16), "public_key": public_key} | members


def head(*more):
    """The beginning of a push, to be sent byte by byte."""
    return "\r\n".join(("POST /v1/events HTTP/1.1", "Host: x", f"Authorization: Bearer {TOKEN}",
                        "Content-Type: application/cloudevents-batch+json", *more, "", "")).encode()


def expect_refusal(answer, status, code):
    expect_equal((answer[0], (answer[2] or {}).get("code")), (status, code), "refusal")
    problems = list(schema("Problem").iter_errors(answer[2]))
    expect(not problems, f"{problems[:1]}")
    return answer[2]


@case("a batch is taken packed, unpacked and in chunks, and the same batch again changes nothing")
def taken(directory):
    with receiver(directory) as server:
        client = Client(server.address)
        batch = events(40)
        last = batch[-1]["id"]
        lean = [synthetic.delivered(event, number == 40) for number, event in enumerate(batch, 1)]
        for body, options in ((batch, {}), (batch, {"pack": True}), (lean, {"pack": True}), (lean, {})):
            status, _, answer = client.push(body, **options)
            expect_equal((status, conforms(answer, "Acknowledgement")), (200, {"acked": last}), "answer")
        pieces = json.dumps(batch).encode("utf-8")
        pieces = [pieces[start:start + 1000] for start in range(0, len(pieces), 1000)]
        chunked = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
        expect(client.raw(head("Transfer-Encoding: chunked") + chunked + b"0\r\n\r\n").startswith(b"HTTP/1.1 200"), "chunks are not taken")
        expect_equal(client.push([])[2], {}, "answer to an empty batch")
        totals = server.end()
    expect_equal((totals["new"], totals["again"], totals["conflicts"]), (40, 160, 0), "new, again, in conflict")
    text = admin(directory, "export")
    expect_equal([json.loads(line)["id"] for line in text.splitlines()], [event["id"] for event in batch], "what is stored")
    expect(admin(directory, "verify").startswith("nothing is missing"), "verify finds something")


@case("what is not as described is refused with its code, the event is named, and nothing of the batch is stored")
def refused(directory):
    good = events(3)

    def bad(**changes):
        event = json.loads(json.dumps(good[2]))
        for name, value in changes.items():
            target = event["data"] if name.startswith("data_") else event
            target[name.removeprefix("data_")] = value
        return [*good[:2], event]

    with receiver(directory) as server:
        client = Client(server.address)
        other = Client(server.address, "another token")
        expect_refusal(other.push(good), 401, "unauthorized")
        expect_refusal(Client(server.address, None).push(good), 401, "unauthorized")
        expect_refusal(client.push(events(3, device="other")), 403, "wrong-device")
        for batch, status, code in (
                (bad(specversion="2.0"), 400, "malformed"), (bad(id="1"), 400, "malformed"),
                (bad(source="kiosk"), 400, "malformed"), (bad(type="x"), 400, "malformed"), (bad(data=7), 400, "malformed"),
                (bad(sequence="0000000000000000004"), 422, "contradiction"), (bad(data_boot=0), 400, "malformed"),
                (bad(data_boot=True), 400, "malformed"), (bad(data_clock="wrong"), 400, "malformed"),
                (bad(data_verdict="good"), 400, "malformed"), (bad(data_chain="12"), 400, "malformed"),
                (bad(data_boottime_ns="9" * 19), 400, "malformed"), (bad(data_wall_ms=1 << 63), 400, "malformed"),
                (bad(time="yesterday"), 400, "malformed"), (bad(data_time_basis="guess"), 400, "malformed")):
            problem = expect_refusal(client.push(batch), status, code)
            expect_equal(problem["index"], 2, f"the place of the bad event in {batch[2]}")
        trusted = events(8)
        trusted[7]["time"] = "2020-01-01T00:00:00.000Z"
        problem = expect_refusal(client.push(trusted), 422, "contradiction")
        expect_equal((problem["event"], problem["index"]), (trusted[7]["id"], 7), "the event named")
        for body, status, code in (
                (b"", 400, "malformed"), (b"{}", 400, "malformed"), (b"[", 400, "malformed"), (b"[1]", 400, "malformed"),
                (b"[] []", 400, "malformed"), (b"[NaN]", 400, "malformed"), (b"\xff", 400, "malformed"),
                (b"[" * 100_000, 400, "malformed"), (b"[" + b"9" * 10_000 + b"]", 400, "malformed"),
                (b"[" + b",".join([json.dumps(good[0]).encode()] * 501) + b"]", 413, "too-large"),
                (b"[" + b" " * (8 << 20) + b"]", 413, "too-large")):
            expect_refusal(client.push(body), status, code)
        bomb = gzip.compress(b"[" + b" " * (20 << 20) + b"]")
        packed = {"Content-Encoding": "gzip"}
        expect_refusal(client.push(bomb, packed), 413, "too-large")
        expect_refusal(client.push(gzip.compress(b"[]")[:-3], packed), 400, "malformed")
        expect_refusal(client.push(gzip.compress(b"[]") + b"x", packed), 400, "malformed")
        expect_refusal(client.push(b"[]", packed), 400, "malformed")
        expect_refusal(client.push(b"[]", {"Content-Encoding": "br"}), 415, "unsupported-media-type")
        expect_refusal(client.ask("POST", "/v1/events", b"[]"), 415, "unsupported-media-type")
        expect_refusal(client.ask("GET", "/v1/events"), 405, "method-not-allowed")
        expect_refusal(client.ask("POST", "/v2/events", b"[]"), 404, "not-found")
        expect_refusal(client.ask("GET", "/v1/" + "x" * 70_000), 414, "uri-too-long")
        many = {f"X-{number}": "y" for number in range(200)}
        expect_refusal(client.ask("GET", "/v1/events", headers=many), 431, "headers-too-large")
        totals = server.end()
    expect_equal((totals["events"], totals["new"]), (0, 0), "events stored")


@case("what is no HTTP, half a request, or two requests in one leaves the receiver as it was")
def torn(directory):
    batch = json.dumps(events(1)).encode()
    with receiver(directory, "--patience", "1") as server:
        client = Client(server.address)
        for data, begins in (
                (b"", b""), (b"\r\n\r\n", b""), (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b""),
                (b"GARBAGE\r\n\r\n", b"HTTP/1.1 400"), (b"GET / HTTP/9.9\r\n\r\n", b"HTTP/1.1 400"),
                (b"GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n", b"HTTP/1.1 400"),
                (head("Content-Length: 100000") + batch, b""),
                (head("Content-Length: -1") + batch, b"HTTP/1.1 400"),
                (head("Content-Length: 1e3") + batch, b"HTTP/1.1 400"),
                (head(f"Content-Length: {len(batch)}", "Transfer-Encoding: chunked") + batch, b"HTTP/1.1 400"),
                (head(f"Content-Length: {len(batch)}", "Content-Length: 3") + batch, b"HTTP/1.1 400"),
                (head("Transfer-Encoding: gzip") + batch, b"HTTP/1.1 400"),
                (head("Transfer-Encoding: chunked") + b"zz\r\n", b"HTTP/1.1 400"),
                (head("Transfer-Encoding: chunked") + b"ffffffff\r\n", b"HTTP/1.1 413"),
                (head("Transfer-Encoding: chunked") + b"2\r\n[]]\r\n0\r\n\r\n", b"HTTP/1.1 400")):
            answer = client.raw(data)
            well = answer.startswith(begins) if begins else not answer.startswith(b"HTTP/1.1 2")
            expect(well, f"{data!r}: {answer[:200]!r}")
        # Who says nothing more is told so.
        for silent in (head("Content-Length: 10") + b"[", head("Transfer-Encoding: chunked")):
            expect(client.raw(silent, is_over=False).startswith(b"HTTP/1.1 408"), "silence is not told")
        # A body that nobody asked for is not the next request.
        hidden = b"GET /v1/hidden HTTP/1.1\r\nHost: x\r\n\r\n"
        answer = client.raw(b"GET /v1/nothing HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (len(hidden), hidden))
        expect_equal(answer.count(b"HTTP/1.1 "), 1, "answers")
        # Two requests in one go are two.
        one = head(f"Content-Length: {len(batch)}") + batch
        expect_equal(client.raw(one + one).count(b"HTTP/1.1 200"), 2, "answers")
        totals = server.end()
    expect_equal((totals["new"], totals["again"]), (1, 1), "events stored")


@case("an event that is unknown, broken or contradicts an earlier one is kept, and shows")
def kept(directory):
    batch = events(30)
    unknown = [json.loads(json.dumps(event)) for event in batch[10:12]]
    unknown[0]["type"], unknown[0]["data"] = "kiosk.weather.v1", {"sun": True}
    unknown[1]["type"] = "kiosk.rating.v2"
    broken = json.loads(json.dumps(batch[5]))
    broken["data"]["detail"] = "changed"
    path = directory / "export.json"
    path.write_text("\n".join(json.dumps(event) for event in batch), "utf-8")
    with receiver(directory) as server:
        client = Client(server.address)
        expect_equal(client.push([*batch[:5], broken, *batch[6:10]])[0], 200, "status for a broken event")
        expect_equal(client.push([batch[5]])[0], 200, "status for one that contradicts it")
        expect_equal(client.push(unknown)[0], 200, "status for unknown ones")
        expect_equal(client.push(batch[20:])[0], 200, "status after a gap")
        expect_equal(server.end()["conflicts"], 1, "conflicts")
    name = "/kiosks/kiosk-test#" + batch[0]["id"][:32]
    found = admin(directory, "verify", status=3).splitlines()
    expect_equal(found, [
        f"{name}-6: was changed: its chain value does not fit",
        f"{name}-21: events 13 to 20 before it are missing",
        f"{name}-6: came a second time with another content"], "findings")
    found = admin(directory, "verify", "--export", path, status=3)
    expect(f"{name}-6: was delivered with another detail" in found, found)
    expect_equal(len(admin(directory, "export").splitlines()), 22, "events stored")


@case("a journal that was changed after delivery shows by the chain values noted at delivery, however well it was done")
def noted(directory):
    batch = events(300)
    with receiver(directory) as server:
        client = Client(server.address)
        for start in range(0, 300, 100):
            lean = [synthetic.delivered(event, number == 99) for number, event in enumerate(batch[start:start + 100])]
            expect_equal(client.push(lean, pack=True)[0], 200, "status")
    path = directory / "export.json"

    def verify(exported, status):
        path.write_text("\n".join(json.dumps(event, ensure_ascii=False) for event in exported), "utf-8")
        return admin(directory, "verify", "--export", path, status=status)

    verify(batch, 0)
    # Somebody turns a bad rating into a good one and computes every later chain value anew. `boottime_ns` is not delivered,
    # so only the chain value can tell.
    for members in ({"value": 5}, {"boottime_ns": "1234"}):
        forged = json.loads(json.dumps(batch))
        place = next(n for n, event in enumerate(forged) if n > 120 and event["data"].get("value") == 1
                     and event["type"] == "kiosk.rating.v1")
        forged[place]["data"] |= members
        previous = forged[place]["data"]["previous_chain"]
        for event in forged[place:]:
            event["data"]["previous_chain"] = previous
            previous = event["data"]["chain"] = kiosk_events.link(
                previous, int(event["sequence"]), event["type"].split(".")[1], event["data"])
        expect(all(kiosk_events.read_event(event, json.dumps(event)).proof == "proven" for event in forged), "badly forged")
        found = verify(forged, 3)
        expect("was delivered with another chain" in found, found)
        expect(("another value" in found) == ("value" in members), found)
    # Or takes the newest ones away, or one in the middle.
    expect("the export ends before it" in verify(batch[:250], 3), "missing newest events do not show")
    expect("does not follow event 150" in verify(batch[:150] + batch[151:], 3), "a missing event does not show")


@case("a claim code enrols one device; a wrong, a used and an expired one are told apart; a lost answer is had again")
def enrolled(directory):
    _, public = device_key(directory)
    _, public_other = device_key(directory, "other")
    with receiver(directory, "--enrolment-attempts", "3") as server:
        client = Client(server.address, None)

        def enrol(request):
            return client.ask("POST", "/v1/enrolments", request)

        code = admin(directory, "code", "--device", "kiosk-0042", "--touchpoint", "checkout-1")
        request = enrolment(code, public, software="test")
        status, _, answer = enrol(request)
        expect_equal((status, answer["device"], answer["touchpoint"]), (201, "kiosk-0042", "checkout-1"), "enrolled")
        conforms(answer, "Enrolled")
        expect_equal(enrol(request)[::2], (200, answer), "the same request again")
        as_written = request | {"claim_code": code.lower().replace("-", "")}
        expect_equal(enrol(as_written)[2], answer, "the code as people write it")
        expect_refusal(enrol(enrolment(code, public)), 409, "claim-code-used")
        expect_refusal(enrol(request | {"public_key": public_other}), 409, "claim-code-used")
        device = Client(server.address, answer["token"])
        expect_equal(device.push(events(2, device="kiosk-0042"))[0], 200, "push with the token")
        expect_refusal(device.push(events(2)), 403, "wrong-device")

        expired = admin(directory, "code", "--device", "kiosk-0043", "--valid", "0")
        expect_refusal(enrol(enrolment(expired, public)), 403, "claim-code-expired")
        free = admin(directory, "code")
        expect_refusal(enrol(enrolment(free, public, device="kiosk-0042")), 409, "device-name-taken")
        named = admin(directory, "code", "--device", "kiosk-0044")
        expect_refusal(enrol(enrolment(named, public, device="kiosk-0045")), 409, "device-name-differs")
        unusable = "-----BEGIN PUBLIC KEY-----\n" + "A" * 80 + "\n-----END PUBLIC KEY-----\n"
        expect_refusal(enrol(enrolment(named, unusable)), 422, "key-unusable")
        expect_refusal(enrol(enrolment(named, "key")), 400, "malformed")
        # None of these has used a code up.
        for code, name in ((free, "kiosk-0050"), (named, "kiosk-0044")):
            expect_equal(enrol(enrolment(code, public, device=name))[0], 201, f"enrolment of {name}")
        own = enrol(enrolment(admin(directory, "code"), public))[2]["device"]
        expect(re.fullmatch("kiosk-[0-9a-f]{8}", own), f"the server's own name is {own}")

        # New hardware takes the place of the old, whose token is worth nothing then.
        again = admin(directory, "code", "--device", "kiosk-0042")
        _, _, new = enrol(enrolment(again, public_other))
        expect_refusal(device.push([]), 401, "unauthorized")
        successor = Client(server.address, new["token"])
        expect_equal(successor.push(events(3, device="kiosk-0042"))[0], 200, "push of the new one")

        for _ in range(2):
            expect_refusal(enrol(enrolment("0000-0000-0000", public)), 403, "claim-code-unknown")
        answer = enrol(enrolment("0000-0000-0000", public))
        expect_refusal(answer, 429, "too-many-requests")
        expect(int(answer[1]["Retry-After"]) > 0, "no Retry-After")
    overview = admin(directory, "devices")
    expect("kiosk-0042: 3 events, 2 of them came again" in overview, overview)


@case("with TLS, a device gets a certificate for its own key, delivers with it, exchanges it and is taken out of service")
def certified(directory):
    ca = make_ca(directory)
    server_files = make_certificate(directory, ca, "server", "127.0.0.1")
    key, public = device_key(directory)

    def request_for(key):

        return openssl("req", "-new", "-key", key, "-subj", "/CN=whatever")

    with receiver(directory, "--tls", *server_files, "--client-ca", ca[0], "--issue", *ca) as server:
        plain = Client(server.address, None, client_context(ca[0]))
        code = admin(directory, "code", "--device", "kiosk-0042")
        other_key, other_public = device_key(directory, "other")
        mixed = enrolment(code, other_public, certificate_request=request_for(key))
        expect_refusal(plain.ask("POST", "/v1/enrolments", mixed), 422, "key-unusable")
        request = enrolment(code, public, certificate_request=request_for(key))
        status, _, answer = plain.ask("POST", "/v1/enrolments", request)
        expect_equal((status, conforms(answer, "Enrolled")["device"]), (201, "kiosk-0042"), "enrolled")
        expect_equal(plain.ask("POST", "/v1/enrolments", request)[::2], (200, answer), "the same again, with its certificate")

        def holder(answer, key, name):
            path = directory / name
            path.write_text(answer["certificate"])
            return Client(server.address, None, client_context(ca[0], path, key))

        first = holder(answer, key, "first.pem")
        expect_equal(first.push(events(2, device="kiosk-0042"))[0], 200, "push with the certificate")
        expect_refusal(plain.push([]), 401, "unauthorized")
        # A certificate of the same authority that this server has not given out.
        files = make_certificate(directory, ca, "stranger", "kiosk-0042")
        stranger = Client(server.address, None, client_context(ca[0], *files))
        expect_refusal(stranger.push([]), 401, "unauthorized")

        rotation = {"request_id": secrets.token_hex(16), "public_key": other_public,
                    "certificate_request": request_for(other_key)}
        path = "/v1/devices/kiosk-0042/credentials"
        status, _, rotated = first.ask("POST", path, rotation)
        expect_equal(status, 201, "rotation")
        until = datetime.datetime.fromisoformat(conforms(rotated, "Rotated")["previous_valid_until"])
        expect(until > datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1), "no overlap")
        expect_equal(first.ask("POST", path, rotation)[::2], (200, rotated), "the same rotation again")
        mixed = rotation | {"public_key": public, "certificate_request": request_for(key)}
        expect_refusal(first.ask("POST", path, mixed), 409, "request-id-used")
        second = holder(rotated, other_key, "second.pem")
        token = Client(server.address, rotated["token"], client_context(ca[0]))
        for name, client in (("old certificate", first), ("new certificate", second), ("new token", token)):
            expect_equal(client.push([])[0], 200, f"push with the {name} in the overlap")
        expect_refusal(second.ask("POST", "/v1/devices/kiosk-0001/decommission", {}), 403, "wrong-device")

        last = events(2, device="kiosk-0042")[-1]
        words = {"reason": "closed", "last_event": last["id"], "last_chain": last["data"]["chain"]}
        for _ in range(2):
            expect_equal(second.ask("POST", "/v1/devices/kiosk-0042/decommission", words)[0], 204, "decommissioning")
        for client in (first, second):
            expect_refusal(client.push([]), 403, "decommissioned")
            expect_refusal(client.ask("GET", "/v1/devices/kiosk-0042/configuration"), 403, "decommissioned")
    expect("out of service since" in admin(directory, "devices"), "the overview does not tell")


@case("a configuration is offered with every answer until the device has reported on it")
def configured(directory):
    with receiver(directory) as server:
        client = Client(server.address)
        place = "/v1/devices/kiosk-test/configuration"
        expect_refusal(client.ask("GET", place), 404, "no-configuration")
        expect_equal(client.push([])[2], {}, "nothing on offer")

        def offer(version, files=SURVEYS, status=0):
            return admin(directory, "offer", "--device", "kiosk-test", "--version", version, "--survey", "loyalty", *files,
                         status=status)

        offer("one")
        expect_equal(client.push([])[2], {"configuration": {"version": "one"}}, "on offer")
        status, headers, content = client.ask("GET", place)
        expect_equal((status, headers["ETag"]), (200, '"one"'), "the configuration")
        conforms(content, "Configuration")
        texts = [path.read_text("utf-8") for path in SURVEYS]
        expect_equal([survey["toml"] for survey in content["surveys"]], texts, "surveys")
        expect_equal(client.ask("GET", place, headers={"If-None-Match": '"one"'})[0], 304, "asked again")
        refused = {"version": "one", "outcome": "refused", "problems": [{"message": "no", "line": 3}]}
        expect_equal(client.ask("PUT", place + "/report", refused)[0], 204, "report")
        expect_equal(client.push([])[2], {}, "a refused one is not offered again")
        offer("two")
        expect_equal(client.push([])[2], {"configuration": {"version": "two"}}, "the next one")
        applied = {"version": "two", "outcome": "applied", "fingerprint": "0" * 16}
        for _ in range(2):
            expect_equal(client.ask("PUT", place + "/report", applied)[0], 204, "report")
        expect_equal(client.push([])[2], {}, "an applied one is not offered again")
        expect_equal(client.ask("GET", place)[1]["ETag"], '"two"', "but can be fetched")
        expect_refusal(client.ask("PUT", place + "/report", applied | {"version": "three"}), 404, "no-configuration")
        expect_refusal(client.ask("PUT", place + "/report", {"version": "two", "outcome": "good"}), 400, "malformed")
        expect_refusal(client.ask("GET", "/v1/devices/other/configuration"), 403, "wrong-device")
        changed = directory / "loyalty.toml"
        changed.write_text(texts[0] + "\n")
        text = offer("two", files=[changed], status=1)
        expect("another content" in text, text)
    expect("configuration two applied" in admin(directory, "devices"), "the overview does not tell")


@case("the receiver's commands say how they are used, and what they cannot do in words")
def commands(directory):

    for command in ((), ("serve",), ("code",), ("offer",), ("devices",), ("verify",), ("export",)):
        text = run(EXAMPLES / "receiver.py", *command, "--help")
        expect("usage:" in text and len(text) > 200, f"{command}: {text}")
    for program in ("pull.py",):
        expect("usage:" in run(EXAMPLES / program, "--help"), program)
    for options, words in (
            (("offer", "--device", "nobody", "--version", "1", "--survey", "x", SURVEYS[0]), "there is no device nobody"),
            (("serve", "--misbehave", "dance"), "not one of"), (("serve", "--misbehave", "503@7"), "not one of"),
            (("serve", "--tls", "nothing", "nothing"), "No such file")):
        text = run(EXAMPLES / "receiver.py", options[0], "--store", directory / "x.db", *options[1:], status=1)
        expect(words in text, text)
