// SPDX-License-Identifier: BSD-3-Clause
// The explicit heat equation with MPI and OpenMP, as a course writes it. usage: plain_heat N STEPS
//
// N x N cells on the unit square, diffusivity 1, insulated walls, forward Euler at 0.9 of the stable step. A
// band of rows a rank, one layer of ghosts, two arrays, one loop. Prints: plain N STEPS seconds
// updates_per_second sum min max
#include <mpi.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

struct Band {
  int n, first, rows;  // cells along x; number of the first row; rows of this rank
  int below, above;    // neighbours, MPI_PROC_NULL at a wall
  std::vector<double> u, next;

  std::size_t row(int j) const { return static_cast<std::size_t>(j) * static_cast<std::size_t>(n + 2); }
};

Band make_band(int n, int rank, int size) {
  const int first = static_cast<int>(std::int64_t{n} * rank / size);
  const int end = static_cast<int>(std::int64_t{n} * (rank + 1) / size);
  Band b{
      n,  first, end - first, rank > 0 ? rank - 1 : MPI_PROC_NULL, rank + 1 < size ? rank + 1 : MPI_PROC_NULL,
      {}, {}};
  b.u.resize(b.row(b.rows + 2));
  b.next.resize(b.row(b.rows + 2));
  return b;
}

void start(Band& b) {
  const double h = 1.0 / b.n;
  for (int j = 1; j <= b.rows; ++j)
    for (int i = 1; i <= b.n; ++i) {
      const double x = (i - 0.5) * h - 0.4, y = (b.first + j - 0.5) * h - 0.6;
      b.u[b.row(j) + static_cast<std::size_t>(i)] = std::exp(-50.0 * (x * x + y * y));
    }
}

/// Ghost rows from the neighbours; at walls every ghost equals the cell beside it, so nothing flows.
void fill_ghosts(Band& b, MPI_Comm comm) {
  double* const u = b.u.data();
  const int width = b.n + 2;
  MPI_Sendrecv(u + b.row(b.rows), width, MPI_DOUBLE, b.above, 0, u + b.row(0), width, MPI_DOUBLE, b.below, 0,
               comm, MPI_STATUS_IGNORE);
  MPI_Sendrecv(u + b.row(1), width, MPI_DOUBLE, b.below, 1, u + b.row(b.rows + 1), width, MPI_DOUBLE, b.above,
               1, comm, MPI_STATUS_IGNORE);
  if (b.below == MPI_PROC_NULL) std::copy_n(u + b.row(1), width, u + b.row(0));
  if (b.above == MPI_PROC_NULL) std::copy_n(u + b.row(b.rows), width, u + b.row(b.rows + 1));
  for (int j = 1; j <= b.rows; ++j) {
    double* const line = u + b.row(j);
    line[0] = line[1];
    line[b.n + 1] = line[b.n];
  }
}

void march(Band& b, int steps, double r, MPI_Comm comm) {
  for (int s = 0; s < steps; ++s) {
    fill_ghosts(b, comm);
    const double* const u = b.u.data();
    double* const next = b.next.data();
    const std::ptrdiff_t n = b.n, pitch = n + 2;
#pragma omp parallel for schedule(static)
    for (int j = 1; j <= b.rows; ++j)
      for (std::ptrdiff_t i = 1; i <= n; ++i) {
        const std::ptrdiff_t c = j * pitch + i;
        next[c] = u[c] + r * (u[c - 1] + u[c + 1] + u[c - pitch] + u[c + pitch] - 4.0 * u[c]);
      }
    b.u.swap(b.next);
  }
}

}  // namespace

int main(int argc, char** argv) {
  int provided = 0, rank = 0, size = 1;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
  MPI_Comm comm = MPI_COMM_WORLD;
  MPI_Comm_rank(comm, &rank);
  MPI_Comm_size(comm, &size);
  const int n = argc == 3 ? std::atoi(argv[1]) : 0, steps = argc == 3 ? std::atoi(argv[2]) : 0;
  if (n < size || steps < 1) {
    if (rank == 0) std::fprintf(stderr, "usage: plain_heat N STEPS, with a row a rank at least\n");
    MPI_Finalize();
    return 64;
  }
  const double h = 1.0 / n, dt = 0.9 * h * h / 4, r = dt / (h * h);
  Band b = make_band(n, rank, size);
  start(b);
  march(b, 2, r, comm);  // warm-up
  start(b);

  MPI_Barrier(comm);
  const double begin = MPI_Wtime();
  march(b, steps, r, comm);
  double seconds = MPI_Wtime() - begin;

  double sum = 0.0, least = b.u[b.row(1) + 1], most = least;
  for (int j = 1; j <= b.rows; ++j) {
    double of_row = 0.0;
    for (int i = 1; i <= n; ++i) {
      const double u = b.u[b.row(j) + static_cast<std::size_t>(i)];
      of_row += u;
      least = std::min(least, u);
      most = std::max(most, u);
    }
    sum += of_row;
  }
  MPI_Allreduce(MPI_IN_PLACE, &seconds, 1, MPI_DOUBLE, MPI_MAX, comm);
  MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_DOUBLE, MPI_SUM, comm);
  MPI_Allreduce(MPI_IN_PLACE, &least, 1, MPI_DOUBLE, MPI_MIN, comm);
  MPI_Allreduce(MPI_IN_PLACE, &most, 1, MPI_DOUBLE, MPI_MAX, comm);
  if (rank == 0)
    std::printf("plain %d %d %.6g %.6g %.17g %.17g %.17g\n", n, steps, seconds, 1.0 * n * n * steps / seconds,
                sum, least, most);
  MPI_Finalize();
  return 0;
}
