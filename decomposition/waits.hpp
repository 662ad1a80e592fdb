// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <mpi.h>

namespace calor::mpi {

// Waits for what all ranks are about to do, as within a solver's iteration. Open MPI gives a core away while
// it waits where ranks outnumber cores. MPICH 4.0 with UCX does not: 7 ranks on 2 cores take 50 times as
// long. Where ranks outnumber cores on any host, and MPI is not Open MPI, these ask and give the core away in
// turn; elsewhere they are MPI's own. They throw Failure.

/// MPI_Waitall.
void wait_all(MPI_Request* requests, int count);
/// MPI_Allreduce.
void all_reduce(const void* mine, void* result, int count, MPI_Datatype type, MPI_Op op, MPI_Comm comm);

}  // namespace calor::mpi
