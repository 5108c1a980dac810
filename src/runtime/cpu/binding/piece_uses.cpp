#include "runtime/cpu/binding/piece_uses.h"

#include <algorithm>
#include <set>

namespace rondo::runtime {

using plan::kNone;
using plan::StepKind;

namespace {

class Collector {
 public:
  explicit Collector(const plan::Program& program) : program_(program) {}

  void steps(std::span<const uint32_t> list) {
    for (const uint32_t s : list) step(program_.steps[s]);
  }

  void view(plan::ViewId id) {
    for (; id != kNone; id = program_.views[id].first) {
      const plan::View& v = program_.views[id];
      expr(v.offset);
      exprs(v.strides);
      for (const plan::Term& term : v.terms) expr(term.stride);
      if (v.guard_slot != kNone) expr(v.guard_limit);
      buffer(v.buffer);
    }
  }

  PieceUses take() const { return {{exprs_.begin(), exprs_.end()}, {buffers_.begin(), buffers_.end()}}; }

 private:
  void expr(plan::ExprId id) {
    if (id != kNone) exprs_.insert(id);
  }
  void exprs(const std::vector<plan::ExprId>& ids) {
    for (const plan::ExprId id : ids) expr(id);
  }

  void buffer(uint32_t id) {
    if (!buffers_.insert(id).second) return;
    const plan::Buffer& b = program_.buffers[id];
    const bool is_temporary = b.storage == plan::Storage::kArena || b.storage == plan::Storage::kDynamic;
    if (is_temporary || b.storage == plan::Storage::kLocal) expr(b.bytes);
    if (b.storage == plan::Storage::kOutput) exprs(program_.bindings[b.index].dim_exprs);
  }

  void block(uint32_t index) {
    if (index != kNone) steps(program_.blocks[index].steps);
  }

  void step(const plan::Step& step) {
    switch (step.kind) {
      case StepKind::kStage:
        return stage(program_.stages[step.index]);
      case StepKind::kKernel:
        return kernel(program_.kernels[step.index]);
      case StepKind::kLoop: {
        const plan::Loop& loop = program_.loops[step.index];
        expr(loop.trips);
        view(loop.count_view);
        return block(loop.body);
      }
      case StepKind::kBreak:
        return view(program_.breaks[step.index].flag);
      case StepKind::kConditional: {
        const plan::Conditional& c = program_.conditionals[step.index];
        view(c.flag);
        expr(c.value);
        block(c.then_block);
        return block(c.else_block);
      }
      case StepKind::kParallel:
        for (const uint32_t b : program_.parallels[step.index].blocks) block(b);
        return;
      case StepKind::kRead:
        return;
    }
  }

  void stage(const plan::Stage& s) {
    exprs(s.space);
    for (const plan::Gemm& gemm : s.gemms) {
      view(gemm.a);
      view(gemm.b);
      expr(gemm.k);
    }
    for (const plan::ViewId id : s.operands) view(id);
  }

  void kernel(const plan::Kernel& k) {
    exprs(k.space);
    exprs(k.exprs);
    for (const auto& dims : k.operand_dims) exprs(dims);
    for (const plan::ViewId id : k.operands) view(id);
  }

  const plan::Program& program_;
  std::set<plan::ExprId> exprs_;
  std::set<uint32_t> buffers_;
};

}  // namespace

PieceUses uses_of(const plan::Program& program, const StepRange& range) {
  Collector collector(program);
  collector.steps(range.steps(program));
  return collector.take();
}

PieceUses uses_of(const plan::Program& program, plan::ViewId view) {
  Collector collector(program);
  collector.view(view);
  return collector.take();
}

bool contains_read(const plan::Program& program, uint32_t block) {
  if (block == kNone) return false;
  const auto& steps = program.blocks[block].steps;
  return std::any_of(steps.begin(), steps.end(), [&](uint32_t s) {
    const plan::Step& step = program.steps[s];
    if (step.kind == StepKind::kRead) return true;
    if (step.kind == StepKind::kLoop) return contains_read(program, program.loops[step.index].body);
    if (step.kind == StepKind::kConditional) {
      const plan::Conditional& c = program.conditionals[step.index];
      return contains_read(program, c.then_block) || contains_read(program, c.else_block);
    }
    if (step.kind != StepKind::kParallel) return false;
    const auto& blocks = program.parallels[step.index].blocks;
    return std::any_of(blocks.begin(), blocks.end(), [&](uint32_t b) { return contains_read(program, b); });
  });
}

}  // namespace rondo::runtime
