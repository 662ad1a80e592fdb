// SPDX-License-Identifier: BSD-3-Clause
#include "app/case/sweep_case.hpp"

#include "app/case/schema.hpp"

namespace calor::app {

namespace {

const Words<SweepMode> mode_words{{"grid", SweepMode::grid},
                                  {"zip", SweepMode::zip},
                                  {"random", SweepMode::random},
                                  {"latin-hypercube", SweepMode::latin_hypercube}};
const Words<SweepFields> fields_words{{"none", SweepFields::none}, {"final", SweepFields::final}};
const Words<SweepDirectories> directories_words{
    {"auto", SweepDirectories::automatic}, {"all", SweepDirectories::all}, {"none", SweepDirectories::none}};

}  // namespace

void bind(Schema& schema, SweepCase& c) {
  schema.word("sweep.mode", c.mode, mode_words)
      .help("How the values of the keys make cases: all combinations, side by side, drawn, drawn evenly");
  schema.integer("sweep.samples", c.samples)
      .at_least(0)
      .at_most(static_cast<double>(SweepCase::most_cases))
      .help("Cases that random and latin-hypercube draw");
  schema.integer("sweep.seed", c.seed).help("Of the draws; the same seed gives the same cases anywhere");
  schema.free_table("sweep.vary", c.vary, "table of keys")
      .help(
          "\"dotted.key\" = [values], or { from, to, count, scale = \"linear\" | \"log\" }; "
          "\"key, key\" = [[a, b], ...] changes keys together");
  schema.text("sweep.file", c.file, 4096)
      .instead_of("sweep.vary")
      .help("Instead: a CSV file, its heading the keys, a row for every case");
  schema.free_tables("sweep.exclude", c.exclude, "list of tables")
      .help(
          "Cases left out: those for which every named key has the value, one of a list, or lies in "
          "{ from, to }");
  schema.integer_or_auto("sweep.ranks_per_case", c.ranks_per_case)
      .at_least(1)
      .at_most(1 << 24)
      .help("Ranks that compute a case; auto: one, and more where cases are large and ranks idle");
  schema.integer("sweep.retries", c.retries)
      .at_least(0)
      .at_most(1000)
      .help("Further tries of a case that failed, from its own checkpoint");
  schema.word("sweep.fields", c.fields, fields_words)
      .help("Fields kept of every case in results.h5: the final temperature, or none");
  schema.word("sweep.directories", c.directories, directories_words)
      .help(
          "Which cases get a directory like that of a run; auto: those with output or checkpoints of "
          "their own");
}

SweepCase read_sweep(const Document& document, Mistakes& mistakes) {
  SweepCase c;
  const Node* const section = document.root().member("sweep");
  if (section == nullptr) {
    mistakes.add(document.root().place, "sweep", nullptr,
                 "missing; a sweep needs [sweep.vary] with the keys to change and their values, or "
                 "sweep.file = \"plan.csv\"");
    return c;
  }
  Node alone;
  alone.place = document.root().place;
  alone.members.push_back(*section);
  Schema schema;
  bind(schema, c);
  schema.read(alone, "", mistakes);
  return c;
}

std::string emit(const SweepCase& c) {
  SweepCase copy = c;
  Schema schema;
  bind(schema, copy);
  return schema.write();
}

}  // namespace calor::app
