// reason: the one contract between the generators of ops and the harness.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "conformance/harness/random.h"
#include "ops/test_graph.h"

namespace rondo::conformance {

using Values = std::vector<ir::ValueId>;

/// How an operand enters the network.
enum class Role : uint8_t {
  kData,      ///< a network input
  kConstant,  ///< weights: a constant in every placement
  kShape,     ///< a small integer tensor that shapes depend on: a constant, and a host input in symbolic placements
};

struct Operand {
  ops::Tensor value;
  Role role = Role::kData;
  /// Bit i: extent i is a number in symbolic placements too. Extents of 1 that broadcast are such, and whatever the op's
  /// constraints want to be known when the network is built. ~0u: all.
  uint32_t fixed_axes = 0;
};

/// Where the op stands in the network. Every placement is compared with the reference of the same network, in double.
enum class Placement : uint8_t {
  kPlain,         ///< main region, every extent a number
  kSymbolic,      ///< every extent -1, with a range around it
  kLoop,          ///< in a loop over 2 or 3 slices of operand 0 (or around captured operands), results collected
  kBranch,        ///< in a branch of a conditional, taken and not taken
  kSymbolicLoop,  ///< kLoop with symbolic extents and a trip count that is an input
  kLoopInLoop,
  kLoopInBranch,
  kBranchInLoop,
};
constexpr size_t kPlacements = 8;
const char* placement_name(Placement placement);

/// One op (or a few) with its operands. Generators fill it in; the harness places, runs and compares it.
struct Case {
  ir::OpKind kind = ir::OpKind::k_identity;
  ir::Attrs attrs;
  std::vector<std::pair<std::string, Ints>> dims_attrs;  ///< attributes that are symbolic integers, as numbers
  std::vector<Operand> operands;

  /// Writes the op, or a few, to a region; by default one op of `kind`. Returns what is compared.
  std::function<Values(ops::TestGraph&, ir::RegionId, const Values& operands)> emit;
  /// Applied to the results inside loops and branches, where their shapes must not depend on data (a reduction to a scalar, say).
  std::function<Values(ops::TestGraph&, ir::RegionId, const Values& results)> settle;

  /// Row of tolerances.def; empty: the row named like the registration.
  std::string tolerance;
  double terms = 1;  ///< k of the row's bound: addends of the longest sum behind one element
  double scale = 1;  ///< magnitude for rows of the kind kAbsolute
  /// In a loop each slice of operand 0 holds the case's elements in rotated order; false: in the same order.
  bool rotates = true;
  /// Placements that do not apply, with the reason that is printed.
  std::vector<std::pair<Placement, std::string>> skips;
  /// Members of the API's enums that this case uses, {"UnaryOperation", "ERF"}.
  std::vector<std::pair<std::string, std::string>> members;

  Case() = default;
  Case(ir::OpKind op, ir::Attrs attributes) : kind(op), attrs(std::move(attributes)) {}
  Case& data(ops::Tensor x, uint32_t fixed_axes = 0) { return add({std::move(x), Role::kData, fixed_axes}); }
  Case& constant(ops::Tensor x) { return add({std::move(x), Role::kConstant, ~0u}); }
  Case& shape(ops::Tensor x) { return add({std::move(x), Role::kShape, ~0u}); }
  Case& dims(std::string name, Ints of) { return dims_attrs.emplace_back(std::move(name), std::move(of)), *this; }
  Case& uses(std::string enumeration, std::string member) {
    return members.emplace_back(std::move(enumeration), std::move(member)), *this;
  }
  Case& skip(Placement placement, std::string reason) {
    return skips.emplace_back(placement, std::move(reason)), *this;
  }
  /// Symbolic extents do not apply at all.
  Case& skip_symbolic(const std::string& reason) {
    return skip(Placement::kSymbolic, reason).skip(Placement::kSymbolicLoop, reason);
  }

 private:
  Case& add(Operand operand) { return operands.push_back(std::move(operand)), *this; }
};

/// A constant in any region, for `emit` and `settle`.
ir::ValueId constant_in(ops::TestGraph& graph, ir::RegionId region, const ops::Tensor& value);

/// Bits of the axes of `dims` whose extent is 1: what a broadcasting operand keeps fixed.
uint32_t unit_axes(const Ints& dims);

/// One row per op: what `--op` names, and how to draw its cases for an element type. Rows are static objects of the op's file.
struct Registration {
  std::string op;
  std::vector<DType> dtypes;
  Case (*generate)(Random& random, DType dtype);
  double weight = 1;  ///< factor on the number of cases per type

  Registration(std::string name, std::vector<DType> types, Case (*generator)(Random&, DType), double factor = 1);
};

/// All rows, by name.
std::vector<const Registration*> registrations();

inline const std::vector<DType> kFloats{DType::kFloat32, DType::kFloat16, DType::kBFloat16};
inline const std::vector<DType> kIntegers{DType::kInt32, DType::kInt64, DType::kInt8, DType::kUint8};
inline const std::vector<DType> kAllTypes{DType::kFloat32, DType::kFloat16, DType::kBFloat16, DType::kInt8,
                                          DType::kUint8,   DType::kInt32,   DType::kInt64,    DType::kBool};

}  // namespace rondo::conformance
