#!/bin/bash
# What `make run` starts: a kiosk of this user's own, until `q` or Ctrl-C.
#
# Real buttons where there are a GPIO chip that this user may open and a panel file, else a simulated panel worked with the
# keys of this terminal. Shows each press, verdict, commit and lamp as it happens.
#
#   KIOSK_CONFIG=DIR     kiosk.toml, panel.toml and surveys/  (default: /etc/kiosk if it has a panel file, else an example)
#   KIOSK_STATE=DIR      where the journal is kept            (default: ~/.local/state/kiosk)
#   KIOSK_BUILD=DIR      the programs                         (default: .build/debug)
set -euo pipefail
cd "$(dirname "$0")/../.."

build=${KIOSK_BUILD:-$PWD/.build/debug}
state=${KIOSK_STATE:-${XDG_STATE_HOME:-$HOME/.local/state}/kiosk}
if [ -n "${XDG_RUNTIME_DIR:-}" ] && [ -d "$XDG_RUNTIME_DIR" ] && [ -w "$XDG_RUNTIME_DIR" ]; then
  runtime=$XDG_RUNTIME_DIR/kiosk
else
  runtime=$state
fi
mkdir -p "$state" "$runtime"
chmod 700 "$state" "$runtime"

example=docs/examples/simulated-five-faces
usable_chip() {
  local chip
  for chip in /dev/gpiochip*; do [ -r "$chip" ] && [ -w "$chip" ] && return 0; done
  return 1
}
if [ -n "${KIOSK_CONFIG:-}" ]; then
  config=$KIOSK_CONFIG
elif [ -r /etc/kiosk/panel.toml ] && usable_chip; then
  config=/etc/kiosk
else
  config=$example
fi

log=$state/kioskd.log
run_kioskd() {
  "$build/kioskd" --config "$1" --state "$state" --runtime "$runtime" 2>"$log" &
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
  kill ${screen:+"$screen"} "$kioskd" 2>/dev/null || true
  wait "$kioskd" 2>/dev/null || true
}
trap stop EXIT INT TERM

run_kioskd "$config"
if ! answers; then
  cat "$log" >&2
  code=0
  wait "$kioskd" || code=$?
  # Lines that cannot be had (exit codes 80 to 84) are no reason to show nothing; a mistake in one's own files is.
  if [ "$config" != /etc/kiosk ] || [ "$code" -lt 80 ] || [ "$code" -gt 84 ]; then exit "$code"; fi
  echo "no real buttons to be had (above): a simulated panel instead" >&2
  config=$example
  run_kioskd "$config"
  answers || { cat "$log" >&2; exit 1; }
fi

cat <<TEXT
A kiosk is running with $config.
  journal        $state/ratings.db
  log            $log
  second terminal
    export PATH="$build:\$PATH"
    kioskctl sim press very-happy        kioskctl status        kioskctl watch

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
