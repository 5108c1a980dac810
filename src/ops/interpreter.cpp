#include "ops/interpreter.h"

#include <algorithm>
#include <memory>

#include "base/error.h"
#include "ir/data_symbols.h"
#include "ops/infer.h"
#include "ops/op_def.h"
#include "ops/primitive/region_ops.h"
#include "ops/reference.h"

// The oracle: a graph run op by op, iteration by iteration, from the ops' references.
//
// A slot per value holds its tensor; a loop body overwrites its slots in every iteration, and captured values are found
// where the outer region left them. Each op is prepared once: its symbolic extents and Dims attributes are evaluated
// for the inputs at hand, so that references see plain integers. Ops that mention data symbols are prepared anew each
// time; a symbol gets its value when the op that defines it has run, and the checks that wait for it are made then. An
// iteration starts without the symbols that the body defines.

namespace rondo::ops {
namespace {

struct Prepared {
  ir::Op op;  ///< Dims attributes replaced by integers
  std::vector<TensorShape> results;
};

Index evaluated(const ir::Graph& graph, const ir::Dims& dims, std::span<const int64_t> symbols) {
  Index values;
  for (ir::Dim dim : dims) values.push_back(graph.dims().evaluate(dim, symbols));
  return values;
}

Prepared prepare(const ir::Graph& graph, ir::OpId id, std::span<const int64_t> symbols) {
  Prepared prepared{graph.op(id), {}};
  for (const auto& [name, value] : graph.op(id).attrs.items()) {
    if (const auto* dims = std::get_if<ir::Dims>(&value)) prepared.op.attrs.set(name, evaluated(graph, *dims, symbols));
  }
  for (ir::ValueId result : prepared.op.results) {
    const ir::TensorType& type = graph.type(result);
    prepared.results.push_back({type.dtype, evaluated(graph, type.dims, symbols)});
    for (int64_t extent : prepared.results.back().dims) {
      if (extent < 0) fail(Code::kFailedExecution, "layer '", prepared.op.name, "' would have an extent of ", extent);
    }
  }
  return prepared;
}

Tensor constant_tensor(const ir::Graph& graph, const Prepared& prepared) {
  const auto index = static_cast<uint32_t>(prepared.op.attrs.integer("data"));
  return from_bytes(prepared.results[0].dtype, prepared.results[0].dims, graph.constant_data(index).bytes.data());
}

std::vector<int64_t> symbol_values(const ir::Graph& graph, const std::vector<Tensor>& inputs) {
  std::vector<int64_t> values;
  for (size_t i = 0; i < graph.dims().symbol_count(); ++i) {
    const ir::Symbol& symbol = graph.dims().symbol_at(i);
    if (symbol.source == ir::SymbolSource::kData) {
      values.push_back(0);
      continue;
    }
    const auto input = static_cast<size_t>(symbol.input), index = static_cast<size_t>(symbol.index);
    const bool extent = symbol.source == ir::SymbolSource::kInputDim;
    const bool known =
        input < inputs.size() && index < (extent ? inputs[input].dims.size() : inputs[input].data.size());
    if (!known) fail(Code::kInvalidArgument, "no input gives a value to symbol ", symbol.name);
    values.push_back(extent ? inputs[input].dims[index] : static_cast<int64_t>(inputs[input].data[index]));
  }
  return values;
}

std::string tensor_text(const Tensor& tensor) {
  std::string out = dtype_name(tensor.dtype);
  out += "[";
  for (size_t i = 0; i < tensor.dims.size(); ++i) out += (i ? ", " : "") + std::to_string(tensor.dims[i]);
  return out + "]";
}

class Interpreter {
 public:
  Interpreter(const ir::Graph& graph, const std::vector<Tensor>& inputs, const InterpreterOptions& options)
      : graph_(graph),
        inputs_(inputs),
        options_(options),
        data_(graph),
        slots_(graph.value_count()),
        prepared_(graph.op_count()) {}

  std::vector<Tensor> run() {
    check_inputs();
    run_region(graph_.main());
    return values_of(graph_.region(graph_.main()).results);
  }

 private:
  Tensor& slot(ir::ValueId v) { return slots_[v.id]; }

  std::vector<Tensor> values_of(const std::vector<ir::ValueId>& values) {
    std::vector<Tensor> tensors;
    for (ir::ValueId v : values) tensors.push_back(slot(v));
    return tensors;
  }

