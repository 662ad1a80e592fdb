# SPDX-License-Identifier: BSD-3-Clause
"""What a run or a sweep leaves in its directory, read as it is asked for; nothing here changes a file."""
from __future__ import annotations

import builtins
import html
import io
import json
import os
import re
import time
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ._progress import Progress, progress_of
from .errors import MissingModule, NoResult

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

#: s that a heartbeat, which comes every second, may be late before somebody looks whether the process lives.
LATE = 5.0
#: s without a heartbeat after which a run on another host counts as dead: ten times the watchdog's patience, as for calor --supervise.
LONG_SILENCE = 600.0


def need(module: str, what: str) -> Any:
    """A module that is only needed for some of what a result can tell."""
    import importlib

    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = {"xarray": "python3-xarray python3-h5netcdf", "h5py": "python3-h5netcdf"}.get(module, f"python3-{module}")
        raise MissingModule(f"{what} needs the Python module {module} ({error}): apt-get install {package}, or pip install {module}",
                            name=module) from None


def read_json(path: Path) -> dict[str, Any]:
    """{} where there is none; calor replaces such files at once, so they are never halves."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _lives(process: Mapping[str, Any]) -> bool:
    """Whether a process of this host, as `lock` names it, is alive."""
    try:
        os.kill(int(process["pid"]), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    except (KeyError, TypeError, ValueError, OverflowError):
        return True
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        stat = Path(f"/proc/{process['pid']}/stat").read_text()
    except OSError:
        return True
    if process.get("boot") and process["boot"] != boot:
        return False
    started = stat.rpartition(")")[2].split()[19]  # field 22 of proc(5): a number may have gone to another process
    return not process.get("started") or str(process["started"]) == started


class _Result:
    """What a run and a sweep have in common."""

    def __init__(self, directory: str | os.PathLike[str]):
        self.directory = Path(os.path.abspath(directory))

    def __fspath__(self) -> str:
        return str(self.directory)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.directory == self.directory  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return hash(self.directory)

    @property
    def case_file(self) -> Path:
        """The resolved case."""
        return self.directory / "case.toml"

    @property
    def case(self) -> dict[str, Any]:
        """The resolved case as nested dicts."""
        if not self.case_file.exists():
            raise NoResult(f"{self.directory} has no case.toml (yet)")
        return tomllib.loads(self.case_file.read_text(encoding="utf-8"))

    @property
    def title(self) -> str:
        return str(read_toml(self.case_file).get("title", ""))

    @property
    def progress(self) -> Progress:
        """How far it has come."""
        return progress_of(self.directory)

    @property
    def log(self) -> str:
        """What was printed: run.log."""
        path = self.directory / "run.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    @property
    def status(self) -> str:
        """starting, running, finished, stopped or failed, as status.json says; "dead" where it says that the run goes on, but nobody is there."""
        told = read_json(self.directory / "status.json")
        state = str(told.get("state", "")) or str(read_json(self.directory / "summary.json").get("status", "")) or "dead"
        if state not in ("starting", "running"):
            return state
        silence = time.time() - float(told.get("heartbeat_unix", 0))
        lock = read_json(self.directory / "lock")
        process = lock if "pid" in lock else lock.get("process", told) if isinstance(lock.get("process", told), dict) else told
        if silence > LATE and told.get("host") == os.uname().nodename and "pid" in process and not _lives(process):
            return "dead"
        return "dead" if silence > LONG_SILENCE else state

    @property
    def reason(self) -> str:
        """Why it stopped or failed, in calor's words."""
        return str(read_json(self.directory / "status.json").get("reason", ""))

    def _table(self, name: str) -> pd.DataFrame | None:
        pandas = need("pandas", f"the table of {name}")
        try:
            data = (self.directory / name).read_bytes()
        except FileNotFoundError:
            return None
        whole = data[: data.rfind(b"\n") + 1]  # of a live run the last line may be on its way
        if not whole:
            return None
        # Numbers to the last bit; words such as "NA" or "null" are words.
        return pandas.read_csv(io.BytesIO(whole), float_precision="round_trip", keep_default_na=False, na_values=["", "nan", "-nan"],
                               low_memory=False, encoding="utf-8")

    def _by_time(self, name: str) -> pd.DataFrame | None:
        """A table over time: floats but for the step, also where all happen to be whole."""
        table = self._table(name)
        return None if table is None else table.astype({c: float for c in table.columns if c != "step"}).set_index("time")

    def _shown(self) -> list[tuple[str, str]]:
        return [("directory", str(self.directory)), ("title", self.title), ("status", self.status), ("progress", str(self.progress))]

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><th style='text-align: left'>{html.escape(k)}</th><td style='text-align: left'>{html.escape(v)}</td></tr>"
                       for k, v in self._shown() if v)
        return f"<table><caption>{type(self).__name__}</caption>{rows}</table>"


