#!/bin/bash
# Prepares a kernel with simulated GPIO chips: Debian's own, unpacked but not installed, and the two modules Debian leaves
# out (gpio-sim and the interrupt simulator under it), built out of tree from Debian's own kernel source.
#
#   kernel.sh CACHE          prints the folder with `vmlinux` and `modules/` (numbered in loading order)
#
# Works on Debian 12 and 13 (x86-64), as root or anybody else; network only when the cache has nothing for this kernel.
set -euo pipefail
export PATH=$PATH:/usr/sbin:/sbin
CACHE=$(realpath -m "${1:?usage: kernel.sh CACHE}")
mkdir -p "$CACHE"
step() { echo "kernel: $*" >&2; }

# The recipe is part of the key, so that a changed recipe is not served from an old cache.
recipe=$(sha256sum "$0" | cut -c1-8)
# The kernel of the day according to the package lists.
look_up() {
  image=$(apt-cache depends linux-image-amd64 2>/dev/null | awk '/Depends: linux-image-/{print $2; exit}')
  release=${image#linux-image-}
  made=$CACHE/kernel-$release-$recipe
}
look_up
if [ ! -e "$made/ready" ]; then
  step "package lists"
  apt-get -qq update >&2 || true
  look_up
fi
if [ -z "$image" ]; then
  # No lists and no network: whatever was prepared before serves.
  made=$(find "$CACHE" -path "*-$recipe/ready" -printf '%T@ %h\n' | sort -n | tail -1 | cut -d' ' -f2-)
  [ -n "$made" ] || { echo "kernel: apt knows no linux-image-amd64" >&2; exit 1; }
fi
if [ -e "$made/ready" ]; then
  echo "$made"
  exit 0
fi

# One kernel is 300 MB while it is being made and 70 MB afterwards: keep only the current one.
rm -rf "$CACHE"/kernel-*
work=$made/work
mkdir -p "$work/debs" "$work/root" "$work/source" "$made/modules"

depends() { apt-cache depends "$1" | awk -v pattern="$2" '$1 == "Depends:" && $2 ~ pattern {print $2; exit}'; }
headers=linux-headers-$release
common=$(depends "$headers" '^linux-headers-.*-common$')
kbuild=$(depends "$headers" '^linux-kbuild-')
source=linux-source-$(echo "$release" | cut -d. -f1,2)
# gpio-sim looks into structures private to the kernel, so its source must be of the very version that is booted.
version=$(apt-cache show --no-all-versions "$image" | awk '/^Version:/{print $2; exit}')
if apt-cache show "$source=$version" >/dev/null 2>&1; then source=$source=$version; fi

step "downloading $image $version, its headers and source"
(cd "$work/debs" && apt-get -qq -o APT::Sandbox::User=root download "$image" "$headers" "$common" "$kbuild" "$source" >&2)

step "unpacking"
for package in "$work"/debs/linux-{image,headers,kbuild}-*.deb; do dpkg -x "$package" "$work/root"; done
tree=${source%%=*}
dpkg-deb --fsys-tarfile "$work"/debs/linux-source-*.deb | tar -xOf - "./usr/src/$tree.tar.xz" | xz -dc |
  tar -xf - -C "$work/source" --transform='s,.*/,,' \
    "$tree/drivers/gpio/gpio-sim.c" "$tree/drivers/gpio/gpiolib.h" "$tree/kernel/irq/irq_sim.c" \
    "$tree/scripts/extract-vmlinux"

# The compiler the kernel was made with: Debian 12 names it in linux-compiler-gcc-12-x86, Debian 13 as gcc-14 itself.
number=$(apt-cache depends "$headers" | sed -nE 's/.*Depends: (linux-compiler-)?gcc-([0-9]+).*/\2/p' | head -1)
compiler=gcc-${number:?kernel.sh: $headers names no compiler}
if ! command -v "$compiler" >/dev/null; then
  DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 install -y --no-install-recommends "$compiler" >/dev/null
fi

step "building gpio-sim with $compiler"
# irq_to_desc() is not exported to modules; generic_handle_irq() does the same lookup and is.
sed -i 's/handle_simple_irq(irq_to_desc(irqnum));/generic_handle_irq(irqnum);/' "$work/source/irq_sim.c"
printf '#include <linux/module.h>\nMODULE_LICENSE("GPL");\n' >> "$work/source/irq_sim.c"
printf 'obj-m := gpio-sim.o gpio-irqsim.o\ngpio-irqsim-y := irq_sim.o\n' > "$work/source/Makefile"
tree=$work/root/usr/src/$headers
sed -i "s#/usr/src#$work/root/usr/src#" "$tree/Makefile"
# Links between the unpacked packages that are absolute would lead out of the unpacked root.
find "$tree" -maxdepth 1 -type l -lname '/*' | while read -r link; do
  ln -sfn "$work/root$(readlink "$link")" "$link"
done
# Type information (BTF) is for tracing; making it takes one more tool, and the whole kernel's debug file.
make -s -C "$tree" M="$work/source" CC="$compiler" CONFIG_DEBUG_INFO_BTF_MODULES= modules \
  > "$work/make.log" 2>&1 || { cat "$work/make.log" >&2; exit 1; }

step "collecting modules"
base=$work/root
if [ ! -d "$base/lib/modules/$release" ]; then base=$work/root/usr; fi
mkdir -p "$base/lib/modules/$release/extra"
cp "$work/source/gpio-sim.ko" "$work/source/gpio-irqsim.ko" "$base/lib/modules/$release/extra/"
depmod -b "$base" "$release"
count=0
# virtio_pci, 9p: the host's file system; configfs, gpio-sim: the chips; gpio-irqsim comes first by its symbols.
for name in virtio_pci 9pnet_virtio 9p configfs gpio-sim; do
  modprobe -d "$base" -S "$release" --show-depends "$name" | awk '$1 == "insmod" {print $2}'
done | awk '!seen[$0]++' | while read -r module; do
  count=$((count + 1))
  target=$made/modules/$(printf '%02d' "$count")-$(basename "$module" | sed 's/\.ko.*/.ko/')
  case $module in
    *.xz) xz -dc "$module" > "$target" ;;
    *.zst) zstd -qdc "$module" > "$target" ;;
    *.gz) gzip -dc "$module" > "$target" ;;
    *) cp "$module" "$target" ;;
  esac
done
[ -n "$(find "$made/modules" -name '*gpio-sim.ko')" ] || { echo "kernel: gpio-sim.ko is missing" >&2; exit 1; }

# An uncompressed kernel boots seconds faster in an emulated machine.
bash "$work/source/extract-vmlinux" "$work/root/boot/vmlinuz-$release" > "$made/vmlinux" 2>/dev/null ||
  cp "$work/root/boot/vmlinuz-$release" "$made/vmlinux"
rm -rf "$work"
touch "$made/ready"
step "ready"
echo "$made"
