#!/bin/bash
# What `make run` starts: a kiosk of this user's own, until Ctrl-C.
#
# Real buttons where there are a GPIO chip that this user may open and a panel file, else a simulated panel worked with the
# keys of this terminal. Shows what the panel asks, what each key means, and what becomes of each press.
#
#   EXAMPLE=NAME         a directory beside this file         (make run EXAMPLE=simulated-five-faces)
#   KIOSK_CONFIG=DIR     kiosk.toml, panel.toml and surveys/  (default: /etc/kiosk if it has a panel file, else an example)
#   KIOSK_STATE=DIR      where the journal is kept            (default: ~/.local/state/kiosk, an example's own place below it)
#   KIOSK_BUILD=DIR      the programs                         (default: .build/debug)
#
# A simulated kiosk also delivers: kiosk-agent sends its events to the example's server (docs/examples/upstream), which runs
# beside it, and shows the page for the visitor. Nothing leaves this machine.
set -euo pipefail
cd "$(dirname "$0")/../.."

# The examples that are a whole configuration.
examples=()
for file in docs/examples/*/panel.toml; do
  file=${file%/panel.toml}
  examples+=("${file##*/}")
done
default=simulated-showroom
[ -e "docs/examples/$default/panel.toml" ] || default=simulated-five-faces
if [ -n "${EXAMPLE:-}" ] && ! [[ " ${examples[*]} " == *" $EXAMPLE "* ]]; then
  printf 'there is no example "%s"\n  → make run EXAMPLE=name, name being one of\n' "$EXAMPLE" >&2
  printf '    %s\n' "${examples[@]}" >&2
  exit 64
fi

build=${KIOSK_BUILD:-$PWD/.build/debug}
state=${KIOSK_STATE:-${XDG_STATE_HOME:-$HOME/.local/state}/kiosk}
if [ -n "${XDG_RUNTIME_DIR:-}" ] && [ -d "$XDG_RUNTIME_DIR" ] && [ -w "$XDG_RUNTIME_DIR" ]; then
  runtime=$XDG_RUNTIME_DIR/kiosk
else
  runtime=$state
fi

usable_chip() {
  local chip
  for chip in /dev/gpiochip*; do [ -r "$chip" ] && [ -w "$chip" ] && return 0; done
  return 1
}
# Each example is another device, and a journal belongs to one: so each has its own place.
use_example() {
  config=docs/examples/$1
  [ -n "${KIOSK_STATE:-}" ] || journals=$state/$1
}
journals=$state
if [ -n "${EXAMPLE:-}" ]; then
  use_example "$EXAMPLE"
elif [ -n "${KIOSK_CONFIG:-}" ]; then
  config=$KIOSK_CONFIG
elif [ -r /etc/kiosk/panel.toml ] && usable_chip; then
  config=/etc/kiosk
else
  use_example "$default"
fi
mkdir -p "$state" "$journals" "$runtime"
chmod 700 "$state" "$journals" "$runtime"

log=$state/kioskd.log
# The programs beside kioskd.
beside=()
run_kioskd() {
  "$build/kioskd" --config "$config" --state "$journals" --runtime "$runtime" 2>"$log" &
  kioskd=$!
}
# Waits until the daemon answers; fails when it has ended.
answers() {
  local tries
  for ((tries = 0; tries < 200; tries++)); do
    kill -0 "$kioskd" 2>/dev/null || return 1
    status=$("$build/kioskctl" status --json --socket "$runtime/control.sock" 2>/dev/null) || true
    case $status in *'"device"'*) kill -0 "$kioskd" 2>/dev/null && return 0 ;; esac
    sleep 0.05
  done
  return 1
}
stop() {
  trap - EXIT INT TERM
  kill ${screen:+"$screen"} "${beside[@]}" "$kioskd" 2>/dev/null || true
  wait ${screen:+"$screen"} "${beside[@]}" "$kioskd" 2>/dev/null || true
}
trap stop EXIT
trap 'stop; exit 130' INT
trap 'stop; exit 143' TERM

