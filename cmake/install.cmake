# SPDX-License-Identifier: BSD-3-Clause
# What is installed: the program, its cases, batch scripts and documents; the Python package; the solver as a library with
# its headers, a CMake package and a pkg-config file. Headers lie under include/calor as they do here, so that they find
# each other by the same paths.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
install(TARGETS calor RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY configs/ DESTINATION ${CMAKE_INSTALL_DATADIR}/calor/configs)
install(PROGRAMS scripts/slurm/run.sbatch scripts/slurm/sweep.sbatch scripts/slurm/sweep_array.sbatch
        DESTINATION ${CMAKE_INSTALL_DATADIR}/calor/slurm)
install(FILES README.md LICENSE CHANGELOG.md SECURITY.md CITATION.cff DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.md" PATTERN "*.png" PATTERN "*.svg" PATTERN "site" EXCLUDE)
install(DIRECTORY scripts/python/examples/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples/python FILES_MATCHING PATTERN "*.py")
install(FILES tests/install/CMakeLists.txt tests/install/plate.cpp DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples/library)

# Where Python looks for modules depends on the prefix, which `cmake --install --prefix` may change; so it is asked then.
if(CALOR_PYTHON)
  find_package(Python3 3.11 QUIET COMPONENTS Interpreter)
  if(Python3_FOUND)
    install(CODE "set(calor_python \"${Python3_EXECUTABLE}\")\nset(calor_package \"${PROJECT_SOURCE_DIR}/scripts/python/calor\")")
    install(SCRIPT cmake/install_python.cmake)
  else()
    message(STATUS "The Python package is not installed: no python3 3.11 or later")
  endif()
endif()

set(headers ${CMAKE_INSTALL_INCLUDEDIR}/calor)
set(calor_wings run time implicit linear_amg linear_multigrid linear blocked stencil model) # as they are linked
list(TRANSFORM calor_wings PREPEND calor_solver_ OUTPUT_VARIABLE wings)
foreach(wing IN LISTS wings ITEMS calor_decomposition calor_io)
  string(REPLACE calor_ "" name ${wing})
  set_target_properties(${wing} PROPERTIES EXPORT_NAME ${name})
  # For <calor/calor.hpp>; what lies below finds itself from include/calor on.
  target_include_directories(${wing} INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
endforeach()
set_target_properties(calor_solver PROPERTIES EXPORT_NAME solver)
install(TARGETS calor_solver calor_decomposition ${wings} EXPORT calorTargets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} FILE_SET HEADERS DESTINATION ${headers})
install(TARGETS calor_io EXPORT calorIoTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} FILE_SET HEADERS DESTINATION ${headers})
install(FILES solver/calor.hpp DESTINATION ${headers})

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/calor)
install(EXPORT calorTargets NAMESPACE calor:: DESTINATION ${package})
install(EXPORT calorIoTargets NAMESPACE calor:: DESTINATION ${package})
configure_package_config_file(cmake/calorConfig.cmake.in ${PROJECT_BINARY_DIR}/calorConfig.cmake INSTALL_DESTINATION ${package})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/calorConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/calorConfig.cmake ${PROJECT_BINARY_DIR}/calorConfigVersion.cmake DESTINATION ${package})

list(TRANSFORM wings PREPEND -l)
list(JOIN wings " " calor_solver_libraries)
string(APPEND calor_solver_libraries " -lcalor_decomposition")
file(RELATIVE_PATH calor_prefix_from_pc "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/") # lib may have a folder an architecture
string(REGEX REPLACE "/$" "" calor_prefix_from_pc ${calor_prefix_from_pc})
configure_file(cmake/calor.pc.in ${PROJECT_BINARY_DIR}/calor.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/calor.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
