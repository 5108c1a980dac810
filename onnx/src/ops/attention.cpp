// Attention, RotaryEmbedding, TensorScatter, causal convolution with state: the operators of transformer blocks,
// written in primitives, which the builder's passes know how to put together again.
//
// Masking: what a query must not see (by order, by window, by length, by a bool mask) is one bool tensor; its scores
// become -infinity. Numbers of a float mask are added. A row in which every key is masked gives zeros, which a plain
// softmax would not.
#include <cmath>
#include <limits>

#include "layers/extents.h"
#include "ops/op_table.h"
#include "ops/windows/taps.h"

namespace rondo::onnx {
namespace {

using E = ElementWiseOperation;

constexpr double kMinusInfinity = -std::numeric_limits<double>::infinity();

/// [B, S, heads * D] -> [B, heads, S, D].
ITensor& split_heads(Context& context, ITensor& x, int64_t heads) {
  return transpose(context, split_dim(context, x, 2, {heads, -1}), {0, 2, 1, 3});
}

ITensor& join_heads(Context& context, ITensor& x) {
  return fold_dims(context, transpose(context, x, {0, 2, 1, 3}), 2, 4);
}

/// Each key head serves several query heads in a row.
ITensor& repeat_heads(Context& context, Node const& node, ITensor& x, int64_t query_heads) {
  const int64_t heads = dims_of(x)[1];
  if (heads == query_heads) return x;
  node.require(heads > 0 && query_heads > 0 && query_heads % heads == 0, ErrorCode::kINVALID_NODE,
               text(query_heads, " query heads are no multiple of ", heads, " key heads"));
  std::vector<int64_t> from;
  for (int64_t h = 0; h < query_heads; ++h) from.push_back(h / (query_heads / heads));
  return gather(context, x, ints(context, std::move(from)), 1);
}

struct Operands {
  ITensor *q, *k, *v;  ///< [B, heads, S, D]; k and v with what came before
  ITensor* past = nullptr;
  bool packed;  ///< inputs were [B, S, heads * D]
};

Operands read_operands(Context& context, Node& node) {
  Operands o{&to_tensor(context, node.input(0)), &to_tensor(context, node.input(1)), &to_tensor(context, node.input(2)),
             nullptr, false};
  const int64_t q_heads = node.attributes.integer("q_num_heads", 0),
                kv_heads = node.attributes.integer("kv_num_heads", 0);
  const int32_t rank = rank_of(*o.q);
  node.require((rank == 3 || rank == 4) && rank_of(*o.k) == rank && rank_of(*o.v) == rank, ErrorCode::kINVALID_NODE,
               text("query, key and value of one rank, 3 or 4, are needed, not ", node.input_types()));
  o.packed = rank == 3;
  if (o.packed) {
    node.require(q_heads > 0 && kv_heads > 0, ErrorCode::kINVALID_NODE,
                 "attributes 'q_num_heads' and 'kv_num_heads' are needed for inputs of rank 3");
    o.q = &split_heads(context, *o.q, q_heads);
    o.k = &split_heads(context, *o.k, kv_heads);
    o.v = &split_heads(context, *o.v, kv_heads);
  }
  node.require(node.has_input(4) == node.has_input(5), ErrorCode::kINVALID_NODE,
               "past key and past value come together");
  if (node.has_input(4)) {
    o.past = &to_tensor(context, node.input(4));
    o.k = &concat(context, {o.past, o.k}, 2);
    o.v = &concat(context, {&to_tensor(context, node.input(5)), o.v}, 2);
  }
  return o;
}

ITensor& either(Context& context, ITensor* a, ITensor& b) { return a ? binary(context, *a, b, E::kOR) : b; }

/// Position of the first query among the keys: int64 [1 or B, 1, 1, 1].
ITensor& query_offset(Context& context, Node const& node, Operands const& o) {
  if (o.past) return reshape(context, extent_of(context, *o.past, 2), Extents{1, 1, 1, 1});
  if (!node.has_input(6)) return scalar(context, DataType::kINT64, 0, 4);
  ITensor& valid = reshape(context, integers(context, to_tensor(context, node.input(6))), Extents{-1, 1, 1, 1});
  return binary(context, valid, reshape(context, extent_of(context, *o.q, 2), Extents{1, 1, 1, 1}), E::kSUB);
}

struct Masks {
  ITensor* hidden = nullptr;  ///< bool: what is not seen
  ITensor* added = nullptr;   ///< numbers added to the scores
};

/// A mask may be shorter than the keys: those behind it are not seen.
ITensor& full_mask(Context& context, ITensor& mask, ITensor& keys) {
  const int64_t own = dims_of(mask).back(), all = dims_of(keys)[3];
  if (own < 0 || all < 0 || own >= all || own == 1) return mask;
  Extents before(static_cast<size_t>(rank_of(mask)), 0), after = before;
  after.back() = all - own;
  return pad_with(context, mask, before, after, mask.getType() == DataType::kBOOL ? 0 : kMinusInfinity);
}

/// keys is k transposed, [B, heads, D, S].
Masks read_masks(Context& context, Node& node, Operands const& o, ITensor& keys) {
  Masks masks;
  const bool causal = node.attributes.flag("is_causal", false);
  const int64_t left = node.opset() >= 25 ? node.attributes.integer("left_window_size", -1) : -1;
  const int64_t right = node.opset() >= 25 ? node.attributes.integer("right_window_size", -1) : -1;
  node.require(left >= -1 && right >= -1, ErrorCode::kINVALID_NODE, "window sizes are -1 or more");
  if (causal || left >= 0 || right >= 0) {
    ITensor& query = binary(context, iota(context, *o.q, 2), query_offset(context, node, o), E::kSUM);
    ITensor& ahead = binary(context, iota(context, keys, 3), query, E::kSUB);
    if (causal) masks.hidden = &binary(context, ahead, 0, E::kGREATER);
    if (right >= 0)
      masks.hidden = &either(context, masks.hidden, binary(context, ahead, static_cast<double>(right), E::kGREATER));
    if (left >= 0)
      masks.hidden = &either(context, masks.hidden, binary(context, ahead, static_cast<double>(-left), E::kLESS));
  }
  if (node.has_input(3)) {
    ITensor& mask = full_mask(context, with_rank(context, to_tensor(context, node.input(3)), 4), keys);
    if (mask.getType() == DataType::kBOOL) {
      masks.hidden = &either(context, masks.hidden, logical_not(context, mask));
    } else {
      masks.added = &mask;
    }
  }
  if (node.has_input(6)) {
    ITensor& valid = reshape(context, integers(context, to_tensor(context, node.input(6))), Extents{-1, 1, 1, 1});
    masks.hidden =
        &either(context, masks.hidden, logical_not(context, binary(context, iota(context, keys, 3), valid, E::kLESS)));
  }
  return masks;
}

ITensor& masked(Context& context, ITensor& scores, Masks const& masks) {
  ITensor* out = &scores;
  if (masks.added) out = &binary(context, *out, cast(context, *masks.added, scores.getType()), E::kSUM);
  if (masks.hidden) out = &select(context, *masks.hidden, scalar(context, scores.getType(), kMinusInfinity, 4), *out);
  return *out;
}

/// Zeros in the rows where the mask leaves no key.
ITensor& clear_blind_rows(Context& context, ITensor& weights, Masks const& masks) {
  if (!masks.hidden && !masks.added) return weights;
  ITensor* blind = nullptr;
  if (masks.added) {
    ITensor& bias = masked(context, cast(context, *masks.added, DataType::kFLOAT), {masks.hidden, nullptr});
    blind = &binary(context, reduce(context, bias, ReduceOperation::kMAX, {3}, true), kMinusInfinity, E::kEQUAL);
  } else {
    ITensor& seen = select(context, *masks.hidden, scalar(context, DataType::kINT32, 0, 4),
                           scalar(context, DataType::kINT32, 1, 4));
    blind = &binary(context, reduce(context, seen, ReduceOperation::kMAX, {3}, true), 0, E::kEQUAL);
  }
  return select(context, *blind, scalar(context, weights.getType(), 0, 4), weights);
}

DataType softmax_type(Node& node, DataType type) {
  const int64_t asked = node.attributes.integer("softmax_precision", 0);
  return asked == 0 ? type : tensor_type(static_cast<int32_t>(asked), "attribute 'softmax_precision'");
}

Values import_attention(Context& context, Node& node) {
  Operands o = read_operands(context, node);
  const DataType type = o.q->getType();
  const int64_t depth = dims_of(*o.q)[3];
  const auto given = node.attributes.optional_real("scale");
  node.require(given || depth > 0, ErrorCode::kUNSUPPORTED_NODE_DYNAMIC,
               "the head size must be known where attribute 'scale' is left out");
  const double scale = std::sqrt(given ? static_cast<double>(*given) : 1 / std::sqrt(static_cast<double>(depth)));
  const double cap = node.attributes.real("softcap", 0);
  const int64_t mode = node.attributes.integer("qk_matmul_output_mode", 0);
  node.require(mode >= 0 && mode <= 3, ErrorCode::kUNSUPPORTED_NODE_ATTR,
               text("attribute 'qk_matmul_output_mode' is ", mode));
  const int64_t heads = dims_of(*o.q)[1];
  ITensor& keys = transpose(context, *o.k, {0, 1, 3, 2});
  const Masks masks = read_masks(context, node, o, keys);
  ITensor& all_keys = repeat_heads(context, node, keys, heads);
  ITensor& product = matmul(context, binary(context, *o.q, scale, E::kPROD), MatrixOperation::kNONE,
                            binary(context, all_keys, scale, E::kPROD), MatrixOperation::kNONE);
  ITensor* capped = &product;
  if (cap != 0) {
    ITensor& bent = activation(context, binary(context, product, cap, E::kDIV), ActivationType::kTANH);
    capped = &binary(context, bent, cap, E::kPROD);
  }
  ITensor& scores = masked(context, *capped, masks);
  ITensor& weights = softmax(context, cast(context, scores, softmax_type(node, type)), 3);
  ITensor& seen = cast(context, clear_blind_rows(context, weights, masks), type);
  ITensor& y =
      matmul(context, seen, MatrixOperation::kNONE, repeat_heads(context, node, *o.v, heads), MatrixOperation::kNONE);
  ITensor* const shown[] = {&product, capped, &scores, &seen};
  return {o.packed ? join_heads(context, y) : y, *o.k, *o.v, *shown[mode]};
}

Values import_rotary_embedding(Context& context, Node& node) {
  ITensor& given = to_tensor(context, node.input(0));
  const bool packed = rank_of(given) == 3;
  const int64_t heads = node.attributes.integer("num_heads", 0);
  node.require(!packed || heads > 0, ErrorCode::kINVALID_NODE,
               "attribute 'num_heads' is needed for an input of rank 3");
  ITensor& x = packed ? split_heads(context, given, heads) : given;
  IRotaryEmbeddingLayer& layer = added(
      context.network().addRotaryEmbedding(x, to_tensor(context, node.input(1)), to_tensor(context, node.input(2)),
                                           node.attributes.flag("interleaved", false),
                                           static_cast<int32_t>(node.attributes.integer("rotary_embedding_dim", 0))),
      "rotary embedding");
  if (node.has_input(3)) layer.setInput(3, to_tensor(context, node.input(3)));
  ITensor& y = result(&layer, "rotary embedding");
  return {packed ? join_heads(context, y) : y};
}

/// Writes at consecutive places of one dimension, from an index of each batch entry on.
Values import_tensor_scatter(Context& context, Node& node) {
  static constexpr char const* kModes[] = {"linear", "circular"};
  ITensor& cache = to_tensor(context, node.input(0));
  ITensor& update = to_tensor(context, node.input(1));
  const int64_t axis = node.axis(node.attributes.integer("axis", -2), rank_of(cache));
  node.require(axis != 0, ErrorCode::kINVALID_NODE, "attribute 'axis' is the batch dimension");
  const bool circular = node.attributes.choice("mode", "linear", kModes) == 1;
  ITensor* place = &iota(context, update, axis);
  if (node.has_input(2)) {
    Extents shape(static_cast<size_t>(rank_of(cache)), 1);
    shape[0] = -1;
    place = &binary(context, reshape(context, integers(context, to_tensor(context, node.input(2))), shape), *place,
                    E::kSUM);
  }
  if (circular) {
    ITensor& extent = with_rank(context, extent_of(context, cache, axis), rank_of(cache));
    ITensor& rounds = binary(context, binary(context, *place, extent, E::kFLOOR_DIV), extent, E::kPROD);
    place = &binary(context, *place, rounds, E::kSUB);
  }
  ITensor& places = broadcast_to(context, *place, Value(shape_of(context, update)));
  IScatterLayer& layer = added(context.network().addScatter(cache, places, update, ScatterMode::kELEMENT), "scatter");
  layer.setAxis(static_cast<int32_t>(axis));
  return {result(&layer, "scatter")};
}

/// input [B, C, L], weight [C, 1, k], bias [C], past state [B, C, k - 1].
Values import_causal_conv(Context& context, Node& node) {
  static constexpr char const* kActivations[] = {"none", "silu", "swish"};
  ITensor& x = to_tensor(context, node.input(0));
  const Extents kernel = node.input(1).dims();
  node.require(rank_of(x) == 3 && kernel.size() == 3 && kernel[0] > 0 && kernel[2] > 0,
               ErrorCode::kUNSUPPORTED_NODE_SHAPE,
               text("an input and known weights of rank 3 are needed, not ", node.input_types()));
  const int64_t back = kernel[2] - 1;
  ITensor& line = node.has_input(3) ? concat(context, {&to_tensor(context, node.input(3)), &x}, 2)
                                    : pad_with(context, x, {0, 0, back}, {0, 0, 0}, 0);
  ITensor& wide = unsqueeze(context, line, {2});
  const Weights none{x.getType(), nullptr, 0};
  IConvolutionLayer& layer = added(
      context.network().addConvolutionNd(wide, kernel[0], to_dims(Extents{1, kernel[2]}), none, none), "convolution");
  layer.setNbGroups(kernel[0]);
  layer.setInput(1, unsqueeze(context, to_tensor(context, node.input(1)), {2}));
  if (node.has_input(2)) layer.setInput(2, to_tensor(context, node.input(2)));
  ITensor* y = &squeeze(context, result(&layer, "convolution"), {2});
  if (node.attributes.choice("activation", "none", kActivations) != 0) {
    y = &binary(context, *y, activation(context, *y, ActivationType::kSIGMOID), E::kPROD);
  }
  if (!node.wants_output(1)) return {*y};
  ITensor& from = binary(context, extent_of(context, line, 2), ints(context, {back}), E::kSUB);
  ISliceLayer& state = added(
      context.network().addSlice(line, to_dims(Extents{0}), to_dims(Extents{back}), to_dims(Extents{1})), "slice");
  state.setAxes(to_dims(Extents{2}));
  state.setInput(1, from);
  return {*y, result(&state, "slice")};
}

Values import_swiglu(Context& context, Node& node) {
  ITensor& gate = to_tensor(context, node.input(0));
  const double alpha = node.attributes.real("alpha", 1);
  ITensor& inner = alpha == 1 ? gate : binary(context, gate, alpha, E::kPROD);
  ITensor& swish = binary(context, gate, activation(context, inner, ActivationType::kSIGMOID), E::kPROD);
  return {binary(context, swish, to_tensor(context, node.input(1)), E::kPROD)};
}

constexpr OpRow kRows[] = {
    OpRow::from("Attention", 23, {3, 7}, {1, 4}, import_attention),
    OpRow::from("RotaryEmbedding", 23, {3, 4}, {1, 1}, import_rotary_embedding),
    OpRow::from("TensorScatter", 24, {2, 3}, {1, 1}, import_tensor_scatter),
    OpRow::from("CausalConvWithState", 27, {2, 4}, {1, 2}, import_causal_conv),
    OpRow::from("SwiGLU", 28, {2, 2}, {1, 1}, import_swiglu),
};

}  // namespace

OpRows attention_rows() { return kRows; }

}  // namespace rondo::onnx
