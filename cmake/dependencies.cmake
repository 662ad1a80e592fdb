# SPDX-License-Identifier: BSD-3-Clause
# Everything calor needs, as packaged by Debian 12 (the versions named) and 13. scripts/packages.txt names the packages.
set(MPI_CXX_SKIP_MPICXX ON) # the C++ bindings are gone from the standard
find_package(MPI REQUIRED COMPONENTS CXX)
find_package(OpenMP REQUIRED COMPONENTS CXX)
set(HDF5_PREFER_PARALLEL ON)
find_package(HDF5 REQUIRED COMPONENTS C HL)
if(NOT HDF5_IS_PARALLEL)
  message(FATAL_ERROR "calor needs HDF5 with MPI support; found a serial one in ${HDF5_INCLUDE_DIRS}. "
                      "On Debian: apt-get install libhdf5-openmpi-dev")
endif()
find_package(CLI11 2.1 REQUIRED)
find_package(tomlplusplus 3.3 REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(hwy 1.0.3 REQUIRED)
find_package(PNG REQUIRED)
find_package(ZLIB REQUIRED)
pkg_check_modules(muparser REQUIRED IMPORTED_TARGET muparser)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)
if(CALOR_PLOT)
  pkg_check_modules(cairo IMPORTED_TARGET cairo>=1.16 cairo-png cairo-svg cairo-pdf)
  if(NOT cairo_FOUND)
    message(FATAL_ERROR "`calor plot` draws with cairo 1.16 or later, with PNG, SVG and PDF, which is not found. "
                        "On Debian: apt-get install libcairo2-dev; -DCALOR_PLOT=OFF builds calor without pictures")
  endif()
endif()
