#!/bin/bash
# Runs test lanes, each of them to its end even when another has failed, and closes with the counts.
#   run.sh all | lint | unit | integration | network | gpiod | faults | fuzz | vm | fresh | torture | fuzz-long
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
root=$PWD
swift=${SWIFT:-swift}
passed=0 failed=0
declare -a table=() figures=()

# The lane's name, how many cases passed and failed, and how long it took.
note() {
  table+=("$(printf '%-34s %6d passed %4d failed %6d s' "$1" "$2" "$3" "$4")")
  passed=$((passed + $2)) failed=$((failed + $3))
}

# Runs `swift test` and counts its cases; each argument set of a parameterised test counts as Swift Testing counts it.
swift_lane() {
  local name=$1 started=$SECONDS log ok=0 bad=0 status
  shift
  echo "== $name"
  log=$(mktemp)
  # Bounded: a lane that hangs must not take the others with it.
  timeout -k 10 1500 "$swift" test "$@" 2>&1 | tee "$log" | grep -E '^(✘|✔ Test run|power cuts)|error:|↳'
  status=${PIPESTATUS[0]}
  # The closing line: "Test run with 12 tests in 3 suites passed after …" or "… failed after … with 2 issues".
  local total
  total=$(grep -oE 'Test run with [0-9]+ tests?' "$log" | grep -oE '[0-9]+' | awk '{n += $1} END {print n + 0}')
  bad=$(grep -cE '^✘ Test [^r].* failed after' "$log")
  [ "$status" -ne 0 ] && [ "$bad" -eq 0 ] && bad=1
  ok=$((total > bad ? total - bad : 0))
  if [ "$total" -eq 0 ] && [ "$bad" -eq 0 ]; then bad=1; echo "no test was run"; fi
  rm -f "$log"
  note "$name" "$ok" "$bad" $((SECONDS - started))
}

# Runs a command that is one case.
case_lane() {
  local name=$1 started=$SECONDS
  shift
  echo "== $name"
  if "$@"; then note "$name" 1 0 $((SECONDS - started)); else note "$name" 0 1 $((SECONDS - started)); fi
}

lint() {
  case_lane "lint: swift format" "$swift" format lint --strict --parallel --configuration .swift-format \
    -r Package.swift Sources Tests
  case_lane "lint: imports of the capture side" capture_imports
  # shellcheck disable=SC2046 # file names of the project hold no spaces
  case_lane "lint: shellcheck" shellcheck $(git ls-files '*.sh' .ci/run)
}

# The capture side stays small and apart from networks: its size and its threads depend on what it imports.
capture_imports() {
  ! grep -rnE '^ *([a-z@_]+ )*import (Foundation|FoundationNetworking|Dispatch|NIO[A-Za-z]*|AsyncHTTPClient|Hummingbird)$' \
    Sources/{Feedback,GPIO,Panel,Journal,KioskConfiguration,KioskControl,KioskDaemon,kioskd}
}

unit() { swift_lane "unit and integration of modules" --skip KioskDaemonTests; }

integration() { swift_lane "integration of programs" --filter KioskDaemonTests; }

# Builds what the network tests start.
network_programs() {
  local product
  for product in kioskd kioskctl kiosk-agent journal-writer; do "$swift" build --product "$product" || return; done
}

# Delivery, the contract with servers and consumers, the agent beside kioskd, the link going down and up.
network() {
  echo "== network"
  local started=$SECONDS log ok bad
  log=$(mktemp)
  if Tests/Support/install-packages.sh network && network_programs; then bash Tests/Network/run.sh 2>&1 | tee "$log"; fi
  ok=$(grep -c '^ok ' "$log") bad=$(grep -c '^not ok ' "$log")
  # It closes with its counts: without them it was cut off.
  grep -qE '^[0-9]+ passed, [0-9]+ failed' "$log" || bad=$((bad + 1))
  # Nothing may be left out where everything is there.
  bad=$((bad + $(grep -c '^ok .* # skipped' "$log")))
  ok=$((ok - $(grep -c '^ok .* # skipped' "$log")))
  rm -f "$log"
  note "network" "$ok" "$bad" $((SECONDS - started))
}

# Where Debian's libgpiod is 1.6 the other is 2.x, and the other way round.
other_gpiod() {
  case $(pkg-config --modversion libgpiod) in 1.*) echo 2 ;; *) echo 1 ;; esac
}

# Its builds are the capture side alone: what has no GPIO need not be built twice.
prepare_gpiod() {
  other=$(other_gpiod)
  other_prefix=$root/.build-libgpiod$other
  Tests/Support/libgpiod.sh "$other" "$other_prefix" || return 1
  other_build=$root/.build-gpiod$other
}

