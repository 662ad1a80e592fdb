#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Holes and bodies in them: the same tables and snapshots to the last digit on any layout and from any checkpoint; what a
# run leaves of holes; what is refused.
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
LIMIT=120

cat >section.toml <<'EOF'
[grid]
nx = 50
ny = 44
x = [-0.11, 0.11]
y = [-0.11, 0.11]
[material]
conductivity = 2.0
density = 1000.0
specific_heat = 800.0
[[region]]
name = "outside"
shape = "rectangle"
x = [-1.0, 1.0]
y = [-1.0, 1.0]
void = true
wall = { type = "convection", film = "20 + 5*sin(t/50)", ambient = 20.0, emissivity = 0.8 }
[[region]]
name = "body"
shape = "circle"
center = [0.0, 0.0]
radius = 0.1
void = false
[[region]]
name = "core"
shape = "rectangle"
x = [-0.05, 0.031]
y = [-0.02, 0.06]
conductivity = 20.0
heat = "150*(1 + sin(t/40))"
[[region]]
name = "duct"
shape = "circle"
center = [0.02, 0.0]
radius = 0.033
void = true
wall = { type = "temperature", value = "40 + 0.05*t" }
[[region]]
name = "slot"
shape = "polygon"
points = [[-0.08, -0.01], [-0.05, -0.05], [-0.04, -0.04], [-0.07, 0.0]]
void = true
[initial]
temperature = 25.0
[time]
end = 120.0
[output]
temperature_unit = "degC"
times = [100.0]
[[probe]]
name = "wall"
at = [-0.013, 0.0]
[[probe]]
name = "inside"
at = [0.0, 0.07]
[[integral]]
name = "stored"
weight = "heat_capacity"
region = "core"
[[section]]
name = "cut"
from = [-0.1, -0.1]
to = [0.09, 0.1]
[checkpoint]
every_steps = 20
keep = 1000
EOF

tables="history.csv regions.csv sections.csv probes.csv"
for method in euler rkl2 bdf2 tr-bdf2 steady; do
  expect_exit 0 calor run section.toml "time.method=$method" -o "$method" --quiet
  in_turn 1 2 7
  for ranks in "${now[@]}"; do
    export OMP_NUM_THREADS=$((ranks == 2 ? 2 : 1))
    expect_exit 0 mpi "$ranks" run section.toml "time.method=$method" -o "$method.$ranks" --quiet
    for table in $tables; do expect_same "$method/$table" "$method.$ranks/$table"; done
    expect_exit 0 calor compare "$method" "$method.$ranks"
    expect_words "$out" identical
  done
  export OMP_NUM_THREADS=1
  count=0
  for checkpoint in "$method"/checkpoints/*.h5; do
    ((count++ % 15 == 0)) || continue
    expect_exit 0 mpi 3 run section.toml "time.method=$method" --restart "$checkpoint" -o again --fresh --quiet
    for part in history regions sections; do
      checks=$((checks + 1))
      [[ $(tail -n 1 "$method/$part.csv") == "$(tail -n 1 "again/$part.csv")" ]] || fail "$method: $part from $checkpoint"
    done
  done
done
expect_words tr-bdf2/history.csv 'wall_outside,wall_duct,wall_slot'
expect_words tr-bdf2/summary.json '"walls"'
checks=$((checks + 1))
awk -v r="$(json tr-bdf2/summary.json heat relative_residual)" 'BEGIN { exit !(r != "" && r < 1e-10) }' || fail "the balance"
checks=$((checks + 1))
[[ $(json tr-bdf2/summary.json heat walls slot) == 0.0 ]] || fail "an insulated hole passes heat"

# Linear: exponential takes them, in one step.
sed -e 's/film = "20 + 5\*sin(t\/50)"/film = 20.0/; s/, emissivity = 0.8//; s/value = "40 + 0.05\*t"/value = 40.0/' \
  -e 's/heat = "150\*(1 + sin(t\/40))"/heat = 150.0/' section.toml >linear.toml
expect_exit 0 calor run linear.toml time.method=exponential -o linear --quiet
expect_exit 0 mpi 3 run linear.toml time.method=exponential -o linear.3 --quiet
for table in $tables; do expect_same "linear/$table" "linear.3/$table"; done

# What its case keeps runs again; a snapshot with its holes is a start.
expect_exit 0 calor run linear/case.toml -o same --quiet
for table in $tables; do expect_same "linear/$table" "same/$table"; done
expect_exit 0 calor run section.toml "initial.file=$PWD/linear/$(json linear/summary.json final_snapshot)" -o from_file --quiet
# Cells of holes are said to be without a value, in either precision.
expect_exit 0 calor run linear.toml time.method=exponential output.precision=single -o single --quiet
if command -v ncdump >/dev/null; then
  ncdump -h "linear/$(json linear/summary.json final_snapshot)" >double.cdl
  ncdump -h "single/$(json single/summary.json final_snapshot)" >single.cdl
  expect_words double.cdl 'temperature:_FillValue = NaN ;'
  expect_words single.cdl 'temperature:_FillValue = NaNf ;'
fi
if pictures; then expect_exit 0 calor plot linear -o linear.png; fi

expect_exit 78 calor run section.toml 'probe.wall.at=[0.02, 0.0]' -o refused
expect_words "$err" 'lies in the hole "duct"'
expect_exit 78 calor run section.toml 'region.duct.power=1.0' -o refused
expect_words "$err" 'region.duct.power'
expect_exit 78 calor run section.toml 'region.core.wall={ type = "insulated" }' -o refused
expect_words "$err" 'region.core.wall'
expect_exit 78 calor run section.toml 'region.duct.wall={ type = "periodic" }' -o refused
expect_words "$err" 'periodic'
expect_exit 78 calor run section.toml 'region.duct.void="yes"' -o refused
expect_words "$err" 'true or false'
expect_exit 78 calor run section.toml 'grid.coverage="centre"' -o refused
expect_none refused
# The heat capacity beside a round hole is that of the material: its integral is the heat.
cat >capacity.toml <<'EOT'
[grid]
nx = 40
ny = 40
[material]
conductivity = 1.0
density = 1000.0
specific_heat = 1000.0
[initial]
temperature = 60.0
[[region]]
name = "hole"
shape = "circle"
center = [0.5, 0.5]
radius = 0.2
void = true
wall = { type = "temperature", value = 60.0 }
[time]
end = 1
[[integral]]
name = "H"
weight = "heat_capacity"
EOT
expect_exit 0 calor run capacity.toml -o capacity --quiet
checks=$((checks + 1))
awk -v a="$(json capacity/summary.json integrals H)" -v b="$(json capacity/summary.json heat final)" 'BEGIN { exit !((a / b - 1)^2 < 1e-20 && (b / 52460177.6 - 1)^2 < 1e-14) }' ||
  fail "heat_capacity beside a hole: $(json capacity/summary.json integrals H)"

# A start from a file with a hole where the case has a body.
grep -v "^temperature" capacity.toml | sed 's|^\[initial\]|&\nfile = "capacity"|; s/^radius.*/radius = 0.15/' >smaller.toml
for ranks in 1 3; do
  expect_exit 65 mpi $ranks run smaller.toml -o smaller --quiet
  expect_words "$err" "has no number in"
