#!/bin/bash
# A fresh Debian 12 with nothing but the Swift toolchain mounted in: do our own files install everything that building and
# testing needs? Makes a root with mmdebstrap, copies what git tracks into it, and runs install, build and unit tests there.
#
# Swift packages are resolved outside and copied along, so that the new machine needs Debian's packages and no other source.
# Takes a few minutes and about 3 GB below the temporary directory; leaves nothing behind.
set -euo pipefail
cd "$(dirname "$0")/../.."
export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin
suite=${1:-bookworm}

[ "$(id -u)" -eq 0 ] || { echo "test-fresh: run as root, for it makes a root file system" >&2; exit 77; }
if ! command -v mmdebstrap >/dev/null; then
  apt-get -qq update
  DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends mmdebstrap >/dev/null
fi

swift=$(command -v "${SWIFT:-swift}") || { echo "test-fresh: no Swift toolchain" >&2; exit 69; }
# …/usr/bin/swift: the toolchain is what lies above usr.
toolchain=$(dirname "$(dirname "$(dirname "$(readlink -f "$swift")")")")
mirror=$(awk '/^URIs:/ {print $2; exit}' /etc/apt/sources.list.d/debian.sources 2>/dev/null ||
  awk '$1 == "deb" {print $2; exit}' /etc/apt/sources.list)
[ -n "$mirror" ] || mirror=$(awk '$1 == "deb" {print $2; exit}' /etc/apt/sources.list)

work=$(mktemp -d)
fresh=$work/root
cleanup() {
  for mount in "$fresh$toolchain" "$fresh/proc" "$fresh/sys" "$fresh/dev"; do
    if mountpoint -q "$mount"; then umount -l "$mount"; fi
  done
  # Only once nothing is mounted below: the toolchain must survive.
  if ! grep -q " $fresh/" /proc/mounts; then rm -rf --one-file-system "$work"; fi
}
trap cleanup EXIT

echo "test-fresh: making a Debian root ($suite)"
mmdebstrap --quiet --variant=minbase "$suite" "$fresh" "$mirror"
if [ -e "$fresh$toolchain" ] && [ -n "$(ls -A "$fresh$toolchain")" ]; then
  # A toolchain installed right into / cannot be told apart from the system around it.
  echo "test-fresh: the toolchain lies in $toolchain, which the new machine has files in; install it in a folder of its own" >&2
  exit 69
fi
mkdir -p "$fresh$toolchain"
mount --bind "$toolchain" "$fresh$toolchain"
mount -o remount,ro,bind "$fresh$toolchain"
mount -t proc proc "$fresh/proc"
# libgpiod 2 looks there to tell a GPIO chip from another device.
mount -t sysfs -o ro sys "$fresh/sys"
mount --rbind /dev "$fresh/dev" && mount --make-rslave "$fresh/dev"
cp -L /etc/resolv.conf /etc/hosts "$fresh/etc/"

echo "test-fresh: copying the project and its resolved packages"
project=/home/kiosk/feedback-kiosk
mkdir -p "$fresh$project"
git ls-files -z --cached --others --exclude-standard | tar --null -T - -c --ignore-failed-read | tar -x -C "$fresh$project"
# The capture side alone, which is what a kiosk is built from; the network side is built and tested by the lanes before.
export KIOSK_CAPTURE_ONLY=1
# A folder of its own, so that nothing built here gets there.
"$swift" package --package-path "$fresh$project" --scratch-path "$work/packages" resolve >/dev/null
mkdir -p "$fresh$project/.build"
cp -a "$work/packages/checkouts" "$work/packages/repositories" "$work/packages/workspace-state.json" "$fresh$project/.build/"

echo "test-fresh: install, build and unit tests"
timeout -k 10 "${FRESH_LIMIT:-1800}" chroot "$fresh" /usr/bin/env -i HOME=/root LC_ALL=C.UTF-8 KIOSK_CAPTURE_ONLY=1 \
  PATH="$toolchain/usr/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" bash -euc "
    cd $project
    Tests/Support/install-packages.sh test
    make install build
    make test-unit"
echo "test-fresh: good"