class Run(_Result):
    """One simulation's directory. Each attribute reads what is there now, so that a live run can be looked at."""

    def __repr__(self) -> str:
        return f"<calor.Run {self.title!r} in {self.directory}: {self.status}>"

    def __init__(self, directory: str | os.PathLike[str]):
        super().__init__(directory)
        self._opened: tuple[Any, Any] | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {"directory": self.directory, "_opened": None}

    @property
    def steady(self) -> bool:
        """Whether it is a steady state, which has no time."""
        method = read_json(self.directory / "summary.json").get("method") or read_toml(self.case_file).get("time", {}).get("method")
        return bool(method == "steady")

    @property
    def summary(self) -> dict[str, Any]:
        """summary.json, which is written at the end."""
        path = self.directory / "summary.json"
        if not path.exists():
            raise NoResult(f"{self.directory} has no summary.json: the run is {self.status}{self._where()}", hint=self._way_on())
        return json.loads(path.read_text(encoding="utf-8"))  # type: ignore[no-any-return]

    def _where(self) -> str:
        p = self.progress
        return f", at {p}" if p.step else ""

    def _way_on(self) -> str:
        return "resume() goes on from its newest checkpoint" if self.status in ("dead", "stopped", "failed") else ""

    @property
    def warnings(self) -> list[str]:
        return [str(w) for w in read_json(self.directory / "summary.json").get("warnings", [])]

    @property
    def history(self) -> pd.DataFrame:
        """history.csv, by time [s]: step, least, greatest and mean temperature, the heat balance since the start."""
        table = self._by_time("history.csv")
        if table is None:
            raise NoResult(f"{self.directory} has no history.csv yet: the run is {self.status}", hint=self._way_on())
        return table

    @property
    def probes(self) -> pd.DataFrame:
        """probes.csv, by time [s]: a column a probe; none where the case has no probes."""
        table = self._by_time("probes.csv")
        return self._nothing() if table is None else table

    @staticmethod
    def _nothing() -> pd.DataFrame:
        pandas = need("pandas", "a table")
        return pandas.DataFrame(index=pandas.Index([], name="time", dtype=float))

    def _parts(self, name: str) -> pd.DataFrame:
        pandas = need("pandas", f"the table of {name}")
        table = self._by_time(name)
        if table is None:
            return self._nothing()
        table = table.drop(columns="step")
        # NAME.quantity; a name may have dots in it.
        table.columns = pandas.MultiIndex.from_tuples([tuple(c.rsplit(".", 1)) for c in table.columns], names=("name", "quantity"))
        return table

    @property
    def regions(self) -> pd.DataFrame:
        """regions.csv, by time [s]: columns (region, quantity), so that regions["die"]["max"] is a curve."""
        return self._parts("regions.csv")

    @property
    def sections(self) -> pd.DataFrame:
        """sections.csv, by time [s]: columns (section, quantity)."""
        return self._parts("sections.csv")

    @property
    def balance(self) -> pd.Series:
        """The heat balance: final - initial - (all that came in) = residual. The unit is in `.attrs["units"]`."""
        pandas = need("pandas", "the heat balance")
        heat = self.summary["heat"]
        terms: dict[str, float] = {"initial": heat["initial"], "final": heat["final"], **heat["sides"]}
        for group in ("pieces", "walls"):  # parts of the sides, walls of holes and named pieces
            terms.update({f"{group}.{name}": value for name, value in _leaves(heat.get(group, {}))})
        terms.update({k: heat[k] for k in ("plate", "source", "residual") if k in heat})
        series = pandas.Series(terms, name="heat", dtype=float)
        series.attrs["units"] = heat.get("unit", "")
        return series

    @property
    def snapshots(self) -> list[Path]:
        """Its snapshots, in the order of their steps."""
        return _numbered(self.directory / "snapshots", r"snapshot_(\d+)\.nc")

    @property
    def checkpoints(self) -> list[Path]:
        """Its checkpoints, in the order of their steps."""
        return _numbered(self.directory / "checkpoints", r"checkpoint_(\d+)\.h5")

    @property
    def dataset(self) -> xr.Dataset:
        """All snapshots: fields over (time, y, x), of a steady state over (y, x). Values are read when they are looked at."""
        for module in ("h5py", "xarray"):
            need(module, "the dataset of a run")
        files = self.snapshots
        if not files:
            raise NoResult(f"{self.directory} has no snapshots: the run is {self.status}{self._where()}", hint=self._way_on())
        stamps = [(f.name, s.st_ino, s.st_mtime_ns) for f in files for s in (f.stat(),)]
        if self._opened is None or self._opened[0] != stamps:
            from ._snapshots import open_snapshots

            self._opened = stamps, open_snapshots(files, self.steady)
        dataset: xr.Dataset = self._opened[1].copy()
        return dataset

    def resume(self, overrides: Mapping[str, Any] | None = None, /, **how: Any) -> Run:
        """Goes on from the newest checkpoint that is whole, on any number of ranks: resume(ranks=8), resume({"time.end": 60.0})."""
        from . import run

        return run(self.case_file, overrides, directory=self.directory, resume=True, **how)

    def _shown(self) -> list[tuple[str, str]]:
        summary = read_json(self.directory / "summary.json")
        rows = super()._shown()
        for name, value in summary.get("probes", {}).items():
            rows.append((f"probe {name}", f"{value:.8g}" if isinstance(value, float) else str(value)))
        rows += [("reason", self.reason)] + [("warning", w) for w in self.warnings]
        return rows


