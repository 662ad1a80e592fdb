#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# scripts/site makes the site without a warning: a page for each page, with its search. 77 (skipped) where there is no
# Sphinx; nothing is installed.
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
LIMIT=300
for package in python3-sphinx python3-myst-parser furo; do
  if [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true) != installed ]]; then
    echo "skipped: no $package here"
    exit 77
  fi
done

expect_exit 0 timeout -s KILL "$LIMIT" bash "$source_root/scripts/site" --into pages
expect_words "$out" "pages/index.html"
for file in index.html search.html searchindex.js; do expect_file "pages/$file"; done
(cd "$source_root" && ls -- *.md docs/*.md bench/*.md bench/*/*.md scripts/*/*.md) >list
while IFS= read -r page; do
  expect_file "pages/${page%.md}.html"
done <list
# What a page shows and links is there too, and nothing comes from another host.
checks=$((checks + 1))
foreign=$(grep -rlE '<(script|link|img)[^>]* (src|href)="https?:' pages --include=*.html || true)
[[ -z $foreign ]] || fail "these load something from another host: $foreign"

expect_exit 64 bash "$source_root/scripts/site" --nonsense
expect_exit 0 bash "$source_root/scripts/site" --help
finish
