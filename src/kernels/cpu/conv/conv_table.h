#pragma once

// What one file provides for one format: its micro-kernels, for the vector type of the including file (conv_tile.h).

#include <array>
#include <utility>

#include "kernels/cpu/conv/conv_tile.h"

namespace rondo::kernels {
namespace {

// r rows take up to the r-th of kVectors, and each height has its edge kernel.
template <class Vec, int... kVectors>
class ConvTable {
 public:
  static constexpr ConvFamily family(Isa isa, double ns_per_vector, PairRowFn pair_row = nullptr) {
    return {isa, Vec::kFormat, Vec::kLanes, kRows, copy_rows<Vec>, pair_row, ns_per_vector};
  }

 private:
  template <int R, int... V>
  static constexpr void append(ConvRow*& out, std::integer_sequence<int, V...>) {
    *out++ = ConvRow{R, 0, conv_edge<Vec, R>};
    ((*out++ = ConvRow{R, V + 1, conv_tile<Vec, R, V + 1>}), ...);
  }
  template <int... R>
  static constexpr auto make(std::integer_sequence<int, R...>) {
    std::array<ConvRow, (kVectors + ...) + sizeof...(kVectors)> rows{};
    ConvRow* out = rows.data();
    (append<R + 1>(out, std::make_integer_sequence<int, kVectors>{}), ...);
    return rows;
  }
  static constexpr auto kRows = make(std::make_integer_sequence<int, sizeof...(kVectors)>{});
};

}  // namespace
}  // namespace rondo::kernels
