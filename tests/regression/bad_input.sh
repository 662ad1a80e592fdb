#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Faults at start-up, seen from outside: the exit code tells them apart, the message names the place and stands on
# stderr once whatever the number of ranks, and nothing is left on the disk. One line a fault, in the table below.
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
LIMIT=120

mkdir cases rows
cat >cases/good.toml <<'EOF'
title = "small"
[grid]
nx = 12
ny = 8
x = [0.0, 1.2]
y = [0.0, 0.8]
[material]
conductivity = 2.0
density = 3.0
specific_heat = 4.0
[[region]]
name = "disc"
shape = "circle"
center = [0.6, 0.4]
radius = 0.2
conductivity = 20.0
[initial]
temperature = 20.0
[boundary]
left = { type = "temperature", value = 100.0 }
right = { type = "convection", film = 5.0, ambient = 20.0 }
[time]
method = "euler"
end = 0.01
[[probe]]
name = "middle"
at = [0.6, 0.4]
EOF
good="$work/cases/good.toml"
# variant NAME SED-SCRIPT: cases/NAME.toml, the good case edited; it must differ.
variant() {
  sed "$2" "$good" >"cases/$1.toml"
  ! cmp -s "$good" "cases/$1.toml" || fail "the edit for $1 changed nothing"
}

rows=0
# row RANKS CODE WORDS ARGS...: calor ARGS on RANKS ranks, in an empty directory, ends with CODE; stderr holds each
# of WORDS (parted by |), the first in one line only; and nothing was made.
row() {
  local ranks=$1 code=$2 words=$3 before=$failures word count
  shift 3
  rows=$((rows + 1))
  local place="$work/rows/$rows"
  mkdir "$place"
  cd "$place"
  if ((ranks == 1)); then expect_exit "$code" calor "$@"; else expect_exit "$code" mpi "$ranks" "$@"; fi
  cd "$work"
  if ((failures == before)); then
    checks=$((checks + 2))
    while IFS= read -r word; do
      grep -qF -- "$word" "$err" || fail "\"$word\" is not in the message of: $ranks ranks, $*"
    done < <(tr '|' '\n' <<<"$words")
    [[ -s $err ]] || fail "nothing on stderr: $ranks ranks, $*"
    count=$(grep -cF -- "${words%%|*}" "$err" || true)
    [[ -z $words ]] || ((count == 1)) || fail "\"${words%%|*}\" stands in $count lines instead of one: $ranks ranks, $*"
    [[ -z $(find "$place" -mindepth 1 -print -quit) ]] || fail "something was made: $(ls -A "$place"): $ranks ranks, $*"
    ((failures == before)) || show
  fi
}
# bad RANKS WORDS OVERRIDE...: the good case with these key=value is refused with 78.
bad() {
  local ranks=$1 words=$2
  shift 2
  row "$ranks" 78 "$words" run "$good" -o out "$@"
}

# The case itself is fine: else every refusal below would prove nothing.
expect_exit 0 calor run "$good" -o fine --quiet checkpoint.every_steps=1
expect_exit 0 mpi 2 run "$good" -o fine2 --quiet
for left in fine/summary.json fine2/summary.json; do expect_file "$left"; done

