#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The same bits on any number of ranks and threads, at any halo depth: explicit and implicit, linear and not.
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

# same NAME CASE ARGS...: CASE on all layouts gives the first one's field, probes and heat.
same() {
  local name=$1 ranks threads
  shift
  expect_exit 0 calor run "$@" -o "$name.1.1" --quiet
  for ranks in 1 2 3 4 7; do
    for threads in 1 2; do
      [[ $ranks.$threads == 1.1 ]] && continue
      export OMP_NUM_THREADS=$threads
      expect_exit 0 mpi "$ranks" run "$@" -o "$name.$ranks.$threads" --quiet
      expect_exit 0 calor compare "$name.1.1" "$name.$ranks.$threads"
      expect_words "$out" identical
      expect_same "$name.1.1/history.csv" "$name.$ranks.$threads/history.csv"
      if [[ -f $name.1.1/probes.csv ]]; then expect_same "$name.1.1/probes.csv" "$name.$ranks.$threads/probes.csv"; fi
    done
  done
  export OMP_NUM_THREADS=1
}

same euler mixed.toml
same implicit mixed.toml time.method=backward-euler time.dt=0.02
same steady mixed.toml time.method=steady
same around around.toml
same nonlinear nonlinear.toml

# The depth of the halo changes messages, not numbers; deeper than the neighbour is wide, too.
for depth in 1 3 9 30; do
  expect_exit 0 mpi 7 run mixed.toml "parallel.halo_depth=$depth" -o "depth.$depth" --quiet
  expect_exit 0 calor compare euler.1.1 "depth.$depth"
  expect_exit 0 mpi 3 run around.toml "parallel.halo_depth=$depth" -o "turn.$depth" --quiet
  expect_exit 0 calor compare around.1.1 "turn.$depth"
done

# And the test can see a difference: another problem is not the same.
expect_exit 0 calor run mixed.toml material.density=801.0 -o other --quiet
expect_exit 1 calor compare euler.1.1 other
finish
