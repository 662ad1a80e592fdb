#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Contacts, plates, thermal bridges from the command line: the same bits on 1, 2, 3, 4, 7 ranks and after a restart, in sweeps,
# and what is refused.
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
LIMIT=120

# on_ranks NAME ARGS...: the same bits, and probes, on other numbers of ranks.
on_ranks() {
  local name=$1 n
  shift
  expect_exit 0 calor run "$@" -o "$name-1" --quiet
  in_turn 2 2 3 4 7
  for n in "${now[@]}"; do
    expect_exit 0 mpi "$n" run "$@" -o "$name-$n" --quiet
    expect_exit 0 calor compare "$name-1" "$name-$n"
    expect_words "$out" identical
    expect_same "$name-1/probes.csv" "$name-$n/probes.csv"
  done
}
on_ranks ring contact_ring grid.nx=42 grid.ny=42
on_ranks slabs two_slabs grid.nx=19 time.method=tr-bdf2 time.end=20000 material.density=1000 material.specific_heat=500 \
  initial.temperature=20
on_ranks fin fin time.method=exponential time.end=300 output.every=100
on_ranks fin_euler fin time.method=euler time.end=3 checkpoint.every_steps=50 checkpoint.keep=9
expect_words ring-1/probes.csv "joint.outer,joint.inner"
expect_words slabs-1/probes.csv "joint.material,joint.right"

# From a checkpoint in the middle, on another number of ranks.
first=$(basename "$(find fin_euler-1/checkpoints -name '*.h5' | sort | head -n 1)")
expect_exit 0 mpi 3 run fin time.method=euler time.end=3 checkpoint.every_steps=50 checkpoint.keep=9 \
  --restart "fin_euler-1/checkpoints/$first" -o again --quiet
expect_exit 0 calor compare fin_euler-1 again
[[ $(json fin_euler-1/summary.json heat plate) == $(json again/summary.json heat plate) ]] || fail "heat of the plate after a restart"

# A sweep has a column for each side of a joint, for the plate, and for what a thermal bridge tells.
cat >vary.toml <<'EOT'
[sweep.vary]
"contact.0.resistance" = [0.001, 0.13]
EOT
expect_exit 0 calor sweep wall_corner vary.toml grid.nx=26 grid.ny=26 -o sweep --quiet
for column in corner.material corner.room thermal_bridge.L2D thermal_bridge.psi thermal_bridge.fRsi; do
  expect_words sweep/sweep.csv "$column"
done
cat >films.toml <<'EOT'
[sweep.vary]
"plate.film" = [5.0, 10.0]
EOT
expect_exit 0 calor sweep fin films.toml -o films --quiet
expect_words films/sweep.csv plate.heat
expect_exit 0 calor sweep fin films.toml sweep.directories=all -o films_dirs --quiet
expect_same <(settled films/sweep.csv) <(settled films_dirs/sweep.csv)

# What a run keeps runs again to the same bits.
for name in ring-1 fin-1; do
  expect_exit 0 calor run "$name/case.toml" -o "again-$name" --quiet
  expect_exit 0 calor compare "$name" "again-$name"
done

# refused WORDS ARGS...
refused() {
  local words=$1
  shift
  expect_exit 78 calor run "$@" -o refused --quiet
  expect_words "$err" "$words"
}
refused 'did you mean "right"' two_slabs 'contact.0.between=["material","rihgt"]'
refused 'must be two different ones' two_slabs 'contact.0.between=["right","right"]'
refused 'must be > 0' two_slabs contact.0.resistance=0
refused 'resistances in series' two_slabs material.face_mean=arithmetic
refused 'plate.thickness: missing' poisson 'plate.film=10.0' 'plate.ambient=0.0'
refused 'below absolute zero' fin plate.ambient=-300
refused 'depends on T' fin 'plate.film=10+T' time.method=exponential time.end=10
refused 'changes with time' fin 'plate.ambient=20+t' time.method=exponential time.end=10
refused 'has no place in a thermal bridge' wall_corner boundary.top.ambient=5.0
refused 'is the ambient of no wall' wall_corner thermal_bridge.inside=21.0
refused 'must be another temperature' wall_corner thermal_bridge.outside=20.0
refused 'time.method = "steady"' wall_corner time.method=euler time.end=1.0
refused 'what passes it comes from inside alone' wall_corner region.room.power=1.0
expect_none refused

# A contact that meets nothing is told.
expect_exit 0 calor run two_slabs 'region.right.x=[0.1,0.2]' region.right.y='[2.0,3.0]' -o nothing --quiet
expect_words nothing/summary.json "they touch nowhere"
finish
