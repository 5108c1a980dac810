#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace rondo::runtime {

struct StagePlan;

/// A chain bound to shapes for which it runs in blocks of rows (docs/design/0019). Rows are counted over outer x rows of the stages'
/// spaces, which have equally many.
struct ChainPlan {
  struct Local {
    uint32_t buffer = 0;
    int64_t pitch = 0;   ///< bytes from row to row
    size_t scratch = 0;  ///< byte offset of the block's first row in scratch
  };
  struct Link {
    uint32_t step = 0;
    std::unique_ptr<StagePlan> stage;
    size_t scratch = 0;  ///< byte offset of the stage's own scratch
  };
  std::vector<Link> links;
  std::vector<Local> locals;
  int64_t rows = 0;        ///< of all outer indices
  int64_t stretch = 0;     ///< a block does not cross a multiple of it: rows of one outer index, of every stage
  int64_t block_rows = 1;  ///< the highest block
  int64_t tile_rows = 1;   ///< heights of blocks are multiples of it where they can
  size_t bases = 0;        ///< byte offset of RowBlock::locals in scratch
  size_t scratch_bytes = 0;
};

/// Runs a chain in blocks. The bits are those of its stages one after the other.
/// Threads    as StageRunner
class ChainRunner {
 public:
  explicit ChainRunner(ChainPlan plan);
  ~ChainRunner();
  ChainRunner(ChainRunner&&) noexcept;
  ChainRunner& operator=(ChainRunner&&) noexcept;

  std::span<const uint32_t> steps() const { return steps_; }
  /// Buffers whose rows lie in scratch.
  std::span<const uint32_t> locals() const { return locals_; }
  int useful_threads(int available) const;
  size_t scratch_bytes() const { return plan_.scratch_bytes; }
  /// Does the share of `rank` in a team of `size`. Adds the time of every step to step_ns, unless that is null.
  void run(const int64_t* slots, int rank, int size, std::byte* scratch, int64_t* step_ns) const noexcept;

 private:
  void run_block(const int64_t* slots, int64_t begin, int64_t count, bool first, std::byte* scratch,
                 int64_t* step_ns) const noexcept;

  ChainPlan plan_;
  std::vector<uint32_t> steps_, locals_;
};

}  // namespace rondo::runtime
