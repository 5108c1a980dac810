// ONNX: W [D, G H, I], R [D, G H, H], B [D, 2 G H] = [Wb, Rb], P [D, 3 H] = [Pi, Po, Pf]; D directions, of which one is
// read or written.
#include "gates/matrices.h"
#include "io/byte_cursor.h"

namespace rondo::importers {

namespace {

// P is in the order i o f, the canonical one is i f o: the swap is its own inverse.
std::vector<float> swap_forget_and_output(const std::vector<float>& peepholes, int64_t hidden) {
  Matrix rows{3, hidden, peepholes};
  return stacked(stacked(row_range(rows, 0, 1), row_range(rows, 2, 1)), row_range(rows, 1, 1)).values;
}

// The slice of one direction of a tensor of `rank` dims.
Tensor one_direction(const Tensor& tensor, size_t rank, const CellOptions& options, const std::string& what) {
  if (tensor.dims.size() != rank || options.direction < 0 || options.direction >= tensor.dims[0]) {
    refuse(what, ": dims are ", dims_text(tensor.dims), "; ", rank, " are expected, the first above direction ",
           options.direction);
  }
  const auto bytes = static_cast<ptrdiff_t>(tensor.bytes.size()) / tensor.dims[0];
  auto begin = tensor.bytes.begin() + options.direction * bytes;
  return {tensor.type, {tensor.dims.begin() + 1, tensor.dims.end()}, {begin, begin + bytes}};
}

}  // namespace

CellWeights read_onnx_cell(CellKind kind, const WeightMap& map, const CellOptions& options) {
  CellTensors whole(map, options.prefix);
  WeightMap sliced;
  for (const char* name : {"W", "R", "B", "P"}) {
    const Tensor* tensor = whole.find({name});
    if (tensor)
      sliced.add(options.prefix + name,
                 one_direction(*tensor, name[0] == 'W' || name[0] == 'R' ? 3 : 2, options, whole.what({name})));
  }
  CellTensors tensors(sliced, options.prefix);
  CellWeights cell{.kind = kind, .reset = kind == CellKind::kGru ? options.onnx_reset : GruReset::kAfter};
  Matrix w = tensors.matrix({"W"}), r = tensors.matrix({"R"});
  cell.hidden = r.columns;
  cell.input = w.columns;
  const int64_t rows = gate_count(kind) * cell.hidden;
  if (cell.hidden < 1 || r.rows != rows)
    refuse(tensors.what({"R"}), ": dims are [D, ", r.rows, ", ", r.columns, "], [D, ", gate_count(kind),
           " H, H] is expected");
  if (w.rows != rows) refuse(tensors.what({"W"}), ": has ", w.rows, " rows, ", rows, " are expected");
  cell.w = from_order(Framework::kOnnx, kind, w.values);
  cell.r = from_order(Framework::kOnnx, kind, r.values);
  cell.wb.assign(static_cast<size_t>(rows), 0.0f);
  cell.rb = cell.wb;
  if (tensors.find({"B"})) {
    Matrix biases{2, rows, tensors.vector({"B"}, 2 * rows)};
    cell.wb = from_order(Framework::kOnnx, kind, row_range(biases, 0, 1).values);
    cell.rb = from_order(Framework::kOnnx, kind, row_range(biases, 1, 1).values);
  }
  if (kind == CellKind::kLstm && tensors.find({"P"}))
    cell.peepholes = swap_forget_and_output(tensors.vector({"P"}, 3 * cell.hidden), cell.hidden);
  return cell;
}

WeightMap write_onnx_cell(const CellWeights& cell, const CellOptions& options) {
  const int64_t rows = gate_count(cell.kind) * cell.hidden;
  WeightMap out;
  auto add = [&](const char* name, std::vector<int64_t> dims, const std::vector<float>& values) {
    out.add(options.prefix + name, Tensor::of_floats(std::move(dims), values));
  };
  add("W", {1, rows, cell.input}, to_order(Framework::kOnnx, cell.kind, cell.w));
  add("R", {1, rows, cell.hidden}, to_order(Framework::kOnnx, cell.kind, cell.r));
  Matrix wb{1, rows, to_order(Framework::kOnnx, cell.kind, cell.wb)},
      rb{1, rows, to_order(Framework::kOnnx, cell.kind, cell.rb)};
  add("B", {1, 2 * rows}, stacked(wb, rb).values);
  if (!cell.peepholes.empty()) add("P", {1, 3 * cell.hidden}, swap_forget_and_output(cell.peepholes, cell.hidden));
  return out;
}

}  // namespace rondo::importers
