#!/usr/bin/env python3
"""What kioskd costs: size, memory, threads, start, wake-ups, bytes and syncs per press, time from press to commit.

    footprint.py DIRECTORY-WITH-KIOSKD-AND-KIOSKCTL      (make bench-footprint)

Each figure stands beside its limit and, where there is one, the floor measured in the same run: the cost of one bare
4 KiB write and fsync, taken in turn with the presses on the same disk, and the start of a program that does nothing.
Nothing here is a timed test: figures depend on the machine, ratios much less. Ends with 1 only when it could not measure.
"""

import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

PRESSES = 1000
FACES = ["very-unhappy", "unhappy", "neutral", "happy", "very-happy"]
LIMIT_SECONDS = 60


class Client:
    """One connection to the control socket."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(LIMIT_SECONDS + PRESSES)
        self.socket.connect(path)
        self.lines = self.socket.makefile("rb")

    def send(self, request):
        self.socket.sendall(json.dumps(request).encode() + b"\n")

    def ask(self, request):
        self.send(request)
        return self.next()

    def next(self):
        line = self.lines.readline()
        if not line:
            sys.exit("kioskd closed the control socket")
        return json.loads(line)


class Daemon:
    """kioskd with a simulated panel in a directory of its own."""

    def __init__(self, program, directory, prefix=()):
        self.directory = pathlib.Path(directory)
        for name in ("config/surveys", "state", "run"):
            (self.directory / name).mkdir(parents=True, exist_ok=True)
        config = self.directory / "config"
        self.write_configuration(config)
        self.socket = str(self.directory / "run" / "control.sock")
        self.process = subprocess.Popen(
            [*prefix, program, "--config", str(config), "--state", str(self.directory / "state"), "--runtime",
             str(self.directory / "run")], stderr=subprocess.DEVNULL)
        end = time.monotonic() + LIMIT_SECONDS
        while True:
            try:
                if (Client(self.socket).ask({"request": "status"})["status"]["journal"].get("epoch")):
                    return
            except OSError:
                pass
            if time.monotonic() > end or self.process.poll() is not None:
                sys.exit("kioskd does not start")
            time.sleep(0.005)

    def write_configuration(self, config):
        (config / "kiosk.toml").write_text(
            '[device]\nname = "kiosk-bench"\ntouchpoint = "bench"\ntime_zone = "Etc/UTC"\n'
            '[filter]\nresponse_interval = "0s"\nburst_limit = 0\nchord_window = "0s"\ncorrection_window = "0s"\n')
        (config / "panel.toml").write_text(
            'board = "simulated"\nsurvey = "loyalty"\n[timing]\ndebounce = "5ms"\n'
            + "".join(f'[[button]]\nname = "{face}"\n' for face in FACES)
            + '[[lamp]]\nname = "thanks"\nshows = ["counted"]\n')
        (config / "surveys" / "loyalty.toml").write_text(
            'name = "loyalty"\nversion = 1\ninstrument = "loyalty"\n[[question]]\nname = "overall"\nscale = "faces-5"\n'
            '[question.text]\nen = "How was it?"\n'
            + "".join(f'[[question.answer]]\nbutton = "{f}"\nvalue = {i + 1}\n' for i, f in enumerate(FACES)))

    def proc(self, name):
        return pathlib.Path(f"/proc/{self.process.pid}/{name}").read_text()

    def status(self):
        return Client(self.socket).ask({"request": "status"})["status"]

    def stop(self):
        self.process.terminate()
        self.process.wait(LIMIT_SECONDS)


def number(text, name):
    for line in text.splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    sys.exit(f"{name} is not told by the kernel")


def waveform(presses, spacing=40_000, hold=15_000):
    """Presses one after the other, each bouncing a little."""
    rows, at = [], 0
    for index in range(presses):
        face = FACES[index % len(FACES)]
        for start, level in ((at, 0), (at + hold, 1)):
            for edge in range(5):
                rows.append(f"{start + edge * 300},{face},{level if edge % 2 == 0 else 1 - level}")
        at += spacing
    return "\n".join(rows)


def switches(daemon):
    """Times that any thread of the daemon was run, since it started."""
    total = 0
    for task in pathlib.Path(f"/proc/{daemon.process.pid}/task").iterdir():
        text = (task / "status").read_text()
        total += number(text, "voluntary_ctxt_switches") + number(text, "nonvoluntary_ctxt_switches")
    return total


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def start_times(program, work):
    armed, floor = [], []
    for index in range(11):
        begin = time.monotonic()
        subprocess.run(["/bin/true"], check=True)
        floor.append((time.monotonic() - begin) * 1e3)
        daemon = Daemon(program, f"{work}/start")
        armed.append(daemon.status()["armed_after_us"] / 1e3)
        daemon.stop()
    return statistics.median(armed), statistics.median(floor)


def bare_write(descriptor, block):
    begin = time.monotonic()
    os.write(descriptor, block)
    os.fsync(descriptor)
    return (time.monotonic() - begin) * 1e6


def press_times(daemon, work, count=300):
    """Microseconds from press to commit, and of a bare write and fsync, in turn."""
    watch = Client(daemon.socket)
    watch.ask({"request": "watch"})
    client = Client(daemon.socket)
    descriptor = os.open(f"{work}/floor", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    commits, floor = [], []
    for index in range(count):
        client.ask({"request": "sim-press", "button": FACES[index % 5], "hold_ms": 10})
        while True:
            activity = watch.next()
            if activity["event"] == "committed":
                commits.append(activity["commit_us"])
                break
        floor.append(bare_write(descriptor, os.urandom(4096)))
    os.close(descriptor)
    return commits, floor


def syncs_per_press(program, work, count=200):
    if not shutil.which("strace"):
        sys.exit("strace is missing: Tests/Support/install-packages.sh test")
    trace = f"{work}/trace"
    daemon = Daemon(
        program, f"{work}/traced",
        prefix=["strace", "-f", "-qq", "-e", "trace=fsync,fdatasync,sync_file_range,msync", "-o", trace])
    before = len(open(trace).readlines())
    commits = daemon.status()["journal"]["commits"]
    Client(daemon.socket).ask({"request": "sim-play", "waveform": waveform(count)})
    syncs = sum("resumed" not in line for line in open(trace).readlines()[before:])
    commits = daemon.status()["journal"]["commits"] - commits
    daemon.process.terminate()
    subprocess.run(["pkill", "-TERM", "-P", str(daemon.process.pid)], check=False)
    daemon.process.wait(LIMIT_SECONDS)
    return syncs / count, commits


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    program = os.path.join(sys.argv[1], "kioskd")
    base = pathlib.Path(".build-bench")
    base.mkdir(exist_ok=True)
    work = tempfile.mkdtemp(dir=base)
    rows = []

    def row(name, figure, limit, floor=""):
        rows.append((name, figure, limit, floor))

    try:
        row("kioskd, stripped", f"{os.path.getsize(program) / 1e6:.1f} MB", "16 MB")
        armed, floor = start_times(program, work)
        row("start until the lines are armed", f"{armed:.1f} ms", "50 ms", f"{floor:.1f} ms to start and end /bin/true")

        daemon = Daemon(program, f"{work}/run")
        before = number(daemon.proc("io"), "write_bytes")
        played = Client(daemon.socket).ask({"request": "sim-play", "waveform": waveform(PRESSES)})["played"]
        if len(played["presses"]) != PRESSES:
            sys.exit(f"{len(played['presses'])} of {PRESSES} presses were recognised")
        written = number(daemon.proc("io"), "write_bytes") - before
        # With nobody connected, as in the shop: what the answer took is given back a moment after the client has gone.
        time.sleep(1)
        memory = daemon.proc("smaps_rollup")
        row(f"resident memory after {PRESSES:,} presses", f"{number(memory, 'Rss:') / 1e3:.1f} MB", "12 MB",
            f"{number(daemon.proc('status'), 'VmHWM:') / 1e3:.1f} MB at most, while it read the waveform of all presses")
        row("  its own share of it (PSS)", f"{number(memory, 'Pss:') / 1e3:.1f} MB", "9 MB")
        row("threads", str(number(daemon.proc("status"), "Threads:")), "6")
        row("bytes written to the disk per press", f"{written / PRESSES:,.0f}", "5,200", "4,096: one block")
        commits, bare = press_times(daemon, work)
        ratio = statistics.median(commits) / statistics.median(bare)
        row("press to commit, median", f"{statistics.median(commits) / 1e3:.2f} ms", "",
            f"{statistics.median(bare) / 1e3:.2f} ms for a bare 4 KiB write + fsync")
        row("  as a multiple of that floor", f"{ratio:.2f}", "1.20", "1.00")
        row("press to commit, 99 of 100", f"{percentile(commits, 0.99) / 1e3:.2f} ms", "",
            f"{percentile(bare, 0.99) / 1e3:.2f} ms")
        time.sleep(3)  # The thank-you lamp goes out.
        idle = switches(daemon)
        time.sleep(10)
        row("wake-ups in 10 s idle, without a watchdog", str(switches(daemon) - idle), "0")
        daemon.stop()
        syncs, commits = syncs_per_press(program, work)
        row("fsyncs per press", f"{syncs:.3f}", "1.05", "1: every press is on disk before it is acknowledged")
    finally:
        shutil.rmtree(work, ignore_errors=True)

    header = ("", "measured", "limit", "floor in the same run")
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(4)]
    for name, figure, limit, floor in [header, *rows]:
        print(f"{name:<{widths[0]}}  {figure:>{widths[1]}}  {limit:>{widths[2]}}  {floor}".rstrip())


if __name__ == "__main__":
    main()
