#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ir/graph.h"
#include "plan/program.h"

namespace rondo::api {

/// Where a layer writes the ops it stands for. One description of each layer serves two readers: the lowering, which
/// appends to a Graph, and ITensor::getDimensions, which wants types only.
/// Refs are the reader's handles of values; a layer receives those of its inputs and returns those of its outputs.
class Emitter {
 public:
  using Ref = uint32_t;
  static constexpr Ref kNoRef = UINT32_MAX;  ///< an optional input that is not set

  virtual ~Emitter() = default;

  virtual ir::DimPool& dims() = 0;
  /// False where ops go into a body or branch, which may run many times or not at all.
  virtual bool runs_always() const { return true; }
  virtual const ir::ValueInfo& info(Ref ref) const = 0;
  const ir::TensorType& type(Ref ref) const { return info(ref).type; }

  /// Adds one op named after the layer and infers its results. Throws Error where the op's constraints are broken.
  virtual std::vector<Ref> add_all(ir::OpKind kind, const ir::Attrs& attrs, std::vector<Ref> operands,
                                   const std::string& name) = 0;
  Ref add(ir::OpKind kind, const ir::Attrs& attrs, std::vector<Ref> operands, const std::string& name) {
    return add_all(kind, attrs, std::move(operands), name)[0];
  }

  /// Adds a constant of the given bytes (row-major, dtype_bytes(dtype) * volume(dims) of them).
  virtual Ref constant(DType dtype, const std::vector<int64_t>& dims, const void* bytes, const std::string& name) = 0;
  /// The same for bytes of the user, which last until the build ends: referred to, not copied.
  virtual Ref weights(DType dtype, const std::vector<int64_t>& dims, const void* bytes, const std::string& name) = 0;

  /// Keeps the entry of a plugin for the plan; its number is the attribute `plugin` of the op. Readers of types make none.
  virtual int64_t keep_plugin(const std::function<plan::Plugin()>& /*make*/) { return 0; }

  /// Converts unless the type is right already.
  Ref cast(Ref ref, DType to, const std::string& name);
  /// Rounds elements of type f16 or bf16 to it, as memory would; other values stay. Without, a value that does not leave a fused step
  /// keeps the digits it was computed with.
  Ref round(Ref ref, const std::string& name);
  /// A 1-D int64 constant.
  Ref integers(const std::vector<int64_t>& values, const std::string& name);

  /// The elements of a shape operand as dimensions: its contents where they are known, else fresh data symbols that a read_values
  /// op, added here, reads when the network runs. Each element lies in `range` then (a length: [0, …]).
  /// Error naming `who` unless the operand is an integer or bool tensor of constant extents with at most 64 elements.
  ir::Dims values_of(Ref ref, const std::string& who, ir::Range range = {0, 1, INT32_MAX});
  /// The same as a value: `ref` itself where its contents are known, else the result of the read_values op, whose contents are
  /// the symbols. For ops that take the shape operand as an operand (a loop's trip count or length).
  Ref with_values(Ref ref, const std::string& who, ir::Range range = {0, 1, INT32_MAX});
  /// A symbol for a value that only the run knows; its name is made unique. Range [0, opt of upper, max of upper].
  ir::Dim data_symbol(const std::string& name, ir::Dim upper);
  ir::Dim data_symbol(const std::string& name, ir::Range range);
};

/// Appends to a region of a graph, before an op of it if one is given.
class GraphEmitter final : public Emitter {
 public:
  explicit GraphEmitter(ir::Graph& graph) : graph_(graph), region_(graph.main()) {}

  int64_t keep_plugin(const std::function<plan::Plugin()>& make) override {
    plugins_.push_back(make());
    return static_cast<int64_t>(plugins_.size()) - 1;
  }
  std::vector<plan::Plugin> take_plugins() { return std::move(plugins_); }

  void move_to(ir::RegionId region, ir::OpId before) {
    region_ = region;
    before_ = before;
  }
  ir::DimPool& dims() override { return graph_.dims(); }
  bool runs_always() const override { return region_ == graph_.main(); }
  const ir::ValueInfo& info(Ref ref) const override { return graph_.value({ref}).info; }
  std::vector<Ref> add_all(ir::OpKind kind, const ir::Attrs& attrs, std::vector<Ref> operands,
                           const std::string& name) override;
  Ref constant(DType dtype, const std::vector<int64_t>& dims, const void* bytes, const std::string& name) override;
  Ref weights(DType dtype, const std::vector<int64_t>& dims, const void* bytes, const std::string& name) override;

 private:
  Ref add_constant(DType dtype, const std::vector<int64_t>& dims, ir::ConstantBytes bytes, const std::string& name);

  ir::Graph& graph_;
  ir::RegionId region_;
  ir::OpId before_;
  std::vector<plan::Plugin> plugins_;
};

/// Keeps the types of the values and nothing else.
class TypeEmitter final : public Emitter {
 public:
  ir::DimPool& dims() override { return *dims_; }
  const ir::ValueInfo& info(Ref ref) const override { return values_[ref]; }
  std::vector<Ref> add_all(ir::OpKind kind, const ir::Attrs& attrs, std::vector<Ref> operands,
                           const std::string& name) override;
  Ref constant(DType dtype, const std::vector<int64_t>& dims, const void* bytes, const std::string& name) override;
  Ref weights(DType dtype, const std::vector<int64_t>& dims, const void* bytes, const std::string& name) override {
    return constant(dtype, dims, bytes, name);
  }
  /// A value of known type: a network input, or what crosses the border of a loop.
  Ref value(ir::ValueInfo info);
  /// A dimension of which nothing is known.
  ir::Dim unknown_dim();
  /// Forgets everything.
  void clear();

 private:
  std::unique_ptr<ir::DimPool> dims_ = std::make_unique<ir::DimPool>();
  std::vector<ir::ValueInfo> values_;
};

}  // namespace rondo::api
