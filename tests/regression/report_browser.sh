#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The pages of `calor report` in headless Chromium, pressed as a person would: pointer, slider, keys, sorting, filter, a
# title full of markup; light, dark, phone (tests/app/report/browser.py; SHOTS=DIR keeps pictures). Skipped without
# Chromium or python3.
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
LIMIT=200
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [[ -z $browser ]] || ! command -v python3 >/dev/null; then
  echo "skipped: no Chromium, or no python3"
  exit 77
fi
press() { timeout -s KILL "$LIMIT" python3 "$source_root/tests/app/report/browser.py" "$browser" "$@"; }

cat >slab.toml <<'EOF'
title = "</script><script>window.pwned=1</script><img src=x onerror=alert(1)>"
[grid]
nx = 240
ny = 60
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
[[region]]
name = "round"
shape = "circle"
center = [0.15, 0.025]
radius = 0.01
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
[[probe]]
name = "near the right wall"
at = [0.19, 0.02]
EOF
expect_exit 0 calor run slab.toml -o slab --quiet
expect_exit 0 calor report slab -o slab.html
expect_exit 0 press run slab.html 400 300

cat >plan.toml <<'EOF'
title = "</script><script>window.pwned=1</script>"
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
fields = "final"
[sweep.vary]
"boundary.left.film" = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0]
"source.power" = ["0.0", "20*t", "exp(3000*t)"]
EOF
calor sweep plan.toml -o plan --quiet >"$out" 2>"$err" || true
expect_exit 0 calor report plan -o plan.html
expect_exit 0 press sweep plan.html
finish
