# SPDX-License-Identifier: BSD-3-Clause
# Writes the source that holds version, commit and build; touches it only where they change. Run at every build:
# cmake -D SOURCE=ROOT -D GIT=PROGRAM -D TEMPLATE=version.cpp.in -D RESULT=version.cpp -D VERSION=... -D BUILD=... -P version.cmake
set(COMMIT "unknown") # as in a tarball; a .git further up would be another project's
if(GIT AND EXISTS ${SOURCE}/.git)
  execute_process(COMMAND ${GIT} -C ${SOURCE} rev-parse --short HEAD
                  OUTPUT_VARIABLE found OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  if(NOT failed)
    set(COMMIT ${found})
  endif()
endif()
configure_file(${TEMPLATE} ${RESULT} @ONLY)
