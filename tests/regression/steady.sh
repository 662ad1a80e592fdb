#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The search for a steady state can be stopped, limited, saved and gone on with, on any number of ranks, to the same
# bits; so can a case of a sweep, and single long steps.
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
LIMIT=180

cat >case.toml <<'EOF_CASE'
[grid]
nx = 61
ny = 47
[material]
conductivity = 1.0
[boundary]
left = { type = "temperature", value = 100.0 }
right = { type = "temperature", value = 0.0 }
top = { type = "convection", film = 5.0, ambient = 20.0 }
[time]
method = "steady"
[checkpoint]
every_steps = 1
keep = 100
[[probe]]
name = "p"
at = [0.4, 0.6]
EOF_CASE
nonlinear=('material.conductivity="1+0.01*T*T"')

# hops NAME OVERRIDES...: from every checkpoint of the undisturbed search but the last, on other ranks.
hops() {
  local name=$1 n=0 file ranks files
  shift
  expect_exit 0 mpi 2 run case.toml "$@" -o "$name" --quiet
  files=("$name"/checkpoints/checkpoint_*.h5)
  checks=$((checks + 1))
  ((${#files[@]} > 4)) || fail "$name: only ${#files[@]} checkpoints"
  for file in "${files[@]}"; do
    n=$((n + 1))
    ranks=$((n % 3 == 0 ? 1 : n % 3 == 1 ? 3 : 7))
    ((n % (${#files[@]} / 4) == 0)) || continue
    rm -rf hop
    expect_exit 0 mpi "$ranks" run case.toml "$@" --restart "$file" -o hop --quiet
    expect_exit 0 calor compare "$name" hop
    checks=$((checks + 1))
    [[ $(json hop/summary.json iterations) == $(json "$name"/summary.json iterations) ]] || fail "$file: other iterations"
  done
}
hops linear
hops diagonal 'solver.preconditioner="jacobi"' checkpoint.every_steps=20
hops curved "${nonlinear[@]}"

# Told to stop, it leaves something to go on from, at once: by the clock, then by a signal.
sed -i '/every_steps/d' case.toml
stops() {
  local name=$1 got=0 pid
  shift
  expect_exit 75 mpi 2 run case.toml "$@" -o stopped --fresh --quiet --max-walltime 3
  expect_words stopped/run.log "stopped early (wall-time limit)"
  checks=$((checks + 1))
  [[ $(json stopped/status.json state) == stopped && -n $(json stopped/status.json residual) ]] ||
    fail "$name: status.json says $(json stopped/status.json state), residual $(json stopped/status.json residual)"
  timeout -s KILL "$LIMIT" "$CALOR" run case.toml "$@" -o stopped --quiet --resume </dev/null >"$out" 2>"$err" &
  pid=$!
  sleep 2
  kill -USR1 "$(pgrep -P "$pid" | head -n 1)" 2>/dev/null || true
  wait "$pid" || got=$?
  checks=$((checks + 1))
  ((got == 75 || got == 0)) || { fail "$name: exit $got after a signal" && show; }
  expect_exit 0 mpi 3 run case.toml "$@" -o stopped --quiet --resume
  expect_exit 0 calor run case.toml "$@" -o whole --fresh --quiet
  expect_exit 0 calor compare whole stopped
}
stops curved grid.nx=900 grid.ny=900 "${nonlinear[@]}" solver.tolerance=1e-12
stops diagonal grid.nx=800 grid.ny=800 'solver.preconditioner="jacobi"' solver.tolerance=1e-8

# A single step of many sweeps is left as if it had not begun.
cat >long.toml <<'EOF_CASE'
[grid]
nx = 1200
ny = 1200
[material]
conductivity = 1.0
density = 1.0
specific_heat = 1.0
[initial]
temperature = "10*x*y"
[boundary]
left = { type = "temperature", value = 10.0 }
[time]
method = "exponential"
end = 0.5
EOF_CASE
expect_exit 75 mpi 2 run long.toml -o long --quiet --max-walltime 5
expect_file long/checkpoints/checkpoint_000000000.h5
# A specific heat of T has no part in a steady state, nor in going on with one.
cat >of_T.toml <<'EOT'
[grid]
nx = 20
ny = 20
[material]
conductivity = "1+0.01*T"
density = 1000.0
specific_heat = "450+0.3*T"
[source]
power = 100.0
[boundary]
left = { type = "temperature", value = 0.0 }
top = { type = "convection", film = 3.0, ambient = 10.0 }
[time]
method = "steady"
[checkpoint]
every_steps = 1
keep = 100
EOT
expect_exit 0 calor run of_T.toml -o of_T --quiet
for checkpoint in of_T/checkpoints/checkpoint_*.h5; do
  expect_exit 0 mpi 2 run of_T.toml -o of_T_again --restart "$checkpoint" --quiet --fresh
  expect_exit 0 calor compare of_T of_T_again
  expect_words "$out" identical
  checks=$((checks + 1))
  [[ $(json of_T/summary.json steps) == $(json of_T_again/summary.json steps) ]] || fail "$checkpoint: other steps"
done

# A balance that no body comes to: a source on a rising line, steeper than the slowest mode of the slab decays (9.86 of 40 cells).
cat >grows.toml <<'EOT'
[grid]
nx = 40
ny = 1
[material]
conductivity = 1.0
[boundary]
left = { type = "temperature", value = 300.0 }
right = { type = "temperature", value = 300.0 }
[time]
method = "steady"
EOT
silent() { # DIR: no warning of it
  checks=$((checks + 1))
  if grep -q "not stable" "$1/summary.json"; then fail "$1: a stable state is said not to be"; fi
}
for n in 1 3; do
  for slope in -30 9 9.8; do
    expect_exit 0 mpi "$n" run grows.toml "source.power=$slope*(T-300)+100" -o "grows$slope" --fresh --quiet
    silent "grows$slope"
  done
  for slope in 9.95 20 50; do
    expect_exit 0 mpi "$n" run grows.toml "source.power=$slope*(T-300)+100" -o "grows$slope" --fresh --quiet
    expect_words "grows$slope/summary.json" "the steady state is not stable"
  done
done
# Nor is a search that takes long a sign of it.
for preconditioner in none jacobi; do
  expect_exit 0 calor run grows.toml grid.nx=300 grid.ny=300 'source.power=9*(T-300)+100' "solver.preconditioner=$preconditioner" -o slow --fresh --quiet
  silent slow
done
# Where another part of the plate falls more steeply it is what all of it does that counts.
expect_exit 0 calor run grows.toml 'source.power=(x < 0.5 ? 20 : -60)*(T-300)+100' -o both --quiet
silent both

finish
