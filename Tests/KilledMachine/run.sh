#!/bin/bash
# Kills machines that write to a journal and looks at what is left: an emulated machine with two ext4 disks runs
# journal-writer on both, with FULL (the product) and with NORMAL (the control that must lose, or nothing is proved). qemu
# dies by SIGKILL at a random moment, so whatever the guest had not flushed to its disks is gone; the same disks go on in
# the next machine, whose first act is to check them.
#
#   run.sh --writer PROGRAM [--machines N] [--seed N]
#
# Always emulated (TCG), never KVM, as in Tests/VirtualMachine. Works in .build-killed/ in the checkout.
set -euo pipefail
export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
cache=$top/.build-killed
writer='' machines=3 seed=1
while [ $# -gt 0 ]; do
  case $1 in
    --writer) writer=$2 ;;
    --machines) machines=$2 ;;
    --seed) seed=$2 ;;
    *) echo "run.sh: unknown argument $1" >&2; exit 64 ;;
  esac
  shift 2
done
fail() { echo "killed machines: $*" >&2; exit 1; }
[ -x "$writer" ] || fail "'$writer' is not a program; give --writer"
[ "$(uname -m)" = x86_64 ] || fail "this lane needs an x86-64 machine"

packages=(qemu-system-x86 busybox-static e2fsprogs python3 kmod make xz-utils zstd binutils cpio)
missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  [ "$(id -u)" = 0 ] || fail "installing ${missing[*]} takes root"
  apt-get -qq update
  DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 install -y --no-install-recommends "${missing[@]}" \
    >/dev/null
fi
kernel=$("$top/Tests/VirtualMachine/kernel.sh" "$top/.build-vm")
modules=$(bash "$here/modules.sh" "$kernel" "$cache")

first=$(mktemp -d)
trap 'rm -rf "$first"' EXIT
mkdir -p "$first"/{bin,modules,proc,sys,dev}
cp /bin/busybox "$first/bin/"
cp "$modules"/*.ko "$first/modules/"
install -m 755 "$here/init" "$first/init"
install -m 755 "$writer" "$first/bin/journal-writer"
libraries=$(ldd "$writer") || fail "ldd cannot read $writer"
grep -oE '/[^ ]+' <<<"$libraries" | while read -r library; do cp -L --parents "$library" "$first/"; done
(cd "$first" && find . | cpio --quiet -o -H newc) | gzip -1 > "$cache/initrd.gz"
rm -rf "$first"

for disk in product control; do
  rm -f "$cache/$disk.img"
  truncate -s 256M "$cache/$disk.img"
  mke2fs -q -t ext4 -F "$cache/$disk.img"
done
exec python3 "$here/kill.py" "$kernel/vmlinux" "$cache" "$machines" "$seed"
