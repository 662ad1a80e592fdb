#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Sweeps: the same table on any layout, plans and their mistakes, what is done twice (nothing), what fails, and stops.
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
export LIMIT=120

cat >base.toml <<'EOF'
title = "a plate"
[grid]
nx = 70
ny = 60
[material]
conductivity = 1.0
density = 1.0
specific_heat = 1.0
[[region]]
name = "disc"
shape = "circle"
center = [0.4, 0.6]
radius = 0.2
conductivity = 20.0
[initial]
temperature = 0.0
[boundary]
left = { type = "temperature", value = 10.0 }
right = { type = "convection", film = 5.0, ambient = 1.0 }
[time]
end = 0.002
[[probe]]
name = "middle"
at = [0.5, 0.5]
[[integral]]
name = "stored"
weight = "heat_capacity"
EOF
# expect_cells FILE COLUMN VALUES: a column of a table, its cells joined by blanks
expect_cells() {
  local got
  checks=$((checks + 1))
  got=$(awk -F, -v name="$2" 'NR == 1 { for (i = 1; i <= NF; ++i) if ($i == name) c = i } NR > 1 { printf "%s%s", (NR > 2 ? " " : ""), $c }' "$1")
  [[ $got == "$3" ]] || fail "$1: column $2 is \"$got\" instead of \"$3\""
}
expect_count() { # WHAT GOT WANTED
  checks=$((checks + 1))
  (($2 == $3)) || fail "$1: $2 instead of $3"
}

# The same table on any number of ranks, with any number of them a case; methods and grids of all kinds.
cat base.toml - >layouts.toml <<'EOF'
[sweep]
mode = "zip"
fields = "final"
[sweep.vary]
"time.method" = ["euler", "rkl2", "tr-bdf2", "exponential", "euler", "backward-euler", "steady", "crank-nicolson"]
"time.dt" = ["auto", "auto", "auto", "auto", "auto", 2e-4, "auto", 2e-4]
"boundary.left.value, boundary.right.ambient" = [10.0, [20.0, 3.0], 30.0, 40.0, 50.0, 60.0, [70.0, 1.0], 80.0]
EOF
expect_exit 0 calor sweep layouts.toml -o one --quiet
settled one/sweep.csv >one.csv
expect_count "done" "$(grep -c ',done,' one.csv)" 8
expect_cells one/sweep.csv boundary.right.ambient "10 3 30 40 50 60 1 80"
for ranks in 1 2 3 4; do
  for width in 1 2 auto; do
    expect_exit 0 mpi $ranks sweep layouts.toml -o "l_${ranks}_$width" --quiet "sweep.ranks_per_case=$width"
    settled "l_${ranks}_$width/sweep.csv" >"l_${ranks}_$width.csv"
    expect_same "l_${ranks}_$width.csv" one.csv
  done
done
# The table and a run of the case alone tell the same.
expect_exit 0 calor run layouts.toml time.method=tr-bdf2 boundary.left.value=30.0 boundary.right.ambient=30.0 -o alone --quiet
expect_words one/sweep.csv "$(json alone/summary.json probes middle)"
expect_file one/results.h5
expect_none one/cases

