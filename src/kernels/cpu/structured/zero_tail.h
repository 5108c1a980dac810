#pragma once

#include <cstdint>
#include <span>

#include "kernels/cpu/structured/strided.h"

namespace rondo::kernels {

/// Writes zeros to the elements of y whose index on `axis` is at least `begin`: what a loop that ended early has not collected.
/// Shapes    y dims; begin >= 0, no effect where begin >= dims[axis]
void zero_tail(std::span<const int64_t> dims, int axis, int64_t begin, const Strided& y);

}  // namespace rondo::kernels
