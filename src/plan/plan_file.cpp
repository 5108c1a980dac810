// A Program as bytes and back. Sections, in file order: META, TP, PROG (FlatBuffers), GIR, INSP (text, left out when
// empty), WGT (raw, on a 4 KB page). Reading goes from the outside in, and nothing is used before the check that covers
// it: container and its checksum, every section's checksum, FlatBuffers verifier, conversion with bounded memory,
// plan::verify.
#include "plan/plan_file.h"

#include <cstring>
#include <memory>
#include <optional>

#include "base/error.h"
#include "plan/codec.h"
#include "plan/container.h"

namespace rondo::plan {
namespace {

constexpr uint32_t kPageBytes = 4096;        // weights can be mapped
constexpr uint32_t kMetadataAlignment = 64;  // any scalar of a FlatBuffer stands aligned in an aligned file
constexpr size_t kWeightAlignment = 64;      // what Constant::offset promises for addresses
constexpr uint16_t kSectionVersion = 1;

constexpr uint32_t kKnown[] = {kSectionMeta,  kSectionTiles,   kSectionProgram,
                               kSectionGraph, kSectionInspect, kSectionWeights};

std::span<const uint8_t> as_bytes(const std::string& s) {
  return {reinterpret_cast<const uint8_t*>(s.data()), s.size()};
}

class SectionTable {
 public:
  explicit SectionTable(const std::vector<Section>& sections) {
    for (const Section& section : sections) {
      check_section(section);
      place(section);
    }
  }

  /// The section's bytes; empty if the plan has none.
  std::span<const uint8_t> optional(uint32_t id) const {
    for (size_t i = 0; i < std::size(kKnown); ++i) {
      if (kKnown[i] == id && found_[i]) return found_[i]->bytes;
    }
    return {};
  }

  std::span<const uint8_t> required(uint32_t id) const {
    const auto bytes = optional(id);
    if (bytes.empty())
      fail(Code::kInvalidArgument, "plan: section ", section_name(id), " is missing; build the plan again");
    return bytes;
  }

  std::string string(uint32_t id) const {
    const auto bytes = optional(id);
    return {bytes.begin(), bytes.end()};
  }

 private:
  void place(const Section& section) {
    for (size_t i = 0; i < std::size(kKnown); ++i) {
      if (kKnown[i] != section.id) continue;
      if (section.version != kSectionVersion || section.codec != 0) {
        fail(Code::kUnsupportedState, "plan: section ", section_name(section.id), " has version ", section.version,
             ", codec ", int{section.codec}, "; this Rondo reads version ", kSectionVersion,
             ", codec 0; use a newer Rondo");
      }
      if (found_[i])
        fail(Code::kInvalidArgument, "plan: section ", section_name(section.id), " stands twice; the file is damaged");
      found_[i] = section;
      return;
    }
    if (section.required) {
      fail(Code::kUnsupportedState, "plan: it needs section ", section_name(section.id),
           ", which this Rondo does not know; use a newer Rondo");
    }
  }

  std::optional<Section> found_[std::size(kKnown)];
};

/// FlatBuffers are read in place and need 8-byte alignment, which the caller's memory may lack.
class AlignedBytes {
 public:
  explicit AlignedBytes(std::span<const uint8_t> bytes) : bytes_(bytes) {
    if (reinterpret_cast<uintptr_t>(bytes.data()) % sizeof(uint64_t) == 0) return;
    copy_.resize((bytes.size() + sizeof(uint64_t) - 1) / sizeof(uint64_t));
    std::memcpy(copy_.data(), bytes.data(), bytes.size());
    bytes_ = {reinterpret_cast<const uint8_t*>(copy_.data()), bytes.size()};
  }
  std::span<const uint8_t> get() const { return bytes_; }

 private:
  std::vector<uint64_t> copy_;
  std::span<const uint8_t> bytes_;
};

void place_weights(std::span<const uint8_t> bytes, WeightMemory memory, Program* program) {
  const bool aligned = reinterpret_cast<uintptr_t>(bytes.data()) % kWeightAlignment == 0;
  if (memory == WeightMemory::kReference && aligned) {
    program->mapped_weights = bytes;
  } else {
    program->weights.assign(bytes.begin(), bytes.end());
  }
}

}  // namespace

Bytes write_plan(const Program& program) {
  try {
    verify(program);
  } catch (const Error& error) {
    internal_failure(__FILE__, __LINE__, "verify(program)", error.what());
  }
  const Bytes meta = encode_meta(program);
  const Bytes tiles = encode_tiles(program);
  const Bytes executable = encode_executable(program);
  std::vector<Section> sections;
  const auto add = [&](uint32_t id, std::span<const uint8_t> bytes, bool required, uint32_t alignment) {
    sections.push_back(Section{id, kSectionVersion, 0, required, alignment, bytes, 0});
  };
  add(kSectionMeta, meta, true, kMetadataAlignment);
  add(kSectionTiles, tiles, true, kMetadataAlignment);
  add(kSectionProgram, executable, true, kMetadataAlignment);
  if (!program.graph_text.empty()) add(kSectionGraph, as_bytes(program.graph_text), false, kMetadataAlignment);
  if (!program.layer_info.empty()) add(kSectionInspect, as_bytes(program.layer_info), false, kMetadataAlignment);
  if (!program.weight_bytes().empty()) add(kSectionWeights, program.weight_bytes(), true, kPageBytes);
  return write_container(std::move(sections));
}

Program read_plan(const void* data, size_t size, WeightMemory memory) {
  if (data == nullptr) fail(Code::kInvalidArgument, "plan: no data (null pointer)");
  const SectionTable sections(read_container({static_cast<const uint8_t*>(data), size}));
  Program program;
  decode_meta(AlignedBytes(sections.required(kSectionMeta)).get(), &program);
  decode_tiles(AlignedBytes(sections.required(kSectionTiles)).get(), &program);
  const uint64_t weight_bytes = decode_executable(AlignedBytes(sections.required(kSectionProgram)).get(), &program);
  const auto weights = sections.optional(kSectionWeights);
  if (weights.size() != weight_bytes) {
    fail(Code::kInvalidArgument, "plan: weights of ", weights.size(), " bytes, section PROG needs ", weight_bytes);
  }
  program.mapped_weights = weights;
  verify(program);
  program.mapped_weights = {};
  place_weights(weights, memory, &program);
  program.graph_text = sections.string(kSectionGraph);
  program.layer_info = sections.string(kSectionInspect);
  return program;
}

}  // namespace rondo::plan
