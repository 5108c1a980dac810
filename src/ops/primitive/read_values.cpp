#include "base/error.h"
#include "ops/contents.h"
#include "ops/infer.h"
#include "ops/op_list.h"

// read_values(x) {values}: x, whose elements become dimensions. values[i] is the symbol (ir::SymbolSource::kData) that
// stands for element i from here on: known only when the op has run. How shapes come to depend on data
// (docs/design/0006).
//   C1 x is an integer or bool tensor   C2 of constant extents and at most 64 elements   C3 one value per element

namespace rondo::ops {
namespace {

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  const ir::TensorType& x = in.operands[0].type;
  if (!is_integer(x.dtype) && x.dtype != DType::kBool) {
    refuse(in, 1, operands_text(in), " decides a shape, so it must be an integer or bool tensor");
  }
  if (!content_dims(in.dims, x)) {
    refuse(in, 2, operands_text(in), " decides a shape, so it must have constant extents and at most ", kMaxContents,
           " elements");
  }
  // Elements that turn out to be known are what the symbols stand for.
  ir::Dims values = in.attrs.dims("values");
  const auto& known = in.operands[0].contents;
  const auto extents = content_dims(in.dims, x);
  int64_t volume = 1;
  for (const int64_t extent : *extents) volume *= extent;
  if (static_cast<int64_t>(values.size()) != volume) {
    refuse(in, 3, "names ", values.size(), " values of ", operands_text(in));
  }
  for (size_t i = 0; i < values.size(); ++i) {
    if (known) in.dims.define(values[i], (*known)[i]);
    values[i] = in.dims.resolve(values[i]);
  }
  return {{x, std::move(values)}};
}

std::vector<Tensor> reference(const ir::Op&, std::span<const Tensor> x, std::span<const TensorShape>) { return {x[0]}; }

}  // namespace

OpDef define_read_values() { return {infer, nullptr, reference}; }

}  // namespace rondo::ops
