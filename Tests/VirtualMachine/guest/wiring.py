"""Which line of the simulated chip is what. Offsets are scattered and in no order on purpose: a program that took the
place in the panel file for the offset would press the wrong button."""

CHIP_LABEL = "kiosk-lines"

BUTTONS = {
    "very-happy": 17,
    "happy": 4,
    "neutral": 22,
    "unhappy": 9,
    "very-unhappy": 25,
    "staff-friendly": 11,
    "queue-long": 0,
    "shop-clean": 31,
}

# Each button has a lamp of the same name.
LAMPS = {
    "very-happy": 2,
    "happy": 18,
    "neutral": 3,
    "unhappy": 23,
    "very-unhappy": 10,
    "staff-friendly": 24,
    "queue-long": 8,
    "shop-clean": 30,
}

OUT_OF_SERVICE = 6
BUZZER = 5

LINE_NAMES = {
    **{offset: f"BUTTON_{name.upper().replace('-', '_')}" for name, offset in BUTTONS.items()},
    **{offset: f"LAMP_{name.upper().replace('-', '_')}" for name, offset in LAMPS.items()},
    OUT_OF_SERVICE: "LAMP_OUT_OF_SERVICE",
    BUZZER: "BUZZER",
}
