#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Links of README.md, docs/ and the other pages: each relative one leads to a file of this tree, each anchor to a heading
# of its page. (Those to other hosts: scripts/site --links.) The drawn map of the wings has the arrows that the build has.
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# usage: page_facts FILE: "anchor NAME" for each heading, "link LINE TARGET" for each link, nothing of what is code.
# Anchors are made as code hosts and Sphinx make them.
page_facts() {
  LC_ALL=C awk '
    /^ *(```|~~~)/ { inside = !inside; next }
    inside { next }
    /^    / && blank { next }          # an indented block
    { blank = /^ *$/ }
    /^#+ / {
      name = $0
      sub(/^#+ +/, "", name)
      while (match(name, /\[[^]]*\]\([^)]*\)/)) { # a link in a heading counts by its text
        whole = text = substr(name, RSTART, RLENGTH)
        sub(/^\[/, "", text); sub(/\].*/, "", text)
        name = substr(name, 1, RSTART - 1) text substr(name, RSTART + RLENGTH)
      }
      name = tolower(name)
      gsub(/[^a-z0-9_ \200-\377-]/, "", name)
      gsub(/ /, "-", name)
      count = seen[name]++
      print "anchor", name (count ? "-" count : "")
    }
    {
      line = $0
      gsub(/`[^`]*`/, "", line)
      while (match(line, /\]\([^) ]+( "[^"]*")?\)/)) {
        target = substr(line, RSTART + 2, RLENGTH - 3)
        sub(/ ".*/, "", target)
        print "link", FNR, target
        line = substr(line, RSTART + RLENGTH)
      }
    }' "$1"
}

pages=0 links=0
cd "$source_root"
ls -- *.md docs/*.md bench/*.md bench/*/*.md scripts/*/*.md >"$work/pages"
while IFS= read -r page; do
  pages=$((pages + 1))
  page_facts "$page" | sed -n 's/^link //p' >"$work/links"
  while read -r line target; do
    case $target in http://* | https://* | mailto:*) continue ;; esac
    links=$((links + 1))
    path=${target%%#*} anchor=
    [[ $target != *#* ]] || anchor=${target#*#}
    file=$page
    if [[ -n $path ]]; then file=$(realpath -m --relative-to=. "$(dirname "$page")/$path"); fi
    if [[ $file == ../* || ! -e $file ]]; then
      fail "$page:$line: $target leads nowhere"
    elif [[ -n $anchor ]]; then
      if [[ $file != *.md ]] || ! page_facts "$file" | grep -qxF "anchor $anchor"; then fail "$page:$line: no heading #$anchor in $file"; fi
    fi
  done <"$work/links"
done <"$work/pages"
checks=$((checks + links))
((pages >= 15 && links >= 60)) || fail "only $links links on $pages pages found"

# dot names each arrow: FROM->TO, with the - and > of XML.
checks=$((checks + 1))
bash docs/site/wings --arrows | sort >"$work/arrows"
sed -n 's|.*<title>\([a-z_]*\)&#45;&gt;\([a-z_]*\)</title>.*|\1 \2|p' docs/images/wings.svg | sort >"$work/drawn"
(($(wc -l <"$work/arrows") >= 20)) || fail "only $(wc -l <"$work/arrows") arrows between wings found"
if ! diff "$work/arrows" "$work/drawn" >"$work/differ"; then
  fail "the map of the wings is not that of the build (< built, > drawn); docs/site/wings --svg draws it anew"
  cat "$work/differ"
fi
cd "$work"
finish
