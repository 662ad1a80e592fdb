// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/coefficients.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "solver/model/kirchhoff.hpp"

namespace calor {

namespace {

double mean(FaceMean how, double a, double b) {
  if (a == b) return a;  // bit for bit: a uniform material stays uniform
  return how == FaceMean::arithmetic ? 0.5 * (a + b) : 2.0 * a * b / (a + b);
}

/// What the faces of a box of cells make of conductivities.
class FaceLaw {
 public:
  FaceLaw(const Grid& grid, const Box& cells)
      : even_{grid.even()},
        dx2_{grid.dx() * grid.dx()},
        dy2_{grid.dy() * grid.dy()},
        i0_{cells.i0},
        j0_{cells.j0} {
    if (even_ || cells.empty()) return;
    for (int i = cells.i0; i <= cells.i1; ++i) along_[0].push_back({grid.along(0, i), share(grid, 0, i)});
    for (int j = cells.j0; j <= cells.j1; ++j) along_[1].push_back({grid.along(1, j), share(grid, 1, j)});
    for (int j = cells.j0; j < cells.j1; ++j) across_[0].push_back(grid.across(0, j));
    for (int i = cells.i0; i < cells.i1; ++i) across_[1].push_back(grid.across(1, i));
  }
  /// gx or gy of a face from its k.
  double conductance(int axis, int i, int j, double k) const {
    if (even_) return k / (axis == 0 ? dx2_ : dy2_);
    const int n = axis == 0 ? i - i0_ : j - j0_, m = axis == 0 ? j - j0_ : i - i0_;
    const auto a = static_cast<std::size_t>(axis);
    return k * (along_[a][static_cast<std::size_t>(n)].scale * across_[a][static_cast<std::size_t>(m)]);
  }
  /// Of the conductivities of both cells.
  double mean(FaceMean how, int axis, int i, int j, double a, double b) const {
    if (even_) return calor::mean(how, a, b);
    if (a == b) return a;
    const auto n = static_cast<std::size_t>(axis == 0 ? i - i0_ : j - j0_);
    const double first = along_[static_cast<std::size_t>(axis)][n].first, second = 1.0 - first;
    return how == FaceMean::arithmetic ? second * a + first * b : 1.0 / (first / a + second / b);
  }

 private:
  struct Along {
    double scale;
    double first;  // the first cell's share of the way between the centres
  };
  static double share(const Grid& grid, int axis, int n) {
    const double all = grid.distance(axis, n);
    const int count = axis == 0 ? grid.nx : grid.ny;
    if (!(axis == 0 ? grid.periodic_x : grid.periodic_y) && (n <= 0 || n >= count)) return 0.5;
    return grid.half(axis, n - 1, true) / all;
  }
  bool even_;
  double dx2_, dy2_;
  int i0_, j0_;
  std::array<std::vector<Along>, 2> along_;
  std::array<std::vector<double>, 2> across_;
};

/// The columns of a box: places of their cells, and room for which function of a property holds in each.
class Columns {
 public:
  Columns(const Grid& grid, const Box& box) : grid_{grid}, x_(static_cast<std::size_t>(box.nx())) {
    for (std::size_t n = 0; n < x_.size(); ++n) x_[n] = grid.x(box.i0 + static_cast<int>(n));
    layer_.resize(x_.size());
  }
  /// Numbers of the functions that hold in row j.
  template <class F>
  void layers(const Layered<F>& property, int j, std::int32_t* layer) const {
    property.at(grid_.y(j), x_.data(), static_cast<int>(x_.size()), layer);
  }
  /// use(n, f, x, y) for the columns of row j, counted from the box's first, f being what holds there.
  template <class F, class Use>
  void along(const Layered<F>& property, int j, Use&& use) {
    const double y = grid_.y(j);
    layers(property, j, layer_.data());
    for (std::size_t n = 0; n < x_.size(); ++n) use(n, property[layer_[n]], x_[n], y);
  }