# Values, by key=value. The first words name the key, as the message must.
bad 1 "grid.nx|= 0" grid.nx=0
bad 2 "grid.nx|-5" grid.nx=-5
bad 1 "grid.nx|12.7" grid.nx=12.7
bad 1 "grid.nx|string" 'grid.nx="12"'
bad 1 "grid.nx|true" grid.nx=true
bad 1 "grid.nx" grid.nx=nan
bad 1 "grid.nx" grid.nx=4611686018427387904
bad 1 "grid.nx" grid.nx=99999999999999999999
bad 2 "grid.ny" grid.ny=0
bad 1 "grid.nx" grid.nx=2000000000
bad 1 "cells" grid.nx=1073741824 grid.ny=1073741824
bad 1 "grid.x" 'grid.x=[1.0, 0.0]'
bad 1 "grid.x" 'grid.x=[0.0, 0.0]'
bad 1 "grid.y" 'grid.y=[0.0]'
bad 1 "grid.y" 'grid.y=[0.0, inf]'
bad 3 "material.conductivity" material.conductivity=0.0
bad 1 "material.conductivity" material.conductivity=-1.0
bad 1 "material.conductivity" material.conductivity=nan
bad 1 "material.conductivity" material.conductivity=1e999
bad 1 "material.conductivity|foo" 'material.conductivity="1 + foo"'
bad 1 "material.conductivity" 'material.conductivity="1 +"'
bad 1 "material.conductivity" 'material.conductivity="x = 5"'
bad 1 "material.conductivity" 'material.conductivity={ T = [1.0, 0.0], k = [1.0, 2.0] }'
bad 1 "material.density" material.density=0.0
bad 2 "material.density" material.density=-3.0
bad 1 "material.specific_heat" material.specific_heat=inf
bad 1 "material.face_mean|harmonic" material.face_mean=geometric
bad 1 "initial.temperature" initial.temperature=nan
bad 1 "initial.temperature|t" 'initial.temperature="20 + t"'
bad 1 "boundary.left" 'boundary.left={ type = "hot" }'
bad 1 "boundary.bottom|value" 'boundary.bottom={ type = "temperature" }'
bad 1 "boundary.left|film" 'boundary.left={ type = "temperature", value = 1.0, film = 2.0 }'
bad 1 "boundary.right" 'boundary.right={ type = "convection", film = -1.0, ambient = 0.0 }'
bad 1 "boundary.top|emissivity" 'boundary.top={ type = "radiation", emissivity = 1.5, ambient = 300.0 }'
bad 2 "periodic" 'boundary.top={ type = "periodic" }'
bad 1 "overlap" 'boundary.top=[{ from = 0.0, to = 0.5, type = "insulated" }, { from = 0.4, to = 1.0, type = "insulated" }]'
bad 1 "source.power" source.power=nan
bad 1 "time.method|rkl3" time.method=rkl3
bad 2 "time.end" time.end=0.0
bad 1 "time.end" time.end=-1.0
bad 1 "time.dt" time.dt=-0.1
bad 2 "time.dt|stable" time.dt=1000.0 time.end=2000.0
bad 1 "time.steps" time.steps=0
bad 1 "solver.tolerance" solver.tolerance=0.0
bad 1 "solver.max_iterations" solver.max_iterations=0
bad 1 "output.every" output.every=0.0
bad 1 "output" output.every=0.001 output.every_steps=1
bad 1 "output.times" 'output.times=[0.5]'
bad 1 "output.fields" 'output.fields=["pressure"]'
bad 1 "checkpoint.every" checkpoint.every=10min0
bad 1 "checkpoint.keep" checkpoint.keep=0
bad 1 "parallel.halo_depth" parallel.halo_depth=0

# Unknown names, with the nearest known one.
bad 1 "grid.nz|did you mean" grid.nz=3
bad 2 "material.conductivty|did you mean|conductivity" material.conductivty=1.0
bad 1 "gird|did you mean|grid" gird.nx=3

# In the file: the line is named, and all mistakes are told in one go.
variant syntax 's/^nx = 12$/nx = = 12/'
row 1 78 "syntax.toml:3" run "$work/cases/syntax.toml" -o out
row 2 78 "syntax.toml:3" run "$work/cases/syntax.toml" -o out
variant duplicate 's/^nx = 12$/nx = 12\nnx = 13/'
row 1 78 "duplicate.toml:4" run "$work/cases/duplicate.toml" -o out
variant unknown 's/^nx = 12$/nx = 12\nnxx = 13/'
row 1 78 "unknown.toml:4|nxx" run "$work/cases/unknown.toml" -o out
variant several 's/^nx = 12$/nx = 0/; s/^density = 3.0/density = -1.0/; s/^end = 0.01/end = nan/'
row 2 78 "several.toml:3|several.toml:9|several.toml:24" run "$work/cases/several.toml" -o out
variant region 's/^radius = 0.2$/radius = -0.2/'
row 1 78 "region.toml:15|radius" run "$work/cases/region.toml" -o out
variant probe 's/^at = \[0.6, 0.4\]$/at = [7.0, 0.4]/'
row 1 78 "probe.toml:27|domain" run "$work/cases/probe.toml" -o out
variant both 's/^end = 0.01$/end = 0.01\nsteps = 10/'
row 1 78 "time.end|time.steps" run "$work/cases/both.toml" -o out
variant no_grid '/^ny = 8$/d'
row 3 78 "grid.ny" run "$work/cases/no_grid.toml" -o out
: >cases/empty.toml
row 1 78 "grid.nx" run "$work/cases/empty.toml" -o out
head -c 4096 /dev/urandom | tr -d '\n' >cases/noise.toml
row 1 78 "noise.toml" run "$work/cases/noise.toml" -o out

