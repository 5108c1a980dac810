#pragma once

#include <cstddef>
#include <cstdint>

#include "base/dtype.h"
#include "plan/program.h"

namespace rondo::runtime {

constexpr int kMaxAxes = 10;
constexpr int kMaxTerms = 8;

struct BoundTerm {
  uint32_t slot = 0;
  plan::TermKind kind = plan::TermKind::kForward;
  int64_t stride_bytes = 0;
};

/// A plan::View with pointers and byte strides for the shapes and addresses of one context. Rebuilt when shapes or addresses
/// change; evaluating it allocates nothing.
struct BoundView {
  std::byte* base = nullptr;  ///< buffer address + offset
  DType dtype = DType::kFloat32;
  uint8_t axes = 0;
  uint8_t terms = 0;
  int64_t stride_bytes[kMaxAxes] = {};
  BoundTerm term[kMaxTerms];
  const BoundView* first = nullptr;
  uint32_t first_slot = 0;
  uint32_t guard_slot = plan::kNone;
  int64_t guard_limit = 0;

  /// Address of element (0, 0, …) for the loop counters of the calling thread.
  std::byte* address(const int64_t* slots) const {
    if (first != nullptr && slots[first_slot] == 0) return first->address(slots);
    std::byte* p = base;
    for (int i = 0; i < terms; ++i) {
      int64_t t = slots[term[i].slot];
      if (term[i].kind == plan::TermKind::kParity) t &= 1;
      if (term[i].kind == plan::TermKind::kNextParity) t = (t + 1) & 1;
      p += t * term[i].stride_bytes;
    }
    return p;
  }
  /// The view whose strides apply for these counters (a `first` view may be laid out differently).
  const BoundView& active(const int64_t* slots) const {
    return first != nullptr && slots[first_slot] == 0 ? first->active(slots) : *this;
  }
  bool stores_now(const int64_t* slots) const { return guard_slot == plan::kNone || slots[guard_slot] < guard_limit; }
};

}  // namespace rondo::runtime
