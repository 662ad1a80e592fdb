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
expect_words beside-1/summary.json "boundary.left: two pieces share a face"
value "two beside each other" 29.44 1e-9 beside-1/summary.json heat sides left

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
finish
