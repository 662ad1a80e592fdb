#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Tables over time and functions: from files, on any ranks, from a checkpoint, from a directory that was moved, in a
# sweep, to the same bits; and what is refused.
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
LIMIT=120

mkdir data
printf '\xef\xbb\xbf# a station\r\n"time","T, out",sun\r\n' >data/weather.csv
for hour in 00 03 06 09 12 15 18 21; do
  printf '"2026-01-01T%s:00+01:00",%s.5,"%s"\r\n' "$hour" "$((10#$hour - 8))" "$((10#$hour * 10))" >>data/weather.csv
done
printf '2026-01-02T00:00:00+0100,-8.5,0\r\n' >>data/weather.csv
cat >data/wall.toml <<'EOT'
[grid]
nx = 24
ny = 12
x = [0.0, 0.3]
y = [0.0, 0.15]
[functions.T_out]
file = "weather.csv"
column = "T, out"
beyond = "repeat"
[functions.sky]
expression = "T_out(t) - 6"
[material]
conductivity = 0.8
density = 1800.0
specific_heat = 900.0
[initial]
temperature = 5.0
[source]
power = { t = [0.0, 0.0, 7200.0], value = [1e9, 200.0, 100.0], interpolation = "step" }
[boundary]
left = [ { from = 0.0, to = 0.08, type = "convection", film = 25.0, ambient = "0.5*T_out(t) + 0.5*sky(t)" },
         { from = 0.08, to = 0.15, type = "flux", inward = { file = "weather.csv", column = 3, scale = 0.1 } } ]
right = { type = "convection", film = 8.0, ambient = 20.0 }
[time]
method = "bdf2"
end = "2d"
dt = "20min"
[output]
times = ["1d", 172800]
temperature_unit = "degC"
[checkpoint]
every_steps = 37
keep = 10
EOT

# The file lies beside the case, wherever calor is started; ranks and restarts change no bit.
expect_exit 0 calor run data/wall.toml -o one
for ranks in 2 3; do
  expect_exit 0 mpi "$ranks" run data/wall.toml -o "on$ranks"
  expect_exit 0 calor compare one/snapshots/snapshot_000000144.nc "on$ranks/snapshots/snapshot_000000144.nc"
  expect_words "$out" identical
done
expect_exit 0 mpi 3 run data/wall.toml -o again --restart one/checkpoints/checkpoint_000000037.h5
expect_exit 0 calor compare one/snapshots/snapshot_000000144.nc again/snapshots/snapshot_000000144.nc
expect_words "$out" identical

# The directory goes on a journey with its tables, and gives the same bits and the same resolved case.
mkdir far
cp -r one far/away
mv data elsewhere
expect_exit 0 calor run far/away/case.toml -o moved
expect_exit 0 calor compare one/snapshots/snapshot_000000144.nc moved/snapshots/snapshot_000000144.nc
expect_words "$out" identical
expect_same one/case.toml moved/case.toml
expect_exit 66 calor run data/wall.toml -o nowhere
mv elsewhere data

# The power is 200, then 100 W/m3, never the 1e9 that a jump at t = 0 leaves behind: 0.045 m3 of depth.
expected=$((200 * 7200 + 100 * (172800 - 7200)))
source_heat=$(json one/summary.json heat source)
awk -v a="$source_heat" -v b="$expected" 'BEGIN { b *= 0.045; exit !(a > 0.99 * b && a < 1.01 * b) }' ||
  fail "source heat $source_heat is not $expected * 0.045"

# From standard input, paths count from where calor is started.
expect_exit 0 timeout -s KILL "$LIMIT" "$CALOR" run - -o piped "functions.T_out.file=data/weather.csv" \
  'boundary.left.1.inward.file=data/weather.csv' <data/wall.toml
expect_exit 0 calor compare one/snapshots/snapshot_000000144.nc piped/snapshots/snapshot_000000144.nc
expect_words "$out" identical

# Changed inputs are another problem; --fresh takes the old copies away; what the case reads is not discarded.
cp -r one resumed
rm resumed/summary.json
sed -i 's/,-8.5,0/,-8.25,0/' data/weather.csv
expect_exit 65 calor run data/wall.toml -o resumed --resume
expect_words "$err" inputs/weather
expect_exit 0 calor run data/wall.toml -o resumed --fresh
[[ $(find resumed/inputs -type f | wc -l) == 1 ]] || fail "copies of old inputs are left"
expect_exit 73 calor run data/wall.toml -o resumed --fresh "functions.T_out.file=$PWD/$(find resumed/inputs -type f)"
expect_words "$err" "discarded there"
expect_exit 0 calor run data/wall.toml -o flat "functions.T_out.expression=3*iso834(t)/iso834(t)"

