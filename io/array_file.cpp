// SPDX-License-Identifier: BSD-3-Clause
#include "io/array_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <string_view>
#include <system_error>

#include "io/checksum.hpp"
#include "io/hdf5.hpp"
#include "io/memory_file.hpp"
#include "io/writers.hpp"

#ifndef CALOR_VERSION
#error "the build defines CALOR_VERSION"
#endif

namespace calor::io {

namespace {

using nlohmann::json;
constexpr int format_version = 1;
constexpr std::array<char, 8> magic{'c', 'a', 'l', 'o', 'r', 'S', 'U', 'M'};
constexpr std::int64_t piece_bytes = std::int64_t{8} << 20;  // a read of the verifier
constexpr std::string_view no_room_left = "the disk has left only";
constexpr std::int64_t longest_manifest = std::int64_t{1} << 28;
constexpr std::int64_t largest_extent = std::numeric_limits<int>::max();

/// The last 32 bytes of a file.
struct Tail {
  std::array<char, 8> mark = magic;
  std::uint64_t manifest_bytes = 0;
  std::uint64_t manifest_hash = 0;  ///< salted with the two numbers beside it
  std::uint64_t file_bytes = 0;
};
static_assert(sizeof(Tail) == 32);

std::uint64_t hash_manifest(const std::string& text, std::uint64_t file_bytes) {
  return hash_bytes(text.data(), text.size(), mix64(file_bytes + golden));
}

std::string hex(std::uint64_t v) { return fmt::format("{:016x}", v); }
std::optional<std::uint64_t> from_hex(const std::string& text) {
  std::uint64_t v = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), v, 16);
  if (text.size() != 16 || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return v;
}

/// Files get a communicator of their own that knows no topology: with a Cartesian one, or its duplicate, Open
/// MPI's collective writer has placed data wrongly. Errors come back as codes.
mpi::Comm plain(const mpi::Comm& comm) {
  mpi::Comm result = comm.split(0);
  mpi::check(MPI_Comm_set_errhandler(result.get(), MPI_ERRORS_RETURN));
  return result;
}

// The bytes outside all arrays
// --------------------------------------------------------------------------------

struct Range {
  std::int64_t begin, end;
};

/// [0, end) without the arrays, in order.
std::vector<Range> other_ranges(const std::vector<FieldEntry>& fields, std::int64_t end) {
  std::vector<Range> arrays;
  for (const FieldEntry& f : fields) arrays.push_back({f.offset, f.offset + f.bytes()});
  std::sort(arrays.begin(), arrays.end(), [](const Range& a, const Range& b) { return a.begin < b.begin; });
  std::vector<Range> result;
  std::int64_t at = 0;
  for (const Range& r : arrays) {
    if (r.begin > at) result.push_back({at, r.begin});
    at = std::max(at, r.end);
  }
  if (end > at) result.push_back({at, end});
  return result;
}

std::uint64_t hash_others(const File& file, const std::vector<FieldEntry>& fields, std::int64_t end) {
  std::uint64_t total = 0;
  std::vector<char> buffer;
  for (const Range& r : other_ranges(fields, end)) {
    ByteHash hash{mix64(static_cast<std::uint64_t>(r.begin))};
    for (std::int64_t at = r.begin; at < r.end; at += piece_bytes) {
      buffer.resize(static_cast<std::size_t>(std::min(piece_bytes, r.end - at)));
      file.read_at(buffer.data(), static_cast<std::int64_t>(buffer.size()), at);
      hash.add(buffer.data(), buffer.size());
    }
    total = mix64(total + hash.value());
  }
  return total;
}

// Manifest
// ----------------------------------------------------------------------------------------------------

json grid_json(const GlobalGrid& g) {
  json j{{"nx", g.nx}, {"ny", g.ny}, {"x", {g.x0, g.x1}}, {"y", {g.y0, g.y1}}};
  if (!g.x_faces.empty()) j["x_faces"] = g.x_faces;
  if (!g.y_faces.empty()) j["y_faces"] = g.y_faces;
  if (g.axisymmetric) j["coordinates"] = "axisymmetric";
  return j;
}

std::string manifest_text(const Header& h, const std::vector<FieldEntry>& fields, std::uint64_t others) {
  json list = json::array();
  for (const FieldEntry& f : fields)
    list.push_back({{"name", f.name},
                    {"units", f.units},
                    {"long_name", f.long_name},
                    {"type", f.single ? "f4" : "f8"},
                    {"offset", f.offset},
                    {"rows", f.rows},
                    {"columns", f.columns},
                    {"salt", hex(f.salt)},
                    {"sums_offset", f.sums_offset}});
  const GlobalGrid& g = h.grid;
  const json all{{"format", "calor"},
                 {"format_version", format_version},
                 {"calor_version", CALOR_VERSION},
                 {"kind", h.kind},
                 {"run", hex(h.run_id)},
                 {"step", h.step},
                 {"time", h.time},
                 {"time_bits", hex(std::bit_cast<std::uint64_t>(h.time))},
                 {"grid", grid_json(g)},
                 {"fields", std::move(list)},
                 {"others", hex(others)},
                 {"state", h.state}};
  return all.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// Looks values up in a manifest that may say anything; throws bad_data, never a json exception.
class Lookup {
 public:
  Lookup(const json& object, const std::filesystem::path& path) : object_{object}, path_{path} {}
  [[noreturn]] void refuse(const std::string& why) const {
    throw Error{Exit::bad_data, fmt::format("{}: its manifest {}", path_.string(), why)};
  }
  const json& get(const char* key) const {
    const auto it = object_.is_object() ? object_.find(key) : object_.end();
    if (it == object_.end()) refuse(fmt::format("lacks '{}'", key));
    return *it;
  }
  std::string text(const char* key) const {
    const json& v = get(key);
    if (!v.is_string()) refuse(fmt::format("has no text for '{}'", key));
    return v.get<std::string>();
  }
  std::int64_t integer(const char* key, std::int64_t least, std::int64_t most) const {
    const json& v = get(key);
    if (!v.is_number_integer()) refuse(fmt::format("has no integer for '{}'", key));
    if (v.is_number_unsigned() &&
        v.get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()})
      refuse(fmt::format("has '{}' out of range", key));
    const auto n = v.get<std::int64_t>();
    if (n < least || n > most) refuse(fmt::format("has {} for '{}'", n, key));
    return n;
  }
  std::uint64_t bits(const char* key) const {
    const std::optional<std::uint64_t> v = from_hex(text(key));
    if (!v) refuse(fmt::format("has no 16 hexadecimal digits for '{}'", key));
    return *v;
  }
  std::array<double, 2> pair(const char* key) const {
    const json& v = get(key);
    if (!v.is_array() || v.size() != 2 || !v[0].is_number() || !v[1].is_number())
      refuse(fmt::format("has no two numbers for '{}'", key));
    return {v[0].get<double>(), v[1].get<double>()};
  }
  /// Faces of so many cells, rising; none where there is no such key.
  std::vector<double> faces(const char* key, std::int64_t cells) const {
    std::vector<double> all;
    if (!object_.contains(key)) return all;
    const json& v = object_.at(key);
    if (!v.is_array() || static_cast<std::int64_t>(v.size()) != cells + 1)
      refuse(fmt::format("has not {} numbers for '{}'", cells + 1, key));
    for (const json& f : v) {
      if (!f.is_number() || (!all.empty() && !(f.get<double>() > all.back())))
        refuse(fmt::format("has no rising numbers for '{}'", key));
      all.push_back(f.get<double>());
    }
    return all;
  }

 private:
  const json& object_;
  const std::filesystem::path& path_;
};

/// @param sums_end  where the row checksums end and the manifest begins [bytes]
Manifest parse_manifest(const std::string& text, const std::filesystem::path& path, std::int64_t sums_end,
                        std::int64_t file_bytes, std::uint64_t& others) {
  Manifest m;
  m.path = path;
  m.file_bytes = file_bytes;
  json root = json::parse(text, nullptr, false);
  const Lookup top{root, path};
  if (root.is_discarded()) top.refuse("is not JSON");
  if (top.text("format") != "calor") top.refuse("is not calor's");
  m.calor_version = top.text("calor_version");
  if (top.integer("format_version", 1, largest_extent) > format_version)
    throw Error{Exit::bad_data,
                fmt::format("{}: written by calor {} in a newer format than calor {} can read", path.string(),
                            m.calor_version, CALOR_VERSION)};
  Header& h = m.header;
  h.kind = top.text("kind");
  h.run_id = top.bits("run");
  h.step =
      top.integer("step", std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max());
  h.time = std::bit_cast<double>(top.bits("time_bits"));
  const Lookup grid{top.get("grid"), path};
  h.grid.nx = grid.integer("nx", 1, largest_extent);
  h.grid.ny = grid.integer("ny", 1, largest_extent);
  const auto x = grid.pair("x"), y = grid.pair("y");
  h.grid.x0 = x[0], h.grid.x1 = x[1], h.grid.y0 = y[0], h.grid.y1 = y[1];
  h.grid.x_faces = grid.faces("x_faces", h.grid.nx);
  h.grid.y_faces = grid.faces("y_faces", h.grid.ny);
  const json& around = top.get("grid");
  h.grid.axisymmetric = around.contains("coordinates") && around["coordinates"] == "axisymmetric";
  const json& list = top.get("fields");
  if (!list.is_array() || list.size() > 10000) top.refuse("has no list of fields");
  for (const json& item : list) {
    const Lookup f{item, path};
    FieldEntry e;
    e.name = f.text("name");
    e.units = f.text("units");
    e.long_name = f.text("long_name");
    const std::string type = f.text("type");
    if (type != "f4" && type != "f8") f.refuse("names a type that is not f4 or f8");
    e.single = type == "f4";
    // Sizes are bounded by the file before anything is multiplied or allocated.
    e.offset = f.integer("offset", 0, sums_end);
    e.rows = f.integer("rows", 1, largest_extent);
    e.columns = f.integer("columns", 1, largest_extent);
    if (e.rows > (sums_end - e.offset) / e.element() / e.columns)
      f.refuse(fmt::format("puts field '{}' beyond the file's end", e.name));
    e.sums_offset = f.integer("sums_offset", 0, sums_end);
    if (e.rows > (sums_end - e.sums_offset) / 8)
      f.refuse(fmt::format("puts sums of '{}' beyond the file's end", e.name));
    e.salt = f.bits("salt");
    m.fields.push_back(std::move(e));
  }
  others = top.bits("others");
  h.state = std::move(root["state"]);
  return m;
}

// Writing
// -----------------------------------------------------------------------------------------------------

void default_layout(const MemoryFile& memory, const Header& h, const std::vector<FieldOut>& fields,
                    bool single) {
  const std::string state =
      h.state.is_null() ? "" : h.state.dump(1, ' ', false, json::error_handler_t::replace);
  hdf5::Handle file = hdf5::create_file(memory, 0);
  hdf5::attribute(file.get(), "calor_version", CALOR_VERSION);
  hdf5::attribute(file.get(), "kind", h.kind);
  hdf5::attribute(file.get(), "run", hex(h.run_id));
  hdf5::attribute(file.get(), "step", h.step);
  hdf5::attribute(file.get(), "time", h.time);
  if (!state.empty()) hdf5::put_text(file.get(), "state", state);
  for (const FieldOut& f : fields) {
    const hdf5::Handle d = hdf5::create_dataset(file.get(), f.name, single ? H5T_IEEE_F32LE : H5T_IEEE_F64LE,
                                                {h.grid.ny, h.grid.nx});
    hdf5::attribute(d.get(), "units", f.units);
    hdf5::attribute(d.get(), "long_name", f.long_name);
  }
  file.close("finish the layout of a checkpoint");
}

/// Where the datasets of a laid-out file are.
std::vector<std::int64_t> data_offsets(const MemoryFile& memory, const Header& h,
                                       const std::vector<FieldOut>& fields, bool single) {
  std::vector<std::int64_t> offsets;
  hdf5::Handle file = hdf5::reopen_file(memory);
  for (const FieldOut& f : fields) {
    const hdf5::Handle d = hdf5::open_numbers(file.get(), f.name, memory.path());
    std::vector<std::int64_t> shape = hdf5::shape_of(d.get());
    if (shape.size() == 3 && shape[0] == 1) shape.erase(shape.begin());
    const hdf5::Handle type{H5Dget_type(d.get()), H5Tclose, "read a type"};
    const haddr_t at = H5Dget_offset(d.get());
    if (shape != std::vector<std::int64_t>{h.grid.ny, h.grid.nx} || at == HADDR_UNDEF ||
        H5Tequal(type.get(), single ? H5T_IEEE_F32LE : H5T_IEEE_F64LE) <= 0)
      throw Error{Exit::internal, fmt::format("dataset '{}' was laid out wrongly", f.name)};
    offsets.push_back(static_cast<std::int64_t>(at));
  }
  file.close("close what was laid out");
  return offsets;
}

std::string human(std::int64_t bytes) {
  return bytes < 10'000'000 ? fmt::format("{:.1f} kB", static_cast<double>(bytes) * 1e-3)
                            : fmt::format("{:.1f} MB", static_cast<double>(bytes) * 1e-6);
}

void check_arguments(const mpi::Comm& comm, const std::filesystem::path& path, const Header& h,
                     const std::vector<FieldOut>& fields) {
  const GlobalGrid& g = h.grid;
  if (g.nx < 1 || g.ny < 1 || g.nx > largest_extent || g.ny > largest_extent)
    throw Error{Exit::internal,
                fmt::format("{}: a grid of {} x {} cells cannot be written", path.string(), g.nx, g.ny)};
  const Box domain{0, 0, static_cast<int>(g.nx), static_cast<int>(g.ny)};
  for (const FieldOut& f : fields) {
    const bool inside = f.box.empty() || (domain.contains(f.box) && f.values.box.contains(f.box));
    if (!comm.all(inside) || comm.sum(f.box.cells()) != domain.cells())
      throw Error{Exit::internal, fmt::format("{}: the ranks' boxes of field '{}' do not cover the grid once",
                                              path.string(), f.name)};
  }
}

/// Collective. Adds up the ranks' row sums and appends them to `sums` on rank 0; a stretch of rows at a time.
void gather_row_sums(const mpi::Comm& comm, const std::vector<std::uint64_t>& mine, const Box& box,
                     std::int64_t rows, std::vector<std::uint64_t>& sums) {
  constexpr std::int64_t stretch = 1 << 16;
  std::vector<std::uint64_t> part, total;
  for (std::int64_t at = 0; at < rows; at += stretch) {
    const std::int64_t end = std::min(at + stretch, rows);
    part.assign(static_cast<std::size_t>(end - at), 0);
    total.resize(part.size());
    if (!box.empty())
      for (std::int64_t j = std::max<std::int64_t>(at, box.j0); j < std::min<std::int64_t>(end, box.j1); ++j)
        part[static_cast<std::size_t>(j - at)] = mine[static_cast<std::size_t>(j - box.j0)];
    mpi::check(MPI_Reduce(part.data(), total.data(), static_cast<int>(part.size()), MPI_UINT64_T, MPI_SUM, 0,
                          comm.get()));
    if (comm.root()) sums.insert(sums.end(), total.begin(), total.end());
  }
}

}  // namespace

