#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Runs and sweeps under supervision whose ranks, launcher and supervisor are killed at random moments: the results have
# the bits of an undisturbed run, nothing that was started outlives the supervisor, and nothing stays in /dev/shm. Tells
# how long after a kill the work runs again.
#
# usage: supervise.sh PROGRAM; CALOR_KILLS=N kills of each kind (2), SEED for other moments (1).
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
count=${CALOR_KILLS:-2} RANDOM=${SEED:-1}

{ plate 64 48 0.0 && cat <<'EOT'; } >base.toml
[boundary]
left = { type = "temperature", value = 10.0 }
[time]
method = "euler"
[checkpoint]
every = "0.3s"
[[probe]]
name = "middle"
at = [0.5, 0.5]
EOT
# About three seconds of work.
begin=${EPOCHREALTIME/[.,]/}
expect_exit 0 calor run base.toml time.steps=20000 -o trial --quiet
steps=$((20000 * 3000000 / (${EPOCHREALTIME/[.,]/} - begin)))
((steps < 2000000)) || steps=2000000
sed "s/^method.*/&\nsteps = $steps/" base.toml >case.toml
{
  sed "s/^method.*/&\nsteps = $((steps / 2))/; /^\[checkpoint\]/,/^every/d" base.toml
  printf '[sweep.vary]\n"material.conductivity" = { from = 1.0, to = 4.0, count = 16 }\n'
} >plan.toml
expect_exit 0 calor run case.toml -o whole --quiet
expect_exit 0 calor sweep plan.toml -o whole_sweep --quiet

now() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); } # ms
owner() { json "$1/status.json" token 2>/dev/null || true; }
launcher_of() { pgrep -P "$1" -f -- "-n [0-9]* .*calor" | head -n 1 || true; }
ranks_of() { pgrep -P "$1" || true; }
# hit DIR: after a moment, the processes of what is supervised there: $launcher and $ranks.
hit() {
  await 20000 running "$1" || fail "$1: does not start"
  sleep "0.$(printf %02d $((RANDOM % 100)))"
  launcher=$(launcher_of "$pid")
  mapfile -t ranks < <(ranks_of "${launcher:-0}")
  ((${#ranks[@]} > 0)) || fail "$1: is over before it is disturbed"
  segments=$(for rank in "${ranks[@]}"; do sed -n 's|.* \(/dev/shm/[^ ]*\)$|\1|p' "/proc/$rank/maps" 2>/dev/null; done | sort -u)
}
await() { # MILLISECONDS CMD...
  local end=$(($(now) + $1))
  shift
  until "$@" 2>/dev/null; do
    if (($(now) > end)); then return 1; fi
    sleep 0.02
  done
}
gone() { ! kill -0 "$1" 2>/dev/null; }
running() { [[ $(json "$1/status.json" state) == running ]] || grep -q '"event":"done"' "$1/journal"; }
# Ranks may outlive their launcher (Open MPI 5's do) and finish before they are ended.
outlived() { [[ $victim == launcher && $(owner "$1") == "$2" && $(json "$1/status.json" state) == finished ]]; }
goes_on() { another_owner "$1" "$2" || outlived "$1" "$2"; }
another_owner() { [[ -n $(owner "$1") && $(owner "$1") != "$2" && $(json "$1/status.json" state) != none ]]; }
# supervised DIR VERB FILE: in the background, $pid.
supervised() {
  "$CALOR" "$2" "$3" -o "$1" --quiet --supervise -- "$MPIEXEC" -n 3 </dev/null >"$1.out" 2>"$1.err" &
  pid=$!
}

slowest=0 over=0
for ((n = 0; n < count; ++n)); do
  for victim in rank launcher; do
    dir=$victim.$n
    supervised "$dir" run case.toml
    hit "$dir"
    if [[ $victim == rank ]]; then target=${ranks[RANDOM % ${#ranks[@]}]}; else target=$launcher; fi
    token=$(owner "$dir")
    began=$(now)
    kill -KILL "$target"
    if ! await 60000 goes_on "$dir" "$token"; then
      fail "$dir: does not run again"
    elif ! outlived "$dir" "$token"; then
      took=$(($(now) - began))
      ((took <= slowest)) || slowest=$took
    fi
    got=0
    wait "$pid" || got=$?
    checks=$((checks + 1))
    if ((got != 0)); then
      fail "$dir: exit $got"
      tail -n 8 "$dir.err"
    fi
    expect_exit 0 calor compare whole "$dir"
    expect_same whole/history.csv "$dir/history.csv"
    expect_same whole/probes.csv "$dir/probes.csv"
    expect_file "$dir/attempts.log"
    for segment in $segments; do expect_none "$segment"; done
  done

  # The supervisor itself: all that it has started ends, and the next one goes on.
  dir=supervisor.$n
  supervised "$dir" run case.toml
  hit "$dir"
  kill -KILL "$pid"
  wait "$pid" 2>/dev/null || true
  for process in "$launcher" "${ranks[@]}"; do
    checks=$((checks + 1))
    await 8000 gone "$process" || fail "$dir: process $process lives on"
  done
  for segment in $segments; do # the guard removes them when the last one has gone
    checks=$((checks + 1))
    await 8000 test ! -e "$segment" || fail "$dir: $segment stays"
  done
  expect_exit 0 calor run case.toml -o "$dir" --quiet --resume --supervise -- "$MPIEXEC" -n 2
  expect_exit 0 calor compare whole "$dir"
  expect_same whole/history.csv "$dir/history.csv"

  # Asked to stop: 75 and resumable.
  dir=stopped.$n
  signals=(TERM INT HUP USR1 USR2)
  env --default-signal=INT,QUIT "$CALOR" run case.toml -o "$dir" --quiet --supervise -- "$MPIEXEC" -n 3 \
    </dev/null >"$dir.out" 2>"$dir.err" &
  pid=$!
  await 20000 running "$dir" || fail "$dir: does not start"
  sleep "0.$(printf %02d $((RANDOM % 100)))"
  kill "-${signals[RANDOM % 5]}" "$pid"
  got=0
  wait "$pid" || got=$?
  checks=$((checks + 1))
  if ((got == 0)) && [[ $(json "$dir/status.json" state) == finished ]]; then
    over=$((over + 1)) # it came too late
  elif ((got != 75)); then
    fail "$dir: exit $got"
    tail -n 8 "$dir.err"
  fi
  expect_exit 0 calor run case.toml -o "$dir" --quiet --resume
  expect_exit 0 calor compare whole "$dir"
  expect_same whole/history.csv "$dir/history.csv"

  # The same while the ranks are only being started: the launcher is killed, the supervisor asked to stop.
  for event in KILL TERM; do
    dir=early.$event.$n
    supervised "$dir" run case.toml
    sleep "0.$(printf %02d $((RANDOM % 50)))"
    if [[ $event == KILL ]]; then target=$(launcher_of "$pid"); else target=$pid; fi
    if [[ -n $target ]]; then kill "-$event" "$target"; fi
    got=0
    wait "$pid" || got=$?
    checks=$((checks + 1))
    if ((got == 75)) && [[ $event == TERM ]]; then
      expect_exit 0 calor run case.toml -o "$dir" --quiet --resume
    elif ((got == 143)) && [[ $event == TERM && ! -s $dir.err && ! -e $dir ]]; then # while the program was being loaded
      expect_exit 0 calor run case.toml -o "$dir" --quiet
    elif ((got != 0)); then
      fail "$dir: exit $got"
      tail -n 8 "$dir.err"
    fi
    expect_exit 0 calor compare whole "$dir"
    expect_same whole/history.csv "$dir/history.csv"
  done

  # A sweep loses a rank.
  dir=sweep.$n
  supervised "$dir" sweep plan.toml
  hit "$dir"
  kill -KILL "${ranks[RANDOM % ${#ranks[@]}]}" 2>/dev/null || true # on a busy machine it may be over by now
  got=0
  wait "$pid" || got=$?
  checks=$((checks + 1))
  if ((got != 0)); then
    fail "$dir: exit $got"
    tail -n 8 "$dir.err"
  fi
  checks=$((checks + 1))
  [[ $(settled whole_sweep/sweep.csv) == "$(settled "$dir/sweep.csv")" ]] || fail "$dir: another table"
done
# 2 to 5 s; more only where others have the cores.
echo "running again at most $slowest ms after a kill"

# What no restart cures is not tried twice; what is no launcher is told.
expect_exit 78 calor run case.toml grid.nx=-1 -o bad --supervise -- "$MPIEXEC" -n 2
checks=$((checks + 1))
(($(grep -c 'start [0-9]*:' "$err") == 1)) || fail "a wrong case is started more than once"
checks=$((checks + 1))
if grep -qF attempts.log "$err"; then fail "a log is pointed to, where there is no directory"; fi
expect_exit 64 calor run case.toml -o bad --supervise -- no_such_launcher -n 2
expect_words "$err" "no_such_launcher"
expect_exit 64 calor run - -o bad --supervise -- "$MPIEXEC" -n 2
expect_exit 73 calor run case.toml -o whole --supervise -- "$MPIEXEC" -n 2
expect_file whole/summary.json
# A launcher that always fails: three times, with pauses between.
cat >broken <<'EOT'
#!/bin/sh
echo "the last words"
exit 3
EOT
chmod +x broken
expect_exit 70 calor run case.toml -o bad --supervise -- ./broken
expect_words "$err" "3 starts in a row have gained nothing"
# A host that is blamed twice is left out, with its share of the ranks. (A stand-in for the launcher: one machine has
# no hosts to lose.)
mkdir stand_in
cat >stand_in/mpirun <<'EOT'
#!/usr/bin/env bash
hosts= ranks=
while [[ $1 == -* ]]; do
  if [[ $1 == --host ]]; then hosts=$2; else ranks=$2; fi
  shift 2
done
if [[ ,$hosts, == *,h2:* ]]; then
  echo "mpirun noticed that process rank 3 with PID 0 on node h2 exited on signal 9 (Killed)." >&2
  exit 137
fi
echo "now $ranks on $hosts"
exec "$@"
EOT
chmod +x stand_in/mpirun
expect_exit 0 calor run case.toml -o elastic --quiet --supervise -- stand_in/mpirun -n 6 --host h1:4,h2:2
expect_words "$err" "h2 has failed 2 times and is left out"
expect_words "$out" "now 4 on h1:4"
expect_exit 0 calor compare whole elastic
# A launcher that does not end with its ranks, as Open MPI's may where one dies early. (A stand-in that never does.)
mkdir deaf
cat >deaf/mpirun <<'EOT'
#!/usr/bin/env bash
shift 2
if [[ " $* " == *" --resume "* ]]; then exec "$@"; fi
"$@" &
until grep -q '"state": "running"' left_alone/status.json; do
  kill -0 $! || exit 99
  sleep 0.01
done
kill -KILL $!
exec sleep 1000
EOT
chmod +x deaf/mpirun
expect_exit 0 calor run case.toml -o left_alone --quiet --supervise -- deaf/mpirun -n 1
expect_words "$err" "its ranks have gone, and the launcher has not ended"
expect_exit 0 calor compare whole left_alone
# Two crashes after the same checkpoint: the next start goes on from the one before it. (A stand-in that crashes after
# the second checkpoint, and after each start that goes on from there.)
cat >crashing <<'EOT'
#!/usr/bin/env bash
case " $* " in *" --older "*) exec "$@" ;; esac
starts() { grep -c "resumed from" older/run.log 2>/dev/null || true; }
before=$(starts)
"$@" &
until [[ " $* " == *" --resume "* && $(starts) != "$before" || " $* " != *" --resume "* && $(ls older/checkpoints 2>/dev/null | grep -c 'h5$') -ge 2 ]]; do
  kill -0 $! || exit 99
  sleep 0.01
done
until grep -q '"state": "running"' older/status.json; do sleep 0.01; done
kill -KILL $!
wait $! 2>/dev/null
find older/checkpoints -name '*.h5' | sort | tail -n +3 | xargs -r rm # where it was faster than this script
exit 137
EOT
chmod +x crashing
sed "/^\[checkpoint\]/,/^every/s/^every.*/every_steps = $((steps / 4))\nkeep = 9/" case.toml >older.toml
expect_exit 0 calor run older.toml -o older --quiet --supervise -- ./crashing
expect_words "$err" "2 crashes in a row after the checkpoint of step $((steps / 4 * 2))"
expect_words older/run.log "is passed over, as wished"
expect_words older/run.log "resumed from older/checkpoints/checkpoint_$(printf %09d $((steps / 4))).h5"
expect_exit 0 calor compare whole older
expect_same whole/history.csv older/history.csv
expect_same whole/probes.csv older/probes.csv
# Without one before it, from the newest.
expect_exit 0 calor run older.toml -o one --quiet time.steps=$((steps / 4))
rm one/checkpoints/checkpoint_000000000.h5 2>/dev/null || true
expect_exit 0 calor run older.toml -o one --quiet --resume --older
expect_words one/run.log "there is no whole checkpoint before"
expect_exit 0 calor compare whole one
expect_exit 64 calor run older.toml -o two --quiet --older
# Without a launcher: one process.
expect_exit 0 calor run case.toml -o alone --quiet --supervise
expect_exit 0 calor compare whole alone
((over < count)) || fail "every run was over before it was asked to stop"
finish
