// SPDX-License-Identifier: BSD-3-Clause
// Implicit steps of the TeaLeaf benchmark problem with PETSc's DMDA and KSP, as its users write them.
// usage: petsc_implicit -n N [-steps 10] [-dt 0.004] [-pc_type hypre -pc_hypre_type boomeramg]
//
// N x N cells on [0, 10]^2, du/dt = div(k grad u) with k = 1 / density, arithmetic means at the faces,
// insulated walls, backward Euler; configs/tealeaf_bm_4.toml states the same. Conjugate gradients end where
// the 2-norm of the residual is 1e-10 of that of the old state (-ksp_rtol: other than 1e-10).
//
// Prints a line of JSON. setup_seconds: matrix and preconditioner; solve_seconds: all steps; check_values:
// the check value after each step; residual: the greatest, of all steps, of b - A u over b - A u_old,
// computed anew.
#include <petscdmda.h>
#include <petscksp.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>

namespace {

constexpr PetscReal side = 10.0;

struct Options {
  PetscInt n = 0, steps = 10;
  PetscReal dt = 0.004;

  bool valid() const { return n > 0 && steps > 0 && dt > 0.0; }
};

struct Material {
  PetscReal density, u;  // u: at the start, density * energy
};

/// Of cell (i, j), which belongs where its centre lies, lower edges included. In whole numbers: the centre of
/// cell i is at 5 (2 i + 1) / n, so that no rounding moves a centre that lies on an edge.
Material material(PetscInt n, PetscInt i, PetscInt j) {
  const PetscInt x = 5 * (2 * i + 1), y = 5 * (2 * j + 1);
  const auto inside = [&](int x0, int x1, int y0, int y1) {
    return x >= x0 * n && x < x1 * n && y >= y0 * n && y < y1 * n;
  };
  if (inside(1, 6, 1, 2) || inside(5, 6, 1, 8) || inside(5, 10, 7, 8)) return {0.1, 0.01};
  if (inside(0, 1, 1, 2)) return {0.1, 2.5};
  return {100.0, 0.01};
}

/// Conductivity between two cells.
PetscReal face(PetscInt n, PetscInt i0, PetscInt j0, PetscInt i1, PetscInt j1) {
  return 0.5 * (1.0 / material(n, i0, j0).density + 1.0 / material(n, i1, j1).density);
}

/// The start, and what a cell contributes to the check value: its volume times its density.
PetscErrorCode start(DM da, Vec field, Vec weight) {
  PetscFunctionBeginUser;
  DMDALocalInfo d;
  PetscScalar **u, **w;
  PetscCall(DMDAGetLocalInfo(da, &d));
  PetscCall(DMDAVecGetArray(da, field, &u));
  PetscCall(DMDAVecGetArray(da, weight, &w));
  const PetscReal h = side / d.mx;
  for (PetscInt j = d.ys; j < d.ys + d.ym; ++j)
    for (PetscInt i = d.xs; i < d.xs + d.xm; ++i) {
      const Material m = material(d.mx, i, j);
      u[j][i] = m.u;
      w[j][i] = h * h * m.density;
    }
  PetscCall(DMDAVecRestoreArray(da, weight, &w));
  PetscCall(DMDAVecRestoreArray(da, field, &u));
  PetscFunctionReturn(0);
}

/// A = 1 - dt div k grad.
PetscErrorCode assemble(DM da, PetscReal dt, Mat a) {
  PetscFunctionBeginUser;
  DMDALocalInfo d;
  PetscCall(DMDAGetLocalInfo(da, &d));
  const PetscInt n = d.mx;
  const PetscReal h = side / n, scale = dt / (h * h);
  for (PetscInt j = d.ys; j < d.ys + d.ym; ++j)
    for (PetscInt i = d.xs; i < d.xs + d.xm; ++i) {
      MatStencil row{}, columns[5]{};
      PetscScalar values[5];
      PetscInt count = 1;
      row.i = i;
      row.j = j;
      columns[0] = row;
      values[0] = 1.0;
      for (const auto& [di, dj] : {std::pair{-1, 0}, {1, 0}, {0, -1}, {0, 1}}) {
        const PetscInt ni = i + di, nj = j + dj;
        if (ni < 0 || ni == n || nj < 0 || nj == n) continue;
        const PetscReal g = scale * face(n, i, j, ni, nj);
        columns[count].i = ni;
        columns[count].j = nj;
        values[0] += g;
        values[count++] = -g;
      }
      PetscCall(MatSetValuesStencil(a, 1, &row, count, columns, values, INSERT_VALUES));
    }
  PetscCall(MatAssemblyBegin(a, MAT_FINAL_ASSEMBLY));
  PetscCall(MatAssemblyEnd(a, MAT_FINAL_ASSEMBLY));
  PetscCall(MatSetOption(a, MAT_SPD, PETSC_TRUE));
  PetscFunctionReturn(0);
}

/// Read by all ranks together.
PetscErrorCode clock_now(double& seconds) {
  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
  seconds = MPI_Wtime();
  PetscFunctionReturn(0);
}

/// As JSON takes it; PETSc's own printing makes 1.e-10 of 1e-10.
std::string number(PetscReal value, int digits = 17) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*g", digits, value);
  return text;
}

/// The 2-norm of b - A u.
PetscErrorCode residual(Mat a, Vec u, Vec b, Vec work, PetscReal& norm) {
  PetscFunctionBeginUser;
  PetscCall(MatMult(a, u, work));
  PetscCall(VecAYPX(work, -1.0, b));
  PetscCall(VecNorm(work, NORM_2, &norm));
  PetscFunctionReturn(0);
}

