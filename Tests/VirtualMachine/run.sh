#!/bin/bash
# The virtual machine lane: the real kioskd on a real kernel whose GPIO chips are simulated by gpio-sim. One boot for all
# cases, both builds of kioskd in it. Called by `make test-vm`; as root, on Debian 12 or 13, x86-64.
#
#   run.sh --kioskd1 PROGRAM --kioskd2 PROGRAM --kioskctl PROGRAM [--only TEXT]
#
#   --kioskd1    kioskd built with libgpiod 1.6 (the kernel's first GPIO interface)
#   --kioskd2    kioskd built with libgpiod 2.x (the second interface)
#   --kioskctl   kioskctl
#   --only       only cases whose name or file contains TEXT
#
# Prints `ok N - name` or `not ok N - name: why` for each case and `VM: N passed, M failed` at the end; exits with 1 when
# anything failed. What is kept lies in .build-vm/ in the checkout: the prepared kernel, and of the last run the console,
# the results and the logs of failed cases.
#
# The guest's root is this machine's own, read-only over 9p, so the programs find the libraries they were linked with.
# Always emulated (TCG), never KVM: where /dev/kvm exists it may open and then hang, and one way is enough to test.
set -euo pipefail
export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin

here=$(cd "$(dirname "$0")" && pwd)
cache=$(cd "$here/../.." && pwd)/.build-vm
# All cases take about five minutes here; the limit is for a machine that hangs.
limit=${KIOSK_VM_LIMIT:-1500}
kioskd1=${KIOSKD1:-} kioskd2=${KIOSKD2:-} kioskctl=${KIOSKCTL:-} only=
while [ $# -gt 0 ]; do
  case $1 in
    --kioskd1) kioskd1=$2 ;;
    --kioskd2) kioskd2=$2 ;;
    --kioskctl) kioskctl=$2 ;;
    --only) only=$2 ;;
    *) echo "run.sh: unknown argument $1" >&2; exit 2 ;;
  esac
  shift 2
done
fail() { echo "VM: $*" >&2; exit 1; }
for program in "$kioskd1" "$kioskd2" "$kioskctl"; do
  [ -x "$program" ] || fail "'$program' is not a program; give --kioskd1, --kioskd2 and --kioskctl"
done
[ "$(uname -m)" = x86_64 ] || fail "the virtual machine lane needs an x86-64 machine"
started=$SECONDS
step() { echo "# [$((SECONDS - started)) s] $*"; }

# --- What the lane needs, by name -------------------------------------------------------------------------------------
packages=(qemu-system-x86 busybox-static strace python3 kmod make xz-utils zstd binutils cpio)
missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  [ "$(id -u)" = 0 ] || fail "installing ${missing[*]} takes root"
  step "installing ${missing[*]}"
  apt-get -qq update
  DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 install -y --no-install-recommends "${missing[@]}" \
    >/dev/null
fi
kernel=$("$here/kernel.sh" "$cache")

# --- The folder shared with the guest -----------------------------------------------------------------------------------
share=$cache/share
rm -rf "$share"
mkdir -p "$share/bin" "$share/failures"
cp -r "$here/guest" "$share/guest"
mkdir -p "$share/bin/libraries"
# Libraries outside the system's own folders are copied along: the guest may not see where they lie.
place() {
  local program=$1 name=$2 libraries
  install -m 755 "$program" "$share/bin/$name"
  libraries=$(ldd "$program") || fail "ldd cannot read $program"
  if grep -q 'not found' <<<"$libraries"; then fail "$program lacks $(awk '/not found/{print $1}' <<<"$libraries")"; fi
  awk '$2 == "=>" && $3 ~ /^\// && $3 !~ /^\/(usr\/)?lib(64)?\// {print $3}' <<<"$libraries" |
    while read -r library; do
      copy=$share/bin/libraries/$(basename "$library")
      if [ -e "$copy" ] && ! cmp -s "$library" "$copy"; then fail "$library is not the one another program uses"; fi
      cp -L "$library" "$copy"
    done
}
place "$kioskd1" kioskd1
place "$kioskd2" kioskd2
place "$kioskctl" kioskctl
# The same build given twice would pass every case and prove half of it.
says() { LD_LIBRARY_PATH=$share/bin/libraries "$share/bin/$1" --version; }
[[ $(says kioskd1) == *"libgpiod 1."* ]] || fail "$kioskd1 is not built with libgpiod 1.6: $(says kioskd1)"
[[ $(says kioskd2) == *"libgpiod 2."* ]] || fail "$kioskd2 is not built with libgpiod 2.x: $(says kioskd2)"

# --- The first file system: modules, and the mounts the cases start from ---------------------------------------------
first=$(mktemp -d)
trap 'rm -rf "$first"' EXIT
mkdir -p "$first"/{bin,modules,proc,sys,dev,host}
cp /bin/busybox "$first/bin/"
cp "$kernel"/modules/*.ko "$first/modules/"
install -m 755 "$here/init" "$first/init"
(cd "$first" && find . | cpio --quiet -o -H newc) | gzip -1 > "$cache/initrd.gz"

# --- One boot -----------------------------------------------------------------------------------------------------------
step "booting $(basename "$kernel")"
printf '%s\n' "$only" > "$share/only"
console=$cache/console.log
# In the background and with the machine's process id at hand, so that whoever interrupts this takes the machine along.
stop() {
  if [ -s "$cache/machine.pid" ]; then kill "$(cat "$cache/machine.pid")" 2>/dev/null || true; fi
  rm -rf "$first" "$cache/machine.pid"
}
trap stop EXIT
trap 'exit 130' INT TERM HUP
(
  timeout -k 5 "$limit" qemu-system-x86_64 -M q35,accel=tcg -cpu max -m 1024 -smp 1 \
    -nodefaults -no-user-config -nographic -no-reboot -serial stdio -pidfile "$cache/machine.pid" \
    -kernel "$kernel/vmlinux" -initrd "$cache/initrd.gz" \
    -append "console=ttyS0 quiet panic=-1 mitigations=off random.trust_cpu=on" \
    -fsdev local,id=r,path=/,security_model=none,readonly=on,multidevs=remap \
    -device virtio-9p-pci,fsdev=r,mount_tag=hostroot \
    -fsdev local,id=w,path="$share",security_model=none -device virtio-9p-pci,fsdev=w,mount_tag=work \
    </dev/null 2>&1 | sed -u 's/\r//g; s/\x1b\[[0-9;?]*[A-Za-z]//g; s/\x1bc//g' | tee "$console"
  exit "${PIPESTATUS[0]}"
) &
status=0
wait $! || status=$?
[ "$status" != 124 ] || echo "# the machine was stopped after $limit s"

# --- The count ------------------------------------------------------------------------------------------------------------
# Taken from the results file, not from the console, where a kernel message may cut a line in two.
[ -s "$share/plan" ] || fail "the machine did not reach the first case; see $console"
planned=$(wc -l < "$share/plan")
passed=$(grep -c '^ok ' "$share/results" || true)
failed=$((planned - passed))
reported=$(grep -c '^not ok ' "$share/results" || true)
# The plan has a line for each case, in order; the machine may have been stopped before the last.
tail -n +$((passed + reported + 1)) "$share/plan" | sed 's/^/not ok /; s/$/: never finished/'
step "done; logs of failed cases lie in $share/failures"
echo "VM: $passed passed, $failed failed"
[ "$planned" -gt 0 ] && [ "$failed" -eq 0 ]
