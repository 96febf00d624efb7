#!/usr/bin/env python3
"""Runs all cases. Tests/Network/run.sh starts it with what it needs."""

import sys

import harness
import cases_descriptions  # noqa: F401
import cases_events  # noqa: F401
import cases_receiver  # noqa: F401
import cases_delivery  # noqa: F401
import cases_agent  # noqa: F401
import cases_capture  # noqa: F401
import cases_link  # noqa: F401
import cases_configuration  # noqa: F401
import cases_pull  # noqa: F401
import cases_serving  # noqa: F401
import cases_conformance

if __name__ == "__main__":
    with cases_conformance.started():
        code = harness.run_cases()
    sys.exit(code)