# The fields in results.h5 are those of runs.
expect_exit 0 mpi 2 sweep base.toml 'sweep.vary."material.conductivity"=[2.0]' sweep.fields=final sweep.ranks_per_case=2 -o field --quiet
expect_exit 0 calor run base.toml material.conductivity=2.0 -o same --quiet
expect_exit 0 calor run base.toml initial.file=field/results.h5 output.every_steps=1000000 -o from --quiet
expect_exit 0 calor compare from/snapshots/snapshot_000000000.nc same
# A field that did not survive, or not whole, is computed again; others are not.
cp -r field hurt
printf x | dd of="$(ls hurt/fields/*.f64)" bs=1 seek=5000 conv=notrunc status=none
expect_exit 0 calor sweep base.toml 'sweep.vary."material.conductivity"=[2.0]' sweep.fields=final -o hurt --resume --quiet
expect_words hurt/run.log "the fields of 1 case are damaged: computed again"
expect_exit 0 calor run base.toml initial.file=hurt/results.h5 output.every_steps=1000000 -o from --fresh --quiet
expect_exit 0 calor compare from/snapshots/snapshot_000000000.nc same
expect_exit 0 calor sweep base.toml 'sweep.vary."material.conductivity"=[2.0, 3.0, 4.0]' sweep.fields=final -o hurt --resume --quiet
rm hurt/fields/*
expect_exit 0 calor sweep base.toml 'sweep.vary."material.conductivity"=[2.0, 3.0, 4.0]' sweep.fields=final -o hurt --resume --quiet
expect_words hurt/run.log "the fields of 3 cases are damaged: computed again"
settled hurt/sweep.csv >hurt.csv
expect_exit 0 calor sweep base.toml 'sweep.vary."material.conductivity"=[2.0, 3.0, 4.0]' sweep.fields=final -o hurt --resume --quiet
expect_words hurt/run.log "3 of 3 cases are done already"
settled hurt/sweep.csv >again.csv
expect_same hurt.csv again.csv
expect_count "fields lost" "$(grep -c '"event":"lost"' hurt/journal)" 2
# What is kept for a later case changes nothing: other cases come before it on more ranks.
kept=(time.method=backward-euler time.dt=2e-4 'sweep.vary={"material.conductivity"=[1.0, 2.0], "boundary.right.film"=[5.0, 50.0], "boundary.left.value"=[1.0, 2.0, 3.0], "solver.preconditioner"=["multigrid", "algebraic"]}')
expect_exit 0 mpi 1 sweep base.toml "${kept[@]}" -o kept_1 --quiet
expect_exit 0 mpi 4 sweep base.toml "${kept[@]}" -o kept_4 --quiet
settled kept_1/sweep.csv >kept_1.csv
settled kept_4/sweep.csv >kept_4.csv
expect_same kept_1.csv kept_4.csv

# A large last case gets the ranks that are idle, through a checkpoint, and keeps its bits. It is as long as is worth that on
# the machine at hand: some six seconds on one rank.
options=(grid.nx=140 grid.ny=140 time.method=euler)
expect_exit 0 calor run base.toml "${options[@]}" time.steps=30000 -o paced --quiet
steps=$(awk -v s="$(json paced/summary.json seconds stepping)" 'BEGIN { print int(30000 * 6 / (s > 0.01 ? s : 0.01)) }')
cat base.toml - >tail.toml <<EOF
[sweep.vary]
"time.steps" = [$steps, $((steps + 1)), $((steps + 2))]
EOF
expect_exit 0 calor sweep tail.toml -o tail_one --quiet "${options[@]}"
expect_exit 0 mpi 2 sweep tail.toml -o tail_auto --quiet "${options[@]}" sweep.ranks_per_case=auto
settled tail_one/sweep.csv >tail_one.csv
settled tail_auto/sweep.csv >tail_auto.csv
expect_same tail_one.csv tail_auto.csv
expect_words tail_auto/sweep.csv ",done,1,2,"
expect_words tail_auto/journal '"event":"give back"'
expect_none tail_auto/cases

# Nothing is done twice: a finished sweep, a plan that grows, a directory that is in use by another plan.
cat base.toml - >grow.toml <<'EOF'
[sweep.vary]
"boundary.left.value" = [10.0, 20.0]
"material.conductivity" = { from = 1.0, to = 4.0, count = 4 }
EOF
expect_exit 0 mpi 2 sweep grow.toml -o grow --quiet
expect_exit 73 mpi 2 sweep grow.toml -o grow --quiet
expect_words "$err" "--resume"
cp grow/sweep.csv before.csv
expect_exit 0 mpi 2 sweep grow.toml -o grow --quiet --resume
expect_same grow/sweep.csv before.csv
expect_exit 0 mpi 2 sweep grow.toml -o grow --quiet --resume 'sweep.vary."boundary.left.value"=[5.0, 10.0, 20.0]'
expect_count "cases ended" "$(grep -c '"event":"done"' grow/journal)" 12
expect_cells grow/sweep.csv case "8 9 10 11 0 1 2 3 4 5 6 7"
checks=$((checks + 1))
grep -vxFf <(tail -n +2 grow/sweep.csv) <(tail -n +2 before.csv) >"$out" && fail "a row changed when the plan grew"
expect_exit 0 mpi 2 sweep grow.toml -o grow --quiet --fresh
expect_count "cases ended" "$(grep -c '"event":"done"' grow/journal)" 8
# What is not calor's stays.
mkdir -p study/cases study/fields
echo mine | tee study/cases/mine.toml study/fields/mine.csv >study/notes
expect_exit 0 calor sweep grow.toml -o study --quiet --fresh sweep.directories=all sweep.fields=final
expect_exit 0 calor sweep grow.toml -o study --quiet --fresh
expect_file study/cases/mine.toml
expect_file study/fields/mine.csv
expect_file study/notes
expect_none study/cases/00000
checks=$((checks + 1))
(($(find study/fields -name '*.f64' | wc -l) == 0)) || fail "--fresh left fields behind"
mkdir other
echo a,b >other/sweep.csv
expect_exit 73 calor sweep grow.toml -o other --quiet
expect_exit 73 calor run base.toml -o grow --quiet --fresh
# Names that are no names of datasets, ranks laid out by hand.
expect_exit 0 mpi 2 sweep base.toml -o names --quiet sweep.fields=final sweep.ranks_per_case=2 'parallel.ranks=[2,1]' \
  probe.middle.name=temperature integral.stored.name=a/b 'region.disc.name="x/y"' 'sweep.vary={"region.\"x/y\".radius"=[0.1, 0.2]}'
expect_words names/sweep.csv 'temperature,a/b'
# Its case.toml says the whole plan.
expect_exit 0 calor sweep grow/case.toml -o again --quiet
settled grow/sweep.csv >grow.csv
settled again/sweep.csv >again.csv
expect_same grow.csv again.csv
expect_exit 0 calor run base.toml -o a_run --quiet
expect_exit 73 calor sweep grow.toml -o a_run --quiet --resume

# Plans: drawn ones are the same everywhere, exclusions, tables, one case.
for mode in random latin-hypercube; do
  drawn=("sweep.mode=$mode" sweep.samples=50 'sweep.vary."material.conductivity"={from=0.1,to=10,scale="log"}')
  expect_exit 0 calor sweep grow.toml --dry-run "${drawn[@]}"
  cp "$out" drawn.txt
  expect_exit 0 calor sweep grow.toml --dry-run "${drawn[@]}"
  expect_same "$out" drawn.txt
  expect_exit 0 calor sweep grow.toml --dry-run "${drawn[@]}" sweep.seed=2
  checks=$((checks + 1))
  cmp -s "$out" drawn.txt && fail "$mode: another seed draws the same"
done
expect_exit 0 calor sweep grow.toml --dry-run 'sweep.exclude=[{"boundary.left.value"=10.0, "material.conductivity"={from=2.5}}]'
expect_words "$out" "6 cases, 2 left out"
expect_none out
printf 'boundary.left.value,time.end,title\n10.0,0.001,"a, b"\n20.0,,plain\n' >plan.csv
expect_exit 0 mpi 2 sweep base.toml sweep.file=plan.csv -o table --quiet
expect_words table/sweep.csv ",0.002,"
expect_words table/sweep.csv '0,10,0.001,"a, b",done'
# The plan is kept: the directory is moved, and what it came from is another or gone.
mv table moved-table
printf 'boundary.left.value\n30.0\n' >plan.csv
expect_exit 0 calor sweep moved-table/case.toml -o table-again --quiet
for of in moved-table table-again; do # `settled` knows no commas in quotes
  sed 's/"a, b"/a b/' $of/sweep.csv >$of.csv
  settled $of.csv >$of.settled
done
expect_same moved-table.settled table-again.settled
rm plan.csv
expect_exit 0 calor sweep table-again/case.toml --dry-run
# A start that is no number is that case's alone.
expect_exit 76 calor sweep base.toml 'sweep.vary."initial.temperature"=["1.0", "sqrt(x - 0.5)"]' -o no-number --quiet
expect_cells no-number/sweep.csv status "done failed"
expect_exit 0 mpi 3 sweep base.toml 'sweep.vary."material.conductivity"=[2.0]' -o single --quiet
expect_cells single/sweep.csv status "done"

# Directories like those of runs where cases have output of their own; results as without.
expect_exit 0 mpi 2 sweep grow.toml -o full --quiet sweep.directories=all
settled full/sweep.csv >full.csv
expect_same full.csv grow.csv
expect_file full/cases/00007/summary.json
expect_exit 0 mpi 2 sweep grow.toml -o some --quiet output.every=0.001
expect_file some/cases/00003/snapshots.xdmf

# All mistakes of all cases are found before anything is made.
bad() { # CODE WORDS ARGS...
  local code=$1 words=$2
  shift 2
  expect_exit "$code" calor sweep base.toml -o bad "$@"
  expect_words "$err" "$words"
  expect_none bad
}
expect_exit 78 mpi 3 sweep base.toml -o bad 'sweep.vary."grid.nx"=[10, 0, 20, -1]'
expect_words "$err" "grid.nx = 0"
expect_words "$err" "grid.nx = -1"
bad 78 "sweep: missing"
bad 78 "is empty" 'sweep.vary={}'
bad 78 'did you mean "material.conductivity"' 'sweep.vary."material.conductivty"=[1.0]'
bad 78 "grid.nx = 0" 'sweep.vary."grid.nx"=[10, 0, 20]'
bad 78 "zip needs as many" sweep.mode=zip 'sweep.vary={"grid.nx"=[10, 20], "grid.ny"=[10]}'
bad 78 "sweep.samples" sweep.mode=random 'sweep.vary."grid.nx"=[10, 20]'
bad 78 "count is missing" 'sweep.vary."material.density"={from=1.0, to=2.0}'
bad 78 "ends > 0" 'sweep.vary."material.density"={from=0.0, to=2.0, count=3, scale="log"}'
bad 78 "is the same as case 0" 'sweep.vary."grid.nx"=[10, 10]'
bad 78 "stands there twice" 'sweep.vary={"grid.nx, grid.nx"=[10, 20]}'
bad 78 "cannot change itself" 'sweep.vary."sweep.seed"=[10, 20]'
bad 78 "leaves no case" 'sweep.vary."grid.nx"=[10, 20]' 'sweep.exclude=[{"grid.nx"=[10, 20]}]'
bad 78 "forward Euler is unstable" 'sweep.vary."material.conductivity"=[1.0, 1000.0]' time.method=euler time.dt=1e-6
bad 78 "another column" 'sweep.vary."grid.nx"=[10, 20]' probe.middle.name=seconds
expect_exit 78 mpi 2 sweep base.toml -o bad 'sweep.vary."grid.nx"=[1, 20]' grid.ny=1 sweep.ranks_per_case=2
expect_words "$err" "every rank needs"
bad 78 "different grids" 'sweep.vary."grid.nx"=[10, 20]' sweep.fields=final
bad 66 "no such file" sweep.file=none.csv
bad 66 "none.h5" 'sweep.vary."initial.file"=["none.h5"]'
printf 'grid.nx,grid.ny\n10,20\n30\n' >short.csv
bad 78 "short.csv:3" sweep.file=short.csv
bad 64 "--resume" 'sweep.vary."grid.nx"=[10, 20]' --resume --fresh

# A case that fails is told with its reason, and the others go on.
expect_exit 76 mpi 2 sweep base.toml -o fails --quiet time.method=backward-euler time.dt=1e-4 solver.preconditioner=none \
  'sweep.vary."solver.max_iterations"=[1, 2, 1000, 2000]' sweep.retries=1
expect_cells fails/sweep.csv status "failed failed done done"
expect_cells fails/sweep.csv tries "2 2 1 1"
expect_words fails/sweep.csv "no convergence"
expect_exit 76 mpi 2 sweep base.toml -o fails --quiet time.method=backward-euler time.dt=1e-4 solver.preconditioner=none \
  'sweep.vary."solver.max_iterations"=[1, 2, 1000, 2000]' sweep.retries=1 --resume
expect_cells fails/sweep.csv tries "2 2 1 1"

# What a run would warn of is told of each case, whether it has a directory or not, and by the log once for each kind.
cat >frame.toml <<'EOT'
[grid]
nx = 24
ny = 24
x = [0.0, 0.06]
y = [0.0, 0.06]
[material]
conductivity = 0.13
[[region]]
name = "air"
shape = "rectangle"
x = [0.01, 0.05]
y = [0.02, 0.04]
cavity = { direction = "y" }
[boundary]
bottom = { type = "temperature", value = 300.0 }
top = { type = "temperature", value = 280.0 }
[time]
method = "steady"
[sweep.vary]
"boundary.bottom.value" = [280.0, 308.0, 350.0]
EOT
for directories in none all; do
  expect_exit 0 mpi 2 sweep frame.toml -o "warns_$directories" --quiet "sweep.directories=$directories"
  expect_words "warns_$directories/run.log" "warning: case 0, and the like in 1 more: region 'air': the cavity was taken"
  grep -c "the cavity was taken with cavity.difference" "warns_$directories/sweep.csv" >count || true
  expect_count "cases with a warning in the table" "$(cat count)" 2
done
cut -d, -f1,2 warns_none/sweep.csv >a.csv # the rows in their order, and the same words
cut -d, -f1,2 warns_all/sweep.csv >b.csv
expect_same a.csv b.csv
expect_same <(sed 's/.*,//' warns_none/sweep.csv) <(sed 's/.*,//' warns_all/sweep.csv)
sed '/^\[sweep/,$d' frame.toml >frame_run.toml
expect_exit 0 calor run frame_run.toml -o warned boundary.bottom.value=280.0 --quiet
expect_words warns_none/sweep.csv "$(sed -n "s/^warning: \(region 'air'.*\)/\1/p" warned/run.log)"

# Stopped in time by the wall clock or a signal, in the middle of a case; goes on from its checkpoint.
for seconds in 2.5 6 15; do # on a busy machine the first time may pass before a case begins
  rm -rf stops
  expect_exit 75 mpi 2 sweep tail.toml -o stops --quiet "${options[@]}" --max-walltime "$seconds"
  [[ -z $(find stops -name '*.h5') ]] || break
done
expect_file "$(find stops/cases -name '*.h5' | head -n 1)"
expect_exit 0 mpi 3 sweep tail.toml -o stops --quiet "${options[@]}" --resume
settled stops/sweep.csv >stops.csv
expect_same stops.csv tail_one.csv
expect_none stops/cases
for seconds in 1.5 6 15; do # likewise
  rm -rf signal
  timeout -s KILL "$LIMIT" "$MPIEXEC" -n 2 "$CALOR" sweep tail.toml -o signal --quiet "${options[@]}" </dev/null >"$out" 2>"$err" &
  pid=$!
  sleep "$seconds"
  kill -USR1 "$(pgrep -P "$pid" -f sweep)"
  code=0
  wait "$pid" || code=$?
  expect_count "exit status after a signal" "$code" 75
  [[ -z $(find signal -name '*.h5') ]] || break
done
expect_words signal/status.json '"state": "stopped"'
# A damaged checkpoint costs one case its time, and nothing else.
for file in signal/cases/*/checkpoints/*.h5; do printf x | dd of="$file" bs=1 seek=30000 conv=notrunc status=none; done
expect_exit 0 mpi 2 sweep tail.toml -o signal --quiet "${options[@]}" --resume
settled signal/sweep.csv >signal.csv
expect_same signal.csv tail_one.csv

# A journal that was cut off in the middle of a line loses that line and no other.
cp -r grow torn
size=$(stat -c %s torn/journal)
truncate -s $((size - 40)) torn/journal
expect_exit 0 calor sweep grow.toml -o torn --quiet --resume
settled torn/sweep.csv >torn.csv
expect_same torn.csv grow.csv
# Columns have one unit.
expect_exit 78 calor sweep base.toml 'sweep.vary."output.temperature_unit"=["K","degC"]' -o units
expect_words "$err" "deg C"
expect_exit 0 calor sweep base.toml 'sweep.vary."time.method"=["euler","steady"]' -o rates
expect_words "$out" "heat of steady cases is told in W"
finish
