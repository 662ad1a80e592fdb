// SPDX-License-Identifier: BSD-3-Clause
#include "io/xdmf.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace calor::io {

namespace {

constexpr std::string_view head =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<Xdmf Version=\"2.2\">\n"
    "  <Domain>\n    <Grid Name=\"series\" GridType=\"Collection\" CollectionType=\"Temporal\">\n";
constexpr std::string_view tail = "    </Grid>\n  </Domain>\n</Xdmf>\n", end_of_entry = "      </Grid>\n";

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += c;
    }
  return result;
}

/// Of the layer of cells that readers are shown: little beside the plate, whatever its size.
double thickness(const GlobalGrid& g) { return 1e-3 * std::max(g.x1 - g.x0, g.y1 - g.y0); }

std::string text_of(const SeriesEntry& s, const SeriesShape& shape) {
  const GlobalGrid& grid = shape.grid;
  const std::string file = escaped(s.file);
  const auto edge = [&](const char* name, std::int64_t count) {
    return fmt::format(
        "          <DataItem Format=\"HDF\" NumberType=\"Float\" Precision=\"8\" Dimensions=\"{}\">"
        "{}:/mesh/{}</DataItem>\n",
        count, file, name);
  };
  std::string text = fmt::format(
      "      <Grid Name=\"step {}\" GridType=\"Uniform\">\n        <Time Value=\"{}\"/>\n", s.step, s.time);
  // Of all forms only this one is right in both of ParaView's readers (docs/decisions.md): a mesh of three
  // dimensions with one layer of cells, and the numbers straight from their dataset.
  text += fmt::format(
      "        <Topology TopologyType=\"3DRectMesh\" Dimensions=\"2 {} {}\"/>\n"
      "        <Geometry GeometryType=\"VXVYVZ\">\n",
      grid.ny + 1, grid.nx + 1);
  text += edge("x", grid.nx + 1) + edge("y", grid.ny + 1);
  text += fmt::format(
      "          <DataItem Format=\"XML\" NumberType=\"Float\" Precision=\"8\" Dimensions=\"2\">0 "
      "{}</DataItem>\n"
      "        </Geometry>\n",
      thickness(grid));
  for (const std::string& f : shape.fields)
    text += fmt::format(
        "        <Attribute Name=\"{0}\" AttributeType=\"Scalar\" Center=\"Cell\">\n"
        "          <DataItem Format=\"HDF\" NumberType=\"Float\" Precision=\"{1}\" Dimensions=\"1 {2} {3}\">"
        "{4}:/{0}</DataItem>\n        </Attribute>\n",
        escaped(f), shape.single ? 4 : 8, grid.ny, grid.nx, file);
  return text.append(end_of_entry);
}

/// The text between two others, from `at` on; empty if it is not there.
std::string_view between(std::string_view text, std::string_view from, std::string_view to) {
  const std::size_t begin = text.find(from);
  if (begin == std::string_view::npos) return {};
  const std::size_t end = text.find(to, begin + from.size());
  return end == std::string_view::npos ? std::string_view{}
                                       : text.substr(begin + from.size(), end - begin - from.size());
}

File write_whole(const std::filesystem::path& path, const std::function<std::int64_t(File&)>& entries,
                 std::int64_t& end, const BeforeCommit& before_commit) {
  Partial partial{path};
  File file{partial.path(), File::Mode::create};
  end = entries(file);
  file.write_at(tail.data(), static_cast<std::int64_t>(tail.size()), end);
  file.sync();
  if (before_commit) before_commit();
  partial.commit();
  file.now_named(path);
  return file;
}

/// Writes at `at`, and tells where the text ends.
std::int64_t put(File& file, std::string_view text, std::int64_t at) {
  file.write_at(text.data(), static_cast<std::int64_t>(text.size()), at);
  return at + static_cast<std::int64_t>(text.size());
}

}  // namespace

XdmfSeries::XdmfSeries(const std::filesystem::path& path, const std::vector<SeriesEntry>& entries,
                       const SeriesShape& shape, const BeforeCommit& before_commit)
    : file_{write_whole(
          path,
          [&](File& file) {
            std::int64_t at = put(file, head, 0);
            for (const SeriesEntry& e : entries) at = put(file, text_of(e, shape), at);
            return at;
          },
          end_, before_commit)} {}

std::optional<XdmfSeries> XdmfSeries::resumed(const std::filesystem::path& path, std::int64_t bytes,
                                              std::int64_t last, const BeforeCommit& before_commit) {
  constexpr std::int64_t piece = std::int64_t{1} << 20;
  if (kind_of(path) != Kind::file) return {};
  const File former{path, File::Mode::read};
  const auto head_bytes = static_cast<std::int64_t>(head.size());
  if (bytes < head_bytes || former.size() < bytes || former.read_from(0, head_bytes) != head) return {};
  const auto refuse = [&] { return Error{Exit::bad_data, path.string() + " is no index of this run"}; };
  std::int64_t end = 0;
  const auto copy = [&](File& to) {
    std::int64_t at = put(to, head, 0);
    std::string rest, step;  // of an entry that the next piece completes; of the last entry
    for (std::int64_t from = head_bytes; from < bytes; from += piece) {
      rest += former.read_from(from, std::min(piece, bytes - from));
      std::string kept;
      std::size_t begin = 0;
      for (std::size_t e = 0; (e = rest.find(end_of_entry, begin)) != std::string::npos;) {
        const std::string_view entry = std::string_view{rest}.substr(begin, e + end_of_entry.size() - begin);
        begin += entry.size();
        step = between(entry, "Name=\"step ", "\"");
        const std::string_view name = between(entry, "\">", ":/mesh/x<");
        if (kind_of(directory_of(path) / name.substr(name.rfind('>') + 1)) != Kind::nothing) kept += entry;
      }
      rest.erase(0, begin);
      at = put(to, kept, at);
    }
    if (!rest.empty() || (last >= 0 && step != std::to_string(last))) throw refuse();
    return at;
  };
  try {
    File file = write_whole(path, copy, end, before_commit);
    return XdmfSeries{std::move(file), end};
  } catch (const Error& e) {
    if (e.code() != Exit::bad_data) throw;
    return {};
  }
}

void XdmfSeries::append(const SeriesEntry& entry, const SeriesShape& shape) {
  std::string text = text_of(entry, shape);
  const auto bytes = static_cast<std::int64_t>(text.size());
  text += tail;
  try {
    put(file_, text, end_);
  } catch (const Error&) {
    const std::int64_t before = put(file_, tail, end_);  // there was room for it
    file_.resize(before);
    throw;
  }
  end_ += bytes;
}

void XdmfSeries::restore(const BeforeCommit& before_commit) {
  const File former = std::move(file_);
  std::int64_t end = 0;
  file_ = write_whole(
      former.path(),
      [&](File& to) {
        append_copy(former, end_, to);
        return end_;
      },
      end, before_commit);
}

}  // namespace calor::io
