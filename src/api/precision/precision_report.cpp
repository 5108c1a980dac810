#include "api/precision/precision_report.h"

#include <map>

#include "base/error.h"
#include "plan/precision.h"

namespace rondo::api {

std::vector<std::string> precision_report(const plan::Program& program) {
  std::vector<std::string> lines(1);
  std::map<DType, size_t> counts;
  size_t layers = 0;
  for (const plan::Step& step : program.steps) {
    if (step.kind != plan::StepKind::kStage && step.kind != plan::StepKind::kKernel) continue;
    ++layers;
    std::string kernels;
    DType type;
    if (step.kind == plan::StepKind::kStage) {
      const plan::Stage& stage = program.stages[step.index];
      type = plan::factor_type(program, stage);
      for (const plan::Gemm& gemm : stage.gemms) kernels += text(" ", plan::kernel_name(program, gemm));
    } else {
      const plan::Kernel& kernel = program.kernels[step.index];
      type = plan::factor_type(program, kernel);
      kernels = text(" ", plan::kernel_name(program, kernel));
    }
    if (type == DType::kFloat32) continue;
    ++counts[type];
    lines.push_back(text("precision: layer '", step.origin, "' in ", dtype_name(type), ":", kernels));
  }
  const size_t bf16 = counts[DType::kBFloat16], f16 = counts[DType::kFloat16];
  lines[0] = text("precision: ", layers, " layers: ", bf16, " multiply in bf16, ", f16, " with f16 weights, ",
                  layers - bf16 - f16, " compute in f32 or integers; all sums are f32");
  return lines;
}

}  // namespace rondo::api
