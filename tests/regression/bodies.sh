#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# What bodies beside holes are made of: conductivities and specific heats of T, what melts, contacts, a plate, rings around
# an axis, periodic sides. Exact solutions; a hole whose edge lies on faces of the grid is a side of the domain; the same
# bits on any layout and from any checkpoint with everything at once.
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
LIMIT=120

# near NAME VALUE RIGHT LIMIT: VALUE is RIGHT but for LIMIT of it.
near() {
  checks=$((checks + 1))
  awk -v v="$2" -v r="$3" -v l="$4" 'BEGIN { d = v - r; if (d < 0) d = -d; if (r < 0) r = -r; exit !(v != "" && d <= l * r) }' ||
    fail "$1: $2, not $3 within $4 of it"
}

# --- exact -------------------------------------------------------------------------------------------------------------
# ring R1 R2: a ring in a hole, 100 deg C at R1, 0 at R2.
ring() {
  cat <<CASE
[grid]
nx = 100
ny = 100
x = [-$2, $2]
y = [-$2, $2]
[material]
conductivity = 10.0
[[region]]
name = "outside"
shape = "rectangle"
x = [-9.0, 9.0]
y = [-9.0, 9.0]
void = true
wall = { type = "temperature", value = 0.0 }
[[region]]
name = "ring"
shape = "circle"
center = [0.0, 0.0]
radius = $2
void = false
CASE
}
inner() {
  cat <<CASE
[[region]]
name = "inner"
shape = "circle"
center = [0.0, 0.0]
radius = $1
void = true
wall = { type = "temperature", value = 100.0 }
[time]
method = "steady"
CASE
}
# 2 pi (integral of k dT) / ln(R2 / R1), k = 1 + T/50; half of it is passed at sqrt(R1 R2).
{ ring 0.4 1.0 && inner 0.4 && printf '[[probe]]\nname = "middle"\nat = [0.0, 0.63245553]\n'; } >ring_of_T.toml
expect_exit 0 calor run ring_of_T.toml 'material.conductivity="1 + 0.02*T"' -o ring_of_T --quiet
near "ring of k(T)" "$(json ring_of_T/summary.json heat walls inner)" 1371.4392 3e-4
near "ring of k(T), middle" "$(json ring_of_T/summary.json probes middle)" 61.803399 5e-4
# The same by a table, and with what conducts by its cell's temperature.
expect_exit 0 calor run ring_of_T.toml 'material.conductivity={ T = [0.0, 100.0], k = [1.0, 3.0] }' -o table --quiet
near "ring of a table" "$(json table/summary.json heat walls inner)" 1371.4392 3e-4
expect_exit 0 calor run ring_of_T.toml 'material.conductivity="1 + 0.02*T"' 'material.face_mean="harmonic"' -o harmonic --quiet
near "ring of harmonic means" "$(json harmonic/summary.json heat walls inner)" 1371.4392 0.02

# A contact R = 0.05 at r = 1.5 between radii 1 and 2, k = 10.
{
  ring 1.0 2.0
  printf '[[region]]\nname = "core"\nshape = "circle"\ncenter = [0.0, 0.0]\nradius = 1.5\nconductivity = 10.0\n'
  inner 1.0
  printf '[[contact]]\naround = "core"\nresistance = 0.05\n[[probe]]\nname = "joint"\nat = [0.0, 1.5]\n'
} >contact.toml
expect_exit 0 calor run contact.toml 'grid.x=[-2.04, 2.04]' 'grid.y=[-2.04, 2.04]' -o contact --quiet
near "ring with a contact" "$(json contact/summary.json heat walls inner)" 6121.0956 1e-3
near "joint, warm side" "$(json contact/summary.json probes joint.core)" 60.500 3e-3
near "joint, cold side" "$(json contact/summary.json probes joint.ring)" 28.026 6e-3

