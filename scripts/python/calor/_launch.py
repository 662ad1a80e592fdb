# SPDX-License-Identifier: BSD-3-Clause
"""Finding calor, starting it, watching it, and ending it in order."""
from __future__ import annotations

import dataclasses
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from . import results
from ._progress import Meter, Progress, progress_of
from .errors import BY_STATUS, Error, Interrupted, LaunchError

# They pass SIGUSR1 on to all ranks and wait for them (user guide, "Stopping and resuming").
PASS_ON = ("mpirun", "mpiexec", "orterun", "prterun", "srun")
TOKEN = "CALOR_PYTHON_JOB"  # in the environment of what a Job has started, and of nothing else
BUILT = Path(__file__).resolve().parents[3] / "build" / "release" / "app" / "calor"


def find_program(program: str | os.PathLike[str] | None = None) -> str:
    """The program: as given, else $CALOR, else `calor` on the path, else the build of the tree that this file lies in."""
    given = os.fspath(program) if program is not None else os.environ.get("CALOR") or None
    if given is not None:
        found = shutil.which(given)
        if found is None:
            raise LaunchError(f"{given} is no program that can be started", hint="program=... and $CALOR name the program calor")
        return os.path.abspath(found)
    found = shutil.which("calor")
    if found is None and os.access(BUILT, os.X_OK):
        found = str(BUILT)
    if found is None:
        raise LaunchError("the program calor is not on the path", hint="put it there, or name it: program=..., or $CALOR")
    return os.path.abspath(found)


def launcher_words(ranks: int | None, launcher: str | Sequence[str] | None) -> list[str]:
    """What stands before calor on the command line."""
    if ranks is not None and (isinstance(ranks, bool) or int(ranks) != ranks or ranks < 1):
        raise ValueError(f"ranks = {ranks!r}: must be a whole number, 1 or more")
    if launcher is None and (ranks is None or ranks == 1):
        return []
    words = ["mpirun"] if launcher is None else shlex.split(launcher) if isinstance(launcher, str) else [os.fspath(w) for w in launcher]
    if not words:
        raise ValueError("launcher is empty; leave it out to start calor by itself")
    if shutil.which(words[0]) is None:
        raise LaunchError(f"{words[0]} is not on the path, and {ranks or 'several'} ranks need a launcher",
                          hint="install the MPI that calor was built with, name its launcher: launcher='...', or leave ranks out")
    return words + (["-n", str(int(ranks))] if ranks is not None else [])


def environment(threads: int | None, token: str = "") -> dict[str, str]:
    env = {**os.environ, TOKEN: token}
    if threads is not None:
        if isinstance(threads, bool) or int(threads) != threads or threads < 1:
            raise ValueError(f"threads = {threads!r}: must be a whole number, 1 or more")
        env["OMP_NUM_THREADS"] = str(int(threads))
    return env


def words_of(said: str) -> str:
    """calor's words among what came to standard error: a launcher adds its own for any status but 0."""
    lines = said.splitlines()
    first = next((n for n, line in enumerate(lines) if line.startswith("calor: ")), None)
    if first is None:
        return "\n".join(lines[-20:]).strip()
    words = [lines[first].removeprefix("calor: ")]
    for line in lines[first + 1:]:
        if line.startswith(("-----", "=====", "calor: ")):
            break
        if not line.startswith(("srun: ", "slurmstepd: ")):
            words.append(line)
    return "\n".join(words).strip()


def error_of(status: int, said: str, result: Any = None) -> Error:
    """The exception for an exit status that is not 0."""
    words = words_of(said)
    ended_by = -status if status < 0 else status - 128 if 128 < status < 160 else 0
    if ended_by:
        try:
            name = signal.Signals(ended_by).name
        except ValueError:
            name = f"signal {ended_by}"
        return LaunchError(f"calor was ended by {name}" + (f": {words}" if words else ""), status, result,
                           "what it had saved stands: go on with resume=True")
    kind, hint = BY_STATUS.get(status, (LaunchError, ""))
    return kind(words or f"calor ended with exit status {status} and said nothing", status, result, hint)


