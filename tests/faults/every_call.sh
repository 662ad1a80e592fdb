#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# A run and a sweep are killed before, half-way through and after calls on their files; `--resume` goes on each time,
# to the bits of an undisturbed run. Calls that are interrupted (EINTR) or move half of what they were asked to change
# nothing. usage: every_call.sh PROGRAM SHIM; SHIM is libcalor_fault_shim.so, as built.
# CALOR_EVERY_CALL=all: every call and every kind, on one rank and on each of three (minutes to hours); else all calls of
# the first moments and some of the others, which CALOR_SEED chooses. CALOR_EVERY_CALL_OF: run, sweep (both).
shim=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/../regression/common.sh"
RANDOM=${CALOR_SEED:-$(date +%s)}
seed=$RANDOM
RANDOM=$seed
echo "seed $seed"
all=$([[ ${CALOR_EVERY_CALL:-} == all ]] && echo 1 || echo 0)

cat >run.toml <<'EOT'
[grid]
nx = 12
ny = 10
[material]
conductivity = 1.0
density = 1.0
specific_heat = 1.0
[initial]
temperature = "10*x*y"
[boundary]
left = { type = "temperature", value = "10*sin(100*t)" }
right = { type = "convection", film = 3.0, ambient = 5.0 }
[time]
method = "euler"
steps = 8
[output]
every_steps = 4
[checkpoint]
every_steps = 3
[[probe]]
name = "p"
at = [0.4, 0.6]
EOT
# The second case has a directory of its own.
printf 'material.conductivity,output.every_steps,checkpoint.every_steps\n1,,\n2,4,3\n3,,\n' >plan.csv
{
  sed '/^\[output\]$/,/^every_steps = 3$/d' run.toml
  printf '[sweep]\nfile = "plan.csv"\nfields = "final"\n'
} >sweep.toml

# faulty N KIND RANK ARGS...: calor, on $ranks ranks, with a fault at call N of RANK
faulty() {
  local n=$1 kind=$2 rank=$3
  shift 3
  local set=(CALOR_FAULT_DIR="$work/killed" CALOR_FAULT_KIND="$kind" CALOR_FAULT_N="$n" CALOR_FAULT_LOG="$work/struck" LD_PRELOAD="$shim")
  set+=(CALOR_FAULT_RANK="$( ((ranks == 1)) && echo none || echo "$rank")")
  if ((ranks == 1)); then
    timeout -s KILL "$LIMIT" env "${set[@]}" "$CALOR" "$@" </dev/null
  else
    local words=() v
    for v in "${set[@]}"; do words+=(-x "$v"); done
    timeout -s KILL "$LIMIT" "$MPIEXEC" -n "$ranks" "${words[@]}" "$CALOR" "$@" </dev/null
  fi
}
undisturbed() { if ((ranks == 1)); then calor "$@"; else mpi "$ranks" "$@"; fi; }

# same_field A B: the numbers of the first field of two files of one layout.
same_field() {
  local at
  at=$(grep -ao '"offset":[0-9]*' "$1" | head -n 1)
  [[ -n $at ]] && cmp -s -i "${at#*:}" -n $((12 * 10 * 8)) "$1" "$2"
}
same_run() {
  local f
  for f in history.csv probes.csv; do cmp -s "whole/$f" "killed/$f" || return 1; done
  [[ $(grep -c '<Grid Name="step' killed/snapshots.xdmf) == 3 ]] || return 1
  for f in whole/snapshots/*.nc; do same_field "$f" "killed/snapshots/${f##*/}" || return 1; done
  [[ $(json killed/status.json state) == finished ]] || return 1
  [[ -z $(find killed -name '*.partial-*' -o -name lock) ]]
}
same_sweep() {
  settled killed/sweep.csv | cmp -s - whole.csv || return 1
  [[ -z $(find killed -name '*.partial-*' -o -name lock) && ! -e killed/leases ]]
}