# An annular fin: 0.05 m thick, k = 2, film 1 on both faces, 100 at r = 0.3, insulated at 1; Bessel functions.
{
  ring 0.3 1.0 | sed -e '/^wall = /d' -e 's/conductivity = 10.0/conductivity = 2.0/'
  inner 0.3
  printf '[plate]\nthickness = 0.05\nfilm = 1.0\nambient = 0.0\n[[probe]]\nname = "p"\nat = [0.6, 0.0]\n'
} >fin.toml
expect_exit 0 calor run fin.toml -o fin --quiet
near "annular fin, W for its thickness" "$(json fin/summary.json heat walls inner)" 2232.3552 3e-3
near "annular fin, at 0.6" "$(json fin/summary.json probes p)" 19.730162 2e-3
checks=$((checks + 1))
awk -v a="$(json fin/summary.json heat plate)" -v b="$(json fin/summary.json heat walls inner)" \
  'BEGIN { exit !(a + b < 1e-8 * b && a + b > -1e-8 * b && b > 0) }' || fail "what enters the fin leaves through its faces"

# A hollow sphere, r z: 4 pi k dT / (1/r1 - 1/r2).
{ ring 1.0 2.0 && inner 1.0 && printf '[[probe]]\nname = "p"\nat = [0.0, 1.5]\n'; } | sed 's/conductivity = 10.0/conductivity = 1.0/' >sphere.toml
sphere() { calor run sphere.toml 'grid.coordinates="axisymmetric"' 'grid.x=[0.0, 2.05]' 'grid.y=[-2.05, 2.05]' "$@"; }
expect_exit 0 sphere grid.nx=40 grid.ny=80 -o sphere --quiet
near "hollow sphere" "$(json sphere/summary.json heat walls inner)" 2513.27412 3e-4
near "hollow sphere, on the axis" "$(json sphere/summary.json probes p)" 33.333333 2e-3
near "area of the section" "$(json sphere/summary.json regions ring area)" 4.71238898 1e-9
# Its content is that of the exact volume: all of it at one temperature.
expect_exit 0 sphere grid.nx=20 grid.ny=40 time.method=tr-bdf2 time.end=1e-6 material.density=3.0 material.specific_heat=5.0 \
  initial.temperature=7.0 'region.inner.wall={ type = "insulated" }' 'region.outside.wall={ type = "insulated" }' -o volume --quiet
near "volume of a hollow sphere" "$(json volume/summary.json heat initial)" "$(awk 'BEGIN { pi = atan2(0, -1); printf "%.12g", 3 * 5 * 7 * 4 / 3 * pi * 7 }')" 1e-9

# The corner of two walls, drawn as a body between two holes: L2D 3.5533, psi 0.2120, fRsi 0.6335.
cat >corner.toml <<'CASE'
[grid]
nx = 130
ny = 130
x = [0.0, 1.3]
y = [0.0, 1.3]
[material]
conductivity = 0.7
[[region]]
name = "room"
shape = "rectangle"
x = [0.3, 9.0]
y = [0.3, 9.0]
void = true
wall = { type = "convection", film = 7.6923076923, ambient = 20.0 }
[boundary]
left = { type = "convection", film = 25.0, ambient = 0.0 }
bottom = { type = "convection", film = 25.0, ambient = 0.0 }
[thermal_bridge]
inside = 20.0
outside = 0.0
parts = [{ U = 1.6706444, length = 2.0 }]
[time]
method = "steady"
CASE
expect_exit 0 calor run corner.toml -o corner --quiet
near "L2D of a corner" "$(json corner/summary.json thermal_bridge L2D)" 3.5533 3e-4
near "psi of a corner" "$(json corner/summary.json thermal_bridge psi)" 0.2120 5e-3
near "fRsi of a corner" "$(json corner/summary.json thermal_bridge fRsi)" 0.6335 3e-3
expect_exit 78 calor run corner.toml region.room.wall.ambient=19.0 -o refused
expect_words "$err" 'region.room.wall'

