#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Installs what was built, builds a program of somebody else's against it, by CMake and by pkg-config, and runs it.
# usage: install.sh CMAKE BUILD COMPILER MPIEXEC
set -euo pipefail
cmake=$1 build=$2 compiler=$3 mpiexec=$4
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
command -v make >/dev/null || export CMAKE_GENERATOR="${CMAKE_GENERATOR-Ninja}" # a bare Debian 13 has no make

"$cmake" --install "$build" --prefix "$work/calor" >"$work/log"
"$work/calor/bin/calor" --version | head -n 1
if grep -rl --include='*.cmake' --include='*.pc' -F "$build" "$work/calor"; then
  echo "the installed files know where they were built"
  exit 1
fi

# What goes with the program, and the Python package where a Python was found that takes it.
for file in share/calor/configs/chip.toml share/calor/slurm/{run,sweep,sweep_array}.sbatch share/man/man1/calor.1 \
  share/bash-completion/completions/calor share/zsh/site-functions/_calor share/fish/vendor_completions.d/calor.fish \
  share/doc/calor/docs/user_guide.md share/doc/calor/docs/images/chip.png share/doc/calor/examples/library/plate.cpp \
  share/doc/calor/examples/python/plate_with_probe.py; do
  [[ -s $work/calor/$file ]] || { echo "not installed: $file" && exit 1; }
done
[[ -x $work/calor/share/calor/slurm/run.sbatch ]]
python=$(sed -n 's/^_\{0,1\}Python3_EXECUTABLE:[A-Z]*=//p' "$build/CMakeCache.txt" | head -n 1)
if [[ -n $python && $python != *NOTFOUND ]]; then
  modules=$(dirname "$(dirname "$(find "$work/calor" -path '*/calor/__init__.py')")")
  (cd "$work" && PYTHONPATH=$modules PATH="$work/calor/bin:$PATH" PYTHONDONTWRITEBYTECODE=1 "$python" -c '
import calor, subprocess, sys
assert calor.__file__.startswith(sys.argv[1]), calor.__file__
said = subprocess.run(["calor", "--version"], capture_output=True, text=True).stdout
assert calor.__version__ in said.split()[1], said' "$modules")
fi

# The installed program finds its fault shim.
(cd "$work" && "$work/calor/bin/calor" torture --cases 1 --patience 30 --only odd-call/euler >"$work/log") || { cat "$work/log" && exit 1; }

# What is installed of the headers needs nothing that is not, and is no more than is meant: solvers and kernels are ours.
(($(find "$work/calor/include/calor/solver" -name '*.hpp' | wc -l) > 50)) || { echo "few headers are installed" && exit 1; }
inside=$(find "$work/calor/include/calor/solver" \( -path '*/blocked/*' -o -path '*/linear/*' \) -name '*.hpp' ! -name options.hpp)
[[ -z $inside ]] || { echo "installed, but for calor alone: $inside" && exit 1; }
(cd "$work/calor/include/calor" && find . -name '*.hpp' | sort | while read -r header; do
  sed -n 's/^#include "\(.*\)"$/\1/p' "$header" | while read -r included; do
    [[ -e $included || -e ${header%/*}/$included ]] || echo "$header includes $included, which is not installed"
  done
done) >"$work/log"
[[ ! -s $work/log ]] || { cat "$work/log" && exit 1; }

"$cmake" -S "$here" -B "$work/build" -DCMAKE_PREFIX_PATH="$work/calor" -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_BUILD_TYPE=Release >"$work/log"
if grep -q HDF5_ "$work/build/CMakeCache.txt"; then
  echo "a program that uses the solver alone was made to look for HDF5"
  exit 1
fi
"$cmake" --build "$work/build" >"$work/log" || { cat "$work/log" && exit 1; }
for ranks in 1 3; do "$mpiexec" -n "$ranks" "$work/build/plate" </dev/null; done

# Without CMake: pkg-config knows the flags of calor, the MPI compiler its own.
if command -v pkg-config >/dev/null && command -v mpicxx >/dev/null; then
  PKG_CONFIG_PATH=$(dirname "$(find "$work/calor" -name calor.pc)")
  export PKG_CONFIG_PATH
  read -r -a flags <<<"$(pkg-config --cflags --libs --static calor)"
  mpicxx -std=c++20 -O1 "$here/plate.cpp" -o "$work/plate" "${flags[@]}"
  "$mpiexec" -n 2 "$work/plate" </dev/null
fi
echo "install.sh: the installed calor was used"
