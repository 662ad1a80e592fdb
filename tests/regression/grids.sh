#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Unequal cells, bodies around an axis and planes of a depth: every method, the same tables and snapshots to the last
# digit on any layout and from any checkpoint, balances that close; what is told in which unit; what is refused.
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
LIMIT=120

# Everything at once: cut cells, a contact, a load of a whole region, a film of T, radiation, a source of place and time.
cat >around.toml <<'EOF'
[grid]
coordinates = "axisymmetric"
x = { at = [0.0, 0.03, 0.1], cells = [9, 14], ratio = [1.0, 5.0] }
y = { at = [-0.02, 0.0, 0.06], cells = [7, 16], ratio = [0.25, 4.0] }
[material]
conductivity = 2.0
density = 1000.0
specific_heat = 800.0
[[region]]
name = "core"
shape = "rectangle"
x = [0.0, 0.0237]
y = [-0.011, 0.033]
conductivity = 20.0
heat = "15*(1 + sin(t/40))"
[[region]]
name = "ball"
shape = "circle"
center = [0.06, 0.03]
radius = 0.0171
conductivity = 0.3
power = "1e5*x/0.06*exp(-t/30)"
[[contact]]
between = ["material", "core"]
resistance = 1e-3
[initial]
temperature = "25 + 200*x"
[boundary]
right = { type = "convection", film = "20 + 5*sin(t/50)", ambient = 20.0, emissivity = 0.8 }
bottom = [
  { from = 0.0, to = 0.047, type = "temperature", value = "40 + 0.05*t" },
  { from = 0.047, to = 0.1, type = "convection", film = "5 + 0.1*abs(T - 20)", ambient = 20.0 },
]
[time]
end = 60.0
[output]
temperature_unit = "degC"
times = [30.0]
fields = ["temperature", "flux", "conductivity"]
[[probe]]
name = "axis"
at = [0.0, 0.01]
[[probe]]
name = "between"
at = [0.0512, 0.0]
[[section]]
name = "across"
from = [0.05, -0.02]
to = [0.05, 0.06]
[[section]]
name = "ring"
from = [0.0, 0.02]
to = [0.0637, 0.02]
[[integral]]
name = "held"
weight = "heat_capacity"
EOF
# Linear, and nothing changes with time, for the method that asks for that.
sed -e 's/film = "20 + 5\*sin(t\/50)", ambient = 20.0, emissivity = 0.8/film = 20.0, ambient = 20.0/' -e 's/value = "40 + 0.05\*t"/value = 40.0/' \
  -e 's/film = "5 + 0.1\*abs(T - 20)"/film = 5.0/; s/heat = .*/heat = 15.0/; s/power = .*/power = "1e5*x"/' around.toml >linear.toml

same_tables() {
  local f
  for f in history probes regions sections; do expect_same "$1/$f.csv" "$2/$f.csv"; done
}
# balance DIR LIMIT: the relative residual of the ledger.
balance() {
  checks=$((checks + 1))
  awk -v r="$(json "$1/summary.json" relative_residual)" -v m="$2" 'BEGIN { r = r < 0 ? -r : r; exit !(r <= m) }' ||
    fail "$1: relative residual $(json "$1/summary.json" relative_residual), limit $2"
}

for method in euler rkl2 exponential backward-euler crank-nicolson bdf2 tr-bdf2 steady; do
  case=around.toml limit=1e-9
  case $method in
    exponential) case=linear.toml limit=1e-12 ;;
    euler | rkl2) limit=1e-12 ;;
  esac
  expect_exit 0 calor run $case time.method=$method -o "$method" --quiet
  balance "$method" $limit
  in_turn 1 2 7 3 4
  for ranks in "${now[@]}"; do
    export OMP_NUM_THREADS=$((ranks % 2 + 1))
    expect_exit 0 mpi "$ranks" run $case time.method=$method -o "$method-$ranks" --quiet
    expect_exit 0 calor compare "$method" "$method-$ranks"
    expect_words "$out" identical
    same_tables "$method" "$method-$ranks"
  done
  export OMP_NUM_THREADS=1
done

