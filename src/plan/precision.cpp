#include "plan/precision.h"

#include "base/error.h"

namespace rondo::plan {

DType factor_type(const Program& program, const Gemm& gemm) {
  if (gemm.product != DType::kFloat32 || gemm.packed == kNone) return gemm.product;
  return program.constants[program.packed[gemm.packed].constant].dtype;
}

DType factor_type(const Program& program, const Stage& stage) {
  DType narrowest = DType::kFloat32;
  for (const Gemm& gemm : stage.gemms) {
    const DType type = factor_type(program, gemm);
    if (type == DType::kBFloat16 || narrowest == DType::kFloat32) narrowest = type;
  }
  return narrowest;
}

std::string kernel_name(const Program& program, const Gemm& gemm) {
  const DType type = factor_type(program, gemm);
  return type == DType::kFloat32 ? "gemm_f32" : text("gemm_", dtype_name(type), "_f32");
}

}  // namespace rondo::plan
