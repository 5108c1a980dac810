// reason: the symbolic-dimension pool and its handle are one concept; splitting the contract would hide the normal
// form.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace rondo::ir {

struct Polynomial;  // ir/polynomial.h

/// Handle of a symbolic integer in a DimPool. Two handles of one pool are equal iff their normal forms are the same expression.
struct Dim {
  uint32_t id = 0;
  bool operator==(const Dim&) const = default;
};

/// Where a symbol's value comes from when the network runs.
enum class SymbolSource : uint8_t {
  kInputDim,    ///< dimension `index` of network input `input`
  kInputValue,  ///< element `index` of the host shape-tensor input `input`
  kData,        ///< an element that a read_values op reads while the network runs; input is -1
};

struct Symbol {
  std::string name;  ///< unique; "x.0" for dimension 0 of input x, or the user's dimension name
  SymbolSource source = SymbolSource::kInputDim;
  int32_t input = 0;
  int32_t index = 0;
};

/// Value range of an expression over all profiles; opt is the value at the first profile's kOPT.
struct Range {
  int64_t min = 0;
  int64_t opt = 0;
  int64_t max = 0;
  bool operator==(const Range&) const = default;
};

/// Node kinds of the normal form. kSum is constant + sum of coefficient * product of atoms; an atom is a symbol or one of the
/// non-linear kinds below it.
enum class DimKind : uint8_t { kConstant, kSymbol, kSum, kFloorDiv, kCeilDiv, kMin, kMax };

/// Pool of symbolic integers in normal form: sums of products of atoms with integer coefficients. Hash-consed, so equality is
/// equality of ids. All arithmetic is overflow-checked: Error(kInvalidArgument) when a constant leaves 64 bits.
/// Threads: not synchronised.
class DimPool {
 public:
  DimPool();

  Dim constant(int64_t value);
  /// Makes a new symbol (name must be new). Its range defaults to [0, 1, INT32_MAX].
  Dim symbol(const Symbol& symbol);

  Dim add(Dim a, Dim b);
  Dim sub(Dim a, Dim b);
  Dim mul(Dim a, Dim b);
  /// Division rounds toward minus/plus infinity; a constant divisor 0 is an Error. Exact quotients of sums simplify.
  Dim floor_div(Dim a, Dim b);
  Dim ceil_div(Dim a, Dim b);
  Dim min(Dim a, Dim b);
  Dim max(Dim a, Dim b);
  Dim product(std::span<const Dim> dims);

  /// Records that a and b are equal whenever the network runs (a run-time check is added, with `message` shown when it fails).
  /// If one side is a symbol it is replaced by the other side in all later normal forms. False if they are different constants
  /// or can be equal for no value of the symbols (x and x + 1; 2*x and 5).
  bool assume_equal(Dim a, Dim b, const std::string& message);
  /// States what a kData symbol is: from here on it is replaced by `value`, which holds by construction, so no check is recorded.
  /// Nothing happens for anything but a kData symbol, nor if it has been replaced already or stands in `value`.
  void define(Dim symbol, Dim value);
  /// The kData symbols that `dim` mentions, as symbol numbers, ascending; appended to `out` without duplicates of one call.
  void data_symbols(Dim dim, std::vector<uint32_t>* out) const;
  bool mentions_data(Dim dim) const { return data_[dim.id] != 0; }
  /// Normal form after the equalities assumed so far.
  Dim resolve(Dim dim);
  /// True if equal for every value of the symbols under the assumptions so far.
  bool same(Dim a, Dim b);

  bool is_constant(Dim dim) const;
  /// Value of a constant. Requires is_constant(dim).
  int64_t value(Dim dim) const;
  /// Value of a constant, -1 for anything else: the public API's view of a dimension.
  int64_t value_or_unknown(Dim dim) const;

  /// Interval arithmetic over the symbols' ranges (saturating at the ends of int64).
  Range range(Dim dim) const;
  void set_range(Dim symbol, Range range);
  /// Evaluates under values given per symbol index. Error on overflow or division by zero.
  int64_t evaluate(Dim dim, std::span<const int64_t> symbol_values) const;

  size_t symbol_count() const { return symbols_.size(); }
  const Symbol& symbol_at(size_t index) const { return symbols_[index]; }
  /// Range of symbol number `index` as set, whatever has replaced the symbol since.
  const Range& symbol_range(size_t index) const { return ranges_[index]; }
  /// Handle of symbol number `index`.
  Dim symbol_dim(size_t index) const { return symbol_dims_[index]; }

  /// Equalities assumed so far, in order. To test one at run time evaluate a and b as they stand: resolve() maps both to one node.
  struct Check {
    Dim a, b;
    std::string message;
  };
  const std::vector<Check>& checks() const { return checks_; }

  /// "4", "x.0", "2*x.0*x.1 + 3", "floordiv(x.0 + 1, 2)", "max(x.0, y.0)". parse() is its inverse over this pool's symbols; it
  /// throws Error on malformed text or unknown symbols.
  std::string to_string(Dim dim) const;
  Dim parse(std::string_view text);

  /// Structure of a node, for emitters: kConstant value; kSymbol index; kSum constant and terms; others two operands.
  struct Term {
    int64_t coefficient = 0;
    std::vector<Dim> atoms;  ///< sorted by id, repeated for powers
    bool operator==(const Term&) const = default;
  };
  struct Node {
    DimKind kind = DimKind::kConstant;
    int64_t value = 0;  ///< constant, symbol index, or constant part of a sum
    std::vector<Term> terms;
    Dim a, b;
    bool operator==(const Node&) const = default;
  };
  const Node& node(Dim dim) const { return nodes_[dim.id]; }
  size_t node_count() const { return nodes_.size(); }

 private:
  Dim intern(Node node);
  Dim normal(const Polynomial& polynomial);
  Polynomial polynomial(Dim dim) const;
  // The public operations without resolve() of their operands.
  Dim combine(Dim a, Dim b, int64_t factor);
  Dim multiply(Dim a, Dim b);
  Dim divide(DimKind kind, Dim a, Dim b);
  Dim floor_div_constant(const Polynomial& a, int64_t divisor);
  Dim extremum(DimKind kind, Dim a, Dim b);
  Dim resolve_node(Dim dim);
  bool nonnegative(const Polynomial& polynomial) const;
  bool node_nonnegative(const Node& node) const;
  bool contains(Dim dim, Dim atom) const;
  bool node_mentions_data(const Node& node) const;
  bool implied_by_check(Dim a, Dim b);
  bool replace(Dim atom, Dim by);
  bool solve(Dim a, Dim b, const Polynomial& difference, bool* impossible);

  std::vector<Node> nodes_;
  std::vector<uint8_t> nonnegative_;  // per node: >= 0 for every value of the symbols, whatever the ranges
  std::vector<uint8_t> data_;         // per node: mentions a kData symbol
  std::multimap<uint64_t, uint32_t> index_;
  std::vector<Symbol> symbols_;
  std::vector<Dim> symbol_dims_;
  std::map<std::string, uint32_t, std::less<>> symbol_index_;
  std::vector<Range> ranges_;
  std::map<uint32_t, Dim> replaced_;
  std::unordered_map<uint32_t, Dim> resolved_;  // cache of resolve(), dropped when replaced_ grows
  std::vector<Check> checks_;
  std::vector<size_t> unsolved_;  // checks that replaced nothing
};

using Dims = std::vector<Dim>;

}  // namespace rondo::ir
