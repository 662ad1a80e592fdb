# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
# For tests of the built program. A script sources this file first, with the program as its argument 1 (or in the
# environment as CALOR), makes its checks in $work, where it stands then, and ends with `finish`.
#
#   calor ARGS...             on one process, without a launcher
#   mpi N ARGS...             calor on N ranks
#   expect_exit CODE CMD...   runs CMD with its output in $out and $err; complains unless it ends with CODE
#   expect_words FILE WORDS   complains unless FILE holds WORDS
#   expect_file PATH, expect_none PATH
#   expect_same A B           two files are alike to the last byte
#   pictures                  whether the program was built with them
#   json FILE KEY [KEY ...]   a number, word or string of a JSON file; every KEY but the last names a table
#   in_turn N CHOICE ...      sets ${now[@]} to N of them, others at each call; all of them with CALOR_ALL_LAYOUTS=1
#   settled TABLE.csv         the columns of a sweep's table that are the same on any layout
#   plate NX NY T             the head of a case: a plate of unit material that begins at T
#   fail TEXT
#
# LIMIT (seconds, default 60) ends every command by SIGKILL.
set -euo pipefail
CALOR=${1:-${CALOR:-}}
if [[ -z $CALOR || ! -x $CALOR ]]; then
  echo "usage: $0 PROGRAM (or CALOR=PROGRAM $0): the built calor; \"$CALOR\" is no program" >&2
  exit 64
fi
CALOR=$(cd "$(dirname "$CALOR")" && pwd)/$(basename "$CALOR")
source_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck disable=SC2034 # for the scripts that source this file
configs="$source_root/configs"
MPIEXEC=${MPIEXEC:-mpirun}
LIMIT=${LIMIT:-60}
export OMPI_ALLOW_RUN_AS_ROOT="${OMPI_ALLOW_RUN_AS_ROOT-1}" OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="${OMPI_ALLOW_RUN_AS_ROOT_CONFIRM-1}"
export OMPI_MCA_rmaps_base_oversubscribe="${OMPI_MCA_rmaps_base_oversubscribe-1}"
export OMPI_MCA_hwloc_base_binding_policy="${OMPI_MCA_hwloc_base_binding_policy-none}"
export PRTE_MCA_rmaps_default_mapping_policy="${PRTE_MCA_rmaps_default_mapping_policy-:oversubscribe}" # Open MPI 5
export PRTE_MCA_hwloc_default_binding_policy="${PRTE_MCA_hwloc_default_binding_policy-none}"
export OMPI_MCA_mpi_yield_when_idle="${OMPI_MCA_mpi_yield_when_idle-1}"
export OMP_NUM_THREADS="${OMP_NUM_THREADS-1}" OMP_WAIT_POLICY="${OMP_WAIT_POLICY-passive}"

work=$(mktemp -d "${TMPDIR:-/tmp}/calor-test.XXXXXX")
out="$work/.stdout" err="$work/.stderr"
checks=0 failures=0
cleanup() {
  local pid
  for pid in $(jobs -p); do kill -KILL "$pid" 2>/dev/null || true; done
  chmod -R u+rwX "$work" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
cd "$work"

calor() { timeout -s KILL "$LIMIT" "$CALOR" "$@" </dev/null; }
mpi() {
  local ranks=$1
  shift
  timeout -s KILL "$LIMIT" "$MPIEXEC" -n "$ranks" "$CALOR" "$@" </dev/null
}

plate() {
  printf '[grid]\nnx = %s\nny = %s\n[material]\nconductivity = 1.0\ndensity = 1.0\nspecific_heat = 1.0\n[initial]\ntemperature = %s\n' "$@"
}

pictures() { [[ $(calor plot nothing -o nothing.png 2>&1 || true) != *"built without pictures"* ]]; }

fail() {
  failures=$((failures + 1))
  printf 'FAILED: %s\n' "$1"
}

# show: what the last command of expect_exit said, for the log of a failed check.
show() {
  local file
  for file in "$out" "$err"; do
    if [[ -s $file ]]; then
      printf '  %s:\n' "${file##*/.}"
      tail -n 15 "$file" | while IFS= read -r line; do printf '    %s\n' "$line"; done
    fi
  done
}

expect_exit() {
  local code=$1 got=0
  shift
  checks=$((checks + 1))
  "$@" >"$out" 2>"$err" || got=$?
  if ((got != code)); then
    if ((got == 137)); then got="137 (killed after $LIMIT s?)"; fi
    fail "exit $got instead of $code: $*"
    show
    return 0
  fi
}

expect_words() {
  checks=$((checks + 1))
  grep -qF -- "$2" "$1" || { fail "\"$2\" is missing in ${1##*/}" && show; }
}
expect_file() {
  checks=$((checks + 1))
  [[ -f $1 ]] || fail "no file $1"
}
expect_none() {
  checks=$((checks + 1))
  [[ ! -e $1 ]] || fail "$1 should not be there"
}
expect_same() {
  checks=$((checks + 1))
  cmp -s "$1" "$2" || fail "$1 and $2 differ"
}

json() {
  local file=$1 key text
  shift
  text=$(tr -d '\r\n' <"$file")
  while (($# > 1)); do
    # From the table's opening brace on; its keys come before any of the same name that follow it.
    text=$(sed -n "s/.*\"$1\"[[:space:]]*:[[:space:]]*{//p" <<<"$text")
    shift
  done
  key=$1
  grep -oE "\"$key\"[[:space:]]*:[[:space:]]*(\"[^\"]*\"|[^,}[:space:]]+)" <<<"$text" | sed -n '1{s/^[^:]*:[[:space:]]*//;s/^"\(.*\)"$/\1/;p;}'
}

# Each layout of ranks is tried with some of the cases and each case on some layouts: all pairs take half an hour.
turns=0
in_turn() {
  local count=$1 n all
  shift
  all=("$@")
  now=("$@")
  if [[ -n ${CALOR_ALL_LAYOUTS-} ]]; then return 0; fi
  now=()
  for ((n = 0; n < count; ++n)); do now+=("${all[turns++ % ${#all[@]}]}"); done
}

# What in the table of a sweep does not depend on who computed a case, and when.
settled() {
  awk -F, -v OFS=, 'NR == 1 { for (i = 1; i <= NF; ++i) if ($i !~ /^(tries|ranks|seconds|setup_seconds)$/) keep[++n] = i }
                    { line = ""; for (k = 1; k <= n; ++k) line = line (k > 1 ? "," : "") $keep[k]; print line }' "$1"
}

# Exit status 1 when any check failed; a script that checked nothing fails too.
finish() {
  if ((failures > 0 || checks == 0)); then
    echo "$(basename "$0"): $failures of $checks checks failed"
    exit 1
  fi
  echo "$(basename "$0"): all $checks checks passed"
}
