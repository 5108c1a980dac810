#include "conformance/windows/draw.h"

namespace rondo::conformance {
namespace {

Case with_kernel(Random& r, DType dtype, ir::OpKind kind) {
  const Windows w = draw_windows(r, true);
  const bool transposed = kind == ir::OpKind::k_deconvolution;
  const int64_t groups = r.one_in(3) ? r.number(2, 3) : 1;
  int64_t in = r.one_in(6) ? 17 : r.number(1, 4), out = r.one_in(6) ? 33 : r.number(1, 4);
  if (r.one_in(4)) in = out = 1;  // by depth, where there are groups
  // The references are naive.
  if (w.elements() * w.volume() > 2000) in = std::min<int64_t>(in, 2), out = std::min<int64_t>(out, 2);
  Case c(kind, {{"outputs", out * groups}, {"groups", groups}, {"dilations", w.dilations}});
  set_windows(c, w);
  c.terms = static_cast<double>(in * w.volume()) + 1;
  c.data(r.values(dtype, w.input(in * groups), -1, 1), 0b10);
  Ints kernel = transposed ? Ints{in * groups, out} : Ints{out * groups, in};
  kernel.insert(kernel.end(), w.kernel.begin(), w.kernel.end());
  const ops::Tensor weights = r.values(dtype, kernel, -1, 1);
  if (r.one_in(4)) {
    c.data(weights, ~0u);
  } else {
    c.constant(r.flip() ? weights : ops::Tensor{dtype, {weights.volume()}, weights.data});
  }
  if (r.flip()) c.constant(r.values(dtype, {out * groups}, -1, 1));
  return c;
}

Case convolution(Random& r, DType dtype) { return with_kernel(r, dtype, ir::OpKind::k_convolution); }

/// Half of the paddings would cut off everything.
Case deconvolution(Random& r, DType dtype) {
  Case c = with_kernel(r, dtype, ir::OpKind::k_deconvolution);
  Ints pre = c.attrs.integers("pre"), post = c.attrs.integers("post");
  for (size_t i = 0; i < pre.size(); ++i) {
    const int64_t extent = c.operands[0].value.dims[i + 2];
    const int64_t span = 1 + c.attrs.integers("dilations")[i] * (c.attrs.integers("kernel")[i] - 1);
    if ((extent - 1) * c.attrs.integers("strides")[i] + span - pre[i] - post[i] < 1) pre[i] = post[i] = 0;
  }
  c.attrs.set("pre", pre).set("post", post);
  return c;
}

/// What lower_precision makes of a convolution: narrow weights, or factors rounded to bf16.
Case narrow_convolution(Random& r, DType dtype) {
  constexpr DType kWeights[] = {DType::kFloat32, DType::kFloat16, DType::kBFloat16};
  const DType weights = kWeights[r.number(0, 2)];
  const bool rounds = weights == DType::kFloat32 || r.flip();
  const int64_t groups = r.one_in(3) ? 2 : 1, in = r.one_in(4) ? 17 : r.number(1, 4), out = r.number(1, 9);
  const int64_t kernel = r.number(1, 3), rows = kernel + r.number(0, 6), cols = kernel + r.number(0, 40);
  const int64_t padding = r.number(0, 1);
  Case c(ir::OpKind::k_conv, {{"strides", Ints{r.number(1, 2), r.number(1, 2)}},
                              {"dilations", Ints{1, 1}},
                              {"input_dilations", Ints{1, r.one_in(3) ? 2 : 1}},
                              {"groups", groups},
                              {"product", static_cast<int64_t>(rounds ? DType::kBFloat16 : DType::kFloat32)}});
  c.dims("pre", {padding, padding}).dims("post", {padding, 0});
  c.terms = static_cast<double>(in * kernel * kernel) + 1;
  c.data(r.values(dtype, {2, in * groups, rows, cols}, -1, 1));
  const ops::Tensor w = r.values(weights, {out * groups, in, kernel, kernel}, -1, 1);
  if (r.flip()) {
    c.constant(w);
  } else {
    c.data(w, ~0u);
  }
  return r.flip() ? c.constant(r.values(dtype, {out * groups}, -1, 1)) : c;
}

const Registration narrow_convolutions("narrow_convolution", {DType::kFloat32}, narrow_convolution, 2);
const Registration convolutions("convolution", kFloats, convolution, 2);
const Registration deconvolutions("deconvolution", kFloats, deconvolution, 2);

}  // namespace
}  // namespace rondo::conformance
