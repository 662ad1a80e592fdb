# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
# What quickstart and test share. Sourced by bash with `set -euo pipefail`; needs nothing beyond a bare Debian.
calor_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

phase_name="" phase_started=$SECONDS

say() { printf '%s\n' "$*"; }

# die CODE LINE ...: the lines go to stderr, the script ends. Codes are those of sysexits.h, as in calor itself.
die() {
  local code=$1
  shift
  printf '%s\n' "$@" >&2
  exit "$code"
}

# phase NAME: closes the phase before with its time and opens the next one.
phase() {
  phase_done
  phase_name=$1 phase_started=$SECONDS
  say "==> $phase_name"
}
phase_done() {
  [[ -z $phase_name ]] || say "    ($phase_name: $((SECONDS - phase_started)) s)"
  phase_name=""
}

listed_packages() { sed -e 's/#.*//' -e 's/[[:space:]]//g' -e '/^$/d' "$calor_root/scripts/packages.txt"; }
needed_packages() { listed_packages | sed -e '/^?/d'; }
# Those that calor is built without where they cannot be had.
wished_packages() { listed_packages | sed -n -e 's/^?//p'; }

# missing_packages NAME ...: those that dpkg does not have, one a line.
missing_packages() {
  local package
  for package in "$@"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true) == installed ]] || say "$package"
  done
}

# install_packages NAME ...: installs what is missing. Without the right to do so it prints the command that an
# administrator has to run. On a system without dpkg it trusts CMake to say what it does not find.
install_packages() {
  local -a missing command=()
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    say "    not a Debian system: going on with the compiler, MPI and libraries that CMake finds"
    return 0
  fi
  read -r -d "" -a missing <<<"$(missing_packages "$@")" || true # no process substitution: /dev/fd may be missing
  if ((${#missing[@]} == 0)); then
    say "    all $# packages are there"
    return 0
  fi
  if ((EUID == 0)); then
    command=(env)
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    command=(sudo -n env)
  else
    die 69 "Packages are missing and this account may not install them. An administrator has to run:" \
      "" "  apt-get update && apt-get install -y --no-install-recommends ${missing[*]}" "" \
      "Then start this script again."
  fi
  command+=(DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300)
  say "    installing ${missing[*]}"
  local log
  log=$(mktemp)
  # A failing update is no reason to stop: some other source of this machine may be down, and the lists may do.
  "${command[@]}" -q update >"$log" 2>&1 </dev/null || say "    apt-get update failed; trying with the lists that are there"
  if ! "${command[@]}" -q install -y --no-install-recommends "${missing[@]}" >>"$log" 2>&1 </dev/null; then
    tail -n 30 "$log" >&2
    rm -f "$log"
    die 69 "apt-get could not install ${missing[*]} (its last words are above)."
  fi
  rm -f "$log"
}

# install_wished: tries to install what is wished for and missing, and goes on without.
install_wished() {
  local -a missing
  command -v dpkg-query >/dev/null && command -v apt-get >/dev/null || return 0
  # shellcheck disable=SC2046 # names of packages
  read -r -d "" -a missing <<<"$(missing_packages $(wished_packages))" || true
  ((${#missing[@]} > 0)) || return 0
  (install_packages "${missing[@]}") >/dev/null 2>&1 || say "    without ${missing[*]}: not needed (scripts/packages.txt says what for)"
}

# Cores that this process may use. nproc alone would answer with OMP_NUM_THREADS where that is set.
usable_cores() {
  env -u OMP_NUM_THREADS -u OMP_THREAD_LIMIT nproc
}

# How many compilers may run at once: one a core, and about 1.5 GB of memory for each.
build_jobs() {
  local cores memory=0 limit jobs
  cores=$(usable_cores)
  memory=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo 2>/dev/null || true)
  for limit in /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes; do
    [[ -r $limit ]] || continue
    limit=$(<"$limit")
    # Beyond 15 digits (a petabyte) it means: no limit.
    [[ $limit =~ ^[0-9]{7,15}$ ]] || continue
    limit=$((limit / 1048576))
    ((limit < memory)) && memory=$limit
  done
  jobs=$cores
  ((memory > 0 && memory / 1500 < jobs)) && jobs=$((memory / 1500))
  ((jobs < 1)) && jobs=1
  say "$jobs"
}

# Open MPI refuses root, refuses more ranks than cores, and pins each rank with all its threads to one core
# unless told otherwise; version 5 by the names of its launcher, PRRTE. Whatever the caller has set stays.
mpi_environment() {
  export OMPI_ALLOW_RUN_AS_ROOT="${OMPI_ALLOW_RUN_AS_ROOT-1}"
  export OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="${OMPI_ALLOW_RUN_AS_ROOT_CONFIRM-1}"
  export OMPI_MCA_rmaps_base_oversubscribe="${OMPI_MCA_rmaps_base_oversubscribe-1}"
  export OMPI_MCA_hwloc_base_binding_policy="${OMPI_MCA_hwloc_base_binding_policy-none}"
  export PRTE_MCA_rmaps_default_mapping_policy="${PRTE_MCA_rmaps_default_mapping_policy-:oversubscribe}"
  export PRTE_MCA_hwloc_default_binding_policy="${PRTE_MCA_hwloc_default_binding_policy-none}"
  export OMPI_MCA_mpi_yield_when_idle="${OMPI_MCA_mpi_yield_when_idle-1}"
}

# configure PRESET [cmake option ...]: quiet unless it fails.
configure() {
  local preset=$1 log="$calor_root/build/configure.log"
  shift
  local -a options=("$@")
  mkdir -p "$calor_root/build"
  if command -v ccache >/dev/null; then options+=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache); fi
  if ! (cd "$calor_root" && cmake --preset "$preset" "${options[@]}") >"$log" 2>&1; then
    cat "$log" >&2
    die 70 "cmake could not configure the build (see above)."
  fi
}

# build PRESET TARGET ...
build() {
  local preset=$1 jobs
  shift
  jobs=$(build_jobs)
  say "    $jobs compiler(s) at once"
  (cd "$calor_root" && cmake --build --preset "$preset" --parallel "$jobs" --target "$@") ||
    die 70 "The build failed (see above)."
}

# find_calor PRESET: the built program.
find_calor() {
  local candidate
  for candidate in "$calor_root/build/$1/calor" "$calor_root/build/$1/app/calor" "$calor_root/build/$1/bin/calor"; do
    if [[ -f $candidate && -x $candidate ]]; then
      say "$candidate"
      return 0
    fi
  done
  die 70 "The build left no program calor under $calor_root/build/$1."
}
