#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Heat conduction knows differences of temperatures alone, and is linear in them where its laws are: with all
# temperatures 1000 higher, and with all differences and loads a million times smaller or larger, a run takes the same
# steps, within 10 %, and its results are the same ones, moved or scaled.
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# render ZERO FACTOR: a case with every temperature @T20@ as ZERO + FACTOR * 20, and every load @Q5@ as FACTOR * 5;
# @zero@ and @factor@ stand in expressions.
render() {
  awk -v zero="$1" -v factor="$2" '{
    while (match($0, /@[TQ][-0-9.e+]+@/)) {
      v = factor * substr($0, RSTART + 2, RLENGTH - 3) + (substr($0, RSTART + 1, 1) == "T" ? zero : 0)
      $0 = substr($0, 1, RSTART - 1) sprintf("%.17g", v) substr($0, RSTART + RLENGTH)
    }
    gsub(/@zero@/, sprintf("%.17g", zero)); gsub(/@factor@/, sprintf("%.17g", factor)); print }'
}

# Loads of every kind in time: a wave, a jump, a pulse, a table that repeats, a heater with hours, a film that grows.
cat >loads.in <<'EOF'
[grid]
nx = 20
ny = 14
x = [0.0, 0.4]
y = [0.0, 0.3]
[material]
conductivity = 2.0
density = 1000.0
specific_heat = 800.0
[[region]]
name = "metal"
shape = "circle"
center = [0.15, 0.13]
radius = 0.07
conductivity = 60.0
density = 2700.0
specific_heat = 900.0
heat = "@factor@*300*(sin(t/900) > 0.3)"
[functions]
hours = { t = [0.0, 1000.0, 1001.0, 3600.0], value = [@Q0@, @Q0@, @Q4000@, @Q0@], beyond = "repeat" }
[initial]
temperature = @T20@
[boundary]
left = { type = "convection", film = "10 + 5*(t/1e4)", ambient = "@zero@ + @factor@*(15 + 10*sin(t/2000))" }
right = { type = "temperature", value = "@zero@ + @factor@*(t > 4000 ? 60 : 20)" }
top = { type = "flux", inward = "hours(t)" }
bottom = { type = "flux", inward = "@factor@*2e4*exp(-((t - 6000)/60)^2)" }
[time]
end = 1e4
[[probe]]
name = "in_metal"
at = [0.15, 0.13]
EOF

# At rest for long, then pulled from one side, with k of T.
cat >rest.in <<'EOF'
[grid]
nx = 40
ny = 1
x = [0.0, 0.2]
y = [0.0, 0.01]
[material]
conductivity = "5*(1 + 0.8*((T - @zero@)/@factor@ - 20)/100)"
density = 2000.0
specific_heat = 900.0
[initial]
temperature = @T20@
[boundary]
left = { type = "temperature", value = "@zero@ + @factor@*(t > 5000 ? 100 : 20)" }
right = { type = "convection", film = 8.0, ambient = @T20@ }
[time]
end = 12000.0
[[probe]]
name = "inside"
at = [0.05, 0.005]
EOF

# A hole with a film, a contact, a loss out of the plane, a source that grows with T; cells in r, z.
cat >body.in <<'EOF'
[grid]
coordinates = "axisymmetric"
nx = 24
ny = 20
x = [0.02, 0.14]
y = [0.0, 0.1]
[material]
conductivity = 30.0
density = 7800.0
specific_heat = 500.0
[[region]]
name = "ring"
shape = "rectangle"
x = [0.05, 0.0911]
y = [0.0213, 0.0508]
conductivity = 0.8
power = "@factor@*2e5*(1 + ((T - @zero@)/@factor@)/200)"
[[contact]]
around = "ring"
resistance = 2e-3
[initial]
temperature = @T0@
[boundary]
left = { type = "flux", inward = "@factor@*(t < 300 ? 5e4 : 0)" }
top = { type = "convection", film = "15 + 0.2*abs(T - @zero@)/@factor@", ambient = @T0@ }
right = { type = "temperature", value = "@zero@ + @factor@*10*sin(t/300)" }
[time]
end = 2000.0
[[probe]]
name = "ring"
at = [0.07, 0.04]
EOF

# Something that melts at a point in something that does not.
cat >melts.in <<'EOF'
[grid]
nx = 30
ny = 1
x = [0.0, 0.06]
y = [0.0, 0.01]
[material]
conductivity = 0.6
density = 900.0
specific_heat = 2000.0
phase_change = [{ from = @T30@, to = @T32@, latent_heat = @Q2e5@ }]
[initial]
temperature = @T20@
[boundary]
left = { type = "temperature", value = "@zero@ + @factor@*(t > 600 ? 70 : 20)" }
[time]
end = 7200.0
[[probe]]
name = "inside"
at = [0.021, 0.005]
EOF

# told DIR: steps, then temperatures and amounts of heat that came in.
told() {
  local file=$1/summary.json
  if [[ ! -s $file || ! -s $1/probes.csv ]]; then return 0; fi
  echo "$(json "$file" steps) $(json "$file" temperature min) $(json "$file" temperature max) $(json "$file" temperature mean)" \
    "$(tail -n 1 "$1/probes.csv" | sed 's/.*,//')" \
    "$(json "$file" heat sides left) $(json "$file" heat sides right) $(json "$file" heat sides top) $(json "$file" heat sides bottom) $(json "$file" heat source)"
}
# alike NAME ZERO FACTOR "BASE" "OTHER"
alike() {
  checks=$((checks + 1))
  awk -v zero="$2" -v factor="$3" -v a="$4" -v b="$5" 'BEGIN {
    if (split(a, x, " ") != 10 || split(b, y, " ") != 10) exit 1
    steps = y[1] / x[1]; bad = steps < 0.9 || steps > 1.1
    range = x[3] - x[2]
    for (k = 2; k <= 5; ++k) if ((d = (y[k] - zero) / factor - x[k]) > 3e-3 * range || d < -3e-3 * range) bad = 1
    for (k = 6; k <= 10; ++k) { size = x[k] < 0 ? -x[k] : x[k]; if (size > most) most = size }
    for (k = 6; k <= 10; ++k) if ((d = y[k] / factor - x[k]) > 3e-3 * most || d < -3e-3 * most) bad = 1
    exit bad }' || fail "$1: steps, temperatures and heats $5 from $4"
}

# Every method meets every change, each with one or two of the four cases.
for name in loads rest body melts; do
  turns=$((turns + 1))
  for method in auto rkl2 tr-bdf2 bdf2; do
    render 0 1 <$name.in >base.toml
    expect_exit 0 calor run base.toml time.method=$method -o base --quiet --fresh
    base=$(told base)
    in_turn 2 "1000 1" "0 1e-6" "0 1e6" "1000 1e-3"
    for change in "${now[@]}"; do
      read -r zero factor <<<"$change"
      render "$zero" "$factor" <$name.in >other.toml
      expect_exit 0 calor run other.toml time.method=$method -o other --quiet --fresh
      alike "$name, $method, zero $zero, factor $factor" "$zero" "$factor" "$base" "$(told other)"
    done
  done
done
finish
