// Whether a chain may run in blocks, whether that pays, and how high the blocks are.
//
// The proof takes nothing from the plan but the steps. Rows are counted over outer x rows, as every stage's own space
// has them; the views of a local buffer must give row l the bytes l * pitch .. (l + 1) * pitch - 1, so that a block's
// rows are one piece of memory that may lie anywhere. All other memory that one stage writes and another touches
// forbids blocks: then a later stage could need rows of another block.
#include "runtime/cpu/chains/bind_chain.h"

#include <algorithm>
#include <cstdlib>

#include "plan/local_buffers.h"
#include "runtime/cpu/stages/stage_plan.h"

namespace rondo::runtime {
namespace {

using Wide = __int128;
constexpr int64_t kLargest = int64_t{1} << 46;

// Rows a thread needs: with fewer, stages split columns instead (stage_gemm).
constexpr int64_t kRowsPerThread = 48;
// Rows of one outer index: below, packing its right factors and starting three stages costs more than memory does.
constexpr int64_t kFewRows = 16;
// Intermediates that mostly stay in a 1 MB L2 by themselves gain nothing. Measured on Zen 4 by thread CPU time: level
// at 1.2 MB, 7 % of the chain at 1.6 MB, 17 % at 14 MB.
constexpr int64_t kWorthBytes = 1280 * 1024;
// Intermediates of a block: with right factors and operands beside them, in a 1 MB L2. Lowered, stages get short;
// raised, they leave it. Measured on Zen 4: level from 128 to 768 KB.
constexpr int64_t kBlockBytes = 192 * 1024;
// A right factor that is packed whole. It may leave L2: a block of 48 rows reads 4 bytes of it for 96 operations.
constexpr int64_t kAheadBytes = 1024 * 1024;
// Scratch for intermediates of the lowest block; beyond, they are memory's business.
constexpr int64_t kMostScratch = int64_t{64} << 20;
// Under TeamPolicy::kMixed: a height that divides nothing.
constexpr int64_t kOddRows = 5;

bool are_apart(const plan::Chain& chain, std::span<const Footprint> footprints) {
  for (size_t i = 0; i < chain.steps.size(); ++i) {
    for (size_t j = i + 1; j < chain.steps.size(); ++j) {
      for (Access a : footprints[chain.steps[i]].accesses) {
        a.threads = 2;
        for (const Access& b : footprints[chain.steps[j]].accesses) {
          if (a.space != kLocalSpace && conflicts(a, b)) return false;
        }
      }
    }
  }
  return true;
}

/// Rows that all stages count alike.
bool find_rows(ChainPlan* plan) {
  for (const ChainPlan::Link& link : plan->links) {
    const StageSpace& space = link.stage->space;
    if (space.empty || (link.stage->gemms.empty() && link.stage->rows.empty())) return false;
    if (!space.outer.empty() && space.rows.axis >= 0 && space.outer.back().axis > space.rows.axis) return false;
    const int64_t rows = space.outer_size * space.rows.size;
    if (plan->rows != 0 && rows != plan->rows) return false;
    plan->rows = rows;
    plan->stretch = plan->stretch == 0 ? space.rows.size : std::min(plan->stretch, space.rows.size);
  }
  return std::all_of(plan->links.begin(), plan->links.end(),
                     [&](const ChainPlan::Link& link) { return link.stage->space.rows.size % plan->stretch == 0; });
}

/// Proves the layout of local buffers, one view after the other.
class LocalRows {
 public:
  LocalRows(const LowerInputs& in, const plan::Chain& chain) : in_(in) {
    for (const uint32_t b : local_buffers(in.program, chain)) locals_.push_back({b, 0, 0});
  }

  /// False if some view of the stage is laid out otherwise.
  bool add(const plan::Stage& stage) {
    const size_t rank = stage.space.size();
    const size_t in_row = stage.gemms.empty() ? in_.program.tile_programs[stage.tile_program].row_axes : 1;
    std::vector<int64_t> dims;
    for (const plan::ExprId e : stage.space) dims.push_back(in_.exprs[e]);
    for (const plan::ViewId v : stage.operands) {
      if (!add(v, dims, rank - in_row)) return false;
    }
    for (const plan::Gemm& gemm : stage.gemms) {
      dims.back() = in_.exprs[gemm.k];
      if (!add(gemm.a, dims, rank - 1)) return false;
    }
    return true;
  }

  std::vector<ChainPlan::Local> take() { return std::move(locals_); }

 private:
  bool add(plan::ViewId id, const std::vector<int64_t>& dims, size_t shared) {
    const plan::View& view = in_.program.views[id];
    const auto local = std::find_if(locals_.begin(), locals_.end(),
                                    [&](const ChainPlan::Local& l) { return l.buffer == view.buffer; });
    if (local == locals_.end()) return true;
    const auto bytes = static_cast<int64_t>(dtype_bytes(in_.program.buffers[view.buffer].dtype));
    Wide low = in_.exprs[view.offset], high = low, inner = 1;
    if (std::abs(in_.exprs[view.offset]) > kLargest) return false;
    for (size_t axis = dims.size(); axis-- > 0;) {
      const int64_t stride = in_.exprs[view.strides[axis]];
      if (dims[axis] > kLargest || stride > kLargest || stride < -kLargest || inner > kLargest) return false;
      if (dims[axis] <= 1) continue;
      if (axis >= shared) {
        (stride < 0 ? low : high) += Wide{dims[axis] - 1} * stride;
        continue;
      }
      if (local->pitch == 0) local->pitch = stride * bytes;
      if (stride <= 0 || Wide{stride} * bytes != inner * local->pitch) return false;
      inner *= dims[axis];
    }
    if (local->pitch == 0) local->pitch = in_.buffers[view.buffer].bytes;  // one row in all
    return local->pitch > 0 && low >= 0 && (high + 1) * bytes <= local->pitch;
  }

