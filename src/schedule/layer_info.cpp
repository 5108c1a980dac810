#include "schedule/layer_info.h"

#include <nlohmann/json.hpp>

#include "plan/precision.h"

namespace rondo::schedule {
namespace {

using Json = nlohmann::ordered_json;

std::string expr_text(const plan::Program& program, plan::ExprId id) {
  if (id == plan::kNone) return "unknown";
  const plan::Expr& e = program.exprs[id];
  const auto both = [&](const char* open, const char* middle) {
    return open + expr_text(program, e.a) + middle + expr_text(program, e.b) + ")";
  };
  switch (e.kind) {
    case plan::ExprKind::kConstant:
      return std::to_string(e.value);
    case plan::ExprKind::kSymbol:
      return program.symbols[static_cast<size_t>(e.value)].name;
    case plan::ExprKind::kAdd:
      return both("(", " + ");
    case plan::ExprKind::kSub:
      return both("(", " - ");
    case plan::ExprKind::kMul:
      return both("(", " * ");
    case plan::ExprKind::kFloorDiv:
      return both("floordiv(", ", ");
    case plan::ExprKind::kCeilDiv:
      return both("ceildiv(", ", ");
    case plan::ExprKind::kMin:
      return both("min(", ", ");
    case plan::ExprKind::kMax:
      return both("max(", ", ");
  }
  return {};
}

class Inspector {
 public:
  Inspector(ProgramBuilder& builder, const std::vector<LoopReport>& loops)
      : program_(builder.program()), infos_(builder.infos()) {
    for (const LoopReport& loop : loops) reports_[loop.loop] = &loop;
    for (size_t c = 0; c < program_.chains.size(); ++c) {
      for (const uint32_t step : program_.chains[c].steps) chain_of_[step] = c;
    }
  }

  Json block(uint32_t id) {
    Json layers = Json::array();
    for (const uint32_t step : program_.blocks[id].steps) {
      layers.push_back(layer(program_.steps[step]));
      if (const auto it = chain_of_.find(step); it != chain_of_.end()) layers.back()["chain"] = it->second;
    }
    return layers;
  }

 private:
  Json layer(const plan::Step& step) {
    Json json;
    json["Name"] = step.origin;
    switch (step.kind) {
      case plan::StepKind::kStage:
        stage(program_.stages[step.index], json);
        break;
      case plan::StepKind::kKernel:
        json["kind"] = plan::kernel_info(program_.kernels[step.index].id).name;
        json["precision"] = dtype_name(plan::factor_type(program_, program_.kernels[step.index]));
        json["kernel"] = plan::kernel_name(program_, program_.kernels[step.index]);
        json["shape"] = shape(program_.kernels[step.index].space);
        break;
      case plan::StepKind::kLoop:
        loop(step.index, json);
        break;
      case plan::StepKind::kBreak:
        json["kind"] = "break";
        break;
      case plan::StepKind::kConditional:
        json["kind"] = "conditional";
        json["then"] = block(program_.conditionals[step.index].then_block);
        json["else"] = block(program_.conditionals[step.index].else_block);
        break;
      case plan::StepKind::kRead:
        json["kind"] = "read_values";
        break;
      case plan::StepKind::kParallel:
        json["kind"] = "parallel";
        json["blocks"] = Json::array();
        for (const uint32_t id : program_.parallels[step.index].blocks) json["blocks"].push_back(block(id));
        break;
    }
    return json;
  }

  Json shape(const std::vector<plan::ExprId>& space) {
    Json dims = Json::array();
    for (const plan::ExprId dim : space) dims.push_back(expr_text(program_, dim));
    return dims;
  }

  void stage(const plan::Stage& stage, Json& json) {
    json["kind"] = stage.gemms.empty() ? "pointwise" : "gemm";
    json["shape"] = shape(stage.space);
    json["precision"] = dtype_name(plan::factor_type(program_, stage));
    for (const plan::Gemm& gemm : stage.gemms) {
      json["gemms"].push_back({{"k", expr_text(program_, gemm.k)},
                               {"gates", gemm.gates},
                               {"weights", gemm.packed != plan::kNone ? "packed" : "in memory"},
                               {"kernel", plan::kernel_name(program_, gemm)}});
    }
    json["operands"] = Json::array();
    for (const plan::ViewId view : stage.operands) json["operands"].push_back(infos_[program_.views[view].buffer].name);
    json["tile_program"] = tile::to_string(program_.tile_programs[stage.tile_program]);
  }

  void loop(uint32_t index, Json& json) {
    const plan::Loop& loop = program_.loops[index];
    json["kind"] = "loop";
    json["trips"] = loop.trips != plan::kNone        ? expr_text(program_, loop.trips)
                    : loop.count_view != plan::kNone ? "in memory"
                                                     : "while";
    json["carried"] = Json::array();
    for (const CarryPlan& carry : reports_.at(index)->carries) {
      Json item{{"placement", placement_name(carry.placement)}};
      if (carry.placement == Placement::kParity) item["why"] = carry.reason;
      json["carried"].push_back(std::move(item));
    }
    size_t stages = 0;
    for (const uint32_t step : program_.blocks[loop.body].steps)
      stages += program_.steps[step].kind == plan::StepKind::kStage;
    json["stages_per_iteration"] = stages;
    json["steps_per_iteration"] = program_.blocks[loop.body].steps.size();
    json["body"] = block(loop.body);
  }

  const plan::Program& program_;
  const std::vector<BufferInfo>& infos_;
  std::map<uint32_t, const LoopReport*> reports_;
  std::map<uint32_t, size_t> chain_of_;  ///< by step
};

}  // namespace

std::string layer_info(ProgramBuilder& builder, const std::vector<LoopReport>& loops) {
  Json json;
  json["name"] = builder.program().name;
  json["arena_bytes"] = builder.program().arena_bytes;
  json["Layers"] = Inspector(builder, loops).block(0);
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace rondo::schedule
