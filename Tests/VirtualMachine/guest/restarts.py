"""Stopped, killed, started again: numbers go on without a gap, and no acknowledged press is lost."""

import signal
import time

import journal
from case import case, expect, expect_equal, wait_until
from chip import spin
from lost_edges import button, next_press_counts
from wiring import BUTTONS


@case("SIGTERM while a button is down: the press is kept, the next start goes on from there")
def terminated_in_mid_press(bench):
    bench.wire(bias="as-is")
    bench.start()
    bench.press("neutral")
    bench.wait_for_ratings(1)
    line = bench.buttons["happy"]
    line.low()
    bench.wait_for_ratings(2)
    expect_equal(bench.terminate(), 0, "exit code after SIGTERM")
    expect_equal([row["button"] for row in bench.ratings()], ["neutral", "happy"], "buttons rated")
    epoch = journal.epoch(bench.state)
    # The finger is still on it: no second vote.
    bench.start()
    next_press_counts(bench, "unhappy")
    line.high()
    wait_until(lambda: not button(bench, "happy")["down"], "kioskd sees that the button is up")
    next_press_counts(bench, "happy")
    expect_equal(bench.terminate(), 0, "exit code after SIGTERM")
    expect_equal([row["button"] for row in bench.ratings()], ["neutral", "happy", "unhappy", "happy"], "buttons rated")
    expect_equal(journal.epoch(bench.state), epoch, "epoch after the restart")
    journal.expect_sound(bench.state)


@case("SIGTERM while a press is still settling finishes the press in hand")
def terminated_while_settling(bench):
    bench.wire(debounce_ms=50)
    pressed = []
    # The kernel has the edge when the pull has been written, and that is all that is needed: kioskd may not have had the
    # processor since, may be at its first look at the journal, or may be waiting for the level to settle.
    for microseconds in (0, 5_000, 30_000):
        bench.start()
        bench.buttons["happy"].low()
        spin(microseconds)
        expect_equal(bench.terminate(), 0, "exit code after SIGTERM")
        pressed.append("happy")
        expect_equal([row["button"] for row in bench.ratings()], pressed, f"buttons rated, {microseconds} µs")
        bench.buttons["happy"].high()
    journal.expect_sound(bench.state)


@case("SIGKILL at any moment: every press whose lamp was lit is there, numbers and chain go on")
def killed(bench):
    bench.wire()
    acknowledged = []
    names = list(BUTTONS)
    for round_number in range(6):
        bench.start()
        for press_number in range(round_number):
            button = names[(round_number + press_number) % len(names)]
            bench.press(button, rest=0)
            bench.wait_for_lamp(button, 1)
            acknowledged.append(button)
            bench.wait_for_dark()
        # The last press of each round is cut off at a moment of its own, from before the debounce to after the lamp.
        button = names[round_number]
        line = bench.buttons[button]
        bench.bounce(line, False, 7)
        lit = lamp_seen(bench.lamps[button], 0.012 * round_number)
        bench.kill()
        # Lit before the kill, or between our last look and the kill: the chip remembers it no longer than that.
        if lit:
            acknowledged.append(button)
        line.high()
        found = [row["button"] for row in bench.ratings()]
        expect(is_within(acknowledged, found), f"acknowledged {acknowledged}, but the journal has {found}")
        # A press that was cut off may be there or not; from here on it is one of those that must stay.
        acknowledged = found
    bench.start()
    next_press_counts(bench, "happy")
    expect_equal(bench.terminate(), 0, "exit code after SIGTERM")
    journal.expect_sound(bench.state)


def lamp_seen(lamp, seconds):
    """Looks at the lamp for so long, or until it is lit."""
    end = time.monotonic() + seconds
    while True:
        if lamp.value:
            return True
        if time.monotonic() >= end:
            return False


def is_within(part, whole):
    """Everything in `part` is in `whole`, in the same order."""
    rest = iter(whole)
    return all(item in rest for item in part)


@case("SIGHUP takes a new configuration without losing a press")
def reloaded(bench):
    bench.wire(response_ms=0)
    bench.start()
    next_press_counts(bench, "happy")
    bench.configure(response_ms=60_000)
    bench.signal(signal.SIGHUP)
    wait_until(lambda: len(bench.rows(f"kind = {journal.CONFIGURATION}")) == 2,
               "the journal says that another configuration took effect")
    bench.press("neutral")
    bench.press("neutral")
    ratings = bench.wait_for_ratings(3)
    expect_equal([row["button"] for row in ratings], ["happy", "neutral", "neutral"], "buttons rated")
    expect(ratings[2]["verdict"] != journal.COUNTED, "the new response interval has no effect")
    expect_equal(bench.terminate(), 0, "exit code after SIGTERM")
    journal.expect_sound(bench.state)


@case("SIGHUP with a configuration that makes no sense keeps the old one and says so")
def reload_refused(bench):
    bench.wire()
    bench.start()
    with open(f"{bench.config}/panel.toml", "a") as file:
        file.write("\n[[button]\n")
    bench.signal(signal.SIGHUP)
    wait_until(lambda: "configuration-refused" in bench.health(), "health says that the configuration was refused")
    next_press_counts(bench, "happy")
    bench.configure()
    bench.signal(signal.SIGHUP)
    wait_until(lambda: "configuration-refused" not in bench.health(), "health is well again")
    next_press_counts(bench, "unhappy")
    expect_equal(bench.terminate(), 0, "exit code after SIGTERM")
