// Scales of quantize and dequantize.
//
// A scale per block is spread by hand: one dimension at a time [a, s, b] becomes [a, s, block, b] by a broadcast and
// then [a, s · block, b] by a reshape, which keeps ranks at four. Dimensions where the scale has extent 1 broadcast as
// they are.

#include "ops/structured/elements/quantization.h"

#include "base/error.h"
#include "ops/infer.h"

namespace rondo::ops {
namespace {

enum class Sharing { kTensor, kAxis, kBlock };

template <class Extents, class IsOne>
Sharing sharing_of(const ir::Attrs& attrs, size_t x_rank, const Extents& scale, IsOne is_one) {
  const bool one = scale.empty() || (scale.size() == 1 && is_one(scale[0]));
  if (one) return Sharing::kTensor;
  const bool blocked =
      scale.size() == x_rank && (x_rank != 1 || attrs.integer("axis") < 0 || !attrs.integers("block").empty());
  return blocked ? Sharing::kBlock : Sharing::kAxis;
}

Sharing sharing_of(ir::DimPool& dims, const ir::Attrs& attrs, const ir::TensorType& x, const ir::TensorType& scale) {
  const auto is_one = [&](ir::Dim dim) { return dims.value_or_unknown(dims.resolve(dim)) == 1; };
  return sharing_of(attrs, x.dims.size(), scale.dims, is_one);
}

void check_axis(const InferInput& in, const ir::TensorType& x, const ir::TensorType& scale) {
  const int64_t axis = in.attrs.integer("axis");
  if (scale.rank() != 1) {
    refuse(in, 2, "scale ", type_text(in.dims, scale), " for input ", type_text(in.dims, x),
           " is neither one element, nor 1-D along an axis, nor of the input's rank");
  }
  if (axis < 0 || axis >= x.rank()) {
    refuse(in, 2, "a 1-D scale ", type_text(in.dims, scale), " needs an axis in 0 .. ", x.rank() - 1, " of ",
           type_text(in.dims, x), ", got ", axis, "; set it with setAxis");
  }
  unify(in, 2, scale.dims[0], x.dims[static_cast<size_t>(axis)],
        text("the extent of scale ", type_text(in.dims, scale), " and of axis ", axis, " of ", type_text(in.dims, x)));
}

void check_blocks(const InferInput& in, const ir::TensorType& x, const ir::TensorType& scale) {
  const std::vector<int64_t>& block = in.attrs.integers("block");
  if (!block.empty() && block.size() != x.dims.size()) {
    refuse(in, 2, "the block shape has ", block.size(), " dimensions, the input ", type_text(in.dims, x), " has ",
           x.rank());
  }
  for (size_t i = 0; i < x.dims.size(); ++i) {
    const int64_t extent = in.dims.value_or_unknown(in.dims.resolve(x.dims[i]));
    const int64_t scales = in.dims.value_or_unknown(in.dims.resolve(scale.dims[i]));
    const std::string where =
        text("dimension ", i, " of scale ", type_text(in.dims, scale), " for input ", type_text(in.dims, x));
    if (!block.empty() && block[i] > 0) {
      unify(in, 2, in.dims.mul(scale.dims[i], in.dims.constant(block[i])), x.dims[i],
            text(where, ": blocks of ", block[i], " and the input's extent"));
    } else if (extent >= 0 && scales >= 0) {
      const bool fits = scales == 0 ? extent == 0 : extent % scales == 0;
      if (!fits) refuse(in, 2, where, ": ", scales, " scales do not divide ", extent, " elements into blocks");
    } else if (scales != 1) {
      unify(in, 2, scale.dims[i], x.dims[i], where + ": extents that are not constant");
    }
  }
}

void check_zero_point(const InferInput& in) {
  if (in.operands.size() < 3) return;
  const ir::ValueInfo& zero = in.operands[2];
  if (zero.type.dtype != DType::kInt8)
    refuse(in, 4, "the zero point is ", type_text(in.dims, zero.type), ", i8 is needed");
  if (!zero.contents) return;  // spread_scale looks at large ones
  for (ir::Dim element : *zero.contents) {
    if (in.dims.value_or_unknown(in.dims.resolve(element)) != 0) {
      refuse(in, 4, "the zero point must be constant 0; only symmetric quantization is known");
    }
  }
}

ir::ValueId spread_axis(Expander& e, ir::ValueId scale, size_t axis, ir::Dim block) {
  ir::DimPool& dims = e.graph().dims();
  ir::Dims shape = e.type(scale).dims;
  const auto at = shape.begin() + static_cast<std::ptrdiff_t>(axis);
  const ir::Dim before = dims.product({shape.begin(), at}), behind = dims.product({at + 1, shape.end()});
  ir::ValueId v = e.reshape(scale, {before, *at, dims.constant(1), behind});
  v = e.add(ir::OpKind::k_broadcast, {{"shape", ir::Dims{before, *at, block, behind}}}, {v});
  shape[axis] = dims.mul(*at, block);
  return e.reshape(v, shape);
}

}  // namespace

void check_scale(const InferInput& in) {
  const ir::TensorType& x = in.operands[0].type;
  const ir::TensorType& scale = in.operands[1].type;
  if (!is_float(scale.dtype)) refuse(in, 1, "the scale is ", type_text(in.dims, scale), ", a float type is needed");
  const Sharing sharing = sharing_of(in.dims, in.attrs, x, scale);
  if (sharing == Sharing::kAxis) check_axis(in, x, scale);
  if (sharing == Sharing::kBlock) check_blocks(in, x, scale);
  check_zero_point(in);
}

ir::ValueId spread_scale(Expander& e) {
  const ir::Op op = e.op();
  ir::DimPool& dims = e.graph().dims();
  const bool has_zero = op.operands.size() > 2;
  if (has_zero && !e.graph().value(e.operand(2)).info.contents) {
    const ir::ConstantData* zero = e.constant_of(e.operand(2));
    bool ok = zero != nullptr;
    for (size_t i = 0; ok && i < zero->bytes.size(); ++i) ok = zero->bytes[i] == 0;
    const char* kind = ir::op_kind_name(op.kind);
    if (!ok) {
      fail(Code::kInvalidArgument, kind, " '", op.name, "': the zero point must be constant 0; only symmetric ",
           "quantization is known (", kind, " C4)");
    }
  }
  const ir::TensorType x = e.type(e.operand(0));
  ir::ValueId scale = e.cast(e.operand(1), DType::kFloat32);
  const Sharing sharing = sharing_of(dims, op.attrs, x, e.type(scale));
  ir::Dims shape(x.dims.size(), dims.constant(1));
  if (sharing == Sharing::kAxis) shape[static_cast<size_t>(op.attrs.integer("axis"))] = e.type(scale).dims[0];
  if (sharing != Sharing::kBlock) return e.reshape(scale, shape);
  for (size_t i = 0; i < x.dims.size(); ++i) {
    const ir::Dim scales = dims.resolve(e.type(scale).dims[i]), extent = dims.resolve(x.dims[i]);
    if (dims.value_or_unknown(scales) == 1 || dims.same(scales, extent)) continue;
    scale = spread_axis(e, scale, i, dims.floor_div(extent, scales));
  }
  return scale;
}

Index scale_indices(const ir::Attrs& attrs, const Index& x, const Index& scale) {
  const Sharing sharing = sharing_of(attrs, x.size(), scale, [](int64_t extent) { return extent == 1; });
  const Index strides = strides_of(scale);
  Index indices;
  for_each_index(x, [&](const Index& index) {
    int64_t at = 0;
    if (sharing == Sharing::kAxis) at = index[static_cast<size_t>(attrs.integer("axis"))];
    for (size_t i = 0; sharing == Sharing::kBlock && i < x.size(); ++i) at += index[i] / (x[i] / scale[i]) * strides[i];
    indices.push_back(at);
  });
  return indices;
}

}  // namespace rondo::ops
