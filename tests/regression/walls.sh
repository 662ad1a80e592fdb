#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Walls whose law is more than one term or knows the wall's own temperature, temperatures in deg C, explicit steps beside
# films that change: against values found without calor, with the same bits on one rank and on three.
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
LIMIT=120

# near NAME VALUE RIGHT TOLERANCE
near() {
  checks=$((checks + 1))
  awk -v v="$2" -v r="$3" -v e="$4" 'BEGIN { d = v - r; exit !(v != "" && d <= e && d >= -e) }' ||
    fail "$1: $2 instead of $3 +- $4"
}
# both NAME CASE ARGS...: runs on one rank into NAME, on three into NAME.3, and compares.
both() {
  local name=$1
  shift
  expect_exit 0 calor run "$@" -o "$name" --quiet
  expect_exit 0 mpi 3 run "$@" -o "$name.3" --quiet
  expect_exit 0 calor compare "$name" "$name.3"
}
probe() { json "$1/summary.json" probes "$2"; }

# A slab between a temperature and a wall; its profile is straight, so that any grid has the exact one.
cat >slab.toml <<'EOT'
[grid]
nx = 10
ny = 3
x = [0.0, 0.025]
[material]
conductivity = 0.072
[initial]
temperature = 400.0
[boundary]
left = { type = "temperature", value = 650.15 }
right = { type = "convection", film = 5.43, ambient = 298.15 }
[time]
method = "steady"
[[probe]]
name = "wall"
at = [0.025, 0.5]
EOT
# 0.072/0.025 (650.15 - w) = 5.43 (w - 298.15) + 0.9 sigma (w^4 - 298.15^4), by bisection
both sum slab.toml boundary.right.emissivity=0.9
near "a wall that convects and radiates" "$(probe sum wall)" 362.5585107900 1e-6
near "its heat" "$(json sum/summary.json heat sides right)" -828.2634889 1e-5
# 20 (420 - w) = 1.5 (w - 293.15)^1.25
both natural slab.toml grid.x=[0.0,0.1] material.conductivity=2.0 boundary.left.value=420.0 \
  'boundary.right={type="convection",film="1.5*abs(T-293.15)^0.25",ambient=293.15}' 'probe.wall.at=[0.1,0.5]'
near "a film of natural convection" "$(probe natural wall)" 395.5648534417 1e-6
# A roof: 2.5 (293.15 - w) + 600 = 20 (w - 308.15) + 0.9 sigma (w^4 - 268.15^4)
both roof slab.toml grid.x=[0.0,0.2] material.conductivity=0.5 boundary.left.value=293.15 \
  'boundary.right={type="convection",film=20.0,ambient=308.15,emissivity=0.9,radiant=268.15,inward=600.0}' 'probe.wall.at=[0.2,0.5]'
near "sun, wind and a clear sky" "$(probe roof wall)" 320.8422380866 1e-6
# The same in deg C.
both roof_degC slab.toml grid.x=[0.0,0.2] material.conductivity=0.5 boundary.left.value=20.0 output.temperature_unit=degC initial.temperature=0.0 \
  'boundary.right={type="convection",film=20.0,ambient=35.0,emissivity=0.9,radiant=-5.0,inward=600.0}' 'probe.wall.at=[0.2,0.5]'
near "the same roof in deg C" "$(probe roof_degC wall)" 47.6922380866 1e-6
# A flux that hangs on T alone: 2.88 (650.15 - w) = 10 (w - 20)
both level slab.toml 'boundary.right={type="flux",inward="-10*(T-20)"}'
near "a flux of the wall's temperature" "$(probe level wall)" 160.9031055901 1e-6

# A fire by ISO 834 before 0.2 m of concrete, 30 minutes: values from a scheme of its own (nodes on the walls, Heun's
# method, 40 to 160 intervals, extrapolated). They are approached with the square of the cells' width.
cat >fire.toml <<'EOT'
[grid]
nx = 20
ny = 1
x = [0.0, 0.2]
[material]
conductivity = 1.6
density = 2300.0
specific_heat = 1000.0
[initial]
temperature = 293.15
[boundary]
left = { type = "convection", film = 25.0, ambient = "293.15 + 345*log10(8*t/60 + 1)", emissivity = 0.7 }
[time]
method = "tr-bdf2"
end = 1800.0
tolerance = 1e-6
[[probe]]
name = "surface"
at = [0.0, 0.5]
[[probe]]
name = "cover"
at = [0.05, 0.5]
EOT
for n in 40 80 160; do expect_exit 0 calor run fire.toml "grid.nx=$n" -o "fire$n" --quiet; done
expect_exit 0 mpi 3 run fire.toml grid.nx=40 -o fire40.3 --quiet
expect_exit 0 calor compare fire40 fire40.3
near "fire on concrete, 160 cells: surface" "$(probe fire160 surface)" 987.585 0.1
near "fire on concrete, 160 cells: 5 cm deep" "$(probe fire160 cover)" 435.524 0.2
limit() { awk -v b="$(probe fire80 "$1")" -v c="$(probe fire160 "$1")" 'BEGIN { printf "%.6f", (4 * c - b) / 3 }'; }
near "fire on concrete, extrapolated: surface" "$(limit surface)" 987.585 0.02
near "fire on concrete, extrapolated: 5 cm deep" "$(limit cover)" 435.524 0.02
order() { awk -v a="$(probe fire40 "$1")" -v b="$(probe fire80 "$1")" -v c="$(probe fire160 "$1")" 'BEGIN { printf "%.3f", log((a - b) / (b - c)) / log(2) }'; }
near "order at the surface" "$(order surface)" 2.0 0.1
near "order at 5 cm" "$(order cover)" 2.0 0.1

