# SPDX-License-Identifier: BSD-3-Clause
"""Stopped on the way on one rank, gone on with on two: the same bits as a run in one go."""
import time

import calor

case = ["square_quench", {"grid": {"nx": 300, "ny": 300}}]  # a shipped case, on a finer grid

job = calor.start(case, directory="out/stopped")
while job.running and (job.progress.fraction or 0.0) < 0.1:
    time.sleep(0.02)
job.stop()  # in order: it ends with a checkpoint
try:
    run = job.wait()
except calor.Stopped as stop:
    print(stop.result)
    run = stop.result.resume(ranks=2)

whole = calor.run(case, directory="out/whole")
difference = calor.compare(run, whole)
print("identical:", difference["identical"])
assert difference["identical"]
