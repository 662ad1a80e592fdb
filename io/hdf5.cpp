// SPDX-License-Identifier: BSD-3-Clause
#include "io/hdf5.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "io/library.hpp"

namespace calor::io {

std::string library() {
  hdf5::prepare();
  unsigned major = 0, minor = 0, release = 0;
  hdf5::check(H5get_libversion(&major, &minor, &release), "ask for the version of HDF5");
  return fmt::format("HDF5 {}.{}.{}", major, minor, release);
}

}  // namespace calor::io

namespace calor::io::hdf5 {

namespace {

Handle text_type(const std::string& text) {
  Handle type{H5Tcopy(H5T_C_S1), H5Tclose, "make a text type"};
  check(H5Tset_size(type.get(), std::max<std::size_t>(text.size(), 1)), "size a text type");
  check(H5Tset_strpad(type.get(), H5T_STR_NULLPAD), "pad a text type");
  const bool ascii = std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
  check(H5Tset_cset(type.get(), ascii ? H5T_CSET_ASCII : H5T_CSET_UTF8), "encode a text type");
  return type;
}

Handle space_of(const std::vector<std::int64_t>& shape) {
  if (shape.empty()) return Handle{H5Screate(H5S_SCALAR), H5Sclose, "make a scalar dataspace"};
  const std::vector<hsize_t> dims(shape.begin(), shape.end());
  return Handle{H5Screate_simple(static_cast<int>(dims.size()), dims.data(), nullptr), H5Sclose,
                "make a dataspace"};
}

// Numbers go to files as they are in memory.
static_assert(std::endian::native == std::endian::little, "calor's files are little-endian");

void put_attribute(hid_t object, const std::string& name, hid_t type, const void* value) {
  const std::string doing = fmt::format("write attribute '{}'", name);
  const Handle space = space_of({});
  Handle a{H5Acreate2(object, name.c_str(), type, space.get(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose, doing};
  check(H5Awrite(a.get(), type, value), doing);
  a.close(doing);
}

extern "C" herr_t collect_error(unsigned n, const H5E_error2_t* error, void* words) {
  std::string& text = *static_cast<std::string*>(words);
  if (n == 0 && error->desc != nullptr) text = error->desc;
  return 0;
}

}  // namespace

void prepare() {
  static const bool once = [] {
    H5dont_atexit();
    H5open();
    H5PLset_loading_state(0);
    return true;
  }();
  static_cast<void>(once);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

void check_result(std::int64_t result, const std::string& doing, Exit code) {
  if (result >= 0) return;
  std::string words;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, collect_error, &words);
  H5Eclear2(H5E_DEFAULT);
  throw Error{code, fmt::format("cannot {}: HDF5 says: {}", doing, words.empty() ? "no reason" : words)};
}

namespace {
/// The default driver wants to know what the file's name really is, and one in memory has none.
Handle memory_access() {
  Handle access{H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "make file properties"};
  check(H5Pset_fapl_stdio(access.get()), "choose the file driver");
  return access;
}
}  // namespace

Handle create_file(const MemoryFile& memory, std::int64_t longest_attribute) {
  const Handle access = memory_access();
  check(H5Pset_alignment(access.get(), 16384, 4096), "align file data");
  // Attributes over 64 KiB need the newer file format; the older one is read by more programs.
  if (longest_attribute > 60000)
    check(H5Pset_libver_bounds(access.get(), H5F_LIBVER_V18, H5F_LIBVER_LATEST), "choose the file format");
  const Handle creation{H5Pcreate(H5P_FILE_CREATE), H5Pclose, "make file properties"};
  check(H5Pset_link_creation_order(creation.get(), H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED),
        "order links");
  check(H5Pset_attr_creation_order(creation.get(), H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED),
        "order attributes");
  check(H5Pset_obj_track_times(creation.get(), false), "turn off object times");
  return Handle{H5Fcreate(memory.path().c_str(), H5F_ACC_TRUNC, creation.get(), access.get()), H5Fclose,
                "lay a file out in memory"};
}

Handle open_file(const std::filesystem::path& path, Exit code) {
  return Handle{H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose, "open " + path.string(), code};
}

Handle reopen_file(const MemoryFile& memory) {
  const Handle access = memory_access();
  return Handle{H5Fopen(memory.path().c_str(), H5F_ACC_RDONLY, access.get()), H5Fclose,
                "look at what was laid out in memory"};
}

Handle create_group(hid_t parent, const std::string& name) {
  const Handle creation{H5Pcreate(H5P_GROUP_CREATE), H5Pclose, "make group properties"};
  check(H5Pset_link_creation_order(creation.get(), H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED),
        "order links");
  check(H5Pset_obj_track_times(creation.get(), false), "turn off object times");
  return Handle{H5Gcreate2(parent, name.c_str(), H5P_DEFAULT, creation.get(), H5P_DEFAULT), H5Gclose,
                "create group " + name};
}

Handle create_dataset(hid_t parent, const std::string& name, hid_t type,
                      const std::vector<std::int64_t>& shape) {
  const std::string doing = fmt::format("create dataset '{}'", name);
  const Handle creation{H5Pcreate(H5P_DATASET_CREATE), H5Pclose, doing};
  check(H5Pset_layout(creation.get(), H5D_CONTIGUOUS), doing);
  check(H5Pset_alloc_time(creation.get(), H5D_ALLOC_TIME_EARLY), doing);
  check(H5Pset_fill_time(creation.get(), H5D_FILL_TIME_NEVER), doing);
  check(H5Pset_attr_creation_order(creation.get(), H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED), doing);
  check(H5Pset_obj_track_times(creation.get(), false), doing);
  const Handle space = space_of(shape);
  return Handle{H5Dcreate2(parent, name.c_str(), type, space.get(), H5P_DEFAULT, creation.get(), H5P_DEFAULT),
                H5Dclose, doing};
}

void write(hid_t dataset, const std::vector<double>& values) {
  check(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()),
        "write a dataset");
}

void write(hid_t dataset, const std::vector<std::int64_t>& values) {
  check(H5Dwrite(dataset, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), "write a dataset");
}

void put_text(hid_t parent, const std::string& name, const std::string& text) {
  const Handle type = text_type(text);
  Handle d = create_dataset(parent, name, type.get(), {});
  check(H5Dwrite(d.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, text.c_str()), "write text " + name);
  d.close("write text " + name);
}

void attribute(hid_t object, const std::string& name, const std::string& text) {
  put_attribute(object, name, text_type(text).get(), text.c_str());
}
void attribute(hid_t object, const std::string& name, std::int64_t number) {
  put_attribute(object, name, H5T_STD_I64LE, &number);
}
void attribute(hid_t object, const std::string& name, double number) {
  put_attribute(object, name, H5T_IEEE_F64LE, &number);
}
void attribute(hid_t object, const std::string& name, float number) {
  put_attribute(object, name, H5T_IEEE_F32LE, &number);
}

bool has_attribute(hid_t object, const std::string& name) { return H5Aexists(object, name.c_str()) > 0; }

std::string text_attribute(hid_t object, const std::string& name) {
  if (!has_attribute(object, name)) return {};
  const std::string doing = fmt::format("read attribute '{}'", name);
  const Handle a{H5Aopen(object, name.c_str(), H5P_DEFAULT), H5Aclose, doing, Exit::bad_data};
  const Handle type{H5Aget_type(a.get()), H5Tclose, doing, Exit::bad_data};
  const Handle space{H5Aget_space(a.get()), H5Sclose, doing, Exit::bad_data};
  if (H5Tget_class(type.get()) != H5T_STRING || H5Sget_simple_extent_npoints(space.get()) != 1)
    throw Error{Exit::bad_data, fmt::format("attribute '{}' is not a text", name)};
  if (H5Tis_variable_str(type.get()) > 0) {  // as other programs write them
    char* words = nullptr;
    const Handle any{H5Tcopy(type.get()), H5Tclose, doing, Exit::bad_data};
    check(H5Aread(a.get(), any.get(), &words), doing, Exit::bad_data);
    std::string text = words != nullptr ? words : "";
    H5free_memory(words);
    return text;
  }
  std::string text(H5Tget_size(type.get()), '\0');
  check(H5Aread(a.get(), type.get(), text.data()), doing, Exit::bad_data);
  const std::size_t end = text.find('\0');
  return end == std::string::npos ? text : text.substr(0, end);
}

std::int64_t integer_attribute(hid_t object, const std::string& name) {
  const std::string doing = fmt::format("read attribute '{}'", name);
  const Handle a{H5Aopen(object, name.c_str(), H5P_DEFAULT), H5Aclose, doing, Exit::bad_data};
  const Handle space{H5Aget_space(a.get()), H5Sclose, doing, Exit::bad_data};
  const Handle type{H5Aget_type(a.get()), H5Tclose, doing, Exit::bad_data};
  std::int64_t number = 0;
  if (H5Sget_simple_extent_npoints(space.get()) != 1 || H5Tget_class(type.get()) != H5T_INTEGER)
    throw Error{Exit::bad_data, fmt::format("attribute '{}' is not one integer", name)};
  check(H5Aread(a.get(), H5T_NATIVE_INT64, &number), doing, Exit::bad_data);
  return number;
}

std::vector<std::int64_t> shape_of(hid_t dataset) {
  const Handle space{H5Dget_space(dataset), H5Sclose, "read a shape", Exit::bad_data};
  const int rank = check(H5Sget_simple_extent_ndims(space.get()), "read a shape", Exit::bad_data);
  std::vector<hsize_t> dims(static_cast<std::size_t>(rank));
  if (rank > 0)
    check(H5Sget_simple_extent_dims(space.get(), dims.data(), nullptr), "read a shape", Exit::bad_data);
  return {dims.begin(), dims.end()};
}

std::vector<std::string> dataset_names(hid_t file) {
  std::vector<std::string> names;
  H5G_info_t group{};
  check(H5Gget_info(file, &group), "list names", Exit::bad_data);
  for (hsize_t k = 0; k < group.nlinks; ++k) {
    const auto of_link = [&](char* text, std::size_t room) {
      return check(H5Lget_name_by_idx(file, ".", H5_INDEX_NAME, H5_ITER_INC, k, text, room, H5P_DEFAULT),
                   "list names", Exit::bad_data);
    };
    std::string name(static_cast<std::size_t>(of_link(nullptr, 0)) + 1, '\0');
    of_link(name.data(), name.size());
    name.pop_back();
    if (is_dataset(file, name)) names.push_back(std::move(name));
  }
  return names;
}

bool is_dataset(hid_t file, const std::string& name) {
#if H5_VERSION_GE(1, 12, 0)  // the unnumbered name stands for calls of different arguments
  H5O_info2_t object{};
  const herr_t found = H5Oget_info_by_name3(file, name.c_str(), &object, H5O_INFO_BASIC, H5P_DEFAULT);
#else
  H5O_info_t object{};
  const herr_t found = H5Oget_info_by_name(file, name.c_str(), &object, H5P_DEFAULT);
#endif
  return found >= 0 && object.type == H5O_TYPE_DATASET;
}

Handle open_numbers(hid_t file, const std::string& name, const std::filesystem::path& path) {
  const auto refuse = [&](const std::string& why) {
    return Error{Exit::bad_data, fmt::format("{}: dataset '{}' {}", path.string(), name, why)};
  };
  // No link on the way may leave this file; soft ones could lead to one that does.
  std::size_t end = 0;
  do {
    end = name.find('/', end + 1);
    const std::string part = name.substr(0, end);
    if (part.empty() || part == "/") continue;
    if (H5Lexists(file, part.c_str(), H5P_DEFAULT) <= 0) throw refuse("does not exist");
    H5L_info_t info{};
    check(H5Lget_info(file, part.c_str(), &info, H5P_DEFAULT), "follow " + part, Exit::bad_data);
    if (info.type != H5L_TYPE_HARD) throw refuse("is reached through a link, maybe to another file");
  } while (end != std::string::npos);
  if (!is_dataset(file, name)) throw refuse("is not a dataset");
  Handle d{H5Dopen2(file, name.c_str(), H5P_DEFAULT), H5Dclose, fmt::format("open dataset '{}'", name),
           Exit::bad_data};
  const Handle type{H5Dget_type(d.get()), H5Tclose, "read a type", Exit::bad_data};
  const H5T_class_t kind = H5Tget_class(type.get());
  if (kind != H5T_FLOAT && kind != H5T_INTEGER) throw refuse("does not hold plain numbers");
  const Handle creation{H5Dget_create_plist(d.get()), H5Pclose, "read dataset properties", Exit::bad_data};
  if (H5Pget_layout(creation.get()) == H5D_VIRTUAL || H5Pget_external_count(creation.get()) > 0)
    throw refuse("keeps its data in other files");
  return d;
}

std::vector<double> read_1d(hid_t file, const std::string& name) {
  const Handle d = open_numbers(file, name, "file");
  const std::vector<std::int64_t> shape = shape_of(d.get());
  if (shape.size() != 1 || shape[0] < 1 || shape[0] > (std::int64_t{1} << 31))
    throw Error{Exit::bad_data, fmt::format("dataset '{}' is not one row of numbers", name)};
  std::vector<double> values(static_cast<std::size_t>(shape[0]));
  check(H5Dread(d.get(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()),
        fmt::format("read dataset '{}'", name), Exit::bad_data);
  return values;
}

}  // namespace calor::io::hdf5
