"""Runs all cases in the virtual machine, one after another, each with both builds of kioskd, and writes the results to
the shared folder as they come."""

import os
import shutil
import signal
import sys
import time
import traceback

import case
from bench import SHARE, Bench

# Importing a theme registers its cases.
import presses  # noqa: F401
import commit_first  # noqa: F401
import lost_edges  # noqa: F401
import held  # noqa: F401
import refusals  # noqa: F401
import chips  # noqa: F401
import restarts  # noqa: F401
import storage  # noqa: F401
import idle  # noqa: F401
import instruments  # noqa: F401

BUILDS = {"1": "libgpiod 1.6", "2": "libgpiod 2"}
# No case may take longer than this, in seconds; the longest takes about a minute on a slow machine.
LIMIT = 300


def run(function, build):
    """Runs one case; why it failed, or None."""
    bench = Bench(build)
    why = None
    signal.alarm(LIMIT)
    try:
        function(bench)
    except case.CaseFailed as failure:
        why = str(failure)
    except case.TooSlow:
        why = f"not done within {LIMIT} s"
    except Exception as error:  # a case that stumbles must not take the others along
        why = f"{type(error).__name__}: {error}"
        traceback.print_exc()
    finally:
        signal.alarm(0)
    return why, bench


def keep_logs(bench, number):
    """What kioskd said, on the console and in the folder that outlives the machine, and there its files."""
    folder = f"{SHARE}/failures/{number}"
    os.makedirs(folder)
    for name in os.listdir(bench.folder):
        if name.endswith((".log", ".trace")):
            shutil.copy(f"{bench.folder}/{name}", folder)
    if os.path.exists(bench.log):
        with open(bench.log, encoding="utf-8", errors="replace") as log:
            for line in log.readlines()[-15:]:
                print("#   " + line.rstrip(), flush=True)
    for origin, wanted in ((bench.config, ".toml"), (bench.state, "ratings")):
        for name in os.listdir(origin):
            if wanted in name:
                shutil.copy(f"{origin}/{name}", folder)


def too_slow(signal_number, frame):
    raise case.TooSlow()


def main():
    with open(f"{SHARE}/only") as file:
        only = file.read().strip()
    planned = [
        (f"{sentence} ({BUILDS[build]})", function, build)
        for sentence, module, function, builds in case.registered
        for build in builds
        if only in f"{module}: {sentence} ({BUILDS[build]})"
    ]
    with open(f"{SHARE}/plan", "w") as file:
        for number, (name, _, _) in enumerate(planned, 1):
            print(f"{number} - {name}", file=file)
    signal.signal(signal.SIGALRM, too_slow)
    failed = 0
    durations = []
    with open(f"{SHARE}/results", "w", buffering=1) as results:
        for number, (name, function, build) in enumerate(planned, 1):
            started = time.monotonic()
            why, bench = run(function, build)
            line = f"ok {number} - {name}" if why is None else f"not ok {number} - {name}: {why}"
            line = " ".join(line.split())
            print(line, file=results)
            print(line, flush=True)
            durations.append((time.monotonic() - started, number))
            if why is not None:
                failed += 1
                keep_logs(bench, number)
            try:
                bench.close()
            except Exception:  # the next case has a bench of its own
                traceback.print_exc()
    slowest = ", ".join(f"{number} ({seconds:.0f} s)" for seconds, number in sorted(durations, reverse=True)[:12])
    print(f"# slowest cases: {slowest}", flush=True)
    return 1 if failed else 0


sys.exit(main())
