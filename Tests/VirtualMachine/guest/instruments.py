"""Each instrument once from end to end, on real lines: what is pressed and seen, what stands in the journal, what the lamps
show."""

import ctypes
import time

import journal
from bench import let_pass
from case import case, expect, expect_equal, wait_until
from wiring import BUTTONS, CHIP_LABEL, LAMPS, LINE_NAMES

RATING, REASON, ANSWER, REQUEST, SKIP, ACTIVITY, CONTACT = range(1, 8)
COUNTED, REPEATED, CLOSED, SERVICE, PASSED_BY = 1, 2, 6, 8, 9

KIOSK = """
[device]
name = "kiosk-vm"
touchpoint = "bench"
time_zone = "UTC"

[filter]
response_interval = "0s"
answer_interval = "0s"
chord_window = "0s"
correction_window = "0s"
burst_limit = 0
"""


def wire(bench, survey, roles=None, sensors=None, lamps=None, kiosk=""):
    """A panel of the bench's buttons. `roles`: keys of buttons that do not answer; `sensors`: keys of lines that are sensors
    instead; `lamps`: what the lamp of a button shows."""
    bench.wire()
    roles, sensors, lamps = roles or {}, sensors or {}, lamps or {}
    panel = f'board = "generic"\nsurvey = "bench"\n[chip]\nlabel = "{CHIP_LABEL}"\n'
    for name, offset in BUTTONS.items():
        kind = "sensor" if name in sensors else "button"
        panel += f'[[{kind}]]\nname = "{name}"\nline = "{LINE_NAMES[offset]}"\nbias = "as-is"\nactive = "low"\n'
        panel += sensors.get(name) or roles.get(name, "")
        panel += "\n"
    for name, shows in lamps.items():
        panel += f'[[lamp]]\nname = "{name}-lamp"\nline = "{LINE_NAMES[LAMPS[name]]}"\n{shows}\n'
    for path, text in (("kiosk.toml", KIOSK + kiosk), ("panel.toml", panel), ("surveys/loyalty.toml", survey)):
        with open(f"{bench.config}/{path}", "w") as file:
            file.write(text)


def survey(*questions, instrument="loyalty", more=""):
    return f'name = "bench"\nversion = 1\ninstrument = "{instrument}"\n{more}\n' + "".join(questions)


def question(name, answers, scale=None, more=""):
    """`answers`: (button, keys) in order."""
    text = f'[[question]]\nname = "{name}"\n{more}\n' + (f'scale = "{scale}"\n' if scale else "")
    text += f'[question.text]\nen = "{name}?"\n'
    return text + "".join(f'[[question.answer]]\nbutton = "{button}"\n{keys}\n' for button, keys in answers)


FACES = question("overall", [("unhappy", "value = 1\nnext = \"why\""), ("neutral", "value = 2"), ("happy", "value = 3")],
                 scale="faces-3", more='next = "end"')
TOPICS = question("why", [("queue-long", "value = 1"), ("shop-clean", "value = 2"), ("staff-friendly", "value = 3")],
                  more="most = 2")


def wait_for(bench, count, where):
    wait_until(lambda: len(bench.rows(where)) >= count, f"{count} events with {where}")
    return bench.rows(where)


def pressed(bench):
    """Everything somebody pressed for, as (kind, question, value, code)."""
    return [(row["kind"], row["question"], row["value"], row["code"]) for row in bench.rows("kind BETWEEN 1 AND 7")]


@case("a rating asks for its reasons, on lamps that show what can be pressed, and both are one visit")
def loyalty_and_feedback(bench):
    offered = {name: f'shows = ["offered"]\nbutton = "{name}"' for name in ("unhappy", "queue-long", "shop-clean")}
    wire(bench, survey(FACES, TOPICS), lamps={**offered, "neutral": 'shows = ["counted", "completed"]'})
    bench.start()
    bench.wait_for_lamp("unhappy", 1)
    expect_equal(bench.lamps["queue-long"].value, 0, "lamp of a reason before the rating")
    bench.press("unhappy")
    bench.wait_for_lamp("queue-long", 1)
    bench.wait_for_lamp("unhappy", 0)
    bench.press("queue-long")
    bench.press("shop-clean")
    wait_for(bench, 2, f"kind = {REASON}")
    bench.wait_for_lamp("unhappy", 1)
    bench.press("happy")
    wait_for(bench, 2, f"kind = {RATING}")
    expect_equal(bench.terminate(), 0, "exit code after SIGTERM")
    expect_equal(pressed(bench), [(RATING, "overall", 1, None), (REASON, "why", 1, None), (REASON, "why", 2, None),
                                  (RATING, "overall", 3, None)], "what was pressed")
    rows = bench.rows("kind BETWEEN 1 AND 7")
    expect_equal(len({row["visit"] for row in rows[:3]}), 1, "visits of the rating and its reasons")
    expect(rows[3]["visit"] != rows[0]["visit"], "the next visitor has a visit of their own")
    expect_equal({row["verdict"] for row in rows}, {COUNTED}, "verdicts")
    journal.expect_sound(bench.state)