PetscErrorCode solve(const Options& o) {
  PetscFunctionBeginUser;
  DM da;
  PetscCall(DMDACreate2d(PETSC_COMM_WORLD, DM_BOUNDARY_NONE, DM_BOUNDARY_NONE, DMDA_STENCIL_STAR, o.n, o.n,
                         PETSC_DECIDE, PETSC_DECIDE, 1, 1, nullptr, nullptr, &da));
  PetscCall(DMSetFromOptions(da));
  PetscCall(DMSetUp(da));
  Vec u, b, weight, work;
  PetscCall(DMCreateGlobalVector(da, &u));
  PetscCall(VecDuplicate(u, &b));
  PetscCall(VecDuplicate(u, &weight));
  PetscCall(VecDuplicate(u, &work));
  PetscCall(start(da, u, weight));

  KSP ksp;
  PetscCall(KSPCreate(PETSC_COMM_WORLD, &ksp));
  PetscCall(KSPSetType(ksp, KSPCG));
  PetscCall(KSPSetNormType(ksp, KSP_NORM_UNPRECONDITIONED));
  PetscCall(KSPConvergedDefaultSetUIRNorm(ksp));
  PetscCall(KSPSetInitialGuessNonzero(ksp, PETSC_TRUE));
  PetscCall(KSPSetTolerances(ksp, 1e-10, 1e-300, PETSC_DEFAULT, 40 * o.n + 1000));
  PetscCall(KSPSetErrorIfNotConverged(ksp, PETSC_TRUE));
  PetscCall(KSPSetFromOptions(ksp));

  double begin, end, setup_seconds, solve_seconds = 0.0;
  PetscCall(clock_now(begin));
  Mat a;
  PetscCall(DMCreateMatrix(da, &a));
  PetscCall(assemble(da, o.dt, a));
  PetscCall(KSPSetOperators(ksp, a, a));
  PetscCall(KSPSetUp(ksp));
  PetscCall(clock_now(end));
  setup_seconds = end - begin;

  PetscInt iterations = 0;
  PetscReal greatest = 0.0;
  std::string checks;
  PetscScalar check = 0.0;
  for (PetscInt step = 0; step < o.steps; ++step) {
    PetscReal first, last;
    PetscCall(residual(a, u, u, work, first));
    PetscCall(clock_now(begin));
    PetscCall(VecCopy(u, b));
    PetscCall(KSPSolve(ksp, b, u));
    PetscCall(clock_now(end));
    solve_seconds += end - begin;

    PetscInt made;
    PetscCall(KSPGetIterationNumber(ksp, &made));
    iterations += made;
    PetscCall(residual(a, u, b, work, last));
    if (first > 0.0) greatest = std::max(greatest, last / first);
    PetscCall(VecDot(u, weight, &check));
    checks += (step > 0 ? ", " : "") + number(check);
  }

  PCType pc_type;
  PC pc;
  PetscScalar total;
  PetscCall(KSPGetPC(ksp, &pc));
  PetscCall(PCGetType(pc, &pc_type));
  PetscCall(VecSum(u, &total));
  total *= (side / o.n) * (side / o.n);
  double times[2]{setup_seconds, solve_seconds};
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, times, 2, MPI_DOUBLE, MPI_MAX, PETSC_COMM_WORLD));
  const std::string line =
      "{\"program\": \"petsc\", \"pc\": \"" + std::string{pc_type} + "\", \"n\": " + std::to_string(o.n) +
      ", \"steps\": " + std::to_string(o.steps) + ", \"setup_seconds\": " + number(times[0], 6) +
      ", \"solve_seconds\": " + number(times[1], 6) + ", \"iterations\": " + std::to_string(iterations) +
      ", \"check_value\": " + number(check) + ", \"total\": " + number(total) +
      ", \"residual\": " + number(greatest, 3) + ", \"version\": \"" + std::to_string(PETSC_VERSION_MAJOR) +
      "." + std::to_string(PETSC_VERSION_MINOR) + "." + std::to_string(PETSC_VERSION_SUBMINOR) +
      "\", \"check_values\": [" + checks + "]}";
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "%s\n", line.c_str()));

  PetscCall(KSPDestroy(&ksp));
  PetscCall(MatDestroy(&a));
  for (Vec* const v : {&u, &b, &weight, &work}) PetscCall(VecDestroy(v));
  PetscCall(DMDestroy(&da));
  PetscFunctionReturn(0);
}

}  // namespace

int main(int argc, char** argv) {
  PetscCall(PetscInitialize(&argc, &argv, nullptr, nullptr));
  Options o;
  PetscCall(PetscOptionsGetInt(nullptr, nullptr, "-n", &o.n, nullptr));
  PetscCall(PetscOptionsGetInt(nullptr, nullptr, "-steps", &o.steps, nullptr));
  PetscCall(PetscOptionsGetReal(nullptr, nullptr, "-dt", &o.dt, nullptr));
  if (!o.valid()) {
    PetscCall(PetscFPrintf(PETSC_COMM_WORLD, PETSC_STDERR,
                           "usage: petsc_implicit -n N [-steps 10] [-dt 0.004] [PETSc options]\n"));
    PetscCall(PetscFinalize());
    return 64;
  }
  PetscCall(solve(o));
  PetscCall(PetscFinalize());
  return 0;
}