 private:
  const Grid& grid_;
  std::vector<double> x_;
  std::vector<std::int32_t> layer_;
};

/// Fields of these materials and cells, with nothing in them yet but the cells of bodies. Collective where
/// there are holes.
std::shared_ptr<CoefficientFields> begin_fields(const Materials& m, const Grid& grid, const Box& owned,
                                                int depth, const mpi::Comm* comm, Heed* heed) {
  const auto fields = std::make_shared<CoefficientFields>();
  if (m.voids.any()) fields->bodies = std::make_shared<const BodyCells>(m, grid, owned, depth, comm, heed);
  fields->materials = m;
  fields->grid = grid;
  fields->owned = owned;
  fields->depth = depth;
  fields->inner_limit = std::numeric_limits<double>::infinity();
  return fields;
}

/// Cells by the areas of density and specific heat, and of holes.
CutCells cut_by_capacity(const CoefficientFields& fields, const Box& cells) {
  const Materials& m = fields.materials;
  const Grid& grid = fields.grid;
  if (fields.bodies)  // what is given to neighbours reaches further
    return CutCells{grid,
                    grid.within_reach(fields.owned.grown(fields.depth + 2)),
                    {&m.density.areas(), &m.specific_heat.areas(), &m.voids.areas}};
  if (grid.coverage == Coverage::area && !(m.density.single() && m.specific_heat.single()))
    return CutCells{grid, cells, {&m.density.areas(), &m.specific_heat.areas()}};
  return {};
}

/// Cells and faces by the areas of the conductivity, and by contacts.
void cut_by_conductivity(CoefficientFields& fields, const Box& cells) {
  const Materials& m = fields.materials;
  const Grid& grid = fields.grid;
  const BodyCells* const bodies = fields.bodies.get();
  std::function<bool(int, int)> one_line;
  if (bodies != nullptr) one_line = [bodies](int i, int j) { return bodies->cut(i, j); };
  const Box with_faces = grid.within_reach(fields.owned.grown(fields.depth - 1));
  if (m.contacts.any()) {
    const Overlay overlay{grid, {&m.conductivity.areas(), &m.contacts.bodies}};
    fields.cut_cells = CutCells{grid, cells, overlay};
    fields.cut_faces = CutFaces{grid,
                                with_faces,
                                fields.cut_cells,
                                overlay,
                                0,
                                &m.contacts,
                                [&](double x, double y) { return m.conductivity.at(x, y); },
                                one_line};
  } else if (grid.coverage == Coverage::area && m.face_mean != FaceMean::arithmetic &&
             !m.conductivity.single()) {
    const Overlay overlay{grid, {&m.conductivity.areas()}};
    fields.cut_cells = CutCells{grid, cells, overlay};
    fields.cut_faces = CutFaces{grid, with_faces, fields.cut_cells, overlay, 0, nullptr, {}, one_line};
  }
}

}  // namespace

Coefficients::Coefficients(const Materials& m, const Grid& grid, const Box& owned, int depth,
                           std::shared_ptr<const CoefficientFields> earlier, const mpi::Comm* comm,
                           Heed* heed)
    : uniform_{m.uniform() && grid.even()}, of_temperature_{m.of_temperature()} {
  if (uniform_) set_everywhere(m, grid);
  taken_over_ = earlier && earlier->materials == m && earlier->grid == grid && earlier->owned == owned &&
                earlier->depth >= depth;
  if (comm != nullptr) taken_over_ = comm->all(taken_over_);  // what is made anew is made together
  if (taken_over_) {
    take_over(std::move(earlier));
    return;
  }
  earlier.reset();  // not both at a time
  const std::shared_ptr<CoefficientFields> fields = begin_fields(m, grid, owned, depth, comm, heed);
  fields_ = fields;
  if (uniform_) {
    const double rate = (gx0_ + gx0_) + (gy0_ + gy0_);
    if (!owned.grown(-1).empty() && rate > 0.0) fields->inner_limit = rho_c0_ / rate;
    return;
  }
  const Box cells = grid.within_reach(owned.grown(depth));
  heed_here(heed, set_up_sweeps);
  const CutCells cut = cut_by_capacity(*fields, cells);
  heed_here(heed, set_up_sweeps);
  cut_by_conductivity(*fields, cells);
  heed_here(heed, set_up_sweeps);
  // All tell how many cells there are of each kind.
  const auto most_are_general = [&](std::int64_t mine) {
    return 2 * (comm != nullptr ? comm->sum(mine) : mine) > grid.domain().cells();
  };
  if (m.constant() && grid.even()) {
    fields->mosaic = make_mosaic(*fields, cut);
    fields->general = fields->mosaic->general();
    if (!most_are_general(fields->general)) {
      mosaic_ = &*fields->mosaic;
      return;
    }
    fields->mosaic.reset();
    heed_here(heed, set_up_sweeps);
  }
  lay_fields(*fields, cells, cut);
}

/// A uniform material is three numbers.
void Coefficients::set_everywhere(const Materials& m, const Grid& grid) {
  const auto k = m.conductivity[0](0.0, 0.0, 0.0);
  gx0_ = k[0] / (grid.dx() * grid.dx());
  gy0_ = k[1] / (grid.dy() * grid.dy());
  rho_c0_ = m.density[0](0.0, 0.0) * m.specific_heat[0](0.0, 0.0);
}

void Coefficients::take_over(std::shared_ptr<const CoefficientFields> earlier) {
  fields_ = std::move(earlier);
  mosaic_ = fields_->mosaic ? &*fields_->mosaic : nullptr;
  view_ = {fields_->gx.view(), fields_->gy.view(), fields_->rho_c.view()};
}

void Coefficients::lay_fields(CoefficientFields& fields, const Box& cells, const CutCells& cut) {
  const Box& owned = fields.owned;
  const int depth = fields.depth;
  fields.gx = Field2D<double>{owned, depth};
  fields.gy = Field2D<double>{owned, depth};
  fields.rho_c = Field2D<double>{owned, depth, 1.0};
  gx_ = fields.gx.view();
  gy_ = fields.gy.view();
  view_ = {gx_, gy_, fields.rho_c.cview()};
  fill_capacity(cells, cut, fields.rho_c.view());
  if (!of_temperature_) {
    fill_steady_faces(owned.grown(depth - 1));
    fields.inner_limit = least_step(owned.grown(-1), view_);
    return;
  }
  lay_laws(cells);
  // The faces follow with the temperature.
}

void Coefficients::lay_laws(const Box& cells) {
  const Materials& m = fields_->materials;
  const Grid& grid = fields_->grid;
  for (std::int32_t n = 0; between_temperatures() && n < m.conductivity.size(); ++n)
    for (const int axis : {0, 1}) {
      const Function& k = law(axis, n);
      kinds_[static_cast<std::size_t>(axis)].push_back(
          {&k, k.of_temperature(), k.of_place(), straight_in_temperature(k)});
    }
  kx_ = Field2D<double>{fields_->owned, fields_->depth};
  ky_ = Field2D<double>{fields_->owned, fields_->depth};
  law_ = Field2D<std::int32_t>{fields_->owned, fields_->depth};
  const View2D<std::int32_t> numbers = law_.view();
#pragma omp parallel if (worth_threads(cells))
  {
    Columns columns{grid, cells};
#pragma omp for schedule(static)
    for (int j = cells.j0; j < cells.j1; ++j) columns.layers(m.conductivity, j, numbers.row(j) + cells.i0);
  }
}

void Coefficients::fill_capacity(const Box& cells, const CutCells& cut, View2D<double> rho_c) {
  const Materials& m = fields_->materials;
  const Grid& grid = fields_->grid;
#pragma omp parallel if (worth_threads(cells))
  {
    Columns columns{grid, cells};
#pragma omp for schedule(static)
    for (int j = cells.j0; j < cells.j1; ++j) {
      double* const row = rho_c.row(j) + cells.i0;
      columns.along(m.density, j,
                    [&](std::size_t n, const Function& f, double x, double y) { row[n] = f(x, y); });
      columns.along(m.specific_heat, j,
                    [&](std::size_t n, const Function& f, double x, double y) { row[n] *= f(x, y); });
    }
  }
  const BodyCells* const bodies = fields_->bodies.get();
  const auto in_bodies = [&](std::span<const CutCells::Part> parts) {
    double sum = 0.0;
    for (const CutCells::Part& p : parts)
      if (bodies == nullptr || m.voids.of(p.top[2]) == Voids::body)
        sum += p.share * (m.density[p.top[0]](p.x, p.y) * m.specific_heat[p.top[1]](p.x, p.y));
    return sum;
  };
  for (const CutCells::Cell& c : cut.in_rows(cells.j0, cells.j1)) {
    if (!cells.contains(c.i, c.j) || (bodies != nullptr && !bodies->live(c.i, c.j))) continue;
    rho_c(c.i, c.j) = in_bodies(cut.parts(c));
  }
  if (!grid.even())
    for_rows(cells, [&](int j) {
      for (int i = cells.i0; i < cells.i1; ++i) rho_c(i, j) *= grid.weight(i, j);
    });
  if (bodies == nullptr) return;
  for (const BodyCells::Gift& g : bodies->gifts())
    if (cells.contains(g.to_i, g.to_j))
      rho_c(g.to_i, g.to_j) += g.part * (grid.weight(g.i, g.j) * in_bodies(cut.at(g.i, g.j)));
  for (const BodyCells::Cell& c : bodies->special())
    if (cells.contains(c.i, c.j) && c.extra > 0.0) rho_c(c.i, c.j) *= (c.share + c.extra) / c.share;
}

bool Coefficients::beside_hole(int axis, int i, int j) const {
  if (!fields_->bodies) return false;
  const auto in_hole = [&](int ci, int cj) {
    return !fields_->grid.within_reach({ci, cj, ci + 1, cj + 1}).empty() && !live(ci, cj);
  };
  return in_hole(i, j) || in_hole(axis == 0 ? i - 1 : i, axis == 0 ? j : j - 1);
}

void Coefficients::clear_faces(const Box& region) {
  const BodyCells* const bodies = fields_->bodies.get();
  if (bodies == nullptr) return;
  const Box cells = fields_->grid.within_reach(region), around = fields_->grid.within_reach(cells.grown(1));
  const auto clear = [&](int axis, int i, int j) {
    const int last_i = axis == 0 ? cells.i1 : cells.i1 - 1, last_j = axis == 1 ? cells.j1 : cells.j1 - 1;
    if (i >= cells.i0 && i <= last_i && j >= cells.j0 && j <= last_j) (axis == 0 ? gx_ : gy_)(i, j) = 0.0;
  };
  for_each(around, [&](int i, int j) {
    if (bodies->live(i, j)) return;
    clear(0, i, j);
    clear(0, i + 1, j);
    clear(1, i, j);
    clear(1, i, j + 1);
  });
  for (const BodyCells::Face& f : bodies->blocked()) clear(f.axis, f.i, f.j);
}

/// Faces of the cells of `region`, where nothing depends on T.
void Coefficients::fill_steady_faces(const Box& region) {
  fill_faces(region, [&](Columns& columns, int j, std::array<double, 2>* k) {
    columns.along(
        fields_->materials.conductivity, j,
        [&](std::size_t n, const ConductivityLaw& law, double x, double y) { k[n] = law(x, y, 0.0); });
  });
  fill_cut_faces(region, {});
  clear_faces(region);
}

/// Least rho_c / (sum of g over the four faces) of the cells of a box [s].
double Coefficients::least_step(const Box& box, const Fields& f) {
  return least_over(box, [&](int i, int j) {
    const double rate = (f.gx(i, j) + f.gx(i + 1, j)) + (f.gy(i, j) + f.gy(i, j + 1));
    return rate > 0.0 ? f.rho_c(i, j) / rate : std::numeric_limits<double>::infinity();
  });
}

/// The mosaic, from bands of rows, so that no whole field is needed; and the inner limit.
Mosaic Coefficients::make_mosaic(CoefficientFields& fields, const CutCells& cut) {
  constexpr int rows = 64;
  const Grid& grid = fields.grid;
  const Box& owned = fields.owned;
  const Box cells = grid.within_reach(owned.grown(fields.depth - 1)), inner = owned.grown(-1);
  MosaicBuilder builder{owned, cells,
                        fields.materials.isotropic() && std::equal_to<>{}(grid.dx(), grid.dy())};
  // One row and column more, for the faces behind the last cells.
  const Box room{cells.i0, 0, cells.i1 + 1, std::min(rows, cells.ny()) + 1};
  std::array<Field2D<double>, 3> band{Field2D<double>{room, 0}, Field2D<double>{room, 0},
                                      Field2D<double>{room, 0}};
  for (int j0 = cells.j0; j0 < cells.j1; j0 += rows) {
    const int j1 = std::min(j0 + rows, cells.j1);
    const auto moved = [&](Field2D<double>& field) {
      View2D<double> v = field.view();
      v.box.j0 += j0;
      v.box.j1 += j0;
      return v;
    };
    gx_ = moved(band[0]);
    gy_ = moved(band[1]);
    const View2D<double> rho_c = moved(band[2]);
    const Box here{cells.i0, j0, cells.i1, j1};
    fill_capacity(here, cut, rho_c);
    fill_steady_faces(here);
    builder.add(j0, j1, gx_, gy_, rho_c);
    fields.inner_limit =
        std::min(fields.inner_limit, least_step(intersection(inner, here), {gx_, gy_, rho_c}));
  }
  gx_ = gy_ = {};
  return builder.finish();
}

Coefficients::Fields Coefficients::fields() const {
  if (mosaic_ == nullptr || view_.gx.first != nullptr) return view_;
  const CoefficientFields& f = *fields_;
  if (f.gx.view().first == nullptr) {
    f.gx = Field2D<double>{f.owned, f.depth};
    f.gy = Field2D<double>{f.owned, f.depth};
    f.rho_c = Field2D<double>{f.owned, f.depth, 1.0};
    const View2D<double> gx = f.gx.view(), gy = f.gy.view(), rho_c = f.rho_c.view();
    const Box& cells = mosaic_->cells();
    for_rows({cells.i0, cells.j0, cells.i1, cells.j1 + 1}, [&](int j) {
      for (int i = cells.i0; i < cells.i1; ++i) gy(i, j) = mosaic_->gy(i, j);
      if (j == cells.j1) return;
      for (int i = cells.i0; i < cells.i1; ++i) rho_c(i, j) = mosaic_->capacity(i, j);
      for (int i = cells.i0; i <= cells.i1; ++i) gx(i, j) = mosaic_->gx(i, j);
    });
  }
  view_ = {f.gx.cview(), f.gy.cview(), f.rho_c.cview()};
  return view_;
}

std::array<double, 2> Coefficients::conductivity(int i, int j, double T) const {
  const double x = fields_->grid.x(i), y = fields_->grid.y(j);
  const auto parts = fields_->cut_cells.at(i, j);
  if (parts.empty()) return fields_->materials.conductivity(x, y)(x, y, T);
  std::array<double, 2> mean{0.0, 0.0};
  for (const CutCells::Part& p : parts) {
    const auto k = fields_->materials.conductivity[p.top[0]](p.x, p.y, T);
    if (!(k[0] > 0.0) || !(k[1] > 0.0)) return k;
    for (const std::size_t axis : {0, 1}) mean[axis] += p.share * k[axis];
  }
  return mean;
}

/// k of a cut face between the temperatures of its cells; on a wall, T1 or T2 is the wall's.
/// @param temperature  if not null: of the face, as the second cell sees it if so wished
double Coefficients::of_face(const CutFaces::Face& face, double T1, double T2, double* temperature,
                             bool second_side) const {
  static const Function one{1.0};
  const CutFaces& cut = fields_->cut_faces;
  double sum = 0.0, last = 0.0, widths = 0.0, temperatures = 0.0;
  for (const CutFaces::Strip& strip : cut.strips(face)) {
    const auto parts = cut.parts(strip);
    double k = 0.0, T = T1;
    if (between_temperatures()) {
      thread_local std::vector<Layer> layers;
      layers.clear();
      std::size_t before = 0;
      double length = 0.0, contacts = 0.0;
      for (const CutFaces::Part& p : parts) {
        // A contact is a layer of k = 1 and as many metres.
        layers.push_back(p.top < 0 ? Layer{&one, p.x, p.y, p.contact}
                                   : Layer{&law(face.axis, p.top), p.x, p.y, p.length});
        length += p.length;
        contacts += p.contact;
        before += p.on_face ? (second_side ? 1 : 0) : p.second ? 0 : 1;
      }
      k = series_between(layers, T1, T2, before, &T);
      if (contacts > 0.0) k *= length / (length + contacts);
    } else {
      double resistance[2] = {0.0, 0.0}, joint = 0.0, length = 0.0, first = 0.0, second = 0.0;
      bool same = true;
      for (const CutFaces::Part& p : parts) {
        if (p.top < 0) {
          (p.on_face ? joint : resistance[p.second ? 1 : 0]) += p.contact;
          same = false;
          continue;
        }
        const bool in_second = p.second;
        const double here = law(face.axis, p.top)(p.x, p.y, 0.0, in_second ? T2 : T1);
        same = same && (&p == &parts.front() || here == second);
        first = &p == &parts.front() ? here : first;
        second = here;
        resistance[in_second ? 1 : 0] += p.length / here;
        length += p.length;
      }
      const bool halves = fields_->grid.even() && parts.size() == 2 && !parts[0].second && parts[1].second;
      const double all = (resistance[0] + joint) + resistance[1];
      k = same ? first : halves ? mean(FaceMean::harmonic, first, second) : length / all;
      T = T1 + (T2 - T1) * ((second_side ? resistance[0] + joint : resistance[0]) / all);
    }
    last = k;
    sum += strip.width * k;
    widths += strip.width;
    temperatures += strip.width * T;
  }
  if (temperature != nullptr) *temperature = temperatures / widths;
  if (cut.strips(face).size() == 1) return last;
  return sum / widths;
}

/// The same of a face between cells that no edge cuts.
double Coefficients::between(int axis, int i1, int j1, int i2, int j2, double T1, double T2,
                             double* temperature) const {
  const Grid& grid = fields_->grid;
  const View2D<const std::int32_t> numbers = law_.view();
  const Function &one = law(axis, numbers(i1, j1)), &two = law(axis, numbers(i2, j2));
  const std::array layers{Layer{&one, grid.x(i1), grid.y(j1), grid.half(axis, axis == 0 ? i1 : j1, true)},
                          Layer{&two, grid.x(i2), grid.y(j2), grid.half(axis, axis == 0 ? i2 : j2, false)}};
  return series_between(layers, T1, T2, 1, temperature);
}

double Coefficients::face_temperature(int axis, int i, int j, double T1, double T2, bool second_side) const {
  double T = 0.0;
  const int i1 = axis == 0 ? i - 1 : i, j1 = axis == 0 ? j : j - 1;
  if (const CutFaces::Face* const face = fields_->cut_faces.find(axis, i, j)) {
    of_face(*face, T1, T2, &T, second_side);
  } else if (between_temperatures()) {
    between(axis, i1, j1, i, j, T1, T2, &T);
  } else {
    const auto a = static_cast<std::size_t>(axis);
    double k1 = conductivity(i1, j1, T1)[a], k2 = conductivity(i, j, T2)[a];
    if (const Grid& grid = fields_->grid; !grid.even()) {
      k1 /= grid.half(axis, axis == 0 ? i1 : j1, true);
      k2 /= grid.half(axis, axis == 0 ? i : j, false);
    }
    T = (k1 * T1 + k2 * T2) / (k1 + k2);
  }
  return T;
}

bool Coefficients::joined(int i1, int j1, int i2, int j2) const {
  const Contacts& contacts = fields_->materials.contacts;
  const Grid& g = fields_->grid;
  return !contacts.any() ||
         contacts.resistance(contacts.body_at(g.x(i1), g.y(j1)), contacts.body_at(g.x(i2), g.y(j2))) == 0.0;
}

std::vector<std::int64_t> Coefficients::contact_passes() const {
  std::vector<std::int64_t> passes(fields_->materials.contacts.list.size());
  for (const CutFaces::Face& f : fields_->cut_faces.faces())
    for (const CutFaces::Strip& s : fields_->cut_faces.strips(f))
      for (const CutFaces::Part& p : fields_->cut_faces.parts(s))
        if (p.top < 0) ++passes[static_cast<std::size_t>(-1 - p.top)];
  return passes;
}

double Coefficients::to_wall(int axis, int i, int j, double T, double T_wall) const {
  const Grid& grid = fields_->grid;
  const bool first = axis == 0 ? i > 0 : j > 0;  // the cell inside is the face's first
  if (const CutFaces::Face* const face = fields_->cut_faces.find(axis, i, j))
    return first ? of_face(*face, T, T_wall) : of_face(*face, T_wall, T);
  const int ci = axis == 0 && first ? i - 1 : i, cj = axis == 1 && first ? j - 1 : j;
  const Function& k = law(axis, law_.view()(ci, cj));
  const double x = grid.x(ci), y = grid.y(cj);
  return mean_between(k, x, y, T, T_wall, k(x, y, 0.0, T), k(x, y, 0.0, T_wall));
}

/// Cut faces of the cells of `region`, over what fill_faces left there.
void Coefficients::fill_cut_faces(const Box& region, View2D<const double> u) {
  const Grid& grid = fields_->grid;
  const Box cells = grid.within_reach(region);
  const FaceLaw faces_of{grid, cells};
  for (const int axis : {0, 1}) {
    const std::span<const CutFaces::Face> faces = fields_->cut_faces.in_rows(axis, cells.j0, cells.j1 + 1);
    const auto count = static_cast<std::ptrdiff_t>(faces.size());
#pragma omp parallel for schedule(static) if (count > 256)
    for (std::ptrdiff_t n = 0; n < count; ++n) {
      const CutFaces::Face& f = faces[static_cast<std::size_t>(n)];
      const int last_i = f.axis == 0 ? cells.i1 : cells.i1 - 1,
                last_j = f.axis == 1 ? cells.j1 : cells.j1 - 1;
      if (f.i < cells.i0 || f.i > last_i || f.j < cells.j0 || f.j > last_j) continue;
      if (of_temperature_ && beside_hole(f.axis, f.i, f.j)) continue;  // where there is no temperature
      double T1 = 0.0, T2 = 0.0;
      if (u.first != nullptr) {
        const int i1 = f.axis == 0 ? f.i - 1 : f.i, j1 = f.axis == 0 ? f.j : f.j - 1;
        T1 = f.has_first ? u(i1, j1) : u(f.i, f.j);
        T2 = f.has_second ? u(f.i, f.j) : T1;
      }
      const double k = of_face(f, T1, T2);
      (axis == 0 ? gx_ : gy_)(f.i, f.j) = faces_of.conductance(axis, f.i, f.j, k);
    }
  }
}

/// As fill_faces from kx_ and ky_, with means between the temperatures of both cells. What stands on a wall
/// is the cell's own k, until the wall's temperature is known.
void Coefficients::fill_faces_between(const Box& region, View2D<const double> u) {
  const Grid& grid = fields_->grid;
  const Box cells = grid.within_reach(region), have = grid.within_reach(cells.grown(1));
  const double rdx2 = 1.0 / (grid.dx() * grid.dx()), rdy2 = 1.0 / (grid.dy() * grid.dy());
  const FaceLaw faces{grid, cells};
  const bool even = grid.even(), holes = fields_->bodies != nullptr;
  const View2D<const std::int32_t> numbers = law_.cview();
  const View2D<const double> kx = kx_.cview(), ky = ky_.cview();
  const auto face = [&](int axis, int i1, int j1, int i2, int j2) {
    const View2D<const double>& k = axis == 0 ? kx : ky;
    if (holes && beside_hole(axis, i2, j2)) return 0.0;
    if (!have.contains(i1, j1)) return k(i2, j2);
    if (!have.contains(i2, j2)) return k(i1, j1);
    const std::int32_t n1 = numbers(i1, j1), n2 = numbers(i2, j2);
    const std::vector<Kind>& kinds = kinds_[static_cast<std::size_t>(axis)];
    const Kind& one = kinds[static_cast<std::size_t>(n1)];
    const double k1 = k(i1, j1), k2 = k(i2, j2);
    if (!one.of_temperature && !kinds[static_cast<std::size_t>(n2)].of_temperature)
      return faces.mean(FaceMean::harmonic, axis, i2, j2, k1, k2);
    if (n1 == n2 && !one.of_place)
      return one.straight ? calor::mean(FaceMean::arithmetic, k1, k2)
                          : mean_between(*one.k, 0.0, 0.0, u(i1, j1), u(i2, j2), k1, k2);
    return between(axis, i1, j1, i2, j2, u(i1, j1), u(i2, j2));
  };
#pragma omp parallel for schedule(static) if (worth_threads(cells))
  for (int j = cells.j0; j <= cells.j1; ++j) {
    for (int i = cells.i0; i < cells.i1; ++i) {
      const double k = face(1, i, j - 1, i, j);
      gy_(i, j) = even ? k * rdy2 : faces.conductance(1, i, j, k);
    }
    if (j == cells.j1) continue;
    for (int i = cells.i0; i <= cells.i1; ++i) {
      const double k = face(0, i - 1, j, i, j);
      gx_(i, j) = even ? k * rdx2 : faces.conductance(0, i, j, k);
    }
  }
}

void Coefficients::update(const Box& region, View2D<const double> u) {
  if (!of_temperature_) return;
  const Grid& grid = fields_->grid;
  const Layered<ConductivityLaw>& laws = fields_->materials.conductivity;
  const Box cells = grid.within_reach(region.grown(1));
  const View2D<const std::int32_t> law = law_.cview();
  const View2D<double> kx = kx_.view(), ky = ky_.view();
  for_cells(cells, [&](int i, int j) {
    const auto k = laws[law(i, j)](grid.x(i), grid.y(j), u(i, j));
    kx(i, j) = k[0];
    ky(i, j) = k[1];
  });
  if (between_temperatures()) {
    fill_faces_between(region, u);
    fill_cut_faces(region, u);
    clear_faces(region);
    return;
  }
  const Box have = grid.within_reach(region.grown(1));
  fill_faces(region, [&](Columns&, int j, std::array<double, 2>* k) {
    for (int i = have.i0; i < have.i1; ++i) k[i - have.i0] = {kx(i, j), ky(i, j)};
  });
  fill_cut_faces(region, u);
  clear_faces(region);
}

/// Faces of the cells of `region` from the conductivities of region.grown(1) within reach: k(columns, j, row)
/// puts {kx, ky} of row j there. Each thread goes upwards and keeps the row below, so that a costly k is
/// asked for once a cell and not stored.
template <class K>
void Coefficients::fill_faces(const Box& region, K&& k) {
  const Grid& grid = fields_->grid;
  const FaceMean how = fields_->materials.face_mean;
  const Box cells = grid.within_reach(region);
  const FaceLaw faces{grid, cells};
  // The columns and rows that hold cells; a wall face takes the cell inside on both sides.
  const Box have = grid.within_reach(cells.grown(1));
  const auto columns = static_cast<std::size_t>(have.nx());
  const int none = have.j0 - 1;
#pragma omp parallel if (worth_threads(cells))
  {
    Columns places{grid, have};
    std::vector<std::array<double, 2>> below(columns), here(columns);
    int row = none;  // the one in `here`
    const auto ask = [&](int j) {
      k(places, j, here.data());
      row = j;
    };
#pragma omp for schedule(static)
    for (int j = cells.j0; j <= cells.j1; ++j) {
      const int under = std::max(j - 1, have.j0), over = std::min(j, have.j1 - 1);
      if (row != under) ask(under);
      below = here;
      if (row != over) ask(over);
      const auto at = [&](int i) {
        return static_cast<std::size_t>(std::clamp(i, have.i0, have.i1 - 1) - have.i0);
      };
      for (int i = cells.i0; i < cells.i1; ++i)
        gy_(i, j) = faces.conductance(1, i, j, faces.mean(how, 1, i, j, below[at(i)][1], here[at(i)][1]));
      if (j == cells.j1) continue;
      for (int i = cells.i0; i <= cells.i1; ++i)
        gx_(i, j) = faces.conductance(0, i, j, faces.mean(how, 0, i, j, here[at(i - 1)][0], here[at(i)][0]));
    }
  }
}

}  // namespace calor
