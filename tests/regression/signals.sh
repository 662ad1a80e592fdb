#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Signals at random moments, from the first instruction to the last: runs and sweeps end with 75 and can be gone on
# from, or with 0 where they were over; other commands end at once. What is ignored at start stays ignored. Nobody who
# listens: runs go on, and a product that cannot be written is 74. A serial run keeps to itself, ranks to their node.
#
# usage: signals.sh PROGRAM; CALOR_SIGNALS=N signals of each kind of work (4), SEED for other moments (1).
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
count=${CALOR_SIGNALS:-4} RANDOM=${SEED:-1}

{ plate 48 40 0.0 && cat <<'EOT'; } >euler.toml
[boundary]
left = { type = "temperature", value = 10.0 }
[time]
method = "euler"
steps = 40000
[checkpoint]
every_steps = 4000
[[probe]]
name = "middle"
at = [0.5, 0.5]
EOT
sed 's/^steps = .*/dt = 0.002/; s/"euler"/"backward-euler"\nend = 0.4/; s/^every_steps.*/every_steps = 7/' euler.toml >implicit.toml
{
  sed 's/^steps = .*/steps = 6000/' euler.toml
  printf '[sweep.vary]\n"material.conductivity" = { from = 1.0, to = 4.0, count = 6 }\n'
} >plan.toml

# ended PID LIMIT: waits for a child and keeps its exit status in $got; "late" if it does not end in time.
ended() {
  local end=$((${EPOCHREALTIME/[.,]/} + $2 * 1000000))
  while [[ -e /proc/$1 && $(sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/$1/status" 2>/dev/null) != [ZX] ]]; do
    if ((${EPOCHREALTIME/[.,]/} > end)); then
      got=late
      kill -KILL "$1" 2>/dev/null || true
      wait "$1" 2>/dev/null || true
      return 0
    fi
    sleep 0.02
  done
  got=0
  wait "$1" 2>/dev/null || got=$?
}
# holding PID: whether it has reached its first instruction, and signals wait to be heard.
holding() {
  local mask
  mask=$(sed -n 's/^SigBlk:[[:space:]]*//p' "/proc/$1/status" 2>/dev/null) || return 1
  [[ -n $mask ]] && (((0x${mask: -8} >> 9 & 1) == 1)) # USR1
}
await() {
  local n
  for ((n = 0; n < 500; ++n)); do
    if "$@" 2>/dev/null; then return 0; fi
    sleep 0.01
  done
  return 1
}
ranks_of() { pgrep -P "$1" -f "$(basename "$CALOR") "; }
microseconds() { echo "${EPOCHREALTIME/[.,]/}"; }

# --- Signals at random moments --------------------------------------------------------------------------------------
signals=(TERM INT HUP USR1 USR2 XCPU)
declare -A whole=()
for work_kind in "run euler" "run implicit" "sweep plan"; do
  read -r verb name <<<"$work_kind"
  begin=$(microseconds)
  expect_exit 0 calor "$verb" "$name.toml" -o "$name.whole" --quiet
  whole[$name]=$(($(microseconds) - begin))
done

trial=0
for ((n = 0; n < count; ++n)); do
  for work_kind in "run euler 1" "run implicit 1" "sweep plan 1" "run euler 3" "run implicit 3" "sweep plan 3"; do
    read -r verb name ranks <<<"$work_kind"
    signal=${signals[RANDOM % 6]} trial=$((trial + 1)) dir=$name.$trial
    delay=$(((RANDOM * 32768 + RANDOM) % (whole[$name] * 11 / 10)))
    what="$signal to $verb $name on $ranks after $delay us"
    if ((ranks == 1)); then
      env --default-signal=INT,QUIT,HUP "$CALOR" "$verb" "$name.toml" -o "$dir" --quiet </dev/null >log 2>&1 &
      pid=$! target=$!
    else
      env --default-signal=INT,QUIT,HUP "$MPIEXEC" -n "$ranks" "$CALOR" "$verb" "$name.toml" -o "$dir" --quiet </dev/null >log 2>&1 &
      pid=$! target=
      all_ranks() { (($(ranks_of "$pid" | wc -l) == ranks)); }
      await all_ranks || fail "$what: no ranks"
      target=$(ranks_of "$pid" | sed -n "$((RANDOM % ranks + 1))p")
    fi
    await holding "$target" || fail "$what: signals are not held at the start"
    sleep "$((delay / 1000000)).$(printf %06d $((delay % 1000000)))"
    kill -"$signal" "$target" 2>/dev/null || true
    checks=$((checks + 1))
    ended "$pid" 20
    case $got in
      0) ;;
      75) expect_exit 0 calor "$verb" "$name.toml" -o "$dir" --resume --quiet ;;
      *)
        fail "$what: exit $got"
        tail -n 5 log
        continue
        ;;
    esac
    if [[ $verb == run ]]; then
      expect_exit 0 calor compare "$name.whole" "$dir"
      expect_same "$name.whole/history.csv" "$dir/history.csv"
      expect_same "$name.whole/probes.csv" "$dir/probes.csv"
    else
      checks=$((checks + 1))
      [[ $(settled "$name.whole/sweep.csv") == "$(settled "$dir/sweep.csv")" ]] || fail "$what: another table"
    fi
    rm -rf "$dir"
  done