done
# A region that says its temperature there needs none of the file.
cat smaller.toml - >said.toml <<'EOT'
[[region]]
name = "ring"
shape = "circle"
center = [0.5, 0.5]
radius = 0.3
temperature = 30.0
EOT
sed -i 's/name = "hole"/name = "gap"/' said.toml
expect_exit 0 calor run said.toml -o said --quiet
expect_words said/summary.json "region 'ring' begins with the temperature that it has in the case, not with that of initial.file"
sed -i 's/^radius.*/radius = 0.25/' smaller.toml
expect_exit 0 calor run smaller.toml -o smaller --quiet

# Sections nearer to a hole than a cell: all that comes out of its wall passes them, whichever way they run.
cat >near.toml <<'EOT'
[grid]
nx = 10
ny = 10
[material]
conductivity = 1.0
[[region]]
name = "h"
shape = "rectangle"
x = [-0.1, 0.5]
y = [0.2, 0.8]
void = true
wall = { type = "temperature", value = 100.0 }
[boundary]
right = { type = "temperature", value = 0.0 }
[time]
method = "steady"
EOT
near_sections=(501 520 550 560 640)
for at in "${near_sections[@]}"; do
  printf '[[section]]\nname = "up%s"\nfrom = [0.%s, 0.0]\nto = [0.%s, 1.0]\n[[section]]\nname = "down%s"\nfrom = [0.%s, 1.0]\nto = [0.%s, 0.0]\n' \
    "$at" "$at" "$at" "$at" "$at" "$at"
done >>near.toml
cat >box.toml <<'EOT'
[grid]
nx = 20
ny = 20
[material]
conductivity = 1.0
[[region]]
name = "h"
shape = "circle"
center = [0.5, 0.5]
radius = 0.2
void = true
wall = { type = "temperature", value = 100.0 }
[boundary]
left = { type = "temperature", value = 0.0 }
right = { type = "temperature", value = 0.0 }
bottom = { type = "temperature", value = 0.0 }
top = { type = "temperature", value = 0.0 }
[time]
method = "steady"
EOT
for half in 205 220 225 240 310; do # the boxes' corners lie within cells: what passes there counts a part twice
  awk -v n="$half" -v h="0.$half" 'BEGIN { a = 0.5 - h; b = 0.5 + h
    line("bottom", b, a, a, a); line("left", a, a, a, b); line("top", a, b, b, b); line("right", b, b, b, a) }
    function line(side, x, y, u, v) { printf "[[section]]\nname = \"%s%s\"\nfrom = [%g, %g]\nto = [%g, %g]\n", side, n, x, y, u, v }'
