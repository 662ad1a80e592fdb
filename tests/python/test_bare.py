# SPDX-License-Identifier: BSD-3-Clause
"""Without pandas and xarray all works but tables and fields, and those say what they need; without mpirun one rank works; without
calor it says so."""
import os

from support import InFolder

NOTHING = """
import sys
for module in ("numpy", "pandas", "xarray", "h5py", "h5netcdf", "IPython"):
    sys.modules[module] = None
import calor
from support import SLAB
"""


class Bare(InFolder):
    def test_without_the_three(self):
        said = self.python(NOTHING + """
run = calor.run(SLAB)
sweep = calor.sweep(SLAB, {"boundary.right.value": [80.0, 120.0]})
print(run.status, run.summary["probes"]["middle"], run.title, len(run.snapshots), run.progress.fraction, sweep.progress.done, bool(run._repr_html_()))
for what in ("run.dataset", "run.probes", "run.history", "run.regions", "run.balance", "sweep.table", "sweep.dataset"):
    try:
        eval(what)
    except calor.MissingModule as error:
        print(what, error)
        assert isinstance(error, ImportError)
""")
        first, *rest = said.splitlines()
        state, middle, *more = first.split()
        self.assertEqual([state, *more], ["finished", "Slab", "1", "1.0", "2", "True"])
        self.assertAlmostEqual(float(middle), 50.0, places=6)
        self.assertEqual(len(rest), 7)
        for line in rest:
            self.assertRegex(line, "needs the Python module .* apt-get install python3-")

    def test_without_mpirun(self):
        os.mkdir("bin")
        said = self.python("""
import os, calor
from support import SLAB
os.environ["PATH"] = os.path.abspath("bin")
print(calor.run(SLAB).status)
try:
    calor.run(SLAB, ranks=2)
except calor.LaunchError as error:
    print(error)
print(sorted(os.listdir("out")))
""")
        self.assertRegex(said, r"(?s)^finished\nmpirun is not on the path, and 2 ranks need a launcher\n.*\['case_0001'\]\n$")

    def test_without_calor(self):
        said = self.python("""
import os, calor
from calor import _launch
os.environ["PATH"] = "/nowhere"
del os.environ["CALOR"]
_launch.BUILT = _launch.Path("/nowhere/calor")
try:
    calor.run("plate.toml")
except calor.LaunchError as error:
    print(error)
""")
        self.assertIn("the program calor is not on the path", said)

    def test_version_is_the_programs(self):
        said = self.python("""
import calor
from calor._launch import answer
print(calor.__version__, answer(["--version"]).split())
""")
        self.assertRegex(said, r"^(\S+) \[.*'\1'.*\]")
