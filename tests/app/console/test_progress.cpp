// SPDX-License-Identifier: BSD-3-Clause
#include "app/console/progress.hpp"

#include <sstream>
#include <vector>

#include "tests/support/catch.hpp"

using namespace calor;
using namespace calor::app;

namespace {

/// A clock to turn by hand and streams to look into.
struct Screen {
  std::ostringstream lines, bar;
  double now = 1000.0;
  int width = 100;
  Console console(bool terminal) {
    Console c;
    c.lines = &lines;
    c.bar = terminal ? &bar : nullptr;
    c.seconds = [this] { return now; };
    c.columns = [this] { return width; };
    return c;
  }
};

std::vector<std::string> split(const std::string& text, char mark) {
  std::vector<std::string> parts;
  std::istringstream in{text};
  for (std::string part; std::getline(in, part, mark);) parts.push_back(part);
  return parts;
}

/// What a terminal shows in its one line.
std::string visible(const std::string& written) {
  const std::size_t start = written.rfind('\r');
  std::string text = start == std::string::npos ? written : written.substr(start + 1);
  const std::size_t erase = text.find("\033[K");
  return erase == std::string::npos ? text : text.substr(0, erase);
}

}  // namespace

TEST_CASE("the bar tells percent, time left, steps and rates", "[progress]") {
  Screen screen;
  Progress progress{false, screen.console(true)};
  for (int step = 0; step <= 50; ++step) {
    progress.update(step, 200, 0.0, 0.0, 1e6 * step);
    screen.now += 0.1;
  }
  const std::string shown = visible(screen.bar.str());
  CAPTURE(shown);
  CHECK(shown.find(" 25% [#####..............]") == 0);
  CHECK(shown.find("15 s left") != std::string::npos);
  CHECK(shown.find("step 50/200") != std::string::npos);
  CHECK(shown.find("10.0 steps/s") != std::string::npos);
  CHECK(shown.find("10.0 Mcells/s") != std::string::npos);
  CHECK(screen.lines.str().empty());
  progress.finish();
  CHECK(visible(screen.bar.str()).empty());
}

TEST_CASE("the bar is drawn at most five times a second", "[progress]") {
  Screen screen;
  Progress progress{false, screen.console(true)};
  for (int step = 0; step <= 10000; ++step) {
    progress.update(step, 10000, 0.0, 0.0, 0.0);
    screen.now += 0.001;
  }
  const std::size_t drawn = split(screen.bar.str(), '\r').size() - 1;
  CHECK(drawn >= 45);
  CHECK(drawn <= 50);
}

TEST_CASE("the bar never fills the terminal's last column", "[progress]") {
  for (const int width : {0, 1, 5, 20, 30, 47, 60, 80, 200}) {
    Screen screen;
    screen.width = width;
    Progress progress{false, screen.console(true)};
    for (int step = 0; step < 100; ++step) {
      progress.update(step, 123456, 1e-3 * step, 123.456, 1e8 * step);
      screen.now += 0.25;
    }
    CAPTURE(width, visible(screen.bar.str()));
    CHECK(visible(screen.bar.str()).size() <= std::size_t(std::max(width - 1, 0)));
    if (width > 40) CHECK(visible(screen.bar.str()).find("[..........") != std::string::npos);
    if (width >= 30) CHECK(visible(screen.bar.str()).find('%') != std::string::npos);
  }
}

TEST_CASE("a message clears the bar first, and the bar comes back", "[progress]") {
  Screen screen;
  std::ostringstream both;  // a terminal shows both streams in the order they were written
  Console console = screen.console(true);
  console.lines = console.bar = &both;
  Progress progress{false, console};
  progress.update(0, 10, 0.0, 0.0, 0.0);
  screen.now += 1.0;
  progress.update(1, 10, 0.0, 0.0, 0.0);
  progress.line("checkpoint written");
  const std::string before = both.str();
  CHECK(before.find("\r\033[Kcheckpoint written\n") != std::string::npos);
  CHECK(before.back() == '\n');
  screen.now += 1.0;
  progress.update(2, 10, 0.0, 0.0, 0.0);
  CHECK(both.str().size() > before.size());
  progress.line("a");
  progress.line("b");  // no bar stands there now
  CHECK(both.str().find("a\nb\n") != std::string::npos);
}

