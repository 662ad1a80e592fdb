// SPDX-License-Identifier: BSD-3-Clause
// The verifier of checkpoints, which looks at a file before anything else does. What is fuzzed is the
// manifest (or, where the input begins with 'F', the whole file): lengths and its hash are made right, so
// that the fuzzer gets beyond them.
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "decomposition/mpi.hpp"
#include "io/array_file.hpp"
#include "io/checkpoint.hpp"

namespace {

constexpr std::uint64_t golden = 0x9e3779b97f4a7c15U;
std::uint64_t mix64(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}
/// docs/file_format.md, "Hash", written anew.
std::uint64_t hash_of(const std::string& s, std::uint64_t salt) {
  std::uint64_t sum = 0;
  for (std::size_t k = 0; 8 * k < s.size(); ++k) {
    std::uint64_t w = 0;
    std::memcpy(&w, s.data() + 8 * k, std::min<std::size_t>(8, s.size() - 8 * k));
    sum += mix64((w + golden * (k + 1)) ^ salt);
  }
  return mix64(sum ^ mix64(s.size() + golden));
}
void add(std::string& to, std::uint64_t w) { to.append(reinterpret_cast<const char*>(&w), sizeof w); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static int words = 1;
  static char name[] = "fuzz";
  static char* list[] = {name, nullptr};
  static char** argv = list;
  static calor::mpi::Environment environment{words, argv};
  static const calor::mpi::Comm world = environment.world();
  static const std::string path =
      (std::filesystem::temp_directory_path() / ("calor-fuzz-" + std::to_string(::getpid()) + ".h5"))
          .string();
  static const int registered = std::atexit([] { std::filesystem::remove(path); });
  static_cast<void>(registered);

  std::string file(reinterpret_cast<const char*>(data), size);
  if (file.empty() || file[0] != 'F') {
    const std::string manifest = file;
    file.assign(4096, '\x89');  // in place of HDF5 and row checksums
    file += manifest;
    const std::uint64_t whole = file.size() + 32;
    file += "calorSUM";
    add(file, manifest.size());
    add(file, hash_of(manifest, mix64(whole + golden)));
    add(file, whole);
  }
  std::ofstream{path, std::ios::binary}.write(file.data(), static_cast<std::streamsize>(file.size()));
  try {
    const calor::io::Manifest m = calor::io::read_checkpoint(world, path);
    for (const calor::io::FieldEntry& f : m.fields)
      if (f.offset < 0 || f.offset + f.bytes() > m.file_bytes) std::abort();
  } catch (const calor::Error&) {
  }
  return 0;
}
