// SPDX-License-Identifier: BSD-3-Clause
// Pictures alone: a program that links calor::plot and nothing else draws, and has brought no MPI with it.
#include <dlfcn.h>

#include <cstdio>
#include <vector>

#include "app/plot/plot.hpp"

int main() {
  const std::vector<double> values{1.0, 2.0, 3.0, 4.0};
  calor::app::Picture picture;
  picture.nx = picture.ny = 2;
  picture.values = values.data();
  const bool drawn = calor::app::render(picture).canvas.encoded(calor::app::PictureFormat::png).size() > 1000;
  const bool alone = ::dlsym(RTLD_DEFAULT, "MPI_Init") == nullptr;
  if (!drawn) std::puts("no picture");
  if (!alone) std::puts("calor::plot brings MPI with it");
  return drawn && alone ? 0 : 1;
}
