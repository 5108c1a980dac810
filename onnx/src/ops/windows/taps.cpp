#include "ops/windows/taps.h"

#include <algorithm>

namespace rondo::onnx {
namespace {

constexpr int64_t kMostTaps = 1024;

ITensor& slice_filled(Context& context, ITensor& x, Extents const& start, Extents const& size, ITensor* dynamic_size,
                      double value) {
  const Extents ones(start.size(), 1);
  ISliceLayer& layer = added(context.network().addSlice(x, to_dims(start), to_dims(size), to_dims(ones)), "slice");
  layer.setMode(SampleMode::kFILL);
  if (dynamic_size) layer.setInput(2, *dynamic_size);
  layer.setInput(4, scalar(context, x.getType(), value));
  return result(&layer, "slice");
}

}  // namespace

ITensor& pad_with(Context& context, ITensor& x, Extents const& before, Extents const& after, double value) {
  Extents start(before.size()), grown(before.size()), size = dims_of(x);
  bool known = true;
  for (size_t i = 0; i < before.size(); ++i) {
    start[i] = -before[i];
    grown[i] = before[i] + after[i];
    known &= size[i] >= 0;
    size[i] += grown[i];
  }
  if (std::all_of(grown.begin(), grown.end(), [](int64_t g) { return g == 0; })) return x;
  if (known) return slice_filled(context, x, start, size, nullptr, value);
  ITensor& sizes = binary(context, shape_of(context, x), ints(context, grown), ElementWiseOperation::kSUM);
  return slice_filled(context, x, start, Extents(size.size(), 0), &sizes, value);
}

std::vector<Tap> window_taps(Context& context, Node const& node, ITensor& x, Window const& window, Extents const& out,
                             double value) {
  const Extents dims = dims_of(x);
  node.require(std::all_of(dims.begin(), dims.end(), [](int64_t d) { return d >= 0; }),
               ErrorCode::kUNSUPPORTED_NODE_DYNAMIC,
               text("this form of the operator needs known extents, not ", dims_text(dims)));
  node.require(window.volume() <= kMostTaps, ErrorCode::kUNSUPPORTED_NODE_SHAPE,
               text("kernel ", dims_text(window.kernel), " has more than ", kMostTaps,
                    " elements, the most that this form of the operator takes"));
  const size_t rank = window.rank();
  Extents before{0, 0}, after{0, 0}, size{dims[0], dims[1]}, stride{1, 1};
  for (size_t i = 0; i < rank; ++i) {
    const int64_t reach = (out[i] - 1) * window.strides[i] + window.span(i);
    before.push_back(window.before[i]);
    after.push_back(std::max<int64_t>(reach - dims[i + 2] - window.before[i], 0));
    size.push_back(out[i]);
    stride.push_back(window.strides[i]);
  }
  ITensor& padded = pad_with(context, x, before, after, value);
  std::vector<Tap> taps;
  Extents at(rank, 0);
  for (int64_t tap = 0; tap < window.volume(); ++tap) {
    Extents start{0, 0};
    for (size_t i = 0; i < rank; ++i) start.push_back(at[i] * window.dilations[i]);
    taps.push_back({at, &slice(context, padded, start, size, stride)});
    for (size_t i = rank; i-- > 0;) {
      if (++at[i] < window.kernel[i]) break;
      at[i] = 0;
    }
  }
  return taps;
}

}  // namespace rondo::onnx
