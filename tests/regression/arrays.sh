#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Regions that take their properties from arrays in HDF5 files: power, mass and heat content of what the pixels say,
# layers exactly, an array of a number a cell as the expression of the same numbers; the same bits on any ranks, by any
# method and from any checkpoint; what becomes of the file. Skipped without python3-h5py.
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
LIMIT=120

python=
for candidate in "$(command -v python3 || true)" /usr/bin/python3; do # of several, one that has what is needed
  if [[ -z $python && -n $candidate ]] && "$candidate" -c 'import h5py, numpy' 2>/dev/null; then python=$candidate; fi
done
if [[ -z $python ]]; then
  echo "skipped: no python3 with h5py (Debian: python3-h5py)"
  exit 0
fi

cat >files.py <<'EOF'
import h5py, numpy as np
r = np.random.default_rng(5)
shape = (9, 13)
with h5py.File("maps.h5", "w") as f:
    f.create_dataset("k", data=r.uniform(0.5, 40.0, shape).astype("f4"), chunks=(4, 5), compression="gzip", shuffle=True)
    f.create_dataset("rho", data=r.uniform(500.0, 3000.0, shape).astype(">f8"))
    f.create_dataset("c", data=r.integers(300, 2000, shape).astype(">i2"))
    f.create_dataset("start/T", data=r.uniform(-20.0, 90.0, (1,) + shape))
    f.create_dataset("q", data=r.uniform(-1e4, 5e4, shape))
    f.create_dataset("gap", data=np.where(np.arange(9 * 13).reshape(shape) == 40, np.nan, 1.0))
    f.create_dataset("negative", data=-np.ones(shape))
    f.create_dataset("cube", data=np.ones((2, 9, 13)))
layers = r.uniform(0.05, 50.0, 7)
layers[3] = 1e-3
with h5py.File("layers.h5", "w") as f:
    f["along_x"] = layers.reshape(1, 7)
    f["along_y"] = layers.reshape(7, 1)
np.save("layers.npy", layers)
# A number a cell of 24 x 20 cells, as the expressions of cells.toml make it.
x = (np.arange(24) + 0.5) * (1.2 / 24)
y = (np.arange(20) + 0.5) * (1.0 / 20)
with h5py.File("cells.h5", "w") as f:
    f["k"] = np.add.outer(2.0 * y, 1.0 + 3.0 * x)
    f["q"] = np.add.outer(0.0 * y, 1000.0 * x)
EOF
"$python" files.py

cat >plate.toml <<'EOF'
[grid]
nx = 24
ny = 20
x = [0.0, 1.2]
y = [0.0, 1.0]
[material]
conductivity = 2.0
density = 1000.0
specific_heat = 800.0
[initial]
temperature = 20.0
[boundary]
left = { type = "temperature", value = 20.0 }
right = { type = "convection", film = 50.0, ambient = 10.0 }
[[probe]]
name = "p"
at = [0.71, 0.43]
[time]
end = 60.0
[checkpoint]
every_steps = 1
keep = 1000
EOF
cat >map.toml <<'EOF'
[[region]]
name = "map"
shape = "hdf5"
file = "maps.h5"
x = [0.13, 1.31]
y = [-0.2, 0.83]
conductivity = "k"
density = "rho"
specific_heat = "c"
temperature = "start/T"
power = "q"
EOF

# What the pixels say: power, heat content at the start and area of the region, by cutting pixels, not cells.
cat >pixels.py <<'EOF'
import h5py, json, math, sys, numpy as np
d, kind = sys.argv[1], sys.argv[2]
s = json.load(open(d + "/summary.json"))
with h5py.File("maps.h5") as f:
    rho, c, T, q = (np.array(f[n], "f8").reshape(9, 13) for n in ("rho", "c", "start/T", "q"))
px, py = np.linspace(0.13, 1.31, 14), np.linspace(-0.2, 0.83, 10)
cx, cy = np.clip(px, 0.0, 1.2), np.clip(py, 0.0, 1.0)
across = np.diff(cx) if kind != "rings" else math.pi * np.diff(cx**2)
size = np.outer(np.diff(cy), across)
whole = 1.2 if kind != "rings" else math.pi * 1.2**2
def near(what, got, want, limit=1e-12):
    if not abs(got - want) <= limit * abs(want):
        sys.exit(f"{d}: {what} is {got!r} for {want!r}, off by {got / want - 1:.2e}")