# A bar at 800 deg C that radiates to 20 deg C; and the same in K.
cat >bar.toml <<'EOT'
[grid]
nx = 10
ny = 1
x = [0.0, 0.1]
[material]
conductivity = 50.0
density = 7850.0
specific_heat = 460.0
[initial]
temperature = 800.0
[boundary]
right = { type = "radiation", emissivity = 0.9, ambient = 20.0 }
[output]
temperature_unit = "degC"
[time]
end = 600.0
[[probe]]
name = "hot"
at = [0.1, 0.5]
[[probe]]
name = "far"
at = [0.0, 0.5]
EOT
both bar bar.toml
near "mean of a bar in deg C" "$(json bar/summary.json temperature mean)" 716.30 0.3
near "its radiating wall" "$(probe bar hot)" 686.99 0.3
near "its other end" "$(probe bar far)" 731.0 0.3
for method in euler rkl2 tr-bdf2; do
  expect_exit 0 calor run bar.toml "time.method=$method" -o "bar_$method" --quiet
  expect_exit 0 calor run bar.toml "time.method=$method" output.temperature_unit=K initial.temperature=1073.15 boundary.right.ambient=293.15 -o "kelvin_$method" --quiet
  near "$method in K and in deg C" "$(probe "bar_$method" hot)" "$(awk -v v="$(probe "kelvin_$method" hot)" 'BEGIN { print v - 273.15 }')" 0.05
done
checks=$((checks + 1))
grep -q '"warnings": \[\]' bar/summary.json || fail "a case that says its unit is warned of it"
# Units that nobody said, and temperatures that cannot be.
expect_exit 78 calor run bar.toml initial.temperature=-300 -o cold
expect_words "$err" "initial.temperature"
expect_words "$err" "below absolute zero, -273.15 degC"
expect_exit 78 calor run bar.toml boundary.right.ambient=-280 -o cold
expect_exit 78 calor run bar.toml 'initial.temperature="-300 + x"' -o cold
expect_words "$err" "below absolute zero"
expect_exit 78 calor run bar.toml output.temperature_unit=K initial.temperature=-1 -o cold
expect_exit 78 calor run slab.toml output.temperature_unit=K initial.temperature=-1 'boundary.right={type="convection",film=3,ambient=20}' -o cold
expect_exit 0 calor run slab.toml initial.temperature=-1 'boundary.right={type="convection",film=3,ambient=-20}' -o cold --quiet
sed '/temperature_unit/d' bar.toml >silent.toml
expect_exit 0 calor run silent.toml -o silent
expect_words "$out" "warning: boundary.right.ambient = 20 is taken in kelvin"
expect_words silent/summary.json "is taken in kelvin"
expect_exit 0 calor run silent.toml initial.temperature=1073.15 boundary.right.ambient=293.15 -o loud
checks=$((checks + 1))
if grep -q "taken in kelvin" "$out"; then fail "a case in K is warned of it"; fi
expect_exit 78 calor run slab.toml 'boundary.left.value="20 + T"' -o cold
expect_words "$err" "boundary.left.value"

# A wall without a balance says so.
expect_exit 76 calor run slab.toml 'boundary.right={type="flux",inward="1e-3*T^3"}' -o none
expect_words "$err" "boundary.right"
expect_words "$err" "balances"
expect_exit 76 mpi 3 run bar.toml time.method=euler 'boundary.right={type="flux",inward="1e4*(T - 790)^3"}' -o none3
expect_words "$err" "boundary.right"

