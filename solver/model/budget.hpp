// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "decomposition/mpi.hpp"
#include "decomposition/reduce.hpp"
#include "solver/model/walls/walls.hpp"

namespace calor {

/// The heat ledger since the start of the run: content - initial = sides + plate + source + residual. All in
/// J per metre of depth; W per metre for a steady state. Booked face by face with the very fluxes that the
/// step used, in exact sums, so that the residual shows the scheme and not the book-keeping, and every layout
/// finds the same bits. It also holds what was made in each region, and what passed each section.
class Budget {
 public:
  explicit Budget(const Walls::Pieces& pieces, std::size_t regions = 0, std::size_t sections = 0,
                  std::size_t holes = 0);

  void book_wall(Side side, int piece, const double* heat, int count);
  void book_wall(Side side, int piece, const ExactSum& heat);
  /// Heat that was booked with one piece of a side passed another one.
  void move(Side side, int from, int to, double heat) {
    walls_[side][static_cast<std::size_t>(from)].add(-heat);
    walls_[side][static_cast<std::size_t>(to)].add(heat);
  }
  void book_source(double heat) { source_.add(heat); }                    ///< equal on every rank
  void book_source(const ExactSum& heat) { source_of_cells_.add(heat); }  ///< this rank's cells

  void book_plate(const ExactSum& heat) { plate_.add(heat); }  ///< this rank's cells

  /// Of each hole, what passed its wall into this rank's cells; or none.
  void book_holes(const std::vector<ExactSum>& heat) {
    for (std::size_t n = 0; n < heat.size(); ++n) holes_[n].add(heat[n]);
  }

  void book_region(std::size_t region, const ExactSum& heat) { regions_[region].add(heat); }
  void book_section(std::size_t section, double heat) { sections_[section].add(heat); }
  void book_section(std::size_t section, const ExactSum& heat) { sections_[section].add(heat); }

  struct Report {
    double initial = 0.0, content = 0.0;
    BySide<double> sides{};              // heat that came in
    BySide<std::vector<double>> pieces;  // the same, by piece
    double source = 0.0;
    double plate = 0.0;            // that came in through the faces of a plate
    std::vector<double> holes;     // that came in through the wall of each hole
    std::vector<double> regions;   // made in each
    std::vector<double> sections;  // through each, to its left
    double residual() const {
      double through_holes = 0.0;
      for (const double heat : holes) through_holes += heat;
      return content - initial - (sides[0] + sides[1] + sides[2] + sides[3]) - through_holes - plate - source;
    }
    double content_size = 0.0;  // of the content, with nothing cancelled
    /// Residual over the sum of the magnitudes in the balance.
    double relative_residual() const;
  };
  /// Collective. @param content_size  sum of the magnitudes that the content is the sum of
  /// @param held  by the walls of holes now (Problem::held_by_walls), of which the content is without; what
  /// that changed has passed them
  Report report(const mpi::Comm& comm, double content, double content_size,
                const std::vector<ExactSum>& held = {}) const;
  /// @param of_regions  content of each; empty: 0
  /// @param held  by the walls of holes, of all ranks
  void start(double content, std::vector<double> of_regions = {}, std::vector<double> held = {});
  double initial() const { return initial_; }
  const std::vector<double>& initial_of_regions() const { return initial_of_regions_; }

  /// An empty ledger of the same walls.
  Budget cleared() const;
  /// Heat booked so far: every piece of every side, by Side, regions, sections, holes, the plate, then the
  /// source.
  /// Collective.
  std::vector<double> amounts(const mpi::Comm& comm) const;
  /// Books such amounts once, though every rank passes them.
  void add(const mpi::Comm& comm, const std::vector<double>& amounts);

  /// Global sums as integers for a checkpoint; the same on every rank. Collective.
  std::vector<std::int64_t> state(const mpi::Comm& comm) const;
  /// The counterpart; every rank passes what state() gave, and one rank carries it on. Error{bad_data} where
  /// it is of other walls, regions or sections.
  void restore(const mpi::Comm& comm, double initial, const std::vector<std::int64_t>& state);

 private:
  std::vector<ExactSum> global(const mpi::Comm& comm) const;
  BySide<std::vector<ExactSum>> walls_;               // this rank's part
  std::vector<ExactSum> regions_, sections_, holes_;  // this rank's part
  ExactSum plate_, source_of_cells_;                  // this rank's part
  ExactSum source_;                                   // whole
  double initial_ = 0.0;
  std::vector<double> initial_of_regions_, initial_held_;
};

}  // namespace calor
