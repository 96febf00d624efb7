"""Chip numbers change between kernels and boards; the label and the line names stay."""

from bench import let_pass
from case import case, expect_equal
from lost_edges import next_press_counts
from wiring import LINE_NAMES


@case("the chip is found by its label when another one has taken its number")
def renumbered(bench):
    # Same line names, other label: whoever opens the first chip gets these and hears nothing.
    decoy = bench.add_chip("decoy", LINE_NAMES)
    bench.wire()
    bench.start()
    expect_equal(bench.status()["chip"], bench.chip.label, "label of the chip in use")
    expect_equal(bench.status()["chip_path"], bench.chip.path, "path of the chip in use")
    next_press_counts(bench, "happy")
    line = decoy.line(4)
    line.low()
    let_pass(0.06)
    line.high()
    let_pass(0.06)
    line.close()
    # A press of our own shows that all before it has been looked at.
    next_press_counts(bench, "unhappy")
    expect_equal([row["button"] for row in bench.ratings()], ["happy", "unhappy"],
                 "buttons rated; the other chip's lines are not ours")


@case("after a restart with other chip numbers the same configuration works")
def renumbered_later(bench):
    bench.wire()
    bench.start()
    next_press_counts(bench, "happy")
    expect_equal(bench.terminate(), 0, "exit code after SIGTERM")
    first = bench.chip
    bench.unwire()
    bench.add_chip("decoy", LINE_NAMES)
    bench.wire()
    if bench.chip.path == first.path:
        raise RuntimeError("the chip has its old number again: the case proves nothing")
    bench.start()
    next_press_counts(bench, "unhappy")
    expect_equal([row["button"] for row in bench.ratings()], ["happy", "unhappy"], "buttons rated")