# --- a hole on faces is a side -----------------------------------------------------------------------------------------
# block GAP WALL: a block 0.2 m long whose left side is the domain's, or a hole before it GAP wide.
block() {
  printf '[grid]\nnx = %d\nny = 6\nx = [%s, 0.25]\ny = [0.0, 0.06]\n' "$((20 + $1))" "$(awk -v g="$1" 'BEGIN { print 0.05 - g / 100 }')"
  printf '[material]\nconductivity = 2.0\ndensity = 1000.0\nspecific_heat = 800.0\n'
  printf '[[region]]\nname = "layer"\nshape = "rectangle"\nx = [0.05, 0.052]\ny = [-1.0, 1.0]\nconductivity = 10.0\n'
  if (($1 > 0)); then
    printf '[[region]]\nname = "gap"\nshape = "rectangle"\nx = [-1.0, 0.05]\ny = [-1.0, 1.0]\nvoid = true\nwall = %s\n' "$2"
  else
    printf '[boundary]\nleft = %s\n' "$2"
  fi
  printf '[boundary.right]\ntype = "convection"\nfilm = 15.0\nambient = 5.0\n[initial]\ntemperature = 20.0\n'
  printf '[time]\nend = 300.0\n[output]\ntemperature_unit = "degC"\n[[probe]]\nname = "p"\nat = [0.083, 0.033]\n'
}
ice='material.specific_heat={ T = [-20.0, 0.0, 0.0, 20.0], c = [2100.0, 2100.0, 4200.0, 4200.0] }'
latent='material.phase_change=[{ from = 0.0, to = 0.0, latent_heat = 33360.0 }]'
of_T='material.conductivity={ T = [-20.0, 0.0, 0.0, 20.0, 100.0], k = [2.22, 2.22, 0.556, 0.6, 1.4] }'
contact='contact=[{ around = "layer", resistance = 0.01 }]'
plate='plate={ thickness = 0.002, film = "10 + 0.1*T", ambient = 15.0 }'
seam='boundary={ top = { type = "periodic" }, bottom = { type = "periodic" } }'
rings='grid.coordinates="axisymmetric"'
same_as_side() { # NAME WALL DT KEYS...
  local name=$1 wall=$2 dt=$3
  shift 3
  block 0 "$wall" >side.toml
  block 4 "$wall" >hole.toml
  local method
  for method in euler tr-bdf2 steady; do
    local when=("time.dt=$([[ $method == euler ]] && echo 1.0 || echo "$dt")")
    [[ $method == steady ]] && when=()
    expect_exit 0 calor run side.toml "time.method=$method" "${when[@]}" "$@" -o side --fresh --quiet
    expect_exit 0 calor run hole.toml "time.method=$method" "${when[@]}" "$@" -o hole --fresh --quiet
    near "$name, $method: heat" "$(json hole/summary.json heat walls gap)" "$(json side/summary.json heat sides left)" 1e-7
    near "$name, $method: probe" "$(json hole/summary.json probes p)" "$(json side/summary.json probes p)" 1e-7
    near "$name, $method: mean" "$(json hole/summary.json temperature mean)" "$(json side/summary.json temperature mean)" 1e-7
  done
}
warm='{ type = "temperature", value = "80 + 20*sin(t/60)" }'
fire='{ type = "convection", film = 30.0, ambient = 400.0, emissivity = 0.9 }'
cold='{ type = "convection", film = 200.0, ambient = -30.0 }'
same_as_side "k of T" "$fire" 10.0 "$of_T"
same_as_side "contact and k of T" "$warm" 10.0 "$contact" "$of_T"
same_as_side "what freezes" "$cold" 10.0 "$ice" "$latent" "$of_T" initial.temperature=2.0
same_as_side "a plate" "$fire" 10.0 "$plate" "$contact"
same_as_side "rings" "$fire" 10.0 "$rings" "$of_T" "$contact"
same_as_side "a seam" "$warm" 10.0 "$seam" "$contact"

