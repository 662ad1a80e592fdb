#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Files of others in and around an output directory, links, pipes, permissions: whatever a run or a sweep does there,
# none of them is changed, replaced, followed or removed. Where calor would have to, it refuses (73) and names it.
# shellcheck source=tests/regression/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

cat >run.toml <<'EOT'
[grid]
nx = 12
ny = 10
[material]
conductivity = 1.0
density = 1.0
specific_heat = 1.0
[initial]
temperature = "10*x*y"
[boundary]
left = { type = "temperature", value = { file = "warm.csv" } }
[time]
method = "euler"
steps = 8
[output]
every_steps = 4
[checkpoint]
every_steps = 3
[[probe]]
name = "p"
at = [0.4, 0.6]
EOT
printf 't,value\n0,1\n100,2\n' >warm.csv
{
  sed '/^\[output\]$/,/^every_steps = 3$/d' run.toml
  printf '[sweep]\nfields = "final"\n[sweep.vary]\n"material.conductivity" = [1.0, 2.0]\n'
} >sweep.toml
expect_exit 0 calor run run.toml -o ran --quiet
expect_exit 0 calor sweep sweep.toml -o swept --quiet
expect_exit 0 calor run run.toml -o donor --quiet time.steps=5

layouts=0 theirs=()
# What others have put somewhere; all of it must be as it was in the end.
look() {
  local p
  for p in "${theirs[@]}"; do
    if [[ -L $p || ! -f $p ]]; then
      stat -c '%n %F %a %i %N' "$p" 2>&1 || true
    else
      stat -c '%n %F %a %i %Y %s' "$p" 2>&1 || true
      sha256sum "$p"
    fi
  done
}
# layout BASE: a new directory `d`, empty, or a copy of the run or the sweep; and one outside of it
layout() {
  rm -rf d outside
  theirs=()
  mkdir outside
  if [[ $1 == empty ]]; then mkdir d; elif [[ $1 != none ]]; then cp -r "$1" d; fi
  put outside/file
}
put() { # PATH [TEXT]
  mkdir -p "$(dirname "$1")"
  printf '%s\n' "${2:-somebody else\'s $1}" >"$1"
  theirs+=("$1")
}
tie() { # PATH TARGET: a link
  mkdir -p "$(dirname "$1")"
  ln -s "$2" "$1"
  theirs+=("$1")
}
pipe() {
  mkfifo "$1"
  theirs+=("$1")
}
folder() {
  mkdir -p "$1"
  theirs+=("$1")
}
# refused NAME ARGS...: 73, NAME in the message, nothing touched.   beside ARGS...: 0, nothing touched
refused() {
  local name=$1
  shift
  try 73 "$@"
  grep -qF -- "$name" "$err" || { fail "$* does not name $name" && show; }
}
beside() { try 0 "$@"; }
try() {
  local code=$1 before
  shift
  layouts=$((layouts + 1))
  before=$(look)
  LIMIT=20 expect_exit "$code" calor "$@" --quiet
  checks=$((checks + 1))
  [[ $(look) == "$before" ]] || {
    fail "touched by $*:"
    diff <(echo "$before") <(look) | sed 's/^/    /' || true
  }
}

# Nobody has run here: every name that a run gives is somebody else's.
for name in status.json summary.json history.csv probes.csv regions.csv sections.csv snapshots.xdmf case.toml run.log \
  snapshots/snapshot_000000007.nc checkpoints/checkpoint_000000003.h5 suspect_000000003.nc; do
  layout empty
  put "d/$name"
  refused "$name" run run.toml -o d
done
for flag in --resume --fresh --takeover; do
  layout empty
  put d/probes.csv
  put d/snapshots/snapshot_000000004.nc
  refused "that no run has written" run run.toml -o d "$flag"
  layout empty
  put d/lock
  refused lock run run.toml -o d "$flag"
