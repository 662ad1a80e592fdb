// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "app/case/case.hpp"
#include "app/case/spec_of_case.hpp"
#include "solver/model/problem.hpp"
#include "solver/time/integrator.hpp"

namespace calor {

// A case turned into the objects that are computed with.

/// Share of the explicit limit that automatic steps take: at the very limit the shortest wave of the grid
/// rings undamped; a little below, it dies out.
inline constexpr double explicit_safety = 0.9;

/// A box for every rank. Error{bad_case} with the largest usable count if there are too many ranks for the
/// grid.
Partition make_partition(const Case& c, int ranks);

/// Layers of cells around a rank's own that come with one exchange.
/// @param method  many steps or stages of an explicit one are made between two exchanges
int halo_depth(const Case& c, const Partition& parts, Method method);

/// Rounds the temperatures to numbers of this precision.
void round_to(Precision precision, Problem& problem);

/// What a case leaves for later ones on the same ranks, so that those like it are cheap to set up. No result
/// depends on it.
struct Kept {
  std::shared_ptr<const CoefficientFields> coefficients;
  std::shared_ptr<KeptOperator> hierarchy = make_kept_operator();
};

/// This rank's share, with the initial field in place (also from a file). Collective.
/// @param kept  its coefficients are taken over where they are the same, else let go; or null
std::unique_ptr<Problem> make_problem(const Case& c, const mpi::Comm& comm, Method method,
                                      Kept* kept = nullptr);

struct MethodChoice {
  Method method = Method::euler;
  double dt = 0.0;              // s; 0: as long as the method's limit allows
  std::vector<double> targets;  // s, rising; the last is the end. Empty for a steady state
  double end = 0.0;
  std::string reason;     // why this method, if the case left it open
  double sweeps = 0.0;    // work to expect, in sweeps of explicit steps
  bool by_error = false;  // the length of steps follows from their error
};
/// What the case means by time.method, dt, end and steps. Error{bad_case} for an unstable dt, naming the
/// stable one.
/// @param stable_dt  limit of forward Euler for the initial state [s]
MethodChoice choose_method(const Case& c, double stable_dt);

/// What a case will cost, told in microseconds from its text alone: good enough for putting cases in order.
struct Outlook {
  Method method = Method::euler;
  double work = 0.0;  ///< in cell updates of explicit steps
};
Outlook outlook(const Case& c);

/// @param kept  what earlier cases on the same communicator left for later ones, or null
std::unique_ptr<Integrator> make_integrator(const Case& c, const MethodChoice& choice,
                                            std::shared_ptr<KeptOperator> kept = nullptr);

}  // namespace calor
