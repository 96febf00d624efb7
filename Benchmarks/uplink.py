#!/usr/bin/env python3
"""What delivery costs: a backlog of 100,000 events of a shop's days, drained to a TLS receiver on the same machine.

    uplink.py DIRECTORY-WITH-KIOSK-AGENT-AND-JOURNAL-WRITER [EVENTS]      (make bench-uplink)

Beside it, in the same run, the floors: the same batches, ready made, sent over TLS to the same receiver one after the other,
and nothing but compressing them. Figures depend on the machine, ratios much less. Ends with 1 when it could not measure,
when an event was lost or came out of order, or when delivery is slower, larger or hungrier than issue 5 allows.
"""

import json
import os
import pathlib
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from footprint import number  # noqa: E402

PATIENCE = 120
DEVICE, TOKEN = "kiosk-bench", "a-token-for-the-benchmark"
SINK = pathlib.Path(__file__).parent / "sink.py"


def run(*command):
    result = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: {result.stdout}{result.stderr}")
    return result.stdout


def certificate(work):
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
        "/CN=bench", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", work / "key.pem", "-out", work / "certificate.pem")
    return work / "certificate.pem", work / "key.pem"


class Sink:
    def __init__(self, work, *more):
        self.process = subprocess.Popen(
            [sys.executable, SINK, *certificate(work), *more], stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip().removeprefix("listening on ")

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        out, _ = self.process.communicate(timeout=PATIENCE)
        found = json.loads(out.splitlines()[-1])
        if found["fault"]:
            sys.exit(f"the receiver found a fault: {found['fault']}")
        return found


class Agent:
    def __init__(self, program, work, url):
        self.runtime = work / "run"
        for name in ("config", "journal", "state", "run", "credentials"):
            (work / name).mkdir(exist_ok=True)
        (work / "config/kiosk.toml").write_text(
            f'[device]\nname = "{DEVICE}"\ntouchpoint = "bench"\n[sync]\nurl = "{url}"\n'
            f'authorities = "{work / "certificate.pem"}"\ngather = "0s"\nfirst_contact_within = "0s"\n')
        (work / "credentials/upstream-token").write_text(TOKEN)
        self.process = subprocess.Popen(
            [program, "--config", work / "config", "--journal", work / "journal", "--state", work / "state", "--runtime",
             self.runtime, "--control", work / "no-kioskd.sock", "--credentials", work / "credentials"])

    def ask(self, request):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PATIENCE)
            connection.connect(str(self.runtime / "agent.sock"))
            connection.sendall(json.dumps({"request": request}).encode() + b"\n")
            return json.loads(connection.makefile().readline())

    def wait_until_delivered(self):
        limit = time.monotonic() + PATIENCE
        while time.monotonic() < limit:
            if self.process.poll() is not None:
                sys.exit(f"kiosk-agent ended with {self.process.returncode}")
            try:
                push = self.ask("sync-status")["status"]["push"]
            except (OSError, ValueError, KeyError):
                push = {}
            if push.get("state") == "idle" and push.get("waiting_events") == 0:
                return
            time.sleep(0.05)
        sys.exit(f"kiosk-agent does not deliver: {push}")

    def proc(self, name):
        return pathlib.Path(f"/proc/{self.process.pid}/{name}").read_text()

    def resident(self):
        """Bytes, exactly: the counters of /proc/…/status are rounded for each thread."""
        return number(self.proc("smaps_rollup"), "Rss:") * 1024

    def threads(self):
        return number(self.proc("status"), "Threads:")

    def seconds(self):
        """Of the processor, user and system."""
        fields = self.proc("stat").rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def switches(self):
        total = 0
        for task in pathlib.Path(f"/proc/{self.process.pid}/task").iterdir():
            text = (task / "status").read_text()
            total += number(text, "voluntary_ctxt_switches") + number(text, "nonvoluntary_ctxt_switches")
        return total

    def stop(self):
        self.process.terminate()
        self.process.wait(PATIENCE)


class Peak(threading.Thread):
    """The most memory a program has had resident while it was looked at."""

    def __init__(self, agent):
        super().__init__(daemon=True)
        self.agent, self.over, self.most = agent, threading.Event(), 0
        self.start()

    def run(self):
        while not self.over.wait(0.05):
            self.most = max(self.most, self.agent.resident())

    def end(self):
        self.over.set()
        self.join()
        return self.most


