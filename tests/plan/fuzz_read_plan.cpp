// libFuzzer's entry: any bytes, then the same bytes with right checksums. hostile_plan_test.cpp keeps it alive; to
// fuzz, from the repository's root:
//   CXXFLAGS=-fsanitize=fuzzer-no-link,address,undefined CC=clang CXX=clang++ cmake -B build-fuzz
//   -DCMAKE_BUILD_TYPE=Debug cmake --build build-fuzz --target rondo_internal clang++ -std=c++20 -g
//   -fsanitize=fuzzer,address,undefined -Isrc -o build-fuzz/fuzz_read_plan
//     tests/plan/fuzz_read_plan.cpp build-fuzz/librondo_internal.a -lxxhash -lpthread -ldl
//   mkdir -p build-fuzz/corpus; build-fuzz/fuzz_read_plan -max_len=20000 build-fuzz/corpus tests/plan/golden
#include "base/error.h"
#include "damage.h"
#include "plan/plan_file.h"

namespace rondo::plan {
namespace {

void read(const Bytes& file) {
  try {
    const Program program = read_plan(file.data(), file.size());
    to_string(program);
    write_plan(program);
  } catch (const Error&) {
  }
}

}  // namespace
}  // namespace rondo::plan

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  rondo::Bytes file(data, data + size);
  rondo::plan::read(file);
  rondo::plan::seal_all(file);
  rondo::plan::read(file);
  return 0;
}
