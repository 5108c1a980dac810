// RNN, GRU and LSTM as loops of ordinary layers, written by rondo::nn.
//
// What remains here is the operators' way of saying things: weights stacked by direction in the order i o f c or z r h,
// both biases in one tensor, formulas by name with two lists of numbers that are consumed in order, layout 1 that puts
// the batch first in the states too.

#include <algorithm>

#include "layers/build.h"
#include "ops/op_table.h"
#include "rondo/nn/recurrent.h"

namespace rondo::onnx {
namespace {

using importers::CellKind;
using importers::Gate;
using nn::CellActivation;

constexpr char const* kDirections[] = {"forward", "reverse", "bidirectional"};

struct CellShape {
  CellKind kind;
  int64_t gates;
  size_t formulas;
};

constexpr CellShape kShapes[] = {{CellKind::kRnn, 1, 1}, {CellKind::kGru, 3, 2}, {CellKind::kLstm, 4, 3}};

CellShape const& shape_of_cell(CellKind kind) {
  return *std::find_if(std::begin(kShapes), std::end(kShapes), [&](CellShape const& row) { return row.kind == kind; });
}

/// Takes the next number of a list for a formula that has one; nullopt where the list has run out.
std::optional<float> next_number(std::vector<float> const& numbers, size_t& at, bool wanted) {
  return wanted && at < numbers.size() ? std::optional(numbers[at++]) : std::nullopt;
}

nn::CellFunction function_named(Node& node, std::string const& name) {
  try {
    return nn::activation(name).function;
  } catch (nn::NnError const& error) {
    node.fail(ErrorCode::kUNSUPPORTED_NODE_ATTR, text("attribute 'activations': ", error.what()));
  }
}

std::vector<CellActivation> read_formulas(Node& node, size_t needed) {
  const std::vector<std::string> names = node.attributes.strings("activations", {});
  const std::vector<float> alphas = node.attributes.reals("activation_alpha", {});
  const std::vector<float> betas = node.attributes.reals("activation_beta", {});
  node.require(
      names.empty() || names.size() == needed, ErrorCode::kUNSUPPORTED_NODE_ATTR,
      text("attribute 'activations' has ", names.size(), " entries; ", needed, " are needed, one set per direction"));
  std::vector<CellActivation> formulas;
  size_t alpha_at = 0;
  size_t beta_at = 0;
  for (std::string const& name : names) {
    const nn::CellFunction function = function_named(node, name);
    nn::CellFunctionInfo const& info = nn::cell_functions()[static_cast<size_t>(function)];
    const auto alpha = next_number(alphas, alpha_at, info.has_alpha);
    const auto beta = next_number(betas, beta_at, info.has_beta);
    const bool defined = function != nn::CellFunction::kAffine && function != nn::CellFunction::kScaledTanh;
    node.require(defined || (alpha && beta), ErrorCode::kUNSUPPORTED_NODE_ATTR,
                 text("attribute 'activations': ", name,
                      " has no default numbers; activation_alpha and activation_beta must give them"));
    formulas.push_back(nn::activation(function, alpha, beta));
  }
  node.require(alpha_at == alphas.size(), ErrorCode::kUNSUPPORTED_NODE_ATTR,
               text("attribute 'activation_alpha' has ", alphas.size(), " numbers; the activations take ", alpha_at));
  node.require(beta_at == betas.size(), ErrorCode::kUNSUPPORTED_NODE_ATTR,
               text("attribute 'activation_beta' has ", betas.size(), " numbers; the activations take ", beta_at));
  return formulas;
}

nn::RecurrentSettings read_settings(Node& node, CellShape const& shape) {
  nn::RecurrentSettings settings;
  settings.kind = shape.kind;
  settings.name = node.scope().prefix() + node.name();
  settings.direction = static_cast<nn::Direction>(node.attributes.choice("direction", "forward", kDirections));
  settings.activations =
      read_formulas(node, shape.formulas * (settings.direction == nn::Direction::kBidirectional ? 2 : 1));
  settings.clip = node.attributes.optional_real("clip");
  const auto order = importers::gate_order(importers::Framework::kOnnx, shape.kind);
  settings.gate_order.assign(order.begin(), order.end());
  settings.peephole_order = {Gate::kInput, Gate::kOutput, Gate::kForget};
  if (shape.kind == CellKind::kLstm) settings.input_forget = node.attributes.flag("input_forget", false);
  if (shape.kind == CellKind::kGru) {
    settings.reset =
        node.attributes.flag("linear_before_reset", false) ? importers::GruReset::kAfter : importers::GruReset::kBefore;
  }
  if (node.opset() >= 14) settings.batch_first = node.attributes.flag("layout", false);
  const Extents recurrent = node.input(2).dims();
  const int64_t given = recurrent.size() == 3 ? recurrent[2] : -1;
  settings.hidden = node.attributes.integer("hidden_size", given);
  node.require(
      settings.hidden > 0, ErrorCode::kINVALID_NODE,
      text("neither attribute 'hidden_size' nor R tells the hidden size; the inputs are ", node.input_types()));
  constexpr int64_t kMost = INT32_MAX;  // rows of all gates, both biases, then fit 64 bits
  node.require(settings.hidden <= kMost, ErrorCode::kINVALID_NODE,
               text("the hidden size is ", settings.hidden, "; it must be at most ", kMost));
  return settings;
}

/// Row d of a tensor stacked by direction, which must have that many rows.
ITensor* row_of(Context& context, Node& node, int32_t index, int64_t d, int64_t directions, char const* what) {
  if (!node.has_input(index)) return nullptr;
  ITensor& stacked = to_tensor(context, node.input(index));
  const Extents dims = dims_of(stacked);
  node.require(!dims.empty() && (dims[0] == directions || dims[0] < 0), ErrorCode::kINVALID_NODE,
               text(what, " (input ", index, ") is ", type_text(node.input(index)), "; its first extent must be ",
                    directions, ", the number of directions"));
  return &squeeze(context, slice_axis(context, stacked, 0, d, d + 1), {0});
}

/// Bias, peepholes and weights of each direction. B holds Wb and Rb in one row.
std::vector<nn::CellTensors> read_cells(Context& context, Node& node, CellShape const& shape, int64_t hidden,
                                        int64_t directions) {
  std::vector<nn::CellTensors> cells;
  const int64_t rows = shape.gates * hidden;
  for (int64_t d = 0; d < directions; ++d) {
    nn::CellTensors cell;
    cell.w = row_of(context, node, 1, d, directions, "W");
    cell.r = row_of(context, node, 2, d, directions, "R");
    if (ITensor* bias = row_of(context, node, 3, d, directions, "B")) {
      const Extents dims = dims_of(*bias);
      node.require(dims.size() == 1 && (dims[0] < 0 || dims[0] == 2 * rows), ErrorCode::kINVALID_NODE,
                   text("B (input 3) is ", type_text(node.input(3)), "; [", directions, ", ", 2 * rows, "] is needed"));
      cell.wb = &slice_axis(context, *bias, 0, 0, rows);
      cell.rb = &slice_axis(context, *bias, 0, rows, 2 * rows);
    }
    if (shape.kind == CellKind::kLstm) cell.peepholes = row_of(context, node, 7, d, directions, "P");
    cells.push_back(cell);
  }
  return cells;
}

/// States stand as [D, B, H]; layout 1 has them as [B, D, H].
ITensor* state_input(Context& context, Node& node, int32_t index, bool batch_first) {
  if (!node.has_input(index)) return nullptr;
  ITensor& state = to_tensor(context, node.input(index));
  node.require(
      rank_of(state) == 3, ErrorCode::kINVALID_NODE,
      text("the initial state (input ", index, ") is ", type_text(node.input(index)), "; it needs three dimensions"));
  return batch_first ? &transpose(context, state, {1, 0, 2}) : &state;
}

Values outputs_of(Context& context, nn::RecurrentOutputs const& made, bool batch_first) {
  Tensors parts;
  const int64_t axis = batch_first ? 2 : 1;
  for (ITensor* part : made.directions) parts.push_back(&unsqueeze(context, *part, {axis}));
  Values values{concat(context, parts, axis)};
  for (ITensor* state : {made.last_hidden, made.last_cell}) {
    if (state) values.emplace_back(batch_first ? transpose(context, *state, {1, 0, 2}) : *state);
  }
  return values;
}

Values import_recurrent(Context& context, Node& node) {
  CellShape const& shape = shape_of_cell(node.parameter<CellKind>());
  try {
    const nn::RecurrentSettings settings = read_settings(node, shape);
    const int64_t directions = settings.direction == nn::Direction::kBidirectional ? 2 : 1;
    nn::RecurrentInputs inputs;
    inputs.x = &to_tensor(context, node.input(0));
    if (node.has_input(4)) inputs.lengths = &to_tensor(context, node.input(4));
    inputs.initial_hidden = state_input(context, node, 5, settings.batch_first);
    if (shape.kind == CellKind::kLstm) inputs.initial_cell = state_input(context, node, 6, settings.batch_first);
    const auto cells = read_cells(context, node, shape, settings.hidden, directions);
    auto store = std::make_shared<nn::WeightStore>();
    context.keep(std::make_shared<HostTensor const>(DataType::kFLOAT, Extents{0}, nullptr, store));
    return outputs_of(context, nn::add_recurrent(context.network(), *store, settings, inputs, cells),
                      settings.batch_first);
  } catch (nn::NnError const& error) {
    throw ImportError(ErrorCode::kINVALID_NODE, error.what());
  }
}

constexpr OpRow kRows[] = {
    OpRow::from("RNN", 7, {3, 6}, {0, 2}, import_recurrent, CellKind::kRnn),
    OpRow::from("GRU", 7, {3, 6}, {0, 2}, import_recurrent, CellKind::kGru),
    OpRow::from("LSTM", 7, {3, 8}, {0, 3}, import_recurrent, CellKind::kLstm),
};

}  // namespace

OpRows recurrent_rows() { return kRows; }

}  // namespace rondo::onnx
