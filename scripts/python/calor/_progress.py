# SPDX-License-Identifier: BSD-3-Clause
"""How far a run or a sweep has come, and where that is shown."""
from __future__ import annotations

import dataclasses
import html
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


@dataclasses.dataclass(frozen=True)
class Progress:
    """How far a run or a sweep has come. What does not apply, or is not known yet, is None."""

    state: str  #: starting, running, finished, stopped, failed
    fraction: float | None = None  #: 0 to 1
    step: int | None = None
    time: float | None = None  #: s
    end: float | None = None  #: s
    residual: float | None = None  #: of a steady state: what is left of the first one
    cases: int | None = None  #: of a sweep
    done: int | None = None
    failed: int | None = None
    seconds: float | None = None  #: since it was started from here
    remaining: float | None = None  #: s, a guess

    def __str__(self) -> str:
        words = []
        if self.fraction is not None:
            words.append(f"{100 * self.fraction:3.0f} %")
        if self.cases is not None:
            words.append(f"{self.done} of {self.cases} cases" + (f", {self.failed} failed" if self.failed else ""))
        elif self.residual is not None:
            words.append(f"step {self.step}, residual {self.residual:.1e}")
        elif self.time is not None:
            words.append(f"t = {self.time:.6g}" + (f" of {self.end:.6g} s" if self.end is not None else " s"))
        else:
            words.append(self.state)
        if self.seconds is not None:
            words.append(_duration(self.seconds))
        if self.remaining is not None:
            words.append(f"about {_duration(self.remaining)} left")
        return "  ".join(words)


def _duration(seconds: float) -> str:
    s = int(seconds + 0.5)
    return f"{s} s" if s < 100 else f"{s // 60} min" if s < 6000 else f"{s // 3600} h {s % 3600 // 60} min"


def progress_of(directory: Path, seconds: float | None = None) -> Progress:
    """What status.json, and for the end case.toml, say."""
    from . import results

    told = results.read_json(directory / "status.json")
    state = str(told.get("state", "starting"))
    if "cases" in told:
        cases, done, failed = (int(told.get(k, 0)) for k in ("cases", "done", "failed"))
        return Progress(state, (done + failed) / cases if cases else None, cases=cases, done=done, failed=failed, seconds=seconds)
    clock = results.read_toml(directory / "case.toml").get("time", {})
    end, steps = clock.get("end"), clock.get("steps")
    step, now, residual = told.get("step"), told.get("time"), told.get("residual")
    fraction: float | None = None
    if residual is not None:
        now = end = None
    elif isinstance(end, (int, float)) and end > 0 and now is not None:
        fraction = min(1.0, now / end)
    elif isinstance(steps, int) and steps > 0 and step is not None:
        fraction, end = min(1.0, step / steps), None
    if state == "finished":
        fraction = 1.0
    return Progress(state, fraction, step, now, float(end) if isinstance(end, (int, float)) else None, residual, seconds=seconds)


def _in_notebook() -> bool:
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return shell is not None and hasattr(shell, "kernel")


class Meter:
    """Where progress goes: progress = None: a bar in a notebook and on a terminal; True: else lines too; False: nowhere; a function: to it."""

    def __init__(self, progress: bool | Callable[[Progress], None] | None, name: str, sweep: bool):
        self._name, self._call = name, progress if callable(progress) else None
        self._first: tuple[float, float] | None = None  # seconds and fraction where this start began
        self._next, self._every = time.monotonic() + 1.0, 0.5  # what ends within a second needs no bar
        self.shown, self._handle = False, None
        self._how = "none"
        if self._call is not None:
            self._how, self._next = "call", time.monotonic()
        elif progress is not False and _in_notebook():
            self._how = "notebook"
        elif progress is not False and (progress or threading.current_thread() is threading.main_thread()):
            if sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
                self._how = "terminal"
            elif progress:
                self._how, self._every = "lines", 10.0

    def due(self) -> bool:
        return self._how != "none" and time.monotonic() >= self._next

    def show(self, p: Progress) -> None:
        self._next = time.monotonic() + self._every
        p = self._with_remaining(p)
        self.shown = True
        if self._call is not None:
            self._call(p)
        elif self._how == "notebook":
            self._display(p)
        elif self._how == "terminal":
            self._bar(p)
        elif self._how == "lines":
            print(f"{self._name}: {p}", file=sys.stderr, flush=True)

    def _with_remaining(self, p: Progress) -> Progress:
        if p.fraction is None or p.seconds is None or p.state != "running":
            return p
        if self._first is None:
            self._first = (p.seconds, p.fraction)
        seconds, came = p.seconds - self._first[0], p.fraction - self._first[1]
        if came <= 0 or seconds < 1:
            return p
        return dataclasses.replace(p, remaining=(1 - p.fraction) * seconds / came)

    def _bar(self, p: Progress) -> None:
        columns = shutil.get_terminal_size().columns
        text, name = str(p), self._name[:30]
        room = min(40, columns - len(text) - len(name) - 6)
        bar = ""
        if p.fraction is not None and room >= 10:
            full = int(p.fraction * room)
            bar = f" [{'#' * full}{'.' * (room - full)}]"
        print(f"\r\x1b[K{f'{name}{bar}  {text}'[:columns - 1]}", end="", file=sys.stderr, flush=True)

    def _display(self, p: Progress) -> None:
        from IPython.display import HTML, display  # type: ignore[import-not-found]

        value = "" if p.fraction is None else f' value="{p.fraction:.4f}"'
        shown = HTML(f'<progress max="1"{value} style="width: 20em" aria-label="{html.escape(self._name)}"></progress> '
                     f"{html.escape(self._name)}: {html.escape(str(p))}")
        if self._handle is None:
            self._handle = display(shown, display_id=True)
        else:
            self._handle.update(shown)

    def say(self, words: str) -> None:
        if self._how == "terminal":
            print(f"\r\x1b[K{self._name}: {words}", file=sys.stderr, flush=True)
        elif self._how in ("notebook", "lines"):
            print(f"{self._name}: {words}", file=sys.stderr, flush=True)

    def wipe(self) -> None:
        """The end: a terminal's line goes."""
        if self._how == "terminal" and self.shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def last(self, p: Progress) -> None:
        """How it ended: a notebook's bar stays so, and a function hears of it."""
        if self._how == "call" or (self._how == "notebook" and self.shown):
            self.show(p)
