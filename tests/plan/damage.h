#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include "base/block_hash.h"
#include "base/hash.h"
#include "plan/container.h"

namespace rondo::plan {

template <class T>
T read_at(const Bytes& file, size_t offset) {
  T value;
  std::memcpy(&value, file.data() + offset, sizeof value);
  return value;
}

template <class T>
void write_at(Bytes& file, size_t offset, T value) {
  std::memcpy(file.data() + offset, &value, sizeof value);
}

/// Offsets of fields, as docs/format/plan.md gives them.
constexpr size_t kMajorAt = 8, kMinReaderMajorAt = 12, kMinReaderMinorAt = 14, kEndianAt = 16, kFlagsAt = 20,
                 kFileBytesAt = 24, kCountAt = 32, kHashAt = 40, kReservedAt = 48;
constexpr size_t kEntryVersionAt = 4, kEntryCodecAt = 6, kEntryFlagsAt = 7, kEntryAlignmentAt = 8, kEntryOffsetAt = 16,
                 kEntrySizeAt = 24, kEntryHashAt = 32;
constexpr uint8_t kHashedInBlocks = 2;  // of an entry's flags
inline size_t entry_at(size_t index) { return kHeaderBytes + index * kEntryBytes; }

/// Makes the header's checksum right again after an edit of header or table.
inline void seal(Bytes& file) {
  const size_t head = kHeaderBytes + read_at<uint32_t>(file, kCountAt) * kEntryBytes;
  write_at<uint64_t>(file, kHashAt, 0);
  write_at(file, kHashAt, hash_bytes(file.data(), head));
}

/// Makes the size and every checksum right, whatever else is wrong; checksums of ranges outside of the file stay.
inline void seal_all(Bytes& file) {
  if (file.size() < kHeaderBytes) return;
  write_at<uint64_t>(file, kFileBytesAt, file.size());
  const uint64_t sections = read_at<uint32_t>(file, kCountAt);
  if (sections > (file.size() - kHeaderBytes) / kEntryBytes) return;
  for (size_t i = 0; i < sections; ++i) {
    const auto offset = read_at<uint64_t>(file, entry_at(i) + kEntryOffsetAt);
    const auto size = read_at<uint64_t>(file, entry_at(i) + kEntrySizeAt);
    if (offset > file.size() || size > file.size() - offset) continue;
    const bool blocks = (file[entry_at(i) + kEntryFlagsAt] & kHashedInBlocks) != 0;
    const uint8_t* section = file.data() + offset;
    write_at(file, entry_at(i) + kEntryHashAt, blocks ? hash_blocks(section, size, 1) : hash_bytes(section, size));
  }
  seal(file);
}

}  // namespace rondo::plan
