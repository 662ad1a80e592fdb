#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Cavities of air in frames: what they conduct, against the equation solved here; words, refusals, ranks, restarts.
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# slab TO UNIT: three layers along x, 3 mm of k = 0.17 on both sides of a gap of TO - 3 mm; 10 mm high. 20 and 0 deg C outside.
slab() {
  local hot=20.0 cold=0.0
  if [[ $2 == K ]]; then hot=293.15 cold=273.15; fi
  cat <<EOF
[grid]
nx = 36
ny = 3
x = [0.0, $(awk -v to="$1" 'BEGIN { print (to + 3) / 1e3 }')]
y = [0.0, 0.010]
[material]
conductivity = 0.17
[initial]
temperature = $hot
[boundary]
left = { type = "temperature", value = $hot }
right = { type = "temperature", value = $cold }
[time]
method = "steady"
[output]
temperature_unit = "$2"
[[region]]
name = "gap"
shape = "rectangle"
x = [0.003, $(awk -v to="$1" 'BEGIN { print to / 1e3 }')]
y = [0.0, 0.010]
EOF
}
# flux GAP B E1 E2 DT TWICE: through it, W/m2, by halving; GAP and B in m. Within the gap k(T) dT is added up, as heat flows
# along one line.
flux() {
  awk -v d="$1" -v b="$2" -v e1="$3" -v e2="$4" -v dT="$5" -v twice="$6" 'BEGIN {
    sigma = 5.670374419e-8
    ha = 0.025 / d
    if (d >= 0.005 && 0.73 * dT ^ (1 / 3) > ha) ha = 0.73 * dT ^ (1 / 3)
    F = 0.5 * (1 + sqrt(1 + (d / b) ^ 2) - d / b)
    E = 1 / (1 / e1 + 1 / e2 - 1)
    low = 0; high = 2000
    for (n = 0; n < 100; ++n) {
      q = (low + high) / 2
      hot = 293.15 - q * 0.003 / 0.17; cold = 273.15 + q * 0.003 / 0.17
      through = twice * (ha * (hot - cold) + sigma * E * F * (hot ^ 4 - cold ^ 4))
      if (through > q) low = q; else high = q
    }
    printf "%.12g\n", q }'
}
# near WORDS A B REL
near() {
  checks=$((checks + 1))
  awk -v a="$2" -v b="$3" -v r="$4" 'BEGIN { d = a - b; if (d < 0) d = -d; s = b < 0 ? -b : b; exit !(a != "" && d <= r * s) }' ||
    fail "$1: $2 instead of $3"
}
# try NAME TO B KEYS E1 E2 DT TWICE [UNIT]
try() {
  local unit=${9:-degC}
  slab "$2" "$unit" >"$1.toml"
  expect_exit 0 calor run "$1.toml" "region.gap.cavity={ direction = \"x\"$4 }" solver.tolerance=1e-12 -o "$1" --quiet
  near "$1" "$(awk -v h="$(json "$1/summary.json" heat sides left)" 'BEGIN { printf "%.15g", h / 0.010 }')" \
    "$(flux "$(awk -v to="$2" 'BEGIN { print (to - 3) / 1e3 }')" "$3" "$5" "$6" "$7" "$8")" 1e-7
}
try square 13 0.010 '' 0.9 0.9 10 1
try wide 33 0.010 ', difference = 3.0' 0.9 0.9 3 1
try narrow 7 0.010 ', difference = 1e6' 0.9 0.9 1e6 1 # 4 mm: no convection
try bright 33 0.010 ', emissivity = 0.9, other_emissivity = 0.05' 0.9 0.05 10 1
try slight 13 0.010 ', ventilation = "slight", emissivity = 0.8' 0.8 0.8 10 2
try kelvin 23 0.010 ', difference = 12' 0.9 0.9 12 1 K
# The same of heat along y: the plate turned.
sed -e 's/^left/bottom/;s/^right/top/;s/^x = /z = /;s/^y = /x = /;s/^z = /y = /;s/^nx = 36/ny = 36/;s/^ny = 3$/nx = 3/' square.toml >turned.toml
expect_exit 0 calor run turned.toml 'region.gap.cavity={ direction = "y" }' solver.tolerance=1e-12 -o turned --quiet
near turned "$(json turned/summary.json heat sides bottom)" "$(json square/summary.json heat sides left)" 1e-9
# Other shapes: of the same area, with the sides' ratio of the rectangle around them.
expect_exit 0 calor run square.toml 'region.gap.cavity={ direction = "x" }' region.gap.shape=polygon \
  'region.gap.points=[[0.003, 0.0], [0.013, 0.0], [0.013, 0.010], [0.003, 0.010]]' -o polygon --quiet
near "as a polygon" "$(json polygon/summary.json regions gap conductivity)" "$(json square/summary.json regions gap conductivity)" 1e-9
expect_exit 0 calor run square.toml 'region.gap.cavity={ direction = "x" }' region.gap.shape=circle \
  'region.gap.center=[0.008, 0.005]' region.gap.radius=0.004 -o circle --quiet
