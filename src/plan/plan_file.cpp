// A Program as bytes and back. Sections, in file order: META, TP, PROG (FlatBuffers), GIR, INSP (text, left out when
// empty), WGT (raw, on a 4 KB page). Reading goes from the outside in, and nothing is used before the check that covers
// it: container and its checksum, every section's checksum, FlatBuffers verifier, conversion with bounded memory,
// plan::verify. What is checked is a copy, as the memory may be a file that changes meanwhile; only weights are used
// where they lie, and no check but their checksum looks at them.
#include "plan/plan_file.h"

#include <array>
#include <cstring>
#include <memory>

#include "base/block_hash.h"
#include "base/error.h"
#include "base/mapped_file.h"
#include "plan/codec.h"
#include "plan/container.h"
#include "plan/place_weights.h"

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

/// Weights of a plan that is being read.
struct Weights {
  std::span<const uint8_t> bytes;
  std::shared_ptr<const void> owner;
};

/// Checks the checksum of every section and keeps those that this version knows.
class SectionTable {
 public:
  SectionTable(const std::vector<Section>& sections, const std::shared_ptr<const void>* owner) {
    for (const Section& section : sections) {
      if (section.id == kSectionWeights) {
        take_weights(section, owner);
      } else {
        take(section);
      }
    }
  }

  /// The section's bytes; empty if the plan has none.
  const Bytes& optional(uint32_t id) const { return copies_[index_of(id)]; }

  const Bytes& required(uint32_t id) const {
    const Bytes& bytes = optional(id);
    if (bytes.empty())
      fail(Code::kInvalidArgument, "plan: section ", section_name(id), " is missing; build the plan again");
    return bytes;
  }

  std::string string(uint32_t id) const {
    const Bytes& bytes = optional(id);
    return {bytes.begin(), bytes.end()};
  }

  const Weights& weights() const { return weights_; }

 private:
  static size_t index_of(uint32_t id) {
    size_t i = 0;
    while (i < std::size(kKnown) && kKnown[i] != id) ++i;
    return i;
  }

  void take(Section section) {
    Bytes copy(section.bytes.begin(), section.bytes.end());
    section.bytes = copy;
    check_section(section);
    if (is_known(section)) copies_[index_of(section.id)] = std::move(copy);
  }

  void take_weights(Section section, const std::shared_ptr<const void>* owner) {
    const bool aligned = reinterpret_cast<uintptr_t>(section.bytes.data()) % kWeightAlignment == 0;
    if (owner != nullptr && aligned) {
      check_section(section);
      weights_ = {section.bytes, *owner};
    } else {
      const auto copy = std::make_shared<const BulkBlock>(section.bytes.size());
      const uint64_t hash = copy_hashed(copy->data(), section.bytes.data(), section.bytes.size());
      section.bytes = {copy->data(), copy->size()};
      section.hashes_blocks ? check_section(section, hash) : check_section(section);
      weights_ = {section.bytes, copy};
    }
    is_known(section);
  }

  /// Also refuses what cannot be read.
  bool is_known(const Section& section) {
    const size_t index = index_of(section.id);
    if (index == std::size(kKnown)) {
      if (section.required) {
        fail(Code::kUnsupportedState, "plan: it needs section ", section_name(section.id),
             ", which this Rondo does not know; use a newer Rondo");
      }
      return false;
    }
    if (section.version != kSectionVersion || section.codec != 0) {
      fail(Code::kUnsupportedState, "plan: section ", section_name(section.id), " has version ", section.version,
           ", codec ", int{section.codec}, "; this Rondo reads version ", kSectionVersion,
           ", codec 0; use a newer Rondo");
    }
    if (found_[index])
      fail(Code::kInvalidArgument, "plan: section ", section_name(section.id), " stands twice; the file is damaged");
    return found_[index] = true;
  }

  std::array<bool, std::size(kKnown)> found_{};
  std::array<Bytes, std::size(kKnown)> copies_;
  Weights weights_;
};

/// owner: null for a copy of the weights.
Program read(std::span<const uint8_t> file, const std::shared_ptr<const void>* owner) {
  const SectionTable sections(read_container(file), owner);
  Program program;
  decode_meta(sections.required(kSectionMeta), &program);
  decode_tiles(sections.required(kSectionTiles), &program);
  const uint64_t weight_bytes = decode_executable(sections.required(kSectionProgram), &program);
  const Weights& weights = sections.weights();
  if (weights.bytes.size() != weight_bytes) {
    fail(Code::kInvalidArgument, "plan: weights of ", weights.bytes.size(), " bytes, section PROG needs ",
         weight_bytes);
  }
  program.mapped_weights = weights.bytes;
  program.weights_owner = weights.owner;
  verify(program);
  program.graph_text = sections.string(kSectionGraph);
  program.layer_info = sections.string(kSectionInspect);
  return program;
}

}  // namespace

Bytes write_plan(const Program& program, int threads) {
  try {
    verify(program);
  } catch (const Error& error) {
    internal_failure(__FILE__, __LINE__, "verify(program)", error.what());
  }
  const Bytes meta = encode_meta(program);
  const Bytes tiles = encode_tiles(program);
  const Bytes executable = encode_executable(program);
  std::vector<Section> sections;
  const auto add = [&](uint32_t id, std::span<const uint8_t> bytes, bool required) {
    sections.push_back(Section{id, kSectionVersion, 0, required, kMetadataAlignment, bytes});
  };
  add(kSectionMeta, meta, true);
  add(kSectionTiles, tiles, true);
  add(kSectionProgram, executable, true);
  if (!program.graph_text.empty()) add(kSectionGraph, as_bytes(program.graph_text), false);
  if (!program.layer_info.empty()) add(kSectionInspect, as_bytes(program.layer_info), false);
  if (program.weight_size() != 0) {
    Section weights{kSectionWeights, kSectionVersion, 0, true, kPageBytes, program.weight_bytes()};
    weights.hashes_blocks = true;
    weights.fill_bytes = program.weight_size();
    if (!program.sources.empty())
      weights.fill = [&program, threads](uint8_t* out) { write_weights(program, out, threads); };
    sections.push_back(std::move(weights));
  }
  return write_container(sections);
}

Program read_plan(const void* data, size_t size, WeightMemory memory) {
  if (data == nullptr) fail(Code::kInvalidArgument, "plan: no data (null pointer)");
  const std::shared_ptr<const void> nobody;
  return read({static_cast<const uint8_t*>(data), size}, memory == WeightMemory::kReference ? &nobody : nullptr);
}

Program read_plan(std::span<const uint8_t> file, const std::shared_ptr<const void>& owner) {
  return read(file, &owner);
}

Program read_plan_file(const std::string& path) {
  const std::shared_ptr<const MappedFile> file = MappedFile::open(path);
  return read_plan(file->bytes(), file);
}

}  // namespace rondo::plan
