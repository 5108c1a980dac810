#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "ops/tensor.h"
#include "passes/equivalence.h"
#include "plan/program.h"
#include "schedule/naive_executor.h"
#include "schedule/schedule.h"

namespace rondo::schedule {

/// Bounds the symbols that no profile bounds, as a builder would refuse to leave them.
inline void bound_symbols(ir::Graph& graph, int64_t largest = 64) {
  ir::DimPool& pool = graph.dims();
  for (size_t i = 0; i < pool.symbol_count(); ++i) {
    const ir::Range range = pool.range(pool.symbol_dim(i));
    if (range.max > largest) pool.set_range(pool.symbol_dim(i), {std::min<int64_t>(range.min, 0), 1, largest});
  }
}

/// The graph after the pipeline, without the passes in `disabled`.
inline ir::Graph optimised(const ir::Graph& graph, const passes::PassOptions& options = {}) {
  ir::Graph result = graph;
  bound_symbols(result);
  passes::run_pipeline(result, options);
  return result;
}

/// Schedules `graph` as it is, verifies the Program, runs it in both orders and compares with `expected`. "" or what went wrong.
inline std::string check_program(const ir::Graph& graph, const std::vector<ops::Tensor>& inputs,
                                 const std::vector<ops::Tensor>& expected, const passes::PassOptions& options,
                                 double tolerance = 2e-5) {
  try {
    const plan::Program program = make_program(graph, options);
    plan::verify(program);
    for (const bool backwards : {false, true}) {
      const std::string problem = passes::difference(expected, run_naively(program, inputs, backwards), tolerance);
      if (!problem.empty()) return problem + (backwards ? " (backwards)" : "");
    }
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

/// check_program with every schedule phase on, then each one off, over the optimised and over the plainest legal graph.
inline std::string check_schedules(const ir::Graph& graph, const std::vector<ops::Tensor>& inputs) {
  passes::PassOptions plain;
  for (const passes::Pass& pass : passes::pipeline()) {
    if (!pass.required) plain.disabled.insert(pass.name);
  }
  const std::vector<ops::Tensor> expected = ops::interpret(graph, inputs);
  const ir::Graph forms[] = {optimised(graph), optimised(graph, plain)};
  std::vector<std::string> switched_off{""};
  switched_off.insert(switched_off.end(), phases().begin(), phases().end());
  for (const std::string& phase : switched_off) {
    for (const ir::Graph& form : forms) {
      const std::string problem = check_program(form, inputs, expected, passes::without(phase));
      if (!problem.empty()) return text(&form == forms ? "optimised" : "plain", ", without '", phase, "': ", problem);
    }
  }
  return "";
}

/// Steps of one kind in a block, nested blocks not included.
inline size_t count_steps(const plan::Program& program, uint32_t block, plan::StepKind kind) {
  size_t count = 0;
  for (const uint32_t step : program.blocks[block].steps) count += program.steps[step].kind == kind ? 1 : 0;
  return count;
}

/// Stages of a block that compute nothing: one load, one store.
inline size_t count_copies(const plan::Program& program, uint32_t block) {
  size_t count = 0;
  for (const uint32_t index : program.blocks[block].steps) {
    const plan::Step& step = program.steps[index];
    if (step.kind != plan::StepKind::kStage || !program.stages[step.index].gemms.empty()) continue;
    const tile::TileProgram& tp = program.tile_programs[program.stages[step.index].tile_program];
    bool computes = false;
    for (const tile::Inst& inst : tp.insts) computes = computes || inst.kind == tile::InstKind::kPointwise;
    count += computes ? 0 : 1;
  }
  return count;
}

/// Placements of all carried values, in program order, as the inspector tells them.
inline std::vector<std::string> placements(const plan::Program& program) {
  std::vector<std::string> found;
  const std::function<void(const nlohmann::json&)> visit = [&](const nlohmann::json& node) {
    if (node.is_object() && node.contains("carried")) {
      for (const auto& carry : node["carried"]) found.push_back(carry["placement"]);
    }
    if (node.is_structured()) {
      for (const auto& inner : node) visit(inner);
    }
  };
  visit(nlohmann::json::parse(program.layer_info));
  return found;
}

inline void expect_one_clean_stage(const plan::Program& program, size_t loop = 0) {
  const uint32_t body = program.loops.at(loop).body;
  EXPECT_EQ(program.blocks[body].steps.size(), 1u) << plan::to_string(program);
  EXPECT_EQ(count_steps(program, body, plan::StepKind::kStage), 1u);
  EXPECT_EQ(count_copies(program, body), 0u);
}

}  // namespace rondo::schedule
