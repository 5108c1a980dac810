#include "import/scope.h"

#include "model/names.h"
#include "model/proto.h"

namespace rondo::onnx {

Scope::Scope(OpsetVersions opsets, std::shared_ptr<TensorSource const> source)
    : opsets_(std::move(opsets)), source_(std::move(source)) {}

Scope::Scope(Scope& parent, CaptureHook hook)
    : parent_(&parent),
      hook_(std::move(hook)),
      opsets_(parent.opsets_),
      source_(parent.source_),
      attribute_lookup_(parent.attribute_lookup_),
      functions_(parent.functions_),
      prefix_(parent.prefix_),
      depth_(parent.depth_ + 1) {}

Value const* Scope::find(std::string const& name) {
  if (const auto found = values_.find(name); found != values_.end()) return &found->second;
  if (const auto found = pending_.find(name); found != pending_.end()) {
    const Pending pending = found->second;
    const std::string who = "initializer '" + name + "'";
    Value value =
        pending.dense ? read_tensor(*pending.dense, *source_, who) : read_sparse_tensor(*pending.sparse, *source_, who);
    return &(values_[name] = std::move(value));
  }
  if (!parent_) return nullptr;
  Value const* outside = parent_->find(name);
  if (!outside) return nullptr;
  return &(values_[name] = hook_ ? hook_(*outside) : *outside);
}

void Scope::check_new(std::string const& name) const {
  check_name(name);
  check(!defines(name), ErrorCode::kINVALID_GRAPH, text("the name '", name, "' is defined twice"));
}

void Scope::define(std::string const& name, Value value) {
  check_new(name);
  values_.emplace(name, std::move(value));
}

void Scope::define(std::string const& name, proto::TensorProto const& initializer) {
  check_new(name);
  pending_.emplace(name, Pending{&initializer, nullptr});
}

void Scope::define(std::string const& name, proto::SparseTensorProto const& initializer) {
  check_new(name);
  pending_.emplace(name, Pending{nullptr, &initializer});
}

}  // namespace rondo::onnx