const FieldEntry* Manifest::find(const std::string& name) const {
  const auto it =
      std::find_if(fields.begin(), fields.end(), [&](const FieldEntry& f) { return f.name == name; });
  return it == fields.end() ? nullptr : &*it;
}

namespace {

/// Where things are in a file that is laid out.
struct Layout {
  std::vector<FieldEntry> entries;  // sums_offset counts from the trailer's begin
  std::int64_t bytes = 0;           // without the trailer; whole eights
  std::int64_t hdf5_bytes = 0;      // as the HDF5 library leaves it
  std::int64_t sums_bytes = 0;      // of all row checksums
};

/// More than a file will have, with what names, attributes and coordinates may take.
std::int64_t most_bytes(const Header& header, const std::vector<FieldEntry>& entries) {
  std::int64_t bytes =
      (std::int64_t{4} << 20) + 64 * (header.grid.nx + header.grid.ny) +
      static_cast<std::int64_t>(4 * header.state.dump(-1, ' ', false, json::error_handler_t::replace).size());
  for (const FieldEntry& e : entries) bytes += e.bytes() + 8 * e.rows + 16384;
  return bytes;
}

/// Rank 0: has the HDF5 library lay the file out in memory.
void lay_out(const MemoryFile& memory, const Header& header, const std::vector<FieldOut>& fields,
             const WriteOptions& options, Layout& layout) {
  hdf5::prepare();
  if (options.lay_out)
    options.lay_out(memory);
  else
    default_layout(memory, header, fields, options.single);
  const std::vector<std::int64_t> offsets = data_offsets(memory, header, fields, options.single);
  layout.bytes = layout.hdf5_bytes = memory.size();
  for (std::size_t k = 0; k < offsets.size(); ++k) {
    layout.entries[k].offset = offsets[k];
    layout.bytes = std::max(layout.bytes, offsets[k] + layout.entries[k].bytes());
  }
  layout.bytes = (layout.bytes + 7) / 8 * 8;
}

/// What goes wrong with a file that is just being written is the storage's fault, whatever it looks like.
template <class F>
void writing(F f) {
  try {
    f();
  } catch (const Error& e) {
    if (e.code() != Exit::bad_data && e.code() != Exit::no_input) throw;
    throw Error{Exit::io_error,
                fmt::format("what was just written does not read back: {}; the storage or its driver is "
                            "at fault",
                            e.what())};
  }
}

/// Rank 0 makes the file, with everything but the arrays, and reserves all space.
/// @param partial  has the file from then on, and unlinks it whatever goes wrong
void make_without_arrays(const std::filesystem::path& path, const Header& header,
                         const std::vector<FieldOut>& fields, const WriteOptions& options, Layout& layout,
                         std::optional<Partial>& partial) {
  const std::vector<FieldEntry>& entries = layout.entries;
  const MemoryFile memory{most_bytes(header, entries), path};
  lay_out(memory, header, fields, options, layout);
  // A manifest grows with its numbers, by less than this a field.
  const auto manifest =
      static_cast<std::int64_t>(manifest_text(header, entries, 0).size() + 64 * (entries.size() + 1));
  const std::int64_t need =
      layout.bytes + layout.sums_bytes + manifest + static_cast<std::int64_t>(sizeof(Tail)) + 16384;
  const std::int64_t spare = free_bytes(directory_of(path)), wanted = need + need / 10;
  if (spare < wanted)
    throw Error{Exit::io_error,
                fmt::format("cannot write {}: it needs {} with a margin of a tenth, {} {}; free some "
                            "space or choose another output directory",
                            path.string(), human(wanted), no_room_left, human(spare))};
  partial.emplace(path);
  File file{partial->path(), File::Mode::create};
  // All that is needed, so that a full disk is met here; then as long as HDF5 leaves it: what it finds in
  // order it does not touch.
  file.reserve(0, need);
  for (const Range& r : other_ranges(entries, layout.hdf5_bytes)) memory.copy(r.begin, r.end, file);
  file.resize(layout.hdf5_bytes);
  file.sync();
  file.close();
}

/// Rank 0 puts the row sums, the manifest and the tail behind the arrays, which are all written.
void append_trailer(const std::filesystem::path& path, const Header& header,
                    const std::vector<std::uint64_t>& sums, Layout& layout) {
  File file{path, File::Mode::update};
  file.resize(layout.bytes);
  for (FieldEntry& e : layout.entries) e.sums_offset += layout.bytes;
  const std::int64_t sums_end = layout.bytes + layout.sums_bytes;
  file.write_at(sums.data(), layout.sums_bytes, layout.bytes);
  const std::string manifest =
      manifest_text(header, layout.entries, hash_others(file, layout.entries, sums_end));
  Tail tail;
  tail.manifest_bytes = manifest.size();
  tail.file_bytes = static_cast<std::uint64_t>(sums_end) + manifest.size() + sizeof tail;
  tail.manifest_hash = hash_manifest(manifest, tail.file_bytes);
  file.write_at(manifest.data(), static_cast<std::int64_t>(manifest.size()), sums_end);
  file.write_at(&tail, sizeof tail, sums_end + static_cast<std::int64_t>(manifest.size()));
  file.sync();
  file.close();
}

void write_once(const mpi::Comm& ours, const std::filesystem::path& path, const Header& header,
                const std::vector<FieldOut>& fields, const WriteOptions& options, Writer writer) {
  Layout layout;
  for (const FieldOut& f : fields) {
    layout.entries.push_back({f.name, f.units, f.long_name, options.single, 0, header.grid.ny, header.grid.nx,
                              salt_of(header.run_id, header.step, f.name), layout.sums_bytes});
    layout.sums_bytes += 8 * header.grid.ny;
  }
  std::vector<FieldEntry>& entries = layout.entries;

  // 1. Rank 0 makes the file, with everything but the arrays, and reserves all space.
  std::optional<Partial> partial;  // on rank 0; unlinks the file whatever goes wrong from here on
  collectively(ours, [&] { make_without_arrays(path, header, fields, options, layout, partial); });
  const std::filesystem::path unfinished = ours.broadcast(partial ? partial->path().string() : std::string{});
  for (FieldEntry& e : entries) ours.broadcast(&e.offset, sizeof e.offset);

  // 2. All ranks write; sums come from memory, not from what the file system made of it.
  RowSums mine;
  switch (writer) {
    case Writer::direct:
      mine = write_direct(ours, unfinished, fields, entries);
      break;
    case Writer::parallel_hdf5:
      mine = write_parallel_hdf5(ours, unfinished, fields, entries);
      break;
  }
  std::vector<std::uint64_t> sums;
  for (std::size_t k = 0; k < fields.size(); ++k)
    gather_row_sums(ours, mine[k], fields[k].box, header.grid.ny, sums);

  // 3. The trailer. HDF5 does not mind bytes behind its own end.
  writing([&] { collectively(ours, [&] { append_trailer(unfinished, header, sums, layout); }); });

  // 4. What was written must read back.
  writing([&] { verify_file(ours, unfinished); });

  // 5. Only now does it get its name.
  collectively(ours, [&] {
    if (options.before_commit) options.before_commit();
    partial->commit();
  });
}

}  // namespace

