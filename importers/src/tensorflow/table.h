#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "io/file_bytes.h"

namespace rondo::importers {

/// Magic number in the last eight bytes of a table, little-endian.
inline constexpr uint64_t kTableMagic = 0xdb4775248b80fb57u;
inline constexpr uint64_t kFooterBytes = 48;
/// Longest key, and so the longest name of a tensor.
inline constexpr size_t kMaxKeyBytes = 4096;

/// Where a block lies: `bytes` of contents, then a compression byte and a checksum.
struct BlockHandle {
  uint64_t offset = 0;
  uint64_t bytes = 0;
};

/// A sorted table as LevelDB and TensorFlow write it: keys in ascending order with their values, in blocks with checksums.
/// Opening reads the footer, the metaindex and the index block, and establishes that the blocks tile the file.
/// Errors    ImportError naming the file and the block
class Table {
 public:
  /// The file must outlive the table.
  explicit Table(const FileBytes& file);

  size_t block_count() const { return blocks_.size(); }

  /// Contents of data block i, verified and decompressed.
  std::string block(size_t i) const;

  /// Calls `visit(key, value)` for each entry of a block's contents; `what` names the block in errors. Keys ascend strictly.
  using Visit = std::function<void(std::string_view key, std::string_view value)>;
  static void for_each_entry(std::string_view contents, const std::string& what, const Visit& visit);

  /// for_each_entry over all data blocks, with the number of the block, checking that keys ascend from block to block too.
  void for_each(const std::function<void(size_t block, std::string_view key, std::string_view value)>& visit) const;

  /// "data block 3 of FILE", for messages.
  std::string name_of_block(size_t i) const;

 private:
  std::string read_block(BlockHandle handle, const std::string& what) const;
  void check_tiling(BlockHandle metaindex, BlockHandle index) const;

  const FileBytes& file_;
  std::vector<BlockHandle> blocks_;
};

}  // namespace rondo::importers
