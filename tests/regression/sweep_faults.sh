#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Sweeps of 200 cases whose jobs are killed at random: ranks, launchers, with a second and a third job on the same
# directory. In the end every case is in the table once, with the bits of an undisturbed sweep.
# CALOR_CAMPAIGNS: how many such sweeps (2); CALOR_SEED: of the random numbers (printed).
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
campaigns=${CALOR_CAMPAIGNS:-2}
RANDOM=${CALOR_SEED:-$(date +%s)}
seed=$RANDOM
RANDOM=$seed
echo "seed $seed"
export LIMIT=180

cat >plan.toml <<'EOF'
[grid]
nx = 96
ny = 80
[material]
conductivity = 1.0
density = 1.0
specific_heat = 1.0
[[region]]
name = "disc"
shape = "circle"
center = [0.4, 0.6]
radius = 0.2
conductivity = 20.0
[initial]
temperature = 0.0
[boundary]
left = { type = "temperature", value = 10.0 }
right = { type = "convection", film = 5.0, ambient = 1.0 }
[time]
method = "euler"
[[probe]]
name = "middle"
at = [0.5, 0.5]
[[integral]]
name = "heat"
[sweep]
file = "plan.csv"
EOF
# Cases of all lengths; some with snapshots and checkpoints in directories of their own.
awk 'BEGIN {
  print "material.conductivity,time.steps,output.every_steps,checkpoint.every_steps"
  for (n = 0; n < 200; ++n)
    print 1 + n / 100 "," 200 + (n * 37 % 200) * 30 "," (n % 20 == 0 ? 1000 : "") "," (n % 20 == 0 ? 500 : "")
}' >plan.csv

expect_exit 0 mpi 2 sweep plan.toml -o whole --quiet
settled whole/sweep.csv >whole.csv
checks=$((checks + 1))
(($(grep -c ',done,' whole.csv) == 200)) || fail "the undisturbed sweep is not complete"

# job NAME RANKS ARGS...: in the background
jobs_of=()
job() {
  local name=$1 ranks=$2
  shift 2
  timeout -s KILL "$LIMIT" "$MPIEXEC" -n "$ranks" "$CALOR" sweep plan.toml -o "$name" --quiet --resume "$@" \
    </dev/null >>"$name.log" 2>&1 &
  jobs_of+=($!)
}
kills=0
for ((c = 1; c <= campaigns; ++c)); do
  name=sweep_$c
  jobs_of=()
  rounds=$((2 + RANDOM % 3))
  for ((round = 0; round < rounds; ++round)); do
    for ((n = 0; n < 1 + RANDOM % 3; ++n)); do
      job "$name" $((1 + RANDOM % 2)) "sweep.ranks_per_case=$((RANDOM % 2 == 0 ? 1 : 2))"
    done
    sleep "$(awk -v r=$RANDOM 'BEGIN { print 0.3 + r / 32768 * 1.2 }')"
    # A rank somewhere, a launcher, or all there is.
    case $((RANDOM % 3)) in
      0) victims=$(pgrep -f "^$CALOR sweep plan.toml -o $name " | shuf -n 1 || true) ;;
      1) victims=$(pgrep -f "^$MPIEXEC -n [0-9]+ $CALOR sweep plan.toml -o $name " | shuf -n 1 || true) ;;
      *) victims=$(pgrep -f "^$CALOR sweep plan.toml -o $name " || true) ;;
    esac
    for pid in $victims; do kill -KILL "$pid" 2>/dev/null && kills=$((kills + 1)); done
  done
  for pid in "${jobs_of[@]}"; do wait "$pid" || true; done
  expect_exit 0 mpi 2 sweep plan.toml -o "$name" --quiet --resume
  settled "$name/sweep.csv" >"$name.csv"
  expect_same "$name.csv" whole.csv
  checks=$((checks + 1))
  ended=$(grep -c '"event":"done"' "$name/journal")
  ((ended >= 200 && ended <= 210)) || fail "$name: $ended cases ended for 200 of the plan"
  expect_none "$name/leases"
  echo "sweep $c: $(grep -c '"event":"job"' "$name/journal") jobs, $(grep -c '"event":"bury"' "$name/journal") buried, $ended cases ended"
done
checks=$((checks + 1))
((kills >= campaigns)) || fail "only $kills processes were killed"
finish
