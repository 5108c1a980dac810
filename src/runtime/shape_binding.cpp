#include "runtime/shape_binding.h"

#include <algorithm>

#include "base/checked.h"
#include "base/error.h"

namespace rondo::runtime {

using plan::Expr;
using plan::ExprKind;
using plan::Program;
using plan::Symbol;

namespace {

const plan::Profile::Input* profile_input(const Program& program, int profile, uint32_t binding) {
  const auto& inputs = program.profiles.at(static_cast<size_t>(profile)).inputs;
  return binding < inputs.size() ? &inputs[binding] : nullptr;
}

bool is_static(const plan::Binding& binding) {
  return std::none_of(binding.dims.begin(), binding.dims.end(), [](int64_t d) { return d < 0; });
}

int64_t floor_div(int64_t a, int64_t b) {
  const int64_t q = a / b;
  return q * b != a && ((a < 0) != (b < 0)) ? q - 1 : q;
}

/// False when the value does not fit.
bool divide(ExprKind kind, int64_t a, int64_t b, int64_t* result) {
  *result = 0;
  if (b == 0) return true;
  if (a == INT64_MIN && b == -1) return false;
  const int64_t q = floor_div(a, b);
  *result = kind == ExprKind::kCeilDiv && q * b != a ? q + 1 : q;
  return true;
}

bool apply(ExprKind kind, int64_t a, int64_t b, int64_t* result) {
  switch (kind) {
    case ExprKind::kAdd:
      return checked_add(a, b, result);
    case ExprKind::kSub:
      return checked_sub(a, b, result);
    case ExprKind::kMul:
      return checked_mul(a, b, result);
    case ExprKind::kFloorDiv:
    case ExprKind::kCeilDiv:
      return divide(kind, a, b, result);
    case ExprKind::kMin:
      *result = std::min(a, b);
      return true;
    case ExprKind::kMax:
      *result = std::max(a, b);
      return true;
    default:
      return false;
  }
}

bool symbol_value(const Program& program, size_t index, std::span<const InputShape> inputs,
                  std::span<const DataValue> data, int64_t* value) {
  const Symbol& symbol = program.symbols[index];
  if (symbol.source == Symbol::Source::kData) {
    if (index >= data.size() || !data[index].known) return false;
    *value = data[index].value;
    return true;
  }
  const InputShape& input = inputs[symbol.input];
  const bool of_dims = symbol.source == Symbol::Source::kInputDim;
  if (!(of_dims ? input.has_dims : input.has_values)) return false;
  const auto& from = of_dims ? input.dims : input.values;
  if (symbol.index >= from.size()) {
    fail(Code::kInvalidArgument, "symbol '", symbol.name, "' reads ", of_dims ? "dimension " : "element ", symbol.index,
         " of input ", symbol.input, ", which has ", from.size());
  }
  *value = from[symbol.index];
  return true;
}

/// Values that an expression can have, ends included; saturating.
struct Interval {
  int64_t lo = 0, hi = 0;
};

int64_t saturated(ExprKind kind, int64_t a, int64_t b) {
  int64_t result = 0;
  if (apply(kind, a, b, &result)) return result;
  const bool negative = kind == ExprKind::kMul ? (a < 0) != (b < 0) : a < 0;
  return negative ? INT64_MIN : INT64_MAX;
}

Interval bounds_of(ExprKind kind, const Interval& a, const Interval& b) {
  if (kind == ExprKind::kSub) return {saturated(kind, a.lo, b.hi), saturated(kind, a.hi, b.lo)};
  const bool ends_decide = kind != ExprKind::kMul && kind != ExprKind::kFloorDiv && kind != ExprKind::kCeilDiv;
  if (ends_decide) return {saturated(kind, a.lo, b.lo), saturated(kind, a.hi, b.hi)};
  // The divisors nearest to 0 on either side stand for those between the ends.
  std::vector<int64_t> right{b.lo, b.hi};
  if (b.lo <= 1 && b.hi >= 1) right.push_back(1);
  if (b.lo <= -1 && b.hi >= -1) right.push_back(-1);
  if (b.lo <= 0 && b.hi >= 0) right.push_back(0);
  Interval result{INT64_MAX, INT64_MIN};
  for (const int64_t x : {a.lo, a.hi}) {
    for (const int64_t y : right) {
      const int64_t value = saturated(kind, x, y);
      result = {std::min(result.lo, value), std::max(result.hi, value)};
    }
  }
  return result;
}

Interval symbol_bounds(const Program& program, size_t index, int profile, std::span<const InputShape> inputs) {
  const Symbol& symbol = program.symbols[index];
  if (symbol.source == Symbol::Source::kData) return {symbol.min, symbol.max};
  int64_t value = 0;
  if (symbol_value(program, index, inputs, {}, &value)) return {value, value};
  const auto* range = profile_input(program, profile, symbol.input);
  const bool of_dims = symbol.source == Symbol::Source::kInputDim;
  const std::vector<int64_t> none;
  const auto& low = range == nullptr ? none : of_dims ? range->min : range->value_min;
  const auto& high = range == nullptr ? none : of_dims ? range->max : range->value_max;
  if (symbol.index >= low.size() || symbol.index >= high.size()) return {0, INT64_MAX};
  return {low[symbol.index], high[symbol.index]};
}

void check_range(const plan::Binding& input, const char* what, size_t i, int64_t value, int64_t low, int64_t high,
                 int profile) {
  if (value >= low && value <= high) return;
  fail(Code::kInvalidArgument, "input '", input.name, "': ", what, " ", i, " is ", value, ", profile ", profile,
       " allows [", low, ", ", high, "]; select another profile or rebuild with a wider range");
}

}  // namespace

std::string dims_text(std::span<const int64_t> dims) {
  std::string out = "[";
  for (size_t i = 0; i < dims.size(); ++i) out += (i ? ", " : "") + std::to_string(dims[i]);
  return out + "]";
}

std::vector<InputShape> initial_shapes(const Program& program) {
  std::vector<InputShape> shapes(program.bindings.size());
  for (size_t i = 0; i < shapes.size(); ++i) {
    const auto& binding = program.bindings[i];
    if (!binding.is_input || !is_static(binding)) continue;
    shapes[i].has_dims = true;
    shapes[i].dims = binding.dims;
  }
  return shapes;
}

void check_dims(const Program& program, int profile, uint32_t index, std::span<const int64_t> dims) {
  const auto& input = program.bindings.at(index);
  if (!input.is_input)
    fail(Code::kInvalidArgument, "tensor '", input.name, "' is an output; only shapes of inputs can be set");
  if (dims.size() != input.dims.size()) {
    fail(Code::kInvalidArgument, "input '", input.name, "': shape ", dims_text(dims), " has rank ", dims.size(),
         ", the network declares ", dims_text(input.dims));
  }
  const auto* range = profile_input(program, profile, index);
  for (size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] < 0)
      fail(Code::kInvalidArgument, "input '", input.name, "': dimension ", i, " is ", dims[i],
           "; it must be at least 0");
    if (input.dims[i] >= 0 && dims[i] != input.dims[i]) {
      fail(Code::kInvalidArgument, "input '", input.name, "': dimension ", i, " is ", dims[i],
           ", the network fixes it to ", input.dims[i]);
    }
    if (input.dims[i] < 0 && range != nullptr && i < range->min.size() && i < range->max.size()) {
      check_range(input, "dimension", i, dims[i], range->min[i], range->max[i], profile);
    }
  }
}

