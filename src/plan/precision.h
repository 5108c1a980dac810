#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plan/program.h"

namespace rondo::plan {

/// The type a product takes its factors in: kBFloat16, kFloat16 (weights are f16, widened as they are read) or kFloat32.
DType factor_type(const Program& program, const Gemm& gemm);
/// The same of a kernel; kFloat32 for one that multiplies nothing.
DType factor_type(const Program& program, const Kernel& kernel);
/// The narrowest of a stage's products; kFloat32 for a stage without any.
DType factor_type(const Program& program, const Stage& stage);
/// The type that each packed matrix is multiplied in; none where no product reads it.
std::vector<std::optional<DType>> packed_products(const Program& program);
/// "gemm_f32", "gemm_f16_f32", "gemm_bf16_f32": the family of micro-kernels that runs a product, on any instruction set.
std::string kernel_name(const Program& program, const Gemm& gemm);
/// "conv_f32", "conv_f16_f32", "conv_bf16_f32", or the name of a kernel that multiplies nothing.
std::string kernel_name(const Program& program, const Kernel& kernel);

}  // namespace rondo::plan
