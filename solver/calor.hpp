// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The public face of the solver: what a program of its own needs to set up, run and read off a simulation.
//   const calor::mpi::Environment environment{argc, argv};
//   const calor::mpi::Comm world = environment.world();
//   calor::SimulationSpec spec;  // grid, materials, walls, time: see solver/run/spec.hpp
//   calor::Simulation run{spec, world};
//   while (!run.finished()) run.advance(1000);
// tests/install/plate.cpp is a whole one. Errors are thrown as calor::Error, on every rank alike.

#include "decomposition/error.hpp"
#include "decomposition/mpi.hpp"
#include "solver/model/measure.hpp"
#include "solver/run/quantities.hpp"
#include "solver/run/simulation.hpp"
#include "solver/run/spec.hpp"
#include "solver/time/methods.hpp"
