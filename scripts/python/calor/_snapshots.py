# SPDX-License-Identifier: BSD-3-Clause
"""A run's snapshots as one xarray.Dataset that reads from the files what is looked at, and nothing before."""
from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import xarray as xr
from xarray.backends import BackendArray
from xarray.core import indexing

from .errors import NoResult

if TYPE_CHECKING:
    from numpy.typing import NDArray


def _plain(value: Any) -> Any:
    return value.decode(errors="replace") if isinstance(value, bytes) else value.item() if isinstance(value, np.generic) else value


def _attributes(thing: Any, names: Sequence[str]) -> dict[str, Any]:
    return {n: _plain(thing.attrs[n]) for n in names if n in thing.attrs}


def _part(dataset: Any, y: Any, x: Any) -> NDArray[Any]:
    """dataset[0, y, x], where y and x are whole numbers, slices or rising arrays: what h5py takes at once is cut from files."""
    spans: list[Any] = []
    inner: list[NDArray[Any] | None] = []
    for key in (y, x):
        if isinstance(key, np.ndarray):
            low, high = (int(key.min()), int(key.max()) + 1) if key.size else (0, 0)
            spans.append(slice(low, high))
            inner.append(key - low)
        else:
            spans.append(key)
            inner.append(None)
    block: NDArray[Any] = dataset[(0, *spans)]
    axis = 0
    for key, span in zip(inner, spans):
        if key is not None:
            block = np.take(block, key, axis=axis)
        axis += isinstance(span, slice)
    return block


class _Field(BackendArray):  # type: ignore[misc]
    """(time, y, x) over files; a file that has no such field is NaN."""

    def __init__(self, files: list[Path], name: str, shape: tuple[int, int, int], dtype: np.dtype[Any], has: list[bool]):
        self.files, self.name, self.shape, self.dtype, self.has = files, name, shape, dtype, has

    def __getitem__(self, key: Any) -> Any:
        return indexing.explicit_indexing_adapter(key, self.shape, indexing.IndexingSupport.OUTER, self._read)

    def _read(self, key: tuple[Any, ...]) -> NDArray[Any]:
        t, y, x = key
        if isinstance(t, (int, np.integer)):
            return self._of(int(t), y, x)
        chosen = range(*t.indices(self.shape[0])) if isinstance(t, slice) else [int(n) for n in t]
        if not chosen:
            return np.empty((0, *np.empty((1, *self.shape[1:]), self.dtype)[0:0, y, x].shape[1:]), self.dtype)
        return np.stack([self._of(n, y, x) for n in chosen])

    def _of(self, n: int, y: Any, x: Any) -> NDArray[Any]:
        try:
            with h5py.File(self.files[n], "r") as f:
                if self.has[n]:
                    return np.asarray(_part(f[self.name], y, x), dtype=self.dtype)
                return np.full_like(np.asarray(_part(f["temperature"], y, x), dtype=self.dtype), np.nan)
        except FileNotFoundError:
            raise NoResult(f"{self.files[n]} has gone; look at the run's dataset anew") from None


def open_snapshots(files: list[Path], steady: bool) -> xr.Dataset:
    """@param files in the order of their steps, at least one; `steady`: there is one state, and no time."""
    times, steps = [], []
    fields: dict[str, tuple[dict[str, Any], np.dtype[Any], list[bool]]] = {}
    coords: dict[str, Any] = {}
    attributes: dict[str, Any] = {}
    shape = (0, 0)
    for n, path in enumerate(files):
        with h5py.File(path, "r") as f:
            times.append(float(f["time"][0]))
            steps.append(int(f.attrs["step"]))
            here = {name: d for name, d in f.items() if isinstance(d, h5py.Dataset) and d.ndim == 3}
            for name, d in here.items():
                about, dtype, has = fields.get(name, (_attributes(d, ("units", "long_name", "cell_methods")), d.dtype, [False] * len(files)))
                has[n] = True
                fields[name] = (about, np.promote_types(dtype, d.dtype).newbyteorder("="), has)
            if n == len(files) - 1:
                shape = here["temperature"].shape[1:]
                for axis in ("y", "x"):
                    coords[axis] = (axis, f[axis][:], _attributes(f[axis], ("units", "long_name", "bounds")))
                    coords[f"{axis}_bnds"] = ((axis, "bnds"), f[f"{axis}_bnds"][:])
                coords["time"] = ("time", np.array(times), _attributes(f["time"], ("units", "long_name", "axis")))
                attributes = _attributes(f, ("Conventions", "title", "source", "history", "calor_version", "run", "case"))
    coords["step"] = ("time", np.array(steps, dtype=np.int64), {"long_name": "step of the run"})
    variables = {}
    for name, (about, dtype, has) in fields.items():
        array = _Field(files, name, (len(files), *shape), dtype, has)
        data = indexing.MemoryCachedArray(indexing.CopyOnWriteArray(indexing.LazilyIndexedArray(array)))
        variables[name] = xr.Variable(("time", "y", "x"), data, about)
    dataset = xr.Dataset(variables, coords, attributes)
    return dataset.isel(time=-1, drop=True) if steady else dataset
