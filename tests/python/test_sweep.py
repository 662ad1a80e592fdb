# SPDX-License-Identifier: BSD-3-Clause
"""Sweeps by the built program: the straight line of a slab between 20 and what is varied."""
import os
import pathlib
import warnings

import numpy as np

import calor
from support import SLAB, InFolder


class Sweeps(InFolder):
    def test_grid(self):
        right = np.linspace(40.0, 120.0, 5)
        sweep = calor.sweep(SLAB, {"boundary.right.value": right, "material.conductivity": [1.0, 3.0]}, directory="a sweep", sweep={"fields": "final"})
        t = sweep.table
        self.assertEqual((len(t), t.index.tolist(), set(t["status"]), sweep.status), (10, list(range(10)), {"done"}, "finished"))
        np.testing.assert_array_equal(t["boundary.right.value"], np.repeat(right, 2))
        np.testing.assert_allclose(t["middle"], (20 + t["boundary.right.value"]) / 2, rtol=1e-9)
        np.testing.assert_allclose(t["heat_right"], t["material.conductivity"] * (t["boundary.right.value"] - 20) * 0.5, rtol=1e-7)
        with sweep.dataset as ds:
            np.testing.assert_allclose(ds.temperature[9, 0], 20 + 100 * (np.arange(10) + 0.5) / 10, rtol=1e-9)
            np.testing.assert_array_equal(ds["middle"], t["middle"])  # the same bits
            self.assertEqual(ds["material.conductivity"].units, "W/(m K)")
        self.assertEqual(len(sweep.failed), 0)
        self.assertEqual(calor.open("a sweep"), sweep)
        self.assertEqual(sweep.progress.done, 10)
        more = calor.sweep(SLAB, {"boundary.right.value": [*right, 200.0], "material.conductivity": [1.0, 3.0]}, directory="a sweep", resume=True, sweep={"fields": "final"})
        self.assertEqual(len(more.table), 12)
        self.assertEqual(more.resume(ranks=2).progress.done, 12)

    def test_modes_and_directories(self):
        sweep = calor.sweep(SLAB, {"grid.nx, grid.ny": [[4, 2], [6, 3]], "title": ["a", "b"]}, mode="zip", directory="z", sweep={"directories": "all"})
        self.assertEqual(sorted(sweep.runs), [0, 1])
        self.assertEqual((sweep.run(1).dataset.sizes["x"], sweep.run(1).title, sweep.run(0).status), (6, "b", "finished"))
        drawn = calor.sweep(SLAB, {"boundary.right.value": {"from": 30.0, "to": 60.0}}, mode="latin-hypercube", samples=6, seed=3, directory="l").table
        self.assertEqual(sorted(((drawn["boundary.right.value"] - 30) // 5).tolist()), [0, 1, 2, 3, 4, 5])
        named = calor.sweep("sweep_film", {"boundary.top.film": [100.0]}, {"grid.ny": 50}, ranks=2)
        self.assertEqual((named.directory, len(named.table)), (pathlib.Path.cwd() / "out" / "sweep_film", 4))

    def test_failing_cases(self):
        vary = {"boundary.right.value": [80.0, 120.0, 160.0], "solver.max_iterations": [200, 1, 300], "solver.preconditioner": ["none", "none", "multigrid"]}
        with self.assertWarnsRegex(calor.CalorWarning, "1 of 3 cases failed") as told:
            sweep = calor.sweep(SLAB, vary, mode="zip", sweep={"retries": 0})
        self.assertEqual(told.filename, __file__)
        self.assertEqual(sweep.table["status"].tolist(), ["done", "failed", "done"])
        self.assertRegex(sweep.failed["reason"].iloc[0], "convergence")
        np.testing.assert_allclose(sweep.table["middle"].dropna(), [50.0, 90.0], rtol=1e-7)
        with self.assertRaisesRegex(calor.NumericalError, "1 of 3") as raised:
            calor.sweep(SLAB, vary, mode="zip", sweep={"retries": 0}, failures="raise")
        self.assertEqual(len(raised.exception.result.table), 3)

    def test_mistakes(self):
        with self.assertRaisesRegex(calor.CaseError, "conductivity"):
            calor.sweep(SLAB, {"material.conductivity": [1.0, -1.0]})
        with self.assertRaises(calor.CaseError):
            calor.sweep(SLAB, {"material.conductivty": [1.0]})
        with self.assertRaises(calor.CaseError):
            calor.sweep(SLAB)  # no plan
        with self.assertRaises(calor.CaseError):
            calor.sweep("title = \n", {"grid.nx": [1]})
        self.assertEqual(os.listdir("out"), [])
        calor.sweep(SLAB, {"grid.nx": [4]}, directory="s")
        with self.assertRaises(calor.DirectoryError):
            calor.sweep(SLAB, {"grid.nx": [4]}, directory="s")

    def test_many_cases(self):
        values = np.linspace(21.0, 121.0, 1000)
        titles = [f"{n:0150d}" for n in range(1000)]  # together longer than a word of a command line may be
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            sweep = calor.sweep(SLAB, {"boundary.right.value": values, "title": titles}, {"grid.nx": 2, "grid.ny": 1, "probe.middle.at": [0.5, 0.0]}, mode="zip")
        t = sweep.table
        self.assertEqual(len(t), 1000)
        np.testing.assert_array_equal(t["boundary.right.value"], values)
        np.testing.assert_allclose(t["middle"], (20 + values) / 2, rtol=1e-8)