namespace {

/// Whether it was for want of room. Of an errno that has come over from another rank only the words are left.
bool no_room(const Error& e) {
  const auto says = [text = std::string{e.what()}](std::string_view words) {
    return text.find(words) != std::string::npos;
  };
  return says(no_room_left) || says(std::generic_category().message(ENOSPC)) ||
         says(std::generic_category().message(EDQUOT));
}

}  // namespace

void write_array_file(const mpi::Comm& comm, const std::filesystem::path& path, const Header& header,
                      const std::vector<FieldOut>& fields, const WriteOptions& options) {
  const mpi::Comm ours = plain(comm);
  check_arguments(ours, path, header, fields);
  const auto say = [&](const std::string& text) {
    if (options.say) options.say(text);
  };
  Writer writer = ours.size() == 1 ? Writer::direct : options.writer;
  if (writer == Writer::parallel_hdf5 && !parallel_hdf5_serves(ours, say)) writer = Writer::direct;
  std::string failed;  // of parallel HDF5
  bool more_room = false;
  for (;;) try {
      write_once(ours, path, header, fields, options, writer);
      break;
    } catch (const Error& e) {
      if (e.code() != Exit::io_error) throw;
      if (!more_room && options.make_room && no_room(e)) {
        more_room = true;
        if (const std::string freed = options.make_room(); !freed.empty()) {
          say(fmt::format("{}: tried once more after {}", e.what(), freed));
          continue;
        }
      }
      if (writer == Writer::direct && !failed.empty())
        throw Error{Exit::io_error, fmt::format("{}; then, by calor's own writer: {}", failed, e.what())};
      if (writer == Writer::direct || !parallel_hdf5_lost()) throw;
      failed = e.what();
      writer = Writer::direct;
      if (options.lost) options.lost(failed);
    }
}

