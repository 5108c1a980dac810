#include "runtime/cpu/kernels/kernel_body.h"

#include <algorithm>
#include <bit>

#include "base/error.h"

namespace rondo::runtime {

double KernelBinding::real_attr(size_t i) const { return std::bit_cast<double>(kernel.attrs[i]); }

void KernelBinding::require(bool condition, const char* rule) const {
  if (!condition) fail(Code::kInvalidArgument, "kernel '", name(), "' of the plan: ", rule);
}

void KernelBinding::require_attrs(size_t attrs, size_t exprs_needed) const {
  require(kernel.attrs.size() == attrs && kernel.exprs.size() == exprs_needed,
          "it has another number of attributes than it takes");
}

int KernelBinding::axis_attr(size_t i, size_t rank) const {
  require(attr(i) >= 0 && static_cast<uint64_t>(attr(i)) < rank, "its axis is outside of the rank");
  return static_cast<int>(attr(i));
}

void KernelBinding::require_indices(size_t operand) const {
  require(dtype(operand) == DType::kInt32 || dtype(operand) == DType::kInt64, "indices are neither i32 nor i64");
}

int copy_dims(const std::vector<int64_t>& from, int64_t* to) {
  std::copy(from.begin(), from.end(), to);
  return static_cast<int>(from.size());
}

}  // namespace rondo::runtime
