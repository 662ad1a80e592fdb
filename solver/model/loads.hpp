// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "solver/model/function.hpp"
#include "solver/model/problem.hpp"
#include "solver/model/steps.hpp"
#include "solver/model/time_profile.hpp"

namespace calor {

/// A moment at which some function of time jumps or turns. A turn has before == after.
struct LoadEvent {
  double before, after;  // s
  bool jump() const { return before < after; }
};

/// Looks at functions, for later problems that have the same ones. No result depends on it.
struct LoadsCache {
  struct Look {
    Function f;
    double x, y, T, end, closeness;
    std::size_t looks;
    std::shared_ptr<const TimeProfile> profile;
  };
  std::vector<Look> looks;
};

/// The functions of time in a problem, looked at before the run: so that no step passes over what they do,
/// and what a step books is their integral.
class Loads {
 public:
  /// One look of a step at its loads: where in the step, and what share of the step's heat that stands for.
  struct Look {
    double at;      // 0 .. 1, begin to end of the step
    double weight;  // the weights of a step add up to 1, less `carried`
  };

  /// Puts functions into the spec that give steps the means of loads that depend on t alone. Both must
  /// outlive what is made from the spec.
  explicit Loads(ProblemSpec& spec);
  /// Looks at what they do until the end of the run.
  /// @param end  s     @param tolerance  of the local error, over the range of temperatures     @param cache
  /// of an earlier problem, and for later ones; or null     @param comm  ranks that share the looks, all with
  /// the same spec (then collective); or null
  void look(double end, double tolerance, LoadsCache* cache = nullptr, const mpi::Comm* comm = nullptr);

  bool none() const { return loads_.empty(); }
  /// Rising. Jumps at which all places jump together, and sharp turns.
  const std::vector<LoadEvent>& events() const { return events_; }
  /// How often one of them goes from one end of its range to the other, at most: its variation over that.
  double swings() const;
  /// Temperatures that the problem speaks of, for TemperatureScale.
  TemperatureScale scale() const { return scale_; }

  /// How far a step from `from` may reach, at most to `to`, so that no function departs within it by more
  /// than `tolerance` * `scale` [K] from the parabola that the step sees of it. Ends at a corner where it is
  /// not the whole way.
  double reach(double from, double to, double tolerance, double scale) const;

  /// None of them will make temperatures change faster than the rate [K/s], where `scale` [K] is what they
  /// differ by now.
  bool quiet_after(double t, double rate, double scale) const;
  /// The first of them that is a temperature and falls below that, with its least; or empty.
  std::string below(double coldest) const;

  /// Steps that each look at time(k) alone, as forward Euler: until end_steps() functions of t alone are
  /// their means over the step.
  void begin_steps(const Steps& steps);
  /// One step that looks several times: until end_steps() they are shifted so that the weighted sum of the
  /// looks is the integral. @param carried  share that the step takes from what the step before it booked
  void begin_step(const Steps& step, std::span<const Look> looks, double carried = 0.0);
  /// @param stands  the step was not taken back
  void end_steps(bool stands = true);

  /// The sums so far, for a checkpoint.
  std::vector<double> numbers() const;
  void restore(const std::vector<double>& numbers);
  /// What steps have made of a function so far, where that is furthest from what it is.
  struct Course {
    std::string name, unit;
    double integral, used;  // over time; of temperatures K s
  };
  std::vector<Course> courses() const;
  /// Sentences about functions that steps have missed, or that cannot be followed.
  std::vector<std::string> complaints(double time) const;

 private:
  enum class Meaning { temperature, exchange, flux, power };
  struct Load {
    std::string name, place;  // place: empty where there is but one
    Function f;
    double x, y, T;
    Meaning meaning;
    double rho_c, k, cell;  // J/(m3 K), W/(m K), m: of the material and the grid there
    double whole;           // m2 that a heat is spread over; 1 for what is given by the m3
    std::shared_ptr<const TimeProfile> profile;
    std::shared_ptr<StepValues> mean;  // null: steps see the function as it is
    // Summed over the steps that stand, and of the step that is under way.
    double integral = 0.0, used = 0.0, size = 0.0;
    double step_integral = 0.0, step_used = 0.0, step_size = 0.0;
    double operator()(double t) const { return f(x, y, t, T); }
  };
  class Collector;
  static Meaning meaning_of(WallQuantity quantity);
  static const char* unit(const Load& load);  // of the integral
  static double integral(const Load& load, double a, double b);
  static double departure(const Load& load, double from, double to, double scale);

  /// A load of t alone, and what stands in its place in the spec.
  struct Stand {
    Function f, in_steps;
    std::shared_ptr<StepValues> mean;
  };
  ProblemSpec& spec_;
  std::vector<Stand> stands_;
  double end_ = 0.0;
  std::vector<Load> loads_;
  std::vector<LoadEvent> events_;
  TemperatureScale scale_;
};

}  // namespace calor
