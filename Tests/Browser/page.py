"""What the cases are made of: the page, as it is read, measured and photographed."""

import pathlib

from browser import Browser
from kiosk import ROOT, Kiosk, eventually

CASES = []
PICTURES = ROOT / ".build-browser/screenshots"
AUDIT = (pathlib.Path(__file__).parent / "audit.js").read_text()
SIZES = ((800, 480), (1280, 800), (480, 800))
# Less is not read from where a visitor stands: 16 px are 3.5 mm on a 7-inch screen of 800×480.
SMALLEST = 16


def case(sentence):
    """A sentence that says what is true when the function returns; it may return figures."""
    def add(function):
        CASES.append((sentence, function))
        return function
    return add


def expect(is_so, words):
    if not is_so:
        raise AssertionError(words)


def expect_equal(found, wanted, what):
    if found != wanted:
        raise AssertionError(f"{what}: {found!r}, but {wanted!r} was expected")


class Page:
    def __init__(self, directory):
        PICTURES.mkdir(parents=True, exist_ok=True)
        for old in PICTURES.glob("*.png"):
            old.unlink()
        (directory / "profile").mkdir()
        self.kiosk = Kiosk(directory / "kiosk")
        self.browser = Browser(str(directory / "profile"))
        self.browser.size(*SIZES[0])
        self.smallest, self.least = 1e9, 1e9
        self.is_open = False

    def close(self):
        self.browser.close()
        self.kiosk.close()

    def show(self, **configuration):
        """Shows a configuration; returns when the page has come to its first question."""
        self.kiosk.show(**configuration)
        if not self.is_open:
            self.browser.open(self.kiosk.url)
            self.is_open = True

    # MARK: reading

    def read(self, selector):
        return self.browser.run(
            f"(() => {{ const e = document.querySelector({selector!r});"
            " return e && e.checkVisibility() ? e.innerText.trim() : null; })()")

    def list(self, selector):
        """What each of the elements says, in the order of the screen from left to right, row by row."""
        return self.browser.run(
            f"[...document.querySelectorAll({selector!r})].filter((e) => e.checkVisibility()).map((e) => "
            "[e.getBoundingClientRect(), e.innerText.trim().replace(/\\s*\\n\\s*/g, ' ')])"
            ".sort(([a], [b]) => Math.abs(a.top - b.top) > 4 ? a.top - b.top : a.left - b.left).map(([, t]) => t)")

    @property
    def question(self):
        return self.read("#question")

    @property
    def answers(self):
        return self.list("#answers > li")

    @property
    def controls(self):
        return self.list("#controls > li")

    def wait(self, question):
        """Until the page asks or says this."""
        eventually(lambda: self.question == question, lambda: f"the page says {question!r}; it says {self.question!r}")

    def shows(self, count):
        """The answers, once there are so many: two surveys may ask the same."""
        eventually(lambda: len(self.answers) == count, lambda: f"{count} answers; there are {self.answers}")
        return self.answers

    def press(self, *buttons):
        self.kiosk.press(*buttons)

    # MARK: looking

    def look(self, name):
        """Measures and keeps what is shown now, on each size of screen."""
        wrong = []
        for width, height in SIZES:
            self.browser.size(width, height)
            # Two frames: the page lays itself out on the event, the browser draws after it.
            self.browser.run("new Promise((d) => requestAnimationFrame(() => requestAnimationFrame(d)))")
            self.browser.run("Promise.all(document.getAnimations().map((a) => a.finished)).then(() => true)")
            self.browser.picture(PICTURES / f"{name}-{width}x{height}.png")
            found = self.browser.run(AUDIT)
            wrong += [f"{width}×{height}: {words}" for words in found["wrong"]]
            self.smallest, self.least = min(self.smallest, found["smallest"]), min(self.least, found["least"])
            if found["smallest"] < SMALLEST:
                wrong.append(f"{width}×{height}: type of {found['smallest']:.1f} px")
        self.browser.size(*SIZES[0])
        expect(not wrong, f"{name}: " + "; ".join(wrong[:6]))
