// States, lengths and types of a recurrent layer, as the op sees them.

#include "errors/constraints/refusal.h"

namespace rondo::test {
namespace {

constexpr int64_t kTanh = 1, kLstm = 2;

ir::Attrs attrs(int64_t op) {
  return {{"op", op},
          {"direction", int64_t{0}},
          {"input_mode", int64_t{0}},
          {"layers", int64_t{1}},
          {"hidden", int64_t{2}},
          {"has_h0", int64_t{0}},
          {"has_c0", int64_t{0}},
          {"has_lengths", int64_t{0}}};
}

/// x [1, 4, 3], more operands, and the weights of one gate of 2 units.
std::vector<Refusal::Operand> operands(std::vector<Refusal::Operand> more, DType weights = DType::kFloat32,
                                       int gates = 1) {
  std::vector<Refusal::Operand> all{{DType::kFloat32, {1, 4, 3}}};
  all.insert(all.end(), more.begin(), more.end());
  for (int gate = 0; gate < gates; ++gate) {
    for (const std::vector<int64_t>& dims : {std::vector<int64_t>{2, 3}, {2, 2}, {2}, {2}})
      all.push_back({weights, dims});
  }
  return all;
}

}  // namespace

TEST(RnnV2Constraints, C5_LengthsOfFloats) {
  Refusal().expect(ir::OpKind::k_rnn_v2, attrs(kTanh).set("has_lengths", int64_t{1}),
                   operands({{DType::kFloat32, {1}}}), "(rnn_v2 C5)");
}

TEST(RnnV2Constraints, C6_WeightsOfAnotherType) {
  Refusal().expect(ir::OpKind::k_rnn_v2, attrs(kLstm), operands({}, DType::kFloat16, 4), "(rnn_v2 C6)");
}

TEST(RnnV2Constraints, C7_CellStateOfARnn) {
  Refusal().expect(ir::OpKind::k_rnn_v2, attrs(kTanh).set("has_c0", int64_t{1}),
                   operands({{DType::kFloat32, {1, 1, 2}}}), "(rnn_v2 C7)");
}

}  // namespace rondo::test