# A table that ends with an error, where only setting up tells the end.
expect_exit 78 calor run data/wall.toml -o short functions.T_out.beyond=error
expect_words "$err" "from 0 to 86400 s"
expect_exit 78 calor run data/wall.toml -o short functions.T_out.beyond=error time.method=euler time.steps=100000 \
  time.dt=auto 'output.times=[0.0]' 'time.end=1d'
expect_exit 78 calor run data/wall.toml -o short 'source.power={t=[0,1],value=[1,2]' functions.T_out.column=T_out
expect_words "$err" "there is: time, T, out, sun"

# A sweep varies parts of tables; its cases are those of single runs.
cat >>data/wall.toml <<'EOT'
[sweep.vary]
"functions.T_out.scale" = [1.0, 0.5]
"boundary.left.1.inward.scale" = [0.1, 0.2]
[[probe]]
name = "p"
at = [0.1, 0.1]
EOT
expect_exit 0 mpi 2 sweep data/wall.toml -o swept sweep.directories=all
expect_exit 0 calor run data/wall.toml -o single functions.T_out.scale=0.5 boundary.left.1.inward.scale=0.2
p=$(json single/summary.json probes p)
grep -q "$p" swept/sweep.csv || fail "the sweep has not $p, as the single run has"
[[ $(sed 1d swept/sweep.csv | wc -l) == 4 ]] || fail "not 4 cases"
expect_exit 0 calor sweep swept/case.toml -o swept_again
diff <(settled swept/sweep.csv) <(settled swept_again/sweep.csv) || fail "the sweep's own case gives other results"
# A Gaussian that moves: steps that follow it are no reason to warn, whatever they miss of its far tails; steps that do not are.
cat >moving.toml <<'EOF'
[grid]
nx = 60
ny = 30
x = [-9.0, 2.5]
y = [0.0, 3.0]
[material]
conductivity = 1.0
density = 1.0
specific_heat = 1.0
[initial]
temperature = 0.0
[source]
power = "100*exp(-((x - 4*(t - 2))^2 + y^2)/0.005)"
[time]
method = "tr-bdf2"
dt = 0.01
end = 0.5
EOF
expect_exit 0 calor run moving.toml -o moving --quiet
checks=$((checks + 1))
grep -q '"warnings": \[\]' moving/summary.json || fail "the tail of a Gaussian is a warning"
expect_exit 0 calor run moving.toml time.dt=0.1 -o leaping --quiet
expect_words leaping/summary.json "the steps have seen"

# A start from a file keeps its unit, and snapshots in two units are not alike.
{ plate 8 1 300.0 && printf '[boundary]\nleft = { type = "temperature", value = 300.0 }\nright = { type = "temperature", value = 400.0 }\n[time]\nsteps = 5\n'; } >unit.toml
expect_exit 0 calor run unit.toml -o in_K --quiet
expect_exit 0 calor run unit.toml 'output.temperature_unit="degC"' -o in_degC --quiet
expect_exit 1 calor compare in_K in_degC
expect_words "$out" "temperature: in K and in degC"
grep -v "^temperature" unit.toml >start.toml
for pair in "in_K degC" "in_degC K"; do
  read -r from unit <<<"$pair"
  expect_exit 78 calor run start.toml "initial.file=$from" "output.temperature_unit=$unit" -o "from_$from"
  expect_words "$err" "holds temperatures in"
done
expect_exit 78 calor run start.toml initial.file=in_degC -o unsaid
expect_exit 0 calor run start.toml initial.file=in_degC 'output.temperature_unit="degC"' -o same_unit --quiet
# A state that rests is over only when no load is known to come.
{ plate 20 10 300.0 && printf '[boundary]\nleft = { type = "flux", inward = "t > 0.1 ? 50 : 0" }\n[time]\nend = 1.0\nuntil_steady = 1e-3\n'; } >rest.toml
for method in euler rkl2 tr-bdf2; do
  expect_exit 0 calor run rest.toml time.method=$method -o "rest-$method" --quiet
  checks=$((checks + 1))
  awk -v T="$(json "rest-$method/summary.json" temperature mean)" 'BEGIN { exit !((T - 345)^2 < 1e-6) }' || fail "$method ends with $(json "rest-$method/summary.json" temperature mean)"
