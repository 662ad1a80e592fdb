#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Every method of time integration finds the same bits on any number of ranks and threads, with steps of a given length
# and of its own choice, and goes on to them from its checkpoints.
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
LIMIT=180 # many ranks on few, busy cores
# Ranks x threads, one or more at a time.
layouts=("4 1" "2 2" "7 1" "3 2" "1 2")
if [[ -n ${CALOR_ALL_LAYOUTS-} ]]; then layouts=("1 2" "2 1" "2 2" "3 1" "3 2" "4 1" "4 2" "7 1" "7 2"); fi

# Linear, and nothing changes with time: every method takes it.
cat >linear.toml <<'EOT'
[grid]
nx = 41
ny = 29
[material]
conductivity = ["1 + x", "2"]
density = 1.0
specific_heat = 1.0
[[region]]
name = "disc"
shape = "circle"
center = [0.4, 0.5]
radius = 0.2
conductivity = 100.0
[initial]
temperature = "300 + 50*sin(5*x)*cos(3*y)"
[boundary]
left = { type = "temperature", value = 350.0 }
right = { type = "convection", film = 3.0, ambient = 300.0 }
bottom = { type = "flux", inward = 20.0 }
[source]
power = "100*x"
[time]
end = 0.02
[output]
every = 0.008
[checkpoint]
every_steps = 3
keep = 1000
[[probe]]
name = "inside"
at = [0.3, 0.6]
EOT
# Walls that move, and a radiating one.
moving=('boundary.left.value="350 + 10*sin(300*t)"' 'boundary.top={type="radiation",emissivity=0.9,ambient=280.0}' 'source.power="100*x*(1+sin(500*t))"')

# same NAME ARGS...: on layouts the bits of one rank, and from a checkpoint in the middle on another one.
same() {
  local name=$1 layout ranks threads middle
  shift
  expect_exit 0 calor run linear.toml "$@" -o "$name" --quiet
  # The heat balance closes to what the solver leaves.
  checks=$((checks + 1))
  awk -v r="$(json "$name/summary.json" heat relative_residual)" -v most="${closes-1e-10}" 'BEGIN { exit !(r < most) }' || fail "the balance of $name does not close"
  in_turn "${count-1}" "${layouts[@]}"
  for layout in "${now[@]}"; do
    read -r ranks threads <<<"$layout"
    rm -rf other
    export OMP_NUM_THREADS=$threads
    expect_exit 0 mpi "$ranks" run linear.toml "$@" -o other --quiet
    expect_exit 0 calor compare "$name" other
    expect_words "$out" identical
    expect_same "$name/history.csv" other/history.csv
    expect_same "$name/probes.csv" other/probes.csv
  done
  export OMP_NUM_THREADS=1
  mapfile -t middle < <(printf '%s\n' "$name"/checkpoints/checkpoint_*.h5)
  in_turn 1 3 1 2
  for ranks in "${now[@]}"; do
    rm -rf other
    expect_exit 0 mpi "$ranks" run linear.toml "$@" --restart "${middle[${#middle[@]} * ranks / 5]}" -o other --quiet
    expect_exit 0 calor compare "$name" other
    expect_words "$out" identical
    checks=$((checks + 1))
    if [[ -n $(grep -vxFf "$name/history.csv" other/history.csv) ]]; then fail "history of $name after a restart differs"; fi
  done
}
for method in rkl2 backward-euler crank-nicolson bdf2 tr-bdf2; do
  same "$method.given" time.method=$method time.dt=0.001 "${moving[@]}"
  same "$method.chosen" time.method=$method time.tolerance=1e-3
done
count=2
same exponential time.method=exponential time.dt=0.001
# Properties and a source of the temperature itself: several corrections a step.
of_T=('material.conductivity="1 + 0.01*T"' 'source.power="100*x*(1 + 0.001*T)"' 'boundary.right.film="3*(1 + 0.002*T)"')
same of_T time.method=tr-bdf2 time.dt=0.002 "${of_T[@]}"
same auto
# A medium that is random from cell to cell: a trial at set-up finds that every second cell cannot represent it.
rough='material.conductivity="sin(1e5*sin(127.1*rint(200*x)+311.7*rint(200*y)))<0?1:1e5"'
closes=1e-8 same rough time.method=bdf2 time.dt=0.002 "$rough" "boundary.left.value=350.0"
expect_words rough/run.log "algebraic multigrid"
checks=$((checks + 1))
(($(json rough/summary.json solver iterations) <= 14 * $(json rough/summary.json steps))) ||
  fail "in a random medium $(json rough/summary.json steps) steps took $(json rough/summary.json solver iterations) iterations"

