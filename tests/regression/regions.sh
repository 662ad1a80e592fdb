#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Regions that the grid does not follow: the right value with all defaults, the same bits on 1 and 3 ranks and after a
# restart on another number of them, and words about what the grid cannot hold.
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
LIMIT=120
common='density = 1.0
specific_heat = 1.0'

# value NAME EXPECTED RELATIVE FILE KEY...: a number of a JSON file.
value() {
  local name=$1 expected=$2 relative=$3 got
  shift 3
  got=$(json "$@")
  checks=$((checks + 1))
  awk -v g="$got" -v e="$expected" -v r="$relative" 'BEGIN { d = g - e; d = d < 0 ? -d : d; s = e < 0 ? -e : e; exit !(g != "" && d <= r * s) }' ||
    fail "$name: $got instead of $expected"
}
# on_ranks NAME: the same bits on 1 and 3 ranks.
on_ranks() {
  expect_exit 0 calor run "$1.toml" -o "$1-1" --quiet
  expect_exit 0 mpi 3 run "$1.toml" -o "$1-3" --quiet
  expect_exit 0 calor compare "$1-1" "$1-3"
  expect_words "$out" identical
}

# A foil between cell centres keeps its power; what heats it may stand as W/m; a layer of 0.4 cells its resistance.
cat >foil.toml <<EOT
[grid]
nx = 10
ny = 3
x = [0.0, 0.1]
[material]
conductivity = 0.04
$common
[[region]]
name = "foil"
shape = "rectangle"
x = [0.0502, 0.0503]
y = [0.0, 1.0]
conductivity = 200.0
power = 1e6
[[region]]
name = "seam"
shape = "rectangle"
x = [0.072, 0.076]
y = [0.0, 1.0]
conductivity = 0.001
[boundary]
left = { type = "temperature", value = 20.0 }
right = { type = "temperature", value = 0.0 }
[time]
method = "steady"
EOT
on_ranks foil
value "the foil's heat" 100 1e-9 foil-1/summary.json heat source
value "the foil's power" 100 1e-9 foil-1/summary.json regions foil power_at_start
value "the foil's area" 1e-4 1e-9 foil-1/summary.json regions foil area
expect_words foil-1/run.log "region foil: 3 cells"
# Without power: 20 K over (0.0959 / 0.04 + 0.0001 / 200 + 0.004 / 0.001) m2 K/W.
expect_exit 0 calor run foil.toml region.foil.power=0 -o cold --quiet
value "heat through the layers" 3.126221 1e-6 cold/summary.json heat sides left
sed 's/^power = 1e6/heat = "100 + 0*T"/' foil.toml >heat.toml
on_ranks heat
value "heat as W/m" 100 1e-9 heat-1/summary.json heat source

# Under the rule of centres it is lost, and said to be.
expect_exit 0 calor run foil.toml grid.coverage=centre -o lost
expect_words "$out" "region 'foil' covers the centre of no cell"
expect_words lost/summary.json "region 'foil' covers the centre of no cell"

