#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# A sweep on a disk that fills up ends with 74 and clear words, and goes on when there is room again. The disk is one of
# 1 MiB, mounted where only this script sees it; exit 77 (skipped) where mounting is not permitted.
if [[ ${CALOR_IN_NAMESPACE:-} != 1 ]]; then
  unshare -m true 2>/dev/null || {
    echo "skipped: no private mount namespace"
    exit 77
  }
  CALOR_IN_NAMESPACE=1 exec unshare -m bash "$0" "$@"
fi
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
mkdir disk
mount -t tmpfs -o size=1m tmpfs disk || {
  echo "skipped: no mount"
  exit 77
}
trap 'umount "$work/disk" 2>/dev/null; cleanup' EXIT

cat >many.toml <<'EOF'
[grid]
nx = 8
ny = 6
[material]
conductivity = 1.0
density = 1.0
specific_heat = 1.0
[initial]
temperature = 0.0
[boundary]
left = { type = "temperature", value = 10.0 }
[time]
method = "euler"
steps = 3
[[probe]]
name = "middle"
at = [0.5, 0.5]
[sweep.vary]
"boundary.left.value" = { from = 1.0, to = 4000.0, count = 4000 }
EOF
for ranks in 1 3; do
  expect_exit 74 mpi "$ranks" sweep many.toml -o disk/full --quiet
  expect_words "$err" "No space left on device"
  checks=$((checks + 1))
  (($(grep -c "calor:" "$err") == 1)) || fail "said more than once: $(cat "$err")"
  expect_none disk/full/sweep.csv
  rm -rf disk/full
done
# A full disk in the middle; then room again.
expect_exit 74 mpi 2 sweep many.toml -o disk/full --quiet
mount -o remount,size=64m disk
expect_exit 0 mpi 2 sweep many.toml -o disk/full --quiet --resume
expect_exit 0 mpi 2 sweep many.toml -o whole --quiet
settled disk/full/sweep.csv >mended.csv
settled whole/sweep.csv >whole.csv
expect_same mended.csv whole.csv
# A directory that cannot be written to is refused before anything is computed.
mount -o remount,ro disk
expect_exit 73 mpi 2 sweep many.toml -o disk/none --quiet
finish
