// Writes TensorFlow checkpoints of both generations, for tests.
#include "importers/checkpoint_writer.h"

#include <snappy.h>

#include <algorithm>
#include <cstdio>

#include "tensorflow/crc32c.h"

namespace rondo::importers {

namespace {

size_t contents_bytes = 0;

std::string fixed(uint64_t value, int bytes) {
  std::string out;
  for (int k = 0; k < bytes; ++k) out += static_cast<char>(value >> (8 * k));
  return out;
}

int type_code(ElementType type) {
  switch (type) {
    case ElementType::kF32:
      return 1;
    case ElementType::kF64:
      return 2;
    case ElementType::kI32:
      return 3;
    case ElementType::kU8:
      return 4;
    case ElementType::kI8:
      return 6;
    case ElementType::kI64:
      return 9;
    case ElementType::kBool:
      return 10;
    case ElementType::kBF16:
      return 14;
    default:
      return 19;
  }
}

std::string shape_message(const std::vector<int64_t>& dims) {
  std::string out;
  for (int64_t dim : dims) out += bytes_field(2, number_field(1, static_cast<uint64_t>(dim)));
  return out;
}

// Builds a table block by block.
class TableWriter {
 public:
  explicit TableWriter(const TableOptions& options) : options_(options) { contents_bytes = 0; }

  void add(const std::string& key, const std::string& value) {
    append(key, value, 4);
    if (block_.size() >= options_.block_bytes) finish_block();
  }

  std::string finish() {
    if (!block_.empty()) finish_block();
    std::string metaindex = handle_of(end_block());
    for (const auto& [key, handle] : index_) append(key, handle, 1);
    std::string footer = metaindex + handle_of(end_block());
    footer.resize(40, '\0');
    return out_ + footer + fixed(0xdb4775248b80fb57u, 8);
  }

 private:
  struct Placed {
    uint64_t offset, bytes;
  };

  static std::string handle_of(Placed placed) { return varint(placed.offset) + varint(placed.bytes); }

  void append(const std::string& key, const std::string& value, size_t interval) {
    size_t shared = 0;
    if (count_ % interval == 0) {
      restarts_ += fixed(block_.size(), 4);
    } else {
      while (shared < std::min(key.size(), last_.size()) && key[shared] == last_[shared]) ++shared;
    }
    block_ += varint(shared) + varint(key.size() - shared) + varint(value.size()) + key.substr(shared) + value;
    last_ = key;
    ++count_;
  }

  void finish_block() {
    std::string last = last_;
    index_.emplace_back(last + '\0', handle_of(end_block()));  // a separator is no key itself
  }

  Placed end_block() {
    if (restarts_.empty()) restarts_ = fixed(0, 4);
    std::string contents = block_ + restarts_ + fixed(restarts_.size() / 4, 4);
    if (options_.damaged_byte - contents_bytes < contents.size())
      contents[options_.damaged_byte - contents_bytes] ^= 0x11;
    contents_bytes += contents.size();
    std::string stored = contents;
    if (options_.snappy) snappy::Compress(contents.data(), contents.size(), &stored);
    Placed placed{out_.size(), stored.size()};
    stored += options_.snappy ? '\1' : '\0';
    out_ += stored + fixed(mask_crc(crc32c(stored)), 4);
    block_.clear();
    restarts_.clear();
    last_.clear();
    count_ = 0;
    return placed;
  }

