// SPDX-License-Identifier: BSD-3-Clause
#include "app/case/inputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <limits>
#include <new>
#include <string_view>
#include <utility>

#include "app/case/shipped_cases.hpp"
#include "decomposition/error.hpp"
#include "io/array_file.hpp"
#include "io/array_input.hpp"
#include "io/checksum.hpp"
#include "io/file.hpp"

namespace calor::app {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t salt = 0x696e70757473ULL;
constexpr std::int64_t longest_file = std::int64_t{1} << 31;   // bytes
constexpr std::int64_t largest_array = std::int64_t{1} << 28;  // numbers

/// What a path begins with that holds the picture itself (RFC 2397).
constexpr std::string_view data_url = "data:image/png;base64,";
bool holds_data(const std::string& path) { return path.compare(0, 5, "data:") == 0; }

std::string decoded(const std::string& path) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (path.compare(0, data_url.size(), data_url) != 0)
    throw Error{Exit::bad_case, fmt::format("a picture in the case itself must begin with {}", data_url)};
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  std::string_view text = std::string_view{path}.substr(data_url.size());
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  for (const char c : text) {
    const std::size_t digit = digits.find(c);
    if (digit == std::string_view::npos)
      throw Error{Exit::bad_case, "what follows base64, is not written so"};
    bits = bits << 6U | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> static_cast<unsigned>(count) & 0xffU);
  }
  return bytes;
}

/// weather-0123456789abcdef.csv; a name that ends so already is not lengthened.
std::string name_with_hash(const fs::path& path, std::uint64_t hash) {
  const std::string digits = fmt::format("-{:016x}", hash);
  if (holds_data(path.string())) return "picture" + digits + ".png";
  std::string stem = path.stem().string();
  if (stem.size() >= digits.size() && stem.compare(stem.size() - digits.size(), digits.size(), digits) == 0)
    stem.resize(stem.size() - digits.size());
  return stem + digits + path.extension().string();
}

std::string text_of(const std::string& path) {
  if (holds_data(path)) return decoded(path);
  std::error_code none;
  // As with the names of cases: where there is no such file, the name of a shipped one stands for its text.
  if (const auto shipped = shipped_tables().find(path);
      shipped != shipped_tables().end() && !fs::exists(path, none))
    return shipped->second;
  if (fs::is_directory(path, none)) throw Error{Exit::no_input, fmt::format("{} is a directory", path)};
  const io::File file{path, io::File::Mode::read};
  if (file.size() > longest_file)
    throw Error{Exit::bad_case, fmt::format("{}: {} bytes, more than {}", path, file.size(), longest_file)};
  return file.read_from(0, longest_file);
}

/// Of a file of any length.
std::uint64_t hash_of_file(const std::string& path) {
  std::error_code none;
  if (fs::is_directory(path, none)) throw Error{Exit::no_input, fmt::format("{} is a directory", path)};
  // A pipe or a device may never end.
  if (!fs::is_regular_file(path, none))
    throw Error{Exit::no_input, fmt::format("{} is no file that lies on a disk", path)};
  const io::File file{path, io::File::Mode::read};
  constexpr std::int64_t piece = std::int64_t{8} << 20;
  io::ByteHash hash{salt};
  std::int64_t at = 0;
  for (std::string bytes; !(bytes = file.read_from(at, piece)).empty();) {
    hash.add(bytes.data(), bytes.size());
    at += static_cast<std::int64_t>(bytes.size());
  }
  return hash.value();
}

std::uint64_t hash_of(const std::string& text) { return io::hash_bytes(text.data(), text.size(), salt); }

// An entry as bytes, for one broadcast. All ranks run the same program: the order of bytes is theirs.
template <class T>
void put(std::string& to, const T& value) {
  to.append(reinterpret_cast<const char*>(&value), sizeof value);  // NOLINT: bytes of a plain value
}
void put(std::string& to, const std::string& text) {
  put(to, text.size());
  to += text;
}
void put(std::string& to, const std::vector<double>& values) {
  put(to, values.size());
  to.append(reinterpret_cast<const char*>(values.data()),
            values.size() * sizeof(double));  // NOLINT: as above
}
template <class T>
void take(const std::string& from, std::size_t& at, T& value) {
  std::memcpy(&value, from.data() + at, sizeof value);
  at += sizeof value;
}
void take(const std::string& from, std::size_t& at, std::string& text) {
  std::size_t size = 0;
  take(from, at, size);
  text = from.substr(at, size);
  at += size;
}
void take(const std::string& from, std::size_t& at, std::vector<double>& values) {
  std::size_t size = 0;
  take(from, at, size);
  values.resize(size);
  if (size > 0) std::memcpy(values.data(), from.data() + at, size * sizeof(double));
  at += size * sizeof(double);
}

