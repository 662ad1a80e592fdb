# SPDX-License-Identifier: BSD-3-Clause
"""Interrupts, signals and deaths: nothing is lost, and nobody is left behind."""
import os
import pathlib
import pty
import re
import signal
import subprocess
import sys
import threading
import time
import unittest.mock

import calor
from calor import results
from support import LONG, InFolder

LONG_RUN = """
import calor, sys
from support import LONG
try:
    calor.run(LONG, directory="long", {how})
except calor.Interrupted as stop:
    print("interrupted:", stop.words)
    print(stop.result.status, len(stop.result.checkpoints))
    assert isinstance(stop, KeyboardInterrupt)
    sys.exit(130)
"""


def until(what, seconds=120):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.02)


def steps(folder):
    """Whether the run in it has made steps."""
    told = results.read_json(pathlib.Path(folder, "status.json"))
    return told.get("state") == "running" and told.get("step", 0) > 0


def processes_of(folder):
    """calor's processes that work in a folder here."""
    mine = os.fsencode(os.path.abspath(folder))
    found = []
    for entry in os.listdir("/proc"):
        try:
            if entry.isdigit() and mine in pathlib.Path("/proc", entry, "cmdline").read_bytes().split(b"\0"):
                found.append(int(entry))
        except OSError:
            pass
    return found


class Interrupts(InFolder):
    def interrupted(self, how):
        child = subprocess.Popen([sys.executable, "-c", LONG_RUN.format(how=how)], stdout=subprocess.PIPE, text=True)
        until(lambda: steps("long"))
        child.send_signal(signal.SIGINT)
        said, _ = child.communicate(timeout=60)
        self.assertEqual(child.returncode, 130)
        self.assertRegex(said, r"interrupted: stopped with all that is needed to go on: .*long'\nstopped [12]\n")
        self.assertEqual(processes_of("long"), [])
        run = calor.open("long")
        step = run.progress.step
        with self.assertRaises(calor.Stopped) as told:
            run.resume(max_walltime="4s")  # goes on from there
        self.assertGreater(told.exception.result.progress.step, step)
        self.assertEqual(told.exception.status, 75)

    def test_alone(self):
        self.interrupted("threads=1")

    def test_on_ranks(self):
        self.interrupted("ranks=2, threads=1")

    def test_before_it_began(self):
        pathlib.Path("slow").write_text("#!/bin/sh\nsleep 60\n")
        os.chmod("slow", 0o755)
        threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
        with self.assertRaisesRegex(calor.Interrupted, "stopped before it began") as told:
            calor.run(LONG, program=os.path.abspath("slow"))
        self.assertIsNone(told.exception.result)
        self.assertEqual(os.listdir("out"), [])

    def test_twice_ends_it_at_once(self):
        # Something that does not heed SIGUSR1, as a run that hangs does.
        pathlib.Path("deaf").write_text("#!/bin/sh\ntrap '' USR1\nwhile :; do sleep 0.1; done\n")
        os.chmod("deaf", 0o755)
        for delay in (0.5, 1.5):
            threading.Timer(delay, os.kill, (os.getpid(), signal.SIGINT)).start()
        began = time.monotonic()
        with self.assertRaises(calor.Interrupted):
            calor.run(LONG, program=os.path.abspath("deaf"), directory="deaf run")
        self.assertLess(time.monotonic() - began, 20)
        self.assertEqual(processes_of("deaf run"), [])

    def test_sweep(self):
        child = subprocess.Popen([sys.executable, "-c", "import calor\nfrom support import LONG\ncalor.sweep(LONG, {'material.conductivity': [1.0, 2.0]}, directory='long')"],
                                 stderr=subprocess.PIPE, text=True)
        until(lambda: results.read_json(pathlib.Path("long/status.json")).get("running"))
        time.sleep(1)
        child.send_signal(signal.SIGINT)
        _, said = child.communicate(timeout=60)
        self.assertIn("calor.errors.Interrupted: stopped with all that is needed", said)
        self.assertEqual(calor.open("long").status, "stopped")
        self.assertEqual(processes_of("long"), [])


