// SPDX-License-Identifier: BSD-3-Clause
#include "app/run/remarks.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "app/case/case_warnings.hpp"
#include "app/run/cavity_table.hpp"
#include "app/run/region_table.hpp"

namespace calor::app {

std::vector<std::string> warnings_of(const Case& c, Simulation& sim, const HistoryRow& row,
                                     std::vector<RegionReport>& known) {
  std::vector<std::string> all = case_warnings(c);
  const auto add = [&](std::vector<std::string> more) {
    std::move(more.begin(), more.end(), std::back_inserter(all));
  };
  const Problem& p = sim.problem();
  // Ranks of a team need not have had the same cases before.
  if (!p.regions.empty() && p.comm.any(known.empty())) known = report_regions(p);
  const ProblemSpec& spec = sim.spec().problem;
  add(region_warnings(known, spec.regions, spec.materials, spec.grid));
  if (!sim.steady())
    if (std::string warning = contact_warning(p); !warning.empty()) all.push_back(std::move(warning));
  add(sim.warnings());
  if (std::any_of(c.regions.begin(), c.regions.end(), [](const RegionCase& r) { return !r.cavity.empty(); }))
    add(cavity_table(c, regions_summary(row, sim.spec()), cavity_differences(c, sim)).warnings);
  return all;
}

}  // namespace calor::app
