#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The batch scripts of scripts/slurm/ under a real Slurm, which runs here for as long as this takes (slurm_local): runs
# and sweeps that finish, are stopped by the signal and queued again, lose a rank or a node. Whatever happens, the
# results have the bits of an undisturbed run of one process. Where slurmdbd and mariadbd are there, sacct is asked too.
#
# usage: try.sh PROGRAM; exit 77 (skipped) where there is no Slurm, or no right to start one. Three to four minutes, one
# of them until a job on a lost node is taken for dead.
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/../regression/common.sh"
slurm_local=$source_root/tests/slurm/slurm_local scripts=$source_root/scripts/slurm
unset "${!SLURM_@}" "${!SBATCH_@}" "${!CALOR_MAX_@}" CALOR_OUTPUT CALOR_LAUNCH CALOR_LEAD # nothing of a job that this may be run in
export CALOR SLURM_LOCAL_DIR=$work/slurm SLURM_LOCAL_NODES=4
bash "$slurm_local" check || exit
SLURM_LOCAL_PORT=$((17600 + 10 * ($$ % 100)))
export SLURM_LOCAL_PORT
export SLURM_LOCAL_ACCOUNTING=0
if bash "$slurm_local" can-account; then SLURM_LOCAL_ACCOUNTING=1; fi
trap 'bash "$slurm_local" stop; cleanup' EXIT
bash "$slurm_local" start
eval "$(bash "$slurm_local" env)"

cat >base.toml <<'EOF'
[grid]
nx = 128
ny = 128
[material]
conductivity = 1.0
density = 1.0
specific_heat = 1.0
[initial]
temperature = 0.0
[boundary]
left = { type = "temperature", value = 10.0 }
[time]
method = "euler"
EOF
# A case of the sweeps is to take about 0.3 s, and the run 5 s, so that there is time to disturb them.
begin=${EPOCHREALTIME/[.,]/}
expect_exit 0 calor run base.toml time.steps=100000 -o trial --quiet
steps=$((100000 * 300000 / (${EPOCHREALTIME/[.,]/} - begin)))
run=(base.toml grid.nx=512 grid.ny=512 "time.steps=$steps")
cases=50
{
  sed "s/^method.*/&\nsteps = $steps/" base.toml
  printf '[sweep.vary]\n"material.conductivity" = { from = 1.0, to = 4.0, count = %d }\n' $cases
} >plan.toml

say() { printf '%3d s: %s\n' "$SECONDS" "$*"; }

# submit NAME SCRIPT OPTIONS... -- ARGS...: prints the number of the job; NAME is the directory, and NAME*.log the logs.
submit() {
  local name=$1 script=$2 options=() pattern=%j
  shift 2
  while [[ $1 != -- ]]; do
    options+=("$1")
    shift
  done
  if [[ $script == *array* ]]; then pattern=%a; fi
  CALOR_OUTPUT=$name sbatch --parsable --time=30 --ntasks-per-node=1 --cpus-per-task=1 --exclusive \
    --output="$name.$pattern.log" "${options[@]}" "$scripts/$script" "${@:2}"
}
# by SECONDS TEXT CMD...: waits until CMD says yes; complains with TEXT if it has not by then.
by() {
  local end=$((SECONDS + $1)) text=$2
  shift 2
  checks=$((checks + 1))
  until "$@" >/dev/null 2>&1; do
    if ((SECONDS >= end)); then
      fail "$text"
      squeue
      return 0
    fi
    sleep 0.2
  done
}
signal() { scancel --signal="$1" "$2" || fail "job $2 is over before it is disturbed"; } # NAME JOB
idle() { (($(sinfo -h -N -t idle -o %N | sort -u | wc -l) == $1)); } # NODES
over() { [[ -z $(squeue -h -j "$1" 2>/dev/null) ]]; }
about() { scontrol show job -o "$1" | sed -n "s/.* $2=\([^ ]*\).*/\1/p"; } # JOB KEY
records() { grep -c "\"event\":\"$2\"" "$1/journal" 2>/dev/null; }         # SWEEP EVENT
has_records() { (($(records "$1" "$2") >= $3)); }                          # SWEEP EVENT COUNT
steps_made() { local step && step=$(json "$1/status.json" step) && ((${step:-0} > 0)); }
cases_told() { local n && n=$(json "$1/status.json" "done") && ((${n:-0} > 0)); }

