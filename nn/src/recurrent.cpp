#include "rondo/nn/recurrent.h"

#include <algorithm>

#include "cells.h"
#include "settings.h"

// Layers of recurrent cells as loops: one loop for each layer and direction, over axis 0 of [T, B, ..] (1 of [B, T,
// ..]).
//
//   loop T { x = iterator X;  (h, c) = recurrence(h0, c0);  (h', c') = cell(x, h, c);  output h', last values h, c }
//
// The backward direction iterates and collects in reverse, so that results stand at their own time. With lengths, time
// t of a row counts only while t is below the row's length:
//
//   valid = t < length;   state = valid ? new : old;   output = valid ? h' : 0
//
// where t counts up, or down from T - 1. Backward, a row therefore waits in its initial state until its own last time
// comes up, which is where its backward direction starts; no sequence is moved. valid depends on the step and on
// nothing that the loop carries, so it is a table [T, B, 1] before the loop once the passes are done.

namespace rondo::nn {

namespace {

/// What all layers share.
struct Frame {
  int32_t time_axis, batch_axis;
  ITensor* steps;    // T, 0-D
  ITensor* last;     // T - 1 as [1, 1]; null without lengths
  ITensor* lengths;  // [B, 1]; null without
};

struct DirectionOutputs {
  ITensor *output, *hidden, *cell;  // [T, B, R] or [B, T, R]; [B, R]; [B, H] or null
};

Frame make_frame(LayerWriter& writer, const RecurrentSettings& settings, const RecurrentInputs& inputs) {
  Frame frame{settings.batch_first ? 1 : 0, settings.batch_first ? 0 : 1, nullptr, nullptr, nullptr};
  ITensor& extent = writer.extent(*inputs.x, frame.time_axis);
  frame.steps = &writer.scalar(extent);
  if (!inputs.lengths) return frame;
  ITensor& lengths = *inputs.lengths;
  frame.lengths =
      &writer.unsqueeze(lengths.getType() == DataType::kINT32 ? lengths : writer.cast(lengths, DataType::kINT32), 1);
  frame.last =
      &writer.elementwise(writer.unsqueeze(extent, 1), writer.integers({1, 1}, {1}), ElementWiseOperation::kSUB);
  return frame;
}

/// One layer in one direction.
class DirectionWriter {
 public:
  DirectionWriter(LayerWriter writer, const Frame& frame, const CellRules& rules, const CellTensors& tensors)
      : writer_(writer), frame_(frame), cell_(writer, rules, tensors), loop_(*writer.network().addLoop()) {
    if (!writer_.name().empty()) loop_.setName(writer_.name().c_str());
    loop_.addTripLimit(*frame_.steps, TripLimit::kCOUNT);
  }

  DirectionOutputs run(ITensor& x, const States& initial, bool reverse) {
    ITensor& x_t = writer_.result(loop_.addIterator(x, frame_.time_axis, reverse), "x_t");
    IRecurrenceLayer* hidden = loop_.addRecurrence(*initial.hidden);
    IRecurrenceLayer* cell = initial.cell ? loop_.addRecurrence(*initial.cell) : nullptr;
    const States old{&writer_.result(hidden, "hidden"), cell ? &writer_.result(cell, "cell") : nullptr};
    States next = cell_.next(x_t, old);
    ITensor* output = next.hidden;
    if (frame_.lengths) {
      ITensor& valid = valid_rows(reverse);
      output = &writer_.select(valid, *next.hidden, writer_.number(0));
      next.hidden = &writer_.select(valid, *next.hidden, *old.hidden);
      if (cell) next.cell = &writer_.select(valid, *next.cell, *old.cell);
    }
    hidden->setInput(1, *next.hidden);
    if (cell) cell->setInput(1, *next.cell);
    const LoopOutput kind = reverse ? LoopOutput::kREVERSE : LoopOutput::kCONCATENATE;
    ILoopOutputLayer* all = loop_.addLoopOutput(*output, kind, frame_.time_axis);
    ITensor& collected = writer_.result(all, "output");
    all->setInput(1, *frame_.steps);
    return {&collected, &last_value(*old.hidden), cell ? &last_value(*old.cell) : nullptr};
  }

 private:
  /// Whether the time of this step is below each row's length, [B, 1].
  ITensor& valid_rows(bool reverse) {
    IRecurrenceLayer* counter = loop_.addRecurrence(writer_.integers({1, 1}, {0}));
    ITensor& step = writer_.result(counter, "step");
    counter->setInput(1, writer_.add(step, writer_.integers({1, 1}, {1})));
    ITensor& time = reverse ? writer_.elementwise(*frame_.last, step, ElementWiseOperation::kSUB) : step;
    return writer_.elementwise(time, *frame_.lengths, ElementWiseOperation::kLESS, "valid");
  }

  ITensor& last_value(ITensor& recurrence) {
    return writer_.result(loop_.addLoopOutput(recurrence, LoopOutput::kLAST_VALUE), nullptr);
  }

