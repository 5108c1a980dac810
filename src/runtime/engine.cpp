#include "runtime/engine.h"

#include <algorithm>

#include "base/checked.h"
#include "base/error.h"
#include "base/thread_team.h"

namespace rondo::runtime {

namespace {

/// A matrix may read an element several times (stride 0), but no plan needs more than this many times the constant.
constexpr int64_t kLargestRepeat = 64;

/// Below this, starting threads takes longer than packing: 1 MiB is packed in about 0.3 ms, a thread starts in some 50 us.
constexpr size_t kParallelBytes = size_t{1} << 20;

/// The matrix without its elements.
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
  return kernels::PackedMatrix::reserve(spec, isa, kernels::gemm_format(isa, constant.dtype, product));
}

/// The types that packed matrices are multiplied in.
std::vector<DType> products(const plan::Program& program) {
  std::vector<DType> types(program.packed.size(), DType::kFloat32);
  for (const plan::Stage& stage : program.stages) {
    for (const plan::Gemm& gemm : stage.gemms) {
      if (gemm.packed != plan::kNone) types[gemm.packed] = gemm.product;
    }
  }
  return types;
}

/// Fills all matrices, each rank its share of the panels of each.
struct PackTask {
  const plan::Program& program;
  std::vector<kernels::PackedMatrix>& matrices;
  int ranks;

  static void run(void* context, int rank) noexcept {
    const auto& task = *static_cast<PackTask*>(context);
    for (size_t i = 0; i < task.matrices.size(); ++i) {
      const plan::Constant& constant = task.program.constants[task.program.packed[i].constant];
      const int64_t panels = task.matrices[i].panels();
      task.matrices[i].pack_panels(task.program.weight_bytes().data() + constant.offset, constant.dtype,
                                   panels * rank / task.ranks, panels * (rank + 1) / task.ranks);
    }
  }
};

void pack_all(const plan::Program& program, std::vector<kernels::PackedMatrix>& matrices) {
  size_t bytes = 0;
  for (const auto& matrix : matrices) bytes += matrix.bytes();
  ThreadTeam team(bytes < kParallelBytes ? 1 : default_thread_count());
  PackTask task{program, matrices, team.size()};
  team.run(&PackTask::run, &task, team.size());
}

}  // namespace

Engine::Engine(plan::Program program, kernels::Isa isa) : program_(std::move(program)), isa_(isa) {
  plan::verify(program_);
  packed_.reserve(program_.packed.size());
  const std::vector<DType> types = products(program_);
  for (size_t i = 0; i < types.size(); ++i) {
    packed_.push_back(reserve(program_, program_.packed[i], types[i], isa_));
  }
  pack_all(program_, packed_);
}

const std::byte* Engine::constant(uint32_t index) const {
  return reinterpret_cast<const std::byte*>(program_.weight_bytes().data()) + program_.constants[index].offset;
}

uint32_t Engine::find_binding(std::string_view name) const {
  const auto& bindings = program_.bindings;
  const auto found = std::find_if(bindings.begin(), bindings.end(), [&](const auto& b) { return b.name == name; });
  return found == bindings.end() ? plan::kNone : static_cast<uint32_t>(found - bindings.begin());
}

}  // namespace rondo::runtime
