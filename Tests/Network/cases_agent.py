"""The real kiosk-agent: bad networks, servers that misbehave, die or are not to be trusted."""

import contextlib
import json
import pathlib
import signal
import socket
import subprocess
import threading
import time

from agent import Agent, filled, ratings
from cases_delivery import SCRIPT, expect_all, share
from harness import (BUILD, EXAMPLES, PATIENCE, TOKEN, Program, case, eventually, expect, expect_equal, make_ca, make_certificate,
                     openssl, oracle, proxy, receiver)


def tls(directory, *more):
    """A receiver's options for TLS, and what a kiosk trusts."""
    ca = make_ca(directory)
    return ["--tls", *make_certificate(directory, ca, "server", "127.0.0.1"), *more], str(ca[0])


def counted(directory, expected):
    path, count = ratings(directory / "journal")
    expect(count >= expected, f"{count} events in the journal")
    return path, count


@case("kiosk-agent: 10,000 events through a proxy that loses 30 % of requests and 30 % of replies, over TLS: 0 missing, 0 "
      "invented, 0 altered")
def lossy(directory):
    filled(directory / "journal", 10_000)
    options, ca = tls(directory, "--most-events", "100")
    with receiver(directory, *options) as server, proxy(server.address, "--lose-requests", "0.3", "--lose-replies", "0.3") as net:
        with Agent(directory, {"url": f"https://{net.address}", "authorities": ca}) as agent:
            agent.wait_until_delivered(300)
            status = agent.status()
        counts, totals = net.end(), server.end()
    path, count = counted(directory, 10_000)
    found = oracle(path, directory / "events.db")
    expect_all(found, count)
    # The network was as bad as it should be, or this proves nothing.
    expect(counts["requests"] > 200, f"{counts}")
    expect(0.2 < share(counts, "requests") < 0.4 and 0.2 < share(counts, "replies") < 0.4, f"{counts}")
    expect(found["again"] > 0 and totals["again"] == found["again"], f"{found} {totals}")
    expect_equal(status["push"]["set_aside_events"], 0, "events set aside")
    return (f"{count} events, {counts['requests']} requests and handshakes, {counts['requests lose']} lost; "
            f"{counts['replies']} replies, {counts['replies lose']} lost; {found['again']} events came again")


@case("kiosk-agent: a server that misbehaves in every way gets every event, except those that it refuses for good; these are "
      "told and kept")
def misbehaved(directory):
    filled(directory / "journal", 3_000)
    options, ca = tls(directory, "--most-events", "50")
    # At first the agent finds out that fifty are taken at once.
    with receiver(directory, "--script", "ok,ok,ok,ok," + SCRIPT, *options) as server:
        with Agent(directory, {"url": server.address, "authorities": ca}) as agent:
            agent.wait_until_delivered()
            status = agent.status()["push"]
        totals = server.end()
    expect_equal(set(totals["misbehaved"]), {word.split("=")[0] for word in SCRIPT.split(",")}, "what it did")
    path, count = counted(directory, 3_000)
    found = oracle(path, directory / "events.db", status=3)
    expect_equal((found["missing"], status["set_aside_events"], found["invented"], found["altered"]), (2, 2, 0, 0), "oracle")
    return f"{count} events, {found['missing']} refused for good"


@case("kiosk-agent: killed with SIGKILL again and again in the middle of it: nothing is lost")
def agent_killed(directory):
    filled(directory / "journal", 6_000)
    options, ca = tls(directory, "--most-events", "20", "--misbehave", "delay=0.01")
    deaths = 0
    with receiver(directory, *options) as server:
        agent = Agent(directory, {"url": server.address, "authorities": ca})
        with agent:
            while deaths < 6 and not agent.has_delivered():
                before = agent.status()["push"]["waiting_events"]
                eventually(lambda: agent.status()["push"]["waiting_events"] != before, "something is delivered")
                agent.kill()
                deaths += 1
                agent.start()
                eventually(agent.answers, "kiosk-agent answers again")
            agent.wait_until_delivered()
    path, count = counted(directory, 6_000)
    expect_all(oracle(path, directory / "events.db"), count)
    expect(deaths >= 3, f"only {deaths} deaths")
    return f"{deaths} deaths"


