#include "conformance/harness/case.h"

namespace rondo::conformance {
namespace {

/// A shape of scales for x: one, along an axis, or per block.
struct Scales {
  Ints dims;
  int64_t axis = -1;
};

Scales scales_for(Random& r, const Ints& x) {
  if (x.empty() || r.one_in(3)) return {};
  if (r.flip()) {
    const auto axis = static_cast<size_t>(r.number(0, static_cast<int64_t>(x.size()) - 1));
    return {{x[axis]}, static_cast<int64_t>(axis)};
  }
  Ints dims = x;
  for (int64_t& extent : dims) {
    if (r.one_in(3))
      extent = 1;
    else if (extent % 2 == 0 && extent > 0 && r.flip())
      extent /= 2;
  }
  return {dims, -1};
}

Case with_scales(Random& r, Case c, const ops::Tensor& x, const Scales& scales) {
  // Powers of two: what is quantized does not depend on how a quotient is rounded.
  ops::Tensor scale{DType::kFloat32, scales.dims, {}};
  for (int64_t i = scale.volume(); i-- > 0;) scale.data.push_back(r.pick<double>({0.125, 0.25, 0.5, 1}));
  // The extents of blocks are known when the network is built.
  const uint32_t fixed = scales.axis < 0 && !scales.dims.empty() ? ~0u : 0;
  return c.data(x, fixed).data(scale, fixed != 0 ? fixed : unit_axes(scales.dims));
}

ir::Attrs attributes(const Scales& scales, DType to) {
  return {{"axis", scales.axis}, {"block", Ints{}}, {"to", static_cast<int64_t>(to)}};
}

Case quantize(Random& r, DType dtype) {
  const ops::Tensor x = r.one_in(4) ? r.specials(dtype, r.shape(0, 4)) : r.values(dtype, r.shape(0, 6), -40, 40);
  const Scales scales = scales_for(r, x.dims);
  return with_scales(r, Case(ir::OpKind::k_quantize, attributes(scales, DType::kInt8)), x, scales);
}

Case dequantize(Random& r, DType dtype) {
  const ops::Tensor q = r.values(DType::kInt8, r.shape(0, 6), -128, 127);
  const Scales scales = scales_for(r, q.dims);
  return with_scales(r, Case(ir::OpKind::k_dequantize, attributes(scales, dtype)), q, scales);
}

const Registration of_quantize("quantize", kFloats, quantize);
const Registration of_dequantize("dequantize", kFloats, dequantize);

}  // namespace
}  // namespace rondo::conformance
