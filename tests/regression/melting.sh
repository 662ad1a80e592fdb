#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Specific heats of T and phase changes: the same bits on any ranks and after restarts with every method, heat that is
# booked to rounding, methods that agree, fields, starts half melted, and what is refused.
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
LIMIT=120

# Wax that melts over a range and ice that melts at a point, in aluminium whose c grows, all cut by their edges; walls
# and sources of t and T.
cat >case.toml <<'EOF'
[grid]
nx = 24
ny = 20
x = [0.0, 0.06]
y = [0.0, 0.05]
[material]
conductivity = 20.0
density = 2700.0
specific_heat = "880 + 0.4*T"
[[region]]
name = "wax"
shape = "circle"
center = [0.031, 0.0243]
radius = 0.0177
conductivity = { T = [40.0, 60.0, 60.0, 80.0], k = [0.35, 0.35, 0.15, 0.15] }
density = 850.0
specific_heat = 2100.0
phase_change = [{ from = 22.0, to = 26.0, latent_heat = 2.1e4 }, { from = 25.0, to = 25.0, latent_heat = 1e4 }]
[[region]]
name = "ice"
shape = "rectangle"
x = [0.0483, 0.0577]
y = [0.0121, 0.0407]
conductivity = { T = [0.0, 30.0, 30.0, 50.0], k = [2.2, 2.2, 0.6, 0.6] }
density = 1000.0
specific_heat = { T = [0.0, 30.0, 30.0, 60.0], c = [2000.0, 2100.0, 4200.0, 4180.0] }
phase_change = [{ from = 30.0, to = 30.0, latent_heat = 3.3e5 }]
temperature = 30.0
liquid = 0.25
[[region]]
name = "heater"
shape = "rectangle"
x = [0.002, 0.0075]
y = [0.01, 0.0403]
power = "3e6*(1+0.5*sin(0.1*t))*(T<80)"
[initial]
temperature = 20.0
[boundary]
left = { type = "convection", film = "20+0.1*T", ambient = 20.0 }
right = { type = "radiation", emissivity = 0.8, ambient = 20.0 }
top = { type = "temperature", value = "20+40*(t>20)" }
[time]
end = 40.0
tolerance = 1e-3
[output]
every = 20.0
temperature_unit = "degC"
fields = ["temperature", "liquid", "enthalpy"]
[checkpoint]
every_steps = 7
keep = 1000
[[probe]]
name = "p"
at = [0.031, 0.0243]
EOF
n=0
for method in euler rkl2 backward-euler crank-nicolson bdf2 tr-bdf2; do
  n=$((n + 1))
  expect_exit 0 calor run case.toml time.method=$method -o $method --quiet
  residual=$(json $method/summary.json heat relative_residual)
  checks=$((checks + 1))
  awk -v r="$residual" 'BEGIN { exit !(r != "" && r + 0 <= 1e-12) }' || fail "$method: ledger residual $residual"
  for ranks in 2 3 4 7; do
    (((ranks + n) % 4 == 0)) || [[ ${CALOR_ALL_LAYOUTS:-} == 1 ]] || continue
    rm -rf other
    expect_exit 0 mpi $ranks run case.toml time.method=$method -o other --quiet
    expect_exit 0 calor compare $method other
    for table in history.csv regions.csv probes.csv; do expect_same $method/$table other/$table; done
  done
  all=("$method"/checkpoints/checkpoint_*.h5)
  rm -rf other
  expect_exit 0 mpi $((n % 3 + 1)) run case.toml time.method=$method \
    --restart "${all[$((${#all[@]} * n / 8))]}" -o other --quiet
  expect_exit 0 calor compare $method other
done
# They agree in what is held, which steps that passed over latent heat would not.
held=$(json tr-bdf2/summary.json heat final)
for method in euler rkl2 backward-euler crank-nicolson bdf2; do
  checks=$((checks + 1))
  awk -v a="$(json $method/summary.json heat final)" -v b="$held" \
    'BEGIN { d = a / b - 1; exit !(d < 2e-3 && d > -2e-3) }' || fail "$method holds $(json $method/summary.json heat final), tr-bdf2 $held"
done