done
echo "$trial signals at random moments"

# --- Other commands end at once ---------------------------------------------------------------------------------------
mkfifo fifo
sed 's/^nx = .*/nx = 1500/; s/^ny = .*/ny = 1500/' euler.toml >large.toml
begin=$(microseconds)
for words in "verify tealeaf_bm_4" "bench explicit" "estimate large.toml" "estimate fifo" "info fifo" "compare fifo fifo" \
  "import tealeaf fifo -o deck.toml" "plot fifo -o picture.png"; do
  # shellcheck disable=SC2086 # words
  env --default-signal=INT,QUIT "$CALOR" $words </dev/null >log 2>&1 &
  pid=$!
  sleep 0.4
  kill -INT $pid 2>/dev/null || continue # it has refused already
  checks=$((checks + 1))
  ended $pid 1
  [[ $got != late && $got != 75 ]] || fail "Ctrl-C in $words: $got"
done
env --default-signal=INT,QUIT "$MPIEXEC" -n 2 "$CALOR" verify tealeaf_bm_5 </dev/null >log 2>&1 & # it takes long
pid=$!
sleep 1
kill -INT $pid || fail "verify is over before it can be interrupted"
checks=$((checks + 1))
ended $pid 5
[[ $got != late ]] || fail "Ctrl-C in verify under the launcher"
for verb in run sweep; do
  env --default-signal=INT,QUIT "$CALOR" $verb fifo -o waits </dev/null >log 2>&1 &
  pid=$!
  reads() { [[ $(readlink /proc/$pid/fd/* 2>/dev/null) == *fifo* ]]; }
  await reads || fail "$verb does not open its case"
  kill -INT $pid
  checks=$((checks + 1))
  ended $pid 1
  [[ $got == 75 ]] || fail "$verb that waits for its case: $got"
  expect_none waits
done
# What is no case but is read whole is refused, not waited for.
sed 's/value = 10.0/value = { file = "fifo", column = "T", time = "t" }/' euler.toml >table.toml
checks=$((checks + 1))
LIMIT=20 calor run table.toml -o waits >log 2>&1 && got=0 || got=$?
[[ $got == 6[56] || $got == 78 ]] || fail "a table that is a FIFO: $got"
expect_words log "regular file"
# Three times: at once.
env --default-signal=INT,QUIT "$CALOR" run euler.toml time.steps=100000000 -o thrice --quiet </dev/null >log 2>&1 &
pid=$!
await holding $pid || fail "signals are not held at the start"
kill -STOP $pid # so that what it would do in order takes long
for signal in USR1 USR2 TERM; do kill -$signal $pid; done
kill -CONT $pid
ended $pid 5
checks=$((checks + 1))
[[ $got == 75 || $got == 70 ]] || fail "three signals at once: $got"
# A library's own thread, started before main() is reached, lets none through.
if [[ -n ${CALOR_EARLY_THREAD:-} ]]; then
  env --default-signal=INT,QUIT LD_PRELOAD="$CALOR_EARLY_THREAD" "$CALOR" run euler.toml time.steps=100000000 -o early --quiet \
    </dev/null >log 2>&1 &
  pid=$!
  await holding $pid || fail "signals are not held at the start"
  kill -USR1 $pid
  ended $pid 20
  checks=$((checks + 1))
  [[ $got == 75 ]] || fail "a signal beside a library's own thread: $got"
fi

# --- Ignored at start -------------------------------------------------------------------------------------------------
nohup "$CALOR" run euler.toml -o nohup --quiet </dev/null >log 2>&1 &
pid=$!
await holding $pid || fail "signals are not held at the start"
sleep 0.1
kill -HUP $pid || true
kill -INT $pid || true # the shell ignores it for what it starts in the background
ended $pid 30
checks=$((checks + 1))
[[ $got == 0 ]] || fail "a run under nohup: $got"
expect_exit 0 calor compare euler.whole nohup

# --- Nobody listens -----------------------------------------------------------------------------------------------------
# lonely REDIRECTION...: a run whose output goes there
expect_file euler.whole/run.log
lines=$(wc -l <euler.whole/run.log)
lonely() {
  local got=0
  rm -rf lonely
  checks=$((checks + 1))
  eval "calor run euler.toml -o lonely $1" 2>/dev/null || got=$?
  ((got == 0)) || fail "a run with $1: $got"
  (($(wc -l <lonely/run.log) == lines)) || fail "a run with $1: $(wc -l <lonely/run.log) lines in run.log instead of $lines"
}
lonely '>/dev/full 2>/dev/full'
lonely '>&- 2>&-'
lonely '<&- >&- 2>&-'
lonely '| true'
lonely '2>&1 | true'
checks=$((checks + 1))
(ulimit -f 16 && timeout 60 "$CALOR" run euler.toml grid.nx=200 time.steps=400 -o limited >/dev/null 2>log) && got=0 || got=$?
[[ $got == 74 || $got == 0 || $got == 73 ]] || fail "a file-size limit: $got"
for words in "schema" "--help" "--version" "run --help" "info euler.whole" "compare euler.whole nohup" "verify --list" \
  "estimate euler.toml" "sweep plan.toml --dry-run"; do
  # shellcheck disable=SC2086 # words
  product() { "$CALOR" $words >/dev/full; }
  expect_exit 74 product
  expect_words "$err" "standard output"
  checks=$((checks + 1))
  (($(wc -l <"$err") == 1)) || fail "$words with a full disk: more than one message"
done
checks=$((checks + 1))
got=$({ calor schema 2>/dev/null || echo $? >&3; } 3>&1 | { sleep 0 && exec <&- && sleep 0.5; }) || true
{ calor schema 2>"$err" || echo $? >code; } | true
expect_words code 74

# --- Alone ----------------------------------------------------------------------------------------------------------------
env -u OMPI_MCA_btl "$CALOR" run euler.toml time.steps=100000000 -o alone --quiet </dev/null >log 2>&1 &
pid=$!
await test -s alone/status.json || fail "no status.json"
checks=$((checks + 1))
if pgrep -P $pid >/dev/null; then fail "a serial run has started another process"; fi
# State 0A: listening; column 10 the inode.
listening=$(cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk '$4 == "0A" { print "socket:[" $10 "]" }')
for fd in /proc/$pid/fd/*; do
  link=$(readlink "$fd" || true)
  if [[ $link == socket:* ]] && grep -qxF "$link" <<<"$listening"; then fail "a serial run listens on a port"; fi
done
kill -TERM $pid
ended $pid 10
[[ $got == 75 ]] || fail "a serial run that is asked to stop: $got"
# Ranks on one node load no drivers of networks (Open MPI: transports "mtl"), unless the user wants them.
LD_DEBUG=files LD_DEBUG_OUTPUT=loaded expect_exit 0 "$MPIEXEC" -n 2 "$CALOR" run euler.toml time.steps=1 -o near --quiet
checks=$((checks + 1))
grep -q 'calling init: .*libmpi' loaded.* || fail "what was loaded is not told"
if grep -q 'calling init: .*mca_mtl_' loaded.*; then fail "drivers of networks are loaded on one node"; fi
if [[ $("$CALOR" --version) == *"Open MPI"* ]]; then
  checks=$((checks + 1))
  if OMPI_MCA_pml=none_such "$MPIEXEC" -n 2 "$CALOR" run euler.toml time.steps=1 -o far --quiet >log 2>&1; then
    fail "what the user says of transports does not stand"
  fi
fi
finish
