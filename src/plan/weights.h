#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/dtype.h"
#include "kernels/cpu/packing/packed_layout.h"

namespace rondo::plan {

constexpr uint32_t kNone = UINT32_MAX;
constexpr uint64_t kNowhere = UINT64_MAX;

/// Bytes of a constant in the weights section.
struct Constant {
  DType dtype = DType::kFloat32;
  std::vector<int64_t> dims;
  uint64_t offset = 0;  ///< 64-byte aligned; kNowhere: only packed matrices hold its elements
  uint64_t bytes = 0;
  bool is_stored() const { return offset != kNowhere; }
};
/// Bytes of a constant before there is a weights section.
struct ConstantSource {
  std::span<const uint8_t> bytes;
  std::shared_ptr<const void> owner;  ///< null: the user, until the build ends
};

/// Constant right-hand side of a GEMM: column c of gate g is element (k, g*gate_stride + c*col_stride) with row stride k_stride, in
/// elements of the constant. It stands packed in the weights section, for the micro-kernels of the machine that the plan was built for;
/// without `layout`, and where kernels want another, the runtime packs it when the engine is loaded.
struct Packed {
  uint32_t constant = kNone;
  int64_t offset = 0, k_stride = 0, col_stride = 1, gate_stride = 0;
  int64_t k = 0, cols = 0, gates = 1;
  std::optional<kernels::PackedLayout> layout = {};
  uint64_t stored_at = 0;  ///< in the weights section, 64-byte aligned
};

}  // namespace rondo::plan