# Circles smaller than a cell, shapes over each other in one cell, a polygon, one that lies half outside and one wholly.
cat >shapes.toml <<EOT
[grid]
nx = 12
ny = 11
[material]
conductivity = 1.0
$common
[[region]]
name = "wire"
shape = "circle"
center = [0.31, 0.52]
radius = 0.01
conductivity = 400.0
heat = 5.0
[[region]]
name = "triangle"
shape = "polygon"
points = [[0.6, 0.1], [0.9, 0.15], [0.7, 0.5]]
power = 10.0
[[region]]
name = "stripe"
shape = "rectangle"
x = [0.5, 1.0]
y = [0.2, 0.21]
power = 100.0
[[region]]
name = "edge"
shape = "circle"
center = [1.0, 0.8]
radius = 0.1
heat = 2.0
[[region]]
name = "off"
shape = "circle"
center = [2.0, 0.8]
radius = 0.1
conductivity = 3.0
[initial]
temperature = 0.0
[boundary]
left = { type = "temperature", value = 0.0 }
[time]
method = "tr-bdf2"
end = 0.2
dt = 0.01
[checkpoint]
every_steps = 5
keep = 100
EOT
on_ranks shapes
# The triangle has 0.5 |0.3 x 0.4 - 0.05 x 0.1| = 0.0575 m2; the stripe takes 0.01 of height from it: between x = 0.625
# and 0.625 at y = 0.2 (left edge x = 0.6 + (y - 0.1) / 4) and x = 0.9 - (y - 0.15) 0.2 / 0.35.
python3 - shapes-1/summary.json <<'EOT' || fail "power or area of the shapes"
import json, math, sys
s = json.load(open(sys.argv[1]))
r = s["regions"]
close = lambda a, b: abs(a - b) <= 1e-9 * abs(b)
width = lambda y: (0.9 - (y - 0.15) * 0.2 / 0.35) - (0.6 + (y - 0.1) / 4)
under = 0.01 * width(0.205)
ok = [
    close(r["wire"]["power_at_start"], 5.0), close(r["wire"]["area"], math.pi * 1e-4),
    close(r["triangle"]["area_drawn"], 0.0575), close(r["triangle"]["power_at_start"], 10 * (0.0575 - under)),
    close(r["stripe"]["power_at_start"], 0.5), close(r["edge"]["power_at_start"], 2.0),
    close(r["edge"]["area"], math.pi * 0.005), r["off"]["cells"] == 0,
    close(s["heat"]["source"], 0.2 * (5 + 10 * (0.0575 - under) + 0.5 + 2)),
    any("'off' lies outside" in w for w in s["warnings"]), any("'edge': 50 %" in w for w in s["warnings"]),
]
sys.exit(0 if all(ok) else print(ok, r, s["warnings"]) or 1)
EOT
checks=$((checks + 1))
for step in 5 15; do
  expect_exit 0 mpi 2 run shapes.toml --restart "$(printf 'shapes-3/checkpoints/checkpoint_%09d.h5' "$step")" -o "again-$step" --quiet
  expect_exit 0 calor compare shapes-1 "again-$step"
  expect_words "$out" identical
done

# k from 100 to 1 between two temperatures: 6850 W/m2 on any grid; with a film, a cut layer of another steep material.
cat >steep.toml <<EOT
[grid]
nx = 5
ny = 3
[material]
conductivity = { T = [0.0, 100.0, 200.0, 1000.0], k = [100.0, 10.0, 1.0, 1.0] }
$common
[initial]
temperature = 300.0
[boundary]
left = { type = "temperature", value = 1000.0 }
right = { type = "temperature", value = 0.0 }
[time]
method = "steady"
EOT
on_ranks steep
value "Kirchhoff's flux" 6850 1e-9 steep-1/summary.json heat sides left
expect_exit 0 calor run steep.toml grid.nx=41 -o fine --quiet
value "on 41 cells" 6850 1e-9 fine/summary.json heat sides left
# Above 200 degrees k = 1: 1000 - w = w - 250.
cp steep.toml film.toml
sed -i 's/^right = .*/right = { type = "convection", film = 1.0, ambient = 250.0 }/' film.toml
on_ranks film
value "beside a film" 375 1e-9 film-1/summary.json heat sides left
sed 's/^\[initial\]/[[region]]\nname = "half"\nshape = "rectangle"\nx = [0.437, 2.0]\ny = [0.0, 1.0]\nconductivity = "exp(0.005*T)"\n[initial]/' steep.toml >two.toml
on_ranks two
expect_exit 0 calor run two.toml grid.nx=37 -o two-fine --quiet
value "two steep materials, cut anywhere" "$(json two-fine/summary.json heat sides left)" 1e-8 two-1/summary.json heat sides left

# A spot of half a millimetre on cells of 2 mm: pi w^2 times its peak.
cat >spot.toml <<EOT
[grid]
nx = 50
ny = 50
x = [0.0, 0.1]
y = [0.0, 0.1]
[material]
conductivity = 1.0
$common
[source]
power = "1e9*exp(-((x-0.0503)^2+(y-0.0491)^2)/0.0005^2)"
[boundary]
left = { type = "temperature", value = 0.0 }
[time]
method = "steady"
EOT
on_ranks spot
value "the spot" 785.398163 1e-7 spot-1/summary.json heat source