  LayerWriter writer_;
  const Frame& frame_;
  Cell cell_;
  ILoop& loop_;
};

/// State `index` of [L D, B, width] as [B, width]; zeros without a tensor.
ITensor& initial_state(LayerWriter& writer, const Frame& frame, ITensor* states, ITensor& x, size_t index,
                       int64_t width) {
  if (!states) return writer.zeros(x, frame.batch_axis, width);
  return writer.squeeze(writer.part(*states, 0, static_cast<int64_t>(index), 1), 0);
}

ITensor& stacked(LayerWriter& writer, const std::vector<ITensor*>& states) {
  std::vector<ITensor*> rows;
  for (ITensor* state : states) rows.push_back(&writer.unsqueeze(*state, 0));
  return writer.concat(rows, 0);
}

}  // namespace

RecurrentOutputs add_recurrent(INetworkDefinition& network, WeightStore& store, const RecurrentSettings& settings,
                               const RecurrentInputs& inputs, const std::vector<CellTensors>& cells) {
  const std::vector<CellRules> rules = rules_of(settings);
  check_tensors(settings, inputs, cells);
  LayerWriter writer(network, store, inputs.x->getType(), settings.name);
  const Frame frame = make_frame(writer, settings, inputs);
  const size_t directions = rules.size();
  const int64_t recurrent = settings.projection > 0 ? settings.projection : settings.hidden;
  RecurrentOutputs outputs;
  std::vector<ITensor*> hidden, cell;
  ITensor* x = inputs.x;
  for (size_t at = 0; at < cells.size(); ++at) {
    const size_t d = at % directions;
    if (d == 0) outputs.directions.clear();
    const bool reverse = settings.direction == Direction::kReverse || d == 1;
    LayerWriter part = writer.below("l" + std::to_string(at / directions) + (reverse ? ".reverse" : ".forward"));
    States initial{&initial_state(part, frame, inputs.initial_hidden, *inputs.x, at, recurrent), nullptr};
    if (settings.kind == importers::CellKind::kLstm) {
      initial.cell = &initial_state(part, frame, inputs.initial_cell, *inputs.x, at, settings.hidden);
    }
    const DirectionOutputs made = DirectionWriter(part, frame, rules[d], cells[at]).run(*x, initial, reverse);
    outputs.directions.push_back(made.output);
    hidden.push_back(made.hidden);
    if (made.cell) cell.push_back(made.cell);
    if (d + 1 == directions) x = outputs.output = &writer.concat(outputs.directions, 2);
  }
  outputs.last_hidden = &stacked(writer, hidden);
  outputs.last_cell = cell.empty() ? nullptr : &stacked(writer, cell);
  return outputs;
}

CellTensors add_cell_weights(INetworkDefinition& network, WeightStore& store, const importers::CellWeights& cell,
                             DataType type, const std::string& name) {
  try {
    check_cell(cell);
  } catch (const std::exception& error) {
    throw NnError((name.empty() ? "" : name + ": ") + error.what());
  }
  LayerWriter writer(network, store, type, name);
  const int64_t rows = static_cast<int64_t>(canonical_order(cell.kind).size()) * cell.hidden;
  const auto unless_zero = [&](const std::vector<float>& values, const char* role) -> ITensor* {
    const bool zero = std::all_of(values.begin(), values.end(), [](float v) { return v == 0; });
    return zero ? nullptr : &writer.numbers({static_cast<int64_t>(values.size())}, values, role);
  };
  CellTensors tensors;
  tensors.w = &writer.numbers({rows, cell.input}, cell.w, "w");
  tensors.r = &writer.numbers({rows, cell.recurrent()}, cell.r, "r");
  tensors.wb = unless_zero(cell.wb, "wb");
  tensors.rb = unless_zero(cell.rb, "rb");
  tensors.peepholes = unless_zero(cell.peepholes, "peepholes");
  if (cell.projection > 0) {
    tensors.projector = &writer.numbers({cell.projection, cell.hidden}, cell.projector, "projector");
  }
  return tensors;
}

RecurrentOutputs add_recurrent(INetworkDefinition& network, WeightStore& store, RecurrentSettings settings,
                               const RecurrentInputs& inputs, const std::vector<importers::CellWeights>& cells) {
  if (cells.empty() || !inputs.x) {
    throw NnError(title_of(settings) +
                  (inputs.x ? ": no cells are given (recurrent C2)" : ": there is no x (recurrent C1)"));
  }
  settings.kind = cells[0].kind;
  settings.hidden = cells[0].hidden;
  settings.projection = cells[0].projection;
  settings.reset = cells[0].reset;
  settings.gate_order.clear();
  settings.peephole_order.clear();
  std::vector<CellTensors> tensors;
  for (size_t i = 0; i < cells.size(); ++i) {
    const importers::CellWeights& cell = cells[i];
    if (cell.kind != settings.kind || cell.reset != settings.reset) {
      throw NnError(title_of(settings) + ": cell " + std::to_string(i) +
                    " is of another kind, or resets elsewhere, than cell 0 (recurrent C3)");
    }
    tensors.push_back(add_cell_weights(network, store, cell, inputs.x->getType(),
                                       settings.name.empty() ? "" : settings.name + ".cell" + std::to_string(i)));
  }
  return add_recurrent(network, store, settings, inputs, tensors);
}

}  // namespace rondo::nn
