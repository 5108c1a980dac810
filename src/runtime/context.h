// reason: the whole state of one line of execution is one class.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/thread_team.h"
#include "runtime/cpu/executor.h"
#include "runtime/cpu/piecewise.h"
#include "runtime/device_memory.h"
#include "runtime/engine.h"
#include "runtime/shape_binding.h"

namespace rondo::runtime {

struct ContextOptions {
  int threads = 0;                 ///< of the CPU team; 0: default_thread_count()
  bool owns_memory = true;         ///< false: set_device_memory() comes before the first run
  Allocator* allocator = nullptr;  ///< of temporary memory; null: the library's
  TeamPolicy policy = TeamPolicy::kPaying;
  OutputPlacer* placer = nullptr;       ///< of outputs whose extents only the run tells; null: addresses as set
  std::shared_ptr<PluginHost> plugins;  ///< as the program lists them; null for programs without
};

/// One line of execution of an engine: profile, shapes, addresses, temporary memory, a team of threads.
///
/// Setting a shape marks the binding of the program as stale; the next run binds again. Setting an address only re-bases pointers. A
/// run with neither allocates nothing, takes no lock, and makes no string, unless sizes depend on data: such programs are bound
/// piece by piece on the way (docs/design/0008).
/// Memory    shares the engine; owns arena, scratch and threads. Addresses are referenced
/// Threads   one at a time
class Context {
 public:
  /// Errors    kFailedAllocation
  explicit Context(std::shared_ptr<const Engine> engine, const ContextOptions& options = {});

  const Engine& engine() const { return *engine_; }
  const plan::Program& program() const { return engine_->program(); }

  int profile() const { return profile_; }
  /// Forgets all dynamic shapes. Errors kInvalidArgument out of range
  void select_profile(int profile);
  /// Threads of the team; 0: default_thread_count().
  void set_threads(int threads);
  int threads() const;

  /// Allocator of tensors whose size only a run tells, null for the library's; what the last run left is given back.
  void set_allocator(Allocator* allocator);

  /// Errors    kInvalidArgument as check_dims
  void set_dims(uint32_t binding, std::span<const int64_t> dims);
  /// Copies the elements of a shape tensor; from then on its address is not read, until forget_values().
  /// Errors    kInvalidArgument as check_values, or if the input's dims are not set
  void set_values(uint32_t binding, std::span<const int64_t> values);
  void forget_values(uint32_t binding);

  /// Extents for the next run, -1 where unknown. Extents that depend on data are those of the last run, until a shape changes.
  std::vector<int64_t> dims(uint32_t binding) const;
  /// True if some extent of the output is known only when the program has run.
  bool is_placed_by_run(uint32_t binding) const;
  /// Extents that no run with the selected profile exceeds. Errors kInvalidArgument if there is no 64-bit bound
  std::vector<int64_t> largest_dims(uint32_t binding) const;
  /// Inputs without dims, and shape tensors without values or address.
  std::vector<uint32_t> missing() const;
  /// Elements of a shape tensor as set by set_values(), or empty.
  const std::vector<int64_t>& values(uint32_t binding) const { return shapes_[binding].values; }

  void set_address(uint32_t binding, void* address) {
    if (addresses_[binding] == address) return;
    addresses_[binding] = address;
    rebased_ = false;
  }
  void* address(uint32_t binding) const { return addresses_[binding]; }
  /// Temporary memory of a context made without. Errors kInvalidArgument if misaligned to 64 bytes
  void set_device_memory(void* memory, size_t bytes);

  /// Reads shape tensors and binds the program if a shape changed.
  /// Errors    kInvalidState naming what is missing; kInvalidArgument for shapes that break a rule
  void bind();
  /// bind(), then runs the program to its end.
  /// Errors    as bind(); kInvalidState naming a tensor without address; kFailedComputation if a loop left the tensor it walks;
  ///           kFailedExecution naming the layer if a plugin failed;
  ///           kFailedExecution if the data read break a rule for shapes
  void run();
  /// What the next runs hand to plugins as their stream.
  void set_stream(void* stream) {
    if (options_.plugins) options_.plugins->stream = stream;
  }
  /// run(), and the time of each step in nanoseconds (rank 0; a loop contains its body).
  void run_timed(std::span<int64_t> step_ns);
  /// Bytes of temporary memory that the shapes set need, without tensors whose size depends on data.
  size_t arena_bytes_for_shapes();

 private:
  class AddressPlacer;

  void unbind();
  void bind_pieces();
  void run_pieces(int64_t* step_ns);
  void read_shape_tensors();
  void rebase();
  void finish(uint32_t stopped_at) const;
  std::byte* buffer_address(const plan::Buffer& buffer);
  void require_addresses() const;
  void require_arena(size_t bytes) const;
  size_t bound_arena_bytes() const;

  std::shared_ptr<const Engine> engine_;
  ContextOptions options_;
  int profile_ = 0;
  std::vector<InputShape> shapes_;
  std::vector<int64_t> value_counts_;  ///< by binding: leading elements that expressions use
  std::vector<void*> addresses_;
  std::vector<std::vector<std::byte>> value_storage_;  ///< shape tensors given by value, in their dtype
  std::vector<std::byte*> buffer_addresses_;
  DeviceMemory own_memory_;
  void* device_memory_ = nullptr;
  size_t device_memory_bytes_ = 0;
  std::unique_ptr<ThreadTeam> team_;
  std::unique_ptr<Executor> executor_;         ///< null: a shape changed
  std::unique_ptr<PiecewiseExecutor> pieces_;  ///< instead of executor_ where sizes depend on data
  bool pieces_bound_ = false;
  bool has_run_ = false;  ///< pieces_ knows the extents of the last run
  bool rebased_ = false;
  alignas(64) std::byte nowhere_[64] = {};  ///< stands in for tensors without elements
};

}  // namespace rondo::runtime