done
layout empty
: >d/lock # empty, as the lock of an earlier version could be; here, without any other mark, it may be anybody's
theirs+=(d/lock)
refused lock run run.toml -o d --takeover
# Names that it does not give: it works beside them.
layout empty
for name in notes.txt data.h5 snapshots/paper.nc snapshots/snapshot_7.nc checkpoints/paper.h5 checkpoints/checkpoint_3.h5 \
  inputs/weather.csv case.toml.bak suspect_.nc out.partial-0123456789abcdef snapshots/mine.nc.partial-0123456789abcdef; do put "d/$name"; done
tie d/link ../outside/file
tie d/dangling nowhere
pipe d/pipe
beside run run.toml -o d
# In the directory of the case itself.
layout empty
cp run.toml d/my.toml && cp warm.csv d/warm.csv
theirs+=(d/my.toml d/warm.csv)
beside run d/my.toml -o d
layout empty
cp run.toml d/case.toml && cp warm.csv d/warm.csv
theirs+=(d/case.toml d/warm.csv)
refused case.toml run d/case.toml -o d
# Links, pipes, directories under its names: with and without a run there.
for base in empty ran; do
  for name in run.log history.csv probes.csv status.json summary.json snapshots.xdmf case.toml lock; do
    layout $base
    rm -f "d/$name"
    tie "d/$name" ../outside/file
    refused "$name" run run.toml -o d --resume
  done
  for name in snapshots checkpoints inputs; do
    layout $base
    rm -rf "d/$name"
    put "outside/there/${name}_000000004.nc"
    tie "d/$name" ../outside/there
    refused "$name" run run.toml -o d --fresh
  done
  layout $base
  rm -f d/run.log
  pipe d/run.log
  refused run.log run run.toml -o d --resume
  layout $base
  rm -f d/history.csv
  folder d/history.csv
  refused history.csv run run.toml -o d --fresh
done
# A link to a run's own mark makes no run of this directory.
layout empty
tie d/status.json ../ran/status.json
refused status.json run run.toml -o d --fresh
# The directory itself: a link to one is the user's word; a file, or a link to nowhere, is not one.
layout none
folder outside/real
tie d outside/real
beside run run.toml -o d
layout none
put d
refused file run run.toml -o d
layout none
tie d nowhere/at/all
refused d run run.toml -o d

# A run was here: it discards what is its own, and nothing else.
layout ran
for name in checkpoints/paper.h5 checkpoints/notes checkpoints/checkpoint_000000002.h5 snapshots/snapshot_000000005.nc \
  inputs/warm-0123456789abcdef.csv suspect_000000001.nc notes; do put "d/$name"; done
