// Chains of stages. A stage joins the ones before it if what it reads of them it reads row by row. That is told from
// the views: all of a buffer have the same stride from row to row. It is not proven here; the runtime does that with
// numbers, and runs what it cannot prove stage after stage. So the rules say what is worth trying:
//   - a product's rows are its last axis but one; a stage that folds rows has the axes before those that it folds
//   - weights that pass once for all rows would pass once per block: a product with them opens a chain and joins none
//   - a handful of rows make no blocks
#include "schedule/chain_stages.h"

#include <algorithm>
#include <set>

namespace rondo::schedule {
namespace {

using plan::kNone;

constexpr int64_t kFewRows = 4;  // fewer are not worth a remark: a recurrent step of a small batch

class ChainFinder {
 public:
  explicit ChainFinder(plan::Program& program) : p_(program), touched_by_(program.buffers.size()) {
    for (uint32_t s = 0; s < p_.steps.size(); ++s) {
      for (const plan::ViewId view : views_of(p_.steps[s])) touch(view, s);
    }
    for (const plan::Binding& binding : p_.bindings) touched_by_[binding.buffer].insert(kNone);
  }

  void run() {
    for (const plan::Block& block : p_.blocks) {
      for (size_t begin = 0; begin + 1 < block.steps.size();) {
        const size_t end = longest(block.steps, begin);
        if (end - begin >= 2) add(std::span(block.steps).subspan(begin, end - begin));
        begin = std::max(begin + 1, end);
      }
    }
  }

 private:
  const plan::Stage* stage(uint32_t step) const {
    const plan::Step& s = p_.steps[step];
    return s.kind == plan::StepKind::kStage ? &p_.stages[s.index] : nullptr;
  }

  std::vector<plan::ViewId> views_of(const plan::Step& step) const {
    switch (step.kind) {
      case plan::StepKind::kStage: {
        const plan::Stage& stage = p_.stages[step.index];
        std::vector<plan::ViewId> views = stage.operands;
        for (const plan::Gemm& gemm : stage.gemms) views.insert(views.end(), {gemm.a, gemm.b});
        return views;
      }
      case plan::StepKind::kKernel:
        return p_.kernels[step.index].operands;
      case plan::StepKind::kLoop:
        return {p_.loops[step.index].count_view};
      case plan::StepKind::kBreak:
        return {p_.breaks[step.index].flag};
      case plan::StepKind::kConditional:
        return {p_.conditionals[step.index].flag};
      case plan::StepKind::kRead:
        return {p_.reads[step.index].view};
      case plan::StepKind::kParallel:
        return {};
    }
    return {};
  }

  void touch(plan::ViewId view, uint32_t step) {
    for (; view != kNone; view = p_.views[view].first) touched_by_[p_.views[view].buffer].insert(step);
  }

  /// Axes of the space that are not inside of a row.
  size_t row_axis_count(const plan::Stage& stage) const {
    const size_t in_row = stage.gemms.empty() ? p_.tile_programs[stage.tile_program].row_axes : 1;
    return stage.space.size() - in_row;
  }

  /// False if there are few rows, as far as extents are known.
  bool may_have_rows(const plan::Stage& stage) const {
    int64_t rows = 1;
    for (size_t axis = 0; axis < row_axis_count(stage); ++axis) {
      const plan::Expr& extent = p_.exprs[stage.space[axis]];
      if (extent.kind != plan::ExprKind::kConstant || extent.value >= kFewRows) return true;
      rows *= extent.value;
    }
    return rows >= kFewRows;
  }

  bool can_open(uint32_t step) const {
    const plan::Stage* s = stage(step);
    if (s == nullptr || row_axis_count(*s) == 0) return false;
    return (!s->gemms.empty() || p_.tile_programs[s->tile_program].row_axes > 0) && may_have_rows(*s);
  }

  bool can_join(uint32_t step) const {
    if (!can_open(step)) return false;
    const std::vector<plan::Gemm>& gemms = stage(step)->gemms;
    return std::none_of(gemms.begin(), gemms.end(), [&](const plan::Gemm& gemm) {
      return gemm.packed != kNone || p_.buffers[p_.views[gemm.b].buffer].storage == plan::Storage::kConstant;
    });
  }

  std::set<uint32_t> written_by(uint32_t step) const {
    std::set<uint32_t> written;
    for (const tile::Inst& inst : p_.tile_programs[stage(step)->tile_program].insts) {
      if (inst.kind != tile::InstKind::kStore) continue;
      written.insert(p_.views[stage(step)->operands[inst.operand]].buffer);
    }
    return written;
  }

