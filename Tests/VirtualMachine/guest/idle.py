"""A kiosk that nobody presses does nothing at all."""

import time

from case import CaseFailed, case, expect, expect_equal


@case("an idle kiosk does not wake up in 10 s and has at most 6 threads")
def idle(bench):
    bench.wire()
    bench.start()
    expect_at_rest(bench, "after the start", 2)
    for button in ("happy", "unhappy", "neutral"):
        bench.press(button, rest=0)
        bench.wait_for_lamp(button, 1)
        bench.wait_for_dark()
    bench.status()
    expect_at_rest(bench, "after three presses", 10)
    expect_equal(bench.terminate(), 0, "exit code after SIGTERM")


def expect_at_rest(bench, when, seconds):
    """Looks for so long again and again until once nothing has woken up. What was begun is finished first: a client is
    told goodbye, a lamp goes out 1.5 s after its press, the visit ends when its thank-you is over, 3 s after the last
    press, and the journal is tidied in that round. On a busy host all that may take a few looks. A timer that goes on for
    ever, whatever its period up to that time, is in each look."""
    seen = []
    while True:
        seen.append(wake_ups(bench, seconds))
        if not seen[-1]:
            break
        if seconds * len(seen) >= 60:
            raise CaseFailed(f"kioskd does not come to rest {when}: wake-ups in each {seconds} s: {seen}")
    expect(len(bench.threads()) <= 6, f"{len(bench.threads())} threads {when}")


def wake_ups(bench, seconds):
    """How often each thread gave up the processor of its own accord meanwhile: once for each time it woke up."""
    before = switches(bench)
    time.sleep(seconds)
    after = switches(bench)
    return {name: count - before.get(name, 0) for name, count in after.items() if count != before.get(name, 0)}


def switches(bench):
    counts = {}
    for thread in bench.threads():
        folder = f"/proc/{bench.process.pid}/task/{thread}"
        with open(f"{folder}/comm") as file:
            name = f"{file.read().strip()} ({thread})"
        with open(f"{folder}/status") as file:
            fields = dict(line.split(":", 1) for line in file)
        counts[name] = int(fields["voluntary_ctxt_switches"]) + int(fields["nonvoluntary_ctxt_switches"])
    return counts