  void check_inputs() {
    if (inputs_.size() != graph_.inputs().size()) {
      fail(Code::kInvalidArgument, "the network has ", graph_.inputs().size(), " inputs, ", inputs_.size(),
           " were given");
    }
    symbols_ = symbol_values(graph_, inputs_);
    for (size_t i = 0; i < inputs_.size(); ++i) {
      const ir::Op& op = graph_.op(graph_.inputs()[i]);
      const ir::TensorType& type = graph_.type(op.results[0]);
      if (inputs_[i].dtype == type.dtype && inputs_[i].dims == evaluated(graph_, type.dims, symbols_)) continue;
      fail(Code::kInvalidArgument, "input '", op.name, "' is ", type_text(graph_.dims(), type), ", but ",
           tensor_text(inputs_[i]), " was given");
    }
    known_.assign(symbols_.size(), true);
    for (size_t i = 0; i < symbols_.size(); ++i) {
      known_[i] = graph_.dims().symbol_at(i).source != ir::SymbolSource::kData;
    }
    make_checks(false);
  }

  bool is_known(ir::Dim dim) const {
    std::vector<uint32_t> symbols;
    graph_.dims().data_symbols(dim, &symbols);
    return std::all_of(symbols.begin(), symbols.end(), [&](uint32_t symbol) { return known_[symbol]; });
  }

  /// Those that mention data symbols and can be made by now, or those that mention none.
  void make_checks(bool of_data) const {
    const ir::DimPool& dims = graph_.dims();
    for (const auto& check : dims.checks()) {
      if ((dims.mentions_data(check.a) || dims.mentions_data(check.b)) != of_data) continue;
      if (!is_known(check.a) || !is_known(check.b)) continue;
      if (dims.evaluate(check.a, symbols_) == dims.evaluate(check.b, symbols_)) continue;
      fail(of_data ? Code::kFailedExecution : Code::kInvalidArgument, check.message);
    }
  }

  void set_symbol(ir::Dim dim, int64_t value, const std::string& who) {
    const ir::DimPool::Node& node = graph_.dims().node(dim);
    if (node.kind != ir::DimKind::kSymbol || !graph_.dims().mentions_data(dim)) return;
    const auto index = static_cast<size_t>(node.value);
    const ir::Range& range = graph_.dims().symbol_range(index);
    if (value < range.min || value > range.max) {
      fail(Code::kFailedExecution, who, " is ", value, ", must be in [", range.min, ", ", range.max, "]");
    }
    symbols_[index] = value;
    known_[index] = true;
  }

  /// Gives the symbols that an op defines their values, from its results.
  void define_symbols(const ir::Op& op) {
    if (!data_.any()) return;
    for (const auto& [name, value] : graph_.op(graph_.value(op.results.at(0)).def).attrs.items()) {
      const auto* dims = std::get_if<ir::Dims>(&value);
      if (dims == nullptr || !ir::defines_symbols(op, name)) continue;
      std::vector<int64_t> found;
      if (op.kind == ir::OpKind::k_read_values) {
        for (const double element : slot(op.results[0]).data) found.push_back(static_cast<int64_t>(element));
      } else if (op.kind == ir::OpKind::k_conditional) {
        for (ir::ValueId result : op.results)
          found.insert(found.end(), slot(result).dims.begin(), slot(result).dims.end());
      } else {
        found.push_back(slot(op.results[0]).dims.at(op.kind == ir::OpKind::k_non_zero ? 1 : 0));
      }
      for (size_t i = 0; i < dims->size() && i < found.size(); ++i) set_symbol((*dims)[i], found[i], op.name);
      make_checks(true);
    }
  }

  /// What the ops of a region define is unknown again.
  void forget_symbols(ir::RegionId region) {
    if (!data_.any()) return;
    for (uint32_t symbol = 0; symbol < known_.size(); ++symbol) {
      const ir::ValueId value = data_.definition(symbol);
      if (value.valid() && graph_.is_inside(graph_.value(value).region, region)) known_[symbol] = false;
    }
  }

  bool mentions_data(ir::OpId id) const {
    const ir::Op& op = graph_.op(id);
    const auto in = [&](const ir::Dims& dims) {
      return std::any_of(dims.begin(), dims.end(), [&](ir::Dim dim) { return graph_.dims().mentions_data(dim); });
    };
    bool any =
        std::any_of(op.results.begin(), op.results.end(), [&](ir::ValueId v) { return in(graph_.type(v).dims); });
    for (const auto& [name, value] : op.attrs.items()) {
      if (const auto* dims = std::get_if<ir::Dims>(&value)) any = any || in(*dims);
    }
    return any;
  }

  void run_region(ir::RegionId region) {
    for (ir::OpId id : graph_.region(region).ops) run_op(id);
  }