@case("kiosk-agent: the receiver is killed again and again: nothing is lost")
def receiver_killed(directory):
    filled(directory / "journal", 4_000)
    command = [EXAMPLES / "receiver.py", "serve", "--store", directory / "events.db", "--quiet", "--token",
               f"kiosk-test={TOKEN}", "--misbehave", "delay=0.02", "--most-events", "20"]
    options, ca = tls(directory)
    server = Program(*command, *options, "--listen", "127.0.0.1:0")
    address = server.address
    deaths = 0
    try:
        with Agent(directory, {"url": address, "authorities": ca}) as agent:
            while deaths < 5 and not agent.has_delivered():
                before = agent.status()["push"]["waiting_events"]
                eventually(lambda: agent.status()["push"]["waiting_events"] != before, "something is delivered")
                server.kill()
                deaths += 1
                server = Program(*command, *options, "--listen", address.removeprefix("https://"))
            agent.wait_until_delivered()
    finally:
        server.kill()
    path, count = counted(directory, 4_000)
    expect_all(oracle(path, directory / "events.db"), count)
    expect(deaths >= 3, f"only {deaths} deaths")
    return f"{deaths} deaths"


def dated(directory, ca, name, begin, end, names="IP:127.0.0.1,DNS:localhost"):
    """A certificate that is valid from one day to another, counted from today; (certificate, key)."""
    folder = directory / f"{name}-ca"
    folder.mkdir()
    (folder / "index.txt").write_text("")
    (folder / "serial").write_text("01\n")
    certificate, key, request = (directory / f"{name}.{end_}" for end_ in ("pem", "key", "csr"))
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}", "-keyout", key,
            "-out", request)
    config = folder / "ca.cnf"
    config.write_text(
        f"[ca]\ndefault_ca=d\n[d]\ndatabase={folder}/index.txt\nserial={folder}/serial\nnew_certs_dir={folder}\n"
        f"certificate={ca[0]}\nprivate_key={ca[1]}\ndefault_md=sha256\npolicy=p\nx509_extensions=e\nunique_subject=no\n"
        f"[p]\ncommonName=supplied\n[e]\nsubjectAltName={names}\n")

    def day(offset):
        return time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + offset * 86_400))

    openssl("ca", "-batch", "-notext", "-config", config, "-in", request, "-out", certificate, "-startdate", day(begin),
            "-enddate", day(end))
    return certificate, key


@case("kiosk-agent: five bad certificates, each refused with a message of its own, and nothing is sent; with a good one it goes "
      "on")
def bad_certificates(directory):
    filled(directory / "journal", 10)
    ca = make_ca(directory)
    own = make_ca(directory, "other")
    localhost = directory / "self.pem", directory / "self.key"
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj",
            "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", localhost[1], "-out",
            localhost[0])
    bad = [
        ("uplink-certificate-expired", "has expired on", dated(directory, ca, "expired", -30, -1)),
        ("uplink-certificate-not-yet-valid", "the kiosk's clock is before that", dated(directory, ca, "future", 2, 30)),
        ("uplink-certificate-wrong-host", "is for another name", dated(directory, ca, "wrong", -1, 30, "DNS:other.example")),
        ("uplink-certificate-self-signed", "vouched for by nobody but itself", localhost),
        ("uplink-certificate-untrusted", "an authority that the kiosk does not trust",
         make_certificate(directory, own, "foreign", "127.0.0.1")),
    ]
    good = make_certificate(directory, ca, "good", "127.0.0.1")
    messages = set()
    with receiver(directory, "--tls", *good) as first:
        address = first.address
        first.end()
    agent = None
    try:
        for code, words, certificate in bad:
            with receiver(directory, "--tls", *certificate, listen=address.removeprefix("https://")) as server:
                if agent is None:
                    agent = Agent(directory, {"url": address, "authorities": str(ca[0])}).__enter__()
                agent.ask("sync-now")
                push = agent.wait_for_problem(code)
                expect(words in push["problem"]["message"], f"{push}")
                expect(push["problem"]["hint"], f"{push}")
                expect_equal(push["state"], "stopped", "state")
                messages.add(push["problem"]["message"])
                expect_equal(server.end()["events"], 0, f"events at the server: {code}")
        expect_equal(len(messages), 5, "different messages")
        with receiver(directory, "--tls", *good, listen=address.removeprefix("https://")):
            agent.ask("sync-now")
            agent.wait_until_delivered()
            expect_equal(agent.codes(), [], "health")
    finally:
        if agent:
            agent.__exit__()
    path, count = counted(directory, 10)
    expect_all(oracle(path, directory / "events.db"), count)


