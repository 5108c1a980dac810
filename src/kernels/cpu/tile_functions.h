#pragma once

#include "kernels/cpu/isa.h"
#include "tile/functions.h"

namespace rondo::kernels {

/// Element functions of one instruction set, for the tile interpreter. The machine must support it.
/// exp, expm1, log, log1p, tanh, sigmoid and erf are within 4 ulp of the exact value for every float, denormals and infinities
/// included; + - * / sqrt round correctly; the rest is as exact as the C library.
const tile::TileFunctions& tile_functions(Isa isa);

const tile::TileFunctions& tile_functions_scalar();
const tile::TileFunctions& tile_functions_avx2();
const tile::TileFunctions& tile_functions_avx512();

}  // namespace rondo::kernels
