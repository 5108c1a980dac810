#include "runtime/engine.h"

#include <algorithm>

#include "base/checked.h"
#include "base/error.h"
#include "base/thread_team.h"
#include "plan/precision.h"

namespace rondo::runtime {

namespace {

/// A matrix may read an element several times (stride 0), but no plan needs more than this many times the constant.
constexpr int64_t kLargestRepeat = 64;

/// Below this, starting threads takes longer than packing: 1 MiB is packed in about 0.3 ms, a thread starts in some 50 us.
constexpr size_t kParallelBytes = size_t{1} << 20;

const std::byte* stored(const plan::Program& program, const plan::Packed& packed) {
  return reinterpret_cast<const std::byte*>(program.weight_bytes().data()) + packed.stored_at;
}

/// The matrix without its elements, or with those of the plan where they stand as kernels read them.
kernels::PackedMatrix reserve(const plan::Program& program, const plan::Packed& packed, DType product,
                              kernels::Isa isa) {
  const plan::Constant& constant = program.constants[packed.constant];
  const int64_t dims[] = {packed.k, packed.cols, packed.gates};
  const int64_t volume = volume_or_fail(dims, "a packed matrix");
  const int64_t elements = static_cast<int64_t>(constant.bytes / dtype_bytes(constant.dtype));
  if (volume / kLargestRepeat > elements || !is_float(constant.dtype)) {
    fail(Code::kInvalidArgument, "a packed matrix of ", volume, " elements is made from a constant of ", elements, " ",
         dtype_name(constant.dtype), "; the plan is damaged");
  }
  const kernels::MatrixSpec spec{packed.offset, packed.k_stride, packed.col_stride, packed.gate_stride,
                                 packed.k,      packed.cols,     packed.gates};
  const kernels::PackedLayout layout = kernels::packed_layout(isa, constant.dtype, product, packed.gates);
  if (packed.layout == layout && program.sources.empty())
    return kernels::PackedMatrix::refer(spec, isa, layout.format, stored(program, packed));
  return kernels::PackedMatrix::reserve(spec, isa, layout.format);
}

/// Fills the matrices that are not in the plan, each rank its share of the panels of each.
struct PackTask {
  const plan::Program& program;
  std::vector<kernels::PackedMatrix>& matrices;
  std::vector<BulkBlock>& scratch;  ///< by rank, of repacking
  int ranks;

  static void run(void* context, int rank) noexcept {
    const auto& task = *static_cast<PackTask*>(context);
    for (size_t i = 0; i < task.matrices.size(); ++i) task.fill(task.matrices[i], task.program.packed[i], rank);
  }
  void fill(kernels::PackedMatrix& matrix, const plan::Packed& packed, int rank) const {
    if (!matrix.owns_memory()) return;
    const int64_t begin = matrix.panels() * rank / ranks, end = matrix.panels() * (rank + 1) / ranks;
    if (packed.layout && program.sources.empty()) {
      auto* memory = reinterpret_cast<std::byte*>(scratch[static_cast<size_t>(rank)].data());
      matrix.repack_panels(*packed.layout, stored(program, packed), begin, end, memory);
    } else {
      const DType dtype = program.constants[packed.constant].dtype;
      matrix.pack_panels(program.constant_bytes(packed.constant).data(), dtype, begin, end);
    }
  }
};

void pack_all(const plan::Program& program, std::vector<kernels::PackedMatrix>& matrices) {
  size_t bytes = 0, repack_bytes = 0;
  for (size_t i = 0; i < matrices.size(); ++i) {
    if (!matrices[i].owns_memory()) continue;
    bytes += matrices[i].bytes();
    if (program.packed[i].layout) repack_bytes = std::max(repack_bytes, matrices[i].repack_bytes());
  }
  if (bytes == 0) return;
  ThreadTeam team(bytes < kParallelBytes ? 1 : default_thread_count());
  std::vector<BulkBlock> scratch;
  scratch.reserve(static_cast<size_t>(team.size()));
  for (int rank = 0; rank < team.size(); ++rank) scratch.emplace_back(repack_bytes);
  PackTask task{program, matrices, scratch, team.size()};
  team.run(&PackTask::run, &task, team.size());
}

}  // namespace

Engine::Engine(plan::Program program, kernels::Isa isa) : program_(std::move(program)), isa_(isa) {
  plan::verify(program_);
  packed_.resize(program_.packed.size());
  const std::vector<std::optional<DType>> types = plan::packed_products(program_);
  for (size_t i = 0; i < types.size(); ++i) {
    if (types[i]) packed_[i] = reserve(program_, program_.packed[i], *types[i], isa_);
  }
  pack_all(program_, packed_);
}

const std::byte* Engine::constant(uint32_t index) const {
  return reinterpret_cast<const std::byte*>(program_.constant_bytes(index).data());
}

uint32_t Engine::find_binding(std::string_view name) const {
  const auto& bindings = program_.bindings;
  const auto found = std::find_if(bindings.begin(), bindings.end(), [&](const auto& b) { return b.name == name; });
  return found == bindings.end() ? plan::kNone : static_cast<uint32_t>(found - bindings.begin());
}

}  // namespace rondo::runtime
