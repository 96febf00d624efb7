"""The pull client, against a stand-in that serves events as docs/openapi/device.yaml says."""

import csv
import json
import signal
import subprocess
import sys
import time

from harness import (BUILD, EXAMPLES, NETWORK, PATIENCE, TOKEN, case, eventually, expect, expect_equal, journal, oracle,
                     program, run, token_file)
from live_kiosk import LiveKiosk
import pull


def kiosk(path, *options):
    return program(NETWORK / "stand_in_kiosk.py", "--journal", path, "--token", f"head-office={TOKEN}", *options)


def command(directory, url, *options, consumer="head-office"):
    return [EXAMPLES / "pull.py", "--url", url, "--consumer", consumer, "--state", directory / "state.json", "--token-file",
            token_file(directory), *options]


def start(arguments, **options):
    return subprocess.Popen([sys.executable, *map(str, arguments)], **options)


@case("the pull client fetches every event once though answers break off and it is killed again and again")
def fetched(directory):
    path = journal(directory, 3_000, "--epochs", "3")
    out = directory / "out.json"
    kills = 0
    with kiosk(path, "--fail", "0.2") as server:
        arguments = command(directory, server.address, "--output", out, "--limit", "20", "--once")
        while kills < 6:
            process = start(arguments, stderr=subprocess.DEVNULL)
            size = out.stat().st_size if out.exists() else 0
            # In the middle of it: some events after the start.
            limit = time.monotonic() + PATIENCE
            while process.poll() is None and (out.stat().st_size if out.exists() else 0) < size + 30_000:
                expect(time.monotonic() < limit, "nothing is fetched")
                time.sleep(0.005)
            if process.poll() is not None:
                break
            process.send_signal(signal.SIGKILL)
            process.wait(PATIENCE)
            kills += 1
            # A half-written line, as a power cut leaves it.
            with out.open("ab") as file:
                file.write(b'{"specversion":')
        run(*command(directory, server.address, "--output", out, "--once"))
    found = oracle(path, out)
    expect_equal({name: found[name] for name in ("recorded", "distinct", "missing", "invented", "altered", "again")},
                 {"recorded": 3_000, "distinct": 3_000, "missing": 0, "invented": 0, "altered": 0, "again": 0}, "oracle")
    expect(kills >= 3, f"killed only {kills} times")
    return f"killed {kills} times"


@case("it follows a kiosk, confirms what it has, and writes the columns that kioskctl writes")
def followed(directory):
    whole = journal(directory, 30).read_text("utf-8").splitlines(keepends=True)
    path, out = directory / "growing.json", directory / "out.csv"
    path.write_text("".join(whole[:11]), "utf-8")
    with kiosk(path) as server:
        process = start(command(directory, server.address, "--output", out, "--format", "csv", "--wait", "10"))

        def rows():
            return list(csv.reader(out.open(encoding="utf-8", newline=""))) if out.exists() else []
        try:
            eventually(lambda: len(rows()) == 11, "the first ten events")
            begun = time.monotonic()
            with path.open("a", encoding="utf-8") as file:
                file.writelines(whole[11:])
            eventually(lambda: len(rows()) == 31, "the other twenty")
            waited = time.monotonic() - begun
            state = directory / "state.json"
            eventually(lambda: json.loads(state.read_text())["length"] == out.stat().st_size, "the state knows of all")
        finally:
            process.terminate()
            process.wait(PATIENCE)
    expect(waited < 9, f"only after {waited:.1f} s: it polls instead of waiting")
    expect_equal(tuple(rows()[0]), pull.COLUMNS, "columns")
    expect_equal([int(row[2]) for row in rows()[1:]], list(range(1, 31)), "sequence numbers")


@case("its columns are those of the kioskctl that was built here")
def columns(directory):
    with LiveKiosk(directory) as real:
        real.press("happy")
    real.export("csv", directory / "real.csv")
    header = next(csv.reader((directory / "real.csv").open(encoding="utf-8", newline="")))
    expect_equal(tuple(header), pull.COLUMNS, f"columns of {BUILD}/kioskctl")


@case("it says which events are missing, exchanged or changed, and ends with 3")
def findings(directory):
    path = journal(directory, 40)
    texts = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(texts[:6] + texts[9:]), "utf-8")
    with kiosk(path) as server:
        text = run(*command(directory, server.address, "--once"), status=3)
    expect("events 6 to 8 before it are missing" in text, text[-500:])


@case("it gives up in words where it is not let in, and touches no file that it has not made")
def refused(directory):
    path = journal(directory, 5)
    with kiosk(path) as server:
        text = run(*command(directory, server.address, "--once", consumer="other"), status=1)
        expect("wrong-consumer" in text, text)
        (directory / "state.json").unlink()
        precious = directory / "precious.json"
        precious.write_text("not ours")
        text = run(*command(directory, server.address, "--once", "--output", precious), status=1)
        expect("is not what the state file was made for" in text and precious.read_text() == "not ours", text)
        arguments = command(directory, server.address, "--once")
        (directory / "token").write_text("wrong")
        expect("unauthorized" in run(*arguments, status=1), "a wrong token is not told")
