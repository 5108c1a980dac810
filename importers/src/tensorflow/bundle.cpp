// TensorFlow checkpoints of generation V2.
//
// PREFIX.index is a table. Its first key is "" and tells the number of shards and the byte order; every other key is a
// variable's name, its value tells type, dims, shard, place and checksum. PREFIX.data-SSSSS-of-NNNNN are the bytes.
//
// A checksum covers exactly a tensor's bytes. What lies between tensors may be padding of newer writers and must then
// be zero; tensors must not overlap, so together they are no larger than the files. Source:
// tensorflow/core/protobuf/tensor_bundle.proto, util/tensor_bundle/tensor_bundle.cc
#include "tensorflow/bundle.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <map>
#include <regex>

#include "io/byte_cursor.h"
#include "io/file_bytes.h"
#include "tensorflow/crc32c.h"
#include "tensorflow/messages.h"
#include "tensorflow/table.h"
#include "tensorflow/wire.h"

namespace rondo::importers {

namespace {

struct Place {
  int64_t shard = 0;
  uint64_t offset = 0;
  uint64_t bytes = 0;
  uint32_t checksum = 0;  // masked
  int64_t type_code = 0;
  bool in_slices = false;
};

class Bundle : public WeightFile {
 public:
  explicit Bundle(const std::string& prefix);

  WeightFormat format() const override { return WeightFormat::kTensorFlowV2; }
  const std::vector<WeightEntry>& entries() const override { return entries_; }
  Tensor read(size_t i) const override;
  void verify(size_t i) const override;

 private:
  void read_header(std::string_view message);
  void read_entry(std::string_view key, std::string_view message);
  void check_size(const WeightEntry& entry, const Place& place, const std::string& what) const;
  void check_shard(int64_t shard, std::vector<size_t> members) const;
  std::string shard_path(int64_t shard) const;
  std::string name_of_tensor(size_t i) const { return "tensor " + in_quotes(entries_[i].name) + " of " + prefix_; }
  std::vector<uint8_t> checked_bytes(size_t i) const;
  void verify_strings(size_t i) const;

