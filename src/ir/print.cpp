#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include "base/error.h"
#include "ir/quoted.h"
#include "ir/text.h"

namespace rondo::ir {
namespace {

constexpr size_t kInlineElements = 64;
constexpr size_t kDataLineBytes = 64;

std::string real_text(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  std::string result(buffer, end);
  if (result.find_first_of(".e") == std::string::npos) result += ".0";
  return result;
}

class Printer {
 public:
  Printer(const Graph& graph, bool with_data) : graph_(graph), with_data_(with_data), names_(graph.value_count()) {}

  std::string print() {
    print_symbols();
    print_ops(graph_.region(graph_.main()), 0);
    print_outputs();
    for (const DimPool::Check& check : graph_.dims().checks()) {
      out_ += "check [" + dim(check.a) + ", " + dim(check.b) + "] " + quoted(check.message) + "\n";
    }
    print_data_blocks();
    return std::move(out_);
  }

 private:
  std::string dim(Dim d) const { return graph_.dims().to_string(d); }

  std::string dims(const Dims& dims) const {
    std::string result;
    for (Dim d : dims) result += (result.empty() ? "" : ", ") + dim(d);
    return text("[", result, "]");
  }

  // A use that no definition precedes only occurs in dumps of broken graphs.
  std::string use(ValueId v) const {
    if (v.id < names_.size() && !names_[v.id].empty()) return names_[v.id];
    return text("%undefined_", v.id);
  }

  const std::string& define(ValueId v) { return names_[v.id] = text("%", defined_++); }

  std::string uses(const std::vector<ValueId>& values) const {
    std::string result;
    for (const ValueId v : values) result += (result.empty() ? "" : ", ") + use(v);
    return result;
  }

  std::string type(ValueId v) const {
    const Value& value = graph_.value(v);
    std::string result = dtype_name(value.info.type.dtype) + dims(value.info.type.dims);
    if (!value.name.empty()) result.append(" ").append(quoted(value.name));
    return result;
  }

  void print_symbols() {
    const DimPool& pool = graph_.dims();
    for (size_t i = 0; i < pool.symbol_count(); ++i) {
      const Symbol& symbol = pool.symbol_at(i);
      const Range range = pool.symbol_range(i);
      out_ += "symbol " + dim(pool.symbol_dim(i));
      if (symbol.source == SymbolSource::kData) {
        out_ += " data " + std::to_string(symbol.index);
      } else {
        out_ += symbol.source == SymbolSource::kInputDim ? " input_dim " : " input_value ";
        out_ += std::to_string(symbol.input) + " " + std::to_string(symbol.index);
      }
      out_ += " [" + std::to_string(range.min) + ", " + std::to_string(range.opt) + ", " + std::to_string(range.max) +
              "]\n";
    }
  }

  void print_ops(const Region& region, int depth) {
    for (const OpId op : region.ops) print_op(graph_.op(op), depth);
  }

  void print_op(const Op& op, int depth) {
    std::string line(2 * depth, ' ');
    for (size_t i = 0; i < op.results.size(); ++i) line += (i == 0 ? "" : ", ") + define(op.results[i]);
    if (!op.results.empty()) line += " = ";
    line += op_kind_name(op.kind);
    if (!op.operands.empty()) line.append("(").append(uses(op.operands)).append(")");
    if (!op.attrs.items().empty() || !op.regions.empty()) line.append(" {").append(attrs(op)).append("}");
    if (!op.name.empty()) line.append(" ").append(quoted(op.name));
    for (size_t i = 0; i < op.results.size(); ++i) line += (i == 0 ? " : " : ", ") + type(op.results[i]);
    out_ += line;
    for (const RegionId region : op.regions) print_region(graph_.region(region), depth);
    out_ += "\n";
  }

  void print_region(const Region& region, int depth) {
    const std::string indent(2 * depth, ' ');
    out_ += " {\n";
    for (size_t i = 0; i < region.args.size(); ++i) {
      out_ += (i == 0 ? indent + "  (" : ", ") + define(region.args[i]) + ": " + type(region.args[i]);
    }
    if (!region.args.empty()) out_ += ")\n";
    print_ops(region, depth + 1);
    out_ += indent + "  yield" + (region.results.empty() ? "" : " ") + uses(region.results) + "\n" + indent + "}";
  }

  std::string attrs(const Op& op) {
    std::string result;
    for (const auto& [name, value] : op.attrs.items()) {
      const bool is_data = op.kind == OpKind::k_constant && name == "data" && std::holds_alternative<int64_t>(value);
      result +=
          (result.empty() ? "" : ", ") + name + " = " + (is_data ? data(op, std::get<int64_t>(value)) : attr(value));
    }
    return result;
  }

  std::string attr(const AttrValue& value) const {
    if (const auto* integer = std::get_if<int64_t>(&value)) return std::to_string(*integer);
    if (const auto* real = std::get_if<double>(&value)) return real_text(*real);
    if (const auto* string = std::get_if<std::string>(&value)) return quoted(*string);
    if (const auto* list = std::get_if<Dims>(&value)) return "dims" + dims(*list);
    std::string result;
    for (const int64_t i : std::get<std::vector<int64_t>>(value))
      result += (result.empty() ? "" : ", ") + std::to_string(i);
    return text("[", result, "]");
  }

  // Inline hex takes its dtype from the op's result; anything that does not fit that goes to a block, which states its
  // own.
  std::string data(const Op& op, int64_t index) {
    if (index < 0 || static_cast<size_t>(index) >= graph_.constant_count()) return std::to_string(index);
    const ConstantData& constant = graph_.constant_data(static_cast<uint32_t>(index));
    if (!with_data_) return text("<", constant.bytes.size(), " bytes>");
    const bool same_dtype = op.results.size() == 1 && graph_.type(op.results[0]).dtype == constant.dtype;
    if (same_dtype && constant.bytes.size() <= kInlineElements * dtype_bytes(constant.dtype)) {
      std::string result = "hex:";
      append_hex(constant.bytes.data(), constant.bytes.size(), &result);
      return result;
    }
    const auto [it, added] = block_numbers_.emplace(static_cast<uint32_t>(index), blocks_.size());
    if (added) blocks_.push_back(static_cast<uint32_t>(index));
    return text("#", it->second);
  }

  void print_outputs() {
    const std::vector<ValueId>& results = graph_.region(graph_.main()).results;
    for (size_t i = 0; i < results.size(); ++i) {
      const std::string name = i < graph_.output_names().size() ? graph_.output_names()[i] : "";
      out_ += "output " + quoted(name) + " " + use(results[i]) + "\n";
    }
  }

  void print_data_blocks() {
    for (size_t i = 0; i < blocks_.size(); ++i) {
      const ConstantData& constant = graph_.constant_data(blocks_[i]);
      out_ += "data #" + std::to_string(i) + " " + dtype_name(constant.dtype) + " {\n";
      for (size_t at = 0; at < constant.bytes.size(); at += kDataLineBytes) {
        append_hex(constant.bytes.data() + at, std::min(kDataLineBytes, constant.bytes.size() - at), &out_);
        out_ += "\n";
      }
      out_ += "}\n";
    }
  }

  const Graph& graph_;
  const bool with_data_;
  std::vector<std::string> names_;
  uint32_t defined_ = 0;
  std::map<uint32_t, size_t> block_numbers_;
  std::vector<uint32_t> blocks_;
  std::string out_;
};

}  // namespace

std::string to_string(const Graph& graph) { return Printer(graph, true).print(); }
std::string to_summary(const Graph& graph) { return Printer(graph, false).print(); }

}  // namespace rondo::ir