  TableOptions options_;
  std::string out_, block_, restarts_, last_;
  size_t count_ = 0;
  std::vector<std::pair<std::string, std::string>> index_;
};

// The typed repeated field of a TensorProto with the elements [first, first + count).
std::string values_message(const Tensor& tensor, size_t first, size_t count) {
  const auto width = static_cast<size_t>(bytes_of(tensor.type));
  std::string bytes(tensor.bytes.begin() + static_cast<ptrdiff_t>(first * width),
                    tensor.bytes.begin() + static_cast<ptrdiff_t>((first + count) * width));
  if (tensor.type == ElementType::kF32) return bytes_field(5, bytes);
  if (tensor.type == ElementType::kF64) return bytes_field(6, bytes);
  std::string packed;
  for (size_t at = 0; at < bytes.size(); at += width) {
    uint64_t value = 0;
    for (size_t k = width; k-- > 0;) value = value << 8 | static_cast<uint8_t>(bytes[at + k]);
    bool is_signed = tensor.type == ElementType::kI32 || tensor.type == ElementType::kI8;
    if (is_signed && value >> (8 * width - 1)) value |= ~uint64_t{0} << (8 * width);
    packed += varint(value);
  }
  switch (tensor.type) {
    case ElementType::kI64:
      return bytes_field(10, packed);
    case ElementType::kBool:
      return bytes_field(11, packed);
    case ElementType::kF16:
    case ElementType::kBF16:
      return bytes_field(13, packed);
    default:
      return bytes_field(7, packed);
  }
}

std::string extents(const Tensor& tensor, int64_t start, int64_t length, bool is_whole) {
  std::string out;
  for (size_t axis = 0; axis < tensor.dims.size(); ++axis) {
    bool is_part = axis == 0 && !is_whole;
    out += bytes_field(
        1,
        is_part ? number_field(1, static_cast<uint64_t>(start)) + number_field(2, static_cast<uint64_t>(length)) : "");
  }
  return out;
}

std::string big_endian(const Tensor& tensor) {
  std::string bytes(tensor.bytes.begin(), tensor.bytes.end());
  for (auto at = bytes.begin(); at != bytes.end(); at += bytes_of(tensor.type))
    std::reverse(at, at + bytes_of(tensor.type));
  return bytes;
}

std::string shard_suffix(int shard, int shards) {
  char suffix[40];
  std::snprintf(suffix, sizeof suffix, ".data-%05d-of-%05d", shard, shards);
  return suffix;
}

}  // namespace

std::string varint(uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  return out + static_cast<char>(value);
}

std::string number_field(int number, uint64_t value) {
  return varint(static_cast<uint64_t>(number) << 3) + varint(value);
}

std::string bytes_field(int number, const std::string& bytes) {
  return varint(static_cast<uint64_t>(number) << 3 | 2) + varint(bytes.size()) + bytes;
}

std::string fixed32_field(int number, uint32_t value) {
  return varint(static_cast<uint64_t>(number) << 3 | 5) + fixed(value, 4);
}

std::string table_bytes(const std::map<std::string, std::string>& entries, const TableOptions& options) {
  TableWriter writer(options);
  for (const auto& [key, value] : entries) writer.add(key, value);
  return writer.finish();
}

size_t last_contents_bytes() { return contents_bytes; }

std::map<std::string, std::string> bundle_files(const WeightMap& weights, const BundleOptions& options) {
  std::map<std::string, std::string> entries = options.extra, files;
  std::string header = number_field(1, static_cast<uint64_t>(options.shards));
  if (options.big_endian) header += number_field(2, 1);
  entries[""] = header + bytes_field(3, number_field(1, 1));
  std::vector<std::string> shards(static_cast<size_t>(options.shards));
  int next = 0;
  for (const auto& [name, tensor] : weights) {
    int shard = next++ % options.shards;
    std::string bytes = options.big_endian ? big_endian(tensor) : std::string(tensor.bytes.begin(), tensor.bytes.end());
    std::string& data = shards[static_cast<size_t>(shard)];
    entries[name] = number_field(1, static_cast<uint64_t>(type_code(tensor.type))) +
                    bytes_field(2, shape_message(tensor.dims)) + number_field(3, static_cast<uint64_t>(shard)) +
                    number_field(4, data.size()) + number_field(5, bytes.size()) +
                    fixed32_field(6, mask_crc(crc32c(bytes)));
    data += bytes + std::string(options.padding, '\0');
  }
  for (int shard = 0; shard < options.shards; ++shard)
    files[shard_suffix(shard, options.shards)] = shards[static_cast<size_t>(shard)];
  files[".index"] = table_bytes(entries, options.table);
  return files;
}

std::string saved_slices_bytes(const WeightMap& weights, const TableOptions& options, const std::string& sliced) {
  std::map<std::string, std::string> entries;
  std::string meta;
  for (const auto& [name, tensor] : weights) {
    const auto elements = static_cast<size_t>(tensor.elements());
    const size_t parts = name == sliced ? 2 : 1;
    std::string tensor_meta = bytes_field(1, name) + bytes_field(2, shape_message(tensor.dims)) +
                              number_field(3, static_cast<uint64_t>(type_code(tensor.type)));
    for (size_t part = 0; part < parts; ++part) {
      const int64_t rows = tensor.dims.empty() ? 1 : tensor.dims[0] / static_cast<int64_t>(parts);
      std::string slice = extents(tensor, static_cast<int64_t>(part) * rows, rows, parts == 1);
      tensor_meta += bytes_field(4, slice);
      std::string saved = bytes_field(1, name) + bytes_field(2, slice) +
                          bytes_field(3, values_message(tensor, part * elements / parts, elements / parts));
      entries[std::string(1, '\0') + name + static_cast<char>(part)] = bytes_field(2, saved);
    }
    meta += bytes_field(1, tensor_meta);
  }
  entries[""] = bytes_field(1, meta + bytes_field(2, number_field(1, 1)));
  return table_bytes(entries, options);
}

}  // namespace rondo::importers
