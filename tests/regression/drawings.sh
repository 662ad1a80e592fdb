#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Regions whose outlines are layers of DXF drawings: the same bits as polygons of the same corners, areas of arcs, several
# outlines, holes; the same on any ranks; the drawing goes with the run's directory; what is wrong with one.
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# outline LAYER X,Y[,BULGE] ...: a closed polyline
outline() {
  local layer=$1 corner
  shift
  printf '0\nLWPOLYLINE\n8\n%s\n90\n%d\n70\n1\n' "$layer" $#
  for corner in "$@"; do
    IFS=, read -r x y bulge <<<"$corner"
    printf '10\n%s\n20\n%s\n42\n%s\n' "$x" "$y" "${bulge:-0}"
  done
}
draw() { # entities on standard input; in mm
  # shellcheck disable=SC2016 # a name with a dollar
  printf '0\nSECTION\n2\nHEADER\n9\n$INSUNITS\n70\n4\n0\nENDSEC\n0\nSECTION\n2\nENTITIES\n'
  cat
  printf '0\nENDSEC\n0\nEOF\n'
}
{
  outline angle 13,21 137,21 137,44 52,44 52,163 13,163
  outline frame 20,20 180,20 180,180 20,180
  outline frame 60,60 140,60 140,140 60,140
  outline round 60,100,1 140,100,1
  outline bite 20,20 80,20,-1 120,20 180,20 180,180 20,180
} | draw >parts.dxf

cat >plate.toml <<'EOF'
[grid]
nx = 40
ny = 40
x = [0.0, 0.2]
y = [0.0, 0.2]
[material]
conductivity = 1.0
density = 2000.0
specific_heat = 900.0
[initial]
temperature = 20.0
[boundary]
left = { type = "temperature", value = 100.0 }
right = { type = "convection", film = 10.0, ambient = 0.0 }
[time]
method = "tr-bdf2"
end = 3000.0
[checkpoint]
every_steps = 2
keep = 100
EOF
cat >drawn.toml <<'EOF'
[[region]]
name = "part"
shape = "dxf"
file = "parts.dxf"
layer = "angle"
conductivity = 60.0
power = 1e4
EOF
cat >polygon.toml <<'EOF'
[[region]]
name = "part"
shape = "polygon"
points = [[0.013, 0.021], [0.137, 0.021], [0.137, 0.044], [0.052, 0.044], [0.052, 0.163], [0.013, 0.163]]
conductivity = 60.0
power = 1e4
EOF
near() { # WHAT GOT WANTED
  checks=$((checks + 1))
  awk -v got="$2" -v want="$3" 'BEGIN { d = got / want - 1; exit !(got != "" && d < 1e-9 && d > -1e-9) }' || fail "$1: $2 for $3"
}

expect_exit 0 calor run plate.toml polygon.toml -o polygon --quiet
for ranks in 1 2 3; do
  expect_exit 0 mpi "$ranks" run plate.toml drawn.toml -o "angle.$ranks" --quiet
  expect_same polygon/regions.csv "angle.$ranks/regions.csv"
  expect_exit 0 calor compare polygon "angle.$ranks"
  expect_words "$out" identical
done
checkpoint=$(find angle.1 -name 'checkpoint_*.h5' | sort | head -n 1)
expect_exit 0 mpi 2 run plate.toml drawn.toml --restart "$checkpoint" -o again --quiet
expect_exit 0 calor compare angle.1 again
expect_words "$out" identical

for layer in frame bite round; do
  for ranks in 1 3; do
    expect_exit 0 mpi "$ranks" run plate.toml drawn.toml "region.part.layer=$layer" -o "$layer.$ranks" --quiet
  done
  expect_same "$layer.1/regions.csv" "$layer.3/regions.csv"
done
near "a frame's area" "$(json frame.1/summary.json regions part area)" 0.0192
near "its power" "$(json frame.1/summary.json regions part power_now)" 192
near "a disc's area" "$(json round.1/summary.json regions part area)" 0.005026548245743669
near "a bitten plate's area" "$(json bite.1/summary.json regions part area)" 0.02497168146928204
# As a hole with a wall, all around and inside.
cat >hole.toml <<'EOF'
[[region]]
name = "part"
shape = "dxf"
file = "parts.dxf"
layer = "frame"
void = true
wall = { type = "temperature", value = 0.0 }
EOF
for ranks in 1 3; do expect_exit 0 mpi "$ranks" run plate.toml hole.toml -o "hole.$ranks" --quiet; done
expect_same hole.1/regions.csv hole.3/regions.csv

# The drawing goes with the directory, which can be moved and run again.
expect_words angle.1/case.toml 'file = "inputs/parts-'
mkdir elsewhere
mv angle.1 elsewhere/moved
expect_exit 0 calor run elsewhere/moved/case.toml -o anew --quiet
expect_exit 0 calor compare elsewhere/moved anew
expect_words "$out" identical
expect_exit 0 calor estimate plate.toml drawn.toml
sed 's/^137$/138/' parts.dxf >other.dxf
expect_exit 65 calor run plate.toml drawn.toml region.part.file=other.dxf -o again --resume

refused() { # CODE WORDS KEY=VALUE ...
  local code=$1 words=$2
  shift 2
  expect_exit "$code" mpi 2 run plate.toml drawn.toml -o refused "$@"
  expect_words "$err" "$words"
  expect_none refused
}
refused 66 none.dxf region.part.file=none.dxf
refused 78 "there is: angle, frame, round, bite" region.part.layer=glass
refused 78 "is no DXF drawing" region.part.file=plate.toml
grep -v INSUNITS parts.dxf | sed '5,7d' >unitless.dxf
refused 78 "region.part.scale" region.part.file=unitless.dxf
finish
