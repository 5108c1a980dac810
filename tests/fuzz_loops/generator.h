#pragma once

#include <cstdint>
#include <vector>

#include "ir/graph.h"
#include "ops/tensor.h"

namespace rondo::fuzz {

/// A network and inputs to run it on.
struct Program {
  ir::Graph graph;
  std::vector<ops::Tensor> inputs;
};

/// Makes a random loop program; the same seed gives the same program.
/// What occurs: cells of gate sums and free mixtures of pointwise, product, concat, slice, reduce, select, gather, softmax; loops in
/// loops and conditionals, at most 3 deep; iterators forward and reverse on any axis, several over one tensor; trip counts that are
/// constants (also 0), extents, host scalars and device scalars; kWHILE with and without kCOUNT; outputs on any axis, forward and
/// reverse, shorter and longer than the trips; captures of outer values; counters; symbolic extents.
/// Values stay small, and comparisons have thresholds that no exact sum hits, so results do not hang on the last bit.
Program generate(uint64_t seed);

}  // namespace rondo::fuzz
