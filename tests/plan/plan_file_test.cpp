#include "plan/plan_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/error.h"
#include "damage.h"
#include "sample_program.h"

namespace rondo::plan {
namespace {

Bytes sample_file() { return write_plan(sample_program()); }

/// The message with which the bytes are refused; empty if they are accepted.
std::string refusal(const Bytes& file) {
  try {
    read_plan(file.data(), file.size());
    return {};
  } catch (const Error& error) {
    return error.what();
  }
}

void expect_refused(const Bytes& file, const std::string& expected) {
  const std::string message = refusal(file);
  EXPECT_EQ(message.substr(0, 6), "plan: ");
  EXPECT_NE(message.find(expected), std::string::npos) << message;
}

TEST(PlanFileTest, RoundTrip) {
  const Program program = sample_program();
  const Bytes file = write_plan(program);
  const Program back = read_plan(file.data(), file.size());
  EXPECT_EQ(to_string(back), to_string(program));
  EXPECT_TRUE(std::ranges::equal(back.weight_bytes(), program.weights));
  EXPECT_EQ(back.graph_text, program.graph_text);
  EXPECT_EQ(back.layer_info, program.layer_info);
  EXPECT_EQ(back.exprs, program.exprs);
  EXPECT_EQ(back.tile_programs, program.tile_programs);
  EXPECT_EQ(back.bindings[0].dim_names, program.bindings[0].dim_names);
  EXPECT_EQ(back.steps[2].origin, "enc.h + enc.tanh");
  EXPECT_EQ(write_plan(back), file);
}

TEST(PlanFileTest, ProductsKeepTheirType) {
  Program program = sample_program();
  program.stages[1].gemms[0].product = DType::kBFloat16;
  const Bytes file = write_plan(program);
  const Program back = read_plan(file.data(), file.size());
  EXPECT_EQ(back.stages[0].gemms[0].product, DType::kFloat32);
  EXPECT_EQ(back.stages[1].gemms[0].product, DType::kBFloat16);
  EXPECT_NE(to_string(back).find(" in bf16"), std::string::npos);
}

TEST(PlanFileTest, SameProgramSameBytes) { EXPECT_EQ(sample_file(), sample_file()); }

TEST(PlanFileTest, ProgramWithoutWeightsOrTexts) {
  Program program;
  program.exprs = {{ExprKind::kConstant, 4}};
  program.bindings = {{"y", DType::kFloat32, false, false, {}, {}, {}, 0}};
  program.buffers = {{Storage::kOutput, DType::kFloat32, 0, 0, 0, 0}};
  program.profiles.resize(1);
  program.blocks.resize(1);
  const Bytes file = write_plan(program);
  EXPECT_LT(file.size(), 1024u);
  EXPECT_EQ(to_string(read_plan(file.data(), file.size())), to_string(program));
}

TEST(PlanFileTest, WeightsCanStayInTheFile) {
  const Bytes file = sample_file();
  Bytes storage(file.size() + 4096 + 1);
  uint8_t* page = storage.data() + (4096 - reinterpret_cast<uintptr_t>(storage.data()) % 4096) % 4096;
  std::memcpy(page, file.data(), file.size());
  const Program mapped = read_plan(page, file.size(), WeightMemory::kReference);
  EXPECT_TRUE(mapped.weights.empty());
  const size_t offset = read_container({page, file.size()}).back().bytes.data() - page;
  EXPECT_EQ(offset % 4096, 0u);
  EXPECT_EQ(mapped.weight_bytes().data(), page + offset);
  EXPECT_EQ(write_plan(mapped), file);

  std::memmove(page + 1, page, file.size());
  for (const WeightMemory memory : {WeightMemory::kCopy, WeightMemory::kReference}) {
    const Program copied = read_plan(page + 1, file.size(), memory);
    EXPECT_TRUE(std::ranges::equal(copied.weight_bytes(), sample_program().weights)) << "unaligned memory is copied";
  }
}

TEST(PlanFileTest, InvalidProgramsAreNotWritten) {
  Program program = sample_program();
  program.views[0].buffer = 99;
  EXPECT_THROW(write_plan(program), InternalError);
}

TEST(PlanFileTest, EveryTruncationIsRefused) {
  const Bytes file = sample_file();
  EXPECT_THROW(read_plan(nullptr, 0), Error);
  for (size_t length = 0; length < file.size(); ++length) {
    // A copy of its own, so that a sanitizer sees any access behind the end.
    const Bytes part(file.begin(), file.begin() + static_cast<ptrdiff_t>(length));
    EXPECT_EQ(refusal(part).substr(0, 6), "plan: ") << length;
  }
  Bytes longer = file;
  longer.push_back(0);
  expect_refused(longer, "its header says");
}

TEST(PlanFileTest, EveryFlippedBitIsRefused) {
  Bytes file = sample_file();
  for (size_t i = 0; i < file.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      file[i] ^= static_cast<uint8_t>(1 << bit);
      EXPECT_EQ(refusal(file).substr(0, 6), "plan: ") << "bit " << bit << " of byte " << i;
      file[i] ^= static_cast<uint8_t>(1 << bit);
    }
    file[i] ^= 0xff;
    EXPECT_FALSE(refusal(file).empty()) << "byte " << i;
    file[i] ^= 0xff;
  }
  EXPECT_EQ(refusal(file), "");
}

TEST(PlanFileTest, MessagesNameTheDamage) {
  Bytes file = sample_file();
  EXPECT_EQ(refusal({}), "plan: no data (null pointer)");
  EXPECT_EQ(refusal({7}), "plan: these 1 bytes are no Rondo plan");
  EXPECT_EQ(refusal(Bytes(100)), "plan: these 100 bytes are no Rondo plan");
  expect_refused({file.begin(), file.begin() + 20}, "only 20 bytes, a header has 64");
  expect_refused({file.begin(), file.begin() + 200},
                 "its header says " + std::to_string(file.size()) + " bytes, given are 200");
  file.back() ^= 1;
  expect_refused(file, "section WGT does not have its checksum; the file is damaged");
}

class SealedDamageTest : public ::testing::Test {
 protected:
  template <class T>
  void edit(size_t offset, T value, const std::string& expected) {
    Bytes file = sample_file();
    write_at(file, offset, value);
    seal(file);
    expect_refused(file, expected);
  }
};

TEST_F(SealedDamageTest, OtherFormats) {
  edit<uint16_t>(kMajorAt, 2, "format 2.1 (needs a reader of 1.1), this Rondo reads 1.1");
  edit<uint16_t>(kMinReaderMinorAt, 7, "format 1.1 (needs a reader of 1.7)");
  edit<uint16_t>(kMinReaderMajorAt, 0, "needs a reader of 0.1");
  edit<uint32_t>(kEndianAt, 0x04030201, "big-endian");
  edit<uint32_t>(kEndianAt, 7, "the byte-order mark is wrong");
  edit<uint32_t>(kFlagsAt, 4, "flags 4 are not known");
}

TEST_F(SealedDamageTest, NewerMinorVersionsAreRead) {
  Bytes file = sample_file();
  write_at<uint16_t>(file, kMajorAt + 2, 9);
  seal(file);
  EXPECT_EQ(refusal(file), "");
}

TEST_F(SealedDamageTest, HeaderFields) {
  edit<uint64_t>(kFileBytesAt, 1, "its header says 1 bytes");
  edit<uint64_t>(kReservedAt, 1, "reserved header bytes are not zero");
  Bytes file = sample_file();
  for (const uint32_t count : {UINT32_MAX, 65u, 64u}) {
    write_at(file, kCountAt, count);
    expect_refused(file, count == 64 ? "section META overlaps" : "sections, limit 64");
  }
}

TEST_F(SealedDamageTest, SectionTable) {
  const size_t meta = entry_at(0), tiles = entry_at(1);
  edit<uint64_t>(meta + kEntryOffsetAt, 1ull << 40, "section META ends behind the file");
  edit<uint64_t>(meta + kEntrySizeAt, UINT64_MAX, "section META ends behind the file");
  edit<uint64_t>(meta + kEntryOffsetAt, 0, "section META overlaps");
  edit<uint64_t>(meta + kEntryOffsetAt, UINT64_MAX - 63, "section META ends behind the file");
  edit<uint64_t>(tiles + kEntryOffsetAt, 64 * 5, "section TP overlaps");
  edit<uint64_t>(tiles + kEntryOffsetAt, 3, "section TP is not aligned");
  edit<uint32_t>(meta + kEntryAlignmentAt, 3, "claims an alignment of 3");
  edit<uint32_t>(meta + kEntryAlignmentAt, 0, "claims an alignment of 0");
  edit<uint8_t>(meta + kEntryFlagsAt, 4, "unknown bits");
  edit<uint8_t>(meta + kEntryFlagsAt, 3, "section META does not have its checksum");
  edit<uint8_t>(meta + kEntryCodecAt, 1, "section META has version 1, codec 1");
  edit<uint16_t>(meta + kEntryVersionAt, 2, "section META has version 2, codec 0");
  edit<uint32_t>(meta, section_id("NEW "), "it needs section NEW, which this Rondo does not know");
  edit<uint32_t>(tiles, kSectionMeta, "section META stands twice");
  edit<uint64_t>(meta + kEntrySizeAt, 0, "bytes between its sections are not zero");
}

TEST_F(SealedDamageTest, UnknownOptionalSectionsAreSkipped) {
  Bytes file = sample_file();
  const size_t graph = entry_at(3);
  ASSERT_EQ(read_at<uint32_t>(file, graph), kSectionGraph);
  write_at(file, graph, section_id("FUT1"));
  seal(file);
  const Program program = read_plan(file.data(), file.size());
  EXPECT_TRUE(program.graph_text.empty());
  EXPECT_EQ(program.layer_info, sample_program().layer_info);
}

TEST_F(SealedDamageTest, MissingSections) {
  const Bytes file = sample_file();
  const std::vector<Section> all = read_container(file);
  for (size_t i = 0; i < all.size(); ++i) {
    std::vector<Section> rest = all;
    rest.erase(rest.begin() + static_cast<ptrdiff_t>(i));
    const std::string message = refusal(write_container(rest));
    if (all[i].id == kSectionGraph || all[i].id == kSectionInspect) {
      EXPECT_EQ(message, "");
    } else if (all[i].id == kSectionWeights) {
      EXPECT_EQ(message, "plan: weights of 0 bytes, section PROG needs 72");
    } else {
      EXPECT_EQ(message, "plan: section " + section_name(all[i].id) + " is missing; build the plan again");
    }
  }
}

std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in.good()) << path;
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

