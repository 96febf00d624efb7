#!/usr/bin/env python3
"""Delivery at length: kioskd whose panel is pressed all the time, kiosk-agent, a network that loses requests and replies, a
TLS receiver; agent, kioskd and receiver are killed with SIGKILL at moments left to chance, and the wall clock that kioskd
and agent see is stepped, by seconds to months, in both directions. In the end everything that was recorded must be at the
receiver, once and unaltered, and every press that kioskd told must have been recorded.

    torture.py [MINUTES]        default: 3; KIOSK_SEED=n for another run

Ends with 1 when anything is missing, invented or altered. The last line tells the figures.
"""

import calendar
import collections
import os
import pathlib
import random
import struct
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.parse

from agent import Agent
from busy_panel import BusyPanel, waveform
from cases_agent import dated
from cases_delivery import expect_all
from harness import EXAMPLES, ROOT, SEED, TOKEN, Program, eventually, expect, make_ca, oracle, proxy

# Presses a second: more than any panel has, few enough that a bad network keeps up with them.
RATE = 50
DAY = 86_400


class SteppedClock:
    """A wall clock of their own for those who are started with `environment`."""

    def __init__(self, directory):
        self.file, library = directory / "clock", directory / "stepped_clock.so"
        subprocess.run(["gcc", "-shared", "-fPIC", "-O2", "-o", library, ROOT / "Tests/Support/stepped_clock.c"], check=True)
        self.step(0)
        self.environment = {"LD_PRELOAD": str(library), "STEPPED_CLOCK": str(self.file)}

    def step(self, seconds):
        """So far from the machine's own clock, from now on."""
        # In place, for it is mapped by those who are running.
        descriptor = os.open(self.file, os.O_RDWR | os.O_CREAT, 0o644)
        os.pwrite(descriptor, struct.pack("q", int(seconds * 1e9)), 0)
        os.close(descriptor)


class Scene:
    def __init__(self, directory, chance):
        self.directory, self.chance = directory, chance
        self.counts = collections.Counter()
        self.clock = SteppedClock(directory)
        ca = make_ca(directory)
        # Valid whatever the clock says.
        certificate = dated(directory, ca, "server", -3_000, 3_000)
        self.command = [EXAMPLES / "receiver.py", "serve", "--store", directory / "events.db", "--quiet", "--token",
                        f"kiosk-test={TOKEN}", "--most-events", "100", "--tls", *certificate]
        self.server = Program(*self.command, "--listen", "127.0.0.1:0")
        self.listen = urllib.parse.urlsplit(self.server.address).netloc
        self.ca = ca[0]

    def run(self, minutes):
        with proxy(self.server.address, "--seconds", str(minutes * 60 + 1_800)) as network:
            with BusyPanel(self.directory, environment=self.clock.environment) as panel:
                with Agent(self.directory, {"url": f"https://{network.address}", "authorities": str(self.ca)},
                           journal=panel.state, control=panel.control,
                           prefix=["env", *(f"{name}={value}" for name, value in self.clock.environment.items())]) as agent:
                    self.expect_stepped(agent)
                    told = self.torment(panel, agent, time.monotonic() + minutes * 60)
                    eventually(agent.answers, "kiosk-agent answers")
                    agent.wait_until_delivered(600)
                stored = collections.Counter(panel.stored())
                clocks = panel.asked("SELECT count(*) FROM events WHERE code = 'step'")[0][0]
            totals = network.end()
        self.server.end()
        # A press that was told is on disk; kioskd may have been killed after others were, and before they were told.
        expect(not told - stored, f"told, but not recorded: {told - stored}")
        found = oracle(self.directory / "journal/ratings.db", self.directory / "events.db")
        return found, totals, clocks

    def expect_stepped(self, agent):
        """The agent's clock goes along, or the steps prove nothing about it; kioskd's are in the journal."""
        self.clock.step(400 * DAY)
        time_there = calendar.timegm(time.strptime(agent.status()["time"][:19], "%Y-%m-%dT%H:%M:%S"))
        expect(abs(time_there - time.time() - 400 * DAY) < 60, f"kiosk-agent has not seen the clock stepped: {time_there}")
        self.clock.step(0)

    def torment(self, panel, agent, end):
        """Returns how often each button was told to have been pressed."""
        told, number = collections.Counter(), 0
        while time.monotonic() < end:
            client = panel.connect()
            text, _ = waveform(number, RATE)
            number += 1
            doing = self.chance.choice(("nothing", "agent", "kioskd", "receiver", "clock", "clock"))
            client.socket.sendall(b'{"request":"sim-play","waveform":"%s"}\n' % text.replace("\n", "\\n").encode())
            time.sleep(self.chance.random())
            self.counts[doing] += 1
            if doing == "agent":
                agent.kill()
                agent.start()
            elif doing == "kioskd":
                panel.kill()
                panel.start()
            elif doing == "receiver":
                self.server.kill()
                self.server = Program(*self.command, "--listen", self.listen)
            elif doing == "clock":
                self.clock.step(self.chance.choice((0, 3, -3, 3_600, -3_600, 40 * DAY, -40 * DAY, 400 * DAY)))
            try:
                played = client.next()["played"]
                told.update(press["button"] for press in played["presses"])
            except (OSError, ValueError):
                expect(doing == "kioskd", "kioskd hung up although nobody killed it")
            finally:
                client.close()
            eventually(panel.answers, "kioskd answers")
        self.clock.step(0)
        return told

    def end(self):
        if self.server.process.poll() is None:
            self.server.kill()


def main():
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 3
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kiosk-torture-") as directory:
        scene = Scene(pathlib.Path(directory), random.Random(int(SEED)))
        try:
            found, network, clocks = scene.run(minutes)
            expect_all(found, found["recorded"])
            counts = scene.counts
            expect(clocks > 0, "kioskd saw no step of the clock, so this proves nothing")
            expect(min(counts["agent"], counts["kioskd"], counts["receiver"]) > 0 or minutes < 1, f"{counts}")
        except Exception:
            traceback.print_exc()
            log = pathlib.Path(directory) / "agent.log"
            if log.exists():
                print(log.read_text("utf-8")[-3_000:], file=sys.stderr)
            return 1
        finally:
            scene.end()
    print(f"figures: delivery: {found['recorded']} events recorded, {found['missing']} missing, {found['invented']} invented, "
          f"{found['altered']} altered, {found['again']} came again; SIGKILL: agent {counts['agent']}, kioskd "
          f"{counts['kioskd']}, receiver {counts['receiver']}; clock stepped {counts['clock']} times, {clocks} of them in the "
          f"journal; {network['requests lose']} of {network['requests']} requests and {network['replies lose']} of "
          f"{network['replies']} replies lost; {time.monotonic() - began:.0f} s (seed {SEED})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
