#include "schedule/stage_draft.h"

namespace rondo::schedule {

std::optional<plan::Packed> pack_weights(ProgramBuilder& builder, ir::DimPool& pool, const GemmDraft& gemm,
                                         ir::Dim columns) {
  const Place& b = gemm.b;
  const plan::Buffer& buffer = builder.program().buffers[b.buffer];
  if (buffer.storage != plan::Storage::kConstant || b.first || !b.terms.empty()) return std::nullopt;
  const size_t axes = b.strides.size();
  for (size_t i = 0; i + 3 < axes; ++i) {
    if (!is_zero(pool, b.strides[i])) return std::nullopt;
  }
  for (const ir::Dim dim : {b.offset, b.strides[axes - 3], b.strides[axes - 2], b.strides[axes - 1], gemm.k, columns}) {
    if (!pool.is_constant(dim)) return std::nullopt;
  }
  if (pool.value(gemm.k) <= 0 || pool.value(columns) <= 0) return std::nullopt;
  plan::Packed packed;
  packed.constant = buffer.index;
  packed.offset = pool.value(b.offset);
  packed.k_stride = pool.value(b.strides[axes - 3]);
  packed.gate_stride = gemm.gates > 1 ? pool.value(b.strides[axes - 2]) : 0;
  packed.col_stride = pool.value(b.strides[axes - 1]);
  packed.k = pool.value(gemm.k);
  packed.cols = pool.value(columns);
  packed.gates = gemm.gates;
  // What is repeated along an axis takes less room and time as it is.
  const auto repeats = [](int64_t stride, int64_t extent) { return stride == 0 && extent > 1; };
  if (repeats(packed.k_stride, packed.k) || repeats(packed.gate_stride, packed.gates) ||
      repeats(packed.col_stride, packed.cols)) {
    return std::nullopt;
  }
  return packed;
}

}  // namespace rondo::schedule