namespace {

/// The manifest text of a file whose tail, sizes and hash hold.
std::string read_manifest(const File& file, std::int64_t& sums_end) {
  const auto refuse = [&](const std::string& why) {
    return Error{Exit::bad_data,
                 fmt::format("{} is damaged, or was not written by calor: {}", file.path().string(), why)};
  };
  const std::int64_t bytes = file.size();
  if (bytes == 0) throw refuse("it is empty");
  Tail tail;
  if (bytes < static_cast<std::int64_t>(sizeof tail))
    throw refuse(fmt::format("it has only {} bytes", bytes));
  file.read_at(&tail, sizeof tail, bytes - static_cast<std::int64_t>(sizeof tail));
  if (tail.mark != magic)
    throw refuse("it does not end with calor's checksums: cut off, overwritten, or not written by calor");
  if (tail.file_bytes != static_cast<std::uint64_t>(bytes))
    throw refuse(fmt::format("it has {} bytes instead of {}", bytes, tail.file_bytes));
  const std::int64_t room = bytes - static_cast<std::int64_t>(sizeof tail);
  if (tail.manifest_bytes > static_cast<std::uint64_t>(std::min(room, longest_manifest)))
    throw refuse(fmt::format("bytes {} to {} (the tail) do not make sense", room, bytes));
  sums_end = room - static_cast<std::int64_t>(tail.manifest_bytes);
  std::string text(tail.manifest_bytes, '\0');
  file.read_at(text.data(), static_cast<std::int64_t>(text.size()), sums_end);
  if (hash_manifest(text, tail.file_bytes) != tail.manifest_hash)
    throw refuse(fmt::format("bytes {} to {} (the manifest) differ from their checksum", sums_end, bytes));
  return text;
}

/// Sums of the rows [first, end) of a field, as they are in the file.
template <class T>
std::vector<std::uint64_t> file_row_sums(const File& file, const FieldEntry& f, std::int64_t first,
                                         std::int64_t end) {
  std::vector<std::uint64_t> sums(static_cast<std::size_t>(end - first), 0);
  constexpr std::int64_t piece = piece_bytes / static_cast<std::int64_t>(sizeof(T));
  std::vector<T> values;
  for (std::int64_t at = first * f.columns; at < end * f.columns; at += piece) {
    const std::int64_t stop = std::min(at + piece, end * f.columns);
    values.resize(static_cast<std::size_t>(stop - at));
    file.read_at(values.data(), (stop - at) * static_cast<std::int64_t>(sizeof(T)),
                 f.offset + at * static_cast<std::int64_t>(sizeof(T)));
    const T* const data = values.data();
#pragma omp parallel for schedule(static) if (values.size() > threads_from)
    for (std::int64_t row = at / f.columns; row <= (stop - 1) / f.columns; ++row) {
      const std::int64_t from = std::max(at, row * f.columns), to = std::min(stop, (row + 1) * f.columns);
      sums[static_cast<std::size_t>(row - first)] += sum_cells(data + (from - at), to - from, from, f.salt);
    }
  }
  return sums;
}

void verify_rows(const File& file, const FieldEntry& f, std::int64_t first, std::int64_t end) {
  if (first >= end) return;
  std::vector<std::uint64_t> wanted(static_cast<std::size_t>(end - first));
  file.read_at(wanted.data(), 8 * (end - first), f.sums_offset + 8 * first);
  const std::vector<std::uint64_t> got =
      f.single ? file_row_sums<float>(file, f, first, end) : file_row_sums<double>(file, f, first, end);
  std::int64_t wrong = 0, lowest = end, highest = first;
  for (std::int64_t j = first; j < end; ++j)
    if (got[static_cast<std::size_t>(j - first)] != wanted[static_cast<std::size_t>(j - first)]) {
      ++wrong;
      lowest = std::min(lowest, j);
      highest = std::max(highest, j);
    }
  if (wrong == 0) return;
  const std::int64_t row = f.columns * f.element();
  throw Error{
      Exit::bad_data,
      fmt::format(
          "{} is damaged: field '{}', {} row(s) from {} to {} differ from their checksums (bytes {} to {})",
          file.path().string(), f.name, wrong, lowest, highest, f.offset + lowest * row,
          f.offset + (highest + 1) * row)};
}

/// Everything but the arrays.
/// @param others  what the manifest says of it
void check_rest(const File& file, const Manifest& manifest, std::int64_t sums_end, std::uint64_t others) {
  std::vector<Range> used;
  for (const FieldEntry& f : manifest.fields) {
    used.push_back({f.offset, f.offset + f.bytes()});
    used.push_back({f.sums_offset, f.sums_offset + 8 * f.rows});
  }
  std::sort(used.begin(), used.end(), [](const Range& a, const Range& b) { return a.begin < b.begin; });
  for (std::size_t k = 1; k < used.size(); ++k)
    if (used[k].begin < used[k - 1].end)
      throw Error{Exit::bad_data, manifest.path.string() + ": its manifest puts two arrays in one place"};
  if (hash_others(file, manifest.fields, sums_end) != others)
    throw Error{Exit::bad_data,
                fmt::format("{} is damaged: names, attributes or checksums (bytes outside the arrays, "
                            "0 to {}) differ from their checksum",
                            manifest.path.string(), sums_end)};
}

}  // namespace

