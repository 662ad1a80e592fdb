#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The Python package of scripts/python with the built program: python.sh CALOR NAME runs tests/python/test_NAME.py. 77: this
# machine's Python lacks what that needs.
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/../regression/common.sh"
name=${2:?the name of a test}
here=$source_root/tests/python

python=
for candidate in $(type -ap python3); do # of several, one that has what is asked for
  if "$candidate" "$here/support.py" --can "$name" >"$out" 2>&1; then
    python=$candidate
    break
  fi
done
if [[ -z $python ]]; then
  echo "skipped: $name: $(tail -n 1 "$out")"
  exit 77
fi

mkdir "a folder" && cd "a folder" # with a blank in its name
mpi_folder=$(dirname "$(command -v "$MPIEXEC")")
export CALOR PATH="$mpi_folder:$PATH"
export PYTHONPATH="$source_root/scripts/python:$here" PYTHONDONTWRITEBYTECODE=1 PYTHONUTF8=1 SOURCE_ROOT="$source_root"
checks=$((checks + 1))
timeout -s KILL 500 "$python" -W error::ResourceWarning -m unittest "test_$name" || fail "$name: see above"
finish
