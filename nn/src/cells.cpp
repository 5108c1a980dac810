#include "cells.h"

#include <algorithm>

// One step of each cell, gates stacked:
//
//   RNN   h' = f(s)                       s = (x W^T + b) + h R^T     one product with x and one with h for all gates
//   together LSTM  i, f, o = f(s_i + p_i c), ..    c' = f c + i g(s_g)         o looks at c'; h' = o h(c'), projected
//   where there is a P GRU   z, r = f(s_z), f(s_r)           h' = (1 - z) n + z h
//           reset after   n = g(x_n + r (h R_n^T + Rb_n))
//           reset before  n = g(x_n + (r h) R_n^T)                    a second product in the step, so R is split
//           outside
//
// x W^T + b depends on the input only; the passes compute it for all steps before the loop.
//
// A clip bounds the sums of f and g, after the peepholes. ONNX's text says "the input of activations", which h(c) is
// too; the engines that run its models (ONNX Runtime, OpenVINO) leave the cell alone, and so does this one. cell_clip
// is there for those who want it bounded.

namespace rondo::nn {

using importers::CellKind;
using importers::GruReset;

Cell::Cell(LayerWriter writer, const CellRules& rules, const CellTensors& tensors)
    : writer_(std::move(writer)), rules_(rules), tensors_(tensors) {
  bias_ = joined_bias(tensors);
  if (tensors.peepholes) split_peepholes(*tensors.peepholes);
  if (rules_.kind != CellKind::kGru) return;
  if (rules_.reset == GruReset::kBefore) {
    gate_rows_ = &writer_.concat({&rows_of(*tensors.r, Gate::kUpdate), &rows_of(*tensors.r, Gate::kReset)}, 0);
    hidden_rows_ = &rows_of(*tensors.r, Gate::kHidden);
  } else if (tensors.rb) {
    hidden_bias_ = &writer_.unsqueeze(rows_of(*tensors.rb, Gate::kHidden), 0);
  }
}

ITensor* Cell::joined_bias(const CellTensors& tensors) {
  ITensor* rb = tensors.rb;
  if (rb && rules_.kind == CellKind::kGru && rules_.reset == GruReset::kAfter) {
    std::vector<ITensor*> blocks;
    for (const Gate gate : rules_.gate_order) {
      const bool apart = gate == Gate::kHidden;
      blocks.push_back(apart ? &writer_.numbers({rules_.hidden}, std::vector<float>(static_cast<size_t>(rules_.hidden)))
                             : &rows_of(*rb, gate));
    }
    rb = &writer_.concat(blocks, 0);
  }
  ITensor* sum = tensors.wb && rb ? &writer_.add(*tensors.wb, *rb) : tensors.wb ? tensors.wb : rb;
  return sum ? &writer_.unsqueeze(*sum, 0) : nullptr;
}

ITensor& Cell::rows_of(ITensor& stacked, Gate gate) {
  const auto at = std::find(rules_.gate_order.begin(), rules_.gate_order.end(), gate) - rules_.gate_order.begin();
  return writer_.part(stacked, 0, at * rules_.hidden, rules_.hidden);
}

void Cell::split_peepholes(ITensor& peepholes) {
  for (size_t at = 0; at < rules_.peephole_order.size(); ++at) {
    const Gate gate = rules_.peephole_order[at];
    ITensor*& own = gate == Gate::kInput ? peephole_i_ : gate == Gate::kForget ? peephole_f_ : peephole_o_;
    own = &writer_.unsqueeze(writer_.part(peepholes, 0, static_cast<int64_t>(at) * rules_.hidden, rules_.hidden), 0);
  }
}

ITensor& Cell::input_part(ITensor& x) {
  ITensor& product = writer_.product(x, *tensors_.w, "input_product");
  return bias_ ? writer_.add(product, *bias_) : product;
}

ITensor& Cell::column(ITensor& all, Gate gate) {
  const auto at = std::find(rules_.gate_order.begin(), rules_.gate_order.end(), gate) - rules_.gate_order.begin();
  return writer_.part(all, 1, at * rules_.hidden, rules_.hidden);
}

ITensor& Cell::apply(const CellActivation& activation, ITensor& x) {
  return writer_.activate(rules_.clip ? writer_.clip(x, *rules_.clip) : x, activation);
}

States Cell::next(ITensor& x, const States& old) {
  switch (rules_.kind) {
    case CellKind::kRnn:
      return next_rnn(x, old);
    case CellKind::kGru:
      return next_gru(x, old);
    default:
      return next_lstm(x, old);
  }
}

States Cell::next_rnn(ITensor& x, const States& old) {
  ITensor& sum = writer_.add(input_part(x), writer_.product(*old.hidden, *tensors_.r, "hidden_product"));
  return {&apply(rules_.f, sum), nullptr};
}

States Cell::next_gru(ITensor& x, const States& old) {
  ITensor& from_x = input_part(x);
  ITensor& h = *old.hidden;
  const bool before = rules_.reset == GruReset::kBefore;
  ITensor& from_h = writer_.product(h, before ? *gate_rows_ : *tensors_.r, "hidden_product");
  const auto recurrent = [&](Gate gate) -> ITensor& {
    if (!before) return column(from_h, gate);
    return writer_.part(from_h, 1, gate == Gate::kUpdate ? 0 : rules_.hidden, rules_.hidden);
  };
  ITensor& z = apply(rules_.f, writer_.add(column(from_x, Gate::kUpdate), recurrent(Gate::kUpdate)));
  ITensor& r = apply(rules_.f, writer_.add(column(from_x, Gate::kReset), recurrent(Gate::kReset)));
  ITensor* candidate = nullptr;
  if (before) {
    candidate = &writer_.product(writer_.mul(r, h), *hidden_rows_, "candidate_product");
  } else {
    ITensor& product = recurrent(Gate::kHidden);
    candidate = &writer_.mul(r, hidden_bias_ ? writer_.add(product, *hidden_bias_) : product);
  }
  ITensor& n = apply(rules_.g, writer_.add(column(from_x, Gate::kHidden), *candidate));
  return {&writer_.add(writer_.mul(writer_.one_minus(z), n), writer_.mul(z, h)), nullptr};
}

ITensor& Cell::lstm_gate(ITensor& sums, Gate gate, const CellActivation& activation, ITensor* peephole, ITensor* cell) {
  ITensor& sum = column(sums, gate);
  return apply(activation, peephole ? writer_.add(sum, writer_.mul(*cell, *peephole)) : sum);
}

States Cell::next_lstm(ITensor& x, const States& old) {
  ITensor& sums = writer_.add(input_part(x), writer_.product(*old.hidden, *tensors_.r, "hidden_product"));
  ITensor& i = lstm_gate(sums, Gate::kInput, rules_.f, peephole_i_, old.cell);
  ITensor& f =
      rules_.input_forget ? writer_.one_minus(i) : lstm_gate(sums, Gate::kForget, rules_.f, peephole_f_, old.cell);
  ITensor& g = lstm_gate(sums, Gate::kCell, rules_.g, nullptr, nullptr);
  ITensor* cell = &writer_.add(writer_.mul(f, *old.cell), writer_.mul(i, g));
  if (rules_.cell_clip) cell = &writer_.clip(*cell, *rules_.cell_clip);
  ITensor& o = lstm_gate(sums, Gate::kOutput, rules_.f, peephole_o_, cell);
  ITensor* hidden = &writer_.mul(o, writer_.activate(*cell, rules_.h));
  if (tensors_.projector) {
    hidden = &writer_.product(*hidden, *tensors_.projector, "projection");
    if (rules_.projection_clip) hidden = &writer_.clip(*hidden, *rules_.projection_clip);
  }
  return {hidden, cell};
}

}  // namespace rondo::nn
