// Graph text to graph, in one pass over the tokens; grammar (see text.h for an example, `//` starts a comment):
//   graph  := {symbol | op | output | check | block}
//   symbol := 'symbol' dim-name (('input_dim' | 'input_value') input | 'data') index '[' min ',' opt ',' max ']'
//   op     := [%r {',' %r} '='] kind ['(' %v {',' %v} ')'] ['{' [name '=' attr {',' …}] '}'] ["layer name"]
//             [':' type ["tensor name"] {',' …}] {region}
//   region := '{' ['(' %a ':' type {',' …} ')'] {op} 'yield' [%v {',' %v}] '}'
//   type   := dtype '[' dims ']'
//   attr   := integer | real | '[' integers ']' | "text" | 'dims' '[' dims ']' | 'hex:' digits | '#' block      (last
//   two: data) output := 'output' "name" %v        check := 'check' '[' dim ',' dim ']' "message" block  := 'data' '#'
//   number dtype '{' hex digits '}'
// A value must be defined before its use, in the same region or one around it. Host shape tensors have elements that
// are symbols; they are not printed and come back from the symbols' own lines. The finished graph is verified, so that
// text from anywhere gives either a sound graph or an Error.
#include <unordered_map>

#include "base/error.h"
#include "ir/text.h"
#include "ir/text_reader.h"
#include "ir/verify.h"

namespace rondo::ir {
namespace {

constexpr int kMaxDepth = 64;
constexpr size_t kMaxTextRank = 16;
constexpr int64_t kMaxContents = 64;

/// The `data` attribute of a constant before its bytes are known to the graph.
struct PendingData {
  enum class Form { kNone, kHex, kBlock } form = Form::kNone;
  Bytes bytes;
  int64_t block = 0;
};

struct Block {
  DType dtype;
  Bytes bytes;
};

class GraphParser {
 public:
  explicit GraphParser(std::string_view text) : in_(text) {}

  Graph parse() {
    while (!in_.at_end()) statement();
    place_blocks();
    order_inputs();
    if (const auto problem = find_structure_problem(graph_)) {
      TextReader::refuse_at(problem->op.valid() ? op_lines_[problem->op.id] : in_.line(), problem->text);
    }
    restore_contents();
    graph_.compact();
    return std::move(graph_);
  }

 private:
  // Errors of the dimension pool know no lines.
  template <class Call>
  auto on_this_line(Call call) {
    try {
      return call();
    } catch (const Error& error) {
      in_.refuse(error.what());
    }
  }

  void statement() {
    if (in_.take_name("symbol")) return symbol();
    if (in_.take_name("output")) return output();
    if (in_.take_name("check")) return check();
    if (in_.take_name("data")) return block();
    op(graph_.main(), 0);
  }

  void symbol() {
    Symbol s;
    s.name = in_.peek() == '"' ? in_.quoted_text("a symbol's name") : std::string(in_.name("a symbol's name"));
    if (in_.take_name("input_value")) {
      s.source = SymbolSource::kInputValue;
    } else if (in_.take_name("data")) {
      s.source = SymbolSource::kData;
    } else if (!in_.take_name("input_dim")) {
      in_.refuse("'input_dim', 'input_value' or 'data' expected");
    }
    const bool data = s.source == SymbolSource::kData;
    s.input = data ? -1 : static_cast<int32_t>(in_.integer_between("a symbol's input", 0, INT32_MAX));
    s.index = static_cast<int32_t>(in_.integer_between("a symbol's index", 0, INT32_MAX));
    in_.expect('[');
    Range range;
    range.min = in_.integer("a range's minimum");
    in_.expect(',');
    range.opt = in_.integer("a range's optimum");
    in_.expect(',');
    range.max = in_.integer("a range's maximum");
    in_.expect(']');
    if (range.min > range.opt || range.opt > range.max) in_.refuse("a range needs minimum <= optimum <= maximum");
    if (s.source == SymbolSource::kInputDim && range.min < 0) in_.refuse("a dimension's range starts below 0");
    const Dim dim = on_this_line([&] { return graph_.dims().symbol(s); });
    graph_.dims().set_range(dim, range);
  }

  void output() {
    graph_.output_names().push_back(in_.quoted_text("an output's name"));
    graph_.region(graph_.main()).results.push_back(use());
  }

  void check() {
    const Dims sides = dims();
    if (sides.size() != 2) in_.refuse("a check has two sides");
    const std::string message = in_.quoted_text("a check's message");
    if (!on_this_line([&] { return graph_.dims().assume_equal(sides[0], sides[1], message); })) {
      in_.refuse("the two sides of the check are never equal");
    }
  }

