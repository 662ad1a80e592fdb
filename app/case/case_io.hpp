// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "app/case/case.hpp"
#include "app/case/document.hpp"
#include "app/case/inputs.hpp"
#include "decomposition/mpi.hpp"

namespace calor::app {

/// The case that the files say, later ones over earlier ones, and the `key=value` overrides over them. The
/// name of a shipped case stands for its text where there is no such file. Collective: rank 0 reads the
/// bytes, every rank parses the same. `initial.file` comes out as an absolute path.
/// @throws Error on every rank alike: Exit::no_input for a file that cannot be read (`initial.file`
/// included),
///         Exit::bad_data for a file that is not the one that the case says by its hash,
///         Exit::usage for an override that is no key=value, Exit::bad_case with a line for every mistake
Case read_case(const mpi::Comm& comm, const std::vector<std::string>& files,
               const std::vector<std::string>& overrides);

/// The same from texts, without MPI and without a look at `initial.file`.
Case parse_case(const std::vector<Text>& texts, const std::vector<std::string>& overrides = {});

/// The texts of a case and its overrides, as rank 0 read them, on every rank. Collective.
/// @throws Error as read_case for what cannot be read
struct CaseText {
  std::vector<Text> texts;
  std::vector<std::string> overrides;
};
CaseText read_texts(const mpi::Comm& comm, const std::vector<std::string>& files,
                    const std::vector<std::string>& overrides);

/// Reads case after case from documents, at less cost than one alone. Not collective.
class CaseReader {
 public:
  /// @param name  of the cases
  explicit CaseReader(std::string name);
  ~CaseReader();
  CaseReader(const CaseReader&) = delete;
  CaseReader& operator=(const CaseReader&) = delete;
  /// The case that the document says, without a look at `initial.file`; good until the next call.
  const Case& read(const Document& document, Mistakes& mistakes);
  /// Of the case read last: tables that cannot be read, a line each, or nothing.
  const std::string& missing() const { return missing_; }
  /// Likewise: files that are not those that the case was made with.
  const std::string& changed() const { return changed_; }

 private:
  struct Bound;
  std::string name_;
  std::unique_ptr<Bound> bound_;
  std::string missing_, changed_;
};

/// Reads a case and, before, the tables it asks for: rank 0 from the files, the others from rank 0.
/// Collective.
Case read_with_tables(const mpi::Comm& comm, CaseReader& reader, const Document& document,
                      Mistakes& mistakes);

/// What is wrong with the file of `initial.file`, or nothing: that it is not there, or has changed.
struct InitialFile {
  std::string missing, changed;
  const std::string& wrong() const { return missing.empty() ? changed : missing; }
};
/// Makes the path of `initial.file` absolute and finds the hash of what is there. Not collective.
InitialFile find_initial_file(Case& c, const Document& document, FileHashes& hashes);

/// The resolved case as TOML: every key with its value. parse_case of it gives the same case to the last bit.
std::string emit(const Case& c);

/// The case without where the files of its arrays lie: their hashes say what they hold.
Case without_array_places(Case c);
/// All that the results of a case depend on, to the last bit; the same text means the same results.
std::string results_signature(const Case& c);

/// Every key with type, unit, default, range and help: aligned text, or Markdown tables.
std::string schema_text(bool markdown);
/// The keys that have one place in a case: not those of a region, a probe and the like.
std::vector<KeyWords> case_keys();
/// What the numbers of a key are, by its path in a case.
KeyNumbers numbers_at(const std::vector<std::string>& path);
/// The same as a JSON Schema.
std::string schema_json();

/// The case without its name and without the `where` of its parts: what two texts of the same meaning share.
Case without_places(Case c);

std::string name_of(const Method* method);  ///< the word a case file uses
std::string name_of(PreconditionerKind preconditioner);
std::string name_of(TemperatureUnit unit);

}  // namespace calor::app
