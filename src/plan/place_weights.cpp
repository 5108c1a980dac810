// Weights as kernels read them. A constant right-hand side of a product is stored packed; the constant itself is stored
// only if a view reads it, too: a word embedding that rows are gathered from and that is multiplied with stands in the
// plan twice, because no order of elements serves both at full speed.
#include "plan/place_weights.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "base/thread_team.h"
#include "kernels/cpu/packing/packing.h"
#include "plan/precision.h"

namespace rondo::plan {
namespace {

constexpr uint64_t kAlignment = 64;

/// Constants that some view reads.
std::vector<uint8_t> viewed_constants(const Program& program) {
  std::vector<uint8_t> viewed(program.constants.size());
  for (const View& view : program.views) {
    const Buffer& buffer = program.buffers[view.buffer];
    if (buffer.storage == Storage::kConstant) viewed[buffer.index] = 1;
  }
  return viewed;
}

/// A Program that owns its weights, as one whose constants have sources.
void make_sources(Program& program) {
  if (!program.sources.empty() || program.constants.empty()) return;
  if (program.mapped_weights.empty()) {
    const auto own = std::make_shared<const Bytes>(std::move(program.weights));
    program.weights = {};
    program.mapped_weights = *own;
    program.weights_owner = own;
  }
  std::vector<ConstantSource> sources;
  for (uint32_t i = 0; i < program.constants.size(); ++i) {
    sources.push_back({program.constant_bytes(i), program.weights_owner});
  }
  program.sources = std::move(sources);
  program.mapped_weights = {};
  program.weights_owner = {};
}

struct WriteTask {
  const Program& program;
  uint8_t* out;
  int ranks;

  static void run(void* context, int rank) noexcept {
    const auto& task = *static_cast<const WriteTask*>(context);
    for (uint32_t i = 0; i < task.program.constants.size(); ++i) task.copy(i, rank);
    for (const Packed& packed : task.program.packed) {
      if (packed.layout) task.pack(packed, rank);
    }
  }
  void copy(uint32_t index, int rank) const {
    const Constant& constant = program.constants[index];
    if (!constant.is_stored()) return;
    const auto size = static_cast<int64_t>(constant.bytes);
    const int64_t begin = size * rank / ranks, end = size * (rank + 1) / ranks;
    if (begin == end) return;
    std::memcpy(out + constant.offset + begin, program.sources[index].bytes.data() + begin,
                static_cast<size_t>(end - begin));
  }
  void pack(const Packed& packed, int rank) const {
    static const kernels::Isa kIsa = kernels::detect_isa();  // of the conversions: the bits are the same on all
    const kernels::MatrixSpec spec{packed.offset, packed.k_stride, packed.col_stride, packed.gate_stride,
                                   packed.k,      packed.cols,     packed.gates};
    const int64_t panels = kernels::panel_count(*packed.layout, packed.cols);
    const int64_t bytes = kernels::panel_bytes(*packed.layout, packed.k);
    for (int64_t p = panels * rank / ranks; p < panels * (rank + 1) / ranks; ++p) {
      kernels::pack_constant_panel(program.sources[packed.constant].bytes.data(),
                                   program.constants[packed.constant].dtype, spec, kIsa, *packed.layout, p,
                                   reinterpret_cast<std::byte*>(out + packed.stored_at + p * bytes));
    }
  }
};

}  // namespace

void place_weights(Program& program, kernels::Isa isa) {
  make_sources(program);
  const std::vector<uint8_t> viewed = viewed_constants(program);
  const std::vector<std::optional<DType>> products = packed_products(program);
  std::vector<uint8_t> stored = viewed;
  uint64_t end = 0;
  const auto place = [&](uint64_t bytes) {
    const uint64_t at = (end + kAlignment - 1) / kAlignment * kAlignment;
    end = at + bytes;
    return at;
  };
  for (size_t i = 0; i < program.packed.size(); ++i) {
    Packed& packed = program.packed[i];
    RONDO_CHECK(!packed.layout, "packed matrix ", i, " has a layout");
    if (!products[i]) continue;
    packed.layout = kernels::packed_layout(isa, program.constants[packed.constant].dtype, *products[i], packed.gates);
    const auto bytes = kernels::packed_bytes(*packed.layout, packed.k, packed.cols);
    RONDO_CHECK(bytes, "packed matrix ", i, " has no size");
    packed.stored_at = place(*bytes);
  }
  for (size_t i = 0; i < program.packed.size(); ++i) {
    if (!program.packed[i].layout) stored[program.packed[i].constant] = 1;
  }
  for (size_t i = 0; i < program.constants.size(); ++i) {
    program.constants[i].offset = stored[i] != 0 ? place(program.constants[i].bytes) : kNowhere;
  }
  program.section_bytes = end;
}

void write_weights(const Program& program, uint8_t* out, int threads) {
  ThreadTeam team(threads);
  WriteTask task{program, out, team.size()};
  team.run(&WriteTask::run, &task, team.size());
}

}  // namespace rondo::plan