class Job:
    """A run or a sweep that `calor.start` has started. It ends by itself, also when Python has gone; `wait` waits for it."""

    def __init__(self, command: list[str], launcher: list[str], directory: Path, *, sweep: bool = False, text: str | None = None,
                 threads: int | None = None, progress: Any = None, grace: float = 300.0, made: bool = False,
                 cwd: Path | None = None):
        self._made = made  # the directory is new and empty: it goes if nothing comes of it
        self.directory, self.command = directory, [*launcher, *command]
        self._launcher, self._sweep, self._grace = launcher, sweep, grace
        self._began, self._stop_asked = time.monotonic(), False
        self._before, self._token = self._stamp(), uuid.uuid4().hex
        self._meter = Meter(progress, directory.name, sweep)
        self._said: IO[bytes] = tempfile.TemporaryFile()
        stdin: Any = subprocess.DEVNULL
        if text is not None:
            stdin = tempfile.TemporaryFile()
            stdin.write(text.encode())
            stdin.seek(0)
        try:
            # A group of its own: Ctrl-C on the terminal is for Python, which stops the job in order.
            self._process = subprocess.Popen(self.command, stdin=stdin, stdout=self._said, stderr=self._said, env=environment(threads, self._token),
                                             cwd=cwd, process_group=0)
        except OSError as error:
            self._said.close()
            self._clear()
            raise LaunchError(f"{self.command[0]} could not be started: {error.strerror}") from None
        finally:
            if text is not None:
                stdin.close()

    def __repr__(self) -> str:
        return f"<calor.Job in {self.directory}: {'running' if self.running else 'ended'}>"

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    @property
    def result(self) -> results.Run | results.Sweep:
        """What there is in the directory by now."""
        return results.Sweep(self.directory) if self._sweep else results.Run(self.directory)

    def _stamp(self) -> tuple[int, int] | None:
        try:
            s = os.stat(self.directory / "status.json")
            return s.st_ino, s.st_mtime_ns
        except OSError:
            return None

    def _has_begun(self) -> bool:
        """Whether status.json is of this start, not of one before."""
        return self._stamp() not in (None, self._before)

    @property
    def progress(self) -> Progress:
        """How far it has come, by status.json."""
        if not self._has_begun():
            return Progress(state="starting", seconds=time.monotonic() - self._began)
        return progress_of(self.directory, seconds=time.monotonic() - self._began)

    def _rank(self) -> int | None:
        """The process on this host that status.json names, if it is ours: another run may be at work in the directory."""
        pid = results.read_json(self.directory / "status.json").get("pid")
        try:
            ours = f"{TOKEN}={self._token}".encode() in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        except OSError:
            return None
        return pid if ours else None

    def _clear(self) -> None:
        if self._made:
            try:
                os.rmdir(self.directory)
            except OSError:
                pass  # not empty: not nothing

    def stop(self) -> None:
        """Asks it to finish its step, write a checkpoint and end (SIGUSR1); returns at once. `wait` then raises Stopped."""
        if not self.running:
            return
        self._stop_asked = True
        target = self._process.pid
        if self._launcher and os.path.basename(self._launcher[0]).split(".")[0] not in PASS_ON:
            # A launcher that nobody knows may die of the signal: one rank that knows is enough.
            target = self._rank() or target
        try:
            os.kill(target, signal.SIGUSR1)
        except ProcessLookupError:
            pass

    def kill(self) -> None:
        """Ends it at once: SIGTERM, and SIGKILL ten seconds later. What was saved before stands."""
        for number, patience in ((signal.SIGTERM, 10.0), (signal.SIGKILL, 10.0)):
            if not self.running:
                return
            try:
                os.killpg(self._process.pid, number)
            except ProcessLookupError:
                return
            try:
                self._process.wait(timeout=patience)
            except subprocess.TimeoutExpired:
                pass

    def wait(self) -> results.Run | results.Sweep:
        """Waits for the end, with a bar where somebody looks; gives the result, or raises what went wrong.

        Ctrl-C here stops the job in order, with a checkpoint, and raises Interrupted; a second one ends it at once."""
        try:
            while True:
                try:
                    self._process.wait(timeout=0.2)
                    break
                except subprocess.TimeoutExpired:
                    if self._meter.due():
                        self._meter.show(self.progress)
        except BaseException as reason:
            self._end_in_order()
            self._listen()
            if not self._has_begun():
                self._clear()
            if isinstance(reason, KeyboardInterrupt):
                raise Interrupted(self._how_it_stopped(), self._result_or_none()) from None
            raise
        finally:
            self._meter.wipe()
        self._meter.last(self.progress)
        return self._outcome()

    def _end_in_order(self) -> None:
        self.stop()
        self._meter.say("stopping: the step is finished and a checkpoint written; interrupt again to end at once")
        until = time.monotonic() + self._grace
        try:
            while time.monotonic() < until:
                try:
                    self._process.wait(timeout=0.2)
                    return
                except subprocess.TimeoutExpired:
                    pass
        except KeyboardInterrupt:
            pass
        self.kill()

    def _listen(self) -> str:
        """What it said, once it has ended."""
        if not self._said.closed:
            self._said.seek(0)
            self._words = self._said.read().decode(errors="replace")
            self._said.close()
        return self._words

    def _result_or_none(self) -> results.Run | results.Sweep | None:
        return self.result if self._has_begun() else None

    def _how_it_stopped(self) -> str:
        status = self._process.returncode
        if status == 0:
            return f"finished before it could be stopped; results in {self.directory}"
        if status == 75:
            return f"stopped with all that is needed to go on: resume=True, directory={str(self.directory)!r}"
        if not self._has_begun():
            return "stopped before it began"
        return f"ended with {status}; what was saved stands: resume=True, directory={str(self.directory)!r}"

    def _outcome(self) -> results.Run | results.Sweep:
        status = self._process.returncode
        said = self._listen()
        result = self._result_or_none()
        if result is None:
            self._clear()
        if status == 0:
            return self.result  # also where nothing was left to do
        if isinstance(result, results.Sweep) and result.all_tried and result.progress.failed:
            return result  # its table says which cases failed
        # A stop is no error that calor would print: status.json says why.
        if not said.strip() and result is not None and result.reason:
            said = f"{result.reason}, at {dataclasses.replace(self.progress, seconds=None)}"
        raise error_of(status, said, result)


def answer(words: list[str], *, text: str | None = None, program: str | os.PathLike[str] | None = None, accept: Sequence[int] = (0,)) -> str:
    """What a command prints that ends soon."""
    done = subprocess.run([find_program(program), *words], input=text if text is not None else "", capture_output=True, text=True,
                          encoding="utf-8", errors="replace", check=False)
    if done.returncode not in accept:
        raise error_of(done.returncode, done.stderr)
    return done.stdout
