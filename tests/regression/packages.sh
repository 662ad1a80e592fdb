#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The files of packaging/ know what the tree knows: its version, what it is built with, its options, what it installs.
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$source_root"
packages=packaging/debian/control
spack=packaging/spack/spack_repo/calor/packages/calor/package.py
conda=packaging/conda/recipe.yaml

# expect_equal WHAT GOT WANTED
expect_equal() {
  checks=$((checks + 1))
  [[ $2 == "$3" ]] || fail "$1: \"$2\" instead of \"$3\""
}

# One version.
version=$(sed -n 's/^project(calor VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
checks=$((checks + 1))
[[ -n $version ]] || fail "CMakeLists.txt: no version"
expect_equal "debian/changelog" "$(sed -n '1s/^calor (\([0-9.]*\)-[0-9]*).*/\1/p' packaging/debian/changelog)" "$version"
expect_equal "$spack" "$(sed -n 's/^ *version("\([0-9.]*\)".*/\1/p' "$spack" | head -n 1)" "$version"
expect_equal "$spack, archive" "$(grep -o 'calor-[0-9.]*[0-9]' "$spack" | sort -u)" "calor-$version"
expect_equal "$conda" "$(sed -n 's/^  version: "\([0-9.]*\)"$/\1/p' "$conda")" "$version"
expect_equal "calor.def" "$(sed -n 's/.*image\.version \(.*\)/\1/p' packaging/apptainer/calor.def)" "$version"
expect_equal "modulefiles" "$(cd packaging/modulefile && echo *)" "$version $version.lua"
expect_equal "modulefiles, what they name" "$(grep -hoE '(calor/|Version: )[0-9.]+[0-9]' packaging/modulefile/* | sed 's/.*[/ ]//' | sort -u)" "$version"
expect_equal "calor of Python" "$(sed -n 's/^version = "\(.*\)"$/\1/p' scripts/python/calor/_version.py)" "$version"

# What Debian builds with is what scripts/packages.txt names, less what only tests need, and what makes packages.
only_tests="catch2"
only_packages="debhelper-compat dh-python python3"
field() { # FIELD: names in that field of debian/control's first part, one a line
  awk -v field="$1:" '/^$/ { exit } $1 == field { on = 1; $1 = "" } /^[A-Z]/ && $1 != "" { on = 0 } on' "$packages" |
    tr ',' '\n' | sed -E 's/\(.*//; s/ //g; /^$/d'
}
sort -u <(field Build-Depends) >"$work/debian"
sed -e 's/#.*//' -e 's/[?[:space:]]//g' -e '/^$/d' scripts/packages.txt | cat - <(tr ' ' '\n' <<<"$only_packages") |
  grep -vxF "$(tr ' ' '\n' <<<"$only_tests")" | grep -vx 'g++' | sort -u >"$work/tree" # g++: build-essential has it
expect_equal "Build-Depends against scripts/packages.txt" "$(diff "$work/tree" "$work/debian" | grep '^[<>]' || true)" ""

# The versions that CMake asks for are those that Spack and conda give it.
while read -r ours in_spack in_conda; do
  wanted=$(sed -nE "s/^find_package\($ours ([0-9.]+).*/\1/p; s/^ *pkg_check_modules\($ours .*IMPORTED_TARGET $ours>=([0-9.]+).*/\1/p" cmake/dependencies.cmake)
  expect_equal "$ours in $spack" "$(sed -nE "s/^ *depends_on\(\"$in_spack@([0-9.]+):.*/\1/p" "$spack")" "$wanted"
  expect_equal "$ours in $conda" "$(sed -nE "s/^ *- $in_conda >=([0-9.]+)$/\1/p" "$conda")" "$wanted"
done <<'EOT'
CLI11 cli11 cli11
tomlplusplus tomlplusplus tomlplusplus
fmt fmt fmt
nlohmann_json nlohmann-json nlohmann_json
hwy highway libhwy
cairo cairo cairo
EOT
cmake_wanted=$(sed -n 's/^cmake_minimum_required(VERSION \([0-9.]*\))/\1/p' CMakeLists.txt)
expect_equal "cmake in $spack" "$(sed -n 's/^ *depends_on("cmake@\([0-9.]*\):.*/\1/p' "$spack")" "$cmake_wanted"
expect_equal "cmake in $conda" "$(sed -n 's/^ *- cmake >=\([0-9.]*\)$/\1/p' "$conda")" "$cmake_wanted"
expect_equal "cmake in $packages" "$(sed -n 's/^ *cmake (>= \([0-9.]*\)),$/\1/p' "$packages")" "$cmake_wanted"

# Options that packages set are there to be set.
for option in $(grep -rhoE 'CALOR_[A-Z_]+' packaging/debian/rules packaging/conda/build.sh "$spack" | sort -u); do
  checks=$((checks + 1))
  grep -q "^option($option " CMakeLists.txt || fail "CMakeLists.txt has no option $option, which packages set"
done

# Every batch script is installed.
for script in scripts/slurm/*; do
  checks=$((checks + 1))
  grep -qF "$script" cmake/install.cmake || fail "cmake/install.cmake does not install $script"
done

# They are well formed, as far as can be seen here.
python=$(command -v python3 || true)
if [[ -n $python ]]; then
  expect_exit 0 "$python" -c 'import ast, sys; ast.parse(open(sys.argv[1]).read())' "$spack"
  if "$python" -c 'import yaml' 2>/dev/null; then
    expect_exit 0 "$python" -c 'import sys, yaml; [yaml.safe_load(open(f)) for f in sys.argv[1:]]' "$conda" packaging/spack/spack_repo/calor/repo.yaml
  fi
fi
if command -v luac5.4 >/dev/null; then expect_exit 0 luac5.4 -p "packaging/modulefile/$version.lua"; fi
for script in packaging/conda/build.sh packaging/debian/tests/{program,library,python} scripts/package-deb; do
  expect_exit 0 bash -n "$script"
done
cd "$work"
finish
