# SPDX-License-Identifier: BSD-3-Clause
"""What may go wrong, one class an exit status of calor; the words are calor's own.

Every exception has `words`, `status` (the exit status, or None) and `result`: the Run or Sweep in the directory, as far as it
came, or None. All can be pickled, so they pass from one process to another.
"""
from __future__ import annotations

from typing import Any


class Error(Exception):
    """Any failure of calor, of what starts it, or of what it left."""

    def __init__(self, words: str, status: int | None = None, result: Any = None, hint: str = ""):
        super().__init__(words)
        self.words, self.status, self.result, self.hint = words, status, result, hint

    def __str__(self) -> str:
        return f"{self.words}\n({self.hint})" if self.hint else self.words

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.words, self.status, self.result, self.hint)


class CommandError(Error):
    """64: the command line is wrong."""


class DamagedFile(Error):
    """65: a snapshot or checkpoint is damaged, or of another problem."""


class MissingFile(Error):
    """66: an input file is missing."""


class InternalError(Error):
    """70: an internal error, or the watchdog has ended a job that hung."""


class DirectoryError(Error):
    """73: the output directory is in use, holds a run already, or cannot be made."""


class WriteError(Error):
    """74: output could not be written: disk full, quota, I/O error."""


class Stopped(Error):
    """75: stopped early, by a signal or the wall-time limit, with a whole checkpoint; `result.resume()` goes on."""


class NumericalError(Error):
    """76: not a number, blow-up, no convergence."""


class CaseError(Error):
    """78: the case is wrong. `mistakes` are all that calor found, one a line."""

    @property
    def mistakes(self) -> list[str]:
        return self.words.splitlines()


class LaunchError(Error):
    """calor or its launcher could not be started, or ended in a way that is not calor's."""


class NoResult(Error):
    """What was asked for is not in the directory (any more, or yet)."""


class MissingModule(ImportError):
    """A Python module that this needs is not installed."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, or a notebook's stop button: the run was stopped in order. `result` is what there is of it."""

    def __init__(self, words: str, result: Any = None):
        super().__init__(words)
        self.words, self.result = words, result

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.words, self.result)


class CalorWarning(UserWarning):
    """What calor warns of: the run went on, and its results may not be what was meant."""


# Exit status, class, and what to do in words of Python; docs/user_guide.md, "Exit status".
BY_STATUS: dict[int, tuple[type[Error], str]] = {
    64: (CommandError, ""),
    65: (DamagedFile, "the command line's --fresh is fresh=True here"),
    66: (MissingFile, ""),
    70: (InternalError, "after the watchdog: go on with resume=True"),
    73: (DirectoryError, "the command line's --resume, --fresh, --output, --takeover are resume=True, fresh=True, directory=...,\n"
                         'options=["--takeover"] here'),
    74: (WriteError, "make room, then go on with resume=True"),
    75: (Stopped, "go on with resume=True, or by the resume() of its result"),
    76: (NumericalError, ""),
    78: (CaseError, ""),
}
