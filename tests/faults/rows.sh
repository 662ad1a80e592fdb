#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Rows of `calor torture` as a test: so many cases of each, drawn by a seed that is printed.
# usage: rows.sh PROGRAM CASES ROW [ROW ...] [OPTION ...]; options as of `calor torture`
# CALOR_FAULTS: cases of each row instead of CASES, as in  CALOR_FAULTS=1000 tests/faults/rows.sh build/release/app/calor 0 kill
# CALOR_SEED: the seed. CALOR_FAULTS_DIR: the file system to try (where this is started).
set -euo pipefail
program=$1 cases=${CALOR_FAULTS:-$2}
shift 2
options=()
for word in "$@"; do
  if [[ $word == --* ]]; then options+=("$word"); else options+=(--only "$word"); fi
done
if [[ -n ${CALOR_SEED:-} ]]; then options+=(--seed "$CALOR_SEED"); fi
if [[ -n ${CALOR_FAULTS_DIR:-} ]]; then options+=(--dir "$CALOR_FAULTS_DIR"); fi
# Tests share the cores with others, so that what is slow does not hang yet.
exec "$program" torture --cases "$cases" --patience "${CALOR_PATIENCE:-30}" "${options[@]}"
