#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "kernels/cpu/gemm.h"
#include "kernels/cpu/packing/packing.h"
#include "runtime/cpu/stages/scaled_sum.h"
#include "runtime/cpu/stages/stage_space.h"
#include "tile/interpreter.h"
#include "tile/row_interpreter.h"

namespace rondo::runtime {

/// One gemm of a stage, bound.
struct GemmPart {
  const BoundView* a = nullptr;
  const BoundView* b = nullptr;  ///< packed while running, if `packed` is null
  bool packs_ahead = false;      ///< in a chain: all columns of b at once, when the outer index changes
  int a_local = -1;              ///< as StagePlan::locals
  const kernels::PackedMatrix* packed = nullptr;
  const kernels::GemmKernels* kernels = nullptr;
  kernels::GemmFormat format = kernels::GemmFormat::kF32;
  bool rounds_a = false;  ///< A is rounded to bf16 while it is packed
  int64_t k = 0;
  int64_t steps = 0;  ///< of the micro-kernels, for k
  int64_t a_row = 0;  ///< words of a row of A that is packed by rows
  int acc_base = 0;
  int gates = 1;
  bool accumulate = false;
  kernels::PanelShape shape;
  int max_rows = 1;                     ///< tallest tile that all of its vector groups have kernels for
  std::vector<int64_t> c_vector;        ///< floats from the accumulators of a tile to each vector of its first panel
  size_t a_scratch = 0, b_scratch = 0;  ///< byte offsets of packed A and B in scratch
  int a_k_axis = 0, b_k_axis = 0;       ///< axes of k in the views; gate and column follow k in B
  /// Bytes of B that `vectors` vectors take over so many steps.
  int64_t b_bytes(int64_t vectors, int64_t step_count) const {
    return step_count * vectors * shape.lanes * kernels::gemm_lane_bytes(format);
  }
  int64_t panel_bytes() const { return b_bytes(shape.vectors, steps); }
};

/// Sizes of tiles, all in elements of the merged space.
struct Tiling {
  int64_t block = 1;       ///< smallest unit width: whole panels of every gemm
  int64_t tile_cols = 1;   ///< units of a tile, a multiple of block
  int64_t tile_rows = 1;   ///< rows whose accumulators are in flight together
  int64_t group_rows = 1;  ///< rows of A that stay in L2 while all units pass; a multiple of tile_rows
  int64_t k_block = 1;     ///< most steps of one micro-kernel call
  int64_t acc_stride = 0;  ///< floats between accumulators
};

/// Offsets into a thread's scratch.
struct ScratchLayout {
  size_t operands = 0, tile_operands = 0, steps = 0, axes = 0, inner = 0, parts = 0, acc = 0, interpreter = 0,
         bytes = 0;
  /// Takes `count` bytes on a cache line of their own.
  size_t take(size_t count) {
    const size_t at = bytes;
    bytes += (count + 63) / 64 * 64;
    return at;
  }
};

/// A stage bound to shapes; immutable once built.
struct StagePlan {
  kernels::Isa isa = kernels::Isa::kScalar;
  StageSpace space;
  std::vector<GemmPart> gemms;
  std::vector<const BoundView*> operands;
  std::vector<uint32_t> slots;             ///< of kStep operands
  int rank = 0;                            ///< axes of the original space
  std::vector<tile::Interpreter> tail;     ///< one, or none and
  std::vector<tile::RowInterpreter> rows;  ///< one, if the tile program folds rows
  std::optional<ScaledSum> sum;            ///< the tail, if micro-kernels can do it
  std::vector<int64_t> inner_sizes;        ///< of space.inner
  std::vector<int> inner_axes;
  std::vector<int> locals;  ///< in a chain, by operand: number of its local buffer whose rows lie in scratch; -1: none
  size_t acc_count = 0;
  Tiling tiling;
  ScratchLayout scratch;
  double work_ns = 0;   ///< estimated time on one thread
  bool stream = false;  ///< stores go past the caches
};

/// Where the operands of a gemm stand for the loop counters of this call.
struct ActivePart {
  const BoundView* a_view = nullptr;
  const BoundView* b_view = nullptr;
  const std::byte* a_origin = nullptr;
  const std::byte* b_origin = nullptr;
  const std::byte* a = nullptr;  ///< at the current outer index
  const std::byte* b = nullptr;
  bool a_direct = false;  ///< micro-kernels read A where it stands
};

/// Share `rank` of 0 .. count cut into `size` nearly equal runs.
inline int64_t share_begin(int64_t count, int rank, int size) { return count * rank / size; }

/// Binds a stage to shapes (StageRunner).
std::unique_ptr<StagePlan> bind_stage(const plan::Program& program, const plan::Stage& stage,
                                      std::span<const kernels::PackedMatrix> packed, std::span<const int64_t> exprs,
                                      const BoundView* views, kernels::Isa isa);
/// Team size, 1 .. available, that pays for so much work.
int paying_threads(double work_ns, int available);
/// Lays a thread's scratch out again, after something it depends on has changed.
void place_scratch(StagePlan* plan);

void run_gemm_stage(const StagePlan& plan, const int64_t* slots, int rank, int size, std::byte* scratch);
void run_row_stage(const StagePlan& plan, const int64_t* slots, int rank, int size, std::byte* scratch);
void run_pointwise_stage(const StagePlan& plan, const int64_t* slots, int rank, int size, std::byte* scratch);

}  // namespace rondo::runtime
