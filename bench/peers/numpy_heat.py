#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The explicit heat equation with numpy slices, as a course writes it. usage: numpy_heat.py N STEPS

N x N cells on the unit square, diffusivity 1, insulated walls, forward Euler at 0.9 of the stable step.
Prints: numpy N STEPS seconds updates_per_second sum min max
"""
import sys
import time

import numpy as np


def initial(n):
    """The warm spot at the cell centres, with a layer of ghost cells around."""
    x = (np.arange(n) + 0.5) / n
    field = np.zeros((n + 2, n + 2))
    field[1:-1, 1:-1] = np.exp(-50 * ((x[None, :] - 0.4) ** 2 + (x[:, None] - 0.6) ** 2))
    return field


def march(u, steps, r):
    """The field after `steps` steps; r = dt / h^2."""
    new = np.zeros_like(u)
    for _ in range(steps):
        u[0, :], u[-1, :] = u[1, :], u[-2, :]  # no flux: a ghost equals the cell at the wall
        u[:, 0], u[:, -1] = u[:, 1], u[:, -2]
        new[1:-1, 1:-1] = u[1:-1, 1:-1] + r * (
            u[1:-1, :-2] + u[1:-1, 2:] + u[:-2, 1:-1] + u[2:, 1:-1] - 4 * u[1:-1, 1:-1]
        )
        u, new = new, u
    return u


def main():
    n, steps = int(sys.argv[1]), int(sys.argv[2])
    h = 1.0 / n
    dt = 0.9 * h * h / 4
    r = dt / (h * h)
    march(initial(n), 2, r)  # warm-up
    u = initial(n)
    begin = time.perf_counter()
    u = march(u, steps, r)[1:-1, 1:-1]
    seconds = time.perf_counter() - begin
    rate = n * n * steps / seconds
    print(f"numpy {n} {steps} {seconds:.6g} {rate:.6g} {u.sum():.17g} {u.min():.17g} {u.max():.17g}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: numpy_heat.py N STEPS")
    main()
