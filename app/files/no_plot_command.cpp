// SPDX-License-Identifier: BSD-3-Clause
// What a build without pictures (CALOR_PLOT=OFF) has in place of plot_command.cpp.
#include "app/files/plot_command.hpp"

namespace calor::app {

Exit plot_command(const mpi::Comm&, const PlotOptions&) {
  // As a word that is no command: nothing is wrong with the input, nor inside calor.
  throw Error{Exit::usage,
              "plot: this calor was built without pictures (CALOR_PLOT=OFF). Build it with cairo (on Debian: "
              "libcairo2-dev) and -DCALOR_PLOT=ON, or open the snapshot with another program"};
}

}  // namespace calor::app
