// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "app/case/case.hpp"
#include "app/case/document.hpp"
#include "app/case/schema.hpp"
#include "solver/model/function.hpp"

namespace calor::app {

/// What the values of a case may refer to while it is read: its functions, and tables in files.
class CaseContext {
 public:
  /// @param c  the case that is being read; its functions come before what calls them
  CaseContext(const Document& document, Case& c, Mistakes& mistakes);

  /// The functions of the case and those that are built in. What is wrong with one becomes a mistake, once,
  /// and the function is there nevertheless.
  const FunctionTable& functions();
  /// `; did you mean "T_out"?`, where the text has a name that is like a function's and is none.
  std::string did_you_mean_in(const std::string& text);

  /// A table over time. @param range  of its values  @return whether it can be used
  bool read_course(const Node& node, const Reading& reading, const Range& range, CourseCase& course);

  /// A picture, or a drawing. What is wrong with the file becomes a mistake.
  void read_picture(const Node& node, const Reading& reading, PictureCase& picture);
  void read_drawing(const Node& node, const Reading& reading, DrawingCase& drawing);

  /// The file of a region's arrays, and one of them, for which `reading` has that file. What is wrong with it
  /// becomes a mistake. @param range  of its values  @return whether it can be used
  void read_array_file(const Node& node, ArrayFileCase& file);
  bool read_dataset(const Node& node, const Reading& reading, const Range& range, DatasetCase& dataset);

  /// After all was read: stamps and ends. @param end  of the run, s, as far as it is known
  void finish(const std::optional<double>& end);
  /// Files that cannot be read, a line each.
  const std::vector<std::string>& missing() const { return missing_; }
  /// Files that are not those that the case was made with, a line each.
  const std::vector<std::string>& changed() const { return changed_; }
  const std::vector<InputFile>& inputs() const { return inputs_; }
  std::optional<double> covered_until() const { return covered_until_; }

 private:
  struct Dated {
    std::string key, file;
    Place place;
    Stamp first;
    std::string first_text;
  };
  struct Ending {
    std::string key;
    Place place;
    double first, last;
  };
  /// One of the ways to give a course: the key that tells it, and where it stands.
  struct Way {
    const char* key;
    const Node* node;
  };
  bool settle_course(const Node& node, const std::string& path, const Range& range, bool expression_allowed,
                     CourseCase& course);
  std::optional<Way> chosen_way(const Node& node, const std::string& path, bool expression_allowed);
  bool none_beside(const Way& way, std::initializer_list<const char*> keys, const Node& node,
                   const std::string& path, const std::string& what);
  bool check_points(const Way& way, const Node& node, const std::string& path, const CourseCase& course);
  bool check_period(const Node& node, const std::string& path, const CourseCase& course);
  bool check_values(const Node& node, const std::string& path, const Range& range, const CourseCase& course);
  bool load(const Node& node, const std::string& path, CourseCase& course);
  void refuse_file(const Node& file, const Reading& reading, const InputTables::Entry& entry);
  void note(const InputFile& file);
  static void say_once(std::vector<std::string>& lines, const std::string& line);
  void refuse(const Node& node, const std::string& path, const std::string& what);

  const Document& document_;
  Case& case_;
  Mistakes& mistakes_;
  std::optional<FunctionTable> functions_;
  std::optional<Stamp> start_;
  std::vector<Dated> dated_;
  std::vector<Ending> endings_;
  std::vector<InputFile> inputs_;
  std::vector<std::string> missing_, changed_;
  std::optional<double> covered_until_;
};

/// One line a key of a table over time, and of a function.
void bind(Schema& schema, CourseCase& c);
void bind(Schema& schema, FunctionCase& c);

/// The functions that the expressions of a case may call: its own, in its own unit, and those built in.
FunctionTable functions_of(const Case& c);

/// The resolved case points to the copies beside it.
void point_to_copies(CourseCase& c);

}  // namespace calor::app
