#include "conformance/harness/case.h"

namespace rondo::conformance {
namespace {

constexpr const char* kNorms[] = {"NONE", "SOFTMAX"};
constexpr const char* kCausals[] = {"NONE", "UPPER_LEFT", "LOWER_RIGHT"};

Case attention(Random& r, DType dtype) {
  const int64_t norm = r.one_in(4) ? 0 : 1, causal = r.number(0, 2);
  const bool masked = causal == 0 && r.flip();
  const int64_t batch = r.number(1, 2), shared = r.number(1, 2), heads = shared * r.number(1, 3),
                depth = r.number(1, 9);
  // No more queries than keys: aligned at the lower right the first ones would see nothing.
  const int64_t keys = r.number(3, 6), queries = r.number(1, 3);
  Case c(ir::OpKind::k_attention,
         {{"norm", norm}, {"causal", causal}, {"has_mask", int64_t{masked}}, {"has_scale", int64_t{0}}});
  c.uses("AttentionNormalizationOp", kNorms[norm])
      .uses("CausalMaskKind", kCausals[causal])
      .uses("AttentionIOForm", "PADDED_BHND");
  c.terms = static_cast<double>(2 * (depth + keys) + 8);
  c.scale = static_cast<double>(depth * (norm == 0 ? keys : 1));
  constexpr uint32_t kHeads = 2;
  c.data(r.values(dtype, {batch, heads, queries, depth}, -1, 1), kHeads);
  c.data(r.values(dtype, {batch, shared, keys, depth}, -1, 1), kHeads);
  c.data(r.values(dtype, {batch, shared, keys, r.number(1, 5)}, -1, 1), kHeads);
  if (masked) {
    const Ints mask = {r.flip() ? batch : 1, r.flip() ? heads : 1, queries, keys};
    if (r.flip()) {
      ops::Tensor seen = r.values(DType::kBool, mask, 0, 1);
      for (size_t i = 0; i < seen.data.size(); i += static_cast<size_t>(keys)) seen.data[i] = 1;
      c.data(seen, unit_axes(mask));
    } else {
      c.data(r.values(dtype, mask, -1, 1), unit_axes(mask));
    }
  }
  c.rotates = false;
  return c;
}

Case rotary_embedding(Random& r, DType dtype) {
  const int64_t batch = r.number(1, 2), steps = r.number(0, 4), half = r.number(1, 5),
                rest = r.one_in(3) ? r.number(1, 3) : 0;
  const bool ids = r.flip();
  Case c(ir::OpKind::k_rotary_embedding, {{"interleaved", int64_t{r.flip()}}, {"dim", 2 * half}});
  c.scale = 2;
  c.terms = 4;
  c.data(r.values(dtype, {batch, r.number(1, 3), steps, 2 * half + rest}, -1, 1), 8);
  const Ints cache = ids ? Ints{7, half} : Ints{r.flip() ? batch : 1, steps, half};
  c.data(r.values(dtype, cache, -1, 1), unit_axes(cache)).data(r.values(dtype, cache, -1, 1), unit_axes(cache));
  if (ids) c.data(r.values(r.flip() ? DType::kInt32 : DType::kInt64, {batch, steps}, -1, 8), ~0u);
  return c;
}

Case kv_cache_update(Random& r, DType dtype) {
  const int64_t batch = r.number(1, 3), heads = r.number(1, 2), room = r.number(1, 6), depth = r.extent();
  Case c(ir::OpKind::k_kv_cache_update, {});
  c.uses("KVCacheMode", "LINEAR");
  c.data(r.values(dtype, {batch, heads, room, depth}, -9, 9));
  c.data(r.values(dtype, {batch, heads, r.number(0, 3), depth}, -9, 9));
  return c.data(r.values(r.flip() ? DType::kInt32 : DType::kInt64, {batch}, -1, static_cast<double>(room)));
}

const Registration of_attention("attention", kFloats, attention, 1.5);
const Registration of_rotary("rotary_embedding", kFloats, rotary_embedding);
const Registration of_update("kv_cache_update", {DType::kFloat32, DType::kFloat16, DType::kBFloat16, DType::kInt8},
                             kv_cache_update);

}  // namespace
}  // namespace rondo::conformance