# From a checkpoint, on other ranks.
for method in euler tr-bdf2; do
  expect_exit 0 mpi 2 run around.toml time.method=$method checkpoint.every_steps=40 checkpoint.keep=100 -o "saved-$method" --quiet
  checkpoints=("saved-$method"/checkpoints/*.h5)
  expect_exit 0 mpi 3 run around.toml time.method=$method --restart "${checkpoints[0]}" -o "on-$method" --quiet
  expect_exit 0 calor compare "$method" "on-$method"
  expect_words "$out" identical
  expect_exit 65 calor run around.toml time.method=$method 'grid.x={at=[0.0,0.03,0.1],cells=[9,14],ratio=[1.0,5.5]}' \
    --restart "${checkpoints[0]}" -o other
done
# A field goes with its cells.
snapshots=(euler/snapshots/*.nc)
# The resolved case says the units that it means.
expect_words euler/case.toml "  # degC"
expect_words euler/case.toml 'heat = "15*(1 + sin(t/40))"  # W'
checks=$((checks + 1))
if grep -qE '  # (K|W/m)$' euler/case.toml; then fail "the resolved case says other units than it means"; fi
if command -v ncdump >/dev/null; then
  ncdump -h "${snapshots[-1]}" >head.cdl
  expect_words head.cdl ':coordinate_system = "axisymmetric'
fi
expect_exit 0 calor run around.toml time.method=euler time.end=1.0 "output.times=[0.5]" "initial.file=${snapshots[-1]}" -o from-snapshot --quiet
expect_exit 65 calor run around.toml time.method=euler "initial.file=${snapshots[-1]}" 'grid.x=[0.0,0.1]' grid.nx=23 -o from-other
expect_words "$err" "its cells lie elsewhere"

# Every program that takes a case or a result.
expect_exit 0 calor estimate around.toml
expect_exit 0 calor info euler
expect_words "$out" "unequal cells, r and z"
if pictures; then expect_exit 0 calor plot euler -o euler.png; fi
expect_exit 0 calor report euler -o euler.html
expect_exit 0 calor run euler/case.toml -o again --quiet
expect_exit 0 calor compare euler again
expect_words "$out" identical
checks=$((checks + 1))
[[ $(json euler/summary.json heat unit) == J ]] || fail "heat of a whole turn is not told in J"

# A depth: its times what a metre has, in W.
cat >plate.toml <<'EOF'
[grid]
nx = 12
ny = 9
[material]
conductivity = 2.0
density = 1000.0
specific_heat = 800.0
[[region]]
name = "heater"
shape = "rectangle"
x = [0.2, 0.53]
y = [0.1, 0.7]
heat = 40.0
[initial]
temperature = 20.0
[boundary]
left = { type = "temperature", value = 30.0 }
[time]
method = "steady"
[[section]]
name = "cut"
from = [0.6, 0.0]
to = [0.6, 1.0]
EOF
expect_exit 0 calor run plate.toml -o metre --quiet
expect_exit 0 calor run plate.toml grid.depth=0.25 region.heater.heat=10.0 -o deep --quiet
expect_exit 0 calor compare metre deep --rtol 1e-9
checks=$((checks + 1))
[[ $(json metre/summary.json heat unit) == W/m && $(json deep/summary.json heat unit) == W ]] ||
  fail "units of heat with and without a depth"
checks=$((checks + 1))
awk -v a="$(json metre/summary.json sides left)" -v b="$(json deep/summary.json sides left)" \
  'BEGIN { exit !((a - 4*b)^2 < 1e-12*a*a && (b + 10)^2 < 1e-8) }' ||
  fail "heat of a depth of 0.25 m is not a quarter of that of a metre"
expect_exit 78 calor run plate.toml grid.depth=0.25 'plate={thickness=0.1,film=1.0,ambient=0.0}' -o refused
expect_words "$err" "is not the thickness of the plate"

# Lines that are equally far apart make what equal cells make, but for rounding.
expect_exit 0 calor run plate.toml 'grid.x={at=[0.0,0.5,1.0],cells=[6,6]}' -o lines --quiet
checks=$((checks + 1))
awk -v a="$(json metre/summary.json sides left)" -v b="$(json lines/summary.json sides left)" 'BEGIN { exit !((a - b)^2 < 1e-16*a*a) }' ||
  fail "equal cells and equal lines differ"

# Holes beside graded cells.
hole=(insulated_pipe 'grid.x={at=[-0.11,0.0,0.11],cells=[24,24],ratio=[0.4,2.5]}' 'grid.y={at=[-0.11,-0.02,0.11],cells=[24,24],ratio=[0.3,3.0]}')
expect_exit 0 calor run "${hole[@]}" -o pipe --quiet
expect_exit 0 mpi 3 run "${hole[@]}" -o pipe-3 --quiet
expect_exit 0 calor compare pipe pipe-3
expect_words "$out" identical
checks=$((checks + 1))
awk -v q="$(json pipe/summary.json walls water)" 'BEGIN { exit !((q / 22.9786 - 1)^2 < 1e-6) }' || fail "heat of a pipe on graded cells"
# A body of rings in a hole.
expect_exit 0 calor run insulated_pipe grid.coordinates=axisymmetric 'grid.x=[0.0,0.11]' -o rings --quiet
expect_exit 0 mpi 3 run insulated_pipe grid.coordinates=axisymmetric 'grid.x=[0.0,0.11]' -o rings-3 --quiet
expect_exit 0 calor compare rings rings-3
expect_words "$out" identical

# In a sweep.
cat >vary.toml <<'EOF'
[sweep.vary]
"grid.x.cells" = [[9, 14], [18, 28]]
"material.conductivity" = [1.0, 2.0]
EOF
expect_exit 0 calor sweep around.toml vary.toml time.method=tr-bdf2 -o swept --quiet
checks=$((checks + 1))
[[ $(grep -c ',done,' swept/sweep.csv) == 4 ]] || fail "a sweep over parts of a grid"
printf '[sweep.vary]\n"grid.nx" = [12, 24]\n"grid.depth" = [0.1, 0.2]\n' >vary.toml
expect_exit 0 calor sweep plate.toml vary.toml -o swept-depths --quiet
printf '[sweep.vary]\n"grid.coordinates" = ["plane", "axisymmetric"]\n' >vary.toml
expect_exit 78 calor sweep around.toml vary.toml -o refused
expect_words "$err" "columns of a sweep have one unit"

# What is refused, and why.
refused() {
  local words=$1
  shift
  expect_exit 78 calor run "$@" -o refused
  expect_words "$err" "$words"
  expect_none refused
}
refused "grid.nx = 30: is 30, and grid.x makes 23 cells" around.toml grid.nx=30
refused "must rise" around.toml 'grid.x={faces=[0.0,0.02,0.02,0.1]}'
refused "must be finite" around.toml 'grid.x={faces=[0.0,nan,0.1]}'
refused "begins below 0" around.toml 'grid.x={faces=[-0.01,0.02,0.1]}'
refused "must be in [1e-06, 1000000]" around.toml 'grid.x={at=[0.0,0.1],cells=[9],ratio=[0.0]}'
refused "must be in [1e-06, 1000000]" around.toml 'grid.x={at=[0.0,0.1],cells=[9],ratio=[1e300]}'
refused "makes 2 parts" around.toml 'grid.x={at=[0.0,0.05,0.1],cells=[9]}'
refused "there are 2 parts" around.toml 'grid.x={at=[0.0,0.05,0.1],cells=[9,9],ratio=[1.0]}'
refused "has no ratio but 1" around.toml 'grid.x={at=[0.0,0.1],cells=[1],ratio=[2.0]}'
refused "unknown key" around.toml 'grid.x={at=[0.0,0.1],cell=[9]}'
refused "stands beside faces" around.toml 'grid.x={faces=[0.0,0.1],cells=[9]}'
# What a later text says wins.
expect_exit 0 calor run around.toml time.method=steady 'grid.x={faces=[0.0,0.01,0.03,0.05,0.1]}' -o later --quiet
expect_exit 0 calor run plate.toml 'grid.x={faces=[0.0,0.1,0.3,0.5,1.0]}' -o over --quiet
refused "is the axis, which is no wall" around.toml 'boundary.left={type="temperature",value=1.0}'
refused "it passes no face between two cells" around.toml 'section.ring.from=[0.0003,-0.02]' 'section.ring.to=[0.0003,0.06]' # no heat of a whole cell
refused "cannot be periodic around an axis" around.toml 'grid.x={faces=[0.05,0.06,0.1]}' 'boundary.left={type="periodic"}' \
  'boundary.right={type="periodic"}'
refused "has no place around an axis" around.toml 'plate={thickness=0.1,film=1.0,ambient=0.0}'
refused "has no place around an axis" around.toml grid.depth=1.0
refused "has no place around an axis" around.toml time.method=steady 'thermal_bridge={inside=20.0,outside=0.0}'
refused "grid.ny = 0" plate.toml grid.ny=0
printf '[material]\nconductivity = 1.0\n' >empty.toml
refused "grid.nx: missing; it must be given" empty.toml
finish
