// reason: the graph's data model (ids, value, op, region, graph) is one contract and is read together.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bulk_memory.h"
#include "base/dtype.h"
#include "ir/attrs.h"
#include "ir/dim.h"

namespace rondo::ir {

enum class OpKind : uint8_t {
#define RONDO_OP(name, klass) k_##name,
#include "ir/op_kind.def"
#undef RONDO_OP
};
enum class OpClass : uint8_t { kStructured, kPrimitive };

const char* op_kind_name(OpKind kind);
OpClass op_class(OpKind kind);
bool parse_op_kind(std::string_view name, OpKind* kind);

struct ValueId {
  uint32_t id = UINT32_MAX;
  bool valid() const { return id != UINT32_MAX; }
  auto operator<=>(const ValueId&) const = default;
};
struct OpId {
  uint32_t id = UINT32_MAX;
  bool valid() const { return id != UINT32_MAX; }
  auto operator<=>(const OpId&) const = default;
};
struct RegionId {
  uint32_t id = UINT32_MAX;
  bool valid() const { return id != UINT32_MAX; }
  auto operator<=>(const RegionId&) const = default;
};

constexpr int kMaxRank = 8;  ///< of network tensors; passes may add one leading or inner axis (time batching)

struct TensorType {
  DType dtype = DType::kFloat32;
  Dims dims;
  int rank() const { return static_cast<int>(dims.size()); }
  bool operator==(const TensorType&) const = default;
};

/// What is known of a value at build time: its type and, for small integer/bool tensors that shapes may depend on (<= 64
/// elements), its elements as symbolic integers in row-major order (bool: 0 or 1).
struct ValueInfo {
  TensorType type;
  std::optional<std::vector<Dim>> contents;
};

struct Value {
  ValueInfo info;
  OpId def;                ///< op that results in it, or invalid for region arguments
  uint32_t def_index = 0;  ///< result number, or argument number
  RegionId region;         ///< region in which it is defined
  std::string name;        ///< user's tensor name or empty
};

struct Op {
  OpKind kind = OpKind::k_identity;
  Attrs attrs;
  std::vector<ValueId> operands;
  std::vector<ValueId> results;
  std::vector<RegionId> regions;  ///< loop: 1; conditional: 2 (then, else)
  RegionId parent;                ///< invalid once the op is erased
  std::string name;               ///< user's layer name; for made ops the name(s) of the layers they come from
};

/// A straight-line list of ops. Ops see values of their own region defined before them and all values of the regions around it.
/// Region `Graph::main()` has no arguments; its results are the network outputs.
/// loop:  args    = [step (0-d i64), carried…, slices…]
///        results = [next carried…, collected…, continue flag (0-d bool) if attr while]
/// conditional: no args; results = values of the branch
struct Region {
  std::vector<ValueId> args;
  std::vector<OpId> ops;
  std::vector<ValueId> results;
  OpId parent;  ///< invalid for the main region
};

/// Bytes of a constant: its own, or memory of the caller that outlives every graph and program made of it (TensorRT's contract for
/// weights: until the build ends). Immutable.
class ConstantBytes {
 public:
  ConstantBytes(Bytes own) : own_(std::move(own)), bytes_(own_) {}  // NOLINT: where bytes are made they are handed over
  static ConstantBytes refer(std::span<const uint8_t> bytes) { return ConstantBytes(bytes, 0); }
  ConstantBytes(ConstantBytes&&) = default;
  ConstantBytes& operator=(ConstantBytes&&) = delete;

  const uint8_t* data() const { return bytes_.data(); }
  size_t size() const { return bytes_.size(); }
  uint8_t operator[](size_t index) const { return bytes_[index]; }
  bool operator==(const ConstantBytes& other) const;

