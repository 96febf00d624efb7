"""The real kiosk-agent, fetched from: by the pull client, by Prometheus' own checker, by those who may not."""

import contextlib
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
import urllib.request

from harness import (EXAMPLES, PATIENCE, TOKEN, Client, Skipped, case, client_context, eventually, expect, expect_equal,
                     make_ca, make_certificate, oracle, run, token_file)
from agent import ratings
from serving_kiosk import ServingKiosk

NOTHING_LOST = {"missing": 0, "invented": 0, "altered": 0}


def command(directory, kiosk, *options, consumer="head-office"):
    return [EXAMPLES / "pull.py", "--url", kiosk.address, "--consumer", consumer, "--state", directory / f"{consumer}.state",
            *options]


def promtool():
    """Prometheus' own checker; run.sh brings it along where the system has none."""
    here = pathlib.Path(sys.prefix) / "promtool"
    found = shutil.which("promtool") or (str(here) if here.exists() else None)
    if found is None:
        raise Skipped("no promtool (Debian: prometheus)")
    return found


@case("kiosk-agent: the pull client fetches over TLS with a client certificate what kioskd records meanwhile, though the agent is "
      "killed again and again: 0 missing, 0 invented, 0 altered")
def fetched(directory):
    ca = make_ca(directory)
    server = make_certificate(directory, ca, "server", "127.0.0.1")
    certificate, key = make_certificate(directory, ca, "client", "head-office")
    out = directory / "out.json"
    with ServingKiosk(directory, {"head-office": (None, ["events"])}, (ca[0], *server)) as kiosk:
        kiosk.live.day(1)
        kiosk.keep_pressing(0.05)
        arguments = command(directory, kiosk, "--ca", ca[0], "--certificate", certificate, key, "--output", out, "--limit",
                            "10", "--wait", "5")
        process = subprocess.Popen([sys.executable, *map(str, arguments)], stderr=subprocess.DEVNULL)
        try:
            for _ in range(3):
                size = out.stat().st_size if out.exists() else 0
                eventually(lambda: out.exists() and out.stat().st_size > size + 4_000, "it gets on")
                kiosk.agent.kill()
                kiosk.agent.start()
                kiosk.wait_until_served()
        finally:
            process.terminate()
            process.wait(PATIENCE)
        eventually(lambda: kiosk.presses >= 20, "visitors press meanwhile")
        kiosk.stop_pressing()
        run(*arguments, "--once")
        path, count = ratings(kiosk.live.state)
        status = kiosk.agent.status()
    found = oracle(path, out)
    expect_equal({name: found[name] for name in NOTHING_LOST}, NOTHING_LOST, f"oracle: {found}")
    expect(found["distinct"] == count, f"{found}, {kiosk.presses} presses")
    expect_equal(status["consumers"][0]["waiting_events"], 0, "what is not confirmed")
    return f"{count} events, {kiosk.presses} presses meanwhile, killed 3 times"


@case("kiosk-agent: the pull client waits for a press and has it within a second; who may not is told so in words")
def followed(directory):
    out = directory / "out.json"
    consumers = {"head-office": (TOKEN, ["events"]), "watch": ("another-token-for-the-test", ["status"])}
    with ServingKiosk(directory, consumers) as kiosk:
        arguments = command(directory, kiosk, "--token-file", token_file(directory), "--output", out, "--wait", "60")
        process = subprocess.Popen([sys.executable, *map(str, arguments)])
        try:
            def lines():
                return out.read_text("utf-8").splitlines() if out.exists() else []
            _, count = ratings(kiosk.live.state)
            eventually(lambda: len(lines()) == count, "what was there before")
            # Until it waits, which nobody can see from outside: the longest pause is that of a request.
            waits = []
            for _ in range(5):
                before = len(lines())
                begun = time.monotonic()
                kiosk.live.press("happy", hold_ms=60)
                eventually(lambda: len(lines()) > before, "the press")
                waits.append(time.monotonic() - begun)
        finally:
            process.terminate()
            process.wait(PATIENCE)
        expect(sorted(waits)[2] < 1, f"from press to consumer: {waits}")
        (directory / "token").write_text("another-token-for-the-test")
        words = run(*command(directory, kiosk, "--token-file", directory / "token", "--once"), status=1)
        expect("wrong-scope" in words, words)
        words = run(*command(directory, kiosk, "--token-file", token_file(directory), "--once", consumer="watch"), status=1)
        expect("wrong-consumer" in words, words)
        (directory / "token").write_text("not-a-token-of-anybody")
        words = run(*command(directory, kiosk, "--token-file", directory / "token", "--once"), status=1)
        expect("unauthorized" in words, words)
        said = kiosk.agent.said()
    expect("token" not in said.replace("serve-token", ""), f"the log: {said}")
    return f"from press to consumer's disk: median {sorted(waits)[2] * 1000:.0f} ms"


