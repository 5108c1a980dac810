#include "ops/windows/window.h"

#include <algorithm>

namespace rondo::onnx {
namespace {

void require_positive(Node const& node, Extents const& extents, char const* name) {
  const bool positive = std::all_of(extents.begin(), extents.end(), [](int64_t e) { return e >= 1; });
  node.require(positive, ErrorCode::kINVALID_NODE, text(name, " ", dims_text(extents), " has an entry below 1"));
  require_moderate(node, extents, name);
}

Extents read_extents(Node& node, char const* name, size_t rank, int64_t otherwise) {
  Extents extents = node.attributes.integers(name, Extents(rank, otherwise));
  node.require(extents.size() == rank, ErrorCode::kINVALID_NODE,
               text("attribute '", name, "' has ", extents.size(), " entries, ", rank, " are needed"));
  require_positive(node, extents, name);
  return extents;
}

}  // namespace

void require_moderate(Node const& node, Extents const& extents, char const* name) {
  for (int64_t e : extents) {
    node.require(e <= INT32_MAX, ErrorCode::kUNSUPPORTED_NODE_SHAPE, text(name, ": ", e, " is above ", INT32_MAX));
  }
}

bool Window::dilated() const {
  return std::any_of(dilations.begin(), dilations.end(), [](int64_t d) { return d != 1; });
}

int64_t Window::volume() const { return onnx::volume(kernel, "the kernel"); }

void Window::resolve_padding(Node const& node, Extents const& spatial) {
  if (!is_same()) return;
  for (size_t i = 0; i < rank(); ++i) {
    node.require(spatial[i] >= 0, ErrorCode::kUNSUPPORTED_NODE_DYNAMIC,
                 "automatic padding of an extent that comes at run time is not supported here; pad explicitly");
    const int64_t out = (spatial[i] + strides[i] - 1) / strides[i];
    const int64_t total = std::max<int64_t>((out - 1) * strides[i] + span(i) - spatial[i], 0);
    before[i] = mode == Auto::kSameUpper ? total / 2 : total - total / 2;
    after[i] = total - before[i];
  }
  mode = Auto::kExplicit;
}

Extents Window::outputs(Extents const& spatial, bool round_up) const {
  Extents out(rank());
  for (size_t i = 0; i < rank(); ++i) {
    const int64_t steps = spatial[i] + before[i] + after[i] - span(i);
    out[i] = (steps + (round_up ? strides[i] - 1 : 0)) / strides[i] + 1;
    if (round_up && (out[i] - 1) * strides[i] >= spatial[i] + before[i]) --out[i];
  }
  return out;
}

void Window::make_two_dimensional() {
  for (Extents* extents : {&kernel, &strides, &dilations}) extents->insert(extents->begin(), 1);
  for (Extents* extents : {&before, &after}) extents->insert(extents->begin(), 0);
}

Window read_window(Node& node, size_t spatial_rank, std::optional<Extents> const& kernel) {
  static constexpr char const* kModes[] = {"NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"};
  Window window;
  window.mode = static_cast<Window::Auto>(node.attributes.choice("auto_pad", "NOTSET", kModes));
  if (kernel && !node.attributes.has("kernel_shape")) {
    window.kernel = *kernel;
    require_positive(node, window.kernel, "kernel");
  } else {
    node.require(node.attributes.has("kernel_shape"), ErrorCode::kINVALID_NODE, "attribute 'kernel_shape' is missing");
    window.kernel = read_extents(node, "kernel_shape", spatial_rank, 1);
    node.require(!kernel || *kernel == window.kernel, ErrorCode::kINVALID_NODE,
                 text("kernel_shape ", dims_text(window.kernel), " is not that of the weights, ",
                      dims_text(kernel.value_or(Extents{}))));
  }
  window.strides = read_extents(node, "strides", spatial_rank, 1);
  window.dilations = read_extents(node, "dilations", spatial_rank, 1);
  const Extents pads = node.attributes.integers("pads", Extents(2 * spatial_rank, 0));
  node.require(pads.size() == 2 * spatial_rank, ErrorCode::kINVALID_NODE,
               text("attribute 'pads' has ", pads.size(), " entries, ", 2 * spatial_rank, " are needed"));
  const bool padded = std::any_of(pads.begin(), pads.end(), [](int64_t p) { return p != 0; });
  node.require(!padded || window.mode == Window::Auto::kExplicit, ErrorCode::kINVALID_NODE,
               "attributes 'pads' and 'auto_pad' cannot both be set");
  node.require(std::all_of(pads.begin(), pads.end(), [](int64_t p) { return p >= 0; }),
               ErrorCode::kUNSUPPORTED_NODE_ATTR, text("attribute 'pads' ", dims_text(pads), " has a negative entry"));
  require_moderate(node, pads, "pads");
  window.before.assign(pads.begin(), pads.begin() + static_cast<int64_t>(spatial_rank));
  window.after.assign(pads.begin() + static_cast<int64_t>(spatial_rank), pads.end());
  return window;
}

Extents spatial_dims(Node const& node, ITensor& x, size_t least, size_t most) {
  const Extents dims = dims_of(x);
  node.require(dims.size() >= least + 2 && dims.size() <= most + 2, ErrorCode::kUNSUPPORTED_NODE_SHAPE,
               text("an input of rank ", least + 2, " to ", most + 2, " is needed, not ", dims_text(dims)));
  const Extents spatial = dims.from(2);
  require_moderate(node, spatial, "extent of the input");
  return spatial;
}

}  // namespace rondo::onnx
