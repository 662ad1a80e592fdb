// SPDX-License-Identifier: BSD-3-Clause
// The cases that are disturbed: heterogeneous, with probes, regions, snapshots and many checkpoints.
#include <algorithm>

#include "app/torture/rig.hpp"
#include "decomposition/error.hpp"

namespace calor::app::torture {

#define CALOR_VICTIM_PLATE "[grid]\nnx = 64\nny = 48\n" CALOR_VICTIM_REST
#define CALOR_VICTIM_REST                                                  \
  "[material]\nconductivity = 1.0\ndensity = 1.0\nspecific_heat = 1.0\n"   \
  "[[region]]\nname = \"disc\"\nshape = \"circle\"\ncenter = [0.4, 0.6]\n" \
  "radius = 0.2\nconductivity = 20.0\n"                                    \
  "[initial]\ntemperature = 0.0\n"                                         \
  "[boundary]\nleft = { type = \"temperature\", value = 10.0 }\n"          \
  "right = { type = \"convection\", film = 5.0, ambient = 1.0 }\n"         \
  "[[probe]]\nname = \"middle\"\nat = [0.5, 0.5]\n"                        \
  "[[probe]]\nname = \"corner\"\nat = [0.1, 0.1]\n"

namespace {

constexpr const char* euler = CALOR_VICTIM_PLATE
    "[time]\nmethod = \"euler\"\nsteps = 24\n[output]\nevery_steps = 12\n[checkpoint]\nevery_steps = 7\n";
constexpr const char* implicit = CALOR_VICTIM_PLATE
    "[time]\nmethod = \"backward-euler\"\nsteps = 12\ndt = 1e-4\n[output]\nevery_steps = 6\n"
    "[checkpoint]\nevery_steps = 5\n";
constexpr const char* sweep = CALOR_VICTIM_PLATE
    "[time]\nmethod = \"euler\"\nsteps = 20\n[sweep]\nfields = \"final\"\n[sweep.vary]\n"
    "\"material.conductivity\" = { from = 1.0, to = 2.0, count = 5 }\n";
constexpr const char* long_euler = CALOR_VICTIM_PLATE
    "[time]\nmethod = \"euler\"\nsteps = 700\n[output]\nevery_steps = 200\n[checkpoint]\nevery_steps = 7\n";
constexpr const char* long_rkl2 = CALOR_VICTIM_PLATE
    "[time]\nmethod = \"rkl2\"\nsteps = 560\ndt = 2e-5\n[output]\nevery_steps = 200\n"
    "[checkpoint]\nevery_steps = 7\n";
constexpr const char* long_implicit = CALOR_VICTIM_PLATE
    "[time]\nmethod = \"crank-nicolson\"\nsteps = 350\ndt = 1e-4\n[output]\nevery_steps = 100\n"
    "[checkpoint]\nevery_steps = 7\n";
constexpr const char* long_steady =
    "[grid]\nnx = 160\nny = 140\n"
    "[material]\nconductivity = \"1+0.01*T*T\"\n"
    "[boundary]\nleft = { type = \"temperature\", value = 100.0 }\n"
    "right = { type = \"temperature\", value = 0.0 }\n"
    "top = { type = \"convection\", film = 5.0, ambient = 20.0 }\n"
    "[[probe]]\nname = \"middle\"\nat = [0.5, 0.5]\n"
    "[time]\nmethod = \"steady\"\n[checkpoint]\nevery_steps = 1\n";
constexpr const char* long_sweep =
    CALOR_VICTIM_PLATE "[time]\nmethod = \"euler\"\n[sweep]\nfile = \"plan.csv\"\nfields = \"final\"\n";

}  // namespace

extern const std::array<Victim, 9> victims{{
    {"euler", "run", euler, 7, ""},
    {"direct", "run", euler, 7, "checkpoint.writer=direct"},
    {"implicit", "run", implicit, 5, ""},
    {"sweep", "sweep", sweep, 0, ""},
    {"long-euler", "run", long_euler, 7, ""},
    {"long-rkl2", "run", long_rkl2, 7, ""},
    {"long-implicit", "run", long_implicit, 7, ""},
    {"long-steady", "run", long_steady, 0, ""},
    {"long-sweep", "sweep", long_sweep, 0, ""},
}};

const Victim& victim(std::string_view name) {
  const auto found =
      std::find_if(victims.begin(), victims.end(), [&](const Victim& v) { return v.name == name; });
  if (found == victims.end()) throw Error{Exit::internal, "no victim " + std::string{name}};
  return *found;
}

}  // namespace calor::app::torture
