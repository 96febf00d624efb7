"""What the cases are made of: a list of them, programs that are started and ended, a receiver to talk to."""

import argparse
import contextlib
import gzip
import http.client
import json
import os
import pathlib
import re
import select
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.parse

ROOT = pathlib.Path(__file__).parents[2]
NETWORK = ROOT / "Tests/Network"
EXAMPLES = ROOT / "docs/examples/upstream"
OPENAPI = ROOT / "docs/openapi"
BUILD = pathlib.Path(os.environ.get("KIOSK_BUILD", ROOT / ".build/debug"))
SEED = os.environ.get("KIOSK_SEED", "1")
TOKEN = "a-token-for-the-test"
PATIENCE = 60

sys.path.insert(0, str(EXAMPLES))

CASES = []


class Skipped(Exception):
    pass


def case(sentence):
    """A sentence that says what is true when the function returns; it may return figures."""
    def add(function):
        CASES.append((sentence, function))
        return function
    return add


def run_cases():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="")
    only = parser.parse_args().only
    chosen = [(sentence, function) for sentence, function in CASES if only in sentence]
    failed = skipped = 0
    started = time.monotonic()
    for number, (sentence, function) in enumerate(chosen, 1):
        begun = time.monotonic()
        try:
            with tempfile.TemporaryDirectory(prefix="kiosk-network-") as directory:
                figures = function(pathlib.Path(directory))
            words, end = "ok", f" ({figures})" if figures else ""
        except Skipped as reason:
            skipped += 1
            words, end = "ok", f" # skipped: {reason}"
        except Exception:
            failed += 1
            words, end = "not ok", "\n" + "".join(f"  {line}\n" for line in traceback.format_exc().splitlines())
        print(f"{words} {number} - {sentence}{end} [{time.monotonic() - begun:.1f} s]", flush=True)
    print(f"{len(chosen) - failed - skipped} passed, {failed} failed, {skipped} skipped, "
          f"{time.monotonic() - started:.0f} s")
    return 1 if failed or not chosen else 0


def expect(is_so, words):
    if not is_so:
        raise AssertionError(words)


def expect_equal(found, wanted, what):
    if found != wanted:
        raise AssertionError(f"{what}: {found!r}, but {wanted!r} was expected")


# MARK: programs

