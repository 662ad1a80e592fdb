# SPDX-License-Identifier: BSD-3-Clause
import os

from spack_repo.builtin.build_systems.cmake import CMakePackage, generator

from spack.package import *


class Calor(CMakePackage):
    """Distributed solver for heat conduction in two dimensions: the same bits on any number of
    ranks and threads and after any restart, a balance of all heat, sweeps of thousands of cases."""

    # Nothing can be fetched before there is a release: `spack install calor dev_path=TREE`, or an
    # archive of the tree in the working directory (git archive --prefix=calor-0.1.0/ HEAD).
    url = f"file://{os.getcwd()}/calor-0.1.0.tar.gz"
    manual_download = True

    license("BSD-3-Clause AND MIT")  # MIT: uPlot, which draws in the pages of `calor report`

    version("0.1.0")

    variant("plot", default=True, description="Build `calor plot`, which draws with cairo")
    variant("python", default=False, description="Install the Python package")

    generator("ninja")

    depends_on("c", type="build")
    depends_on("cxx", type="build")
    depends_on("cmake@3.25:", type="build")
    depends_on("pkgconfig", type="build")

    depends_on("mpi@3:")
    depends_on("hdf5@1.10:+mpi+hl")
    depends_on("cli11@2.1:")
    depends_on("tomlplusplus@3.3:")
    depends_on("nlohmann-json@3.11:")
    depends_on("fmt@9:")
    depends_on("muparser@2.3:")
    depends_on("highway@1.0.3:")
    depends_on("xxhash@0.8:")
    depends_on("libpng")
    depends_on("zlib-api")
    depends_on("cairo@1.16:+png+svg+pdf+ft+fc", when="+plot")

    extends("python", when="+python")
    depends_on("python@3.11:", type=("build", "run"), when="+python")

    conflicts("%gcc@:11", msg="calor needs C++20 as GCC 12 has it")
    conflicts("%clang@:13", msg="calor needs C++20 as Clang 14 has it")

    def cmake_args(self):
        return [
            self.define("BUILD_TESTING", False),
            self.define("CALOR_DXF", False),  # Spack has no dxflib
            self.define_from_variant("CALOR_PLOT", "plot"),
            self.define_from_variant("CALOR_PYTHON", "python"),
        ]

    def test_verify(self):
        """calor reproduces a reference value"""
        calor = which(self.prefix.bin.calor)
        calor("verify", "nafems_t4")
