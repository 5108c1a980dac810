#pragma once

#include <cstdint>
#include <vector>

#include "ir/graph.h"

namespace rondo::ir {

/// Where the values of kData symbols come from: the dependences of a graph that are no SSA operands (docs/design/0008).
///
/// A symbol is defined by the one op whose attribute `values` names it: read_values (element i is values[i]) or a conditional (the
/// extents of its results that a branch decides); until they are expanded, by the attribute `count` of non_zero and nms. Whatever mentions the symbol runs after that op: the op's first
/// result stands for it as an implicit operand.
/// A snapshot of one moment; costs nothing for graphs without such symbols.
class DataSymbols {
 public:
  explicit DataSymbols(const Graph& graph);

  bool any() const { return any_; }
  /// First result of the op that defines the symbol; invalid if none does.
  ValueId definition(uint32_t symbol) const;
  /// First results of the ops that must have run before `op`: those that define the symbols mentioned by its result types and
  /// contents, its Dims attributes, and the types of its regions' arguments. Without its own and without nested ops'.
  std::vector<ValueId> needed_by(OpId op) const;
  /// The same for a type, a value's contents and a single dimension.
  void needed_by(const Dims& dims, std::vector<ValueId>* out) const;
  /// True if `op` mentions a symbol that is defined in `region` or deeper.
  bool depends_on_region(OpId op, RegionId region) const;
  bool depends_on_region(const Dims& dims, RegionId region) const;
  /// Definitions of the symbols that the pool's checks mention: they must run though nothing may read them.
  std::vector<ValueId> needed_by_checks() const;

 private:
  const Graph& graph_;
  bool any_ = false;
  std::vector<ValueId> definitions_;  ///< by symbol number
};

/// True for attributes that define symbols; they are no uses and keep their symbols whatever has replaced these.
bool defines_symbols(const Op& op, std::string_view attr);

}  // namespace rondo::ir
