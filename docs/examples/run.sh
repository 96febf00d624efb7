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
  kill ${screen:+"$screen"} "$kioskd" 2>/dev/null || true
  wait ${screen:+"$screen"} "$kioskd" 2>/dev/null || true
}
trap stop EXIT INT TERM

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

name=${config##*/}
cat <<TEXT
A kiosk is running with $config.
  journal        $journals/ratings.db
  log            $log
  second terminal
    export PATH="$build:\$PATH"
    kioskctl display        kioskctl status        kioskctl watch        kioskctl journal tail
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
