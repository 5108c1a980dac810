#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/bulk_memory.h"
#include "plan/program.h"

namespace rondo::plan {

/// Bytes of a plan file. The same Program gives the same bytes, on every machine of one byte order and for any number of threads.
/// Weights that are still in Program::sources are packed straight into the file (plan/place_weights.h).
/// Requires  a Program that passes verify(); InternalError with its message otherwise, nothing is written
Bytes write_plan(const Program& program, int threads = 1);

enum class WeightMemory : uint8_t {
  kCopy,       ///< the Program owns a copy; the file may go away
  kReference,  ///< Program::mapped_weights points into the file, which must outlive the Program
};

/// Reads and verifies a plan. Takes any bytes: a damaged or hostile file is refused with one message and is never believed about
/// sizes; beyond the weights, memory stays within a small multiple of `size`.
/// Memory    `data` needs no alignment for kCopy; for kReference weights are copied all the same if they are not on 64 bytes
/// Errors    kInvalidArgument naming the damage; kUnsupportedState for another format, byte order or an unknown required section
Program read_plan(const void* data, size_t size, WeightMemory memory = WeightMemory::kCopy);

/// The same for a file in memory that the Program keeps through its owner; null: it outlives the Program.
Program read_plan(std::span<const uint8_t> file, const std::shared_ptr<const void>& owner);

/// The same for a file, which the Program keeps mapped: weights are not copied. What happens to the file then: MappedFile.
/// Errors    also those of MappedFile::open
Program read_plan_file(const std::string& path);

}  // namespace rondo::plan
