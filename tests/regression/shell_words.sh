#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# What `calor completion` gives works in bash, and in zsh and fish where they are; the manual page is one to man and
# mandoc; all of them name every command and option of --help. A case comes from standard input. Colours are for
# terminals alone.
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

for shell in bash zsh fish; do
  expect_exit 0 calor completion "$shell"
  cp "$out" "completion.$shell"
done
expect_exit 64 calor completion tcsh
expect_words "$err" "bash, zsh, fish"
expect_exit 0 calor man
cp "$out" calor.1

# Every command and every long option of --help.
expect_exit 0 calor --help
sed -n '/^Subcommands:/,/^$/s/^  \([a-z]*\) .*/\1/p' "$out" >commands
checks=$((checks + 1))
(($(wc -l <commands) >= 12)) || fail "--help names few commands"
while read -r command; do
  expect_words completion.bash "    $command)"
  expect_words completion.zsh "    $command)"
  expect_words completion.fish "__fish_use_subcommand -f -a $command "
  expect_words calor.1 ".SS calor $command"
  "$CALOR" "$command" --help </dev/null >help
  for option in $(grep -oE '^  (-[a-z],)?--[a-z-]+' help | sed 's/.*--//'); do
    expect_words completion.bash "--$option"
    expect_words completion.zsh "'--${option}["
    expect_words completion.fish "-l $option"
    expect_words calor.1 "\\fB\\-\\-${option//-/\\-}\\fR"
  done
done <commands

# bash: what it offers after a line.
offers() {
  bash -c '
    source completion.bash
    COMP_LINE=$1 COMP_POINT=${#1}
    read -ra COMP_WORDS <<<"${1//=/ = }" # as bash parts words
    if [[ $1 == *" " ]]; then COMP_WORDS+=(""); fi
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _calor 2>/dev/null
    printf "%s\n" "${COMPREPLY[@]}"' - "$1"
}
expect_offers() { # LINE WORDS...
  local line=$1 got
  shift
  checks=$((checks + 1))
  got=$(offers "$line" | tr '\n' ' ')
  [[ $got == "$* " ]] || fail "bash: \"$line\" offers $got instead of $*"
}
touch nothing_else.toml
expect_offers "calor ver" verify
expect_offers "calor verify nafems_t" nafems_t2 nafems_t3 nafems_t4
expect_offers "calor run --max-w" --max-walltime
expect_offers "calor run nothing_else.toml grid.n" grid.nx= grid.ny=
expect_offers "calor run time.method=ba" backward-euler
expect_offers "calor run noth" nothing_else.toml
expect_offers "calor import tealeaf --out" --output
expect_offers "calor completion " bash zsh fish

if command -v zsh >/dev/null; then
  expect_exit 0 zsh -fc 'autoload -U compinit; compinit -D -u; source ./completion.zsh; [[ $_comps[calor] == _calor ]]'
fi
if command -v fish >/dev/null; then
  export HOME=$work
  expect_exit 0 fish -c 'source completion.fish; complete -C "calor verify nafems_t"'
  expect_words "$out" nafems_t3
  expect_exit 0 fish -c 'source completion.fish; complete -C "calor run --max-w"'
  expect_words "$out" "--max-walltime"
fi
if command -v man >/dev/null; then
  expect_exit 0 man --warnings -E UTF-8 -l calor.1
  checks=$((checks + 1))
  [[ ! -s $err ]] || { fail "man warns" && show; }
fi
if command -v mandoc >/dev/null; then expect_exit 0 mandoc -T lint -W error calor.1; fi

# A case from standard input.
expect_exit 0 bash -c '"$0" examples hot_plate | "$0" run - grid.nx=16 -o piped --quiet' "$CALOR"
expect_file piped/summary.json
expect_exit 78 bash -c 'echo "[grid" | "$0" run -' "$CALOR"

# Colours: on a terminal, unless NO_COLOR says no.
if command -v script >/dev/null; then
  coloured() { TERM=xterm script -qec "$*" /dev/null </dev/null | grep -c $'\033\[1;31m' || true; }
  checks=$((checks + 3))
  [[ $(NO_COLOR='' coloured "$CALOR" run nothing_there.toml) == 1 ]] || fail "no colour on a terminal"
  [[ $(NO_COLOR=1 coloured "$CALOR" run nothing_there.toml) == 0 ]] || fail "colour in spite of NO_COLOR"
  [[ $(TERM=xterm "$CALOR" run nothing_there.toml 2>&1 | grep -c $'\033' || true) == 0 ]] || fail "colour in a pipe"
fi
finish