# More ranks than cells, or a layout that does not fit.
row 3 78 "ranks" run "$good" -o out grid.nx=1 grid.ny=2
row 2 78 "parallel.ranks" run "$good" -o out 'parallel.ranks=[3, 1]'

# Missing input.
row 1 66 "nowhere.toml" run nowhere.toml -o out
row 2 66 "nowhere.toml" run nowhere.toml -o out
row 1 66 "initial.file|nothing.h5" run "$good" -o out 'initial={ file = "nothing.h5" }'
row 2 66 "none.h5" run "$good" -o out --restart none.h5

# The command line.
row 1 64 "launch" launch "$good"
row 2 64 "launch" launch "$good"
row 1 64 "--outptu" run "$good" --outptu out
row 2 64 "--outptu" run "$good" --outptu out
row 1 64 "required" run
row 1 64 "--output" run "$good" -o
row 1 66 "grid.nx" run "$good" -o out grid.nx # no "=": a second case file
row 1 64 "--max-walltime" run "$good" -o out --max-walltime soon

# Output directories that cannot be one.
: >cases/a_file
row 1 73 "a_file" run "$good" -o "$work/cases/a_file"
row 2 73 "a_file" run "$good" -o "$work/cases/a_file"
row 1 73 "a_file" run "$good" -o "$work/cases/a_file/below"
ln -s /nonexistent/place cases/dangling
row 2 73 "dangling" run "$good" -o "$work/cases/dangling"
row 1 73 "/proc/calor" run "$good" -o /proc/calor
row 1 73 "fine|--resume" run "$good" -o "$work/fine"
row 2 73 "fine|--resume" run "$good" -o "$work/fine"
[[  ! -s cases/a_file ]] || fail "the file in the way was written to"
if ((EUID != 0)); then
  mkdir cases/locked && chmod 500 cases/locked
  row 1 73 "locked" run "$good" -o "$work/cases/locked/out"
fi

# Not the launcher of this MPI: N programs of one rank each would all write the same files.
OMPI_COMM_WORLD_SIZE=2 row 1 64 "launcher" run "$good" -o out
PMI_SIZE=4 row 1 64 "launcher" run "$good" -o out

# Checkpoints that are damaged or of something else.
checkpoint=$(find "$work/fine/checkpoints" -name 'checkpoint_*.h5' 2>/dev/null | sort | tail -n 1)
if [[ -z $checkpoint ]]; then
  fail "the good run left no checkpoint"
else
  size=$(wc -c <"$checkpoint")
  head -c $((size / 2)) "$checkpoint" >cases/cut.h5
  : >cases/nothing.h5
  # flip NAME EIGHTHS: cases/NAME.h5 with one bit changed at so many eighths of the file.
  flip() {
    local at=$((size * $2 / 8)) byte
    byte=$(od -An -tu1 -j "$at" -N 1 "$checkpoint" | tr -d ' ')
    cp "$checkpoint" "cases/$1.h5"
    # shellcheck disable=SC2059 # an escape sequence is what is wanted
    printf "\\$(printf '%03o' $((byte ^ 16)))" | dd of="cases/$1.h5" bs=1 seek="$at" conv=notrunc status=none
  }
  for eighth in 0 1 2 3 4 5 6 7; do
    flip "flipped_$eighth" "$eighth"
    row 1 65 "flipped_$eighth.h5" run "$good" -o out --restart "$work/cases/flipped_$eighth.h5"
  done
  for damage in cut nothing; do
    row 1 65 "$damage.h5" run "$good" -o out --restart "$work/cases/$damage.h5"
  done
  row 2 65 "cut.h5" run "$good" -o out --restart "$work/cases/cut.h5"
  row 2 65 "flipped_4.h5" run "$good" -o out --restart "$work/cases/flipped_4.h5"
  cp "$good" cases/text.h5
  row 1 65 "text.h5" run "$good" -o out --restart "$work/cases/text.h5"
  row 2 65 "nx = 13" run "$good" -o out --restart "$checkpoint" grid.nx=13
  row 1 65 "cut.h5" info "$work/cases/cut.h5"
  row 1 66 "missing.h5" info missing.h5
