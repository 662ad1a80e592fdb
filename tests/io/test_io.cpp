// SPDX-License-Identifier: BSD-3-Clause
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <limits>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "decomposition/field.hpp"
#include "io/array_file.hpp"
#include "io/checkpoint.hpp"
#include "io/checksum.hpp"
#include "io/file.hpp"
#include "io/snapshot.hpp"
#include "io/xdmf.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/world.hpp"

using namespace calor;
using namespace calor::io;
namespace fs = std::filesystem;

namespace {

const mpi::Comm& comm() { return test::world(); }

/// A new directory for a test, the same on all ranks, removed afterwards.
class Scratch {
 public:
  Scratch() {
    const char* const wanted = std::getenv("CALOR_TEST_TMP");
    const fs::path base = wanted != nullptr ? fs::path{wanted} : fs::temp_directory_path();
    path_ = comm().broadcast((base / ("calor-io-" + random_token())).string());
    collectively(comm(), [&] { fs::create_directory(path_); });
  }
  ~Scratch() {
    comm().barrier();
    std::error_code ignored;
    if (comm().root()) fs::remove_all(path_, ignored);
    comm().barrier();
  }
  fs::path operator/(const std::string& name) const { return path_ / name; }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// Names in a directory, sorted; looked up by rank 0, the same on all ranks.
std::vector<std::string> names(const fs::path& directory) {
  std::string all;
  comm().barrier();
  if (comm().root()) {
    std::vector<std::string> found;
    for (const auto& e : fs::directory_iterator{directory}) found.push_back(e.path().filename().string());
    std::sort(found.begin(), found.end());
    for (const std::string& n : found) all += n + "\n";
  }
  all = comm().broadcast(all);
  std::vector<std::string> result;
  for (std::size_t at = 0, end = 0; (end = all.find('\n', at)) != std::string::npos; at = end + 1)
    result.push_back(all.substr(at, end - at));
  return result;
}

/// What an error looks like on this rank; code done if there was none.
struct Outcome {
  Exit code = Exit::done;
  std::string message;
};
Outcome outcome(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& e) {
    return {e.code(), e.what()};
  }
  return {};
}
/// Collective: all ranks got this very outcome.
bool same_everywhere(const Outcome& o) {
  const std::string mine = std::to_string(static_cast<int>(o.code)) + o.message;
  return comm().all(mine == comm().broadcast(mine));
}
bool mentions(const Outcome& o, const std::string& words) {
  return o.message.find(words) != std::string::npos;
}

double value(int i, int j, int k) {
  return std::sin(0.37 * i + k) * std::exp(0.01 * j) - 1.0 / (1.0 + i + 2 * j + k);
}

// Ways to deal a grid to the ranks.
enum class Cut { rows, columns, uneven_rows, last_only, around_a_hole };

Box piece(const GlobalGrid& g, Cut cut, int rank, int size) {
  const int nx = static_cast<int>(g.nx), ny = static_cast<int>(g.ny);
  const auto at = [](int n, int part, int parts) { return static_cast<int>(std::int64_t{n} * part / parts); };
  switch (cut) {
    case Cut::rows:
      return {0, at(ny, rank, size), nx, at(ny, rank + 1, size)};
    case Cut::columns:
      return {at(nx, rank, size), 0, at(nx, rank + 1, size), ny};
    case Cut::uneven_rows: {  // one row each, the rest to the last, so that the first may get nothing
      const int first = std::max(0, std::min(rank - 1, ny)),
                end = rank == size - 1 ? ny : std::max(0, std::min(rank, ny));
      return {0, first, nx, end};
    }
    case Cut::last_only:
      return rank == size - 1 ? Box{0, 0, nx, ny} : Box{};
    case Cut::around_a_hole: {  // no px x py: a pinwheel of four around a middle; the rest get nothing
      if (size < 5) return piece(g, Cut::rows, rank, size);
      const int a = nx / 3, b = nx - nx / 4, c = ny / 4, d = ny - ny / 3;
      const Box pinwheel[] = {{0, 0, b, c}, {b, 0, nx, d}, {a, d, nx, ny}, {0, c, a, ny}, {a, c, b, d}};
      return rank < 5 ? pinwheel[rank] : Box{};
    }
  }
  return {};
}

/// A field with a halo of NaN around the rank's box.
Field2D<double> make(const Box& box, int k) {
  Field2D<double> f{box, box.empty() ? 0 : 2, std::numeric_limits<double>::quiet_NaN()};
  for_each(box, [&](int i, int j) { f.view()(i, j) = value(i, j, k); });
  return f;
}

struct Data {
  GlobalGrid grid;
  Box box;
  std::vector<Field2D<double>> fields;
  std::vector<FieldOut> out;
};
Data make_data(std::int64_t nx, std::int64_t ny, Cut cut, int count = 2) {
  Data d;
  d.grid = {nx, ny, -0.25, 1.5, 2.0, 3.0};
  d.box = piece(d.grid, cut, comm().rank(), comm().size());
  const char* const called[] = {"temperature", "flux_x", "flux_y"};
  for (int k = 0; k < count; ++k) d.fields.push_back(make(d.box, k));
  for (int k = 0; k < count; ++k)
    d.out.push_back(
        {called[k], k == 0 ? "K" : "W m-2", called[k], d.fields[static_cast<std::size_t>(k)].view(), d.box});
  return d;
}

Header header(const Data& d, std::int64_t step = 12) {
  Header h{"checkpoint", 0x1234567890abcdefU,       step, 0.1 * static_cast<double>(step),
           d.grid,       {{"clock", {{"dt", 0.1}}}}};
  return h;
}

/// Collective: a file's field k, read by another layout, has the right values (as floats if `single`).
bool reads_back(const Manifest& m, const std::string& name, int k, Cut cut, bool single = false) {
  const Box box = piece(m.header.grid, cut, comm().rank(), comm().size());
  Field2D<double> f{box, box.empty() ? 0 : 1, std::numeric_limits<double>::quiet_NaN()};
  read_array(comm(), m, name, f.view(), box);
  bool right = true;
  for_each(box, [&](int i, int j) {
    const double wanted = single ? static_cast<double>(static_cast<float>(value(i, j, k))) : value(i, j, k);
    right = right && f.view()(i, j) == wanted;
  });
  return comm().all(right);
}

void overwrite(const fs::path& path, std::int64_t at, const std::string& bytes) {
  comm().barrier();  // nobody may still be reading
  collectively(comm(), [&] {
    File f{path, File::Mode::update};
    f.write_at(bytes.data(), static_cast<std::int64_t>(bytes.size()), at);
  });
}
std::string contents(const fs::path& path) {
  std::string text;
  collectively(comm(), [&] { text = read_text(path); });
  return comm().broadcast(text);
}
void put(const fs::path& path, const std::string& bytes) {
  comm().barrier();  // nobody may still be reading
  collectively(comm(), [&] { write_atomically(path, bytes); });
}

}  // namespace

