"""Storage that is no use at the start: capture begins all the same, and presses wait."""

import journal
from case import case, expect, expect_equal, wait_until


@case("a read-only disk at the start: capture goes on, presses are committed once it can be written")
def read_only_at_start(bench):
    bench.small_state()
    bench.wire()
    bench.remount_state("ro")
    presses_wait(bench)
    bench.remount_state("rw")
    presses_arrive(bench)


@case("a full disk at the start: capture goes on, presses are committed once there is room")
def full_at_start(bench):
    bench.small_state()
    bench.wire()
    bench.fill_state()
    presses_wait(bench)
    bench.free_state()
    presses_arrive(bench)


@case("a disk that is full when kioskd starts again: what was committed stays, what is pressed waits")
def full_at_restart(bench):
    bench.small_state()
    bench.wire()
    bench.start()
    bench.press("neutral", rest=0)
    bench.wait_for_lamp("neutral", 1)
    expect_equal(bench.terminate(), 0, "exit code after SIGTERM")
    bench.fill_state()
    bench.start()
    bench.wait_for_dark()
    for button in ("happy", "unhappy"):
        bench.press(button, rest=0.2)
    bench.free_state()
    ratings = bench.wait_for_ratings(3, 120)
    expect_equal([row["button"] for row in ratings], ["neutral", "happy", "unhappy"], "buttons rated")
    expect_equal(bench.terminate(), 0, "exit code after SIGTERM")
    journal.expect_sound(bench.state)


def presses_wait(bench):
    bench.start()
    wait_until(lambda: "journal-unavailable" in bench.health(), "health says that the journal cannot be written")
    for button in ("happy", "unhappy"):
        bench.press(button, rest=0.2)
    wait_until(lambda: bench.status()["journal"]["waiting"] >= 2, "the status says that presses wait")
    expect_equal(bench.status()["journal"]["writable"], False, "whether the journal is called writable")
    lit = [name for name, lamp in bench.lamps.items() if lamp.value]
    expect_equal(lit, [], "lamps that are lit for presses that wait")


def presses_arrive(bench):
    ratings = bench.wait_for_ratings(2, 120)
    expect_equal([row["button"] for row in ratings], ["happy", "unhappy"], "buttons rated")
    wait_until(lambda: bench.status()["journal"]["writable"], "the journal is called writable")
    expect_equal(bench.health(), [], "health")
    bench.press("neutral", rest=0)
    bench.wait_for_lamp("neutral", 1)
    expect_equal(bench.terminate(), 0, "exit code after SIGTERM")
    journal.expect_sound(bench.state)