  void block() {
    in_.expect('#');
    const int64_t number = in_.integer("a data block's number");
    const DType type = dtype();
    in_.expect('{');
    Block b{type, in_.hex(true)};
    in_.expect('}');
    if (b.bytes.size() % dtype_bytes(type) != 0) in_.refuse("the block's bytes are no whole number of elements");
    if (!blocks_.emplace(number, std::move(b)).second) in_.refuse(text("data block #", number, " stands twice"));
  }

  DType dtype() {
    const std::string_view name = in_.name("a dtype");
    DType result;
    if (!parse_dtype(name.data(), name.size(), &result)) in_.refuse(text("'", name, "' is no dtype"));
    return result;
  }

  Dims dims() {
    Dims result;
    for (const std::string_view part : in_.bracketed()) {
      result.push_back(on_this_line([&] { return graph_.dims().parse(part); }));
    }
    return result;
  }

  TensorType type() {
    TensorType result{dtype(), {}};
    result.dims = dims();
    if (result.dims.size() > kMaxTextRank) in_.refuse(text("rank ", result.dims.size(), " exceeds ", kMaxTextRank));
    return result;
  }

  ValueId use() {
    const std::string name(in_.value_name());
    const auto it = values_.find(name);
    if (it == values_.end()) in_.refuse(text("value %", name, " is not defined here"));
    return it->second;
  }

  std::vector<ValueId> uses() {
    std::vector<ValueId> result;
    do result.push_back(use());
    while (in_.take(','));
    return result;
  }

  void define(const std::string& name, ValueId value) {
    if (!values_.emplace(name, value).second) in_.refuse(text("value %", name, " is defined twice"));
    scope_.push_back(name);
  }

  void op(RegionId region, int depth) {
    const size_t line = in_.line();
    std::vector<std::string> names;
    if (in_.peek() == '%') {
      do names.emplace_back(in_.value_name());
      while (in_.take(','));
      in_.expect('=');
    }
    const std::string_view kind_name = in_.name("an op");
    OpKind kind;
    if (!parse_op_kind(kind_name, &kind)) in_.refuse(text("'", kind_name, "' is no op"));
    std::vector<ValueId> operands;
    if (in_.take('(') && !in_.take(')')) {
      operands = uses();
      in_.expect(')');
    }
    PendingData data;
    Attrs op_attrs = in_.peek() == '{' ? attrs(kind, &data) : Attrs();
    std::string name = in_.peek() == '"' ? in_.quoted_text("a layer's name") : "";
    const OpId id = graph_.add_op(region, kind, std::move(op_attrs), std::move(operands), 0, std::move(name));
    op_lines_.resize(graph_.op_count());
    op_lines_[id.id] = line;
    results(id, names);
    place_data(id, std::move(data));
    while (in_.peek() == '{') nested(id, depth + 1);
  }

  void results(OpId op, const std::vector<std::string>& names) {
    if (!names.empty()) in_.expect(':');
    for (size_t i = 0; i < names.size(); ++i) {
      if (i > 0) in_.expect(',');
      const ValueId v = graph_.add_result(op, ValueInfo{type(), {}});
      if (in_.peek() == '"') graph_.value(v).name = in_.quoted_text("a tensor's name");
      define(names[i], v);
    }
  }

  void nested(OpId op, int depth) {
    if (depth > kMaxDepth) in_.refuse(text("regions are nested deeper than ", kMaxDepth));
    in_.expect('{');
    const RegionId region = graph_.add_region(op);
    const size_t scope = scope_.size();
    if (in_.take('(')) {
      do {
        const std::string name(in_.value_name());
        in_.expect(':');
        const ValueId v = graph_.add_argument(region, ValueInfo{type(), {}});
        if (in_.peek() == '"') graph_.value(v).name = in_.quoted_text("a tensor's name");
        define(name, v);
      } while (in_.take(','));
      in_.expect(')');
    }
    while (!in_.take_name("yield")) {
      if (in_.at_end() || in_.peek() == '}') in_.refuse("'yield' is missing at the end of a region");
      this->op(region, depth);
    }
    if (in_.peek() == '%') {
      std::vector<ValueId> values = uses();
      graph_.region(region).results = std::move(values);
    }
    in_.expect('}');
    for (; scope_.size() > scope; scope_.pop_back()) values_.erase(scope_.back());
  }

  Attrs attrs(OpKind kind, PendingData* data) {
    Attrs result;
    in_.expect('{');
    if (in_.take('}')) return result;
    do {
      const std::string name(in_.name("an attribute's name"));
      in_.expect('=');
      const bool is_data = kind == OpKind::k_constant && name == "data";
      if (result.has(name)) in_.refuse(text("attribute '", name, "' stands twice"));
      result.set(name, is_data ? AttrValue(int64_t{-1}) : attr());
      if (is_data) *data = pending_data();
    } while (in_.take(','));
    in_.expect('}');
    return result;
  }

