// SPDX-License-Identifier: BSD-3-Clause
#include "app/console/guarded.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <exception>
#include <new>

#include "app/console/product.hpp"
#include "app/console/terminal.hpp"

namespace calor::app {

namespace {

int report(const Error& e, bool speak) {
  if (speak && *e.what() != 0)
    complain(fmt::format("{} {}\n", toned("calor:", Tone::bad, STDERR_FILENO), e.what()));
  return static_cast<int>(e.code());
}

}  // namespace

int guarded(const std::function<Exit()>& work) {
  try {
    return static_cast<int>(work());
  } catch (const Error& e) {
    return report(e, true);
  } catch (const std::exception& e) {
    complain(fmt::format("calor: internal error: {}\n", e.what()));
  }
  return static_cast<int>(Exit::internal);
}

int guarded(const mpi::Comm& world, const std::function<Exit()>& work) {
  try {
    return static_cast<int>(work());
  } catch (const Error& e) {
    return report(e, world.root());
  } catch (const std::bad_alloc&) {
    complain(fmt::format(
        "calor: rank {}: out of memory; use more nodes or a coarser grid (calor estimate tells how much is "
        "needed)\n",
        world.rank()));
  } catch (const std::exception& e) {
    complain(fmt::format("calor: rank {}: internal error: {}\n", world.rank(), e.what()));
  }
  if (world.size() == 1) return static_cast<int>(Exit::internal);
  mpi::Environment::abort(static_cast<int>(Exit::internal));  // the others may be waiting for this rank
}

}  // namespace calor::app
