#!/usr/bin/env bash
# Print a tar of a minimal Debian root filesystem on stdout; progress goes to stderr.
#
#   bash images/base.sh [ARCHITECTURE] > base.tar
#
# For machines whose engine has no registry to pull a base image from. Needs root and debootstrap.
#   FACTORY_ROOTFS         a root filesystem that is already there: it is packed instead of making one, and not changed
#   FACTORY_DEBIAN_MIRROR  the mirror to use; without it debootstrap's own default
set -euo pipefail
set -f # the patterns below are for tar to expand

suite=trixie
architecture=${1:-$(dpkg --print-architecture)}
# What no container ever reads; the package lists alone are a quarter of the whole.
left_out=(
  ./dev/* ./proc/* ./sys/* ./run/* ./tmp/*
  ./var/lib/apt/lists/* ./var/cache/* ./var/log/*
  ./usr/share/doc/*/[!c]* ./usr/share/doc/*/changelog* ./usr/share/man/* ./usr/share/info/* ./usr/share/locale/*
)

pack() {
  tar --create --numeric-owner --one-file-system --sort=name --directory "$1" "${left_out[@]/#/--exclude=}" .
}

if [ -n "${FACTORY_ROOTFS:-}" ]; then
  echo "packing $FACTORY_ROOTFS" >&2
  pack "$FACTORY_ROOTFS"
  exit
fi

[ "$(id -u)" = 0 ] || { echo "making a base image needs root" >&2; exit 1; }
command -v debootstrap > /dev/null || { echo "making a base image needs debootstrap (apt-get install debootstrap)" >&2; exit 1; }

work=$(mktemp -d "${TMPDIR:-/var/tmp}/factory-base.XXXXXX")
tidy() {
  # What debootstrap mounted into it goes first, or the removal would reach into the host's own /proc and /sys.
  awk -v top="$work/" 'index($2, top) == 1 { print $2 }' /proc/mounts | sort --reverse | xargs --no-run-if-empty umount >&2
  rm -rf --one-file-system "$work"
}
trap tidy EXIT

debootstrap --variant=minbase --arch="$architecture" "$suite" "$work/root" ${FACTORY_DEBIAN_MIRROR:+"$FACTORY_DEBIAN_MIRROR"} >&2
pack "$work/root"
