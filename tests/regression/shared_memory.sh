#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# /dev/shm may be missing, read-only or full, as in containers and on nodes where somebody else has filled it: runs on
# one rank and on three give the same results, and the parallel one says that it writes its files itself. Each is tried
# where only this script sees it; exit 77 (skipped) where mounting is not permitted.
if [[ ${CALOR_IN_NAMESPACE:-} != 1 ]]; then
  unshare -m true 2>/dev/null || {
    echo "skipped: no private mount namespace"
    exit 77
  }
  CALOR_IN_NAMESPACE=1 exec unshare -m --propagation private bash "$0" "$@"
fi
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# Nothing is mounted that others could see.
[[ $(readlink /proc/self/ns/mnt) != "$(readlink "/proc/$PPID/ns/mnt")" ]] || exit 70
mount -t tmpfs none /dev/shm || {
  echo "skipped: no mount"
  exit 77
}
umount /dev/shm

{ plate 64 48 '"10*x*y"' && cat <<'EOF'; } >case.toml
[boundary]
left = { type = "temperature", value = 10.0 }
[time]
method = "euler"
steps = 60
[output]
every_steps = 30
[checkpoint]
every_steps = 30
EOF
expect_exit 0 calor run case.toml -o whole --quiet
# One process makes nothing where temporary files go, where others that start and end meanwhile make theirs.
touch no_directory
expect_exit 0 env TMPDIR="$PWD/no_directory" "$CALOR" run case.toml -o alone --quiet
expect_same whole/history.csv alone/history.csv

# both HOW [WORDS]: runs with /dev/shm as it is now; what the parallel one says of it under Open MPI
both() {
  expect_exit 0 calor run case.toml -o "$1.1" --quiet
  expect_exit 0 mpi 3 run case.toml -o "$1.3" --quiet
  local dir
  for dir in "$1.1" "$1.3"; do
    expect_exit 0 calor compare whole "$dir"
    expect_same whole/history.csv "$dir/history.csv"
  done
  if [[ -n ${2:-} && $("$MPIEXEC" --version 2>&1) == *"Open MPI"* ]]; then
    expect_words "$1.3/run.log" "own calls, parallel HDF5 cannot be had: $2"
  fi
}
both plain

mount -t tmpfs -o ro none /dev/shm
both read_only "/dev/shm cannot be written"
umount /dev/shm

mount -t tmpfs -o size=64k none /dev/shm
dd if=/dev/zero of=/dev/shm/fill bs=4k 2>/dev/null || true
both full "/dev/shm is full"
umount /dev/shm

mkdir dev
mount -t tmpfs none dev
for name in null zero full random urandom tty; do
  : >dev/$name
  mount --bind /dev/$name dev/$name
done
mkdir dev/pts
mount --bind /dev/pts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
mount --rbind dev /dev
expect_none /dev/shm
both missing "/dev/shm cannot be written"
umount -R -l /dev
umount -R -l dev
finish
