#include "import/attributes.h"

#include "model/proto.h"

namespace rondo::onnx {
namespace {

using A = proto::AttributeProto;

char const* type_text(int type) {
  static constexpr char const* kNames[] = {"undefined", "a float",         "an integer",     "a string", "a tensor",
                                           "a graph",   "floats",          "integers",       "strings",  "tensors",
                                           "graphs",    "a sparse tensor", "sparse tensors", "a type",   "types"};
  const auto index = static_cast<size_t>(type);
  return index < std::size(kNames) ? kNames[index] : "unknown";
}

template <typename T, typename Field>
std::vector<T> copied(Field const& field) {
  return {field.begin(), field.end()};
}

}  // namespace

// Files of the first version of the format leave the type out; then the field that is filled tells.
int Attributes::type_of(A const& attribute) {
  if (attribute.type() != A::UNDEFINED) return attribute.type();
  if (attribute.has_f()) return A::FLOAT;
  if (attribute.has_i()) return A::INT;
  if (attribute.has_s()) return A::STRING;
  if (attribute.has_t()) return A::TENSOR;
  if (attribute.has_g()) return A::GRAPH;
  if (attribute.floats_size()) return A::FLOATS;
  if (attribute.ints_size()) return A::INTS;
  if (attribute.strings_size()) return A::STRINGS;
  return A::UNDEFINED;
}

Attributes::Attributes(proto::NodeProto const& node, AttributeLookup const& function_attributes) {
  std::set<std::string> names;
  for (A const& attribute : node.attribute()) {
    check(names.insert(attribute.name()).second, ErrorCode::kINVALID_NODE,
          text("attribute '", attribute.name(), "' is given twice"));
    A const* meant = &attribute;
    if (!attribute.ref_attr_name().empty()) {
      check(function_attributes != nullptr, ErrorCode::kINVALID_NODE,
            text("attribute '", attribute.name(), "' refers to attribute '", attribute.ref_attr_name(),
                 "' of a function, but the node is in none"));
      meant = function_attributes(attribute.ref_attr_name());
    }
    if (meant) attributes_.emplace_back(attribute.name(), meant);
  }
}

A const* Attributes::find(std::string const& name) const {
  for (auto const& [key, attribute] : attributes_) {
    if (key == name) return attribute;
  }
  return nullptr;
}

std::vector<std::string> Attributes::names() const {
  std::vector<std::string> all;
  for (auto const& [name, attribute] : attributes_) all.push_back(name);
  return all;
}

A const& Attributes::any(std::string const& name) {
  A const* found = find(name);
  check(found != nullptr, ErrorCode::kINVALID_NODE, text("attribute '", name, "' is missing"));
  read_.insert(name);
  return *found;
}

A const* Attributes::take(std::string const& name, int type) {
  A const* found = find(name);
  if (!found) return nullptr;
  read_.insert(name);
  int actual = type_of(*found);
  // An empty list without a type cannot be told from nothing at all.
  if (actual == A::UNDEFINED && type >= A::FLOATS && type <= A::STRINGS) actual = type;
  check(actual == type, ErrorCode::kINVALID_NODE,
        text("attribute '", name, "' is ", type_text(actual), ", not ", type_text(type)));
  return found;
}

A const& Attributes::need(std::string const& name, int type) {
  A const* found = take(name, type);
  check(found != nullptr, ErrorCode::kINVALID_NODE, text("attribute '", name, "' is missing"));
  return *found;
}

int64_t Attributes::integer(std::string const& name) { return need(name, A::INT).i(); }
float Attributes::real(std::string const& name) { return need(name, A::FLOAT).f(); }
std::string Attributes::string(std::string const& name) { return need(name, A::STRING).s(); }
std::vector<int64_t> Attributes::integers(std::string const& name) {
  return copied<int64_t>(need(name, A::INTS).ints());
}
std::vector<float> Attributes::reals(std::string const& name) { return copied<float>(need(name, A::FLOATS).floats()); }
std::vector<std::string> Attributes::strings(std::string const& name) {
  return copied<std::string>(need(name, A::STRINGS).strings());
}
proto::TensorProto const& Attributes::tensor(std::string const& name) { return need(name, A::TENSOR).t(); }
proto::SparseTensorProto const& Attributes::sparse_tensor(std::string const& name) {
  return need(name, A::SPARSE_TENSOR).sparse_tensor();
}
proto::GraphProto const& Attributes::graph(std::string const& name) { return need(name, A::GRAPH).g(); }
proto::TypeProto const& Attributes::type(std::string const& name) { return need(name, A::TYPE_PROTO).tp(); }

int64_t Attributes::integer(std::string const& name, int64_t otherwise) {
  return optional_integer(name).value_or(otherwise);
}

bool Attributes::flag(std::string const& name, bool otherwise) {
  const int64_t value = integer(name, otherwise ? 1 : 0);
  check(value == 0 || value == 1, ErrorCode::kUNSUPPORTED_NODE_ATTR,
        text("attribute '", name, "' is ", value, "; it takes 0 and 1"));
  return value == 1;
}

float Attributes::real(std::string const& name, float otherwise) { return optional_real(name).value_or(otherwise); }

std::string Attributes::string(std::string const& name, std::string const& otherwise) {
  A const* found = take(name, A::STRING);
  return found ? found->s() : otherwise;
}

std::vector<int64_t> Attributes::integers(std::string const& name, std::vector<int64_t> const& otherwise) {
  return optional_integers(name).value_or(otherwise);
}

std::vector<float> Attributes::reals(std::string const& name, std::vector<float> const& otherwise) {
  A const* found = take(name, A::FLOATS);
  return found ? copied<float>(found->floats()) : otherwise;
}

std::vector<std::string> Attributes::strings(std::string const& name, std::vector<std::string> const& otherwise) {
  A const* found = take(name, A::STRINGS);
  return found ? copied<std::string>(found->strings()) : otherwise;
}

std::optional<int64_t> Attributes::optional_integer(std::string const& name) {
  A const* found = take(name, A::INT);
  return found ? std::optional(found->i()) : std::nullopt;
}

std::optional<float> Attributes::optional_real(std::string const& name) {
  A const* found = take(name, A::FLOAT);
  return found ? std::optional(found->f()) : std::nullopt;
}

std::optional<std::vector<int64_t>> Attributes::optional_integers(std::string const& name) {
  A const* found = take(name, A::INTS);
  return found ? std::optional(copied<int64_t>(found->ints())) : std::nullopt;
}

size_t Attributes::choice(std::string const& name, std::string const& otherwise, std::span<char const* const> choices) {
  const std::string value = string(name, otherwise);
  std::string known;
  for (size_t i = 0; i < choices.size(); ++i) {
    if (value == choices[i]) return i;
    known += text(i ? ", " : "", choices[i]);
  }
  throw ImportError(ErrorCode::kUNSUPPORTED_NODE_ATTR,
                    text("attribute '", name, "' is '", value, "'; known are ", known));
}

std::vector<proto::GraphProto const*> Attributes::graphs() const {
  std::vector<proto::GraphProto const*> result;
  for (auto const& [name, attribute] : attributes_) {
    if (attribute->has_g()) result.push_back(&attribute->g());
    for (proto::GraphProto const& graph : attribute->graphs()) result.push_back(&graph);
  }
  return result;
}

void Attributes::check_all_read() const {
  for (auto const& [name, attribute] : attributes_) {
    check(read_.count(name) != 0, ErrorCode::kUNSUPPORTED_NODE_ATTR,
          text("attribute '", name, "' is not known for this operator in this version of its set"));
  }
}

}  // namespace rondo::onnx
