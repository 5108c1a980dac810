#pragma once

#include <cstdint>
#include <vector>

#include "plan/program.h"

namespace rondo::plan {

/// The local buffers of a chain, in order of first use.
std::vector<uint32_t> local_buffers(const Program& program, const Chain& chain);

/// Bytes of temporary memory that a context may need at the largest shapes: the arena, and the local buffers of one chain (of all, where
/// blocks run in parallel), for shapes at which its stages run one after the other. Saturates.
uint64_t temporary_bytes(const Program& program);

}  // namespace rondo::plan