fi

# A table to draw.
table="$work/cases/sweep.csv"
printf 'case,film,status,T_max\n1,5,done,300\n2,6,failed,\n' >"$table"
printf 'case,film\n1\n' >cases/broken.csv
if pictures; then
  expect_exit 0 mpi 2 plot "$table" --x film --y T_max -o cases/sweep.png
  expect_file cases/sweep.png
  row 2 64 "a.gif|.png|.svg|.pdf" plot "$table" --x film --y T_max -o a.gif
  row 1 74 "nowhere/a.svg" plot "$table" --x film --y T_max -o nowhere/a.svg
  row 2 66 "missing.csv" plot missing.csv --x film --y T_max -o a.png
  row 3 64 "flm|mean \"film\"|there is: case, film" plot "$table" --x flm --y T_max -o a.png
  row 1 64 "--y|there is: case, film" plot "$table" --x film -o a.png
  row 1 64 "--y|done" plot "$table" --x film --y status -o a.png
  row 1 64 "--min" plot "$table" --x film --y T_max --min 3 -o a.png
  row 2 64 "--x" plot "$work/fine" --x film --y T_max -o a.png
  row 2 65 "broken.csv:2" plot "$work/cases/broken.csv" --x case --y film -o a.png
else
  row 2 64 "built without pictures" plot "$table" --x film --y T_max -o a.png
fi

# A deck to import.
printf 'state 1 density=1 energy=1\nx_cells=none\n' >cases/deck.in
row 1 78 "deck.in:2" import tealeaf "$work/cases/deck.in" -o case.toml
row 2 66 "nowhere.in" import tealeaf nowhere.in -o case.toml
row 1 64 "--output" import tealeaf "$work/cases/deck.in"
printf 'state 1 density=1 energy=1\nx_cells=4\ny_cells=4\nend_step=1\n' >cases/deck.in
expect_exit 0 calor import tealeaf cases/deck.in -o cases/imported.toml
expect_exit 0 calor run cases/imported.toml -o imported --quiet

checks=$((checks + 1))
((rows >= 60)) || fail "only $rows rows"
echo "$rows rows"
# Nothing physical is guessed: what a transient needs is asked for, after overrides.
cat >forgotten.toml <<'EOT'
[grid]
nx = 60
ny = 40
x = [0.0, 0.3]
y = [0.0, 0.2]
[material]
conductivity = 50.0
[initial]
temperature = 20.0
[boundary]
left = { type = "temperature", value = 100.0 }
[time]
end = 120.0
EOT
expect_exit 78 calor run forgotten.toml -o forgotten
expect_words "$err" "material.density: missing"
expect_words "$err" "material.specific_heat: missing"
expect_exit 78 mpi 3 run forgotten.toml material.density=7850 -o forgotten
expect_words "$err" "material.specific_heat: missing"
expect_exit 0 calor run forgotten.toml material.density=7850 material.specific_heat=460 -o forgotten --quiet
expect_exit 0 calor run forgotten.toml time.method=steady -o steady --quiet
expect_exit 78 calor sweep forgotten.toml 'sweep.vary."material.density"=[7850.0, 2700.0]' -o swept
expect_words "$err" "material.specific_heat: missing"
expect_exit 0 calor sweep forgotten.toml 'sweep.vary."material.density, material.specific_heat"=[[7850.0, 460.0], [2700.0, 900.0]]' -o swept --quiet
for pair in material.k:material.conductivity material.rho:material.density material.cp:material.specific_heat initial.T0:initial.temperature \
  boundary.north.type:boundary.top boundary.left.h:boundary.left.film time.t_end:time.end; do
  expect_exit 78 calor run forgotten.toml "${pair%:*}=1" -o forgotten --fresh
  expect_words "$err" "did you mean"
