"""The real kiosk-agent: started on a journal, with what it is to go by."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import sqlite3
import subprocess
import time

from harness import BUILD, PATIENCE, TOKEN, Skipped, eventually

# Waits are short, so that a test is; what is tested is the same.
HURRIED = {"gather": "0s", "first_contact_within": "0s", "first_retry_within": "10ms", "retry_within": "100ms"}


class Agent:
    """Runs until it is ended. `sync` is what stands in [sync]; None: there is no such table."""

    def __init__(self, directory, sync, credentials=None, journal=None, device="kiosk-test", more="", control=None,
                 prefix=()):
        if not (BUILD / "kiosk-agent").exists():
            raise Skipped(f"no kiosk-agent in {BUILD}")
        self.directory = pathlib.Path(directory)
        self.journal = pathlib.Path(journal or directory / "journal")
        self.config, self.state, self.runtime, self.credentials = (
            self.directory / name for name in ("agent-config", "agent-state", "agent-run", "agent-credentials"))
        for path in (self.journal, self.config, self.state, self.runtime, self.credentials):
            path.mkdir(exist_ok=True)
        self.control = control or self.directory / "no-kioskd.sock"
        self.device, self.more, self.prefix = device, more, list(prefix)
        self.configure(sync)
        for name, content in ({"upstream-token": TOKEN} | (credentials or {})).items():
            self.credential(name, content)
        self.log = (self.directory / "agent.log").open("a")
        self.process = None
        self.start()

    def configure(self, sync):
        text = f'[device]\nname = "{self.device}"\ntouchpoint = "test"\n'
        if sync is not None:
            text += "[sync]\n" + "".join(
                f"{key} = {json.dumps(value)}\n" for key, value in (HURRIED | sync).items() if value is not None)
        (self.config / "kiosk.toml").write_text(text + self.more)

    def credential(self, name, content):
        """Writes a credential, or removes it."""
        path = self.credentials / name
        if content is None:
            path.unlink(missing_ok=True)
            return
        fresh = path.with_name(name + ".new")
        fresh.write_bytes(content if isinstance(content, bytes) else str(content).encode())
        os.replace(fresh, path)

    def start(self):
        self.process = subprocess.Popen(
            [*map(str, self.prefix), BUILD / "kiosk-agent", "--config", self.config, "--journal", self.journal, "--state",
             self.state, "--runtime", self.runtime, "--control", self.control, "--credentials", self.credentials],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def __enter__(self):
        eventually(self.answers, "kiosk-agent answers")
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(PATIENCE)
                raise AssertionError("kiosk-agent does not end") from None
        self.log.close()

    def kill(self):
        self.process.kill()
        self.process.wait(PATIENCE)

    def signal(self, number):
        self.process.send_signal(number)

    def reload(self, sync):
        self.configure(sync)
        self.signal(signal.SIGHUP)

    def ask(self, request):
        """The answer. An agent that takes a new configuration breaks off what it is asked meanwhile."""
        limit = time.monotonic() + PATIENCE
        while time.monotonic() < limit:
            with contextlib.suppress(ConnectionError, FileNotFoundError):
                if line := self.asked(request):
                    return json.loads(line)
            time.sleep(0.05)
        raise AssertionError(f"kiosk-agent does not answer {request}")

    def asked(self, request):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PATIENCE)
            connection.connect(str(self.runtime / "agent.sock"))
            connection.sendall(json.dumps({"request": request}).encode() + b"\n")
            return connection.makefile().readline()

    def status(self):
        return self.ask("sync-status")["status"]

    def answers(self):
        if self.process.poll() is not None:
            raise AssertionError(f"kiosk-agent ended with {self.process.returncode}: {self.said()}")
        try:
            return "status" in json.loads(self.asked("sync-status"))
        except (OSError, ValueError):
            return False

    def said(self):
        return (self.directory / "agent.log").read_text("utf-8")

    def memory(self):
        """Resident bytes."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise AssertionError("no VmRSS")

    def codes(self):
        return [state["code"] for state in self.status()["health"]]

    def has_delivered(self):
        status = self.status()["push"]
        return status["state"] == "idle" and status["waiting_events"] == 0

    def wait_until_delivered(self, seconds=PATIENCE):
        eventually(self.has_delivered, "everything is delivered", seconds)

    def wait_for_problem(self, code):
        eventually(lambda: self.status()["push"].get("problem", {}).get("code") == code, f"the agent says {code}")
        return self.status()["push"]


def ratings(directory):
    """A journal's file, and how many events it holds."""
    path = pathlib.Path(directory) / "ratings.db"
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        return path, database.execute("SELECT count(*) FROM events").fetchone()[0]


def filled(directory, events, device="kiosk-test"):
    """A journal with so many events, of the real writer."""
    if not (BUILD / "journal-writer").exists():
        raise Skipped(f"no journal-writer in {BUILD}")
    path = pathlib.Path(directory)
    path.mkdir(exist_ok=True)
    subprocess.run([BUILD / "journal-writer", "fill", path, str(events), device], check=True, capture_output=True,
                   timeout=PATIENCE * 4)
    return path
