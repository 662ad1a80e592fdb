#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Records all changes of files of a run, on one rank and on three, and replays what a power cut may leave of them.
# usage: power_cut.sh PROGRAM SHIM TEST; CALOR_FAULTS: states of each (500), CALOR_SEED
shim=$2 test=$3
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/../regression/common.sh"
{ plate 32 24 0.0 && cat <<'END'; } >case.toml
[boundary]
left = { type = "temperature", value = 10.0 }
right = { type = "convection", film = 5.0, ambient = 1.0 }
[time]
method = "rkl2"
steps = 30
dt = 2e-5
[output]
every_steps = 15
[checkpoint]
every_steps = 7
END
for ranks in 1 3; do
  mkdir -p "disk$ranks"
  launcher=()
  if ((ranks > 1)); then launcher=("$MPIEXEC" -n "$ranks"); fi
  expect_exit 0 timeout -s KILL "$LIMIT" env LD_PRELOAD="$shim" CALOR_FAULT_DIR="$work/disk$ranks" CALOR_FAULT_KIND=record \
    CALOR_FAULT_RECORD="$work/record$ranks" "${launcher[@]}" "$CALOR" run case.toml -o "$work/disk$ranks/out" --quiet
  export LIMIT=3600
  expect_exit 0 timeout -s KILL "$LIMIT" env CALOR_RECORD="$work/record$ranks" CALOR_RECORD_ROOT="$work/disk$ranks" \
    CALOR_STATES="${CALOR_FAULTS:-500}" CALOR_SEED="${CALOR_SEED:-$RANDOM}" "$test"
  grep -a "states of" "$out" || fail "no state was tried"
done
finish
