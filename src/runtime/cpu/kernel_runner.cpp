#include "runtime/cpu/kernel_runner.h"

#include <algorithm>

#include "runtime/cpu/binding/operands.h"

namespace rondo::runtime {
namespace {

/// Time per rank below which another rank costs more than it brings: waking and meeting take about 1 us.
constexpr double kNsPerThread = 16384;
constexpr double kNsPerElement = 0.5;

using Bind = std::unique_ptr<KernelBody> (*)(const KernelBinding& binding);
constexpr Bind kBind[] = {
#define RONDO_KERNEL(name, ...) bind_##name,
#include "plan/kernel_table.def"
#undef RONDO_KERNEL
};

double volume(const std::vector<int64_t>& dims) {
  double result = 1;
  for (const int64_t n : dims) result *= static_cast<double>(n);
  return result;
}

}  // namespace

KernelRunner::KernelRunner(const plan::Program& program, const plan::Kernel& kernel, std::span<const int64_t> exprs,
                           const BoundView* views, PluginHost* plugins) {
  const std::vector<Operand> operands = operands_of(program, kernel, exprs);
  const KernelBinding binding{program, kernel, exprs, operands, views, plugins};
  for (size_t i = 0; i < operands.size(); ++i) {
    binding.require(operands[i].space.size() <= kernels::kMaxStridedRank, "rank above 10");
    if (binding.view(i).guard_slot != plan::kNone) guarded_.push_back(&binding.view(i));
    elements_ = std::max(elements_, volume(operands[i].space));
  }
  body_ = kBind[static_cast<size_t>(kernel.id)](binding);
  can_fail_ = body_->can_fail;
}

int KernelRunner::useful_threads(int available) const {
  const double paying = std::clamp(cost_ns() / kNsPerThread, 1.0, static_cast<double>(available));
  return static_cast<int>(std::min<int64_t>(static_cast<int64_t>(paying), std::max<int64_t>(body_->units, 1)));
}

double KernelRunner::cost_ns() const { return body_->cost_ns >= 0 ? body_->cost_ns : 50.0 + kNsPerElement * elements_; }

void KernelRunner::run(const int64_t* slots, int rank, int size, std::byte* scratch) const noexcept {
  for (const BoundView* view : guarded_) {
    if (!view->stores_now(slots)) return;
  }
  const int64_t share = body_->units / size, rest = body_->units % size;
  const int64_t first = share * rank + std::min<int64_t>(rank, rest);
  body_->run(slots, first, first + share + (rank < rest), scratch);
}

}  // namespace rondo::runtime
