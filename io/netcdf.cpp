// SPDX-License-Identifier: BSD-3-Clause
#include "io/netcdf.hpp"

#include <fmt/format.h>
#include <hdf5_hl.h>

namespace calor::io {

namespace {

/// `count` numbers from `first` to `last`; the ends are exact.
std::vector<double> evenly(double first, double last, std::int64_t count) {
  std::vector<double> v(static_cast<std::size_t>(count), first);
  for (std::int64_t k = 1; k < count; ++k)
    v[static_cast<std::size_t>(k)] =
        first + (last - first) * (static_cast<double>(k) / static_cast<double>(count - 1));
  if (count > 1) v.back() = last;
  return v;
}
}  // namespace

std::vector<double> edges(double from, double to, std::int64_t cells) { return evenly(from, to, cells + 1); }
std::vector<double> centres(double from, double to, std::int64_t cells) {
  std::vector<double> v(static_cast<std::size_t>(cells));
  for (std::int64_t k = 0; k < cells; ++k)
    v[static_cast<std::size_t>(k)] =
        from + (to - from) * ((static_cast<double>(k) + 0.5) / static_cast<double>(cells));
  return v;
}

namespace {
std::vector<double> middles(const std::vector<double>& faces) {
  std::vector<double> v;
  for (std::size_t n = 0; n + 1 < faces.size(); ++n) v.push_back(0.5 * (faces[n] + faces[n + 1]));
  return v;
}
}  // namespace

std::vector<double> x_edges(const GlobalGrid& g) {
  return g.x_faces.empty() ? edges(g.x0, g.x1, g.nx) : g.x_faces;
}
std::vector<double> y_edges(const GlobalGrid& g) {
  return g.y_faces.empty() ? edges(g.y0, g.y1, g.ny) : g.y_faces;
}
std::vector<double> x_centres(const GlobalGrid& g) {
  return g.x_faces.empty() ? centres(g.x0, g.x1, g.nx) : middles(g.x_faces);
}
std::vector<double> y_centres(const GlobalGrid& g) {
  return g.y_faces.empty() ? centres(g.y0, g.y1, g.ny) : middles(g.y_faces);
}
std::string x_name(const GlobalGrid& g) { return g.axisymmetric ? "r" : "x"; }
std::string y_name(const GlobalGrid& g) { return g.axisymmetric ? "z" : "y"; }

double GlobalGrid::x_centre(std::int64_t i) const {
  const auto n = static_cast<std::size_t>(i);
  return x_faces.empty() ? x0 + (static_cast<double>(i) + 0.5) * (x1 - x0) / static_cast<double>(nx)
                         : 0.5 * (x_faces[n] + x_faces[n + 1]);
}
double GlobalGrid::y_centre(std::int64_t j) const {
  const auto n = static_cast<std::size_t>(j);
  return y_faces.empty() ? y0 + (static_cast<double>(j) + 0.5) * (y1 - y0) / static_cast<double>(ny)
                         : 0.5 * (y_faces[n] + y_faces[n + 1]);
}

namespace {
template <class T>
hdf5::Handle coordinate_of(hid_t parent, const std::string& name, hid_t type, const std::vector<T>& values,
                           const std::string& units, const std::string& long_name) {
  hdf5::Handle d = hdf5::create_dataset(parent, name, type, {static_cast<std::int64_t>(values.size())});
  hdf5::write(d.get(), values);
  hdf5::check(H5DSset_scale(d.get(), name.c_str()), "make a dimension of " + name);
  hdf5::attribute(d.get(), "units", units);
  hdf5::attribute(d.get(), "long_name", long_name);
  return d;
}
}  // namespace

hdf5::Handle coordinate(hid_t parent, const std::string& name, const std::vector<double>& values,
                        const std::string& units, const std::string& long_name) {
  return coordinate_of(parent, name, H5T_IEEE_F64LE, values, units, long_name);
}
hdf5::Handle coordinate(hid_t parent, const std::string& name, const std::vector<std::int64_t>& values,
                        const std::string& units, const std::string& long_name) {
  return coordinate_of(parent, name, H5T_STD_I64LE, values, units, long_name);
}

hdf5::Handle dimension(hid_t parent, const std::string& name, std::int64_t size) {
  hdf5::Handle d = hdf5::create_dataset(parent, name, H5T_IEEE_F32BE, {size});
  // By these words, and the size in ten places, netCDF knows a dimension that is only that.
  const std::string words = fmt::format("This is a netCDF dimension but not a netCDF variable.{:10d}", size);
  hdf5::check(H5DSset_scale(d.get(), words.c_str()), "make a dimension of " + name);
  return d;
}

void attach(const hdf5::Handle& dataset, const std::vector<const hdf5::Handle*>& coordinates) {
  unsigned dimension = 0;
  for (const hdf5::Handle* c : coordinates)
    hdf5::check(H5DSattach_scale(dataset.get(), c->get(), dimension++), "attach dimensions");
}

void put_bounds(hid_t parent, const hdf5::Handle& of, const std::string& name,
                const std::vector<double>& edges, const hdf5::Handle& ends) {
  const auto cells = static_cast<std::int64_t>(edges.size()) - 1;
  std::vector<double> pairs;
  for (std::size_t k = 0; k + 1 < edges.size(); ++k) pairs.insert(pairs.end(), {edges[k], edges[k + 1]});
  const hdf5::Handle d = hdf5::create_dataset(parent, name, H5T_IEEE_F64LE, {cells, 2});
  hdf5::write(d.get(), pairs);
  attach(d, {&of, &ends});
  hdf5::attribute(of.get(), "bounds", name);
}

}  // namespace calor::io
