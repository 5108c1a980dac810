#include "api/report/engine_report.h"

#include <string_view>

#include "base/error.h"
#include "plan/precision.h"

namespace rondo::api {
namespace {

constexpr std::string_view kJoin = " + ";

std::vector<std::string> names_of(const std::string& origin) {
  std::vector<std::string> names;
  size_t from = 0;
  for (size_t at = 0; (at = origin.find(kJoin, from)) != std::string::npos; from = at + kJoin.size()) {
    names.push_back(origin.substr(from, at - from));
  }
  names.push_back(origin.substr(from));
  return names;
}

std::string dims_text(const plan::Program& program, const std::vector<plan::ExprId>& dims) {
  std::string text_of = "[";
  for (const plan::ExprId id : dims) {
    const plan::Expr& e = program.exprs[id];
    if (text_of.size() > 1) text_of += ",";
    if (e.kind == plan::ExprKind::kConstant) {
      text_of += std::to_string(e.value);
    } else {
      text_of += e.kind == plan::ExprKind::kSymbol ? program.symbols[static_cast<size_t>(e.value)].name : "?";
    }
  }
  return text_of + "]";
}

std::string operand_text(const plan::Program& program, plan::ViewId view) {
  const plan::Buffer& buffer = program.buffers[program.views[view].buffer];
  return text(dtype_name(buffer.dtype), buffer.storage == plan::Storage::kConstant ? " constant" : "");
}

void add(std::string& list, const std::string& item) { list += (list.empty() ? "" : ", ") + item; }

std::string stage_line(const plan::Program& program, const plan::Stage& stage, const std::string& origin) {
  const tile::TileProgram& tail = program.tile_programs[stage.tile_program];
  std::string kernels, in, out;
  for (const plan::Gemm& gemm : stage.gemms) {
    add(kernels, text(plan::kernel_name(program, gemm), gemm.packed != plan::kNone ? " on packed weights" : ""));
    add(in, operand_text(program, gemm.a));
  }
  for (const tile::Inst& inst : tail.insts) {
    const bool stores = inst.kind == tile::InstKind::kStore;
    if (stores || inst.kind == tile::InstKind::kLoad)
      add(stores ? out : in, operand_text(program, stage.operands[inst.operand]));
  }
  const char* kind = !stage.gemms.empty() ? "gemm" : tail.row_axes > 0 ? "rows" : "pointwise";
  add(kernels, text(kind, " tile program of ", tail.insts.size(), " instructions"));
  return text("Layer(", kind, "): ", origin, ", Tactic: ", kernels, ", over ", dims_text(program, stage.space),
              ", in (", in, ") -> out (", out, ")");
}

std::string kernel_line(const plan::Program& program, const plan::Kernel& kernel, const std::string& origin) {
  const char* name = plan::kernel_info(kernel.id).name;
  std::string in, out;
  for (size_t i = 0; i < kernel.operands.size(); ++i) {
    const bool result = i + kernel.results() >= kernel.operands.size();
    add(result ? out : in, operand_text(program, kernel.operands[i]));
  }
  return text("Layer(", name, "): ", origin, ", Tactic: ", plan::kernel_name(program, kernel), ", over ",
              dims_text(program, kernel.space), ", in (", in, ") -> out (", out, ")");
}

}  // namespace

std::vector<std::string> engine_report(const plan::Program& program) {
  std::vector<std::string> lines;
  for (const plan::Step& step : program.steps) {
    const std::vector<std::string> names = names_of(step.origin);
    for (size_t i = 1; i < names.size(); ++i) lines.push_back(text("Fusing ", names[i - 1], " with ", names[i]));
  }
  for (const plan::Chain& chain : program.chains) {
    for (size_t i = 1; i < chain.steps.size(); ++i) {
      lines.push_back(
          text("Chaining ", program.steps[chain.steps[i - 1]].origin, " with ", program.steps[chain.steps[i]].origin));
    }
  }
  lines.push_back(text("After make_program: ", program.steps.size(), " layers"));
  lines.emplace_back("Engine Layer Information:");
  for (const plan::Step& step : program.steps) {
    if (step.kind == plan::StepKind::kStage) {
      lines.push_back(stage_line(program, program.stages[step.index], step.origin));
    } else if (step.kind == plan::StepKind::kKernel) {
      lines.push_back(kernel_line(program, program.kernels[step.index], step.origin));
    } else if (step.kind == plan::StepKind::kLoop) {
      lines.push_back(text("Layer(loop): ", step.origin));
    }
  }
  return lines;
}

}  // namespace rondo::api