@case("a questionnaire branches, goes back, and keeps what was answered when the visitor leaves")
def questionnaire(bench):
    questions = [
        question("first", [("happy", 'value = 1\nnext = "second"'), ("unhappy", "value = 2")], more='next = "third"'),
        question("second", [("happy", "value = 1"), ("unhappy", "value = 2")], more='next = "third"'),
        question("third", [("happy", "value = 1"), ("unhappy", "value = 2")]),
    ]
    wire(bench, survey(*questions, instrument="questionnaire", more='timeout = "8s"'),
         roles={"neutral": 'role = "back"'}, lamps={"happy": 'shows = ["counted"]'})
    bench.start()
    for button in ("happy", "unhappy", "neutral", "happy"):
        bench.press(button)
    wait_for(bench, 1, f"kind = {SKIP} AND code = 'timeout'")
    expect_equal(bench.terminate(), 0, "exit code after SIGTERM")
    expect_equal(pressed(bench), [(ANSWER, "first", 1, None), (ANSWER, "second", 2, None), (SKIP, "third", None, "back"),
                                  (ANSWER, "second", 1, None), (SKIP, "third", None, "timeout")], "what was pressed")
    rows = bench.rows("kind BETWEEN 1 AND 7")
    expect_equal(rows[3]["replaces"], rows[1]["seq"], "the answer that the new one takes the place of")
    expect_equal(len({row["visit"] for row in rows}), 1, "visits")


@case("0 to 10 are entered on four buttons in two steps")
def two_steps(bench):
    ranges = [("very-unhappy", "values = [0, 2]"), ("unhappy", "values = [3, 6]"), ("happy", "values = [7, 8]"),
              ("very-happy", "values = [9, 10]")]
    wire(bench, survey(question("recommend", ranges, scale="nps-11")))
    bench.start()
    bench.press("unhappy")
    bench.press("very-happy")
    wait_for(bench, 1, f"kind = {RATING}")
    expect_equal(pressed(bench), [(SKIP, "recommend", None, "first-step"), (RATING, "recommend", 6, None)],
                 "what was pressed")
    (rating,) = bench.rows(f"kind = {RATING}")
    expect_equal(rating["scale"], "nps-11", "scale")


@case("a visitor calls staff: their lamp burns until they come, and the time they took is on record")
def staff(bench):
    wire(bench, survey(FACES, TOPICS.replace("staff-friendly", "very-happy")),
         roles={"staff-friendly": 'role = "call-staff"', "very-unhappy": 'role = "staff-here"'},
         lamps={"staff-friendly": 'shows = ["staff-wanted"]', "happy": 'shows = ["counted"]'})
    bench.start()
    bench.press("staff-friendly")
    bench.wait_for_lamp("staff-friendly", 1)
    wait_for(bench, 1, f"kind = {REQUEST}")
    # A restart in between forgets nobody.
    bench.kill()
    bench.start()
    bench.wait_for_lamp("staff-friendly", 1)
    bench.press("very-unhappy")
    bench.wait_for_lamp("staff-friendly", 0)
    opened, closed = wait_for(bench, 2, f"kind = {REQUEST}")
    expect_equal((opened["code"], closed["code"]), ("open", "closed"), "requests")
    expect_equal(closed["visit"], opened["visit"], "visit of the answer")
    took = (closed["boottime_ns"] - opened["boottime_ns"]) // 1_000_000
    expect(abs(closed["value"] - took) <= 2, f"response time {closed['value']} ms, by the stamps {took} ms")


@case("a seller's button starts and stops their time at work")
def activity(bench):
    wire(bench, survey(FACES, TOPICS), roles={"very-happy": 'role = "toggle"\nseller = "anna-7"'})
    bench.start()
    bench.press("very-happy")
    wait_for(bench, 1, f"kind = {ACTIVITY}")
    expect_equal(bench.status().get("active_sellers"), ["anna-7"], "active sellers")
    time.sleep(1.2)  # A second tap within a second is a double tap.
    bench.press("very-happy")
    start, stop = wait_for(bench, 2, f"kind = {ACTIVITY}")
    expect_equal((start["code"], stop["code"]), ("start", "stop"), "activity")
    expect_equal({start["context"], stop["context"]}, {"seller=anna-7"}, "seller")
    took = (stop["boottime_ns"] - start["boottime_ns"]) // 1_000_000
    expect(abs(stop["value"] - took) <= 2, f"time at work {stop['value']} ms, by the stamps {took} ms")


