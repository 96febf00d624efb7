"""Buttons that are down for longer than a vote takes."""

import journal
from case import case, expect, expect_equal, wait_until
from lost_edges import button, next_press_counts


@case("a button held at the start is no vote, is reported, and works once released")
def held_at_start(bench):
    # As-is: a bias of the request would pull the line up here, as gpio-sim has no finger on it.
    bench.wire(bias="as-is")
    bench.buttons["happy"].low()
    bench.start()
    wait_until(lambda: "button-stuck" in bench.health(), "health says that a button is stuck")
    stuck = [state["subject"] for state in bench.status()["health"] if state["code"] == "button-stuck"]
    expect_equal(stuck, ["happy"], "buttons reported as stuck")
    next_press_counts(bench, "neutral")
    expect_equal([row["button"] for row in bench.ratings()], ["neutral"], "buttons rated")
    bench.buttons["happy"].high()
    wait_until(lambda: "button-stuck" not in bench.health(), "health is well again")
    wait_until(lambda: len(bench.health_events()) >= 2, "two health events in the journal")
    expect_equal(bench.health_events(), ["button-stuck", "button-released"], "health events in the journal")
    expect_equal([row["button"] for row in bench.ratings()], ["neutral"], "buttons rated after the release")
    next_press_counts(bench, "happy")
    expect_equal(bench.terminate(), 0, "exit code after SIGTERM")
    journal.expect_sound(bench.state)


@case("a button that stays down past the limit loses its vote, and works once released")
def held_too_long(bench):
    bench.wire(held_ms=2000)
    bench.start()
    line = bench.buttons["happy"]
    line.low()
    bench.wait_for_ratings(1)
    wait_until(lambda: "button-stuck" in bench.health(), "health says that a button is stuck")
    wait_until(lambda: bench.counted() == [], "the vote is withdrawn")
    next_press_counts(bench, "neutral")
    line.high()
    wait_until(lambda: not button(bench, "happy")["down"], "kioskd sees that the button is up")
    wait_until(lambda: "button-stuck" not in bench.health(), "health is well again")
    next_press_counts(bench, "happy")
    expect_equal(bench.counted(), ["neutral", "happy"], "counted ratings")
    expect_equal(bench.terminate(), 0, "exit code after SIGTERM")
    journal.expect_sound(bench.state)


@case("a vote may be held for a while")
def held_for_a_while(bench):
    bench.wire(held_ms=10_000)
    bench.start()
    bench.press("happy", hold=3)
    bench.wait_for_ratings(1)
    expect_equal(bench.counted(), ["happy"], "counted ratings")
    expect_equal(bench.health(), [], "health")
