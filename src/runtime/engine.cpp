#include "runtime/engine.h"

#include <algorithm>

#include "base/checked.h"
#include "base/error.h"

namespace rondo::runtime {

namespace {

/// A matrix may read an element several times (stride 0), but no plan needs more than this many times the constant.
constexpr int64_t kLargestRepeat = 64;

kernels::PackedMatrix pack(const plan::Program& program, const plan::Packed& packed, kernels::Isa isa) {
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
  return kernels::PackedMatrix(program.weight_bytes().data() + constant.offset, spec, isa, constant.dtype);
}

}  // namespace

Engine::Engine(plan::Program program, kernels::Isa isa) : program_(std::move(program)), isa_(isa) {
  plan::verify(program_);
  packed_.reserve(program_.packed.size());
  for (const auto& packed : program_.packed) packed_.push_back(pack(program_, packed, isa_));
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
