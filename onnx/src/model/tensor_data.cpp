// Constants of a model.
//
// Nothing is allocated before the number of elements that the shape promises has been compared with the bytes that are
// there: the memory spent on a constant is at most four times what the file spends on it (2-bit integers, one byte
// each).

#include "model/tensor_data.h"

#include <bit>
#include <limits>
#include <utility>

#include "model/import_error.h"
#include "model/proto.h"

static_assert(std::endian::native == std::endian::little, "raw data of the format is little-endian");

namespace rondo::onnx {
namespace {

using P = proto::TensorProto;

Extents extents_of(google::protobuf::RepeatedField<int64_t> const& dims) { return {dims.begin(), dims.end()}; }

ElementType const& constant_type(int32_t onnx, std::string const& who) {
  ElementType const* row = find_element_type(onnx);
  check(row && row->narrowing != Narrowing::kRefused, ErrorCode::kUNSUPPORTED_NODE_DATATYPE,
        text(who, ": constants of element type ", element_type_text(onnx), " are not supported"));
  return *row;
}

size_t raw_bytes(ElementType const& type, int64_t count) { return static_cast<size_t>((count * type.bits + 7) / 8); }

/// The raw bytes as elements of From, each converted to To.
template <typename From, typename To, typename Convert>
HostTensorPtr convert_raw(ElementType const& type, Extents dims, void const* raw, int64_t count, Convert convert) {
  std::vector<To> out(static_cast<size_t>(count));
  auto const* bytes = static_cast<char const*>(raw);
  for (size_t i = 0; i < out.size(); ++i) {
    From element;
    std::memcpy(&element, bytes + i * sizeof(From), sizeof(From));
    out[i] = convert(element);
  }
  auto owner = std::make_shared<std::vector<To> const>(std::move(out));
  void const* data = owner->data();
  return std::make_shared<HostTensor const>(type.type, std::move(dims), data, std::move(owner), type.onnx);
}

template <typename To>
HostTensorPtr unpack_raw(ElementType const& type, Extents dims, uint8_t const* raw, int64_t count) {
  std::vector<To> out(static_cast<size_t>(count));
  const auto bits = static_cast<unsigned>(type.bits);
  for (size_t i = 0; i < out.size(); ++i) {
    const size_t at = i * bits;
    const unsigned value = (raw[at / 8] >> (at % 8)) & ((1U << bits) - 1);
    const bool negative = std::is_signed_v<To> && (value >> (bits - 1)) != 0;
    out[i] = static_cast<To>(negative ? static_cast<int>(value) - (1 << bits) : static_cast<int>(value));
  }
  auto owner = std::make_shared<std::vector<To> const>(std::move(out));
  void const* data = owner->data();
  return std::make_shared<HostTensor const>(type.type, std::move(dims), data, std::move(owner), type.onnx);
}

/// The data where it is, or a copy if it lies at an address that its type cannot be read from.
HostTensorPtr view_raw(ElementType const& type, Extents dims, void const* raw, int64_t count,
                       std::shared_ptr<void const> owner) {
  const size_t bytes = raw_bytes(type, count);
  if (reinterpret_cast<uintptr_t>(raw) % 16 != 0 || bytes < 64) {
    auto copy = std::make_shared<std::vector<std::max_align_t>>(
        (bytes + sizeof(std::max_align_t) - 1) / sizeof(std::max_align_t) + 1);
    if (bytes > 0) std::memcpy(copy->data(), raw, bytes);
    raw = copy->data();
    owner = std::move(copy);
  }
  return std::make_shared<HostTensor const>(type.type, std::move(dims), raw, std::move(owner));
}

HostTensorPtr from_raw(ElementType const& type, Extents dims, void const* raw, int64_t count,
                       std::shared_ptr<void const> owner, std::string const& who) {
  switch (type.onnx) {
    case P::DOUBLE:
      return convert_raw<double, float>(type, std::move(dims), raw, count,
                                        [](double v) { return static_cast<float>(v); });
    case P::UINT16:
      return convert_raw<uint16_t, int32_t>(type, std::move(dims), raw, count, [](uint16_t v) { return v; });
    case P::INT16:
      return convert_raw<int16_t, int32_t>(type, std::move(dims), raw, count, [](int16_t v) { return v; });
    case P::UINT32:
      return convert_raw<uint32_t, int64_t>(type, std::move(dims), raw, count, [](uint32_t v) { return v; });
    case P::UINT64:
      return convert_raw<uint64_t, int64_t>(type, std::move(dims), raw, count, [&](uint64_t v) {
        if (!std::in_range<int64_t>(v))
          throw ImportError(ErrorCode::kINVALID_VALUE, text(who, ": ", v, " does not fit int64"));
        return static_cast<int64_t>(v);
      });
    case P::INT4:
    case P::INT2:
      return unpack_raw<int8_t>(type, std::move(dims), static_cast<uint8_t const*>(raw), count);
    case P::UINT4:
    case P::UINT2:
      return unpack_raw<uint8_t>(type, std::move(dims), static_cast<uint8_t const*>(raw), count);
    case P::BOOL:
      return convert_raw<uint8_t, uint8_t>(type, std::move(dims), raw, count,
                                           [](uint8_t v) { return static_cast<uint8_t>(v != 0); });
    default:
      return view_raw(type, std::move(dims), raw, count, std::move(owner));
  }
}

/// Elements of a wider field. A signed field may hold the bits of an unsigned element, so either reading of them counts.
template <typename Raw, typename Field>
std::shared_ptr<std::vector<Raw> const> narrowed(Field const& field, std::string const& who) {
  constexpr int64_t kHighest = std::numeric_limits<Raw>::max();
  constexpr int64_t kLowest = -(kHighest / 2) - 1;
  auto out = std::make_shared<std::vector<Raw>>(static_cast<size_t>(field.size()));
  for (int i = 0; i < field.size(); ++i) {
    if (std::cmp_less(field[i], kLowest) || std::cmp_greater(field[i], kHighest)) {
      throw ImportError(ErrorCode::kINVALID_VALUE,
                        text(who, ": element ", i, " is ", field[i], ", beyond the range of its type"));
    }
    (*out)[static_cast<size_t>(i)] = static_cast<Raw>(field[i]);
  }
  return out;
}

/// Elements of a typed field, as many as the shape says.
HostTensorPtr from_fields(ElementType const& type, Extents dims, proto::TensorProto const& tensor, int64_t count,
                          TensorSource const& source, std::string const& who) {
  const auto expect = [&](int64_t found, int64_t needed) {
    check(found == needed, ErrorCode::kINVALID_VALUE,
          text(who, ": ", found, " elements of data, type ", type.name, " and shape ", dims_text(dims), " need ",
               needed));
  };
  const auto use = [&](void const* raw) { return from_raw(type, std::move(dims), raw, count, source.owner, who); };
  const auto keep = [&](auto elements) {
    return from_raw(type, std::move(dims), elements->data(), count, elements, who);
  };
  switch (type.field) {
    case TypedField::kFloat:
      expect(tensor.float_data_size(), count);
      return use(tensor.float_data().data());
    case TypedField::kInt64:
      expect(tensor.int64_data_size(), count);
      return use(tensor.int64_data().data());
    case TypedField::kDouble:
      expect(tensor.double_data_size(), count);
      return use(tensor.double_data().data());
    case TypedField::kUint64:
      expect(tensor.uint64_data_size(), count);
      if (type.bits == 64) return use(tensor.uint64_data().data());
      return keep(narrowed<uint32_t>(tensor.uint64_data(), who));
    default:
      break;
  }
  expect(tensor.int32_data_size(), type.bits >= 8 ? count : static_cast<int64_t>(raw_bytes(type, count)));
  if (type.bits == 32) return use(tensor.int32_data().data());
  if (type.bits == 16) return keep(narrowed<uint16_t>(tensor.int32_data(), who));
  return keep(narrowed<uint8_t>(tensor.int32_data(), who));
}

int field_elements(proto::TensorProto const& tensor) {
  return tensor.float_data_size() + tensor.int32_data_size() + tensor.int64_data_size() + tensor.double_data_size() +
         tensor.uint64_data_size();
}

}  // namespace

size_t raw_bytes(proto::TensorProto const& tensor, std::string const& who) {
  return raw_bytes(constant_type(tensor.data_type(), who), volume(extents_of(tensor.dims()), who));
}

HostTensorPtr read_tensor(proto::TensorProto const& tensor, TensorSource const& source, std::string const& who) {
  ElementType const& type = constant_type(tensor.data_type(), who);
  check(!tensor.has_segment(), ErrorCode::kUNSUPPORTED_GRAPH, text(who, ": segmented tensors are not supported"));
  Extents dims = extents_of(tensor.dims());
  const int64_t count = volume(dims, who);
  const size_t bytes = raw_bytes(type, count);
  if (const auto found = source.supplied.find(tensor.name());
      !tensor.name().empty() && found != source.supplied.end()) {
    return from_raw(type, std::move(dims), found->second.first, count, nullptr, who);
  }
  if (tensor.data_location() == P::EXTERNAL) {
    check(!tensor.has_raw_data() && field_elements(tensor) == 0, ErrorCode::kINVALID_VALUE,
          text(who, ": data both in the model and in another file"));
    auto file = source.external.read(tensor, bytes, who);
    void const* data = file->data.get();
    return from_raw(type, std::move(dims), data, count, std::move(file), who);
  }
  if (tensor.has_raw_data()) {
    check(field_elements(tensor) == 0, ErrorCode::kINVALID_VALUE, text(who, ": data both raw and in a typed field"));
    check(tensor.raw_data().size() == bytes, ErrorCode::kINVALID_VALUE,
          text(who, ": ", tensor.raw_data().size(), " bytes of data, type ", type.name, " and shape ", dims_text(dims),
               " need ", bytes));
    return from_raw(type, std::move(dims), tensor.raw_data().data(), count, source.owner, who);
  }
  return from_fields(type, std::move(dims), tensor, count, source, who);
}

HostTensorPtr read_sparse_tensor(proto::SparseTensorProto const& tensor, TensorSource const& source,
                                 std::string const& who) {
  const HostTensorPtr values = read_tensor(tensor.values(), source, who + " values");
  const HostTensorPtr indices = read_tensor(tensor.indices(), source, who + " indices");
  Extents dims = extents_of(tensor.dims());
  const int64_t count = volume(dims, who);
  const int64_t entries = values->count();
  const bool linear = indices->rank() == 1;
  check(indices->type() == DataType::kINT64 && (linear || indices->rank() == 2) && indices->dims()[0] == entries &&
            (linear || indices->dims()[1] == static_cast<int64_t>(dims.size())),
        ErrorCode::kINVALID_VALUE, text(who, ": indices ", type_text(*indices), " for ", entries, " values"));
  // A dense copy is as large as the shape says; a file of few values must not ask for much memory.
  constexpr int64_t kLargestDense = int64_t{1} << 24;
  check(count <= std::max(kLargestDense, 64 * entries), ErrorCode::kUNSUPPORTED_GRAPH,
        text(who, ": ", count, " elements with ", entries,
             " values; sparse tensors become dense ones, and this is too sparse"));
  const auto size = static_cast<size_t>(element_bytes(values->type()));
  std::vector<char> dense(static_cast<size_t>(count) * size);
  for (int64_t i = 0; i < entries; ++i) {
    int64_t at = 0;
    for (size_t d = 0; d < (linear ? 1 : dims.size()); ++d) {
      const int64_t extent = linear ? count : dims[d];
      const int64_t index = indices->as<int64_t>()[static_cast<size_t>(
          linear ? i : i * static_cast<int64_t>(dims.size()) + static_cast<int64_t>(d))];
      if (index < 0 || index >= extent) {
        throw ImportError(ErrorCode::kINVALID_VALUE,
                          text(who, ": index ", index, " of value ", i, " is outside of ", dims_text(dims)));
      }
      at = at * extent + index;
    }
    std::memcpy(dense.data() + static_cast<size_t>(at) * size,
                static_cast<char const*>(values->data()) + static_cast<size_t>(i) * size, size);
  }
  return make_host_tensor(values->type(), std::move(dims), std::move(dense));
}

}  // namespace rondo::onnx
