// From graph to Program, top to bottom: bindings, steps, memory, inspector text.
#include "schedule/schedule.h"

#include <algorithm>

#include "base/error.h"
#include "ir/data_symbols.h"
#include "schedule/chain_stages.h"
#include "schedule/layer_info.h"
#include "schedule/lowering/lowering.h"
#include "schedule/memory_plan.h"
#include "schedule/split_products.h"

namespace rondo::schedule {
namespace {

/// Equalities assumed after a type was inferred reach every dimension, so that later comparisons are of ids.
void resolve_dims(ir::Graph& graph) {
  ir::DimPool& pool = graph.dims();
  for (uint32_t id = 0; id < graph.value_count(); ++id) {
    ir::ValueInfo& info = graph.value(ir::ValueId{id}).info;
    for (ir::Dim& dim : info.type.dims) dim = pool.resolve(dim);
    if (!info.contents) continue;
    for (ir::Dim& dim : *info.contents) dim = pool.resolve(dim);
  }
  for (uint32_t id = 0; id < graph.op_count(); ++id) {
    ir::Op& op = graph.op(ir::OpId{id});
    const auto items = op.attrs.items();
    for (const auto& [name, value] : items) {
      if (!std::holds_alternative<ir::Dims>(value) || ir::defines_symbols(op, name)) continue;
      ir::Dims dims = std::get<ir::Dims>(value);
      for (ir::Dim& dim : dims) dim = pool.resolve(dim);
      op.attrs.set(name, dims);
    }
  }
}

/// Symbols' ranges over all profiles.
void set_ranges(ir::DimPool& pool, const std::vector<plan::Profile>& profiles) {
  for (size_t i = 0; i < pool.symbol_count(); ++i) {
    const ir::Symbol symbol = pool.symbol_at(i);
    if (symbol.source == ir::SymbolSource::kData) continue;
    const auto input = static_cast<size_t>(symbol.input), index = static_cast<size_t>(symbol.index);
    ir::Range range{INT64_MAX, 0, INT64_MIN};
    for (size_t p = 0; p < profiles.size(); ++p) {
      if (input >= profiles[p].inputs.size()) continue;
      const plan::Profile::Input& bounds = profiles[p].inputs[input];
      const bool is_value = symbol.source == ir::SymbolSource::kInputValue;
      const std::vector<int64_t>& low = is_value ? bounds.value_min : bounds.min;
      const std::vector<int64_t>& opt = is_value ? bounds.value_opt : bounds.opt;
      const std::vector<int64_t>& high = is_value ? bounds.value_max : bounds.max;
      if (index >= low.size() || index >= opt.size() || index >= high.size()) continue;
      range.min = std::min(range.min, low[index]);
      range.max = std::max(range.max, high[index]);
      if (p == 0) range.opt = opt[index];
    }
    if (range.min > range.max) continue;
    range.opt = std::clamp(range.opt, range.min, range.max);
    pool.set_range(pool.symbol_dim(i), range);
  }
}

plan::Profile profile_of_ranges(ir::Graph& graph) {
  ir::DimPool& pool = graph.dims();
  plan::Profile profile;
  for (const ir::OpId op : graph.inputs()) {
    const ir::ValueInfo& info = graph.value(graph.op(op).results[0]).info;
    plan::Profile::Input input;
    const auto add = [&](ir::Dim dim, std::vector<int64_t>& min, std::vector<int64_t>& opt, std::vector<int64_t>& max) {
      const ir::Range range = pool.range(dim);
      min.push_back(range.min);
      opt.push_back(range.opt);
      max.push_back(range.max);
    };
    for (const ir::Dim dim : info.type.dims) add(dim, input.min, input.opt, input.max);
    for (const ir::Dim element : info.contents.value_or(ir::Dims{})) {
      add(element, input.value_min, input.value_opt, input.value_max);
    }
    profile.inputs.push_back(std::move(input));
  }
  return profile;
}

/// The private copy: every dimension resolved, symbols bounded, products split.
ir::Graph prepared(const ScheduleInput& input, const passes::PassOptions& options) {
  ir::Graph graph = input.graph;
  set_ranges(graph.dims(), input.profiles);
  resolve_dims(graph);
  if (options.disabled.count("fuse_tails") == 0) split_products(graph);
  return graph;
}

/// One run from graph to Program over a private copy of the graph.
class Scheduler {
 public:
  Scheduler(const ScheduleInput& input, const passes::PassOptions& options)
      : input_(input),
        options_(options),
        graph_(prepared(input, options)),
        builder_(graph_),
        lowering_(graph_, builder_, options_) {}

  plan::Program run() {
    plan::Program& program = builder_.program();
    program.name = input_.name;
    program.graph_text = input_.graph_text;
    program.libraries = input_.libraries;
    program.profiles = input_.profiles;
    if (program.profiles.empty()) program.profiles.push_back(profile_of_ranges(graph_));
    add_symbols();
    add_inputs();
    const std::vector<Place> outputs = add_outputs();
    lowering_.lower_main(outputs);
    add_checks();
    if (options_.disabled.count("chain_stages") == 0) chain_stages(builder_);
    plan_memory(builder_, graph_.dims());
    place_plugins();
    program.layer_info = layer_info(builder_, lowering_.loop_reports());
    return std::move(program);
  }

