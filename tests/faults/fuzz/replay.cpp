// SPDX-License-Identifier: BSD-3-Clause
// In place of libFuzzer's own main: tries each file of the directories that are named, and damaged copies of
// each: CALOR_FAULTS of them (20), drawn by CALOR_SEED (1).
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
  const char* const seed = std::getenv("CALOR_SEED");
  const char* const copies = std::getenv("CALOR_FAULTS");
  const long most = copies != nullptr ? std::atol(copies) : 20;
  std::mt19937_64 random{seed != nullptr ? std::strtoull(seed, nullptr, 10) : 1};
  long tried = 0;
  const auto attempt = [&](const std::string& s) {
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(s.data()), s.size());
    ++tried;
  };
  attempt("");
  for (int k = 1; k < argc; ++k)
    for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[k])) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in{entry.path(), std::ios::binary};
      const std::string whole{std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
      attempt(whole);
      for (long n = 0; n < most && !whole.empty(); ++n) {
        std::string s = whole;
        const std::size_t at = random() % s.size();
        if (n % 3 == 0)
          s.resize(at);
        else if (n % 3 == 1)
          s[at] = static_cast<char>(random());
        else
          s.erase(at, random() % 8 + 1);
        attempt(s);
      }
    }
  std::printf("%ld inputs\n", tried);
  return tried > 1 ? 0 : 1;
}
