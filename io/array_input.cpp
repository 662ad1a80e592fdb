// SPDX-License-Identifier: BSD-3-Clause
#include "io/array_input.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <cstddef>
#include <optional>

#include "io/hdf5.hpp"

namespace calor::io {

namespace {

/// A number beside the data; nothing where there is none.
std::optional<double> number_attribute(hid_t object, const std::string& name) {
  if (!hdf5::has_attribute(object, name)) return {};
  const std::string doing = fmt::format("read attribute '{}'", name);
  const hdf5::Handle a{H5Aopen(object, name.c_str(), H5P_DEFAULT), H5Aclose, doing, Exit::bad_data};
  const hdf5::Handle type{H5Aget_type(a.get()), H5Tclose, doing, Exit::bad_data};
  const hdf5::Handle space{H5Aget_space(a.get()), H5Sclose, doing, Exit::bad_data};
  const H5T_class_t kind = H5Tget_class(type.get());
  if (H5Sget_simple_extent_npoints(space.get()) != 1 || (kind != H5T_FLOAT && kind != H5T_INTEGER)) return {};
  double number = 0.0;
  hdf5::check(H5Aread(a.get(), H5T_NATIVE_DOUBLE, &number), doing, Exit::bad_data);
  return number;
}

}  // namespace

WholeArray read_whole_array(const std::filesystem::path& path, const std::string& dataset,
                            std::int64_t most) {
  hdf5::prepare();
  const auto refuse = [&](const std::string& why) {
    return Error{Exit::bad_data, fmt::format("{}: dataset '{}' {}", path.string(), dataset, why)};
  };
  const hdf5::Handle file = hdf5::open_file(path, Exit::bad_data);
  if (const std::vector<std::string> names = hdf5::dataset_names(file.get());
      dataset.find('/') == std::string::npos && !hdf5::is_dataset(file.get(), dataset))
    throw refuse(names.empty() ? "does not exist, and the file has none at its root"
                               : fmt::format("does not exist; there is: {}", fmt::join(names, ", ")));
  const hdf5::Handle d = hdf5::open_numbers(file.get(), dataset, path);
  std::vector<std::int64_t> shape = hdf5::shape_of(d.get());
  if (shape.size() == 3 && shape[0] == 1) shape.erase(shape.begin());
  if (shape.size() != 2)
    throw refuse(
        fmt::format("has the shape ({}); an array of rows along y is wanted, (ny, nx), or one time of "
                    "a series of them, (1, ny, nx)",
                    fmt::join(hdf5::shape_of(d.get()), ", ")));
  WholeArray all{shape[1], shape[0], {}};
  if (all.nx < 1 || all.ny < 1) throw refuse("is empty");
  if (all.nx > most / all.ny)
    throw refuse(fmt::format("has {} x {} numbers, more than {}", all.ny, all.nx, most));
  for (const auto& [name, nothing] : {std::pair{"scale_factor", 1.0}, {"add_offset", 0.0}})
    if (const std::optional<double> number = number_attribute(d.get(), name);
        number && std::not_equal_to<>{}(*number, nothing))
      throw refuse(fmt::format("is packed ({} = {}); give one of the very values", name, *number));
  all.values.resize(static_cast<std::size_t>(all.nx * all.ny));
  hdf5::check(H5Dread(d.get(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, all.values.data()),
              fmt::format("read dataset '{}' of {}", dataset, path.string()), Exit::bad_data);
  const std::optional<double> fill = number_attribute(d.get(), "_FillValue"),
                              missing = number_attribute(d.get(), "missing_value");
  std::int64_t wrong = 0, first = 0;
  const auto count = static_cast<std::int64_t>(all.values.size());
  for (std::int64_t n = 0; n < count; ++n) {
    const double v = all.values[static_cast<std::size_t>(n)];
    if (std::isfinite(v) && v != fill && v != missing) continue;
    if (wrong++ == 0) first = n;
  }
  if (wrong > 0) {
    const double v = all.values[static_cast<std::size_t>(first)];
    throw Error{Exit::bad_data,
                fmt::format("{}:{}[{},{}] is {}{}{}", path.string(), dataset, first / all.nx, first % all.nx,
                            v, std::isfinite(v) ? ", which marks what is missing" : "",
                            wrong > 1 ? fmt::format(", and {} others are none either", wrong - 1)
                                      : "; a number must stand there")};
  }
  return all;
}

}  // namespace calor::io
