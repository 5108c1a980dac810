#include "fuzz_loops/engine.h"

#include <memory>

#include "plan/plan_file.h"
#include "runtime/engine.h"
#include "schedule/schedule.h"
#include "support/alike_runs.h"

namespace rondo::fuzz {
namespace {

constexpr ir::Range kProfile{0, 3, 64};  ///< what every dynamic extent of the generator's programs lies in

}  // namespace

std::vector<ops::Tensor> run_engine(const ir::Graph& graph, const std::vector<ops::Tensor>& inputs,
                                    const passes::PassOptions& options) {
  ir::Graph work = graph;
  for (size_t i = 0; i < work.dims().symbol_count(); ++i) work.dims().set_range(work.dims().symbol_dim(i), kProfile);
  passes::run_pipeline(work, options);
  const auto plan = plan::write_plan(schedule::make_program(work, options));
  const auto engine = std::make_shared<const runtime::Engine>(plan::read_plan(plan.data(), plan.size()));
  return test::run_alike(engine, inputs, 3);
}

}  // namespace rondo::fuzz
