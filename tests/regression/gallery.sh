#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# scripts/gallery makes the pictures of a page by the commands that stand on it.
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
LIMIT=300
pictures || { echo "skipped: built without pictures" && exit 77; }
export CALOR
gallery() { timeout -s KILL "$LIMIT" bash "$source_root/scripts/gallery" "$@" </dev/null; }

expect_exit 0 gallery --into made start
for picture in nafems_t4 far_end along both; do
  expect_file "made/start/$picture.png"
done
# A command that fails ends it, and is named.
expect_exit 66 gallery --into made nowhere
expect_words "$err" "There is no page"
expect_exit 64 gallery --nonsense
expect_exit 0 gallery --help

# Pictures that pages show are made by a command of theirs, and are there.
for page in gallery tutorial; do
  sed -n 's/^!\[[^]]*\](\(images\/[^)]*\.png\))$/\1/p' "$source_root/docs/$page.md" >shown
  checks=$((checks + 1))
  (($(wc -l <shown) >= 5)) || fail "only $(wc -l <shown) pictures on docs/$page.md"
  while IFS= read -r image; do
    expect_file "$source_root/docs/$image"
    checks=$((checks + 1))
    grep -q -- "-o $(basename "$image")\b" "$source_root/docs/$page.md" || fail "docs/$page.md shows $image, which none of its commands makes"
  done <shown
done
finish
