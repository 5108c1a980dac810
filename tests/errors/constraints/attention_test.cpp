// Attention, rotary embedding and cache update: shapes that do not meet.

#include "errors/constraints/refusal.h"
#include "errors/mistake.h"

namespace rondo::test {

namespace {

using Operands = std::vector<Refusal::Operand>;

const Refusal::Operand kQuery{DType::kFloat32, {2, 4, 3, 8}};
const Refusal::Operand kKey{DType::kFloat32, {2, 2, 5, 8}};

void refuse_attention(const Operands& operands, const char* part, int64_t causal = 0, bool mask = false,
                      bool scale = false, int64_t norm = 1) {
  Refusal().expect(ir::OpKind::k_attention,
                   {{"norm", norm}, {"causal", causal}, {"has_mask", int64_t{mask}}, {"has_scale", int64_t{scale}}},
                   operands, part);
}

void refuse_rotary(const Operands& operands, int64_t dim, const char* part) {
  Refusal().expect(ir::OpKind::k_rotary_embedding, {{"interleaved", int64_t{0}}, {"dim", dim}}, operands, part);
}

void refuse_update(const Operands& operands, const char* part) {
  Refusal().expect(ir::OpKind::k_kv_cache_update, {}, operands, part);
}

}  // namespace

TEST(AttentionConstraints, C1_Rank) { refuse_attention({{DType::kFloat32, {4, 3, 8}}, kKey, kKey}, "(attention C1)"); }

TEST(AttentionConstraints, C2_Types) {
  refuse_attention({{DType::kFloat16, {2, 4, 3, 8}}, kKey, kKey}, "(attention C2)");
}

TEST(AttentionConstraints, C3_Batches) {
  refuse_attention({{DType::kFloat32, {1, 4, 3, 8}}, kKey, kKey}, "(attention C3)");
}

TEST(AttentionConstraints, C4_Heads) {
  refuse_attention({{DType::kFloat32, {2, 3, 3, 8}}, kKey, kKey}, "(attention C4)");
  refuse_attention({kQuery, kKey, {DType::kFloat32, {2, 4, 5, 8}}}, "(attention C4)");
}

TEST(AttentionConstraints, C5_DepthsAndLengths) {
  refuse_attention({kQuery, {DType::kFloat32, {2, 2, 5, 4}}, kKey}, "(attention C5)");
  refuse_attention({kQuery, kKey, {DType::kFloat32, {2, 2, 6, 8}}}, "(attention C5)");
}

TEST(AttentionConstraints, C6_Mask) {
  refuse_attention({kQuery, kKey, kKey, {DType::kBool, {3, 5}}}, "(attention C6)", 0, true);
  refuse_attention({kQuery, kKey, kKey, {DType::kInt32, {2, 4, 3, 5}}}, "(attention C6)", 0, true);
  refuse_attention({kQuery, kKey, kKey, {DType::kBool, {2, 4, 3, 4}}}, "(attention C6)", 0, true);
}

TEST(AttentionConstraints, C7_MaskAndCausal) {
  Net net;
  ITensor& x = net.input("x", Dims4(1, 1, 2, 4));
  IAttention* attention = net->addAttention(x, x, x, AttentionNormalizationOp::kSOFTMAX, true);
  attention->setName("enc.1");
  EXPECT_TRUE(attention->setMask(net.input("m", Dims4(1, 1, 2, 2), DataType::kBOOL)));
  net->markOutput(*attention->getOutput(0));
  expect_refused(net, {"attention 'enc.1'", "a mask and a causal form", "(attention C7)"});
}

TEST(AttentionConstraints, C8_QuantizeScale) {
  refuse_attention({kQuery, kKey, kKey, {DType::kFloat32, {2}}}, "(attention C8)", 0, false, true);
  refuse_attention({kQuery, kKey, kKey, {DType::kFloat32, {}}}, "(attention C8)", 0, false, true, 0);
  Net net;
  ITensor& x = net.input("x", Dims4(1, 1, 2, 4));
  IAttention* attention = net->addAttention(x, x, x, AttentionNormalizationOp::kSOFTMAX, false);
  EXPECT_FALSE(attention->setNormalizationQuantizeToType(DataType::kFP8));
  expect_message(net, {"(attention C8)"});
}

TEST(AttentionConstraints, PackedSequences) {
  Net net;
  ITensor& x = net.input("x", Dims4(1, 1, 2, 4));
  IAttention* attention = net->addAttentionV2(x, x, x, AttentionNormalizationOp::kSOFTMAX, CausalMaskKind::kNONE);
  EXPECT_FALSE(attention->setQueryForm(AttentionIOForm::kPACKED_NHD));
  expect_message(net, {"kPACKED_NHD is not part of this version"});
}

TEST(RotaryEmbeddingConstraints, All) {
  const Refusal::Operand x{DType::kFloat32, {2, 4, 3, 8}}, cache{DType::kFloat32, {2, 3, 4}},
      table{DType::kFloat32, {9, 4}};
  const Refusal::Operand ids{DType::kInt64, {2, 3}};
  refuse_rotary({{DType::kInt32, {2, 4, 3, 8}}, cache, cache}, 0, "(rotary_embedding C1)");
  refuse_rotary({x, cache, cache}, 5, "(rotary_embedding C2)");
  refuse_rotary({x, cache, cache}, 10, "(rotary_embedding C2)");
  refuse_rotary({x, cache, {DType::kFloat32, {2, 3, 3}}}, 0, "(rotary_embedding C3)");
  refuse_rotary({x, table, table}, 0, "(rotary_embedding C4)");
  refuse_rotary({x, cache, cache}, 4, "(rotary_embedding C4)");
  refuse_rotary({x, table, table, {DType::kFloat32, {2, 3}}}, 0, "(rotary_embedding C5)");
  refuse_rotary({x, table, table, {DType::kInt64, {2, 4}}}, 0, "(rotary_embedding C5)");
  EXPECT_EQ(Refusal().of(ir::OpKind::k_rotary_embedding, {{"interleaved", int64_t{1}}, {"dim", int64_t{8}}},
                         {x, table, table, ids}),
            "");
}

TEST(KvCacheUpdateConstraints, All) {
  const Refusal::Operand cache{DType::kFloat32, {2, 4, 16, 8}}, update{DType::kFloat32, {2, 4, 1, 8}},
      at{DType::kInt32, {2}};
  refuse_update({cache, {DType::kFloat16, {2, 4, 1, 8}}, at}, "(kv_cache_update C1)");
  refuse_update({cache, {DType::kFloat32, {2, 3, 1, 8}}, at}, "(kv_cache_update C2)");
  refuse_update({cache, update, {DType::kInt32, {3}}}, "(kv_cache_update C3)");
  refuse_update({cache, update, {DType::kFloat32, {2}}}, "(kv_cache_update C3)");
}

}  // namespace rondo::test
