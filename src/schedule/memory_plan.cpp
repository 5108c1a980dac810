// Places the arena's buffers. Steps are numbered in the order of a walk through the blocks; a buffer lives from the
// first to the last step that touches it. A chain is one step. A step inside of a loop in which the buffer was not made
// counts as the whole loop: what comes from outside is needed in every iteration, and what goes to the next iteration
// was made outside. Then greedy best fit: largest buffer first, each into the smallest gap between the buffers it
// conflicts with. Sorting by size beats first-come order because small buffers fill the gaps that large ones leave;
// exact packing is NP-hard and gains a few percent.
#include "schedule/memory_plan.h"

#include <algorithm>
#include <set>

#include "base/checked.h"
#include "base/error.h"

namespace rondo::schedule {
namespace {

constexpr uint64_t kAlignment = 64;                    // a cache line: buffers never share one between threads
constexpr int64_t kMaxTensorBytes = int64_t{1} << 40;  // beyond any machine in sight; a missing profile shows up here

struct Interval {
  uint32_t buffer = 0;
  size_t begin = SIZE_MAX, end = 0;               ///< steps, inclusive
  std::set<std::pair<uint32_t, uint32_t>> lanes;  ///< (parallel, block) in which the buffer is touched
  bool empty() const { return begin > end; }
};

bool conflict(const Interval& a, const Interval& b) {
  if (a.begin <= b.end && b.begin <= a.end) return true;
  for (const auto& [parallel, block] : a.lanes) {
    const auto other = b.lanes.lower_bound({parallel, 0});
    for (auto it = other; it != b.lanes.end() && it->first == parallel; ++it) {
      if (it->second != block) return true;
    }
  }
  return false;
}

/// Walks the blocks and widens the interval of every buffer that a step touches.
class Liveness {
 public:
  explicit Liveness(ProgramBuilder& builder) : program_(builder.program()), infos_(builder.infos()) {
    for (const plan::Chain& chain : program_.chains) inside_chain_.insert(chain.steps.begin() + 1, chain.steps.end());
    intervals_.resize(program_.buffers.size());
    for (size_t i = 0; i < intervals_.size(); ++i) intervals_[i].buffer = static_cast<uint32_t>(i);
    walk(0);
    for (const Touch& touch : touches_) widen(touch);
  }
  const std::vector<Interval>& intervals() const { return intervals_; }

 private:
  struct LoopRange {
    uint32_t loop;
    size_t begin, end;
  };
  struct Touch {
    uint32_t buffer;
    size_t step;
    std::vector<size_t> loops;  ///< indices into ranges_, outermost first
    std::vector<std::pair<uint32_t, uint32_t>> lanes;
  };

  void walk(uint32_t block) {
    for (const uint32_t index : program_.blocks[block].steps) {
      if (inside_chain_.count(index) == 0) ++clock_;
      visit(program_.steps[index]);
    }
  }

  void visit(const plan::Step& step) {
    const size_t now = clock_;
    switch (step.kind) {
      case plan::StepKind::kStage: {
        const plan::Stage& stage = program_.stages[step.index];
        for (const plan::ViewId view : stage.operands) touch(view, now);
        for (const plan::Gemm& gemm : stage.gemms) {
          touch(gemm.a, now);
          if (gemm.b != plan::kNone) touch(gemm.b, now);
        }
        return;
      }
      case plan::StepKind::kKernel:
        for (const plan::ViewId view : program_.kernels[step.index].operands) touch(view, now);
        return;
      case plan::StepKind::kBreak:
        return touch(program_.breaks[step.index].flag, now);
      case plan::StepKind::kLoop:
        return visit_loop(step.index, now);
      case plan::StepKind::kConditional:
        touch(program_.conditionals[step.index].flag, now);
        walk(program_.conditionals[step.index].then_block);
        return walk(program_.conditionals[step.index].else_block);
      case plan::StepKind::kRead:
        return touch(program_.reads[step.index].view, now);
      case plan::StepKind::kParallel: {
        const std::vector<uint32_t> blocks = program_.parallels[step.index].blocks;
        for (const uint32_t block : blocks) {
          lanes_.emplace_back(step.index, block);
          walk(block);
          lanes_.pop_back();
        }
        return;
      }
    }
  }

  void visit_loop(uint32_t index, size_t now) {
    const plan::Loop& loop = program_.loops[index];
    if (loop.count_view != plan::kNone) touch(loop.count_view, now);
    loops_.push_back(ranges_.size());
    ranges_.push_back({index, now, now});
    walk(loop.body);
    ranges_[loops_.back()].end = ++clock_;
    loops_.pop_back();
  }

