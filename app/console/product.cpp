// SPDX-License-Identifier: BSD-3-Clause
#include "app/console/product.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <system_error>

#include "app/text/user_file.hpp"
#include "decomposition/error.hpp"

namespace calor::app {

namespace {
bool answered = false;
int failure = 0;  // errno of the first write that failed
}  // namespace

void answer(std::string_view text) {
  answered = answered || !text.empty();
  if (failure == 0 && std::fwrite(text.data(), 1, text.size(), stdout) < text.size())
    failure = errno != 0 ? errno : EIO;
}

void answer_written(const std::string& path) {
  if (!is_standard_output(path)) answer(path + "\n");
}

void answer_json(const nlohmann::ordered_json& object) {
  answer(object.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
}

void flush_answer() {
  if (failure == 0 && answered && std::fflush(stdout) != 0) failure = errno != 0 ? errno : EIO;
}

void deliver_answer() {
  flush_answer();
  if (failure != 0)
    throw Error{Exit::io_error,
                fmt::format("cannot write to standard output: {}", std::generic_category().message(failure))};
}

void complain(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace calor::app
