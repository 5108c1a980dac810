// The loops of a stage with GEMMs.
//
//   group of rows        A stays in L2
//     tile of units      B of the tile: one panel, or several when rows are few
//       tile of rows     accumulators in L1 or L2
//         gemm, panel, k block, vector group, row tile -> micro-kernel
//         tail over rows x units, unless it is a sum that the micro-kernels have done (ScaledSum)
//
// A recurrent step has few rows: one group, one tile of rows, and B streams past exactly once. A large batch has many:
// B's panel comes from L2 for every row tile of the group, and the group's A from L2 for every panel. Long k is cut so
// that a panel's block stays in L2; accumulators carry the sums over, which changes no bit. Threads split units when
// rows are few (each then owns its columns of B: they stay in its L2 from step to step), rows when there are enough for
// A to be the larger half of the traffic.
#include <algorithm>

#include "runtime/cpu/chains/row_block.h"
#include "runtime/cpu/stages/stage_tail.h"

namespace rondo::runtime {
namespace {

// Rows a thread needs before splitting rows beats splitting units: below, every thread reading all of B costs more than
// every thread reading all of A. Raised, large batches share one A; lowered, small ones stream B twice.
constexpr int64_t kRowsPerThread = 48;

struct Range {
  int64_t begin, end;
  int64_t size() const { return end - begin; }
};

int tile_count(int64_t rows, int max_rows) { return static_cast<int>((rows + max_rows - 1) / max_rows); }

class GemmCall {
 public:
  GemmCall(const StagePlan& plan, const int64_t* slots, std::byte* scratch, const uintptr_t* locals = nullptr)
      : plan_(plan),
        tail_(plan, slots, scratch, locals),
        is_sum_(tail_.is_sum()),
        scratch_(scratch),
        acc_(reinterpret_cast<float*>(scratch + plan.scratch.acc)),
        parts_(reinterpret_cast<ActivePart*>(scratch + plan.scratch.parts)) {
    for (size_t i = 0; i < plan.gemms.size(); ++i) {
      const GemmPart& gemm = plan.gemms[i];
      ActivePart& part = parts_[i] = ActivePart{};
      part.a_view = &gemm.a->active(slots);
      part.a_origin = part.a = gemm.a->address(slots);
      if (gemm.a_local >= 0) part.a_origin = part.a = in_scratch(part.a, locals[gemm.a_local]);
      if (gemm.packed == nullptr) {
        part.b_view = &gemm.b->active(slots);
        part.b_origin = part.b = gemm.b->address(slots);
      }
      part.a_direct = reads_in_place(gemm, *part.a_view, plan.space);
    }
  }

  void run(int64_t outer, Range rows, Range cols, bool packs_ahead = false) {
    set_outer(outer);
    for (size_t i = 0; packs_ahead && i < plan_.gemms.size(); ++i) {
      if (plan_.gemms[i].packs_ahead) pack_b(plan_.gemms[i], parts_[i], {0, plan_.space.cols.size});
    }
    for (int64_t begin = rows.begin; begin < rows.end; begin += plan_.tiling.group_rows) {
      run_group({begin, std::min(rows.end, begin + plan_.tiling.group_rows)}, cols);
    }
  }

 private:
  void set_outer(int64_t outer) {
    tail_.set_outer(outer);
    for (size_t i = 0; i < plan_.gemms.size(); ++i) {
      ActivePart& part = parts_[i];
      part.a = part.a_origin + outer_offset(plan_.space, *part.a_view, outer, plan_.rank - 1);
      if (part.b_view != nullptr) {
        part.b = part.b_origin + outer_offset(plan_.space, *part.b_view, outer, std::max(0, plan_.rank - 2));
      }
    }
  }

  void run_group(Range rows, Range cols) {
    const Tiling& tiling = plan_.tiling;
    for (size_t i = 0; i < plan_.gemms.size(); ++i) {
      if (!parts_[i].a_direct) pack_a(plan_.gemms[i], parts_[i], rows);
    }
    for (int64_t col = cols.begin; col < cols.end; col += tiling.tile_cols) {
      const Range units{col, std::min(cols.end, col + tiling.tile_cols)};
      const int64_t pitch = (units.size() + tiling.block - 1) / tiling.block * tiling.block;
      for (size_t i = 0; i < plan_.gemms.size(); ++i) {
        if (parts_[i].b_view != nullptr && !plan_.gemms[i].packs_ahead) pack_b(plan_.gemms[i], parts_[i], units);
      }
      for (int64_t begin = rows.begin; begin < rows.end; begin += tiling.tile_rows) {
        const Range tile{begin, std::min(rows.end, begin + tiling.tile_rows)};
        const bool sums = is_sum_ && tile.size() > 1 && pitch == units.size();
        for (size_t i = 0; i < plan_.gemms.size(); ++i) {
          const bool last = i + 1 == plan_.gemms.size();
          if (tile.size() == 1) {
            multiply_row(plan_.gemms[i], parts_[i], rows.begin, tile.begin, units);
          } else {
            multiply(plan_.gemms[i], parts_[i], rows.begin, tile, units, pitch, {last, last && sums});
          }
        }
        if (!sums) tail_.run(tile.begin, units.begin, tile.size(), units.size(), acc_, pitch);
      }
    }
  }

