// LinearAttention: a recurrence over the tokens, written as a loop of the network. The state S [B, H, dk, dv] of each
// key head is decayed, read by the key, corrected or extended by the value, and read by the query; all in float32.
#include <cmath>

#include "layers/extents.h"
#include "ops/op_table.h"

namespace rondo::onnx {
namespace {

using E = ElementWiseOperation;
using M = MatrixOperation;

struct Rule {
  bool gated, delta;
};

Rule read_rule(Node& node) {
  static constexpr char const* kRules[] = {"linear", "gated", "delta", "gated_delta"};
  const size_t rule = node.attributes.choice("update_rule", "gated_delta", kRules);
  const Rule result{(rule & 1) != 0, rule >= 2};
  node.require(!result.gated || node.has_input(4), ErrorCode::kINVALID_NODE, "this update_rule needs input 'decay'");
  node.require(!result.delta || node.has_input(5), ErrorCode::kINVALID_NODE, "this update_rule needs input 'beta'");
  node.attributes.ignore("chunk_size");  // how it may be computed, not what
  return result;
}

/// [B, T, heads * D] -> float [B, T, heads, D]; one number for all heads stays one.
ITensor& by_heads(Context& context, ITensor& x, int64_t heads) {
  const bool shared = dims_of(x)[2] == 1;
  return cast(context, split_dim(context, x, 2, {shared ? 1 : heads, -1}), DataType::kFLOAT);
}

struct Step {
  ITensor *query, *key, *value;               ///< [B, H, rep, dk], [B, H, dk], [B, H, dv]
  ITensor *decay = nullptr, *rate = nullptr;  ///< [B, H, dk or 1], [B, H, 1]
};

/// The state after one token.
ITensor& next_state(Context& context, ITensor& before, Step const& step) {
  ITensor* state = &before;
  if (step.decay) {
    ITensor& factor = unary(context, *step.decay, UnaryOperation::kEXP);
    state = &binary(context, *state, unsqueeze(context, factor, {3}), E::kPROD);
  }
  ITensor* value = &unsqueeze(context, *step.value, {2});  // [B, H, 1, dv]
  if (step.rate) {
    ITensor& known = matmul(context, unsqueeze(context, *step.key, {2}), M::kNONE, *state, M::kNONE);
    ITensor& missing = binary(context, *value, known, E::kSUB);
    value = &binary(context, missing, unsqueeze(context, *step.rate, {3}), E::kPROD);
  }
  ITensor& outer = binary(context, unsqueeze(context, *step.key, {3}), *value, E::kPROD);
  return binary(context, *state, outer, E::kSUM);
}

ITensor& initial_state(Context& context, Node const& node, ITensor& key, ITensor& value) {
  if (node.has_input(3)) return cast(context, to_tensor(context, node.input(3)), DataType::kFLOAT);
  ITensor& shape = concat(context,
                          {&extent_of(context, key, 0), &extent_of(context, key, 2), &extent_of(context, key, 3),
                           &extent_of(context, value, 3)},
                          0);
  const bool known = all_known({dims_of(key)[0], dims_of(key)[2], dims_of(key)[3], dims_of(value)[3]});
  const Value extents =
      known ? Value(int_vector({dims_of(key)[0], dims_of(key)[2], dims_of(key)[3], dims_of(value)[3]})) : Value(shape);
  return broadcast_to(context, scalar(context, DataType::kFLOAT, 0, 4), extents);
}

Values import_linear_attention(Context& context, Node& node) {
  const Rule rule = read_rule(node);
  const int64_t heads = node.attributes.integer("kv_num_heads"), query_heads = node.attributes.integer("q_num_heads");
  node.require(heads > 0 && query_heads > 0 && query_heads % heads == 0, ErrorCode::kINVALID_NODE,
               text("q_num_heads ", query_heads, " is no multiple of kv_num_heads ", heads));
  for (const int32_t input : {0, 1, 2, 4, 5}) {
    node.require(!node.has_input(input) || node.input(input).rank() == 3, ErrorCode::kINVALID_NODE,
                 text("input ", input, " of rank 3 is needed, not ", node.input_types()));
  }
  ITensor& query = to_tensor(context, node.input(0));
  const DataType type = query.getType();
  ITensor& q = split_dim(context, by_heads(context, query, query_heads), 2, {heads, query_heads / heads});
  ITensor& k = by_heads(context, to_tensor(context, node.input(1)), heads);
  ITensor& v = by_heads(context, to_tensor(context, node.input(2)), heads);
  const float given = node.attributes.real("scale", 0);
  const int64_t depth = dims_of(k)[3];
  node.require(given != 0 || depth > 0, ErrorCode::kUNSUPPORTED_NODE_DYNAMIC,
               "the size of a key must be known where 'scale' is left out");
  const double scale = given != 0 ? static_cast<double>(given) : 1 / std::sqrt(static_cast<double>(depth));

  ILoop& loop = added(context.network().addLoop(), "loop");
  ITensor& length = extent_of(context, query, 1);
  added(loop.addTripLimit(squeeze(context, cast(context, length, DataType::kINT32), {0}), TripLimit::kCOUNT),
        "trip limit");
  const auto each = [&](ITensor& x) -> ITensor& { return result(loop.addIterator(x, 1, false), "iterator"); };
  Step step{&each(q), &each(k), &each(v)};
  if (rule.gated) step.decay = &each(by_heads(context, to_tensor(context, node.input(4)), heads));
  if (rule.delta) step.rate = &each(by_heads(context, to_tensor(context, node.input(5)), heads));
  IRecurrenceLayer& state = added(loop.addRecurrence(initial_state(context, node, k, v)), "recurrence");
  ITensor& next = next_state(context, result(&state, "recurrence"), step);
  state.setInput(1, next);
  ITensor& read = matmul(context, binary(context, *step.query, scale, E::kPROD), M::kNONE, next, M::kNONE);

  ILoopOutputLayer& tokens = added(loop.addLoopOutput(read, LoopOutput::kCONCATENATE, 1), "loop output");
  tokens.setInput(1, squeeze(context, cast(context, length, DataType::kINT32), {0}));
  ITensor& y = cast(context, fold_dims(context, result(&tokens, "loop output"), 2, 5), type);
  ITensor& last = result(loop.addLoopOutput(result(&state, "recurrence"), LoopOutput::kLAST_VALUE, 0), "loop output");
  return {y, cast(context, last, type)};
}

constexpr OpRow kRows[] = {OpRow::from("LinearAttention", 27, {3, 6}, {1, 2}, import_linear_attention)};

}  // namespace

OpRows linear_attention_rows() { return kRows; }

}  // namespace rondo::onnx