# What a region holds is told in a steady case where density and specific heat are given for it, and left out else.
cat >held.toml <<EOT
[grid]
nx = 20
ny = 4
[material]
conductivity = 1.0
[[region]]
name = "said"
shape = "rectangle"
x = [0.0, 0.5]
y = [0.0, 1.0]
density = 2.0
specific_heat = 3.0
[[region]]
name = "unsaid"
shape = "rectangle"
x = [0.5, 1.0]
y = [0.0, 1.0]
[boundary]
left = { type = "temperature", value = 100.0 }
right = { type = "temperature", value = 0.0 }
[time]
method = "steady"
EOT
on_ranks held
value "content where it is known" 225 1e-9 held-1/summary.json regions said content
expect_words <(tr -d ' \r\n' <held-1/summary.json | grep -oE '"unsaid":\{[^}]*\}') '"content":null'

# Pieces of walls that no face follows: a heater, a strip that is cold, a film beside another.
cat >pieces.toml <<EOT
[grid]
nx = 10
ny = 10
[material]
conductivity = 1.0
[boundary]
left = [{ from = 0.46, to = 0.54, type = "flux", inward = 1000.0 }]
right = { type = "temperature", value = 0.0 }
[time]
method = "steady"
EOT
on_ranks pieces
value "a heater between the centres of faces" 80 1e-9 pieces-1/summary.json heat sides left
expect_exit 0 calor run pieces.toml boundary.left.0.from=0.44 boundary.left.0.to=0.56 -o wider --quiet
value "a heater across three" 120 1e-9 wider/summary.json heat sides left
expect_exit 0 calor run pieces.toml boundary.left.0.from=0.501 boundary.left.0.to=0.503 -o narrow --quiet
value "a heater within one" 2 1e-9 narrow/summary.json heat sides left
sed 's/^left = .*/left = [{ from = 0.0, to = 0.237, type = "flux", inward = 100.0 }, { from = 0.237, to = 0.811, type = "flux", inward = 10.0 }]/' pieces.toml >beside.toml
on_ranks beside
value "two beside each other" 29.44 1e-9 beside-1/summary.json heat sides left
# pieces DIR SIDE: the heat of each piece of a side, in one line.
pieces() {
  tr -d '\r\n ' <"$1/summary.json" | grep -oE '"pieces":\{[^}]*\}' | grep -oE "\"$2\":\[[^]]*\]" | sed 's/.*\[//; s/\]//' | tr ',' ' '
}
# near NAME TOLERANCE "a b ..." "c d ...": each number within the tolerance of its counterpart.
near() {
  checks=$((checks + 1))
  awk -v a="$3" -v b="$4" -v r="$2" 'BEGIN {
    n = split(a, x, " "); bad = n == 0 || n != split(b, y, " ")
    for (k = 1; k <= n; ++k) bad = bad || !((d = x[k] - y[k]) <= r && d >= -r)
    exit bad }' || fail "$1: $3 instead of $4"
}
near "each of the two" 1e-7 "$(pieces beside-1 left)" "23.7 5.74"
# One row of cells: films, a flux and a fixed temperature meet within its only face.
cat >share.toml <<EOT
[grid]
nx = 10
ny = 1
[material]
conductivity = 2.0
density = 1.0
specific_heat = 1.0
[initial]
temperature = 10.0
[boundary]
left = { type = "temperature", value = 10.0 }
right = [
  { from = 0.0, to = 0.2, type = "convection", film = 4.0, ambient = 100.0 },
  { from = 0.2, to = 0.5, type = "convection", film = 16.0, ambient = 40.0 },
  { from = 0.5, to = 0.6, type = "flux", inward = 30.0 },
  { from = 0.6, to = 0.85, type = "temperature", value = 60.0 },
]
[time]
method = "steady"
EOT
on_ranks share
# The same with names: in the summary, the history and a sweep.
sed 's/from = 0.2, to = 0.5,/name = "window", &/; s/^left = {/& name = "cold side",/' share.toml >named.toml
on_ranks named
window=$(json named-1/summary.json heat walls window)
near "a named piece" 0 "$window" "$(pieces share-1 right | cut -d " " -f 2)"
near "a named side" 0 "$(json named-1/summary.json heat walls "cold side")" "$(json named-1/summary.json heat sides left)"
near "a named piece in the history" 0 "$(tail -n 1 named-1/history.csv | sed 's/.*,//')" "$window"
expect_words named-1/history.csv ",wall_cold side,wall_window"
{ cat named.toml && printf '[sweep.vary]\n"boundary.left.value" = [10.0, 20.0]\n'; } >plan.toml
expect_exit 0 calor sweep plan.toml -o named-sweep --quiet
expect_exit 0 calor sweep plan.toml sweep.directories=all -o named-directories --quiet
for table in named-sweep named-directories; do
  near "a named piece in the table of $table" 0 "$window" "$(awk -F, 'NR == 1 { for (i = 1; i <= NF; ++i) if ($i == "window.heat") c = i } NR == 2 { print $c }' $table/sweep.csv)"
