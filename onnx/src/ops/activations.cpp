// Activations and what is made of them by a layer or two.

#include <array>

#include "layers/build.h"
#include "ops/op_table.h"

namespace rondo::onnx {
namespace {

using A = ActivationType;
using E = ElementWiseOperation;

/// A formula with the two numbers that the row of the format's table gives as defaults.
struct Formula {
  A type;
  char const* alpha_name;  ///< attribute, or null where the number is fixed
  float alpha;
  char const* beta_name;
  float beta;
};

constexpr Formula kFormulas[] = {
    {A::kRELU, nullptr, 0, nullptr, 0},
    {A::kSIGMOID, nullptr, 0, nullptr, 0},
    {A::kTANH, nullptr, 0, nullptr, 0},
    {A::kSOFTSIGN, nullptr, 0, nullptr, 0},
    {A::kSOFTPLUS, nullptr, 1, nullptr, 1},
    {A::kLEAKY_RELU, "alpha", 0.01F, nullptr, 0},
    {A::kELU, "alpha", 1, nullptr, 0},
    {A::kSELU, "alpha", 1.67326319217681884765625F, "gamma", 1.05070102214813232421875F},
    {A::kHARD_SIGMOID, "alpha", 0.2F, "beta", 0.5F},
    {A::kTHRESHOLDED_RELU, "alpha", 1, nullptr, 0},
};

Values import_formula(Context& context, Node& node) {
  for (Formula const& formula : kFormulas) {
    if (formula.type != node.parameter<A>()) continue;
    const float alpha = formula.alpha_name ? node.attributes.real(formula.alpha_name, formula.alpha) : formula.alpha;
    const float beta = formula.beta_name ? node.attributes.real(formula.beta_name, formula.beta) : formula.beta;
    return {activation(context, to_tensor(context, node.input(0)), formula.type, alpha, beta)};
  }
  node.fail(ErrorCode::kINTERNAL_ERROR, "the operator's row names no formula");
}

/// alpha elu(x / alpha).
Values import_celu(Context& context, Node& node) {
  const float alpha = node.attributes.real("alpha", 1);
  node.require(alpha != 0, ErrorCode::kINVALID_NODE, "attribute 'alpha' is 0");
  ITensor& x = to_tensor(context, node.input(0));
  ITensor& scaled = binary(context, x, alpha, E::kDIV);
  return {binary(context, activation(context, scaled, A::kELU, 1), alpha, E::kPROD)};
}

Values import_gelu(Context& context, Node& node) {
  static constexpr std::array<char const*, 2> kForms{"none", "tanh"};
  const size_t form = node.attributes.choice("approximate", "none", kForms);
  return {activation(context, to_tensor(context, node.input(0)), form == 0 ? A::kGELU_ERF : A::kGELU_TANH)};
}

Values import_hard_swish(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  return {binary(context, x, activation(context, x, A::kHARD_SIGMOID, 1.0F / 6, 0.5F), E::kPROD)};
}

Values import_mish(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  return {binary(context, x, activation(context, activation(context, x, A::kSOFTPLUS, 1, 1), A::kTANH), E::kPROD)};
}

Values import_swish(Context& context, Node& node) {
  const float alpha = node.attributes.real("alpha", 1);
  ITensor& x = to_tensor(context, node.input(0));
  ITensor& inside = alpha == 1 ? x : binary(context, x, alpha, E::kPROD);
  return {binary(context, x, activation(context, inside, A::kSIGMOID), E::kPROD)};
}

/// x + bias below -lambd, x - bias above lambd, 0 between.
Values import_shrink(Context& context, Node& node) {
  const float bias = node.attributes.real("bias", 0);
  const float lambd = node.attributes.real("lambd", 0.5F);
  ITensor& x = to_tensor(context, node.input(0));
  ITensor& zero = scalar(context, x.getType(), 0, rank_of(x));
  ITensor& high = select(context, binary(context, x, lambd, E::kGREATER), binary(context, x, bias, E::kSUB), zero);
  return {select(context, binary(context, x, -static_cast<double>(lambd), E::kLESS), binary(context, x, bias, E::kSUM),
                 high)};
}

Values import_prelu(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  ITensor& slope = to_tensor(context, node.input(1));
  node.require(rank_of(slope) <= rank_of(x), ErrorCode::kINVALID_NODE,
               text("the slope has more dimensions than x: ", node.input_types()));
  return {result(context.network().addParametricReLU(x, with_rank(context, slope, rank_of(x))), "parametric relu")};
}

constexpr Count kOne{1, 1};

constexpr OpRow kRows[] = {
    OpRow::from("Celu", 12, kOne, kOne, import_celu),
    OpRow::from("Elu", 6, kOne, kOne, import_formula, A::kELU),
    OpRow::from("Gelu", 20, kOne, kOne, import_gelu),
    OpRow::from("HardSigmoid", 6, kOne, kOne, import_formula, A::kHARD_SIGMOID),
    OpRow::from("HardSwish", 14, kOne, kOne, import_hard_swish),
    OpRow::from("LeakyRelu", 6, kOne, kOne, import_formula, A::kLEAKY_RELU),
    OpRow::from("Mish", 18, kOne, kOne, import_mish),
    OpRow::from("PRelu", 7, {2, 2}, kOne, import_prelu),
    OpRow::from("Relu", 6, kOne, kOne, import_formula, A::kRELU),
    OpRow::from("Selu", 6, kOne, kOne, import_formula, A::kSELU),
    OpRow::from("Shrink", 9, kOne, kOne, import_shrink),
    OpRow::from("Sigmoid", 6, kOne, kOne, import_formula, A::kSIGMOID),
    OpRow::from("Softplus", 1, kOne, kOne, import_formula, A::kSOFTPLUS),
    OpRow::from("Softsign", 1, kOne, kOne, import_formula, A::kSOFTSIGN),
    OpRow::from("Swish", 24, kOne, kOne, import_swish),
    OpRow::from("Tanh", 6, kOne, kOne, import_formula, A::kTANH),
    OpRow::from("ThresholdedRelu", 10, kOne, kOne, import_formula, A::kTHRESHOLDED_RELU),
};

}  // namespace

OpRows activations_rows() { return kRows; }

}  // namespace rondo::onnx
