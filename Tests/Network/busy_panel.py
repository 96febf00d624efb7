"""kioskd with a panel whose buttons are pressed as fast as can be, and who listens to what it tells."""

import json
import os
import pathlib
import random
import signal
import socket
import sqlite3
import statistics
import subprocess
import threading

from harness import BUILD, PATIENCE, Skipped, eventually, expect_equal

LINES = 16
BUTTONS = tuple(f"b{number}" for number in range(LINES))


class BusyPanel:
    """Sixteen buttons, each press of which counts. `environment` is what the program gets beside the test's own."""

    def __init__(self, directory, device="kiosk-test", environment=None):
        if not (BUILD / "kioskd").exists():
            raise Skipped(f"no kioskd in {BUILD}")
        self.directory = pathlib.Path(directory)
        self.config, self.state, self.runtime = (self.directory / name for name in ("config", "journal", "run"))
        for path in (self.config / "surveys", self.state, self.runtime):
            path.mkdir(parents=True, exist_ok=True)
        self.environment = os.environ | (environment or {})
        self.control = self.runtime / "control.sock"
        (self.config / "kiosk.toml").write_text(
            f'[device]\nname = "{device}"\ntouchpoint = "test"\ntime_zone = "Etc/UTC"\n'
            '[filter]\nresponse_interval = "0s"\nburst_limit = 0\nchord_window = "0s"\ncorrection_window = "0s"\n'
            'answer_interval = "0s"\n')
        (self.config / "panel.toml").write_text(
            'board = "simulated"\nsurvey = "topics"\n[timing]\ndebounce = "20ms"\n'
            + "".join(f'[[button]]\nname = "{name}"\n' for name in BUTTONS)
            + '[[lamp]]\nname = "thanks"\nshows = ["counted"]\n')
        (self.config / "surveys" / "topics.toml").write_text(
            'name = "topics"\nversion = 1\ninstrument = "feedback"\n[[question]]\nname = "topics"\n[question.text]\n'
            'en = "What shall we look at?"\n'
            + "".join(f'[[question.answer]]\nbutton = "{name}"\nvalue = {index + 1}\n' for index, name in enumerate(BUTTONS)))
        self.log = (self.directory / "kioskd.log").open("a")
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [BUILD / "kioskd", "--config", self.config, "--state", self.state, "--runtime", self.runtime],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, env=self.environment)

    def __enter__(self):
        eventually(self.answers, "kioskd answers")
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE)
        self.log.close()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE)

    def restart(self):
        """As systemctl does it: ended in order, begun again."""
        self.process.terminate()
        self.process.wait(PATIENCE)
        self.start()
        eventually(self.answers, "kioskd answers again")

    def learns_what_is_delivered(self):
        """Waits until it stands in the journal that all there is now has been delivered.

        kioskd writes that down with the first press after its start, then once a minute; the agent tells a new kioskd anew."""
        last = self.last()
        self.restart()
        client = self.connect()

        def is_written():
            client.ask("sim-press", button=BUTTONS[0], hold_ms=30)
            return self.acknowledged() >= last

        try:
            eventually(is_written, f"event {last} is acknowledged in the journal")
        finally:
            client.close()

    def said(self):
        return (self.directory / "kioskd.log").read_text("utf-8")

    def connect(self):
        return PanelClient(self.control)

    def answers(self):
        if self.process.poll() is not None:
            raise AssertionError(f"kioskd ended with {self.process.returncode}: {self.said()}")
        try:
            client = self.connect()
        except OSError:
            return False
        try:
            return "epoch" in client.ask("status")["status"]["journal"]
        except (OSError, ValueError):
            return False
        finally:
            client.close()

    def stored(self):
        """The buttons of all presses in the journal, in order."""
        return [row[0] for row in self.asked("SELECT button FROM events WHERE button IS NOT NULL ORDER BY seq")]

    def acknowledged(self):
        return self.asked("SELECT acknowledged_through FROM journal")[0][0]

    def last(self):
        return self.asked("SELECT ifnull(max(seq), 0) FROM events")[0][0]

    def asked(self, query):
        database = sqlite3.connect(f"file:{self.state / 'ratings.db'}?mode=ro", uri=True, timeout=PATIENCE)
        try:
            return database.execute(query).fetchall()
        finally:
            database.close()


