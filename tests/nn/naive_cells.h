#pragma once

#include <cstdint>
#include <vector>

#include "rondo/nn/recurrent.h"

namespace rondo::test {

/// Recurrent layers by their equations, in double, row by row and loop by loop; each row runs over its own length only.
struct NaiveCells {
  using Doubles = std::vector<double>;
  struct Result {
    Doubles output;  ///< [T, B, D R]
    Doubles h, c;    ///< [L D, B, R] and [L D, B, H]
  };

  nn::RecurrentSettings settings;
  std::vector<importers::CellWeights> cells;
  int64_t T, B, I;
  std::vector<int32_t> lengths;  ///< B entries, or none
  std::vector<float> h0, c0;     ///< or none

  int64_t directions() const { return settings.direction == nn::Direction::kBidirectional ? 2 : 1; }
  int64_t width() const { return cells[0].recurrent(); }
  /// x [T, B, I]
  Result run(const std::vector<float>& x) const;

 private:
  void run_row(size_t at, int64_t b, const Doubles& input, Doubles& output, Result& result) const;
  void step(size_t at, const double* x, Doubles& h, Doubles& c) const;
  /// Every gate's W x + Wb and R h + Rb.
  double from_x(const importers::CellWeights& cell, size_t gate, size_t unit, const double* x) const;
  double from_h(const importers::CellWeights& cell, size_t gate, size_t unit, const Doubles& h) const;
  double formula(size_t at, size_t which, double v) const;
  void gru_step(size_t at, const double* x, Doubles& h) const;
  void lstm_step(size_t at, const double* x, Doubles& h, Doubles& c) const;
};

}  // namespace rondo::test