  /// End of the longest chain from `begin` on.
  size_t longest(const std::vector<uint32_t>& steps, size_t begin) const {
    size_t end = begin;
    while (end < steps.size() && (end == begin ? can_open(steps[end]) : can_join(steps[end]))) ++end;
    while (end > begin + 1 && !is_chain(std::span(steps).subspan(begin, end - begin))) --end;
    return end;
  }

  /// True if all that goes from one step to another does so by rows of buffers that no one else touches.
  bool is_chain(std::span<const uint32_t> steps) const {
    std::set<uint32_t> seen, written;  // by the steps so far
    for (const uint32_t s : steps) {
      const std::set<uint32_t> writes = written_by(s);
      bool reads_rows = s == steps.front();
      for (const plan::ViewId view : views_of(p_.steps[s])) {
        for (plan::ViewId v = view; v != kNone; v = p_.views[v].first) {
          const uint32_t buffer = p_.views[v].buffer;
          const bool meets = written.count(buffer) > 0 || (writes.count(buffer) > 0 && seen.count(buffer) > 0);
          if (meets && !is_local(buffer, steps)) return false;
          reads_rows = reads_rows || meets;
        }
      }
      if (!reads_rows) return false;
      written.insert(writes.begin(), writes.end());
      for (const plan::ViewId view : views_of(p_.steps[s])) {
        for (plan::ViewId v = view; v != kNone; v = p_.views[v].first) seen.insert(p_.views[v].buffer);
      }
    }
    return true;
  }

  /// True if only these steps touch the buffer, the first of them writes it, and all step through its rows alike.
  bool is_local(uint32_t buffer, std::span<const uint32_t> steps) const {
    const plan::Storage storage = p_.buffers[buffer].storage;
    if (storage != plan::Storage::kArena && storage != plan::Storage::kDynamic) return false;
    const std::set<uint32_t>& touching = touched_by_[buffer];
    const bool own = std::all_of(touching.begin(), touching.end(),
                                 [&](uint32_t s) { return std::find(steps.begin(), steps.end(), s) != steps.end(); });
    if (!own) return false;
    plan::ExprId pitch = kNone;
    bool is_first = true;
    for (const uint32_t s : steps) {
      if (touching.count(s) == 0) continue;
      if (is_first && !only_writes(s, buffer)) return false;
      is_first = false;
      if (!steps_by_rows(*stage(s), buffer, &pitch)) return false;
    }
    return true;
  }

  bool only_writes(uint32_t step, uint32_t buffer) const {
    const plan::Stage& s = *stage(step);
    for (const plan::Gemm& gemm : s.gemms) {
      if (p_.views[gemm.a].buffer == buffer) return false;
    }
    for (const tile::Inst& inst : p_.tile_programs[s.tile_program].insts) {
      if (inst.kind == tile::InstKind::kLoad && p_.views[s.operands[inst.operand]].buffer == buffer) return false;
    }
    return true;
  }

  bool steps_by_rows(const plan::Stage& stage, uint32_t buffer, plan::ExprId* pitch) const {
    const size_t axes = row_axis_count(stage);
    const auto fits = [&](plan::ViewId id) {
      const plan::View& view = p_.views[id];
      if (view.first != kNone) return false;
      if (view.buffer != buffer) return true;
      if (!view.terms.empty() || view.guard_slot != kNone) return false;
      if (*pitch == kNone) *pitch = view.strides[axes - 1];
      return *pitch == view.strides[axes - 1];
    };
    for (const plan::Gemm& gemm : stage.gemms) {
      if (!fits(gemm.a) || (gemm.b != kNone && p_.views[gemm.b].buffer == buffer)) return false;
    }
    return std::all_of(stage.operands.begin(), stage.operands.end(), fits);
  }

  void add(std::span<const uint32_t> steps) {
    std::set<uint32_t> written;
    for (const uint32_t s : steps) {
      for (const plan::ViewId view : views_of(p_.steps[s])) {
        if (view != kNone && written.count(p_.views[view].buffer) > 0)
          p_.buffers[p_.views[view].buffer].storage = plan::Storage::kLocal;
      }
      for (const uint32_t buffer : written_by(s)) written.insert(buffer);
    }
    p_.chains.push_back({{steps.begin(), steps.end()}});
  }

  plan::Program& p_;
  std::vector<std::set<uint32_t>> touched_by_;  ///< steps; kNone: from outside
};

}  // namespace

void chain_stages(ProgramBuilder& builder) { ChainFinder(builder.program()).run(); }

}  // namespace rondo::schedule