TEST_CASE("an error on any rank is the same error on all", "[io][agree]") {
  for (int culprit = 0; culprit < comm().size(); ++culprit) {
    const Outcome o = outcome([&] {
      agree(comm(), [&] {
        if (comm().rank() >= culprit)
          throw Error{Exit::bad_data, "from rank " + std::to_string(comm().rank())};
      });
    });
    CHECK(same_everywhere(o));
    CHECK(o.code == Exit::bad_data);
    CHECK(o.message == "from rank " + std::to_string(culprit));
  }
  const int last = comm().size() - 1;
  const Outcome disk = outcome([&] {
    agree(comm(), [&] {
      if (comm().rank() == last) throw Error{Exit::io_error, "cannot write"};
    });
  });
  CHECK(same_everywhere(disk));
  CHECK(disk.code == Exit::io_error);
  CHECK((last == 0 || mentions(disk, "rank " + std::to_string(last) + " on ")));
  const Outcome other = outcome([&] {
    agree(comm(), [&] {
      if (comm().rank() == last) throw std::runtime_error{"surprise"};
    });
  });
  CHECK(same_everywhere(other));
  CHECK(other.code == Exit::internal);
  CHECK(mentions(other, "surprise"));
  const Outcome memory = outcome([&] {
    agree(comm(), [&] {
      if (comm().rank() == last) throw std::bad_alloc{};
    });
  });
  CHECK(same_everywhere(memory));
  CHECK(mentions(memory, "out of memory"));
}

TEST_CASE("collectively runs on rank 0 alone and tells all", "[io][agree]") {
  int runs = 0;
  collectively(comm(), [&] { ++runs; });
  CHECK(runs == (comm().root() ? 1 : 0));
  const Outcome o = outcome([&] {
    collectively(comm(), [] { throw Error{Exit::cannot_create, "no\nway"}; });
  });
  CHECK(same_everywhere(o));
  CHECK(o.code == Exit::cannot_create);
  CHECK(o.message == "no\nway");
}

TEST_CASE("text files are replaced at once and leave nothing behind", "[io][file]") {
  const Scratch dir;
  put(dir / "a.json", "first");
  put(dir / "a.json", "second, longer");
  CHECK(contents(dir / "a.json") == "second, longer");
  CHECK(names(dir.path()) == std::vector<std::string>{"a.json"});
  if (comm().root()) {
    struct stat s {};
    REQUIRE(stat((dir / "a.json").c_str(), &s) == 0);
    const mode_t mask = umask(0);
    umask(mask);
    CHECK((s.st_mode & 0777) == (0666 & ~mask));
  }
  const Outcome missing = outcome([&] { put(dir / "none/a.json", "x"); });
  CHECK(missing.code == Exit::io_error);
  CHECK(mentions(missing, "No such file or directory"));
  CHECK(outcome([&] { contents(dir / "b.json"); }).code == Exit::no_input);
  CHECK(outcome([&] { contents(dir.path()); }).code == Exit::bad_data);
  // A name that is a directory: the rename fails, the partial file goes.
  collectively(comm(), [&] { fs::create_directory(dir / "d"); });
  CHECK(outcome([&] { put(dir / "d", "x"); }).code == Exit::io_error);
  CHECK(names(dir.path()) == std::vector<std::string>{"a.json", "d"});
}

