#include <functional>

#include "schedule/stage_draft.h"

namespace rondo::schedule {
namespace {

bool reads_index(const tile::TileProgram& program, size_t axis) {
  for (const tile::Inst& inst : program.insts) {
    if (inst.kind == tile::InstKind::kIndex && inst.operand == axis) return true;
  }
  return false;
}

bool all_alternatives(const Place& place, const std::function<bool(const Place&)>& test) {
  return test(place) && (!place.first || all_alternatives(*place.first, test));
}

void erase_axis(Place& place, size_t axis) {
  place.strides.erase(place.strides.begin() + static_cast<ptrdiff_t>(axis));
  if (!place.first) return;
  Place first = *place.first;
  erase_axis(first, axis);
  place.first = std::make_shared<const Place>(first);
}

void erase_space_axis(StageDraft& draft, size_t axis) {
  for (tile::Inst& inst : draft.tile_program.insts) {
    if (inst.kind == tile::InstKind::kIndex && inst.operand > axis) --inst.operand;
  }
  draft.space.erase(draft.space.begin() + static_cast<ptrdiff_t>(axis));
  for (Place& place : draft.operands) erase_axis(place, axis);
  for (GemmDraft& gemm : draft.gemms) erase_axis(gemm.a, axis);
}

/// b has the batch axes only: true if it is the same for all indices of batch axis `axis`.
bool shared_by(const ir::DimPool& pool, const GemmDraft& gemm, size_t axis) {
  return all_alternatives(gemm.b, [&](const Place& p) { return is_zero(pool, p.strides[axis]); });
}

/// A single row and batches that share b: the last batch axis becomes the rows.
void batches_to_rows(ir::DimPool& pool, StageDraft& draft) {
  while (!draft.gemms.empty() && draft.space.size() > 2) {
    const size_t rows = draft.space.size() - 2;
    if (!is_one(pool, draft.space[rows]) || reads_index(draft.tile_program, rows)) return;
    for (const GemmDraft& gemm : draft.gemms) {
      if (!shared_by(pool, gemm, rows - 1)) return;
    }
    for (GemmDraft& gemm : draft.gemms) erase_axis(gemm.b, rows - 1);
    erase_space_axis(draft, rows);
  }
}

bool mergeable(ir::DimPool& pool, const StageDraft& draft, size_t outer) {
  const size_t inner = outer + 1;
  if (inner + draft.tile_program.row_axes == draft.space.size()) return false;  // rows stay rows
  if (reads_index(draft.tile_program, outer) || reads_index(draft.tile_program, inner)) return false;
  const auto as_one = [&](const Place& p) {
    return pool.same(p.strides[outer], pool.mul(draft.space[inner], p.strides[inner]));
  };
  for (const Place& place : draft.operands) {
    if (!all_alternatives(place, as_one)) return false;
  }
  const bool rows = inner + 2 == draft.space.size();
  for (const GemmDraft& gemm : draft.gemms) {
    if (!all_alternatives(gemm.a, as_one)) return false;
    if (rows ? !shared_by(pool, gemm, outer) : !all_alternatives(gemm.b, as_one)) return false;
  }
  return true;
}

}  // namespace

void collapse_axes(ir::DimPool& pool, StageDraft& draft) {
  batches_to_rows(pool, draft);
  const size_t fixed = draft.gemms.empty() ? 0 : 1;
  for (size_t outer = draft.space.size(); outer-- > 0;) {
    if (outer + 1 + fixed >= draft.space.size() || !mergeable(pool, draft, outer)) continue;
    draft.space[outer + 1] = pool.mul(draft.space[outer], draft.space[outer + 1]);
    for (GemmDraft& gemm : draft.gemms) erase_axis(gemm.b, outer);
    if (outer + draft.tile_program.row_axes >= draft.space.size()) --draft.tile_program.row_axes;
    erase_space_axis(draft, outer);
  }
}

void add_stage(ProgramBuilder& builder, const StageDraft& draft, const std::string& origin) {
  plan::Stage stage;
  stage.space = builder.exprs(draft.space);
  for (const GemmDraft& gemm : draft.gemms) {
    plan::Gemm g;
    g.a = builder.view(gemm.a);
    if (gemm.packed) g.packed = builder.packed(*gemm.packed);
    if (!gemm.packed) g.b = builder.view(gemm.b);
    g.k = builder.expr(gemm.k);
    g.gates = gemm.gates;
    g.acc_base = gemm.acc_base;
    g.accumulate = gemm.accumulate;
    g.product = gemm.product;
    stage.gemms.push_back(g);
  }
  stage.tile_program = builder.tile_program(draft.tile_program);
  for (const Place& place : draft.operands) stage.operands.push_back(builder.view(place));
  stage.slots = draft.slots;
  builder.program().stages.push_back(std::move(stage));
  builder.add_step(plan::StepKind::kStage, static_cast<uint32_t>(builder.program().stages.size() - 1), origin);
}

}  // namespace rondo::schedule
