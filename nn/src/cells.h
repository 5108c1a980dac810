#pragma once

#include <array>
#include <vector>

#include "layer_writer.h"
#include "rondo/nn/recurrent.h"

namespace rondo::nn {

/// The states of a cell; cell is null where there is none.
struct States {
  ITensor* hidden = nullptr;
  ITensor* cell = nullptr;
};

/// The settings with their defaults filled in, for one direction.
struct CellRules {
  importers::CellKind kind;
  int64_t hidden;
  importers::GruReset reset;
  bool input_forget;
  CellActivation f, g, h;
  std::optional<float> clip, cell_clip, projection_clip;
  std::vector<importers::Gate> gate_order, peephole_order;

  int64_t gates() const { return static_cast<int64_t>(gate_order.size()); }
};

/// One layer in one direction: what stands outside of the loop is written by the constructor, a step by next().
class Cell {
 public:
  Cell(LayerWriter writer, const CellRules& rules, const CellTensors& tensors);

  /// The states after a step that reads x [B, I].
  States next(ITensor& x, const States& old);

 private:
  using Gate = importers::Gate;

  ITensor* joined_bias(const CellTensors& tensors);
  ITensor& rows_of(ITensor& stacked, Gate gate);
  /// [1, H] of each of i, f and o.
  void split_peepholes(ITensor& peepholes);

  /// X W^T + bias of all gates.
  ITensor& input_part(ITensor& x);
  ITensor& column(ITensor& all, Gate gate);
  /// The formula of a sum, which is clipped before.
  ITensor& apply(const CellActivation& activation, ITensor& x);

  States next_rnn(ITensor& x, const States& old);
  States next_gru(ITensor& x, const States& old);
  States next_lstm(ITensor& x, const States& old);
  ITensor& lstm_gate(ITensor& sums, Gate gate, const CellActivation& activation, ITensor* peephole, ITensor* cell);

  LayerWriter writer_;
  CellRules rules_;
  CellTensors tensors_;
  ITensor* bias_ = nullptr;         // [1, G H], or null
  ITensor* gate_rows_ = nullptr;    // GRU, reset before: R of z and r, [2 H, H]
  ITensor* hidden_rows_ = nullptr;  // .. and of h, [H, H]
  ITensor* hidden_bias_ = nullptr;  // GRU, reset after: Rb of h, [1, H], or null
  ITensor* peephole_i_ = nullptr;   // [1, H]
  ITensor* peephole_f_ = nullptr;
  ITensor* peephole_o_ = nullptr;
};

}  // namespace rondo::nn
