// TensorFlow 1: one matrix acts on the row [x, h], so its first I rows are W and the rest R, both transposed, gates
// side by side. The GRU has two: gates (r, u) act on [x, h], the candidate acts on [x, r h]. One bias.
#include <algorithm>

#include "gates/matrices.h"
#include "io/byte_cursor.h"

namespace rondo::importers {

namespace {

constexpr auto kLstm = CellKind::kLstm;

// Splits [(I + R), G H] into w [G H, I] and r [G H, R], appended to the cell's, blocks in the order they have.
void append_split(const Matrix& kernel, int64_t recurrent, const std::string& what, CellWeights& cell) {
  if (kernel.rows < recurrent) refuse(what, ": has ", kernel.rows, " rows, at least ", recurrent, " are for the state");
  cell.input = kernel.rows - recurrent;
  Matrix w = transposed(row_range(kernel, 0, cell.input)), r = transposed(row_range(kernel, cell.input, recurrent));
  cell.w.insert(cell.w.end(), w.values.begin(), w.values.end());
  cell.r.insert(cell.r.end(), r.values.begin(), r.values.end());
}

Matrix joined(const std::vector<float>& w, const std::vector<float>& r, int64_t rows) {
  Matrix wide{rows, static_cast<int64_t>(w.size()) / rows, w}, deep{rows, static_cast<int64_t>(r.size()) / rows, r};
  return stacked(transposed(wide), transposed(deep));
}

void read_peepholes(const CellTensors& tensors, CellWeights& cell) {
  if (!tensors.find({"w_i_diag"}) && !tensors.find({"w_f_diag"}) && !tensors.find({"w_o_diag"})) return;
  for (const char* name : {"w_i_diag", "w_f_diag", "w_o_diag"}) {
    std::vector<float> one = tensors.vector({name}, cell.hidden);
    cell.peepholes.insert(cell.peepholes.end(), one.begin(), one.end());
  }
}

CellWeights read_gru(const CellTensors& tensors) {
  CellWeights cell{.kind = CellKind::kGru, .reset = GruReset::kBefore};
  Matrix gates = tensors.matrix({"gates/kernel", "gates/weights"}),
         candidate = tensors.matrix({"candidate/kernel", "candidate/weights"});
  cell.hidden = candidate.columns;
  if (cell.hidden < 1 || gates.columns != 2 * cell.hidden || gates.rows != candidate.rows) {
    refuse(tensors.what({"gates/kernel"}), ": dims are ", dims_text({gates.rows, gates.columns}),
           ", those of the candidate ", dims_text({candidate.rows, candidate.columns}),
           "; they are [I+H, 2H] and [I+H, H]");
  }
  append_split(gates, cell.hidden, tensors.what({"gates/kernel"}), cell);
  append_split(candidate, cell.hidden, tensors.what({"candidate/kernel"}), cell);
  cell.wb = tensors.vector({"gates/bias", "gates/biases"}, 2 * cell.hidden);
  std::vector<float> bias = tensors.vector({"candidate/bias", "candidate/biases"}, cell.hidden);
  cell.wb.insert(cell.wb.end(), bias.begin(), bias.end());
  return cell;
}

CellWeights read_one_kernel(CellKind kind, const CellTensors& tensors) {
  CellWeights cell{.kind = kind};
  Matrix kernel = tensors.matrix({"kernel", "weights"});
  const int64_t gates = gate_count(kind);
  cell.hidden = kernel.columns / gates;
  if (cell.hidden < 1 || kernel.columns % gates != 0)
    refuse(tensors.what({"kernel"}), ": its ", kernel.columns, " columns are no ", gates, " gates");
  if (kind == kLstm && tensors.find({"projection/kernel", "projection/weights"})) {
    Matrix projection = tensors.matrix({"projection/kernel", "projection/weights"});
    if (projection.rows != cell.hidden)
      refuse(tensors.what({"projection/kernel"}), ": has ", projection.rows, " rows, the cell is ", cell.hidden,
             " wide");
    cell.projection = projection.columns;
    cell.projector = transposed(projection).values;
  }
  append_split(kernel, cell.recurrent(), tensors.what({"kernel"}), cell);
  cell.wb = tensors.vector({"bias", "biases"}, kernel.columns);
  if (kind == kLstm) read_peepholes(tensors, cell);
  return cell;
}

// Adds to the bias of the forget gate, the second block of the canonical order.
void add_forget_bias(float amount, int64_t hidden, std::vector<float>& bias) {
  for (int64_t i = hidden; i < 2 * hidden; ++i) bias[static_cast<size_t>(i)] += amount;
}

}  // namespace

CellWeights read_tensorflow_cell(CellKind kind, const WeightMap& map, const CellOptions& options) {
  CellTensors tensors(map, options.prefix);
  CellWeights cell = kind == CellKind::kGru ? read_gru(tensors) : read_one_kernel(kind, tensors);
  cell.w = from_order(Framework::kTensorFlow, kind, cell.w);
  cell.r = from_order(Framework::kTensorFlow, kind, cell.r);
  cell.wb = from_order(Framework::kTensorFlow, kind, cell.wb);
  cell.rb.assign(cell.wb.size(), 0.0f);
  if (kind == kLstm) add_forget_bias(options.forget_bias, cell.hidden, cell.wb);
  return cell;
}

WeightMap write_tensorflow_cell(const CellWeights& cell, const CellOptions& options) {
  const int64_t hidden = cell.hidden, rows = gate_count(cell.kind) * hidden;
  std::vector<float> bias = summed_bias(cell);
  if (cell.kind == kLstm) add_forget_bias(-options.forget_bias, hidden, bias);
  bias = to_order(Framework::kTensorFlow, cell.kind, bias);
  Matrix kernel = joined(to_order(Framework::kTensorFlow, cell.kind, cell.w),
                         to_order(Framework::kTensorFlow, cell.kind, cell.r), rows);
  WeightMap out;
  auto add = [&](const char* name, std::vector<int64_t> dims, const std::vector<float>& values) {
    out.add(options.prefix + name, Tensor::of_floats(std::move(dims), values));
  };
  if (cell.kind == CellKind::kGru) {
    Matrix by_gate = transposed(kernel);
    add("gates/kernel", {kernel.rows, 2 * hidden}, transposed(row_range(by_gate, 0, 2 * hidden)).values);
    add("gates/bias", {2 * hidden}, {bias.begin(), bias.end() - static_cast<ptrdiff_t>(hidden)});
    add("candidate/kernel", {kernel.rows, hidden}, transposed(row_range(by_gate, 2 * hidden, hidden)).values);
    add("candidate/bias", {hidden}, {bias.end() - static_cast<ptrdiff_t>(hidden), bias.end()});
    return out;
  }
  add("kernel", {kernel.rows, rows}, kernel.values);
  add("bias", {rows}, bias);
  if (!cell.peepholes.empty()) {
    Matrix peepholes{3, hidden, cell.peepholes};
    add("w_i_diag", {hidden}, row_range(peepholes, 0, 1).values);
    add("w_f_diag", {hidden}, row_range(peepholes, 1, 1).values);
    add("w_o_diag", {hidden}, row_range(peepholes, 2, 1).values);
  }
  if (cell.projection > 0)
    add("projection/kernel", {hidden, cell.projection}, transposed({cell.projection, hidden, cell.projector}).values);
  return out;
}

}  // namespace rondo::importers
