#pragma once

#include <vector>

#include "ir/graph.h"

namespace rondo::passes {

/// How a value of a loop body changes from one iteration to the next; the order is a lattice (join = maximum).
enum class VarianceClass : uint8_t {
  kInvariant,  ///< the same in all iterations
  kIterated,   ///< depends on the step and on iterated slices only: known for all iterations before the loop starts
  kRecurrent,  ///< depends on a carried value
};

/// Variance analysis of one loop body: a forward dataflow in one pass; nested regions join what they capture.
/// A snapshot; values made later are known only through `set`.
class Variance {
 public:
  Variance(const ir::Graph& graph, ir::OpId loop);

  VarianceClass of(ir::ValueId value) const {
    return value.id < classes_.size() ? classes_[value.id] : VarianceClass::kInvariant;
  }
  void set(ir::ValueId value, VarianceClass variance);

 private:
  std::vector<VarianceClass> classes_;
};

}  // namespace rondo::passes