if kind == "centre":  # whole cells, by their centres: each the mean over what of it is covered
    total = 0.0
    for j in range(20):
        for i in range(24):
            x0, x1, y0, y1 = i * 0.05, (i + 1) * 0.05, j * 0.05, (j + 1) * 0.05
            if not (0.13 <= (x0 + x1) / 2 < 1.31 and -0.2 <= (y0 + y1) / 2 < 0.83):
                continue
            w = np.outer(np.clip(np.minimum(py[1:], y1) - np.maximum(py[:-1], y0), 0, None),
                         np.clip(np.minimum(px[1:], x1) - np.maximum(px[:-1], x0), 0, None))
            total += (w * q).sum() / w.sum() * 0.05 * 0.05
    near("power", s["regions"]["map"]["power_now"], total, 1e-11)
    sys.exit()
near("area", s["regions"]["map"]["area"], np.outer(np.diff(cy), np.diff(cx)).sum())  # in the plane
near("power", s["regions"]["map"]["power_now"], (q * size).sum(), 1e-11)
near("heat at the start", s["heat"]["initial"],
     (rho * c * T * size).sum() + 1000.0 * 800.0 * 20.0 * (whole - size.sum()), 1e-11)
scale = abs(s["heat"]["final"]) + abs(s["heat"]["source"])
if not abs(s["heat"]["residual"]) <= 1e-9 * scale:
    sys.exit(f"{d}: the balance is off by {s['heat']['residual']}")
EOF
pixels() { expect_exit 0 "$python" pixels.py "$@"; }

run() { calor run plate.toml map.toml "$@" --quiet; }
run_on() { # RANKS ...
  local ranks=$1
  shift
  mpi "$ranks" run plate.toml map.toml "$@" --quiet
}
same_fields() { # A B
  expect_exit 0 calor compare "$1" "$2"
  expect_words "$out" identical
}

for method in euler rkl2 backward-euler crank-nicolson bdf2 tr-bdf2 exponential steady; do
  expect_exit 0 run "time.method=$method" -o "$method"
  [[ $method == steady ]] || pixels "$method" plane
  in_turn 1 2 3
  for ranks in "${now[@]}"; do
    expect_exit 0 run_on "$ranks" "time.method=$method" -o "$method.$ranks"
    for table in history.csv regions.csv probes.csv; do
      expect_same "$method/$table" "$method.$ranks/$table"
    done
    same_fields "$method" "$method.$ranks"
  done
  checkpoint=$(find "$method" -name 'checkpoint_*.h5' | sort | head -n 1)
  if [[ -n $checkpoint ]]; then
    expect_exit 0 run_on 3 "time.method=$method" --restart "$checkpoint" -o again --fresh
    same_fields "$method" again
  elif [[ $method != steady ]]; then
    fail "$method left no checkpoint"
  fi
done

# Cells larger and smaller than pixels, unequal ones, rings; whole cells by their centres.
expect_exit 0 run time.method=tr-bdf2 grid.nx=5 grid.ny=3 -o coarse
pixels coarse plane
expect_exit 0 run time.method=tr-bdf2 grid.nx=150 grid.ny=70 time.end=1.0 -o fine
pixels fine plane
cat >graded.toml <<'EOF'
[grid]
x = { at = [0.0, 0.5, 1.2], cells = [9, 20], ratio = [3.0, 0.2] }
EOF
expect_exit 0 run_on 2 graded.toml time.method=tr-bdf2 -o graded
pixels graded plane
expect_exit 0 run_on 2 time.method=tr-bdf2 grid.coordinates=axisymmetric 'boundary.left={ type = "insulated" }' -o rings
pixels rings rings
expect_exit 0 run time.method=tr-bdf2 grid.coverage=centre -o centre
pixels centre centre

