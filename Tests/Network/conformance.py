#!/usr/bin/env python3
"""Holds a running server against its OpenAPI description with schemathesis: every status and every body must be a described
one, nothing may end in 5xx, what the description forbids must be refused and nothing may be had without its token.

    conformance.py docs/openapi/upstream.yaml http://127.0.0.1:8480 --token-file token [--device kiosk-test]

Prints schemathesis' own report when something is wrong, and one line of JSON in any case. Ends with 0 or 3.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("description")
    parser.add_argument("url")
    parser.add_argument("--token-file", required=True)
    parser.add_argument("--device", default="kiosk-test", help="whose token it is")
    parser.add_argument("--parameter", action="append", default=[], metavar="NAME=VALUE",
                        help="give this path parameter that value only, so that operations get beyond it")
    parser.add_argument("--only", action="append", default=[], metavar="OPERATION")
    parser.add_argument("--without", action="append", default=[], metavar="OPERATION")
    parser.add_argument("--examples", type=int, default=30, metavar="N", help="for each operation (default: 30)")
    parser.add_argument("--phases", default="examples,coverage,fuzzing")
    parser.add_argument("--cursor", default="", metavar="TEXT", help="a cursor of the kiosk, in place of some invented ones")
    parser.add_argument("--rate", metavar="N/s", help="ask no more often than this")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--program", default=str(HERE.parents[1] / ".build-python/network/bin/schemathesis"))
    options = parser.parse_args()

    settings = (HERE / "schemathesis.toml").read_text().replace("conformance_hooks.py", str(HERE / "conformance_hooks.py"))
    token = pathlib.Path(options.token_file).read_text().strip()
    command = [
        options.program, "--config-file", "/dev/stdin", "run", os.path.abspath(options.description), "--url", options.url,
        "--header", f"Authorization: Bearer {token}", "--phases", options.phases, "--max-examples", str(options.examples),
        "--seed", str(options.seed), "--no-color", "--generation-database", "none", "--request-timeout", "30",
        "--continue-on-failure", "--warnings", "off",
    ]
    if options.rate:
        command += ["--rate-limit", options.rate]
    for name in options.only:
        command += ["--include-operation-id", name]
    for name in options.without:
        command += ["--exclude-operation-id", name]
    if options.parameter:
        settings += "\n[parameters]\n" + "\n".join(
            f'"path.{name}" = "{value}"' for name, _, value in (text.partition("=") for text in options.parameter))
    # It leaves things in the directory in which it runs.
    with tempfile.TemporaryDirectory() as directory:
        done = subprocess.run(command, input=settings, capture_output=True, text=True, timeout=600, cwd=directory,
                              env=os.environ | {"CONFORMANCE_DEVICE": options.device, "CONFORMANCE_CURSOR": options.cursor,
                                                "PYTHONPATH": str(HERE)})
    generated = re.search(r"(\d+) generated", done.stdout)
    operations = re.search(r"Tested: (\d+)", done.stdout)
    well = done.returncode == 0 and generated is not None
    if not well:
        print(done.stdout[-20_000:], done.stderr[-5_000:], sep="\n", file=sys.stderr)
    print(json.dumps({"requests": int(generated.group(1)) if generated else 0,
                      "operations": int(operations.group(1)) if operations else 0, "well": well}))
    return 0 if well else 3


if __name__ == "__main__":
    sys.exit(main())
