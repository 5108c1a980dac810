// Sizes of tiles. The numbers follow from caches: values of the tail in L1 (32 KB on every x86 core of the last decade,
// some of it left to operands), a panel of B and a group of A in L2.
#include "runtime/cpu/stages/stage_tiling.h"

#include <algorithm>
#include <fstream>
#include <numeric>
#include <string>

namespace rondo::runtime {
namespace {

// Values of a tail's tile, in bytes. Raised beyond L1, every instruction of the tail reads L2; lowered, calls of
// element functions get short.
constexpr int64_t kTailBytes = 20 * 1024;
constexpr int64_t kMinElements = 64, kMaxElements = 1024;
// A tail in block code takes 64 elements of a row at once and what a row costs beside them: so many units are worth
// more L1 than other tails get, as long as B of all of them stays in L2 from one tile of rows to the next. Twelve rows
// are two micro-kernels.
constexpr int64_t kTailColumns = 64, kTailRows = 12;
// A of a group of rows takes so much of L2; a panel of B and the lines of the output stand beside it. Raised, they
// drive each other out; lowered, B passes more often.
constexpr int64_t kGroupShare = 2;
constexpr int64_t kMaxGroupRows = 192;
// The same where B is packed for each group of rows. Bound by a 1 MB L2; lowered, B is packed more often, strided reads
// of it and all. Where one tile holds all columns A passes once, and only the scratch for a packed A bounds the group.
constexpr int64_t kPackingGroupBytes = 512 * 1024, kOnePassGroupBytes = 2048 * 1024;
// k beyond which a panel of 64 columns is cut, so that it stays in L2 beside A (205 KB at 800). With few rows it passes
// a few times only and one long stream is faster, as long as it fits at all (256 KB at 1024).
constexpr int64_t kLongK = 800, kLongKFewRows = 1536, kFewRows = 48;
constexpr int64_t kBlockK = 512;
// Accumulators in flight when k is cut.
constexpr int64_t kAccBytes = 64 * 1024;

// The kernel knows what one thread can reach; sysconf() multiplies it by the chip's other parts on some machines.
int64_t cache_bytes(const std::string& index, int64_t otherwise) {
  int64_t kilobytes = 0;
  std::ifstream("/sys/devices/system/cpu/cpu0/cache/" + index + "/size") >> kilobytes;
  return kilobytes > 0 ? kilobytes << 10 : otherwise;
}

int64_t group_bytes() {
  static const int64_t bytes = cache_bytes("index2", int64_t{512} << 10) / kGroupShare;
  return bytes;
}

int64_t round_down(int64_t x, int64_t unit) { return std::max(unit, x / unit * unit); }
int64_t round_up(int64_t x, int64_t unit) { return (x + unit - 1) / unit * unit; }

// True if some operand runs along rows rather than columns: then tiles are square, so that each cache line is used
// whole.
bool is_transposed(const StagePlan& plan) {
  for (const BoundView* view : plan.operands) {
    const int64_t row = std::abs(stride_of(*view, plan.space.rows)), col = std::abs(stride_of(*view, plan.space.cols));
    if (row != 0 && col >= 64 && row < col) return true;
  }
  return false;
}

// Rows of a group where B is packed while running, which happens once per group.
int64_t packing_group(const StagePlan& plan, const Tiling& tiling, int64_t total_k) {
  const bool one_pass = plan.space.cols.size <= tiling.tile_cols;
  const int64_t rows = round_up(plan.space.rows.size, tiling.tile_rows);
  return std::min(rows, (one_pass ? kOnePassGroupBytes : kPackingGroupBytes) / (4 * std::max<int64_t>(1, total_k)));
}

/// What the gemms of a stage have in all, or at most.
struct GemmSizes {
  int64_t block = 1;                    ///< units of the widest panel
  int64_t total_k = 0, longest = 0;     ///< steps
  int64_t longest_k = 0;                ///< words of B in a lane
  int64_t height = 1, panel_bytes = 0;  ///< rows of a micro-kernel; one panel of each
  bool packs_b = false;
};

GemmSizes sizes_of(const StagePlan& plan) {
  GemmSizes sizes;
  for (const GemmPart& gemm : plan.gemms) {
    sizes.block = std::max<int64_t>(sizes.block, gemm.shape.units);
    sizes.total_k += gemm.steps;
    sizes.longest = std::max(sizes.longest, gemm.steps);
    sizes.longest_k = std::max(sizes.longest_k, (gemm.steps * kernels::gemm_lane_bytes(gemm.format) + 3) / 4);
    sizes.height = std::max<int64_t>(sizes.height, gemm.max_rows);
    sizes.panel_bytes += gemm.panel_bytes();
    sizes.packs_b |= gemm.packed == nullptr;
  }
  return sizes;
}

}  // namespace

int64_t tail_elements(int64_t live_bytes) {
  return round_down(std::clamp(kTailBytes / std::max<int64_t>(1, live_bytes), kMinElements, kMaxElements),
                    kMinElements);
}

int64_t last_level_cache_bytes() {
  static const int64_t bytes = cache_bytes("index3", int64_t{32} << 20);
  return bytes;
}

Tiling tile_pointwise(const StagePlan& plan, int64_t elements) {
  constexpr int64_t kTiles = 16, kFewElements = 256, kSquare = 32;
  const StageSpace& space = plan.space;
  const int64_t total = space.outer_size * space.rows.size * space.cols.size;
  elements = std::min(elements, std::max(kFewElements, round_up(total / kTiles, kMinElements)));
  Tiling tiling;
  tiling.tile_cols = std::min(space.cols.size, elements);
  if (is_transposed(plan)) tiling.tile_cols = std::min(tiling.tile_cols, kSquare);
  tiling.tile_rows = std::min(space.rows.size, std::max<int64_t>(1, elements / tiling.tile_cols));
  return tiling;
}

tile::RowShape tile_rows(const StagePlan& plan, int64_t elements) {
  constexpr int64_t kTiles = 16, kVector = 16, kLanes = 64;
  const StageSpace& space = plan.space;
  tile::RowShape shape;
  shape.cols = space.cols.size;
  for (const MergedAxis& axis : space.inner) shape.runs *= axis.size;
  if (shape.runs == 1 && shape.cols > 0 && shape.cols <= elements) {
    shape.piece = shape.cols;
    const int64_t few = (space.outer_size * space.rows.size + kTiles - 1) / kTiles;
    shape.rows = std::max<int64_t>(1, std::min({elements / shape.cols, space.rows.size, few}));
    const int64_t even = kVector / std::gcd(shape.cols, kVector);  // so many rows are whole vectors
    if (shape.rows > even) shape.rows -= shape.rows % even;
    return shape;
  }
  const int64_t pieces = std::max<int64_t>(1, (shape.cols + elements - 1) / elements);
  shape.piece = round_up(std::max<int64_t>(1, (shape.cols + pieces - 1) / pieces), kLanes);
  return shape;
}

Tiling tile_gemm(const StagePlan& plan, int64_t elements, int64_t acc_count, bool in_blocks) {
  Tiling tiling;
  const GemmSizes sizes = sizes_of(plan);
  tiling.block = sizes.block;
  const int64_t rows = plan.space.rows.size;
  const int64_t whole = round_up(kTailColumns, tiling.block);
  const bool widens =
      in_blocks && rows > 1 && !sizes.packs_b && sizes.panel_bytes * (whole / tiling.block) <= group_bytes();
  const int64_t width = widens ? whole : tiling.block;
  const int64_t most = widens ? std::max(elements, kTailRows * width) : elements;
  const int64_t few = std::max(sizes.height, round_down(most / width, sizes.height));
  tiling.tile_rows = std::min(rows, most / width >= rows ? rows : few);
  tiling.tile_cols =
      sizes.packs_b ? tiling.block : std::max(width, round_down(elements / tiling.tile_rows, tiling.block));
  tiling.tile_cols = std::min(tiling.tile_cols, round_up(plan.space.cols.size, tiling.block));
  const int64_t group = std::min(kMaxGroupRows, group_bytes() / (4 * std::max<int64_t>(1, sizes.total_k)));
  tiling.group_rows = round_down(sizes.packs_b ? packing_group(plan, tiling, sizes.total_k) : group, tiling.tile_rows);
  tiling.k_block = std::max<int64_t>(1, sizes.longest);
  if (sizes.longest_k > (rows > kFewRows ? kLongK : kLongKFewRows) && rows > sizes.height) {
    tiling.k_block = round_up(sizes.longest / ((sizes.longest_k + kBlockK - 1) / kBlockK) + 1, 8);
    const int64_t acc_rows = kAccBytes / (4 * acc_count * tiling.tile_cols);
    tiling.tile_rows = tiling.group_rows =
        std::min(rows, round_down(std::min(kMaxGroupRows, std::max(acc_rows, group)), sizes.height));
  }
  tiling.acc_stride = tiling.tile_rows * tiling.tile_cols + 16;
  return tiling;
}

}  // namespace rondo::runtime
