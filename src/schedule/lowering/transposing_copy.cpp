// A stage walks its last axis in vectors. A copy whose source is dense along another axis, such as a network output
// that is a transposed input, would read one element per cache line. The kernel `sampled_slice` copies boxes between
// any two layouts tile by tile; a slice that is whole is such a copy.
#include "schedule/lowering/transposing_copy.h"

#include <algorithm>

namespace rondo::schedule {
namespace {

constexpr int64_t kClamp = 2;  ///< a sampling mode; a whole slice never leaves its operand

bool is_constant(ir::DimPool& pool, ir::Dim dim, int64_t value) {
  dim = pool.resolve(dim);
  return pool.is_constant(dim) && pool.value(dim) == value;
}

/// Load, store, one type.
bool only_moves(const StageDraft& draft) {
  const auto& insts = draft.tile_program.insts;
  const auto& dtypes = draft.tile_program.operand_dtypes;
  return draft.gemms.empty() && draft.operands.size() == 2 && insts.size() == 2 &&
         insts[0].kind == tile::InstKind::kLoad && insts[1].kind == tile::InstKind::kStore && dtypes[0] == dtypes[1];
}

bool transposes(ir::DimPool& pool, const Place& from, const Place& to) {
  const size_t last = to.strides.size() - 1;
  if (!is_constant(pool, to.strides[last], 1)) return false;
  if (is_constant(pool, from.strides[last], 1) || is_constant(pool, from.strides[last], 0)) return false;
  return std::any_of(from.strides.begin(), from.strides.end() - 1,
                     [&](ir::Dim stride) { return is_constant(pool, stride, 1); });
}

}  // namespace

void add_copy(ProgramBuilder& builder, ir::DimPool& pool, const StageDraft& draft, const std::string& origin) {
  if (!only_moves(draft) || draft.space.size() < 2) return add_stage(builder, draft, origin);
  const Place& from = draft.operands[draft.tile_program.insts[0].operand];
  const Place& to = draft.operands[draft.tile_program.insts[1].operand];
  if (!transposes(pool, from, to)) return add_stage(builder, draft, origin);
  plan::Kernel kernel;
  kernel.id = plan::KernelId::k_sampled_slice;
  kernel.space = builder.exprs(draft.space);
  kernel.operands = {builder.view(from), builder.view(to)};
  kernel.operand_dims = {kernel.space, kernel.space};
  kernel.attrs = {kClamp};
  kernel.exprs.assign(draft.space.size(), builder.expr(pool.constant(0)));
  kernel.exprs.resize(2 * draft.space.size(), builder.expr(pool.constant(1)));
  builder.add_kernel(std::move(kernel), origin);
}

}  // namespace rondo::schedule
