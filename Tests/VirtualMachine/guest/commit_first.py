"""The thank-you comes after the commit, never before: shown by the order of system calls, and by a commit that fails."""

import os
import re
import time

import journal
from case import case, expect, expect_equal, wait_until
from wiring import BUTTONS

# The lamp-switching calls of the kernel's two interfaces.
SET_LINES = {"1": "GPIOHANDLE_SET_LINE_VALUES_IOCTL", "2": "GPIO_V2_LINE_SET_VALUES_IOCTL"}


class Call:
    """One system call: where in the trace it began and where it returned, and what it did."""

    def __init__(self, name, text, began):
        self.name = name
        self.text = text
        self.began = began
        self.returned = None

    @property
    def is_commit(self):
        return self.name in ("fsync", "fdatasync") and "ratings.db-wal>" in self.text and self.text.endswith("= 0")

    @property
    def is_switching(self):
        return "SET_LINE_VALUES_IOCTL" in self.text or "LINE_SET_VALUES_IOCTL" in self.text

    @property
    def is_lamp_on(self):
        """Switches at least one line to active."""
        if not self.is_switching:
            return False
        first = re.search(r"values=\[([^\]]*)\]", self.text)
        if first:
            return any(int(value, 0) for value in first[1].replace("...", "0").split(","))
        second = re.search(r"bits=(0x[0-9a-f]+|\d+), mask=(0x[0-9a-f]+|\d+)", self.text)
        if second:
            return int(second[1], 0) & int(second[2], 0) != 0
        raise ValueError(f"cannot tell what this call switches: {self.text}")


def read_trace(path):
    """System calls in the order in which they began. strace writes a line when a call begins, and cuts it in two
    (`<unfinished ...>`, `<... resumed>`) when another thread has something to tell before it returns."""
    calls, unfinished = [], {}
    with open(path) as file:
        for number, line in enumerate(file):
            found = re.match(r"(\d+) +(.*)", line.rstrip())
            if not found:
                continue
            thread, text = found.groups()
            resumed = re.match(r"<\.\.\. (\w+) resumed>(.*)", text)
            if resumed:
                call = unfinished.pop(thread, None)
                if call:
                    call.text += resumed[2]
                    call.returned = number
                continue
            begun = re.match(r"(\w+)\((.*)", text)
            if not begun:
                continue
            call = Call(begun[1], text, number)
            calls.append(call)
            if text.endswith("<unfinished ...>"):
                call.text = text.removesuffix("<unfinished ...>")
                unfinished[thread] = call
            else:
                call.returned = number
    for call in calls:
        call.text = re.sub(r"\s+= ", " = ", call.text)
    return calls


@case("each lamp is switched on only after the commit of its press has returned")
def order_of_calls(bench):
    bench.wire()
    trace = f"{bench.folder}/kioskd.trace"
    # -D keeps kioskd our own child; -y names the files behind descriptors; -v writes all values.
    bench.start(prefix=["strace", "-D", "-f", "-y", "-v", "-s", "0", "-e", "trace=fsync,fdatasync,ioctl", "-o", trace],
                seconds=60)
    rounds = []
    for button in [*BUTTONS, "happy", "happy"]:
        bench.wait_for_dark()
        begin = trace_lines(trace)
        bench.press(button, hold=0.15, rest=0)
        bench.wait_for_lamp(button, 1)
        rounds.append((button, begin))
    bench.wait_for_dark()
    expect_equal(bench.terminate(), 0, "exit code after SIGTERM")
    calls = read_trace(trace)
    for (button, begin), (_, end) in zip(rounds, [*rounds[1:], (None, 1 << 60)]):
        during = [call for call in calls if begin <= call.began < end]
        lamps = [call.began for call in during if call.is_lamp_on]
        commits = [call.returned for call in during if call.is_commit]
        expect(lamps, f"no lamp was switched on for {button}, says the trace")
        expect(commits, f"nothing was committed for {button}, says the trace")
        expect(min(commits) < min(lamps),
               f"lamp of {button} was switched on at line {min(lamps)}, its commit returned at line {min(commits)}")
    switching = [call.text for call in calls if call.is_switching]
    wanted = SET_LINES[bench.build]
    expect(all(wanted in text for text in switching), f"a lamp was switched by another call than {wanted}")
    expect_equal(bench.counted(), [button for button, _ in rounds], "counted ratings")