void put(std::string& to, const Drawing& d) {
  put(to, d.unit);
  put(to, d.layers.size());
  for (const DrawnLayer& layer : d.layers) {
    put(to, layer.name);
    put(to, layer.outlines.size());
    for (const auto& outline : layer.outlines) {
      std::vector<double> numbers;
      for (const DrawnLayer::Corner& c : outline) numbers.insert(numbers.end(), {c.x, c.y, c.bulge});
      put(to, numbers);
    }
    put(to, layer.others.size());
    for (const auto& [kind, count] : layer.others) {
      put(to, kind);
      put(to, count);
    }
  }
}
void take(const std::string& from, std::size_t& at, Drawing& d) {
  take(from, at, d.unit);
  std::size_t count = 0;
  take(from, at, count);
  d.layers.resize(count);
  for (DrawnLayer& layer : d.layers) {
    take(from, at, layer.name);
    take(from, at, count);
    layer.outlines.resize(count);
    for (auto& outline : layer.outlines) {
      std::vector<double> numbers;
      take(from, at, numbers);
      for (std::size_t n = 0; n + 2 < numbers.size(); n += 3)
        outline.push_back({numbers[n], numbers[n + 1], numbers[n + 2]});
    }
    take(from, at, count);
    for (; count > 0; --count) {
      std::string kind;
      take(from, at, kind);
      take(from, at, layer.others[kind]);
    }
  }
}

std::string packed(const InputTables::Entry& e) {
  std::string all;
  put(all, e.wrong);
  put(all, e.missing);
  put(all, e.damaged);
  put(all, e.file.name);
  put(all, e.file.hash);
  put(all, e.picture != nullptr);
  if (e.picture) {
    put(all, e.picture->nx);
    put(all, e.picture->ny);
    put(all, e.picture->colours.size());
    for (std::size_t n = 0; n < e.picture->colours.size(); ++n) {
      put(all, e.picture->colours[n]);
      put(all, e.picture->count[n]);
    }
    put(all, std::string{reinterpret_cast<const char*>(e.picture->pixels.data()),  // NOLINT: as above
                         e.picture->pixels.size() * sizeof(std::uint16_t)});
  }
  put(all, e.drawing != nullptr);
  if (e.drawing) put(all, *e.drawing);
  put(all, e.array != nullptr);
  if (e.array) {  // its values go by themselves
    put(all, e.array->pixels.nx);
    put(all, e.array->pixels.ny);
    put(all, e.array->lowest);
    put(all, e.place);
  }
  put(all, e.series != nullptr);
  if (!e.series) return all;
  const TimeSeries& s = *e.series;
  put(all, s.t);
  put(all, s.value);
  put(all, s.first.has_value());
  if (s.first) put(all, *s.first);
  put(all, s.first_text);
  return all;
}
/// The values of an array, from rank 0 without a copy.
void send_values(const mpi::Comm& comm, const ArrayInput& a) {
  const std::vector<double>& v = a.pixels.values;
  comm.broadcast(const_cast<double*>(v.data()),  // NOLINT: the root's is only read
                 static_cast<std::int64_t>(v.size() * sizeof(double)));
}
std::shared_ptr<const ArrayInput> receive_values(const mpi::Comm& comm, const ArrayInput& without) {
  const auto a = std::make_shared<ArrayInput>(without);
  std::vector<double>& v = a->pixels.values;
  v.resize(static_cast<std::size_t>(a->pixels.nx) * static_cast<std::size_t>(a->pixels.ny));
  comm.broadcast(v.data(), static_cast<std::int64_t>(v.size() * sizeof(double)));
  return a;
}