done
# Nor before one that comes without a jump or a corner; one that dies away is not waited for.
{ plate 10 1 400.0 && printf '[boundary]\nleft = { type = "temperature", value = 300.0 }\n[time]\nmethod = "tr-bdf2"\nend = 100\nuntil_steady = 1e-3\n'; } >quiet.toml
for load in 'boundary.left.value=300+100*exp(-((t-60)/2)^2)' 'boundary.left.value=300+10*sin(t/2)' 'source.power=max(0,t-40)*0.1' \
  'boundary.right={type="flux",inward="t < 50 ? 0 : (t - 50)^2"}'; do
  expect_exit 0 calor run quiet.toml "$load" -o waits --fresh --quiet
  checks=$((checks + 1))
  awk -v t="$(json waits/summary.json time)" 'BEGIN { exit !(t > 60) }' || fail "$load: steady at $(json waits/summary.json time) s"
done
expect_exit 0 calor run quiet.toml 'boundary.left.value=300+100*exp(-t)' -o dies --quiet
checks=$((checks + 1))
awk -v t="$(json dies/summary.json time)" 'BEGIN { exit !(t < 40) }' || fail "a load that dies away is waited for until $(json dies/summary.json time) s"
# What functions of time do below absolute zero is known before the first step.
expect_exit 78 calor run quiet.toml 'boundary.left.value=t < 50 ? 20 : -280' 'output.temperature_unit="degC"' -o cold
expect_words "$err" "boundary.left: value: falls to -280, below absolute zero"

# Without a word from the user a few cells are as exact as many: time.tolerance holds, whatever method is taken.
plate 1 1 100.0 >lump.toml
# lump SECONDS MEAN KEY=VALUE...: where the mean then is, to a thousandth of what changes.
lump() {
  expect_exit 0 calor run lump.toml "time.end=$1" "${@:3}" -o lump --fresh --quiet
  checks=$((checks + 1))
  awk -v T="$(json lump/summary.json temperature mean)" -v right="$2" 'BEGIN { exit !((T - right)^2 < 0.15^2) }' ||
    fail "${*:3}, $1 s: $(json lump/summary.json temperature mean), not $2, by $(json lump/summary.json method)"
}
film='boundary.left={type="convection",film=0.01,ambient=0.0}' # 1 / (1/0.01 + 1/2) of the wall and half a cell
lump 50 "$(awk 'BEGIN { print 100 * exp(-50 / 100.5) }')" "$film"
lump 100 "$(awk 'BEGIN { print 100 * exp(-100 / 100.5) }')" "$film"
lump 300 "$(awk 'BEGIN { print 100 * exp(-300 / 100.5) }')" "$film"
lump 1 "$(awk 'BEGIN { print 100 * exp(0.5) }')" 'source.power=0.5*T' grid.nx=9 grid.ny=9
lump 10 120 'source.power=T < 120 ? 10 : 0' grid.nx=3
# A day of weather on thick insulation: 2 pi of it to the period, seen from a scheme of its own.
lump 200 "$(awk 'BEGIN { T = 100; n = 200000; h = 200 / n; for (k = 0; k < n; ++k) { a = 50 + 50 * sin((k + 0.5) * h / 10); T = (T * (1 - h / 201) + h / 100.5 * a) / (1 + h / 201) }; print T }')" \
  'boundary.left={type="convection",film=0.01,ambient="50+50*sin(t/10)"}'

# What a table does for a hundred-thousandth of the run, at a part of a wall alone, is not overlooked.
{
  plate 10 8 20.0
  cat <<'EOT'
[functions.P]
t = [0.0, 50.0, 50.0, 50.0121, 50.0121, 100.0]
value = [0.0, 0.0, 1.0, 1.0, 0.0, 0.0]
[boundary]
bottom = { type = "flux", inward = "1e5*P(t)*(x<0.3)" }
[time]
end = 1000.0
EOT
} >patch.toml
for method in tr-bdf2 rkl2 backward-euler auto; do
  expect_exit 0 calor run patch.toml "time.method=$method" -o "patch.$method" --quiet
  checks=$((checks + 1))
  awk -v q="$(json "patch.$method/summary.json" heat sides bottom)" 'BEGIN { d = q / 363 - 1; exit !(d < 1e-9 && d > -1e-9) }' ||
    fail "$method: a patch of 12 ms gives $(json "patch.$method/summary.json" heat sides bottom), not 363 J/m"
done

finish
