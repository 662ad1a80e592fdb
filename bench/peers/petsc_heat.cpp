// SPDX-License-Identifier: BSD-3-Clause
// The explicit heat equation with PETSc's DMDA and TS, as its users write it. usage: petsc_heat N STEPS
//
// N x N cells on the unit square, diffusivity 1, insulated walls, forward Euler at 0.9 of the stable step.
// Prints: petsc N STEPS seconds updates_per_second sum min max
#include <petscdmda.h>
#include <petscts.h>

#include <cmath>
#include <cstdlib>

namespace {

/// out = div grad u. Ghost cells beyond a wall equal the cell beside it, so nothing flows.
PetscErrorCode rate(TS ts, PetscReal, Vec global, Vec out, void*) {
  PetscFunctionBeginUser;
  DM da;
  Vec local;
  DMDALocalInfo d;
  PetscScalar **u, **f;
  PetscCall(TSGetDM(ts, &da));
  PetscCall(DMDAGetLocalInfo(da, &d));
  PetscCall(DMGetLocalVector(da, &local));
  PetscCall(DMGlobalToLocal(da, global, INSERT_VALUES, local));
  PetscCall(DMDAVecGetArray(da, local, &u));
  PetscCall(DMDAVecGetArray(da, out, &f));

  const PetscInt i0 = d.xs, i1 = d.xs + d.xm, j0 = d.ys, j1 = d.ys + d.ym;
  for (PetscInt i = i0; i < i1; ++i) {
    if (j0 == 0) u[-1][i] = u[0][i];
    if (j1 == d.my) u[j1][i] = u[j1 - 1][i];
  }
  for (PetscInt j = j0; j < j1; ++j) {
    if (i0 == 0) u[j][-1] = u[j][0];
    if (i1 == d.mx) u[j][i1] = u[j][i1 - 1];
  }
  const PetscReal rh2 = PetscReal(d.mx) * d.mx;  // 1 / h^2
  for (PetscInt j = j0; j < j1; ++j)
    for (PetscInt i = i0; i < i1; ++i)
      f[j][i] = rh2 * (u[j][i - 1] + u[j][i + 1] + u[j - 1][i] + u[j + 1][i] - 4.0 * u[j][i]);

  PetscCall(DMDAVecRestoreArray(da, out, &f));
  PetscCall(DMDAVecRestoreArray(da, local, &u));
  PetscCall(DMRestoreLocalVector(da, &local));
  PetscFunctionReturn(0);
}

PetscErrorCode start(DM da, Vec field) {
  PetscFunctionBeginUser;
  DMDALocalInfo d;
  PetscScalar** u;
  PetscCall(DMDAGetLocalInfo(da, &d));
  PetscCall(DMDAVecGetArray(da, field, &u));
  const PetscReal h = 1.0 / d.mx;
  for (PetscInt j = d.ys; j < d.ys + d.ym; ++j)
    for (PetscInt i = d.xs; i < d.xs + d.xm; ++i) {
      const PetscReal x = (i + 0.5) * h - 0.4, y = (j + 0.5) * h - 0.6;
      u[j][i] = std::exp(-50.0 * (x * x + y * y));
    }
  PetscCall(DMDAVecRestoreArray(da, field, &u));
  PetscFunctionReturn(0);
}

/// `steps` steps from the initial field.
PetscErrorCode march(TS ts, Vec field, PetscInt steps, PetscReal dt, double& seconds) {
  PetscFunctionBeginUser;
  DM da;
  PetscCall(TSGetDM(ts, &da));
  PetscCall(start(da, field));
  PetscCall(TSSetTime(ts, 0.0));
  PetscCall(TSSetTimeStep(ts, dt));
  PetscCall(TSSetStepNumber(ts, 0));
  PetscCall(TSSetMaxSteps(ts, steps));
  PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
  const double begin = MPI_Wtime();
  PetscCall(TSSolve(ts, field));
  seconds = MPI_Wtime() - begin;
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &seconds, 1, MPI_DOUBLE, MPI_MAX, PETSC_COMM_WORLD));
  PetscFunctionReturn(0);
}

PetscErrorCode solve(PetscInt n, PetscInt steps) {
  PetscFunctionBeginUser;
  DM da;
  PetscCall(DMDACreate2d(PETSC_COMM_WORLD, DM_BOUNDARY_GHOSTED, DM_BOUNDARY_GHOSTED, DMDA_STENCIL_STAR, n, n,
                         PETSC_DECIDE, PETSC_DECIDE, 1, 1, nullptr, nullptr, &da));
  PetscCall(DMSetFromOptions(da));
  PetscCall(DMSetUp(da));
  Vec field;
  PetscCall(DMCreateGlobalVector(da, &field));
  TS ts;
  PetscCall(TSCreate(PETSC_COMM_WORLD, &ts));
  PetscCall(TSSetDM(ts, da));
  PetscCall(TSSetProblemType(ts, TS_LINEAR));
  PetscCall(TSSetType(ts, TSEULER));
  PetscCall(TSSetRHSFunction(ts, nullptr, rate, nullptr));
  PetscCall(TSSetMaxTime(ts, PETSC_MAX_REAL));
  PetscCall(TSSetExactFinalTime(ts, TS_EXACTFINALTIME_STEPOVER));  // as many steps as asked for
  PetscCall(TSSetFromOptions(ts));

  const PetscReal h = 1.0 / n, dt = 0.9 * h * h / 4;
  double seconds = 0.0;
  PetscCall(march(ts, field, 2, dt, seconds));  // warm-up
  PetscCall(march(ts, field, steps, dt, seconds));

  PetscInt made;
  PetscScalar sum;
  PetscReal least, most;
  PetscCall(TSGetStepNumber(ts, &made));
  PetscCheck(made == steps, PETSC_COMM_WORLD, PETSC_ERR_PLIB, "the number of steps is wrong");
  PetscCall(VecSum(field, &sum));
  PetscCall(VecMin(field, nullptr, &least));
  PetscCall(VecMax(field, nullptr, &most));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "petsc %d %d %.6g %.6g %.17g %.17g %.17g\n", int(n), int(steps),
                        seconds, 1.0 * n * n * steps / seconds, sum, least, most));
  PetscCall(TSDestroy(&ts));
  PetscCall(VecDestroy(&field));
  PetscCall(DMDestroy(&da));
  PetscFunctionReturn(0);
}

}  // namespace

int main(int argc, char** argv) {
  PetscCall(PetscInitialize(&argc, &argv, nullptr, nullptr));
  const PetscInt n = argc > 2 ? std::atoi(argv[1]) : 0, steps = argc > 2 ? std::atoi(argv[2]) : 0;
  if (n < 1 || steps < 1) {
    PetscCall(PetscFPrintf(PETSC_COMM_WORLD, PETSC_STDERR, "usage: petsc_heat N STEPS [PETSc options]\n"));
    PetscCall(PetscFinalize());
    return 64;
  }
  PetscCall(solve(n, steps));
  PetscCall(PetscFinalize());
  return 0;
}