  AttrValue attr() {
    if (in_.peek() == '"') return in_.quoted_text("a text");
    if (in_.take_name("dims")) return dims();
    if (in_.take('[')) {
      std::vector<int64_t> list;
      if (in_.take(']')) return list;
      do list.push_back(in_.integer("a list's element"));
      while (in_.take(','));
      in_.expect(']');
      return list;
    }
    int64_t integer = 0;
    double real = 0;
    if (in_.number(&integer, &real)) return real;
    return integer;
  }

  PendingData pending_data() {
    PendingData result;
    if (in_.take('#')) {
      result.form = PendingData::Form::kBlock;
      result.block = in_.integer("a data block's number");
    } else if (in_.take_name("hex")) {
      in_.expect(':');
      result.form = PendingData::Form::kHex;
      result.bytes = in_.hex(false);
    } else {
      in_.refuse("a constant's data is 'hex:' with digits or '#' with a block's number");
    }
    return result;
  }

  void place_data(OpId op, PendingData data) {
    if (data.form == PendingData::Form::kNone) return;
    if (data.form == PendingData::Form::kBlock) {
      uses_of_blocks_.emplace_back(op, data.block);
      return;
    }
    if (graph_.op(op).results.size() != 1) in_.refuse("a constant has one result");
    const DType type = graph_.type(graph_.op(op).results[0]).dtype;
    if (data.bytes.size() % dtype_bytes(type) != 0) in_.refuse("the constant's bytes are no whole number of elements");
    graph_.op(op).attrs.set("data", int64_t{graph_.add_constant_data(type, std::move(data.bytes))});
  }

  void place_blocks() {
    std::unordered_map<int64_t, uint32_t> placed;
    for (const auto& [op, number] : uses_of_blocks_) {
      const auto it = blocks_.find(number);
      if (it == blocks_.end()) TextReader::refuse_at(op_lines_[op.id], text("there is no data block #", number));
      if (!placed.count(number))
        placed[number] = graph_.add_constant_data(it->second.dtype, std::move(it->second.bytes));
      graph_.op(op).attrs.set("data", int64_t{placed[number]});
    }
  }

  void order_inputs() {
    std::vector<OpId> found;
    for (const OpId op : graph_.region(graph_.main()).ops) {
      if (graph_.op(op).kind == OpKind::k_input) found.push_back(op);
    }
    graph_.inputs().assign(found.size(), OpId{});
    for (const OpId op : found) {
      const Attrs& attrs = graph_.op(op).attrs;
      const bool is_integer = attrs.has("index") && std::holds_alternative<int64_t>(index_attr(attrs));
      const int64_t index = is_integer ? attrs.integer("index") : -1;
      if (index < 0 || static_cast<size_t>(index) >= found.size() || graph_.inputs()[index].valid()) {
        TextReader::refuse_at(op_lines_[op.id],
                              text("the inputs' indices must be 0 to ", found.size() - 1, ", each once"));
      }
      graph_.inputs()[index] = op;
    }
  }

  static const AttrValue& index_attr(const Attrs& attrs) {
    for (const auto& [name, value] : attrs.items()) {
      if (name == "index") return value;
    }
    internal_failure(__FILE__, __LINE__, "index", "");
  }

  void restore_contents() {
    DimPool& pool = graph_.dims();
    std::vector<std::vector<Dim>> elements(graph_.inputs().size());
    for (size_t i = 0; i < pool.symbol_count(); ++i) {
      const Symbol& s = pool.symbol_at(i);
      if (s.source != SymbolSource::kInputValue || static_cast<size_t>(s.input) >= elements.size()) continue;
      std::vector<Dim>& list = elements[s.input];
      if (static_cast<size_t>(s.index) == list.size() && s.index < kMaxContents) list.push_back(pool.symbol_dim(i));
    }
    for (size_t i = 0; i < elements.size(); ++i) {
      if (elements[i].empty()) continue;
      ValueInfo& info = graph_.value(graph_.op(graph_.inputs()[i]).results[0]).info;
      const auto count = static_cast<int64_t>(elements[i].size());
      const bool fits = info.type.dims.empty()
                            ? count == 1
                            : info.type.dims.size() == 1 && pool.value_or_unknown(info.type.dims[0]) == count;
      if (fits) info.contents = elements[i];
    }
  }

  TextReader in_;
  Graph graph_;
  std::unordered_map<std::string, ValueId> values_;
  std::vector<std::string> scope_;  // names to forget at the end of a region, innermost last
  std::vector<size_t> op_lines_;
  std::vector<std::pair<OpId, int64_t>> uses_of_blocks_;
  std::unordered_map<int64_t, Block> blocks_;
};

}  // namespace

Graph parse_graph(std::string_view text) { return GraphParser(text).parse(); }

}  // namespace rondo::ir
