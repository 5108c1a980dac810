// Keras: kernel [I, G H] and recurrent_kernel [H, G H] act on rows. One bias [G H]; a GRU with reset_after and the
// layers on cuDNN have two, as [2, G H]. A GRU's bias of two rows is what tells reset_after.
#include "gates/matrices.h"
#include "io/byte_cursor.h"

namespace rondo::importers {

CellWeights read_keras_cell(CellKind kind, const WeightMap& map, const CellOptions& options) {
  CellTensors tensors(map, options.prefix);
  CellWeights cell{.kind = kind, .reset = GruReset::kBefore};
  Matrix recurrent = tensors.matrix({"recurrent_kernel"});
  cell.hidden = recurrent.rows;
  const int64_t rows = gate_count(kind) * cell.hidden;
  if (cell.hidden < 1 || recurrent.columns != rows) {
    refuse(tensors.what({"recurrent_kernel"}), ": dims are ", dims_text({recurrent.rows, recurrent.columns}), ", [H, ",
           gate_count(kind), " H] is expected");
  }
  Matrix kernel = tensors.matrix({"kernel"});
  cell.input = kernel.rows;
  if (kernel.columns != rows)
    refuse(tensors.what({"kernel"}), ": has ", kernel.columns, " columns, ", rows, " are expected");
  cell.w = from_order(Framework::kKeras, kind, transposed(kernel).values);
  cell.r = from_order(Framework::kKeras, kind, transposed(recurrent).values);
  cell.wb.assign(static_cast<size_t>(rows), 0.0f);
  cell.rb = cell.wb;
  const Tensor* bias = tensors.find({"bias"});
  if (!bias) return cell;  // use_bias=False
  const int64_t elements = bias->elements();
  if (elements != rows && elements != 2 * rows)
    refuse(tensors.what({"bias"}), ": has ", elements, " elements, ", rows, " or twice that are expected");
  Matrix biases{elements / rows, rows, bias->floats(tensors.what({"bias"}))};
  cell.wb = from_order(Framework::kKeras, kind, row_range(biases, 0, 1).values);
  if (biases.rows == 2) {
    cell.rb = from_order(Framework::kKeras, kind, row_range(biases, 1, 1).values);
    cell.reset = GruReset::kAfter;
  }
  return cell;
}

WeightMap write_keras_cell(const CellWeights& cell, const CellOptions& options) {
  const int64_t rows = gate_count(cell.kind) * cell.hidden;
  WeightMap out;
  auto add = [&](const char* name, std::vector<int64_t> dims, const std::vector<float>& values) {
    out.add(options.prefix + name, Tensor::of_floats(std::move(dims), values));
  };
  add("kernel", {cell.input, rows},
      transposed({rows, cell.input, to_order(Framework::kKeras, cell.kind, cell.w)}).values);
  add("recurrent_kernel", {cell.hidden, rows},
      transposed({rows, cell.hidden, to_order(Framework::kKeras, cell.kind, cell.r)}).values);
  if (cell.kind == CellKind::kGru && cell.reset == GruReset::kAfter) {
    Matrix wb{1, rows, to_order(Framework::kKeras, cell.kind, cell.wb)},
        rb{1, rows, to_order(Framework::kKeras, cell.kind, cell.rb)};
    add("bias", {2, rows}, stacked(wb, rb).values);
  } else {
    add("bias", {rows}, to_order(Framework::kKeras, cell.kind, summed_bias(cell)));
  }
  return out;
}

}  // namespace rondo::importers