Manifest verify_file_alone(const std::filesystem::path& path) {
  const File file{path, File::Mode::read};
  std::int64_t sums_end = 0;
  std::uint64_t others = 0;
  const std::string text = read_manifest(file, sums_end);
  Manifest manifest = parse_manifest(text, path, sums_end, file.size(), others);
  check_rest(file, manifest, sums_end, others);
  for (const FieldEntry& f : manifest.fields) verify_rows(file, f, 0, f.rows);
  return manifest;
}

Manifest verify_file(const mpi::Comm& comm, const std::filesystem::path& path) {
  std::string text;
  std::int64_t numbers[2] = {0, 0};  // sums_end, file_bytes
  Manifest manifest;
  std::uint64_t others = 0;
  collectively(comm, [&] {
    const File file{path, File::Mode::read};
    text = read_manifest(file, numbers[0]);
    numbers[1] = file.size();
    manifest = parse_manifest(text, path, numbers[0], numbers[1], others);
    check_rest(file, manifest, numbers[0], others);
  });
  text = comm.broadcast(text);
  comm.broadcast(numbers, sizeof numbers);
  agree(comm, [&] {
    if (!comm.root()) manifest = parse_manifest(text, path, numbers[0], numbers[1], others);
  });
  agree(comm, [&] {
    std::optional<File> file;
    for (const FieldEntry& f : manifest.fields) {
      // Small files are not worth a visit by every rank.
      const std::int64_t readers = std::clamp<std::int64_t>(f.bytes() / 16384, 1, comm.size());
      if (comm.rank() >= readers) continue;
      if (!file) file.emplace(path, File::Mode::read);
      verify_rows(*file, f, f.rows * comm.rank() / readers, f.rows * (comm.rank() + 1) / readers);
    }
  });
  return manifest;
}

