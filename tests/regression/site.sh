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

# In a browser, where there is one: light or dark as it says, and no page wider than a phone.
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [[ -n $browser ]]; then
  options=(--headless=new --disable-gpu --hide-scrollbars "--user-data-dir=$work/browser" "--window-size=500,900" --virtual-time-budget=5000 --dump-dom)
  if ((EUID == 0)); then options+=(--no-sandbox); fi
  look() { timeout -s KILL 60 "$browser" "${options[@]}" "${@:2}" "file://$work/$1" </dev/null; }
  expect_exit 0 look pages/docs/modelling.html --blink-settings=preferredColorScheme=0
  expect_words "$out" '<body data-theme="dark"'
  expect_exit 0 look pages/docs/modelling.html --blink-settings=preferredColorScheme=1
  expect_words "$out" '<body data-theme="light"'
  # The button changes it.
  sed 's|</body>|<script>addEventListener("load", () => document.querySelector(".theme-toggle").click())</script></body>|' \
    pages/docs/modelling.html >pages/docs/pressed.html
  expect_exit 0 look pages/docs/pressed.html --blink-settings=preferredColorScheme=1
  expect_words "$out" '<body data-theme="dark"'
  for page in case_file file_format numerics user_guide tutorial; do
    sed 's|</body>|<script>addEventListener("load", () => { const c = document.querySelector(".content"); document.title = "wider by " + (c.scrollWidth - c.clientWidth); })</script></body>|' \
      "pages/docs/$page.html" >pages/docs/measured.html
    expect_exit 0 look pages/docs/measured.html
    checks=$((checks + 1))
    grep -qE '<title>wider by (.|1.|20)</title>' "$out" || fail "on a phone docs/$page.html is $(grep -o 'wider by [0-9-]*' "$out" | head -n 1)"
  done
fi

expect_exit 64 bash "$source_root/scripts/site" --nonsense
expect_exit 0 bash "$source_root/scripts/site" --help
finish
