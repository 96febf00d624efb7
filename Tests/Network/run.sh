#!/bin/bash
# The contract with servers and consumers: the OpenAPI descriptions, the reference receiver and the pull client (docs/openapi,
# docs/examples/upstream), and delivery through a network that loses requests and replies. Prints `ok` or `not ok` for
# each case and closes with the counts.
#
#   run.sh [--only WORDS]      cases whose sentence holds these words
#   KIOSK_BUILD=DIR            kioskd, kioskctl, kiosk-agent and journal-writer (default: .build/debug): if they are there, they
#                              are tested too
#   KIOSK_SEED=N               for everything that is left to chance (default: 1)
#
# Needs python3 (3.11 or later), openssl and, for network namespaces, root and iproute2, which is installed. What else it needs (requirements.txt)
# is installed once, below .build-python.
set -euo pipefail
cd "$(dirname "$0")/../.."

command -v ip >/dev/null || Tests/Support/install-packages.sh network

packages=$PWD/.build-python/network
wanted=$(sha256sum Tests/Network/requirements.txt)
if [ "$(cat "$packages/installed" 2>/dev/null || true)" != "$wanted" ]; then
  rm -rf "$packages"
  # Debian's python3 has no ensurepip without python3-venv, but its pip can install into another environment.
  python3 -m venv "$packages" 2>/dev/null || python3 -m venv --clear --without-pip "$packages"
  python3 -m pip --quiet --disable-pip-version-check --python "$packages/bin/python" install -r Tests/Network/requirements.txt
  echo "$wanted" >"$packages/installed"
fi
# Prometheus' own checker. Its package would start a server on this machine, so that the program alone is taken out of it.
if ! command -v promtool >/dev/null && [ ! -x "$packages/promtool" ] && command -v apt-get >/dev/null; then
  there=$(mktemp -d)
  if (cd "$there" && apt-get -qq download prometheus) 2>/dev/null && dpkg -x "$there"/prometheus_*.deb "$there/out"; then
    mv "$there/out/usr/bin/promtool" "$packages/promtool"
  else
    echo "# no promtool, and the package prometheus cannot be fetched" >&2
  fi
  rm -rf "$there"
fi
# Bounded: a test that hangs must not take the others with it.
exec timeout -k 10 1800 "$packages/bin/python" Tests/Network/contract_tests.py "$@"
