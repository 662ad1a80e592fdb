# SPDX-License-Identifier: BSD-3-Clause
"""Runs calor, a solver for the 2D heat equation, and reads what it leaves.

    run = calor.run("plate.toml", {"grid.nx": 100}, ranks=4)
    run.probes.plot()
    run.dataset.temperature.isel(time=-1).plot()
    table = calor.sweep("plate.toml", vary={"material.conductivity": [1.0, 2.0, 5.0]}).table

The program does the work, in its own processes; this package starts it, shows how far it is, and reads its files. Tables need
pandas, fields need xarray and h5netcdf; all else works without them.
"""
from __future__ import annotations

import json
import os
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from ._launch import Job, answer, environment, find_program, launcher_words
from ._progress import Progress
from ._version import version as __version__
from ._words import CaseWords, override_words
from .errors import (CalorWarning, CaseError, CommandError, DamagedFile, DirectoryError, Error, InternalError, Interrupted, LaunchError,
                     MissingFile, MissingModule, NoResult, NumericalError, Stopped, WriteError)
from .results import Run, Sweep, open

__all__ = ["CalorWarning", "CaseError", "CommandError", "DamagedFile", "DirectoryError", "Error", "InternalError", "Interrupted", "Job",
           "LaunchError", "MissingFile", "MissingModule", "NoResult", "NumericalError", "Progress", "Run", "Stopped", "Sweep",
           "WriteError", "__version__", "compare", "estimate", "open", "run", "start", "sweep"]

#: A path, the name of a shipped case, nested dicts, a text in TOML, a Run whose case it is; or several, of which later ones win.
Case = Any


def run(case: Case, overrides: Mapping[str, Any] | None = None, /, *, directory: str | os.PathLike[str] | None = None,
        ranks: int | None = None, threads: int | None = None, launcher: str | Sequence[str] | None = None, resume: bool = False,
        fresh: bool = False, restart: str | os.PathLike[str] | None = None, max_walltime: str | float | None = None,
        progress: bool | Callable[[Progress], None] | None = None, program: str | os.PathLike[str] | None = None,
        options: Sequence[str] = (), **sections: Any) -> Run:
    """Computes one case and gives its results.

    overrides:  dotted names and values, {"grid.nx": 100, "boundary.left.value": 350.0}
    sections:   the same by section: grid={"nx": 100}, title="fine", boundary={"left": {"type": "insulated"}}
    directory:  for all results; else out/NAME of a case from a file, and a new out/case_NNNN of any other
    ranks:      MPI ranks, started by `launcher` ("mpirun"; or "srun --mpi=pmix", ["mpirun", "--bind-to", "none"]) with `-n ranks`
    threads:    of each rank
    resume:     go on from the newest checkpoint; fresh: discard what is there; restart: a checkpoint to begin from
    max_walltime: "55m", or seconds: stop in time (raises Stopped)
    progress:   None: a bar in a notebook and on a terminal; True: elsewhere a line now and then; False: never; or a function of a Progress
    program:    calor; else $CALOR, else by the path
    options:    further options of `calor run`, such as ["--watchdog", "300"]

    Raises CaseError, NumericalError, ... (calor.errors) with calor's own words; Interrupted on Ctrl-C, after a stop in order.
    What calor warns of is warned of as CalorWarning."""
    job = start(case, overrides, directory=directory, ranks=ranks, threads=threads, launcher=launcher, resume=resume, fresh=fresh,
                restart=restart, max_walltime=max_walltime, progress=progress, program=program, options=options, **sections)
    result = job.wait()
    assert isinstance(result, Run)
    for text in result.warnings:
        warnings.warn(text, CalorWarning, stacklevel=2)
    return result


def start(case: Case, overrides: Mapping[str, Any] | None = None, /, *, directory: str | os.PathLike[str] | None = None,
          ranks: int | None = None, threads: int | None = None, launcher: str | Sequence[str] | None = None, resume: bool = False,
          fresh: bool = False, restart: str | os.PathLike[str] | None = None, max_walltime: str | float | None = None,
          progress: bool | Callable[[Progress], None] | None = None, program: str | os.PathLike[str] | None = None,
          options: Sequence[str] = (), **sections: Any) -> Job:
    """As run(), but comes back at once, with a Job: job.progress, job.result (also while it runs), job.stop(), job.wait()."""
    if resume + fresh + (restart is not None) > 1 and not (fresh and restart is not None):
        raise ValueError("resume, fresh and restart exclude each other")
    return _started("run", CaseWords(case), overrides, sections, directory=directory, ranks=ranks, threads=threads, launcher=launcher,
                    resume=resume, fresh=fresh, restart=restart, max_walltime=max_walltime, progress=progress, program=program,
                    options=options)


