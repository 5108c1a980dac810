#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/bulk_memory.h"
#include "plan/program.h"
#include "rondo/tuning/debug.h"
#include "runtime/context.h"

namespace rondo::api {

/// The debug tensors of a context: which are switched on, the memory of those that are no outputs, and the calls of the listener.
/// Memory    references the program; owns the elements of hidden tensors
class DebugTensors {
 public:
  explicit DebugTensors(const plan::Program& program);

  /// Errors    Error(kInvalidArgument) for a name that is none of them, naming those there are
  void set_state(const char* name, bool on);
  void set_all(bool on);
  bool state(const char* name) const;

  bool has_hidden() const { return !hidden_.empty(); }
  /// Gives hidden tensors of known extents their memory; the shapes are bound.
  void place(runtime::Context& core);
  /// Memory of a hidden tensor, kept until the next call for it.
  void* memory(uint32_t binding, size_t bytes);
  /// Calls the listener for each tensor that is on, in order of the program.
  /// Errors    Error(kFailedExecution) naming the tensor if the listener refuses or throws
  void report(IDebugListener& listener, const runtime::Context& core, cudaStream_t stream) const;

 private:
  const plan::Program& program_;
  std::map<std::string, bool, std::less<>> on_;
  std::vector<uint32_t> hidden_;
  std::map<uint32_t, Bytes> memory_;
};

}  // namespace rondo::api
