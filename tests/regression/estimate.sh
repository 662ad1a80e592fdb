#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# What `calor estimate` says a rank needs is what a run then takes (its largest resident size), within 5 %: explicit and
# implicit, with what the guard keeps, and without. Exit 77 (skipped) where the system does not tell.
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
export LIMIT=200
[[ -x /usr/bin/time && -r /proc/self/status ]] || {
  echo "skipped: no /usr/bin/time"
  exit 77
}

{ plate 1000 900 '"x*y"' && cat <<'EOF'; } >base.toml
[boundary]
left = { type = "temperature", value = 10.0 }
right = { type = "convection", film = 3.0, ambient = 5.0 }
EOF
sed 's/^conductivity.*/conductivity = "1+0.01*T"/' base.toml >of_temperature.toml

mebibytes() { # of a text like "83.8 MiB", "1.2 GiB"
  awk '{ print $1 * ($2 == "GiB" ? 1024 : $2 == "KiB" ? 1 / 1024 : 1) }' <<<"$1"
}
# close CASE KEY=VALUE ...: $estimated and $taken [MiB]
close() {
  expect_exit 0 calor estimate "$@"
  estimated=$(mebibytes "$(sed -n 's/^memory *\([0-9.]* [KMG]iB\) a rank.*/\1/p' "$out")")
  rm -rf out taken
  expect_exit 0 timeout -s KILL "$LIMIT" /usr/bin/time -f %M -o taken "$CALOR" run "$@" -o out --quiet
  taken=$(awk 'END { print $1 / 1024 }' taken)
  checks=$((checks + 1))
  awk -v a="$estimated" -v b="$taken" 'BEGIN { exit !(a > 0.95 * b && a < 1.05 * b) }' ||
    fail "$*: $estimated MiB estimated, $taken MiB taken"
  printf '%-70s %6.1f estimated, %6.1f taken\n' "$*" "$estimated" "$taken"
}
close base.toml time.method=euler time.steps=40 parallel.guard=off
without=$estimated
close base.toml time.method=euler time.steps=40
# The guard keeps the last good temperatures.
checks=$((checks + 1))
awk -v more="$(awk -v a="$estimated" -v b="$without" 'BEGIN { print a - b }')" \
  'BEGIN { field = 1000 * 900 * 8 / 1048576; exit !(more > 0.8 * field && more < 1.4 * field) }' ||
  fail "the guard adds $(awk -v a="$estimated" -v b="$without" 'BEGIN { print a - b }') MiB"
checks=$((checks + 1))
with=$(json out/summary.json estimate bytes_per_cell)
expect_exit 0 calor run base.toml time.method=euler time.steps=2 parallel.guard=off -o off --quiet
((with == $(json off/summary.json estimate bytes_per_cell) + 8)) || fail "bytes_per_cell does not know the guard"
close base.toml time.method=rkl2 time.end=2e-5
close base.toml time.method=tr-bdf2 time.dt=1e-5 time.end=6e-5
# Chosen steps begin short and need more when they are long.
close base.toml time.method=tr-bdf2 time.end=5e-5
close base.toml time.method=backward-euler time.dt=1e-5 time.end=6e-5
close of_temperature.toml time.method=tr-bdf2 time.dt=1e-5 time.end=4e-5
finish