def sweep(case: Case, vary: Mapping[str, Any] | None = None, overrides: Mapping[str, Any] | None = None, *,
          mode: Literal["grid", "zip", "random", "latin-hypercube"] | None = None, samples: int | None = None, seed: int | None = None,
          failures: Literal["warn", "raise"] = "warn", directory: str | os.PathLike[str] | None = None, ranks: int | None = None,
          threads: int | None = None, launcher: str | Sequence[str] | None = None, resume: bool = False, fresh: bool = False,
          max_walltime: str | float | None = None, progress: bool | Callable[[Progress], None] | None = None,
          program: str | os.PathLike[str] | None = None, options: Sequence[str] = (), **sections: Any) -> Sweep:
    """Computes many cases in one job; `.table` of what comes back is a pandas.DataFrame with a row a case.

    vary:      {"material.conductivity": [1.0, 2.0], "boundary.left.value": {"from": 0.0, "to": 100.0, "count": 11}}, beside what
               [sweep.vary] of the case says; values may be numpy arrays
    mode, samples, seed: as in [sweep]; further keys of it: sweep={"fields": "final", "retries": 0}
    failures:  cases that failed: "warn" (they are in `.failed`, the others in the table all the same), or "raise" NumericalError

    The other arguments are those of run()."""
    words = CaseWords(case)
    plan: dict[str, Any] = dict(sections.pop("sweep", None) or {})
    plan.update({k: v for k, v in (("mode", mode), ("samples", samples), ("seed", seed)) if v is not None})
    if vary is not None:
        if not isinstance(vary, Mapping):
            raise TypeError(f"vary is a dict of keys and their values, not {type(vary).__name__}")
        plan["vary"] = {**plan.get("vary", {}), **vary}
    words.add_sweep(plan)
    job = _started("sweep", words, overrides, sections, directory=directory, ranks=ranks, threads=threads, launcher=launcher,
                   resume=resume, fresh=fresh, restart=None, max_walltime=max_walltime, progress=progress, program=program, options=options)
    result = job.wait()
    assert isinstance(result, Sweep)
    told = result.progress
    if told.failed:
        text = f"{told.failed} of {told.cases} cases failed; `.failed` has them, with the reasons"
        if failures == "raise":
            raise NumericalError(text, 76, result)
        warnings.warn(text, CalorWarning, stacklevel=2)
    return result


def _started(verb: str, case: CaseWords, overrides: Mapping[str, Any] | None, sections: Mapping[str, Any], *,
             directory: str | os.PathLike[str] | None, ranks: int | None, threads: int | None, launcher: str | Sequence[str] | None,
             resume: bool, fresh: bool, restart: str | os.PathLike[str] | None, max_walltime: str | float | None,
             progress: bool | Callable[[Progress], None] | None, program: str | os.PathLike[str] | None, options: Sequence[str]) -> Job:
    if isinstance(sections.get("output"), (str, os.PathLike)):
        raise TypeError("output= is the section [output] of the case; the directory for results is directory=")
    if overrides is not None and not isinstance(overrides, Mapping):
        raise TypeError(f"overrides are a dict such as {{'grid.nx': 100}}, not {type(overrides).__name__}")
    words = override_words(overrides, sections)
    before = launcher_words(ranks, launcher)
    find_program(program), environment(threads)  # say what is wrong before anything is made
    if directory is None and not case.from_file and (resume or restart is not None):
        raise ValueError("to go on, name the directory: directory=...")
    made = directory is None and not case.from_file
    where = _new_directory() if made else Path(os.path.abspath(directory if directory is not None else Path("out", case.name)))
    cwd = None
    if Path(case.files[0]) == where / "case.toml" and case.text is None:
        # calor does not read what it will replace. The case's own paths count from the run's directory.
        try:
            case.text, case.files[0], cwd = Path(case.files[0]).read_text(encoding="utf-8"), "-", where
        except OSError:
            raise NoResult(f"{where} has no case.toml") from None
    command = [find_program(program), verb, *case.files, *words]
    command += ["--output", str(where), "--quiet"]
    command += [flag for flag, said in (("--resume", resume), ("--fresh", fresh)) if said]
    if restart is not None:
        command += ["--restart", os.path.abspath(restart)]
    if max_walltime is not None:
        command += ["--max-walltime", str(max_walltime)]
    return Job([*command, *(os.fspath(o) for o in options)], before, where, sweep=verb == "sweep", text=case.text, threads=threads,
               progress=progress, made=made, cwd=cwd)


def _new_directory() -> Path:
    """A directory of its own for a case without a name, made here so that two threads or processes never get the same."""
    out = Path("out").absolute()
    out.mkdir(parents=True, exist_ok=True)
    taken = [int(m[1]) for m in (re.fullmatch(r"case_(\d+)", n) for n in os.listdir(out)) if m]
    number = max(taken, default=0)
    while True:
        number += 1
        path = out / f"case_{number:04d}"
        try:
            path.mkdir()
            return path
        except FileExistsError:
            continue


def estimate(case: Case, overrides: Mapping[str, Any] | None = None, /, *, program: str | os.PathLike[str] | None = None,
             **sections: Any) -> dict[str, Any]:
    """Memory, file sizes, steps and time of a case before it is run: `calor estimate --json`, docs/scripting.md."""
    words = CaseWords(case)
    said = answer(["estimate", *words.files, *override_words(overrides, sections), "--json"], text=words.text, program=program)
    return json.loads(said)  # type: ignore[no-any-return]


def compare(a: str | os.PathLike[str], b: str | os.PathLike[str], *, rtol: float | None = None,
            program: str | os.PathLike[str] | None = None) -> dict[str, Any]:
    """Two runs or snapshots on one grid: `calor compare --json`: "identical", "within" (rtol), and where they differ most."""
    words = ["compare", os.path.abspath(a), os.path.abspath(b), "--json"]
    return json.loads(answer(words + ([] if rtol is None else ["--rtol", repr(float(rtol))]), program=program, accept=(0, 1)))  # type: ignore[no-any-return]
