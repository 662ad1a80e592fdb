#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Installs what was built, builds a program of somebody else's against it, by CMake and by pkg-config, and runs it.
# usage: install.sh CMAKE BUILD COMPILER MPIEXEC
set -euo pipefail
cmake=$1 build=$2 compiler=$3 mpiexec=$4
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$cmake" --install "$build" --prefix "$work/calor" >"$work/log"
"$work/calor/bin/calor" --version | head -n 1
if grep -rl --include='*.cmake' --include='*.pc' -F "$build" "$work/calor"; then
  echo "the installed files know where they were built"
  exit 1
fi

# The installed program finds its fault shim.
(cd "$work" && "$work/calor/bin/calor" torture --cases 1 --patience 30 --only odd-call/euler >"$work/log") || { cat "$work/log" && exit 1; }

"$cmake" -S "$here" -B "$work/build" -DCMAKE_PREFIX_PATH="$work/calor" -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_BUILD_TYPE=Release >"$work/log"
if grep -q HDF5_ "$work/build/CMakeCache.txt"; then
  echo "a program that uses the solver alone was made to look for HDF5"
  exit 1
fi
"$cmake" --build "$work/build" >"$work/log" || { cat "$work/log" && exit 1; }
for ranks in 1 3; do "$mpiexec" -n "$ranks" "$work/build/plate" </dev/null; done

# Without CMake: pkg-config knows the flags of calor, the MPI compiler its own.
if command -v pkg-config >/dev/null && command -v mpicxx >/dev/null; then
  export PKG_CONFIG_PATH="$work/calor/lib/pkgconfig"
  read -r -a flags <<<"$(pkg-config --cflags --libs --static calor)"
  mpicxx -std=c++20 -O1 "$here/plate.cpp" -o "$work/plate" "${flags[@]}"
  "$mpiexec" -n 2 "$work/plate" </dev/null
fi
echo "install.sh: the installed calor was used"