class PanelClient:
    """One connection to kioskd."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        try:
            self.socket.connect(str(path))
        except OSError:
            self.socket.close()
            raise
        self.lines = self.socket.makefile("rb")

    def ask(self, request, **members):
        self.socket.sendall(json.dumps({"request": request} | members).encode() + b"\n")
        return self.next()

    def next(self):
        line = self.lines.readline()
        if not line:
            raise ConnectionError("kioskd closed the connection")
        return json.loads(line)

    def close(self):
        self.lines.close()
        self.socket.close()


def waveform(number, rate, milliseconds=1_000):
    """Presses on all lines in turn, evenly spaced, each bouncing at both ends; (the waveform, the buttons in order).

    A button is down for 40 ms, so that at 200 a second eight lines are down at any moment."""
    rows, truth = [], []
    count = rate * milliseconds // 1_000
    for index in range(count):
        name = BUTTONS[(number * count + index) % LINES]
        truth.append(name)
        start = index * 1_000_000 // rate
        for at, level in ((start, 0), (start + 40_000, 1)):
            for edge in range(3):
                rows.append((at + edge * 400, name, level if edge % 2 == 0 else 1 - level))
    return "\n".join(f"{at},{name},{level}" for at, name, level in sorted(rows)), truth


def played(panel, seconds, rate=200):
    """Presses for so long, in real time. Returns the buttons in order, as they were made; kioskd has told of all of them."""
    client, truth, told = panel.connect(), [], []
    try:
        for number in range(seconds):
            text, expected = waveform(number, rate)
            truth += expected
            answer = client.ask("sim-play", waveform=text)
            if "played" not in answer:
                raise AssertionError(f"kioskd plays nothing: {answer}")
            told += [press["button"] for press in answer["played"]["presses"]]
    finally:
        client.close()
    expect_equal(told, truth, "presses that kioskd told")
    return truth


class Watch(threading.Thread):
    """Listens as anybody may, and notes how long each commit took."""

    def __init__(self, panel):
        super().__init__(daemon=True)
        self.client = panel.connect()
        self.client.ask("watch")
        self.commits = []
        self.start()

    def run(self):
        try:
            while True:
                activity = self.client.next()
                if "commit_us" in activity:
                    self.commits.append(activity["commit_us"])
        except (OSError, ValueError):
            pass

    def median(self):
        return statistics.median(self.commits)

    def worst_of_hundred(self):
        return sorted(self.commits)[len(self.commits) * 99 // 100]


class Pest(threading.Thread):
    """Does something again and again beside the test, until it is over; what it fails with is the test's failure."""

    def __init__(self, action, pause):
        super().__init__(daemon=True)
        self.action, self.pause = action, pause
        self.over, self.times, self.failure = threading.Event(), 0, None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, kind, *_):
        self.over.set()
        self.join(PATIENCE)
        if kind is None and self.failure:
            raise self.failure

    def run(self):
        while not self.over.wait(self.pause):
            try:
                self.action(self.times)
                self.times += 1
            except Exception as error:  # told by the test's own thread
                self.failure = error
                return


def garbage(chance: random.Random):
    """Bytes that are no request: noise, half a line, JSON of the wrong shape, a line without end."""
    return chance.choice([
        lambda: chance.randbytes(chance.randint(1, 4_000)) + b"\n", lambda: b'{"request":"sta',
        lambda: b'{"request":{"watch":[]}}\n' * 50, lambda: b"[" * 3_000 + b"\n", lambda: b"x" * 65_536,
        lambda: b'{"request":"acknowledge","epoch":"' + chance.randbytes(40) + b'","through":99999999999999999999}\n',
        lambda: b"\n" * 2_000, lambda: b"\0" * 2_000 + b"\n",
    ])()


def throw(path, data):
    """Sends bytes to a socket and goes away, without waiting for what is said to them."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1)
        try:
            connection.connect(str(path))
            connection.sendall(data)
        except OSError:
            # It is not there at the moment, or has hung up on us.
            pass
