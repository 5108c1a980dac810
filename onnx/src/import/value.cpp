#include "import/value.h"

#include "model/import_error.h"

namespace rondo::onnx {
namespace {

/// Longest vector whose elements are followed one by one.
constexpr int64_t kLargestKnown = 256;

}  // namespace

ITensor& Value::needed() const {
  if (!tensor_) throw ImportError(ErrorCode::kINVALID_NODE, text("a tensor is needed, not ", type_text(*this)));
  return *tensor_;
}

std::optional<KnownInts> known_ints(Value const& value) {
  if (value.is_tensor()) return value.known() ? std::optional(*value.known()) : std::nullopt;
  if (!value.is_constant()) return std::nullopt;
  HostTensor const& constant = *value.constant();
  const bool integers = constant.is_integer() || constant.type() == DataType::kBOOL;
  if (!integers || constant.rank() > 1 || constant.count() > kLargestKnown) return std::nullopt;
  const std::vector<int64_t> ints = constant.to_ints();
  return KnownInts{constant.dims(), {ints.begin(), ints.end()}};
}

std::string type_text(Value const& value) {
  if (value.is_constant()) return "constant " + type_text(*value.constant());
  if (value.is_tensor()) {
    return value.rank() < 0 ? "a tensor without a shape" : type_name(value.type()) + dims_text(value.dims());
  }
  if (value.rows()) return "sequence of a length that only the run knows";
  if (value.is_sequence()) return text("sequence of ", value.elements()->size());
  return value.is_none() ? "an empty optional" : "nothing";
}

bool same_value(Value const& a, Value const& b) {
  return a.tensor() == b.tensor() && a.constant() == b.constant() && a.elements() == b.elements() &&
         a.rows() == b.rows() && a.is_none() == b.is_none();
}

}  // namespace rondo::onnx