InputTables::Entry unpacked(const std::string& all) {
  InputTables::Entry e;
  std::size_t at = 0;
  bool there = false, stamped = false, drawn = false;
  take(all, at, e.wrong);
  take(all, at, e.missing);
  take(all, at, e.damaged);
  take(all, at, e.file.name);
  take(all, at, e.file.hash);
  take(all, at, drawn);
  if (drawn) {
    ColourPicture p;
    std::size_t colours = 0;
    take(all, at, p.nx);
    take(all, at, p.ny);
    take(all, at, colours);
    p.colours.resize(colours);
    p.count.resize(colours);
    for (std::size_t n = 0; n < colours; ++n) {
      take(all, at, p.colours[n]);
      take(all, at, p.count[n]);
    }
    std::string pixels;
    take(all, at, pixels);
    p.pixels.resize(pixels.size() / sizeof(std::uint16_t));
    if (!pixels.empty()) std::memcpy(p.pixels.data(), pixels.data(), pixels.size());
    p.hash = e.file.hash;
    e.picture = std::make_shared<const ColourPicture>(std::move(p));
  }
  take(all, at, there);
  if (there) {
    Drawing d;
    take(all, at, d);
    d.hash = e.file.hash;
    e.drawing = std::make_shared<const Drawing>(std::move(d));
  }
  take(all, at, there);
  if (there) {
    ArrayInput a;
    take(all, at, a.pixels.nx);
    take(all, at, a.pixels.ny);
    take(all, at, a.lowest);
    take(all, at, e.place);
    e.array = std::make_shared<const ArrayInput>(std::move(a));
  }
  take(all, at, there);
  if (!there) return e;
  TimeSeries s;
  take(all, at, s.t);
  take(all, at, s.value);
  take(all, at, stamped);
  if (stamped) take(all, at, s.first.emplace());
  take(all, at, s.first_text);
  s.hash = e.file.hash;
  e.series = std::make_shared<const TimeSeries>(std::move(s));
  return e;
}

}  // namespace

std::string FileHashes::of(const std::string& path) {
  std::error_code none;
  const std::uintmax_t size = fs::file_size(path, none);
  const fs::file_time_type time = fs::last_write_time(path, none);
  Known& known = known_[path];
  if (known.hash.empty() || known.size != size || known.time != time)
    known = {size, time, fmt::format("{:016x}", hash_of_file(path))};
  return known.hash;
}

InputTables::Entry InputTables::read(const Key& key, Before& before) {
  Entry e;
  try {
    if (key.kind == Kind::array) {
      if (before.array_file != key.path) {
        before.array_file.clear();
        e.damaged = true;  // unless it proves to be whole
        if (io::has_trailer(key.path)) io::verify_file_alone(key.path);
        e.damaged = false;
        before.array_hash = hash_of_file(key.path);
        before.array_file = key.path;
      }
      io::WholeArray all = io::read_whole_array(key.path, key.column.name, largest_array);
      ArrayInput array{{static_cast<int>(all.nx), static_cast<int>(all.ny), std::move(all.values)}, 0};
      const std::vector<double>& values = array.pixels.values;
      array.lowest = std::min_element(values.begin(), values.end()) - values.begin();
      e.file.hash = before.array_hash;
      std::error_code none;
      e.place = fs::absolute(key.path, none).lexically_normal().string();
      e.array = std::make_shared<const ArrayInput>(std::move(array));
      return e;
    }
    std::string& text = before.text;
    if (before.path != key.path) {
      before.path.clear();
      text = text_of(key.path);
      before.path = key.path;
    }
    if (key.kind == Kind::drawing) {
      Drawing drawing = read_drawing(text, key.path);
      e.file.hash = drawing.hash = hash_of(text);
      e.file.name = name_with_hash(key.path, drawing.hash);
      e.drawing = std::make_shared<const Drawing>(std::move(drawing));
      return e;
    }
    if (key.kind == Kind::picture) {
      ColourPicture picture = read_picture(text, holds_data(key.path) ? "the picture" : key.path);
      e.file.hash = picture.hash = hash_of(text);
      e.file.name = name_with_hash(key.path, picture.hash);
      e.picture = std::make_shared<const ColourPicture>(std::move(picture));
      return e;
    }
    TimeSeries series = read_time_series(text, key.path, key.column, key.time);
    e.file.hash = series.hash = hash_of(text);
    e.file.name = name_with_hash(key.path, series.hash);
    e.series = std::make_shared<const TimeSeries>(std::move(series));
  } catch (const Error& error) {
    e.wrong = error.what();
    e.missing = error.code() == Exit::no_input;
    e.damaged = e.damaged && error.code() == Exit::bad_data;
  } catch (const std::bad_alloc&) {
    e.wrong = fmt::format("{}: there is no memory for it", key.path);
  }
  return e;
}

