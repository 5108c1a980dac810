#include "plan/local_buffers.h"

#include <algorithm>

namespace rondo::plan {

std::vector<uint32_t> local_buffers(const Program& program, const Chain& chain) {
  std::vector<uint32_t> found;
  const auto note = [&](ViewId view) {
    const uint32_t buffer = program.views[view].buffer;
    const bool is_local = program.buffers[buffer].storage == Storage::kLocal;
    if (is_local && std::find(found.begin(), found.end(), buffer) == found.end()) found.push_back(buffer);
  };
  for (const uint32_t s : chain.steps) {
    const Stage& stage = program.stages[program.steps[s].index];
    for (const Gemm& gemm : stage.gemms) note(gemm.a);
    for (const ViewId view : stage.operands) note(view);
  }
  return found;
}

uint64_t temporary_bytes(const Program& program) {
  constexpr uint64_t kLine = 64;
  uint64_t largest = 0, bytes = 0;
  for (const Chain& chain : program.chains) {
    if (program.parallels.empty()) bytes = 0;  // chains of a sequence share memory
    for (const uint32_t b : local_buffers(program, chain)) {
      const uint64_t most = program.buffers[b].max_bytes;
      bytes = most > UINT64_MAX - kLine - bytes ? UINT64_MAX - kLine : bytes + (most + kLine - 1) / kLine * kLine;
    }
    largest = std::max(largest, bytes);
  }
  return largest > UINT64_MAX - program.arena_bytes ? UINT64_MAX : program.arena_bytes + largest;
}

}  // namespace rondo::plan
