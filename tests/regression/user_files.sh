#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# What stands behind -o of plot, report, import and bench: pipes, devices and links get what was asked for, files of
# others stay as they are, and calor's own are replaced.
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
LIMIT=120

{ plate 12 10 20.0 && printf '[boundary]\nleft = { type = "temperature", value = 100.0 }\n[time]\nsteps = 50\n'; } >case.toml
expect_exit 0 calor run case.toml -o run --quiet
printf '*tea\nstate 1 density=100.0 energy=0.0001\nstate 2 density=0.1 energy=25.0 geometry=rectangle xmin=0.0 xmax=1.0 ymin=1.0 ymax=2.0\nx_cells=10\ny_cells=10\nxmin=0.0\nymin=0.0\nxmax=10.0\nymax=10.0\ninitial_timestep=0.004\nend_step=10\n*endtea\n' >tea.in

# product NAME COMMAND...: what the command writes to -o NAME goes into a pipe and through a link, replaces its own file
# of before and an empty one, and leaves another's as it is.
product() {
  local name=$1 ending=${1##*.}
  shift
  expect_exit 0 calor "$@" -o "$name"
  mkfifo "pipe.$ending"
  timeout 20 cat "pipe.$ending" >"through_pipe.$ending" &
  expect_exit 0 calor "$@" -o "pipe.$ending"
  wait $! || true # what came through is looked at below
  checks=$((checks + 1))
  [[ -p pipe.$ending && -s through_pipe.$ending ]] || fail "$name: the pipe was replaced, or nothing came through"
  if [[ $ending != html ]]; then expect_same "$name" "through_pipe.$ending"; fi # a page has a mark that nobody can predict
  : >"target.$ending"
  ln -s "target.$ending" "link.$ending"
  expect_exit 0 calor "$@" -o "link.$ending"
  checks=$((checks + 1))
  [[ -L link.$ending && -s target.$ending ]] || fail "$name: the link was replaced, or leads to nothing"
  expect_exit 0 calor "$@" -o "link.$ending"
  ln -s nowhere "dangling.$ending"
  expect_exit 73 calor "$@" -o "dangling.$ending"
  echo "mine, of calor" >"mine.$ending"
  expect_exit 73 calor "$@" -o "mine.$ending"
  expect_words "$err" "left as it is"
  checks=$((checks + 1))
  [[ $(cat "mine.$ending") == "mine, of calor" ]] || fail "$name: somebody's file was changed"
  mkdir "directory.$ending"
  expect_exit 73 calor "$@" -o "directory.$ending"
  rm -r "pipe.$ending" "through_pipe.$ending" "target.$ending" "link.$ending" "dangling.$ending" "mine.$ending" "directory.$ending"
}
if pictures; then
  for ending in png svg pdf; do product "field.$ending" plot run; done
  product line.csv plot run --line 0,0.5,1,0.5
  cp run/history.csv history.csv
  expect_exit 73 calor plot run --line 0,0.5,1,0.5 -o run/history.csv
  expect_same history.csv run/history.csv
  # Another picture of calor's, and one that somebody else has drawn.
  expect_exit 0 calor plot run/history.csv --y left -o field.png
  # Standard output holds the picture and nothing else, wherever it goes.
  calor plot run -o again.png >"$out"
  calor plot run -o /dev/stdout | cat >piped
  calor plot run -o /proc/self/fd/1 >written
  echo before >appended
  calor plot run -o /dev/fd/1 >>appended
  expect_same again.png piped
  expect_same again.png written
  expect_same <(echo before && cat again.png) appended
  # A file in a directory of /dev is a file.
  shared=/dev/shm/calor-test-$$.png
  echo "mine, of calor" >"$shared"
  expect_exit 73 calor plot run -o "$shared"
  checks=$((checks + 1))
  [[ $(cat "$shared") == "mine, of calor" ]] || fail "somebody's file in /dev/shm was changed"
  rm "$shared"
fi
product page.html report run
calor import tealeaf tea.in -o /dev/stdout | "$CALOR" run - -o piped_deck --quiet || fail "a deck through a pipe is no case"
product deck.toml import tealeaf tea.in
expect_exit 0 calor bench reduce --repeats 1 --csv bench.csv --json bench.json
expect_exit 0 calor bench reduce --repeats 1 --csv bench.csv --json bench.json
echo "x,y" >data.csv
expect_exit 73 calor bench reduce --repeats 1 --csv data.csv
checks=$((checks + 1))
[[ ! -s $out ]] || fail "bench measured before it said that it cannot write its table"
expect_exit 74 calor bench reduce --repeats 1 --csv nowhere/data.csv
expect_same data.csv <(echo "x,y")
finish