  void run_op(ir::OpId id) {
    auto& prepared = prepared_[id.id];
    if (!prepared || (data_.any() && mentions_data(id)))
      prepared = std::make_unique<Prepared>(prepare(graph_, id, symbols_));
    switch (prepared->op.kind) {
      case ir::OpKind::k_input:
        set_input(id, *prepared);
        return;
      case ir::OpKind::k_constant:
        if (slot(prepared->op.results[0]).data.empty())
          slot(prepared->op.results[0]) = constant_tensor(graph_, *prepared);
        return;
      case ir::OpKind::k_loop:
        run_loop(*prepared);
        return;
      case ir::OpKind::k_conditional:
        run_conditional(*prepared);
        return;
      default:
        run_plain(*prepared);
    }
  }

  void set_input(ir::OpId id, const Prepared& prepared) {
    const auto& ids = graph_.inputs();
    const auto at = static_cast<size_t>(std::find(ids.begin(), ids.end(), id) - ids.begin());
    RONDO_CHECK(at < ids.size(), "input op '", prepared.op.name, "' is not listed");
    slot(prepared.op.results[0]) = inputs_[at];
  }

  /// Operands are lent to the reference by moving them out of their slots and back.
  void run_plain(const Prepared& prepared) {
    const std::vector<ir::ValueId>& ids = prepared.op.operands;
    std::vector<Tensor> operands(ids.size());
    for (size_t i = 0; i < ids.size(); ++i) {
      const auto first = static_cast<size_t>(
          std::find(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(i), ids[i]) - ids.begin());
      operands[i] = first < i ? operands[first] : std::move(slot(ids[i]));
    }
    std::vector<Tensor> results = op_def(prepared.op.kind).reference(prepared.op, operands, prepared.results);
    for (size_t i = ids.size(); i-- > 0;) slot(ids[i]) = std::move(operands[i]);
    for (size_t i = 0; i < results.size(); ++i) set_result(prepared.op.results[i], std::move(results[i]));
    define_symbols(prepared.op);
  }

  void set_result(ir::ValueId v, Tensor tensor) {
    if (options_.round_to_dtype) {
      for (double& element : tensor.data) element = round_to(tensor.dtype, element);
    }
    slot(v) = std::move(tensor);
  }

  void run_conditional(const Prepared& prepared) {
    const ir::RegionId branch = prepared.op.regions.at(slot(prepared.op.operands[0]).data.at(0) != 0 ? 0 : 1);
    run_region(branch);
    std::vector<Tensor> results = values_of(graph_.region(branch).results);
    for (size_t i = 0; i < results.size(); ++i) slot(prepared.op.results[i]) = std::move(results[i]);
    if (!results.empty()) define_symbols(prepared.op);
  }

  /// Element `index` of axis `axis`; zeros outside, and false then.
  static bool take_slice(const Tensor& x, size_t axis, int64_t index, Tensor* slice) {
    TensorShape shape{x.dtype, x.dims};
    shape.dims.erase(shape.dims.begin() + static_cast<std::ptrdiff_t>(axis));
    *slice = zeros(shape);
    if (index < 0 || index >= x.dims[axis]) return false;
    int64_t inner = 1;
    for (size_t i = axis + 1; i < x.dims.size(); ++i) inner *= x.dims[i];
    const int64_t outer = inner == 0 ? 0 : slice->volume() / inner;
    for (int64_t o = 0; o < outer; ++o) {
      std::copy_n(x.data.begin() + (o * x.dims[axis] + index) * inner, inner, slice->data.begin() + o * inner);
    }
    return true;
  }

  static void put_slice(const Tensor& slice, size_t axis, int64_t index, Tensor* to) {
    int64_t inner = 1;
    for (size_t i = axis + 1; i < to->dims.size(); ++i) inner *= to->dims[i];
    const int64_t outer = inner == 0 ? 0 : slice.volume() / inner;
    for (int64_t o = 0; o < outer; ++o) {
      std::copy_n(slice.data.begin() + o * inner, inner, to->data.begin() + (o * to->dims[axis] + index) * inner);
    }
  }

  void run_loop(const Prepared& prepared);
  void bind_iterators(const Prepared& prepared, const LoopParts& parts, int64_t step, int64_t count,
                      std::string* outside);
  void collect(const Prepared& prepared, const LoopParts& parts, int64_t step, std::vector<Tensor>* collected);

