# SPDX-License-Identifier: BSD-3-Clause
"""Opens the files that readers.sh has made with one program of others, and compares their values.

readers.py READER          in the folder of the files: plate/, single/, slab/
readers.py --can READER    exit status 0 if it is installed
readers.py --needs READER  says what it needs

What is right is known from the cases: the first state of the plate is an expression, the slab's solution a straight line;
the plate's last state is held against summary.json. Every reader is a function below, with what it needs."""
import glob
import importlib
import importlib.metadata
import json
import math
import os
import re
import shutil
import subprocess
import sys

NX, NY, X, Y = 12, 7, (0.0, 0.6), (-0.1, 0.25)
TIMES = [0.0, 15.0, 30.0, 45.0, 60.0]
TITLE = 'Wärme, "quoted" <b>&'
SNAPSHOTS = sorted(glob.glob("plate/snapshots/*.nc"))
READERS = {}


def reader(name, commands=(), modules=()):
    """Enters a function into the table. Its program is there if all commands and modules are."""
    def enter(function):
        READERS[name] = (function, commands, modules)
        return function
    return enter


def centres(ends, n):
    return [ends[0] + (ends[1] - ends[0]) * (k + 0.5) / n for k in range(n)]


def first_state():
    """Temperatures of the plate's first snapshot, row by row from the bottom."""
    return [20 + 100 * x + 10 * y for y in centres(Y, NY) for x in centres(X, NX)]


def slab(right):
    """Temperatures of the slab whose right wall is at `right`."""
    return [20 + (right - 20) * x for _ in range(4) for x in centres((0, 1), 10)]


def same(got, expected, what, tolerance=1e-12):
    got, expected = [float(g) for g in got], [float(e) for e in expected]
    assert len(got) == len(expected), f"{what}: {len(got)} values instead of {len(expected)}"
    for n, (g, e) in enumerate(zip(got, expected)):
        right = math.isnan(g) if math.isnan(e) else abs(g - e) <= tolerance * max(1.0, abs(e))
        assert right, f"{what}: value {n} is {g!r} instead of {e!r}"


def equal(got, expected, what):
    assert got == expected, f"{what}: {got!r} instead of {expected!r}"


def is_last_state(values, what, tolerance=1e-12):
    values = [float(v) for v in values]
    T = json.load(open("plate/summary.json"))["temperature"]
    same([min(values), max(values), sum(values) / len(values)], [T["min"], T["max"], T["mean"]], what, tolerance)