# --- everything at once ------------------------------------------------------------------------------------------------
cat >all.toml <<'CASE'
[grid]
nx = 34
ny = 30
x = [0.02, 0.24]
y = [-0.11, 0.11]
[material]
conductivity = "1.5 + 0.01*T"
density = 1000.0
specific_heat = { T = [-20.0, 0.0, 20.0, 60.0], c = [2100.0, 2100.0, 4000.0, 4200.0] }
phase_change = [{ from = -0.5, to = 0.0, latent_heat = 30000.0 }]
[[region]]
name = "outside"
shape = "polygon"
points = [[0.02, -0.11], [0.24, -0.11], [0.24, 0.05], [0.18, 0.11], [0.02, 0.11]]
void = true
wall = { type = "convection", film = "40 + 5*sin(t/50)", ambient = -30.0, emissivity = 0.8 }
[[region]]
name = "body"
shape = "circle"
center = [0.13, 0.0]
radius = 0.1
void = false
[[region]]
name = "core"
shape = "polygon"
points = [[0.08, -0.02], [0.161, -0.03], [0.17, 0.06], [0.1, 0.05]]
conductivity = { T = [-30.0, 0.0, 0.0, 60.0], k = [3.0, 2.5, 0.6, 0.6] }
density = 900.0
specific_heat = 1500.0
phase_change = [{ from = 5.0, to = 5.0, latent_heat = 20000.0 }]
heat = "150*(1 + sin(t/40))"
[[region]]
name = "duct"
shape = "circle"
center = [0.15, 0.0]
radius = 0.033
void = true
wall = { type = "temperature", value = "-10 + 0.05*t" }
[[region]]
name = "slot"
shape = "polygon"
points = [[0.05, -0.01], [0.08, -0.05], [0.09, -0.04], [0.06, 0.0]]
void = true
[[contact]]
around = "core"
resistance = 0.005
[initial]
temperature = 12.0
[time]
end = 120.0
[output]
temperature_unit = "degC"
fields = ["temperature", "enthalpy", "liquid"]
times = [70.0]
[[probe]]
name = "wall"
at = [0.117, 0.0]
[[section]]
name = "cut"
from = [0.03, -0.1]
to = [0.22, 0.1]
[checkpoint]
every_steps = 20
keep = 1000
CASE
tables="history.csv regions.csv sections.csv probes.csv"
run_all() { # NAME METHOD KEYS...
  local name=$1 method=$2 ranks table checkpoint
  shift 2
  expect_exit 0 calor run all.toml "time.method=$method" "$@" -o "$name" --quiet
  checks=$((checks + 1))
  awk -v r="$(json "$name/summary.json" heat relative_residual)" 'BEGIN { exit !(r != "" && r < 1e-10) }' || fail "$name: the balance"
  in_turn 1 2 7 3
  for ranks in "${now[@]}"; do
    export OMP_NUM_THREADS=$((ranks == 2 ? 2 : 1))
    expect_exit 0 mpi "$ranks" run all.toml "time.method=$method" "$@" -o "$name.$ranks" --quiet
    export OMP_NUM_THREADS=1
    for table in $tables; do expect_same "$name/$table" "$name.$ranks/$table"; done
    expect_exit 0 calor compare "$name" "$name.$ranks"
    expect_words "$out" identical
  done
  checkpoint=$(find "$name/checkpoints" -name '*.h5' | sort | head -n 2 | tail -n 1)
  expect_exit 0 mpi 3 run all.toml "time.method=$method" "$@" --restart "$checkpoint" -o again --fresh --quiet
  for table in history regions sections; do
    checks=$((checks + 1))
    [[ $(tail -n 1 "$name/$table.csv") == "$(tail -n 1 "again/$table.csv")" ]] || fail "$name: $table from $checkpoint"
  done
}
for method in euler rkl2 bdf2 tr-bdf2; do run_all "$method" "$method" 'plate={ thickness = 0.05, film = "5 + 0.1*T", ambient = 20.0 }'; done
for method in rkl2 tr-bdf2; do run_all "rings.$method" "$method" "$rings"; done
# Two ways through time, one content.
near "rkl2 and tr-bdf2" "$(json rkl2/summary.json heat final)" "$(json tr-bdf2/summary.json heat final)" 1e-3
near "around an axis" "$(json rings.rkl2/summary.json heat final)" "$(json rings.tr-bdf2/summary.json heat final)" 1e-3
expect_exit 0 calor estimate all.toml

