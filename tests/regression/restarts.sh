#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# A run goes on to the same bits from every third of its checkpoints (CALOR_ALL_LAYOUTS=1: from each of them), whoever left it and on however many ranks it goes on.
# Here k, film, source and radiation depend on T and on t at once, and steps choose their lengths: whatever a method
# remembers from one step to the next, and no checkpoint holds, shows as a difference. A wall jumps, a source pulses, and
# there is a break.
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

cat >every.toml <<'EOT2'
[grid]
nx = 24
ny = 17
[material]
conductivity = "1 + 0.2*T"
density = 1.0
specific_heat = 1.0
[initial]
temperature = "x*y"
[boundary]
left = { type = "temperature", value = "1 + 0.3*sin(40*t) + (t < 0.0111 ? 0 : 2)" }
right = { type = "radiation", emissivity = 0.9, ambient = "300 + 20*cos(50*t)" }
top = { type = "convection", film = "2 + t + 0.01*T", ambient = "5*t" }
bottom = { type = "flux", inward = "0.1*(3 - T) + (t >= 0.005 && t < 0.006 ? 3 : 0)" }
[source]
power = "10*sin(30*t)*(1 - 0.02*T)"
[time]
end = 0.03
tolerance = 0.1
breaks = [0.02]
[checkpoint]
every_steps = 1
keep = 1000
EOT2

apart=3
if [[ -n ${CALOR_ALL_LAYOUTS-} ]]; then apart=1; fi
# every NAME ARGS...: the run's last state again from its checkpoints, on 1, 2 and 3 ranks in turn. Each method begins with
# another one.
begin=0
every() {
  local name=$1 checkpoint ranks=1 count=0 nth=$((begin++))
  shift
  expect_exit 0 calor run every.toml "$@" -o "$name" --quiet
  for checkpoint in "$name"/checkpoints/*.h5; do
    ((nth++ % apart == 0)) || continue
    rm -rf again
    expect_exit 0 mpi "$ranks" run every.toml "$@" --restart "$checkpoint" -o again --quiet
    expect_exit 0 calor compare "$name" again
    ranks=$((ranks % 3 + 1)) count=$((count + 1))
  done
  checks=$((checks + 1))
  ((count >= 5 / apart)) || fail "only $count checkpoints of $name"
}

for method in backward-euler crank-nicolson bdf2 tr-bdf2 rkl2; do every "$method" time.method="$method"; done
every equal-steps time.method=backward-euler time.dt=0.003
every explicit time.method=euler time.end=0.001 checkpoint.every_steps=1
finish