@case("kiosk-agent: /metrics is what promtool takes, and its figures are those of the journal")
def metrics(directory):
    tool = promtool()
    with ServingKiosk(directory) as kiosk:
        kiosk.live.press("happy", "very-happy")
        client = Client(kiosk.address)
        status, headers, events = client.ask("GET", "/v1/events")
        expect_equal(status, 200, "status")
        client.ask("PUT", "/v1/consumers/head-office/cursor", {"cursor": headers["Kiosk-Cursor"]})
        text = kiosk.metrics()
        _, count = ratings(kiosk.live.state)
    done = subprocess.run([tool, "check", "metrics"], input=text, capture_output=True, text=True, timeout=PATIENCE)
    expect(done.returncode == 0 and not done.stdout.strip() and not done.stderr.strip(),
           f"promtool: {done.stdout}{done.stderr}\n{text}")
    figures = dict(re.fullmatch(r"(\S+) (\S+)", line).groups() for line in text.splitlines() if line[0] != "#")
    for name, value in {"kiosk_journal_last_sequence": count, "kiosk_served_events_total": len(events),
                        'kiosk_waiting_events{consumer="head-office"}': count - len(events), "kiosk_capture_up": 1,
                        "kiosk_presses_total": 2, 'kiosk_http_answers_total{status="200"}': 2}.items():
        expect_equal(figures.get(name), str(value), name)
    return f"{len(figures)} figures"


@case("kiosk-agent: hostile clients, hundreds of them: no 5xx, bounded memory, and whoever may fetch still does")
def hostile(directory):
    ca = make_ca(directory)
    server = make_certificate(directory, ca, "server", "127.0.0.1")
    with ServingKiosk(directory, {"head-office": (TOKEN, ["events", "metrics"])}, (ca[0], *server)) as kiosk:
        kiosk.live.day(2)
        context = client_context(ca[0])
        client = Client(kiosk.address, context=context)
        expect_equal(client.ask("GET", "/v1/events")[0], 200, "before")
        before = kiosk.agent.memory()
        held, most = [], 0
        for number in range(300):
            # Plain text where encryption is expected, handshakes that are left in the middle, first lines without an end.
            with contextlib.suppress(OSError):
                connection = socket.create_connection(("127.0.0.1", kiosk.port), timeout=2)
                if number % 3 == 0:
                    connection.sendall(b"GET / HTTP/1.1\r\n\r\n" * 100)
                elif number % 3 == 1:
                    connection.sendall(bytes([22, 3, 1, 2, 0]) + bytes(200))
                else:
                    unchecked = ssl._create_unverified_context()
                    connection = unchecked.wrap_socket(connection)
                    connection.sendall(b"GET /" + b"a" * 30_000)
                held.append(connection)
            most = max(most, kiosk.agent.memory())
        for connection in held:
            connection.close()

        texts = []

        def served():
            # Its address has used up the connections it may make at once; who asks again and again gets nowhere.
            time.sleep(0.3)
            with contextlib.suppress(OSError):
                if client.ask("GET", "/v1/events")[0] == 200:
                    texts.append(text_of(client, "/metrics"))
            return texts
        eventually(served, "it is served again")
        answers = re.findall(r'kiosk_http_answers_total\{status="(\d+)"\} (\d+)', texts[0])
        said = kiosk.agent.said()
    expect(all(int(status) < 500 for status, _ in answers), f"{answers}")
    expect(most - before < 24 << 20, f"memory grew from {before >> 20} to {most >> 20} MB")
    expect(all(line.startswith("kiosk-agent: ") for line in said.splitlines()), said)
    return f"memory {before >> 20} MB before, {most >> 20} MB at most; {len(held)} connections"


def text_of(client, path):
    request = urllib.request.Request(f"{client.address.scheme}://{client.address.netloc}{path}",
                                     headers={"Authorization": f"Bearer {client.token}"})
    with urllib.request.urlopen(request, timeout=PATIENCE, context=client.context) as answer:
        return answer.read().decode("utf-8")
