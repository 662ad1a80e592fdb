#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Run by rattler-build in the source, with $PREFIX, $CMAKE_ARGS and $CPU_COUNT set.
set -euo pipefail
# What conda's compilers are told comes before what calor says itself, so that -ffp-contract=off stands.
read -r -a arguments <<<"${CMAKE_ARGS:-}"
cmake -S . -B conda-build -G Ninja "${arguments[@]}" -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX="$PREFIX" \
  -DBUILD_TESTING=OFF -DCALOR_DXF=OFF -DCALOR_PYTHON=OFF
cmake --build conda-build --parallel "${CPU_COUNT:-1}"
cmake --install conda-build
