// Chains are a remark that a runtime proves before it acts on it; what it cannot prove for lack of shapes is proven
// here: that their stages really follow each other, and that no one else can reach a buffer which may have no memory of
// its own.
#include "plan/verify/parts.h"

namespace rondo::plan {
namespace {

class ChainCheck {
 public:
  explicit ChainCheck(const Program& program)
      : p_(program),
        chain_of_(program.steps.size(), kNone),
        after_(program.steps.size(), kNone),
        owner_(program.buffers.size(), kNone) {}

  void run() {
    for (const Block& block : p_.blocks) {
      for (size_t i = 1; i < block.steps.size(); ++i) after_[block.steps[i - 1]] = block.steps[i];
    }
    for (uint32_t c = 0; c < p_.chains.size(); ++c) chain(c);
    for (size_t v = 0; v < p_.views.size(); ++v) {
      const View& view = p_.views[v];
      const bool plain = view.first == kNone || (!is_local(view) && !is_local(p_.views[view.first]));
      require(plain, "view ", v, ": a local buffer is read instead of another, or another instead of it");
    }
    for (const Block& block : p_.blocks) {
      for (const uint32_t s : block.steps) step(s);
    }
  }

 private:
  bool is_local(const View& view) const { return p_.buffers[view.buffer].storage == Storage::kLocal; }

  void chain(uint32_t c) {
    const std::vector<uint32_t>& steps = p_.chains[c].steps;
    require(steps.size() >= 2, "chain ", c, ": has fewer than two steps");
    for (size_t i = 0; i < steps.size(); ++i) {
      const bool is_stage = steps[i] < p_.steps.size() && p_.steps[steps[i]].kind == StepKind::kStage;
      require(is_stage, "chain ", c, ": step ", steps[i], " does not exist or is no stage");
      require(chain_of_[steps[i]] == kNone, "chain ", c, ": step ", steps[i], " belongs to another chain");
      require(i == 0 || after_[steps[i - 1]] == steps[i], "chain ", c, ": step ", steps[i],
              " does not follow the one before it");
      chain_of_[steps[i]] = c;
    }
  }

  void step(uint32_t s) {
    const Step& step = p_.steps[s];
    switch (step.kind) {
      case StepKind::kStage:
        return stage(p_.stages[step.index], s);
      case StepKind::kKernel:
        for (const ViewId v : p_.kernels[step.index].operands) refuse(v, s);
        return;
      case StepKind::kLoop:
        return refuse(p_.loops[step.index].count_view, s);
      case StepKind::kBreak:
        return refuse(p_.breaks[step.index].flag, s);
      case StepKind::kConditional:
        return refuse(p_.conditionals[step.index].flag, s);
      case StepKind::kRead:
        return refuse(p_.reads[step.index].view, s);
      case StepKind::kParallel:
        return;
    }
  }

  void stage(const Stage& stage, uint32_t s) {
    for (const ViewId v : stage.operands) own(v, s);
    for (const Gemm& gemm : stage.gemms) {
      own(gemm.a, s);
      refuse(gemm.b, s);
    }
  }

  void own(ViewId v, uint32_t s) {
    const View& view = p_.views[v];
    if (!is_local(view)) return;
    if (chain_of_[s] == kNone) refuse(v, s);
    require(view.terms.empty() && view.guard_slot == kNone, "view ", v, ": a local buffer moves with a loop");
    uint32_t& owner = owner_[view.buffer];
    require(owner == kNone || owner == chain_of_[s], "buffer ", view.buffer, ": local to two chains");
    owner = chain_of_[s];
  }

  void refuse(ViewId v, uint32_t s) const {
    require(v == kNone || !is_local(p_.views[v]), "step ", s, ": it may not touch a local buffer");
  }

  const Program& p_;
  std::vector<uint32_t> chain_of_, after_;  ///< by step
  std::vector<uint32_t> owner_;             ///< chain, by buffer
};

}  // namespace

void verify_chains(const Program& program) { ChainCheck(program).run(); }

}  // namespace rondo::plan
