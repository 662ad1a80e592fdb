# SPDX-License-Identifier: BSD-3-Clause
"""A thick wall whose face jumps from 0 to 100, against the exact answer 100 erfc(x / sqrt(4 a t)) on three grids: the error falls
with the square of the cell."""
import math

import numpy as np

import calor

a = 1.0e-5  # m2/s
erfc = np.vectorize(math.erfc)
errors = []
for cells in (100, 200, 400):
    run = calor.run({
        "title": f"Thick wall, {cells} cells",
        "grid": {"nx": cells, "ny": 1, "x": [0.0, 1.0], "y": [0.0, 0.01]},
        "material": {"conductivity": 20.0, "density": 4000.0, "specific_heat": 500.0},
        "initial": {"temperature": 0.0},
        "boundary": {"left": {"type": "temperature", "value": 100.0}},
        "time": {"method": "exponential", "end": 1000.0},
        "output": {"times": [250.0, 500.0], "temperature_unit": "degC"},
    })
    temperature = run.dataset.temperature.isel(y=0).sel(time=slice(1.0, None))
    exact = 100.0 * erfc(temperature.x / np.sqrt(4.0 * a * temperature.time))
    errors.append(float(abs(temperature - exact.T).max()))
    print(f"{cells:4d} cells: largest error {errors[-1]:.4f} K")

assert errors[0] / errors[1] > 3.5 and errors[1] / errors[2] > 3.5