/// Writes the sample plan of the current format, once per format version: RONDO_WRITE_GOLDEN=1.
void write_golden() {
  const std::string base =
      RONDO_TESTS_DIR "/plan/golden/sample_" + std::to_string(kFormatMajor) + "_" + std::to_string(kFormatMinor);
  const Program program = packed_sample_program(kernels::Isa::kAvx2);
  const Bytes file = write_plan(program);
  std::ofstream(base + ".plan", std::ios::binary)
      .write(reinterpret_cast<const char*>(file.data()), static_cast<std::streamsize>(file.size()));
  std::ofstream(base + ".txt", std::ios::binary) << to_string(program);
}

// Plans of this and of past formats must stay readable: golden/sample_<major>_<minor>.plan with the text of what it
// holds.
TEST(GoldenPlanTest, ReadsFormat1_1) {
  if (std::getenv("RONDO_WRITE_GOLDEN") != nullptr) write_golden();
  const std::string bytes = read_text(RONDO_TESTS_DIR "/plan/golden/sample_1_1.plan");
  const Program program = read_plan(bytes.data(), bytes.size()), sample = packed_sample_program(kernels::Isa::kAvx2);
  EXPECT_EQ(to_string(program), read_text(RONDO_TESTS_DIR "/plan/golden/sample_1_1.txt"));
  EXPECT_TRUE(std::ranges::equal(program.weight_bytes(), sample.weight_bytes()));
}

