#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/bulk_memory.h"

namespace rondo::plan {

/// The sectioned container of a plan file, whatever the sections hold: a 64-byte header, the section table, aligned sections with
/// zero bytes between. docs/format/plan.md gives every byte.
constexpr uint16_t kFormatMajor = 1;
constexpr uint16_t kFormatMinor = 1;

constexpr size_t kHeaderBytes = 64;
constexpr size_t kEntryBytes = 40;
constexpr uint32_t kMaxSections = 64;
constexpr uint32_t kMaxAlignment = 1 << 16;

/// Section ids are four characters, the first in the lowest byte.
constexpr uint32_t section_id(const char (&name)[5]) {
  return uint32_t{static_cast<uint8_t>(name[0])} | uint32_t{static_cast<uint8_t>(name[1])} << 8 |
         uint32_t{static_cast<uint8_t>(name[2])} << 16 | uint32_t{static_cast<uint8_t>(name[3])} << 24;
}
constexpr uint32_t kSectionMeta = section_id("META");
constexpr uint32_t kSectionGraph = section_id("GIR ");
constexpr uint32_t kSectionTiles = section_id("TP  ");
constexpr uint32_t kSectionProgram = section_id("PROG");
constexpr uint32_t kSectionWeights = section_id("WGT ");
constexpr uint32_t kSectionInspect = section_id("INSP");
/// "META", or "?" for characters that do not print.
std::string section_name(uint32_t id);

struct Section {
  uint32_t id = 0;
  uint16_t version = 1;
  uint8_t codec = 0;     ///< 0: stored as it is
  bool required = true;  ///< a reader that does not know the section refuses the plan
  uint32_t alignment = 64;
  std::span<const uint8_t> bytes;
  uint64_t hash = 0;           ///< XXH3-64 of the bytes; computed by write_container
  bool hashes_blocks = false;  ///< hash is that of base/block_hash.h; from format 1.1 on
  /// Writing: makes the bytes, `fill_bytes` of them, zero before, where they will stand; instead of `bytes`.
  std::function<void(uint8_t* out)> fill = {};
  uint64_t fill_bytes = 0;
};

/// Lays out the sections in the given order. The same sections give the same bytes.
Bytes write_container(const std::vector<Section>& sections);

/// Size in bytes that a header states; 0 if these bytes do not begin a plan. Nothing is checked.
uint64_t stated_size(std::span<const uint8_t> head);

/// Checks header, sizes, that sections are aligned, in order and disjoint with zero bytes between, then the checksum of header and
/// table, all on a copy: a file that changes meanwhile cannot get past the checks. Section contents are not looked at yet. The spans
/// point into `file`.
/// Errors    kInvalidArgument naming what is damaged; kUnsupportedState for a plan of another format or byte order
std::vector<Section> read_container(std::span<const uint8_t> file);

/// Errors    kInvalidArgument if the section's bytes do not have its checksum
void check_section(const Section& section);
/// The same with the checksum that was computed of the section's bytes.
void check_section(const Section& section, uint64_t hash);

}  // namespace rondo::plan