bool has_trailer(const std::filesystem::path& path) {
  const File file{path, File::Mode::read};
  Tail tail;
  const std::int64_t at = file.size() - static_cast<std::int64_t>(sizeof tail);
  if (at < 0) return false;
  file.read_at(&tail, sizeof tail, at);
  return tail.mark == magic;
}

std::vector<std::uint64_t> row_checksums(const Manifest& manifest, const std::string& name) {
  const FieldEntry* const f = manifest.find(name);
  if (f == nullptr)
    throw Error{Exit::bad_data, fmt::format("{} has no field '{}'", manifest.path.string(), name)};
  std::vector<std::uint64_t> sums(static_cast<std::size_t>(f->rows));
  File{manifest.path, File::Mode::read}.read_at(sums.data(), 8 * f->rows, f->sums_offset);
  return sums;
}

namespace {

void check_box(const std::filesystem::path& path, const std::string& name, std::int64_t rows,
               std::int64_t columns, const View2D<double>& out, const Box& box) {
  const bool inside =
      box.i0 >= 0 && box.j0 >= 0 && box.i1 <= columns && box.j1 <= rows && out.box.contains(box);
  if (!box.empty() && !inside)
    throw Error{Exit::bad_data,
                fmt::format("{}: field '{}' has {} x {} cells; cells [{}, {}) x [{}, {}) were asked for",
                            path.string(), name, columns, rows, box.i0, box.i1, box.j0, box.j1)};
}

template <class T>
void read_rows(const File& file, const FieldEntry& f, View2D<double> out, const Box& box) {
  constexpr std::int64_t size = sizeof(T);
  std::vector<T> values;
  const bool whole_rows = box.nx() == f.columns;
  const int rows =
      whole_rows ? static_cast<int>(std::clamp<std::int64_t>(piece_bytes / size / f.columns, 1, box.ny()))
                 : 1;
  for (int j0 = box.j0; j0 < box.j1; j0 += rows) {
    const int j1 = std::min(j0 + rows, box.j1);
    values.resize(static_cast<std::size_t>(std::int64_t{j1 - j0} * box.nx()));
    file.read_at(values.data(), static_cast<std::int64_t>(values.size()) * size,
                 f.offset + (j0 * f.columns + box.i0) * size);
    for (int j = j0; j < j1; ++j)
      std::copy_n(values.data() + std::int64_t{j - j0} * box.nx(), box.nx(), &out(box.i0, j));
  }
}

}  // namespace