  std::string prefix_;
  int64_t shard_count_ = 0;
  bool is_big_endian_ = false;
  std::vector<WeightEntry> entries_;
  std::vector<Place> places_;
  std::map<int64_t, std::unique_ptr<FileBytes>> shards_;
};

Bundle::Bundle(const std::string& prefix) : prefix_(prefix) {
  FileBytes index(prefix + ".index");
  Table table(index);
  table.for_each([this](size_t, std::string_view key, std::string_view value) {
    if (shard_count_ == 0) {
      if (!key.empty()) refuse(prefix_, ".index: has no header; it is no checkpoint");
      read_header(value);
    } else {
      read_entry(key, value);
    }
  });
  if (shard_count_ == 0) refuse(prefix_, ".index: has no header; it is no checkpoint");
  std::map<int64_t, std::vector<size_t>> members;
  for (size_t i = 0; i < places_.size(); ++i) {
    if (!places_[i].in_slices) members[places_[i].shard].push_back(i);
  }
  for (auto& [shard, tensors] : members) {
    shards_[shard] = std::make_unique<FileBytes>(shard_path(shard));
    check_shard(shard, tensors);
  }
  mark_bookkeeping(entries_);
}

std::string Bundle::shard_path(int64_t shard) const {
  char suffix[64];
  std::snprintf(suffix, sizeof suffix, ".data-%05lld-of-%05lld", static_cast<long long>(shard),
                static_cast<long long>(shard_count_));
  return prefix_ + suffix;
}

void Bundle::read_header(std::string_view message) {
  constexpr int64_t kMaxShards = 1000000;
  const std::string what = "header of " + prefix_ + ".index";
  WireReader reader(message, what);
  while (auto field = reader.next()) {
    if (field->number == 1) shard_count_ = field->integer(what);
    if (field->number == 2) {
      if (field->integer(what) < 0 || field->integer(what) > 1)
        refuse(what, ": byte order ", field->integer(what), " is unknown");
      is_big_endian_ = field->integer(what) == 1;
    }
    if (field->number == 3) check_version(field->contents(what), what);
  }
  if (shard_count_ < 1 || shard_count_ > kMaxShards) refuse(what, ": says ", shard_count_, " shards");
}

void Bundle::read_entry(std::string_view key, std::string_view message) {
  const std::string what = "tensor " + in_quotes(key) + " of " + prefix_;
  WeightEntry entry;
  Place place;
  int64_t offset = 0, bytes = 0, slices = 0;
  WireReader reader(message, what);
  while (auto field = reader.next()) {
    switch (field->number) {
      case 1:
        place.type_code = field->integer(what);
        break;
      case 2:
        entry.dims = read_shape(field->contents(what), what);
        break;
      case 3:
        place.shard = field->integer(what);
        break;
      case 4:
        offset = field->integer(what);
        break;
      case 5:
        bytes = field->integer(what);
        break;
      case 6:
        place.checksum = field->fixed32(what);
        break;
      case 7:
        ++slices;
        break;
      default:
        break;
    }
  }
  if (place.shard < 0 || place.shard >= shard_count_)
    refuse(what, ": lies in shard ", place.shard, " of ", shard_count_);
  if (offset < 0 || bytes < 0) refuse(what, ": lies at byte ", offset, " and is ", bytes, " bytes long");
  place.offset = static_cast<uint64_t>(offset);
  place.bytes = static_cast<uint64_t>(bytes);
  place.in_slices = slices > 0;
  // A slice of a partitioned variable has a key of its own, which begins with a zero byte and repeats name and extents.
  bool is_slice = key.front() == '\0';
  entry.name = is_slice ? in_quotes(key) : std::string(key);
  entry.stored_type = tensorflow_type_name(place.type_code);
  entry.bytes = bytes;
  auto type = tensorflow_element_type(place.type_code);
  entry.is_readable = type.has_value() && !place.in_slices;
  if (type) entry.type = *type;
  if (is_slice) entry.skipped = "slice of a partitioned variable";
  check_size(entry, place, what);
  entries_.push_back(std::move(entry));
  places_.push_back(place);
}

void Bundle::check_size(const WeightEntry& entry, const Place& place, const std::string& what) const {
  if (!entry.is_readable) return;
  auto elements = static_cast<uint64_t>(elements_of(entry.dims, what));
  uint64_t expected = multiply_sizes(elements, static_cast<uint64_t>(bytes_of(entry.type)), what);
  if (expected != place.bytes) {
    refuse(what, ": dims ", dims_text(entry.dims), " of ", name_of(entry.type), " are ", expected, " bytes, it says ",
           place.bytes);
  }
}

void Bundle::check_shard(int64_t shard, std::vector<size_t> members) const {
  const FileBytes& file = *shards_.at(shard);
  std::sort(members.begin(), members.end(),
            [this](size_t a, size_t b) { return places_[a].offset < places_[b].offset; });
  uint64_t at = 0;
  auto check_padding = [&](uint64_t end) {
    if (end > at && !file.is_zero(at, end - at)) {
      refuse(file.path(), ": bytes ", at, " to ", end,
             " belong to no tensor and are no padding: the file is damaged or another one");
    }
  };
  for (size_t i : members) {
    const Place& place = places_[i];
    uint64_t end = add_sizes(place.offset, place.bytes, name_of_tensor(i));
    if (end > file.size()) refuse(name_of_tensor(i), ": ends at byte ", end, ", ", file.path(), " has ", file.size());
    if (place.bytes == 0) continue;
    if (place.offset < at) refuse(name_of_tensor(i), ": overlaps the tensor before it");
    check_padding(place.offset);
    at = end;
  }
  check_padding(file.size());
}

std::vector<uint8_t> Bundle::checked_bytes(size_t i) const {
  const Place& place = places_[i];
  std::vector<uint8_t> bytes = shards_.at(place.shard)->read_vector(place.offset, place.bytes, name_of_tensor(i));
  if (mask_crc(extend_crc32c(0, bytes.data(), bytes.size())) != place.checksum) {
    refuse(name_of_tensor(i), ": its checksum does not match, it is damaged (", shard_path(place.shard), ", bytes ",
           place.offset, " to ", place.offset + place.bytes, ")");
  }
  return bytes;
}

// Lengths as varints, the masked checksum of the lengths, then the strings. The checksum runs over each length as a
// 32-bit (past that: 64-bit) word, over that checksum and over the strings.
void Bundle::verify_strings(size_t i) const {
  const std::string what = name_of_tensor(i);
  const Place& place = places_[i];
  std::string bytes = shards_.at(place.shard)->read(place.offset, place.bytes, what);
  ByteCursor cursor(bytes, what);
  auto count = static_cast<uint64_t>(elements_of(entries_[i].dims, what));
  if (count > bytes.size()) refuse(what, ": has no room for ", count, " strings");
  uint32_t crc = 0;
  uint64_t total = 0;
  for (uint64_t k = 0; k < count; ++k) {
    uint64_t length = cursor.varint64();
    crc = extend_crc32c(crc, &length, length > 0xffffffffu ? 8 : 4);
    total = add_sizes(total, length, what);
  }
  uint32_t stored = cursor.u32();
  if (stored != mask_crc(crc)) refuse(what, ": the checksum of its lengths does not match, it is damaged");
  if (total != cursor.left()) refuse(what, ": its strings are ", total, " bytes, ", cursor.left(), " are there");
  crc = extend_crc32c(crc, &stored, 4);
  std::string_view strings = cursor.take(total);
  if (mask_crc(extend_crc32c(crc, strings.data(), strings.size())) != place.checksum) {
    refuse(what, ": its checksum does not match, it is damaged");
  }
}

void Bundle::verify(size_t i) const {
  if (places_.at(i).in_slices) return;  // its slices are entries of their own
  if (places_[i].type_code == kTensorFlowString) {
    verify_strings(i);
  } else {
    checked_bytes(i);
  }
}

Tensor Bundle::read(size_t i) const {
  const WeightEntry& entry = entries_.at(i);
  if (places_[i].in_slices) {
    refuse(name_of_tensor(i),
           ": is a partitioned variable, stored in slices, which are not supported; save it as one variable");
  }
  if (!entry.is_readable) refuse(name_of_tensor(i), ": elements of type ", entry.stored_type, " are not supported");
  Tensor tensor{entry.type, entry.dims, checked_bytes(i)};
  if (is_big_endian_) {
    auto width = static_cast<size_t>(bytes_of(entry.type));
    for (size_t at = 0; at < tensor.bytes.size(); at += width) {
      std::reverse(tensor.bytes.begin() + static_cast<ptrdiff_t>(at),
                   tensor.bytes.begin() + static_cast<ptrdiff_t>(at + width));
    }
  }
  return tensor;
}

}  // namespace

std::unique_ptr<WeightFile> open_bundle(const std::string& prefix) { return std::make_unique<Bundle>(prefix); }

bool is_shard_name(const std::string& path) {
  static const std::regex kShard(R"(^[\s\S]*\.data-\d{5,}-of-\d{5,}$)");
  return std::regex_match(path, kShard);
}

}  // namespace rondo::importers