# A quarter of the ice has melted at the start, and a run that begins with a snapshot has its latent heat.
first=$(printf '%s\n' tr-bdf2/snapshots/*.nc | head -1)
if command -v ncdump >/dev/null; then
  ncdump -v liquid "$first" >liquid.cdl
  expect_words liquid.cdl '0.25'
fi
sed '/^temperature = 3/d; /^liquid/d' case.toml >later.toml
last=tr-bdf2/$(json tr-bdf2/summary.json final_snapshot)
expect_exit 0 calor run later.toml "initial.file=$PWD/$last" time.end=1 output.every=1 -o from_file --quiet
checks=$((checks + 1))
awk -v a="$(json tr-bdf2/summary.json heat final)" -v b="$(json from_file/summary.json heat initial)" \
  'BEGIN { d = a / b - 1; exit !(d < 1e-12 && d > -1e-12) }' || fail "a start from a snapshot has lost latent heat"
# So does one that begins with a checkpoint.
last=$(find tr-bdf2/checkpoints -name '*.h5' | sort | tail -n 1)
expect_exit 0 calor run later.toml "initial.file=$PWD/$last" time.end=1 output.every=1 -o from_checkpoint --quiet
checks=$((checks + 1))
awk -v a="$(json tr-bdf2/summary.json heat final)" -v b="$(json from_checkpoint/summary.json heat initial)" \
  'BEGIN { d = a / b - 1; exit !(d < 1e-12 && d > -1e-12) }' || fail "a start from a checkpoint has lost latent heat"
# Long steps, within which a front passes many cells, have a solution, or say that they have none.
cat >front.toml <<'EOF'
[grid]
nx = 50
ny = 1
x = [0.0, 0.1]
y = [0.0, 0.002]
[material]
material = "water_that_freezes"
[initial]
temperature = 5.0
[boundary]
left = { type = "temperature", value = -10.0 }
[time]
end = 3600.0
dt = 600.0
[output]
every = 3600.0
temperature_unit = "degC"
EOF
for method in backward-euler crank-nicolson bdf2 tr-bdf2; do
  expect_exit 0 calor run front.toml time.method=$method -o front.$method --quiet
done
# The cell that melts has the conductivity of both phases, by its liquid share.
if command -v ncdump >/dev/null; then
  expect_exit 0 calor run front.toml 'output.fields=["temperature", "liquid", "conductivity"]' -o fields --quiet
  ncdump -v liquid,conductivity_x "fields/$(json fields/summary.json final_snapshot)" |
    awk '/^ (liquid|conductivity_x) =/ { name = $1 } /^data:/ { on = 1 }
         on && /^ *[0-9]/ { gsub(/[,;]/, ""); for (i = 1; i <= NF; ++i) v[name, ++n[name]] = $i }
         END { for (i = 1; i <= n["liquid"]; ++i) {
                 l = v["liquid", i]; if (l <= 0 || l >= 1) continue
                 ++melting; d = v["conductivity_x", i] - (2.2 - 1.6 * l); if (d * d > 1e-12) ++wrong }
               print melting + 0, wrong + 0 }' >melting_cells
  checks=$((checks + 1))
  [[ $(<melting_cells) == "1 0" ]] || fail "conductivity where it melts: cells, wrong ones: $(<melting_cells)"
fi
# A steady state asks for no heat; what it holds is known all the same.
expect_exit 0 calor run case.toml time.method=steady -o steady --quiet
expect_exit 0 mpi 3 run case.toml time.method=steady -o steady.3 --quiet
expect_exit 0 calor compare steady steady.3

# refuse WORDS OVERRIDES...
refuse() {
  local words=$1
  shift
  expect_exit 78 calor run case.toml "$@" -o refused
  expect_words "$err" "$words"
}
{ grep -v '^conductivity = {' case.toml && printf '%s\n' '[[region]]' 'name = "hole"' 'shape = "circle"' \
  'center = [0.02, 0.04]' 'radius = 0.006' 'void = true'; } >hole.toml
expect_exit 0 calor run hole.toml -o hole --quiet
expect_exit 0 mpi 3 run hole.toml -o hole.3 --quiet
expect_exit 0 calor compare hole hole.3
expect_words "$out" identical
{ cat case.toml && printf '%s\n' '[[integral]]' 'name = "i"' 'weight = "specific_heat"'; } >weight.toml
expect_exit 78 calor run weight.toml -o refused
expect_words "$err" 'weight = "enthalpy"'
refuse "a specific heat" time.method=exponential
refuse "leave face_mean out" material.face_mean=harmonic
refuse "only euler steps" time.method=euler parallel.precision=single
refuse "lies above to" 'region.wax.phase_change=[{from=30.0, to=20.0, latent_heat=1e5}]'
refuse "must be" 'region.wax.phase_change=[{from=20.0, to=20.0, latent_heat=-1e5}]'
refuse "missing" 'region.wax.phase_change=[{from=20.0, latent_heat=1e5}]'
refuse "temperatures must rise" 'material.specific_heat={T=[1.0,1.0,1.0], c=[1.0,2.0,3.0]}'
refuse "T has 2 numbers, c has 1" 'material.specific_heat={T=[1.0,2.0], c=[1.0]}'
refuse "depends on T and on the place" 'material.specific_heat="100+T+x"'
refuse "which does not go with phase_change" 'region.wax.specific_heat="2000+x"'
refuse "is -" 'material.specific_heat="T-1000"'
sed 's/^phase_change.*//; s/^liquid.*//' case.toml >solid.toml
expect_exit 78 calor run solid.toml initial.liquid=0.5 -o refused
expect_words "$err" "nothing melts"
sed 's/^specific_heat = "880.*/phase_change = [{ from = 1.0, to = 2.0, latent_heat = 3.0 }]/' case.toml >alone.toml
expect_exit 78 calor run alone.toml -o refused
expect_words "$err" "lacks specific_heat beside it"
# A specific heat that ends where the temperature goes is told, not followed.
expect_exit 76 calor run solid.toml 'material.specific_heat="500-10*T"' -o ends --quiet
expect_words "$err" "specific_heat is a sound number from"

# A cell that an edge cuts begins with the liquid of both its parts.
cat >liquid.toml <<'EOT'
[grid]
nx = 3
ny = 1
x = [0, 0.01]
[material]
conductivity = 1e4
density = 1000
specific_heat = 2000
phase_change = { from = 0, to = 0, latent_heat = 1e5 }
[initial]
temperature = 0
liquid = 0.3
[[region]]
name = "r"
shape = "rectangle"
x = [0.005, 0.01]
y = [0, 1]
temperature = 0
liquid = 0.9
[boundary]
left = { type = "flux", inward = 1000 }
[time]
end = 1
method = "tr-bdf2"
[output]
temperature_unit = "degC"
EOT
for n in 1 3 30; do
  expect_exit 0 calor run liquid.toml grid.nx=$n -o liquid-$n --quiet
  checks=$((checks + 1))
  awk -v h="$(json liquid-$n/summary.json heat initial)" 'BEGIN { exit !((h / 600000 - 1)^2 < 1e-18) }' || fail "$n cells begin with $(json liquid-$n/summary.json heat initial) J/m"
done

# A body that conducts far better than it stores comes to rest at 0 degrees to the last digit, and is heated from
# there past where it melts: what rounding leaves of T(h) is no residual, and costs neither steps nor corrections.
for case in "crank-nicolson 25 5000.0" "bdf2 2 400.0" "backward-euler 1 50000.0" "tr-bdf2 5 5000.0"; do
  read -r method cells k <<<"$case"
  cat >rest.toml <<EOF
[grid]
nx = $cells
ny = 1
x = [0.0, 0.005]
y = [0.0, 0.001]
[material]
conductivity = $k
density = 1000.0
specific_heat = "900 + 1*T"
phase_change = [{ from = 50.0, to = 50.0, latent_heat = 8000.0 }]
[initial]
temperature = 49.999
[boundary]
left = { type = "temperature", value = "t > 5 ? 120 : 0" }
[time]
method = "$method"
end = 10.0
tolerance = 1e-5
[output]
temperature_unit = "degC"
EOF
  expect_exit 0 calor run rest.toml -o "rest.$method" --quiet
  checks=$((checks + 1))
  (($(json "rest.$method/summary.json" solver corrections) <= 8 * $(json "rest.$method/summary.json" steps))) ||
    fail "at rest at 0 degrees, $method: $(json "rest.$method/summary.json" solver)"
  # Everything has 120 degrees at the end: 900 * 120 + 120^2 / 2 + 8000 a kilogram.
  checks=$((checks + 1))
  awk -v h="$(json "rest.$method/summary.json" heat final)" 'BEGIN { d = h / (123200 * 1000 * 5e-6) - 1; exit !(d < 1e-6 && d > -1e-6) }' ||
    fail "at rest at 120 degrees, $method: $(json "rest.$method/summary.json" heat final) J/m"
done
finish