TEST(GoldenPlanTest, ReadsFormat1_0) {
  const std::string bytes = read_text(RONDO_TESTS_DIR "/plan/golden/sample_1_0.plan");
  const Program program = read_plan(bytes.data(), bytes.size());
  EXPECT_EQ(to_string(program), read_text(RONDO_TESTS_DIR "/plan/golden/sample_1_0.txt"));
  EXPECT_TRUE(std::ranges::equal(program.weight_bytes(), sample_program().weights));
}

TEST(GoldenPlanTest, DocumentShowsItsHeader) {
  const std::string bytes = read_text(RONDO_TESTS_DIR "/plan/golden/sample_1_1.plan");
  const std::string page = read_text(RONDO_SOURCE_DIR "/docs/format/plan.md");
  for (size_t row = 0; row < 104; row += 16) {
    char line[16];
    std::snprintf(line, sizeof line, "%08zx ", row);
    std::string expected = line;
    for (size_t i = row; i < std::min<size_t>(row + 16, 104); ++i) {
      std::snprintf(line, sizeof line, "%s %02x", i == row + 8 ? " " : "",
                    static_cast<unsigned>(static_cast<uint8_t>(bytes[i])));
      expected += line;
    }
    EXPECT_NE(page.find(expected), std::string::npos) << expected;
  }
}

}  // namespace
}  // namespace rondo::plan