# Heat of place and time beside a hole and a plate that lose in proportion to the temperature.
{
  plate 40 40 0.0
  printf '[[region]]\nname = "hole"\nshape = "circle"\ncenter = [0.5, 0.5]\nradius = 0.2\nvoid = true\n'
  printf 'wall = { type = "temperature", value = 5.0 }\n[time]\nend = 0.05\n'
} >heated.toml
for with in 'title="a hole"' 'plate={ thickness = 0.1, film = 1.0, ambient = 3.0 }'; do
  for power in '10*x' '10*(1 + t)' '10*x*(1 + t)' '10 - T'; do
    for method in euler rkl2; do
      expect_exit 0 calor run heated.toml "$with" "source.power=\"$power\"" "time.method=$method" -o "$method" --fresh --quiet
      checks=$((checks + 1))
      awk -v r="$(json "$method/summary.json" heat relative_residual)" 'BEGIN { exit !(r != "" && r < 1e-12 && r > -1e-12) }' ||
        fail "$power with $with, $method: the balance"
    done
    near "$power with $with" "$(json euler/summary.json temperature mean)" "$(json rkl2/summary.json temperature mean)" 2e-3
  done
done

# --- what cannot be ----------------------------------------------------------------------------------------------------
expect_exit 78 calor run all.toml 'contact=[{ around = "duct", resistance = 0.1 }]' -o refused
expect_words "$err" '"duct" is a hole'
expect_exit 78 calor run all.toml 'grid.coverage="centre"' -o refused
expect_exit 78 calor run contact.toml 'region.inner.wall={ type = "insulated" }' 'region.outside.wall={ type = "insulated" }' -o refused
expect_none refused
# What is symmetric stays so: a square duct whose edges cut cells, in the middle of a square.
cat >duct.toml <<'EOF'
[grid]
nx = 20
ny = 20
[material]
conductivity = 1.0
density = 1.0
specific_heat = 1.0
[[region]]
name = "duct"
shape = "rectangle"
x = [0.315, 0.685]
y = [0.315, 0.685]
void = true
wall = { type = "convection", film = 5.0, ambient = 100.0 }
[initial]
temperature = 0.0
[boundary]
left = { type = "temperature", value = 0.0 }
right = { type = "temperature", value = 0.0 }
bottom = { type = "temperature", value = 0.0 }
top = { type = "temperature", value = 0.0 }
[time]
end = 0.02
EOF
for method in rkl2 tr-bdf2; do
  expect_exit 0 calor run duct.toml "time.method=$method" time.tolerance=1e-5 solver.tolerance=1e-13 -o "duct.$method" --quiet
  for side in right bottom top; do
    near "the duct, $method, $side as left" "$(json "duct.$method/summary.json" heat sides $side)" "$(json "duct.$method/summary.json" heat sides left)" 1e-8
  done
done
# A probe on a hole's edge is its wall, beside a contact and a thin layer too; a section that nothing passes is refused.
cat >pipe.toml <<'EOT'
[grid]
nx = 20
ny = 20
x = [-0.4, 0.4]
y = [-0.4, 0.4]
[material]
conductivity = 2.0
[[region]]
name = "steel"
shape = "circle"
center = [0, 0]
radius = 0.2
conductivity = 20
[[region]]
name = "skin"
shape = "circle"
center = [0, 0]
radius = 0.105
conductivity = 0.01
[[region]]
name = "pipe"
shape = "circle"
center = [0, 0]
radius = 0.1
void = true
wall = { type = "temperature", value = 90 }
[[contact]]
around = "skin"
resistance = 0.01
[boundary]
left = { type = "temperature", value = 10.0 }
[time]
method = "steady"
[[probe]]
name = "wall"
at = [0.1, 0.0]
[[probe]]
name = "turned"
at = [0.07071067811865475, 0.07071067811865475]
EOT
for n in 1 3; do
  expect_exit 0 mpi "$n" run pipe.toml -o "pipe-$n" --quiet
  for probe in wall turned; do near "a probe on the pipe, $probe" "$(json "pipe-$n/summary.json" probes $probe)" 90 1e-12; done
done
expect_exit 78 calor run pipe.toml 'section=[{ name = "cut", from = [-0.02, -0.02], to = [-0.02, 0.02] }]' -o cut
expect_words "$err" "section cut: it passes no face between two cells"
# What fails in its first step has a summary.
expect_exit 76 calor run pipe.toml 'material.specific_heat=2000-3*T' material.density=1000 source.power=1e8 initial.temperature=300 -o hot --quiet
expect_words hot/summary.json '"status": "failed"'

finish
