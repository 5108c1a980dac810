#include "conformance/harness/case.h"

namespace rondo::conformance {
namespace {

constexpr const char* kModes[] = {"UNIFORM", "CHANNEL", "ELEMENTWISE"};

Case scale(Random& r, DType dtype) {
  const Ints dims = r.shape(2, 6, 1);
  const auto rank = static_cast<int64_t>(dims.size());
  const int64_t mode = r.number(0, 2), axis = r.number(0, rank - 1);
  int64_t wanted = mode == 0 ? 1 : dims[static_cast<size_t>(axis)];
  for (int64_t i = axis + 1; mode == 2 && i < rank; ++i) wanted *= dims[static_cast<size_t>(i)];
  Case c(ir::OpKind::k_scale, {{"mode", mode}, {"channel_axis", axis}});
  c.uses("ScaleMode", kModes[mode]);
  c.scale = 8;
  c.data(r.values(dtype, dims, 0.5, 2), ~0u);
  for (double neutral : {0.0, 1.0, 1.0}) {
    const int64_t count = r.flip() ? wanted : 1;
    const bool plain = r.one_in(3);
    c.constant(plain ? r.values(dtype, {count}, neutral, neutral) : r.values(dtype, {count}, 0.5, 1.5));
  }
  return c;
}

const Registration row("scale", kFloats, scale);

}  // namespace
}  // namespace rondo::conformance
