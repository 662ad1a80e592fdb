#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Breaks one line of the protocol at a time in a copy of the tree, builds, and demands that a test notices. Run by hand:
# it compiles a dozen times.
# usage: mutants.sh [BUILD-DIR [NAME ...]]; the copy and its build go to BUILD-DIR (build/mutants) and stay for the next time.
# Exit status 0: all were caught.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${1:-$root/build/mutants}
shift || true
mkdir -p "$build/tree"
for part in CMakeLists.txt CMakePresets.json app bench cmake configs decomposition docs io scripts solver tests CHANGELOG.md CITATION.cff LICENSE README.md SECURITY.md; do
  # Times are kept, so that only what a mutant changes is compiled again.
  cp -Ru --preserve=timestamps "$root/$part" "$build/tree/"
done
cache=()
if command -v ccache >/dev/null; then cache=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache); fi
cmake -S "$build/tree" -B "$build/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCALOR_PLOT=OFF "${cache[@]}" >"$build/configure.log"
targets=(calor test_io test_names test_power_cut)
compile() { cmake --build "$build/build" --target "${targets[@]}" >"$build/build.log" 2>&1; }
compile || { tail -n 20 "$build/build.log" && exit 70; }

program=$build/build/app/calor
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 OMP_NUM_THREADS=1
# With a seed of its own each, so that the same is caught the same way; unset for others.
export CALOR_SEED=${CALOR_SEED:-1}
rows() { (cd "$build" && timeout -s KILL 600 bash "$root/tests/faults/rows.sh" "$program" "$@"); }
units() { timeout -s KILL 300 mpirun -n "$1" "$build/build/tests/test_io" "$2"; }
names() { timeout -s KILL 300 "$build/build/tests/test_names" "[names]"; }
power() {
  timeout -s KILL 600 bash "$root/tests/faults/power_cut.sh" "$program" "$build/build/app/libcalor_fault_shim.so" \
    "$build/build/tests/test_power_cut"
}

caught=0 missed=() wanted=("${@:-}")
# mutant NAME FILE SED-SCRIPT TEST...
mutant() {
  local name=$1 file=$2 script=$3
  shift 3
  if [[ -n ${wanted[0]} && " ${wanted[*]} " != *" $name "* ]]; then return 0; fi
  cp "$root/$file" "$build/kept"
  sed -E "$script" "$root/$file" >"$build/tree/$file"
  if cmp -s "$root/$file" "$build/tree/$file"; then
    echo "$name: its line is not in $file any more"
    missed+=("$name")
  elif ! compile; then
    echo "$name: does not compile, see $build/build.log"
    missed+=("$name")
  elif "$@" >"$build/$name.log" 2>&1; then
    echo "$name: NOT CAUGHT by $*"
    missed+=("$name")
  else
    echo "$name: caught"
    caught=$((caught + 1))
  fi
  cp "$root/$file" "$build/tree/$file"
}

mutant file_not_flushed io/file.cpp '/^void File::sync\(\) \{/a if (fd_ >= 0) return;' power
mutant directory_not_flushed io/file.cpp '/^void sync_directory\(.*\{/a if (!directory.empty()) return;' power
mutant copied_into_place io/file.cpp \
  's/::rename\(path_\.c_str\(\), final_\.c_str\(\)\)/[\&] { std::error_code c; std::filesystem::copy_file(path_, final_, std::filesystem::copy_options::overwrite_existing, c); ::unlink(path_.c_str()); return c ? -1 : 0; }()/' \
  power
mutant no_agreement io/file.cpp 's/= comm\.first_message\(mine\)/= comm.size() > 0 ? mine : comm.first_message(mine)/' units 3 "[agree]"
mutant old_removed_first io/checkpoint.cpp \
  's/^(  )(write_array_file\(comm, path, )/\1collectively(comm, [\&] { remove_steps(directory, checkpoint_steps(directory)); });\n\1\2/' \
  rows 60 kill-at-call/euler
mutant no_salt io/checksum.cpp '/^std::uint64_t salt_of\(.*\{/a if (step >= 0 || name.empty()) return run_id * 0;' units 1 "[damage],[array]"
mutant wrong_manifest_accepted io/array_file.cpp 's/if \((hash_manifest\(text, tail\.file_bytes\))/if (false \&\& \1/' units 1 "[damage]"
mutant wrong_bytes_accepted io/array_file.cpp 's/if \((hash_others\(file, manifest)/if (false \&\& \1/' units 1 "[damage]"
mutant lock_not_exclusive io/file.cpp 's/::link(\(partial\.path\(\)\.c_str\(\), path\.c_str\(\)\))/::rename\1/' names
mutant rows_not_flushed app/run/output.cpp '/^ *file->sync\(\);/d' rows 60 power-cut/euler
mutant ownership_not_asked app/run/run_directory.cpp '/^void RunDirectory::check_still_ours\(\) const \{/a if (!path_.empty()) return;' rows 20 thawed

echo "$caught caught, ${#missed[@]} not: ${missed[*]:-none}"
((${#missed[@]} == 0 && caught > 0))
