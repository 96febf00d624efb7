"""Presses on real lines: each becomes one rating, in order, with the kernel's stamps."""

import time

import journal
from bench import Press, boottime, let_pass
from case import CaseFailed, case, expect, expect_equal, wait_until
from chip import spin, undisturbed
from wiring import BUTTONS

PRESSES = 200
CHORD_MS = 150


@case("200 bouncing presses on 8 lines become 200 ratings in order, chained without a gap")
def two_hundred(bench):
    bench.wire()
    bench.start()
    names = list(BUTTONS)
    # Every button as often as any other, in an order without a pattern.
    order = names * (PRESSES // len(names))
    bench.random.shuffle(order)
    presses = [fair_press(bench, button) for button in order]
    unfair = [press for attempts in presses for press in attempts[:-1]]
    presses = [attempts[-1] for attempts in presses]
    expect(all(press.is_fair for press in presses), "this machine is too busy to bounce a contact")
    wait_until(lambda: len(judged(bench.ratings(), unfair)) >= PRESSES, f"{PRESSES} ratings in the journal")
    expect_equal(bench.terminate(), 0, "exit code after SIGTERM")
    ratings = judged(bench.ratings(), unfair)
    expect_equal(len(ratings), PRESSES, "ratings")
    expect_equal([row["button"] for row in ratings], order, "order of the buttons")
    for press, row in zip(presses, ratings):
        # The stamp is that of the first contact, of the last bounce or of the end of the settling time, as the kernel
        # and the debounce have it; always inside the time the button was being pressed.
        expect(press.before <= row["boottime_ns"] <= press.after,
               f"rating {row['seq']} is stamped {row['boottime_ns']}, pressed {press.before} to {press.after}")
        expect_equal(row["verdict"], journal.COUNTED, f"verdict of rating {row['seq']}")
    expect_equal(len({row["boot"] for row in ratings}), 1, "boots the ratings are from")
    journal.expect_sound(bench.state)


def fair_press(bench, button):
    """Presses until the machine was quick enough to make the bounce it was asked for: all attempts, the fair one last.
    At first kioskd may run, and read, while the contact bounces; where that takes too long it has to wait."""
    attempts = [bench.press(button, bounce=True)]
    while not attempts[-1].is_fair and len(attempts) < 20:
        attempts.append(bench.press(button, bounce=True, alone=True))
    return attempts


def judged(ratings, unfair):
    """Ratings that were not made while an unfair press was going on."""
    return [row for row in ratings if not any(press.before <= row["boottime_ns"] <= press.after for press in unfair)]


@case("noise shorter than the debounce time is no press")
def noise(bench):
    bench.wire(debounce_ms=20)
    bench.start()
    line = bench.buttons["happy"]
    sparks = []
    for _ in range(20):
        # Up to 4 ms low in a time of 40: a spark, not a finger.
        spark = Press("happy", boottime())
        with undisturbed():
            line.low()
            spin(bench.random.randint(50, 4000))
            line.high()
        spark.after = boottime()
        spark.stillest = spark.after - spark.before
        sparks.append(spark)
        time.sleep(0.04)
    unfair = [spark for spark in sparks if not spark.is_fair]
    expect(len(unfair) < len(sparks) // 2, "this machine is too busy to make sparks")
    # Something that does count, to know that the noise has been looked at.
    bench.press("neutral")
    wait_until(lambda: any(row["button"] == "neutral" for row in bench.ratings()), "the press is in the journal")
    expect_equal([row["button"] for row in judged(bench.ratings(), unfair)], ["neutral"], "buttons rated")


@case("bias and active level of the panel file reach the kernel")
def bias(bench):
    bench.wire(bias="pull-up")
    # A chip at rest the wrong way round: only the program's request can pull these lines up.
    for line in bench.buttons.values():
        line.low()
    bench.start()
    expect_equal([line.pull for line in bench.buttons.values()], ["pull-up"] * len(BUTTONS), "pull of the lines")
    bench.press("happy")
    expect_equal(len(bench.wait_for_ratings(1)), 1, "ratings")
    expect_equal(bench.terminate(), 0, "exit code after SIGTERM")
    # The other way round: contacts that pull high, lines at rest low.
    bench.configure(bias="pull-down", active="high")
    bench.start()
    expect_equal([line.pull for line in bench.buttons.values()], ["pull-down"] * len(BUTTONS), "pull of the lines")
    bench.buttons["happy"].high()
    ratings = bench.wait_for_ratings(2)
    bench.buttons["happy"].low()
    expect_equal([row["button"] for row in ratings], ["happy", "happy"], "buttons rated")


@case("two buttons together are a chord, and both are kept")
def chord(bench):
    bench.wire(chord_ms=CHORD_MS)
    bench.start()
    first, second = bench.buttons["happy"], bench.buttons["unhappy"]
    for _ in range(20):
        before, counted = len(bench.ratings()), bench.counted()
        first.low()
        second.low()
        let_pass(0.08)
        first.high()
        second.high()
        ratings = bench.wait_for_ratings(before + 2)[before:]
        expect_equal(sorted(row["button"] for row in ratings), ["happy", "unhappy"], "buttons rated")
        # The chord is over.
        let_pass(0.3)
        stamps = [row["boottime_ns"] for row in ratings]
        if max(stamps) - min(stamps) < CHORD_MS * 1_000_000:
            break
        # The machine stood still between the two contacts: they were not together.
    else:
        raise CaseFailed("this machine is too busy to press two buttons together, or their stamps are far apart")
    expect_equal(bench.counted(), counted, "counted ratings")
    # The next press counts.
    bench.press("neutral")
    wait_until(lambda: len(bench.counted()) > len(counted), "the press after the chord counts")
    expect_equal(bench.counted(), [*counted, "neutral"], "counted ratings")
