#include "base/checked.h"
#include "base/error.h"
#include "ops/contents.h"
#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/reference.h"

// Ops that make values rather than compute them: input, constant, shape, iota.
//   input    {index}         keeps the type given when the network input was made
//   constant {data, dims}    C1 volume(dims) elements of data, no extent negative
//   shape    {to}            the extents of x as [rank] of i32 or i64
//   iota     {shape, axis, dtype}  element = its index along axis; C1 axis inside the rank   C2 no extent negative

namespace rondo::ops {
namespace {

std::vector<ir::ValueInfo> infer_input(const InferInput& in) {
  RONDO_CHECK(in.recorded, "input '", in.name, "' without a recorded type");
  return {*in.recorded};
}

Contents constant_contents(ir::DimPool& dims, const ir::TensorType& type, const ir::ConstantData& data) {
  const auto extents = content_dims(dims, type);
  if (!extents) return std::nullopt;
  std::vector<ir::Dim> elements;
  if (type.dtype == DType::kInt64) {  // read directly: doubles hold 53 bits
    for (size_t i = 0; i + 8 <= data.bytes.size(); i += 8) {
      int64_t value;
      __builtin_memcpy(&value, data.bytes.data() + i, 8);
      elements.push_back(dims.constant(value));
    }
    return elements;
  }
  for (double v : from_bytes(type.dtype, *extents, data.bytes.data()).data) {
    elements.push_back(dims.constant(static_cast<int64_t>(v)));
  }
  return elements;
}

std::vector<ir::ValueInfo> infer_constant(const InferInput& in) {
  RONDO_CHECK(in.data, "constant '", in.name, "' without data");
  const std::vector<int64_t>& dims = in.attrs.integers("dims");
  ir::ValueInfo result;
  result.type.dtype = in.data->dtype;
  int64_t volume = 1;
  for (int64_t extent : dims) {
    if (extent < 0 || !checked_mul(volume, extent, &volume)) {
      refuse(in, 1, "extent ", extent, " is negative, or the volume leaves 64 bits");
    }
    result.type.dims.push_back(in.dims.constant(extent));
  }
  const int64_t count = static_cast<int64_t>(in.data->bytes.size() / dtype_bytes(in.data->dtype));
  if (volume != count) {
    refuse(in, 1, "dimensions ", type_text(in.dims, result.type), " hold ", volume, " elements but there are ", count,
           " weights");
  }
  result.contents = constant_contents(in.dims, result.type, *in.data);
  return {result};
}

std::vector<ir::ValueInfo> infer_shape(const InferInput& in) {
  const ir::TensorType& x = in.operands[0].type;
  ir::ValueInfo result;
  result.type.dtype = static_cast<DType>(in.attrs.integer("to"));
  RONDO_CHECK(is_integer(result.type.dtype), "shape as ", dtype_name(result.type.dtype));
  result.type.dims = {in.dims.constant(x.rank())};
  result.contents.emplace();
  for (ir::Dim dim : x.dims) result.contents->push_back(in.dims.resolve(dim));
  return {result};
}

std::vector<Tensor> reference_shape(const ir::Op&, std::span<const Tensor> operands,
                                    std::span<const TensorShape> results) {
  Tensor result = zeros(results[0]);
  for (size_t i = 0; i < result.data.size(); ++i) result.data[i] = static_cast<double>(operands[0].dims[i]);
  return {std::move(result)};
}

Tensor counted(const TensorShape& shape, size_t axis) {
  Tensor result = zeros(shape);
  size_t at = 0;
  for_each_index(result.dims, [&](const Index& index) { result.data[at++] = static_cast<double>(index[axis]); });
  return result;
}

std::vector<ir::ValueInfo> infer_iota(const InferInput& in) {
  ir::ValueInfo result;
  result.type.dtype = static_cast<DType>(in.attrs.integer("dtype"));
  result.type.dims = in.attrs.dims("shape");
  const size_t axis = require_axis(in, 1, "axis", result.type.rank());
  for (ir::Dim& dim : result.type.dims) {
    dim = in.dims.resolve(dim);
    if (in.dims.range(dim).max < 0) refuse(in, 2, "extent ", in.dims.to_string(dim), " is negative");
  }
  if (const auto extents = content_dims(in.dims, result.type)) {
    result.contents.emplace();
    for (double v : counted({result.type.dtype, *extents}, axis).data) {
      result.contents->push_back(in.dims.constant(static_cast<int64_t>(v)));
    }
  }
  return {result};
}

std::vector<Tensor> reference_iota(const ir::Op& op, std::span<const Tensor>, std::span<const TensorShape> results) {
  Tensor result = counted(results[0], static_cast<size_t>(op.attrs.integer("axis")));
  for (double& v : result.data) v = round_to(result.dtype, v);
  return {std::move(result)};
}

}  // namespace

OpDef define_input() { return {infer_input, nullptr, nullptr}; }
OpDef define_constant() { return {infer_constant, nullptr, nullptr}; }
OpDef define_shape() { return {infer_shape, nullptr, reference_shape}; }
OpDef define_iota() { return {infer_iota, nullptr, reference_iota}; }

}  // namespace rondo::ops
