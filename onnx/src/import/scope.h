/// Scope: the names of one graph while it is imported.
#pragma once

#include <map>
#include <unordered_map>

#include "import/attributes.h"
#include "import/value.h"
#include "model/tensor_data.h"

namespace rondo::onnx {

/// What the body of a loop or branch makes of a value of outside when it first names it; the result stands for the name from then
/// on. Conditionals pass captured tensors through their input layers so; loops need no hook.
using CaptureHook = std::function<Value(Value const& outside)>;

/// Versions of operator sets by domain; the empty one is ai.onnx.
using OpsetVersions = std::map<std::string, int64_t>;

/// Names of the main graph, of a body inside it (which sees its parent's), or of a function being expanded (which does not).
class Scope {
 public:
  /// The main graph's, or a function's.
  Scope(OpsetVersions opsets, std::shared_ptr<TensorSource const> source);

  /// That of a body.
  Scope(Scope& parent, CaptureHook hook);

  /// The value of a name: of this scope, an initializer of it (read now), or of a scope around it; null if there is none.
  Value const* find(std::string const& name);

  /// Gives a name its value. Errors kINVALID_GRAPH if it has one in this scope
  void define(std::string const& name, Value value);

  /// Makes an initializer known; it is read when it is first used.
  void define(std::string const& name, proto::TensorProto const& initializer);
  void define(std::string const& name, proto::SparseTensorProto const& initializer);

  /// Whether the name is one of this scope, or one of its initializers.
  bool defines(std::string const& name) const { return values_.count(name) + pending_.count(name) > 0; }

  OpsetVersions const& opsets() const { return opsets_; }
  TensorSource const& source() const { return *source_; }
  std::shared_ptr<TensorSource const> const& shared_source() const { return source_; }

  /// Names of layers and tensors of this scope start with it.
  std::string const& prefix() const { return prefix_; }
  void set_prefix(std::string prefix) { prefix_ = std::move(prefix); }

  /// How deep this scope lies in others, functions included.
  int32_t depth() const { return depth_; }
  void set_depth(int32_t depth) { depth_ = depth; }

  /// In a function: how its body's attribute references are resolved, and the calls that led here, outermost first.
  AttributeLookup const& attribute_lookup() const { return attribute_lookup_; }
  void set_attribute_lookup(AttributeLookup lookup) { attribute_lookup_ = std::move(lookup); }
  std::vector<std::string> const& functions() const { return functions_; }
  void set_functions(std::vector<std::string> functions) { functions_ = std::move(functions); }

  /// Whether nothing is outside of this scope: its names become names of tensors as they are.
  bool is_main() const { return !parent_ && functions_.empty(); }

 private:
  struct Pending {
    proto::TensorProto const* dense = nullptr;
    proto::SparseTensorProto const* sparse = nullptr;
  };

  void check_new(std::string const& name) const;

  Scope* parent_ = nullptr;
  CaptureHook hook_;
  OpsetVersions opsets_;
  std::shared_ptr<TensorSource const> source_;
  std::unordered_map<std::string, Value> values_;
  std::unordered_map<std::string, Pending> pending_;
  AttributeLookup attribute_lookup_;
  std::vector<std::string> functions_;
  std::string prefix_;
  int32_t depth_ = 0;
};

}  // namespace rondo::onnx
