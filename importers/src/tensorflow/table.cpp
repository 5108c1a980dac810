// A sorted table, from the end to the start.
//
//   data block .. | metaindex block | index block | footer
//
// The footer holds two handles (offset, size), zeros up to 40 bytes, and a magic number. The index block has one entry
// a data block: a key that is not less than the block's last one, and the block's handle. A block on disk is its
// contents, one byte of compression and a masked CRC32C over both. Contents are entries, each of which repeats `shared`
// bytes of the key before it, then restart offsets where nothing is shared, and their number.
//
// The checksum of a block says nothing about bytes between blocks or in the footer. So blocks must tile the file, which
// all writers do, and the footer's padding must be zero: then no byte is unaccounted for. Source: google/leveldb
// doc/table_format.md
#include "tensorflow/table.h"

#include <snappy.h>

#include "io/byte_cursor.h"
#include "tensorflow/crc32c.h"

namespace rondo::importers {

namespace {

constexpr uint64_t kTrailerBytes = 5;
constexpr size_t kFooterPaddedBytes = 40;
// A Snappy copy of three bytes gives 64 at most.
constexpr uint64_t kSnappyExpansion = 22;

BlockHandle read_handle(ByteCursor& cursor) {
  BlockHandle handle;
  handle.offset = cursor.varint64();
  handle.bytes = cursor.varint64();
  return handle;
}

std::string decompress(const std::string& packed, const std::string& what) {
  size_t length = 0;
  if (!snappy::GetUncompressedLength(packed.data(), packed.size(), &length) ||
      length / kSnappyExpansion > packed.size()) {
    refuse(what, ": its Snappy data is damaged");
  }
  std::string contents;
  if (!snappy::Uncompress(packed.data(), packed.size(), &contents)) refuse(what, ": its Snappy data is damaged");
  return contents;
}

// The entries of a block without its restart offsets, which must be sound.
std::string_view entries_of(std::string_view contents, const std::string& what) {
  if (contents.size() < 4) refuse(what, ": is too short for its number of restarts");
  uint64_t restarts = ByteCursor(contents.substr(contents.size() - 4), what).u32();
  if (restarts > (contents.size() - 4) / 4) refuse(what, ": has no room for its ", restarts, " restarts");
  std::string_view entries = contents.substr(0, contents.size() - 4 - restarts * 4);
  ByteCursor offsets(contents.substr(entries.size()), what);
  uint32_t before = 0;
  for (uint64_t i = 0; i < restarts; ++i) {
    uint32_t offset = offsets.u32();
    if (offset > entries.size() || (i == 0 ? offset != 0 : offset <= before))
      refuse(what, ": restart ", i, " is out of place");
    before = offset;
  }
  return entries;
}

}  // namespace

Table::Table(const FileBytes& file) : file_(file) {
  const std::string footer_name = "footer of " + file.path();
  if (file.size() < kFooterBytes) refuse(file.path(), ": is too short for a table");
  std::string footer = file.read(file.size() - kFooterBytes, kFooterBytes, footer_name);
  if (ByteCursor(std::string_view(footer).substr(kFooterPaddedBytes), footer_name).u64() != kTableMagic) {
    refuse(footer_name, ": the magic number is not that of a table");
  }
  ByteCursor cursor(std::string_view(footer).substr(0, kFooterPaddedBytes), footer_name);
  BlockHandle metaindex = read_handle(cursor), index = read_handle(cursor);
  if (cursor.take(cursor.left()).find_first_not_of('\0') != std::string_view::npos)
    refuse(footer_name, ": its padding is damaged");

  const std::string index_name = "index block of " + file.path();
  for_each_entry(read_block(index, index_name), index_name, [&](std::string_view, std::string_view value) {
    ByteCursor handle(value, index_name);
    blocks_.push_back(read_handle(handle));
    if (!handle.at_end()) refuse(index_name, ": entry ", blocks_.size() - 1, " is longer than a handle");
  });
  const std::string metaindex_name = "metaindex block of " + file.path();
  for_each_entry(read_block(metaindex, metaindex_name), metaindex_name, [](std::string_view, std::string_view) {});
  check_tiling(metaindex, index);
}

void Table::check_tiling(BlockHandle metaindex, BlockHandle index) const {
  uint64_t at = 0;
  auto place = [&](BlockHandle handle, const std::string& what) {
    if (handle.offset != at)
      refuse(file_.path(), ": ", what, " begins at byte ", handle.offset, ", what is before it ends at ", at);
    at = add_sizes(add_sizes(at, handle.bytes, what), kTrailerBytes, what);
  };
  for (size_t i = 0; i < blocks_.size(); ++i) place(blocks_[i], "data block " + std::to_string(i));
  place(metaindex, "metaindex block");
  place(index, "index block");
  if (at != file_.size() - kFooterBytes) refuse(file_.path(), ": bytes ", at, " to the footer belong to no block");
}

std::string Table::name_of_block(size_t i) const { return "data block " + std::to_string(i) + " of " + file_.path(); }

std::string Table::block(size_t i) const { return read_block(blocks_.at(i), name_of_block(i)); }

std::string Table::read_block(BlockHandle handle, const std::string& what) const {
  std::string stored = file_.read(handle.offset, add_sizes(handle.bytes, kTrailerBytes, what), what);
  ByteCursor trailer(std::string_view(stored).substr(stored.size() - 4), what);
  uint32_t expected = trailer.u32();
  stored.resize(stored.size() - 4);
  if (mask_crc(crc32c(stored)) != expected)
    refuse(what, " (at byte ", handle.offset, "): its checksum does not match, it is damaged");
  char compression = stored.back();
  stored.pop_back();
  if (compression == 0) return stored;
  if (compression == 1) return decompress(stored, what);
  refuse(what, ": compression ", static_cast<int>(static_cast<uint8_t>(compression)),
         " is neither none (0) nor Snappy (1)");
}

void Table::for_each_entry(std::string_view contents, const std::string& what, const Visit& visit) {
  ByteCursor cursor(entries_of(contents, what), what);
  std::string key, next;
  for (bool first = true; !cursor.at_end(); first = false) {
    uint32_t shared = cursor.varint32(), unshared = cursor.varint32(), value_bytes = cursor.varint32();
    if (shared > key.size()) refuse(what, ": an entry shares ", shared, " bytes with a key of ", key.size());
    std::string_view tail = cursor.take(unshared);
    if (shared + tail.size() > kMaxKeyBytes) refuse(what, ": a key is longer than ", kMaxKeyBytes, " bytes");
    next.assign(key, 0, shared).append(tail);
    if (!first && next <= key) refuse(what, ": key ", in_quotes(next), " is not after ", in_quotes(key));
    key.swap(next);
    visit(key, cursor.take(value_bytes));
  }
}

void Table::for_each(const std::function<void(size_t, std::string_view, std::string_view)>& visit) const {
  std::string last;
  bool first = true;
  for (size_t i = 0; i < blocks_.size(); ++i) {
    const std::string what = name_of_block(i);
    for_each_entry(block(i), what, [&](std::string_view key, std::string_view value) {
      if (!first && key <= last) refuse(what, ": key ", in_quotes(key), " is not after ", in_quotes(last));
      first = false;
      last = key;
      visit(i, key, value);
    });
  }
}

}  // namespace rondo::importers