def said(*command, **options):
    """What a command prints; its failure is ours, with what it said."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, **options)
    assert done.returncode == 0, f"{command} ended with {done.returncode}: {done.stderr[-1000:]}"
    return done.stdout


def numbers(text):
    return [float(w) for w in re.findall(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|NaN", text)]


def cdl(file, name):
    """The values of a variable as ncdump prints them."""
    text = said("ncdump", "-p", "9,17", "-v", name, file)
    return re.search(r"data:.*? " + re.escape(name) + r" =\s+(.*?) ;\n", text, re.S)[1]


# netCDF and HDF5 by their own tools.

@reader("ncdump", commands=["ncdump"])
def with_ncdump():
    equal(len(SNAPSHOTS), 5, "snapshots")
    equal(said("ncdump", "-k", SNAPSHOTS[0]).strip(), "netCDF-4", "kind")
    same(numbers(cdl(SNAPSHOTS[0], "temperature")), first_state(), "temperature")
    is_last_state(numbers(cdl(SNAPSHOTS[-1], "temperature")), "last temperature")
    same(numbers(cdl(SNAPSHOTS[2], "time")), [30.0], "time")
    same(numbers(cdl(SNAPSHOTS[0], "x_bnds"))[:4], [0.0, 0.05, 0.05, 0.1], "bounds of x")
    head = said("ncdump", "-h", SNAPSHOTS[0])
    for words in ['temperature:units = "degC"', 'temperature:cell_methods = "area: mean time: point"',
                  'x:bounds = "x_bnds"', 'flux_x:units = "W m-2"', ':Conventions = "CF-1.10"', ':history = "calor ']:
        assert words in head, f"{words} is missing"
    table = "slab/results.h5"
    equal(re.findall('"(.*?)"', cdl(table, "status")), ["done", "failed", "done"], "status")
    equal(re.findall('"(.*?)"', cdl(table, "solver.preconditioner")), ["none", "none", "multigrid"], "words")
    equal(cdl(table, "solver.max_iterations"), "200, 1, 300", "whole numbers")
    assert re.fullmatch(r"\d+, _, \d+", cdl(table, "steps")), "steps: " + cdl(table, "steps")
    assert cdl(table, "T_mean").split(", ")[1] == "_", "T_mean: " + cdl(table, "T_mean")
    head = said("ncdump", "-h", table)
    for words in ["int64 case(case)", "int64 tries(case)", "int64 ranks(case)", "double temperature(case, y, x)",
                  'boundary.right.value:units = "degC"', 'solver.max_iterations:units = "1"']:
        assert words in head, f"{words} is missing"
    return said("bash", "-c", "ncdump --version 2>&1 | sed -n 's/.*library version \\([0-9.]*\\).*/\\1/p' | head -1; true")


@reader("h5dump", commands=["h5dump", "h5ls", "h5repack", "h5diff"])
def with_h5dump():
    def values(file, name):
        return said("h5dump", "-y", "-A", "0", "-m", "%.17g", "-d", name, file).split("DATA {")[1].split("}")[0]
    same(numbers(values(SNAPSHOTS[0], "/temperature")), first_state(), "temperature")
    checkpoint = glob.glob("plate/checkpoints/*.h5")[-1]
    is_last_state(numbers(values(checkpoint, "/temperature")), "temperature of the checkpoint")
    equal("".join(re.findall('"(.)"', values("slab/results.h5", "/status"))), "donefaileddone", "status")
    assert "temperature" in said("h5ls", "-r", SNAPSHOTS[0])
    said("h5repack", "-f", "GZIP=1", "slab/results.h5", "packed.h5")
    said("h5diff", "slab/results.h5", "packed.h5", "/temperature")
    return said("h5dump", "--version").split()[-1]


@reader("netCDF4", modules=["netCDF4"])
def with_netcdf4():
    import netCDF4
    first, last, table = (netCDF4.Dataset(f) for f in (SNAPSHOTS[0], SNAPSHOTS[-1], "slab/results.h5"))
    equal(first.title, TITLE, "title")
    equal(first["temperature"].dimensions, ("time", "y", "x"), "dimensions")
    same(first["temperature"][0].ravel(), first_state(), "temperature")
    is_last_state(last["temperature"][0].ravel(), "last temperature")
    same(first["x"][:], centres(X, NX), "x")
    same(netCDF4.Dataset(sorted(glob.glob("single/snapshots/*.nc"))[0])["temperature"][0].ravel(), first_state(),
         "temperature in single precision", 1e-6)
    equal(list(table["status"][:]), ["done", "failed", "done"], "status")
    reasons = list(table["reason"][:])
    assert "no convergence" in reasons[1] and reasons[0] == "", reasons
    equal(table["case"][:].tolist(), [0, 1, 2], "case")
    equal(table["steps"][:].mask.tolist(), [False, True, False], "missing steps")
    same(table["temperature"][2].ravel(), slab(160.0), "temperature of case 2", 1e-9)
    return netCDF4.__version__


@reader("h5py", modules=["h5py"])
def with_h5py():
    import h5py
    with h5py.File(SNAPSHOTS[0]) as f:
        same(f["temperature"][0].ravel(), first_state(), "temperature")
        equal([d[0].name for d in f["temperature"].dims], ["/time", "/y", "/x"], "dimension scales")
        same(f["mesh/x"][:], [0.05 * k for k in range(NX + 1)], "edges")
    with h5py.File(glob.glob("plate/checkpoints/*.h5")[-1]) as f, h5py.File(SNAPSHOTS[-1]) as last:
        assert (f["temperature"][:] == last["temperature"][0]).all(), "checkpoint and last snapshot differ"
        json.loads(f["state"][()])
    with h5py.File("slab/results.h5") as f:
        equal(f["status"][:].view("S6").ravel().tolist(), [b"done", b"failed", b"done"], "status")
        equal(str(f["tries"].dtype), "int64", "type of tries")
        same(f["T_mean"][:], [50.0, math.nan, 90.0], "T_mean", 1e-9)
    return h5py.__version__


# xarray and pandas.

def with_xarray(engine):
    import xarray
    first = xarray.open_dataset(SNAPSHOTS[0], engine=engine)
    same(first.temperature.values.ravel(), first_state(), "temperature")
    series = xarray.concat([xarray.open_dataset(f, engine=engine) for f in SNAPSHOTS], dim="time")
    same(series.time.values, TIMES, "times")
    is_last_state(series.temperature.isel(time=-1).values.ravel(), "last temperature")
    table = xarray.open_dataset("slab/results.h5", engine=engine)
    equal(table.status.values.tolist(), ["done", "failed", "done"], "status")
    equal([str(table[k].dtype) for k in ("case", "tries", "solver.max_iterations")], ["int64"] * 3, "types")
    equal(table["boundary.right.value"].attrs["units"], "degC", "units of a varied key")
    same(table.steps.isnull().values, [0, 1, 0], "missing steps")
    same(table.temperature.sel(case=2).values.ravel(), slab(160.0), "temperature of case 2", 1e-9)
    table.close()
    try:
        many = xarray.open_mfdataset("plate/snapshots/*.nc", engine=engine)
    except (ImportError, ValueError) as e:  # needs dask
        print("  open_mfdataset left out:", str(e).splitlines()[0])
    else:
        same(many.time.values, TIMES, "times of open_mfdataset")
        same(many.temperature.isel(time=0).values.ravel(), first_state(), "temperature of open_mfdataset")
    return importlib.metadata.version("xarray")


@reader("xarray_netcdf4", modules=["xarray", "netCDF4"])
def with_xarray_netcdf4():
    return with_xarray("netcdf4")


@reader("xarray_h5netcdf", modules=["xarray", "h5netcdf"])
def with_xarray_h5netcdf():
    return with_xarray("h5netcdf")


@reader("pandas", modules=["pandas"])
def with_pandas():
    import pandas
    history = pandas.read_csv("plate/history.csv")
    T = json.load(open("plate/summary.json"))["temperature"]
    same(history.iloc[-1][["time", "min", "max", "mean"]], [60.0, T["min"], T["max"], T["mean"]], "history.csv")
    probes = pandas.read_csv("plate/probes.csv")
    same([probes.time.iloc[0], probes.E.iloc[0]], [0.0, 66.0], "probes.csv", 1e-9)
    for name in ("regions", "sections"):
        rows = pandas.read_csv(f"plate/{name}.csv")
        equal((rows.time.iloc[0], rows.time.iloc[-1]), (0.0, 60.0), name)
    table = pandas.read_csv("slab/sweep.csv")
    equal(table.status.tolist(), ["done", "failed", "done"], "status")
    equal([str(table[k].dtype) for k in ("case", "tries", "solver.max_iterations")], ["int64"] * 3, "types")
    same(table.T_mean, [50.0, math.nan, 90.0], "T_mean", 1e-9)
    same(table.middle, [50.0, math.nan, 90.0], "the probe", 1e-9)
    return pandas.__version__


@reader("python")
def with_python():
    """What Python's own library reads: JSON to the letter of its standard, TOML, XML, CSV."""
    import csv
    import tomllib
    import xml.etree.ElementTree

    def strict(file):
        def refuse(word):
            raise AssertionError(f"{file}: {word} is no JSON")
        return json.load(open(file, encoding="utf-8"), parse_constant=refuse)
    equal(strict("plate/status.json")["state"], "finished", "state")
    equal(strict("plate/summary.json")["title"], TITLE, "title")
    equal(strict("slab/status.json")["done"], 2, "cases done")
    for line in open("slab/journal", encoding="utf-8"):
        if line.strip():
            for part in line.rstrip("\n").split(" ", 1)[1].split("\t"):
                json.loads(part)
    equal(tomllib.load(open("plate/case.toml", "rb"))["title"], TITLE, "title of case.toml")
    tree = xml.etree.ElementTree.parse("plate/snapshots.xdmf")
    same([t.get("Value") for t in tree.iter("Time")], TIMES, "times of the index")
    rows = list(csv.DictReader(open("slab/sweep.csv", encoding="utf-8")))
    equal([r["status"] for r in rows], ["done", "failed", "done"], "status")
    return sys.version.split()[0]


