#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "tile/block_code.h"
#include "tile/interpreter.h"

namespace rondo::tile {

/// How rows are cut. A row is `runs` runs of `cols` elements (one run unless its axes do not merge), read in pieces of `piece` elements.
struct RowShape {
  int64_t rows = 1;  ///< most rows of a tile; 1 unless a row is one piece
  int64_t cols = 0;  ///< may be 0
  int64_t runs = 1;
  int64_t piece = 64;  ///< >= cols, or a multiple of 64
  bool in_one_piece() const { return runs == 1 && cols > 0 && cols <= piece; }
};

/// One call of a program that folds rows. Operands and axes are those of run 0; axes of a row that stand outside of a run are `inner`.
struct RowTile {
  int64_t rows = 0;
  const TileOperand* operands = nullptr;
  const int64_t* steps = nullptr;
  const TileAxis* axes = nullptr;
  int inner_count = 0;                     ///< at most kMaxInnerAxes
  const int64_t* inner_sizes = nullptr;    ///< their product is RowShape::runs
  const int* inner_axes = nullptr;         ///< which axis of the space each is
  const int64_t* inner_strides = nullptr;  ///< bytes, [operand][inner axis]
  std::byte* scratch = nullptr;  ///< RowInterpreter::scratch_bytes(), 64-byte aligned, private to the calling thread
  bool stream = false;           ///< as in Tile
};
constexpr int kMaxInnerAxes = 10;

/// A tile program with row reductions made ready. The program falls into segments between which a reduction ends; a segment passes
/// over the row piece by piece. What is the same along a row is computed once per row. Segments of floats run as block code where
/// the operands have no gaps along the row.
/// Threads    run() is safe from many threads, each with its own scratch
class RowInterpreter {
 public:
  /// `program` has passed verify() and folds rows. `uniform[i]`: operand i has one element per row, in every layout it can have.
  RowInterpreter(const TileProgram& program, const TileFunctions& functions, const std::vector<bool>& uniform,
                 const RowShape& shape);

  const RowShape& shape() const { return shape_; }
  size_t scratch_bytes() const { return scratch_bytes_; }
  /// Executes the program over rows of any contents; all loads of a row come before its stores to other elements. An empty row loads
  /// and stores uniform operands only.
  void run(const RowTile& tile) const noexcept;

  /// Bytes that one element of a piece needs while it is worked on.
  static int64_t live_bytes_per_element(const TileProgram& program, const std::vector<bool>& uniform);
  /// True if the program can run as block code; its pieces may then be longer.
  static bool runs_in_blocks(const TileProgram& program, const TileFunctions& functions,
                             const std::vector<bool>& uniform);

  enum class StepKind : uint8_t {
    kLoad,
    kStore,
    kFillIndex,
    kFillStep,
    kCompute,
    kSpilled,    ///< a value of an earlier segment: points to it
    kFold,       ///< adds a piece to a reduction, or does the whole of it
    kFoldStart,  ///< before the first piece
    kFoldFinish,
    kBroadcast,  ///< one element per row -> a tile
  };
  struct Step {
    StepKind kind = StepKind::kCompute;
    bool in_place = false;  ///< kLoad: may be read where it stands; kCompute: may be written to `operand`
    bool exact = false;     ///< never run over padding
    bool spills = false;    ///< the result is kept for the whole row
    uint8_t bytes = 4;      ///< of one element of the value
    uint16_t operand = 0;
    uint32_t value = 0;                  ///< entry of the table of values
    size_t slot = 0;                     ///< byte offset of the result in scratch
    size_t state = 0;                    ///< of the FoldState
    uint32_t args[3] = {};               ///< entries of the table of values
    const std::byte* constants[3] = {};  ///< instead of args where not null
    TileFunctions::Compute compute = nullptr;
    TileFunctions::Load load = nullptr;
    TileFunctions::Store store = nullptr;
    const RowFolder* fold = nullptr;
    double divisor = 1;
  };

 private:
  struct BlockPlace {
    size_t at = 0;                  ///< in scratch
    std::byte* constant = nullptr;  ///< instead, if not null
  };
  struct Segment {
    std::vector<Step> before;  ///< once per row
    std::vector<Step> body;    ///< once per piece
    std::optional<BlockCode> blocks;
    std::vector<BlockPlace> places;  ///< by entry of blocks
    std::vector<Step> folds;         ///< those of the body
  };
  struct Piece;
  struct AlignedFree {
    void operator()(std::byte* p) const { ::operator delete (p, std::align_val_t{64}); }
  };
  friend class RowPlan;

  void run_piece(const RowTile& tile, const Piece& piece, const std::vector<Step>& steps) const;
  void run_uniform(const RowTile& tile, const std::vector<Step>& steps, bool in_blocks) const;
  bool fits_blocks(const RowTile& tile) const;
  void run_blocks(const RowTile& tile, const Piece& piece, const Segment& segment) const;

  RowShape shape_;
  size_t scratch_bytes_ = 0;
  bool in_blocks_ = false;  ///< all segments have block code
  size_t blocks_at_ = 0;    ///< of its scratch
  std::vector<Segment> segments_;
  std::vector<Step> after_;  ///< once per row, last: stores of one element
  std::unique_ptr<std::byte[], AlignedFree> constants_;
};

}  // namespace rondo::tile
