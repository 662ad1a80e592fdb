#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Regions and sections in what a run leaves: tables with rows as the history, the summary, the table of a sweep; the same
# to the last digit on any layout and from any checkpoint.
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
LIMIT=120

cat >plate.toml <<'EOF'
[grid]
nx = 60
ny = 40
x = [0.0, 0.6]
y = [0.0, 0.4]
[material]
conductivity = 2.0
density = 1000.0
specific_heat = 800.0
[[region]]
name = "heater hot"
shape = "rectangle"
x = [0.2, 0.4]
y = [0.1, 0.3]
conductivity = 20.0
power = "5e4*(1 + sin(t/50))"
[[region]]
name = "core"
shape = "circle"
center = [0.3, 0.2]
radius = 0.043
power = 2e4
[[region]]
name = "speck"
shape = "circle"
center = [0.3, 0.2]
radius = 1e-3
[initial]
temperature = 20.0
[boundary]
left = { type = "temperature", value = 20.0 }
right = { type = "convection", film = 50.0, ambient = 10.0 }
top = { type = "flux", inward = 200.0 }
[[section]]
name = "cut"
from = [0.05, 0.0]
to = [0.13, 0.4]
[[section]]
name = "part"
from = [0.5, 0.11]
to = [0.5, 0.293]
[time]
end = 200.0
[checkpoint]
every_steps = 20
keep = 1000
EOF

for method in euler rkl2 bdf2 tr-bdf2 steady; do
  expect_exit 0 calor run plate.toml "time.method=$method" -o "$method" --quiet
  in_turn 1 7 2
  for ranks in "${now[@]}"; do
    export OMP_NUM_THREADS=$((ranks == 2 ? 2 : 1))
    expect_exit 0 mpi "$ranks" run plate.toml "time.method=$method" -o "$method.$ranks" --quiet
    for table in history.csv regions.csv sections.csv; do expect_same "$method/$table" "$method.$ranks/$table"; done
  done
  export OMP_NUM_THREADS=1
  checks=$((checks + 1))
  [[ $(wc -l <"$method/regions.csv") == "$(wc -l <"$method/history.csv")" ]] || fail "$method: rows of regions.csv"
  count=0
  for checkpoint in "$method"/checkpoints/*.h5; do
    ((count++ % 5 == 0)) || continue
    expect_exit 0 mpi 3 run plate.toml "time.method=$method" --restart "$checkpoint" -o again --fresh --quiet
    for part in regions sections; do
      checks=$((checks + 1))
      [[ $(tail -n 1 "$method/$part.csv") == "$(tail -n 1 "again/$part.csv")" ]] || fail "$method: $part from $checkpoint"
    done
  done
done
expect_words euler/regions.csv 'heater hot.out_now'
expect_words euler/sections.csv 'step,time,cut.now,cut.total,part.now,part.total'
expect_words euler/summary.json '"out_now"'
expect_words euler/run.log 'section cut:'
# Areas are those of the shapes, wherever the grid cuts them; so is the power, beside another one in the same cells.
near() { # WHAT GOT WANTED
  checks=$((checks + 1))
  awk -v got="$2" -v want="$3" 'BEGIN { d = got / want - 1; exit !(got != "" && d < 1e-9 && d > -1e-9) }' || fail "$1: $2 for $3"
}
near "the area of a circle within four cells" "$(json euler/summary.json regions speck area)" 3.141592653589793e-06
near "the area of a circle" "$(json euler/summary.json regions core area)" 0.005808804816487527
near "its power" "$(json euler/summary.json regions core power_now)" 116.17609632975054
near "its heat" "$(json euler/summary.json regions core power)" 23235.219265950107
near "the area of a rectangle" "$(json euler/summary.json regions "heater hot" area)" 0.04 # what only heats hides no material
# By whole cells, as their centres lie.
expect_exit 0 calor run plate.toml grid.coverage=centre time.method=steady -o centre --quiet
checks=$((checks + 1))
[[ $(json centre/summary.json regions speck cells) == 0 && $(json centre/summary.json regions speck mean) == null ]] ||
  fail "a region without a cell"
near "whole cells" "$(json centre/summary.json regions core cells)" 52

# A resumed run cuts the rows behind its checkpoint and goes on.
cp -r tr-bdf2 resumed
rm -f resumed/summary.json
ls resumed/checkpoints/*.h5 | tail -n +2 | xargs rm -f
expect_exit 0 calor run plate.toml time.method=tr-bdf2 -o resumed --resume --quiet
for table in history.csv regions.csv sections.csv; do expect_same "tr-bdf2/$table" "resumed/$table"; done
# Heat through another section was not counted from the start.
expect_exit 65 calor run plate.toml time.method=tr-bdf2 'section.cut.from=[0.06, 0.0]' -o other \
  --restart "$(ls tr-bdf2/checkpoints/*.h5 | head -n 1)"

expect_exit 78 calor run plate.toml 'section.cut.to=[0.05, 0.0]' -o refused
expect_words "$err" "section.cut.to"
expect_exit 78 calor run plate.toml 'section.cut.to=[0.05, 0.6]' -o refused
expect_exit 78 calor run plate.toml 'section.cut.to=[0.0, 0.4]' 'section.cut.from=[0.0, 0.0]' -o refused
expect_words "$err" "section cut"
expect_none refused

cat >sweep.toml <<'EOF'
[sweep.vary]
"boundary.left.value" = [10.0, 30.0]
EOF
expect_exit 0 mpi 2 sweep plate.toml sweep.toml time.method=steady -o sweep --quiet
expect_words sweep/sweep.csv 'heater hot.out'
expect_words sweep/sweep.csv 'cut.total'
if pictures; then expect_exit 0 calor plot euler/sections.csv --x time --y cut.now -o cut.png; fi
finish