@case("kiosk-agent: a client certificate is exchanged in passing: old and new side by side, either of them alone, and none says so")
def rotated(directory):
    filled(directory / "journal", 20)
    server_ca, old_ca, new_ca = make_ca(directory), make_ca(directory, "old"), make_ca(directory, "new")
    server_certificate = make_certificate(directory, server_ca, "server", "127.0.0.1")
    old = make_certificate(directory, old_ca, "device-old", "kiosk-test", "-extfile", "/dev/null")
    new = make_certificate(directory, new_ca, "device-new", "kiosk-test", "-extfile", "/dev/null")

    def options(ca):
        return ["--tls", *server_certificate, "--client-ca", ca[0], "--accept-common-name"]

    identities = {"upstream-token": None, "upstream-certificate.pem": old[0].read_bytes(), "upstream-key.pem": old[1].read_bytes()}
    with receiver(directory, *options(old_ca)) as server:
        address = server.address
        with Agent(directory, {"url": address, "authorities": str(server_ca[0])}, credentials=identities) as agent:
            agent.wait_until_delivered()
            server.end()
            # The new one is handed in while the server knows the old one only, then the other way round.
            for ca, expected in ((old_ca, True), (new_ca, True)):
                agent.credential("upstream-certificate-next.pem", new[0].read_bytes())
                agent.credential("upstream-key-next.pem", new[1].read_bytes())
                filled(directory / "journal", 20)
                with receiver(directory, *options(ca), listen=address.removeprefix("https://")):
                    agent.ask("sync-now")
                    agent.wait_until_delivered()
            agent.credential("upstream-certificate-next.pem", None)
            agent.credential("upstream-key-next.pem", None)
            filled(directory / "journal", 20)
            with receiver(directory, *options(new_ca), listen=address.removeprefix("https://")):
                agent.ask("sync-now")
                eventually(lambda: agent.status()["push"]["state"] == "stopped", "it says that the old one is not taken")
                expect(agent.codes()[0] in ("uplink-client-certificate", "uplink-unauthorised"), f"{agent.codes()}")


@case("kiosk-agent: a wrong token stops delivery and says so; a new one is used as soon as it is there")
def wrong_token(directory):
    filled(directory / "journal", 10)
    options, ca = tls(directory)
    with receiver(directory, *options) as server:
        with Agent(directory, {"url": server.address, "authorities": ca}, credentials={"upstream-token": "wrong-token"}) as agent:
            push = agent.wait_for_problem("uplink-unauthorised")
            expect_equal(push["state"], "stopped", "state")
            expect("wrong-token" not in json.dumps(agent.status()) + agent.said(), "the token shows")
            agent.credential("upstream-token", TOKEN)
            agent.ask("sync-now")
            agent.wait_until_delivered()


@case("kiosk-agent: paused it sends nothing, resumed it sends everything, and the socket tells nonsense from questions")
def paused(directory):
    filled(directory / "journal", 10)
    options, ca = tls(directory)
    with receiver(directory, *options) as server:
        with Agent(directory, {"url": server.address, "authorities": ca}) as agent:
            agent.wait_until_delivered()
            expect_equal(agent.ask("sync-pause")["status"]["push"]["state"], "paused", "state")
            filled(directory / "journal", 10)
            expect("error" in agent.ask("sync-nothing"), "nonsense is refused")
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(str(agent.runtime / "agent.sock"))
                connection.settimeout(PATIENCE)
                with contextlib.suppress(ConnectionError):
                    connection.sendall(b"x" * 100_000)
                    expect_equal(connection.recv(100), b"", "an endless line is cut off")
            expect_equal(agent.status()["push"]["state"], "paused", "state")
            expect(agent.status()["push"]["waiting_events"] >= 10, f"{agent.status()}")
            agent.ask("sync-resume")
            agent.wait_until_delivered()


