"""What a case is: a function registered under a sentence, run once for each build of kioskd.

A case says what it saw by `expect`; it waits by `wait_until`, never by sleeping and hoping.
"""

import time

# (sentence, file, function, builds)
registered = []


class CaseFailed(Exception):
    """Something a case expected did not hold."""


class TooSlow(BaseException):
    """The case as a whole ran into its limit. Not an Exception, so that no case catches it by mistake."""


def case(sentence, builds=("1", "2")):
    """Registers a function as a case. `builds` names the builds of kioskd it is run with."""

    def register(function):
        registered.append((sentence, function.__module__, function, builds))
        return function

    return register


def expect(condition, message):
    if not condition:
        raise CaseFailed(message)


def expect_equal(found, wanted, what):
    if found != wanted:
        raise CaseFailed(f"{what}: found {found!r}, expected {wanted!r}")


def wait_until(condition, what, seconds=30):
    """Polls until the condition is true and returns its value. The emulated machine is slow and its host may be busy:
    the limit is there to end a case, not to measure one."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise CaseFailed(f"waited {seconds} s in vain: {what}")
        time.sleep(0.02)
