#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Every verb works on every shipped case: the small ones as they are, the explicit ones with a ledger that closes to
# round-off, the large ones on a coarse grid; what a run leaves is what the documents promise.
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
LIMIT=300

cat >over.toml <<'EOF'
[sweep.vary]
"solver.tolerance" = [1e-9, 1e-10]
EOF
# They are inside the program as well, by name.
expect_exit 0 calor examples
cp "$out" list
for file in "$configs"/*.toml; do
  name=$(basename "$file" .toml)
  expect_words list "$name"
  expect_exit 0 calor examples "$name"
  expect_same "$out" "$file"
done
expect_exit 0 mpi 2 run eigenmode grid.nx=16 grid.ny=16 --quiet -o by_name
expect_exit 0 calor run "$configs/eigenmode.toml" grid.nx=16 grid.ny=16 --quiet -o by_path
expect_same by_name/case.toml by_path/case.toml
# So are the tables that they name, where there is none of that name in the working directory.
expect_exit 0 calor examples pipe_in_soil.csv
expect_same "$out" "$configs/pipe_in_soil.csv"
expect_exit 0 calor run pipe_in_soil time.end=10d --quiet -o soil_by_name
expect_exit 0 mpi 2 run "$configs/pipe_in_soil.toml" time.end=10d --quiet -o soil_by_path
expect_same soil_by_name/case.toml soil_by_path/case.toml
expect_exit 0 calor compare soil_by_name soil_by_path
expect_same soil_by_name/inputs/pipe_in_soil-*.csv "$configs/pipe_in_soil.csv"
expect_exit 0 calor run soil_by_name/case.toml --quiet -o soil_again
expect_exit 0 calor compare soil_by_name soil_again
printf 'date,air\n2024-04-01,0.0\n' >pipe_in_soil.csv # a file wins
expect_exit 0 calor run pipe_in_soil time.end=10d --quiet -o soil_of_mine
expect_exit 1 calor compare soil_by_name soil_of_mine
rm pipe_in_soil.csv
expect_exit 66 calor run eigenmod
expect_words "$err" 'did you mean "eigenmode"'
expect_exit 64 calor examples eigenmod
echo 'title = "mine"' >eigenmode # a file wins
expect_exit 78 calor run eigenmode -o none
rm eigenmode
mkdir eigenmode # a directory is no case
expect_exit 0 calor run eigenmode grid.nx=16 grid.ny=16 --quiet -o beside
expect_same beside/case.toml by_path/case.toml
rmdir eigenmode

for file in "$configs"/*.toml; do
  name=$(basename "$file" .toml)
  less=()
  case $name in # the pass table of `calor verify` runs what of these is small enough, as a whole
    tealeaf_bm_[2345]) less=(grid.nx=50 grid.ny=50) ;;
    iso_10211_2 | iso_10211_2_picture) less=(grid.nx=250 grid.ny=48) ;;
    pipe_in_soil) less=(time.end=30d output.every=10d) ;;
    iso_13786) less=(time.end=6h) ;;
    chip) less=(time.end=0.1 output.every=0.05) ;;
    brake_disc) less=(time.end=4.0) ;;
    moving_source) less=(time.end=0.2 output.every=0.1) ;;
    freezing | i_section) less=(time.end=5min output.every=1min) ;;
    melting) less=(time.end=0.2 output.every=0.1) ;;
  esac
  expect_exit 0 calor estimate "$file" ${less[@]+"${less[@]}"}
  expect_words "$out" "memory"
  expect_exit 0 mpi 2 run "$file" ${less[@]+"${less[@]}"} --quiet
  residual=$(json "out/$name/summary.json" heat relative_residual)
  method=$(json "out/$name/summary.json" method)
  limit=1e-12
  [[ $method == euler ]] || limit=1e-6
  checks=$((checks + 1))
  awk -v r="$residual" -v l="$limit" 'BEGIN { exit !(r != "" && r + 0 <= l + 0) }' ||
    fail "$name ($method): ledger residual $residual is over $limit"
  [[ $(json "out/$name/summary.json" status) == finished ]] || fail "$name: not finished"
  for left in case.toml status.json history.csv snapshots.xdmf run.log; do expect_file "out/$name/$left"; done
  expect_exit 0 calor info "out/$name/$(json "out/$name/summary.json" final_snapshot)"
  expect_exit 0 calor info "out/$name"
  expect_exit 0 calor compare "out/$name" "out/$name/$(json "out/$name/summary.json" final_snapshot)"
  expect_exit 0 calor report "out/$name" -o "$name.html"
  if pictures; then
    expect_exit 0 calor plot "out/$name" -o "$name.svg"
    expect_exit 0 calor plot "out/$name/history.csv" --x time --y mean -o "$name.history.svg"
  fi
  # Each is a plan as well, if one is laid over it; those that are plans are run below.
  grep -q '^\[sweep' "$file" ||
    expect_exit 0 calor sweep "$file" over.toml ${less[@]+"${less[@]}"} --dry-run
done

# The shipped plans give the exact numbers that their first lines state.
plan_row() { # NAME COLUMN CASE WANTED
  checks=$((checks + 1))
  awk -F, -v name="$2" -v row="$3" -v want="$4" '
    NR == 1 { for (i = 1; i <= NF; ++i) if ($i == name) c = i }
    NR > 1 && $1 == row { got = $c }
    END { d = got / want - 1; exit !(d < 1e-8 && d > -1e-8) }' "plans/$1/sweep.csv" || fail "$1: case $3 has another $2 than $4"
}
for name in sweep_insulation sweep_film; do expect_exit 0 mpi 2 sweep "$configs/$name.toml" -o "plans/$name" --quiet; done
plan_row sweep_insulation heat_left 0 42.5531914894
plan_row sweep_insulation heat_left 6 3.23400323400
plan_row sweep_film bottom 0 1395.0
plan_row sweep_film bottom 35 310.2375
if pictures; then
  expect_exit 0 calor plot plans/sweep_film --x film --y bottom --colour conductivity -o film.png
  expect_file film.png
fi

# The resolved case gives the same bits, also elsewhere.
expect_exit 0 calor run out/chip/case.toml -o again --quiet
expect_exit 0 calor compare out/chip again
expect_same out/chip/case.toml again/case.toml

# Pictures begin as their kind does, and come out the same on another run.
if pictures; then
  for kind in png:89504e470d0a1a0a svg:3c3f786d6c pdf:255044462d312e; do
    name=chip.${kind%%:*} first=${kind#*:}
    expect_exit 0 calor plot out/chip -o "$name"
    expect_file "$name"
    checks=$((checks + 1))
    [[ $(head -c $((${#first} / 2)) "$name" | od -An -tx1 | tr -d ' \n') == "$first" ]] || fail "$name is none"
    expect_exit 0 mpi 2 plot out/chip -o "again.${kind%%:*}"
    expect_same "$name" "again.${kind%%:*}"
  done
else
  expect_exit 64 calor plot out/chip -o chip.png
  expect_none chip.png
fi
expect_exit 0 calor torture --list
expect_exit 0 calor schema
expect_words "$out" "halo_depth"
expect_exit 0 calor schema --markdown
tail -n +5 "$source_root/docs/case_file.md" >keys.md
expect_same keys.md "$out" # the page is what the program says
expect_exit 0 calor materials
expect_words "$out" "concrete_en_1992_1_2"
expect_exit 0 calor materials solder
expect_words "$out" "solder_sac305"
expect_exit 0 calor materials copper --json
expect_words "$out" '"source"'
expect_exit 64 calor materials coper
expect_exit 64 calor materials --json --markdown
expect_exit 0 calor materials --markdown
tail -n +6 "$source_root/docs/materials.md" >materials.md
expect_same materials.md "$out" # the page is what the program says
expect_exit 0 calor --version
expect_words "$out" "calor 0."
expect_words "$out" "HDF5 1."
expect_words "$out" "instruction sets:"
expect_exit 0 calor --help

# A deck of TeaLeaf becomes a case that gives its check value.
cat >tea.in <<'EOF'
*tea
state 1 density=100.0 energy=0.0001
state 2 density=0.1 energy=25.0 geometry=rectangle xmin=0.0 xmax=1.0 ymin=1.0 ymax=2.0
state 3 density=0.1 energy=0.1 geometry=rectangle xmin=1.0 xmax=6.0 ymin=1.0 ymax=2.0
state 4 density=0.1 energy=0.1 geometry=rectangle xmin=5.0 xmax=6.0 ymin=1.0 ymax=8.0
state 5 density=0.1 energy=0.1 geometry=rectangle xmin=5.0 xmax=10.0 ymin=7.0 ymax=8.0
x_cells=10
y_cells=10
xmin=0.0
ymin=0.0
xmax=10.0
ymax=10.0
initial_timestep=0.004
end_step=10
tl_max_iters=10000
tl_use_cg
tl_eps=1.0e-15
*endtea
EOF
expect_exit 0 calor import tealeaf tea.in -o tea.toml
expect_exit 0 calor run tea.toml --quiet
value=$(json out/tea/summary.json integrals mass_weighted)
checks=$((checks + 1))
awk -v v="$value" 'BEGIN { d = v / 157.55084183279294 - 1; exit !(d < 1e-8 && d > -1e-8) }' || fail "tea.in gives $value"
# Wrong physics shows: the other mean of the faces is far off.
expect_exit 0 calor run tea.toml material.face_mean=harmonic -o wrong --quiet
value=$(json wrong/summary.json integrals mass_weighted)
checks=$((checks + 1))
awk -v v="$value" 'BEGIN { d = v / 84.66 - 1; exit !(d < 1e-3 && d > -1e-3) }' || fail "the harmonic mean gives $value, not 84.66"
# The timings run, check their answers, and write their tables.
export OMP_NUM_THREADS=1
expect_exit 0 mpi 2 bench explicit reduce --sizes 96 --repeats 1 --json bench.json --csv bench.csv
expect_words "$out" "single precision"
expect_words bench.csv "reduce,4096"
expect_words bench.json '"halo_share"'
expect_exit 64 calor bench everything

finish
