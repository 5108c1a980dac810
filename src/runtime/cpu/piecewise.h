// reason: the second executor is one contract, with the parts it is made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "kernels/cpu/isa.h"
#include "kernels/cpu/packing/packing.h"
#include "runtime/cpu/binding/piece_uses.h"
#include "runtime/cpu/executor.h"
#include "runtime/device_memory.h"
#include "runtime/shape_binding.h"

namespace rondo::runtime {

/// Where outputs get their memory when their extents have become known.
class OutputPlacer {
 public:
  virtual ~OutputPlacer() = default;
  /// Memory for the output; called once per run and output, before anything is stored there. Errors: throws Error
  virtual void* place(uint32_t binding, std::span<const int64_t> dims, size_t bytes) = 0;
};

/// Runs programs whose sizes depend on data (docs/design/0008): walks the tree of blocks on the calling thread, binds maximal runs of
/// steps between two reads with what is known by then, and runs each by an Executor. Loops and branches without reads inside are
/// part of such a piece; bound pieces are kept and used again while the sizes they look at are the same.
/// Memory    references program and packed matrices; owns pieces and the memory of dynamic buffers, which only grows
/// Threads   one thread at a time
class PiecewiseExecutor {
 public:
  struct Options {
    const plan::Program& program;
    std::span<const kernels::PackedMatrix> packed;
    kernels::Isa isa = kernels::Isa::kScalar;
    int threads = 1;
    TeamPolicy policy = TeamPolicy::kPaying;
    Allocator* allocator = nullptr;  ///< of dynamic buffers; null: the library's
    PluginHost* plugins = nullptr;   ///< of the context
  };
  explicit PiecewiseExecutor(const Options& options);

  /// Takes the shapes of the inputs. Errors kInvalidArgument as check_shapes
  void bind(std::span<const InputShape> inputs, std::vector<std::vector<int64_t>> input_dims);

  /// Runs the program once. `buffers`: address of each buffer but the dynamic ones and outputs. Returns plan::kNone, or the step at
  /// which a loop left the tensor it walks. step_ns: as Executor::run_timed, or null.
  /// Errors    kFailedExecution with the message of a check that does not hold for the data read, or naming a value out of range;
  ///           kInvalidArgument as Executor; kFailedAllocation; what the placer throws
  uint32_t run(std::span<std::byte* const> buffers, OutputPlacer& placer, ThreadTeam* team, int64_t* step_ns);

  /// Extents of an output after a run.
  std::vector<int64_t> output_dims(uint32_t binding) const;
  /// Bytes of memory held for dynamic buffers.
  size_t dynamic_bytes() const;

 private:
  struct Piece {
    StepRange range;
    PieceUses uses;
    std::vector<int64_t> key;  ///< values of uses.exprs when it was bound
    std::unique_ptr<Executor> executor;
    uint64_t addresses = 0;  ///< generation it was based on
  };
  enum class Flow : uint8_t { kNext, kBreak, kStop };

  Flow block(uint32_t index);
  Flow run_piece(uint32_t block, size_t begin, size_t end);
  bool on_host(uint32_t step) const;
  Flow host_step(uint32_t step);
  Flow loop(const plan::Loop& loop);
  void read(const plan::Read& read, uint32_t step);
  void forget(uint32_t block);
  void update();
  void bind_piece(Piece& piece);
  void ensure(const std::vector<uint32_t>& buffers);
  void place_output(uint32_t binding);
  int64_t bytes_of(uint32_t buffer) const;
  int64_t element(plan::ViewId view, std::span<const int64_t> index);
  int64_t known(plan::ExprId expr) const;

  Options options_;
  const plan::Program& program_;
  std::vector<uint8_t> holds_read_;  ///< by step: a loop, conditional or parallel step with a read inside
  std::vector<uint8_t> data_check_;  ///< by check: mentions kData symbols
  std::vector<InputShape> inputs_;
  std::vector<std::vector<int64_t>> dims_;  ///< by binding
  std::vector<DataValue> data_;             ///< by symbol
  Evaluation evaluation_;
  std::vector<int64_t> slots_;
  std::map<std::pair<uint32_t, size_t>, Piece> pieces_;  ///< by block and first step
  std::vector<DeviceMemory> dynamic_;                    ///< by buffer
  std::vector<std::byte*> addresses_;                    ///< by buffer
  std::vector<uint8_t> placed_;                          ///< by binding
  uint64_t generation_ = 1;                              ///< grows when an address changes
  OutputPlacer* placer_ = nullptr;
  ThreadTeam* team_ = nullptr;
  int64_t* step_ns_ = nullptr;
  uint32_t stopped_at_ = plan::kNone;
  alignas(64) std::byte nowhere_[64] = {};
};

}  // namespace rondo::runtime
