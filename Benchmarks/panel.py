#!/usr/bin/env python3
"""What the instruments cost: a questionnaire's step beside a plain press, and a panel worked as fast as can be.

    panel.py DIRECTORY-WITH-KIOSKD-KIOSKCTL-AND-PANEL-BENCH [SECONDS]      (make bench-panel)

A step (press, commit, lamp and display told) is measured in turn with a plain press on the same disk, by two daemons of
the same program. Then sixteen bouncing lines give 200 presses a second for a minute (or SECONDS): each of them must be in
the journal once, in order, and nothing else. Ends with 1 when a press was lost or invented, or when it could not measure.
"""

import os
import pathlib
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile

from footprint import FACES, Client, Daemon, percentile

STEPS = 300
LINES = 16
RATE = 200


class Panel(Daemon):
    """kioskd with the panel and survey of one measurement."""

    def __init__(self, program, directory, buttons, survey):
        self.buttons = buttons
        self.survey = survey
        super().__init__(program, directory)

    def write_configuration(self, config):
        (config / "kiosk.toml").write_text(
            '[device]\nname = "kiosk-bench"\ntouchpoint = "bench"\ntime_zone = "Etc/UTC"\n'
            '[filter]\nresponse_interval = "0s"\nburst_limit = 0\nchord_window = "0s"\ncorrection_window = "0s"\n'
            'answer_interval = "0s"\n')
        (config / "panel.toml").write_text(
            'board = "simulated"\nsurvey = "bench"\n[timing]\ndebounce = "20ms"\n'
            + "".join(f'[[button]]\nname = "{name}"\n' for name in self.buttons)
            + '[[lamp]]\nname = "thanks"\nshows = ["counted"]\n')
        (config / "surveys" / "bench.toml").write_text(self.survey)


def question(name, buttons, scale):
    return (f'[[question]]\nname = "{name}"\n' + (f'scale = "{scale}"\n' if scale else "")
            + '[question.text]\nen = "How was it?"\n'
            + "".join(f'[[question.answer]]\nbutton = "{b}"\nvalue = {i + 1}\n' for i, b in enumerate(buttons)))


def survey(instrument, questions):
    return f'name = "bench"\nversion = 1\ninstrument = "{instrument}"\n' + "".join(questions)


class Step:
    """A watched daemon, pressed once at a time."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.watch = Client(daemon.socket)
        self.watch.ask({"request": "watch"})
        self.client = Client(daemon.socket)
        self.commits, self.told = [], []

    def press(self, button):
        """Presses, and waits for the commit and for the display of a questionnaire."""
        self.client.send({"request": "sim-press", "button": button, "hold_ms": 30})
        committed = display = None
        while committed is None or (display is None and self.daemon.survey.count("[[question]]") > 1):
            activity = self.watch.next()
            if activity["event"] == "committed":
                committed = activity
            elif activity["event"] == "display" and committed:
                display = activity
        self.client.next()
        self.commits.append(committed["commit_us"])
        if display:
            self.told.append((display["monotonic_ns"] - committed["monotonic_ns"]) / 1e3)


def steps(program, work):
    plain = Panel(program, f"{work}/plain", FACES, survey("loyalty", [question("overall", FACES, "faces-5")]))
    asked = Panel(
        program, f"{work}/questionnaire", FACES,
        survey("questionnaire", [question(f"q{n}", FACES, "faces-5") for n in range(20)]))
    try:
        press, step = Step(plain), Step(asked)
        for index in range(STEPS):
            press.press(FACES[index % 5])
            step.press(FACES[index % 5])
        commits = {name: daemon.status()["journal"]["commits"] for name, daemon in (("plain", plain), ("asked", asked))}
        return press, step, commits
    finally:
        plain.stop()
        asked.stop()


def second(number):
    """A second of presses on all lines in turn, 5 ms apart, each bouncing at both ends."""
    rows, truth = [], []
    for index in range(RATE):
        name = f"b{(number * RATE + index) % LINES}"
        truth.append(name)
        start = index * 1_000_000 // RATE
        for at, level in ((start, 0), (start + 40_000, 1)):
            for edge in range(3):
                rows.append((at + edge * 400, name, level if edge % 2 == 0 else 1 - level))
    return "\n".join(f"{at},{name},{level}" for at, name, level in sorted(rows)), truth


def rate(program, work, seconds):
    buttons = [f"b{n}" for n in range(LINES)]
    topics = survey("feedback", [question("topics", buttons, None)])
    daemon = Panel(program, f"{work}/rate", buttons, topics)
    try:
        before = daemon.status()["journal"]["commits"]
        client = Client(daemon.socket)
        truth, seen = [], []
        for number in range(seconds):
            waveform, expected = second(number)
            truth += expected
            played = client.ask({"request": "sim-play", "waveform": waveform})
            if "played" not in played:
                sys.exit(f"the waveform was refused: {played}")
            seen += [press["button"] for press in played["played"]["presses"]]
        status = daemon.status()
    finally:
        daemon.stop()
    journal = f"{work}/rate/state/ratings.db"
    with sqlite3.connect(f"file:{journal}?mode=ro", uri=True) as database:
        stored = [row[0] for row in database.execute("SELECT button FROM events WHERE button IS NOT NULL ORDER BY seq")]
    verified = subprocess.run(
        [os.path.join(os.path.dirname(program), "kioskctl"), "journal", "verify", "--journal", journal],
        capture_output=True, text=True)
    return truth, seen, stored, status, status["journal"]["commits"] - before, verified


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    directory = sys.argv[1]
    seconds = int(sys.argv[2]) if len(sys.argv) == 3 else 60
    program = os.path.join(directory, "kioskd")
    base = pathlib.Path(".build-bench")
    base.mkdir(exist_ok=True)
    work = tempfile.mkdtemp(dir=base)
    try:
        press, step, commits = steps(program, work)
        plain, asked = statistics.median(press.commits), statistics.median(step.commits)
        print(f"plain press to commit, median {plain / 1e3:.2f} ms, 99 of 100 {percentile(press.commits, 0.99) / 1e3:.2f} ms")
        print(f"questionnaire step, median    {asked / 1e3:.2f} ms, 99 of 100 {percentile(step.commits, 0.99) / 1e3:.2f} ms")
        print(f"  as a multiple of a plain press {asked / plain:.2f}")
        print(f"  from commit to display told, median {statistics.median(step.told):.0f} us")
        print(f"  transactions for {STEPS} presses and {STEPS} steps: {commits['plain']} and {commits['asked']}")

        truth, seen, stored, status, used, verified = rate(program, work, seconds)
        print(f"{RATE} presses a second on {LINES} bouncing lines for {seconds} s: {len(truth):,} made, {len(seen):,} told, "
              f"{len(stored):,} in the journal, {used:,} transactions")
        print(f"  edges lost: {status['edges_lost']}; journal verify: exit {verified.returncode}")
        if not truth == seen == stored or verified.returncode != 0:
            sys.exit("a press was lost, invented or out of order")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    subprocess.run([os.path.join(directory, "panel-bench")], check=True)


if __name__ == "__main__":
    main()
