#pragma once

#include <cstdint>
#include <span>

#include "kernels/cpu/structured/strided.h"

namespace rondo::kernels {

/// y[i] = values[i], converted to y's dtype as a cast converts. Shapes y [values.size()], any dtype.
void expr_values(std::span<const int64_t> values, const Strided& y);

}  // namespace rondo::kernels
