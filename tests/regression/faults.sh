#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Faults while running: a rank that stops or dies, a disk that fills up, two runs in one directory, a temperature that is
# no number. Each ends in time, with its own exit code, and loses nothing that was whole.
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

cat >case.toml <<'EOF'
[grid]
nx = 300
ny = 200
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
[time]
method = "euler"
end = 0.002
[checkpoint]
every_steps = 400
EOF
export LIMIT=120
expect_exit 0 mpi 2 run case.toml -o whole --quiet

# start NAME RANKS ARGS...: in the background, until the first checkpoint is there; $pid is the launcher's.
start() {
  local name=$1 ranks=$2
  shift 2
  timeout -s KILL "$LIMIT" "$MPIEXEC" -n "$ranks" "$CALOR" run case.toml -o "$name" --quiet "$@" </dev/null >"$out" 2>"$err" &
  pid=$!
  for _ in $(seq 600); do
    (($(find "$name/checkpoints" -name '*.h5' 2>/dev/null | wc -l) > 0)) && return
    sleep 0.02
  done
  fail "$name: no checkpoint in time"
}
# ranks_of NAME: process numbers of the run's ranks
ranks_of() { pgrep -f "^$CALOR run case.toml -o $1( |\$)" || true; }

# A rank that stops answering: the others do not wait for ever.
start hang 2 --watchdog 2 time.end=0.2
stopped=$(ranks_of hang | tail -n 1)
kill -STOP "$stopped"
code=0
wait "$pid" || code=$?
kill -KILL "$stopped" 2>/dev/null || true
checks=$((checks + 1))
((code == 70)) || { fail "a stopped rank: exit $code instead of 70" && show; }
expect_words "$err" "watchdog"

# A rank is killed: the launcher ends the job, the next start takes the newest checkpoint, and the bits are the same.
start dead 3
ranks_of dead | head -n 1 | xargs -r kill -KILL
code=0
wait "$pid" || code=$?
checks=$((checks + 1))
((code != 0)) || fail "a killed rank: exit 0"
expect_exit 0 mpi 2 run case.toml -o dead --resume --quiet
expect_exit 0 calor compare whole dead

# Two runs in one directory: the second is refused, the first does not notice.
start twice 2 time.end=0.02
for flag in --resume --fresh; do
  expect_exit 73 calor run case.toml -o twice --quiet "$flag"
done
kill -USR1 "$(pgrep -P "$pid")" # the launcher below timeout; it tells its ranks
code=0
wait "$pid" || code=$?
checks=$((checks + 1))
((code == 75)) || fail "stopped by SIGUSR1 to the launcher: exit $code instead of 75"

# What is refused loses nothing: a finished run keeps its summary, a checkpoint that is to be read is not discarded,
# the user's own case file is not replaced.
checkpoint=$(find whole/checkpoints -name '*.h5' | sort | tail -n 1)
cp whole/summary.json kept.json
expect_exit 65 calor run case.toml material.conductivity=3.0 -o whole --resume --quiet
expect_exit 73 calor run case.toml -o whole --fresh --restart "$checkpoint" --quiet
expect_exit 78 calor run case.toml time.end=1e-6 -o elsewhere --restart "$checkpoint" --quiet
expect_same kept.json whole/summary.json
expect_file "$checkpoint"
expect_none elsewhere
cp case.toml copy.toml
expect_exit 73 calor run case.toml -o . --quiet
expect_same case.toml copy.toml
# Properties that come out wrong are no problem to be computed.
for wrong in 'material.density="x-0.52"' 'material.conductivity="x-0.5"' \
  'boundary.right={type="convection",film="-100*y",ambient=0}' 'boundary.right={type="radiation",emissivity=1,ambient="-300+0*x"}'; do
  expect_exit 78 mpi 2 run case.toml "$wrong" -o elsewhere --quiet
  expect_none elsewhere
done
# Steps are counted as they were asked for, or not at all.
expect_exit 78 calor run case.toml time.steps=10 time.dt=1e-7 output.every=2.5e-7 -o elsewhere --quiet
expect_exit 0 calor run case.toml time.steps=10 time.dt=1e-7 output.every_steps=4 -o counted --quiet
checks=$((checks + 1))
[[ $(json counted/summary.json steps) == 10 ]] || fail "10 steps were asked for, not $(json counted/summary.json steps)"
# However short the time, a stopped run has moved and can go on.
expect_exit 75 mpi 2 run case.toml time.end=0.5 --max-walltime 1s -o short --quiet
expect_exit 75 mpi 2 run case.toml time.end=0.5 --max-walltime 1s -o short --quiet --resume
if pictures; then expect_exit 0 calor plot short -o short.png; fi

# Not a number: found, with the place; the checkpoints before stay, and the field is kept for a look.
expect_exit 76 mpi 2 run case.toml 'source.power="t > 0.0005 ? 1e9*sqrt(0.0007-t) : 0"' -o nan
expect_words "$err" "not a finite number"
expect_words nan/status.json failed
expect_exit 0 calor info "$(find nan/checkpoints -name "*.h5" | sort | tail -n 1)"
checks=$((checks + 1))
[[ -n $(find nan -name 'suspect_*.nc') ]] || fail "no suspect field was kept"

# A disk that is full: nothing hangs, what was whole stays whole. Needs a mount of its own.
if unshare -m true 2>/dev/null; then
  mkdir disk
  # shellcheck disable=SC2016 # expanded inside
  expect_exit 0 unshare -m bash -c '
    mount -t tmpfs -o size=1200k tmpfs disk || exit 0
    for ranks in 1 3; do
      rm -rf disk/*
      code=0
      timeout -s KILL 60 "$1" -n $ranks "$2" run case.toml -o disk/run --quiet time.end=0.02 checkpoint.keep=1 output.every=0.0005 </dev/null || code=$?
      [ $code = 74 ] || { echo "exit $code instead of 74 on $ranks ranks"; ls -la disk/run/*; exit 1; }
      [ -z "$(find disk -name "*.partial-*")" ] || { echo "left behind: $(find disk -name "*.partial-*")"; exit 1; }
      for f in disk/run/checkpoints/*.h5 disk/run/snapshots/*.nc; do "$2" info "$f" >/dev/null || exit 1; done
    done' - "$MPIEXEC" "$CALOR"
else
  echo "no private mounts here: the full disk is not tried"
fi
finish
