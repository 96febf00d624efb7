"""kioskd takes presses whatever becomes of the agent beside it."""

import random
import signal
import socket
import sqlite3
import time

from agent import Agent
from busy_panel import BusyPanel, Pest, Watch, garbage, played, throw
from cases_agent import tls
from cases_delivery import expect_all
from harness import SEED, case, eventually, expect, expect_equal, oracle, receiver

SECONDS = 5
RATE = 200


def alone(directory):
    """The same presses without an agent; commits as they were then."""
    place = directory / "alone"
    place.mkdir()
    with BusyPanel(place) as panel:
        watch = Watch(panel)
        truth = played(panel, SECONDS, RATE)
        expect_equal(panel.stored(), truth, "presses in the journal, without an agent")
    return watch


def beside(watch, floor):
    return (f"commits beside those without an agent: median {watch.median() / floor.median():.2f} times, 99 of 100 "
            f"{watch.worst_of_hundred() / floor.worst_of_hundred():.2f} times")


def settled(directory, panel, agent, truth):
    """All presses are in the journal in order, none is invented, and the receiver gets all of it."""
    expect_equal(panel.stored(), truth, "presses in the journal")
    agent.wait_until_delivered()
    found = oracle(panel.state / "ratings.db", directory / "events.db")
    expect_all(found, panel.asked("SELECT count(*) FROM events")[0][0])
    return found


def kiosk(directory, panel, server, ca):
    return Agent(directory, {"url": server.address, "authorities": ca}, journal=panel.state, control=panel.control)


@case("kioskd takes 200 presses a second while kiosk-agent is killed with SIGKILL again and again: all in the journal in order, "
      "none invented, and all delivered")
def killed(directory):
    floor = alone(directory)
    options, ca = tls(directory)
    with receiver(directory, *options) as server, BusyPanel(directory) as panel, kiosk(directory, panel, server, ca) as agent:
        watch = Watch(panel)

        def murder(_):
            agent.kill()
            agent.start()

        with Pest(murder, 0.4) as pest:
            truth = played(panel, SECONDS, RATE)
        eventually(agent.answers, "kiosk-agent answers again")
        expect(pest.times >= 5, f"killed {pest.times} times only")
        found = settled(directory, panel, agent, truth)
    return f"{pest.times} deaths, {len(truth)} presses, {found['again']} events came again; {beside(watch, floor)}"


@case("kioskd takes 200 presses a second while kiosk-agent is stopped and reads nothing of what it watches; continued, it delivers "
      "everything")
def stopped(directory):
    floor = alone(directory)
    options, ca = tls(directory)
    with receiver(directory, *options) as server, BusyPanel(directory) as panel, kiosk(directory, panel, server, ca) as agent:
        watch = Watch(panel)
        before = played(panel, 1, RATE)
        agent.wait_until_delivered()
        agent.signal(signal.SIGSTOP)
        try:
            truth = before + played(panel, SECONDS, RATE)
            waiting = panel.last() - received(directory)
        finally:
            agent.signal(signal.SIGCONT)
        # It was stopped, or this proves nothing.
        expect(waiting >= SECONDS * RATE, f"{waiting} events waited")
        settled(directory, panel, agent, truth)
        panel.learns_what_is_delivered()
    return f"{waiting} events waited; {beside(watch, floor)}"


def received(directory):
    """How many events the receiver has."""
    database = sqlite3.connect(f"file:{directory / 'events.db'}?mode=ro", uri=True)
    try:
        return database.execute("SELECT count(*) FROM events").fetchone()[0]
    finally:
        database.close()


@case("kioskd takes 200 presses a second while garbage and silent connections come to its socket and to kiosk-agent's: neither "
      "ends, and everything is delivered")
def fed_garbage(directory):
    floor = alone(directory)
    options, ca = tls(directory)
    chance = random.Random(SEED)
    silent = []
    with receiver(directory, *options) as server, BusyPanel(directory) as panel, kiosk(directory, panel, server, ca) as agent:
        watch = Watch(panel)

        def pester(number):
            throw(panel.control, garbage(chance))
            throw(agent.runtime / "agent.sock", garbage(chance))
            # Of sixteen places at kioskd's socket some are left to those who have something to say.
            if number % 4 == 0:
                for path in (panel.control, agent.runtime / "agent.sock"):
                    connection = socket.socket(socket.AF_UNIX)
                    connection.settimeout(1)
                    try:
                        connection.connect(str(path))
                        silent.append(connection)
                    except OSError:
                        connection.close()
                while len(silent) > 12:
                    silent.pop(0).close()

        try:
            with Pest(pester, 0.02) as pest:
                truth = played(panel, SECONDS, RATE)
            expect(pest.times >= 30, f"garbage came {pest.times} times only")
        finally:
            for connection in silent:
                connection.close()
        expect(panel.process.poll() is None, f"kioskd ended: {panel.said()}")
        expect(agent.process.poll() is None, f"kiosk-agent ended: {agent.said()}")
        settled(directory, panel, agent, truth)
    return f"garbage {pest.times} times to each; {beside(watch, floor)}"


@case("kioskd is killed with SIGKILL and started again while kiosk-agent delivers: it goes on by itself, nothing is missing, and "
      "kioskd learns what is delivered")
def kioskd_killed(directory):
    options, ca = tls(directory, "--most-events", "50")
    deaths = 4
    truth = []
    with receiver(directory, *options) as server, BusyPanel(directory) as panel, kiosk(directory, panel, server, ca) as agent:
        for _ in range(deaths):
            # What kioskd told is on disk, so it is there after the kill.
            truth += played(panel, 1, RATE)
            panel.kill()
            panel.start()
            eventually(panel.answers, "kioskd answers again")
        begun = time.monotonic()
        truth += played(panel, 1, RATE)
        found = settled(directory, panel, agent, truth)
        delivered = time.monotonic() - begun
        panel.learns_what_is_delivered()
    expect(found["recorded"] > len(truth), "the restarts are in the journal too")
    return f"{deaths} deaths, {len(truth)} presses; the last second's delivered {delivered:.1f} s after they began"
