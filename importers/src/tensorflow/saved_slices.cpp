// TensorFlow checkpoints of generation V1.
//
// One table. Key "" lists the tensors: name, shape, type. Every other record holds a slice of one tensor as a repeated
// field of the values themselves (float_val, int_val ..), without type or shape: a variable that was not partitioned is
// one slice, the whole. Opening walks over all blocks, so all checksums are verified, and remembers in which block each
// tensor lies. Source: tensorflow/core/util/saved_tensor_slice.proto, framework/tensor.proto
#include "tensorflow/saved_slices.h"

#include <cstring>
#include <unordered_map>

#include "io/byte_cursor.h"
#include "io/file_bytes.h"
#include "tensorflow/messages.h"
#include "tensorflow/table.h"
#include "tensorflow/wire.h"

namespace rondo::importers {

namespace {

constexpr size_t kNowhere = ~size_t{0};

struct Slice {
  std::string_view name, extents, values;
};

// SavedTensorSlices{data = 2: SavedSlice{name = 1, slice = 2, data = 3}}.
Slice read_slice(std::string_view message, const std::string& what) {
  Slice slice;
  WireReader outer(message, what);
  while (auto field = outer.next()) {
    if (field->number != 2) continue;
    WireReader inner(field->contents(what), what);
    while (auto part = inner.next()) {
      if (part->number == 1) slice.name = part->contents(what);
      if (part->number == 2) slice.extents = part->contents(what);
      if (part->number == 3) slice.values = part->contents(what);
    }
  }
  return slice;
}

// Field of TensorProto that holds values of a type, and how.
struct ValueField {
  uint32_t number;
  int fixed_bytes;  // 0: varints
};

ValueField value_field(ElementType type) {
  switch (type) {
    case ElementType::kF32:
      return {5, 4};
    case ElementType::kF64:
      return {6, 8};
    case ElementType::kI64:
      return {10, 0};
    case ElementType::kBool:
      return {11, 0};
    case ElementType::kF16:
    case ElementType::kBF16:
      return {13, 0};
    case ElementType::kU32:
      return {16, 0};
    case ElementType::kU64:
      return {17, 0};
    default:
      return {7, 0};
  }
}

void append_value(uint64_t value, int64_t width, std::vector<uint8_t>& bytes) {
  for (int64_t k = 0; k < width; ++k) bytes.push_back(static_cast<uint8_t>(value >> (8 * k)));
}

// The values of a TensorProto as little-endian bytes; packed, one by one, or as tensor_content.
std::vector<uint8_t> read_values(std::string_view message, ElementType type, const std::string& what) {
  constexpr uint32_t kContent = 4;
  ValueField wanted = value_field(type);
  int64_t width = bytes_of(type);
  std::vector<uint8_t> bytes;
  WireReader reader(message, what);
  while (auto field = reader.next()) {
    if (field->number != wanted.number && field->number != kContent) continue;
    if (field->kind != WireField::Kind::kBytes) {
      if (field->number == kContent) refuse(what, ": its values are damaged");
      append_value(field->value, width, bytes);
    } else if (wanted.fixed_bytes != 0 || field->number == kContent) {
      bytes.insert(bytes.end(), field->bytes.begin(), field->bytes.end());
    } else {
      ByteCursor packed(field->bytes, what);
      while (!packed.at_end()) append_value(packed.varint64(), width, bytes);
    }
  }
  return bytes;
}

class SavedSlices : public WeightFile {
 public:
  explicit SavedSlices(const std::string& path);

  WeightFormat format() const override { return WeightFormat::kTensorFlowV1; }
  const std::vector<WeightEntry>& entries() const override { return entries_; }
  Tensor read(size_t i) const override;
  void verify(size_t i) const override {
    if (entries_.at(i).is_readable) read(i);
  }

 private:
  struct Place {
    size_t block = kNowhere;
    bool in_slices = false;
  };

  void read_meta(std::string_view message);
  void read_tensor_meta(std::string_view message, const std::string& what);
  void place_slice(size_t block, std::string_view message);
  std::string name_of_tensor(size_t i) const { return "tensor " + in_quotes(entries_[i].name) + " of " + file_.path(); }