done >>box.toml
for ranks in 1 3; do
  expect_exit 0 mpi $ranks run near.toml -o near --fresh --quiet
  for at in "${near_sections[@]}"; do
    checks=$((checks + 1))
    awk -v up="$(json near/summary.json sections "up$at" now)" -v down="$(json near/summary.json sections "down$at" now)" -v all="$(json near/summary.json heat walls h)" \
      'BEGIN { exit !(all > 150 && (up + all)^2 < 1e-12 && (down - all)^2 < 1e-12) }' ||
      fail "section at 0.$at on $ranks ranks: $(json near/summary.json sections "up$at" now), $(json near/summary.json sections "down$at" now), the hole gives $(json near/summary.json heat walls h)"
  done
  expect_exit 0 mpi $ranks run box.toml -o box --fresh --quiet
  for half in 205 220 225 240 310; do
    checks=$((checks + 1))
    awk -v a="$(json box/summary.json sections "bottom$half" now)" -v b="$(json box/summary.json sections "left$half" now)" -v c="$(json box/summary.json sections "top$half" now)" \
      -v d="$(json box/summary.json sections "right$half" now)" -v all="$(json box/summary.json heat walls h)" \
      'BEGIN { d = a + b + c + d - all; exit !(all > 500 && d < 0.08 * all && d > -0.08 * all && a - b < 1e-6 && b - a < 1e-6) }' ||
      fail "box of 0.$half on $ranks ranks: bottom $(json box/summary.json sections "bottom$half" now), left $(json box/summary.json sections "left$half" now), all $(json box/summary.json heat walls h)"
  done
done

# A hole at a periodic seam is one in the middle: flux beside it, and probes on its wall and near it, in one column too.
cat >seam.toml <<'EOT'
[grid]
nx = 1
ny = 10
[material]
conductivity = 1.0
[source]
power = 100.0
[[region]]
name = "slot"
shape = "rectangle"
x = [0.0, 1.0]
y = [0.4, 0.6]
void = true
wall = { type = "temperature", value = 0.0 }
[boundary]
bottom = { type = "periodic" }
top = { type = "periodic" }
[time]
method = "steady"
[output]
fields = ["temperature", "flux"]
[[probe]]
name = "below"
at = [0.5, 0.4]
[[probe]]
name = "above"
at = [0.5, 0.6]
[[probe]]
name = "near_below"
at = [0.5, 0.37]
[[probe]]
name = "near_above"
at = [0.5, 0.63]
EOT
# The same 0.4 lower or higher, over the seam; and on its side.
sed 's/^y = .*/y = [0.0, 0.2]/; s/at = \[0.5, 0.4\]/at = [0.5, 1.0]/; s/0\.6\]/0.2]/; s/0\.37\]/0.97]/; s/0\.63\]/0.23]/' seam.toml >low.toml
sed 's/^y = .*/y = [0.8, 1.0]/; s/at = \[0.5, 0.4\]/at = [0.5, 0.8]/; s/0\.6\]/0.0]/; s/0\.37\]/0.77]/; s/0\.63\]/0.03]/' seam.toml >high.toml
for name in seam low high; do
  sed -E 's/^nx = /NX = /; s/^ny = /nx = /; s/^NX = /ny = /; s/^x = /X = /; s/^y = /x = /; s/^X = /y = /; s/^at = \[(.*), (.*)\]/at = [\2, \1]/; s/bottom/left/; s/top/right/' $name.toml >$name.side.toml
done
for name in seam low high; do
  for width in 1 4; do
    expect_exit 0 mpi $((width == 1 ? 3 : 1)) run $name.toml grid.nx=$width -o flat --fresh --quiet
    expect_exit 0 calor run $name.side.toml grid.ny=$width -o side --fresh --quiet
    for which in flat side; do
      checks=$((checks + 1))
      for probe in below above near_below near_above; do json $which/summary.json probes $probe; done |
        awk '{ v[NR] = $1 } END { exit !(v[1]^2 < 1e-18 && v[2]^2 < 1e-18 && v[3] > 1.05 && v[3] < 1.35 && (v[3] - v[4])^2 < 1e-16) }' ||
        fail "$name, $which, $width wide: $(for probe in below above near_below near_above; do json $which/summary.json probes $probe; done | tr '\n' ' ')"
    done
  done
done

# What lies behind a hole gets no heat, and is told.
expect_exit 0 calor run near.toml 'boundary.left=[{name="behind", from=0.3, to=0.7, type="flux", inward=1000.0}]' -o near --fresh --quiet
expect_words near/summary.json "boundary.left: the piece 'behind' from 0.3 to 0.7 m lies on holes"
expect_exit 0 calor run near.toml 'boundary.left=[{name="beside", from=0.1, to=0.7, type="flux", inward=1000.0}]' -o near --fresh --quiet
checks=$((checks + 1))
if grep -q "lies on holes" near/summary.json; then fail "a piece beside a hole is told to lie on one"; fi

finish
