#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "plan/program.h"
#include "runtime/cpu/bound.h"

namespace rondo::runtime {

/// Where the bytes of a buffer count as one memory: all arena buffers share space 0, binding i is space 1 + i, dynamic buffer i comes
/// i behind the last of them, local buffers share kLocalSpace, constants are never written and have none.
constexpr uint32_t kArenaSpace = 0;
constexpr uint32_t kLocalSpace = UINT32_MAX - 2;
constexpr uint32_t kNoSpace = UINT32_MAX;

/// A buffer for concrete shapes.
struct BoundBuffer {
  int64_t bytes = 0;  ///< what the memory really holds
  uint32_t space = kNoSpace;
  int64_t space_offset = 0;  ///< of the buffer's first byte inside its space
};

/// Sizes of all buffers.
/// Local buffers of different chains share bytes, unless chains may run at the same time.
/// Errors    kInvalidArgument if an arena buffer is larger than the plan reserves, or local ones are larger than any memory. A
///           negative size counts as 0
std::vector<BoundBuffer> bind_buffers(const plan::Program& program, std::span<const int64_t> exprs,
                                      std::span<const std::vector<int64_t>> binding_dims);

/// All views of a program for concrete shapes. The array of BoundViews never moves; rebase() rewrites only their `base`.
/// Strides are taken as they are; whether a view stays inside its buffer is the business of Footprints.
class BoundViews {
 public:
  /// Errors    kInvalidArgument if a view has more axes or terms than the runtime holds
  BoundViews(const plan::Program& program, std::span<const int64_t> exprs);
  BoundViews(const BoundViews&) = delete;
  BoundViews& operator=(const BoundViews&) = delete;

  const BoundView* data() const { return views_.data(); }
  /// Points all views at the buffers' memory; that of local buffers is told by `locals`, and null while it lies in scratch: then a
  /// view's base is its offset alone. Both by buffer. No allocation.
  void rebase(std::span<std::byte* const> buffers, std::span<std::byte* const> locals);

 private:
  const plan::Program& program_;
  std::vector<BoundView> views_;
  std::vector<int64_t> offsets_;
};

}  // namespace rondo::runtime
