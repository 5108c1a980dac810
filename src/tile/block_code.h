#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "tile/block_functions.h"
#include "tile/functions.h"
#include "tile/tile_program.h"

namespace rondo::tile {

/// What the author of block code knows of a program's values, by instruction, and what the code is to do.
struct BlockRequest {
  std::vector<size_t> order;  ///< loads, pointwise functions, folds and stores in the order of their effects
  std::vector<bool> scalar;  ///< one element for all that a run covers: constants, values that are the same along a row
  std::vector<bool> computed;          ///< computed by this code rather than found in memory
  std::vector<bool> kept;              ///< an array of its own holds it: written if it is computed, else read
  std::vector<bool> constant_operand;  ///< by operand: a load of it reads one element for all that a run covers
  std::vector<size_t> prefetched;      ///< loads of which the next run's part is to be asked for
  std::vector<int64_t> ahead;  ///< bytes from one run's part to that of the next, for each half of a block to ask for
};

/// Where an entry of the table of addresses points.
struct BlockEntry {
  enum class Source : uint8_t {
    kLoad,        ///< operand `id`, f32 without gaps
    kLoadScalar,  ///< operand `id`, one element
    kStore,       ///< operand `id`, f32 without gaps
    kAcc,         ///< accumulator `id`
    kScalar,      ///< value `id`, one element
    kKept,        ///< array of value `id`, read
    kKeep,        ///< array of value `id`, written
    kFold,        ///< FoldState of reduction `id`
    kSlot,        ///< the code's own memory
  };
  Source source = Source::kLoad;
  uint32_t id = 0;
  bool operator==(const BlockEntry&) const = default;
  bool moves() const { return source != Source::kLoadScalar && source != Source::kScalar && source < Source::kFold; }
};

/// A part of a tile program as block code (see BlockFunctions): f32 throughout, no gaps in memory. The last instruction's result is
/// in registers, others that are needed again go by way of memory.
/// Threads    run() is safe from many threads, each with its own scratch
class BlockCode {
 public:
  /// Nothing if the code cannot be written: other types, functions or folds without a handler, a load that is used behind a store.
  /// `functions` outlives the code.
  static std::optional<BlockCode> make(const TileProgram& program, const TileFunctions& functions,
                                       const BlockRequest& request);

  std::span<const BlockEntry> entries() const { return entries_; }
  /// The table of addresses, one per entry; the caller fills all but kSlot before every run, which changes it.
  std::byte** addresses(std::byte* scratch) const { return reinterpret_cast<std::byte**>(scratch); }
  /// Bytes from row to row, one per entry; the caller fills all but kSlot before every run, which may change it.
  int64_t* row_steps(std::byte* scratch) const { return reinterpret_cast<int64_t*>(scratch + table_bytes()); }
  size_t scratch_bytes() const;
  /// Runs over rows of n elements from the addresses on. `scratch` is 64-byte aligned. With `stream` stores go past the caches; whoever
  /// asks for it calls BlockFunctions::drain when all is done.
  void run(std::byte* scratch, int64_t rows, int64_t n, bool stream) const noexcept;

 private:
  friend class BlockWriter;
  void run_aligned(BlockRun run, int64_t* row_steps) const;
  size_t padded_entries() const { return (entries_.size() + 7) / 8 * 8; }
  size_t table_bytes() const { return padded_entries() * sizeof(std::byte*); }

  const BlockFunctions* functions_ = nullptr;
  std::vector<BlockEntry> entries_;
  std::vector<BlockStep> steps_, streaming_;
  size_t single_store_ = 0;               ///< entry of the only store, if `aligns_`
  bool aligns_ = false;                   ///< one store and no fold: runs may start with a part of a block
  const RowFolder* only_fold_ = nullptr;  ///< the code does nothing but fold entry 0 into entry 1
  size_t slots_ = 0;                      ///< entries of kSlot
};

}  // namespace rondo::tile
