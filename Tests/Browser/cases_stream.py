"""How fast, how quiet and how confined the page is."""

import json
import statistics
import time

from kiosk import eventually
from page import case, expect, expect_equal

PRESSES = 50
WATCH = """
(() => {
  window.seen = [];
  window.watching?.disconnect();
  window.watching = new MutationObserver(() => window.seen.push([performance.timeOrigin + performance.now(),
    document.getElementById("choices").textContent, document.querySelectorAll(".chosen").length]));
  window.watching.observe(document.getElementById("screen"), {subtree: true, childList: true, characterData: true, attributes: true});
})()
"""


@case("each press is on the screen at once")
def prompt(page):
    page.show(survey="questionnaire")
    page.wait("Is this your first visit?")
    page.press("reason-2", "reason-2")
    page.wait("What was missing? Choose all that fit.")
    lines = page.kiosk.watch()
    from_press, from_commit = [], []
    for number in range(PRESSES):
        # The first choice and, by the way back, another.
        button = f"reason-{1 + number % 2}" if number < 2 else ("back", "reason-2", "reason-1")[number % 3]
        before = page.read("#screen")
        page.browser.run(WATCH)
        # Both clocks at one moment: what kioskd tells is by the one, what the browser tells by the other.
        offset = time.time_ns() - time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        page.press(button)
        pressed = committed = None
        while committed is None:
            told = json.loads(lines.readline())
            if told.get("event") == "press":
                pressed = told["monotonic_ns"]
            elif told.get("event") == "committed":
                committed = told["monotonic_ns"]
        eventually(lambda: page.browser.run("window.seen.length"), lambda: f"press {number} ({button}) shows on {before!r}")
        seen = page.browser.run("window.seen[0][0]") * 1e6
        from_press.append((seen - offset - pressed) / 1e6)
        from_commit.append((seen - offset - committed) / 1e6)
        if page.question != "What was missing? Choose all that fit." and page.question != "Did you find what you were looking for?":
            page.press("back")
    return (f"from the press to the screen: median {statistics.median(from_press):.1f} ms, worst {max(from_press):.1f} ms; "
            f"from the commit: median {statistics.median(from_commit):.1f} ms, worst {max(from_commit):.1f} ms, "
            f"{PRESSES} presses")


@case("an idle page does nothing: nothing changes, and next to no time is spent")
def idle(page):
    page.show(survey="faces-5")
    page.wait("How was your visit today?")
    eventually(lambda: page.browser.run("document.getAnimations().length") == 0, "no animation runs")
    page.browser.run(WATCH)
    before = page.browser.metric("TaskDuration")
    period = 5
    page.browser.run(f"new Promise((done) => setTimeout(done, {period * 1000}))")
    spent = page.browser.metric("TaskDuration") - before
    expect_equal(page.browser.run("window.seen.length"), 0, "changes")
    expect(spent < 0.05 * period, f"{spent * 1000:.0f} ms of {period} s were spent")
    return f"{spent * 1000:.0f} ms in {period} s"


@case("who wants no motion gets none")
def still(page):
    page.show(survey="faces-5")
    page.browser.media(prefers_reduced_motion="reduce")
    page.wait("How was your visit today?")
    page.press("happy")
    page.wait("Thank you!")
    expect_equal(page.browser.run("getComputedStyle(document.getElementById('drawing')).animationName"), "none", "animation")
    page.browser.media()
    expect_equal(page.browser.run("getComputedStyle(document.getElementById('drawing')).animationName"), "arrive",
                 "animation for others")


@case("the question is announced, and everything on the page has a language")
def spoken(page):
    page.show(survey="faces-5")
    page.wait("How was your visit today?")
    expect_equal(page.browser.run("document.getElementById('question').closest('[aria-live]').ariaLive"), "polite",
                 "live region of the question")
    tree = page.browser.call("Accessibility.getFullAXTree")["nodes"]
    names = [node["name"]["value"] for node in tree if "name" in node and not node["ignored"]]
    for words in ("How was your visit today?", "Very bad", "Very good"):
        expect(words in names, f"{words!r} is not in what a screen reader gets")


@case("nothing was asked of another host, and nothing was refused by the page's own policy")
def confined(page):
    asked = {told["request"]["url"] for told in page.browser.told("Network.requestWillBeSent")}
    foreign = [url for url in asked if not url.startswith(page.kiosk.url) and not url.startswith("about:")]
    expect(asked and not foreign, f"asked elsewhere: {foreign}")
    entries = [told["entry"] for told in page.browser.told("Log.entryAdded")]
    wrong = [entry["text"] for entry in entries if entry["source"] in ("security", "violation", "javascript")]
    thrown = [told["exceptionDetails"]["text"] for told in page.browser.told("Runtime.exceptionThrown")]
    expect(not wrong and not thrown, f"the browser complains: {wrong + thrown}")
    # What the policy forbids is indeed forbidden.
    expect_equal(page.browser.run("fetch('http://127.0.0.2:9/').then(() => 'sent', () => 'refused')"), "refused",
                 "a request elsewhere")
    expect_equal(page.browser.run(
        "(() => { try { document.createElement('p').innerHTML = '<b>x</b>'; return 'set'; } catch { return 'refused'; } })()"),
        "refused", "markup from text")
    return f"{len(asked)} addresses"