done
expect_exit 78 calor run forgotten.toml boundary.left.type=dirichlet -o forgotten --fresh
expect_words "$err" 'did you mean "temperature"?'
# What torture cannot try, and where it cannot work; nothing is left behind.
expect_exit 64 calor torture --only kil
expect_words "$err" 'did you mean "kill'
expect_exit 64 calor torture --only damage:x
expect_exit 64 calor torture --minutes 0
expect_exit 73 calor torture --dir nowhere
expect_words "$err" "no such directory"
expect_none nowhere
for rtol in -1 nan inf 1e-2x; do
  expect_exit 64 calor compare cases cases --rtol "$rtol"
  expect_words "$err" "no number from 0 on"
done
expect_exit 64 calor run cases/good.toml -o ""
mkdir tortured
expect_exit 66 calor torture --shim nowhere.so --dir tortured
expect_words "$err" "nowhere.so: no such file"

# Directories and cases in each other's place; what is left out; what people try first.
expect_exit 0 calor run cases/good.toml -o ran --quiet
expect_exit 66 calor run ran -o never
expect_words "$err" "the case of the run there is ran/case.toml"
expect_exit 64 calor plot cases/good.toml -o never.png
expect_words "$err" "is a case: \`calor run\` it"
mkdir a_sweep
echo case >a_sweep/sweep.csv
expect_exit 66 calor info a_sweep
expect_words "$err" "holds a sweep"
expect_exit 0 calor run cases/good.toml grid.nx=13 -o finer --quiet
expect_exit 65 calor compare ran finer
expect_words "$err" "12 x 8 and 13 x 8 cells"
# Names with a blank.
sed 's/name = "disc"/name = "the disc"/' cases/good.toml >blank.toml
expect_exit 64 calor run blank.toml 'region.the disc.conductivity=3.0' -o never
expect_words "$err" "a name with a blank stands in quotes"
expect_exit 0 calor run blank.toml 'region."the disc".conductivity=3.0' -o blank --quiet
expect_exit 78 calor sweep blank.toml 'sweep.vary={ "region.the disc.conductivity" = [1.0, 2.0] }' -o never
expect_words "$err" "a name with a blank stands in quotes"
# The last snapshot of a run's directory, to begin with.
last=$(json ran/summary.json final_snapshot)
expect_exit 0 calor run cases/good.toml initial.file=ran -o on_1 --quiet
expect_exit 0 calor run cases/good.toml "initial.file=ran/$last" -o on_2 --quiet
expect_exit 0 calor compare on_1 on_2
expect_words "$out" identical
expect_exit 66 calor run cases/good.toml initial.file=cases -o never
expect_words "$err" "no snapshot is in it"
# What may never end is no start.
expect_exit 66 calor run cases/good.toml initial.file=/dev/zero -o never
# Files that are missing are told with all other mistakes, and each with the others.
gone=(initial.file=gone.h5 'boundary.left={type="temperature",value={file="gone.csv"}}')
for wrong in time.end=-1 ""; do
  expect_exit $((${#wrong} > 0 ? 78 : 66)) mpi 2 run cases/good.toml $wrong "${gone[@]}" -o never
  for words in gone.h5 gone.csv "${wrong%=*}"; do expect_words "$err" "$words"; done
done
sed -e '/^density/d;/^specific_heat/d;s/^conductivity = 2.0/material = "stel"/' cases/good.toml >materials.toml
expect_exit 78 calor run materials.toml -o never
expect_words "$err" 'did you mean "steel"'
checks=$((checks + 1))
[[ $(<"$err") != *density* ]] || fail "of a material that there is not more is missing than its name"
expect_exit 0 calor help run
expect_words "$out" "Usage: calor run"
expect_exit 0 calor report ran/
expect_file ran.html
expect_exit 73 calor report ran
expect_words "$err" "ran.html is there already; say -o NAME.html"
if pictures; then
  expect_exit 0 calor plot ran
  expect_file ran.png
  expect_exit 73 calor plot ran
  expect_exit 64 calor plot ran --all
  expect_words "$err" "is given its name by -o"
fi
expect_exit 0 calor run cases/good.toml time.end=1 output.every=0.001 time.method=euler -o many
expect_words "$out" "1000 snapshots are to be written"
expect_exit 0 mpi 2 run cases/good.toml -o two
expect_words "$out" "48 cells a rank gain little by more ranks"
expect_none never

echo >a_file
expect_exit 73 calor torture --dir a_file/below
checks=$((checks + 1))
[[ -z $(find . -name 'calor-torture-*') ]] || fail "torture left a directory"
finish