# Programs for climate data.

@reader("CDO", commands=["cdo"])
def with_cdo():
    same(numbers(said("cdo", "-s", "outputf,%.17g,1", "-selname,temperature", SNAPSHOTS[0])), first_state(), "temperature")
    T = json.load(open("plate/summary.json"))["temperature"]
    mean = said("cdo", "-s", "outputf,%.17g,1", "-fldmean", "-selname,temperature", SNAPSHOTS[-1])
    same(numbers(mean), [T["mean"]], "mean")
    assert "cellbounds" in said("cdo", "-s", "sinfon", SNAPSHOTS[0]), "no bounds of cells"
    done = subprocess.run(["cdo", "--version"], capture_output=True, text=True)
    return re.search(r"version ([0-9.]+)", done.stdout + done.stderr)[1]


@reader("NCO", commands=["ncks", "ncrcat", "ncwa"])
def with_nco():
    same(numbers(said("ncks", "-s", "%.17g\n", "-C", "-H", "-v", "temperature", SNAPSHOTS[0])), first_state(),
         "temperature")
    for n, file in enumerate(SNAPSHOTS):  # ncrcat wants the dimension along which files follow each other to grow
        said("ncks", "-O", "--mk_rec_dmn", "time", file, f"record{n}.nc")
    said("ncrcat", "-O", *(f"record{n}.nc" for n in range(len(SNAPSHOTS))), "series.nc")
    same(numbers(said("ncks", "-s", "%.17g\n", "-C", "-H", "-v", "time", "series.nc")), TIMES, "times of the series")
    said("ncwa", "-O", "-a", "x,y", "-v", "temperature", SNAPSHOTS[-1], "mean.nc")
    T = json.load(open("plate/summary.json"))["temperature"]
    same(numbers(said("ncks", "-s", "%.17g\n", "-C", "-H", "-v", "temperature", "mean.nc")), [T["mean"]], "mean")
    done = subprocess.run(["ncks", "--version"], capture_output=True, text=True)
    return re.search(r"version (\d+\.\d+\.\d+)", done.stdout + done.stderr)[1]


