# SPDX-License-Identifier: BSD-3-Clause
"""For pvbatch: what ParaView sees of the files of readers.sh, as JSON. paraview_script.py OUT.json draw|"" SNAPSHOTS..."""
import json
import os
import sys

from paraview.simple import (CreateView, ColorBy, Delete, ExtractSurface, GetParaViewVersion, NetCDFReader, OpenDataFile,
                             Render, SaveScreenshot, Show, XDMFReader, Xdmf3ReaderS)
from vtkmodules.vtkIOImage import vtkPNGReader

out, draw, snapshots = sys.argv[1], sys.argv[2], sys.argv[3:]


def values(source, of_cells):
    data = source.GetClientSideObject().GetOutputDataObject(0)  # Fetch loses the last values of some in 5.11
    while data.IsA("vtkMultiBlockDataSet"):
        data = data.GetBlock(0)
    arrays = data.GetCellData() if of_cells else data.GetPointData()
    array = arrays.GetArray("temperature")
    return [array.GetTuple1(n) for n in range(array.GetNumberOfTuples())]


def picture(source, time):
    """The share of a picture that is not background, and how many colours it has."""
    view = CreateView("RenderView")
    view.ViewSize, view.ViewTime, view.OrientationAxesVisibility = [400, 300], time, 0
    shown = Show(source, view)
    shown.SetRepresentationType("Surface")
    ColorBy(shown, ("CELLS", "temperature"))
    shown.RescaleTransferFunctionToDataRange()
    view.ResetCamera()
    Render(view)
    SaveScreenshot("seen.png", view)
    image = vtkPNGReader()
    image.SetFileName("seen.png")
    image.Update()
    scalars = image.GetOutput().GetPointData().GetScalars()
    pixels = [scalars.GetTuple3(n) for n in range(scalars.GetNumberOfTuples())]
    Delete(view)
    return sum(p != pixels[0] for p in pixels) / len(pixels), len(set(pixels))


def look(source, drawn=bool(draw)):
    times = list(source.TimestepValues)
    source.UpdatePipeline(times[0])
    first = values(source, True)
    source.UpdatePipeline(times[-1])
    surface = ExtractSurface(Input=source)
    surface.UpdatePipeline(times[-1])
    info = surface.GetDataInformation()
    seen = {"times": times, "first": first, "bounds": list(info.GetBounds()), "surface": info.GetNumberOfCells(),
            "range": list(source.CellData["temperature"].GetRange())}
    if drawn:
        seen["drawn"], seen["colours"] = picture(source, times[-1])
    return seen


index = os.path.abspath("plate/snapshots.xdmf")
seen = {"version": str(GetParaViewVersion())}
seen["XDMFReader"] = look(XDMFReader(FileNames=[index]))
seen["Xdmf3ReaderS"] = look(Xdmf3ReaderS(FileName=[index]))
seen["by itself"] = look(OpenDataFile(index))
seen["single"] = look(XDMFReader(FileNames=[os.path.abspath("single/snapshots.xdmf")]), False)
series = NetCDFReader(FileName=snapshots)
series.UpdatePipeline(0.0)
seen["NetCDFReader"] = {"times": list(series.TimestepValues), "first": values(series, False)}
json.dump(seen, open(out, "w"))
