# SPDX-License-Identifier: BSD-3-Clause
"""What the tests of the Python package share.

support.py --can NAME    exit status 0 if this Python can run test_NAME; else its last word is what it lacks"""
import importlib
import os
import subprocess
import sys
import tempfile
import textwrap
import unittest

NEEDS = {"words": (), "bare": (), "run": ("pandas", "xarray", "h5netcdf", "h5py"), "results": ("pandas", "xarray", "h5netcdf", "h5py"),
         "sweep": ("pandas", "xarray", "h5netcdf"), "stop": (), "documents": ("pandas", "xarray", "h5netcdf", "h5py", "matplotlib")}

PLATE = {
    "title": "Blech, größer als \"eins\" <b>",
    "grid": {"nx": 12, "ny": 8, "x": [0.0, 0.6], "y": [0.0, 0.4]},
    "material": {"conductivity": 2.0, "density": 1000.0, "specific_heat": 100.0},
    "initial": {"temperature": "20 + 100*x + 10*y"},
    "boundary": {"left": {"type": "temperature", "value": 20.0}, "right": {"type": "flux", "inward": 1000.0}},
    "time": {"method": "euler", "end": 60.0},
    "output": {"every": 15.0, "temperature_unit": "degC"},
    "probe": [{"name": "E", "at": [0.45, 0.1]}],
}
SLAB = {  # the straight line from 20 to 80
    "title": "Slab",
    "grid": {"nx": 10, "ny": 4, "x": [0.0, 1.0], "y": [0.0, 0.5]},
    "material": {"conductivity": 3.0},
    "boundary": {"left": {"type": "temperature", "value": 20.0}, "right": {"type": "temperature", "value": 80.0}},
    "time": {"method": "steady"},
    "probe": [{"name": "middle", "at": [0.5, 0.25]}],
}
# Minutes of steps: to be stopped.
LONG = {**PLATE, "grid": {"nx": 200, "ny": 200}, "time": {"method": "euler", "end": 1e9}, "output": {"every": 1e9}, "probe": []}


class InFolder(unittest.TestCase):
    """Each test stands in a folder of its own, whose name has a blank and is no ASCII."""

    def setUp(self):
        self.before = os.getcwd()
        folder = tempfile.TemporaryDirectory(prefix="ordner ä ", dir=self.before)
        self.addCleanup(folder.cleanup)
        self.addCleanup(os.chdir, self.before)
        os.chdir(folder.name)

    def python(self, code, *, expect=0, timeout=120, **env):
        """What a Python of its own prints that runs `code`."""
        done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=timeout, env={**os.environ, **env})
        self.assertEqual(done.returncode, expect, done.stderr[-2000:])
        return done.stdout


if __name__ == "__main__":
    if sys.version_info < (3, 11):
        sys.exit(f"needs Python 3.11, this is {sys.version.split()[0]}")
    lacks = []
    for module in NEEDS[sys.argv[2]]:
        try:
            importlib.import_module(module)
        except ImportError:
            lacks.append(module)
    sys.exit(f"python3 has no {', '.join(lacks)}" if lacks else 0)