void read_array(const mpi::Comm& comm, const Manifest& manifest, const std::string& name, View2D<double> out,
                const Box& box) {
  agree(comm, [&] {
    const FieldEntry* const f = manifest.find(name);
    if (f == nullptr)
      throw Error{Exit::bad_data, fmt::format("{} has no field '{}'", manifest.path.string(), name)};
    check_box(manifest.path, name, f->rows, f->columns, out, box);
    if (box.empty()) return;
    const File file{manifest.path, File::Mode::read};
    if (file.size() != manifest.file_bytes)
      throw Error{Exit::bad_data, manifest.path.string() + " has changed since it was verified"};
    f->single ? read_rows<float>(file, *f, out, box) : read_rows<double>(file, *f, out, box);
  });
}

bool has_dataset(const mpi::Comm& comm, const std::filesystem::path& path, const std::string& dataset) {
  bool has = false;
  agree(comm, [&] {
    hdf5::prepare();
    const hdf5::Handle file = hdf5::open_file(path, Exit::bad_data);
    has = H5Lexists(file.get(), dataset.c_str(), H5P_DEFAULT) > 0;
  });
  return has;
}

void read_foreign(const mpi::Comm& comm, const std::filesystem::path& path, const std::string& dataset,
                  std::int64_t nx, std::int64_t ny, View2D<double> out, const Box& box) {
  bool ours = false;
  collectively(comm, [&] { ours = has_trailer(path); });
  if (comm.any(ours)) verify_file(comm, path);
  agree(comm, [&] {
    hdf5::prepare();
    const hdf5::Handle file = hdf5::open_file(path, Exit::bad_data);
    const hdf5::Handle d = hdf5::open_numbers(file.get(), dataset, path);
    std::vector<std::int64_t> shape = hdf5::shape_of(d.get());
    const bool has_time = shape.size() == 3 && shape[0] == 1;
    if (has_time) shape.erase(shape.begin());
    if (shape != std::vector<std::int64_t>{ny, nx})
      throw Error{Exit::bad_data,
                  fmt::format("{}: dataset '{}' has shape ({}), the grid needs ({}, {}), rows along y",
                              path.string(), dataset, fmt::join(shape, ", "), ny, nx)};
    check_box(path, dataset, ny, nx, out, box);
    if (box.empty()) return;
    const std::string doing = fmt::format("read dataset '{}' of {}", dataset, path.string());
    const hdf5::Handle space{H5Dget_space(d.get()), H5Sclose, doing, Exit::bad_data};
    std::vector<double> values;
    const Slabs slabs{box, 8};
    for (int j0 = box.j0; j0 < box.j1; j0 += slabs.rows) {
      const int j1 = std::min(j0 + slabs.rows, box.j1);
      const std::array<hsize_t, 3> start{0, static_cast<hsize_t>(j0), static_cast<hsize_t>(box.i0)};
      const std::array<hsize_t, 3> count{1, static_cast<hsize_t>(j1 - j0), static_cast<hsize_t>(box.nx())};
      const std::size_t skip = has_time ? 0 : 1;
      const hsize_t packed = count[1] * count[2];
      values.resize(packed);
      hdf5::check(H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data() + skip, nullptr,
                                      count.data() + skip, nullptr),
                  doing, Exit::bad_data);
      const hdf5::Handle memory{H5Screate_simple(1, &packed, nullptr), H5Sclose, doing, Exit::bad_data};
      hdf5::check(H5Dread(d.get(), H5T_NATIVE_DOUBLE, memory.get(), space.get(), H5P_DEFAULT, values.data()),
                  doing, Exit::bad_data);
      for (int j = j0; j < j1; ++j)
        std::copy_n(values.data() + std::int64_t{j - j0} * box.nx(), box.nx(), &out(box.i0, j));
    }
  });
}

}  // namespace calor::io
