// PyTorch: weight_ih [G H, I] and weight_hh [G H, R] act on columns, so they are W and R as they stand. Two biases, or
// none.
#include "gates/matrices.h"
#include "io/byte_cursor.h"

namespace rondo::importers {

namespace {

std::string leaf(const char* name, const CellOptions& options) {
  return name + std::string("_l") + std::to_string(options.layer) + (options.direction == 1 ? "_reverse" : "");
}

std::vector<float> read_bias(const CellTensors& tensors, const std::string& name, CellKind kind, int64_t rows) {
  if (!tensors.find({name.c_str()})) return std::vector<float>(static_cast<size_t>(rows), 0.0f);
  return from_order(Framework::kPyTorch, kind, tensors.vector({name.c_str()}, rows));
}

}  // namespace

CellWeights read_pytorch_cell(CellKind kind, const WeightMap& map, const CellOptions& options) {
  CellTensors tensors(map, options.prefix);
  CellWeights cell{.kind = kind, .reset = GruReset::kAfter};
  const std::string ih = leaf("weight_ih", options), hh = leaf("weight_hh", options), hr = leaf("weight_hr", options);
  Matrix w = tensors.matrix({ih.c_str()});
  const int64_t gates = gate_count(kind), rows = w.rows;
  cell.hidden = rows / gates;
  cell.input = w.columns;
  if (cell.hidden < 1 || rows % gates != 0)
    refuse(tensors.what({ih.c_str()}), ": its ", rows, " rows are no ", gates, " gates");
  if (kind == CellKind::kLstm && tensors.find({hr.c_str()})) {
    Matrix projector = tensors.matrix({hr.c_str()});
    cell.projection = projector.rows;
    if (projector.columns != cell.hidden)
      refuse(tensors.what({hr.c_str()}), ": has ", projector.columns, " columns, the cell is ", cell.hidden, " wide");
    cell.projector = projector.values;
  }
  cell.w = from_order(Framework::kPyTorch, kind, w.values);
  cell.r = from_order(Framework::kPyTorch, kind, tensors.matrix({hh.c_str()}, rows, cell.recurrent()).values);
  cell.wb = read_bias(tensors, leaf("bias_ih", options), kind, rows);
  cell.rb = read_bias(tensors, leaf("bias_hh", options), kind, rows);
  return cell;
}

WeightMap write_pytorch_cell(const CellWeights& cell, const CellOptions& options) {
  const int64_t rows = gate_count(cell.kind) * cell.hidden;
  WeightMap out;
  auto add = [&](const char* name, std::vector<int64_t> dims, const std::vector<float>& values) {
    out.add(options.prefix + leaf(name, options), Tensor::of_floats(std::move(dims), values));
  };
  add("weight_ih", {rows, cell.input}, to_order(Framework::kPyTorch, cell.kind, cell.w));
  add("weight_hh", {rows, cell.recurrent()}, to_order(Framework::kPyTorch, cell.kind, cell.r));
  add("bias_ih", {rows}, to_order(Framework::kPyTorch, cell.kind, cell.wb));
  add("bias_hh", {rows}, to_order(Framework::kPyTorch, cell.kind, cell.rb));
  if (cell.projection > 0) add("weight_hr", {cell.projection, cell.hidden}, cell.projector);
  return out;
}

}  // namespace rondo::importers
