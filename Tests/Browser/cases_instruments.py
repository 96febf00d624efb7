"""Every instrument of docs/examples: what is asked, what each button means, and what follows."""

import re
import tomllib

from kiosk import ROOT, eventually
from page import case, expect, expect_equal
from surveys import ARABIC, GERMAN, REVERSED, REVERSED_PANEL

SURVEYS = ROOT / "docs/examples/surveys"
MOODS = ["Very unhappy", "Unhappy", "Neutral", "Happy", "Very happy"]


def survey(name):
    return tomllib.loads((SURVEYS / f"{name}.toml").read_text())


def panel_order(survey_answers):
    order = [button["name"] for button in
             tomllib.loads((ROOT / "docs/examples/simulated-all-surveys/panel.toml").read_text())["button"]]
    return sorted(survey_answers, key=lambda answer: order.index(answer["button"]))


def one_question(name, press, kept=None):
    """A survey whose first question is answered with one press."""
    def check(page):
        asked = survey(name)
        question = asked["question"][0]
        page.show(survey=name)
        page.wait(question["text"]["en"])
        answers = panel_order(question["answer"])
        found = page.shows(len(answers))
        ends = " ".join(page.list("#ends > li"))
        for text, answer in zip(found, answers):
            wording = answer.get("text", {}).get("en", "")
            if not question["scale"].startswith("faces"):
                expect(text.startswith(str(answer["value"])), f"{text!r} does not begin with {answer['value']}")
            expect(wording in text or f"{answer['value']} = {wording}" in ends, f"{wording!r} is not said: {found} {ends}")
        page.look(name)
        page.press(press)
        page.wait(asked["thanks"]["en"])
        expect_equal(page.answers, [], "answers beside the thank-you")
        if kept:
            page.look(kept)
    return check


for name, press in (("faces-2", "happy"), ("faces-3", "neutral"), ("faces-4", "unhappy"), ("faces-5", "happy"),
                    ("stars-5", "4"), ("nps", "10"), ("csat", "5"), ("ces-1", "2"), ("ces-2", "6")):
    case(f"{name}: the question, each button in its order, and the thank-you")(
        one_question(name, press, "thanks" if name == "faces-5" else None))


@case("faces whose buttons stand the other way round are shown as they stand, and faces without words get some")
def reversed_faces(page):
    page.show(example="simulated-five-faces", survey="reversed",
              files={"surveys/reversed.toml": REVERSED, "panel.toml": REVERSED_PANEL})
    page.wait("How was it?")
    expect_equal(page.answers, MOODS[::-1], "faces")
    page.look("faces-5-reversed")


def two_steps(name, ranges, first, numbers, second):
    def check(page):
        asked = survey(name)
        page.show(survey=name)
        page.wait(asked["question"][0]["text"]["en"])
        found = page.shows(len(ranges))
        expect_equal([re.match(r"\d+–\d+", text)[0] for text in found], ranges, "ranges")
        page.look(name)
        page.press(first)
        eventually(lambda: page.read("#more"), "the second step")
        expect_equal(page.read("#more"), "Now the exact number, please.", "what is wanted now")
        expect_equal(page.answers, numbers, "numbers")
        page.look(f"{name}-second-step")
        page.press(second)
        page.wait(asked["thanks"]["en"])
    return check


case("NPS on four buttons: ranges, then the numbers in one")(
    two_steps("nps-four-buttons", ["0–3", "4–6", "7–8", "9–10"], "1", ["0", "1", "2", "3"], "4"))
case("NPS on five buttons: ranges, then the numbers in one")(
    two_steps("nps-five-buttons", ["0–2", "3–4", "5–6", "7–8", "9–10"], "5", ["9", "10"], "2"))


@case("satisfaction index, WoMI and SERVQUAL: every number, the way back, and how far one has come")
def long_scales(page):
    for name, count, presses in (("csi", 5, ("4", "2")), ("womi", 5, ("1", "1")), ("servqual", 7, ("4",))):
        asked = survey(name)
        page.show(survey=name)
        first = asked["question"][0]
        item = first.get("item", [{}])[0].get("text", {}).get("en", "")
        page.wait(" ".join(part for part in (first.get("text", {}).get("en", ""), item) if part))
        page.shows(count)
        page.look(name)
        page.press(*presses)
        eventually(lambda: (page.read("#place") or "").startswith("Question 2 of "), lambda: page.read("#place"))
        expect("Back" in page.controls, f"no way back: {page.controls}")
        page.look(f"{name}-second-question")


@case("topics: what is chosen is marked in words, and Done ends the choice")
def topics(page):
    page.show(survey="topics")
    page.wait("What should we do better? Choose up to three.")
    expect_equal(page.answers, ["1 Waiting time", "2 Friendliness", "3 Out of stock", "4 Cleanliness", "5 Prices",
                                "6 Something else"], "topics")
    expect_equal(page.read("#choices"), "Choose up to 3", "how many")
    page.look("topics")
    page.press("reason-3", "reason-4")
    eventually(lambda: page.read("#choices") == "Choose up to 3 · 2 chosen", lambda: page.read("#choices"))
    expect_equal(page.answers[2:4], ["3 Out of stock Chosen", "4 Cleanliness Chosen"], "chosen topics")
    expect("Done" in page.controls, f"no Done: {page.controls}")
    page.look("topics-chosen")
    page.press("done")
    page.wait("Thank you! We read every answer.")