@case("a sensor counts who stops before it, and the press after that is the same visitor's")
def contact(bench):
    sensor = 'kind = "presence"\ndwell = "500ms"\nhold_off = "300ms"\ndouble_pass = "0s"'
    wire(bench, survey(FACES, TOPICS.replace("shop-clean", "very-happy")), sensors={"shop-clean": sensor})
    bench.start()
    door = bench.buttons["shop-clean"]

    def stand(seconds):
        """Somebody before the sensor for so long, and then nobody for longer than the hold-off; how long they stood."""
        began = time.monotonic()
        door.low()
        let_pass(seconds)
        door.high()
        stood = time.monotonic() - began
        let_pass(0.8)
        return stood

    # On a machine that stands still meanwhile, whoever walks by has stood there: they do not count here.
    others = 0
    while stand(0.1) > 0.4:
        others += 1
        expect(others < 20, "this machine is too busy to walk by")
        wait_for(bench, others, f"kind = {CONTACT}")
    earlier = len(bench.rows(f"kind = {CONTACT} AND verdict = {COUNTED}"))
    door.low()
    wait_for(bench, earlier + 1, f"kind = {CONTACT} AND verdict = {COUNTED}")
    bench.press("happy")
    door.high()
    let_pass(0.8)
    stand(1.5)
    contacts = wait_for(bench, others + 3, f"kind = {CONTACT}")[others:]
    (rating,) = bench.rows(f"kind = {RATING}")
    expect_equal([row["verdict"] for row in contacts], [PASSED_BY, COUNTED, COUNTED], "contacts")
    expect_equal(rating["visit"], contacts[1]["seq"], "the visit of the rating: the contact it began with")
    counted = [row for row in contacts if row["verdict"] == COUNTED]
    rated = {row["visit"] for row in bench.rows(f"kind = {RATING} AND verdict = {COUNTED}")}
    silent = sum(row["seq"] not in rated for row in counted)
    expect_equal((silent, len(counted)), (1, 2), "silent visitors of all")


@case("a tamper contact and a key switch are told, and nothing counts while technicians work")
def tamper_and_service(bench):
    wire(bench, survey(FACES, TOPICS.replace("shop-clean", "very-happy")), sensors={"shop-clean": 'kind = "tamper"'},
         roles={"very-unhappy": 'role = "service"'})
    bench.start()
    bench.buttons["shop-clean"].low()
    wait_until(lambda: "tamper-opened" in bench.health(), "tamper-opened is raised")
    bench.buttons["shop-clean"].high()
    wait_until(lambda: "tamper-opened" not in bench.health(), "tamper-opened is over")
    bench.buttons["very-unhappy"].low()
    wait_until(lambda: "service-began" in bench.health(), "service has begun")
    bench.press("happy")
    bench.buttons["very-unhappy"].high()
    wait_until(lambda: "service-began" not in bench.health(), "service is over")
    bench.press("happy")
    ratings = bench.wait_for_ratings(2)
    expect_equal([row["verdict"] for row in ratings], [SERVICE, COUNTED], "verdicts")
    codes = bench.health_events()
    for code in ("tamper-opened", "tamper-closed", "service-began", "service-ended"):
        expect(code in codes, f"{code} is in the journal: {codes}")


@case("a press after closing time is kept as closed, but only by a clock that somebody vouches for")
def opening_hours(bench):
    hour = (time.gmtime().tm_hour + 3) % 24
    hours = f'[opening_hours]\nevery_day = ["{hour:02d}:00-{hour:02d}:30"]\n'
    wire(bench, survey(FACES, TOPICS), kiosk=hours)
    with_time_service(False)
    bench.start()
    try:
        bench.press("happy")
        bench.wait_for_ratings(1)
        with_time_service(True)
        bench.press("happy")
        ratings = bench.wait_for_ratings(2)
    finally:
        with_time_service(False)
    expect_equal([row["verdict"] for row in ratings], [COUNTED, CLOSED], "verdicts")


def with_time_service(is_kept):
    """Tells the kernel that a time service keeps the clock, as one would, or that none does (adjtimex(2))."""

    class Timex(ctypes.Structure):
        _fields_ = [("modes", ctypes.c_uint), ("offset", ctypes.c_long), ("freq", ctypes.c_long),
                    ("maxerror", ctypes.c_long), ("esterror", ctypes.c_long), ("status", ctypes.c_int),
                    ("rest", ctypes.c_char * 256)]

    status, maximum, unsynchronised = 0x0010, 0x0004, 0x0040
    request = Timex(modes=status | maximum, maxerror=1000, status=0 if is_kept else unsynchronised)
    if ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(request)) < 0:
        raise OSError(ctypes.get_errno(), "adjtimex")