# Layers across the heat's way and along it, wherever their edges lie: exactly.
cat >layers.toml <<'EOF'
[grid]
nx = 20
ny = 3
x = [0.0, 0.7]
y = [0.0, 0.3]
[material]
conductivity = 1.0
[[region]]
name = "layers"
shape = "hdf5"
file = "layers.h5"
x = [0.0, 0.7]
y = [0.0, 0.3]
conductivity = "along_x"
[boundary]
left = { type = "temperature", value = 100.0 }
right = { type = "temperature", value = 0.0 }
[time]
method = "steady"
[solver]
tolerance = 1e-13
EOF
expect_exit 0 calor run layers.toml -o series --quiet
expect_exit 0 calor run layers.toml region.layers.conductivity=along_y grid.ny=5 -o beside --quiet
cat >through.py <<'EOF'
import json, sys, numpy as np
k = np.load("layers.npy")
for name, want in ("series", 100.0 * 0.3 / (0.1 / k).sum()), ("beside", 100.0 / 0.7 * (k * 0.3 / 7).sum()):
    got = json.load(open(name + "/summary.json"))["heat"]["sides"]["left"]
    if not abs(got / want - 1) < 1e-9:
        sys.exit(f"{name}: {got} for {want}")
EOF
expect_exit 0 "$python" through.py

# A number a cell is what the expression of the same numbers is, to the last bit.
cat >cells.toml <<'EOF'
[[region]]
name = "map"
shape = "rectangle"
x = [0.0, 1.2]
y = [0.0, 1.0]
conductivity = "2.0*y + (1.0 + 3.0*x)"
power = "0.0*y + 1000.0*x"
EOF
cat >arrays.toml <<'EOF'
[[region]]
name = "map"
shape = "hdf5"
file = "cells.h5"
x = [0.0, 1.2]
y = [0.0, 1.0]
conductivity = "k"
power = "q"
EOF
for method in euler bdf2; do
  expect_exit 0 calor run plate.toml cells.toml "time.method=$method" -o "cells.$method" --quiet
  expect_exit 0 calor run plate.toml arrays.toml "time.method=$method" -o "arrays.$method" --quiet
  same_fields "cells.$method" "arrays.$method"
done

# What lies on top wins, each property by itself; a hole. Lists of regions replace each other: one file has them all.
cat >top.toml <<'EOF'
[[region]]
name = "bar"
shape = "rectangle"
x = [0.3, 0.52]
y = [0.1, 0.5]
conductivity = 100.0
power = 0.0
[[region]]
name = "pipe"
shape = "circle"
center = [0.95, 0.35]
radius = 0.13
void = true
wall = { type = "temperature", value = 60.0 }
EOF
cat plate.toml map.toml top.toml >topped.toml
for ranks in 1 2 3; do
  expect_exit 0 mpi "$ranks" run topped.toml time.method=tr-bdf2 -o "topped.$ranks" --quiet
  expect_same topped.1/regions.csv "topped.$ranks/regions.csv"
  same_fields topped.1 "topped.$ranks"
done
checks=$((checks + 1))
[[ $(json topped.1/summary.json regions bar power) == 0* ]] || fail "power on top of an array"