TEST_CASE("lines are appended, cut at a remembered place, and go on from there", "[io][file]") {
  const Scratch dir;
  collectively(comm(), [&] {
    std::int64_t mark = 0;
    {
      AppendFile f{dir / "history.csv"};
      f.append("step,time\n");
      f.append("1,0.5\n");
      mark = f.offset();
      f.append("2,1.0\n");
      f.sync();
    }
    AppendFile f{dir / "history.csv"};
    CHECK(f.offset() == mark + 6);
    f.truncate_to(mark);
    f.append("2,1.5\n");
    CHECK(read_text(dir / "history.csv") == "step,time\n1,0.5\n2,1.5\n");
    CHECK(outcome([&] { f.truncate_to(1000); }).code == Exit::bad_data);
    // A write that fails half-way leaves no half line.
    struct rlimit kept {};
    getrlimit(RLIMIT_FSIZE, &kept);
    const struct rlimit low { static_cast<rlim_t>(f.offset() + 3), kept.rlim_max };
    const auto old = std::signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &low);
    const Outcome full = outcome([&] { f.append("3,2.0\n"); });
    setrlimit(RLIMIT_FSIZE, &kept);
    std::signal(SIGXFSZ, old);
    CHECK(full.code == Exit::io_error);
    CHECK(read_text(dir / "history.csv") == "step,time\n1,0.5\n2,1.5\n");
  });
}

TEST_CASE("arrays survive the way through a file, whatever the layouts", "[io][array]") {
  const Scratch dir;
  const Writer writer = GENERATE(Writer::parallel_hdf5, Writer::direct);
  const bool single = GENERATE(false, true);
  WriteOptions options;
  options.single = single;
  options.writer = writer;
  std::string first;
  for (const Cut cut : {Cut::rows, Cut::columns, Cut::uneven_rows, Cut::last_only, Cut::around_a_hole}) {
    if (single && (cut == Cut::rows || cut == Cut::uneven_rows)) continue;
    const Data d = make_data(67, 41, cut);
    const fs::path path = dir / "a.h5";
    write_array_file(comm(), path, header(d), d.out, options);
    CHECK(names(dir.path()) == std::vector<std::string>{"a.h5"});
    const Manifest m = verify_file(comm(), path);
    CHECK(m.header.kind == "checkpoint");
    CHECK(m.header.run_id == 0x1234567890abcdefU);
    CHECK(m.header.step == 12);
    CHECK(m.header.time == 0.1 * 12);
    CHECK(m.header.grid == d.grid);
    CHECK(m.header.state["clock"]["dt"].get<double>() == 0.1);
    REQUIRE(m.fields.size() == 2);
    CHECK(m.fields[0].single == single);
    CHECK(m.fields[1].units == "W m-2");
    for (const Cut other : {Cut::rows, Cut::columns, Cut::last_only}) {
      CHECK(reads_back(m, "temperature", 0, other, single));
      CHECK(reads_back(m, "flux_x", 1, other, single));
    }
    // Neither the layout nor the writer shows in the file: equal bytes.
    const std::string bytes = contents(path);
    if (first.empty()) first = bytes;
    CHECK(comm().all(bytes == first));
  }
}

TEST_CASE("the checksums in a file are those of its format, on any number of ranks", "[io][array]") {
  const Scratch dir;
  Data d = make_data(129, 130, Cut::columns, 1);
  for_each(d.box, [&](int i, int j) { d.fields[0].view()(i, j) = 0.125 * i - 3.0 * j; });  // exact everywhere
  write_array_file(comm(), dir / "a.h5", header(d), d.out);
  const Manifest m = verify_file(comm(), dir / "a.h5");
  const std::vector<std::uint64_t> sums = row_checksums(m, "temperature");
  REQUIRE(sums.size() == 130);
  std::vector<double> row(129);
  int different = 0;
  for (int j = 0; j < 130; ++j) {
    for (int i = 0; i < 129; ++i) row[static_cast<std::size_t>(i)] = 0.125 * i - 3.0 * j;
    const std::uint64_t salt = salt_of(m.header.run_id, m.header.step, "temperature");
    different += sum_cells(row.data(), 129, j * 129, salt) != sums[static_cast<std::size_t>(j)];
  }
  CHECK(different == 0);
  // Files of earlier versions must stay readable: this number never changes.
  CHECK(std::accumulate(sums.begin(), sums.end(), std::uint64_t{0}) == 0x3572c4ab384bfcdcU);
}

TEST_CASE("a file of one row, one column, one cell", "[io][array]") {
  const Scratch dir;
  const auto [nx, ny] = GENERATE(table<int, int>({{1, 1}, {1, 9}, {9, 1}, {2, 3}}));
  const Data d = make_data(nx, ny, Cut::rows, 1);
  write_array_file(comm(), dir / "a.h5", header(d), d.out);
  const Manifest m = verify_file(comm(), dir / "a.h5");
  CHECK(reads_back(m, "temperature", 0, Cut::columns));
}

