#include "runtime/cpu/stages/stage_runner.h"

#include <algorithm>

#include "base/error.h"
#include "kernels/cpu/tile_functions.h"
#include "runtime/cpu/stages/stage_tail.h"
#include "runtime/cpu/stages/stage_tiling.h"

namespace rondo::runtime {
namespace {

// Estimates for useful_threads(), measured on Zen 4: what one thread does in a nanosecond. A second thread pays when it
// saves more than the barrier that it brings; kPieceNs is a few times that barrier.
constexpr double kFlopsPerNs[] = {20, 45, 100, 100};  // by ISA
constexpr double kPairFlopsPerNs = 200;
constexpr double kWeightBytesPerNs = 75;
constexpr double kElementsPerNs = 8;  // of one tail instruction
constexpr double kPieceNs = 600;
// Tiles of programs that run as block code hold no values, so only operands bound them; rows keep some values in L1.
constexpr int64_t kBlockTileElements = 8192, kBlockRowElements = 2048;
// Most elements that a call of a product's tail takes, beyond what its values in L1 allow.
constexpr int64_t kGemmTailElements = 1024;

void bind_gemm(const plan::Gemm& gemm, std::span<const kernels::PackedMatrix> packed, std::span<const int64_t> exprs,
               const BoundView* views, StagePlan* plan) {
  GemmPart part;
  part.a = views + gemm.a;
  part.k = exprs[gemm.k];
  part.acc_base = gemm.acc_base;
  part.gates = gemm.gates;
  part.accumulate = gemm.accumulate;
  part.shape = kernels::panel_shape(plan->isa, gemm.gates);
  part.rounds_a = gemm.product == DType::kBFloat16;
  part.a_k_axis = plan->rank - 1;
  part.b_k_axis = std::max(0, plan->rank - 2);
  if (gemm.packed != plan::kNone) {
    part.packed = &packed[gemm.packed];
    part.format = part.packed->format();
    RONDO_CHECK(part.packed->spec().k == part.k && part.packed->spec().gates == gemm.gates &&
                    part.packed->spec().cols >= plan->space.cols.size,
                "gemm of k ", part.k, " with packed matrix of k ", part.packed->spec().k);
  } else {
    part.b = views + gemm.b;
    part.format = kernels::gemm_format(plan->isa, DType::kFloat32, gemm.product);
  }
  part.kernels = &kernels::gemm_kernels(plan->isa, part.format);
  part.steps = kernels::gemm_steps(part.format, part.k);
  // Rows a multiple of a page apart fall into one set of the first cache.
  part.a_row = (part.steps + 15) / 16 * 16;
  if (part.a_row % 256 == 0) part.a_row += 16;
  part.max_rows = kernels::kMaxGemmRows;
  for (int g = 0; g < part.shape.groups; ++g) {
    part.max_rows = std::min(part.max_rows, part.kernels->max_rows[part.shape.group_vectors(g)]);
  }
  plan->gemms.push_back(std::move(part));
}

void place_accumulators(StagePlan* plan) {
  for (GemmPart& part : plan->gemms) {
    const int vectors_a_gate = part.shape.units / part.shape.lanes;
    for (int v = 0; v < part.shape.vectors; ++v) {
      const int64_t acc = part.acc_base + v / vectors_a_gate;
      part.c_vector.push_back(acc * plan->tiling.acc_stride +
                              static_cast<int64_t>(v % vectors_a_gate) * part.shape.lanes);
    }
  }
}

std::vector<bool> constant_along_cols(const StagePlan& plan) {
  std::vector<bool> constant;
  for (const BoundView* view : plan.operands) {
    bool all = plan.space.cols.axis >= 0;
    for (; view != nullptr; view = view->first) all = all && stride_of(*view, plan.space.cols) == 0;
    constant.push_back(all);
  }
  return constant;
}

// True if the operands that are not constant have their columns side by side.
bool is_dense_along_cols(const StagePlan& plan, const std::vector<bool>& constant) {
  for (size_t i = 0; i < plan.operands.size(); ++i) {
    const BoundView& view = *plan.operands[i];
    if (!constant[i] && stride_of(view, plan.space.cols) != static_cast<int64_t>(dtype_bytes(view.dtype))) return false;
  }
  return true;
}

// True if every layout of the view has one element per row.
bool is_uniform(const BoundView* view, std::span<const int64_t> dims, int row_axes) {
  for (; view != nullptr; view = view->first) {
    for (size_t axis = dims.size() - static_cast<size_t>(row_axes); axis < dims.size(); ++axis) {
      if (dims[axis] != 1 && view->stride_bytes[axis] != 0) return false;
    }
  }
  return true;
}

void bind_rows(const tile::TileProgram& program, std::span<const int64_t> dims, kernels::Isa isa, StagePlan* plan) {
  std::vector<bool> uniform;
  for (const BoundView* view : plan->operands) uniform.push_back(is_uniform(view, dims, program.row_axes));
  for (const MergedAxis& axis : plan->space.inner) {
    plan->inner_sizes.push_back(axis.size);
    plan->inner_axes.push_back(axis.axis);
  }
  int64_t elements = tail_elements(tile::RowInterpreter::live_bytes_per_element(program, uniform));
  if (is_dense_along_cols(*plan, uniform) &&
      tile::RowInterpreter::runs_in_blocks(program, kernels::tile_functions(isa), uniform))
    elements = kBlockRowElements;
  plan->rows.emplace_back(program, kernels::tile_functions(isa), uniform, tile_rows(*plan, elements));
}

void bind_tiles(const tile::TileProgram& tail, StagePlan* plan) {
  const int64_t elements = tail_elements(tile::Interpreter::live_bytes_per_element(tail) + 4 * tail.acc_count);
  const std::vector<bool> constant = constant_along_cols(*plan);
  const tile::TileFunctions& functions = kernels::tile_functions(plan->isa);
  const bool in_blocks =
      is_dense_along_cols(*plan, constant) && tile::Interpreter::runs_in_blocks(tail, functions, constant);
  Tiling& tiling = plan->tiling;
  int64_t widest = 0;
  if (plan->gemms.empty()) {
    tiling = tile_pointwise(*plan, in_blocks ? kBlockTileElements : elements);
    widest = tiling.tile_rows * tiling.tile_cols;
  } else {
    tiling = tile_gemm(*plan, elements, std::max<int64_t>(1, tail.acc_count), in_blocks);
    widest = std::max({elements, tiling.tile_cols, std::min(tiling.tile_rows * tiling.tile_cols, kGemmTailElements)});
    plan->sum = as_scaled_sum(tail);
  }
  plan->tail.emplace_back(tail, functions, widest, constant);
  plan->acc_count = tail.acc_count;
  place_accumulators(plan);
}

double row_count(const StagePlan& plan) {
  return static_cast<double>(plan.space.outer_size) * static_cast<double>(plan.space.rows.size);
}

double element_count(const StagePlan& plan) {
  double elements = row_count(plan) * static_cast<double>(plan.space.cols.size);
  for (const int64_t size : plan.inner_sizes) elements *= static_cast<double>(size);
  return elements;
}

double estimate_ns(const StagePlan& plan, const tile::TileProgram& program) {
  const double rows = row_count(plan), elements = element_count(plan);
  double ns = elements * static_cast<double>(program.insts.size()) / kElementsPerNs;
  for (const GemmPart& part : plan.gemms) {
    const double weights = static_cast<double>(part.k) * static_cast<double>(plan.space.cols.size) * part.gates;
    const bool pairs = part.format == kernels::GemmFormat::kBf16Pairs;
    const double flops = pairs ? kPairFlopsPerNs : kFlopsPerNs[static_cast<size_t>(plan.isa)];
    const double bytes = part.format == kernels::GemmFormat::kF32 ? 4 : 2;
    ns += std::max(2 * rows * weights / flops, bytes * weights / kWeightBytesPerNs);
  }
  return ns;
}

// True if what the stage writes would drive most else out of the last-level cache, itself included: then stores bypass
// it.
bool is_beyond_cache(const StagePlan& plan, const tile::TileProgram& program) {
  if (plan.space.empty || kernels::tile_functions(plan.isa).blocks.drain == nullptr) return false;
  double bytes = 0;
  for (const tile::Inst& inst : program.insts) {
    if (inst.kind != tile::InstKind::kStore) continue;
    bytes += element_count(plan) * static_cast<double>(dtype_bytes(program.operand_dtypes[inst.operand]));
  }
  return bytes > static_cast<double>(last_level_cache_bytes()) / 4;
}

// Bitmask of the axes whose index the tail reads.
uint32_t indexed_axes(const tile::TileProgram& program, const plan::Stage& stage) {
  RONDO_CHECK(!stage.space.empty() && stage.space.size() <= kMaxAxes, "stage of rank ", stage.space.size());
  RONDO_CHECK(stage.operands.size() == program.operand_dtypes.size(), "stage with ", stage.operands.size(),
              " operands");
  uint32_t mask = 0;
  for (const tile::Inst& inst : program.insts) {
    if (inst.kind == tile::InstKind::kStep) RONDO_CHECK(inst.operand < stage.slots.size(), "step ", inst.operand);
    if (inst.kind != tile::InstKind::kIndex) continue;
    RONDO_CHECK(inst.operand < stage.space.size(), "index ", inst.operand);
    mask |= 1u << inst.operand;
  }
  return mask;
}

}  // namespace

void place_scratch(StagePlan* plan) {
  ScratchLayout& scratch = plan->scratch;
  scratch = {};
  const Tiling& tiling = plan->tiling;
  scratch.operands = scratch.take(plan->operands.size() * sizeof(ActiveOperand));
  scratch.tile_operands = scratch.take(plan->operands.size() * sizeof(tile::TileOperand));
  scratch.steps = scratch.take(plan->slots.size() * sizeof(int64_t));
  scratch.axes = scratch.take(static_cast<size_t>(plan->rank) * sizeof(tile::TileAxis));
  scratch.parts = scratch.take(plan->gemms.size() * sizeof(ActivePart));
  scratch.inner = scratch.take(plan->operands.size() * plan->space.inner.size() * sizeof(int64_t));
  scratch.interpreter =
      scratch.take(plan->rows.empty() ? plan->tail.front().scratch_bytes() : plan->rows.front().scratch_bytes());
  scratch.acc = scratch.take((plan->acc_count * static_cast<size_t>(tiling.acc_stride) + 16) * sizeof(float));
  for (GemmPart& part : plan->gemms) {
    part.a_scratch = scratch.take(static_cast<size_t>(std::min(tiling.group_rows, plan->space.rows.size) *
                                                      (part.rounds_a ? part.a_row : part.k)) *
                                  sizeof(float));
    if (part.packed != nullptr) continue;
    const int64_t cols = part.packs_ahead ? plan->space.cols.size : tiling.tile_cols;
    const int64_t panels = (cols + part.shape.units - 1) / part.shape.units;
    part.b_scratch = scratch.take(static_cast<size_t>(panels * part.panel_bytes()));
  }
}

std::unique_ptr<StagePlan> bind_stage(const plan::Program& program, const plan::Stage& stage,
                                      std::span<const kernels::PackedMatrix> packed, std::span<const int64_t> exprs,
                                      const BoundView* views, kernels::Isa isa) {
  const tile::TileProgram& tail = program.tile_programs[stage.tile_program];
  auto plan = std::make_unique<StagePlan>();
  plan->isa = isa;
  plan->rank = static_cast<int>(stage.space.size());
  plan->slots = stage.slots;
  std::vector<int64_t> dims;
  for (plan::ExprId id : stage.space) dims.push_back(exprs[id]);
  for (plan::ViewId id : stage.operands) plan->operands.push_back(views + id);
  std::vector<GemmViews> gemm_views;
  for (const plan::Gemm& gemm : stage.gemms) {
    gemm_views.push_back({views + gemm.a, gemm.packed == plan::kNone ? views + gemm.b : nullptr});
  }
  RONDO_CHECK(tail.row_axes <= stage.space.size() && (tail.row_axes == 0 || stage.gemms.empty()), "rows of ",
              int{tail.row_axes}, " axes");
  plan->space = merge_axes(dims, plan->operands, gemm_views, indexed_axes(tail, stage), tail.row_axes);
  if (!plan->space.empty && tail.row_axes > 0) {
    bind_rows(tail, dims, isa, plan.get());
    place_scratch(plan.get());
    plan->work_ns = estimate_ns(*plan, tail);
  } else if (!plan->space.empty) {
    for (const plan::Gemm& gemm : stage.gemms) bind_gemm(gemm, packed, exprs, views, plan.get());
    bind_tiles(tail, plan.get());
    place_scratch(plan.get());
    plan->work_ns = estimate_ns(*plan, tail);
  }
  if (stage.gemms.empty()) plan->stream = is_beyond_cache(*plan, tail);
  return plan;
}

StageRunner::StageRunner(const plan::Program& program, const plan::Stage& stage,
                         std::span<const kernels::PackedMatrix> packed, std::span<const int64_t> exprs,
                         const BoundView* views, kernels::Isa isa)
    : plan_(bind_stage(program, stage, packed, exprs, views, isa)) {}

StageRunner::~StageRunner() = default;
StageRunner::StageRunner(StageRunner&&) noexcept = default;
StageRunner& StageRunner::operator=(StageRunner&&) noexcept = default;

int paying_threads(double work_ns, int available) {
  const double pieces = work_ns / kPieceNs;
  return pieces < 2 ? 1 : std::max(1, static_cast<int>(std::min<double>(pieces, available)));
}

int StageRunner::useful_threads(int available) const { return paying_threads(plan_->work_ns, available); }

size_t StageRunner::scratch_bytes() const { return plan_->scratch.bytes; }

void StageRunner::run(const int64_t* slots, int rank, int size, std::byte* scratch) const noexcept {
  if (plan_->space.empty) return;
  if (!plan_->gemms.empty()) return run_gemm_stage(*plan_, slots, rank, size, scratch);
  if (!plan_->rows.empty())
    run_row_stage(*plan_, slots, rank, size, scratch);
  else
    run_pointwise_stage(*plan_, slots, rank, size, scratch);
  if (plan_->stream) kernels::tile_functions(plan_->isa).blocks.drain();
}

}  // namespace rondo::runtime
