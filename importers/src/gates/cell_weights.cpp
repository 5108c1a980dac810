#include "rondo/importers/cell_weights.h"

#include "gates/matrices.h"
#include "io/byte_cursor.h"

namespace rondo::importers {

namespace {

// What a framework can say.
struct Abilities {
  Framework framework;
  bool peepholes, projection, reset_before, reset_after;
};

constexpr Abilities kAbilities[] = {
    {Framework::kTensorFlow, true, true, true, false}, {Framework::kKeras, false, false, true, true},
    {Framework::kPyTorch, false, true, false, true},   {Framework::kOnnx, true, false, true, true},
    {Framework::kTensorRt, false, false, false, true},
};

void check_abilities(Framework framework, const CellWeights& cell) {
  const std::string name = name_of(framework);
  for (const Abilities& can : kAbilities) {
    if (can.framework != framework) continue;
    if (!cell.peepholes.empty() && !can.peepholes) refuse(name, " cannot say peepholes; tensorflow and onnx can");
    if (cell.projection > 0 && !can.projection) refuse(name, " cannot say a projection; tensorflow and pytorch can");
    if (cell.kind != CellKind::kGru) continue;
    if (cell.reset == GruReset::kBefore && !can.reset_before) {
      refuse(name, "'s GRU resets after the recurrent product, this one before it: the two are not the same function");
    }
    if (cell.reset == GruReset::kAfter && !can.reset_after) {
      refuse(name, "'s GRU resets before the recurrent product, this one after it: the two are not the same function");
    }
  }
}

}  // namespace

void check_cell(const CellWeights& cell) {
  const int64_t gates = gate_count(cell.kind), rows = gates * cell.hidden;
  if (cell.input < 0 || cell.hidden < 1 || cell.projection < 0)
    refuse("cell: widths are ", dims_text({cell.input, cell.hidden, cell.projection}));
  auto expect = [](const std::vector<float>& values, int64_t count, const char* name) {
    if (static_cast<int64_t>(values.size()) != count)
      refuse("cell: ", name, " has ", values.size(), " values, ", count, " are expected");
  };
  expect(cell.w, rows * cell.input, "w");
  expect(cell.r, rows * cell.recurrent(), "r");
  expect(cell.wb, rows, "wb");
  expect(cell.rb, rows, "rb");
  if (cell.kind != CellKind::kLstm && (!cell.peepholes.empty() || cell.projection > 0))
    refuse("cell: only an LSTM has peepholes or a projection");
  if (!cell.peepholes.empty()) expect(cell.peepholes, 3 * cell.hidden, "peepholes");
  expect(cell.projector, cell.projection * cell.hidden, "projector");
}

CellWeights read_cell(Framework framework, CellKind kind, const WeightMap& tensors, const CellOptions& options) {
  auto read = [&] {
    switch (framework) {
      case Framework::kTensorFlow:
        return read_tensorflow_cell(kind, tensors, options);
      case Framework::kKeras:
        return read_keras_cell(kind, tensors, options);
      case Framework::kPyTorch:
        return read_pytorch_cell(kind, tensors, options);
      case Framework::kOnnx:
        return read_onnx_cell(kind, tensors, options);
      default:
        return read_tensorrt_cell(kind, tensors, options);
    }
  };
  CellWeights cell = read();
  if (kind != CellKind::kGru) cell.reset = GruReset::kAfter;  // without a meaning there, so equal in all
  check_cell(cell);
  return cell;
}

WeightMap write_cell(Framework framework, const CellWeights& cell, const CellOptions& options) {
  check_cell(cell);
  check_abilities(framework, cell);
  switch (framework) {
    case Framework::kTensorFlow:
      return write_tensorflow_cell(cell, options);
    case Framework::kKeras:
      return write_keras_cell(cell, options);
    case Framework::kPyTorch:
      return write_pytorch_cell(cell, options);
    case Framework::kOnnx:
      return write_onnx_cell(cell, options);
    default:
      return write_tensorrt_cell(cell, options);
  }
}

WeightMap convert_cell(Framework from, Framework to, CellKind kind, const WeightMap& tensors,
                       const CellOptions& from_options, const CellOptions& to_options) {
  return write_cell(to, read_cell(from, kind, tensors, from_options), to_options);
}

}  // namespace rondo::importers
