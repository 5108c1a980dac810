#include "conformance/windows/draw.h"

namespace rondo::conformance {
namespace {

constexpr const char* kTypes[] = {"MAX", "AVERAGE", "MAX_AVERAGE_BLEND"};
enum : int64_t { kMax, kAverage, kBlend };

Case pooling(Random& r, DType dtype) {
  const Windows w = draw_windows(r, false);
  const int64_t type = is_float(dtype) ? r.number(0, 2) : kMax;
  // A blend of -inf with weight 0 would be NaN.
  const double blend = type == kBlend ? r.pick<double>({0.0, 0.25, 0.5}) : 0.0;
  Case c(ir::OpKind::k_pooling, {{"type", type}, {"blend", blend}, {"exclude_padding", r.number(0, 1)}});
  set_windows(c, w);
  c.uses("PoolingType", kTypes[type]);
  c.terms = static_cast<double>(w.volume()) + 2;
  const int64_t channels = r.one_in(10) ? 0 : r.number(1, 3);
  const double bound = is_float(dtype) ? 4 : 100;
  return c.data(r.values(dtype, w.input(channels), -bound, bound));
}

Case padding(Random& r, DType dtype) {
  const Ints dims = r.shape(2, 6);
  Ints pre, post;
  for (size_t i = dims.size() - 2; i < dims.size(); ++i) {
    pre.push_back(r.number(-2, 3));
    post.push_back(r.number(-2, 3));
    if (dims[i] + pre.back() + post.back() < 0) pre.back() = 4;
  }
  Case c(ir::OpKind::k_padding, {{"pre", pre}, {"post", post}});
  return c.data(r.one_in(3) ? r.specials(dtype, dims) : r.values(dtype, dims, 0, 9));
}

Case lrn(Random& r, DType dtype) {
  const Ints dims{r.one_in(10) ? 0 : r.number(1, 2), r.number(1, 17), r.number(1, 4), r.extent()};
  const int64_t window = r.number(0, 7) * 2 + 1;
  Case c(ir::OpKind::k_lrn,
         {{"window", window}, {"alpha", r.real(0, 1)}, {"beta", r.real(0.1, 1)}, {"k", r.real(0.5, 2)}});
  c.terms = static_cast<double>(window) + 8;
  return c.data(r.values(dtype, dims, -4, 4));
}

const Registration poolings("pooling", {DType::kFloat32, DType::kFloat16, DType::kBFloat16, DType::kInt8}, pooling, 2);
const Registration paddings("padding", kAllTypes, padding);
const Registration lrns("lrn", kFloats, lrn);

}  // namespace
}  // namespace rondo::conformance
