# SPDX-License-Identifier: BSD-3-Clause
"""A steel plate heated from the left: the case as a dict, a probe's curve, the heat balance, the last field. Writes plate.png."""
import matplotlib

matplotlib.use("Agg")  # no display needed
import matplotlib.pyplot as plt

import calor

case = {
    "title": "Steel plate",
    "grid": {"nx": 60, "ny": 40, "x": [0.0, 0.3], "y": [0.0, 0.2]},
    "material": {"conductivity": 50.0, "density": 7850.0, "specific_heat": 460.0},
    "initial": {"temperature": 20.0},
    "boundary": {
        "left": {"type": "temperature", "value": 100.0},
        "right": {"type": "convection", "film": 750.0, "ambient": 20.0},
    },
    "time": {"end": 600.0},
    "output": {"every": 100.0, "temperature_unit": "degC"},
    "probe": [{"name": "middle", "at": [0.15, 0.1]}, {"name": "right wall", "at": [0.3, 0.1]}],
}
run = calor.run(case)

print(run.probes.iloc[-1])
print(run.balance)
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4))
run.probes.plot(ax=left, xlabel="t [s]", ylabel="T [deg C]")
run.dataset.temperature.isel(time=-1).plot(ax=right)
figure.tight_layout()
figure.savefig("plate.png")