# Plotting and computing.

@reader("gnuplot", commands=["gnuplot"])
def with_gnuplot():
    script = """set datafile separator ','
set datafile columnheaders
stats 'plate/history.csv' using 'time':'max' name 'H' nooutput
stats 'plate/probes.csv' using 'time':'E' name 'P' nooutput
stats 'slab/sweep.csv' using 'boundary.right.value':'T_mean' name 'S' nooutput
print sprintf('%.17g %.17g %.17g %.17g', H_max_x, P_min_y, S_min_y, S_max_y)
set terminal dumb
plot 'plate/history.csv' using 'time':'mean' with lines
"""
    done = subprocess.run(["gnuplot"], input=script, capture_output=True, text=True, timeout=60)
    equal(done.returncode, 0, "gnuplot: " + done.stderr)
    assert "*" in done.stdout, "an empty plot"
    same(numbers(done.stderr.splitlines()[-1]), [60.0, 66.0, 50.0, 90.0], "what stats finds", 1e-9)
    return said("gnuplot", "--version").split()[1]


@reader("Octave", commands=["octave-cli"])
def with_octave():
    script = """
h = csvread('plate/history.csv', 1, 0);
p = csvread('plate/probes.csv', 1, 0);
s = load('FIRST'); T = s.temperature;
printf('%.17g ', h(end, 2), p(1, 2), size(T));
printf('\\n%.17g', T);
"""
    text = said("octave-cli", "--no-gui", "--quiet", "--eval", script.replace("FIRST", SNAPSHOTS[0]))
    head, values = text.split("\n", 1)
    same(numbers(head), [60.0, 66.0, NX, NY], "tables and sizes", 1e-9)
    same(numbers(values), first_state(), "temperature")
    script = """pkg load netcdf; f = 'slab/results.h5';
printf('%s,', deblank(cellstr(ncread(f, 'status')')){:}); printf('%.17g ', ncread(f, 'T_mean'), ncread(f, 'tries'));
printf('\\n%.17g', ncread('FIRST', 'temperature'));
"""
    if "netcdf" in said("octave-cli", "--no-gui", "--quiet", "--eval", "pkg list"):
        text = said("octave-cli", "--no-gui", "--quiet", "--eval", script.replace("FIRST", SNAPSHOTS[0]))
        head, values = text.split("\n", 1)
        equal(head.split(",")[:3], ["done", "failed", "done"], "status by ncread")
        same(numbers(head.split(",")[3]), [50.0, math.nan, 90.0, 1, 1, 1], "table by ncread", 1e-9)
        same(numbers(values), first_state(), "temperature by ncread")
    else:
        print("  ncread left out: no package netcdf")
    return said("octave-cli", "--version").split()[3]


