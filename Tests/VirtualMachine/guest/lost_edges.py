"""Edges that the kernel had to drop. libgpiod 1.6 keeps 16 events for each line and drops the newest; 2.x keeps one
buffer for all lines and drops the oldest. Whichever it was: nothing stays wedged, and the next press counts."""

import time

import journal
from bench import Press, boottime, let_pass
from case import case, expect, expect_equal, wait_until
from chip import undisturbed

# The kernel debounces for 2.x, in whole ticks of 4 ms: edges that are to reach its buffer must be stable for longer.
SLOW_EDGE = 0.01
# Two buttons make the kernel's buffer small enough to overflow in a few seconds: 16 edges for each with 1.6, 64 for each
# in one buffer with 2.x. Even, so that the line ends as it began.
FEW = ("happy", "unhappy")
OVERFLOW = 400


@case("an edge storm that overflows the kernel's buffer while kioskd is stopped wedges nothing")
def storm_while_stopped(bench):
    bench.wire(debounce_ms=1, buttons=FEW)
    bench.start()
    next_press_counts(bench, "happy")
    bench.pause()
    overflow(bench, "unhappy")
    bench.resume()
    wait_until(lambda: "edges-lost" in bench.health_events(), "the journal says that edges were lost")
    expect(bench.status()["edges_lost"] >= 1, "the status does not say that edges were lost")
    next_press_counts(bench, "unhappy")
    next_press_counts(bench, "happy")
    expect_equal(bench.terminate(), 0, "exit code after SIGTERM")
    journal.expect_sound(bench.state)


@case("an edge storm on one line while kioskd runs is reported, and the other buttons go on working")
def storm_while_running(bench):
    bench.wire(debounce_ms=1, storm_limit=40)
    bench.start()
    # A loose contact: some 80 edges a second, until a busy machine has made enough of them in one second.
    line = bench.buttons["unhappy"]

    def chatter(seconds=3):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            line.low()
            time.sleep(SLOW_EDGE)
            line.high()
            time.sleep(SLOW_EDGE)

    def is_told():
        chatter()
        return "edge-storm" in bench.health_events()

    wait_until(is_told, "the journal says that there is a storm", 60)
    wait_until(lambda: "edge-storm-over" in bench.health_events(), "the journal says that the storm is over")
    wait_until(lambda: "edge-storm" not in bench.health(), "health is well again")
    next_press_counts(bench, "happy")
    next_press_counts(bench, "unhappy")
    expect_equal(bench.terminate(), 0, "exit code after SIGTERM")
    journal.expect_sound(bench.state)


@case("a storm of bounces faster than the debounce time is no press, and the next press counts")
def fast_storm(bench):
    bench.wire(debounce_ms=20)
    bench.start()
    line = bench.buttons["unhappy"]
    storms = []
    for _ in range(40):
        storm = Press("unhappy", boottime())
        storm.stillest = fast_edges(line, 1_000)
        let_pass(0.3)
        storm.after = boottime()
        # Else the machine itself was stopped and held the line still: nobody can say what kioskd should have seen.
        if storm.is_fair:
            storms.append(storm)
        if len(storms) == 5:
            break
    expect(storms, "this machine is too busy to make a fast storm")
    next_press_counts(bench, "unhappy")
    # That press was the last: all that came before it has been judged.
    for storm in storms:
        expect_equal(since(bench, storm), [], "ratings stamped in a storm, which was no press")


@case("a release lost at the end of a full buffer does not leave the button stuck")
def newest_lost(bench):
    bench.wire(debounce_ms=1, buttons=FEW)
    bench.start()
    hold(bench, "happy")
    bench.pause()
    # Release, press, … 16 edges that end pressed fill the buffer of 1.6; the release after them finds no room.
    line = bench.buttons["happy"]
    for number in range(17):
        line.set(number % 2 == 0)
        time.sleep(SLOW_EDGE)
    bench.resume()
    recovered(bench, "happy")


@case("a release lost at the beginning of a full buffer does not leave the button stuck")
def oldest_lost(bench):
    bench.wire(debounce_ms=1, buttons=FEW)
    bench.start()
    hold(bench, "happy")
    bench.pause()
    # One release, then more edges on another line than the common buffer of 2.x holds: the release falls out of it.
    bench.buttons["happy"].high()
    overflow(bench, "unhappy")
    bench.resume()
    wait_until(lambda: "edges-lost" in bench.health_events(), "the journal says that edges were lost")
    recovered(bench, "happy")


@case("a press that began while edges were being lost is found by reading the levels back")
def press_lost(bench):
    bench.wire(debounce_ms=1, buttons=FEW)
    bench.start()
    bench.pause()
    overflow(bench, "happy")
    line = bench.buttons["happy"]
    before = len(bench.ratings())
    line.low()
    bench.resume()
    wait_until(lambda: button(bench, "happy")["down"], "kioskd sees that the button is down")
    wait_until(lambda: len(bench.ratings()) > before, "the press is in the journal")
    line.high()
    wait_until(lambda: not button(bench, "happy")["down"], "kioskd sees that the button is up")
    next_press_counts(bench, "happy")


def fast_edges(line, pairs):
    """Pairs of edges as fast as they can be made, some 6 µs apart: no reader can keep up with them. Returns the longest
    time the line stood still, in nanoseconds."""
    longest, last = 0, time.monotonic_ns()
    with undisturbed():
        for _ in range(pairs):
            line.low()
            low = time.monotonic_ns()
            line.high()
            high = time.monotonic_ns()
            longest = max(longest, low - last, high - low)
            last = high
    return longest


def overflow(bench, name):
    """More edges than the kernel keeps, each stable enough to be one."""
    line = bench.buttons[name]
    for _ in range(OVERFLOW // 2):
        line.low()
        time.sleep(SLOW_EDGE)
        line.high()
        time.sleep(SLOW_EDGE)


def hold(bench, name):
    """Presses a button without letting go, and waits until the press is on disk."""
    bench.buttons[name].low()
    bench.wait_for_ratings(1)


def recovered(bench, name):
    """The button that was let go while nobody looked is known to be up, and works."""
    wait_until(lambda: not button(bench, name)["down"], "kioskd knows that the button is up")
    next_press_counts(bench, name)
    expect("button-stuck" not in bench.health(), "a button that is up is called stuck")
    expect_equal(bench.terminate(), 0, "exit code after SIGTERM")
    journal.expect_sound(bench.state)


def button(bench, name):
    return next(entry for entry in bench.status()["buttons"] if entry["name"] == name)


def since(bench, press):
    """Ratings of that button stamped while it was being pressed."""
    return [row for row in bench.ratings()
            if row["button"] == press.button and press.before <= row["boottime_ns"] <= press.after]


def next_press_counts(bench, name):
    """One press gives one counted rating, stamped inside the press, and its lamp."""
    bench.wait_for_dark(60)
    press = bench.press(name, hold=0.1, rest=0)
    bench.wait_for_lamp(name, 1)
    ratings = wait_until(lambda: since(bench, press), f"the press on {name} is in the journal")
    expect_equal([row["verdict"] for row in ratings], [journal.COUNTED], f"verdicts of one press on {name}")
    time.sleep(0.05)
