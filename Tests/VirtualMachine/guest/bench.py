"""The test bench of one case: a simulated chip with eight buttons and their lamps wired to it, and the kioskd under test
with folders of its own. Everything is taken down again when the case ends, however it ends."""

import contextlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import configuration
import journal
from case import CaseFailed, expect_equal, wait_until
from chip import SimulatedChip, spin, undisturbed
from wiring import BUTTONS, CHIP_LABEL, LAMPS, BUZZER, LINE_NAMES, OUT_OF_SERVICE

SHARE = "/tmp/share"
PROGRAMS = "/tmp/bin"


class Press:
    """What the driver did and when, on CLOCK_BOOTTIME in nanoseconds."""

    def __init__(self, button, before):
        self.button = button
        self.before = before
        self.after = None
        # The longest time the contact stood still while it was bouncing, in nanoseconds.
        self.stillest = 0

    @property
    def is_fair(self):
        """False when the emulated machine was stopped in mid-bounce for so long that a bounce became a press of its own,
        for all that anybody behind the line can tell: half the usual debounce time."""
        return self.stillest < 10_000_000


class Bench:
    def __init__(self, build):
        self.build = build
        self.folder = tempfile.mkdtemp(prefix="kiosk-")
        self.config = f"{self.folder}/config"
        self.state = f"{self.folder}/state"
        self.runtime = f"{self.folder}/runtime"
        for folder in (self.config, f"{self.config}/surveys", self.state, self.runtime):
            os.mkdir(folder)
        self.chips = []
        self.mounts = []
        self.process = None
        self.log = f"{self.folder}/kioskd.log"
        self.random = random.Random(20_240_517)  # any number; the same waveforms in each run
        self.buttons = {}
        self.lamps = {}
        self.notifications = None

    # Wiring

    def wire(self, hogs=None, **changes):
        """Makes the chip, puts all buttons at rest and writes the configuration. `changes`: see configuration.py."""
        self.chip = self.add_chip(CHIP_LABEL, LINE_NAMES, hogs=hogs)
        self.buttons = {name: self.chip.line(offset) for name, offset in BUTTONS.items()}
        self.lamps = {name: self.chip.line(offset) for name, offset in LAMPS.items()}
        self.out_of_service = self.chip.line(OUT_OF_SERVICE)
        self.buzzer = self.chip.line(BUZZER)
        for line in self.buttons.values():
            line.high()
        self.configure(**changes)

    def unwire(self):
        """Takes all chips away."""
        for line in [*self.buttons.values(), *self.lamps.values()]:
            line.close()
        for chip in reversed(self.chips):
            chip.remove()
        self.buttons, self.lamps, self.chips = {}, {}, []

    def add_chip(self, label, lines, **more):
        chip = SimulatedChip(label, lines, **more)
        self.chips.append(chip)
        return chip

    def configure(self, **changes):
        configuration.write(self.config, **changes)

    # The program

    def command(self):
        return [f"{PROGRAMS}/kioskd{self.build}", "--config", self.config, "--state", self.state,
                "--runtime", self.runtime]

    def launch(self, prefix=()):
        """Starts kioskd and returns at once."""
        address = f"{self.folder}/notify"
        if os.path.exists(address):
            os.unlink(address)
        if self.notifications:
            self.notifications.close()
        self.notifications = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notifications.bind(address)
        self.notifications.setblocking(False)
        environment = dict(os.environ, NOTIFY_SOCKET=address)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([*prefix, *self.command()], stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, env=environment)
        return self.process

    def start(self, prefix=(), seconds=30):
        """Starts kioskd and waits until it says that it is ready, as systemd would."""
        self.launch(prefix)

        def ready():
            if self.process.poll() is not None:
                raise CaseFailed(f"kioskd ended with {self.process.returncode} instead of getting ready")
            try:
                return b"READY=1" in self.notifications.recv(4096)
            except BlockingIOError:
                return False

        wait_until(ready, "kioskd says READY=1", seconds)

    def signal(self, number):
        os.kill(self.process.pid, number)

    def terminate(self):
        """SIGTERM, as systemd stops it."""
        self.signal(signal.SIGTERM)
        return self.exit_code()

    def kill(self):
        self.signal(signal.SIGKILL)
        self.process.wait(30)

    def exit_code(self, seconds=30):
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise CaseFailed(f"kioskd did not end within {seconds} s") from None

    def refused(self):
        """Starts kioskd, which must refuse to run; its exit code and what it said."""
        mark = os.path.getsize(self.log) if os.path.exists(self.log) else 0
        self.launch()
        code = self.exit_code()
        with open(self.log, encoding="utf-8") as log:
            log.seek(mark)
            return code, log.read()

    def pause(self):
        """SIGSTOP, and waits until every thread has come to rest: from here on nobody reads edges."""
        self.signal(signal.SIGSTOP)
        wait_until(lambda: all(state == "T" for state in self.thread_states()), "kioskd is stopped")

    def resume(self):
        self.signal(signal.SIGCONT)

    def threads(self):
        return os.listdir(f"/proc/{self.process.pid}/task")

    def thread_states(self):
        states = []
        for thread in self.threads():
            with open(f"/proc/{self.process.pid}/task/{thread}/stat") as file:
                states.append(file.read().rpartition(")")[2].split()[0])
        return states

    # What can be seen of it

    def status(self):
        """`kioskctl status --json`."""
        result = subprocess.run(
            [f"{PROGRAMS}/kioskctl", "status", "--socket", f"{self.runtime}/control.sock", "--json"],
            capture_output=True, text=True, timeout=30)
        if result.returncode not in (0, 2):
            raise CaseFailed(f"kioskctl status ended with {result.returncode}: {result.stderr.strip()}")
        status = json.loads(result.stdout)
        expect_equal(result.returncode, 2 if status["health"] else 0, "exit code of kioskctl status")
        return status

    def health(self):
        """The codes of what is wrong now."""
        return [state["code"] for state in self.status()["health"]]

    def rows(self, where="1"):
        return journal.rows(self.state, where)

    def ratings(self):
        return self.rows(f"kind = {journal.RATING}")

    def counted(self):
        """Buttons of the ratings that count, in order."""
        return journal.counted(self.rows())

    def health_events(self):
        """The codes of everything the journal was told about the kiosk itself."""
        return [row["code"] for row in self.rows(f"kind = {journal.HEALTH}")]

    def wait_for_ratings(self, count, seconds=30):
        """Waits until there are at least that many ratings and returns all there are."""
        wait_until(lambda: len(self.ratings()) >= count, f"{count} ratings in the journal", seconds)
        return self.ratings()

    # The hands

    def bounce(self, line, level, edges):
        """An odd number of edges, 0 to 300 µs apart, ending at the level. Returns the longest time between two."""
        line.set(level)
        stillest, last = 0, time.monotonic_ns()
        for number in range(1, edges):
            spin(self.random.randint(0, 300))
            line.set(level if number % 2 == 0 else not level)
            now = time.monotonic_ns()
            stillest, last = max(stillest, now - last), now
        return stillest

    def odd_edges(self):
        """Between 5 and 20 edges; a contact that ends where it should makes an odd number of them."""
        return self.random.randrange(5, 20, 2)

    def press(self, button, hold=0.06, rest=0.06, bounce=False, alone=False):
        """Presses and releases a button. Buttons pull their line low. A bouncing press may come out as more than one where
        the machine is stopped meanwhile (`Press.is_fair`); `alone` lets no ordinary program run while it bounces."""
        line = self.buttons[button]
        press = Press(button, boottime())
        with undisturbed() if alone else contextlib.nullcontext():
            down = self.bounce(line, False, self.odd_edges() if bounce else 1)
        let_pass(hold)
        with undisturbed() if alone else contextlib.nullcontext():
            up = self.bounce(line, True, self.odd_edges() if bounce else 1)
        press.stillest = max(down, up)
        press.after = boottime()
        let_pass(rest)
        return press

    def wait_for_lamp(self, button, level, seconds=30):
        wait_until(lambda: self.lamps[button].value == level, f"lamp of {button} is {'on' if level else 'off'}", seconds)

    def wait_for_dark(self, seconds=30):
        """Waits until no lamp of a button is lit, as a visitor would before pressing again."""
        wait_until(lambda: not any(lamp.value for lamp in self.lamps.values()), "all lamps are off", seconds)

    # Storage

    def small_state(self, megabytes=2):
        """Puts the state folder on a file system of its own that can be filled or made read-only."""
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "state", self.state], check=True)
        self.mounts.append(self.state)

    def fill_state(self):
        """Takes all room there is left."""
        with open(f"{self.state}/ballast", "ab", buffering=0) as file:
            for size in (65536, 4096, 1):
                try:
                    while file.write(bytes(size)) == size:
                        pass
                except OSError:
                    continue

    def free_state(self):
        os.unlink(f"{self.state}/ballast")

    def remount_state(self, option):
        subprocess.run(["mount", "-o", f"remount,{option}", self.state], check=True)

    # The end

    def close(self):
        if self.process and self.process.poll() is None:
            try:
                self.signal(signal.SIGKILL)
            except ProcessLookupError:
                pass
            self.process.wait(30)
        if self.notifications:
            self.notifications.close()
        self.unwire()
        for mount in self.mounts:
            subprocess.run(["umount", "-l", mount], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


def let_pass(seconds):
    """Lets time pass in steps. Where the emulated machine is stopped for a while, everything that was due meanwhile is due
    at once afterwards; with one long sleep the line could change before the kernel's debounce has had its turn, and no
    program could know of the level between."""
    for _ in range(round(seconds / 0.01)):
        time.sleep(0.01)


def boottime():
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)
