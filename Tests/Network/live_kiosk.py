"""The real kioskd on a simulated panel that can do everything (docs/examples/simulated-showroom)."""

import json
import random
import socket
import subprocess

from harness import BUILD, PATIENCE, ROOT, Skipped, eventually

FACES = ("very-unhappy", "unhappy", "neutral", "happy", "very-happy")


class LiveKiosk:
    def __init__(self, directory):
        if not (BUILD / "kioskd").exists() or not (BUILD / "kioskctl").exists():
            raise Skipped(f"no kioskd and kioskctl in {BUILD}")
        self.state, self.runtime = directory / "state", directory / "run"
        self.state.mkdir()
        self.runtime.mkdir()
        self.log = (directory / "log").open("w")
        self.command = [BUILD / "kioskd", "--config", ROOT / "docs/examples/simulated-showroom", "--state", self.state,
                        "--runtime", self.runtime]
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.command, stdout=self.log, stderr=self.log)

    def kill(self):
        self.process.kill()
        self.process.wait(PATIENCE)

    def __enter__(self):
        eventually(self.answers, "kioskd answers")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(PATIENCE)
        self.log.close()

    def ask(self, request, **members):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PATIENCE)
            connection.connect(str(self.runtime / "control.sock"))
            connection.sendall(json.dumps({"request": request} | members).encode() + b"\n")
            return json.loads(connection.makefile().readline())

    def answers(self):
        try:
            return "status" in self.ask("status")
        except OSError:
            return False

    def press(self, *buttons, hold_ms=200, **members):
        """One after the other, too far apart for a chord."""
        for button in buttons:
            self.ask("sim-press", button=button, hold_ms=hold_ms, **members)

    def day(self, seed):
        """Something of every kind."""
        self.ask("sim-presence", sensor="visitors", hold_ms=2_500)
        self.press("language", "unhappy", "reason-3", "reason-1", "done", "reason-2", "reason-1", "done", "reason-1")
        self.press("seller-1", "call-staff", "call-staff", "staff-here", "staff-here", "seller-1")
        self.ask("context", context={"transaction": "0815", "service_point": "till-3"}, seconds=30)
        self.press("very-happy", "reason-2", "back", "skip")
        self.press(*random.Random(seed).choices(FACES, k=8), hold_ms=40, bounce=7)
        self.ask("service", minutes=5)
        self.press("happy")
        self.ask("service", minutes=0)

    def export(self, form, path):
        subprocess.run([BUILD / "kioskctl", "journal", "export", "--journal", self.state / "ratings.db", "--format", form,
                        "--output", path], check=True, capture_output=True, timeout=PATIENCE)
