#pragma once

#include <cstddef>
#include <cstdint>

namespace rondo::plan {

/// The structured kernels: plan/kernel_table.def as an enumeration, k_reduce, k_topk, …
enum class KernelId : uint8_t {
#define RONDO_KERNEL(name, ...) k_##name,
#include "plan/kernel_table.def"
#undef RONDO_KERNEL
};

/// One row of plan/kernel_table.def; the columns are explained there.
struct KernelInfo {
  const char* name;
  size_t fewest_inputs, most_inputs, results;
  bool in_place;
  size_t attrs, exprs, slots;
  bool own_dims;
};

constexpr KernelInfo kKernelTable[] = {
#define RONDO_KERNEL(name, fewest, most, results, in_place, attrs, exprs, slots, own_dims) \
  {#name, fewest, most, results, in_place != 0, attrs, exprs, slots, own_dims != 0},
#include "plan/kernel_table.def"
#undef RONDO_KERNEL
};
constexpr size_t kKernelCount = sizeof(kKernelTable) / sizeof(kKernelTable[0]);

/// Entry of the column `results` of a kernel whose attrs[1] says how many operands it writes.
constexpr size_t kResultsInAttrs = 255;

/// Requires a valid id.
constexpr const KernelInfo& kernel_info(KernelId id) { return kKernelTable[static_cast<size_t>(id)]; }

}  // namespace rondo::plan
