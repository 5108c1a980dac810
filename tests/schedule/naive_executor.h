#pragma once

#include <vector>

#include "ops/tensor.h"
#include "plan/program.h"

namespace rondo::schedule {

/// Runs a Program element by element, as its header defines it: the oracle of tests that look at Programs. Every access is checked
/// against its buffer; the arena starts as NaN bytes and is shared by offsets, so that a wrong memory plan shows. With `backwards`
/// every stage visits its space from the last point to the first: the result may not depend on the order.
std::vector<ops::Tensor> run_naively(const plan::Program& program, const std::vector<ops::Tensor>& inputs,
                                     bool backwards = false);

}  // namespace rondo::schedule