class Jobs(InFolder):
    def started(self, *arguments, **how):
        """A job that ends with the test at the latest."""
        job = calor.start(*arguments, **how)
        self.addCleanup(job.kill)
        return job

    def test_stop_from_here(self):
        job = self.started(LONG, directory="long", threads=1)
        self.assertTrue(job.running)
        until(lambda: steps("long"))
        self.assertEqual((job.result.status, job.progress.state), ("running", "running"))
        self.assertGreater(job.progress.seconds, 0)
        job.stop()
        with self.assertRaises(calor.Stopped) as told:
            job.wait()
        self.assertRegex(str(told.exception), "(?s)SIGUSR1, at .*t = .* of 1e\\+09 s.*resume")
        with self.assertRaises(calor.Stopped):
            job.wait()  # again
        self.assertFalse(job.running)
        job.stop()  # nothing to do

    def test_launcher_that_nobody_knows(self):
        pathlib.Path("site-launch").write_text('#!/bin/sh\nshift 2\nexec 3<&0\n"$@" <&3 &\nwait $!\n')  # dies of SIGUSR1
        os.chmod("site-launch", 0o755)
        job = self.started(LONG, directory="long", ranks=1, launcher=[os.path.abspath("site-launch")])
        until(lambda: steps("long"))
        job.stop()
        with self.assertRaises(calor.Stopped):
            job.wait()

    def test_killed(self):
        job = self.started(LONG, {"checkpoint.every_steps": 200}, directory="long", threads=1)
        until(lambda: job.result.checkpoints)
        os.kill(results.read_json(pathlib.Path("long/status.json"))["pid"], signal.SIGKILL)
        with self.assertRaisesRegex(calor.LaunchError, "SIGKILL"):
            job.wait()
        with unittest.mock.patch.object(results, "LATE", 0.0):
            run = calor.open("long")
            self.assertEqual(run.status, "dead")
            with self.assertRaisesRegex(calor.NoResult, "the run is dead"):
                run.summary
        step = int(re.search(r"\d+", run.checkpoints[-1].name)[0])
        with self.assertRaises(calor.Stopped) as told:
            run.resume(max_walltime="4s")
        self.assertGreater(told.exception.result.progress.step, step)

    def test_goes_on_without_python(self):
        self.python("import calor\nfrom support import LONG\ncalor.start(LONG, directory='long', threads=1)\nimport os\nos._exit(0)")
        until(lambda: steps("long"))
        (pid,) = processes_of("long")
        os.kill(pid, signal.SIGTERM)
        until(lambda: calor.open("long").status == "stopped")


class Terminal(InFolder):
    def test_bar(self):
        ours, theirs = pty.openpty()
        child = subprocess.Popen([sys.executable, "-c", "import calor\nfrom support import LONG\ncalor.run(LONG, {'time.end': 20000.0}, directory='lang ä')"],
                                 stderr=theirs, stdout=subprocess.DEVNULL, env={**os.environ, "TERM": "xterm", "COLUMNS": "100"})
        os.close(theirs)
        said = b""
        while True:
            try:
                some = os.read(ours, 4096)
            except OSError:
                break
            if not some:
                break
            said += some
        os.close(ours)
        self.assertEqual(child.wait(timeout=60), 0)
        shown = said.decode().split("\r\x1b[K")
        self.assertGreater(len(shown), 2)
        bars = [re.match(r"lang ä \[(#*)(\.*)\]  +(\d+) %  t = \S+ of 20000 s  \d+ s", s) for s in shown[1:-1]]
        self.assertTrue(all(bars), shown)
        done = [int(bar[3]) for bar in bars]  # of a run that a busy machine shows late, perhaps its end alone
        self.assertEqual(done, sorted(done))
        self.assertTrue(all(abs(len(bar[1]) - len(bar[1] + bar[2]) * d / 100) <= 1 for bar, d in zip(bars, done)), shown)
        self.assertEqual(shown[-1], "")  # wiped
        self.assertTrue(all(len(s) < 100 for s in shown))
