#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# A run, or a job of a sweep, is frozen (SIGSTOP), another takes its directory over, and the first one thaws, while the
# other still works and after it: it notices, ends with 73, and has changed nothing. And: somebody removes or replaces
# a table during a run.
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
export LIMIT=120

{ plate 200 200 '"10*x*y"' && cat <<'EOT'; } >run.toml
[boundary]
left = { type = "temperature", value = "10*sin(100*t)" }
[time]
method = "euler"
end = 0.012
[output]
every = 0.004
history_steps = 40
[checkpoint]
every_steps = 100
[[probe]]
name = "p"
at = [0.4, 0.6]
EOT

expect_exit 0 calor run run.toml -o whole --quiet

rows_of() { if [[ -f $1 ]]; then wc -l <"$1"; else echo 0; fi; }
# frozen COMMAND NAME FILE LINES: in the background until FILE has so many lines, then stopped; $pid
frozen() {
  "$CALOR" "$1" "$1.toml" -o "$2" --quiet </dev/null >"$2.out" 2>"$2.err" &
  pid=$!
  for _ in $(seq 2000); do
    (($(rows_of "$3") >= $4)) && break
    sleep 0.01
  done
  kill -STOP "$pid"
  kill -0 "$pid" || fail "$2 ended before it was stopped"
}
# thaw NAME [CODE ...]: the frozen job goes on, and ends with one of these (73)
thaw() {
  local code=0 name=$1
  shift
  kill -CONT "$pid"
  wait "$pid" || code=$?
  checks=$((checks + 1))
  [[ " ${*:-73} " == *" $code "* ]] || { fail "thawed: exit $code instead of ${*:-73}" && sed 's/^/    /' "$name.err"; }
  if ((code == 73)); then expect_words "$name.err" "another"; fi
}
same() {
  expect_exit 0 calor compare whole "$1"
  for f in history.csv probes.csv snapshots.xdmf; do expect_same "whole/$f" "$1/$f"; done
  expect_none "$1/lock"
  checks=$((checks + 1))
  [[ $(json "$1/status.json" state) == finished ]] || fail "status.json of $1 does not say finished"
}

# After the other has finished.
frozen run after after/history.csv 8
expect_exit 73 calor run run.toml -o after --resume --quiet
expect_exit 0 calor run run.toml -o after --resume --takeover --quiet
thaw after
same after
# While the other works.
frozen run during during/history.csv 8
first=$pid
"$CALOR" run run.toml -o during --resume --takeover --quiet </dev/null >heir.out 2>heir.err &
heir=$!
for _ in $(seq 500); do
  [[ $(json during/lock pid 2>/dev/null || true) == "$heir" ]] && break
  sleep 0.01
done
pid=$first
thaw during
code=0
wait "$heir" || code=$?
checks=$((checks + 1))
((code == 0)) || { fail "the heir: exit $code" && cat heir.err; }
same during

# A job of a sweep: what it has finished counts, what it would claim does not. Where the other has done all that was
# left, there is nothing to complain of.
{
  sed -e '/^\[output\]$/,/^every_steps = 100$/d' run.toml
  printf '[sweep]\nfields = "final"\n[sweep.vary]\n"material.conductivity" = { from = 1.0, to = 2.0, count = 8 }\n'
} >sweep.toml
expect_exit 0 calor sweep sweep.toml -o sweep_whole --quiet
settled sweep_whole/sweep.csv >sweep_whole.csv
for when in after during; do
  frozen sweep "sweep_$when" "sweep_$when/journal" 8
  first=$pid
  "$CALOR" sweep sweep.toml -o "sweep_$when" --resume --takeover --quiet </dev/null >heir.out 2>heir.err &
  heir=$!
  if [[ $when == after ]]; then wait "$heir" && heir=0; else
    for _ in $(seq 500); do
      grep -q '"event":"bury"' "sweep_$when/journal" && break
      sleep 0.01
    done
  fi
  pid=$first
  if [[ $when == after ]]; then thaw "sweep_$when" 0; else thaw "sweep_$when" 73 0; fi # 0: the other was faster
  if ((heir > 0)); then wait "$heir" || fail "the heir of the sweep failed: $(cat heir.err)"; fi
  settled "sweep_$when/sweep.csv" >sweep.csv
  expect_same sweep.csv sweep_whole.csv
  expect_none "sweep_$when/leases"
done

# A table that somebody takes away is written anew with all of its rows, and this is said; what is put in its place
# stays, under another name.
"$CALOR" run run.toml -o tables --quiet </dev/null >tables.out 2>tables.err &
pid=$!
for _ in $(seq 2000); do
  (($(rows_of tables/history.csv) >= 8)) && break
  sleep 0.01
done
rm tables/history.csv
echo mine >tables/mine && mv tables/mine tables/probes.csv
code=0
wait "$pid" || code=$?
checks=$((checks + 1))
((code == 0)) || { fail "a table was taken away: exit $code" && cat tables.err; }
expect_same whole/history.csv tables/history.csv
expect_same whole/probes.csv tables/probes.csv
expect_words tables/run.log "warning: history.csv was removed"
expect_words tables/run.log "warning: probes.csv was replaced"
checks=$((checks + 1))
[[ $(cat tables/probes.csv.other-*) == mine ]] || fail "what stood in the place of probes.csv is gone"
finish