class Program:
    """A program that says `listening on …` and runs until it is told to end."""

    def __init__(self, *command, errors=None):
        self.errors = tempfile.TemporaryFile("w+") if errors is None else errors
        self.process = subprocess.Popen(
            [sys.executable, *map(str, command)], stdout=subprocess.PIPE, stderr=self.errors, text=True)
        self.address = self.line().removeprefix("listening on ")

    def line(self):
        if not select.select([self.process.stdout], [], [], PATIENCE)[0]:
            self.kill()
            raise AssertionError(f"{self.process.args}: silent for {PATIENCE} s")
        line = self.process.stdout.readline().strip()
        if not line:
            self.process.wait(PATIENCE)
            self.errors.seek(0)
            raise AssertionError(f"{self.process.args} ended: {self.errors.read()}")
        return line

    def end(self):
        """Ends it; what it says at last."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        out, _ = self.process.communicate(timeout=PATIENCE)
        return json.loads(out.splitlines()[-1]) if out.strip() else {}

    def kill(self):
        self.process.kill()
        self.process.wait(PATIENCE)
        self.process.stdout.close()


@contextlib.contextmanager
def program(*command):
    running = Program(*command)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.kill()


def receiver(directory, *options, listen="127.0.0.1:0", device="kiosk-test"):
    return program(EXAMPLES / "receiver.py", "serve", "--store", directory / "events.db", "--listen", listen, "--quiet",
                   "--token", f"{device}={TOKEN}", *options)


def proxy(to, *options):
    """Waits are short, so that a test is; what is lost stays the same."""
    return program(NETWORK / "lossy_proxy.py", "--to", urllib.parse.urlsplit(to).netloc, "--seed", SEED,
                   "--silence", "0.05", "--longest-delay", "0.1", "--longest-late", "0.5", *options)


def run(*command, status=0, limit=PATIENCE * 4):
    """Runs a Python program to its end; what it printed."""
    done = subprocess.run([sys.executable, *map(str, command)], capture_output=True, text=True, timeout=limit)
    if status is not None and done.returncode != status:
        said = done.stdout[-3000:] + done.stderr[-3000:]
        raise AssertionError(f"{command} ended with {done.returncode}, not {status}:\n{said}")
    return done.stdout + (done.stderr if status != 0 else "")


def admin(directory, command, *options, status=0):
    return run(EXAMPLES / "receiver.py", command, "--store", directory / "events.db", *options, status=status).strip()


def journal(directory, events, *options, name="journal.json"):
    path = directory / name
    path.write_text(run(NETWORK / "synthetic.py", "--events", events, "--seed", SEED, *options), encoding="utf-8")
    return path


def token_file(directory):
    path = directory / "token"
    path.write_text(TOKEN)
    return path


def push(directory, url, path, *options, status=0):
    text = run(NETWORK / "pusher.py", "--url", url, "--token-file", token_file(directory), "--journal", path,
               "--seed", SEED, "--longest-pause", "0.05", *options, status=status)
    return json.loads(text) if status == 0 else text


def oracle(path, store, *options, status=0):
    text = run(NETWORK / "oracle.py", "--journal", path, "--store", store, *options, status=status)
    return json.loads(text.splitlines()[0])


def eventually(condition, words, seconds=PATIENCE):
    limit = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > limit:
            raise AssertionError(f"not within {seconds} s: {words}")
        time.sleep(0.02)


# MARK: talking to a receiver

class Client:
    """Sends single requests, as bytes or as JSON."""

    def __init__(self, url, token=TOKEN, context=None):
        self.address, self.token, self.context = urllib.parse.urlsplit(url), token, context

    def ask(self, method, path, value=None, media_type="application/json", headers=(), **options):
        """(status, headers, body as JSON or None)."""
        kind = http.client.HTTPSConnection if self.address.scheme == "https" else http.client.HTTPConnection
        more = {"context": self.context} if self.context else {}
        connection = kind(self.address.hostname, self.address.port, timeout=PATIENCE, **more)
        try:
            body = value if value is None or isinstance(value, bytes) else json.dumps(value).encode("utf-8")
            given = {"Content-Type": media_type} if body is not None else {}
            if self.token:
                given["Authorization"] = "Bearer " + self.token
            connection.request(method, self.address.path + path, body, given | dict(headers), **options)
            answer = connection.getresponse()
            data = answer.read()
            if answer.status >= 400:
                expect_equal(answer.headers["Content-Type"], "application/problem+json", f"type of {answer.status}")
            return answer.status, answer.headers, json.loads(data) if data else None
        finally:
            connection.close()

    def push(self, events, headers=(), pack=False):
        body = events if isinstance(events, bytes) else ("[" + ",".join(
            event if isinstance(event, str) else json.dumps(event) for event in events) + "]").encode("utf-8")
        if pack:
            body, headers = gzip.compress(body), dict(headers) | {"Content-Encoding": "gzip"}
        return self.ask("POST", "/v1/events", body, "application/cloudevents-batch+json", headers)

    def raw(self, data, is_over=True):
        """Sends bytes as they are; everything that comes back until the other side closes."""
        with socket.create_connection((self.address.hostname, self.address.port), timeout=PATIENCE) as connection:
            connection.sendall(data)
            if is_over:
                connection.shutdown(socket.SHUT_WR)
            parts = []
            with contextlib.suppress(ConnectionError):
                while part := connection.recv(65_536):
                    parts.append(part)
            return b"".join(parts)


def lines(path):
    """The JSON texts of a file with an event a line."""
    return [line.rstrip(",") for line in path.read_text("utf-8").split("\n") if line.rstrip(",") not in ("[", "]", "")]


def openssl(*arguments, given=None):
    done = subprocess.run(["openssl", *map(str, arguments)], input=given, capture_output=True, text=True, timeout=PATIENCE)
    if done.returncode != 0:
        raise AssertionError(f"openssl {arguments}: {done.stderr}")
    return done.stdout


def make_ca(directory, name="ca"):
    certificate, key = directory / f"{name}.pem", directory / f"{name}.key"
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj",
            f"/CN={name}", "-keyout", key, "-out", certificate)
    return certificate, key


def make_certificate(directory, ca, name, subject, *more):
    certificate, key, request = (directory / f"{name}.{end}" for end in ("pem", "key", "csr"))
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={subject}", "-keyout",
            key, "-out", request)
    extensions = directory / f"{name}.ext"
    extensions.write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
    openssl("x509", "-req", "-in", request, "-CA", ca[0], "-CAkey", ca[1], "-CAcreateserial", "-days", "30", "-out",
            certificate, "-extfile", extensions, *more)
    return certificate, key


def device_key(directory, name="device"):
    """A new key pair: the file of the private key, the public key in PEM."""
    path = directory / f"{name}.key"
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path)
    return path, openssl("pkey", "-in", path, "-pubout")


def client_context(ca, certificate=None, key=None):
    context = ssl.create_default_context(cafile=ca)
    if certificate:
        context.load_cert_chain(certificate, key)
    return context


def counts(text):
    return re.sub(r"[{}\"]", "", json.dumps(text))