# expect_job JOB RESTARTS: it has ended with exit status 0, and was queued again so often.
expect_job() {
  local got want="COMPLETED 0:0 $2"
  checks=$((checks + 1))
  got="$(about "$1" JobState) $(about "$1" ExitCode) $(about "$1" Restarts)"
  [[ $got == "$want" ]] || fail "job $1: state, exit status and restarts are $got, not $want"
}
# expect_accounts JOB STATES: what sacct says of each of its starts, in their order; it hears of them a little later.
expect_accounts() {
  ((SLURM_LOCAL_ACCOUNTING == 1)) || return 0
  local n got
  checks=$((checks + 1))
  for ((n = 0; n < 50; ++n)); do
    got=$(sacct -n -X -D -P -j "$1" -o State | tr '\n' ' ')
    if [[ $got == "$2 " ]]; then return 0; fi
    sleep 0.2
  done
  fail "sacct says of job $1: $got, not $2"
}
# expect_sweep NAME: complete, with the right bits; every case ended once; nobody is left.
expect_sweep() {
  settled "$1/sweep.csv" >"$1.csv" || true
  expect_same "$1.csv" whole.csv
  expect_none "$1/leases"
  checks=$((checks + 2))
  (($(grep -c ',done,' "$1/sweep.csv") == cases)) || fail "$1: the table has not $cases cases that are done"
  (($(records "$1" "done") == cases)) || fail "$1: $(records "$1" "done") cases were computed for $cases of the plan"
}
workers() { sed -n 's/.*"event":"done".*"owner":"\([0-9a-f]*\)\..*/\1/p' "$1/journal" | sort | uniq -c | sort -rn; }

say "references: one process without Slurm; $steps steps a case"
expect_exit 0 calor run "${run[@]}" -o alone --quiet
expect_exit 0 calor sweep plan.toml -o whole --quiet
settled whole/sweep.csv >whole.csv

say "a run on 2 nodes; a sweep on 2 nodes"
job=$(submit run run.sbatch --nodes=2 -- "${run[@]}")
sweep=$(submit sweep sweep.sbatch --nodes=2 -- plan.toml)
by 120 "the run does not end" over "$job"
by 120 "the sweep does not end" over "$sweep"
expect_job "$job" 0
expect_job "$sweep" 0
expect_exit 0 calor compare alone run
expect_words "run.$job.log" "2 ranks x 1 thread"
expect_sweep sweep

