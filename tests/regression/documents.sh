#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Every command that README.md and docs/ print is run as it is printed: the code blocks of each page, in their order, in
# a folder with configs/ and scripts/ beside it. Lines in a page tell what a block is (they do not show):
#   <!-- as: FILE -->            it is that file
#   <!-- with: CASE.toml -->     it goes with that case, as a further file: read, not run
#   <!-- in: out/NAME -->        it is run in the directory of a run of configs/NAME.toml
#   <!-- not run: WHY -->        it stays unrun
#   <!-- printed -->             each of its lines is printed by the commands of the block before; "..." is any text
# What needs what is not installed here, or more than this machine has, is left out by name.
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
LIMIT=300
# usage: documents.sh PROGRAM [PAGE ...]: these pages only; without them all but the long ones, docs/tutorial.md and docs/gallery.md.
pages=("${@:2}")
if ((${#pages[@]} == 0)); then
  pages=(README.md CONTRIBUTING.md docs/user_guide.md docs/file_format.md docs/scripting.md docs/start.md docs/modelling.md docs/recipes.md docs/help.md docs/packages.md)
fi

# Of several, one that has what the pages use.
python=$(command -v python3 || true)
for candidate in "$python" /usr/bin/python3; do
  if "$candidate" -c 'import xarray' 2>/dev/null; then python=$candidate; fi
done

mkdir bin
printf '#!/bin/sh\nexec "%s" "$@"\n' "$CALOR" >bin/calor
printf '#!/bin/sh\nexec "%s" "$@"\n' "$(command -v "$MPIEXEC")" >bin/mpirun
chmod +x bin/calor bin/mpirun

# Whether a command cannot be tried, with the reason in $why.
left_out() {
  why=
  case $1 in
    scripts/quickstart* | scripts/test* | ctest*) why="builds anew; tests/install and scripts/prove-bare-debian do" ;;
    "cmake --install"*) why="tests/install does" ;;
    scripts/site* | docs/site/wings*) why="tests/regression/site.sh does" ;;
    scripts/gallery*) why="it runs the blocks of the gallery, which stand for themselves" ;;
    sbatch* | *" sbatch "*) why="tests/slurm does" ;;
    *PE=8* | *OMP_NUM_THREADS=8*) why="wants 16 cores" ;;
    *floorplan.toml*) [[ -f floorplan.h5 ]] || why="python has no h5py, which makes its file" ;;
    *profile.toml*) # whose outline is a drawing
      [[ $(calor estimate profile.toml 2>&1 || true) != *"built without dxflib"* ]] || why="built without dxflib"
      ;;
    *"calor plot"*) pictures || why="built without pictures" ;;
  esac
  [[ -n $why ]]
}

shell_block() { # FILE
  local line
  while IFS= read -r line; do
    if left_out "$line"; then
      echo "not run ($why): $line"
      continue
    fi
    # `compare` says by its status whether two results are the same.
    if [[ $line == "calor compare"* ]]; then line="${line%%#*} || (( \$? == 1 ))"; fi
    printf '%s\n' "$line"
  done <"$1" >block.all
  grep '^not run (' block.all || true
  { printf 'set -euo pipefail\nexport PATH="%s/bin:$PATH"\n' "$work" && { grep -v '^not run (' block.all || true; }; } |
    # A page may put a build of its own before ours.
    sed 's|^export PATH=.*build/release.*||' >block.sh
  expect_exit 0 timeout -s KILL "$LIMIT" bash block.sh
  cat "$out" "$err" >.said
}

python_block() { # FILE
  local module
  for module in $(sed -nE 's/^import ([a-z0-9_, ]+).*/\1/p' "$1" | sed 's/ as [a-z]*//; s/,/ /g'); do
    "$python" -c "import $module" 2>/dev/null || {
      echo "not run (python has no $module): $(tr '\n' ';' <"$1")"
      return 0
    }
  done
  expect_exit 0 timeout -s KILL "$LIMIT" "$python" "$1"
}

# The Python package of this tree, with the program under test.
export CALOR PYTHONPATH="$source_root/scripts/python${PYTHONPATH:+:$PYTHONPATH}" PYTHONDONTWRITEBYTECODE=1

toml_block() { # FILE CASE
  if grep -q '^\[sweep' "$1"; then
    expect_exit 0 calor sweep "$2" "$1" --dry-run
  else
    expect_exit 0 calor estimate "$2" "$1"
  fi
}

# Each line of a page's block FILE is one of those in .said; "..." in it stands for anything.
printed_block() { # PAGE FILE
  local line said found pattern
  while IFS= read -r line; do
    line=${line%"${line##*[![:space:]]}"}
    [[ -n $line && $line != ... ]] || continue
    pattern=${line//\\/\\\\} && pattern=${pattern//[/\\[} && pattern=${pattern//\*/\\*} && pattern=${pattern//\?/\\?} && pattern=${pattern//.../*}
    found="" checks=$((checks + 1))
    while IFS= read -r said; do
      # shellcheck disable=SC2053 # a pattern
      if [[ $said == $pattern ]]; then found=yes && break; fi
    done <.said
    [[ -n $found ]] || fail "$1: no command prints: $line"
  done <"$2"
}

ran=0
for page in "${pages[@]}"; do
  name=$(basename "$page" .md)
  mkdir "$name"
  cp -r "$configs" "$name/configs"
  ln -s "$source_root/scripts" "$name/scripts"
  bash "$source_root/docs/site/blocks" "$source_root/$page" "$work/$name/.block." # a file a block, and what the page says of it
  cd "$name"
  for block in .block.*; do
    [[ $block == *.note ]] && continue
    note=$(<"$block.note")
    ran=$((ran + 1))
    case "$note" in
      "<!-- as: "*) note=${note#<!-- as: } && cp "$block" "${note% -->}" && continue ;;
      "<!-- not run: "*) echo "$page: $note" && continue ;;
    esac
    case $block in
      *.sh) shell_block "$block" ;;
      *.python)
        where=.
        if [[ $note == "<!-- in: "* ]]; then
          where=${note#<!-- in: } && where=${where% -->}
          expect_exit 0 calor run "configs/${where##*/}.toml" output.times=[0.5] --quiet
        fi
        cp "$block" "$where/block.py"
        cd "$where" && python_block block.py && cd "$work/$name"
        ;;
      *.toml)
        if [[ $note == "<!-- with: "* ]]; then
          note=${note#<!-- with: } && toml_block "$block" "${note% -->}"
        else
          checks=$((checks + 1)) && fail "$page: a block of keys that no case goes with: $(head -n 1 "$block")"
        fi
        ;;
      *.text)
        checks=$((checks + 1))
        if [[ $note == "<!-- printed -->" && -f .said ]]; then printed_block "$page" "$block"; else fail "$page: who prints this? $(head -n 1 "$block")"; fi
        ;;
      *.cmake | *.cpp) ;; # tests/install has them whole
      *) checks=$((checks + 1)) && fail "$page: nobody knows how to try a block of ${block##*.}" ;;
    esac
  done
  cd ..
done
checks=$((checks + 1))
((ran >= ${#pages[@]} + ${#pages[@]} / 2)) || fail "only $ran blocks found"
finish