void check_values(const Program& program, int profile, uint32_t index, std::span<const int64_t> values) {
  const auto& input = program.bindings.at(index);
  const auto* range = profile_input(program, profile, index);
  if (range == nullptr) return;
  for (size_t i = 0; i < values.size(); ++i) {
    if (i >= range->value_min.size() || i >= range->value_max.size()) break;
    check_range(input, "shape value", i, values[i], range->value_min[i], range->value_max[i], profile);
  }
}

Evaluation evaluate(const Program& program, std::span<const InputShape> inputs) {
  Evaluation out;
  evaluate_into(program, inputs, {}, &out);
  return out;
}

void evaluate_into(const Program& program, std::span<const InputShape> inputs, std::span<const DataValue> data,
                   Evaluation* result) {
  Evaluation& out = *result;
  out.values.assign(program.exprs.size(), 0);
  out.known.assign(program.exprs.size(), 0);
  for (size_t i = 0; i < program.exprs.size(); ++i) {
    const Expr& expr = program.exprs[i];
    if (expr.kind == ExprKind::kConstant) {
      out.values[i] = expr.value;
      out.known[i] = 1;
    } else if (expr.kind == ExprKind::kSymbol) {
      out.known[i] = symbol_value(program, static_cast<size_t>(expr.value), inputs, data, &out.values[i]);
    } else if (out.known[expr.a] && out.known[expr.b]) {
      out.known[i] = 1;
      if (!apply(expr.kind, out.values[expr.a], out.values[expr.b], &out.values[i])) {
        fail(Code::kInvalidArgument, "a size or offset overflows 64 bits for the given shapes; use smaller shapes");
      }
    }
  }
}

