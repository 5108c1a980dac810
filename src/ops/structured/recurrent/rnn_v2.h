#pragma once

#include <vector>

#include "ops/op_def.h"

namespace rondo::ops {

/// Where the operands of an rnn_v2 op stand, and the numbers its attributes give.
///   x [N.., S, E], h0, c0, lengths (each if its flag says so), then per pseudo-layer (l, or 2l forward and 2l+1 backward) and
///   gate: W (but for layer 0 in skip mode), R, Wb, Rb. Gates in the op's order: relu, tanh: input; lstm: input, output, forget,
///   cell; gru: update, reset, hidden.
struct RnnLayout {
  enum Operation : int64_t { kRelu = 0, kTanh = 1, kLstm = 2, kGru = 3 };
  static constexpr size_t kAbsent = SIZE_MAX;

  /// Operand numbers of one gate's weights; w is kAbsent where the layer has none.
  struct Gate {
    size_t w, r, wb, rb;
  };

  explicit RnnLayout(const ir::Attrs& attrs);

  int64_t op = 0;
  size_t layers = 0, directions = 1, hidden = 0;
  size_t gates = 1, states = 1;  ///< states: h, or h and c
  bool skip = false;
  size_t h0 = kAbsent, c0 = kAbsent, lengths = kAbsent;
  size_t first_weights = 1;

  size_t pseudo_layers() const { return layers * directions; }
  bool has_w(size_t pseudo_layer) const { return !skip || pseudo_layer >= directions; }
  Gate gate(size_t pseudo_layer, size_t gate) const;
  size_t operand_count() const { return gate(pseudo_layers(), 0).w; }
};

std::vector<Tensor> reference_rnn_v2(const ir::Op& op, std::span<const Tensor> operands,
                                     std::span<const TensorShape> results);

}  // namespace rondo::ops
