#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Ranks and threads where no variable says anything: cores are divided, small grids take one thread, and those that
# wait leave the cores to those that work.
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
unset OMP_NUM_THREADS OMP_WAIT_POLICY OMPI_MCA_mpi_yield_when_idle

cat >small.toml <<'EOF'
[grid]
nx = 24
ny = 12
x = [0.0, 0.24]
y = [0.0, 0.12]
[material]
conductivity = 50.0
density = 7800.0
specific_heat = 500.0
[initial]
temperature = "20 + 10*sin(30*x)"
[boundary]
left = { type = "temperature", value = 100.0 }
[time]
end = 300.0
method = "tr-bdf2"
EOF
large=(grid.nx=400 grid.ny=400 time.method=euler time.end=0.001)
cores=$(nproc)
word() { if (($1 == 1)); then echo "$1 thread,"; else echo "$1 threads,"; fi; }

# Large grids: all cores of one rank, halves for two, one thread each for more ranks than there are cores.
expect_exit 0 mpi 1 run small.toml "${large[@]}" -o one
expect_words "$out" "1 rank x $(word "$cores")"
expect_exit 0 mpi 2 run small.toml "${large[@]}" -o two
expect_words "$out" "2 ranks x $(word $((cores > 1 ? cores / 2 : 1)))"
many=$((cores + 1))
((many > 9)) || {
  expect_exit 0 mpi $many run small.toml "${large[@]}" -o many
  expect_words "$out" "$many ranks x 1 thread,"
}
# A rank that is bound takes its own cores.
expect_exit 0 env OMPI_MCA_hwloc_base_binding_policy=core PRTE_MCA_hwloc_default_binding_policy=core \
  "$MPIEXEC" -n 1 "$CALOR" run small.toml "${large[@]}" -o bound
bound=$(sed -n 's/^.* threads*, \([0-9]*\) cores* in each.*/\1/p' "$out")
expect_words "$out" "1 rank x $(word "${bound:-0}")"
# What the user says is done, but for small grids.
expect_exit 0 env OMP_NUM_THREADS=3 "$MPIEXEC" -n 1 "$CALOR" run small.toml "${large[@]}" -o three
expect_words "$out" "1 rank x 3 threads"
expect_exit 0 env OMP_NUM_THREADS=3 "$MPIEXEC" -n 1 "$CALOR" run small.toml -o small
expect_words "$out" "1 rank x 1 thread,"
for ranks in 3 4; do expect_exit 0 mpi $ranks run small.toml -o "small.$ranks"; done
expect_exit 0 calor compare small small.4

# Threads beyond the cores wait without spinning (the last thing that libgomp says of itself), unless the user wants it.
told() { grep GOMP_SPINCOUNT "$err" | tail -n 1; }
export OMP_NUM_THREADS=$((cores + 1)) OMP_DISPLAY_ENV=verbose
expect_exit 0 calor run small.toml -o shared
if [[ -n $(told) ]]; then # another OpenMP says other things
  checks=$((checks + 2))
  [[ $(told) == *"'0'"* ]] || fail "threads beyond the cores spin: $(told)"
  expect_exit 0 env OMP_WAIT_POLICY=active "$CALOR" run small.toml -o active
  [[ $(told) != *"'0'"* ]] || fail "what the user has set is not kept: $(told)"
fi
unset OMP_NUM_THREADS OMP_DISPLAY_ENV

expect_exit 0 mpi 3 verify nafems_t3 nafems_t4 kt_slab
finish
