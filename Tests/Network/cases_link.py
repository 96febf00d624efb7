"""Two network namespaces with a cable between them: what happens when the link goes, and when it comes back.

One has a TLS receiver, the other kiosk-agent; nothing of the machine's own network is touched. Needs root and iproute2."""

import contextlib
import os
import pathlib
import random
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time

from agent import Agent, filled, ratings
from cases_delivery import expect_all
from harness import (EXAMPLES, PATIENCE, TOKEN, Program, Skipped, case, eventually, expect, expect_equal, make_ca,
                     make_certificate, oracle)

KIOSK, SERVER, GATEWAY = "10.99.1.2", "10.99.2.2", "10.99.1.1"
PORT = 8480
# Long enough that whatever comes sooner came because of the link, not of the back-off.
PATIENT = {"first_retry_within": "10min", "retry_within": "10min"}
# From link-up to delivery: docs/UPSTREAM.md.
LIMIT = 2.0


def ip(*words):
    done = subprocess.run(["ip", *map(str, words)], capture_output=True, text=True, timeout=PATIENCE)
    if done.returncode != 0:
        raise AssertionError(f"ip {' '.join(map(str, words))}: {done.stderr}")
    return done.stdout


def remove_left_behind():
    """Namespaces of a run that was killed, so that it could not remove them."""
    for name in ip("netns", "list").split():
        made = re.fullmatch(r"(?:kiosk|server)-(\d+)-[0-9a-f]{4}", name)
        if made and not os.path.exists(f"/proc/{made[1]}"):
            ip("netns", "delete", name)


class Net:
    """The kiosk's namespace, the server's, and a cable. The server has an address behind its end of the cable as well, so
    that the kiosk reaches it by its default route only."""

    def __init__(self):
        if os.geteuid() != 0:
            raise Skipped("network namespaces need root")
        tag = f"{os.getpid()}-{random.randrange(1 << 16):04x}"
        self.kiosk, self.server = f"kiosk-{tag}", f"server-{tag}"
        # Fifteen letters at most; both ends live in namespaces of their own.
        self.inside, self.outside = "uplink0", "shop0"

    def __enter__(self):
        remove_left_behind()
        # Told to end, it does so as with any other failure: everything is taken down on the way.
        self.ended = signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        try:
            for name in (self.kiosk, self.server):
                ip("netns", "add", name)
                ip("-n", name, "link", "set", "lo", "up")
            ip("-n", self.kiosk, "link", "add", self.inside, "type", "veth", "peer", "name", self.outside, "netns", self.server)
            ip("-n", self.server, "address", "add", f"{GATEWAY}/24", "dev", self.outside)
            ip("-n", self.server, "address", "add", f"{SERVER}/32", "dev", "lo")
            ip("-n", self.server, "link", "set", self.outside, "up")
            self.give_address()
            ip("-n", self.kiosk, "link", "set", self.inside, "up")
            self.give_route()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for name in (self.kiosk, self.server):
            subprocess.run(["ip", "netns", "delete", name], capture_output=True, check=False, timeout=PATIENCE)
        signal.signal(signal.SIGTERM, self.ended)

    def connections(self):
        """What the kiosk has open to the receiver."""
        listed = subprocess.run([*self.within(self.kiosk), "ss", "-Htn", "state", "established"], capture_output=True, text=True,
                                check=True, timeout=PATIENCE)
        return listed.stdout.strip()

    def within(self, name):
        return ["ip", "netns", "exec", name]

    def unplug(self):
        """At the other end; the kiosk's own stays up, and carries nothing."""
        ip("-n", self.server, "link", "set", self.outside, "down")

    def plug(self):
        ip("-n", self.server, "link", "set", self.outside, "up")

    def take_down(self):
        ip("-n", self.kiosk, "link", "set", self.inside, "down")

    def bring_up(self):
        """The kernel forgets routes of a link that goes down; whoever brings it up gives them, as a DHCP client does."""
        ip("-n", self.kiosk, "link", "set", self.inside, "up")
        self.give_route()

    def give_address(self):
        ip("-n", self.kiosk, "address", "add", f"{KIOSK}/24", "dev", self.inside)

    def take_address(self):
        ip("-n", self.kiosk, "address", "delete", f"{KIOSK}/24", "dev", self.inside)

    def give_address_again(self):
        self.give_address()
        self.give_route()

    def give_route(self):
        ip("-n", self.kiosk, "route", "replace", "default", "via", GATEWAY)

    def take_route(self):
        ip("-n", self.kiosk, "route", "delete", "default")


class NamespacedReceiver(Program):
    """A TLS receiver in the server's namespace."""

    def __init__(self, net, directory, *options):
        self.errors = (directory / "receiver.log").open("a+")
        self.process = subprocess.Popen(
            [*net.within(net.server), sys.executable, str(EXAMPLES / "receiver.py"), "serve", "--store",
             str(directory / "events.db"), "--listen", f"0.0.0.0:{PORT}", "--quiet", "--patience", "1", "--token", f"kiosk-test={TOKEN}",
             *map(str, options)], stdout=subprocess.PIPE, stderr=self.errors, text=True)
        self.address = self.line()


