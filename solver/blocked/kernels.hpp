// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace calor {

// Inner loops of explicit steps and stages, compiled for several instruction sets and chosen when the program
// runs. All give the same bits: see solver/stencil/cell_change.inl.

inline constexpr int most_block_rows = 8;

/// A few neighbouring rows that are advanced by one step in place, while they stay in the first-level cache:
/// the old rows y - 1 .. y + rows become the new rows y .. y + rows - 1. All pointers are indexed by the
/// column x; rows are aligned to whole vectors at `begin` and may be read one vector beyond `begin` and
/// `end`.
template <class Real>
struct RowBlock {
  /// Old rows y - 1 and y. Afterwards the old rows y + rows - 1 and y + rows, which the block above needs.
  std::array<Real*, 2> carry{};
  /// Old row y + 1, and those above it `pitch` apart. New row y + r takes the place of old row y + 1 + r,
  /// moved to the left by one vector, so that what is still to be read is not yet overwritten.
  Real* first = nullptr;
  std::ptrdiff_t pitch = 0;
  std::ptrdiff_t begin = 0, end = 0;  ///< columns to fill; rounded up to whole vectors
  /// Rows in memory that will be loaded soon: asked for meanwhile, a few numbers with each column, so that
  /// the wait for them is hidden behind the arithmetic. Any address will do.
  std::array<const double*, 2> ahead{};
};

/// What the cells of each new row need besides temperatures. A row holds several planes, `plane` numbers
/// apart, in this order: gx [W m^-3 K^-1] on west faces, gy on south faces, scale = dt / rho_c [K m^3 W^-1],
/// and, if heated, dt q / rho_c [K]. One row more than the block has, for its gy. In one material there is
/// the heat alone.
template <class Real>
struct CellRows {
  std::array<const Real*, most_block_rows + 1> row{};
  std::ptrdiff_t plane = 0;
  bool heated = false;
};

inline constexpr int record_block_rows = 6;  ///< of a block that looks its coefficients up in records

/// A stretch of a block over which all rows have the same record in every group, or not; or over which no
/// cell of the block, or of the rows below and above it, is of a body: these hold 0, now and in every step to
/// come.
struct RecordRun {
  static constexpr std::uint32_t mixed = 0xffffffff, void_of_bodies = 0xfffffffe;
  std::int32_t end = 0;  ///< the column behind it
  std::uint32_t record = mixed;
};

/// What the cells of a block need where coefficients repeat (solver/model/mosaic.hpp): the numbers of their
/// records by group, and the records, for steps of one length. A record holds `width` numbers each:
///   plain cells:  rx, -, ry, -, -1,    rx = dt k_x / (rho_c dx^2), ry likewise
///   others:       west, east, south and north k_face / h^2, dt / rho_c
/// The first `entries` records have the same numbers for all their cells, which are plain, and one heat.
template <class Real>
struct RecordRows {
  static constexpr int width = 64 / sizeof(Real), size = 5 * width;
  const RecordRun* run = nullptr;          ///< the first that reaches beyond the block's first column
  const std::uint32_t* numbers = nullptr;  ///< of the lowest row, indexed by the group
  std::ptrdiff_t pitch = 0;                ///< from row to row
  std::ptrdiff_t origin = 0;               ///< first column of group 0
  const Real* records = nullptr;
  const Real* heat = nullptr;  ///< dt q / rho_c [K], `width` a record; null: not from here
  /// Beside heat: dt b / rho_c where b T is lost, `width` a record; null: nothing is
  const Real* loss = nullptr;
  std::uint32_t entries = 0;
  bool square = false;  ///< plain cells have rx = ry
  /// Where no cell is of a body all rows hold 0 that were moved into place: what would be written stands
  /// there.
  bool settled = false;
};

