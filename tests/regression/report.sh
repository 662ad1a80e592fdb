#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# `calor report`: one page of a run and of a sweep, whole HTML that refers to nothing outside, the same on any number of
# ranks; also of runs that were killed, and of directories that hold less than they should.
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
evil='</script><script>window.pwned=1</script><img src=x onerror=alert(1)>'

# A page without what is drawn by chance: the mark of its scripts.
settled_page() { sed 's/nonce[-=]"*[0-9a-f]\{16\}//g' "$1"; }
# whole PAGE: what a reader of HTML finds in it, and nothing that leads out.
cat >whole.py <<'PY'
import json, re, sys
from html.parser import HTMLParser

class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.text, self.title, self.marked, self.data = [], "", "", 0, ""
    def handle_starttag(self, tag, attributes):
        a = dict(attributes)
        assert not set(a) & {"src", "srcset", "action", "background", "poster", "style"} and not any(k.startswith("on") for k in a), (tag, a)
        assert a.get("href", "#").startswith("#"), a
        assert tag not in ("link", "img", "iframe", "object", "embed", "base", "form"), tag
        self.marked += tag == "script" and "nonce" in a
        self.id = a.get("id")
        if tag not in ("meta", "br"):
            self.open.append(tag)
    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, tag
    def handle_data(self, text):
        if self.open and self.open[-1] == "title":
            self.title += text
        if self.open and self.open[-1] == "script" and self.id == "data":
            self.data += text

text = open(sys.argv[1], encoding="utf-8").read()
p = Page()
p.feed(text)
p.close()
assert not p.open, p.open
assert p.marked == 7, p.marked
assert p.title == sys.argv[2], p.title
assert text.count("Content-Security-Policy") == 1 and "default-src 'none'" in text
outside = [u for u in re.findall(r"https?://[^\s\"'<>)]*", text) if not u.startswith(("http://www.w3.org/2000/svg", "https://github.com/leeoniya/uPlot"))]
assert not outside, outside
data = json.loads(p.data)
assert eval(sys.argv[3]), (sys.argv[3], {k: v for k, v in data.items() if k not in ("colours", "case_text")})
PY
whole() {
  command -v python3 >/dev/null || return 0
  checks=$((checks + 1))
  python3 whole.py "$@" >python.log 2>&1 || {
    fail "$1"
    tail -n 2 python.log | cut -c1-2000
  }
}

cat >slab.toml <<EOF
title = "$evil"
[grid]
nx = 40
ny = 10
x = [0.0, 0.2]
y = [0.0, 0.05]
[material]
conductivity = 1.0
density = 1000.0
specific_heat = 100.0
[[region]]
name = "<b>core</b>"
shape = "rectangle"
x = [0.05, 0.1]
y = [0.01, 0.04]
conductivity = 1.0
[initial]
temperature = 300.0
[boundary]
left = { type = "temperature", value = 400.0 }
right = { type = "temperature", value = 300.0 }
[time]
method = "backward-euler"
end = 40000.0
dt = 400.0
[output]
every_steps = 10
[[probe]]
name = "a<b"
at = [0.1, 0.02]
EOF
expect_exit 0 calor run slab.toml -o slab --quiet
expect_exit 0 calor report slab -o slab.html
expect_words "$out" "slab.html"
whole slab.html "$evil" 'data["kind"] == "run" and len(data["series"]) == 11 and data["series"][-1]["step"] == 100 and data["summary"]["status"] == "finished" and data["tables"]["regions"]["columns"][2]["name"].startswith("<b>core</b>.") and any(d["key"] == "grid.nx" and d["value"] == "40" for d in data["differences"])'
expect_exit 0 mpi 3 report slab -o three.html
settled_page slab.html >one.txt
settled_page three.html >three.txt
expect_same one.txt three.txt
# It replaces a page, and nothing of the run.
expect_exit 0 calor report slab -o slab.html
expect_exit 0 calor compare slab slab

# A steady state.
expect_exit 0 calor run "$configs/hot_plate.toml" grid.nx=24 grid.ny=24 -o plate --quiet
expect_exit 0 calor report plate -o plate.htm
whole plate.htm "$(sed -n 's/^title = "\(.*\)"$/\1/p' plate/case.toml)" 'data["series"][0]["steady"] and data["units"]["heat"] == data["units"]["power"] == "W/m"'

# What a killed run leaves has no summary; less than that is told, not guessed.
cp -r slab killed
rm killed/summary.json killed/regions.csv
printf '17,3' >>killed/history.csv
dd if=/dev/zero of=killed/snapshots/snapshot_000000050.nc bs=1 seek=3000 count=64 conv=notrunc status=none
expect_exit 0 calor report killed -o killed.html
whole killed.html "$evil" 'data["summary"] is None and len(data["series"]) == 10 and len(data["damaged"]) == 1 and "regions" not in data["tables"]'
mkdir -p bare/snapshots
cp slab/snapshots/snapshot_000000100.nc bare/snapshots/
expect_exit 0 calor report bare -o bare.html
whole bare.html bare 'len(data["series"]) == 1 and data["summary"] is None and data["tables"] == {}'

# A sweep, with cases that fail.
cat >plan.toml <<EOF
title = "$evil"
[grid]
nx = 12
ny = 4
[material]
conductivity = 1.0
density = 1.0
specific_heat = 1.0
[initial]
temperature = 300.0
[boundary]
left = { type = "convection", film = 5.0, ambient = 350.0 }
[time]
method = "euler"
end = 0.5
[sweep]
mode = "grid"
retries = 0
[sweep.vary]
"boundary.left.film" = [1.0, 2.0, 5.0, 10.0, 20.0]
"material.conductivity" = [0.5, 1.0, 2.0]
"source.power" = ["0.0", "exp(3000*t)"]
EOF
calor sweep plan.toml -o plan --quiet >"$out" 2>"$err" || true
expect_file plan/sweep.csv
expect_exit 0 calor report plan -o plan.html
whole plan.html "$evil" 'data["kind"] == "sweep" and data["table"]["rows"] == 30 and data["counts"].get("failed", 0) == 15 and [c["name"] for c in data["table"]["columns"] if c["varied"]] == ["boundary.left.film", "material.conductivity", "source.power"]'
expect_exit 0 mpi 2 report plan -o plan2.html
settled_page plan.html >one.txt
settled_page plan2.html >two.txt
expect_same one.txt two.txt
rm -f plan/sweep.csv
expect_exit 0 calor report plan -o early.html
whole early.html "$evil" 'data["table"]["columns"] == [] and any("no table yet" in n for n in data["notes"])'

# What it refuses.
mkdir empty
expect_exit 66 calor report empty -o a.html
expect_words "$err" "neither a run nor a sweep"
expect_exit 66 calor report nowhere -o a.html
expect_exit 66 mpi 2 report slab.toml -o a.html
expect_exit 64 calor report slab -o a.png
expect_words "$err" ".html"
expect_exit 73 calor report slab
expect_words "$err" "slab.html is there already"
expect_exit 74 calor report slab -o nowhere/a.html
expect_none a.html

finish