# The file stays where it is, by path and hash; the resolved case is the same one, from anywhere.
expect_none bdf2/inputs
expect_words bdf2/case.toml "file = \"$work/maps.h5\""
hash=$(sed -n 's/^hash = "\([0-9a-f]*\)"$/\1/p' bdf2/case.toml)
checks=$((checks + 1))
[[ ${#hash} == 16 ]] || fail "no hash in bdf2/case.toml"
mkdir elsewhere
mv bdf2 elsewhere/moved
cd elsewhere
expect_exit 0 calor run moved/case.toml -o again --quiet
same_fields moved again
cd ..
expect_exit 0 calor estimate plate.toml map.toml
expect_exit 0 calor estimate plate.toml map.toml grid.nx=3000 grid.ny=3000

# A file that changed is another problem.
cp maps.h5 kept.h5
"$python" -c 'import h5py; h5py.File("maps.h5", "r+")["k"][3, 4] += 1.0'
expect_exit 65 calor run plate.toml map.toml time.method=euler -o euler --resume
expect_words "$err" hash
expect_exit 65 mpi 2 run euler/case.toml -o other
expect_words "$err" "has changed"
expect_none other
mv kept.h5 maps.h5
rm euler/summary.json
expect_exit 0 run time.method=euler -o euler --resume
same_fields euler euler.2

# A snapshot of calor's is an array as well, onto another grid; a damaged one is refused.
expect_exit 0 run time.method=steady grid.nx=48 grid.ny=40 -o finer
snapshot=$(find finer/snapshots -name '*.nc' | sort | tail -n 1)
cat >onto.toml <<'EOF'
[[region]]
name = "all"
shape = "hdf5"
x = [0.0, 1.2]
y = [0.0, 1.0]
temperature = "temperature"
EOF
expect_exit 0 mpi 2 run plate.toml onto.toml "region.all.file=$snapshot" time.end=1e-9 time.method=backward-euler --quiet -o onto
checks=$((checks + 1))
awk -v a="$(json finer/summary.json temperature mean)" -v b="$(json onto/summary.json temperature mean)" \
  'BEGIN { exit !(a != "" && b - a < 1e-6 && a - b < 1e-6) }' || fail "the mean of a snapshot"
cat >damage.py <<'EOF'
import sys
import h5py
with h5py.File(sys.argv[1]) as f:
    at = f["temperature"].id.get_offset() + 8 * 700
with open(sys.argv[1], "r+b") as f:
    f.seek(at)
    byte = f.read(1)[0]
    f.seek(at)
    f.write(bytes([byte ^ 4]))
EOF
expect_exit 0 "$python" damage.py "$snapshot"
expect_exit 65 mpi 2 run plate.toml onto.toml "region.all.file=$snapshot" -o refused
expect_words "$err" "is damaged: field 'temperature'"
expect_none refused

# What is wrong is told, once, with the place in the file.
refused() { # CODE WORDS KEY=VALUE ...
  local code=$1 words=$2
  shift 2
  expect_exit "$code" mpi 2 run plate.toml map.toml -o refused "$@"
  expect_words "$err" "$words"
  checks=$((checks + 1))
  [[ $(grep -cF -- "$words" "$err") == 1 ]] || fail "\"$words\" stands there several times"
  expect_none refused
}
refused 66 none.h5 region.map.file=none.h5
refused 78 "'kk' does not exist; there is: " region.map.conductivity=kk
refused 78 "maps.h5:gap[3,1] is nan" region.map.conductivity=gap
refused 78 "maps.h5:negative[0,0] is -1; all must be > 0" region.map.density=negative
refused 78 "shape (2, 9, 13)" region.map.power=cube
refused 78 "region.map.shape" region.map.void=true
expect_exit 78 mpi 2 run plate.toml map.toml -o refused region.map.file=plate.toml
expect_words "$err" plate.toml

# Sweeps vary files and datasets.
cat >double.py <<'EOF'
import h5py
with h5py.File("maps.h5") as f, h5py.File("double.h5", "w") as g:
    for name in "k", "rho", "c", "start/T":
        g[name] = f[name][()]
    g["q"] = 2.0 * f["q"][()]
EOF
"$python" double.py
cat >sweep.toml <<'EOF'
[sweep.vary]
"region.map.file" = ["maps.h5", "double.h5"]
"region.map.conductivity" = ["k", 3.0]
EOF
for ranks in 1 3; do
  expect_exit 0 mpi "$ranks" sweep plate.toml map.toml sweep.toml time.method=bdf2 -o "sweep.$ranks" --quiet
  settled "sweep.$ranks/sweep.csv" >"settled.$ranks"
done
expect_same settled.1 settled.3
expect_none sweep.1/inputs
cat >powers.py <<'EOF'
import csv
rows = list(csv.DictReader(open("sweep.1/sweep.csv")))
power = {(r["region.map.file"], r["region.map.conductivity"]): float(r["map.power"]) for r in rows}
assert len(power) == 4, power
for k in {key[1] for key in power}:
    one, two = power["maps.h5", k], power["double.h5", k]
    assert abs(two / one - 2) < 1e-12, power
EOF
expect_exit 0 "$python" powers.py

finish