const InputTables::Entry* InputTables::find(const std::string& path, const ColumnChoice& column,
                                            const ColumnChoice& time) {
  return find(Key{path, column, time});
}

const InputTables::Entry* InputTables::find_picture(const std::string& path) {
  return find(Key{path, {}, {}, Kind::picture});
}

const InputTables::Entry* InputTables::find_drawing(const std::string& path) {
  return find(Key{path, {}, {}, Kind::drawing});
}

const InputTables::Entry* InputTables::find_array(const std::string& path, const std::string& dataset) {
  return find(Key{path, {dataset, 0}, {}, Kind::array});
}

const InputTables::Entry* InputTables::find(const Key& key) {
  const auto found = entries_.find(key);
  if (found != entries_.end()) return &found->second;
  if (!alone_) {
    wanted_.insert(key);
    return nullptr;
  }
  Before before;
  Entry e = read(key, before);
  e.file.path = key.path;
  return &entries_.emplace(key, std::move(e)).first->second;
}

bool InputTables::load(const mpi::Comm& comm) {
  if (wanted_.empty()) return false;
  Before before;
  for (const Key& key : wanted_) {
    std::string bytes;
    Entry mine;
    if (comm.root()) {
      mine = read(key, before);
      bytes = packed(mine);
    }
    Entry e = unpacked(comm.broadcast(bytes));
    e.file.path = key.path;
    if (e.array && comm.root()) {
      e.array = mine.array;
      send_values(comm, *e.array);
    } else if (e.array) {
      e.array = receive_values(comm, *e.array);
    }
    entries_.emplace(key, std::move(e));
  }
  wanted_.clear();
  return true;
}

std::vector<InputFile> InputTables::files() const {
  std::vector<InputFile> all;
  for (const auto& [key, e] : entries_)
    if ((e.series || e.picture || e.drawing || e.array) && (all.empty() || all.back().path != e.file.path))
      all.push_back(e.file);
  return all;
}

std::int64_t InputTables::bytes() const {
  std::size_t all = 0;
  for (const auto& [key, e] : entries_)
    all += (e.series ? 2 * sizeof(double) * e.series->t.size() : 0) +
           (e.picture ? 2 * sizeof(std::uint16_t) * e.picture->pixels.size() : 0) +
           (e.array ? sizeof(double) * e.array->pixels.values.size() : 0);
  return static_cast<std::int64_t>(all);
}

InputFile to_be_copied(const std::string& path, const std::string& text) {
  const std::uint64_t hash = hash_of(text);
  return {path, name_with_hash(path, hash), hash};
}

void copy_inputs(const std::vector<InputFile>& files, const std::string& directory) {
  if (std::none_of(files.begin(), files.end(), [](const InputFile& f) { return f.copied(); })) return;
  const fs::path inputs = fs::path{directory} / "inputs";
  io::make_directory(inputs);
  for (const InputFile& f : files) {
    if (!f.copied()) continue;
    const fs::path copy = inputs / f.name;
    if (is_copy(copy)) continue;
    if (io::kind_of(copy) != io::Kind::nothing)
      throw Error{
          Exit::cannot_create,
          fmt::format("{} is not the copy of an input that its name says, and would be replaced; move it "
                      "away, or choose another directory by --output",
                      copy.string())};
    const std::string text = text_of(f.path);
    if (hash_of(text) != f.hash)
      throw Error{Exit::bad_data, fmt::format("{}: changed while the run began; start it again", f.path)};
    io::write_atomically(copy, text);
  }
}

bool is_copy(const fs::path& path) {
  if (!is_copied_input(path.filename().string()) || io::kind_of(path) != io::Kind::file) return false;
  try {
    return name_with_hash(path, hash_of(text_of(path.string()))) == path.filename().string();
  } catch (const Error&) {
    return false;
  }
}

bool is_copied_input(const std::string& name) {
  const std::string stem = fs::path{name}.stem().string();
  constexpr std::size_t digits = 16;
  return stem.size() > digits && stem[stem.size() - digits - 1] == '-' &&
         stem.find_first_not_of("0123456789abcdef", stem.size() - digits) == std::string::npos;
}

}  // namespace calor::app