/// The loops for one instruction set and one precision.
template <class Real>
struct RowKernels {
  int lanes = 1;         ///< numbers in a vector
  int uniform_rows = 1;  ///< rows a block in one material
  int field_rows = 1;    ///< rows a block with coefficients of their own in every cell
  void (*square)(const RowBlock<Real>&, const CellRows<Real>&, Real r) = nullptr;
  void (*uniform)(const RowBlock<Real>&, const CellRows<Real>&, Real rx, Real ry) = nullptr;
  void (*fields)(const RowBlock<Real>&, const CellRows<Real>&) = nullptr;
  /// Of record_block_rows rows; of the cells it takes the heat alone, unless the records have it.
  void (*records)(const RowBlock<Real>&, const CellRows<Real>&, const RecordRows<Real>&) = nullptr;
  /// to[x] = from[x] for begin <= x < end, rounded to Real.
  void (*load)(const double* from, Real* to, std::ptrdiff_t begin, std::ptrdiff_t end) = nullptr;
  /// to[x] = numerator / from[x] for begin <= x < end, rounded to Real.
  void (*divide)(double numerator, const double* from, Real* to, std::ptrdiff_t begin,
                 std::ptrdiff_t end) = nullptr;
  /// to[x] = from[x] for begin <= x < end, `to` aligned at begin. With `stream`, past the caches: for rows
  /// not read again soon.
  void (*store)(const Real* from, double* to, std::ptrdiff_t begin, std::ptrdiff_t end,
                bool stream) = nullptr;
};

/// Recursions over three states, whose stages take an explicit step each. `change` is that of the present
/// state in a step of length dt:
///   legendre   new = (mu (now + change) + nu before) + (rest first + g first_change)
///   chebyshev  new = (2 now - before) + change,   sum += weight new
enum class Recursion { legendre, chebyshev };

/// Numbers of one stage, as far as its recursion has them.
struct StageNumbers {
  double mu = 0.0, nu = 0.0, rest = 0.0, g = 0.0;
  double weight = 0.0;
};

inline constexpr int stage_rows = record_block_rows;  ///< of a block
/// Numbers from one row of a block to the next: known beforehand, so that one pointer does for all of them.
inline constexpr std::ptrdiff_t stage_pitch = 648;  // an odd number of cache lines; holds the widest tile

/// A few neighbouring rows of a recursion: from rows y - 1 .. y + rows of the present state and rows
/// y .. y + rows - 1 of the one before come rows y .. y + rows - 1 of the next one, in the memory of the one
/// before. Rows of each pointer are stage_pitch apart; the rest as in RowBlock.
struct StageBlock {
  const double* now = nullptr;    ///< present row y + 1, and those above
  const double* carry = nullptr;  ///< present rows y - 1 and y
  double* before = nullptr;  ///< row y + 2 before, and those above. Afterwards new row y, and those above
  double* carry_before = nullptr;  ///< rows y and y + 1 before. Afterwards rows y + rows and y + rows + 1
  double* sum = nullptr;        ///< row y + 1 of the sum, and those above. Afterwards row y, and those above
  double* carry_sum = nullptr;  ///< row y of the sum. Afterwards row y + rows
  std::ptrdiff_t begin = 0, end = 0;
  std::array<const double*, 2> ahead{};
};

/// Stages of both recursions. Planes of the cells are stage_pitch apart; those of the first state and its
/// change come last. A sum is never heated.
struct StageKernels {
  /// In one material, rx and ry as in solver/stencil/cell_change.inl.
  void (*uniform)(Recursion, const StageBlock&, const CellRows<double>&, const StageNumbers&, double rx,
                  double ry) = nullptr;
  void (*fields)(Recursion, const StageBlock&, const CellRows<double>&, const StageNumbers&) = nullptr;
  void (*records)(Recursion, const StageBlock&, const CellRows<double>&, const RecordRows<double>&,
                  const StageNumbers&) = nullptr;
};

struct Kernels {
  std::string_view isa;
  RowKernels<double> doubles;
  RowKernels<float> floats;
  StageKernels stages;
  template <class Real>
  const RowKernels<Real>& of() const {
    if constexpr (sizeof(Real) == sizeof(double))
      return doubles;
    else
      return floats;
  }
};

/// Instruction sets that this processor and this program have, from the plainest to the widest: of
/// "baseline", "sse4", "avx2", "avx512" on x86-64; "baseline" and "neon" or what there is elsewhere.
std::vector<std::string> instruction_sets();
/// The loops for one of them. @throws Error{usage} naming those that there are
Kernels kernels_for(const std::string& isa);
/// The loops this process uses: the widest, or what the environment variable CALOR_ISA names.
/// @throws as kernels_for
const Kernels& kernels();

}  // namespace calor