TEST_CASE("boxes that overlap or leave gaps make no file", "[io][array]") {
  const Scratch dir;
  Data d = make_data(20, 20, Cut::rows, 1);
  if (comm().root()) d.out[0].box.j1 -= 1;  // a gap
  const Outcome gap = outcome([&] { write_array_file(comm(), dir / "a.h5", header(d), d.out); });
  CHECK(same_everywhere(gap));
  CHECK(gap.code == Exit::internal);
  CHECK(names(dir.path()).empty());
  if (comm().size() == 1) return;
  // As many cells as the grid has, but rows 5 to 9 twice and 15 to 19 never: only reading back can tell.
  const Box mine = comm().rank() > 1 ? Box{} : Box{0, 5 * comm().rank(), 20, 5 * comm().rank() + 10};
  const Field2D<double> f = make(mine, 0);
  d.out[0] = {"temperature", "K", "temperature", f.view(), mine};
  const Outcome twice = outcome([&] { write_array_file(comm(), dir / "a.h5", header(d), d.out); });
  CHECK(same_everywhere(twice));
  CHECK(twice.code == Exit::io_error);
  CHECK(mentions(twice, "does not read back"));
  CHECK(names(dir.path()).empty());
}

TEST_CASE("every flipped bit and every length is refused", "[io][damage]") {
  const Scratch dir;
  const Data d = make_data(9, 7, Cut::rows, 2);
  write_array_file(comm(), dir / "a.h5", header(d), d.out);
  const std::string whole = contents(dir / "a.h5");
  // Two ranks, each alone with its own copy, share the work: more only wait for a processor.
  const int workers = std::min(comm().size(), 2), first = comm().rank() < workers ? comm().rank() : 1 << 30;
  const mpi::Comm alone = comm().split(comm().rank());
  const fs::path mine = dir / ("copy" + std::to_string(comm().rank()));
  write_atomically(mine, whole);
  CHECK(outcome([&] { verify_file(alone, mine); }).code == Exit::done);
  std::int64_t accepted = 0, tried = 0, other_codes = 0;
  const auto must_refuse = [&] {
    const Exit code = outcome([&] { verify_file(alone, mine); }).code;
    ++tried;
    accepted += code == Exit::done;
    other_codes += code != Exit::bad_data;
  };
  const auto size = static_cast<std::int64_t>(whole.size());
  {
    File f{mine, File::Mode::update};
    for (std::int64_t at = first; at < size; at += workers) {
      const char right = whole[static_cast<std::size_t>(at)];
      for (const int bit : {0, 3, 7}) {
        const char wrong = static_cast<char>(right ^ (1 << bit));
        f.write_at(&wrong, 1, at);
        must_refuse();
      }
      f.write_at(&right, 1, at);
    }
    CHECK(outcome([&] { verify_file(alone, mine); }).code == Exit::done);
    for (std::int64_t length = size - 1 - first; length >= 0; length -= workers) {
      f.resize(length);
      must_refuse();
    }
  }
  CHECK(comm().sum(tried) == 4 * size);
  CHECK(comm().sum(accepted) == 0);
  CHECK(comm().sum(other_codes) == 0);
}

TEST_CASE("torn and shuffled files are refused, saying where", "[io][damage]") {
  const Scratch dir;
  const Data d =
      make_data(512, 200, Cut::columns, 2);  // a row is a page: large enough for all ranks to share it
  const fs::path path = dir / "a.h5";
  write_array_file(comm(), path, header(d), d.out);
  const Manifest m = verify_file(comm(), path);
  const std::string whole = contents(path);
  const FieldEntry& f = m.fields[1];
  CHECK(f.offset % 4096 == 0);
  const auto row = [&](int j) { return whole.substr(static_cast<std::size_t>(f.offset + j * 4096), 4096); };
  const auto refused = [&](const std::string& words) {
    const Outcome o = outcome([&] { verify_file(comm(), path); });
    const bool good =
        same_everywhere(o) && o.code == Exit::bad_data && mentions(o, words) && mentions(o, path.string());
    if (!good) UNSCOPED_INFO("message: " << o.message);
    put(path, whole);
    return good;
  };
  overwrite(path, f.offset + 17 * 4096, std::string(4096, '\0'));
  CHECK(refused("field 'flux_x', 1 row(s) from 17 to 17"));
  overwrite(path, f.offset + 3 * 4096, row(4) + row(3));
  CHECK(refused("2 row(s) from 3 to 4"));
  overwrite(path, f.offset + 199 * 4096, row(198));
  CHECK(refused("1 row(s) from 199 to 199"));
  overwrite(path, f.offset + 50 * 4096, row(50).substr(512) + row(50).substr(0, 512));
  CHECK(refused("from 50 to 50"));
  overwrite(path, f.offset + 199 * 4096, std::string(4096, '\xff'));
  CHECK(refused("from 199 to 199"));
  overwrite(path, m.fields[0].offset, row(0));  // the other field's row
  CHECK(refused("field 'temperature', 1 row(s) from 0 to 0"));
  overwrite(path, m.fields[0].sums_offset, std::string(8, '\0'));
  CHECK(refused("outside the arrays"));
  put(path, whole + "x");
  CHECK(refused("does not end with calor's checksums"));
  put(path, whole + whole);
  CHECK(refused("bytes instead of"));
  put(path, whole.substr(0, whole.size() - 4096));
  CHECK(refused("does not end with calor's checksums"));
  put(path, "");
  CHECK(refused("it is empty"));
  put(path, "short");
  CHECK(refused("only 5 bytes"));
  put(path, whole.substr(4096) + whole.substr(0, 4096));
  CHECK(refused("does not end with"));
  const Outcome missing = outcome([&] { verify_file(comm(), dir / "none.h5"); });
  CHECK(same_everywhere(missing));
  CHECK(missing.code == Exit::no_input);
  // The same step of another run, and another step of this run: rows of one in the other.
  for (const auto& [run, step] :
       {std::pair<std::uint64_t, std::int64_t>{99, 12}, {0x1234567890abcdefU, 13}}) {
    Header h = header(d, step);
    h.run_id = run;
    write_array_file(comm(), dir / "b.h5", h, d.out);
    const std::string other = contents(dir / "b.h5");
    const Manifest b = verify_file(comm(), dir / "b.h5");
    // Same values, same layout: but sums are bound to run and step.
    CHECK(row_checksums(b, "temperature") != row_checksums(m, "temperature"));
    put(path, whole.substr(0, static_cast<std::size_t>(m.fields[0].sums_offset)) +
                  other.substr(static_cast<std::size_t>(m.fields[0].sums_offset), 16 * 200) +
                  whole.substr(static_cast<std::size_t>(m.fields[0].sums_offset) + 16 * 200));
    CHECK(refused("outside the arrays"));
  }
  CHECK(outcome([&] { verify_file(comm(), path); }).code == Exit::done);
}

