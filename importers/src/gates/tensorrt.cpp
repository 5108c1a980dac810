// TensorRT's RNNv2 takes each gate by name: here W_INPUT [H, I], R_INPUT [H, H], Wb_INPUT [H], Rb_INPUT [H], and so on.
#include "gates/matrices.h"
#include "io/byte_cursor.h"

namespace rondo::importers {

CellWeights read_tensorrt_cell(CellKind kind, const WeightMap& map, const CellOptions& options) {
  CellTensors tensors(map, options.prefix);
  CellWeights cell{.kind = kind, .reset = GruReset::kAfter};
  auto append = [](std::vector<float>& to, const std::vector<float>& values) {
    to.insert(to.end(), values.begin(), values.end());
  };
  for (Gate gate : canonical_order(kind)) {
    const std::string name = name_of(gate), w = "W_" + name, r = "R_" + name, wb = "Wb_" + name, rb = "Rb_" + name;
    if (cell.hidden == 0) {
      Matrix first = tensors.matrix({w.c_str()});
      cell.hidden = first.rows;
      cell.input = first.columns;
    }
    append(cell.w, tensors.matrix({w.c_str()}, cell.hidden, cell.input).values);
    append(cell.r, tensors.matrix({r.c_str()}, cell.hidden, cell.hidden).values);
    append(cell.wb, tensors.vector({wb.c_str()}, cell.hidden));
    append(cell.rb, tensors.vector({rb.c_str()}, cell.hidden));
  }
  return cell;
}

WeightMap write_tensorrt_cell(const CellWeights& cell, const CellOptions& options) {
  const int64_t hidden = cell.hidden, rows = gate_count(cell.kind) * hidden;
  WeightMap out;
  int64_t first = 0;
  for (Gate gate : canonical_order(cell.kind)) {
    auto add = [&](const char* what, std::vector<int64_t> dims, const std::vector<float>& values) {
      Matrix blocks{rows, static_cast<int64_t>(values.size()) / rows, values};
      out.add(options.prefix + what + name_of(gate),
              Tensor::of_floats(std::move(dims), row_range(blocks, first, hidden).values));
    };
    add("W_", {hidden, cell.input}, cell.w);
    add("R_", {hidden, hidden}, cell.r);
    add("Wb_", {hidden}, cell.wb);
    add("Rb_", {hidden}, cell.rb);
    first += hidden;
  }
  return out;
}

}  // namespace rondo::importers