done
expect_exit 78 calor run named.toml 'boundary.left.name=window' -o wrong
expect_words "$err" "another wall"
# By hand: k / 0.05 m in series with each film binds the last cell, 2 / 0.95 m the cell to the other side.
by_hand=$(awk 'BEGIN {
  u1 = 0.2 / (1 / 4 + 0.05 / 2); u2 = 0.3 / (1 / 16 + 0.05 / 2); u4 = 0.25 * 2 / 0.05; left = 2 / 0.95
  T = (left * 10 + u1 * 100 + u2 * 40 + 0.1 * 30 + u4 * 60) / (left + u1 + u2 + u4)
  printf "%.12g %.12g 3 %.12g", u1 * (100 - T), u2 * (40 - T), u4 * (60 - T) }')
near "pieces of one face" 1e-7 "$(pieces share-1 right)" "$by_hand"
# Those rates after long, whatever steps: blocked ones, stages, implicit ones; and laws of t and T, whose rules are
# made anew at each step, as good as numbers.
sed 's/film = 4.0/film = "4.0 + 0*t"/; s/film = 16.0/film = "16.0 + 0*T"/' share.toml >laws.toml
for method in euler rkl2 exponential backward-euler crank-nicolson tr-bdf2 bdf2; do
  for laws in share laws; do
    if [[ $method-$laws == exponential-laws ]]; then continue; fi # linear problems alone
    for end in 20 21; do
      expect_exit 0 calor run $laws.toml time.method=$method time.end=$end -o $laws-$end --quiet --fresh
    done
    near "$method, $laws: pieces of one face" 2e-3 "$(pieces $laws-21 right)" \
      "$(awk -v a="$(pieces $laws-20 right)" -v b="$by_hand" 'BEGIN { split(a, x, " "); n = split(b, y, " "); for (k = 1; k <= n; ++k) printf "%.12g ", x[k] + y[k] }')"
  done
  if [[ $method != exponential ]]; then
    near "$method: laws as numbers" 2e-2 "$(pieces laws-21 right)" "$(pieces share-21 right)"
  fi
done

