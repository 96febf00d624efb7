"""Configurations from upstream: offered by the receiver, brought by kiosk-agent, checked and put into force by kioskd."""

import contextlib
import json
import sqlite3

from agent import Agent
from harness import ROOT, admin, case, eventually, expect, expect_equal, receiver
from live_kiosk import LiveKiosk

DEVICE = "kiosk-showroom"
VISIT = ROOT / "docs/examples/simulated-showroom/surveys/visit.toml"


@contextlib.contextmanager
def everything(directory, *options):
    """Receiver, kioskd and kiosk-agent; all that the kiosk has is delivered."""
    with LiveKiosk(directory) as kiosk, receiver(directory, *options, device=DEVICE) as server:
        with agent_of(directory, kiosk, server) as agent:
            agent.wait_until_delivered()
            yield kiosk, server, agent


def agent_of(directory, kiosk, server):
    return Agent(directory, {"url": server.address, "allow_plain_text": True}, journal=kiosk.state, device=DEVICE,
                 control=kiosk.runtime / "control.sock")


def offer(directory, version, text, name="visit"):
    """Offers a survey; the agent hears of it with the next answer."""
    path = directory / f"{version}.toml"
    path.write_text(text, "utf-8")
    admin(directory, "offer", "--device", DEVICE, "--version", version, "--survey", name, path)


def reported(directory, version):
    """What the server was told about a version; None: nothing yet."""
    with sqlite3.connect(f"file:{directory / 'events.db'}?mode=ro", uri=True) as database:
        row = database.execute("SELECT report FROM configurations WHERE version = ?", [version]).fetchone()
    return json.loads(row[0]) if row and row[0] else None


def await_report(directory, agent, version):
    agent.ask("sync-now")
    eventually(lambda: reported(directory, version), f"the outcome of {version} is reported")
    return reported(directory, version)


def shown(kiosk):
    """The survey in force, its version, and the upstream's version of it."""
    status = kiosk.ask("status")["status"]
    return status["survey"], status["survey_version"], status["configuration"].get("upstream_version")


CHANGED = VISIT.read_text("utf-8").replace("version = 1\n", "version = 7\n", 1)


@case("configuration from upstream: fetched, checked, in force at once, reported back, and still there after kioskd is killed")
def applied(directory):
    with everything(directory) as (kiosk, server, agent):
        expect_equal(shown(kiosk), ("visit", 1, None), "at first")
        offer(directory, "2026-12-advent", CHANGED)
        report = await_report(directory, agent, "2026-12-advent")
        expect_equal(report["outcome"], "applied", f"outcome: {report}")
        expect_equal(shown(kiosk), ("visit", 7, "2026-12-advent"), "after the offer")
        expect_equal(report["fingerprint"], kiosk.ask("status")["status"]["configuration"]["fingerprint"], "fingerprint")
        configuration = agent.status()["configuration"]
        expect_equal((configuration["offered"], configuration["outcome"]), ("2026-12-advent", "applied"), "status")
        played = kiosk.ask("sim-press", button="happy", hold_ms=60)["played"]["presses"]
        expect_equal(played[0]["verdict"], "counted", "a press")
        kiosk.kill()
        kiosk.start()
        eventually(kiosk.answers, "kioskd answers again")
        expect_equal(shown(kiosk), ("visit", 7, "2026-12-advent"), "after a restart")
        agent.wait_until_delivered()
        expect_equal(agent.codes(), [], "health")


@case("configuration from upstream: a bad one is refused with file, line and reason, the old one stays; the next good one is taken")
def refused(directory):
    with everything(directory) as (kiosk, server, agent):
        offer(directory, "bad", CHANGED.replace('scale = "faces-5"', 'scale = "faces-6"', 1))
        report = await_report(directory, agent, "bad")
        expect_equal(report["outcome"], "refused", "outcome")
        problem = report["problems"][0]
        expect(problem["file"] == "surveys/visit.toml" and problem["line"] > 1 and problem["hint"], f"{report}")
        expect_equal(shown(kiosk), ("visit", 1, None), "the old one stays")
        expect("configuration-refused" in agent.codes(), f"{agent.codes()}")
        offer(directory, "good", CHANGED)
        expect_equal(await_report(directory, agent, "good")["outcome"], "applied", "outcome")
        eventually(lambda: agent.codes() == [], "nothing is wrong any more")
        return problem["message"]


@case("configuration from upstream: what is too large, too many or no survey at all is refused, and nothing falls over")
def hostile(directory):
    with everything(directory) as (kiosk, server, agent):
        for version, text in (("large", "#" + "x" * 300_000), ("empty", "# nothing"), ("binary", "\x00\x01\x02"),
                              ("two", CHANGED.replace('name = "visit"', 'name = "other"', 1))):
            path = directory / "hostile.toml"
            path.write_text('name = "visit"\n')
            admin(directory, "offer", "--device", DEVICE, "--version", version, "--survey", "visit", path)
            with sqlite3.connect(directory / "events.db", timeout=30) as database:
                content = {"version": version, "survey": "visit", "scheduled": [], "surveys": [{"name": "visit", "toml": text}]}
                database.execute("UPDATE configurations SET content = ? WHERE version = ?", [json.dumps(content), version])
            report = await_report(directory, agent, version)
            expect(report["outcome"] == "refused" and report["problems"][0]["message"], f"{version}: {report}")
        expect_equal(shown(kiosk), ("visit", 1, None), "the old one stays")


@case("configuration from upstream: offered while kioskd is down, it is put into force when it is back; the agent is killed in between")
def later(directory):
    with everything(directory) as (kiosk, server, agent):
        kiosk.kill()
        offer(directory, "later", CHANGED)
        agent.ask("sync-now")
        eventually(lambda: agent.status()["configuration"].get("outcome") == "pending", "the offer is pending")
        agent.kill()
        agent.start()
        eventually(agent.answers, "kiosk-agent answers again")
        kiosk.start()
        eventually(kiosk.answers, "kioskd answers again")
        expect_equal(await_report(directory, agent, "later")["outcome"], "applied", "outcome")
        expect_equal(shown(kiosk), ("visit", 7, "later"), "in force")


@case("configuration from upstream: a survey with 200 kB of texts goes through every limit on the way")
def long(directory):
    with everything(directory) as (kiosk, server, agent):
        offer(directory, "long", CHANGED + "".join(f"# {'é' * 48} {number}\n" for number in range(2_000)))
        expect_equal(await_report(directory, agent, "long")["outcome"], "applied", "outcome")
