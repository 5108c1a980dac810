/// Attributes: typed access to the attributes of one node, with a ledger of what was read.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "model/import_error.h"
#include "model/proto_fwd.h"

namespace rondo::onnx {

/// Values for the attributes that a function's body refers to by name; null: the caller left it out and there is no default.
using AttributeLookup = std::function<proto::AttributeProto const*(std::string const& name)>;

/// The attributes of one node.
///
/// Every getter marks its attribute as read and checks its type. What no getter has asked for when the node is done is an error
/// (check_all_read), so a default is never taken silently for something the file says otherwise.
/// Errors    kINVALID_NODE for a wrong type, a missing required or a repeated attribute, kUNSUPPORTED_NODE_ATTR for a value that is not
///           among the choices; each names the attribute
class Attributes {
 public:
  Attributes(proto::NodeProto const& node, AttributeLookup const& function_attributes);

  /// Whether the node has the attribute. Does not mark it.
  bool has(std::string const& name) const { return find(name) != nullptr; }

  /// The attribute itself, or null. Does not mark it.
  proto::AttributeProto const* find(std::string const& name) const;

  /// All names, in the order of the file.
  std::vector<std::string> names() const;

  /// A required attribute of any type, for those that pass it on.
  proto::AttributeProto const& any(std::string const& name);

  /// What an attribute holds, an AttributeProto::AttributeType.
  static int type_of(proto::AttributeProto const& attribute);

  /// Required attributes.
  int64_t integer(std::string const& name);
  float real(std::string const& name);
  std::string string(std::string const& name);
  std::vector<int64_t> integers(std::string const& name);
  std::vector<float> reals(std::string const& name);
  std::vector<std::string> strings(std::string const& name);
  proto::TensorProto const& tensor(std::string const& name);
  proto::SparseTensorProto const& sparse_tensor(std::string const& name);
  proto::GraphProto const& graph(std::string const& name);
  proto::TypeProto const& type(std::string const& name);

  /// Attributes with a default.
  int64_t integer(std::string const& name, int64_t otherwise);
  bool flag(std::string const& name, bool otherwise);  ///< 0 or 1
  float real(std::string const& name, float otherwise);
  std::string string(std::string const& name, std::string const& otherwise);
  std::vector<int64_t> integers(std::string const& name, std::vector<int64_t> const& otherwise);
  std::vector<float> reals(std::string const& name, std::vector<float> const& otherwise);
  std::vector<std::string> strings(std::string const& name, std::vector<std::string> const& otherwise);
  std::optional<int64_t> optional_integer(std::string const& name);
  std::optional<float> optional_real(std::string const& name);
  std::optional<std::vector<int64_t>> optional_integers(std::string const& name);

  /// The index in `choices` of a string attribute.
  size_t choice(std::string const& name, std::string const& otherwise, std::span<char const* const> choices);

  /// The sub-graphs among the attributes, for the search of captured names. Does not mark them.
  std::vector<proto::GraphProto const*> graphs() const;

  /// Marks an attribute that has no influence on what a network computes (training only, a hint). Say why where it is called.
  void ignore(std::string const& name) { read_.insert(name); }

  /// Errors    kUNSUPPORTED_NODE_ATTR naming the first attribute that nobody has read
  void check_all_read() const;

 private:
  proto::AttributeProto const* take(std::string const& name, int type);
  proto::AttributeProto const& need(std::string const& name, int type);

  std::vector<std::pair<std::string, proto::AttributeProto const*>> attributes_;
  std::set<std::string> read_;
};

}  // namespace rondo::onnx
