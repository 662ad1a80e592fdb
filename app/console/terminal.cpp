// SPDX-License-Identifier: BSD-3-Clause
#include "app/console/terminal.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

namespace calor::app {

bool launcher_has_terminal() {
  if (std::getenv("OMPI_COMM_WORLD_SIZE") == nullptr) return true;  // no launcher that does so
  char target[64] = "";
  const std::string link = "/proc/" + std::to_string(::getppid()) + "/fd/1";
  if (::readlink(link.c_str(), target, sizeof target - 1) < 0) return false;
  const std::string_view to{target};
  return to.substr(0, 9) == "/dev/pts/" || to.substr(0, 8) == "/dev/tty" || to == "/dev/console";
}

std::string toned(std::string_view text, Tone tone, int file) {
  const auto set = [](const char* name) {
    const char* const value = std::getenv(name);
    return std::string_view{value != nullptr ? value : ""};
  };
  if (!set("NO_COLOR").empty() || set("TERM").empty() || set("TERM") == "dumb" || ::isatty(file) == 0 ||
      !launcher_has_terminal())
    return std::string{text};
  const auto code = [&] {
    switch (tone) {
      case Tone::bad:
        return "1;31";
      case Tone::careful:
        return "33";
      case Tone::good:
        return "32";
    }
    return "0";
  };
  return fmt::format("\033[{}m{}\033[0m", code(), text);
}

}  // namespace calor::app
