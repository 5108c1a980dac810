#include "rondo/nn/cell_activation.h"

#include <algorithm>
#include <cctype>
#include <string>

#include "rondo/nn/error.h"

namespace rondo::nn {

namespace {

// The numbers are those of ONNX's operators of the same names; Affine and ScaledTanh, which are none, have the
// identity's and tanh's.
constexpr CellFunctionInfo kFunctions[] = {
    {CellFunction::kSigmoid, "Sigmoid", false, false, 0, 0},
    {CellFunction::kTanh, "Tanh", false, false, 0, 0},
    {CellFunction::kRelu, "Relu", false, false, 0, 0},
    {CellFunction::kAffine, "Affine", true, true, 1, 0},
    {CellFunction::kLeakyRelu, "LeakyRelu", true, false, 0.01F, 0},
    {CellFunction::kThresholdedRelu, "ThresholdedRelu", true, false, 1, 0},
    {CellFunction::kScaledTanh, "ScaledTanh", true, true, 1, 1},
    {CellFunction::kHardSigmoid, "HardSigmoid", true, true, 0.2F, 0.5F},
    {CellFunction::kElu, "Elu", true, false, 1, 0},
    {CellFunction::kSoftsign, "Softsign", false, false, 0, 0},
    {CellFunction::kSoftplus, "Softplus", false, false, 0, 0},
};

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

}  // namespace

std::span<const CellFunctionInfo> cell_functions() { return kFunctions; }

CellActivation activation(CellFunction function, std::optional<float> alpha, std::optional<float> beta) {
  const CellFunctionInfo& info = kFunctions[static_cast<size_t>(function)];
  return {function, alpha.value_or(info.alpha), beta.value_or(info.beta)};
}

CellActivation activation(std::string_view name, std::optional<float> alpha, std::optional<float> beta) {
  std::string known;
  for (const CellFunctionInfo& info : kFunctions) {
    if (same_name(info.name, name)) return activation(info.function, alpha, beta);
    known.append(known.empty() ? "" : ", ").append(info.name);
  }
  throw NnError("activation '" + std::string(name) + "' is none of " + known);
}

}  // namespace rondo::nn
