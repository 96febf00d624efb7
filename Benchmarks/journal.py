#!/usr/bin/env python3
"""What the journal costs as it grows: an append with a million events stored and with none, bytes and syncs per append,
and how long kioskd takes after a crash until it is armed and its journal open.

    journal.py DIRECTORY-WITH-KIOSKD-AND-JOURNAL-WRITER [EVENTS]      (make bench-journal)

The two journals take turns with every append, on the same disk, so that both meet the same noise. Nothing here is a timed
test: figures depend on the machine, ratios much less. Ends with 1 only when it could not measure.
"""

import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from footprint import FACES, Client, Daemon, percentile  # noqa: E402

ROUNDS, APPENDS, CRASHES = 7, 400, 5


def run(*command):
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: {result.stdout}{result.stderr}")
    return result.stdout


def compare(writer, large, work):
    """Medians in microseconds of each round: with many events, with none, and of a bare write and sync."""
    rounds = []
    for number in range(ROUNDS):
        empty = work / f"empty-{number}"
        empty.mkdir()
        rounds.append([int(word) / 1e3 for word in run(writer, "compare", large, empty, str(APPENDS)).split()])
        shutil.rmtree(empty)
    return rounds


def syncs(writer, work):
    """fsync and fdatasync calls per append, opening and closing left out: the difference of a long and a short run."""
    if not shutil.which("strace"):
        sys.exit("strace is missing: Tests/Support/install-packages.sh test")
    counts = []
    for appends in (200, 2_200):
        directory = work / f"syncs-{appends}"
        directory.mkdir()
        trace = work / "trace"
        run("strace", "-f", "-qq", "-e", "trace=fsync,fdatasync,sync_file_range,msync", "-o", trace, writer, "one-by-one",
            directory, str(appends))
        counts.append(sum("resumed" not in line for line in trace.read_text().splitlines()))
    return (counts[1] - counts[0]) / 2_000


def written(writer, work):
    directory = work / "written"
    directory.mkdir()
    for line in run(writer, "measure", directory, "2000").splitlines():
        if line.startswith("write_bytes per append"):
            return int(line.split()[-1])
    sys.exit("journal-writer measure does not tell write_bytes")


def restarts(program, work):
    """Milliseconds from the start of kioskd after a SIGKILL until it is armed, and until its journal is open."""
    armed, opened = [], []
    for number in range(CRASHES + 1):
        begin = time.monotonic()
        daemon = Daemon(program, work)
        took = (time.monotonic() - begin) * 1e3
        status = daemon.status()
        if status["health"]:
            sys.exit(f"kioskd says: {status['health']}")
        # The first start is no start after a crash.
        if number > 0:
            opened.append(took)
            armed.append(status["armed_after_us"] / 1e3)
        client = Client(daemon.socket)
        for press in range(20):
            client.ask({"request": "sim-press", "button": FACES[press % 5], "hold_ms": 10})
        os.kill(daemon.process.pid, signal.SIGKILL)
        daemon.process.wait()
    return armed, opened


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    programs = pathlib.Path(sys.argv[1])
    writer = programs / "journal-writer"
    events = int(sys.argv[2]) if len(sys.argv) == 3 else 1_000_000
    base = pathlib.Path(".build-bench")
    base.mkdir(exist_ok=True)
    work = pathlib.Path(tempfile.mkdtemp(dir=base))
    rows = []
    try:
        large = work / "large" / "state"
        large.mkdir(parents=True)
        begin = time.monotonic()
        run(writer, "fill", large, str(events), "kiosk-bench")
        size = (large / "ratings.db").stat().st_size
        rows.append((f"{events:,} events on the disk", f"{size / 1e6:.0f} MB", "",
                     f"{size / events:.0f} bytes each, filled in {time.monotonic() - begin:.0f} s"))
        rounds = compare(writer, large, work)
        ratio = statistics.median(many / none for many, none, _ in rounds)
        rows.append((f"append with {events:,} events, median", f"{statistics.median(r[0] for r in rounds):.0f} µs", "",
                     f"{statistics.median(r[2] for r in rounds):.0f} µs for a bare 4 KiB write + fsync"))
        rows.append(("append with no events, median", f"{statistics.median(r[1] for r in rounds):.0f} µs", "", ""))
        spread = sorted(many / none for many, none, _ in rounds)
        rows.append((f"  the one by the other, median of {ROUNDS} paired runs", f"{ratio:.3f}", "1.100",
                     f"{spread[0]:.3f} to {spread[-1]:.3f}"))
        rows.append(("bytes written to the disk per append", f"{written(writer, work):,}", "5,200", "4,096: one block"))
        rows.append(("fsyncs per append", f"{syncs(writer, work):.3f}", "1.050",
                     "1: every event is on disk before it is acknowledged"))
        armed, opened = restarts(str(programs / "kioskd"), work / "large")
        rows.append((f"SIGKILL, {events:,} events: start until armed", f"{statistics.median(armed):.0f} ms", "3,000 ms",
                     f"{max(armed):.0f} ms the slowest of {CRASHES}"))
        rows.append(("  until the journal is open, too", f"{statistics.median(opened):.0f} ms", "3,000 ms",
                     f"{percentile(opened, 1):.0f} ms the slowest of {CRASHES}"))
    finally:
        shutil.rmtree(work, ignore_errors=True)

    header = ("", "measured", "limit", "beside it")
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(4)]
    for name, figure, limit, floor in [header, *rows]:
        print(f"{name:<{widths[0]}}  {figure:>{widths[1]}}  {limit:>{widths[2]}}  {floor}".rstrip())


if __name__ == "__main__":
    main()
