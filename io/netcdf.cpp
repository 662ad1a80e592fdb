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

}  // namespace calor::io
