"""Runs the cases: one kiosk and one browser for all of them."""

import argparse
import pathlib
import sys
import tempfile
import time
import traceback

import cases_instruments  # noqa: F401
import cases_states  # noqa: F401
import cases_stream  # noqa: F401
from page import CASES, Page


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="")
    only = parser.parse_args().only
    chosen = [(sentence, function) for sentence, function in CASES if only in sentence]
    failed, started = 0, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kiosk-page-") as directory:
        page = Page(pathlib.Path(directory))
        try:
            for number, (sentence, function) in enumerate(chosen, 1):
                try:
                    figures = function(page)
                    print(f"ok {number} - {sentence}" + (f" ({figures})" if figures else ""), flush=True)
                except Exception as error:
                    failed += 1
                    print(f"not ok {number} - {sentence}: {error}", flush=True)
                    if not isinstance(error, AssertionError):
                        traceback.print_exc()
        finally:
            page.close()
    print(f"Browser: {len(chosen) - failed} passed, {failed} failed, {time.monotonic() - started:.0f} s; "
          f"smallest type {page.smallest:.1f} px, least contrast {page.least:.1f}:1")
    return 1 if failed or not chosen else 0


sys.exit(main())
