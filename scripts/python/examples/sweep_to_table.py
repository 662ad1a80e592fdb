# SPDX-License-Identifier: BSD-3-Clause
"""How warm a heated plate gets under a stream: 3 x 12 cases in one job, a table, a plot. Writes sweep.png and sweep.csv."""
import matplotlib

matplotlib.use("Agg")  # no display needed
import matplotlib.pyplot as plt
import numpy as np

import calor

sweep = calor.sweep("sweep_film", {  # a shipped case; `calor examples` names them
    "material.conductivity": [1.0, 5.0, 400.0],
    "boundary.top.film": np.geomspace(10.0, 1000.0, 12),
}, ranks=2)

curves = sweep.table.pivot(index="boundary.top.film", columns="material.conductivity", values="bottom")
print(curves)
curves.to_csv("sweep.csv")
curves.plot(logx=True, xlabel="film [W/(m2 K)]", ylabel="T at the bottom [K]")
plt.savefig("sweep.png")
