// The semantic verifier: after it, the running half may follow any index of a Program without looking. It checks tables
// first, so that what steps refer to is sound when the steps are checked.
#include "plan/verify/parts.h"

namespace rondo::plan {
namespace {

/// Walks the tree of blocks from the entry. A break must reach its loop without crossing a parallel step: the other blocks of that
/// step would still be running.
class ControlCheck {
 public:
  explicit ControlCheck(const Program& program)
      : p_(program),
        block_seen_(program.blocks.size()),
        step_seen_(program.steps.size()),
        slot_taken_(program.slot_count) {}

  void run() {
    require(!p_.blocks.empty(), "it has no entry block");
    block(0, 0, false);
    for (size_t i = 0; i < block_seen_.size(); ++i) require(block_seen_[i] != 0, "block ", i, " is not reached");
  }

 private:
  /// True if the block leaves the loop around it.
  bool block(uint32_t index, int depth, bool in_loop) {
    require(index < p_.blocks.size(), "block ", index, " does not exist");
    require(block_seen_[index] == 0, "block ", index, " is used twice");
    require(depth <= kMaxBlockDepth, "blocks are nested deeper than ", kMaxBlockDepth);
    block_seen_[index] = 1;
    bool leaves = false;
    for (const uint32_t s : p_.blocks[index].steps) {
      require(s < p_.steps.size(), "block ", index, ": step ", s, " does not exist");
      require(step_seen_[s] == 0, "step ", s, " is used twice");
      step_seen_[s] = 1;
      leaves |= step(p_.steps[s], s, depth, in_loop);
    }
    return leaves;
  }

  bool step(const Step& step, uint32_t s, int depth, bool in_loop) {
    const auto exists = [&](const auto& table) {
      require(step.index < table.size(), "step ", s, ": its part ", step.index, " does not exist");
    };
    switch (step.kind) {
      case StepKind::kStage:
        exists(p_.stages);
        return false;
      case StepKind::kKernel:
        exists(p_.kernels);
        return false;
      case StepKind::kLoop:
        exists(p_.loops);
        loop(p_.loops[step.index], s, depth);
        return false;
      case StepKind::kBreak:
        exists(p_.breaks);
        require(in_loop, "step ", s, ": a break outside of a loop");
        flag(p_.breaks[step.index].flag, s);
        return true;
      case StepKind::kConditional:
        exists(p_.conditionals);
        return conditional(p_.conditionals[step.index], s, depth, in_loop);
      case StepKind::kParallel:
        exists(p_.parallels);
        for (const uint32_t b : p_.parallels[step.index].blocks) block(b, depth + 1, false);
        return false;
      case StepKind::kRead:
        exists(p_.reads);
        return false;
    }
    require(false, "step ", s, ": unknown kind");
    return false;
  }

  void loop(const Loop& loop, uint32_t s, int depth) {
    require(loop.slot < p_.slot_count, "step ", s, ": loop counter ", loop.slot, " does not exist");
    require(slot_taken_[loop.slot] == 0, "step ", s, ": loop counter ", loop.slot, " belongs to another loop");
    slot_taken_[loop.slot] = 1;
    require(loop.trips == kNone || loop.trips < p_.exprs.size(), "step ", s, ": its trip count does not exist");
    if (loop.count_view != kNone) {
      const DType dtype = scalar(loop.count_view, s);
      require(dtype == DType::kInt32 || dtype == DType::kInt64, "step ", s, ": its trip count is neither i32 nor i64");
    }
    const bool leaves = block(loop.body, depth + 1, true);
    require(loop.trips != kNone || loop.count_view != kNone || leaves, "step ", s, ": the loop never ends");
  }

  bool conditional(const Conditional& c, uint32_t s, int depth, bool in_loop) {
    flag(c.flag, s);
    require(c.value == kNone || c.value < p_.exprs.size(), "step ", s, ": its condition's value does not exist");
    bool leaves = false;
    if (c.then_block != kNone) leaves |= block(c.then_block, depth + 1, in_loop);
    if (c.else_block != kNone) leaves |= block(c.else_block, depth + 1, in_loop);
    return leaves;
  }

  DType scalar(ViewId v, uint32_t s) const {
    require(v < p_.views.size() && p_.views[v].strides.empty(), "step ", s, ": its scalar does not exist or has axes");
    return p_.buffers[p_.views[v].buffer].dtype;
  }

  void flag(ViewId v, uint32_t s) const { require(scalar(v, s) == DType::kBool, "step ", s, ": its flag is not bool"); }

  const Program& p_;
  std::vector<uint8_t> block_seen_, step_seen_, slot_taken_;
};

}  // namespace

void verify_control(const Program& program) { ControlCheck(program).run(); }

void verify(const Program& program) {
  verify_tables(program);
  verify_work(program);
  verify_control(program);
  verify_chains(program);
}

}  // namespace rondo::plan
