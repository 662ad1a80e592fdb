// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/case/case_io.hpp"
#include "app/case/shipped_cases.hpp"
#include "app/console/command.hpp"
#include "app/console/product.hpp"
#include "app/shell/options.hpp"
#include "app/text/suggest.hpp"
#include "app/verify/problems.hpp"

namespace calor::app {

namespace {

std::vector<std::string> operands_of(const CommandWords& command);
bool takes_files(const CommandWords& command);

/// Keys, "grid.nx=", and where they take words, "time.method=rkl2".
std::vector<std::string> overrides() {
  std::vector<std::string> all;
  for (const KeyWords& key : case_keys()) {
    if (key.choices.empty()) all.push_back(key.name + "=");
    for (const std::string& word : key.choices) all.push_back(key.name + "=" + word);
  }
  return all;
}

std::vector<std::string> problem_names() {
  std::vector<std::string> names;
  for (const ReferenceProblem& p : reference_problems()) names.emplace_back(p.name);
  return names;
}

std::vector<std::string> cases_and_keys() {
  std::vector<std::string> all = shipped_names();
  for (std::string& key : overrides()) all.push_back(std::move(key));
  return all;
}

struct Shell {
  const char* name;
  std::string (*script)(const CommandWords& root);
};

// bash

std::string bash(const CommandWords& root) {
  std::string commands, cases;
  for (const CommandWords& c : root.commands) {
    commands += (commands.empty() ? "" : " ") + c.name;
    std::vector<std::string> options;
    const auto add = [&](const CommandWords& words) {
      for (const OptionWords& o : words.options)
        options.insert(options.end(), o.names.begin(), o.names.end());
    };
    add(c);
    for (const CommandWords& inner : c.commands) add(inner);
    cases +=
        fmt::format("    {})\n      options='{}'\n      operands='{}'\n      files={}\n      ;;\n", c.name,
                    joined(options, " "), joined(operands_of(c), " "), takes_files(c) ? "yes" : "");
  }
  return fmt::format(R"(# Completion of calor for bash, made by `calor completion bash`.
_calor() {{
  # The word as it was typed: bash parts it at "=".
  local line=${{COMP_LINE:0:COMP_POINT}} word current=${{COMP_WORDS[COMP_CWORD]}} options= operands= files= n
  word=${{line##*[[:space:]]}}
  if ((COMP_CWORD < 2)); then
    COMPREPLY=($(compgen -W '{} --help --version' -- "$word"))
    return
  fi
  case ${{COMP_WORDS[1]}} in
{}  esac
  if [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$word"))
    return
  fi
  COMPREPLY=($(compgen -W "$operands" -- "$word"))
  if ((${{#COMPREPLY[@]}} == 1)) && [[ ${{COMPREPLY[0]}} == *= ]]; then compopt -o nospace 2>/dev/null; fi
  # Only what follows the last "=" is replaced.
  if [[ $word == *=* && $COMP_WORDBREAKS == *=* ]]; then
    for n in "${{!COMPREPLY[@]}}"; do COMPREPLY[n]=${{COMPREPLY[n]#"${{word%=*}}="}}; done
  elif [[ -n $files && $word != *=* ]]; then
    COMPREPLY+=($(compgen -f -- "$current"))
  fi
}}
complete -o filenames -F _calor calor
)",
                     commands, cases);
}

// zsh

std::string zsh_quoted(const std::string& text, const char* special) {
  std::string out;
  for (const char c : text) {
    if (c == '\'')
      out += "'\\'";
    else if (std::string{special}.find(c) != std::string::npos)
      out += '\\';
    out += c;
  }
  return out;
}

std::string zsh(const CommandWords& root) {
  std::string commands, cases;
  for (const CommandWords& c : root.commands) {
    commands += fmt::format("    '{}:{}'\n", c.name, zsh_quoted(c.help, ":\\"));
    cases += fmt::format("    {})\n      _arguments \\\n", c.name);
    const auto add = [&](const CommandWords& words) {
      for (const OptionWords& o : words.options)
        for (const std::string& name : o.names)
          cases += fmt::format("        '{}[{}]{}' \\\n", name, zsh_quoted(o.help, "[]:\\"),
                               o.value.empty() ? "" : ":value:_files");
    };
    add(c);
    for (const CommandWords& inner : c.commands) add(inner);
    cases += fmt::format("        '*: :_calor_operands {}'\n      ;;\n",
                         zsh_quoted(joined(operands_of(c), " "), ":\\"));
  }
  return fmt::format(R"(#compdef calor
# Completion of calor for zsh, made by `calor completion zsh`.
_calor_operands() {{
  (($#)) && compadd -S '' -- ${{(M)@:#*=}}
  (($#)) && compadd -- ${{@:#*=}}
  _files
}}
_calor() {{
  local -a commands
  commands=(
{}  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
{}  esac
}}
if [[ $funcstack[1] == _calor ]]; then _calor "$@"; else compdef _calor calor; fi
)",
                     commands, cases);
}

// fish

std::string fish_quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string fish(const CommandWords& root) {
  std::string text =
      "# Completion of calor for fish, made by `calor completion fish`.\n"
      "complete -c calor -n __fish_use_subcommand -f\n"
      "complete -c calor -n __fish_use_subcommand -l version -l help\n";
  for (const CommandWords& c : root.commands) {
    text += fmt::format("complete -c calor -n __fish_use_subcommand -f -a {} -d {}\n", c.name,
                        fish_quoted(c.help));
    const std::string when = fmt::format("complete -c calor -n '__fish_seen_subcommand_from {}'", c.name);
    const auto add = [&](const CommandWords& words) {
      for (const OptionWords& o : words.options) {
        text += when;
        for (const std::string& name : o.names)
          text += name.compare(0, 2, "--") == 0 ? " -l " + name.substr(2) : " -s " + name.substr(1);
        text += fmt::format("{} -d {}\n", o.value.empty() ? "" : " -r", fish_quoted(o.help));
      }
    };
    add(c);
    for (const CommandWords& inner : c.commands) add(inner);
    if (const auto operands = operands_of(c); !operands.empty())
      text +=
          fmt::format("{}{} -a {}\n", when, takes_files(c) ? "" : " -f", fish_quoted(joined(operands, " ")));
  }
  return text;
}

constexpr std::array shells{Shell{"bash", bash}, Shell{"zsh", zsh}, Shell{"fish", fish}};

std::vector<std::string> shell_names() {
  std::vector<std::string> names;
  for (const Shell& s : shells) names.emplace_back(s.name);
  return names;
}

/// What can stand among a command's operands.
struct Row {
  const char* command;
  std::vector<std::string> (*words)();
  bool files;  // files too
};
constexpr std::array rows{Row{"run", cases_and_keys, true},      Row{"sweep", cases_and_keys, true},
                          Row{"estimate", cases_and_keys, true}, Row{"examples", shipped_names, false},
                          Row{"verify", problem_names, false},   Row{"completion", shell_names, false}};

const Row* row_of(const CommandWords& command) {
  const auto row =
      std::find_if(rows.begin(), rows.end(), [&](const Row& r) { return r.command == command.name; });
  return row == rows.end() ? nullptr : row;
}

bool takes_files(const CommandWords& command) {
  const Row* const row = row_of(command);
  return row == nullptr || row->files;
}

std::vector<std::string> operands_of(const CommandWords& command) {
  std::vector<std::string> words;
  for (const CommandWords& inner : command.commands) words.push_back(inner.name);
  if (const Row* const row = row_of(command))
    for (std::string& word : row->words()) words.push_back(std::move(word));
  return words;
}

}  // namespace

namespace commands {

namespace {

std::function<Task()> declare(CLI::App& app) {
  const auto shell = std::make_shared<std::string>();
  app.add_option("shell", *shell, joined(shell_names()))->required();
  return [shell, &app]() -> Task {
    const auto found =
        std::find_if(shells.begin(), shells.end(), [&](const Shell& s) { return s.name == *shell; });
    if (found == shells.end())
      throw Error{Exit::usage, fmt::format("completion {}: there is {}", *shell, joined(shell_names()))};
    return [script = found->script, &root = root_of(app)] {
      answer(script(words_of(root)));
      return Exit::done;
    };
  };
}

}  // namespace

extern constinit const Command completion{
    "completion", "what a shell needs to complete words of calor: bash, zsh, fish", declare};

}  // namespace commands

}  // namespace calor::app
