#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# A run that was stopped goes on, on any number of ranks, to the same bits: from checkpoints at many steps, after a
# signal, after SIGKILL, after damage to the newest checkpoint, and with a later end.
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
LIMIT=180 # many ranks on few, busy cores

cat >case.toml <<'EOF'
[grid]
nx = 31
ny = 27
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
power = "100*(1+sin(300*t))"
[initial]
temperature = "10*x*y"
[boundary]
left = { type = "temperature", value = "10*sin(100*t)" }
right = { type = "convection", film = 3.0, ambient = 5.0 }
top = { type = "flux", inward = 20.0 }
[time]
method = "euler"
end = 0.004
[output]
every = 0.001
[checkpoint]
every_steps = 17
keep = 100
[[probe]]
name = "p"
at = [0.4, 0.6]
EOF
implicit=(time.method=backward-euler time.dt=0.00003)

# hops NAME OVERRIDES...: from some checkpoints of the undisturbed run, the rest on other ranks.
hops() {
  local name=$1 n=0 file ranks
  shift
  expect_exit 0 mpi 2 run case.toml "$@" -o "$name" --quiet
  for file in "$name"/checkpoints/checkpoint_*.h5; do
    n=$((n + 1))
    ((n % 3 == 1)) || continue
    for ranks in 1 3 7; do
      (((n + ranks) % 2 == 0)) || continue
      rm -rf hop
      expect_exit 0 mpi "$ranks" run case.toml "$@" --restart "$file" -o hop --quiet
      expect_exit 0 calor compare "$name" hop
      checks=$((checks + 1))
      # Rows that the new directory has are those of the undisturbed run.
      if [[ -n $(grep -vxFf "$name/history.csv" hop/history.csv) ]]; then fail "history after a restart from $file differs"; fi
    done
  done
  checks=$((checks + 1))
  ((n > 5)) || fail "only $n checkpoints of $name"
}
hops whole
hops whole_implicit "${implicit[@]}"

# Stopped by a signal in the middle, as a batch system does it, then gone on with other ranks.
long=(grid.nx=200 grid.ny=200 time.end=0.003 output.every=0.001 checkpoint.every_steps=100000)
expect_exit 0 mpi 2 run case.toml "${long[@]}" -o long --quiet
rows_of() { if [[ -f $1 ]]; then wc -l <"$1"; else echo 0; fi; }
for signal in USR1 TERM; do
  rm -rf cut
  "$CALOR" run case.toml "${long[@]}" -o cut --quiet </dev/null >"$out" 2>"$err" &
  pid=$!
  for _ in $(seq 500); do
    (($(rows_of cut/history.csv) > 5)) && break
    sleep 0.02
  done
  kill "-$signal" "$pid"
  code=0
  wait "$pid" || code=$?
  checks=$((checks + 1))
  ((code == 75)) || fail "exit $code instead of 75 after SIG$signal"
  [[ $(json cut/status.json state) == stopped ]] || fail "status.json does not say stopped after SIG$signal"
  expect_exit 0 mpi 3 run case.toml "${long[@]}" -o cut --resume --quiet
  expect_exit 0 calor compare long cut
  expect_same long/history.csv cut/history.csv
  expect_same long/probes.csv cut/probes.csv
  # Once it is done, going on again changes nothing.
  expect_exit 0 calor run case.toml "${long[@]}" -o cut --resume
  expect_words "$out" "finished already"
done

# Killed without a word: the newest checkpoint serves, and all rows are there once.
often=(grid.nx=200 grid.ny=200 time.end=0.003 output.every=0.001 checkpoint.every_steps=50)
rm -rf cut
"$CALOR" run case.toml "${often[@]}" -o cut --quiet </dev/null >"$out" 2>"$err" &
pid=$!
for _ in $(seq 500); do
  (($(find cut/checkpoints -name '*.h5' 2>/dev/null | wc -l) > 3)) && break
  sleep 0.02
done
kill -KILL "$pid"
code=0
wait "$pid" 2>/dev/null || code=$?
checks=$((checks + 1))
((code == 137)) || fail "the run ended with $code before it was killed"
expect_exit 73 calor run case.toml "${often[@]}" -o cut --quiet
expect_exit 0 mpi 2 run case.toml "${often[@]}" -o cut --resume --quiet
expect_exit 0 calor compare long cut
expect_same long/history.csv cut/history.csv
checks=$((checks + 1))
[[ -z $(find cut -name '*.partial-*' -o -name lock) ]] || fail "left-overs after a resumed run"

# The newest checkpoint is damaged: the one before serves, and a word is said.
cp -r whole damaged && rm damaged/summary.json
newest=$(find damaged/checkpoints -name '*.h5' -printf '%f\n' | sort | tail -n 1)
printf 'X' | dd of="damaged/checkpoints/$newest" bs=1 seek=3000 conv=notrunc status=none
expect_exit 0 calor run case.toml -o damaged --resume
expect_words "$out" "$newest"
expect_exit 0 calor compare whole damaged
# All are damaged: refused, nothing is started afresh.
cp -r whole ruined && rm ruined/summary.json
for file in ruined/checkpoints/*.h5; do truncate -s 2000 "$file"; done
expect_exit 65 calor run case.toml -o ruined --resume
# Of another problem: refused, with the line that differs.
cp -r whole foreign && rm foreign/summary.json
expect_exit 65 calor run case.toml material.conductivity=2.0 -o foreign --resume
expect_words "$err" conductivity
# A later end goes on from the last state.
cp -r whole later
expect_exit 0 calor run case.toml time.end=0.005 -o later --resume
expect_words "$out" "resumed from"
# Resuming where nothing was starts afresh.
expect_exit 0 calor run case.toml -o fresh --resume --quiet
expect_exit 0 calor compare whole fresh
# A wall-time limit that is near stops with a checkpoint.
expect_exit 75 calor run case.toml grid.nx=400 grid.ny=400 time.end=1 checkpoint.every_steps=1000000 \
  output.every=0.1 --max-walltime 3s -o limited --quiet
expect_exit 0 calor info limited/checkpoints/*.h5
# A start from a file: the resolved case has its hash, and another file in its place is noticed.
cp "$(find whole/snapshots -name '*.nc' | sort | tail -n 1)" start.nc
expect_exit 0 calor run case.toml initial.file=start.nc -o from --quiet
expect_exit 0 calor run from/case.toml -o from-again --quiet
expect_exit 0 calor compare from from-again
expect_words "$out" identical
expect_exit 0 calor run case.toml "initial.temperature=3.0" -o other-start --quiet
cp "$(find other-start/snapshots -name '*.nc' | sort | tail -n 1)" start.nc
expect_exit 65 mpi 2 run from/case.toml -o from-another --quiet
expect_words "$err" "it has changed"
expect_none from-another
expect_exit 65 calor run case.toml initial.file=start.nc time.end=0.005 -o from --resume
expect_exit 78 calor run case.toml initial.hash=0123456789abcdef -o from-another
finish
