#pragma once

#include <optional>
#include <string>
#include <vector>

#include "schedule/program_builder.h"

namespace rondo::schedule {

/// A plan::Gemm whose views are still symbolic.
struct GemmDraft {
  Place a;                             ///< axes: the space's but the last, then k
  Place b;                             ///< axes: the space's but the last two, then k, gate, column
  std::optional<plan::Packed> packed;  ///< replaces b
  ir::Dim k;
  uint16_t gates = 1;
  uint16_t acc_base = 0;
  bool accumulate = false;
  DType product = DType::kFloat32;  ///< as in plan::Gemm
};

/// A plan::Stage whose views are still symbolic.
struct StageDraft {
  ir::Dims space;
  std::vector<Place> operands;
  std::vector<GemmDraft> gemms;
  tile::TileProgram tile_program;
  std::vector<uint32_t> slots;
};

/// Merges neighbouring axes of the space that all views step through as one, and moves a batch axis to the rows where that
/// changes nothing. The last axis of a stage with products stays. Fewer, longer axes: [T, B, H] over dense tensors becomes
/// [T*B, H], or [T*B*H] for a stage without products.
void collapse_axes(ir::DimPool& pool, StageDraft& draft);

/// Packed form of a product's constant right-hand side (phase pack_weights): `b` as in GemmDraft. Nothing if it is not constant or
/// differs between batches.
std::optional<plan::Packed> pack_weights(ProgramBuilder& builder, ir::DimPool& pool, const GemmDraft& gemm,
                                         ir::Dim columns);

/// Appends the stage as a step of the current block.
void add_stage(ProgramBuilder& builder, const StageDraft& draft, const std::string& origin);

}  // namespace rondo::schedule
