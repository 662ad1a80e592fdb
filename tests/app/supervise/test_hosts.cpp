// SPDX-License-Identifier: BSD-3-Clause
// What is read out of a launcher's words and messages, and what is left of it when hosts are out.
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "app/supervise/attempt.hpp"
#include "app/supervise/hosts.hpp"
#include "tests/support/catch.hpp"

using calor::app::LauncherKind;
using calor::app::LauncherWords;

namespace {

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream in{text};
  for (std::string w; in >> w;) words.push_back(w);
  return words;
}
std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& w : words) text += (text.empty() ? "" : " ") + w;
  return text;
}
LauncherWords launcher(const std::string& words, const std::vector<std::string>& of_job = {}) {
  return LauncherWords{split(words), of_job, [](const std::string& file) -> std::optional<std::string> {
                         if (file != "hosts.txt") return {};
                         return "# three\nh1 slots=4\n\nh2 slots=2 max_slots=4 # old\nh3\n";
                       }};
}
std::string without(const std::string& words, const std::set<std::string>& out,
                    const std::vector<std::string>& of_job = {}) {
  return joined(launcher(words, of_job).without(out));
}

}  // namespace

TEST_CASE("the kind of a launcher is its name") {
  CHECK(launcher("").kind() == LauncherKind::none);
  CHECK(launcher("mpirun -n 4").kind() == LauncherKind::mpirun);
  CHECK(launcher("/usr/bin/mpiexec.hydra -n 4").kind() == LauncherKind::mpirun);
  CHECK(launcher("srun -n 4").kind() == LauncherKind::srun);
  CHECK(launcher("./launch.sh").kind() == LauncherKind::other);
}

TEST_CASE("hosts come from the words, from a host file, or from the job") {
  CHECK(joined(launcher("mpirun --host a,b:2,a -n 3").hosts()) == "a b");
  CHECK(joined(launcher("mpirun -n 3 --hostfile hosts.txt").hosts()) == "h1 h2 h3");
  CHECK(launcher("mpirun -n 3 --hostfile none.txt").hosts().empty());
  CHECK(joined(launcher("srun -n 4", {"n1", "n2"}).hosts()) == "n1 n2");
  CHECK(joined(launcher("mpirun --host a", {"n1", "n2"}).hosts()) == "a");
  CHECK(launcher("./launch.sh --host a", {"n1"}).hosts().empty());
  CHECK(launcher("mpirun -np 12 --host a").ranks() == 12);
  CHECK_FALSE(launcher("mpirun --host a").ranks().has_value());
  CHECK(launcher("srun --ntasks=6").ranks() == 6);
}

TEST_CASE("without hosts there are fewer ranks, in proportion to slots and one at least") {
  CHECK(without("mpirun -n 4 --host a:2,b:2", {}) == "mpirun -n 4 --host a:2,b:2");
  CHECK(without("mpirun -n 4 --host a:2,b:2", {"b"}) == "mpirun -n 2 --host a:2");
  CHECK(without("mpirun -n 1 --host a,b", {"a"}) == "mpirun -n 1 --host b");
  CHECK(without("mpirun --host a,b", {"a"}) == "mpirun --host b");
  CHECK(without("mpirun -np 7 --hostfile hosts.txt", {"h1"}) == "mpirun -np 3 --host h2:2,h3");
  CHECK(without("mpiexec.hydra -n 7 -f hosts.txt", {"h1"}) == "mpiexec.hydra -n 3 -hosts h2:2,h3");
  CHECK(without("srun -n 8", {"n2"}, {"n1", "n2", "n3", "n4"}) == "srun --nodes=3 --exclude=n2 -n 6");
  CHECK(without("srun -N 2 --ntasks=8", {"n2"}, {"n1", "n2"}) == "srun --exclude=n2 -N 1 --ntasks=4");
  CHECK(without("mpirun -n 4", {"n2"}, {"n1", "n2"}) == "mpirun --host n1:2 -n 2");
  // Nobody left: then nothing is known, and the words stand.
  CHECK(without("mpirun -n 2 --host a,b", {"a", "b"}) == "mpirun -n 2 --host a,b");
}

TEST_CASE("messages of launchers blame hosts by their whole name") {
  const std::vector<std::string> hosts{"n1", "n2", "n10"};
  const auto who = [&](const char* line) { return joined(calor::app::blamed(line, hosts)); };
  CHECK(who("mpirun noticed that process rank 1 with PID 0 on node n2 exited on signal 9 (Killed).") == "n2");
  CHECK(who("srun: error: n10: task 3: Killed") == "n10");
  CHECK(who("ssh: connect to host n1 port 22: No route to host") == "n1");
  CHECK(who("srun: error: Node failure on n2") == "n2");
  CHECK(who("rank 1 on n2 has begun").empty());
  CHECK(who("mpirun: lost connection to xn2, n2y and n-1").empty());
}

TEST_CASE("the last lines are kept clean and short") {
  calor::app::LastLines lines{2};
  lines.add("first");
  lines.add("a\033[31mb\tc\r");
  lines.add(std::string(10'000, 'x'));
  REQUIRE(lines.lines().size() == 2);
  CHECK(lines.lines()[0] == "a[31mb c");
  CHECK(lines.lines()[1].size() == 500);
}