# The exponential keeps solver.tolerance from one temperature everywhere, too, and its balance closes whatever that is.
exactly=(linear.toml time.method=exponential time.dt=auto initial.temperature=300.0 time.end=2.0 output.every=9.0)
expect_exit 0 calor run "${exactly[@]}" solver.tolerance=1e-13 -o exact --fresh --quiet
for tolerance in 1e-2 1e-4 1e-8; do
  expect_exit 0 calor run "${exactly[@]}" "solver.tolerance=$tolerance" -o loose --fresh --quiet
  checks=$((checks + 1))
  awk -v r="$(json loose/summary.json heat relative_residual)" -v a="$(json exact/summary.json probes inside)" \
    -v b="$(json loose/summary.json probes inside)" -v t="$tolerance" \
    'BEGIN { d = (a - b) / 50; exit !(r < 1e-11 && r > -1e-11 && d < t && d > -t) }' ||
    fail "solver.tolerance=$tolerance: $(json loose/summary.json probes inside) for $(json exact/summary.json probes inside), $(json loose/summary.json heat relative_residual)"
done
# auto takes it as exactly as time.tolerance asks for.
expect_exit 0 calor run "${exactly[@]}" time.method=auto time.tolerance=1e-3 -o other --fresh --quiet
expect_exit 0 calor run "${exactly[@]}" solver.tolerance=1e-4 -o loose --fresh --quiet
expect_exit 0 calor compare loose other
expect_words "$out" identical

# The exponential is refused where it does not hold.
for change in "${moving[@]}" 'material.conductivity="1+0.01*T"'; do
  expect_exit 78 calor run linear.toml time.method=exponential "$change" -o no --quiet
  expect_words "$err" 'time.method = "exponential"'
  expect_none no
done
# So is a number of steps that nothing tells the length of.
expect_exit 78 calor run linear.toml time.method=tr-bdf2 time.steps=3 -o no --quiet
expect_words "$err" time.dt

# Strongly nonlinear steady states take few corrections, with a hierarchy that follows the conductivity.
expect_exit 0 calor run linear.toml time.method=steady 'material.conductivity="10*exp(-0.004*(T-300))"' 'boundary.left.value=1000.0' -o steep --quiet
checks=$((checks + 1))
(($(json steep/summary.json solver corrections) <= 15 && $(json steep/summary.json solver iterations) <= 80)) ||
  fail "a steady state of k(T) took $(json steep/summary.json solver corrections) corrections and $(json steep/summary.json solver iterations) iterations"
export OMP_NUM_THREADS=2
expect_exit 0 mpi 3 run linear.toml time.method=steady 'material.conductivity="10*exp(-0.004*(T-300))"' 'boundary.left.value=1000.0' -o other --fresh --quiet
expect_exit 0 calor compare steep other
expect_words "$out" identical
export OMP_NUM_THREADS=1

# Where an accelerated correction goes astray the plain one is taken: k falls by six powers of ten across the plate.
cat >wild.toml <<'EOT'
[grid]
nx = 60
ny = 60
[material]
conductivity = "exp(-0.015*T)"
density = 1.0
specific_heat = 1.0
face_mean = "arithmetic"
[initial]
temperature = 300.0
[boundary]
left = { type = "temperature", value = 1000.0 }
right = { type = "temperature", value = 10.0 }
[time]
method = "steady"
EOT
expect_exit 0 calor run wild.toml -o wild --quiet
checks=$((checks + 1)) # hierarchies that k has left behind are given up
(($(json wild/summary.json solver iterations) <= 1500)) || fail "a plate of exp(-0.015 T) took $(json wild/summary.json solver iterations) iterations"
# What passes is the integral of k from wall to wall, over the length.
checks=$((checks + 1))
awk -v q="$(json wild/summary.json heat sides left)" 'BEGIN { d = q * 0.015 / (exp(-0.15) - exp(-15)) - 1; exit !(d < 0.02 && d > -0.02) }' ||
  fail "through a plate of exp(-0.015 T) pass $(json wild/summary.json heat sides left) W/m"

