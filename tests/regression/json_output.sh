#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# What --json prints is JSON to the letter, has the keys and types that docs/scripting.md lists and no others, and says
# the same as the words. Skipped without python3.
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
command -v python3 >/dev/null || {
  echo "skipped: no python3"
  exit 77
}

cat >held.py <<'EOF'
"""held.py VERB FILE CHECK: the JSON in FILE against the table of `calor VERB` in scripting.md, then CHECK, of o."""
import json, re, sys

verb, file, check = sys.argv[1:]
page = open("scripting.md", encoding="utf-8").read()
section = re.search(rf"^### `calor {verb}\b.*?\n(.*?)(?=^#|\Z)", page, re.S | re.M)[1]
told = {}  # key -> (type, always there)
for keys, kind, what in re.findall(r"^\| (`.*?) \| (\w+) \| (.*?) ?\|$", section, re.M):
    for key in re.findall(r"`(.*?)`", keys):
        told[key] = (kind, not re.match(r"(where|not with) ", what))
assert told, section

def refuse(word):
    raise ValueError(word + " is no JSON")

o = json.load(open(file, encoding="utf-8"), parse_constant=refuse)
kinds = {"text": str, "integer": int, "number": (int, float, type(None)), "boolean": bool}
seen = set()

def walk(value, at):
    if isinstance(value, dict):
        for key, inner in value.items():
            walk(inner, f"{at}.{key}" if at else key)
    elif isinstance(value, list):
        for inner in value:
            walk(inner, at + "[]")
    else:
        assert at in told, f"{at} is not documented"
        kind = told[at][0]
        assert isinstance(value, kinds[kind]) and (kind == "boolean") == isinstance(value, bool), (at, value, kind)
        seen.add(at)

walk(o, "")
missing = [k for k, (_, always) in told.items() if always and k not in seen]
assert not missing, missing
assert eval(check), (check, o)
EOF
cp "$source_root/docs/scripting.md" .

# json_of CODE CHECK VERB ARGS...
json_of() {
  local code=$1 check=$2
  shift 2
  expect_exit "$code" "${launcher[@]}" "$@" --json
  cp "$out" answer.json
  checks=$((checks + 1))
  # The launcher has words of its own for a status that is not 0.
  [[ ! -s $err || ${launcher[0]} == mpi ]] || { fail "$*: words on standard error" && show; }
  python3 held.py "$1" answer.json "$check" >python.log 2>&1 || {
    fail "$*"
    tail -n 3 python.log
  }
}

expect_exit 0 calor run "$configs/chip.toml" grid.nx=40 grid.ny=30 time.end=0.1 'output.fields=["temperature", "flux"]' -o chip --quiet
expect_exit 0 calor run "$configs/chip.toml" grid.nx=40 grid.ny=30 time.end=0.2 -o later --quiet
expect_exit 0 calor run "$configs/hot_plate.toml" -o plate --quiet
for ranks in 1 2; do
  if ((ranks == 1)); then launcher=(calor); else launcher=(mpi 2); fi
  json_of 0 'not o["steady"] and o["time"] == 0.1 and o["grid"]["x"] == [0, 0.04] and [f["name"] for f in o["fields"]] == ["temperature", "flux_x", "flux_y"]' info chip
  json_of 0 'o["steady"] and o["kind"] == "snapshot" and o["fields"][0]["rows"] == 64' info plate
  json_of 0 'o["identical"] and o["within"]' compare chip chip
  json_of 1 'not o["within"] and o["fields"][0]["largest_difference"] > 0 and o["fields"][1]["only_in"] == "chip"' compare chip later
  json_of 0 'o["passed"] == o["values"] == 2' verify kt_slab
  json_of 0 'o["ranks"] == '$ranks' and o["steps"] > 100 and abs(o["steps"] * o["dt"] - 1) < 0.01' estimate chip grid.nx=40 grid.ny=30
done
launcher=(calor)
json_of 0 'o["iterations"] >= 1 and o["method"] == "steady"' estimate hot_plate
json_of 0 'o["by_error"]' estimate chip time.method=tr-bdf2 grid.nx=40 grid.ny=30
json_of 0 'len(o["problems"]) > 10' verify --list
json_of 0 '{"name": "chip", "title": "Chip on a ceramic carrier", "sweep": False} in o' examples
json_of 0 'o["name"] == "chip" and o["sweep"] is False and "[grid]" in o["text"]' examples chip
# What cannot be told is no object.
expect_exit 66 calor info none --json
checks=$((checks + 1))
[[ ! -s $out ]] || fail "info of nothing printed something"
# A picture, and what is said, of a steady state name no time.
expect_exit 0 calor info plate
expect_words "$out" "steady state, run "
expect_exit 0 calor run "$configs/hot_plate.toml" -o words
expect_words "$out" "steady state: T from "
checks=$((checks + 1))
if grep -q "t = 0 s" "$out"; then fail "a steady state at a time" && show; fi
finish