TEST_CASE("a manifest that says anything is refused without harm", "[io][damage]") {
  const Scratch dir;
  const Data d = make_data(9, 7, Cut::rows, 1);
  write_array_file(comm(), dir / "a.h5", header(d), d.out);
  const std::string whole = contents(dir / "a.h5");
  std::uint64_t length = 0;
  std::memcpy(&length, whole.data() + whole.size() - 24, sizeof length);
  const std::size_t begin = whole.size() - 32 - length;
  const std::string manifest = whole.substr(begin, length);
  // A file whose checksums are right for a made-up manifest, as a forger would make it.
  const auto forged = [&](const std::string& text) {
    std::string file = whole.substr(0, begin) + text;
    std::uint64_t tail[3] = {text.size(), 0, file.size() + 32};
    tail[1] = hash_bytes(text.data(), text.size(), mix64(tail[2] + golden));
    file += "calorSUM" + std::string(reinterpret_cast<const char*>(tail), sizeof tail);
    put(dir / "b.h5", file);
    const Outcome o = outcome([&] { verify_file(comm(), dir / "b.h5"); });
    return same_everywhere(o) ? o : Outcome{Exit::internal, "ranks differ"};
  };
  CHECK(forged(manifest).code == Exit::done);
  const auto replaced = [&](const std::string& from, const std::string& to) {
    std::string text = manifest;
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
  };
  const std::string texts[] = {"",
                               "{",
                               "[]",
                               "null",
                               "\"x\"",
                               "{}",
                               std::string(100000, '['),
                               "\xff\xfe",
                               replaced("\"rows\":7", "\"rows\":8000000000"),
                               replaced("\"rows\":7", "\"rows\":2147483647"),
                               replaced("\"rows\":7", "\"rows\":-7"),
                               replaced("\"rows\":7", "\"rows\":7.0"),
                               replaced("\"rows\":7", "\"rows\":18446744073709551615"),
                               replaced("\"rows\":7", "\"rows\":\"7\""),
                               replaced("\"rows\":7", "\"rows\":0"),
                               replaced("\"columns\":9", "\"columns\":10"),
                               replaced("\"offset\":", "\"offset\":9"),
                               replaced("\"offset\":", "\"offset\":-"),
                               replaced("\"sums_offset\":", "\"sums_offset\":9"),
                               replaced("\"type\":\"f8\"", "\"type\":\"f4\""),
                               replaced("\"type\":\"f8\"", "\"type\":\"i8\""),
                               replaced("\"fields\":[", "\"fields\":[3,"),
                               replaced("\"format\":\"calor\"", "\"format\":\"other\""),
                               replaced("\"grid\":{", "\"grid\":{},\"g\":{"),
                               replaced("\"salt\":\"", "\"salt\":\"g"),
                               replaced("\"format_version\":1", "\"format_version\":1e400")};
  for (const std::string& text : texts) {
    const Outcome o = forged(text);
    INFO(text.substr(0, 200) << " -> " << o.message);
    CHECK(o.code == Exit::bad_data);
  }
  const Outcome newer = forged(replaced("\"format_version\":1", "\"format_version\":2"));
  CHECK(newer.code == Exit::bad_data);
  CHECK(mentions(newer, "newer format"));
}

