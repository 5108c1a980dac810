#pragma once

#include <cstdint>
#include <span>

#include "kernels/cpu/structured/strided.h"

namespace rondo::kernels {

/// Reverses in place the first min(length, dims[axis]) entries of y along `axis`: a reversed collection of a loop whose number of
/// iterations was not known while it ran. Shapes y dims; length >= 0.
void reverse_prefix(std::span<const int64_t> dims, int axis, int64_t length, const Strided& y);

}  // namespace rondo::kernels
