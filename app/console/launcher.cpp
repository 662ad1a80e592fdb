// SPDX-License-Identifier: BSD-3-Clause
#include "app/console/launcher.hpp"

#include <cstdlib>
#include <exception>
#include <string>

namespace calor::app {

std::optional<int> number_of(const char* variable) {
  const char* const text = std::getenv(variable);
  if (text == nullptr) return {};
  try {
    std::size_t used = 0;
    const int n = std::stoi(text, &used);
    if (used == std::string{text}.size()) return n;
  } catch (const std::exception&) {
  }
  return {};
}

bool first_process() {
  for (const char* variable : {"OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK", "SLURM_PROCID"})
    if (const auto rank = number_of(variable)) return *rank == 0;
  return true;
}

void keep_to_itself() {
  for (const char* variable :
       {"OMPI_COMM_WORLD_SIZE", "OMPI_MCA_ess_base_jobid", "PMIX_NAMESPACE", "PMIX_RANK", "PMI_RANK",
        "PMI_SIZE", "PMI_FD", "PMI_PORT", "PMI_JOBID", "HYDI_CONTROL_FD", "SLURM_STEP_ID", "SLURM_STEPID",
        "MPI_LOCALNRANKS", "PALS_RANKID", "ALPS_APP_PE", "FLUX_TASK_RANK"})
    if (std::getenv(variable) != nullptr) return;
  // Open MPI 4 only; later ones start no daemon, and do not know the first two of these. Its directory for
  // the session has one name for all processes that are by themselves: one that ends removes it while another
  // that starts is making its own inside, which then ends with 1. One process has no need of it.
  setenv("OMPI_MCA_ess_singleton_isolated", "1", 0);
  setenv("OMPI_MCA_orte_create_session_dirs", "0", 0);
  setenv("OMPI_MCA_pml", "ob1", 0);
  setenv("OMPI_MCA_btl", "self", 0);
}

void stay_on_the_node() {
  const auto all = number_of("OMPI_COMM_WORLD_SIZE");
  const bool by_mpirun = all && all == number_of("OMPI_COMM_WORLD_LOCAL_SIZE");
  // Parts of a heterogeneous job count their own nodes alone.
  const bool by_srun = !all && number_of("SLURM_STEP_NUM_NODES") == 1 && number_of("SLURM_PROCID") &&
                       std::getenv("SLURM_HET_SIZE") == nullptr;
  if (by_mpirun || by_srun) setenv("OMPI_MCA_pml", "ob1", 0);
}

int processes_here() {
  for (const char* variable : {"OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS", "PMI_LOCAL_SIZE"})
    if (const auto n = number_of(variable)) return *n;
  // srun: "4(x2),3", node by node; the first stands for all, whose numbers hardly differ.
  const char* const tasks = std::getenv("SLURM_STEP_TASKS_PER_NODE");
  const int n = tasks != nullptr ? std::atoi(tasks) : 1;
  return n > 0 ? n : 1;
}

}  // namespace calor::app