beside run run.toml -o d --fresh
for name in checkpoints/paper.h5 snapshots/snapshot_000000005.nc; do expect_file "d/$name"; done
layout ran
put d/snapshots/snapshot_000000005.nc
put d/checkpoints/checkpoint_000000001.h5
rm d/summary.json
beside run run.toml -o d --resume
layout ran
rm d/snapshots/snapshot_000000004.nc
put d/snapshots/snapshot_000000004.nc # of another program, under a name that the run needs
refused snapshot_000000004.nc run run.toml -o d --fresh
layout ran
put d/checkpoints/checkpoint_000000003.h5 # one checkpoint less, and this is told
beside run run.toml -o d --fresh
grep -qF "checkpoint_000000003.h5 is there already" d/run.log || fail "a checkpoint's name that was taken was not told"
# What is no file is passed over as a checkpoint, and told.
layout ran
rm d/summary.json
folder d/checkpoints/checkpoint_000000099.h5
beside run run.toml -o d --resume
grep -qF checkpoint_000000099.h5 d/run.log || fail "a directory named as a checkpoint was not told"
layout ran
rm d/summary.json
tie d/checkpoints/checkpoint_000000099.h5 ../../ran/checkpoints/checkpoint_000000008.h5
beside run run.toml -o d --resume
grep -qF checkpoint_000000099.h5 d/run.log || fail "a link named as a checkpoint was not told"
# A link that the user names is the user's word.
layout none
tie outside/newest ../donor/checkpoints/checkpoint_000000005.h5
beside run run.toml -o d --restart outside/newest
# A copy by hard links keeps what it had.
layout ran
rm d/summary.json d/checkpoints/checkpoint_000000008.h5
cp -al d outside/backup
for name in history.csv probes.csv snapshots.xdmf status.json case.toml; do theirs+=("outside/backup/$name"); done
beside run run.toml -o d --resume
# What the case reads is not discarded.
layout ran
cp d/snapshots/snapshot_000000008.nc outside/kept.nc
theirs+=(d/snapshots/snapshot_000000008.nc)
refused snapshot_000000008.nc run run.toml 'initial={file="d/snapshots/snapshot_000000008.nc"}' -o d --fresh
layout ran
theirs+=(d/case.toml d/inputs/*.csv)
refused case.toml run d/case.toml -o d --fresh

# The same for sweeps.
for name in journal sweep.csv results.h5 case.toml status.json run.log leases/0123456789abcdef.json \
  fields/0123456789abcdef.0.f64 cases/00000/notes; do
  layout empty
  put "d/$name"
  refused "that no sweep has written" sweep sweep.toml -o d --resume
done
layout empty
: >d/journal
theirs+=(d/journal)
refused journal sweep sweep.toml -o d --fresh
for base in empty swept; do
  for name in journal sweep.csv results.h5 case.toml run.log status.json; do
    layout $base
    rm -f "d/$name"
    tie "d/$name" ../outside/file
    refused "$name" sweep sweep.toml -o d --resume
  done
  for name in leases fields cases inputs; do
    layout $base
    rm -rf "d/$name"
    put "outside/there/00000"
    tie "d/$name" ../outside/there
    refused "$name" sweep sweep.toml -o d --resume
  done
done
layout empty
for name in notes plan.csv fields/paper.f64 cases/notes leases/mine inputs/mine.csv; do put "d/$name"; done
beside sweep sweep.toml -o d
layout swept
for name in notes fields/paper.f64 cases/notes cases/00001/notes leases/mine inputs/warm-0123456789abcdef.csv; do put "d/$name"; done
beside sweep sweep.toml -o d --fresh
layout empty
cp sweep.toml d/my.toml && cp warm.csv d/warm.csv
theirs+=(d/my.toml d/warm.csv)
beside sweep d/my.toml -o d
layout swept
theirs+=(d/case.toml)
refused case.toml sweep d/case.toml -o d --fresh
layout ran
for name in history.csv status.json case.toml; do theirs+=("d/$name"); done
refused run sweep sweep.toml -o d --fresh
layout swept
for name in journal status.json case.toml; do theirs+=("d/$name"); done
refused sweep run run.toml -o d --fresh

# Permissions, which root does not feel.
if ((EUID == 0)) && setpriv --reuid 65534 --clear-groups true 2>/dev/null; then
  chmod 755 "$work"
  other() { timeout -s KILL 20 setpriv --reuid 65534 --clear-groups "$CALOR" "$@" </dev/null; }
  for mode in 555 000; do
    layout empty
    put d/notes
    chmod $mode d
    layouts=$((layouts + 1))
    if other examples >/dev/null 2>&1; then expect_exit 73 other run run.toml -o d --quiet; fi
    chmod 755 d
    checks=$((checks + 1))
    [[ $(find d | sort | tr '\n' ' ') == "d d/notes " ]] || fail "mode $mode: something was made in the directory"
  done
  layout swept
  chmod 777 d
  chmod 000 d/journal
  if other examples >/dev/null 2>&1; then
    expect_exit 73 other sweep sweep.toml -o d --resume --quiet
    expect_words "$err" "its journal cannot be read: Permission denied"
  fi
fi
checks=$((checks + 1))
((layouts >= 60)) || fail "only $layouts layouts"
echo "$layouts layouts"
finish