TEST_CASE("a write that fails anywhere fails everywhere and changes nothing", "[io][faults]") {
  const Scratch dir;
  const Data d = make_data(300, 200, Cut::rows, 1);
  const fs::path path = dir / "a.h5";
  write_array_file(comm(), path, header(d), d.out);
  const std::string before = contents(path);
  const auto old = std::signal(SIGXFSZ, SIG_IGN);
  // With a limit on the file size on some ranks: what a full disk or a quota does.
  const auto limited = [&](bool on_me, rlim_t bytes, Writer writer) {
    struct rlimit kept {};
    getrlimit(RLIMIT_FSIZE, &kept);
    const struct rlimit low { on_me ? bytes : kept.rlim_cur, kept.rlim_max };
    setrlimit(RLIMIT_FSIZE, &low);
    WriteOptions options;
    options.writer = writer;
    const Outcome o = outcome([&] { write_array_file(comm(), path, header(d), d.out, options); });
    setrlimit(RLIMIT_FSIZE, &kept);
    INFO(o.message);
    CHECK(same_everywhere(o));
    CHECK(o.code == Exit::io_error);
    CHECK(names(dir.path()) == std::vector<std::string>{"a.h5"});
    CHECK(comm().all(contents(path) == before));
    return o;
  };
  const int last = comm().size() - 1;
  for (const Writer writer : {Writer::parallel_hdf5, Writer::direct}) {
    const Outcome all = limited(true, 100000, writer);
    CHECK(mentions(all, "File too large"));
    CHECK(mentions(all, path.string()));
    limited(comm().root(), 481000, writer);  // room for the array, not for the trailer
    limited(comm().root(), 0, writer);
  }
  const Outcome one = limited(comm().rank() == last, 1000, Writer::direct);
  CHECK((last == 0 || mentions(one, "(rank " + std::to_string(last) + " on ")));
  std::signal(SIGXFSZ, old);
  // The last word before the name is given.
  WriteOptions refused;
  refused.before_commit = [] { throw Error{Exit::cannot_create, "the directory has another owner"}; };
  const Outcome fenced = outcome([&] { write_array_file(comm(), path, header(d), d.out, refused); });
  CHECK(same_everywhere(fenced));
  CHECK(fenced.code == Exit::cannot_create);
  CHECK(names(dir.path()) == std::vector<std::string>{"a.h5"});
  CHECK(comm().all(contents(path) == before));
  const Outcome nowhere = outcome([&] { write_array_file(comm(), dir / "none/a.h5", header(d), d.out); });
  CHECK(same_everywhere(nowhere));
  CHECK(nowhere.code == Exit::io_error);
  // And when the trouble is over, it works.
  write_array_file(comm(), path, header(d, 13), d.out);
  CHECK(verify_file(comm(), path).header.step == 13);
}

TEST_CASE("a directory without permission is refused", "[io][faults]") {
  if (comm().any(geteuid() == 0)) return;  // root may write anywhere
  const Scratch dir;
  const Data d = make_data(10, 10, Cut::rows, 1);
  collectively(comm(), [&] { fs::permissions(dir.path(), fs::perms::owner_read | fs::perms::owner_exec); });
  const Outcome o = outcome([&] { write_array_file(comm(), dir / "a.h5", header(d), d.out); });
  collectively(comm(), [&] { fs::permissions(dir.path(), fs::perms::owner_all); });
  CHECK(same_everywhere(o));
  CHECK(mentions(o, "Permission denied"));
}

TEST_CASE("a full file system is refused on all ranks, in time", "[io][faults][disk]") {
  const char* const small = std::getenv("CALOR_TEST_SMALL_DISK");  // a mounted file system of about 1 MiB
  if (small == nullptr) return;
  const fs::path path = fs::path{small} / "a.h5";
  const Data large = make_data(400, 400, Cut::rows, 1), d = make_data(100, 100, Cut::rows, 1);
  const Outcome o = outcome([&] { write_array_file(comm(), path, header(large), large.out); });
  CHECK(same_everywhere(o));
  CHECK(o.code == Exit::io_error);
  CHECK(mentions(o, "free some space"));
  CHECK(names(small).empty());
  for (int step = 0; step < 40; ++step) {  // until nothing fits any more
    const Outcome more =
        outcome([&] { write_array_file(comm(), fs::path{small} / std::to_string(step), header(d), d.out); });
    CHECK(same_everywhere(more));
    CHECK((more.code == Exit::done || more.code == Exit::io_error));
  }
  const std::vector<std::string> kept = names(small);
  CHECK(kept.size() > 3);
  CHECK(kept.size() < 20);
  for (const std::string& n : kept)
    CHECK(outcome([&] { verify_file(comm(), fs::path{small} / n); }).code == Exit::done);
}

