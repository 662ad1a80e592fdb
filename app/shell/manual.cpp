// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <string>

#include "app/console/command.hpp"
#include "app/console/product.hpp"
#include "app/shell/options.hpp"
#include "app/text/suggest.hpp"
#include "app/text/version.hpp"

namespace calor::app {

namespace {

struct Variable {
  const char *name, *meaning;
};
constexpr std::array environment{
    Variable{"OMP_NUM_THREADS", "threads of a rank"},
    Variable{"OMP_WAIT_POLICY", "passive where ranks and threads share cores"},
    Variable{"CALOR_ISA", "the instruction set of vector loops, of those that calor --version lists"},
    Variable{"NO_COLOR", "not empty: no colours on a terminal"},
    Variable{"SLURM_JOB_END_TIME", "when the job ends: run and sweep stop with a checkpoint in time"},
};

/// Text of a manual page: what roff would take for its own is escaped.
std::string roff(const std::string& text) {
  std::string out;
  bool begins = true;
  for (const char c : text) {
    if (begins && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
    begins = c == '\n';
  }
  return out;
}

std::string options_of(const CommandWords& command) {
  std::string text;
  for (const OptionWords& o : command.options) {
    std::string names;
    for (const std::string& name : o.names)
      names += fmt::format("{}\\fB{}\\fR", names.empty() ? "" : ", ", roff(name));
    text += fmt::format(".TP\n{}{}\n{}\n", names, o.value.empty() ? "" : " \\fI" + o.value + "\\fR",
                        roff(o.help));
  }
  return text;
}

/// A command with its options, and those below it.
std::string section_of(const CommandWords& command, const std::string& before) {
  const std::string name = before + " " + command.name;
  std::string text = fmt::format(".SS {}{}{}\n{}\n{}", roff(name), command.operands.empty() ? "" : " ",
                                 roff(command.operands), roff(command.help), options_of(command));
  for (const CommandWords& inner : command.commands) text += section_of(inner, name);
  return text;
}

std::string page(const CommandWords& root, const std::string& footer) {
  std::string commands, variables;
  for (const CommandWords& c : root.commands) commands += section_of(c, "calor");
  for (const Variable& v : environment)
    variables += fmt::format(".TP\n\\fB{}\\fR\n{}\n", roff(v.name), roff(v.meaning));
  return fmt::format(R"(.\" Made by `calor man`.
.TH CALOR 1 "" "calor {0}" "User Commands"
.SH NAME
calor \- the 2D heat equation on any number of processors
.SH SYNOPSIS
.B calor
.I COMMAND
[options] ...
.br
.B mpirun \-n
.I N
.B calor run
.I CASE.toml
[key=value ...]
.SH DESCRIPTION
{1}
.SH COMMANDS
{2}.SH EXIT STATUS
{3}
.SH ENVIRONMENT
{4}.SH FILES
Results stand in the directory that \-o names, out/CASE else: case.toml, summary.json, history.csv, snapshots/, checkpoints/,
run.log.
.SH SEE ALSO
.BR mpirun (1),
.BR ncdump (1)
)",
                     version, roff(root.help), commands, roff(footer), variables);
}

}  // namespace

namespace commands {

namespace {

std::function<Task()> declare(CLI::App& app) {
  return [&app]() -> Task {
    return [&root = root_of(app)] {
      answer(page(words_of(root), footer_of(root)));
      return Exit::done;
    };
  };
}

}  // namespace

extern constinit const Command man{"man", "the manual page: calor man | man -l -", declare};

}  // namespace commands

}  // namespace calor::app
