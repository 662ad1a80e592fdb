// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "io/array_file.hpp"
#include "io/hdf5.hpp"

// What makes an HDF5 file one that netCDF knows; for the .cpp files of io/ alone.
namespace calor::io {

/// Cell edges, one more than cells, and centres of [from, to].
std::vector<double> edges(double from, double to, std::int64_t cells);
std::vector<double> centres(double from, double to, std::int64_t cells);

/// The same of a grid, whose faces may be given.
std::vector<double> x_edges(const GlobalGrid& g);
std::vector<double> y_edges(const GlobalGrid& g);
std::vector<double> x_centres(const GlobalGrid& g);
std::vector<double> y_centres(const GlobalGrid& g);
/// What x is: "x", or "r" around an axis; y likewise "y" or "z".
std::string x_name(const GlobalGrid& g);
std::string y_name(const GlobalGrid& g);

/// A one-dimensional variable that is its own dimension, in netCDF's words a coordinate variable.
hdf5::Handle coordinate(hid_t parent, const std::string& name, const std::vector<double>& values,
                        const std::string& units, const std::string& long_name);
hdf5::Handle coordinate(hid_t parent, const std::string& name, const std::vector<std::int64_t>& values,
                        const std::string& units, const std::string& long_name);

/// Says between which edges the cells of a coordinate lie, in CF's words its bounds.
/// @param ends  the dimension of a cell's two edges
void put_bounds(hid_t parent, const hdf5::Handle& of, const std::string& name,
                const std::vector<double>& edges, const hdf5::Handle& ends);

/// A dimension that has no variable.
hdf5::Handle dimension(hid_t parent, const std::string& name, std::int64_t size);

/// What netCDF takes for an integer that is not there.
constexpr std::int64_t no_integer = -9223372036854775806;

/// Says that the dimensions of `dataset`, in this order, are those coordinates.
void attach(const hdf5::Handle& dataset, const std::vector<const hdf5::Handle*>& coordinates);

}  // namespace calor::io