@case("reasons after a rating belong to the same visit")
def reasons(page):
    asked = survey("reasons")
    page.show(survey="reasons")
    page.wait(asked["question"][0]["text"]["en"])
    page.press(min(asked["question"][0]["answer"], key=lambda answer: answer["value"])["button"])
    page.wait(asked["question"][1]["text"]["en"])
    page.look("reasons")


@case("questionnaire: branches, several choices, back, and how far one has come")
def questionnaire(page):
    page.show(survey="questionnaire")
    page.wait("Is this your first visit?")
    expect_equal(page.answers, ["1 Yes", "2 No"], "answers")
    page.look("questionnaire-1")
    page.press("reason-2")
    page.wait("Did you find what you were looking for?")
    expect("Back" in page.controls and "Skip" in page.controls, f"{page.controls}")
    expect(page.read("#place").startswith("Question 2 of "), page.read("#place"))
    page.look("questionnaire-2")
    page.press("reason-2")
    page.wait("What was missing? Choose all that fit.")
    page.press("reason-1", "reason-4")
    page.look("questionnaire-3")
    page.press("back")
    page.wait("Did you find what you were looking for?")
    page.press("reason-1")
    page.wait("How helpful were the staff?")
    expect_equal(page.answers, ["Very bad", "Bad", "So-so", "Good", "Very good"], "faces")
    page.look("questionnaire-4")
    page.press("very-happy")
    page.wait("Will you come again?")
    page.look("questionnaire-5")
    page.press("reason-1")
    page.wait("Thank you for your time!")


@case("three languages: the button changes all that is said, and names the next language in its own words")
def languages(page):
    page.show(example="simulated-showroom")
    page.wait("How was your visit today?")
    expect_equal(page.browser.run("document.documentElement.lang"), "en", "language of the page")
    expect("Deutsch Français" in page.controls, f"{page.controls}")
    page.look("showroom-english")
    page.press("language")
    page.wait("Wie war Ihr Besuch heute?")
    expect_equal(page.browser.run("document.documentElement.lang"), "de", "language of the page")
    expect_equal(page.answers[0], "Sehr schlecht", "the worst face")
    expect("Personal rufen" in page.controls and "Français English" in page.controls, f"{page.controls}")
    page.look("showroom-german")
    page.press("language")
    page.wait("Comment était votre visite aujourd'hui ?")
    page.press("very-unhappy")
    page.wait("Qu'est-ce qui n'allait pas ?")
    page.press("reason-1")
    page.look("showroom-french")
    page.press("done", "skip", "skip")


@case("Arabic is written from the right, while the buttons stay where they are")
def arabic(page):
    page.show(example="simulated-showroom", survey="arabic", files={"surveys/arabic.toml": ARABIC})
    page.wait("كيف كانت زيارتك اليوم؟")
    expect_equal(page.browser.run("[document.documentElement.dir, document.documentElement.lang]"), ["rtl", "ar"],
                 "direction and language of the page")
    expect_equal(page.answers, ["سيئة جدًا", "سيئة", "متوسطة", "جيدة", "جيدة جدًا"], "faces from left to right")
    page.look("arabic")
    page.press("very-unhappy")
    page.wait("ما الذي لم يعجبك؟ اختر حتى ثلاثة أسباب من فضلك.")
    page.press("reason-2")
    page.look("arabic-topics")
    page.press("call-staff")
    page.look("arabic-staff-called")
    page.press("staff-here", "done")
    page.wait("شكرًا جزيلًا لك على وقتك! نراك قريبًا.")
    page.look("arabic-thanks")


@case("the longest realistic texts fit")
def long_texts(page):
    page.show(example="simulated-showroom", survey="long", files={"surveys/long.toml": GERMAN})
    page.wait("Wie zufrieden waren Sie bei Ihrem heutigen Einkauf mit der Hilfsbereitschaft, der Freundlichkeit und der "
              "Fachkenntnis unserer Mitarbeiterinnen und Mitarbeiter an der Bedienungstheke?")
    page.look("long-faces")
    page.press("very-unhappy")
    page.wait("Was hat Sie bei Ihrem heutigen Besuch am meisten gestört? Bitte wählen Sie bis zu sechs Gründe, die am "
              "ehesten zutreffen.")
    page.press("reason-1", "reason-2", "reason-6")
    page.look("long-topics")
    page.press("done")
    page.wait("Vielen Dank für Ihre ausführliche Rückmeldung! Wir lesen jede Antwort und wünschen Ihnen noch einen "
              "schönen Tag.")
    page.look("long-thanks")
