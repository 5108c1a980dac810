#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "kernels/cpu/isa.h"
#include "kernels/cpu/packing/packing.h"
#include "plan/program.h"

namespace rondo::runtime {

/// A program made ready for this machine. Constant matrices that stand in the plan as its kernels read them are used there; others are
/// packed for the instruction set that was detected.
/// Memory    owns the program and what it packed; contexts share it
/// Threads   const; all methods are safe together
class Engine {
 public:
  /// Errors    kInvalidArgument if the program does not verify, or a packed matrix is larger than its constant can account for
  explicit Engine(plan::Program program, kernels::Isa isa = kernels::detect_isa());
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  const plan::Program& program() const { return program_; }
  kernels::Isa isa() const { return isa_; }
  const std::vector<kernels::PackedMatrix>& packed() const { return packed_; }
  /// First byte of constant `index`, inside the weights; null if only packed matrices hold it.
  const std::byte* constant(uint32_t index) const;
  /// Index of the input or output with this name; plan::kNone if there is none.
  uint32_t find_binding(std::string_view name) const;
  /// Bytes of temporary memory that a context needs; 256-byte alignment.
  size_t arena_bytes() const { return static_cast<size_t>(program_.arena_bytes); }

 private:
  plan::Program program_;
  kernels::Isa isa_;
  std::vector<kernels::PackedMatrix> packed_;
};

}  // namespace rondo::runtime
