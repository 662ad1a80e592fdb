-- SPDX-License-Identifier: BSD-3-Clause
-- For Lmod, as MODULEPATH/calor/0.1.0.lua. What was installed by `cmake --install BUILD --prefix PREFIX`: name it here.
local prefix = os.getenv("CALOR_PREFIX") or "/opt/calor/0.1.0"

help([[calor, a distributed solver for heat conduction in two dimensions: man calor, calor --help.
Its cases are known by their names (calor examples); batch scripts for Slurm lie in $CALOR_SLURM.]])
whatis("Name: calor")
whatis("Version: 0.1.0")
whatis("Description: distributed solver for heat conduction in two dimensions")

conflict("calor")
-- The MPI that calor was built with, as your site calls it:
-- depends_on("openmpi/4.1")

prepend_path("PATH", pathJoin(prefix, "bin"))
-- man looks beside what is on the path. Below, lib is lib64 on some systems, and Python is the one that CMake found.
prepend_path("CMAKE_PREFIX_PATH", prefix)
prepend_path("PKG_CONFIG_PATH", pathJoin(prefix, "lib/pkgconfig"))
prepend_path("PYTHONPATH", pathJoin(prefix, "lib/python3.11/site-packages"))
setenv("CALOR_SLURM", pathJoin(prefix, "share/calor/slurm"))
