#include "base/error.h"
#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/reference.h"

// find_nonzero(x) {count, indices} -> [rank(x), count]: the indices of the elements that are not 0, one column each, in
// row-major order of the elements. count is how many there are, a symbol that an earlier read_values binds; NaN is not
// 0.
//   C1 rank(x) >= 1   C2 indices i32 or i64   C3 one count

namespace rondo::ops {
namespace {

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  const ir::TensorType& x = in.operands[0].type;
  if (x.rank() == 0) refuse(in, 1, operands_text(in), " has no dimensions; give it one with a shuffle layer");
  const auto indices = static_cast<DType>(in.attrs.integer("indices"));
  if (indices != DType::kInt32 && indices != DType::kInt64) {
    refuse(in, 2, "indices of type ", dtype_name(indices), "; i32 or i64 is needed");
  }
  const ir::Dims& count = in.attrs.dims("count");
  if (count.size() != 1) refuse(in, 3, count.size(), " counts are given");
  return {{{indices, {in.dims.constant(x.rank()), in.dims.resolve(count[0])}}, {}}};
}

std::vector<Tensor> reference(const ir::Op& op, std::span<const Tensor> x, std::span<const TensorShape> results) {
  std::vector<Index> found;
  size_t at = 0;
  for_each_index(x[0].dims, [&](const Index& index) {
    if (x[0].data[at++] != 0) found.push_back(index);
  });
  Tensor result = zeros(results[0]);
  const auto count = static_cast<size_t>(result.dims[1]);
  if (found.size() != count) {
    fail(Code::kFailedExecution, "find_nonzero '", op.name, "' finds ", found.size(), " elements, not ", count);
  }
  for (size_t i = 0; i < count; ++i) {
    for (size_t axis = 0; axis < x[0].dims.size(); ++axis) {
      result.data[axis * count + i] = static_cast<double>(found[i][axis]);
    }
  }
  return {std::move(result)};
}

}  // namespace

OpDef define_find_nonzero() { return {infer, nullptr, reference}; }

}  // namespace rondo::ops
