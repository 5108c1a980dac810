// safetensors: the length of a JSON header (8 bytes, little-endian), the header, the data.
//
//   {"w": {"dtype": "F32", "shape": [3, 4], "data_offsets": [0, 48]}, "__metadata__": {..}}
//
// Offsets count from the end of the header. As the format demands, the tensors cover the data without gap or overlap,
// so a damaged offset is noticed; the format has no checksums.
#include "safetensors/safetensors.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "io/byte_cursor.h"
#include "io/file_bytes.h"
#include "rondo/importers/write_weights.h"

namespace rondo::importers {

namespace {

using Json = nlohmann::json;

struct TypeWord {
  const char* word;
  ElementType type;
};

constexpr TypeWord kTypes[] = {
    {"F64", ElementType::kF64},   {"F32", ElementType::kF32}, {"F16", ElementType::kF16}, {"BF16", ElementType::kBF16},
    {"I64", ElementType::kI64},   {"I32", ElementType::kI32}, {"I16", ElementType::kI16}, {"I8", ElementType::kI8},
    {"U64", ElementType::kU64},   {"U32", ElementType::kU32}, {"U16", ElementType::kU16}, {"U8", ElementType::kU8},
    {"BOOL", ElementType::kBool},
};

const TypeWord* row_of(std::string_view word) {
  for (const TypeWord& row : kTypes) {
    if (word == row.word) return &row;
  }
  return nullptr;
}

// A JSON array of integers from 0 to 2^63 - 1.
std::vector<int64_t> integers(const Json& tensor, const char* key, const std::string& what) {
  auto found = tensor.find(key);
  if (found == tensor.end() || !found->is_array()) refuse(what, ": has no array ", key);
  std::vector<int64_t> values;
  for (const Json& value : *found) {
    if (!value.is_number_unsigned() || value.get<uint64_t>() >> 63) refuse(what, ": ", key, " holds what is no size");
    values.push_back(static_cast<int64_t>(value.get<uint64_t>()));
  }
  return values;
}

class SafetensorsFile : public WeightFile {
 public:
  explicit SafetensorsFile(const std::string& path) : file_(path) {
    const std::string what = "header of " + path;
    std::string length_bytes = file_.read(0, 8, what);
    uint64_t length = ByteCursor(length_bytes, what).u64();
    constexpr uint64_t kMaxHeader = 100'000'000;
    if (length > kMaxHeader) refuse(what, ": says it is ", length, " bytes long, ", kMaxHeader, " are allowed");
    data_ = 8 + length;
    Json header = Json::parse(file_.read(8, length, what), nullptr, false);
    if (!header.is_object()) refuse(what, ": is no JSON object");
    for (const auto& [name, tensor] : header.items()) {
      if (name != "__metadata__") read_entry(name, tensor);
    }
    check_tiling();
  }

  WeightFormat format() const override { return WeightFormat::kSafetensors; }
  const std::vector<WeightEntry>& entries() const override { return entries_; }
  void verify(size_t) const override {}

  Tensor read(size_t i) const override {
    const WeightEntry& entry = entries_.at(i);
    const std::string what = "tensor " + in_quotes(entry.name);
    if (!entry.is_readable)
      refuse(what, " of ", file_.path(), ": elements of type ", entry.stored_type, " are not supported");
    return {entry.type, entry.dims, file_.read_vector(data_ + places_[i], static_cast<uint64_t>(entry.bytes), what)};
  }

 private:
  void read_entry(const std::string& name, const Json& tensor) {
    const std::string what = "tensor " + in_quotes(name) + " of " + file_.path();
    if (!tensor.is_object() || !tensor.contains("dtype") || !tensor["dtype"].is_string())
      refuse(what, ": has no dtype");
    WeightEntry entry;
    entry.name = name;
    entry.stored_type = tensor["dtype"].get<std::string>();
    entry.dims = integers(tensor, "shape", what);
    std::vector<int64_t> range = integers(tensor, "data_offsets", what);
    if (range.size() != 2 || range[0] > range[1]) refuse(what, ": its data_offsets are no range");
    entry.bytes = range[1] - range[0];
    auto elements = static_cast<uint64_t>(elements_of(entry.dims, what));
    const TypeWord* row = row_of(entry.stored_type);
    entry.is_readable = row != nullptr;
    if (row) {
      entry.type = row->type;
      uint64_t bytes = multiply_sizes(elements, static_cast<uint64_t>(bytes_of(row->type)), what);
      if (bytes != static_cast<uint64_t>(entry.bytes)) {
        refuse(what, ": shape ", dims_text(entry.dims), " of ", entry.stored_type, " is ", bytes,
               " bytes, its data_offsets span ", entry.bytes);
      }
    }
    entries_.push_back(std::move(entry));
    places_.push_back(static_cast<uint64_t>(range[0]));
  }

  // Puts the entries in the order of their data, which must cover the rest of the file.
  void check_tiling() {
    std::vector<size_t> order(entries_.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [this](size_t a, size_t b) {
      return std::tuple(places_[a], entries_[a].bytes, a) < std::tuple(places_[b], entries_[b].bytes, b);
    });
    std::vector<WeightEntry> entries;
    std::vector<uint64_t> places;
    uint64_t at = 0;
    for (size_t i : order) {
      if (places_[i] != at) {
        refuse("tensor ", in_quotes(entries_[i].name), " of ", file_.path(), ": begins at byte ", places_[i],
               ", the data before it ends at ", at);
      }
      at = add_sizes(at, static_cast<uint64_t>(entries_[i].bytes), file_.path());
      entries.push_back(std::move(entries_[i]));
      places.push_back(places_[i]);
    }
    if (at != file_.size() - data_)
      refuse(file_.path(), ": its tensors are ", at, " bytes, ", file_.size() - data_, " follow the header");
    entries_ = std::move(entries);
    places_ = std::move(places);
  }

  FileBytes file_;
  uint64_t data_ = 0;  // where the data begins
  std::vector<WeightEntry> entries_;
  std::vector<uint64_t> places_;
};

}  // namespace

std::unique_ptr<WeightFile> open_safetensors(const std::string& path) {
  return std::make_unique<SafetensorsFile>(path);
}

std::string safetensors_bytes(const WeightMap& weights) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  uint64_t at = 0;
  for (const auto& [name, tensor] : weights) {
    auto row = std::find_if(std::begin(kTypes), std::end(kTypes),
                            [&](const TypeWord& word) { return word.type == tensor.type; });
    header[name] = {{"dtype", row->word}, {"shape", tensor.dims}, {"data_offsets", {at, at + tensor.bytes.size()}}};
    at += tensor.bytes.size();
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const nlohmann::json::exception&) {
    refuse("a tensor has a name that is no UTF-8; safetensors cannot hold it");
  }
  text.resize((text.size() + 7) / 8 * 8, ' ');  // the data begins at a multiple of 8
  std::string out;
  for (int k = 0; k < 8; ++k) out += static_cast<char>(text.size() >> (8 * k));
  out += text;
  for (const auto& [name, tensor] : weights)
    out.append(reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size());
  return out;
}

}  // namespace rondo::importers
