#include "conformance/harness/engine.h"

#include "passes/pass.h"
#include "plan/plan_file.h"
#include "runtime/engine.h"
#include "schedule/schedule.h"
#include "support/alike_runs.h"

namespace rondo::conformance {

std::vector<kernels::Isa> instruction_sets() {
  std::vector<kernels::Isa> sets;
  for (kernels::Isa isa :
       {kernels::Isa::kScalar, kernels::Isa::kAvx2, kernels::Isa::kAvx512, kernels::Isa::kAvx512Bf16}) {
    if (kernels::supports(isa)) sets.push_back(isa);
  }
  return sets;
}

plan::Program compile(const ir::Graph& graph) {
  ir::Graph work = graph;
  const passes::PassOptions options;
  passes::run_pipeline(work, options);
  const auto plan = plan::write_plan(schedule::make_program(work, options));
  return plan::read_plan(plan.data(), plan.size());
}

std::vector<ops::Tensor> run(const plan::Program& program, kernels::Isa isa, const std::vector<ops::Tensor>& inputs,
                             int threads) {
  return test::run_alike(std::make_shared<const runtime::Engine>(program, isa), inputs, threads);
}

}  // namespace rondo::conformance
