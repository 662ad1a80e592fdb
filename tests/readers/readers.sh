#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Files of every kind that calor writes, opened by another program, and their values compared with what the case says:
# readers.sh CALOR READER, where READER is a row of readers.py. 77: that program is not installed here.
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/../regression/common.sh"
LIMIT=120
reader=${2:?the name of a reader}
here=$source_root/tests/readers

python=
for candidate in $(type -ap python3); do # of several, one that has what is asked for
  if "$candidate" "$here/readers.py" --can "$reader" 2>/dev/null; then
    python=$candidate
    break
  fi
done
if [[ -z $python ]]; then
  echo "skipped: $reader: $(python3 "$here/readers.py" --needs "$reader" 2>/dev/null || echo "needs Python 3.11")"
  exit 77
fi

# The first state is the expression itself, since cells hold means and it is linear.
cat >plate.toml <<'EOF'
title = "Wärme, \"quoted\" <b>&"
[grid]
nx = 12
ny = 7
x = [0.0, 0.6]
y = [-0.1, 0.25]
[material]
conductivity = 2.0
density = 1000.0
specific_heat = 100.0
[[region]]
name = "inlay"
shape = "rectangle"
x = [0.1, 0.3]
y = [0.0, 0.1]
conductivity = 20.0
power = 1e5
[initial]
temperature = "20 + 100*x + 10*y"
[boundary]
left = { type = "temperature", value = 20.0 }
right = { type = "convection", film = 50.0, ambient = 300.0 }
[time]
method = "euler"
end = 60.0
[output]
every = 15.0
fields = ["temperature", "flux"]
temperature_unit = "degC"
[checkpoint]
every_steps = 1000000
[[probe]]
name = "E"
at = [0.45, 0.1]
[[section]]
name = "cut"
from = [0.3, -0.1]
to = [0.3, 0.25]
EOF
# A slab between 20 and three other temperatures; the second has no chance to be solved.
cat >slab.toml <<'EOF'
title = "Slab, three cases"
[grid]
nx = 10
ny = 4
x = [0.0, 1.0]
y = [0.0, 0.5]
[material]
conductivity = 3.0
[boundary]
left = { type = "temperature", value = 20.0 }
right = { type = "temperature", value = 80.0 }
[time]
method = "steady"
[output]
temperature_unit = "degC"
[[probe]]
name = "middle"
at = [0.5, 0.25]
[sweep]
mode = "zip"
fields = "final"
retries = 0
[sweep.vary]
"boundary.right.value" = [80.0, 120.0, 160.0]
"solver.max_iterations" = [200, 1, 300]
"solver.preconditioner" = ["none", "none", "multigrid"]
EOF
expect_exit 0 calor run plate.toml -o plate --quiet
expect_exit 0 calor run plate.toml output.precision=single -o single --quiet
expect_exit 76 calor sweep slab.toml -o slab --quiet
if pictures; then
  for form in png svg pdf; do expect_exit 0 calor plot plate -o "plate.$form"; done
fi

checks=$((checks + 1))
timeout -s KILL 180 "$python" "$here/readers.py" "$reader" || fail "$reader: see above"
finish
