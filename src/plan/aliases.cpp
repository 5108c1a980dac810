#include "plan/aliases.h"

namespace rondo::plan {

namespace {

constexpr int64_t kNd = 1;

}  // namespace

std::vector<Alias> aliases(const Program& program) {
  std::vector<Alias> found;
  for (const Kernel& kernel : program.kernels) {
    const bool updates = kernel.id == KernelId::k_scatter && kernel.attrs.size() >= 2 && kernel.operands.size() == 4 &&
                         kernel.attrs[0] == kNd && kernel.attrs[1] == kUpdatesInPlace;
    if (!updates) continue;
    const Buffer& data = program.buffers[program.views[kernel.operands[0]].buffer];
    const Buffer& result = program.buffers[program.views[kernel.operands[3]].buffer];
    if (data.storage == Storage::kInput && result.storage == Storage::kOutput)
      found.push_back({result.index, data.index});
  }
  return found;
}

}  // namespace rondo::plan