  void touch(plan::ViewId id, size_t now) {
    for (; id != plan::kNone; id = program_.views[id].first) {
      const uint32_t buffer = program_.views[id].buffer;
      if (program_.buffers[buffer].storage == plan::Storage::kArena) touches_.push_back({buffer, now, loops_, lanes_});
    }
  }

  void widen(const Touch& touch) {
    const uint32_t home = infos_[touch.buffer].home;
    size_t outside = 0;
    for (size_t i = 0; i < touch.loops.size(); ++i) {
      if (ranges_[touch.loops[i]].loop == home) outside = i + 1;
    }
    RONDO_CHECK(home == plan::kNone || outside > 0, "buffer '", infos_[touch.buffer].name,
                "' is used outside of its loop");
    Interval& interval = intervals_[touch.buffer];
    const bool deeper = outside < touch.loops.size();
    interval.begin = std::min(interval.begin, deeper ? ranges_[touch.loops[outside]].begin : touch.step);
    interval.end = std::max(interval.end, deeper ? ranges_[touch.loops[outside]].end : touch.step);
    interval.lanes.insert(touch.lanes.begin(), touch.lanes.end());
  }

  const plan::Program& program_;
  const std::vector<BufferInfo>& infos_;
  std::vector<Interval> intervals_;
  std::vector<LoopRange> ranges_;
  std::vector<size_t> loops_;
  std::vector<std::pair<uint32_t, uint32_t>> lanes_;
  std::vector<Touch> touches_;
  std::set<uint32_t> inside_chain_;  ///< steps of chains but the first: the same time as that one
  size_t clock_ = 0;
};

uint64_t largest_size(ir::DimPool& pool, const BufferInfo& info, DType dtype) {
  const int64_t elements = pool.range(pool.resolve(info.elements)).max;
  int64_t bytes = 0;
  const bool fits = checked_mul(elements, static_cast<int64_t>(dtype_bytes(dtype)), &bytes);
  if (!fits || bytes > kMaxTensorBytes) {
    fail(Code::kInvalidArgument, "tensor '", info.name, "' of ", pool.to_string(pool.resolve(info.elements)),
         " elements of ", dtype_name(dtype),
         " may be larger than 2^40 bytes; set an optimization profile with smaller maximum dimensions");
  }
  return static_cast<uint64_t>(std::max<int64_t>(bytes, 0));
}

/// The smallest gap of at least `size` bytes between placed buffers; the end if there is none.
uint64_t best_gap(std::vector<std::pair<uint64_t, uint64_t>> taken, uint64_t size) {
  std::sort(taken.begin(), taken.end());
  uint64_t at = 0, best = UINT64_MAX, best_size = UINT64_MAX;
  for (const auto& [begin, end] : taken) {
    if (begin > at && begin - at >= size && begin - at < best_size) {
      best = at;
      best_size = begin - at;
    }
    at = std::max(at, end);
  }
  return best == UINT64_MAX ? at : best;
}

}  // namespace

void plan_memory(ProgramBuilder& builder, ir::DimPool& pool) {
  plan::Program& program = builder.program();
  const Liveness liveness(builder);
  std::vector<const Interval*> order;
  for (const Interval& interval : liveness.intervals()) {
    plan::Buffer& buffer = program.buffers[interval.buffer];
    const bool is_arena = buffer.storage == plan::Storage::kArena;
    if (!is_arena && buffer.storage != plan::Storage::kLocal) continue;
    buffer.max_bytes = largest_size(pool, builder.infos()[interval.buffer], buffer.dtype);
    if (is_arena && !interval.empty()) order.push_back(&interval);
  }
  std::stable_sort(order.begin(), order.end(), [&](const Interval* a, const Interval* b) {
    return program.buffers[a->buffer].max_bytes > program.buffers[b->buffer].max_bytes;
  });
  std::vector<const Interval*> placed;
  for (const Interval* interval : order) {
    plan::Buffer& buffer = program.buffers[interval->buffer];
    const uint64_t size = (std::max<uint64_t>(buffer.max_bytes, 1) + kAlignment - 1) / kAlignment * kAlignment;
    std::vector<std::pair<uint64_t, uint64_t>> taken;
    for (const Interval* other : placed) {
      if (!conflict(*interval, *other)) continue;
      const plan::Buffer& there = program.buffers[other->buffer];
      taken.emplace_back(there.offset, there.offset + (there.max_bytes + kAlignment - 1) / kAlignment * kAlignment);
    }
    buffer.offset = best_gap(std::move(taken), size);
    program.arena_bytes = std::max(program.arena_bytes, buffer.offset + size);
    placed.push_back(interval);
  }
}

}  // namespace rondo::schedule