TEST_CASE("asking for what is not there is an error, not a crash", "[io][array]") {
  const Scratch dir;
  const Data d = make_data(20, 10, Cut::rows, 1);
  write_array_file(comm(), dir / "a.h5", header(d), d.out);
  const Manifest m = verify_file(comm(), dir / "a.h5");
  Field2D<double> f{Box{0, 0, 30, 30}, 0};
  const Outcome name = outcome([&] { read_array(comm(), m, "pressure", f.view(), Box{0, 0, 1, 1}); });
  CHECK(same_everywhere(name));
  CHECK(name.code == Exit::bad_data);
  const Outcome box = outcome([&] { read_array(comm(), m, "temperature", f.view(), Box{0, 0, 21, 10}); });
  CHECK(box.code == Exit::bad_data);
  CHECK(mentions(box, "20 x 10"));
}

TEST_CASE("arrays of other programs are read by shape", "[io][foreign]") {
  const Scratch dir;
  const Data d = make_data(21, 13, Cut::rows, 1);
  write_snapshot(comm(), dir / "s.nc", {"t", "", "", 1, 0, 0.0, d.grid, false, false, {}}, d.out);
  write_array_file(comm(), dir / "c.h5", header(d), d.out);
  const Box box = piece(d.grid, Cut::columns, comm().rank(), comm().size());
  const auto right = [&](const std::string& name, const std::string& dataset) {
    Field2D<double> f{box, box.empty() ? 0 : 1, -1.0};
    read_foreign(comm(), dir / name, dataset, 21, 13, f.view(), box);
    bool good = true;
    for_each(box, [&](int i, int j) { good = good && f.view()(i, j) == value(i, j, 0); });
    return comm().all(good);
  };
  CHECK(right("s.nc", "temperature"));
  CHECK(right("s.nc", "/temperature"));
  CHECK(right("c.h5", "temperature"));
  const std::string whole = contents(dir / "s.nc");
  const std::size_t trailer = whole.size() - 32;
  put(dir / "foreign.nc", whole.substr(0, trailer));  // without the tail it is just an HDF5 file
  CHECK(right("foreign.nc", "temperature"));
  Field2D<double> f{Box{0, 0, 40, 40}, 0};
  const auto asked = [&](const std::string& name, const std::string& dataset, int nx, int ny) {
    const Outcome o = outcome([&] {
      read_foreign(comm(), dir / name, dataset, nx, ny, f.view(), Box{0, 0, 1, 1});
    });
    return same_everywhere(o) ? o : Outcome{Exit::internal, "ranks differ"};
  };
  CHECK(asked("foreign.nc", "temperature", 21, 14).code == Exit::bad_data);
  CHECK(mentions(asked("foreign.nc", "temperature", 13, 21), "has shape (13, 21)"));
  CHECK(mentions(asked("foreign.nc", "pressure", 21, 13), "does not exist"));
  CHECK(mentions(asked("foreign.nc", "mesh", 21, 13), "is not a dataset"));
  CHECK(mentions(asked("foreign.nc", "x", 21, 13), "has shape (21)"));
  CHECK(mentions(asked("c.h5", "state", 21, 13), "plain numbers"));
  CHECK(asked("none.nc", "temperature", 21, 13).code == Exit::no_input);
  put(dir / "text.nc", "not HDF5 at all, but longer than a tail of 32 bytes");
  CHECK(asked("text.nc", "temperature", 21, 13).code == Exit::bad_data);
  // With its trailer a damaged file is not taken for a foreign one.
  const Manifest m = verify_file(comm(), dir / "s.nc");
  overwrite(dir / "s.nc", m.fields[0].offset + 5, "?");
  CHECK(mentions(asked("s.nc", "temperature", 21, 13), "is damaged"));
}

