#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bulk_memory.h"
#include "plan/program.h"

namespace rondo::plan {

/// FlatBuffers of the three metadata sections (plan.fbs). Deterministic.
Bytes encode_meta(const Program& program);
Bytes encode_tiles(const Program& program);
Bytes encode_executable(const Program& program);

/// Memory that decoding may still take. Flat tables may be referred to many times within a section, so what a section unfolds to is
/// counted and bounded by its size; without that a few megabytes of file could ask for terabytes.
class Budget {
 public:
  explicit Budget(size_t section_bytes) : left_(section_bytes * kGrowth + kFloor) {}
  /// Errors    kInvalidArgument when the budget is spent
  void spend(size_t count, size_t bytes_each);

 private:
  static constexpr size_t kGrowth =
      16;  // C++ structs are at most about 8 times their stored form in plans that Rondo writes
  static constexpr size_t kFloor = 4096;
  size_t left_;
};

/// Fill the Program's fields of that section. The FlatBuffers verifier runs before any field is read; enumerations are checked,
/// indices are not (that is verify()'s part). `bytes` are aligned to 8.
/// Errors    kInvalidArgument naming the section
void decode_meta(std::span<const uint8_t> bytes, Program* program);
void decode_tiles(std::span<const uint8_t> bytes, Program* program);
/// Gives the size that the weights section must have.
uint64_t decode_executable(std::span<const uint8_t> bytes, Program* program);

}  // namespace rondo::plan
