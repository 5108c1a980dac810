#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "tile/block_code.h"
#include "tile/functions.h"
#include "tile/tile_program.h"

namespace rondo::tile {

/// Where one operand of a tile stands in memory. Strides are in bytes; any value, also 0 and negative.
struct TileOperand {
  std::byte* address = nullptr;  ///< of element (0, 0) of the tile
  int64_t row_stride = 0, col_stride = 0;
  bool skip_store = false;  ///< stores to this operand are dropped
};

/// Index along an axis of the iteration space: base + row * row_step + col * col_step.
struct TileAxis {
  int64_t base = 0, row_step = 0, col_step = 0;
};

/// One call of a tile program: rows x cols elements.
struct Tile {
  int64_t rows = 0, cols = 0;  ///< rows * cols <= Interpreter::max_elements()
  const TileOperand* operands = nullptr;
  const float* acc =
      nullptr;  ///< accumulator i, row r, col c at acc[i*acc_stride + r*acc_row_stride + c]; 64 bytes past the last are readable
  int64_t acc_stride = 0, acc_row_stride = 0;  ///< in floats
  const int64_t* steps = nullptr;              ///< values of kStep, by operand
  const TileAxis* axes = nullptr;              ///< for kIndex, by operand
  std::byte* scratch = nullptr;  ///< Interpreter::scratch_bytes(), 64-byte aligned, private to the calling thread
  bool stream = false;           ///< stores may go past the caches; the caller then drains (BlockFunctions::drain)
};

/// A tile program made ready for one table of element functions. Values live in buffers of a tile each, shared by values
/// that are not live together; loads of dense data and accumulators are read where they stand. Programs of floats run as block
/// code instead, where the operands of a tile have no gaps: a value then lives in registers.
/// Memory     the program is not needed after construction; `functions` is
/// Threads    run() is safe from many threads, each with its own scratch
class Interpreter {
 public:
  /// `program` has passed verify(). `max_elements` >= 1 bounds the tiles that run() takes.
  /// `constant_operand[i]`: operand i has one element for all columns of a row, in every layout it can have (none, if left out).
  Interpreter(const TileProgram& program, const TileFunctions& functions, int64_t max_elements,
              const std::vector<bool>& constant_operand = {});

  int64_t max_elements() const { return max_elements_; }
  size_t scratch_bytes() const { return scratch_bytes_; }
  /// Executes the program over one tile: every load sees memory as it was before the stores that follow it in program order.
  void run(const Tile& tile) const noexcept;

  /// Bytes of value buffers and constants that one element of a tile of this program needs; tiles are sized by it.
  static int64_t live_bytes_per_element(const TileProgram& program);
  /// True if the program can run as block code: a tile may then have more elements than its values would allow.
  static bool runs_in_blocks(const TileProgram& program, const TileFunctions& functions,
                             const std::vector<bool>& constant_operand);

  enum class StepKind : uint8_t { kLoad, kStore, kAcc, kFillStep, kFillIndex, kCompute };
  struct Step {
    StepKind kind = StepKind::kCompute;
    bool dense_in_place =
        false;           ///< kLoad: may be read where it stands; kCompute: may be written where its store will put it
    bool exact = false;  ///< never run over padding
    uint8_t bytes = 4;   ///< of one element of the value
    uint16_t operand = 0;
    uint32_t value = 0;  ///< id of the value defined or stored
    uint32_t slot = 0;   ///< offset of its buffer in scratch
    uint32_t args[3] = {};
    const std::byte* constants[3] = {};  ///< instead of args where not null
    union {
      TileFunctions::Compute compute;
      TileFunctions::Load load;
      TileFunctions::Store store;
    };
    Step() : compute(nullptr) {}
  };

 private:
  struct AlignedFree {
    void operator()(std::byte* p) const { ::operator delete (p, std::align_val_t{64}); }
  };
  friend class InterpreterPlan;

  bool run_blocks(const Tile& tile) const;

  int64_t max_elements_ = 0;
  size_t scratch_bytes_ = 0;
  std::vector<Step> steps_;
  std::optional<BlockCode> blocks_;
  std::vector<std::byte*> block_constants_;  ///< by entry of blocks_
  size_t blocks_at_ = 0;                     ///< of its scratch
  std::unique_ptr<std::byte[], AlignedFree> constants_;
};

}  // namespace rondo::tile