def bodies(path):
    data, at, found = path.read_bytes(), 0, []
    while at < len(data):
        size, = struct.unpack_from(">I", data, at)
        found.append(data[at + 4:at + 4 + size])
        at += 4 + size
    return found


def upload(batches, work):
    """Seconds to send what is ready made."""
    sink = Sink(work)
    host, port = sink.url.removeprefix("https://").split(":")
    context = ssl.create_default_context(cafile=work / "certificate.pem")
    plain = socket.create_connection((host, int(port)), timeout=PATIENCE)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with context.wrap_socket(plain, server_hostname=host) as connection:
        for body in batches:
            connection.sendall(b"POST /v1/events HTTP/1.1\r\nHost: bench\r\nContent-Encoding: gzip\r\n"
                               b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
            if not connection.recv(65_536).startswith(b"HTTP/1.1 200"):
                sys.exit("the floor was refused")
    return sink.end()["seconds"]


def compression(batches, level):
    """Seconds of the processor."""
    plain = [zlib.decompress(body, 31) for body in batches]
    begin = time.process_time()
    for text in plain:
        zlib.compress(text, level)
    return time.process_time() - begin


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    programs = pathlib.Path(sys.argv[1]).absolute()
    events = int(sys.argv[2]) if len(sys.argv) == 3 else 100_000
    base = pathlib.Path(".build-bench")
    base.mkdir(exist_ok=True)
    work = pathlib.Path(tempfile.mkdtemp(dir=base)).absolute()
    rows, faults = [], []

    def row(name, figure, words, limit="", is_good=True, floor=""):
        rows.append((name, figure if isinstance(figure, str) else f"{figure:,.1f}{words}", limit, floor))
        if not is_good:
            faults.append(f"{name}: {rows[-1][1]}, but {limit}")

    try:
        (work / "journal").mkdir()
        run(programs / "journal-writer", "day", work / "journal", "20", "7", DEVICE)
        sink = Sink(work, work / "bodies")
        agent = Agent(programs / "kiosk-agent", work, sink.url)
        try:
            agent.wait_until_delivered()
            time.sleep(2)
            idle, threads, before = agent.resident(), agent.threads(), agent.switches()
            time.sleep(10)
            wakes = agent.switches() - before
            run(programs / "journal-writer", "day", work / "journal", str(events), "8", DEVICE)
            used, peak = agent.seconds(), Peak(agent)
            begin = time.monotonic()
            agent.ask("sync-now")
            agent.wait_until_delivered()
            whole = time.monotonic() - begin
            used, most = agent.seconds() - used, peak.end()
            busy = agent.threads()
            time.sleep(2)
            after = agent.resident()
        finally:
            agent.stop()
        found = sink.end()
        if found["events"] < events:
            sys.exit(f"{found['events']} of {events} events came: {found}")
        batches = bodies(work / "bodies")
        sent, packing, quick = upload(batches, work), compression(batches, 9), compression(batches, 6)
        rate = events / whole
        row("events delivered a second", rate, "", "at least 20,000", rate >= 20_000,
            f"{events / sent:,.0f}: the same batches, ready made, over TLS")
        row("  of what ready-made batches reach", rate * sent / events, "", "", True, "1.0")
        row("bytes an event, compressed", found["body_bytes"] / found["events"], "", "at most 15",
            found["body_bytes"] / found["events"] <= 15, f"{found['plain_bytes'] / found['events']:,.0f} before")
        row("  with the heads of the requests", (found["body_bytes"] + found["head_bytes"]) / found["events"], "")
        row("processor", used, " s", "", True, f"{packing:.1f} s to compress alone at level 9, {quick:.1f} s at level 6")
        row("resident when idle", idle / 1e6, " MB", "at most 30", idle <= 30e6)
        row("resident at most while it delivers", most / 1e6, " MB", "idle + 8", most <= idle + 8e6)
        row("resident afterwards", after / 1e6, " MB")
        row("threads when idle, while it delivers", f"{threads}, {busy}", "")
        row("wake-ups in 10 s idle", str(wakes), "")
    finally:
        shutil.rmtree(work, ignore_errors=True)

    header = ("", "measured", "limit", "floor in the same run")
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(4)]
    for name, figure, limit, floor in [header, *rows]:
        print(f"{name:<{widths[0]}}  {figure:>{widths[1]}}  {limit:>{widths[2]}}  {floor}".rstrip())
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
