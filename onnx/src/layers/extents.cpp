#include "layers/extents.h"

#include <algorithm>
#include <numeric>

namespace rondo::onnx {

bool all_known(Extents const& dims) {
  return std::all_of(dims.begin(), dims.end(), [](int64_t d) { return d >= 0; });
}

ITensor& split_dim(Context& context, ITensor& x, int64_t axis, Extents const& parts) {
  const Extents dims = dims_of(x);
  const auto at = static_cast<size_t>(axis);
  Extents resolved = parts;
  int64_t rest = 1;
  bool fits = true;
  for (int64_t part : parts) fits = fits && (part < 0 || !__builtin_mul_overflow(rest, part, &rest));
  check(fits && rest > 0 && (dims[at] < 0 || dims[at] % rest == 0), ErrorCode::kINVALID_NODE,
        text("extent ", dims[at], " cannot be cut into ", dims_text(parts)));
  if (dims[at] >= 0) std::replace(resolved.begin(), resolved.end(), int64_t{-1}, dims[at] / rest);
  Extents all = dims.part(0, at);
  all.insert(all.end(), resolved.begin(), resolved.end());
  const Extents behind = dims.from(at + 1);
  all.insert(all.end(), behind.begin(), behind.end());
  if (std::count(all.begin(), all.end(), -1) <= 1) return reshape(context, x, all);
  Tensors extents;
  for (size_t i = 0; i < dims.size(); ++i) {
    if (i != at) {
      extents.push_back(&extent_of(context, x, static_cast<int64_t>(i)));
      continue;
    }
    for (int64_t part : resolved) {
      ITensor& whole = extent_of(context, x, axis);
      extents.push_back(part < 0 ? &binary(context, whole, ints(context, {rest}), ElementWiseOperation::kDIV)
                                 : &ints(context, {part}));
    }
  }
  return reshape(context, x, concat(context, extents, 0));
}

ITensor& iota(Context& context, ITensor& x, int64_t axis) {
  const int64_t extent = dims_of(x)[static_cast<size_t>(axis)];
  Extents shape(static_cast<size_t>(rank_of(x)), 1);
  shape[static_cast<size_t>(axis)] = extent;
  if (extent >= 0) {
    std::vector<int64_t> values(static_cast<size_t>(extent));
    std::iota(values.begin(), values.end(), 0);
    return context.constant_tensor(make_host_tensor(DataType::kINT64, shape, std::move(values)));
  }
  IFillLayer& fill =
      added(context.network().addFill(to_dims(Extents{0}), FillOperation::kLINSPACE, DataType::kINT64), "fill");
  fill.setInput(0, extent_of(context, x, axis));
  fill.setAlphaInt64(0);
  fill.setBetaInt64(1);
  return reshape(context, result(&fill, "fill"), shape);
}

}  // namespace rondo::onnx
