// libFuzzer's entry: any bytes, then the same bytes with right checksums. hostile_plan_test.cpp keeps it alive. To
// fuzz:
//   cmake --preset fuzz && cmake --build --preset fuzz && mkdir -p build-fuzz/plans
//   build-fuzz/tests/rondo_fuzz_read_plan -max_len=20000 build-fuzz/plans tests/plan/golden
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
