#include "runtime/cpu/chains/local_buffers.h"

#include <algorithm>

namespace rondo::runtime {

std::vector<uint32_t> local_buffers(const plan::Program& program, const plan::Chain& chain) {
  std::vector<uint32_t> found;
  const auto note = [&](plan::ViewId view) {
    const uint32_t buffer = program.views[view].buffer;
    const bool is_local = program.buffers[buffer].storage == plan::Storage::kLocal;
    if (is_local && std::find(found.begin(), found.end(), buffer) == found.end()) found.push_back(buffer);
  };
  for (const uint32_t s : chain.steps) {
    const plan::Stage& stage = program.stages[program.steps[s].index];
    for (const plan::Gemm& gemm : stage.gemms) note(gemm.a);
    for (const plan::ViewId view : stage.operands) note(view);
  }
  return found;
}

}  // namespace rondo::runtime
