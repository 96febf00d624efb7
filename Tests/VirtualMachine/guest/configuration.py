"""Writes the configuration of the test bench's kiosk: eight buttons with a lamp each, a lamp for "out of service" and a
buzzer, wired as in wiring.py."""

from wiring import BUTTONS, BUZZER, CHIP_LABEL, LAMPS, LINE_NAMES, OUT_OF_SERVICE

KIOSK = """
[device]
name = "kiosk-vm"
touchpoint = "bench"
time_zone = "UTC"

[filter]
response_interval = "{response_ms}ms"
chord_window = "{chord_ms}ms"
correction_window = "0s"
burst_limit = 0
"""

TIMING = """
[timing]
debounce = "{debounce_ms}ms"
held_limit = "{held_ms}ms"
storm_limit = {storm_limit}
"""

SURVEY = """
name = "loyalty"
version = 1
instrument = "loyalty"

[[question]]
name = "overall"
scale = "stars-{points}"

[question.text]
en = "How was it?"
"""

ANSWER = """
[[question.answer]]
button = "{button}"
value = {value}
"""


def write(folder, chip=CHIP_LABEL, bias="as-is", active="low", debounce_ms=20, held_ms=10_000, storm_limit=200,
          response_ms=0, chord_ms=0, rename=None, offsets=None, panel=None,
          answers=None, buttons=tuple(BUTTONS)):
    """Writes all files. The filter is off unless a case asks for it, so that every press counts.

    `rename` puts other line names in the place of those of wiring.py, `offsets` the offset in the place of the name of a
    button's line, `panel` another panel file in the place of all that, `answers` the
    buttons the survey gives a meaning to, `buttons` those that are in the panel file at all."""
    rename = {} if rename is None else rename
    # One button by its offset, so that this way is gone in every case too.
    offsets = {"shop-clean": BUTTONS["shop-clean"], **(offsets or {})}
    _write(f"{folder}/kiosk.toml", KIOSK.format(response_ms=response_ms, chord_ms=chord_ms))
    # A scale must fit its buttons: each of its values is given by one of them.
    rated = tuple(answers or buttons)
    survey = SURVEY.format(points=len(rated)) + "".join(
        ANSWER.format(button=button, value=len(rated) - place) for place, button in enumerate(rated))
    if panel is None:
        panel = 'board = "generic"\nsurvey = "loyalty"\n\n' + _table("[chip]", label=chip)
        panel += TIMING.format(debounce_ms=debounce_ms, held_ms=held_ms, storm_limit=storm_limit)
        for button in buttons:
            name = LINE_NAMES[BUTTONS[button]]
            line = {"offset": offsets[button]} if button in offsets else {"line": rename.get(name, name)}
            panel += _table("[[button]]", name=button, **line, bias=bias, active=active)
        for button in buttons:
            name = LINE_NAMES[LAMPS[button]]
            panel += _table("[[lamp]]", name=f"{button}-lamp", line=rename.get(name, name), button=button,
                            shows=["counted"])
        panel += _table("[[lamp]]", name="out-of-service", line=LINE_NAMES[OUT_OF_SERVICE], shows=["out-of-service"])
        panel += _table("[[buzzer]]", name="buzzer", line=LINE_NAMES[BUZZER], shows=["counted"])
    _write(f"{folder}/panel.toml", panel)
    _write(f"{folder}/surveys/loyalty.toml", survey)


def _table(header, **values):
    def text(value):
        if isinstance(value, list):
            return "[" + ", ".join(text(item) for item in value) + "]"
        return f'"{value}"' if isinstance(value, str) else str(value)

    return f"\n{header}\n" + "".join(f"{key} = {text(value)}\n" for key, value in values.items())


def _write(path, text):
    with open(path, "w") as file:
        file.write(text)
