#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Pictures of runs: outlines of the case's regions, holes, lines, differences, several snapshots, runs and probes.
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
if ! pictures; then
  expect_exit 64 calor plot nothing --line 0,0,1,1 -o nothing.csv
  finish
  exit 0
fi

expect_other() { # A B: they are there, and not alike
  expect_file "$1"
  expect_file "$2"
  checks=$((checks + 1))
  ! cmp -s "$1" "$2" || fail "$1 and $2 are alike"
}

# Insulated: what it begins with lies between 0.0625 and 0.9375, and all that comes later within.
cat >plate.toml <<'EOF'
[grid]
nx = 8
ny = 8
x = [0.0, 1.0]
y = [0.0, 0.8]
[material]
conductivity = 1.0
density = 1.0
specific_heat = 1.0
[[region]]
name = "part"
shape = "circle"
center = [0.6, 0.4]
radius = 0.2
conductivity = 2.0
[initial]
temperature = "x"
[time]
method = "euler"
end = 0.02
[output]
every = 0.01
fields = ["temperature", "flux"]
[[probe]]
name = "A"
at = [0.2, 0.4]
[[probe]]
name = "B"
at = [0.8, 0.4]
EOF
expect_exit 0 mpi 2 run plate.toml checkpoint.every_steps=7 -o plate --quiet
expect_exit 0 calor run plate.toml 'initial.temperature="1 - x"' title=other -o other --quiet
expect_exit 0 calor run plate.toml grid.nx=11 -o finer --quiet

# Outlines come from the case in the snapshot, wherever it lies; --no-outlines leaves them out, as does a case without regions.
cp plate/snapshots/snapshot_*0.nc first.nc
expect_exit 0 calor plot first.nc -o with.svg
expect_exit 0 calor plot first.nc --no-outlines -o without.svg
expect_other with.svg without.svg
expect_exit 0 mpi 3 plot first.nc -o again.svg
expect_same with.svg again.svg
checkpoints=(plate/checkpoints/checkpoint_*.h5) # which know no case; the one beside them does
expect_exit 0 calor plot "${checkpoints[0]}" -o checkpoint.svg
expect_exit 0 calor plot "${checkpoints[0]}" --no-outlines -o bare.svg
expect_other checkpoint.svg bare.svg

# A series has the scale of all: that of the first, which spans most.
expect_exit 0 calor plot plate --all -o 'frame_%02d.png'
for n in 00 01 02; do expect_file "frame_$n.png"; done
expect_none frame_03.png
last=plate/$(json plate/summary.json final_snapshot)
expect_exit 0 calor plot "$last" --min 0.0625 --max 0.9375 -o scaled.png
expect_same frame_02.png scaled.png
expect_exit 0 calor plot plate -o own.png
expect_other own.png frame_02.png
expect_exit 0 mpi 2 plot first.nc "$last" -o 'two_%d.png'
expect_same two_0.png frame_00.png
expect_same two_1.png frame_02.png
expect_exit 64 calor plot plate --all -o all.png
expect_words "$err" "out_%03d.png"
expect_none all.png
expect_exit 64 calor plot first.nc --all -o 'a_%d.png'

# Differences. A field less itself is nothing; on another grid there is none.
expect_exit 0 calor plot plate --minus other -o minus.svg
expect_exit 0 calor plot other --minus plate -o sunim.svg
expect_other minus.svg sunim.svg
expect_exit 0 calor plot plate --minus plate -o nothing.svg
expect_exit 0 calor run plate.toml 'output.temperature_unit="degC"' -o celsius --quiet
expect_exit 64 calor plot plate --minus celsius -o none.png
expect_exit 64 calor plot plate --minus finer -o none.png
expect_words "$err" "another grid"
expect_none none.png
# Fluxes of both signs diverge by themselves, others when told.
expect_exit 0 calor plot other --field flux_y -o flux.svg
expect_exit 0 calor plot other --field flux_y --diverging -o told.svg
expect_same flux.svg told.svg
expect_exit 0 calor plot other --diverging -o signed.svg
expect_exit 0 calor plot other -o plain.svg
expect_other signed.svg plain.svg

# Along a line: one, several runs, several times.
expect_exit 0 calor plot plate --line 0,0.4,1,0.4 -o line.svg
expect_exit 0 calor plot plate --line ' 0.0, 0.4, 1.0, 0.4' -o blanks.svg
expect_same line.svg blanks.svg
expect_exit 0 calor plot plate other finer --line 0,0.4,1,0.4 -o lines.svg
expect_other line.svg lines.svg
expect_exit 0 mpi 2 plot plate --all --line 0,0.4,1,0.4 -o times.svg
expect_other times.svg lines.svg
for line in 0,0.4,1 0,0.4,1,b 0,0.4,0,0.4 0,0.4,1,0.4,5 nan,0,1,1; do
  expect_exit 64 calor plot plate --line "$line" -o none.png
  expect_words "$err" "x0,y0,x1,y1"
done
expect_exit 64 calor plot plate --line 0,0.4,1.2,0.4 -o none.png
expect_words "$err" "outside the domain"
expect_exit 64 calor plot plate --line 0,0.4,1,0.4 --min 3 -o none.png
expect_none none.png

