// SPDX-License-Identifier: BSD-3-Clause
// Case files: whatever is written, parsing ends, with a case or with a list of mistakes; and what a case is
// written as is that case again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "app/case/case_io.hpp"
#include "app/case/spec_of_case.hpp"
#include "decomposition/error.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace calor;
  using namespace calor::app;
  // Before a zero byte the file, after it an override.
  const std::string all(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = all.find('\0');
  std::vector<std::string> overrides;
  if (cut != std::string::npos) overrides.push_back(all.substr(cut + 1));
  try {
    const Case c = parse_case({Text{"fuzz.toml", all.substr(0, cut)}}, overrides);
    const std::string text = emit(c);
    try {
      // Files that a run keeps beside its case are not there.
      if (c.inputs.empty() && emit(parse_case({Text{"fuzz.toml", text}})) != text) std::abort();
    } catch (const Error&) {
      std::abort();  // what we write we read
    }
    make_spec(c);
  } catch (const Error& e) {
    if (std::string{e.what()}.empty()) std::abort();
  }
  return 0;
}
