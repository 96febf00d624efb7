"""The real kioskd and kiosk-agent, with a configuration made of docs/examples."""

import itertools
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).parents[2]
BUILD = pathlib.Path(os.environ.get("KIOSK_BUILD", ROOT / ".build/debug")).resolve()
PATIENCE = 30
# Every press counts, so that a case need not wait between two of them.
EAGER = ('[filter]\nresponse_interval = "0s"\nburst_limit = 0\nchord_window = "0s"\ncorrection_window = "0s"\n'
         'answer_interval = "0s"\n')


def eventually(condition, what, limit=PATIENCE):
    """The first true value of the condition."""
    end = time.monotonic() + limit
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {limit} s: {what() if callable(what) else what}")
        time.sleep(0.005)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Kiosk:
    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.config, self.state = self.directory / "config", self.directory / "state"
        self.runtime, self.memory = self.directory / "run", self.directory / "agent"
        for path in (self.state, self.runtime, self.memory):
            path.mkdir(parents=True)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        self.kioskd = self.agent = None
        self.versions = itertools.count()

    # MARK: configuration

    def configure(self, example="simulated-all-surveys", survey=None, files=None, more="", panel="", filter=EAGER):
        """Lays out an example, with other surveys beside its own."""
        shutil.rmtree(self.config, ignore_errors=True)
        shutil.copytree(ROOT / "docs/examples" / example, self.config)
        for name, text in (files or {}).items():
            (self.config / name).write_text(text)
        path = self.config / "kiosk.toml"
        path.write_text(re.sub(r"(?ms)^\[filter\].*?(?=^\[|\Z)", "", path.read_text())
                        + f'\n# {next(self.versions)}\n{filter}\n[display]\nlisten = "127.0.0.1:{self.port}"\n{more}\n')
        path = self.config / "panel.toml"
        text = path.read_text()
        if survey:
            text = re.sub(r'(?m)^survey = .*$', f'survey = "{survey}"', text)
        path.write_text(text + panel)

    def show(self, **configuration):
        """Another configuration, in both programs."""
        self.configure(**configuration)
        if self.kioskd is None:
            self.start()
            return
        told = self.watch()
        self.kioskd.send_signal(signal.SIGHUP)
        for line in told:
            if "configuration refused" in (self.directory / "kioskd.log").read_text():
                raise AssertionError(self.words()[-600:])
            if json.loads(line).get("event") == "configuration":
                break
        told.close()

    # MARK: programs

    def start(self):
        self.start_kioskd()
        self.start_agent()

    def start_kioskd(self, state=None, keeps_time=False):
        """keeps_time: it takes this machine's clock for synchronised."""
        environment = dict(os.environ)
        if keeps_time:
            library = self.directory / "synchronised_clock.so"
            subprocess.run(["cc", "-shared", "-fPIC", "-o", library, pathlib.Path(__file__).parent / "synchronised_clock.c"],
                           check=True, timeout=PATIENCE)
            environment["LD_PRELOAD"] = str(library)
        log = (self.directory / "kioskd.log").open("a")
        self.kioskd = subprocess.Popen(
            [BUILD / "kioskd", "--config", self.config, "--state", state or self.state, "--runtime", self.runtime],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)
        log.close()
        eventually(self.answers, lambda: f"kioskd answers: {self.words()[-600:]}")

    def start_agent(self):
        log = (self.directory / "agent.log").open("a")
        self.agent = subprocess.Popen(
            [BUILD / "kiosk-agent", "--config", self.config, "--journal", self.state, "--state", self.memory,
             "--runtime", self.memory, "--control", self.runtime / "control.sock"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        log.close()
        eventually(self.listens, lambda: f"kiosk-agent listens: {self.words()[-600:]}")

    def end(self, program):
        if program and program.poll() is None:
            program.terminate()
            try:
                program.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                program.kill()
                program.wait()

    def close(self):
        self.end(self.agent)
        self.end(self.kioskd)

    def words(self):
        return "".join(path.read_text() for path in sorted(self.directory.glob("*.log")))

    def listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    # MARK: what is asked of it

    def ask(self, request, **members):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PATIENCE)
            connection.connect(str(self.runtime / "control.sock"))
            connection.sendall(json.dumps({"request": request} | members).encode() + b"\n")
            return json.loads(connection.makefile().readline())

    def answers(self):
        try:
            return "status" in self.ask("status")
        except (OSError, ValueError):
            return False

    def press(self, *buttons):
        """As a technician does, with kioskctl."""
        for button in buttons:
            subprocess.run(
                [BUILD / "kioskctl", "sim", "press", button, "--hold", "60ms", "--socket",
                 self.runtime / "control.sock"], check=True, capture_output=True, timeout=PATIENCE)

    def watch(self):
        """A connection that is told what happens, one JSON object a line."""
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(PATIENCE)
        connection.connect(str(self.runtime / "control.sock"))
        connection.sendall(b'{"request":"watch"}\n')
        lines = connection.makefile()
        connection.close()
        # The answer says that it is watching: what happens from here on is told.
        lines.readline()
        return lines
