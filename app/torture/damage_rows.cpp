// SPDX-License-Identifier: BSD-3-Clause
// Checkpoints that are not what was written: the newest must be refused, the one before it taken, and that be
// told.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "app/torture/rows.hpp"
#include "decomposition/error.hpp"

namespace calor::app::torture {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t page = 4096;

struct Damage {
  const char* name;
  /// Another text than `newest`, or the same where it cannot be done.
  std::string (*of)(Random&, const std::string& newest, const std::string& older);
};

std::size_t place(Random& random, const std::string& text) {
  return static_cast<std::size_t>(pick(random, 0, static_cast<std::int64_t>(text.size()) - 1));
}
/// A page, or what of it lies in the text.
std::pair<std::size_t, std::size_t> some_page(Random& random, const std::string& text) {
  const std::size_t at = place(random, text) / page * page;
  return {at, std::min<std::size_t>(page, text.size() - at)};
}
std::string filled(Random& random, const std::string& text, char with) {
  std::string s = text;
  for (std::int64_t n = pick(random, 1, 4); n > 0; --n) {
    const auto [at, size] = some_page(random, s);
    std::fill_n(s.begin() + static_cast<std::ptrdiff_t>(at), size, with);
  }
  return s;
}

constexpr Damage damages[] = {
    {"one bit flipped",
     [](Random& r, const std::string& t, const std::string&) {
       std::string s = t;
       const std::size_t at = place(r, s);
       s[at] = static_cast<char>(static_cast<unsigned char>(s[at]) ^ (1U << pick(r, 0, 7)));
       return s;
     }},
    {"cut short",
     [](Random& r, const std::string& t, const std::string&) { return t.substr(0, place(r, t)); }},
    {"longer by some bytes",
     [](Random& r, const std::string& t, const std::string&) {
       return t + std::string(static_cast<std::size_t>(pick(r, 1, 64)), '\0');
     }},
    {"pages of zeros",
     [](Random& r, const std::string& t, const std::string&) { return filled(r, t, '\0'); }},
    {"pages of ones",
     [](Random& r, const std::string& t, const std::string&) { return filled(r, t, '\xff'); }},
    {"two pages exchanged",
     [](Random& r, const std::string& t, const std::string&) {
       std::string s = t;
       const auto [a, na] = some_page(r, s);
       const auto [b, nb] = some_page(r, s);
       const std::size_t n = std::min(na, nb);
       const std::string kept = s.substr(a, n);
       s.replace(a, n, s.substr(b, n));
       s.replace(b, n, kept);
       return s;
     }},
    {"a page twice",
     [](Random& r, const std::string& t, const std::string&) {
       std::string s = t;
       const auto [a, na] = some_page(r, s);
       const auto [b, nb] = some_page(r, s);
       const std::size_t n = std::min(na, nb);
       s.replace(b, n, t.substr(a, n));
       return s;
     }},
    {"shifted",
     [](Random& r, const std::string& t, const std::string&) {
       std::string s = t;
       const std::size_t at = place(r, s);
       s.insert(at, static_cast<std::size_t>(pick(r, 1, 512)), '\0');
       s.resize(t.size());
       return s;
     }},
    {"the end of the generation before",
     [](Random& r, const std::string& t, const std::string& older) {
       std::string s = t;
       const std::size_t at = place(r, s);
       for (std::size_t k = at; k < s.size() && k < older.size(); ++k) s[k] = older[k];
       return s;
     }},
    {"pages of the generation before",
     [](Random& r, const std::string& t, const std::string& older) {
       std::string s = t;
       for (std::int64_t n = pick(r, 1, 8); n > 0; --n) {
         const auto [at, size] = some_page(r, s);
         if (at + size <= older.size()) s.replace(at, size, older.substr(at, size));
       }
       return s;
     }},
    {"empty", [](Random&, const std::string&, const std::string&) { return std::string{}; }},
};

std::vector<fs::path> generations(const fs::path& output) {
  std::vector<fs::path> found;
  for (const fs::path& p : files_below(output / "checkpoints"))
    if (p.extension() == ".h5") found.push_back(output / "checkpoints" / p);
  return found;
}

std::string damaged(Trial& t, const std::string& newest, const std::string& older) {
  constexpr auto kinds = static_cast<std::int64_t>(std::size(damages));
  for (;;) {
    const Damage& d = damages[pick(t.random, 0, kinds - 1)];
    std::string s = d.of(t.random, newest, older);
    if (s == newest) continue;
    t.story += fmt::format("; {}", d.name);
    return s;
  }
}

void make(Trial& t) {
  const Victim& v = victim("euler");
  t.rig.reference(v);
  fs::copy(t.rig.stopped(v), t.output(), fs::copy_options::recursive);
  const std::vector<fs::path> files = generations(t.output());
  if (files.size() < 2) throw Error{Exit::internal, "the stopped run has left one checkpoint only"};
  const fs::path& newest = files.back();
  const fs::path& older = files[files.size() - 2];
  const std::string new_bytes = bytes_of(newest), old_bytes = bytes_of(older);
  const std::int64_t kind = pick(t.random, 0, 19);
  ++t.injected;
  ++t.fired;
  if (kind == 0) {  // all of them
    t.story += "every generation";
    for (const fs::path& p : files) put_bytes(p, damaged(t, bytes_of(p), new_bytes));
    std::vector<std::string> before;
    for (const fs::path& p : files) before.push_back(bytes_of(p));
    const Ended e = t.run(v, 1, {"--resume"});
    if (e.code != static_cast<int>(Exit::bad_data))
      t.violated('V', fmt::format("no checkpoint is whole, exit {} instead of 65", e.code));
    for (std::size_t k = 0; k < files.size(); ++k)
      if (bytes_of(files[k]) != before[k])
        t.violated('V', files[k].filename().string() + " was changed or removed");
    if (const std::string l = left_over(t.output()); !l.empty()) t.violated('C', "left: " + l);
    return;
  }
  if (kind == 1) {
    t.story += "a directory of its name";
    fs::remove(newest);
    fs::create_directory(newest);
  } else if (kind == 2) {
    t.story += "the generation before under its name";
    put_bytes(newest, old_bytes);
  } else {
    put_bytes(newest, damaged(t, new_bytes, old_bytes));
  }
  const std::string log_before = bytes_of(t.output() / "run.log");
  t.finish(v, t.rig.launcher.empty() || kind % 3 != 0 ? 1 : 2);
  const std::string log = bytes_of(t.output() / "run.log");
  const std::string fresh = log.size() >= log_before.size() ? log.substr(log_before.size()) : log;
  if (kind != 2 && fresh.find("resumed from " + newest.string()) != std::string::npos)
    t.violated('V', "the damaged checkpoint was accepted");
  if (fresh.find("resumed from ") == std::string::npos)
    t.violated('V', "it did not go on from the one before");
  if (kind > 2 && fresh.find(newest.filename().string()) == std::string::npos &&
      bytes_of(t.directory / "said.txt").find(newest.filename().string()) == std::string::npos)
    t.violated('E', "nothing tells that the newest checkpoint is damaged");
}

}  // namespace

std::vector<Row> damage_rows() {
  Row r;
  r.name = "damage";
  r.fault = "the newest checkpoint flipped, cut, holed, shuffled, mixed with the one before; or all of them";
  r.invariants = "BVEC";
  r.make = [](Trial& t, std::int64_t) { make(t); };
  return {r};
}

}  // namespace calor::app::torture
