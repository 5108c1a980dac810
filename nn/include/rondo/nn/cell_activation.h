/// CellActivation: a formula inside of a recurrent cell, by ONNX's names.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace rondo::nn {

/// The formulas, with a = alpha and b = beta.
enum class CellFunction {
  kSigmoid,          ///< 1 / (1 + exp(-x))
  kTanh,             ///< tanh(x)
  kRelu,             ///< max(x, 0)
  kAffine,           ///< a x + b
  kLeakyRelu,        ///< x >= 0 ? x : a x
  kThresholdedRelu,  ///< x > a ? x : 0
  kScaledTanh,       ///< a tanh(b x)
  kHardSigmoid,      ///< min(max(a x + b, 0), 1)
  kElu,              ///< x >= 0 ? x : a (exp(x) - 1)
  kSoftsign,         ///< x / (1 + |x|)
  kSoftplus          ///< log(1 + exp(x))
};

/// A formula with its numbers.
struct CellActivation {
  CellFunction function = CellFunction::kTanh;
  float alpha = 0;  ///< without effect where the formula has no a
  float beta = 0;   ///< without effect where the formula has no b

  bool operator==(const CellActivation&) const = default;
};

/// One row for each formula.
struct CellFunctionInfo {
  CellFunction function;
  std::string_view name;  ///< as in ONNX: "Sigmoid", "LeakyRelu", ..
  bool has_alpha, has_beta;
  float alpha, beta;  ///< the numbers of one who names none
};

/// All formulas, in the order of CellFunction.
std::span<const CellFunctionInfo> cell_functions();

/// A formula with the numbers given, and its own where none is given.
CellActivation activation(CellFunction function, std::optional<float> alpha = {}, std::optional<float> beta = {});

/// The same by ONNX's name; upper and lower case are alike.
/// Errors    NnError that lists the names
CellActivation activation(std::string_view name, std::optional<float> alpha = {}, std::optional<float> beta = {});

}  // namespace rondo::nn
