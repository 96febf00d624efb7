"""What kioskd refuses to start with: each reason has an exit code of its own, and says what to do."""

import contextlib
import re
import subprocess

from case import case, expect, expect_equal
from chip import held_by
from wiring import BUTTONS, CHIP_LABEL, LAMPS

# As `kioskd --help` lists them.
CONFIGURATION, RESERVED_LINE, NO_CHIP, NO_LINE, LINE_IN_USE, ALREADY_RUNNING = 78, 79, 80, 81, 82, 85


def expect_refused(bench, code, *words):
    found, said = bench.refused()
    expect_equal(found, code, f"exit code (it said: {said.strip()[-300:]!r})")
    for word in words:
        expect(word in said, f"{word!r} is missing in what it said: {said.strip()[-300:]!r}")


@case("no chip with the label: names the label and the chips there are")
def no_chip(bench):
    bench.wire(chip="pinctrl-of-nowhere")
    expect_refused(bench, NO_CHIP, "pinctrl-of-nowhere", CHIP_LABEL)


@case("no chip at all")
def no_chip_at_all(bench):
    bench.configure()
    expect_refused(bench, NO_CHIP, CHIP_LABEL)


@case("a button on a line the chip does not have: names the line")
def no_button_line(bench):
    bench.wire(rename={"BUTTON_HAPPY": "BUTTON_MISSING"})
    expect_refused(bench, NO_LINE, "BUTTON_MISSING", "happy")


@case("a lamp on a line the chip does not have: names the line")
def no_lamp_line(bench):
    bench.wire(rename={"LAMP_HAPPY": "LAMP_MISSING"})
    expect_refused(bench, NO_LINE, "LAMP_MISSING", "happy")


@case("an offset past the end of the chip: names the offset")
def no_offset(bench):
    bench.wire(offsets={"happy": 60})
    expect_refused(bench, NO_LINE, "60", "happy")


@case("a button's line in use by another program: names the program")
def button_in_use(bench):
    bench.wire()
    with held_by(bench.chip.path, BUTTONS["happy"], "coffee-machine"):
        expect_refused(bench, LINE_IN_USE, "BUTTON_HAPPY", "coffee-machine")
    # Nothing is left behind by the refusal.
    bench.start()
    expect_equal(bench.terminate(), 0, "exit code after SIGTERM")


@case("a lamp's line in use by another program: names the program")
def lamp_in_use(bench):
    bench.wire()
    with held_by(bench.chip.path, LAMPS["happy"], "door-opener"):
        expect_refused(bench, LINE_IN_USE, "LAMP_HAPPY", "door-opener")


@case("a line in use by the kernel itself: names the user")
def hogged(bench):
    bench.wire(hogs={BUTTONS["happy"]: "spi-select"})
    expect_refused(bench, LINE_IN_USE, "BUTTON_HAPPY", "spi-select")


PI_PANEL = """
board = "raspberry-pi-4"
survey = "loyalty"
[[button]]
name = "happy"
line = "{line}"
[[button]]
name = "unhappy"
line = "pin 13"
[[lamp]]
name = "lamp"
line = "GPIO22"
shows = ["counted"]
"""


@case("a line the board needs for itself is refused with the reason")
def reserved(bench):
    # The chip is there and would give the line: the refusal comes from what is known of the board.
    bench.add_chip("pinctrl-bcm2711", {offset: f"GPIO{offset}" for offset in range(28)}, count=58)
    bench.configure(panel=PI_PANEL.format(line="GPIO0"), answers=("happy", "unhappy"))
    expect_refused(bench, RESERVED_LINE, "GPIO0", "panel.toml")
    bench.configure(panel=PI_PANEL.format(line="GPIO17"), answers=("happy", "unhappy"))
    bench.start()
    expect_equal(bench.terminate(), 0, "exit code after SIGTERM")


@case("a panel file that makes no sense: names file and line")
def nonsense(bench):
    bench.wire()
    with open(f"{bench.config}/panel.toml", "a") as file:
        file.write("\n[[button]]\nname = 17\nlime = \"BUTTON_HAPPY\"\n")
    expect_refused(bench, CONFIGURATION, "panel.toml", "lime")


@case("a second kioskd on the same runtime directory is refused, the first goes on")
def twice(bench):
    bench.wire()
    bench.start()
    first = bench.process
    bench.process = None
    try:
        expect_refused(bench, ALREADY_RUNNING)
    finally:
        second, bench.process = bench.process, first
        with contextlib.suppress(ProcessLookupError, AttributeError):
            second.kill()
    bench.press("happy")
    bench.wait_for_ratings(1)
    expect_equal(bench.terminate(), 0, "exit code after SIGTERM")


@case("exit codes are those of the help text", builds=("1",))
def documented(bench):
    text = subprocess.run(bench.command()[:1] + ["--help"], capture_output=True, text=True, timeout=30).stdout
    listed = {int(code): meaning for code, meaning in re.findall(r"^ +(\d+)  (.*)$", text, re.MULTILINE)}
    for code, word in [(CONFIGURATION, "configuration"), (RESERVED_LINE, "board"), (NO_CHIP, "chip"),
                       (NO_LINE, "no such line"), (LINE_IN_USE, "another program"), (ALREADY_RUNNING, "another kioskd")]:
        expect(word in listed.get(code, ""), f"exit code {code} is listed as {listed.get(code)!r}")