# A step that has no solution is made again, shorter: k rises a thousandfold within some 100 K and falls again.
for method in backward-euler crank-nicolson bdf2 tr-bdf2; do
  cliff=('material.conductivity="0.001+exp(-(T-500)^2/1000)"' grid.nx=30 grid.ny=4 "time.method=$method" time.end=0.1)
  expect_exit 76 calor run wild.toml "${cliff[@]}" time.dt=0.05 -o cliff --fresh --quiet
  expect_exit 0 calor run wild.toml "${cliff[@]}" time.dt=auto time.tolerance=1e-2 -o cliff --fresh --quiet
  checks=$((checks + 1))
  (($(json cliff/summary.json solver steps_rejected) >= 1)) || fail "$method: no step across the cliff of k was rejected"
  checks=$((checks + 1))
  awk -v q="$(json cliff/summary.json heat sides left)" -v r="$(json cliff/summary.json heat relative_residual)" \
    'BEGIN { d = q / 3.932 - 1; exit !(d < 0.04 && d > -0.04 && r < 1e-10 && r > -1e-10) }' ||
    fail "$method: across the cliff of k $(json cliff/summary.json heat)"
  expect_exit 0 mpi 3 run wild.toml "${cliff[@]}" time.dt=auto time.tolerance=1e-2 -o other --fresh --quiet
  expect_exit 0 calor compare cliff other
  expect_words "$out" identical
done
expect_exit 76 calor run wild.toml 'material.conductivity="0.001+exp(-(T-500)^2/1000)"' -o cliff --fresh --quiet
expect_words "$err" "no steady state" tr-bdf2
expect_exit 76 calor run linear.toml time.method=steady solver.max_iterations=1 -o cliff --fresh --quiet
expect_words "$err" "no convergence" solver.max_iterations

# Numbers that leave the range of doubles end the run, whatever the preconditioner.
for preconditioner in multigrid algebraic jacobi; do
  expect_exit 76 calor run linear.toml time.method=steady 'material.conductivity="1e-200*(1+x)"' "solver.preconditioner=$preconditioner" -o out_of_range --fresh --quiet
done

# So do other ways to iterate and to begin, with the same bits on any ranks.
for how in iteration=conjugate-gradients iteration=none first_guess=full-multigrid first_guess=extrapolated; do
  for problem in "steady" "backward-euler time.dt=0.002"; do
    read -ra words <<<"$problem"
    expect_exit 0 calor run linear.toml "time.method=${words[0]}" "${words[@]:1}" -o usual --fresh --quiet
    expect_exit 0 calor run linear.toml "time.method=${words[0]}" "${words[@]:1}" "solver.$how" -o how --fresh --quiet
    expect_exit 0 calor compare usual how --rtol 1e-8
    if [[ $how$problem == iteration=conjugate-gradientssteady || $how$problem == first_guess=extrapolatedsteady ]]; then # the usual way
      expect_exit 0 calor compare usual how
    else
      expect_exit 1 calor compare usual how
    fi
    expect_exit 0 mpi 3 run linear.toml "time.method=${words[0]}" "${words[@]:1}" "solver.$how" -o how.3 --fresh --quiet
    expect_exit 0 calor compare how how.3
  done
done
expect_exit 78 calor run linear.toml time.method=steady solver.iteration=none solver.preconditioner=jacobi -o no --quiet
expect_words "$err" solver.iteration

# Multigrid and what goes without it find the same answer.
for preconditioner in algebraic jacobi none; do
  expect_exit 0 calor run linear.toml time.method=backward-euler time.dt=0.002 solver.tolerance=1e-13 "solver.preconditioner=$preconditioner" -o "p.$preconditioner" --quiet
done
expect_exit 0 calor run linear.toml time.method=backward-euler time.dt=0.002 solver.tolerance=1e-13 -o p.multigrid --quiet
expect_exit 0 calor compare p.multigrid p.algebraic --rtol 1e-9
expect_words p.algebraic/run.log "algebraic multigrid"
expect_words p.multigrid/run.log "single precision"
expect_exit 0 calor compare p.multigrid p.jacobi --rtol 1e-9
expect_exit 0 calor compare p.multigrid p.none --rtol 1e-9
expect_exit 1 calor compare p.multigrid p.none
finish
