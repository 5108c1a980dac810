// The outer layer of a plan file. Reading trusts nothing: every number is compared with what the file really holds
// before it is used to reach further, in 64-bit arithmetic that is checked, so damage ends in a message and never in an
// access out of bounds.
#include "plan/container.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/block_hash.h"
#include "base/error.h"
#include "base/hash.h"

namespace rondo::plan {
namespace {

static_assert(std::endian::native == std::endian::little, "plan files are little-endian and read in place");

// Like PNG's: a first byte outside ASCII, and line ends that a transfer in text mode would change.
constexpr uint8_t kMagic[8] = {0x89, 'R', 'O', 'N', 'D', 'O', '\r', '\n'};
constexpr uint32_t kEndianMark = 0x01020304;
constexpr uint32_t kSwappedMark = 0x04030201;
constexpr uint8_t kEntryRequired = 1, kEntryBlocks = 2;

struct Header {
  uint8_t magic[8];
  uint16_t major, minor;
  uint16_t min_reader_major, min_reader_minor;
  uint32_t endian_mark;
  uint32_t flags;
  uint64_t file_bytes;
  uint32_t section_count;
  uint32_t entry_bytes;
  uint64_t hash;
  uint64_t reserved[2];
};
static_assert(sizeof(Header) == kHeaderBytes);

struct Entry {
  uint32_t id;
  uint16_t version;
  uint8_t codec;
  uint8_t flags;
  uint32_t alignment;
  uint32_t reserved;
  uint64_t offset, size, hash;
};
static_assert(sizeof(Entry) == kEntryBytes);

uint64_t align_up(uint64_t value, uint64_t alignment) { return (value + alignment - 1) / alignment * alignment; }

/// XXH3-64 of header and table, the header's own hash field as zero.
uint64_t head_hash(Bytes head) {
  std::memset(head.data() + offsetof(Header, hash), 0, sizeof(uint64_t));
  return hash_bytes(head.data(), head.size());
}

uint64_t section_hash(const Section& section) {
  const auto hash = section.hashes_blocks ? [](const void* p, size_t n) { return hash_blocks(p, n); } : hash_bytes;
  return hash(section.bytes.data(), section.bytes.size());
}

template <class... Args>
[[noreturn]] void damaged(const Args&... args) {
  fail(Code::kInvalidArgument, "plan: ", args..., "; the file is damaged, build or copy it again");
}

void check_version(const Header& header) {
  if (header.endian_mark == kSwappedMark) {
    fail(Code::kUnsupportedState, "plan: written for a big-endian machine; build it again on a little-endian one");
  }
  if (header.endian_mark != kEndianMark) damaged("the byte-order mark is wrong");
  const bool too_new = header.min_reader_major != kFormatMajor || header.min_reader_minor > kFormatMinor;
  if (header.major != kFormatMajor || too_new) {
    fail(Code::kUnsupportedState, "plan: format ", header.major, ".", header.minor, " (needs a reader of ",
         header.min_reader_major, ".", header.min_reader_minor, "), this Rondo reads ", kFormatMajor, ".", kFormatMinor,
         "; build the plan again or run it with the Rondo that built it");
  }
}

Header read_header(std::span<const uint8_t> file) {
  Header header;
  if (file.size() < sizeof kMagic || std::memcmp(file.data(), kMagic, sizeof kMagic) != 0) {
    fail(Code::kInvalidArgument, "plan: these ", file.size(), " bytes are no Rondo plan");
  }
  if (file.size() < kHeaderBytes) damaged("only ", file.size(), " bytes, a header has ", kHeaderBytes);
  std::memcpy(&header, file.data(), kHeaderBytes);
  check_version(header);
  if (header.file_bytes != file.size())
    damaged("its header says ", header.file_bytes, " bytes, given are ", file.size());
  if (header.entry_bytes != kEntryBytes) damaged("section entries of ", header.entry_bytes, " bytes");
  if (header.section_count > kMaxSections) damaged(header.section_count, " sections, limit ", kMaxSections);
  if (header.section_count * kEntryBytes > file.size() - kHeaderBytes)
    damaged("the section table ends behind the file");
  if (header.flags != 0) {
    fail(Code::kUnsupportedState, "plan: flags ", header.flags, " are not known to this Rondo; use a newer one");
  }
  if (header.reserved[0] != 0 || header.reserved[1] != 0) damaged("reserved header bytes are not zero");
  return header;
}

void check_zero(std::span<const uint8_t> file, uint64_t begin, uint64_t end) {
  const auto gap = file.subspan(begin, end - begin);
  if (std::any_of(gap.begin(), gap.end(), [](uint8_t b) { return b != 0; }))
    damaged("bytes between its sections are not zero");
}

Section read_entry(std::span<const uint8_t> file, const Bytes& head, size_t index, uint64_t* end_of_last) {
  Entry entry;
  std::memcpy(&entry, head.data() + kHeaderBytes + index * kEntryBytes, kEntryBytes);
  const std::string name = section_name(entry.id);
  if (entry.flags > (kEntryRequired | kEntryBlocks) || entry.reserved != 0)
    damaged("entry ", index, " of the section table has unknown bits");
  if (!std::has_single_bit(entry.alignment) || entry.alignment > kMaxAlignment) {
    damaged("section ", name, " claims an alignment of ", entry.alignment);
  }
  if (entry.offset % entry.alignment != 0) damaged("section ", name, " is not aligned");
  if (entry.offset > file.size() || entry.size > file.size() - entry.offset)
    damaged("section ", name, " ends behind the file");
  if (entry.offset < *end_of_last) damaged("section ", name, " overlaps what stands before it");
  check_zero(file, *end_of_last, entry.offset);
  *end_of_last = entry.offset + entry.size;
  return Section{entry.id,        entry.version,
                 entry.codec,     (entry.flags & kEntryRequired) != 0,
                 entry.alignment, file.subspan(entry.offset, entry.size),
                 entry.hash,      (entry.flags & kEntryBlocks) != 0};
}

}  // namespace

std::string section_name(uint32_t id) {
  std::string name;
  for (int i = 0; i < 4; ++i) {
    const auto c = static_cast<char>(id >> (8 * i) & 0xff);
    name += c >= 0x20 && c <= 0x7e ? c : '?';
  }
  return name.substr(0, name.find_last_not_of(' ') + 1);
}

Bytes write_container(const std::vector<Section>& sections) {
  RONDO_CHECK(sections.size() <= kMaxSections, sections.size(), " sections");
  const size_t head_bytes = kHeaderBytes + sections.size() * kEntryBytes;
  std::vector<std::pair<uint64_t, uint64_t>> places;  // offset, size
  uint64_t end = head_bytes;
  for (const Section& section : sections) {
    const uint64_t size = section.fill ? section.fill_bytes : section.bytes.size();
    places.emplace_back(align_up(end, section.alignment), size);
    end = places.back().first + size;
  }
  Header header{};
  std::memcpy(header.magic, kMagic, sizeof kMagic);
  header.major = header.min_reader_major = kFormatMajor;
  header.minor = header.min_reader_minor = kFormatMinor;
  header.endian_mark = kEndianMark;
  header.file_bytes = end;
  header.section_count = static_cast<uint32_t>(sections.size());
  header.entry_bytes = kEntryBytes;

  Bytes file(end);
  for (size_t i = 0; i < sections.size(); ++i) {
    Section s = sections[i];
    const auto [offset, size] = places[i];
    uint8_t* out = file.data() + offset;
    if (s.fill) {
      s.fill(out);
    } else if (size != 0) {
      std::memcpy(out, s.bytes.data(), size);
    }
    s.bytes = {out, size};
    const int flags = (s.required ? kEntryRequired : 0) | (s.hashes_blocks ? kEntryBlocks : 0);
    const Entry entry{s.id,   s.version, s.codec,        static_cast<uint8_t>(flags), s.alignment, 0,
                      offset, size,      section_hash(s)};
    std::memcpy(file.data() + kHeaderBytes + i * kEntryBytes, &entry, kEntryBytes);
  }
  std::memcpy(file.data(), &header, kHeaderBytes);
  const uint64_t hash = head_hash(Bytes(file.begin(), file.begin() + static_cast<ptrdiff_t>(head_bytes)));
  std::memcpy(file.data() + offsetof(Header, hash), &hash, sizeof hash);
  return file;
}

uint64_t stated_size(std::span<const uint8_t> head) {
  Header header;
  if (head.size() < kHeaderBytes || std::memcmp(head.data(), kMagic, sizeof kMagic) != 0) return 0;
  std::memcpy(&header, head.data(), kHeaderBytes);
  return header.file_bytes;
}

std::vector<Section> read_container(std::span<const uint8_t> file) {
  const Header header = read_header(file);
  const uint64_t head_bytes = kHeaderBytes + uint64_t{header.section_count} * kEntryBytes;
  const Bytes head(file.begin(), file.begin() + static_cast<ptrdiff_t>(head_bytes));
  if (std::memcmp(&header, head.data(), kHeaderBytes) != 0) damaged("it changes while it is read");
  uint64_t end = head_bytes;
  std::vector<Section> sections;
  for (size_t i = 0; i < header.section_count; ++i) sections.push_back(read_entry(file, head, i, &end));
  check_zero(file, end, file.size());
  if (head_hash(head) != header.hash) damaged("header and section table do not have their checksum");
  return sections;
}

void check_section(const Section& section) { check_section(section, section_hash(section)); }

void check_section(const Section& section, uint64_t hash) {
  if (hash != section.hash) damaged("section ", section_name(section.id), " does not have its checksum");
}

}  // namespace rondo::plan