  float* packed_a(const GemmPart& gemm) const { return reinterpret_cast<float*>(scratch_ + gemm.a_scratch); }
  std::byte* packed_b(const GemmPart& gemm) const { return scratch_ + gemm.b_scratch; }

  // Calls each(first row, height) for the row tiles of a tile: as few as possible, heights as equal as possible.
  template <class Each>
  static void for_row_tiles(const GemmPart& gemm, Range tile, Each each) {
    const int tiles = tile_count(tile.size(), gemm.max_rows);
    int64_t row = tile.begin;
    for (int i = 0; i < tiles; ++i) {
      const int64_t height = tile.size() / tiles + (i < tile.size() % tiles);
      each(row, height);
      row += height;
    }
  }

  void pack_a(const GemmPart& gemm, const ActivePart& part, Range group) {
    const int64_t row_stride = stride_of(*part.a_view, plan_.space.rows);
    if (gemm.rounds_a) {
      return kernels::pack_factors(part.a + group.begin * row_stride, row_stride,
                                   part.a_view->stride_bytes[gemm.a_k_axis], part.a_view->dtype, plan_.isa, gemm.format,
                                   group.size(), gemm.k, gemm.a_row, packed_a(gemm));
    }
    for (int64_t begin = group.begin; begin < group.end; begin += plan_.tiling.tile_rows) {
      for_row_tiles(gemm, {begin, std::min(group.end, begin + plan_.tiling.tile_rows)},
                    [&](int64_t row, int64_t height) {
                      kernels::pack_rows(part.a + row * row_stride, row_stride,
                                         part.a_view->stride_bytes[gemm.a_k_axis], part.a_view->dtype, plan_.isa,
                                         height, gemm.k, packed_a(gemm) + (row - group.begin) * gemm.k);
                    });
    }
  }

  void pack_b(const GemmPart& gemm, const ActivePart& part, Range units) {
    const int64_t* strides = part.b_view->stride_bytes + gemm.b_k_axis;
    const kernels::MatrixView view{part.b, strides[0], strides[1], strides[2], part.b_view->dtype};
    std::byte* out = packed_b(gemm);
    for (int64_t col = units.begin; col < units.end; col += gemm.shape.units, out += gemm.panel_bytes()) {
      kernels::pack_panel(view, gemm.shape, plan_.isa, gemm.format, gemm.k, col, plan_.space.cols.size, out);
    }
  }

  const std::byte* panel(const GemmPart& gemm, Range units, int64_t index) const {
    const int64_t first = units.begin / gemm.shape.units;
    if (gemm.packed != nullptr) return gemm.packed->panel(first + index);
    return packed_b(gemm) + (gemm.packs_ahead ? first + index : index) * gemm.panel_bytes();
  }

  void point_at_rows(const GemmPart& gemm, const ActivePart& part, int64_t group, int64_t row, int64_t height,
                     kernels::GemmTile* tile) const {
    if (part.a_direct) {
      const int64_t row_stride = stride_of(*part.a_view, plan_.space.rows);
      tile->a = reinterpret_cast<const float*>(part.a + row * row_stride);
      tile->a_row = row_stride / static_cast<int64_t>(sizeof(float));
      tile->a_k = gemm.rounds_a ? 1 : part.a_view->stride_bytes[gemm.a_k_axis] / static_cast<int64_t>(sizeof(float));
    } else if (gemm.rounds_a) {
      tile->a = packed_a(gemm) + (row - group) * gemm.a_row;
      tile->a_row = gemm.a_row;
      tile->a_k = 1;
    } else {
      tile->a = packed_a(gemm) + (row - group) * gemm.k;
      tile->a_row = 1;
      tile->a_k = height;
    }
  }

  /// What comes behind a product.
  struct Behind {
    bool tail;     ///< of the stage, rather than another product
    bool is_done;  ///< by this product's micro-kernels
  };