@contextlib.contextmanager
def listening(net, directory, *options):
    server = NamespacedReceiver(net, directory, *options)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.kill()
        server.errors.close()


def tls_for(directory):
    """A receiver's options for TLS at the address behind the gateway, and what a kiosk trusts."""
    ca = make_ca(directory)
    extensions = directory / "names.ext"
    extensions.write_text(f"subjectAltName=IP:{SERVER}\n")
    return ["--tls", *make_certificate(directory, ca, "server", SERVER, "-extfile", extensions)], str(ca[0])


def received(directory):
    """How many events the receiver has on disk."""
    database = sqlite3.connect(f"file:{directory / 'events.db'}?mode=ro", uri=True, timeout=PATIENCE)
    try:
        return database.execute("SELECT count(*) FROM events").fetchone()[0]
    finally:
        database.close()


def fails_without(net, directory, agent, lose):
    """Takes the way away, records, and waits until delivery has failed and would wait long. Returns how long it would."""
    expect_equal(agent.status()["push"]["waiting_events"], 0, "events waiting")
    # A connection that is still open would be used, and silence on it is borne for a minute.
    eventually(lambda: not net.connections(), "the receiver closes a connection that is silent")
    lose()
    filled(directory / "journal", 10)
    agent.ask("sync-now")
    eventually(lambda: agent.status()["push"].get("problem"), "delivery fails")
    wait = agent.status()["push"].get("next_attempt_s", 0)
    # Drawn from ten minutes (full jitter): now and then it is seconds, which would prove nothing.
    while wait < 10:
        agent.ask("sync-now")
        eventually(lambda: agent.status()["push"].get("next_attempt_s", 0) > 0, "it has tried again and waits")
        wait = agent.status()["push"].get("next_attempt_s", 0)
    return wait


def seconds_until_delivered(directory, regain):
    """From the moment in which the way is back until the receiver has all of it on disk."""
    wanted = ratings(directory / "journal")[1]
    begun = time.monotonic()
    regain()
    eventually(lambda: received(directory) == wanted, "everything is delivered", 30)
    return time.monotonic() - begun


@contextlib.contextmanager
def scene(directory):
    with Net() as net:
        filled(directory / "journal", 10)
        options, ca = tls_for(directory)
        with listening(net, directory, *options) as server:
            sync = {"url": f"https://{SERVER}:{PORT}", "authorities": ca} | PATIENT
            with Agent(directory, sync, prefix=net.within(net.kiosk)) as agent:
                agent.wait_until_delivered()
                yield net, server, agent


def all_there(directory):
    path, count = ratings(directory / "journal")
    expect_all(oracle(path, directory / "events.db"), count)


def rounds(directory, *ways):
    """Each way to lose the network and to get it back; what is printed of them."""
    figures = []
    with scene(directory) as (net, _, agent):
        for name, lose, regain in ways:
            wait = fails_without(net, directory, agent, lambda: lose(net))
            took = seconds_until_delivered(directory, lambda: regain(net))
            expect(took < LIMIT, f"{name}: delivered {took:.2f} s after it was back")
            expect(wait > took + 5, f"{name}: it would have tried after {wait:.0f} s anyway")
            agent.wait_until_delivered()
            figures.append(f"{name} {took:.2f} s (else after {wait:.0f} s)")
    all_there(directory)
    return "; ".join(figures)


@case("kiosk-agent: the link is taken down and up, three times: delivery resumes within 2 s of link-up")
def link(directory):
    return rounds(directory, *[(f"round {number}", Net.take_down, Net.bring_up) for number in (1, 2, 3)])


@case("kiosk-agent: the cable is unplugged at the other end, the address is taken away, the default route is lost: delivery "
      "resumes within 2 s of its return")
def other_ways(directory):
    return rounds(
        directory, ("cable", Net.unplug, Net.plug), ("address", Net.take_address, Net.give_address_again),
        ("default route", Net.take_route, Net.give_route))


@case("the control: what the kernel cannot tell the kiosk, a server that is away, is waited for by the back-off alone")
def control(directory):
    with scene(directory) as (net, server, agent):
        def end():
            server.process.send_signal(signal.SIGSTOP)

        # Stopped, it takes connections and says nothing: the handshake runs into its time limit.
        wait = fails_without(net, directory, agent, end)
        before = received(directory)
        server.process.send_signal(signal.SIGCONT)
        time.sleep(LIMIT + 1)
        expect_equal(received(directory), before, "events at the receiver although nobody could know that it is back")
        expect(agent.status()["push"].get("next_attempt_s", 0) > 0, "it waits")
        agent.ask("sync-now")
        agent.wait_until_delivered()
    all_there(directory)
    return f"nothing came in {LIMIT + 1:.0f} s, it would wait {wait:.0f} s"