TEST_CASE("checkpoints: keep, order, damage, left-overs", "[io][checkpoint]") {
  const Scratch dir;
  const fs::path at = dir / "checkpoints";
  std::vector<std::string> messages;
  CHECK(!newest_whole(comm(), at, messages));  // no directory, no checkpoint
  collectively(comm(), [&] { fs::create_directory(at); });
  CHECK(!newest_whole(comm(), at, messages));
  const Data d = make_data(33, 21, Cut::rows, 2);
  const auto write = [&](std::int64_t step, int keep) {
    return write_checkpoint(comm(), at, header(d, step), d.out, keep);
  };
  CHECK(write(7, 2) == at / "checkpoint_000000007.h5");
  write(14, 2);
  write(21, 2);
  CHECK(names(at) == std::vector<std::string>{"checkpoint_000000014.h5", "checkpoint_000000021.h5"});
  put(at / "checkpoint_28.h5", "not our name");
  put(at / "checkpoint_000000099.h5.bak", "not our name");
  put(at / "checkpoint_000000035.h5.partial-0123456789abcdef", "left by a killed run");
  auto m = newest_whole(comm(), at, messages);
  REQUIRE(m);
  CHECK(m->header.step == 21);
  CHECK(messages.empty());
  CHECK(m->header.state["clock"]["dt"] == 0.1);
  CHECK(reads_back(*m, "temperature", 0, Cut::columns));
  CHECK(reads_back(*m, "flux_x", 1, Cut::around_a_hole));
  // The newest is damaged: it is told, and the one before is taken.
  overwrite(at / "checkpoint_000000021.h5", m->fields[0].offset + 100, "damage");
  m = newest_whole(comm(), at, messages);
  REQUIRE(m);
  CHECK(m->header.step == 14);
  REQUIRE(messages.size() == 1);
  CHECK(messages[0].find("checkpoint_000000021.h5 is damaged") != std::string::npos);
  // Going on from it, the abandoned future is not counted, and can be removed.
  write(16, 1);
  CHECK(newest_whole(comm(), at, messages)->header.step == 16);
  CHECK(remove_later(comm(), at, 16) == 1);
  write(1'000'000'000'000, 1);
  CHECK(newest_whole(comm(), at, messages)->header.step == 1'000'000'000'000);
  write(1'000'000'000'001, 0);  // nobody can ask for none
  collectively(comm(), [&] {
    CHECK(checkpoint_steps(at) == std::vector<std::int64_t>{1'000'000'000'001});
    CHECK(remove_partials(at) == 1);
  });
  // All damaged: never a silent new start.
  put(at / "checkpoint_1000000000001.h5", "");
  messages.clear();
  const Outcome none = outcome([&] { newest_whole(comm(), at, messages); });
  CHECK(same_everywhere(none));
  CHECK(none.code == Exit::bad_data);
  CHECK(mentions(none, "it is empty"));
  CHECK(messages.size() == 1);
  // A snapshot under a checkpoint's name is none.
  write_snapshot(comm(), at / "checkpoint_000000001.h5", {"t", "", "", 1, 0, 0.0, d.grid, false, false, {}},
                 d.out);
  const Outcome kind = outcome([&] { read_checkpoint(comm(), at / "checkpoint_000000001.h5"); });
  CHECK(kind.code == Exit::bad_data);
  CHECK(mentions(kind, "is a snapshot, not a checkpoint"));
}

TEST_CASE("only what killed runs left is removed", "[io][checkpoint]") {
  const Scratch dir;
  const std::vector<std::string> kept{"a.partial-0123456789abcde",
                                      "b.partial-0123456789ABCDEF",
                                      "c.part-0123456789abcdef",
                                      "d.partial-0123456789abcdef.h5",
                                      "a.locktest.0",
                                      "e.partial-0123456789abcdef.locktest.x"};
  for (const std::string& n : kept) put(dir / n, "x");
  put(dir / "e.nc.partial-fedcba9876543210", "x");
  put(dir / "e.nc.partial-fedcba9876543210.locktest.12", "");  // MPI-IO's, see Open MPI's fs/ufs
  collectively(comm(), [&] {
    fs::create_directory(dir / "f.partial-0123456789abcdef");
    CHECK(remove_partials(dir.path()) == 2);
    CHECK(remove_partials(dir / "none") == 0);
  });
  CHECK(names(dir.path()).size() == kept.size() + 1);
}

TEST_CASE("a snapshot says what it is", "[io][snapshot]") {
  const Scratch dir;
  const bool single = GENERATE(false, true);
  const std::size_t length = GENERATE(100, 200000);  // of the case; attributes over 64 KiB are another format
  const Data d = make_data(30, 17, Cut::around_a_hole, 3);
  SnapshotInfo info{
      "plate \xc3\xa9", std::string(length, '#'), "", 77, 123, 0.1 + 0.2, d.grid, single, true, {}};
  const fs::path path = dir / snapshot_name(123);
  CHECK(path.filename() == "snapshot_000000123.nc");
  write_snapshot(comm(), path, info, d.out);
  const Manifest m = verify_file(comm(), path);
  CHECK(m.header.kind == "snapshot");
  CHECK(reads_back(m, "flux_y", 2, Cut::rows, single));
  collectively(comm(), [&] {
    const SnapshotInfo got = read_snapshot_info(path);
    CHECK(got.title == info.title);
    CHECK(got.case_text == info.case_text);
    CHECK(got.calor_version == m.calor_version);
    CHECK(got.run_id == 77);
    CHECK(got.step == 123);
    CHECK(got.time == 0.1 + 0.2);
    CHECK(got.grid == d.grid);
    CHECK(got.single == single);
    CHECK(got.fields == std::vector<std::string>{"flux_x", "flux_y", "temperature"});
    CHECK(outcome([&] { read_snapshot_info(dir / "none.nc"); }).code == Exit::no_input);
    write_atomically(dir / "text.nc", "no HDF5");
    CHECK(outcome([&] { read_snapshot_info(dir / "text.nc"); }).code == Exit::bad_data);
    XdmfSeries{
        dir / "snapshots.xdmf", {{"a&b.nc", 0.5, 1}, {"c.nc", 1.0, 2}}, {d.grid, {"temperature"}, single}};
    const std::string xml = read_text(dir / "snapshots.xdmf");
    CHECK(xml.find("a&amp;b.nc:/temperature") != std::string::npos);
    CHECK(xml.find("Dimensions=\"2 18 31\"") != std::string::npos);
    CHECK(xml.find("Dimensions=\"1 17 30\"") != std::string::npos);
    CHECK(xml.find("HyperSlab") == std::string::npos);
    CHECK(xml.find("<Time Value=\"0.5\"/>") != std::string::npos);
  });
}
