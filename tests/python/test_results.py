# SPDX-License-Identifier: BSD-3-Clause
"""Directories as crashes leave them, made by hand: docs/file_format.md says what may be there."""
import json
import os
import pathlib
import subprocess
import sys
import time
import unittest.mock

import calor
from calor import results
from support import InFolder

HERE = os.uname().nodename


def write(path, text):
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def status(folder="run", state="running", silence=0.0, host=HERE, pid=None, **more):
    write(f"{folder}/status.json", json.dumps({"state": state, "host": host, "pid": pid or os.getpid(), "step": 7, "time": 3.0, "generation": 5, "reason": "",
                                               "heartbeat_unix": time.time() - silence, **more}))


def gone():
    """The number of a process that is no more."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


class Crashed(InFolder):
    def test_dead_or_alive(self):
        for silence, host, pid, expected in ((0, HERE, None, "running"), (60, HERE, None, "running"), (60, HERE, gone(), "dead"), (60, "elsewhere", gone(), "running"),
                                             (601, "elsewhere", 1, "dead"), (1, HERE, gone(), "running"), (601, HERE, None, "dead")):
            status(silence=silence, host=host, pid=pid)
            self.assertEqual(calor.open("run").status, expected, (silence, host, pid))
        status(silence=60)
        started = pathlib.Path(f"/proc/{os.getpid()}/stat").read_text().rpartition(")")[2].split()[19]
        boot = pathlib.Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        for lock, expected in (({"started": started, "boot": boot}, "running"), ({"started": "1", "boot": boot}, "dead"), ({"started": started, "boot": "other"}, "dead")):
            write("run/lock", json.dumps({"host": HERE, "pid": os.getpid(), **lock}))
            self.assertEqual(calor.open("run").status, expected, lock)
        for state in ("finished", "stopped", "failed"):
            status(state=state, silence=1e6)
            self.assertEqual(calor.open("run").status, state)

    def test_what_a_crash_leaves(self):
        status(silence=1e4)
        run = calor.open("run")
        for what, words in (("summary", "no summary.json: the run is dead, at t = 3"), ("history", "no history.csv"), ("dataset", "no snapshots: the run is dead"),
                            ("balance", "no summary.json"), ("case", "no case.toml")):
            with self.assertRaisesRegex(calor.NoResult, f"(?s){words}"):
                getattr(run, what)
        self.assertIn("resume()", str(_raised(lambda: run.summary)))
        self.assertEqual((run.title, run.warnings, run.log, run.snapshots, run.checkpoints), ("", [], "", [], []))
        self.assertEqual((len(run.probes), len(run.regions), run.steady), (0, 0, False))
        self.assertIn("dead", repr(run))
        self.assertIn("dead", run._repr_html_())
        write("run/history.csv", "step,time,dt,min\n0,0,0,1\n7,3.0000000000000004,0.1,nan\n9,4,0.")  # the last line is on its way
        self.assertEqual(run.history.index.tolist(), [0.0, 3.0000000000000004])
        self.assertEqual(run.history["min"].iloc[0], 1.0)
        write("run/history.csv", "")
        with self.assertRaises(calor.NoResult):
            run.history
        write("run/case.toml", "title = 'half")  # cannot be, but a stranger's may
        self.assertEqual(run.title, "")

    def test_no_status_but_a_checkpoint(self):
        write("run/checkpoints/checkpoint_999999999.h5", "")
        write("run/checkpoints/checkpoint_1000000000.h5", "")
        write("run/checkpoints/checkpoint_000000099.h5.partial-0123456789abcdef", "")
        write("run/checkpoints/paper.h5", "")
        run = calor.open("run")
        self.assertEqual([p.name for p in run.checkpoints], ["checkpoint_999999999.h5", "checkpoint_1000000000.h5"])
        self.assertEqual(run.status, "dead")
        write("run/summary.json", json.dumps({"status": "finished"}))  # somebody has removed status.json
        self.assertEqual(calor.open("run").status, "finished")

    def test_no_run_at_all(self):
        write("file", "")
        os.mkdir("empty")
        for path, words in (("file", "no directory"), ("nowhere", "not there"), ("empty", "neither a run nor a sweep")):
            with self.assertRaisesRegex(calor.NoResult, words):
                calor.open(path)
        write("empty/status.json", "{")
        self.assertEqual(calor.open("empty").status, "dead")

    def test_sweep_that_crashed(self):
        write("s/journal", '\n0123456789abcdef {"calor":"0.1.0","event":"sweep"}\n')
        sweep = calor.open("s")
        self.assertIsInstance(sweep, calor.Sweep)
        self.assertEqual(sweep.status, "dead")
        for what in ("table", "dataset"):
            with self.assertRaises(calor.NoResult):
                getattr(sweep, what)
        write("s/sweep.csv", 'case,solver.preconditioner,grid.nx,status,tries,T_max,reason\n0,none,4,done,1,3,\n1,null,8,failed,3,,"no, ""convergence"""\n2,NA,8,waiting,0,,\n')
        table = sweep.table
        self.assertEqual(table["solver.preconditioner"].tolist(), ["none", "null", "NA"])
        self.assertEqual(table["reason"].tolist(), ["", 'no, "convergence"', ""])
        self.assertEqual((table["grid.nx"].dtype.kind, table["T_max"].dtype.kind, table.index.name), ("i", "f", "case"))
        self.assertEqual(sweep.failed.index.tolist(), [1])
        with self.assertRaisesRegex(calor.NoResult, "no directory of its own"):
            sweep.run(3)
        self.assertIn("of", repr(sweep))

    def test_progress_words(self):
        status(state="running")
        write("run/case.toml", "[time]\nend = 12.0\n")
        p = calor.open("run").progress
        self.assertEqual((p.fraction, p.end, p.step), (0.25, 12.0, 7))
        self.assertEqual(str(p), " 25 %  t = 3 of 12 s")
        write("run/case.toml", "[time]\nsteps = 14\n")
        self.assertEqual(calor.open("run").progress.fraction, 0.5)
        status(state="running", residual=1e-3)
        self.assertEqual(str(calor.open("run").progress), "step 7, residual 1.0e-03")
        write("run/status.json", json.dumps({"state": "running", "cases": 40, "done": 9, "failed": 1, "waiting": 30, "running": 0}))
        p = calor.Sweep("run").progress
        self.assertEqual((p.fraction, str(p)), (0.25, " 25 %  9 of 40 cases, 1 failed"))

    def test_balance_with_pieces_and_walls(self):
        status(state="finished")
        write("run/summary.json", json.dumps({"heat": {"initial": 1.0, "final": 2.0, "sides": {"left": 1.0}, "pieces": {"left": {"door": 0.25}}, "walls": {"pipe": 3.0},
                                                       "plate": 0.0, "source": 0.0, "residual": 0.0, "unit": "J/m"}}))
        b = calor.open("run").balance
        self.assertEqual((b["pieces.left.door"], b["walls.pipe"]), (0.25, 3.0))

    def test_late_heartbeats_are_given_time(self):
        status(silence=3, pid=gone())
        self.assertEqual(calor.open("run").status, "running")
        with unittest.mock.patch.object(results, "LATE", 1.0):
            self.assertEqual(calor.open("run").status, "dead")


def _raised(function):
    try:
        function()
    except calor.Error as error:
        return error
    raise AssertionError("nothing was raised")
