#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "end_to_end/network_case.h"
#include "nn/naive_cells.h"

namespace rondo::test {

/// Random weights of one cell.
inline importers::CellWeights random_cell(Random& random, importers::CellKind kind, int64_t input, int64_t hidden,
                                          int64_t projection = 0, bool bias = true) {
  importers::CellWeights cell;
  cell.kind = kind;
  cell.input = input;
  cell.hidden = hidden;
  cell.projection = projection;
  const auto rows = static_cast<size_t>(static_cast<int64_t>(canonical_order(kind).size()) * hidden);
  cell.w = random.floats(rows * static_cast<size_t>(input));
  cell.r = random.floats(rows * static_cast<size_t>(cell.recurrent()), 0.5F);
  cell.wb = bias ? random.floats(rows) : std::vector<float>(rows);
  cell.rb = bias ? random.floats(rows) : std::vector<float>(rows);
  cell.projector = random.floats(static_cast<size_t>(projection * hidden));
  return cell;
}

/// One way to run recurrent layers, checked against NaiveCells.
struct RecurrentCase {
  nn::RecurrentSettings settings;  ///< kind, hidden and projection are read from here
  int64_t layers = 1, T = 4, B = 3, I = 5;
  bool bias = true, peepholes = false, initial = false, dynamic = false, tensors = false;
  std::vector<int32_t> lengths = {};
  uint64_t seed = 1;
  double tolerance = 2e-6;  ///< absolute

  void check() const;

 private:
  NaiveCells naive() const;
};

}  // namespace rondo::test