# Films that grow with time beside explicit steps: what decays does so, and leaves no range that it had.
cat >grows.toml <<'EOT'
[grid]
nx = 1
ny = 20
x = [0.0, 0.05]
[material]
conductivity = 1.0
density = 1.0
specific_heat = 1.0
[initial]
temperature = "1 + 0.1*sin(20*y)"
[boundary]
left = { type = "convection", film = "1e4*t", ambient = 0.0 }
right = { type = "convection", film = "1e4*t", ambient = 0.0 }
[time]
method = "euler"
end = 0.5
EOT
bounded() { # DIR: every row of the history
  checks=$((checks + 1))
  awk -F, 'NR > 1 && !($4 + 0 >= 0 && $5 + 0 <= 1.1) { bad = 1 } END { exit bad || NR < 3 }' "$1/history.csv" || fail "$1 leaves the range from 0 to 1.1"
}
for film in "1e4*t" "1e4*t*(1 + 0.9*sin(40*t))" "t < 0.2 ? 0 : 5e3" "1e4*exp(-((t - 0.25)/0.01)^2)"; do
  rm -rf grows
  expect_exit 0 calor run grows.toml "boundary.left.film=\"$film\"" "boundary.right.film=\"$film\"" -o grows --quiet
  bounded grows
done
# Beside a piece of another law on the same side, which the look ahead has nothing to do with.
for other in 'type="temperature",value=1.0' 'type="convection",film=30.0,ambient=0.5'; do
  expect_exit 0 calor run grows.toml time.method=rkl2 "boundary.right=[{from=0.0,to=0.52,$other},{from=0.52,to=1.0,type=\"convection\",film=\"10*(1+t)\",ambient=0.0}]" -o two_laws --fresh
  checks=$((checks + 1))
  if grep -q "warning" "$out"; then fail "a film of t beside $other: $(grep warning "$out")"; fi
done
both grown grows.toml
near "what is left" "$(json grown/summary.json temperature max)" 0 1e-9

# A step that is given: refused where it is unstable, and a warning where only the bound says so.
cat >given.toml <<'EOT'
[grid]
nx = 40
ny = 40
[material]
conductivity = 1.0
density = 1.0
specific_heat = 1.0
[initial]
temperature = 300.0
[boundary]
left = { type = "temperature", value = 400.0 }
bottom = { type = "temperature", value = 400.0 }
[time]
method = "euler"
end = 0.05
EOT
# The corner's bound is h^2/6; modes grow beyond h^2/4 (to a thousandth).
expect_exit 0 calor run given.toml time.dt=1.5e-4 -o given
expect_words given/summary.json "is beyond the explicit limit"
near "hottest" "$(json given/summary.json temperature max)" 398 2.1
expect_exit 78 calor run given.toml time.dt=1.6e-4 -o unstable
expect_words "$err" "forward Euler is unstable beyond 0.000156"
expect_exit 78 mpi 3 run given.toml time.dt=1.6e-4 -o unstable
# A radiating wall bounds the step as if it were a fixed temperature, and is not.
expect_exit 0 calor run given.toml grid.ny=1 'boundary.left={type="radiation",emissivity=0.9,ambient=300.0}' 'boundary.bottom={type="insulated"}' time.dt=2.9e-4 -o glows
expect_words glows/summary.json "is beyond the explicit limit"

# Steady states whose level no wall fixes: what is brought and taken balances, and the heat of the start stays.
cat >open.toml <<'EOT'
[grid]
nx = 10
ny = 7
[material]
conductivity = 2.0
density = 3.0
specific_heat = 5.0
[initial]
temperature = "20 + x - 0.5"
[source]
power = "100*cos(pi*x)"
[time]
method = "steady"
[[probe]]
name = "first"
at = [0.05, 0.5]
[[probe]]
name = "wall"
at = [1.0, 0.5]
EOT
# T = 20 + 100 s/(2 lambda) cos(pi x), lambda = (2 - 2 cos(0.1 pi))/0.01 of ten cells, whose mean of cos(pi x) is
# s = sin(0.05 pi)/(0.05 pi) of that at the centre
both insulated open.toml
near "insulated all round, sources that balance" "$(probe insulated first)" 25.0243238151 1e-7
near "its mean" "$(json insulated/summary.json temperature mean)" 20 1e-9
both turned open.toml grid.nx=8 grid.ny=9 'source.power="30*cos(2*pi*x)*(y < 0.5 ? 1 : 2)"' 'boundary.left={type="periodic"}' 'boundary.right={type="periodic"}'
near "periodic, the mean" "$(json turned/summary.json temperature mean)" 20 1e-9
# Heat through: 50 W/m2 in, 50 out, a straight line; then k of T against a long time of the same.
both through open.toml source.power=0 'boundary.left={type="flux",inward=50.0}' 'boundary.right={type="flux",inward=-50.0}'
near "heat through a slab, its wall" "$(probe through wall)" 7.5 1e-7
through=(source.power=0 'boundary.left={type="flux",inward=50.0}' 'boundary.right={type="flux",inward=-50.0}' 'material.conductivity="2 + 0.05*T"'
  'region=[{name="left", shape="rectangle", x=[0.0, 0.3], y=[0.0, 1.0], density=9.0, temperature=35.0}]')
