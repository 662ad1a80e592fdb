# SPDX-License-Identifier: BSD-3-Clause
"""Runs by the built program, and what is read from their directories, against what the cases say."""
import concurrent.futures
import csv
import io
import os
import pathlib
import pickle
import sys
import types
import unittest
import unittest.mock
import warnings

import numpy as np

import calor
from support import LONG, PLATE, SLAB, InFolder


class ByProgram(InFolder):
    def test_plate(self):
        run = calor.run(PLATE, directory="out put/a=b")
        self.assertEqual((run.status, run.title, run.steady), ("finished", PLATE["title"], False))
        ds = run.dataset
        self.assertEqual(dict(ds.sizes), {"time": 5, "y": 8, "x": 12, "bnds": 2})
        self.assertEqual(ds.time.values.tolist(), [0.0, 15.0, 30.0, 45.0, 60.0])
        self.assertEqual((ds.temperature.units, ds.x.units, ds.title), ("degC", "m", PLATE["title"]))
        x, y = (np.arange(12) + 0.5) * 0.05, (np.arange(8) + 0.5) * 0.05
        np.testing.assert_allclose(ds.x, x, rtol=1e-14)
        np.testing.assert_allclose(ds.temperature[0], 20 + 100 * x[None, :] + 10 * y[:, None], rtol=1e-13)  # linear: cells hold means
        np.testing.assert_allclose(ds.x_bnds[:, 1] - ds.x_bnds[:, 0], 0.05)
        last = run.history.iloc[-1]
        self.assertEqual(run.history.index[-1], 60.0)
        self.assertEqual(last["max"], float(ds.temperature[-1].max()))
        self.assertEqual(last["step"], int(ds.step[-1]))
        self.assertEqual(list(run.probes.columns), ["E"])
        for table, file in ((run.history, "history.csv"), (run.probes, "probes.csv")):  # to the last bit
            for row, values in zip(table.reset_index().to_dict("records"), csv.DictReader((run.directory / file).read_text().splitlines()), strict=True):
                self.assertEqual(row, {k: float(v) for k, v in values.items()})
        self.assertEqual(run.probes["E"].iloc[-1], run.summary["probes"]["E"])
        self.assertAlmostEqual(run.probes["E"].iloc[0], 20 + 45 + 1, places=10)
        b = run.balance
        self.assertEqual(b.attrs["units"], "J/m")
        self.assertAlmostEqual(b["right"] / (1000.0 * 60.0 * 0.4), 1.0, places=9)  # W/m2 s m
        came = b[["left", "right", "bottom", "top", "plate", "source"]].sum()
        self.assertAlmostEqual((b["final"] - b["initial"] - came) / b["final"], 0.0, places=12)
        self.assertEqual(run.regions.shape[1], 0)
        self.assertIn("heat balance", run.log)
        self.assertEqual(run.case["grid"]["nx"], 12)
        self.assertIn("größer als &quot;eins&quot; &lt;b&gt;", run._repr_html_())
        self.assertEqual(calor.open(run.directory), run)
        self.assertEqual(pickle.loads(pickle.dumps(run)), run)

    def test_lazy(self):
        run = calor.run(PLATE, {"output.fields": ["temperature", "flux"]})
        files = [p.read_bytes() for p in run.snapshots]
        ds = run.dataset
        self.assertEqual(sorted(ds), ["flux_x", "flux_y", "temperature"])
        for p in run.snapshots[1:]:  # what is not looked at is not read
            p.write_bytes(b"")
        np.testing.assert_allclose(ds.temperature[0, 0, :3], [20 + 2.5 + 0.25, 20 + 7.5 + 0.25, 20 + 12.5 + 0.25])
        with self.assertRaises(OSError):
            ds.temperature[1].load()
        for p, data in zip(run.snapshots, files):
            p.write_bytes(data)
        whole = run.dataset.temperature.values
        self.assertEqual(whole.shape, (5, 8, 12))
        keys = [(1,), (slice(None), 2), (slice(None, None, -2), slice(1, 7, 3), 4), ([3, 0, 3], slice(None), [5, 1, 1]), (-1, [0], slice(5, 2, -1)),
                (slice(0, 0), slice(None), 3), (slice(None), [], 2), (slice(1, 3), 2, [5, 1, 1]), (3, [2, 1], 4), ([], 1, [1, 2]), (np.int64(2), np.int64(-1), np.int64(0))]
        for key in keys:
            chosen = dict(zip(("time", "y", "x"), key))
            expected = whole
            for axis, k in reversed(list(enumerate(key))):
                expected = expected[(slice(None),) * axis + (k,)]
            np.testing.assert_array_equal(run.dataset.temperature.isel(chosen).values, expected, err_msg=str(key))
        at = run.dataset.temperature.sel(x=0.31, y=0.02, method="nearest").sel(time=30.0)
        self.assertEqual(float(at), whole[2, 0, 6])
        self.assertAlmostEqual(float(run.dataset.temperature.mean()), whole.mean(), places=10)

    def test_fields_that_came_later_are_missing_before(self):
        run = calor.run({**PLATE, "checkpoint": {"every_steps": 1000000}})
        run = run.resume({"time.end": 75.0, "output.fields": ["temperature", "flux"]})
        ds = run.dataset
        self.assertEqual(ds.time.values.tolist()[-2:], [60.0, 75.0])
        self.assertTrue(bool(ds.flux_x[:4].isnull().all()))
        self.assertTrue(bool(ds.flux_x[-1].notnull().all()))
        self.assertTrue(bool(ds.temperature.notnull().all()))

    def test_steady_has_no_time(self):
        run = calor.run(SLAB)
        self.assertTrue(run.steady)
        ds = run.dataset
        self.assertEqual(ds.temperature.dims, ("y", "x"))
        self.assertNotIn("time", ds.coords)
        np.testing.assert_allclose(ds.temperature[1], 20 + 60 * ds.x, rtol=1e-9)
        self.assertAlmostEqual(run.probes["middle"].iloc[-1], 50.0, places=7)
        self.assertEqual(run.balance.attrs["units"], "W/m")
        self.assertAlmostEqual(run.balance["right"], 3.0 * 60.0 * 0.5, places=5)
        self.assertEqual(run.progress.fraction, 1.0)

    def test_regions_and_sections(self):
        case = {**PLATE, "region": [{"name": "a.b c", "shape": "rectangle", "x": [0.1, 0.3], "y": [0.1, 0.2], "power": 1e5}],
                "section": [{"name": "cut", "from": [0.3, 0.0], "to": [0.3, 0.4]}]}
        run = calor.run(case)
        region = run.regions["a.b c"]
        self.assertAlmostEqual(region["power"].iloc[-1], 1e5 * 0.02 * 60.0, places=6)  # W/m3 m2 s
        self.assertEqual(run.sections["cut"]["total"].iloc[-1], run.summary["sections"]["cut"]["total"])

    def test_ways_to_give_a_case(self):
        text = "title = 'Toml'\n[grid]\nnx = 4\nny = 4\n[material]\nconductivity = 1.0\n[boundary]\nleft = { type = 'temperature', value = 1.0 }\n[time]\nmethod = 'steady'\n"
        os.mkdir("a folder")
        pathlib.Path("a folder/pläte=1.toml").write_text(text, encoding="utf-8")
        self.assertEqual(calor.run(text).directory, pathlib.Path.cwd() / "out" / "case_0001")
        self.assertEqual(calor.run(pathlib.Path("a folder/pläte=1.toml")).directory, pathlib.Path.cwd() / "out" / "pläte=1")
        merged = calor.run(["a folder/pläte=1.toml", {"title": "later", "grid": {"nx": 6}}], {"grid.ny": 5}, grid={"x": [0.0, 2.0]}, directory="m")
        self.assertEqual((merged.title, merged.case["grid"]["nx"], merged.case["grid"]["ny"], merged.case["grid"]["x"]), ("later", 6, 5, [0.0, 2.0]))
        again = calor.run(merged, directory="n")
        self.assertTrue(calor.compare(again, merged)["identical"])
        self.assertEqual(calor.estimate(text, grid={"nx": 10})["cells"], 40)
        self.assertEqual(calor.run("nafems_t3").summary["method"], "euler")  # a shipped case

    def test_paths_in_a_dict_count_from_here(self):
        pathlib.Path("power.csv").write_text("t,q\n0,0\n60,1000\n", encoding="utf-8")
        case = {**PLATE, "functions": {"q": {"file": "power.csv", "column": "q", "time": "t"}}, "source": {"power": "q(t)"}}
        run = calor.run(case, directory="r", resume=True)
        self.assertAlmostEqual(run.balance["source"], 30e3 * 0.24, places=5)
        self.assertEqual(run.resume({"time.end": 60.0}).status, "finished")  # reads what it keeps in r/inputs

    def test_mistakes(self):
        with self.assertRaises(calor.CaseError) as told:
            calor.run(PLATE, {"grid.nxx": 3, "material.conductivity": -1.0})
        self.assertEqual(told.exception.status, 78)
        self.assertEqual(len(told.exception.mistakes), 2)
        self.assertIn('did you mean "grid.nx"', told.exception.mistakes[0])
        self.assertEqual(os.listdir("out"), [])  # no empty directory stays
        with self.assertRaises(calor.MissingFile):
            calor.run("nowhere.toml")
        with self.assertRaises(calor.CommandError):
            calor.run(PLATE, options=["--bogus"])
        run = calor.run(PLATE, directory="here")
        with self.assertRaisesRegex(calor.DirectoryError, "(?s)holds a run already.*fresh=True"):
            calor.run(PLATE, directory="here")
        self.assertEqual(calor.run(PLATE, directory="here", fresh=True, grid={"nx": 24}).dataset.sizes["x"], 24)
        self.assertEqual(run.dataset.sizes["x"], 24)  # an older Run of that directory sees what is there
        with self.assertRaisesRegex(calor.NumericalError, "not a finite|converge") as told:
            calor.run(PLATE, {"source.power": "1e5*sqrt(5 - t)", "initial.temperature": 20.0}, directory="nan")
        self.assertEqual((told.exception.result.status, told.exception.status), ("failed", 76))
        self.assertTrue(told.exception.result.reason)
        with self.assertRaises(calor.DamagedFile):
            calor.run(PLATE, {"material.conductivity": 3.0}, restart=calor.run({**PLATE, "checkpoint": {"every_steps": 100000}}).checkpoints[-1], directory="other")
        os.mkdir("mine")
        pathlib.Path("mine/probes.csv").write_text("not calor's")
        with self.assertRaises(calor.DirectoryError):
            calor.run(PLATE, directory="mine")
        with self.assertRaisesRegex(calor.NoResult, "neither a run nor a sweep"):
            calor.open("mine")

    def test_warnings_are_warned_of(self):
        case = {**PLATE, "region": [{"name": "far away", "shape": "rectangle", "x": [5.0, 6.0], "y": [5.0, 6.0], "conductivity": 1.0}]}
        with self.assertWarnsRegex(calor.CalorWarning, "far away") as told:
            run = calor.run(case)
        self.assertEqual(told.filename, __file__)
        self.assertEqual(len(run.warnings), 1)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            calor.run(PLATE)

    def test_ranks_and_threads(self):
        case = {**PLATE, "grid": {"nx": 200, "ny": 200}, "time": {"method": "euler", "steps": 50}, "output": {}}
        one = calor.run(case, directory="one", threads=1)
        three = calor.run(case, directory="three", ranks=3, threads=2)
        self.assertEqual((three.summary["ranks"], three.summary["threads"]), (3, 2))
        self.assertEqual(calor.compare(one, three)["identical"], True)
        named = calor.run(PLATE, directory="named", ranks=2, launcher="mpirun --bind-to none")
        self.assertEqual(named.summary["ranks"], 2)
        with self.assertRaises(calor.CaseError) as told:  # the launcher's words are not calor's
            calor.run(PLATE, {"grid.nxx": 3}, ranks=2)
        self.assertEqual(len(told.exception.mistakes), 1)
        with self.assertRaises(calor.LaunchError):
            calor.run(PLATE, launcher="mpirun --no-such-option", ranks=2)

    def test_from_other_threads(self):
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            runs = list(pool.map(lambda k: calor.run(SLAB, {"boundary.right.value": float(k)}), range(20, 32)))
        self.assertEqual(len({r.directory for r in runs}), 12)
        for k, run in zip(range(20, 32), runs):
            self.assertAlmostEqual(run.summary["probes"]["middle"], (20 + k) / 2, places=6)

    def test_progress(self):
        heard = []
        run = calor.run(PLATE, {"grid.nx": 300, "grid.ny": 200}, progress=heard.append, title="bar")
        self.assertEqual((heard[-1].state, heard[-1].fraction, heard[-1].time), ("finished", 1.0, 60.0))
        fractions = [p.fraction for p in heard if p.fraction is not None]
        self.assertEqual(fractions, sorted(fractions))
        with unittest.mock.patch("sys.stderr", io.StringIO()) as said:
            calor.run(SLAB)
        self.assertEqual(said.getvalue(), "")  # no terminal: nothing

        def broken(p):
            raise KeyError("mine")
        with self.assertRaisesRegex(KeyError, "mine"):
            calor.run(LONG, progress=broken, directory="broken")  # and the run is not left alone
        self.assertIn(calor.open("broken").status if pathlib.Path("broken").exists() else "stopped", ("stopped", "dead"))

    def test_notebook(self):
        shown = []

        class Handle:
            def update(self, thing): shown.append(thing)

        def display(thing, display_id):
            shown.append(thing)
            return Handle()
        fake, faked = types.ModuleType("IPython"), types.ModuleType("IPython.display")
        fake.get_ipython = lambda: types.SimpleNamespace(kernel=object())
        faked.HTML, faked.display, fake.display = str, display, faked
        with unittest.mock.patch.dict(sys.modules, {"IPython": fake, "IPython.display": faked}):
            job = calor.start(LONG, {"time.end": 20000.0}, directory="<b>")
            job.wait()
        self.assertGreaterEqual(len(shown), 2)
        self.assertIn("&lt;b&gt;", shown[0])
        self.assertNotIn("<b>", shown[0])
        self.assertIn('value="1.0000"', shown[-1])
