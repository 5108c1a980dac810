#pragma once

#include <cstdint>
#include <vector>

#include "plan/program.h"

namespace rondo::plan {

/// An output that may lie at the address of an input, which it updates in place.
struct Alias {
  uint32_t output = 0, input = 0;  ///< binding indices
};

/// Value of a scatter's attribute `axis` in ND mode, where no axis is meant: its result is an update of its data in place, and
/// the pair is shown to the user. Without it a scatter between an input and an output keeps the input as it is.
constexpr int64_t kUpdatesInPlace = 1;

/// The aliases of a verified program, in order of their kernels.
std::vector<Alias> aliases(const Program& program);

}  // namespace rondo::plan