  FileBytes file_;
  Table table_;
  std::vector<WeightEntry> entries_;
  std::vector<Place> places_;
  std::unordered_map<std::string, size_t> index_;
};

SavedSlices::SavedSlices(const std::string& path) : file_(path), table_(file_) {
  bool has_meta = false;
  table_.for_each([&](size_t block, std::string_view key, std::string_view value) {
    if (!has_meta) {
      if (!key.empty()) refuse(path, ": has no list of tensors; it is no checkpoint");
      read_meta(value);
    } else {
      place_slice(block, value);
    }
    has_meta = true;
  });
  if (!has_meta) refuse(path, ": has no list of tensors; it is no checkpoint");
  for (size_t i = 0; i < entries_.size(); ++i) {
    if (places_[i].block == kNowhere) refuse(name_of_tensor(i), ": is listed, but has no values");
    entries_[i].is_readable = entries_[i].is_readable && !places_[i].in_slices;
  }
  mark_bookkeeping(entries_);
}

void SavedSlices::read_meta(std::string_view message) {
  const std::string what = "list of tensors of " + file_.path();
  WireReader outer(message, what);
  while (auto field = outer.next()) {
    if (field->number != 1) continue;
    WireReader meta(field->contents(what), what);
    while (auto part = meta.next()) {
      if (part->number == 1) read_tensor_meta(part->contents(what), what);
      if (part->number == 2) check_version(part->contents(what), what);
    }
  }
}

void SavedSlices::read_tensor_meta(std::string_view message, const std::string& what) {
  WeightEntry entry;
  Place place;
  int64_t code = 0, slices = 0;
  std::string_view shape, extents;
  WireReader reader(message, what);
  while (auto field = reader.next()) {
    if (field->number == 1) entry.name = field->contents(what);
    if (field->number == 2) shape = field->contents(what);
    if (field->number == 3) code = field->integer(what);
    if (field->number == 4) extents = field->contents(what), ++slices;
  }
  if (entry.name.empty() || entry.name.size() > kMaxKeyBytes)
    refuse(what, ": a name has ", entry.name.size(), " bytes");
  const std::string tensor = "tensor " + in_quotes(entry.name) + " of " + file_.path();
  entry.dims = read_shape(shape, tensor);
  entry.stored_type = tensorflow_type_name(code);
  auto type = tensorflow_element_type(code);
  entry.is_readable = type.has_value();
  if (type) entry.type = *type;
  place.in_slices = slices > 1 || !is_whole_slice(extents, entry.dims, tensor);
  auto elements = static_cast<uint64_t>(elements_of(entry.dims, tensor));
  uint64_t bytes = multiply_sizes(elements, static_cast<uint64_t>(type ? bytes_of(*type) : 1), tensor);
  if (bytes >> 63) refuse(tensor, ": dims ", dims_text(entry.dims), " are too large");
  entry.bytes = static_cast<int64_t>(bytes);
  if (!index_.emplace(entry.name, entries_.size()).second) refuse(tensor, ": is listed twice");
  entries_.push_back(std::move(entry));
  places_.push_back(place);
}

void SavedSlices::place_slice(size_t block, std::string_view message) {
  const std::string what = table_.name_of_block(block);
  Slice slice = read_slice(message, what);
  auto found = index_.find(std::string(slice.name));
  if (found == index_.end()) refuse(what, ": tensor ", in_quotes(slice.name), " has values, but is not listed");
  Place& place = places_[found->second];
  bool is_whole = is_whole_slice(slice.extents, entries_[found->second].dims, name_of_tensor(found->second));
  if (place.block != kNowhere || !is_whole) place.in_slices = true;
  place.block = block;
}

Tensor SavedSlices::read(size_t i) const {
  const WeightEntry& entry = entries_.at(i);
  const std::string what = name_of_tensor(i);
  if (places_[i].in_slices)
    refuse(what, ": is a partitioned variable, stored in slices, which are not supported; save it as one variable");
  if (!entry.is_readable) refuse(what, ": elements of type ", entry.stored_type, " are not supported");
  Tensor tensor{entry.type, entry.dims, {}};
  Table::for_each_entry(table_.block(places_[i].block), table_.name_of_block(places_[i].block),
                        [&](std::string_view key, std::string_view value) {
                          if (key.empty()) return;
                          Slice slice = read_slice(value, what);
                          if (slice.name == entry.name) tensor.bytes = read_values(slice.values, entry.type, what);
                        });
  if (tensor.bytes.size() != static_cast<uint64_t>(entry.bytes)) {
    refuse(what, ": dims ", dims_text(entry.dims), " of ", name_of(entry.type), " are ", entry.bytes,
           " bytes, its values ", tensor.bytes.size());
  }
  return tensor;
}

}  // namespace

std::unique_ptr<WeightFile> open_saved_slices(const std::string& path) { return std::make_unique<SavedSlices>(path); }

bool is_saved_slices_meta(std::string_view value) {
  const std::string what = "first record";
  auto field = WireReader(value, what).next();
  return field && field->number == 1 && field->kind == WireField::Kind::kBytes;
}

}  // namespace rondo::importers
