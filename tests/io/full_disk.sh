#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The [disk] case of test_io on a file system of 1 MiB, mounted where only this script sees it.
# usage: full_disk.sh TEST_IO MPIEXEC; exit 77 (skipped) where mounting is not permitted
set -u
test_io=$1 mpiexec=$2
if [ "${CALOR_IN_NAMESPACE:-}" != 1 ]; then
  unshare -m true 2>/dev/null || { echo "skipped: no private mount namespace"; exit 77; }
  CALOR_IN_NAMESPACE=1 exec unshare -m bash "$0" "$@"
fi
disk=$(mktemp -d)
trap 'umount "$disk" 2>/dev/null; rmdir "$disk"' EXIT
mount -t tmpfs -o size=1m tmpfs "$disk" || { echo "skipped: no mount"; exit 77; }
for ranks in 1 3; do
  CALOR_TEST_SMALL_DISK=$disk timeout -s KILL 60 "$mpiexec" -n $ranks "$test_io" "[disk]" || exit 1
  for left in "$disk"/*.partial-*; do
    if [ -e "$left" ]; then echo "left behind: $left"; exit 1; fi
  done
  rm -f "$disk"/*
done