@case("kiosk-agent: the journal is replaced under it by a new epoch, and what was salvaged comes later: both are delivered")
def replaced(directory):
    filled(directory / "journal", 100)
    options, ca = tls(directory)
    with receiver(directory, *options) as server:
        with Agent(directory, {"url": server.address, "authorities": ca}) as agent:
            agent.wait_until_delivered()
            agent.ask("sync-pause")
            filled(directory / "journal", 50)
            first, count = ratings(directory / "journal")
            aside = directory / "aside"
            aside.mkdir()
            for end in ("", "-wal", "-shm"):
                path = pathlib.Path(f"{first}{end}")
                if path.exists():
                    path.rename(aside / f"ratings.salvaged-1.db{end}")
            filled(directory / "journal", 70)
            agent.ask("sync-resume")
            agent.wait_until_delivered()
            for path in sorted(aside.iterdir(), reverse=True):
                path.rename(directory / "journal" / path.name)
            agent.ask("sync-now")
            agent.wait_until_delivered()
    second, more = ratings(directory / "journal")
    aside = directory / "journal" / "ratings.salvaged-1.db"
    found = oracle(aside, directory / "events.db", "--journal", second)
    expect_all(found, count + more)


@case("kiosk-agent: agent.db is lost: it goes on, and what comes again is harmless")
def forgotten(directory):
    filled(directory / "journal", 200)
    options, ca = tls(directory)
    with receiver(directory, *options) as server:
        agent = Agent(directory, {"url": server.address, "authorities": ca})
        with agent:
            agent.wait_until_delivered()
            agent.kill()
            for path in agent.state.iterdir():
                path.unlink()
            (agent.state / "agent.db").write_bytes(b"this is no database" * 1_000)
            agent.start()
            eventually(agent.answers, "kiosk-agent answers again")
            agent.wait_until_delivered()
            expect("set aside" in agent.said() or "unusable" in agent.said(), agent.said())
    path, count = counted(directory, 200)
    expect_all(oracle(path, directory / "events.db"), count)


@case("kiosk-agent: a second one on the same state ends at once and says why, the first goes on")
def second(directory):
    filled(directory / "journal", 10)
    options, ca = tls(directory)
    with receiver(directory, *options) as server:
        with Agent(directory, {"url": server.address, "authorities": ca}) as agent:
            other = Agent(directory, {"url": server.address, "authorities": ca})
            expect_equal(other.process.wait(60), 88, "exit code")
            other.log.close()
            expect("agent.db" in agent.said(), agent.said())
            agent.wait_until_delivered()


@case("kiosk-agent: SIGHUP takes another address; a configuration that makes no sense is refused, and the old one stays")
def reloaded(directory):
    filled(directory / "journal", 10)
    options, ca = tls(directory)
    with receiver(directory, *options) as server:
        nowhere = socket.create_server(("127.0.0.1", 0))
        port = nowhere.getsockname()[1]
        nowhere.close()
        with Agent(directory, {"url": f"https://127.0.0.1:{port}", "authorities": ca}) as agent:
            agent.wait_for_problem("uplink-unreachable")
            agent.reload({"url": "nonsense"})
            eventually(lambda: "configuration refused" in agent.said(), "it refuses nonsense")
            expect_equal(agent.status()["push"]["problem"]["code"], "uplink-unreachable", "problem")
            agent.reload({"url": server.address, "authorities": ca})
            agent.wait_until_delivered()


class HostileServer:
    """Answers every connection with the same bytes, without end if it is told to."""

    def __init__(self, beginning, endless=b""):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.beginning, self.endless, self.served = beginning, endless, 0
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.answer, args=[connection], daemon=True).start()

    def answer(self, connection):
        with connection:
            try:
                connection.settimeout(5)
                connection.recv(65_536)
                connection.sendall(self.beginning)
                for _ in range(2_000 if self.endless else 0):
                    connection.sendall(self.endless)
            except OSError:
                pass
            self.served += 1


