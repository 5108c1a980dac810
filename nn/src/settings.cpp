#include "settings.h"

#include <algorithm>

#include "rondo/nn/error.h"

namespace rondo::nn {

using importers::CellKind;
using importers::Gate;

namespace {

template <typename... Parts>
[[noreturn]] void refuse(const RecurrentSettings& settings, int constraint, const Parts&... parts) {
  std::string text = title_of(settings) + ": ";
  const auto append = [&text](const auto& part) {
    if constexpr (std::is_arithmetic_v<std::decay_t<decltype(part)>>) {
      text += std::to_string(part);
    } else {
      text += part;
    }
  };
  (append(parts), ...);
  throw NnError(text + " (recurrent C" + std::to_string(constraint) + ")");
}

size_t formula_count(CellKind kind) { return kind == CellKind::kRnn ? 1 : kind == CellKind::kGru ? 2 : 3; }

std::vector<CellActivation> usual_formulas(CellKind kind) {
  const CellActivation sigmoid = activation(CellFunction::kSigmoid), tanh = activation(CellFunction::kTanh);
  if (kind == CellKind::kRnn) return {tanh};
  return kind == CellKind::kGru ? std::vector{sigmoid, tanh} : std::vector{sigmoid, tanh, tanh};
}

std::string order_text(std::span<const Gate> order) {
  std::string text;
  for (const Gate gate : order) text += (text.empty() ? "" : ", ") + std::string(name_of(gate));
  return text;
}

std::vector<Gate> checked_order(const RecurrentSettings& settings, const std::vector<Gate>& given,
                                std::span<const Gate> usual, const char* what) {
  if (given.empty()) return {usual.begin(), usual.end()};
  if (!std::is_permutation(given.begin(), given.end(), usual.begin(), usual.end())) {
    refuse(settings, 5, what, " is ", order_text(given), "; each of ", order_text(usual), " is needed once");
  }
  return given;
}

void check_kind(const RecurrentSettings& settings) {
  const bool lstm = settings.kind == CellKind::kLstm;
  if (settings.hidden < 1 || settings.hidden > INT32_MAX / 4) {
    refuse(settings, 2, "hidden size ", settings.hidden, " is none");
  }
  if (settings.projection < 0) refuse(settings, 2, "projection ", settings.projection, " is none");
  const std::pair<bool, const char*> lstm_only[] = {{settings.projection > 0, "a projection"},
                                                    {settings.input_forget, "input_forget"},
                                                    {settings.cell_clip.has_value(), "cell_clip"},
                                                    {settings.projection_clip.has_value(), "projection_clip"}};
  for (const auto& [set, what] : lstm_only) {
    if (set && !lstm) refuse(settings, 3, what, " is set, which only an LSTM has");
  }
  if (settings.projection_clip && settings.projection == 0) {
    refuse(settings, 3, "projection_clip is set, but there is no projection");
  }
  for (const std::optional<float>& bound : {settings.clip, settings.cell_clip, settings.projection_clip}) {
    if (bound && !(*bound >= 0)) refuse(settings, 3, "the clip bound ", *bound, " is negative or no number");
  }
}

std::string dims_text(const Dims& dims) {
  std::string text = "[";
  for (int32_t i = 0; i < dims.nbDims; ++i) text += (i ? ", " : "") + std::to_string(dims.d[i]);
  return text + "]";
}

// Extents that the network does not know yet, and -1 among those wanted, fit anything.
void expect_dims(const RecurrentSettings& settings, ITensor* tensor, const std::vector<int64_t>& wanted,
                 const std::string& what) {
  if (!tensor) return;
  const Dims dims = tensor->getDimensions();
  if (dims.nbDims < 0) return;
  bool fits = dims.nbDims == static_cast<int32_t>(wanted.size());
  for (size_t i = 0; fits && i < wanted.size(); ++i) {
    fits = dims.d[i] < 0 || wanted[i] < 0 || dims.d[i] == wanted[i];
  }
  if (!fits) {
    refuse(settings, 2, what, " is ", dims_text(dims), ", ", dims_text(dims_of(wanted)),
           " is needed (-1 stands for any extent)");
  }
}

void check_cell_tensors(const RecurrentSettings& settings, const CellTensors& cell, int64_t input,
                        const std::string& where) {
  const int64_t rows = static_cast<int64_t>(canonical_order(settings.kind).size()) * settings.hidden;
  const int64_t recurrent = settings.projection > 0 ? settings.projection : settings.hidden;
  if (!cell.w || !cell.r) refuse(settings, 2, where, " has no ", cell.w ? "R" : "W");
  if ((cell.projector != nullptr) != (settings.projection > 0)) {
    refuse(settings, 2, where, cell.projector ? " has a projector, but projection is 0" : " has no projector");
  }
  if (cell.peepholes && settings.kind != CellKind::kLstm) refuse(settings, 3, "only an LSTM has peepholes");
  expect_dims(settings, cell.w, {rows, input}, where + ": W");
  expect_dims(settings, cell.r, {rows, recurrent}, where + ": R");
  expect_dims(settings, cell.wb, {rows}, where + ": the bias of W");
  expect_dims(settings, cell.rb, {rows}, where + ": the bias of R");
  expect_dims(settings, cell.peepholes, {3 * settings.hidden}, where + ": peepholes");
  expect_dims(settings, cell.projector, {settings.projection, settings.hidden}, where + ": projector");
}

}  // namespace

std::string title_of(const RecurrentSettings& settings) {
  const char* kind = settings.kind == CellKind::kRnn ? "rnn" : settings.kind == CellKind::kGru ? "gru" : "lstm";
  return std::string(kind) + " '" + settings.name + "'";
}

std::vector<CellRules> rules_of(const RecurrentSettings& settings) {
  check_kind(settings);
  const size_t each = formula_count(settings.kind);
  const auto count = static_cast<size_t>(directions_of(settings.direction));
  std::vector<CellActivation> formulas =
      settings.activations.empty() ? usual_formulas(settings.kind) : settings.activations;
  if (formulas.size() != each && formulas.size() != each * count) {
    refuse(settings, 4, formulas.size(), " activations are given; ", each, " or ", each * count, " are needed");
  }
  std::vector<CellRules> all;
  for (size_t d = 0; d < count; ++d) {
    const size_t first = formulas.size() == each ? 0 : d * each;
    const auto formula = [&](size_t i) { return formulas[first + std::min(i, each - 1)]; };
    constexpr Gate kPeepholes[] = {Gate::kInput, Gate::kForget, Gate::kOutput};
    all.push_back({settings.kind, settings.hidden, settings.reset, settings.input_forget, formula(0), formula(1),
                   formula(2), settings.clip, settings.cell_clip, settings.projection_clip,
                   checked_order(settings, settings.gate_order, canonical_order(settings.kind), "the order of gates"),
                   checked_order(settings, settings.peephole_order, kPeepholes, "the order of peepholes")});
  }
  return all;
}

void check_tensors(const RecurrentSettings& settings, const RecurrentInputs& inputs,
                   const std::vector<CellTensors>& cells) {
  const int64_t directions = directions_of(settings.direction);
  const auto count = static_cast<int64_t>(cells.size());
  const int64_t recurrent = settings.projection > 0 ? settings.projection : settings.hidden;
  if (count == 0 || count % directions != 0) {
    refuse(settings, 2, count, " cells are given for ", directions, " directions; each layer has one for each");
  }
  if (!inputs.x) refuse(settings, 1, "there is no x");
  const Dims x = inputs.x->getDimensions();
  if (x.nbDims >= 0 && x.nbDims != 3) {
    refuse(settings, 1, "x is ", dims_text(x), settings.batch_first ? ", [B, T, I]" : ", [T, B, I]", " is needed");
  }
  if (inputs.initial_cell && settings.kind != CellKind::kLstm) refuse(settings, 3, "only an LSTM has a cell state");
  const int64_t batch = x.nbDims == 3 ? x.d[settings.batch_first ? 0 : 1] : -1;
  expect_dims(settings, inputs.lengths, {batch}, "the tensor of lengths");
  expect_dims(settings, inputs.initial_hidden, {count, batch, recurrent}, "the initial hidden state");
  expect_dims(settings, inputs.initial_cell, {count, batch, settings.hidden}, "the initial cell state");
  for (int64_t i = 0; i < count; ++i) {
    const int64_t first = x.nbDims == 3 ? x.d[2] : -1;
    check_cell_tensors(settings, cells[static_cast<size_t>(i)], i < directions ? first : directions * recurrent,
                       "layer " + std::to_string(i / directions) + " direction " + std::to_string(i % directions));
  }
}

}  // namespace rondo::nn
