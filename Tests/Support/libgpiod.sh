#!/bin/bash
# Puts one of the two libgpiods into a folder of its own, so that both can be built against on one machine:
#
#   libgpiod.sh [--always] 1|2 PREFIX
#   PKG_CONFIG_PATH=PREFIX/lib/pkgconfig swift build --scratch-path .build-gpiod2
#
#   1   1.6, from Debian 12's package
#   2   2.x, built from the C sources that come with the Python package gpiod
#
# Where the system's own libgpiod is the wanted one there is nothing to do, PREFIX stays empty, and the same command builds
# against the system's; --always fills PREFIX all the same. What is in PREFIX already is kept. The system is not touched
# and root is not needed. The library is static: what is built with it runs anywhere.
set -euo pipefail
export LC_ALL=C

# The newest sources at the time of writing, and the digest of their archive.
gpiod_release=2.3.0
gpiod_sha256=daa840ed5b691e7078a9cf21c79fe813b9a91c3ed0bdbafae0181c7b98b80300
# The release of Debian that has libgpiod 1.6.
old_suite=bookworm

fail() {
  echo "libgpiod.sh: $1" >&2
  exit "${2:-1}"
}
need() { # command, package that has it
  command -v "$1" >/dev/null || fail "$1 is missing: install the package $2"
}

always=false
if [ "${1:-}" = --always ]; then
  always=true
  shift
fi
[ $# = 2 ] || fail "usage: libgpiod.sh [--always] 1|2 PREFIX" 2
major=$1
case $major in 1 | 2) ;; *) fail "the version is '$major'; give 1 or 2" 2 ;; esac
case $2 in *[[:space:]]*) fail "PREFIX '$2' has a space in it; the compiler's flags could not carry it" 2 ;; esac
need pkg-config pkg-config
mkdir -p "$2" || fail "$2 cannot be made"
prefix=$(cd "$2" && pwd)

have=$(env -u PKG_CONFIG_PATH pkg-config --modversion libgpiod 2>/dev/null || true)
if [ "${have%%.*}" = "$major" ] && ! $always; then
  echo "libgpiod $have is the system's own: nothing to do"
  exit 0
fi
have=$(PKG_CONFIG_LIBDIR=$prefix/lib/pkgconfig pkg-config --modversion libgpiod 2>/dev/null || true)
if [ "${have%%.*}" = "$major" ]; then
  echo "libgpiod $have is in $prefix: nothing to do"
  exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/include" "$work/lib"

build_new() {
  need python3 python3
  need gcc gcc
  need ar binutils
  python3 -m pip --version >/dev/null 2>&1 || fail "pip is missing: install the package python3-pip"
  echo "gpiod==$gpiod_release --hash=sha256:$gpiod_sha256" >"$work/requirements"
  python3 -m pip --quiet --disable-pip-version-check download --no-deps --no-binary :all: \
    --requirement "$work/requirements" --dest "$work" >"$work/log" 2>&1 ||
    fail "the sources of libgpiod cannot be had: $(tail -n 3 "$work/log")"
  mkdir "$work/source"
  tar -xzf "$work/gpiod-$gpiod_release.tar.gz" -C "$work/source" --strip-components=1
  version=$(cat "$work/source/libgpiod-version.txt")
  local source
  for source in "$work"/source/lib/*.c; do
    gcc -O2 -fPIC -D_GNU_SOURCE "-DGPIOD_VERSION_STR=\"$version\"" -I"$work/source/include" -I"$work/source/lib" \
      -c "$source" -o "${source%.c}.o" || fail "$(basename "$source") does not compile"
  done
  ar rcs "$work/lib/libgpiod.a" "$work"/source/lib/*.o
  cp "$work/source/include/gpiod.h" "$work/include/"
}

fetch_old() {
  need apt-get apt
  need dpkg-deb dpkg
  local keyring=/usr/share/keyrings/debian-archive-keyring.gpg mirror
  [ -r "$keyring" ] || fail "$keyring is missing: install the package debian-archive-keyring"
  # The mirror this machine uses already; security updates live elsewhere and have no libgpiod.
  # shellcheck disable=SC2016  # apt expands it
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -v security | head -n 1 || true)
  [ -n "$mirror" ] || fail "apt has no Debian mirror configured, so $old_suite's libgpiod-dev cannot be had"
  mkdir -p "$work/apt/lists/partial" "$work/apt/cache/archives/partial" "$work/apt/empty"
  : >"$work/apt/status"
  echo "deb [signed-by=$keyring] $mirror $old_suite main" >"$work/apt/sources.list"
  local apt=(apt-get -qq -o "Dir::State=$work/apt" -o "Dir::State::status=$work/apt/status"
    -o "Dir::Cache=$work/apt/cache" -o "Dir::Etc::sourcelist=$work/apt/sources.list"
    -o "Dir::Etc::sourceparts=$work/apt/empty" -o "APT::Sandbox::User=$(id -un)" -o "APT::Default-Release=")
  "${apt[@]}" update || fail "the list of $old_suite's packages cannot be had from the configured mirror"
  (cd "$work" && "${apt[@]}" download libgpiod-dev) || fail "$old_suite's libgpiod-dev cannot be had"
  dpkg-deb -x "$work"/libgpiod-dev_*.deb "$work/old"
  version=$(sed -n 's/^Version: //p' "$work"/old/usr/lib/*/pkgconfig/libgpiod.pc)
  cp "$work"/old/usr/lib/*/libgpiod.a "$work/lib/"
  cp "$work/old/usr/include/gpiod.h" "$work/include/"
}

version=
if [ "$major" = 1 ]; then fetch_old; else build_new; fi
[ "${version%%.*}" = "$major" ] || fail "what came is libgpiod '$version', not $major.x"

mkdir -p "$prefix/include" "$prefix/lib/pkgconfig"
cp "$work/include/gpiod.h" "$prefix/include/"
# Under a name of its own: other packages' flags put the system's folder first, and `-lgpiod` would be found there.
name=gpiod$major-static
cp "$work/lib/libgpiod.a" "$prefix/lib/lib$name.a"
# Last of all: it says that the rest is complete.
cat >"$work/libgpiod.pc" <<END
prefix=$prefix
includedir=\${prefix}/include
libdir=\${prefix}/lib

Name: libgpiod
Description: Library for the GPIO character device
Version: $version
Libs: -L\${libdir} -l$name
Cflags: -I\${includedir}
END
mv "$work/libgpiod.pc" "$prefix/lib/pkgconfig/"
echo "libgpiod $version is in $prefix"
