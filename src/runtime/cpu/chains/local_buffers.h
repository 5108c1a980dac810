#pragma once

#include <cstdint>
#include <vector>

#include "plan/program.h"

namespace rondo::runtime {

/// The local buffers of a chain, in order of first use.
std::vector<uint32_t> local_buffers(const plan::Program& program, const plan::Chain& chain);

}  // namespace rondo::runtime