# As numbers: a field that is linear comes out as it is, up to the walls.
cat >linear.toml <<'EOF'
[grid]
ny = 6
x = { at = [0.0, 0.3, 1.0], cells = [9, 11], ratio = [1.0, 4.0] }
y = [0.0, 0.5]
[material]
conductivity = 1.0
[boundary]
left = { type = "temperature", value = 10.0 }
right = { type = "temperature", value = 30.0 }
[time]
method = "steady"
[solver]
tolerance = 1e-13
EOF
expect_exit 0 calor run linear.toml -o linear --quiet
expect_exit 0 calor plot linear --line 0,0.5,1,0.1 -o line.csv
expect_exit 0 mpi 2 plot linear --line 0,0.5,1,0.1 -o line_2.csv
expect_same line.csv line_2.csv
checks=$((checks + 1))
awk -F, 'NR == 1 { ok = $0 == "distance,x,y,temperature" }
         NR > 1 { ++n; e = $4 - 10 - 20 * $2; if (e * e > 1e-18 || NF != 4) ok = 0 }
         END { exit !(ok && n > 500) }' line.csv || fail "a linear field is not linear along a line"
# On coarse cells a wall has its own temperature, not what a straight line from the cells makes of it: as probes there.
cat >coarse.toml <<'EOF'
[grid]
nx = 6
ny = 4
x = [0.0, 0.3]
y = [0.0, 0.2]
[material]
conductivity = 50.0
density = 7850.0
specific_heat = 460.0
[initial]
temperature = 20.0
[boundary]
left = { type = "temperature", value = 100.0 }
right = { type = "convection", film = 2750.0, ambient = 0.0 }
top = { type = "flux", inward = "1e4*t" }
[[region]]
name = "hole"
shape = "circle"
center = [0.15, 0.1]
radius = 0.04
void = true
wall = { type = "temperature", value = 55.0 }
[time]
end = 100.0
[[probe]]
name = "left"
at = [0.0, 0.15]
[[probe]]
name = "near_left"
at = [0.009, 0.15]
[[probe]]
name = "right"
at = [0.3, 0.15]
[[probe]]
name = "near_hole"
at = [0.109, 0.1]
EOF
expect_exit 0 calor run coarse.toml checkpoint.every_steps=10 -o coarse --quiet
expect_exit 0 calor plot coarse --line 0,0.15,0.3,0.15 -o coarse.csv
checks=$((checks + 1))
[[ $(awk -F, 'NR == 2 || NR == 32 || NR == 1002 { printf "%s%.9g", s, $4; s = "," }' coarse.csv) == $(tail -n 1 coarse/probes.csv | awk -F, '{ printf "%.9g,%.9g,%.9g", $2, $3, $4 }') ]] ||
  fail "a line and the probes on it differ"
# Also when the run has gone on, with another case.toml beside it; not where the case is not to be had.
first=$(ls coarse/snapshots/snapshot_*.nc | tail -n 1)
expect_exit 0 calor run coarse.toml checkpoint.every_steps=10 time.end=200 -o coarse --resume --quiet
expect_exit 0 calor plot "$first" --line 0,0.15,0.3,0.15 -o later.csv
expect_same coarse.csv later.csv
expect_exit 0 calor plot coarse --line 0.1,0.1,0.11,0.1 -o hole.csv
checks=$((checks + 1))
[[ $(awk -F, 'NR == 902 { printf "%.9g", $4 }' hole.csv) == $(tail -n 1 coarse/probes.csv | awk -F, '{ printf "%.9g", $5 }') ]] ||
  fail "a line and a probe near a hole differ"
expect_exit 64 calor plot linear -o line.csv # a map has no such form
expect_same line.csv line_2.csv

# All probes of a run, one of several runs, several columns.
expect_exit 0 calor plot plate/probes.csv -o probes.svg
expect_exit 0 calor plot plate/probes.csv --x time --y A --y B -o both.svg
expect_same probes.svg both.svg
expect_exit 0 calor plot plate/probes.csv --y A -o one.svg
expect_other one.svg both.svg
expect_exit 0 mpi 2 plot plate/probes.csv other/probes.csv --y B -o runs.svg
expect_exit 0 calor plot plate/history.csv --y min --y max -o range.svg
expect_other runs.svg range.svg
expect_exit 64 calor plot plate/history.csv --y min --y heat_content -o none.png
expect_words "$err" "one picture"
expect_exit 64 calor plot plate/probes.csv plate -o none.png
expect_exit 64 calor plot plate/probes.csv --no-outlines -o none.png
expect_words "$err" "--no-outlines"
expect_exit 64 calor plot plate --y A -o none.png
expect_words "$err" "--y"
expect_none none.png

# Holes are white, and gaps of a line.
sed 's/^conductivity = 2.0$/void = true/' plate.toml >hole.toml
expect_exit 0 calor run hole.toml 'output.fields=["temperature"]' -o hole --quiet --fresh
expect_exit 0 calor plot hole -o hole.svg
expect_exit 0 calor plot hole --no-outlines -o hole_alone.svg
expect_exit 0 calor plot hole --line 0,0.4,1,0.4 -o gap.svg
expect_other gap.svg line.svg
expect_exit 0 calor plot hole --line 0,0.4,1,0.4 -o gap.csv
checks=$((checks + 1))
awk -F, 'NR > 1 { inside = $2 > 0.4 + 1e-9 && $2 < 0.8 - 1e-9; outside = $2 < 0.4 - 1e-9 || $2 > 0.8 + 1e-9
                  if ((inside && $4 != "") || (outside && $4 == "")) bad = 1; n += inside }
         END { exit !(!bad && n > 100) }' gap.csv || fail "the hole is no gap, or a gap is no hole"

finish
