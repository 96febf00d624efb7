#!/bin/bash
# The visitor's page in a real browser: headless Chromium shows what the real kiosk-agent serves for the real kioskd with a
# simulated panel; buttons are pressed, the page's text is read, its boxes, sizes and colours are measured. Prints `ok` or
# `not ok` for each case and closes with the counts. Screenshots of every instrument and state are kept below
# .build-browser/screenshots.
#
#   run.sh [--only WORDS]      cases whose sentence holds these words
#   KIOSK_BUILD=DIR            kioskd, kioskctl and kiosk-agent (default: .build/debug)
#
# Needs python3 (3.11 or later) and Debian's chromium and fonts, which are installed if they are missing.
set -euo pipefail
cd "$(dirname "$0")/../.."

missing=()
for package in chromium fonts-noto-core python3; do
  dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "install as root: apt-get install ${missing[*]}" >&2; exit 77; }
    as_root=(sudo)
  fi
  echo "# installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  "${as_root[@]}" apt-get -qq update
  "${as_root[@]}" apt-get -qq -o Dpkg::Use-Pty=0 install -y --no-install-recommends "${missing[@]}" >/dev/null
fi
# Bounded: a browser that hangs must not hang everything.
exec timeout -k 10 900 python3 Tests/Browser/page_tests.py "$@"
