#include "base/error.h"
#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/reference.h"

// non_zero(x) {indices, count} -> [rank(x), count]: the indices of the elements that are not 0, columns in
// lexicographic order. count: one data symbol, bound when the elements have been counted.
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

void expand(Expander& e) {
  const ir::Attrs attrs = e.op().attrs;
  const ir::ValueId x = e.operand(0);
  const ir::ValueId ones = e.cast(e.cast(x, DType::kBool), DType::kInt64);
  const int64_t all = (int64_t{1} << e.type(x).rank()) - 1;
  const ir::ValueId sum =
      e.add(ir::OpKind::k_reduce, {{"op", int64_t{0}}, {"axes", all}, {"keep", int64_t{0}}}, {ones});
  e.add(ir::OpKind::k_read_values, {{"values", attrs.dims("count")}}, {sum});
  e.replace(0, e.add(ir::OpKind::k_find_nonzero, attrs, {x}));
}

std::vector<Tensor> reference(const ir::Op&, std::span<const Tensor> x, std::span<const TensorShape> results) {
  const size_t rank = x[0].dims.size();
  std::vector<Index> found;
  size_t at = 0;
  for_each_index(x[0].dims, [&](const Index& index) {
    if (x[0].data[at++] != 0) found.push_back(index);
  });
  Tensor result = zeros({results[0].dtype, {static_cast<int64_t>(rank), static_cast<int64_t>(found.size())}});
  for (size_t i = 0; i < found.size(); ++i) {
    for (size_t axis = 0; axis < rank; ++axis) {
      result.data[axis * found.size() + i] = static_cast<double>(found[i][axis]);
    }
  }
  return {std::move(result)};
}

}  // namespace

OpDef define_non_zero() { return {infer, expand, reference}; }

}  // namespace rondo::ops
