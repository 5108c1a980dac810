#include "fuzz_loops/reducer.h"

#include <algorithm>

#include "ir/verify.h"
#include "ops/interpreter.h"
#include "ops/op_def.h"
#include "passes/eliminate_dead.h"
#include "passes/parts/loop_parts.h"
#include "passes/parts/op_builder.h"

namespace rondo::fuzz {
namespace {

class Reducer {
 public:
  Reducer(Program program, const std::function<bool(const Program&)>& fails, int budget)
      : program_(std::move(program)), fails_(fails), budget_(budget) {}

  Program run() {
    bool shrunk = true;
    while (shrunk && budget_ > 0) shrunk = drop_outputs() | replace_values() | drop_parts();
    return std::move(program_);
  }

 private:
  /// Takes the candidate if it is valid, differs in size and still fails.
  bool accept(Program candidate) {
    if (budget_-- <= 0) return false;
    try {
      passes::eliminate_dead(candidate.graph, {});
      candidate.graph.compact();
      ops::infer_graph(candidate.graph);
      ir::verify_structure(candidate.graph, "reduction");
      ops::interpret(candidate.graph, candidate.inputs);
    } catch (const std::exception&) {
      return false;
    }
    if (size_of(candidate.graph) >= size_of(program_.graph) || !fails_(candidate)) return false;
    program_ = std::move(candidate);
    return true;
  }

  static size_t size_of(const ir::Graph& graph) {
    size_t size = graph.region(graph.main()).results.size();
    for (ir::RegionId region : passes::regions_outer_first(graph)) {
      size += graph.region(region).args.size() + graph.region(region).results.size();
      for (ir::OpId op : graph.region(region).ops) {
        const ir::OpKind kind = graph.op(op).kind;
        size += kind == ir::OpKind::k_constant ? 1 : kind == ir::OpKind::k_input ? 0 : 4 + graph.op(op).operands.size();
      }
    }
    return size;
  }

  bool drop_outputs() {
    bool shrunk = false;
    for (size_t i = program_.graph.region(program_.graph.main()).results.size(); i-- > 0;) {
      Program candidate = program_;
      auto& results = candidate.graph.region(candidate.graph.main()).results;
      if (results.size() <= 1 || i >= results.size()) continue;
      results.erase(results.begin() + static_cast<std::ptrdiff_t>(i));
      candidate.graph.output_names().erase(candidate.graph.output_names().begin() + static_cast<std::ptrdiff_t>(i));
      shrunk = accept(std::move(candidate)) || shrunk;
    }
    return shrunk;
  }

  /// Ids are dense and in program order after compact(), so they name values across candidates of one round.
  bool replace_values() {
    bool shrunk = false;
    for (size_t id = program_.graph.value_count(); id-- > 0;) {
      if (id >= program_.graph.value_count()) continue;
      const ir::ValueId value{static_cast<uint32_t>(id)};
      for (ir::ValueId by : substitutes(value)) {
        Program candidate = program_;
        candidate.graph.replace_uses(value, by);
        if (accept(std::move(candidate))) {
          shrunk = true;
          break;
        }
      }
      if (id < program_.graph.value_count() && replace_by_zeros(value)) shrunk = true;
    }
    return shrunk;
  }

  std::vector<ir::ValueId> substitutes(ir::ValueId value) {
    ir::Graph& graph = program_.graph;
    std::vector<ir::ValueId> found;
    const ir::OpId def = graph.value(value).def;
    if (def.valid()) {
      for (ir::ValueId operand : graph.op(def).operands) {
        if (passes::same_type(graph, operand, value)) found.push_back(operand);
      }
    }
    for (uint32_t id = 0; id < value.id && found.size() < 4; ++id) {
      const ir::ValueId other{id};
      const bool visible = graph.is_inside(graph.value(value).region, graph.value(other).region);
      if (visible && passes::same_type(graph, other, value)) found.push_back(other);
    }
    return found;
  }

  bool replace_by_zeros(ir::ValueId value) {
    Program candidate = program_;
    ir::Graph& graph = candidate.graph;
    const ir::OpId def = graph.value(value).def;
    if (!def.valid() || graph.op(def).kind == ir::OpKind::k_constant) return false;
    ops::Tensor zeros{graph.type(value).dtype, {}, {}};
    for (ir::Dim dim : graph.type(value).dims) {
      if (!graph.dims().is_constant(dim)) return false;
      zeros.dims.push_back(graph.dims().value(dim));
    }
    zeros.data.assign(static_cast<size_t>(zeros.volume()), 0.0);
    const ir::ValueId constant = passes::OpBuilder::before(graph, def).constant(zeros);
    graph.replace_uses(value, constant);
    return accept(std::move(candidate));
  }

  /// Drops collected outputs and iterators of loops whose values nobody reads once they are cut.
  bool drop_parts() {
    bool shrunk = false;
    const std::vector<ir::OpId> loops = passes::loops_inner_first(program_.graph);
    for (size_t number = 0; number < loops.size(); ++number) {
      Program candidate = program_;
      const ir::OpId op = passes::loops_inner_first(candidate.graph)[std::min(number, loops.size() - 1)];
      if (!candidate.graph.op(op).attrs.flag("while") || !candidate.graph.op(op).attrs.flag("count")) continue;
      candidate.graph.op(op).attrs.set("while", int64_t{0});
      candidate.graph.region(candidate.graph.op(op).regions[0]).results.pop_back();
      if (!accept(std::move(candidate))) continue;
      shrunk = true;
      break;
    }
    return shrunk;
  }

  Program program_;
  const std::function<bool(const Program&)>& fails_;
  int budget_;
};

}  // namespace

Program reduce(Program program, const std::function<bool(const Program&)>& fails, int budget) {
  program.graph.compact();
  return Reducer(std::move(program), fails, budget).run();
}

}  // namespace rondo::fuzz