both nonlinear open.toml "${through[@]}"
expect_exit 0 calor run open.toml "${through[@]}" time.method=backward-euler time.end=1e5 time.dt=1e3 -o long --quiet
near "k of T, two materials: the first cell" "$(probe nonlinear first)" "$(probe long first)" 1e-5
near "k of T, two materials: the wall" "$(probe nonlinear wall)" "$(probe long wall)" 1e-5
expect_exit 0 calor run open.toml grid.nx=1 grid.ny=1 source.power=0 -o one --quiet
for preconditioner in multigrid algebraic jacobi none; do
  expect_exit 0 calor run open.toml grid.nx=50 grid.ny=40 "solver.preconditioner=$preconditioner" 'source.power="100*cos(pi*x)*cos(2*pi*y)"' -o with --fresh --quiet
  near "$preconditioner, the mean" "$(json with/summary.json temperature mean)" 20 1e-8
done
# What is left over is told.
expect_exit 78 calor run open.toml 'source.power="100*cos(pi*x) + 3"' -o left
expect_words "$err" "3 is left over"
expect_exit 78 mpi 3 run open.toml source.power=0 'boundary.left={type="flux",inward=50.0}' -o left
expect_words "$err" "walls 50, and 50 is left over"
# A foil that conducts well and radiates: of the ghosts' temperatures rounding alone leaves 1e-10 of what passes. One cell
# thick or two, it is the same, and no step is made again for the rounding.
cat >foil.toml <<'EOF'
[grid]
nx = 1
ny = 20
x = [0.0, 35e-6]
y = [0.0, 0.01]
[material]
material = "copper"
[initial]
temperature = 20.0
[boundary]
left = { type = "convection", film = 25.0, ambient = 500.0, emissivity = 0.7 }
bottom = { type = "temperature", value = 20.0 }
[time]
end = 100.0
method = "tr-bdf2"
[output]
temperature_unit = "degC"
EOF
expect_exit 0 calor run foil.toml -o foil --quiet
expect_exit 0 calor run foil.toml grid.nx=2 -o foil2 --quiet
near "a foil of one cell and of two" "$(json foil/summary.json temperature max)" "$(json foil2/summary.json temperature max)" 2e-3
checks=$((checks + 1))
(($(json foil/summary.json steps) <= 2 * $(json foil2/summary.json steps))) || fail "a foil of one cell takes $(json foil/summary.json steps) steps"
# A thermostat's jump: implicit steps have no answer there, and say who has.
thermostat=(foil.toml grid.ny=10 'grid.x=[0.0,1.0]' 'grid.y=[0.0,1.0]' grid.nx=10 'material={conductivity=5.0, density=1000.0, specific_heat=500.0}'
  'source.power="T<60?1e5:0"' 'boundary={left={type="convection",film=20.0,ambient=20.0}}' time.end=2000.0)
expect_exit 76 calor run "${thermostat[@]}" -o thermostat --quiet
expect_words "$err" 'time.method = "rkl2"'
expect_exit 0 calor run "${thermostat[@]}" time.method=rkl2 -o thermostat --fresh --quiet

# A given temperature on less than a cell: about half of the heat passes, and is told.
cat >narrow.toml <<'EOF'
[grid]
nx = 10
ny = 10
[material]
conductivity = 1.0
[boundary]
left = [{ from = 0.54, to = 0.56, type = "temperature", value = 100.0, name = "wire" }]
right = { type = "temperature", value = 0.0 }
[time]
method = "steady"
EOF
expect_exit 0 calor run narrow.toml -o narrow --quiet
expect_words narrow/summary.json "the piece 'wire' from 0.54 to 0.56 m has a given temperature and is narrower than a cell, 0.1 m"
for ok in 'grid.ny=50' 'boundary.left=[{from=0.5, to=0.6, type="temperature", value=100.0}]' 'boundary.left=[{from=0.54, to=0.56, type="flux", inward=100.0}]'; do
  expect_exit 0 calor run narrow.toml "$ok" -o narrow --fresh --quiet
  checks=$((checks + 1))
  grep -q '"warnings": \[\]' narrow/summary.json || fail "$ok: $(grep warnings narrow/summary.json)"
done
# One whole cell, narrower than those beside it.
expect_exit 0 calor run narrow.toml 'grid.y={at=[0.0, 0.5, 0.6, 1.0], cells=[2, 1, 2]}' \
  'boundary.left=[{from=0.5, to=0.6, type="temperature", value=100.0}]' -o narrow --fresh --quiet
checks=$((checks + 1))
if grep -q "narrower than a cell" narrow/summary.json; then fail "a piece on one cell: $(grep warnings narrow/summary.json)"; fi
finish
