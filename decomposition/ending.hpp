// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace calor::mpi {

/// Says that files of MPI-IO stay open for good, because a call on them has failed: MPI_Finalize, which would
/// close them, is known to crash or hang on such files. The program has to end without
/// (app/console/leave.hpp).
void abandon_files();
bool files_abandoned();

/// Has `f` called at the beginning of MPI_Finalize: for what MPI wants back before it ends.
void at_finalize(void (*f)());

}  // namespace calor::mpi