def trace_lines(path):
    with open(path, "rb") as file:
        return file.read().count(b"\n")


@case("a lamp comes on and goes out again on the chip, and only the lamp of its button")
def on_and_off(bench):
    bench.wire()
    bench.start()
    expect_equal([lamp.value for lamp in bench.lamps.values()], [0] * len(BUTTONS), "lamps at the start")
    for button in BUTTONS:
        bench.press(button, rest=0)
        bench.wait_for_lamp(button, 1)
        # Its own has been seen, and may be out again while the others are looked at.
        lit = [name for name, lamp in bench.lamps.items() if name != button and lamp.value]
        expect_equal(lit, [], f"other lamps that are lit for {button}")
        bench.wait_for_lamp(button, 0)
    expect_equal(bench.terminate(), 0, "exit code after SIGTERM")


@case("lamps are off once kioskd has ended")
def off_at_the_end(bench):
    bench.wire()
    bench.start()
    bench.press("happy", rest=0)
    bench.wait_for_lamp("happy", 1)
    expect_equal(bench.terminate(), 0, "exit code after SIGTERM")
    expect_equal([name for name, lamp in bench.lamps.items() if lamp.value], [], "lamps that are lit")


@case("a press that cannot be committed is not thanked for, and is committed once there is room")
def full_disk(bench):
    bench.small_state()
    bench.wire()
    bench.start()
    bench.press("neutral", rest=0)
    bench.wait_for_lamp("neutral", 1)
    bench.wait_for_dark()
    # What kioskd has set aside for bad days carries some presses; each of those is thanked for and must be there. In the
    # end one press finds no room at all.
    pressed = ["neutral"]
    names = list(BUTTONS)
    for number in range(40):
        bench.fill_state()
        button = names[number % len(names)]
        pressed.append(button)
        bench.press(button, rest=0)
        if refused_or_lit(bench, button):
            break
        expect_equal([row["button"] for row in bench.ratings()], pressed, "ratings when the lamp is lit")
        bench.wait_for_dark()
    expect("journal-unavailable" in bench.health(), "the disk is full, but kioskd does not say so")
    committed = len(bench.ratings())
    expect_equal(bench.ratings()[-1]["button"] if committed else None, pressed[committed - 1], "last committed button")
    expect(committed < len(pressed), "the press without room is in the journal after all")
    # Two more, to see that capture goes on and their order stays.
    for button in ("shop-clean", "queue-long"):
        pressed.append(button)
        bench.press(button, rest=0.1)
    wait_until(lambda: bench.status()["journal"]["waiting"] >= 3, "the status says that three presses wait")
    expect_equal(bench.lamps["shop-clean"].value, 0, "lamp of a press that waits")
    expect_equal(bench.lamps["queue-long"].value, 0, "lamp of a press that waits")
    expect_equal(bench.out_of_service.value, 1, "lamp for out of service")
    bench.free_state()
    ratings = bench.wait_for_ratings(len(pressed), 120)
    expect_equal([row["button"] for row in ratings], pressed, "ratings")
    wait_until(lambda: "journal-unavailable" not in bench.health(), "health is well again")
    wait_until(lambda: not bench.out_of_service.value, "the lamp for out of service is off again")
    expect_equal(bench.terminate(), 0, "exit code after SIGTERM")
    journal.expect_sound(bench.state)


def refused_or_lit(bench, button, seconds=60):
    """Waits for what becomes of a press: True when it waits for the journal, False when its lamp was lit."""

    def outcome():
        # Many looks at the lamp for each at the status, which takes longer than the lamp is on.
        for _ in range(50):
            if bench.lamps[button].value:
                return "lit"
            time.sleep(0.01)
        return "waits" if bench.status()["journal"]["waiting"] else None

    found = wait_until(outcome, f"the press on {button} is committed or waits", seconds)
    if found == "waits":
        expect_equal(bench.lamps[button].value, 0, f"lamp of {button}, whose press waits for the journal")
    return found == "waits"
