#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "tile/tile_program.h"

namespace rondo::runtime {

/// A tail that micro-kernels do on their sums before they leave the registers: scale * acc + term + ..., stored as f32. The
/// operations and their order are those of the tile program, and so are the bits.
struct ScaledSum {
  float scale = 1;
  std::vector<uint16_t> terms;  ///< operands, in the order of their additions
  uint16_t out = 0;             ///< operand
};

/// The program as such a sum, if it is one of at most kernels::kMaxGemmTerms terms.
std::optional<ScaledSum> as_scaled_sum(const tile::TileProgram& program);

}  // namespace rondo::runtime
