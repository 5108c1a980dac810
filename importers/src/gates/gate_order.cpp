#include <algorithm>
#include <array>

#include "io/byte_cursor.h"
#include "rondo/importers/cell_weights.h"

namespace rondo::importers {

namespace {

constexpr Gate kI = Gate::kInput, kF = Gate::kForget, kG = Gate::kCell, kO = Gate::kOutput, kZ = Gate::kUpdate,
               kR = Gate::kReset, kH = Gate::kHidden;

constexpr std::array<Gate, 1> kRnnOrder = {kI};

struct OrderRow {
  Framework framework;
  const char* name;
  std::array<Gate, 4> lstm;
  std::array<Gate, 3> gru;
};

constexpr OrderRow kOrders[] = {
    {Framework::kTensorFlow, "tensorflow", {kI, kG, kF, kO}, {kR, kZ, kH}},
    {Framework::kKeras, "keras", {kI, kF, kG, kO}, {kZ, kR, kH}},
    {Framework::kPyTorch, "pytorch", {kI, kF, kG, kO}, {kR, kZ, kH}},
    {Framework::kOnnx, "onnx", {kI, kO, kF, kG}, {kZ, kR, kH}},
    {Framework::kTensorRt, "tensorrt", {kI, kF, kG, kO}, {kZ, kR, kH}},
};

const OrderRow& row_of(Framework framework) {
  for (const OrderRow& row : kOrders) {
    if (row.framework == framework) return row;
  }
  refuse("framework ", static_cast<int>(framework), " is none");
}

}  // namespace

const char* name_of(Gate gate) {
  constexpr const char* kNames[] = {"INPUT", "FORGET", "CELL", "OUTPUT", "UPDATE", "RESET", "HIDDEN"};
  return kNames[static_cast<int>(gate)];
}

const char* name_of(Framework framework) { return row_of(framework).name; }

std::span<const Gate> canonical_order(CellKind kind) { return gate_order(Framework::kTensorRt, kind); }

std::span<const Gate> gate_order(Framework framework, CellKind kind) {
  const OrderRow& row = row_of(framework);
  switch (kind) {
    case CellKind::kLstm:
      return row.lstm;
    case CellKind::kGru:
      return row.gru;
    default:
      return kRnnOrder;
  }
}

std::vector<float> reorder_gates(const std::vector<float>& blocks, std::span<const Gate> from,
                                 std::span<const Gate> to) {
  if (!std::is_permutation(from.begin(), from.end(), to.begin(), to.end()) || from.empty())
    refuse("gate orders are not of the same gates");
  if (blocks.size() % from.size() != 0) refuse(blocks.size(), " values do not divide into ", from.size(), " gates");
  const size_t block = blocks.size() / from.size();
  std::vector<float> out(blocks.size());
  for (size_t g = 0; g < to.size(); ++g) {
    auto source = static_cast<size_t>(std::find(from.begin(), from.end(), to[g]) - from.begin());
    std::copy_n(blocks.begin() + static_cast<ptrdiff_t>(source * block), block,
                out.begin() + static_cast<ptrdiff_t>(g * block));
  }
  return out;
}

}  // namespace rondo::importers
