#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The same bits on any number of ranks and threads, at any number of steps a pass, tile and instruction set: explicit
# and implicit, linear and not, in double and single precision.
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
LIMIT=180 # many ranks on few, busy cores

# Every kind of wall but periodic, in pieces and moving in time; materials that jump, and are anisotropic; a source.
cat >mixed.toml <<'EOF'
title = "everything at once"
[grid]
nx = 37
ny = 41
x = [0.0, 0.4]
y = [0.0, 0.5]
[material]
conductivity = 2.0
density = 800.0
specific_heat = 10.0
[[region]]
name = "disc"
shape = "circle"
center = [0.2, 0.25]
radius = 0.11
conductivity = [150.0, 30.0]
density = 2000.0
[[region]]
name = "wedge"
shape = "polygon"
points = [[0.0, 0.0], [0.3, 0.0], [0.0, 0.3]]
conductivity = 0.05
power = "1e5*(1+sin(40*t))*x"
[initial]
temperature = "300 + 50*sin(20*x)*cos(13*y)"
[boundary]
left = [
  { from = 0.0, to = 0.2, type = "temperature", value = "350 + 20*sin(3*t)" },
  { from = 0.2, to = 0.5, type = "convection", film = "40 + 10*y", ambient = 280.0 },
]
right = { type = "radiation", emissivity = 0.9, ambient = 500.0 }
bottom = { type = "flux", inward = "2e3*x" }
top = { type = "convection", film = 25.0, ambient = "300 + 100*t" }
[time]
method = "euler"
end = 0.2
[[probe]]
name = "inside"
at = [0.2, 0.25]
[[probe]]
name = "corner"
at = [0.4, 0.5]
[[integral]]
name = "stored"
weight = "heat_capacity"
EOF
# Periodic both ways, one material, so that the fast path of uniform coefficients is taken.
cat >around.toml <<'EOF'
[grid]
nx = 29
ny = 23
[material]
conductivity = 1.0
density = 1.0
specific_heat = 1.0
[initial]
temperature = "sin(2*pi*x)*cos(4*pi*y) + x*(1-x)"
[boundary]
left = { type = "periodic" }
right = { type = "periodic" }
bottom = { type = "periodic" }
top = { type = "periodic" }
[time]
method = "euler"
steps = 60
EOF
cat >nonlinear.toml <<'EOF'
[grid]
nx = 19
ny = 17
[material]
conductivity = "1 + 0.01*T"
density = 1.0
specific_heat = 1.0
[initial]
temperature = 20.0
[boundary]
left = { type = "temperature", value = 100.0 }
right = { type = "convection", film = 3.0, ambient = 20.0 }
top = { type = "flux", inward = "-2*T" }
[source]
power = "50 - 0.1*T"
[time]
method = "backward-euler"
dt = 0.01
steps = 3
EOF

# Ranks x threads beside one of each; CALOR_ALL_LAYOUTS=1 for all of them.
layouts=("1 2" "2 1" "3 2" "4 1" "7 1")
if [[ -n ${CALOR_ALL_LAYOUTS-} ]]; then layouts=("1 2" "2 1" "2 2" "3 1" "3 2" "4 1" "4 2" "7 1" "7 2"); fi

# same NAME CASE ARGS...: CASE on layouts gives the first one's field, probes and heat.
same() {
  local name=$1 layout ranks threads
  shift
  expect_exit 0 calor run "$@" -o "$name.1.1" --quiet
  in_turn 3 "${layouts[@]}"
  for layout in "${now[@]}"; do
    read -r ranks threads <<<"$layout"
    export OMP_NUM_THREADS=$threads
    expect_exit 0 mpi "$ranks" run "$@" -o "$name.$ranks.$threads" --quiet
    expect_exit 0 calor compare "$name.1.1" "$name.$ranks.$threads"
    expect_words "$out" identical
    expect_same "$name.1.1/history.csv" "$name.$ranks.$threads/history.csv"
    if [[ -f $name.1.1/probes.csv ]]; then expect_same "$name.1.1/probes.csv" "$name.$ranks.$threads/probes.csv"; fi
  done
  export OMP_NUM_THREADS=1
}

same euler mixed.toml
same implicit mixed.toml time.method=backward-euler time.dt=0.02
same steady mixed.toml time.method=steady
same around around.toml
same nonlinear nonlinear.toml

same single mixed.toml parallel.precision=single
same tiny around.toml grid.nx=7 grid.ny=1 time.steps=5 'boundary.bottom={type="insulated"}' 'boundary.top={type="insulated"}'

# Steps a pass, and with them the depth of the halo, change messages, not numbers; deeper than the neighbour is
# wide, too. The ledger is the same to the last digit.
for depth in 1 4 8 16 32; do
  for ranks in 1 7; do
    expect_exit 0 mpi "$ranks" run mixed.toml "parallel.halo_depth=$depth" -o "depth.$depth.$ranks" --quiet
    expect_exit 0 calor compare euler.1.1 "depth.$depth.$ranks"
    expect_same euler.1.1/history.csv "depth.$depth.$ranks/history.csv"
  done
  expect_exit 0 mpi 3 run around.toml "parallel.halo_depth=$depth" "parallel.tile=[$((8 + depth)), $depth]" -o "turn.$depth" --quiet
  expect_exit 0 calor compare around.1.1 "turn.$depth"
  expect_exit 0 mpi 2 run mixed.toml "parallel.halo_depth=$depth" parallel.precision=single -o "single.$depth" --quiet
  expect_exit 0 calor compare single.1.1 "single.$depth"
  expect_same single.1.1/history.csv "single.$depth/history.csv"
done
# The same for stages, of which a pass makes no more than pay.
stages() {
  local what=$1
  shift
  expect_exit 0 calor run "$@" -o "$what.whole" --quiet
  for depth in 1 5 1000; do
    expect_exit 0 mpi 3 run "$@" "parallel.halo_depth=$depth" -o "$what.$depth" --quiet
    expect_exit 0 calor compare "$what.whole" "$what.$depth"
    expect_same "$what.whole/history.csv" "$what.$depth/history.csv"
  done
}
stages legendre mixed.toml time.method=rkl2
stages legendre_around around.toml time.method=rkl2 time.dt=0.01
stages chebyshev around.toml time.method=exponential time.dt=0.01

# So does the instruction set. One that this processor lacks is refused by name.
for isa in baseline sse4 avx2 avx512; do
  export CALOR_ISA=$isa
  if [[ $isa == baseline ]] || calor run mixed.toml -o "isa.$isa" --quiet 2>/dev/null; then
    expect_exit 0 calor run mixed.toml -o "isa.$isa" --fresh --quiet
    expect_exit 0 calor compare euler.1.1 "isa.$isa"
    expect_same euler.1.1/history.csv "isa.$isa/history.csv"
    expect_exit 0 calor run mixed.toml parallel.precision=single -o "isa.single.$isa" --quiet
    expect_exit 0 calor compare single.1.1 "isa.single.$isa"
  else
    expect_exit 64 calor run mixed.toml -o "isa.$isa" --fresh --quiet
    expect_words "$err" "CALOR_ISA = $isa"
  fi
done
unset CALOR_ISA

# And the test can see a difference: another problem is not the same.
expect_exit 0 calor run mixed.toml material.density=801.0 -o other --quiet
expect_exit 1 calor compare euler.1.1 other
finish