 private:
  void add_symbols() {
    const ir::DimPool& pool = graph_.dims();
    for (size_t i = 0; i < pool.symbol_count(); ++i) {
      const ir::Symbol& symbol = pool.symbol_at(i);
      if (symbol.source == ir::SymbolSource::kData) {
        const ir::Range& range = pool.symbol_range(i);
        builder_.program().symbols.push_back(
            {plan::Symbol::Source::kData, plan::kNone, 0, symbol.name, range.min, range.max});
        continue;
      }
      const bool is_dim = symbol.source == ir::SymbolSource::kInputDim;
      builder_.program().symbols.push_back(
          {is_dim ? plan::Symbol::Source::kInputDim : plan::Symbol::Source::kInputValue,
           static_cast<uint32_t>(symbol.input), static_cast<uint32_t>(symbol.index), symbol.name, 0, INT64_MAX});
    }
  }

  /// Kernels number the plugins of the program: each has one of its own, and what no kernel needs is left out.
  void place_plugins() {
    plan::Program& program = builder_.program();
    for (plan::Kernel& kernel : program.kernels) {
      if (kernel.id != plan::KernelId::k_plugin) continue;
      const auto wanted = static_cast<size_t>(kernel.attrs[0]);
      RONDO_CHECK(wanted < input_.plugins.size(), "plugin ", wanted, " is not given");
      kernel.attrs[0] = static_cast<int64_t>(program.plugins.size());
      program.plugins.push_back(input_.plugins[wanted]);
    }
  }

  void add_checks() {
    for (const ir::DimPool::Check& check : graph_.dims().checks()) {
      const plan::ExprId a = builder_.raw_expr(check.a), b = builder_.raw_expr(check.b);
      builder_.program().checks.push_back({a, b, check.message});
    }
  }

  Place add_binding(plan::Storage storage, uint32_t index, ir::ValueId value, const BindingInfo& info) {
    const ir::TensorType& type = graph_.type(value);
    plan::Binding binding;
    binding.name = info.name;
    binding.dtype = type.dtype;
    binding.is_input = storage == plan::Storage::kInput;
    binding.is_shape = info.is_shape;
    binding.is_debug = info.is_debug;
    binding.is_hidden = info.is_hidden;
    binding.dim_names = info.dim_names;
    binding.dims = info.dims;
    binding.dim_exprs = builder_.exprs(type.dims);
    if (info.dims.empty()) {
      for (const ir::Dim dim : type.dims) binding.dims.push_back(graph_.dims().value_or_unknown(dim));
    }
    binding.buffer = builder_.binding_buffer(storage, index, type.dtype, type.dims, info.name);
    builder_.program().bindings.push_back(binding);
    return dense_place(graph_.dims(), binding.buffer, type.dims);
  }

  void add_inputs() {
    for (size_t i = 0; i < graph_.inputs().size(); ++i) {
      const ir::Op& op = graph_.op(graph_.inputs()[i]);
      BindingInfo info = i < input_.inputs.size() ? input_.inputs[i] : BindingInfo{};
      if (info.name.empty()) info.name = op.name;
      info.is_shape = info.is_shape || graph_.value(op.results[0]).info.contents.has_value();
      const Place place = add_binding(plan::Storage::kInput, static_cast<uint32_t>(i), op.results[0], info);
      if (!graph_.value(op.results[0]).info.contents) lowering_.set_input(op.results[0], place);
    }
  }

  std::vector<Place> add_outputs() {
    std::vector<Place> places;
    const std::vector<ir::ValueId> results = graph_.region(graph_.main()).results;
    for (size_t i = 0; i < results.size(); ++i) {
      BindingInfo info = i < input_.outputs.size() ? input_.outputs[i] : BindingInfo{};
      if (info.name.empty()) info.name = graph_.output_names()[i];
      places.push_back(
          add_binding(plan::Storage::kOutput, static_cast<uint32_t>(graph_.inputs().size() + i), results[i], info));
    }
    return places;
  }

  const ScheduleInput& input_;
  const passes::PassOptions& options_;
  ir::Graph graph_;
  ProgramBuilder builder_;
  Lowering lowering_;
};

}  // namespace

const std::vector<std::string>& phases() {
  static const std::vector<std::string> names = {"place_states", "partition_stages", "fuse_tails", "pack_weights",
                                                 "chain_stages"};
  return names;
}

plan::Program make_program(const ScheduleInput& input, const passes::PassOptions& options) {
  return Scheduler(input, options).run();
}

plan::Program make_program(const ir::Graph& graph, const passes::PassOptions& options) {
  return make_program(ScheduleInput{graph, "network", {}, {}, {}, {}}, options);
}

}  // namespace rondo::schedule