# The one that is accepted comes last: there is nothing to send after it.
HOSTILE = [
    ("an endless header", b"HTTP/1.1 200 OK\r\nX: ", b"x" * 0x4000),
    ("endless headers", b"HTTP/1.1 200 OK\r\n", b"X-More: and more\r\n" * 1_000),
    ("no HTTP", b"SSH-2.0-OpenSSH_9.2\r\n" * 10, b""),
    ("an endless chain of interim answers", b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 500),
    ("a redirect", b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/v1/events\r\nContent-Length: 0\r\n\r\n", b""),
    ("a status that is none", b"HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n", b""),
    ("two lengths", b"HTTP/1.1 500 No\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\nhello", b""),
    ("an endless body", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"4000\r\n" + b" " * 0x4000 + b"\r\n"),
]


@case("kiosk-agent: servers that answer without end, nonsense, or with redirects: bounded memory, no event taken for delivered, "
      "and it says what is wrong")
def hostile(directory):
    filled(directory / "journal", 500)
    figures = []
    with Agent(directory, None) as agent:
        idle = agent.memory()
        for name, beginning, endless in HOSTILE:
            server = HostileServer(beginning, endless)
            agent.reload({"url": server.address, "allow_plain_text": True})
            # 2xx acknowledges the batch, whatever follows (docs/openapi/upstream.yaml), so that one is not tried again.
            is_accepted = b" 200 " in beginning and b"chunked" in beginning
            eventually(lambda: server.served > (0 if is_accepted else 3), f"it tries again: {name}")
            status = agent.status()["push"]
            server.listener.close()
            if is_accepted:
                continue
            expect(status.get("problem"), f"{name}: {status}")
            figures.append((name, status["problem"]["code"]))
        most = agent.memory()
    expect(most - idle < 16 << 20, f"memory grew by {most - idle} bytes")
    return f"memory grew by {(most - idle) >> 10} KiB; " + ", ".join(f"{name}: {code}" for name, code in figures)


@case("kioskctl sync tells in words and as JSON how it goes, with exit codes that a script can use")
def technician(directory):
    filled(directory / "journal", 10)
    options, ca = tls(directory)

    def kioskctl(*arguments):
        done = subprocess.run([BUILD / "kioskctl", "sync", *arguments, "--socket", directory / "agent-run/agent.sock"],
                              capture_output=True, text=True, timeout=PATIENCE)
        return done.returncode, done.stdout, done.stderr

    code, _, words = kioskctl("status")
    expect(code == 69 and "kiosk-agent does not answer" in words and "systemctl status kiosk-agent" in words, words)
    with receiver(directory, *options) as server:
        with Agent(directory, {"url": server.address, "authorities": ca}) as agent:
            agent.wait_until_delivered()
            code, words, _ = kioskctl("status")
            expect(code == 0 and "everything is delivered" in words and "0 events for the server" in words, words)
            server.end()
            filled(directory / "journal", 5)
            code, words, _ = kioskctl("now")
            expect_equal(code, 0, "exit code of sync now")
            agent.wait_for_problem("uplink-unreachable")
            code, words, _ = kioskctl("status")
            expect(code == 2 and "uplink-unreachable" in words and "\u2192" in words, words)
            code, words, _ = kioskctl("pause")
            expect(code == 0 and "paused" in words, words)
            code, words, _ = kioskctl("status", "--json")
            expect_equal((code, json.loads(words)["push"]["state"]), (0, "paused"), "status as JSON")
            expect_equal(kioskctl("resume")[0], 0, "exit code of sync resume")
            agent.reload(None)
            eventually(lambda: agent.status()["push"]["state"] == "off", "it sends nothing")
            code, _, words = kioskctl("now")
            expect(code == 70 and "[sync]" in words, words)


@case("kiosk-agent: a new configuration again and again, while it delivers and is asked: it never falls over")
def reloaded_often(directory):
    filled(directory / "journal", 3_000)
    options, ca = tls(directory, "--most-events", "50")
    with receiver(directory, *options) as server:
        with Agent(directory, {"url": server.address, "authorities": ca}) as agent:
            process = agent.process
            for number in range(30):
                agent.signal(signal.SIGHUP)
                for _ in range(number % 4):
                    agent.status()
            agent.wait_until_delivered()
            expect(agent.process is process and process.poll() is None, "it was restarted")
    path, count = counted(directory, 3_000)
    expect_all(oracle(path, directory / "events.db"), count)