 private:
  ConstantBytes(std::span<const uint8_t> bytes, int) : bytes_(bytes) {}
  Bytes own_;
  std::span<const uint8_t> bytes_;  ///< of own_, whose memory moves with it, or the caller's
};

/// A constant tensor, row-major, shared between ops. Immutable.
struct ConstantData {
  DType dtype = DType::kFloat32;
  ConstantBytes bytes;
};

/// The whole network as SSA with regions. Ids are indices into arenas and stay valid until compact().
/// A loop op: operands = [count (0-d i32|i64) if attr count][initial of each carried][iterated tensors][lengths (0-d i32|i64)]
///   attrs: count 0|1, while 0|1, carried N, iter_axes [..], iter_reverse [0|1..], out_axes [..], out_reverse [0|1..]
///   results = [last value of each carried (value after the last iteration; the initial value for 0 trips)]
///             [collected: body value + new axis out_axes[i] of extent length; iteration t stands at t, or with out_reverse at
///              n'-1-t, n' = min(trips, length); positions >= n' are zero; iterations >= length are dropped]
///   while: the flag of iteration t decides whether iteration t runs (its other results are discarded if false).
///   iter_reverse: iteration t sees index M-1-t, M = count.
/// References to ops, values and regions stay good while others are added; compact() ends them.
/// Threads: const methods are safe together.
class Graph {
 public:
  Graph();
  Graph(const Graph&) = default;
  Graph& operator=(const Graph&) = default;
  Graph(Graph&&) = default;
  Graph& operator=(Graph&&) = default;

  DimPool& dims() { return dims_; }
  const DimPool& dims() const { return dims_; }

  RegionId main() const { return RegionId{0}; }
  /// Network inputs in binding order: `input` ops of the main region.
  std::vector<OpId>& inputs() { return inputs_; }
  const std::vector<OpId>& inputs() const { return inputs_; }
  /// Names of the network outputs, parallel to region(main()).results.
  std::vector<std::string>& output_names() { return output_names_; }
  const std::vector<std::string>& output_names() const { return output_names_; }

  Op& op(OpId id) { return ops_[id.id]; }
  const Op& op(OpId id) const { return ops_[id.id]; }
  Value& value(ValueId id) { return values_[id.id]; }
  const Value& value(ValueId id) const { return values_[id.id]; }
  Region& region(RegionId id) { return regions_[id.id]; }
  const Region& region(RegionId id) const { return regions_[id.id]; }
  const TensorType& type(ValueId id) const { return values_[id.id].info.type; }
  size_t op_count() const { return ops_.size(); }
  size_t value_count() const { return values_.size(); }
  size_t region_count() const { return regions_.size(); }

  /// Appends (or inserts before `before`, an op of `region`) a new op with `result_count` untyped results.
  OpId add_op(RegionId region, OpKind kind, Attrs attrs, std::vector<ValueId> operands, size_t result_count,
              std::string name, OpId before = {});
  RegionId add_region(OpId parent);
  ValueId add_argument(RegionId region, ValueInfo info);
  /// Adds one more result to an op.
  ValueId add_result(OpId op, ValueInfo info);

  /// Replaces every use of `from` (operands and region results, whole graph) by `to`.
  void replace_uses(ValueId from, ValueId to);
  /// Erases an op whose results have no uses, with its regions.
  void erase_op(OpId op);
  /// Moves an op (same graph) to another region/position; operands must dominate the new place.
  void move_op(OpId op, RegionId region, OpId before = {});
  /// Number of uses (operands + region results) of each value, by id.
  std::vector<uint32_t> use_counts() const;
  /// True if `region` is `ancestor` or nested in it.
  bool is_inside(RegionId region, RegionId ancestor) const;

  /// Stores constant bytes, deduplicated by content; `constant` ops refer to them by attr `data`.
  uint32_t add_constant_data(DType dtype, ConstantBytes bytes);
  const ConstantData& constant_data(uint32_t index) const { return *constants_[index]; }
  /// The same for who outlives the graph.
  std::shared_ptr<const ConstantData> shared_constant(uint32_t index) const { return constants_[index]; }
  size_t constant_count() const { return constants_.size(); }

  /// Drops erased ops, unreachable values and unused constants and renumbers ids in program order (dense, deterministic).
  void compact();

 private:
  DimPool dims_;
  std::deque<Op> ops_;
  std::deque<Value> values_;
  std::deque<Region> regions_;
  std::vector<OpId> inputs_;
  std::vector<std::string> output_names_;
  std::vector<std::shared_ptr<const ConstantData>> constants_;
  std::vector<uint64_t> constant_hashes_;
};

}  // namespace rondo::ir