TEST_CASE("a batch log gets a line after a second, then fewer and fewer", "[progress]") {
  Screen screen;
  Progress progress{false, screen.console(false)};
  std::vector<int> at;
  std::size_t lines = 0;
  for (int second = 0; second <= 4000; ++second) {
    progress.update(second, 4000, 0.0, 0.0, 0.0);
    const std::size_t n = split(screen.lines.str(), '\n').size();
    if (n > lines) at.push_back(second);
    lines = n;
    screen.now += 1.0;
  }
  const std::vector<int> first(at.begin(), at.begin() + 10);
  CHECK(first == std::vector<int>{1, 10, 20, 30, 40, 50, 60, 120, 180, 240});
  CHECK(at.back() == 3900);
  CHECK(at.size() == 6 + 60 + 1);
  CHECK(screen.bar.str().empty());
  CHECK(screen.lines.str().find('\r') == std::string::npos);
  CHECK(screen.lines.str().find("[") == std::string::npos);
}

TEST_CASE("a resumed run shows its own rates and time left", "[progress]") {
  Screen screen;
  Progress progress{false, screen.console(false)};
  progress.update(1000, 2000, 50.0, 100.0, 0.0);
  screen.now += 10.0;
  progress.update(1100, 2000, 55.0, 100.0, 0.0);
  const std::string line = screen.lines.str();
  CAPTURE(line);
  CHECK(line.find(" 55%") == 0);
  CHECK(line.find("1 min 30 s left") != std::string::npos);
  CHECK(line.find("10.0 steps/s") != std::string::npos);
  CHECK(line.find("t = 55/100 s") != std::string::npos);
}

TEST_CASE("time left is told once it means something", "[progress]") {
  const auto first_told = [](double growth) {  // in seconds after the start
    Screen screen;
    Progress progress{false, screen.console(true)};
    double time = 0.0, step = 1e-3;
    for (int n = 0; n < 1000; ++n, time += step, step *= growth, screen.now += 0.1) {
      progress.update(n, 0, time, 100.0, 0.0);
      if (screen.bar.str().find("left") != std::string::npos) return screen.now - 1000.0;
    }
    return -1.0;
  };
  // Steps that grow: 0.01 s/s at first, and it is over in seconds.
  const double growing = first_told(1.1);
  CHECK(growing > 5.0);  // at 2 %
  CHECK(growing < 8.0);
  // A long run is told of at last.
  CHECK(first_told(1.0) == Approx(20.0).margin(0.3));
}

TEST_CASE("rates are those of late", "[progress]") {
  Screen screen;
  Progress progress{false, screen.console(true)};
  int step = 0;
  for (int k = 0; k < 1000; ++k, screen.now += 0.1)
    progress.update(step += 1, 0, 0.0, 0.0, 0.0);  // 10 steps/s
  for (int k = 0; k < 200; ++k, screen.now += 0.1)
    progress.update(step += 10, 0, 0.0, 0.0, 0.0);  // 100 steps/s
  CAPTURE(visible(screen.bar.str()));
  CHECK(visible(screen.bar.str()).find("100 steps/s") != std::string::npos);
}

TEST_CASE("without a known end there is neither percent nor bar", "[progress]") {
  Screen screen;
  Progress progress{false, screen.console(true)};
  progress.update(0, 0, 0.0, 0.0, 0.0);
  screen.now += 2.0;
  progress.update(5, 0, 1.5, 0.0, 0.0);
  const std::string shown = visible(screen.bar.str());
  CHECK(shown.find("step 5") == 0);
  CHECK(shown.find("2.50 steps/s") != std::string::npos);
  CHECK(shown.find('%') == std::string::npos);
  CHECK(shown.find('[') == std::string::npos);
}

TEST_CASE("quiet is quiet", "[progress]") {
  for (const bool terminal : {true, false}) {
    Screen screen;
    {
      Progress progress{true, screen.console(terminal)};
      for (int step = 0; step < 100; ++step, screen.now += 1.0) progress.update(step, 100, 0.0, 0.0, 0.0);
      progress.line("text");
    }
    CHECK(screen.lines.str().empty());
    CHECK(screen.bar.str().empty());
  }
}

TEST_CASE("a run shorter than a second shows nothing", "[progress]") {
  Screen screen;
  {
    Progress progress{false, screen.console(false)};
    for (int step = 0; step <= 100; ++step, screen.now += 0.009) progress.update(step, 100, 0.0, 0.0, 0.0);
  }
  CHECK(screen.lines.str().empty());
}

TEST_CASE("the bar is cleared when a run ends by an exception", "[progress]") {
  Screen screen;
  try {
    Progress progress{false, screen.console(true)};
    progress.update(0, 10, 0.0, 0.0, 0.0);
    screen.now += 1.0;
    progress.update(1, 10, 0.0, 0.0, 0.0);
    throw 1;
  } catch (int) {
  }
  CHECK(!screen.bar.str().empty());
  CHECK(visible(screen.bar.str()).empty());
}