  const LowerInputs& in_;
  std::vector<ChainPlan::Local> locals_;
};

int64_t row_bytes(const ChainPlan& plan) {
  Wide sum = 0;
  for (const ChainPlan::Local& local : plan.locals) sum += local.pitch;
  return static_cast<int64_t>(std::min<Wide>(sum, kLargest));
}

bool pays(const ChainPlan& plan, int threads) {
  return plan.stretch >= kFewRows && plan.rows / kRowsPerThread >= threads && row_bytes(plan) > kWorthBytes / plan.rows;
}

int64_t packed_bytes(const StagePlan& stage, const GemmPart& gemm) {
  return (stage.space.cols.size + gemm.shape.units - 1) / gemm.shape.units * gemm.panel_bytes();
}

void choose_block(TeamPolicy policy, ChainPlan* plan) {
  int64_t streamed = 1;  // rows for which weights pass once
  for (ChainPlan::Link& link : plan->links) {
    for (GemmPart& gemm : link.stage->gemms) {
      gemm.packs_ahead = gemm.packed == nullptr && packed_bytes(*link.stage, gemm) <= kAheadBytes;
      plan->tile_rows = std::max(plan->tile_rows, link.stage->tiling.tile_rows);
      if (!gemm.packs_ahead) streamed = std::max(streamed, link.stage->tiling.group_rows);
    }
  }
  const int64_t unit = std::max(streamed, plan->tile_rows);
  const int64_t fitting = kBlockBytes / std::max<int64_t>(1, row_bytes(*plan));
  plan->block_rows = std::min(plan->stretch, std::max(unit, fitting / unit * unit));
  if (policy != TeamPolicy::kMixed) return;
  plan->block_rows = std::min(plan->stretch, kOddRows);
  plan->tile_rows = 1;
}

int local_of(const LowerInputs& in, const ChainPlan& plan, plan::ViewId view) {
  for (size_t i = 0; i < plan.locals.size(); ++i) {
    if (plan.locals[i].buffer == in.program.views[view].buffer) return static_cast<int>(i);
  }
  return -1;
}

/// Points the stage at scratch for what is local.
void join(const LowerInputs& in, const ChainPlan& plan, const plan::Stage& from, StagePlan* stage) {
  for (const plan::ViewId view : from.operands) stage->locals.push_back(local_of(in, plan, view));
  for (size_t i = 0; i < from.gemms.size(); ++i) stage->gemms[i].a_local = local_of(in, plan, from.gemms[i].a);
  for (const tile::Inst& inst : in.program.tile_programs[from.tile_program].insts) {
    if (inst.kind == tile::InstKind::kStore && stage->locals[inst.operand] >= 0) stage->stream = false;
  }
  stage->tiling.group_rows = std::min(stage->tiling.group_rows, plan.block_rows);
  place_scratch(stage);
}

void place_all(ChainPlan* plan) {
  ScratchLayout layout;
  plan->bases = layout.take(plan->locals.size() * sizeof(uintptr_t));
  for (ChainPlan::Local& local : plan->locals) {
    local.scratch = layout.take(static_cast<size_t>(local.pitch * plan->block_rows));
  }
  for (ChainPlan::Link& link : plan->links) link.scratch = layout.take(link.stage->scratch.bytes);
  plan->scratch_bytes = layout.bytes;
}

}  // namespace

std::optional<ChainRunner> bind_chain(const LowerInputs& in, const plan::Chain& chain,
                                      std::span<const Footprint> footprints) {
  if (!are_apart(chain, footprints)) return std::nullopt;
  ChainPlan plan;
  LocalRows rows(in, chain);
  for (const uint32_t s : chain.steps) {
    const plan::Stage& stage = in.program.stages[in.program.steps[s].index];
    if (!rows.add(stage)) return std::nullopt;
    plan.links.push_back({s, bind_stage(in.program, stage, in.packed, in.exprs, in.views.data(), in.isa), 0});
  }
  plan.locals = rows.take();
  if (!find_rows(&plan) || (in.policy == TeamPolicy::kPaying && !pays(plan, in.threads))) return std::nullopt;
  choose_block(in.policy, &plan);
  if (row_bytes(plan) > kMostScratch / plan.block_rows) return std::nullopt;
  for (ChainPlan::Link& link : plan.links) {
    join(in, plan, in.program.stages[in.program.steps[link.step].index], link.stage.get());
  }
  place_all(&plan);
  return ChainRunner(std::move(plan));
}

}  // namespace rondo::runtime
