#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rondo::ops {

/// An einsum equation, resolved for operands of known ranks: each dimension of each operand and of the result carries a
/// label. Labels are small integers: letters in order of first use, then the dimensions that ellipses stand for, counted
/// from the right, so that ellipses of different lengths broadcast as shapes do.
///   "b...ij,jk->...ik" for ranks 4, 2      terms {0 5 1 2}, {2 3}, output {5 1 3}: the ellipsis is label 5
struct EinsumLabels {
  std::vector<std::vector<int>> terms;  ///< one per operand, one label per dimension
  std::vector<int> output;
  int count = 0;  ///< labels are 0 .. count-1
  std::vector<std::string> names;
};

/// Called with the number of the broken constraint (docs/ops/structured/einsum.md) and a message; throws.
using RefuseEquation = std::function<void(int constraint, const std::string& message)>;

/// C1 letters, commas, dots of an ellipsis, one arrow, spaces   C2 one term per operand   C3 letters fit the ranks
/// C5 output letters are distinct and stand in a term
EinsumLabels parse_equation(std::string_view equation, std::span<const int> ranks, const RefuseEquation& refuse);

/// The checks that need no ranks: all but C3.
void check_equation(std::string_view equation, size_t operands, const RefuseEquation& refuse);

}  // namespace rondo::ops
