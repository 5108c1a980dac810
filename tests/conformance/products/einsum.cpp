#include <algorithm>
#include <string>

#include "conformance/harness/case.h"

namespace rondo::conformance {
namespace {

// Terms over the letters a to d, each with an extent of its own; sometimes an ellipsis in front, a letter twice, an
// extent of 1.
Case einsum(Random& r, DType dtype) {
  Ints extents(4);
  for (int64_t& extent : extents) extent = r.one_in(12) ? 0 : r.number(2, 5);
  const bool dots = r.one_in(4);
  const Ints shared = {r.number(2, 3)};
  std::string equation, used;
  std::vector<Ints> operands(static_cast<size_t>(r.number(1, 3)));
  for (size_t i = 0; i < operands.size(); ++i) {
    if (i > 0) equation += ',';
    if (dots) equation += "...";
    if (dots && r.flip()) operands[i] = shared;
    for (int64_t rank = r.number(0, 3); rank-- > 0;) {
      const auto letter = static_cast<size_t>(r.number(0, 3));
      equation += static_cast<char>('a' + letter);
      used += static_cast<char>('a' + letter);
      operands[i].push_back(r.one_in(8) ? 1 : extents[letter]);
    }
  }
  if (!dots || r.flip()) {
    equation += dots && r.flip() ? " -> ..." : "->";
    for (char letter : std::string("cabd")) {
      if (used.find(letter) != std::string::npos && r.flip()) equation += letter;
    }
  }
  Case c(ir::OpKind::k_einsum, {{"equation", equation}});
  c.terms = 4;
  for (int64_t extent : extents) c.terms *= static_cast<double>(std::max<int64_t>(extent, 1));
  c.terms *= static_cast<double>(shared[0] * static_cast<int64_t>(operands.size()));
  c.scale = 1;
  for (const Ints& dims : operands) c.data(r.values(dtype, dims, -1, 1), unit_axes(dims));
  return c;
}

const Registration row("einsum", {DType::kFloat32, DType::kFloat16, DType::kBFloat16, DType::kInt32, DType::kInt64},
                       einsum);

}  // namespace
}  // namespace rondo::conformance
