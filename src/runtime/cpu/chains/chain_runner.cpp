#include "runtime/cpu/chains/chain_runner.h"

#include <algorithm>
#include <chrono>

#include "kernels/cpu/tile_functions.h"
#include "runtime/cpu/chains/row_block.h"
#include "runtime/cpu/stages/stage_plan.h"

namespace rondo::runtime {
namespace {

int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

int64_t round_up(int64_t x, int64_t unit) { return (x + unit - 1) / unit * unit; }

}  // namespace

ChainRunner::ChainRunner(ChainPlan plan) : plan_(std::move(plan)) {
  for (const ChainPlan::Link& link : plan_.links) steps_.push_back(link.step);
  for (const ChainPlan::Local& local : plan_.locals) locals_.push_back(local.buffer);
}

ChainRunner::~ChainRunner() = default;
ChainRunner::ChainRunner(ChainRunner&&) noexcept = default;
ChainRunner& ChainRunner::operator=(ChainRunner&&) noexcept = default;

int ChainRunner::useful_threads(int available) const {
  double work_ns = 0;
  for (const ChainPlan::Link& link : plan_.links) work_ns += link.stage->work_ns;
  return std::min(paying_threads(work_ns, available), static_cast<int>(std::min<int64_t>(plan_.rows, available)));
}

void ChainRunner::run(const int64_t* slots, int rank, int size, std::byte* scratch, int64_t* step_ns) const noexcept {
  const int64_t end = share_begin(plan_.rows, rank + 1, size);
  bool first = true;
  for (int64_t at = share_begin(plan_.rows, rank, size); at < end;) {
    const int64_t count = std::min(end, (at / plan_.stretch + 1) * plan_.stretch) - at;
    const int64_t blocks = (count + plan_.block_rows - 1) / plan_.block_rows;
    const int64_t height = std::min(plan_.block_rows, round_up((count + blocks - 1) / blocks, plan_.tile_rows));
    for (int64_t begin = at; begin < at + count; begin += height, first = false) {
      run_block(slots, begin, std::min(height, at + count - begin), first, scratch, step_ns);
    }
    at += count;
  }
  for (const ChainPlan::Link& link : plan_.links) {
    if (link.stage->stream) kernels::tile_functions(link.stage->isa).blocks.drain();
  }
}

void ChainRunner::run_block(const int64_t* slots, int64_t begin, int64_t count, bool first, std::byte* scratch,
                            int64_t* step_ns) const noexcept {
  auto* bases = reinterpret_cast<uintptr_t*>(scratch + plan_.bases);
  for (size_t i = 0; i < plan_.locals.size(); ++i) {
    const ChainPlan::Local& local = plan_.locals[i];
    bases[i] = reinterpret_cast<uintptr_t>(scratch + local.scratch) - static_cast<uintptr_t>(begin * local.pitch);
  }
  for (const ChainPlan::Link& link : plan_.links) {
    const StagePlan& stage = *link.stage;
    const RowBlock block{begin, count, first || begin % stage.space.rows.size == 0, bases};
    const int64_t start = step_ns == nullptr ? 0 : now_ns();
    (stage.gemms.empty() ? run_row_rows : run_gemm_rows)(stage, slots, block, scratch + link.scratch);
    if (step_ns != nullptr) step_ns[link.step] += now_ns() - start;
  }
}

}  // namespace rondo::runtime
