"""Servers held against their descriptions by schemathesis. These take longest, so they run beside the other cases, and the
cases here wait for what came of them."""

import contextlib
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time

from harness import EXAMPLES, NETWORK, OPENAPI, ROOT, SEED, TOKEN, Program, Skipped, admin, case, expect, token_file
from serving_kiosk import ServingKiosk
from store import Store

RUNNING = {}
# Written in the description as the example; so there is one enrolment that succeeds.
EXAMPLE_CODE = "7KQF-9M2P-W4TX"


class Run:
    def __init__(self, description, server, directory, *options):
        self.server = server
        self.output = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [sys.executable, NETWORK / "conformance.py", OPENAPI / description, server.address, "--token-file",
             token_file(directory), "--seed", SEED, *options], stdout=self.output, stderr=self.output)

    def result(self):
        code = self.process.wait(300)
        self.server.kill()
        self.output.seek(0)
        text = self.output.read().strip()
        expect(code == 0, text[-12_000:])
        counts = json.loads(text.splitlines()[-1])
        expect(counts["well"] and counts["requests"] > 20, text)
        return f"{counts['requests']} requests to {counts['operations']} operations"


@contextlib.contextmanager
def started():
    with tempfile.TemporaryDirectory(prefix="kiosk-conformance-") as name:
        directory = pathlib.Path(name)
        for part in ("all", "decommission", "enrolment"):
            (directory / part).mkdir()
            store = Store(directory / part / "events.db", time.time)
            store.add_token("kiosk-test", TOKEN)
            store.add_code(EXAMPLE_CODE, "kiosk-0042", "checkout-1", 3_600)
            del store
            admin(directory / part, "offer", "--device", "kiosk-test", "--version", "2026-12-advent", "--survey", "loyalty",
                  *sorted((ROOT / "docs/examples/simulated-five-faces/surveys").glob("*.toml")))
        try:
            known = ["--parameter", "device=kiosk-test"]
            for name, part, options in (
                    ("upstream", "all", [*known, "--without", "decommissionDevice"]),
                    ("gone", "decommission", [*known, "--only", "decommissionDevice"]),
                    ("strangers", "enrolment",
                     ["--examples", "20", "--phases", "examples,fuzzing", "--without", "receiveEvents"])):
                server = Program(EXAMPLES / "receiver.py", "serve", "--store", directory / part / "events.db", "--listen",
                                 "127.0.0.1:0", "--quiet", "--enrolment-attempts", "1000000")
                RUNNING[name] = Run("upstream.yaml", server, directory, *options)
            (directory / "kiosk").mkdir()
            with contextlib.suppress(Skipped):
                kiosk = ServingKiosk(directory / "kiosk").__enter__()
                kiosk.live.day(1)
                kiosk.keep_pressing(0.5)
                # Just within what it lets a token ask.
                RUNNING["device"] = Run("device.yaml", kiosk, directory, "--parameter", "name=head-office", "--examples", "60",
                                        "--rate", "9/s", "--cursor", kiosk.cursor())
            yield
        finally:
            for run in RUNNING.values():
                if run.process.poll() is None:
                    run.process.kill()
                run.server.kill()


@case("schemathesis: the receiver answers only what upstream.yaml describes, and never 5xx")
def upstream(_):
    return RUNNING["upstream"].result()


@case("schemathesis: so it does when a device asks for others by random names, and enrols")
def strangers(_):
    return RUNNING["strangers"].result()


@case("schemathesis: so it does when a device is taken out of service")
def gone(_):
    return RUNNING["gone"].result()


@case("schemathesis: kiosk-agent, on a journal that kioskd writes meanwhile, answers only what device.yaml describes, and never "
      "5xx")
def device(_):
    if "device" not in RUNNING:
        raise Skipped("no kiosk-agent, or no kioskd")
    kiosk = RUNNING["device"].server
    RUNNING["device"].process.wait(300)
    answers = dict(re.findall(r'kiosk_http_answers_total\{status="(\d+)"\} (\d+)', kiosk.metrics()))
    presses, said = kiosk.presses, kiosk.agent.said()
    figures = RUNNING["device"].result()
    total = sum(map(int, answers.values()))
    expect(not [status for status in answers if status >= "500"], f"{answers}")
    expect(int(answers.get("200", 0)) > total / 10 and int(answers.get("429", 0)) < total / 5, f"hardly anything got through: {answers}")
    expect(all(line.startswith("kiosk-agent: ") for line in said.splitlines()), said)
    return f"{figures}; {presses} presses meanwhile; answers {answers}"