gpiod() {
  if ! prepare_gpiod; then note "the other libgpiod" 0 1 0; return; fi
  KIOSK_CAPTURE_ONLY=1 PKG_CONFIG_PATH=$other_prefix/lib/pkgconfig swift_lane "libgpiod $other" --scratch-path "$other_build" \
    --filter 'GPIOTests|KioskDaemonTests'
}

# Runs a command that is one case and tells figures, which are repeated at the end.
figures_lane() {
  local name=$1 started=$SECONDS log status
  shift
  echo "== $name"
  log=$(mktemp)
  "$@" 2>&1 | tee "$log"
  status=${PIPESTATUS[0]}
  mapfile -t -O ${#figures[@]} figures < <(sed -n 's/^figures: //p' "$log")
  rm -f "$log"
  if [ "$status" -eq 0 ]; then note "$name" 1 0 $((SECONDS - started)); else note "$name" 0 1 $((SECONDS - started)); fi
}

# Builds optimised programs under a name for the table; false when that fails.
optimised() {
  local name=$1 product
  shift
  echo "== $name"
  for product in "$@"; do
    "$swift" build -c release --scratch-path .build-release --static-swift-stdlib --product "$product" && continue
    note "$name" 0 1 0
    return 1
  done
}

# Torments the journal with optimised programs: so many kills, power cuts, scenarios of storage errors, model runs and
# killed machines.
torment() {
  local programs=.build-release/release
  optimised "fault programs" journal-faults journal-writer || return
  figures_lane "faults: SIGKILL" "$programs/journal-faults" kills "$1" "$seed"
  figures_lane "faults: power cuts" "$programs/journal-faults" cuts "$2" "$seed"
  figures_lane "faults: storage errors" "$programs/journal-faults" errors "$3" "$seed"
  figures_lane "faults: model" "$programs/journal-faults" model "$4" "$seed"
  figures_lane "faults: killed machines" bash Tests/KilledMachine/run.sh --writer "$programs/journal-writer" \
    --machines "$5" --seed "$seed"
}

# KIOSK_SEED repeats a run that failed, or makes another one.
seed=${KIOSK_SEED:-1}
faults() { torment 250 2000 1 60 3; }
torture() {
  torment 10000 15000 8 3000 50
  if ! network_programs; then note "delivery: torture" 0 1 0; return; fi
  figures_lane "delivery: torture" env KIOSK_SEED="$seed" timeout -k 10 1800 python3 Tests/Network/torture.py 3
}

# Feeds spoilt inputs: so many configurations, sessions with a control server, requests to the real kioskd.
feed() {
  local programs=.build-release/release
  optimised "fuzz programs" fuzz kioskd || return
  figures_lane "fuzz: configuration files" "$programs/fuzz" configuration "$1" "$seed" docs/examples
  figures_lane "fuzz: control server" "$programs/fuzz" control "$2" "$seed"
  figures_lane "fuzz: kioskd" "$programs/fuzz" daemon "$3" "$seed" docs/examples
}

fuzz() { feed 30000 5000 5000; }
fuzz_long() { feed 1000000 100000 100000; }

vm() {
  echo "== virtual machine"
  local started=$SECONDS log
  if ! prepare_gpiod; then note "virtual machine" 0 1 0; return; fi
  log=$(mktemp)
  if "$swift" build --product kioskd && "$swift" build --product kioskctl &&
    KIOSK_CAPTURE_ONLY=1 PKG_CONFIG_PATH=$other_prefix/lib/pkgconfig "$swift" build --scratch-path "$other_build" --product kioskd; then
    local here=.build/debug/kioskd there=$other_build/debug/kioskd
    [ "$other" = 2 ] || { here=$other_build/debug/kioskd there=.build/debug/kioskd; }
    bash Tests/VirtualMachine/run.sh --kioskd1 "$here" --kioskd2 "$there" --kioskctl .build/debug/kioskctl 2>&1 | tee "$log"
  fi
  local ok bad
  ok=$(grep -c '^ok ' "$log") bad=$(grep -c '^not ok ' "$log")
  [ "$ok" -gt 0 ] && grep -q '^VM: ' "$log" || bad=$((bad + 1))
  rm -f "$log"
  note "virtual machine" "$ok" "$bad" $((SECONDS - started))
}

fresh() { case_lane "fresh machine" bash Tests/FreshMachine/run.sh; }

Tests/Support/install-packages.sh test || exit 1
case "${1:-all}" in
  all) for lane in lint unit integration network gpiod faults fuzz vm fresh; do "$lane"; done ;;
  lint | unit | integration | network | gpiod | faults | fuzz | vm | fresh | torture) "$1" ;;
  fuzz-long) fuzz_long ;;
  *) echo "usage: $0 all|lint|unit|integration|network|gpiod|faults|fuzz|vm|fresh|torture|fuzz-long" >&2; exit 64 ;;
esac

echo
if [ ${#figures[@]} -gt 0 ]; then
  printf '%s\n' "${figures[@]}"
  echo
fi
printf '%s\n' "${table[@]}"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