@reader("ParaView", commands=["pvbatch"])
def with_paraview():
    """Both XDMF readers, what ParaView opens by itself, the netCDF reader, and a picture."""
    command = ["pvbatch", os.path.join(os.path.dirname(os.path.abspath(__file__)), "paraview_script.py"), "seen.json"]
    shows = "DISPLAY" in os.environ or shutil.which("xvfb-run") is not None
    if "DISPLAY" not in os.environ and shows:
        command = ["xvfb-run", "-a", "-s", "-screen 0 800x600x24", *command]
    for _ in range(5):  # an X server without a display now and then is gone before ParaView has its first window
        done = subprocess.run([*command, "draw" if shows else "", *SNAPSHOTS], timeout=150, capture_output=True, text=True)
        if os.path.exists("seen.json") or "CreateAWindow" not in done.stderr:
            break
    assert os.path.exists("seen.json"), f"pvbatch ended with {done.returncode}: {done.stderr[-1000:]}"
    seen = json.load(open("seen.json"))
    T = json.load(open("plate/summary.json"))["temperature"]
    for name in ("XDMFReader", "Xdmf3ReaderS", "by itself"):
        r = seen[name]
        same(r["times"], TIMES, name + ": times")
        same(r["bounds"][:4], [*X, *Y], name + ": bounds", 1e-6)
        same(r["first"], first_state(), name + ": temperature")
        same(r["range"], [T["min"], T["max"]], name + ": last temperature")
        equal(r["surface"], 2 * (NX * NY + NX + NY), name + ": faces of the surface")
        if shows:
            assert r["drawn"] > 0.1 and r["colours"] > 50, f"{name}: {r['drawn']} of the picture, {r['colours']} colours"
    same(seen["single"]["first"], first_state(), "single precision", 1e-6)
    same(seen["NetCDFReader"]["times"], TIMES, "NetCDFReader: times")
    same(seen["NetCDFReader"]["first"], first_state(), "NetCDFReader: temperature")
    if not shows:
        print("  pictures left out: no display and no xvfb-run")
    return seen["version"]


@reader("pictures", commands=["pdfinfo", "xmllint"], modules=["PIL"])
def with_pictures():
    """PNG, SVG and PDF by programs of others."""
    if not os.path.exists("plate.png"):
        print("  left out: calor is built without pictures")
        return ""
    from PIL import Image, __version__
    with Image.open("plate.png") as image:
        assert len(image.convert("RGB").getcolors(10**6)) > 50, "an empty picture"
    said("xmllint", "--noout", "plate.svg")
    assert "Pages:           1" in said("pdfinfo", "plate.pdf")
    return __version__


def lacks(name):
    _, commands, modules = READERS[name]
    missing = [c for c in commands if shutil.which(c) is None]
    for module in modules:
        try:
            importlib.import_module(module)
        except ImportError:
            missing.append("Python's " + module)
    return missing


def main():
    if sys.argv[1] == "--needs":
        print("not installed:", ", ".join(lacks(sys.argv[2])))
    elif sys.argv[1] == "--can":
        sys.exit(1 if lacks(sys.argv[2]) else 0)
    else:
        print(sys.argv[1], (READERS[sys.argv[1]][0]() or "").strip(), "reads what calor writes")


main()
