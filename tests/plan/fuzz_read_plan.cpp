// libFuzzer entry: any bytes, then the same bytes with right checksums. Not part of the build. From the repository's
// root:
//   clang++ -std=c++20 -g -O1 -fsanitize=fuzzer,address,undefined -Isrc -I<build>/generated -o fuzz_read_plan
//     tests/plan/fuzz_read_plan.cc src/plan/*.cpp src/tile/*.cpp src/base/{error,dtype,hash,checked,half}.cpp
//   ./fuzz_read_plan -max_len=20000 corpus tests/plan/golden
#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "base/hash.h"
#include "plan/container.h"
#include "plan/plan_file.h"

namespace {

void read(const Bytes& file) {
  try {
    const rondo::plan::Program program = rondo::plan::read_plan(file.data(), file.size());
    rondo::plan::to_string(program);
    rondo::plan::write_plan(program);
  } catch (const rondo::Error&) {
  }
}

/// Makes all checksums right whose ranges lie inside the file.
void seal(Bytes& file) {
  constexpr size_t kCountAt = 32, kHashAt = 40, kOffsetAt = 16, kSizeAt = 24, kEntryHashAt = 32;
  const auto number = [&](size_t at, size_t size) {
    uint64_t value = 0;
    std::memcpy(&value, file.data() + at, size);
    return value;
  };
  const auto put = [&](size_t at, uint64_t value) { std::memcpy(file.data() + at, &value, sizeof value); };
  const uint64_t file_bytes = file.size();
  std::memcpy(file.data() + 24, &file_bytes, sizeof file_bytes);
  const size_t head = rondo::plan::kHeaderBytes + number(kCountAt, 4) % 16 * rondo::plan::kEntryBytes;
  for (size_t entry = rondo::plan::kHeaderBytes; entry + rondo::plan::kEntryBytes <= std::min(head, file.size());
       entry += rondo::plan::kEntryBytes) {
    const uint64_t offset = number(entry + kOffsetAt, 8), size = number(entry + kSizeAt, 8);
    if (offset > file.size() || size > file.size() - offset) continue;
    put(entry + kEntryHashAt, rondo::hash_bytes(file.data() + offset, size));
  }
  if (head > file.size()) return;
  put(kHashAt, 0);
  put(kHashAt, rondo::hash_bytes(file.data(), head));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Bytes file(data, data + size);
  read(file);
  if (size < rondo::plan::kHeaderBytes) return 0;
  seal(file);
  read(file);
  return 0;
}