struck=0
# kill_at N KIND RANK WHAT: WHAT is run or sweep
kill_at() {
  local n=$1 kind=$2 rank=$3 what=$4 code=0
  rm -rf killed struck
  faulty "$n" "$kind" "$rank" "$what" "$what.toml" -o "$work/killed" --quiet >"$out" 2>"$err" || code=$?
  [[ -s struck ]] || { fail "$what: call $n of rank $rank was never made ($kind)" && return 0; }
  struck=$((struck + 1)) checks=$((checks + 1))
  ((code != 0)) || fail "$what: $kind at call $n of rank $rank, and exit 0"
  # Before its first row a run has nothing to lose: then it may as well be started as if nothing had been.
  local how=(--resume)
  if [[ $what == run ]] && ((ranks == 1 && n <= 50 && n % 2 == 0)); then how=(); fi
  expect_exit 0 undisturbed "$what" "$what.toml" -o killed "${how[@]}" --quiet
  "same_$what" || fail "$what: $kind at call $n of rank $rank ($(cut -d' ' -f2- struck)): not as undisturbed"
}

read -ra kinds_of_work <<<"${CALOR_EVERY_CALL_OF:-run sweep}"
for what in "${kinds_of_work[@]}"; do
  for ranks in 1 3; do
    rm -rf whole killed struck
    expect_exit 0 undisturbed "$what" "$what.toml" -o whole --quiet
    if [[ $what == sweep ]]; then settled whole/sweep.csv >whole.csv; fi
    for ((rank = 0; rank < ranks; ++rank)); do
      # A sweep's ranks share its cases as they come: how many calls each makes is not the same every time.
      if [[ $what == sweep ]] && ((ranks > 1)); then continue; fi
      rm -rf killed struck
      expect_exit 0 faulty 0 count "$rank" "$what" "$what.toml" -o "$work/killed" --quiet
      count=$(wc -l <struck 2>/dev/null || echo 0)
      cp struck "calls.$what.$ranks.$rank" 2>/dev/null || true
      checks=$((checks + 1))
      ((rank > 0 || count > 100)) || fail "$what: only $count calls"
      before=$struck
      for ((n = 1; n <= count; ++n)); do
        kinds=(kill-before kill-half kill-after)
        if ((!all)); then
          # The first moments of a directory one by one, the rest by chance.
          if ((ranks > 1)); then
            ((RANDOM % (count / 2 + 1) == 0)) || continue
          elif ((n > 45)); then
            ((RANDOM % (count / 12 + 1) == 0)) || continue
          fi
          kinds=("${kinds[RANDOM % 3]}")
        fi
        for kind in "${kinds[@]}"; do
          kill_at "$n" "$kind" "$rank" "$what"
        done
      done
      echo "$what on $ranks, rank $rank: $count calls, $((struck - before)) kills"
    done
  done
done

# Interrupted, or half done, each call once: the next one is the same call again. Files that HDF5 and MPI-IO write are
# spared: libhdf5 1.10 takes an interrupted close, and OMPIO a short read, for a failure. So are listings of directories, by
# the standard library.
calls=open,read,write,truncate,allocate,sync,close,rename,link,unlink,mkdir,times
for what in "${kinds_of_work[@]}"; do
  for ranks in 1 3; do
    rm -rf whole
    expect_exit 0 undisturbed "$what" "$what.toml" -o whole --quiet
    if [[ $what == sweep ]]; then settled whole/sweep.csv >whole.csv; fi
    for kind in EINTR short; do
      rm -rf killed struck
      CALOR_FAULT_CALLS=$calls CALOR_FAULT_EVERY=2 CALOR_FAULT_NOT=snapshots/,checkpoints/,results.h5 \
        expect_exit 0 faulty 1 "$kind" 0 "$what" "$what.toml" -o "$work/killed" --quiet
      checks=$((checks + 1))
      if [[ ! -s struck ]] || ! "same_$what"; then fail "$what on $ranks: $kind at every other call: not as undisturbed"; fi
      echo "$what on $ranks: $kind, $(wc -l <struck) times"
    done
  done
done
finish