class Sweep(_Result):
    """The directory of many cases of one plan."""

    def __repr__(self) -> str:
        p = self.progress
        return f"<calor.Sweep {self.title!r} in {self.directory}: {self.status}, {p.done} of {p.cases} cases done, {p.failed} failed>"

    @property
    def table(self) -> pd.DataFrame:
        """sweep.csv, by case: the varied keys, status, and every result."""
        table = self._table("sweep.csv")
        if table is None:
            raise NoResult(f"{self.directory} has no sweep.csv (yet): the sweep is {self.status}", hint="sweep(..., resume=True) goes on")
        for column in ("reason", "status", "warnings"):
            if column in table:
                table[column] = table[column].fillna("").astype(str)
        # What was computed is floats but for counts; a varied key is as it was given.
        computed = table.columns[table.columns.get_loc("status") + 1:]
        floats = {c: float for c in computed if c not in ("tries", "ranks", "steps", "reason", "warnings") and table[c].dtype.kind == "i"}
        return table.astype(floats).set_index("case")

    @property
    def failed(self) -> pd.DataFrame:
        """The rows of the cases that failed for good; the column `reason` says why."""
        table = self.table
        return table[table["status"] == "failed"]

    @property
    def all_tried(self) -> bool:
        """Whether no case is left that waits or is being computed."""
        told = read_json(self.directory / "status.json")
        return bool(told.get("cases")) and told.get("waiting") == 0 and told.get("running") == 0

    @property
    def dataset(self) -> xr.Dataset:
        """results.h5: the table as variables with units, and with fields = "final" the temperature (case, y, x) of every case."""
        xarray = need("xarray", "the dataset of a sweep")
        need("h5netcdf", "the dataset of a sweep")
        path = self.directory / "results.h5"
        if not path.exists():
            raise NoResult(f"{self.directory} has no results.h5, which is written when a job ends: the sweep is {self.status}")
        dataset: xr.Dataset = xarray.open_dataset(path, engine="h5netcdf")
        return dataset

    def resume(self, **how: Any) -> Sweep:
        """Computes what is missing: resume(ranks=8); also what failed for want of disk or memory."""
        from . import sweep

        return sweep(self.case_file, directory=self.directory, resume=True, **how)

    def run(self, case: int) -> Run:
        """A case's own directory, as far as cases have one: keys of [output] or [checkpoint], or sweep.directories = "all"."""
        directory = self.directory / "cases" / f"{int(case):05d}"
        if not (directory / "status.json").exists():
            raise NoResult(f"case {case} has no directory of its own in {self.directory}",
                           hint='they have with sweep={"directories": "all"}, or where the case asks for output in between')
        return Run(directory)

    @property
    def runs(self) -> dict[int, Run]:
        """All cases that have a directory of their own."""
        return {int(p.name): Run(p) for p in sorted((self.directory / "cases").glob("[0-9]*")) if (p / "status.json").exists()}


def _leaves(tree: Mapping[str, Any], above: str = "") -> list[tuple[str, float]]:
    found: list[tuple[str, float]] = []
    for key, value in tree.items():
        if isinstance(value, Mapping):
            found += _leaves(value, f"{above}{key}.")
        elif isinstance(value, (int, float)):
            found.append((above + key, float(value)))
    return found


def _numbered(folder: Path, pattern: str) -> list[Path]:
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return []
    matches = [m for m in (re.fullmatch(pattern, n) for n in names) if m]
    return [folder / m[0] for m in sorted(matches, key=lambda m: int(m[1]))]


def open(directory: str | os.PathLike[str]) -> Run | Sweep:  # noqa: A001 - calor.open
    """A directory that a run or a sweep has made, by whomever, finished or not."""
    path = Path(os.path.abspath(directory))
    if not path.is_dir():
        raise NoResult(f"{path} is {'no directory' if path.exists() else 'not there'}")
    try:
        with builtins.open(path / "journal", "rb") as journal:
            if b'"event":"sweep"' in journal.read(4096):
                return Sweep(path)
    except OSError:
        pass
    if (path / "status.json").exists() or (path / "summary.json").exists() or _numbered(path / "checkpoints", r"checkpoint_(\d+)\.h5"):
        return Run(path)
    raise NoResult(f"{path} holds neither a run nor a sweep of calor")