say "the script that docs/tutorial.md prints: it runs, and a job that was stopped queues itself again"
mkdir tutorial bin
printf '#!/bin/sh\nexec "%s" "$@"\n' "$CALOR" >bin/calor
chmod +x bin/calor
bash "$source_root/docs/site/blocks" "$source_root/docs/tutorial.md" tutorial/.block.
for note in tutorial/.block.*.note; do
  text=$(<"$note")
  if [[ $text == "<!-- as: "* ]]; then text=${text#<!-- as: } && cp "${note%.note}" "tutorial/${text% -->}"; fi
done
printed() { # NAME: submits it on 2 nodes, a rank each; NAME.log is its log
  (cd tutorial && PATH=$work/bin:$PATH sbatch --parsable --time=30 --nodes=2 --ntasks-per-node=1 --exclusive --output="$1.log" sweep.sbatch)
}
job=$(printed first)
by 120 "the tutorial's sweep does not end" over "$job"
expect_job "$job" 0
expect_words tutorial/first.log "45 done, 0 failed, 0 not done"
# More cells, so that there is time to stop it.
sed -i 's/^nx = .*/nx = 480/; s/^ny = .*/ny = 320/' tutorial/plate.toml
rm -r tutorial/out
job=$(printed stopped)
by 60 "the tutorial's sweep does not begin" has_records tutorial/out/job "done" 2
signal USR1 "$job"
by 180 "the tutorial's sweep does not end" over "$job"
expect_job "$job" 1
expect_words tutorial/stopped.log "stopped early (SIGUSR1)"
checks=$((checks + 1))
(($(grep -c ',done,' tutorial/out/job/sweep.csv) == 45)) || fail "the tutorial's sweep is not complete"

say "the same, stopped by the signal"
job=$(submit stopped_run run.sbatch --nodes=2 -- "${run[@]}")
sweep=$(submit stopped_sweep sweep.sbatch --nodes=2 -- plan.toml)
by 60 "the run does not begin" steps_made stopped_run
signal USR1 "$job"
by 60 "the sweep does not begin" has_records stopped_sweep "done" 2
signal USR1 "$sweep"
by 120 "the run does not end" over "$job"
by 120 "the sweep does not end" over "$sweep"
expect_job "$job" 1
expect_job "$sweep" 1
for log in "stopped_run.$job.log" "stopped_sweep.$sweep.log"; do
  expect_words "$log" "Exited with exit code 75"
  expect_words "$log" "stopped early (SIGUSR1)"
done
expect_exit 0 calor compare alone stopped_run
expect_sweep stopped_sweep

expect_accounts "$job" "REQUEUED COMPLETED"

say "a job that has been queued again often enough ends with 75"
job=$(CALOR_MAX_RESTARTS=0 submit last_run run.sbatch --nodes=1 -- "${run[@]}")
by 60 "the run does not begin" steps_made last_run
signal USR1 "$job"
by 120 "the run does not end" over "$job"
checks=$((checks + 1))
[[ $(about "$job" ExitCode) == 75:0 ]] || fail "job $job: exit status $(about "$job" ExitCode), not 75:0"
expect_words "last_run.$job.log" "not queued again"
expect_accounts "$job" "FAILED"

say "a time limit that is not twice the signal's lead, and one that is"
for script in run.sbatch sweep.sbatch sweep_array.sbatch; do
  options=(--nodes=1 --time=10)
  if [[ $script == *array* ]]; then options+=(--array=0); fi
  job=$(submit "short_$script" "$script" "${options[@]}" -- plan.toml)
  by 60 "the job does not end" over "$job"
  checks=$((checks + 1))
  [[ $(about "$job" ExitCode) == 64:0 ]] || fail "job $job: exit status $(about "$job" ExitCode), not 64:0"
  expect_words short_"$script".*.log "600 s, has to exceed twice the lead of the signal, 300 s"
  expect_none "short_$script"
done
job=$(CALOR_LEAD=299 CALOR_LAUNCH="srun --mpi=pmix --kill-on-bad-exit=1 --label" submit launched run.sbatch --nodes=2 --time=10 -- "${run[@]}")
by 120 "the run does not end" over "$job"
expect_job "$job" 0
expect_words "launched.$job.log" "0: results in launched" # as srun --label has it
expect_exit 0 calor compare alone launched
expect_accounts "$job" "COMPLETED"

say "a run loses its ranks: the supervisor starts them again in the same job; then the supervisor itself is signalled"
job=$(submit killed_run run.sbatch --nodes=2 -- "${run[@]}")
by 60 "the run does not begin" steps_made killed_run
signal KILL "$job.0"
by 60 "the run is not started again" grep -q "running again" "killed_run.$job.log"
scancel --batch --signal=TERM "$job" || fail "job $job is over before it is disturbed"
by 120 "the run does not end" over "$job"
expect_job "$job" 1
expect_words "killed_run.$job.log" "start 2:"
expect_words "killed_run.$job.log" "is queued again"
expect_exit 0 calor compare alone killed_run

say "a run loses the node of one of its ranks, then that of its script"
for part in 2 1; do
  job=$(submit "lost_$part" run.sbatch --nodes=2 -- "${run[@]}")
  by 60 "the run does not begin" steps_made "lost_$part"
  node=$(scontrol show hostnames "$(about "$job" NodeList)" | sed -n "${part}p")
  bash "$slurm_local" kill-node "$node"
  by 150 "the run does not end" over "$job"
  expect_job "$job" 1
  expect_exit 0 calor compare alone "lost_$part"
  expect_accounts "$job" "NODE_FAIL COMPLETED"
  bash "$slurm_local" start-node "$node"
  by 60 "the node does not come back" idle 4
done

say "an array of 3 jobs on one sweep"
array=$(submit array sweep_array.sbatch --array=0-2 -- plan.toml)
by 120 "the array does not end" over "$array"
for task in 0 1 2; do expect_job "${array}_$task" 0; done
expect_sweep array
checks=$((checks + 1))
(($(workers array | wc -l) >= 2)) || fail "one job of the array has done all the work"
say "shares of the jobs:" "$(workers array | awk '{ printf " %d", $1 }')"

say "an array of 4: one is killed, one is stopped by the signal, one loses its node"
array=$(submit losses sweep_array.sbatch --array=0-3 -- plan.toml)
by 60 "the array does not begin" has_records losses job 4
by 60 "the array does not begin" cases_told losses
node=$(about "${array}_2" NodeList)
bash "$slurm_local" kill-node "$node"
signal KILL "${array}_0.0" # its ranks; without the .0 Slurm would take it as the user's wish to end the job
signal USR1 "${array}_1"
by 150 "the array does not end" over "$array"
for task in 0 1 2; do expect_job "${array}_$task" 1; done
expect_job "${array}_3" 0
expect_words losses.0.log "Killed"
expect_words losses.1.log "Exited with exit code 75"
expect_sweep losses
say "shares of the jobs and of their restarts:" "$(workers losses | awk '{ printf " %d", $1 }')"
checks=$((checks + 1))
(($(records losses bury) >= 1)) || fail "the cases of the jobs that died were not taken over"

if ((failures > 0)); then tail -n 30 ./*.log; fi
say "done"
finish