  const ir::Graph& graph_;
  const std::vector<Tensor>& inputs_;
  InterpreterOptions options_;
  const ir::DataSymbols data_;
  std::vector<int64_t> symbols_;
  std::vector<bool> known_;  ///< by symbol
  std::vector<Tensor> slots_;
  std::vector<std::unique_ptr<Prepared>> prepared_;
};

void Interpreter::bind_iterators(const Prepared& prepared, const LoopParts& parts, int64_t step, int64_t count,
                                 std::string* outside) {
  const ir::Region& body = graph_.region(prepared.op.regions[0]);
  for (size_t i = 0; i < parts.iterated; ++i) {
    const Tensor& x = slot(prepared.op.operands[parts.first_iterated() + i]);
    const auto axis = static_cast<size_t>(prepared.op.attrs.integers("iter_axes")[i]);
    const bool reverse = prepared.op.attrs.integers("iter_reverse")[i] != 0;
    const int64_t index = reverse ? count - 1 - step : step;
    if (!take_slice(x, axis, index, &slot(body.args[1 + parts.carried + i]))) {
      *outside = text("loop '", prepared.op.name, "': iterator ", i, " reads index ", index, " of dimension ", axis,
                      " of ", tensor_text(x));
    }
  }
}

void Interpreter::collect(const Prepared& prepared, const LoopParts& parts, int64_t step,
                          std::vector<Tensor>* collected) {
  const ir::Region& body = graph_.region(prepared.op.regions[0]);
  for (size_t i = 0; i < parts.collected; ++i) {
    const auto axis = static_cast<size_t>(prepared.op.attrs.integers("out_axes")[i]);
    Tensor& to = (*collected)[i];
    if (step < to.dims[axis]) put_slice(slot(body.results[parts.carried + i]), axis, step, &to);
  }
}

/// Turns the first n entries along an axis around.
void reverse_entries(Tensor& x, size_t axis, int64_t n) {
  int64_t inner = 1;
  for (size_t i = axis + 1; i < x.dims.size(); ++i) inner *= x.dims[i];
  const int64_t block = x.dims[axis] * inner;
  for (int64_t base = 0; block > 0 && base < static_cast<int64_t>(x.data.size()); base += block) {
    for (int64_t t = 0; t < n / 2; ++t) {
      const auto at = x.data.begin() + base;
      std::swap_ranges(at + t * inner, at + (t + 1) * inner, at + (n - 1 - t) * inner);
    }
  }
}

void Interpreter::run_loop(const Prepared& prepared) {
  const ir::Op& op = prepared.op;
  const LoopParts parts = loop_parts(op.attrs);
  const ir::Region& body = graph_.region(op.regions[0]);
  const int64_t count = parts.has_count ? static_cast<int64_t>(slot(op.operands[0]).data.at(0)) : INT64_MAX;
  std::vector<Tensor> carried, collected;
  for (size_t i = 0; i < parts.carried; ++i) carried.push_back(slot(op.operands[parts.first_carried() + i]));
  for (size_t i = 0; i < parts.collected; ++i) collected.push_back(zeros(prepared.results[parts.carried + i]));
  int64_t step = 0;
  for (; step < count; ++step) {
    if (step >= options_.max_iterations) {
      fail(Code::kFailedExecution, "loop '", op.name, "' runs longer than ", options_.max_iterations, " iterations");
    }
    slot(body.args[0]) = Tensor{DType::kInt64, {}, {static_cast<double>(step)}};
    for (size_t i = 0; i < parts.carried; ++i) slot(body.args[1 + i]) = carried[i];
    std::string outside;
    bind_iterators(prepared, parts, step, count, &outside);
    forget_symbols(op.regions[0]);
    run_region(op.regions[0]);
    if (parts.has_while && slot(body.results.back()).data.at(0) == 0) break;
    if (!outside.empty()) fail(Code::kFailedExecution, outside);
    for (size_t i = 0; i < parts.carried; ++i) carried[i] = slot(body.results[i]);
    collect(prepared, parts, step, &collected);
  }
  for (size_t i = 0; i < parts.collected; ++i) {
    const auto axis = static_cast<size_t>(op.attrs.integers("out_axes")[i]);
    if (op.attrs.integers("out_reverse")[i] != 0) {
      reverse_entries(collected[i], axis, std::min(step, collected[i].dims[axis]));
    }
    slot(op.results[parts.carried + i]) = std::move(collected[i]);
  }
  for (size_t i = 0; i < parts.carried; ++i) slot(op.results[i]) = std::move(carried[i]);
}

}  // namespace

std::vector<Tensor> interpret(const ir::Graph& graph, const std::vector<Tensor>& inputs,
                              const InterpreterOptions& options) {
  return Interpreter(graph, inputs, options).run();
}

std::vector<Tensor> evaluate_op(const ir::Graph& graph, ir::OpId op, std::span<const Tensor> operands,
                                std::span<const int64_t> symbol_values) {
  const Prepared prepared = prepare(graph, op, symbol_values);
  if (prepared.op.kind == ir::OpKind::k_constant) return {constant_tensor(graph, prepared)};
  const auto reference = op_def(prepared.op.kind).reference;
  RONDO_CHECK(reference != nullptr, ir::op_kind_name(prepared.op.kind), " has no reference");
  return reference(prepared.op, operands, prepared.results);
}

}  // namespace rondo::ops
