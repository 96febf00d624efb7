#!/bin/bash
# Installs the Debian packages that a lane needs, by name; does nothing where they are there.
#   install-packages.sh build   to build and run the programs
#   install-packages.sh test    also to run the unit and integration tests
#   install-packages.sh network also to run the network tests (network namespaces)
# Debian 12 and 13. Uses sudo where it is not run as root.
set -euo pipefail

# What the Swift toolchain itself needs to compile and link, and to run.
toolchain=(binutils g++ gcc git libc6-dev libcurl4 libedit2 libncurses6 libxml2 make tzdata zlib1g-dev ca-certificates)
# Debian 13 renamed this one for 64-bit time stamps; apt follows the old name only on 32-bit machines.
version=$(sed -n 's/^VERSION_ID="\{0,1\}\([0-9]*\).*/\1/p' /etc/os-release 2>/dev/null || true)
if [ "${version:-0}" -ge 13 ]; then
  toolchain=("${toolchain[@]/%libcurl4/libcurl4t64}")
fi
build=("${toolchain[@]}" libgpiod-dev libmd-dev libsqlite3-dev libtomlplusplus-dev pkg-config)
test=("${build[@]}" openssl python3 python3-pip sqlite3 shellcheck strace)
network=("${test[@]}" iproute2)

case "${1:-build}" in
  build) wanted=("${build[@]}") ;;
  test) wanted=("${test[@]}") ;;
  network) wanted=("${network[@]}") ;;
  *) echo "usage: $0 build|test|network" >&2; exit 64 ;;
esac

missing=()
for package in "${wanted[@]}"; do
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null; then
  echo "these packages are missing, and there is no apt-get to install them: ${missing[*]}" >&2
  exit 69
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "install as root: apt-get install ${missing[*]}" >&2; exit 77; }
  as_root=(sudo)
fi
echo "installing: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get -qq update
"${as_root[@]}" apt-get -qq install -y --no-install-recommends "${missing[@]}" >/dev/null