run_kioskd
if ! answers; then
  cat "$log" >&2
  code=0
  wait "$kioskd" || code=$?
  # Lines that cannot be had (exit codes 80 to 84) are no reason to show nothing; a mistake in one's own files is.
  if [ -n "${EXAMPLE:-}" ] && [ "$code" -ge 80 ] && [ "$code" -le 84 ]; then
    echo "this example needs its board; make run EXAMPLE=$default needs none" >&2
  fi
  if [ "$config" != /etc/kiosk ] || [ "$code" -lt 80 ] || [ "$code" -gt 84 ]; then exit "$code"; fi
  echo "no real buttons to be had (above): a simulated panel instead" >&2
  use_example "$default"
  mkdir -p "$journals"
  run_kioskd
  answers || { cat "$log" >&2; exit 1; }
fi

# The server beside the kiosk, and kiosk-agent between the two. What cannot be had is left out: the buttons matter more.
start_delivery() {
  local folder=$journals/delivery line='' tries
  command -v python3 >/dev/null || { echo "no python3, so no server beside the kiosk" >&2; return 0; }
  mkdir -p "$folder"/{config,state,run,credentials}
  chmod 700 "$folder"/{config,state,run,credentials}
  [ -s "$folder/credentials/upstream-token" ] ||
    python3 -c 'import secrets; print(secrets.token_urlsafe(32))' >"$folder/credentials/upstream-token"
  local device
  device=$(sed -n 's/^name *= *"\(.*\)"/\1/p' "$config/kiosk.toml" | head -1)
  # The token goes to the server's store through its own library, so that it shows in no list of processes.
  python3 - "$folder" "$device" <<'PYTHON' || return 0
import pathlib, sys, time
sys.path.insert(0, "docs/examples/upstream")
from store import Store
folder = pathlib.Path(sys.argv[1])
Store(str(folder / "received.db"), time.time).add_token(sys.argv[2], (folder / "credentials/upstream-token").read_text().strip())
PYTHON
  : >"$folder/server.out"
  python3 -u docs/examples/upstream/receiver.py serve --store "$folder/received.db" --listen 127.0.0.1:0 --quiet \
    >"$folder/server.out" 2>"$folder/server.log" &
  beside+=($!)
  for ((tries = 0; tries < 100; tries++)); do
    line=$(sed -n 's/^listening on //p' "$folder/server.out")
    [ -z "$line" ] || break
    sleep 0.05
  done
  [ -n "$line" ] || { echo "the server beside the kiosk did not start: $folder/server.log" >&2; return 0; }
  page=$(python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
  {
    grep -v '^ *\[\(sync\|serve\|display\)' "$config/kiosk.toml"
    printf '\n[sync]\nurl = "%s"\nallow_plain_text = true\nfirst_contact_within = "0s"\n' "$line"
    printf '[display]\nlisten = "127.0.0.1:%s"\n' "$page"
  } >"$folder/config/kiosk.toml"
  "$build/kiosk-agent" --config "$folder/config" --journal "$journals" --state "$folder/state" --runtime "$folder/run" \
    --control "$runtime/control.sock" --credentials "$folder/credentials" 2>"$folder/agent.log" &
  beside+=($!)
  delivery="
  page           http://127.0.0.1:$page/   (what a screen beside the buttons shows)
  server         $folder/received.db, filled by kiosk-agent as ratings come"
  commands="
    kioskctl sync status --socket $folder/run/agent.sock
    docs/examples/upstream/receiver.py devices --store $folder/received.db"
}
delivery='' commands=''
if [[ $status == *'"simulated":true'* ]] && [ -x "$build/kiosk-agent" ]; then start_delivery; fi

name=${config##*/}
cat <<TEXT
A kiosk is running with $config.
  journal        $journals/ratings.db
  log            $log$delivery
  second terminal
    export PATH="$build:\$PATH"
    kioskctl display        kioskctl status        kioskctl watch        kioskctl journal tail$commands
  other examples: make run EXAMPLE=name, name being one of
    $(printf '%s\n' "${examples[@]}" | grep -vxF "$name" | paste -sd ' ')

TEXT
control=(--socket "$runtime/control.sock")
# In the background, so that a signal to this script ends everything at once; with the terminal, if there is one.
if [[ $status == *'"simulated":true'* ]] && [ -t 0 ]; then
  "$build/kioskctl" sim panel "${control[@]}" <&0 &
else
  "$build/kioskctl" watch "${control[@]}" &
fi
screen=$!
wait "$screen" || true
