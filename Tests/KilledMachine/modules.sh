#!/bin/bash
# Prints a folder with the kernel modules (numbered in loading order) that a machine needs to have an ext4 disk, taken from
# the Debian package of a kernel that Tests/VirtualMachine/kernel.sh has prepared.
#
#   modules.sh KERNEL CACHE      KERNEL: the folder that kernel.sh printed
set -euo pipefail
export PATH=$PATH:/usr/sbin:/sbin
kernel=${1:?usage: modules.sh KERNEL CACHE}
cache=$(realpath -m "${2:?usage: modules.sh KERNEL CACHE}")

# kernel-6.1.0-56-amd64-2d6737f7: the release stands between the first word and the recipe's.
release=$(basename "$kernel")
release=${release#kernel-}
release=${release%-*}
made=$cache/modules-$release-$(sha256sum "$0" | cut -c1-8)
if [ -e "$made/ready" ]; then
  echo "$made"
  exit 0
fi
rm -rf "$cache"/modules-*
mkdir -p "$made/work"
cd "$made/work"
if ! apt-get -qq -o APT::Sandbox::User=root download "linux-image-$release" >&2; then
  apt-get -qq update >&2 || true
  apt-get -qq -o APT::Sandbox::User=root download "linux-image-$release" >&2
fi
dpkg -x linux-image-*.deb root
base=root
if [ ! -d "$base/lib/modules/$release" ]; then base=root/usr; fi
depmod -b "$base" "$release"
count=0
for name in virtio_pci virtio_blk ext4; do
  modprobe -d "$base" -S "$release" --show-depends "$name" | awk '$1 == "insmod" {print $2}'
done | awk '!seen[$0]++' | while read -r module; do
  count=$((count + 1))
  target=$made/$(printf '%02d' "$count")-$(basename "$module" | sed 's/\.ko.*/.ko/')
  case $module in
    *.xz) xz -dc "$module" > "$target" ;;
    *.zst) zstd -qdc "$module" > "$target" ;;
    *.gz) gzip -dc "$module" > "$target" ;;
    *) cp "$module" "$target" ;;
  esac
done
[ -n "$(find "$made" -maxdepth 1 -name '*ext4.ko')" ] || { echo "modules: ext4.ko is missing" >&2; exit 1; }
cd /
rm -rf "$made/work"
touch "$made/ready"
echo "$made"