# What cannot be meant.
sed 's/^heat = /power = 3.0\nheat = /' heat.toml >both.toml
expect_exit 78 calor run both.toml -o wrong
expect_words "$err" "region.foil"
expect_exit 78 calor run foil.toml grid.coverage=area material.face_mean=arithmetic -o wrong
expect_words "$err" "grid.coverage"
expect_exit 0 calor run foil.toml material.face_mean=arithmetic -o arithmetic --quiet
expect_exit 0 calor run arithmetic/case.toml -o arithmetic-again --quiet
cat heat.toml - >covered.toml <<'EOT'
[[region]]
name = "lid"
shape = "rectangle"
x = [0.0, 0.1]
y = [0.0, 1.0]
power = 1.0
EOT
expect_exit 78 mpi 2 run covered.toml -o wrong
expect_words "$err" "region foil: heat: nothing of the region is left"
sed 's/heat = .*/heat = "x"/' heat.toml >place.toml
expect_exit 78 calor run place.toml -o wrong
expect_words "$err" "allowed: t (time), T (temperature)"
expect_none wrong
# A region of another capacity than what is around it, its edges within cells: its content, what leaves it and integrals
# over it are those of its own part, as on a grid with edges on faces.
cat >foam.toml <<'EOT'
[grid]
nx = 10
ny = 1
x = [0, 0.1]
y = [0, 0.1]
[material]
conductivity = 1e4
density = 8000
specific_heat = 500
[initial]
temperature = 20
[[region]]
name = "foam"
shape = "rectangle"
x = [0.034, 0.056]
y = [0, 0.1]
density = 50
specific_heat = 1000
[boundary]
left = { type = "flux", inward = 10000 }
[time]
end = 1000
method = "tr-bdf2"
[output]
temperature_unit = "degC"
[[integral]]
name = "H"
weight = "heat_capacity"
region = "foam"
[[integral]]
name = "mass_T"
weight = "density"
region = "foam"
EOT
on_ranks foam
expect_exit 0 calor run foam.toml grid.nx=50 -o foam-50 --quiet
for key in content out; do
  value "$key of a region of little capacity" "$(json foam-50/summary.json regions foam $key)" 1e-5 foam-1/summary.json regions foam $key
done
for name in H mass_T; do
  value "integral $name over it" "$(json foam-50/summary.json integrals $name)" 1e-6 foam-1/summary.json integrals $name
done
# A hole elsewhere changes nothing of that: its walls are insulated, and nothing flows.
sed 's/inward = .*}/inward = 0 }/; s/^end = .*/end = 1/' foam.toml >still.toml
cat still.toml - >holed.toml <<'EOT'
[[region]]
name = "hole"
shape = "circle"
center = [0.083, 0.05]
radius = 0.011
void = true
EOT
for n in 10 40; do
  expect_exit 0 calor run holed.toml grid.nx=$n grid.ny=$n -o holed-$n --quiet
  value "content beside a hole" 2200 1e-9 holed-$n/summary.json regions foam content # 0.0022 m2, 5e4 J/m3, 20 deg C
  value "heat_capacity beside a hole" 2200 1e-9 holed-$n/summary.json integrals H
  value "density beside a hole" 2.2 1e-9 holed-$n/summary.json integrals mass_T
done
# The conductivity of its own part: 0.03 in 3.0.
sed 's/^conductivity = .*/conductivity = 3.0/; s/^density = 50/conductivity = 0.03\n&/; s/"density"$/"conductivity"/' still.toml >poor.toml
expect_exit 0 calor run poor.toml -o poor --quiet
value "integral of the conductivity" 0.00132 1e-9 poor/summary.json integrals mass_T # 0.0022 m2 x 0.03 x 20
# A disc of it: what it holds is its area by its own capacity, on any grid.
sed 's/^shape.*/shape = "circle"\ncenter = [0.05, 0.05]\nradius = 0.0173/; /^x = \[0.034/d; /^y = \[0, 0.1\]$/d' foam.toml |
  sed 's/^x = \[0, 0.1\]/&\ny = [0, 0.1]/; s/^end = .*/end = 1/; s/inward = .*}/inward = 0 }/' >disc.toml
for n in 13 40; do
  expect_exit 0 calor run disc.toml grid.nx=$n grid.ny=$((n - 2)) -o disc-$n --quiet
  exact=$(awk 'BEGIN { printf "%.12g", 3.14159265358979 * 0.0173 ^ 2 * 50 * 1000 * 20 }')
  value "content of a disc on $n cells" "$exact" 1e-9 disc-$n/summary.json regions foam content
  value "its integral on $n cells" "$exact" 1e-9 disc-$n/summary.json integrals H
done

finish