near "d of a circle" "$(json circle/summary.json regions gap d)" 0.00708981540362206 1e-9 # 4 mm sqrt(pi)
near "b of a circle" "$(json circle/summary.json regions gap b)" 0.00708981540362206 1e-9

# --- what is told -----------------------------------------------------------------------------------------------------
expect_words square/run.log "cavity gap: 0."
expect_words square/run.log "10 x 10 mm"
near "the difference found" "$(json wide/summary.json regions gap found_difference)" 17.4 0.05
# It is that of the faces on any grid: 20 K less what the layers of k = 0.17 take, 2 * 3 mm / 0.17 * q.
for nx in 12 36; do # two and six cells of a layer and five and more of the gap, then as many again
  expect_exit 0 calor run wide.toml 'region.gap.cavity={ direction = "x", difference = 3.0 }' grid.nx=$nx solver.tolerance=1e-12 -o faces --fresh --quiet
  near "the difference found with $nx cells" "$(json faces/summary.json regions gap found_difference)" \
    "$(awk -v q="$(json faces/summary.json heat sides left)" 'BEGIN { printf "%.12g", 20 - 2 * 0.003 / 0.17 * q / 0.010 }')" 1e-6
done
expect_words wide/summary.json "the cavity was taken with cavity.difference = 3 K"
expect_words wide/run.log "warning: region 'gap': the cavity was taken"
expect_words narrow/summary.json '"warnings": []'

# --- the shipped frame ------------------------------------------------------------------------------------------------
for ranks in 1 2 3; do
  expect_exit 0 mpi "$ranks" run window_frame -o "frame_$ranks" --quiet
  checks=$((checks + 1))
  awk -v r="$(json "frame_$ranks/summary.json" heat relative_residual)" 'BEGIN { exit !(r != "" && r < 1e-10 && r > -1e-10) }' ||
    fail "the balance on $ranks ranks"
done
expect_exit 0 calor compare frame_1 frame_3
expect_words "$out" identical
expect_exit 0 calor compare frame_1 frame_2
expect_words frame_1/summary.json '"warnings": []'
near "psi" "$(json frame_1/summary.json thermal_bridge psi)" 0.1 0.02

# Heat runs ahead of itself into 0 deg C by very short steps: estimate makes such, and is to end.
expect_exit 0 calor estimate window_frame

# --- in time: air stores next to nothing; from a checkpoint on other ranks the same bits ---------------------------------
in_time=(region.gap.cavity='{ direction = "x" }' material.density=1390 material.specific_heat=900 time.method=tr-bdf2 time.end=4000 time.dt=100)
expect_exit 0 calor run square.toml "${in_time[@]}" -o whole --quiet
expect_exit 0 mpi 2 run square.toml "${in_time[@]}" checkpoint.every_steps=20 -o parts --quiet
expect_exit 0 mpi 3 run square.toml "${in_time[@]}" --restart "parts/checkpoints/checkpoint_000000020.h5" -o rest --quiet
expect_exit 0 calor compare whole rest
expect_words "$out" identical
near "as steady, at last" "$(json whole/summary.json temperature mean)" "$(json square/summary.json temperature mean)" 1e-6

# --- what cannot be ---------------------------------------------------------------------------------------------------
refused() {
  local words=$1
  shift
  expect_exit 78 calor run square.toml "$@" -o refused --quiet
  expect_words "$err" "$words"
}
refused 'region.gap.cavity.direction: missing' 'region.gap.cavity={ emissivity = 0.9 }'
refused 'unknown; there is: x, y' 'region.gap.cavity={ direction = "z" }'
refused 'has no place beside cavity' 'region.gap.cavity={ direction = "x" }' region.gap.conductivity=1.0
refused 'has no place beside cavity' 'region.gap.cavity={ direction = "x" }' region.gap.material=copper
refused 'has no place beside void = true' 'region.gap.cavity={ direction = "x" }' region.gap.void=true
refused 'must be in (0, 1]' 'region.gap.cavity={ direction = "x", emissivity = 0.0 }'
refused 'must be in (0, 1]' 'region.gap.cavity={ direction = "x", other_emissivity = 1.1 }'
refused 'must be > 0' 'region.gap.cavity={ direction = "x", difference = 0.0 }'
refused 'cross themselves' 'region.gap.cavity={ direction = "x" }' region.gap.shape=polygon \
  'region.gap.points=[[0.003, 0.0], [0.013, 0.010], [0.013, 0.0], [0.003, 0.010]]'
refused 'must be one' 'region.gap.cavity=[{ direction = "x" }, { direction = "y" }]'
refused 'did you mean "emissivity"' 'region.gap.cavity={ direction = "x", emisivity = 0.9 }'
refused 'below absolute zero' 'region.gap.cavity={ direction = "x" }' boundary.left.value=-300
expect_none refused
# A case that does not say its unit.
sed '/temperature_unit/d' square.toml >bare.toml
expect_exit 0 calor run bare.toml 'region.gap.cavity={ direction = "x" }' -o bare --quiet
expect_words bare/summary.json "is taken in kelvin, as something radiates"
finish
