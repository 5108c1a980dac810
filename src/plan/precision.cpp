#include "plan/precision.h"

#include "base/error.h"

namespace rondo::plan {
namespace {

std::string family_name(const char* family, DType type) {
  return type == DType::kFloat32 ? text(family, "_f32") : text(family, "_", dtype_name(type), "_f32");
}

DType operand_type(const Program& program, const Kernel& kernel, size_t operand) {
  return program.buffers[program.views[kernel.operands[operand]].buffer].dtype;
}

}  // namespace

DType factor_type(const Program& program, const Gemm& gemm) {
  if (gemm.product != DType::kFloat32 || gemm.packed == kNone) return gemm.product;
  return program.constants[program.packed[gemm.packed].constant].dtype;
}

// Behind strides, dilations, input dilations and groups a convolution may name its product; factors that are bf16
// already are multiplied as such.
DType factor_type(const Program& program, const Kernel& kernel) {
  if (kernel.id != KernelId::k_conv) return DType::kFloat32;
  const size_t product = 3 * kernel.exprs.size() + 1;
  const DType x = operand_type(program, kernel, 0), w = operand_type(program, kernel, 1);
  const bool told = kernel.attrs.size() > product;
  const bool pairs = told ? kernel.attrs[product] == static_cast<int64_t>(DType::kBFloat16)
                          : x == DType::kBFloat16 && w == DType::kBFloat16;
  return pairs ? DType::kBFloat16 : w == DType::kFloat16 ? w : DType::kFloat32;
}

DType factor_type(const Program& program, const Stage& stage) {
  DType narrowest = DType::kFloat32;
  for (const Gemm& gemm : stage.gemms) {
    const DType type = factor_type(program, gemm);
    if (type == DType::kBFloat16 || narrowest == DType::kFloat32) narrowest = type;
  }
  return narrowest;
}

std::vector<std::optional<DType>> packed_products(const Program& program) {
  std::vector<std::optional<DType>> products(program.packed.size());
  for (const Stage& stage : program.stages) {
    for (const Gemm& gemm : stage.gemms) {
      if (gemm.packed != kNone) products[gemm.packed] = gemm.product;
    }
  }
  return products;
}

std::string kernel_name(const Program& program, const Gemm& gemm) {
  return family_name("gemm", factor_type(program, gemm));
}

std::string kernel_name(const Program& program, const Kernel& kernel) {
  const char* name = kernel_info(kernel.id).name;
  return kernel.id == KernelId::k_conv ? family_name(name, factor_type(program, kernel)) : name;
}

}  // namespace rondo::plan
