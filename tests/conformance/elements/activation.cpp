#include <cmath>

#include "conformance/harness/case.h"

namespace rondo::conformance {
namespace {

constexpr const char* kNames[] = {"RELU",        "SIGMOID",          "TANH",     "LEAKY_RELU", "ELU",
                                  "SELU",        "SOFTSIGN",         "SOFTPLUS", "CLIP",       "HARD_SIGMOID",
                                  "SCALED_TANH", "THRESHOLDED_RELU", "GELU_ERF", "GELU_TANH"};
enum : int64_t { kRelu = 0, kClip = 8 };

Case activation(Random& r, DType dtype) {
  const int64_t type = is_float(dtype) ? r.number(0, 13) : kRelu;
  double alpha = ops::round_to(dtype, r.real(-0.5, 0.5)), beta = ops::round_to(dtype, r.real(0.5, 1.5));
  if (type == kClip) alpha = -beta;
  Case c(ir::OpKind::k_activation, {{"type", type}, {"alpha", alpha}, {"beta", beta}});
  c.uses("ActivationType", kNames[type]);
  c.scale = 1;
  const bool special = type == kRelu && r.one_in(3);
  const Ints dims = r.shape(0, 8);
  return c.data(special ? r.specials(dtype, dims) : r.values(dtype, dims, -5, 5));
}

const Registration row("activation", {DType::kFloat32, DType::kFloat16, DType::kBFloat16, DType::kInt32, DType::kInt64},
                       activation, 2);

}  // namespace
}  // namespace rondo::conformance