std::vector<int64_t> largest_dims(const Program& program, int profile, std::span<const InputShape> inputs,
                                  uint32_t index) {
  std::vector<Interval> bounds;
  bounds.reserve(program.exprs.size());
  for (const Expr& expr : program.exprs) {
    if (expr.kind == ExprKind::kConstant) {
      bounds.push_back({expr.value, expr.value});
    } else if (expr.kind == ExprKind::kSymbol) {
      bounds.push_back(symbol_bounds(program, static_cast<size_t>(expr.value), profile, inputs));
    } else {
      bounds.push_back(bounds_of(expr.kind, bounds[expr.a], bounds[expr.b]));
    }
  }
  const auto& binding = program.bindings.at(index);
  std::vector<int64_t> dims = binding.dims;
  for (size_t i = 0; i < dims.size(); ++i) {
    if (inputs[index].has_dims) dims[i] = inputs[index].dims[i];
    if (dims[i] < 0 && i < binding.dim_exprs.size()) dims[i] = std::max<int64_t>(bounds[binding.dim_exprs[i]].hi, 0);
  }
  return dims;
}

std::vector<uint32_t> missing_inputs(const Program& program, std::span<const InputShape> inputs) {
  std::vector<uint8_t> missing(program.bindings.size());
  for (size_t i = 0; i < program.bindings.size(); ++i) missing[i] = program.bindings[i].is_input && !inputs[i].has_dims;
  for (const Symbol& symbol : program.symbols) {
    if (symbol.source == Symbol::Source::kInputValue && !inputs[symbol.input].has_values) missing[symbol.input] = 1;
  }
  std::vector<uint32_t> out;
  for (uint32_t i = 0; i < missing.size(); ++i) {
    if (missing[i]) out.push_back(i);
  }
  return out;
}

std::vector<int64_t> binding_dims(const Program& program, std::span<const InputShape> inputs,
                                  const Evaluation& evaluation, uint32_t index) {
  const auto& binding = program.bindings.at(index);
  if (inputs[index].has_dims) return inputs[index].dims;
  std::vector<int64_t> dims = binding.dims;
  for (size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] >= 0 || i >= binding.dim_exprs.size()) continue;
    const plan::ExprId expr = binding.dim_exprs[i];
    if (expr != plan::kNone && evaluation.known[expr] && !binding.is_input) dims[i] = evaluation.values[expr];
  }
  return dims;
}

void check_shapes(const Program& program, std::span<const InputShape> inputs, const Evaluation& evaluation) {
  for (size_t b = 0; b < program.bindings.size(); ++b) {
    const auto& binding = program.bindings[b];
    for (size_t i = 0; i < binding.dim_exprs.size() && binding.is_input; ++i) {
      const int64_t wanted = evaluation.values[binding.dim_exprs[i]];
      if (!evaluation.known[binding.dim_exprs[i]]) continue;
      if (inputs[b].dims[i] == wanted) continue;
      fail(Code::kInvalidArgument, "input '", binding.name, "': dimension ", i, " is ", inputs[b].dims[i],
           ", but other inputs with the same dimension make it ", wanted, "; set equal extents");
    }
  }
  for (const auto& check : program.checks) {
    if (!evaluation.known[check.a] || !evaluation.known[check.b]) continue;
    if (evaluation.values[check.a] == evaluation.values[check.b]) continue;
    fail(Code::kInvalidArgument, check.message, " (", evaluation.values[check.a], " against ",
         evaluation.values[check.b], " for the given shapes)");
  }
}

}  // namespace rondo::runtime
