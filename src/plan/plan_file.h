#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bulk_memory.h"
#include "plan/program.h"

namespace rondo::plan {

/// Bytes of a plan file. The same Program gives the same bytes, on every machine of one byte order.
/// Requires  a Program that passes verify(); InternalError with its message otherwise, nothing is written
Bytes write_plan(const Program& program);

enum class WeightMemory : uint8_t {
  kCopy,       ///< Program::weights owns a copy; the file may go away
  kReference,  ///< Program::mapped_weights points into the file, which must outlive the Program
};

/// Reads and verifies a plan. Takes any bytes: a damaged or hostile file is refused with one message and is never believed about
/// sizes; beyond the weights, memory stays within a small multiple of `size`.
/// Memory    `data` needs no alignment for kCopy; for kReference weights are copied all the same if they are not on 64 bytes
/// Errors    kInvalidArgument naming the damage; kUnsupportedState for another format, byte order or an unknown required section
Program read_plan(const void* data, size_t size, WeightMemory memory = WeightMemory::kCopy);

}  // namespace rondo::plan