  void multiply(const GemmPart& gemm, const ActivePart& part, int64_t group, Range rows, Range units, int64_t pitch,
                Behind behind) {
    const int64_t panels = (units.size() + gemm.shape.units - 1) / gemm.shape.units;
    kernels::GemmTile tile;
    tile.c_row = pitch;
    for (int64_t p = 0; p < panels; ++p) {
      const int64_t col = units.begin + p * gemm.shape.units;
      int64_t k_begin = 0;
      do {
        tile.k = std::min(plan_.tiling.k_block, gemm.steps - k_begin);
        tile.accumulate = gemm.accumulate || k_begin > 0;
        for (int g = 0; g < gemm.shape.groups; ++g) {
          const int vectors = gemm.shape.group_vectors(g), first = gemm.shape.group_begin(g);
          tile.b = panel(gemm, units, p) + gemm.b_bytes(first, gemm.steps) + gemm.b_bytes(vectors, k_begin);
          tile.c_vector = gemm.c_vector.data() + first;
          const bool ends = k_begin + tile.k == gemm.steps;
          const bool asks = behind.tail && g == 0 && ends;
          for_row_tiles(gemm, rows, [&](int64_t row, int64_t height) {
            point_at_rows(gemm, part, group, row, height, &tile);
            tile.a += k_begin * tile.a_k;
            tile.c = acc_ + p * gemm.shape.units + (row - rows.begin) * pitch;
            if (asks) tail_.ask_ahead(row, col, height, std::min<int64_t>(gemm.shape.units, units.end - col));
            if (behind.is_done && ends) {
              tail_.give_sum(row, col, &tile);
            } else {
              tile.to_c();
            }
            gemm.kernels->fn[vectors][height](tile);
          });
        }
        k_begin += tile.k;
      } while (k_begin < gemm.steps);
    }
  }

  // A lone row: several panels at once, so that enough sums are in flight.
  void multiply_row(const GemmPart& gemm, const ActivePart& part, int64_t group, int64_t row, Range units) {
    const int64_t panels = (units.size() + gemm.shape.units - 1) / gemm.shape.units;
    const int wide = gemm.kernels->wide_panels;
    kernels::GemmTile tile;
    point_at_rows(gemm, part, group, row, 1, &tile);
    tile.k = gemm.steps;
    tile.b_panel = gemm.panel_bytes();
    tile.c_panel = gemm.shape.units;
    tile.accumulate = gemm.accumulate;
    for (int64_t p = 0; p < panels;) {
      const bool several = p + wide <= panels;
      for (int g = 0; g < gemm.shape.groups; ++g) {
        const int vectors = gemm.shape.group_vectors(g), first = gemm.shape.group_begin(g);
        tile.b = panel(gemm, units, p) + gemm.b_bytes(first, gemm.steps);
        tile.c = acc_ + p * gemm.shape.units;
        tile.c_vector = gemm.c_vector.data() + first;
        tile.to_c();
        (several ? gemm.kernels->wide[vectors] : gemm.kernels->fn[vectors][1])(tile);
      }
      p += several ? wide : 1;
    }
  }

  static bool reads_in_place(const GemmPart& gemm, const BoundView& a, const StageSpace& space) {
    constexpr int64_t kFloat = sizeof(float);
    const int64_t row = stride_of(a, space.rows), k = a.stride_bytes[gemm.a_k_axis];
    if (gemm.rounds_a) {  // whole words of pairs stand there
      const bool pairs = gemm.format == kernels::GemmFormat::kBf16Pairs && a.dtype == DType::kBFloat16;
      return pairs && gemm.k % 2 == 0 && k == 2 && row % kFloat == 0;
    }
    if (a.dtype != DType::kFloat32) return false;
    if (gemm.shape.lanes < 16 && space.rows.size > 1 && row % 4096 == 0) return false;
    return row % kFloat == 0 && k % kFloat == 0 && (k == kFloat || space.rows.size == 1);
  }

  const StagePlan& plan_;
  TailCall tail_;
  bool is_sum_;
  std::byte* scratch_;
  float* acc_;
  ActivePart* parts_;
};

}  // namespace

void run_gemm_rows(const StagePlan& plan, const int64_t* slots, const RowBlock& block, std::byte* scratch) {
  const StageSpace& space = plan.space;
  const int64_t outer = block.begin / space.rows.size, first = block.begin % space.rows.size;
  GemmCall(plan, slots, scratch, block.locals)
      .run(outer, {first, first + block.count}, {0, space.cols.size}, block.packs);
}

void run_gemm_stage(const StagePlan& plan, const int64_t* slots, int rank, int size, std::byte* scratch) {
  const StageSpace& space = plan.space;
  const int64_t rows = space.outer_size * space.rows.size;
  const int64_t blocks = (space.cols.size + plan.tiling.block - 1) / plan.tiling.block;
  const bool by_rows = rows >= kRowsPerThread * size || (blocks < size && rows > blocks);
  Range my_rows{0, rows}, units{0, blocks};
  (by_rows ? my_rows : units) =
      Range{share_begin(by_rows ? rows : blocks, rank, size), share_begin(by_rows ? rows : blocks, rank + 1, size)};
  const Range cols{units.begin * plan.tiling.block, std::min(space.cols.size, units.end * plan.tiling.block)};
  if (my_rows.size() <= 0 || cols.size() <= 0) return;
  GemmCall call(plan, slots, scratch);
  for (int64_t row = my_rows.begin; row < my_rows.end;) {
    const int64_t outer = row / space.rows.size, first = row % space.rows.size;
    const int64_t end = std::min(space.rows.size, first + my_rows.end - row);
    call.run(outer, {first, end}, cols);
    row += end - first;
  }
}

}  // namespace rondo::runtime
